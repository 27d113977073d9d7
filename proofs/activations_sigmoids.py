# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_sigmoids`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sympy import Abs, Expr, Rational, S, exp, log, tanh
from sympy.core.relational import Ge, Gt, Lt, Relational

from ..theory import activations_notation as n
from ..theory import activations_sigmoids as claims
from ..theory import activations_terms as t
from ..theory.activations_notation import at_least, at_most, less, more
from ..theory.claim import Sequent
from . import kernel
from .activations_steps import by_nlinarith, derivative_of, in_cases, product_bound
from .calc import equation
from .kernel import Given, Theorem
from .steps import at_value, by_ring
from .terms import substitute
from .verify import Proof


def same_value(goal: Sequent) -> Theorem:
    """Equal arguments have equal values."""
    (inner,), (other,) = (side.args for side in goal.relation.args)
    known = kernel.nlinarith(equation(inner, other), goal.hypotheses)
    return kernel.rewrite(goal.relation.lhs, known, goal.hypotheses)


def no_slope(goal: Sequent) -> Theorem:
    """The numerator is 0."""
    numerator = goal.relation.lhs.as_numer_denom()[0]
    zero = kernel.nlinarith(equation(numerator, S.Zero), goal.hypotheses)
    return kernel.nlinarith(goal.relation, [*goal.hypotheses, zero])


def both_positive(goal: Sequent) -> Theorem:
    """Sigmoids are positive."""
    levels = [kernel.nlinarith(more(t.sigmoid(at), S.Zero)) for at in (n.u, n.v)]
    return kernel.nlinarith(goal.relation, [*goal.hypotheses, *levels])


def kept(goal: Sequent) -> Theorem:
    """Every factor is 4 · 1/4."""
    depth, weight, place = goal.hypotheses
    at_weight = kernel.rewrite(goal.relation.lhs, kernel.assume(weight))
    at_zero = kernel.rewrite(at_weight.relation.rhs, kernel.assume(place))
    last = kernel.ring(equation(at_zero.relation.rhs, goal.relation.rhs), [depth])
    return kernel.trans(at_weight, at_zero, last)


# --- products over the layers ------------------------------------------------------------------------------------


def _by_layers(goal: Sequent, factor: Callable[[Expr], Theorem]) -> Theorem:
    """Induction on the depth: one layer at a time, each below its own bound."""
    relation, depth = goal.relation, n.L
    given = [Ge(depth, 0, evaluate=False)]
    base, step = (substitute(relation, {depth: at}) for at in (S.Zero, depth + 1))
    empty = [kernel.ring(equation(side, S.One)) for side in base.args]
    start = kernel.nlinarith(base, empty)
    one_more = product_bound(kernel.assume(relation), factor(depth), given)
    longer = [kernel.ring(equation(*sides), given) for sides in zip(step.args, one_more.relation.args, strict=True)]
    link = kernel.trans(longer[0], one_more, kernel.symm(longer[1]))
    return kernel.induction(relation, depth, start, link)


def _factor(layer: Expr, bound: Expr, given: Given = ()) -> Theorem:
    """|w σ′(z)| ≤ bound for one layer, since 0 < σ < 1."""
    weight, slope = claims.weights[layer], claims.slope_in_exp(claims.pre[layer])
    lemma = kernel.nlinarith(at_most(n.u / (1 + n.u) ** 2, Rational(1, 4)), [Gt(n.u, 0)])
    size = kernel.instantiate(lemma, {n.u: exp(-claims.pre[layer])})
    size = kernel.discharge(size, kernel.positivity(more(exp(-claims.pre[layer]), S.Zero)))
    known = kernel.nlinarith(at_most(Abs(weight), 4 * bound), given)
    product = product_bound(known, size)
    split = kernel.ring(equation(Abs(weight * slope), product.relation.lhs))
    whole = kernel.ring(equation(product.relation.rhs, bound))
    return kernel.trans(split, product, whole)


def bound_by_layers(goal: Sequent) -> Theorem:
    """Each layer by its own weight."""
    return _by_layers(goal, lambda layer: _factor(layer, Abs(claims.weights[layer]) / 4))


def bound_by_depth(goal: Sequent) -> Theorem:
    """Every layer by the largest weight."""
    small = goal.hypotheses[-1]
    return _by_layers(goal, lambda layer: _factor(layer, n.r / 4, [kernel.specialize(small, {n.l: layer})]))


# --- softplus ----------------------------------------------------------------------------------------------------


def softplus_above(goal: Sequent) -> Theorem:
    """1 + e^x exceeds both e^x and 1."""
    whole = 1 + exp(n.x)
    logs = [kernel.monotone("log", kernel.nlinarith(Lt(below, whole, evaluate=False))) for below in (exp(n.x), S.One)]
    return kernel.nlinarith(goal.relation, logs)


def softplus_gap(goal: Sequent) -> Theorem:
    """1 + e^x is at most twice the larger of e^x and 1."""

    def prove(given: Sequence[Relational]) -> Theorem:
        larger = exp(n.x) if isinstance(given[-1], Ge) else S.One
        ordered = kernel.nlinarith(at_most(S.Zero, n.x) if larger != 1 else at_most(n.x, S.Zero), given)
        powers = kernel.monotone("exp", ordered)
        twice = kernel.nlinarith(at_most(1 + exp(n.x), 2 * larger), [powers])
        logs = kernel.monotone("log", twice)
        split = kernel.ring(equation(log(2 * larger), log(2) + log(larger)))
        return kernel.nlinarith(goal.relation, [*given, logs, split])

    return in_cases(goal, at_least(n.x, S.Zero), prove)


def softplus_at_zero(goal: Sequent) -> Theorem:
    """log 2 − max(0, 0)."""
    return at_value(goal, goal.hypotheses[0])


def softplus_gap_strict(goal: Sequent) -> Theorem:
    """1 + e^x is less than twice the larger of e^x and 1, unless they are equal."""

    def prove(given: Sequence[Relational]) -> Theorem:
        larger = exp(n.x) if isinstance(given[-1], Ge) else S.One
        ordered = kernel.nlinarith(less(S.Zero, n.x) if larger != 1 else less(n.x, S.Zero), given)
        powers = kernel.monotone("exp", ordered)
        twice = kernel.nlinarith(less(1 + exp(n.x), 2 * larger), [powers])
        logs = kernel.monotone("log", twice)
        split = kernel.ring(equation(log(2 * larger), log(2) + log(larger)))
        return kernel.nlinarith(goal.relation, [*given, logs, split])

    return in_cases(goal, at_least(n.x, S.Zero), prove)


def odd_part(goal: Sequent) -> Theorem:
    """1 + e^(−x) = (1 + e^x)/e^x."""
    whole, small = 1 + exp(n.x), exp(-n.x)
    logs = kernel.monotone("log", kernel.ring(equation(1 + small, whole * small)))
    lemma = kernel.ring(equation(log(n.u * n.v), log(n.u) + log(n.v)), [Gt(n.u, 0), Gt(n.v, 0)])
    split = kernel.instantiate(lemma, {n.u: whole, n.v: small})
    for part in (whole, small):
        split = kernel.discharge(split, kernel.positivity(more(part, S.Zero)))
    return kernel.nlinarith(goal.relation, [logs, split])


def inverse(goal: Sequent) -> Theorem:
    """e^x < e^y − 1, and the logarithm of 1 + e^x < e^y."""
    above, side = goal.hypotheses
    positive = kernel.monotone("exp", kernel.nlinarith(less(S.Zero, n.y), [above]))
    powers = kernel.monotone("exp", kernel.assume(side), [above, positive])
    sums = kernel.nlinarith(goal.relation.func(1 + exp(n.x), exp(n.y), evaluate=False), [powers])
    return kernel.monotone("log", sums)


def inverse_at(goal: Sequent) -> Theorem:
    """At x = log(e^y − 1) softplus is log(1 + (e^y − 1)) = y."""
    above, apart = goal.hypotheses
    inner = more(exp(n.y) - 1, S.Zero)
    there = equation(*goal.relation.args)
    assert isinstance(apart, Relational)
    value = kernel.rewrite(apart.lhs, kernel.assume(there), [inner])
    value = kernel.trans(value, kernel.ring(equation(value.relation.rhs, apart.rhs), [inner]))
    otherwise = kernel.nlinarith(goal.relation, [goal.relation, inner])
    theorem = kernel.cases(there, kernel.contradiction(goal.relation, [apart, value]), otherwise)
    positive = kernel.monotone("exp", kernel.nlinarith(less(S.Zero, n.y), [above]))
    return kernel.discharge(theorem, kernel.nlinarith(inner, [positive]))


PROOFS: Mapping[str, Proof] = {
    "activations.threshold/sign": by_nlinarith,
    "activations.threshold/affine": by_ring,
    "activations.threshold-gradient/constant": by_nlinarith,
    "activations.threshold-gradient/loss": same_value,
    "activations.threshold-gradient/slope": no_slope,
    "activations.threshold-gradient/jump": by_nlinarith,
    "activations.xor/one-unit": by_nlinarith,
    "activations.xor/two-hidden-units": by_nlinarith,
    "activations.sigmoid/positive": by_nlinarith,
    "activations.sigmoid/below-one": by_nlinarith,
    "activations.sigmoid/slope": derivative_of(t.sigmoid),
    "activations.sigmoid/slope-in-exp": by_ring,
    "activations.sigmoid/slope-bound": by_nlinarith,
    "activations.sigmoid/symmetry": by_ring,
    "activations.sigmoid/curvature": derivative_of(claims.sigmoid_slope),
    "activations.sigmoid/tanh": by_ring,
    "activations.sigmoid/tanh-slope": derivative_of(tanh),
    "activations.sigmoid/tanh-slope-bound": by_nlinarith,
    "activations.vanishing/bound": bound_by_layers,
    "activations.vanishing/decay": bound_by_depth,
    "activations.vanishing/kept": kept,
    "activations.sigmoid-not-centred/same-sign": by_nlinarith,
    "activations.sigmoid-not-centred/sigmoid": both_positive,
    "activations.softplus/above": softplus_above,
    "activations.softplus/gap": softplus_gap,
    "activations.softplus/gap-attained": softplus_at_zero,
    "activations.softplus/gap-only": softplus_gap_strict,
    "activations.softplus/inverse-at": inverse_at,
    "activations.softplus/inverse-below": inverse,
    "activations.softplus/inverse-above": inverse,
    "activations.softplus/odd-part": odd_part,
}
