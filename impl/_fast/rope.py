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

_ROWS = 256  # positions whose tables stay in the cache until all heads have used them
_SIXTEEN, _UPPER = np.uint32(16), np.uint32(0xFFFF0000)


def _compile(function: Any) -> Any:
    """Compiled at the first call for each dtype and kept on disk, unless no folder for that is writable."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": False, "parallel": False}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


def run(kernel: Any, *arguments: Any) -> None:
    """Call a kernel, also where a full disk refuses its machine code: it is compiled then, and only not kept."""
    try:
        kernel(*arguments)
    except OSError:
        kernel(*arguments)


def _turn_row(source: Any, target: Any, c: Any, s: Any, interleaved: Any) -> Any:
    """One row, which may be turned in place: both features of a pair are read before one is written.

    Elements are numbers, or 16-bit integers that hold bfloat16, or 32-bit integers that hold two
    neighbours of them. Compiled only.
    """
    raise NotImplementedError


def _turn_row_for(source: Any, target: Any, c: Any, s: Any, interleaved: Any) -> Any:
    """What to compile for elements of the type of ``source``."""
    return {types.uint16: _turn_halves, types.uint32: _turn_words}.get(source.dtype, _turn_numbers)


def _turn_numbers(source: Any, target: Any, c: Any, s: Any, interleaved: Any) -> Any:
    pairs = len(c)
    if interleaved:
        for i in range(pairs):
            a, b = source[2 * i], source[2 * i + 1]
            target[2 * i], target[2 * i + 1] = a * c[i] - b * s[i], a * s[i] + b * c[i]
    else:
        for i in range(pairs):
            a, b = source[i], source[i + pairs]
            target[i], target[i + pairs] = a * c[i] - b * s[i], a * s[i] + b * c[i]


def _turn_halves(source: Any, target: Any, c: Any, s: Any, interleaved: Any) -> Any:
    pairs = len(c)
    if interleaved:
        for i in range(pairs):
            a, b = _widen(np.uint32(source[2 * i])), _widen(np.uint32(source[2 * i + 1]))
            target[2 * i] = _rounded(a * c[i] - b * s[i]) >> _SIXTEEN
            target[2 * i + 1] = _rounded(a * s[i] + b * c[i]) >> _SIXTEEN
    else:
        for i in range(pairs):
            a, b = _widen(np.uint32(source[i])), _widen(np.uint32(source[i + pairs]))
            target[i] = _rounded(a * c[i] - b * s[i]) >> _SIXTEEN
            target[i + pairs] = _rounded(a * s[i] + b * c[i]) >> _SIXTEEN


def _turn_words(source: Any, target: Any, c: Any, s: Any, interleaved: Any) -> Any:
    if interleaved:
        for i in range(len(c)):
            word = source[i]
            a, b = _widen(word), _upper(word)
            target[i] = _word(_rounded(a * c[i] - b * s[i]), _rounded(a * s[i] + b * c[i]))
    else:
        half = len(c) // 2
        for i in range(half):
            first, second = source[i], source[i + half]
            c0, c1, s0, s1 = c[2 * i], c[2 * i + 1], s[2 * i], s[2 * i + 1]
            a0, a1, b0, b1 = _widen(first), _upper(first), _widen(second), _upper(second)
            target[i] = _word(_rounded(a0 * c0 - b0 * s0), _rounded(a1 * c1 - b1 * s1))
            target[i + half] = _word(_rounded(a0 * s0 + b0 * c0), _rounded(a1 * s1 + b1 * c1))


def _upper_bits(bits: Any) -> Any:
    """float32 from a bfloat16 in the upper half of a word."""
    return np.uint32(bits & _UPPER).view(np.float32)


def _word_of(lower: Any, upper: Any) -> Any:
    """The upper halves of two words in one."""
    return np.uint32((lower >> _SIXTEEN) | (upper & _UPPER))


def _widen_bits(bits: Any) -> Any:
    """float32 from a bfloat16 in the lower half of a word."""
    return np.uint32(bits << _SIXTEEN).view(np.float32)


def _rounded_bits(value: Any) -> Any:
    """The bits of a float32 whose upper half is the bfloat16 nearest to it, ties to even.

    A NaN stays one: with finite tables it is the one of the input, whose lower half is empty, or the
    processor's own, whose lower half is empty too; the sum then carries nothing into the upper half.
    """
    bits = np.float32(value).view(np.uint32)
    return np.uint32(bits + np.uint32(0x7FFF) + ((bits >> _SIXTEEN) & np.uint32(1)))


_widen = njit(inline="always")(_widen_bits)
_upper = njit(inline="always")(_upper_bits)
_word = njit(inline="always")(_word_of)
_rounded = njit(inline="always")(_rounded_bits)
overload(_turn_row, inline="always")(_turn_row_for)


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
    width: int,
    pairs: int,
    interleaved: bool,
) -> None:
    """Rows ``at[lead] + position · step`` of the flat arrays; elements from ``width`` to ``dim`` are copied."""
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
                for i in range(width, dim):
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
    width: int,
    pairs: int,
    interleaved: bool,
) -> None:
    """The same where the input is the output: told so, the compiler need not fear that they overlap by half."""
    for start in range(0, seq, _ROWS):
        for lead in range(len(x_at)):
            for position in range(start, min(start + _ROWS, seq)):
                begin = x_at[lead] + position * x_step
                row = x[begin : begin + width]
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
    pairs = cosine.shape[-1]
    x, out = _in_words(x, out, pairs, interleaved)
    lead, (seq, dim) = x.shape[:-2], x.shape[-2:]
    width = pairs if x.dtype == np.uint32 else 2 * pairs
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
        run(_turn_in_place, target, *tables, out_at, table_at, *steps, seq, width, pairs, interleaved)
    else:
        source, at = flat(x, x_steps, writeable=False), (places(lead, x_steps[:-2]), out_at, table_at)
        run(_turn, source, target, *tables, *at, x_steps[-2], *steps, seq, dim, width, pairs, interleaved)
    return True


def _in_words(x: Memory, out: Memory, pairs: int, interleaved: bool) -> tuple[Memory, Memory]:
    """bfloat16 as words of 32 bits where pairs, or the two halves, consist of whole words: faster than one by one."""
    if x.dtype != np.uint16 or x.shape[-1] % 2 or (pairs % 2 and not interleaved):
        return x, out
    if any(v.strides[-1] != 2 or v.ctypes.data % 4 or any(step % 4 for step in v.strides[:-1]) for v in (x, out)):
        return x, out
    return x.view(np.uint32), out.view(np.uint32)


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
