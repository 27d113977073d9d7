# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the ranges of the metrics of one confusion matrix, and of when they are 1."""

from __future__ import annotations

from functools import cache

from sympy import Expr, Gt, Lambda, Le, S
from sympy.core.relational import Relational

from ..theory import segmentation_terms as t
from ..theory.claim import Sequent
from . import kernel
from .calc import equation
from .kernel import Theorem
from .segmentation_classes import (
    CLASS,
    DIAGONAL_COLUMN,
    DIAGONAL_ROW,
    FOUND,
    ROW,
    TRUE,
    UNION,
    X,
    Y,
    at_matrix,
    lonely,
    mean,
    of_class,
    of_matrix,
    tight_for,
)
from .segmentation_steps import F, lemma, summed, total, universal
from .verify import Proof

K, i, j, m, a, C = t.K, t.i, t.j, t.m, t.a, t.C
x, y, z, w = t.x, t.y, t.z, t.w
PIXELS = Gt(total(Y), 0)
IOU = x / (y + z - x)


# --- between 0 and 1 ---------------------------------------------------------------------------------------------


def not_negative(goal: Sequent) -> Theorem:
    return kernel.positivity(goal.relation, goal.hypotheses)


def _at_most_one(relation: Relational, by: Expr, *hypotheses: Relational) -> Theorem:
    """A sum over the classes, divided by their number or by all pixels, is at most 1: so is that of what bounds it."""
    positive = t.CLASSES if by == K else PIXELS
    over = mean(lemma(relation, *hypotheses), by, positive)
    return kernel.trans(over, kernel.ring(equation(over.relation.rhs, S.One), [positive]))


def at_most(relation: Relational, by: Expr, *hypotheses: Relational) -> Proof:
    return of_matrix(cache(lambda: _at_most_one(relation, by, *hypotheses)))


@cache
def pa_most() -> Theorem:
    return _at_most_one(Le(x, y), total(Y), FOUND)


@cache
def fwiou_le_pa() -> Theorem:
    return mean(lemma(Le(y * IOU, x), *CLASS), total(Y), PIXELS)


# --- diagonal matrices -------------------------------------------------------------------------------------------


def diagonal(relation: Relational, by: Expr, *hypotheses: Relational) -> Proof:
    """The mean of what every class has: 1 for each, or t_i."""
    positive = t.CLASSES if by == K else PIXELS

    @cache
    def fact() -> Theorem:
        one = summed(of_class(lemma(relation, *hypotheses)))
        over = kernel.congr(w / by, w, one, [positive, *universal(one)])
        return kernel.trans(over, kernel.ring(equation(over.relation.rhs, S.One), [positive]))

    return of_matrix(fact)


def off_diagonal(full: Theorem) -> Theorem:
    """C_ab = 0 for b ≠ a, from t_a ≤ C_aa."""
    theorem = kernel.instantiate(lonely(), {F: Lambda(m, C[a, m])})
    (hypothesis,) = universal(theorem)
    (index,) = hypothesis.variables
    theorem = kernel.discharge_all(theorem, hypothesis, kernel.specialize(t.COUNTS, {i: a, j: index}))
    return kernel.discharge(theorem, full)


@cache
def pa_full() -> Theorem:
    """C_ii ≤ t_i, and Σ C_ii = Σ t_i if PA = 1; then t_a ≤ C_aa."""
    law = lemma(Le(y, x), equation(x / y, S.One), Gt(y, 0))
    sums = kernel.instantiate(law, {x: total(X), y: total(Y)})
    return kernel.discharge(tight_for(of_class(lemma(Le(x, y), FOUND))), sums)


@cache
def pa_only() -> Theorem:
    return off_diagonal(at_matrix(pa_full()))


@cache
def fwiou_only() -> Theorem:
    """1 = FWIoU ≤ PA ≤ 1."""
    above, below = fwiou_le_pa(), pa_most()
    one = equation(above.relation.lhs, S.One)
    perfect = kernel.nlinarith(equation(total(X) / total(Y), S.One), [one, above, below, PIXELS])
    return off_diagonal(at_matrix(kernel.discharge(pa_full(), perfect)))


def mean_only(term: Expr, *hypotheses: Relational) -> Proof:
    """term_i ≤ 1, and the mean is 1; then term_a = 1, and t_a ≤ C_aa."""

    @cache
    def fact() -> Theorem:
        below = of_class(lemma(Le(term, 1), *hypotheses))
        have, count = summed(below).relation.args
        known = [*universal(below), t.CLASSES, equation(have / K, S.One), kernel.ring(equation(count, K), [t.CLASSES])]
        perfect = kernel.discharge(tight_for(below), kernel.nlinarith(Le(count, have, evaluate=False), known))
        full = of_class(lemma(Le(y, x), *hypotheses, Le(1, term)), a, keep=Le(1, term))
        return off_diagonal(at_matrix(kernel.discharge(full, perfect)))

    return lambda goal: fact()


PROOFS: dict[str, Proof] = {
    **{f"segmentation.range/{metric}-least": not_negative for metric in ("pa", "mpa", "miou", "fwiou")},
    "segmentation.range/pa-most": of_matrix(pa_most),
    "segmentation.range/mpa-most": at_most(Le(x / y, 1), K, FOUND, ROW),
    "segmentation.range/miou-most": at_most(Le(IOU, 1), K, FOUND, TRUE, UNION),
    "segmentation.range/fwiou-most": at_most(Le(y * IOU, y), total(Y), *CLASS),
    "segmentation.range/pa-diagonal": diagonal(equation(x, y), total(Y), DIAGONAL_ROW),
    "segmentation.range/mpa-diagonal": diagonal(equation(x / y, S.One), K, DIAGONAL_ROW, ROW),
    "segmentation.range/miou-diagonal": diagonal(equation(IOU, S.One), K, DIAGONAL_ROW, DIAGONAL_COLUMN, UNION),
    "segmentation.range/fwiou-diagonal": diagonal(equation(y * IOU, y), total(Y), DIAGONAL_ROW, DIAGONAL_COLUMN, UNION),
    "segmentation.range/pa-only": lambda goal: pa_only(),
    "segmentation.range/mpa-only": mean_only(x / y, FOUND, ROW),
    "segmentation.range/miou-only": mean_only(IOU, FOUND, TRUE, UNION),
    "segmentation.range/fwiou-only": lambda goal: fwiou_only(),
}
