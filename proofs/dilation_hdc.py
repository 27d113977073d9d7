# SPDX-License-Identifier: BSD-3-Clause
"""Why the published test is the coverage criterion, for three taps and rates in ascending order.

Unrolled, the recursion is the largest of r_e − (S(e − 1) − S(i − 1)) over i ≤ e ≤ n, where S is the extent: that it
is at most 1 + S(i − 1) says that r_e ≤ 1 + S(e − 1) for all e ≥ i.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from sympy import Abs, Eq, Expr, Ge, Le, Lt, Max, Min, Ne, S
from sympy.core.relational import Relational

from ..theory import dilation_hdc as claims
from ..theory import dilation_terms as t
from ..theory.claim import Definition, ForAll, Sequent
from . import kernel
from .calc import equation
from .dilation_steps import about, extended
from .kernel import Given, Theorem
from .terms import substitute
from .verify import Proof, by_claim

STEPS = Ge(t.j, 0)
LATER = Le(t.e, t.n)


def _unfolded(definition: Definition, given: Given) -> Theorem:
    """M(j + 1, n) = max(…)."""
    return kernel.unfold(definition, 1, {t.j: t.j + 1, t.n: t.n}, given)


def _first(definition: Definition) -> Theorem:
    """M(0, n) = r_n."""
    return kernel.unfold(definition, 0, {t.n: t.n})


def at_least(goal: Sequent) -> Theorem:
    """The rate is one of the terms of the maximum."""
    relation = goal.relation
    step = kernel.nlinarith(substitute(relation, {t.j: t.j + 1}), [_unfolded(t.HDC, [STEPS])])
    base = kernel.nlinarith(substitute(relation, {t.j: S.Zero}), [_first(t.HDC)])
    return kernel.induction(relation, t.j, base, step)


def ascending(goal: Sequent) -> Theorem:
    """The middle term is at most the rate."""
    unfolded = kernel.unfold(t.HDC, 1, {t.j: t.j, t.n: t.n}, goal.hypotheses)
    return kernel.nlinarith(goal.relation, [unfolded, *goal.hypotheses])


def where(goal: Relational, fixed: Relational, prove: Callable[[Relational], Theorem]) -> Theorem:
    """A relation with a number on the right, by proving it with the value of ``fixed`` put in on the left."""
    left = kernel.rewrite(goal.lhs, kernel.assume(fixed))
    return kernel.trans(left, prove(goal.func(left.relation.rhs, goal.rhs, evaluate=False)))


def _rate_times_taps(kernels: ForAll | None, place: Expr) -> list[Theorem]:
    """r (k − 1) = 2r for three taps."""
    if kernels is None:
        return []
    three = kernel.specialize(kernels, {t.l: place})
    rate, taps = t.r[place], t.k[place]
    goal = equation(rate * (taps - 1), rate * (three.relation.rhs - 1))
    return [kernel.linear_combination(goal, [(rate, three)])]


@cache
def unrolled(definition: Definition, kernels: ForAll | None) -> Theorem:
    """M(j, n) ≥ r_e − (S(e − 1) − S(i − 1)) for i ≤ e ≤ n and i = n − j ≥ 1, as one maximum ≥ 1."""
    here = t.n - t.j
    value = definition(t.j, t.n) + t.extent(t.e - 1) - t.extent(here - 1) - t.r[t.e] + 1
    goal = Ge(Max(value, here - t.e, 1 - here), 1)
    after = substitute(goal, {t.j: t.j + 1})
    before = here - 1
    enough = Ge(before, 1)
    size = extended(before - 1, [enough])
    known = [_unfolded(definition, [STEPS]), size, *_rate_times_taps(kernels, before)]
    equal, other = Eq(t.e, before, evaluate=False), Ne(t.e, before, evaluate=False)
    this = where(after, equal, lambda g: kernel.nlinarith(g, known))
    rest = kernel.nlinarith(after, [kernel.assume(goal), other, enough, *known])
    inner = kernel.cases(equal, this, rest)
    step = kernel.cases(enough, inner, kernel.nlinarith(after, [Lt(before, 1)]))
    start = substitute(goal, {t.j: S.Zero})
    last, earlier = Eq(t.e, t.n, evaluate=False), Ne(t.e, t.n, evaluate=False)
    at_last = where(start, last, lambda g: kernel.nlinarith(g, [_first(definition)]))
    base = kernel.cases(last, at_last, kernel.nlinarith(start, [earlier, LATER]))
    return kernel.induction(goal, t.j, base, step)


def _covering(goal: Sequent, bound: Theorem, kernels: Theorem | None = None) -> Theorem:
    """The goal by the criterion, whose inequality ``bound`` shows for 0 ≤ e < n."""
    theorem = by_claim("dilation.coverage-criterion", "sufficient")
    here = kernel.instantiate(theorem, {t.L: t.n}, goal.hypotheses)
    here = kernel.discharge_all(here, t.criterion(t.n), bound)
    if kernels is not None:
        here = kernel.discharge_all(here, t.KERNELS, kernels)
    return kernel.discharge(here, kernel.nlinarith(Ge(t.n, 0), goal.hypotheses))


def _bound_from(definition: Definition, kernels: ForAll | None, steps: Expr, given: Given) -> Theorem:
    """The unrolled test after some steps, about r_{e+1}."""
    here = kernel.instantiate(unrolled(definition, kernels), {t.j: steps, t.e: t.e + 1}, given)
    for h in (Ge(steps, 0), Le(t.e + 1, t.n)):
        if h in here.hypotheses:
            here = kernel.discharge(here, kernel.nlinarith(h, given))
    return here


def corrected_sufficient(goal: Sequent) -> Theorem:
    """The test unrolled from the first layer."""
    deep, passed = goal.hypotheses[0], next(h for h in goal.hypotheses if isinstance(h, Le) and h.rhs == 1)
    given = [deep, passed, Ge(t.e, 0), Lt(t.e, t.n)]
    known = _bound_from(t.GAP, None, t.n - 1, given)
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    return _covering(goal, kernel.nlinarith(t.criterion(t.n).body, [known, start, *given]))


def sufficient(goal: Sequent) -> Theorem:
    """The test unrolled from the second layer; the first rate is 1."""
    deep, three = goal.hypotheses[0], about(goal, t.k)[0]
    one = next(h for h in goal.hypotheses if isinstance(h, Eq))
    passed = next(h for h in goal.hypotheses if isinstance(h, Le) and h.rhs == 3)
    given = [deep, passed, Ge(t.e, 0), Lt(t.e, t.n)]
    wanted = t.criterion(t.n).body
    known = _bound_from(t.HDC, three, t.n - 2, given)
    single = kernel.ring(equation(t.extent(S.One), t.r[1] * (t.k[1] - 1)))
    facts = [known, single, *_rate_times_taps(three, S.One), one, *given]
    none = Eq(t.e, 0, evaluate=False)
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    sides = [kernel.rewrite(side, kernel.assume(none)) for side in wanted.args]
    plain = wanted.func(*(s.relation.rhs for s in sides), evaluate=False)
    first = kernel.trans(sides[0], kernel.nlinarith(plain, [one, start]), kernel.symm(sides[1]))
    rest = kernel.nlinarith(wanted, [Ne(t.e, 0, evaluate=False), *facts])
    return _covering(goal, kernel.cases(none, first, rest), _kernels(three, t.KERNELS))


def _kernels(three: ForAll, wanted: ForAll) -> Theorem:
    return kernel.nlinarith(wanted.body, [kernel.specialize(three, {t.l: t.l})])


def _necessary_at(place: Expr, given: Given) -> Theorem:
    """r_{e+1} ≤ 1 + S(e) for a stack of n layers without holes."""
    here = kernel.instantiate(by_claim("dilation.coverage-criterion", "necessary"), {t.L: t.n, t.e: place}, given)
    for h in (Ge(place, 0, evaluate=False), Lt(place, t.n, evaluate=False)):
        here = kernel.discharge(here, kernel.nlinarith(h, given))
    return here


@cache
def at_most(deep: Relational) -> Theorem:
    """G(j, n) ≤ 1 + S(i − 1) for i = n − j ≥ 1 and a stack without holes, as one minimum ≤ 0."""
    here = t.n - t.j
    goal = Le(Min(t.GAP(t.j, t.n) - 1 - t.extent(here - 1), here), 0)
    after = substitute(goal, {t.j: t.j + 1})
    before, enough = here - 1, Ge(here - 1, 1)
    known = [
        _unfolded(t.GAP, [STEPS]),
        extended(before - 1, [enough]),
        _necessary_at(before - 1, [enough, STEPS, deep]),
        kernel.assume(goal),
        enough,
    ]
    step = kernel.cases(enough, kernel.nlinarith(after, known), kernel.nlinarith(after, [Lt(before, 1)]))
    first = [_first(t.GAP), _necessary_at(t.n - 1, [deep])]
    return kernel.induction(goal, t.j, kernel.nlinarith(substitute(goal, {t.j: S.Zero}), first), step)


def _at_most(steps: Expr, deep: Relational) -> Theorem:
    here = kernel.instantiate(at_most(deep), {t.j: steps}, [deep])
    wanted = Ge(steps, 0, evaluate=False)
    return kernel.discharge(here, kernel.nlinarith(wanted, [deep])) if wanted != deep else here


def corrected_necessary(goal: Sequent) -> Theorem:
    """The criterion holds for every layer, so the test unrolled stays below it."""
    deep = goal.hypotheses[0]
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    return kernel.nlinarith(goal.relation, [_at_most(t.n - 1, deep), start, deep])


@cache
def agreeing(three: ForAll, rates: ForAll, order: ForAll) -> Theorem:
    """M(j, n) = G(j, n) for j < n, as one minimum ≤ 0: no rate exceeds the gap that later layers leave."""
    here = t.n - t.j
    both = t.HDC(t.j, t.n), t.GAP(t.j, t.n)
    goal = Le(Min(Abs(both[0] - both[1]), here), 0)
    after = substitute(goal, {t.j: t.j + 1})
    enough = Ge(here - 1, 1)
    least = at_least(Sequent("", Ge(both[0], t.r[here])))
    sorted_here = kernel.specialize(order, {t.l: here - 1}, [enough])
    known = [_unfolded(d, [STEPS]) for d in (t.HDC, t.GAP)]
    facts = [*known, least, sorted_here, *_rate_times_taps(three, here - 1), kernel.assume(goal), enough]
    step = kernel.cases(enough, kernel.nlinarith(after, facts), kernel.nlinarith(after, [Lt(here - 1, 1)]))
    first = [_first(d) for d in (t.HDC, t.GAP)]
    return kernel.induction(goal, t.j, kernel.nlinarith(substitute(goal, {t.j: S.Zero}), first), step)


def _families_of(goal: Sequent) -> tuple[ForAll, ForAll, ForAll]:
    """Three taps; rates ≥ 1; ascending order."""
    rates = next(h for h in about(goal, t.r) if isinstance(h.body, Ge))
    order = next(h for h in about(goal, t.r) if h is not rates)
    return about(goal, t.k)[0], rates, order


def same_values(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, [agreeing(*_families_of(goal)), *goal.hypotheses])


def necessary(goal: Sequent) -> Theorem:
    """The corrected test stays below 1 + S(1) = 3, and it is the published one."""
    deep = goal.hypotheses[0]
    three, rates, order = _families_of(goal)
    later = kernel.nlinarith(Ge(t.n - 2, 0), [deep])
    equal = kernel.discharge(kernel.instantiate(agreeing(three, rates, order), {t.j: t.n - 2}, [deep]), later)
    single = kernel.ring(equation(t.extent(S.One), t.r[1] * (t.k[1] - 1)))
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    some = kernel.nlinarith(Ge(t.n, 1), [deep])
    bound = kernel.instantiate(at_most(some.relation), {t.j: t.n - 2}, [deep])
    bound = kernel.discharge(kernel.discharge(bound, some), later)
    first = _necessary_at(S.Zero, [deep])
    facts = [equal, bound, single, start, first, *_rate_times_taps(three, S.One), deep]
    result = kernel.nlinarith(goal.relation, facts)
    return kernel.discharge_all(result, t.WIDE, _kernels(three, t.WIDE))


def last_step(goal: Sequent) -> Theorem:
    """Between r_2 ≥ 1 and 3."""
    unfolded = kernel.unfold(t.HDC, 1, {t.j: t.n - 1, t.n: t.n}, goal.hypotheses)
    least = kernel.instantiate(at_least(Sequent("", Ge(t.HDC(t.j, t.n), t.r[t.n - t.j]))), {t.j: t.n - 2})
    least = kernel.discharge(least, kernel.nlinarith(Ge(t.n - 2, 0), goal.hypotheses))
    return kernel.nlinarith(goal.relation, [unfolded, least, *goal.hypotheses])


def example(goal: Sequent) -> Theorem:
    """One exact evaluation."""
    return kernel.decide(goal.relation, {}, claims.EXAMPLE.definitions)


PROOFS: Mapping[str, Proof] = {
    "dilation.hdc-recursion/at-least-the-rate": at_least,
    "dilation.hdc-recursion/ascending": ascending,
    "dilation.hdc-monotone-exact/sufficient": sufficient,
    "dilation.hdc-monotone-exact/necessary": necessary,
    "dilation.hdc-monotone-exact/step": last_step,
    "dilation.hdc-monotone-exact/same": same_values,
    "dilation.hdc-monotone-exact/corrected-sufficient": corrected_sufficient,
    "dilation.hdc-monotone-exact/corrected-necessary": corrected_necessary,
    "dilation.hdc-example": example,
}
