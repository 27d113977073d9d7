# SPDX-License-Identifier: BSD-3-Clause
"""The claims about activations: they are proved, broken ones are not, and the oracle agrees with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lemmata import theory
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove, verify
from lemmata.theory import activations_gaussian as gaussian
from lemmata.theory import activations_selfgated as selfgated
from lemmata.theory import activations_sigmoids as sigmoids
from lemmata.theory import activations_terms as t
from lemmata.theory import activations_units as units
from lemmata.theory import oracle
from lemmata.theory.activations_notation import at_least, at_most, c, equal, less, more, slope, x, y
from lemmata.theory.claim import Claim
from sympy import Abs, Rational, S, exp, log, pi, sqrt
from sympy.core.relational import Relational

CLAIMS = theory.claims("activations")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_the_claim_is_proved(claim: Claim) -> None:
    verification = verify(claim)
    assert verification.verdict == "proved", [(p.name, p.reason) for p in verification.parts if p.reason]


def relation(name: str, part: str) -> Relational:
    return next(s for s in theory.claim(f"activations.{name}").sequents() if s.name == part).relation


PIECES = relation("maxout", "piecewise-linear")
GATED, SPREAD = (relation("gelu-dropout", part) for part in ("mean", "variance"))

BROKEN = [
    ("sigmoid", "slope-bound", at_most(sigmoids.sigmoid_slope(x), Rational(6, 25))),
    ("softplus", "gap", less(t.softplus(x) - t.relu(x), log(2))),
    ("relu6-hard", "sigmoid", at_most(Abs(t.hardsigmoid(x) - t.sigmoid(x)), Rational(69182, 10**6))),
    ("relu6-hard", "swish", less(Abs(t.hardswish(x) - t.swish(x)), 3 / (1 + exp(3)))),
    ("gelu", "slope", equal(slope(t.gelu), t.normal_cdf(x) - x * t.normal_pdf(x))),
    ("gelu-extrema", "lower", more(t.gelu(x), -Rational(16997, 10**5))),
    ("gelu-dropout", "mean", equal(GATED.lhs, x * t.normal_cdf(-x))),
    ("gelu-dropout", "variance", equal(SPREAD.lhs, x**2 * t.normal_cdf(x))),
    ("gelu-tanh-error", "upper", less(Abs(t.gelu_tanh(x) - t.gelu(x)), Rational(473, 10**6))),
    ("gelu-sigmoid-error", "upper", less(Abs(t.swish(x, t.QUICK_GELU_RATE) - t.gelu(x)), Rational(2033, 10**5))),
    ("gelu-second-moment", "second-moment", equal(gaussian.mean(t.gelu(gaussian.z) ** 2), Rational(425221, 10**6))),
    ("silu-min", "lower", more(t.swish(x), -selfgated.W)),
    ("silu-slope", "upper", less(selfgated.silu_slope(x), Rational(10998393, 10**7))),
    ("mish", "lower", more(t.mish(x), -Rational(308843412, 10**9))),
    (
        "gelu-1702-optimal",
        "gelu-best",
        less(Abs(t.swish(x, Rational(177293, 10**5)) - t.gelu(x)), Rational(13922, 10**6)),
    ),
    ("gelu-1702-optimal", "gelu-digits-above", more(t.swish(x, t.beta) - t.gelu(x), Rational(13925, 10**6))),
    ("gelu-1702-optimal", "digits-below", less(t.sigmoid(t.beta * x) - t.normal_cdf(x), -Rational(948, 10**5))),
    ("gelu-constant-origin", "digits-above", more(gaussian.tanh_cdf(x, c) - t.normal_cdf(x), Rational(179, 10**6))),
    ("silu-slope", "lower", more(selfgated.silu_slope(x), -Rational(998, 10**4))),
    ("mish", "slope-lower", more(selfgated.mish_slope(x), -Rational(112, 10**3))),
    *(
        ("one-lipschitz-folklore", f"{name}-constant", at_most(Abs(f(x) - f(y)), constant * Abs(x - y)))
        for name, f, constant in (
            ("gelu", t.gelu, Rational(1128, 1000)),
            ("silu", t.swish, Rational(1099, 1000)),
            ("mish", t.mish, Rational(1088, 1000)),
            ("selu", t.selu, Rational(1758, 1000)),
            ("hard-swish", t.hardswish, Rational(149, 100)),
        )
    ),
    ("relu-gap", "gelu-above", more(t.relu(x) - t.gelu(x), S.Zero)),
    ("maxout", "piecewise-linear", equal(PIECES.lhs, PIECES.rhs - units.slopes[0] * x)),
    ("glu-params", "not-far", less(units.ROUNDED, units.WIDTH)),
    ("snake", "rises", more(1 + t.sin(2 * t.a * x), S.Zero)),
]


@pytest.mark.parametrize(("name", "part", "relation"), BROKEN, ids=lambda v: v if isinstance(v, str) else "")
def test_a_sharper_or_wrong_statement_is_not_proved(name: str, part: str, relation: Relational) -> None:
    """Bounds a little too tight, strictness where there is equality, wrong signs."""
    claim = theory.claim(f"activations.{name}")
    goal = next(s for s in claim.sequents() if s.name == part)
    with pytest.raises(Undecided):
        prove(claim, replace(goal, relation=relation))


def test_the_published_constants_are_the_exact_ones_rounded() -> None:
    """0.425221, 1.128904145 and 0.0455399, to the digits in which they are quoted."""
    for expression, digits, scale in (
        (Rational(1, 3) + 1 / (2 * pi * sqrt(3)), 425221, 10**6),
        (gaussian.STEEPEST, 1128904145, 10**9),
        (gaussian.TAYLOR, 455399, 10**7),
        (selfgated.W, 278464542761, 10**12),
    ):
        assert oracle.decide(at_least(expression * scale, S(digits) - Rational(1, 2)))
        assert oracle.decide(less(expression * scale, S(digits) + 1))
