# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_folklore`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Abs, Expr, Limit, Piecewise, S, Symbol, exp, tanh
from sympy.core.relational import Le, Relational

from ..theory import activations_gaussian as gaussian
from ..theory import activations_notation as n
from ..theory import activations_selfgated as selfgated
from ..theory import activations_terms as t
from ..theory.activations_notation import at_least, at_most, less, more
from ..theory.claim import Sequent
from . import kernel
from .activations_selfgated import by_constant
from .activations_steps import by_nlinarith, in_cases, placed
from .calc import equation
from .kernel import Given, Theorem
from .verify import Proof, by_claim

_V = Symbol("v", real=True)


def either_way(goal: Sequent, ordered: Theorem) -> Theorem:
    """|f(x) − f(y)| ≤ C |x − y| from the same for y ≤ x."""
    swapped = kernel.instantiate(ordered, {n.x: n.y, n.y: n.x})
    swapped = kernel.nlinarith(goal.relation, [*swapped.hypotheses, swapped])

    def prove(given: Given) -> Theorem:
        return ordered if isinstance(given[-1], Le) else placed(swapped, given)

    return in_cases(goal, at_most(n.y, n.x), prove)


def by_slopes(function: Callable[[Expr], Expr], slope: Expr, bounds: Callable[[Expr], list[Theorem]]) -> Proof:
    """Cv − f and Cv + f do not fall, where |f′| ≤ C; the bounds on f′ are at v."""

    def proof(goal: Sequent) -> Theorem:
        constant = goal.relation.rhs.coeff(Abs(n.x - n.y))
        known = bounds(constant)
        order = [at_most(n.y, n.x)]
        grown = []
        for sign in (S.One, S.NegativeOne):
            rises = kernel.nlinarith(at_least(constant - sign * slope, S.Zero), known)
            grown.append(kernel.mean_value(constant * _V - sign * function(_V), _V, n.y, n.x, rises, order))
        lemma = kernel.nlinarith(
            at_most(Abs(n.u - n.v), n.c * Abs(n.x - n.y)),
            [*order, at_most(n.c * n.y - n.v, n.c * n.x - n.u), at_most(n.c * n.y + n.v, n.c * n.x + n.u)],
        )
        values = {n.u: function(n.x), n.v: function(n.y), n.c: constant}
        ordered = kernel.instantiate(lemma, values)
        for fact in grown:
            ordered = kernel.discharge(ordered, fact)
        return either_way(goal, ordered)

    return proof


def gelu_bounds(constant: Expr) -> list[Theorem]:
    """Φ + xφ is at most C, and at least 1 − C because the slopes at x and −x add up to 1."""
    above = by_claim("activations.gelu-extrema", "slope-upper")
    mirrored = kernel.instantiate(above, {n.x: -_V})
    both = kernel.ring(equation(gaussian.gelu_slope(_V) + gaussian.gelu_slope(-_V), S.One))
    return [kernel.instantiate(above, {n.x: _V}), mirrored, both, kernel.interval(more(constant, S.Half), {})]


def by_parts(claim: str, *parts: str) -> Callable[[Expr], list[Theorem]]:
    """Bounds on the slope that another claim states."""
    return lambda constant: [kernel.instantiate(by_claim(claim, part), {n.x: _V}) for part in parts]


def tanh_bounds(constant: Expr) -> list[Theorem]:
    return [kernel.nlinarith(kind(1 - tanh(_V) ** 2, end)) for kind, end in ((at_least, S.Zero), (at_most, S.One))]


def softplus_bounds(constant: Expr) -> list[Theorem]:
    """0 < e^x/(1 + e^x) < 1."""
    lemmas = [
        kernel.nlinarith(kind(n.u / (1 + n.u), end), [more(n.u, S.Zero)])
        for kind, end in ((more, S.Zero), (less, S.One))
    ]
    positive = kernel.positivity(more(exp(_V), S.Zero))
    return [kernel.discharge(kernel.instantiate(lemma, {n.u: exp(_V)}), positive) for lemma in lemmas]


def _selu(at: Expr, power: Expr) -> Expr:
    """SELU with symbols for λ, λα and e^x."""
    return Piecewise((n.c * at, more(at, S.Zero)), (n.d * (power - 1), True))


def selu_constant(goal: Sequent) -> Theorem:
    """On the left e^x − e^y ≤ e^x (x − y) ≤ x − y by the tangent; on the right the slope is λ, which is less."""
    x, y, up, down = n.x, n.y, exp(n.x), exp(n.y)
    order = at_most(y, x)
    powers = {n.u: up, n.v: down}
    values = {**powers, n.c: t.SELU_SCALE, n.d: t.SELU_SCALE * t.SELU_ALPHA}
    sizes = [more(n.c, S.Zero), at_most(n.c, n.d)]
    constants = [kernel.interval(more(values[n.c], S.Zero), {}), kernel.interval(more(values[n.d], values[n.c]), {})]
    constants[1] = kernel.nlinarith(at_most(values[n.c], values[n.d]), [constants[1]])
    bound = at_most(Abs(_selu(x, n.u) - _selu(y, n.v)), n.d * Abs(x - y))
    chord, tangent, grown = at_most(n.u - n.v, x - y), at_least(n.v, y + 1), at_most(n.v, n.u)
    known = {
        chord: _chord(order),
        tangent: kernel.symm(kernel.add_one_le_exp(y)),
        grown: kernel.monotone("exp", kernel.assume(order)),
        at_most(n.v, S.One): kernel.trans(
            kernel.monotone("exp", kernel.assume(at_most(y, S.Zero))), kernel.ring(equation(exp(S.Zero), S.One))
        ),
    }

    def placed_lemma(given: Given, *facts: Relational) -> Theorem:
        lemma = kernel.instantiate(kernel.nlinarith(bound, [order, *sizes, *facts, *given]), values)
        for fact in (*constants, *(known[f] for f in facts)):
            lemma = kernel.discharge(lemma, fact)
        return lemma

    left, mixed, right = at_most(x, S.Zero), at_most(y, S.Zero), more(y, S.Zero)
    on_right = kernel.cases(
        mixed,
        placed_lemma([more(x, S.Zero), mixed], tangent, at_most(n.v, S.One)),
        placed_lemma([more(x, S.Zero), right]),
    )
    return either_way(goal, kernel.cases(left, placed_lemma([left], chord, grown), on_right))


def _chord(order: Relational) -> Theorem:
    """y ≤ x ≤ 0 ⊢ e^x − e^y ≤ x − y."""
    up, left = exp(n.x), at_most(n.x, S.Zero)
    lemma = kernel.nlinarith(
        at_most(n.u - n.u * n.v, n.x - n.y),
        [order, more(n.u, S.Zero), at_most(n.u, S.One), at_least(n.v, n.y - n.x + 1)],
    )
    one = kernel.trans(kernel.monotone("exp", kernel.assume(left)), kernel.ring(equation(exp(S.Zero), S.One)))
    lemma = kernel.instantiate(lemma, {n.u: up, n.v: exp(n.y - n.x)})
    for fact in (kernel.positivity(more(up, S.Zero)), one, kernel.symm(kernel.add_one_le_exp(n.y - n.x))):
        lemma = kernel.discharge(lemma, fact)
    return kernel.trans(kernel.ring(equation(up - exp(n.y), lemma.relation.lhs)), lemma)


def hard_swish_attained(goal: Sequent) -> Theorem:
    """Left of 3 the quotient is 3/2 + h/6."""
    quotient = goal.relation.rhs + n.h / 6
    near = [less(n.h, S.Zero), more(n.h, S(-6))]
    same = kernel.nlinarith(equation(goal.relation.lhs.args[0], quotient), near)
    known = kernel.limit(equation(Limit(quotient, n.h, 0, "-"), goal.relation.rhs))
    return kernel.limit_congr(same, known, near)


PROOFS: Mapping[str, Proof] = {
    "activations.odd-part-folklore/mish-at-one": by_constant,
    "activations.one-lipschitz-folklore/relu": by_nlinarith,
    "activations.one-lipschitz-folklore/tanh": by_slopes(tanh, 1 - tanh(_V) ** 2, tanh_bounds),
    "activations.one-lipschitz-folklore/softplus": by_slopes(t.softplus, exp(_V) / (1 + exp(_V)), softplus_bounds),
    "activations.one-lipschitz-folklore/gelu-constant": by_slopes(t.gelu, gaussian.gelu_slope(_V), gelu_bounds),
    "activations.one-lipschitz-folklore/silu-constant": by_slopes(
        t.swish, selfgated.silu_slope(_V), by_parts("activations.silu-slope", "upper", "lower")
    ),
    "activations.one-lipschitz-folklore/mish-constant": by_slopes(
        t.mish, selfgated.mish_slope(_V), by_parts("activations.mish", "slope-upper", "slope-lower")
    ),
    "activations.one-lipschitz-folklore/selu-constant": selu_constant,
    "activations.one-lipschitz-folklore/hard-swish-constant": by_nlinarith,
    "activations.one-lipschitz-folklore/hard-swish-attained": hard_swish_attained,
}
