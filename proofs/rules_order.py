# SPDX-License-Identifier: BSD-3-Clause
"""Rules of order: arithmetic, signs, monotone functions, cases. Trusted."""

from __future__ import annotations

import sympy
from sympy import Expr, Sum
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from . import signs
from .terms import Undecided, bind, binder, is_real, same
from .theorems import Given, Theorem, _facts, _make


def nlinarith(goal: Relational, given: Given = ()) -> Theorem:
    """A comparison that z3 derives from the facts by real or integer arithmetic; the facts must be satisfiable."""
    facts, hypotheses, theorems = _facts(given)
    for side in goal.args:
        signs.require_defined(side, facts)
    if facts and signs.contradictory(facts):
        raise Undecided("the facts contradict each other")
    if not signs.entails(facts, goal):
        raise Undecided(f"z3 does not derive {goal}")
    return _make(goal, "nlinarith", hypotheses, theorems, axioms=frozenset({"z3"}))


def positivity(goal: Relational, given: Given = ()) -> Theorem:
    """0 < e, 0 ≤ e or e ≠ 0, by the signs of the parts of e."""
    facts, hypotheses, theorems = _facts(given)
    if facts and signs.contradictory(facts):
        raise Undecided("the facts contradict each other")
    decide_sign = {Gt: signs.positive, Ge: signs.nonnegative, Ne: signs.nonzero}.get(goal.func)
    term = goal.lhs
    if isinstance(goal, (Lt, Le)) and goal.lhs == 0:
        decide_sign, term = (signs.positive if isinstance(goal, Lt) else signs.nonnegative), goal.rhs
    elif goal.rhs != 0:
        raise Undecided("positivity compares with 0")
    signs.require_defined(term, facts)
    if decide_sign is None or not decide_sign(term, facts):
        raise Undecided(f"sign not shown: {goal}")
    return _make(goal, "positivity", hypotheses, theorems, axioms=frozenset({"signs", "z3"}))


def monotone(function: str, theorem: Theorem, given: Given = ()) -> Theorem:
    """exp a R exp b, log a R log b or √a R √b from a R b, for an order relation or equality R."""
    facts, hypotheses, theorems = _facts([*given, theorem])
    r = theorem.relation
    outer = {"exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt}.get(function)
    if outer is None or isinstance(r, Ne) or not all(is_real(s) for s in r.args):
        raise Undecided(f"{function} is not known to be increasing here")
    left, right = outer(r.lhs), outer(r.rhs)
    if function != "exp":
        admits = signs.positive if function == "log" else signs.nonnegative
        if not all(admits(s, facts) for s in r.args):
            raise Undecided(f"{function} of a number of unknown sign")
    for side in (left, right):
        signs.require_defined(side, facts)
    return _make(r.func(left, right, evaluate=False), "monotone", hypotheses, theorems, axioms=frozenset({function}))


def contradiction(goal: Relational, given: Given) -> Theorem:
    """Anything whose sides are defined, from facts that z3 shows to exclude each other: an impossible case."""
    facts, hypotheses, theorems = _facts(given)
    if signs.contradictory(facts) is not True:
        raise Undecided("the facts are not shown to contradict each other")
    return _make(goal, "contradiction", hypotheses, theorems, axioms=frozenset({"z3"}))


def cases(condition: Relational, yes: Theorem, no: Theorem) -> Theorem:
    """P from "condition ⊢ P" and "not condition ⊢ P", for a comparison of real terms."""
    negated = {Eq: Ne, Ne: Eq, Lt: Ge, Ge: Lt, Gt: Le, Le: Gt}[condition.func](*condition.args, evaluate=False)
    if not all(is_real(s) for s in condition.args) and not isinstance(condition, (Eq, Ne)):
        raise Undecided("cases split on a comparison of real terms")
    for side in condition.args:
        signs.require_defined(side, list((yes.hypotheses - {condition}) & (no.hypotheses - {negated})))
    if not same(yes.relation, no.relation):
        raise Undecided("the two cases prove different relations")
    hypotheses = (yes.hypotheses - {condition}) | (no.hypotheses - {negated})
    return _make(yes.relation, "cases", hypotheses, [yes, no])


def triangle(total: Expr, given: Given = ()) -> Theorem:
    """|Σ f| ≤ Σ |f| for a finite sum, |a + b| ≤ |a| + |b| for two terms."""
    facts, hypotheses, theorems = _facts(given)
    signs.require_defined(total, facts)
    if isinstance(total, Sum):
        body, i, lower, upper = binder(total)
        bound: Expr = bind(Sum, sympy.Abs(body), i, lower, upper)
    elif total.is_Add:
        bound = sympy.Add(*(sympy.Abs(a) for a in total.args))
    else:
        raise Undecided("the triangle inequality is about a sum")
    signs.require_defined(bound, facts)
    goal = Le(sympy.Abs(total), bound, evaluate=False)
    return _make(goal, "triangle", hypotheses, theorems, axioms=frozenset({"triangle inequality"}))


def add_one_le_exp(term: Expr, given: Given = ()) -> Theorem:
    """t + 1 ≤ e^t for real t: the tangent at 0 of a convex function."""
    facts, hypotheses, theorems = _facts(given)
    signs.require_defined(term, facts)
    if not is_real(term):
        raise Undecided(f"not known to be real: {term}")
    goal = Le(term + 1, sympy.exp(term), evaluate=False)
    return _make(goal, "add_one_le_exp", hypotheses, theorems, axioms=frozenset({"exp convex"}))


def lambert_w(term: Expr, given: Given = ()) -> Theorem:
    """W(u) e^W(u) = u for u ≥ 0, W being the principal branch."""
    facts, hypotheses, theorems = _facts(given)
    inverse = sympy.LambertW(term)
    signs.require_defined(term, facts)
    if not is_real(term) or not signs.nonnegative(term, facts):
        raise Undecided(f"not known to be a number ≥ 0: {term}")
    goal = Eq(inverse * sympy.exp(inverse), term, evaluate=False)
    return _make(goal, "lambert_w", hypotheses, theorems, axioms=frozenset({"Lambert W"}))
