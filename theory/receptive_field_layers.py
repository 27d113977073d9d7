# SPDX-License-Identifier: BSD-3-Clause
"""What outputs there are and what they really see: output sizes, holes, parallel branches, transposed convolution."""

from __future__ import annotations

from sympy import (
    Expr,
    Ge,
    KroneckerDelta,
    Le,
    Lt,
    Max,
    Min,
    Product,
    S,
    Sum,
    ceiling,
    floor,
)

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .receptive_field_terms import (
    DEPTH,
    OUT,
    STRIDES,
    A,
    B,
    K,
    L,
    P,
    a,
    b,
    c,
    d,
    eq,
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
    r,
    reach,
    s,
    span,
    stride,
    strides_to,
    w,
    weighted,
    x,
)

OUTPUT_SIZE = Claim(
    id="receptive_field.output-size",
    title="The number of outputs, for one layer and for a whole stack",
    prose=(
        "Output o of a layer fits if its last tap lies inside the padded input: s·o + k ≤ n + 2p. The largest such o "
        "is ⌊(n + 2p − k)/s⌋. Floors compose: layer by layer or by one formula with the stack's receptive field, jump "
        "and effective padding, the number of outputs is the same for every depth. What does not compose is a layer "
        "that rounds up (ceil mode) before one that rounds down, and n/s is not the size of a layer with padding "
        "(k − 1)/2, which is ⌈n/s⌉. The formula counts nothing meaningful once a layer's padded input is shorter than "
        "its kernel; libraries refuse that."
    ),
    definitions=(OUT,),
    statement=(
        Sequent(
            "fits",
            Le(stride * o + K, w + 2 * P),
            (Ge(stride, 1), Le(o, outputs(w, P, K, stride) - 1)),
        ),
        Sequent(
            "largest",
            Le(o, outputs(w, P, K, stride) - 1),
            (Ge(stride, 1), Le(stride * o + K, w + 2 * P)),
        ),
        Sequent(
            "number",
            eq(Sum(1, (i, 0, outputs(w, P, K, stride) - 1)), outputs(w, P, K, stride)),
            (Ge(stride, 1), Le(K, w + 2 * P)),
        ),
        Sequent("same", eq(outputs(w, P, K, stride), ceiling(w / stride)), (Ge(stride, 1), eq(2 * P, K - 1))),
        Sequent(
            "stack",
            eq(OUT(L, w), outputs(w, weighted(p[l], L), span(L), strides_to(L))),
            (DEPTH, STRIDES),
        ),
        Refutation(
            "same-is-quotient",
            Sequent("same-is-quotient", eq(outputs(w, P, K, stride), floor(w / stride)), (eq(2 * P, K - 1),)),
            ((w, S(5)), (P, S(1)), (K, S(3)), (stride, S(2))),
        ),
        Refutation(
            "ceil-mode-composes-down",
            Sequent(
                "ceil-mode-composes-down",
                eq(
                    outputs(ceiling((w - k[1]) / s[1]) + 1, S.Zero, k[2], s[2]),
                    outputs(w, S.Zero, k[1] + (k[2] - 1) * s[1], s[1] * s[2]),
                ),
            ),
            ((w, S(3)), (k[1], S(2)), (k[2], S(2)), (s[1], S(2)), (s[2], S(2))),
        ),
        Refutation(
            "ceil-mode-composes-up",
            Sequent(
                "ceil-mode-composes-up",
                eq(
                    outputs(ceiling((w - k[1]) / s[1]) + 1, S.Zero, k[2], s[2]),
                    ceiling((w - k[1] - (k[2] - 1) * s[1]) / (s[1] * s[2])) + 1,
                ),
            ),
            ((w, S(5)), (k[1], S(2)), (k[2], S(2)), (s[1], S(2)), (s[2], S(2))),
        ),
    ),
    sources=(Source("dumoulin2016", "relationship 6"),),
)


def used() -> Expr:
    """How many inputs two layers without padding reach from output 0: positions that some pair of taps hits.

    Taps of one layer read different inputs, so for each tap j of the second layer x is hit once or not at all.
    """
    hits = Sum(KroneckerDelta(x, r[1] * i + s[1] * r[2] * j), (i, 0, k[1] - 1))
    missed = Product(1 - hits, (j, 0, k[2] - 1))
    return Sum(1 - missed, (x, 0, reach(S.One) + s[1] * reach(S(2))))


_second_tap = Min(floor(x / stride), c - 1)

HULL_VS_SET = Claim(
    id="receptive_field.hull-vs-set",
    title="The size is the length of the hull, not the number of pixels used",
    prose=(
        "A stride larger than the kernel before it, or a dilation, leaves holes: one tap at stride 2 and then two "
        "taps read inputs 0 and 2, two pixels in a hull of 3; three taps at dilation 2 read three pixels in a hull "
        "of 5. If the stride is at most the kernel, two undilated layers have no hole: input x of the hull is reached "
        "by tap Min(⌊x/s⌋, c − 1) of the second layer, c taps long, and tap x − s·that of the first."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "stride-over-kernel",
            Sequent("stride-over-kernel", eq(used(), 1 + reach(S.One) + s[1] * reach(S(2)))),
            point(layers_are((1, 2), ((1, 2),))),
        ),
        Refutation(
            "dilation",
            Sequent("dilation", eq(used(), 1 + reach(S.One) + s[1] * reach(S(2)))),
            point(layers_are((3, 1), ((1, 1),), 2)),
        ),
        Sequent("second-tap-from", Ge(_second_tap, 0), (Ge(stride, 1), Ge(x, 0), Ge(c, 1))),
        Sequent("second-tap-to", Le(_second_tap, c - 1), (Ge(stride, 1),)),
        Sequent("first-tap-from", Ge(x - stride * _second_tap, 0), (Ge(stride, 1),)),
        Sequent(
            "first-tap-to",
            Le(x - stride * _second_tap, K - 1),
            (Ge(stride, 1), Le(stride, K), Le(x, K - 1 + stride * (c - 1))),
        ),
    ),
    sources=(Source("araujo2019"),),
)

WITHIN = (ForAll((j,), Le(a, A[j])), ForAll((j,), Le(B[j], b)))
TOUCHED = (eq(a, A[x]), eq(b, B[i]))

BRANCHES = Claim(
    id="receptive_field.branches",
    title="Parallel branches: the hull of the union, and when it is the largest branch",
    prose=(
        "Branches that are added or concatenated unite their receptive fields. With branch j reaching from A_j to "
        "B_j, the hull runs from a, the smallest A_j, to b, the largest B_j. It is as long as branch m if and only if "
        "branch m contains all others; branches with one centre do that, so the size is then the largest size, and a "
        "residual identity changes nothing. Misaligned branches enlarge the hull: two 3-tap branches with paddings 0 "
        "and 2 span 5 inputs."
    ),
    statement=(
        Sequent(
            "nested",
            eq(b - a, B[m] - A[m]),
            (*WITHIN, *TOUCHED, ForAll((j,), Le(A[m], A[j])), ForAll((j,), Le(B[j], B[m]))),
        ),
        Sequent("only-nested-left", Le(A[m], A[n]), (*WITHIN, eq(b - a, B[m] - A[m]))),
        Sequent("only-nested-right", Le(B[n], B[m]), (*WITHIN, eq(b - a, B[m] - A[m]))),
        Sequent(
            "centred",
            eq(b - a, B[m] - A[m]),
            (*WITHIN, *TOUCHED, ForAll((j,), eq(A[j] + B[j], d)), ForAll((j,), Le(B[j] - A[j], B[m] - A[m]))),
        ),
        Refutation(
            "size-is-the-largest",
            Sequent(
                "size-is-the-largest",
                eq(Max(k[1] - 1 - p[1], k[2] - 1 - p[2]) - Min(-p[1], -p[2]) + 1, Max(k[1], k[2])),
            ),
            ((k[1], S(3)), (k[2], S(3)), (p[1], S.Zero), (p[2], S(2))),
        ),
    ),
    sources=(Source("araujo2019"),),
)


def seen(output: Expr, extent: Expr, step: Expr) -> Expr:
    """⌊o/s⌋ − ⌊(o − k)/s⌋: how many inputs output o of a transposed convolution sees."""
    return floor(output / step) - floor((output - extent) / step)


TRANSPOSED = Claim(
    id="receptive_field.transposed",
    title="Outputs of a transposed convolution see ⌈k/s⌉ or ⌊k/s⌋ inputs",
    prose=(
        "Output o sees input i where 0 ≤ o − s·i < k, so ⌊o/s⌋ − ⌊(o − k)/s⌋ inputs. With remainders b of o and d of "
        "k modulo s that is ⌈k/s⌉ for b < d and ⌊k/s⌋ otherwise: unless s divides k, outputs do not all see "
        "the same number of inputs, which is the checkerboard. Three taps at stride 2 give 2, 1, 2, 1, …"
    ),
    statement=(
        Sequent("seen-to", Le(i, floor(o / stride)), (Ge(stride, 1), Ge(o - stride * i, 0))),
        Sequent("seen-from", Ge(i, floor((o - K) / stride) + 1), (Ge(stride, 1), Lt(o - stride * i, K))),
        Sequent("only-to", Ge(o - stride * i, 0), (Ge(stride, 1), Le(i, floor(o / stride)))),
        Sequent("only-from", Lt(o - stride * i, K), (Ge(stride, 1), Ge(i, floor((o - K) / stride) + 1))),
        Sequent(
            "number",
            eq(Sum(1, (i, floor((o - K) / stride) + 1, floor(o / stride))), seen(o, K, stride)),
            (Ge(stride, 1), Ge(K, 0)),
        ),
        Sequent(
            "more",
            eq(seen(stride * a + b, stride * c + d, stride), ceiling((stride * c + d) / stride)),
            (Ge(b, 0), Lt(b, d), Lt(d, stride)),
        ),
        Sequent(
            "fewer",
            eq(seen(stride * a + b, stride * c + d, stride), floor((stride * c + d) / stride)),
            (Ge(d, 0), Le(d, b), Lt(b, stride)),
        ),
        Sequent("even", eq(seen(o, stride * c, stride), c), (Ge(stride, 1),)),
        Refutation(
            "every-output-the-same",
            Sequent("every-output-the-same", eq(seen(o + 1, K, stride), seen(o, K, stride)), (Ge(stride, 1), Ge(K, 1))),
            ((o, S.Zero), (K, S(3)), (stride, S(2))),
        ),
    ),
    sources=(Source("odena2016"), Source("dumoulin2016", "sec. 4")),
)
