# SPDX-License-Identifier: BSD-3-Clause
"""The smooth floor, in the form that needs few terms."""

from __future__ import annotations

import math

from ._arrays import Array, Namespace, detach

_TERMS = 10
_CROSSING = math.sqrt(2) * math.pi


def periodic_floor(xp: Namespace, x: Array, k: float) -> Array:
    """The smooth floor of float64 numbers.

    Of the terms left out each is less than e^(−10k) or (2π/k)/sinh(20π²/k), whatever k: below 2⁻⁶⁰ together.
    """
    finite = xp.isfinite(x)
    inside = xp.where(finite, x, 0.0)
    whole = xp.floor(detach(inside))
    v = inside - whole
    y = whole + steps(xp, v, k) if k >= _CROSSING else inside - 0.5 + waves(xp, v, k)
    return xp.where(finite, y, x)


def steps(xp: Namespace, v: Array, k: float) -> Array:
    """Σ σ(−k(m − v)) − σ(−k(v + m − 1)) over m ≥ 1, for 0 ≤ v ≤ 1."""
    total = 0.0 * v
    for m in range(_TERMS, 0, -1):
        up, down = xp.exp(-k * (m - v)), xp.exp(-k * (v + (m - 1)))
        total = total + (up / (1 + up) - down / (1 + down))
    return total


def waves(xp: Namespace, v: Array, k: float) -> Array:
    """Σ (2π/k) sin(2πmv)/sinh(2π²m/k) over m ≥ 1."""
    total = 0.0 * v
    for m in range(_TERMS, 0, -1):
        rate = 2 * math.pi**2 * m / k
        size = 2 * math.exp(-rate) / -math.expm1(-2 * rate)  # 1/sinh without overflow
        total = total + 2 * math.pi / k * size * xp.sin(2 * math.pi * m * v)
    return total
