# SPDX-License-Identifier: BSD-3-Clause
"""Shorter forms of the formulas over the library's own float64 functions, for results of 32 bits or fewer.

They take the place of those of the same name where no kernel is compiled. A library's exp, expm1, log1p, tanh
and erfc are off by one or two units of 2⁻⁵³, or four at worst. A result that is rounded to 24 bits has room
for 2²² of them in a hundredth of an ulp, so that an argument may be rounded before its exponential is taken
(which costs |z| units, and |z| < 150 wherever the result is not 0 in float32) and sums may cancel to 2⁻²⁰ of
their terms. Where they cancel further, next to the roots of slopes and of tanhshrink, ``settled`` puts the
formula of ``_activations_formulas.py`` in place. Selections are avoided for the time that they take:
max(x, 0) and min(x, 0) are the two sides of a knee. Block by block, everything is contiguous in memory, because
libraries compute strided input by another exponential.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._activations_formulas import clamped
from ._elementary import SCALE, absolute, at_most, copysign, where
from ._polynomials import (
    DENSITY,
    GELU_CUBIC,
    GELU_RATE,
    GELU_ROOT,
    GELU_TANH_ROOT,
    MISH_ROOT,
    QUICK_RATE,
    SELU_LEVEL,
    SELU_SCALE,
    SILU_ROOT,
    SQRT2,
)
from ._polynomials_narrow import normal_tail

exp, expm1_of, log1p_of, tanh_of, at_least = np.exp, np.expm1, np.log1p, np.tanh, np.maximum
FAR = 800.0  # e^(−800) times any float32 rounds to 0
CLOSE = 2.0**-10  # to a root
LIFT = 2.0**-175  # against the 2⁻¹⁵⁰ where float32 ends: decides ties and nothing else


def settled(name: str, y: Any, x: Any, z: Any, root: float, *parameters: float) -> Any:
    """y, and by the formula ``name`` of x where z is close to the root; ``_binding.py`` gives it."""
    raise NotImplementedError


def erfc(x: Any) -> Any:
    """Of libraries that have it."""
    raise NotImplementedError


def is_true(condition: Any) -> Any:
    """1.0 or 0.0."""
    return condition.astype(np.float64)


def exp_scaled(a: Any, b: Any) -> Any:
    """2²⁰⁰ e^(a + b)."""
    return exp(a + b) * SCALE


def expm1(a: Any, b: Any) -> Any:
    """e^(a + b) − 1."""
    return expm1_of(a + b)


def log1p(y: Any) -> Any:
    """log(1 + y)."""
    return log1p_of(y)


def lifted(x: Any, y: Any) -> Any:
    """y = x/2 + cx², c > 0, with the sign of x: ties between subnormal float32 numbers, where float64 loses cx²."""
    return copysign(y + LIFT, x)


def sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + exp(-x))


def sigmoid_slope(x: Any) -> Any:
    e = exp(-absolute(x))
    d = 1.0 + e
    return e / (d * d)


def tanh(x: Any) -> Any:
    return tanh_of(x)


def tanh_slope(x: Any) -> Any:
    e = exp(-2.0 * absolute(x))
    d = 1.0 + e
    return 4.0 * e / (d * d)


def tanhshrink(x: Any) -> Any:
    """By 2⁻⁵⁰ larger: t − 1 may be half way between two numbers of the format, and t − tanh t is beyond it."""
    return settled("tanhshrink", (x - tanh_of(x)) * (1.0 + 2.0**-50), x, x * 0.125, 0.0)


def tanhshrink_slope(x: Any) -> Any:
    """By 2⁻⁵⁰ smaller: x² may be half way between two numbers of the format, and tanh² x is below it."""
    y = tanh_of(x)
    return y * y * (1.0 - 2.0**-50)


def softplus(x: Any) -> Any:
    return at_least(x, 0.0) + log1p_of(exp(-absolute(x)))


def scaled_softplus(x: Any, beta: Any, threshold: Any) -> Any:
    z = x * beta
    y = at_least(x, 0.0) + log1p_of(exp(-absolute(z))) / beta
    return y if threshold == np.inf else where(z > threshold, x, y)


def elu(x: Any, alpha: Any) -> Any:
    y = at_least(x, 0.0) + alpha * expm1_of(at_most(x, 0.0))
    return copysign(y, x) if alpha > 0.0 else y


def elu_slope(x: Any, alpha: Any) -> Any:
    e = exp(at_most(x, 0.0))
    return e if alpha == 1.0 else where(x > 0.0, 1.0, alpha * e)


def celu(x: Any, alpha: Any) -> Any:
    return copysign(at_least(x, 0.0) + alpha * expm1_of(at_most(x, 0.0) / alpha), x)


def celu_slope(x: Any, alpha: Any) -> Any:
    return exp(at_most(x, 0.0) / alpha)


def selu(x: Any) -> Any:
    return copysign(SELU_SCALE * at_least(x, 0.0) + SELU_LEVEL * expm1_of(at_most(x, 0.0)), x)


def selu_slope(x: Any) -> Any:
    return SELU_LEVEL * exp(at_most(x, 0.0)) + is_true(x > 0.0) * (SELU_SCALE - SELU_LEVEL)


def gelu(x: Any) -> Any:
    t = clamped(x, 40.0)
    return lifted(x, at_least(x, 0.0) - t * (exp(-0.5 * (t * t)) * normal_ratio(t)))


def gelu_slope(x: Any) -> Any:
    t = clamped(x, 40.0)
    y = exp(-0.5 * (t * t)) * (normal_ratio(t) - t * DENSITY)
    return settled("gelu_slope", y + is_true(x > 0.0) * (1.0 - 2.0 * y), x, x, GELU_ROOT)


def normal_ratio(t: Any) -> Any:
    """P(Z > t)/e^(−t²/2)."""
    q = 1.0 / (t + 4.0)
    return normal_tail((t - 4.0) * q) * q


def gelu_by_erfc(x: Any) -> Any:
    """x erfc(−x/√2)/2, where the library has the function."""
    return lifted(x, 0.5 * at_least(x, -40.0) * erfc(x * (-1.0 / SQRT2)))


def gelu_slope_by_erfc(x: Any) -> Any:
    z = at_most(at_least(x, -40.0), 40.0)
    y = 0.5 * erfc(z * (-1.0 / SQRT2)) + DENSITY * z * exp(-0.5 * (z * z))
    return settled("gelu_slope", y, x, x, GELU_ROOT)


def gelu_tanh(x: Any) -> Any:
    z = at_least(x, -25.0)
    return lifted(x, z / (1.0 + exp(z * (z * z * -GELU_CUBIC - GELU_RATE))))


def gelu_tanh_slope(x: Any) -> Any:
    z = at_most(at_least(x, -20.0), 20.0)  # e^602 there is finite
    t = z * z
    e = exp(z * (t * -GELU_CUBIC - GELU_RATE))
    d = 1.0 + e
    y = (1.0 + z * (t * (3.0 * GELU_CUBIC) + GELU_RATE) * e / d) / d
    return settled("gelu_tanh_slope", y, x, x, GELU_TANH_ROOT)


def silu(x: Any) -> Any:
    z = at_least(x, -FAR)
    return lifted(x, z / (1.0 + exp(-z)))


def silu_slope(x: Any) -> Any:
    return settled("silu_slope", self_gated_slope(x), x, x, SILU_ROOT)


def self_gated_slope(z: Any) -> Any:
    """σ(z) + zσ′(z), not close to its root; e^350 is far, and its square is finite."""
    z = at_most(at_least(z, -350.0), FAR)
    e = exp(-z)
    d = 1.0 + e
    return (d + z * e) / (d * d)


def swish(x: Any, beta: Any) -> Any:
    z = at_most(at_least(x, -(2.0**1000)), 2.0**1000) if beta < 0.0 else at_least(x, -(2.0**1000))
    y = z / (1.0 + exp(z * -beta))
    return copysign(y + (LIFT if beta > 0.0 else -LIFT), x)


def swish_slope(x: Any, beta: Any) -> Any:
    z = x * beta
    return settled("swish_slope", self_gated_slope(z), x, z, SILU_ROOT, beta)


def quick_gelu(x: Any) -> Any:
    z = at_least(x, -FAR)
    return lifted(x, z / (1.0 + exp(z * -QUICK_RATE)))


def quick_gelu_slope(x: Any) -> Any:
    z = x * QUICK_RATE
    return settled("quick_gelu_slope", self_gated_slope(z), x, z, SILU_ROOT)


def mish(x: Any) -> Any:
    """tanh(log(1 + e)) = n/(n + 2) of n = e(e + 2)."""
    z = at_least(x, -FAR)
    e = exp(at_most(z, 40.0))
    n = e * (e + 2.0)
    return z * (n / (n + 2.0))


def mish_slope(x: Any) -> Any:
    z = at_most(at_least(x, -FAR), 40.0)
    e = exp(z)
    n = e * (e + 2.0)
    d = n + 2.0
    y = (n * d + 4.0 * z * e * (e + 1.0)) / (d * d)
    return settled("mish_slope", y, x, x, MISH_ROOT)


def hardsigmoid(x: Any) -> Any:
    return at_most(at_least(x + 3.0, 0.0), 6.0) / 6.0


def hardsigmoid_slope(x: Any) -> Any:
    t = clamped(x, 3.0)
    return is_true(t < 3.0) / 6.0 + 0.0 * t


def hardswish(x: Any) -> Any:
    z = at_least(x, -3.0)
    return lifted(x, z * at_most(z + 3.0, 6.0) / 6.0)


def squared_relu(x: Any) -> Any:
    z = at_least(x, 0.0)
    return z * z


def squared_relu_slope(x: Any) -> Any:
    return 2.0 * at_least(x, 0.0)


def leaky_relu(x: Any, negative_slope: Any) -> Any:
    y = negative_slope * x
    return at_least(x, y) if negative_slope <= 1.0 else at_most(x, y)
