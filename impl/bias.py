# SPDX-License-Identifier: BSD-3-Clause
"""Biases: the threshold unit, batch normalisation folded into the layer before it, when a bias is redundant, its start.

Everything is computed in float64 and rounded once to the dtype of the input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._arrays import Array, require_same_place
from ._wide import rounded, widened

__all__ = ["fold_batch_norm", "initial_bias", "is_redundant", "threshold_unit"]

NORMS = ("batch", "instance", "group", "layer", "rms")


def threshold_unit(x: Array, w: Array, b: Array | float) -> Array:
    """Whether w·x + b > 0: the unit with threshold −b. On the hyperplane itself it does not fire.

    Args:
        x: ``(..., n)``, real floating.
        w: ``(n,)``, real floating.
        b: a number, or a 0-d array.

    Returns:
        booleans ``(...)``.

    Claims: :claim:`bias.threshold-to-bias`, :claim:`bias.threshold-monotone`, :claim:`bias.strict-boundary`,
    :claim:`bias.size-is-difficulty`, :claim:`bias.augmented-input`, :claim:`bias.origin-hyperplane`,
    :claim:`bias.perceptron-convergence`.

    Raises:
        TypeError: no real floating arrays, or of different backends. ValueError: shapes that do not fit, two devices.

    Examples:
        >>> threshold_unit(np.asarray([[1.0, 1.0], [1.0, 0.0]]), np.asarray([1.0, 1.0]), -1.0).tolist()
        [True, False]
    """
    xp, wide = widened("threshold_unit", "x", x)
    _, weights = widened("threshold_unit", "w", w)
    require_same_place("threshold_unit", "w", w, "x", x)
    if len(w.shape) != 1 or not x.shape or x.shape[-1] != w.shape[0]:
        raise ValueError(
            f"threshold_unit: w must have the size of the last axis of x, got {tuple(w.shape)} for {tuple(x.shape)}"
        )
    fires = xp.sum(wide * weights, axis=-1) + (
        b if isinstance(b, (int, float)) else widened("threshold_unit", "b", b)[1]
    )
    return xp.asarray(fires > 0) if isinstance(x, np.ndarray) else fires > 0


def fold_batch_norm(
    weight: Array, bias: Array | None, gamma: Array, beta: Array, mean: Array, var: Array, *, eps: float
) -> tuple[Array, Array]:
    """Weight and bias of the layer that does what it and the batch normalisation at evaluation after it did.

    With s = γ/√(v + ε) they are s·weight, channel by channel along the first axis, and β + s(bias − μ).

    Args:
        weight: ``(out, ...)``, of a linear layer or a convolution, output channels first.
        bias: ``(out,)``, or None for 0.
        gamma, beta, mean, var: ``(out,)`` each, stored mean and (biased or not, as stored) variance.
        eps: what is added to the variance, under the root; at least 0.

    Returns:
        weight and bias, in the dtype of ``weight``.

    Claims: :claim:`bias.bn-eval-stale`.

    Raises:
        TypeError: no real floating arrays, or of different backends. ValueError: other shapes, eps negative or NaN.

    Examples:
        >>> one = np.asarray([1.0])
        >>> weight, bias = fold_batch_norm(np.asarray([[2.0]]), one, 3 * one, one, 5 * one, 4 * one, eps=0.0)
        >>> weight.tolist(), bias.tolist()
        ([[3.0]], [-5.0])
    """
    if not 0 <= float(eps) < float("inf"):
        raise ValueError(f"fold_batch_norm: eps must be finite and at least 0, got {eps!r}")
    xp, wide = widened("fold_batch_norm", "weight", weight)
    channels = tuple(weight.shape[:1])
    given = {"bias": bias, "gamma": gamma, "beta": beta, "mean": mean, "var": var}
    parts: dict[str, Any] = {"bias": 0.0}
    for argument, value in given.items():
        if value is None and argument == "bias":
            continue
        _, parts[argument] = widened("fold_batch_norm", argument, value)
        require_same_place("fold_batch_norm", argument, value, "weight", weight)
        if tuple(value.shape) != channels or not channels:
            raise ValueError(
                f"fold_batch_norm: {argument} must have one entry for each of the channels along the first axis of "
                f"weight {tuple(weight.shape)}, got {tuple(value.shape)}"
            )
    scale = parts["gamma"] / xp.sqrt(parts["var"] + float(eps))
    along = xp.reshape(scale, (*channels, *(1 for _ in weight.shape[1:])))
    shifted = parts["beta"] + scale * (parts["bias"] - parts["mean"])
    return rounded(xp, wide * along, weight), rounded(xp, shifted, weight)


def is_redundant(norm: str, channels: int, *, groups: int = 1, training: bool = True) -> bool:
    """Whether a bias per channel directly before this normalisation changes nothing.

    It does not where the mean of values that share the bias is subtracted: batch normalisation in training
    (at evaluation the stored mean does not follow the bias), instance normalisation, group normalisation with one
    channel a group. Layer normalisation and wider groups remove only what their channels have in common, RMS
    normalisation nothing. Nothing may stand in between, not even a ReLU.

    Args:
        norm: ``"batch"``, ``"instance"`` (with the statistics of the input in training and at evaluation),
            ``"group"``, ``"layer"`` or ``"rms"``.
        channels: how many, at least 1.
        groups: of group normalisation, a divisor of ``channels``; ignored by the others.
        training: False for evaluation with stored statistics.

    Claims: :claim:`bias.bn-cancels`, :claim:`bias.bn-eval-stale`, :claim:`bias.instance-norm-cancels`,
    :claim:`bias.layernorm`.

    Raises:
        ValueError: unknown norm, no channels, groups that do not divide them.

    Examples:
        >>> is_redundant("batch", 64), is_redundant("batch", 64, training=False), is_redundant("layer", 64)
        (True, False, False)
        >>> is_redundant("group", 64, groups=32), is_redundant("group", 64, groups=64)
        (False, True)
    """
    if norm not in NORMS:
        raise ValueError(f"is_redundant: norm must be one of {', '.join(NORMS)}, got {norm!r}")
    if channels < 1:
        raise ValueError(f"is_redundant: channels must be at least 1, got {channels}")
    if norm == "group" and (groups < 1 or channels % groups):
        raise ValueError(f"is_redundant: groups must divide channels = {channels}, got {groups}")
    if norm == "batch":
        return bool(training)
    return norm == "instance" or (norm == "group" and groups == channels) or (norm == "layer" and channels == 1)


def initial_bias(prior: Array | float) -> Array | float:
    """The logit of the prior, −log((1 − π)/π): a classifier with this bias and weights 0 starts at π.

    Near π = 1/2 as −log1p((1 − 2π)/π), which keeps the digits of a bias close to 0. 0 gives −inf, 1 gives +inf.

    Args:
        prior: probabilities from 0 to 1, any shape, real floating; or a number.

    Returns:
        shape and dtype of the prior; a float for a number.

    Claims: :claim:`bias.focal-init`, :claim:`bias.logistic-optimum`.

    Raises:
        TypeError: neither a number nor a real floating array. ValueError: a prior outside of 0 … 1.

    Examples:
        >>> round(initial_bias(0.01), 4)
        -4.5951
    """
    if isinstance(prior, (int, float)):
        return float(initial_bias(np.asarray(float(prior))))
    xp, p = widened("initial_bias", "prior", prior)
    if not bool(xp.all((p >= 0) & (p <= 1))):
        raise ValueError("initial_bias: prior must lie between 0 and 1 everywhere")
    with np.errstate(all="ignore"):
        middle = xp.abs(p - 0.5) < 0.25
        inside = xp.where(middle, p, 0.5)
        outside = xp.where(middle, 0.125, p)
        logit = xp.where(middle, -xp.log1p((1 - 2 * inside) / inside), xp.log(outside / (1 - outside)))
        return rounded(xp, logit, prior)
