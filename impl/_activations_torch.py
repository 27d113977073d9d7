# SPDX-License-Identifier: BSD-3-Clause
"""The formulas under torch's automatic differentiation.

First derivatives are the slopes of the formulas, as accurate as the values. Higher ones, and everything
under forward mode, ``torch.func``, ``vmap`` and ``torch.compile``, go through the plain expressions
below, evaluated in float64 and rounded once: as accurate in the middle of the range, not in the tails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from ._activations_apply import evaluate, is_plain
from ._activations_tables import Parameters


def _step(x: Any, threshold: float) -> Any:
    return torch.where(torch.isnan(x), x, (x > threshold).to(x.dtype))


def _softplus(x: Any, beta: float, threshold: float) -> Any:
    exact = torch.logaddexp(beta * x, torch.zeros_like(x)) / beta
    return torch.where(beta * x > threshold, x, exact)


PLAIN: dict[str, Callable[..., Any]] = {
    "step": _step,
    "sigmoid": torch.sigmoid,
    "logsigmoid": F.logsigmoid,
    "tanh": torch.tanh,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "celu": F.celu,
    "selu": F.selu,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "scaled_softplus": _softplus,
    "softsign": F.softsign,
    "tanhshrink": F.tanhshrink,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
    "silu": F.silu,
    "swish": lambda x, beta: x * torch.sigmoid(beta * x),
    "mish": F.mish,
    "relu": torch.relu,
    "identity": lambda x: x,
    "hardsigmoid": lambda x: F.relu6(x + 3.0) / 6.0,
    "hardswish": lambda x: x * F.relu6(x + 3.0) / 6.0,
    "squared_relu": lambda x: torch.relu(x) ** 2,
    "snake": lambda x, a: x + torch.sin(a * x) ** 2 / a,
}


def apply(name: str, x: Any, parameters: Parameters) -> Any:
    """The function of a tensor, differentiable."""
    if not is_plain(x):
        return PLAIN[name](x.to(torch.float64), *parameters).to(x.dtype)
    if x.requires_grad and torch.is_grad_enabled():
        return Value.apply(x, name, parameters)
    return evaluate(name, x, parameters)


class Value(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """f(x)."""

    @staticmethod
    def forward(ctx: Any, x: Any, name: str, parameters: Parameters) -> Any:
        ctx.save_for_backward(x)
        ctx.name, ctx.parameters = name, parameters
        return evaluate(name, x, parameters)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Any, None, None]:
        (x,) = ctx.saved_tensors
        return _slope(x, upstream[0], ctx.name, ctx.parameters), None, None


def _slope(x: Any, upstream: Any, name: str, parameters: Parameters) -> Any:
    if is_plain(x) and is_plain(upstream):
        return Slope.apply(x, upstream, name, parameters)
    with torch.enable_grad():
        wide = x.to(torch.float64)
        wide = wide if wide.requires_grad else wide.requires_grad_()
        (slope,) = torch.autograd.grad(PLAIN[name](wide, *parameters), wide, torch.ones_like(wide), create_graph=True)
    return (slope * upstream).to(x.dtype)


def clipped(x: Any, top: float | None) -> Any:
    """max(x, 0), or min of that and 6; the slope is 0 at both knees and NaN at NaN, where torch has 1."""
    if not is_plain(x) or not (x.requires_grad and torch.is_grad_enabled()):
        return F.relu(x) if top is None else F.relu6(x)
    return Clipped.apply(x, top)


class Clipped(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """The function above."""

    @staticmethod
    def forward(ctx: Any, x: Any, top: float | None) -> Any:
        ctx.save_for_backward(x)
        ctx.top = top
        return F.relu(x) if top is None else F.relu6(x)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Any, None]:
        (x,) = ctx.saved_tensors
        flat = x <= 0.0 if ctx.top is None else (x <= 0.0) | (x >= ctx.top)
        return torch.where(flat, 0.0, torch.where(x > 0.0, upstream[0], x.detach())), None


class Slope(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """f′(x) times a cotangent."""

    @staticmethod
    def forward(ctx: Any, x: Any, upstream: Any, name: str, parameters: Parameters) -> Any:
        ctx.save_for_backward(x, upstream)
        ctx.name, ctx.parameters = name, parameters
        return evaluate(name, x, parameters, upstream)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Any, Any, None, None]:
        x, given = ctx.saved_tensors
        with torch.enable_grad():
            wide = x.to(torch.float64)
            wide = wide if wide.requires_grad else wide.requires_grad_()
            value = PLAIN[ctx.name](wide, *ctx.parameters)
            (slope,) = torch.autograd.grad(value, wide, torch.ones_like(wide), create_graph=True)
            if slope.requires_grad:
                (bend,) = torch.autograd.grad(slope, wide, torch.ones_like(wide), create_graph=True, allow_unused=True)
            else:
                bend = None
            curved = None if bend is None else (bend * given * upstream[0]).to(x.dtype)
        return curved, _slope(x, upstream[0], ctx.name, ctx.parameters), None, None


def leaky(x: Any, weight: Any) -> Any:
    """x above 0, weight · x below, as a composition: the product is exact in the wider dtype and rounded once."""
    wide = torch.float64 if x.element_size() >= 4 else torch.float32
    below = torch.where(x > 0, torch.zeros_like(x), x)
    return torch.where(x > 0, x, (below.to(wide) * weight.to(wide)).to(x.dtype))
