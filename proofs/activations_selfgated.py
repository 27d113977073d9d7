# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_selfgated`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sympy import Expr, Max, Rational, S, exp
from sympy.core.relational import Ge, Le, Relational

from ..theory import activations_notation as n
from ..theory import activations_selfgated as claims
from ..theory import activations_terms as t
from ..theory.activations_notation import at_least, at_most, less, more
from ..theory.claim import Sequent
from . import kernel
from .activations_rectifiers import attained, by_limit
from .activations_steps import by_nlinarith, derivative_of, in_cases, on_box, placed
from .activations_tails import START, linear_decay
from .calc import equation
from .kernel import Theorem
from .steps import by_ring
from .verify import Proof, by_claim

W, STEEP = claims.W, claims.SILU_SLOPE_MOST


def by_constant(goal: Sequent) -> Theorem:
    """Ball arithmetic."""
    return kernel.interval(goal.relation, {})


def at_given(goal: Sequent) -> Theorem:
    """With the value of the last hypothesis put in, both sides agree."""
    *given, fixed = goal.hypotheses
    place = kernel.rewrite(goal.relation.lhs, kernel.assume(fixed), given)
    return kernel.trans(place, kernel.ring(equation(place.relation.rhs, goal.relation.rhs), given))


def named(goal: Sequent) -> Theorem:
    """The name of the last hypothesis replaced by what it stands for, on the right."""
    *given, fixed = goal.hypotheses
    place = kernel.rewrite(goal.relation.rhs, kernel.assume(fixed), given)
    middle = equation(goal.relation.lhs, place.relation.rhs)
    known = kernel.nlinarith(middle, given) if middle.has(Max) else kernel.ring(middle, given)
    return kernel.trans(known, kernel.symm(place))


# --- SiLU --------------------------------------------------------------------------------------------------------


def _lambert() -> Theorem:
    """W e^(1 + W) = 1."""
    known = kernel.lambert_w(exp(-1))
    moved = kernel.ring(equation(W * exp(1 + W), (W * exp(W)) * exp(1)))
    value = kernel.congr(n.u * exp(1), n.u, known)
    return kernel.trans(moved, value, kernel.ring(equation(value.relation.rhs, S.One)))


def silu_lower(goal: Sequent) -> Theorem:
    """The tangent to w e^(−x) at −(1 + w)."""
    whole = _lambert()
    tangent = kernel.add_one_le_exp(-(n.x + 1 + W))
    turned = kernel.ring(equation(W * exp(-n.x), (W * exp(1 + W)) * tangent.relation.rhs))
    lemma = kernel.nlinarith(at_least(n.u * n.v, n.r), [equation(n.u, S.One), at_least(n.v, n.r)])
    lemma = kernel.instantiate(lemma, {n.u: W * exp(1 + W), n.v: tangent.relation.rhs, n.r: tangent.relation.lhs})
    lemma = kernel.discharge(kernel.discharge(lemma, whole), kernel.symm(tangent))
    above = kernel.nlinarith(at_least(n.x + W + W * exp(-n.x), S.Zero), [turned, lemma])
    finish = kernel.nlinarith(
        at_least(n.x / (1 + n.v), -n.u), [at_least(n.x + n.u + n.u * n.v, S.Zero), more(n.v, S.Zero)]
    )
    finish = kernel.instantiate(finish, {n.v: exp(-n.x), n.u: W})
    return kernel.discharge(kernel.discharge(finish, above), kernel.positivity(more(exp(-n.x), S.Zero)))


def at_lowest(goal: Sequent) -> Theorem:
    """At −(1 + w) the exponential e^(−x) is 1/w."""
    whole = _lambert()
    up = kernel.linear_combination(equation(exp(1 + W), 1 / W), [(1 / W, whole)])
    down = kernel.linear_combination(equation(exp(-1 - W), W), [(-exp(-1 - W), whole)])
    chain = [kernel.rewrite(goal.relation.lhs, up)]
    chain.append(kernel.rewrite(chain[-1].relation.rhs, down))
    return kernel.trans(*chain, kernel.ring(equation(chain[-1].relation.rhs, goal.relation.rhs)))


def silu_slope_upper(goal: Sequent) -> Theorem:
    """Below 1/2 to the left of 0, a box, and 1 + x e^(−x) beyond."""
    x, q = n.x, exp(-n.x)
    box = on_box(goal.relation, S.Zero, START)
    positive = kernel.positivity(more(q, S.Zero))
    lemma = kernel.nlinarith(
        at_most(1 / (1 + n.u) + x * (1 / (1 + n.u) * (1 - 1 / (1 + n.u))), 1 + x * n.u),
        [more(n.u, S.Zero), at_least(x, S.Zero)],
    )
    left = kernel.nlinarith(
        at_most(1 / (1 + n.u) + x * (1 / (1 + n.u) * (1 - 1 / (1 + n.u))), S.One),
        [more(n.u, S.Zero), at_most(x, S.Zero)],
    )
    lemma, left = (kernel.discharge(kernel.instantiate(e, {n.u: q}), positive) for e in (lemma, left))

    def beyond(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return placed(box, given)
        facts = [*given, kernel.nlinarith(at_least(x, START), given)]
        decay = placed(linear_decay(S.One), facts)
        low = kernel.interval(less(decay.relation.rhs, Rational(1, 100)), {})
        return kernel.nlinarith(goal.relation, [placed(lemma, facts), decay, low])

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return in_cases(Sequent("", goal.relation, tuple(given)), at_most(x, START), beyond)
        return kernel.nlinarith(goal.relation, [placed(left, [kernel.nlinarith(at_most(x, S.Zero), given), *given])])

    return in_cases(goal, at_least(x, S.Zero), prove)


def silu_slope_lower(goal: Sequent) -> Theorem:
    """The slopes at x and −x add up to 1."""
    mirrored = kernel.instantiate(silu_slope_upper(Sequent("", less(claims.silu_slope(n.x), STEEP))), {n.x: -n.x})
    both = kernel.ring(equation(claims.silu_slope(n.x) + claims.silu_slope(-n.x), S.One))
    return kernel.nlinarith(goal.relation, [mirrored, both])


# --- swish -------------------------------------------------------------------------------------------------------


def _from_silu(goal: Sequent, known: Theorem) -> Theorem:
    """A bound for SiLU at βx, divided by β."""
    (rate,) = goal.hypotheses
    there = kernel.instantiate(known, {n.x: t.beta * n.x})
    scale = kernel.ring(equation(t.swish(t.beta * n.x), t.beta * t.swish(n.x, t.beta)))
    ramp = kernel.nlinarith(equation(t.relu(t.beta * n.x), t.beta * t.relu(n.x)), [rate])
    return kernel.nlinarith(goal.relation, [rate, there, scale, ramp])


def relu_silu_above() -> Theorem:
    """relu − SiLU ≥ 0, because 0 < σ < 1."""
    between = [kernel.nlinarith(more(t.sigmoid(n.x), S.Zero)), kernel.nlinarith(less(t.sigmoid(n.x), S.One))]
    lemma = kernel.nlinarith(at_least(t.relu(n.x) - n.x * n.u, S.Zero), [more(n.u, S.Zero), less(n.u, S.One)])
    lemma = kernel.instantiate(lemma, {n.u: t.sigmoid(n.x)})
    return kernel.discharge(kernel.discharge(lemma, between[0]), between[1])


def relu_silu_gap() -> Theorem:
    """relu − SiLU ≤ w: on the left it is −SiLU, on the right −SiLU(−x)."""
    low = by_claim("activations.silu-min", "lower")
    there = kernel.instantiate(low, {n.x: -n.x})
    odd = kernel.ring(equation(t.swish(n.x) - t.swish(-n.x), n.x))
    return kernel.nlinarith(at_most(t.relu(n.x) - t.swish(n.x), W), [low, there, odd])


# --- Mish --------------------------------------------------------------------------------------------------------


def _q(at: Expr) -> Expr:
    return exp(2 * at) + 2 * exp(at)


def mish_lower(goal: Sequent) -> Theorem:
    """Not negative on the right, a box, and at most 3/2 |x| e^x beyond."""
    x, u = n.x, exp(n.x)
    ratio = kernel.ring(equation(goal.relation.lhs, x * (u**2 + 2 * u) / (u**2 + 2 * u + 2)))
    shape = n.x * (n.u**2 + 2 * n.u) / (n.u**2 + 2 * n.u + 2)
    box = on_box(more(claims.mish_ratio(x), goal.relation.rhs), -START, S.Zero)
    same = kernel.ring(equation(claims.mish_ratio(x), ratio.relation.rhs))
    positive = kernel.positivity(more(u, S.Zero))
    right = kernel.nlinarith(at_least(shape, S.Zero), [more(n.u, S.Zero), at_least(x, S.Zero)])
    left = kernel.nlinarith(
        at_least(shape, n.x * n.u * Rational(3, 2)), [more(n.u, S.Zero), less(n.u, S.One), at_most(x, S.Zero)]
    )
    right, left = (kernel.discharge(kernel.instantiate(e, {n.u: u}), positive) for e in (right, left))
    decay = kernel.instantiate(linear_decay(S.One), {x: -x})

    def beyond(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return kernel.nlinarith(goal.relation, [ratio, same, placed(box, given)])
        facts = [*given, kernel.nlinarith(at_most(x, S.Zero), given), kernel.nlinarith(at_least(-x, START), given)]
        small = kernel.monotone("exp", kernel.nlinarith(less(x, S.Zero), given))
        low = kernel.interval(less(decay.relation.rhs, Rational(1, 100)), {})
        known = placed(left, [*facts, small])
        return kernel.nlinarith(goal.relation, [ratio, known, placed(decay, facts), low])

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return kernel.nlinarith(goal.relation, [ratio, placed(right, given)])
        return in_cases(Sequent("", goal.relation, tuple(given)), at_least(x, -START), beyond)

    return in_cases(goal, at_least(n.x, S.Zero), prove)


def mish_slope_upper(goal: Sequent) -> Theorem:
    """At most 1 on the left, a box, and 1 + 4x e^(−x) beyond."""
    x, u = n.x, exp(n.x)
    q = n.u**2 + 2 * n.u
    box = on_box(goal.relation, S.Zero, START)
    positive = kernel.positivity(more(u, S.Zero))
    first = kernel.nlinarith(at_most(q / (q + 2), S.One), [more(n.u, S.Zero)])
    falls = kernel.nlinarith(at_most((n.u**2 + n.u) / (q + 2) ** 2, 1 / n.u), [more(n.u, S.Zero)])
    rest = kernel.nlinarith(at_least((n.u**2 + n.u) / (q + 2) ** 2, S.Zero), [more(n.u, S.Zero)])
    first, falls, rest = (kernel.discharge(kernel.instantiate(e, {n.u: u}), positive) for e in (first, falls, rest))

    def beyond(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return placed(box, given)
        facts = [*given, kernel.nlinarith(at_least(x, START), given)]
        decay = placed(linear_decay(S.One), facts)
        turned = kernel.ring(equation(1 / u, exp(-x)))
        low = kernel.interval(less(decay.relation.rhs, Rational(1, 100)), {})
        lemma = kernel.nlinarith(
            less(n.a + 4 * x * n.b, goal.relation.rhs),
            [at_most(n.a, S.One), at_most(n.b, n.c), at_least(x, S.Zero), at_most(x * n.c, Rational(1, 100))],
        )
        lemma = kernel.instantiate(lemma, {n.a: first.relation.lhs, n.b: rest.relation.lhs, n.c: exp(-x)})
        steps = [kernel.trans(falls, turned), kernel.nlinarith(at_most(x * exp(-x), Rational(1, 100)), [decay, low])]
        known = placed(lemma, [*facts, first, *steps])
        return kernel.trans(kernel.ring(equation(goal.relation.lhs, known.relation.lhs)), known)

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return in_cases(Sequent("", goal.relation, tuple(given)), at_most(x, START), beyond)
        lemma = kernel.nlinarith(
            less(n.a + 4 * x * n.b, goal.relation.rhs),
            [at_most(n.a, S.One), at_least(n.b, S.Zero), at_most(x, S.Zero)],
        )
        lemma = kernel.instantiate(lemma, {n.a: first.relation.lhs, n.b: rest.relation.lhs})
        known = placed(lemma, [first, rest, kernel.nlinarith(at_most(x, S.Zero), given), *given])
        return kernel.trans(kernel.ring(equation(goal.relation.lhs, known.relation.lhs)), known)

    return in_cases(goal, at_least(x, S.Zero), prove)


def mish_slope_lower(goal: Sequent) -> Theorem:
    """Not negative on the right, a box, and at least 2x e^x beyond."""
    x, u = n.x, exp(n.x)
    q = n.u**2 + 2 * n.u
    box = on_box(goal.relation, -START, S.Zero)
    shape = q / (q + 2) + 4 * x * (n.u**2 + n.u) / (q + 2) ** 2
    positive = kernel.positivity(more(u, S.Zero))
    right = kernel.nlinarith(at_least(shape, S.Zero), [more(n.u, S.Zero), at_least(x, S.Zero)])
    left = kernel.nlinarith(at_least(shape, 2 * x * n.u), [more(n.u, S.Zero), less(n.u, S.One), at_most(x, S.Zero)])
    right, left = (kernel.discharge(kernel.instantiate(e, {n.u: u}), positive) for e in (right, left))
    opened = kernel.ring(equation(goal.relation.lhs, right.relation.lhs))
    decay = kernel.instantiate(linear_decay(S.One), {x: -x})

    def beyond(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return placed(box, [*given, kernel.nlinarith(at_most(x, S.Zero), given)])
        facts = [*given, kernel.nlinarith(at_most(x, S.Zero), given), kernel.nlinarith(at_least(-x, START), given)]
        small = kernel.monotone("exp", kernel.nlinarith(less(x, S.Zero), given))
        low = kernel.interval(less(decay.relation.rhs, Rational(1, 100)), {})
        return kernel.nlinarith(goal.relation, [opened, placed(left, [*facts, small]), placed(decay, facts), low])

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return kernel.nlinarith(goal.relation, [opened, placed(right, given)])
        return in_cases(Sequent("", goal.relation, tuple(given)), at_least(x, -START), beyond)

    return in_cases(goal, at_least(n.x, S.Zero), prove)


# --- gaps --------------------------------------------------------------------------------------------------------


def relu_gelu_above(goal: Sequent) -> Theorem:
    """0 < Φ < 1."""
    between = [kernel.nlinarith(more(t.normal_cdf(n.x), S.Zero)), kernel.nlinarith(less(t.normal_cdf(n.x), S.One))]
    lemma = kernel.nlinarith(at_least(t.relu(n.x) - n.x * n.u, S.Zero), [more(n.u, S.Zero), less(n.u, S.One)])
    lemma = placed(kernel.instantiate(lemma, {n.u: t.normal_cdf(n.x)}), between)
    return kernel.nlinarith(goal.relation, [lemma])


def relu_gelu_gap(goal: Sequent) -> Theorem:
    """On the left it is −GELU, on the right −GELU(−x)."""
    low = by_claim("activations.gelu-extrema", "lower")
    there = kernel.instantiate(low, {n.x: -n.x})
    odd = kernel.ring(equation(t.gelu(n.x) - t.gelu(-n.x), n.x))
    return kernel.nlinarith(goal.relation, [low, there, odd])


def complementary(goal: Sequent) -> Theorem:
    """x times the sum of the two gates."""
    return kernel.linear_combination(goal.relation, [(n.x, kernel.assume(goal.hypotheses[0]))])


def silu_known(prove: Callable[[], Theorem]) -> Proof:
    return lambda goal: prove()


PROOFS: Mapping[str, Proof] = {
    "activations.silu-min/lower": silu_lower,
    "activations.silu-min/attained": at_lowest,
    "activations.silu-min/stationary": at_lowest,
    "activations.silu-min/not-less": by_constant,
    "activations.silu-min/not-more": by_constant,
    "activations.silu-slope/slope": derivative_of(t.swish),
    "activations.silu-slope/symmetry": by_ring,
    "activations.silu-slope/curvature": derivative_of(claims.silu_slope),
    "activations.silu-slope/upper": silu_slope_upper,
    "activations.silu-slope/lower": silu_slope_lower,
    "activations.silu-slope/attained": attained,
    "activations.swish/zero": at_given,
    "activations.swish/scaled": named,
    "activations.swish/limit-right": by_limit,
    "activations.swish/limit-left": by_limit,
    "activations.swish/above": lambda goal: _from_silu(goal, relu_silu_above()),
    "activations.swish/gap": lambda goal: _from_silu(goal, relu_silu_gap()),
    "activations.odd-part/general": complementary,
    "activations.odd-part/relu": by_nlinarith,
    "activations.odd-part/gelu": by_ring,
    "activations.odd-part/silu": by_ring,
    "activations.odd-part/hard-swish": by_nlinarith,
    "activations.mish/ratio": by_ring,
    "activations.mish/lower": mish_lower,
    "activations.mish/lower-attained": attained,
    "activations.mish/slope": derivative_of(t.mish),
    "activations.mish/slope-upper": mish_slope_upper,
    "activations.mish/slope-lower": mish_slope_lower,
    "activations.mish/slope-attained": attained,
    "activations.relu-gap/gelu-above": relu_gelu_above,
    "activations.relu-gap/gelu": relu_gelu_gap,
    "activations.relu-gap/silu-above": silu_known(relu_silu_above),
    "activations.relu-gap/silu": silu_known(relu_silu_gap),
    "activations.relu-gap/gelu-scaled": named,
    "activations.relu-gap/silu-scaled": named,
    "activations.snake/slope": derivative_of(claims.snake_path),
    "activations.snake/rises": by_nlinarith,
    "activations.snake/at-most-two": by_nlinarith,
}
