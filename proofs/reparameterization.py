# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.reparameterization`` are true.

Nearly every integral here is a Gumbel race: the product of the rivals' distribution functions is one
exponential, with the sum of the weights in it, and so has an elementary primitive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from sympy import Expr, IndexedBase, Integral, Limit, S, Sum, Symbol, exp, log, oo
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from ..theory import reparameterization as t
from ..theory.claim import ForAll, Sequent
from . import kernel, limits
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .terms import binder, free_in, substitute
from .verify import Proof, by_claim


def by_ring(goal: Sequent) -> Theorem:
    """Both sides have the same normal form."""
    return kernel.ring(goal.relation, goal.hypotheses)


# --- integrals ---------------------------------------------------------------------------------------------------


def end_value(term: Expr, x: Symbol, point: Expr, side: str, given: Given) -> Theorem:
    """The limit of a primitive at an end of the interval; the kernel proves the value that is proposed here."""
    facts = [g.relation if isinstance(g, Theorem) else g for g in given]
    target = Limit(term, x, point, side)
    return kernel.limit(equation(target, limits.limit(target, facts)), given)


def integrate(e: Integral, primitive: Expr, given: Given = ()) -> Theorem:
    """∫ f = F(upper) − F(lower)."""
    _, x, lower, upper = binder(e)
    low = end_value(primitive, x, lower, "+", given)
    high = end_value(primitive, x, upper, "-", given)
    return kernel.antiderivative(e, primitive, low, high, given)


def by_primitive(goal: Sequent, primitive: Expr, given: Given | None = None) -> Theorem:
    """The integral on the left has that primitive, and its end values make the right-hand side."""
    facts = goal.hypotheses if given is None else given
    value = integrate(goal.relation.lhs, primitive, facts)
    return kernel.trans(value, kernel.ring(equation(value.relation.rhs, goal.relation.rhs), facts))


def primitive_at(primitive: Expr) -> Proof:
    """The proof by that primitive."""
    return lambda goal: by_primitive(goal, primitive)


# --- sums over the categories ------------------------------------------------------------------------------------


def parted(weight: Callable[[Expr], Expr], index: Expr, given: Given) -> Theorem:
    """Σᵢ weightᵢ = Σ before + weightⱼ + Σ after."""
    everything = t.total(weight)
    before, after = t.others(weight, index, Sum)
    halves = kernel.split(everything, index, given)
    return calc(everything).eq(halves.relation.rhs, halves).eq(before + weight(index) + after, ring(given)).close()


def member(family: IndexedBase) -> Callable[[Expr], Expr]:
    return lambda n: family[n]


def exp_member(n: Expr) -> Expr:
    return exp(t.o[n])


# --- Gumbel ------------------------------------------------------------------------------------------------------


def log_negative(goal: Sequent) -> Theorem:
    """log u < 0, from u < 1."""
    return kernel.monotone("log", kernel.assume(Lt(t.u, 1, evaluate=False)), goal.hypotheses)


def quantile(goal: Sequent) -> Theorem:
    return kernel.ring(goal.relation, [*goal.hypotheses, log_negative(goal)])


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


# --- Gumbel-max --------------------------------------------------------------------------------------------------


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


# --- exponential race --------------------------------------------------------------------------------------------


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


# --- few categories ----------------------------------------------------------------------------------------------


def beats(*rivals: Expr) -> Proof:
    """The race of a few categories."""
    whole = t.e1 + sum(rivals, S.Zero)
    return primitive_at(t.e1 / whole * exp(-exp(-t.x) * whole / t.e1))


def by_nlinarith(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, goal.hypotheses)


# --- sampling without replacement --------------------------------------------------------------------------------


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
    opened = kernel.unfold(t.RACE, 1, {t.j: t.j, t.t: t.t, t.k: t.k, t.n: t.n}, given)
    integral = opened.relation.rhs
    pointwise = kernel.rewrite(integral.function, later, given)
    rate, left = t.w[t.k - t.j - 1], t.remaining(t.k - t.j)
    positive = kernel.positivity(Gt(rate + left, 0, evaluate=False), given)
    plain = Integral(pointwise.relation.rhs, (t.u, t.t, oo))
    rest = t.plackett_luce(t.j)
    value = integrate(plain, -rate / (rate + left) * exp(-t.u * (rate + left)) * rest, [*given, positive])
    known = kernel.integral_congr(pointwise, value)
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
    general = from_any_time(Sequent("", t.GUMBEL_TOP_K.sequents()[0].relation, (*goal.hypotheses, Ge(t.j, 0))))
    whole = kernel.instantiate(general, {t.j: t.k, t.t: S.Zero})
    return kernel.trans(whole, kernel.ring(equation(whole.relation.rhs, goal.relation.rhs), goal.hypotheses))


# --- Gumbel-softmax ----------------------------------------------------------------------------------------------


def by_positivity(goal: Sequent) -> Theorem:
    return kernel.positivity(goal.relation, goal.hypotheses)


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


# --- the Gaussian and the score ----------------------------------------------------------------------------------


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


def below_one() -> Theorem:
    """v e^(−v) ≤ 1 for real v, because v + 1 ≤ e^v."""
    tangent = kernel.add_one_le_exp(t.v)
    positive = kernel.positivity(Gt(exp(t.v), 0, evaluate=False))
    above = [Le(t.v + 1, t.a, evaluate=False), Gt(t.a, 0, evaluate=False)]
    lemma = kernel.instantiate(kernel.nlinarith(Le(t.v / t.a, 1, evaluate=False), above), {t.a: exp(t.v)})
    return kernel.discharge(kernel.discharge(lemma, tangent), positive)


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


def relaxed_sum(goal: Sequent) -> Theorem:
    """The common denominator goes in front of the sum."""
    given = goal.hypotheses
    whole = t.total(lambda m: exp(t.z[m] / t.tau))
    lemma = kernel.ring(
        equation(Sum(exp(t.z[t.j] / t.tau) / t.v, (t.j, 0, t.K - 1)), whole / t.v), [*given, Ne(t.v, 0)]
    )
    placed = place(lemma, {t.v: whole}, given)
    return kernel.trans(placed, kernel.ring(equation(placed.relation.rhs, goal.relation.rhs), given))


def place(lemma: Theorem, values: Mapping[Symbol, Expr], given: Given) -> Theorem:
    """A lemma about numbers, at sums that are positive."""
    theorem = kernel.instantiate(lemma, values, given)
    return kernel.discharge(theorem, kernel.positivity(Ne(values[t.v], 0, evaluate=False), given))


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


_OVER = 1 + exp(-t.x)

PROOFS: Mapping[str, Proof] = {
    "reparameterization.gumbel/quantile": quantile,
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
    "reparameterization.exponential-race/density": by_ring,
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
    "reparameterization.gaussian/density": by_ring,
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
