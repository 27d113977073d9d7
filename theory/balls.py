# SPDX-License-Identifier: BSD-3-Clause
"""Numbers of the oracle: exact rationals, real balls, and pairs of the two for complex values.

A ``Real`` is an exact ``fmpq`` or an ``arb`` that contains the exact value; arithmetic on two rationals
stays rational, so that comparisons and floors of them are certain. A ``Complex`` is a pair with an
imaginary part that is not the exact zero. Every operation returns a finite enclosure or raises; the
working precision is ``flint.ctx.prec``. Part of the trusted base.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from operator import index
from typing import Any, NamedTuple, TypeAlias

from flint import acb, arb, ctx, fmpq, fmpz
from sympy import Expr, I, S


class Unsupported(ValueError):
    """The oracle has no rule for this expression."""


class Undefined(ArithmeticError):
    """The expression is undefined at this input."""


class Undecided(Undefined):
    """At this precision the expression cannot be shown to be defined; more precision may help."""


class Complex(NamedTuple):
    """re + i·im, where im is not the exact zero."""

    re: Real
    im: Real


Real: TypeAlias = "fmpq | arb"
Value: TypeAlias = "fmpq | arb | Complex"

ZERO, ONE = fmpq(0), fmpq(1)
_EXACT_POWER_BITS = 1 << 17  # beyond this size an exact power gives way to a ball


def number(value: object) -> Value:
    """A number of any kind as an exact value or ball: a float is the dyadic rational that it is.

    Errors: ``TypeError`` for what is not a number; ``Undefined`` for NaN.
    """
    if isinstance(value, arb):
        if not value.is_finite() and not is_infinite(value):
            raise Undefined(f"a value is {value}")
        return value
    if isinstance(value, (fmpq, Complex)):
        return value
    if isinstance(value, fmpz):
        return fmpq(value)
    if isinstance(value, acb):
        return finite_complex(value)
    if isinstance(value, Expr):
        return _from_sympy(value)
    if isinstance(value, complex):
        return pair(_from_ratio(value.real), _from_ratio(value.imag))
    try:
        return fmpq(index(value))  # type: ignore[arg-type]
    except TypeError:
        return _from_ratio(value)


def _from_ratio(value: Any) -> Real:
    if not hasattr(value, "as_integer_ratio"):
        raise TypeError(f"not a number: {value!r} of type {type(value).__name__}")
    try:
        return fmpq(*value.as_integer_ratio())
    except OverflowError:
        return arb.pos_inf() if value > 0 else arb.neg_inf()
    except ValueError:
        raise Undefined("a value is NaN") from None


def _from_sympy(value: Expr) -> Value:
    if value is S.Infinity:
        return arb.pos_inf()
    if value is S.NegativeInfinity:
        return arb.neg_inf()
    re, im = value.as_real_imag() if value.has(I) else (value, S.Zero)
    if re.is_Rational and im.is_Rational:
        return pair(fmpq(int(re.p), int(re.q)), fmpq(int(im.p), int(im.q)))
    raise TypeError(f"a SymPy value must be rational (or I times a rational plus one), got {value}")


def pair(re: Real, im: Real) -> Value:
    """``re + i·im``; real when the imaginary part is exactly zero."""
    if isinstance(im, arb) and im.is_zero():
        im = ZERO
    return re if isinstance(im, fmpq) and im == 0 else Complex(re, im)


def to_arb(x: Real) -> arb:
    return x if isinstance(x, arb) else arb(x)


def to_acb(x: Value) -> acb:
    return acb(to_arb(x.re), to_arb(x.im)) if isinstance(x, Complex) else acb(to_arb(x))


def is_infinite(x: Value) -> bool:
    """Is it exactly +∞ or −∞?"""
    return isinstance(x, arb) and (x == arb.pos_inf() or x == arb.neg_inf())


def finite(x: arb) -> arb:
    if not x.is_finite():
        raise Undecided("no finite enclosure at this precision")
    return x


def finite_complex(z: acb) -> Value:
    return pair(finite(z.real), finite(z.imag))


def parts(x: Value) -> tuple[Real, Real]:
    return (x.re, x.im) if isinstance(x, Complex) else (x, ZERO)


def real(x: Value, what: str) -> Real:
    if isinstance(x, Complex):
        raise Undefined(f"{what} needs a real number, got a complex one")
    return x


def add(x: Value, y: Value) -> Value:
    if isinstance(x, Complex) or isinstance(y, Complex):
        (a, b), (c, d) = parts(x), parts(y)
        return pair(_add(a, c), _add(b, d))
    return _add(x, y)


def _add(x: Real, y: Real) -> Real:
    if isinstance(x, fmpq) and isinstance(y, fmpq):
        return x + y
    return finite(to_arb(x) + to_arb(y))


def mul(x: Value, y: Value) -> Value:
    if isinstance(x, Complex) or isinstance(y, Complex):
        (a, b), (c, d) = parts(x), parts(y)
        return pair(_add(_mul(a, c), _mul(fmpq(-1), _mul(b, d))), _add(_mul(a, d), _mul(b, c)))
    return _mul(x, y)


def _mul(x: Real, y: Real) -> Real:
    if isinstance(x, fmpq):
        if isinstance(y, fmpq):
            return x * y
        if x == 0:
            return ZERO
    elif isinstance(y, fmpq) and y == 0:
        return ZERO
    return finite(to_arb(x) * to_arb(y))


def sign(x: Real) -> int:
    """−1, 0 or 1; 0 only for an exact zero. ``Undecided`` for a ball that contains 0."""
    if x > 0:
        return 1
    if x < 0:
        return -1
    if isinstance(x, fmpq) or x.is_zero():
        return 0
    raise Undecided("the sign is not certain at this precision")


def inverse(x: Value) -> Value:
    if isinstance(x, Complex):
        norm = _add(_mul(x.re, x.re), _mul(x.im, x.im))
        scale = real(inverse(norm), "a norm")
        return pair(_mul(x.re, scale), _mul(fmpq(-1), _mul(x.im, scale)))
    if sign(x) == 0:
        raise Undefined("division by zero")
    return 1 / x if isinstance(x, fmpq) else finite(1 / x)


def integer_power(x: Value, n: int) -> Value:
    """xⁿ with x⁰ = 1, also for x = 0."""
    if n == 0:
        return ONE
    if n < 0:
        return integer_power(inverse(x), -n)
    if isinstance(x, fmpq):
        if x.p in (-1, 0, 1) and x.q == 1:
            return x if n % 2 else x * x
        if n * (x.p.height_bits() + x.q.height_bits()) <= _EXACT_POWER_BITS:
            return x**n
        x = arb(x)
    if isinstance(x, arb) and (quick := x**n).is_finite():  # NaN for a ball around zero
        return quick
    half = integer_power(x, n // 2)
    square = mul(half, half)
    return mul(square, x) if n % 2 else square


def power(x: Value, y: Value, complex_values: bool) -> Value:
    """The principal value of x^y; a real base must be certainly positive unless y is an exact integer."""
    if isinstance(y, fmpq) and y.q == 1:
        return integer_power(x, int(y.p))
    if isinstance(x, Complex) or isinstance(y, Complex):
        if not isinstance(x, Complex) and sign(x) == 0:
            raise Undefined("a complex power of zero")
        if not complex_values and isinstance(x, fmpq | arb) and sign(x) < 0:
            raise Undefined("a power of a negative number in real arithmetic")
        if isinstance(x, Complex) and not (x.re > 0 or x.im > 0 or x.im < 0):
            raise Undecided("the base of a power may touch the branch cut")
        return finite_complex(to_acb(x).pow(to_acb(y)))
    s = sign(x)
    if s == 0:
        if sign(y) > 0:
            return ZERO
        raise Undefined("a negative power of zero")
    if s < 0:
        if not complex_values:
            raise Undefined("a fractional power of a negative number")
        return finite_complex(to_acb(x).pow(to_acb(y)))
    if isinstance(y, fmpq):
        return _rational_power(x, y)
    return finite(to_arb(x) ** y)


def _rational_power(x: Real, y: fmpq) -> Real:
    p, q = int(y.p), int(y.q)
    if isinstance(x, fmpq) and q <= 64:
        n, d = x.p.root(q), x.q.root(q)
        if n**q == x.p and d**q == x.q:
            return real(integer_power(fmpq(n, d), p), "a root")
    if q == 2 and abs(p) <= 64:
        return real(integer_power(finite(to_arb(x).sqrt()), p), "a root")
    return finite(to_arb(x) ** to_arb(y))


def modulus(x: Value) -> Real:
    if isinstance(x, Complex):
        if isinstance(x.re, fmpq) and isinstance(x.im, fmpq):
            return real(power(x.re * x.re + x.im * x.im, fmpq(1, 2), False), "a modulus")
        return finite(abs(to_acb(x)))
    return finite(abs(x)) if isinstance(x, arb) else abs(x)


def floor(x: Real) -> fmpq:
    if isinstance(x, fmpq):
        return fmpq(x.floor())
    n = finite(x).floor().unique_fmpz()
    if n is None:
        raise Undecided("the floor is not certain at this precision")
    return fmpq(n)


def modulo(x: Real, y: Real) -> Real:
    """x − y⌊x/y⌋, with the sign of y."""
    quotient = floor(_mul(x, real(inverse(y), "Mod")))
    return _add(x, _mul(fmpq(-1), _mul(y, quotient)))


def largest(x: Real, y: Real) -> Real:
    """The larger of two, infinities allowed."""
    if x >= y:
        return x
    if y >= x:
        return y
    return finite(to_arb(x).max(to_arb(y)))


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def compare(x: Value, op: str, y: Value) -> bool | None:
    """Is ``x op y``? True and False only when that is certain; op is one of ``== != < <= > >=``."""
    if op == "==":
        return _equal(x, y)
    if op == "!=":
        equal = _equal(x, y)
        return None if equal is None else not equal
    a, b = real(x, "an inequality"), real(y, "an inequality")
    if _ORDER[op](a, b):
        return True
    return False if _ORDER[_OPPOSITE[op]](a, b) else None


def _equal(x: Value, y: Value) -> bool | None:
    (a, b), (c, d) = parts(x), parts(y)
    same = [_equal_real(a, c), _equal_real(b, d)]
    if False in same:
        return False
    return None if None in same else True


def _equal_real(x: Real, y: Real) -> bool | None:
    if x < y or x > y:
        return False
    return True if x == y else None


def to_fraction(x: fmpq) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def workprec(bits: int) -> Any:
    """Context manager: compute with that many bits."""
    return ctx.workprec(bits)
