# SPDX-License-Identifier: BSD-3-Clause
"""Scores of a confusion matrix, from its exact integers.

A score of one class is one quotient of integers, rounded once. A mean is the correctly rounded sum of
such quotients divided by their number: three roundings of non-negative numbers, so that its relative error
is at most γ₃ = 3u/(1 − 3u), u = 2⁻⁵³, whatever the number of classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import fsum, isnan, nan
from typing import Any

import numpy as np

Counts = np.ndarray[Any, np.dtype[np.int64]]

ABSENT = ("skip", "zero", "one", "nan")
LARGEST = 2**63 - 1


def require_absent(name: str, absent: str) -> None:
    """``ValueError`` unless absent is one of the policies."""
    if absent not in ABSENT:
        raise ValueError(f"{name}: absent must be one of {', '.join(ABSENT)}, got {absent!r}")


def added(name: str, matrices: Iterable[Counts]) -> Counts:
    """Sum of count matrices of one shape; ``OverflowError`` instead of a total that int64 cannot hold."""
    total: Counts | None = None
    pixels = 0
    for matrix in matrices:
        pixels += sum(int(row) for row in matrix.sum(axis=-1, dtype=object).reshape(-1))
        if pixels > LARGEST:
            raise OverflowError(f"{name}: {pixels} counts in all, more than 2⁶³ − 1")
        total = matrix.copy() if total is None else total + matrix
    if total is None:
        raise ValueError(f"{name}: at least one confusion matrix is needed, got none")
    return total


def margins(counts: Counts) -> tuple[list[int], list[int], list[int]]:
    """Hits, true pixels and predicted pixels of each class, as Python integers."""
    hits: list[int] = np.diagonal(counts).tolist()
    return hits, counts.sum(axis=1).tolist(), counts.sum(axis=0).tolist()


def quotient(part: int, whole: int, absent: str) -> float:
    """``part / whole`` correctly rounded; 0/0 by the policy, NaN for ``skip``."""
    if whole:
        return part / whole
    return {"zero": 0.0, "one": 1.0}.get(absent, nan)


def mean(values: Sequence[float], absent: str) -> float:
    """The mean, of what is defined if undefined values are skipped; NaN of nothing."""
    kept = [v for v in values if not isnan(v)] if absent == "skip" else values
    return fsum(kept) / len(kept) if kept else nan


def pixel_accuracy(counts: Counts, absent: str) -> float:
    """Σᵢ pᵢᵢ / N."""
    hits, true, _ = margins(counts)
    return quotient(sum(hits), sum(true), absent)


def class_accuracies(counts: Counts, absent: str) -> list[float]:
    """pᵢᵢ / tᵢ."""
    hits, true, _ = margins(counts)
    return [quotient(p, t, absent) for p, t in zip(hits, true, strict=True)]


def ious(counts: Counts, absent: str) -> list[float]:
    """pᵢᵢ / (tᵢ + uᵢ − pᵢᵢ)."""
    return [quotient(p, t + u - p, absent) for p, t, u in zip(*margins(counts), strict=True)]


def dices(counts: Counts, absent: str) -> list[float]:
    """2 pᵢᵢ / (tᵢ + uᵢ)."""
    return [quotient(2 * p, t + u, absent) for p, t, u in zip(*margins(counts), strict=True)]


def fwiou(counts: Counts, absent: str) -> float:
    """Σᵢ tᵢ IoUᵢ / N; a class that is absent in truth has weight 0 and no say, whatever the policy."""
    hits, true, predicted = margins(counts)
    pixels = sum(true)
    if not pixels:
        return quotient(0, 0, absent)
    return fsum(t * p / (t + u - p) for p, t, u in zip(hits, true, predicted, strict=True) if t) / pixels
