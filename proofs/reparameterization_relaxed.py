# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.reparameterization_relaxed`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Limit, Sum, exp, log
from sympy.core.relational import Gt, Le, Lt, Ne

from ..theory import reparameterization_terms as t
from ..theory.claim import Sequent
from . import kernel
from .calc import calc, equation, ring
from .kernel import Theorem
from .reparameterization_steps import by_positivity, by_primitive, parted, place, primitive_at
from .steps import by_ring
from .verify import Proof, by_claim


def cold(goal: Sequent) -> Theorem:
    """Divided by the winner's exponential, every other term of softmax tends to 0."""
    target = goal.relation.lhs
    body, tau = target.args[:2]
    given = [*goal.hypotheses, Gt(tau, 0)]
    numerator, winner = body.as_numer_denom()[0], t.z[t.j]
    sums = parted(lambda m: exp(t.z[m] / tau), t.j, given)
    before, after = t.others(lambda m: exp((t.z[m] - winner) / tau), t.j, Sum)
    scaled = exp((numerator.args[0] * tau - winner) / tau) / (before + 1 + after)
    spread = kernel.rewrite(body, sums, given)
    same_value = calc(body).eq(spread.relation.rhs, spread).eq(scaled, ring(given)).close()
    below, above = (
        kernel.nlinarith(Le(*sides, evaluate=False), [*given, same_value]) for sides in ((scaled, body), (body, scaled))
    )
    known = kernel.limit(equation(Limit(scaled, tau, 0, "+"), goal.relation.rhs), goal.hypotheses)
    return kernel.squeeze(target, below, above, known, known, goal.hypotheses)


def by_limit(goal: Sequent) -> Theorem:
    """The algebra of limits."""
    return kernel.limit(goal.relation, goal.hypotheses)


def softmax_order(goal: Sequent) -> Theorem:
    """exp grows, and both share one positive denominator."""
    given = goal.hypotheses
    divided = kernel.nlinarith(Lt(t.z[t.j] / t.tau, t.z[t.l] / t.tau, evaluate=False), given)
    grown = kernel.monotone("exp", divided, given)
    whole = t.total(lambda m: exp(t.z[m] / t.tau))
    return kernel.nlinarith(goal.relation, [*given, grown, kernel.positivity(Gt(whole, 0, evaluate=False), given)])


def softmax_order_converse(goal: Sequent) -> Theorem:
    """Multiply by the denominator, and take logarithms."""
    given = goal.hypotheses
    whole = t.total(lambda m: exp(t.z[m] / t.tau))
    positive = kernel.positivity(Gt(whole, 0, evaluate=False), given)
    left, right = (exp(t.z[m] / t.tau) for m in (t.j, t.l))
    multiplied = kernel.nlinarith(Lt(left, right, evaluate=False), [*given, positive])
    logs = kernel.monotone("log", multiplied, given)
    plain = [kernel.ring(equation(log(e), e.args[0]), given) for e in (left, right)]
    return kernel.nlinarith(goal.relation, [*given[:-1], logs, *plain])


def argmax_law(goal: Sequent) -> Theorem:
    return by_claim("reparameterization.gumbel-shift", "logits")


def binary_mean(goal: Sequent) -> Theorem:
    """Partial fractions in e^(−x)."""
    level = 1 / (1 + exp(-t.x))
    ratio = t.r / (t.r - 1)
    primitive = -ratio / (t.r - 1) * log(1 + (t.r - 1) * level) + ratio * level
    return by_primitive(goal, primitive)


def relaxed_sum(goal: Sequent) -> Theorem:
    """The common denominator goes in front of the sum."""
    given = goal.hypotheses
    whole = t.total(lambda m: exp(t.z[m] / t.tau))
    lemma = kernel.ring(
        equation(Sum(exp(t.z[t.j] / t.tau) / t.v, (t.j, 0, t.K - 1)), whole / t.v), [*given, Ne(t.v, 0)]
    )
    placed = place(lemma, {t.v: whole}, given)
    return kernel.trans(placed, kernel.ring(equation(placed.relation.rhs, goal.relation.rhs), given))


PROOFS: Mapping[str, Proof] = {
    "reparameterization.gumbel-softmax/positive": by_positivity,
    "reparameterization.gumbel-softmax/sum": relaxed_sum,
    "reparameterization.gumbel-softmax/ratio": by_ring,
    "reparameterization.gs-limits/cold-winner": cold,
    "reparameterization.gs-limits/cold-loser": cold,
    "reparameterization.gs-limits/hot": by_limit,
    "reparameterization.gs-argmax-exact/order": softmax_order,
    "reparameterization.gs-argmax-exact/order-converse": softmax_order_converse,
    "reparameterization.gs-argmax-exact/law": argmax_law,
    "reparameterization.gs-mean-biased/share": by_ring,
    "reparameterization.gs-mean-biased/mean": binary_mean,
    "reparameterization.gs-mean-biased/balanced": primitive_at(t.logistic_cdf(t.x) ** 2 / 2),
}
