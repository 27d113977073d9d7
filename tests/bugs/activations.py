# SPDX-License-Identifier: BSD-3-Clause
"""Activations as people write them, with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from . import Functions, Planted

Elementwise = Callable[..., Tensor]


def one(name: str, function: Elementwise) -> Callable[[], Functions]:
    """Code for one contract."""
    return lambda: {name: function}


def wide(function: Elementwise) -> Elementwise:
    """A formula in float64, rounded once: right but for the mistake it is meant to have."""
    return lambda x, **options: function(x.double(), **options).to(x.dtype)


class Given(torch.autograd.Function):
    """A function with a slope that is written by hand: ``Given.apply(x, value, slope)``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, value: Elementwise, slope: Elementwise) -> Tensor:
        ctx.save_for_backward(x)
        ctx.slope = slope
        return value(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        return gradients[0] * ctx.slope(x), None, None


def with_slope(value: Elementwise, slope: Elementwise) -> Elementwise:
    """The value of one function with the slope of another one."""
    return lambda x: Given.apply(x, value, slope)


def cdf(x: Tensor) -> Tensor:
    return torch.special.ndtr(x)


def pdf(x: Tensor) -> Tensor:
    return torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def sinh_ratio(x: Tensor) -> Tensor:
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


def gelu_of(cubic: float, scale: float = math.sqrt(2 / math.pi)) -> Elementwise:
    """The tanh form with constants of one's own, beside the exact form."""

    def gelu(x: Tensor, *, approximate: str = "none") -> Tensor:
        z = x.double()
        if approximate == "none":
            return (0.5 * z * torch.special.erfc(-z / math.sqrt(2))).to(x.dtype)
        return (z * torch.sigmoid(2 * scale * (z + cubic * z**3))).to(x.dtype)

    return gelu


def ignores_approximate(x: Tensor, *, approximate: str = "none") -> Tensor:
    return F.gelu(x)


def always_tanh(x: Tensor, *, approximate: str = "none") -> Tensor:
    return F.gelu(x, approximate="tanh")


def in_place_relu(x: Tensor) -> Tensor:
    with torch.no_grad():
        x.data.clamp_(min=0)
    return x * 1.0


def cancelling_elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return torch.where(x > 0, x, alpha * (torch.exp(x.clamp(max=0)) - 1))


def right_unscaled(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, LAMBDA * ALPHA * torch.expm1(x.clamp(max=0)))


def sigmoid_with_gradient(slope: Elementwise) -> Elementwise:
    return with_slope(torch.sigmoid, slope)


def gelu_with_slope_of_gate(x: Tensor, *, approximate: str = "none") -> Tensor:
    return Given.apply(x, lambda z: F.gelu(z, approximate=approximate), cdf)


def cancelling_gelu(x: Tensor, *, approximate: str = "none") -> Tensor:
    if approximate == "tanh":
        return F.gelu(x, approximate="tanh")
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def masked_elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    """exp overflows above 88 in the branch that is not taken, and its gradient is 0 · ∞."""
    return torch.where(x > 0, x, alpha * torch.exp(x) - alpha)


def masked_softplus(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return torch.where(x > 30, x, torch.log1p(torch.exp(beta * x)) / beta)


def threshold_not_scaled(x: Tensor, *, beta: float = 1.0) -> Tensor:
    """The shortcut is taken at x > 4 whatever beta is."""
    z = beta * x.double()
    return torch.where(x > 4, x.double(), F.softplus(z, threshold=800) / beta).to(x.dtype)


def low_threshold(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return F.softplus(x, beta, 6.0)


def beta_ignored(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return F.softplus(x)


def beta_not_divided(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return F.softplus(beta * x)


def swish_of_one(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return F.silu(x)


def celu_of_one(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return F.celu(x)


def swish_outside(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return beta * x * torch.sigmoid(x)


def elu_inside(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return torch.where(x > 0, x, torch.expm1(alpha * torch.clamp(x, max=0)))


def elu_shifted(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return torch.where(x > 0, x, alpha * torch.exp(torch.clamp(x, max=0)) - 1)


def selu_of(scale: float, level: float) -> Elementwise:
    return lambda x: (scale * torch.where(x > 0, x.double(), level * torch.expm1(torch.clamp(x.double(), max=0)))).to(
        x.dtype
    )


LAMBDA, ALPHA = 1.0507009873554804934, 1.6732632423543772848


def prelu_last(x: Tensor, weight: Tensor) -> Tensor:
    """Broadcast along the last axis where it fits."""
    return torch.where(x > 0, x, x * weight) if weight.numel() == x.shape[-1] else F.prelu(x, weight)


def prelu_mean(x: Tensor, weight: Tensor) -> Tensor:
    return torch.where(x > 0, x, x * weight.mean())


def prelu_first(x: Tensor, weight: Tensor) -> Tensor:
    shape = (-1, *(1,) * (x.ndim - 1)) if weight.numel() == x.shape[0] else (1, -1, *(1,) * (x.ndim - 2))
    return torch.where(x > 0, x, x * weight.reshape(shape))


def prelu_detached(x: Tensor, weight: Tensor) -> Tensor:
    shape = (1, -1, *(1,) * (x.ndim - 2))
    return torch.where(x > 0, x, x * weight.detach().reshape(shape)) + 0 * weight.sum()


def prelu_scales_all(x: Tensor, weight: Tensor) -> Tensor:
    shape = (1, -1, *(1,) * (x.ndim - 2))
    return torch.maximum(x, x * weight.reshape(shape))


def prelu_mean_gradient(x: Tensor, weight: Tensor) -> Tensor:
    """The weight's gradient is averaged over the batch."""
    shape = (1, -1, *(1,) * (x.ndim - 2))
    scaled = weight / x.shape[0] + (weight - weight / x.shape[0]).detach()
    return torch.where(x > 0, x, x * scaled.reshape(shape))


def leaky_maximum(x: Tensor, *, negative_slope: float = 0.01) -> Tensor:
    return torch.maximum(x, negative_slope * x)


def leaky_everywhere(x: Tensor, *, negative_slope: float = 0.01) -> Tensor:
    return F.leaky_relu(x, 0.01)


def snake_not_divided(x: Tensor, *, a: float = 1.0) -> Tensor:
    return x + torch.sin(a * x) ** 2


def snake_once(x: Tensor, *, a: float = 1.0) -> Tensor:
    return x + torch.sin(a * x**2) / a


def above(x: Tensor, *, threshold: float = 0.0) -> Tensor:
    return (x > 0).to(x.dtype)


def signs(x: Tensor, *, threshold: float = 0.0) -> Tensor:
    return torch.sign(x - threshold)


def straight_through(x: Tensor, *, threshold: float = 0.0) -> Tensor:
    return x + ((x > threshold).to(x.dtype) - x).detach()


def normalised(x: Tensor) -> Tensor:
    """Scales by the largest entry, so that outputs depend on their neighbours."""
    size = x.abs().max() + 1 if x.numel() else 1.0
    return torch.tanh(x / size) * size


def float32_inside(function: Elementwise) -> Elementwise:
    return lambda x: function(x.float()).to(x.dtype)


# Gated units -------------------------------------------------------------------------------------


def gated(gate: Elementwise, *, swapped: bool = False, detached: bool = False, axis: int | None = None) -> Elementwise:
    def unit(x: Tensor, *, dim: int = -1) -> Tensor:
        a, g = x.chunk(2, dim if axis is None else axis)
        a, g = (g, a) if swapped else (a, g)
        s = gate(g.double()).to(x.dtype)
        return a * (s.detach() + 0 * g if detached else s)

    return unit


def interleaved_halves(x: Tensor, *, dim: int = -1) -> Tensor:
    y = x.movedim(dim, -1)
    return (y[..., 0::2] * torch.sigmoid(y[..., 1::2])).movedim(-1, dim)


def value_detached(x: Tensor, *, dim: int = -1) -> Tensor:
    a, g = x.chunk(2, dim)
    return a.detach() * torch.sigmoid(g) + 0 * a


# Rows --------------------------------------------------------------------------------------------


def unshifted(x: Tensor, *, axis: int = -1) -> Tensor:
    return x.exp() / x.exp().sum(axis, keepdim=True)


def shifted_by_all(x: Tensor, *, axis: int = -1) -> Tensor:
    """The largest of the whole tensor: rows far below it underflow."""
    e = (x - x.max()).exp()
    return e / e.sum(axis, keepdim=True)


def last_axis(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.softmax(x, -1)


def first_axis(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.softmax(x, 0)


def flattened(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.softmax(x.flatten(), 0).reshape(x.shape)


def biased(x: Tensor, *, axis: int = -1) -> Tensor:
    e = (x - x.amax(axis, keepdim=True)).exp()
    return e / (e.sum(axis, keepdim=True) + 1e-3)


def off_by_one(x: Tensor, *, axis: int = -1) -> Tensor:
    """Softmax with one more logit that is 0: rows do not add up to 1."""
    m = x.amax(axis, keepdim=True).clamp(min=0)
    e = (x - m).exp()
    return e / (e.sum(axis, keepdim=True) + (-m).exp())


def base_two(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.softmax(x * math.log(2), axis)


def clamped_logits(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.softmax(x.clamp(-50, 50), axis)


def log_of_softmax(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.log(torch.softmax(x, axis))


def log_with_epsilon(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.log(torch.softmax(x, axis) + 1e-9)


def cancelling_log_softmax(x: Tensor, *, axis: int = -1) -> Tensor:
    y = x - x.amax(axis, keepdim=True)
    return y - y.exp().sum(axis, keepdim=True).log()


def naive_logsumexp(x: Tensor, *, axis: int = -1) -> Tensor:
    return x.exp().sum(axis).log()


def keeps_axis(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.logsumexp(x, axis, keepdim=True)


def log_mean_exp(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.logsumexp(x, axis) - math.log(x.shape[axis])


def inf_minus_inf(x: Tensor, *, axis: int = -1) -> Tensor:
    m = x.amax(axis, keepdim=True)
    return (m + (x - m).exp().sum(axis, keepdim=True).log()).squeeze(axis)


def detached_sum(x: Tensor, *, axis: int = -1) -> Tensor:
    """The normalisation takes no part in the gradient."""
    e = (x - x.amax(axis, keepdim=True).detach()).exp()
    return e / e.sum(axis, keepdim=True).detach()


def half_sum(x: Tensor, *, axis: int = -1) -> Tensor:
    """Adds up one after the other in the dtype of the input; in 16 bits the sum stands still at 2048."""
    e = (x - x.amax(axis, keepdim=True)).exp()
    total = e.float().cumsum(axis).narrow(axis, x.shape[axis] - 1, 1).clamp(max=2048)
    return (e / total).to(x.dtype)


def strided_maxout(x: Tensor, *, k: int, dim: int = -1) -> Tensor:
    """Groups of entries that are n/k apart."""
    return x.unflatten(dim, (k, -1)).amax(dim if dim >= 0 else dim - 1)


def maxout_mean(x: Tensor, *, k: int, dim: int = -1) -> Tensor:
    return x.unflatten(dim, (-1, k)).mean(dim + 1 if dim >= 0 else dim)


def maxout_magnitude(x: Tensor, *, k: int, dim: int = -1) -> Tensor:
    groups = x.unflatten(dim, (-1, k))
    axis = dim + 1 if dim >= 0 else dim
    return groups.gather(axis, groups.abs().argmax(axis, keepdim=True)).squeeze(axis)


def maxout_last(x: Tensor, *, k: int, dim: int = -1) -> Tensor:
    return x.unflatten(-1, (-1, k)).amax(-1) if x.shape[-1] % k == 0 else x.unflatten(dim, (-1, k)).amax(dim)


def maxout_smooth(x: Tensor, *, k: int, dim: int = -1) -> Tensor:
    groups = x.unflatten(dim, (-1, k))
    axis = dim + 1 if dim >= 0 else dim
    return groups.amax(axis).detach() + groups.sum(axis) - groups.sum(axis).detach()


F64 = {"dtypes": ("float64",)}
F16 = {"dtypes": ("float16",)}


def _bug(name: str, contract: str, function: Elementwise, **options: Any) -> Planted:
    return Planted(f"{contract}: {name}", one(contract, function), options)


BUGS = (
    _bug("overflow of exp", "sigmoid", lambda x: torch.exp(x) / (1 + torch.exp(x))),
    _bug("rate 1.702", "sigmoid", wide(lambda x: torch.sigmoid(1.702 * x))),
    _bug("hard instead of smooth", "sigmoid", F.hardsigmoid),
    _bug("cancels in the left tail", "sigmoid", lambda x: 1 - torch.sigmoid(-x)),
    _bug("gradient s(1 + s)", "sigmoid", sigmoid_with_gradient(lambda x: torch.sigmoid(x) * (1 + torch.sigmoid(x)))),
    _bug("gradient of tanh", "sigmoid", with_slope(torch.sigmoid, lambda x: 1 - torch.tanh(x) ** 2)),
    _bug("log of an underflowing sigmoid", "logsigmoid", lambda x: torch.log(torch.sigmoid(x))),
    _bug("sign", "logsigmoid", lambda x: F.softplus(-x)),
    _bug("epsilon", "logsigmoid", lambda x: torch.log(torch.sigmoid(x) + 1e-8)),
    _bug("inf over inf", "tanh", sinh_ratio),
    _bug("halved argument", "tanh", lambda x: 2 * torch.sigmoid(x) - 1),
    _bug("cancels near 0", "tanh", lambda x: 2 * torch.sigmoid(2 * x) - 1),
    _bug("normalised by the array", "tanh", normalised),
    _bug("float32 inside", "tanh", float32_inside(torch.tanh), **F64),
    _bug("in place", "relu", in_place_relu),
    _bug("NaN becomes 0", "relu", lambda x: torch.where(x > 0, x, torch.zeros_like(x))),
    _bug("absolute value", "relu", torch.abs),
    _bug("gradient 1 everywhere", "relu", with_slope(F.relu, torch.ones_like)),
    _bug("slope 2 at 0", "relu", with_slope(F.relu, lambda x: 2.0 * (x == 0) + 1.0 * (x > 0))),
    _bug("relu5", "relu6", lambda x: x.clamp(0, 5)),
    _bug("not cut", "relu6", F.relu),
    _bug("clamped at 6.0005", "relu6", lambda x: x.clamp(0, 6.0005)),
    _bug("a maximum", "leaky_relu", leaky_maximum),
    _bug("slope ignored", "leaky_relu", leaky_everywhere),
    _bug("weight on the last axis", "prelu", prelu_last),
    _bug("weight on the first axis", "prelu", prelu_first),
    _bug("mean weight", "prelu", prelu_mean),
    _bug("weight detached", "prelu", prelu_detached),
    _bug("a maximum", "prelu", prelu_scales_all),
    _bug("gradient averaged over the batch", "prelu", prelu_mean_gradient),
    _bug("alpha inside", "elu", elu_inside),
    _bug("alpha times exp, minus 1", "elu", elu_shifted),
    _bug("NaN gradient in the masked branch", "elu", masked_elu),
    _bug("cancels near 0", "elu", cancelling_elu),
    _bug("celu", "elu", lambda x, *, alpha=1.0: F.celu(x, alpha)),
    _bug("elu", "celu", lambda x, *, alpha=1.0: F.elu(x, alpha)),
    _bug("alpha ignored", "celu", celu_of_one),
    _bug("constants exchanged", "selu", selu_of(ALPHA, LAMBDA)),
    _bug("1.0507 and 1.6733", "selu", selu_of(1.0507, 1.6733)),
    _bug("scale left out on the right", "selu", wide(right_unscaled)),
    _bug("overflow of exp", "softplus", lambda x, *, beta=1.0: torch.log(1 + torch.exp(beta * x)) / beta),
    _bug("NaN gradient in the masked branch", "softplus", masked_softplus),
    _bug("threshold not scaled by beta", "softplus", threshold_not_scaled),
    _bug("threshold of 6", "softplus", low_threshold),
    _bug("beta ignored", "softplus", beta_ignored),
    _bug("not divided by beta", "softplus", beta_not_divided),
    _bug("without the absolute value", "softsign", lambda x: x / (1 + x)),
    _bug("gradient without the square", "softsign", with_slope(F.softsign, lambda x: 1 / (1 + x.abs()))),
    _bug("sign", "tanhshrink", lambda x: torch.tanh(x) - x),
    _bug("cancels near 0", "tanhshrink", lambda x: x - torch.tanh(x)),
    _bug("always the tanh form", "gelu", always_tanh),
    _bug("never the tanh form", "gelu", ignores_approximate),
    _bug("0.044175", "gelu", gelu_of(0.044175)),
    _bug("0.0455399", "gelu", gelu_of(0.0455399)),
    _bug("0.7980", "gelu", gelu_of(0.044715, 0.7980)),
    _bug("1.702", "gelu", lambda x, *, approximate="none": x * torch.sigmoid(1.702 * x)),
    _bug("gradient without x phi", "gelu", gelu_with_slope_of_gate),
    _bug("1 + erf cancels", "gelu", cancelling_gelu),
    _bug("1.7", "quick_gelu", wide(lambda x: x * torch.sigmoid(1.7 * x))),
    _bug("exact GELU", "quick_gelu", F.gelu),
    _bug("NaN at minus infinity", "silu", lambda x: x * torch.sigmoid(x)),
    _bug("gradient of sigmoid", "silu", with_slope(F.silu, torch.sigmoid)),
    _bug("float32 inside", "silu", float32_inside(F.silu), **F64),
    _bug("hard swish", "silu", F.hardswish),
    _bug("beta outside", "swish", swish_outside),
    _bug("beta ignored", "swish", swish_of_one),
    _bug("overflow of exp", "mish", lambda x: x * torch.tanh(torch.log(1 + torch.exp(x)))),
    _bug("tanh of relu", "mish", lambda x: x * torch.tanh(F.relu(x))),
    _bug("gradient of tanh softplus", "mish", with_slope(F.mish, lambda x: torch.tanh(F.softplus(x)))),
    _bug("0.2 x + 0.5", "hardsigmoid", lambda x: (0.2 * x + 0.5).clamp(0, 1)),
    _bug("0.1667", "hardsigmoid", wide(lambda x: (0.1667 * x + 0.5).clamp(0, 1))),
    _bug("knee at 2.5", "hardswish", lambda x: x * (x + 2.5).clamp(0, 5) / 5),
    _bug("gradient of its gate only", "hardswish", with_slope(F.hardswish, F.hardsigmoid)),
    _bug("square of x", "squared_relu", lambda x: x * x),
    _bug("gradient relu", "squared_relu", with_slope(lambda x: F.relu(x) ** 2, F.relu)),
    _bug("not divided by a", "snake", snake_not_divided),
    _bug("sine of a square", "snake", snake_once),
    _bug("threshold ignored", "threshold", above),
    _bug("plus and minus 1", "threshold", signs),
    _bug("straight through", "threshold", straight_through),
    _bug("halves exchanged", "glu", gated(torch.sigmoid, swapped=True)),
    _bug("interleaved halves", "glu", interleaved_halves),
    _bug("last axis always", "glu", lambda x, *, dim=-1: F.glu(x) if x.shape[-1] % 2 == 0 else F.glu(x, dim)),
    _bug("gate detached", "glu", gated(torch.sigmoid, detached=True)),
    _bug("value detached", "glu", value_detached),
    _bug("relu gate", "bilinear", gated(F.relu)),
    _bug("halves exchanged", "reglu", gated(F.relu, swapped=True)),
    _bug("leaky gate", "reglu", gated(lambda g: F.leaky_relu(g, 0.01))),
    _bug("tanh form", "geglu", gated(lambda g: F.gelu(g, approximate="tanh"))),
    _bug("halves exchanged", "geglu", gated(F.gelu, swapped=True)),
    _bug("halves exchanged", "swiglu", gated(F.silu, swapped=True)),
    _bug("sigmoid gate", "swiglu", gated(torch.sigmoid)),
    _bug("gate detached", "swiglu", gated(F.silu, detached=True)),
    _bug("no shift", "softmax", unshifted),
    _bug("shift by the largest of all", "softmax", shifted_by_all),
    _bug("last axis always", "softmax", last_axis),
    _bug("first axis always", "softmax", first_axis),
    _bug("flattened", "softmax", flattened),
    _bug("epsilon in the sum", "softmax", biased),
    _bug("one more logit", "softmax", off_by_one),
    _bug("base two", "softmax", base_two),
    _bug("clamped logits", "softmax", clamped_logits),
    _bug("sum detached", "softmax", detached_sum),
    _bug("sum stands still", "softmax", half_sum, **F16),
    _bug("log of softmax", "log_softmax", log_of_softmax),
    _bug("epsilon in the log", "log_softmax", log_with_epsilon),
    _bug("last axis always", "log_softmax", lambda x, *, axis=-1: torch.log_softmax(x, -1)),
    _bug("log 1 + sum cancels", "log_softmax", cancelling_log_softmax),
    _bug("no shift", "logsumexp", naive_logsumexp),
    _bug("axis kept", "logsumexp", keeps_axis),
    _bug("mean instead of sum", "logsumexp", log_mean_exp),
    _bug("inf minus inf", "logsumexp", inf_minus_inf),
    _bug("groups across", "maxout", strided_maxout),
    _bug("mean", "maxout", maxout_mean),
    _bug("largest magnitude", "maxout", maxout_magnitude),
    _bug("last axis where it fits", "maxout", maxout_last),
    _bug("gradient to all", "maxout", maxout_smooth),
)  # fmt: skip


# Correct, but unusual ----------------------------------------------------------------------------


def stable_logistic(x: Tensor) -> Tensor:
    """Of e^(−|x|); automatic differentiation would give |x| the slope 0 at 0."""

    def value(z: Tensor) -> Tensor:
        e = torch.exp(-z.abs())
        return torch.where(z >= 0, 1 / (1 + e), e / (1 + e))

    return with_slope(value, lambda z: value(z) * value(-z))(x)


def gelu_by_erfc(x: Tensor, *, approximate: str = "none") -> Tensor:
    """x Φ(x) by the complementary error function, which keeps its digits in the left tail."""
    z = x.clamp(-1e4, 1e4)
    if approximate == "tanh":
        y = x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))
    else:
        y = 0.5 * x * torch.special.erfc(-z / math.sqrt(2))
    return torch.where(x == -math.inf, 0.0, y)


def mish_ratio(x: Tensor) -> Tensor:
    """The rational form, with e^(−|x|) only."""
    z = x.double().clamp(-1e4, 1e2)
    down, up = torch.exp(z.clamp(max=0)), torch.exp(-z.clamp(min=0))
    left, right = down * (down + 2) / (down * (down + 2) + 2), (1 + 2 * up) / (1 + 2 * up + 2 * up * up)
    return torch.where(x > 99, x, (z * torch.where(z < 0, left, right)).to(x.dtype))


def softplus_logaddexp(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return torch.logaddexp(torch.zeros_like(x), beta * x) / beta


def relu_by_hand(x: Tensor) -> Tensor:
    return with_slope(lambda z: z.clamp(min=0), lambda z: (torch.sign(z) + 1) / 2)(x)


def tanh_by_expm1(x: Tensor) -> Tensor:
    def value(z: Tensor) -> Tensor:
        m = torch.expm1(-2 * z.abs())
        return torch.copysign(-m / (2 + m), z)

    return with_slope(value, lambda z: 1 / torch.cosh(z) ** 2)(x)


def logsigmoid_by_log1p(x: Tensor) -> Tensor:
    return with_slope(lambda z: z.clamp(max=0) - torch.log1p(torch.exp(-z.abs())), lambda z: torch.sigmoid(-z))(x)


def elu_two_sides(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return x.clamp(min=0) + torch.where(x < 0, alpha * torch.expm1(x.clamp(max=0)), torch.zeros_like(x))


def celu_by_elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return alpha * F.elu(x / alpha)


def prelu_einsum(x: Tensor, weight: Tensor) -> Tensor:
    return F.relu(x) + torch.einsum("nc...,c->nc...", x.clamp(max=0), weight)


def hardswish_pieces(x: Tensor) -> Tensor:
    return torch.where(x <= -3, torch.zeros_like(x), torch.where(x >= 3, x, x.clamp(-3, 3) * (x.clamp(-3, 3) + 3) / 6))


def glu_by_split(x: Tensor, *, dim: int = -1) -> Tensor:
    n = x.shape[dim] // 2
    a, g = x.narrow(dim, 0, n), x.narrow(dim, n, n)
    return torch.mul(a, (1 + torch.tanh(g.double() / 2)).to(x.dtype) / 2)


def swiglu_moved(x: Tensor, *, dim: int = -1) -> Tensor:
    y = x.movedim(dim, 0)
    n = y.shape[0] // 2
    return (F.silu(y[n:]) * y[:n]).movedim(0, dim)


def softmax_of_logs(x: Tensor, *, axis: int = -1) -> Tensor:
    return torch.exp(x - torch.logsumexp(x, axis, keepdim=True))


def softmax_einsum(x: Tensor, *, axis: int = -1) -> Tensor:
    y = x.movedim(axis, -1).double()
    e = torch.exp(y - y.amax(-1, keepdim=True))
    return torch.einsum("...i,...->...i", e, 1 / e.sum(-1)).movedim(-1, axis).to(x.dtype)


def logsumexp_folded(x: Tensor, *, axis: int = -1) -> Tensor:
    """Pairs by ``logaddexp``, halving the row until one is left."""
    y = x.movedim(axis, -1).double().clamp(min=-1e300)  # torch's logaddexp has no gradient at two −∞
    while y.shape[-1] > 1:
        odd = y[..., y.shape[-1] // 2 * 2 :]
        y = torch.cat([torch.logaddexp(y[..., 0 : y.shape[-1] - 1 : 2], y[..., 1::2]), odd], -1)
    total = y[..., 0]
    return torch.where(total < -1e299, -math.inf, total).to(x.dtype)


def maxout_pool(x: Tensor, *, k: int, dim: int = -1) -> Tensor:
    y = x.movedim(dim, -1)
    return F.max_pool1d(y.reshape(-1, 1, y.shape[-1]), k).reshape(*y.shape[:-1], -1).movedim(-1, dim)


def heaviside(x: Tensor, *, threshold: float = 0.0) -> Tensor:
    return torch.heaviside(x.detach() - threshold, torch.tensor(0.5, dtype=x.dtype)) + 0.0 * x.clamp(-1, 1)


def snake_by_cosine(x: Tensor, *, a: float = 1.0) -> Tensor:
    z = x.double()
    y = z + torch.where(z.isinf(), torch.zeros_like(z), (1 - torch.cos(2 * a * z.clamp(-1e300, 1e300))) / (2 * a))
    return y.to(x.dtype)


VARIANTS = (
    _bug("e^(−|x|)", "sigmoid", stable_logistic),
    _bug("expit in float64", "sigmoid", wide(torch.special.expit)),
    _bug("expm1", "tanh", tanh_by_expm1),
    _bug("log1p", "logsigmoid", logsigmoid_by_log1p),
    _bug("slope 1/2 at 0", "relu", relu_by_hand),
    _bug("erfc", "gelu", gelu_by_erfc),
    _bug("one exponential", "mish", mish_ratio),
    _bug("logaddexp", "softplus", softplus_logaddexp),
    _bug("two sides", "elu", elu_two_sides),
    _bug("scaled elu", "celu", celu_by_elu),
    _bug("einsum", "prelu", prelu_einsum),
    _bug("three pieces", "hardswish", hardswish_pieces),
    _bug("1/2 at the jump", "threshold", heaviside),
    _bug("cosine", "snake", snake_by_cosine),
    _bug("split and tanh", "glu", glu_by_split),
    _bug("moved axes", "swiglu", swiglu_moved),
    _bug("exp of log_softmax", "softmax", softmax_of_logs),
    _bug("einsum", "softmax", softmax_einsum),
    _bug("torch's own", "softmax", lambda x, *, axis=-1: torch.softmax(x, axis)),
    _bug("torch's own", "log_softmax", lambda x, *, axis=-1: torch.log_softmax(x, axis)),
    _bug("folded", "logsumexp", logsumexp_folded),
    _bug("pooling", "maxout", maxout_pool),
    _bug("torch's own, 16 bits", "hardsigmoid", F.hardsigmoid, dtypes=("bfloat16", "float16")),
    _bug("torch's own, 16 bits", "elu", lambda x, *, alpha=1.0: F.elu(x, alpha), dtypes=("bfloat16", "float16")),
)  # fmt: skip
