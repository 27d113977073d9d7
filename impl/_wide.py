# SPDX-License-Identifier: BSD-3-Clause
"""Formulas that are evaluated in float64 whatever the dtype of the input, and rounded to it once at the end.

Everything here is differentiable by the backend. JAX without 64-bit types computes in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import is_jax_array

from ._arrays import Array, Namespace, dtype_name, namespace, require_real


def widened(name: str, argument: str, x: Array) -> tuple[Namespace, Array]:
    """The namespace of x, and x in float64; ``TypeError`` unless it is a real floating array."""
    xp = namespace(name, argument, x)
    require_real(name, argument, x)
    return xp, xp.astype(x, wide_dtype(xp, x), copy=False)


def wide_dtype(xp: Namespace, x: Array) -> Any:
    """float64, or on JAX the widest that is switched on."""
    if is_jax_array(x):
        import jax

        return xp.float64 if jax.config.jax_enable_x64 else xp.float32
    return xp.float64


def rounded(xp: Namespace, y: Array, like: Array) -> Array:
    """y in the dtype of another array; an array even where NumPy returns a scalar."""
    if isinstance(like, np.ndarray):
        with np.errstate(over="ignore"):
            return np.asarray(y).astype(like.dtype, copy=False)
    return xp.astype(y, like.dtype, copy=False)


def weights_of(name: str, argument: str, x: Array, dtype_of: Array, xp: Namespace) -> Array:
    """Labels (floating, integer or boolean, one for each entry of another array) in float64."""
    labels = namespace(name, argument, x)
    if labels is not xp:
        raise TypeError(f"{name}: {argument} must be an array of the backend of the probabilities, got {type(x)}")
    if tuple(x.shape) != tuple(dtype_of.shape):
        raise ValueError(
            f"{name}: {argument} must have the shape of the probabilities {tuple(dtype_of.shape)}, got {tuple(x.shape)}"
        )
    if dtype_name(x).startswith("complex"):
        raise TypeError(f"{name}: {argument} must be real, got {dtype_name(x)}")
    return xp.astype(x, dtype_of.dtype, copy=False)


def require_row(name: str, argument: str, x: Array) -> int:
    """The size of the last axis, or ``ValueError`` unless there is one with at least one entry."""
    shape = tuple(x.shape)
    if not shape or shape[-1] == 0:
        raise ValueError(f"{name}: {argument} must have shape (..., n) with n at least 1, got {shape}")
    return int(shape[-1])
