# SPDX-License-Identifier: BSD-3-Clause
"""softmax, log_softmax and logsumexp compiled by Numba, and their gradients, as ``_activations_rows.py`` defines them.

An array is ``(outer, n, inner)``, its rows are along n, and a *tile* of it is computed at a time: one row where inner
is 1, else up to 256 that lie side by side. A *line* is what lies side by side in a tile: 256 entries of the row, or one
entry of each row. Lines become vector instructions, and of everything that belongs to a row there is one for each
place in a line. A loop writes one or two arrays: of more the compiler does not find out that they do not overlap.

Numbers are read and written as patterns of bits. No exponential is computed twice: those of a tile are kept, and are
small enough for the cache but for the longest rows.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from .._activations_rows import LANES as WIDE_LANES
from .._binding import Names
from .._elementary import FLOOR, SCALE, UNSCALE
from . import patterns
from .activations import _compiled, _fingerprint, _formulas, _inlined, _select
from .memory import Memory
from .patterns import FORMATS, number, ordered, pattern, unordered

LINE = 256
AT_LEAST, KEPT = 8, 1 << 15  # rows of a tile; exponentials of it, unless the rows are too long for that

# What follows is compiled over other globals for each dtype and function; here they are those of softmax in float64.
KIND, GRADIENT, KEEPS, WIDE, LANES = "softmax", False, True, True, WIDE_LANES
select = _select


def carried_sum(a: Any, b: Any) -> Any:
    """Of ``_elementary.py`` or ``_narrow.py``, as are the next two."""
    raise NotImplementedError


def exp_scaled(a: Any, b: Any) -> Any:
    raise NotImplementedError


def log1p(y: Any) -> Any:
    raise NotImplementedError


def place(i: Any) -> Any:
    """An index without a sign: the compiler need not think of counting from the end."""
    return np.uint64(i)


def difference(x: Any, m: Any) -> Any:
    d, rest = carried_sum(x, -m)
    return d, select(d < -FLOOR, 0.0, rest)


def power(x: Any, m: Any) -> Any:
    """2²⁰⁰ e^(x − m)."""
    d, rest = difference(x, m)
    cut = d < -FLOOR
    return select(cut, 0.0, exp_scaled(select(cut, -FLOOR, d), rest))


def share(e: Any, total: Any) -> Any:
    """e^(x − m) over its sum, or times the reciprocal where that is exact enough."""
    return e / total * UNSCALE if WIDE else e * total


def leaders(x: Any, tile: Any, single: Any, top: Any, m: Any) -> None:
    """The largest entry of the row of each place in a line."""
    base, stride, line, lines, size = tile
    for j in range(line):
        top[j] = ordered(x[place(base + j)])
    for i in range(1, lines):
        at = base + i * stride
        for j in range(min(line, size - i * line)):
            top[j] = max(top[j], ordered(x[place(at + j)]))
    if single:
        y = top[0]
        for j in range(line):
            y = max(y, top[j])
        top[0] = y
        spread(top, line)
    for j in range(line):
        m[j] = number(unordered(top[j]))


def spread(of_row: Any, line: Any) -> None:
    y = of_row[0]
    for j in range(line):
        of_row[j] = y


def add(y: Any, v: Any, left: Any, at: Any) -> None:
    """To a lane, with what roundings leave."""
    if WIDE:
        total, rest = carried_sum(v[at], y)
        v[at] = total
        left[at] += rest
    else:
        v[at] += y


def fold(v: Any, left: Any, lanes: Any, k: Any) -> None:
    """The sums of the lanes of k rows, as the first lane."""
    while lanes > 1:
        half = (lanes + 1) // 2
        far = half * k
        for t in range((lanes - half) * k):
            total, rest = carried_sum(v[t], v[place(far + t)])
            v[t] = total
            if WIDE:
                left[t] = (left[t] + left[place(far + t)]) + rest
        lanes = half
    if WIDE:
        for j in range(k):
            v[j] += left[j]


def powers(x: Any, tile: Any, m: Any, e: Any, ties: Any, v: Any, left: Any, lanes: Any) -> None:
    """Exponentials; those of the largest entries are counted, and the others added to the lanes."""
    base, stride, line, lines, size = tile
    lane = 0
    for i in range(lines):
        at, to, width = base + i * stride, i * line if KEEPS else 0, min(line, size - i * line)
        for j in range(width):
            e[place(to + j)] = power(number(x[place(at + j)]), m[j])
        for j in range(width):
            y = e[place(to + j)]
            add(select(y == SCALE, 0.0, y), v, left, place(lane + j))
        for j in range(width):
            ties[j] += np.int64(e[place(to + j)] == SCALE)
        lane = lane + line if lane + line < lanes else 0


def products(up: Any, tile: Any, total: Any, e: Any, v: Any, left: Any, lanes: Any) -> None:
    """Cotangents added to the lanes; for softmax times its values, which take the place of the exponentials."""
    base, stride, line, lines, size = tile
    lane = 0
    for i in range(lines):
        at, start, width = base + i * stride, i * line, min(line, size - i * line)
        if KIND == "softmax":
            for j in range(width):
                e[place(start + j)] = share(e[place(start + j)], total[j])
            for j in range(width):
                add(number(up[place(at + j)]) * e[place(start + j)], v, left, place(lane + j))
        else:
            for j in range(width):
                add(number(up[place(at + j)]), v, left, place(lane + j))
        lane = lane + line if lane + line < lanes else 0


def dots(up: Any, tile: Any, k: Any, total: Any, e: Any, v: Any, left: Any, dot: Any) -> None:
    """The sums of cotangents, for softmax times its values."""
    lanes = min(tile[4], LANES * k)
    v[:lanes] = 0.0
    left[:lanes] = 0.0
    products(up, tile, total, e, v, left, lanes)
    fold(v, left, lanes // k, k)
    for j in range(k):
        dot[j] = v[j]


def values(x: Any, tile: Any, m: Any, total: Any, e: Any, out: Any) -> None:
    base, stride, line, lines, size = tile
    for i in range(lines):
        at, start, width = base + i * stride, i * line, min(line, size - i * line)
        if KIND == "softmax":
            for j in range(width):
                out[place(at + j)] = pattern(share(e[place(start + j)], total[j]))
        else:
            for j in range(width):
                d, rest = difference(number(x[place(at + j)]), m[j])
                out[place(at + j)] = pattern(d + (rest - total[j]))


def slopes(up: Any, tile: Any, total: Any, dot: Any, e: Any, out: Any) -> None:
    base, stride, line, lines, size = tile
    for i in range(lines):
        at, start, width = base + i * stride, i * line, min(line, size - i * line)
        if KIND == "softmax":
            for j in range(width):
                out[place(at + j)] = pattern(e[place(start + j)] * (number(up[place(at + j)]) - dot[j]))
        elif KIND == "log_softmax":
            for j in range(width):
                y = share(e[place(start + j)], total[j])
                out[place(at + j)] = pattern(number(up[place(at + j)]) - y * dot[j])
        else:
            for j in range(width):
                out[place(at + j)] = pattern(share(e[place(start + j)], total[j]) * dot[j])


def totals(x: Any, tile: Any, single: Any, k: Any, m: Any, e: Any, ties: Any, v: Any, left: Any, total: Any) -> None:
    """1 + o, its reciprocal or its logarithm, where o is the sum of all but the first largest entry of a row."""
    line, lanes = tile[2], min(tile[4], LANES * k)
    v[:lanes] = 0.0
    left[:lanes] = 0.0
    ties[:line] = 0
    powers(x, tile, m, e, ties, v, left, lanes)
    fold(v, left, lanes // k, k)
    if single:
        count = np.int64(0)
        for j in range(line):
            count += ties[j]
        ties[0] = count
    for j in range(k):
        o = v[j] * UNSCALE + np.float64(ties[j] - 1)
        if KEEPS:
            total[j] = 1.0 + o if WIDE else UNSCALE / (1.0 + o)
        else:
            total[j] = log1p(o)


def _rows(key: str) -> Any:
    """The whole; ``key`` is what its machine code is kept under."""

    def rows(x: Any, up: Any, out: Any, outer: Any, n: Any, inner: Any) -> str:
        single = inner == 1
        most = 1 if single else max(AT_LEAST, min(LINE, KEPT // n))
        longest, lanes = min(n, LINE) if single else most, min(n, LANES) * most
        lines = (n + longest - 1) // longest
        e, v, left = np.empty(n * most if KEEPS else longest), np.empty(lanes), np.empty(lanes if WIDE else 0)
        top, ties = np.empty(longest, x.dtype), np.empty(longest, np.int64)
        m, total, dot = np.empty(longest), np.empty(longest), np.empty(longest)
        for i in range(outer):
            for c in range(0, inner, most):
                k, to = min(most, inner - c), i * inner + c
                at = i * n * inner + c
                tile = (at, longest, longest, lines, n) if single else (at, inner, k, n, n * k)
                leaders(x, tile, single, top, m)
                totals(x, tile, single, k, m, e, ties, v, left, total)
                if KIND == "logsumexp" and not GRADIENT:
                    for j in range(k):
                        out[to + j] = pattern(m[j] if abs(m[j]) == np.inf else m[j] + total[j])
                    continue
                if single:
                    spread(total, longest)
                if not GRADIENT:
                    values(x, tile, m, total, e, out)
                    continue
                if KIND == "logsumexp":
                    for j in range(k):
                        dot[j] = number(up[to + j])
                else:
                    dots(up, tile, k, total, e, v, left, dot)
                if single:
                    spread(dot, longest)
                slopes(up, tile, total, dot, e, out)
        return key

    return rows


# All inlined: others are found by name in machine code on disk, where another process may have used the name.
_FUNCTIONS: tuple[Callable[..., Any], ...] = (place, ordered, unordered, difference, power, share, spread, add)
_FUNCTIONS += (leaders, fold, powers, products, dots, values, slopes, totals)


@cache
def kernel(kind: str, gradient: bool, dtype: str) -> Any:
    """The compiled loop over patterns, cotangents as patterns (anything where there are none), and results."""
    wide = dtype == "float64"
    names: Names = {
        **vars(patterns),
        **globals(),
        "KIND": kind,
        "GRADIENT": gradient,
        "KEEPS": gradient or kind == "softmax",
    }
    names |= FORMATS[dtype] | {"WIDE": wide, "LANES": WIDE_LANES if wide else LINE}
    formulas = _formulas(wide)
    names |= {name: formulas[name] for name in ("carried_sum", "exp_scaled", "log1p")}
    functions = {function.__name__: function for function in _FUNCTIONS} | {n: names[n] for n in ("number", "pattern")}
    for name, function in functions.items():
        names[name] = _inlined(FunctionType(function.__code__, names, name))
    sources = hashlib.sha256((_fingerprint() + inspect.getsource(patterns)).encode()).hexdigest()
    return _compiled(_rows(f"{kind} {gradient} {dtype} {WIDE_LANES} {sources}"), names)


def run(kind: str, x: Memory, upstream: Memory | None, dtype: str, out: Memory) -> None:
    """Fill ``out`` with a function of contiguous ``(outer, n, inner)``, or with its gradient."""
    loop, seen = kernel(kind, upstream is not None, dtype), f"int{8 * x.itemsize}"
    given = [v.reshape(-1).view(seen) for v in (x, x if upstream is None else upstream, out)]
    try:
        loop(*given, *x.shape)
    except OSError:  # a full disk refuses the machine code: it is compiled then, and only not kept
        loop(*given, *x.shape)
