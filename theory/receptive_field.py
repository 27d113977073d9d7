# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields of stacks of convolutions and pools, along one axis, for every depth.

Main results: ``receptive_field.definition`` (the ends of what an output reaches), ``closed-form`` (both
recursions in use compute its length), ``start`` and ``alignment`` (where it lies). Notation and recursions:
``receptive_field_terms``; single layers, branches and holes are in ``receptive_field_layers``, decoders and blocks
of branches in ``receptive_field_blocks``, known networks in ``receptive_field_networks``, the effective field in
``receptive_field_effective``, stacked filters in ``receptive_field_filters``.
"""

from __future__ import annotations

from sympy import (
    Expr,
    Ge,
    Gt,
    Le,
    Lt,
    Max,
    Min,
    Ne,
    Product,
    Rational,
    S,
    Sum,
)

from . import (
    receptive_field_blocks,
    receptive_field_effective,
    receptive_field_filters,
    receptive_field_layers,
    receptive_field_networks,
)
from .claim import Claim, ForAll, Refutation, Sequent, Source
from .receptive_field_terms import (
    BOTTOM_UP,
    CENTER,
    DEPTH,
    DILATIONS,
    FORWARD,
    JUMP,
    LAST_STRIDE,
    LEFT,
    LEFT_OTHER,
    OUT,
    OWN_STRIDE,
    RIGHT,
    RIGHT_OTHER,
    START,
    STRIDES,
    TAPS,
    TOP_DOWN,
    UNIT,
    C,
    K,
    L,
    P,
    T,
    a,
    b,
    d,
    eq,
    everywhere,
    hull,
    i,
    j,
    k,
    l,
    layers_are,
    m,
    n,
    o,
    outputs,
    p,
    point,
    pulled_back,
    r,
    reach,
    s,
    span,
    stride,
    strides_to,
    t,
    w,
    weighted,
    x,
)

__all__ = [
    "BOTTOM_UP",
    "CENTER",
    "CLAIMS",
    "FORWARD",
    "JUMP",
    "LEFT",
    "OUT",
    "RIGHT",
    "START",
    "STRIDE_EXPONENTIAL",
    "THREE_3X3",
    "TOP_DOWN",
    "UNIT",
    "K",
    "L",
    "d",
    "eq",
    "hull",
    "k",
    "l",
    "m",
    "n",
    "o",
    "outputs",
    "p",
    "pulled_back",
    "r",
    "reach",
    "s",
    "span",
    "stride",
    "strides_to",
    "t",
    "weighted",
]

DEFINITION = Claim(
    id="receptive_field.definition",
    title="The receptive field, as a set and as its hull",
    prose=(
        "The receptive field of an output unit is the set of inputs that it can reach through one tap in every "
        "layer. The first and the last of them come from the first and the last tap of every layer, and the number "
        "of positions from one to the other is what is called the size. The hull may have holes "
        "(receptive_field.hull-vs-set); near a border a part of it lies in the padding "
        "(receptive_field.padding-independent)."
    ),
    kind="definition",
    definitions=(UNIT, LEFT, RIGHT),
    statement=(
        Sequent(
            "layer-first",
            Le(stride * a - P, stride * x - P + T * i),
            (Ge(stride, 1), Le(a, x), Ge(T, 1), Ge(i, 0)),
        ),
        Sequent(
            "layer-last",
            Le(stride * x - P + T * i, stride * b - P + T * (K - 1)),
            (Ge(stride, 1), Le(x, b), Ge(T, 1), Le(i, K - 1)),
        ),
        Sequent("path", eq(UNIT(L, o), pulled_back(o, r[l] * t[l] - p[l], L)), (DEPTH,)),
        Sequent("first", Le(LEFT(L, o), UNIT(L, o)), (DEPTH, STRIDES, DILATIONS, TAPS[0])),
        Sequent("last", Le(UNIT(L, o), RIGHT(L, o)), (DEPTH, STRIDES, DILATIONS, TAPS[1])),
        Sequent("first-reached", eq(UNIT(L, o), LEFT(L, o)), (DEPTH, ForAll((l,), eq(t[l], S.Zero)))),
        Sequent("last-reached", eq(UNIT(L, o), RIGHT(L, o)), (DEPTH, ForAll((l,), eq(t[l], k[l] - 1)))),
        Sequent("size", eq(hull(L, o), span(L)), (DEPTH,)),
    ),
    sources=(Source("araujo2019"), Source("luo2016")),
)

JUMP_CLAIM = Claim(
    id="receptive_field.jump",
    title="Neighbouring outputs look at inputs one jump apart",
    prose=(
        "The jump of a stack is the product of its strides: moving the output by d moves everything that it reaches, "
        "along every path of taps, by d jumps. Kernels, paddings and dilations do not matter."
    ),
    definitions=(JUMP, UNIT, LEFT, RIGHT),
    statement=(
        Sequent("product", eq(JUMP(L), strides_to(L)), (DEPTH,)),
        Sequent("unit", eq(UNIT(L, o + d) - UNIT(L, o), d * JUMP(L)), (DEPTH,)),
        Sequent("left", eq(LEFT(L, o + d) - LEFT(L, o), d * JUMP(L)), (DEPTH,)),
        Sequent("right", eq(RIGHT(L, o + d) - RIGHT(L, o), d * JUMP(L)), (DEPTH,)),
    ),
    sources=(Source("araujo2019"),),
)

CLOSED_FORM = Claim(
    id="receptive_field.closed-form",
    title="One formula for both recursions",
    prose=(
        "The recursion from the top and the recursion from the bottom both compute 1 + Σ_l r_l (k_l − 1) Π_{i<l} s_i. "
        "The stride of a layer counts for the layers after it, not for itself; the last stride does not count at all. "
        "From the top it may start with any number m of neighbouring output units."
    ),
    definitions=(TOP_DOWN, JUMP, BOTTOM_UP),
    statement=(
        Sequent("bottom-up", eq(BOTTOM_UP(L), span(L)), (DEPTH,)),
        Sequent("top-down", eq(TOP_DOWN(L, S.One), span(L)), (DEPTH,)),
        Sequent("run", eq(TOP_DOWN(L, m), (m - 1) * strides_to(L) + span(L)), (DEPTH,)),
        Sequent("agree", eq(TOP_DOWN(L, S.One), BOTTOM_UP(L)), (DEPTH,)),
    ),
    uses=("receptive_field.jump",),
    sources=(Source("araujo2019"),),
)

TOP_DOWN_CLAIM = Claim(
    id="receptive_field.top-down",
    title="From the output to the input: N ← (N − 1) s + k",
    prose=(
        "Start with N = 1 at the output and apply N ← (N − 1) s_l + r_l (k_l − 1) + 1 for l = L, …, 1. The result is "
        "the length of what one output reaches; started with the number of units from a to b, it is the length of "
        "what those units reach together."
    ),
    definitions=(TOP_DOWN, LEFT, RIGHT),
    statement=(
        Sequent("one-unit", eq(TOP_DOWN(L, S.One), hull(L, o)), (DEPTH,)),
        Sequent("run", eq(TOP_DOWN(L, b - a + 1), RIGHT(L, b) - LEFT(L, a) + 1), (DEPTH,)),
    ),
    uses=("receptive_field.closed-form", "receptive_field.definition"),
    sources=(Source("araujo2019"),),
)

BOTTOM_UP_CLAIM = Claim(
    id="receptive_field.bottom-up",
    title="From the input to the output: RF ← RF + (k − 1) · jump",
    prose=(
        "Start with RF = 1 and jump = 1; layer by layer, add r_l (k_l − 1) times the jump of the layers before it, "
        "then multiply the jump by s_l. After L layers RF is the length of what one output reaches."
    ),
    definitions=(BOTTOM_UP, JUMP, LEFT, RIGHT),
    statement=(Sequent("size", eq(BOTTOM_UP(L), hull(L, o)), (DEPTH,)),),
    uses=("receptive_field.closed-form", "receptive_field.definition"),
    sources=(Source("araujo2019"),),
)


ORDER_MATTERS = Claim(
    id="receptive_field.order-matters",
    title="N ← (N − 1) s + k must run from the last layer to the first",
    prose=(
        "Run from the first layer to the last, the top-down recursion computes something else: each layer is "
        "weighted by the strides after it instead of those before it. For a 7-tap layer of stride 2 and then a "
        "3-tap layer it gives 9, where the truth is 11."
    ),
    kind="refutation",
    definitions=(FORWARD, TOP_DOWN),
    statement=(
        Refutation(
            "forward",
            Sequent("forward", eq(FORWARD(L), TOP_DOWN(L, S.One)), (DEPTH,)),
            point(layers_are((7, 3), ((1, 2), (2, 1))), L=2),
        ),
        Sequent(
            "what-it-computes",
            eq(FORWARD(L), 1 + Sum(reach(L - j) * Product(s[i], (i, L - j + 1, L)), (j, 0, L - 1))),
            (DEPTH,),
        ),
        Sequent("wrong", eq(FORWARD(S(2)), S(9)), layers_are((7, 3), ((2, 1),))),
        Sequent("right", eq(TOP_DOWN(S(2), S.One), S(11)), layers_are((7, 3), ((1, 2),))),
    ),
    sources=(Source("araujo2019"),),
    no_law="it says what not to compute; the laws of receptive_field.closed-form catch it",
)

OWN_STRIDE_CLAIM = Claim(
    id="receptive_field.own-stride",
    title="A layer's own stride does not enlarge its own receptive field",
    prose=(
        "Two recipes go round beside the right one: adding (k − 1) times the product of all strides up to and "
        "including the layer's own, and adding (k − 1) times the previous stride alone. For three 3-tap layers of "
        "strides 2, 1, 1 they give 13 and 9, where the truth is 11."
    ),
    kind="refutation",
    definitions=(OWN_STRIDE, LAST_STRIDE, BOTTOM_UP, JUMP),
    statement=(
        Refutation(
            "own-included",
            Sequent("own-included", eq(OWN_STRIDE(L), BOTTOM_UP(L)), (DEPTH,)),
            point(layers_are((3, 3, 3), ((1, 2), (2, 1), (3, 1))), L=3),
        ),
        Refutation(
            "last-only",
            Sequent("last-only", eq(LAST_STRIDE(L), BOTTOM_UP(L)), (DEPTH,)),
            point(layers_are((3, 3, 3), ((1, 2), (2, 1), (3, 1))), L=3),
        ),
        Sequent("own-gives", eq(OWN_STRIDE(S(3)), S(13)), layers_are((3, 3, 3), ((1, 2), (2, 1), (3, 1)))),
        Sequent("last-gives", eq(LAST_STRIDE(S(3)), S(9)), layers_are((3, 3, 3), ((1, 2), (2, 1)))),
        Sequent("truth", eq(BOTTOM_UP(S(3)), S(11)), layers_are((3, 3, 3), ((1, 2), (2, 1)))),
    ),
    sources=(Source("araujo2019"),),
    no_law="it says what not to compute; the laws of receptive_field.closed-form catch it",
)

START_CLAIM = Claim(
    id="receptive_field.start",
    title="Where the receptive field begins, and where its centre lies",
    prose=(
        "Layer by layer, the first input that output 0 reaches moves back by padding times jump, and the centre of "
        "its hull moves by (r (k − 1)/2 − p) times jump, the jump being that of the layers before. So a stack has "
        "one effective padding, Σ_l p_l Π_{i<l} s_i. Output o has the same picture, shifted by o jumps."
    ),
    definitions=(START, CENTER, JUMP, LEFT, RIGHT),
    statement=(
        Sequent("first", eq(START(L), LEFT(L, S.Zero)), (DEPTH,)),
        Sequent("effective-padding", eq(START(L), -weighted(p[l], L)), (DEPTH,)),
        Sequent("every-output", eq(LEFT(L, o), START(L) + o * JUMP(L)), (DEPTH,)),
        Sequent("center", eq(CENTER(L), (LEFT(L, S.Zero) + RIGHT(L, S.Zero)) / 2), (DEPTH,)),
        Sequent("every-center", eq((LEFT(L, o) + RIGHT(L, o)) / 2, CENTER(L) + o * JUMP(L)), (DEPTH,)),
    ),
    uses=("receptive_field.jump",),
    sources=(Source("araujo2019"),),
)

ALIGNMENT = Claim(
    id="receptive_field.alignment",
    title="Centres stay on the pixel grid exactly for padding (extent − 1)/2 in every layer",
    prose=(
        "The centre of output 0 lies on input 0 after every layer if and only if every layer has 2p = r (k − 1). "
        "After the last layer alone it is not an if and only if: paddings 0 and 2 of two 3-tap layers cancel. A layer "
        "of even extent cannot do it: with either of the two paddings next to the half it moves the centre by half a "
        "jump, forwards or back."
    ),
    definitions=(CENTER, JUMP),
    statement=(
        Sequent("same", eq(CENTER(L), S.Zero), (DEPTH, ForAll((l,), eq(2 * p[l], reach(l))))),
        Sequent(
            "only-same",
            eq(2 * p[n], reach(n)),
            (Ge(n, 1), STRIDES, ForAll((l,), eq(CENTER(l), S.Zero), (Ge(l, 0),))),
        ),
        Sequent(
            "even-more",
            eq(CENTER(n) - CENTER(n - 1), -JUMP(n - 1) / 2),
            (Ge(n, 1), eq(2 * p[n], reach(n) + 1)),
        ),
        Sequent(
            "even-less",
            eq(CENTER(n) - CENTER(n - 1), JUMP(n - 1) / 2),
            (Ge(n, 1), eq(2 * p[n], reach(n) - 1)),
        ),
        Refutation(
            "final-center-decides",
            Sequent(
                "final-center-decides",
                eq(2 * p[n], reach(n)),
                (Ge(n, 1), Le(n, L), eq(CENTER(L), S.Zero)),
            ),
            (
                *point(layers_are((3, 3), ((1, 1), (2, 1))), L=2, n=1),
                (p[1], S.Zero),
                (p[2], S(2)),
            ),
        ),
    ),
    uses=("receptive_field.jump",),
    sources=(Source("araujo2019"), Source("dumoulin2016")),
)

PADDING_INDEPENDENT = Claim(
    id="receptive_field.padding-independent",
    title="Padding moves the receptive field and does not change its size",
    prose=(
        "Two stacks that differ in their paddings p and q only have hulls of the same size. What padding changes is "
        "how much of the hull holds real pixels 0 … w − 1: all of it if it lies inside, less as soon as it crosses "
        "a border."
    ),
    definitions=(LEFT, RIGHT, LEFT_OTHER, RIGHT_OTHER),
    statement=(
        Sequent("size", eq(hull(L, o), RIGHT_OTHER(L, o) - LEFT_OTHER(L, o) + 1), (DEPTH,)),
        Sequent("clipped", Le(Min(b, w - 1) - Max(a, 0) + 1, b - a + 1)),
        Sequent("inside", eq(Min(b, w - 1) - Max(a, 0) + 1, b - a + 1), (Ge(a, 0), Le(b, w - 1))),
        Sequent("left-border", Lt(Min(b, w - 1) - Max(a, 0) + 1, b - a + 1), (Lt(a, 0),)),
        Sequent("right-border", Lt(Min(b, w - 1) - Max(a, 0) + 1, b - a + 1), (Gt(b, w - 1),)),
    ),
    sources=(Source("araujo2019"),),
)

POOL_DOUBLES = Claim(
    id="receptive_field.pool-doubles",
    title="A 2×2 pool of stride 2 adds one jump; it does not double the receptive field",
    prose=(
        "The pool adds the jump of the layers before it, and doubles the jump, so it doubles what every later layer "
        "adds. In VGG the first pool takes the receptive field from 5 to 6."
    ),
    kind="refutation",
    definitions=(BOTTOM_UP, JUMP),
    statement=(
        Refutation(
            "doubles",
            Sequent(
                "doubles",
                eq(BOTTOM_UP(L + 1), 2 * BOTTOM_UP(L)),
                (DEPTH, eq(k[L + 1], S(2)), eq(s[L + 1], S(2)), eq(r[L + 1], S.One)),
            ),
            point(layers_are((3, 3, 2), ((1, 1), (2, 1), (3, 2))), L=2),
        ),
        Sequent(
            "adds-a-jump",
            eq(BOTTOM_UP(L + 1), BOTTOM_UP(L) + JUMP(L)),
            (DEPTH, eq(k[L + 1], S(2)), eq(r[L + 1], S.One)),
        ),
        Sequent("doubles-the-jump", eq(JUMP(L + 1), 2 * JUMP(L)), (DEPTH, eq(s[L + 1], S(2)))),
        Sequent("vgg-before", eq(BOTTOM_UP(S(2)), S(5)), layers_are((3, 3), ((1, 1),))),
        Sequent("vgg-after", eq(BOTTOM_UP(S(3)), S(6)), layers_are((3, 3, 2), ((1, 1), (2, 1)))),
    ),
    sources=(Source("simonyan2015"),),
    no_law="it says what not to compute; the laws of receptive_field.closed-form catch it",
)


def weights(layers: Expr) -> Expr:
    """Weights of k × k convolutions with C channels in and out, without biases."""
    return Sum(k[l] ** 2 * C**2, (l, 1, layers))


THREE_3X3 = Claim(
    id="receptive_field.three-3x3",
    title="Three 3×3 layers see what one 7×7 layer sees, with 27/49 of its weights",
    prose=(
        "L layers of K × K at stride 1 see 1 + L (K − 1) pixels a side. With C channels throughout they have L K² C² "
        "weights against (1 + L (K − 1))² C² in one layer of that size, which is never fewer for K ≥ 2; for three "
        "3 × 3 layers it is 27 against 49."
    ),
    definitions=(BOTTOM_UP, JUMP),
    statement=(
        Sequent("three", eq(BOTTOM_UP(S(3)), S(7)), everywhere((k, S(3)), (s, S.One), (r, S.One))),
        Sequent("depth", eq(BOTTOM_UP(L), 1 + L * (K - 1)), (DEPTH, *everywhere((k, K), (s, S.One), (r, S.One)))),
        Sequent("weights", eq(weights(L), L * K**2 * C**2), (DEPTH, *everywhere((k, K)))),
        Sequent("ratio", eq(weights(S(3)) / (49 * C**2), Rational(27, 49)), (Ne(C, 0), *everywhere((k, S(3))))),
        Sequent("never-more", Le(L * K**2, (1 + L * (K - 1)) ** 2), (Ge(L, 1), Ge(K, 2))),
    ),
    sources=(Source("simonyan2015", "sec. 2.3"),),
)

STRIDE_EXPONENTIAL = Claim(
    id="receptive_field.stride-exponential",
    title="Strides make the receptive field grow exponentially with depth",
    prose=(
        "L layers of kernel K and stride s ≠ 1 see 1 + (K − 1)(s^L − 1)/(s − 1) inputs and have jump s^L. At s = 1 "
        "the growth is linear (receptive_field.three-3x3)."
    ),
    definitions=(BOTTOM_UP, JUMP),
    statement=(
        Sequent("jump", eq(JUMP(L), stride**L), (DEPTH, *everywhere((s, stride)))),
        Sequent(
            "size",
            eq(BOTTOM_UP(L), 1 + (K - 1) * (stride**L - 1) / (stride - 1)),
            (DEPTH, Ne(stride, 1), *everywhere((k, K), (s, stride), (r, S.One))),
        ),
    ),
    sources=(Source("araujo2019"),),
)

CLAIMS = (
    DEFINITION,
    JUMP_CLAIM,
    CLOSED_FORM,
    TOP_DOWN_CLAIM,
    BOTTOM_UP_CLAIM,
    ORDER_MATTERS,
    OWN_STRIDE_CLAIM,
    START_CLAIM,
    ALIGNMENT,
    PADDING_INDEPENDENT,
    POOL_DOUBLES,
    THREE_3X3,
    STRIDE_EXPONENTIAL,
    receptive_field_layers.OUTPUT_SIZE,
    receptive_field_layers.HULL_VS_SET,
    receptive_field_layers.BRANCHES,
    receptive_field_layers.TRANSPOSED,
    *receptive_field_blocks.CLAIMS,
    receptive_field_networks.GOLDENS,
    receptive_field_networks.RESNET50_ONE_NUMBER,
    *receptive_field_effective.CLAIMS,
    *receptive_field_filters.CLAIMS,
)
