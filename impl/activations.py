# SPDX-License-Identifier: BSD-3-Clause
"""Activation functions, with the signatures of ``torch.nn.functional`` where it has the function.

Errors in ulp of the exact value (an ulp is the spacing of floats there), measured against ball arithmetic:

* float16, bfloat16: correctly rounded, value and slope, for all 65,536 inputs (default parameters);
* float32: 0.502 for values and slopes, tails and roots of slopes included, from float64 formulas rounded once;
* float64: 3 for values and slopes, except the slope of snake, next to its double roots; gated units and products
  with a cotangent are rounded once more: 4.

The result of an element does not depend on the layout and the rest of the array. In float64 and in 16 bits
only sums, products, quotients and comparisons of float64 are used, each rounded by itself, so that NumPy and
torch give the same bits, with and without Numba; only ``snake`` depends on the library's sine. An exception are
softmax and its like in 16 bits: they come from float64 values by the compiled exponential or the library's, both
within 2⁻³⁸ of the exact value (of the larger term where it is a difference, as gradients are), and rounded once,
so that their bits differ only where that is as close to the middle of two neighbours. Functions of float32 are
compiled if Numba is there (the extra ``fast``), and come else from the library's own float64 exponentials: both
are within the bound above, but may differ in rare roundings, as NumPy and torch do then (NumPy has no erfc), and
as two versions of a library may. (On CUDA the operations of torch run; no test has been run there yet.) Small
arrays are not worth compiling for. With Numba most functions take one to two times as long as torch's on large
float32 arrays, without it one to four times forward and more backward, much more in float64. softmax and its like
take one to three times as long with Numba, more in short rows and backward, and without it much more
(``benchmarks/README.md``).
±0, ±inf, NaN, subnormal and huge numbers give the limit of the formula.

Every function takes a NumPy array or a torch tensor of dtype float16 (NumPy has no bfloat16), bfloat16,
float32 or float64, and returns a new one of the same shape and dtype. Nothing happens in place. torch
differentiates all of them; what that means at a knee stands at the function. Second derivatives, forward
mode, ``torch.func`` and ``torch.compile`` go through torch's own expressions in float64, rounded once.
Parameters other than the array are Python numbers. Errors: ``TypeError`` for another kind of array or
dtype, ``ValueError`` for a parameter outside its domain.

``activations.nn`` has ``torch.nn.Module`` forms with the constructors of ``torch.nn``.
"""

from __future__ import annotations

from importlib import import_module
from math import inf, isfinite, prod
from typing import Any

import numpy as np

from ._activations_apply import apply
from ._activations_gated import gated
from ._activations_rows import on_memory
from ._arrays import Array, dtype_name, is_tensor, require_positive, require_real

__all__ = [
    "bilinear",
    "celu",
    "elu",
    "geglu",
    "gelu",
    "glu",
    "hardsigmoid",
    "hardswish",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "logsumexp",
    "maxout",
    "mish",
    "prelu",
    "quick_gelu",
    "reglu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "snake",
    "softmax",
    "softplus",
    "softsign",
    "squared_relu",
    "swiglu",
    "swish",
    "tanh",
    "tanhshrink",
    "threshold",
]


def __getattr__(name: str) -> Any:
    if name == "nn":
        return import_module("._activations_modules", __package__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _checked(name: str, x: Array) -> Array:
    if not (isinstance(x, np.ndarray) or is_tensor(x)):
        raise TypeError(f"{name}: x must be a NumPy array or a torch tensor, got {type(x).__name__}")
    require_real(name, "x", x)
    return x


def _number(name: str, argument: str, value: Any) -> float:
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{name}: {argument} must be finite, got {value!r}")
    return number


def _elementwise(name: str, x: Array, *parameters: float, formula: str | None = None) -> Array:
    return apply(formula or name, _checked(name, x), parameters)


def _clipped(name: str, x: Array, top: float | None) -> Array:
    """max(x, 0), or min of that and the top; exact in every dtype, so that the library's own will do."""
    _checked(name, x)
    if is_tensor(x):
        from ._activations_torch import clipped

        return clipped(x, top)
    return np.clip(x, 0, top).astype(x.dtype, copy=False)


def threshold(x: Array, threshold: float = 0.0, value: float | None = None) -> Array:
    """1 where x > threshold, else 0; or, with ``value``, x where x > threshold, else ``value``, as in torch.

    The slope is 0 everywhere (1 above the threshold if ``value`` is given). NaN stays NaN.
    Claims: :claim:`activations.threshold`, :claim:`activations.threshold-gradient`.
    """
    level = _number("threshold", "threshold", threshold)
    if value is None:
        return _elementwise("threshold", x, level, formula="step")
    _checked("threshold", x)
    if is_tensor(x):
        from torch.nn import functional

        return functional.threshold(x, level, value)
    return np.where(x <= level, x.dtype.type(value), x)


def sigmoid(x: Array) -> Array:
    """σ(x) = 1/(1 + e⁻ˣ). Claims: :claim:`activations.sigmoid`.

    Examples:
        >>> import numpy as np
        >>> sigmoid(np.asarray([-800.0, -1.0, 0.0])).tolist()
        [0.0, 0.2689414213699951, 0.5]
    """
    return _elementwise("sigmoid", x)


def logsigmoid(x: Array) -> Array:
    """log σ(x) = −log(1 + e⁻ˣ). Claims: :claim:`activations.softplus`."""
    return _elementwise("logsigmoid", x)


def tanh(x: Array) -> Array:
    """tanh x. Claims: :claim:`activations.sigmoid`."""
    return _elementwise("tanh", x)


def relu(x: Array) -> Array:
    """max(x, 0); the slope at 0 is 0. Claims: :claim:`activations.relu`, :claim:`activations.relu-ad`."""
    return _clipped("relu", x, None)


def relu6(x: Array) -> Array:
    """min(max(x, 0), 6); the slope at 0 and at 6 is 0. Claims: :claim:`activations.relu6-hard`."""
    return _clipped("relu6", x, 6)


def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """x above 0, negative_slope · x below; the slope at 0 is negative_slope. Claims: :claim:`activations.leaky`."""
    slope = _number("leaky_relu", "negative_slope", negative_slope)
    return _elementwise("leaky_relu", x, slope) if slope else relu(x)  # 0 · (−inf) has the limit 0


def prelu(x: Array, weight: Array) -> Array:
    """x above 0, weight · x below, one weight in all or one for each index along axis 1.

    The weight ``(1,)`` or ``(channels,)`` has the dtype of ``x``; both are differentiated, and the slope at 0
    is the weight. Claims: :claim:`activations.leaky`.
    """
    _checked("prelu", x)
    channels = x.shape[1] if x.ndim > 1 else 1
    if type(weight) is not type(x) and not (is_tensor(x) and is_tensor(weight)):
        raise TypeError(f"prelu: weight must be an array like x, got {type(weight).__name__} and {type(x).__name__}")
    if weight.ndim > 1 or weight.dtype != x.dtype or prod(weight.shape) not in (1, channels):
        raise ValueError(
            f"prelu: weight must be of shape (1,) or ({channels},) and of dtype {dtype_name(x)}, "
            f"got {tuple(weight.shape)}, {dtype_name(weight)}"
        )
    scale = weight.reshape((1, -1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else (-1,))
    if is_tensor(x):
        from ._activations_torch import leaky

        return leaky(x, scale if x.ndim else scale.reshape(()))
    wide = np.float32 if x.dtype == np.float16 else np.float64  # holds the product of two numbers exactly
    with np.errstate(all="ignore"):
        return np.where(
            x > 0, x, (x.astype(wide) * scale.reshape(scale.shape if x.ndim else ()).astype(wide)).astype(x.dtype)
        )


def elu(x: Array, alpha: float = 1.0) -> Array:
    """x above 0, alpha · (eˣ − 1) below; the slope at 0 is alpha. Claims: :claim:`activations.elu`."""
    return _elementwise("elu", x, _number("elu", "alpha", alpha))


def celu(x: Array, alpha: float = 1.0) -> Array:
    """x above 0, alpha · (e^(x/alpha) − 1) below, alpha > 0: smooth at 0. Claims: :claim:`activations.elu`."""
    return _elementwise("celu", x, require_positive("celu", "alpha", alpha))


def selu(x: Array) -> Array:
    """λx above 0, λα(eˣ − 1) below, with Klambauer et al.'s λ and α; the slope at 0 is λα.

    Claims: :claim:`activations.selu`, :claim:`activations.selu-smooth`.
    """
    return _elementwise("selu", x)


def softplus(x: Array, beta: float = 1.0, threshold: float | None = None) -> Array:
    """log(1 + e^(beta·x))/beta, beta > 0.

    ``threshold``: where beta · x is greater, the result is x, as in torch. That saves nothing here, and by
    default it is not done: the result is the exact softplus. (torch's 20 is right to half an ulp in float32,
    but wrong in float64 by 6·10⁵ ulp.) Claims: :claim:`activations.softplus`.
    """
    rate = require_positive("softplus", "beta", beta)
    if threshold is None and rate == 1.0:
        return _elementwise("softplus", x)
    return _elementwise("softplus", x, rate, inf if threshold is None else float(threshold), formula="scaled_softplus")


def softsign(x: Array) -> Array:
    """x/(1 + |x|). Claims: :claim:`activations.sigmoid-not-centred`."""
    return _elementwise("softsign", x)


def tanhshrink(x: Array) -> Array:
    """x − tanh x, without cancellation near 0. Claims: :claim:`activations.sigmoid`."""
    return _elementwise("tanhshrink", x)


def gelu(x: Array, approximate: str = "none") -> Array:
    """xΦ(x), or with ``approximate="tanh"`` x(1 + tanh(√(2/π)(x + 0.044715x³)))/2.

    Claims: :claim:`activations.gelu`, :claim:`activations.gelu-tanh-error`.

    Examples:
        >>> import numpy as np
        >>> gelu(np.asarray([-30.0, 1.0])).tolist()
        [-1.4720120202586298e-196, 0.8413447460685429]
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate must be "none" or "tanh", got {approximate!r}')
    return _elementwise("gelu", x, formula="gelu" if approximate == "none" else "gelu_tanh")


def quick_gelu(x: Array) -> Array:
    """xσ(1.702x). Claims: :claim:`activations.gelu-sigmoid-error`."""
    return _elementwise("quick_gelu", x)


def silu(x: Array) -> Array:
    """xσ(x). Claims: :claim:`activations.silu-min`, :claim:`activations.silu-slope`."""
    return _elementwise("silu", x)


def swish(x: Array, beta: float = 1.0) -> Array:
    """xσ(beta·x), any finite beta: x/2 for 0. Claims: :claim:`activations.swish`."""
    rate = _number("swish", "beta", beta)
    if rate in (0.0, 1.0):
        return silu(x) if rate else 0.5 * _checked("swish", x)
    return _elementwise("swish", x, rate)


def mish(x: Array) -> Array:
    """x tanh(log(1 + eˣ)). Claims: :claim:`activations.mish`."""
    return _elementwise("mish", x)


def hardsigmoid(x: Array) -> Array:
    """relu6(x + 3)/6; the slope at ±3 is 0. Claims: :claim:`activations.relu6-hard`."""
    return _elementwise("hardsigmoid", x)


def hardswish(x: Array) -> Array:
    """x relu6(x + 3)/6; the slope at −3 is 0, at 3 it is 1. Claims: :claim:`activations.relu6-hard`."""
    return _elementwise("hardswish", x)


def squared_relu(x: Array) -> Array:
    """max(x, 0)². Claims: :claim:`activations.squared-relu`."""
    return _elementwise("squared_relu", x)


def snake(x: Array, a: float = 1.0) -> Array:
    """x + sin²(ax)/a, a ≠ 0; at ±inf there is no slope (NaN).

    Near the double roots of the slope only its absolute error is small. Claims: :claim:`activations.snake`.
    """
    frequency = _number("snake", "a", a)
    if not frequency:
        raise ValueError("snake: a must not be 0")
    return _elementwise("snake", x, frequency)


def glu(x: Array, dim: int = -1) -> Array:
    """a · σ(g) of the halves (a, g) of x.

    Both halves along ``dim`` are of one size; value first, gate second, as in torch. The product is formed in
    float64 and rounded once. Claims: :claim:`activations.glu`.
    """
    return gated("glu", _checked("glu", x), dim, "sigmoid")


def bilinear(x: Array, dim: int = -1) -> Array:
    """a · g of the halves (a, g) of x.

    Both halves along ``dim`` are of one size; value first, gate second, as in torch. The product is formed in
    float64 and rounded once. Claims: :claim:`activations.glu-swap`.
    """
    return gated("bilinear", _checked("bilinear", x), dim, "identity")


def reglu(x: Array, dim: int = -1) -> Array:
    """a · max(g, 0) of the halves (a, g) of x.

    Both halves along ``dim`` are of one size; value first, gate second, as in torch. The product is formed in
    float64 and rounded once. Claims: :claim:`activations.glu-growth`.
    """
    return gated("reglu", _checked("reglu", x), dim, "relu")


def geglu(x: Array, dim: int = -1) -> Array:
    """a · gelu(g) of the halves (a, g) of x.

    Both halves along ``dim`` are of one size; value first, gate second, as in torch. The product is formed in
    float64 and rounded once. Claims: :claim:`activations.glu-growth`.
    """
    return gated("geglu", _checked("geglu", x), dim, "gelu")


def swiglu(x: Array, dim: int = -1) -> Array:
    """a · silu(g) of the halves (a, g) of x.

    Both halves along ``dim`` are of one size; value first, gate second, as in torch. The product is formed in
    float64 and rounded once. Claims: :claim:`activations.glu-growth`.
    """
    return gated("swiglu", _checked("swiglu", x), dim, "silu")


def softmax(x: Array, axis: int = -1, *, dim: int | None = None, dtype: Any = None) -> Array:
    """e^(x − logsumexp x) along one axis (``dim`` is another name of it); ``dtype`` converts x first.

    A row that holds +inf or NaN, or nothing but −inf, gives NaN. Claims: :claim:`activations.sigmoid`.
    """
    return _rows("softmax", x, axis if dim is None else dim, dtype)


def log_softmax(x: Array, axis: int = -1, *, dim: int | None = None, dtype: Any = None) -> Array:
    """x − logsumexp x along one axis, for a dominating entry −log1p of the sum of the others.

    Arguments and special rows as for :func:`softmax`. Claims: :claim:`activations.softplus`.
    """
    return _rows("log_softmax", x, axis if dim is None else dim, dtype)


def logsumexp(x: Array, axis: int = -1, keepdim: bool = False, *, dim: int | None = None) -> Array:
    """log Σ e^x along one axis: max + log1p of the sum of the others; −inf for a row of −inf, +inf with a +inf.

    The error is relative to |max| and the logarithm, not to their sum. Claims: :claim:`activations.softplus`.
    """
    y = _rows("logsumexp", x, axis if dim is None else dim, None)
    if not keepdim:
        return y
    at = (axis if dim is None else dim) % x.ndim
    return y.reshape((*x.shape[:at], 1, *x.shape[at + 1 :]))


def maxout(x: Array, k: int, dim: int = -1) -> Array:
    """The largest of each k consecutive entries along ``dim``; the first of equals has the gradient.

    Claims: :claim:`activations.maxout`.
    """
    _checked("maxout", x)
    n = x.shape[dim] if -x.ndim <= dim < x.ndim else None
    if n is None or k < 1 or n % k:
        raise ValueError(
            f"maxout: axis dim={dim} of x must exist and be divisible by k={k} (x.shape = {tuple(x.shape)})"
        )
    at = dim % x.ndim
    groups = x.reshape((*x.shape[:at], n // k, k, *x.shape[at + 1 :]))
    return groups.max(dim=at + 1).values if is_tensor(x) else groups.max(axis=at + 1)


def _rows(name: str, x: Array, axis: int, dtype: Any) -> Array:
    _checked(name, x)
    if not -x.ndim <= axis < x.ndim or not x.shape[axis]:
        raise ValueError(
            f"{name}: axis={axis} of x must exist and hold at least one entry (x.shape = {tuple(x.shape)})"
        )
    if dtype is not None:
        x = _checked(name, x.to(dtype) if is_tensor(x) else x.astype(dtype))
    if is_tensor(x):
        from ._activations_rows_torch import apply as of_rows

        return of_rows(name, x, axis)
    return on_memory(name, np.ascontiguousarray(x), None, dtype_name(x), axis)
