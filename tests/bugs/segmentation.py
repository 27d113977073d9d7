# SPDX-License-Identifier: BSD-3-Clause
"""Segmentation metrics as people write them, with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from . import Planted

Tensor = torch.Tensor
Metric = Callable[..., Any]

# A correct toolbox, in which each bug changes one thing ------------------------------------------------


def counts(pred: Tensor, target: Tensor, classes: int, ignore_index: int | None = None) -> Tensor:
    """The confusion matrix, rows = target, as most code has it; refuses what is out of range."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    if t.numel() and (min(t.min(), p.min()) < 0 or max(t.max(), p.max()) >= classes):
        raise ValueError("a label is out of range")
    return torch.bincount(t * classes + p, minlength=classes**2).reshape(classes, classes)


def margins(matrix: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hits, true pixels and predicted pixels of each class in float64."""
    m = matrix.double()
    return m.diagonal(), m.sum(1), m.sum(0)


def averaged(part: Tensor, whole: Tensor, absent: str) -> Tensor:
    """The mean of quotients by the policy for 0/0."""
    values = by_policy(part, whole, absent)
    return values.nanmean() if absent == "skip" else values.mean()


def by_policy(part: Tensor, whole: Tensor, absent: str) -> Tensor:
    instead = {"zero": 0.0, "one": 1.0}.get(absent, float("nan"))
    return torch.where(whole > 0, part / whole.clamp(min=1), torch.full_like(part, instead))


def scored(formula: Callable[[Tensor, str], Any], matrix: Callable[..., Tensor] = counts) -> Metric:
    """A metric from a formula of the confusion matrix and the policy."""

    def metric(
        pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
    ) -> Any:
        return formula(matrix(pred, target, num_classes, ignore_index), absent)

    return metric


def correct_pa(matrix: Tensor, absent: str) -> Tensor:
    hits, true, _ = margins(matrix)
    return by_policy(hits.sum(), true.sum(), absent)


def correct_mpa(matrix: Tensor, absent: str) -> Tensor:
    hits, true, _ = margins(matrix)
    return averaged(hits, true, absent)


def correct_iou(matrix: Tensor, absent: str) -> Tensor:
    hits, true, predicted = margins(matrix)
    return by_policy(hits, true + predicted - hits, absent)


def correct_miou(matrix: Tensor, absent: str) -> Tensor:
    values = correct_iou(matrix, absent)
    return values.nanmean() if absent == "skip" else values.mean()


def correct_fwiou(matrix: Tensor, absent: str) -> Tensor:
    hits, true, _ = margins(matrix)
    ious = by_policy(hits, margins(matrix)[1] + margins(matrix)[2] - hits, "zero")
    return by_policy((true * ious).sum(), true.sum(), absent)


# Confusion matrices ----------------------------------------------------------------------------------


def columns_are_truth(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Rows and columns exchanged."""
    return counts(pred, target, num_classes, ignore_index).T


def bytes_wrap(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """The number of a pair is computed in the dtype of the labels: uint8 wraps from 16 classes on."""
    t, p = target.reshape(-1), pred.reshape(-1)
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    if t.numel() and (min(t.min(), p.min()) < 0 or max(t.max(), p.max()) >= num_classes):
        raise ValueError("a label is out of range")
    return torch.bincount((t * num_classes + p).long(), minlength=num_classes**2)[: num_classes**2].reshape(
        num_classes, num_classes
    )


def counts_in_bytes(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Counters of 8 bits wrap at 256."""
    return counts(pred, target, num_classes, ignore_index).to(torch.uint8).long()


def counts_in_shorts(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """32-bit counters, which wrap at 2³¹ pixels: not what was promised."""
    return counts(pred, target, num_classes, ignore_index).int()


def half_precision_counts(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """One by one in float16, as under autocast: stops at 2048."""
    return counts(pred, target, num_classes, ignore_index).clamp(max=2048)


def float_histogram(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """histc bins floats: the edges of the bins are not the integers."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    n = num_classes**2
    return torch.histc((t * num_classes + p).half().float(), n, 0, n - 1).long().reshape(num_classes, num_classes)


def binned_between(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """The range of the histogram is that of the data, not of the classes."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    code = (t * num_classes + p).double().numpy()
    return torch.from_numpy(np.histogram(code, num_classes**2)[0].astype(np.int64)).reshape(num_classes, num_classes)


def out_of_range_dropped(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """The mask of a widely copied evaluator: what is no class is silently left out."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    keep = (t >= 0) & (t < num_classes) & (p >= 0) & (p < num_classes)
    if ignore_index is not None:
        keep &= t != ignore_index
    return torch.bincount(t[keep] * num_classes + p[keep], minlength=num_classes**2).reshape(num_classes, num_classes)


def out_of_range_clipped(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """A label beyond the last class is counted as the last."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    t, p = t.clamp(0, num_classes - 1), p.clamp(0, num_classes - 1)
    return torch.bincount(t * num_classes + p, minlength=num_classes**2).reshape(num_classes, num_classes)


def only_targets_checked(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """A prediction out of range is counted as another pair, in the next row."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    if t.numel() and (t.min() < 0 or t.max() >= num_classes):
        raise ValueError("a target is out of range")
    code = (t * num_classes + p) % num_classes**2
    return torch.bincount(code, minlength=num_classes**2).reshape(num_classes, num_classes)


def ignored_as_background(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Ignored pixels become class 0 instead of being left out."""
    if ignore_index is not None:
        target = torch.where(target.long() == ignore_index, 0, target.long())
    return counts(pred, target, num_classes)


def ignored_predictions(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Pixels are left out where the prediction is the ignored label, as well."""
    if ignore_index is not None:
        keep = (target != ignore_index) & (pred != ignore_index)
        return counts(pred[keep], target[keep], num_classes)
    return counts(pred, target, num_classes)


def ignored_row_only_zeroed(
    pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None
) -> Tensor:
    """Ignoring a class zeroes its row and its column."""
    if ignore_index is None or ignore_index >= num_classes or ignore_index < 0:
        return counts(pred, target, num_classes, ignore_index)
    matrix = counts(pred, target, num_classes)
    matrix[ignore_index], matrix[:, ignore_index] = 0, 0
    return matrix


def classes_of_the_data(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Only labels that occur get a row: the matrix shrinks and classes move up."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    if t.numel() and (min(t.min(), p.min()) < 0 or max(t.max(), p.max()) >= num_classes):
        raise ValueError("a label is out of range")
    seen = torch.unique(torch.cat([t, p]))
    small = counts(torch.searchsorted(seen, p), torch.searchsorted(seen, t), max(len(seen), 1))
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    matrix[: len(small), : len(small)] = small
    return matrix


def scattered_once(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """matrix[t, p] += 1 adds a repeated pair once."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    matrix[t, p] += 1
    return matrix


def normalised(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Divided by the number of pixels."""
    matrix = counts(pred, target, num_classes, ignore_index).double()
    return matrix / matrix.sum().clamp(min=1)


def carried_over() -> dict[str, Metric]:
    """An accumulator that is never reset."""
    seen: dict[int, Tensor] = {}

    def confusion_matrix(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
        matrix = counts(pred, target, num_classes, ignore_index) + seen.get(num_classes, 0)
        seen[num_classes] = matrix
        return matrix

    return {"confusion_matrix": confusion_matrix}


def target_overwritten(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Scales the targets in place."""
    matrix = counts(pred, target, num_classes, ignore_index)
    target *= num_classes
    return matrix


# Sums and histograms ---------------------------------------------------------------------------------


def mean_of_matrices(confusions: Tensor) -> Tensor:
    return confusions.double().mean(0).long()


def float_sums(confusions: Tensor) -> Tensor:
    """float32 sums: exact below 2²⁴."""
    return confusions.float().sum(0).long()


def short_sums(confusions: Tensor) -> Tensor:
    """32-bit sums wrap."""
    return confusions.int().sum(0, dtype=torch.int32).long()


def last_image_forgotten(confusions: Tensor) -> Tensor:
    return (confusions[:-1] if len(confusions) > 1 else confusions).sum(0)


def running_half(confusions: Tensor) -> Tensor:
    """A running average: the order matters."""
    total = confusions[0]
    for matrix in confusions[1:]:
        total = (total + matrix + 1) // 2
    return total


def histogram_of_the_data(labels: Tensor, num_classes: int) -> Tensor:
    """Bins between the smallest and the largest label that occurs."""
    x = labels.reshape(-1).double()
    if x.numel() and (x.min() < 0 or x.max() >= num_classes):
        raise ValueError("a label is out of range")
    return torch.histc(x, num_classes).long()


def histogram_drops(labels: Tensor, num_classes: int) -> Tensor:
    x = labels.reshape(-1).long()
    return torch.bincount(x[(x >= 0) & (x < num_classes)], minlength=num_classes)


# Scores ----------------------------------------------------------------------------------------------


def mean_of_rows_with_background_left_out(matrix: Tensor, absent: str) -> Tensor:
    hits, true, _ = margins(matrix)
    return averaged(hits[1:], true[1:], absent) if len(hits) > 1 else averaged(hits, true, absent)


def precision_for_recall(matrix: Tensor, absent: str) -> Tensor:
    """TP/(TP + FP): the sums of the columns."""
    hits, _, predicted = margins(matrix)
    return averaged(hits, predicted, absent)


def absent_as_zero(matrix: Tensor, absent: str) -> Tensor:
    """Absent classes count as 0, whatever was asked for."""
    return correct_mpa(matrix, "zero")


def pa_of_foreground(matrix: Tensor, absent: str) -> Tensor:
    """Background pixels are not counted."""
    hits, true, _ = margins(matrix)
    return by_policy(hits[1:].sum(), true[1:].sum(), absent)


def pa_as_mpa(matrix: Tensor, absent: str) -> Tensor:
    return correct_pa(matrix, absent)


def mpa_as_pa(matrix: Tensor, absent: str) -> Tensor:
    return correct_mpa(matrix, absent)


def union_counted_twice(matrix: Tensor, absent: str) -> Tensor:
    """The intersection is not taken off: half of Dice."""
    hits, true, predicted = margins(matrix)
    return by_policy(hits, true + predicted, absent)


def iou_as_dice(matrix: Tensor, absent: str) -> Tensor:
    hits, true, predicted = margins(matrix)
    return by_policy(2 * hits, true + predicted, absent)


def iou_smoothed(matrix: Tensor, absent: str, smooth: float = 1.0) -> Tensor:
    """A smoothing term from the loss."""
    hits, true, predicted = margins(matrix)
    return (hits + smooth) / (true + predicted - hits + smooth)


def iou_with_epsilon(matrix: Tensor, absent: str) -> Tensor:
    """1e-6 in the denominator, so that nothing is 0/0."""
    hits, true, predicted = margins(matrix)
    return hits / (true + predicted - hits + 1e-6)


def miou_of_truth(matrix: Tensor, absent: str) -> Tensor:
    """Only classes that occur in truth; one that is only predicted goes unpunished."""
    hits, true, predicted = margins(matrix)
    return averaged(hits[true > 0], (true + predicted - hits)[true > 0], absent)


def miou_of_prediction(matrix: Tensor, absent: str) -> Tensor:
    """Only classes that are predicted."""
    hits, true, predicted = margins(matrix)
    return averaged(hits[predicted > 0], (true + predicted - hits)[predicted > 0], absent)


def miou_of_hits(matrix: Tensor, absent: str) -> Tensor:
    """The mean leaves out classes without any hit."""
    hits, true, predicted = margins(matrix)
    keep = (hits > 0) | (true + predicted == 0)
    return averaged(hits[keep], (true + predicted - hits)[keep], absent) if keep.any() else hits.sum()


def miou_absent_one(matrix: Tensor, absent: str) -> Tensor:
    """Absent classes count as perfect, whatever was asked for."""
    return correct_miou(matrix, "one")


def miou_absent_nan(matrix: Tensor, absent: str) -> Tensor:
    return correct_iou(matrix, "nan").mean()


def miou_without_background(matrix: Tensor, absent: str) -> Tensor:
    values = correct_iou(matrix, absent)
    values = values[1:] if len(values) > 1 else values
    return values.nanmean() if absent == "skip" else values.mean()


def miou_of_the_mean(matrix: Tensor, absent: str) -> Tensor:
    """Sum of intersections over sum of unions."""
    hits, true, predicted = margins(matrix)
    return by_policy(hits.sum(), (true + predicted - hits).sum(), absent)


def weighted_by_prediction(matrix: Tensor, absent: str) -> Tensor:
    """Frequencies of the predicted classes."""
    _, true, predicted = margins(matrix)
    return by_policy((predicted * correct_iou(matrix, "zero")).sum(), true.sum(), absent)


def fwiou_as_micro_iou(matrix: Tensor, absent: str) -> Tensor:
    return miou_of_the_mean(matrix, absent)


def fwiou_without_weights(matrix: Tensor, absent: str) -> Tensor:
    return correct_miou(matrix, absent)


def weights_of_present_hits(matrix: Tensor, absent: str) -> Tensor:
    """Weights are normalised over classes with a hit."""
    hits, true, _ = margins(matrix)
    weights = torch.where(hits > 0, true, 0.0)
    return by_policy((weights * correct_iou(matrix, "zero")).sum(), weights.sum(), absent)


def nan_weights(matrix: Tensor, absent: str) -> Tensor:
    """0 · NaN: one class that nobody has makes everything NaN."""
    _, true, _ = margins(matrix)
    return (true * correct_iou(matrix, "nan")).sum() / true.sum()


def single_precision_scores(matrix: Tensor, absent: str) -> Tensor:
    """Rounded to three digits for the table."""
    return (correct_miou(matrix, absent) * 1000).round() / 1000


# Data sets and masks ---------------------------------------------------------------------------------


def mean_over_images(
    preds: Tensor, targets: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    """MIoU of every image, averaged."""
    scores = [
        correct_miou(counts(p, t, num_classes, ignore_index), absent) for p, t in zip(preds, targets, strict=True)
    ]
    return torch.stack(scores).nanmean()


def mean_of_class_means(
    preds: Tensor, targets: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    """IoU of every class averaged over images, then over classes."""
    ious = [correct_iou(counts(p, t, num_classes, ignore_index), absent) for p, t in zip(preds, targets, strict=True)]
    return torch.stack(ious).nanmean(0).nanmean()


def last_image_only(
    preds: Tensor, targets: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    matrices = [counts(p, t, num_classes, ignore_index) for p, t in zip(preds, targets, strict=True)]
    return correct_miou(matrices[-1], absent)


def batches_of_two(
    preds: Tensor, targets: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    """Pooled within a batch, averaged over batches."""
    scores = [
        correct_miou(counts(preds[i : i + 2], targets[i : i + 2], num_classes, ignore_index), absent)
        for i in range(0, len(preds), 2)
    ]
    return torch.stack(scores).nanmean()


def dice_by(formula: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Metric:
    """A Dice coefficient from |A ∩ B|, |A| and |B|."""

    def dice(pred: Tensor, target: Tensor, *, absent: str = "skip") -> Tensor:
        a, b = pred.double(), target.double()
        if not a.sum() + b.sum():
            return torch.tensor({"zero": 0.0, "one": 1.0}.get(absent, float("nan")), dtype=torch.float64)
        return formula((a * b).sum(), a.sum(), b.sum())

    return dice


def dice_of_empty_is_one(pred: Tensor, target: Tensor, *, absent: str = "skip") -> Tensor:
    a, b = pred.double(), target.double()
    total = a.sum() + b.sum()
    return 2 * (a * b).sum() / total if total else torch.ones((), dtype=torch.float64)


# Correct ---------------------------------------------------------------------------------------------


def by_one_hot(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """A product of one-hot matrices, in float64, exact below 2⁵³."""
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    one_hot = partial(torch.nn.functional.one_hot, num_classes=num_classes)
    return (one_hot(t).double().T @ one_hot(p).double()).long() if t.numel() else counts(p, t, num_classes)


def by_comparison(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Every pair of classes compared with every pixel."""
    counts(pred, target, num_classes, ignore_index)  # refuses what is out of range
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    every = torch.arange(num_classes)
    return ((t == every[:, None])[:, None] & (p == every[:, None])[None]).sum(-1)


def by_index_add(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    counts(pred, target, num_classes, ignore_index)
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    return matrix.index_put_((t, p), torch.ones_like(t), accumulate=True)


def by_sorting(pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None) -> Tensor:
    """Lengths of runs of the sorted numbers of pairs."""
    counts(pred, target, num_classes, ignore_index)
    t, p = target.reshape(-1).long(), pred.reshape(-1).long()
    if ignore_index is not None:
        t, p = t[t != ignore_index], p[t != ignore_index]
    code = torch.sort(t * num_classes + p).values
    edges = torch.searchsorted(code, torch.arange(num_classes**2 + 1))
    return edges.diff().reshape(num_classes, num_classes)


def by_masks(
    pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    """IoU from boolean masks, class by class, without a matrix."""
    keep = torch.ones_like(target, dtype=torch.bool) if ignore_index is None else target.long() != ignore_index
    part, whole = [], []
    for c in range(num_classes):
        a, b = (pred == c) & keep, (target == c) & keep
        part.append((a & b).sum())
        whole.append((a | b).sum())
    return by_policy(torch.stack(part).double(), torch.stack(whole).double(), absent)


def miou_in_single_precision(
    pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    """float32 throughout, returned as float32."""
    m = counts(pred, target, num_classes, ignore_index).float()
    hits, true, predicted = m.diagonal(), m.sum(1), m.sum(0)
    values = by_policy(hits, true + predicted - hits, absent)
    return values.nanmean() if absent == "skip" else values.mean()


def miou_by_tp_fp_fn(matrix: Tensor, absent: str) -> float:
    """Plain Python numbers."""
    m, scores = matrix.tolist(), []
    for c in range(len(m)):
        tp, fn = m[c][c], sum(m[c]) - m[c][c]
        fp = sum(row[c] for row in m) - tp
        if tp + fp + fn:
            scores.append(tp / (tp + fp + fn))
        elif absent != "skip":
            scores.append({"zero": 0.0, "one": 1.0, "nan": float("nan")}[absent])
    return sum(scores) / len(scores) if scores else float("nan")


def accuracy_by_equality(
    pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    keep = torch.ones_like(target, dtype=torch.bool) if ignore_index is None else target.long() != ignore_index
    return by_policy(((pred == target) & keep).sum().double(), keep.sum().double(), absent)


def fwiou_by_frequencies(matrix: Tensor, absent: str) -> Tensor:
    """The widely copied form: frequencies times IoU where the frequency is positive."""
    hits, true, predicted = margins(matrix)
    if not true.sum():
        return by_policy(true.sum(), true.sum(), absent)
    frequency = true / true.sum()
    values = hits / (true + predicted - hits)
    return (frequency[frequency > 0] * values[frequency > 0]).sum()


def mpa_by_balanced_accuracy(
    pred: Tensor, target: Tensor, num_classes: int, *, ignore_index: int | None = None
) -> float:
    """Recall of every class that occurs; no policy to choose."""
    keep = torch.ones_like(target, dtype=torch.bool) if ignore_index is None else target.long() != ignore_index
    t, p = target[keep].long(), pred[keep].long()
    recalls = [float((p[t == c] == c).double().mean()) for c in t.unique().tolist()]
    return sum(recalls) / len(recalls) if recalls else float("nan")


def sum_of_list(confusions: Tensor) -> Tensor:
    return sum(iter(confusions))  # type: ignore[return-value]


def histogram_by_comparison(labels: Tensor, num_classes: int) -> Tensor:
    x = labels.reshape(-1).long()
    if x.numel() and (x.min() < 0 or x.max() >= num_classes):
        raise ValueError("a label is out of range")
    return (x == torch.arange(num_classes)[:, None]).sum(1)


def concatenated(
    preds: Tensor, targets: Tensor, num_classes: int, *, ignore_index: int | None = None, absent: str = "skip"
) -> Tensor:
    """All images laid side by side."""
    pred, target = torch.cat(list(preds)), torch.cat(list(targets))
    return correct_miou(counts(pred, target, num_classes, ignore_index), absent)


def _one(contract: str, function: Metric) -> Planted:
    return Planted(function.__name__.replace("_", "-"), lambda: {contract: function})


def _score(contract: str, formula: Callable[[Tensor, str], Any]) -> Planted:
    return Planted(formula.__name__.replace("_", "-"), lambda: {contract: scored(formula)})


def _through(contract: str, formula: Callable[[Tensor, str], Any], matrix: Metric) -> Planted:
    """A score whose confusion matrix has a bug."""
    name = f"{contract}-{matrix.__name__}".replace("_", "-")

    def of(pred: Tensor, target: Tensor, classes: int, ignore_index: int | None) -> Tensor:
        return matrix(pred, target, classes, ignore_index=ignore_index)

    return Planted(name, lambda: {contract: scored(formula, of)})


BUGS: tuple[Planted, ...] = (
    *(
        _one("confusion_matrix", f)
        for f in (
            columns_are_truth,
            bytes_wrap,
            counts_in_bytes,
            counts_in_shorts,
            half_precision_counts,
            float_histogram,
            binned_between,
            out_of_range_dropped,
            out_of_range_clipped,
            only_targets_checked,
            ignored_as_background,
            ignored_predictions,
            ignored_row_only_zeroed,
            classes_of_the_data,
            scattered_once,
            normalised,
            target_overwritten,
        )
    ),
    Planted("carried-over", carried_over),
    *(_one("accumulate", f) for f in (mean_of_matrices, float_sums, short_sums, last_image_forgotten, running_half)),
    *(_one("class_histogram", f) for f in (histogram_of_the_data, histogram_drops)),
    *(_score("pixel_accuracy", f) for f in (pa_of_foreground, mpa_as_pa)),
    *(
        _score("mean_class_accuracy", f)
        for f in (precision_for_recall, absent_as_zero, pa_as_mpa, mean_of_rows_with_background_left_out)
    ),
    *(_score("iou", f) for f in (union_counted_twice, iou_as_dice, iou_smoothed, iou_with_epsilon)),
    *(
        _score("miou", f)
        for f in (
            miou_of_truth,
            miou_of_prediction,
            miou_of_hits,
            miou_absent_one,
            miou_absent_nan,
            miou_without_background,
            miou_of_the_mean,
            single_precision_scores,
        )
    ),
    *(
        _score("fwiou", f)
        for f in (
            weighted_by_prediction,
            fwiou_as_micro_iou,
            fwiou_without_weights,
            weights_of_present_hits,
            nan_weights,
        )
    ),
    _through("mean_class_accuracy", correct_mpa, columns_are_truth),
    _through("fwiou", correct_fwiou, columns_are_truth),
    _through("miou", correct_miou, ignored_as_background),
    _through("miou", correct_miou, bytes_wrap),
    *(_one("miou_dataset", f) for f in (mean_over_images, mean_of_class_means, last_image_only, batches_of_two)),
    Planted("dice-is-iou", lambda: {"dice": dice_by(lambda both, a, b: both / (a + b - both))}),
    Planted("dice-without-two", lambda: {"dice": dice_by(lambda both, a, b: both / (a + b))}),
    Planted("dice-smoothed", lambda: {"dice": dice_by(lambda both, a, b: (2 * both + 1) / (a + b + 1))}),
    Planted("dice-epsilon-outside", lambda: {"dice": dice_by(lambda both, a, b: 2 * both / (a + b) + 1e-7)}),
    Planted("dice-of-squared-sizes", lambda: {"dice": dice_by(lambda both, a, b: both / (a * b).sqrt().clamp(min=1))}),
    _one("dice", dice_of_empty_is_one),
)

VARIANTS: tuple[Planted, ...] = (
    Planted("bincount", lambda: {"confusion_matrix": lambda pred, target, num_classes, *, ignore_index=None: counts(
        pred, target, num_classes, ignore_index)}),
    *(_one("confusion_matrix", f) for f in (by_comparison, by_index_add, by_sorting)),
    Planted("one-hot-refuses", lambda: {"confusion_matrix": by_one_hot}),
    _one("iou", by_masks),
    _one("miou", miou_in_single_precision),
    _score("miou", miou_by_tp_fp_fn),
    _score("pixel_accuracy", correct_pa),
    _one("pixel_accuracy", accuracy_by_equality),
    _score("fwiou", fwiou_by_frequencies),
    _score("mean_class_accuracy", correct_mpa),
    _one("mean_class_accuracy", mpa_by_balanced_accuracy),
    _one("accumulate", sum_of_list),
    _one("class_histogram", histogram_by_comparison),
    _one("miou_dataset", concatenated),
    Planted("dice-of-masks", lambda: {"dice": dice_by(lambda both, a, b: 2 * both / (a + b))}),
)  # fmt: skip
