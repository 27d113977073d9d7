# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_rectifiers`` are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sympy import Abs, Expr, Limit, Rational, S, Sum, Symbol, exp
from sympy.core.relational import Ge, Gt, Le, Relational

from ..theory import activations_notation as n
from ..theory import activations_rectifiers as claims
from ..theory import activations_terms as t
from ..theory.activations_notation import at_least, at_most, less, more, unequal
from ..theory.claim import ForAll, Sequent
from . import kernel
from .activations_steps import by_nlinarith, in_cases, on_box, placed
from .calc import equation
from .kernel import Given, Theorem
from .terms import binder, substitute
from .verify import Proof

# --- slopes at and off a knee ------------------------------------------------------------------------------------


def by_piece(smooth: Callable[[Expr], Expr], side: str) -> Proof:
    """On that side of 0 the function is smooth, and its derivative at 0 is the limit of the quotient."""

    def proof(goal: Sequent) -> Theorem:
        given = goal.hypotheses
        known = kernel.instantiate(kernel.has_deriv(smooth(n.x), n.x, n.h, given), {n.x: S.Zero}, given)
        known = kernel.one_sided(known, side)
        here = less(S.Zero, n.h) if side == "+" else less(n.h, S.Zero)
        same = kernel.nlinarith(equation(goal.relation.lhs.args[0], known.relation.lhs.args[0]), [*given, here])
        found = kernel.limit_congr(same, known, given)
        return kernel.trans(found, kernel.ring(equation(found.relation.rhs, goal.relation.rhs), given))

    return proof


def relu_slope(goal: Sequent) -> Theorem:
    """Near x the function is the identity or 0."""

    def prove(given: Sequence[Relational]) -> Theorem:
        value = S.One if isinstance(given[-1], Gt) else S.Zero
        side = kernel.nlinarith(more(n.x, S.Zero) if value == 1 else less(n.x, S.Zero), given)
        near = [(more if value == 1 else less)(n.h, -n.x), unequal(n.h, S.Zero)]
        flat = kernel.nlinarith(equation(goal.relation.lhs.args[0], value), [side, *near])
        known = kernel.limit(equation(Limit(value, n.h, 0, "+-"), value))
        found = kernel.limit_congr(flat, known, given)
        return kernel.trans(found, kernel.nlinarith(equation(value, goal.relation.rhs), [side]))

    return in_cases(goal, more(n.x, S.Zero), prove)


def squared_slope(goal: Sequent) -> Theorem:
    """The quotient is within |h| of 2 relu(x)."""
    quotient, value = goal.relation.lhs.args[0], goal.relation.rhs
    near = [unequal(n.h, S.Zero)]
    bounds = (
        kernel.nlinarith(at_most(value - Abs(n.h), quotient), near),
        kernel.nlinarith(at_most(quotient, value + Abs(n.h)), near),
    )
    low, high = (kernel.limit(equation(Limit(e, n.h, 0, "+-"), value)) for e in (value - Abs(n.h), value + Abs(n.h)))
    return kernel.squeeze(goal.relation.lhs, *bounds, low, high)


def by_limit(goal: Sequent) -> Theorem:
    return kernel.limit(goal.relation, goal.hypotheses)


def at_alpha_one(goal: Sequent) -> Theorem:
    """With α = 1 put in, both are the same."""
    known = kernel.assume(goal.hypotheses[0])
    left, right = (kernel.rewrite(side, known) for side in goal.relation.args)
    between = kernel.nlinarith(equation(left.relation.rhs, right.relation.rhs))
    return kernel.trans(left, between, kernel.symm(right))


# --- dying -------------------------------------------------------------------------------------------------------


def _silent(weights: Callable[[Expr], Expr], epoch: Expr, same: Given, dead: ForAll) -> Theorem:
    """The gradient of a unit whose pre-activations are those of the dead one is 0."""
    samples = [at_most(S.Zero, n.i), at_most(n.i, n.n - 1)]
    below = kernel.specialize(dead, {n.i: n.i}, samples)
    total = claims.weight_gradient(weights, epoch)
    body, i, low, high = binder(total)
    each = kernel.nlinarith(equation(body, S.Zero), [below, *same])
    summed = kernel.termwise(each, i, low, high)
    return (
        kernel.trans(summed, kernel.ring(equation(summed.relation.rhs, S.Zero))) if summed.relation.rhs != 0 else summed
    )


def dead_gradient(goal: Sequent) -> Theorem:
    """Every sample is on the flat side."""
    return _silent(lambda index: claims.start[index], S.Zero, [], goal.hypotheses[-1])


def dead_forever(goal: Sequent) -> Theorem:
    """Induction on the steps: weights that are the first ones have pre-activations that are, and gradient 0."""
    epochs, dead = goal.hypotheses
    relation, l = goal.relation, n.l
    general = ForAll((n.j,), relation)
    base = kernel.unfold(claims.TRAINED, 0, {s: s for s in claims.TRAINED.parameters[1:]})
    here = kernel.specialize(general, {n.j: n.k})
    weighted = kernel.congr(n.u * claims.features[n.i, n.k], n.u, here)
    same = kernel.termwise(weighted, n.k, S.Zero, n.m - 1)
    zero = _silent(lambda index: claims.trained(l, index), l, [same], dead)
    moved = kernel.unfold(claims.TRAINED, 1, {s: s for s in claims.TRAINED.parameters}, [epochs])
    rest = kernel.specialize(general, {n.j: n.j})
    step = kernel.linear_combination(
        substitute(relation, {l: l + 1}), [(S.One, moved), (-n.eta, zero), (S.One, rest)], [epochs]
    )
    return kernel.induction(relation, l, base, step)


# --- regions -----------------------------------------------------------------------------------------------------

_NEGATIVE = less(n.j, S.Zero)


def _recursion(goal: Relational, base: Theorem, step: Theorem) -> Theorem:
    return kernel.induction(goal, n.k, base, step)


def _none_below(definition: object) -> Theorem:
    """f(k, j) = 0 for j < 0, for Pascal's triangle and for the count of regions."""
    relation = equation(definition(n.k, n.j), S.Zero)  # type: ignore[operator]  # a definition
    general = ForAll((n.j,), relation, (_NEGATIVE,))
    first = kernel.unfold(definition, 0, {n.j: n.j})  # type: ignore[arg-type]
    base = kernel.trans(first, kernel.nlinarith(equation(first.relation.rhs, S.Zero), [_NEGATIVE]))
    given = [at_least(n.k, S.Zero), _NEGATIVE]
    parts = [kernel.specialize(general, {n.j: at}, given) for at in (n.j, n.j - 1)]
    added = kernel.unfold(definition, 1, {n.k: n.k, n.j: n.j}, given)  # type: ignore[arg-type]
    step = kernel.linear_combination(
        equation(added.relation.lhs, S.Zero), [(S.One, added), *((S.One, p) for p in parts)], given
    )
    return kernel.induction(relation, n.k, base, step)


def region_count(goal: Sequent) -> Theorem:
    """Both sides satisfy one recursion; below dimension 0 there is nothing."""
    relation, (count, wide) = goal.relation, goal.hypotheses
    k, j, l = n.k, n.j, n.l
    general = ForAll((j,), relation, (wide,))
    no_regions, no_ways = _none_below(claims.REGIONS), _none_below(claims.PASCAL)
    edge = kernel.discharge(
        kernel.instantiate(no_ways, {j: S.NegativeOne}), kernel.nlinarith(less(S.NegativeOne, S.Zero))
    )
    start = _first_row(substitute(relation, {k: S.Zero}), wide)
    given = [count, wide]
    row = kernel.unfold(claims.PASCAL, 1, {k: k, j: l}, [count])
    ways = kernel.termwise(row, l, S.Zero, j)
    added = kernel.unfold(claims.REGIONS, 1, {k: k, j: j}, [count])
    here = kernel.specialize(general, {j: j}, given)
    target = substitute(relation, {k: k + 1})

    def prove(more_given: Sequence[Relational]) -> Theorem:
        facts = [*given, more_given[-1]]
        if isinstance(more_given[-1], Ge):  # j ≥ 1
            less_wide = kernel.specialize(general, {j: j - 1}, facts)
        else:
            at_zero = kernel.nlinarith(equation(j, S.Zero), facts)
            low = kernel.discharge(
                kernel.instantiate(no_regions, {j: j - 1}), kernel.nlinarith(less(j - 1, S.Zero), facts)
            )
            total = claims.BINOMIAL_SUM
            empty = kernel.rewrite(substitute(total, {j: j - 1}), at_zero)
            none = kernel.trans(empty, kernel.ring(equation(empty.relation.rhs, S.Zero)))
            less_wide = kernel.trans(low, kernel.symm(none))
        parts = kernel.split(Sum(claims.PASCAL(k, l - 1), (l, 0, j)), S.Zero, facts)
        moved = claims.PASCAL(k, S.NegativeOne) + Sum(claims.PASCAL(k, l), (l, 0, j - 1))
        shifted = kernel.trans(parts, kernel.ring(equation(parts.relation.rhs, moved), facts))
        return kernel.linear_combination(
            target,
            [(S.One, added), (S.One, here), (S.One, less_wide), (-S.One, ways), (-S.One, shifted), (-S.One, edge)],
            facts,
        )

    step = in_cases(Sequent("step", target, ()), at_least(j, S.One), prove)
    return kernel.induction(relation, k, start, step)


def _first_row(goal: Relational, wide: Relational) -> Theorem:
    """Σ C(0, l) over 0 ≤ l ≤ j is its first term."""
    l, j = n.l, n.j
    whole = goal.rhs
    first = kernel.unfold(claims.PASCAL, 0, {n.j: S.Zero})
    one = kernel.trans(first, kernel.nlinarith(equation(first.relation.rhs, S.One)))
    other = kernel.unfold(claims.PASCAL, 0, {n.j: l})
    zero = kernel.trans(other, kernel.nlinarith(equation(other.relation.rhs, S.Zero), [at_most(S.One, l)]))
    rest = kernel.termwise(zero, l, S.One, j)
    parts = kernel.split(whole, S.Zero, [wide])
    alone = kernel.ring(equation(parts.relation.rhs, claims.PASCAL(S.Zero, S.Zero) + rest.relation.lhs), [wide])
    regions = kernel.unfold(claims.REGIONS, 0, {n.j: j})
    is_one = kernel.trans(regions, kernel.nlinarith(equation(regions.relation.rhs, S.One), [wide]))
    return kernel.linear_combination(
        goal, [(S.One, is_one), (-S.One, parts), (-S.One, alone), (-S.One, one), (-S.One, rest)], [wide]
    )


def regions_on_a_line(goal: Sequent) -> Theorem:
    """One more at every knee: a point cuts one interval."""
    k, (count,) = n.k, goal.hypotheses
    none = kernel.discharge(
        kernel.instantiate(_none_below(claims.REGIONS), {n.j: S.NegativeOne}),
        kernel.nlinarith(less(S.NegativeOne, S.Zero)),
    )

    def start(at: Expr) -> Theorem:
        first = kernel.unfold(claims.REGIONS, 0, {n.j: at})
        return kernel.trans(first, kernel.nlinarith(equation(first.relation.rhs, S.One)))

    def more_by(relation: Relational, at: Expr, known: Theorem) -> Theorem:
        added = kernel.unfold(claims.REGIONS, 1, {k: k, n.j: at}, [count])
        parts = [(S.One, added), (S.One, kernel.assume(relation)), (S.One, known)]
        return kernel.linear_combination(substitute(relation, {k: k + 1}), parts, [count])

    point = equation(claims.REGIONS(k, S.Zero), S.One)
    points = kernel.induction(point, k, start(S.Zero), more_by(point, S.Zero, none))
    return kernel.induction(goal.relation, k, start(S.One), more_by(goal.relation, S.One, points))


def regions_double(goal: Sequent) -> Theorem:
    """Each of the two terms is at most 2ᵏ."""
    k, (count,) = n.k, goal.hypotheses
    general = ForAll((n.j,), goal.relation)
    first = kernel.unfold(claims.REGIONS, 0, {n.j: n.j})
    base = kernel.nlinarith(substitute(goal.relation, {k: S.Zero}), [first])
    added = kernel.unfold(claims.REGIONS, 1, {k: k, n.j: n.j}, [count])
    parts = [kernel.specialize(general, {n.j: at}) for at in (n.j, n.j - 1)]
    power = kernel.ring(equation(S(2) ** (k + 1), 2 * S(2) ** k), [count])
    step = kernel.nlinarith(substitute(goal.relation, {k: k + 1}), [added, *parts, power])
    return kernel.induction(goal.relation, k, base, step)


# --- hard sigmoid, hard swish ------------------------------------------------------------------------------------


def _tail_below(given: Sequence[Relational]) -> Theorem:
    """e^(−x) ≤ e^(−3) for x ≥ 3."""
    ordered = kernel.nlinarith(at_most(-n.x, S(-3)), given)
    return kernel.monotone("exp", ordered)


def hard_sigmoid_gap(goal: Sequent) -> Theorem:
    """The straight piece on a box; beyond it σ is within e⁻³ of 0 or 1."""
    bound = goal.relation.rhs
    inner = (n.x + 3) / 6 - t.sigmoid(n.x)
    box = [on_box(less(inner, bound), S(-3), S(3)), on_box(less(-bound, inner), S(-3), S(3))]
    positive = kernel.positivity(more(exp(-n.x), S.Zero)), kernel.positivity(more(exp(n.x), S.Zero))
    reflected = kernel.ring(equation(t.sigmoid(n.x), exp(n.x) / (1 + exp(n.x))))

    def inside_or_right(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return kernel.nlinarith(goal.relation, [*given, *(placed(fact, given) for fact in box)])
        return kernel.nlinarith(goal.relation, [*given, positive[0], _tail_below(given)])

    def all_but_left(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return in_cases(Sequent("", goal.relation, tuple(given)), at_most(n.x, S(3)), inside_or_right)
        small = kernel.monotone("exp", kernel.nlinarith(at_most(n.x, S(-3)), given))
        return kernel.nlinarith(goal.relation, [*given, positive[1], small, reflected])

    return in_cases(goal, at_least(n.x, S(-3)), all_but_left)


def attained(goal: Sequent) -> Theorem:
    """Ball arithmetic at the point."""
    known = kernel.assume(goal.hypotheses[-1])
    place = kernel.rewrite(goal.relation.lhs, known)
    here = kernel.interval(goal.relation.func(place.relation.rhs, goal.relation.rhs, evaluate=False), {})
    return kernel.trans(place, here)


def at_three(goal: Sequent) -> Theorem:
    place = kernel.rewrite(goal.relation.lhs, kernel.assume(goal.hypotheses[-1]))
    return kernel.trans(place, kernel.ring(equation(place.relation.rhs, goal.relation.rhs)))


def hard_swish_gap(goal: Sequent) -> Theorem:
    """For x ≥ 0 by boxes, growth towards 3 and decay beyond; the difference is even."""
    bound = goal.relation.rhs
    right = _hard_swish_right(goal.relation, bound)
    mirrored = kernel.instantiate(right, {n.x: -n.x})
    odd = kernel.ring(equation(t.swish(n.x) - t.swish(-n.x), n.x))

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Ge):
            return right
        there = kernel.discharge(mirrored, kernel.nlinarith(at_least(-n.x, S.Zero), given))
        even = kernel.nlinarith(equation(goal.relation.lhs, there.relation.lhs), [odd])
        return kernel.nlinarith(goal.relation, [there, even])

    return in_cases(goal, at_least(n.x, S.Zero), prove)


def _hard_swish_right(target: Relational, bound: Expr) -> Theorem:
    x, start = n.x, Rational(29, 10)
    inner = x * (x + 3) / 6 - t.swish(x)
    box = [on_box(less(-Rational(14, 100), inner), S.Zero, S(3)), on_box(less(inner, Rational(14, 100)), S.Zero, start)]
    size = kernel.interval(more(bound, Rational(14, 100)), {})
    slope = (2 * x + 3) / 6 - t.sigmoid(x) - x * exp(-x) / (1 + exp(-x)) ** 2
    grows = on_box(more(slope, S.Zero), start, S(3))
    value = kernel.ring(equation(substitute(inner, {x: S(3)}), bound))

    def prove(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Gt):
            return _hard_swish_tail(target, given)
        return in_cases(Sequent("", target, tuple(given)), at_most(x, start), below_three)

    def below_three(given: Sequence[Relational]) -> Theorem:
        if isinstance(given[-1], Le):
            return kernel.nlinarith(target, [*given, *(placed(fact, given) for fact in box), size])
        end = Symbol("e", real=True)
        rising = kernel.mean_value(inner, x, end, S(3), grows, [more(end, start), at_most(end, S(3))])
        here = placed(kernel.instantiate(rising, {end: x}), given)
        return kernel.nlinarith(target, [*given, placed(box[0], given), size, here, value])

    return in_cases(Sequent("", target, (at_least(x, S.Zero),)), at_most(x, S(3)), prove)


def _hard_swish_tail(target: Relational, given: Sequence[Relational]) -> Theorem:
    """x/(1 + e^x) falls beyond 3, because e^x ≥ e³(x − 2)."""
    x = n.x
    tangent = kernel.add_one_le_exp(x - 3)
    gap = kernel.ring(equation(x - t.swish(x), x / (1 + exp(x))))
    lemma = kernel.nlinarith(at_most(n.c * n.a, n.c * n.b), [at_most(n.a, n.b), more(n.c, S.Zero)])
    lemma = kernel.instantiate(lemma, {n.a: x - 2, n.b: exp(x - 3), n.c: exp(3)})
    steep = kernel.discharge(kernel.discharge(lemma, tangent), kernel.interval(more(exp(3), S.Zero), {}))
    steep = kernel.trans(steep, kernel.ring(equation(steep.relation.rhs, exp(x))))
    positive = kernel.positivity(more(exp(x), S.Zero))
    low = kernel.interval(more(exp(3), S(20)), {})
    bound = target.rhs
    facts = [at_least(n.a, n.c * (x - 2)), more(n.c, S(20)), more(x, S(3))]
    product = kernel.nlinarith(at_most(x * (1 + n.c), 3 * (1 + n.a)), facts)
    product = placed(kernel.instantiate(product, {n.a: exp(x), n.c: exp(3)}), [*given, steep, low])
    small = kernel.nlinarith(at_most(x / (1 + exp(x)), bound), [*given, product, positive, low])
    above = kernel.positivity(at_least(x / (1 + exp(x)), S.Zero), [at_least(x, S.Zero)])
    return kernel.nlinarith(target, [*given, gap, small, above])


PROOFS: Mapping[str, Proof] = {
    **{
        f"activations.relu/{part}": by_nlinarith
        for part in ("idempotent", "homogeneous", "convex", "identity", "absolute-value", "maximum")
    },
    "activations.relu-ad/identity": by_nlinarith,
    "activations.relu-ad/off-zero": by_nlinarith,
    "activations.relu-ad/slope-off-zero": relu_slope,
    "activations.relu-dying/gradient": dead_gradient,
    "activations.relu-dying/forever": dead_forever,
    "activations.relu-regions/count": region_count,
    "activations.relu-regions/line": regions_on_a_line,
    "activations.relu-regions/at-most-doubled": regions_double,
    "activations.leaky": by_nlinarith,
    **{f"activations.relu6-hard/{part}": by_nlinarith for part in ("odd-part", "left", "right", "inside")},
    "activations.relu6-hard/sigmoid": hard_sigmoid_gap,
    "activations.relu6-hard/sigmoid-attained": attained,
    "activations.relu6-hard/swish": hard_swish_gap,
    "activations.relu6-hard/swish-attained": at_three,
    "activations.relu6-hard/swish-attained-left": at_three,
    "activations.elu/elu-left": by_piece(lambda at: t.alpha * (exp(at) - 1), "-"),
    "activations.elu/elu-right": by_piece(lambda at: at, "+"),
    "activations.elu/celu-left": by_piece(lambda at: t.alpha * (exp(at / t.alpha) - 1), "-"),
    "activations.elu/celu-right": by_piece(lambda at: at, "+"),
    "activations.elu/celu-slope": by_limit,
    "activations.elu/same-at-one": at_alpha_one,
    "activations.selu-smooth/left": by_piece(lambda at: t.SELU_SCALE * t.SELU_ALPHA * (exp(at) - 1), "-"),
    "activations.selu-smooth/right": by_piece(lambda at: t.SELU_SCALE * at, "+"),
    "activations.selu-smooth/different": lambda goal: kernel.interval(goal.relation, {}),
    "activations.squared-relu/tied-gate": by_nlinarith,
    "activations.squared-relu/slope": squared_slope,
    "activations.squared-relu/curvature-left": by_piece(lambda at: 0 * at, "-"),
    "activations.squared-relu/curvature-right": by_piece(lambda at: 2 * at, "+"),
}
