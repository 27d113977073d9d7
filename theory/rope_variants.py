# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position embedding: the schedule of frequencies, its rescalings, and relatives of RoPE.

Main results: ``rope.theta-schedule``, position interpolation and the NTK-aware base
(``rope.pi-interpolation``, ``rope.ntk-endpoints``), ``rope.xpos-decay``, the zero denominator of rotated
linear attention, and two-dimensional positions (``rope.two-axis``).
"""

from __future__ import annotations

from sympy import Eq, Expr, Gt, IndexedBase, Le, Lt, Ne, S, cos, pi, sqrt, symbols

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .rope_terms import (
    B,
    d,
    dot,
    frequency,
    h,
    i,
    k,
    m,
    n,
    ntk_base,
    pair,
    q,
    r,
    rotated,
    s,
    score,
    t,
    theta,
)

THETA_SCHEDULE = Claim(
    id="rope.theta-schedule",
    title="The frequencies fall geometrically from 1 to B^(−1+2/d)",
    kind="definition",
    prose=(
        "θᵢ = B^(−2i/d) for i = 0 … d/2 − 1, usually with B = 10000. So θ₀ = 1, consecutive frequencies have the "
        "constant ratio B^(−2/d), and the last one is B^(−1+2/d), not B^(−1). Wavelengths 2π/θᵢ are 2πB^(2i/d). A "
        "paper that counts pairs from 1 writes B^(−2(i−1)/d) for the same numbers."
    ),
    statement=(
        Sequent(
            "first",
            Eq(frequency(i, d, B), 1, evaluate=False),
            (Eq(i, 0, evaluate=False), Gt(B, 0), Ne(d, 0)),
        ),
        Sequent("last", Eq(frequency(d / 2 - 1, d, B), B ** (-1 + 2 / d), evaluate=False), (Gt(B, 0), Ne(d, 0))),
        Sequent(
            "ratio",
            Eq(frequency(i + 1, d, B), frequency(i, d, B) * B ** (-2 / d), evaluate=False),
            (Gt(B, 0), Ne(d, 0)),
        ),
        Sequent(
            "wavelength",
            Eq(2 * pi * t * frequency(i, d, B), 2 * pi, evaluate=False),
            (Eq(t, B ** (2 * i / d), evaluate=False), Gt(B, 0), Ne(d, 0)),
        ),
        Refutation(
            "ends-at-1-over-B",
            Sequent("last", Eq(frequency(d / 2 - 1, d, B), 1 / B, evaluate=False), (Gt(B, 0), Gt(d, 0))),
            ((d, S(4)), (B, S(10000))),
        ),
    ),
    sources=(Source("su8265"), Source("su2021roformer", "sec. 3.2.2")),
)


eta, u, w = (IndexedBase(name, real=True) for name in ("eta", "u", "w"))


def _interpolated(part: int) -> Sequent:
    """RoPE with the frequency η = θ/s at position m is RoPE with θ at position m/s."""
    slowed, moved = rotated(*pair(q, i), m * eta[i]), rotated(*pair(q, i), (m / s) * theta[i])
    return Sequent(
        ("even", "odd")[part],
        Eq(slowed[part], moved[part], evaluate=False),
        (Eq(eta[i], theta[i] / s, evaluate=False), Ne(s, 0)),
    )


PI_INTERPOLATION = Claim(
    id="rope.pi-interpolation",
    title="Dividing positions by s is dividing all frequencies by s",
    prose=(
        "Position interpolation feeds m/s instead of m. That is RoPE with every θᵢ divided by s, and the score sees "
        "the offset (n − m)/s."
    ),
    statement=(
        _interpolated(0),
        _interpolated(1),
        Sequent(
            "offset",
            Eq(
                score(rotated(*pair(q, i), (m / s) * theta[i]), rotated(*pair(k, i), (n / s) * theta[i])),
                score(pair(q, i), rotated(*pair(k, i), ((n - m) / s) * theta[i])),
                evaluate=False,
            ),
            (Ne(s, 0),),
        ),
    ),
    sources=(Source("chen2023pi"),),
)

NTK_DOMAIN = (Gt(B, 0), Gt(s, 0), Gt(d, 2))
NTK_ENDPOINTS = Claim(
    id="rope.ntk-endpoints",
    title="The NTK-aware base keeps the first frequency and divides the last by s",
    prose=(
        "With B′ = B·s^(d/(d−2)) pair i is slowed down by s^(2i/(d−2)): not at all for i = 0, by exactly s for the "
        "last pair, i = d/2 − 1. Every d > 2 will do, B and s positive."
    ),
    statement=(
        Sequent(
            "every-pair",
            Eq(frequency(i, d, ntk_base(B, s, d)), frequency(i, d, B) / s ** (2 * i / (d - 2)), evaluate=False),
            NTK_DOMAIN,
        ),
        Sequent(
            "first",
            Eq(frequency(i, d, ntk_base(B, s, d)), frequency(i, d, B), evaluate=False),
            (*NTK_DOMAIN, Eq(i, 0, evaluate=False)),
        ),
        Sequent(
            "last",
            Eq(frequency(d / 2 - 1, d, ntk_base(B, s, d)), frequency(d / 2 - 1, d, B) / s, evaluate=False),
            NTK_DOMAIN,
        ),
    ),
    sources=(Source("peng2023yarn", "sec. 3"),),
)

zeta = IndexedBase("zeta", real=True)
z = symbols("z", real=True)
POSITIVE_RATIOS = ForAll((i,), Gt(zeta[i], 0, evaluate=False), (Le(0, i), Lt(i, h)))


def scaled(x: tuple[Expr, Expr], factor: Expr) -> tuple[Expr, Expr]:
    return factor * x[0], factor * x[1]


XPOS_DECAY = Claim(
    id="rope.xpos-decay",
    title="xPos multiplies every pair by a power of the offset",
    prose=(
        "Scaling pair i of the query by ζᵢᵐ and of the key by ζᵢ⁻ⁿ multiplies the product of pair i by ζᵢ^(m−n), so "
        "the score remains relative; the ratios need only be positive. For 0 < ζ < 1 the factor falls strictly with "
        "the offset, from 1 at m = n. In the other direction, m < n, it exceeds 1 and grows without bound: xPos is "
        "for causal attention."
    ),
    statement=(
        Sequent(
            "relative",
            Eq(
                score(
                    scaled(rotated(*pair(q, i), m * theta[i]), zeta[i] ** m),
                    scaled(rotated(*pair(k, i), n * theta[i]), zeta[i] ** (-n)),
                ),
                score(pair(q, i), scaled(rotated(*pair(k, i), (n - m) * theta[i]), zeta[i] ** (m - n))),
                evaluate=False,
            ),
            (POSITIVE_RATIOS,),
        ),
        Sequent("decreasing", Lt(z**t, z**r, evaluate=False), (Gt(z, 0), Lt(z, 1), Lt(r, t))),
        Sequent("blows-up", Gt(z ** (m - n), 1, evaluate=False), (Gt(z, 0), Lt(z, 1), Lt(m, n))),
    ),
    sources=(Source("sun2022xpos"),),
)

a, b = symbols("a b", real=True)


def linear_denominator(first: Expr, second: Expr) -> Expr:
    """d = 2, θ = 1: the feature (1, 0) at position 0 against (first, 0) at 1 and (second, 0) at 2, all rotated."""
    query = rotated(S.One, S.Zero, S.Zero)
    return dot(query, rotated(first, S.Zero, S.One)) + dot(query, rotated(second, S.Zero, S(2)))


ROOT = -a * cos(1) / cos(2)

LINEAR_ATTN_DENOMINATOR_ZERO = Claim(
    id="rope.linear-attn-denominator-zero",
    title="Rotating the denominator of linear attention can make it zero",
    kind="refutation",
    prose=(
        "Linear attention divides by Σⱼ φ(qᵢ)ᵀψ(kⱼ), which is positive for positive features. Rotating the features "
        "there destroys that: with one pair, θ = 1 and keys (a, 0), (b, 0) at positions 1 and 2 the denominator is "
        "a·cos 1 + b·cos 2, which is negative for a = 1, b = 2 and exactly 0 for b = −a·cos 1/cos 2, a positive "
        "number. RoFormer therefore rotates the numerator only."
    ),
    statement=(
        Refutation(
            "positive",
            Sequent("positive", Gt(linear_denominator(a, b), 0, evaluate=False), (Gt(a, 0), Gt(b, 0))),
            ((a, S.One), (b, S(2))),
        ),
        Sequent("zero-at-root", Eq(linear_denominator(a, b), cos(2) * (b - ROOT), evaluate=False)),
        Sequent("root-is-positive", Gt(ROOT, 0, evaluate=False), (Gt(a, 0),)),
    ),
    sources=(Source("su8265", "eq. 29"), Source("su2021roformer", "eq. 19")),
    no_law="it says what not to implement",
)

x, y, x_, y_ = symbols("x y x' y'", real=True)


def along(family: IndexedBase, position: Expr, frequencies: IndexedBase) -> tuple[Expr, Expr]:
    return rotated(*pair(family, i), position * frequencies[i])


def two_generators() -> Refutation:
    """[e^{−aL_z} e^{bL_x}]₃₃ = cos b, but [e^{bL_x − aL_z}]₃₃ = (a² + b² cos ρ)/ρ², ρ² = a² + b² (Rodrigues)."""
    rho = sqrt(a**2 + b**2)
    return Refutation(
        "any-generators",
        Sequent(
            "any-generators",
            Eq(cos(b), (a**2 + b**2 * cos(rho)) / rho**2, evaluate=False),
            (Gt(a, 0), Gt(b, 0)),
        ),
        ((a, S(3)), (b, S(4))),
    )


TWO_AXIS = Claim(
    id="rope.two-axis",
    title="Two-dimensional RoPE is relative in both axes",
    prose=(
        "Rotate half of the pairs by the horizontal position and half by the vertical one, or every pair by "
        "xθᵢ + yηᵢ: the score depends on (x′ − x, y′ − y) only. What makes it work is that the two rotations commute. "
        "With generators that do not, it fails: for rotations of space about the axes z and x, moving from (a, 0) to "
        "(0, b) is e^{−aL_z}e^{bL_x}, whose last entry is cos b, while e^{bL_x − aL_z} has the last entry "
        "(a² + b² cos ρ)/ρ² with ρ² = a² + b² by Rodrigues' formula; a = 3, b = 4 tells them apart. That commuting "
        "generators always work is a theorem about matrix exponentials, not proved here."
    ),
    statement=(
        Sequent(
            "axial",
            Eq(
                score(along(q, x, theta), along(k, x_, theta)) + score(along(u, y, eta), along(w, y_, eta)),
                score(pair(q, i), along(k, x_ - x, theta)) + score(pair(u, i), along(w, y_ - y, eta)),
                evaluate=False,
            ),
        ),
        Sequent(
            "mixed",
            Eq(
                score(
                    rotated(*pair(q, i), x * theta[i] + y * eta[i]),
                    rotated(*pair(k, i), x_ * theta[i] + y_ * eta[i]),
                ),
                score(pair(q, i), rotated(*pair(k, i), (x_ - x) * theta[i] + (y_ - y) * eta[i])),
                evaluate=False,
            ),
        ),
        two_generators(),
    ),
    sources=(Source("su8397"),),
    no_law="no contract of this version rotates by two positions",
)

CLAIMS = (
    THETA_SCHEDULE,
    PI_INTERPOLATION,
    NTK_ENDPOINTS,
    XPOS_DECAY,
    LINEAR_ATTN_DENOMINATOR_ZERO,
    TWO_AXIS,
)
