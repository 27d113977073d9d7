# SPDX-License-Identifier: BSD-3-Clause
"""A function of one number, held against the truth at every input of a format.

The inputs of a format, in order of magnitude, are cut into stretches. On a stretch the truth is a
polynomial with a proved error (``theory.taylor``), good to 2⁻⁴⁴ of the value: enough to say how many ulp
an output is off, and nearly always whether it is the float nearest to the truth. Where the error bound
leaves that open, and where there is no polynomial, the oracle decides point by point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sympy import Expr, Rational, Symbol

from ..theory.enclosure import enclose
from ..theory.taylor import Series
from . import floats
from .floats import Floats

Indices = npt.NDArray[np.int64]
_RELATIVE = 2.0**-44
_STRETCH = 1 << 16  # inputs a polynomial is first tried on
_POINTWISE = 64  # below that many inputs the oracle is quicker than another cut
_ROUNDINGS = 1 + 2.0**-50  # of the few operations behind an error, so that it stays an upper bound
_BLOCK = 1 << 14  # outputs compared at a time: float64 temporaries stay in the cache


@dataclass(frozen=True)
class Reference:
    """The truth: an expression of one variable with the values of its parameters, and its limits at −∞ and +∞.

    A limit is None where there is none; every output is then accepted.
    """

    expression: Expr
    variable: Symbol
    values: Mapping[Symbol, object]
    at_infinity: tuple[float | None, float | None]


@dataclass(frozen=True)
class Tally:
    """What was seen on a set of inputs. Tallies of disjoint sets add up, in any order, by ``+``.

    Of finite inputs ``worst`` is an upper bound of the error in ulp of the true value, inf where a finite value
    became ±inf or NaN or the other way round, and ``worst_input`` an input where it is that large.
    ``not_nearest`` counts outputs that are not the float nearest to the truth; ``wrong_at`` names those of
    -inf, inf and nan whose output is not the limit, or not NaN. ``by_oracle`` inputs needed more than a polynomial.
    """

    count: int = 0
    worst: float = 0.0
    worst_input: float = math.nan
    not_nearest: int = 0
    by_oracle: int = 0
    wrong_at: tuple[str, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        first = min(self, other, key=lambda t: (-t.worst, math.isnan(t.worst_input), t.worst_input))
        return Tally(
            self.count + other.count,
            first.worst,
            first.worst_input if first.worst > 0 else math.nan,
            self.not_nearest + other.not_nearest,
            self.by_oracle + other.by_oracle,
            tuple(sorted({*self.wrong_at, *other.wrong_at})),
        )


Function = Callable[[Floats], Floats]


def finite_count(dtype: str) -> int:
    """How many finite numbers of one sign a format has, its zero included."""
    f = floats.format_of(dtype)
    return (f.emax - f.emin + 2) << (f.precision - 1)


def by_index(indices: Indices, dtype: str) -> Floats:
    """The floats ≥ 0 of a format by their place in increasing order: 0 is first."""
    f = floats.format_of(dtype)
    bits = (indices << (53 - f.precision)) + ((f.emin + 1022) << 52)
    normal: Floats = bits.view(np.float64)
    return np.where(indices < 1 << (f.precision - 1), indices * floats.smallest_subnormal(dtype), normal)


def chunks(dtype: str, size: int) -> list[tuple[int, int, int]]:
    """Sign, start and stop of pieces that together are all finite inputs, both zeros included."""
    total = finite_count(dtype)
    return [(sign, start, min(start + size, total)) for sign in (1, -1) for start in range(0, total, size)]


def examine(function: Function, reference: Reference, dtype: str, sign: int, start: int, stop: int) -> Tally:
    """The tally of the finite inputs of one sign whose places are in [start, stop)."""
    series = Series(reference.expression, reference.variable, reference.values)
    tally = Tally()
    for first in range(start, stop, _STRETCH):
        x = sign * by_index(np.arange(first, min(first + _STRETCH, stop), dtype=np.int64), dtype)
        tally += _examined(function, reference, series, dtype, x)
    return tally


def sampled(function: Function, reference: Reference, dtype: str, x: Floats) -> Tally:
    """The tally of given inputs of one sign, in the order of magnitude."""
    return _examined(function, reference, Series(reference.expression, reference.variable, reference.values), dtype, x)


def _examined(function: Function, reference: Reference, series: Series, dtype: str, x: Floats) -> Tally:
    got = function(x)
    if got.shape != x.shape:
        raise ValueError(f"the function is not elementwise: shape {x.shape} gave {got.shape}")
    pieces = _pieces(series, x, dtype)
    return sum((_compared(reference, dtype, x[p.place], got[p.place], p) for p in pieces), Tally())


def examine_specials(function: Function, reference: Reference, dtype: str) -> Tally:
    """The tally of −∞, +∞ and every NaN of the format (a signalling one is quieted on its way to the function)."""
    got = function(np.array([-np.inf, np.inf]))
    wrong = [
        name
        for name, value, limit in zip(("-inf", "inf"), got, reference.at_infinity, strict=True)
        if limit is not None and value != floats.rounded(limit, dtype)
    ]
    payloads = 1 << (floats.format_of(dtype).precision - 1)
    for start in range(0, payloads, _STRETCH):
        payload = np.arange(max(start, 1), min(start + _STRETCH, payloads), dtype=np.int64)
        nans = ((0x7FF << 52) | payload << (53 - floats.format_of(dtype).precision)).view(np.float64)
        if not (np.isnan(function(nans)).all() and np.isnan(function(-nans)).all()):
            wrong = sorted({*wrong, "nan"})
    return Tally(2 * payloads, wrong_at=tuple(wrong))


@dataclass(frozen=True)
class _Piece:
    """Consecutive inputs with the truth as float64 and a bound of its error; without one the oracle is asked."""

    place: slice
    truth: Callable[[Floats], Floats] | None
    error: float


def _pieces(series: Series, x: Floats, dtype: str) -> Iterator[_Piece]:
    """Cut where no polynomial is found: near roots and knees."""
    absolute = _RELATIVE * floats.smallest_subnormal(dtype)
    todo = [(0, len(x))]
    while todo:
        i, j = todo.pop()
        low, high = sorted((float(x[i]), float(x[j - 1])))
        polynomial = series.polynomial(low, high, _RELATIVE, absolute)
        if polynomial is not None:
            yield _Piece(slice(i, j), polynomial, polynomial.error)
        elif j - i <= _POINTWISE:
            yield _Piece(slice(i, j), None, 0.0)
        else:
            middle = (i + j) // 2
            todo += [(i, middle), (middle, j)]


def _compared(reference: Reference, dtype: str, x: Floats, got: Floats, piece: _Piece) -> Tally:
    if piece.truth is None:
        return by_oracle(reference, dtype, x, got)
    tally = Tally()
    for i in range(0, len(x), _BLOCK):
        tally += _block(reference, dtype, x[i : i + _BLOCK], got[i : i + _BLOCK], piece.truth, piece.error)
    return tally


def _block(
    reference: Reference, dtype: str, x: Floats, got: Floats, truth: Callable[[Floats], Floats], error: float
) -> Tally:
    """One block by its polynomial.

    Everything is counted in ulp q of the binade of the polynomial's value r: the truth lies in r/q ± e. The
    nearest float is certain where both ends round to one integer (at a power of 2 the grid below is finer,
    but e is far below its step). An input whose nearest float is not certain goes to the oracle.
    """
    r = truth(x)
    q = _spacing(r, dtype)
    z, w = r / q, got / q
    away = np.abs(w - z)
    k, e = int(np.argmax(away)), error / q
    bound = (away[k] + e.max()) * _ROUNDINGS
    if bound < 0.5 and np.abs(r).max() < floats.largest(dtype):  # all are nearest; false for NaN: argmax finds it
        return Tally(len(x), float(bound), float(x[k]))
    nearest = np.rint(z - e)
    certain = nearest == np.rint(z + e)
    if not certain.all() and (decided := _beside_ties(reference, x[~certain], z[~certain], q[~certain])) is not None:
        nearest[~certain], certain = decided, np.full_like(certain, True)
    top = floats.largest(dtype) / q
    with np.errstate(invalid="ignore"):
        off = (away + e) * _ROUNDINGS
        beyond = np.abs(nearest) > top  # the truth rounds to ±inf
        hit = np.where(beyond, np.isinf(got) & (np.sign(got) == np.sign(r)), w == nearest)
    off = np.where(beyond & hit, 0.0, np.where(np.isfinite(got) & ~beyond, off, np.inf))
    k = int(np.argmax(off))
    tally = Tally(len(x), float(off[k]), float(x[k]), int(np.count_nonzero(certain & ~hit)))
    if certain.all():
        return tally
    asked = by_oracle(reference, dtype, x[~certain], got[~certain])
    return tally + Tally(0, 0.0, math.nan, asked.not_nearest, asked.by_oracle)


def _beside_ties(reference: Reference, x: Floats, z: Floats, q: Floats) -> Floats | None:
    """Nearest floats, in units of q, where the function is s·x and a little more, and every s·x is a tie; else None.

    So it is with x Φ(x) of subnormal x: half of the line x/2 are ties, and the truth lies beside it by less than
    a polynomial of f resolves. One of f(x) − s·x tells the side.
    """
    slope = float(np.rint(z[0] * q[0] / x[0] * 2**10) / 2**10)
    ties = slope * x / q  # exact: few bits times a float of at most 32, over a power of 2
    if not (np.all(np.abs(ties - np.floor(ties) - 0.5) == 0) and np.all(np.abs(ties - z) < 0.25)):
        return None
    rest = reference.expression - Rational(slope) * reference.variable
    found = Series(rest, reference.variable, reference.values).polynomial(float(x.min()), float(x.max()), 0.5)
    return None if found is None else ties + math.copysign(0.5, found.coefficients[0])


def _spacing(r: Floats, dtype: str) -> Floats:
    """``floats.ulp`` by the exponent bits, four times as quick."""
    f = floats.format_of(dtype)
    bits = np.maximum(r.view(np.int64) & 0x7FF0000000000000, (f.emin + 1023) << 52) - ((f.precision - 1) << 52)
    spacing: Floats = bits.view(np.float64)
    return spacing


def by_oracle(reference: Reference, dtype: str, x: Floats, got: Floats) -> Tally:
    """The tally of these inputs, each by the oracle; for any format, exhaustive or not."""
    values = {reference.variable: x, **reference.values}
    enclosure = enclose(reference.expression, values, dtype=dtype)
    nearest = enclosure.rounded(dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.where(
            np.isinf(nearest) & (got == nearest), 0.0, enclosure.error(got) / floats.ulp(enclosure.hi, dtype)
        )
    off = np.where(np.isnan(off), np.inf, off)
    k = int(np.argmax(off))
    return Tally(len(x), float(off[k]), float(x[k]), int(np.count_nonzero(~(got == nearest))), len(x))
