# SPDX-License-Identifier: BSD-3-Clause
"""Cosines and sines of position × frequency, with the phase formed exactly however far the position.

A float32 angle of 10⁶ radians has lost all but four bits of its fraction before any cosine is taken.
Angles are therefore counted in turns, and whole turns are dropped before anything is rounded. With
f = θ/2π, the integer F nearest to 2⁶⁴ f and the remainder φ = 2⁶⁴ f − F, |φ| ≤ 1/2,

    position · f  ≡  2⁻⁶⁴ (position · F mod 2⁶⁴  +  position · φ)    (mod 1).

The first product wraps in 64-bit integers, which *is* the reduction modulo whole turns; the second
is at most |position|/2 and needs only float64. Quarter turns are split off in integers as well, so
that what is left, a in [−π/4, π/4], is known to a relative error and not just to an absolute one.

Bound, with v = 2⁻⁵³: φ is rounded by 2⁻⁵⁴ and position · φ by |position| v/2, together at most
|position| 2⁻⁵³ units of 2⁻⁶⁴ turns (2⁻⁸³ radians at |position| = 2³¹). The conversion of the integer
to float64, the sum, the constant 2π/2⁶⁴ and the product round once each: 4v relative. Since
|a cot a| ≤ 1 and |a tan a| ≤ π/4 there, cosine and sine inherit at most 4v relative, and the
library's own error (below 1 ulp, 2v) comes on top: **6v relative in float64**, so that the nearest
float32 is missed by at most 2⁻²⁶ of its ulp: **0.5001 ulp in float32**.

A real position is dyadic: whole part n, then 26 more bits n₁ of the fraction, each treated as the
integer position above (the second with frequency 2⁻²⁶ f), then a rest below 2⁻²⁷ whose phase is small
enough for float64: at |position| ≤ 2³¹ all its roundings together stay below 2⁻⁸⁰ turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_jax_array

from . import _fast
from ._arrays import Array, Namespace, detach, dtype_name, from_numpy

Float64 = np.ndarray[Any, np.dtype[np.float64]]
Int64 = np.ndarray[Any, np.dtype[np.int64]]

_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534")
_RADIANS = float(2 * _PI / 2**64)  # of one unit of phase, 2⁻⁶⁴ turns
_DIGITS = 70
_FRACTION_BITS = 26
_LARGEST = 2.0**62
_BLOCK = 1 << 14  # elements whose temporaries stay in the cache


@dataclass(frozen=True)
class Schedule:
    """Frequencies θ_i = base^(−2i/dim) · ntk^(−2i/(dim−2)) / linear; the whole of it is the cache key."""

    dim: int
    base: float
    linear: float = 1.0
    ntk: float = 1.0


@dataclass(frozen=True)
class Turns:
    """θ/2π in units of 2⁻⁶⁴ turns: integer part modulo 2⁶⁴, remainder, and both again for 2⁻²⁶ θ."""

    whole: Int64
    rest: Float64
    fine_whole: Int64
    fine_rest: Float64
    units: Float64


@lru_cache(maxsize=256)
def _decimals(schedule: Schedule) -> tuple[Decimal, ...]:
    """The frequencies to about 68 digits: ``Decimal.ln`` and ``Decimal.exp`` are correctly rounded."""
    with localcontext(prec=_DIGITS):
        log_base, log_ntk = Decimal(schedule.base).ln(), Decimal(schedule.ntk).ln()
        linear = Decimal(schedule.linear)
        exponents = [Decimal(2 * i) / schedule.dim * log_base for i in range(schedule.dim // 2)]
        if schedule.dim > 2:
            exponents = [e + Decimal(2 * i) / (schedule.dim - 2) * log_ntk for i, e in enumerate(exponents)]
        return tuple((-e).exp() / linear for e in exponents)


def frequencies(schedule: Schedule) -> Float64:
    """The frequencies, each the float64 nearest to its exact value."""
    return np.asarray([float(theta) for theta in _decimals(schedule)], dtype=np.float64)


@lru_cache(maxsize=256)
def _turns(schedule: Schedule) -> Turns:
    with localcontext(prec=_DIGITS):
        units = [theta / (2 * _PI) * 2**64 for theta in _decimals(schedule)]
        fine = [u / 2**_FRACTION_BITS for u in units]
        return Turns(*_split(units), *_split(fine), np.asarray([float(u) for u in units], dtype=np.float64))


def _split(values: list[Decimal]) -> tuple[Int64, Float64]:
    """Nearest integers modulo 2⁶⁴, and what they leave."""
    nearest = [int(v.to_integral_value()) for v in values]
    wrapped = [(n + 2**63) % 2**64 - 2**63 for n in nearest]
    rests = [float(v - n) for v, n in zip(values, nearest, strict=True)]
    return np.asarray(wrapped, dtype=np.int64), np.asarray(rests, dtype=np.float64)


def cos_sin(xp: Namespace, positions: Array, schedule: Schedule, dtype: Any) -> tuple[Array, Array]:
    """Cosines and sines ``(*positions.shape, dim/2)``, rounded once to the dtype, beside the positions."""
    positions = detach(positions)
    shape = (*positions.shape, schedule.dim // 2)
    if is_jax_array(positions):  # which has no 64-bit integers unless they were enabled
        host = np.asarray(positions)
        tables = cos_sin(array_namespace(host), host, schedule, np.float64)
        return xp.asarray(tables[0], dtype=dtype), xp.asarray(tables[1], dtype=dtype)
    turns = _turns(schedule)
    names = ("whole", "rest") if xp.isdtype(positions.dtype, "integral") else tuple(turns.__dataclass_fields__)
    parts = {name: from_numpy(xp, getattr(turns, name), positions) for name in names}
    flat = xp.reshape(positions, (-1,))
    rows = max(1, _BLOCK // max(1, shape[-1])) if str(device(positions)) == "cpu" else max(1, flat.shape[0])
    cosine, sine = (xp.empty((flat.shape[0], shape[-1]), dtype=dtype, device=device(positions)) for _ in range(2))
    if len(names) == 2 and _fast.cos_sin(xp, flat, turns.whole, turns.rest, _RADIANS, (cosine, sine), rows):
        return xp.reshape(cosine, shape), xp.reshape(sine, shape)
    for start in range(0, flat.shape[0], rows):
        block = slice(start, start + rows)
        cosine[block, :], sine[block, :] = _cos_sin_block(xp, flat[block], **parts)
    return xp.reshape(cosine, shape), xp.reshape(sine, shape)


def _cos_sin_block(
    xp: Namespace,
    positions: Array,
    whole: Array,
    rest: Array,
    fine_whole: Array = None,
    fine_rest: Array = None,
    units: Array = None,
) -> tuple[Array, Array]:
    """float64 tables ``(rows, dim/2)``; the last three arrays are those that real positions need."""
    if xp.isdtype(positions.dtype, "integral"):
        steps = xp.astype(positions, xp.int64)[:, None]
        return _quadrants(xp, steps * whole, xp.astype(steps, xp.float64) * rest)
    reals = xp.astype(positions, xp.float64)[:, None]
    integers = xp.trunc(reals)
    fraction = (reals - integers) * 2.0**_FRACTION_BITS
    upper = xp.round(fraction)
    tiny = (fraction - upper) * 2.0**-_FRACTION_BITS
    phase = xp.astype(integers, xp.int64) * whole + xp.astype(upper, xp.int64) * fine_whole
    return _quadrants(xp, phase, integers * rest + (upper * fine_rest + tiny * units))


def _quadrants(xp: Namespace, phase: Array, rest: Array) -> tuple[Array, Array]:
    """Cosine and sine of ``phase + rest`` units of 2⁻⁶⁴ turns; the integers may wrap, the rest is small."""
    quarter = (phase + 2**61) >> 62  # −2, −1, 0 or 1
    angle = (xp.astype(phase - (quarter << 62), xp.float64) + rest) * _RADIANS
    cosine, sine = xp.cos(angle), xp.sin(angle)
    swap = (quarter & 1) == 1
    negate_cosine, negate_sine = ((quarter + 1) & 2) == 2, (quarter & 2) == 2
    cosine, sine = xp.where(swap, sine, cosine), xp.where(swap, cosine, sine)
    return xp.where(negate_cosine, -cosine, cosine), xp.where(negate_sine, -sine, sine)


def trained_cos_sin(xp: Namespace, positions: Array, schedule: Schedule) -> tuple[Array, Array]:
    """The tables most checkpoints were trained with: frequencies, angles and cosines all in float32."""
    dim = schedule.dim
    base = schedule.base * schedule.ntk ** (dim / (dim - 2)) if dim > 2 else schedule.base
    exponents = xp.arange(0, dim, 2, dtype=xp.float32, device=device(positions)) / dim
    theta = 1.0 / base**exponents
    if schedule.linear != 1.0:
        theta = theta / schedule.linear
    angle = xp.astype(detach(positions), xp.float32)[..., None] * theta
    return xp.cos(angle), xp.sin(angle)


def check_positions(name: str, argument: str, xp: Namespace, positions: Array) -> None:
    """Integers up to int64, or finite reals of magnitude at most 2⁶²."""
    kind = dtype_name(positions)
    if kind in ("bool", "uint64") or not xp.isdtype(positions.dtype, ("integral", "real floating")):
        raise TypeError(f"{name}: {argument} must be signed integers or reals, got {kind}")
    if positions.ndim < 1:
        raise ValueError(f"{name}: {argument} must have shape (seq,), got shape ()")
    if xp.isdtype(positions.dtype, "real floating") and not bool(
        xp.all(xp.abs(xp.astype(positions, xp.float64)) <= _LARGEST)
    ):
        raise ValueError(f"{name}: {argument} must be finite and at most 2**62 in magnitude")
