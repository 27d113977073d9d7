# SPDX-License-Identifier: BSD-3-Clause
"""Why rates with a common factor make independent networks, and why two axes are covered one by one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Abs, Eq, Expr, Ge, Gt, Lambda, Le, Limit, Lt, Max, Min, Ne, S, floor
from sympy.core.relational import Relational

from ..theory import dilation_coverage as claims
from ..theory import dilation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .dilation_coverage import wider
from .dilation_steps import (
    LAYERS,
    about,
    families,
    nonnegative,
    nonnegative_at,
    unfolded,
)
from .kernel import Given, Theorem
from .receptive_field_layers import quotient
from .steps import rewriting
from .sums import factored, one_term, vanishing
from .terms import binder, substitute
from .verify import Proof, by_claim

# --- two axes ------------------------------------------------------------------------------------------------------


def two_axes(goal: Sequent) -> Theorem:
    """Induction for all offsets at once: the double sum of products is the product of the sums."""
    relation = goal.relation
    after = substitute(relation, {t.L: t.L + 1})
    once = kernel.unfold(t.PATHS_2D, 2, {t.n: t.L + 1, t.o: t.o, t.u: t.u}, [LAYERS])
    rows = unfolded(t.PATHS, t.L + 1, t.o, [LAYERS])
    columns = unfolded(t.PATHS_OTHER, t.L + 1, t.u, [LAYERS])
    total = once.relation.rhs
    inner, row, low, high = binder(total)
    body, column, first, last = binder(inner)
    known = kernel.specialize(ForAll((t.o, t.u), relation), {t.o: body.args[1], t.u: body.args[2]})
    each = kernel.termwise(known, column, first, last)
    apart = factored(known.relation.rhs.args[_of(known.relation.rhs, t.PATHS)], columns.relation.rhs)
    line = kernel.trans(each, apart)
    lines = kernel.termwise(line, row, low, high)
    out = factored(columns.relation.rhs, rows.relation.rhs)
    opened = kernel.trans(once, lines, out)
    left = kernel.rewrite(after.rhs, rows)
    right = kernel.rewrite(left.relation.rhs, columns)
    step = kernel.trans(opened, kernel.symm(kernel.trans(left, right)))
    return kernel.induction(relation, t.L, _two_axes_start(substitute(relation, {t.L: S.Zero})), step)


def _of(product: Expr, paths: object) -> int:
    return next(k for k, e in enumerate(product.args) if str(e.func) == paths.name)  # type: ignore[attr-defined]


def _two_axes_start(goal: Relational) -> Theorem:
    """One path to (0, 0), none elsewhere."""
    zeros = [Eq(v, 0, evaluate=False) for v in (t.o, t.u)]
    others = [Ne(v, 0, evaluate=False) for v in (t.o, t.u)]
    away = Ge(Abs(t.o) + Abs(t.u), 1)

    def elsewhere(facts: list[Relational]) -> Theorem:
        far = kernel.nlinarith(away, facts)
        return kernel.discharge(kernel.unfold(t.PATHS_2D, 1, {t.o: t.o, t.u: t.u}, [away]), far)

    def factor(paths: object, at: Expr, zero: Relational | None) -> Theorem:
        if zero is None:
            return kernel.unfold(paths, 1, {t.o: at}, [Ne(at, 0, evaluate=False)])  # type: ignore[arg-type]
        moved = kernel.congr(paths(0, t.h), t.h, kernel.assume(zero))  # type: ignore[operator]
        return kernel.trans(moved, kernel.unfold(paths, 0, {}))  # type: ignore[arg-type]

    def case(row: Relational | None, column: Relational | None) -> Theorem:
        facts = [other if z is None else z for z, other in zip((row, column), others, strict=True)]
        values = [factor(t.PATHS, t.o, row), factor(t.PATHS_OTHER, t.u, column)]
        if row is not None and column is not None:
            there = kernel.rewrite(t.PATHS_2D(0, t.o, t.u), kernel.assume(row))
            there = kernel.trans(there, kernel.rewrite(there.relation.rhs, kernel.assume(column)))
            whole = kernel.trans(there, kernel.unfold(t.PATHS_2D, 0, {}))
        else:
            whole = elsewhere(facts)
        product = rewriting(equation(goal.rhs, whole.relation.rhs), values)
        return kernel.trans(whole, kernel.symm(product))

    return kernel.cases(
        zeros[0],
        kernel.cases(zeros[1], case(zeros[0], zeros[1]), case(zeros[0], None)),
        kernel.cases(zeros[1], case(None, zeros[1]), case(None, None)),
    )


def one_axis(goal: Sequent) -> Theorem:
    """From the product: counts are not negative."""
    product = two_axes(Sequent("", equation(t.PATHS_2D(t.L, t.o, t.u), t.PATHS(t.L, t.o) * t.PATHS_OTHER(t.L, t.u))))
    rows = nonnegative(t.PATHS)
    columns = kernel.instantiate(nonnegative(t.PATHS_OTHER), {t.o: t.u})
    return kernel.nlinarith(goal.relation, [product, rows, columns, *goal.hypotheses])


# --- a common factor -----------------------------------------------------------------------------------------------


@cache
def off_the_lattice(common: ForAll) -> Theorem:
    """P(L, g a + d) = 0 for 0 < d < g, for every a at once: taps keep the remainder."""
    relation, given = equation(t.PATHS(t.L, t.g * t.a + t.d), S.Zero), [Ge(t.d, 1), Lt(t.d, t.g)]
    offset = relation.lhs.args[1]
    once = unfolded(t.PATHS, t.L + 1, offset, [LAYERS])
    total = once.relation.rhs
    rate = kernel.specialize(common, {t.l: t.L + 1})
    fewer = t.a - t.multiple[t.L + 1] * t.t
    below = total.function.args[1]
    place = kernel.linear_combination(equation(below, t.g * fewer + t.d), [(-t.t, rate)])
    moved = kernel.congr(t.PATHS(t.L, t.h), t.h, place)
    known = kernel.specialize(ForAll((t.a,), relation), {t.a: fewer})
    step = kernel.trans(once, vanishing(total, kernel.trans(moved, known)))
    up, down = Ge(t.a, 0), Lt(t.a, 0)
    products = [
        kernel.nlinarith(Ge(t.g * t.a, 0), [up, *given]),
        kernel.nlinarith(Le(t.g * t.a, -t.g), [down, *given]),
    ]
    away = [kernel.nlinarith(Ne(offset, 0, evaluate=False), [p, *given]) for p in products]
    base = kernel.unfold(t.PATHS, 1, {t.o: offset}, [Ne(offset, 0, evaluate=False)])
    base = kernel.discharge(base, kernel.cases(up, *away))
    return kernel.induction(relation, t.L, base, step)


def sublattice(goal: Sequent) -> Theorem:
    return off_the_lattice(families(goal)[0])


def _not_reached(common: ForAll, offset: Expr, multiple: Expr, remainder: Expr, given: Given) -> Theorem:
    """P(L, o) = 0 for o = g · multiple + remainder, where the facts put the remainder between 0 and g."""
    none = kernel.instantiate(off_the_lattice(common), {t.a: multiple, t.d: remainder}, given)
    for h in (Ge(remainder, 1, evaluate=False), Lt(remainder, t.g, evaluate=False)):
        if h in none.hypotheses and h not in given:
            none = kernel.discharge(none, kernel.nlinarith(h, given))
    place = kernel.nlinarith(equation(offset, t.g * multiple + remainder), given)
    return kernel.trans(kernel.congr(t.PATHS(t.L, t.h), t.h, place, given), none)


def disjoint(goal: Sequent) -> Theorem:
    """i has the remainder b modulo g, and then d − b > 0 is the remainder of the other offset; or it has not."""
    common = families(goal)[0]
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    positive = kernel.nlinarith(Ge(t.g, 1), given)
    whole = floor((t.b - t.i) / t.g)
    rest = t.b - t.i - t.g * whole
    bounds = [
        kernel.nlinarith(Ge(rest, 0, evaluate=False), [positive]),
        kernel.nlinarith(Lt(rest, t.g, evaluate=False), [positive]),
    ]
    some, none = Ge(rest, 1, evaluate=False), Lt(rest, 1, evaluate=False)
    here, there = t.g * t.a + t.b - t.i, t.g * t.q + t.d - t.i
    one = _not_reached(common, here, t.a + whole, rest, [*bounds, some, positive])
    aligned = kernel.nlinarith(equation(t.b - t.i, t.g * whole), [*bounds, none])
    other = _not_reached(common, there, t.q + whole, t.d - t.b, [aligned, *given])
    calls = t.PATHS(t.L, here), t.PATHS(t.L, there)
    cases = [
        kernel.linear_combination(goal.relation, [(factor, th)], given)
        for factor, th in ((calls[1], one), (calls[0], other))
    ]
    return kernel.cases(some, *cases)


def no_common_factor(goal: Sequent) -> Theorem:
    """Offset 1 has the remainder 1 modulo every g > 1."""
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    larger = Gt(t.g, 1)
    none = kernel.instantiate(by_claim("dilation.gridding-sublattice", "sublattice"), {t.a: S.Zero, t.d: S.One})
    for h in [h for h in none.hypotheses if isinstance(h, Relational) and h not in given]:
        none = kernel.discharge(none, kernel.nlinarith(h, [larger]))
    no = kernel.contradiction(goal.relation, [none, *given])
    return kernel.cases(larger, no, kernel.nlinarith(goal.relation, [Le(t.g, 1), *given]))


def full_hull(goal: Sequent) -> Theorem:
    """Offset 1 lies in the hull, and is covered."""
    (cover,) = (h for h in families(goal) if h.variables == (t.o,))
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    reached = kernel.specialize(cover, {t.o: S.One}, given)
    common = next(h for h in families(goal) if h is not cover)
    known = no_common_factor(Sequent("", goal.relation, (*given, common, reached.relation)))
    return kernel.discharge(known, reached)


def wide_kernels(goal: Sequent) -> Theorem:
    """The first layer already makes a hull of two positions."""
    kernels, rates = (about(goal, family)[-1] for family in (t.k, t.r))
    common = about(goal, t.r)[0]
    (cover,) = (h for h in families(goal) if h.variables == (t.o,))
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    grown = kernel.instantiate(wider(kernels, rates), {t.e: S.Zero, t.n: t.L}, given)
    for h in [h for h in grown.hypotheses if isinstance(h, Relational) and h not in given]:
        grown = kernel.discharge(grown, kernel.nlinarith(h, given))
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    first = kernel.specialize(rates, {t.l: S.One})
    size = kernel.nlinarith(Ge(t.extent(t.L), 1, evaluate=False), [grown, start, first, *given])
    deep = kernel.nlinarith(Ge(t.L, 0, evaluate=False), given)
    whole = full_hull(Sequent("", goal.relation, (deep.relation, given[1], common, size.relation, cover)))
    return kernel.discharge(kernel.discharge(whole, size), deep)


# --- layers of one rate --------------------------------------------------------------------------------------------


@cache
def on_the_lattice(rates: ForAll, sizes: ForAll) -> Theorem:
    """Max(P(n, g a), −a, a − t n) ≥ 1: with the largest tap that does not overshoot, every multiple is reached."""
    goal = Ge(Max(t.PATHS(t.L, t.g * t.a), -t.a, t.a - t.t * t.L), 1)
    after = substitute(goal, {t.L: t.L + 1})
    offset = t.g * t.a
    once = unfolded(t.PATHS, t.L + 1, offset, [LAYERS])
    digit = Min(t.a, t.t)
    rate, size = (kernel.specialize(h, {t.l: t.L + 1}) for h in (rates, sizes))
    facts = [LAYERS, Ge(t.a, 0), Le(t.a, t.t * (t.L + 1))]
    known = kernel.specialize(ForAll((t.a,), goal), {t.a: t.a - digit})
    reached = kernel.nlinarith(Ge(t.PATHS(t.L, t.g * (t.a - digit)), 1), [known, *facts])
    counts = nonnegative_at(t.L, once.relation.rhs.function.args[1], [LAYERS])
    bounds = [
        kernel.nlinarith(Ge(digit, 0), facts),
        kernel.nlinarith(Le(digit, t.k[t.L + 1] - 1), [size, *facts]),
    ]
    term = one_term(once.relation.rhs, digit, counts, [*bounds, LAYERS])
    there = kernel.linear_combination(equation(offset - t.r[t.L + 1] * digit, t.g * (t.a - digit)), [(-digit, rate)])
    moved = kernel.congr(t.PATHS(t.L, t.h), t.h, there)
    inner = kernel.nlinarith(after, [once, term, moved, reached])
    for h in reversed(facts[1:]):
        inner = kernel.cases(h, inner, kernel.nlinarith(after, [{Le: Gt, Ge: Lt}[h.func](*h.args)]))
    zero, some = Eq(t.a, 0, evaluate=False), Ne(t.a, 0, evaluate=False)
    start = substitute(goal, {t.L: S.Zero})
    moved = kernel.congr(t.PATHS(S.Zero, t.g * t.h), t.h, kernel.assume(zero))
    base = kernel.cases(
        zero, kernel.nlinarith(start, [moved, kernel.unfold(t.PATHS, 0, {})]), kernel.nlinarith(start, [some])
    )
    return kernel.induction(goal, t.L, base, inner)


def _one_rate(goal: Sequent) -> tuple[ForAll, ForAll]:
    return about(goal, t.r)[0], about(goal, t.k)[0]


def used(goal: Sequent) -> Theorem:
    rates, sizes = _one_rate(goal)
    return kernel.nlinarith(goal.relation, [on_the_lattice(rates, sizes), *goal.hypotheses])


def hull_of_one_rate(goal: Sequent) -> Theorem:
    """Every layer adds the same."""
    rate, size = (kernel.specialize(h, {t.l: t.l}) for h in _one_rate(goal))
    total = goal.relation.lhs
    each = kernel.linear_combination(
        equation(total.function, t.g * t.t), [(t.k[t.l] - 1, rate), (rate.relation.rhs, size)]
    )
    sums = kernel.termwise(each, t.l, *total.limits[0][1:])
    return kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, goal.relation.rhs), [LAYERS]))


def _used_or_not(goal: Sequent, given: Given) -> Theorem:
    """Min(P(L, u), 1) = max(0, 1 − (u mod g)) inside the hull."""
    rates, sizes = _one_rate(goal)
    whole = floor(t.u / t.g)
    rest = t.u - t.g * whole
    relation = equation(Min(t.PATHS(t.L, t.u), 1), Max(0, 1 - rest))
    bounds = [
        kernel.nlinarith(Ge(rest, 0, evaluate=False), given),
        kernel.nlinarith(Lt(rest, t.g, evaluate=False), given),
    ]
    some, none = Ge(rest, 1, evaluate=False), Lt(rest, 1, evaluate=False)
    off = kernel.instantiate(off_the_lattice(claims.COMMON), {t.multiple: Lambda(t.l, S.One)})
    off = kernel.instantiate(off, {t.a: whole, t.d: rest}, given)
    off = kernel.discharge(off, bounds[1])
    place = kernel.nlinarith(equation(t.u, t.g * whole + rest), given)
    hole = kernel.trans(kernel.congr(t.PATHS(t.L, t.h), t.h, place, given), off)
    not_used = kernel.nlinarith(relation, [hole, some, *given])
    on = kernel.instantiate(on_the_lattice(rates, sizes), {t.a: whole}, given)
    exact = kernel.nlinarith(equation(t.u, t.g * whole), [*bounds, none, *given])
    there = kernel.congr(t.PATHS(t.L, t.h), t.h, exact, given)
    least = kernel.nlinarith(Ge(whole, 0), given)
    most = kernel.nlinarith(Le(whole, t.t * t.L), [exact, *given])
    is_used = kernel.nlinarith(relation, [on, there, least, most, none, *bounds, *given])
    return kernel.cases(some, not_used, is_used)


def number(goal: Sequent) -> Theorem:
    """Covered are the multiples of g, as many as a kernel with g − 1 zeros between its taps has taps."""
    _, low, high = goal.relation.lhs.limits[0]
    plain = [h for h in goal.hypotheses if isinstance(h, Relational)]
    each = _used_or_not(goal, [*plain, Le(low, t.u), Le(t.u, high, evaluate=False)])
    same_values = kernel.termwise(each, t.u, low, high)
    size, indicator = t.t * t.L + 1, each.relation.rhs
    here = kernel.instantiate(by_claim("dilation.same-cost", "weights"), {t.K: size, t.rate: t.g}, plain)
    here = kernel.instantiate(here, {t.v: Lambda(t.u, indicator)}, plain)
    positive = next(h for h in plain if h.lhs == t.g)
    for h in [h for h in here.hypotheses if isinstance(h, ForAll)]:
        here = kernel.discharge_all(here, h, _indicated(h, positive))
    for h in [h for h in here.hypotheses if isinstance(h, Relational) and h not in plain]:
        product = kernel.nlinarith(Ge(t.t * t.L, 0), plain)
        here = kernel.discharge(here, kernel.nlinarith(h, [product, *plain]))
    return kernel.trans(same_values, here)


def _indicated(h: ForAll, positive: Relational) -> Theorem:
    """The values of max(0, 1 − (u mod g)) at a multiple of g and behind it."""
    if not h.conditions:
        return kernel.nlinarith(h.body, [positive])
    facts = [*h.conditions, positive]
    (part,) = h.body.lhs.atoms(floor)
    multiple = next(v for v in h.variables if v != h.conditions[0].lhs)
    whole = quotient(part.args[0] * t.g, t.g, multiple, facts)
    return kernel.nlinarith(h.body, [whole, *facts])


def quarter(goal: Sequent) -> Theorem:
    """Between 1/4 and 1/4 + 1/x for x > 0."""
    limit, value = goal.relation.args
    fraction, x, end, way = limit.args
    positive = Gt(x, 0)
    lower = kernel.nlinarith(Le(value, fraction, evaluate=False), [positive])
    upper = kernel.nlinarith(Le(fraction, value + 1 / x, evaluate=False), [positive])
    low, high = (kernel.limit(equation(Limit(side, x, end, str(way)), value)) for side in (value, value + 1 / x))
    return kernel.squeeze(limit, lower, upper, low, high, [positive])


PROOFS: Mapping[str, Proof] = {
    "dilation.two-dim/product": two_axes,
    "dilation.two-dim/both": one_axis,
    "dilation.two-dim/rows": one_axis,
    "dilation.two-dim/columns": one_axis,
    "dilation.gridding-sublattice/sublattice": sublattice,
    "dilation.gridding-sublattice/disjoint": disjoint,
    "dilation.gcd-necessary/no-common-factor": no_common_factor,
    "dilation.gcd-necessary/full": full_hull,
    "dilation.gcd-necessary/wide-kernels": wide_kernels,
    "dilation.gridding-fraction/used": used,
    "dilation.gridding-fraction/number": number,
    "dilation.gridding-fraction/hull": hull_of_one_rate,
    "dilation.gridding-fraction/limit": quarter,
}
