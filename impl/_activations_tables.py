# SPDX-License-Identifier: BSD-3-Clause
"""Functions of 16-bit floats as tables of all 65,536 inputs, correctly rounded.

A table is filled at its first use from the float64 formulas and rounded once. For the default
parameters its checksum must be the one in ``_activations_checksums.py``, which was computed from ball
arithmetic: the table then *is* the table of the exactly rounded values, though nothing but NumPy is
needed here. For other parameters there is no checksum; the float64 value, some 2⁻⁵¹ from the exact
one, is rounded once all the same.

Slopes are kept as float32 rounded to odd: multiplied by 1 and rounded to 16 bits they give the
correctly rounded slope (Boldo and Melquiond 2008), multiplied by another cotangent the product is
rounded once more in float32 only.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np

from ._activations_checksums import CHECKSUMS
from ._binding import numpy_tables

Memory = np.ndarray[Any, Any]
Parameters = tuple[float, ...]

DEFAULTS: dict[str, Parameters] = {
    "leaky_relu": (0.01,),
    "elu": (1.0,),
    "celu": (1.0,),
    "swish": (1.0,),
    "snake": (1.0,),
}
_NAN = {"float16": 0x7E00, "bfloat16": 0x7FC0}


@lru_cache(maxsize=2)
def all_inputs(dtype: str) -> Memory:
    """The values of the 65,536 patterns, in the order of the patterns, as float64."""
    bits = np.arange(1 << 16, dtype=np.uint16)
    with np.errstate(invalid="ignore"):
        values: Memory = (bits.view(np.float16) if dtype == "float16" else widened(bits)).astype(np.float64)
    values.flags.writeable = False
    return values


def widened(bits: Memory) -> Memory:
    """float32 from the patterns of bfloat16."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def to_odd(y: Memory) -> Memory:
    """float32 from float64: exact values stay, others become the neighbour whose last bit is 1."""
    with np.errstate(all="ignore"):
        nearest = y.astype(np.float32)
        wide = nearest.astype(np.float64)
    bits = nearest.view(np.uint32)
    inexact = (wide != y) & ~np.isnan(y)
    bits = bits - (inexact & (np.abs(wide) > np.abs(y))).astype(np.uint32)
    odd: Memory = (bits | inexact.astype(np.uint32)).view(np.float32)
    return odd


def to_sixteen(y: Memory, dtype: str) -> Memory:
    """Patterns of float32 values rounded to nearest, ties to even; every NaN becomes the same one."""
    with np.errstate(all="ignore"):
        if dtype == "float16":
            found = y.astype(np.float16).view(np.uint16)
        else:
            bits = y.view(np.uint32)
            found = ((bits + np.uint32(0x7FFF) + ((bits >> 16) & np.uint32(1))) >> 16).astype(np.uint16)
    found[np.isnan(y)] = _NAN[dtype]
    return found


def checksum(patterns: Memory) -> str:
    """Of 65,536 results as little-endian patterns, without the sign of zeros."""
    unsigned = np.where(patterns == 0x8000, 0, patterns).astype("<u2")
    return hashlib.sha256(unsigned.tobytes()).hexdigest()[:16]


def verified(name: str, parameters: Parameters, dtype: str, patterns: Memory) -> None:
    """``RuntimeError`` if a table with default parameters is not the one of exactly rounded values."""
    if parameters != DEFAULTS.get(name.removesuffix("_slope"), ()):
        return
    expected = CHECKSUMS.get(f"{name} {dtype}")
    if expected is not None and checksum(patterns) != expected:
        raise RuntimeError(
            f"the {dtype} table of {name} is not correctly rounded on this machine: its checksum is "
            f"{checksum(patterns)}, that of the exact table {expected}. Float64 arithmetic of NumPy does not round "
            "to nearest here (extended precision, fused operations, flushed subnormal numbers?)"
        )


@lru_cache(maxsize=256)
def value_table(name: str, parameters: Parameters, dtype: str) -> Memory:
    """65,536 patterns of correctly rounded values."""
    with np.errstate(all="ignore"):
        y = numpy_tables()[name](all_inputs(dtype), *parameters)
    table = to_sixteen(to_odd(y), dtype)
    verified(name, parameters, dtype, table)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=32)
def factor_table(name: str, dtype: str) -> Memory:
    """65,536 values in float64, to be multiplied before they are rounded; ``name`` may end in ``_slope``."""
    with np.errstate(all="ignore"):
        table: Memory = numpy_tables()[name](all_inputs(dtype))
    table.flags.writeable = False
    return table


@lru_cache(maxsize=256)
def slope_table(name: str, parameters: Parameters, dtype: str) -> Memory:
    """65,536 slopes as float32 rounded to odd."""
    with np.errstate(all="ignore"):
        y = numpy_tables()[f"{name}_slope"](all_inputs(dtype), *parameters)
    table = to_odd(y)
    verified(f"{name}_slope", parameters, dtype, to_sixteen(table, dtype))
    table.flags.writeable = False
    return table
