# SPDX-License-Identifier: BSD-3-Clause
"""Derivatives as expressions for the oracle, by a table of our own. Part of the trusted base.

SymPy's own ``diff`` gives wrong values at kinks (``Max``, ``Abs``, ``Piecewise``); here these have no rule.
The derivative holds wherever its expression is defined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Expr, KroneckerDelta, S, Symbol
from sympy.tensor.indexed import Indexed

from .balls import Unsupported

_FUNCTIONS: dict[str, Callable[[Any], Expr]] = {
    "exp": sp.exp,
    "log": lambda u: 1 / u,
    "sin": sp.cos,
    "cos": lambda u: -sp.sin(u),
    "tan": lambda u: 1 + sp.tan(u) ** 2,
    "sinh": sp.cosh,
    "cosh": sp.sinh,
    "tanh": lambda u: 1 / sp.cosh(u) ** 2,
    "asin": lambda u: 1 / sp.sqrt(1 - u**2),
    "acos": lambda u: -1 / sp.sqrt(1 - u**2),
    "atan": lambda u: 1 / (1 + u**2),
    "asinh": lambda u: 1 / sp.sqrt(1 + u**2),
    "atanh": lambda u: 1 / (1 - u**2),
    "erf": lambda u: 2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    "erfc": lambda u: -2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    "erfi": lambda u: 2 * sp.exp(u**2) / sp.sqrt(sp.pi),
    "gamma": lambda u: sp.gamma(u) * sp.polygamma(0, u),
    "loggamma": lambda u: sp.polygamma(0, u),
    "LambertW": lambda u: sp.exp(-sp.LambertW(u)) / (1 + sp.LambertW(u)),
    "Si": sp.sinc,
    "Ci": lambda u: sp.cos(u) / u,
}


def gradient(expression: Expr, variable: Symbol | Indexed) -> Expr:
    """The partial derivative by a symbol, or by an element ``q[j]`` of a family, as an expression.

    Errors: ``Unsupported`` for a node that depends on the variable and has no rule (Abs, Max, Piecewise,
    floor, an undefined function, a sum whose bounds depend on it, a product over an index, an integral).

    Examples:
        >>> from sympy import symbols, IndexedBase, Sum
        >>> x, q = symbols("x", real=True), IndexedBase("q")
        >>> i, j, n = symbols("i j n", integer=True)
        >>> gradient(x * sp.exp(x), x)
        x*exp(x) + exp(x)
        >>> gradient(Sum(q[i] ** 2, (i, 0, n)), q[j])
        Sum(2*KroneckerDelta(i, j)*q[i], (i, 0, n))
    """
    e = expression
    if not _mentions(e, variable):
        return S.Zero
    if e == variable:
        return S.One
    if isinstance(e, Indexed):
        if _inside(e.indices, variable) or not isinstance(variable, Indexed):
            raise Unsupported(f"an index that depends on {variable}: {e}")
        return sp.Mul(*[KroneckerDelta(a, b) for a, b in zip(e.indices, variable.indices, strict=True)])
    if isinstance(e, sp.Add):
        return sp.Add(*[gradient(a, variable) for a in e.args])
    if isinstance(e, sp.Mul):
        return sp.Add(*[sp.Mul(*e.args[:k], gradient(a, variable), *e.args[k + 1 :]) for k, a in enumerate(e.args)])
    if isinstance(e, sp.Pow):
        return _power(e, variable)
    if isinstance(e, sp.Sum):
        return _sum(e, variable)
    rule = _FUNCTIONS.get(type(e).__name__)
    if rule is None or len(e.args) != 1:
        raise Unsupported(f"no rule for the derivative of {type(e).__name__}: {e}")
    return rule(e.args[0]) * gradient(e.args[0], variable)


def _mentions(e: Expr, variable: Symbol | Indexed) -> bool:
    if isinstance(variable, Indexed):
        return any(node.base == variable.base for node in e.atoms(Indexed))
    return variable in e.free_symbols


def _inside(expressions: tuple[Expr, ...], variable: Symbol | Indexed) -> bool:
    return any(_mentions(a, variable) for a in expressions)


def _power(e: Expr, variable: Symbol | Indexed) -> Expr:
    base, exponent = e.base, e.exp
    by_base = exponent * base ** (exponent - 1) * gradient(base, variable)
    if not _mentions(exponent, variable):
        return by_base
    return by_base + e * sp.log(base) * gradient(exponent, variable)


def _sum(e: Expr, variable: Symbol | Indexed) -> Expr:
    indices = {limit[0] for limit in e.limits}
    if _inside(tuple(bound for limit in e.limits for bound in limit[1:]), variable):
        raise Unsupported(f"bounds of a sum that depend on {variable}: {e}")
    if isinstance(variable, Indexed) and indices & variable.free_symbols:
        raise Unsupported(f"{variable} has the same index as the sum {e}: rename one of them")
    term = gradient(e.function, variable)
    return S.Zero if term == 0 else sp.Sum(term, *e.limits)
