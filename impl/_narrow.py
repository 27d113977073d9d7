# SPDX-License-Identifier: BSD-3-Clause
"""Simpler forms of some formulas, for input of 32 bits or fewer: they take the place of those of the same name.

What a single rounding in float64 leaves is far below the precision of such results, so that 0 does for it.
"""

from __future__ import annotations

from typing import Any

from ._polynomials import normal_tail


def carried_sum(a: Any, b: Any) -> Any:
    """a + b rounded."""
    return a + b, 0.0


def product(a: Any, b: Any) -> Any:
    """a · b rounded; exact for two numbers of 24 bits."""
    return a * b, 0.0


def quotient(a: Any, b: Any) -> Any:
    """a/b rounded."""
    return a / b, 0.0


def normal_ratio(t: Any) -> Any:
    """P(Z > t)/e^(−t²/2)."""
    q = 1.0 / (t + 4.0)
    return normal_tail((t - 4.0) * q) * q


def gelu_middle(x: Any, far: Any) -> Any:
    """GELU near 0 by the formula of its tails."""
    return far
