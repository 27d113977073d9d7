# SPDX-License-Identifier: BSD-3-Clause
"""Compiled expressions, and the values that are given to symbols and families. Part of the trusted base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb
from sympy import Basic, Expr, IndexedBase, Symbol, preorder_traversal
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean
from sympy.tensor.indexed import Indexed

from . import balls, functions
from .balls import Complex, Undecided, Undefined, Value
from .claim import Definition
from .evaluate import Compiler, Family, Frame
from .recursion import Definitions

Values = Mapping[Any, Any]


class Compiled:
    """Expressions compiled for repeated evaluation; common subexpressions are evaluated once."""

    def __init__(
        self,
        expressions: Sequence[Basic],
        arguments: Sequence[Symbol],
        families: Mapping[str, Family],
        definitions: Sequence[Definition],
        complex_values: bool,
    ) -> None:
        self._demands = [functions.demands(a) for a in arguments]
        self._arguments = tuple(arguments)
        self.size = len(expressions)
        slots = {a: i for i, a in enumerate(arguments)}
        if len(slots) != len(arguments):
            raise ValueError(f"an argument occurs twice: {tuple(arguments)}")
        compiler = Compiler(slots, families, Definitions(definitions, families), complex_values)
        compiler.count = Counter(node for e in expressions for node in preorder_traversal(e))
        self._runs: list[Callable[[Frame], Any]] = [
            compiler.test(e) if isinstance(e, Boolean) and not isinstance(e, Expr) else compiler.compile(e)
            for e in expressions
        ]
        self._padding = [None] * (compiler.width - len(slots))

    def values(self, numbers: Sequence[object], prec: int) -> list[Value]:
        """Exact rationals, balls or complex pairs, one for each expression."""
        return self._run(numbers, prec)

    def tests(self, numbers: Sequence[object], prec: int) -> list[bool | None]:
        return self._run(numbers, prec)

    def _run(self, numbers: Sequence[object], prec: int) -> list[Any]:
        frame: Frame = [balls.number(n) for n in numbers]
        for symbol, value, demanded in zip(self._arguments, frame, self._demands, strict=True):
            if failed := functions.violated(value, demanded):
                raise ValueError(f"the value {value} of {symbol} is not {failed}, as {symbol} is declared")
        frame += self._padding
        with balls.workprec(prec):
            try:
                return [run(frame) for run in self._runs]
            except RecursionError:
                raise Undefined("a recursion does not end, or is too deep") from None

    def __call__(self, *numbers: object, prec: int = 128) -> list[arb]:
        """One real ball for each expression."""
        with balls.workprec(prec):  # a rational result is rounded to this precision
            return [balls.to_arb(balls.real(v, "the result")) for v in self.values(numbers, prec)]


def compile(
    expressions: Sequence[Expr],
    arguments: Sequence[Symbol],
    *,
    values: Values | None = None,
    definitions: Sequence[Definition] = (),
) -> Compiled:
    """A function of the arguments; ``values`` gives indexed families and undefined functions.

    Examples:
        >>> from sympy import symbols
        >>> x, y = symbols("x y", real=True)
        >>> compile([x + y, x * y], [x, y])(0.5, 3)
        [3.50000000000000, 1.50000000000000]
    """
    for expression in expressions:
        numeric(expression)
    symbols, _, families = split(values or {})
    if symbols:
        raise ValueError(f"a symbol is an argument, not one of the values: {symbols}")
    return Compiled(expressions, arguments, families, definitions, complex_values=False)


def numeric(expression: object) -> Expr:
    """The expression; ``TypeError`` for a relation or what is not SymPy, which have no number as a value."""
    if not isinstance(expression, Expr):
        raise TypeError(f"expected a SymPy expression, got {expression!r} of type {type(expression).__name__}")
    return expression


def bind(
    expressions: Sequence[Basic], values: Values | None, definitions: Sequence[Definition], complex_values: bool
) -> tuple[Compiled, list[object]]:
    symbols, numbers, families = split(values or {})
    return Compiled(expressions, symbols, families, definitions, complex_values), numbers


def split(values: Values) -> tuple[list[Symbol], list[object], dict[str, Family]]:
    """Symbols with their numbers, and one lookup for each family."""
    symbols: dict[Symbol, object] = {}
    families: dict[str, Family] = {}
    tables: dict[str, dict[tuple[Fraction, ...], object]] = {}
    for key, value in values.items():
        if isinstance(key, Symbol):
            symbols[key] = value
        elif isinstance(key, IndexedBase):
            families[str(key.label)] = _indexed(str(key.label), value)
        elif isinstance(key, UndefinedFunction):
            families[key.__name__] = _function(value)
        elif isinstance(key, (Indexed, AppliedUndef)):
            name = str(key.base.label) if isinstance(key, Indexed) else key.func.__name__
            place = key.indices if isinstance(key, Indexed) else key.args
            if not all(a.is_Rational for a in place):
                raise ValueError(f"a value is given at literal places only, not at {key}")
            tables.setdefault(name, {})[tuple(Fraction(int(a.p), int(a.q)) for a in place)] = value
        else:
            raise TypeError(f"values are given to symbols, q[3], f(3) and families, not to {key!r}")
    for name, table in tables.items():
        if name in families:
            raise ValueError(f"{name} is given as a family and at single places")
        families[name] = _table(name, table)
    return list(symbols), list(symbols.values()), families


def _indexed(name: str, source: Any) -> Family:
    """The elements of a sequence, mapping or callable; a negative index is an error, as in mathematics."""

    def element(place: tuple[Value, ...]) -> Value:
        indices = tuple(_integer(i, name) for i in place)
        one: Any = indices[0] if len(indices) == 1 else indices
        if callable(source):
            return balls.number(source(*indices))
        if isinstance(source, Mapping):
            if one not in source:
                raise LookupError(f"no value for {name}[{one}]")
            return balls.number(source[one])
        value = source
        for i in indices:
            if not 0 <= i < len(value):
                raise LookupError(f"{name}[{one}] is out of range")
            value = value[i]
        return balls.number(value)

    return element


def _integer(value: Value, name: str) -> int:
    if isinstance(value, (arb, Complex)) or value.q != 1:
        raise Undecided(f"an index of {name} is not an exact integer: {value}")
    return int(value.p)


def _function(source: Callable[..., object]) -> Family:
    def apply(arguments: tuple[Value, ...]) -> Value:
        return balls.number(source(*[_outward(a) for a in arguments]))

    return apply


def _outward(value: Value) -> Fraction | arb | acb:
    if isinstance(value, Complex):
        return balls.to_acb(value)
    return value if isinstance(value, arb) else balls.to_fraction(value)


def _table(name: str, table: Mapping[tuple[Fraction, ...], object]) -> Family:
    def element(place: tuple[Value, ...]) -> Value:
        key = tuple(None if isinstance(v, (arb, Complex)) else balls.to_fraction(v) for v in place)
        if key not in table:
            raise LookupError(f"no value for {name} at {place}")
        return balls.number(table[key])  # type: ignore[index]

    return element
