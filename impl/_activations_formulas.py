# SPDX-License-Identifier: BSD-3-Clause
"""Every activation and its slope in float64, for numbers and arrays alike.

``f(x, …)`` is the value and ``f_slope(x, …)`` the derivative; those with parameters take them as float64
numbers after ``x``. In all of them t = |x|, and only e^(−t) is formed, so that nothing overflows; e is
2²⁰⁰ e^(−t), which is never subnormal, and s = e^(−t) itself. What is negligible is cut off by a comparison
that lets NaN through. ``product`` and ``two_sum`` give the rounding error as well where the input is
float64; for narrower input the error is far below the precision of the result, and 0 takes its place.

Near the negative root of the slopes of GELU, SiLU and Mish, where the terms cancel, a polynomial of the
distance to the root takes over (``_polynomials.py``). Slopes at x and −x of all xΦ(x) with Φ(x) + Φ(−x) = 1
add up to 1, so that the one at −|x| is formed and its error is halved at least where x > 0.

Budgets, for float64, are the relative errors of the steps in order of their evaluation, in units of 2⁻⁵³,
each times what it counts for in the result; the last is the rounding to the result, half an ulp. A relative
error of k units is at most k ulp, so that a budget of 3 is a bound of 3 ulp. exp takes 1½, or 0.8 where its
last rounding is carried.
"""

from __future__ import annotations

from typing import Any

from ._elementary import (
    FLOOR,
    SHRUNK,
    UNSCALE,
    absolute,
    at_most,
    carried_sum,
    copysign,
    cos,
    exp_carried,
    exp_scaled,
    exp_shrunk,
    expm1,
    log1p,
    odd,
    product,
    quotient,
    refined,
    sin,
    two_sum,
    where,
)
from ._polynomials import (
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
    gelu_slope_tail,
    gelu_tail,
    gelu_tanh_slope_near,
    mish_slope_near,
    normal_middle,
    silu_slope_near,
    snake_left,
    snake_right,
    tanh_square,
    tanhshrink_middle,
)


def clamped(x: Any, top: Any) -> Any:
    """min(|x|, top), NaN for NaN."""
    return at_most(absolute(x), top)


def sigmoid(x: Any) -> Any:
    """Budget where x ≪ 0, the worst: e 1½, d 1, last ½."""
    e = exp_scaled(-clamped(x, FLOOR), 0.0)
    d = 1.0 + e * UNSCALE
    return where(x < 0.0, (e / d) * UNSCALE, 1.0 / d)


def sigmoid_slope(x: Any) -> Any:
    return logistic_density(clamped(x, FLOOR)) * UNSCALE


def logistic_density(t: Any) -> Any:
    """2²⁰⁰ e^(−t)/(1 + e^(−t))², t ≥ 0.

    Budget at s → 0, the worst: e 1½, the sum 1, last ½. For larger s the error of e counts for (1 − s)/(1 + s),
    which makes room for that of the product.
    """
    e = exp_scaled(-t, 0.0)
    s = e * UNSCALE
    return e / (1.0 + s * (2.0 + s))


def tanh(x: Any) -> Any:
    """Budget at m = −0.65, the worst: m 1.2 times 2/(2 + m), the sum ¾, last ½."""
    m = expm1(-2.0 * clamped(x, 300.0), 0.0)
    return copysign(-m / (2.0 + m), x)


def tanh_slope(x: Any) -> Any:
    return logistic_density(2.0 * clamped(x, 400.0)) * (4.0 * UNSCALE)


def tanhshrink(x: Any) -> Any:
    """Budget for t < 1: the polynomial with its rest 0.8, two products 1½, last ½."""
    t = absolute(x)
    s = exp_scaled(-2.0 * clamped(x, 300.0), 0.0) * UNSCALE
    near = at_most(t, 1.0)
    square, rest = product(near, near)
    p, p_rest = tanhshrink_middle(square)
    far = (t - 1.0) + 2.0 * s / (1.0 + s)
    # t − 1, which is a little less, may be half way between two numbers of a narrower format
    far = where((t > 20.0) & (t < 2.0**60), far + far * 2.0**-53, far)
    return copysign(where(t < 1.0, square * p * near + (square * p_rest + rest * p) * near, far), x)


def tanhshrink_slope(x: Any) -> Any:
    """Budget near t = 0.86, the worst: x² 1, the polynomial with its rest 0.9, two roundings of ½.

    Beyond t = 1, the 2½ of tanh′ before its last rounding count for less than 0.73; last ½.
    """
    t = absolute(x)
    near = at_most(t, 1.0)
    near = near * near
    p, p_rest = tanh_square(near)
    y = where(t < 1.0, near * p + near * p_rest, 1.0 - tanh_slope(x))
    return where(near < 2.0**-54, near - near * 2.0**-53, y)  # x² may be half way, as above; this is just below it


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
    huge = absolute(x) > 2.0**900  # beyond what ``product`` takes
    _, low = product(where(t > 900.0, 0.0 * rate, where(huge, x * 2.0**-200, x)), rate)
    return where(t > 900.0, copysign(900.0, z), z), where(huge, low * 2.0**200, low)


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
    """Budget: two quotients 1½, last ½."""
    d, rest = two_sum(1.0, clamped(x, 2.0**1000))
    y = 1.0 / d / d
    return y - 2.0 * rest * (y / d)


def lifted(x: Any, y: Any) -> Any:
    """y, or next to 0 a number just above x/2: for y = x/2 + cx² with c > 0, which float64 cannot tell from x/2.

    In narrower formats x/2 may be half way between two subnormal numbers, and y is above that.
    """
    t = absolute(x)
    return where((t < 2.0**-60) & (t > 0.0), copysign(0.5 * x + t * (1.25 * 2.0**-54), x), y)


def gelu(x: Any) -> Any:
    y = gelu_below(clamped(x, 40.0))
    return lifted(x, gelu_middle(x, where(x < 0.0, -y, x - y)))


def gelu_below(t: Any) -> Any:
    """−gelu(−t) for 1/2 ≤ t ≤ 40.

    Budget: e 0.8, the polynomial with its rest 0.8 and by its argument ½, last ½.
    """
    square, rest = product(t, t)
    e, e_rest = exp_carried(-0.5 * square, -0.5 * rest)
    s, more = two_sum(t, 3.0)
    u = (t - 1.0) / s
    y, y_rest = gelu_tail(u - u * (more / s))
    p, rest = product(y, e)
    return (p + (rest + (y * e_rest + y_rest * e))) * UNSCALE


def gelu_middle(x: Any, far: Any) -> Any:
    """GELU near 0, where that is more accurate; needed for float64 only.

    Budget at x = −1/2, the worst: the polynomial 1 and its product 1, times 0.19/0.31; the sum 0.8, last ½.
    """
    t = clamped(x, 0.5)
    return where(t < 0.5, x * (0.5 + copysign(t, x) * normal_middle(t * t)), far)


def gelu_slope(x: Any) -> Any:
    t = clamped(x, 40.0)
    d, rest = distance(-t, GELU_ROOT, GELU_ROOT_LOW)
    y = where(t < 1.25, from_root(d, rest, *gelu_slope_near(d)), gelu_slope_below(t))
    return where(x < 0.0, y, 1.0 - y)


def gelu_slope_below(t: Any) -> Any:
    """gelu′(−t) for 5/4 ≤ t ≤ 40; budget as for ``gelu_below``."""
    square, rest = product(t, t)
    e, e_rest = exp_carried(-0.5 * square, -0.5 * rest)
    s, more = two_sum(t, 1.0)
    u = (t - 2.0) / s
    y, y_rest = gelu_slope_tail(u - u * (more / s))
    y, rest = product(t, y)
    y_rest = t * y_rest + rest
    p, rest = product(y, e)
    return -(p + (rest + (y * e_rest + y_rest * e))) * UNSCALE


def distance(x: Any, root: Any, low: Any) -> Any:
    """x minus the root, and what the rounding left; exact for 2·root ≤ x ≤ 0."""
    d = x - root
    return d, (x - (d + root)) - low


def from_root(d: Any, d_rest: Any, p: Any, p_rest: Any) -> Any:
    """(d + d_rest)(p + p_rest), where p is a polynomial of d."""
    return d * p + (d * p_rest + d_rest * p)


def gelu_tanh_argument(t: Any) -> Any:
    """z = √(8/π)(t + 0.044715 t³) with its rounding error, and its cubic term with its own; t ≤ 25."""
    square, rest = product(t, t)
    cube, more = product(square, t)
    more = more + rest * t
    v, v_rest = product(cube, GELU_CUBIC)
    v_rest = v_rest + (more * GELU_CUBIC + cube * GELU_CUBIC_LOW)
    p, rest = product(t, GELU_RATE)
    z, more = carried_sum(p, v)
    return z, more + ((rest + t * GELU_RATE_LOW) + v_rest), v, v_rest


def gelu_tanh(x: Any) -> Any:
    z, rest, _, _ = gelu_tanh_argument(clamped(x, 25.0))
    return lifted(x, self_gated(x, where(x < 0.0, z, -z), where(x < 0.0, rest, -rest)))


def self_gated(x: Any, a: Any, b: Any) -> Any:
    """x/(1 + e^(a + b)) where x is not tiny.

    Budget: e^a 1½, the sum 1, last ½. (A product with e^(−a) would be a third rounding.)
    """
    d, _ = exp_shrunk(a, b)
    return where(a > FLOOR, copysign(0.0, x), x * SHRUNK) / (SHRUNK + d)


def gelu_tanh_slope(x: Any) -> Any:
    t = clamped(x, 25.0)
    z, rest, v, v_rest = gelu_tanh_argument(t)
    g, more = carried_sum(z, 2.0 * v)
    far = self_gated_slope(x, z, rest, g, more + (rest + 2.0 * v_rest))
    d, rest = distance(x, GELU_TANH_ROOT, GELU_TANH_ROOT_LOW)
    return where(absolute(d) < 0.5, from_root(d, rest, *gelu_tanh_slope_near(d)), far)


def self_gated_slope(x: Any, z: Any, z_rest: Any, g: Any, g_rest: Any) -> Any:
    """The slope of xσ(z) for z with the sign of x, but g = xz′ and z ≥ 0 given for |x|.

    At −|x| it is (1 + e^(−z) − g)/(2 + e^(−z) + e^z), and at |x| what is left to 1. What the sums leave is
    carried. Budget at the ends of the polynomials, the worst, where a unit is 0.6 ulp: e^(−z) 1.8, of which 2/3
    count at most, e^z 0.8, ``refined`` two roundings of ½.
    """
    e, e_rest = exp_shrunk(z, z_rest)
    s = SHRUNK / e
    one, left = carried_sum(1.0, s)
    n, n_rest = carried_sum(one, -g)
    d, d_rest = carried_sum(e, SHRUNK * (2.0 + s))
    s_rest = s * (s * e_rest * (1.0 / SHRUNK))
    y = refined(n, n_rest + ((left - g_rest) - s_rest), d, d_rest + e_rest) * SHRUNK
    return where(x < 0.0, y, 1.0 - y)


def silu(x: Any) -> Any:
    return lifted(x, self_gated(x, -x, 0.0))


def silu_slope(x: Any) -> Any:
    return swish_slope_of(x, 0.0)


def swish_slope_of(z: Any, rest: Any) -> Any:
    """σ(z) + zσ′(z)."""
    t, more = clamped(z, FLOOR), where(z < 0.0, -rest, rest)
    d, d_rest = distance(z, SILU_ROOT, SILU_ROOT_LOW - rest)
    p, p_rest = silu_slope_near(d)
    near = from_root(d, d_rest, p, p_rest + 0.15 * d_rest)  # p′ is nearly that
    return where(absolute(d) < 0.5, near, self_gated_slope(z, t, more, t, more))


def swish(x: Any, beta: Any) -> Any:
    z, rest = scaled_argument(x, beta)
    e, _ = exp_shrunk(-z, -rest)
    y = shrunk_quotient(where(z < -FLOOR, copysign(0.0, x), x), SHRUNK + e)
    small = where(beta < 0.0 * z, -lifted(-x, -y), lifted(x, y))
    return where(absolute(z) < 2.0**-60, small, y)


def shrunk_quotient(x: Any, d: Any) -> Any:
    """2⁻¹⁶⁰ x/d for d ≥ 2⁻¹⁶⁰; neither a tiny x nor a huge one leaves the range on the way."""
    small = absolute(x) < 1.0
    y = where(small, x, x * SHRUNK) / d
    return where(small, y * SHRUNK, y)


def swish_slope(x: Any, beta: Any) -> Any:
    z, rest = scaled_argument(x, beta)
    return swish_slope_of(z, rest)


def quick_argument(x: Any) -> Any:
    z, rest = scaled_argument(x, QUICK_RATE)
    return z, rest + clamped(x, FLOOR) * copysign(QUICK_RATE_LOW, x)


def quick_gelu(x: Any) -> Any:
    z, rest = quick_argument(x)
    return lifted(x, self_gated(x, -z, -rest))


def quick_gelu_slope(x: Any) -> Any:
    z, rest = quick_argument(x)
    return swish_slope_of(z, rest)


def mish(x: Any) -> Any:
    """x/D, where a = 1 + 2e^(−x) and D = (a + 1/a)/2.

    With e = e^(−x), D = e + (1 + 1/a)/2 is a sum of positive terms. Budget where e ≫ 1, the worst: e 1½, the sum 1,
    last ½; where e ≪ 1: 1/a and 1 + 1/a 1¼, the sum 1, last ½.
    """
    e, _ = exp_shrunk(-x, 0.0)
    q = SHRUNK / (SHRUNK + 2.0 * e)
    half = 0.5 * SHRUNK
    return shrunk_quotient(where(x < -FLOOR, copysign(0.0, x), x), e + (half + half * q))


def mish_slope(x: Any) -> Any:
    """Of x/D as above, with q = 1/a: by a polynomial from 1/2 below its root to 0, by formulas beside that.

    Below, at −t, it is −(t − 1 − tv)/D with v = q(1 + 2q(1 − q)/(1 + q²)), where tv < 0.17, as it shrinks quickly.
    Above it is 1 + p(2t(1 + s)/Q − 1) with s = e^(−t), Q = 1 + 2s + 2s² and p = 2s²/Q ≤ 2/5. Budgets: above, p 4,
    of which 2/3 count at 0, where a unit is 0.6 ulp, last ½. Below, where the polynomial ends, which is the worst
    and where a unit is 0.7 ulp: e 0.8, of which 0.7 count, as it moves n and D alike, tv 6½ without that, of which
    0.3 count, D ¼, ``refined`` two roundings of ½.
    """
    t = clamped(x, FLOOR)
    e, e_rest = exp_shrunk(t, 0.0)
    q = SHRUNK / (SHRUNK + 2.0 * e)
    half = 0.5 * SHRUNK
    d, d_rest = carried_sum(e, half + half * q)
    v = q + q * (2.0 * q * (1.0 - q) / (1.0 + q * q))
    n, n_rest = carried_sum(t - 1.0, -(t * v))
    below = refined(n, n_rest, d, d_rest + e_rest) * -SHRUNK
    s = SHRUNK / e
    square = 2.0 * s * s
    whole = 1.0 + (2.0 * s + square)
    above = 1.0 + square / whole * (2.0 * t * (1.0 + s) / whole - 1.0)
    d, rest = distance(x, MISH_ROOT, MISH_ROOT_LOW)
    return where(x < 0.0, where(d > -0.5, from_root(d, rest, *mish_slope_near(d)), below), above)


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
    sine, cosine = turned(x, a)
    far = where((x == 0.0) | (absolute(x) > 2.0**900), x, x + sine * sine / a)
    return snake_near(x, a, sine, cosine, far)


def snake_near(x: Any, a: Any, sine: Any, cosine: Any, far: Any) -> Any:
    """Snake by polynomials of z = ax where its two terms cancel, down to a quarter; needed for float64 only.

    The roundings of z and z + 0.7 count as the slope 2 sin z cos z − sin²(z)/z says. Budget: the polynomials with
    their rests 1.1, two roundings of ½.
    """
    z, rest = scaled_argument(x, a)
    right = z + 0.7
    left_p, left_rest = snake_left(z + 1.7)
    p, p_rest = snake_right(right)
    is_left = z < -1.15
    p, p_rest = where(is_left, left_p, p), where(is_left, left_rest, p_rest)
    rest = where(is_left, rest, (z - (right - 0.7)) + rest)
    y = x * p + (x * p_rest + rest * (2.0 * sine * cosine - sine * sine / z) / a)
    return where((z > -2.25) & (z < -0.25), y, far)


def snake_slope(x: Any, a: Any) -> Any:
    sine, cosine = turned(x, a)
    return (sine + cosine) * (sine + cosine)


def step(x: Any, threshold: Any) -> Any:
    return where(x > threshold, 1.0, where(x <= threshold, 0.0, x))


def step_slope(x: Any, threshold: Any) -> Any:
    return where((x > threshold) | (x <= threshold), 0.0, x)
