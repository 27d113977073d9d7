# SPDX-License-Identifier: BSD-3-Clause
"""Self-gated activations, x times a gate: swish, SiLU, Mish, snake."""

from __future__ import annotations

from sympy import Expr, Function, Gt, LambertW, Limit, Lt, Ne, Rational, S, exp, oo, sin, tanh

from .activations_notation import at_least, at_most, equal, less, more, slope, x, y
from .activations_sigmoids import sigmoid_slope
from .activations_terms import a as frequency
from .activations_terms import beta, gelu, hardswish, mish, normal_cdf, relu, sigmoid, snake, swish
from .claim import Claim, Sequent, Source

gate = Function("g", real=True)
W = LambertW(exp(-1))  # W(1/e) = 0.27846…
SILU_LOWEST = -(1 + W)
SILU_SLOPE_MOST = Rational(10998394, 10**7)
MISH_LEAST, MISH_SLOPE_MOST = -Rational(308843414, 10**9), Rational(10884982, 10**7)
GELU_LEAST = -Rational(1699712076, 10**10)


def silu_slope(at: Expr) -> Expr:
    """SiLU′ = σ + xσ(1 − σ)."""
    return sigmoid(at) + at * sigmoid_slope(at)


def mish_ratio(at: Expr) -> Expr:
    """x q/(q + 2) with q = e^(2x) + 2e^x."""
    q = exp(2 * at) + 2 * exp(at)
    return at * q / (q + 2)


def mish_slope(at: Expr) -> Expr:
    """q/(q + 2) + 2x q′/(q + 2)²."""
    q = exp(2 * at) + 2 * exp(at)
    return q / (q + 2) + 4 * at * (exp(2 * at) + exp(at)) / (q + 2) ** 2


SWISH = Claim(
    id="activations.swish",
    title="Swish runs from the identity's half to ReLU",
    prose=(
        "xσ(βx) is x/2 at β = 0, SiLU at β = 1, and tends to ReLU as β → ∞. The convergence is uniform: 0 ≤ relu − "
        "swish ≤ W(1/e)/β for every β > 0, with Lambert's W, since swish with β is SiLU scaled by 1/β both ways."
    ),
    statement=(
        Sequent("zero", equal(swish(x, beta), x / 2), (equal(beta, S.Zero),)),
        Sequent("scaled", equal(beta * swish(x, beta), swish(y)), (equal(y, beta * x),)),
        Sequent("limit-right", equal(Limit(swish(x, beta), beta, oo), x), (Gt(x, 0),)),
        Sequent("limit-left", equal(Limit(swish(x, beta), beta, oo), S.Zero), (Lt(x, 0),)),
        Sequent("above", at_least(relu(x) - swish(x, beta), S.Zero), (Gt(beta, 0),)),
        Sequent("gap", at_most(relu(x) - swish(x, beta), W / beta), (Gt(beta, 0),)),
    ),
    uses=("activations.silu-min",),
    sources=(Source("ramachandran2017"), Source("elfwing2018")),
)

SILU_MIN = Claim(
    id="activations.silu-min",
    title="The minimum of SiLU, in closed form",
    prose=(
        "x σ(x) ≥ −W(1/e) = −0.27846…, with equality at x = −(1 + W(1/e)) = −1.27846…, where 1 + x σ(−x) = 0. With "
        "w e^w = 1/e the inequality says x + w + w e^(−x) ≥ 0, and the tangent to w e^(−x) at that point is −x − w."
    ),
    statement=(
        Sequent("lower", at_least(swish(x), -W)),
        Sequent("attained", equal(swish(SILU_LOWEST), -W)),
        Sequent("stationary", equal(1 + SILU_LOWEST * sigmoid(-SILU_LOWEST), S.Zero)),
        Sequent("not-less", more(W, Rational(278464542761, 10**12))),
        Sequent("not-more", less(W, Rational(278464542762, 10**12))),
    ),
    sources=(Source("elfwing2018"), Source("ramachandran2017")),
)

SILU_SLOPE = Claim(
    id="activations.silu-slope",
    title="SiLU's steepest slope is 1.0998393",
    prose=(
        "SiLU′(x) + SiLU′(−x) = 1, and SiLU″ = σ′(2 − x tanh(x/2)): the slope is steepest where x tanh(x/2) = 2, near "
        "x = 2.39935728. It is below 1.0998394 everywhere and above 1.0998393 there, and so never below −0.0998394."
    ),
    statement=(
        Sequent("slope", equal(slope(swish), silu_slope(x))),
        Sequent("symmetry", equal(silu_slope(x) + silu_slope(-x), S.One)),
        Sequent("curvature", equal(slope(silu_slope), sigmoid_slope(x) * (2 - x * tanh(x / 2)))),
        Sequent("upper", less(silu_slope(x), SILU_SLOPE_MOST)),
        Sequent("lower", more(silu_slope(x), 1 - SILU_SLOPE_MOST)),
        Sequent("attained", more(silu_slope(x), Rational(10998393, 10**7)), (equal(x, Rational(239935728, 10**8)),)),
    ),
    sources=(Source("elfwing2018"),),
)

ODD_PART = Claim(
    id="activations.odd-part",
    title="Gates that are complementary leave the identity as odd part",
    prose=(
        "If f(x) = x g(x) and g(x) + g(−x) = 1, then f(x) − f(−x) = x: the odd part of f is x/2, whatever the gate. "
        "That covers ReLU, GELU, SiLU and hard swish. So f on the left half of the line determines f on the right."
    ),
    statement=(
        Sequent("general", equal(x * gate(x) - (-x) * gate(-x), x), (equal(gate(x) + gate(-x), S.One),)),
        Sequent("relu", equal(relu(x) - relu(-x), x)),
        Sequent("gelu", equal(gelu(x) - gelu(-x), x)),
        Sequent("silu", equal(swish(x) - swish(-x), x)),
        Sequent("hard-swish", equal(hardswish(x) - hardswish(-x), x)),
    ),
    sources=(Source("hendrycks2016"), Source("ramachandran2017")),
)

MISH = Claim(
    id="activations.mish",
    title="Mish as a rational function of e^x, its minimum and its steepest slope",
    prose=(
        "x tanh(log(1 + e^x)) = x q/(q + 2) with q = e^(2x) + 2e^x, which needs one exponential and no logarithm. It "
        "is never below −0.308843414, and below −0.308843412 at x = −1.192431215. Its slope is q/(q + 2) + 2xq′/(q + "
        "2)², always below 1.0884982 and above 1.0884981 at x = 1.49057; it is never below −1/8."
    ),
    statement=(
        Sequent("ratio", equal(mish(x), mish_ratio(x))),
        Sequent("lower", more(mish(x), MISH_LEAST)),
        Sequent(
            "lower-attained",
            less(mish_ratio(x), -Rational(308843412, 10**9)),
            (equal(x, -Rational(1192431215, 10**9)),),
        ),
        Sequent("slope", equal(slope(mish), mish_slope(x))),
        Sequent("slope-upper", less(mish_slope(x), MISH_SLOPE_MOST)),
        Sequent("slope-lower", more(mish_slope(x), -Rational(1, 8))),
        Sequent("slope-attained", more(mish_slope(x), Rational(10884981, 10**7)), (equal(x, Rational(149057, 10**5)),)),
    ),
    sources=(Source("misra2019"),),
)


RELU_GAP = Claim(
    id="activations.relu-gap",
    title="How far GELU and SiLU lie below ReLU",
    prose=(
        "0 ≤ relu − gelu ≤ 0.1699712076 and 0 ≤ relu − silu ≤ W(1/e) = 0.27846…: by the odd-part identity the gap at x "
        "is −f(−|x|), so its largest value is the depth of the minimum, on both sides. With a sharper gate the gap "
        "scales: for x Φ(βx) and x σ(βx) it is 1/β times the gap of GELU and SiLU at βx."
    ),
    statement=(
        Sequent("gelu-above", at_least(relu(x) - gelu(x), S.Zero)),
        Sequent("gelu", at_most(relu(x) - gelu(x), -GELU_LEAST)),
        Sequent("silu-above", at_least(relu(x) - swish(x), S.Zero)),
        Sequent("silu", at_most(relu(x) - swish(x), W)),
        Sequent(
            "gelu-scaled",
            equal(beta * (relu(x) - x * normal_cdf(beta * x)), relu(y) - gelu(y)),
            (Gt(beta, 0), equal(y, beta * x)),
        ),
        Sequent(
            "silu-scaled",
            equal(beta * (relu(x) - swish(x, beta)), relu(y) - swish(y)),
            (Gt(beta, 0), equal(y, beta * x)),
        ),
    ),
    uses=("activations.silu-min", "activations.gelu-extrema"),
    sources=(Source("hendrycks2016"), Source("ramachandran2017")),
)


def snake_path(at: Expr) -> Expr:
    return snake(at, frequency)


SNAKE = Claim(
    id="activations.snake",
    title="Snake never falls",
    prose=(
        "x + sin²(ax)/a has the derivative 1 + sin(2ax), between 0 and 2: a periodic part on a rising line, for every "
        "frequency a ≠ 0. The slope does reach 0 once in each period."
    ),
    statement=(
        Sequent("slope", equal(slope(snake_path), 1 + sin(2 * frequency * x)), (Ne(frequency, 0),)),
        Sequent("rises", at_least(1 + sin(2 * frequency * x), S.Zero)),
        Sequent("at-most-two", at_most(1 + sin(2 * frequency * x), S(2))),
    ),
    sources=(Source("ziyin2020"),),
)

CLAIMS = (
    SILU_MIN,
    SILU_SLOPE,
    SWISH,
    ODD_PART,
    MISH,
    RELU_GAP,
    SNAKE,
)
