# SPDX-License-Identifier: BSD-3-Clause
"""Steps that proofs about smooth approximations share: one member of a sum, logarithms, derivatives. Not trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, Integral, Limit, S, Sum, Symbol, exp, log
from sympy.core.relational import Ge, Gt, Le, Relational

from ..theory import smoothing_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel, limits
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .terms import binder
from .verify import Proof


def by_nlinarith(goal: Sequent) -> Theorem:
    """Arithmetic from the hypotheses."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def by_positivity(goal: Sequent) -> Theorem:
    """The signs of the parts."""
    return kernel.positivity(goal.relation, goal.hypotheses)


def by_interval(goal: Sequent) -> Theorem:
    """Ball arithmetic."""
    return kernel.interval(goal.relation, {})


def derivative_of(function: Callable[[Expr], Expr]) -> Proof:
    """The derivative of that function along θ is the right-hand side."""

    def prove(goal: Sequent) -> Theorem:
        slope = kernel.has_deriv(function(t.theta), t.theta, t.h, goal.hypotheses)
        return kernel.trans(slope, kernel.ring(equation(slope.relation.rhs, goal.relation.rhs), goal.hypotheses))

    return prove


def weight(index: Expr) -> Expr:
    """e^(k xᵢ)."""
    return exp(t.k * t.x[index])


def families(goal: Sequent) -> list[ForAll]:
    return [h for h in goal.hypotheses if isinstance(h, ForAll)]


def ranged(term: Callable[[Expr], Expr], low: Expr, high: Expr) -> Expr:
    """Σ over low … high."""
    return Sum(term(t.i), (t.i, low, high))


def parted(
    term: Callable[[Expr], Expr], index: Expr, given: Given, low: Expr = S.Zero, high: Expr = t.n - 1
) -> Theorem:
    """Σᵢ = Σ before + one member + Σ after."""
    whole = ranged(term, low, high)
    halves = kernel.split(whole, index, given)
    parts = ranged(term, low, index - 1) + term(index) + ranged(term, index + 1, high)
    return calc(whole).eq(halves.relation.rhs, halves).eq(parts, ring(given)).close()


def parted_plainly(term: Callable[[Expr], Expr], index: Expr, given: Given) -> Theorem:
    """The same, for terms that are not defined outside of the range."""
    whole = ranged(term, S.Zero, t.n - 1)
    outer = kernel.split(whole, index, given)
    inner = kernel.split(ranged(term, S.Zero, index), index - 1, given)
    single = kernel.ring(equation(ranged(term, index, index), term(index)), given)
    parts = ranged(term, S.Zero, index - 1) + term(index) + ranged(term, index + 1, t.n - 1)
    return kernel.nlinarith(equation(whole, parts), [*given, outer, inner, single])


def nonnegative(term: Expr, given: Given) -> Theorem:
    return kernel.positivity(Ge(term, 0, evaluate=False), given)


def positive(term: Expr, given: Given) -> Theorem:
    return kernel.positivity(Gt(term, 0, evaluate=False), given)


def exponent(term: Expr, given: Given) -> Theorem:
    """log e^u = u."""
    return kernel.ring(equation(log(term), term.args[0]), given)


def log_product(one: Expr, other: Expr, given: Given) -> Theorem:
    """log ab = log a + log b, with b left as it is."""
    lemma = kernel.ring(equation(log(t.v * t.w), log(t.v) + log(t.w)), [Gt(t.v, 0), Gt(t.w, 0)])
    return at(lemma, {t.v: one, t.w: other}, (positive(one, given), positive(other, given)), given)


def summed(body: Theorem, low: Expr = S.Zero, high: Expr = t.n - 1) -> Theorem:
    """Σ f ≤ Σ g."""
    return kernel.termwise(body, t.i, low, high)


def inside(low: Expr = S.Zero, high: Expr = t.n - 1) -> tuple[Relational, Relational]:
    """low ≤ i ≤ high."""
    return Le(low, t.i, evaluate=False), Le(t.i, high, evaluate=False)


def instance(family: ForAll, given: Given) -> Theorem:
    """A universal hypothesis at its own variable."""
    return kernel.specialize(family, {v: v for v in family.variables}, given)


def end_value(term: Expr, x: Symbol, point: Expr, side: str, given: Given) -> Theorem:
    """The limit of a primitive at an end of the interval; the kernel proves the value that is proposed here."""
    facts = [g.relation if isinstance(g, Theorem) else g for g in given]
    target = Limit(term, x, point, side)
    return kernel.limit(equation(target, limits.limit(target, facts)), given)


def integrate(e: Integral, primitive: Expr, given: Given = ()) -> Theorem:
    """∫ f = F(upper) − F(lower)."""
    _, x, lower, upper = binder(e)
    low = end_value(primitive, x, lower, "+", given)
    high = end_value(primitive, x, upper, "-", given)
    return kernel.antiderivative(e, primitive, low, high, given)


def by_primitive(primitive: Expr) -> Proof:
    """The integral on the left has that primitive, and its end values make the right-hand side."""

    def prove(goal: Sequent) -> Theorem:
        value = integrate(goal.relation.lhs, primitive, goal.hypotheses)
        return kernel.trans(value, kernel.ring(equation(value.relation.rhs, goal.relation.rhs), goal.hypotheses))

    return prove


def at(lemma: Theorem, values: Mapping[Symbol, Expr], facts: tuple[Theorem, ...] = (), given: Given = ()) -> Theorem:
    """A lemma about numbers at those values, its hypotheses shown by the facts."""
    theorem = kernel.instantiate(lemma, values, given)
    for fact in facts:
        theorem = kernel.discharge(theorem, fact)
    return theorem


def limit_of_equal(target: Limit, equal: Theorem, known: Theorem, near: Given) -> Theorem:
    """lim f = L from f = g near the point and lim g = L."""
    f, g = equal.relation.args
    below, above = (kernel.nlinarith(Le(*sides, evaluate=False), [*near, equal]) for sides in ((g, f), (f, g)))
    return kernel.squeeze(target, below, above, known, known, near)


def one_of_sum(index: Expr, given: Given) -> Theorem:
    """e^(k xⱼ) ≤ Σ."""
    sums = parted(weight, index, given)
    rest = [nonnegative(ranged(weight, *ends), given) for ends in ((S.Zero, index - 1), (index + 1, t.n - 1))]
    return kernel.nlinarith(Le(weight(index), t.weight_sum(), evaluate=False), [sums, *rest])


def shares(given: Given) -> Theorem:
    """softmax(kx)ᵢ > 0."""
    lemma = kernel.nlinarith(Gt(t.u / t.v, 0, evaluate=False), [Gt(t.u, 0), Gt(t.v, 0)])
    return at(
        lemma,
        {t.u: weight(t.i), t.v: t.weight_sum()},
        (positive(weight(t.i), given), positive(t.weight_sum(), given)),
        given,
    )


def others_small(given: Given, led: ForAll) -> list[Theorem]:
    """The sums of the weights before and after j, each at most a multiple of e^(k(xⱼ − Δ))."""
    below = exp(t.k * (t.x[t.j] - t.gap))
    halves = []
    for low, high in ((S.Zero, t.j - 1), (t.j + 1, t.n - 1)):
        known = [*given, *inside(low, high)]
        grown = kernel.nlinarith(Le(t.k * t.x[t.i], below.args[0], evaluate=False), [*known, instance(led, known)])
        part = summed(kernel.monotone("exp", grown), low, high)
        counted = kernel.ring(equation(part.relation.rhs, (high - low + 1) * below), given)
        halves.append(kernel.trans(part, counted))
    return halves
