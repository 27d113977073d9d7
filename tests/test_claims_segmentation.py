# SPDX-License-Identifier: BSD-3-Clause
"""The claims about segmentation: broken ones are rejected, and enumeration of small matrices agrees with the others."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from lemmata import theory
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove
from lemmata.theory import oracle
from lemmata.theory import segmentation_terms as t
from lemmata.theory.claim import Sequent
from sympy import Expr, Ge, Gt, Le, Lt, S

Matrix = tuple[tuple[int, ...], ...]


def goal(slug: str, name: str) -> Sequent:
    return next(s for s in theory.claim(f"segmentation.{slug}").sequents() if s.name == name)


EXPECTED = goal("random-prediction", "expectation").relation

# --- broken statements -------------------------------------------------------------------------------------------

BROKEN = [
    ("range", "pa-most", Lt(t.pa(), 1)),
    ("range", "miou-least", Gt(t.miou(), 0)),
    ("range", "mpa-diagonal", t.eq(t.mpa(), 1 / t.K)),
    ("range", "fwiou-only", t.eq(t.C[t.a, t.a], S.Zero)),
    ("fwiou-sharp", "lower", Ge(t.fwiou(), t.pa())),
    ("fwiou-sharp", "lower", Gt(t.fwiou(), t.pa() ** 2)),
    ("fwiou-sharp", "upper", Le(t.fwiou(), t.pa() ** 2)),
    ("fwiou-sharp", "lower-only-precision", t.eq(t.C[t.a, t.a], t.pa() * t.row(t.a))),
    ("fwiou-sharp", "upper-attained", t.eq(t.fwiou(), t.pa() ** 2)),
    ("miou-le-mpa", "same-classes", Ge(t.miou(), t.mpa())),
    ("iou-le-recall-precision", "recall", Ge(t.iou(t.a), t.recall(t.a))),
    ("merge-classes", "pa", Le(t.pa(), t.pa(t.K + 1))),
    ("tp-form", "iou", t.eq(t.iou(t.a), t.dice(t.a))),
    ("mpa", "balanced", t.eq(t.mpa(), t.miou())),
    ("pa", "total", t.eq(t.total(), t.hits())),
    ("random-prediction", "expectation", t.eq(EXPECTED.lhs, EXPECTED.rhs * t.v)),
    ("dice-iou", "order", Ge(t.iou(t.a), t.dice(t.a))),
]


@pytest.mark.parametrize(
    ("slug", "name", "relation"), BROKEN, ids=[f"{s}/{n}-{k}" for k, (s, n, _) in enumerate(BROKEN)]
)
def test_a_broken_statement_is_rejected(slug: str, name: str, relation: object) -> None:
    intact = goal(slug, name)
    assert relation != intact.relation
    with pytest.raises(Undecided):
        prove(theory.claim(f"segmentation.{slug}"), replace(intact, relation=relation))


NEEDED = [
    ("range", "pa-most", t.COUNTS),
    ("range", "mpa-most", t.PRESENT),
    ("range", "miou-only", t.SEEN),
    ("range", "pa-only", t.PIXELS),
    ("fwiou-sharp", "lower", t.COUNTS),
    ("fwiou-sharp", "lower-only-recall", Lt(t.pa(), 1)),
    ("fwiou-sharp", "lower-only-recall", Gt(t.pa(), 0)),
    ("merge-classes", "pa", t.COUNTS),
]


@pytest.mark.parametrize(
    ("slug", "name", "dropped"), NEEDED, ids=[f"{s}/{n}-{k}" for k, (s, n, _) in enumerate(NEEDED)]
)
def test_a_hypothesis_carries_load(slug: str, name: str, dropped: object) -> None:
    intact = goal(slug, name)
    kept = tuple(h for h in intact.hypotheses if h != dropped)
    assert len(kept) == len(intact.hypotheses) - 1
    with pytest.raises(Undecided):
        prove(theory.claim(f"segmentation.{slug}"), replace(intact, hypotheses=kept))


# --- enumeration -------------------------------------------------------------------------------------------------

TWO = [m for c in itertools.product(range(3), repeat=4) if sum(c) and (m := (c[:2], c[2:]))]
THREE = [m for c in itertools.product(range(2), repeat=9) if sum(c) == 4 and (m := (c[:3], c[3:6], c[6:]))]
MATRICES: list[Matrix] = [*TWO, *THREE]


def value(expression: Expr, matrix: Matrix) -> Fraction | None:
    """What a formula of the theory says of a matrix."""
    return oracle.exact(expression, {t.K: len(matrix), t.C: lambda i, j: matrix[int(i)][int(j)]})


def pixels(matrix: Matrix) -> list[tuple[int, int]]:
    """True and predicted label of each pixel."""
    return [(i, j) for i, row in enumerate(matrix) for j, count in enumerate(row) for _ in range(count)]


def class_iou(matrix: Matrix, k: int) -> Fraction:
    labels = pixels(matrix)
    true, found = ({n for n, pair in enumerate(labels) if pair[side] == k} for side in (0, 1))
    return Fraction(len(true & found), len(true | found))


def accuracy(matrix: Matrix) -> Fraction:
    labels = pixels(matrix)
    return Fraction(sum(i == j for i, j in labels), len(labels))


def seen(matrix: Matrix) -> bool:
    return all(any(k in pair for pair in pixels(matrix)) for k in range(len(matrix)))


def present(matrix: Matrix) -> bool:
    return all(any(k == i for i, _ in pixels(matrix)) for k in range(len(matrix)))


def mean_iou(matrix: Matrix) -> Fraction:
    return Fraction(sum(class_iou(matrix, k) for k in range(len(matrix))), len(matrix))


def weighted_iou(matrix: Matrix) -> Fraction:
    labels = pixels(matrix)
    return Fraction(sum(class_iou(matrix, i) for i, _ in labels), len(labels))


def mean_recall(matrix: Matrix) -> Fraction:
    rows = [[j for i, j in pixels(matrix) if i == k] for k in range(len(matrix))]
    return Fraction(sum(Fraction(row.count(k), len(row)) for k, row in enumerate(rows)), len(matrix))


METRICS: Sequence[tuple[Expr, Callable[[Matrix], Fraction], Callable[[Matrix], bool]]] = [
    (t.pa(), accuracy, lambda m: True),
    (t.mpa(), mean_recall, present),
    (t.miou(), mean_iou, seen),
    (t.fwiou(), weighted_iou, seen),
]


@pytest.mark.parametrize(("formula", "counted", "defined"), METRICS, ids=["pa", "mpa", "miou", "fwiou"])
def test_a_metric_is_what_counting_pixels_gives(formula: Expr, counted: Callable, defined: Callable) -> None:
    matrices = [m for m in MATRICES if defined(m)]
    assert len(matrices) > 40
    for matrix in matrices:
        assert value(formula, matrix) == counted(matrix), matrix


@pytest.mark.parametrize(("formula", "counted", "defined"), METRICS, ids=["pa", "mpa", "miou", "fwiou"])
def test_a_metric_is_1_for_diagonal_matrices_alone(formula: Expr, counted: Callable, defined: Callable) -> None:
    for matrix in filter(defined, MATRICES):
        diagonal = all(i == j for i, j in pixels(matrix))
        assert 0 <= counted(matrix) <= 1
        assert (counted(matrix) == 1) == diagonal


def test_the_weighted_mean_lies_between_accuracy_and_its_square_and_reaches_both_as_claimed() -> None:
    reached = [0, 0]
    for matrix in filter(seen, MATRICES):
        pa, fwiou, classes = accuracy(matrix), weighted_iou(matrix), range(len(matrix))
        columns = [sum(row[k] for row in matrix) for k in classes]
        assert pa**2 <= fwiou <= pa
        clean = all(matrix[k][k] * (columns[k] - matrix[k][k]) == 0 for k in classes)
        assert (fwiou == pa) == clean
        if 0 < pa < 1:
            exact = all(
                matrix[k][k] == pa * columns[k] and (sum(matrix[k]) - matrix[k][k]) * columns[k] == 0 for k in classes
            )
            assert (fwiou == pa**2) == exact
            reached[1] += exact
        reached[0] += clean
    assert min(reached) > 0


def test_mean_iou_is_at_most_mean_recall_and_for_two_classes_at_most_accuracy() -> None:
    for matrix in filter(seen, MATRICES):
        if present(matrix):
            assert mean_iou(matrix) <= mean_recall(matrix)
        if len(matrix) == 2:
            assert mean_iou(matrix) <= accuracy(matrix) / (2 - accuracy(matrix)) <= accuracy(matrix)


def test_merging_the_last_two_classes_never_lowers_accuracy_and_moves_mean_iou_both_ways() -> None:
    moves = set()
    for matrix in filter(seen, THREE):
        renamed = [(min(i, 1), min(j, 1)) for i, j in pixels(matrix)]
        merged = tuple(tuple(renamed.count((i, j)) for j in range(2)) for i in range(2))
        assert accuracy(merged) >= accuracy(matrix)
        moves.add((mean_iou(merged) > mean_iou(matrix)) - (mean_iou(merged) < mean_iou(matrix)))
    assert moves == {-1, 0, 1}
