# SPDX-License-Identifier: BSD-3-Clause
"""Stacked linear filters of one channel: what they can and cannot be in one and in two dimensions."""

from __future__ import annotations

from itertools import product

from sympy import Expr, IndexedBase, Mul, S, Sum, Symbol, conjugate, re, symbols
from sympy.core.relational import Relational

from .claim import Claim, ForAll, Sequent, Source
from .dilation_terms import x
from .receptive_field_terms import eq, i, j, l, m, n, o

F, W = IndexedBase("F"), IndexedBase("W")
f, a, b, c, g, h, q = (IndexedBase(name, real=True) for name in ("f", "a", "b", "c", "g", "h", "q"))
u, v = IndexedBase("u"), IndexedBase("v")
root = Symbol("w")
first, second, scale = symbols("u_0 v_0 s", real=True)
SIMONYAN = Source("simonyan2015")
NO_FILTERS = "no contract has filters"

# --- one dimension -------------------------------------------------------------------------------------------------


def polynomial(weights: IndexedBase, taps: int = 3) -> Expr:
    """The taps of a filter as the coefficients of a polynomial."""
    return sum((weights[e] * x**e for e in range(taps)), S.Zero)


def pair(number: int) -> Expr:
    """(x − u_m)(x − v_m)."""
    return (x - u[number]) * (x - v[number])


def roots() -> Expr:
    """f_6 Π (x − u_m)(x − v_m)."""
    return f[6] * pair(1) * pair(2) * pair(3)


def applied() -> Expr:
    """Three filters of 3 taps, one on the outputs of the next."""
    return Sum(a[i] * Sum(b[j] * Sum(c[l] * F[o + i + j + l], (l, 0, 2)), (j, 0, 2)), (i, 0, 2))


def composed(place: int) -> Expr:
    """Σ_{i+j+l = t} a_i b_j c_l."""
    return sum((a[p[0]] * b[p[1]] * c[p[2]] for p in product(range(3), repeat=3) if sum(p) == place), S.Zero)


def taps_are(total: Expr, times: Expr) -> tuple[Relational, ...]:
    """The taps of the real filter s (x² − total x + times)."""
    return eq(a[2], scale), eq(a[1], -scale * total), eq(a[0], scale * times)


ONE_DIM = Claim(
    id="receptive_field.one-dim-factorisation",
    title="In one dimension three stacked 3-tap filters are no restriction on a 7-tap filter, given its roots",
    prose=(
        "Linear filters of one channel compose like polynomials. Two conjugate roots are those of a real filter of 3 "
        "taps, and so are two real ones. So a real 7-tap filter f whose six roots are known, in pairs u_m, v_m that "
        "are conjugate or real, is on every signal F what three real filters of 3 taps are, one on the outputs of the "
        "next: a of the first pair with s = f_6, b and c of the others with s = 1. Stacking does not regularise. That "
        "the roots exist, for f_6 ≠ 0, is the fundamental theorem of algebra, which is not proved here. In two "
        "dimensions stacking does regularise (receptive_field.two-dim-not-all)."
    ),
    statement=(
        Sequent(
            "conjugate-pair",
            eq(polynomial(a), scale * (x - root) * (x - conjugate(root))),
            taps_are(2 * re(root), abs(root) ** 2),
        ),
        Sequent(
            "real-pair",
            eq(polynomial(a), scale * (x - first) * (x - second)),
            taps_are(first + second, first * second),
        ),
        Sequent("stack", eq(applied(), sum((composed(e) * F[o + e] for e in range(7)), S.Zero))),
        Sequent(
            "seven-taps",
            eq(Sum(f[l] * F[o + l], (l, 0, 6)), applied()),
            (
                ForAll((x,), eq(polynomial(f, 7), roots())),
                ForAll((x,), eq(polynomial(a), f[6] * pair(1))),
                ForAll((x,), eq(polynomial(b), pair(2))),
                ForAll((x,), eq(polynomial(c), pair(3))),
            ),
        ),
    ),
    sources=(SIMONYAN,),
    no_law=NO_FILTERS,
)

# --- two dimensions ------------------------------------------------------------------------------------------------


def row(place: int, *filters: IndexedBase) -> Expr:
    """The coefficient of x^place y^0 in the product of filters of 3 × 3."""
    places = (p for p in product(range(3), repeat=len(filters)) if sum(p) == place)
    return sum((Mul(*(w[e, 0] for w, e in zip(filters, p, strict=True))) for p in places), S.Zero)


def beside(*filters: IndexedBase) -> Expr:
    """The coefficient of x^0 y^1 in the product."""
    return sum((Mul(*(w[0, int(w == chosen)] for w in filters)) for chosen in filters), S.Zero)


def first_row(*filters: IndexedBase) -> tuple[Relational, ...]:
    """For L filters: 0 at x^0 … x^(2L − 2), anything next, and 1 at x^(2L)."""
    last = 2 * len(filters)
    return (*(eq(row(e, *filters), S.Zero) for e in range(last - 1)), eq(row(last, *filters), S.One))


TWO_DIM = Claim(
    id="receptive_field.two-dim-not-all",
    title="“Stacked 3 × 3 filters make every larger one” is false: not two every 5 × 5, not three every 7 × 7",
    prose=(
        "In two dimensions the product of filters of 3 × 3 (polynomials in x and y, one channel, no nonlinearity) is "
        "special. If the first row of a product of two is 0, 0, 0, c, 1, then the entry at x^0 y^1 is 0: at y = 0 the "
        "factors, of degree 2, multiply to a multiple of x³, so both vanish at x = 0, and that entry is a sum of "
        "products with one of them. So x⁴ + y, a filter of 5 × 5 with two entries, is no product of two. Likewise the "
        "row 0, 0, 0, 0, 0, c, 1 of a product of three, a multiple of x⁵, and x⁶ + y, a filter of 7 × 7. Counting "
        "agrees: L layers have at most 8L + 1 free numbers, 17 < 25 for two and 25 < 49 for three."
    ),
    kind="counterexample",
    statement=(
        Sequent("x4-plus-y", eq(beside(g, h), S.Zero), first_row(g, h)),
        Sequent("x6-plus-y", eq(beside(g, h, q), S.Zero), first_row(g, h, q)),
    ),
    sources=(SIMONYAN,),
    no_law=NO_FILTERS,
)


def share(channel: Expr, tap: Expr) -> Expr:
    """1, and 0 for tap 0 of channel 1, which would take the middle a second time."""
    return 1 - channel * (tap - 1) * (tap - 2) / 2


MULTICHANNEL = Claim(
    id="receptive_field.multichannel-recovers",
    title="With four hidden channels two 3 × 3 layers make every 5 × 5 filter",
    prose=(
        "Let the four hidden channels be the input shifted to the corners 0 and 2 of each axis, each by a 3 × 3 "
        "filter with a single 1. The second layer reads 3 × 3 of each, together every one of the 5 × 5 inputs; the "
        "taps that two channels share are given to one of them. So depth restricts linear filters of one channel "
        "only."
    ),
    statement=(
        Sequent(
            "covers",
            eq(
                Sum(
                    Sum(
                        Sum(
                            Sum(
                                share(n, i) * share(m, j) * W[2 * n + i, 2 * m + j] * F[o + 2 * n + i, l + 2 * m + j],
                                (i, 0, 2),
                            ),
                            (j, 0, 2),
                        ),
                        (n, 0, 1),
                    ),
                    (m, 0, 1),
                ),
                Sum(Sum(W[i, j] * F[o + i, l + j], (i, 0, 4)), (j, 0, 4)),
            ),
        ),
    ),
    sources=(SIMONYAN,),
    no_law=NO_FILTERS,
)

CLAIMS = (ONE_DIM, TWO_DIM, MULTICHANNEL)
