# SPDX-License-Identifier: BSD-3-Clause
"""The normal form behind ``ring`` and ``field``: polynomials with rational coefficients in generators.

Trusted. A term becomes a Laurent polynomial over ℚ. Generators are variables, family members and
opaque terms, and

* ``cis(m)`` = e^{im} for a real monomial m, so that sin, cos and the addition formulas are exponents;
* ``exp(m)`` likewise, and logarithms split into logarithms of positive factors;
* one generator for each denominator and root that is not a monomial, with its power as relation;
* sums and products over a canonical index that starts at 0, linear (multiplicative) in the body, with
  a constant number of last terms taken off, so that the step of an induction is a calculation.

Every denominator, root and logarithm that is met is an obligation: it is discharged from the facts, or
the term has no normal form. Two terms with equal normal forms are equal wherever the facts hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import TypeVar

import sympy
from sympy import Expr, Product, S, Sum, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Le
from sympy.tensor.indexed import Indexed

from . import signs
from .signs import Fact
from .terms import BINDERS, Undecided, bind, binder, free, free_in, index_name, is_integer, is_real, substitute

Monomial = tuple[tuple[int, Fraction], ...]
Polynomial = dict[Monomial, Fraction]
_Result = TypeVar("_Result")

ONE: Monomial = ()
_LARGEST_POWER = 64
_LARGEST_UNROLLING = 64


@dataclass(frozen=True)
class Generator:
    """A basic quantity: what it is (``key``), as a term, and the polynomial that it stands for, if any.

    ``square`` reduces g² (|z|² = z·z̄), ``value`` reduces g (a denominator or radicand), ``period``
    is the exponent at which the generator is 1 (i: 4, (−1)^n: 2).
    """

    key: tuple[object, ...]
    term: Expr
    square: Polynomial | None = None
    value: Polynomial | None = None
    period: int = 0


@dataclass
class Normalizer:
    """Shared state of the terms that are compared: generators, facts, and the axioms that were used."""

    facts: list[Fact]
    generators: list[Generator] = field(default_factory=list)
    index: dict[tuple[object, ...], int] = field(default_factory=dict)
    axioms: set[str] = field(default_factory=set)
    depth: int = 0
    apart: bool = False  # roots of products are taken factor by factor
    could_split: bool = False  # there was such a root

    # --- polynomials ---------------------------------------------------------------------------------------------

    def generator(self, key: tuple[object, ...], term: Expr, **rules: object) -> int:
        if key not in self.index:
            self.index[key] = len(self.generators)
            self.generators.append(Generator(key, term, **rules))  # type: ignore[arg-type]  # rules are its fields
        return self.index[key]

    def add(self, *polynomials: Polynomial) -> Polynomial:
        result: Polynomial = {}
        for p in polynomials:
            for mono, c in p.items():
                result[mono] = result.get(mono, Fraction(0)) + c
        return {m: c for m, c in result.items() if c}

    def scale(self, p: Polynomial, c: Fraction) -> Polynomial:
        return {m: c * d for m, d in p.items()} if c else {}

    def times(self, p: Polynomial, q: Polynomial) -> Polynomial:
        parts: Polynomial = {}
        for m1, c1 in p.items():
            for m2, c2 in q.items():
                exponents = dict(m1)
                for g, e in m2:
                    exponents[g] = exponents.get(g, Fraction(0)) + e
                for mono, c in self.reduce(exponents).items():
                    parts[mono] = parts.get(mono, Fraction(0)) + c * c1 * c2
        return {m: c for m, c in parts.items() if c}

    def reduce(self, exponents: dict[int, Fraction]) -> Polynomial:
        """One power product with its generators' relations applied."""
        exponents = {g: e for g, e in exponents.items() if e}
        for g, e in exponents.items():
            rule = self.generators[g]
            whole = e.numerator // e.denominator
            rest = dict(exponents)
            if rule.period and not 0 <= e < rule.period:
                rest[g] = e % rule.period
                return self.reduce(rest)
            if rule.key == ("I",) and e >= 2:
                rest[g] = e - 2
                return self.scale(self.reduce(rest), Fraction(-1))
            if rule.key[0] == "prime" and whole:
                rest[g] = e - whole
                return self.scale(self.reduce(rest), Fraction(int(rule.key[1])) ** whole)  # type: ignore[call-overload]  # keys are objects
            if rule.value is not None and e >= 1:
                rest[g] = e - whole
                return self.times(self.power(rule.value, whole), self.reduce(rest))
            if rule.square is not None and e >= 2:
                rest[g] = e - 2 * (whole // 2)
                return self.times(self.power(rule.square, whole // 2), self.reduce(rest))
        return {tuple(sorted(exponents.items())): Fraction(1)}

    def power(self, p: Polynomial, n: int) -> Polynomial:
        if not 0 <= n <= _LARGEST_POWER:
            raise Undecided(f"power {n} is too large to expand")
        result: Polynomial = {ONE: Fraction(1)}
        for _ in range(n):
            result = self.times(result, p)
        return result

    def one(self, g: int, exponent: Fraction | int = 1) -> Polynomial:
        return self.reduce({g: Fraction(exponent)})

    def term(self, mono: Monomial, c: Fraction = Fraction(1)) -> Expr:
        return sympy.Mul(_rational(c), *(self.generators[g].term ** _rational(e) for g, e in mono))

    def expression(self, p: Polynomial) -> Expr:
        return sympy.Add(*(self.term(m, c) for m, c in p.items()))

    # --- terms ---------------------------------------------------------------------------------------------------

    def normal(self, e: Expr) -> Polynomial:
        """The normal form of a term; ``Undecided`` when an obligation is not met."""
        if e.is_Rational:
            return {ONE: Fraction(int(e.p), int(e.q))} if e.p else {}
        if e.is_Add:
            return self.add(*(self.normal(a) for a in e.args))
        if e.is_Mul:
            result: Polynomial = {ONE: Fraction(1)}
            for a in e.args:
                result = self.times(result, self.normal(a))
            return result
        if e == S.ImaginaryUnit:
            return self.one(self._i())
        if e == S.Exp1:
            return self.exponential({ONE: Fraction(1)})
        if e.is_Pow:
            return self._power_term(e)
        if e.is_Float or e.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
            raise Undecided(f"not an exact finite term: {e}")
        rule = _RULES.get(e.func)
        if rule is not None:
            return rule(self, e)
        return self._opaque(e)

    def _i(self) -> int:
        return self.generator(("I",), S.ImaginaryUnit, period=4)

    def _opaque(self, e: Expr) -> Polynomial:
        if isinstance(e, Symbol) or e in (S.Pi, S.EulerGamma):
            return self.one(self.generator(("symbol", e), e))
        if isinstance(e, (*BINDERS, sympy.Limit)) or (e.is_Atom and not isinstance(e, Indexed)):
            raise Undecided(f"no normal form for {e.func.__name__}: {e}")
        signs.require_defined(e, self.facts)
        if isinstance(e, sympy.Piecewise):
            return self._pieces(e)
        arguments = [self.normal(a) for a in (e.indices if isinstance(e, Indexed) else e.args)]
        keys = tuple(frozenset(p.items()) for p in arguments)
        if isinstance(e, Indexed):
            key: tuple[object, ...] = ("member", e.base, *keys)
        elif isinstance(e, AppliedUndef):
            key = ("call", e.func, *keys)
        elif isinstance(e, (sympy.Max, sympy.Min)):
            key = (e.func.__name__, frozenset(keys))
        else:
            key = (e.func.__name__, *keys)
        return self.one(self.generator(key, self._named(e, arguments)))

    def _pieces(self, e: sympy.Piecewise) -> Polynomial:
        """Σ valueₖ·[piece k applies], with [..]² = [..]; one quantity where a value exists only in its piece."""
        self.axioms.add("pieces")
        *before, (last, _) = e.args
        try:
            otherwise = self.normal(last)
            rises = [self.add(self.normal(value), self.scale(otherwise, Fraction(-1))) for value, _ in before]
        except Undecided:
            return self.one(self.generator(("pieces", e), e))
        total = otherwise
        for k, rise in enumerate(rises):
            conditions = [(S.One if m == k else S.Zero, condition) for m, (_, condition) in enumerate(before[: k + 1])]
            applies = sympy.Piecewise(*conditions, (S.Zero, True), evaluate=False)
            itself: Polynomial = {
                ((self.index.get(("applies", applies), len(self.generators)), Fraction(1)),): Fraction(1)
            }
            self.generator(("applies", applies), applies, square=itself)
            total = self.add(total, self.times(rise, itself))
        return total

    def _named(self, e: Expr, arguments: Sequence[Polynomial]) -> Expr:
        """The term of a generator. Below a binder its arguments were reduced by facts that hold only there."""
        if not self.depth:
            return e
        reduced = [self.expression(p) for p in arguments]
        return e.base[tuple(reduced)] if isinstance(e, Indexed) else e.func(*reduced)

    def key(self, e: Expr) -> object:
        return frozenset(self.normal(e).items())

    # --- powers, exponentials, logarithms ------------------------------------------------------------------------

    def _power_term(self, e: Expr) -> Polynomial:
        base, exponent = e.args
        if exponent.is_Integer:
            n = int(exponent)
            if n >= 0:
                return self.power(self.normal(base), n)
            return self.power(self.inverse(base), -n)
        if exponent.is_Rational:
            return self._root(base, Fraction(int(exponent.p), int(exponent.q)))
        if signs.positive(base, self.facts):
            self.axioms.add("exp-log")
            return self.exponential(self.times(self.normal(exponent), self.logarithm(base)))
        if is_integer(exponent):
            return self._integer_power(base, exponent)
        raise Undecided(f"real power of a number not known to be positive: {e}")

    def inverse(self, base: Expr) -> Polynomial:
        if not signs.nonzero(base, self.facts):
            raise Undecided(f"denominator may be zero: {base}")
        p = self.normal(base)
        if not p:
            raise Undecided(f"denominator is zero: {base}")
        if len(p) == 1:
            ((mono, c),) = p.items()
            return self.scale(self.reduce({g: -e for g, e in mono}), 1 / c)
        c, mono, rest = self.primitive(p)
        inverse = self.one(self._compound(rest), -1)
        return self.scale(self.times(inverse, self.reduce({g: -e for g, e in mono})), 1 / c)

    def primitive(self, p: Polynomial) -> tuple[Fraction, Monomial, Polynomial]:
        """p = c · mono · rest, with rest free of monomial factors and its first coefficient 1."""
        lowest = {
            g: min(dict(m).get(g, Fraction(0)) for m in p) for g in {g for m in p for g, _ in m} if self._free_power(g)
        }
        mono = tuple(sorted((g, e) for g, e in lowest.items() if e))
        rest = self.times(p, {tuple((g, -e) for g, e in mono): Fraction(1)}) if mono else p
        lead = rest[min(rest)]
        return lead, mono, self.scale(rest, 1 / lead)

    def _free_power(self, g: int) -> bool:
        rule = self.generators[g]
        return not (rule.period or rule.square or rule.value or rule.key[0] == "prime")

    def _compound(self, p: Polynomial) -> int:
        return self.generator(("compound", frozenset(p.items())), self.expression(p), value=p)

    def _root(self, base: Expr, exponent: Fraction) -> Polynomial:
        if not (signs.positive(base, self.facts) or (exponent > 0 and signs.nonnegative(base, self.facts))):
            raise Undecided(f"root of a number of unknown sign: {base}")
        self.axioms.add("root")
        p = self.normal(base)
        if not p:
            return {}
        if len(p) == 1:
            ((mono, c),) = p.items()
            if c > 0 and all(self._positive(g, exponent) for g, _ in mono):
                return self.times(self._rational_power(c, exponent), self.reduce({g: e * exponent for g, e in mono}))
        if base.is_Mul and all(
            signs.positive(a, self.facts) or (exponent > 0 and signs.nonnegative(a, self.facts)) for a in base.args
        ):
            self.could_split = True
            if self.apart:
                result: Polynomial = {ONE: Fraction(1)}
                for a in base.args:
                    result = self.times(result, self._root(a, exponent))
                return result
        c, whole = self._content(p)
        return self.times(self._rational_power(c, exponent), self.one(self._compound(whole), exponent))

    def _content(self, p: Polynomial) -> tuple[Fraction, Polynomial]:
        c = abs(p[min(p)])
        return c, self.scale(p, 1 / c)

    def _positive(self, g: int, exponent: Fraction) -> bool:
        rule = self.generators[g]
        if rule.key[0] in {"prime", "exp"}:
            return is_real(rule.term)
        if rule.key[0] in {"I", "cis"}:
            return False
        sign = signs.nonnegative if exponent > 0 else signs.positive
        return sign(rule.term, self.facts)

    def _rational_power(self, c: Fraction, exponent: Fraction) -> Polynomial:
        result: Polynomial = {ONE: Fraction(1)}
        for prime, e in self._primes(c):
            g = self.generator(("prime", prime), sympy.Integer(prime))
            result = self.times(result, self.one(g, e * exponent))
        return result

    def _primes(self, c: Fraction) -> list[tuple[int, int]]:
        if max(c.numerator, c.denominator) > 10**12:
            raise Undecided(f"number too large to factor: {c}")
        up, down = sympy.factorint(c.numerator), sympy.factorint(c.denominator)
        return [(int(p), int(e)) for p, e in up.items()] + [(int(p), -int(e)) for p, e in down.items()]

    def _integer_power(self, base: Expr, exponent: Expr) -> Polynomial:
        """base^(Σ cⱼ mⱼ) = Π (base^mⱼ)^cⱼ, for integers mⱼ and cⱼ; needs base ≠ 0 or every part ≥ 0."""
        parts = self.normal(exponent)
        if any(c.denominator != 1 or not is_integer(self.term(m)) for m, c in parts.items()):
            raise Undecided(f"exponent does not split into integers: {exponent}")
        if not signs.nonzero(base, self.facts):
            for m, c in parts.items():
                if c < 0 or not signs.nonnegative(self.term(m, c), self.facts):
                    raise Undecided(f"power of a number that may be zero: {base}**({exponent})")
        p = self.normal(base)
        if not p:
            raise Undecided(f"power of zero: {base}**({exponent})")
        result: Polynomial = {ONE: Fraction(1)}
        factors = self._factors(p)
        for m, c in parts.items():
            for factor in factors:
                result = self.times(result, self._factor_power(factor, m, int(c)))
        return result

    def _factors(self, p: Polynomial) -> list[Polynomial]:
        if len(p) > 1:
            return [p]
        ((mono, c),) = p.items()
        signed = [{ONE: Fraction(-1)}] if c < 0 else []
        return [*signed, *([{ONE: abs(c)}] if abs(c) != 1 else []), *(self.one(g, e) for g, e in mono)]

    def _factor_power(self, p: Polynomial, m: Monomial, c: int) -> Polynomial:
        if m == ONE:
            return self.power(p, c) if c >= 0 else self.power(self.inverse(self.expression(p)), -c)
        if p == {ONE: Fraction(-1)}:
            g = self.generator(("sign", m), S.NegativeOne ** self.term(m), period=2)
            return self.one(g, c)
        base = self.expression(p)
        if not free(base) and base.is_Rational and base > 0:
            return self.exponential(self.scale(self.times({m: Fraction(1)}, self.logarithm(base)), Fraction(c)))
        ((mono, k),) = p.items() if len(p) == 1 else ((None, 0),)
        if mono is not None and len(mono) == 1 and k == 1 and self.generators[mono[0][0]].key[0] in {"exp", "cis"}:
            return self._exp_power(mono[0], m, c)
        g = self.generator(("power", frozenset(p.items()), m), base ** self.term(m))
        return self.one(g, c)

    def _exp_power(self, factor: tuple[int, Fraction], m: Monomial, c: int) -> Polynomial:
        rule = self.generators[factor[0]]
        inner = self.normal(rule.key[1])
        exponent = self.scale(self.times(inner, {m: Fraction(1)}), factor[1] * c)
        return self.exponential(exponent if rule.key[0] == "exp" else self.times(exponent, self.one(self._i())))

    def exponential(self, p: Polynomial) -> Polynomial:
        """e^p = Π e^(c·m), where e^(im) is a generator of its own and e^(c·log b) = b^c for b > 0."""
        self.axioms.add("exp-add")
        result: Polynomial = {ONE: Fraction(1)}
        i = self._i()
        for mono, c in p.items():
            rest = tuple((g, e) for g, e in mono if g != i)
            if len(rest) < len(mono):
                g = self.generator(("cis", self.term(rest)), sympy.exp(S.ImaginaryUnit * self.term(rest)))
                factor = self.one(g, c)
            elif len(mono) == 1 and mono[0][1] == 1 and self.generators[mono[0][0]].key[0] == "log":
                factor = self._log_power(self.generators[mono[0][0]], c)
            else:
                g = self.generator(("exp", self.term(mono)), sympy.exp(self.term(mono)))
                factor = self.one(g, c)
            result = self.times(result, factor)
        return result

    def _log_power(self, log: Generator, c: Fraction) -> Polynomial:
        """e^(c·log b) = b^c; the generator exists only for b > 0."""
        self.axioms.add("exp-log")
        base = log.key[1]
        if c.denominator == 1 and c >= 0:
            return self.power(self.normal(base), int(c))
        return self._root(base, c) if c.denominator != 1 else self.power(self.inverse(base), -int(c))

    def logarithm(self, e: Expr) -> Polynomial:
        """log of a positive term, split over its positive factors."""
        if not signs.positive(e, self.facts):
            raise Undecided(f"log of a number not known to be positive: {e}")
        if e.is_Mul and all(signs.positive(a, self.facts) for a in e.args):
            self.axioms.add("log-mul")
            return self.add(*(self.logarithm(a) for a in e.args))
        if e.is_Pow and is_real(e.exp) and signs.positive(e.base, self.facts):
            self.axioms.add("exp-log")
            return self.times(self.normal(e.exp), self.logarithm(e.base))
        p = self.normal(e)
        if len(p) == 1:
            ((mono, c),) = p.items()
            if c > 0 and all(self._positive(g, Fraction(-1)) for g, _ in mono):
                self.axioms.add("log-mul")
                logs = [self.scale(self._log_generator(g), k) for g, k in mono]
                return self.add(self._log_rational(c), *logs)
        c, whole = self._content(p)
        term = self.expression(whole)
        return self.add(self._log_rational(c), self.one(self.generator(("log", term), sympy.log(term))))

    def _log_rational(self, c: Fraction) -> Polynomial:
        parts = [
            self.scale(self.one(self.generator(("log", sympy.Integer(p)), sympy.log(p))), Fraction(e))
            for p, e in self._primes(c)
        ]
        return self.add(*parts)

    def _log_generator(self, g: int) -> Polynomial:
        rule = self.generators[g]
        if rule.key[0] == "exp":
            return self.normal(rule.key[1])
        if rule.key[0] == "prime":
            return self._log_rational(Fraction(int(rule.key[1])))  # type: ignore[call-overload]  # keys are objects
        return self.one(self.generator(("log", rule.term), sympy.log(rule.term)))

    # --- complex numbers -----------------------------------------------------------------------------------------

    def conjugate(self, p: Polynomial) -> Polynomial:
        self.axioms.add("conjugate")
        result: Polynomial = {}
        for mono, c in p.items():
            factor: Polynomial = {ONE: c}
            for g, e in mono:
                factor = self.times(factor, self._conjugate_generator(g, e))
            result = self.add(result, factor)
        return result

    def _conjugate_generator(self, g: int, e: Fraction) -> Polynomial:
        rule = self.generators[g]
        kind = rule.key[0]
        if kind == "I" or (kind == "cis" and is_real(rule.key[1])):
            return self.reduce({g: -e})
        if is_real(rule.term):
            return self.one(g, e)
        if kind == "conjugate":
            return self.one(int(rule.key[1]), e)  # type: ignore[call-overload]  # keys are objects
        if e.denominator != 1:
            raise Undecided(f"conjugate of a root: {rule.term}")
        if kind in {"Sum", "Product"}:
            binder_of = Sum if kind == "Sum" else Product
            body, i, lower, upper = binder(rule.term)
            return self._nth(self.normal(bind(binder_of, sympy.conjugate(body), i, lower, upper)), e)
        if kind == "power":
            base, exponent = rule.term.args
            return self._nth(self.normal(sympy.conjugate(base) ** exponent), e)
        if kind == "compound":
            assert rule.value is not None
            if e < 0:
                return self._nth(self.inverse(self.expression(self.conjugate(rule.value))), -e)
            return self._nth(self.conjugate(rule.value), e)
        bar = self.generator(("conjugate", g), sympy.conjugate(rule.term))
        return self.one(bar, e)

    def _nth(self, p: Polynomial, e: Fraction) -> Polynomial:
        if e >= 0:
            return self.power(p, int(e))
        if len(p) != 1:
            raise Undecided("negative power of a sum")
        ((mono, c),) = p.items()
        return self.power(self.scale(self.reduce({g: -k for g, k in mono}), 1 / c), -int(e))

    def absolute(self, p: Polynomial) -> Polynomial:
        """|Π gⱼ^eⱼ| = Π |gⱼ|^eⱼ, also for what the terms of a sum have in common; |P|² = P·P̄ for the sum P left."""
        self.axioms.add("abs")
        if not p:
            return {}
        if len(p) == 1:
            ((mono, c),) = p.items()
            result: Polynomial = {ONE: abs(c)}
            for g, e in mono:
                result = self.times(result, self._absolute_generator(g, e))
            return result
        c, common, _ = self.primitive(p)
        common = tuple((g, e) for g, e in common if e.denominator == 1)
        rest = self.scale(self.times(p, {tuple((g, -e) for g, e in common): Fraction(1)}), 1 / abs(c))
        if rest[min(rest)] < 0:
            rest = self.scale(rest, Fraction(-1))
        factor = self.absolute({common: abs(c)})
        return self.times(factor, self._absolute(("abs", frozenset(rest.items())), rest))

    def _absolute_generator(self, g: int, e: Fraction) -> Polynomial:
        rule = self.generators[g]
        if rule.key[0] == "I" or (rule.key[0] == "cis" and is_real(rule.key[1])) or rule.key[0] == "sign":
            return {ONE: Fraction(1)}
        if self._positive(g, e):
            return self.one(g, e)
        if e.denominator != 1 or rule.value is not None:
            raise Undecided(f"absolute value of a root or quotient: {rule.term}")
        return self._nth(self._absolute(("abs", frozenset({((g, Fraction(1)),): Fraction(1)}.items())), self.one(g)), e)

    def _absolute(self, key: tuple[object, ...], p: Polynomial) -> Polynomial:
        if key in self.index:
            return self.one(self.index[key])
        square = self.times(p, self.conjugate(p))
        return self.one(self.generator(key, sympy.Abs(self.expression(p)), square=square))

    # --- sums and products ---------------------------------------------------------------------------------------

    def summation(self, e: Expr) -> Polynomial:
        return self._over(e, Sum, self._sum_body, self.add, {})

    def product(self, e: Expr) -> Polynomial:
        return self._over(e, Product, self._product_body, self.times, {ONE: Fraction(1)})

    def _over(
        self,
        e: Expr,
        kind: type,
        of_body: Callable[[Expr, Symbol, Expr], Polynomial],
        join: Callable[[Polynomial, Polynomial], Polynomial],
        empty: Polynomial,
    ) -> Polynomial:
        """Move the range to 0 … N−1 and take the constant part of N off as single terms at its end."""
        body, i, lower, upper = binder(e)
        if not (is_integer(lower) and is_integer(upper)):
            raise Undecided(f"limits must be integers: {e}")
        count = self.normal(upper - lower + 1)
        extra = count.get(ONE, Fraction(0))
        rest = self.add(count, {ONE: -extra})
        size = self.expression(rest)
        result = empty
        if not rest and extra <= 0:
            return empty
        fewer = self.expression(count) if extra < 0 else size
        if abs(extra) <= _LARGEST_UNROLLING and (not rest or signs.nonnegative(fewer, self.facts)):
            for k in range(abs(int(extra))):
                at = lower + size + (k if extra > 0 else -k - 1)
                last = self.normal(substitute(body, {i: at}))
                result = join(result, last if extra > 0 else self._undo(kind, last))
            if not rest:
                return result
        else:
            size = self.expression(count)
        index = self._index(e)
        shifted = substitute(body, {i: index + lower})
        facts = self.facts
        self.facts = [*facts, Le(0, index, evaluate=False), Le(index, size - 1, evaluate=False)]
        self.depth += 1
        try:
            return join(result, of_body(shifted, index, size))
        finally:
            self.facts = facts
            self.depth -= 1

    def _index(self, e: Expr) -> Symbol:
        """The canonical index of a sum: named by how deep the sums in it are, and not in use around it."""
        taken = set().union(*(free_in(f) for f in self.facts))
        return next(i for i in map(index_name, itertools.count(_height(e))) if i not in taken)

    def _undo(self, kind: type, p: Polynomial) -> Polynomial:
        if kind is Sum:
            return self.scale(p, Fraction(-1))
        if not signs.nonzero(self.expression(p), self.facts):
            raise Undecided("a factor taken off a product may be zero")
        return self.inverse(self.expression(p))

    def _split(self, mono: Monomial, index: Symbol) -> tuple[Monomial, Monomial]:
        inside = tuple((g, e) for g, e in mono if index in free(self.generators[g].term))
        return tuple(x for x in mono if x not in inside), inside

    def _sum_body(self, body: Expr, index: Symbol, size: Expr) -> Polynomial:
        result: Polynomial = {}
        for mono, c in self.normal(body).items():
            outside, inside = self._split(mono, index)
            bound = tuple(x for x in outside if x[1] < 0 and not self._outside(partial(self._invertible, x[0])))
            outside = tuple(x for x in outside if x not in bound)
            inside = tuple(sorted(bound + inside))
            result = self.add(result, self.scale(self.times({outside: Fraction(1)}, self._sum(inside, index, size)), c))
        return result

    def _invertible(self, g: int) -> bool:
        """Whether a denominator may leave the sum: in an empty one it may be zero, as n is in Σ 1/n over n terms."""
        rule = self.generators[g]
        return bool(rule.period) or rule.key[0] in {"cis", "exp", "prime"} or signs.nonzero(rule.term, self.facts)

    def _sum(self, inside: Monomial, index: Symbol, size: Expr) -> Polynomial:
        if inside == ONE and signs.nonnegative(size, self.facts[:-2]):
            return self._outside(lambda: self.normal(size))
        term = bind(Sum, self.term(inside), index, S.Zero, size - 1)
        if self._outside(lambda: self._index(term)) != index:  # what made the sum deeper has left it
            return self._outside(lambda: self.summation(term))
        return self.one(self.generator(("Sum", inside, index, self._size(size)), term))

    def _size(self, size: Expr) -> object:
        """How many terms, by the facts outside: inside there is at least one."""
        return self._outside(lambda: self.key(size))

    def _product_body(self, body: Expr, index: Symbol, size: Expr) -> Polynomial:
        p = self.normal(body)
        if not p:
            raise Undecided("product of zeros")
        if len(p) > 1:
            term = bind(Product, self.expression(p), index, S.Zero, size - 1)
            return self.one(self.generator(("Product", frozenset(p.items()), index, self._size(size)), term))
        ((mono, c),) = p.items()
        outside, inside = self._split(mono, index)
        result: Polynomial = {ONE: Fraction(1)}
        if outside or c != 1:
            if not signs.nonnegative(size, self.facts[:-2]):
                raise Undecided(f"number of factors may be negative: {size}")
            result = self._outside(lambda: self.normal(self.term(outside, c) ** size))
        for g, e in inside:
            result = self.times(result, self._product_factor(g, e, index, size))
        return result

    def _outside(self, work: Callable[[], _Result]) -> _Result:
        """Without the facts about the index: they contradict each other when the range is empty."""
        facts = self.facts
        self.facts = facts[:-2]
        try:
            return work()
        finally:
            self.facts = facts

    def _product_factor(self, g: int, e: Fraction, index: Symbol, size: Expr) -> Polynomial:
        rule = self.generators[g]
        if rule.key[0] in {"exp", "cis"}:
            exponents = self.scale(self._sum_body(rule.key[1], index, size), e)
            return self.exponential(exponents if rule.key[0] == "exp" else self.times(exponents, self.one(self._i())))
        if e.denominator != 1 and not self._positive(g, e):
            raise Undecided(f"product of roots: {rule.term}")
        term = bind(Product, rule.term, index, S.Zero, size - 1)
        if e.denominator == 1 and self._outside(lambda: self._index(term)) != index:  # as for a sum
            return self._nth(self._outside(lambda: self.product(term)), e)
        body = frozenset({((g, Fraction(1)),): Fraction(1)}.items())
        return self.one(self.generator(("Product", body, index, self._size(size)), term), e)

    # --- comparison ----------------------------------------------------------------------------------------------

    def is_zero(self, p: Polynomial) -> bool:
        """Whether p is zero after every denominator has been multiplied out."""
        while True:
            compounds = [g for m in p for g, e in m if self.generators[g].value is not None and e < 0]
            if not compounds:
                return not p
            # the newest generator first: an older one never contains it
            g = max(compounds)
            lowest = min(dict(m).get(g, Fraction(0)) for m in p)
            lift = -(lowest.numerator // lowest.denominator)
            p = self.times(p, {((g, Fraction(lift)),): Fraction(1)})


def _height(e: Expr) -> int:
    """How deeply binders are nested inside a term, its limits included."""
    parts = binder(e) if isinstance(e, BINDERS) else e.args
    return max((_height(a) + isinstance(a, BINDERS) for a in parts), default=0)


def _rational(c: Fraction) -> Expr:
    return sympy.Rational(c.numerator, c.denominator)


def _exp(n: Normalizer, e: Expr) -> Polynomial:
    return n.exponential(n.normal(e.args[0]))


def _half(n: Normalizer, p: Polynomial, sign: int) -> Polynomial:
    """(e^p + sign·e^−p) / 2."""
    up, down = n.exponential(p), n.exponential(n.scale(p, Fraction(-1)))
    return n.scale(n.add(up, n.scale(down, Fraction(sign))), Fraction(1, 2))


def _cos(n: Normalizer, e: Expr) -> Polynomial:
    n.axioms.add("euler")
    return _half(n, n.times(n.normal(e.args[0]), n.one(n._i())), 1)


def _sin(n: Normalizer, e: Expr) -> Polynomial:
    n.axioms.add("euler")
    return n.times(_half(n, n.times(n.normal(e.args[0]), n.one(n._i())), -1), n.one(n._i(), 3))


def _tan(n: Normalizer, e: Expr) -> Polynomial:
    return n.times(n.normal(sympy.sin(e.args[0])), n.inverse(sympy.cos(e.args[0])))


def _tanh(n: Normalizer, e: Expr) -> Polynomial:
    u = e.args[0]
    return n.times(n.normal(sympy.sinh(u)), n.inverse((sympy.exp(u) + sympy.exp(-u)) / 2))


def _erfc(n: Normalizer, e: Expr) -> Polynomial:
    n.axioms.add("erfc")
    return n.add(n.normal(S.One), n.scale(n.normal(sympy.erf(e.args[0])), Fraction(-1)))


def _real_part(n: Normalizer, e: Expr) -> Polynomial:
    p = n.normal(e.args[0])
    return n.scale(n.add(p, n.conjugate(p)), Fraction(1, 2))


def _imaginary_part(n: Normalizer, e: Expr) -> Polynomial:
    p = n.normal(e.args[0])
    difference = n.add(p, n.scale(n.conjugate(p), Fraction(-1)))
    return n.scale(n.times(difference, n.one(n._i(), 3)), Fraction(1, 2))


_RULES: dict[object, Callable[[Normalizer, Expr], Polynomial]] = {
    sympy.exp: _exp,
    sympy.log: lambda n, e: n.logarithm(e.args[0]),
    sympy.cos: _cos,
    sympy.sin: _sin,
    sympy.tan: _tan,
    sympy.cosh: lambda n, e: _half(n, n.normal(e.args[0]), 1),
    sympy.sinh: lambda n, e: _half(n, n.normal(e.args[0]), -1),
    sympy.tanh: _tanh,
    sympy.erfc: _erfc,
    sympy.conjugate: lambda n, e: n.conjugate(n.normal(e.args[0])),
    sympy.re: _real_part,
    sympy.im: _imaginary_part,
    sympy.Abs: lambda n, e: n.absolute(n.normal(e.args[0])),
    Sum: lambda n, e: n.summation(e),
    Product: lambda n, e: n.product(e),
}


def equal(left: Expr, right: Expr, facts: Sequence[Fact]) -> set[str]:
    """The axioms on which ``left = right`` rests; ``Undecided`` if the normal forms differ."""
    n = Normalizer(list(facts))
    difference = n.add(n.normal(left), n.scale(n.normal(right), Fraction(-1)))
    if n.could_split and not n.is_zero(difference):
        n = Normalizer(list(facts), apart=True)
        difference = n.add(n.normal(left), n.scale(n.normal(right), Fraction(-1)))
    if not n.is_zero(difference):
        raise Undecided(f"normal forms differ: {n.expression(difference)} is not 0")
    return n.axioms
