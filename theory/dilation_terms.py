# SPDX-License-Identifier: BSD-3-Clause
"""Dilated convolution: notation, path counts and the HDC recursion.

Layer l has k_l taps at rate r_l, along one axis, in the convention of taps 0 … k_l − 1; a symmetric kernel is
the same, shifted by half its extent. An output reads the inputs at offsets Σ_l r_l t_l, one tap t_l in every
layer; ``PATHS(n, o)`` counts the choices of taps that reach offset o, so that an offset is covered where it is
positive and a hole where it is 0. All offsets lie in 0 … ``extent(n)``, whose ends are reached: the hull.

Families are indexed by all integers; n layers are those from 1 to n, and what a family is elsewhere is free.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Eq, Expr, Function, Ge, IndexedBase, Le, Lt, Max, Min, Ne, S, Sum, Symbol, symbols
from sympy.core.relational import Relational

from .claim import Case, Definition, ForAll

L, n, o, u, i, j, l, e, t, h = symbols("L n o u i j l e t h", integer=True)
K, M, a, b, c, d, g, p, q, rate, rate_other = symbols("K M a b c d g p q rho sigma", integer=True)
x = Symbol("x")
k, r, tap, r_other, k_other, multiple = (IndexedBase(s, integer=True) for s in ("k", "r", "tau", "y", "z", "m"))
F, w, v = IndexedBase("F"), IndexedBase("w"), IndexedBase("v")
X = IndexedBase("X", real=True)

DEPTH = Ge(L, 0)
KERNELS = ForAll((l,), Ge(k[l], 1))
WIDE = ForAll((l,), Ge(k[l], 2))
RATES = ForAll((l,), Ge(r[l], 1), (Ge(l, 1),))
SORTED = ForAll((l,), Le(r[l], r[l + 1]), (Ge(l, 1),))
TAPS = (ForAll((l,), Ge(tap[l], 0)), ForAll((l,), Le(tap[l], k[l] - 1)))


def eq(left: Expr, right: Expr) -> Relational:
    return Eq(left, right, evaluate=False)


def extent(layers: Expr) -> Expr:
    """Σ_{l ≤ n} r_l (k_l − 1): the last offset; the receptive field has one position more."""
    return Sum(r[l] * (k[l] - 1), (l, 1, layers))


def convolved(signal: IndexedBase, weights: IndexedBase, taps: Expr, dilation: Expr, at: Expr) -> Expr:
    """Σ_t F(p − r t) w(t) over taps 0 … K − 1."""
    return Sum(signal[at - dilation * t] * weights[t], (t, 0, taps - 1))


def path_counts(name: str, rates: IndexedBase | Definition, taps: IndexedBase | Expr) -> Definition:
    """P(0, 0) = 1, P(0, o) = 0 for other o, P(n, o) = Σ_t P(n − 1, o − r_n t)."""
    call = Function(name, integer=True)
    dilation = rates(n) if isinstance(rates, Definition) else rates[n]
    size = taps[n] if isinstance(taps, IndexedBase) else taps
    return Definition(
        name,
        (n, o),
        (
            Case((S.Zero, S.Zero), S.One),
            Case((S.Zero, o), S.Zero, (Ne(o, 0),)),
            Case((n, o), Sum(call(n - 1, o - dilation * t), (t, 0, size - 1)), (Ge(n, 1),)),
        ),
        "integer",
    )


PATHS = path_counts("P", r, k)
PATHS_OTHER = path_counts("Q", r_other, k_other)

_square = Function("PP", integer=True)
PATHS_2D = Definition(
    "PP",
    (n, o, u),
    (
        Case((S.Zero, S.Zero, S.Zero), S.One),
        Case((S.Zero, o, u), S.Zero, (Ge(abs(o) + abs(u), 1),)),
        Case(
            (n, o, u),
            Sum(Sum(_square(n - 1, o - r[n] * t, u - r_other[n] * h), (h, 0, k_other[n] - 1)), (t, 0, k[n] - 1)),
            (Ge(n, 1),),
        ),
    ),
    "integer",
)


def covered(layers: Expr, size: Expr, count: Definition = PATHS) -> Expr:
    """Number of covered offsets in 0 … size."""
    return Sum(Min(count(layers, o), 1), (o, 0, size))


def hdc(name: str, rates: IndexedBase | Definition) -> Definition:
    """M_{n−j} of the published test, for n layers: M_n = r_n, M_i = max(M_{i+1} − 2r_i, 2r_i − M_{i+1}, r_i)."""
    call = Function(name, integer=True)
    at = rates if isinstance(rates, Definition) else rates.__getitem__
    last, here = call(j - 1, n), at(n - j)
    return Definition(
        name,
        (j, n),
        (
            Case((S.Zero, n), at(n)),
            Case((j, n), Max(last - 2 * here, last - 2 * (last - here), here), (Ge(j, 1),)),
        ),
        "integer",
    )


HDC = hdc("M", r)
_gap = Function("G", integer=True)
GAP = Definition(
    "G",
    (j, n),
    (
        Case((S.Zero, n), r[n]),
        Case((j, n), Max(_gap(j - 1, n) - (k[n - j] - 1) * r[n - j], r[n - j]), (Ge(j, 1),)),
    ),
    "integer",
)


def table(name: str, values: Sequence[int]) -> Definition:
    """Rates of named layers, counted from 1."""
    return Definition(name, (n,), tuple(Case((S(e),), S(v)) for e, v in enumerate(values, 1)), "integer")


def criterion(layers: Expr) -> ForAll:
    """No rate but one more than what the layers before it cover at most: r_{l+1} ≤ 1 + Σ_{j≤l} r_j (k_j − 1)."""
    return ForAll((e,), Le(r[e + 1], 1 + extent(e)), (Ge(e, 0), Lt(e, layers)))


def full(layers: Expr) -> ForAll:
    """Every offset of the hull is covered."""
    return ForAll((o,), Ge(PATHS(layers, o), 1), (Ge(o, 0), Le(o, extent(layers))))
