# SPDX-License-Identifier: BSD-3-Clause
"""Every claim of the topic is proved, and its proofs reject what was broken by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lemmata.proofs.verify import prove, verify
from lemmata.theory import reparameterization
from lemmata.theory import reparameterization_terms as t
from lemmata.theory.claim import Claim
from sympy import Integral, Limit, Product, Rational, S, Sum, exp, log, oo, pi
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

(
    GUMBEL,
    GUMBEL_MAX,
    GUMBEL_SHIFT,
    GUMBEL_MAX_STABILITY,
    EXPONENTIAL_RACE,
    GUMBEL_DIFFERENCE_LOGISTIC,
    GUMBEL_EVENTS_INDEPENDENT,
    GUMBEL_TOP_K,
    GUMBEL_SOFTMAX,
    GS_LIMITS,
    GS_ARGMAX_EXACT,
    GS_MEAN_BIASED,
    GAUSSIAN,
    SCORE_MEAN_ZERO,
    SCORE_ESTIMATOR,
    SCORE_MOVING_SUPPORT,
    STRAIGHT_THROUGH_BIAS,
) = reparameterization.CLAIMS


def equation(left, right):
    return Eq(left, right, evaluate=False)


@pytest.mark.parametrize("claim", reparameterization.CLAIMS, ids=lambda c: c.id)
def test_claim_is_proved(claim: Claim):
    result = verify(claim)
    assert result.verdict == "proved", [(p.name, p.reason) for p in result.parts if p.verdict != "proved"]


def goal(claim: Claim, part: str):
    return next(s for s in claim.sequents() if s.name == part)


def attempt(claim: Claim, part: str, relation=None, without=()):
    """Run the claim's own proof on a broken statement."""
    intact = goal(claim, part)
    kept = tuple(h for h in intact.hypotheses if h not in without)
    assert relation is not None or len(kept) < len(intact.hypotheses)
    return prove(claim, replace(intact, relation=relation or intact.relation, hypotheses=kept))


BROKEN = [
    # the Gumbel distribution
    (GUMBEL, "below", Lt(t.gumbel_quantile(t.u), t.x)),
    (GUMBEL, "density", equation(Integral(exp(-t.y), (t.y, -oo, t.x)), t.gumbel_cdf(t.x))),
    (GUMBEL, "normalised", equation(goal(GUMBEL, "normalised").relation.lhs, S(2))),
    (GUMBEL, "mean", equation(goal(GUMBEL, "mean").relation.lhs, S.Zero)),
    (GUMBEL, "variance", equation(goal(GUMBEL, "variance").relation.lhs, pi**2 / 3)),
    (GUMBEL, "variance", equation(Integral(t.x**2 * t.gumbel_pdf(t.x), (t.x, -oo, oo)), pi**2 / 6)),
    # Gumbel-max
    (GUMBEL_MAX, "law", equation(t.win(lambda n: t.p[n], t.j), t.p[t.j])),  # probabilities as logits
    (GUMBEL_MAX, "law", equation(t.win(lambda n: -log(t.p[n]), t.j), t.p[t.j])),  # the wrong sign
    (GUMBEL_MAX, "law", equation(t.win(lambda n: log(t.p[n]), t.j), t.p[t.j + 1])),
    (GUMBEL_MAX, "law", equation(t.win(lambda n: log(t.p[n]), t.j), 1 / t.K)),
    (GUMBEL_MAX, "no-ties", equation(Sum(t.win(lambda n: log(t.p[n]), t.j), (t.j, 0, t.K - 2)), S.One)),
    (GUMBEL_MAX, "core", equation(Integral(t.u ** (1 / t.a), (t.u, 0, 1)), t.a)),
    (GUMBEL_SHIFT, "logits", equation(t.win(lambda n: t.o[n], t.j), exp(t.o[t.j]))),
    (GUMBEL_SHIFT, "logits", equation(t.win(lambda n: 2 * t.o[n], t.j), t.softmax(t.j))),
    (GUMBEL_SHIFT, "shifted-law", equation(t.win(lambda n: t.c * log(t.p[n]), t.j), t.p[t.j])),
    (GUMBEL_MAX_STABILITY, "independent", equation(t.win_below(t.j, t.x), t.softmax(t.j) * t.gumbel_cdf(t.x))),
    (
        GUMBEL_MAX_STABILITY,
        "maximum",
        equation(goal(GUMBEL_MAX_STABILITY, "maximum").relation.lhs, t.gumbel_cdf(t.x + t.log_sum_exp())),
    ),
    # the race
    (EXPONENTIAL_RACE, "tail", equation(Integral(exp(-t.t), (t.t, 0, oo)), t.gumbel_cdf(t.x))),
    (EXPONENTIAL_RACE, "density", equation(exp(-exp(-t.x)), t.gumbel_pdf(t.x))),
    (EXPONENTIAL_RACE, "order", Lt(log(t.a) - log(t.e1), log(t.b) - log(t.e2))),
    (EXPONENTIAL_RACE, "first", equation(t.first(t.j), t.w[t.j])),
    # two and three categories
    (
        GUMBEL_DIFFERENCE_LOGISTIC,
        "distribution",
        equation(goal(GUMBEL_DIFFERENCE_LOGISTIC, "distribution").relation.lhs, t.gumbel_cdf(t.x)),
    ),
    (
        GUMBEL_DIFFERENCE_LOGISTIC,
        "convolution",
        equation(goal(GUMBEL_DIFFERENCE_LOGISTIC, "convolution").relation.lhs, t.logistic_cdf(t.x)),
    ),
    (
        GUMBEL_EVENTS_INDEPENDENT,
        "both",
        equation(goal(GUMBEL_EVENTS_INDEPENDENT, "both").relation.lhs, Rational(1, 3)),
    ),
    (
        GUMBEL_EVENTS_INDEPENDENT,
        "more-likely",
        Lt(*goal(GUMBEL_EVENTS_INDEPENDENT, "more-likely").relation.args),
    ),
    # sampling without replacement
    (GUMBEL_TOP_K, "plackett-luce", equation(t.RACE(t.k, S.Zero, t.k, t.n), t.plackett_luce(t.k - 1))),
    (
        GUMBEL_TOP_K,  # with replacement
        "plackett-luce",
        equation(t.RACE(t.k, S.Zero, t.k, t.n), Product(t.w[t.i] / t.remaining(S.Zero), (t.i, 0, t.k - 1))),
    ),
    (GUMBEL_TOP_K, "from-any-time", equation(t.RACE(t.j, t.t, t.k, t.n), t.plackett_luce(t.j))),
    # Gumbel-softmax
    (GUMBEL_SOFTMAX, "sum", equation(Sum(t.relaxed(t.j), (t.j, 0, t.K - 2)), S.One)),
    (GUMBEL_SOFTMAX, "ratio", equation(t.relaxed(t.j), exp((t.z[t.l] - t.z[t.j]) / t.tau) * t.relaxed(t.l))),
    (GS_LIMITS, "cold-winner", equation(Limit(t.relaxed(t.j), t.tau, 0, "-"), S.One)),
    (GS_LIMITS, "cold-winner", equation(Limit(t.relaxed(t.j), t.tau, 0, "+"), S.Half)),
    (GS_LIMITS, "cold-loser", equation(Limit(t.relaxed(t.l), t.tau, 0, "+"), S.One)),
    (GS_LIMITS, "hot", equation(Limit(t.relaxed(t.j), t.tau, oo), S.Half)),
    (GS_ARGMAX_EXACT, "order", Gt(t.relaxed(t.j), t.relaxed(t.l))),
    (GS_ARGMAX_EXACT, "law", equation(t.win(lambda m: t.o[m] / t.tau, t.j), t.softmax(t.j))),
    (GS_MEAN_BIASED, "mean", equation(goal(GS_MEAN_BIASED, "mean").relation.lhs, t.r / (t.r + 1))),
    (GS_MEAN_BIASED, "balanced", equation(goal(GS_MEAN_BIASED, "balanced").relation.lhs, Rational(1, 3))),
    # the Gaussian and the score
    (GAUSSIAN, "density", equation(t.normal_pdf((t.x - t.mu) / t.sigma), t.normal_pdf(t.x, t.mu, t.sigma))),
    (GAUSSIAN, "mean", equation(goal(GAUSSIAN, "mean").relation.lhs, t.sigma)),
    (GAUSSIAN, "variance", equation(goal(GAUSSIAN, "variance").relation.lhs, t.sigma)),
    (SCORE_MEAN_ZERO, "score", equation(goal(SCORE_MEAN_ZERO, "score").relation.lhs, t.d[t.j])),
    (SCORE_MEAN_ZERO, "categorical", equation(goal(SCORE_MEAN_ZERO, "categorical").relation.lhs, S.One)),
    (SCORE_MEAN_ZERO, "gaussian-deviation", equation(goal(SCORE_MEAN_ZERO, "gaussian-mean").relation.lhs, S.One)),
    (
        SCORE_ESTIMATOR,  # without the probabilities
        "categorical",
        equation(
            goal(SCORE_ESTIMATOR, "categorical").relation.lhs,
            Sum(t.f[t.i] * t.score(t.i, t.theta), (t.i, 0, t.K - 1)),
        ),
    ),
    (SCORE_ESTIMATOR, "gaussian", equation(goal(SCORE_ESTIMATOR, "gaussian").relation.lhs, t.a)),
    (
        SCORE_MOVING_SUPPORT,  # the estimator taken for the truth
        "estimator",
        equation(
            goal(SCORE_MOVING_SUPPORT, "estimator").relation.lhs, goal(SCORE_MOVING_SUPPORT, "truth").relation.rhs
        ),
    ),
    (STRAIGHT_THROUGH_BIAS, "bias", equation(goal(STRAIGHT_THROUGH_BIAS, "bias").relation.lhs, S.Zero)),
    (STRAIGHT_THROUGH_BIAS, "truth", equation(goal(STRAIGHT_THROUGH_BIAS, "truth").relation.lhs, t.f1)),
]


@pytest.mark.parametrize(("claim", "part", "relation"), BROKEN, ids=lambda v: getattr(v, "id", None))
def test_a_broken_statement_is_rejected(claim, part, relation):
    assert relation != goal(claim, part).relation
    with pytest.raises(Exception, match=r"."):
        attempt(claim, part, relation)


@pytest.mark.parametrize(
    ("claim", "part", "dropped"),
    [
        (GUMBEL_MAX, "law", t.POSITIVE),
        (GUMBEL_MAX, "law", t.NORMALISED),
        (GUMBEL_MAX, "core", Gt(t.a, 0)),
        (GUMBEL_SHIFT, "shift", t.NORMALISED),
        (EXPONENTIAL_RACE, "first", t.SOME_WEIGHT),
        (GUMBEL_TOP_K, "plackett-luce", t.WEIGHTS_POSITIVE),
        (GUMBEL_TOP_K, "plackett-luce", Le(t.k, t.n)),
        (GS_LIMITS, "cold-winner", t.WINNER),
        (GS_LIMITS, "cold-loser", t.WINNER),
        (GS_LIMITS, "cold-loser", Ne(t.l, t.j)),
        (GS_LIMITS, "hot", Ge(t.K, 1)),
        (GS_ARGMAX_EXACT, "order", Gt(t.tau, 0)),
        (GS_ARGMAX_EXACT, "order-converse", Gt(t.tau, 0)),
        (GS_MEAN_BIASED, "mean", Ne(t.r, 1)),
        (GAUSSIAN, "normalised", t.SPREAD),
        (GAUSSIAN, "variance", t.SPREAD),
        (SCORE_MEAN_ZERO, "categorical", Ge(t.K, 1)),
        (SCORE_MOVING_SUPPORT, "mean", Gt(t.theta, 0)),
        (STRAIGHT_THROUGH_BIAS, "needed-at-0", Ne(t.q, t.r)),
    ],
)
def test_a_hypothesis_bears_load(claim, part, dropped):
    with pytest.raises(Exception, match=r"."):
        attempt(claim, part, without=(dropped,))
