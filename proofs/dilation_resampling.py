# SPDX-License-Identifier: BSD-3-Clause
"""Why large rates leave the centre tap, pooling keeps a bright pixel, and interpolation is a transposed convolution."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Eq, Expr, Ge, Lt, Max, Ne, S, floor
from sympy.core.relational import Relational

from ..theory import dilation_resampling as c
from ..theory import dilation_terms as t
from ..theory import receptive_field_terms as rf
from ..theory.claim import Sequent
from . import kernel
from .calc import equation
from .dilation_steps import families
from .kernel import Given, Theorem
from .receptive_field_layers import nested_floors, remainders
from .steps import by_ring, inside
from .sums import only_term, vanishing
from .terms import binder, substitute
from .verify import Proof

DEEP = Ge(t.n, 0)


# --- parallel rates ------------------------------------------------------------------------------------------------


def all_inside(goal: Sequent) -> Theorem:
    """Three ranges: too near to the front, all taps inside, too near to the end; or no position fits."""
    total = goal.relation.lhs
    given, body = list(goal.hypotheses), total.function
    fits = Ge(t.n - 2 * t.rate, 0)
    first = kernel.split(total, t.rate - 1, [fits, *given])
    front, rest = _parts(first)
    second = kernel.split(rest, t.n - 1 - t.rate, [fits, *given])
    middle, back = _parts(second)
    zero, one = (equation(body, e) for e in (S.Zero, S.One))
    empty = [vanishing(p, kernel.nlinarith(zero, [*inside(p), fits, *given]), [fits, *given]) for p in (front, back)]
    ones_ = kernel.termwise(kernel.nlinarith(one, inside(middle)), *middle.limits[0])
    count = kernel.ring(equation(ones_.relation.rhs, t.n - 2 * t.rate), [fits])
    yes = kernel.nlinarith(goal.relation, [first, second, *empty, ones_, count, fits])
    narrow = Lt(t.n - 2 * t.rate, 0)
    none = vanishing(total, kernel.nlinarith(zero, [*inside(total), narrow]), given)
    return kernel.cases(fits, yes, kernel.nlinarith(goal.relation, [none, narrow]))


def _parts(cut: Theorem) -> list[Expr]:
    """The two parts of a sum that was cut, in order."""
    whole, parts = cut.relation.lhs, cut.relation.rhs.args
    return sorted(parts, key=lambda p: p.limits[0][1] != whole.limits[0][1])


def centre_alone(goal: Sequent) -> Theorem:
    """The outer taps read zeros."""
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    before, behind = families(goal)
    low, high = t.p - t.rate, t.p + t.rate
    left = kernel.specialize(before, {t.i: low}, [kernel.nlinarith(Lt(low, 0), given)])
    right = kernel.specialize(behind, {t.i: high}, [kernel.nlinarith(Ge(high, t.n), given)])
    return kernel.linear_combination(goal.relation, [(t.w[-1], left), (t.w[1], right)])


def evaluated(goal: Sequent) -> Theorem:
    return kernel.decide(goal.relation, {})


# --- pooling -------------------------------------------------------------------------------------------------------


def presence(goal: Sequent) -> Theorem:
    """Induction: the cell is the left or the right half of the next one."""
    relation = goal.relation
    after = substitute(relation, {t.n: t.n + 1})
    cell, half = c.CELL(t.n, t.i), floor(c.CELL(t.n, t.i) / 2)
    next_cell = kernel.unfold(c.CELL, 1, {t.n: t.n + 1, t.i: t.i}, [DEEP])
    moved = kernel.congr(c.POOL(t.n + 1, t.h), t.h, next_cell)
    pooled = kernel.unfold(c.POOL, 1, {t.n: t.n + 1, t.i: half}, [DEEP])
    left, right = Eq(cell, 2 * half, evaluate=False), Ne(cell, 2 * half, evaluate=False)
    other = kernel.nlinarith(equation(cell, 2 * half + 1), [right])
    known = [kernel.assume(relation), moved, pooled]
    proofs = [
        kernel.nlinarith(after, [*known, kernel.congr(c.POOL(t.n, t.h), t.h, place)])
        for place in (kernel.assume(left), other)
    ]
    step = kernel.cases(left, *proofs)
    start = kernel.unfold(c.CELL, 0, {t.i: t.i})
    place = kernel.congr(c.POOL(S.Zero, t.h), t.h, start)
    base = kernel.nlinarith(substitute(relation, {t.n: S.Zero}), [place, kernel.unfold(c.POOL, 0, {t.i: t.i})])
    return kernel.induction(relation, t.n, base, step)


def four_poolings(goal: Sequent) -> Theorem:
    """Four halvings, each a floor."""
    known = kernel.unfold(c.CELL, 0, {t.i: t.i})
    for depth in range(1, 5):
        halved = kernel.unfold(c.CELL, 1, {t.n: S(depth), t.i: t.i})
        inner = kernel.rewrite(halved.relation.rhs, known)
        known = kernel.trans(halved, inner, *_merged(depth))
    return known


def _merged(depth: int) -> list[Theorem]:
    """⌊⌊i/2^(e−1)⌋/2⌋ = ⌊i/2^e⌋; nothing is to be shown for the first halving."""
    if depth == 1:
        return []
    values = {rf.v: t.i, rf.d: S(2 ** (depth - 1)), rf.c: S.Zero, rf.stride: S(2)}
    here = kernel.instantiate(nested_floors(), values)
    for h in here.hypotheses:
        here = kernel.discharge(here, kernel.nlinarith(h))
    return [here]


def one_to_one(goal: Sequent) -> Theorem:
    """Cell and channel give the position back."""
    _, cells, channels = goal.hypotheses
    links = [(S.One, kernel.assume(channels)), (t.g, kernel.assume(cells))]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


# --- interpolation -------------------------------------------------------------------------------------------------


def interpolation(goal: Sequent) -> Theorem:
    """Only the two neighbours are nearer than g."""
    total, given = goal.relation.lhs, list(goal.hypotheses)
    body = total.function
    first = kernel.split(total, t.i - 1, given)
    front, rest = _parts(first)
    second = kernel.split(rest, t.i + 1, given)
    pair, back = _parts(second)
    empty = [
        vanishing(part, _far(body, side, [*inside(part), *given]), given)
        for part, side in ((front, t.i - t.j), (back, t.j - t.i))
    ]
    third = kernel.split(pair, t.i, given)
    here, there = _parts(third)
    values = []
    for part, place, near in ((here, t.i, t.g - t.d), (there, t.i + 1, t.d)):
        single = kernel.ring(equation(part, substitute(body, {t.j: place})), given)
        height = kernel.nlinarith(equation(_tent(body, place), near), given)
        values.append(kernel.trans(single, kernel.congr(t.F[place] * t.x / t.g, t.x, height, given)))
    links = [(S.One, th) for th in (first, second, *empty, third, *values)]
    return kernel.linear_combination(goal.relation, links, given)


def _tent(body: Expr, place: Expr) -> Expr:
    """max(0, g − |g i + d − g j|) at one j."""
    return next(e for e in substitute(body, {t.j: place}).atoms(Max))


def _far(body: Expr, distance: Expr, given: Given) -> Theorem:
    """The summand is 0 where the distance between the inputs is large enough."""
    product = kernel.nlinarith(Ge(t.g * distance, t.g), given)
    if distance == t.j - t.i:
        product = kernel.nlinarith(Ge(t.g * distance, 2 * t.g), given)
    flat = kernel.nlinarith(equation(_tent(body, t.j), S.Zero), [product, *given])
    scaled = kernel.congr(t.F[t.j] * t.x / t.g, t.x, flat, given)
    return scaled


def weight_shown(goal: Sequent, at: Expr) -> Theorem:
    """Only one term of the sum meets the impulse."""
    total = goal.relation.lhs
    body, index, _, _ = binder(total)
    low, high, one, before, after = goal.hypotheses
    signal = next(e for e in body.args if e.base == t.F)
    weight = body / signal
    zeros = []
    for family, near in ((before, Lt(index, at)), (after, Lt(at, index))):
        (place,) = signal.indices
        away = kernel.nlinarith(substitute(family.conditions[0], {t.j: place}), [near])
        none = kernel.specialize(family, {t.j: place}, [away])
        zeros.append(kernel.linear_combination(equation(body, S.Zero), [(weight, none)]))
    left, right = zeros
    single = only_term(total, at, left, right, [low, high])
    factor = substitute(weight, {index: at})
    known = kernel.linear_combination(equation(single.relation.rhs, goal.relation.rhs), [(factor, kernel.assume(one))])
    return kernel.trans(single, known)


PROOFS: Mapping[str, Proof] = {
    "dilation.aspp": by_ring,
    "dilation.aspp-degenerate/inside": all_inside,
    "dilation.aspp-degenerate/rate-12": evaluated,
    "dilation.aspp-degenerate/rate-24": evaluated,
    "dilation.aspp-degenerate/rate-32": evaluated,
    "dilation.aspp-degenerate/centre-alone": centre_alone,
    "dilation.pool-16px/presence": presence,
    "dilation.pool-16px/four-poolings": four_poolings,
    "dilation.pool-16px/one-to-one": one_to_one,
    "dilation.pool-16px/onto": remainders,
    "dilation.resampling-fixed/linear-interpolation": interpolation,
    "dilation.resampling-fixed/strided": lambda goal: weight_shown(goal, t.a),
    "dilation.resampling-fixed/transposed": lambda goal: weight_shown(goal, t.i),
}
