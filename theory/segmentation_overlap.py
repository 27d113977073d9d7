# SPDX-License-Identifier: BSD-3-Clause
"""Overlap of masks: Dice and Jaccard, which of them is a metric, and what averages of them do."""

from __future__ import annotations

from sympy import Expr, Ge, Gt, IndexedBase, Le, Lt, Max, Rational, S, Sum

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .segmentation_terms import (
    CLASS_A,
    CLASSES,
    COUNTS,
    SEEN,
    C,
    K,
    a,
    b,
    column,
    dice,
    eq,
    i,
    iou,
    m,
    mean_dice,
    miou,
    n,
    over_classes,
    precision,
    recall,
    row,
    v,
    x,
    y,
)

GARCIA = Source("garcia2017", "evaluation metrics")
I = IndexedBase("I", real=True)


def dice_of(index: Expr) -> Expr:
    """Dice from IoU."""
    return 2 * index / (1 + index)


DICE_IOU = Claim(
    id="segmentation.dice-iou",
    title="Dice and IoU are one number in two units",
    prose=(
        "D = 2I/(1 + I) and I = D/(2 − D), so I ≤ D with equality at 0 and 1 alone; each is an increasing function of "
        "the other. Dice is F1 on pixels, the harmonic mean of precision and recall. For one mask or one class they "
        "rank predictions alike; their means do not (segmentation.dice-iou-ranking)."
    ),
    statement=(
        Sequent("dice", eq(dice(a), dice_of(iou(a))), (COUNTS, SEEN, *CLASS_A)),
        Sequent("iou", eq(iou(a), dice(a) / (2 - dice(a))), (COUNTS, SEEN, *CLASS_A)),
        Sequent("order", Le(iou(a), dice(a)), (COUNTS, SEEN, *CLASS_A)),
        Sequent("equal-at-ends", eq(dice_of(x), x), (eq(x * (1 - x), S.Zero),)),
        Sequent("equal-only", eq(x * (1 - x), S.Zero), (Ge(x, 0), eq(dice_of(x), x))),
        Sequent("increasing", Lt(dice_of(x), dice_of(y)), (Ge(x, 0), Lt(x, y))),
        Sequent(
            "f1",
            eq(dice(a), 2 * precision(a) * recall(a) / (precision(a) + recall(a))),
            (Gt(C[a, a], 0), Gt(row(a), 0), Gt(column(a), 0)),
        ),
    ),
    sources=(Source("dice1945"), GARCIA),
)

DICE_RANKING = Claim(
    id="segmentation.dice-iou-ranking",
    title="Mean Dice and mean IoU can rank two models differently",
    prose=(
        "For a single mask the two rank alike. For means over masks or classes they need not: IoUs 0 and 1 have the "
        "higher mean IoU than 0.45 twice, 0.5 against 0.45, and the lower mean Dice, 0.5 against 18/29."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "means",
            Sequent(
                "means",
                Gt((dice_of(I[0]) + dice_of(I[1])) / 2, (dice_of(I[2]) + dice_of(I[3])) / 2),
                (
                    Gt((I[0] + I[1]) / 2, (I[2] + I[3]) / 2),
                    *(r for k in range(4) for r in (Ge(I[k], 0), Le(I[k], 1))),
                ),
            ),
            ((I[0], S.Zero), (I[1], S.One), (I[2], Rational(9, 20)), (I[3], Rational(9, 20))),
        ),
        Sequent("one-mask", Gt(dice_of(x), dice_of(y)), (Ge(y, 0), Gt(x, y))),
    ),
    sources=(GARCIA,),
)

_mean = Sum(I[i], (i, 0, K - 1)) / K
_mean_dice = Sum(dice_of(I[i]), (i, 0, K - 1)) / K
FRACTIONS = (ForAll((i,), Ge(I[i], 0)), ForAll((i,), Le(I[i], 1)))

MEAN_DICE = Claim(
    id="segmentation.mean-dice-bounds",
    title="mIoU ≤ mDice ≤ 2 mIoU / (1 + mIoU)",
    prose=(
        "For any number of masks, images or classes. The left side is term by term; the right side is Jensen's "
        "inequality for the concave function 2x/(1 + x), by its tangent at the mean, with equality when all are equal. "
        "So a mean Dice cannot be read off a mean IoU: between 0.5 and 0.667 everything is possible at mIoU 0.5."
    ),
    statement=(
        Sequent("lower", Le(_mean, _mean_dice), (CLASSES, *FRACTIONS)),
        Sequent("upper", Le(_mean_dice, dice_of(_mean)), (CLASSES, FRACTIONS[0])),
        Sequent("equal", eq(_mean_dice, dice_of(_mean)), (CLASSES, Ge(x, 0), ForAll((i,), eq(I[i], x)))),
        Sequent("matrix-lower", Le(miou(), mean_dice()), (CLASSES, COUNTS, SEEN)),
        Sequent("matrix-upper", Le(mean_dice(), dice_of(miou())), (CLASSES, COUNTS, SEEN)),
    ),
    sources=(GARCIA,),
)

A, B, D = (IndexedBase(name, integer=True) for name in ("A", "B", "D"))


def common(f: IndexedBase, g: IndexedBase) -> Expr:
    """|F ∩ G| of two sets of points 0 … K−1, given by their indicators."""
    return Sum(f[i] * g[i], (i, 0, K - 1))


def joined(f: IndexedBase, g: IndexedBase) -> Expr:
    """|F ∪ G|."""
    return Sum(f[i] + g[i] - f[i] * g[i], (i, 0, K - 1))


def jaccard_distance(f: IndexedBase, g: IndexedBase) -> Expr:
    """1 − |F ∩ G|/|F ∪ G|, and 0 for two empty sets: what is not common over what there is, at least 1."""
    return (joined(f, g) - common(f, g)) / Max(1, joined(f, g))


def dice_distance(f: IndexedBase, g: IndexedBase) -> Expr:
    """1 − 2|F ∩ G|/(|F| + |G|)."""
    return 1 - 2 * common(f, g) / Sum(f[i] + g[i], (i, 0, K - 1))


def indicators(*sets: IndexedBase) -> tuple[ForAll, ...]:
    return tuple(h for f in sets for h in (ForAll((i,), Ge(f[i], 0)), ForAll((i,), Le(f[i], 1))))


JACCARD = Claim(
    id="segmentation.jaccard-metric",
    title="The Jaccard distance 1 − IoU is a metric on finite sets",
    prose=(
        "It is not negative, symmetric as written, zero for equal sets only, and satisfies the triangle inequality; "
        "two empty sets have distance 0. The proof counts the seven parts of three sets: over the common denominator "
        "the difference of the two sides of the triangle inequality is a polynomial in the seven counts without a "
        "negative coefficient. Sets are given by their indicators on points 0 … K−1."
    ),
    statement=(
        Sequent("definition", eq(jaccard_distance(A, B), 1 - common(A, B) / joined(A, B)), (Ge(joined(A, B), 1),)),
        Sequent("empty", eq(jaccard_distance(A, B), S.Zero), (*indicators(A, B), eq(joined(A, B), S.Zero))),
        Sequent("least", Ge(jaccard_distance(A, B), 0), indicators(A, B)),
        Sequent("most", Le(jaccard_distance(A, B), 1), indicators(A, B)),
        Sequent("itself", eq(jaccard_distance(A, A), S.Zero), indicators(A)),
        Sequent("separates", eq(A[a], B[a]), (*indicators(A, B), eq(jaccard_distance(A, B), S.Zero), *CLASS_A)),
        Sequent(
            "triangle",
            Le(jaccard_distance(A, D), jaccard_distance(A, B) + jaccard_distance(B, D)),
            indicators(A, B, D),
        ),
    ),
    sources=(Source("levandowsky1971"), Source("kosub2019")),
)

_SETS = ((A[0], 1), (A[1], 0), (B[0], 0), (B[1], 1), (D[0], 1), (D[1], 1), (K, 2))

DICE_METRIC = Claim(
    id="segmentation.dice-metric",
    title="The Dice distance is not a metric",
    prose=(
        "The triangle inequality fails: {1} and {2} have distance 1, and both have distance 1/3 from {1, 2}. Retrieval "
        "structures and clustering that rely on the triangle inequality may take 1 − IoU, not 1 − Dice."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "triangle",
            Sequent(
                "triangle",
                Le(dice_distance(A, B), dice_distance(A, D) + dice_distance(D, B)),
                tuple(r for f in (A, B, D) for k in (0, 1) for r in (Ge(f[k], 0), Le(f[k], 1))),
            ),
            tuple((k, S(value)) for k, value in _SETS),
        ),
    ),
    sources=(Source("kosub2019"),),
)

# --- averages over images ----------------------------------------------------------------------------------------

H, U = (IndexedBase(name, real=True) for name in ("H", "U"))
T = IndexedBase("T", real=True)
E = IndexedBase("E", real=True)
_POSITIVE = ForAll((n,), Gt(U[n], 0))


def quotients(first: int) -> Expr:
    """Mean of the intersections over unions of two images."""
    return (H[first] / U[first] + H[first + 1] / U[first + 1]) / 2


def pooled(first: int) -> Expr:
    """Intersection over union of two images taken together."""
    return (H[first] + H[first + 1]) / (U[first] + U[first + 1])


_IMAGES = tuple(r for k in range(4) for r in (Ge(H[k], 0), Le(H[k], U[k]), Gt(U[k], 0)))
_FLIP = tuple(
    (f[k], S(value)) for f, values in ((H, (1, 50, 0, 90)), (U, (1, 100, 2, 100))) for k, value in enumerate(values)
)

PER_IMAGE = Claim(
    id="segmentation.per-image-vs-dataset",
    title="The mean IoU of the images is not the IoU of the data set, and can rank the other way",
    prose=(
        "The IoU of all images together is the mean of the images' IoUs weighted by their unions; the plain mean gives "
        "a small object the weight of a large one. Intersections over unions 1/1 and 50/100 against 0/2 and 90/100: by "
        "image 3/4 against 9/20, pooled 51/101 against 15/17. A report must say which of the two it is."
    ),
    kind="refutation",
    statement=(
        Refutation("equal", Sequent("equal", eq(quotients(0), pooled(0)), _IMAGES), _FLIP),
        Refutation(
            "same-order",
            Sequent("same-order", Gt(pooled(0), pooled(2)), (Gt(quotients(0), quotients(2)), *_IMAGES)),
            _FLIP,
        ),
        Sequent(
            "weighted",
            eq(
                Sum(H[n], (n, 0, K - 1)) / Sum(U[n], (n, 0, K - 1)),
                Sum(U[n] / Sum(U[m], (m, 0, K - 1)) * (H[n] / U[n]), (n, 0, K - 1)),
            ),
            (CLASSES, _POSITIVE),
        ),
        Sequent(
            "equal-unions",
            eq(Sum(H[n], (n, 0, K - 1)) / Sum(U[n], (n, 0, K - 1)), Sum(H[n] / U[n], (n, 0, K - 1)) / K),
            (CLASSES, Gt(v, 0), ForAll((n,), eq(U[n], v))),
        ),
    ),
    sources=(GARCIA, Source("everingham2010")),
)


def batch(i: Expr, j: Expr) -> Expr:
    """The sum of the matrices E_0 … E_{b−1} of batches."""
    return Sum(E[n, i, j], (n, 0, b - 1))


_mean_pa = Sum(H[n] / U[n], (n, 0, b - 1)) / b
_pooled_pa = Sum(H[n], (n, 0, b - 1)) / Sum(U[n], (n, 0, b - 1))

BATCH_AVERAGE = Claim(
    id="segmentation.batch-average",
    title="Averaging over batches is not measuring the data set; adding confusion matrices is",
    prose=(
        "A mean of the batches' MIoU need not be the data set's, as a mean over images need not. Even PA averages "
        "exactly only for batches with equally many pixels: for them it always does; and if it does when all hits lie "
        "in one batch, whichever it is, every batch has the mean number of pixels. (For particular hits the two may "
        "agree by chance, so that equality on one data set proves nothing.) The sum of the matrices has the hits and "
        "the pixels of all batches, and is always safe. Here b batches have H_n hits among U_n pixels."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "pa",
            Sequent(
                "pa",
                eq(_mean_pa, _pooled_pa),
                (Ge(b, 1), *(r for k in (0, 1) for r in (Ge(H[k], 0), Le(H[k], U[k]), Gt(U[k], 0)))),
            ),
            ((b, S(2)), (H[0], S(1)), (U[0], S(1)), (H[1], S(0)), (U[1], S(2))),
        ),
        Sequent(
            "equal-batches",
            eq(_mean_pa, _pooled_pa),
            (Ge(b, 1), Gt(v, 0), ForAll((n,), eq(U[n], v))),
        ),
        Sequent(
            "only-equal-batches",
            eq(b * U[a], Sum(U[n], (n, 0, b - 1))),
            (
                Ge(b, 1),
                _POSITIVE,
                Ge(a, 0),
                Le(a, b - 1),
                Gt(H[a], 0),
                ForAll((n,), eq(H[n], S.Zero), (Ge(n, a + 1),)),
                ForAll((n,), eq(H[n], S.Zero), (Le(n, a - 1),)),
                eq(_mean_pa, _pooled_pa),
            ),
        ),
        Refutation(
            "equal-only-for-equal-batches",
            Sequent(
                "equal-only-for-equal-batches",
                eq(U[0], U[1]),
                (eq((H[0] / U[0] + H[1] / U[1]) / 2, (H[0] + H[1]) / (U[0] + U[1])),),
            ),
            ((H[0], S(1)), (U[0], S(1)), (H[1], S(2)), (U[1], S(2))),
        ),
        Refutation(
            "miou",
            Sequent(
                "miou",
                eq(
                    (miou(S(2), lambda i, j: E[0, i, j]) + miou(S(2), lambda i, j: E[1, i, j])) / 2,
                    miou(S(2), lambda i, j: E[0, i, j] + E[1, i, j]),
                ),
            ),
            tuple(
                (E[k, r, c], S(value))
                for k, rows in enumerate((((1, 1), (0, 0)), ((1, 0), (0, 1))))
                for r, line in enumerate(rows)
                for c, value in enumerate(line)
            ),
        ),
        Sequent(
            "sum-hits",
            eq(
                over_classes(lambda i: batch(i, i)),
                Sum(over_classes(lambda i: E[n, i, i]), (n, 0, b - 1)),
            ),
        ),
        Sequent(
            "sum-pixels",
            eq(
                over_classes(lambda i: Sum(batch(i, m), (m, 0, K - 1))),
                Sum(over_classes(lambda i: Sum(E[n, i, m], (m, 0, K - 1))), (n, 0, b - 1)),
            ),
        ),
    ),
    sources=(GARCIA,),
)

CLAIMS = (
    DICE_IOU,
    DICE_RANKING,
    MEAN_DICE,
    JACCARD,
    DICE_METRIC,
    PER_IMAGE,
    BATCH_AVERAGE,
)
