# SPDX-License-Identifier: BSD-3-Clause
"""The claims about dilation: they are proved, broken ones are not, and enumeration agrees with their terms."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from lemmata import theory
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove, verify
from lemmata.theory import dilation_terms as t
from lemmata.theory import oracle
from lemmata.theory.claim import Claim, Sequent
from sympy import Expr, Ge, Le, S

CLAIMS = theory.claims("dilation")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_the_claim_is_proved(claim: Claim) -> None:
    verification = verify(claim)
    assert verification.verdict == "proved", [(p.name, p.reason) for p in verification.parts if p.reason]


def goal(slug: str, name: str) -> Sequent:
    return next(s for s in theory.claim(f"dilation.{slug}").sequents() if s.name == name)


# --- broken statements -------------------------------------------------------------------------------------------

BROKEN = [
    ("coverage-criterion", "sufficient", Ge(t.PATHS(t.L, t.o), 2)),
    ("coverage-criterion", "necessary", Le(t.r[t.e + 1], t.extent(t.e))),
    ("coverage-criterion", "hole", t.eq(t.PATHS(t.L, t.extent(t.e)), S.Zero)),
    ("path-counts", "symmetric", t.eq(t.PATHS(t.L, t.extent(t.L) - t.o - 1), t.PATHS(t.L, t.o))),
    ("hdc-monotone-exact", "necessary", Le(t.HDC(t.n - 2, t.n), 2)),
    ("hdc-monotone-exact", "corrected-necessary", Le(t.GAP(t.n - 1, t.n), 0)),
    ("balanced-ternary", "size", t.eq(t.extent(t.L) + 1, t.K**t.L - 1)),
    ("balanced-ternary", "once", t.eq(t.PATHS(t.L, t.o), S(2))),
    ("gridding-sublattice", "sublattice", t.eq(t.PATHS(t.L, t.g * t.a), S.Zero)),
    ("resampling-fixed", "strided", t.eq(goal("resampling-fixed", "strided").relation.lhs, t.w[t.i])),
    ("resampling-fixed", "transposed", t.eq(goal("resampling-fixed", "transposed").relation.lhs, t.w[t.q])),
    ("gcd-necessary", "full", t.eq(t.g, S(2))),
    ("gcd-necessary", "wide-kernels", t.eq(t.g, t.L)),
    ("commute", "stack", t.eq(t.PATHS_OTHER(t.L, t.o), t.PATHS(t.L, t.o + 1))),
]


@pytest.mark.parametrize(("slug", "name", "relation"), BROKEN, ids=lambda e: e if isinstance(e, str) else "")
def test_a_broken_statement_is_rejected(slug: str, name: str, relation: object) -> None:
    with pytest.raises(Undecided):
        prove(theory.claim(f"dilation.{slug}"), replace(goal(slug, name), relation=relation))


def test_order_is_needed_for_necessity() -> None:
    claim, intact = theory.claim("dilation.coverage-criterion"), goal("coverage-criterion", "necessary")
    with pytest.raises(StopIteration):  # the proof looks for the hypothesis
        prove(claim, replace(intact, hypotheses=tuple(h for h in intact.hypotheses if h != t.SORTED)))


def test_a_hull_of_one_position_says_nothing_about_the_rates() -> None:
    claim, intact = theory.claim("dilation.gcd-necessary"), goal("gcd-necessary", "full")
    size = Ge(t.extent(t.L), 1)
    with pytest.raises(Undecided):
        prove(claim, replace(intact, hypotheses=tuple(h for h in intact.hypotheses if h != size)))


# --- enumeration -------------------------------------------------------------------------------------------------

STACKS = [
    (rates, taps)
    for depth, taps in ((1, 3), (2, 2), (2, 3), (2, 5), (3, 3))
    for rates in itertools.combinations_with_replacement(range(1, 6), depth)
]
IDS = [f"{taps} taps {'-'.join(map(str, rates))}" for rates, taps in STACKS]


def counted(rates: Sequence[int], taps: int) -> Counter[int]:
    """Paths to every offset, one by one."""
    paths = itertools.product(range(taps), repeat=len(rates))
    return Counter(sum(rate * tap for rate, tap in zip(rates, path, strict=True)) for path in paths)


def value(expression: Expr, rates: Sequence[int], taps: int, **more: int) -> Fraction | None:
    families = {t.r: lambda l: rates[int(l) - 1], t.k: lambda l: taps}
    symbols = {t.o: more.get("o", 0)}
    return oracle.exact(expression, {**families, **symbols}, definitions=(t.PATHS, t.HDC, t.GAP))


@pytest.mark.parametrize(("rates", "taps"), STACKS, ids=IDS)
def test_path_counts_are_numbers_of_paths(rates: Sequence[int], taps: int) -> None:
    counts, depth = counted(rates, taps), S(len(rates))
    offsets = range(-1, (taps - 1) * sum(rates) + 2)
    assert [value(t.PATHS(depth, t.o), rates, taps, o=o) for o in offsets] == [counts[o] for o in offsets]


@pytest.mark.parametrize(("rates", "taps"), STACKS, ids=IDS)
def test_the_criterion_and_the_corrected_test_decide_coverage(rates: Sequence[int], taps: int) -> None:
    """Rates in ascending order."""
    covers = set(counted(rates, taps)) == set(range((taps - 1) * sum(rates) + 1))
    criterion = all(rate <= 1 + (taps - 1) * sum(rates[:e]) for e, rate in enumerate(rates))
    last = value(t.GAP(S(len(rates) - 1), S(len(rates))), rates, taps)
    assert criterion == covers
    assert last is not None
    assert (last <= 1) == covers


@pytest.mark.parametrize("rates", [r for r, taps in STACKS if taps == 3 and len(r) > 1 and r[0] == 1])
def test_the_published_test_is_exact_for_three_taps_in_ascending_order_from_one(rates: Sequence[int]) -> None:
    second = value(t.HDC(S(len(rates) - 2), S(len(rates))), rates, 3)
    assert second is not None
    assert (second <= 3) == (set(counted(rates, 3)) == set(range(2 * sum(rates) + 1)))
