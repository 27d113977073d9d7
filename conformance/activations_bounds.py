# SPDX-License-Identifier: BSD-3-Clause
"""What an activation may be off by: exact values and slopes with bounds in units of the unit roundoff.

One principle serves all of them. A good implementation returns the exact value at an input that differs from the
given one by a few units roundoff, rounded a few times more (mixed stability): it may miss f(x) by
ROUNDINGS · u · (|f| + |x f′|), and f′(x) by ROUNDINGS · u · (|f′| + |x f″|). So tails are asked for to the last
digits, as far as the argument of an exponential can be formed; beside a root of f or f′, where terms cancel, the
error may be relative to the terms. A factor that underflows is off by a subnormal η, and is multiplied by at most
2 + |x| afterwards, with |x| ≤ 1024: no function here has anything but its limit left beyond.

Refuted is what is wrong by more than half of the digits of the terms that a textbook formula adds up, 1 + |x| +
|f| + |x f′|: a formula that cancels in a tail is inaccurate there, a wrong formula is refuted elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Expr

from ..theory.activations_terms import Elementwise, sensitivity, x
from ..theory.oracle import enclose
from .floats import Floats, gamma, half_digits, largest, smallest_subnormal, ulp
from .verdict import Expectation

ROUNDINGS = 8
"""Two for each of: parameters, argument, the function's own library call, and the operations that follow."""


def value(row: Elementwise, parameters: Mapping[Any, Any], points: Floats, dtype: str) -> Expectation:
    """f(x) with its bound; infinite where it exceeds the format."""
    f, slope = _enclosed((row.expression, row.derivative), parameters, points)
    e = _expected(f, ROUNDINGS, np.abs(f.hi) + np.abs(points * slope.hi), points, dtype)
    return with_jumps(row, parameters, points, e) if row.jumps else e


def slope(
    row: Elementwise, parameters: Mapping[Any, Any], points: Floats, cotangent: Floats, dtype: str
) -> Expectation:
    """c f′(x) with its bound; at a knee anything between the slopes of its two sides."""
    expressions = (row.derivative, sensitivity(row))
    d, bend = _enclosed(expressions, parameters, points)
    e = _expected(d, ROUNDINGS, np.abs(d.hi) + np.abs(bend.hi), points, dtype)
    for knee in knees(row, parameters):
        here = points == knee
        if here.any() and not row.jumps:
            left, right = (
                _enclosed((row.derivative,), parameters, np.full(points.shape, np.nextafter(knee, side)))[0].hi
                for side in (-np.inf, np.inf)
            )
            e = between(e, here, left, right)
    return times(e, cotangent, dtype)


def knees(row: Elementwise, parameters: Mapping[Any, Any]) -> tuple[float, ...]:
    """The kinks of a row as numbers."""
    return tuple(float(k.subs({s: v for s, v in parameters.items() if k.has(s)})) for k in row.kinks)


def with_jumps(row: Elementwise, parameters: Mapping[Any, Any], points: Floats, e: Expectation) -> Expectation:
    """Where the value jumps, anything between its two sides: which one is a convention."""
    for jump in knees(row, parameters):
        e = between(e, points == jump, np.zeros(points.shape), np.ones(points.shape))
    return e


def between(e: Expectation, where: Any, left: Floats, right: Floats) -> Expectation:
    """Where said, anything between two numbers, give or take the bound."""
    half = np.where(where, np.abs(right - left) * (0.5 + 2.0**-50), 0.0)  # the ends belong to it
    high = np.where(where, (left + right) / 2, e.high)
    low = np.where(where, 0.0, e.low)
    return Expectation(high, low, e.radius, e.bound + half, e.refuted_above + half)


def times(e: Expectation, factor: Floats, dtype: str) -> Expectation:
    """The expectation times exact factors; the products of float64 are off by far less than the bound."""
    size = np.abs(factor)
    eta = smallest_subnormal(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        high = e.high * factor
        scaled = (e.bound * size + eta, e.refuted_above * size + eta)
        rest = 2.0**-52 * np.abs(high) + e.radius * size
    return overflowing(Expectation(high, e.low * factor, rest, *scaled), dtype)


def _enclosed(expressions: tuple[Expr, ...], parameters: Mapping[Any, Any], points: Floats) -> list[Any]:
    found: list[Any] = enclose(list(expressions), {x: points, **parameters}, dtype="float64")
    return found


def _expected(f: Any, roundings: int, size: Floats, points: Floats, dtype: str) -> Expectation:
    with np.errstate(over="ignore"):
        terms = 1.0 + np.abs(points) + size
        eta = smallest_subnormal(dtype) * (2.0 + np.minimum(np.abs(points), 1024.0))
        bound = gamma(roundings, dtype) * size + eta
        return overflowing(Expectation(f.hi, f.lo, f.radius, bound, bound + half_digits(dtype) * terms), dtype)


def overflowing(e: Expectation, dtype: str) -> Expectation:
    """Infinite where the exact value exceeds the largest number by half an ulp, as rounding to nearest has it."""
    top = largest(dtype)
    beyond = np.abs(e.high) >= top + float(ulp(top, dtype)) / 2
    beyond |= np.isinf(e.high)
    low, radius = (np.where(beyond, 0.0, np.nan_to_num(part)) for part in (e.low, e.radius))
    return Expectation(np.where(beyond, np.copysign(np.inf, e.high), e.high), low, radius, e.bound, e.refuted_above)
