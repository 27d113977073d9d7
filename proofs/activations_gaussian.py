# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_gaussian`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from sympy import Expr, Integral, Limit, Rational, S, Symbol, erf, exp, oo, pi, sqrt, tanh
from sympy.core.relational import Ge, Le, Relational

from ..theory import activations_gaussian as claims
from ..theory import activations_notation as n
from ..theory import activations_terms as t
from ..theory.activations_notation import at_least, at_most, less, more
from ..theory.claim import Sequent
from . import kernel
from .activations_rectifiers import attained
from .activations_selfgated import by_constant
from .activations_steps import derivative_of, in_cases, on_box, placed
from .activations_tails import even_gap, gate_tail
from .calc import equation
from .kernel import Given, Theorem
from .reparameterization_steps import by_primitive, integrate
from .steps import by_ring
from .terms import binder, substitute
from .verify import Proof

# --- GELU --------------------------------------------------------------------------------------------------------

_V, _B = (Symbol(name, real=True) for name in ("v", "b"))
_PHI = kernel.positivity(more(t.normal_pdf(_V), S.Zero))


def curvature_sign(goal: Sequent) -> Theorem:
    """φ > 0."""
    positive = kernel.positivity(more(t.normal_pdf(n.x), S.Zero))
    lemma = kernel.nlinarith(
        goal.relation.func(n.u * (2 - n.x**2), S.Zero, evaluate=False), [*goal.hypotheses, more(n.u, S.Zero)]
    )
    lemma = kernel.discharge(kernel.instantiate(lemma, {n.u: t.normal_pdf(n.x)}), positive)
    return kernel.trans(kernel.ring(equation(goal.relation.lhs, lemma.relation.lhs)), lemma)


def _bends(kind: Callable[[Expr, Expr], Relational], given: Given) -> Theorem:
    """The sign of GELU″ at v, from v² against 2."""
    lemma = kernel.nlinarith(kind(n.u * (2 - _V**2), S.Zero), [*given, more(n.u, S.Zero)])
    return kernel.discharge(kernel.instantiate(lemma, {n.u: t.normal_pdf(_V)}), _PHI)


@cache
def slope_negative() -> Theorem:
    """x ≤ −0.7517915247 ⊢ GELU′(x) < 0: it falls from 0 at −∞ to −3/2, and a box does the rest."""
    x, far = n.x, -Rational(3, 2)
    slope = _bends(less, [less(_V, far)])
    here = [at_most(x, far)]
    step = kernel.mean_value(claims.gelu_slope(_V), _V, x - 1, x, slope, here)
    falls = kernel.mean_value(claims.gelu_slope(_V), _V, _B, x, slope, [*here, at_most(_B, x)])
    start = kernel.limit(equation(Limit(claims.gelu_slope(_B), _B, -oo), S.Zero))
    rest = kernel.limit(equation(Limit(claims.gelu_slope(x), _B, -oo), claims.gelu_slope(x)), here)
    below = kernel.le_of_tendsto(kernel.symm(falls), rest, start, here)
    one_less = placed(kernel.instantiate(below, {x: x - 1}), here)
    tail = kernel.trans(kernel.symm(step), one_less)
    goal = less(claims.gelu_slope(x), S.Zero)
    box = on_box(goal, far, claims.FALLS_TO)

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return kernel.nlinarith(goal, [placed(tail, given)])
        return placed(box, given)

    return in_cases(Sequent("", goal, (at_most(x, claims.FALLS_TO),)), at_most(x, far), prove)


@cache
def slope_positive() -> Theorem:
    """x ≥ −0.7517915246 ⊢ GELU′(x) > 0: a box up to 0, and Φ ≥ 1/2 beyond."""
    x, goal = n.x, more(claims.gelu_slope(n.x), S.Zero)
    box = on_box(goal, claims.RISES_FROM, S.Zero)

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return placed(box, given)
        here = [given[-1]]
        error = kernel.positivity(at_least(erf(x / sqrt(2)), S.Zero), here)
        product = kernel.positivity(at_least(x * t.normal_pdf(x), S.Zero), here)
        return kernel.nlinarith(goal, [error, product])

    return in_cases(Sequent("", goal, (at_least(x, claims.RISES_FROM),)), at_most(x, S.Zero), prove)


def gelu_monotone(known: Callable[[], Theorem]) -> Proof:
    """Mean value theorem with the sign of the slope."""

    def proof(goal: Sequent) -> Theorem:
        slope = kernel.instantiate(known(), {n.x: _V})
        return kernel.mean_value(t.gelu(_V), _V, n.x, n.y, slope, goal.hypotheses)

    return proof


def gelu_lower(goal: Sequent) -> Theorem:
    """Above its values at the two ends of a short interval outside of it, and a box inside."""
    x, bound = n.x, goal.relation.rhs
    low, high = claims.FALLS_TO, claims.RISES_FROM
    ends = [kernel.interval(more(t.gelu(at), bound), {}) for at in (low, high)]
    box = on_box(goal.relation, low, high)
    left = kernel.mean_value(t.gelu(_V), _V, x, low, kernel.instantiate(slope_negative(), {x: _V}), [at_most(x, low)])
    right = kernel.mean_value(
        t.gelu(_V), _V, high, x, kernel.instantiate(slope_positive(), {x: _V}), [at_least(x, high)]
    )

    def inner(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return placed(box, given)
        return kernel.trans(kernel.symm(placed(right, given)), ends[1])

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return kernel.trans(placed(left, given), ends[0])
        return in_cases(Sequent("", goal.relation, tuple(given)), at_most(x, high), inner)

    return in_cases(goal, at_most(x, low), prove)


def _factors(kind: Callable[[Expr, Expr], Relational], given: Sequence[Relational]) -> Theorem:
    """2 − v² = (√2 − v)(√2 + v), by the signs of the two."""
    first, second = sqrt(2) - _V, sqrt(2) + _V
    shown = [kernel.nlinarith(kind(first, S.Zero), given), kernel.nlinarith(at_least(second, S.Zero), given)]
    lemma = kernel.nlinarith(kind(n.u * n.v, S.Zero), [kind(n.u, S.Zero), at_least(n.v, S.Zero)])
    lemma = kernel.instantiate(lemma, {n.u: first, n.v: second})
    for known in shown:
        lemma = kernel.discharge(lemma, known)
    return kernel.trans(kernel.ring(equation(2 - _V**2, first * second)), lemma)


def slope_upper(goal: Sequent) -> Theorem:
    """GELU″ is positive up to √2 and negative beyond; far left the slope is negative."""
    x, top = n.x, sqrt(2)
    inside, outside = [more(_V, -S.One), less(_V, top)], [more(_V, top)]
    rising = _bends(at_least, [*inside, _factors(at_least, inside)])
    falling = _bends(at_most, [*outside, _factors(at_most, outside)])
    up = kernel.mean_value(claims.gelu_slope(_V), _V, x, top, rising, [at_least(x, -S.One), at_most(x, top)])
    down = kernel.mean_value(claims.gelu_slope(_V), _V, top, x, falling, [at_least(x, top)])
    size = kernel.interval(more(claims.STEEPEST, S.Zero), {})

    def inner(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return kernel.symm(placed(down, given))
        return placed(up, given)

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return in_cases(Sequent("", goal.relation, tuple(given)), at_least(x, top), inner)
        far = placed(slope_negative(), given)
        return kernel.nlinarith(goal.relation, [far, size])

    return in_cases(goal, at_least(x, -S.One), prove)


def mean_of_gate(goal: Sequent) -> Theorem:
    """The integral of φ is Φ."""
    return by_primitive(goal, n.x * t.normal_cdf(n.z))


def over_gate(term: Callable[[Expr], Expr]) -> Proof:
    """The term at x weighs Φ(x), where the gate is open, and the term at 0 weighs the rest."""

    def proof(goal: Sequent) -> Theorem:
        body = binder(goal.relation.lhs)[0]
        values = []
        for value, low, high, here in ((n.x, -oo, n.x, less(n.z, n.x)), (S.Zero, n.x, oo, more(n.z, n.x))):
            smooth, primitive = (term(value) * e for e in (t.normal_pdf(n.z), t.normal_cdf(n.z)))
            known = integrate(Integral(smooth, (n.z, low, high)), primitive)
            same = kernel.nlinarith(equation(body, smooth), [here])
            values.append(kernel.integral_congr(same, known))
        joined = kernel.integral_join(*values)
        return kernel.trans(joined, kernel.ring(equation(joined.relation.rhs, goal.relation.rhs)))

    return proof


# --- the approximations ------------------------------------------------------------------------------------------


def _by_constant(
    gate: Callable[[Expr], Expr], exponent: Expr, symbol: Symbol, condition: Relational, value: Expr
) -> Proof:
    """Tail and symmetry for a constant that is a symbol, then its value."""

    def proof(goal: Sequent) -> Theorem:
        facts = [*gate_tail(gate(n.x), exponent, condition), kernel.ring(equation(gate(-n.x), 1 - gate(n.x)))]
        right = kernel.nlinarith(substitute(condition, {symbol: value}))
        facts = [kernel.instantiate(fact, {symbol: value}) for fact in facts]
        tail = [kernel.discharge(f, right) if right.relation in f.hypotheses else f for f in facts]
        return even_gap(goal, tail[:2], tail[2])

    return proof


def tanh_gap(cubic: Expr = t.GELU_CUBIC) -> Proof:
    """(1 + tanh u)/2 = 1/(1 + e^(−2u)), and 2u ≥ 3x/2."""
    exponent = 2 * sqrt(2 / pi) * (n.x + n.c * n.x**3)
    return _by_constant(lambda at: claims.tanh_cdf(at, n.c), exponent, n.c, at_least(n.c, S.Zero), cubic)


def sigmoid_gap(rate: Expr = t.QUICK_GELU_RATE) -> Proof:
    condition = at_least(t.beta, Rational(3, 2))
    return _by_constant(lambda at: t.sigmoid(t.beta * at), t.beta * n.x, t.beta, condition, rate)


def third_derivative(function: Callable[[Expr], Expr]) -> Proof:
    """The derivative table at x, then x = 0."""

    def proof(goal: Sequent) -> Theorem:
        known = kernel.instantiate(kernel.has_deriv(function(n.x), n.x, n.h), {n.x: S.Zero})
        return kernel.trans(known, kernel.ring(equation(known.relation.rhs, goal.relation.rhs)))

    return proof


def beyond_constant(variable: Symbol, slope: Callable[[], Theorem]) -> Proof:
    """At the point, the curve grows with its constant; ball arithmetic for the constant itself."""

    def proof(goal: Sequent) -> Theorem:
        place, side = (h for h in goal.hypotheses if isinstance(h, Relational))
        best = side.rhs
        positive = kernel.nlinarith(more(n.x, S.Zero), [place])
        low, high = (best, variable) if isinstance(side, Ge) else (variable, best)
        body = substitute(goal.relation.lhs, {variable: _V})
        ordered = kernel.mean_value(body, _V, low, high, slope(), [side])
        ordered = placed(kernel.symm(ordered) if isinstance(side, Ge) else ordered, [side, positive, place])
        here = kernel.rewrite(ordered.relation.rhs, kernel.assume(place))
        end = kernel.interval(goal.relation.func(here.relation.rhs, goal.relation.rhs, evaluate=False), {})
        return kernel.trans(ordered, here, end)

    return proof


def tanh_grows() -> Theorem:
    """d/dc of (1 + tanh(√(2/π)(x + cx³)))/2 is not negative for x > 0."""
    level = tanh(sqrt(2 / pi) * (n.x + _V * n.x**3))
    square = kernel.nlinarith(at_least(1 - level**2, S.Zero))
    factor = sqrt(2 / pi) * n.x**3 / 2
    positive = kernel.positivity(at_least(factor, S.Zero), [more(n.x, S.Zero)])
    lemma = kernel.nlinarith(at_least(n.u * n.a, S.Zero), [at_least(n.u, S.Zero), at_least(n.a, S.Zero)])
    lemma = kernel.instantiate(lemma, {n.u: 1 - level**2, n.a: factor})
    return kernel.discharge(kernel.discharge(lemma, square), positive)


def sigmoid_grows() -> Theorem:
    """d/db of σ(bx) is positive for x > 0."""
    power = exp(-_V * n.x)
    return kernel.positivity(more(n.x * power / (1 + power) ** 2, S.Zero), [more(n.x, S.Zero)])


def swish_grows() -> Theorem:
    """d/db of xσ(bx) is not negative."""
    power = exp(-_V * n.x)
    return kernel.positivity(at_least(n.x**2 * power / (1 + power) ** 2, S.Zero))


# --- moments -----------------------------------------------------------------------------------------------------


def _value(term: Expr, primitive: Expr, low: Expr, high: Expr, given: Given = ()) -> Theorem:
    return integrate(Integral(term, (n.z, low, high)), primitive, given)


def by_halves(pieces: tuple[tuple[Expr, Expr], tuple[Expr, Expr]], goal: Sequent) -> Theorem:
    """The integrand is smooth on either side of 0: for each side the smooth integrand and its primitive."""
    given, whole = goal.hypotheses, goal.relation.lhs
    body = binder(whole)[0]
    values = []
    for (smooth, primitive), low, high, here in zip(
        pieces, (-oo, S.Zero), (S.Zero, oo), (less(n.z, S.Zero), more(n.z, S.Zero)), strict=True
    ):
        known = _value(smooth, primitive, low, high, given)
        same = kernel.nlinarith(equation(body, smooth), [*given, here])
        values.append(kernel.integral_congr(same, known))
    joined = kernel.integral_join(*values)
    return kernel.trans(joined, kernel.ring(equation(joined.relation.rhs, goal.relation.rhs), given))


def relu_moment(power: int) -> Proof:
    """z φ(z/s)/s has the primitive −s φ(z/s); z² φ(z/s)/s has −s z φ(z/s) + s² Φ(z/s)."""
    z, s = n.z, n.s
    density = t.normal_pdf(z / s)
    primitive = -s * density if power == 1 else -s * z * density + s**2 * t.normal_cdf(z / s)
    pieces = ((S.Zero, S.Zero), (z**power * density / s, primitive))
    return lambda goal: by_halves(pieces, goal)


def gelu_mean(goal: Sequent) -> Theorem:
    """−Φφ, and ∫ φ² = Φ(√2 x)/(2√π)."""
    z = n.z
    return by_primitive(goal, -t.normal_cdf(z) * t.normal_pdf(z) + t.normal_cdf(sqrt(2) * z) / (2 * sqrt(pi)))


def gelu_square(goal: Sequent) -> Theorem:
    """Parts twice: −zΦ²φ + Φ³/3 − Φφ², and ∫ φ³ = Φ(√3 z)/(2π√3)."""
    z = n.z
    cdf, pdf = t.normal_cdf(z), t.normal_pdf(z)
    primitive = -z * cdf**2 * pdf + cdf**3 / 3 - cdf * pdf**2 + t.normal_cdf(sqrt(3) * z) / (2 * pi * sqrt(3))
    return by_primitive(goal, primitive)


def selu_moment(power: int) -> Proof:
    """e^z φ(z) = √e φ(z − 1) and e^(2z) φ(z) = e² φ(z − 2)."""
    z, scale = n.z, t.SELU_SCALE
    level = scale * t.SELU_ALPHA
    pdf, cdf = t.normal_pdf(z), t.normal_cdf
    root = exp(Rational(1, 2))
    if power == 1:
        left = (level * (exp(z) - 1) * pdf, level * (root * cdf(z - 1) - cdf(z)))
        right = (scale * z * pdf, -scale * pdf)
    else:
        left = (
            level**2 * (exp(z) - 1) ** 2 * pdf,
            level**2 * (exp(2) * cdf(z - 2) - 2 * root * cdf(z - 1) + cdf(z)),
        )
        right = (scale**2 * z**2 * pdf, scale**2 * (-z * pdf + cdf(z)))
    return lambda goal: by_halves((left, right), goal)


PROOFS: Mapping[str, Proof] = {
    "activations.gelu/mean": mean_of_gate,
    "activations.gelu/slope": derivative_of(t.gelu),
    "activations.gelu/curvature": derivative_of(claims.gelu_slope),
    "activations.gelu/convex": curvature_sign,
    "activations.gelu/concave": curvature_sign,
    "activations.gelu/odd-part": by_ring,
    "activations.gelu-extrema/falls": gelu_monotone(slope_negative),
    "activations.gelu-extrema/rises": gelu_monotone(slope_positive),
    "activations.gelu-extrema/lower": gelu_lower,
    "activations.gelu-extrema/lower-attained": attained,
    "activations.gelu-extrema/slope-upper": slope_upper,
    "activations.gelu-extrema/steepest-above": by_constant,
    "activations.gelu-extrema/steepest-below": by_constant,
    "activations.gelu-dropout/mean": over_gate(lambda value: value),
    "activations.gelu-dropout/variance": over_gate(lambda value: (value - t.gelu(n.x)) ** 2),
    "activations.gelu-tanh-error/upper": tanh_gap(),
    "activations.gelu-tanh-error/attained": attained,
    "activations.gelu-sigmoid-error/upper": sigmoid_gap(),
    "activations.gelu-sigmoid-error/attained": attained,
    "activations.gelu-constant-origin/tanh-slope": derivative_of(claims.tanh_part),
    "activations.gelu-constant-origin/tanh-curvature": derivative_of(claims.tanh_slope),
    "activations.gelu-constant-origin/tanh-third": third_derivative(claims.tanh_curvature),
    "activations.gelu-constant-origin/erf-slope": derivative_of(claims.erf_part),
    "activations.gelu-constant-origin/erf-curvature": derivative_of(lambda at: 2 * t.normal_pdf(at)),
    "activations.gelu-constant-origin/erf-third": third_derivative(lambda at: -2 * at * t.normal_pdf(at)),
    "activations.gelu-constant-origin/taylor": by_ring,
    "activations.gelu-constant-origin/taylor-error": attained,
    "activations.gelu-constant-origin/cdf-error": tanh_gap(),
    "activations.gelu-constant-origin/no-larger-constant": beyond_constant(n.c, tanh_grows),
    "activations.gelu-constant-origin/no-smaller-constant": beyond_constant(n.c, tanh_grows),
    "activations.gelu-constant-origin/digits-above": beyond_constant(n.c, tanh_grows),
    "activations.gelu-constant-origin/digits-below": beyond_constant(n.c, tanh_grows),
    "activations.gelu-constant-origin/better-for-gelu": tanh_gap(claims.decimal("0.044383")),
    "activations.gelu-1702-optimal/cdf-error": sigmoid_gap(),
    "activations.gelu-1702-optimal/cdf-best": sigmoid_gap(claims.decimal("1.70174")),
    "activations.gelu-1702-optimal/no-larger-rate": beyond_constant(t.beta, sigmoid_grows),
    "activations.gelu-1702-optimal/no-smaller-rate": beyond_constant(t.beta, sigmoid_grows),
    "activations.gelu-1702-optimal/digits-above": beyond_constant(t.beta, sigmoid_grows),
    "activations.gelu-1702-optimal/digits-below": beyond_constant(t.beta, sigmoid_grows),
    "activations.gelu-1702-optimal/better-for-gelu": sigmoid_gap(claims.decimal("1.7729")),
    "activations.gelu-1702-optimal/gelu-best": sigmoid_gap(claims.decimal("1.77293")),
    **{
        f"activations.gelu-1702-optimal/gelu-{part}": beyond_constant(t.beta, swish_grows)
        for part in ("no-larger-rate", "no-smaller-rate", "digits-above", "digits-below")
    },
    "activations.relu-he/mean": relu_moment(1),
    "activations.relu-he/second-moment": relu_moment(2),
    "activations.gelu-second-moment/mean": gelu_mean,
    "activations.gelu-second-moment/second-moment": gelu_square,
    "activations.gelu-second-moment/gain-above": by_constant,
    "activations.gelu-second-moment/gain-below": by_constant,
    "activations.selu/mean": selu_moment(1),
    "activations.selu/second-moment": selu_moment(2),
    "activations.selu/alpha-above": by_constant,
    "activations.selu/alpha-below": by_constant,
    "activations.selu/scale-above": by_constant,
    "activations.selu/scale-below": by_constant,
}
