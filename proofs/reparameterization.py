# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.reparameterization`` are true.

Nearly every integral here is a Gumbel race: the product of the rivals' distribution functions is one
exponential, with the sum of the weights in it, and so has an elementary primitive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, Integral, Limit, S, Sum, Symbol, exp, log
from sympy.core.relational import Gt, Lt, Relational

from ..theory import reparameterization as t
from ..theory.claim import Sequent
from . import kernel, limits
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .terms import binder
from .verify import Proof


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


def member(family: object) -> Callable[[Expr], Expr]:
    return lambda n: family[n]  # type: ignore[index, no-any-return]  # an IndexedBase


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
    "reparameterization.gumbel-events-independent/both": beats(t.a, t.b),
    "reparameterization.gumbel-events-independent/one": beats(t.a),
    "reparameterization.gumbel-events-independent/more-likely": by_nlinarith,
}
