# SPDX-License-Identifier: BSD-3-Clause
"""The Gaussian, the score-function estimator and straight-through: what is unbiased, and where it stops."""

from __future__ import annotations

from sympy import Ge, Gt, Integral, Le, Ne, Rational, S, Sum, log, oo

from .claim import Claim, Refutation, Sequent, Source
from .reparameterization_terms import (
    BY_SCORE,
    IN_RANGE,
    SPREAD,
    TRUTH,
    K,
    a,
    along,
    b,
    c,
    d0,
    d1,
    equal,
    f,
    f0,
    f1,
    i,
    j,
    mu,
    normal_cdf,
    normal_pdf,
    q,
    r,
    reward,
    score,
    sigma,
    slope,
    straight_through,
    theta,
    x,
    y,
)

GAUSSIAN = Claim(
    id="reparameterization.gaussian",
    title="A Gaussian is its standard one, shifted and scaled",
    prose=(
        "For ε standard normal and σ > 0, z = μ + σε is N(μ, σ²): P(μ + σε ≤ x) = P(ε ≤ (x − μ)/σ) is the "
        "integral of the density of N(μ, σ²) up to x, and the densities transform with the factor 1/σ. Its mean is "
        "μ and its variance σ²."
    ),
    statement=(
        Sequent("density", equal(normal_pdf(y) / sigma, normal_pdf(x, mu, sigma)), (SPREAD, equal(x, mu + sigma * y))),
        Sequent(
            "noise",
            equal(
                Integral(normal_pdf(y), (y, -oo, (x - mu) / sigma)),
                normal_cdf(x, mu, sigma),
            ),
            (SPREAD,),
        ),
        Sequent(
            "distribution",
            equal(Integral(normal_pdf(y, mu, sigma), (y, -oo, x)), normal_cdf(x, mu, sigma)),
            (SPREAD,),
        ),
        Sequent("normalised", equal(Integral(normal_pdf(x, mu, sigma), (x, -oo, oo)), S.One), (SPREAD,)),
        Sequent("mean", equal(Integral(x * normal_pdf(x, mu, sigma), (x, -oo, oo)), mu), (SPREAD,)),
        Sequent(
            "variance",
            equal(Integral((x - mu) ** 2 * normal_pdf(x, mu, sigma), (x, -oo, oo)), sigma**2),
            (SPREAD,),
        ),
    ),
    sources=(Source("kingma2014"), Source("su6705")),
)

SCORE_MEAN_ZERO = Claim(
    id="reparameterization.score-mean-zero",
    title="The score has mean zero",
    prose=(
        "For a categorical distribution with softmax probabilities the score in direction d is dᵢ − Σ d_l p_l, at "
        "all logits and for any number of categories; its mean under p vanishes. So do the means of both scores of "
        "the Gaussian, in μ and in σ. The general statement needs a support that does not depend on θ, and a "
        "derivative that may go under the integral."
    ),
    statement=(
        Sequent("score", equal(slope(lambda at: log(along(j, at))), score(j, theta)), IN_RANGE),
        Sequent("categorical", equal(Sum(along(i, theta) * score(i, theta), (i, 0, K - 1)), S.Zero), (Ge(K, 1),)),
        Sequent(
            "gaussian-mean",
            equal(Integral((x - mu) / sigma**2 * normal_pdf(x, mu, sigma), (x, -oo, oo)), S.Zero),
            (SPREAD,),
        ),
        Sequent(
            "gaussian-deviation",
            equal(Integral(((x - mu) ** 2 / sigma**3 - 1 / sigma) * normal_pdf(x, mu, sigma), (x, -oo, oo)), S.Zero),
            (SPREAD,),
        ),
    ),
    sources=(Source("mohamed2020"), Source("williams1992")),
    no_law="an expectation; reparameterization.score-estimator is what implementations are held to",
)

SCORE_ESTIMATOR = Claim(
    id="reparameterization.score-estimator",
    title="The score-function estimator is unbiased",
    prose=(
        "For any reward fᵢ of any number of categories, the derivative of the expected reward along any direction of "
        "the logits is the mean of reward times score (REINFORCE); no derivative of f is used. For the Gaussian it "
        "is shown for the reward f(z) = a + b z, whose mean a + bμ has the derivative b. In general the support must "
        "be fixed and the derivative must be dominated by an integrable function."
    ),
    statement=(
        Sequent(
            "categorical",
            equal(
                slope(lambda at: Sum(f[i] * along(i, at), (i, 0, K - 1))),
                Sum(along(i, theta) * f[i] * score(i, theta), (i, 0, K - 1)),
            ),
        ),
        Sequent(
            "gaussian",
            equal(Integral((a + b * x) * ((x - mu) / sigma**2) * normal_pdf(x, mu, sigma), (x, -oo, oo)), b),
            (SPREAD,),
        ),
    ),
    sources=(Source("williams1992"), Source("mohamed2020"), Source("su6705")),
)

SCORE_MOVING_SUPPORT = Claim(
    id="reparameterization.score-moving-support",
    title="The score-function estimator fails where the support moves",
    prose=(
        "For z uniform on (0, θ) the score is −1/θ everywhere inside. The mean of reward times score misses the "
        "boundary term f(θ)/θ: for f(z) = z the derivative of the mean is 1/2, and the estimator's mean is −1/2."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "mean",
            equal(Integral(reward(y) / theta, (y, 0, theta)), a + b * theta / 2 + c * theta**2 / 3),
            (Gt(theta, 0),),
        ),
        Sequent("truth", equal(slope(lambda at: a + b * at / 2 + c * at**2 / 3), TRUTH)),
        Sequent("score", equal(slope(lambda at: -log(at)), -1 / theta), (Gt(theta, 0),)),
        Sequent(
            "estimator",
            equal(Integral(reward(y) * (-1 / theta) / theta, (y, 0, theta)), BY_SCORE),
            (Gt(theta, 0),),
        ),
        Sequent("boundary", equal(TRUTH, BY_SCORE + reward(theta) / theta), (Gt(theta, 0),)),
        Refutation(
            "unbiased",
            Sequent("unbiased", equal(BY_SCORE, TRUTH), (Gt(theta, 0),)),
            ((a, S.Zero), (b, S.One), (c, S.Zero), (theta, S.One)),
        ),
    ),
    sources=(Source("mohamed2020"),),
    no_law="it says where not to use the estimator",
)

STRAIGHT_THROUGH_BIAS = Claim(
    id="reparameterization.straight-through-bias",
    title="The straight-through estimator is biased",
    prose=(
        "For z Bernoulli(p) the mean of f(z) has the derivative f(1) − f(0); straight-through has the mean "
        "(1 − p) f′(0) + p f′(1). For f = a + b y + c y² the bias is c(2p − 1): for f = y² the truth is 1 and the "
        "estimator gives 2p. It is unbiased at two different p only if f′(0) = f′(1) = f(1) − f(0), and then at "
        "all p; at a single p it may be unbiased by accident, as for y² at p = 1/2. That f looks affine on the "
        "values used does not help: every function does on two values, the slopes must agree with it."
    ),
    kind="refutation",
    statement=(
        Sequent("truth", equal(slope(lambda at: (1 - at) * f0 + at * f1), f1 - f0)),
        Sequent(
            "bias",
            equal(
                straight_through(q, b, b + 2 * c) - (reward(S.One) - reward(S.Zero)),
                c * (2 * q - 1),
            ),
        ),
        Sequent("enough", equal(straight_through(q), f1 - f0), (equal(d0, f1 - f0), equal(d1, f1 - f0))),
        *(
            Sequent(
                name,
                equal(which, f1 - f0),
                (equal(straight_through(q), f1 - f0), equal(straight_through(r), f1 - f0), Ne(q, r)),
            )
            for name, which in (("needed-at-0", d0), ("needed-at-1", d1))
        ),
        Refutation(
            "unbiased",
            Sequent("unbiased", equal(b + 2 * q * c, b + c), (Ge(q, 0), Le(q, 1))),
            ((q, Rational(1, 4)), (b, S.Zero), (c, S.One)),
        ),
        Refutation(
            "unbiased-only-if-affine",
            Sequent("unbiased-only-if-affine", equal(c, S.Zero), (equal(b + 2 * q * c, b + c), Ge(q, 0), Le(q, 1))),
            ((q, Rational(1, 2)), (b, S.Zero), (c, S.One)),
        ),
    ),
    sources=(Source("bengio2013"),),
)
