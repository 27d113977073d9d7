# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position embedding: the variables and terms in which its claims are stated.

Notation: ``h`` pairs of coordinates (the dimension is d = 2h), ``m`` and ``n`` positions, θᵢ the
frequency of pair i; ``q`` and ``k`` are families whose members 2i and 2i+1 make pair i. Most claims
hold for every real family θ; only those about the schedule θᵢ = B^(−2i/d) mention the base B.
"""

from __future__ import annotations

from sympy import Expr, IndexedBase, Rational, Sum, Symbol, cos, sin, symbols

h = Symbol("h", integer=True)
i, j, l = symbols("i j l", integer=True)
m, n, r, t, B, d, s = symbols("m n r t B d s", real=True)
q, k, theta = (IndexedBase(name, real=True) for name in ("q", "k", "theta"))
c = IndexedBase("c")
phi, x0, x1, y0, y1 = symbols("phi x0 x1 y0 y1", real=True)

Pair = tuple[Expr, Expr]


def rotated(x0: Expr, x1: Expr, angle: Expr) -> Pair:
    """R(angle)·(x0, x1), the rotation of one pair of coordinates."""
    return x0 * cos(angle) - x1 * sin(angle), x0 * sin(angle) + x1 * cos(angle)


def frequency(index: Expr, d: Expr, base: Expr) -> Expr:
    """θᵢ = B^(−2i/d)."""
    return base ** (-2 * index / d)


def ntk_base(base: Expr, scale: Expr, d: Expr) -> Expr:
    """The NTK-aware base B·s^(d/(d−2)): pair 0 keeps its frequency, the last one is divided by s."""
    return base * scale ** (d / (d - 2))


def xpos_ratio(index: Expr, d: Expr) -> Expr:
    """ζᵢ = (2i/d + 2/5) / (7/5): what xPos multiplies pair i by, per unit of position over ``scale_base``."""
    return (2 * index / d + Rational(2, 5)) / Rational(7, 5)


def pair(family: IndexedBase, index: Expr) -> Pair:
    """Coordinates 2i and 2i+1 of a vector."""
    return family[2 * index], family[2 * index + 1]


def dot(left: Pair, right: Pair) -> Expr:
    """The inner product of two pairs."""
    return left[0] * right[0] + left[1] * right[1]


def score(left: Pair, right: Pair) -> Expr:
    """Σᵢ of the inner products of pairs i: the inner product in dimension 2h."""
    return Sum(dot(left, right), (i, 0, h - 1))


def kernel(offset: Expr, pairs: Expr, base: Expr) -> Expr:
    """K(r) = Σᵢ cos(r θᵢ) with θᵢ = B^(−2i/d), d = 2·pairs: the score of equal constant query and key."""
    return Sum(cos(offset * frequency(i, 2 * pairs, base)), (i, 0, pairs - 1))
