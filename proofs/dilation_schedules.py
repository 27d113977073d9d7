# SPDX-License-Identifier: BSD-3-Clause
"""Why rates that are powers of the kernel size reach every offset once, and which ratios leave no holes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Abs, Expr, Ge, Gt, Le, Lt, Min, Ne, Product, S, Sum
from sympy.core.relational import Eq, Relational

from ..theory import dilation_schedules as claims
from ..theory import dilation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .dilation_coverage import largest_digit
from .dilation_steps import (
    LAYERS,
    about,
    extended,
    families,
    from_start,
    hole_before,
    hole_outside,
    unfolded,
)
from .kernel import Given, Theorem
from .sums import ones, only_term
from .terms import substitute
from .verify import Proof, by_claim


def _schedule(goal: Sequent) -> tuple[Relational, ForAll, ForAll, Expr, Expr]:
    """The first rate, the growth, the sizes; the ratio and the number of taps."""
    first = next(h for h in goal.hypotheses if isinstance(h, Eq) and h.lhs == t.r[1])
    growth = next(h for h in families(goal) if h.body.lhs == t.r[t.l + 1])
    size = next(iter(about(goal, t.k)), None)
    return first, growth, size, growth.body.rhs / t.r[t.l], size and size.body.rhs  # type: ignore[return-value]


@cache
def _rate(first: Relational, growth: ForAll) -> Theorem:
    """r_{L+1} = a^L."""
    ratio = growth.body.rhs / t.r[t.l]
    goal = equation(t.r[t.L + 1], ratio**t.L)
    grown = kernel.specialize(growth, {t.l: t.L + 1}, [LAYERS])
    links = [(S.One, grown), (ratio, kernel.assume(goal))]
    step = kernel.linear_combination(substitute(goal, {t.L: t.L + 1}), links, [LAYERS])
    start = substitute(goal, {t.L: S.Zero})
    return kernel.induction(goal, t.L, kernel.linear_combination(start, [(S.One, kernel.assume(first))]), step)


def size(goal: Sequent) -> Theorem:
    """S(L) + 1 = K^L, by induction."""
    first, growth, sizes, _, taps = _schedule(goal)
    relation = goal.relation
    here = kernel.specialize(sizes, {t.l: t.L + 1})
    links = [
        (S.One, extended(t.L, [LAYERS])),
        (S.One, kernel.assume(relation)),
        (t.r[t.L + 1], here),
        (taps - 1, _rate(first, growth)),
    ]
    step = kernel.linear_combination(substitute(relation, {t.L: t.L + 1}), links, [LAYERS])
    return kernel.induction(relation, t.L, kernel.ring(substitute(relation, {t.L: S.Zero})), step)


def ratio_size(goal: Sequent) -> Theorem:
    """(a − 1) S(L) = (K − 1)(a^L − 1), by induction."""
    first, growth, sizes, ratio, taps = _schedule(goal)
    relation = goal.relation
    factor = ratio - 1
    here = kernel.specialize(sizes, {t.l: t.L + 1})
    links = [
        (factor, extended(t.L, [LAYERS])),
        (S.One, kernel.assume(relation)),
        (factor * t.r[t.L + 1], here),
        (factor * (taps - 1), _rate(first, growth)),
    ]
    step = kernel.linear_combination(substitute(relation, {t.L: t.L + 1}), links, [LAYERS])
    return kernel.induction(relation, t.L, kernel.ring(substitute(relation, {t.L: S.Zero})), step)


@cache
def positive_rates(first: Relational, growth: ForAll, ratio: Relational) -> Theorem:
    """l ≥ 1 ⊢ r_l ≥ 1, for a ratio ≥ 1."""
    goal = Ge(t.r[t.l], 1)
    grown = kernel.specialize(growth, {t.l: t.l}, [Ge(t.l, 1)])
    step = kernel.nlinarith(substitute(goal, {t.l: t.l + 1}), [grown, kernel.assume(goal), ratio])
    base = kernel.nlinarith(substitute(goal, {t.l: S.One}), [first])
    return kernel.induction(goal, t.l, base, step, S.One)


def _with_rates(theorem: Theorem, rates: Theorem) -> Theorem:
    return kernel.discharge_all(theorem, t.RATES, rates)


def _next_tap(small: Expr, large: Expr, rate: Expr, given: Given) -> Theorem:
    """small < large ⊢ r · (large − small) ≥ r."""
    side = Lt(t.a, t.b)
    general = kernel.nlinarith(Ge(t.rate * t.b - t.rate * t.a, t.rate), [side, Ge(t.rate, 1)])
    here = kernel.instantiate(general, {t.a: small, t.b: large, t.rate: rate}, given)
    return kernel.discharge(here, kernel.nlinarith(Ge(rate, 1), given))


def _behind(first: Relational, growth: ForAll, sizes: ForAll) -> Theorem:
    """r_{L+1} = S(L) + 1: each rate is one more than what the layers before it reach."""
    taps = sizes.body.rhs
    power = size(Sequent("", equation(t.extent(t.L) + 1, taps**t.L), (LAYERS, first, growth, sizes)))
    links = [(S.One, _rate(first, growth)), (S.NegativeOne, power)]
    return kernel.linear_combination(equation(t.r[t.L + 1], t.extent(t.L) + 1), links, [LAYERS])


@cache
def _once(first: Relational, growth: ForAll, sizes: ForAll) -> Theorem:
    """Min(|P(L, o) − 1|, o + 1, S(L) + 1 − o) ≤ 0: inside the hull there is one path."""
    goal = Le(Min(Abs(t.PATHS(t.L, t.o) - 1), t.o + 1, t.extent(t.L) + 1 - t.o), 0)
    after = substitute(goal, {t.L: t.L + 1})
    rate, taps, extent = t.r[t.L + 1], t.k[t.L + 1], t.extent(t.L)
    behind = _behind(first, growth, sizes)
    positive = kernel.nlinarith(Ge(rate, 1), [LAYERS, t.RATES])
    inner_hull, start = [Ge(t.o, 0), Le(t.o, t.extent(t.L + 1))], [behind, positive]
    given = [*start, extended(t.L, [LAYERS]), LAYERS, *inner_hull, t.KERNELS]
    digit, known = largest_digit(t.o, rate, taps - 1, extent, given)
    once = unfolded(t.PATHS, t.L + 1, t.o, [LAYERS])
    total = once.relation.rhs
    below = total.function.args[1]
    earlier, later = Lt(t.t, digit), Lt(digit, t.t)
    step_up, step_down = _next_tap(t.t, digit, rate, given), _next_tap(digit, t.t, rate, given)
    before = hole_outside(t.L, below, [step_up, earlier, *known, *start, LAYERS, *inner_hull, t.KERNELS, t.RATES])
    behind_it = hole_before(t.L, below, [step_down, later, *known, *start, LAYERS, *inner_hull, t.KERNELS, t.RATES])
    single = only_term(total, digit, before, behind_it, [*known, *given])
    reached = kernel.specialize(ForAll((t.o,), goal), {t.o: t.o - rate * digit}, [*known, *given])
    inner = kernel.nlinarith(after, [once, single, reached, *known, *inner_hull])
    for h in inner_hull:
        inner = kernel.cases(h, inner, kernel.nlinarith(after, [{Le: Gt, Ge: Lt}[h.func](*h.args, evaluate=False)]))
    none = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    return kernel.induction(goal, t.L, from_start(substitute(goal, {t.L: S.Zero}), [none]), inner)


def once(goal: Sequent) -> Theorem:
    """Induction: the digit of the last layer is the only tap that leaves a remainder in the smaller hull."""
    first, growth, sizes, _, taps = _schedule(goal)
    some = next(h for h in goal.hypotheses if isinstance(h, Ge) and h.lhs == taps)
    here = _once(first, growth, sizes)
    here = kernel.discharge_all(here, t.RATES, positive_rates(first, growth, some))
    here = kernel.discharge_all(here, t.KERNELS, _some_taps(sizes, some))
    return kernel.nlinarith(goal.relation, [here, *goal.hypotheses])


def _some_taps(sizes: ForAll, some: Relational) -> Theorem:
    return kernel.nlinarith(t.KERNELS.body, [kernel.specialize(sizes, {t.l: t.l}), some])


# --- no schedule has a larger field without holes ------------------------------------------------------------------


def paths(goal: Sequent) -> Theorem:
    """The generating polynomial at x = 1, where a layer is worth its number of taps."""
    here = kernel.instantiate(by_claim("dilation.path-counts", "polynomial"), {t.x: S.One})
    here = kernel.discharge(here, kernel.nlinarith(Ne(S.One, 0, evaluate=False)))
    product = here.relation.rhs
    each = kernel.ring(equation(product.function, t.k[t.l]), [t.KERNELS])
    return kernel.trans(here, kernel.termwise(each, t.l, S.One, t.L, Product))


def _all_paths() -> Theorem:
    total = Sum(t.PATHS(t.L, t.o), (t.o, 0, t.extent(t.L)))
    return paths(Sequent("", equation(total, Product(t.k[t.l], (t.l, 1, t.L)))))


def at_most(goal: Sequent) -> Theorem:
    """A covered offset has at least one path."""
    count = goal.relation.lhs
    each = kernel.nlinarith(Le(count.function, t.PATHS(t.L, t.o), evaluate=False))
    sums = kernel.termwise(each, t.o, *count.limits[0][1:])
    return kernel.trans(sums, _all_paths())


def largest(goal: Sequent) -> Theorem:
    """As many paths as positions at least, one each."""
    cover = next(h for h in families(goal) if h.variables == (t.o,))
    upper = t.extent(t.L)
    bounds = [Le(0, t.o), Le(t.o, upper, evaluate=False)]
    each = kernel.symm(kernel.specialize(cover, {t.o: t.o}, bounds))
    sums = kernel.termwise(each, t.o, S.Zero, upper)
    length = kernel.positivity(Ge(upper, 0, evaluate=False), [t.KERNELS, t.RATES])
    positions = ones(upper, [length])
    return kernel.nlinarith(goal.relation, [positions, sums, _all_paths()])


# --- other ratios --------------------------------------------------------------------------------------------------


@cache
def _no_gap(first: Relational, growth: ForAll, sizes: ForAll, most: Relational, least: Relational) -> Theorem:
    """e ≥ 0 ⊢ r_{e+1} ≤ 1 + S(e): a r ≤ (K − 1) r + r."""
    goal, some = Le(t.r[t.e + 1], 1 + t.extent(t.e)), Ge(t.e, 0)
    rate = t.r[t.e + 1]
    grown = kernel.specialize(growth, {t.l: t.e + 1}, [some])
    here = kernel.specialize(sizes, {t.l: t.e + 1})
    rates = kernel.instantiate(positive_rates(first, growth, least), {t.l: t.e + 1})
    rates = kernel.discharge(rates, kernel.nlinarith(Ge(t.e + 1, 1), [some]))
    product = kernel.nlinarith(Le(most.lhs * rate, most.rhs * rate), [most, rates])
    written = kernel.linear_combination(
        equation(rate * (t.k[t.e + 1] - 1), here.relation.rhs * rate - rate), [(rate, here)]
    )
    facts = [grown, product, written, kernel.assume(goal), extended(t.e, [some])]
    step = kernel.nlinarith(substitute(goal, {t.e: t.e + 1}), facts)
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    base = kernel.nlinarith(substitute(goal, {t.e: S.Zero}), [start, first])
    return kernel.induction(goal, t.e, base, step)


def covers(goal: Sequent) -> Theorem:
    """The criterion, by induction: the extent grows at least as fast as the rates."""
    first, growth, sizes, ratio, taps = _schedule(goal)
    least = next(h for h in goal.hypotheses if isinstance(h, Ge) and h.lhs == ratio)
    most = next(h for h in goal.hypotheses if isinstance(h, Le) and h.args == (ratio, taps))
    here = by_claim("dilation.coverage-criterion", "sufficient")
    here = kernel.discharge_all(here, t.criterion(t.L), _no_gap(first, growth, sizes, most, least))
    here = kernel.discharge_all(here, t.RATES, positive_rates(first, growth, least))
    some = kernel.nlinarith(Ge(taps, 1), [least, most])
    kernels = kernel.nlinarith(t.KERNELS.body, [kernel.specialize(sizes, {t.l: t.l}), some])
    return kernel.discharge_all(here, t.KERNELS, kernels)


def hole(goal: Sequent) -> Theorem:
    """The second rate is more than one layer reaches."""
    first, growth, sizes, _, taps = _schedule(goal)
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    least = kernel.nlinarith(Ge(t.a, 1), given)
    here = kernel.instantiate(by_claim("dilation.coverage-criterion", "hole"), {t.e: S.One}, given)
    rates = kernel.discharge(positive_rates(first, growth, least.relation), least)
    grown = kernel.specialize(growth, {t.l: t.l}, [Ge(t.l, 1)])
    product = kernel.nlinarith(Ge(growth.body.rhs, t.r[t.l]), [rates, least])
    order = kernel.nlinarith(t.SORTED.body, [grown, product])
    here = kernel.discharge_all(here, t.SORTED, order)
    here = kernel.discharge_all(here, t.RATES, rates)
    single = kernel.ring(equation(t.extent(S.One), t.r[1] * (t.k[1] - 1)))
    place = kernel.linear_combination(
        equation(1 + t.extent(S.One), taps),
        [(S.One, single), (t.k[1] - 1, kernel.assume(first)), (S.One, kernel.specialize(sizes, {t.l: S.One}))],
    )
    second = kernel.specialize(growth, {t.l: S.One})
    for h in [h for h in here.hypotheses if isinstance(h, Relational) and h not in given]:
        here = kernel.discharge(here, _shown(h, [place, second, *given], growth, first))
    moved = kernel.congr(t.PATHS(t.L, t.h), t.h, place)
    return kernel.trans(kernel.symm(moved), here)


def _shown(h: Relational, facts: Given, growth: ForAll, first: Relational) -> Theorem:
    """A bound of the citation; a r_1 = a has to be written out for the arithmetic."""
    ratio = growth.body.rhs / t.r[t.l]
    unit = kernel.linear_combination(equation(ratio * t.r[1], ratio), [(ratio, kernel.assume(first))])
    return kernel.nlinarith(h, [unit, *facts])


# --- doubling ------------------------------------------------------------------------------------------------------


def _cited(id: str, part: str, goal: Sequent, **values: Expr) -> Theorem:
    """An earlier claim at particular numbers, its bounds between numbers shown."""
    symbols = {"a": t.a, "K": t.K, "L": t.L}
    here = kernel.instantiate(by_claim(id, part), {symbols[name]: value for name, value in values.items()})
    for h in [h for h in here.hypotheses if isinstance(h, Relational) and h not in goal.hypotheses]:
        here = kernel.discharge(here, kernel.nlinarith(h))
    return here


def doubling_size(goal: Sequent) -> Theorem:
    here = _cited("dilation.exponential-free", "size", goal, a=S(2), K=S(3))
    return kernel.linear_combination(goal.relation, [(S.One, here)], goal.hypotheses[:1])


def doubling_covers(goal: Sequent) -> Theorem:
    return _cited("dilation.exponential-free", "covers", goal, a=S(2), K=S(3))


def weights(goal: Sequent) -> Theorem:
    total = goal.relation.lhs
    three = kernel.specialize(families(goal)[0], {t.l: t.l})
    sums = kernel.termwise(three, t.l, *total.limits[0][1:])
    return kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, goal.relation.rhs), [LAYERS]))


def causal_size(goal: Sequent) -> Theorem:
    return _cited("dilation.balanced-ternary", "size", goal, K=S(2))


def causal_once(goal: Sequent) -> Theorem:
    return _cited("dilation.balanced-ternary", "once", goal, K=S(2))


def ten_layers(goal: Sequent) -> Theorem:
    here = _cited("dilation.balanced-ternary", "size", goal, K=S(2), L=S(10))
    return kernel.trans(here, kernel.ring(equation(here.relation.rhs, goal.relation.rhs)))


def last_rate(goal: Sequent) -> Theorem:
    first, growth, *_ = _schedule(goal)
    here = kernel.instantiate(_rate(first, growth), {t.L: S(9)})
    here = kernel.discharge(here, kernel.nlinarith(Ge(S(9), 0, evaluate=False)))
    return kernel.trans(here, kernel.ring(equation(here.relation.rhs, goal.relation.rhs)))


PROOFS: Mapping[str, Proof] = {
    "dilation.balanced-ternary/size": size,
    "dilation.balanced-ternary/once": once,
    "dilation.balanced-ternary/paths": paths,
    "dilation.balanced-ternary/at-most": at_most,
    "dilation.balanced-ternary/largest": largest,
    "dilation.exponential-free/covers": covers,
    "dilation.exponential-free/size": ratio_size,
    "dilation.exponential-free/hole": hole,
    "dilation.yu-koltun/size": doubling_size,
    "dilation.yu-koltun/covers": doubling_covers,
    "dilation.yu-koltun/weights": weights,
    "dilation.wavenet/size": causal_size,
    "dilation.wavenet/once": causal_once,
    "dilation.wavenet/last-rate": last_rate,
    "dilation.wavenet/ten-layers": ten_layers,
    "dilation.context-module": lambda goal: kernel.decide(goal.relation, {}, claims.CONTEXT_MODULE.definitions),
}
