# SPDX-License-Identifier: BSD-3-Clause
"""The exact confusion matrix as a metric of torchmetrics: synchronised, reset and logged as they are."""

from __future__ import annotations

from typing import Any

import torch
import torchmetrics

from . import _scores
from ._confusion import ConfusionMatrix

_SCORES = ("miou", "iou", "fwiou", "pixel_accuracy", "mean_class_accuracy", "class_accuracy", "dice")


class Metric(torchmetrics.Metric):  # type: ignore[misc]  # torchmetrics is optional and is not looked at
    """One score of a confusion matrix that torchmetrics accumulates and sums over processes.

    Args:
        num_classes: number of classes.
        score: a method of ``ConfusionMatrix``: ``miou`` and the like.
        ignore_index: pixels with this target are left out.
        absent: what 0/0 is.
        options: what ``torchmetrics.Metric`` takes.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    confusion: torch.Tensor

    def __init__(
        self,
        num_classes: int,
        *,
        score: str = "miou",
        ignore_index: int | None = None,
        absent: str = "skip",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if score not in _SCORES:
            raise ValueError(f"Metric: score must be one of {', '.join(_SCORES)}, got {score!r}")
        _scores.require_absent("Metric", absent)
        empty = ConfusionMatrix(num_classes, ignore_index=ignore_index)
        self.num_classes, self.ignore_index = empty.num_classes, empty.ignore_index
        self.score, self.absent = score, absent
        self.add_state("confusion", default=torch.from_numpy(empty.state), dist_reduce_fx="sum")

    def update(self, preds: torch.Tensor, target: torch.Tensor) -> None:
        """Count the pixels of a batch of labels; ``preds`` and ``target`` have one shape."""
        total = ConfusionMatrix(self.num_classes, ignore_index=self.ignore_index, state=self.confusion)
        total.update(preds, target)
        self.confusion = torch.from_numpy(total.state).to(self.confusion.device)

    def compute(self) -> torch.Tensor:
        """The score of all pixels so far, in float64: a number or one a class."""
        total = ConfusionMatrix(self.num_classes, ignore_index=self.ignore_index, state=self.confusion)
        value = getattr(total, self.score)(absent=self.absent)
        return torch.as_tensor(value, dtype=torch.float64, device=self.confusion.device)
