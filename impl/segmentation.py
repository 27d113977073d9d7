# SPDX-License-Identifier: BSD-3-Clause
"""Segmentation metrics from one exact integer confusion matrix.

``C[i, j]`` counts the pixels of true class i that are predicted j: rows are the truth. With hits
``pᵢᵢ``, true pixels ``tᵢ = Σⱼ pᵢⱼ``, predicted pixels ``uᵢ = Σⱼ pⱼᵢ`` and ``N = Σᵢ tᵢ``, every metric here is a
function of C, and C adds up over images, batches and processes. So averages of a data set are taken once, at
its end: an average of averages is another number.

Labels are NumPy arrays or torch tensors (CPU or GPU) of any integer dtype or bool and of any one shape. They
must lie in ``0 … num_classes − 1``; the first that does not is named in the error. ``ignore_index`` is
a value of the *target*: pixels that have it are left out, whatever is predicted there. A prediction equal to
``ignore_index`` elsewhere is an ordinary label.

``absent`` says what 0/0 is. The accuracy of a class is 0/0 where no pixel of truth has it; IoU and Dice are
where no pixel of truth or prediction has it (a class that is only predicted has IoU 0 and counts). Pixel
accuracy and FWIoU are 0/0 only without any pixel.

==========  ===========================  =======================================
``absent``  score of an absent class     mean over classes
==========  ===========================  =======================================
``skip``    NaN                          of the others; NaN if there is none
``zero``    0                            of all
``one``     1                            of all
``nan``     NaN                          NaN as soon as a class is absent
==========  ===========================  =======================================

Per-class scores, pixel accuracy and Dice are correctly rounded quotients of integers. Means and FWIoU
have a relative error of at most γ₃ = 3u/(1 − 3u), u = 2⁻⁵³.

Source: Garcia-Garcia et al., *A Review on Deep Learning Techniques Applied to Semantic Segmentation*, 2017.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from . import _scores
from ._confusion import ConfusionMatrix, checked, counted, hint, like, options
from ._counting import tally

__all__ = [
    "ConfusionMatrix",
    "accumulate",
    "class_histogram",
    "confusion_matrix",
    "dice",
    "fwiou",
    "iou",
    "mean_class_accuracy",
    "miou",
    "miou_dataset",
    "pixel_accuracy",
]

Array = Any


def confusion_matrix(pred: Array, target: Array, num_classes: int, *, ignore_index: int | None = None) -> Array:
    """How many pixels of each true class (row) are predicted as each class (column).

    Args:
        pred, target: integers of one shape, ``0 … num_classes − 1``.
        num_classes: number of classes, at least 1.
        ignore_index: pixels with this target are left out.

    Returns:
        ``(num_classes, num_classes)``, int64, of the library and on the device of the labels.

    Claims: :claim:`segmentation.confusion`.

    Raises:
        TypeError: labels that are no integers, or arrays of different libraries.
        ValueError: a label out of range (its value and place are named), different shapes or devices.

    Examples:
        >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
        array([[1, 1],
               [0, 1]])
    """
    return like(pred, counted("confusion_matrix", pred, target, num_classes, ignore_index))


def accumulate(confusions: Iterable[Array]) -> Array:
    """The confusion matrix of all pixels from those of the images, in any order and grouping.

    Args:
        confusions: integer matrices ``(C, C)``, or one array ``(images, C, C)``.

    Returns:
        ``(C, C)``, int64, of the library and on the device of the first.

    Claims: :claim:`segmentation.confusion`.

    Raises:
        TypeError: a matrix that does not hold integers.
        ValueError: no matrix, a negative entry, or different shapes.
        OverflowError: more than 2⁶³ − 1 pixels.

    Examples:
        >>> accumulate([np.eye(2, dtype=int), np.ones((2, 2), dtype=int)])
        array([[2, 1],
               [1, 2]])
    """
    given = list(confusions)
    matrices = [checked("accumulate", f"confusions[{i}]", matrix) for i, matrix in enumerate(given)]
    for i, matrix in enumerate(matrices):
        if matrix.shape != matrices[0].shape:
            raise ValueError(
                f"accumulate: confusions[{i}] must have the shape of confusions[0], "
                f"got {matrix.shape} and {matrices[0].shape}"
            )
    return like(given[0] if given else None, _scores.added("accumulate", matrices))


def class_histogram(labels: Array, num_classes: int, *, ignore_index: int | None = None) -> Array:
    """How many pixels each class has: ``(num_classes,)``, int64.

    The sums of the rows of a confusion matrix are the histogram of the targets.

    Claims: :claim:`segmentation.confusion`.

    Raises:
        TypeError: labels that are no integers.
        ValueError: a label out of range (its value and place are named).

    Examples:
        >>> class_histogram(np.array([[0, 2], [2, 2]]), 4)
        array([1, 0, 3, 0])
    """
    classes, ignored = options("class_histogram", num_classes, ignore_index)
    return like(labels, tally("class_histogram", [("labels", labels)], classes, ignored, hint=hint(ignored)))


def pixel_accuracy(
    pred: Array, target: Array, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> float:
    """Fraction of pixels predicted right: ``Σᵢ pᵢᵢ / N``, correctly rounded.

    Arguments, errors and ``absent`` as in the head of this module; 0/0 without any pixel.

    Claims: :claim:`segmentation.pa`.

    Examples:
        >>> pixel_accuracy(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2)
        0.75
    """
    _scores.require_absent("pixel_accuracy", absent)
    return _scores.pixel_accuracy(counted("pixel_accuracy", pred, target, num_classes, ignore_index), absent)


def mean_class_accuracy(
    pred: Array, target: Array, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> float:
    """Mean over classes of ``pᵢᵢ / tᵢ``, the recall: balanced accuracy.

    Arguments, errors and ``absent`` as in the head of this module; 0/0 for a class that no target has.

    Claims: :claim:`segmentation.mpa`.

    Examples:
        >>> mean_class_accuracy(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2)
        0.75
    """
    _scores.require_absent("mean_class_accuracy", absent)
    counts = counted("mean_class_accuracy", pred, target, num_classes, ignore_index)
    return _scores.mean(_scores.class_accuracies(counts, absent), absent)


def iou(
    pred: Array, target: Array, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Array:
    """Intersection over union of each class: ``pᵢᵢ / (tᵢ + uᵢ − pᵢᵢ)``, correctly rounded.

    Arguments, errors and ``absent`` as in the head of this module; 0/0 for a class in neither labels.

    Returns:
        ``(num_classes,)``, float64, of the library and on the device of the labels.

    Claims: :claim:`segmentation.miou`.

    Examples:
        >>> iou(np.array([0, 1, 1, 1]), np.array([0, 0, 0, 1]), 3)
        array([0.33333333, 0.33333333,        nan])
    """
    _scores.require_absent("iou", absent)
    return like(pred, np.asarray(_scores.ious(counted("iou", pred, target, num_classes, ignore_index), absent)))


def miou(
    pred: Array, target: Array, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> float:
    """Mean over classes of the intersection over union, of all pixels given taken together.

    Arguments, errors and ``absent`` as in the head of this module; 0/0 for a class in neither labels.

    Claims: :claim:`segmentation.miou`, :claim:`segmentation.absent-classes`.

    Examples:
        >>> pred, target = np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1])
        >>> miou(pred, target, 2) == (1 / 2 + 2 / 3) / 2
        True
        >>> miou(pred, target, 3, absent="one") == (1 / 2 + 2 / 3 + 1) / 3
        True
    """
    _scores.require_absent("miou", absent)
    return _scores.mean(_scores.ious(counted("miou", pred, target, num_classes, ignore_index), absent), absent)


def fwiou(
    pred: Array, target: Array, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> float:
    """Intersection over union weighted by how often the class occurs in truth: ``Σᵢ tᵢ IoUᵢ / N``.

    It lies between PA² and PA (:claim:`segmentation.fwiou-sharp`), so that it is no remedy for a dominant
    class. Arguments, errors and ``absent`` as in the head of this module; 0/0 without any pixel.

    Claims: :claim:`segmentation.fwiou`.

    Examples:
        >>> fwiou(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2) == (2 * 1 / 2 + 2 * 2 / 3) / 4
        True
    """
    _scores.require_absent("fwiou", absent)
    return _scores.fwiou(counted("fwiou", pred, target, num_classes, ignore_index), absent)


def miou_dataset(
    preds: Iterable[Array],
    targets: Iterable[Array],
    num_classes: int,
    *,
    ignore_index: int | None = None,
    absent: str = "skip",
) -> float:
    """Mean intersection over union of a data set: all pixels of all images are counted first, then divided.

    Args:
        preds, targets: as many images, each pair of one shape; images may differ in shape. Iterators are
            read image by image.

    The mean of ``miou`` over images is another number (:claim:`segmentation.per-image-vs-dataset`).

    Claims: :claim:`segmentation.per-image-vs-dataset`, :claim:`segmentation.miou`.

    Examples:
        >>> preds, targets = [np.array([1]), np.array([0, 0])], [np.array([1]), np.array([0, 1])]
        >>> miou_dataset(preds, targets, 2)
        0.5
    """
    _scores.require_absent("miou_dataset", absent)
    total = ConfusionMatrix(num_classes, ignore_index=ignore_index)
    images = iter(targets)
    for number, pred in enumerate(preds):
        target = next(images, None)
        if target is None:
            raise ValueError(f"miou_dataset: preds and targets must be as many, got {number} targets and more preds")
        total.update(pred, target)
    if next(images, None) is not None:
        raise ValueError("miou_dataset: preds and targets must be as many, got more targets")
    return total.miou(absent=absent)


def dice(pred: Array, target: Array, *, absent: str = "skip") -> float:
    """Dice coefficient of two binary masks: ``2 |A ∩ B| / (|A| + |B|)``, correctly rounded.

    Args:
        pred, target: masks of one shape, bool or integers 0 and 1.
        absent: what two empty masks have; ``skip`` and ``nan`` both give NaN.

    Claims: :claim:`segmentation.dice-iou`.

    Raises:
        TypeError: masks that are no integers.
        ValueError: a value other than 0 and 1 (its place is named), different shapes or devices.

    Examples:
        >>> dice(np.array([1, 1, 0, 0]), np.array([1, 1, 1, 0]))
        0.8
    """
    _scores.require_absent("dice", absent)
    return _scores.dices(counted("dice", pred, target, 2, None), absent)[1]


def __getattr__(name: str) -> Any:
    """``Metric``, for torchmetrics, which is imported only when it is asked for."""
    if name == "Metric":
        from ._torchmetrics import Metric

        return Metric
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
