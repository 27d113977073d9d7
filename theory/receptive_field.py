# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields of stacks of convolutions and pools, along one axis, for every depth.

Notation: layers l = 1 … L from the input to the output; layer l has kernel size k_l, stride s_l, padding
p_l (in front of the axis) and dilation r_l, so that its extent is r_l (k_l − 1) + 1. Tap t of output o
reads input s·o − p + r·t. The same formulas hold on every axis of a rectangular kernel.

Main definitions: ``UNIT`` (the input reached along one path of taps), ``LEFT`` and ``RIGHT`` (the ends of
everything that is reached), ``TOP_DOWN``, ``BOTTOM_UP``, ``JUMP``, ``START``, ``CENTER``, ``OUT`` (output
sizes layer by layer), and the closed form ``span``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import (
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    IndexedBase,
    KroneckerDelta,
    Le,
    Lt,
    Max,
    Min,
    Ne,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    ceiling,
    floor,
    symbols,
)
from sympy.core.relational import Relational

from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source

L, n, m, o, w, v = symbols("L n m o w v", integer=True)
l, i, j = symbols("l i j", integer=True)
a, b, c, d = symbols("a b c d", integer=True)
K, stride, P, T, x = symbols("K s P T x", integer=True)
C = Symbol("C", integer=True)
z = Symbol("z", real=True)
k, s, p, r, t, q = (IndexedBase(name, integer=True) for name in ("k", "s", "p", "r", "t", "q"))

STRIDES = ForAll((l,), Ge(s[l], 1))
DILATIONS = ForAll((l,), Ge(r[l], 1))
TAPS = (ForAll((l,), Ge(t[l], 0)), ForAll((l,), Le(t[l], k[l] - 1)))
DEPTH = Ge(L, 0)


def eq(left: Expr, right: Expr) -> Relational:
    return Eq(left, right, evaluate=False)


def reach(layer: Expr) -> Expr:
    """Extent of a layer minus one: r (k − 1)."""
    return r[layer] * (k[layer] - 1)


def strides_to(layer: Expr) -> Expr:
    """Π_{i ≤ layer} s_i."""
    return Product(s[i], (i, 1, layer))


def weighted(term: Expr, layer: Expr) -> Expr:
    """Σ_{l ≤ layer} term_l · Π_{i<l} s_i, for a term in l."""
    return Sum(term * Product(s[i], (i, 1, l - 1)), (l, 1, layer))


def span(layers: Expr) -> Expr:
    """The closed form: 1 + Σ_l r_l (k_l − 1) Π_{i<l} s_i."""
    return 1 + weighted(reach(l), layers)


def pulled_back(output: Expr, offset: Expr, layers: Expr) -> Expr:
    """o · Π s_i + Σ_l offset_l Π_{i<l} s_i: where a unit reads, if layer l adds offset_l."""
    return output * strides_to(layers) + weighted(offset, layers)


# --- recursions --------------------------------------------------------------------------------------------------


def _recursive(name: str, start: Expr, step: Callable[[Function, Expr], Expr], domain: str = "integer") -> Definition:
    """f(0) = start, f(n) = step(f(n − 1), n)."""
    call = Function(name, **{domain: True})
    cases = (Case((S.Zero,), start), Case((n,), step(call(n - 1), n), (Ge(n, 1),)))
    return Definition(name, (n,), cases, domain)  # type: ignore[arg-type]


def _through(name: str, place: Symbol, before: Callable[[Expr, Expr], Expr]) -> Definition:
    """f(0, y) = y, f(n, y) = f(n − 1, before(y, n)): from the output of layer n down to the input."""
    call = Function(name, integer=True)
    cases = (Case((S.Zero, place), place), Case((n, place), call(n - 1, before(place, n)), (Ge(n, 1),)))
    return Definition(name, (n, place), cases, "integer")


def _edge(name: str, padding: IndexedBase, tap: Callable[[Expr], Expr]) -> Definition:
    return _through(name, o, lambda y, layer: s[layer] * y - padding[layer] + r[layer] * tap(layer))


UNIT = _edge("unit", p, lambda layer: t[layer])
LEFT = _edge("left", p, lambda layer: S.Zero)
RIGHT = _edge("right", p, lambda layer: k[layer] - 1)
LEFT_OTHER = _edge("left_q", q, lambda layer: S.Zero)
RIGHT_OTHER = _edge("right_q", q, lambda layer: k[layer] - 1)
TOP_DOWN = _through("N", m, lambda size, layer: (size - 1) * s[layer] + reach(layer) + 1)
JUMP = _recursive("jump", S.One, lambda last, layer: last * s[layer])
BOTTOM_UP = _recursive("RF", S.One, lambda last, layer: last + reach(layer) * JUMP(layer - 1))
START = _recursive("start", S.Zero, lambda last, layer: last - p[layer] * JUMP(layer - 1))
CENTER = _recursive(
    "center", S.Zero, lambda last, layer: last + (reach(layer) / 2 - p[layer]) * JUMP(layer - 1), "real"
)
FORWARD = _recursive("forward", S.One, lambda last, layer: (last - 1) * s[layer] + reach(layer) + 1)
OWN_STRIDE = _recursive("own", S.One, lambda last, layer: last + reach(layer) * JUMP(layer))
_last = Function("last", integer=True)
LAST_STRIDE = Definition(
    "last",
    (n,),
    (
        Case((S.Zero,), S.One),
        Case((S.One,), _last(0) + reach(S.One)),
        Case((n,), _last(n - 1) + reach(n) * s[n - 1], (Ge(n, 2),)),
    ),
    "integer",
)


def hull(layers: Expr, output: Expr) -> Expr:
    """Number of positions from the first to the last input that an output unit reaches."""
    return RIGHT(layers, output) - LEFT(layers, output) + 1


EDGES = (LEFT, RIGHT)

# --- what a receptive field is -----------------------------------------------------------------------------------

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
    sources=(Source("araujo2019", "eq. 2"),),
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
    sources=(Source("araujo2019", "eq. 1"),),
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


def layers_are(
    kernels: Sequence[int] = (), strides: Sequence[tuple[int, int]] = (), dilation: int = 1
) -> tuple[Relational, ...]:
    """Hypotheses that name the first layers: kernels, dilations, and strides as (layer, stride)."""
    sizes = (eq(k[e], S(size)) for e, size in enumerate(kernels, 1))
    rates = (eq(r[e], S(dilation)) for e in range(1, len(kernels) + 1))
    return (*sizes, *rates, *(eq(s[e], S(step)) for e, step in strides))


def point(values: Sequence[Relational], **more: int) -> tuple[tuple[Expr, Expr], ...]:
    """A witness from equations that name values."""
    return (*((e.lhs, e.rhs) for e in values), *((Symbol(name, integer=True), S(at)) for name, at in more.items()))


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
)


def everywhere(*values: tuple[IndexedBase, Expr]) -> tuple[ForAll, ...]:
    """Hypotheses that families are constant."""
    return tuple(ForAll((l,), eq(family[l], value)) for family, value in values)


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


def outputs(size: Expr, padding: Expr, extent: Expr, step: Expr) -> Expr:
    """⌊(n + 2p − k)/s⌋ + 1."""
    return floor((size + 2 * padding - extent) / step) + 1


_out = Function("out", integer=True)
OUT = Definition(
    "out",
    (n, w),
    (
        Case((S.Zero, w), w),
        Case((n, w), outputs(_out(n - 1, w), p[n], reach(n) + 1, s[n]), (Ge(n, 1),)),
    ),
    "integer",
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

# --- sets, branches, transposed convolution ----------------------------------------------------------------------


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

A, B = (IndexedBase(name, integer=True) for name in ("A", "B"))
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
        "Output o sees input i where 0 ≤ o − s·i < k, so ⌊o/s⌋ − ⌊(o − k)/s⌋ inputs. With remainders b of o and d of k "
        "modulo s that is ⌈k/s⌉ for b < d and ⌊k/s⌋ otherwise: unless s divides k, neighbouring outputs see different "
        "numbers of inputs, which is the checkerboard. Three taps at stride 2 give 2, 1, 2, 1, …"
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

# --- networks ----------------------------------------------------------------------------------------------------

Table = tuple[tuple[int, int], ...]  # (kernel, stride) of every layer on the longest path


def vgg16() -> Table:
    """13 convolutions 3 × 3 in five stages, each closed by a pool 2 × 2 of stride 2."""
    return tuple(layer for convolutions in (2, 2, 3, 3, 3) for layer in (*((3, 1),) * convolutions, (2, 2)))


def alexnet() -> Table:
    """Convolutions 11/4, 5, 3, 3, 3, with pools 3 × 3 of stride 2 after the first, second and fifth."""
    return ((11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2))


STEM: Table = ((7, 2), (3, 2))
VERSIONS = ("v1", "v1.5", "slim")
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet18() -> Table:
    """Stem, then four stages of two blocks of two 3 × 3; the first of stages 2, 3, 4 has stride 2."""
    first = ((3, 1), (3, 2), (3, 2), (3, 2))
    return (*STEM, *(layer for entry in first for layer in (entry, (3, 1), (3, 1), (3, 1))))


def bottleneck(depth: int, version: str) -> Table:
    """Stem, then blocks 1 × 1, 3 × 3, 1 × 1 in four stages.

    The stride 2 between stages sits on the first 1 × 1 of the later stage (v1, the paper), on its first 3 × 3
    (v1.5), or on the last 3 × 3 of the earlier stage (TF-slim).
    """
    layers = list(STEM)
    stages = BLOCKS[depth]
    for number, blocks in enumerate(stages):
        for block in range(blocks):
            enters = number > 0 and block == 0
            leaves = number < len(stages) - 1 and block == blocks - 1
            first = 2 if enters and version == "v1" else 1
            middle = 2 if (enters and version == "v1.5") or (leaves and version == "slim") else 1
            layers += [(1, first), (3, middle), (1, 1)]
    return tuple(layers)


@dataclass(frozen=True)
class Network:
    """The layers of a network as two functions of the layer, by one equation each."""

    kernel: Definition
    stride: Definition

    def jump(self, layers: int) -> Expr:
        return Product(self.stride(l), (l, 1, layers))

    def size(self, layers: int) -> Expr:
        """The closed form over the layers of the network; none is dilated."""
        return 1 + Sum((self.kernel(l) - 1) * Product(self.stride(i), (i, 1, l - 1)), (l, 1, layers))


def network(name: str, layers: Table) -> Network:
    def column(kind: str, place: int) -> Definition:
        cases = tuple(Case((S(e),), S(layer[place])) for e, layer in enumerate(layers, 1))
        return Definition(f"{kind}_{name}", (n,), cases, "integer")

    return Network(column("k", 0), column("s", 1))


VGG16, ALEXNET, RESNET18 = network("vgg16", vgg16()), network("alexnet", alexnet()), network("resnet18", resnet18())
RESNETS = {
    (depth, version): network(f"resnet{depth}_{version.replace('.', '_')}", bottleneck(depth, version))
    for depth in BLOCKS
    for version in VERSIONS
}


def _tables(*networks: Network) -> tuple[Definition, ...]:
    return tuple(table for net in networks for table in (net.kernel, net.stride))


def _resnet(depth: int, version: str) -> Expr:
    return RESNETS[depth, version].size(2 + 3 * sum(BLOCKS[depth]))


GOLDENS = Claim(
    id="receptive_field.goldens",
    title="Receptive fields of well-known networks",
    prose=(
        "Along the longest path, with every layer as in the paper: VGG-16 sees 196 inputs at conv5_3 (jump 16) and 212 "
        "after its last pool (jump 32); AlexNet 195 after its last pool; ResNet-18 435; ResNet-50, -101 and -152, with "
        "the stride on the first 1 × 1 of a stage, 483, 1027 and 1507. All paddings but those of the pools 2 × 2 are "
        "(k − 1)/2, so the shorter residual paths lie inside."
    ),
    definitions=_tables(VGG16, ALEXNET, RESNET18, *(RESNETS[depth, "v1"] for depth in BLOCKS)),
    statement=(
        Sequent("vgg16-conv5-3", eq(VGG16.size(17), S(196))),
        Sequent("vgg16-conv5-3-jump", eq(VGG16.jump(17), S(16))),
        Sequent("vgg16-pool5", eq(VGG16.size(18), S(212))),
        Sequent("vgg16-pool5-jump", eq(VGG16.jump(18), S(32))),
        Sequent("alexnet", eq(ALEXNET.size(8), S(195))),
        Sequent("resnet18", eq(RESNET18.size(18), S(435))),
        Sequent("resnet50", eq(_resnet(50, "v1"), S(483))),
        Sequent("resnet101", eq(_resnet(101, "v1"), S(1027))),
        Sequent("resnet152", eq(_resnet(152, "v1"), S(1507))),
    ),
    sources=(
        Source("simonyan2015", "table 1, D"),
        Source("krizhevsky2012", "sec. 3.5"),
        Source("he2016", "table 1"),
        Source("araujo2019", "table"),
    ),
)

RESNET50_ONE_NUMBER = Claim(
    id="receptive_field.resnet50-one-number",
    title="“ResNet-50” is not one network: 483 or 427",
    prose=(
        "With the stride of a stage on its first 1 × 1 (the paper), or on the last 3 × 3 of the stage before "
        "(TF-slim), ResNet-50 sees 483 inputs. With the stride on the first 3 × 3 (v1.5, as in torchvision) it sees "
        "427; ResNet-101 then sees 971 and ResNet-152 1451."
    ),
    kind="refutation",
    definitions=_tables(RESNETS[50, "v1.5"], RESNETS[50, "slim"], RESNETS[101, "v1.5"], RESNETS[152, "v1.5"]),
    statement=(
        Refutation("always-483", Sequent("always-483", eq(_resnet(50, "v1.5"), S(483))), ()),
        Sequent("v1.5", eq(_resnet(50, "v1.5"), S(427))),
        Sequent("v1.5-101", eq(_resnet(101, "v1.5"), S(971))),
        Sequent("v1.5-152", eq(_resnet(152, "v1.5"), S(1451))),
        Sequent("tf-slim", eq(_resnet(50, "slim"), S(483))),
    ),
    sources=(Source("he2016", "table 1"), Source("goyal2017", "sec. 5.1")),
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
    OUTPUT_SIZE,
    HULL_VS_SET,
    BRANCHES,
    TRANSPOSED,
    GOLDENS,
    RESNET50_ONE_NUMBER,
)
