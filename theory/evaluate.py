# SPDX-License-Identifier: BSD-3-Clause
"""SymPy expressions compiled to closures that return rigorous enclosures. Part of the trusted base.

Variables live in a frame, a list with one slot for each argument, bound index or shared subexpression;
nothing is ever substituted into an expression, because SymPy's substitution captures bound indices.
``0⁰ = 1``, and a sum or product whose upper bound lies below its lower bound is 0 or 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import sympy as sp
from flint import acb, arb, ctx, fmpq
from sympy import Basic, Expr, S, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or
from sympy.tensor.indexed import Indexed

from . import balls, functions
from .balls import ONE, ZERO, Complex, Undecided, Undefined, Unsupported, Value

Frame = list[Any]
Run = Callable[[Frame], Value]
Test = Callable[[Frame], bool | None]
Family = Callable[[tuple[Value, ...]], Value]


class Recursive(Protocol):
    """What evaluates recursive definitions: ``recursion.Definitions``."""

    def __contains__(self, name: str) -> bool: ...

    def value(self, name: str, arguments: tuple[Value, ...], complex_values: bool) -> Value: ...


_MAX_TERMS = 10**7
_EVALUATIONS = 1_000  # of an integrand; beyond that the enclosure stays wide, and a comparison undecided


@lru_cache(maxsize=2**15)
def _constant_term(e: Expr) -> bool:
    """Whether the value depends on nothing that is given."""
    return not e.free_symbols and not e.has(AppliedUndef)


_text = lru_cache(maxsize=256)(str)  # printing a term that cannot be evaluated would cost more than finding that out


class Compiler:
    """Turns expressions over one set of slots into closures; ``families`` gives indexed values and functions.

    ``analytic`` names the variable in which a non-holomorphic node has no value (see ``_integral``).
    """

    def __init__(
        self,
        slots: Mapping[Symbol, int],
        families: Mapping[str, Family],
        definitions: Recursive,
        complex_values: bool,
    ) -> None:
        self.scope = dict(slots)
        self.width = len(slots)
        self.families = families
        self.definitions = definitions
        self.complex_values = complex_values
        self.analytic: Symbol | None = None
        self.bound: frozenset[Symbol] = frozenset()
        self.shared: dict[Basic, Run] = {}
        self.count: Counter[Basic] = Counter()

    def compile(self, expression: Expr) -> Run:
        """The closure of an expression whose value may be ±∞ only if it is exactly that."""
        if not expression.args:
            return self._node(expression)
        if _constant_term(expression):
            return _constant(self._node(expression))
        if self.analytic is not None or self.bound:
            return self._node(expression)
        if expression not in self.shared:
            run = self._node(expression)
            self.shared[expression] = self._once(run) if self.count[expression] > 1 else run
        return self.shared[expression]

    def finite(self, expression: Expr) -> Run:
        run = self.compile(expression)
        if not _may_be_infinite(expression):
            return run

        def checked(frame: Frame) -> Value:
            value = run(frame)
            if balls.is_infinite(value):
                raise Undefined(f"{expression} is infinite")
            return value

        return checked

    def _slot(self) -> int:
        self.width += 1
        return self.width - 1

    def _once(self, run: Run) -> Run:
        slot = self._slot()

        def once(frame: Frame) -> Value:
            value: Value | None = frame[slot]
            if value is None:
                value = frame[slot] = run(frame)
            return value

        return once

    def _node(self, e: Expr) -> Run:
        if e in functions.CONSTANTS:
            return functions.CONSTANTS[e]
        if e.is_Rational:
            exact = fmpq(int(e.p), int(e.q))
            return lambda _: exact
        if isinstance(e, Symbol):
            return self._symbol(e)
        if e in (S.NaN, S.ComplexInfinity):
            return _raises(Undefined(f"the expression contains {e}"))
        if isinstance(e, (Indexed, AppliedUndef)):
            return self._family(e)
        name = type(e).__name__
        handler = _HANDLERS.get(name)
        if handler is not None:
            if self._non_holomorphic(e, name):
                return _raises(Undecided(f"{name} is not holomorphic"))
            return handler(self, e)
        if name in functions.METHODS:
            return self._function(e, name)
        raise Unsupported(f"the oracle has no rule for {name}: {_text(e)}")

    def _non_holomorphic(self, e: Expr, name: str) -> bool:
        return name in functions.NON_HOLOMORPHIC and self.analytic is not None and self.analytic in e.free_symbols

    def _symbol(self, e: Symbol) -> Run:
        if e not in self.scope:
            raise LookupError(f"no value for the symbol {e}")
        slot = self.scope[e]
        return lambda frame: frame[slot]

    def _family(self, e: Expr) -> Run:
        name = str(e.base.label) if isinstance(e, Indexed) else e.func.__name__
        runs = [self.finite(a) for a in (e.indices if isinstance(e, Indexed) else e.args)]
        if self.analytic is not None and self.analytic in e.free_symbols:
            return _raises(Undecided(f"{name} is not known to be holomorphic"))
        if isinstance(e, AppliedUndef) and name in self.definitions:
            definitions, complex_values = self.definitions, self.complex_values
            return lambda frame: definitions.value(name, tuple([run(frame) for run in runs]), complex_values)
        if name not in self.families:
            raise LookupError(f"no value for {e}: {name} has no values")
        family = self.families[name]
        return lambda frame: family(tuple([run(frame) for run in runs]))

    def _add(self, e: Expr) -> Run:
        return _fold([self.finite(a) for a in e.args], balls.add)

    def _mul(self, e: Expr) -> Run:
        return _fold([self.finite(a) for a in e.args], balls.mul)

    def _pow(self, e: Expr) -> Run:
        if e.base is S.Exp1:
            return self._method("exp", self.finite(e.exp))
        base, complex_values = self.finite(e.base), self.complex_values
        if e.exp.is_Integer:
            n = int(e.exp)
            return lambda frame: balls.integer_power(base(frame), n)
        exponent = self.finite(e.exp)
        if self.analytic is not None and self.analytic in e.free_symbols:
            base = _off_the_cut(base)
        return lambda frame: balls.power(base(frame), exponent(frame), complex_values)

    def _function(self, e: Expr, name: str) -> Run:
        if len(e.args) != 1:
            raise Unsupported(f"the oracle evaluates {name} of one argument only: {e}")
        run = self.finite(e.args[0])
        if name in functions.BRANCH_CUTS and self.analytic is not None and self.analytic in e.free_symbols:
            if name != "log":
                return _raises(Undecided(f"{name} has branch cuts"))
            run = _off_the_cut(run)
        return self._method(name, run)

    def _method(self, name: str, run: Run) -> Run:
        rule = functions.method(name, self.complex_values)
        return lambda frame: rule(run(frame))

    def _polygamma(self, e: Expr) -> Run:
        order, argument = e.args
        if not (order.is_Integer and order >= 0):
            raise Unsupported(f"polygamma of an order that is not a literal: {e}")
        run, rule = self.finite(argument), functions.polygamma(int(order))
        return lambda frame: rule(run(frame))

    def _real_function(self, e: Expr) -> Run:
        name = type(e).__name__
        runs, rule = [self.finite(a) for a in e.args], functions.REAL_FUNCTIONS[name]
        return lambda frame: rule(*[balls.real(run(frame), name) for run in runs])

    def _value_function(self, e: Expr) -> Run:
        run, rule = self.finite(e.args[0]), functions.VALUE_FUNCTIONS[type(e).__name__]
        return lambda frame: rule(run(frame))

    def _max(self, e: Expr) -> Run:
        runs = [self.compile(a) for a in e.args]
        if type(e).__name__ == "Min":
            runs = [_negated(run) for run in runs]
        best = _fold(runs, lambda x, y: balls.largest(balls.real(x, "Max"), balls.real(y, "Max")))
        return best if type(e).__name__ == "Max" else _negated(best)

    def _piecewise(self, e: Expr) -> Run:
        cases = [(self.test(condition), self.compile(value)) for value, condition in e.args]

        def call(frame: Frame) -> Value:
            for test, run in cases:
                verdict = test(frame)
                if verdict is None:
                    raise Undecided(f"a condition of {e} is not certain at this precision")
                if verdict:
                    return run(frame)
            raise Undefined(f"no condition of {e} holds")

        return call

    def _delta(self, e: Expr) -> Run:
        if len(e.args) != 2:
            raise Unsupported(f"KroneckerDelta with a range: {e}")
        test = self.test(sp.Eq(*e.args, evaluate=False))

        def call(frame: Frame) -> Value:
            verdict = test(frame)
            if verdict is None:
                raise Undecided("a KroneckerDelta is not certain at this precision")
            return ONE if verdict else ZERO

        return call

    def test(self, condition: Basic) -> Test:
        """The three-valued closure of a condition."""
        if isinstance(condition, (BooleanTrue, BooleanFalse)):
            constant = bool(condition)
            return lambda _: constant
        if isinstance(condition, Relational) and condition.rel_op in ("==", "!=", "<", "<=", ">", ">="):
            left, right, op = self.compile(condition.lhs), self.compile(condition.rhs), condition.rel_op
            return lambda frame: balls.compare(left(frame), op, right(frame))
        if isinstance(condition, Not):
            inner = self.test(condition.args[0])
            return lambda frame: None if (v := inner(frame)) is None else not v
        if isinstance(condition, (And, Or)):
            tests, decisive = [self.test(a) for a in condition.args], isinstance(condition, Or)
            return lambda frame: _connective([test(frame) for test in tests], decisive)
        raise Unsupported(f"the oracle has no rule for the condition {condition}")

    def _repeated(self, e: Expr) -> Run:
        """Sum and Product; the last limit is the outermost."""
        product = type(e).__name__ == "Product"
        combine, empty = (balls.mul, ONE) if product else (balls.add, ZERO)
        return self._range(e.function, list(e.limits), combine, empty)

    def _range(self, body: Expr, limits: list[Any], combine: Callable[[Any, Any], Value], empty: Value) -> Run:
        if not limits:
            return self.finite(body)
        if len(limits[-1]) != 3:
            raise Unsupported(f"a sum or product without two bounds: {limits[-1]}")
        index, low, high = limits[-1]
        lower, upper, demanded = self.finite(low), self.finite(high), functions.demands(index)

        def inner() -> Run:
            return self._range(body, limits[:-1], combine, empty)

        slot, term = self._bind(index, inner)

        def call(frame: Frame) -> Value:
            total = empty
            for i in _integers(lower(frame), upper(frame)):
                value = fmpq(i)
                if failed := functions.violated(value, demanded):
                    raise Undefined(f"the index {index} = {i} is not {failed}, as it is declared")
                frame[slot] = value
                total = combine(total, term(frame))
            return total

        return call

    def _bind(self, symbol: Symbol, inner: Callable[[], Run]) -> tuple[int, Run]:
        """A slot for a bound symbol and what ``inner`` compiles inside its scope."""
        outer_scope, outer_bound, slot = self.scope, self.bound, self._slot()
        self.scope = {**outer_scope, symbol: slot}
        self.bound = outer_bound | {symbol}
        try:
            return slot, inner()
        finally:
            self.scope, self.bound = outer_scope, outer_bound

    def _integral(self, e: Expr) -> Run:
        """A definite integral over a finite interval by Arb's verified quadrature.

        The quadrature asks for values on complex boxes with ``analytic`` set, where the answer must be
        non-finite unless the integrand is holomorphic there; a second closure, in which nodes with kinks
        or cuts have no value on such a box, answers these.
        """
        if len(e.limits) != 1 or len(e.limits[0]) != 3 or e.has(S.Infinity, S.NegativeInfinity):
            raise Unsupported(f"only integrals over one finite interval: {_text(e)}")
        if e.function.has(sp.Integral) or self.analytic is not None:
            raise Unsupported(f"nested integrals: {e}")
        variable, low, high = e.limits[0]
        lower, upper = self.finite(low), self.finite(high)
        slot, on_path = self._bind(variable, lambda: self.finite(e.function))
        self.analytic, slot_box = variable, slot
        try:
            slot_box, on_box = self._bind(variable, lambda: self.finite(e.function))
        finally:
            self.analytic = None

        def call(frame: Frame) -> Value:
            a, b = (balls.to_arb(balls.real(run(frame), "a bound")) for run in (lower, upper))
            if not (a.is_finite() and b.is_finite()):
                raise Unsupported(f"only integrals over a finite interval: {e}")

            def integrand(z: acb, analytic: bool) -> acb:
                value = balls.pair(z.real, z.imag)
                if isinstance(value, Complex) and not analytic:
                    return acb(arb.nan())
                frame[slot_box if analytic else slot] = value
                try:
                    return balls.to_acb((on_box if analytic else on_path)(frame))
                except Undefined:
                    return acb(arb.nan())

            return balls.finite_complex(acb.integral(integrand, a, b, eval_limit=_EVALUATIONS))

        return call


_HANDLERS: dict[str, Callable[[Compiler, Expr], Run]] = {
    "Add": Compiler._add,
    "Mul": Compiler._mul,
    "Pow": Compiler._pow,
    "polygamma": Compiler._polygamma,
    "Max": Compiler._max,
    "Min": Compiler._max,
    "Piecewise": Compiler._piecewise,
    "KroneckerDelta": Compiler._delta,
    "Sum": Compiler._repeated,
    "Product": Compiler._repeated,
    "Integral": Compiler._integral,
    **dict.fromkeys(functions.REAL_FUNCTIONS, Compiler._real_function),
    **dict.fromkeys(functions.VALUE_FUNCTIONS, Compiler._value_function),
}


def _raises(error: Exception) -> Run:
    def call(_: Frame) -> Value:
        raise error

    return call


def _constant(run: Run) -> Run:
    """Evaluates once for each precision; for expressions without variables and families."""
    values: dict[int, Value] = {}

    def call(frame: Frame) -> Value:
        value = values.get(ctx.prec)
        if value is None:
            value = values[ctx.prec] = run(frame)
        return value

    return call


def _may_be_infinite(e: Expr) -> bool:
    """Symbols declared finite are checked when they get their value."""
    if isinstance(e, Symbol):
        return not e.is_finite
    return isinstance(e, (Indexed, AppliedUndef, sp.Max, sp.Min, sp.Piecewise)) or e in functions.CONSTANTS


def _fold(runs: Sequence[Run], combine: Callable[[Any, Any], Value]) -> Run:
    first, *rest = runs
    if len(rest) == 1:
        second = rest[0]
        return lambda frame: combine(first(frame), second(frame))

    def call(frame: Frame) -> Value:
        total = first(frame)
        for run in rest:
            total = combine(total, run(frame))
        return total

    return call


def _negated(run: Run) -> Run:
    return lambda frame: -balls.real(run(frame), "Min")


def _off_the_cut(run: Run) -> Run:
    """The value where it is certainly off the cut (−∞, 0]."""

    def call(frame: Frame) -> Value:
        x = run(frame)
        re, im = balls.parts(x)
        if not (re > 0 or im > 0 or im < 0):
            raise Undecided("the argument may touch the branch cut")
        return x

    return call


def _connective(verdicts: list[bool | None], decisive: bool) -> bool | None:
    if decisive in verdicts:
        return decisive
    return None if None in verdicts else not decisive


def _integers(low: Value, high: Value) -> range:
    for bound in (low, high):
        if isinstance(bound, arb):
            raise Undecided(f"a bound of a sum or product is not an exact integer: {bound}")
        if isinstance(bound, Complex) or bound.q != 1:
            raise Undefined(f"a bound of a sum or product is not an integer: {bound}")
    span = range(int(low.p), int(high.p) + 1)  # type: ignore[union-attr]
    if len(span) > _MAX_TERMS:
        raise Unsupported(f"a sum or product of {len(span)} terms")
    return span
