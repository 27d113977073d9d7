# SPDX-License-Identifier: BSD-3-Clause
"""Steps that proofs about confusion matrices share: members of sums, sums over classes, picking. Not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sympy import Basic, Expr, Ge, IndexedBase, Lambda, Le, S, Sum, Symbol
from sympy.core.relational import Eq, Gt, Ne, Relational

from ..theory import segmentation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .steps import rewriting
from .terms import Undecided, bind, binder, same, substitute

INSIDE: tuple[Relational, ...] = (Le(0, t.i, evaluate=False), Le(t.i, t.K - 1, evaluate=False))
F = IndexedBase("F", real=True)


def by_nlinarith(goal: Sequent) -> Theorem:
    """Arithmetic from the hypotheses."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def facts(given: Given) -> list[Relational | ForAll]:
    return [g.relation if isinstance(g, Theorem) else g for g in given]


def show(relation: Relational, given: Given) -> Theorem:
    """A side condition, by arithmetic or by the signs of the parts."""
    for g in given:
        if isinstance(g, Theorem) and same(g.relation, relation):
            return g
    try:
        return kernel.nlinarith(relation, given)
    except Undecided:
        return kernel.positivity(relation, given)


def apply(lemma: Theorem, values: Mapping[Basic, Basic], given: Given) -> Theorem:
    """A lemma at particular values; its hypotheses follow from what is given."""
    theorem = kernel.instantiate(lemma, values, given)
    stated = [g for g in given if not isinstance(g, Theorem)]
    for h in sorted(theorem.hypotheses, key=str):
        if isinstance(h, Relational) and not any(isinstance(g, Relational) and same(h, g) for g in stated):
            known = any(h in g.hypotheses for g in given if isinstance(g, Theorem))
            if not known:
                theorem = kernel.discharge(theorem, show(h, given))
    return theorem


@lru_cache
def lemma(relation: Relational, *given: Relational) -> Theorem:
    """A fact about numbers."""
    return kernel.nlinarith(relation, given)


def summed(theorem: Theorem, size: Expr = t.K) -> Theorem:
    """Σ over the classes of a relation for class i."""
    return kernel.termwise(theorem, t.i, S.Zero, size - 1)


def pieces(e: Expr, at: Expr) -> tuple[Expr, Expr, Expr]:
    """Σ before, the member, Σ after."""
    body, index, low, high = binder(e)
    return (
        bind(e.func, body, index, low, at - 1),
        substitute(body, {index: at}),
        bind(e.func, body, index, at + 1, high),
    )


def parted(e: Expr, at: Expr, given: Given) -> Theorem:
    """Σ = Σ before + member + Σ after."""
    body, index, _, high = binder(e)
    first = kernel.split(e, at - 1, given)
    second = kernel.split(bind(Sum, body, index, at, high), at, given)
    return kernel.linear_combination(equation(e, sum(pieces(e, at))), [(S.One, first), (S.One, second)], given)


def member_le(e: Expr, at: Expr, given: Given) -> Theorem:
    """A member of a sum of what is not negative is at most the sum."""
    before, member, after = pieces(e, at)
    known: list[Theorem] = [parted(e, at, given)]
    for rest in (before, after):
        known.append(kernel.positivity(Ge(rest, 0, evaluate=False), given))
    return kernel.nlinarith(Le(member, e, evaluate=False), known)


def in_row(at: Expr, given: Given, size: Expr = t.K) -> Theorem:
    """C_aa ≤ t_a."""
    return member_le(t.row(at, size), at, given)


def in_column(at: Expr, given: Given, size: Expr = t.K) -> Theorem:
    """C_aa ≤ u_a."""
    return member_le(t.column(at, size), at, given)


_DIVIDED = (Le(t.x, t.y), Gt(t.v, 0))


def divided(theorem: Theorem, by: Expr, given: Given) -> Theorem:
    """x/v ≤ y/v from x ≤ y, for v > 0."""
    low, high = theorem.relation.args
    law = lemma(Le(t.x / t.v, t.y / t.v, evaluate=False), *_DIVIDED)
    return apply(law, {t.x: low, t.y: high, t.v: by}, [*given, theorem])


def equal_if(relation: Relational, *hypotheses: Relational) -> Theorem:
    return lemma(relation, *hypotheses)


# --- picking and renaming ----------------------------------------------------------------------------------------


def pick(at: Expr, given: Given, size: Expr = t.K) -> Theorem:
    """Σ_j [at = j] F_j = F_at, for 0 ≤ at < K; F is general."""
    j = t.j
    e = Sum(t.indicator(at, j) * F[j], (j, 0, size - 1))
    steps = [parted(e, at, given)]
    for part, apart in zip(pieces(e, at)[::2], (Le(j, at - 1), Le(at + 1, j)), strict=True):
        _, _, low, high = binder(part)
        zero = kernel.nlinarith(Eq(t.indicator(at, j), 0, evaluate=False), [apart])
        body = kernel.linear_combination(equation(t.indicator(at, j) * F[j], S.Zero), [(F[j], zero)])
        none = kernel.termwise(body, j, low, high)
        steps.append(kernel.trans(none, kernel.ring(equation(none.relation.rhs, S.Zero), given)))
    return rewriting(equation(e, F[at]), steps, given)


def picked(theorem: Theorem, index: Symbol, value: Expr, given: Given = ()) -> Theorem:
    """``pick`` for a particular family."""
    return kernel.instantiate(theorem, {F: Lambda(index, value)}, given)


def nonzero(term: Expr, given: Given) -> Theorem:
    return show(Ne(term, 0, evaluate=False), given)
