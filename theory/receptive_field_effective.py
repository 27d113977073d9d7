# SPDX-License-Identifier: BSD-3-Clause
"""The effective field, and layers that leave a receptive field alone or make it everything."""

from __future__ import annotations

from sympy import (
    Expr,
    Function,
    Ge,
    Gt,
    IndexedBase,
    Le,
    Limit,
    Lt,
    Max,
    Ne,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    oo,
    sqrt,
)

from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source
from .dilation_terms import PATHS
from .dilation_terms import x as base
from .receptive_field_terms import (
    BOTTOM_UP,
    DEPTH,
    JUMP,
    OUT,
    STRIDES,
    TOP_DOWN,
    K,
    L,
    eq,
    everywhere,
    i,
    j,
    k,
    l,
    m,
    n,
    o,
    p,
    r,
    s,
    strides_to,
    w,
    weighted,
)

X, Y = (IndexedBase(name, real=True) for name in ("X", "Y"))
F, W = IndexedBase("F"), IndexedBase("W")
t = Symbol("tau", integer=True)
y = Symbol("y", real=True)
epsilon = Symbol("epsilon", real=True)

POINTWISE = Claim(
    id="receptive_field.pointwise",
    title="Layers of one tap and stride 1 leave receptive field and jump as they are",
    prose=(
        "Activations, dropout at inference and 1 × 1 convolutions of stride 1 see what the layer before sees. A 1 × 1 "
        "convolution with a stride leaves the size but multiplies the jump, so that later layers see more; layers "
        "that compute statistics over space are another matter (receptive_field.norm-global)."
    ),
    definitions=(BOTTOM_UP, JUMP),
    statement=(
        Sequent("size", eq(BOTTOM_UP(L + 1), BOTTOM_UP(L)), (DEPTH, eq(k[L + 1], S.One))),
        Sequent("jump", eq(JUMP(L + 1), JUMP(L)), (DEPTH, eq(s[L + 1], S.One))),
    ),
    sources=(Source("araujo2019"),),
)


def mean(signal: IndexedBase, size: Expr) -> Expr:
    """(x_1 + … + x_n)/n."""
    return Sum(signal[l], (l, 1, size)) / size


def centred(signal: IndexedBase, at: Expr, size: Expr) -> Expr:
    """x_i − (x_1 + … + x_n)/n."""
    return signal[at] - mean(signal, size)


def normalised(signal: IndexedBase, at: Expr, size: Expr, epsilon: Expr) -> Expr:
    """(x_i − mean)/√(variance + ε)."""
    variance = Sum((signal[i] - mean(signal, size)) ** 2, (i, 1, size)) / size
    return centred(signal, at, size) / sqrt(variance + epsilon)


_THREE_QUARTERS = (epsilon, Rational(3, 4))  # so that the witness has 1/4 + ε = 1 and 9/4 + ε = 3
_ONE_CHANGED = Ge(j, 1), Ge(n, j), ForAll((l,), eq(Y[l], X[l]), (Ne(l, j),))

NORM_GLOBAL = Claim(
    id="receptive_field.norm-global",
    title="“Normalisation layers do not change the receptive field” is false",
    prose=(
        "Batch normalisation in training, instance, group and layer normalisation over space subtract the mean over n "
        "positions and divide by √(variance + ε). Before the division by the deviation, every output depends on every "
        "input: a change by δ at one position moves the mean, and with it global pooling and the input of "
        "squeeze-and-excitation, by δ/n, and every other centred value by −δ/n. After the division outputs still "
        "depend on inputs at other positions, as the witness with two positions shows, but a single one may happen "
        "not to move: with n = 2 and ε = 0 the smaller of two inputs becomes −1, whatever they are. With fixed "
        "statistics, as batch normalisation at inference, a normalisation is pointwise (receptive_field.pointwise)."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "pointwise",
            Sequent(
                "pointwise",
                eq(normalised(X, S.One, S(2), epsilon), normalised(Y, S.One, S(2), epsilon)),
                (Gt(epsilon, 0), eq(X[1], Y[1])),
            ),
            (
                *((family[e], S(at)) for family, last in ((X, 1), (Y, 3)) for e, at in ((1, 0), (2, last))),
                _THREE_QUARTERS,
            ),
        ),
        Refutation(
            "pointwise-centred",
            Sequent(
                "pointwise-centred",
                eq(centred(X, S.One, S(3)), centred(Y, S.One, S(3))),
                (eq(X[1], Y[1]), eq(X[2], Y[2])),
            ),
            tuple(
                (family[e], S(value)) for family, last in ((X, 0), (Y, 3)) for e, value in ((1, 0), (2, 0), (3, last))
            ),
        ),
        Sequent("every-input", eq(centred(X, i, n) - centred(Y, i, n), (Y[j] - X[j]) / n), (*_ONE_CHANGED, Ne(i, j))),
        Sequent("global-mean", eq(mean(Y, n) - mean(X, n), (Y[j] - X[j]) / n), _ONE_CHANGED),
        Sequent("smaller-of-two", eq(normalised(X, S.One, S(2), S.Zero), S.NegativeOne), (Lt(X[1], X[2]),)),
    ),
    sources=(Source("araujo2019"),),
)

PADDED = w + 2 * weighted(p[l], L)

GLOBAL_POOL = Claim(
    id="receptive_field.global-pool",
    title="Global pooling is a layer whose kernel is the current size, and sees the padded input",
    prose=(
        "Pooling over all m outputs of a stack sees what a run of m units sees: the formula for one more layer with "
        "kernel m. Where m is the number of outputs, that is the whole padded input but for less than one jump, which "
        "strides that round down leave over at its end; a part of it lies in the padding. Here w is the size of the "
        "input and the padding is that of the whole stack, on both sides (receptive_field.start). After it every unit "
        "sees the same, and how much that is depends on the image."
    ),
    definitions=(BOTTOM_UP, JUMP, TOP_DOWN, OUT),
    statement=(
        Sequent("run", eq(BOTTOM_UP(L + 1), TOP_DOWN(L, m)), (DEPTH, eq(k[L + 1], m), eq(r[L + 1], S.One))),
        Sequent("at-most", Le(TOP_DOWN(L, OUT(L, w)), PADDED), (DEPTH, STRIDES)),
        Sequent("nearly-all", Lt(PADDED, TOP_DOWN(L, OUT(L, w)) + strides_to(L)), (DEPTH, STRIDES)),
    ),
    uses=("receptive_field.closed-form", "receptive_field.jump", "receptive_field.output-size"),
    sources=(Source("araujo2019"),),
)

# --- the effective receptive field ---------------------------------------------------------------------------------

_spread = Function("V", real=True)
SPREAD = Definition(
    "V",
    (n, y, K),
    (
        Case((S.Zero, y, K), y**2),
        Case((n, y, K), Sum(_spread(n - 1, y + t - (K - 1) / 2, K), (t, 0, K - 1)) / K, (Ge(n, 1), Ge(K, 1))),
    ),
    "real",
)


def second_moment(layers: Expr, taps: Expr) -> Expr:
    """Σ_o P(L, o)(o − L(K − 1)/2)²: of the profile about its middle, times the number of paths."""
    return Sum(PATHS(layers, o) * (o - layers * (taps - 1) / 2) ** 2, (o, 0, layers * (taps - 1)))


ERF_UNIFORM = Claim(
    id="receptive_field.erf-uniform",
    title="Uniform filters: a multinomial profile of variance L(K² − 1)/12",
    prose=(
        "L layers of K equal weights 1/K spread an impulse with the coefficients of ((1 + x + … + x^(K−1))/K)^L, over "
        "L(K − 1) + 1 positions. As a distribution that is the sum of L independent taps, uniform on 0 … K − 1, so "
        "its variance is L(K² − 1)/12: the mean V(L, 0, K) of (Σ (tap − (K − 1)/2))² over all taps, where V(n, y, K) "
        "has y added inside, and the second moment of the profile about its middle. P counts paths "
        "(dilation.path-counts), K^L in all. The profile tends to a Gaussian, by the central limit theorem, which is "
        "not used here; at finite depth it is none: it has bounded support."
    ),
    definitions=(PATHS, SPREAD),
    statement=(
        Sequent(
            "profile",
            eq(
                Sum(PATHS(L, o) * base**o, (o, 0, Sum(r[l] * (k[l] - 1), (l, 1, L)))),
                Product(Sum(base**t, (t, 0, K - 1)), (l, 1, L)),
            ),
            (DEPTH, Ge(K, 1), Ne(base, 0), *everywhere((k, K), (r, S.One))),
        ),
        Sequent("variance", eq(_spread(L, S.Zero, K), L * (K**2 - 1) / 12), (DEPTH, Ge(K, 1))),
        Sequent(
            "profile-variance",
            eq(
                second_moment(L, K),
                K**L * (L * (K**2 - 1) / 12),
            ),
            (DEPTH, Ge(K, 1), *everywhere((k, K), (r, S.One))),
        ),
        Sequent(
            "support",
            eq(Sum(r[l] * (k[l] - 1), (l, 1, L)) + 1, L * (K - 1) + 1),
            (DEPTH, *everywhere((k, K), (r, S.One))),
        ),
    ),
    uses=("dilation.path-counts",),
    sources=(Source("luo2016"),),
    no_law="no contract has filters",
)


def squared_ratio(depth: Expr) -> Expr:
    """The variance of the profile over the square of the receptive field."""
    return (depth * (K**2 - 1) / 12) / (depth * (K - 1) + 1) ** 2


ERF_SQRT = Claim(
    id="receptive_field.erf-sqrt",
    title="The effective field is a vanishing part of the theoretical one",
    prose=(
        "With uniform filters of K > 1 taps the standard deviation √(n(K² − 1)/12) of the profile is, relative to the "
        "receptive field n(K − 1) + 1, at most √((K + 1)/(12(K − 1)n)), and asymptotically equal to it: n times the "
        "squared ratio tends to (K + 1)/(12(K − 1)). So it vanishes like 1/√n: the theoretical field grows linearly "
        "with depth, the effective one like its root. Statements are about the squared ratio, at real depths y > 0."
    ),
    statement=(
        Sequent(
            "bound",
            Ge((K + 1) / (12 * (K - 1) * y), squared_ratio(y)),
            (Gt(K, 1), Gt(y, 0)),
        ),
        Sequent("rate", eq(Limit(y * squared_ratio(y), y, oo), (K + 1) / (12 * (K - 1))), (Gt(K, 1),)),
        Sequent("limit", eq(Limit((K + 1) / (12 * (K - 1) * y), y, oo), S.Zero), (Gt(K, 1),)),
    ),
    sources=(Source("luo2016"),),
    no_law="no contract has filters",
)

_energy = Function("E", real=True)
VARIANCE = IndexedBase("sigma", real=True)[0]  # a member of a family: no symbol but a parameter is free in a definition
ENERGY = Definition(
    "E",
    (n, o),
    (
        Case((S.Zero, S.Zero), S.One),
        Case((S.Zero, o), S.Zero, (Ne(o, 0),)),
        Case((n, o), VARIANCE * Sum(_energy(n - 1, o - r[n] * t), (t, 0, k[n] - 1)), (Ge(n, 1),)),
    ),
    "real",
)

weight_moment, moment = (IndexedBase(name, real=True) for name in ("M", "C"))
_UNCORRELATED = (
    ForAll((i,), eq(weight_moment[i, i], VARIANCE)),
    ForAll((i, j), eq(weight_moment[i, j], S.Zero), (Ne(i, j),)),
)


def mean_square(taps: Expr) -> Expr:
    """E (Σ_i w_i x_i)² = Σ_i Σ_j M_ij C_ij."""
    return Sum(Sum(weight_moment[i, j] * moment[i, j], (j, 0, taps - 1)), (i, 0, taps - 1))


ERF_RANDOM = Claim(
    id="receptive_field.erf-random",
    title="Random weights: the mean squared gradient is the number of paths",
    prose=(
        "The gradient at a tap is the sum over taps of weight times gradient of the layer above, and its mean square "
        "the double sum of M_ij C_ij, where M_ij = E w_i w_j, and C_ij is the mean of the product of the gradients "
        "above, which are independent of the layer's own weights. For weights of mean 0 and variance v that are "
        "uncorrelated, M is v on the diagonal and 0 elsewhere: mixed terms vanish for every kernel size, whatever the "
        "gradients above have to do with one another, and E(n, o) = v Σ_t E(n − 1, o − r t). So the mean squared "
        "gradient at offset o after L layers is v^L times the number of paths to o, the same multinomial profile as "
        "for uniform weights. Its Gaussian shape is the limit of many layers, and false at a fixed small number. Here "
        "v is σ_0."
    ),
    definitions=(PATHS, ENERGY),
    statement=(
        Sequent("energy", eq(_energy(L, o), VARIANCE**L * PATHS(L, o)), (DEPTH,)),
        Sequent(
            "mixed-terms",
            eq(
                mean_square(K),
                VARIANCE * Sum(moment[i, i], (i, 0, K - 1)),
            ),
            _UNCORRELATED,
        ),
        Sequent(
            "recursion",
            eq(mean_square(k[n]), _energy(n, o)),
            (Ge(n, 1), *_UNCORRELATED, ForAll((i,), eq(moment[i, i], _energy(n - 1, o - r[n] * i)))),
        ),
    ),
    sources=(Source("luo2016"),),
    no_law="no contract has filters",
)

ERF_RELU = Claim(
    id="receptive_field.erf-relu",
    title="Gates that are independent of the path are an approximation",
    prose=(
        "The usual treatment of ReLU multiplies the mean of the gate by the mean of what passes it. They are not "
        "independent: for inputs a and b = −a, equally likely, ReLU has the mean |a|/2, while half of the mean is 0."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "independent-gates",
            Sequent("independent-gates", eq((Max(X[0], 0) + Max(X[1], 0)) / 2, (X[0] + X[1]) / 4), (eq(X[1], -X[0]),)),
            ((X[0], S.One), (X[1], S.NegativeOne)),
        ),
        Sequent("mean", eq((Max(y, 0) + Max(-y, 0)) / 2, abs(y) / 2)),
    ),
    sources=(Source("luo2016"),),
    no_law="no contract has gates",
)

CLAIMS = (POINTWISE, NORM_GLOBAL, GLOBAL_POOL, ERF_UNIFORM, ERF_SQRT, ERF_RANDOM, ERF_RELU)
