# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_floor`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, Limit, S, Sum, exp, floor, oo
from sympy.core.relational import Ge, Gt, Le, Lt

from ..theory import smoothing_terms as t
from ..theory.claim import Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .smoothing_steps import at, by_nlinarith, inside, positive, ranged
from .terms import substitute
from .verify import Proof, by_claim

_FLOOR = floor(t.u)
_Part = tuple[Expr, Expr, Expr, Expr]  # term, value, first and last index


_BELOW = (Lt(t.l, t.u, evaluate=False), Lt(t.u, t.l + 1, evaluate=False))
_CUT = (Le(-t.N, t.l, evaluate=False), Le(t.l, t.N, evaluate=False))


def at_floor(theorem: Theorem, given: Given) -> Theorem:
    """What holds for the integer l with l < u < l + 1 holds for ⌊u⌋."""
    placed = kernel.instantiate(theorem, {t.l: _FLOOR}, given)
    for h in _BELOW:
        here = substitute(h, {t.l: _FLOOR})
        placed = kernel.discharge(placed, kernel.nlinarith(here, given))
    return placed


def steps(goal: Sequent) -> Theorem:
    """Each side is cut at l = ⌊u⌋: the steps before it are 1, those after it 0."""
    condition = Ge(t.l, 0, evaluate=False)
    sides = []
    for known, low_part, high_part in (
        (condition, None, t.l),
        (Lt(t.l, 0, evaluate=False), -t.l - 1, None),
    ):
        given = [*_BELOW, *_CUT, known]
        first = valued(lambda e: t.step(t.u + e) - 1, (S.NegativeOne, S.Zero), (S.Zero, low_part, t.N - 1), given)
        second = valued(lambda e: t.step(t.u - e), (S.One, S.Zero), (S.One, high_part, t.N), given)
        parts = [(S.NegativeOne, first), (S.NegativeOne, second)]
        sides.append(kernel.linear_combination(equation(t.l, t.floor_sum(t.N)), parts, given))
    return at_floor(kernel.cases(condition, sides[0], sides[1]), goal.hypotheses)


def valued(
    term: Callable[[Expr], Expr], values: tuple[Expr, Expr], limits: tuple[Expr, Expr | None, Expr], given: Given
) -> Theorem:
    """Σ of terms that have one value up to the cut and the other after it; without a cut all have the second."""
    low, cut, high = limits
    if cut is None:
        return one_valued(term, values[1], low, high, given)
    halves = kernel.split(ranged(term, low, high), cut, given)
    left = one_valued(term, values[0], low, cut, given)
    right = one_valued(term, values[1], cut + 1, high, given)
    end = values[0] * (cut - low + 1)
    return kernel.linear_combination(
        equation(halves.relation.lhs, end), [(S.One, halves), (S.One, left), (S.One, right)], given
    )


def one_valued(term: Callable[[Expr], Expr], value: Expr, low: Expr, high: Expr, given: Given) -> Theorem:
    """Σ value = value · (number of terms)."""
    body = kernel.nlinarith(equation(term(t.i), value), [*given, *inside(low, high)])
    sums = kernel.termwise(body, t.i, low, high)
    end = S.Zero if value == 0 else value * (high - low + 1)
    return kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, end), given))


def tends(goal: Sequent) -> Theorem:
    """After the same cuts every sigmoid has a limit."""
    target = goal.relation.lhs
    condition = Ge(t.l, 0, evaluate=False)
    found = []
    for known in (condition, Lt(t.l, 0, evaluate=False)):
        given = [*_BELOW, *_CUT, known]
        up = known is condition
        first = ranged(lambda e: t.sigmoid(t.k * (t.u + e)) - 1, S.Zero, t.N - 1)
        second = ranged(lambda e: t.sigmoid(t.k * (t.u - e)), S.One, t.N)
        halves = kernel.split(second if up else first, t.l if up else -t.l - 1, given)
        other = first if up else second
        whole = kernel.linear_combination(
            equation(target.args[0], other + halves.relation.rhs), [(S.One, halves)], given
        )
        value = kernel.limit(equation(Limit(whole.relation.rhs, t.k, oo), t.l), given)
        found.append(kernel.limit_congr(whole, value, given))
    return at_floor(kernel.cases(condition, found[0], found[1]), goal.hypotheses)


def step_error(goal: Sequent) -> Theorem:
    """|σ(v) − θ(v)| = e^(−|v|)/(1 + e^(−|v|))."""
    given = goal.hypotheses
    condition = Gt(t.u, 0, evaluate=False)
    found = []
    for known, sign in ((condition, S.One), (Le(t.u, 0, evaluate=False), S.NegativeOne)):
        facts = [*given, known]
        size = kernel.nlinarith(equation(goal.relation.rhs.args[0], -sign * t.k * t.u), facts)
        small = exp(-sign * t.k * t.u)
        right = kernel.congr(exp(t.v), t.v, size)
        jump = kernel.nlinarith(equation(t.step(t.u), (1 + sign) / 2), facts)
        level = kernel.ring(equation(t.sigmoid(t.k * t.u), (1 + sign) / 2 - sign * small / (1 + small)))
        lemma = kernel.nlinarith(
            Le(abs(t.q - t.r), t.w, evaluate=False),
            [
                equation(t.q, (1 + sign) / 2 - sign * t.v / (1 + t.v)),
                equation(t.r, (1 + sign) / 2),
                Gt(t.v, 0),
                equation(t.w, t.v),
            ],
        )
        values = {t.q: t.sigmoid(t.k * t.u), t.r: t.step(t.u), t.v: small, t.w: goal.relation.rhs}
        found.append(at(lemma, values, (level, jump, positive(small, ()), right), facts))
    return kernel.cases(condition, found[0], found[1])


def tail(goal: Sequent) -> Theorem:
    """σ(k(u − i)) ≤ e^(k(u − i)), and Σ e^(−ki) = (1 − e^(−km))/(e^k − 1) by induction."""
    small = exp(t.k * (t.u - t.i))
    lemma = kernel.nlinarith(Le(1 / (1 + 1 / t.v), t.v, evaluate=False), [Gt(t.v, 0)])
    placed = at(lemma, {t.v: small}, (positive(small, ()),))
    same = kernel.ring(equation(t.sigmoid(t.k * (t.u - t.i)), placed.relation.lhs))
    sums = kernel.termwise(kernel.trans(same, placed), t.i, t.N + 1, t.N + t.m)
    above = kernel.assume(t.SHARP)
    grown = kernel.monotone("exp", above)
    nonzero = kernel.nlinarith(Gt(exp(t.k) - 1, 0, evaluate=False), [grown])
    known = [nonzero.relation]
    closed = equation(
        Sum(exp(t.k * (t.u - t.i)), (t.i, t.N + 1, t.N + t.m)),
        exp(t.k * (t.u - t.N)) * (1 - exp(-t.k * t.m)) / (exp(t.k) - 1),
    )
    base = kernel.ring(substitute(closed, {t.m: S.Zero}), known)
    step = kernel.linear_combination(
        substitute(closed, {t.m: t.m + 1}), [(S.One, kernel.assume(closed))], [*known, Ge(t.m, 0)]
    )
    total = kernel.discharge(kernel.induction(closed, t.m, base, step), nonzero)
    head, share = exp(t.k * (t.u - t.N)), exp(-t.k * t.m)
    bound = kernel.nlinarith(Le(t.u * (1 - t.v) / t.w, t.u / t.w, evaluate=False), [Gt(t.u, 0), Gt(t.v, 0), Gt(t.w, 0)])
    end = at(
        bound,
        {t.u: head, t.v: share, t.w: exp(t.k) - 1},
        (positive(head, ()), positive(share, ()), nonzero),
        [nonzero],
    )
    return kernel.trans(sums, total, end)


def telescoping(goal: Sequent) -> Theorem:
    """Induction on the number of terms."""
    base = kernel.ring(substitute(goal.relation, {t.N: S.Zero}))
    step = kernel.linear_combination(
        substitute(goal.relation, {t.N: t.N + 1}), [(S.One, kernel.assume(goal.relation))], [Ge(t.N, 0)]
    )
    return kernel.induction(goal.relation, t.N, base, step)


def doubled(goal: Sequent) -> Theorem:
    """One more step, at n = 0."""
    given = goal.hypotheses
    known = by_claim("smoothing.floor", "steps")
    more = kernel.nlinarith(Ge(t.N, 0, evaluate=False), given)
    halves = kernel.split(ranged(lambda e: t.step(t.u - e), S.Zero, t.N), S.Zero, [*given, more])
    single = kernel.ring(equation(ranged(lambda e: t.step(t.u - e), S.Zero, S.Zero), t.step(t.u)), given)
    return kernel.nlinarith(goal.relation, [*given, known, halves, single])


PROOFS: Mapping[str, Proof] = {
    "smoothing.floor/steps": steps,
    "smoothing.floor/limit": tends,
    "smoothing.floor/error": step_error,
    "smoothing.floor/tail": tail,
    "smoothing.floor/telescoping": telescoping,
    "smoothing.floor-double-count/what-it-is": doubled,
    "smoothing.floor-double-count/indicator": by_nlinarith,
    "smoothing.floor-double-count/misprint": by_nlinarith,
}
