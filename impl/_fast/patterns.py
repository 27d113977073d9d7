# SPDX-License-Identifier: BSD-3-Clause
"""Numbers of every dtype as patterns of bits, for kernels: read as float64, written rounded once, compared.

The functions are compiled over other globals for each dtype; here they are those of float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._binding import Names
from .activations import _select

REST, SIGN, INFINITE, DIGITS, LOWEST = (1 << 63) - 1, 63, 0x7FF << 52, 52, -1022
select = _select


def number(pattern: Any) -> Any:
    return np.int64(pattern).view(np.float64)


def pattern(y: Any) -> Any:
    return np.float64(y).view(np.int64)


def _number_float32(pattern: Any) -> Any:
    return np.float64(np.int32(pattern).view(np.float32))


def _pattern_float32(y: Any) -> Any:
    return np.float32(y).view(np.int32)


def _number_bfloat16(pattern: Any) -> Any:
    return np.float64(np.int32(np.int32(pattern) << np.int32(16)).view(np.float32))


def _number_float16(pattern: Any) -> Any:
    """Exponents count from −14 there and from −1022 here; all ones are infinity or NaN."""
    size = np.int64(pattern) & np.int64(REST)
    y = np.int64(size << np.int64(42)).view(np.float64) * 2.0**1008
    y = select(size < INFINITE, y, select(size == INFINITE, np.inf, np.nan))
    return select(pattern < 0, -y, y)


def _pattern_16(y: Any) -> Any:
    """The nearest, ties to even: of a number's own digits, or below 2^LOWEST, where steps are of one size, by a sum
    with 2⁵² steps, whose lowest bits are their number."""
    size = abs(y)
    bits = np.float64(size).view(np.int64)
    last = (bits >> np.int64(52 - DIGITS)) & np.int64(1)
    nearest = (bits + np.int64((1 << (51 - DIGITS)) - 1) + last) >> np.int64(52 - DIGITS)
    normal = min(nearest - np.int64((LOWEST + 1022) << DIGITS), np.int64(INFINITE))
    steps = np.float64(size + 2.0 ** (52 + LOWEST - DIGITS)).view(np.int64) & np.int64((1 << 52) - 1)
    found = steps if size < 2.0**LOWEST else normal
    found = np.int64(INFINITE + (1 << (DIGITS - 1))) if np.isnan(size) else found
    return np.int16(found | (np.float64(y).view(np.int64) >> np.int64(48) & np.int64(0x8000)))


def ordered(pattern: Any) -> Any:
    """An integer that is as large among these as the number is among numbers; of NaN the largest."""
    size = pattern & REST
    return size if size > INFINITE else unordered(pattern)


def unordered(integer: Any) -> Any:
    """The pattern again: those of negative numbers count backwards."""
    return integer ^ ((integer >> SIGN) & REST)


_SIXTEEN: Names = {"pattern": _pattern_16, "REST": np.int16(0x7FFF), "SIGN": np.int16(15)}
FORMATS: dict[str, Names] = {
    # by name, what each dtype has of its own
    "float64": {"number": number, "pattern": pattern},
    "float32": {
        "number": _number_float32,
        "pattern": _pattern_float32,
        "REST": np.int32(0x7FFFFFFF),
        "SIGN": np.int32(31),
        "INFINITE": np.int32(0x7F800000),
    },
    "float16": _SIXTEEN | {"number": _number_float16, "INFINITE": np.int16(0x7C00), "DIGITS": 10, "LOWEST": -14},
    "bfloat16": _SIXTEEN | {"number": _number_bfloat16, "INFINITE": np.int16(0x7F80), "DIGITS": 7, "LOWEST": -126},
}
