# SPDX-License-Identifier: BSD-3-Clause
"""Four smooth absolute values of float64 numbers, each without overflow and without cancellation in its value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import is_jax_array, is_torch_array

from ._arrays import Array, Namespace


def log_cosh(xp: Namespace, x: Array, k: float) -> Array:
    """(2/k) log cosh t, t = k|x|/2: by cosh t − 1 = 2 sinh²(t/2) near 0, by e^(−2t) beyond 1."""
    t = xp.abs(x) * (k / 2)
    small = t < 1
    near = xp.sinh(xp.where(small, t, 0.0) / 2)
    far = xp.where(small, 1.0, t)
    beyond = xp.abs(x) + (xp.log1p(xp.exp(-2 * far)) - math.log(2)) * (2 / k)
    return xp.where(small, xp.log1p(2 * near * near) * (2 / k), beyond)


def log_sum(xp: Namespace, x: Array, k: float) -> Array:
    """|x| + log1p(e^(−2k|x|))/k."""
    size = xp.abs(x)
    return size + xp.log1p(xp.exp(-2 * k * size)) / k


def root(xp: Namespace, x: Array, k: float) -> Array:
    """√(x² + 1/k²)."""
    return xp.hypot(x, xp.full_like(x, 1 / k))


def error_function(xp: Namespace, x: Array, k: float) -> Array:
    """x erf(kx)."""
    return x * _erf(k * x)


def _erf(x: Array) -> Array:
    if is_torch_array(x):
        import torch

        return torch.special.erf(x)
    if is_jax_array(x):
        from jax.scipy.special import erf

        return erf(x)
    each: Any = np.frompyfunc(math.erf, 1, 1)
    return np.asarray(each(x), np.float64)


FORMS = {"log_cosh": log_cosh, "log_sum": log_sum, "root": root, "erf": error_function}
