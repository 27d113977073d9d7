# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_abs`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from sympy import Expr, Limit, Rational, S, cosh, erf, erfc, exp, log, oo, pi, sqrt
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from ..theory import smoothing_terms as t
from ..theory.claim import Sequent
from . import kernel
from .calc import equation
from .kernel import Theorem
from .smoothing_steps import at, by_interval, by_nlinarith, by_primitive, positive
from .terms import substitute
from .verify import Proof

_PRIMITIVE = 2 * log(cosh(t.k * t.z / 2)) / t.k
_TOP = Rational(240376, 10**6)


def left(goal: Sequent) -> Theorem:
    """The integral from u to 0 is minus the primitive at u."""
    inner = -goal.relation.lhs
    value = by_primitive(_PRIMITIVE)(Sequent("", equation(inner, -goal.relation.rhs), goal.hypotheses))
    return kernel.congr(-t.v, t.v, value, goal.hypotheses)


def printed(goal: Sequent) -> Theorem:
    """e^(kx) + e^(−kx) + 2 = 2 · 2 · cosh² (kx/2)."""
    given = goal.hypotheses
    inner = exp(t.k * t.u) + exp(-t.k * t.u) + 2
    base = cosh(t.k * t.u / 2)
    square = kernel.ring(equation(inner, 4 * base * base))
    moved = kernel.rewrite(goal.relation.lhs, square, given)
    lemma = kernel.ring(equation(log(4 * t.v**2) / t.k, 2 * log(t.v) / t.k + 2 * log(2) / t.k), [Gt(t.v, 0), given[0]])
    return kernel.trans(moved, at(lemma, {t.v: base}, (positive(base, ()),), given))


def split_sign(facts_for: Callable[[Relational, Expr], Theorem]) -> Theorem:
    """By cases u ≥ 0 and u < 0."""
    condition = Ge(t.u, 0, evaluate=False)
    found = [
        facts_for(known, sign) for known, sign in ((condition, S.One), (Lt(t.u, 0, evaluate=False), S.NegativeOne))
    ]
    return kernel.cases(condition, found[0], found[1])


def log_cosh(goal: Sequent) -> Theorem:
    """e^|v|/2 ≤ cosh v ≤ e^|v| for v = kx/2."""
    given = goal.hypotheses
    below = isinstance(goal.relation, Le)
    base = cosh(t.k * t.u / 2)

    def one_side(known: Relational, sign: Expr) -> Theorem:
        facts = [*given, known]
        size = sign * t.k * t.u / 2
        big, small = exp(size), exp(-size)
        opened = kernel.ring(equation(base, (big + small) / 2))
        if below:
            order = kernel.monotone("exp", kernel.nlinarith(Le(-size, size, evaluate=False), facts))
            bound = kernel.nlinarith(Le(base, big, evaluate=False), [opened, order])
            logs = kernel.monotone("log", bound)
            plain = kernel.ring(equation(log(big), size))
        else:
            bound = kernel.nlinarith(Le(big / 2, base, evaluate=False), [opened, positive(small, ())])
            logs = kernel.monotone("log", bound)
            plain = kernel.ring(equation(log(big / 2), size - log(2)))
        return kernel.nlinarith(goal.relation, [*facts, logs, plain])

    return split_sign(one_side)


def pair(goal: Sequent) -> Theorem:
    """e^|kx| < e^(kx) + e^(−kx) ≤ 2 e^|kx|."""
    given = goal.hypotheses
    strict = isinstance(goal.relation, Gt)
    total = exp(t.k * t.u) + exp(-t.k * t.u)

    def one_side(known: Relational, sign: Expr) -> Theorem:
        facts = [*given, known]
        size = sign * t.k * t.u
        big, small = exp(size), exp(-size)
        if strict:
            bound = kernel.nlinarith(Lt(big, total, evaluate=False), [positive(small, ())])
            plain = kernel.ring(equation(log(big), size))
        else:
            order = kernel.monotone("exp", kernel.nlinarith(Le(-size, size, evaluate=False), facts))
            bound = kernel.nlinarith(Le(total, 2 * big, evaluate=False), [order])
            plain = kernel.ring(equation(log(2 * big), size + log(2)))
        return kernel.nlinarith(goal.relation, [*facts, kernel.monotone("log", bound), plain])

    return split_sign(one_side)


def erfc_tail() -> Theorem:
    """erfc y ≤ e^(−y²)/(y√π) for y > 0 (Mills): the difference increases, to 0."""
    gap = erfc(t.z) - exp(-(t.z**2)) / (sqrt(pi) * t.z)
    slope = kernel.positivity(Gt(exp(-(t.z**2)) / (sqrt(pi) * t.z**2), 0, evaluate=False), [Gt(t.z, 0)])
    above = [Gt(t.t, 0, evaluate=False), Ge(t.b, t.t, evaluate=False)]
    rises = kernel.mean_value(gap, t.z, t.t, t.b, slope, above)
    here, there = (substitute(gap, {t.z: point}) for point in (t.t, t.b))
    low, high = (
        kernel.limit(equation(Limit(side, t.b, oo), value), [above[0]])
        for side, value in ((here, here), (there, S.Zero))
    )
    return kernel.le_of_tendsto(rises, low, high, [above[0]])


def erfc_product() -> Theorem:
    """y erfc y ≤ e^(−y²)/√π for y > 0."""
    lemma = kernel.nlinarith(
        Le(t.t * t.v, t.w / t.q, evaluate=False), [Gt(t.t, 0), Gt(t.q, 0), Le(t.v - t.w / (t.q * t.t), 0)]
    )
    tail = erfc_tail()
    facts = (positive(sqrt(pi), ()), tail)
    return at(lemma, {t.v: erfc(t.t), t.w: exp(-(t.t**2)), t.q: sqrt(pi)}, facts)


def erfc_constant(goal: Sequent) -> Theorem:
    """Ball arithmetic up to 2; beyond, t erfc t ≤ e^(−4)/√π."""
    far = Ge(t.t, 2, evaluate=False)
    near = kernel.interval(goal.relation, {t.t: (Fraction(0), Fraction(2))})
    upper = kernel.nlinarith(Le(t.t, 2, evaluate=False), [Lt(t.t, 2, evaluate=False)])
    near = kernel.discharge(near, upper)
    smaller = kernel.nlinarith(Le(-(t.t**2), -4, evaluate=False), [far])
    grown = kernel.monotone("exp", smaller)
    scaled = kernel.nlinarith(Le(t.v / t.q, t.w / t.q, evaluate=False), [Le(t.v, t.w), Gt(t.q, 0)])
    bound = at(scaled, {t.v: exp(-(t.t**2)), t.w: exp(-4), t.q: sqrt(pi)}, (grown, positive(sqrt(pi), ())))
    number = kernel.interval(Lt(exp(-4) / sqrt(pi), _TOP, evaluate=False), {})
    beyond = kernel.nlinarith(Gt(t.t, 0, evaluate=False), [far])
    whole = kernel.trans(kernel.discharge(erfc_product(), beyond), bound, number)
    return kernel.cases(far, whole, near)


def erf_above(goal: Sequent) -> Theorem:
    """|x| − x erf(μx) = t erfc(t)/μ with t = μ|x|."""
    given = goal.hypotheses

    def one_side(known: Relational, sign: Expr) -> Theorem:
        facts = [*given, known]
        size = sign * t.mu * t.u
        lemma = erfc_constant(Sequent("", Lt(t.t * erfc(t.t), _TOP)))
        placed = kernel.instantiate(lemma, {t.t: size})
        (start,) = placed.hypotheses
        assert isinstance(start, Relational)
        placed = kernel.discharge(placed, kernel.nlinarith(start, facts))
        opened = kernel.ring(equation(placed.relation.lhs, t.mu * (sign * t.u - t.u * erf(t.mu * t.u))))
        less = kernel.nlinarith(
            Lt(sign * t.u - t.v, _TOP / t.mu, evaluate=False), [given[0], Lt(t.mu * (sign * t.u - t.v), _TOP)]
        )
        chain = kernel.trans(kernel.symm(opened), placed)
        end = at(less, {t.v: t.u * erf(t.mu * t.u)}, (chain,))
        return kernel.nlinarith(goal.relation, [*facts, end])

    return split_sign(one_side)


PROOFS: Mapping[str, Proof] = {
    "smoothing.abs-logistic/right": by_primitive(_PRIMITIVE),
    "smoothing.abs-logistic/left": left,
    "smoothing.abs-logistic/printed": printed,
    "smoothing.abs-variants/log-cosh-below": log_cosh,
    "smoothing.abs-variants/log-cosh-above": log_cosh,
    "smoothing.abs-variants/pair-above": pair,
    "smoothing.abs-variants/pair-below": pair,
    "smoothing.abs-variants/root-above": by_nlinarith,
    "smoothing.abs-variants/root-below": by_nlinarith,
    "smoothing.abs-variants/erf-below": by_nlinarith,
    "smoothing.abs-variants/erf-above": erf_above,
    "smoothing.abs-variants/constant-above": erfc_constant,
    "smoothing.abs-variants/constant-below": by_interval,
}
