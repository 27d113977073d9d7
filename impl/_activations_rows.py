# SPDX-License-Identifier: BSD-3-Clause
"""softmax, log_softmax and logsumexp of rows, in float64 and rounded once.

The largest entry m is taken out exactly: e^(x − m) of it is 1, and o is the sum of the others, so that
the sum is 1 + o and its logarithm log1p(o), whose error is relative to o: the log-probability of a
dominating entry, −log1p(o), keeps all its digits. (Other entries whose e^(x − m) is 1 are counted.)

The order of sums is that of the entries of the row, whatever else there is: entry i goes to lane i mod ``LANES``, one
after another, and the lanes are folded in halves. For float64 input what each addition leaves is carried along. For
other input it need not be: of n positive terms the sum is off by n/LANES + 14 units of 2⁻⁵³ at most, which for a row
of 2²⁴ are 2⁻⁴² of it (2⁻³⁷ in kernels, which have 256 lanes then), against 2⁻³³, the 2⁻⁹ ulp that float32 may be off
besides its rounding. Input of 32 bits or fewer that is not compiled goes to ``_activations_rows_library.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import _activations_rows_library as library
from . import _fast
from ._activations_gated import doubles
from ._activations_tables import Memory
from ._binding import Names, numpy_formulas
from ._elementary import FLOOR, SCALE, UNSCALE

LANES = 1 << 13
_BLOCK = 1 << 15  # entries at a time: a temporary of float64 takes 256 KiB


class Rows:
    """Entries of rows ``(rows, n)`` in float64, piece by piece; ``wide`` where the input itself is float64."""

    def __init__(self, names: Names, wide: bool, xp: Any) -> None:
        self.names, self.wide, self.xp = names, wide, xp
        self.one, self.unit = (SCALE, UNSCALE) if wide else (1.0, 1.0)  # of exponentials

    def difference(self, x: Any, m: Any) -> tuple[Any, Any]:
        """x − m with what rounding left, where that is not nothing."""
        if not self.wide:
            return x - m[:, None], 0.0
        d, rest = self.names["carried_sum"](x, -m[:, None])
        return d, self.xp.where(d < -FLOOR, 0.0, rest)

    def power(self, d: Any, rest: Any) -> Any:
        """e^(d + rest) times ``one``."""
        if not self.wide:
            return self.names["exp"](d)
        cut = d < -FLOOR
        return self.xp.where(cut, 0.0, self.names["exp_scaled"](self.xp.where(cut, -FLOOR, d), rest))

    def share(self, e: Any, total: Any) -> Any:
        return e / total[:, None] * UNSCALE if self.wide else e * (1.0 / total)[:, None]

    def add(self, v: Any, rest: Any, other: Any, left: Any) -> None:
        """To sums v + rest, in place."""
        if not self.wide:
            v += other
            return
        total, more = self.names["carried_sum"](v, other)
        v[...] = total
        rest += left
        rest += more

    def summed(self, pieces: Iterator[Any]) -> Any:
        """The sums of rows, of pieces of ``LANES`` entries; the first piece is overwritten."""
        v = next(pieces)
        v += 0.0
        rest = v - v if self.wide else v
        for piece in pieces:
            n = piece.shape[1]
            self.add(v[:, :n], rest[:, :n], piece, 0.0)
        n = v.shape[1]
        while n > 1:
            half = (n + 1) // 2
            self.add(v[:, : n - half], rest[:, : n - half], v[:, half:n], rest[:, half:n])
            n = half
        return v[:, 0] + rest[:, 0] if self.wide else v[:, 0]

    def others(self, powers: list[Any]) -> Any:
        """The sums of all but one of the largest entries of each row."""
        ties = [e == self.one for e in powers]
        count = sum(self.xp.count_nonzero(tie, axis=1) for tie in ties)
        rest = self.summed(self.xp.where(tie, 0.0, e) for tie, e in zip(ties, powers, strict=True))
        return rest * self.unit + (count - 1.0)

    def evaluated(self, kind: str, pieces: list[Any], m: Any, upstream: list[Any] | None) -> Iterator[Any]:
        """A function of rows with the maxima m, or its gradient, piece by piece; in one piece if it has no axis."""
        differences = [self.difference(x, m) for x in pieces]
        powers = [self.power(*d) for d in differences]
        total = self.others(powers)
        if upstream is None and kind != "softmax":
            log = self.names["log1p"](total)
            if kind == "logsumexp":
                yield self.xp.where(abs(m) == self.xp.inf, m, m + log)[:, None]
            else:
                yield from (d + (rest - log[:, None]) for d, rest in differences)
            return
        total = total + 1.0
        shares = (self.share(e, total) for e in powers)
        if upstream is None:
            yield from shares
        elif kind == "logsumexp":
            yield from (y * upstream[0] for y in shares)
        elif kind == "log_softmax":
            dot = self.summed(up * 1.0 for up in upstream)[:, None]
            yield from (up - y * dot for y, up in zip(shares, upstream, strict=True))
        else:
            kept = list(shares)
            dot = self.summed(up * y for y, up in zip(kept, upstream, strict=True))[:, None]
            yield from (y * (up - dot) for y, up in zip(kept, upstream, strict=True))


def pieces(n: int) -> list[slice]:
    return [slice(start, start + LANES) for start in range(0, n, LANES)]


def on_memory(kind: str, x: Memory, upstream: Memory | None, dtype: str, axis: int) -> Memory:
    """A function of contiguous memory along an axis, or its gradient; bfloat16 as patterns."""
    at = axis % x.ndim
    n = x.shape[at]
    shape = (int(np.prod(x.shape[:at], dtype=np.int64)), n, int(np.prod(x.shape[at + 1 :], dtype=np.int64)))
    reduces = kind == "logsumexp"
    out = np.empty((*x.shape[:at], *x.shape[at + 1 :]) if reduces and upstream is None else x.shape, dtype=x.dtype)
    if not _fast.of_rows(kind, x.reshape(shape), upstream, dtype, out):
        lines = (shape[0], 1, shape[2])
        given = None if upstream is None else upstream.reshape(lines if reduces else shape)
        found = out.reshape(lines if reduces and upstream is None else shape)
        with np.errstate(all="ignore"):
            for block in _blocks(*shape):
                up = None if given is None else _of_rows(given, block)
                _by_block(kind, _of_rows(x.reshape(shape), block), up, dtype, _of_rows(found, block))
    return out


def _blocks(outer: int, n: int, inner: int) -> Iterator[tuple[slice, slice]]:
    """Some rows at a time: where they lie side by side, of one outer index, and not fewer than make a cache line."""
    many = outer if inner == 1 else inner
    step = max(1 if inner == 1 else 16, _BLOCK // n)
    for start in range(0, many, step):
        some = slice(start, start + step)
        yield from [(some, slice(0, 1))] if inner == 1 else ((slice(i, i + 1), some) for i in range(outer))


def _of_rows(v: Memory, block: tuple[slice, slice]) -> Memory:
    """``(rows, n)``, a view."""
    part = v[block[0], :, block[1]]
    return part[:, :, 0] if v.shape[2] == 1 else part[0].T


def _by_block(kind: str, x: Memory, upstream: Memory | None, dtype: str, out: Memory) -> None:
    if dtype != "float64":
        y = library.evaluated(kind, doubles(x), None if upstream is None else doubles(upstream))
        out[...] = library.sixteen(y, dtype).view(out.dtype) if dtype in library.SIXTEEN else y
        return
    parts = pieces(x.shape[1])
    ups = None
    if upstream is not None:
        ups = [upstream[:, part] for part in (parts if kind != "logsumexp" else parts[:1])]
    rows = Rows(numpy_formulas(wide=True), True, np)
    for part, y in zip(parts, rows.evaluated(kind, [x[:, part] for part in parts], x.max(axis=1), ups), strict=False):
        out[:, part] = y
