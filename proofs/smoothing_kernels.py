# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.smoothing_kernels`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Limit, Max, S, atan, erf, exp, log, oo, pi, sqrt
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational

from ..theory import smoothing_terms as t
from ..theory.claim import Sequent
from . import kernel, limits
from .calc import equation
from .kernel import Given, Theorem
from .smoothing_abs import erfc_product
from .smoothing_steps import (
    at,
    by_nlinarith,
    by_primitive,
    derivative_of,
    families,
    inside,
    instance,
    integrate,
    positive,
    summed,
)
from .steps import by_ring
from .verify import Proof, by_claim

_V = t.z - t.u


def through(goal: Sequent, theorem: Theorem, given: Given = ()) -> Theorem:
    """The goal from a theorem whose sides are the goal's in another form."""
    left = kernel.ring(equation(goal.relation.lhs, theorem.relation.lhs), given)
    right = kernel.ring(equation(theorem.relation.rhs, goal.relation.rhs), given)
    return kernel.trans(left, theorem, right)


def three_cases(pivot: Expr, of: Mapping[type[Relational], Theorem]) -> Theorem:
    """By the sign of a number: theorems for >, for <, and for neither."""
    rest = kernel.cases(Lt(pivot, 0, evaluate=False), of[Lt], of[Eq])
    return kernel.cases(Gt(pivot, 0, evaluate=False), of[Gt], rest)


def neither(pivot: Expr) -> tuple[Relational, Relational]:
    """≤ 0 and ≥ 0."""
    return Le(pivot, 0, evaluate=False), Ge(pivot, 0, evaluate=False)


# --- convolutions ------------------------------------------------------------------------------------------------


def estimate(goal: Sequent) -> Theorem:
    """|pᵢ(f(x − gᵢ) − f(x))| ≤ pᵢ(η + C gᵢ²), summed."""
    given = goal.hypotheses
    known = [*given, *inside()]
    sign, near = (instance(h, known) for h in families(goal))
    one = next(kernel.assume(h) for h in given if isinstance(h, Eq))
    bound = t.q + t.r * t.g[t.i] ** 2
    product = kernel.nlinarith(Le(t.v * t.a, t.v * t.b, evaluate=False), [Ge(t.v, 0), Le(t.a, t.b, evaluate=False)])
    away = t.d[t.i] - t.c
    values = ({t.v: t.p[t.i], t.a: away, t.b: bound}, {t.v: t.p[t.i], t.a: -bound, t.b: away})
    sides = []
    for mapping in values:
        order = kernel.nlinarith(Le(mapping[t.a], mapping[t.b], evaluate=False), [near])
        part = summed(at(product, mapping, (sign, order), known))
        opened = [
            kernel.linear_combination(equation(side, end), [(factor, one)], given)
            for side, (end, factor) in zip(part.relation.args, _sums(mapping[t.a] == away), strict=True)
        ]
        sides.append([part, *opened])
    return kernel.nlinarith(goal.relation, [*sides[0], *sides[1]])


def _sums(upper: bool) -> list[tuple[Expr, Expr]]:
    """What the two sums come to, with Σp = 1, and by which multiple of that."""
    mean = t.total(lambda e: t.p[e] * t.d[e]) - t.c
    bound = t.q + t.r * t.total(lambda e: t.p[e] * t.g[e] ** 2)
    return [(mean, -t.c), (bound, t.q)] if upper else [(-bound, -t.q), (mean, -t.c)]


def mills() -> Theorem:
    """v(1 − Φ(v)) ≤ φ(v) for v > 0."""
    placed = kernel.instantiate(erfc_product(), {t.t: t.v / sqrt(2)})
    start = kernel.nlinarith(Gt(t.v / sqrt(2), 0, evaluate=False), [Gt(t.v, 0)])
    product = kernel.discharge(placed, start)
    left = kernel.ring(equation(t.v * (1 - t.normal_cdf(t.v)), product.relation.lhs / sqrt(2)))
    right = kernel.ring(equation(product.relation.rhs / sqrt(2), t.normal_pdf(t.v)))
    lemma = kernel.nlinarith(Le(t.a / sqrt(2), t.b / sqrt(2), evaluate=False), [Le(t.a, t.b)])
    halved = at(lemma, {t.a: product.relation.lhs, t.b: product.relation.rhs}, (product,))
    left = kernel.trans(left, kernel.ring(equation(left.relation.rhs, halved.relation.lhs)))
    return kernel.trans(left, halved, kernel.ring(equation(halved.relation.rhs, right.relation.rhs)))


def gaussian_above(goal: Sequent) -> Theorem:
    """On either side of 0 the excess is σ(φ(v) − v(1 − Φ(v))) with v = |u|/σ."""
    given = goal.hypotheses
    found: dict[type[Relational], Theorem] = {}
    density = t.normal_pdf(t.u / t.sigma)
    for kind, sign in ((Gt, S.One), (Lt, S.NegativeOne)):
        known = [*given, kind(t.u, 0, evaluate=False)]
        size = sign * t.u / t.sigma
        placed = kernel.instantiate(mills(), {t.v: size}, given)
        bound = kernel.discharge(placed, kernel.nlinarith(Gt(size, 0, evaluate=False), known))
        left = kernel.ring(equation(bound.relation.lhs, size * (1 - sign * _level()) / 2), given)
        right = kernel.ring(equation(bound.relation.rhs, density), given)
        plain = kernel.trans(kernel.symm(left), bound, right)
        lemma = kernel.nlinarith(
            Ge(t.u * (1 + t.v) / 2 + t.sigma * t.w, Max(t.u, 0), evaluate=False),
            [*known, Le(size * (1 - sign * t.v) / 2, t.w, evaluate=False)],
        )
        found[kind] = through(goal, at(lemma, {t.v: _level(), t.w: density}, (plain,), known), known)
    zero = [*given, *neither(t.u)]
    lemma = kernel.nlinarith(Ge(t.u * (1 + t.v) / 2 + t.sigma * t.w, Max(t.u, 0), evaluate=False), [*zero, Gt(t.w, 0)])
    placed = at(lemma, {t.v: _level(), t.w: density}, (positive(density, given),), zero)
    found[Eq] = through(goal, placed, zero)
    return three_cases(t.u, found)


def _level() -> Expr:
    """2Φ(u/σ) − 1."""
    return erf(t.u / (t.sigma * sqrt(2)))


def gaussian_below(goal: Sequent) -> Theorem:
    """uΦ ≤ max(u, 0), and φ is largest at 0."""
    given = goal.hypotheses
    density = t.normal_pdf(t.u / t.sigma)
    square = kernel.positivity(Ge((t.u / t.sigma) ** 2 / 2, 0, evaluate=False), given)
    grown = kernel.monotone(
        "exp", kernel.nlinarith(Le(-(t.u**2) / (2 * t.sigma**2), 0, evaluate=False), [*given, square]), given
    )
    root = positive(sqrt(2 * pi), ())
    lemma = kernel.nlinarith(Le(t.v / t.q, 1 / t.q, evaluate=False), [Le(t.v, 1), Gt(t.q, 0)])
    top = at(lemma, {t.v: grown.relation.lhs, t.q: sqrt(2 * pi)}, (grown, root), given)
    same = kernel.ring(equation(density, top.relation.lhs), given)
    bound = kernel.nlinarith(
        Le(t.u * (1 + t.v) / 2 + t.sigma * t.w, Max(t.u, 0) + t.sigma * t.c, evaluate=False),
        [*given, Le(t.w, t.c), Lt(t.v, 1), Gt(t.v, -1)],
    )
    level = _level()
    facts = (
        kernel.trans(same, top),
        kernel.nlinarith(Lt(level, 1, evaluate=False), given),
        kernel.nlinarith(Gt(level, -1, evaluate=False), given),
    )
    return through(goal, at(bound, {t.v: level, t.w: density, t.c: top.relation.rhs}, facts, given), given)


def gaussian_attained(goal: Sequent) -> Theorem:
    """At 0."""
    known = kernel.assume(goal.hypotheses[-1])
    moved = kernel.rewrite(goal.relation.lhs, known, goal.hypotheses)
    return kernel.trans(moved, kernel.ring(equation(moved.relation.rhs, goal.relation.rhs), goal.hypotheses))


_DECAY = exp(-t.k * _V)
_CAUCHY = t.a / (2 * pi) * log(_V**2 + t.a**2)


def diverges(goal: Sequent) -> Theorem:
    """The closed form tends to ∞."""
    target = goal.relation.lhs
    integral = -target.args[0].args[0]
    near = [*goal.hypotheses, Gt(t.t, 0, evaluate=False)]
    value = cauchy(integral, near)
    pointwise = kernel.congr(exp(-t.v), t.v, value, near)
    known = kernel.limit(equation(Limit(pointwise.relation.rhs, t.t, oo), S.Zero), goal.hypotheses)
    return kernel.limit_congr(pointwise, known, near)


def cauchy(integral: Expr, given: Given) -> Theorem:
    """∫ from the primitive, whose ends are left as they come."""
    return integrate(integral, _CAUCHY + t.u / pi * atan(_V / t.a), given)


# --- products ----------------------------------------------------------------------------------------------------


def limit_by_sign(rate: Expr, pivot: Expr) -> Proof:
    """The limit on either side of 0, and the constant at 0."""

    def prove(goal: Sequent) -> Theorem:
        target = goal.relation.lhs
        found: dict[type[Relational], Theorem] = {}
        for kind in (Gt, Lt):
            known = [kind(pivot, 0, evaluate=False)]
            value = kernel.limit(equation(target, limits.limit(target, known)), known)
            end = kernel.nlinarith(equation(value.relation.rhs, goal.relation.rhs), known)
            found[kind] = kernel.trans(value, end)
        zero = list(neither(pivot))
        constant = kernel.nlinarith(equation(target.args[0], goal.relation.rhs), zero)
        known_limit = kernel.limit(equation(Limit(goal.relation.rhs, rate, oo), goal.relation.rhs))
        found[Eq] = kernel.limit_congr(constant, known_limit, zero)
        return three_cases(pivot, found)

    return prove


def below_relu(goal: Sequent) -> Theorem:
    """The step is between 0 and 1."""
    level = goal.relation.lhs / t.u
    down = exp(-t.k * t.u)
    if level.has(erf):
        return kernel.nlinarith(goal.relation)
    shares = []
    for bound in (Gt(1 / (1 + t.v), 0, evaluate=False), Lt(1 / (1 + t.v), 1, evaluate=False)):
        shares.append(at(kernel.nlinarith(bound, [Gt(t.v, 0)]), {t.v: down}, (positive(down, ()),)))
    return kernel.nlinarith(goal.relation, shares)


def swish_gap(goal: Sequent) -> Theorem:
    """The shortfall is |u|/(1 + e^(k|u|)): that of the Boltzmann maximum of |u| and 0."""
    condition = Ge(t.u, 0, evaluate=False)
    found = []
    for known, sign in ((condition, S.One), (Lt(t.u, 0, evaluate=False), S.NegativeOne)):
        given = [*goal.hypotheses, known]
        gap = kernel.instantiate(by_claim("smoothing.boltzmann", "gap"), {t.a: sign * t.u, t.b: S.Zero}, given)
        kept = t.u if sign == 1 else S.Zero
        same = kernel.ring(equation(gap.relation.lhs, kept - goal.relation.lhs), given)
        found.append(kernel.nlinarith(goal.relation, [*given, gap, same]))
    return kernel.cases(condition, found[0], found[1])


def jensen(goal: Sequent) -> Theorem:
    """ReLU is at least 0 and at least its argument."""
    given = goal.hypotheses
    known = [*given, *inside()]
    (sign,) = (instance(h, known) for h in families(goal))
    one, centred = (kernel.assume(h) for h in given if isinstance(h, Eq))
    term = t.p[t.i] * t.relu(t.u - t.g[t.i])
    linear = summed(
        at(
            kernel.nlinarith(Le(t.v * t.w, t.v * Max(t.w, 0), evaluate=False), [Ge(t.v, 0)]),
            {t.v: t.p[t.i], t.w: t.u - t.g[t.i]},
            (sign,),
            known,
        )
    )
    mean = kernel.linear_combination(equation(linear.relation.lhs, t.u), [(t.u, one), (S.NegativeOne, centred)], given)
    zero = kernel.nlinarith(Ge(term, 0, evaluate=False), [*known, sign])
    least = kernel.termwise(zero, t.i, S.Zero, t.n - 1)
    nothing = kernel.ring(equation(least.relation.rhs, S.Zero), given)
    return kernel.nlinarith(goal.relation, [linear, mean, least, nothing])


def not_convex(goal: Sequent) -> Theorem:
    """φ > 0."""
    lemma = kernel.nlinarith(Lt(t.v * (2 - t.u**2), 0, evaluate=False), [*goal.hypotheses, Gt(t.v, 0)])
    return at(lemma, {t.v: t.normal_pdf(t.u)}, (positive(t.normal_pdf(t.u), ()),))


def swish_at_zero(goal: Sequent) -> Theorem:
    """The second argument is 0."""
    moved = kernel.rewrite(goal.relation.lhs, kernel.assume(goal.hypotheses[0]))
    return kernel.trans(moved, kernel.ring(equation(moved.relation.rhs, goal.relation.rhs)))


PROOFS: Mapping[str, Proof] = {
    "smoothing.dirac-recipe/estimate": estimate,
    "smoothing.dirac-recipe/mass": by_ring,
    "smoothing.dirac-gaussian-relu/convolution": by_primitive(
        t.u * t.normal_cdf(_V / t.sigma) - t.sigma * t.normal_pdf(_V / t.sigma)
    ),
    "smoothing.dirac-gaussian-relu/above": gaussian_above,
    "smoothing.dirac-gaussian-relu/below": gaussian_below,
    "smoothing.dirac-gaussian-relu/attained": gaussian_attained,
    "smoothing.dirac-logistic-relu/convolution": by_primitive(-t.z * _DECAY / (1 + _DECAY) - log(1 + _DECAY) / t.k),
    "smoothing.dirac-cauchy/up-to": by_primitive(_CAUCHY + t.u / pi * atan(_V / t.a)),
    "smoothing.dirac-cauchy/diverges": diverges,
    "smoothing.xtheta/swish-limit": limit_by_sign(t.k, t.u),
    "smoothing.xtheta/gelu-limit": limit_by_sign(t.k, t.u),
    "smoothing.xtheta/swish-below": below_relu,
    "smoothing.xtheta/swish-gap": swish_gap,
    "smoothing.xtheta/gelu-below": below_relu,
    "smoothing.gelu-is-gaussian-smoothed-relu/convolution": by_primitive(t.u * t.normal_cdf(_V) - t.normal_pdf(_V)),
    "smoothing.gelu-is-gaussian-smoothed-relu/jensen": jensen,
    "smoothing.gelu-is-gaussian-smoothed-relu/negative": by_nlinarith,
    "smoothing.gelu-is-gaussian-smoothed-relu/slope": derivative_of(t.gelu),
    "smoothing.gelu-is-gaussian-smoothed-relu/second": derivative_of(
        lambda at: t.normal_cdf(at) + at * t.normal_pdf(at)
    ),
    "smoothing.gelu-is-gaussian-smoothed-relu/not-convex": not_convex,
    "smoothing.gelu-is-gaussian-smoothed-relu/mass": by_primitive(t.normal_cdf(t.z) + t.z * t.normal_pdf(t.z)),
    "smoothing.gelu-is-gaussian-smoothed-relu/signed-kernel": by_primitive(
        t.u * (t.normal_cdf(_V) + _V * t.normal_pdf(_V)) + _V**2 * t.normal_pdf(_V)
    ),
    "smoothing.smu-acon/gelu": by_ring,
    "smoothing.smu-acon/swish": swish_at_zero,
    "smoothing.smu-acon/boltzmann": by_ring,
    "smoothing.smu-acon/at-most-max": by_nlinarith,
    "smoothing.smu-acon/limit": limit_by_sign(t.mu, t.a - t.b),
    "smoothing.sigmoid-derivative-typo/derivative": derivative_of(lambda at: t.sigmoid(t.k * at)),
    "smoothing.sigmoid-derivative-typo/mass": by_primitive(t.sigmoid(t.k * t.z)),
    "smoothing.sigmoid-derivative-typo/printed-mass": by_primitive(t.k * t.sigmoid(t.z)),
}
