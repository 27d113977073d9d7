# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields: notation, recursions and formulas.

Layers l = 1 … L run from the input to the output; layer l has kernel size k_l, stride s_l, padding p_l (in
front of the axis) and dilation r_l, so that its extent is r_l (k_l − 1) + 1. Tap t of output o reads input
s·o − p + r·t. The same formulas hold on every axis of a rectangular kernel.

Main definitions: ``UNIT`` (the input reached along one path of taps), ``LEFT`` and ``RIGHT`` (the ends of
everything that is reached), ``TOP_DOWN``, ``BOTTOM_UP``, ``JUMP``, ``START``, ``CENTER``, ``OUT`` (output
sizes layer by layer), ``WAYS`` (how many paths of taps lead how far), and the closed form ``span``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import (
    Eq,
    Expr,
    Function,
    Ge,
    IndexedBase,
    Le,
    Ne,
    Product,
    S,
    Sum,
    Symbol,
    floor,
    symbols,
)
from sympy.core.relational import Relational

from .claim import Case, Definition, ForAll

L, n, m, o, w, v = symbols("L n m o w v", integer=True)
l, i, j = symbols("l i j", integer=True)
a, b, c, d = symbols("a b c d", integer=True)
K, stride, P, T, x = symbols("K s P T x", integer=True)
C = Symbol("C", integer=True)
z = Symbol("z", real=True)
k, s, p, r, t, q, u, A, B = (IndexedBase(name, integer=True) for name in ("k", "s", "p", "r", "t", "q", "u", "A", "B"))

STRIDES = ForAll((l,), Ge(s[l], 1))
DILATIONS = ForAll((l,), Ge(r[l], 1))
TAPS = (ForAll((l,), Ge(t[l], 0)), ForAll((l,), Le(t[l], k[l] - 1)))
DEPTH = Ge(L, 0)


def eq(left: Expr, right: Expr) -> Relational:
    return Eq(left, right, evaluate=False)


def reach(layer: Expr) -> Expr:
    """Extent of a layer minus one: r (k − 1)."""
    return r[layer] * (k[layer] - 1)


def strides_to(layer: Expr) -> Expr:
    """Π_{i ≤ layer} s_i."""
    return Product(s[i], (i, 1, layer))


def tap_step(layer: Expr) -> Expr:
    """r_l Π_{i<l} s_i: how far apart neighbouring taps of a layer are at the end of the stack."""
    return r[layer] * strides_to(layer - 1)


def weighted(term: Expr, layer: Expr) -> Expr:
    """Σ_{l ≤ layer} term_l · Π_{i<l} s_i, for a term in l."""
    return Sum(term * Product(s[i], (i, 1, l - 1)), (l, 1, layer))


def span(layers: Expr) -> Expr:
    """The closed form: 1 + Σ_l r_l (k_l − 1) Π_{i<l} s_i."""
    return 1 + weighted(reach(l), layers)


def pulled_back(output: Expr, offset: Expr, layers: Expr) -> Expr:
    """o · Π s_i + Σ_l offset_l Π_{i<l} s_i: where a unit reads, if layer l adds offset_l."""
    return output * strides_to(layers) + weighted(offset, layers)


# --- recursions --------------------------------------------------------------------------------------------------


def _recursive(name: str, start: Expr, step: Callable[[Function, Expr], Expr], domain: str = "integer") -> Definition:
    """f(0) = start, f(n) = step(f(n − 1), n)."""
    call = Function(name, **{domain: True})
    cases = (Case((S.Zero,), start), Case((n,), step(call(n - 1), n), (Ge(n, 1),)))
    return Definition(name, (n,), cases, domain)  # type: ignore[arg-type]


def _through(name: str, place: Symbol, before: Callable[[Expr, Expr], Expr]) -> Definition:
    """f(0, y) = y, f(n, y) = f(n − 1, before(y, n)): from the output of layer n down to the input."""
    call = Function(name, integer=True)
    cases = (Case((S.Zero, place), place), Case((n, place), call(n - 1, before(place, n)), (Ge(n, 1),)))
    return Definition(name, (n, place), cases, "integer")


def _edge(name: str, padding: IndexedBase, tap: Callable[[Expr], Expr]) -> Definition:
    return _through(name, o, lambda y, layer: s[layer] * y - padding[layer] + r[layer] * tap(layer))


UNIT = _edge("unit", p, lambda layer: t[layer])
LEFT = _edge("left", p, lambda layer: S.Zero)
RIGHT = _edge("right", p, lambda layer: k[layer] - 1)
UNIT_OTHER = _edge("unit_u", p, lambda layer: u[layer])
LEFT_OTHER = _edge("left_q", q, lambda layer: S.Zero)
RIGHT_OTHER = _edge("right_q", q, lambda layer: k[layer] - 1)
TOP_DOWN = _through("N", m, lambda size, layer: (size - 1) * s[layer] + reach(layer) + 1)
JUMP = _recursive("jump", S.One, lambda last, layer: last * s[layer])
BOTTOM_UP = _recursive("RF", S.One, lambda last, layer: last + reach(layer) * JUMP(layer - 1))
START = _recursive("start", S.Zero, lambda last, layer: last - p[layer] * JUMP(layer - 1))
CENTER = _recursive(
    "center", S.Zero, lambda last, layer: last + (reach(layer) / 2 - p[layer]) * JUMP(layer - 1), "real"
)
FORWARD = _recursive("forward", S.One, lambda last, layer: (last - 1) * s[layer] + reach(layer) + 1)
OWN_STRIDE = _recursive("own", S.One, lambda last, layer: last + reach(layer) * JUMP(layer))
_last = Function("last", integer=True)
LAST_STRIDE = Definition(
    "last",
    (n,),
    (
        Case((S.Zero,), S.One),
        Case((S.One,), _last(0) + reach(S.One)),
        Case((n,), _last(n - 1) + reach(n) * s[n - 1], (Ge(n, 2),)),
    ),
    "integer",
)


def hull(layers: Expr, output: Expr) -> Expr:
    """Number of positions from the first to the last input that an output unit reaches."""
    return RIGHT(layers, output) - LEFT(layers, output) + 1


def outputs(size: Expr, padding: Expr, extent: Expr, step: Expr) -> Expr:
    """⌊(n + 2p − k)/s⌋ + 1."""
    return floor((size + 2 * padding - extent) / step) + 1


_out = Function("out", integer=True)
OUT = Definition(
    "out",
    (n, w),
    (
        Case((S.Zero, w), w),
        Case((n, w), outputs(_out(n - 1, w), p[n], reach(n) + 1, s[n]), (Ge(n, 1),)),
    ),
    "integer",
)

_ways = Function("ways", integer=True)
WAYS = Definition(
    "ways",
    (n, o),
    (
        Case((S.Zero, S.Zero), S.One),
        Case((S.Zero, o), S.Zero, (Ne(o, 0),)),
        Case((n, o), Sum(_ways(n - 1, o - tap_step(n) * j), (j, 0, k[n] - 1)), (Ge(n, 1),)),
    ),
    "integer",
)

# --- hypotheses and witnesses --------------------------------------------------------------------------------------


def layers_are(
    kernels: Sequence[int] = (), strides: Sequence[tuple[int, int]] = (), dilation: int = 1
) -> tuple[Relational, ...]:
    """Hypotheses that name the first layers: kernels, dilations, and strides as (layer, stride)."""
    sizes = (eq(k[e], S(size)) for e, size in enumerate(kernels, 1))
    rates = (eq(r[e], S(dilation)) for e in range(1, len(kernels) + 1))
    return (*sizes, *rates, *(eq(s[e], S(step)) for e, step in strides))


def point(values: Sequence[Relational], **more: int) -> tuple[tuple[Expr, Expr], ...]:
    """A witness from equations that name values."""
    return (*((e.lhs, e.rhs) for e in values), *((Symbol(name, integer=True), S(at)) for name, at in more.items()))


def everywhere(*values: tuple[IndexedBase, Expr]) -> tuple[ForAll, ...]:
    """Hypotheses that families are constant."""
    return tuple(ForAll((l,), eq(family[l], value)) for family, value in values)
