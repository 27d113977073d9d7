# SPDX-License-Identifier: BSD-3-Clause
"""Functions of rows under torch's automatic differentiation."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ._activations_gated import are_plain
from ._activations_rows import LANES, Rows, on_memory
from ._arrays import dtype_name
from ._binding import torch_formulas, torch_library
from ._fast.memory import host


def _plainly(kind: str, x: Any, axis: int) -> Any:
    wide = x.to(torch.float64)
    return getattr(torch, kind)(wide, dim=axis).to(x.dtype)


def _raw(kind: str, x: Any, upstream: Any, axis: int) -> Any:
    x = x.detach()
    given = None if upstream is None else upstream.detach()
    if x.device.type != "cpu":
        return _on_device(kind, x, given, axis)
    memory = host(x.contiguous())
    assert memory is not None
    found = on_memory(kind, memory, None if given is None else host(given.contiguous()), dtype_name(x), axis)
    return torch.from_numpy(found.view(np.int16) if found.itemsize == 2 else found).view(x.dtype)


def _on_device(kind: str, x: Any, upstream: Any, axis: int) -> Any:
    """With torch operations."""
    wide, n, reduces = x.dtype == torch.float64, x.shape[axis], kind == "logsumexp"
    moved = x.movedim(axis, -1)
    rows = moved.reshape(-1, n).to(torch.float64)
    ups = None
    if upstream is not None:
        up = upstream.reshape(-1, 1) if reduces else upstream.movedim(axis, -1).reshape(-1, n)
        ups = [part.to(torch.float64) for part in ([up] if reduces else up.split(LANES, dim=1))]
    work = Rows(torch_formulas(wide=True) if wide else torch_library(lift=False), wide, torch)
    y = torch.cat(list(work.evaluated(kind, list(rows.split(LANES, dim=1)), rows.amax(dim=1), ups)), dim=1)
    y = _rounded(y, x.dtype)
    if reduces and upstream is None:
        return y.reshape(moved.shape[:-1])
    return y.reshape(moved.shape).movedim(-1, axis).contiguous()


def _rounded(y: Any, dtype: Any) -> Any:
    """float64 rounded once. torch goes through float32, which to 16 bits is once more, unless it is odd."""
    if dtype.itemsize > 2:
        return y.to(dtype)
    nearest = y.to(torch.float32)
    wide = nearest.to(torch.float64)
    inexact = (wide != y) & ~torch.isnan(y)
    further = inexact & (wide.abs() > y.abs())
    odd = (nearest.view(torch.int32) - further.to(torch.int32)) | inexact.to(torch.int32)
    return odd.view(torch.float32).to(dtype)


def apply(kind: str, x: Any, axis: int) -> Any:
    """The function along an axis, differentiable."""
    if not are_plain(x):
        return _plainly(kind, x, axis)
    if x.requires_grad and torch.is_grad_enabled():
        return Differentiable.apply(x, kind, axis)
    return _raw(kind, x, None, axis)


class Differentiable(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """Gradients are as exact as values; gradients of gradients go through the plain expression."""

    @staticmethod
    def forward(ctx: Any, x: Any, kind: str, axis: int) -> Any:
        ctx.save_for_backward(x)
        ctx.kind, ctx.axis = kind, axis
        return _raw(kind, x, None, axis)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Any, None, None]:
        (x,) = ctx.saved_tensors
        if torch.is_grad_enabled() or not are_plain(x, upstream[0]):
            with torch.enable_grad():
                wide = x.to(torch.float64)
                wide = wide if wide.requires_grad else wide.requires_grad_()
                y = _plainly(ctx.kind, wide, ctx.axis)
                (slope,) = torch.autograd.grad(y, wide, upstream[0].to(torch.float64), create_graph=True)
            return slope.to(x.dtype), None, None
        return _raw(ctx.kind, x, upstream[0], ctx.axis), None, None
