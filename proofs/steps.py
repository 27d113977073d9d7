# SPDX-License-Identifier: BSD-3-Clause
"""Ways to argue that many proofs share. Not trusted: they only ask the kernel."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr
from sympy.core.relational import Eq, Le, Relational

from ..theory.claim import Sequent
from . import kernel
from .calc import Calc, calc, ring
from .kernel import Given, Theorem
from .terms import same


def by_ring(goal: Sequent) -> Theorem:
    """Both sides have the same normal form."""
    return kernel.ring(goal.relation, goal.hypotheses)


def rewriting(goal: Relational, equations: Sequence[Theorem], given: Given = ()) -> Theorem:
    """The goal, by rewriting its left-hand side with each equation in turn, then ``ring`` if more is needed."""
    chain: Calc = calc(goal.lhs)
    for equation in equations:
        link = kernel.rewrite(chain.end, equation, given)
        chain = chain.eq(link.relation.rhs, link)
    if chain.links and same(chain.end, goal.rhs):
        return chain.close()
    return chain.eq(goal.rhs, ring(given)).close()


def sum_of(body: Theorem, like: Expr) -> Theorem:
    """Σ f = Σ g from f = g, over the range of the sum ``like``."""
    ((index, lower, upper),) = like.limits
    return kernel.termwise(body, index, lower, upper)


def inside(like: Expr) -> tuple[Relational, Relational]:
    """What the index of a sum satisfies: lower ≤ i and i ≤ upper."""
    ((index, lower, upper),) = like.limits
    return Le(lower, index, evaluate=False), Le(index, upper, evaluate=False)


def at_value(goal: Sequent, fixed: Relational) -> Theorem:
    """The goal with a variable replaced by the value that ``fixed`` gives it, then ``ring`` if more is needed."""
    known = kernel.assume(fixed)
    rest = tuple(h for h in goal.hypotheses if h is not fixed)
    left, right = (kernel.rewrite(side, known, goal.hypotheses) for side in goal.relation.args)
    middle = Eq(left.relation.rhs, right.relation.rhs, evaluate=False)
    between = [] if same(*middle.args) else [kernel.ring(middle, rest)]
    return kernel.trans(left, *between, kernel.symm(right))


def by_last_equation(goal: Sequent) -> Theorem:
    """The goal at the value that its last hypothesis gives a variable."""
    return at_value(goal, goal.hypotheses[-1])
