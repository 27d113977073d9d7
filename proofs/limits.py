# SPDX-License-Identifier: BSD-3-Clause
"""The algebra of limits: continuity, and ±∞ where the result is determinate.

Trusted. ``lim`` descends through the term; 0·∞, ∞ − ∞, oscillation, and a sign that is not known are
refused, never guessed. (SymPy's ``limit`` is not used: it returns wrong values silently.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Abs, Expr, Limit, Product, S, Sum, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from . import signs
from .signs import Fact
from .terms import Undecided, bind, binder, free, free_in, is_real, rebuild

_INFINITE = (S.Infinity, S.NegativeInfinity)
_AT_INFINITY: dict[Any, tuple[Expr, Expr]] = {
    sympy.tanh: (S.NegativeOne, S.One),
    sympy.erf: (S.NegativeOne, S.One),
    sympy.erfc: (S(2), S.Zero),
    sympy.atan: (-S.Pi / 2, S.Pi / 2),
}


def limit(target: Limit, facts: Sequence[Fact]) -> Expr:
    """The limit as a term, or ±∞; ``Undecided`` when the algebra of limits does not give one."""
    e, x, point, direction = target.args
    if not x.is_real or any(x in free_in(f) for f in facts):
        raise Undecided(f"{x} must be a real variable about which nothing is assumed")
    if point not in _INFINITE:
        signs.require_defined(point, facts)
        if x.is_integer or not is_real(point):
            raise Undecided(f"{x} does not tend to {point}")
    return _Algebra(x, point, [*facts, *neighbourhood(x, point, str(direction))], facts).limit(e)


def neighbourhood(x: Symbol, point: Expr, direction: str) -> list[Relational]:
    """Facts that hold for all x close enough to the point on its side."""
    if point == S.Infinity:
        return [Gt(x, 1, evaluate=False)]
    if point == S.NegativeInfinity:
        return [Lt(x, -1, evaluate=False)]
    if direction == "+":
        return [Gt(x, point, evaluate=False), Lt(x, point + 1, evaluate=False)]
    if direction == "-":
        return [Lt(x, point, evaluate=False), Gt(x, point - 1, evaluate=False)]
    raise Undecided("a limit is taken from one side")


def holds_near(h: object, x: Symbol, point: Expr, direction: str, facts: Sequence[Fact]) -> bool:
    """Whether a hypothesis about x holds for all x close enough to the point on its side."""
    if not isinstance(h, Relational):
        return False
    near = neighbourhood(x, point, direction)
    for side in h.args:
        signs.require_defined(side, [*facts, *near])
    r = h if h.lhs == x else h.reversed
    if r.lhs == x and x not in free(r.rhs):
        bound = r.rhs
        if isinstance(r, (Gt, Ge)):
            if point == S.Infinity:
                return is_real(bound)
            if point not in _INFINITE and signs.positive(point - bound, facts):
                return True
        if isinstance(r, (Lt, Le)):
            if point == S.NegativeInfinity:
                return is_real(bound)
            if point not in _INFINITE and signs.positive(bound - point, facts):
                return True
    return signs.entails([*facts, *near], h)


class _Algebra:
    def __init__(self, x: Symbol, point: Expr, near: Sequence[Fact], facts: Sequence[Fact]) -> None:
        self.x, self.point, self.near, self.facts = x, point, list(near), list(facts)

    def limit(self, e: Expr) -> Expr:
        if self.x not in free(e):
            signs.require_defined(e, self.facts)
            return e
        if e == self.x:
            return self.point
        if e.is_Add:
            return self._sum([self.limit(a) for a in e.args])
        if e.is_Mul:
            return self._multiplied(e)
        if e.is_Pow:
            return self._power(e)
        if isinstance(e, sympy.exp):
            value = self.limit(e.args[0])
            if value in _INFINITE:
                return S.Infinity if value == S.Infinity else S.Zero
            return sympy.exp(value)
        if isinstance(e, sympy.log):
            return self._log(e.args[0])
        if isinstance(e, (Sum, Product)):
            return self._finite(e)
        return self._continuous(e)

    def _sum(self, values: list[Expr]) -> Expr:
        infinite = {v for v in values if v in _INFINITE}
        if len(infinite) > 1:
            raise Undecided("∞ − ∞")
        return infinite.pop() if infinite else sympy.Add(*values)

    def _multiplied(self, e: Expr) -> Expr:
        try:
            return self._product([self.limit(a) for a in e.args])
        except Undecided:
            if self._outgrown(e):
                return S.Zero
            raise

    def _product(self, values: list[Expr]) -> Expr:
        if not any(v in _INFINITE for v in values):
            return sympy.Mul(*values)
        sign = 1
        for v in values:
            if v == S.NegativeInfinity or (v not in _INFINITE and signs.positive(-v, self.facts)):
                sign = -sign
            elif v != S.Infinity and not signs.positive(v, self.facts):
                raise Undecided(f"0 · ∞, or a factor of unknown sign: {v}")
        return S.Infinity if sign > 0 else S.NegativeInfinity

    def _outgrown(self, e: Expr) -> bool:
        """Whether a factor exp(p) → 0 for a polynomial p outgrows the others: polynomials, and what has a limit."""
        exponents = [a.args[0] for a in e.args if isinstance(a, sympy.exp) and self.x in free(a)]
        if self.point not in _INFINITE or not exponents:
            return False
        total = sympy.Add(*exponents)
        if not total.is_polynomial(self.x) or not is_real(total):
            return False
        p = sympy.Poly(total, self.x)
        lead = p.LC() if self.point == S.Infinity or p.degree() % 2 == 0 else -p.LC()
        if p.degree() < 1 or self.x in free(lead) or not signs.positive(-lead, self.facts):
            return False
        others = [a for a in e.args if not (isinstance(a, sympy.exp) and self.x in free(a))]
        polynomials = [a for a in others if a.is_polynomial(self.x)]
        for a in (total, *polynomials):
            signs.require_defined(a, self.near)
        return all(self.limit(a) not in _INFINITE for a in others if a not in polynomials)

    def _power(self, e: Expr) -> Expr:
        base, exponent = e.args
        if self.x in free(exponent):
            if self.x in free(base) or not signs.positive(base, self.facts):
                raise Undecided(f"no limit rule for {e}")
            return self.limit(sympy.exp(sympy.Mul(exponent, sympy.log(base), evaluate=False), evaluate=False))
        value = self.limit(base)
        if not exponent.is_Rational:
            raise Undecided(f"no limit rule for {e}")
        if value in _INFINITE:
            return self._infinite_power(value, exponent)
        if exponent > 0:
            root = not exponent.is_Integer
            if root and not (signs.nonnegative(base, self.near) and signs.nonnegative(value, self.facts)):
                raise Undecided(f"root of a number of unknown sign: {base}")
            return value**exponent
        if value != 0:
            known = signs.nonzero if exponent.is_Integer else signs.positive
            if not known(value, self.facts):
                raise Undecided(f"the denominator may tend to 0: {base}")
            return value**exponent
        if signs.positive(base, self.near):
            return S.Infinity
        if exponent.is_Integer and signs.positive(-base, self.near):
            return S.Infinity if exponent % 2 == 0 else S.NegativeInfinity
        raise Undecided(f"the sign of a denominator that tends to 0 is not known: {base}")

    def _infinite_power(self, value: Expr, exponent: Expr) -> Expr:
        if value == S.NegativeInfinity and not exponent.is_Integer:
            raise Undecided("root of −∞")
        if exponent < 0:
            return S.Zero
        return S.NegativeInfinity if value == S.NegativeInfinity and exponent % 2 == 1 else S.Infinity

    def _log(self, inner: Expr) -> Expr:
        value = self.limit(inner)
        if value == S.Infinity:
            return value
        if value == 0 and signs.positive(inner, self.near):
            return S.NegativeInfinity
        if value in _INFINITE or not signs.positive(value, self.facts):
            raise Undecided(f"log of a number not known to be positive: {inner}")
        return sympy.log(value)

    def _finite(self, e: Expr) -> Expr:
        """A sum or product over a fixed range of terms that all have finite limits."""
        body, i, lower, upper = binder(e)
        if {self.x, i} & (free(lower) | free(upper)) or i == self.x:
            raise Undecided("the range depends on the variable of the limit")
        inside = [Le(lower, i, evaluate=False), Le(i, upper, evaluate=False)]
        if any(i in free_in(f) for f in self.near):
            raise Undecided(f"something is assumed about {i}")
        value = _Algebra(self.x, self.point, [*self.near, *inside], [*self.facts, *inside]).limit(body)
        if value in _INFINITE:
            raise Undecided("a term of a sum or product is unbounded")
        return bind(e.func, value, i, lower, upper)

    def _continuous(self, e: Expr) -> Expr:
        values = [self.limit(a) for a in e.args]
        if e.func in _AT_INFINITY and values[0] in _INFINITE:
            return _AT_INFINITY[e.func][values[0] == S.Infinity]
        if any(v in _INFINITE for v in values):
            if isinstance(e, Abs):
                return S.Infinity
            raise Undecided(f"{e.func.__name__} has no limit at ∞")
        if isinstance(e, (sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, Abs, sympy.Max, sympy.Min, *_AT_INFINITY)):
            return rebuild(e, values)
        raise Undecided(f"no limit rule for {e.func.__name__}")
