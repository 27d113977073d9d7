# SPDX-License-Identifier: BSD-3-Clause
"""Definitions must not be able to prove anything, and an induction hypothesis not its own conclusion."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lemmata.proofs import kernel
from lemmata.proofs.definitions import require_definition, require_together
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove
from lemmata.theory import claim as get_claim
from lemmata.theory import receptive_field as t
from lemmata.theory.claim import Case, Definition, ForAll, Refutation, Sequent
from sympy import Eq, Expr, Function, Ge, IndexedBase, Lambda, Le, Rational, S, Sum, symbols

n, m = symbols("n m", integer=True)
x = symbols("x", real=True)
k = IndexedBase("k", integer=True)
F, G = Function("F", integer=True), Function("G", integer=True)


def eq(left: Expr, right: Expr) -> Eq:
    return Eq(left, right, evaluate=False)


def define(*cases: Case, name: str = "F", parameters: tuple[Expr, ...] = (n,), domain: str = "integer") -> Definition:
    return Definition(name, parameters, cases, domain)  # type: ignore[arg-type]


TOTAL = define(Case((S.Zero,), k[0]), Case((n,), F(n - 1) + k[n], (Ge(n, 1),)))


@pytest.mark.parametrize(
    "good",
    [
        TOTAL,
        define(Case((S.Zero,), S.One), Case((n + 1,), 2 * F(n), (Ge(n, 0),))),
        define(Case((S.Zero, m), m), Case((n, m), F(n - 1, m + k[n]), (Le(1, n),)), parameters=(n, m)),
        define(Case((n,), S(3))),
        define(Case((S.Zero,), S.One), Case((S.One,), F(S.Zero) + 1), Case((n,), F(n - 1), (Ge(n, 2),))),
        define(Case((S.Zero,), Rational(1, 2)), domain="real"),
    ],
)
def test_a_recursion_from_below_is_a_definition(good: Definition) -> None:
    require_definition(good)
    assert kernel.unfold(good, 0, {p: p for p in good.parameters}).definitions == {good}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (define(Case((n,), S.One), Case((n,), S(2))), "overlap"),
        (define(Case((S.Zero,), S.One), Case((n,), S(2), (Ge(n, 0),))), "overlap"),
        (define(Case((S.One,), S.One), Case((n + 1,), S(2), (Ge(n, 0),))), "overlap"),
        (define(Case((n,), F(n) + 1)), "must go from"),
        (define(Case((n,), F(n + 1) + 1, (Ge(n, 1),))), "must go from"),
        (define(Case((n,), F(n - 2) + 1, (Ge(n, 1),))), "must go from"),
        (define(Case((S.Zero,), S.One), Case((n,), 1 + Sum(F(n - 1), (n, 2, 2)), (Ge(n, 1),))), "is bound in"),
        (define(Case((n,), F(n - 1) ** 2 + 1)), "not bounded"),
        (define(Case((n,), F(n - 1) ** 2 + 1, (Le(n, 5),))), "not bounded"),
        (define(Case((S.Zero,), m)), "is free"),
        (define(Case((S.Zero, m), n), parameters=(n, m)), "is free"),
        (define(Case((n,), S.One, (Ge(m, 1),))), "is free"),
        (define(Case((n,), S.One, (eq(F(n), S(2)),))), "condition calls"),
        (define(Case((2 * n,), n)), "neither a number"),
        (define(Case((m,), m)), "neither a number"),
        (define(Case((n, n), n), parameters=(n,)), "takes 1 arguments"),
        (define(Case((n, m), n), parameters=(n, n)), "different parameters"),
        (define(Case((x,), x), parameters=(x,), domain="real"), "integer"),
        (define(Case((n,), n / 2)), "not known to be integer"),
        (define(Case((n,), Function("F")(n - 1), (Ge(n, 1),)), domain="complex"), None),
        (define(Case((n,), Function("F")(n - 1), (Ge(n, 1),))), "not known to be integer"),
    ],
)
def test_equations_that_may_contradict_each_other_are_no_definition(bad: Definition, reason: str | None) -> None:
    if reason is None:
        require_definition(bad)
        return
    with pytest.raises(Undecided, match=reason):
        require_definition(bad)
    with pytest.raises(Undecided, match=reason):
        kernel.unfold(bad, 0, {p: p for p in bad.parameters})
    with pytest.raises(Undecided, match=reason):
        kernel.decide(eq(S.One, S.One), {}, [bad])
    with pytest.raises(Undecided, match=reason):
        kernel.witness(Refutation("", Sequent("", eq(S.One, S(2))), ()), [bad])


def test_two_definitions_of_one_name_do_not_meet_in_a_theorem() -> None:
    other = define(Case((S.Zero,), S(7)))
    with pytest.raises(Undecided, match="one name"):
        kernel.trans(kernel.symm(kernel.unfold(other, 0, {})), kernel.unfold(TOTAL, 0, {}))


def test_definitions_in_a_circle_do_not_meet_in_a_theorem() -> None:
    up, down = define(Case((n,), G(n) + 1)), define(Case((n,), F(n)), name="G")
    with pytest.raises(Undecided, match="circle"):
        require_together([up, down])
    with pytest.raises(Undecided, match="circle"):
        kernel.trans(kernel.unfold(down, 0, {n: n}), kernel.unfold(up, 0, {n: n}))


@pytest.mark.parametrize("value", [{k: Lambda(m, 5)}, {F: Lambda(m, 5)}])
def test_what_a_definition_speaks_of_is_not_instantiated(value: dict[object, object]) -> None:
    with pytest.raises(Undecided, match="speaks of"):
        kernel.instantiate(kernel.unfold(TOTAL, 0, {}), value)  # type: ignore[arg-type]


def test_a_function_without_definition_is_instantiated() -> None:
    general = kernel.ring(eq(F(n) + F(n), 2 * F(n)))
    assert kernel.instantiate(general, {F: Lambda(m, m + 1)}).relation == eq(2 * n + 2, 2 * (n + 1))
    with pytest.raises(Undecided, match="domain"):
        kernel.instantiate(general, {F: Lambda(m, m / 2)})


def test_a_finite_claim_rests_on_its_definitions() -> None:
    power = define(Case((S.Zero,), S.One), Case((n,), 2 * F(n - 1), (Ge(n, 1),)))
    theorem = kernel.decide(eq(F(S(5)), S(32)), {}, [power])
    assert theorem.definitions == {power}
    assert "definition of F" in theorem.rests_on()
    with pytest.raises(Undecided, match="not shown"):
        kernel.decide(eq(F(S(5)), S(31)), {}, [power])
    with pytest.raises(Undecided, match="not finite"):
        kernel.decide(eq(G(S(5)), S(31)), {}, [power])


def test_an_induction_hypothesis_is_not_general_in_the_variable_of_the_induction() -> None:
    goal = eq(n, S.Zero)
    step = kernel.specialize(ForAll((n,), goal), {n: n + 1})
    with pytest.raises(Undecided, match="general in the variable"):
        kernel.induction(goal, n, kernel.ring(eq(S.Zero, S.Zero)), step)


def test_a_proof_does_not_define_what_the_statement_leaves_open() -> None:
    claim = get_claim("receptive_field.jump")
    goal = next(e for e in claim.sequents() if e.name == "product")
    assert prove(claim, goal).definitions == {t.JUMP}
    with pytest.raises(Undecided, match="leaves open"):
        prove(replace(claim, definitions=()), goal)
