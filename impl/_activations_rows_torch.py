# SPDX-License-Identifier: BSD-3-Clause
"""Functions of rows under torch's automatic differentiation; the rows are along the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ._activations_gated import are_plain
from ._activations_rows import evaluated, on_memory
from ._arrays import dtype_name
from ._binding import torch_formulas, torch_library
from ._fast.memory import host


def _plainly(kind: str, x: Any) -> Any:
    wide = x.to(torch.float64)
    if kind == "logsumexp":
        return torch.logsumexp(wide, dim=-1).to(x.dtype)
    return getattr(torch, kind)(wide, dim=-1).to(x.dtype)


def _raw(kind: str, x: Any, upstream: Any) -> Any:
    x = x.detach().contiguous()
    given = None if upstream is None else upstream.detach().contiguous()
    if x.device.type == "cpu":
        memory = host(x)
        assert memory is not None
        found = on_memory(kind, memory, None if given is None else host(given), dtype_name(x))
        return torch.from_numpy(found.view(np.int16) if found.itemsize == 2 else found).view(x.dtype)
    n = x.shape[-1]
    rows = x.reshape(-1, n).to(torch.float64)
    if given is not None:
        given = given.reshape(-1, 1 if kind == "logsumexp" else n).to(torch.float64)
    names = torch_formulas(wide=True) if x.dtype == torch.float64 else torch_library(lift=False)
    y = evaluated(kind, names, rows, given, torch)
    return y.reshape(x.shape[:-1] if y.ndim == 1 else x.shape).to(x.dtype)


def apply(kind: str, x: Any) -> Any:
    """The function of the last axis, differentiable."""
    if not are_plain(x):
        return _plainly(kind, x)
    if x.requires_grad and torch.is_grad_enabled():
        return Rows.apply(x, kind)
    return _raw(kind, x, None)


class Rows(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """Gradients are as exact as values; gradients of gradients go through the plain expression."""

    @staticmethod
    def forward(ctx: Any, x: Any, kind: str) -> Any:
        ctx.save_for_backward(x)
        ctx.kind = kind
        return _raw(kind, x, None)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Any, None]:
        (x,) = ctx.saved_tensors
        if torch.is_grad_enabled() or not are_plain(x, upstream[0]):
            with torch.enable_grad():
                wide = x.to(torch.float64)
                wide = wide if wide.requires_grad else wide.requires_grad_()
                y = _plainly(ctx.kind, wide)
                (slope,) = torch.autograd.grad(y, wide, upstream[0].to(torch.float64), create_graph=True)
            return slope.to(x.dtype), None
        return _raw(ctx.kind, x, upstream[0]), None
