# SPDX-License-Identifier: BSD-3-Clause
"""Why softmax is 1/2-Lipschitz: a bound for the variance, and the mean value theorem."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Expr, Lambda, S
from sympy.core.relational import Ge, Le

from ..theory import smoothing_terms as t
from ..theory.claim import ForAll, Hypothesis, Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .smoothing_steps import at, by_nlinarith, inside, nonnegative, parted, ranged, shares
from .verify import Proof, by_claim


def eigenvalue(goal: Sequent) -> Theorem:
    """Σᵢ pᵢ(vⱼ + vᵢ)² is at least its member 4 pⱼ vⱼ²; that times pⱼ, summed, with 4p² ≥ 4p − 1."""
    given = goal.hypotheses
    sign, one = given
    known = [*given, *t.IN_RANGE]
    mean, square = t.total(lambda e: t.p[e] * t.d[e]), t.total(lambda e: t.p[e] * t.d[e] ** 2)

    def pair(index: Expr) -> Expr:
        return t.p[index] * (t.d[t.j] + t.d[index]) ** 2

    expanded = t.d[t.j] ** 2 + 2 * t.d[t.j] * mean + square
    opened = kernel.linear_combination(equation(t.total(pair), expanded), [(t.d[t.j] ** 2, kernel.assume(one))], known)
    sums = parted(pair, t.j, known)
    rest = [nonnegative(ranged(pair, *ends), known) for ends in ((S.Zero, t.j - 1), (t.j + 1, t.n - 1))]
    gained = kernel.nlinarith(Ge(expanded - 4 * t.p[t.j] * t.d[t.j] ** 2, 0, evaluate=False), [opened, sums, *rest])
    product = kernel.nlinarith(Ge(t.u * t.v, 0, evaluate=False), [Ge(t.u, 0), Ge(t.v, 0)])
    times = at(
        product,
        {t.u: t.p[t.j], t.v: gained.relation.lhs},
        (kernel.specialize(sign, {t.i: t.j}, known), gained),
        known,
    )
    quarter = kernel.positivity(Ge((2 * t.p[t.j] - 1) ** 2 * t.d[t.j] ** 2, 0, evaluate=False))
    left = (4 * t.p[t.j] - 1) * t.d[t.j] ** 2
    right = t.p[t.j] * t.d[t.j] ** 2 + 2 * t.p[t.j] * t.d[t.j] * t.v + t.p[t.j] * t.w
    body = kernel.nlinarith(Le(left, at_sums(right, mean, square), evaluate=False), [times, quarter])
    summed_up = kernel.termwise(body, t.j, S.Zero, t.n - 1)
    norm = t.total(lambda e: t.d[e] ** 2)
    first = kernel.ring(equation(summed_up.relation.lhs, 4 * square - norm), given)
    second = kernel.linear_combination(
        equation(summed_up.relation.rhs, 2 * square + 2 * mean**2), [(square, kernel.assume(one))], given
    )
    return kernel.nlinarith(goal.relation, [summed_up, first, second])


def at_sums(term: Expr, mean: Expr, square: Expr) -> Expr:
    return kernel.substitute(term, {t.v: mean, t.w: square})


def at_least_zero(given: Given) -> Theorem:
    """softmax(kx)ᵢ ≥ 0."""
    return kernel.nlinarith(Ge(t.softmax(t.i), 0, evaluate=False), [*given, *inside(), shares([*given, *inside()])])


def jacobian(goal: Sequent) -> Theorem:
    """Softmax is a probability vector."""
    given = goal.hypotheses
    whole = eigenvalue(
        Sequent(
            "",
            Le(t.weighted_variance(), t.total(lambda e: t.d[e] ** 2) / 2, evaluate=False),
            (t.every(Ge(t.p[t.i], 0)), equation(t.total(lambda e: t.p[e]), S.One)),
        )
    )
    placed = kernel.instantiate(whole, {t.p: Lambda(t.i, t.softmax(t.i))}, given)
    for h in placed.hypotheses:
        if isinstance(h, ForAll):
            placed = kernel.discharge_all(placed, h, at_least_zero(given))
    one = kernel.ring(equation(t.total(t.softmax), S.One), given)
    placed = kernel.discharge(placed, one)
    same = kernel.ring(equation(goal.relation.lhs, placed.relation.lhs), given)
    return kernel.trans(same, placed)


_ONE = S.One
_SQUARES = t.total(lambda e: t.d[e] ** 2), t.total(lambda e: t.g[e] ** 2)


def on_line(index: Expr, at_point: Expr = t.theta) -> Expr:
    """softmax(x + θd) at one index."""
    return t.softmax(index, _ONE, lambda f: t.x[f] + at_point * t.d[f])


def covariance(given: Given) -> Theorem:
    """Cov(g, d) ≤ (‖g‖² + ‖d‖²)/4 under softmax(x + θd): a quarter of Var(d + g) − Var(d − g)."""
    jacobian_goal = Sequent("", Le(t.variance(), t.total(lambda e: t.d[e] ** 2) / 2, evaluate=False), tuple(given))
    half = jacobian(jacobian_goal)
    line = {t.k: _ONE, t.x: Lambda(t.i, t.moved(t.i))}
    plus = kernel.instantiate(half, {**line, t.d: Lambda(t.i, t.d[t.i] + t.g[t.i])}, given)
    spread = by_claim("smoothing.lse-calculus", "convex")
    minus = kernel.instantiate(spread, {**line, t.d: Lambda(t.i, t.d[t.i] - t.g[t.i])}, given)
    mean_d, mean_g = t.total(lambda e: t.d[e] * on_line(e)), t.total(lambda e: t.g[e] * on_line(e))
    both = t.total(lambda e: t.g[e] * t.d[e] * on_line(e)) - mean_g * mean_d
    apart = kernel.ring(equation(plus.relation.lhs - minus.relation.lhs, 4 * both), given)
    left = nonnegative(t.total(lambda e: (t.d[e] - t.g[e]) ** 2), given)
    d2, g2 = _SQUARES
    cross = t.total(lambda e: t.d[e] * t.g[e])
    sums = [
        kernel.ring(equation(plus.relation.rhs, (d2 + g2 + 2 * cross) / 2), given),
        kernel.ring(equation(left.relation.lhs, d2 + g2 - 2 * cross), given),
    ]
    lemma = kernel.nlinarith(
        Le(t.u - t.v, 0, evaluate=False),
        [
            Le(t.a, t.b),
            Ge(t.c, 0),
            equation(t.a - t.c, 4 * t.u),
            equation(t.b, (4 * t.v + 2 * t.w) / 2),
            Ge(t.q, 0),
            equation(t.q, 4 * t.v - 2 * t.w),
        ],
    )
    values = {
        t.u: both,
        t.v: (d2 + g2) / 4,
        t.w: cross,
        t.a: plus.relation.lhs,
        t.b: plus.relation.rhs,
        t.c: minus.relation.lhs,
        t.q: left.relation.lhs,
    }
    return at(lemma, values, (plus, minus, apart, sums[0], left, sums[1]), given)


@cache
def along_segment(given: tuple[Hypothesis, ...]) -> Theorem:
    """The mean value theorem for Σ gᵢ softmax(x + θd)ᵢ, with g twice the difference of the two ends."""
    d2, g2 = _SQUARES
    function = t.total(lambda e: t.g[e] * on_line(e)) - t.theta * (d2 + g2) / 4
    between = kernel.mean_value(function, t.theta, S.Zero, _ONE, covariance(given), given)
    ends = t.softmax(t.i, _ONE, lambda f: t.x[f] + t.d[f]) - t.softmax(t.i, _ONE)
    placed = kernel.instantiate(between, {t.g: Lambda(t.i, 2 * ends)}, given)
    moved = t.total(lambda e: (t.softmax(e, _ONE, lambda f: t.x[f] + t.d[f]) - t.softmax(e, _ONE)) ** 2)
    late, early = placed.relation.args if isinstance(placed.relation, Le) else placed.relation.args[::-1]
    opened = kernel.ring(equation(late - early, moved - d2 / 4), given)
    return kernel.nlinarith(Le(moved, d2 / 4, evaluate=False), [placed, opened])


def lipschitz(goal: Sequent) -> Theorem:
    """The bound for kx and kd."""
    given = goal.hypotheses
    bound = along_segment(given)
    sharp = kernel.instantiate(bound, {t.x: Lambda(t.i, t.k * t.x[t.i]), t.d: Lambda(t.i, t.k * t.d[t.i])}, given)
    left, right = (
        kernel.ring(equation(*pair), given) for pair in zip(goal.relation.args, sharp.relation.args, strict=True)
    )
    return kernel.trans(left, sharp, kernel.symm(right))


PROOFS: Mapping[str, Proof] = {
    "smoothing.softmax-half-lipschitz/eigenvalue": eigenvalue,
    "smoothing.softmax-half-lipschitz/jacobian": jacobian,
    "smoothing.softmax-half-lipschitz/attained": by_nlinarith,
    "smoothing.softmax-half-lipschitz/lipschitz": lipschitz,
}
