# SPDX-License-Identifier: BSD-3-Clause
"""The proofs about smooth approximations reject what was broken by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lemmata import theory
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove
from lemmata.theory import smoothing_terms as t
from sympy import Abs, Integral, LambertW, Limit, Max, Rational, S, erfc, exp, floor, log, oo, pi, sqrt
from sympy.core.relational import Eq, Ge, Gt, Le, Lt


def equation(left, right):
    return Eq(left, right, evaluate=False)


def goal(claim: str, part: str):
    return next(s for s in theory.claim(f"smoothing.{claim}").sequents() if s.name == part)


def attempt(claim: str, part: str, relation=None, without=()):
    """Run the claim's own proof on a broken statement."""
    intact = goal(claim, part)
    kept = tuple(h for k, h in enumerate(intact.hypotheses) if k not in without)
    return prove(
        theory.claim(f"smoothing.{claim}"),
        replace(intact, relation=intact.relation if relation is None else relation, hypotheses=kept),
    )


GELU = "gelu-is-gaussian-smoothed-relu"


def left(claim: str, part: str):
    return goal(claim, part).relation.lhs


SQUARES = t.total(lambda e: t.d[e] ** 2)

BROKEN = [
    # the bound above is attained, the one below is not
    ("lse-sandwich", "below", Lt(t.lse(), t.x[t.j] + log(t.n) / t.k)),
    ("lse-sandwich", "below", Le(t.lse(), t.x[t.j] + log(t.n - 1) / t.k, evaluate=False)),
    ("lse-sandwich", "equality", equation(t.lse(), t.x[t.j] + log(t.n))),
    ("lse-calculus", "gradient", equation(left("lse-calculus", "gradient"), t.total(lambda e: t.d[e]))),
    ("lse-entropy", "silu", equation(t.softplus(t.u), t.swish(t.u) - t.binary_entropy(t.sigmoid(t.u)))),
    ("lse-entropy", "entropy-at-most", Le(t.entropy(), log(t.n) / 2, evaluate=False)),
    ("power-mean", "norm-below", Le(left("power-mean", "norm-below"), 2 * Abs(t.x[t.j]), evaluate=False)),
    ("general-recipe", "too-large", Gt(left("general-recipe", "too-large"), t.a + t.b)),
    ("general-recipe", "subexponential", equation(left("general-recipe", "subexponential"), t.b)),
    ("general-recipe", "doubling-is-enough", Le(left("general-recipe", "doubling-is-enough"), t.a)),
    # sharp constants
    ("softmax-half-lipschitz", "jacobian", Le(t.variance(), SQUARES / 3, evaluate=False)),
    ("boltzmann", "gap", Le(left("boltzmann", "gap"), LambertW(exp(-1)) / (2 * t.k), evaluate=False)),
    ("softplus", "below", Le(t.softplus(t.u), Max(t.u, 0) + log(2) / 2, evaluate=False)),
    ("abs-variants", "constant-above", Lt(t.t * erfc(t.t), Rational(240375, 10**6))),
    ("abs-variants", "log-cosh-above", Ge(left("abs-variants", "log-cosh-above"), Abs(t.u) - log(2) / t.k)),
    ("dirac-gaussian-relu", "attained", equation(left("dirac-gaussian-relu", "attained"), t.sigma / sqrt(pi))),
    # rates
    ("softmax-onehot", "rate-loser", Le(t.softmax(t.l), exp(-2 * t.k * t.gap), evaluate=False)),
    ("softmax-onehot", "ties", equation(Limit(t.softmax(t.j), t.k, oo), 1 / t.n)),
    ("softmax-onehot", "ties-others", equation(left("softmax-onehot", "ties-others"), 1 / t.m)),
    ("accuracy-flat", "quotient", equation(left("accuracy-flat", "quotient"), S.One)),
    ("accuracy-flat", "margin", Le(left("accuracy-flat", "margin"), t.c)),
    ("softargmax", "renumbered", Gt(left("softargmax", "renumbered"), 1)),
    # wrong kernels and masses
    (GELU, "mass", equation(Integral(t.normal_pdf(t.z) * (1 - t.z**2), (t.z, -oo, oo)), S.One)),
    (GELU, "convolution", equation(left(GELU, "convolution"), t.gelu(t.u))),
    ("sigmoid-derivative-typo", "printed-mass", equation(left("sigmoid-derivative-typo", "printed-mass"), S.One)),
    # scores and rounding
    ("f1", "at-most-1", Le(2 * t.f1_numerator() / t.f1_denominator(), Rational(1, 2), evaluate=False)),
    ("f1-minibatch-bias", "mean-of-batches", equation(left("f1-minibatch-bias", "mean-of-batches"), S.Half)),
    ("floor", "steps", equation(floor(t.u), t.floor_sum(t.N, 0))),
    ("floor", "limit", equation(Limit(t.smooth_floor(t.N), t.k, oo), floor(t.u) + 1)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "part", "relation"), BROKEN, ids=[f"{c}/{p}-{k}" for k, (c, p, _) in enumerate(BROKEN)]
)
def test_a_broken_statement_is_rejected(claim: str, part: str, relation):
    assert relation != goal(claim, part).relation
    with pytest.raises(Undecided):
        attempt(claim, part, relation)


WITHOUT = [
    ("lse-sandwich", "above", 0),  # n ≥ 2: a single number is its own log-sum-exp
    ("power-mean", "above", 1),  # positive numbers
    ("general-recipe", "subexponential", 1),  # the first argument is the larger one
    ("general-recipe", "doubling-is-enough", 4),  # h doubles
    ("floor", "steps", 0),  # no integer
    ("accuracy-flat", "quotient", 1),  # small steps
    ("f1-gradient", "positive", 7),  # something is predicted or labelled
    ("ce-vs-accuracy", "enough", 2),  # a small loss
]


@pytest.mark.parametrize(("claim", "part", "dropped"), WITHOUT, ids=[f"{c}/{p}" for c, p, _ in WITHOUT])
def test_a_hypothesis_carries_load(claim: str, part: str, dropped: int):
    with pytest.raises(Undecided):
        attempt(claim, part, without=(dropped,))
