# SPDX-License-Identifier: BSD-3-Clause
"""Labels to measure: a confusion matrix is drawn first, and pixels that have it are made from it.

So the matrix is known by construction, and what a metric must give for it is the theory's formula at its
entries, in exact rational numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from sympy import Expr

from ..theory import balls, oracle
from ..theory import segmentation_terms as terms
from .call import Array, Kind
from .floats import gamma, half_digits, unit_roundoff
from .regimes import SEEDS
from .verdict import Expectation

Matrix = npt.NDArray[np.int64]
Rng = np.random.Generator
Draw = st.SearchStrategy[Any]
Absent = Literal["skip", "zero", "one", "nan"]
Exact = Fraction | None  # None: not a number

ABSENT: tuple[Absent, ...] = ("skip", "zero", "one", "nan")
BEYOND = 255  # an ignored label that is no class and fits every integer dtype but int8

# Matrices -------------------------------------------------------------------------------------------


def _counts(rng: Rng, classes: int, most: int = 6) -> Matrix:
    return rng.integers(0, most, (classes, classes))


def _every_class(rng: Rng) -> Matrix:
    """Every class occurs and is predicted, off the diagonal as well."""
    return _counts(rng, int(rng.integers(2, 6))) + 1


def _triangular(rng: Rng) -> Matrix:
    """As far from symmetric as can be: rows and columns cannot be exchanged."""
    classes = int(rng.integers(2, 6))
    return np.triu(_counts(rng, classes) + 1)


def _never_predicted(rng: Rng) -> Matrix:
    matrix = _every_class(rng)
    matrix[:, int(rng.integers(len(matrix)))] = 0
    return matrix


def _only_predicted(rng: Rng) -> Matrix:
    """A class that no truth has and some prediction does."""
    matrix = _every_class(rng)
    matrix[int(rng.integers(len(matrix))), :] = 0
    return matrix


def _absent(rng: Rng) -> Matrix:
    """A class that occurs nowhere, often the last or the first."""
    matrix = np.pad(_every_class(rng), ((0, 1), (0, 1)))
    order = rng.permutation(len(matrix)) if rng.random() < 0.5 else np.arange(len(matrix))
    return matrix[np.ix_(order, order)]


def _diagonal(rng: Rng) -> Matrix:
    return np.diag(rng.integers(1, 9, int(rng.integers(1, 6))))


def _no_hits(rng: Rng) -> Matrix:
    matrix = _every_class(rng)
    np.fill_diagonal(matrix, 0)
    return matrix


def _background(rng: Rng) -> Matrix:
    """Everything is predicted as class 0, and every class occurs."""
    classes = int(rng.integers(2, 6))
    matrix = np.zeros((classes, classes), dtype=np.int64)
    matrix[:, 0] = rng.integers(1, 9, classes)
    return matrix


def _dominant(rng: Rng) -> Matrix:
    """One pair of labels more often than 8-bit integers and 16-bit floats count to."""
    matrix = _every_class(rng)
    matrix[tuple(rng.integers(0, len(matrix), 2))] = 2051
    return matrix


def _many_classes(rng: Rng) -> Matrix:
    """More classes than 16, so that the number of a pair of labels does not fit a byte."""
    classes = int(rng.integers(17, 24))
    matrix = np.diag(rng.integers(0, 3, classes))
    matrix[rng.integers(0, classes, 20), rng.integers(0, classes, 20)] += 1
    return matrix


def _one_class(rng: Rng) -> Matrix:
    return np.array([[int(rng.integers(1, 9))]])


def _independent(rng: Rng) -> Matrix:
    """Predictions independent of the truth: t uᵀ."""
    classes = int(rng.integers(2, 5))
    return np.outer(rng.integers(1, 6, classes), rng.integers(1, 6, classes))


def _empty(rng: Rng) -> Matrix:
    return np.zeros((3, 3), dtype=np.int64)


MATRICES: dict[str, Callable[[Rng], Matrix]] = {
    "every class": _every_class,
    "triangular": _triangular,
    "never predicted": _never_predicted,
    "only predicted": _only_predicted,
    "absent": _absent,
    "diagonal": _diagonal,
    "no hits": _no_hits,
    "background": _background,
    "dominant": _dominant,
    "many classes": _many_classes,
    "one class": _one_class,
    "independent": _independent,
    "empty": _empty,
}

ORDINARY = tuple(name for name in MATRICES if name not in ("dominant", "empty", "many classes"))  # few pixels

# Pixels ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Labelled:
    """Pixels with a known confusion matrix; some may have the target ``ignored`` and are not in it."""

    matrix: Matrix
    pred: Matrix
    target: Matrix
    kind: Kind
    ignored: int | None = None
    absent: Absent = "skip"

    @property
    def classes(self) -> int:
        return len(self.matrix)

    def arrays(self) -> tuple[Array, Array]:
        """Prediction and target as arguments of a call."""
        return Array(self.pred, self.kind), Array(self.target, self.kind)


def pixels(matrix: Matrix, rng: Rng) -> tuple[Matrix, Matrix]:
    """Flat predictions and targets with that confusion matrix, in random order."""
    pairs = np.repeat(np.arange(matrix.size), matrix.reshape(-1))
    target, pred = np.divmod(rng.permutation(pairs), len(matrix))
    return pred, target


def labelled(
    seed: int, regime: str, kind: Kind = "integer", ignored: str = "none", absent: Absent = "skip"
) -> Labelled:
    """The pixels of a seed and a regime, in one, two or three axes.

    ``ignored`` is ``none``, ``beyond`` (a label that is no class) or ``class`` (class 0 of the truth is left out).
    """
    rng = np.random.default_rng(seed)
    matrix = MATRICES[regime](rng)
    pred, target = pixels(matrix, rng)
    label = None
    if ignored == "beyond":
        label = BEYOND if kind == "byte" or rng.random() < 0.5 else -100
        extra = int(rng.integers(1, 9))
        pred = np.concatenate([pred, rng.integers(0, len(matrix), extra)])
        target = np.concatenate([target, np.full(extra, label)])
        order = rng.permutation(len(pred))
        pred, target = pred[order], target[order]
    elif ignored == "class":
        label = 0
        matrix = matrix.copy()
        matrix[0] = 0
    shape = _shape(len(pred), rng)
    return Labelled(matrix, pred.reshape(shape), target.reshape(shape), kind, label, absent)


def _shape(count: int, rng: Rng) -> tuple[int, ...]:
    """Some way to lay out that many pixels."""
    rows = int(rng.choice([d for d in (1, 2, 3, 4) if count % d == 0]))
    return [(count,), (rows, count // rows), (1, rows, count // rows)][int(rng.integers(3))]


KINDS: tuple[Kind, ...] = ("integer", "byte")


def drawn(
    regimes: Sequence[str] = tuple(MATRICES),
    ignored: Sequence[str] = ("none",),
    absent: Sequence[Absent] = ("skip",),
    kinds: Sequence[Kind] = KINDS,
) -> Draw:
    """Labelled pixels of one of these regimes."""
    parts = (SEEDS, *(st.sampled_from(tuple(p)) for p in (regimes, kinds, ignored, absent)))
    return st.tuples(*parts).map(lambda values: labelled(*values))


# What the theory says --------------------------------------------------------------------------------


def at_classes(formula: Expr, matrix: Matrix, classes: Sequence[int]) -> list[Fraction]:
    """A formula in class i, such as ``terms.iou(terms.i)``, at these classes of the matrix."""
    _now.rows = matrix.tolist()
    run = _compiled(formula)
    return [_fraction(run.values([i, len(matrix)], 64)[0]) for i in classes]


_now = threading.local()  # the matrix that compiled formulas look at: compiling takes longer than evaluating


@cache
def _compiled(formula: Expr) -> oracle.Compiled:
    return oracle.compile([formula], [terms.i, terms.K], values={terms.C: lambda i, j: _now.rows[i][j]})


def of_matrix(formula: Expr, matrix: Matrix) -> Fraction:
    """A formula of a whole matrix, such as ``terms.pa()``."""
    return at_classes(formula, matrix, [0])[0]


def _fraction(value: Any) -> Fraction:
    return balls.to_fraction(value)


def per_class(formula: Expr, defined: Expr, matrix: Matrix, absent: Absent) -> list[Exact]:
    """The formula at every class, by the policy where ``defined``, the denominator, is 0."""
    classes = range(len(matrix))
    there = [value > 0 for value in at_classes(defined, matrix, classes)]
    known = iter(at_classes(formula, matrix, [i for i in classes if there[i]]))
    instead = {"zero": Fraction(0), "one": Fraction(1)}.get(absent)
    return [next(known) if t else instead for t in there]


def mean(values: Sequence[Exact], absent: Absent) -> Exact:
    """The mean, of what is defined if undefined values are skipped."""
    defined = [v for v in values if v is not None]
    if not defined or (absent != "skip" and len(defined) < len(values)):
        return None
    return sum(defined, Fraction(0)) / len(defined)


def score(name: str, matrix: Matrix, absent: Absent) -> list[Exact]:
    """What a contract must return for a confusion matrix, in exact numbers."""
    i = terms.i
    if name == "mean_class_accuracy":
        return [mean(per_class(terms.recall(i), terms.row(i), matrix, absent), absent)]
    if name in ("iou", "miou", "miou_dataset"):
        ious = per_class(terms.iou(i), terms.union(i), matrix, absent)
        return ious if name == "iou" else [mean(ious, absent)]
    if name == "dice":
        return [per_class(terms.dice(i), terms.row(i) + terms.column(i), matrix, absent)[1]]
    if not matrix.any():  # no pixel
        return [{"zero": Fraction(0), "one": Fraction(1)}.get(absent)]
    if name == "pixel_accuracy":
        return [of_matrix(terms.pa(), matrix)]
    seen = [c for c in range(len(matrix)) if matrix[c].any() or matrix[:, c].any()]
    return [of_matrix(terms.fwiou(), matrix[np.ix_(seen, seen)])]  # 0/0 of a class without pixels has weight 0


def rounded(values: Sequence[Exact], dtype: str, classes: int) -> Expectation:
    """Scores to be met up to rounding.

    A quotient of exact integers has one rounding, a term tᵢ IoUᵢ / N three, a sum of K terms K − 1, the
    division by their number one, and all terms are non-negative: γ of K + 4 times the value. Where counts
    below 2²⁴ are converted to floats first, that is exact. More than half of the digits of 1 off is wrong.
    """
    high = np.array([np.nan if v is None else float(v) for v in values])
    low = np.array([0.0 if v is None else float(v - Fraction(float(v))) for v in values])
    size = np.nan_to_num(np.abs(high))
    wrong = np.full(high.shape, half_digits(dtype))
    return Expectation(high, low, np.abs(low) * unit_roundoff("float64"), gamma(classes + 4, dtype) * size, wrong)
