# SPDX-License-Identifier: BSD-3-Clause
"""Laws of segmentation metrics: counts to the last pixel, quotients up to rounding.

Every function is held to the formula of the theory at matrices with all the corners that a metric can cut:
classes that do not occur, that are not predicted, that are neither; ignored pixels; more classes than a byte
can hold pairs of; no pixel at all. How the metrics must lie to each other is in ``segmentation_relations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from . import segmentation_counts as counts
from . import segmentation_masks as overlaps
from . import segmentation_relations as relations
from .call import Array, Call
from .contract import Contract, Promise
from .law import Law
from .regimes import SEEDS
from .segmentation_cases import ABSENT, KINDS, ORDINARY, Draw, Labelled, drawn, pixels
from .segmentation_scores import FLOATS, SCORES, call_of, compared, measured
from .subject import Subject
from .verdict import Comparison

CONVENTIONS: dict[str, tuple[str, ...]] = {}

_LABELS = "(pred, target, num_classes, *, ignore_index=None)"
_SCORED = '(pred, target, num_classes, *, ignore_index=None, absent="skip")'

# Laws of scores --------------------------------------------------------------------------------------


def _formula(name: str) -> Callable[[Subject, Labelled], Iterator[Comparison]]:
    def check(subject: Subject, case: Labelled) -> Iterator[Comparison]:
        """The theory's formula at the matrix, in exact fractions. Quotients of integers have one rounding each,
        frequency weights two more, a sum of K terms K − 1 and a mean one: all terms are non-negative, so
        that the relative error is at most γ of K + 4."""
        output = measured(subject, call_of(subject, name, case), case)
        yield compared(subject, name, output, case, f"{name} against the formula")

    return check


def _pooled(subject: Subject, case: tuple[list[Labelled], str]) -> Iterator[Comparison]:
    """The matrices of the images are added and divided once, at the end: γ of K + 4 as for one image."""
    images, absent = case
    total = Labelled(
        np.sum([image.matrix for image in images], axis=0),
        np.stack([image.pred for image in images]),
        np.stack([image.target for image in images]),
        images[0].kind,
        images[0].ignored,
        absent,  # type: ignore[arg-type]  # drawn from ABSENT
    )
    output = measured(subject, call_of(subject, "miou_dataset", total), total)
    yield compared(subject, "miou_dataset", output, total, "the data set against the formula at the summed matrix")


# Cases -----------------------------------------------------------------------------------------------


def _of(name: str, **options: Any) -> Callable[[Subject], Draw]:
    """Calls of a contract, for the general laws."""

    def cases(subject: Subject) -> Draw:
        return drawn(ORDINARY, **options).map(lambda case: call_of(subject, name, case))

    return cases


def _images(seed: int, count: int, kind: Any, ignored: bool, absent: str) -> tuple[list[Labelled], str]:
    """Images of one size with different classes in them, some with pixels to be left out."""
    rng = np.random.default_rng(seed)
    classes, size = int(rng.integers(2, 5)), int(rng.integers(2, 12))
    images = []
    for _ in range(count):
        some = rng.choice(classes, int(rng.integers(1, classes + 1)), replace=False)
        matrix = np.zeros((classes, classes), dtype=np.int64)
        counted = int(rng.integers(0, size)) if ignored else size
        np.add.at(matrix, (rng.choice(some, counted), rng.choice(some, counted)), 1)
        pred, target = pixels(matrix, rng)
        rest = size - counted
        pred = np.concatenate([pred, rng.integers(0, classes, rest)])
        target = np.concatenate([target, np.full(rest, 255)])
        images.append(Labelled(matrix, pred, target, kind, 255 if ignored else None))
    return images, absent


def data_sets(ignored: bool = False, absent: tuple[str, ...] = ("skip",), most: int = 4) -> Draw:
    parts = (SEEDS, st.integers(1, most), st.sampled_from(KINDS), st.just(ignored), st.sampled_from(absent))
    return st.tuples(*parts).map(lambda values: _images(*values))


def _one_data_set(subject: Subject) -> Draw:
    def call(case: tuple[list[Labelled], str]) -> Call:
        images, _ = case
        pred, target = (np.stack([getattr(i, side) for i in images]) for side in ("pred", "target"))
        kind = images[0].kind
        return subject.call("miou_dataset", Array(pred, kind), Array(target, kind), images[0].classes)

    return data_sets().map(call)


def _masks(seed: int, kind: Any, regime: int, absent: Any) -> Labelled:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 6, (2, 2))
    if regime == 1:  # disjoint
        matrix[1, 1] = 0
    elif regime == 2:  # two empty masks
        matrix[1, :], matrix[:, 1] = 0, 0
    elif regime == 3:
        matrix[0, 1] = matrix[1, 0] = 0
    pred, target = pixels(matrix, rng)
    return Labelled(matrix, pred, target, kind, None, absent)


def masks(regimes: tuple[int, ...] = (0, 1, 2, 3), absent: tuple[str, ...] = ("skip",)) -> Draw:
    kinds = st.sampled_from(("boolean", "integer", "byte"))
    parts = (SEEDS, kinds, st.sampled_from(regimes), st.sampled_from(absent))
    return st.tuples(*parts).map(lambda values: _masks(*values))


# Contracts and laws ----------------------------------------------------------------------------------


def _counts_promise(axes: int) -> Callable[[Subject, Call], tuple[Promise, ...]]:
    def promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
        classes = call.arguments[0].values.shape[-1] if call.contract == "accumulate" else call.arguments[-1]
        return (Promise((classes,) * axes, ("int64",)),)

    return promise


def _score_promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise((call.arguments[-1],) if call.contract == "iou" else None, FLOATS),)


def _stack_call(subject: Subject) -> Draw:
    return counts.stacks(1, (0, 20, 40)).map(lambda stack: subject.call("accumulate", Array(stack, "integer")))


def _histogram_call(subject: Subject) -> Draw:
    one = drawn(ORDINARY)
    return one.map(lambda c: subject.call("class_histogram", Array(c.target, c.kind), c.classes))


CONTRACTS = (
    Contract(
        "confusion_matrix",
        _LABELS,
        "labels of one shape → (num_classes, num_classes) int64, rows = target",
        _of("confusion_matrix"),
        _counts_promise(2),
        per_dtype=False,
    ),
    Contract(
        "accumulate",
        "(confusions)",
        "(images, C, C) integers, or any iterable of matrices → (C, C) int64",
        _stack_call,
        _counts_promise(2),
        per_dtype=False,
    ),
    Contract(
        "class_histogram",
        "(labels, num_classes)",
        "labels → (num_classes,) int64",
        _histogram_call,
        _counts_promise(1),
        per_dtype=False,
    ),
    *(
        Contract(
            name,
            _SCORED,
            "labels of one shape → " + ("(num_classes,)" if name == "iou" else "a number"),
            _of(name),
            _score_promise,
            per_dtype=False,
        )
        for name in SCORES
    ),
    Contract(
        "miou_dataset",
        '(preds, targets, num_classes, *, ignore_index=None, absent="skip")',
        "(images, pixels), or any iterables of images → a number",
        _one_data_set,
        _score_promise,
        per_dtype=False,
    ),
    Contract(
        "dice",
        '(pred, target, *, absent="skip")',
        "binary masks of one shape → a number",
        lambda subject: masks((0, 1, 3)).map(lambda case: call_of(subject, "dice", case)),
        _score_promise,
        per_dtype=False,
    ),
)

_DEFINED = {
    "pixel_accuracy": ("segmentation.pa", "The fraction of the pixels that are right."),
    "mean_class_accuracy": ("segmentation.mpa", "The mean of the classes' recalls."),
    "iou": ("segmentation.tp-form", "Intersection over union of each class: TP / (TP + FP + FN)."),
    "miou": ("segmentation.miou", "The mean of the classes' intersections over unions."),
    "fwiou": ("segmentation.fwiou", "Intersections over unions, weighted by the truth."),
}


def _laws_of(name: str) -> tuple[Law, ...]:
    """The formula, with many classes in bytes, with ignored pixels, and with every policy for absent classes."""
    claim, statement = _DEFINED[name]

    def formula(subject: Subject) -> Draw:
        return drawn()

    def in_bytes(subject: Subject) -> Draw:
        return drawn(("many classes",), kinds=("byte",))

    def left_out(subject: Subject) -> Draw:
        return drawn(ORDINARY, ("beyond", "class"))

    def policies(subject: Subject) -> Draw:
        return drawn(("absent", "only predicted", "never predicted", "empty", "background"), absent=ABSENT)

    check = _formula(name)
    ignoring = "Pixels whose target is ignored are left out, whatever is predicted there."
    pairs = "Labels in bytes are counted like others, where there are more pairs of classes than numbers in a byte."
    return (
        Law(f"{name}-formula", (claim,), (name,), statement, formula, check, examples=50),
        Law(f"{name}-bytes", (claim,), (name,), pairs, in_bytes, check, examples=10),
        Law(f"{name}-ignored", (claim,), (name,), ignoring, left_out, check, ("ignore_index",)),
        Law(
            f"{name}-absent",
            ("segmentation.absent-classes",),
            (name,),
            "0/0 is skipped, 0, 1 or NaN, as asked for.",
            policies,
            check,
            ("absent",),
        ),
    )


LAWS = (
    *counts.LAWS,
    *(law for name in SCORES for law in _laws_of(name)),
    Law(
        "dataset-pooled",
        ("segmentation.per-image-vs-dataset", "segmentation.miou"),
        ("miou_dataset",),
        "A data set is counted first and divided once.",
        lambda subject: data_sets(),
        _pooled,
        examples=50,
    ),
    Law(
        "dataset-ignored",
        ("segmentation.per-image-vs-dataset",),
        ("miou_dataset",),
        "Pixels whose target is ignored are left out of the pool.",
        lambda subject: data_sets(ignored=True),
        _pooled,
        ("ignore_index",),
    ),
    Law(
        "dataset-absent",
        ("segmentation.absent-classes",),
        ("miou_dataset",),
        "A class is absent if no image has it; 0/0 is skipped, 0, 1 or NaN, as asked for.",
        lambda subject: data_sets(absent=ABSENT, most=2),
        _pooled,
        ("absent",),
    ),
    Law(
        "dice-formula",
        ("segmentation.dice-iou",),
        ("dice",),
        "Twice the intersection over the sum of the sizes.",
        lambda subject: masks((0, 1, 3)),
        _formula("dice"),
        examples=50,
    ),
    Law(
        "dice-absent",
        ("segmentation.absent-classes",),
        ("dice",),
        "Two empty masks have NaN, 0 or 1, as asked for.",
        lambda subject: masks(absent=ABSENT),
        _formula("dice"),
        ("absent",),
    ),
    *relations.LAWS,
    *overlaps.LAWS,
)
