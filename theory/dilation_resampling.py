# SPDX-License-Identifier: BSD-3-Clause
"""Around dilation: parallel rates on a small map, what pooling loses and keeps, what resampling can learn."""

from __future__ import annotations

from sympy import Abs, Expr, Function, Ge, Gt, IndexedBase, Le, Lt, Max, Rational, S, Sum, floor

from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source
from .dilation_terms import (
    F,
    K,
    X,
    a,
    b,
    d,
    eq,
    g,
    i,
    j,
    n,
    p,
    q,
    r,
    rate,
    t,
    w,
)

W = IndexedBase("W")

ASPP = Claim(
    id="dilation.aspp",
    title="Atrous spatial pyramid pooling, before its nonlinearities, is one sparse kernel",
    prose=(
        "Parallel branches of three taps at rates r_1 … r_b (6, 12, 18, in some models 24 too), summed, are one "
        "convolution: the branches share their centre, whose weights add up, and each rate adds two taps. In one axis "
        "that is 2b + 1 taps for different rates, over an extent of 2 max r + 1. A branch of 1 × 1 adds to the centre "
        "weight, and image pooling adds a mean that is the same for all positions."
    ),
    kind="definition",
    statement=(
        Sequent(
            "one-kernel",
            eq(
                Sum(Sum(W[j, t] * F[p + r[j] * t], (t, -1, 1)), (j, 1, b)),
                F[p] * Sum(W[j, 0], (j, 1, b)) + Sum(W[j, -1] * F[p - r[j]] + W[j, 1] * F[p + r[j]], (j, 1, b)),
            ),
        ),
    ),
    sources=(Source("chen2017"),),
    no_law="no contract has parallel rates",
)


def inside(size: Expr, dilation: Expr) -> Expr:
    """Number of positions 0 … n − 1 whose three taps all lie inside: the summand is 1 there, and 0 elsewhere."""
    return Sum(Max(0, 1 - Max(0, dilation - p) - Max(0, p + dilation - size + 1)), (p, 0, size - 1))


ASPP_DEGENERATE = Claim(
    id="dilation.aspp-degenerate",
    title="On a small map a large rate leaves the centre tap alone",
    prose=(
        "On a map of n positions with zero padding all three taps at rate ρ lie inside at max(n − 2ρ, 0) positions, "
        "hence all nine at a fraction max(n − 2ρ, 0)²/n² of an n × n map: for n = 65, 1681/4225 (39.8 %) at rate 12, "
        "289/4225 (6.8 %) at 24 and 1/4225 at 32. From ρ = n on no outer tap ever meets an input, and the layer is a "
        "1 × 1 convolution."
    ),
    statement=(
        Sequent("inside", eq(inside(n, rate), Max(n - 2 * rate, 0)), (Ge(rate, 0),)),
        Sequent("rate-12", eq(inside(S(65), S(12)) ** 2 / 65**2, Rational(1681, 4225))),
        Sequent("rate-24", eq(inside(S(65), S(24)) ** 2 / 65**2, Rational(289, 4225))),
        Sequent("rate-32", eq(inside(S(65), S(32)) ** 2 / 65**2, Rational(1, 4225))),
        Sequent(
            "centre-alone",
            eq(Sum(w[t] * F[p + rate * t], (t, -1, 1)), w[0] * F[p]),
            (
                Ge(rate, n),
                Ge(p, 0),
                Lt(p, n),
                ForAll((i,), eq(F[i], S.Zero), (Lt(i, 0),)),
                ForAll((i,), eq(F[i], S.Zero), (Ge(i, n),)),
            ),
        ),
    ),
    sources=(Source("chen2017", "fig. 4"),),
    no_law="no contract pads with zeros",
)

_pool, _cell = Function("pool", real=True), Function("cell", integer=True)
POOL = Definition(
    "pool",
    (n, i),
    (Case((S.Zero, i), X[i]), Case((n, i), Max(_pool(n - 1, 2 * i), _pool(n - 1, 2 * i + 1)), (Ge(n, 1),))),
    "real",
)
CELL = Definition(
    "cell",
    (n, i),
    (Case((S.Zero, i), i), Case((n, i), floor(_cell(n - 1, i) / 2), (Ge(n, 1),))),
    "integer",
)

POOL_16PX = Claim(
    id="dilation.pool-16px",
    title="“Objects below 16 pixels cannot be reconstructed after four poolings” is false",
    prose=(
        "A single bright pixel among dark ones is seen after four max-poolings of 2: for every depth, a pooled value "
        "is at least as large as every pixel of its cell. And downsampling by g need not lose anything: sending the "
        "position p to the cell ⌊p/g⌋ and the channel p − g⌊p/g⌋ (strided convolution with g one-hot kernels, "
        "space-to-depth, 16 × 16 = 256 channels in two dimensions) is a bijection. Loss of information is a statement "
        "about an architecture and its channels, not about its stride."
    ),
    kind="refutation",
    definitions=(POOL, CELL),
    statement=(
        Refutation(
            "no-trace",
            Sequent(
                "no-trace",
                eq(POOL(S(4), S.Zero), S.Zero),
                (eq(X[5], S.One), *(eq(X[e], S.Zero) for e in range(16) if e != 5)),
            ),
            tuple((X[e], S(int(e == 5))) for e in range(16)),
        ),
        Sequent("presence", Ge(POOL(n, CELL(n, i)), X[i]), (Ge(n, 0),)),
        Sequent("four-poolings", eq(CELL(S(4), i), floor(i / 16))),
        Sequent(
            "one-to-one",
            eq(p, q),
            (
                Ge(g, 1),
                eq(floor(p / g), floor(q / g)),
                eq(p - g * floor(p / g), q - g * floor(q / g)),
            ),
        ),
        Sequent("onto", eq(floor((g * a + b) / g), a), (Ge(b, 0), Lt(b, g))),
    ),
    sources=(Source("wang2018"),),
    no_law="no contract pools",
)


def tent(distance: Expr) -> Expr:
    """max(0, g − |u|)/g: the kernel of linear interpolation by the factor g."""
    return Max(0, g - Abs(distance)) / g


RESAMPLING = Claim(
    id="dilation.resampling-fixed",
    title="Bilinear upsampling is a transposed convolution with fixed weights; resampling as such can be learned",
    prose=(
        "Linear interpolation by a factor g between inputs i and i + 1 is the transposed convolution of stride g with "
        "the weights max(0, g − |u|)/g; bilinear interpolation is that on both axes. Its weights are fixed. Those of a "
        "strided or of a transposed convolution are parameters, and every one of them shows in the output, alone, for "
        "some impulse as input: other weights are another resampling. So “pooling and upsampling are deterministic, "
        "not learnable” is true of max-pooling, mean-pooling and interpolation only."
    ),
    statement=(
        Sequent(
            "linear-interpolation",
            eq(
                Sum(F[j] * tent(g * i + d - g * j), (j, 0, n - 1)),
                F[i] * (g - d) / g + F[i + 1] * d / g,
            ),
            (Ge(d, 0), Lt(d, g), Ge(i, 0), Le(i, n - 2)),
        ),
        Sequent(
            "strided",
            eq(Sum(w[t] * F[g * i + t], (t, 0, K - 1)), w[a]),
            (
                Ge(a, 0),
                Le(a, K - 1),
                eq(F[g * i + a], S.One),
                ForAll((j,), eq(F[j], S.Zero), (Lt(j, g * i + a),)),
                ForAll((j,), eq(F[j], S.Zero), (Gt(j, g * i + a),)),
            ),
        ),
        Sequent(
            "transposed",
            eq(Sum(F[j] * w[q - g * j], (j, 0, n - 1)), w[q - g * i]),
            (
                Ge(i, 0),
                Le(i, n - 1),
                eq(F[i], S.One),
                ForAll((j,), eq(F[j], S.Zero), (Lt(j, i),)),
                ForAll((j,), eq(F[j], S.Zero), (Gt(j, i),)),
            ),
        ),
    ),
    sources=(Source("dumoulin2016", "sec. 4"),),
    no_law="no contract resamples",
)

CLAIMS = (ASPP, ASPP_DEGENERATE, POOL_16PX, RESAMPLING)
