# SPDX-License-Identifier: BSD-3-Clause
"""Weights of rows, e^(k xᵢ) over their sum, on every backend: what the smooth maxima share."""

from __future__ import annotations

from array_api_compat import device

from ._arrays import Array, Namespace, detach


def leader(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Where the first largest entry of each row is, and that entry, through which its gradient flows."""
    n = x.shape[-1]
    place = xp.argmax(detach(x), axis=-1)
    first = xp.arange(n, device=device(x)) == place[..., None]
    return first, xp.sum(xp.where(first, x, 0.0), axis=-1)


def away(xp: Namespace, x: Array, m: Array) -> Array:
    """x − m; x itself where m is no finite number to take out."""
    return x - xp.where(xp.isfinite(m), m, 0.0)[..., None]


def soft_weights(xp: Namespace, x: Array, k: float) -> Array:
    """softmax(kx) along the last axis; NaN where the maximum is infinite."""
    fixed = detach(x)
    distance = k * (x - xp.max(fixed, axis=-1)[..., None])  # the shift changes no weight, so it has no gradient
    e = xp.exp(distance)
    return e / xp.sum(e, axis=-1)[..., None]
