# SPDX-License-Identifier: BSD-3-Clause
"""Tails of gates: how fast 1 − Φ, 1 − σ and 1 − tanh vanish. Not trusted: they only ask the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sympy import Expr, Limit, Rational, S, Symbol, exp, oo, pi, sqrt
from sympy.core.relational import Ge, Le, Relational

from ..theory import activations_notation as n
from ..theory import activations_terms as t
from ..theory.activations_notation import at_least, at_most, less, more
from ..theory.claim import Sequent
from . import kernel
from .activations_steps import in_cases, on_box, placed
from .calc import equation
from .kernel import Given, Theorem

START = S(8)
SMALL = Rational(1, 10000)
_V, _B = (Symbol(name, real=True) for name in ("v", "b"))


def scaled(known: Theorem, factor: Expr, given: Given = ()) -> Theorem:
    """p·c ≤ q·c from p ≤ q, for a factor c ≥ 0."""
    lemma = kernel.nlinarith(at_most(n.a * n.c, n.b * n.c), [at_most(n.a, n.b), at_least(n.c, S.Zero)])
    p, q = known.relation.args
    lemma = kernel.instantiate(lemma, {n.a: p, n.b: q, n.c: factor}, given)
    lemma = kernel.discharge(lemma, known)
    return kernel.discharge(lemma, kernel.positivity(at_least(factor, S.Zero), given))


def linear_decay(rate: Expr, start: Expr = START) -> Theorem:
    """x ≥ a ⊢ x e^(−rx) ≤ a e^(−ra), for ra ≥ 1: the tangent to e^(r(x − a)) exceeds x/a."""
    given = [at_least(n.x, start)]
    tangent = kernel.add_one_le_exp(rate * (n.x - start))
    grown = kernel.nlinarith(at_most(n.x, start * tangent.relation.rhs), [*given, tangent])
    product = scaled(grown, exp(-rate * n.x))
    return kernel.trans(product, kernel.ring(equation(product.relation.rhs, start * exp(-rate * start))))


@cache
def mills() -> Theorem:
    """x > 0 ⊢ 1 − Φ(x) ≤ φ(x)/x: the difference falls, to 0."""

    def gap(at: Expr) -> Expr:
        return t.normal_pdf(at) / at - (1 - t.normal_cdf(at))

    positive = kernel.positivity(more(t.normal_pdf(_V) / _V**2, S.Zero), [more(_V, S.Zero)])
    slope = kernel.nlinarith(less(-t.normal_pdf(_V) / _V**2, S.Zero), [more(_V, S.Zero), positive])
    here = [more(n.x, S.Zero)]
    falls = kernel.mean_value(gap(_V), _V, n.x, _B, slope, [*here, at_least(_B, n.x)])
    end = kernel.limit(equation(Limit(gap(_B), _B, oo, "-"), S.Zero))
    rest = kernel.limit(equation(Limit(gap(n.x), _B, oo, "-"), gap(n.x)), here)
    above = kernel.le_of_tendsto(kernel.symm(falls), end, rest, here)
    return kernel.nlinarith(at_most(1 - t.normal_cdf(n.x), t.normal_pdf(n.x) / n.x), [*here, above])


def normal_tail() -> list[Theorem]:
    """x ≥ 8 ⊢ 0 < 1 − Φ and x(1 − Φ) ≤ 10⁻⁴."""
    given = [at_least(n.x, START)]
    positive = kernel.nlinarith(more(n.x, S.Zero), given)
    known = placed(mills(), [positive, *given])
    product = scaled(known, n.x, given)
    to_pdf = kernel.ring(equation(product.relation.rhs, t.normal_pdf(n.x)), given)
    power = kernel.monotone("exp", kernel.nlinarith(at_most(-(n.x**2) / 2, S(-32)), given))
    pdf = kernel.ring(equation(t.normal_pdf(n.x), exp(-(n.x**2) / 2) * (1 / sqrt(2 * pi))))
    small = scaled(power, 1 / sqrt(2 * pi))
    last = kernel.interval(less(small.relation.rhs, SMALL), {})
    whole = kernel.trans(product, to_pdf, pdf, small, last)
    open_ = kernel.nlinarith(less(t.normal_cdf(n.x), S.One))
    return [open_, kernel.nlinarith(at_most(n.x * (1 - t.normal_cdf(n.x)), SMALL), [whole])]


def gate_tail(gate: Expr, exponent: Expr, condition: Relational) -> list[Theorem]:
    """x ≥ 8 ⊢ 0 < 1 − G and x(1 − G) ≤ 10⁻⁴ for G = 1/(1 + e^(−p)) with p ≥ 3x/2 under the condition."""
    rate = Rational(3, 2)
    given = [at_least(n.x, START), condition]
    q = exp(-exponent)
    shape = kernel.ring(equation(1 - gate, q / (1 + q)))
    positive = kernel.positivity(more(q, S.Zero))
    power = kernel.monotone("exp", _slower(exponent, rate, given))
    lemma = kernel.nlinarith(at_most(n.u / (1 + n.u), n.u), [more(n.u, S.Zero)])
    lemma = kernel.discharge(kernel.instantiate(lemma, {n.u: q}), positive)
    below = kernel.trans(shape, lemma, power)
    product = scaled(below, n.x, given)
    turned = kernel.ring(equation(product.relation.rhs, n.x * exp(-rate * n.x)))
    decay = linear_decay(rate)
    last = kernel.interval(less(decay.relation.rhs, SMALL), {})
    whole = kernel.trans(product, turned, decay, last)
    inside = kernel.positivity(more(q / (1 + q), S.Zero))
    return [
        kernel.nlinarith(less(gate, S.One), [shape, inside]),
        kernel.nlinarith(at_most(n.x * (1 - gate), SMALL), [whole]),
    ]


def _slower(exponent: Expr, rate: Expr, given: Given) -> Theorem:
    """−p ≤ −rx."""
    low = kernel.interval(more(sqrt(2 / pi), Rational(3, 4)), {})
    if not exponent.has(pi):
        return kernel.nlinarith(at_most(-exponent, -rate * n.x), given)
    lemma = kernel.nlinarith(
        at_most(-2 * n.u * (n.x + n.c * n.x**3), -rate * n.x),
        [*given, at_least(n.c * n.x**3, S.Zero), more(n.u, Rational(3, 4))],
    )
    cube = kernel.positivity(at_least(n.c * n.x**3, S.Zero), [*given, kernel.nlinarith(at_least(n.x, S.Zero), given)])
    lemma = kernel.discharge(kernel.discharge(kernel.instantiate(lemma, {n.u: sqrt(2 / pi)}), low), cube)
    return kernel.trans(kernel.ring(equation(-exponent, lemma.relation.lhs)), lemma)


def even_gap(goal: Sequent, tail: Sequence[Theorem], mirror: Theorem) -> Theorem:
    """|D| < bound for D = w(G − Φ), w = x or 1: boxes on [0, 8], both tails beyond, and G(−x) = 1 − G(x)."""
    inner, bound, x = goal.relation.lhs.args[0], goal.relation.rhs, n.x
    boxes = [on_box(less(inner, bound), S.Zero, START), on_box(less(-bound, inner), S.Zero, START)]

    def right(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return kernel.nlinarith(goal.relation, [placed(box, given) for box in boxes])
        far = kernel.nlinarith(at_least(x, START), given)
        known = [placed(fact, [far, *given]) for fact in (*normal_tail(), *tail)]
        return kernel.nlinarith(goal.relation, [far, *known])

    positive = in_cases(Sequent("", goal.relation, (at_least(x, S.Zero),)), at_most(x, START), right)
    mirrored = kernel.instantiate(positive, {x: -x})

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return positive
        known = kernel.discharge(mirrored, kernel.nlinarith(at_least(-x, S.Zero), given))
        return kernel.nlinarith(goal.relation, [known, mirror])

    return in_cases(goal, at_least(x, S.Zero), prove)
