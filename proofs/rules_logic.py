# SPDX-License-Identifier: BSD-3-Clause
"""Rules of quantifiers, definitions and induction. Trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy
from sympy import Basic, Expr, Integral, Limit, S, Symbol
from sympy.core.relational import Eq, Ge, Le, Relational

from ..theory.claim import Definition, ForAll, Hypothesis
from . import signs
from .definitions import head, mentioned, require_definition
from .terms import Undecided, free, free_in, in_domain, is_integer, is_real, same, substitute, substitute_in
from .theorems import Given, Theorem, _facts, _make, _names, _require_condition


def assume(hypothesis: Relational) -> Theorem:
    """P from the hypothesis P; that a hypothesis is satisfied includes that its sides are defined."""
    return _make(hypothesis, "assumption", frozenset({hypothesis}))


def specialize(hypothesis: ForAll, values: Mapping[Symbol, Expr], given: Given = ()) -> Theorem:
    """An instance of a universal hypothesis; its conditions must follow from the facts."""
    facts, hypotheses, theorems = _facts(given)
    if set(values) != set(hypothesis.variables):
        raise Undecided(f"values are needed for {hypothesis.variables}")
    for variable, value in values.items():
        if not in_domain(value, variable):
            raise Undecided(f"{value} is not known to lie in the domain of {variable}")
        signs.require_defined(sympy.sympify(value), facts)
    for condition in hypothesis.conditions:
        _require_condition(condition, values, facts)
    return _make(substitute(hypothesis.body, values), "specialize", hypotheses | {hypothesis}, theorems)


def instantiate(theorem: Theorem, values: Mapping[Basic, Basic], given: Given = ()) -> Theorem:
    """A theorem at particular values of its variables, families (as ``Lambda``) and functions.

    What a definition below the theorem speaks of is fixed.
    """
    facts, hypotheses, theorems = _facts(given)
    fixed = {e for d in theorem.definitions for e in (head(d), *mentioned(d))} & set(values)
    if fixed:
        raise Undecided(f"a definition below the theorem speaks of {fixed}")
    for variable, value in values.items():
        if isinstance(variable, Symbol):
            if not in_domain(value, variable):
                raise Undecided(f"{value} is not known to lie in the domain of {variable}")
            signs.require_defined(sympy.sympify(value), facts)
        elif isinstance(value, sympy.Lambda):
            _check_family(variable, value, facts)
        else:
            raise Undecided(f"a family or function is instantiated by a Lambda, not by {value}")
    moved = frozenset(substitute_in(h, values) for h in theorem.hypotheses)
    for h in theorem.hypotheses:
        _require_hypothesis_kept(h, values, [*facts, *moved])
    relation = substitute(theorem.relation, values)
    if any(isinstance(value, sympy.Lambda) for value in values.values()):
        for side in relation.args:
            signs.require_defined(side, [*facts, *moved])
    return _make(relation, "instantiate", moved | hypotheses, [theorem, *theorems])


def _require_hypothesis_kept(h: Hypothesis, values: Mapping[Basic, Basic], facts: Sequence[Hypothesis]) -> None:
    """That a hypothesis holds at the values only where it had a value before it was simplified."""
    there = substitute_in(h, values)
    if isinstance(h, ForAll):
        inner = {k: v for k, v in values.items() if k not in h.variables}
        signs.require_kept(h.body, inner, substitute(h.body, inner), facts)
    else:
        signs.require_kept(h, values, there, facts)


def _check_family(variable: Basic, value: sympy.Lambda, facts: Sequence[Hypothesis]) -> None:
    if isinstance(variable, sympy.IndexedBase):
        assumptions = variable.label.assumptions0
    else:
        assumptions = getattr(variable, "_kwargs", {})
    known = facts if not set(value.variables) & set().union(*(free_in(f) for f in facts)) else []
    signs.require_defined(value.expr, known)
    if (assumptions.get("integer") and not is_integer(value.expr)) or (
        assumptions.get("real") and not is_real(value.expr)
    ):
        raise Undecided(f"{value} is not known to lie in the domain of {variable}")


def recall(theorem: Theorem, id: str) -> Theorem:
    """The theorem of an earlier claim, marked as a citation."""
    return _make(theorem.relation, "by_claim", theorem.hypotheses, [theorem], note=id)


def discharge(theorem: Theorem, by: Theorem) -> Theorem:
    """Remove a hypothesis that another theorem proves."""
    gone = {h for h in theorem.hypotheses if isinstance(h, Relational) and same(h, by.relation)}
    if not gone:
        raise Undecided(f"{by.relation} is not a hypothesis")
    return _make(theorem.relation, "discharge", (theorem.hypotheses - gone) | by.hypotheses, [theorem, by])


def generalize(theorem: Theorem, variables: Sequence[Symbol], conditions: Sequence[Relational] = ()) -> Theorem:
    """Check that a theorem holds for all values of some variables: nothing else is assumed about them.

    The result is the theorem with the conditions moved out of its hypotheses; use it to discharge a
    ``ForAll`` hypothesis with ``discharge_all``.
    """
    rest = theorem.hypotheses - set(conditions)
    if any(set(variables) & free_in(h) for h in rest):
        raise Undecided("a hypothesis speaks of a variable that is to be general")
    return theorem


def discharge_all(theorem: Theorem, hypothesis: ForAll, by: Theorem) -> Theorem:
    """Remove a universal hypothesis, given its body under its conditions for general variables."""
    if hypothesis not in theorem.hypotheses or not same(by.relation, hypothesis.body):
        raise Undecided("the theorem does not prove the body of the hypothesis")
    generalize(by, hypothesis.variables, hypothesis.conditions)
    rest = by.hypotheses - set(hypothesis.conditions)
    return _make(theorem.relation, "discharge", (theorem.hypotheses - {hypothesis}) | rest, [theorem, by])


def unfold(definition: Definition, case: int, values: Mapping[Symbol, Expr], given: Given = ()) -> Theorem:
    """One equation of a definition at given parameters; its conditions must follow from the facts.

    That an integral or limit in the equation exists must be given: a theorem or hypothesis of which it is a side.
    """
    facts, hypotheses, theorems = _facts(given)
    equation = definition.cases[case]
    for variable, value in values.items():
        if not in_domain(value, variable):
            raise Undecided(f"{value} is not known to lie in the domain of {variable}")
        signs.require_defined(sympy.sympify(value), facts)
    require_definition(definition)
    for condition in equation.conditions:
        _require_condition(condition, values, facts)
    left = substitute(definition(*equation.pattern), values)
    goal = Eq(left, substitute(equation.body, values), evaluate=False)
    signs.require_kept(equation.body, values, goal.rhs, facts)
    signs.require_defined(goal.rhs, facts)
    return _make(goal, "unfold", hypotheses, theorems, [definition], axioms=_names([definition]))


def _require_general(h: ForAll, others: frozenset[Hypothesis], n: Symbol) -> None:
    if n in h.variables:
        raise Undecided("the induction hypothesis is general in the variable of the induction")
    if any(set(h.variables) & free_in(other) for other in others):
        raise Undecided("the induction hypothesis is general in a variable of which something is assumed")


def induction(goal: Relational, n: Symbol, base: Theorem, step: Theorem, start: Expr = S.Zero) -> Theorem:
    """start ≤ n ⊢ P(n) from P(start) and "start ≤ n, P(n) ⊢ P(n + 1)".

    The induction hypothesis may be general in variables of which only its own conditions are assumed.
    """
    if not n.is_integer or n in free(start) or not is_integer(start):
        raise Undecided("induction is over an integer variable")
    if not same(base.relation, substitute(goal, {n: start})):
        raise Undecided(f"the base case proves {base.relation}")
    if not same(step.relation, substitute(goal, {n: n + 1})):
        raise Undecided(f"the step proves {step.relation}")
    at_least = {Ge(n, start, evaluate=False), Le(start, n, evaluate=False)}
    assumed = {h for h in step.hypotheses if same(h.body if isinstance(h, ForAll) else h, goal)}
    rest = step.hypotheses - assumed - at_least
    for h in assumed:
        if isinstance(h, ForAll):
            _require_general(h, (rest | base.hypotheses) - set(h.conditions), n)
            rest = rest | set(h.conditions)
    if any(n in free_in(h) for h in rest | base.hypotheses):
        raise Undecided(f"a hypothesis speaks of {n}")
    for side in goal.args:  # P(start) may have lost a denominator, as n/S(n) does where it becomes 0/S(0)
        if not side.has(Integral, Limit):
            signs.require_defined(side, [*rest, *base.hypotheses, Ge(n, start, evaluate=False)])
        for theorem, value in ((base, start), (step, n + 1)):
            signs.require_kept(side, {n: value}, substitute(side, {n: value}), [*theorem.hypotheses])
    return _make(
        goal, "induction", rest | base.hypotheses | {Ge(n, start, evaluate=False)}, [base, step],
        axioms=frozenset({"induction"}),
    )  # fmt: skip
