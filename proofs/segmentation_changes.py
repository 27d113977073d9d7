# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of transposition, relabelling, merging, independent predictions and absent classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from sympy import Expr, Gt, Lambda, Le, S, Sum
from sympy.core.relational import Lt, Ne, Relational

from ..theory import segmentation_changes as c
from ..theory import segmentation_terms as t
from ..theory.claim import ForAll, Sequent
from ..theory.segmentation_matrix import Y, Z
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .segmentation_steps import (
    INSIDE,
    F,
    divided,
    pick,
    show,
    summed,
)
from .steps import rewriting
from .terms import binder, occurrences, same, substitute
from .verify import Proof

K, i, j, m, n, a, b, C = t.K, t.i, t.j, t.m, t.n, t.a, t.b, t.C


def relation(hypothesis: Relational | ForAll) -> Relational:
    """A hypothesis that is a relation."""
    assert isinstance(hypothesis, Relational)
    return hypothesis


def universal(goal: Sequent, *heads: object) -> ForAll:
    """The universal hypothesis that speaks of all these families first."""
    return next(h for h in goal.hypotheses if isinstance(h, ForAll) and all(h.body.has(f) for f in heads))


# --- truth and prediction exchanged ------------------------------------------------------------------------------


def _turned(goal: Sequent, at: Expr) -> list[Theorem]:
    """Entry, row and column of the transposed matrix, in terms of the matrix."""
    every = universal(goal, c.T)
    entry = [kernel.specialize(every, {i: x, j: y}) for x, y in ((at, at), (at, m), (m, at))]
    return [entry[0], *(kernel.termwise(e, m, S.Zero, K - 1) for e in entry[1:])]


def transposed_accuracy(goal: Sequent) -> Theorem:
    entry, row, _ = _turned(goal, i)
    everything = kernel.trans(summed(row), kernel.symm(kernel.swap(t.total(), goal.hypotheses)))
    return rewriting(goal.relation, [everything, summed(entry)], goal.hypotheses)


def transposed_class(goal: Sequent, left: Expr, right: Expr, at: Expr) -> Theorem:
    """A quantity of one class of the transposed matrix; where it is defined is known from the matrix."""
    used = [e for e in _turned(goal, at) if left.has(e.relation.lhs)]
    return replaced(left, right, used, goal.hypotheses)


def replaced(left: Expr, right: Expr, used: Sequence[Theorem], given: Given) -> Theorem:
    """left = right, by replacing terms with equal ones, which are also known where it comes to being defined."""
    links = []
    for known in used:
        links.append(kernel.rewrite(left, known, [*given, *used]))
        left = links[-1].relation.rhs
    if left != right:
        links.append(kernel.ring(equation(left, right), [*given, *used]))
    return kernel.trans(*links)


def transposed_at_a(goal: Sequent) -> Theorem:
    return transposed_class(goal, goal.relation.lhs, goal.relation.rhs, a)


def transposed_mean(goal: Sequent) -> Theorem:
    one = transposed_class(goal, t.iou(i, K, c.other), t.iou(i), i)
    return rewriting(goal.relation, [summed(one)], goal.hypotheses)


def symmetric_class(goal: Sequent) -> Theorem:
    """For a symmetric matrix row and column are equal."""
    every = goal.hypotheses[-1]
    row = kernel.termwise(kernel.specialize(every, {i: a, j: m}), m, S.Zero, K - 1)
    return kernel.rewrite(goal.relation.lhs, row, [*goal.hypotheses, row])


def chance(goal: Sequent) -> Theorem:
    one = relation(goal.hypotheses[-1])
    row = kernel.ring(equation(t.row(i, K, lambda x, y: c.t[x] * c.u[y]), c.t[i] * one.lhs))
    row = kernel.trans(row, kernel.rewrite(row.relation.rhs, kernel.assume(one)))
    given = [*goal.hypotheses, row]
    recall = kernel.rewrite(t.recall(i, K, lambda x, y: c.t[x] * c.u[y]), row, given)
    return rewriting(goal.relation, [summed(recall), kernel.assume(one)], goal.hypotheses)


# --- relabelling -------------------------------------------------------------------------------------------------


def _same_place(back: ForAll, forth: ForAll) -> Theorem:
    """[s_i = j] = [i = r_j] for a permutation s with inverse r."""
    here, there = t.indicator(c.s[i], j), t.indicator(i, c.r[j])
    hit, met = equation(c.s[i], j), equation(i, c.r[j])
    home = kernel.specialize(back, {i: i}, INSIDE)
    out = kernel.specialize(forth, {i: j}, INSIDE_J)
    one = kernel.trans(kernel.symm(home), kernel.congr(c.r[n], n, kernel.assume(hit)))
    yes = _both(here, there, S.One, [kernel.assume(hit)], [one])
    moved = kernel.trans(kernel.congr(c.s[n], n, kernel.assume(met)), out)
    apart = kernel.cases(
        met,
        kernel.contradiction(equation(there, S.Zero), [moved, Ne(c.s[i], j, evaluate=False)]),
        kernel.nlinarith(equation(there, S.Zero), [Ne(i, c.r[j], evaluate=False)]),
    )
    none = kernel.nlinarith(equation(here, S.Zero), [Ne(c.s[i], j, evaluate=False)])
    return kernel.cases(hit, yes, kernel.trans(none, kernel.symm(apart)))


def _both(left: Expr, right: Expr, value: Expr, first: Given, second: Given) -> Theorem:
    one, other = (kernel.nlinarith(equation(e, value), g) for e, g in ((left, first), (right, second)))
    return kernel.trans(one, kernel.symm(other))


INSIDE_J: tuple[Relational, ...] = (Le(0, j, evaluate=False), Le(j, K - 1, evaluate=False))
PLACE: tuple[Relational, ...] = (Le(0, n, evaluate=False), Le(n, K - 1, evaluate=False))


def _pick_at(at: Expr, bounds: Sequence[Theorem]) -> Theorem:
    theorem = kernel.instantiate(pick(n, PLACE), {n: at}, list(bounds))
    for bound in bounds:
        theorem = kernel.discharge(theorem, bound)
    return theorem


def renamed(goal: Sequent) -> Theorem:
    """Σ_i F(s_i) = Σ_j F_j for a permutation s of the classes; F is general."""
    return _renamed(goal.hypotheses[-6:])


@lru_cache
def _renamed(hypotheses: tuple[ForAll, ...]) -> Theorem:
    low, high, back_low, back_high, back, forth = hypotheses
    bounds = kernel.symm(kernel.specialize(low, {i: i}, INSIDE)), kernel.specialize(high, {i: i}, INSIDE)
    over = summed(kernel.symm(_pick_at(c.s[i], bounds)))
    exchanged = kernel.swap(over.relation.rhs)
    here = kernel.congr(t.x * F[j], t.x, _same_place(back, forth))
    bounds = kernel.symm(kernel.specialize(back_low, {i: j}, INSIDE_J)), kernel.specialize(back_high, {i: j}, INSIDE_J)
    once = kernel.instantiate(_pick_at(c.r[j], bounds), {F: Lambda(n, F[j])})
    inner = kernel.termwise(kernel.trans(summed(here), once), j, S.Zero, K - 1)
    return kernel.trans(over, exchanged, inner)


def renamed_for(goal: Sequent, value: Expr) -> Theorem:
    """The same for a quantity of class n."""
    return kernel.instantiate(renamed(goal), {F: Lambda(n, value)}, goal.hypotheses[:-6])


def relabelled_sums(goal: Sequent) -> list[Theorem]:
    """Row and column of a class of the relabelled matrix are those of the class that it was."""
    row = kernel.instantiate(renamed(goal), {F: Lambda(m, C[c.s[n], m])})
    column = kernel.instantiate(renamed(goal), {F: Lambda(m, C[m, c.s[n]])})
    return [row, column]


def _has(term: Expr, part: Expr) -> bool:
    return any(same(e, part) for e, _ in occurrences(term))


def over_n(theorem: Theorem) -> Theorem:
    return kernel.termwise(theorem, n, S.Zero, K - 1)


def relabelled_total(goal: Sequent) -> Theorem:
    return kernel.trans(over_n(relabelled_sums(goal)[0]), renamed_for(goal, t.row(n)))


def relabelled_mean(term: Callable[..., Expr]) -> Proof:
    """A mean over the classes of something that is made of an entry, its row and its column."""

    def proof(goal: Sequent) -> Theorem:
        new = term(n, K, c.relabelled)
        used = [e for e in relabelled_sums(goal) if _has(new, e.relation.lhs)]
        old = substitute(term(n), {n: c.s[n]})
        sums = [over_n(replaced(new, old, used, goal.hypotheses))] if used else []
        total = [relabelled_total(goal)] if _has(goal.relation.lhs, t.total(K, c.relabelled)) else []
        equations = [*sums, *total, renamed_for(goal, term(n))]
        return rewriting(goal.relation, equations, [*goal.hypotheses, *total])

    return proof


# --- merging -----------------------------------------------------------------------------------------------------


@cache
def last_place() -> Theorem:
    """Σ_j [j = K−1] F_j = F_(K−1), for a general family F."""
    theorem = kernel.instantiate(pick(n, PLACE), {n: K - 1}, [t.CLASSES])
    for h in sorted(theorem.hypotheses - {t.CLASSES}, key=str):
        theorem = kernel.discharge(theorem, show(h, [t.CLASSES]))
    return theorem


def _last(value: Expr) -> Theorem:
    """The same for a quantity of class m."""
    return kernel.instantiate(last_place(), {F: Lambda(m, value)})


@cache
def merged_hits() -> Theorem:
    """The entries on the diagonal, summed one kind after the other."""
    there = t.indicator(i, K - 1)
    parts = [(S.One, _last(value)) for value in (C[K, m], C[m, K], C[K, K])]
    body = kernel.linear_combination(
        equation(c.merged(i, i), C[i, i] + there * C[K, i] + there * C[i, K] + there * C[K, K]),
        [(C[K, K], _squared())],
    )
    over = summed(body)
    more = t.hits(K + 1) + C[K - 1, K] + C[K, K - 1]
    return kernel.trans(over, kernel.linear_combination(equation(over.relation.rhs, more), parts, [t.CLASSES]))


def _squared() -> Theorem:
    """[i = j]² = [i = j]."""
    there = t.indicator(i, K - 1)
    place = equation(i, K - 1)
    one = kernel.nlinarith(equation(there, S.One), [place])
    none = kernel.nlinarith(equation(there, S.Zero), [Ne(i, K - 1, evaluate=False)])
    yes = kernel.linear_combination(equation(there**2, there), [(there, one)])
    no = kernel.linear_combination(equation(there**2, there), [(there - 1, none)])
    return kernel.cases(place, yes, no)


@cache
def merged_total() -> Theorem:
    """Row by row: the last entry joins the one before it; then the same for the rows."""
    there, given = t.indicator(i, K - 1), [t.CLASSES]
    last = _last(C[i, K]), _last(C[K, K])
    wide = t.row(i) + there * t.row(K) + C[i, K] + there * C[K, K]
    links = [(S.One, last[0]), (there, last[1])]
    over = summed(kernel.linear_combination(equation(t.row(i, K, c.merged), wide), links, given))
    whole = [(S.One, _last(t.row(K))), (S.One, last[1])]
    return kernel.trans(over, kernel.linear_combination(equation(over.relation.rhs, t.total(K + 1)), whole, given))


@cache
def merged_accuracy() -> Theorem:
    """Two more hits, neither of them negative, among as many pixels."""
    more, same_total, pixels = merged_hits(), merged_total(), Gt(t.total(K + 1), 0)
    least = [kernel.specialize(t.COUNTS, {i: x, j: y}) for x, y in ((K - 1, K), (K, K - 1))]
    above = kernel.nlinarith(Le(t.hits(K + 1), t.hits(K, c.merged), evaluate=False), [more, *least])
    law = divided(above, t.total(K + 1), [pixels])
    back = kernel.congr(t.hits(K, c.merged) / t.x, t.x, kernel.symm(same_total), [pixels, same_total])
    return kernel.symm(kernel.trans(law, back))


# --- independent predictions, absent classes ---------------------------------------------------------------------


def expectation(goal: Sequent) -> Theorem:
    """The expectation of a sum is the sum of the expectations, of which each is that of one pixel."""
    given = goal.hypotheses
    every = universal(goal, Z)
    low, high = S.Zero, t.P - 1
    of_class = t.indicator(Y[n], a)
    called = goal.relation.lhs.function
    pixels = next(e for e in called.args if isinstance(e, Sum))
    inside = kernel.ring(equation(called, Sum(pixels.function * called / pixels, (n, low, high))))
    apart = kernel.termwise(inside, i, S.Zero, t.Q - 1)
    turned = kernel.swap(apart.relation.rhs)
    body = binder(turned.relation.rhs)[0]
    one = kernel.specialize(every, {n: n}, [Le(low, n, evaluate=False), Le(n, high, evaluate=False)])
    pulled = kernel.ring(equation(body, of_class * one.relation.lhs))
    each = kernel.trans(pulled, kernel.congr(of_class * t.x, t.x, one, given[:1]))
    sums = kernel.termwise(each, n, low, high)
    return kernel.trans(apart, turned, sums, kernel.ring(equation(sums.relation.rhs, goal.relation.rhs), given[:1]))


def marginal(goal: Sequent) -> Theorem:
    """Σ_m t_a u_m / N = t_a, because Σ u_m = N."""
    total = goal.hypotheses[1]
    other = c.u if goal.relation.rhs.base == c.t else c.t
    plain = kernel.ring(
        equation(goal.relation.lhs, goal.relation.rhs * Sum(other[m], (m, 0, K - 1)) / t.v), goal.hypotheses
    )
    known = kernel.rewrite(plain.relation.rhs, kernel.assume(total), goal.hypotheses)
    return kernel.trans(plain, known)


def independent_iou(goal: Sequent) -> Theorem:
    given = goal.hypotheses
    row = marginal(Sequent("", equation(t.row(a, K, c.independent), c.t[a]), given[:2]))
    column = marginal(Sequent("", equation(t.column(a, K, c.independent), c.u[a]), (given[0], given[2])))
    union = c.t[a] + c.u[a] - c.t[a] * c.u[a] / t.v
    inside = kernel.linear_combination(equation(union, relation(given[3]).lhs / t.v), [], given)
    positive = kernel.trans(
        kernel.positivity(Lt(0, relation(given[3]).lhs / t.v, evaluate=False), given), kernel.symm(inside)
    )
    return replaced(goal.relation.lhs, goal.relation.rhs, [row, column], [*given, positive])


def computed(goal: Sequent) -> Theorem:
    return kernel.decide(goal.relation, {})


def absent_accuracy(goal: Sequent) -> Theorem:
    """The new row and column are zero, and so is the new hit."""
    given = goal.hypotheses
    return replaced(goal.relation.lhs, goal.relation.rhs, [_same_total(goal), _same_hits(goal)], given)


def _same_row(goal: Sequent, at: Expr) -> Theorem:
    columns = goal.hypotheses[-2]
    new = kernel.specialize(columns, {i: at})
    return kernel.linear_combination(equation(t.row(at, K + 1), t.row(at)), [(S.One, new)], goal.hypotheses[:1])


def _same_column(goal: Sequent, at: Expr) -> Theorem:
    rows = goal.hypotheses[-1]
    new = kernel.specialize(rows, {j: at})
    return kernel.linear_combination(equation(t.column(at, K + 1), t.column(at)), [(S.One, new)], goal.hypotheses[:1])


def _same_hits(goal: Sequent) -> Theorem:
    new = kernel.specialize(goal.hypotheses[-2], {i: K})
    return kernel.linear_combination(equation(t.hits(K + 1), t.hits()), [(S.One, new)], goal.hypotheses[:1])


def _same_total(goal: Sequent) -> Theorem:
    over = summed(_same_row(goal, i), K + 1)
    empty = kernel.termwise(kernel.specialize(goal.hypotheses[-1], {j: m}), m, S.Zero, K - 1)
    last = kernel.linear_combination(equation(over.relation.rhs, t.total()), [(S.One, empty)], goal.hypotheses[:1])
    return kernel.trans(over, last)


def absent_class(goal: Sequent) -> Theorem:
    return replaced(goal.relation.lhs, goal.relation.rhs, [_same_row(goal, a), _same_column(goal, a)], goal.hypotheses)


def absent_skipped(goal: Sequent) -> Theorem:
    sums = [_same_row(goal, i), _same_column(goal, i)]
    one = replaced(t.iou(i, K + 1), t.iou(i), sums, [*goal.hypotheses, *INSIDE])
    return rewriting(goal.relation, [summed(one)], goal.hypotheses)


def convention(goal: Sequent) -> Theorem:
    """The last term is the convention's value, the others are the classes'."""
    value, every = goal.hypotheses[-2:]
    within = summed(kernel.specialize(every, {i: i}, INSIDE))
    links = [(1 / (K + 1), kernel.assume(value)), (1 / (K + 1), within)]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


def weightless(goal: Sequent) -> Theorem:
    empty = kernel.termwise(kernel.specialize(goal.hypotheses[-1], {j: m}), m, S.Zero, K - 1)
    none = kernel.trans(empty, kernel.ring(equation(empty.relation.rhs, S.Zero), goal.hypotheses[:1]))
    return kernel.linear_combination(goal.relation, [(t.iou(a), none)], goal.hypotheses)


def two_classes(goal: Sequent) -> Theorem:
    every = goal.hypotheses[-1]
    rows = [kernel.ring(equation(t.row(S(k), S(2)), C[k, 0] + C[k, 1])) for k in range(2)]
    positive = [kernel.specialize(every, {i: S(k)}) for k in range(2)]
    return kernel.ring(goal.relation, [*goal.hypotheses, *rows, *positive])


PROOFS: dict[str, Proof] = {
    "segmentation.random-prediction/expectation": expectation,
    "segmentation.random-prediction/rows": marginal,
    "segmentation.random-prediction/columns": marginal,
    "segmentation.random-prediction/iou": independent_iou,
    "segmentation.random-prediction/two-pixels": computed,
    "segmentation.absent-classes/pa": absent_accuracy,
    "segmentation.absent-classes/others": absent_class,
    "segmentation.absent-classes/skipped": absent_skipped,
    "segmentation.absent-classes/convention": convention,
    "segmentation.absent-classes/weightless": weightless,
    "segmentation.merge-classes/hits": lambda goal: merged_hits(),
    "segmentation.merge-classes/total": lambda goal: merged_total(),
    "segmentation.merge-classes/pa": lambda goal: merged_accuracy(),
    "segmentation.symmetry/pa": transposed_accuracy,
    "segmentation.symmetry/iou": transposed_at_a,
    "segmentation.symmetry/miou": transposed_mean,
    "segmentation.cpa-label/rows-are-predictions": transposed_at_a,
    "segmentation.cpa-label/symmetric": symmetric_class,
    "segmentation.mpa-balanced-accuracy/two-classes": two_classes,
    "segmentation.mpa-balanced-accuracy/chance": chance,
    "segmentation.relabel-invariance/pa": relabelled_mean(lambda i, size=K, entry=t.cell: entry(i, i)),
    "segmentation.relabel-invariance/mpa": relabelled_mean(t.recall),
    "segmentation.relabel-invariance/miou": relabelled_mean(t.iou),
    "segmentation.relabel-invariance/fwiou": relabelled_mean(
        lambda i, size=K, entry=t.cell: t.row(i, size, entry) * t.iou(i, size, entry)
    ),
}
