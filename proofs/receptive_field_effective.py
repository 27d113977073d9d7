# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field_effective`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Eq, Expr, Ge, Gt, Le, Limit, Lt, Ne, S, Sum, floor, oo, preorder_traversal
from sympy.core.relational import Relational

from ..theory import dilation_terms as d
from ..theory import receptive_field_effective as c
from ..theory import receptive_field_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel, receptive_field_profile
from .calc import equation
from .kernel import Theorem
from .receptive_field_steps import LAYERS, by_nlinarith, families, recursive
from .sums import only_term
from .terms import binder, substitute
from .verify import Proof, by_claim


def same_size(goal: Sequent) -> Theorem:
    """One step of the recursion."""
    depth, one = goal.hypotheses
    unfolded = recursive(t.BOTTOM_UP, t.L + 1, [depth])
    return kernel.linear_combination(goal.relation, [(1, unfolded), (t.r[t.L + 1] * t.JUMP(t.L), kernel.assume(one))])


def same_jump(goal: Sequent) -> Theorem:
    """One step of the recursion."""
    depth, one = goal.hypotheses
    unfolded = recursive(t.JUMP, t.L + 1, [depth])
    return kernel.linear_combination(goal.relation, [(1, unfolded), (t.JUMP(t.L), kernel.assume(one))])


def _one_changed(goal: Sequent) -> tuple[list[Relational], ForAll, Theorem]:
    """The facts, that the signals agree elsewhere, and Σ (y − x) = y_j − x_j: the sums differ in one term."""
    (elsewhere,) = families(goal)
    given = [h for h in goal.hypotheses if isinstance(h, Relational)]
    total = Sum(c.Y[t.l] - c.X[t.l], (t.l, 1, t.n))
    other = [_equal(elsewhere, near) for near in (Lt(t.l, t.j), Lt(t.j, t.l))]
    return given, elsewhere, only_term(total, t.j, other[0], other[1], given)


def every_input(goal: Sequent) -> Theorem:
    """The means differ as the sums do, and the values at i are equal."""
    given, elsewhere, single = _one_changed(goal)
    here = kernel.specialize(elsewhere, {t.l: t.i}, given)
    links = [(1 / t.n, single), (S.NegativeOne, here)]
    return kernel.linear_combination(goal.relation, links, given)


def global_mean(goal: Sequent) -> Theorem:
    """The sums differ in one term."""
    given, _, single = _one_changed(goal)
    return kernel.linear_combination(goal.relation, [(1 / t.n, single)], given)


def smaller_of_two(goal: Sequent) -> Theorem:
    """The squares add up to 2a² with a = (x_2 − x_1)/2 > 0: the centred value is −a, the deviation |a|."""
    given, half = list(goal.hypotheses), (c.X[2] - c.X[1]) / 2
    root = next(e for e in preorder_traversal(goal.relation.lhs) if e.is_Pow and isinstance(e.base, Sum))
    squares = kernel.ring(equation(root.base, 2 * half**2))
    positive = kernel.nlinarith(Gt(half**2, 0), given)
    first = kernel.rewrite(goal.relation.lhs, squares, [*given, positive])
    size = kernel.nlinarith(equation(abs(half), half), given)
    second = kernel.rewrite(first.relation.rhs, size, given)
    return kernel.trans(first, second, kernel.ring(equation(second.relation.rhs, goal.relation.rhs), given))


def _equal(elsewhere: ForAll, near: Relational) -> Theorem:
    apart = kernel.nlinarith(Ne(t.l, t.j), [near])
    known = kernel.specialize(elsewhere, {t.l: t.l}, [apart])
    return kernel.linear_combination(equation(c.Y[t.l] - c.X[t.l], S.Zero), [(S.One, known)])


def run(goal: Sequent) -> Theorem:
    """Both are (m − 1) jumps more than the stack."""
    depth, size, rate = goal.hypotheses
    closed = by_claim("receptive_field.closed-form", "run")
    up = by_claim("receptive_field.closed-form", "bottom-up")
    jump = by_claim("receptive_field.jump", "product")
    unfolded = recursive(t.BOTTOM_UP, t.L + 1, [depth])
    links = [
        (S.One, unfolded),
        (t.JUMP(t.L) * t.r[t.L + 1], kernel.assume(size)),
        (t.JUMP(t.L) * (t.m - 1), kernel.assume(rate)),
        (S.One, up),
        (t.m - 1, jump),
        (S.NegativeOne, closed),
    ]
    return kernel.linear_combination(goal.relation, links, [depth])


def _pooled() -> tuple[Theorem, list[Theorem]]:
    """What a run of all outputs sees: J ⌊q/J⌋ + size, and the bounds of the floor, for q = w + 2 Σ p Π s − size."""
    size = by_claim("receptive_field.output-size", "stack")
    closed = kernel.instantiate(by_claim("receptive_field.closed-form", "run"), {t.m: size.relation.lhs})
    whole = next(e for e in preorder_traversal(size.relation.rhs) if isinstance(e, floor))
    jump = t.strides_to(t.L)
    seen = equation(closed.relation.lhs, whole * jump + t.span(t.L))
    together = kernel.linear_combination(seen, [(S.One, closed), (jump, size)], [t.STRIDES])
    quotient, some = floor(t.v / t.stride), Ge(t.stride, 1)
    laws = [
        kernel.nlinarith(Le(quotient * t.stride, t.v), [some]),
        kernel.nlinarith(Lt(t.v, (quotient + 1) * t.stride), [some]),
    ]
    top = t.w + 2 * t.weighted(t.p[t.l], t.L) - t.span(t.L)
    product = kernel.positivity(Gt(jump, 0), [t.STRIDES])
    bounds = [kernel.instantiate(law, {t.v: top, t.stride: jump}, [product]) for law in laws]
    at_least = kernel.nlinarith(Ge(jump, 1), [product])
    return together, [kernel.discharge(bound, at_least) for bound in bounds]


def pooled(goal: Sequent) -> Theorem:
    """The floor leaves over less than one jump."""
    together, bounds = _pooled()
    return kernel.nlinarith(goal.relation, [together, *bounds])


# --- the effective field -------------------------------------------------------------------------------------------


def shrinking(goal: Sequent) -> Theorem:
    return kernel.limit(goal.relation, goal.hypotheses)


def rate(goal: Sequent) -> Theorem:
    """n times the squared ratio is (K² − 1)/12/(K − 1 + 1/n)²."""
    given, positive = list(goal.hypotheses), Gt(c.y, 0)
    body = goal.relation.lhs.args[0]
    divided = (t.K**2 - 1) / 12 / (t.K - 1 + 1 / c.y) ** 2
    each = kernel.ring(equation(body, divided), [*given, positive])
    known = kernel.limit(equation(Limit(divided, c.y, oo), goal.relation.rhs), given)
    return kernel.limit_congr(each, known, given)


def bound(goal: Sequent) -> Theorem:
    """y(K − 1) + 1 > y(K − 1), multiplied out."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def _diagonal(total: Expr, goal: Sequent) -> Theorem:
    """Σ_i Σ_j M_ij C_ij = v Σ_i C_ii: of every inner sum one term is left."""
    same, apart = families(goal)[:2]
    inner, index, lower, upper = binder(total)
    body, other, _, _ = binder(inner)
    bounds = [Le(lower, index), Le(index, upper)]
    zeros = []
    for near in (Lt(other, index), Lt(index, other)):
        none = kernel.specialize(apart, {t.i: index, t.j: other}, [near])
        zeros.append(kernel.linear_combination(equation(body, S.Zero), [(c.moment[index, other], none)]))
    single = only_term(inner, index, zeros[0], zeros[1], bounds)
    value = kernel.specialize(same, {t.i: index})
    at_index = c.moment[index, index]
    left = kernel.linear_combination(
        equation(inner, value.relation.rhs * at_index), [(S.One, single), (at_index, value)], bounds
    )
    sums = kernel.termwise(left, index, lower, upper)
    whole = value.relation.rhs * Sum(at_index, (index, lower, upper))
    return kernel.trans(sums, kernel.ring(equation(sums.relation.rhs, whole)))


def mixed_terms(goal: Sequent) -> Theorem:
    return _diagonal(goal.relation.lhs, goal)


def recursion(goal: Sequent) -> Theorem:
    """The diagonal is what the definition of E adds up."""
    left = _diagonal(goal.relation.lhs, goal)
    at_least = [h for h in goal.hypotheses if isinstance(h, Relational)]
    mine = kernel.unfold(c.ENERGY, 2, {t.n: t.n, t.o: t.o}, at_least)
    before = kernel.specialize(families(goal)[-1], {t.i: t.i})
    _, index, lower, upper = binder(next(e for e in left.relation.rhs.args if isinstance(e, Sum)))
    sums = kernel.termwise(before, index, lower, upper)
    factor = left.relation.rhs / sums.relation.lhs
    links = [(S.One, left), (factor, sums), (S.NegativeOne, mine)]
    return kernel.linear_combination(goal.relation, links, at_least)


def energy(goal: Sequent) -> Theorem:
    """Induction, for all offsets at once."""
    relation = goal.relation
    after = substitute(relation, {t.L: t.L + 1})
    values = {t.n: t.L + 1, t.o: t.o}
    mine = kernel.unfold(c.ENERGY, 2, values, [LAYERS])
    counts = kernel.unfold(d.PATHS, 2, values, [LAYERS])
    power = relation.rhs / d.PATHS(t.L, t.o)
    total = Sum(c.ENERGY(t.L, t.o - t.r[t.L + 1] * c.t), (c.t, 0, t.k[t.L + 1] - 1))
    known = kernel.specialize(ForAll((t.o,), relation), {t.o: t.o - t.r[t.L + 1] * c.t})
    sums = kernel.termwise(known, c.t, *total.limits[0][1:])
    factor = mine.relation.rhs / total
    links = [(S.One, mine), (factor, sums), (-factor * power, counts)]
    step = kernel.linear_combination(after, links, [LAYERS])
    none, some = Eq(t.o, 0, evaluate=False), Ne(t.o, 0, evaluate=False)
    start = substitute(relation, {t.L: S.Zero})
    calls = (c.ENERGY, d.PATHS)
    zero = [
        kernel.trans(kernel.congr(f(S.Zero, d.h), d.h, kernel.assume(none)), kernel.unfold(f, 0, {})) for f in calls
    ]
    away = [kernel.unfold(f, 1, {t.o: t.o}, [some]) for f in calls]
    base = kernel.cases(none, *(kernel.linear_combination(start, [(1, e), (-1, p)]) for e, p in (zero, away)))
    return kernel.induction(relation, t.L, base, step)


PROOFS: Mapping[str, Proof] = {
    **receptive_field_profile.PROOFS,
    "receptive_field.pointwise/size": same_size,
    "receptive_field.pointwise/jump": same_jump,
    "receptive_field.norm-global/every-input": every_input,
    "receptive_field.norm-global/global-mean": global_mean,
    "receptive_field.norm-global/smaller-of-two": smaller_of_two,
    "receptive_field.global-pool/run": run,
    "receptive_field.global-pool/at-most": pooled,
    "receptive_field.global-pool/nearly-all": pooled,
    "receptive_field.erf-sqrt/bound": bound,
    "receptive_field.erf-sqrt/rate": rate,
    "receptive_field.erf-sqrt/limit": shrinking,
    "receptive_field.erf-random/energy": energy,
    "receptive_field.erf-random/mixed-terms": mixed_terms,
    "receptive_field.erf-random/recursion": recursion,
    "receptive_field.erf-relu/mean": by_nlinarith,
}


def _changed(size: int, at: int, by: int) -> dict[Any, Any]:
    """Two signals that differ in one place."""
    return {c.X: lambda l: 2 * int(l), c.Y: lambda l: 2 * int(l) + by * (int(l) == at), t.n: size, t.j: at, t.i: at + 1}


def _uncorrelated(depth: int, offset: int, above: Callable[[int], int]) -> dict[Any, Any]:
    """Weights of variance 2 in layers of 3 taps, and gradients above whose mean squares are given by the tap."""
    return {
        **{t.n: depth, t.o: offset, t.K: 3, t.k: lambda l: 3, t.r: lambda l: 1},
        c.VARIANCE.base: lambda l: 2,
        c.weight_moment: lambda i, j: 2 * int(i == j),
        c.moment: lambda i, j: above(int(i)) if i == j else int(i) + 2 * int(j) + 1,
    }


MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "receptive_field.norm-global": [_changed(3, 2, 3), _changed(2, 1, 4), _changed(5, 3, -2)],
    "receptive_field.erf-random": [
        _uncorrelated(1, 2, lambda tap: int(tap == 2)),
        _uncorrelated(2, 3, lambda tap: 2 * int(0 <= 3 - tap < 3)),
    ],
    "receptive_field.erf-uniform": receptive_field_profile.MODELS,
}
