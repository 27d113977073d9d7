# SPDX-License-Identifier: BSD-3-Clause
"""The oracle's tables: which function of a number is evaluated how, and what a symbol's declaration demands.

Part of the trusted base.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import acb, arb, fmpq
from sympy import Basic, S, Symbol

from . import balls
from .balls import ONE, ZERO, Complex, Undefined, Value

_SAME_NAME = (
    *("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "erfc", "erfi", "gamma", "digamma", "sinc"),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh"),
)
METHODS = {  # SymPy name -> name of the method of arb and acb
    **{name: name for name in _SAME_NAME},
    "loggamma": "lgamma",
    "LambertW": "lambertw",
    "Si": "si",
    "Ci": "ci",
}
_POSITIVE_ONLY = frozenset(("log", "loggamma", "Ci"))
BRANCH_CUTS = _POSITIVE_ONLY | {"LambertW", "asin", "acos", "atan", "asinh", "acosh", "atanh"}
NON_HOLOMORPHIC = frozenset(
    (
        *("Abs", "conjugate", "re", "im", "sign", "Max", "Min", "floor", "ceiling", "Mod", "Piecewise"),
        *("KroneckerDelta", "polygamma", "factorial", "binomial"),
    )
)
_AT_ZERO = dict.fromkeys(("exp", "cos", "cosh", "erfc", "sinc"), ONE) | dict.fromkeys(
    ("sin", "tan", "sinh", "tanh", "asin", "atan", "asinh", "atanh", "erf", "erfi", "LambertW", "Si"), ZERO
)
CONSTANTS: dict[Basic, Callable[[Any], Value]] = {
    S.Pi: lambda _: arb.pi(),
    S.Exp1: lambda _: arb.const_e(),
    S.EulerGamma: lambda _: arb.const_euler(),
    S.Infinity: lambda _: arb.pos_inf(),
    S.NegativeInfinity: lambda _: arb.neg_inf(),
    S.ImaginaryUnit: lambda _: Complex(ZERO, ONE),
}


def method(name: str, complex_values: bool) -> Callable[[Value], Value]:
    """The function of that SymPy name on values.

    A real argument gives a real value or raises; with ``complex_values`` a negative number has its
    principal logarithm. Off the real line, a function with branch cuts other than log has no rule,
    because its value on a cut is a convention.
    """
    real, cplx = getattr(arb, METHODS[name]), getattr(acb, METHODS[name])
    at_zero, positive_only = _AT_ZERO.get(name), name in _POSITIVE_ONLY

    def call(x: Value) -> Value:
        if isinstance(x, Complex):
            if name in BRANCH_CUTS and name != "log":
                raise balls.Unsupported(f"{name} of a complex number")
            return balls.finite_complex(cplx(balls.to_acb(x)))
        if at_zero is not None and isinstance(x, fmpq) and x == 0:
            return at_zero
        if positive_only and (sign := balls.sign(x)) <= 0:
            if sign == 0 or name != "log" or not complex_values:
                raise Undefined(f"{name} of a number that is not positive")
            return balls.finite_complex(cplx(balls.to_acb(x)))
        if name == "log" and isinstance(x, fmpq) and x == 1:
            return ZERO
        return balls.finite(real(balls.to_arb(x)))

    return call


def polygamma(n: int) -> Callable[[Value], Value]:
    """ψ⁽ⁿ⁾ of a positive number."""

    def call(x: Value) -> Value:
        y = balls.real(x, "polygamma")
        if balls.sign(y) <= 0:
            raise Undefined("polygamma of a number that is not positive")
        return balls.finite(acb(balls.to_arb(y)).polygamma(n).real)

    return call


def _ceiling(x: Any) -> fmpq:
    return -balls.floor(-x)


def _sign(x: Any) -> fmpq:
    return fmpq(balls.sign(x))


def _natural(x: Any, what: str) -> int:
    if not (isinstance(x, fmpq) and x.q == 1 and x >= 0):
        raise Undefined(f"{what} needs an exact integer ≥ 0, got {x}")
    return int(x.p)


def _factorial(x: Any) -> fmpq:
    return fmpq(int(sp.factorial(_natural(x, "factorial"))))


def _binomial(n: Any, k: Any) -> fmpq:
    return fmpq(int(sp.binomial(_natural(n, "binomial"), _natural(k, "binomial"))))


REAL_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "floor": balls.floor,
    "ceiling": _ceiling,
    "sign": _sign,
    "Mod": balls.modulo,
    "factorial": _factorial,
    "binomial": _binomial,
}
VALUE_FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "Abs": balls.modulus,
    "conjugate": lambda x: Complex(x.re, -x.im) if isinstance(x, Complex) else x,
    "re": lambda x: balls.parts(x)[0],
    "im": lambda x: balls.parts(x)[1],
}
_ASSUMPTIONS: dict[str, Callable[[Any], bool]] = {
    "integer": lambda x: isinstance(x, fmpq) and x.q == 1,
    "even": lambda x: x.p % 2 == 0,
    "odd": lambda x: x.p % 2 == 1,
    "positive": lambda x: x > 0,
    "negative": lambda x: x < 0,
    "nonnegative": lambda x: x >= 0,
    "nonpositive": lambda x: x <= 0,
    "nonzero": lambda x: isinstance(x, Complex) or x > 0 or x < 0,
    "finite": lambda x: not balls.is_infinite(x),
}


def demands(symbol: Symbol) -> tuple[str, ...]:
    """What the symbol's declaration demands of its value; SymPy has simplified on the strength of it.

    ``real`` and ``integer`` come first: the others rest on them.
    """
    stated = [name for name in _ASSUMPTIONS if getattr(symbol, f"is_{name}")]
    return ("real", *stated) if symbol.is_extended_real else tuple(stated)


def violated(value: Value, demanded: tuple[str, ...]) -> str | None:
    """The first demand that the value does not certainly meet."""
    for demand in demanded:
        if demand == "real":
            if isinstance(value, Complex):
                return demand
        elif not _ASSUMPTIONS[demand](value):
            return demand
    return None
