# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.reparameterization`` are true.

Nearly every integral here is a Gumbel race: the product of the rivals' distribution functions is one
exponential, with the sum of the weights in it, and so has an elementary primitive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from sympy import Expr, Integral, Limit, S, Symbol, exp, log, oo
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from ..theory import reparameterization_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel, reparameterization_relaxed, reparameterization_score
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .reparameterization_steps import (
    below_one,
    by_nlinarith,
    end_value,
    exp_member,
    integrate,
    member,
    parted,
    primitive_at,
)
from .steps import by_last_equation, by_ring
from .terms import free_in, substitute
from .verify import Proof


def log_negative(goal: Sequent) -> Theorem:
    """log u < 0, from u < 1."""
    return kernel.monotone("log", kernel.assume(Lt(t.u, 1, evaluate=False)), goal.hypotheses)


def quantile_order(goal: Sequent) -> Theorem:
    """Two logarithms turn u R exp(−e^(−x)) into −log(−log u) R x."""
    known = kernel.assume(goal.hypotheses[-1])
    negative = log_negative(goal)
    given = [*goal.hypotheses, negative]
    once = kernel.monotone("log", known, given)
    kind = once.relation.func
    flipped = kernel.nlinarith(kind(exp(-t.x), -log(t.u), evaluate=False), [*given, once])
    twice = kernel.monotone("log", flipped, [*given, flipped])
    return kernel.nlinarith(goal.relation, [*given, twice])


def by_substitution(axiom: str) -> Proof:
    """t = e^(−x) in a quoted integral."""
    return lambda goal: kernel.substitution(goal.relation.lhs, exp(-t.x), kernel.axiom(axiom), goal.hypotheses)


def race(goal: Sequent, weight: Callable[[Expr], Expr]) -> Theorem:
    """P(j wins) = weightⱼ / Σ: the primitive is that quotient times exp(−e^(−x) Σ/weightⱼ)."""
    mine = weight(t.j)
    sums = parted(weight, t.j, goal.hypotheses)
    everything = sums.relation.rhs
    primitive = mine / everything * exp(-exp(-t.x) * everything / mine)
    return kernel.trans(integrate(goal.relation.lhs, primitive, goal.hypotheses), quotient(mine, sums, goal))


def quotient(mine: Expr, sums: Theorem, goal: Sequent) -> Theorem:
    """weightⱼ / (the sum in parts) − 0 = weightⱼ / Σ."""
    whole, parts = sums.relation.args
    back = kernel.rewrite(mine / whole, sums, goal.hypotheses)
    return calc(mine / parts - 0).eq(mine / whole, kernel.symm(back)).close()


def gumbel_max(goal: Sequent) -> Theorem:
    """The race with weights p, whose sum is 1."""
    weight = member(t.p)
    one = kernel.assume(t.NORMALISED)
    mine = weight(t.j)
    odds = race(Sequent("", equation(goal.relation.lhs, mine / t.total(weight)), goal.hypotheses), weight)
    whole = odds.relation.rhs
    end = kernel.linear_combination(equation(whole, mine), [(-whole, one)], goal.hypotheses)
    return kernel.trans(odds, end)


def no_ties(goal: Sequent) -> Theorem:
    """The chances are p, and p sums to 1."""
    law = gumbel_max(Sequent("", t.equal(goal.relation.lhs.function, t.p[t.j]), (*goal.hypotheses, *t.IN_RANGE)))
    summed = kernel.termwise(law, t.j, S.Zero, t.K - 1)
    return kernel.trans(summed, kernel.assume(t.NORMALISED))


def softmax_race(goal: Sequent) -> Theorem:
    return race(goal, exp_member)


def shift(goal: Sequent) -> Theorem:
    """e^c cancels, and p sums to 1."""
    one = kernel.assume(t.NORMALISED)
    mine, whole = t.p[t.j], t.total(member(t.p))
    cancelled = kernel.ring(equation(goal.relation.lhs, mine / whole), goal.hypotheses)
    end = kernel.linear_combination(equation(mine / whole, mine), [(-mine / whole, one)], goal.hypotheses)
    return kernel.trans(cancelled, end)


def independent(goal: Sequent) -> Theorem:
    """The joint integral has the primitive weightⱼ/Σ · exp(−e^(−y) Σ)."""
    given = goal.hypotheses
    sums = parted(exp_member, t.j, given)
    everything = sums.relation.rhs
    primitive = exp_member(t.j) / everything * exp(-exp(-t.y) * everything)
    value = integrate(goal.relation.lhs, primitive, given)
    product = kernel.rewrite(goal.relation.rhs, sums, given)
    end = product.relation.rhs
    return (
        calc(goal.relation.lhs)
        .eq(value.relation.rhs, value)
        .eq(end, ring(given))
        .eq(goal.relation.rhs, kernel.symm(product))
        .close()
    )


def order(goal: Sequent) -> Theorem:
    """e₁/a < e₂/b goes through the logarithm."""
    smaller = kernel.monotone("log", kernel.assume(goal.hypotheses[-1]), goal.hypotheses)
    left, right = (
        kernel.ring(equation(log(e / w), log(e) - log(w)), goal.hypotheses) for e, w in ((t.e1, t.a), (t.e2, t.b))
    )
    return kernel.nlinarith(goal.relation, [*goal.hypotheses, smaller, left, right])


def order_converse(goal: Sequent) -> Theorem:
    """The exponential of the hypothesis, cleared of denominators."""
    known = goal.hypotheses[-1]
    swapped = kernel.nlinarith(Lt(log(t.e1) - log(t.a), log(t.e2) - log(t.b), evaluate=False), goal.hypotheses)
    assert isinstance(known, Relational)
    grown = kernel.monotone("exp", swapped, goal.hypotheses)
    left, right = (
        kernel.ring(equation(e / w, side), goal.hypotheses)
        for (e, w), side in zip(((t.e1, t.a), (t.e2, t.b)), grown.relation.args, strict=True)
    )
    return (
        calc(left.relation.lhs)
        .eq(left.relation.rhs, left)
        .lt(right.relation.rhs, grown)
        .eq(right.relation.lhs, kernel.symm(right))
        .close()
    )


def first(goal: Sequent) -> Theorem:
    """The product of the survivals is exp(−t Σ): the primitive is −weightⱼ/Σ · exp(−t Σ)."""
    sums = parted(member(t.w), t.j, goal.hypotheses)
    whole, parts = sums.relation.args
    positive = kernel.nlinarith(Gt(parts, 0, evaluate=False), [*goal.hypotheses, sums])
    given = [*goal.hypotheses, positive]
    mine = t.w[t.j]
    value = integrate(goal.relation.lhs, -mine / parts * exp(-t.t * parts), given)
    back = kernel.rewrite(mine / whole, sums, given)
    end = kernel.symm(back)
    return (
        calc(goal.relation.lhs)
        .eq(value.relation.rhs, value)
        .eq(mine / parts, ring(given))
        .eq(mine / whole, end)
        .close()
    )


def never(goal: Sequent) -> Theorem:
    """The chance wⱼ/Σ is 0 for wⱼ = 0."""
    mine, whole = t.w[t.j], t.total(member(t.w))
    chance = first(Sequent("", equation(goal.relation.lhs, mine / whole), goal.hypotheses))
    end = kernel.linear_combination(
        equation(mine / whole, goal.relation.rhs), [(1 / whole, kernel.assume(goal.hypotheses[-1]))], goal.hypotheses
    )
    return kernel.trans(chance, end)


def beats(*rivals: Expr) -> Proof:
    """The race of a few categories."""
    whole = t.e1 + sum(rivals, S.Zero)
    return primitive_at(t.e1 / whole * exp(-exp(-t.x) * whole / t.e1))


def from_any_time(goal: Sequent) -> Theorem:
    """Induction on the draws that are left, with a hypothesis for every starting time."""
    given = [h for h in goal.hypotheses if t.j not in free_in(h)]
    unfolded = kernel.unfold(t.RACE, 0, {t.t: t.t, t.k: t.k, t.n: t.n}, given)
    at_0 = substitute(goal.relation, {t.j: S.Zero})
    base = kernel.trans(unfolded, kernel.ring(equation(unfolded.relation.rhs, at_0.rhs), given))
    step = arrival(goal.relation, [*given, Ge(t.j, 0)])
    return kernel.induction(goal.relation, t.j, base, step)


def arrival(statement: Relational, given: Given) -> Theorem:
    """One more arrival, at rate w, before what is left: ∫ₜ^∞ w e^(−wu) e^(−uΣ) du = w/(w + Σ) e^(−t(w + Σ))."""
    later = kernel.specialize(ForAll((t.t,), statement), {t.t: t.u}, given)
    integral = t.RACE.cases[1].body
    pointwise = kernel.rewrite(integral.function, later, given)
    rate, left = t.w[t.k - t.j - 1], t.remaining(t.k - t.j)
    positive = kernel.positivity(Gt(rate + left, 0, evaluate=False), given)
    plain = Integral(pointwise.relation.rhs, (t.u, t.t, oo))
    rest = t.plackett_luce(t.j)
    value = integrate(plain, -rate / (rate + left) * exp(-t.u * (rate + left)) * rest, [*given, positive])
    known = kernel.integral_congr(pointwise, value)
    opened = kernel.unfold(t.RACE, 1, {t.j: t.j, t.t: t.t, t.k: t.k, t.n: t.n}, [*given, known])
    wanted = substitute(statement, {t.j: t.j + 1}).rhs
    head = kernel.split(t.remaining(t.k - t.j - 1), t.k - t.j - 1, given)
    total = calc(head.relation.lhs).eq(head.relation.rhs, head).eq(rate + left, ring(given)).close()
    odds = kernel.split(t.plackett_luce(t.j + 1), t.k - t.j - 1, given)
    first_of_all = (
        calc(odds.relation.lhs)
        .eq(odds.relation.rhs, odds)
        .eq(rate / t.remaining(t.k - t.j - 1) * rest, ring(given))
        .close()
    )
    apart = kernel.rewrite(wanted, first_of_all, given)
    summed = kernel.rewrite(apart.relation.rhs, total, [*given, positive])
    end = kernel.trans(apart, summed)
    return (
        calc(opened.relation.lhs)
        .eq(integral, opened)
        .eq(known.relation.rhs, known)
        .eq(end.relation.rhs, ring([*given, positive]))
        .eq(wanted, kernel.symm(end))
        .close()
    )


def plackett_luce(goal: Sequent) -> Theorem:
    """The whole race, from time 0."""
    general = from_any_time(Sequent("", t.ANY_TIME, (*goal.hypotheses, Ge(t.j, 0))))
    whole = kernel.instantiate(general, {t.j: t.k, t.t: S.Zero})
    return kernel.trans(whole, kernel.ring(equation(whole.relation.rhs, goal.relation.rhs), goal.hypotheses))


def convolution(goal: Sequent) -> Theorem:
    """With v = e^(−y) (1 + e^(−x)) the primitive is c (v + 1) e^(−v), and (v/2) e^(−v/2) ≤ 1 kills it at −∞."""
    over = 1 + exp(-t.x)
    v, scale = exp(-t.y) * over, exp(-t.x) / over**2
    primitive = scale * (v + 1) * exp(-v)
    half = kernel.instantiate(below_one(), {t.v: v / 2})
    share = half.relation.lhs
    a, m, w = t.a, t.e1, t.e2
    known = [Ge(m, 0, evaluate=False), Ge(w, 0, evaluate=False), Le(w, 1, evaluate=False)]
    lemma = kernel.instantiate(
        kernel.nlinarith(Le(a + m * w**2, a + m, evaluate=False), known),
        {a: scale * exp(-v), m: 4 * scale / v, w: share},
    )
    for fact in (*(kernel.positivity(Ge(e, 0, evaluate=False)) for e in (4 * scale / v, share)), half):
        lemma = kernel.discharge(lemma, fact)
    upper = calc(primitive).eq(lemma.relation.lhs).le(lemma.relation.rhs, lemma).close()
    lower = kernel.symm(kernel.positivity(Ge(primitive, 0, evaluate=False)))
    nothing, vanishing = (
        kernel.limit(equation(Limit(side, t.y, -oo, "+"), S.Zero)) for side in (S.Zero, upper.relation.rhs)
    )
    low = kernel.squeeze(Limit(primitive, t.y, -oo, "+"), lower, upper, nothing, vanishing)
    value = kernel.antiderivative(goal.relation.lhs, primitive, low, end_value(primitive, t.y, oo, "-", ()))
    return kernel.trans(value, kernel.ring(equation(value.relation.rhs, goal.relation.rhs)))


_OVER = 1 + exp(-t.x)

PROOFS: Mapping[str, Proof] = {
    "reparameterization.gumbel/below": quantile_order,
    "reparameterization.gumbel/above": quantile_order,
    "reparameterization.gumbel/density": primitive_at(t.gumbel_cdf(t.y)),
    "reparameterization.gumbel/normalised": primitive_at(t.gumbel_cdf(t.x)),
    "reparameterization.gumbel/mean": by_substitution("gamma-derivative"),
    "reparameterization.gumbel/variance": by_substitution("gamma-second-derivative"),
    "reparameterization.gumbel-max/law": gumbel_max,
    "reparameterization.gumbel-max/no-ties": no_ties,
    "reparameterization.gumbel-max/core": primitive_at(t.a * exp(log(t.u) / t.a)),
    "reparameterization.gumbel-shift/logits": softmax_race,
    "reparameterization.gumbel-shift/shift": shift,
    "reparameterization.gumbel-shift/shifted-law": gumbel_max,
    "reparameterization.gumbel-max-stability/maximum": by_ring,
    "reparameterization.gumbel-max-stability/independent": independent,
    "reparameterization.exponential-race/tail": primitive_at(-exp(-t.t)),
    "reparameterization.exponential-race/density": by_last_equation,
    "reparameterization.exponential-race/order": order,
    "reparameterization.exponential-race/order-converse": order_converse,
    "reparameterization.exponential-race/first": first,
    "reparameterization.exponential-race/never": never,
    "reparameterization.gumbel-difference-logistic/distribution": primitive_at(exp(-exp(-t.y) * _OVER) / _OVER),
    "reparameterization.gumbel-difference-logistic/density": primitive_at(t.logistic_cdf(t.y)),
    "reparameterization.gumbel-difference-logistic/convolution": convolution,
    "reparameterization.gumbel-events-independent/both": beats(t.a, t.b),
    "reparameterization.gumbel-events-independent/one": beats(t.a),
    "reparameterization.gumbel-events-independent/more-likely": by_nlinarith,
    "reparameterization.gumbel-top-k/from-any-time": from_any_time,
    "reparameterization.gumbel-top-k/plackett-luce": plackett_luce,
    **reparameterization_relaxed.PROOFS,
    **reparameterization_score.PROOFS,
}

MODELS: Mapping[str, tuple[Mapping[Symbol, Fraction], ...]] = {
    "reparameterization.exponential-race": ({t.x: Fraction(0), t.t: Fraction(1)},),
    "reparameterization.straight-through-bias": (
        {
            t.q: Fraction(1, 4),
            t.r: Fraction(1, 2),
            t.f0: Fraction(1),
            t.f1: Fraction(3),
            t.d0: Fraction(2),
            t.d1: Fraction(2),
        },
    ),
}
