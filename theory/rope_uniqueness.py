# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position embedding: which encodings make scores relative.

Main results: over the complex numbers only rotation does (``rope.uniqueness-complex``), over the reals
reflections do as well (``rope.reflection-solution``).
"""

from __future__ import annotations

from sympy import Abs, Eq, Expr, Function, Ge, I, S, conjugate, exp, symbols

from .claim import Claim, ForAll, Hypothesis, Refutation, Sequent, Source
from .rope_terms import Pair, dot, phi, x0, x1, y0, y1

f, g = Function("f"), Function("g")
x, y = symbols("x y")  # complex
mu, nu = symbols("mu nu", integer=True)
IDENTITY_AT_0 = ForAll((x,), Eq(f(x, 0), x, evaluate=False))
RELATIVE = ForAll((x, y, mu, nu), Eq(f(x, mu) * conjugate(f(y, nu)), g(x, y, mu - nu), evaluate=False))
FUNCTIONAL_EQUATION: tuple[Hypothesis, ...] = (IDENTITY_AT_0, RELATIVE)

UNIQUENESS_COMPLEX = Claim(
    id="rope.uniqueness-complex",
    title="Rotation is the only relative encoding of complex numbers",
    prose=(
        "Let f(q, m) encode the complex number q at the integer position m, with f(q, 0) = q, and let the products "
        "f(q, m)·conj f(k, n) depend on m − n only. Then f(q, m) = q·uᵐ for the single number u = f(1, 1), and "
        "|u| = 1; a number of modulus 1 is e^{iθ} for some θ. Nothing is assumed about f, not even continuity: that "
        "|f(q, m)| = |q| is forced. Conversely every e^{iθ} gives a solution. The complex product is essential: see "
        "rope.reflection-solution."
    ),
    statement=(
        Sequent("modulus", Eq(Abs(f(1, 1)), 1, evaluate=False), FUNCTIONAL_EQUATION),
        Sequent("power", Eq(f(x, mu), x * f(1, 1) ** mu, evaluate=False), (*FUNCTIONAL_EQUATION, Ge(mu, 0))),
        Sequent(
            "negative-power",
            Eq(f(x, -mu), x * conjugate(f(1, 1)) ** mu, evaluate=False),
            (*FUNCTIONAL_EQUATION, Ge(mu, 0)),
        ),
        Sequent("norm", Eq(Abs(f(x, mu)), Abs(x), evaluate=False), FUNCTIONAL_EQUATION),
        Sequent(
            "converse",
            Eq(
                x * exp(I * phi * mu) * conjugate(y * exp(I * phi * nu)),
                x * conjugate(y) * exp(I * phi * (mu - nu)),
                evaluate=False,
            ),
        ),
    ),
    sources=(Source("su8265", "eqs. 13-19"), Source("su2021roformer", "sec. 3.4.1")),
    no_law="it is about all functions, not about an implementation",
)

o00, o01, o10, o11 = symbols("o00 o01 o10 o11", real=True)


def reflected(z0: Expr, z1: Expr, position: Expr) -> Pair:
    """diag(1, −1)^m · (z0, z1)."""
    return z0, S.NegativeOne**position * z1


REFLECTION_SOLUTION = Claim(
    id="rope.reflection-solution",
    title="Over the reals a reflection is relative too",
    kind="refutation",
    prose=(
        "On integer positions the powers of any orthogonal matrix O satisfy ⟨Oᵐq, Oⁿk⟩ = qᵀO^{n−m}k, and an "
        "orthogonal matrix need not be a rotation: its determinant may be −1. For O = diag(1, −1) the score sees only "
        "the parity of the offset. The complex product in rope.uniqueness-complex is what removes this solution."
    ),
    statement=(
        Sequent(
            "relative",
            Eq(
                dot(reflected(x0, x1, mu), reflected(y0, y1, nu)),
                dot((x0, x1), reflected(y0, y1, nu - mu)),
                evaluate=False,
            ),
        ),
        Sequent(
            "parity",
            Eq(
                dot(reflected(x0, x1, mu), reflected(y0, y1, nu + 2)),
                dot(reflected(x0, x1, mu), reflected(y0, y1, nu)),
                evaluate=False,
            ),
        ),
        Refutation(
            "only-rotations",
            Sequent(
                "only-rotations",
                Eq(o00 * o11 - o01 * o10, 1, evaluate=False),
                (
                    Eq(o00**2 + o10**2, 1, evaluate=False),
                    Eq(o00 * o01 + o10 * o11, 0, evaluate=False),
                    Eq(o01**2 + o11**2, 1, evaluate=False),
                ),
            ),
            ((o00, S.One), (o01, S.Zero), (o10, S.Zero), (o11, S.NegativeOne)),
        ),
    ),
    no_law="a solution that nobody implements",
)

CLAIMS = (UNIQUENESS_COMPLEX, REFLECTION_SOLUTION)
