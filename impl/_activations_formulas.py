# SPDX-License-Identifier: BSD-3-Clause
"""Every activation and its slope in float64, for numbers and arrays alike.

``f(x, …)`` is the value and ``f_slope(x, …)`` the derivative; those with parameters take them as float64
numbers after ``x``. In all of them t = |x|, and only e^(−t) is formed, so that nothing overflows; e is
2²⁰⁰ e^(−t), which is never subnormal, and s = e^(−t) itself. What is negligible is cut off by a comparison
that lets NaN through. ``product`` and ``two_sum`` give the rounding error as well where the input is
float64; for narrower input the error is far below the precision of the result, and 0 takes its place.

Near the negative root of the slopes of GELU, SiLU and Mish, where the terms cancel, a polynomial of the
distance to the root takes over (``_polynomials.py``).
"""

from __future__ import annotations

from typing import Any

from ._elementary import (
    FLOOR,
    UNSCALE,
    absolute,
    at_most,
    carried_sum,
    copysign,
    cos,
    exp_scaled,
    expm1,
    log1p,
    normal_ratio,
    odd,
    product,
    quotient,
    sin,
    where,
)
from ._polynomials import (
    DENSITY,
    GELU_CUBIC,
    GELU_CUBIC_LOW,
    GELU_RATE,
    GELU_RATE_LOW,
    GELU_ROOT,
    GELU_ROOT_LOW,
    GELU_TANH_ROOT,
    GELU_TANH_ROOT_LOW,
    MISH_ROOT,
    MISH_ROOT_LOW,
    QUICK_RATE,
    QUICK_RATE_LOW,
    SELU_LEVEL,
    SELU_SCALE,
    SILU_ROOT,
    SILU_ROOT_LOW,
    gelu_slope_near,
    gelu_tanh_slope_near,
    mish_slope_near,
    normal_middle,
    silu_slope_near,
    tanhshrink_middle,
)


def clamped(x: Any, top: Any) -> Any:
    """min(|x|, top), NaN for NaN."""
    return at_most(absolute(x), top)


def sigmoid(x: Any) -> Any:
    e = exp_scaled(-clamped(x, FLOOR), 0.0)
    d = 1.0 + e * UNSCALE
    return where(x < 0.0, (e / d) * UNSCALE, 1.0 / d)


def sigmoid_slope(x: Any) -> Any:
    e = exp_scaled(-clamped(x, FLOOR), 0.0)
    d = 1.0 + e * UNSCALE
    return (e / d) / d * UNSCALE


def tanh(x: Any) -> Any:
    m = expm1(-2.0 * clamped(x, 300.0), 0.0)
    return copysign(-m / (2.0 + m), x)


def tanh_slope(x: Any) -> Any:
    e = exp_scaled(-2.0 * clamped(x, 400.0), 0.0)
    d = 1.0 + e * UNSCALE
    return (e / d) / d * (4.0 * UNSCALE)


def tanhshrink(x: Any) -> Any:
    t = absolute(x)
    s = exp_scaled(-2.0 * clamped(x, 300.0), 0.0) * UNSCALE
    near = at_most(t, 1.0)
    square = near * near
    far = (t - 1.0) + 2.0 * s / (1.0 + s)
    # t − 1, which is a little less, may be half way between two numbers of a narrower format
    far = where((t > 20.0) & (t < 2.0**60), far + far * 2.0**-53, far)
    return copysign(where(t < 1.0, square * tanhshrink_middle(square) * near, far), x)


def tanhshrink_slope(x: Any) -> Any:
    y = tanh(x)
    near = at_most(absolute(x), 1.0)
    near = near * near
    return where(near < 2.0**-54, near - near * 2.0**-53, y * y)  # x² may be half way, as above; this is just below it


def softplus_of(z: Any, rest: Any) -> Any:
    """log(1 + e^(z + rest))."""
    t = clamped(z, FLOOR)
    e = exp_scaled(-t, where(z < 0.0, rest, -rest))
    y = where(t > 40.0, e * UNSCALE, log1p(e * UNSCALE))
    return where(z < 0.0, y, z + (rest + y))


def softplus(x: Any) -> Any:
    return softplus_of(x, 0.0)


def softplus_slope(x: Any) -> Any:
    return sigmoid(x)


def scaled_argument(x: Any, rate: Any) -> Any:
    """rate · x with its rounding error, cut off at 900."""
    z = x * rate
    t = absolute(z)
    high, low = product(where(t > 900.0, 0.0 * rate, x), rate)
    return where(t > 900.0, copysign(900.0, z), high), low


def scaled_softplus(x: Any, beta: Any, threshold: Any) -> Any:
    z, rest = scaled_argument(x, beta)
    return where((x * beta > threshold) | (x * beta > 800.0), x, softplus_of(z, rest) / beta)


def scaled_softplus_slope(x: Any, beta: Any, threshold: Any) -> Any:
    z, rest = scaled_argument(x, beta)
    return where(x * beta > threshold, 1.0, sigmoid_of(z, rest))


def sigmoid_of(z: Any, rest: Any) -> Any:
    e = exp_scaled(-clamped(z, FLOOR), where(z < 0.0, rest, -rest))
    d = 1.0 + e * UNSCALE
    return where(z < 0.0, (e / d) * UNSCALE, 1.0 / d)


def logsigmoid(x: Any) -> Any:
    return -softplus(-x)


def logsigmoid_slope(x: Any) -> Any:
    return sigmoid(-x)


def elu(x: Any, alpha: Any) -> Any:
    return where(x > 0.0, x, where(x == 0.0, alpha * x, alpha * expm1(-clamped(x, 60.0), 0.0)))


def elu_slope(x: Any, alpha: Any) -> Any:
    e = exp_scaled(-clamped(x, FLOOR), 0.0)
    return where(x > 0.0, 1.0, alpha * e * UNSCALE)


def celu_argument(x: Any, alpha: Any) -> Any:
    """−|x|/α with its rounding error, cut off at −800."""
    t = clamped(x, FLOOR * alpha)
    z, rest = quotient(t, alpha)
    return -z, -rest


def celu(x: Any, alpha: Any) -> Any:
    z, rest = celu_argument(x, alpha)
    z = where(z < -60.0, -60.0, z)
    return where(x > 0.0, x, where(x == 0.0, x, alpha * expm1(z, rest)))


def celu_slope(x: Any, alpha: Any) -> Any:
    z, rest = celu_argument(x, alpha)
    return where(x > 0.0, 1.0, exp_scaled(z, rest) * UNSCALE)


def selu(x: Any) -> Any:
    return where(x > 0.0, SELU_SCALE * x, where(x == 0.0, x, SELU_LEVEL * expm1(-clamped(x, 60.0), 0.0)))


def selu_slope(x: Any) -> Any:
    e = exp_scaled(-clamped(x, FLOOR), 0.0)
    return where(x > 0.0, SELU_SCALE, SELU_LEVEL * e * UNSCALE)


def softsign(x: Any) -> Any:
    t = clamped(x, 2.0**1000)
    return copysign(t / (1.0 + t), x)


def softsign_slope(x: Any) -> Any:
    d = 1.0 + absolute(x)
    return 1.0 / d / d


def lifted(x: Any, y: Any) -> Any:
    """y, or next to 0 a number just above x/2: for y = x/2 + cx² with c > 0, which float64 cannot tell from x/2.

    In narrower formats x/2 may be half way between two subnormal numbers, and y is above that.
    """
    t = absolute(x)
    return where((t < 2.0**-60) & (t > 0.0), copysign(0.5 * x + t * (1.25 * 2.0**-54), x), y)


def gelu(x: Any) -> Any:
    t = clamped(x, 40.0)
    square, rest = product(t, t)
    y = t * (exp_scaled(-0.5 * square, -0.5 * rest) * normal_ratio(t)) * UNSCALE
    return lifted(x, gelu_middle(x, where(x < 0.0, -y, x - y)))


def gelu_middle(x: Any, far: Any) -> Any:
    """GELU near 0, where that is more accurate; needed for float64 only."""
    t = clamped(x, 0.75)
    return where(t < 0.75, x * (0.5 + copysign(t, x) * normal_middle(t * t)), far)


def gelu_slope(x: Any) -> Any:
    t = clamped(x, 40.0)
    square, rest = product(t, t)
    y = exp_scaled(-0.5 * square, -0.5 * rest) * (normal_ratio(t) - t * DENSITY) * UNSCALE
    d = distance(x, GELU_ROOT, GELU_ROOT_LOW)
    return where(absolute(d) < 0.5, d * gelu_slope_near(d), where(x < 0.0, y, 1.0 - y))


def distance(x: Any, root: Any, low: Any) -> Any:
    """x minus the root, cut off at 1/2."""
    d = (x - root) - low
    return where(absolute(d) > 0.5, 0.5, d)


def gelu_tanh_argument(t: Any) -> Any:
    """√(8/π)(t + 0.044715 t³) with its rounding error; t ≤ 25."""
    square, low = product(t, t)
    cubic, rest = product(square, GELU_CUBIC)
    rest = rest + (low * GELU_CUBIC + square * GELU_CUBIC_LOW)
    factor, low = carried_sum(1.0, cubic)
    inner, more = product(t, factor)
    more = more + t * (low + rest)
    z, low = product(inner, GELU_RATE)
    low = low + (more * GELU_RATE + inner * GELU_RATE_LOW)
    return at_most(z, FLOOR), low


def gelu_tanh(x: Any) -> Any:
    t = clamped(x, 25.0)
    z, rest = gelu_tanh_argument(t)
    e = exp_scaled(-z, -rest)
    d = 1.0 + e * UNSCALE
    return lifted(x, where(x < 0.0, -(t * e / d) * UNSCALE, x / d))


def gelu_tanh_slope(x: Any) -> Any:
    t = clamped(x, 25.0)
    z, rest = gelu_tanh_argument(t)
    e = exp_scaled(-z, -rest)
    s = e * UNSCALE
    d = 1.0 + s
    growth = t * (GELU_RATE + 3.0 * GELU_RATE * GELU_CUBIC * (t * t))
    root = distance(x, GELU_TANH_ROOT, GELU_TANH_ROOT_LOW)
    far = where(x < 0.0, e * (d - growth) / d / d * UNSCALE, (d + growth * s) / d / d)
    return where(absolute(root) < 0.5, root * gelu_tanh_slope_near(root), far)


def silu(x: Any) -> Any:
    t = clamped(x, FLOOR)
    e = exp_scaled(-t, 0.0)
    d = 1.0 + e * UNSCALE
    return lifted(x, where(x < 0.0, -(t * e / d) * UNSCALE, x / d))


def silu_slope(x: Any) -> Any:
    return swish_slope_of(x, 0.0)


def swish_slope_of(z: Any, rest: Any) -> Any:
    """σ(z) + zσ′(z)."""
    t = clamped(z, FLOOR)
    e = exp_scaled(-t, where(z < 0.0, rest, -rest))
    s = e * UNSCALE
    d = 1.0 + s
    near = distance(z + rest, SILU_ROOT, SILU_ROOT_LOW - ((z - (z + rest)) + rest))
    far = where(z < 0.0, e * (d - t) / d / d * UNSCALE, (d + t * s) / d / d)
    return where(absolute(near) < 0.5, near * silu_slope_near(near), far)


def swish(x: Any, beta: Any) -> Any:
    z, rest = scaled_argument(x, beta)
    e = exp_scaled(-clamped(z, FLOOR), where(z < 0.0, rest, -rest))
    d = 1.0 + e * UNSCALE
    y = where(z < 0.0, where(z < -FLOOR, copysign(0.0, x), x) * e / d * UNSCALE, x / d)
    small = where(beta < 0.0 * z, -lifted(-x, -y), lifted(x, y))
    return where(absolute(z) < 2.0**-60, small, y)


def swish_slope(x: Any, beta: Any) -> Any:
    z, rest = scaled_argument(x, beta)
    return swish_slope_of(z, rest)


def quick_argument(x: Any) -> Any:
    z, rest = scaled_argument(x, QUICK_RATE)
    return z, rest + clamped(x, FLOOR) * copysign(QUICK_RATE_LOW, x)


def quick_gelu(x: Any) -> Any:
    z, rest = quick_argument(x)
    e = exp_scaled(-clamped(z, FLOOR), where(z < 0.0, rest, -rest))
    d = 1.0 + e * UNSCALE
    return lifted(x, where(z < 0.0, -(clamped(x, FLOOR) * e / d) * UNSCALE, x / d))


def quick_gelu_slope(x: Any) -> Any:
    z, rest = quick_argument(x)
    return swish_slope_of(z, rest)


def mish(x: Any) -> Any:
    t = clamped(x, FLOOR)
    e = exp_scaled(-t, 0.0)
    s = e * UNSCALE
    negative = -(t * e * (s + 2.0) / (s * (s + 2.0) + 2.0)) * UNSCALE
    return where(x < 0.0, negative, x - t * (2.0 * s * s / (1.0 + 2.0 * s * (1.0 + s))))


def mish_slope(x: Any) -> Any:
    t = clamped(x, FLOOR)
    e = exp_scaled(-t, 0.0)
    s = e * UNSCALE
    d = s * (s + 2.0) + 2.0
    negative = e * ((s + 2.0) * d - 4.0 * t * (s + 1.0)) / d / d * UNSCALE
    d = 1.0 + 2.0 * s * (1.0 + s)
    positive = ((1.0 + 2.0 * s) * d + 4.0 * t * s * s * (1.0 + s)) / d / d
    root = distance(x, MISH_ROOT, MISH_ROOT_LOW)
    return where(absolute(root) < 0.5, root * mish_slope_near(root), where(x < 0.0, negative, positive))


def hardsigmoid(x: Any) -> Any:
    return where(x <= -3.0, 0.0, where(x >= 3.0, 1.0, (x + 3.0) / 6.0))


def hardsigmoid_slope(x: Any) -> Any:
    return where((x <= -3.0) | (x >= 3.0), 0.0 * copysign(1.0, x), 1.0 / 6.0 + (x - x))


def hardswish(x: Any) -> Any:
    return lifted(x, where(x <= -3.0, 0.0, where(x >= 3.0, x, x * (x + 3.0) / 6.0)))


def hardswish_slope(x: Any) -> Any:
    return where(x <= -3.0, 0.0, where(x >= 3.0, 1.0, (2.0 * x + 3.0) / 6.0))


def squared_relu(x: Any) -> Any:
    return where(x <= 0.0, 0.0, x * x)


def squared_relu_slope(x: Any) -> Any:
    return where(x <= 0.0, 0.0, 2.0 * x)


def leaky_relu(x: Any, negative_slope: Any) -> Any:
    p, rest = product(x, negative_slope)
    return where(x > 0.0, x, odd(p, rest))


def leaky_relu_slope(x: Any, negative_slope: Any) -> Any:
    return where(x > 0.0, 1.0, negative_slope + 0.0 * clamped(x, 1.0))


def relu(x: Any) -> Any:
    return where(x <= 0.0, 0.0, x)


def relu_slope(x: Any) -> Any:
    return where(x <= 0.0, 0.0, where(x > 0.0, 1.0, x))


def relu6(x: Any) -> Any:
    return where(x <= 0.0, 0.0, where(x >= 6.0, 6.0, x))


def relu6_slope(x: Any) -> Any:
    return where((x <= 0.0) | (x >= 6.0), 0.0, where(x > 0.0, 1.0, x))


def identity(x: Any) -> Any:
    return x


def identity_slope(x: Any) -> Any:
    return 1.0 + 0.0 * clamped(x, 1.0)


def turned(x: Any, a: Any) -> Any:
    """sin and cos of ax."""
    z, rest = product(a, where(absolute(x) > 2.0**900, 0.0, x))
    z = where(absolute(x) > 2.0**900, a * x, z)
    c, s = cos(rest), sin(rest)
    p, q = sin(z), cos(z)
    return p * c + q * s, q * c - p * s


def snake(x: Any, a: Any) -> Any:
    sine, _ = turned(x, a)
    return where((x == 0.0) | (absolute(x) > 2.0**900), x, x + sine * sine / a)


def snake_slope(x: Any, a: Any) -> Any:
    sine, cosine = turned(x, a)
    return (sine + cosine) * (sine + cosine)


def step(x: Any, threshold: Any) -> Any:
    return where(x > threshold, 1.0, where(x <= threshold, 0.0, x))


def step_slope(x: Any, threshold: Any) -> Any:
    return where((x > threshold) | (x <= threshold), 0.0, x)
