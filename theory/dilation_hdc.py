# SPDX-License-Identifier: BSD-3-Clause
"""The published test of hybrid dilated convolution: where it is exact, where it fails, and its correction."""

from __future__ import annotations

from sympy import Expr, Ge, Le, Max, S

from .claim import Claim, Definition, ForAll, Refutation, Sequent, Source
from .dilation_terms import (
    GAP,
    HDC,
    KERNELS,
    PATHS,
    RATES,
    SORTED,
    WIDE,
    covered,
    eq,
    extent,
    full,
    hdc,
    j,
    k,
    l,
    n,
    o,
    path_counts,
    r,
    table,
)

THREE = ForAll((l,), eq(k[l], S(3)))
FIRST = eq(r[1], S.One)

RECURSION = Claim(
    id="dilation.hdc-recursion",
    title="The test of hybrid dilated convolution",
    prose=(
        "For n layers of K taps with rates r_1 … r_n the test runs from the last layer to the second: M_n = r_n, "
        "M_i = max(M_{i+1} − 2r_i, M_{i+1} − 2(M_{i+1} − r_i), r_i), and asks that M_2 ≤ K. Since no M_i is less than "
        "r_i, the middle term 2r_i − M_{i+1} matters only where M_{i+1} < r_i, which does not occur for rates in "
        "ascending order. Here M(j, n) is M_{n−j}."
    ),
    kind="definition",
    definitions=(HDC,),
    statement=(
        Sequent("at-least-the-rate", Ge(HDC(j, n), r[n - j]), (Ge(j, 0),)),
        Sequent(
            "ascending",
            eq(HDC(j, n), Max(HDC(j - 1, n) - 2 * r[n - j], r[n - j])),
            (Ge(j, 1), Le(r[n - j], HDC(j - 1, n))),
        ),
    ),
    sources=(Source("wang2018", "eq. 2"),),
    no_law="no contract runs the test",
)

MONOTONE_EXACT = Claim(
    id="dilation.hdc-monotone-exact",
    title="Where the published test is exact, and what it should have been",
    prose=(
        "For three taps, r_1 = 1 and rates in ascending order, M_2 ≤ 3 holds exactly if the stack has no holes, and "
        "then M_1 = 1 is the largest step from one covered offset to the next. That M_2 ≤ 3 suffices needs r_1 = 1 but "
        "not the order; that it is necessary needs the order (dilation.hdc-order). The test that is right for any "
        "kernel sizes replaces 2 by k_i − 1 and takes the first layer in: G_n = r_n, G_i = max(G_{i+1} − "
        "(k_i − 1) r_i, r_i). For rates in ascending order, G_1 ≤ 1 exactly if there are no holes; G unrolls to the "
        "largest of r_j − Σ_{i≤l<j} r_l(k_l − 1), so that it is the coverage criterion, read from the other end. Here "
        "G(j, n) is G_{n−j}."
    ),
    definitions=(PATHS, HDC, GAP),
    statement=(
        Sequent(
            "sufficient",
            Ge(PATHS(n, o), 1),
            (Ge(n, 2), THREE, RATES, FIRST, Le(HDC(n - 2, n), 3), Ge(o, 0), Le(o, extent(n))),
        ),
        Sequent("necessary", Le(HDC(n - 2, n), 3), (Ge(n, 2), THREE, RATES, SORTED, full(n))),
        Sequent("step", eq(HDC(n - 1, n), S.One), (Ge(n, 2), FIRST, RATES, Le(HDC(n - 2, n), 3))),
        Sequent("same", eq(HDC(j, n), GAP(j, n)), (Ge(j, 0), Le(j, n - 1), THREE, RATES, SORTED)),
        Sequent(
            "corrected-sufficient",
            Ge(PATHS(n, o), 1),
            (Ge(n, 1), KERNELS, RATES, Le(GAP(n - 1, n), 1), Ge(o, 0), Le(o, extent(n))),
        ),
        Sequent("corrected-necessary", Le(GAP(n - 1, n), 1), (Ge(n, 1), WIDE, RATES, SORTED, full(n))),
    ),
    uses=("dilation.coverage-criterion",),
    sources=(Source("wang2018", "eq. 2"),),
)


def stack(taps: int, *rates: int) -> tuple[tuple[Expr, Expr], ...]:
    """A witness: layers with this many taps and these rates."""
    return tuple(pair for e, rate in enumerate(rates, 1) for pair in ((k[e], S(taps)), (r[e], S(rate))))


def no_holes(layers: int) -> Le:
    """As many offsets are covered as the hull has."""
    size = extent(S(layers))
    return eq(covered(S(layers), size), size + 1)


def _passes_then_covers(name: str, at: int, *rates: int, factors: tuple[int, int]) -> Refutation:
    """Popular: rates without a common factor that pass the test leave no holes."""
    layers = len(rates)
    hypotheses = (
        Le(HDC(S(layers - 2), S(layers)), 3),
        eq(factors[0] * r[1] + factors[1] * r[2], S.One),
        Ge(o, 0),
        Le(o, extent(S(layers))),
    )
    popular = Sequent(name, Ge(PATHS(S(layers), o), 1), hypotheses)
    return Refutation(name, popular, (*stack(3, *rates), (o, S(at))))


IGNORES_R1 = Claim(
    id="dilation.hdc-ignores-r1",
    title="The test never looks at the first rate",
    prose=(
        "M_2 ≤ 3 speaks of layers 2 … n only. Rates 2, 3 and 2, 3, 7 of three taps pass it and have no common factor, "
        "and both miss the offset 1. The hypothesis r_1 = 1 is needed; running the recursion down to the first layer "
        "and asking M_1 ≤ 1 puts it in (dilation.hdc-monotone-exact)."
    ),
    kind="refutation",
    definitions=(PATHS, HDC),
    statement=(
        _passes_then_covers("rates-2-3", 1, 2, 3, factors=(-1, 1)),
        _passes_then_covers("rates-2-3-7", 1, 2, 3, 7, factors=(-1, 1)),
    ),
    sources=(Source("wang2018", "eq. 2"),),
)


def _covers_then_passes(name: str, taps: int, layer: int, *rates: int) -> Refutation:
    """Popular: a stack without holes passes the test at a layer."""
    layers = len(rates)
    popular = Sequent(name, Le(HDC(S(layers - layer), S(layers)), taps), (no_holes(layers),))
    return Refutation(name, popular, stack(taps, *rates))


ORDER = Claim(
    id="dilation.hdc-order",
    title="“M_2 > K means gridding” is false: the test depends on the order, coverage does not",
    prose=(
        "Rates 1, 5, 2 of three taps give M_2 = 8 > 3 and 1, 3, 1 give M_2 = 5 > 3, though both stacks cover their "
        "whole hull, like 1, 2, 5 and 1, 1, 3, which pass. For rates that are not in ascending order the recursion "
        "need not be the largest gap."
    ),
    kind="refutation",
    definitions=(PATHS, HDC),
    statement=(
        _covers_then_passes("rates-1-5-2", 3, 2, 1, 5, 2),
        _covers_then_passes("rates-1-3-1", 3, 2, 1, 3, 1),
        Refutation(
            "order-does-not-matter",
            Sequent(
                "order-does-not-matter",
                eq(HDC(S.One, S(3)), Max(r[2] - 2 * r[3], r[2] - 2 * (r[2] - r[3]), r[3])),
                (Ge(r[1], 1), Ge(r[2], 1), Ge(r[3], 1)),
            ),
            stack(3, 1, 5, 2),
        ),
    ),
    sources=(Source("wang2018", "eq. 2"),),
)

SAWTOOTH = Claim(
    id="dilation.hdc-sawtooth",
    title="The recommended rates 1, 2, 5, 1, 2, 5 fail the test that recommends them",
    prose=(
        "Read literally over all six layers of three taps the recursion gives M_3 = 9 and M_2 = 5 > 3, and yet there "
        "are no holes: already the layers 1, 2, 5 have none, and more layers of rates that are no larger add none. "
        "The rule has to be applied to each group, or to the sorted rates."
    ),
    kind="refutation",
    definitions=(PATHS, HDC),
    statement=(_covers_then_passes("rates-1-2-5-1-2-5", 3, 2, 1, 2, 5, 1, 2, 5),),
    sources=(Source("wang2018"),),
)

OTHER_KERNEL = Claim(
    id="dilation.hdc-other-kernel",
    title="The test has three taps built in",
    prose=(
        "Its 2r_i is the extent of three taps. With K = 5 taps the rates 1, 5, 16 give M_2 = 6 > 5 and leave no holes, "
        "nor do 1, 5, 25, the largest. With (K − 1) in the place of 2 the test is exact for rates in ascending order "
        "(dilation.hdc-monotone-exact)."
    ),
    kind="refutation",
    definitions=(PATHS, HDC),
    statement=(
        _covers_then_passes("rates-1-5-16", 5, 2, 1, 5, 16),
        _covers_then_passes("rates-1-5-25", 5, 2, 1, 5, 25),
    ),
    sources=(Source("wang2018", "eq. 2"),),
)


class Example:
    """Rates of a named stack of three taps, with its path counts and its test."""

    def __init__(self, *rates: int) -> None:
        name = "_".join(map(str, rates))
        self.depth = S(len(rates))
        self.rates = table(f"r_{name}", rates)
        self.paths = path_counts(f"P_{name}", self.rates, S(3))
        self.test = hdc(f"M_{name}", self.rates)
        self.extent = S(2 * sum(rates))

    def definitions(self) -> tuple[Definition, ...]:
        return self.rates, self.paths, self.test

    def second(self) -> Expr:
        """M_2."""
        return self.test(self.depth - 2, self.depth)

    def covered(self) -> Expr:
        return covered(self.depth, self.extent, self.paths)


GOOD, GAPS, EVEN = Example(1, 2, 5), Example(1, 2, 9), Example(2, 4, 6)

EXAMPLE = Claim(
    id="dilation.hdc-example",
    title="The examples of the paper: 1, 2, 5 pass; 1, 2, 9 and 2, 4, 6 do not",
    prose=(
        "Three taps. Rates 1, 2, 5 give M_2 = 2 and cover all 17 offsets; 1, 2, 9 give M_2 = 5 and cover 21 of 25; "
        "2, 4, 6 have the common factor 2 and cover 13 of 25."
    ),
    definitions=(*GOOD.definitions(), *GAPS.definitions(), *EVEN.definitions()),
    statement=(
        Sequent("1-2-5", eq(GOOD.second(), S(2))),
        Sequent("1-2-5-covers", eq(GOOD.covered(), S(17))),
        Sequent("1-2-9", eq(GAPS.second(), S(5))),
        Sequent("1-2-9-covers", eq(GAPS.covered(), S(21))),
        Sequent("2-4-6-covers", eq(EVEN.covered(), S(13))),
    ),
    sources=(Source("wang2018"),),
)

CLAIMS = (RECURSION, MONOTONE_EXACT, IGNORES_R1, ORDER, SAWTOOTH, OTHER_KERNEL, EXAMPLE)
