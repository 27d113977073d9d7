# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_scores`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Abs, Expr, Limit, S, Sum, log
from sympy.core.relational import Ge, Gt, Le, Lt, Ne, Relational

from ..theory import smoothing_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .smoothing_steps import (
    at,
    by_nlinarith,
    derivative_of,
    families,
    inside,
    instance,
    nonnegative,
    parted,
    parted_plainly,
    summed,
)
from .steps import by_ring
from .terms import substitute
from .verify import Proof

_SIDES = ((S.Zero, t.j - 1), (t.j + 1, t.n - 1))


def low_loss(goal: Sequent) -> Theorem:
    """Every −log p is ≥ 0, so one alone is below log 2; the exponential gives p > 1/2."""
    given = goal.hypotheses

    def loss(index: Expr) -> Expr:
        return log(t.p[index])

    sums = parted_plainly(loss, t.j, given)
    rest = []
    for low, high in _SIDES:
        known = [*given, *inside(low, high)]
        below = kernel.monotone("log", instance(given[1], known), known)
        part = summed(kernel.nlinarith(Le(loss(t.i), 0, evaluate=False), [*known, below]), low, high)
        rest.append(kernel.trans(part, kernel.ring(equation(part.relation.rhs, S.Zero), given)))
    alone = kernel.nlinarith(Gt(log(t.p[t.j]), -log(2), evaluate=False), [*given, sums, *rest])
    grown = kernel.monotone("exp", alone, given)
    values = [kernel.ring(equation(*pair), given) for pair in zip(grown.relation.args, (t.p[t.j], S.Half), strict=True)]
    return kernel.trans(kernel.symm(values[0]), grown, values[1])


def high_mean(goal: Sequent) -> Theorem:
    """The others contribute n − 1 at most."""
    given = goal.hypotheses
    sums = parted(lambda e: t.p[e], t.j, given)
    rest = []
    for low, high in _SIDES:
        part = summed(instance(given[0], [*given, *inside(low, high)]), low, high)
        rest.append(kernel.trans(part, kernel.ring(equation(part.relation.rhs, high - low + 1), given)))
    return kernel.nlinarith(goal.relation, [*given, sums, *rest])


def constant(goal: Sequent) -> Theorem:
    """No sign changes."""
    given = goal.hypotheses
    known = [*given, *inside()]
    small = instance(given[0], known)
    body = kernel.nlinarith(equation(t.step(t.g[t.i] + t.d[t.i]), t.step(t.g[t.i])), [*known, small])
    return kernel.termwise(body, t.i, S.Zero, t.n - 1)


def margin(goal: Sequent) -> Theorem:
    """Each of the two largest is at least what the other one is there."""
    given = goal.hypotheses
    small, before, after = families(goal)
    there = [
        kernel.specialize(before, {t.i: t.m}, given),
        kernel.specialize(after, {t.i: t.l}, given),
        *(kernel.specialize(small, {t.i: e}, given) for e in (t.j, t.l, t.m)),
    ]
    return kernel.nlinarith(goal.relation, there)


def quotient(goal: Sequent) -> Theorem:
    """No sign changes, so the difference is 0."""
    given = goal.hypotheses
    known = [*given, *inside()]
    sizes = [instance(h, known) for h in families(goal)]
    body = kernel.nlinarith(equation(t.step(t.g[t.i] + t.d[t.i]), t.step(t.g[t.i])), [*known, *sizes])
    same = kernel.termwise(body, t.i, S.Zero, t.n - 1)
    lemma = kernel.nlinarith(equation((t.u - t.v) / t.h, S.Zero), [given[0], equation(t.u, t.v)])
    return at(lemma, {t.u: same.relation.lhs, t.v: same.relation.rhs}, (same,), given)


def flat(goal: Sequent) -> Theorem:
    """For 0 < |h| < δ the quotient is 0."""
    given = goal.hypotheses
    near = [Gt(t.h, -t.delta, evaluate=False), Lt(t.h, t.delta, evaluate=False), Ne(t.h, 0, evaluate=False)]
    known = [*given, *inside(), *near]
    sizes = [instance(h, known) for h in families(goal)]
    product = kernel.nlinarith(
        Lt(Abs(t.h * t.v), t.delta, evaluate=False), [*near, Le(Abs(t.v), 1, evaluate=False), Gt(t.delta, 0)]
    )
    moved = at(product, {t.v: t.d[t.i]}, (sizes[1],), known)
    body = kernel.nlinarith(equation(t.step(t.g[t.i] + t.h * t.d[t.i]), t.step(t.g[t.i])), [*known, *sizes, moved])
    same = kernel.termwise(body, t.i, S.Zero, t.n - 1)
    lemma = kernel.nlinarith(equation((t.u - t.v) / t.h, S.Zero), [near[2], equation(t.u, t.v)])
    zero = at(lemma, {t.u: same.relation.lhs, t.v: same.relation.rhs}, (same,), [*given, *near])
    known_limit = kernel.limit(equation(Limit(S.Zero, t.h, 0, "+-"), S.Zero))
    return kernel.limit_congr(zero, known_limit, [*given, *near])


def true_class(goal: Sequent) -> Theorem:
    """Only the true class has a label."""
    given = goal.hypotheses
    one, zero = kernel.assume(given[0]), given[1]

    def term(index: Expr) -> Expr:
        return t.labels[index] * t.p[index]

    sums = parted(term, t.j, given)
    rest = []
    for low, high in _SIDES:
        known = [*given, *inside(low, high)]
        body = kernel.linear_combination(equation(term(t.i), S.Zero), [(t.p[t.i], instance(zero, known))], known)
        part = kernel.termwise(body, t.i, low, high)
        rest.append(kernel.trans(part, kernel.ring(equation(part.relation.rhs, S.Zero), given)))
    combination = [(S.One, sums), (t.p[t.j], one), *((S.One, r) for r in rest)]
    return kernel.linear_combination(goal.relation, combination, given)


def batches(goal: Sequent) -> Theorem:
    """Induction on the number of batches."""
    given = goal.hypotheses
    inner = Sum(t.p[t.j * t.N + t.i], (t.i, 0, t.N - 1))
    statement = equation(Sum(inner, (t.j, 0, t.m - 1)), Sum(t.p[t.i], (t.i, 0, t.m * t.N - 1)))
    base = kernel.ring(substitute(statement, {t.m: S.Zero}))
    after = substitute(statement, {t.m: t.m + 1})
    start = [Ge(t.m, 0, evaluate=False), Ge(t.N, 1, evaluate=False)]
    grown = kernel.nlinarith(Ge(t.m * t.N, 0, evaluate=False), start)
    known = [*start, grown]
    halves = kernel.split(after.rhs, t.m * t.N - 1, known)
    parts = [a for a in halves.relation.rhs.args if a != statement.rhs]
    new = kernel.ring(equation(parts[0], substitute(inner, {t.j: t.m})), known)
    step = kernel.linear_combination(
        after, [(S.One, kernel.assume(statement)), (S.NegativeOne, halves), (S.NegativeOne, new)], known
    )
    whole = kernel.induction(statement, t.m, base, step)
    least = kernel.nlinarith(Ge(t.m, 0, evaluate=False), given)
    total = kernel.discharge(whole, least)
    pulled = kernel.ring(equation(goal.relation.lhs, total.relation.lhs / (t.m * t.N)), given)
    return kernel.linear_combination(goal.relation, [(S.One, pulled), (1 / (t.m * t.N), total)], given)


def overlap(given: Given) -> Theorem:
    """2Σpy ≤ Σ(p + y), because p(1 − y) + y(1 − p) ≥ 0."""
    known = [*given, *inside()]
    family = [instance(h, known) for h in given if isinstance(h, ForAll)]
    lemma = kernel.nlinarith(
        Le(2 * t.u * t.v, t.u + t.v, evaluate=False), [Ge(t.u, 0), Le(t.u, 1), Ge(t.v, 0), Le(t.v, 1)]
    )
    body = at(lemma, {t.u: t.p[t.i], t.v: t.labels[t.i]}, tuple(family), known)
    sums = summed(body)
    twice = kernel.ring(equation(sums.relation.lhs, 2 * t.f1_numerator()), given)
    return kernel.trans(kernel.symm(twice), sums)


def f1_range(goal: Sequent) -> Theorem:
    """N ≥ 0 or 2N ≤ D, divided."""
    given = goal.hypotheses
    upper = any(isinstance(h, ForAll) and isinstance(h.body, Le) for h in given)
    fact = overlap(given) if upper else nonnegative(t.f1_numerator(), given)
    more = [] if upper else [nonnegative(t.f1_denominator(), given)]
    lemma_facts: list[Theorem] = [fact, *more]
    if upper and goal.relation.has(t.q):
        lemma_facts += [nonnegative(t.f1_numerator(), given)]
    plain = [h for h in given if isinstance(h, Relational)]
    names = {t.f1_numerator(): t.u, t.f1_denominator(): t.v}
    relation = goal.relation.func(*(_named(side, names) for side in goal.relation.args), evaluate=False)
    known = [_named_relation(r, names) for r in (*plain, *(f.relation for f in lemma_facts))]
    lemma = kernel.nlinarith(relation, known)
    theorem = kernel.instantiate(lemma, {name: term for term, name in names.items()}, given)
    for f in lemma_facts:
        theorem = kernel.discharge(theorem, f)
    return theorem


def _named(e: Expr, names: Mapping[Expr, Expr]) -> Expr:
    return e.xreplace(dict(names))


def _named_relation(r: Relational, names: Mapping[Expr, Expr]) -> Relational:
    return r.func(*(_named(side, names) for side in r.args), evaluate=False)


def soft(goal: Sequent) -> Theorem:
    """The two denominators are one sum."""
    given = goal.hypotheses
    right = goal.relation.rhs
    counts = next(a.base for a in right.args if a.is_Pow)
    same = kernel.ring(equation(counts, t.f1_denominator()), given)
    positive_counts = kernel.nlinarith(Gt(counts, 0, evaluate=False), [*given, same])
    return kernel.ring(goal.relation, [*given, positive_counts])


def pushed_up(goal: Sequent) -> Theorem:
    """Σpy ≤ Σ(p + y)/2 over the other samples, and θ + y − θy ≥ 0 for the sample itself."""
    given = goal.hypotheses
    numerator, denominator = t.f1_numerator(t.theta), t.f1_denominator(t.theta)
    lemma = kernel.nlinarith(
        Le(2 * t.u * t.v, t.u + t.v, evaluate=False), [Ge(t.u, 0), Le(t.u, 1), Ge(t.v, 0), Le(t.v, 1)]
    )
    facts = []
    for low, high in _SIDES:
        known = [*given, *inside(low, high)]
        family = [instance(h, known) for h in families(goal)]
        body = at(lemma, {t.u: t.p[t.i], t.v: t.labels[t.i]}, tuple(family), known)
        products = Sum(t.p[t.i] * t.labels[t.i], (t.i, low, high))
        twice = kernel.ring(equation(2 * products, Sum(body.relation.lhs, (t.i, low, high))))
        facts += [kernel.trans(twice, summed(body, low, high)), nonnegative(products, given)]
    own = [kernel.specialize(h, {t.i: t.j}, given) for h in families(goal)[2:]]
    fact = kernel.nlinarith(Gt(denominator - numerator, 0, evaluate=False), [*given, *facts, *own])
    lemma = kernel.nlinarith(Gt(t.u / t.v**2, 0, evaluate=False), [Gt(t.u, 0), Gt(t.v, 0)])
    some = kernel.nlinarith(Gt(denominator, 0, evaluate=False), given)
    return at(lemma, {t.u: denominator - numerator, t.v: denominator}, (fact, some), given)


def pushed_down(goal: Sequent) -> Theorem:
    """−N/D² ≤ 0."""
    given = goal.hypotheses
    lemma = kernel.nlinarith(Le(-t.u / t.v**2, 0, evaluate=False), [Ge(t.u, 0), Gt(t.v, 0)])
    placed = kernel.instantiate(lemma, {t.u: t.f1_numerator(), t.v: t.f1_denominator()}, given)
    return kernel.discharge(placed, nonnegative(t.f1_numerator(), given))


PROOFS: Mapping[str, Proof] = {
    "smoothing.ce-vs-accuracy/enough": low_loss,
    "smoothing.surrogate-monotone/enough": high_mean,
    "smoothing.accuracy-flat/constant": constant,
    "smoothing.accuracy-flat/margin": margin,
    "smoothing.accuracy-flat/quotient": quotient,
    "smoothing.accuracy-flat/derivative": flat,
    "smoothing.acc-soft/true-class": true_class,
    "smoothing.acc-soft/batches": batches,
    "smoothing.f1/harmonic": by_ring,
    "smoothing.f1/soft": soft,
    "smoothing.f1/at-least-0": f1_range,
    "smoothing.f1/at-most-1": f1_range,
    "smoothing.f1/dice-at-least-0": f1_range,
    "smoothing.f1/dice-below-1": f1_range,
    "smoothing.f1-gradient/derivative": derivative_of(lambda at: t.f1_with(at, t.a, t.b, t.c)),
    "smoothing.f1-gradient/positive": pushed_up,
    "smoothing.f1-gradient/negative": pushed_down,
    "smoothing.f1-minibatch-bias": by_nlinarith,
}
