# SPDX-License-Identifier: BSD-3-Clause
"""Rectifiers: ReLU and its kin, what automatic differentiation makes of a knee, and how many pieces a layer has."""

from __future__ import annotations

from sympy import Abs, Expr, Function, Gt, Limit, Max, Min, Ne, Piecewise, Rational, S, Sum, exp

from .activations_notation import (
    a,
    at_least,
    at_most,
    b,
    c,
    equal,
    eta,
    family,
    i,
    j,
    k,
    l,
    m,
    more,
    n,
    slope,
    t,
    x,
    y,
)
from .activations_terms import (
    SELU_ALPHA,
    SELU_SCALE,
    alpha,
    celu,
    elu,
    hardsigmoid,
    hardswish,
    leaky,
    relu,
    selu,
    sigmoid,
    step,
    swish,
)
from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source

RELU = Claim(
    id="activations.relu",
    title="What ReLU is good for, in six identities",
    prose=(
        "max(x, 0) is idempotent, positively homogeneous and convex. Two of them make the identity, "
        "x = relu(x) − relu(−x), the absolute value, |x| = relu(x) + relu(−x), and the maximum, "
        "max(a, b) = b + relu(a − b), so that ReLU networks are closed under all three."
    ),
    statement=(
        Sequent("idempotent", equal(relu(y), y), (equal(y, relu(x)),)),
        Sequent("homogeneous", equal(relu(c * x), c * relu(x)), (at_least(c, S.Zero),)),
        Sequent(
            "convex",
            at_most(relu(t * x + (1 - t) * y), t * relu(x) + (1 - t) * relu(y)),
            (at_least(t, S.Zero), at_most(t, S.One)),
        ),
        Sequent("identity", equal(relu(x) - relu(-x), x)),
        Sequent("absolute-value", equal(relu(x) + relu(-x), Abs(x))),
        Sequent("maximum", equal(b + relu(a - b), Max(a, b))),
    ),
    sources=(Source("nair2010"), Source("glorot2011")),
)

RELU_AD = Claim(
    id="activations.relu-ad",
    title="Automatic differentiation need not return a subgradient",
    prose=(
        "f(x) = relu(x) − relu(−x) is x, so f′ = 1 everywhere. The chain rule with relu′ = H gives H(x) + H(−x): 1 off "
        "0, but 0 at x = 0 when relu′(0) = 0 is chosen, and 2 when relu′(0) = 1 is. 0 is no derivative of f, and no "
        "Clarke subgradient either. A gradient of 0 at a kink says nothing about stationarity."
    ),
    kind="refutation",
    statement=(
        Sequent("identity", equal(relu(x) - relu(-x), x)),
        Sequent("off-zero", equal(step(x) + step(-x), S.One), (Ne(x, 0),)),
        Sequent("slope-off-zero", equal(slope(relu), step(x)), (Ne(x, 0),)),
        Refutation("at-zero", Sequent("at-zero", equal(step(x) + step(-x), S.One)), ((x, S.Zero),)),
    ),
    sources=(Source("kakade2018"),),
)

features, start = family("X"), family("w")
upstream = family("delta")
_WEIGHT = Function("weight", real=True)


def pre_activation(weights: object, sample: Expr) -> Expr:
    """Σₖ wₖ X[i, k]; the bias is the weight of a feature that is 1."""
    return Sum(weights(k) * features[sample, k], (k, 0, m - 1))  # type: ignore[operator]  # a family or a function


def weight_gradient(weights: object, epoch: Expr) -> Expr:
    """Σᵢ δᵢ H(zᵢ) X[i, j] over the samples, as backpropagation gives it."""
    return Sum(upstream[epoch, i] * step(pre_activation(weights, i)) * features[i, j], (i, 0, n - 1))


def trained(epoch: Expr, index: Expr) -> Expr:
    """A weight after that many steps of gradient descent with rate η."""
    return _WEIGHT(epoch, index, eta, n, m)


TRAINED = Definition(
    "weight",
    (l, j, eta, n, m),
    (
        Case((S.Zero, j, eta, n, m), start[j]),
        Case(
            (l + 1, j, eta, n, m),
            trained(l, j) - eta * weight_gradient(lambda index: trained(l, index), l),
            (at_least(l, S.Zero),),
        ),
    ),
    domain="real",
)
_DEAD = ForAll(
    (i,),
    at_most(pre_activation(lambda index: start[index], i), S.Zero),
    (at_most(S.Zero, i), at_most(i, n - 1)),
)

RELU_DYING = Claim(
    id="activations.relu-dying",
    title="A ReLU that is silent on all data is never revived by gradient descent",
    prose=(
        "Let w·xᵢ ≤ 0 for every one of n samples (the bias is the weight of a feature that is 1). Then H(w·xᵢ) = 0 for "
        "all of them, and the gradient by every weight is exactly 0, whatever arrives from above. By induction the "
        "weights stay what they are after any number of steps of any size, with any upstream gradients. Weight decay, "
        "momentum from earlier steps, or a change of the layers below can revive the unit; this rule cannot."
    ),
    statement=(
        Sequent("gradient", equal(weight_gradient(lambda index: start[index], S.Zero), S.Zero), (_DEAD,)),
        Sequent("forever", equal(trained(l, j), start[j]), (at_least(l, S.Zero), _DEAD)),
    ),
    definitions=(TRAINED,),
    sources=(Source("maas2013"),),
    no_law="about a training rule; that the slope is 0 on the left is under the law of activations.relu",
)

_PASCAL = Function("C", integer=True)
PASCAL = Definition(
    "C",
    (k, j),
    (
        Case((S.Zero, j), Piecewise((S.One, equal(j, S.Zero)), (S.Zero, True))),
        Case((k + 1, j), _PASCAL(k, j) + _PASCAL(k, j - 1), (at_least(k, S.Zero),)),
    ),
    domain="integer",
)
_REGIONS = Function("regions", integer=True)
REGIONS = Definition(
    "regions",
    (k, j),
    (
        Case((S.Zero, j), Piecewise((S.One, at_least(j, S.Zero)), (S.Zero, True))),
        Case((k + 1, j), _REGIONS(k, j) + _REGIONS(k, j - 1), (at_least(k, S.Zero),)),
    ),
    domain="integer",
)
BINOMIAL_SUM = Sum(PASCAL(k, l), (l, 0, j))

RELU_REGIONS = Claim(
    id="activations.relu-regions",
    title="The recursion for how many regions n hyperplanes, a ReLU layer's knees, cut ℝᵈ into is a sum of binomials",
    prose=(
        "Each unit has a hyperplane as its knee. A further hyperplane cuts as many regions in two as the others leave "
        "of it, an arrangement in one dimension less: R(n + 1, d) = R(n, d) + R(n, d − 1) in general position, and no "
        "more otherwise; R(0, d) = 1 for d ≥ 0 and nothing below dimension 0. That geometric step is taken as the "
        "definition here. Then R(n, d) = Σ C(n, j) over j ≤ d for all n and d, with C from Pascal's triangle: "
        "n + 1 on a line. Each unit at most doubles the count, so that it is at most 2ⁿ."
    ),
    statement=(
        Sequent("count", equal(REGIONS(k, j), BINOMIAL_SUM), (at_least(k, S.Zero), at_least(j, S.Zero))),
        Sequent("line", equal(REGIONS(k, S.One), k + 1), (at_least(k, S.Zero),)),
        Sequent("at-most-doubled", at_most(REGIONS(k, j), S(2) ** k), (at_least(k, S.Zero),)),
    ),
    definitions=(PASCAL, REGIONS),
    sources=(Source("zaslavsky1975"), Source("montufar2014")),
    no_law="a count over all weights of a layer; an implementation of ReLU has no choice in it",
)

LEAKY = Claim(
    id="activations.leaky",
    title="Leaky ReLU is a maximum only for slopes up to 1",
    prose=(
        "leaky(x) is x above 0 and αx below. It is max(x, αx) for α ≤ 1 and min(x, αx) for α ≥ 1; PReLU learns α and "
        "can cross over, where code that computes a maximum turns wrong. For α > 0 it is a bijection with inverse of "
        "the same form and slope 1/α."
    ),
    kind="refutation",
    statement=(
        Sequent("maximum", equal(leaky(x, alpha), Max(x, alpha * x)), (at_most(alpha, S.One),)),
        Sequent("minimum", equal(leaky(x, alpha), Min(x, alpha * x)), (at_least(alpha, S.One),)),
        Sequent("inverse", equal(leaky(y, 1 / alpha), x), (Gt(alpha, 0), equal(y, leaky(x, alpha)))),
        Refutation(
            "always-maximum",
            Sequent("always-maximum", equal(leaky(x, alpha), Max(x, alpha * x))),
            ((x, S.One), (alpha, S(2))),
        ),
    ),
    sources=(Source("maas2013"), Source("he2015")),
)

HARD_SIGMOID_GAP, HARD_SWISH_GAP = Rational(69183, 10**6), 3 / (1 + exp(3))
_WHERE = Rational(1317, 1000)

RELU6_HARD = Claim(
    id="activations.relu6-hard",
    title="How far the hard sigmoid and hard swish are from the smooth ones",
    prose=(
        "relu6 cuts ReLU at 6, hardsigmoid(x) = relu6(x + 3)/6 and hardswish(x) = x·hardsigmoid(x). The hard sigmoid "
        "is within 0.069183 of σ everywhere, and farther than 0.069182 at x = 1.317. Hard swish is within 3/(1 + e³) "
        "= 0.14228 of SiLU everywhere, with equality at x = ±3, where the knees are. Outside [−3, 3] it is 0 or x."
    ),
    statement=(
        Sequent("odd-part", equal(hardsigmoid(x) + hardsigmoid(-x), S.One)),
        Sequent("left", equal(hardswish(x), S.Zero), (at_most(x, S(-3)),)),
        Sequent("right", equal(hardswish(x), x), (at_least(x, S(3)),)),
        Sequent("inside", equal(hardswish(x), x * (x + 3) / 6), (at_least(x, S(-3)), at_most(x, S(3)))),
        Sequent("sigmoid", at_most(Abs(hardsigmoid(x) - sigmoid(x)), HARD_SIGMOID_GAP)),
        Sequent("sigmoid-attained", more(sigmoid(x) - hardsigmoid(x), Rational(69182, 10**6)), (equal(x, _WHERE),)),
        Sequent("swish", at_most(Abs(hardswish(x) - swish(x)), HARD_SWISH_GAP)),
        Sequent("swish-attained", equal(hardswish(x) - swish(x), HARD_SWISH_GAP), (equal(x, S(3)),)),
        Sequent("swish-attained-left", equal(hardswish(x) - swish(x), HARD_SWISH_GAP), (equal(x, S(-3)),)),
    ),
    sources=(Source("howard2019"),),
)


def left_slope(function: object) -> Limit:
    """The slope at 0 from the left."""
    return slope(function, S.Zero, "-")  # type: ignore[arg-type]  # a function of one term


def right_slope(function: object) -> Limit:
    return slope(function, S.Zero, "+")  # type: ignore[arg-type]  # as above


ELU = Claim(
    id="activations.elu",
    title="ELU is continuously differentiable for α = 1 only, CELU for every α ≠ 0",
    prose=(
        "α(e^x − 1) meets x at 0 with slope α: ELU has the one-sided slopes α and 1 there, so it is differentiable at "
        "0 iff α = 1, and then continuously. CELU scales the exponent, α(e^(x/α) − 1), and arrives with slope 1 for "
        "every α ≠ 0; its slope e^(x/α) to the left tends to 1. Away from 0 both are smooth."
    ),
    statement=(
        Sequent("elu-left", equal(left_slope(lambda at: elu(at, alpha)), alpha)),
        Sequent("elu-right", equal(right_slope(lambda at: elu(at, alpha)), S.One)),
        Sequent("celu-left", equal(left_slope(lambda at: celu(at, alpha)), S.One), (Ne(alpha, 0),)),
        Sequent("celu-right", equal(right_slope(lambda at: celu(at, alpha)), S.One)),
        Sequent("celu-slope", equal(Limit(exp(x / alpha), x, 0, "-"), S.One), (Ne(alpha, 0),)),
        Sequent("same-at-one", equal(celu(x, alpha), elu(x, alpha)), (equal(alpha, S.One),)),
    ),
    sources=(Source("clevert2016"), Source("barron2017")),
)

SELU_SMOOTH = Claim(
    id="activations.selu-smooth",
    title="SELU is not differentiable at 0",
    prose=(
        "Its slopes at 0 are λα = 1.758… from the left and λ = 1.051… from the right. SELU is often drawn and "
        "described as a smooth curve. The self-normalising theorem does not need smoothness; it does need weights of "
        "mean 0 and variance 1/n, and treats the inputs of a unit as independent."
    ),
    kind="refutation",
    statement=(
        Sequent("left", equal(left_slope(selu), SELU_SCALE * SELU_ALPHA)),
        Sequent("right", equal(right_slope(selu), SELU_SCALE)),
        Sequent("different", more(SELU_SCALE * SELU_ALPHA - SELU_SCALE, Rational(7, 10))),
        Refutation("smooth", Sequent("smooth", equal(SELU_SCALE * SELU_ALPHA, SELU_SCALE)), ()),
    ),
    sources=(Source("klambauer2017"),),
)


def relu_squared(at: Expr) -> Expr:
    """relu(x)²."""
    return relu(at) ** 2


def twice_relu(at: Expr) -> Expr:
    return 2 * relu(at)


SQUARED_RELU = Claim(
    id="activations.squared-relu",
    title="Squared ReLU has one derivative everywhere and no second one at 0",
    prose=(
        "(relu²)′ = 2 relu(x), from both sides and at 0 too; that derivative has slope 0 to the left of 0 and 2 to the "
        "right. relu(x)² = x·relu(x): squared ReLU is ReGLU with one and the same projection as value and gate."
    ),
    statement=(
        Sequent("tied-gate", equal(relu_squared(x), x * relu(x))),
        Sequent("slope", equal(slope(relu_squared), 2 * relu(x))),
        Sequent("curvature-left", equal(left_slope(twice_relu), S.Zero)),
        Sequent("curvature-right", equal(right_slope(twice_relu), S(2))),
    ),
    sources=(Source("so2021"),),
)

CLAIMS = (RELU, RELU_AD, RELU_DYING, RELU_REGIONS, LEAKY, RELU6_HARD, ELU, SELU_SMOOTH, SQUARED_RELU)
