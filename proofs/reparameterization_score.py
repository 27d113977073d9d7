# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.reparameterization_score`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from sympy import Expr, Limit, S, Sum, exp, log, oo
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

from ..theory import reparameterization_terms as t
from ..theory.claim import Sequent
from . import kernel
from .calc import calc, equation
from .kernel import Given, Theorem
from .reparameterization_steps import below_one, end_value, place, primitive_at
from .steps import by_last_equation, by_ring
from .verify import Proof


def derivative_of(function: Callable[[Expr], Expr]) -> Proof:
    """The derivative of that function along θ is the right-hand side."""

    def prove(goal: Sequent) -> Theorem:
        slope = kernel.has_deriv(function(t.theta), t.theta, t.h, goal.hypotheses)
        return kernel.trans(slope, kernel.ring(equation(slope.relation.rhs, goal.relation.rhs), goal.hypotheses))

    return prove


def linear(goal: Sequent, *coefficients: Expr) -> Theorem:
    """A combination of the equations among the hypotheses."""
    equations = [kernel.assume(h) for h in goal.hypotheses if isinstance(h, Eq)]
    return kernel.linear_combination(goal.relation, list(zip(coefficients, equations, strict=True)), goal.hypotheses)


_BELL = t.normal_pdf(t.x, t.mu, t.sigma)


def between(middle: Expr, bound: Expr, share: Expr, factor: Expr, given: Given) -> tuple[Theorem, Theorem]:
    """A ∓ (B² + 1) m bound A + B m w, for m ≥ 0 and 0 ≤ w ≤ 1 that the facts prove."""
    a, b, m, w = t.a, t.b, t.e1, t.e2
    known = [Ge(m, 0, evaluate=False), Ge(w, 0, evaluate=False), Le(w, 1, evaluate=False)]
    inner = a + b * m * w
    outer = [Le(a - (b**2 + 1) * m, inner, evaluate=False), Le(inner, a + (b**2 + 1) * m, evaluate=False)]
    small = kernel.instantiate(below_one(), {t.v: -share.as_independent(exp)[1].args[0]}, given)
    facts = [
        kernel.positivity(Ge(bound, 0, evaluate=False), given),
        kernel.positivity(Ge(share, 0, evaluate=False), given),
        small,
    ]
    found = []
    for goal in outer:
        theorem = kernel.instantiate(kernel.nlinarith(goal, known), {a: middle, b: factor, m: bound, w: share}, given)
        for fact in facts:
            theorem = kernel.discharge(theorem, fact)
        found.append(theorem)
    return found[0], found[1]


def tail(middle: Expr, factor: Expr, end: Expr, given: Given) -> Theorem:
    """The limit of A − B (x − μ) φ at ±∞ is that of A: the rest is at most a constant over |x − μ|."""
    up = end == oo
    near = [*given, (Gt if up else Lt)(t.x, t.mu, evaluate=False)]
    square = (t.x - t.mu) ** 2 / (2 * t.sigma**2)
    bound = 2 * t.sigma**2 / (t.sigma * sympy.sqrt(2 * sympy.pi)) / ((t.x - t.mu) if up else (t.mu - t.x))
    primitive = middle - factor * (t.x - t.mu) * _BELL
    signed = -factor if up else factor
    low, high = between(middle, bound, square * exp(-square), signed, near)
    equal = kernel.ring(equation(low.relation.rhs, primitive), near)
    lower = calc(low.relation.lhs).le(low.relation.rhs, low).eq(primitive, equal).close()
    upper = calc(primitive).eq(high.relation.lhs, kernel.symm(equal)).le(high.relation.rhs, high).close()
    value = end_value(middle, t.x, end, "+", given).relation.rhs
    from_below, from_above = (
        kernel.limit(equation(Limit(side, t.x, end, "+"), value), given)
        for side in (lower.relation.lhs, upper.relation.rhs)
    )
    return kernel.squeeze(Limit(primitive, t.x, end, "+"), lower, upper, from_below, from_above, given)


def by_tails(middle: Expr, factor: Expr) -> Proof:
    """The primitive is A − B (x − μ) φ."""

    def prove(goal: Sequent) -> Theorem:
        given = goal.hypotheses
        primitive = middle - factor * (t.x - t.mu) * _BELL
        low, high = (tail(middle, factor, end, given) for end in (-oo, oo))
        value = kernel.antiderivative(goal.relation.lhs, primitive, low, high, given)
        return kernel.trans(value, kernel.ring(equation(value.relation.rhs, goal.relation.rhs), given))

    return prove


def score_mean(goal: Sequent) -> Theorem:
    """Σ eᵢ/S (dᵢ − D/S) = D/S − S D/S² = 0, with S = Σ eᵢ and D = Σ dᵢ eᵢ."""
    given = goal.hypotheses

    def weight(m: Expr) -> Expr:
        return exp(t.o[m] + t.theta * t.d[m])

    body = weight(t.i) / t.v * (t.d[t.i] - t.u / t.v)
    sums = [Sum(term, (t.l, 0, t.K - 1)) for term in (weight(t.l), t.d[t.l] * weight(t.l))]
    lemma = kernel.ring(
        equation(Sum(body, (t.i, 0, t.K - 1)), sums[1] / t.v - sums[0] * t.u / t.v**2), [*given, Ne(t.v, 0)]
    )
    placed = place(lemma, {t.v: sums[0], t.u: sums[1]}, given)
    return kernel.trans(placed, kernel.ring(equation(placed.relation.rhs, goal.relation.rhs), given))


PROOFS: Mapping[str, Proof] = {
    "reparameterization.gaussian/density": by_last_equation,
    "reparameterization.gaussian/noise": primitive_at(t.normal_cdf(t.y)),
    "reparameterization.gaussian/distribution": primitive_at(t.normal_cdf(t.y, t.mu, t.sigma)),
    "reparameterization.gaussian/normalised": primitive_at(t.normal_cdf(t.x, t.mu, t.sigma)),
    "reparameterization.gaussian/mean": primitive_at(t.mu * t.normal_cdf(t.x, t.mu, t.sigma) - t.sigma**2 * _BELL),
    "reparameterization.gaussian/variance": by_tails(t.sigma**2 * t.normal_cdf(t.x, t.mu, t.sigma), t.sigma**2),
    "reparameterization.score-mean-zero/gaussian-deviation": by_tails(S.Zero, 1 / t.sigma),
    "reparameterization.score-estimator/gaussian": by_tails(
        t.b * t.normal_cdf(t.x, t.mu, t.sigma) - (t.a + t.b * t.mu) * _BELL, t.b
    ),
    "reparameterization.score-mean-zero/score": derivative_of(lambda at: log(t.along(t.j, at))),
    "reparameterization.score-mean-zero/categorical": score_mean,
    "reparameterization.score-mean-zero/gaussian-mean": primitive_at(-_BELL),
    "reparameterization.score-estimator/categorical": derivative_of(
        lambda at: Sum(t.f[t.i] * t.along(t.i, at), (t.i, 0, t.K - 1))
    ),
    "reparameterization.score-moving-support/mean": primitive_at(
        (t.a * t.y + t.b * t.y**2 / 2 + t.c * t.y**3 / 3) / t.theta
    ),
    "reparameterization.score-moving-support/truth": derivative_of(lambda at: t.a + t.b * at / 2 + t.c * at**2 / 3),
    "reparameterization.score-moving-support/score": derivative_of(lambda at: -log(at)),
    "reparameterization.score-moving-support/estimator": primitive_at(
        -(t.a * t.y + t.b * t.y**2 / 2 + t.c * t.y**3 / 3) / t.theta**2
    ),
    "reparameterization.score-moving-support/boundary": by_ring,
    "reparameterization.straight-through-bias/truth": derivative_of(lambda at: (1 - at) * t.f0 + at * t.f1),
    "reparameterization.straight-through-bias/bias": by_ring,
    "reparameterization.straight-through-bias/enough": lambda goal: linear(goal, 1 - t.q, t.q),
    "reparameterization.straight-through-bias/needed-at-0": lambda goal: linear(
        goal, -t.r / (t.q - t.r), t.q / (t.q - t.r)
    ),
    "reparameterization.straight-through-bias/needed-at-1": lambda goal: linear(
        goal, (1 - t.r) / (t.q - t.r), -(1 - t.q) / (t.q - t.r)
    ),
}
