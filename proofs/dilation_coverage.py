# SPDX-License-Identifier: BSD-3-Clause
"""Why a stack of dilated convolutions covers its hull exactly if its sorted rates satisfy Brown's criterion.

Sufficient: the largest tap of the last layer that does not overshoot leaves a remainder in the hull of the
layers before. Necessary: a later, larger rate overshoots the first offset that the layers before do not reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Eq, Expr, Ge, Gt, Le, Lt, Max, Min, Ne, S, floor
from sympy.core.relational import Relational

from ..theory import dilation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .dilation_steps import (
    about,
    extended,
    families,
    from_start,
    hole_before,
    hole_outside,
    nonnegative_at,
    unfolded,
)
from .kernel import Given, Theorem
from .steps import inside
from .sums import one_term, vanishing
from .terms import substitute
from .verify import Proof


def outside(goal: Sequent) -> Theorem:
    """Every tap leads further from the hull."""
    _, offset = goal.relation.lhs.args
    find = (
        hole_before
        if any(h.rhs == 0 and h.lhs == offset for h in goal.hypotheses if isinstance(h, Lt))
        else hole_outside
    )
    return find(t.L, offset, goal.hypotheses)


# --- sufficient ----------------------------------------------------------------------------------------------------


@cache
def _digit() -> tuple[Theorem, ...]:
    """min(m, q), with q the quotient of o by r, is a tap and leaves a remainder in 0 … c, if r ≤ c + 1."""
    rate, most, whole, least = t.rate, t.a, t.q, t.c
    digit, rest = Min(most, whole), t.o - rate * Min(most, whole)
    given = [
        Ge(rate, 1),
        Ge(most, 0),
        Ge(t.o, 0),
        Le(whole * rate, t.o),
        Lt(t.o, (whole + 1) * rate),
        Le(rate, least + 1),
        Le(t.o, least + most * rate),
    ]
    natural = kernel.nlinarith(Ge(whole, 0), given[:5])
    goals = [Ge(digit, 0), Le(digit, most), Ge(rest, 0), Le(rest, least)]
    result = []
    for goal in goals:
        proofs = []
        for case in (Le(whole, most), Gt(whole, most)):
            product = kernel.nlinarith(case.func(rate * whole, rate * most), [case, given[0]])
            proofs.append(kernel.nlinarith(goal, [case, product, natural, *given]))
        result.append(kernel.cases(Le(whole, most), *proofs))
    return tuple(result)


def largest_digit(offset: Expr, rate: Expr, most: Expr, least: Expr, given: Given) -> tuple[Expr, list[Theorem]]:
    """The tap min(m, ⌊o/r⌋), and that it is a tap and leaves a remainder from 0 to ``least``, if r ≤ least + 1."""
    whole = floor(offset / rate)
    near = [
        kernel.nlinarith(Le(whole * rate, offset, evaluate=False), given),
        kernel.nlinarith(Lt(offset, (whole + 1) * rate, evaluate=False), given),
    ]
    values = {t.rate: rate, t.a: most, t.q: whole, t.c: least, t.o: offset}
    found = []
    for theorem in _digit():
        here = kernel.instantiate(theorem, values, given)
        for h in {substitute(h, values) for h in theorem.hypotheses} - set(given):
            here = kernel.discharge(here, kernel.nlinarith(h, [*near, *given]))
        found.append(here)
    return Min(most, whole), found


@cache
def greedy(bound: ForAll, *rest: ForAll) -> Theorem:
    """Max(P(n, o), −o, o − S(n), n − L) ≥ 1: up to depth L, every offset of the hull is covered."""
    goal = Ge(Max(t.PATHS(t.n, t.o), -t.o, t.o - t.extent(t.n), t.n - t.L), 1)
    deeper = Ge(t.n, 0)
    after = substitute(goal, {t.n: t.n + 1})
    size, rate = extended(t.n, [deeper]), t.r[t.n + 1]
    facts: list[Relational | ForAll] = [deeper, Le(t.n + 1, t.L), Ge(t.o, 0), Le(t.o, t.extent(t.n + 1)), *rest]
    small = kernel.specialize(bound, {t.e: t.n}, facts)
    digit, known = largest_digit(t.o, rate, t.k[t.n + 1] - 1, t.extent(t.n), [small, size, *facts])
    below = known[2].relation.lhs
    before = kernel.specialize(ForAll((t.o,), goal), {t.o: below}, [*known, *facts])
    reached = kernel.nlinarith(Ge(t.PATHS(t.n, below), 1), [before, *known, *facts])
    once = unfolded(t.PATHS, t.n + 1, t.o, [deeper])
    counts = nonnegative_at(t.n, t.o - t.t * rate, [deeper])
    term = one_term(once.relation.rhs, digit, counts, [*known, *facts])
    inner = kernel.nlinarith(after, [reached, once, term])
    for h in reversed(facts[1:4]):
        no = {Le: Gt, Ge: Lt}[h.func](*h.args, evaluate=False)
        inner = kernel.cases(h, inner, kernel.nlinarith(after, [no]))
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    return kernel.induction(goal, t.n, from_start(substitute(goal, {t.n: S.Zero}), [start]), inner)


def sufficient(goal: Sequent) -> Theorem:
    """The greedy taps, at the full depth."""
    bound = next(h for h in families(goal) if h.variables == (t.e,))
    rest = [h for h in families(goal) if h is not bound]
    here = kernel.instantiate(greedy(bound, *rest), {t.n: t.L}, goal.hypotheses)
    return kernel.nlinarith(goal.relation, [here, *goal.hypotheses])


# --- necessary -----------------------------------------------------------------------------------------------------


@cache
def later_rates(order: ForAll, start: Relational) -> Theorem:
    """n ≥ e ⊢ r_{e+1} ≤ r_{n+1}, for sorted rates."""
    goal = Le(t.r[t.e + 1], t.r[t.n + 1])
    one_more = kernel.specialize(order, {t.l: t.n + 1}, [start, Ge(t.n, t.e)])
    step = kernel.nlinarith(substitute(goal, {t.n: t.n + 1}), [kernel.assume(goal), one_more])
    base = kernel.nlinarith(Le(t.r[t.e + 1], t.r[t.e + 1], evaluate=False))
    return kernel.induction(goal, t.n, base, step, t.e)


@cache
def overshot(order: ForAll, rates: ForAll, start: Relational, gap: Relational) -> Theorem:
    """n ≥ e ⊢ P(n, 1 + S(e)) = 0: tap 0 leads to the same offset, and every other tap below 0."""
    offset = 1 + t.extent(t.e)
    goal = equation(t.PATHS(t.n, offset), S.Zero)
    deeper = Ge(t.n, t.e)
    once = unfolded(t.PATHS, t.n + 1, offset, [deeper, start])
    total, rate = once.relation.rhs, t.r[t.n + 1]
    bounds = inside(total)
    larger = later_rates(order, start)
    none, some = Eq(t.t, 0, evaluate=False), Ne(t.t, 0, evaluate=False)
    same_place = kernel.congr(t.PATHS(t.n, offset - rate * t.h), t.h, kernel.assume(none))
    stay = kernel.trans(same_place, kernel.assume(goal))
    facts = [larger, deeper, start, gap, some, *bounds, rates]
    product = kernel.nlinarith(Ge(rate * t.t, rate), facts)
    leave = hole_before(t.n, offset - rate * t.t, [product, *facts])
    each = kernel.cases(none, stay, leave)
    step = kernel.trans(once, vanishing(total, each))
    base = hole_outside(t.e, offset, [rates, start])
    return kernel.induction(goal, t.n, base, step, t.e)


def hole(goal: Sequent) -> Theorem:
    """The first offset that the layers before do not reach, at the full depth."""
    order = next(h for h in about(goal, t.r) if isinstance(h.body, Le))
    rates = next(h for h in about(goal, t.r) if h is not order)
    start, _, gap = (h for h in goal.hypotheses if isinstance(h, Relational))
    return kernel.instantiate(overshot(order, rates, start, gap), {t.n: t.L}, goal.hypotheses)


@cache
def wider(kernels: ForAll, rates: ForAll) -> Theorem:
    """n ≥ e + 1 ⊢ S(n) ≥ S(e) + r_{e+1}: every layer adds at least its rate."""
    goal = Ge(t.extent(t.n), t.extent(t.e) + t.r[t.e + 1])
    start, deeper = Ge(t.e, 0), Ge(t.n, t.e + 1)

    def grown(depth: Expr, given: Given) -> list[Theorem]:
        rate, taps = t.r[depth + 1], t.k[depth + 1]
        positive = kernel.nlinarith(Ge(rate, 1), [rates, *given])
        added = kernel.nlinarith(Ge(rate * (taps - 1), rate), [kernels, positive])
        return [extended(depth, given), positive, added]

    base = kernel.nlinarith(substitute(goal, {t.n: t.e + 1}), grown(t.e, [start]))
    more = [kernel.assume(goal), *grown(t.n, [start, deeper])]
    return kernel.induction(goal, t.n, base, kernel.nlinarith(substitute(goal, {t.n: t.n + 1}), more), t.e + 1)


def hole_in_the_hull(goal: Sequent) -> Theorem:
    """The hull grows by at least a rate."""
    kernels, rates = (about(goal, family)[0] for family in (t.k, t.r))
    here = kernel.instantiate(wider(kernels, rates), {t.n: t.L}, goal.hypotheses)
    here = kernel.discharge(here, kernel.nlinarith(Ge(t.L, t.e + 1), goal.hypotheses))
    return kernel.nlinarith(goal.relation, [here, *goal.hypotheses])


def necessary(goal: Sequent) -> Theorem:
    """Otherwise there is a hole, which lies in the hull."""
    kernels = about(goal, t.k)[0]
    rates = next(h for h in about(goal, t.r) if isinstance(h.body, Ge))
    order = next(h for h in about(goal, t.r) if isinstance(h.body, Le) and h is not rates)
    cover = next(h for h in families(goal) if h.variables == (t.o,))
    start, within = (h for h in goal.hypotheses if isinstance(h, Relational))
    gap = Gt(*goal.relation.args, evaluate=False)
    offset = gap.rhs
    none = kernel.instantiate(overshot(order, rates, start, gap), {t.n: t.L}, [start, within])
    none = kernel.discharge(none, kernel.nlinarith(Ge(t.L, t.e), [start, within]))
    inner = Sequent("", Le(offset, t.extent(t.L), evaluate=False), (kernels, rates, start, within))
    low = kernel.positivity(Ge(t.extent(t.e), 0, evaluate=False), [kernels, rates])
    positive = kernel.nlinarith(Ge(offset, 0, evaluate=False), [low])
    some = kernel.specialize(cover, {t.o: offset}, [hole_in_the_hull(inner), positive])
    refuted = kernel.contradiction(goal.relation, [none, some])
    return kernel.cases(goal.relation, kernel.assume(goal.relation), refuted)


PROOFS: Mapping[str, Proof] = {
    "dilation.coverage-criterion/before": outside,
    "dilation.coverage-criterion/after": outside,
    "dilation.coverage-criterion/sufficient": sufficient,
    "dilation.coverage-criterion/necessary": necessary,
    "dilation.coverage-criterion/hole": hole,
    "dilation.coverage-criterion/hole-in-the-hull": hole_in_the_hull,
}
