# SPDX-License-Identifier: BSD-3-Clause
"""Steps that the proofs about reparameterization share: primitives, parted sums, tails. Not trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, IndexedBase, Integral, Limit, Sum, Symbol, exp
from sympy.core.relational import Gt, Le, Ne

from ..theory import reparameterization_terms as t
from ..theory.claim import Sequent
from . import kernel, limits
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .terms import binder
from .verify import Proof


def by_nlinarith(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def by_positivity(goal: Sequent) -> Theorem:
    return kernel.positivity(goal.relation, goal.hypotheses)


def end_value(term: Expr, x: Symbol, point: Expr, side: str, given: Given) -> Theorem:
    """The limit of a primitive at an end of the interval; the kernel proves the value that is proposed here."""
    facts = [g.relation if isinstance(g, Theorem) else g for g in given]
    target = Limit(term, x, point, side)
    return kernel.limit(equation(target, limits.limit(target, facts)), given)


def integrate(e: Integral, primitive: Expr, given: Given = ()) -> Theorem:
    """∫ f = F(upper) − F(lower)."""
    _, x, lower, upper = binder(e)
    low = end_value(primitive, x, lower, "+", given)
    high = end_value(primitive, x, upper, "-", given)
    return kernel.antiderivative(e, primitive, low, high, given)


def by_primitive(goal: Sequent, primitive: Expr, given: Given | None = None) -> Theorem:
    """The integral on the left has that primitive, and its end values make the right-hand side."""
    facts = goal.hypotheses if given is None else given
    value = integrate(goal.relation.lhs, primitive, facts)
    return kernel.trans(value, kernel.ring(equation(value.relation.rhs, goal.relation.rhs), facts))


def primitive_at(primitive: Expr) -> Proof:
    """The proof by that primitive."""
    return lambda goal: by_primitive(goal, primitive)


def parted(weight: Callable[[Expr], Expr], index: Expr, given: Given) -> Theorem:
    """Σᵢ weightᵢ = Σ before + weightⱼ + Σ after."""
    everything = t.total(weight)
    before, after = t.others(weight, index, Sum)
    halves = kernel.split(everything, index, given)
    return calc(everything).eq(halves.relation.rhs, halves).eq(before + weight(index) + after, ring(given)).close()


def member(family: IndexedBase) -> Callable[[Expr], Expr]:
    return lambda n: family[n]


def exp_member(n: Expr) -> Expr:
    return exp(t.o[n])


def below_one() -> Theorem:
    """v e^(−v) ≤ 1 for real v, because v + 1 ≤ e^v."""
    tangent = kernel.add_one_le_exp(t.v)
    positive = kernel.positivity(Gt(exp(t.v), 0, evaluate=False))
    above = [Le(t.v + 1, t.a, evaluate=False), Gt(t.a, 0, evaluate=False)]
    lemma = kernel.instantiate(kernel.nlinarith(Le(t.v / t.a, 1, evaluate=False), above), {t.a: exp(t.v)})
    return kernel.discharge(kernel.discharge(lemma, tangent), positive)


def place(lemma: Theorem, values: Mapping[Symbol, Expr], given: Given) -> Theorem:
    """A lemma about numbers, at sums that are positive."""
    theorem = kernel.instantiate(lemma, values, given)
    return kernel.discharge(theorem, kernel.positivity(Ne(values[t.v], 0, evaluate=False), given))
