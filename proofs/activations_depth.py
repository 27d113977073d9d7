# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_depth`` are true."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Expr, S, Sum
from sympy.core.relational import Relational

from ..theory import activations_depth as claims
from ..theory import activations_notation as n
from ..theory.activations_notation import at_least, at_most, less
from ..theory.claim import ForAll, Sequent
from . import kernel
from .activations_steps import placed
from .calc import equation
from .kernel import Theorem
from .terms import binder, substitute
from .verify import Proof

# --- affine layers -----------------------------------------------------------------------------------------------


def _inside(known: Theorem, layer: Expr) -> Theorem:
    """Σ_l W f_l = Σ_l W g_l from f_l = g_l."""
    weighted = kernel.congr(claims.W[layer, n.i, n.l] * n.u, n.u, known)
    return kernel.termwise(weighted, n.l, S.Zero, claims.widths[layer] - 1)


def collapse(goal: Sequent) -> Theorem:
    """A matrix product is a sum over the middle index, and finite sums may change places."""
    relation, (deep,) = goal.relation, goal.hypotheses
    k, i, j, l = n.k, n.i, n.j, n.l
    general = ForAll((i,), relation)
    start = [kernel.unfold(claims.NET, 0, {i: i}), kernel.unfold(claims.OFFSET, 0, {i: i})]
    row = kernel.congr(n.u * claims.inputs[j], n.u, kernel.unfold(claims.MATRIX, 0, {i: i, j: j}))
    rows = kernel.termwise(row, j, S.Zero, claims.widths[0] - 1)
    base = kernel.linear_combination(
        substitute(relation, {k: S.Zero}), [(S.One, start[0]), (-S.One, start[1]), (-S.One, rows)]
    )
    below = _inside(kernel.specialize(general, {i: l}), k + 1)
    net = kernel.unfold(claims.NET, 1, {k: k, i: i}, [deep])
    offset = kernel.unfold(claims.OFFSET, 1, {k: k, i: i}, [deep])
    matrix = kernel.unfold(claims.MATRIX, 1, {k: k, i: i, j: j}, [deep])
    entries = kernel.termwise(kernel.congr(n.u * claims.inputs[j], n.u, matrix), j, S.Zero, claims.widths[0] - 1)
    term = claims.W[k + 1, i, l] * claims.MATRIX(k, l, j) * claims.inputs[j]
    swapped = kernel.swap(Sum(Sum(term, (j, 0, claims.widths[0] - 1)), (l, 0, claims.widths[k + 1] - 1)))
    parts = [(S.One, net), (S.One, below), (S.One, swapped), (-S.One, entries), (-S.One, offset)]
    step = kernel.linear_combination(substitute(relation, {k: k + 1}), parts, [deep])
    return kernel.induction(relation, k, base, step)


def bottleneck(goal: Sequent) -> Theorem:
    """The product of the later layers, times that of the earlier ones."""
    relation, (deep, first) = goal.relation, goal.hypotheses
    k, i, j, l, p, q = n.k, n.i, n.j, n.l, claims.p, claims.q
    width = claims.widths[p + 1]
    general = ForAll((i,), relation)
    matrix = kernel.unfold(claims.MATRIX, 1, {k: p, i: i, j: j}, [first])
    one = kernel.congr(n.u * claims.MATRIX(p, q, j), n.u, kernel.unfold(claims.AFTER, 0, {i: i, j: q, p: p}))
    ones = kernel.termwise(one, q, S.Zero, width - 1)
    base = kernel.linear_combination(substitute(relation, {k: S.Zero}), [(S.One, matrix), (-S.One, ones)])
    layer = p + k + 2
    next_matrix = kernel.unfold(claims.MATRIX, 1, {k: p + k + 1, i: i, j: j}, [deep, first])
    below = _inside(kernel.specialize(general, {i: l}), layer)
    after = kernel.unfold(claims.AFTER, 1, {k: k, i: i, j: q, p: p}, [deep])
    products = kernel.termwise(kernel.congr(n.u * claims.MATRIX(p, q, j), n.u, after), q, S.Zero, width - 1)
    term = claims.W[layer, i, l] * claims.AFTER(k, l, q, p) * claims.MATRIX(p, q, j)
    swapped = kernel.swap(Sum(Sum(term, (q, 0, width - 1)), (l, 0, claims.widths[layer] - 1)))
    parts = [(S.One, next_matrix), (S.One, below), (S.One, swapped), (-S.One, products)]
    step = kernel.linear_combination(substitute(relation, {k: k + 1}), parts, [deep, first])
    return kernel.induction(relation, k, base, step)


# --- polynomials -------------------------------------------------------------------------------------------------

_SAME = {n.u: n.u, n.v: n.v}


def _added(degree: Expr, at: Expr) -> Theorem:
    return kernel.unfold(claims.EXPANSION, 1, {n.k: degree, n.j: at, **_SAME}, [at_least(degree, S.Zero)])


def _vanishing(
    relation: Relational, general: ForAll, at: Expr, values: tuple[Expr, Expr], given: list[Relational]
) -> Theorem:
    """The step of an induction for coefficients that are 0: both terms of the recursion are."""
    added = _added(n.k, at)
    (variable,) = general.variables
    same, lower = (kernel.specialize(general, {variable: value}, given) for value in values)
    return kernel.linear_combination(
        equation(added.relation.lhs, S.Zero), [(S.One, added), (n.v, same), (n.u, lower)], given
    )


@cache
def none_below() -> Theorem:
    """k ≥ 0, j < 0 ⊢ coefficient(k, j) = 0."""
    negative = less(n.j, S.Zero)
    relation = equation(claims.EXPANSION(n.k, n.j, n.u, n.v), S.Zero)
    general = ForAll((n.j,), relation, (negative,))
    first = kernel.unfold(claims.EXPANSION, 0, {n.j: n.j, **_SAME})
    base = kernel.trans(first, kernel.nlinarith(equation(first.relation.rhs, S.Zero), [negative]))
    step = _vanishing(relation, general, n.j, (n.j, n.j - 1), [at_least(n.k, S.Zero), negative])
    return kernel.induction(relation, n.k, base, step)


@cache
def none_above() -> Theorem:
    """k ≥ 0, l ≥ 0 ⊢ coefficient(k, k + 1 + l) = 0."""
    l = n.l
    wide = at_least(l, S.Zero)
    relation = equation(claims.EXPANSION(n.k, n.k + 1 + l, n.u, n.v), S.Zero)
    general = ForAll((l,), relation, (wide,))
    first = kernel.unfold(claims.EXPANSION, 0, {n.j: 1 + l, **_SAME})
    base = kernel.trans(first, kernel.nlinarith(equation(first.relation.rhs, S.Zero), [wide]))
    step = _vanishing(relation, general, n.k + 2 + l, (l + 1, l), [at_least(n.k, S.Zero), wide])
    return kernel.induction(relation, n.k, base, step)


def power_expansion(goal: Sequent) -> Theorem:
    """(ut + v)^(k+1) = (ut + v)(ut + v)^k; the coefficients satisfy that recursion, and end where they should."""
    relation, (deep,) = goal.relation, goal.hypotheses
    k, j, t = n.k, n.j, n.t
    whole = substitute(relation, {k: S.Zero})
    first = kernel.unfold(claims.EXPANSION, 0, {j: S.Zero, **_SAME})
    one = kernel.trans(first, kernel.nlinarith(equation(first.relation.rhs, S.One)))
    base = kernel.linear_combination(whole, [(-S.One, one)])
    target = substitute(relation, {k: k + 1})
    rows = kernel.termwise(kernel.congr(n.w * t**j, n.w, _added(k, j), [at_most(S.Zero, j)]), j, S.Zero, k + 1)
    last = kernel.instantiate(none_above(), {n.l: S.Zero})
    last = kernel.discharge(last, kernel.nlinarith(at_least(S.Zero, S.Zero)))
    edge = kernel.instantiate(none_below(), {j: S.NegativeOne})
    edge = kernel.discharge(edge, kernel.nlinarith(less(S.NegativeOne, S.Zero)))
    lower = Sum(claims.EXPANSION(k, j - 1, n.u, n.v) * t**j, (j, 0, k + 1))
    parts = kernel.split(lower, S.Zero, [deep])
    coefficients = [
        (n.u * t + n.v, kernel.assume(relation)), (-S.One, rows), (-n.v * t ** (k + 1), last),
        (-n.u, parts), (-n.u, edge),
    ]  # fmt: skip
    step = kernel.linear_combination(target, coefficients, [deep])
    return kernel.induction(relation, k, base, step)


@cache
def _up_to(top: Expr) -> Theorem:
    """0 ≤ k ≤ m ⊢ (ut + v)^k = Σ over all j ≤ m: the coefficients beyond k are 0."""
    k, j, t = n.k, n.j, n.t
    given = [at_least(k, S.Zero), at_most(k, top)]
    relation = claims.POLYNOMIAL.sequents()[0]
    short = power_expansion(relation)
    wide = Sum(binder(relation.relation.rhs)[0], (j, 0, top))
    parts = kernel.split(wide, k, given)
    beyond = [at_most(k + 1, j)]
    zero = kernel.instantiate(none_above(), {n.l: j - k - 1})
    zero = kernel.discharge(zero, kernel.nlinarith(at_least(j - k - 1, S.Zero), beyond))
    each = kernel.congr(n.w * t**j, n.w, zero, [given[0], *beyond])
    rest = kernel.termwise(each, j, k + 1, top)
    return kernel.linear_combination(
        equation(relation.relation.lhs, wide), [(S.One, short), (-S.One, parts), (-S.One, rest)], given
    )


def network(goal: Sequent) -> Theorem:
    """Expand every power, and collect the powers of t."""
    (deep,) = goal.hypotheses
    k, i, j, t, m = n.k, n.i, n.j, n.t, n.m
    values = {n.u: claims.inner[i], n.v: claims.shift[i]}
    in_range = [at_most(S.Zero, k), at_most(k, m)]
    expanded = kernel.instantiate(placed(_up_to(m), in_range), values)
    terms = kernel.termwise(kernel.congr(claims.power[k] * n.w, n.w, expanded), k, S.Zero, m)
    body = claims.power[k] * claims.EXPANSION(k, j, *values.values()) * t**j
    swapped = kernel.swap(Sum(Sum(body, (j, 0, m)), (k, 0, m)), [deep])
    sums = terms.relation.lhs
    by_degree = Sum(Sum(claims.power[k] * claims.EXPANSION(k, j, *values.values()), (k, 0, m)) * t**j, (j, 0, m))
    collected = kernel.linear_combination(equation(sums, by_degree), [(S.One, terms), (S.One, swapped)], [deep])
    units = kernel.termwise(kernel.congr(claims.outer[i] * n.w, n.w, collected), i, S.Zero, n.n - 1)
    each = claims.outer[i] * binder(by_degree)[0]
    exchanged = kernel.swap(Sum(Sum(each, (j, 0, m)), (i, 0, n.n - 1)), [deep])
    return kernel.linear_combination(goal.relation, [(S.One, units), (S.One, exchanged)], [deep])


PROOFS: Mapping[str, Proof] = {
    "activations.linear-collapse/affine": collapse,
    "activations.linear-collapse/bottleneck": bottleneck,
    "activations.polynomial-not-universal/power": power_expansion,
    "activations.polynomial-not-universal/network": network,
}
