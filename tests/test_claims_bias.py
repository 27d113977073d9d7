# SPDX-License-Identifier: BSD-3-Clause
"""The claims about bias: broken ones are rejected, and small exact examples agree with the others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from lemmata import theory
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove
from lemmata.theory import bias_attention as at
from lemmata.theory import bias_learning as le
from lemmata.theory import bias_networks as nw
from lemmata.theory import bias_normalization as no
from lemmata.theory import bias_units as un
from lemmata.theory.claim import Sequent
from sympy import Expr, Ge, Gt, Le, Lt, Matrix, Rational, S, log


def goal(slug: str, name: str) -> Sequent:
    return next(s for s in theory.claim(f"bias.{slug}").sequents() if s.name == name)


def left(slug: str, name: str) -> Expr:
    return goal(slug, name).relation.lhs


def right(slug: str, name: str) -> Expr:
    return goal(slug, name).relation.rhs


# --- broken statements -------------------------------------------------------------------------------------------

BROKEN = [
    ("threshold-to-bias", "to-bias", Gt(left("threshold-to-bias", "to-bias"), 1)),
    ("augmented-input", "augmented", un.eq(left("augmented-input", "augmented"), un.b)),
    ("origin-hyperplane", "same-side", Gt(left("origin-hyperplane", "same-side"), un.c)),
    ("no-universality", "tanh", Ge(left("no-universality", "tanh"), 2)),
    ("no-universality", "sigmoid", Ge(left("no-universality", "sigmoid"), 1)),
    ("no-universality", "relu", Ge(left("no-universality", "relu"), Rational(1, 4))),
    ("relu-1d-span", "output", un.eq(left("relu-1d-span", "output"), nw.t * nw.output(nw.RELU_NET, S.One))),
    ("bn-gradient-zero", "loss", un.eq(left("bn-gradient-zero", "loss"), 2 * right("bn-gradient-zero", "loss"))),
    ("bn-gradient-zero", "loss-quotient", un.eq(left("bn-gradient-zero", "loss-quotient"), S.One)),
    ("bn-eval-stale", "folded", un.eq(left("bn-eval-stale", "folded"), right("bn-eval-stale", "folded") + no.g)),
    ("instance-norm-cancels", "channel", un.eq(left("instance-norm-cancels", "channel"), no.instance(S.Zero) + no.g)),
    ("bn-cancels", "mean", un.eq(left("bn-cancels", "mean"), right("bn-cancels", "mean") + un.b)),
    ("bn-cancels", "output", un.eq(left("bn-cancels", "output"), right("bn-cancels", "output") + un.b)),
    ("layernorm", "what-is-left", un.eq(left("layernorm", "what-is-left"), S.Zero)),
    ("softmax-gauge", "shift", un.eq(left("softmax-gauge", "shift"), 2 * right("softmax-gauge", "shift"))),
    ("softmax-gauge", "only-shift", un.eq(at.o[un.k], at.o[un.j])),
    ("softmax-gauge", "only-shift", un.eq(at.o[un.k] + at.p[un.k], at.o[un.j] + at.p[un.j])),
    ("focal-init", "prior", un.eq(left("focal-init", "prior"), 1 - le.p)),
    ("conv-count", "count", un.eq(left("conv-count", "count"), right("conv-count", "count") + 1)),
    ("odd-nets", "tanh", un.eq(left("odd-nets", "tanh"), -right("odd-nets", "tanh"))),
    ("ridge-centering", "intercept", un.eq(le.b, le.MEAN_LABEL)),
    ("ridge-centering", "residuals", un.eq(le.residual(le.m), -le.centred_residual(le.m))),
    ("ridge-centering", "derivative", un.eq(left("ridge-centering", "derivative"), S.Zero)),
    ("logistic-optimum", "optimum", un.eq(left("logistic-optimum", "optimum"), S.One)),
    ("logistic-optimum", "rate", un.eq(left("logistic-optimum", "rate"), 1 - le.q)),
    ("logistic-optimum", "loss", un.eq(le.constant_loss(le.b), -le.q * log(le.q))),
    ("logistic-optimum", "best", Gt(*goal("logistic-optimum", "best").relation.args)),
    ("logistic-optimum", "gibbs", Gt(*goal("logistic-optimum", "gibbs").relation.args)),
    ("perceptron-convergence", "mistakes", Le(le.MISTAKES, le.R / le.g)),
    ("perceptron-convergence", "cauchy-schwarz", Le(left("perceptron-convergence", "cauchy-schwarz"), Rational(1, 2))),
]


@pytest.mark.parametrize(
    ("slug", "name", "relation"), BROKEN, ids=[f"{s}/{n}-{k}" for k, (s, n, _) in enumerate(BROKEN)]
)
def test_a_broken_statement_is_rejected(slug: str, name: str, relation: object) -> None:
    intact = goal(slug, name)
    assert relation != intact.relation
    with pytest.raises(Undecided):
        prove(theory.claim(f"bias.{slug}"), replace(intact, relation=relation))


WEAKER = [
    ("perceptron-convergence", "mistakes", Gt(le.g, 0), Ge(le.g, 0)),
    ("perceptron-convergence", "mistakes", Gt(le.g, 0), Gt(le.R, 0)),
    ("origin-hyperplane", "same-side", Gt(un.c, 0), Ge(un.c, 0)),
    ("logistic-optimum", "rate", Gt(le.q, 0), Ge(le.q, 0)),
    ("logistic-optimum", "best", Lt(le.q, 1), Le(le.q, 1)),
    ("logistic-optimum", "loss", Gt(le.q, 0), Ge(le.q, 0)),
    ("softmax-gauge", "only-shift", Lt(un.k, un.n), Le(un.k, un.n)),
    ("ridge-centering", "intercept", Ge(un.n, 1), Ge(un.n, 0)),
]


@pytest.mark.parametrize(
    ("slug", "name", "dropped", "instead"), WEAKER, ids=[f"{s}-{k}" for k, (s, *_) in enumerate(WEAKER)]
)
def test_a_hypothesis_carries_load(slug: str, name: str, dropped: object, instead: object) -> None:
    intact = goal(slug, name)
    weaker = tuple(instead if h == dropped else h for h in intact.hypotheses)
    assert weaker != intact.hypotheses
    with pytest.raises(Undecided):
        prove(theory.claim(f"bias.{slug}"), replace(intact, hypotheses=weaker))


# --- small exact examples ----------------------------------------------------------------------------------------

FEATURES = ((0, 1), (2, -1), (1, 3), (4, 0))
LABELS = (1, 0, 5, 2)


def ridge(features: Sequence[Sequence[object]], labels: Sequence[object], penalties: Sequence[object]) -> list[Expr]:
    """The solution of the normal equations, one penalty for each column."""
    x, y = Matrix(features), Matrix(labels)
    square = x.T * x + Matrix.diag(*penalties)
    return list(square.LUsolve(x.T * y))


@pytest.mark.parametrize("penalty", [0, 1, Rational(7, 2)])
def test_ridge_regression_with_an_intercept_is_ridge_regression_on_centred_data(penalty: object) -> None:
    with_one = ridge([(*row, 1) for row in FEATURES], LABELS, (penalty, penalty, 0))
    mean_x = [Rational(sum(column), 4) for column in zip(*FEATURES, strict=True)]
    mean_y = Rational(sum(LABELS), 4)
    centred = [[value - mean for value, mean in zip(row, mean_x, strict=True)] for row in FEATURES]
    weights = ridge(centred, [label - mean_y for label in LABELS], (penalty, penalty))
    assert with_one[:2] == weights
    assert with_one[2] == mean_y - sum(mean * weight for mean, weight in zip(mean_x, weights, strict=True))


@pytest.mark.parametrize("penalty", [0, 1, 3])
def test_only_without_a_penalty_does_the_intercept_follow_the_origin_of_the_labels(penalty: int) -> None:
    rows = [(*row, 1) for row in FEATURES]
    here = ridge(rows, LABELS, (1, 1, penalty))
    moved = ridge(rows, [label + 10 for label in LABELS], (1, 1, penalty))
    assert (moved == [*here[:2], here[2] + 10]) == (penalty == 0)


def mistakes(examples: Sequence[tuple[tuple[int, int], int]], rounds: int) -> int:
    """A perceptron with weights 0 at the start."""
    weights, count = [0, 0], 0
    for _ in range(rounds):
        for x, label in examples:
            if label * (weights[0] * x[0] + weights[1] * x[1]) <= 0:
                weights = [w + label * value for w, value in zip(weights, x, strict=True)]
                count += 1
    return count


DIRECTIONS = [(Fraction(3, 5), Fraction(4, 5)), (Fraction(5, 13), Fraction(-12, 13)), (Fraction(1), Fraction(0))]


@pytest.mark.parametrize("unit", DIRECTIONS, ids=["3-4-5", "5-12-13", "axis"])
def test_a_perceptron_makes_no_more_mistakes_than_claimed(unit: tuple[Fraction, Fraction]) -> None:
    points = [p for p in itertools.product(range(-2, 3), repeat=2) if unit[0] * p[0] + unit[1] * p[1] != 0]
    along = [unit[0] * x + unit[1] * y for x, y in points]
    examples = [(p, 1 if value > 0 else -1) for p, value in zip(points, along, strict=True)]
    radius, margin = max(x * x + y * y for x, y in points), min(abs(value) for value in along)
    for order in (examples, examples[::-1], examples[::2] + examples[1::2]):
        count = mistakes(order, 60)
        assert 0 < count <= radius / margin**2
        assert count == mistakes(order, 120)  # it has found a separating line
