# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field_effective`` are true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sympy import Eq, Ge, Gt, Lt, Ne, Product, S, Sum, preorder_traversal
from sympy.core.relational import Relational

from ..theory import dilation_terms as d
from ..theory import receptive_field_effective as c
from ..theory import receptive_field_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Theorem
from .receptive_field_steps import LAYERS, by_nlinarith, families, recursive
from .steps import by_ring
from .sums import only_term
from .terms import substitute
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


# --- the effective field -------------------------------------------------------------------------------------------


def profile(goal: Sequent) -> Theorem:
    """The generating polynomial of the path counts, with equal layers."""
    sizes, rates = families(goal)
    here = by_claim("dilation.path-counts", "polynomial")
    one = kernel.specialize(rates, {t.l: t.l})
    positive = kernel.nlinarith(d.RATES.body, [one])
    here = kernel.discharge_all(here, d.RATES, positive)
    taps = kernel.specialize(sizes, {t.l: t.l})
    some = next(h for h in goal.hypotheses if isinstance(h, Relational) and h.lhs == t.K)
    here = kernel.discharge_all(here, d.KERNELS, kernel.nlinarith(d.KERNELS.body, [taps, some]))
    factor = here.relation.rhs.function
    first = kernel.rewrite(factor, one, goal.hypotheses)
    second = kernel.rewrite(first.relation.rhs, taps, goal.hypotheses)
    each = kernel.trans(first, second)
    return kernel.trans(here, kernel.termwise(each, t.l, S.One, t.L, Product))


def support(goal: Sequent) -> Theorem:
    """The same number in every layer."""
    sizes, rates = (kernel.specialize(h, {t.l: t.l}) for h in families(goal))
    total = next(e for e in goal.relation.lhs.args if isinstance(e, Sum))
    each = kernel.linear_combination(equation(total.function, t.K - 1), [(t.k[t.l] - 1, rates), (S.One, sizes)])
    sums = kernel.termwise(each, t.l, *total.limits[0][1:])
    return kernel.linear_combination(goal.relation, [(S.One, sums)], [LAYERS])


@cache
def _moments() -> Theorem:
    """Σ_{τ<K} ((a + τ)² + b) = K a² + a K(K − 1) + K(K − 1)(2K − 1)/6 + K b, by induction on K."""
    a, b, many = c.y, t.z, Ge(t.K, 0)
    size = t.K
    closed = size * a**2 + a * size * (size - 1) + size * (size - 1) * (2 * size - 1) / 6 + size * b
    goal = equation(Sum((a + c.t) ** 2 + b, (c.t, 0, size - 1)), closed)
    step_goal = substitute(goal, {t.K: t.K + 1})
    step = kernel.linear_combination(step_goal, [(S.One, kernel.assume(goal))], [many])
    return kernel.induction(goal, t.K, kernel.ring(substitute(goal, {t.K: S.Zero})), step)


def variance(goal: Sequent) -> Theorem:
    """V(L, y) = y² + L(K² − 1)/12 by induction: the mean over one more tap adds (K² − 1)/12."""
    some = goal.hypotheses[1]
    call = c.SPREAD
    relation = equation(call(t.L, c.y, t.K), c.y**2 + t.L * (t.K**2 - 1) / 12)
    after = substitute(relation, {t.L: t.L + 1})
    facts = [LAYERS, some]
    unfolded = kernel.unfold(call, 1, {t.n: t.L + 1, c.y: c.y, t.K: t.K}, facts)
    place = c.y + c.t - (t.K - 1) / 2
    known = kernel.specialize(ForAll((c.y,), relation), {c.y: place})
    sums = kernel.termwise(known, c.t, S.Zero, t.K - 1)
    shift, level = c.y - (t.K - 1) / 2, t.L * (t.K**2 - 1) / 12
    moments = kernel.instantiate(_moments(), {c.y: shift, t.z: level})
    moments = kernel.discharge(moments, kernel.nlinarith(Ge(t.K, 0), [some]))
    links = [(S.One, unfolded), (1 / t.K, sums), (1 / t.K, moments)]
    step = kernel.linear_combination(after, links, facts)
    base = kernel.unfold(call, 0, {c.y: c.y, t.K: t.K})
    start = substitute(relation, {t.L: S.Zero})
    base = kernel.linear_combination(start, [(S.One, base)])
    everywhere = kernel.induction(relation, t.L, base, step)
    here = kernel.instantiate(everywhere, {c.y: S.Zero})
    return kernel.linear_combination(goal.relation, [(S.One, here)])


def shrinking(goal: Sequent) -> Theorem:
    return kernel.limit(goal.relation, goal.hypotheses)


def bound(goal: Sequent) -> Theorem:
    """y(K − 1) + 1 > y(K − 1), multiplied out."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


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
    "receptive_field.pointwise/size": same_size,
    "receptive_field.pointwise/jump": same_jump,
    "receptive_field.norm-global/every-input": every_input,
    "receptive_field.norm-global/global-mean": global_mean,
    "receptive_field.norm-global/smaller-of-two": smaller_of_two,
    "receptive_field.global-pool": run,
    "receptive_field.erf-uniform/profile": profile,
    "receptive_field.erf-uniform/variance": variance,
    "receptive_field.erf-uniform/support": support,
    "receptive_field.erf-sqrt/bound": bound,
    "receptive_field.erf-sqrt/limit": shrinking,
    "receptive_field.erf-random/energy": energy,
    "receptive_field.erf-random/mixed-terms": by_ring,
    "receptive_field.erf-relu/mean": by_nlinarith,
}


def _changed(size: int, at: int, by: int) -> dict[Any, Any]:
    """Two signals that differ in one place."""
    return {c.X: lambda l: 2 * int(l), c.Y: lambda l: 2 * int(l) + by * (int(l) == at), t.n: size, t.j: at, t.i: at + 1}


MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "receptive_field.norm-global": [_changed(3, 2, 3), _changed(2, 1, 4), _changed(5, 3, -2)],
    "receptive_field.erf-uniform": [
        {t.L: depth, t.K: taps, t.k: lambda l, taps=taps: taps, t.r: lambda l: 1, d.x: 2}
        for depth, taps in ((0, 3), (1, 2), (2, 3), (3, 2))
    ],
}
