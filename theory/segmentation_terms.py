# SPDX-License-Identifier: BSD-3-Clause
"""Metrics of semantic segmentation: notation and formulas, for every number of classes.

A confusion matrix C has one row for each true class and one column for each predicted class, i, j = 0 … K−1:
C_ij counts (or weighs) the pixels of true class i that were predicted as j, C_ij ≥ 0. Its row sums t_i are the
pixels of class i, its column sums u_i those predicted as i, N is the number of all. Entries outside 0 … K−1
do not occur in any formula.

Main definitions: ``row``, ``column``, ``total``, ``hits``, ``union``; the metrics ``pa``, ``mpa``, ``miou``,
``fwiou``; ``iou``, ``recall``, ``precision``, ``dice`` of one class. Each takes the entries as a function, so that
the transposed, relabelled or merged matrix is measured by the same formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sympy import Abs, Eq, Expr, Ge, Gt, IndexedBase, Le, Max, S, Sum, Symbol, symbols
from sympy.core.relational import Relational

from .claim import ForAll

Entry = Callable[[Expr, Expr], Expr]

K, i, j, m, n, a, b = symbols("K i j m n a b", integer=True)
P, Q = symbols("P Q", integer=True)
q, v, w, x, y, z = symbols("q v w x y z", real=True)
C = IndexedBase("C", real=True)


def cell(i: Expr, j: Expr) -> Expr:
    """C_ij."""
    return C[i, j]


def eq(left: Expr, right: Expr) -> Relational:
    return Eq(left, right, evaluate=False)


def row(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    """t_i: all pixels of true class i."""
    return Sum(entry(i, m), (m, 0, size - 1))


def column(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    """u_i: all pixels predicted as class i."""
    return Sum(entry(m, i), (m, 0, size - 1))


def over_classes(term: Callable[[Expr], Expr], size: Expr = K) -> Expr:
    """Σ_i of a term of the class."""
    return Sum(term(i), (i, 0, size - 1))


def total(size: Expr = K, entry: Entry = cell) -> Expr:
    """N: all pixels."""
    return over_classes(lambda i: row(i, size, entry), size)


def hits(size: Expr = K, entry: Entry = cell) -> Expr:
    """Σ_i C_ii: the pixels that are right."""
    return over_classes(lambda i: entry(i, i), size)


def union(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    """Pixels that are of class i or predicted as i."""
    return row(i, size, entry) + column(i, size, entry) - entry(i, i)


def recall(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    return entry(i, i) / row(i, size, entry)


def precision(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    return entry(i, i) / column(i, size, entry)


def iou(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    """Intersection over union, also called Jaccard index."""
    return entry(i, i) / union(i, size, entry)


def dice(i: Expr, size: Expr = K, entry: Entry = cell) -> Expr:
    """2 C_ii / (t_i + u_i)."""
    return 2 * entry(i, i) / (row(i, size, entry) + column(i, size, entry))


def pa(size: Expr = K, entry: Entry = cell) -> Expr:
    """Pixel accuracy."""
    return hits(size, entry) / total(size, entry)


def mpa(size: Expr = K, entry: Entry = cell) -> Expr:
    """Mean class accuracy."""
    return over_classes(lambda i: recall(i, size, entry), size) / size


def miou(size: Expr = K, entry: Entry = cell) -> Expr:
    """Mean intersection over union."""
    return over_classes(lambda i: iou(i, size, entry), size) / size


def fwiou(size: Expr = K, entry: Entry = cell) -> Expr:
    """Intersection over union, weighted by how frequent the classes are."""
    return over_classes(lambda i: row(i, size, entry) * iou(i, size, entry), size) / total(size, entry)


def mean_dice(size: Expr = K, entry: Entry = cell) -> Expr:
    return over_classes(lambda i: dice(i, size, entry), size) / size


# --- other matrices ----------------------------------------------------------------------------------------------


def transposed(i: Expr, j: Expr) -> Expr:
    """Truth and prediction exchanged."""
    return C[j, i]


def indicator(i: Expr, j: Expr) -> Expr:
    """1 if two integers are equal, else 0."""
    return Max(0, 1 - Abs(i - j))


# --- hypotheses --------------------------------------------------------------------------------------------------

CLASSES = Ge(K, 1)
COUNTS = ForAll((i, j), Ge(C[i, j], 0))
PIXELS = Gt(total(), 0)
PRESENT = ForAll((i,), Gt(row(i), 0))
PREDICTED = ForAll((i,), Gt(column(i), 0))
SEEN = ForAll((i,), Gt(union(i), 0))
CLASS_A = (Ge(a, 0), Le(a, K - 1))
CLASS_B = (Ge(b, 0), Le(b, K - 1))


def counts(size: int) -> Relational:
    """No entry of the matrix is negative, as one equation: the sum of absolute values is the sum."""
    return eq(total(S(size), lambda i, j: Abs(C[i, j])), total(S(size)))


Point = tuple[tuple[Expr, Expr], ...]


def matrix(rows: Sequence[Sequence[int]]) -> Point:
    """A confusion matrix as an assignment of its entries."""
    return tuple((C[r, c], S(value)) for r, line in enumerate(rows) for c, value in enumerate(line))


def entries(rows: Sequence[Sequence[int]]) -> tuple[Relational, ...]:
    """A confusion matrix as hypotheses."""
    return tuple(eq(cell, value) for cell, value in matrix(rows))


def point(values: Mapping[Symbol, Expr]) -> Point:
    return tuple(values.items())
