# SPDX-License-Identifier: BSD-3-Clause
"""Gated units under torch's automatic differentiation; see ``_activations_torch.py`` for what is plain."""

from __future__ import annotations

from typing import Any

import torch

from ._activations_gated import are_plain, on_tensors
from ._activations_torch import PLAIN


def _plainly(gate: str, value: Any, switch: Any) -> Any:
    return (value.to(torch.float64) * PLAIN[gate](switch.to(torch.float64))).to(value.dtype)


def apply(gate: str, value: Any, switch: Any) -> Any:
    """``value · gate(switch)``, differentiable."""
    if not are_plain(value, switch):
        return _plainly(gate, value, switch)
    if torch.is_grad_enabled() and (value.requires_grad or switch.requires_grad):
        return Gated.apply(value, switch, gate)
    return on_tensors(gate, value, switch, None)[0]


class Gated(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """a f(g). Gradients of gradients go through the plain expression."""

    @staticmethod
    def forward(ctx: Any, value: Any, switch: Any, gate: str) -> Any:
        ctx.save_for_backward(value, switch)
        ctx.gate = gate
        return on_tensors(gate, value, switch, None)[0]

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Any, Any, None]:
        value, switch = ctx.saved_tensors
        if torch.is_grad_enabled() or not are_plain(value, switch, upstream[0]):
            with torch.enable_grad():
                a = value.to(torch.float64)
                g = switch.to(torch.float64)
                a = a if a.requires_grad else a.requires_grad_()
                g = g if g.requires_grad else g.requires_grad_()
                y = a * PLAIN[ctx.gate](g)
                da, dg = torch.autograd.grad(y, (a, g), upstream[0].to(torch.float64), create_graph=True)
            return da.to(value.dtype), dg.to(switch.dtype), None
        da, dg = on_tensors(ctx.gate, value, switch, upstream[0])
        return da, dg, None
