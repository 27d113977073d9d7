# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.rope_decay`` are true: induction, the triangle inequality, finite evaluation."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Abs, Expr, S, Sum, Symbol
from sympy.core.relational import Ge, Le

from ..theory import rope_decay as t
from ..theory.claim import ForAll, Sequent
from ..theory.rope_terms import c, h, i, j
from . import kernel
from .calc import calc, equation, ring
from .kernel import Theorem
from .steps import at_value, by_ring, inside, rewriting, sum_of
from .terms import substitute
from .verify import Proof, by_claim


def abel_identity(goal: Sequent) -> Theorem:
    """Induction on the number of pairs: the new terms of both sides agree."""
    base = kernel.ring(substitute(goal.relation, {h: 0}))
    hypothesis = kernel.assume(goal.relation)
    step = kernel.linear_combination(substitute(goal.relation, {h: h + 1}), [(1, hypothesis)], goal.hypotheses)
    return kernel.induction(goal.relation, h, base, step)


def abel_bound(goal: Sequent) -> Theorem:
    """The identity, the triangle inequality, and |Sᵢ₊₁|·|cᵢ₊₁ − cᵢ| ≤ |Sᵢ₊₁|·M term by term."""
    jumps, zero, at_least_0 = goal.hypotheses
    identity = by_claim("rope.abel-identity", "any-terms")
    total = identity.relation.lhs
    parts = Sum(t.partial_sum(t.w[j], i) * (c[i] - c[i + 1]), (i, 0, h - 1))
    by_parts = kernel.linear_combination(
        equation(total, parts),
        [(S.One, identity), (t.partial_sum(t.w[j], h - 1), kernel.assume(zero))],
        [at_least_0],
    )
    place = Symbol("z")
    triangle = kernel.triangle(parts)
    bounds = triangle.relation.rhs
    partial, bound = Abs(t.partial_sum(t.w[j], i)), goal.relation.rhs.args[0]
    jump = kernel.specialize(jumps, {j: i}, inside(bounds))
    term = _scaled(partial, jump, bound)
    term = kernel.trans(kernel.ring(equation(bounds.function, term.relation.lhs)), term)
    return (
        calc(goal.relation.lhs)
        .eq(Abs(parts), kernel.congr(Abs(place), place, by_parts))
        .le(bounds, triangle)
        .le(Sum(partial * bound, (i, 0, h - 1)), sum_of(term, bounds))
        .eq(goal.relation.rhs, ring())
        .close()
    )


def _scaled(factor: Expr, smaller: Theorem, bound: Expr) -> Theorem:
    """f·x ≤ f·M from x ≤ M, for f = |…|."""
    f, x, top = (Symbol(name, real=True) for name in ("f", "x", "top"))
    general = kernel.nlinarith(
        Le(f * x, f * top, evaluate=False), [Ge(f, 0, evaluate=False), Le(x, top, evaluate=False)]
    )
    result = kernel.instantiate(general, {f: factor, x: smaller.relation.lhs, top: bound})
    result = kernel.discharge(result, kernel.positivity(Ge(factor, 0, evaluate=False)))
    return kernel.discharge(result, smaller)


def _triangular() -> Theorem:
    """Σ_{i<h} i = h(h − 1)/2."""
    goal = equation(Sum(i, (i, 0, h - 1)), h * (h - 1) / 2)
    step = kernel.linear_combination(
        substitute(goal, {h: h + 1}), [(1, kernel.assume(goal))], [Ge(h, 0, evaluate=False)]
    )
    return kernel.induction(goal, h, kernel.ring(substitute(goal, {h: 0})), step)


def ramp_sum(goal: Sequent) -> Theorem:
    """Σ (h − i)a = a·h(h + 1)/2, and |a·x| = |a|·x for x ≥ 0."""
    ones, at_least_0 = goal.hypotheses
    assert isinstance(ones, ForAll)
    total = goal.relation.lhs.args[0]
    facts = inside(total)
    ramp = (h - i) * t.a
    plain = sum_of(rewriting(equation(total.function, ramp), [kernel.specialize(ones, {j: i}, facts)], facts), total)
    area = h * (h + 1) / 2
    summed = kernel.linear_combination(equation(plain.relation.rhs, t.a * area), [(-t.a, _triangular())], [at_least_0])
    z, x = Symbol("z"), Symbol("x", real=True)
    product = kernel.ring(equation(Abs(z * x), Abs(z) * x), [Ge(x, 0, evaluate=False)])
    product = kernel.instantiate(product, {z: t.a, x: area})
    product = kernel.discharge(product, kernel.nlinarith(Ge(area, 0, evaluate=False), [at_least_0]))
    return (
        calc(goal.relation.lhs)
        .eq(Abs(t.a * area), kernel.congr(Abs(z), z, kernel.trans(plain, summed)))
        .eq(product.relation.rhs, product)
        .eq(goal.relation.rhs, ring())
        .close()
    )


def ramp_bound(goal: Sequent) -> Theorem:
    """|Sᵢ₊₁| = i + 1, and Σ (i + 1) = h(h + 1)/2."""
    ones, at_least_0 = goal.hypotheses
    assert isinstance(ones, ForAll)
    sizes = next(x for x in goal.relation.lhs.args if isinstance(x, Sum))
    partial, facts = sizes.function.args[0], inside(sizes)
    each = kernel.specialize(ones, {j: j}, [*facts, *inside(partial)])
    count = kernel.trans(sum_of(each, partial), kernel.ring(equation(Sum(1, (j, 0, i)), i + 1), facts))
    place = Symbol("z")
    size = kernel.trans(kernel.congr(Abs(place), place, count), kernel.nlinarith(equation(Abs(i + 1), i + 1), facts))
    summed = sum_of(size, sizes)
    return kernel.linear_combination(goal.relation, [(Abs(t.a), summed), (Abs(t.a), _triangular())], [at_least_0])


# --- the kernel --------------------------------------------------------------------------------------------------


def kernel_at_0(goal: Sequent) -> Theorem:
    """Every cosine is 1."""
    return at_value(goal, goal.hypotheses[0])


def kernel_even(goal: Sequent) -> Theorem:
    """The cosine is even."""
    return at_value(goal, goal.hypotheses[0])


def kernel_bound(goal: Sequent) -> Theorem:
    """|Σ cos| ≤ Σ |cos| ≤ Σ 1."""
    total = goal.relation.lhs.args[0]
    triangle = kernel.triangle(total, goal.hypotheses)
    facts = [*goal.hypotheses, *inside(total)]
    one = kernel.nlinarith(Le(Abs(total.function), 1, evaluate=False), facts)
    bound = sum_of(one, total)
    return kernel.trans(triangle, bound, kernel.ring(equation(bound.relation.rhs, goal.relation.rhs), goal.hypotheses))


def every_offset(goal: Sequent) -> Theorem:
    """Evaluate the relation at every offset that the hypotheses allow."""
    low, high = goal.hypotheses
    assert isinstance(low, Le)
    assert isinstance(high, Le)
    return kernel.decide(goal.relation, {t.offset: range(int(low.lhs), int(high.rhs) + 1)})


def returns(goal: Sequent) -> Theorem:
    """cos 2x = 2 cos² x − 1, so |cos x| < 1/2 makes cos 2x < −1/2."""
    once, twice = (x.args[0] for x in sorted(goal.relation.lhs.args, key=lambda x: len(x.args[0].args[0].args)))
    double = kernel.ring(equation(twice, 2 * once**2 - 1))
    return kernel.nlinarith(goal.relation, [double])


PROOFS: Mapping[str, Proof] = {
    "rope.abel-identity": abel_identity,
    "rope.abel-bound": abel_bound,
    "rope.abel-bound-tight/step": by_ring,
    "rope.abel-bound-tight/sum": ramp_sum,
    "rope.abel-bound-tight/bound": ramp_bound,
    "rope.kernel/score": by_ring,
    "rope.kernel/at-0": kernel_at_0,
    "rope.kernel/even": kernel_even,
    "rope.kernel/bound": kernel_bound,
    "rope.decay-not-monotone": every_offset,
    "rope.decay-sign": every_offset,
    "rope.two-dim-no-decay/amplitude": by_ring,
    "rope.two-dim-no-decay/returns": returns,
}
