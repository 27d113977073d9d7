# SPDX-License-Identifier: BSD-3-Clause
"""Which inputs a stack of dilated convolutions reads: path counts, the coverage criterion, common factors."""

from __future__ import annotations

from sympy import Expr, Ge, Gt, Le, Limit, Lt, Ne, Product, Rational, S, Sum, Symbol, oo

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .dilation_terms import (
    DEPTH,
    KERNELS,
    PATHS,
    PATHS_2D,
    PATHS_OTHER,
    RATES,
    SORTED,
    TAPS,
    WIDE,
    L,
    a,
    b,
    covered,
    criterion,
    d,
    e,
    eq,
    extent,
    full,
    g,
    i,
    k,
    l,
    multiple,
    o,
    q,
    r,
    t,
    tap,
    u,
    x,
)

PATH_COUNTS = Claim(
    id="dilation.path-counts",
    title="How often each input is used: the coefficients of a product of polynomials",
    prose=(
        "The number of paths from an output to the input at offset o, one tap in every layer, is the coefficient of "
        "x^o in Π_l (1 + x^{r_l} + … + x^{r_l(k_l − 1)}). Every path is counted, so an offset is covered where the "
        "coefficient is positive, and holes of the hull are its zero coefficients. Coverage is not uniformity: three "
        "layers 1, 2, 4 of three taps cover 15 offsets with counts from 1 to 4. The polynomials are compared at x ≠ 0, "
        "which determines their coefficients."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent(
            "polynomial",
            eq(Sum(PATHS(L, o) * x**o, (o, 0, extent(L))), Product(Sum(x ** (r[l] * t), (t, 0, k[l] - 1)), (l, 1, L))),
            (DEPTH, KERNELS, RATES, Ne(x, 0)),
        ),
        Sequent("path", Ge(PATHS(L, Sum(r[l] * tap[l], (l, 1, L))), 1), (DEPTH, *TAPS)),
        Sequent("symmetric", eq(PATHS(L, extent(L) - o), PATHS(L, o)), (DEPTH, KERNELS)),
    ),
    sources=(Source("yu2016"),),
)

CRITERION = Claim(
    id="dilation.coverage-criterion",
    title="When a stack of dilated convolutions leaves no holes",
    prose=(
        "Sort the rates in ascending order; order does not matter (dilation.commute). The stack reads every input of "
        "its hull exactly if r_1 = 1 and no rate exceeds one more than the extent of the layers before it: "
        "r_{l+1} ≤ 1 + Σ_{j≤l} r_j(k_j − 1) for 0 ≤ l < L. This holds for every depth and for kernels of different "
        "sizes k_l ≥ 2, and it decides coverage exactly; it is the criterion of Brown for sums of a sequence. "
        "Sufficiency does not need the order. If the inequality fails at one layer, the offset just behind what the "
        "layers before it reach, 1 + Σ_{j≤l} r_j(k_j − 1), is a hole of the whole hull, and no later, larger rate "
        "repairs it. With strides, r_l is the rate times the strides before the layer."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("before", eq(PATHS(L, o), S.Zero), (DEPTH, RATES, Lt(o, 0))),
        Sequent("after", eq(PATHS(L, o), S.Zero), (DEPTH, RATES, Gt(o, extent(L)))),
        Sequent(
            "sufficient",
            Ge(PATHS(L, o), 1),
            (DEPTH, KERNELS, RATES, criterion(L), Ge(o, 0), Le(o, extent(L))),
        ),
        Sequent(
            "necessary",
            Le(r[e + 1], 1 + extent(e)),
            (WIDE, RATES, SORTED, Ge(e, 0), Lt(e, L), full(L)),
        ),
        Sequent(
            "hole",
            eq(PATHS(L, 1 + extent(e)), S.Zero),
            (RATES, SORTED, Ge(e, 0), Le(e, L), Gt(r[e + 1], 1 + extent(e))),
        ),
        Sequent(
            "hole-in-the-hull",
            Le(1 + extent(e), extent(L)),
            (WIDE, RATES, Ge(e, 0), Lt(e, L)),
        ),
    ),
    sources=(Source("brown1961"), Source("wang2018")),
)

TWO_DIM = Claim(
    id="dilation.two-dim",
    title="In two dimensions each axis decides for itself",
    prose=(
        "A kernel of k × k′ taps with its own rate on each axis: the number of paths to the offset (o, u) is the "
        "product of the numbers for the axes. So the covered offsets are a Cartesian product, a stack covers its "
        "rectangle exactly if it covers both sides, and the one-dimensional criterion decides. For square kernels "
        "and equal rates C × C has holes exactly if C has."
    ),
    definitions=(PATHS, PATHS_OTHER, PATHS_2D),
    statement=(
        Sequent("product", eq(PATHS_2D(L, o, u), PATHS(L, o) * PATHS_OTHER(L, u)), (DEPTH,)),
        Sequent(
            "both",
            Ge(PATHS_2D(L, o, u), 1),
            (DEPTH, Ge(PATHS(L, o), 1), Ge(PATHS_OTHER(L, u), 1)),
        ),
        Sequent("rows", Ge(PATHS(L, o), 1), (DEPTH, Ge(PATHS_2D(L, o, u), 1))),
        Sequent("columns", Ge(PATHS_OTHER(L, u), 1), (DEPTH, Ge(PATHS_2D(L, o, u), 1))),
    ),
    sources=(Source("wang2018"),),
    no_law="no contract has two axes",
)

COMMON = ForAll((l,), eq(r[l], g * multiple[l]))

SUBLATTICE = Claim(
    id="dilation.gridding-sublattice",
    title="A common factor g of the rates makes g independent networks on each axis",
    prose=(
        "If g divides every rate, no path reaches an offset that g does not divide, and outputs at positions of "
        "different remainders modulo g read disjoint sets of inputs: in two dimensions the stack is g² networks that "
        "never meet, padding aside. That is the gridding of dilated convolution in its plainest form. It says nothing "
        "about rates without a common factor, which may leave holes all the same (dilation.gcd-sufficient)."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("sublattice", eq(PATHS(L, g * a + d), S.Zero), (DEPTH, COMMON, Ge(d, 1), Lt(d, g))),
        Sequent(
            "disjoint",
            eq(PATHS(L, (g * a + b) - i) * PATHS(L, (g * q + d) - i), S.Zero),
            (DEPTH, COMMON, Ge(b, 0), Lt(b, d), Lt(d, g)),
        ),
    ),
    sources=(Source("wang2018"), Source("yu2017")),
)

_z = Symbol("z", real=True)

FRACTION = Claim(
    id="dilation.gridding-fraction",
    title="Layers of one rate g use one input in g on each axis",
    prose=(
        "L layers of K taps, all at rate g, read exactly the offsets that g divides: (K − 1)L + 1 of the "
        "g(K − 1)L + 1 in the hull. Three taps at rate 2 on two axes use (2L + 1)² of (4L + 1)² inputs: 9/25, 25/81, "
        "49/169 for one, two and three layers, and a quarter in the limit."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent(
            "used",
            Ge(PATHS(L, g * a), 1),
            (
                DEPTH,
                ForAll((l,), eq(r[l], g)),
                ForAll((l,), eq(k[l], t + 1)),
                Ge(a, 0),
                Le(a, t * L),
            ),
        ),
        Sequent(
            "number",
            eq(covered(L, g * (t * L)), t * L + 1),
            (DEPTH, ForAll((l,), eq(r[l], g)), ForAll((l,), eq(k[l], t + 1)), Ge(t, 0), Ge(g, 1)),
        ),
        Sequent(
            "hull",
            eq(extent(L), g * (t * L)),
            (DEPTH, ForAll((l,), eq(r[l], g)), ForAll((l,), eq(k[l], t + 1))),
        ),
        Sequent("limit", eq(Limit(((2 * _z + 1) / (4 * _z + 1)) ** 2, _z, oo), Rational(1, 4))),
    ),
    uses=("dilation.same-cost",),
    sources=(Source("wang2018"),),
)

GCD_NECESSARY = Claim(
    id="dilation.gcd-necessary",
    title="Full coverage of a hull of two positions or more needs rates without a common factor",
    prose=(
        "If the offset next to the first one is covered, as it is when the hull has no holes and more than one "
        "position, then no g > 1 divides every rate. One layer of two taps or more makes the hull that large. (With "
        "kernels of a single tap only, the hull is one position, and rates do not matter.) This is the first rule of "
        "hybrid dilated convolution. It is necessary, and not sufficient (dilation.gcd-sufficient)."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("no-common-factor", eq(g, S.One), (DEPTH, Ge(g, 1), COMMON, Ge(PATHS(L, S.One), 1))),
        Sequent("full", eq(g, S.One), (DEPTH, Ge(g, 1), COMMON, Ge(extent(L), 1), full(L))),
        Sequent("wide-kernels", eq(g, S.One), (Ge(L, 1), Ge(g, 1), COMMON, WIDE, RATES, full(L))),
    ),
    uses=("dilation.gridding-sublattice",),
    sources=(Source("wang2018"),),
)


def three_taps(*rates: int) -> tuple[tuple[Expr, Expr], ...]:
    """A witness: layers of three taps with these rates."""
    return tuple(pair for e, rate in enumerate(rates, 1) for pair in ((k[e], S(3)), (r[e], S(rate))))


def _no_holes(name: str, layers: int, *rates: int, at: int, factors: tuple[int, ...]) -> Refutation:
    """Popular: rates of which a combination is 1, so that they have no common factor, cover every offset."""
    families = (a, b, d)[: len(factors)]
    combination = sum((f * r[e] for e, f in enumerate(families, 1)), S.Zero)
    popular = Sequent(
        name,
        Ge(PATHS(S(layers), o), 1),
        (eq(combination, S.One), Ge(o, 0), Le(o, extent(S(layers)))),
    )
    values = tuple((f, S(value)) for f, value in zip(families, factors, strict=True))
    return Refutation(name, popular, (*three_taps(*rates), (o, S(at)), *values))


GCD_SUFFICIENT = Claim(
    id="dilation.gcd-sufficient",
    title="“No common factor, no gridding” is false",
    prose=(
        "Rates 2 and 3 of three taps have no common factor and miss offsets 1 and 9 of 0 … 10, that is ±4 around the "
        "centre; 1 and 4 miss 3, and 1, 2, 9 miss 7. That there is no common factor is witnessed by whole numbers with "
        "a·r_1 + b·r_2 + … = 1. What decides is dilation.coverage-criterion."
    ),
    kind="refutation",
    definitions=(PATHS,),
    statement=(
        _no_holes("rates-2-3", 2, 2, 3, at=1, factors=(-1, 1)),
        _no_holes("rates-2-3-far-end", 2, 2, 3, at=9, factors=(-1, 1)),
        _no_holes("rates-1-4", 2, 1, 4, at=3, factors=(1, 0)),
        _no_holes("rates-1-2-9", 3, 1, 2, 9, at=7, factors=(1, 0, 0)),
    ),
    sources=(Source("wang2018"),),
)

CLAIMS = (PATH_COUNTS, CRITERION, TWO_DIM, SUBLATTICE, FRACTION, GCD_NECESSARY, GCD_SUFFICIENT)
