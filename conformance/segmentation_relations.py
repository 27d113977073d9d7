# SPDX-License-Identifier: BSD-3-Clause
"""How segmentation metrics lie to each other: bounds, symmetries, witnesses against popular statements.

Every law here compares outputs of the code under test with the theory at a matrix that is known, or with
each other. An inequality holds up to the rounding of its two sides: what exceeds it is compared with 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from sympy import S

from ..theory import segmentation_changes as changes
from ..theory import segmentation_relations as relations
from ..theory import segmentation_terms as terms
from ..theory.claim import Claim
from .call import Kind
from .floats import gamma, half_digits
from .law import Law
from .regimes import SEEDS
from .segmentation_cases import Draw, Labelled, at_classes, drawn, of_matrix
from .segmentation_scores import (
    SCORES,
    against,
    at_most,
    below,
    call_of,
    code,
    compared,
    flat,
    law,
    made,
    run,
    same,
    sides,
    width,
    witness,
)
from .subject import Subject
from .verdict import Comparison, agreeing, exactly

_DEFINED = (
    "every class",
    "triangular",
    "never predicted",
    "dominant",
    "diagonal",
    "no hits",
    "background",
    "one class",
)
_ALL_SEEN = ("every class", "triangular", "diagonal", "no hits", "background", "one class")


# One metric ------------------------------------------------------------------------------------------


def _between_0_and_1(subject: Subject, case: tuple[str, Labelled]) -> Iterator[Comparison]:
    """Fractions of non-negative counts: no more than 1 and no less than 0, up to γ of K + 4; 1 where C is diagonal."""
    name, labels = case
    output = run(subject, name, labels)
    ones = [Fraction(1)] * (labels.classes if name == "iou" else 1)
    yield at_most(output, ones, labels.classes, f"{name} above 1")
    excess = np.maximum(-flat(output), 0)
    yield Comparison(excess, exactly(np.zeros(excess.shape)), f"np.maximum(-{code(output)}, 0)", f"{name} below 0")
    if not (labels.matrix - np.diag(np.diag(labels.matrix))).any():
        yield against(output, list(ones), labels.classes, f"{name} of a perfect prediction")


_SHORT = {"pixel_accuracy": "pa", "mean_class_accuracy": "mpa", "miou": "miou", "fwiou": "fwiou"}


def _background(subject: Subject, case: tuple[str, Labelled]) -> Iterator[Comparison]:
    """The closed forms b, 1/K, b/K and b² of the all-background prediction, exact but for γ of K + 4."""
    name, labels = case
    _, formula = sides(relations.BACKGROUND, _SHORT[name])
    output = run(subject, name, labels)
    yield against(output, [of_matrix(formula, labels.matrix)], labels.classes, f"{name} of predicting background only")


def _relabelled(subject: Subject, case: tuple[str, Labelled, int]) -> Iterator[Comparison]:
    """The metric of permuted labels is the same number, so that the two differ by at most the bounds of both."""
    name, labels, seed = case
    order = np.random.default_rng(seed).permutation(labels.classes)
    renamed = Labelled(labels.matrix, order[labels.pred], order[labels.target], labels.kind)
    plain, other = run(subject, name, labels), run(subject, name, renamed)
    yield same(other, plain, labels.classes, f"{name} after the classes were renamed")


def _swapped(subject: Subject, case: tuple[str, Labelled]) -> Iterator[Comparison]:
    """The formula is symmetric in rows and columns, so that both orders are one number: the bounds of both."""
    name, labels = case
    plain = run(subject, name, labels)
    other = run(subject, name, Labelled(labels.matrix.T, labels.target, labels.pred, labels.kind))
    yield same(other, plain, labels.classes, f"{name} with prediction and truth exchanged")


def _transposed(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """Exchanging prediction and truth transposes the matrix: integers, no bound."""
    other = Labelled(labels.matrix.T, labels.target, labels.pred, labels.kind)
    there, back = (subject.run(call_of(subject, "confusion_matrix", x)) for x in (labels, other))
    yield Comparison(
        back.values[0], exactly(there.values[0].T), back.code(), "prediction and truth exchanged", f"{there.code()}.T"
    )


def _witnesses(claim: Claim, name: str) -> Callable[[Subject, int], Iterator[Comparison]]:
    def check(subject: Subject, number: int) -> Iterator[Comparison]:
        """The matrix that refutes a popular statement; the theory's value there is exact, the bound γ of K + 4."""
        refutation = claim.refutations()[number]
        labels = made(witness(refutation))
        output = run(subject, name, labels)
        yield compared(subject, name, output, labels, f"{name} at the witness against {refutation.name!r}")

    return check


def _precision(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """On a matrix without symmetry the mean of recalls and that of precisions differ; ours is that of the recalls."""
    output = run(subject, "mean_class_accuracy", labels)
    yield compared(subject, "mean_class_accuracy", output, labels, "the mean of C_ii over the sums of rows")


def _balanced(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """Two classes: half the true positive rate and half the true negative rate; γ of K + 4."""
    output = run(subject, "mean_class_accuracy", labels)
    _, rates = sides(changes.BALANCED, "two-classes")
    yield against(output, [of_matrix(rates, labels.matrix)], 2, "the mean of the two rates")


def _one_pixel(subject: Subject, case: tuple[int, Kind]) -> Iterator[Comparison]:
    """One pixel more of class a that is found adds 1/(K t_a): both values of at most 1 are within γ of K + 4."""
    seed, kind = case
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(2, 6))
    matrix = rng.integers(1, 5, (classes, classes))
    a, b = rng.permutation(classes)[:2].tolist()
    better = matrix.copy()
    better[a, a] += 1
    better[a, b] -= 1
    before, after = (run(subject, "mean_class_accuracy", made(m, seed, kind)) for m in (matrix, better))
    _, gain = sides(relations.MPA_IMPROVES, "one-pixel")
    step = at_classes(gain.subs(terms.a, terms.i), matrix, [a])[0]
    bound = width(before, classes) + width(after, classes)
    wrong = half_digits(before.dtypes[0]) + half_digits(after.dtypes[0])
    yield Comparison(
        flat(after) - flat(before),
        agreeing([float(step)], bound, wrong),
        f"{code(after)} - {code(before)}",
        "what one pixel more of a class adds",
    )


def _random(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """At C = t uᵀ, IoU_i = t_i u_i / (N (t_i + u_i) − t_i u_i), up to γ of K + 4."""
    matrix = labels.matrix
    _, formula = sides(changes.RANDOM, "iou")
    total = int(matrix.sum())
    # The matrix is t uᵀ / N for its own sums of rows t and of columns u.
    at = {changes.t[terms.a]: terms.row(terms.i), changes.u[terms.a]: terms.column(terms.i), terms.v: total}
    values = at_classes(formula.subs(at), matrix, range(len(matrix)))
    output = run(subject, "iou", labels)
    yield against(output, list(values), labels.classes, "IoU of a prediction independent of the truth")


def _recall_and_precision(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """IoU is at most recall and at most precision, both exact; γ of K + 4 for the IoU."""
    output = run(subject, "iou", labels)
    classes = range(labels.classes)
    recalls, precisions = (at_classes(f(terms.i), labels.matrix, classes) for f in (terms.recall, terms.precision))
    yield at_most(output, recalls, labels.classes, "IoU above recall")
    yield at_most(output, precisions, labels.classes, "IoU above precision")


def _sharp(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """PA² ≤ FWIoU ≤ PA with the exact PA of the matrix, up to γ of K + 4."""
    output = run(subject, "fwiou", labels)
    accuracy = of_matrix(terms.pa(), labels.matrix)
    yield at_most(output, [accuracy], labels.classes, "FWIoU above PA")
    excess = np.maximum(float(accuracy**2) - flat(output), 0)
    expected = agreeing([0.0], width(output, labels.classes), half_digits(output.dtypes[0]))
    yield Comparison(excess, expected, f"np.maximum({float(accuracy**2)} - {code(output)}, 0)", "FWIoU below PA²")


def _merged(subject: Subject, case: Labelled) -> Iterator[Comparison]:
    """Merging the last two classes adds hits and changes no number of pixels: PA grows, up to the bounds of both."""
    last = case.classes - 1
    pred, target = (np.minimum(x, max(last - 1, 0)) for x in (case.pred, case.target))
    plain = run(subject, "pixel_accuracy", case)
    merged = run(subject, "pixel_accuracy", Labelled(case.matrix, pred, target, case.kind))
    yield below(plain, merged, case.classes, "pixel accuracy after two classes were merged")


# Two metrics -----------------------------------------------------------------------------------------


def _below_accuracy(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """Term by term IoU ≤ recall, so that the means keep the order, up to the bounds of both."""
    lower, upper = run(subject, "miou", labels), run(subject, "mean_class_accuracy", labels)
    yield below(lower, upper, labels.classes, "MIoU above the mean class accuracy")


def _two_classes(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """MIoU = PA/(2 − PA) less the square that the claim gives, with the exact PA; γ of K + 4."""
    first, gap = sides(relations.BINARY_MIOU, "difference")
    ceiling = first + terms.miou(S(2))
    output = run(subject, "miou", labels)
    yield at_most(output, [of_matrix(ceiling, labels.matrix)], 2, "MIoU of two classes above PA/(2 − PA)")
    yield against(output, [of_matrix(ceiling - gap, labels.matrix)], 2, "MIoU of two classes from PA and the hits")


def _micro(subject: Subject, labels: Labelled) -> Iterator[Comparison]:
    """Hits over the sum of all unions, in exact integers from the matrix returned, is PA/(2 − PA): its derivative
    2/(2 − PA)² is at most 2, so that the error is at most twice the bound of PA plus two roundings."""
    matrix = subject.run(call_of(subject, "confusion_matrix", labels))
    counts = matrix.values[0]
    hits, pixels_ = int(np.trace(counts)), int(counts.sum())
    output = run(subject, "pixel_accuracy", labels)
    got = flat(output) / (2 - flat(output))
    micro = Fraction(hits, 2 * pixels_ - hits)
    bound = 2 * width(output, labels.classes) + gamma(2, "float64")
    expected = agreeing([float(micro)], bound, 2 * half_digits(output.dtypes[0]))
    yield Comparison(
        got, expected, f"{code(output)} / (2 - {code(output)})", "PA/(2 − PA) against the micro-averaged IoU"
    )


# Laws ------------------------------------------------------------------------------------------------


def _pairs_with(name: str, *regimes: str) -> Callable[[Subject], Draw]:
    def cases(subject: Subject) -> Draw:
        return st.tuples(st.just(name), drawn(regimes))

    return cases


def _renamings(name: str) -> Callable[[Subject], Draw]:
    def cases(subject: Subject) -> Draw:
        return st.tuples(st.just(name), drawn(_ALL_SEEN), SEEDS)

    return cases


def _labels(*regimes: str) -> Callable[[Subject], Draw]:
    return lambda subject: drawn(regimes)


def _two_class_labels(subject: Subject) -> Draw:
    def case(seed: int) -> Labelled:
        return made(np.random.default_rng(seed).integers(1, 9, (2, 2)), seed)

    return SEEDS.map(case)


def _witness_law(name: str, claim: Claim) -> Law:
    return law(
        name,
        claim.id.partition(".")[2],
        claim.id.partition(".")[2],
        "The value at the matrix that refutes the popular statement.",
        lambda subject: st.sampled_from(range(len(claim.refutations()))),
        _witnesses(claim, name),
        len(claim.refutations()),
    )


_RENAMED = "Renaming the classes in prediction and truth changes nothing."
_SWAPPED = "Prediction and truth can be exchanged."
LAWS = (
    *(
        law(
            n,
            "range",
            "range",
            "Between 0 and 1, and 1 for a perfect prediction.",
            _pairs_with(n, *_ALL_SEEN),
            _between_0_and_1,
        )
        for n in SCORES
    ),
    *(
        law(
            n,
            "background",
            "background",
            "What predicting only background earns.",
            _pairs_with(n, "background"),
            _background,
        )
        for n in _SHORT
    ),
    *(law(n, "relabel", "relabel-invariance", _RENAMED, _renamings(n), _relabelled) for n in _SHORT),
    *(
        law(n, "swapped", "symmetry", _SWAPPED, _pairs_with(n, *_ALL_SEEN), _swapped)
        for n in ("pixel_accuracy", "miou", "iou")
    ),
    law(
        "confusion_matrix",
        "transposed",
        "symmetry",
        "Exchanging both transposes the matrix.",
        _labels(*_DEFINED),
        _transposed,
    ),
    *(
        _witness_law(name, claim)
        for claim, names in (
            (relations.MIOU_VS_PA, ("miou", "pixel_accuracy")),
            (relations.MPA_VS_PA, ("mean_class_accuracy", "pixel_accuracy")),
            (relations.MIOU_VS_FWIOU, ("miou", "fwiou")),
            (relations.IMBALANCE, ("fwiou",)),
        )
        for name in names
    ),
    law(
        "mean_class_accuracy",
        "precision",
        "cpa-label",
        "Class accuracy is recall, not precision.",
        _labels("triangular", "every class"),
        _precision,
    ),
    law(
        "mean_class_accuracy",
        "balanced",
        "mpa-balanced-accuracy",
        "Of two classes: half of each rate.",
        _two_class_labels,
        _balanced,
    ),
    law(
        "mean_class_accuracy",
        "one-pixel",
        "mpa-improves-pa",
        "A pixel of a rare class counts more.",
        lambda subject: st.tuples(SEEDS, st.sampled_from(["integer", "byte"])),
        _one_pixel,
    ),
    law("iou", "random", "random-prediction", "The IoU of a prediction by chance.", _labels("independent"), _random),
    law(
        "iou",
        "recall-precision",
        "iou-le-recall-precision",
        "IoU is at most recall and precision.",
        _labels("every class", "independent"),
        _recall_and_precision,
    ),
    law("fwiou", "sharp", "fwiou-sharp", "PA² ≤ FWIoU ≤ PA.", _labels(*_ALL_SEEN, "independent"), _sharp, 30),
    law("pixel_accuracy", "merged", "merge-classes", "Merging classes never lowers PA.", _labels(*_DEFINED), _merged),
    law("miou", "two-classes", "binary-miou", "Two classes: MIoU ≤ PA/(2 − PA).", _two_class_labels, _two_classes),
    law(
        "miou+mean_class_accuracy",
        "below-accuracy",
        "miou-le-mpa",
        "MIoU is at most mean class accuracy.",
        _labels(*_DEFINED),
        _below_accuracy,
    ),
    law(
        "confusion_matrix+pixel_accuracy",
        "micro",
        "micro-iou",
        "The micro-averaged IoU is PA/(2 − PA).",
        _labels(*_ALL_SEEN),
        _micro,
    ),
)
