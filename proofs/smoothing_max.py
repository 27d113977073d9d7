# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_max`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Lambda, S, exp, log
from sympy.core.relational import Ge, Gt, Le, Lt

from ..theory import smoothing_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .smoothing_steps import (
    at,
    by_nlinarith,
    derivative_of,
    exponent,
    families,
    inside,
    instance,
    log_product,
    nonnegative,
    others_small,
    parted,
    positive,
    ranged,
    summed,
    weight,
)
from .steps import by_last_equation
from .verify import Proof, by_claim

WEIGHTS = t.weight_sum()


def above(goal: Sequent) -> Theorem:
    """The other weights are positive, and there is one before or after j."""
    given = goal.hypotheses
    sums = parted(weight, t.j, given)
    before, after = ranged(weight, S.Zero, t.j - 1), ranged(weight, t.j + 1, t.n - 1)
    smaller = Lt(weight(t.j), WEIGHTS, evaluate=False)
    first = Ge(t.j, 1, evaluate=False)
    late = [*given, first]
    early = [*given, Lt(t.j, 1, evaluate=False)]
    yes = kernel.nlinarith(smaller, [*late, sums, positive(before, late), nonnegative(after, late)])
    no = kernel.nlinarith(smaller, [*early, sums, nonnegative(before, early), positive(after, early)])
    logs = kernel.monotone("log", kernel.cases(first, yes, no), given)
    return kernel.nlinarith(goal.relation, [*given, exponent(weight(t.j), given), logs])


def at_most(goal: Sequent) -> Theorem:
    """e^(k xᵢ) ≤ e^(k xⱼ) for all i."""
    given = goal.hypotheses
    (top,) = families(goal)
    grown = bounded(top, [*given, *inside()])
    sums = summed(grown)
    counted = kernel.ring(equation(sums.relation.rhs, t.n * weight(t.j)), given)
    return from_weights(goal, kernel.trans(sums, counted), given)


def bounded(top: ForAll, given: Given) -> Theorem:
    """e^(k xᵢ) ≤ e^(k xⱼ)."""
    least = instance(top, given)
    return kernel.monotone("exp", kernel.nlinarith(Le(t.k * t.x[t.i], t.k * t.x[t.j], evaluate=False), [*given, least]))


def from_weights(goal: Sequent, known: Theorem, given: Given) -> Theorem:
    """The goal about LSE, from a comparison of Σ with c·e^(k xⱼ): logarithms, divided by k."""
    logs = kernel.monotone("log", known, [*given, known])
    side = next(a for a in logs.relation.args if a != log(WEIGHTS))
    factor = side.args[0] / weight(t.j)
    opened = log_product(factor, weight(t.j), given)
    return kernel.nlinarith(goal.relation, [*given, logs, opened, exponent(weight(t.j), given)])


def equality(goal: Sequent) -> Theorem:
    """Σ = n e^(k xⱼ)."""
    given = goal.hypotheses
    (same,) = families(goal)
    each = kernel.rewrite(weight(t.i), instance(same, [*given, *inside()]), [*given, *inside()])
    sums = summed(each)
    whole = kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, t.n * weight(t.j)), given))
    moved = kernel.rewrite(goal.relation.lhs, whole, given)
    return calc(goal.relation.lhs).eq(moved.relation.rhs, moved).eq(goal.relation.rhs, ring(given)).close()


def only_then(goal: Sequent) -> Theorem:
    """One weight is smaller than e^(k xⱼ), the others are not larger."""
    given = goal.hypotheses
    (top,) = families(goal)
    sums = parted(weight, t.l, given)
    halves = []
    for low, high in ((S.Zero, t.l - 1), (t.l + 1, t.n - 1)):
        known = [*given, *inside(low, high)]
        part = summed(bounded(top, known), low, high)
        halves.append(
            kernel.trans(part, kernel.ring(equation(part.relation.rhs, (high - low + 1) * weight(t.j)), given))
        )
    lower = kernel.nlinarith(Lt(t.k * t.x[t.l], t.k * t.x[t.j], evaluate=False), given)
    less = kernel.monotone("exp", lower)
    numbers = [*halves, less, sums]
    whole = kernel.nlinarith(Lt(WEIGHTS, t.n * weight(t.j), evaluate=False), numbers)
    return from_weights(goal, whole, given)


_SPREAD = t.total(lambda e: t.softmax(e) * (t.d[e] - t.c) ** 2)
_MEAN = t.total(lambda e: t.d[e] * t.softmax(e))
_VARIANCE = t.total(lambda e: t.d[e] ** 2 * t.softmax(e)) - _MEAN**2


def around_mean(given: Given) -> Theorem:
    """Σ s d² − (Σ s d)² = Σ s (d − c)² where Σ s d = c, because Σ s = 1."""
    known = kernel.assume(equation(t.c, _MEAN))
    return kernel.linear_combination(equation(_VARIANCE, _SPREAD), [(_MEAN - t.c, known)], [*given, known.relation])


def at_mean(theorem: Theorem, given: Given) -> Theorem:
    """With the mean for c."""
    return at(theorem, {t.c: _MEAN}, (kernel.refl(_MEAN, given),), given)


def variance(goal: Sequent) -> Theorem:
    """Σ s (d − c)² = Σ s d² − 2c Σ s d + c² Σ s."""
    return at_mean(around_mean(goal.hypotheses), goal.hypotheses)


def convex(goal: Sequent) -> Theorem:
    """The variance is a sum of squares with weights ≥ 0."""
    given = goal.hypotheses
    squares = t.total(lambda e: weight(e) * (t.d[e] - t.c) ** 2)
    divided = kernel.ring(equation(_SPREAD, squares / WEIGHTS), given)
    parts = [nonnegative(squares, given), positive(WEIGHTS, given)]
    sign = kernel.nlinarith(Ge(squares / WEIGHTS, 0, evaluate=False), [*given, *parts])
    chain = calc(_VARIANCE).eq(_SPREAD, around_mean(given)).eq(squares / WEIGHTS, divided).ge(S.Zero, sign)
    return at_mean(chain.close(), given)


def shift(goal: Sequent) -> Theorem:
    """log(e^(kc) Σ) = kc + log Σ."""
    given = goal.hypotheses
    inner = goal.relation.lhs.args[1].args[0] if goal.relation.lhs.args[0].is_Pow else goal.relation.lhs.args[0].args[0]
    factored = kernel.ring(equation(inner, exp(t.k * t.c) * WEIGHTS), given)
    moved = kernel.rewrite(goal.relation.lhs, factored, given)
    opened = log_product(exp(t.k * t.c), WEIGHTS, given)
    return kernel.linear_combination(goal.relation, [(S.One, moved), (1 / t.k, opened)], given)


def increasing(goal: Sequent) -> Theorem:
    """Term by term, then the logarithm."""
    given = goal.hypotheses
    (order,) = families(goal)
    known = [*given, *inside()]
    least = kernel.nlinarith(Le(t.k * t.x[t.i], t.k * t.d[t.i], evaluate=False), [*known, instance(order, known)])
    logs = kernel.monotone("log", summed(kernel.monotone("exp", least)), given)
    return kernel.nlinarith(goal.relation, [*given, logs])


def overshoot(goal: Sequent) -> Theorem:
    """The case of equality of the sandwich at k = 1."""
    theorem = kernel.instantiate(by_claim("smoothing.lse-sandwich", "equality"), {t.k: S.One})
    return kernel.discharge(theorem, kernel.positivity(Gt(S.One, 0, evaluate=False)))


def large_gap(goal: Sequent) -> Theorem:
    """Every other weight is at most e^(k(xⱼ − Δ))."""
    given = goal.hypotheses
    (led,) = families(goal)
    sums = parted(weight, t.j, given)
    below = exp(t.k * (t.x[t.j] - t.gap))
    factor = goal.relation.rhs.atoms(log).pop().args[0]
    whole = kernel.ring(equation(weight(t.j) + (t.n - 1) * below, factor * weight(t.j)), given)
    most = kernel.nlinarith(Le(WEIGHTS, factor * weight(t.j), evaluate=False), [*others_small(given, led), sums, whole])
    return from_weights(goal, most, given)


def two_members(index: Expr, other: Expr, given: Given) -> Theorem:
    """e^(k xⱼ) + e^(k x_l) ≤ Σ, for j ≠ l."""
    goal = Le(weight(index) + weight(other), WEIGHTS, evaluate=False)
    first = Lt(other, index, evaluate=False)
    found = []
    for low, high, order in ((other, index, first), (index, other, Ge(other, index, evaluate=False))):
        known = [*given, order]
        outer = parted(weight, high, known)
        inner = parted(weight, low, known, high=high - 1)
        rest = [
            nonnegative(ranged(weight, *ends), known)
            for ends in ((S.Zero, low - 1), (low + 1, high - 1), (high + 1, t.n - 1))
        ]
        found.append(kernel.nlinarith(goal, [outer, inner, *rest]))
    return kernel.cases(first, *found)


def small_gap(goal: Sequent) -> Theorem:
    """Two weights alone are e^(k xⱼ)(1 + e^(−kΔ)) at least."""
    given = goal.hypotheses
    near = kernel.nlinarith(Le(t.k * (t.x[t.j] - t.gap), t.k * t.x[t.l], evaluate=False), given)
    grown = kernel.monotone("exp", near)
    factor = goal.relation.rhs.atoms(log).pop().args[0]
    split = kernel.ring(equation(factor * weight(t.j), weight(t.j) + grown.relation.lhs), given)
    least = kernel.nlinarith(
        Le(factor * weight(t.j), WEIGHTS, evaluate=False), [two_members(t.j, t.l, given), grown, split]
    )
    return from_weights(goal, least, given)


def softplus_above(goal: Sequent) -> Theorem:
    """1 + e^u exceeds e^u and 1."""
    one, grown = S.One, exp(t.u)
    positive_exp = positive(grown, ())
    both = [
        kernel.monotone("log", kernel.nlinarith(Lt(less, 1 + grown, evaluate=False), [positive_exp]))
        for less in (grown, one)
    ]
    return kernel.nlinarith(goal.relation, [*both, exponent(grown, ())])


def softplus_odd(goal: Sequent) -> Theorem:
    """1 + e^u = e^u (1 + e^(−u))."""
    up, down = 1 + exp(t.u), 1 + exp(-t.u)
    factored = kernel.rewrite(log(up), kernel.ring(equation(up, exp(t.u) * down)))
    opened = log_product(exp(t.u), down, ())
    return kernel.linear_combination(goal.relation, [(S.One, factored), (S.One, opened)])


def softplus_below(goal: Sequent) -> Theorem:
    """1 + e^u ≤ 2 e^u for u ≥ 0, and ≤ 2 for u < 0."""
    grown = exp(t.u)
    condition = Ge(t.u, 0, evaluate=False)
    found = []
    for known, larger in ((condition, 2 * grown), (Lt(t.u, 0, evaluate=False), S(2))):
        order = kernel.monotone("exp", kernel.nlinarith(known, [known]), [known])
        less = kernel.nlinarith(Le(1 + grown, larger, evaluate=False), [order])
        logs = kernel.monotone("log", less, [known])
        opened = [] if larger == 2 else [kernel.ring(equation(log(larger), log(2) + t.u))]
        found.append(kernel.nlinarith(goal.relation, [known, logs, *opened]))
    return kernel.cases(condition, *found)


def negated(part: str) -> Proof:
    """The sandwich for −x."""

    def prove(goal: Sequent) -> Theorem:
        index = kernel.instantiate(by_claim("smoothing.lse-sandwich", part), {t.x: Lambda(t.i, -t.x[t.i])}, [t.SHARP])
        for h in index.hypotheses:
            if isinstance(h, ForAll):
                (order,) = families(goal)
                known = [order, *h.conditions]
                index = kernel.discharge_all(index, h, kernel.nlinarith(h.body, [*known, instance(order, known)]))
        return kernel.nlinarith(goal.relation, [*goal.hypotheses, index])

    return prove


PROOFS: Mapping[str, Proof] = {
    "smoothing.max-identity": by_nlinarith,
    "smoothing.max-abs-sum": by_nlinarith,
    "smoothing.lse-sandwich/above": above,
    "smoothing.lse-sandwich/below": at_most,
    "smoothing.lse-sandwich/equality": equality,
    "smoothing.lse-sandwich/only-then": only_then,
    "smoothing.lse-calculus/gradient": derivative_of(lambda at: t.lse(t.k, lambda e: t.x[e] + at * t.d[e])),
    "smoothing.lse-calculus/hessian": derivative_of(
        lambda at: t.total(lambda e: t.d[e] * t.softmax(e, t.k, lambda f: t.x[f] + at * t.d[f]))
    ),
    "smoothing.lse-calculus/variance": variance,
    "smoothing.lse-calculus/convex": convex,
    "smoothing.lse-calculus/shift": shift,
    "smoothing.lse-calculus/increasing": increasing,
    "smoothing.k-equals-one/overshoot": overshoot,
    "smoothing.k-equals-one/large-gap": large_gap,
    "smoothing.k-equals-one/small-gap": small_gap,
    "smoothing.softplus/above": softplus_above,
    "smoothing.softplus/below": softplus_below,
    "smoothing.softplus/attained": by_last_equation,
    "smoothing.softplus/derivative": derivative_of(t.softplus),
    "smoothing.softplus/odd-part": softplus_odd,
    "smoothing.min/below": negated("above"),
    "smoothing.min/above": negated("below"),
}
