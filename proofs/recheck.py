# SPDX-License-Identifier: BSD-3-Clause
"""A second opinion on every equation: both sides are evaluated at random points of a finite field.

Trusted only to reject. It shares no code with the normal form: it walks the term as it stands, with
integers made concrete, and computes modulo the prime p = 2¹²⁷ + 56991. Since p ≡ 7 (mod 8), −1 has no
square root: complex numbers are 𝔽ₚ[i] with the usual conjugate, squares play the positive numbers (all
primes up to 23 are squares), and "the root that is a square" is multiplicative as √ is. e^m and e^{im}
are random images of the monomial m, so the addition formulas hold and nothing else does. By Schwartz and
Zippel a false identity of degree D between such quantities survives one point with probability at most
2D/p.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

import sympy
from sympy import Basic, Expr, Product, S, Sum, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from .signs import Fact
from .terms import BINDERS, Undecided, is_integer, is_real

P = 2**127 + 56991
_DENOMINATORS = 5040  # exponents up to tenths and their combinations
_POINTS = 8
_TRIES = 400
_LONGEST_RANGE = 4096

Number = tuple[int, int]  # a + bi modulo P
Environment = dict[Basic, int]


class _Resample(Exception):
    """This point has no value (a root of a non-square, a zero denominator): draw another."""


@dataclass
class _Point:
    rng: random.Random
    integers: Environment
    table: dict[object, Number] = field(default_factory=dict)

    # --- draws ---------------------------------------------------------------------------------------------------

    def real(self, key: object) -> Number:
        """A random square, the same for the same key."""
        if key not in self.table:
            self.table[key] = (pow(self.rng.randrange(1, P), 2, P), 0)
        return self.table[key]

    def complex(self, key: object) -> Number:
        if key not in self.table:
            self.table[key] = (self.rng.randrange(P), self.rng.randrange(P))
        return self.table[key]

    def unit(self, key: object) -> Number:
        """A random point of the circle a² + b² = 1."""
        if key not in self.table:
            t = self.rng.randrange(1, P)
            inverse = pow(1 + t * t, -1, P)
            self.table[key] = ((1 - t * t) * inverse % P, 2 * t * inverse % P)
        return self.table[key]

    # --- integers ------------------------------------------------------------------------------------------------

    def integer(self, e: Expr, env: Environment) -> int | None:
        """The integer that a term is at this point, if its variables are concrete."""
        if e.is_Integer:
            return int(e)
        if isinstance(e, Symbol):
            return env.get(e, self.integers.get(e))
        if isinstance(e, Indexed) and is_integer(e):
            place = tuple(self.index(i, env) for i in e.indices)
            return self.table.setdefault((str(e.base), place), (self.rng.randint(1, 5), 0))[0]
        if not is_integer(e) or isinstance(e, AppliedUndef):
            return None
        parts = [self.integer(a, env) for a in e.args]
        if isinstance(e, (Sum, Product)) or any(p is None for p in parts):
            return None
        value = e.func(*(sympy.Integer(p) for p in parts))
        return int(value) if value.is_Integer else None

    def index(self, e: Expr, env: Environment) -> object:
        value = self.integer(e, env)
        return self.value(e, env) if value is None else value

    def span(self, e: Expr, env: Environment) -> tuple[Expr, Symbol, range]:
        """Body, variable and values of the outermost of the sums that SymPy writes as one."""
        *inner, (variable, lower, upper) = e.limits
        low, high = self.integer(lower, env), self.integer(upper, env)
        if low is None or high is None:
            raise Undecided(f"limits are not concrete: {e}")
        if high - low > _LONGEST_RANGE:
            raise Undecided(f"range too long for the second check: {e}")
        return e.func(e.function, *inner) if inner else e.function, variable, range(low, high + 1)

    # --- values --------------------------------------------------------------------------------------------------

    def value(self, e: Expr, env: Environment) -> Number:
        whole = self.integer(e, env)
        if whole is not None:
            return whole % P, 0
        if e.is_Rational:
            return _times((int(e.p) % P, 0), _inverse((int(e.q) % P, 0)))
        if isinstance(e, Symbol) or e in (S.Pi, S.EulerGamma):
            return self.real(e) if is_real(e) else self.complex(e)
        if e == S.ImaginaryUnit:
            return 0, 1
        if e.is_Add:
            total = (0, 0)
            for a in e.args:
                total = _plus(total, self.value(a, env))
            return total
        if e.is_Mul:
            return self._product([self.value(a, env) for a in e.args])
        if isinstance(e, (Sum, Product)):
            body, variable, span = self.span(e, env)
            values = [self.value(body, {**env, variable: k}) for k in span]
            return self._sum(values) if isinstance(e, Sum) else self._product(values)
        if e.is_Pow or isinstance(e, sympy.exp) or e == S.Exp1:
            return self._power(e, env)
        if isinstance(e, sympy.log):
            return self._sum([_times(_rational(c), v) for c, v in self._log(e.args[0], env)])
        return self._function(e, env)

    def _sum(self, values: Sequence[Number]) -> Number:
        return sum(a for a, _ in values) % P, sum(b for _, b in values) % P

    def _product(self, values: Sequence[Number]) -> Number:
        total = (1, 0)
        for v in values:
            total = _times(total, v)
        return total

    def _function(self, e: Expr, env: Environment) -> Number:
        if isinstance(e, (sympy.cos, sympy.sin, sympy.cosh, sympy.sinh, sympy.tan, sympy.tanh)):
            return self._circular(e, env)
        if isinstance(e, sympy.Abs):
            a, b = self.value(e.args[0], env)
            return _root((a * a + b * b) % P), 0
        if isinstance(e, (sympy.conjugate, sympy.re, sympy.im)):
            a, b = self.value(e.args[0], env)
            return {sympy.conjugate: (a, -b % P), sympy.re: (a, 0), sympy.im: (b, 0)}[e.func]
        if isinstance(e, sympy.erfc):
            a, b = self.value(sympy.erf(e.args[0]), env)
            return (1 - a) % P, -b % P
        if isinstance(e, Indexed):
            key: object = (str(e.base), *(self.index(i, env) for i in e.indices))
        elif isinstance(e, AppliedUndef):
            key = (e.func.__name__, *(self.index(a, env) for a in e.args))
        elif isinstance(e, sympy.Piecewise):
            pieces = [value for value, condition in e.args if self._applies(condition, env)]
            if not pieces:
                raise Undecided(f"no piece applies: {e}")
            return self.value(pieces[0], env)
        elif isinstance(e, (sympy.Max, sympy.Min)):
            key = (e.func.__name__, frozenset(self.value(a, env) for a in e.args))
        elif isinstance(
            e,
            (sympy.erf, sympy.floor, sympy.ceiling, sympy.Mod, sympy.atan, sympy.Si, sympy.Ci, sympy.LambertW),
        ):
            key = (e.func.__name__, *(self.value(a, env) for a in e.args))
        else:
            raise Undecided(f"the second check does not know {e.func.__name__}")
        return self.real(key) if is_real(e) else self.complex(key)

    def _applies(self, condition: Basic, env: Environment) -> bool:
        """True for the condition of the last piece; for another one a coin, thrown once."""
        sides = [self.value(side, env) for side in condition.args]
        return condition == S.true or self.real((type(condition).__name__, *sides))[0] % 2 == 0

    def _circular(self, e: Expr, env: Environment) -> Number:
        u = e.args[0]
        i = S.One if isinstance(e, (sympy.cosh, sympy.sinh, sympy.tanh)) else S.ImaginaryUnit
        up = self._exp([(c, p, v, log) for c, p, v, log in self._monomials(u * i, env)])
        down = _inverse(up)
        plus, minus = _plus(up, down), _plus(up, _times((P - 1, 0), down))
        half = _rational(Fraction(1, 2))
        over_i = (1, 0) if i == S.One else (0, P - 1)
        if isinstance(e, (sympy.cos, sympy.cosh)):
            return _times(half, plus)
        if isinstance(e, (sympy.sin, sympy.sinh)):
            return _times(half, _times(minus, over_i))
        return _times(_times(minus, over_i), _inverse(plus))

    # --- exponentials: structure, since no homomorphism from sums to products acts on values -----------------------

    def _power(self, e: Expr, env: Environment) -> Number:
        if isinstance(e, sympy.exp) or e == S.Exp1:
            return self._exp(self._monomials(e.args[0] if e.args else S.One, env))
        base, exponent = e.args
        n = self.integer(exponent, env)
        if n is not None:
            value = self.value(base, env)
            if n < 0 and value == (0, 0):
                raise _Resample
            return _power(value if n >= 0 else _inverse(value), abs(n))
        if exponent.is_Rational:
            return self._rational_power(self.value(base, env), Fraction(int(exponent.p), int(exponent.q)))
        if base == S.Exp1:
            return self._exp(self._monomials(exponent, env))
        exponents = self._monomials(exponent, env)
        logs = self._log_monomials(base, env)
        return self._exp([_join(x, y) for x in exponents for y in logs])

    def _rational_power(self, value: Number, c: Fraction) -> Number:
        if c.denominator == 2 and value[1] == 0:
            root = (_root(value[0]), 0)
            if c < 0 and root == (0, 0):
                raise _Resample
            return _power(root if c > 0 else _inverse(root), abs(c.numerator))
        if c.denominator == 1:
            return _power(value if c >= 0 else _inverse(value), abs(c.numerator))
        raise Undecided(f"the second check does not take {c}-th powers")

    def _monomials(self, e: Expr, env: Environment) -> list[tuple[Fraction, int, Number, Expr | None]]:
        """A term as Σ c · i^p · m, with m by its value; a factor log b that stands alone is kept as b."""
        whole = self.integer(e, env)
        if whole is not None:
            return [(Fraction(whole), 0, (1, 0), None)]
        if e.is_Rational:
            return [(Fraction(int(e.p), int(e.q)), 0, (1, 0), None)]
        if e == S.ImaginaryUnit:
            return [(Fraction(1), 1, (1, 0), None)]
        if e.is_Add:
            return [m for a in e.args for m in self._monomials(a, env)]
        if isinstance(e, Sum):
            body, variable, span = self.span(e, env)
            return [m for k in span for m in self._monomials(body, {**env, variable: k})]
        if e.is_Mul or (e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 8):
            factors = list(e.args) if e.is_Mul else [e.base] * int(e.exp)
            result: list[tuple[Fraction, int, Number, Expr | None]] = [(Fraction(1), 0, (1, 0), None)]
            for f in factors:
                result = [_join(x, y) for x in result for y in self._monomials(f, env)]
            return result
        if isinstance(e, sympy.log):
            return self._log_monomials(e.args[0], env)
        return [(Fraction(1), 0, self.value(e, env), None)]

    def _log_monomials(self, e: Expr, env: Environment) -> list[tuple[Fraction, int, Number, Expr | None]]:
        return [(c, 0, v, None) for c, v in self._log(e, env)]

    def _log(self, e: Expr, env: Environment) -> list[tuple[Fraction, Number]]:
        """log e as Σ c · L(factor); L of a factor is a random number, remembered with the factor."""
        whole = self.integer(e, env)
        if whole is not None or e.is_Rational:
            q = Fraction(whole) if whole is not None else Fraction(int(e.p), int(e.q))
            if q <= 0:
                raise Undecided(f"log of {q}")
            primes = {**sympy.factorint(q.numerator), **{p: -k for p, k in sympy.factorint(q.denominator).items()}}
            return [(Fraction(int(k)), self._letter((int(p), 0))) for p, k in primes.items()]
        if e.is_Mul:
            return [m for a in e.args for m in self._log(a, env)]
        if isinstance(e, Product):
            body, variable, span = self.span(e, env)
            return [m for k in span for m in self._log(body, {**env, variable: k})]
        if isinstance(e, sympy.exp) or e == S.Exp1:
            return [(c, v) for c, p, v, _ in self._monomials(e.args[0] if e.args else S.One, env) if p == 0]
        if e.is_Pow and e.exp.is_Rational:
            c = Fraction(int(e.exp.p), int(e.exp.q))
            return [(c * d, v) for d, v in self._log(e.base, env)]
        if e.is_Pow:
            exponents = self._monomials(e.exp, env)
            return [(c * d, _times(v, w)) for c, _, v, _ in exponents for d, w in self._log(e.base, env)]
        return [(Fraction(1), self._letter(self.value(e, env)))]

    def _letter(self, value: Number) -> Number:
        letter = self.real(("log", value))
        self.table[("unlog", letter)] = value
        return letter

    def _exp(self, monomials: list[tuple[Fraction, int, Number, Expr | None]]) -> Number:
        merged: dict[tuple[int, Number], Fraction] = {}
        for c, p, v, _ in monomials:
            sign = -1 if p % 4 in {2, 3} else 1
            merged[p % 2, v] = merged.get((p % 2, v), Fraction(0)) + sign * c
        total = (1, 0)
        for (p, v), c in merged.items():
            base = self.table.get(("unlog", v)) if p == 0 else None
            if base is not None:
                total = _times(total, self._rational_power(base, c))
                continue
            exponent = c * _DENOMINATORS
            if exponent.denominator != 1:
                raise Undecided(f"coefficient {c} in an exponent")
            root = self.real(("exp", v)) if p == 0 else self.unit(("cis", v))
            total = _times(total, _power(root if exponent >= 0 else _inverse(root), abs(int(exponent))))
        return total


_Monomial = tuple[Fraction, int, Number, "Expr | None"]


def _join(x: _Monomial, y: _Monomial) -> _Monomial:
    return x[0] * y[0], x[1] + y[1], _times(x[2], y[2]), None


def _plus(x: Number, y: Number) -> Number:
    return (x[0] + y[0]) % P, (x[1] + y[1]) % P


def _times(x: Number, y: Number) -> Number:
    return (x[0] * y[0] - x[1] * y[1]) % P, (x[0] * y[1] + x[1] * y[0]) % P


def _inverse(x: Number) -> Number:
    norm = (x[0] * x[0] + x[1] * x[1]) % P
    if not norm:
        raise _Resample
    inverse = pow(norm, -1, P)
    return x[0] * inverse % P, -x[1] * inverse % P


def _power(x: Number, n: int) -> Number:
    result = (1, 0)
    while n:
        if n & 1:
            result = _times(result, x)
        x, n = _times(x, x), n >> 1
    return result


def _rational(c: Fraction) -> Number:
    return c.numerator * pow(c.denominator, -1, P) % P, 0


def _root(x: int) -> int:
    """The square root that is itself a square."""
    root = pow(x, (P + 1) // 4, P)
    if root * root % P != x:
        raise _Resample
    return root


@lru_cache(maxsize=2**16)
def _holds(fact: Relational, variables: tuple[Symbol, ...], values: tuple[int, ...]) -> bool:
    """Whether a fact about these variables and nothing else is true at these integers."""
    return bool(fact.subs(dict(zip(variables, values, strict=True))) == S.true)


_About = tuple[Relational, tuple[Symbol, ...]]


def _about(facts: Sequence[Fact], symbols: Sequence[Symbol]) -> list[_About]:
    """The facts that speak of some of these symbols and of nothing else, each with those that it speaks of."""
    plain = [f for f in facts if isinstance(f, Relational) and not f.has(Indexed, AppliedUndef, *BINDERS, sympy.Limit)]
    known = set(symbols)
    return [
        (f, tuple(s for s in symbols if s in f.free_symbols))
        for f in plain
        if f.free_symbols and f.free_symbols <= known
    ]


def _concrete(about: Sequence[_About], symbols: Sequence[Symbol], rng: random.Random) -> Environment:
    """Small integers for the integer variables that satisfy the facts about them."""
    for _ in range(_TRIES):
        values = {s: rng.randint(-2, 6) for s in symbols}
        if all(_holds(f, its, tuple(values[s] for s in its)) for f, its in about):
            return dict(values)
    raise Undecided("no small integers satisfy the facts")


def agree(left: Expr, right: Expr, facts: Sequence[Fact], seed: int = 0) -> None:
    """``Undecided`` unless both sides have the same value at random points."""
    rng = random.Random(seed)
    symbols = [f for f in facts if isinstance(f, Relational)]
    integers = sorted({s for e in (left, right, *symbols) for s in e.atoms(Symbol) if s.is_integer}, key=str)
    about = _about(facts, integers)
    done = 0
    for _ in range(_TRIES):
        point = _Point(rng, _concrete(about, integers, rng))
        try:
            if point.value(left, {}) != point.value(right, {}):
                raise Undecided("the sides differ at a random point of the finite field")
        except (_Resample, ValueError):
            continue
        done += 1
        if done == _POINTS:
            return
    raise Undecided("no random point at which both sides have a value")
