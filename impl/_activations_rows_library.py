# SPDX-License-Identifier: BSD-3-Clause
"""Functions of rows of 32 bits or fewer over NumPy's own float64 functions, where nothing is compiled.

Few passes over rows that stay in the cache, in place. NumPy adds a contiguous row in an order that depends on its
length alone, and in pairs, so that sums are off by some 30 units of 2⁻⁵³; in any order n terms would be off by n
units at most, 2⁻³³ of a row of 1,000,000.
"""

from __future__ import annotations

import numpy as np

from ._activations_tables import Memory

SIXTEEN = {"float16": (10, -14, 0x7C00), "bfloat16": (7, -126, 0x7F80)}  # digits, lowest exponent, infinity


def summed(v: Memory) -> Memory:
    """Of each row; contiguous, lest the layout decides about the order."""
    sums: Memory = np.add.reduce(np.ascontiguousarray(v), axis=1)
    return sums


def others(e: Memory, m: Memory) -> Memory:
    """The sum of all e^(x − m) but one that is 1; NaN where m is infinite."""
    v = np.ascontiguousarray(e)
    rows = np.arange(len(v))
    place = v.argmax(axis=1)
    top = v[rows, place]
    v[rows, place] = 0.0
    o: Memory = np.add.reduce(v, axis=1) + (m - m)
    v[rows, place] = top
    return o


def evaluated(kind: str, x: Memory, upstream: Memory | None) -> Memory:
    """A function of float64 rows ``(rows, n)``, or its gradient; overwrites both. logsumexp has one column."""
    m = x.max(axis=1)
    x -= m[:, None]
    if upstream is None and kind != "softmax":
        log = np.log1p(others(np.exp(x), m))
        if kind == "logsumexp":
            x = np.where(np.isinf(m), m, m + log)[:, None]
            return x
        x -= log[:, None]
        return x
    y = np.exp(x, out=x)
    y *= (1.0 / (1.0 + others(y, m)))[:, None]
    if upstream is None:
        return y
    if kind == "logsumexp":
        y *= upstream
    elif kind == "log_softmax":
        y *= -summed(upstream)[:, None]
        y += upstream
    else:
        upstream -= summed(y * upstream)[:, None]
        y *= upstream
    return y


def sixteen(y: Memory, dtype: str) -> Memory:
    """Patterns of the nearest numbers, ties to even: of a number's own digits, or where steps are of one size, by a
    sum with 2⁵² steps, whose lowest bits are their number. (NumPy's own conversion takes 50 ns for a subnormal.)"""
    digits, lowest, infinite = SIXTEEN[dtype]
    size = np.abs(y)
    bits = size.view(np.int64)
    found = bits >> (52 - digits)
    found &= 1
    found += bits
    found += (1 << (51 - digits)) - 1
    found >>= 52 - digits
    found -= (lowest + 1022) << digits
    np.minimum(found, infinite, out=found)
    small = size < 2.0**lowest
    lost = np.isnan(y)
    size += 2.0 ** (52 + lowest - digits)
    bits &= (1 << 52) - 1
    if small.any():
        bits ^= found
        bits &= -small.astype(np.int64)  # rather than a selection: which are small is hard to predict
        found ^= bits
    sign = y.view(np.int64) >> 48
    sign &= 0x8000
    found |= sign
    if lost.any():
        found[lost] = infinite | 1 << (digits - 1)
    return found.astype(np.uint16)
