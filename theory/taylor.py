# SPDX-License-Identifier: BSD-3-Clause
"""Polynomials with a proved error, for millions of points. Part of the trusted base.

The oracle's balls cost some ten microseconds a point; all 2³² inputs of a float32 function would take
days. On a short stretch of the line a function is a Taylor polynomial plus a remainder that Arb bounds,
and the polynomial is evaluated in float64 arrays with a bound for every rounding: the bound is a number
of the stretch, so that whoever uses the values knows what they are worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, arb_series, ctx, fmpq
from numpy.typing import NDArray
from sympy import Basic, Expr, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from . import balls
from .balls import Undecided, Unsupported

Float64 = NDArray[np.float64]
_DEGREES = (2, 4, 6, 8, 12, 16)
_PRECISIONS = (128, 512, 2048)
_ULP = 2.0**-53
_TINY = 2.0**-1074


@dataclass(frozen=True)
class Polynomial:
    """p with ``|f(x) − p(x)| ≤ error`` for every float x of the stretch, roundings of the evaluation included.

    ``center`` is a float, ``scale`` a power of two; the coefficients are those of ``(x − center) / scale``.
    """

    center: float
    scale: float
    coefficients: tuple[float, ...]
    error: float

    def __call__(self, x: Float64) -> Float64:
        t = (x - self.center) / self.scale
        last, *rest = reversed(self.coefficients)
        value = np.full_like(t, last)
        for c in rest:
            value *= t
            value += c
        return value


class Series:
    """A function of one variable, ready to be expanded anywhere; ``values`` fixes its other symbols."""

    def __init__(self, expression: Expr, variable: Symbol, values: Mapping[Symbol, object] | None = None) -> None:
        self._expression, self._variable = expression, variable
        self._values = {s: balls.to_arb(balls.real(balls.number(v), str(s))) for s, v in (values or {}).items()}

    def polynomial(self, low: float, high: float, relative: float, absolute: float = 0.0) -> Polynomial | None:
        """A polynomial on [low, high] with an error of at most ``relative`` times the least |f| there, or ``absolute``.

        ``low`` and ``high`` are floats of at most 32 bits, so that differences from the centre are exact in
        float64. Where f has a root or a kink on the stretch, or is not resolved by the highest degree, there
        is none, and the answer is None: cut the stretch, or ask the oracle point by point.
        """
        center = float(np.float32(0.5 * low + 0.5 * high))
        half = max(high - center, center - low)
        scale = math.ldexp(1.0, math.frexp(half)[1]) if half > 0 else 1.0
        for degree in _DEGREES:
            for precision in _PRECISIONS:
                with balls.workprec(precision):
                    try:
                        found = self._expanded(low, high, center, scale, degree)
                    except (Undecided, ValueError):  # flint: a divisor that may be 0
                        found = None
                if found is not None and found[0].error <= max(relative * found[1], absolute):
                    return found[0]
                if found is not None and found[2] <= _ULP:  # more precision would not help, a higher degree may
                    break
        return None

    def _expanded(
        self, low: float, high: float, center: float, scale: float, degree: int
    ) -> tuple[Polynomial, float, float] | None:
        """Polynomial, a lower bound of |f| on the stretch, and the relative width of the constant coefficient."""
        everywhere = arb(low).union(arb(high))
        at = _Expansion(self._variable, arb(center), everywhere, scale, degree, self._values)
        over = _Expansion(self._variable, everywhere, everywhere, scale, degree + 1, self._values)
        exact = at.coefficients(self._expression)
        remainder = over.coefficients(self._expression)[degree]
        if not all(c.is_finite() for c in (*exact, remainder)):
            return None
        rounded = [float(c.mid()) for c in exact]
        spread = sum((abs(c - r).upper() for c, r in zip(exact, rounded, strict=True)), arb(0))
        size = sum((arb(abs(r)) for r in rounded), arb(0))
        n = 2 * degree
        # Horner: n roundings at most on the way of any coefficient; a product may also underflow.
        rounding = size * arb(fmpq(n)) * arb(_ULP) / (1 - arb(fmpq(n)) * arb(_ULP)) + arb(_TINY) * n
        error = _up(spread + abs(remainder).upper() + rounding)
        rest = _up(sum((arb(abs(r)) for r in rounded[1:]), arb(0)))
        least = max(0.0, math.nextafter(abs(rounded[0]) - rest - error, 0.0))
        width = _up(abs(exact[0] - rounded[0]).upper()) / abs(rounded[0]) if rounded[0] else math.inf
        return Polynomial(center, scale, tuple(rounded), error), least, width


class _Expansion:
    """Taylor coefficients of expressions around a ball, in units of ``scale``, to a number of terms.

    Conditions and kinks are decided on the whole stretch or not at all.
    """

    def __init__(
        self, variable: Symbol, around: arb, stretch: arb, scale: float, terms: int, values: Mapping[Symbol, arb]
    ) -> None:
        self.terms, self.values, self.stretch, self.variable = terms, values, stretch, variable
        self.whole: _Expansion | None = None
        self.known: dict[Basic, tuple[arb_series, Expr]] = {variable: (arb_series([around, arb(scale)], terms), S.Zero)}

    def coefficients(self, e: Expr) -> list[arb]:
        cap = ctx.cap
        ctx.cap = max(cap, self.terms)
        try:
            series = self.series(e)
            return [series[k] for k in range(self.terms)]
        finally:
            ctx.cap = cap

    def series(self, e: Expr) -> arb_series:
        """The coefficients, an exponential factor multiplied out."""
        significand, exponent = self._scaled(e)
        return significand if exponent is S.Zero else significand * self.series(exponent).exp()

    def _scaled(self, e: Expr) -> tuple[arb_series, Expr]:
        """s and u with e = s·e^u: a growing exponential stays a factor, so that 1/(1 + e^x) is e^(−x)/(e^(−x) + 1).

        On a wide stretch the ball of e^x reaches below 0, and 1 + e^x would not be known to differ from 0.
        """
        if e not in self.known:
            self.known[e] = self._node(e)
        return self.known[e]

    def _node(self, e: Expr) -> tuple[arb_series, Expr]:
        if e.is_Rational:
            return self._constant(arb(fmpq(int(e.p), int(e.q))))
        if e in _CONSTANTS:
            return self._constant(_CONSTANTS[e]())
        if isinstance(e, Symbol):
            return self._constant(self.values[e])
        if e.is_Add:
            return self._sum([self._scaled(a) for a in e.args])
        if e.is_Mul:
            return self._product([self._scaled(a) for a in e.args])
        if e.is_Pow:
            return self._exponential(e.exp) if e.base is S.Exp1 else self._power(e)
        if isinstance(e, sp.exp):
            return self._exponential(e.args[0])
        if isinstance(e, sp.log):
            significand, exponent = self._scaled(e.args[0])
            return significand.log() + self.series(exponent), S.Zero
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        if isinstance(e, (sp.Max, sp.Min)):
            return self._largest(e)
        if isinstance(e, sp.Abs):
            significand, exponent = self._scaled(e.args[0])
            return significand * self._sign(e.args[0]), exponent
        return self._function(e)

    def _constant(self, value: arb) -> tuple[arb_series, Expr]:
        return arb_series([value], self.terms), S.Zero

    def _sum(self, terms: list[tuple[arb_series, Expr]]) -> tuple[arb_series, Expr]:
        top = terms[0][1]
        for _, exponent in terms[1:]:
            if exponent != top and self._sign(exponent - top) > 0:
                top = exponent
        total, *rest = [s if u == top else s * self.series(u - top).exp() for s, u in terms]
        for term in rest:
            total = total + term
        return total, top

    def _product(self, factors: list[tuple[arb_series, Expr]]) -> tuple[arb_series, Expr]:
        (significand, exponent), *rest = factors
        for s, u in rest:
            significand, exponent = significand * s, exponent + u
        return significand, exponent

    def _exponential(self, u: Expr) -> tuple[arb_series, Expr]:
        grows = self._range(u) > 1
        return (self._constant(arb(1))[0], u) if grows else (self.series(u).exp(), S.Zero)

    def _power(self, e: Expr) -> tuple[arb_series, Expr]:
        base, exponent = self._scaled(e.base)
        if e.exp.is_Integer:
            n = int(e.exp)
            power, _ = self._constant(arb(1))
            for _ in range(abs(n)):
                power = power * base
            return (power if n >= 0 else self._constant(arb(1))[0] / power), n * exponent
        if e.exp in (S.Half, -S.Half):
            return (base.sqrt() if e.exp == S.Half else base.rsqrt()), e.exp * exponent
        return (self.series(e.exp) * self.series(sp.log(e.base))).exp(), S.Zero

    def _function(self, e: Expr) -> tuple[arb_series, Expr]:
        name = type(e).__name__
        if len(e.args) != 1 or name not in (*_FUNCTIONS, *_BY_EXPONENTIALS):
            raise Unsupported(f"no expansion of {name}: {e}")
        (u,) = e.args
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](self.series(u)), S.Zero
        return self._scaled(_BY_EXPONENTIALS[name](u))

    def _range(self, e: Expr) -> arb:
        """A ball that contains the values of a term on the whole stretch."""
        if self.whole is None:
            self.whole = _Expansion(self.variable, self.stretch, self.stretch, 0.0, 1, self.values)
        return self.whole.series(e)[0]

    def _sign(self, e: Expr) -> arb:
        value = self._range(e)
        if value >= 0:
            return arb(1)
        if value <= 0:
            return arb(-1)
        raise Undecided(f"the sign of {e} changes on the stretch")

    def _largest(self, e: Expr) -> tuple[arb_series, Expr]:
        best, *rest = e.args
        for other in rest:
            difference = self._sign(best - other)
            best = best if (difference > 0) == isinstance(e, sp.Max) else other
        return self._scaled(best)

    def _piecewise(self, e: sp.Piecewise) -> tuple[arb_series, Expr]:
        for value, condition in e.args:
            if self._holds(condition):
                return self._scaled(value)
        raise Undecided(f"no condition of {e} holds on the stretch")

    def _holds(self, condition: Basic) -> bool:
        """Whether a condition holds on the whole stretch; ``Undecided`` where it holds on a part only."""
        if isinstance(condition, (BooleanTrue, BooleanFalse)):
            return bool(condition)
        if isinstance(condition, And):
            return all(self._holds(a) for a in condition.args)
        if isinstance(condition, Or):
            return any(self._holds(a) for a in condition.args)
        if isinstance(condition, Not):
            return not self._holds(condition.args[0])
        if isinstance(condition, Relational) and condition.rel_op in ("<", "<=", ">", ">=", "==", "!="):
            verdict = balls.compare(self._range(condition.lhs), condition.rel_op, self._range(condition.rhs))
            if verdict is not None:
                return verdict
        raise Undecided(f"{condition} is not certain on the stretch")


_CONSTANTS: dict[Basic, Callable[[], arb]] = {S.Pi: arb.pi, S.Exp1: arb.const_e, S.EulerGamma: arb.const_euler}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": arb_series.sin,
    "cos": arb_series.cos,
    "erf": arb_series.erf,
    "erfc": arb_series.erfc,
}
_BY_EXPONENTIALS: dict[str, Callable[[Expr], Expr]] = {
    "tanh": lambda u: (sp.exp(2 * u) - 1) / (sp.exp(2 * u) + 1),
    "cosh": lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
    "sinh": lambda u: (sp.exp(u) - sp.exp(-u)) / 2,
}


def _up(x: arb) -> float:
    """A float that is at least x ≥ 0."""
    upper = x.upper()
    value = float(upper)
    while not value >= upper:
        value = math.nextafter(value, math.inf)
    return value
