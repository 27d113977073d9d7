# SPDX-License-Identifier: BSD-3-Clause
"""Reparameterization with Gumbel noise: the claims about exact samples.

Main results: ``gumbel-max`` and its race, ``gumbel-max-stability``, ``gumbel-top-k``. Notation and definitions are
in ``reparameterization_terms``; relaxed samples are in ``reparameterization_relaxed``, the Gaussian and the
estimators of gradients in ``reparameterization_score``.
"""

from __future__ import annotations

from sympy import Expr, Ge, Gt, Integral, Le, Lt, Product, Rational, S, Sum, exp, log, oo

from . import reparameterization_relaxed, reparameterization_score
from .claim import Claim, Refutation, Sequent, Source
from .reparameterization_terms import (
    ANY_TIME,
    IN_RANGE,
    NORMALISED,
    POSITIVE,
    RACE,
    SOME_WEIGHT,
    WEIGHTS_POSITIVE,
    K,
    a,
    b,
    c,
    e1,
    e2,
    equal,
    first,
    gumbel_cdf,
    gumbel_pdf,
    gumbel_quantile,
    i,
    j,
    k,
    log_sum_exp,
    logistic_cdf,
    logistic_pdf,
    n,
    o,
    p,
    plackett_luce,
    softmax,
    t,
    total,
    u,
    w,
    win,
    win_below,
    x,
    y,
)

GUMBEL = Claim(
    id="reparameterization.gumbel",
    title="The Gumbel distribution and its sampler",
    prose=(
        "For U uniform on (0, 1), G = −log(−log U) has the distribution function exp(−e^(−x)): the events G ≤ x and "
        "U ≤ exp(−e^(−x)) are the same, which the two order statements say. The density e^(−x) exp(−e^(−x)) "
        "integrates to that function and to 1. The mean is Euler's γ and the variance π²/6; both rest on the "
        "classical values Γ′(1) = −γ and ψ′(1) = π²/6, which are quoted as integrals against e^(−t), and on the "
        "substitution t = e^(−x), which is checked."
    ),
    statement=(
        Sequent("below", Le(gumbel_quantile(u), x), (Gt(u, 0), Lt(u, 1), Le(u, gumbel_cdf(x)))),
        Sequent("above", Gt(gumbel_quantile(u), x), (Lt(u, 1), Gt(u, gumbel_cdf(x)))),
        Sequent("density", equal(Integral(gumbel_pdf(y), (y, -oo, x)), gumbel_cdf(x))),
        Sequent("normalised", equal(Integral(gumbel_pdf(x), (x, -oo, oo)), S.One)),
        Sequent("mean", equal(Integral(x * gumbel_pdf(x), (x, -oo, oo)), S.EulerGamma)),
        Sequent("variance", equal(Integral((x - S.EulerGamma) ** 2 * gumbel_pdf(x), (x, -oo, oo)), S.Pi**2 / 6)),
    ),
    sources=(Source("gumbel1954"), Source("su6705")),
)

GUMBEL_MAX = Claim(
    id="reparameterization.gumbel-max",
    title="The Gumbel-max trick samples a categorical distribution exactly",
    prose=(
        "Add independent standard Gumbel noise to the log-probabilities of any number of categories: category j is "
        "the strict maximum with probability pⱼ. The chances of a strict winner add up to 1, so ties have "
        "probability 0. All pᵢ are positive here; categories of probability 0 have no logarithm and are the matter "
        "of the exponential race. The integral ∫₀¹ u^(1/p − 1) du = p is the core of the usual derivation."
    ),
    statement=(
        Sequent("law", equal(win(lambda n: log(p[n]), j), p[j]), (POSITIVE, NORMALISED, *IN_RANGE)),
        Sequent("no-ties", equal(Sum(win(lambda n: log(p[n]), j), (j, 0, K - 1)), S.One), (POSITIVE, NORMALISED)),
        Sequent("core", equal(Integral(u ** (1 / a - 1), (u, 0, 1)), a), (Gt(a, 0),)),
    ),
    sources=(Source("gumbel1954"), Source("maddison2017"), Source("su6705")),
)

GUMBEL_SHIFT = Claim(
    id="reparameterization.gumbel-shift",
    title="Gumbel-max needs logits only, not normalised log-probabilities",
    prose=(
        "Any real logits oᵢ do: the winner has the law softmax(o). Logits log pᵢ + c have the softmax p, whatever "
        "the constant c, so the normalising constant never has to be computed."
    ),
    statement=(
        Sequent("logits", equal(win(lambda n: o[n], j), softmax(j)), IN_RANGE),
        Sequent(
            "shift",
            equal(exp(log(p[j]) + c) / total(lambda n: exp(log(p[n]) + c)), p[j]),
            (POSITIVE, NORMALISED, *IN_RANGE),
        ),
        Sequent("shifted-law", equal(win(lambda n: log(p[n]) + c, j), p[j]), (POSITIVE, NORMALISED, *IN_RANGE)),
    ),
    sources=(Source("su6705"),),
)

GUMBEL_MAX_STABILITY = Claim(
    id="reparameterization.gumbel-max-stability",
    title="The maximum is Gumbel at log-sum-exp, and independent of the argmax",
    prose=(
        "The largest of oᵢ + Gᵢ is a Gumbel variable with location LSE(o): its distribution function at x is that of "
        "G at x − LSE(o), which is exp(−e^(−x) Σ e^(oᵢ)). The joint law of its value and of its "
        "place factorises, so knowing how large the maximum is says nothing about who won."
    ),
    statement=(
        Sequent(
            "maximum",
            equal(Product(gumbel_cdf(x - o[i]), (i, 0, K - 1)), gumbel_cdf(x - log_sum_exp())),
        ),
        Sequent(
            "independent",
            equal(win_below(j, x), softmax(j) * gumbel_cdf(x - log_sum_exp())),
            IN_RANGE,
        ),
    ),
    sources=(Source("maddison2017"),),
    no_law="no contract returns the maximum itself",
)

EXPONENTIAL_RACE = Claim(
    id="reparameterization.exponential-race",
    title="Gumbel-max is an exponential race",
    prose=(
        "G = −log E turns a standard exponential variable into a Gumbel one: the tail of E beyond e^(−x) is "
        "exp(−e^(−x)), and the density transforms accordingly. The largest log wᵢ − log Eᵢ belongs to the smallest "
        "Eᵢ/wᵢ. In the race, category j arrives first with probability wⱼ/Σw; weights may be 0 here, as long as "
        "their sum is not, and a category of weight 0 never wins. (Rates are ≥ 0, but the integral has this value "
        "for weights of any sign with a positive sum.)"
    ),
    statement=(
        Sequent("tail", equal(Integral(exp(-t), (t, exp(-x), oo)), gumbel_cdf(x))),
        Sequent("density", equal(exp(-t) * t, gumbel_pdf(x)), (equal(t, exp(-x)),)),
        Sequent(
            "order",
            Gt(log(a) - log(e1), log(b) - log(e2)),
            (Gt(a, 0), Gt(b, 0), Gt(e1, 0), Lt(e1 / a, e2 / b)),
        ),
        Sequent(
            "order-converse",
            Lt(e1 / a, e2 / b),
            (Gt(a, 0), Gt(b, 0), Gt(e1, 0), Gt(e2, 0), Gt(log(a) - log(e1), log(b) - log(e2))),
        ),
        Sequent(
            "first",
            equal(first(j), w[j] / total(lambda n: w[n])),
            (SOME_WEIGHT, *IN_RANGE),
        ),
        Sequent(
            "never",
            equal(first(j), S.Zero),
            (SOME_WEIGHT, *IN_RANGE, equal(w[j], S.Zero)),
        ),
    ),
    sources=(Source("maddison2017"), Source("kool2019")),
)

GUMBEL_DIFFERENCE_LOGISTIC = Claim(
    id="reparameterization.gumbel-difference-logistic",
    title="The difference of two Gumbel variables is logistic",
    prose=(
        "P(G₁ − G₂ ≤ x), the density of G₂ times the chance that G₁ ≤ G₂ + x, is 1/(1 + e^(−x)), the logistic "
        "distribution function, and the logistic density integrates to it; the convolution of the two densities is "
        "that density. With two categories the Gumbel-max trick "
        "is therefore logistic regression's noise."
    ),
    statement=(
        Sequent(
            "distribution",
            equal(Integral(gumbel_pdf(y) * gumbel_cdf(x + y), (y, -oo, oo)), logistic_cdf(x)),
        ),
        Sequent("density", equal(Integral(logistic_pdf(y), (y, -oo, x)), logistic_cdf(x))),
        Sequent(
            "convolution",
            equal(Integral(gumbel_pdf(y) * gumbel_pdf(x + y), (y, -oo, oo)), logistic_pdf(x)),
        ),
    ),
    sources=(Source("maddison2017"),),
)

_BOTH = e1 / (e1 + a + b)

_EACH = e1 / (e1 + a) * (e1 / (e1 + b))

_WEIGHTS = (Gt(e1, 0), Gt(a, 0), Gt(b, 0))


def _beats(*rivals: Expr) -> Expr:
    """P(log e₁ + G exceeds every rival's log-weight plus noise)."""
    body = gumbel_pdf(x)
    for rival in rivals:
        body *= gumbel_cdf(x + log(e1) - log(rival))
    return Integral(body, (x, -oo, oo))


GUMBEL_EVENTS_INDEPENDENT = Claim(
    id="reparameterization.gumbel-events-independent",
    title="The comparisons of the Gumbel-max trick are not independent",
    prose=(
        "The K − 1 events “category 1 beats category i” share the noise of category 1. They are independent only "
        "when that noise is given, which is all that the derivation needs. For weights e₁, a, b the chance to beat "
        "both rivals is e₁/(e₁ + a + b), always more than the product of the two single chances; for three equal "
        "categories it is 1/3, and the product 1/4."
    ),
    kind="refutation",
    statement=(
        Sequent("both", equal(_beats(a, b), _BOTH), _WEIGHTS),
        Sequent("one", equal(_beats(a), e1 / (e1 + a)), _WEIGHTS[:2]),
        Sequent("more-likely", Gt(_BOTH, _EACH), _WEIGHTS),
        Refutation(
            "independent",
            Sequent("independent", equal(_BOTH, _EACH), _WEIGHTS),
            ((e1, Rational(1, 3)), (a, Rational(1, 3)), (b, Rational(1, 3))),
        ),
    ),
    sources=(Source("su6705"),),
    no_law="a step of the derivation that no implementation computes",
)

GUMBEL_TOP_K = Claim(
    id="reparameterization.gumbel-top-k",
    title="The k largest perturbed logits are a sample without replacement",
    prose=(
        "Of n categories, named in any order, the chance that exactly 0, 1, …, k−1 are the k largest of log wᵢ + Gᵢ "
        "in this order is the Plackett–Luce probability Π wᵢ/(wᵢ + … + wₙ₋₁): draw, take out, draw again. In the "
        "exponential race the categories arrive in that order and before all others. race(j, t, k, n) is the "
        "integral over the last j of the k arrivals, the earliest of them after time t: with none left it is the "
        "chance exp(−tΣ) that no other category has arrived by t. The formula holds for every j, k ≤ n and t, by "
        "induction on j with a hypothesis that is general in t; j = k and t = 0 is the whole race. A finite family "
        "of positive weights stands as one over all integers; no other member is looked at while j ≤ k."
    ),
    statement=(
        Sequent(
            "from-any-time",
            ANY_TIME,
            (WEIGHTS_POSITIVE, Le(k, n), Ge(j, 0)),
        ),
        Sequent(
            "plackett-luce",
            equal(RACE(k, S.Zero, k, n), plackett_luce(k)),
            (WEIGHTS_POSITIVE, Le(k, n), Ge(k, 0)),
        ),
    ),
    definitions=(RACE,),
    sources=(Source("kool2019"), Source("plackett1975"), Source("yellott1977")),
)

CLAIMS = (
    GUMBEL,
    GUMBEL_MAX,
    GUMBEL_SHIFT,
    GUMBEL_MAX_STABILITY,
    EXPONENTIAL_RACE,
    GUMBEL_DIFFERENCE_LOGISTIC,
    GUMBEL_EVENTS_INDEPENDENT,
    GUMBEL_TOP_K,
    reparameterization_relaxed.GUMBEL_SOFTMAX,
    reparameterization_relaxed.GS_LIMITS,
    reparameterization_relaxed.GS_ARGMAX_EXACT,
    reparameterization_relaxed.GS_MEAN_BIASED,
    reparameterization_score.GAUSSIAN,
    reparameterization_score.SCORE_MEAN_ZERO,
    reparameterization_score.SCORE_ESTIMATOR,
    reparameterization_score.SCORE_MOVING_SUPPORT,
    reparameterization_score.STRAIGHT_THROUGH_BIAS,
)
