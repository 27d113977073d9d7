# SPDX-License-Identifier: BSD-3-Clause
"""Simpler forms of some formulas, for input of 32 bits or fewer: they take the place of those of the same name.

What a single rounding in float64 leaves is far below the precision of such results, so that 0 does for it.
"""

from __future__ import annotations

from typing import Any

from ._elementary import FLOOR, UNSCALE, absolute, at_most, exp_scaled, power_of_two, reduced
from ._polynomials import DENSITY
from ._polynomials_narrow import normal_tail


def carried_sum(a: Any, b: Any) -> Any:
    """a + b rounded."""
    return a + b, 0.0


def product(a: Any, b: Any) -> Any:
    """a · b rounded; exact for two numbers of 24 bits."""
    return a * b, 0.0


def quotient(a: Any, b: Any) -> Any:
    """a/b rounded."""
    return a / b, 0.0


def refined(n: Any, n_rest: Any, d: Any, d_rest: Any) -> Any:
    """n/d rounded."""
    return n / d


def exp_shrunk(a: Any, b: Any) -> Any:
    """2⁻¹⁶⁰ e^(a + b), rounded."""
    k, high, rest = reduced(-at_most(-at_most(a, FLOOR), 100.0), b)
    return (1.0 + (high - rest)) * power_of_two(k - 160.0), 0.0


def softsign_slope(x: Any) -> Any:
    d = 1.0 + absolute(x)
    return 1.0 / d / d


def normal_ratio(t: Any) -> Any:
    """P(Z > t)/e^(−t²/2)."""
    q = 1.0 / (t + 4.0)
    return normal_tail((t - 4.0) * q) * q


def gelu_below(t: Any) -> Any:
    """−gelu(−t)."""
    return t * (exp_scaled(-0.5 * (t * t), 0.0) * normal_ratio(t)) * UNSCALE


def gelu_slope_below(t: Any) -> Any:
    """gelu′(−t)."""
    return exp_scaled(-0.5 * (t * t), 0.0) * (normal_ratio(t) - t * DENSITY) * UNSCALE


def gelu_middle(x: Any, far: Any) -> Any:
    """GELU near 0 by the formula of its tails."""
    return far


def snake_near(x: Any, a: Any, sine: Any, cosine: Any, far: Any) -> Any:
    """Snake by the plain formula, whose terms cancel to a quarter at most."""
    return far
