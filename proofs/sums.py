# SPDX-License-Identifier: BSD-3-Clause
"""Lemmas about finite sums of an arbitrary function: one term of many, the only term, the order turned round.

Not trusted: they ask the kernel, once for an unknown function, and are instantiated.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Basic, Expr, Function, Ge, Lambda, Le, Lt, S, Sum, Symbol, symbols

from ..theory.claim import ForAll
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .terms import Undecided, binder, same, substitute, substitute_in

_i, _a, _m, _low = symbols("ι α μ λ", integer=True)  # names that no statement uses
_c = Symbol("κ")
_f, _g = Function("φ"), Function("γ", integer=True)
_POSITIVE = ForAll((_i,), Ge(_g(_i), 0))
_BEFORE = ForAll((_i,), equation(_f(_i), S.Zero), (Le(_low, _i), Lt(_i, _a)))
_AFTER = ForAll((_i,), equation(_f(_i), S.Zero), (Lt(_a, _i), Le(_i, _m)))
_WITHIN = [Le(_low, _a), Le(_a, _m)]


def vanishing(total: Expr, zero: Theorem, given: Given = ()) -> Theorem:
    """Σ f = 0 from "lower ≤ i ≤ upper ⊢ f = 0"."""
    _, index, lower, upper = binder(total)
    sums = kernel.termwise(zero, index, lower, upper)
    none = kernel.instantiate(_nothing(), {_low: lower, _m: upper}, given)
    return kernel.trans(sums, none)


@cache
def _nothing() -> Theorem:
    return kernel.ring(equation(Sum(0, (_i, _low, _m)), S.Zero))


def _parts(function: Basic) -> tuple[Theorem, Theorem]:
    """Σ = Σ before a + f(a), up to a; and Σ = Σ up to a + Σ after a."""
    total = Sum(function(_i), (_i, _low, _m))
    cut = kernel.split(total, _a, _WITHIN)
    head = next(s for s in cut.relation.rhs.args if same(binder(s)[3], _a))
    last = kernel.split(head, _a - 1, _WITHIN)
    return last, cut


@cache
def _one_term() -> Theorem:
    """low ≤ a ≤ m, g ≥ 0 ⊢ g(a) ≤ Σ_{i=low}^{m} g(i)."""
    last, cut = _parts(_g)
    single = kernel.ring(equation(Sum(_g(_i), (_i, _a, _a)), _g(_a)))
    before, after = Sum(_g(_i), (_i, _low, _a - 1)), Sum(_g(_i), (_i, _a + 1, _m))
    signs = [kernel.positivity(Ge(s, 0, evaluate=False), [_POSITIVE]) for s in (before, after)]
    total = cut.relation.lhs
    return kernel.nlinarith(Le(_g(_a), total, evaluate=False), [last, cut, single, *signs])


@cache
def _only_term() -> Theorem:
    """low ≤ a ≤ m, f(i) = 0 for every other i ⊢ Σ_{i=low}^{m} f(i) = f(a)."""
    last, cut = _parts(_f)
    single = kernel.ring(equation(Sum(_f(_i), (_i, _a, _a)), _f(_a)))
    before, after = Sum(_f(_i), (_i, _low, _a - 1)), Sum(_f(_i), (_i, _a + 1, _m))
    zeros = []
    for part, family in ((before, _BEFORE), (after, _AFTER)):
        _, _, lower, upper = binder(part)
        bounds = [Le(lower, _i), Le(_i, upper)]
        zeros.append(vanishing(part, kernel.specialize(family, {_i: _i}, bounds)))
    links = [(S.One, th) for th in (cut, last, single, *zeros)]
    return kernel.linear_combination(equation(cut.relation.lhs, _f(_a)), links)


@cache
def _reversed() -> Theorem:
    """N ≥ 0 ⊢ Σ_{i<N} f(i) = Σ_{i<N} f(N − 1 − i), by induction on N."""
    goal = equation(Sum(_f(_i), (_i, 0, _m - 1)), Sum(_f(_m - 1 - _i), (_i, 0, _m - 1)))
    after, some = substitute(goal, {_m: _m + 1}), Ge(_m, 0)
    first = kernel.split(after.rhs, S.Zero, [some])
    base = kernel.ring(substitute(goal, {_m: S.Zero}))
    links = [(S.One, kernel.assume(goal)), (S.NegativeOne, first)]
    step = kernel.linear_combination(after, links, [some])
    return kernel.induction(goal, _m, base, step)


def _instance(lemma: Theorem, values: Mapping[Basic, Basic], given: Given, by: Mapping[ForAll, Theorem]) -> Theorem:
    """A lemma at particular values: its bounds shown by arithmetic, its conditions on the function by theorems."""
    here = kernel.instantiate(lemma, values, given)
    for h in lemma.hypotheses:
        moved = substitute_in(h, values)
        if isinstance(moved, ForAll):
            here = kernel.discharge_all(here, moved, by[h])
        elif moved not in given:
            here = kernel.discharge(here, kernel.nlinarith(moved, given))
    return here


def one_term(total: Expr, at: Expr, positive: Theorem, given: Given) -> Theorem:
    """f(at) ≤ Σ f, for "⊢ f(i) ≥ 0" at the index of the sum."""
    body, index, lower, upper = binder(total)
    values = {_g: Lambda(index, body), _a: at, _low: lower, _m: upper}
    return _instance(_one_term(), values, given, {_POSITIVE: _about(positive, index)})


def only_term(total: Expr, at: Expr, before: Theorem, after: Theorem, given: Given) -> Theorem:
    """Σ f = f(at), from "lower ≤ i < at ⊢ f(i) = 0" and "at < i ≤ upper ⊢ f(i) = 0"."""
    body, index, lower, upper = binder(total)
    values = {_f: Lambda(index, body), _a: at, _low: lower, _m: upper}
    return _instance(_only_term(), values, given, {_BEFORE: _about(before, index), _AFTER: _about(after, index)})


def _about(theorem: Theorem, index: Expr) -> Theorem:
    return kernel.instantiate(theorem, {index: _i})


def turned_round(total: Expr, given: Given = ()) -> Theorem:
    """Σ_{i=0}^{m} f(i) = Σ_{i=0}^{m} f(m − i)."""
    body, index, lower, upper = binder(total)
    if lower != 0:
        raise Undecided("the sum must start at 0")
    return _instance(_reversed(), {_f: Lambda(index, body), _m: upper + 1}, given, {})


@cache
def _from_zero() -> Theorem:
    """Σ_{i=lo}^{m} f(i) = Σ_{i=0}^{m−lo} f(lo + i)."""
    return kernel.ring(equation(Sum(_f(_i), (_i, _low, _m)), Sum(_f(_low + _i), (_i, 0, _m - _low))))


def from_zero(total: Expr, given: Given = ()) -> Theorem:
    """Σ over lower … upper as a sum from 0."""
    body, index, lower, upper = binder(total)
    return _instance(_from_zero(), {_f: Lambda(index, body), _low: lower, _m: upper}, given, {})


@cache
def _factored() -> Theorem:
    return kernel.ring(equation(Sum(_c * _f(_i), (_i, _low, _m)), _c * Sum(_f(_i), (_i, _low, _m))))


def factored(factor: Expr, total: Expr, given: Given = ()) -> Theorem:
    """Σ c f = c Σ f, for the sum Σ f."""
    body, index, lower, upper = binder(total)
    values = {_f: Lambda(index, body), _c: factor, _low: lower, _m: upper}
    return _instance(_factored(), values, given, {})


@cache
def _ones() -> Theorem:
    return kernel.ring(equation(Sum(1, (_i, 0, _m)), _m + 1), [Ge(_m + 1, 0)])


def ones(upper: Expr, given: Given) -> Theorem:
    """Σ_{i=0}^{m} 1 = m + 1, where the facts say m ≥ −1."""
    return _instance(_ones(), {_m: upper}, given, {})
