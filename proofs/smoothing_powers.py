# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_powers`` are true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Abs, Expr, Limit, S, exp, expand_mul, log, oo, sqrt
from sympy.core.relational import Ge, Gt, Le, Lt

from ..theory import smoothing_powers as claims
from ..theory import smoothing_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import calc, equation
from .kernel import Given, Theorem
from .smoothing_steps import (
    at,
    families,
    inside,
    instance,
    nonnegative,
    parted_plainly,
    positive,
    ranged,
    summed,
)
from .verify import Proof


def power_above(goal: Sequent) -> Theorem:
    """q log xⱼ ≤ log Σ."""
    given = goal.hypotheses

    def power(index: Expr) -> Expr:
        return t.x[index] ** t.q

    whole = t.total(power)
    sums = parted_plainly(power, t.j, given)
    rest = [nonnegative(ranged(power, *ends), given) for ends in ((S.Zero, t.j - 1), (t.j + 1, t.n - 1))]
    least = kernel.nlinarith(Le(power(t.j), whole, evaluate=False), [*given, sums, *rest])
    return root(goal, kernel.monotone("log", least, given), power(t.j), whole)


def root(
    goal: Sequent, logs: Theorem, one: Expr, whole: Expr, power: Expr = t.q, known: Sequence[Theorem] = ()
) -> Theorem:
    """From log a ≤ log b to a^(1/q) ≤ b^(1/q), from < to <; that a and b are positive may be known."""
    signs = known or [positive(e, goal.hypotheses) for e in (one, whole)]
    given = [*goal.hypotheses, *signs]
    kind = logs.relation.func
    some = Gt(t.q, 0)
    lemma = kernel.nlinarith(kind(t.u / t.q, t.v / t.q, evaluate=False), [kind(t.u, t.v), some])
    low, high = logs.relation.args
    sign = [] if power == t.q else [kernel.nlinarith(Gt(power, 0, evaluate=False), given)]
    divided = at(lemma, {t.u: low, t.v: high, t.q: power}, (logs, *sign), given)
    apart = expand_mul(divided.relation.rhs)
    if apart != divided.relation.rhs:
        divided = kernel.trans(divided, kernel.ring(equation(divided.relation.rhs, apart), given))
    grown = kernel.monotone("exp", divided, given)
    first = kernel.ring(equation(goal.relation.lhs, grown.relation.lhs), given)
    last = kernel.ring(equation(grown.relation.rhs, goal.relation.rhs), given)
    return kernel.trans(first, grown, last)


def power_below(goal: Sequent) -> Theorem:
    """Σ ≤ n xⱼ^q."""
    given = goal.hypotheses
    _, top = families(goal)

    def power(index: Expr) -> Expr:
        return t.x[index] ** t.q

    known = [*given, *inside()]
    logs = kernel.monotone("log", instance(top, known), known)
    times = kernel.nlinarith(Le(t.q * log(t.x[t.i]), t.q * log(t.x[t.j]), evaluate=False), [*known, logs])
    grown = kernel.monotone("exp", times, known)
    each = kernel.trans(
        kernel.ring(equation(power(t.i), grown.relation.lhs), known),
        grown,
        kernel.ring(equation(grown.relation.rhs, power(t.j)), known),
    )
    sums = summed(each)
    whole = kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, t.n * power(t.j)), given))
    return root(goal, kernel.monotone("log", whole, [*given, whole]), sums.relation.lhs, whole.relation.rhs)


def power_limit(goal: Sequent) -> Theorem:
    """Between xⱼ and xⱼ n^(1/q)."""
    given = goal.hypotheses
    near = (Gt(t.q, 0, evaluate=False), *given)
    target = goal.relation.lhs
    high = t.x[t.j] * t.n ** (1 / t.q)
    sign, _ = families(goal)
    lower = power_above(Sequent("", Le(t.x[t.j], t.power_mean(t.q), evaluate=False), (near[0], sign, *t.IN_RANGE)))
    upper = power_below(Sequent("", Le(t.power_mean(t.q), high, evaluate=False), near))
    low_limit, high_limit = (
        kernel.limit(equation(Limit(side, t.q, oo), goal.relation.rhs), given) for side in (t.x[t.j], high)
    )
    return kernel.squeeze(target, lower, upper, low_limit, high_limit, near)


def whole_powers() -> Theorem:
    """0 ≤ u ≤ v ⊢ u^m ≤ v^m, by induction on m ≥ 0."""
    goal = Le(t.u**t.m, t.v**t.m, evaluate=False)
    order = [Ge(t.u, 0), Le(t.u, t.v)]
    base = kernel.nlinarith(Le(1, 1, evaluate=False))
    lemma = kernel.nlinarith(Le(t.u * t.a, t.v * t.b, evaluate=False), [*order, Ge(t.a, 0), Le(t.a, t.b)])
    some = Ge(t.m, 0)
    sign = nonnegative(t.u**t.m, [some, *order])
    times = at(lemma, {t.a: t.u**t.m, t.b: t.v**t.m}, (sign, kernel.assume(goal)), [some, *order])
    ends = [kernel.ring(equation(e * e**t.m, e ** (t.m + 1)), [some]) for e in (t.u, t.v)]
    return kernel.induction(goal, t.m, base, kernel.trans(kernel.symm(ends[0]), times, ends[1]))


def size(index: Expr) -> Expr:
    """|xᵢ|^m."""
    return Abs(t.x[index]) ** t.m


def one_size(given: Given) -> tuple[Theorem, list[Theorem]]:
    """|xⱼ|^m ≤ Σ, and both are positive."""
    sums = parted_plainly(size, t.j, given)
    rest = [nonnegative(ranged(size, *ends), given) for ends in ((S.Zero, t.j - 1), (t.j + 1, t.n - 1))]
    whole = t.total(size)
    least = kernel.nlinarith(Le(size(t.j), whole, evaluate=False), [*given, sums, *rest])
    alone = positive(size(t.j), given)
    return least, [alone, kernel.nlinarith(Gt(whole, 0, evaluate=False), [*given, least, alone])]


def norm_above(goal: Sequent) -> Theorem:
    """m log |xⱼ| ≤ log Σ."""
    given = goal.hypotheses
    least, signs = one_size(given)
    logs = kernel.monotone("log", least, [*given, *signs])
    plain = kernel.ring(equation(t.m * log(Abs(t.x[t.j])), logs.relation.lhs), given)
    one, whole = least.relation.args
    return root(goal, kernel.trans(plain, logs), one, whole, t.m, signs)


def norm_below(goal: Sequent) -> Theorem:
    """Σ ≤ n |xⱼ|^m."""
    given = goal.hypotheses
    (largest,) = families(goal)
    known = [*given, *inside()]
    facts = (
        kernel.nlinarith(Ge(Abs(t.x[t.i]), 0, evaluate=False)),
        instance(largest, known),
        kernel.nlinarith(Ge(t.m, 0, evaluate=False), given),
    )
    sums = summed(at(whole_powers(), {t.u: Abs(t.x[t.i]), t.v: Abs(t.x[t.j])}, facts))
    whole = kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, t.n * size(t.j)), given))
    _, (_, some) = one_size(given)
    signs = [some, kernel.nlinarith(Gt(whole.relation.rhs, 0, evaluate=False), [*given, some, whole])]
    logs = kernel.monotone("log", whole, [*given, *signs])
    plain = kernel.ring(equation(logs.relation.rhs, log(t.n) + t.m * log(Abs(t.x[t.j]))), given)
    low, high = whole.relation.args
    return root(goal, kernel.trans(logs, plain), low, high, t.m, signs)


def powers(goal: Sequent) -> Theorem:
    """k^q comes out of the sum, and its root cancels."""
    given = goal.hypotheses
    both = t.a**t.q + t.b**t.q
    inner = (t.k * t.a) ** t.q + (t.k * t.b) ** t.q
    factored = kernel.ring(equation(inner, t.k**t.q * both), given)
    moved = kernel.rewrite(goal.relation.lhs, factored, given)
    lemma = kernel.ring(
        equation((t.k**t.q * t.v) ** (1 / t.q) / t.k, t.v ** (1 / t.q)), [t.SHARP, Gt(t.q, 0), Gt(t.v, 0)]
    )
    placed = at(lemma, {t.v: both}, (positive(both, given),), given)
    return calc(goal.relation.lhs).eq(moved.relation.rhs, moved).eq(goal.relation.rhs, placed).close()


def too_large(goal: Sequent) -> Theorem:
    """Each power alone is less than the sum of both."""
    given = goal.hypotheses
    value = goal.relation.lhs
    whole = value.base
    less = []
    for one in (t.a, t.b):
        below = kernel.nlinarith(
            Lt(one**t.q, whole, evaluate=False), [*given, *(positive(e, given) for e in whole.args)]
        )
        part = Sequent("", Lt(one, value, evaluate=False), given)
        less.append(root(part, kernel.monotone("log", below, given), one**t.q, whole))
    return kernel.nlinarith(goal.relation, [*given, *less])


def no_limit(goal: Sequent) -> Theorem:
    """The function is constant for k > 0."""
    given = goal.hypotheses
    f, end = goal.relation.lhs.args[0], goal.relation.rhs
    same = powers(Sequent("", equation(f, end), (t.SHARP, *given)))
    known = kernel.limit(equation(Limit(end, t.k, oo), end), given)
    return kernel.limit_congr(same, known, [t.SHARP, *given])


def subexponential(goal: Sequent) -> Theorem:
    """Between (√(ka))²/k and (√(ka) + log 2)²/k."""
    given = goal.hypotheses
    near = [t.SHARP, *given]
    first, second = sqrt(t.k * t.a), sqrt(t.k * t.b)
    inputs = kernel.nlinarith(Le(t.k * t.b, t.k * t.a, evaluate=False), near)
    signs = [kernel.nlinarith(Ge(t.k * e, 0, evaluate=False), near) for e in (t.a, t.b)]
    known = [*near, *signs]
    grown = kernel.monotone("exp", kernel.monotone("sqrt", inputs, known), known)
    both = exp(first) + exp(second)
    bounds = [
        kernel.nlinarith(Le(exp(first), both, evaluate=False), known),
        kernel.nlinarith(Le(both, 2 * exp(first), evaluate=False), [*known, grown]),
    ]
    low, high = (kernel.monotone("log", e, known) for e in bounds)
    plain = [
        kernel.ring(equation(low.relation.lhs, first), known),
        kernel.ring(equation(high.relation.rhs, log(2) + first), known),
    ]
    root_sign = kernel.nlinarith(Ge(first, 0, evaluate=False), known)
    square = kernel.nlinarith(Le(t.u**2 / t.k, t.v**2 / t.k, evaluate=False), [t.SHARP, Ge(t.u, 0), Le(t.u, t.v)])
    inner = log(both)
    above = kernel.nlinarith(Le(first, inner, evaluate=False), [*known, low, plain[0]])
    below = kernel.nlinarith(Le(inner, log(2) + first, evaluate=False), [*known, high, plain[1]])
    not_less = kernel.nlinarith(Ge(inner, 0, evaluate=False), [*known, above, root_sign])
    lower = at(square, {t.u: first, t.v: inner}, (root_sign, above), known)
    upper = at(square, {t.u: inner, t.v: log(2) + first}, (not_less, below), known)
    lower = kernel.trans(kernel.ring(equation(t.a, lower.relation.lhs), known), lower)
    end = (log(2) / sqrt(t.k) + sqrt(t.a)) ** 2
    upper = kernel.trans(upper, kernel.ring(equation(upper.relation.rhs, end), known))
    low_limit, high_limit = (kernel.limit(equation(Limit(e, t.k, oo), t.a), given) for e in (t.a, end))
    return kernel.squeeze(goal.relation.lhs, lower, upper, low_limit, high_limit, near)


def recipe_parts(goal: Sequent) -> tuple[ForAll, ForAll, Theorem, list[Theorem]]:
    """The families that say what H does; h(ka) ≥ 0 and h(kb) ≥ 0 with the signs of ka and kb."""
    given = goal.hypotheses
    positive_h, *_, undoes, grows = families(goal)
    inputs = [kernel.nlinarith(Ge(t.k * e, 0, evaluate=False), given) for e in (t.a, t.b)]
    values = [kernel.specialize(positive_h, {t.u: e.relation.lhs}, [*given, e]) for e in inputs]
    return undoes, grows, inputs[0], [*inputs, *values]


def recipe_above(goal: Sequent) -> Theorem:
    """H(h(ka)) ≤ H(h(ka) + h(kb))."""
    given = goal.hypotheses
    undoes, grows, place, facts = recipe_parts(goal)
    here = claims.grow(t.k * t.a)
    there = here + claims.grow(t.k * t.b)
    order = kernel.nlinarith(Le(here, there, evaluate=False), [*given, *facts])
    known = kernel.specialize(grows, {t.u: here, t.v: there}, [*given, *facts, order])
    same = kernel.specialize(undoes, {t.u: t.k * t.a}, [*given, place])
    lemma = kernel.nlinarith(Ge(t.v / t.k, t.a, evaluate=False), [t.SHARP, Ge(t.v, t.k * t.a)])
    above = kernel.nlinarith(Ge(claims.back(there), t.k * t.a, evaluate=False), [*given, known, same])
    return at(lemma, {t.v: claims.back(there)}, (above,), given)


def recipe_below(goal: Sequent) -> Theorem:
    """h(ka) + h(kb) ≤ 2h(ka) ≤ h(cka), and H undoes that."""
    given = goal.hypotheses
    undoes, grows, place, facts = recipe_parts(goal)
    increasing = families(goal)[1]
    far = t.c * t.k * t.a
    inputs = kernel.nlinarith(Le(t.k * t.b, t.k * t.a, evaluate=False), given)
    smaller = kernel.specialize(increasing, {t.u: t.k * t.b, t.v: t.k * t.a}, [*given, *facts, inputs])
    there = claims.grow(t.k * t.a) + claims.grow(t.k * t.b)
    known = [*given, *facts, smaller]
    order = kernel.nlinarith(Le(there, claims.grow(far), evaluate=False), known)
    sign = kernel.nlinarith(Ge(there, 0, evaluate=False), known)
    bound = kernel.specialize(grows, {t.u: there, t.v: claims.grow(far)}, [*given, order, sign])
    times = kernel.nlinarith(Ge(t.c * t.u, 0, evaluate=False), [Ge(t.c, 0), Ge(t.u, 0)])
    place = kernel.nlinarith(Ge(far, 0, evaluate=False), [*given, at(times, {t.u: t.k * t.a}, (place,))])
    same = kernel.specialize(undoes, {t.u: far}, [*given, place])
    lemma = kernel.nlinarith(Le(t.v / t.k, t.c * t.a, evaluate=False), [t.SHARP, Le(t.v, far)])
    below = kernel.nlinarith(Le(claims.back(there), far, evaluate=False), [*given, bound, same])
    return at(lemma, {t.v: claims.back(there)}, (below,), given)


def doubling_needed(goal: Sequent) -> Theorem:
    """H(2h(ka)) ≤ cka, and h undoes H."""
    given = goal.hypotheses
    (increasing,) = families(goal)
    inverse = claims.back(2 * claims.grow(t.k * t.a))
    far = t.c * t.k * t.a
    lemma = kernel.nlinarith(Le(t.v, far, evaluate=False), [t.SHARP, Le(t.v / t.k, t.c * t.a)])
    bound = next(h for h in given if isinstance(h, Le))
    order = at(lemma, {t.v: inverse}, (kernel.assume(bound),), given)
    known = kernel.specialize(increasing, {t.u: inverse, t.v: far}, [*given, order])
    return kernel.nlinarith(goal.relation, [*given, known])


PROOFS: Mapping[str, Proof] = {
    "smoothing.power-mean/above": power_above,
    "smoothing.power-mean/below": power_below,
    "smoothing.power-mean/limit": power_limit,
    "smoothing.power-mean/norm-above": norm_above,
    "smoothing.power-mean/norm-below": norm_below,
    "smoothing.general-recipe/powers": powers,
    "smoothing.general-recipe/too-large": too_large,
    "smoothing.general-recipe/no-limit": no_limit,
    "smoothing.general-recipe/subexponential": subexponential,
    "smoothing.general-recipe/at-least": recipe_above,
    "smoothing.general-recipe/doubling-is-enough": recipe_below,
    "smoothing.general-recipe/doubling-is-needed": doubling_needed,
}
