# SPDX-License-Identifier: BSD-3-Clause
"""Units that read more than one number: maxout, gated linear units, and what depth without an activation is."""

from __future__ import annotations

from sympy import Abs, Expr, Function, Max, Ne, S, Sum, ceiling

from .activations_notation import (
    a,
    at_least,
    at_most,
    b,
    c,
    d,
    equal,
    family,
    g,
    h,
    i,
    j,
    k,
    less,
    m,
    more,
    n,
    r,
    slope,
    t,
    theta,
    u,
    v,
    x,
    y,
)
from .activations_sigmoids import sigmoid_slope
from .activations_terms import gelu, relu, sigmoid, step, swish
from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source

# --- maxout ------------------------------------------------------------------------------------------------------

slopes, offsets = family("a"), family("b")
_MAXOUT = Function("maxout", real=True)
MAXOUT = Definition(
    "maxout",
    (k, x),
    (
        Case((S.Zero, x), slopes[0] * x + offsets[0]),
        Case((k + 1, x), Max(_MAXOUT(k, x), slopes[k + 1] * x + offsets[k + 1]), (at_least(k, S.Zero),)),
    ),
    domain="real",
)
knots, bends = family("t"), family("d")


def bent_line(part: object) -> Expr:
    """Σⱼ part(dⱼ) relu(x − tⱼ) over n knots."""
    return Sum(part(bends[j]) * relu(x - knots[j]), (j, 0, n - 1))  # type: ignore[operator]  # a function of a term


MAXOUT_CLAIM = Claim(
    id="activations.maxout",
    title="Maxout is convex; differences of two give every continuous piecewise linear function of one variable",
    prose=(
        "A maximum of affine functions is convex; stated along a line x, on which affine functions are aₖx + bₖ, for "
        "any number of pieces. It contains ReLU, max(0, x), and sums of maxima are maxima of sums. A continuous "
        "piecewise linear function of one variable with n knots is made of n + 1 lines aₘx + bₘ, each of which meets "
        "the next one at the knot between them. It has the form s + cx + Σ dⱼ relu(x − tⱼ), where s + cx is the first "
        "line and the bend dⱼ = aⱼ₊₁ − aⱼ, of either sign, is the change of slope at knot tⱼ. Taking the bends of one "
        "sign together writes it as a difference of two such sums with bends ≥ 0, and with ascending knots such a sum "
        "is one maxout unit: its pieces are the lines between the knots. So two maxout units and a difference are "
        "enough."
    ),
    statement=(
        Sequent(
            "convex",
            at_most(MAXOUT(k, t * u + (1 - t) * v), t * MAXOUT(k, u) + (1 - t) * MAXOUT(k, v)),
            (at_least(k, S.Zero), at_least(t, S.Zero), at_most(t, S.One)),
        ),
        Sequent(
            "relu",
            equal(MAXOUT(S.One, x), relu(x)),
            (equal(slopes[0], S.Zero), equal(offsets[0], S.Zero), equal(slopes[1], S.One), equal(offsets[1], S.Zero)),
        ),
        Sequent("sum", equal(Max(a, b) + Max(u, v), Max(a + u, a + v, b + u, b + v))),
        Sequent(
            "piecewise-linear",
            equal(
                slopes[m] * x + offsets[m],
                slopes[0] * x + offsets[0] + Sum((slopes[j + 1] - slopes[j]) * relu(x - knots[j]), (j, 0, n - 1)),
            ),
            (
                at_least(m, S.Zero),
                at_most(m, n),
                ForAll((j,), equal(slopes[j + 1] * knots[j] + offsets[j + 1], slopes[j] * knots[j] + offsets[j])),
                ForAll((j,), at_most(knots[j], x), (at_most(j, m - 1),)),
                ForAll((j,), at_least(knots[j], x), (at_least(j, m), at_most(j, n - 1))),
            ),
        ),
        Sequent(
            "difference",
            equal(c * x + bent_line(lambda e: e), (c * x + bent_line(relu)) - bent_line(lambda e: relu(-e))),
        ),
        Sequent(
            "one-unit",
            equal(MAXOUT(k, x), d + c * x + Sum(bends[j] * relu(x - knots[j]), (j, 0, k - 1))),
            (
                at_least(k, S.Zero),
                ForAll((j,), at_least(bends[j], S.Zero)),
                ForAll((i, j), at_most(knots[i], knots[j]), (at_most(i, j),)),
                equal(slopes[0], c),
                equal(offsets[0], d),
                ForAll((j,), equal(slopes[j + 1], slopes[j] + bends[j])),
                ForAll((j,), equal(offsets[j + 1], offsets[j] - bends[j] * knots[j])),
            ),
        ),
        Sequent(
            "bend",
            at_most(d * relu(t * u + (1 - t) * v - y), t * (d * relu(u - y)) + (1 - t) * (d * relu(v - y))),
            (at_least(t, S.Zero), at_most(t, S.One), at_least(d, S.Zero)),
        ),
    ),
    definitions=(MAXOUT,),
    sources=(Source("goodfellow2013"),),
)

# --- gates -------------------------------------------------------------------------------------------------------

inputs, W, V = family("x"), family("W"), family("V")


def dot(weights: object, scale: Expr = S.One) -> Expr:
    """Σⱼ (c xⱼ) wⱼ: one projection, bias-free."""
    return Sum(scale * inputs[j] * weights[j], (j, 0, n - 1))  # type: ignore[index]  # a family


GLU = Claim(
    id="activations.glu",
    title="Gated linear units: one projection switches another",
    prose=(
        "glu = (xW + b) ⊗ σ(xV + c), value first and gate second; Bilinear drops σ, and ReGLU, GEGLU and SwiGLU put "
        "ReLU, GELU and swish in its place. ReGLU is the bilinear unit times a threshold; for SwiGLU and GEGLU two "
        "opposite gates differ by the bilinear unit. A gate at 0 lets half through. None of them acts elementwise: the "
        "output is not a function of the value alone."
    ),
    kind="definition",
    statement=(
        Sequent("reglu", equal(a * relu(g), (a * g) * step(g))),
        Sequent("swiglu", equal(a * (swish(g) - swish(-g)), a * g)),
        Sequent("geglu", equal(a * (gelu(g) - gelu(-g)), a * g)),
        Sequent("half", equal(a * sigmoid(g), a / 2), (equal(g, S.Zero),)),
        Refutation(
            "elementwise",
            Sequent("elementwise", equal(a * sigmoid(g), b * sigmoid(h)), (equal(a, b),)),
            ((a, S.One), (b, S.One), (g, S.Zero), (h, S.One)),
        ),
    ),
    sources=(Source("dauphin2017"), Source("shazeer2020")),
)


def gated_path(at: Expr) -> Expr:
    """(a + θu) σ(g + θv): value and gate move together along any direction."""
    return (a + at * u) * sigmoid(g + at * v)


GLU_GRADIENT = Claim(
    id="activations.glu-gradient",
    title="The value path of a gated unit is not scaled by a sigmoid's slope",
    prose=(
        "d(a σ(g)) = σ(g) da + a σ′(g) dg, along every direction (u, v) in which value and gate move. The first term "
        "carries the gate itself, which may be near 1, where tanh units and sigmoid units multiply everything by a "
        "slope of at most 1 or 1/4 that vanishes as they saturate: a saturated open gate passes the gradient on."
    ),
    statement=(
        Sequent(
            "slope",
            equal(
                slope(gated_path, theta),
                u * sigmoid(g + theta * v) + (a + theta * u) * sigmoid_slope(g + theta * v) * v,
            ),
        ),
    ),
    sources=(Source("dauphin2017"),),
)

_RAY = (at_least(t, S.Zero),)
_STEEP = (at_least(r, S.Zero), more(t, 2 * r))

GLU_GROWTH = Claim(
    id="activations.glu-growth",
    title="Gated units grow quadratically: they have no Lipschitz constant",
    prose=(
        "Bias-free bilinear and ReGLU units are homogeneous of degree 2, the latter for factors ≥ 0. With value and "
        "gate along one ray t, SwiGLU and GEGLU are at least t²/2, so that over [0, t] they rise by more than rt for "
        "every r once t > 2r. Whatever constant is proposed, they are not Lipschitz with it; their elementwise "
        "namesakes SiLU and GELU are, with 1.1 and 1.13."
    ),
    kind="refutation",
    statement=(
        Sequent("bilinear", equal(dot(W, c) * dot(V, c), c**2 * (dot(W) * dot(V)))),
        Sequent("reglu", equal(dot(W, c) * relu(dot(V, c)), c**2 * (dot(W) * relu(dot(V)))), (at_least(c, S.Zero),)),
        Sequent("swiglu", at_least(t * swish(t), t**2 / 2), _RAY),
        Sequent("geglu", at_least(t * gelu(t), t**2 / 2), _RAY),
        Sequent("swiglu-steep", more(t * swish(t), r * t), _STEEP),
        Sequent("geglu-steep", more(t * gelu(t), r * t), _STEEP),
        Refutation(
            "lipschitz",
            Sequent("lipschitz", at_most(Abs(u * swish(u) - v * swish(v)), 100 * Abs(u - v))),
            ((u, S(300)), (v, S.Zero)),
        ),
    ),
    sources=(Source("shazeer2020"),),
)

WIDTH = 8 * i / 3
ROUNDED = m * ceiling(8 * i / (3 * m))

GLU_PARAMS = Claim(
    id="activations.glu-params",
    title="Two thirds of the hidden width keep the parameters of a gated layer",
    prose=(
        "A feed-forward layer d → 4d → d has 2·d·4d = 8d² weights; a gated one with hidden width f has 3df, the same "
        "for f = 8d/3. That is rounded up to a multiple of m, by less than m: LLaMA-7B with d = 4096 and m = 256 has "
        "11008 hidden units."
    ),
    statement=(
        Sequent("width", equal(c, 8 * d / 3), (Ne(d, 0), equal(3 * d * c, 2 * d * (4 * d)))),
        Sequent("rounded-up", at_least(ROUNDED, WIDTH), (at_least(m, S.One),)),
        Sequent("not-far", less(ROUNDED, WIDTH + m), (at_least(m, S.One),)),
        Sequent(
            "llama-7b",
            equal(256 * ceiling(8 * i / (3 * 256)), S(11008)),
            (at_most(S(4096), i), at_most(i, S(4096))),
        ),
    ),
    sources=(Source("shazeer2020"), Source("touvron2023")),
    no_law="arithmetic of layer widths; no contract computes one",
)

values, gates, out = family("a"), family("g"), family("o")
flipped, flipped_out = family("a2"), family("o2")

GLU_SWAP = Claim(
    id="activations.glu-swap",
    title="Symmetries of gated layers",
    prose=(
        "Turning the sign of every value and of the next layer changes nothing, for any gate: a gauge freedom of all "
        "gated layers (gⱼ is what the gate lets through, σ or anything else). In a bilinear layer the two projections "
        "can also be exchanged, and scaled against each other. SwiGLU has neither: value and gate play different "
        "parts."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "sign",
            equal(
                Sum(flipped_out[j] * (flipped[j] * gates[j]), (j, 0, n - 1)),
                Sum(out[j] * (values[j] * gates[j]), (j, 0, n - 1)),
            ),
            (ForAll((j,), equal(flipped[j], -values[j])), ForAll((j,), equal(flipped_out[j], -out[j]))),
        ),
        Sequent(
            "bilinear",
            equal(
                Sum(inputs[i] * W[i] * Sum(inputs[j] * V[j], (j, 0, n - 1)), (i, 0, n - 1)),
                Sum(inputs[i] * V[i] * Sum(inputs[j] * W[j], (j, 0, n - 1)), (i, 0, n - 1)),
            ),
        ),
        Sequent("scale", equal(dot(W, c) * dot(V, 1 / c), dot(W) * dot(V)), (Ne(c, 0),)),
        Refutation("swiglu", Sequent("swiglu", equal(a * swish(g), g * swish(a))), ((a, S.One), (g, S(2)))),
        Refutation(
            "swiglu-scale",
            Sequent("swiglu-scale", equal(c * a * swish(g / c), a * swish(g)), (Ne(c, 0),)),
            ((a, S.One), (g, S(2)), (c, S(2))),
        ),
    ),
    sources=(Source("shazeer2020"),),
)

CLAIMS = (MAXOUT_CLAIM, GLU, GLU_GRADIENT, GLU_GROWTH, GLU_PARAMS, GLU_SWAP)
