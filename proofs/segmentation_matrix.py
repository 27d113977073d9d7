# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of what the confusion matrix and its metrics are."""

from __future__ import annotations

from sympy import Lambda, Le, S, Sum
from sympy.core.relational import Ne

from ..theory import segmentation_matrix as c
from ..theory import segmentation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Theorem
from .segmentation_steps import (
    F,
    by_nlinarith,
    parted,
    pick,
    show,
    summed,
)
from .steps import by_ring, rewriting
from .verify import Proof

K, i, j, m, n, a, b, C = t.K, t.i, t.j, t.m, t.n, t.a, t.b, t.C


# --- definitions -------------------------------------------------------------------------------------------------


def by_swap(goal: Sequent) -> Theorem:
    return kernel.swap(goal.relation.lhs, goal.hypotheses)


def weighted_means(goal: Sequent) -> Theorem:
    """Σ t_i R_i = Σ C_ii, because R_i is C_ii / t_i."""
    known = summed(kernel.specialize(goal.hypotheses[-1], {i: i}))
    return kernel.symm(rewriting(equation(*goal.relation.args[::-1]), [known], goal.hypotheses))


def rows_are_equal(goal: Sequent) -> list[Theorem]:
    """Terms of the sums with v for t_i; N = K v."""
    every = goal.hypotheses[-1]
    row = kernel.specialize(every, {i: i})
    assert isinstance(every, ForAll)
    total = summed(row)
    return [row, kernel.trans(total, kernel.ring(equation(total.relation.rhs, K * every.body.rhs), goal.hypotheses))]


def balanced_accuracy(goal: Sequent) -> Theorem:
    row, total = rows_are_equal(goal)
    one = kernel.rewrite(t.recall(i), row, goal.hypotheses)
    left = rewriting(equation(goal.relation.lhs, t.hits() / (K * row.relation.rhs)), [summed(one)], goal.hypotheses)
    return kernel.trans(left, kernel.symm(kernel.rewrite(goal.relation.rhs, total, goal.hypotheses)))


def balanced_iou(goal: Sequent) -> Theorem:
    row, total = rows_are_equal(goal)
    weight = kernel.congr(t.x * t.iou(i), t.x, row, goal.hypotheses)
    return rewriting(goal.relation, [summed(weight), total], goal.hypotheses)


def mean_of_misses(goal: Sequent) -> Theorem:
    """Class by class, then the mean."""
    wrong = (t.row(i) + t.column(i) - 2 * C[i, i]) / t.union(i)
    one = kernel.ring(equation(wrong, 1 - t.iou(i)), goal.hypotheses)
    return kernel.symm(rewriting(equation(*goal.relation.args[::-1]), [summed(one)], goal.hypotheses))


def weights_add_up(goal: Sequent) -> Theorem:
    """Σ t_i/v = (Σ t_i)/v for every v ≠ 0, hence for N."""
    apart = Ne(t.v, 0, evaluate=False)
    general = kernel.ring(equation(t.over_classes(lambda i: t.row(i) / t.v), t.total() / t.v), [apart])
    theorem = kernel.instantiate(general, {t.v: t.total()})
    return kernel.discharge(theorem, show(Ne(t.total(), 0, evaluate=False), goal.hypotheses))


def one_against_all(goal: Sequent) -> Theorem:
    """The sums over a row and a column, with the hit taken out."""
    equations = [parted(e, a, goal.hypotheses) for e in (t.row(a), t.column(a)) if goal.relation.lhs.has(e)]
    rewritten = []
    end = goal.relation.lhs
    for known in equations:
        rewritten.append(kernel.rewrite(end, known, [*goal.hypotheses, *equations]))
        end = rewritten[-1].relation.rhs
    return kernel.trans(*rewritten, kernel.ring(equation(end, goal.relation.rhs), [*goal.hypotheses, *equations]))


def weight_of_class(goal: Sequent) -> Theorem:
    known = parted(t.row(a), a, goal.hypotheses)
    return kernel.congr(t.x / t.total(), t.x, known, goal.hypotheses)


# --- labels ------------------------------------------------------------------------------------------------------


def bincount(goal: Sequent) -> Theorem:
    """[K y + z = K a + b] = [y = a] [z = b]: y = a leaves z and b; else the codes differ by more than z − b."""
    given = [*goal.hypotheses[:2], *(kernel.specialize(h, {n: n}) for h in goal.hypotheses[2:])]
    y, z = c.Y[n], c.Z[n]
    coded = t.indicator(K * y + z, K * a + b)
    both = t.indicator(y, a) * t.indicator(z, b)
    hit = equation(y, a)
    at_a = kernel.rewrite(both, kernel.assume(hit))
    code = kernel.rewrite(coded, kernel.assume(hit))
    yes = kernel.trans(code, kernel.symm(at_a))
    miss = Ne(y, a, evaluate=False)
    apart = kernel.nlinarith(equation(t.indicator(y, a), S.Zero), [miss])
    none = kernel.linear_combination(equation(both, S.Zero), [(t.indicator(z, b), apart)])
    no = kernel.trans(kernel.nlinarith(equation(coded, S.Zero), [*given, miss]), kernel.symm(none))
    return kernel.termwise(kernel.cases(hit, yes, no), n, S.Zero, t.P - 1)


def additive(goal: Sequent) -> Theorem:
    parts = kernel.split(goal.relation.lhs, t.P - 1, goal.hypotheses)
    return kernel.trans(parts, kernel.ring(equation(parts.relation.rhs, goal.relation.rhs), goal.hypotheses))


def every_pixel(goal: Sequent) -> Theorem:
    """Each pixel lies in one row and in one column."""
    at = [kernel.specialize(h, {n: n}) for h in goal.hypotheses[1:]]
    one: list[Theorem] = []
    for label, (low, high) in ((c.Y[n], at[:2]), (c.Z[n], at[2:])):
        general = kernel.instantiate(pick(m, (Le(0, m, evaluate=False), Le(m, K - 1, evaluate=False))), {m: label})
        for bound in (kernel.symm(low), high):
            general = kernel.discharge(general, bound)
        one.append(kernel.instantiate(general, {F: Lambda(j, S.One)}))
    y, z = t.indicator(c.Y[n], i), t.indicator(c.Z[n], m)
    inner = kernel.swap(t.row(i, K, c.count))
    within = kernel.linear_combination(equation(Sum(y * z, (m, 0, K - 1)), y), [(y, one[1])])
    row = kernel.trans(inner, kernel.termwise(within, n, S.Zero, t.P - 1))
    over = summed(row)
    turned = kernel.swap(over.relation.rhs)
    pixels = kernel.termwise(one[0], n, S.Zero, t.P - 1)
    return kernel.trans(over, turned, pixels, kernel.ring(equation(pixels.relation.rhs, t.P), goal.hypotheses))


PROOFS: dict[str, Proof] = {
    **{f"segmentation.confusion/code-{part}": by_nlinarith for part in ("row", "column", "first", "last")},
    "segmentation.confusion/bincount": bincount,
    "segmentation.confusion/additive": additive,
    "segmentation.confusion/every-pixel": every_pixel,
    "segmentation.pa/total": by_swap,
    "segmentation.pa/errors": by_ring,
    "segmentation.pa/recalls": weighted_means,
    "segmentation.pa/precisions": weighted_means,
    "segmentation.mpa/misses": by_ring,
    "segmentation.mpa/balanced": balanced_accuracy,
    "segmentation.miou": mean_of_misses,
    "segmentation.fwiou/weights": weights_add_up,
    "segmentation.fwiou/weighted": by_ring,
    "segmentation.fwiou/balanced": balanced_iou,
    "segmentation.tp-form": one_against_all,
    "segmentation.tp-form/weight": weight_of_class,
}
