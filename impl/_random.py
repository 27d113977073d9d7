# SPDX-License-Identifier: BSD-3-Clause
"""Random bits and normal draws from a NumPy generator, a torch generator or a JAX key."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_jax_array, is_torch_array

from ._arrays import Array, Namespace


def backend(name: str, generator: Any) -> Namespace:
    """The namespace that a source of randomness draws for, or ``TypeError``."""
    if isinstance(generator, np.random.Generator):
        return array_namespace(np.empty(0))
    if type(generator).__module__.partition(".")[0] == "torch" and type(generator).__name__ == "Generator":
        import array_api_compat.torch as xp

        return xp
    if is_jax_array(generator):
        return array_namespace(generator)
    raise TypeError(
        f"{name}: generator must be a numpy.random.Generator, a torch.Generator or a JAX key, "
        f"got {type(generator).__name__}"
    )


def check_generator(name: str, generator: Any, argument: str, x: Array) -> None:
    """``TypeError`` if the generator is of another backend than ``x``, ``ValueError`` if on another device."""
    if backend(name, generator) is not array_namespace(x):
        raise TypeError(f"{name}: generator and {argument} must be of one backend, got {type(generator)} and {type(x)}")
    if is_torch_array(x) and generator.device.type != x.device.type:
        raise ValueError(
            f"{name}: generator and {argument} must be on one device, got {generator.device} and {x.device}"
        )


def bits63(generator: Any, shape: tuple[int, ...], like: Array | None = None) -> Array:
    """Independent uniform integers of 0 ≤ b < 2⁶³ as int64, on the device of ``like`` or of the generator."""
    if isinstance(generator, np.random.Generator):
        words = generator.integers(0, 2**64 - 1, size=shape, dtype=np.uint64, endpoint=True)
        return np.right_shift(words, np.uint64(1)).astype(np.int64)
    if is_jax_array(generator):
        return _jax_bits63(generator, shape)
    import torch

    place = generator.device if like is None else device(like)
    return torch.empty(shape, dtype=torch.int64, device=place).random_(generator=generator)


def _jax_bits63(key: Any, shape: tuple[int, ...]) -> Any:
    """On the host, because JAX has no 64-bit integers unless they were enabled."""
    import jax

    words = np.asarray(jax.random.bits(key, (2, *shape), dtype="uint32")).astype(np.int64)
    return (words[0] >> 1 << 32) | words[1]


def normal(generator: Any, shape: tuple[int, ...], like: Array) -> Array:
    """Independent standard normal draws in float64 (float32 with JAX)."""
    if isinstance(generator, np.random.Generator):
        return generator.standard_normal(shape)
    if is_jax_array(generator):
        import jax

        return jax.random.normal(generator, shape)
    import torch

    return torch.randn(shape, generator=generator, dtype=torch.float64, device=device(like))
