# SPDX-License-Identifier: BSD-3-Clause
"""Threshold units, folded normalisations and initial biases with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from . import Planted

# Threshold units -----------------------------------------------------------------------------------------


def not_strict(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ w + b >= 0


def threshold_for_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """b is taken for the threshold, without the other sign."""
    return x @ w > b


def without_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ w > 0


def negative_fires(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ w + b < 0


def bias_at_every_input(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return (x * w + b).sum(-1) > 0


def small_margin(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Keeps 1/2 away from the hyperplane."""
    return x @ w + b > 0.5


def absolute_weights(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return x @ w.abs() + b > 0


# Folding -------------------------------------------------------------------------------------------------


def folded(
    weight: Tensor,
    bias: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    var: Tensor,
    *,
    eps: float,
    scale: Callable[..., Tensor] = lambda gamma, var, eps: gamma / (var + eps).sqrt(),
    shift: Callable[..., Tensor] = lambda s, bias, beta, mean: beta + s * (bias - mean),
    axis: int = 0,
) -> tuple[Tensor, Tensor]:
    """Right as it stands; each bug replaces a part."""
    s = scale(gamma, var, eps)
    shape = [1] * weight.ndim
    shape[axis] = -1
    return weight * s.reshape(shape), shift(s, bias, beta, mean)


FOLDS: dict[str, dict[str, Any]] = {
    "divided by the variance": {"scale": lambda g, v, e: g / (v + e)},
    "ε outside of the root": {"scale": lambda g, v, e: g / (v.sqrt() + e)},
    "ε forgotten": {"scale": lambda g, v, e: g / v.clamp(min=1e-12).sqrt()},
    "ε of the default": {"scale": lambda g, v, e: g / (v + 1e-5).sqrt()},
    "γ forgotten": {"scale": lambda g, v, e: (v + e).rsqrt()},
    "the layer's bias ignored": {"shift": lambda s, b, h, m: h - s * m},
    "the mean added": {"shift": lambda s, b, h, m: h + s * (b + m)},
    "the bias not scaled": {"shift": lambda s, b, h, m: h + b - s * m},
    "β scaled as well": {"shift": lambda s, b, h, m: s * (h + b - m)},
    "β forgotten": {"shift": lambda s, b, h, m: s * (b - m)},
    "the variance without gradient": {"scale": lambda g, v, e: g / (v.detach() + 0 * v + e).sqrt()},
}


def last_axis(
    weight: Tensor, bias: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor, *, eps: float
) -> tuple[Tensor, Tensor]:
    """The weight scaled along its last axis where that fits."""
    axis = -1 if weight.shape[-1] == len(gamma) else 0
    return folded(weight, bias, gamma, beta, mean, var, eps=eps, axis=axis)


# Redundant biases ----------------------------------------------------------------------------------------


def redundant(
    norm: str,
    channels: int,
    *,
    groups: int = 1,
    training: bool = True,
    always: tuple[str, ...] = ("instance",),
    batch: Callable[[bool], bool] = bool,
    group: Callable[[int, int], bool] = lambda channels, groups: channels == groups,
) -> bool:
    """Right as it stands; each bug replaces a part."""
    if norm == "batch":
        return batch(training)
    if norm == "group":
        return group(channels, groups)
    return norm in always or (norm == "layer" and channels == 1)


REDUNDANT: dict[str, dict[str, Any]] = {
    "layer normalisation as well": {"always": ("instance", "layer")},
    "RMS normalisation as well": {"always": ("instance", "rms")},
    "instance normalisation not": {"always": ()},
    "batch normalisation at evaluation": {"batch": lambda training: True},
    "batch normalisation never": {"batch": lambda training: False},
    "every group normalisation": {"group": lambda channels, groups: True},
    "one group": {"group": lambda channels, groups: groups == 1},
    "no group normalisation": {"group": lambda channels, groups: False},
}

# Initial biases ------------------------------------------------------------------------------------------


def wrong_sign(prior: Tensor) -> Tensor:
    return torch.log((1 - prior) / prior)


def log_of_prior(prior: Tensor) -> Tensor:
    """Right to the first order for rare classes."""
    return prior.log()


def two_logits(prior: Tensor) -> Tensor:
    """Half of the logit, as for a softmax over two."""
    return 0.5 * torch.logit(prior)


def clamped(prior: Tensor) -> Tensor:
    return torch.logit(prior, eps=0.01)


def base_two(prior: Tensor) -> Tensor:
    return torch.log2(prior / (1 - prior))


# Correct, in another form ----------------------------------------------------------------------------------


def ones_and_zeros(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.heaviside(x @ w + b, torch.zeros((), dtype=x.dtype))


def one_more_input(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    ones = torch.ones(*x.shape[:-1], 1, dtype=x.dtype)
    return (torch.cat([x, ones], -1) * torch.cat([w, b.reshape(1)])).sum(-1) > 0


def expanded_fold(
    weight: Tensor, bias: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor, *, eps: float
) -> tuple[Tensor, Tensor]:
    s = gamma * torch.rsqrt(var + eps)
    return torch.einsum("o...,o->o...", weight, s), (beta - s * mean) + s * bias


def listed(norm: str, channels: int, *, groups: int = 1, training: bool = True) -> bool:
    members = {"batch": 1, "instance": 1, "layer": channels, "group": channels // groups}.get(norm, 0)
    return members == 1 and (training or norm != "batch")


def difference_of_logarithms(prior: Tensor) -> Tensor:
    return prior.log() - torch.log1p(-prior)


def library_logit(prior: Tensor) -> Tensor:
    return torch.logit(prior)


UNITS = (not_strict, threshold_for_bias, without_bias, negative_fires, bias_at_every_input, small_margin)
STARTS = (wrong_sign, log_of_prior, two_logits, clamped, base_two)


def _planted(contract: str, name: str, function: Callable[..., Any]) -> Planted:
    return Planted(f"{contract}: {name}", lambda: {contract: function})


BUGS: tuple[Planted, ...] = (
    *(_planted("threshold_unit", f.__name__.replace("_", " "), f) for f in (*UNITS, absolute_weights)),
    *(_planted("fold_batch_norm", name, partial(folded, **parts)) for name, parts in FOLDS.items()),
    _planted("fold_batch_norm", "the last axis", last_axis),
    *(_planted("is_redundant", name, partial(redundant, **parts)) for name, parts in REDUNDANT.items()),
    *(_planted("initial_bias", f.__name__.replace("_", " "), f) for f in STARTS),
)
VARIANTS: tuple[Planted, ...] = (
    _planted("threshold_unit", "0 and 1 by heaviside", ones_and_zeros),
    _planted("threshold_unit", "a constant input", one_more_input),
    _planted("fold_batch_norm", "expanded", expanded_fold),
    _planted("is_redundant", "by the members of a group", listed),
    _planted("initial_bias", "two logarithms", difference_of_logarithms),
    _planted("initial_bias", "the library's", library_logit),
)
