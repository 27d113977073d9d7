# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of how the metrics relate in particular cases: all background, two classes, micro-averages, variances."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sympy import Expr, Ge, Lambda, Le, S
from sympy.core.relational import Eq, Gt, Ne, Relational

from ..theory import segmentation_relations as c
from ..theory import segmentation_terms as t
from ..theory.claim import ForAll, Hypothesis, Sequent
from ..theory.segmentation_bounds import R
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .segmentation_changes import PLACE, replaced
from .segmentation_steps import (
    INSIDE,
    F,
    apply,
    in_column,
    in_row,
    lemma,
    mean,
    one_class,
    parted,
    pick,
    pieces,
    show,
    summed,
)
from .steps import by_ring, rewriting
from .terms import binder
from .verify import Proof, by_claim

K, i, j, m, n, a, b, C = t.K, t.i, t.j, t.m, t.n, t.a, t.b, t.C
x, y, z, v, w, q = t.x, t.y, t.z, t.v, t.w, t.q


# --- everything is background ------------------------------------------------------------------------------------


def background_row(goal: Sequent, at: Expr) -> Theorem:
    """t_i = C_i0."""
    first, every = goal.hypotheses[:2]
    e = t.row(at)
    rest = pieces(e, S.Zero)[2]
    _, index, low, high = binder(rest)
    near = [Le(low, index, evaluate=False)]
    zero = kernel.specialize(every, {i: at, j: index}, near)
    none = kernel.termwise(zero, index, low, high)
    return kernel.linear_combination(
        equation(e, C[at, 0]), [(S.One, parted(e, S.Zero, [first])), (S.One, none)], [first]
    )


def background_column(goal: Sequent) -> Theorem:
    """u_i = 0 for i ≥ 1."""
    first, every = goal.hypotheses[:2]
    zero = kernel.specialize(every, {i: m, j: i}, [Ge(i, 1)])
    none = kernel.termwise(zero, m, S.Zero, K - 1)
    return kernel.trans(none, kernel.ring(equation(none.relation.rhs, S.Zero), [first]))


def background_total(goal: Sequent) -> Theorem:
    """N = u_0."""
    return summed(background_row(goal, i))


def only_background(goal: Sequent, term: Callable[[Expr], Expr], value: Expr, here: Given) -> Theorem:
    """Σ_i term_i = value, where every class but the background has 0."""
    first, every = goal.hypotheses[:2]
    rest = Ge(i, 1, evaluate=False)
    place = equation(i, S.Zero)
    there = t.indicator(i, S.Zero)
    moved = kernel.rewrite(term(i), kernel.assume(place), here)
    one = kernel.nlinarith(equation(there, S.One), [place])
    at_first = kernel.trans(
        moved, replaced(moved.relation.rhs, value, [h for h in here if isinstance(h, Theorem) and _equal(h)], here)
    )
    yes = kernel.trans(at_first, kernel.linear_combination(equation(value, there * value), [(-value, one)], here))
    away = [Ne(i, 0, evaluate=False), INSIDE[0]]
    hit = kernel.specialize(every, {i: i, j: i}, [rest])
    known = [background_row(goal, i), background_column(goal), hit]
    none = kernel.nlinarith(equation(term(i), S.Zero), [*here, *known, rest])
    missing = kernel.nlinarith(equation(there, S.Zero), [rest])
    no = kernel.trans(none, kernel.linear_combination(equation(S.Zero, there * value), [(-value, missing)], here))
    for h in [h for h in no.hypotheses if h == rest]:
        no = kernel.discharge(no, kernel.nlinarith(h, away))
    over = summed(kernel.cases(place, yes, no))
    general = kernel.instantiate(pick(n, PLACE), {n: S.Zero}, [first])
    for h in sorted(general.hypotheses, key=str):
        if h != first:
            general = kernel.discharge(general, kernel.nlinarith(h, [first]))
    return kernel.trans(over, kernel.instantiate(general, {F: Lambda(j, value)}, here))


def _equal(theorem: Theorem) -> bool:
    return isinstance(theorem.relation, Eq)


def background_accuracy(goal: Sequent) -> Theorem:
    first, every = goal.hypotheses[:2]
    zero = kernel.specialize(every, {i: i, j: i}, [Le(1, i, evaluate=False)])
    none = kernel.termwise(zero, i, S.One, K - 1)
    hits = kernel.linear_combination(
        equation(t.hits(), C[0, 0]), [(S.One, parted(t.hits(), S.Zero, [first])), (S.One, none)], [first]
    )
    return kernel.rewrite(goal.relation.lhs, hits, goal.hypotheses)


def _background_known(goal: Sequent) -> list[Relational | ForAll | Theorem]:
    """What is known of the background: its row, its column, and that it has pixels."""
    every = goal.hypotheses[2]
    some = kernel.specialize(every, {i: S.Zero})
    whole = kernel.symm(background_total(goal))
    rest = pieces(whole.relation.lhs, S.Zero)
    known = [parted(whole.relation.lhs, S.Zero, goal.hypotheses)]
    known += [kernel.positivity(Ge(e, 0, evaluate=False), goal.hypotheses) for e in rest[::2]]
    positive = kernel.nlinarith(Gt(t.total(), 0, evaluate=False), [whole, some, *known])
    return [*goal.hypotheses, some, positive, background_row(goal, S.Zero), whole]


def background_mean(term: Callable[[Expr], Expr], value: Expr) -> Proof:
    @cache
    def steps(hypotheses: tuple[Hypothesis, ...]) -> tuple[list[Relational | ForAll | Theorem], Theorem]:
        goal = Sequent("", equation(t.over_classes(term), value), hypotheses)
        known = _background_known(goal)
        return known, only_background(goal, term, value, known)

    def proof(goal: Sequent) -> Theorem:
        known, whole = steps(goal.hypotheses)
        return rewriting(goal.relation, [whole], known)

    return proof


# --- bounds ------------------------------------------------------------------------------------------------------


def iou_le_recall(goal: Sequent) -> Theorem:
    hypotheses = (Ge(x, 0), Le(x, y), Le(x, z), Gt(y, 0))
    return one_class(Le(x / (y + z - x), x / y), goal, *hypotheses, at=a)


def iou_le_precision(goal: Sequent) -> Theorem:
    hypotheses = (Ge(x, 0), Le(x, y), Le(x, z), Gt(z, 0))
    return one_class(Le(x / (y + z - x), x / z), goal, *hypotheses, at=a)


_RECALL = (Ge(x, 0), Le(x, y), Le(x, z), Gt(y, 0))


def miou_le_mpa(goal: Sequent) -> Theorem:
    return mean(one_class(Le(x / (y + z - x), x / y), goal, *_RECALL), K, goal)


def predicted_only(goal: Sequent) -> Theorem:
    """Σ over all M classes is Σ over the K that occur; and 1/M ≤ 1/K."""
    given = goal.hypotheses
    near = [*given, *INSIDE]
    iou = t.over_classes(lambda i: t.iou(i, c.M), c.M)
    parts = kernel.split(iou, K - 1, given)
    beyond = [Le(K, i, evaluate=False), Le(i, c.M - 1, evaluate=False)]
    hit = kernel.specialize(given[-1], {i: i}, beyond)
    none = kernel.linear_combination(equation(t.iou(i, c.M), S.Zero), [(1 / t.union(i, c.M), hit)], [*given, *beyond])
    zero = kernel.termwise(none, i, K, c.M - 1)
    whole = kernel.linear_combination(
        equation(iou, t.over_classes(lambda i: t.iou(i, c.M))), [(S.One, parts), (S.One, zero)], given
    )
    known = [*near, in_row(i, near, c.M), in_column(i, near, c.M)]
    values = {x: C[i, i], y: t.row(i, c.M), z: t.column(i, c.M)}
    one = summed(apply(lemma(Le(x / (y + z - x), x / y), *_RECALL), values, known))
    recalls = one.relation.rhs
    least = kernel.positivity(Ge(recalls, 0, evaluate=False), given)
    law = lemma(Le(x / w, y / v), Le(x, y), Ge(y, 0), Ge(v, 1), Le(v, w))
    bound = kernel.trans(whole, one)
    return apply(law, {x: iou, y: recalls, v: K, w: c.M}, [*given, bound, least])


def _cited(goal: Sequent, part: str) -> Theorem:
    return by_claim("segmentation.fwiou-sharp", part)


def follows_accuracy(goal: Sequent) -> Theorem:
    law = lemma(Ge(x, q**2), Ge(x, y**2), Ge(q, 0), Ge(y, q))
    return apply(law, {x: t.fwiou(), y: t.pa()}, [*goal.hypotheses, _cited(goal, "lower")])


def goes_with_accuracy(goal: Sequent) -> Theorem:
    law = lemma(Le(x, q), Le(x, y), Le(y, q))
    return apply(law, {x: t.fwiou(), y: t.pa()}, [*goal.hypotheses, _cited(goal, "upper")])


# --- two classes -------------------------------------------------------------------------------------------------


@cache
def two_classes() -> tuple[ForAll | Theorem, ...]:
    """The sums over two classes, written out, and that they are positive."""
    (seen,) = c.BOTH
    sums = [e for k in (S.Zero, S.One) for e in (t.row(k, S(2)), t.column(k, S(2)))]
    sums += [t.total(S(2)), t.hits(S(2))]
    written = [
        C[0, 0] + C[0, 1], C[0, 0] + C[1, 0], C[1, 0] + C[1, 1], C[0, 1] + C[1, 1],
        C[0, 0] + C[0, 1] + C[1, 0] + C[1, 1], C[0, 0] + C[1, 1],
    ]  # fmt: skip
    known = [kernel.ring(equation(e, plain)) for e, plain in zip(sums, written, strict=True)]
    positive = [kernel.specialize(seen, {i: k}) for k in (S.Zero, S.One)]
    counts = [kernel.specialize(t.COUNTS, {i: S(k), j: S(l)}) for k in (0, 1) for l in (0, 1)]
    return (t.COUNTS, seen, *known, *positive, *counts)


@cache
def binary_difference() -> Theorem:
    """A square times what is not negative."""
    wrong = C[0, 1] + C[1, 0]
    value = (
        wrong * (C[0, 0] - C[1, 1]) ** 2 / (2 * (C[0, 0] + wrong) * (C[1, 1] + wrong) * (C[0, 0] + C[1, 1] + 2 * wrong))
    )
    low, high = t.miou(S(2)), t.pa(S(2)) / (2 - t.pa(S(2)))
    return kernel.ring(equation(high - low, value), two_classes())


@cache
def binary_bound() -> Theorem:
    known, difference = two_classes(), binary_difference()
    least = kernel.positivity(Ge(difference.relation.rhs, 0, evaluate=False), known)
    positive = kernel.trans(difference, least)
    low, high = t.miou(S(2)), t.pa(S(2)) / (2 - t.pa(S(2)))
    return apply(lemma(Le(x, y), Ge(y - x, 0)), {x: low, y: high}, [*known, positive])


@cache
def binary_below_accuracy() -> Theorem:
    known = two_classes()
    law = lemma(Le(q / (2 - q), q), Ge(q, 0), Le(q, 1))
    range_ = [
        apply(lemma(r, Ge(x, 0), Le(x, y), Gt(y, 0)), {x: t.hits(S(2)), y: t.total(S(2))}, known)
        for r in (Ge(x / y, 0), Le(x / y, 1))
    ]
    return kernel.trans(binary_bound(), apply(law, {q: t.pa(S(2))}, [*known, *range_]))


def by_nlinarith(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, goal.hypotheses)


# --- micro-averages ----------------------------------------------------------------------------------------------


def micro(goal: Sequent) -> Theorem:
    """Σ (t_i − C_ii) = Σ (u_i − C_ii) = N − Σ C_ii."""
    given = list(goal.hypotheses)
    rows = kernel.ring(equation(c.WRONG_ROWS, t.total() - t.hits()))
    columns = kernel.linear_combination(
        equation(c.WRONG_COLUMNS, t.total() - t.hits()), [(-S.One, kernel.swap(t.total()))]
    )
    if any(isinstance(h, ForAll) for h in given):
        near = [*given, *INSIDE]
        given.append(summed(in_row(i, near)))
    used = [e for e in (rows, columns) if goal.relation.lhs.has(e.relation.lhs)]
    return replaced(goal.relation.lhs, goal.relation.rhs, used, given)


# --- accuracy and mean class accuracy as estimates ---------------------------------------------------------------


def accuracy_weights(goal: Sequent) -> Theorem:
    """Σ t_i/v R_i = Σ C_ii / v for every v ≠ 0, hence for N."""
    apart = Ne(v, 0, evaluate=False)
    known = kernel.specialize(goal.hypotheses[-1], {i: i})
    one = kernel.linear_combination(equation(t.row(i) / v * R[i], C[i, i] / v), [(1 / v, known)], [apart])
    over = summed(one)
    general = kernel.trans(over, kernel.ring(equation(over.relation.rhs, t.hits() / v), [apart]))
    theorem = kernel.instantiate(general, {v: t.total()})
    return kernel.symm(kernel.discharge(theorem, show(Ne(t.total(), 0, evaluate=False), goal.hypotheses)))


def _pick_one(at: Expr, value: Expr, given: Given) -> Theorem:
    """Σ_m [m = at] value_m = value_at."""
    theorem = kernel.instantiate(pick(n, PLACE), {n: at})
    for h in sorted(theorem.hypotheses, key=str):
        theorem = kernel.discharge(theorem, kernel.nlinarith(h, given))
    return kernel.instantiate(theorem, {F: Lambda(m, value)}, given)


def one_pixel(goal: Sequent) -> Theorem:
    """The row sum stays, the hit of class a gets one more."""
    given = goal.hypotheses
    bounds = [h for h in given if not isinstance(h, ForAll)]
    counted = [_pick_one(k, S.One, bounds) for k in (a, b)]

    def entry(i: Expr, j: Expr) -> Expr:
        return C[i, j] + c.found(i, j)

    here = t.indicator(n, a)
    row = kernel.linear_combination(
        equation(t.row(n, K, entry), t.row(n)), [(here, counted[0]), (-here, counted[1])], bounds
    )
    hit = equation(n, a)
    yes = [
        kernel.nlinarith(equation(e, value), [hit, *bounds])
        for e, value in ((here, S.One), (t.indicator(n, b), S.Zero))
    ]
    gain = equation(c.found(n, n), here)
    at_a = kernel.linear_combination(gain, [(here - t.indicator(n, b), yes[0]), (-S.One, yes[1])])
    none = kernel.nlinarith(equation(here, S.Zero), [Ne(n, a, evaluate=False)])
    elsewhere = kernel.linear_combination(gain, [(here - t.indicator(n, b) - 1, none)])
    diagonal = kernel.cases(hit, at_a, elsewhere)
    recall = kernel.rewrite(t.recall(n, K, entry), row, given)
    more = kernel.linear_combination(
        equation(recall.relation.rhs, t.recall(n) + here / t.row(n)), [(1 / t.row(n), diagonal)], given
    )
    over = kernel.termwise(kernel.trans(recall, more), n, S.Zero, K - 1)
    first = kernel.rewrite(goal.relation.lhs, over, given)
    last = equation(first.relation.rhs, goal.relation.rhs)
    return kernel.trans(first, kernel.linear_combination(last, [(1 / K, _reciprocal(given, bounds))], given))


def _reciprocal(given: Given, bounds: Given) -> Theorem:
    """Σ_n [n = a] / t_n = 1 / t_a."""
    theorem = kernel.instantiate(pick(n, PLACE), {n: a})
    for h in sorted(theorem.hypotheses, key=str):
        theorem = kernel.discharge(theorem, kernel.nlinarith(h, bounds))
    return kernel.instantiate(theorem, {F: Lambda(n, 1 / t.row(n))}, given)


def variance(goal: Sequent) -> Theorem:
    """1/t ≥ 2 w − w² t for every w; summed, with w = K/N."""
    given = goal.hypotheses
    positive = kernel.specialize(given[-1], {i: i})
    law = lemma(Ge(1 / x, 2 * w - w**2 * x), Gt(x, 0))
    over = summed(apply(law, {x: R[i]}, [*given, positive]))
    inverse, size = t.over_classes(lambda i: 1 / R[i]), t.over_classes(lambda i: R[i])
    plain = kernel.ring(equation(over.relation.rhs, 2 * w * K - w**2 * size), given)
    some = kernel.positivity(Gt(size, 0, evaluate=False), given)
    at = kernel.instantiate(kernel.trans(over, plain), {w: K / size}, [*given, some])
    tidy = kernel.ring(equation(at.relation.rhs, K**2 / size), [*given, some])
    bound = kernel.trans(at, tidy)
    final = lemma(Ge(z * x / v**2, z / y), Ge(x, v**2 / y), Gt(y, 0), Ge(z, 0), Gt(v, 0))
    chance = kernel.nlinarith(Ge(q * (1 - q), 0), given)
    return apply(final, {x: inverse, y: size, z: q * (1 - q), v: K}, [*given, bound, some, chance])


PROOFS: dict[str, Proof] = {
    "segmentation.background/pa": background_accuracy,
    "segmentation.background/mpa": background_mean(t.recall, S.One),
    "segmentation.background/miou": background_mean(t.iou, C[0, 0] / t.total()),
    "segmentation.background/fwiou": background_mean(lambda i: t.row(i) * t.iou(i), C[0, 0] ** 2 / t.total()),
    "segmentation.iou-le-recall-precision/recall": iou_le_recall,
    "segmentation.iou-le-recall-precision/precision": iou_le_precision,
    "segmentation.iou-le-recall-precision/inverse": by_ring,
    "segmentation.miou-le-mpa/same-classes": miou_le_mpa,
    "segmentation.miou-le-mpa/predicted-only": predicted_only,
    "segmentation.fwiou-fixes-imbalance/follows-accuracy": follows_accuracy,
    "segmentation.fwiou-fixes-imbalance/goes-with-accuracy": goes_with_accuracy,
    "segmentation.binary-miou/difference": lambda goal: binary_difference(),
    "segmentation.binary-miou/miou": lambda goal: binary_bound(),
    "segmentation.binary-miou/pa": by_nlinarith,
    "segmentation.binary-miou/miou-pa": lambda goal: binary_below_accuracy(),
    "segmentation.micro-iou": micro,
    "segmentation.mpa-improves-pa/pa-weights": accuracy_weights,
    "segmentation.mpa-improves-pa/mpa-weights": by_ring,
    "segmentation.mpa-improves-pa/one-pixel": one_pixel,
    "segmentation.mpa-improves-pa/variance": variance,
}
