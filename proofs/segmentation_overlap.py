# SPDX-License-Identifier: BSD-3-Clause
"""Proofs about overlaps of masks: Dice and IoU, the Jaccard distance, averages over images and batches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sympy import Expr, Ge, Le, Max, S, Sum, expand, symbols
from sympy.core.relational import Eq, Gt, Lt, Ne, Relational

from ..theory import segmentation_overlap as c
from ..theory import segmentation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .segmentation_steps import (
    INSIDE,
    apply,
    at_class,
    by_nlinarith,
    divided,
    iou_most,
    lemma,
    parted,
    pieces,
    summed,
)
from .steps import rewriting
from .terms import binder
from .verify import Proof

K, i, j, m, n, a, b, C = t.K, t.i, t.j, t.m, t.n, t.a, t.b, t.C
x, y, z, v, w, q = t.x, t.y, t.z, t.v, t.w, t.q


# --- Dice and IoU ------------------------------------------------------------------------------------------------


def of_one_class(goal: Sequent) -> Theorem:
    return kernel.ring(goal.relation, at_class(goal, a))


def iou_le_dice(goal: Sequent) -> Theorem:
    law = lemma(Le(x / (y + z - x), 2 * x / (y + z)), Ge(x, 0), Le(x, y), Le(x, z), Gt(y + z - x, 0))
    return apply(law, {x: C[a, a], y: t.row(a), z: t.column(a)}, at_class(goal, a))


def dice_is_f1(goal: Sequent) -> Theorem:
    positive = kernel.positivity(Gt(t.precision(a) + t.recall(a), 0, evaluate=False), goal.hypotheses)
    return kernel.ring(goal.relation, [*goal.hypotheses, positive])


# --- means -------------------------------------------------------------------------------------------------------

_LEAST = lemma(Le(x, c.dice_of(x)), Ge(x, 0), Le(x, 1))
_TANGENT = lemma(Le(c.dice_of(x), c.dice_of(q) + 2 * (x - q) / (1 + q) ** 2), Ge(x, 0), Ge(q, 0))


def mean_least(goal: Sequent) -> Theorem:
    known = [kernel.specialize(h, {i: i}) for h in goal.hypotheses[1:]]
    one = apply(_LEAST, {x: c.I[i]}, [*goal.hypotheses, *known])
    return divided(summed(one), K, goal.hypotheses)


def below_the_tangent(term: Expr, least: Theorem, given: Given) -> Theorem:
    """Σ 2x/(1 + x) / K ≤ 2q/(1 + q) at the mean q of x."""
    whole = t.over_classes(lambda i: term)
    one = kernel.discharge(kernel.instantiate(_TANGENT, {x: term}, given), least)
    over = divided(summed(one), K, [*given, Ge(q, 0)])
    plain = c.dice_of(q) + 2 * (whole / K - q) / (1 + q) ** 2
    tidy = kernel.trans(over, kernel.ring(equation(over.relation.rhs, plain), [*given, Ge(q, 0)]))
    positive = kernel.positivity(Ge(whole / K, 0, evaluate=False), given)
    at_mean = kernel.instantiate(tidy, {q: whole / K}, [*given, positive])
    for h in sorted(at_mean.hypotheses, key=str):
        if isinstance(h, Relational) and h not in given:
            at_mean = kernel.discharge(at_mean, kernel.nlinarith(h, [positive, *given]))
    return at_mean


def mean_most(goal: Sequent) -> Theorem:
    least = kernel.specialize(goal.hypotheses[-1], {i: i})
    return below_the_tangent(c.I[i], least, goal.hypotheses)


def mean_of_equals(goal: Sequent) -> Theorem:
    one = kernel.specialize(goal.hypotheses[-1], {i: i})
    dice = kernel.congr(c.dice_of(w), w, one, [*goal.hypotheses, one])
    given = goal.hypotheses
    value = one.relation.rhs
    left = rewriting(equation(goal.relation.lhs, c.dice_of(value)), [summed(dice)], given)
    mean = kernel.trans(
        kernel.congr(w / K, w, summed(one), given), kernel.ring(equation(summed(one).relation.rhs / K, value), given)
    )
    right = kernel.congr(c.dice_of(w), w, mean, given)
    return kernel.trans(left, kernel.symm(right))


def class_dice(goal: Sequent) -> Theorem:
    """Σ dice = Σ 2 IoU / (1 + IoU)."""
    return summed(kernel.ring(equation(t.dice(i), c.dice_of(t.iou(i))), at_class(goal)))


def matrix_least(goal: Sequent) -> Theorem:
    near = [*goal.hypotheses, *INSIDE]
    most = iou_most(goal, near)
    one = apply(_LEAST, {x: t.iou(i)}, [*near, most])
    return kernel.trans(divided(summed(one), K, goal.hypotheses), _back(goal))


def _back(goal: Sequent) -> Theorem:
    return kernel.symm(kernel.congr(w / K, w, class_dice(goal), goal.hypotheses))


def matrix_most(goal: Sequent) -> Theorem:
    given = goal.hypotheses
    least = kernel.positivity(Ge(t.iou(i), 0, evaluate=False), given)
    return kernel.trans(kernel.congr(w / K, w, class_dice(goal), given), below_the_tangent(t.iou(i), least, given))


# --- the Jaccard distance ----------------------------------------------------------------------------------------


def bits(goal: Sequent) -> list[Theorem]:
    return [kernel.specialize(h, {i: i}) for h in goal.hypotheses if isinstance(h, ForAll)]


def sum_least(body: Expr, known: Sequence[Theorem | Relational]) -> Theorem:
    """0 ≤ Σ body."""
    over = summed(kernel.nlinarith(Le(0, body, evaluate=False), known))
    return kernel.trans(kernel.ring(equation(S.Zero, over.relation.lhs)), over)


def overlaps(goal: Sequent) -> list[Theorem]:
    """0 ≤ |A ∩ B| ≤ |A ∪ B|."""
    f, g = c.A[i], c.B[i]
    known = bits(goal)
    apart = sum_least(f + g - 2 * f * g, known)
    plain = kernel.ring(equation(apart.relation.rhs, c.joined(c.A, c.B) - c.common(c.A, c.B)))
    return [sum_least(f * g, known), kernel.trans(apart, plain)]


def two_sets(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, [*goal.hypotheses, *overlaps(goal)])


def definition(goal: Sequent) -> Theorem:
    u, s = c.joined(c.A, c.B), c.common(c.A, c.B)
    large = kernel.nlinarith(equation(Max(1, u), u), goal.hypotheses)
    there = kernel.rewrite(goal.relation.lhs, large, goal.hypotheses)
    return kernel.trans(there, kernel.ring(equation(there.relation.rhs, 1 - s / u), goal.hypotheses))


def itself(goal: Sequent) -> Theorem:
    f = c.A[i]
    square = summed(kernel.nlinarith(equation(f * f, f), bits(goal)))
    u, s = c.joined(c.A, c.A), c.common(c.A, c.A)
    none = kernel.linear_combination(equation(u - s, S.Zero), [(-S(2), square)])
    return kernel.linear_combination(goal.relation, [(1 / Max(1, u), none)])


def separates(goal: Sequent) -> Theorem:
    """|A ∪ B| − |A ∩ B| = Σ (A − B)² = 0."""
    f, g = c.A, c.B
    u, s = c.joined(f, g), c.common(f, g)
    zero = next(h for h in goal.hypotheses if isinstance(h, Eq))
    law = lemma(equation(x, S.Zero), equation(x / y, S.Zero), Gt(y, 0))
    top = apply(law, {x: u - s, y: Max(1, u)}, [*goal.hypotheses, kernel.assume(zero)])
    apart = Sum(f[i] + g[i] - 2 * f[i] * g[i], (i, 0, K - 1))
    plain = kernel.ring(equation(apart, u - s))
    known = [parted(apart, a, goal.hypotheses)]
    for part in pieces(apart, a)[::2]:
        body, index, low, high = binder(part)
        over = kernel.termwise(kernel.nlinarith(Le(0, body, evaluate=False), bits(goal)), index, low, high)
        known.append(kernel.trans(kernel.ring(equation(S.Zero, over.relation.lhs), goal.hypotheses), over))
    at_a = [kernel.specialize(h, {i: a}) for h in goal.hypotheses if isinstance(h, ForAll)]
    most = kernel.nlinarith(Le(f[a] + g[a] - 2 * f[a] * g[a], 0, evaluate=False), [*known, plain, top])
    return kernel.nlinarith(goal.relation, [most, *at_a])


P = symbols("p1 p2 p3 p12 p23 p13 p123", integer=True)  # the seven parts of three sets
_P_LEAST = tuple(Ge(part, 0) for part in P)


def _unions(parts: Sequence[Expr]) -> tuple[Expr, Expr, Expr]:
    """|A ∪ B|, |B ∪ D|, |A ∪ D|."""
    whole = sum(parts)
    return whole - parts[2], whole - parts[0], whole - parts[1]


def _commons(parts: Sequence[Expr]) -> tuple[Expr, Expr, Expr]:
    return parts[3] + parts[6], parts[4] + parts[6], parts[5] + parts[6]


def _distance(union: Expr, common: Expr) -> Expr:
    return (union - common) / Max(1, union)


@lru_cache
def triangle_of_parts() -> Theorem:
    """The triangle inequality for the seven counts."""
    unions, commons = _unions(P), _commons(P)
    first, second, third = (_distance(u, s) for u, s in zip(unions, commons, strict=True))
    goal = Le(third, first + second, evaluate=False)
    nonempty = [Ge(u, 1) for u in unions]
    top = expand(
        unions[0] * unions[1] * unions[2]
        + commons[2] * unions[0] * unions[1]
        - commons[0] * unions[1] * unions[2]
        - commons[1] * unions[0] * unions[2]
    )
    given = [*_P_LEAST, *nonempty]
    plain = [(u - s) / u for u, s in zip(unions, commons, strict=True)]
    value = top / (unions[0] * unions[1] * unions[2])
    least = kernel.trans(
        kernel.positivity(Le(0, value, evaluate=False), given),
        kernel.ring(equation(value, plain[0] + plain[1] - plain[2]), given),
    )
    law = lemma(Le(z, x + y), Le(0, x + y - z))
    main = apply(law, {x: plain[0], y: plain[1], z: plain[2]}, [*given, least])
    for u, s, short in zip(unions, commons, plain, strict=True):
        large = kernel.nlinarith(equation(u, Max(1, u)), given)
        known = kernel.congr((u - s) / w, w, large, given)
        main = _rewritten(main, short, known, given)
    return _nonempty(goal, main, list(zip(unions, commons, strict=True)))


def _rewritten(theorem: Theorem, short: Expr, known: Theorem, given: Given) -> Theorem:
    """The inequality with one distance written with Max."""
    low, high = theorem.relation.args
    left, right = (kernel.rewrite(side, known, given) for side in (low, high))
    return kernel.trans(kernel.symm(left), theorem, right)


def _nonempty(goal: Relational, main: Theorem, pairs: Sequence[tuple[Expr, Expr]]) -> Theorem:
    """If a union is empty, so are both sets, and two of the distances are equal, the third is 0."""
    theorem = main
    for u, _ in pairs[::-1]:
        filled = Ge(u, 1, evaluate=False)
        empty = Lt(u, 1, evaluate=False)
        absent = kernel.nlinarith(goal, [*_P_LEAST, empty])
        theorem = kernel.cases(filled, theorem, absent)
    return theorem


def triangle(goal: Sequent) -> Theorem:
    """Every common part and every union is a sum of the seven parts."""
    f, g, h = c.A[i], c.B[i], c.D[i]
    products = (
        f * (1 - g) * (1 - h), g * (1 - f) * (1 - h), h * (1 - f) * (1 - g),
        f * g * (1 - h), g * h * (1 - f), f * h * (1 - g), f * g * h,
    )  # fmt: skip
    values = {part: Sum(product, (i, 0, K - 1)) for part, product in zip(P, products, strict=True)}
    theorem = kernel.instantiate(triangle_of_parts(), values)
    known = bits(goal)
    for product in products:
        theorem = kernel.discharge(theorem, kernel.symm(sum_least(product, known)))
    return _said(theorem, goal)


def _said(theorem: Theorem, goal: Sequent) -> Theorem:
    """The same inequality in terms of intersections and unions."""
    sides = []
    for have, want in zip(theorem.relation.args, goal.relation.args, strict=True):
        sides.append(kernel.ring(equation(have, want)))
    return kernel.trans(kernel.symm(sides[0]), theorem, sides[1])


# --- averages over images and batches ----------------------------------------------------------------------------


def weighted_by_unions(goal: Sequent) -> Theorem:
    """U_n/v · H_n/U_n = H_n/v for every v ≠ 0, hence for Σ U."""
    apart = Ne(v, 0, evaluate=False)
    some = kernel.specialize(goal.hypotheses[-1], {n: n})
    body = c.U[n] / v * (c.H[n] / c.U[n])
    one = kernel.ring(equation(body, c.H[n] / v), [apart, some])
    over = kernel.termwise(one, n, S.Zero, K - 1)
    hits, size = (Sum(f[n], (n, 0, K - 1)) for f in (c.H, c.U))
    general = kernel.trans(over, kernel.ring(equation(over.relation.rhs, hits / v), [apart]))
    theorem = kernel.instantiate(general, {v: size})
    return kernel.symm(kernel.discharge(theorem, kernel.positivity(Ne(size, 0, evaluate=False), goal.hypotheses)))


def equal_sizes(size: Expr) -> Proof:
    """With v for every U_n both sides are Σ H / (v · number)."""

    def proof(goal: Sequent) -> Theorem:
        given = goal.hypotheses
        every = kernel.specialize(given[-1], {n: n})
        over = kernel.termwise(every, n, S.Zero, size - 1)
        one = kernel.congr(c.H[n] / w, w, every, given)
        quotients = kernel.termwise(one, n, S.Zero, size - 1)
        total = kernel.trans(over, kernel.ring(equation(over.relation.rhs, size * t.v), given))
        sides = []
        for side in goal.relation.args:
            known = total if not side.has(1 / c.U[n]) else quotients
            sides.append(kernel.rewrite(side, known, given))
        middle = equation(sides[0].relation.rhs, sides[1].relation.rhs)
        return kernel.trans(sides[0], kernel.ring(middle, given), kernel.symm(sides[1]))

    return proof


def only_equal_batches(goal: Sequent) -> Theorem:
    """Only batch a has hits, so the two averages are H_a/(b U_a) and H_a/Σ U."""
    given = goal.hypotheses
    above, below = (h for h in given if isinstance(h, ForAll) and h.conditions)
    size = Sum(c.U[n], (n, 0, b - 1))
    plain, quotient = Sum(c.H[n], (n, 0, b - 1)), Sum(c.H[n] / c.U[n], (n, 0, b - 1))
    values = []
    for whole in (plain, quotient):
        steps = [parted(whole, a, given)]
        for part, every in zip(pieces(whole, a)[::2], (below, above), strict=True):
            body, index, low, high = binder(part)
            near = [*given, Le(low, index, evaluate=False), Le(index, high, evaluate=False)]
            zero = kernel.specialize(every, {n: index}, near)
            none = kernel.linear_combination(equation(body, S.Zero), [(body / c.H[index], zero)], near)
            over = kernel.termwise(none, index, low, high)
            steps.append(kernel.trans(over, kernel.ring(equation(over.relation.rhs, S.Zero), given)))
        values.append(rewriting(equation(whole, pieces(whole, a)[1]), steps, given))
    same = kernel.assume(next(h for h in given if isinstance(h, Eq)))
    left = kernel.congr(w / b, w, values[1], given)
    right = kernel.congr(w / size, w, values[0], given)
    agree = kernel.trans(kernel.symm(left), same, right)
    some = [kernel.specialize(given[1], {n: a}), kernel.positivity(Gt(size, 0, evaluate=False), given)]
    law = lemma(equation(v * y, z), equation(x / y / v, x / z), Gt(x, 0), Gt(y, 0), Gt(z, 0), Ge(v, 1))
    return apply(law, {x: c.H[a], y: c.U[a], z: size, v: b}, [*given, agree, *some])


def batch_hits(goal: Sequent) -> Theorem:
    return kernel.swap(goal.relation.lhs)


def batch_pixels(goal: Sequent) -> Theorem:
    """Batches before columns, then before rows."""
    inner = summed(kernel.swap(Sum(c.batch(i, m), (m, 0, K - 1))))
    return kernel.trans(inner, kernel.swap(inner.relation.rhs))


PROOFS: dict[str, Proof] = {
    "segmentation.dice-iou/dice": of_one_class,
    "segmentation.dice-iou/iou": of_one_class,
    "segmentation.dice-iou/order": iou_le_dice,
    "segmentation.dice-iou/equal-at-ends": by_nlinarith,
    "segmentation.dice-iou/equal-only": by_nlinarith,
    "segmentation.dice-iou/increasing": by_nlinarith,
    "segmentation.dice-iou/f1": dice_is_f1,
    "segmentation.dice-iou-ranking": by_nlinarith,
    "segmentation.mean-dice-bounds/lower": mean_least,
    "segmentation.mean-dice-bounds/upper": mean_most,
    "segmentation.mean-dice-bounds/equal": mean_of_equals,
    "segmentation.mean-dice-bounds/matrix-lower": matrix_least,
    "segmentation.mean-dice-bounds/matrix-upper": matrix_most,
    "segmentation.jaccard-metric/definition": definition,
    "segmentation.jaccard-metric/empty": two_sets,
    "segmentation.jaccard-metric/least": two_sets,
    "segmentation.jaccard-metric/most": two_sets,
    "segmentation.jaccard-metric/itself": itself,
    "segmentation.jaccard-metric/separates": separates,
    "segmentation.jaccard-metric/triangle": triangle,
    "segmentation.per-image-vs-dataset/weighted": weighted_by_unions,
    "segmentation.per-image-vs-dataset/equal-unions": equal_sizes(K),
    "segmentation.batch-average/equal-batches": equal_sizes(b),
    "segmentation.batch-average/only-equal-batches": only_equal_batches,
    "segmentation.batch-average/sum-hits": batch_hits,
    "segmentation.batch-average/sum-pixels": batch_pixels,
}
