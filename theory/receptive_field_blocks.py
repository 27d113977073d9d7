# SPDX-License-Identifier: BSD-3-Clause
"""What decoders and blocks of branches see: stacks of transposed convolutions, and layers behind parallel branches.

The layers of a decoder are counted from its output: layer 1 writes the output, layer L reads the input. In that
order a decoder is a convolutional stack run backwards, and the definitions of the stack are those of the decoder:
``UNIT(L, a)`` is the output that input a is written to along one path of taps, and ``WAYS(L, o)`` counts the paths
that lead o positions on from where the first taps lead.
"""

from __future__ import annotations

from sympy import Expr, Ge, Le, Lt, Max, Min, S, Sum, ceiling, floor

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .receptive_field_layers import WITHIN, seen
from .receptive_field_terms import (
    DEPTH,
    DILATIONS,
    LEFT,
    RIGHT,
    STRIDES,
    TAPS,
    UNIT,
    UNIT_OTHER,
    WAYS,
    A,
    B,
    K,
    L,
    a,
    b,
    c,
    d,
    eq,
    everywhere,
    i,
    k,
    l,
    layers_are,
    m,
    o,
    p,
    point,
    r,
    s,
    span,
    stride,
    strides_to,
    t,
    tap_step,
    u,
    weighted,
    x,
)

KERNELS = ForAll((l,), Ge(k[l], 1))
CLOSE = ForAll((x,), Le(tap_step(x + 1), span(x)), (Ge(x, 0), Lt(x, L)))
WIDE = ForAll((l,), Ge(k[l], s[l]), (Ge(l, 1), Lt(l, L)))
SPANNED = (Ge(o, 0), Le(o, span(L) - 1))
ONE_OUTPUT = eq(UNIT(L, a), UNIT_OTHER(L, b))
DIFFERENCES = eq((b - a) * strides_to(L), weighted(r[l] * (t[l] - u[l]), L))


def _seen(output: Expr) -> Expr:
    """How many inputs an output of the whole stack sees, if no tap is missing."""
    return seen(output, span(L), strides_to(L))


def most_seen(layers: Expr) -> Expr:
    """⌈K/S⌉: the most that an output of the whole stack sees, if no tap is missing."""
    return ceiling(span(layers) / strides_to(layers))


TRANSPOSED_STACK = Claim(
    id="receptive_field.transposed-stack",
    title="Transposed convolutions in a row are one of them: outputs see ⌈K/S⌉ or ⌊K/S⌋ inputs",
    prose=(
        "Count the layers from the output. Input a is written to the outputs S·a − P + Σ_l r_l t_l Π_{i<l} s_i, one "
        "tap t_l a layer: in support the stack is one transposed layer of stride S = Π s_l, with taps from 0 to K − 1, "
        "K = 1 + Σ_l r_l (k_l − 1) Π_{i<l} s_i. That is K ← (K − 1) s + r (k − 1) + 1 from the input to the output "
        "(receptive_field.closed-form), the order that is wrong for an encoder (receptive_field.order-matters). No tap "
        "is missing if in each layer neighbouring taps are written no further apart than what the layers after it "
        "span; without dilation k_l ≥ s_l is enough for that, and the layer next to the input needs not even that. "
        "Then an output sees ⌈K/S⌉ or ⌊K/S⌋ inputs in a row, by its remainder modulo S, and not the product of "
        "⌈k_l/s_l⌉. With taps missing or not, one output sees both input a and input b exactly if some differences t_l "
        "− u_l of taps give (b − a) S = Σ_l r_l (t_l − u_l) Π_{i<l} s_i."
    ),
    definitions=(UNIT, UNIT_OTHER, WAYS),
    statement=(
        Sequent("path", eq(UNIT(L, a) + weighted(p[l], L), strides_to(L) * a + weighted(r[l] * t[l], L)), (DEPTH,)),
        Sequent("tap", Ge(WAYS(L, weighted(r[l] * t[l], L)), 1), (DEPTH, *TAPS)),
        Sequent("before", eq(WAYS(L, o), S.Zero), (DEPTH, STRIDES, DILATIONS, Lt(o, 0))),
        Sequent("after", eq(WAYS(L, o), S.Zero), (DEPTH, STRIDES, DILATIONS, Ge(o, span(L)))),
        Sequent("every-tap", Ge(WAYS(L, o), 1), (DEPTH, KERNELS, STRIDES, DILATIONS, CLOSE, *SPANNED)),
        Sequent(
            "every-tap-undilated",
            Ge(WAYS(L, o), 1),
            (DEPTH, KERNELS, STRIDES, *everywhere((r, S.One)), WIDE, *SPANNED),
        ),
        Sequent(
            "number",
            eq(Sum(1, (i, floor((o - span(L)) / strides_to(L)) + 1, floor(o / strides_to(L)))), _seen(o)),
            (KERNELS, STRIDES, DILATIONS),
        ),
        Sequent(
            "more",
            eq(_seen(strides_to(L) * a + b), most_seen(L)),
            (eq(span(L), strides_to(L) * c + d), Ge(b, 0), Lt(b, d), Lt(d, strides_to(L))),
        ),
        Sequent(
            "fewer",
            eq(_seen(strides_to(L) * a + b), floor(span(L) / strides_to(L))),
            (eq(span(L), strides_to(L) * c + d), Ge(d, 0), Le(d, b), Lt(b, strides_to(L))),
        ),
        Sequent("one-output", DIFFERENCES, (DEPTH, ONE_OUTPUT)),
        Sequent("only-one-output", ONE_OUTPUT, (DEPTH, DIFFERENCES)),
        Refutation(
            "never-a-hole",
            Sequent("never-a-hole", Ge(WAYS(S(2), o), 1), (Ge(o, 0), Le(o, span(S(2)) - 1))),
            point(layers_are((1, 2), ((1, 2), (2, 1))), o=1),
        ),
        Refutation(
            "product-of-layers",
            Sequent(
                "product-of-layers",
                eq(most_seen(S(2)), ceiling(k[1] / s[1]) * ceiling(k[2] / s[2])),
            ),
            point(layers_are((3, 3), ((1, 2), (2, 2)))),
        ),
    ),
    uses=("receptive_field.definition", "receptive_field.transposed"),
    sources=(Source("odena2016"), Source("dumoulin2016", "sec. 4")),
)

INCEPTION = Claim(
    id="receptive_field.inception",
    title="Layers behind parallel branches: the hull of the branches, and the layers stretched by their stride",
    prose=(
        "Parallel branches of one total stride J are added or concatenated; at output y, branch m sees from J·y + A_m "
        "to J·y + B_m. Layers behind them see, through whichever branch, inputs from J·left + a to J·right + b, where "
        "left and right are the ends of what they see of the branches' output, a is the smallest A_m and b the largest "
        "B_m; both ends are reached. So the size is b − a + 1 + J·(size of the layers − 1): what counts is the hull of "
        "the branches, not the largest of them (receptive_field.branches). Branches of different strides drift apart, "
        "and their hull is not of one size."
    ),
    definitions=(UNIT, LEFT, RIGHT),
    statement=(
        Sequent(
            "first",
            Le(stride * LEFT(L, o) + a, stride * UNIT(L, o) + A[m]),
            (DEPTH, STRIDES, DILATIONS, TAPS[0], Ge(stride, 1), WITHIN[0]),
        ),
        Sequent(
            "last",
            Le(stride * UNIT(L, o) + B[m], stride * RIGHT(L, o) + b),
            (DEPTH, STRIDES, DILATIONS, TAPS[1], Ge(stride, 1), WITHIN[1]),
        ),
        Sequent(
            "first-reached",
            eq(stride * UNIT(L, o) + A[m], stride * LEFT(L, o) + a),
            (DEPTH, ForAll((l,), eq(t[l], S.Zero)), eq(A[m], a)),
        ),
        Sequent(
            "last-reached",
            eq(stride * UNIT(L, o) + B[m], stride * RIGHT(L, o) + b),
            (DEPTH, ForAll((l,), eq(t[l], k[l] - 1)), eq(B[m], b)),
        ),
        Sequent(
            "size",
            eq((stride * RIGHT(L, o) + b) - (stride * LEFT(L, o) + a) + 1, (b - a + 1) + stride * (span(L) - 1)),
            (DEPTH,),
        ),
        Refutation(
            "largest-branch-then-layers",
            Sequent(
                "largest-branch-then-layers",
                eq(
                    (Max(k[1] - 1 - p[1], k[2] - 1 - p[2]) - Min(-p[1], -p[2]) + 1) + stride * (K - 1),
                    Max(k[1], k[2]) + stride * (K - 1),
                ),
            ),
            ((k[1], S(3)), (k[2], S(3)), (p[1], S.Zero), (p[2], S(2)), (stride, S.One), (K, S(3))),
        ),
        Refutation(
            "strides-may-differ",
            Sequent(
                "strides-may-differ",
                eq(
                    Max(s[1] * o + k[1], s[2] * o + k[2]) - Min(s[1] * o, s[2] * o),
                    Max(k[1], k[2]),
                ),
            ),
            ((s[1], S.One), (s[2], S(2)), (k[1], S.One), (k[2], S.One), (o, S(3))),
        ),
    ),
    uses=("receptive_field.definition",),
    sources=(Source("szegedy2015"), Source("araujo2019")),
)

CLAIMS = (TRANSPOSED_STACK, INCEPTION)
