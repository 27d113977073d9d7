# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the bounds between the metrics of one confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Expr, Ge, Le, S
from sympy.core.relational import Eq, Gt, Lt, Relational

from ..theory import segmentation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import calc, equation
from .kernel import Given, Theorem
from .segmentation_steps import (
    INSIDE,
    apply,
    divided,
    in_column,
    in_row,
    lemma,
    member_le,
    parted,
    pieces,
    summed,
)
from .steps import rewriting
from .terms import binder, substitute
from .verify import Proof

K, i, j, m, n, a, b, C = t.K, t.i, t.j, t.m, t.n, t.a, t.b, t.C
x, y, z, v, w, q = t.x, t.y, t.z, t.v, t.w, t.q


def at_class(goal: Sequent, at: Expr = i) -> list[Theorem | Relational | ForAll]:
    """What holds of one class: C_ii ≤ t_i, C_ii ≤ u_i, beside the hypotheses."""
    given = [*goal.hypotheses, *(INSIDE if at == i else ())]
    return [*given, in_row(at, given), in_column(at, given)]


# C_ii = x, t_i = y, u_i = z
_CLASS = (Ge(x, 0), Le(x, y), Le(x, z), Gt(y + z - x, 0))
_PLACE = {x: C[i, i], y: t.row(i), z: t.column(i)}


def one_class(relation: Relational, goal: Sequent, *hypotheses: Relational, at: Expr = i, **more: Expr) -> Theorem:
    """A fact about hits, row and column, for a class."""
    values = {x: C[at, at], y: t.row(at), z: t.column(at)}
    return apply(lemma(relation, *hypotheses), values, at_class(goal, at))


def mean(theorem: Theorem, by: Expr, goal: Sequent) -> Theorem:
    """Σ f / by ≤ Σ g / by."""
    return divided(summed(theorem), by, goal.hypotheses)


# --- range -------------------------------------------------------------------------------------------------------


def not_negative(goal: Sequent) -> Theorem:
    return kernel.positivity(goal.relation, goal.hypotheses)


def pa_most(goal: Sequent) -> Theorem:
    given = [*goal.hypotheses, *INSIDE]
    return _at_most_one(divided(summed(in_row(i, given)), t.total(), goal.hypotheses), goal)


def _at_most_one(theorem: Theorem, goal: Sequent) -> Theorem:
    chain = calc(theorem.relation.lhs).le(theorem.relation.rhs, theorem)
    if theorem.relation.rhs != goal.relation.rhs:
        chain = chain.eq(
            goal.relation.rhs, kernel.ring(equation(theorem.relation.rhs, goal.relation.rhs), goal.hypotheses)
        )
    return chain.close()


def mpa_most(goal: Sequent) -> Theorem:
    one = one_class(Le(x / y, 1), goal, Le(x, y), Gt(y, 0))
    return _at_most_one(mean(one, K, goal), goal)


def miou_most(goal: Sequent) -> Theorem:
    one = one_class(Le(x / (y + z - x), 1), goal, *_CLASS)
    return _at_most_one(mean(one, K, goal), goal)


def fwiou_most(goal: Sequent) -> Theorem:
    one = one_class(Le(y * (x / (y + z - x)), y), goal, *_CLASS)
    return _at_most_one(mean(one, t.total(), goal), goal)


def fwiou_le_pa(goal: Sequent) -> Theorem:
    one = one_class(Le(y * (x / (y + z - x)), x), goal, *_CLASS)
    return mean(one, t.total(), goal)


# --- diagonal matrices -------------------------------------------------------------------------------------------


def diagonal_sum(e: Expr, at: Expr, goal: Sequent) -> Theorem:
    """A row or a column is its diagonal entry."""
    every = goal.hypotheses[-1]
    given = [*goal.hypotheses, *INSIDE]
    steps = [parted(e, at, given)]
    for part in pieces(e, at)[::2]:
        body, index, low, high = binder(part)
        near = [*given, Le(low, index, evaluate=False), Le(index, high, evaluate=False)]
        zero = kernel.specialize(every, {i: body.indices[0], j: body.indices[1]}, near)
        none = kernel.termwise(zero, index, low, high)
        steps.append(kernel.trans(none, kernel.ring(equation(none.relation.rhs, S.Zero), given)))
    return rewriting(equation(e, C[at, at]), steps, given)


def diagonal(term: Expr, value: Expr, by: Expr) -> Proof:
    """The mean of what every class has: 1 for each, or t_i."""

    def proof(goal: Sequent) -> Theorem:
        rows = [diagonal_sum(e, i, goal) for e in (t.row(i), t.column(i))]
        given = [*goal.hypotheses, *INSIDE, *rows]
        one = kernel.nlinarith(equation(term, value), given)
        over = kernel.congr(w / by, w, summed(one), goal.hypotheses)
        return kernel.trans(over, kernel.ring(equation(over.relation.rhs, goal.relation.rhs), goal.hypotheses))

    return proof


def diagonal_accuracy(goal: Sequent) -> Theorem:
    rows = summed(diagonal_sum(t.row(i), i, goal))
    return kernel.rewrite(goal.relation.lhs, kernel.symm(rows), goal.hypotheses)


# --- one member of a sum of terms that are not negative ----------------------------------------------------------


def member_at_most(term: Expr, at: Expr, least: Callable[[Given], Theorem], given: Given) -> Theorem:
    """term_a ≤ Σ_i term_i, where ``least`` shows 0 ≤ term_i for a class i that is bounded by what it is given."""
    whole = t.over_classes(lambda i: term)
    known: list[Theorem] = [parted(whole, at, given)]
    for part in pieces(whole, at)[::2]:
        _, index, low, high = binder(part)
        inside = [Le(low, index, evaluate=False), Le(index, high, evaluate=False)]
        over = kernel.termwise(least([*given, *inside]), index, low, high)
        zero = kernel.ring(equation(S.Zero, over.relation.lhs), given)
        known.append(kernel.trans(zero, over))
    return kernel.nlinarith(Le(substitute(term, {i: at}), whole, evaluate=False), [*given, *known])


def off_diagonal(full: Theorem, given: Given) -> Theorem:
    """C_ab = 0 for b ≠ a, from t_a ≤ C_aa."""
    cases = []
    for part, side in zip(
        pieces(t.row(a), a)[::2], (Le(b, a - 1, evaluate=False), Gt(b, a - 1, evaluate=False)), strict=True
    ):
        near = [*given, side]
        rest = next(p for p in pieces(t.row(a), a)[::2] if p != part)
        known = [
            parted(t.row(a), a, near),
            member_le(part, b, near),
            kernel.positivity(Ge(rest, 0, evaluate=False), near),
            full,
        ]
        cases.append(kernel.nlinarith(equation(C[a, b], S.Zero), [*known, *near]))
    return kernel.cases(Le(b, a - 1, evaluate=False), *cases)


def pa_only(goal: Sequent, perfect: Theorem | None = None) -> Theorem:
    """Σ (t_i − C_ii) = 0, so every term of it is 0."""
    given = goal.hypotheses
    one = perfect or kernel.assume(next(h for h in given if isinstance(h, Eq)))
    slack = t.row(i) - C[i, i]
    whole = kernel.ring(equation(t.over_classes(lambda i: slack), t.total() - t.hits()), given)
    number = apply(lemma(equation(x, y), equation(x / y, S.One), Gt(y, 0)), {x: t.hits(), y: t.total()}, [*given, one])

    def least(near: Given) -> Theorem:
        return kernel.nlinarith(Le(0, slack, evaluate=False), [in_row(i, near)])

    full = kernel.nlinarith(
        Le(t.row(a), C[a, a], evaluate=False), [member_at_most(slack, a, least, given), whole, number]
    )
    return off_diagonal(full, given)


def mean_only(term: Callable[[Expr], Expr], most: Callable[[Sequent, Given], Theorem]) -> Proof:
    """Σ (1 − term_i) = 0, so every term is 1."""

    def proof(goal: Sequent) -> Theorem:
        given = goal.hypotheses
        one = kernel.assume(next(h for h in given if isinstance(h, Eq)))
        slack = 1 - term(i)
        whole = kernel.ring(equation(t.over_classes(lambda i: slack), K - t.over_classes(term)), given)
        number = apply(
            lemma(equation(x, y), equation(x / y, S.One), Gt(y, 0)), {x: t.over_classes(term), y: K}, [*given, one]
        )

        def least(near: Given) -> Theorem:
            return kernel.nlinarith(Le(0, slack, evaluate=False), [*near, most(goal, near)])

        at_least = member_at_most(slack, a, least, given)
        perfect = kernel.nlinarith(Ge(term(a), 1, evaluate=False), [*given, at_least, whole, number])
        values = {x: C[a, a], y: t.row(a), z: t.column(a)}
        law = _FULL[term]
        full = apply(law, values, [*at_class(goal, a), perfect])
        return off_diagonal(full, given)

    return proof


_FULL: dict[Callable[[Expr], Expr], Theorem] = {
    t.recall: lemma(Le(y, x), Ge(x / y, 1), Gt(y, 0)),
    t.iou: lemma(Le(y, x), Ge(x / (y + z - x), 1), *_CLASS),
}


def recall_most(goal: Sequent, near: Given) -> Theorem:
    return apply(lemma(Le(x / y, 1), Le(x, y), Gt(y, 0)), {x: C[i, i], y: t.row(i)}, [*near, in_row(i, near)])


def iou_most(goal: Sequent, near: Given) -> Theorem:
    return apply(lemma(Le(x / (y + z - x), 1), *_CLASS), _PLACE, [*near, in_row(i, near), in_column(i, near)])


def fwiou_only(goal: Sequent) -> Theorem:
    """1 = FWIoU ≤ PA ≤ 1."""
    one = kernel.assume(next(h for h in goal.hypotheses if isinstance(h, Eq)))
    above = fwiou_le_pa(goal)
    below = pa_most(Sequent("", Le(t.pa(), 1, evaluate=False), goal.hypotheses))
    return pa_only(goal, kernel.nlinarith(equation(t.pa(), S.One), [*goal.hypotheses, one, above, below]))


# --- frequency-weighted intersection over union ------------------------------------------------------------------

_union = y + z - x
_weighted = y * (x / _union)
_excess = ((x - q * z) ** 2 + (y - x) * (x * (1 - q) ** 2 + q**2 * (z - x))) / _union


def tangent() -> Theorem:
    """t IoU − (2 q C − q² u) is a sum of squares over the union, for every q."""
    return kernel.ring(equation(_weighted - 2 * q * x + q**2 * z, _excess), [_CLASS[-1]])


def weighted_sum(goal: Sequent) -> Theorem:
    """Σ (t_i IoU_i − 2 q C_ii + q² u_i) = Σ t_i IoU_i − 2 q Σ C_ii + q² N."""
    given = goal.hypotheses
    body = t.row(i) * t.iou(i) - 2 * q * C[i, i] + q**2 * t.column(i)
    columns = kernel.swap(t.total(), given)
    whole = t.over_classes(lambda i: t.row(i) * t.iou(i)) - 2 * q * t.hits() + q**2 * t.total()
    return kernel.linear_combination(equation(t.over_classes(lambda i: body), whole), [(-(q**2), columns)], given)


def fwiou_ge_square(goal: Sequent) -> Theorem:
    """0 ≤ Σ (t_i IoU_i − 2 q C_ii + q² u_i) at q = PA."""
    given = goal.hypotheses
    least = kernel.trans(kernel.positivity(Le(0, _excess, evaluate=False), list(_CLASS)), kernel.symm(tangent()))
    one = apply(least, _PLACE, at_class(goal))
    over = summed(one)
    zero = kernel.ring(equation(S.Zero, over.relation.lhs), given)
    total = kernel.trans(zero, over, weighted_sum(goal))
    at_pa = kernel.instantiate(total, {q: t.pa()}, given)
    law = lemma(Ge(z / y, (x / y) ** 2), Ge(z - 2 * (x / y) * x + (x / y) ** 2 * y, 0), Gt(y, 0))
    return apply(law, _SUMS, [*given, kernel.symm(at_pa)])


_SUMS = {x: t.hits(), y: t.total(), z: t.over_classes(lambda i: t.row(i) * t.iou(i))}


def attained_above(goal: Sequent) -> Theorem:
    tight = kernel.specialize(goal.hypotheses[-1], {i: i})
    law = lemma(equation(_weighted, x), *_CLASS, equation(x * (z - x), S.Zero))
    one = apply(law, _PLACE, [*at_class(goal), tight])
    return kernel.congr(w / t.total(), w, summed(one), goal.hypotheses)


def only_above(goal: Sequent) -> Theorem:
    given = goal.hypotheses
    same = kernel.assume(next(h for h in given if isinstance(h, Eq)))
    slack = C[i, i] - t.row(i) * t.iou(i)

    def least(near: Given) -> Theorem:
        law = lemma(Le(0, x - _weighted), *_CLASS)
        return apply(law, _PLACE, [*near, in_row(i, near), in_column(i, near)])

    law = lemma(equation(x - z, S.Zero), equation(z / y, x / y), Gt(y, 0))
    number = apply(law, _SUMS, [*given, same])
    whole = kernel.ring(equation(t.over_classes(lambda i: slack), _SUMS[x] - _SUMS[z]), given)
    most = kernel.nlinarith(
        Le(substitute(slack, {i: a}), 0, evaluate=False),
        [*given, member_at_most(slack, a, least, given), whole, number],
    )
    final = lemma(equation(x * (z - x), S.Zero), *_CLASS, Le(x - _weighted, 0))
    return apply(final, {x: C[a, a], y: t.row(a), z: t.column(a)}, [*at_class(goal, a), most])


def attained_below(goal: Sequent) -> Theorem:
    rate, precise, found = goal.hypotheses[-3:]
    r = rate.lhs  # type: ignore[union-attr]  # it is an equation
    known = [kernel.specialize(h, {i: i}) for h in (precise, found)]
    law = lemma(equation(_weighted, q * x), *_CLASS, equation(x, q * z), equation((y - x) * z, S.Zero))
    one = apply(law, {**_PLACE, q: r}, [*at_class(goal), *known])
    over = kernel.congr(w / t.total(), w, summed(one), goal.hypotheses)
    plain = kernel.ring(equation(over.relation.rhs, r * t.pa()), goal.hypotheses)
    there = kernel.congr(w * t.pa(), w, kernel.assume(rate), goal.hypotheses)
    return kernel.trans(over, plain, there)


def only_below(conclusion: Relational, *more: Relational) -> Proof:
    """Every term of the sum of squares is 0."""

    def proof(goal: Sequent) -> Theorem:
        given = goal.hypotheses
        same = kernel.assume(next(h for h in given if isinstance(h, Eq)))
        body = t.row(i) * t.iou(i) - 2 * q * C[i, i] + q**2 * t.column(i)

        def least(near: Given) -> Theorem:
            excess = kernel.positivity(Le(0, _excess, evaluate=False), list(_CLASS))
            law = kernel.trans(excess, kernel.symm(tangent()))
            return apply(law, _PLACE, [*near, in_row(i, near), in_column(i, near)])

        most = kernel.instantiate(
            kernel.trans(member_at_most(body, a, least, given), weighted_sum(goal)), {q: t.pa()}, given
        )
        law = lemma(equation(z - 2 * (x / y) * x + (x / y) ** 2 * y, S.Zero), equation(z / y, (x / y) ** 2), Gt(y, 0))
        zero = apply(law, _SUMS, [*given, same])
        none = kernel.trans(most, zero)
        excess = kernel.nlinarith(
            Le(_excess, 0, evaluate=False),
            [_CLASS[-1], tangent(), Le(_weighted - 2 * q * x + q**2 * z, 0, evaluate=False)],
        )
        final = conclude(conclusion, excess, more)
        return apply(final, {x: C[a, a], y: t.row(a), z: t.column(a), q: t.pa()}, [*at_class(goal, a), none])

    return proof


def conclude(conclusion: Relational, excess: Theorem, more: Sequence[Relational]) -> Theorem:
    """The numerator of the excess is a sum of two terms that are not negative: both are 0."""
    given = [*_CLASS, *more]
    second = (y - x) * (x * (1 - q) ** 2 + q**2 * (z - x))
    first = (x - q * z) ** 2
    parts = [kernel.positivity(Ge(e, 0, evaluate=False), given) for e in (first, second)]
    law = lemma(Le(v, 0), Le(v / w, 0), Gt(w, 0))
    top = apply(law, {v: first + second, w: _union}, [*given, excess])
    both = [kernel.nlinarith(equation(e, S.Zero), [*parts, top]) for e in (first, second)]
    return kernel.nlinarith(conclusion, [*given, *both])


PROOFS: dict[str, Proof] = {
    "segmentation.range/fwiou-most": fwiou_most,
    "segmentation.range/pa-diagonal": diagonal_accuracy,
    "segmentation.range/mpa-diagonal": diagonal(t.recall(i), S.One, K),
    "segmentation.range/miou-diagonal": diagonal(t.iou(i), S.One, K),
    "segmentation.range/fwiou-diagonal": diagonal(t.row(i) * t.iou(i), t.row(i), t.total()),
    "segmentation.range/pa-only": pa_only,
    "segmentation.range/mpa-only": mean_only(t.recall, recall_most),
    "segmentation.range/miou-only": mean_only(t.iou, iou_most),
    "segmentation.range/fwiou-only": fwiou_only,
    "segmentation.fwiou-sharp/lower": fwiou_ge_square,
    "segmentation.fwiou-sharp/upper-attained": attained_above,
    "segmentation.fwiou-sharp/upper-only": only_above,
    "segmentation.fwiou-sharp/lower-attained": attained_below,
    "segmentation.fwiou-sharp/lower-only-precision": only_below(equation(x, q * z)),
    "segmentation.fwiou-sharp/lower-only-recall": only_below(equation((y - x) * z, S.Zero), Gt(q, 0), Lt(q, 1)),
    **{f"segmentation.range/{metric}-least": not_negative for metric in ("pa", "mpa", "miou", "fwiou")},
    "segmentation.range/pa-most": pa_most,
    "segmentation.range/mpa-most": mpa_most,
    "segmentation.range/miou-most": miou_most,
    "segmentation.fwiou-sharp/upper": fwiou_le_pa,
}
