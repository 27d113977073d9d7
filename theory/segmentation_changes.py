# SPDX-License-Identifier: BSD-3-Clause
"""What the metrics do when truth and prediction are exchanged, and when classes are renamed, merged or absent."""

from __future__ import annotations

from sympy import Expr, Ge, Gt, IndexedBase, Le, Rational, S, Sum

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .segmentation_matrix import GARCIA, Y, Z
from .segmentation_terms import (
    CLASS_A,
    CLASSES,
    COUNTS,
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
    counts,
    eq,
    fwiou,
    hits,
    i,
    indicator,
    iou,
    j,
    m,
    matrix,
    miou,
    mpa,
    n,
    over_classes,
    pa,
    precision,
    q,
    recall,
    row,
    total,
    transposed,
    union,
    v,
)

s, r = (IndexedBase(name, integer=True) for name in ("s", "r"))
t, u, I, T = (IndexedBase(name, real=True) for name in ("t", "u", "I", "T"))
TRANSPOSED = ForAll((i, j), eq(T[i, j], C[j, i]))


def other(i: Expr, j: Expr) -> Expr:
    """T_ij, the matrix with truth and prediction exchanged where ``TRANSPOSED`` is assumed."""
    return T[i, j]


SYMMETRY = Claim(
    id="segmentation.symmetry",
    title="Exchanging prediction and truth keeps PA and MIoU, and changes MPA and FWIoU",
    prose=(
        "PA, the IoU of every class and their mean are symmetric in prediction and truth: they cannot tell a matrix "
        "from its transpose, nor rows = truth from rows = prediction. MPA and FWIoU are not: they weigh by the truth."
    ),
    statement=(
        Sequent("pa", eq(pa(K, other), pa()), (PIXELS, TRANSPOSED)),
        Sequent("iou", eq(iou(a, K, other), iou(a)), (SEEN, TRANSPOSED)),
        Sequent("miou", eq(miou(K, other), miou()), (CLASSES, SEEN, TRANSPOSED)),
        Refutation(
            "mpa",
            Sequent("mpa", eq(mpa(S(2), transposed), mpa(S(2))), (counts(2),)),
            matrix(((1, 1), (0, 2))),
        ),
        Refutation(
            "fwiou",
            Sequent("fwiou", eq(fwiou(S(2), transposed), fwiou(S(2))), (counts(2),)),
            matrix(((1, 1), (0, 2))),
        ),
    ),
    sources=(GARCIA,),
)

CPA_LABEL = Claim(
    id="segmentation.cpa-label",
    title="Class accuracy is recall, not TP / (TP + FP)",
    prose=(
        "A widely copied evaluator documents its class accuracy as TP / (TP + FP), which is precision, and divides by "
        "the sum over a row of the true class, which gives recall. For a matrix whose rows are predictions the same "
        "line of code does give precision. A symmetric matrix shows no difference: a test needs an asymmetric one."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "precision",
            Sequent("precision", eq(recall(S(0), S(2)), precision(S(0), S(2))), (counts(2),)),
            matrix(((1, 1), (0, 2))),
        ),
        Sequent("rows-are-predictions", eq(recall(a, K, other), precision(a)), (PREDICTED, TRANSPOSED)),
        Sequent("symmetric", eq(recall(a), precision(a)), (PRESENT, ForAll((i, j), eq(C[i, j], C[j, i])))),
    ),
    sources=(GARCIA,),
)

BALANCED = Claim(
    id="segmentation.mpa-balanced-accuracy",
    title="Mean class accuracy is balanced accuracy, the macro-averaged recall",
    prose=(
        "Three names of one number. For two classes it is the mean of the true positive rate and the true negative "
        "rate. A prediction that does not look at the pixel, class j with probability q_j, has expectation 1/K."
    ),
    statement=(
        Sequent(
            "two-classes",
            eq(mpa(S(2)), (C[1, 1] / (C[1, 1] + C[1, 0]) + C[0, 0] / (C[0, 0] + C[0, 1])) / 2),
            (ForAll((i,), Gt(row(i, S(2)), 0)),),
        ),
        Sequent(
            "chance",
            eq(mpa(K, lambda i, j: t[i] * u[j]), 1 / K),
            (CLASSES, ForAll((i,), Gt(t[i], 0)), eq(Sum(u[m], (m, 0, K - 1)), S.One)),
        ),
    ),
    sources=(GARCIA, Source("brodersen2010")),
)

_in_range = (Ge(i, 0), Le(i, K - 1))
RELABELLING = (
    ForAll((i,), Ge(s[i], 0), _in_range),
    ForAll((i,), Le(s[i], K - 1), _in_range),
    ForAll((i,), Ge(r[i], 0), _in_range),
    ForAll((i,), Le(r[i], K - 1), _in_range),
    ForAll((i,), eq(r[s[i]], i), _in_range),
    ForAll((i,), eq(s[r[i]], i), _in_range),
)


def relabelled(i: Expr, j: Expr) -> Expr:
    """The matrix after class s_i has been given the name i."""
    return C[s[i], s[j]]


RELABEL = Claim(
    id="segmentation.relabel-invariance",
    title="The names of the classes do not matter",
    prose=(
        "Permute the classes of truth and prediction together, by any permutation s with inverse r: PA, MPA, MIoU and "
        "FWIoU keep their values. Permuting one of the two can change all of them: a prediction that is right "
        "everywhere scores 1, and 0 after its two classes have been exchanged."
    ),
    statement=(
        Sequent("pa", eq(pa(K, relabelled), pa()), (PIXELS, *RELABELLING)),
        Sequent("mpa", eq(mpa(K, relabelled), mpa()), (CLASSES, PRESENT, *RELABELLING)),
        Sequent("miou", eq(miou(K, relabelled), miou()), (CLASSES, SEEN, *RELABELLING)),
        Sequent("fwiou", eq(fwiou(K, relabelled), fwiou()), (PIXELS, SEEN, *RELABELLING)),
        *(
            Refutation(
                f"prediction-alone-{name}",
                Sequent(
                    f"prediction-alone-{name}", eq(metric(S(2), lambda i, j: C[i, 1 - j]), metric(S(2))), (counts(2),)
                ),
                matrix(((1, 0), (0, 1))),
            )
            for name, metric in (("pa", pa), ("mpa", mpa), ("miou", miou), ("fwiou", fwiou))
        ),
    ),
    sources=(GARCIA,),
)


def merged(i: Expr, j: Expr) -> Expr:
    """The matrix of K classes 0 … K−1 after class K of K + 1 has been merged into class K−1."""
    there = indicator(i, K - 1), indicator(j, K - 1)
    return C[i, j] + there[0] * C[K, j] + there[1] * C[i, K] + there[0] * there[1] * C[K, K]


def merged_pair(i: Expr, j: Expr) -> Expr:
    """The same for K = 2, where [i = 1] is i."""
    return C[i, j] + i * C[2, j] + j * C[i, 2] + i * j * C[2, 2]


MERGE = Claim(
    id="segmentation.merge-classes",
    title="Merging two classes never lowers pixel accuracy; MIoU may go either way",
    prose=(
        "When the last two of K + 1 classes become one (any two, by segmentation.relabel-invariance), the pixels that "
        "were confused between them become right, and the others keep their verdict. MIoU has no such order: merging "
        "two classes that were confused raises it, merging two that were both perfect leaves fewer good classes "
        "among the bad ones, and lowers it."
    ),
    statement=(
        Sequent("hits", eq(hits(K, merged), hits(K + 1) + C[K - 1, K] + C[K, K - 1]), (CLASSES,)),
        Sequent("total", eq(total(K, merged), total(K + 1)), (CLASSES,)),
        Sequent("pa", Ge(pa(K, merged), pa(K + 1)), (CLASSES, COUNTS, Gt(total(K + 1), 0))),
        Refutation(
            "miou-rises",
            Sequent(
                "miou-rises",
                Ge(miou(S(2), merged_pair), miou(S(3)), evaluate=False),
                (counts(3),),
            ),
            matrix(((0, 1, 0), (0, 1, 0), (0, 0, 1))),
        ),
        Refutation(
            "miou-falls",
            Sequent(
                "miou-falls",
                Le(miou(S(2), merged_pair), miou(S(3)), evaluate=False),
                (counts(3),),
            ),
            matrix(((1, 0, 0), (0, 0, 1), (0, 1, 0))),
        ),
    ),
    sources=(GARCIA,),
)


def independent(i: Expr, j: Expr) -> Expr:
    """The expected matrix of a prediction that is independent of the truth: t_i u_j / N, with N = v."""
    return t[i] * u[j] / v


chance = IndexedBase("p", real=True)


def over_outcomes(value: Expr) -> Expr:
    """The expectation: Σ_i p_i of a value in outcome i."""
    return Sum(chance[i] * value, (i, 0, Q - 1))


TWO_PIXELS = Sum(i / (1 + j), (i, 0, 1), (j, 0, 1)) / 4

RANDOM = Claim(
    id="segmentation.random-prediction",
    title="A prediction independent of the truth: the expected matrix, and its IoU",
    prose=(
        "Let a random prediction have Q possible outcomes, with probabilities p_i, in which pixel n is called Z_in; "
        "what pixels are called may depend on one another. If every pixel n is called b with probability u_b / N, "
        "whatever its class Y_n is, then the expectation of C_ab is t_a u_b / N, with t_a the number of pixels of "
        "class a. That is a matrix with the marginals t and u, and with IoU_i = t_i u_i / (N (t_i + u_i) − t_i u_i). "
        "It is the IoU of the mean, not the mean of the IoU: for two pixels, one of each class, predicted by a fair "
        "coin, the mean IoU of one class is 3/8, against 1/3 at the mean."
    ),
    statement=(
        Sequent(
            "expectation",
            eq(
                over_outcomes(Sum(indicator(Y[n], a) * indicator(Z[i, n], b), (n, 0, P - 1))),
                Sum(indicator(Y[n], a), (n, 0, P - 1)) * u[b] / v,
            ),
            (
                Gt(v, 0),
                ForAll((n,), eq(over_outcomes(indicator(Z[i, n], b)), u[b] / v), (Ge(n, 0), Le(n, P - 1))),
            ),
        ),
        Sequent("rows", eq(row(a, K, independent), t[a]), (Gt(v, 0), eq(Sum(u[m], (m, 0, K - 1)), v))),
        Sequent("columns", eq(column(a, K, independent), u[a]), (Gt(v, 0), eq(Sum(t[m], (m, 0, K - 1)), v))),
        Sequent(
            "iou",
            eq(iou(a, K, independent), t[a] * u[a] / (v * (t[a] + u[a]) - t[a] * u[a])),
            (
                Gt(v, 0),
                eq(Sum(u[m], (m, 0, K - 1)), v),
                eq(Sum(t[m], (m, 0, K - 1)), v),
                Gt(v * (t[a] + u[a]) - t[a] * u[a], 0),
            ),
        ),
        Sequent("two-pixels", eq(TWO_PIXELS, Rational(3, 8))),
        Refutation(
            "mean-of-iou",
            Sequent(
                "mean-of-iou",
                eq(TWO_PIXELS, iou(S(0), S(2), independent)),
                (eq(v, t[0] + t[1]), eq(v, u[0] + u[1])),
            ),
            ((v, S(2)), *((f[k], S.One) for f in (t, u) for k in (0, 1))),
        ),
    ),
    sources=(GARCIA,),
)

_new = (ForAll((i,), eq(C[i, K], S.Zero)), ForAll((j,), eq(C[K, j], S.Zero)))

_SEEN = ForAll((i,), Gt(union(i), 0), (Ge(i, 0), Le(i, K - 1)))  # the new class K has none

ABSENT = Claim(
    id="segmentation.absent-classes",
    title="A class that neither occurs nor is predicted has no IoU, and conventions for 0/0 change MIoU",
    prose=(
        "Add to K classes one more, whose row and column are zero. Its IoU is 0/0: left out of the mean, it changes "
        "nothing; counted as 0, it makes the mean K/(K+1) times as large, and counted as 1 it adds 1/(K+1) to that. "
        "The two conventions differ by 1/(K+1) whatever the prediction. PA does not see such a class, and a class that "
        "occurs nowhere has weight 0 in FWIoU, so that it matters there only through the pixels falsely predicted as "
        "it. The mean class accuracy has the same 0/0 already where a class does not occur, but is predicted."
    ),
    statement=(
        Sequent("pa", eq(pa(K + 1), pa()), (CLASSES, PIXELS, *_new)),
        Sequent("others", eq(iou(a, K + 1), iou(a)), (CLASSES, _SEEN, *CLASS_A, *_new)),
        Sequent(
            "skipped",
            eq(over_classes(lambda i: iou(i, K + 1)) / K, miou()),
            (CLASSES, _SEEN, *_new),
        ),
        Sequent(
            "convention",
            eq(Sum(I[i], (i, 0, K)) / (K + 1), (K * miou() + q) / (K + 1)),
            (CLASSES, _SEEN, eq(I[K], q), ForAll((i,), eq(I[i], iou(i)), (Le(i, K - 1),))),
        ),
        Sequent(
            "weightless",
            eq(row(a) * iou(a), S.Zero),
            (_SEEN, *CLASS_A, ForAll((j,), eq(C[a, j], S.Zero))),
        ),
        Refutation(
            "zero-is-skip",
            Sequent("zero-is-skip", eq(over_classes(lambda i: iou(i, S(2)), S(2)) / 3, miou(S(2))), (counts(2),)),
            matrix(((1, 0), (0, 1))),
        ),
        Refutation(
            "one-is-skip",
            Sequent("one-is-skip", eq((over_classes(lambda i: iou(i, S(2)), S(2)) + 1) / 3, miou(S(2))), (counts(2),)),
            matrix(((0, 1), (1, 0))),
        ),
        Refutation(
            "false-positives-do-not-matter",
            Sequent(
                "false-positives-do-not-matter",
                eq(fwiou(S(2)), iou(S(0), S(1))),
                (counts(2), eq(C[1, 0], S.Zero), eq(C[1, 1], S.Zero)),
            ),
            matrix(((1, 1), (0, 0))),
        ),
    ),
    sources=(GARCIA, Source("everingham2010")),
)

CLAIMS = (SYMMETRY, CPA_LABEL, BALANCED, RELABEL, MERGE, RANDOM, ABSENT)
