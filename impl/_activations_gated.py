# SPDX-License-Identifier: BSD-3-Clause
"""Gated units a · f(g): product, and both partial derivatives, in float64 and rounded once."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _fast
from ._activations_apply import is_plain, rounded
from ._activations_tables import Memory, all_inputs, factor_table, widened
from ._arrays import Array, dtype_name, is_tensor
from ._binding import Formula, numpy_formulas, numpy_library, torch_formulas, torch_library
from ._fast.memory import host

_BLOCK = 1 << 13


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


def on_memory(
    gate: str, a: Memory, g: Memory, upstream: Memory | None, dtype: str, of_tensors: bool = False
) -> tuple[Memory, ...]:
    """The products for contiguous memory, bfloat16 as patterns."""
    outs = tuple(np.empty(a.shape, dtype=a.dtype) for _ in range(1 if upstream is None else 2))
    given = [v.reshape(-1) for v in ((a, g) if upstream is None else (a, g, upstream))]
    target = [v.reshape(-1) for v in outs]
    if dtype in ("float16", "bfloat16"):
        _by_table(gate, [v.view(np.uint16) for v in given], dtype, [v.view(np.uint16) for v in target])
    elif not _fast.gated(gate, given, target):
        _by_blocks(gate, given, target, of_tensors)
    return outs


def _by_blocks(gate: str, given: list[Memory], outs: list[Memory], of_tensors: bool) -> None:
    wide = given[0].dtype == np.float64
    names = numpy_formulas(wide=True) if wide else numpy_library(of_tensors, lift=False)
    with np.errstate(all="ignore"):
        for start in range(0, given[0].size, _BLOCK):
            a, g, *up = (doubles(v[start : start + _BLOCK]) for v in given)
            found = products(names[gate], names[f"{gate}_slope"], a, g, up[0] if up else None)
            for out, y in zip(outs, found, strict=True):
                out[start : start + _BLOCK] = y


def _by_table(gate: str, given: list[Memory], dtype: str, outs: list[Memory]) -> None:
    """Of patterns: the factors are tables in float64."""
    inputs, gates, slopes = (all_inputs(dtype), factor_table(gate, dtype), factor_table(f"{gate}_slope", dtype))
    if _fast.gated_by_table((inputs, gates, slopes), given, dtype, outs):
        return
    with np.errstate(all="ignore"):
        for start in range(0, given[0].size, _BLOCK):
            a, g, *up = (v[start : start + _BLOCK] for v in given)
            wide = [inputs.take(v, mode="clip") for v in (a, *up)]
            found = products(gates.take, slopes.take, wide[0], g, wide[1] if up else None)
            for out, y in zip(outs, found, strict=True):
                out[start : start + _BLOCK] = rounded(y, dtype)


def doubles(v: Memory) -> Memory:
    """float64 of the same values; integers of 16 bits are patterns of bfloat16."""
    return (widened(v) if v.dtype == np.uint16 else v).astype(np.float64)


def on_tensors(gate: str, a: Any, g: Any, upstream: Any) -> tuple[Any, ...]:
    """The same for tensors that are plain data."""
    import torch

    given = [None if v is None else v.detach().contiguous() for v in (a, g, upstream)]
    if a.device.type == "cpu":
        memory = [None if v is None else host(v) for v in given]
        found = on_memory(gate, memory[0], memory[1], memory[2], dtype_name(a), of_tensors=True)  # type: ignore[arg-type]  # plain
        return tuple(torch.from_numpy(f.view(np.int16) if f.itemsize == 2 else f).view(a.dtype) for f in found)
    names = torch_formulas(wide=True) if a.dtype == torch.float64 else torch_library(lift=False)
    wide = [None if v is None else v.to(torch.float64) for v in given]
    return tuple(y.to(a.dtype) for y in products(names[gate], names[f"{gate}_slope"], *wide))


def are_plain(*tensors: Any) -> bool:
    return all(is_plain(v) for v in tensors)
