# SPDX-License-Identifier: BSD-3-Clause
"""The effective field, and layers that leave a receptive field alone or make it everything."""

from __future__ import annotations

from sympy import (
    Expr,
    Function,
    Ge,
    Gt,
    IndexedBase,
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
    symbols,
)

from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source
from .dilation_terms import PATHS
from .dilation_terms import x as base
from .receptive_field_terms import (
    BOTTOM_UP,
    DEPTH,
    JUMP,
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
    r,
    s,
)

X, Y = (IndexedBase(name, real=True) for name in ("X", "Y"))
F, W = IndexedBase("F"), IndexedBase("W")
t, y0, y1 = symbols("tau eta_0 eta_1", integer=True)
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

GLOBAL_POOL = Claim(
    id="receptive_field.global-pool",
    title="Global pooling is a layer whose kernel is the current size",
    prose=(
        "Pooling over all m outputs of a stack sees what a run of m units sees: the formula for one more layer with "
        "kernel m. That is the whole padded input, up to what strides that round down leave over; a part of it lies "
        "in the padding. After it every unit sees the whole image, and the size depends on the image."
    ),
    definitions=(BOTTOM_UP, JUMP, TOP_DOWN),
    statement=(Sequent("run", eq(BOTTOM_UP(L + 1), TOP_DOWN(L, m)), (DEPTH, eq(k[L + 1], m), eq(r[L + 1], S.One))),),
    uses=("receptive_field.closed-form", "receptive_field.jump"),
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

ERF_UNIFORM = Claim(
    id="receptive_field.erf-uniform",
    title="Uniform filters: a multinomial profile of variance L(K² − 1)/12",
    prose=(
        "L layers of K equal weights 1/K spread an impulse with the coefficients of ((1 + x + … + x^(K−1))/K)^L, over "
        "L(K − 1) + 1 positions. As a distribution that is the sum of L independent taps, uniform on 0 … K − 1, so "
        "its variance is L(K² − 1)/12. Here V(n, y, K) is the mean of (y + Σ (tap − (K − 1)/2))² over the taps of n "
        "layers, and P counts paths (dilation.path-counts). The profile tends to a Gaussian, and at finite depth it "
        "is none: it has bounded support."
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
            "support",
            eq(Sum(r[l] * (k[l] - 1), (l, 1, L)) + 1, L * (K - 1) + 1),
            (DEPTH, *everywhere((k, K), (r, S.One))),
        ),
    ),
    uses=("dilation.path-counts",),
    sources=(Source("luo2016"),),
    no_law="no contract has filters",
)

ERF_SQRT = Claim(
    id="receptive_field.erf-sqrt",
    title="The effective field is a vanishing part of the theoretical one",
    prose=(
        "With uniform filters of K > 1 taps the standard deviation √(n(K² − 1)/12) of the profile is, relative to the "
        "receptive field n(K − 1) + 1, at most √((K + 1)/(12(K − 1)n)), which vanishes like 1/√n: the theoretical "
        "field grows linearly with depth, the effective one like its root."
    ),
    statement=(
        Sequent(
            "bound",
            Ge((K + 1) / (12 * (K - 1) * y), (y * (K**2 - 1) / 12) / (y * (K - 1) + 1) ** 2),
            (Gt(K, 1), Gt(y, 0)),
        ),
        Sequent("limit", eq(Limit((K + 1) / (12 * (K - 1) * y), y, oo), S.Zero), (Gt(K, 1),)),
    ),
    sources=(Source("luo2016"),),
    no_law="no contract has filters",
)

_energy = Function("E", real=True)
_energies = IndexedBase("sigma", real=True)
ENERGY = Definition(
    "E",
    (n, o),
    (
        Case((S.Zero, S.Zero), S.One),
        Case((S.Zero, o), S.Zero, (Ne(o, 0),)),
        Case((n, o), _energies[0] * Sum(_energy(n - 1, o - r[n] * t), (t, 0, k[n] - 1)), (Ge(n, 1),)),
    ),
    "real",
)

ERF_RANDOM = Claim(
    id="receptive_field.erf-random",
    title="Random weights: the mean squared gradient is the number of paths",
    prose=(
        "Independent weights of mean 0 and variance v: in the square of a sum over taps the mixed terms have mean 0, "
        "so the mean squares obey E(n, o) = v Σ_t E(n − 1, o − r t), which is where the statement starts. Then the "
        "mean squared gradient at offset o after L layers is v^L times the number of paths to o, the same multinomial "
        "profile as for uniform weights. Its Gaussian shape is the limit of many layers, and false at a fixed small "
        "number. Here v is σ_0, and two weights of random sign show how the mixed terms vanish."
    ),
    definitions=(PATHS, ENERGY),
    statement=(
        Sequent("energy", eq(_energy(L, o), _energies[0] ** L * PATHS(L, o)), (DEPTH,)),
        Sequent(
            "mixed-terms",
            eq(
                Sum(Sum((y0 * X[0] + y1 * X[1]) ** 2 * y0**2 * y1**2, (y0, -1, 1)), (y1, -1, 1)) / 4,
                X[0] ** 2 + X[1] ** 2,
            ),
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
