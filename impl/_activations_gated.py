# SPDX-License-Identifier: BSD-3-Clause
"""Gated units a · f(g): product, and both partial derivatives, in float64 and rounded once."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _fast
from ._activations_apply import is_plain, rounded
from ._activations_tables import Memory, widened
from ._arrays import Array, dtype_name, is_tensor
from ._binding import Formula, numpy_formulas, torch_formulas
from ._fast.memory import host

_BLOCK = 1 << 12


def gated(name: str, x: Array, dim: int, gate: str) -> Array:
    """``a · gate(g)`` where ``a`` and ``g`` are the halves of ``x`` along ``dim``."""
    n = x.shape[dim] if -x.ndim <= dim < x.ndim else None
    if n is None or n % 2:
        raise ValueError(f"{name}: axis dim={dim} of x must exist and be even (x.shape = {tuple(x.shape)})")
    value, switch = (x[_part(x.ndim, dim, part)] for part in (slice(None, n // 2), slice(n // 2, None)))
    if is_tensor(x):
        from ._activations_gated_torch import apply

        return apply(gate, value, switch)
    return on_memory(gate, np.ascontiguousarray(value), np.ascontiguousarray(switch), None, dtype_name(x))[0]


def _part(ndim: int, dim: int, part: slice) -> tuple[slice, ...]:
    at = dim % ndim
    return (*(slice(None),) * at, part, *(slice(None),) * (ndim - at - 1))


def products(formula: Formula, slope: Formula, a: Any, g: Any, upstream: Any) -> tuple[Any, ...]:
    """a f(g), or the gradients up · f(g) and up · a · f′(g)."""
    gate = formula(g)
    if upstream is None:
        return (a * gate,)
    return upstream * gate, upstream * a * slope(g)


def on_memory(gate: str, a: Memory, g: Memory, upstream: Memory | None, dtype: str) -> tuple[Memory, ...]:
    """The products for contiguous memory, bfloat16 as patterns."""
    names = numpy_formulas(wide=dtype == "float64")
    outs = tuple(np.empty(a.shape, dtype=a.dtype) for _ in range(1 if upstream is None else 2))
    if _fast.gated(gate, a, g, upstream, outs):
        return outs
    flat = [v.reshape(-1) for v in (a, g)]
    given = None if upstream is None else upstream.reshape(-1)
    with np.errstate(all="ignore"):
        for start in range(0, a.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            left, right = (doubles(v[block]) for v in flat)
            up = None if given is None else doubles(given[block])
            for out, y in zip(outs, products(names[gate], names[f"{gate}_slope"], left, right, up), strict=True):
                out.reshape(-1)[block] = rounded(y, dtype).view(out.dtype)
    return outs


def doubles(v: Memory) -> Memory:
    """float64 of the same values; integers of 16 bits are patterns of bfloat16."""
    return (widened(v) if v.dtype == np.uint16 else v).astype(np.float64)


def on_tensors(gate: str, a: Any, g: Any, upstream: Any) -> tuple[Any, ...]:
    """The same for tensors that are plain data."""
    import torch

    given = [None if v is None else v.detach().contiguous() for v in (a, g, upstream)]
    if a.device.type == "cpu":
        memory = [None if v is None else host(v) for v in given]
        found = on_memory(gate, memory[0], memory[1], memory[2], dtype_name(a))  # type: ignore[arg-type]  # plain
        return tuple(torch.from_numpy(f.view(np.int16) if f.itemsize == 2 else f).view(a.dtype) for f in found)
    names = torch_formulas(wide=a.dtype == torch.float64)
    wide = [None if v is None else v.to(torch.float64) for v in given]
    return tuple(y.to(a.dtype) for y in products(names[gate], names[f"{gate}_slope"], *wide))


def are_plain(*tensors: Any) -> bool:
    return all(is_plain(v) for v in tensors)
