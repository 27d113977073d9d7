# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field_layers`` and ``theory.receptive_field_networks`` are true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Ge, Gt, Le, Lt, S, Sum, ceiling, floor, preorder_traversal

from ..theory import receptive_field_networks as networks
from ..theory import receptive_field_terms as t
from ..theory.claim import Definition, Sequent
from . import kernel
from .calc import calc, equation
from .kernel import Given, Theorem
from .receptive_field_steps import LAYERS, by_nlinarith, families
from .terms import Undecided, substitute
from .verify import Proof


def quotient(numerator: Expr, denominator: Expr, whole: Expr, given: Given) -> Theorem:
    """⌊numerator/denominator⌋ = whole, from whole · denominator ≤ numerator < (whole + 1) · denominator."""
    bounds = [
        kernel.nlinarith(Le(whole * denominator, numerator, evaluate=False), given),
        kernel.nlinarith(Lt(numerator, (whole + 1) * denominator, evaluate=False), given),
        kernel.nlinarith(Ge(denominator, 1, evaluate=False), given),
    ]
    general = kernel.nlinarith(
        equation(floor(t.v / t.stride), t.n),
        [Le(t.n * t.stride, t.v), Lt(t.v, (t.n + 1) * t.stride), Ge(t.stride, 1)],
    )
    here = kernel.instantiate(general, {t.v: numerator, t.stride: denominator, t.n: whole}, given)
    for bound in bounds:
        here = kernel.discharge(here, bound)
    return here


def _floor_bounds(numerator: Expr, denominator: Expr, given: Given) -> list[Theorem]:
    """q · denominator ≤ numerator < (q + 1) · denominator, for q = ⌊numerator/denominator⌋."""
    whole = floor(numerator / denominator)
    return [
        kernel.nlinarith(Le(whole * denominator, numerator, evaluate=False), given),
        kernel.nlinarith(Lt(numerator, (whole + 1) * denominator, evaluate=False), given),
    ]


def nested_floors() -> Theorem:
    """⌊(⌊v/d⌋ + c)/s⌋ = ⌊(v + c d)/(s d)⌋ for d, s ≥ 1."""
    given = [Ge(t.d, 1), Ge(t.stride, 1)]
    inner = floor(t.v / t.d)
    outer = floor((inner + t.c) / t.stride)
    low, high = _floor_bounds(t.v, t.d, given)
    least, most = _floor_bounds(inner + t.c, t.stride, given)
    strict = kernel.nlinarith(Le(inner + t.c + 1, (outer + 1) * t.stride), [most, *given])
    scaled = [
        kernel.nlinarith(Le(outer * t.stride * t.d, (inner + t.c) * t.d), [least, *given]),
        kernel.nlinarith(Le((inner + t.c + 1) * t.d, (outer + 1) * t.stride * t.d), [strict, *given]),
    ]
    top, bottom = t.v + t.c * t.d, t.stride * t.d
    return kernel.symm(quotient(top, bottom, outer, [low, high, *scaled, *given]))


def counted(goal: Sequent) -> Theorem:
    """A sum of ones over a range that is not negative."""
    total = next(e for e in preorder_traversal(goal.relation.lhs) if isinstance(e, Sum))
    _, lower, upper = total.limits[0]
    general = kernel.ring(equation(Sum(total.function, (t.i, t.a, t.b)), t.b - t.a + 1), [Ge(t.b - t.a + 1, 0)])
    here = kernel.instantiate(general, {t.a: lower, t.b: upper}, goal.hypotheses)
    here = kernel.discharge(here, kernel.nlinarith(Ge(upper - lower + 1, 0, evaluate=False), goal.hypotheses))
    return kernel.nlinarith(goal.relation, [here, *goal.hypotheses])


def stack_outputs(goal: Sequent) -> Theorem:
    """Induction: one more layer puts a floor around the floor, and nested floors are one."""
    step_goal = substitute(goal.relation, {t.L: t.L + 1})
    facts = [LAYERS, *families(goal)]
    base_goal = substitute(goal.relation, {t.L: S.Zero})
    ratio = next(e for e in base_goal.rhs.args if isinstance(e, floor)).args[0]
    alone = kernel.congr(floor(t.z) + 1, t.z, kernel.ring(equation(ratio, t.w - 1)))
    base = calc(base_goal.lhs).eq(t.w, kernel.unfold(t.OUT, 0, {t.w: t.w})).eq(base_goal.rhs, alone).close()
    unfolded = kernel.unfold(t.OUT, 1, {t.n: t.L + 1, t.w: t.w}, facts)
    by_hypothesis = kernel.rewrite(unfolded.relation.rhs, kernel.assume(goal.relation), facts)
    top, bottom = _fraction(next(e for e in goal.relation.rhs.args if isinstance(e, floor)).args[0])
    values = {t.v: top, t.d: bottom, t.c: 2 * t.p[t.L + 1] - t.reach(t.L + 1), t.stride: t.s[t.L + 1]}
    floors = kernel.instantiate(nested_floors(), values, facts)
    product = kernel.positivity(Gt(bottom, 0), facts)
    for bound in (kernel.nlinarith(Ge(bottom, 1), [product]), kernel.nlinarith(Ge(t.s[t.L + 1], 1), facts)):
        floors = kernel.discharge(floors, bound)
    one = kernel.rewrite(by_hypothesis.relation.rhs, floors, facts)
    merged = floors.relation.rhs.args[0]
    wanted = next(e for e in step_goal.rhs.args if isinstance(e, floor)).args[0]
    same_ratio = kernel.ring(equation(merged, wanted), [*facts, product])
    last = kernel.congr(floor(t.z) + 1, t.z, same_ratio, facts)
    chain = calc(step_goal.lhs).eq(unfolded.relation.rhs, unfolded).eq(by_hypothesis.relation.rhs, by_hypothesis)
    step = chain.eq(one.relation.rhs, one).eq(step_goal.rhs, last).close()
    return kernel.induction(goal.relation, t.L, base, step)


def _rounded(rounding: Expr, whole: Expr, given: Given) -> Theorem:
    """⌊v/d⌋ = whole or ⌈v/d⌉ = whole, by multiplying out."""
    top, bottom = _fraction(rounding.args[0])
    if isinstance(rounding, floor):
        return quotient(top, bottom, whole, given)
    general = kernel.nlinarith(
        equation(ceiling(t.v / t.stride), t.n),
        [Lt((t.n - 1) * t.stride, t.v), Le(t.v, t.n * t.stride), Ge(t.stride, 1)],
    )
    here = kernel.instantiate(general, {t.v: top, t.stride: bottom, t.n: whole}, given)
    for bound in (Lt((whole - 1) * bottom, top), Le(top, whole * bottom), Ge(bottom, 1)):
        here = kernel.discharge(here, kernel.nlinarith(bound, given))
    return here


def _fraction(quotient: Expr) -> tuple[Expr, Expr]:
    bottom = next(e for e in preorder_traversal(quotient) if e.is_Pow and e.exp == -1).base
    return quotient * bottom, bottom


def same_size(goal: Sequent) -> Theorem:
    """With q = ⌊(n − 1)/s⌋: s q < n ≤ s (q + 1)."""
    down = next(e for e in preorder_traversal(goal.relation.lhs) if isinstance(e, floor))
    up = next(e for e in preorder_traversal(goal.relation.rhs) if isinstance(e, ceiling))
    bounds = _floor_bounds(*_fraction(down.args[0]), goal.hypotheses)
    return kernel.nlinarith(goal.relation, [_rounded(up, down + 1, [*bounds, *goal.hypotheses]), *goal.hypotheses])


def remainders(goal: Sequent) -> Theorem:
    """Quotient by quotient: each is a, a − c − 1, a − c, c or c + 1, whichever the kernel accepts."""
    known = []
    for rounding in goal.relation.atoms(floor, ceiling):
        for whole in (t.a, t.a - t.c - 1, t.a - t.c, t.c, t.c + 1):
            try:
                known.append(_rounded(rounding, whole, goal.hypotheses))
            except Undecided:
                continue
            break
    return kernel.nlinarith(goal.relation, [*known, *goal.hypotheses])


def by_evaluation(definitions: Sequence[Definition]) -> Proof:
    """One exact evaluation over the table of layers."""
    return lambda goal: kernel.decide(goal.relation, {}, definitions)


PROOFS: Mapping[str, Proof] = {
    "receptive_field.output-size/fits": by_nlinarith,
    "receptive_field.output-size/largest": by_nlinarith,
    "receptive_field.output-size/number": counted,
    "receptive_field.output-size/same": same_size,
    "receptive_field.output-size/stack": stack_outputs,
    "receptive_field.hull-vs-set": by_nlinarith,
    "receptive_field.branches": by_nlinarith,
    "receptive_field.transposed/number": counted,
    "receptive_field.transposed/more": remainders,
    "receptive_field.transposed/fewer": remainders,
    "receptive_field.transposed": by_nlinarith,
    "receptive_field.goldens": by_evaluation(networks.GOLDENS.definitions),
    "receptive_field.resnet50-one-number": by_evaluation(networks.RESNET50_ONE_NUMBER.definitions),
}
