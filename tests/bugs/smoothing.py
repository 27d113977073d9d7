# SPDX-License-Identifier: BSD-3-Clause
"""Smooth maxima, scores and steps as people write them, with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from . import Planted

F64 = torch.float64

# Smooth maxima -------------------------------------------------------------------------------------------


def no_shift(x: Tensor, *, sharpness: float) -> Tensor:
    """e^(kx) overflows from kx = 88 on."""
    return torch.exp(sharpness * x).sum(-1).log() / sharpness


def not_divided(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.logsumexp(sharpness * x, -1)


def not_multiplied(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.logsumexp(x, -1) / sharpness


def absorbed(x: Tensor, *, sharpness: float) -> Tensor:
    """k = 1, the rest left to the network."""
    return torch.logsumexp(x, -1)


def mean_of_exponentials(x: Tensor, *, sharpness: float) -> Tensor:
    """With the mean in place of the sum it lies below the maximum."""
    return torch.logsumexp(sharpness * x, -1) / sharpness - math.log(x.shape[-1]) / sharpness


def shift_forgotten(x: Tensor, *, sharpness: float) -> Tensor:
    """Taken out, and added back without the division by k."""
    z = sharpness * x
    m = z.amax(-1, keepdim=True)
    return (z - m).exp().sum(-1).log() / sharpness + m[..., 0]


def whole_maximum(x: Tensor, *, sharpness: float) -> Tensor:
    """The shift is the maximum of the whole batch: other rows underflow."""
    m = x.max()
    return m + (sharpness * (x - m)).exp().sum(-1).log() / sharpness


def epsilon_inside(x: Tensor, *, sharpness: float) -> Tensor:
    m = x.amax(-1, keepdim=True)
    return m[..., 0] + ((sharpness * (x - m)).exp().sum(-1) + 1e-2).log() / sharpness


def infinite_becomes_nan(x: Tensor, *, sharpness: float) -> Tensor:
    """An entry −inf is multiplied with a weight of 0."""
    weights = torch.softmax(sharpness * x, -1)
    entropy = -(weights * torch.log_softmax(sharpness * x, -1)).sum(-1)
    return (weights * x).sum(-1) + entropy / sharpness


def stopped_gradient(x: Tensor, *, sharpness: float) -> Tensor:
    """The maximum is a constant for differentiation, and only the others have a gradient."""
    m, place = x.max(-1, keepdim=True)
    others = (sharpness * (x - m.detach())).exp().scatter(-1, place, 0.0)
    return m.detach()[..., 0] + torch.log1p(others.sum(-1)) / sharpness


def log_base_two(x: Tensor, *, sharpness: float) -> Tensor:
    m = x.amax(-1, keepdim=True)
    return m[..., 0] + (sharpness * (x - m)).exp().sum(-1).log2() / sharpness


def half_precision_log(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.logsumexp((sharpness * x).to(torch.bfloat16), -1).to(x.dtype) / sharpness


# Boltzmann -----------------------------------------------------------------------------------------------


def lse_for_boltzmann(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.logsumexp(sharpness * x, -1) / sharpness


def entropy_added_once_more(x: Tensor, *, sharpness: float) -> Tensor:
    """LSE + H/k: the sign of the entropy."""
    logs = torch.log_softmax(sharpness * x, -1)
    return torch.logsumexp(sharpness * x, -1) / sharpness - (logs.exp() * logs).sum(-1) / sharpness


def entropy_undivided(x: Tensor, *, sharpness: float) -> Tensor:
    logs = torch.log_softmax(sharpness * x, -1)
    return torch.logsumexp(sharpness * x, -1) / sharpness + (logs.exp() * logs).sum(-1)


def sharpness_twice(x: Tensor, *, sharpness: float) -> Tensor:
    """The mean of kx."""
    z = sharpness * x
    return (torch.softmax(z, -1) * z).sum(-1)


def weights_without_gradient(x: Tensor, *, sharpness: float) -> Tensor:
    return (torch.softmax(sharpness * x, -1).detach() * x).sum(-1)


def mellowmax(x: Tensor, *, sharpness: float) -> Tensor:
    return mean_of_exponentials(x, sharpness=sharpness)


# Softmax -------------------------------------------------------------------------------------------------


def first_axis(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.softmax(sharpness * x, 0)


def temperature_for_sharpness(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.softmax(x / sharpness, -1)


def ignored_sharpness(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.softmax(x, -1)


def overflowing_softmax(x: Tensor, *, sharpness: float) -> Tensor:
    e = (sharpness * x).exp()
    return e / e.sum(-1, keepdim=True)


def epsilon_in_softmax(x: Tensor, *, sharpness: float) -> Tensor:
    e = (sharpness * (x - x.amax(-1, keepdim=True))).exp()
    return e / (e.sum(-1, keepdim=True) + 1e-3)


def hard(x: Tensor, *, sharpness: float) -> Tensor:
    """One-hot: the limit, not the function."""
    return torch.nn.functional.one_hot(x.argmax(-1), x.shape[-1]).to(x.dtype) + 0 * x


def sigmoids(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.sigmoid(sharpness * x)


def softmin(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.softmax(-sharpness * x, -1)


# Soft argmax ---------------------------------------------------------------------------------------------


def from_one(x: Tensor, *, sharpness: float) -> Tensor:
    return (torch.softmax(sharpness * x, -1) * torch.arange(1, x.shape[-1] + 1)).sum(-1)


def relative_index(x: Tensor, *, sharpness: float) -> Tensor:
    """Scaled to 0 … 1, as for keypoints."""
    return (torch.softmax(sharpness * x, -1) * torch.linspace(0, 1, x.shape[-1])).sum(-1)


def nearest_index(x: Tensor, *, sharpness: float) -> Tensor:
    index = (torch.softmax(sharpness * x, -1) * torch.arange(x.shape[-1])).sum(-1)
    return index + (index.round() - index).detach()


# Absolute value ------------------------------------------------------------------------------------------


def naive_log_cosh(x: Tensor, *, sharpness: float) -> Tensor:
    """cosh overflows."""
    return 2 / sharpness * torch.cosh(sharpness * x / 2).log()


def printed_constant(x: Tensor, *, sharpness: float) -> Tensor:
    """The page's antiderivative, (2/k) log 2 higher."""
    return (x.abs() + 2 * torch.log1p((-sharpness * x.abs()).exp()) / sharpness).to(x.dtype)


def half_argument(x: Tensor, *, sharpness: float) -> Tensor:
    """log cosh(kx)/k: twice as sharp."""
    return x.abs() + (torch.log1p((-2 * sharpness * x.abs()).exp()) - math.log(2)) / sharpness


def unsquared_scale(x: Tensor, *, sharpness: float) -> Tensor:
    """√(x² + 1/k)."""
    return torch.hypot(x, torch.full_like(x, sharpness**-0.5))


def error_of_a_multiple(x: Tensor, *, sharpness: float) -> Tensor:
    """The normal distribution function's argument in the error function."""
    return x * torch.erf(sharpness * x / math.sqrt(2))


# Scores --------------------------------------------------------------------------------------------------


def hard_accuracy(probs: Tensor, labels: Tensor) -> Tensor:
    return (probs.argmax(-1) == labels).to(probs.dtype).mean() + 0 * probs.sum()


def labels_from_one(probs: Tensor, labels: Tensor) -> Tensor:
    chosen = probs.gather(-1, ((labels - 1) % probs.shape[-1])[:, None])
    return chosen.mean()


def summed_accuracy(probs: Tensor, labels: Tensor) -> Tensor:
    return probs.gather(-1, labels[:, None]).sum()


def averaged_over_all(probs: Tensor, labels: Tensor) -> Tensor:
    """The mean over classes as well."""
    return (torch.nn.functional.one_hot(labels, probs.shape[-1]) * probs).mean()


def overlap_once(probs: Tensor, labels: Tensor) -> Tensor:
    """The factor 2 is missing."""
    return (probs * labels).sum() / (probs + labels).sum()


def jaccard_for_f1(probs: Tensor, labels: Tensor) -> Tensor:
    overlap = (probs * labels).sum()
    return overlap / ((probs + labels).sum() - overlap)


def mean_of_samples(probs: Tensor, labels: Tensor) -> Tensor:
    """A mean of F1 over samples."""
    return (2 * probs * labels / (probs + labels).clamp(min=1e-6)).mean()


def smoothed_f1(probs: Tensor, labels: Tensor) -> Tensor:
    return (2 * (probs * labels).sum()) / ((probs + labels).sum() + 1e-2)


def averaged_batches(probs: Tensor, labels: Tensor) -> Tensor:
    """In chunks of two samples, whose F1 is averaged."""
    parts = [correct_f1(p, y) for p, y in zip(probs.split(2), labels.split(2), strict=True)]
    return torch.stack(parts).mean()


def empty_is_nan(probs: Tensor, labels: Tensor, *, zero_division: float = 1.0) -> Tensor:
    return correct_f1(probs, labels)


def hard_counts(probs: Tensor, labels: Tensor) -> Tensor:
    p = (probs > 0.5).to(probs.dtype) + 0 * probs
    return (2 * (p * labels).sum()) / (p + labels).sum().clamp(min=1e-6)


def squared_denominator(probs: Tensor, target: Tensor, *, eps: float) -> Tensor:
    return 1 - (2 * (probs * target).sum() + eps) / ((probs**2 + target**2).sum() + eps)


def epsilon_above_only(probs: Tensor, target: Tensor, *, eps: float) -> Tensor:
    return 1 - (2 * (probs * target).sum() + eps) / (probs + target).sum().clamp(min=eps)


def epsilon_below_only(probs: Tensor, target: Tensor, *, eps: float) -> Tensor:
    return 1 - 2 * (probs * target).sum() / ((probs + target).sum() + eps)


def dice_not_loss(probs: Tensor, target: Tensor, *, eps: float) -> Tensor:
    return (2 * (probs * target).sum() + eps) / ((probs + target).sum() + eps)


def dice_of_rows(probs: Tensor, target: Tensor, *, eps: float) -> Tensor:
    """The mean over the first axis."""
    overlap, mass = (probs * target).sum(-1), (probs + target).sum(-1)
    return (1 - (2 * overlap + eps) / (mass + eps)).mean()


# Order ---------------------------------------------------------------------------------------------------


def ascending(scores: Tensor, *, tau: float) -> Tensor:
    """1 for the smallest."""
    return 0.5 + torch.sigmoid((scores[..., :, None] - scores[..., None, :]) / tau).sum(-1)


def counts_itself(scores: Tensor, *, tau: float) -> Tensor:
    """1/2 too much, from σ(0)."""
    return 1 + torch.sigmoid((scores[..., None, :] - scores[..., :, None]) / tau).sum(-1)


def multiplied_by_tau(scores: Tensor, *, tau: float) -> Tensor:
    return 0.5 + torch.sigmoid((scores[..., None, :] - scores[..., :, None]) * tau).sum(-1)


def sorted_by(scores: Tensor, tau: float, lead: Tensor, axis: int = -1) -> Tensor:
    """NeuralSort with these factors of the scores."""
    apart = (scores[..., None, :] - scores[..., :, None]).abs().sum(-1)
    logits = lead[:, None] * scores[..., None, :] - apart[..., None, :]
    return torch.softmax(logits / tau, axis)


def leads(n: int) -> Tensor:
    return n - 1 - 2 * torch.arange(n)


def sorts_ascending(scores: Tensor, *, tau: float) -> Tensor:
    return sorted_by(scores, tau, leads(scores.shape[-1]).flip(0))


def row_from_zero(scores: Tensor, *, tau: float) -> Tensor:
    """n + 1 − 2i with i from 0."""
    return sorted_by(scores, tau, leads(scores.shape[-1]) + 2)


def columns_add_up(scores: Tensor, *, tau: float) -> Tensor:
    return sorted_by(scores, tau, leads(scores.shape[-1]), -2)


def native_sixteen_bits(scores: Tensor, *, tau: float) -> Tensor:
    """Everything in the dtype of the scores: 1000 of them in float16 lose their order."""
    return sorted_by(scores, tau, leads(scores.shape[-1]).to(scores.dtype))


def no_distances(scores: Tensor, *, tau: float) -> Tensor:
    return torch.softmax(leads(scores.shape[-1])[:, None] * scores[..., None, :] / tau, -1)


# Floor ---------------------------------------------------------------------------------------------------


def sums(x: Tensor, k: float, first: int, last: int, start: int = 1) -> Tensor:
    """Both sums, cut."""
    y = torch.zeros_like(x, dtype=F64)
    for n in range(first, 1):
        y = y - torch.sigmoid(-k * (x.to(F64) - n))
    for n in range(start, last + 1):
        y = y + torch.sigmoid(k * (x.to(F64) - n))
    return y


def counted_twice(x: Tensor, *, sharpness: float) -> Tensor:
    """Both sums from 0."""
    return sums(x, sharpness, -200, 200, start=0).to(x.dtype)


def ten_terms(x: Tensor, *, sharpness: float) -> Tensor:
    return sums(x, sharpness, -10, 10).to(x.dtype)


def positive_only(x: Tensor, *, sharpness: float) -> Tensor:
    return sums(x, sharpness, 1, 200).to(x.dtype)


def neighbours_only(x: Tensor, *, sharpness: float) -> Tensor:
    """The nearest step alone."""
    near = x.detach().round()
    return near - 1 + torch.sigmoid(sharpness * (x - near))


def hard_floor(x: Tensor, *, sharpness: float) -> Tensor:
    return x.floor() + 0 * x


class TypoSlope(torch.autograd.Function):
    """The value is right; the slope is kσ(x)(1 − σ(x)) a step, with x in place of kx."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, k: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.k = k
        return sums(x, k, -200, 200).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (x,) = ctx.saved_tensors
        s = [torch.sigmoid(x - n) for n in range(-200, 201)]
        return g * ctx.k * sum(v * (1 - v) for v in s), None


def typo_slope(x: Tensor, *, sharpness: float) -> Tensor:
    return TypoSlope.apply(x, sharpness)


# Correct, in another form --------------------------------------------------------------------------------


def correct_f1(probs: Tensor, labels: Tensor) -> Tensor:
    return 2 * (probs * labels).sum() / (probs + labels).sum()


def shifted_lse(x: Tensor, *, sharpness: float) -> Tensor:
    m = x.amax(-1, keepdim=True).detach()
    return m[..., 0] + torch.logsumexp(sharpness * (x - m), -1) / sharpness


def folded_softplus(x: Tensor, *, sharpness: float) -> Tensor:
    """Two at a time, by softplus."""
    y = x[..., 0]
    for i in range(1, x.shape[-1]):
        top = torch.maximum(y, x[..., i])
        y = top + torch.log1p(torch.exp(-sharpness * (y - x[..., i]).abs()) * (top > -math.inf)) / sharpness
    return y


def distances_and_mean(x: Tensor, *, sharpness: float) -> Tensor:
    m = x.amax(-1, keepdim=True)
    d = x - m
    return m[..., 0] + (torch.softmax(sharpness * d, -1) * d).sum(-1)


def softmax_by_logarithm(x: Tensor, *, sharpness: float) -> Tensor:
    return torch.log_softmax(sharpness * (x - x.amax(-1, keepdim=True).detach()), -1).exp()


def wide_argmax(x: Tensor, *, sharpness: float) -> Tensor:
    wide = x.to(F64)
    weights = torch.softmax(sharpness * (wide - wide.amax(-1, keepdim=True)), -1)
    return (weights @ torch.arange(x.shape[-1], dtype=F64)).to(x.dtype)


def by_softplus(x: Tensor, *, sharpness: float) -> Tensor:
    """(2/k) softplus(−k|x|) + |x| − (2/k) log 2."""
    wide = x.to(F64).abs()
    y = wide + 2 / sharpness * (torch.log1p(torch.exp(-sharpness * wide)) - math.log(2))
    return y.to(x.dtype)


def plain_root(x: Tensor, *, sharpness: float) -> Tensor:
    return (x.to(F64) ** 2 + sharpness**-2).sqrt().to(x.dtype)


def one_hot_accuracy(probs: Tensor, labels: Tensor) -> Tensor:
    return (torch.nn.functional.one_hot(labels, probs.shape[-1]) * probs).sum() / len(labels)


def f1_from_counts(probs: Tensor, labels: Tensor) -> Tensor:
    tp, fp, fn = (probs * labels).sum(), (probs * (1 - labels)).sum(), ((1 - probs) * labels).sum()
    return 2 * tp / (2 * tp + fp + fn)


def plain_dice(probs: Tensor, target: Tensor, *, eps: float) -> Tensor:
    return 1 - (2 * (probs * target).sum() + eps) / (probs.sum() + target.sum() + eps)


def rank_by_sigmoids(scores: Tensor, *, tau: float) -> Tensor:
    return 0.5 + torch.sigmoid((scores[..., None, :] - scores[..., :, None]) / tau).sum(-1)


def plain_neural_sort(scores: Tensor, *, tau: float) -> Tensor:
    return sorted_by(scores.to(F64), tau, leads(scores.shape[-1])).to(scores.dtype)


def long_floor(x: Tensor, *, sharpness: float) -> Tensor:
    return sums(x, sharpness, -260, 260).to(x.dtype)


Maker = Callable[..., Any]


def _planted(name: str, options: Mapping[str, Any] | None = None, **functions: Maker) -> Planted:
    return Planted(name, lambda: functions, options or {})


_MAX = (
    no_shift,
    not_divided,
    not_multiplied,
    absorbed,
    mean_of_exponentials,
    shift_forgotten,
    whole_maximum,
    epsilon_inside,
    infinite_becomes_nan,
    stopped_gradient,
    log_base_two,
    half_precision_log,
)
_MEAN = (
    lse_for_boltzmann,
    entropy_added_once_more,
    entropy_undivided,
    sharpness_twice,
    weights_without_gradient,
    mellowmax,
)
_HOT = (
    first_axis,
    temperature_for_sharpness,
    ignored_sharpness,
    overflowing_softmax,
    epsilon_in_softmax,
    hard,
    sigmoids,
    softmin,
)
_FLOOR = (counted_twice, ten_terms, positive_only, neighbours_only, hard_floor, typo_slope)
_F1 = (overlap_once, jaccard_for_f1, mean_of_samples, smoothed_f1, averaged_batches, empty_is_nan, hard_counts)
_DICE = (squared_denominator, epsilon_above_only, epsilon_below_only, dice_not_loss, dice_of_rows)
_SORT = (sorts_ascending, row_from_zero, columns_add_up, no_distances)
_GROUPS: dict[str, tuple[Maker, ...]] = {
    "smooth_max": _MAX,
    "boltzmann_max": _MEAN,
    "soft_onehot": _HOT,
    "soft_argmax": (from_one, relative_index, nearest_index),
    "smooth_abs": (naive_log_cosh, printed_constant, half_argument),
    "soft_accuracy": (hard_accuracy, labels_from_one, summed_accuracy, averaged_over_all),
    "soft_f1": _F1,
    "soft_dice": _DICE,
    "soft_rank": (ascending, counts_itself, multiplied_by_tau),
    "neural_sort": _SORT,
    "smooth_floor": _FLOOR,
}


def _named(contract: str, function: Maker) -> Planted:
    return _planted(f"{contract}: {function.__name__.replace('_', ' ')}", **{contract: function})


BUGS: tuple[Planted, ...] = (
    *(_named(contract, function) for contract, group in _GROUPS.items() for function in group),
    _planted("smooth_abs: √(x² + 1/k)", {"form": "root"}, smooth_abs=unsquared_scale),
    _planted("smooth_abs: erf of x/√2", {"form": "erf"}, smooth_abs=error_of_a_multiple),
    _planted("smooth_abs: another form", {"form": "log_sum"}, smooth_abs=half_argument),
    _planted("neural_sort: float16 throughout", {"dtypes": ("float16",)}, neural_sort=native_sixteen_bits),
    _planted("soft_onehot: a default of 1 for 2", soft_onehot=partial(ignored_sharpness, sharpness=2.0)),
)
VARIANTS: tuple[Planted, ...] = (
    _planted("the shift taken out first", smooth_max=shifted_lse),
    _planted("softplus, two at a time", smooth_max=folded_softplus),
    _planted("the mean of distances", boltzmann_max=distances_and_mean),
    _planted("the exponential of log_softmax", soft_onehot=softmax_by_logarithm),
    _planted("a product in float64", soft_argmax=wide_argmax),
    _planted("softplus of −k|x|", smooth_abs=by_softplus),
    _planted("a plain root in float64", {"form": "root"}, smooth_abs=plain_root),
    _planted("a sum over one-hot labels", soft_accuracy=one_hot_accuracy),
    _planted("F1 from soft counts", soft_f1=f1_from_counts),
    _planted("Dice from three sums", soft_dice=plain_dice),
    _planted("ranks from sigmoids", soft_rank=rank_by_sigmoids),
    _planted("NeuralSort in float64", neural_sort=plain_neural_sort),
    _planted("520 terms of the floor", smooth_floor=long_floor),
)
