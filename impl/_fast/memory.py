# SPDX-License-Identifier: BSD-3-Clause
"""Arrays of the backends as the stretches of main memory that they are, without copies."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import is_torch_array
from numpy.lib.stride_tricks import as_strided

from .._arrays import Array, dtype_name

Memory = np.ndarray[Any, Any]

_SEEN = {"float16": "float16", "bfloat16": "uint16", "float32": "float32", "float64": "float64", "int64": "int64"}


def host(x: Array) -> Memory | None:
    """The memory of an array in main memory, seen by NumPy, bfloat16 as 16-bit integers.

    ``None`` if its values are not simply what the memory holds, or if what happens to it is being
    recorded: masked, traced, transformed, negated, unaligned.
    """
    if is_torch_array(x):
        return _host_of_tensor(x)
    if type(x) not in (np.ndarray, np.memmap) or not x.flags.aligned:
        return None
    seen: Memory = x.view(np.uint16) if dtype_name(x) == "bfloat16" else x
    return seen


def _host_of_tensor(x: Any) -> Memory | None:
    import torch
    from torch.autograd import forward_ad
    from torch.utils._python_dispatch import _get_current_dispatch_mode

    if x.device.type != "cpu" or type(x) not in (torch.Tensor, torch.nn.Parameter):
        return None
    if torch.compiler.is_compiling() or torch.jit.is_tracing():
        return None
    if _get_current_dispatch_mode() is not None or forward_ad._current_level >= 0:
        return None
    try:
        x.data_ptr()  # which a tensor of torch.func has not
        values = x.detach()
        seen: Memory = (values.view(torch.int16) if x.dtype == torch.bfloat16 else values).numpy()
        return seen.view(_SEEN[dtype_name(x)])
    except (KeyError, RuntimeError, TypeError):
        return None


def strides(x: Memory) -> tuple[int, ...] | None:
    """Strides in elements, 0 along axes of length 1; ``None`` if any is negative or broken, or the last is not 1."""
    if any(step % x.itemsize for step in x.strides):
        return None
    steps = tuple(step // x.itemsize if n > 1 else 0 for n, step in zip(x.shape, x.strides, strict=True))
    return None if any(step < 0 for step in steps) or (x.shape[-1] > 1 and steps[-1] != 1) else steps


def flat(x: Memory, steps: tuple[int, ...], *, writeable: bool) -> Memory:
    """All elements between the first and the last, as one contiguous array."""
    length = 1 + sum((n - 1) * step for n, step in zip(x.shape, steps, strict=True))
    return as_strided(x, (length,), (x.itemsize,), writeable=writeable)


def places(shape: tuple[int, ...], steps: tuple[int, ...]) -> Memory:
    """Where each element of an array of these strides begins, in the order of its indices."""
    at = np.zeros((), dtype=np.int64)
    for n, step in zip(shape, steps, strict=True):
        at = at[..., None] + np.arange(n, dtype=np.int64) * step
    return at.reshape(-1)


def is_injective(shape: tuple[int, ...], steps: tuple[int, ...]) -> bool:
    """Whether no element is reached by two indices (sufficient, not necessary)."""
    reach = 0
    for step, n in sorted(zip(steps, shape, strict=True)):
        if n > 1:
            if step <= reach:
                return False
            reach += step * (n - 1)
    return True
