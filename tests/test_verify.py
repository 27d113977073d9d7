# SPDX-License-Identifier: BSD-3-Clause
"""Judging proofs: what is not exactly the claim, crashes, or assumes too much is never a pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lemmata import theory
from lemmata.proofs import kernel, mutants, verify
from lemmata.proofs.calc import calc, ring
from lemmata.proofs.terms import Undecided
from lemmata.theory.claim import Case, Claim, Definition, ForAll, Refutation, Sequent
from sympy import Abs, Function, IndexedBase, Integer, Sum, cos, exp, log, symbols
from sympy.core.relational import Eq, Ge, Gt, Le, Lt

x, y = symbols("x y", real=True)
n = symbols("n", integer=True)


def equation(left: object, right: object) -> Eq:
    return Eq(left, right, evaluate=False)


TRUE = Sequent("square", equation((x + 1) ** 2, x**2 + 2 * x + 1))
CLAIM = Claim("rope.example", "An example", "For tests.", (TRUE,))


@pytest.fixture
def proof(monkeypatch: pytest.MonkeyPatch):
    """Gives the example claim a proof."""

    def give(function, models=None):
        monkeypatch.setattr(verify, "proofs", lambda topic: {CLAIM.id: function})
        return function

    return give


def by_ring(goal: Sequent) -> kernel.Theorem:
    return kernel.ring(goal.relation, goal.hypotheses)


def test_a_proof_of_the_statement_passes(proof):
    proof(by_ring)
    result = verify.verify(CLAIM)
    assert result.verdict == "proved"
    assert result.rules == {"ring"}


def test_a_crash_is_undecided_with_its_reason(proof):
    def crash(goal):
        raise ZeroDivisionError("oops")

    proof(crash)
    (part,) = verify.verify(CLAIM).parts
    assert (part.verdict, part.reason) == ("undecided", "ZeroDivisionError: oops")


def test_a_theorem_about_something_else_is_undecided(proof):
    proof(lambda goal: kernel.ring(equation(x + x, 2 * x)))
    assert verify.verify(CLAIM).verdict == "undecided"


def test_what_is_no_theorem_is_undecided(proof):
    proof(lambda goal: True)
    assert verify.verify(CLAIM).verdict == "undecided"


def test_an_assumption_of_the_goal_itself_is_undecided(proof):
    proof(lambda goal: kernel.assume(goal.relation))
    (part,) = verify.verify(CLAIM).parts
    assert part.reason.startswith("the proof assumes")


def test_a_false_statement_is_refuted_at_an_exact_point(proof):
    proof(by_ring)
    false = replace(CLAIM, statement=(Sequent("square", equation((x + 1) ** 2, x**2 + 1), (Gt(x, 0),)),))
    result = verify.verify(false)
    assert result.verdict == "refuted"
    assert result.parts[0].reason.startswith("false at x = ")


def test_a_missing_proof_is_undecided(monkeypatch):
    monkeypatch.setattr(verify, "proofs", lambda topic: {})
    assert verify.verify(CLAIM).verdict == "undecided"


def test_a_statement_with_one_term_on_both_sides_says_nothing(proof):
    proof(by_ring)
    idle = replace(CLAIM, statement=(Sequent("cosine", equation(cos(-x), cos(x))),))
    assert "says nothing" in verify.verify(idle).parts[0].reason


def test_an_empty_statement_is_undecided(proof):
    proof(by_ring)
    assert verify.verify(replace(CLAIM, statement=())).verdict == "undecided"


def test_an_open_claim_is_open_whatever_its_proof_says(proof):
    proof(by_ring)
    assert verify.verify(replace(CLAIM, open="no proof known")).verdict == "open"


def test_a_citation_that_the_claim_does_not_name_is_undecided(proof):
    proof(lambda goal: kernel.trans(kernel.recall(by_ring(goal), "rope.other"), kernel.refl(goal.relation.rhs)))
    assert "rope.other" in verify.verify(CLAIM).parts[0].reason
    assert verify.verify(replace(CLAIM, uses=("rope.other",))).verdict == "proved"


def test_a_circle_of_citations_is_refused(monkeypatch):
    monkeypatch.setattr(theory, "claim", lambda id: CLAIM)
    monkeypatch.setattr(verify, "proofs", lambda topic: {CLAIM.id: lambda goal: verify.by_claim(CLAIM.id)})
    with pytest.raises(Undecided, match="rests on itself"):
        verify.by_claim(CLAIM.id)


def test_the_flipped_relation_is_the_same_statement(proof):
    proof(lambda goal: kernel.symm(by_ring(goal)))
    assert verify.verify(CLAIM).verdict == "proved"


def test_a_refutation_passes_at_its_witness_only(proof):
    proof(by_ring)
    popular = Sequent("p", Le(x**2, x), (Gt(x, 0),))
    good, bad = Refutation("p", popular, ((x, Integer(2)),)), Refutation("p", popular, ((x, Integer(-2)),))
    assert verify.verify(replace(CLAIM, statement=(good,))).verdict == "proved"
    assert verify.verify(replace(CLAIM, statement=(bad,))).verdict == "undecided"


def test_a_chain_connects_only_what_its_links_connect():
    chain = calc(x**2 - y**2).eq((x - y) * (x + y)).le((x - y) * (x + y) + exp(x), kernel.nlinarith)
    assert chain.close().relation == Le(x**2 - y**2, (x - y) * (x + y) + exp(x), evaluate=False)
    with pytest.raises(Undecided):
        calc(x).eq(x + 1, ring())


def test_every_mutant_of_a_ring_identity_is_killed(proof):
    proof(by_ring)
    report = mutants.mutants_report(CLAIM)
    assert report.total > 5
    assert report.killed == report.total
    assert report.sound


def test_a_proof_that_cannot_fail_has_survivors(proof, monkeypatch):
    proof(by_ring)
    monkeypatch.setattr(mutants, "prove", lambda claim, goal: None)
    report = mutants.mutants_report(CLAIM)
    assert report.killed == 0
    assert report.survivors


def test_a_hypothesis_that_is_not_needed_is_reported(proof):
    idle = replace(CLAIM, hypotheses=(Ge(y, 0),))
    proof(lambda goal: kernel.ring(goal.relation))
    assert mutants.mutants_report(idle).not_load_bearing == ("square: y >= 0",)


def test_a_hypothesis_that_is_needed_is_not_reported(proof):
    claim = replace(CLAIM, statement=(Sequent("log", equation(log(x * y), log(x) + log(y)), (Gt(x, 0), Gt(y, 0))),))
    proof(by_ring)
    assert mutants.mutants_report(claim).not_load_bearing == ()


def test_hypotheses_that_nothing_satisfies_are_reported(proof):
    proof(by_ring)
    assert mutants.mutants_report(replace(CLAIM, hypotheses=(Gt(x, 0), Lt(x, 0)))).no_model == ("square",)


def test_a_refutation_of_what_is_true_at_the_witness_is_killed(proof):
    proof(by_ring)
    popular = Sequent("p", Le(Abs(x) + 1, x), ())
    report = mutants.mutants_report(replace(CLAIM, statement=(Refutation("p", popular, ((x, Integer(3)),)),)))
    assert report.total == report.killed > 0


def test_models_satisfy_families_totals_and_fixed_members():
    p = IndexedBase("p", real=True)
    i, k = symbols("i K", integer=True)
    total = equation(Sum(p[i], (i, 0, k - 1)), 1)
    goal = Sequent("g", equation(x, x), (Ge(k, 2), ForAll((i,), Gt(p[i], 0)), total))
    points = mutants.samples(goal, CLAIM)
    assert points
    assert all(sum(point[p](j) for j in range(point[k])) == 1 for point in points)


def test_a_false_sequent_is_refuted_by_an_exact_point():
    point = mutants.refute(Sequent("g", Le(x**2, x), (Gt(x, 1),)), CLAIM)
    assert point is not None
    assert point[x] ** 2 > point[x]
    assert mutants.refute(Sequent("g", Ge(x**2, 0)), CLAIM) is None


def test_mutations_change_one_place_each():
    q = IndexedBase("q", real=True)
    i = symbols("i", integer=True)
    labels = {label for label, _ in mutants.mutations(equation(Sum(q[i] * exp(x), (i, 0, n)), y + 1))}
    assert labels >= {"sign", "constant", "dropped", "range", "index", "variable", "function"}


def test_a_definition_unfolds_only_under_its_conditions():
    doubled = Case((n + 1,), 2 * Function("T", integer=True)(n), (Ge(n, 0),))
    f = Definition("T", (n,), (Case((Integer(0),), Integer(1)), doubled), "integer")
    assert kernel.unfold(f, 1, {n: n}, [Ge(n, 0)]).relation == equation(f(n + 1), 2 * f(n))
    with pytest.raises(Undecided):
        kernel.unfold(f, 1, {n: n})
