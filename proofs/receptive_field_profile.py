# SPDX-License-Identifier: BSD-3-Clause
"""Why uniform filters have a multinomial profile, and what its variance is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sympy import Expr, Ge, Le, Product, S, Sum
from sympy.core.relational import Relational

from ..theory import dilation_terms as d
from ..theory import receptive_field_effective as c
from ..theory import receptive_field_terms as t
from ..theory.claim import ForAll, Sequent
from . import dilation_steps, kernel
from .calc import equation
from .kernel import Given, Theorem
from .receptive_field_steps import LAYERS, families
from .steps import inside, rewriting
from .sums import from_zero, vanishing
from .terms import binder, substitute
from .verify import Proof, by_claim


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


# --- moments of the profile ----------------------------------------------------------------------------------------


def _extent(goal: Sequent) -> Theorem:
    """The last offset: L (K − 1)."""
    total = d.extent(t.L)
    whole = support(Sequent("", equation(total + 1, t.L * (t.K - 1) + 1), goal.hypotheses))
    return kernel.linear_combination(equation(total, t.L * (t.K - 1)), [(S.One, whole)])


def _one_layer(goal: Sequent) -> Theorem:
    """P(L + 1, o) = Σ_τ P(L, o − τ) with K taps at rate 1."""
    once = dilation_steps.unfolded(d.PATHS, t.L + 1, t.o, [LAYERS])
    sizes, rates = (kernel.specialize(h, {t.l: t.L + 1}) for h in families(goal))
    for known in (rates, sizes):
        once = kernel.trans(once, kernel.rewrite(once.relation.rhs, known))
    return once


def _shifted(goal: Sequent, weight: Expr) -> Theorem:
    """Σ_{o=0}^{(L+1)(K−1)} P(L, o − τ) g(o) = Σ_{o=0}^{L(K−1)} P(L, o) g(o + τ) for a tap τ: outside, P is 0."""
    last, tap = t.L * (t.K - 1), c.t
    positive = kernel.nlinarith(Ge(last, 0), [LAYERS, Ge(t.K, 1)])
    facts = [LAYERS, Ge(t.K, 1), Le(0, tap), Le(tap, t.K - 1), positive, _extent(goal)]
    body = d.PATHS(t.L, t.o - tap) * weight
    first = kernel.split(Sum(body, (t.o, 0, (t.L + 1) * (t.K - 1))), tap - 1, facts)
    low, rest = sorted(first.relation.rhs.args, key=lambda e: e.limits[0][1] != 0)
    second = kernel.split(rest, tap + last, facts)
    middle, high = sorted(second.relation.rhs.args, key=lambda e: e.limits[0][1] != tap)
    empty = [
        vanishing(part, _no_path(goal, find, body, weight, [*inside(part), *facts]), facts)
        for part, find in ((low, dilation_steps.hole_before), (high, dilation_steps.hole_outside))
    ]
    moved = from_zero(middle, facts)
    plain = Sum(d.PATHS(t.L, t.o) * substitute(weight, {t.o: t.o + tap}), (t.o, 0, last))
    return rewriting(equation(first.relation.lhs, plain), [first, second, *empty, moved], facts)


def _no_path(goal: Sequent, find: Any, body: Expr, weight: Expr, given: Given) -> Theorem:
    none = find(t.L, t.o - c.t, given)
    rates = families(goal)[1]
    if d.RATES in none.hypotheses:
        one = kernel.specialize(rates, {t.l: t.l})
        none = kernel.discharge_all(none, d.RATES, kernel.nlinarith(d.RATES.body, [one]))
    return kernel.linear_combination(equation(body, S.Zero), [(weight, none)], given)


def profile_variance(goal: Sequent) -> Theorem:
    """Σ P(L, o)(o + y)² = K^L ((y + L(K − 1)/2)² + L(K² − 1)/12) by induction, for every y at once."""
    some, place, size = goal.hypotheses[1], c.y, t.K
    weight, level = (t.o + place) ** 2, t.L * (size**2 - 1) / 12
    middle = place + t.L * (size - 1) / 2
    total = Sum(d.PATHS(t.L, t.o) * weight, (t.o, 0, t.L * (size - 1)))
    relation = equation(total, size**t.L * (middle**2 + level))
    after = substitute(relation, {t.L: t.L + 1})
    facts = [LAYERS, some]
    once = kernel.congr(t.z * weight, t.z, _one_layer(goal))
    spread = Sum(d.PATHS(t.L, t.o - c.t) * weight, (c.t, 0, size - 1))
    each = kernel.trans(once, kernel.ring(equation(once.relation.rhs, spread), facts))
    opened = kernel.termwise(each, t.o, S.Zero, (t.L + 1) * (size - 1))
    swapped = kernel.swap(opened.relation.rhs, facts)
    shifted = kernel.termwise(_shifted(goal, weight), c.t, S.Zero, size - 1)
    below = kernel.specialize(ForAll((place,), relation), {place: place + c.t})
    same_sum = kernel.ring(equation(binder(shifted.relation.rhs)[0], below.relation.lhs))
    summed = kernel.termwise(kernel.trans(same_sum, below), c.t, S.Zero, size - 1)
    moments = kernel.instantiate(_moments(), {place: middle, t.z: level})
    moments = kernel.discharge(moments, kernel.nlinarith(Ge(size, 0), [some]))
    chain = kernel.trans(opened, swapped, shifted, summed)
    links = [(S.One, chain), (size**t.L, moments)]
    step = kernel.linear_combination(after, links, facts)
    start = substitute(relation, {t.L: S.Zero})
    base = kernel.linear_combination(start, [(place**2, kernel.unfold(d.PATHS, 0, {}))], [some])
    everywhere = kernel.induction(relation, t.L, base, step)
    here = kernel.instantiate(everywhere, {place: -t.L * (size - 1) / 2})
    return kernel.linear_combination(goal.relation, [(S.One, here)], facts)


PROOFS: Mapping[str, Proof] = {
    "receptive_field.erf-uniform/profile": profile,
    "receptive_field.erf-uniform/variance": variance,
    "receptive_field.erf-uniform/profile-variance": profile_variance,
    "receptive_field.erf-uniform/support": support,
}

MODELS: Sequence[Mapping[Any, Any]] = [
    {t.L: depth, t.K: taps, t.k: lambda l, taps=taps: taps, t.r: lambda l: 1, d.x: 2}
    for depth, taps in ((0, 3), (1, 2), (2, 3), (3, 2))
]
