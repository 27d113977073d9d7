# SPDX-License-Identifier: BSD-3-Clause
"""The oracle: rigorous enclosures of SymPy expressions at exact inputs, in Arb's ball arithmetic.

An enclosure always contains the exact value, or the oracle raises: ``Unsupported`` names a node that it
has no rule for, ``Undefined`` an expression that has no value at this input or cannot be shown to have
one. Rational subexpressions stay exact, so comparisons and floors of them are certain. A float is the
dyadic rational that it is. Conventions: ``0⁰ = 1``; an empty sum is 0, an empty product 1.

Main functions: ``ball``, ``acb_ball``, ``exact``, ``decide``, ``compile``; for arrays ``enclose``; and
``gradient``, whose result is an expression for all of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb
from sympy import Basic, Expr, IndexedBase, Symbol, preorder_traversal, sympify
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean
from sympy.tensor.indexed import Indexed

from . import balls, functions
from .balls import Complex, Undecided, Undefined, Unsupported, Value
from .claim import Definition
from .evaluate import Compiler, Family, Frame
from .recursion import Definitions

__all__ = ["Compiled", "Undecided", "Undefined", "Unsupported", "acb_ball", "ball", "compile", "decide", "exact"]

Values = Mapping[Any, Any]


def ball(
    expression: Expr, values: Values | None = None, *, prec: int = 128, definitions: Sequence[Definition] = ()
) -> arb:
    """A real ball that contains the value of the expression.

    ``values`` maps a Symbol, ``q[3]`` or ``f(3)`` to a number; an IndexedBase to a sequence, mapping or
    callable of integers; an undefined function to a callable. Numbers are int, Fraction, float (the exact
    dyadic), rational SymPy numbers, arb or acb. Errors: ``Unsupported``; ``Undefined``, also where a
    logarithm or root of a negative number would be complex; ``ValueError`` for a value that contradicts
    its symbol's declaration; ``LookupError`` for a symbol without a value.

    Examples:
        >>> from sympy import cos, symbols
        >>> x = symbols("x", real=True)
        >>> ball(cos(x) - 1, {x: 0.0})
        0
        >>> ball(1 / x, {x: 0})
        Traceback (most recent call last):
            ...
        lemmata.theory.balls.Undefined: division by zero
    """
    compiled, numbers = _bind([expression], values, definitions, complex_values=False)
    return balls.to_arb(balls.real(compiled.values(numbers, prec)[0], "the result"))


def acb_ball(
    expression: Expr, values: Values | None = None, *, prec: int = 128, definitions: Sequence[Definition] = ()
) -> acb:
    """A complex ball that contains the value; logarithms and powers of negative numbers are principal."""
    compiled, numbers = _bind([expression], values, definitions, complex_values=True)
    return balls.to_acb(compiled.values(numbers, prec)[0])


def exact(expression: Expr, values: Values | None = None, *, definitions: Sequence[Definition] = ()) -> Fraction | None:
    """The value, where evaluation stays in the rational numbers; None where it leaves them.

    Examples:
        >>> from sympy import Rational, floor
        >>> exact(floor(Rational(7, 2)))
        Fraction(3, 1)
    """
    compiled, numbers = _bind([expression], values, definitions, complex_values=False)
    value = compiled.values(numbers, 128)[0]
    return None if isinstance(value, (arb, Complex)) else balls.to_fraction(value)


def decide(
    relation: Boolean | bool,
    values: Values | None = None,
    *,
    prec: int = 128,
    max_prec: int = 4096,
    definitions: Sequence[Definition] = (),
    complex_values: bool = False,
) -> bool | None:
    """Does the relation hold? True and False only when that is certain, None when precision runs out.

    Rational sides are compared exactly; others hold or fail by disjoint enclosures, so that two equal
    irrational numbers stay undecided. A side that is not shown to be defined raises ``Undefined``.

    Examples:
        >>> from sympy import Eq, sqrt, Symbol
        >>> x = Symbol("x", positive=True)
        >>> decide(sqrt(x) > Rational(141421356, 10**8), {x: 2})
        True
        >>> decide(Eq(sqrt(x) * sqrt(x + 1), sqrt(x * (x + 1)), evaluate=False), {x: 2}) is None
        True
    """
    condition = sympify(relation)
    compiled, numbers = _bind([condition], values, definitions, complex_values)
    while True:
        undecided: Undecided | None = None
        try:
            verdict = compiled.tests(numbers, prec)[0]
        except Undecided as error:
            verdict, undecided = None, error
        if verdict is not None or 2 * prec > max_prec:
            break
        prec *= 2
    if undecided is not None:
        raise undecided
    return verdict


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
    symbols, _, families = _split(values or {})
    if symbols:
        raise ValueError(f"a symbol is an argument, not one of the values: {symbols}")
    return Compiled(expressions, arguments, families, definitions, complex_values=False)


def _bind(
    expressions: Sequence[Basic], values: Values | None, definitions: Sequence[Definition], complex_values: bool
) -> tuple[Compiled, list[object]]:
    symbols, numbers, families = _split(values or {})
    return Compiled(expressions, symbols, families, definitions, complex_values), numbers


def _split(values: Values) -> tuple[list[Symbol], list[object], dict[str, Family]]:
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
