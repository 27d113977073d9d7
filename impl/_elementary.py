# SPDX-License-Identifier: BSD-3-Clause
"""exp, expm1 and log1p in float64, from sums, products, quotients and comparisons alone.

Every operation here is rounded by itself as IEEE 754 says, so that one formula gives the same bits on
NumPy, on torch, on the CPU and on the GPU, compiled or not, alone or within an array. (Vector libraries
do not promise that: their result can depend on the processor and on the place in the array.) They serve
float64, the 16-bit tables and everything compiled; where nothing is compiled, ``_activations_library.py``
takes a library's functions for what is rounded to float32. The formulas are written once, for numbers and
arrays alike; ``_binding.py`` gives them the few operations that have another name in each world. Here these
carry the names of NumPy.

Relative errors, in units of 2⁻⁵³: exp below 1.5, or 0.8 with what its last rounding leaves, expm1 and log1p
below 2; the tests measure them against ball arithmetic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._polynomials import (
    LOG2_HIGH,
    LOG2_LOW,
    PER_LOG2,
    exp_remainder,
    log_remainder,
)

_ROUND = 1.5 * 2.0**52  # added and subtracted: the nearest integer, ties to even
SCALE, UNSCALE = 2.0**200, 2.0**-200  # exponentials are kept away from the subnormal numbers until the end
SHRUNK = 2.0**-160  # of e^800 times it is well inside the range as well
FLOOR = 800.0  # e^(−800) times anything of interest is below the smallest float64

where, absolute, copysign, at_most = np.where, np.absolute, np.copysign, np.minimum
sin, cos = np.sin, np.cos


def power_of_two(k: Any) -> Any:
    """2ᵏ for whole −1022 ≤ k ≤ 1023: the exponent field itself, which k + 1023 + 2⁵² holds in its lowest bits."""
    return ((k + (2.0**52 + 1023.0)).view(np.int64) << 52).view(np.float64)


def exponent(w: Any) -> Any:
    """The k with w/2ᵏ between √½ and √2, for positive normal w."""
    return ((w.view(np.int64) - 0x3FE6A09E667F3BCD + 0x3FF0000000000000 >> 52) - 1023).astype(np.float64)


def two_sum(a: Any, b: Any) -> Any:
    """a + b rounded, and what the rounding left (Knuth)."""
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


def carried_sum(a: Any, b: Any) -> Any:
    """``two_sum`` where what is left matters for float64 input only."""
    return two_sum(a, b)


def product(a: Any, b: Any) -> Any:
    """a·b rounded, and what the rounding left (Dekker, Veltkamp); |a|, |b| < 2⁹⁰⁰."""
    p = a * b
    c = a * 134217729.0
    a_high = c - (c - a)
    c = b * 134217729.0
    b_high = c - (c - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def odd(p: Any, rest: Any) -> Any:
    """p, the product that is p + rest; for tables, which round p once more, p rounded to odd (``_binding.py``)."""
    return p


def quotient(a: Any, b: Any) -> Any:
    """a/b rounded, and what the rounding left, rounded."""
    q = a / b
    p, rest = product(q, b)
    return q, ((a - p) - rest) / b


def reduced(a: Any, b: Any) -> Any:
    """k, and expm1 of a + b − k log 2 as two terms; b is small against a.

    With t = r² and r coth(r/2) = 2 + t·q(t), expm1 r = r + rc/(2 − c) where c = r − t·q(t).
    """
    k = a * PER_LOG2 + _ROUND
    k = k - _ROUND
    high = a - k * LOG2_HIGH
    low = k * LOG2_LOW - b
    r = high - low
    t = r * r
    c = r - t * exp_remainder(t)
    return k, high, low - r * c / (2.0 - c)


def exp_scaled(a: Any, b: Any) -> Any:
    """2²⁰⁰ e^(a + b) for −800 ≤ a ≤ 500."""
    k, high, rest = reduced(a, b)
    return (1.0 - (rest - high)) * power_of_two(k + 200.0)


def exp_carried(a: Any, b: Any) -> Any:
    """``exp_scaled`` and what its last rounding leaves, where that matters for float64 input only."""
    k, high, rest = reduced(a, b)
    y = high - rest
    s = 1.0 + y
    scale = power_of_two(k + 200.0)
    return s * scale, (y - (s - 1.0)) * scale


def exp_shrunk(a: Any, b: Any) -> Any:
    """2⁻¹⁶⁰ e^(a + b) for a ≤ 800, and what its last rounding leaves; 2⁻¹⁶⁰ e⁻¹⁰⁰ for a below −100."""
    a = -at_most(-at_most(a, FLOOR), 100.0)
    k, high, rest = reduced(a, b)
    y = high - rest
    s = 1.0 + y
    scale = power_of_two(k - 160.0)
    return s * scale, (y - (s - 1.0)) * scale


def refined(n: Any, n_rest: Any, d: Any, d_rest: Any) -> Any:
    """(n + n_rest)/(d + d_rest), off by the last two roundings alone."""
    q = n / d
    return q + (n_rest - q * d_rest) / d


def expm1(a: Any, b: Any) -> Any:
    """e^(a + b) − 1 for −700 ≤ a ≤ 500."""
    k, high, rest = reduced(a, b)
    scale = power_of_two(k)
    return (scale - 1.0) + scale * (high - rest)


def log1p(y: Any) -> Any:
    """log(1 + y) for 0 ≤ y < 2¹⁰⁰⁰.

    With 1 + y = 2ᵏ(1 + f) and s = f/(2 + f), log(1 + f) = f − s(f − R(s²)).
    """
    w, rest = two_sum(1.0, y)
    k = exponent(w)
    scale = power_of_two(-k)
    f = w * scale - 1.0
    rest = rest * scale
    s = f / (2.0 + f)
    t = s * s
    low = (rest - rest * f) + k * LOG2_LOW
    return k * LOG2_HIGH + (f - (s * (f - t * log_remainder(t)) - low))
