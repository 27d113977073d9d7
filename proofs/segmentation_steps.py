# SPDX-License-Identifier: BSD-3-Clause
"""Steps that proofs about confusion matrices share: members of sums, sums over classes, picking. Not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

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


def universal(theorem: Theorem) -> list[ForAll]:
    """What a theorem assumes of all classes."""
    return [h for h in theorem.hypotheses if isinstance(h, ForAll)]


def every(relation: Relational) -> ForAll:
    """A relation for class i, for all classes."""
    return ForAll((t.i,), relation, INSIDE)


def total(f: IndexedBase) -> Expr:
    return Sum(f[t.i], (t.i, 0, t.K - 1))


LEAST = every(Ge(F[t.i], 0))


def not_negative(part: Expr, *given: Relational) -> Theorem:
    """0 ≤ Σ of a part of the range, where 0 ≤ F_i for all i."""
    _, index, low, high = binder(part)
    near = [*given, Le(low, index, evaluate=False), Le(index, high, evaluate=False)]
    over = kernel.termwise(kernel.symm(kernel.specialize(LEAST, {t.i: index}, near)), index, low, high)
    return kernel.trans(kernel.ring(equation(S.Zero, over.relation.lhs), given), over)


@cache
def member() -> Theorem:
    """0 ≤ F_i for all i ⊢ F_a ≤ Σ F."""
    parts = [not_negative(part, *t.CLASS_A) for part in pieces(total(F), t.a)[::2]]
    whole = parted(total(F), t.a, t.CLASS_A)
    return kernel.nlinarith(Le(F[t.a], total(F), evaluate=False), [whole, *parts])


@cache
def _entry_le(e: Expr, at: Expr, size: Expr) -> Theorem:
    """C_aa is at most the sum over its row or its column."""
    body, index, _, _ = binder(e)
    theorem = kernel.instantiate(member(), {F: Lambda(index, body), t.a: at, t.K: size})
    (hypothesis,) = universal(theorem)
    entry = hypothesis.body.lhs
    one = kernel.specialize(t.COUNTS, {t.i: entry.indices[0], t.j: entry.indices[1]})
    return kernel.discharge_all(theorem, hypothesis, one)


def _placed(theorem: Theorem, given: Given) -> Theorem:
    """Without the bounds of the class, which follow from what is given."""
    plain = [g for g in given if isinstance(g, Relational)]
    for h in sorted(theorem.hypotheses, key=str):
        if isinstance(h, Relational):
            theorem = kernel.discharge(theorem, kernel.nlinarith(h, plain))
    return theorem


def in_row(at: Expr, given: Given, size: Expr = t.K) -> Theorem:
    """C_aa ≤ t_a."""
    return _placed(_entry_le(t.row(at, size), at, size), given)


def in_column(at: Expr, given: Given, size: Expr = t.K) -> Theorem:
    """C_aa ≤ u_a."""
    return _placed(_entry_le(t.column(at, size), at, size), given)


_DIVIDED = (Le(t.x, t.y), Gt(t.v, 0))


def divided(theorem: Theorem, by: Expr, given: Given) -> Theorem:
    """x/v ≤ y/v from x ≤ y, for v > 0."""
    low, high = theorem.relation.args
    law = lemma(Le(t.x / t.v, t.y / t.v, evaluate=False), *_DIVIDED)
    return apply(law, {t.x: low, t.y: high, t.v: by}, [*given, theorem])


def equal_if(relation: Relational, *hypotheses: Relational) -> Theorem:
    return lemma(relation, *hypotheses)


# --- one class of the matrix -------------------------------------------------------------------------------------

_CLASS = (Ge(t.x, 0), Le(t.x, t.y), Le(t.x, t.z), Gt(t.y + t.z - t.x, 0))


def at_class(goal: Sequent, at: Expr = t.i) -> list[Theorem | Relational | ForAll]:
    """What holds of one class: C_ii ≤ t_i, C_ii ≤ u_i, beside the hypotheses."""
    given = [*goal.hypotheses, *(INSIDE if at == t.i else ())]
    return [*given, in_row(at, given), in_column(at, given)]


def one_class(relation: Relational, goal: Sequent, *hypotheses: Relational, at: Expr = t.i) -> Theorem:
    """A fact about hits x, row y and column z, for a class."""
    values = {t.x: t.C[at, at], t.y: t.row(at), t.z: t.column(at)}
    return apply(lemma(relation, *hypotheses), values, at_class(goal, at))


def iou_most(goal: Sequent, near: Given) -> Theorem:
    """IoU_i ≤ 1."""
    values = {t.x: t.C[t.i, t.i], t.y: t.row(t.i), t.z: t.column(t.i)}
    law = lemma(Le(t.x / (t.y + t.z - t.x), 1), *_CLASS)
    return apply(law, values, [*near, in_row(t.i, near), in_column(t.i, near)])


def mean(theorem: Theorem, by: Expr, goal: Sequent) -> Theorem:
    """Σ f / by ≤ Σ g / by."""
    return divided(summed(theorem), by, goal.hypotheses)


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
