# SPDX-License-Identifier: BSD-3-Clause
"""The confusion matrix and its metrics: what they are, and what they count."""

from __future__ import annotations

from sympy import Expr, Ge, Gt, IndexedBase, Le, S, Sum

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .segmentation_terms import (
    CLASS_A,
    CLASS_B,
    CLASSES,
    PIXELS,
    PREDICTED,
    PRESENT,
    SEEN,
    C,
    K,
    P,
    Q,
    a,
    b,
    column,
    eq,
    fwiou,
    i,
    indicator,
    iou,
    j,
    m,
    miou,
    mpa,
    n,
    over_classes,
    pa,
    precision,
    recall,
    row,
    total,
    union,
    v,
)

GARCIA = Source("garcia2017", "evaluation metrics")
Y, Z = (IndexedBase(name, integer=True) for name in ("Y", "Z"))
R = IndexedBase("R", real=True)
RECALLS = ForAll((i,), eq(R[i] * row(i), C[i, i]))
PRECISIONS = ForAll((i,), eq(R[i] * column(i), C[i, i]))


def count(i: Expr, j: Expr, pixels: Expr = P) -> Expr:
    """Pixels n = 0 … P−1 with true label Y_n = i and predicted label Z_n = j."""
    return Sum(indicator(Y[n], i) * indicator(Z[n], j), (n, 0, pixels - 1))


LABELS = tuple(ForAll((n,), bound) for f in (Y, Z) for bound in (Ge(f[n], 0), Le(f[n], K - 1)))

CONFUSION = Claim(
    id="segmentation.confusion",
    title="The confusion matrix is a histogram of pairs, and histograms add up",
    prose=(
        "C_ij is the number of pixels of true class i that were predicted as j. With labels in 0 … K−1 the pair (i, j) "
        "and the number K·i + j determine each other, so that one histogram of K² bins counts all pairs. A label "
        "outside the range breaks that: it is counted as another pair, or for another class. Matrices of parts of the "
        "data add up to the matrix of all, in any order, which is why a data set is measured by adding matrices."
    ),
    kind="definition",
    statement=(
        Sequent("code-row", eq(i, a), (eq(K * i + j, K * a + b), Ge(j, 0), Le(j, K - 1), *CLASS_B)),
        Sequent("code-column", eq(j, b), (eq(K * i + j, K * a + b), Ge(j, 0), Le(j, K - 1), *CLASS_B)),
        Sequent("code-first", Ge(K * a + b, 0), (CLASSES, Ge(a, 0), Ge(b, 0))),
        Sequent("code-last", Le(K * a + b, K**2 - 1), (CLASSES, Le(a, K - 1), Le(b, K - 1))),
        Sequent(
            "bincount",
            eq(Sum(indicator(K * Y[n] + Z[n], K * a + b), (n, 0, P - 1)), count(a, b)),
            (*CLASS_B, *LABELS[2:]),
        ),
        Sequent("additive", eq(count(a, b, P + Q), count(a, b) + Sum(
            indicator(Y[P + n], a) * indicator(Z[P + n], b), (n, 0, Q - 1))), (Ge(P, 0), Ge(Q, 0))),
        Sequent("every-pixel", eq(total(K, count), P), (Ge(P, 0), *LABELS)),
        Refutation(
            "any-label",
            Sequent("any-label", eq(i, a), (eq(K * i + j, K * a + b), *CLASS_B)),
            ((K, S(2)), (i, S(0)), (j, S(2)), (a, S(1)), (b, S(0))),
        ),
    ),
    sources=(GARCIA, Source("long2015", "sec. 5")),
)  # fmt: skip

PA = Claim(
    id="segmentation.pa",
    title="Pixel accuracy",
    prose=(
        "The fraction of the pixels that are right, Σ_i C_ii / N. It is the mean of the recalls, weighted by the "
        "frequency of the classes, and likewise the mean of the precisions, weighted by how often a class is "
        "predicted: a frequent class dominates it. Counting pixels by rows or by columns makes no difference."
    ),
    kind="definition",
    statement=(
        Sequent("total", eq(total(), over_classes(column))),
        Sequent("errors", eq(1 - pa(), over_classes(lambda i: row(i) - C[i, i]) / total()), (PIXELS,)),
        Sequent("recalls", eq(pa(), over_classes(lambda i: row(i) * R[i]) / total()), (PIXELS, RECALLS)),
        Sequent("precisions", eq(pa(), over_classes(lambda i: column(i) * R[i]) / total()), (PIXELS, PRECISIONS)),
    ),
    sources=(GARCIA, Source("long2015", "sec. 5")),
)

MPA = Claim(
    id="segmentation.mpa",
    title="Mean class accuracy",
    prose=(
        "The mean of the recalls C_ii / t_i over the classes. Every class has the same weight, however few its pixels. "
        "It has no value for a class without pixels; implementations leave such a class out or make it 0 or 1, which "
        "changes the mean (segmentation.absent-classes)."
    ),
    kind="definition",
    statement=(
        Sequent(
            "misses",
            eq(1 - mpa(), over_classes(lambda i: (row(i) - C[i, i]) / row(i)) / K),
            (CLASSES, PRESENT),
        ),
        Sequent(
            "balanced",
            eq(mpa(), pa()),
            (CLASSES, Gt(v, 0), ForAll((i,), eq(row(i), v))),
        ),
    ),
    sources=(GARCIA, Source("long2015", "sec. 5")),
)

MIOU = Claim(
    id="segmentation.miou",
    title="Mean intersection over union",
    prose=(
        "The mean over the classes of C_ii / (t_i + u_i − C_ii): the pixels that are of class i and predicted as i, "
        "among those that are one or the other. One minus it is the mean of the wrong among them."
    ),
    kind="definition",
    statement=(
        Sequent(
            "misses",
            eq(1 - miou(), over_classes(lambda i: (row(i) + column(i) - 2 * C[i, i]) / union(i)) / K),
            (CLASSES, SEEN),
        ),
    ),
    sources=(GARCIA, Source("long2015", "sec. 5"), Source("everingham2010")),
)

FWIOU = Claim(
    id="segmentation.fwiou",
    title="Frequency-weighted intersection over union",
    prose=(
        "The mean of the classes' intersection over union with weights t_i / N, which add up to one. With every class "
        "equally frequent it is the plain mean."
    ),
    kind="definition",
    statement=(
        Sequent("weights", eq(over_classes(lambda i: row(i) / total()), S.One), (PIXELS,)),
        Sequent("weighted", eq(fwiou(), over_classes(lambda i: row(i) / total() * iou(i))), (PIXELS, SEEN)),
        Sequent(
            "balanced",
            eq(fwiou(), miou()),
            (CLASSES, Gt(v, 0), SEEN, ForAll((i,), eq(row(i), v))),
        ),
    ),
    sources=(GARCIA, Source("long2015", "sec. 5")),
)


def missed(i: Expr, size: Expr = K) -> Expr:
    """False negatives: pixels of class i that were predicted as another class."""
    return Sum(C[i, m], (m, 0, i - 1)) + Sum(C[i, m], (m, i + 1, size - 1))


def false(i: Expr, size: Expr = K) -> Expr:
    """False positives: pixels of another class that were predicted as class i."""
    return Sum(C[m, i], (m, 0, i - 1)) + Sum(C[m, i], (m, i + 1, size - 1))


TP_FORM = Claim(
    id="segmentation.tp-form",
    title="Intersection over union counts hits, misses and false alarms: TP / (TP + FP + FN)",
    prose=(
        "For class a against all others, TP = C_aa, FN is the rest of its row and FP the rest of its column. The "
        "union is TP + FP + FN, and the weight of the class in the frequency-weighted mean is (TP + FN) / N."
    ),
    statement=(
        Sequent("iou", eq(iou(a), C[a, a] / (C[a, a] + false(a) + missed(a))), (SEEN, *CLASS_A)),
        Sequent("recall", eq(recall(a), C[a, a] / (C[a, a] + missed(a))), (PRESENT, *CLASS_A)),
        Sequent("precision", eq(precision(a), C[a, a] / (C[a, a] + false(a))), (PREDICTED, *CLASS_A)),
        Sequent("weight", eq(row(a) / total(), (C[a, a] + missed(a)) / total()), (PIXELS, *CLASS_A)),
    ),
    sources=(GARCIA, Source("everingham2010")),
)

CLAIMS = (CONFUSION, PA, MPA, MIOU, FWIOU, TP_FORM)
