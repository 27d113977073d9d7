# SPDX-License-Identifier: BSD-3-Clause
"""How the metrics of one confusion matrix lie to each other, and orders between them that do not exist."""

from __future__ import annotations

from sympy import Expr, Ge, Gt, Le, Lt, Ne, Rational, S, Sum, Symbol

from .claim import Claim, ForAll, Refutation, Sequent
from .segmentation_bounds import GARCIA, R
from .segmentation_matrix import RECALLS
from .segmentation_terms import (
    CLASS_A,
    CLASS_B,
    CLASSES,
    COUNTS,
    PIXELS,
    PREDICTED,
    PRESENT,
    SEEN,
    C,
    K,
    a,
    b,
    column,
    counts,
    eq,
    fwiou,
    hits,
    i,
    indicator,
    iou,
    j,
    matrix,
    miou,
    mpa,
    over_classes,
    pa,
    precision,
    q,
    recall,
    row,
    total,
    union,
)

M = Symbol("M", integer=True)

ALL_BACKGROUND = ForAll((i, j), eq(C[i, j], S.Zero), (Ge(j, 1),))
EVERY_CLASS = ForAll((i,), Gt(C[i, 0], 0))

BACKGROUND = Claim(
    id="segmentation.background",
    title="What predicting nothing but background earns",
    prose=(
        "Let a fraction b of the pixels be background, class 0, and let all K classes occur. The prediction that "
        "calls every pixel background has PA = b, MPA = 1/K, MIoU = b/K and FWIoU = b². With 95 % background and 20 "
        "classes that is 0.95, 0.05, 0.0475 and 0.9025: two of the four metrics call it good."
    ),
    hypotheses=(CLASSES, ALL_BACKGROUND),
    statement=(
        Sequent("pa", eq(pa(), C[0, 0] / total()), (PIXELS,)),
        Sequent("mpa", eq(mpa(), 1 / K), (EVERY_CLASS,)),
        Sequent("miou", eq(miou(), C[0, 0] / total() / K), (EVERY_CLASS,)),
        Sequent("fwiou", eq(fwiou(), (C[0, 0] / total()) ** 2), (EVERY_CLASS,)),
    ),
    sources=(GARCIA,),
)

IOU_LE = Claim(
    id="segmentation.iou-le-recall-precision",
    title="Intersection over union is at most recall and at most precision",
    prose=(
        "For every class, IoU ≤ recall and IoU ≤ precision, so IoU is at most the smaller of the two; and "
        "1/IoU = 1/recall + 1/precision − 1 where there is a hit, so that two of the three fix the third. For small "
        "losses they add up: recall and precision of 0.9 give an IoU of about 0.82."
    ),
    statement=(
        Sequent("recall", Le(iou(a), recall(a)), (COUNTS, PRESENT, *CLASS_A)),
        Sequent("precision", Le(iou(a), precision(a)), (COUNTS, PREDICTED, *CLASS_A)),
        Sequent(
            "inverse",
            eq(1 / iou(a), 1 / recall(a) + 1 / precision(a) - 1),
            (Gt(C[a, a], 0),),
        ),
    ),
    sources=(GARCIA,),
)

MIOU_LE_MPA = Claim(
    id="segmentation.miou-le-mpa",
    title="MIoU is at most mean class accuracy over the same classes",
    prose=(
        "Term by term. Classes that are predicted but do not occur have IoU 0 and no recall; they lower MIoU further "
        "when they are counted there (M − K of them, behind the K classes that occur). But a convention that gives "
        "IoU 1 to a class that nobody has seen can put MIoU above MPA."
    ),
    statement=(
        Sequent("same-classes", Le(miou(), mpa()), (CLASSES, COUNTS, PRESENT, SEEN)),
        Sequent(
            "predicted-only",
            Le(over_classes(lambda i: iou(i, M), M) / M, over_classes(lambda i: recall(i, M)) / K),
            (
                CLASSES,
                Le(K, M),
                COUNTS,
                ForAll((i,), Gt(row(i, M), 0), (Le(i, K - 1),)),
                ForAll((i,), Gt(union(i, M), 0)),
                ForAll((i,), eq(C[i, i], S.Zero), (Ge(i, K),)),
            ),
        ),
        Refutation(
            "absent-as-one",
            Sequent(
                "absent-as-one",
                Le((over_classes(lambda i: iou(i, S(2)), S(2)) + 1) / 3, mpa(S(2))),
                (counts(2),),
            ),
            matrix(((1, 1), (1, 1))),
        ),
    ),
    sources=(GARCIA,),
)

IMBALANCE = Claim(
    id="segmentation.fwiou-fixes-imbalance",
    title="Frequency weighting does not protect against a dominant class",
    prose=(
        "It is said that FWIoU handles imbalance. By segmentation.fwiou-sharp it lies between PA² and PA, so it is "
        "high whenever PA is: with 99 % background the prediction that finds nothing has FWIoU 0.9801."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "empty-prediction-scores-low",
            Sequent(
                "empty-prediction-scores-low",
                Lt(fwiou(S(2)), Rational(98, 100)),
                (counts(2), eq(column(S(1), S(2)), S.Zero)),
            ),
            matrix(((99, 0), (1, 0))),
        ),
        Sequent(
            "follows-accuracy",
            Ge(fwiou(), q**2),
            (COUNTS, PIXELS, SEEN, Ge(q, 0), Ge(pa(), q)),
        ),
        Sequent(
            "goes-with-accuracy",
            Le(fwiou(), q),
            (COUNTS, PIXELS, SEEN, Le(pa(), q)),
        ),
    ),
    sources=(GARCIA,),
    uses=("segmentation.fwiou-sharp",),
)

_hit = (C[0, 0], C[1, 1])
_wrong = C[0, 1] + C[1, 0]
BOTH = (ForAll((i,), Gt(union(i, S(2)), 0)),)

BINARY_MIOU = Claim(
    id="segmentation.binary-miou",
    title="Two classes: MIoU ≤ PA / (2 − PA) ≤ PA",
    prose=(
        "For two classes the wrong pixels e = C_01 + C_10 belong to both unions. With the hits a and d, "
        "PA/(2 − PA) − MIoU = e (a − d)² / (2 (a + e)(d + e)(a + d + 2e)), so the first inequality is an equality "
        "exactly where nothing is wrong or both classes have as many hits. For three and more classes MIoU can "
        "exceed PA (segmentation.miou-vs-pa)."
    ),
    statement=(
        Sequent(
            "difference",
            eq(
                pa(S(2)) / (2 - pa(S(2))) - miou(S(2)),
                _wrong
                * (_hit[0] - _hit[1]) ** 2
                / (2 * (_hit[0] + _wrong) * (_hit[1] + _wrong) * (_hit[0] + _hit[1] + 2 * _wrong)),
            ),
            (COUNTS, *BOTH),
        ),
        Sequent("miou", Le(miou(S(2)), pa(S(2)) / (2 - pa(S(2)))), (COUNTS, *BOTH)),
        Sequent("pa", Le(q / (2 - q), q), (Ge(q, 0), Le(q, 1))),
        Sequent("miou-pa", Le(miou(S(2)), pa(S(2))), (COUNTS, *BOTH)),
    ),
    sources=(GARCIA,),
)

MIOU_VS_PA = Claim(
    id="segmentation.miou-vs-pa",
    title="MIoU is not always below pixel accuracy",
    prose=(
        "It is for two classes (segmentation.binary-miou). For three, a class that is always wrong and frequent "
        "lowers PA more than it lowers a mean in which it counts once: PA = 1/4 and MIoU = 1/3."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "three-classes",
            Sequent("three-classes", Le(miou(S(3)), pa(S(3))), (counts(3),)),
            matrix(((0, 0, 1), (0, 1, 0), (2, 0, 0))),
        ),
    ),
    sources=(GARCIA,),
)

MPA_VS_PA = Claim(
    id="segmentation.mpa-vs-pa",
    title="Mean class accuracy and pixel accuracy have no order",
    prose="It depends on whether the frequent or the rare class is the one that is found.",
    kind="refutation",
    statement=(
        Refutation(
            "never-below",
            Sequent("never-below", Ge(mpa(S(2)), pa(S(2))), (counts(2),)),
            matrix(((8, 2), (1, 0))),
        ),
        Refutation(
            "never-above",
            Sequent("never-above", Le(mpa(S(2)), pa(S(2))), (counts(2),)),
            matrix(((6, 3), (0, 1))),
        ),
    ),
    sources=(GARCIA,),
)

MIOU_VS_FWIOU = Claim(
    id="segmentation.miou-vs-fwiou",
    title="MIoU and frequency-weighted IoU have no order",
    prose=(
        "A class that is predicted but does not occur has IoU 0, which MIoU counts and FWIoU does not; a class with "
        "few pixels that is found well counts more in MIoU."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "never-below",
            Sequent("never-below", Ge(miou(S(2)), fwiou(S(2))), (counts(2),)),
            matrix(((0, 0), (1, 1))),
        ),
        Refutation(
            "never-above",
            Sequent("never-above", Le(miou(S(2)), fwiou(S(2))), (counts(2),)),
            matrix(((0, 2), (0, 1))),
        ),
    ),
    sources=(GARCIA,),
)

WRONG_ROWS = over_classes(lambda i: row(i) - C[i, i])
WRONG_COLUMNS = over_classes(lambda i: column(i) - C[i, i])

MICRO_IOU = Claim(
    id="segmentation.micro-iou",
    title="Micro-averages of one label a pixel are pixel accuracy",
    prose=(
        "Adding up hits, misses and false alarms over the classes before dividing counts every wrong pixel once as a "
        "miss and once as a false alarm. So micro-averaged recall, precision and F1 are all PA, and the micro-averaged "
        "IoU is PA / (2 − PA): they hold no information beyond it. It is not the frequency-weighted mean."
    ),
    hypotheses=(PIXELS,),
    statement=(
        Sequent("recall", eq(hits() / (hits() + WRONG_ROWS), pa())),
        Sequent("precision", eq(hits() / (hits() + WRONG_COLUMNS), pa())),
        Sequent("f1", eq(2 * hits() / (2 * hits() + WRONG_ROWS + WRONG_COLUMNS), pa())),
        Sequent(
            "iou",
            eq(hits() / (hits() + WRONG_ROWS + WRONG_COLUMNS), pa() / (2 - pa())),
            (COUNTS,),
        ),
    ),
    sources=(GARCIA,),
)


def found(i: Expr, j: Expr) -> Expr:
    """What changes in the matrix when one pixel of class a is found, which had been taken for class b."""
    return indicator(i, a) * (indicator(j, a) - indicator(j, b))


MPA_IMPROVES = Claim(
    id="segmentation.mpa-improves-pa",
    title="Mean class accuracy is another estimate, not a better one",
    prose=(
        "PA weighs the recall of a class by its frequency, MPA by 1/K: one pixel more of class a that is found adds "
        "1/N to PA and 1/(K t_a) to MPA, all of 1/K for a class with a single pixel. If every pixel is right with the "
        "same chance r, independently of the others, the t_i counts are binomial: the estimate MPA has variance r (1 "
        "− r) Σ 1/t_i / K², never less than the r (1 − r)/N of PA. It is not a law for unequal chances: with 100 "
        "pixels that are right half of the time and 10 that always are, MPA varies less."
    ),
    statement=(
        Sequent("pa-weights", eq(pa(), over_classes(lambda i: row(i) / total() * R[i])), (PIXELS, RECALLS)),
        Sequent("mpa-weights", eq(mpa(), over_classes(lambda i: recall(i) / K)), (CLASSES, PRESENT)),
        Sequent(
            "one-pixel",
            eq(mpa(K, lambda i, j: C[i, j] + found(i, j)) - mpa(), 1 / (K * row(a))),
            (PRESENT, *CLASS_A, *CLASS_B, Ne(a, b)),
        ),
        Sequent(
            "variance",
            Ge(q * (1 - q) * over_classes(lambda i: 1 / R[i]) / K**2, q * (1 - q) / over_classes(lambda i: R[i])),
            (CLASSES, Ge(q, 0), Le(q, 1), ForAll((i,), Gt(R[i], 0))),
        ),
        Refutation(
            "always-more-variance",
            Sequent(
                "always-more-variance",
                Ge(
                    Sum(R[i] * (1 - R[i]) / R[i + 2], (i, 0, 1)) / 4,
                    Sum(R[i] * (1 - R[i]) * R[i + 2], (i, 0, 1)) / (R[2] + R[3]) ** 2,
                ),
                (Gt(R[2], 0), Gt(R[3], 0)),
            ),
            ((R[0], Rational(1, 2)), (R[1], S.One), (R[2], S(100)), (R[3], S(10))),
        ),
    ),
    sources=(GARCIA,),
)

CLAIMS = (
    BACKGROUND,
    IOU_LE,
    MIOU_LE_MPA,
    IMBALANCE,
    BINARY_MIOU,
    MIOU_VS_PA,
    MPA_VS_PA,
    MIOU_VS_FWIOU,
    MICRO_IOU,
    MPA_IMPROVES,
)
