# SPDX-License-Identifier: BSD-3-Clause
"""GELU, its approximations and its constants; moments of activations of a normal input; SELU's constants."""

from __future__ import annotations

from sympy import Abs, Expr, Gt, Integral, Lt, Piecewise, Rational, S, erf, oo, pi, sqrt, tanh

from .activations_notation import at_least, at_most, c, equal, less, more, s, slope, x, y, z
from .activations_selfgated import GELU_LEAST
from .activations_terms import (
    GELU_CUBIC,
    QUICK_GELU_RATE,
    SELU_ALPHA,
    SELU_SCALE,
    beta,
    gelu,
    gelu_tanh,
    normal_cdf,
    normal_pdf,
    relu,
    selu,
    sigmoid,
    swish,
)
from .claim import Claim, Refutation, Sequent, Source


def decimal(digits: str) -> Rational:
    """A decimal fraction, exactly."""
    return Rational(digits)


def gelu_slope(at: Expr) -> Expr:
    """GELU′ = Φ + xφ."""
    return normal_cdf(at) + at * normal_pdf(at)


def gelu_curvature(at: Expr) -> Expr:
    """GELU″ = φ(2 − x²)."""
    return normal_pdf(at) * (2 - at**2)


def tanh_cdf(at: Expr, cubic: Expr = GELU_CUBIC) -> Expr:
    """(1 + tanh(√(2/π)(x + c x³)))/2, the approximation of Φ in the tanh form."""
    return (1 + tanh(sqrt(2 / pi) * (at + cubic * at**3))) / 2


GELU = Claim(
    id="activations.gelu",
    title="GELU, its derivatives and its inflections",
    prose=(
        "x Φ(x) is the mean of x·1[Z ≤ x] for a standard normal Z. GELU′ = Φ + xφ and GELU″ = φ(2 − x²): convex "
        "between −√2 and √2, concave outside. Its odd part is x/2: GELU(x) − GELU(−x) = x."
    ),
    statement=(
        Sequent("mean", equal(Integral(x * normal_pdf(z), (z, -oo, x)), gelu(x))),
        Sequent("slope", equal(slope(gelu), gelu_slope(x))),
        Sequent("curvature", equal(slope(gelu_slope), gelu_curvature(x))),
        Sequent("convex", more(gelu_curvature(x), S.Zero), (Lt(x**2, 2),)),
        Sequent("concave", less(gelu_curvature(x), S.Zero), (Gt(x**2, 2),)),
        Sequent("odd-part", equal(gelu(x) - gelu(-x), x)),
    ),
    sources=(Source("hendrycks2016"),),
)

FALLS_TO, RISES_FROM = decimal("-0.7517915247"), decimal("-0.7517915246")
STEEPEST = gelu_slope(sqrt(2))

GELU_EXTREMA = Claim(
    id="activations.gelu-extrema",
    title="GELU's minimum and its steepest slope",
    prose=(
        "GELU falls strictly up to −0.7517915247 and rises strictly from −0.7517915246 on; its minimum, between these "
        "two points, is above −0.1699712076, and GELU is below −0.1699712074 at −0.7517915. Its slope is largest at "
        "√2, where GELU″ changes sign: Φ(√2) + √2 φ(√2) = 1.128904145… So GELU is neither monotone nor 1-Lipschitz."
    ),
    statement=(
        Sequent("falls", more(gelu(x), gelu(y)), (Lt(x, y), at_most(y, FALLS_TO))),
        Sequent("rises", less(gelu(x), gelu(y)), (Lt(x, y), at_least(x, RISES_FROM))),
        Sequent("lower", more(gelu(x), GELU_LEAST)),
        Sequent("lower-attained", less(gelu(x), decimal("-0.1699712074")), (equal(x, decimal("-0.7517915")),)),
        Sequent("slope-upper", at_most(gelu_slope(x), STEEPEST)),
        Sequent("steepest-above", more(STEEPEST, decimal("1.128904145"))),
        Sequent("steepest-below", less(STEEPEST, decimal("1.128904146"))),
    ),
    sources=(Source("hendrycks2016"),),
)

_GATED = Piecewise((x, at_most(z, x)), (S.Zero, True))  # x where the gate is open

GELU_DROPOUT = Claim(
    id="activations.gelu-dropout",
    title="GELU is the mean of a gate that depends on its input, not of dropout",
    prose=(
        "x times a gate that is open with probability Φ(x), as Z ≤ x is for a standard normal Z, has the mean GELU(x) "
        "(``gelu``) and about it the variance x²Φ(x)Φ(−x). The probability depends on the input, that is the whole "
        "nonlinearity: the mean of ordinary dropout, in which x is kept with a fixed probability p, is px, a linear "
        "map, and GELU is not even homogeneous."
    ),
    kind="refutation",
    statement=(
        Sequent("mean", equal(Integral(_GATED * normal_pdf(z), (z, -oo, oo)), gelu(x))),
        Sequent(
            "variance",
            equal(
                Integral((_GATED - gelu(x)) ** 2 * normal_pdf(z), (z, -oo, oo)),
                x**2 * normal_cdf(x) * normal_cdf(-x),
            ),
        ),
        Refutation("linear", Sequent("linear", equal(gelu(2 * x), 2 * gelu(x))), ((x, S.One),)),
    ),
    sources=(Source("hendrycks2016"),),
    no_law="about the random gate that motivates GELU; implementations compute its mean, under activations.gelu",
)

TANH_BOUND, SIGMOID_BOUND = decimal("0.00047324"), decimal("0.0203349")

GELU_TANH_ERROR = Claim(
    id="activations.gelu-tanh-error",
    title="The tanh form of GELU is off by at most 4.7324e-4",
    prose=(
        "|GELU(x) − x(1 + tanh(√(2/π)(x + 0.044715x³)))/2| < 4.7324e-4 for every real x, and above 4.7323e-4 at x = "
        "2.69894. That is two thousand times the spacing of float32 numbers there, and a quarter of that of float16 "
        "numbers: in float32 the two forms are different functions, and mixing them up is visible."
    ),
    statement=(
        Sequent("upper", less(Abs(gelu_tanh(x) - gelu(x)), TANH_BOUND)),
        Sequent("attained", more(gelu_tanh(x) - gelu(x), decimal("0.00047323")), (equal(x, decimal("2.69894")),)),
    ),
    sources=(Source("hendrycks2016"),),
)

GELU_SIGMOID_ERROR = Claim(
    id="activations.gelu-sigmoid-error",
    title="The sigmoid form of GELU is off by at most 0.0203349",
    prose=(
        "|GELU(x) − xσ(1.702x)| < 0.0203349 for every real x, and above 0.0203348 at x = 2.2704: forty times the "
        "error of the tanh form, and more."
    ),
    statement=(
        Sequent("upper", less(Abs(swish(x, QUICK_GELU_RATE) - gelu(x)), SIGMOID_BOUND)),
        Sequent(
            "attained",
            more(gelu(x) - swish(x, QUICK_GELU_RATE), decimal("0.0203348")),
            (equal(x, decimal("2.2704")),),
        ),
    ),
    sources=(Source("hendrycks2016"),),
)

TAYLOR = (4 - pi) / (6 * pi)
_ROOT = sqrt(2 / pi)


def _inner(at: Expr) -> Expr:
    return _ROOT * (at + c * at**3)


def tanh_part(at: Expr) -> Expr:
    """tanh(√(2/π)(x + c x³)), to be matched with 2Φ − 1 = erf(x/√2)."""
    return tanh(_inner(at))


def tanh_slope(at: Expr) -> Expr:
    return (1 - tanh_part(at) ** 2) * _ROOT * (1 + 3 * c * at**2)


def tanh_curvature(at: Expr) -> Expr:
    inner = _ROOT * (1 + 3 * c * at**2)
    return (1 - tanh_part(at) ** 2) * (_ROOT * 6 * c * at - 2 * tanh_part(at) * inner**2)


def erf_part(at: Expr) -> Expr:
    return erf(at / sqrt(2))


THIRD_TANH = _ROOT * (6 * c - 4 / pi)

GELU_CONSTANT_ORIGIN = Claim(
    id="activations.gelu-constant-origin",
    title="0.044715 does not come from the Taylor series",
    prose=(
        "Matching the third derivatives of tanh(√(2/π)(x + cx³)) and erf(x/√2) at 0 (value, slope and curvature agree "
        "for every c) gives c = (4 − π)/(6π) = 0.0455399…, with which GELU is off by 7.4e-4 at x = 2.47. 0.044715 is, "
        "to its digits, minimax for Φ: the error of Φ is below 1.78933e-4 with it, and above that for every c ≥ "
        "0.0447155, at one point, and for every c ≤ 0.0447145, at another. No c at all brings it to 1.789e-4. For GELU "
        "itself 0.044383 is better: 3.875e-4 instead of 4.732e-4."
    ),
    kind="refutation",
    statement=(
        Sequent("tanh-slope", equal(slope(tanh_part), tanh_slope(x))),
        Sequent("tanh-curvature", equal(slope(tanh_slope), tanh_curvature(x))),
        Sequent("tanh-third", equal(slope(tanh_curvature, S.Zero), THIRD_TANH)),
        Sequent("erf-slope", equal(slope(erf_part), 2 * normal_pdf(x))),
        Sequent("erf-curvature", equal(slope(lambda at: 2 * normal_pdf(at)), -2 * x * normal_pdf(x))),
        Sequent("erf-third", equal(slope(lambda at: -2 * at * normal_pdf(at), S.Zero), -_ROOT)),
        Sequent("taylor", equal(THIRD_TANH + _ROOT, 6 * _ROOT * (c - TAYLOR))),
        Sequent(
            "taylor-error",
            more(gelu_tanh(x, TAYLOR) - gelu(x), decimal("0.00074")),
            (equal(x, decimal("2.47")),),
        ),
        Sequent("cdf-error", less(Abs(tanh_cdf(x) - normal_cdf(x)), decimal("0.000178933"))),
        Sequent(
            "no-larger-constant",
            more(tanh_cdf(x, c) - normal_cdf(x), decimal("0.0001789")),
            (equal(x, decimal("2.592")), at_least(c, decimal("0.0447149"))),
        ),
        Sequent(
            "no-smaller-constant",
            less(tanh_cdf(x, c) - normal_cdf(x), decimal("-0.0001789")),
            (equal(x, decimal("1.242")), at_most(c, decimal("0.0447149"))),
        ),
        Sequent(
            "digits-above",
            more(tanh_cdf(x, c) - normal_cdf(x), decimal("0.000178933")),
            (equal(x, decimal("2.592")), at_least(c, decimal("0.0447155"))),
        ),
        Sequent(
            "digits-below",
            less(tanh_cdf(x, c) - normal_cdf(x), decimal("-0.000178933")),
            (equal(x, decimal("1.242")), at_most(c, decimal("0.0447145"))),
        ),
        Sequent("better-for-gelu", less(Abs(gelu_tanh(x, decimal("0.044383")) - gelu(x)), decimal("0.0003875"))),
        Refutation("from-taylor", Sequent("from-taylor", equal(GELU_CUBIC, TAYLOR)), ()),
    ),
    sources=(Source("hendrycks2016"),),
    no_law="about where a constant comes from; that it is used is under the law of activations.gelu-tanh-error",
)

GELU_1702_OPTIMAL = Claim(
    id="activations.gelu-1702-optimal",
    title="1.702 is the best rate for Φ, not for GELU",
    prose=(
        "Among the sigmoids σ(bx), the error for Φ is below 0.0094577 at every x with b = 1.70174, and above "
        "0.0094567 for every b, at one of two points. 1.702 is that rate, rounded: for b ≤ 1.7015 and b ≥ 1.7025 the "
        "error exceeds 0.00947; that of 1.702 itself is below 0.0094864. For GELU the best rate is 1.7729, to its "
        "digits: with b = 1.77293 the error is below 0.013923, it is above 0.013921 for every b, and above 0.013924 "
        "for b ≤ 1.77285 and b ≥ 1.77295. 1.7729 stays below 0.013925, where 1.702 gives 0.0203348."
    ),
    kind="refutation",
    statement=(
        Sequent("cdf-error", less(Abs(sigmoid(QUICK_GELU_RATE * x) - normal_cdf(x)), decimal("0.0094864"))),
        Sequent("cdf-best", less(Abs(sigmoid(decimal("1.70174") * x) - normal_cdf(x)), decimal("0.0094577"))),
        Sequent(
            "no-larger-rate",
            more(sigmoid(beta * x) - normal_cdf(x), decimal("0.0094567")),
            (equal(x, decimal("0.571")), at_least(beta, decimal("1.70174"))),
        ),
        Sequent(
            "no-smaller-rate",
            less(sigmoid(beta * x) - normal_cdf(x), decimal("-0.0094567")),
            (equal(x, decimal("2.043")), at_most(beta, decimal("1.70174"))),
        ),
        Sequent(
            "digits-above",
            more(sigmoid(beta * x) - normal_cdf(x), decimal("0.00954")),
            (equal(x, decimal("0.571")), at_least(beta, decimal("1.7025"))),
        ),
        Sequent(
            "digits-below",
            less(sigmoid(beta * x) - normal_cdf(x), decimal("-0.00947")),
            (equal(x, decimal("2.043")), at_most(beta, decimal("1.7015"))),
        ),
        Sequent("better-for-gelu", less(Abs(swish(x, decimal("1.7729")) - gelu(x)), decimal("0.013925"))),
        Sequent("gelu-best", less(Abs(swish(x, decimal("1.77293")) - gelu(x)), decimal("0.013923"))),
        Sequent(
            "gelu-no-larger-rate",
            more(swish(x, beta) - gelu(x), decimal("0.013921")),
            (equal(x, decimal("0.896")), at_least(beta, decimal("1.77293"))),
        ),
        Sequent(
            "gelu-no-smaller-rate",
            less(swish(x, beta) - gelu(x), decimal("-0.013921")),
            (equal(x, decimal("2.426")), at_most(beta, decimal("1.77293"))),
        ),
        Sequent(
            "gelu-digits-above",
            more(swish(x, beta) - gelu(x), decimal("0.013924")),
            (equal(x, decimal("0.896")), at_least(beta, decimal("1.77295"))),
        ),
        Sequent(
            "gelu-digits-below",
            less(swish(x, beta) - gelu(x), decimal("-0.013924")),
            (equal(x, decimal("2.426")), at_most(beta, decimal("1.77285"))),
        ),
        Refutation(
            "best-for-gelu",
            Sequent(
                "best-for-gelu",
                at_most(gelu(x) - swish(x, QUICK_GELU_RATE), decimal("0.013925")),
            ),
            ((x, decimal("2.27")),),
        ),
    ),
    sources=(Source("hendrycks2016"),),
    no_law="about the choice of a constant; that it is used is under the law of activations.gelu-sigmoid-error",
)


def mean(term: Expr, deviation: Expr = S.One) -> Expr:
    """E f(Z) for a normal Z of mean 0."""
    return Integral(term * normal_pdf(z / deviation) / deviation, (z, -oo, oo))


RELU_HE = Claim(
    id="activations.relu-he",
    title="ReLU halves the second moment: He's gain is √2",
    prose=(
        "For z normal with mean 0 and variance s², E relu(z) = s/√(2π) and E relu(z)² = s²/2. A layer whose weights "
        "have variance 2/n instead of 1/n therefore keeps the second moment. The mean is not 0, so the variance is "
        "less: s²(1/2 − 1/(2π))."
    ),
    statement=(
        Sequent("mean", equal(mean(relu(z), s), s / sqrt(2 * pi)), (Gt(s, 0),)),
        Sequent("second-moment", equal(mean(relu(z) ** 2, s), s**2 / 2), (Gt(s, 0),)),
    ),
    sources=(Source("he2015"),),
)

GELU_SECOND_MOMENT = Claim(
    id="activations.gelu-second-moment",
    title="The moments of GELU, and its gain",
    prose=(
        "For a standard normal z, E GELU(z) = 1/(2√π) and E GELU(z)² = 1/3 + 1/(2π√3) = 0.425221…, so that a gain of "
        "1.5335… keeps the second moment of unit inputs. Both integrands have elementary primitives in φ and Φ "
        "(Stein's identity, step by step). GELU is not homogeneous: at another input scale the gain is another."
    ),
    statement=(
        Sequent("mean", equal(mean(gelu(z)), 1 / (2 * sqrt(pi)))),
        Sequent("second-moment", equal(mean(gelu(z) ** 2), Rational(1, 3) + 1 / (2 * pi * sqrt(3)))),
        Sequent("gain-above", more(1 / sqrt(Rational(1, 3) + 1 / (2 * pi * sqrt(3))), decimal("1.5335"))),
        Sequent("gain-below", less(1 / sqrt(Rational(1, 3) + 1 / (2 * pi * sqrt(3))), decimal("1.5336"))),
    ),
    sources=(Source("hendrycks2016"), Source("he2015")),
)

SELU = Claim(
    id="activations.selu",
    title="SELU's constants, in closed form",
    prose=(
        "α = −√(2/π)/(erfc(1/√2)√e − 1) = 1.6732632423543772… makes the mean of SELU 0 for a standard normal input, "
        "and λ = 1.0507009873554804… then makes its second moment 1: (0, 1) is the fixed point that the constants are "
        "chosen for. That nearby means and variances are drawn to it is another theorem, for weights with mean 0 and "
        "variance 1/n."
    ),
    statement=(
        Sequent("mean", equal(mean(selu(z)), S.Zero)),
        Sequent("second-moment", equal(mean(selu(z) ** 2), S.One)),
        Sequent("alpha-above", more(SELU_ALPHA, decimal("1.6732632423543772"))),
        Sequent("alpha-below", less(SELU_ALPHA, decimal("1.6732632423543773"))),
        Sequent("scale-above", more(SELU_SCALE, decimal("1.0507009873554804"))),
        Sequent("scale-below", less(SELU_SCALE, decimal("1.0507009873554805"))),
    ),
    sources=(Source("klambauer2017"),),
)

CLAIMS = (
    GELU,
    GELU_EXTREMA,
    GELU_DROPOUT,
    GELU_TANH_ERROR,
    GELU_SIGMOID_ERROR,
    GELU_CONSTANT_ORIGIN,
    GELU_1702_OPTIMAL,
    RELU_HE,
    GELU_SECOND_MOMENT,
    SELU,
)
