# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_softmax`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Abs, Expr, Limit, S, Symbol, exp, log, oo
from sympy.core.relational import Ge, Gt, Le, Lt

from ..theory import smoothing_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .smoothing_steps import (
    at,
    families,
    inside,
    instance,
    limit_of_equal,
    nonnegative,
    one_of_sum,
    others_small,
    parted,
    positive,
    ranged,
    summed,
    weight,
)
from .steps import by_ring
from .verify import Proof

WEIGHTS = t.weight_sum()


def exponential(goal: Sequent) -> Theorem:
    """e^(k x − log Σ) = e^(k x)/Σ."""
    given = goal.hypotheses
    lemma = kernel.ring(
        equation(exp(t.k * (t.x[t.j] - log(t.v) / t.k)), weight(t.j) / t.v), [Gt(t.v, 0, evaluate=False), t.SHARP]
    )
    return at(lemma, {t.v: WEIGHTS}, (positive(WEIGHTS, given),), given)


def winner_rate(goal: Sequent) -> Theorem:
    """Σ ≤ e^(k xⱼ)(1 + r) with r = (n − 1)e^(−kΔ), and 1/(1 + r) ≥ 1 − r."""
    given = goal.hypotheses
    (led,) = families(goal)
    sums = parted(weight, t.j, given)
    rest = (t.n - 1) * exp(-t.k * t.gap)
    same = kernel.ring(equation((t.n - 1) * exp(t.k * (t.x[t.j] - t.gap)), rest * weight(t.j)), given)
    most = kernel.nlinarith(
        Le(WEIGHTS, weight(t.j) * (1 + rest), evaluate=False), [*others_small(given, led), sums, same]
    )
    lemma = kernel.nlinarith(
        Ge(t.u / t.v, 1 - t.w, evaluate=False),
        [Le(t.v, t.u * (1 + t.w), evaluate=False), Gt(t.u, 0), Gt(t.v, 0), Ge(t.w, 0)],
    )
    facts = (most, positive(weight(t.j), given), positive(WEIGHTS, given), nonnegative(rest, given))
    return at(lemma, {t.u: weight(t.j), t.v: WEIGHTS, t.w: rest}, facts, given)


def loser_rate(goal: Sequent) -> Theorem:
    """e^(k x_l) ≤ e^(−kΔ) e^(k xⱼ) ≤ e^(−kΔ) Σ."""
    given = goal.hypotheses
    (led,) = families(goal)
    behind = kernel.specialize(led, {t.i: t.l}, given)
    exponents = kernel.nlinarith(Le(t.k * t.x[t.l], -t.k * t.gap + t.k * t.x[t.j], evaluate=False), [*given, behind])
    grown = kernel.monotone("exp", exponents)
    share = exp(-t.k * t.gap)
    apart = kernel.ring(equation(grown.relation.rhs, share * weight(t.j)), given)
    lemma = kernel.nlinarith(
        Le(t.u / t.v, t.w, evaluate=False),
        [Le(t.u, t.w * t.q, evaluate=False), Le(t.q, t.v, evaluate=False), Gt(t.v, 0), Gt(t.w, 0)],
    )
    facts = (
        kernel.trans(grown, apart),
        one_of_sum(t.j, given),
        positive(WEIGHTS, given),
        positive(share, given),
    )
    return at(lemma, {t.u: weight(t.l), t.v: WEIGHTS, t.w: share, t.q: weight(t.j)}, facts, given)


def cold(goal: Sequent) -> Theorem:
    """Divided by the winner's weight, every other term tends to 0."""
    target = goal.relation.lhs
    body = target.args[0]
    given = [*goal.hypotheses, t.SHARP]
    sums = parted(weight, t.j, given)

    def lead(index: Expr) -> Expr:
        return exp(t.k * (t.x[index] - t.x[t.j]))

    mine = body.as_numer_denom()[0].args[0] / t.k
    scaled = exp(t.k * (mine - t.x[t.j])) / (ranged(lead, S.Zero, t.j - 1) + 1 + ranged(lead, t.j + 1, t.n - 1))
    spread = kernel.rewrite(body, sums, given)
    same = calc(body).eq(spread.relation.rhs, spread).eq(scaled, ring(given)).close()
    known = kernel.limit(equation(Limit(scaled, t.k, oo), goal.relation.rhs), goal.hypotheses)
    return limit_of_equal(target, same, known, given)


def ties(goal: Sequent) -> Theorem:
    """The m first weights are equal, the others vanish beside them."""
    target = goal.relation.lhs
    given = [h for h in (*goal.hypotheses, t.SHARP) if isinstance(h, ForAll) or not h.has(t.l)]
    tied, _ = families(goal)
    halves = kernel.split(WEIGHTS, t.m - 1, given)
    low = (S.Zero, t.m - 1)
    known = [*given, *inside(*low)]
    equal = summed(kernel.rewrite(weight(t.i), instance(tied, known), known), *low)
    counted = kernel.trans(equal, kernel.ring(equation(equal.relation.rhs, t.m * weight(t.j)), given))

    def lead(index: Expr) -> Expr:
        return exp(t.k * (t.x[index] - t.x[t.j]))

    rest = ranged(lead, t.m, t.n - 1)
    factored = kernel.ring(equation(ranged(weight, t.m, t.n - 1), weight(t.j) * rest), given)
    whole = kernel.linear_combination(
        equation(WEIGHTS, weight(t.j) * (t.m + rest)),
        [(S.One, halves), (S.One, counted), (S.One, factored)],
        given,
    )
    mine = target.args[0].as_numer_denom()[0].args[0] / t.k
    scaled = exp(t.k * (mine - t.x[t.j])) / (t.m + rest)
    spread = kernel.rewrite(target.args[0], whole, given)
    same = calc(target.args[0]).eq(spread.relation.rhs, spread).eq(scaled, ring(given)).close()
    limit = kernel.limit(equation(Limit(scaled, t.k, oo), goal.relation.rhs), goal.hypotheses)
    return limit_of_equal(target, same, limit, [*goal.hypotheses, t.SHARP])


def at_most_one(goal: Sequent) -> Theorem:
    """One weight is at most all."""
    given = goal.hypotheses
    lemma = kernel.nlinarith(Le(t.u / t.v, 1, evaluate=False), [Le(t.u, t.v, evaluate=False), Gt(t.v, 0)])
    facts = (one_of_sum(t.j, given), positive(WEIGHTS, given))
    return at(lemma, {t.u: weight(t.j), t.v: WEIGHTS}, facts, given)


def above_zero(goal: Sequent) -> Theorem:
    given = goal.hypotheses
    lemma = kernel.positivity(Gt(t.u / t.v, 0, evaluate=False), [Gt(t.u, 0), Gt(t.v, 0)])
    facts = (positive(weight(t.j), given), positive(WEIGHTS, given))
    return at(lemma, {t.u: weight(t.j), t.v: WEIGHTS}, facts, given)


def distances(given: Given) -> list[Theorem]:
    """Σ (i − j) e^(k xᵢ) before and after j is at most n − 1 times the weights there, in absolute value."""
    far = t.n - 1
    bounds = []
    for low, high in ((S.Zero, t.j - 1), (t.j + 1, t.n - 1)):
        known = [*given, *inside(low, high)]
        up = kernel.positivity(Gt(weight(t.i), 0, evaluate=False))
        for left, right in ((-far * weight(t.i), apart(t.i)), (apart(t.i), far * weight(t.i))):
            span = kernel.nlinarith(Le(left, right, evaluate=False), [*known, up])
            part = summed(span, low, high)
            outer = part.relation.lhs if part.relation.lhs != ranged(apart, low, high) else part.relation.rhs
            taken = kernel.ring(equation(outer, (outer.args[0] / weight(t.i)) * ranged(weight, low, high)), given)
            bounds += [part, taken]
    return bounds


def apart(index: Expr) -> Expr:
    """(i − j) e^(k xᵢ)."""
    return (index - t.j) * weight(index)


def others_at_most(given: Given, led: ForAll) -> Theorem:
    """(n − 1) times the other weights is at most (n − 1)² e^(−kΔ) Σ."""
    rest, far = exp(-t.k * t.gap), t.n - 1
    same = kernel.ring(equation(exp(t.k * (t.x[t.j] - t.gap)), rest * weight(t.j)), given)
    product = kernel.nlinarith(
        Ge(t.q * t.r * t.u, t.q * t.r * t.v, evaluate=False), [Ge(t.q, 0), Ge(t.r, 0), Ge(t.u, t.v)]
    )
    grown = at(
        product,
        {t.q: far**2, t.r: rest, t.u: WEIGHTS, t.v: weight(t.j)},
        (nonnegative(far**2, given), nonnegative(rest, given), kernel.symm(one_of_sum(t.j, given))),
        given,
    )
    others = far * (ranged(weight, S.Zero, t.j - 1) + ranged(weight, t.j + 1, t.n - 1))
    facts = [*given, *others_small(given, led), same, grown]
    return kernel.nlinarith(Le(others, grown.relation.lhs, evaluate=False), facts)


def rate(goal: Sequent) -> Theorem:
    """Σ (i − j) sᵢ is at most n − 1 times the share of the others, which is at most (n − 1)e^(−kΔ)."""
    given = goal.hypotheses
    (led,) = families(goal)
    numerator = t.total(lambda e: e * weight(e))
    shifted = kernel.ring(equation(t.total(apart), numerator - t.j * WEIGHTS), given)
    sums = parted(apart, t.j, given)
    others, bounds = others_at_most(given, led), distances(given)
    most = others.relation.rhs
    sides = [
        kernel.nlinarith(Le(*pair, evaluate=False), [shifted, sums, others, *bounds])
        for pair in ((numerator - t.j * WEIGHTS, most), (-most, numerator - t.j * WEIGHTS))
    ]
    lemma = kernel.nlinarith(
        Le(Abs(t.u / t.v - t.w), t.q, evaluate=False),
        [Le(t.u - t.w * t.v, t.q * t.v), Le(-t.q * t.v, t.u - t.w * t.v), Gt(t.v, 0)],
    )
    values = {t.u: numerator, t.v: WEIGHTS, t.w: t.j, t.q: most / WEIGHTS}
    mean = at(lemma, values, (*sides, positive(WEIGHTS, given)), given)
    same_mean = kernel.ring(equation(t.total(lambda e: e * t.softmax(e)), numerator / WEIGHTS), given)
    return kernel.trans(kernel.congr(Abs(t.u - t.j), t.u, same_mean, given), mean)


def middle(goal: Sequent) -> Theorem:
    """The two outer weights are equal."""
    given = goal.hypotheses
    same = kernel.rewrite(exp(t.k * t.x[2]), kernel.assume(given[0]))
    opened = kernel.ring(equation(goal.relation.lhs, _THREE))
    lemma = kernel.nlinarith(
        equation((t.v + 2 * t.w) / (t.u + t.v + t.w), S.One), [Gt(t.u, 0), Gt(t.v, 0), equation(t.w, t.u)]
    )
    facts = (positive(exp(t.k * t.x[0]), ()), positive(exp(t.k * t.x[1]), ()), same)
    return kernel.trans(opened, at(lemma, _values(), facts))


_THREE = (exp(t.k * t.x[1]) + 2 * exp(t.k * t.x[2])) / (exp(t.k * t.x[0]) + exp(t.k * t.x[1]) + exp(t.k * t.x[2]))


def _values() -> dict[Symbol, Expr]:
    return {t.u: exp(t.k * t.x[0]), t.v: exp(t.k * t.x[1]), t.w: exp(t.k * t.x[2])}


def renumbered(goal: Sequent) -> Theorem:
    """With the first two weights equal and the last one smaller, the mean index is below 1."""
    given = goal.hypotheses
    same = kernel.rewrite(exp(t.k * t.x[1]), kernel.assume(given[1]))
    lower = kernel.nlinarith(Lt(t.k * t.x[2], t.k * t.x[0], evaluate=False), given)
    less = kernel.monotone("exp", lower)
    opened = kernel.ring(equation(goal.relation.lhs, _THREE))
    lemma = kernel.nlinarith(
        Lt((t.v + 2 * t.w) / (t.u + t.v + t.w), 1, evaluate=False),
        [Gt(t.u, 0), Gt(t.w, 0), equation(t.v, t.u), Lt(t.w, t.u, evaluate=False)],
    )
    facts = (positive(exp(t.k * t.x[0]), ()), positive(exp(t.k * t.x[2]), ()), same, less)
    return kernel.trans(opened, at(lemma, _values(), facts))


PROOFS: Mapping[str, Proof] = {
    "smoothing.softmax-derivation/exponential": exponential,
    "smoothing.softmax-derivation/sum": by_ring,
    "smoothing.softmax-derivation/shift": by_ring,
    "smoothing.softmax-onehot/rate-winner": winner_rate,
    "smoothing.softmax-onehot/rate-loser": loser_rate,
    "smoothing.softmax-onehot/winner": cold,
    "smoothing.softmax-onehot/loser": cold,
    "smoothing.softmax-onehot/ties": ties,
    "smoothing.softmax-onehot/ties-others": ties,
    "smoothing.softmax-is-soft-max/at-most-1": at_most_one,
    "smoothing.softmax-is-soft-max/positive": above_zero,
    "smoothing.softargmax/rate": rate,
    "smoothing.softargmax/middle": middle,
    "smoothing.softargmax/renumbered": renumbered,
}
