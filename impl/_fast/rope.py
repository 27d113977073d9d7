# SPDX-License-Identifier: BSD-3-Clause
"""Rotation of pairs in one pass over the memory, compiled by Numba, on one thread.

Every product, difference and sum is rounded by itself, in the order of the definition in
``impl/rope.py``: no fast-math flag and hence no contraction to fused operations. bfloat16 arrives as
its 16 bits: widening to float32 is a shift, narrowing rounds to nearest, ties to even.

Arrays are handed over as the flat stretch of memory that they span, with the place of each row, so
that one kernel serves all strides and the innermost loop runs over contiguous memory. The tables of
a few positions are used for all heads before the next ones are read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from .memory import Memory, flat, is_injective, places, strides

_ROWS = 32  # positions whose tables stay in the innermost cache


def _compile(function: Any, **more: Any) -> Any:
    """Compiled at the first call for each dtype and kept on disk, unless no folder for that is writable."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": False, "parallel": False, **more}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


def _widen(bits: Any) -> Any:
    """The value of an element; compiled only."""
    raise NotImplementedError


def _narrow(value: Any, like: Any) -> Any:
    """A value as an element of the kind of ``like``; compiled only."""
    raise NotImplementedError


def _widen_for(bits: Any) -> Any:
    def shift(bits: Any) -> Any:
        return np.uint32(np.uint32(bits) << np.uint32(16)).view(np.float32)

    def same(bits: Any) -> Any:
        return bits

    return shift if isinstance(bits, types.Integer) else same


def _narrow_for(value: Any, like: Any) -> Any:
    def nearest(value: Any, like: Any) -> Any:
        if np.isnan(value):
            return np.uint16(0x7FC0)
        bits = np.float32(value).view(np.uint32)
        tie_to_even = (bits >> np.uint32(16)) & np.uint32(1)
        return np.uint16((bits + np.uint32(0x7FFF) + tie_to_even) >> np.uint32(16))

    def same(value: Any, like: Any) -> Any:
        return value

    return nearest if isinstance(like, types.Integer) else same


overload(_widen, inline="always")(_widen_for)
overload(_narrow, inline="always")(_narrow_for)


def _turn_row(source: Memory, target: Memory, c: Memory, s: Memory, interleaved: bool) -> None:
    """One row, which may be turned in place: both features of a pair are read before one is written."""
    pairs = len(c)
    if interleaved:
        for i in range(pairs):
            a, b = _widen(source[2 * i]), _widen(source[2 * i + 1])
            target[2 * i] = _narrow(a * c[i] - b * s[i], target[0])
            target[2 * i + 1] = _narrow(a * s[i] + b * c[i], target[0])
    else:
        for i in range(pairs):
            a, b = _widen(source[i]), _widen(source[i + pairs])
            target[i] = _narrow(a * c[i] - b * s[i], target[0])
            target[i + pairs] = _narrow(a * s[i] + b * c[i], target[0])


_turn_row = _compile(_turn_row, inline="always")


def _turn(
    x: Memory,
    out: Memory,
    cosine: Memory,
    sine: Memory,
    x_at: Memory,
    out_at: Memory,
    table_at: Memory,
    x_step: int,
    out_step: int,
    table_step: int,
    seq: int,
    dim: int,
    pairs: int,
    interleaved: bool,
) -> None:
    """Rows ``at[lead] + position · step`` of the flat arrays; features beyond the pairs are copied."""
    for start in range(0, seq, _ROWS):
        for lead in range(len(x_at)):
            for position in range(start, min(start + _ROWS, seq)):
                begin = x_at[lead] + position * x_step
                source = x[begin : begin + dim]
                begin = out_at[lead] + position * out_step
                target = out[begin : begin + dim]
                begin = table_at[lead] + position * table_step
                c, s = cosine[begin : begin + pairs], sine[begin : begin + pairs]
                _turn_row(source, target, c, s, interleaved)
                for i in range(2 * pairs, dim):
                    target[i] = source[i]


def _turn_in_place(
    x: Memory,
    cosine: Memory,
    sine: Memory,
    x_at: Memory,
    table_at: Memory,
    x_step: int,
    table_step: int,
    seq: int,
    pairs: int,
    interleaved: bool,
) -> None:
    """The same where the input is the output: told so, the compiler need not fear that they overlap by half."""
    for start in range(0, seq, _ROWS):
        for lead in range(len(x_at)):
            for position in range(start, min(start + _ROWS, seq)):
                begin = x_at[lead] + position * x_step
                row = x[begin : begin + 2 * pairs]
                begin = table_at[lead] + position * table_step
                c, s = cosine[begin : begin + pairs], sine[begin : begin + pairs]
                _turn_row(row, row, c, s, interleaved)


_turn = _compile(_turn)
_turn_in_place = _compile(_turn_in_place)


def turn(x: Memory, cosine: Memory, sine: Memory, interleaved: bool, out: Memory) -> bool:
    """Rotate ``x`` ``(..., seq, dim)`` into ``out``, which may be the same memory; whether it was done.

    The tables ``(..., seq, pairs)`` are of the working dtype and broadcast against the leading axes.
    Not done, and nothing written, where the features do not lie side by side, where the output lies
    across the input or across itself, or where a stride is negative.
    """
    lead, (seq, dim), pairs = x.shape[:-2], x.shape[-2:], cosine.shape[-1]
    cosine, sine = (np.broadcast_to(table, (*lead, seq, pairs)) for table in (cosine, sine))
    x_steps, out_steps, table_steps = strides(x), strides(out), strides(cosine)
    if x_steps is None or out_steps is None or table_steps is None or table_steps != strides(sine):
        return False
    in_place = x.ctypes.data == out.ctypes.data and x_steps == out_steps
    if not is_injective(out.shape, out_steps) or (not in_place and np.may_share_memory(x, out)):
        return False
    tables = (flat(cosine, table_steps, writeable=False), flat(sine, table_steps, writeable=False))
    target, out_at = flat(out, out_steps, writeable=True), places(lead, out_steps[:-2])
    table_at, steps = places(lead, table_steps[:-2]), (out_steps[-2], table_steps[-2])
    if in_place:
        _turn_in_place(target, *tables, out_at, table_at, *steps, seq, pairs, interleaved)
    else:
        source, x_at = flat(x, x_steps, writeable=False), places(lead, x_steps[:-2])
        _turn(source, target, *tables, x_at, out_at, table_at, x_steps[-2], *steps, seq, dim, pairs, interleaved)
    return True


def _reduce(positions: Memory, whole: Memory, rest: Memory, per_unit: float, angle: Memory, quarter: Memory) -> None:
    """Phases of integer positions in quarter turns and a remaining angle, as in ``_phase.py``."""
    for row in range(len(positions)):
        for i in range(len(whole)):
            phase = positions[row] * whole[i]
            turns = (phase + (1 << 61)) >> 62
            quarter[row, i] = turns
            angle[row, i] = (np.float64(phase - (turns << 62)) + np.float64(positions[row]) * rest[i]) * per_unit


def _place_quadrants(near_cosine: Memory, near_sine: Memory, quarter: Memory, cosine: Memory, sine: Memory) -> None:
    """Cosines and sines of the whole angles from those of what the quarter turns leave, rounded once."""
    rows, pairs = quarter.shape
    for row in range(rows):
        for i in range(pairs):
            turns, c, s = quarter[row, i], near_cosine[row, i], near_sine[row, i]
            if turns & 1:
                c, s = s, c
            cosine[row, i] = -c if (turns + 1) & 2 else c
            sine[row, i] = -s if turns & 2 else s


reduce = _compile(_reduce)
place_quadrants = _compile(_place_quadrants)
