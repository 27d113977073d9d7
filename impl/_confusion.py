# SPDX-License-Identifier: BSD-3-Clause
"""The confusion matrix as an accumulator, and the checks around it that the functions of the topic share."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import is_torch_array

from . import _scores
from ._arrays import Array
from ._counting import Counts, integer, tally


class ConfusionMatrix:
    """A confusion matrix that grows image by image and merges across processes.

    ``state`` is all there is to send to another process; the matrix of all pixels is ``merge`` of those of the
    parts, in any order and grouping, or the element-wise sum of their states (``all_reduce``).

    Examples:
        >>> first, second = ConfusionMatrix(2), ConfusionMatrix(2)
        >>> first.update(np.array([0, 1]), np.array([0, 0]))
        >>> second.update(np.array([1, 1]), np.array([1, 1]))
        >>> both = first.merge(second)
        >>> both.state
        array([[1, 1],
               [0, 2]])
        >>> both.pixel_accuracy()
        0.75
    """

    def __init__(self, num_classes: int, *, ignore_index: int | None = None, state: Array | None = None) -> None:
        self.num_classes, self.ignore_index = options("ConfusionMatrix", num_classes, ignore_index)
        shape = (self.num_classes, self.num_classes)
        self._counts: Counts = np.zeros(shape, dtype=np.int64)
        if state is not None:
            counts = checked("ConfusionMatrix", "state", state)
            if counts.shape != shape:
                raise ValueError(f"ConfusionMatrix: state must have shape {shape}, got {counts.shape}")
            self._counts = _scores.added("ConfusionMatrix", [counts])

    @property
    def state(self) -> Counts:
        """The counts so far, ``(num_classes, num_classes)`` int64: a copy, to be sent or kept."""
        return self._counts.copy()

    def update(self, pred: Array, target: Array) -> None:
        """Count the pixels of an image or a batch; if that raises, nothing of it is counted."""
        counts = counted("update", pred, target, self.num_classes, self.ignore_index)
        self._counts = _scores.added("update", [self._counts, counts])

    def merge(self, *others: ConfusionMatrix) -> ConfusionMatrix:
        """The matrix of all pixels of this and the others, which stay as they are."""
        for other in others:
            if (other.num_classes, other.ignore_index) != (self.num_classes, self.ignore_index):
                raise ValueError(
                    f"merge: num_classes and ignore_index must be {self.num_classes} and {self.ignore_index}, "
                    f"got {other.num_classes} and {other.ignore_index}"
                )
        total = ConfusionMatrix(self.num_classes, ignore_index=self.ignore_index)
        total._counts = _scores.added("merge", [self._counts, *(other._counts for other in others)])
        return total

    def pixel_accuracy(self, *, absent: str = "skip") -> float:
        """:func:`pixel_accuracy` of all pixels so far."""
        _scores.require_absent("pixel_accuracy", absent)
        return _scores.pixel_accuracy(self._counts, absent)

    def class_accuracy(self, *, absent: str = "skip") -> Counts:
        """Recall of each class, ``(num_classes,)`` float64."""
        _scores.require_absent("class_accuracy", absent)
        return np.asarray(_scores.class_accuracies(self._counts, absent))

    def mean_class_accuracy(self, *, absent: str = "skip") -> float:
        """:func:`mean_class_accuracy` of all pixels so far."""
        return _scores.mean(self.class_accuracy(absent=absent).tolist(), absent)

    def iou(self, *, absent: str = "skip") -> Counts:
        """:func:`iou` of all pixels so far, ``(num_classes,)`` float64."""
        _scores.require_absent("iou", absent)
        return np.asarray(_scores.ious(self._counts, absent))

    def miou(self, *, absent: str = "skip") -> float:
        """:func:`miou` of all pixels so far."""
        return _scores.mean(self.iou(absent=absent).tolist(), absent)

    def fwiou(self, *, absent: str = "skip") -> float:
        """:func:`fwiou` of all pixels so far."""
        _scores.require_absent("fwiou", absent)
        return _scores.fwiou(self._counts, absent)

    def dice(self, *, absent: str = "skip") -> Counts:
        """Dice coefficient of each class against all others, ``(num_classes,)`` float64."""
        _scores.require_absent("dice", absent)
        return np.asarray(_scores.dices(self._counts, absent))

    def __repr__(self) -> str:
        pixels = int(self._counts.sum())
        return f"ConfusionMatrix(num_classes={self.num_classes}, ignore_index={self.ignore_index}, pixels={pixels})"


def options(name: str, num_classes: int, ignore_index: int | None) -> tuple[int, int | None]:
    """Number of classes and ignored label as Python integers, checked."""
    ignored = None if ignore_index is None else integer(name, "ignore_index", ignore_index)
    return integer(name, "num_classes", num_classes, least=1), ignored


def hint(ignored: int | None) -> str:
    """What to do about a label out of range."""
    return "; pass ignore_index to leave pixels of one value out" if ignored is None else ""


def counted(name: str, pred: Array, target: Array, num_classes: int, ignore_index: int | None) -> Counts:
    """The confusion matrix on the host; errors are those of the function ``name``."""
    classes, ignored = options(name, num_classes, ignore_index)
    return tally(name, [("target", target), ("pred", pred)], classes, ignored, hint=hint(ignored))


def checked(name: str, argument: str, matrix: Array) -> Counts:
    """A square matrix of counts as int64 on the host."""
    values = np.asarray(matrix.detach().cpu().numpy() if is_torch_array(matrix) else matrix)
    if values.dtype.kind not in "iu":
        raise TypeError(f"{name}: {argument} must hold integers, got dtype {values.dtype}")
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.size:
        raise ValueError(f"{name}: {argument} must be a square matrix, got shape {values.shape}")
    if int(values.min()) < 0 or int(values.max()) > _scores.LARGEST:
        raise ValueError(f"{name}: {argument} must hold counts in 0 … 2⁶³ − 1, got {values.min()} … {values.max()}")
    return values.astype(np.int64)


def like(x: Array, values: np.ndarray[Any, Any]) -> Array:
    """The values in the library and on the device of x."""
    if is_torch_array(x):
        import torch

        return torch.from_numpy(values).to(x.device)
    return values
