# SPDX-License-Identifier: BSD-3-Clause
"""Threshold units and sigmoids: what one unit can separate, and how gradients pass through it."""

from __future__ import annotations

from sympy import Abs, Expr, Function, Gt, Ne, Product, Rational, S, Sum, exp, log, tanh

from .activations_notation import (
    L,
    at_least,
    at_most,
    b,
    delta,
    equal,
    family,
    h,
    i,
    j,
    l,
    less,
    more,
    n,
    r,
    sign,
    slope,
    u,
    unequal,
    v,
    w,
    x,
    y,
    z,
)
from .activations_terms import relu, sigmoid, softplus, step, threshold
from .claim import Claim, ForAll, Refutation, Sequent, Source

weights, inputs, pre = (family(name) for name in ("w", "h", "z"))
loss = Function("loss", real=True)


def sigmoid_slope(at: Expr) -> Expr:
    """σ′ = σ(1 − σ)."""
    return sigmoid(at) * (1 - sigmoid(at))


def slope_in_exp(at: Expr) -> Expr:
    """σ′ = e^(−x)/(1 + e^(−x))²."""
    return exp(-at) / (1 + exp(-at)) ** 2


THRESHOLD = Claim(
    id="activations.threshold",
    title="A threshold unit, in 0/1 and in ±1",
    prose=(
        "H(x) = 1 where x > T, else 0. Off the threshold it is (sgn(x − T) + 1)/2. Outputs ±1 instead of 0/1 are an "
        "affine change of the next layer and nothing else: a unit that reads 2hⱼ − 1 through weights wⱼ and bias b "
        "reads hⱼ through weights 2wⱼ and bias b − Σw. At x = T the value is a convention."
    ),
    kind="definition",
    statement=(
        Sequent("sign", equal(step(x, threshold), (sign(x - threshold) + 1) / 2), (Ne(x, threshold),)),
        Sequent(
            "affine",
            equal(
                Sum(weights[j] * (2 * inputs[j] - 1), (j, 0, n - 1)) + b,
                Sum(2 * weights[j] * inputs[j], (j, 0, n - 1)) + (b - Sum(weights[j], (j, 0, n - 1))),
            ),
        ),
    ),
    sources=(Source("mcculloch1943"), Source("rosenblatt1958")),
)

_NEAR = (less(Abs(h), Abs(x - threshold)),)

THRESHOLD_GRADIENT = Claim(
    id="activations.threshold-gradient",
    title="A threshold unit gives backpropagation no signal",
    prose=(
        "Off the threshold H does not change at all for any move h that is smaller than the distance to it, and "
        "neither does a loss that sees x through H only, so every difference quotient, and with it the derivative, "
        "is 0. Only x = T itself is left, where H jumps and has no derivative. Gradient descent therefore needs "
        "another unit, or a surrogate derivative."
    ),
    statement=(
        Sequent("constant", equal(step(x + h, threshold), step(x, threshold)), _NEAR),
        Sequent("loss", equal(loss(step(x + h, threshold)), loss(step(x, threshold))), _NEAR),
        Sequent("slope", equal((step(x + h, threshold) - step(x, threshold)) / h, S.Zero), (*_NEAR, Ne(h, 0))),
        Sequent("jump", equal(step(threshold + h, threshold) - step(threshold, threshold), S.One), (Gt(h, 0),)),
    ),
    sources=(Source("rosenblatt1958"),),
)

_FIRES = equal(step(u + b), S.One), equal(step(v + b), S.One)
_HALF = Rational(1, 2)
_HIDDEN = equal(u, step(i + j - _HALF)), equal(v, step(i + j - 3 * _HALF))

XOR = Claim(
    id="activations.xor",
    title="One threshold unit cannot compute exclusive or, two hidden ones can",
    prose=(
        "A unit that is silent on (0, 0) and fires on (1, 0) and on (0, 1) has b ≤ 0, u + b > 0 and v + b > 0, so "
        "u + v + b > −b ≥ 0: it fires on (1, 1) as well, whatever its real weights. With two hidden units, one for "
        "“at least one input” and one for “both”, the second layer subtracts them. The threshold is part of the bias "
        "here."
    ),
    statement=(
        Sequent("one-unit", equal(step(u + v + b), S.One), (equal(step(b), S.Zero), *_FIRES)),
        Sequent(
            "two-hidden-units",
            equal(step(u - v - _HALF), i + j - 2 * i * j),
            (at_least(i, S.Zero), at_most(i, S.One), at_least(j, S.Zero), at_most(j, S.One), *_HIDDEN),
        ),
    ),
    sources=(Source("minsky1969"),),
    no_law="a statement about all weights of a unit, none of which an implementation chooses",
)

SIGMOID = Claim(
    id="activations.sigmoid",
    title="The logistic sigmoid: slope, symmetry, and its relation to tanh",
    prose=(
        "σ(x) = 1/(1 + e^(−x)) lies strictly between 0 and 1, σ′ = σ(1 − σ) ≤ 1/4, σ(−x) = 1 − σ(x) and "
        "σ″ = σ′(1 − 2σ). tanh x = 2σ(2x) − 1, so that tanh′ = 1 − tanh² ≤ 1: a layer of one kind is a layer of the "
        "other with other weights and biases. The bounds on the slopes are attained at 0."
    ),
    statement=(
        Sequent("positive", more(sigmoid(x), S.Zero)),
        Sequent("below-one", less(sigmoid(x), S.One)),
        Sequent("slope", equal(slope(sigmoid), sigmoid_slope(x))),
        Sequent("slope-in-exp", equal(sigmoid_slope(x), slope_in_exp(x))),
        Sequent("slope-bound", at_most(sigmoid_slope(x), Rational(1, 4))),
        Sequent("symmetry", equal(sigmoid(-x), 1 - sigmoid(x))),
        Sequent("curvature", equal(slope(sigmoid_slope), sigmoid_slope(x) * (1 - 2 * sigmoid(x)))),
        Sequent("tanh", equal(tanh(x), 2 * sigmoid(2 * x) - 1)),
        Sequent("tanh-slope", equal(slope(tanh), 1 - tanh(x) ** 2)),
        Sequent("tanh-slope-bound", at_most(1 - tanh(x) ** 2, S.One)),
    ),
    sources=(Source("lecun1998"),),
)


def path() -> Expr:
    """Π over the layers of w σ′(z): the derivative along one path through the network."""
    return Product(weights[l] * slope_in_exp(pre[l]), (l, 0, L - 1))


_SMALL = ForAll((l,), at_most(Abs(weights[l]), r))

VANISHING = Claim(
    id="activations.vanishing",
    title="Gradients through sigmoids shrink if the weights are below 4, and need not otherwise",
    prose=(
        "Along a path through L sigmoid layers the derivative is Π wₗ σ′(zₗ), at most Π |wₗ|/4 in absolute value: "
        "with all |wₗ| ≤ r it is at most (r/4)^L, which vanishes with depth for r < 4. “Sigmoid gradients always "
        "vanish” is false: a weight of 4 at pre-activation 0 passes the gradient on with factor exactly 1, through "
        "any number of layers."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "bound",
            at_most(Abs(path()), Product(Abs(weights[l]) / 4, (l, 0, L - 1))),
            (at_least(L, S.Zero),),
        ),
        Sequent("decay", at_most(Abs(path()), (r / 4) ** L), (at_least(L, S.Zero), _SMALL)),
        Sequent(
            "kept",
            equal(Product(w * slope_in_exp(z), (l, 0, L - 1)), S.One),
            (at_least(L, S.Zero), equal(w, S(4)), equal(z, S.Zero)),
        ),
        Refutation("always", Sequent("always", less(Abs(w * slope_in_exp(z)), S.One)), ((w, S(4)), (z, S.Zero))),
    ),
    sources=(Source("hochreiter1998"), Source("glorot2010")),
    no_law="about the weights of a network; the law of activations.sigmoid bounds the slope of every layer",
)

SIGMOID_NOT_CENTRED = Claim(
    id="activations.sigmoid-not-centred",
    title="Positive activations tie the signs of a unit's weight gradients together",
    prose=(
        "The gradient of a unit's weight wᵢ is δ·aᵢ, with one δ for the unit and the activation aᵢ that arrives. If "
        "all aᵢ are positive, as sigmoids are, then for each sample all weights of the unit move up together or down "
        "together. tanh, centred at 0, does not tie them: its values take both signs."
    ),
    statement=(
        Sequent("same-sign", more((delta * u) * (delta * v), S.Zero), (Gt(u, 0), Gt(v, 0), Ne(delta, 0))),
        Sequent("sigmoid", more((delta * sigmoid(u)) * (delta * sigmoid(v)), S.Zero), (Ne(delta, 0),)),
        Refutation(
            "tanh", Sequent("tanh", more(tanh(u) * tanh(v), S.Zero), (Ne(u, 0), Ne(v, 0))), ((u, S.One), (v, S(-1)))
        ),
    ),
    sources=(Source("lecun1998"),),
    no_law="about the gradient of a layer; positivity of the sigmoid is under the law of activations.sigmoid",
)

SOFTPLUS = Claim(
    id="activations.softplus",
    title="Softplus lies above ReLU by at most log 2, and has an inverse",
    prose=(
        "0 < log(1 + e^x) − max(x, 0) ≤ log 2, with equality at 0 only: softplus is positive everywhere, and at 0 it "
        "is log 2, not 0. It grows strictly, and its inverse on the positive numbers is log(e^y − 1): "
        "softplus(x) lies below, at or above y as x does below, at or above that number. The odd part is x/2: "
        "softplus(x) − softplus(−x) = x."
    ),
    statement=(
        Sequent("above", more(softplus(x) - relu(x), S.Zero)),
        Sequent("gap", at_most(softplus(x) - relu(x), log(2))),
        Sequent("gap-attained", equal(softplus(x) - relu(x), log(2)), (equal(x, S.Zero),)),
        Sequent("gap-only", less(softplus(x) - relu(x), log(2)), (Ne(x, 0),)),
        Sequent("inverse-at", unequal(x, log(exp(y) - 1)), (Gt(y, 0), unequal(softplus(x), y))),
        Sequent("inverse-below", less(softplus(x), y), (Gt(y, 0), less(x, log(exp(y) - 1)))),
        Sequent("inverse-above", more(softplus(x), y), (Gt(y, 0), more(x, log(exp(y) - 1)))),
        Sequent("odd-part", equal(softplus(x) - softplus(-x), x)),
    ),
    sources=(Source("dugas2001"), Source("glorot2011")),
)

CLAIMS = (THRESHOLD, THRESHOLD_GRADIENT, XOR, SIGMOID, VANISHING, SIGMOID_NOT_CENTRED, SOFTPLUS)
