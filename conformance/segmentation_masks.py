# SPDX-License-Identifier: BSD-3-Clause
"""Laws of overlap: Dice and IoU of pairs of masks, their means, and which of them is a metric."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from ..theory import segmentation_overlap as overlap
from ..theory import segmentation_terms as terms
from .floats import gamma, half_digits
from .regimes import SEEDS
from .segmentation_cases import Labelled, Matrix, at_classes
from .segmentation_scores import code, compared, flat, law, made, run, width
from .subject import Output, Subject
from .verdict import Comparison, agreeing, exactly


def _mask_pairs(seed: int, count: int) -> list[Matrix]:
    """Confusion matrices of pairs of masks that are not both empty."""
    rng = np.random.default_rng(seed)
    found = [rng.integers(0, 6, (2, 2)) for _ in range(count)]
    for matrix in found:
        matrix[1, 0] += not (matrix.sum() - matrix[0, 0])
    return found


def _dice_and_iou(subject: Subject, seed: int) -> Iterator[Comparison]:
    """2I/(1 + I) has derivative at most 2, so that it moves by at most twice the bound of I; two roundings more."""
    (matrix,) = _mask_pairs(seed, 1)
    labels = made(matrix, seed)
    coefficient, index = run(subject, "dice", labels), run(subject, "iou", labels)
    overlap_ = flat(index)[1:]
    bound = width(coefficient, 2) + 2 * width(index, 2) + gamma(3, "float64")
    wrong = half_digits(coefficient.dtypes[0]) + 2 * half_digits(index.dtypes[0])
    second = f"{code(index)}[1:]"
    expected = agreeing(2 * overlap_ / (1 + overlap_), bound, wrong)
    written = f"2 * {second} / (1 + {second})"
    yield Comparison(flat(coefficient), expected, code(coefficient), "Dice against 2 IoU / (1 + IoU)", written)


def _mean_dice(subject: Subject, case: tuple[int, int]) -> Iterator[Comparison]:
    """The mean of Dice over masks lies between the mean IoU m and 2m/(1 + m), both exact: the bound of a mean of n
    values is that of one value plus n roundings."""
    seed, count = case
    found = _mask_pairs(seed, count)
    outputs = [run(subject, "dice", made(m, seed)) for m in found]
    index = [at_classes(terms.iou(terms.i), m, [1])[0] for m in found]
    average = sum(index, Fraction(0)) / count
    got = np.mean([flat(o) for o in outputs], axis=0)
    written = f"np.mean([{', '.join(code(o) for o in outputs)}], axis=0)"
    bound = width(outputs[0], 2) + gamma(count + 1, "float64")
    wrong = half_digits(outputs[0].dtypes[0])
    low, high = float(average), float(2 * average / (1 + average))
    for excess, text, label in (
        (low - got, f"np.maximum({low} - {written}, 0)", "the mean of Dice below the mean of IoU"),
        (got - high, f"np.maximum({written} - {high}, 0)", "the mean of Dice above 2m/(1 + m)"),
    ):
        yield Comparison(np.maximum(excess, 0), agreeing([0.0], bound, wrong), text, label)


def _ranking(subject: Subject, case: None) -> Iterator[Comparison]:
    """Two masks with IoU 0 and 1 against two with 9/20: the means of Dice are 1/2 and 18/29, from the theory; the mean
    of two values has the bound of one and two roundings."""
    values = [value for _, value in overlap.DICE_RANKING.refutations()[0].witness]
    outputs = []
    for value in values:
        part, whole = int(value.p), int(value.q)
        outputs.append(run(subject, "dice", made(np.array([[0, whole - part], [0, part]]))))
    for first in (0, 2):
        pair = outputs[first : first + 2]
        exact = sum((Fraction(2 * int(v.p), int(v.q) + int(v.p)) for v in values[first : first + 2]), Fraction(0)) / 2
        got = (flat(pair[0]) + flat(pair[1])) / 2
        bound = width(pair[0], 2) + gamma(2, "float64")
        expected = agreeing([float(exact)], bound, half_digits(pair[0].dtypes[0]))
        yield Comparison(got, expected, f"({code(pair[0])} + {code(pair[1])}) / 2", "the mean of Dice over two masks")


def _three_masks(seed: int) -> list[Matrix]:
    """Three masks of which no two are empty."""
    rng = np.random.default_rng(seed)
    masks = rng.integers(0, 2, (3, int(rng.integers(2, 9))))
    masks[:, 0] |= masks.sum(axis=1) == 0
    return list(masks)


def _distance(subject: Subject, first: Matrix, second: Matrix) -> Output:
    matrix = np.array([[np.sum((first == i) & (second == j)) for j in (0, 1)] for i in (0, 1)])
    return run(subject, "iou", Labelled(matrix, second, first, "integer"))


def _jaccard(subject: Subject, seed: int) -> Iterator[Comparison]:
    """1 − IoU satisfies the triangle inequality; three values of at most 1 with their bounds, and three roundings."""
    one, two, three = _three_masks(seed)
    sides_ = [_distance(subject, *pair) for pair in ((one, two), (two, three), (one, three))]
    short, other, long = (1 - flat(side)[1:] for side in sides_)
    bound = sum(width(side, 2) for side in sides_) + gamma(3, "float64")
    wrong = sum(half_digits(side.dtypes[0]) for side in sides_)
    a, b, c = (f"(1 - {code(side)}[1:])" for side in sides_)
    excess = np.maximum(long - short - other, 0)
    written = f"np.maximum({c} - {a} - {b}, 0)"
    yield Comparison(excess, agreeing([0.0], bound, wrong), written, "the triangle inequality of 1 − IoU")
    itself = _distance(subject, one, one)
    yield Comparison(flat(itself)[1:], exactly([1.0]), f"{code(itself)}[1:]", "IoU of a mask with itself")


def _dice_witness(subject: Subject, case: None) -> Iterator[Comparison]:
    """{1}, {2} and {1, 2}: the Dice of the first two is 0, of each with the third 2/3: γ of K + 4."""
    for matrix in ([[0, 1], [1, 0]], [[0, 1], [0, 1]], [[0, 0], [1, 1]]):
        labels = made(np.array(matrix))
        yield compared(subject, "dice", run(subject, "dice", labels), labels, "Dice of {1}, {2}, {1, 2}")


LAWS = (
    law("dice+iou", "iou", "dice-iou", "Dice is 2 IoU / (1 + IoU).", lambda subject: SEEDS, _dice_and_iou),
    law(
        "dice",
        "means",
        "mean-dice-bounds",
        "mIoU ≤ mDice ≤ 2 mIoU / (1 + mIoU).",
        lambda subject: st.tuples(SEEDS, st.integers(1, 4)),
        _mean_dice,
    ),
    law("dice", "ranking", "dice-iou-ranking", "Mean Dice of the witness.", lambda subject: st.none(), _ranking, 1),
    law("dice", "metric", "dice-metric", "Dice at the witness.", lambda subject: st.none(), _dice_witness, 1),
    law("iou", "triangle", "jaccard-metric", "1 − IoU is a metric.", lambda subject: SEEDS, _jaccard, 30),
)
