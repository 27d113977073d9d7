# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.activations_units`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Rational, S, Sum, erf, exp, sqrt

from ..theory import activations_notation as n
from ..theory import activations_terms as t
from ..theory import activations_units as claims
from ..theory.activations_notation import at_least, at_most, less, more
from ..theory.claim import Sequent
from . import kernel
from .activations_steps import by_nlinarith, derivative_of, placed
from .calc import equation
from .kernel import Given, Theorem
from .steps import by_ring
from .terms import bind, binder, substitute
from .verify import Proof

# --- maxout ------------------------------------------------------------------------------------------------------


def maxout_convex(goal: Sequent) -> Theorem:
    """Induction on the number of pieces: the larger of two convex functions is convex."""
    relation, k = goal.relation, n.k
    count, *between = goal.hypotheses
    places = (n.t * n.u + (1 - n.t) * n.v, n.u, n.v)
    first = [kernel.unfold(claims.MAXOUT, 0, {n.x: at}) for at in places]
    base = kernel.nlinarith(substitute(relation, {k: S.Zero}), [*between, *first])
    more_pieces = [kernel.unfold(claims.MAXOUT, 1, {k: k, n.x: at}, [count]) for at in places]
    step = kernel.nlinarith(substitute(relation, {k: k + 1}), [relation, *between, *more_pieces])
    return kernel.induction(relation, k, base, step)


def maxout_relu(goal: Sequent) -> Theorem:
    """Two pieces, 0 and x."""
    first = kernel.unfold(claims.MAXOUT, 0, {n.x: n.x})
    second = kernel.unfold(claims.MAXOUT, 1, {n.k: S.Zero, n.x: n.x})
    return kernel.nlinarith(goal.relation, [*goal.hypotheses, first, second])


def maxout_pieces(goal: Sequent) -> Theorem:
    """The bends at the knots left of x turn the first line into the one at x, those right of x do nothing."""
    start, within, meet, left, right = goal.hypotheses
    whole = next(e for e in goal.relation.rhs.args if isinstance(e, Sum))
    _, j, low, high = binder(whole)
    a, b, knot, x = claims.slopes, claims.offsets, claims.knots, n.x
    lines = bind(Sum, (a[j + 1] - a[j]) * (x - knot[j]), j, low, n.m - 1)
    told = equation(a[n.m] * x + b[n.m], a[0] * x + b[0] + lines)
    base = kernel.ring(substitute(told, {n.m: S.Zero}))
    links = [(S.One, kernel.assume(told)), (S.One, kernel.specialize(meet, {j: n.m}))]
    after = kernel.linear_combination(substitute(told, {n.m: n.m + 1}), links, [start])
    of_lines = kernel.induction(told, n.m, base, after)

    cut = kernel.split(whole, n.m - 1, [start, within])
    halves = []
    for (first, last), side, value in (
        ((low, n.m - 1), left, x - knot[j]),
        ((n.m, high), right, S.Zero),
    ):
        inside = [at_most(first, j), at_most(j, last)]
        known = kernel.specialize(side, {j: j}, inside)
        rectified = kernel.nlinarith(equation(t.relu(x - knot[j]), value), [known])
        body = kernel.congr((a[j + 1] - a[j]) * n.u, n.u, rectified)
        halves.append(kernel.termwise(body, j, first, last))
    none = kernel.ring(equation(halves[1].relation.rhs, S.Zero))
    combination = [(S.One, of_lines), *((S.NegativeOne, e) for e in (cut, *halves, none))]
    return kernel.linear_combination(goal.relation, combination, goal.hypotheses)


def maxout_difference(goal: Sequent) -> Theorem:
    """Every bend is its positive part minus its negative part."""
    whole = claims.bent_line(lambda e: e)
    _, j, low, high = binder(whole)
    bend = claims.bends[j]
    parts = kernel.nlinarith(equation(bend, t.relu(bend) - t.relu(-bend)))
    rest = t.relu(n.x - claims.knots[j])
    each = kernel.congr(n.u * rest, n.u, parts)
    summed = kernel.termwise(each, j, low, high)
    return kernel.linear_combination(goal.relation, [(S.One, summed)], goal.hypotheses)


def maxout_bends(goal: Sequent) -> Theorem:
    """Beyond the last knot the last line is the sum, before it the sum without the last bend is larger."""
    relation, k, x = goal.relation, n.k, n.x
    count, up, ascending, first_slope, first_offset, slopes, offsets = goal.hypotheses
    sums = relation.rhs - n.d - n.c * x
    _, j, low, high = binder(sums)
    d, t_ = claims.bends, claims.knots
    lines = bind(Sum, d[j] * (x - t_[j]), j, low, high)
    line = claims.slopes[k] * x + claims.offsets[k]
    start = kernel.linear_combination(
        equation(substitute(line, {k: S.Zero}), n.d + n.c * x + substitute(lines, {k: S.Zero})),
        [(x, kernel.assume(first_slope)), (S.One, kernel.assume(first_offset))],
    )
    told = equation(line, n.d + n.c * x + lines)
    next_line = kernel.linear_combination(
        substitute(told, {k: k + 1}),
        [
            (S.One, kernel.assume(told)),
            (x, kernel.specialize(slopes, {n.j: k})),
            (S.One, kernel.specialize(offsets, {n.j: k})),
        ],
        [count],
    )
    of_lines = kernel.induction(told, k, start, next_line)

    bend = kernel.specialize(up, {n.j: j})
    lemma = kernel.nlinarith(at_most(n.u * n.v, n.u * t.relu(n.v)), [at_least(n.u, S.Zero)])
    body = kernel.discharge(kernel.instantiate(lemma, {n.u: d[j], n.v: x - t_[j]}), bend)
    above = kernel.termwise(body, j, low, high)
    one_more = [
        kernel.ring(equation(substitute(e, {k: k + 1}), e + substitute(binder(e)[0], {j: k})), [count])
        for e in (sums, lines)
    ]
    unfolded = kernel.unfold(claims.MAXOUT, 1, {k: k, x: x}, [count])
    following = kernel.instantiate(of_lines, {k: k + 1}, [count])
    following = kernel.discharge(following, kernel.nlinarith(at_least(k + 1, S.Zero), [count]))
    last = kernel.specialize(up, {n.j: k})
    beyond = at_least(x, t_[k])
    order = kernel.specialize(ascending, {n.i: j, n.j: k}, [at_most(j, high)])
    inside = kernel.nlinarith(equation(t.relu(x - t_[j]), x - t_[j]), [beyond, order])
    same = kernel.termwise(kernel.congr(d[j] * n.u, n.u, inside), j, low, high)
    known = [relation, *one_more, unfolded, following, last]
    after = substitute(relation, {k: k + 1})
    yes = kernel.nlinarith(after, [*known, same, beyond])
    no = kernel.nlinarith(after, [*known, above, less(x, t_[k])])
    base = kernel.linear_combination(
        substitute(relation, {k: S.Zero}),
        [
            (S.One, kernel.unfold(claims.MAXOUT, 0, {x: x})),
            (x, kernel.assume(first_slope)),
            (S.One, kernel.assume(first_offset)),
        ],
    )
    return kernel.induction(relation, k, base, kernel.cases(beyond, yes, no))


# --- gates -------------------------------------------------------------------------------------------------------


def at_zero_gate(goal: Sequent) -> Theorem:
    """σ(0) = 1/2."""
    place = kernel.rewrite(goal.relation.lhs, kernel.assume(goal.hypotheses[0]))
    return kernel.trans(place, kernel.ring(equation(place.relation.rhs, goal.relation.rhs)))


def reglu_degree(goal: Sequent) -> Theorem:
    """A factor c ≥ 0 leaves the sum, and then ReLU."""
    given = goal.hypotheses
    scaled = [kernel.ring(equation(claims.dot(w, n.c), n.c * claims.dot(w))) for w in (claims.W, claims.V)]
    lemma = kernel.nlinarith(equation(t.relu(n.c * n.u), n.c * t.relu(n.u)), given)
    gate = kernel.instantiate(lemma, {n.u: claims.dot(claims.V)})
    inside = kernel.rewrite(t.relu(claims.dot(claims.V, n.c)), scaled[1])
    opened = kernel.trans(inside, gate)
    left = kernel.rewrite(goal.relation.lhs, opened)
    return kernel.trans(left, kernel.ring(equation(left.relation.rhs, goal.relation.rhs), given))


def half_open(at: Expr, given: Given) -> dict[str, Theorem]:
    """σ(t) ≥ 1/2 and Φ(t) ≥ 1/2 for t ≥ 0."""
    small = kernel.monotone("exp", kernel.nlinarith(at_most(-at, S.Zero), given))
    positive = kernel.positivity(more(exp(-at), S.Zero))
    sigmoid = kernel.nlinarith(at_least(t.sigmoid(at), Rational(1, 2)), [small, positive])
    error = kernel.positivity(at_least(erf(at / sqrt(2)), S.Zero), given)
    return {"swiglu": sigmoid, "geglu": kernel.nlinarith(at_least(t.normal_cdf(at), Rational(1, 2)), [error])}


def _quadratic(kind: str, given: Given) -> Theorem:
    """t² G ≥ t²/2 from G ≥ 1/2."""
    gate = half_open(n.t, given)[kind]
    lemma = kernel.nlinarith(at_least(n.t**2 * n.g, n.t**2 / 2), [at_least(n.g, Rational(1, 2))])
    return kernel.discharge(kernel.instantiate(lemma, {n.g: gate.relation.lhs}), gate)


def ray(kind: str) -> Proof:
    def proof(goal: Sequent) -> Theorem:
        known = _quadratic(kind, goal.hypotheses)
        same = kernel.ring(equation(goal.relation.lhs, known.relation.lhs))
        return kernel.trans(same, known)

    return proof


def steep(kind: str) -> Proof:
    """t²/2 > r t once t > 2r."""

    def proof(goal: Sequent) -> Theorem:
        given = goal.hypotheses
        known = _quadratic(kind, [kernel.nlinarith(at_least(n.t, S.Zero), given)])
        above = kernel.nlinarith(more(n.t**2 / 2, n.r * n.t), given)
        same = kernel.ring(equation(goal.relation.lhs, known.relation.lhs))
        return kernel.trans(same, known, above)

    return proof


def llama(goal: Sequent) -> Theorem:
    return kernel.decide(goal.relation, {n.i: range(4096, 4097)})


def ceiling_bound(goal: Sequent) -> Theorem:
    """⌈q⌉ lies in [q, q + 1), times m."""
    given = goal.hypotheses
    whole = next(e for e in goal.relation.lhs.args if e.func.__name__ == "ceiling")
    quotient = whole.args[0]
    near = [kernel.nlinarith(r, given) for r in (at_least(whole, quotient), less(whole, quotient + 1))]
    lemma_given = [at_least(n.u, n.v), less(n.u, n.v + 1), at_least(n.m, S.One)]
    shape = goal.relation.func(n.m * n.u, n.m * n.v + (0 if goal.relation.rhs == claims.WIDTH else n.m), evaluate=False)
    lemma = kernel.instantiate(kernel.nlinarith(shape, lemma_given), {n.u: whole, n.v: quotient}, given)
    lemma = placed(lemma, [*given, *near])
    back = kernel.ring(equation(lemma.relation.rhs, goal.relation.rhs), given)
    return kernel.trans(lemma, back)


def turned_signs(goal: Sequent) -> Theorem:
    """Two signs cancel in each term."""
    body, j, low, high = binder(goal.relation.lhs)
    known = [kernel.specialize(h, {n.j: j}) for h in goal.hypotheses]
    first = kernel.rewrite(body, known[0])
    second = kernel.rewrite(first.relation.rhs, known[1])
    each = kernel.trans(first, second)
    target = binder(goal.relation.rhs)[0]
    if each.relation.rhs != target:
        each = kernel.trans(each, kernel.ring(equation(each.relation.rhs, target)))
    return kernel.termwise(each, j, low, high)


PROOFS: Mapping[str, Proof] = {
    "activations.maxout/convex": maxout_convex,
    "activations.maxout/relu": maxout_relu,
    "activations.maxout/sum": by_nlinarith,
    "activations.maxout/piecewise-linear": maxout_pieces,
    "activations.maxout/difference": maxout_difference,
    "activations.maxout/one-unit": maxout_bends,
    "activations.maxout/bend": by_nlinarith,
    "activations.glu/reglu": by_nlinarith,
    "activations.glu/swiglu": by_ring,
    "activations.glu/geglu": by_ring,
    "activations.glu/half": at_zero_gate,
    "activations.glu-gradient/slope": derivative_of(claims.gated_path, n.theta),
    "activations.glu-growth/bilinear": by_ring,
    "activations.glu-growth/reglu": reglu_degree,
    "activations.glu-growth/swiglu": ray("swiglu"),
    "activations.glu-growth/geglu": ray("geglu"),
    "activations.glu-growth/swiglu-steep": steep("swiglu"),
    "activations.glu-growth/geglu-steep": steep("geglu"),
    "activations.glu-params/width": by_nlinarith,
    "activations.glu-params/rounded-up": ceiling_bound,
    "activations.glu-params/not-far": ceiling_bound,
    "activations.glu-params/llama-7b": llama,
    "activations.glu-swap/sign": turned_signs,
    "activations.glu-swap/bilinear": by_ring,
    "activations.glu-swap/scale": by_ring,
}
