# SPDX-License-Identifier: BSD-3-Clause
"""Why one dilated convolution is an ordinary one with zeros inserted, or on each phase, and two commute."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Abs, Eq, Expr, Function, Ge, Lambda, Le, Lt, Min, Ne, S, Sum
from sympy.core.relational import Relational

from ..theory import dilation_terms as t
from ..theory.claim import Definition, ForAll, Sequent
from . import kernel
from .calc import equation
from .dilation_steps import by_nlinarith, families, unfolded
from .kernel import Given, Theorem
from .receptive_field_layers import counted, remainders
from .steps import by_ring, inside
from .sums import only_term, turned_round, vanishing
from .terms import Undecided, binder, substitute
from .verify import Proof

_f = Function("f")


def impulse(goal: Sequent) -> Theorem:
    """Only the tap a meets the impulse."""
    plain = [h for h in goal.hypotheses if isinstance(h, Relational)]
    at_zero = next(h for h in plain if h.lhs == t.F[0])
    total = goal.relation.lhs
    meets, rate = t.rate * t.a - t.rate * t.t, next(h for h in plain if h.lhs == t.rate)
    zeros = []
    for family, near in zip(families(goal), (Lt(t.t, t.a), Lt(t.a, t.t)), strict=True):
        sign = family.conditions[0].func(meets, 0)
        product = kernel.nlinarith(sign.func(t.rate * (t.a - t.t), 0), [near, rate])
        away = kernel.nlinarith(sign, [product])
        none = kernel.specialize(family, {t.i: meets}, [away])
        zeros.append(kernel.linear_combination(equation(total.function, S.Zero), [(t.w[t.t], none)]))
    bounds = [h for h in plain if h is not at_zero]
    before, after = zeros
    single = only_term(total, t.a, before, after, bounds)
    left = single.relation.rhs
    return kernel.trans(
        single, kernel.linear_combination(equation(left, goal.relation.rhs), [(t.w[t.a], kernel.assume(at_zero))])
    )


def correlation(goal: Sequent) -> Theorem:
    """The taps in the opposite order."""
    turned = turned_round(goal.relation.lhs, goal.hypotheses)
    return kernel.trans(turned, kernel.ring(equation(turned.relation.rhs, goal.relation.rhs), goal.hypotheses))


# --- zeros between the taps ----------------------------------------------------------------------------------------


@cache
def inserted(values: ForAll, zeros: ForAll) -> Theorem:
    """Σ_{u=0}^{ρ N} f(u) v(u) = Σ_{t=0}^{N} f(ρ t) v(ρ t), N ≥ 0: a space of ρ − 1 zeros before each new tap."""
    count, rate = Ge(t.M, 0), Ge(t.rate, 1)
    body = _f(t.u) * t.v[t.u]
    value = values.body.rhs
    goal = equation(Sum(body, (t.u, 0, t.rate * t.M)), Sum(_f(t.rate * t.t) * value, (t.t, 0, t.M)))
    after = substitute(goal, {t.M: t.M + 1})
    facts = [count, rate, kernel.nlinarith(Ge(t.rate * t.M, 0), [count, rate])]
    longer = Sum(body, (t.u, 0, t.rate * t.M + t.rate))
    cut = kernel.split(longer, t.rate * t.M, facts)
    block = next(p for p in cut.relation.rhs.args if binder(p)[2] != 0)
    last = kernel.split(block, t.rate * t.M + t.rate - 1, facts)
    gap = next(p for p in last.relation.rhs.args if binder(p)[2] == t.rate * t.M + 1)
    end = next(p for p in last.relation.rhs.args if p is not gap)
    where = t.u - t.rate * t.M
    bounds = inside(gap)
    within = [kernel.nlinarith(Ge(where, 1), bounds), kernel.nlinarith(Lt(where, t.rate), bounds)]
    none = kernel.specialize(zeros, {t.t: t.M, t.d: where}, within)
    empty = vanishing(gap, kernel.linear_combination(equation(body, S.Zero), [(_f(t.u), none)]))
    top = t.rate * t.M + t.rate
    single = kernel.ring(equation(end, substitute(body, {t.u: top})))
    here = kernel.specialize(values, {t.t: t.M + 1})
    place = kernel.ring(equation(top, t.rate * (t.M + 1)))
    moved = kernel.congr(substitute(body, {t.u: t.h}), t.h, place)
    tap = _f(t.rate * (t.M + 1))
    same_range = kernel.ring(equation(after.lhs, longer), facts)
    links = [(S.One, th) for th in (same_range, cut, last, empty, single, moved, kernel.assume(goal))]
    step = kernel.linear_combination(after, [*links, (tap, here)], facts)
    first = kernel.specialize(values, {t.t: S.Zero})
    base = kernel.linear_combination(substitute(goal, {t.M: S.Zero}), [(_f(0), first)])
    return kernel.induction(goal, t.M, base, step)


def zero_inserted(goal: Sequent) -> Theorem:
    """The sum with zeros between the taps, for the factor of v(u) in the goal."""
    values, zeros = families(goal)
    total = goal.relation.lhs
    body, index, _, _ = binder(total)
    factor = substitute(body / t.v[index], {index: t.u})
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    here = kernel.instantiate(inserted(values, zeros), {_f: Lambda(t.u, factor), t.M: t.K - 1}, given)
    here = kernel.discharge(here, kernel.nlinarith(Ge(t.K - 1, 0), given))
    return (
        here
        if here.relation == goal.relation
        else kernel.trans(
            kernel.ring(equation(goal.relation.lhs, here.relation.lhs), given),
            here,
            kernel.ring(equation(here.relation.rhs, goal.relation.rhs), given),
        )
    )


def nonempty_ring(goal: Sequent) -> Theorem:
    """``ring``, knowing that the taps reach no less far than nothing."""
    product = kernel.nlinarith(Ge(t.rate * (t.K - 1), 0), goal.hypotheses)
    return kernel.ring(goal.relation, [product, *goal.hypotheses])


# --- two layers ----------------------------------------------------------------------------------------------------


def exchanged(goal: Sequent) -> Theorem:
    """Both are the double sum, in one order and in the other."""
    left, right = goal.relation.args
    body, weights = t.F[t.p - t.rate * t.t - t.rate_other * t.h], t.w[t.t] * t.v[t.h]
    rows, columns = (t.t, 0, t.K - 1), (t.h, 0, t.M - 1)
    first = Sum(Sum(body * weights, rows), columns)
    second = Sum(Sum(body * weights, columns), rows)
    return kernel.trans(
        kernel.ring(equation(left, first)),
        kernel.swap(first),
        kernel.ring(equation(second, right)),
    )


def phase(goal: Sequent) -> Theorem:
    """Term by term: the places are the same."""
    total = goal.relation.lhs
    right = goal.relation.rhs
    places = [side.function / t.w[t.t] for side in (total, right)]
    here = kernel.ring(equation(*(p.indices[0] for p in places)))
    moved = kernel.congr(t.F[t.h] * t.w[t.t], t.h, here)
    return kernel.termwise(moved, t.t, *total.limits[0][1:])


# --- the order of layers in a stack --------------------------------------------------------------------------------


def _at(goal: Sequent, family: Expr, place: Expr) -> Theorem:
    """What the hypotheses say about a family at one of the two layers."""
    return kernel.assume(next(h for h in goal.hypotheses if isinstance(h, Relational) and h.lhs == family[place]))


def _elsewhere(goal: Sequent, family: Expr, place: Expr, given: Given) -> Theorem:
    """That the families agree at another layer, which the facts put before or behind the two."""
    for h in families(goal):
        if h.body.lhs.base == family:
            try:
                return kernel.specialize(h, {t.l: place}, given)
            except Undecided:
                continue
    raise Undecided(f"nothing is known of {family} at {place}")


def _joined(goal: Sequent, depth: Expr, each: Theorem, given: Given) -> Theorem:
    """Q(n + 1, o) = P(n + 1, o) from "Q(n, o − r t) = P(n, o − r t)", where the layers n + 1 agree."""
    other = unfolded(t.PATHS_OTHER, depth + 1, t.o, given)
    mine = unfolded(t.PATHS, depth + 1, t.o, given)
    rate, size = (_elsewhere(goal, f, depth + 1, given) for f in (t.r_other, t.k_other))
    renamed = kernel.rewrite(other.relation.rhs, rate, given)
    again = kernel.rewrite(renamed.relation.rhs, size, given)
    sums = kernel.termwise(each, t.t, S.Zero, t.k[depth + 1] - 1)
    return kernel.trans(other, renamed, again, sums, kernel.symm(mine))


def _before(goal: Sequent) -> Theorem:
    """Min(|Q(n, o) − P(n, o)|, j − n) ≤ 0: before layer j the stacks are the same."""
    both = t.PATHS_OTHER(t.n, t.o), t.PATHS(t.n, t.o)
    relation = Le(Min(Abs(both[0] - both[1]), t.j - t.n), 0)
    after = substitute(relation, {t.n: t.n + 1})
    deep, early = Ge(t.n, 0), Lt(t.n + 1, t.j)
    offset = t.o - t.t * t.r[t.n + 1]
    here = kernel.specialize(ForAll((t.o,), relation), {t.o: offset})
    each = kernel.nlinarith(equation(*(f(t.n, offset) for f in (t.PATHS_OTHER, t.PATHS))), [here, early])
    more = _joined(goal, t.n, each, [deep, early])
    late = kernel.nlinarith(after, [Ge(*early.args)])
    step = kernel.cases(early, kernel.nlinarith(after, [more]), late)
    return kernel.induction(relation, t.n, _both_start(substitute(relation, {t.n: S.Zero})), step)


def _both_start(goal: Relational) -> Theorem:
    """Both stacks without layers have one path, to 0."""
    none, some = Eq(t.o, 0, evaluate=False), Ne(t.o, 0, evaluate=False)
    yes, no = [], []
    for paths in (t.PATHS, t.PATHS_OTHER):
        moved = kernel.congr(paths(S.Zero, t.h), t.h, kernel.assume(none))
        yes += [moved, kernel.unfold(paths, 0, {})]
        no.append(kernel.unfold(paths, 1, {t.o: t.o}, [some]))
    return kernel.cases(none, kernel.nlinarith(goal, yes), kernel.nlinarith(goal, no))


def _two_more(paths: Definition, given: Given) -> Theorem:
    """P(j + 1, o) as a double sum over the taps of the layers j + 1 and j."""
    outer = unfolded(paths, t.j + 1, t.o, given)
    body, index, lower, upper = binder(outer.relation.rhs)
    inner = unfolded(paths, t.j, body.args[1], given)
    return kernel.trans(outer, kernel.termwise(inner, index, lower, upper))


def _exchanged(goal: Sequent, given: Given) -> Theorem:
    """Q(j + 1, o) = P(j + 1, o): the two sums in the other order, and the layers below agree."""
    other, mine = (_two_more(paths, given) for paths in (t.PATHS_OTHER, t.PATHS))
    chain, facts = other, list(given)
    for family in (t.r_other, t.k_other):
        for place in (t.j, t.j + 1):
            link = kernel.rewrite(chain.relation.rhs, _at(goal, family, place), facts)
            chain = kernel.trans(chain, link)
    inner, row, low, high = binder(chain.relation.rhs)
    body, column, first, last = binder(inner)
    below = kernel.instantiate(_before(goal), {t.n: t.j - 1, t.o: body.args[1]}, facts)
    below = kernel.discharge(below, kernel.nlinarith(Ge(t.j - 1, 0), facts))
    each = kernel.nlinarith(equation(body, t.PATHS(*body.args)), [below])
    rows = kernel.termwise(kernel.termwise(each, column, first, last), row, low, high)
    swapped = kernel.swap(rows.relation.rhs)
    back = kernel.symm(mine)
    names = kernel.trans(chain, rows, swapped)
    moved = kernel.ring(equation(names.relation.rhs, back.relation.lhs), facts)
    return kernel.trans(names, moved, back)


def stack(goal: Sequent) -> Theorem:
    """Induction from layer j + 1: further layers agree."""
    relation, first = substitute(goal.relation, {t.L: t.n}), goal.hypotheses[0]
    deep = Ge(t.n, t.j + 1)
    known = kernel.specialize(ForAll((t.o,), relation), {t.o: t.o - t.t * t.r[t.n + 1]})
    step = _joined(goal, t.n, known, [deep, first])
    base = _exchanged(goal, [first])
    everything = kernel.induction(relation, t.n, base, step, t.j + 1)
    return kernel.instantiate(everything, {t.n: t.L})


PROOFS: Mapping[str, Proof] = {
    "dilation.definition/impulse": impulse,
    "dilation.definition/correlation": correlation,
    "dilation.zero-insertion": zero_inserted,
    "dilation.effective-kernel/zeros-added": by_ring,
    "dilation.effective-kernel/positions": nonempty_ring,
    "dilation.same-cost/weights": zero_inserted,
    "dilation.same-cost/products": by_ring,
    "dilation.same-cost/with-zeros": nonempty_ring,
    "dilation.output-size": by_nlinarith,
    "dilation.output-size/number": counted,
    "dilation.commute/two-layers": exchanged,
    "dilation.commute/stack": stack,
    "dilation.space-to-batch/phase": phase,
    "dilation.space-to-batch/once": remainders,
    "dilation.space-to-batch": by_nlinarith,
}
