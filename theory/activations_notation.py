# SPDX-License-Identifier: BSD-3-Clause
"""Symbols and small builders that the claims about activations share."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Eq, Expr, Ge, Gt, IndexedBase, Le, Limit, Lt, Ne, S, Symbol, symbols
from sympy.core.relational import Relational

from .claim import ForAll

x, y, z, t, u, v, w, a, b, c, d, g, h, r, s = symbols("x y z t u v w a b c d g h r s", real=True)
theta, delta, eta, lam = symbols("theta delta eta lambda", real=True)
i, j, k, l, m, n, L = symbols("i j k l m n L", integer=True)


def family(name: str) -> IndexedBase:
    """Real numbers by index."""
    return IndexedBase(name, real=True)


def equal(left: Expr, right: Expr) -> Relational:
    """left = right, as a statement."""
    return Eq(left, right, evaluate=False)


def unequal(left: Expr, right: Expr) -> Relational:
    return Ne(left, right, evaluate=False)


def at_most(left: Expr, right: Expr) -> Relational:
    return Le(left, right, evaluate=False)


def at_least(left: Expr, right: Expr) -> Relational:
    return Ge(left, right, evaluate=False)


def less(left: Expr, right: Expr) -> Relational:
    return Lt(left, right, evaluate=False)


def more(left: Expr, right: Expr) -> Relational:
    return Gt(left, right, evaluate=False)


def every(index: Symbol, count: Expr, body: Relational) -> ForAll:
    """The relation for index 0 … count − 1."""
    return ForAll((index,), body, (at_most(S.Zero, index), at_most(index, count - 1)))


def slope(function: Callable[[Expr], Expr], at: Expr = x, side: str = "+-") -> Expr:
    """The derivative there, as the limit of the quotient; from one side where the side is "+" or "-"."""
    return Limit((function(at + h) - function(at)) / h, h, 0, side)


def sign(at: Expr) -> Expr:
    """x/|x|: ±1, without a value at 0."""
    return at / Abs(at)
