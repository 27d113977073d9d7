# SPDX-License-Identifier: BSD-3-Clause
"""Rules of equality: normal forms, chains, equals put for equals. Trusted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import sympy
from sympy import Basic, Expr, Limit, Symbol
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from . import normal, recheck, signs
from .terms import BINDERS, Undecided, bind, binder, free, in_domain, is_integer, is_real, rebuild, same, substitute
from .theorems import Given, Theorem, _facts, _make

_FLIP = {Eq: Eq, Ne: Ne, Le: Ge, Ge: Le, Lt: Gt, Gt: Lt}


def ring(goal: Relational, given: Given = ()) -> Theorem:
    """An equation between terms with the same normal form; a second, independent check must agree."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(goal, Eq):
        raise Undecided(f"not an equation: {goal}")
    for side in goal.args:
        signs.require_defined(side, facts)
    axioms = normal.equal(goal.lhs, goal.rhs, facts)
    recheck.agree(goal.lhs, goal.rhs, facts)
    return _make(goal, "ring", hypotheses, theorems, axioms=frozenset(axioms))


def linear_combination(goal: Relational, combination: Sequence[tuple[Expr, Theorem]], given: Given = ()) -> Theorem:
    """lhs − rhs = Σ cⱼ (lⱼ − rⱼ) by ``ring``, for theorems lⱼ = rⱼ."""
    facts, hypotheses, theorems = _facts([*given, *(t for _, t in combination)])
    if not isinstance(goal, Eq) or not all(isinstance(t.relation, Eq) for _, t in combination):
        raise Undecided("a linear combination is of equations")
    for term in (*goal.args, *(sympy.sympify(c) for c, _ in combination)):
        signs.require_defined(term, facts)
    left = goal.lhs - goal.rhs
    right = sympy.Add(*(c * (t.relation.lhs - t.relation.rhs) for c, t in combination))
    axioms = normal.equal(left, right, facts)
    recheck.agree(left, right, facts)
    return _make(goal, "linear_combination", hypotheses, theorems, axioms=frozenset(axioms))


def refl(term: Expr, given: Given = ()) -> Theorem:
    """term = term, where it is defined."""
    facts, hypotheses, theorems = _facts(given)
    signs.require_defined(term, facts)
    return _make(Eq(term, term, evaluate=False), "refl", hypotheses, theorems)


def symm(theorem: Theorem) -> Theorem:
    """b = a from a = b, b ≥ a from a ≤ b."""
    r = theorem.relation
    return _make(_FLIP[r.func](r.rhs, r.lhs, evaluate=False), "symm", theorem.hypotheses, [theorem])


def trans(*chain: Theorem) -> Theorem:
    """a R c from a R b and b R c; ≤ and < may be mixed with =, and one < makes the whole strict."""
    if not chain:
        raise Undecided("empty chain")
    strict, down, up = False, False, False
    for link, after in itertools.pairwise(chain):
        if not same(link.relation.rhs, after.relation.lhs):
            raise Undecided(f"the chain breaks: {link.relation.rhs} is not {after.relation.lhs}")
    for link in chain:
        strict |= isinstance(link.relation, (Lt, Gt))
        up |= isinstance(link.relation, (Lt, Le))
        down |= isinstance(link.relation, (Gt, Ge))
        if isinstance(link.relation, Ne):
            raise Undecided("≠ does not chain")
    if up and down:
        raise Undecided("the chain goes up and down")
    kind = {(True, True): Lt, (True, False): Le}.get((up, strict)) or {(True, True): Gt, (True, False): Ge}.get(
        (down, strict), Eq
    )
    relation = kind(chain[0].relation.lhs, chain[-1].relation.rhs, evaluate=False)
    return _make(relation, "calc", frozenset().union(*(t.hypotheses for t in chain)), chain)


def congr(template: Expr, place: Symbol, theorem: Theorem, given: Given = ()) -> Theorem:
    """T[a] = T[b] from a = b; T is defined at b under the facts, and nothing is captured."""
    facts, hypotheses, theorems = _facts([*given, theorem])
    if not isinstance(theorem.relation, Eq):
        raise Undecided("only equals are substituted")
    if not in_domain(theorem.relation.lhs, place) or not in_domain(theorem.relation.rhs, place):
        raise Undecided(f"{place} stands for a term outside its domain")
    left, right = (substitute(template, {place: side}) for side in theorem.relation.args)
    signs.require_defined(right, facts)
    signs.require_kept(template, {place: theorem.relation.rhs}, right, facts)
    return _make(Eq(left, right, evaluate=False), "congr", hypotheses, theorems)


def rewrite(term: Expr, theorem: Theorem, given: Given = ()) -> Theorem:
    """term = term with every occurrence of the theorem's left-hand side replaced by the right-hand side."""
    left = theorem.relation.lhs
    names = {str(s) for s in free(term) | free(left)}
    place = Symbol("_here" + "'" * sum(n.startswith("_here") for n in names), **left.assumptions0)
    place = Symbol(place.name, integer=True) if is_integer(left) else Symbol(place.name, real=is_real(left) or None)
    return congr(_mark(term, left, place, frozenset()), place, theorem, given)


def _mark(term: Basic, target: Expr, place: Symbol, bound: frozenset[Basic]) -> Basic:
    if same(term, target):
        if free(target) & bound:
            raise Undecided(f"{target} stands below a binder of its own variable")
        return place
    if isinstance(term, BINDERS):
        body, i, lower, upper = binder(term)
        lower, upper = (_mark(x, target, place, bound) for x in (lower, upper))
        return bind(term.func, _mark(body, target, place, bound | {i}), i, lower, upper)
    if not term.args or isinstance(term, Limit):
        return term
    if isinstance(term, sympy.Indexed):
        return term.base[tuple(_mark(i, target, place, bound) for i in term.indices)]
    arguments = [_mark(a, target, place, bound) for a in term.args]
    return rebuild(term, arguments) if isinstance(term, sympy.Piecewise) else term.func(*arguments)
