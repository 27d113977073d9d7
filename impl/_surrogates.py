# SPDX-License-Identifier: BSD-3-Clause
"""Soft counts behind the smooth accuracy, F1 and Dice."""

from __future__ import annotations

from array_api_compat import device

from ._arrays import Array, Namespace, detach, dtype_name, namespace
from ._wide import weights_of


def true_class(xp: Namespace, probs: Array, labels: Array) -> Array:
    """The probability of the true class of each sample, after the checks of ``soft_accuracy``."""
    if namespace("soft_accuracy", "labels", labels) is not xp:
        raise TypeError(f"soft_accuracy: labels must be an array of the backend of probs, got {type(labels)}")
    if "int" not in dtype_name(labels):
        raise TypeError(f"soft_accuracy: labels must be integers, got {dtype_name(labels)}")
    shape = tuple(probs.shape)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(f"soft_accuracy: probs must have shape (n, classes), both at least 1, got {shape}")
    if tuple(labels.shape) != shape[:1]:
        raise ValueError(f"soft_accuracy: labels must have shape ({shape[0]},), got {tuple(labels.shape)}")
    index = xp.astype(labels, xp.int64)
    if bool(xp.any((index < 0) | (index >= shape[1]))):
        raise ValueError(f"soft_accuracy: labels must lie between 0 and {shape[1] - 1}")
    chosen = xp.arange(shape[1], device=device(probs)) == index[:, None]
    return xp.sum(xp.where(chosen, probs, 0.0), axis=-1)


def counts(xp: Namespace, probs: Array, labels: Array, name: str, argument: str) -> tuple[Array, Array, Array]:
    """Σ py, Σ (p + y) and Σ (p(1 − y) + (1 − p)y)."""
    y = weights_of(name, argument, labels, detach(probs), xp)
    return (
        xp.sum(probs * y),
        xp.sum(probs + y),
        xp.sum(probs * (1 - y) + (1 - probs) * y),
    )
