# SPDX-License-Identifier: BSD-3-Clause
"""What the array-API standard leaves out and every topic needs: checks, conversions, gradient stops.

No backend is imported here unless an array of it was passed in.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_jax_array, is_torch_array

Array = Any
Namespace = Any

_SIXTEEN_BITS = ("float16", "bfloat16")


def namespace(name: str, argument: str, x: Array) -> Namespace:
    """The array-API namespace of an array, or a ``TypeError`` that names the argument."""
    if not is_array_api_obj(x):
        raise TypeError(f"{name}: {argument} must be an array, got {type(x).__name__}")
    return array_namespace(x)


def is_tensor(x: object) -> bool:
    """Whether it is a torch tensor; unlike the cached test of array-api-compat, a graph can be traced through it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def dtype_name(x: Array) -> str:
    """``float32`` for ``numpy.float32``, ``torch.float32`` and the like."""
    return str(x.dtype).rpartition(".")[2]


def require_real(name: str, argument: str, x: Array) -> None:
    """``TypeError`` unless the dtype is a real floating one of 16, 32 or 64 bits."""
    if dtype_name(x) not in (*_SIXTEEN_BITS, "float32", "float64"):
        raise TypeError(
            f"{name}: {argument} must have dtype float16, bfloat16, float32 or float64, got {dtype_name(x)}"
        )


def working_dtype(xp: Namespace, x: Array) -> Any:
    """float64 for float64, else float32: 16-bit input is computed in float32 and rounded once."""
    return xp.float64 if dtype_name(x) == "float64" else xp.float32


def require_same_place(name: str, argument: str, y: Array, other: str, x: Array) -> None:
    """``TypeError`` if two arrays are of different backends, ``ValueError`` if on different devices."""
    if array_namespace(y) is not array_namespace(x):
        raise TypeError(f"{name}: {argument} and {other} must be arrays of one backend, got {type(y)} and {type(x)}")
    places = device(y), device(x)
    if None not in places and places[0] != places[1]:  # a JAX tracer has no device yet
        raise ValueError(f"{name}: {argument} and {other} must be on one device, got {places[0]} and {places[1]}")


def from_numpy(xp: Namespace, values: np.ndarray[Any, Any], like: Array) -> Array:
    """A copy of a NumPy array in the namespace and on the device of another array."""
    return xp.asarray(values.copy(), device=device(like))


def detach(x: Array) -> Array:
    """The same values as a constant for differentiation."""
    if is_torch_array(x):
        return x.detach()
    if is_jax_array(x):
        from jax.lax import stop_gradient

        return stop_gradient(x)
    return x


def require_positive(name: str, argument: str, value: Any) -> float:
    """The value as a float, or ``ValueError`` unless it is finite and greater than 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: {argument} must be a real number, got {value!r}") from None
    if not 0 < number < float("inf"):
        raise ValueError(f"{name}: {argument} must be finite and greater than 0, got {value!r}")
    return number
