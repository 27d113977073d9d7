# SPDX-License-Identifier: BSD-3-Clause
"""Formulas applied to arrays: block by block in main memory, in pieces on a device, by table in 16 bits.

The result of an element depends on that element alone: not on its place, the layout or the rest of the array;
for float64 and 16 bits not on the backend either, nor on whether a kernel was compiled.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from . import _fast
from ._activations_tables import Memory, Parameters, slope_table, to_odd, to_sixteen, value_table, widened
from ._arrays import Array, dtype_name, is_tensor
from ._binding import numpy_formulas, numpy_library, torch_formulas, torch_library
from ._fast.memory import host

_BLOCK = 1 << 13  # elements: a temporary of float64 takes 64 KiB
_PIECE = 1 << 22  # elements at a time on a device, to bound the memory of temporaries


def evaluate(name: str, x: Array, parameters: Parameters, upstream: Array | None = None) -> Array:
    """The function ``name`` of each element; the slope times ``upstream`` if that is given."""
    if isinstance(x, np.ndarray):
        given = None if upstream is None else np.ascontiguousarray(upstream)
        return on_memory(name, np.ascontiguousarray(x), parameters, given, dtype_name(x)).reshape(x.shape)
    return _on_tensor(name, x, parameters, upstream)


def is_plain(x: Any) -> bool:
    """Whether a tensor is simply data: in main memory or on a CUDA device, and nothing is being recorded."""
    import torch

    if torch.compiler.is_compiling() or torch.jit.is_tracing():
        return False
    if x.device.type == "cpu":
        return host(x) is not None
    from torch.autograd import forward_ad
    from torch.utils._python_dispatch import _get_current_dispatch_mode

    if x.device.type != "cuda" or type(x) not in (torch.Tensor, torch.nn.Parameter):
        return False
    if _get_current_dispatch_mode() is not None or forward_ad._current_level >= 0:
        return False
    try:
        x.data_ptr()
    except RuntimeError:
        return False
    return True


def _on_tensor(name: str, x: Any, parameters: Parameters, upstream: Any) -> Any:
    import torch

    x = x.detach()
    flat = x.contiguous()
    given = None if upstream is None else upstream.detach().contiguous()
    if x.device.type == "cpu":
        memory = host(flat)
        other = None if given is None else host(given)
        assert memory is not None
        found = on_memory(name, memory, parameters, other, dtype_name(x), of_tensors=True).reshape(x.shape)
        result = (
            torch.from_numpy(found.view(np.int16)).view(x.dtype) if found.itemsize == 2 else torch.from_numpy(found)
        )
    else:
        result = _on_device(name, flat, parameters, given)
    if not x.is_contiguous():
        result = torch.empty_like(x).copy_(result)
    return result


def on_memory(
    name: str, x: Memory, parameters: Parameters, upstream: Memory | None, dtype: str, of_tensors: bool = False
) -> Memory:
    """The same for contiguous memory; bfloat16 as patterns."""
    out = np.empty(x.shape, dtype=x.dtype)
    flat, target = x.reshape(-1), out.reshape(-1)
    given = None if upstream is None else upstream.reshape(-1)
    if dtype in ("float16", "bfloat16"):
        _by_table(name, flat, parameters, given, dtype, target)
    elif not _fast.elementwise(name, flat, parameters, given, target):
        _by_blocks(name, flat, parameters, given, target, of_tensors)
    return out


def _by_blocks(
    name: str, x: Memory, parameters: Parameters, upstream: Memory | None, out: Memory, of_tensors: bool = False
) -> None:
    names = numpy_formulas(wide=True) if x.dtype == np.float64 else numpy_library(of_tensors)
    formula = names[name if upstream is None else f"{name}_slope"]
    with np.errstate(all="ignore"):
        for start in range(0, len(x), _BLOCK):
            block = slice(start, start + _BLOCK)
            y = formula(x[block].astype(np.float64, copy=False), *parameters)
            out[block] = y if upstream is None else y * upstream[block]


def _by_table(name: str, x: Memory, parameters: Parameters, upstream: Memory | None, dtype: str, out: Memory) -> None:
    places, target = x.view(np.uint16), out.view(np.uint16)
    if upstream is None:
        table = value_table(name, parameters, dtype)
        if not _fast.look_up(table, places, target):
            for start in range(0, len(x), _BLOCK):
                block = slice(start, start + _BLOCK)
                table.take(places[block], out=target[block], mode="clip")
        return
    table = slope_table(name, parameters, dtype)
    if dtype == "bfloat16" and _fast.look_up_product(table, places, upstream.view(np.uint16), target):
        return
    with np.errstate(all="ignore"):
        for start in range(0, len(x), _BLOCK):
            block = slice(start, start + _BLOCK)
            given = upstream[block]
            factor = given.astype(np.float32) if dtype == "float16" else widened(given.view(np.uint16))
            target[block] = to_sixteen(table.take(places[block], mode="clip") * factor, dtype)


def rounded(y: Memory, dtype: str) -> Memory:
    """float64 rounded once; to 16 bits as patterns."""
    if dtype in ("float16", "bfloat16"):
        return to_sixteen(to_odd(y), dtype)
    with np.errstate(all="ignore"):
        return y.astype(dtype)


def _on_device(name: str, x: Any, parameters: Parameters, upstream: Any) -> Any:
    """With torch operations; also the reference that tests compare the other ways with."""
    import torch

    flat, out = x.reshape(-1), torch.empty_like(x)
    target, given = out.reshape(-1), None if upstream is None else upstream.reshape(-1)
    if x.element_size() == 2:
        places = flat.view(torch.int16).to(torch.int32) & 0xFFFF
        table = _device_table(name, parameters, dtype_name(x), upstream is not None, x.device)
        found = table.index_select(0, places)
        target.copy_(found if given is None else found * given.to(torch.float32))
        return out
    names = torch_formulas(wide=True) if x.dtype == torch.float64 else torch_library()
    formula = names[name if upstream is None else f"{name}_slope"]
    for start in range(0, len(flat), _PIECE):
        piece = slice(start, start + _PIECE)
        y = formula(flat[piece].to(torch.float64), *parameters)
        target[piece] = y if given is None else y * given[piece]
    return out


@lru_cache(maxsize=256)
def _device_table(name: str, parameters: Parameters, dtype: str, slope: bool, device: Any) -> Any:
    import torch

    if slope:
        return torch.from_numpy(slope_table(name, parameters, dtype).copy()).to(device)
    table = torch.from_numpy(value_table(name, parameters, dtype).view(np.int16).copy())
    return table.view(getattr(torch, dtype)).to(device)


def apply(name: str, x: Array, parameters: Parameters = ()) -> Array:
    """The differentiable function, whatever the backend and whatever records."""
    if not is_tensor(x):
        return evaluate(name, x, parameters)
    from . import _activations_torch

    return _activations_torch.apply(name, x, parameters)
