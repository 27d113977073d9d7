# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position embedding: definitions.

Notation: ``h`` pairs of coordinates (the dimension is d = 2h), ``m`` and ``n`` positions, θᵢ the
frequency of pair i; ``q`` and ``k`` are families whose members 2i and 2i+1 make pair i.
"""

from __future__ import annotations

from sympy import Eq, Expr, Ge, I, IndexedBase, Le, Rational, S, Sum, Symbol, cos, exp, sin, symbols

from .claim import Claim, Refutation, Sequent, Source

h = Symbol("h", integer=True)
i, j = symbols("i j", integer=True)
m, n, r, B = symbols("m n r B", real=True)
q, k, theta = (IndexedBase(name, real=True) for name in ("q", "k", "theta"))
c = IndexedBase("c")


def rotated(x0: Expr, x1: Expr, angle: Expr) -> tuple[Expr, Expr]:
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


def pair(family: IndexedBase, index: Expr) -> tuple[Expr, Expr]:
    """Coordinates 2i and 2i+1 of a vector."""
    return family[2 * index], family[2 * index + 1]


def score(left: tuple[Expr, Expr], right: tuple[Expr, Expr]) -> Expr:
    """Σᵢ of the inner products of pairs i: the inner product in dimension 2h."""
    return Sum(left[0] * right[0] + left[1] * right[1], (i, 0, h - 1))


def kernel(offset: Expr, pairs: Expr, base: Expr) -> Expr:
    """K(r) = Σᵢ cos(r θᵢ) with θᵢ = B^(−2i/d), d = 2·pairs: the score of equal constant query and key."""
    return Sum(cos(offset * frequency(i, 2 * pairs, base)), (i, 0, pairs - 1))


RELATIVE_OFFSET = Claim(
    id="rope.relative-offset",
    title="RoPE scores depend only on the offset",
    prose=(
        "Rotating the query to position m and the key to position n gives the same score as leaving the query "
        "where it is and rotating the key by n − m. So attention scores see positions only through their difference. "
        "The sign of the subscript depends on the convention for vectors; a test of it needs q and k with cross terms."
    ),
    statement=(
        Sequent(
            "score",
            Eq(
                score(rotated(*pair(q, i), m * theta[i]), rotated(*pair(k, i), n * theta[i])),
                score(pair(q, i), rotated(*pair(k, i), (n - m) * theta[i])),
                evaluate=False,
            ),
        ),
    ),
    sources=(Source("su8265", "eq. 22"), Source("su2021roformer", "eq. 16")),
)

ABEL_IDENTITY = Claim(
    id="rope.abel-identity",
    title="Summation by parts for rotary scores",
    prose=(
        "With h terms, partial sums Sᵢ₊₁ = Σ_{j ≤ i} e^{irθⱼ} and the convention that the coefficient after the "
        "last one is 0, a sum of coefficients times phases is a sum of partial sums times differences."
    ),
    statement=(
        Sequent(
            "identity",
            Eq(
                Sum(c[i] * exp(I * r * theta[i]), (i, 0, h - 1)),
                c[h] * Sum(exp(I * r * theta[j]), (j, 0, h - 1))
                - Sum(Sum(exp(I * r * theta[j]), (j, 0, i)) * (c[i + 1] - c[i]), (i, 0, h - 1)),
                evaluate=False,
            ),
            (Ge(h, 0),),
        ),
    ),
    sources=(Source("su8265", "eq. 25"),),
)

DECAY_NOT_MONOTONE = Claim(
    id="rope.decay-not-monotone",
    title="Scores do not decay monotonically with distance",
    prose="The score of equal constant query and key rises from offset 11 to offset 12 for d = 128 and base 10000.",
    kind="refutation",
    statement=(
        Refutation(
            "monotone",
            Sequent("monotone", Le(kernel(n + 1, h, B), kernel(n, h, B)), (Ge(n, 0),)),
            ((n, S(11)), (h, S(64)), (B, S(10000))),
        ),
    ),
    sources=(Source("su8265"),),
)

CLAIMS = (RELATIVE_OFFSET, ABEL_IDENTITY, DECAY_NOT_MONOTONE)
