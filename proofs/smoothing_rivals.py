# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_rivals`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Lambda, LambertW, S, exp, log
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from ..theory import smoothing_terms as t
from ..theory.claim import Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .smoothing_steps import (
    at,
    by_interval,
    derivative_of,
    families,
    inside,
    instance,
    one_of_sum,
    positive,
    shares,
    summed,
    weight,
)
from .steps import by_ring
from .verify import Proof, by_claim

WEIGHTS = t.weight_sum()
_W = LambertW(exp(-1))


def log_share(index: Expr, given: Given) -> Theorem:
    """log softmax(kx)ⱼ = k xⱼ − log Σ."""
    lemma = kernel.ring(equation(log(weight(index) / t.v), t.k * t.x[index] - log(t.v)), [Gt(t.v, 0)])
    return at(lemma, {t.v: WEIGHTS}, (positive(WEIGHTS, given),), given)


def entropy_opened(given: Given) -> Theorem:
    """H(softmax(kx)) = −k B_k(x) + log Σ."""
    known = [*given, *inside()]
    each = kernel.rewrite(t.softmax(t.i) * log(t.softmax(t.i)), log_share(t.i, known), known)
    sums = kernel.termwise(each, t.i, S.Zero, t.n - 1)
    opened = kernel.ring(equation(sums.relation.rhs, t.k * t.boltzmann() - log(WEIGHTS)), given)
    total = kernel.trans(sums, opened)
    return kernel.linear_combination(
        equation(t.entropy(), log(WEIGHTS) - t.k * t.boltzmann()), [(S.NegativeOne, total)], given
    )


def decomposition(goal: Sequent) -> Theorem:
    given = goal.hypotheses
    return kernel.linear_combination(goal.relation, [(-1 / t.k, entropy_opened(given))], given)


def entropy_sign(goal: Sequent) -> Theorem:
    """−s log s ≥ 0 for 0 < s ≤ 1, by log s ≤ s − 1."""
    given = goal.hypotheses
    known = [*given, *inside()]
    level = t.softmax(t.i)
    below = kernel.nlinarith(Le(t.u / t.v, 1, evaluate=False), [Le(t.u, t.v), Gt(t.v, 0)])
    one = at(below, {t.u: weight(t.i), t.v: WEIGHTS}, (one_of_sum(t.i, known), positive(WEIGHTS, known)), known)
    logs = kernel.monotone("log", kernel.assume(Le(t.v, 1, evaluate=False)), [Gt(t.v, 0)])
    lemma = kernel.nlinarith(Ge(-t.v * log(t.v), 0, evaluate=False), [Gt(t.v, 0), logs])
    each = at(lemma, {t.v: level}, (one, shares(known)), known)
    sums = summed(each)
    whole = kernel.ring(equation(goal.relation.lhs, sums.relation.lhs), given)
    zero = kernel.ring(equation(sums.relation.rhs, S.Zero), given)
    return kernel.trans(whole, sums, zero)


def entropy_bound(goal: Sequent) -> Theorem:
    """−s log s ≤ s log n + 1/n − s, by the tangent of log at 1."""
    given = goal.hypotheses
    known = [*given, *inside()]
    sign = [Gt(t.v, 0), Ge(t.n, 1)]
    inverse = kernel.add_one_le_exp(-log(t.n * t.v), sign)
    opened = kernel.ring(equation(exp(-log(t.n * t.v)), 1 / (t.n * t.v)), sign)
    logs = kernel.ring(equation(log(t.n * t.v), log(t.n) + log(t.v)), sign)
    tangent = kernel.nlinarith(
        Le(1 - log(t.n) - log(t.v), 1 / (t.n * t.v), evaluate=False), [*sign, inverse, opened, logs]
    )
    product = kernel.nlinarith(Le(t.v * t.a, t.v * t.b, evaluate=False), [Gt(t.v, 0), Le(t.a, t.b)])
    times = at(product, {t.a: tangent.relation.lhs, t.b: tangent.relation.rhs}, (tangent,), sign)
    cancelled = kernel.ring(equation(times.relation.rhs, 1 / t.n), sign)
    lemma = kernel.nlinarith(
        Le(-t.v * log(t.v), t.v * log(t.n) + 1 / t.n - t.v, evaluate=False), [*sign, times, cancelled]
    )
    each = at(lemma, {t.v: t.softmax(t.i)}, (shares(known),), known)
    sums = summed(each)
    whole = kernel.ring(equation(goal.relation.lhs, sums.relation.lhs), given)
    end = kernel.ring(equation(sums.relation.rhs, log(t.n)), given)
    return kernel.trans(whole, sums, end)


def sigmoid_logs() -> tuple[Theorem, Theorem, Theorem]:
    """log σ = u − log(1 + e^u), log(1 − σ) = −log(1 + e^u), σ = e^u/(1 + e^u)."""
    grown = exp(t.u)
    same = kernel.ring(equation(t.sigmoid(t.u), grown / (1 + grown)))
    rest = kernel.ring(equation(1 - t.sigmoid(t.u), 1 / (1 + grown)))
    first = kernel.rewrite(log(t.sigmoid(t.u)), same)
    second = kernel.rewrite(log(1 - t.sigmoid(t.u)), rest)
    one = kernel.trans(first, kernel.ring(equation(first.relation.rhs, t.u - t.softplus(t.u))))
    two = kernel.trans(second, kernel.ring(equation(second.relation.rhs, -t.softplus(t.u))))
    return one, two, same


def silu(goal: Sequent) -> Theorem:
    """The logarithms of σ and 1 − σ are softplus up to u."""
    one, two, _ = sigmoid_logs()
    level = t.sigmoid(t.u)
    return kernel.linear_combination(goal.relation, [(level, one), (1 - level, two)])


def silu_below(goal: Sequent) -> Theorem:
    """softplus(u) exceeds 0 and u, and σ is between 0 and 1."""
    grown = exp(t.u)
    sign = positive(grown, ())
    logs = [
        kernel.monotone("log", kernel.nlinarith(Lt(less, 1 + grown, evaluate=False), [sign])) for less in (grown, S.One)
    ]
    plain = kernel.ring(equation(log(grown), t.u))
    level = kernel.nlinarith(Gt(1 / (1 + t.v), 0, evaluate=False), [Gt(t.v, 0)])
    below = kernel.nlinarith(Lt(1 / (1 + t.v), 1, evaluate=False), [Gt(t.v, 0)])
    down = positive(exp(-t.u), ())
    shares = [at(x, {t.v: exp(-t.u)}, (down,)) for x in (level, below)]
    lemma = kernel.nlinarith(Lt(t.u * t.v, t.w, evaluate=False), [Gt(t.v, 0), Lt(t.v, 1), Gt(t.w, 0), Gt(t.w, t.u)])
    facts = [kernel.nlinarith(Gt(log(1 + grown), low, evaluate=False), [*logs, plain]) for low in (S.Zero, t.u)]
    values = {t.v: t.sigmoid(t.u), t.w: t.softplus(t.u)}
    return at(lemma, values, tuple(shares + facts))


def boltzmann_below(goal: Sequent) -> Theorem:
    """xᵢ e^(k xᵢ) ≤ xⱼ e^(k xᵢ)."""
    given = goal.hypotheses
    (top,) = families(goal)
    known = [*given, *inside()]
    product = kernel.nlinarith(Le(t.a * t.v, t.b * t.v, evaluate=False), [Gt(t.v, 0), Le(t.a, t.b)])
    each = at(
        product,
        {t.v: weight(t.i), t.a: t.x[t.i], t.b: t.x[t.j]},
        (positive(weight(t.i), known), instance(top, known)),
        known,
    )
    sums = summed(each)
    pulled = kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, t.x[t.j] * WEIGHTS), given))
    lemma = kernel.nlinarith(Le(t.u / t.v, t.w, evaluate=False), [Le(t.u, t.w * t.v), Gt(t.v, 0)])
    values = {t.u: pulled.relation.lhs, t.v: WEIGHTS, t.w: t.x[t.j]}
    return at(lemma, values, (pulled, positive(WEIGHTS, given)), given)


def boltzmann_above(goal: Sequent) -> Theorem:
    """LSE is at least xⱼ, and the entropy at most log n."""
    given = goal.hypotheses
    some = kernel.nlinarith(Ge(t.n, 1, evaluate=False), given)
    parts = [by_claim("smoothing.lse-entropy", part) for part in ("decomposition", "entropy-at-most")]
    least = kernel.monotone("log", one_of_sum(t.j, given), given)
    plain = kernel.ring(equation(log(weight(t.j)), t.k * t.x[t.j]))
    facts = [kernel.discharge(part, some) for part in parts]
    return from_parts(goal, [*facts, least, plain])


def from_parts(goal: Sequent, facts: list[Theorem]) -> Theorem:
    """Arithmetic with B, H and log Σ as numbers."""
    b, e, s = t.u, t.v, t.w
    lemma = kernel.nlinarith(
        Ge(b, t.a - t.c / t.k, evaluate=False),
        [t.SHARP, equation(s / t.k, b + e / t.k), Le(e, t.c), Le(t.q, s), equation(t.q, t.k * t.a)],
    )
    values = {b: t.boltzmann(), e: t.entropy(), s: log(WEIGHTS), t.a: t.x[t.j], t.c: log(t.n), t.q: log(weight(t.j))}
    return at(lemma, values, tuple(facts), goal.hypotheses)


def lambert() -> Theorem:
    """e^(u − 1 − W) = W e^u, because W e^W = 1/e."""
    known = kernel.lambert_w(exp(-1))
    apart = kernel.ring(equation(exp(t.u - 1 - _W), exp(-1) * exp(t.u) / exp(_W)))
    lemma = kernel.nlinarith(equation(t.a * t.v / t.b, t.w * t.v), [equation(t.w * t.b, t.a), Gt(t.b, 0)])
    values = {t.a: exp(-1), t.b: exp(_W), t.v: exp(t.u), t.w: _W}
    joined = at(lemma, values, (known, positive(exp(_W), ())))
    return kernel.trans(apart, kernel.ring(equation(apart.relation.rhs, joined.relation.lhs)), joined)


def gap(goal: Sequent) -> Theorem:
    """The tangent of e^u at u = 1 + W: u − W ≤ W e^u."""
    distance = t.k * (t.a - t.b)
    tangent = kernel.trans(kernel.add_one_le_exp(t.u - 1 - _W), lambert())
    lemma = kernel.nlinarith(
        Le(t.c / (1 + t.v), t.w / t.k, evaluate=False),
        [t.SHARP, Gt(t.v, 0), Le(t.k * t.c - t.w, t.w * t.v, evaluate=False)],
    )
    placed = kernel.instantiate(tangent, {t.u: distance})
    plain = kernel.nlinarith(Le(distance - _W, placed.relation.rhs, evaluate=False), [placed])
    return at(lemma, {t.c: t.a - t.b, t.v: exp(distance), t.w: _W}, (positive(exp(distance), ()), plain))


def gap_attained(goal: Sequent) -> Theorem:
    """W e^(1 + W) = 1."""
    known = kernel.instantiate(lambert(), {t.u: 1 + _W})
    one = kernel.nlinarith(equation(_W * exp(1 + _W), S.One), [known])
    lemma = kernel.nlinarith(equation((1 + t.w) / (1 + t.v), t.w), [equation(t.w * t.v, S.One), Gt(t.v, 0)])
    return at(lemma, {t.w: _W, t.v: exp(1 + _W)}, (one, positive(exp(1 + _W), ())))


def slope_sign(goal: Sequent) -> Theorem:
    """The slope is e^u (1 + e^u + u)/(1 + e^u)², and e^u compares with W as u with −1 − W."""
    given = goal.hypotheses
    v = exp(t.u)
    kind, order = goal.relation.func, given[0]
    assert isinstance(order, Relational)
    grown = kernel.monotone("exp", kernel.assume(order))
    at_end = kernel.instantiate(lambert(), {t.u: S.Zero})
    factor = kernel.nlinarith(kind(1 + v + t.u, 0, evaluate=False), [*given, grown, at_end])
    opened = kernel.ring(equation(goal.relation.lhs, v * (1 + v + t.u) / (1 + v) ** 2))
    lemma = kernel.nlinarith(kind(t.v * t.w / (1 + t.v) ** 2, 0, evaluate=False), [Gt(t.v, 0), kind(t.w, 0)])
    return kernel.trans(opened, at(lemma, {t.v: v, t.w: 1 + v + t.u}, (positive(v, ()), factor)))


def nesterov_part(goal: Sequent, part: str) -> Theorem:
    """The sandwich at k = 1/μ, times μ."""
    given = goal.hypotheses
    sandwich = kernel.instantiate(by_claim("smoothing.lse-sandwich", part), {t.k: 1 / t.mu}, given)
    sharp = kernel.nlinarith(Gt(1 / t.mu, 0, evaluate=False), given)
    return kernel.nlinarith(goal.relation, [*given, kernel.discharge(sandwich, sharp)])


def second_derivative(goal: Sequent) -> Theorem:
    """The Hessian of log-sum-exp at k = 1/μ."""
    known = kernel.instantiate(by_claim("smoothing.lse-calculus", "hessian"), {t.k: 1 / t.mu}, goal.hypotheses)
    return kernel.trans(known, kernel.ring(equation(known.relation.rhs, goal.relation.rhs), goal.hypotheses))


def nesterov_smooth(goal: Sequent) -> Theorem:
    """Softmax is 1/2-Lipschitz."""
    given = goal.hypotheses
    known = kernel.instantiate(
        by_claim("smoothing.softmax-half-lipschitz", "jacobian"),
        {t.k: 1 / t.mu, t.x: Lambda(t.i, t.moved(t.i))},
        given,
    )
    lemma = kernel.nlinarith(Le(t.u / t.mu, t.v / (2 * t.mu), evaluate=False), [Le(t.u, t.v / 2), Gt(t.mu, 0)])
    return at(lemma, {t.u: known.relation.lhs, t.v: 2 * known.relation.rhs}, (known,), given)


def nesterov_gradient(goal: Sequent) -> Theorem:
    """Softmax is k/2-Lipschitz, at k = 1/μ."""
    given = goal.hypotheses
    known = kernel.instantiate(by_claim("smoothing.softmax-half-lipschitz", "lipschitz"), {t.k: 1 / t.mu}, given)
    return kernel.trans(known, kernel.ring(equation(known.relation.rhs, goal.relation.rhs), given))


PROOFS: Mapping[str, Proof] = {
    "smoothing.lse-entropy/decomposition": decomposition,
    "smoothing.lse-entropy/entropy-at-least-0": entropy_sign,
    "smoothing.lse-entropy/entropy-at-most": entropy_bound,
    "smoothing.lse-entropy/silu": silu,
    "smoothing.lse-entropy/below": silu_below,
    "smoothing.boltzmann/below": boltzmann_below,
    "smoothing.boltzmann/above": boltzmann_above,
    "smoothing.boltzmann/two": by_ring,
    "smoothing.boltzmann/gap": gap,
    "smoothing.boltzmann/attained": gap_attained,
    "smoothing.boltzmann/constant-above": by_interval,
    "smoothing.boltzmann/constant-below": by_interval,
    "smoothing.boltzmann/mean": by_ring,
    "smoothing.boltzmann-monotone/silu": by_ring,
    "smoothing.boltzmann-monotone/derivative": derivative_of(t.swish),
    "smoothing.boltzmann-monotone/falls": slope_sign,
    "smoothing.boltzmann-monotone/rises": slope_sign,
    "smoothing.nesterov/below": lambda goal: nesterov_part(goal, "below"),
    "smoothing.nesterov/above": lambda goal: nesterov_part(goal, "above"),
    "smoothing.nesterov/second-derivative": second_derivative,
    "smoothing.nesterov/smooth": nesterov_smooth,
    "smoothing.nesterov/gradient": nesterov_gradient,
}
