# SPDX-License-Identifier: BSD-3-Clause
"""Steps that the proofs about activations share. Not trusted: they only ask the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from sympy import Expr, S, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from ..theory import activations_notation as n
from ..theory.activations_notation import at_least, at_most
from ..theory.claim import Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .verify import Proof


def by_nlinarith(goal: Sequent) -> Theorem:
    """Real arithmetic, pieces and absolute values included."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def derivative_of(function: Callable[[Expr], Expr], at: Symbol = n.x) -> Proof:
    """The derivative table, then ``ring`` between its form and the stated one."""

    def proof(goal: Sequent) -> Theorem:
        known = kernel.has_deriv(function(at), at, n.h, goal.hypotheses)
        return kernel.trans(known, kernel.ring(equation(known.relation.rhs, goal.relation.rhs), goal.hypotheses))

    return proof


def with_facts(*facts: Callable[[], Theorem]) -> Proof:
    """Real arithmetic from the hypotheses and from facts shown before."""
    return lambda goal: kernel.nlinarith(goal.relation, [*goal.hypotheses, *(fact() for fact in facts)])


def in_cases(goal: Sequent, condition: Relational, prove: Callable[[Sequence[Relational]], Theorem]) -> Theorem:
    """The goal where the condition holds and where it does not, by one argument that is told which."""
    opposite = {Ge: Lt, Lt: Ge, Gt: Le, Le: Gt}[condition.func](*condition.args, evaluate=False)
    return kernel.cases(condition, *(prove([*goal.hypotheses, fact]) for fact in (condition, opposite)))


_P, _Q, _F, _G = (Symbol(name, real=True) for name in ("P", "Q", "F", "G"))


def on_box(goal: Relational, low: Expr, high: Expr, at: Symbol = n.x) -> Theorem:
    """By ball arithmetic for low ≤ x ≤ high."""
    ends = (Fraction(int(end.p), int(end.q)) for end in (S(low), S(high)))
    return kernel.interval(goal, {at: (next(ends), next(ends))})


def placed(theorem: Theorem, given: Given) -> Theorem:
    """The theorem with its hypotheses shown from what is given."""
    for hypothesis in sorted(theorem.hypotheses, key=str):
        if not any(hypothesis == fact for fact in given):
            theorem = kernel.discharge(theorem, kernel.nlinarith(hypothesis, given))
    return theorem


def product_bound(small: Theorem, factor: Theorem, given: Given = ()) -> Theorem:
    """P·F ≤ Q·G from P ≤ Q and F ≤ G for P ≥ 0 and F ≥ 0, whose signs are shown here."""
    lemma = kernel.nlinarith(
        at_most(_P * _F, _Q * _G),
        [at_least(_P, S.Zero), at_least(_F, S.Zero), at_most(_P, _Q), at_most(_F, _G)],
    )
    (p, q), (f, g) = small.relation.args, factor.relation.args
    placed = kernel.instantiate(lemma, {_P: p, _F: f, _Q: q, _G: g}, given)
    signs = [kernel.positivity(at_least(e, S.Zero), given) for e in (p, f)]
    for known in (*signs, small, factor):
        placed = kernel.discharge(placed, known)
    return placed
