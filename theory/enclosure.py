# SPDX-License-Identifier: BSD-3-Clause
"""Elementwise enclosures for arrays of floats, and the distance of a computed array from the exact one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Symbol

from . import balls
from .balls import Undecided, Undefined
from .claim import Definition
from .program import Compiled, compile

Float64 = NDArray[np.float64]


class Format(NamedTuple):
    """A binary format: bits of the significand with the leading one, smallest and largest exponent."""

    precision: int
    emin: int
    emax: int


FORMATS = {
    "float16": Format(11, -14, 15),
    "bfloat16": Format(8, -126, 127),
    "float32": Format(24, -126, 127),
    "float64": Format(53, -1022, 1023),
}
_GUARD = 16  # an enclosure is 2¹⁶ times narrower than the ulp
_START, _MAX_PREC = 96, 1 << 14


@dataclass(frozen=True)
class Enclosure:
    """Exact values x, elementwise: ``|x − (hi + lo)| ≤ radius``, in float64 arrays of one shape.

    The radius is at most 2⁻¹⁶ ulp of ``dtype``, apart from what float64 cannot express: it is 2⁻¹⁰⁷⁴ below
    the range of ``lo``. An exact value ±∞ has ``hi = ±inf`` and radius 0; a finite one beyond the range of
    float64 has ``hi = ±inf`` and radius inf; an undefined element (``undefined="nan"``) is NaN, radius inf.
    """

    hi: Float64
    lo: Float64
    radius: Float64
    dtype: str
    _balls: tuple[arb | None, ...] = field(repr=False)
    _refine: Callable[[int, int], arb] = field(repr=False, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.hi.shape

    def error(self, got: ArrayLike) -> Float64:
        """An upper bound of |got − x|; ``got`` holds floats of at most 64 bits, in the shape of x.

        It is inf where got is NaN, or where exactly one of got and x is infinite; 0 where both are the
        same infinity. Sums of two floats are split into rounded sum and exact remainder, and the
        remainders are added with upward rounding, so no rounding is lost.
        """
        g = np.asarray(got, dtype=np.float64)
        if g.shape != self.shape:
            raise ValueError(f"error: got has shape {g.shape}, the enclosure {self.shape}")
        with np.errstate(all="ignore"):
            s, s_rest = _two_sum(g, -self.hi)
            t, t_rest = _two_sum(s_rest, -self.lo)
            u, u_rest = _two_sum(s, t)
            bound = np.abs(u)
            for part in (u_rest, t_rest, self.radius):
                bound = _add_up(bound, np.abs(part))
        bound = np.where(np.isnan(bound), np.inf, bound)
        return np.where(np.isinf(g) & (g == self.hi) & (self.radius == 0), 0.0, bound)

    def rounded(self, dtype: str | None = None) -> Float64:
        """x rounded to nearest, ties to even, in a format; a float64 array that holds the values.

        Errors: ``Undecided`` where x cannot be told from a tie of two neighbours at the greatest precision.
        """
        form = _format(dtype or self.dtype)
        flat = [math.nan if ball is None else self._round(place, ball, form) for place, ball in enumerate(self._balls)]
        return np.array(flat, dtype=np.float64).reshape(self.shape)

    def _round(self, place: int, ball: arb, form: Format) -> float:
        prec = 2 * _START
        while prec <= 2 * _MAX_PREC:
            if balls.is_infinite(ball):
                return float(ball)
            with balls.workprec(prec):
                low, high = _nearest(ball.lower(), form), _nearest(ball.upper(), form)
            if low == high:
                return low
            ball, prec = self._refine(place, prec), 2 * prec
        raise Undecided(f"element {place} cannot be told from a tie")


def enclose(
    expressions: Expr | Sequence[Expr],
    values: Mapping[Any, Any],
    *,
    dtype: str,
    definitions: Sequence[Definition] = (),
    undefined: str = "raise",
) -> Any:
    """An ``Enclosure`` of the expression, or a list of one for each of several, over broadcast arrays.

    ``values`` maps symbols to arrays of floats or integers or to single numbers, and families to what
    ``ball`` takes. ``dtype`` names the format whose ulp sets the precision: float16, bfloat16, float32 or
    float64. Errors: as for ``ball``; with ``undefined="nan"`` an undefined element is marked instead.

    Examples:
        >>> from sympy import exp
        >>> x = Symbol("x", real=True)
        >>> e = enclose(exp(x), {x: np.array([0.0, 1.0], np.float32)}, dtype="float32")
        >>> e.rounded()
        array([1.        , 2.71828175])
        >>> bool((e.error(np.exp(np.array([0.0, 1.0]))) < 2**-52).all())
        True
    """
    form = _format(dtype)
    if undefined not in ("raise", "nan"):
        raise ValueError(f'undefined must be "raise" or "nan", got {undefined!r}')
    several = [expressions] if isinstance(expressions, Expr) else list(expressions)
    symbols = [key for key in values if isinstance(key, Symbol)]
    families = {key: value for key, value in values.items() if not isinstance(key, Symbol)}
    compiled = compile(several, symbols, values=families, definitions=definitions)
    shape, rows = _rows([values[s] for s in symbols])
    columns: list[list[arb | None]] = [[] for _ in several]
    for row in rows:
        for column, ball in zip(columns, _narrow(compiled, row, form, undefined == "nan"), strict=True):
            column.append(ball)

    def build(which: int) -> Enclosure:
        def refine(place: int, prec: int) -> arb:
            return compiled(*rows[place], prec=prec)[which]

        triples = np.array([_triple(b) for b in columns[which]], dtype=np.float64).reshape(*shape, 3)
        return Enclosure(triples[..., 0], triples[..., 1], triples[..., 2], dtype, tuple(columns[which]), refine)

    enclosures = [build(k) for k in range(len(several))]
    return enclosures[0] if isinstance(expressions, Expr) else enclosures


def _format(dtype: str) -> Format:
    if dtype not in FORMATS:
        raise ValueError(f"dtype must be one of {', '.join(FORMATS)}, got {dtype!r}")
    return FORMATS[dtype]


def _rows(values: list[Any]) -> tuple[tuple[int, ...], list[tuple[Any, ...]]]:
    """Shape and elements of the broadcast arrays; tolist() gives Python numbers of the same value."""
    arrays = []
    for value in values:
        if isinstance(value, (list, tuple)) or hasattr(value, "__array__"):
            arrays.append(np.asarray(value))
        else:
            arrays.append(np.array(None, dtype=object))
            arrays[-1][()] = value
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    if not arrays:
        return shape, [()]
    return shape, list(zip(*[np.broadcast_to(a, shape).ravel().tolist() for a in arrays], strict=True))


def _narrow(compiled: Compiled, row: tuple[Any, ...], form: Format, mark: bool) -> list[arb] | list[None]:
    """Balls for one element, at the first precision at which all are narrow enough."""
    prec, error = _START, Undecided("no enclosure is narrow enough at the greatest precision")
    smallest = math.ldexp(1.0, max(form.emin - form.precision + 1 - _GUARD, -1074))
    while prec <= _MAX_PREC:
        try:
            found = compiled(*row, prec=prec)
            if all(_is_narrow(ball, form.precision + _GUARD + 2, smallest) for ball in found):
                return found
        except Undecided as undecided:
            error = undecided
        except Undefined as undefined:
            if mark:
                return [None] * compiled.size
            raise type(undefined)(f"{undefined} (at {row})") from None
        prec *= 2
    if mark:
        return [None] * compiled.size
    raise Undecided(f"{error} (at {row})")


def _is_narrow(ball: arb, bits: int, smallest: float) -> bool:
    return ball.rel_accuracy_bits() >= bits or balls.is_infinite(ball) or ball.rad() <= smallest


def _triple(ball: arb | None) -> tuple[float, float, float]:
    """(hi, lo, radius) of a ball; every rounding of hi and lo is inside the radius."""
    if ball is None:
        return math.nan, math.nan, math.inf
    hi = float(ball)
    if math.isinf(hi):
        return hi, 0.0, 0.0 if balls.is_infinite(ball) else math.inf
    with balls.workprec(_MAX_PREC):
        rest = ball - hi
        lo = float(rest)
        bound = (rest - lo).abs_upper()
        radius = float(bound)
        while not radius >= bound:
            radius = math.nextafter(radius, math.inf)
    return hi, lo, radius


def _nearest(x: arb, form: Format) -> float:
    """An exact dyadic number rounded to nearest, ties to even."""
    mantissa, exponent = (int(part) for part in x.man_exp())
    size = abs(mantissa)
    top = exponent + size.bit_length()
    if abs(top) > 1 << 20:  # exponents of balls have no bound: too large to shift by
        return math.copysign(math.inf if top > 0 and size else 0.0, -1 if mantissa < 0 else 1)
    unit = max(exponent + size.bit_length() - 1, form.emin) - form.precision + 1
    shift = unit - exponent
    if shift <= 0:
        count = size << -shift
    else:
        count, rest = size >> shift, size & ((1 << shift) - 1)
        half = 1 << (shift - 1)
        count += rest > half or (rest == half and count % 2 == 1)
    over = count.bit_length() + unit > form.emax + 1
    return math.copysign(math.inf if over else math.ldexp(count, unit), -1 if mantissa < 0 else 1)


def _two_sum(a: Float64, b: Float64) -> tuple[Float64, Float64]:
    """a + b rounded, and the exact remainder (Knuth)."""
    s = a + b
    bb = s - a
    return s, (a - (s - bb)) + (b - bb)


def _add_up(a: Float64, b: Float64) -> Float64:
    """An upper bound of a + b for a, b ≥ 0; exact where one of them is 0."""
    return np.where((a == 0) | (b == 0), a + b, np.nextafter(a + b, np.inf))
