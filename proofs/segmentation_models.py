# SPDX-License-Identifier: BSD-3-Clause
"""Confusion matrices that satisfy hypotheses which random ones do not: diagonal, balanced, transposed, tight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..theory import segmentation_changes as changes
from ..theory import segmentation_matrix as matrix
from ..theory import segmentation_overlap as overlap
from ..theory import segmentation_relations as relations
from ..theory import segmentation_terms as t

Entries = Callable[[int, int], int]
K = 3


def plain(i: int, j: int) -> int:
    return (5 * i + 3 * j + i * j) % 7 + 1


def circulant(i: int, j: int) -> int:
    """Symmetric; every row adds up to 6."""
    return (i + j) % K + 1


def diagonal(i: int, j: int) -> int:
    return i % 4 + 1 if i == j else 0


def row(f: Entries, i: int) -> int:
    return sum(f(i, m) for m in range(K))


def column(f: Entries, i: int) -> int:
    return sum(f(m, i) for m in range(K))


def table(*rows: Sequence[int]) -> Entries:
    """A matrix of K rows; other rows have a pixel in each class, other columns none."""

    def entry(i: int, j: int) -> int:
        if 0 <= j < K:
            return rows[i][j] if 0 <= i < K else 1
        return 0

    return entry


def model(f: Entries, **more: Any) -> dict[Any, Any]:
    named = {
        "a": t.a, "b": t.b, "i": t.i, "j": t.j, "P": t.P, "Q": t.Q, "q": t.q, "v": t.v, "x": t.x, "M": relations.M,
        "R": matrix.R, "I": changes.I, "T": changes.T, "s": changes.s, "r": changes.r, "t": changes.t, "u": changes.u,
        "Y": matrix.Y, "Z": matrix.Z, "p": changes.chance,
        "A": overlap.A, "B": overlap.B, "D": overlap.D, "H": overlap.H, "U": overlap.U,
    }  # fmt: skip
    return {t.K: K, t.C: f, **{named[k]: value for k, value in more.items()}}


def _iou(f: Entries, i: int) -> Fraction:
    return Fraction(f(i, i), row(f, i) + column(f, i) - f(i, i))


def _cut(i: int, j: int) -> int:
    """Class K has no pixels and is not predicted."""
    return 0 if K in (i, j) else plain(i, j)


_FILLED = table((4, 1, 2), (1, 3, 1), (0, 2, 5))
_TURNED = {"T": lambda i, j: plain(j, i), "a": 1}
_DIAGONAL = table((2, 0, 0), (0, 3, 0), (0, 0, 1))

MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "segmentation.confusion": [
        model(plain, a=1, b=2, i=1, j=2, P=5, Q=2, Y=lambda n: n % 3, Z=lambda n: (n * n + 1) % 3),
        model(plain, a=2, b=0, i=2, j=0, P=4, Q=3, Y=lambda n: (n + 1) % 3, Z=lambda n: n % 2),
    ],
    "segmentation.pa": [
        model(plain, R=lambda i: Fraction(plain(i, i), row(plain, i))),
        model(plain, R=lambda i: Fraction(plain(i, i), column(plain, i))),
    ],
    "segmentation.mpa": [model(circulant, v=6)],
    "segmentation.fwiou": [model(circulant, v=6)],
    "segmentation.symmetry": [model(plain, **_TURNED)],
    "segmentation.cpa-label": [model(plain, **_TURNED), model(circulant, a=0)],
    "segmentation.relabel-invariance": [model(plain, s=lambda i: (i + 1) % K, r=lambda i: (i + 2) % K)],
    "segmentation.random-prediction": [
        model(plain, v=6, a=1, b=2, P=4, t=lambda i: i % 3 + 1, u=lambda i: (2 * i + 1) % 3 + 1, Y=lambda n: n % 3),
        *(
            model(plain, v=6, a=1, b=b, P=4, Q=6, p=lambda i: Fraction(1, 6), u=lambda i: (3, 2, 1)[i % 3],
                  Y=lambda n: n % 3, Z=lambda i, n: (0, 0, 0, 1, 1, 2)[(i + n) % 6])
            for b in range(3)
        ),
    ],
    "segmentation.mpa-balanced-accuracy": [model(plain, t=lambda i: i % 3 + 1, u=lambda i: Fraction(i % 3 + 1, 6))],
    "segmentation.absent-classes": [
        model(_cut, a=1, q=Fraction(1, 2), I=lambda i: _iou(_cut, i) if i != K else Fraction(1, 2)),
        model(table((1, 2, 1), (0, 0, 0), (1, 1, 2)), a=1),
    ],
    "segmentation.range": [model(_DIAGONAL, a=0, b=1), model(_DIAGONAL, a=2, b=1), model(_FILLED)],
    "segmentation.background": [model(lambda i, j: i % 5 + 1 if j <= 0 else 0)],
    "segmentation.miou-le-mpa": [
        {**model(table((3, 1, 2), (1, 2, 1), (1, 0, 0)), M=3), t.K: 2},
        model(_FILLED, M=3),
    ],
    "segmentation.fwiou-sharp": [
        model(table((0, 1, 0), (1, 0, 0), (0, 0, 1)), a=1),
        model(table((3, 0, 0), (1, 0, 0), (2, 0, 0)), a=0, R=lambda i: Fraction(1, 2)),
        model(_FILLED, a=2),
    ],
    "segmentation.fwiou-fixes-imbalance": [model(_FILLED, q=Fraction(1, 4)), model(_FILLED, q=Fraction(9, 10))],
    "segmentation.binary-miou": [model(_FILLED, q=Fraction(1, 4))],
    "segmentation.mpa-improves-pa": [
        model(plain, a=1, b=2, q=Fraction(1, 3), R=lambda i: Fraction(plain(i, i), row(plain, i))),
    ],
    "segmentation.dice-iou": [model(_FILLED, a=1, x=0), model(_FILLED, a=2, x=1)],
    "segmentation.mean-dice-bounds": [
        model(_FILLED, I=lambda i: Fraction(i % 4, 4)),
        model(_FILLED, x=Fraction(1, 3), I=lambda i: Fraction(1, 3)),
    ],
    "segmentation.jaccard-metric": [
        model(plain, a=1, A=lambda i: i % 2, B=lambda i: (i // 2) % 2, D=lambda i: int(i % 3 == 0)),
        model(plain, a=1, A=lambda i: i % 2, B=lambda i: i % 2, D=lambda i: 1),
        model(plain, a=1, A=lambda i: 0, B=lambda i: 0, D=lambda i: 1),
    ],
    "segmentation.per-image-vs-dataset": [model(plain, v=3, H=lambda n: n % 3 + 1, U=lambda n: 3)],
    "segmentation.batch-average": [
        model(plain, b=3, v=3, a=1, H=lambda n: n % 3 + 1, U=lambda n: 3),
        model(plain, b=3, v=3, a=1, H=lambda n: 2 if n == 1 else 0, U=lambda n: 3),
    ],
}  # fmt: skip
