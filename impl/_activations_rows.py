# SPDX-License-Identifier: BSD-3-Clause
"""softmax, log_softmax and logsumexp of rows, in float64 and rounded once.

The largest entry m is taken out exactly: e^(x − m) of it is 1, and o is the sum of the others, so that
the sum is 1 + o and its logarithm log1p(o), whose error is relative to o: the log-probability of a
dominating entry, −log1p(o), keeps all its digits. Sums are folded in halves, always in the same order,
whatever else is in the batch; for float64 input what each addition leaves is carried along.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._activations_apply import rounded
from ._activations_gated import doubles
from ._activations_tables import Memory
from ._binding import Names, numpy_formulas, numpy_library
from ._elementary import FLOOR, UNSCALE

_BLOCK = 1 << 14


def moved(x: Any, axis: int) -> Any:
    """The axis last."""
    order = [i for i in range(x.ndim) if i != axis % x.ndim] + [axis % x.ndim]
    return x.transpose(order) if isinstance(x, np.ndarray) else x.permute(order)


def moved_back(x: Any, axis: int) -> Any:
    order = list(range(x.ndim - 1))
    order.insert(axis % x.ndim, x.ndim - 1)
    return x.transpose(order) if isinstance(x, np.ndarray) else x.permute(order)


def folded(names: Names, v: Any) -> Any:
    """Sums of the rows of ``(rows, n)``, overwriting it; with what the roundings leave where ``names`` is wide."""
    rest = 0.0
    while v.shape[1] > 1:
        half = (v.shape[1] + 1) // 2
        count = v.shape[1] - half
        total, left = names["carried_sum"](v[:, :count], v[:, half:])
        if not isinstance(left, float):
            carried = left
            if not isinstance(rest, float):
                carried = rest[:, :count] + rest[:, half:] + left
                left = rest[:, :half] * 1.0
            else:
                left = v[:, :half] * 0.0
            left[:, :count] = carried
            rest = left
        v = v[:, :half]
        v[:, :count] = total
    return v[:, 0] + (rest if isinstance(rest, float) else rest[:, 0])


def exponentials(names: Names, x: Any, library: Any) -> tuple[Any, Any, Any, Any]:
    """m, the differences x − m with what rounding left, and 2²⁰⁰ e^(x − m), of float64 rows."""
    m = x.max(axis=1) if library is np else x.amax(dim=1)
    d, rest = names["carried_sum"](x, -m[:, None])
    cut = d < -FLOOR
    if not isinstance(rest, float):
        rest = library.where(cut, 0.0, rest)
    e = names["exp_scaled"](library.where(cut, -FLOOR, d), rest)
    return m, d, rest, library.where(cut, 0.0, e)


def _exponentials(names: Names, x: Memory) -> tuple[Memory, Memory, Any, Memory]:
    """The same, block by block of a long row."""
    if x.shape[1] <= _BLOCK:
        return exponentials(names, x, np)
    m = x.max(axis=1)
    d, e, rest = np.empty_like(x), np.empty_like(x), np.zeros_like(x)
    for start in range(0, x.shape[1], _BLOCK):
        block = (slice(None), slice(start, start + _BLOCK))
        difference, left = names["carried_sum"](x[block], -m[:, None])
        cut = difference < -FLOOR
        left = left if isinstance(left, float) else np.where(cut, 0.0, left)
        e[block] = np.where(cut, 0.0, names["exp_scaled"](np.where(cut, -FLOOR, difference), left))
        d[block], rest[block] = difference, left
    return m, d, rest, e


def others(names: Names, e: Any, x: Any) -> Any:
    """The sum of all e^(x − m) but that of the first largest entry."""
    rows = np.arange(len(e)) if isinstance(e, np.ndarray) else slice(None)
    e = e * 1.0
    if isinstance(e, np.ndarray):
        e[rows, np.argmax(x, axis=1)] = 0.0
    else:
        e.scatter_(1, x.argmax(dim=1, keepdim=True), 0.0)
    return folded(names, e) * UNSCALE


def evaluated(kind: str, names: Names, x: Any, upstream: Any, library: Any) -> Any:
    """A function of float64 rows, or its gradient, in float64."""
    m, d, rest, e = _exponentials(names, x) if library is np else exponentials(names, x, library)
    o = others(names, e, x)
    if upstream is None and kind != "softmax":
        log = names["log1p"](o)
        if kind == "logsumexp":
            endless = (m == library.inf) | (m == -library.inf)
            return library.where(endless, m, m + log)
        return d + (rest - log[:, None]) + (m - m)[:, None]
    y = e / (1.0 + o)[:, None] * UNSCALE + (m - m)[:, None]  # NaN in all of a row whose maximum is infinite
    if upstream is None:
        return y
    if kind == "logsumexp":
        return y * upstream
    if kind == "log_softmax":
        return upstream - y * folded(names, upstream * 1.0)[:, None]
    return y * (upstream - folded(names, upstream * y)[:, None])


def on_memory(kind: str, x: Memory, upstream: Memory | None, dtype: str) -> Memory:
    """A function of contiguous rows ``(…, n)``, or its gradient; bfloat16 as patterns."""
    n = x.shape[-1]
    rows = x.reshape(-1, n)
    reduces = kind == "logsumexp"
    given = None if upstream is None else upstream.reshape(-1, 1 if reduces else n)
    out = np.empty(rows.shape[:1] if reduces and upstream is None else rows.shape, dtype=x.dtype)
    names = numpy_formulas(wide=True) if dtype == "float64" else numpy_library(lift=False)
    step = max(1, _BLOCK // n)
    with np.errstate(all="ignore"):
        for start in range(0, len(rows), step):
            block = slice(start, start + step)
            up = None if given is None else doubles(given[block])
            y = evaluated(kind, names, doubles(rows[block]), up, np)
            out[block] = rounded(y, dtype).view(out.dtype)
    return out.reshape(x.shape[:-1] if out.ndim == 1 else x.shape)
