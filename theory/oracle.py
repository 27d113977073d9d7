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

from collections.abc import Sequence
from fractions import Fraction

from flint import acb, arb
from sympy import Expr, sympify
from sympy.logic.boolalg import Boolean

from . import balls
from .balls import Complex, Undecided, Undefined, Unsupported
from .claim import Definition
from .enclosure import Enclosure, enclose
from .gradient import gradient
from .program import Compiled, Values, bind, compile, numeric

__all__ = [
    "Compiled",
    "Enclosure",
    "Undecided",
    "Undefined",
    "Unsupported",
    "acb_ball",
    "ball",
    "compile",
    "decide",
    "enclose",
    "exact",
    "gradient",
]


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
    compiled, numbers = bind([numeric(expression)], values, definitions, complex_values=False)
    return compiled(*numbers, prec=prec)[0]


def acb_ball(
    expression: Expr, values: Values | None = None, *, prec: int = 128, definitions: Sequence[Definition] = ()
) -> acb:
    """A complex ball that contains the value; logarithms and powers of negative numbers are principal."""
    compiled, numbers = bind([numeric(expression)], values, definitions, complex_values=True)
    with balls.workprec(prec):
        return balls.to_acb(compiled.values(numbers, prec)[0])


def exact(expression: Expr, values: Values | None = None, *, definitions: Sequence[Definition] = ()) -> Fraction | None:
    """The value, where evaluation stays in the rational numbers; None where it leaves them.

    Examples:
        >>> from sympy import Rational, floor
        >>> exact(floor(Rational(7, 2)))
        Fraction(3, 1)
    """
    compiled, numbers = bind([numeric(expression)], values, definitions, complex_values=False)
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
        >>> from sympy import Eq, Rational, Symbol, sqrt
        >>> x = Symbol("x", positive=True)
        >>> decide(sqrt(x) > Rational(141421356, 10**8), {x: 2})
        True
        >>> decide(Eq(sqrt(x) * sqrt(x + 1), sqrt(x * (x + 1)), evaluate=False), {x: 2}) is None
        True
    """
    condition = sympify(relation)
    if isinstance(condition, Expr) or not isinstance(condition, Boolean):
        raise TypeError(f"decide takes a relation, got {relation!r}")
    compiled, numbers = bind([condition], values, definitions, complex_values)
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
