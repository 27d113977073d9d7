# SPDX-License-Identifier: BSD-3-Clause
"""Proofs about networks without biases, by induction on the depth, and about the perceptron."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Expr, Ge, Gt, Le, Lt, Max, S, tanh
from sympy.core.relational import Relational

from ..theory import bias_learning as le
from ..theory import bias_networks as t
from ..theory.bias_units import i, j, n
from ..theory.claim import Definition, ForAll, Sequent
from . import kernel
from .calc import calc, equation, ring
from .kernel import Theorem
from .steps import by_ring
from .terms import binder, substitute
from .verify import Proof, by_claim

L, o, c = t.L, t.o, t.c


def by_nlinarith(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def _layered(net: Definition, relation: Relational, factor: Expr, given: list[Relational], outer: Theorem) -> Theorem:
    """net(L, o, at) = factor · net(L, o, t) by induction on L, for every unit o at once.

    ``outer`` says that the activation takes the factor out: f(factor · x) = factor · f(x).
    """
    at = relation.lhs.args[2]
    base_goal = substitute(relation, {L: S.Zero})
    ground = [kernel.unfold(net, 0, {t.o: o, t.t: value}) for value in (at, t.t)]
    base = calc(base_goal.lhs).eq(ground[0].relation.rhs, ground[0])
    base = base.eq(factor * ground[1].relation.rhs, ring())
    base = base.eq(base_goal.rhs, kernel.congr(factor * t.x, t.x, kernel.symm(ground[1])))
    up = [kernel.unfold(net, 1, {t.l: L + 1, t.o: o, t.t: value}, [t.DEPTH]) for value in (at, t.t)]
    below = kernel.specialize(ForAll((o,), relation), {o: j})
    weighted = kernel.congr(t.W[L + 1, o, j] * t.x, t.x, below)
    over = kernel.termwise(weighted, j, S.Zero, t.N[L] - 1)
    inner = up[1].relation.rhs.args[-1] if not up[1].relation.rhs.args[0].is_number else up[1].relation.rhs.args[1]
    plain = kernel.trans(over, kernel.ring(equation(over.relation.rhs, factor * inner)))
    shape = up[0].relation.rhs
    moved = kernel.rewrite(shape, plain)
    taken = kernel.instantiate(outer, {t.x: inner})
    step_goal = substitute(relation, {L: L + 1})
    step = calc(step_goal.lhs).eq(shape, up[0]).eq(moved.relation.rhs, moved)
    step = step.eq(factor * up[1].relation.rhs, taken)
    step = step.eq(step_goal.rhs, kernel.congr(factor * t.x, t.x, kernel.symm(up[1])))
    return kernel.induction(relation, L, base.close(), step.close())


def homogeneous(goal: Sequent) -> Theorem:
    outer = kernel.nlinarith(equation(Max(0, c * t.x), c * Max(0, t.x)), [Ge(c, 0)])
    return _layered(t.RELU_NET, goal.relation, c, [Ge(c, 0)], outer)


def homogeneous_output(goal: Sequent) -> Theorem:
    one = homogeneous(Sequent("", equation(t.RELU_NET(L, o, c * t.t), c * t.RELU_NET(L, o, t.t)), goal.hypotheses))
    over = kernel.termwise(kernel.congr(t.V[o] * t.x, t.x, one), o, S.Zero, n - 1)
    return kernel.trans(over, kernel.ring(equation(over.relation.rhs, goal.relation.rhs)))


def odd(goal: Sequent) -> Theorem:
    outer = kernel.ring(equation(tanh(-t.x), -tanh(t.x)))
    return _layered(t.TANH_NET, goal.relation, S.NegativeOne, [], outer)


def sigmoid_sum(goal: Sequent) -> Theorem:
    """σ(s) + σ(−s) = 1 for every unit."""
    first, second = (e.function for e in goal.relation.lhs.args)
    one = kernel.ring(equation(first + second, t.V[i]))
    return kernel.linear_combination(goal.relation, [(S.One, kernel.termwise(one, i, S.Zero, n - 1))])


def two_rays(goal: Sequent) -> Theorem:
    """F(t) = t F(1) for t ≥ 0 and −t F(−1) for t ≤ 0."""
    law = by_claim("bias.relu-homogeneous", "unit")
    parts = []
    for side, scale, end in ((Ge(t.t, 0), t.t, S.One), (Lt(t.t, 0), -t.t, S.NegativeOne)):
        general = kernel.instantiate(law, {t.c: t.u, t.t: t.y})
        ray = kernel.instantiate(general, {t.u: scale, t.y: end}, [side])
        for h in [h for h in ray.hypotheses if isinstance(h, Ge) and h.lhs == scale and h != side]:
            ray = kernel.discharge(ray, kernel.nlinarith(h, [side]))
        size = kernel.nlinarith(equation(Abs(t.t), scale), [side])
        up, down = (t.RELU_NET(L, o, e) for e in (S.One, S.NegativeOne))
        parts.append(
            kernel.linear_combination(goal.relation, [(S.One, ray), (-(up + down) / 2, size)], [*goal.hypotheses, side])
        )
    return kernel.cases(Ge(t.t, 0), *parts)


def two_rays_output(goal: Sequent) -> Theorem:
    """Unit by unit."""
    each = two_rays(Sequent("", t.two_rays(lambda at: t.RELU_NET(L, o, at)), goal.hypotheses))
    over = kernel.termwise(kernel.congr(t.V[o] * t.x, t.x, each), o, S.Zero, n - 1)
    return kernel.trans(over, kernel.ring(equation(over.relation.rhs, goal.relation.rhs)))


# --- distances from x² -------------------------------------------------------------------------------------------


def odd_distance(goal: Sequent) -> Theorem:
    """F(−1) = −F(1)."""
    unit = kernel.instantiate(by_claim("bias.odd-nets", "tanh"), {t.t: S.One})
    over = kernel.termwise(kernel.congr(t.V[o] * t.x, t.x, unit), o, S.Zero, n - 1)
    negated = kernel.ring(equation(over.relation.rhs, -t.output(t.TANH_NET, S.One)))
    return kernel.nlinarith(goal.relation, [kernel.trans(over, negated)])


def sigmoid_distance(goal: Sequent) -> Theorem:
    """F(1) + F(−1) = Σ V = 2 F(0)."""
    total = kernel.instantiate(by_claim("bias.odd-nets", "sigmoid"), {t.t: S.One})
    middle = kernel.ring(equation(total.relation.rhs, 2 * t.sigmoids(S.Zero)))
    return kernel.nlinarith(goal.relation, [kernel.trans(total, middle)])


def relu_distance(goal: Sequent) -> Theorem:
    """F(r) = r F(1): where F(1) ≤ 2 r the error at 1 is at least 1 − 2 r, else that at r is at least r²."""
    error = Ge(Max(Abs(1 - t.y), Abs(t.r**2 - t.z)), t.r**2)
    root, ray = equation(t.r**2, 1 - 2 * t.r), equation(t.z, t.r * t.y)
    lemma = kernel.nlinarith(error, [Gt(t.r, 0), root, ray])
    one, best = (t.output(t.RELU_NET, at) for at in (S.One, t.BEST))
    theorem = _at_best(kernel.instantiate(lemma, {t.r: t.BEST, t.y: one, t.z: best}))
    law = kernel.instantiate(by_claim("bias.relu-homogeneous", "output"), {t.c: t.BEST, t.t: S.One})
    law = kernel.discharge(law, kernel.positivity(Ge(t.BEST, 0, evaluate=False)))
    return kernel.discharge(theorem, law)


def _at_best(theorem: Theorem) -> Theorem:
    """r = √2 − 1 is the positive root of r² = 1 − 2 r."""
    theorem = kernel.discharge(theorem, kernel.positivity(Gt(t.BEST, 0, evaluate=False)))
    return kernel.discharge(theorem, kernel.ring(equation(t.BEST**2, 1 - 2 * t.BEST)))


def attained(goal: Sequent) -> Theorem:
    """max(0, x) + max(0, −x) = |x|, and r² − 2 r|x| + x² = (|x| − r)² ≥ 0, 1 − 2 r = r²."""
    root = equation(t.r**2, 1 - 2 * t.r)
    general = kernel.nlinarith(t.attained(t.r), [*goal.hypotheses, Gt(t.r, 0), root])
    return _at_best(kernel.instantiate(general, {t.r: t.BEST}))


# --- the perceptron ----------------------------------------------------------------------------------------------


def _grown(weighted: Callable[[Expr], Expr]) -> Theorem:
    """Σ of something of w after one more example, by the rule of the update."""
    update = kernel.unfold(le.PERCEPTRON_WEIGHTS, 1, {le.m: le.M + 1, le.k: le.k}, [Ge(le.M, 0)])
    each = kernel.congr(weighted(le.x), le.x, update)
    return kernel.termwise(each, le.k, S.Zero, le.d - 1)


def _by_mistakes(relation: Relational, of: Expr, step: Callable[[Relational], Theorem]) -> Theorem:
    """Induction on the number of examples; at first w = 0 and no mistake has been made."""
    first = kernel.unfold(le.PERCEPTRON_WEIGHTS, 0, {le.k: le.k})
    body, k, low, high = binder(substitute(of, {le.M: S.Zero}))
    start = kernel.termwise(kernel.rewrite(body, first), k, low, high)
    start = kernel.trans(start, kernel.ring(equation(start.relation.rhs, S.Zero)))
    none = kernel.ring(equation(substitute(le.MISTAKES, {le.M: S.Zero}), S.Zero))
    base = kernel.nlinarith(substitute(relation, {le.M: S.Zero}), [start, none])
    return kernel.induction(relation, le.M, base, step(substitute(relation, {le.M: le.M + 1})))


def _one_more() -> Theorem:
    after = substitute(le.MISTAKES, {le.M: le.M + 1})
    return kernel.ring(equation(after, le.MISTAKES + le.mistake[le.M + 1]), [Ge(le.M, 0)])


def margin(goal: Sequent) -> Theorem:
    _, least, _, separated = goal.hypotheses
    here = {le.m: le.M + 1}
    s, y, x = le.mistake[le.M + 1], le.y[le.M + 1], le.X[le.M + 1, le.k]

    def step(after: Relational) -> Theorem:
        grown = _grown(lambda w: le.u[le.k] * w)
        parts = kernel.ring(equation(grown.relation.rhs, le.along(le.M) + s * (y * le.over_inputs(le.u[le.k] * x))))
        lemma = kernel.nlinarith(Ge(le.p * le.q, le.p * le.g), [Ge(le.p, 0), Ge(le.q, le.g)])
        gain = kernel.instantiate(lemma, {le.p: s, le.q: y * le.over_inputs(le.u[le.k] * x)})
        for hypothesis in (least, separated):
            gain = kernel.discharge(gain, kernel.specialize(hypothesis, here))
        return kernel.nlinarith(after, [goal.relation, grown, parts, gain, _one_more()])

    return _by_mistakes(goal.relation, le.along(le.M), step)


def length(goal: Sequent) -> Theorem:
    _, least, most, labels, then, short = goal.hypotheses
    here = {le.m: le.M + 1}
    s, y, x = le.mistake[le.M + 1], le.y[le.M + 1], le.X[le.M + 1, le.k]
    across, square = le.over_inputs(le.PERCEPTRON_WEIGHTS(le.M, le.k) * x), le.over_inputs(x**2)

    def step(after: Relational) -> Theorem:
        grown = _grown(lambda w: w**2)
        bounds = [kernel.specialize(h, here) for h in (least, most)]
        once = kernel.nlinarith(equation(s**2, s), bounds)
        unit = kernel.specialize(labels, here)
        parts = equation(grown.relation.rhs, le.squared_length(le.M) + 2 * (s * (y * across)) + s * square)
        expanded = kernel.linear_combination(parts, [(s**2 * square, unit), (square, once)])
        lemma = kernel.nlinarith(Le(le.p * le.q, le.p * le.g), [Ge(le.p, 0), Le(le.q, le.g)])
        gain = kernel.instantiate(lemma, {le.p: s, le.q: square, le.g: le.R**2})
        for known in (bounds[0], kernel.specialize(short, here)):
            gain = kernel.discharge(gain, known)
        wrong = kernel.specialize(then, here, [Ge(le.M, 0)])
        return kernel.nlinarith(after, [goal.relation, grown, expanded, gain, wrong, _one_more()])

    return _by_mistakes(goal.relation, le.squared_length(le.M), step)


def cauchy_schwarz(goal: Sequent) -> Theorem:
    """0 ≤ Σ (w − c u)² = ‖w‖² − c² for c = u·w."""
    unit = kernel.assume(goal.hypotheses[0])
    w, c = le.PERCEPTRON_WEIGHTS(le.M, le.k), le.along(le.M)
    squares = kernel.positivity(Ge(le.over_inputs((w - le.x * le.u[le.k]) ** 2), 0))
    total = squares.relation.lhs
    parts = le.squared_length(le.M) - 2 * le.x * c + le.x**2
    expanded = kernel.linear_combination(equation(total, parts), [(le.x**2, unit)])
    there = kernel.instantiate(kernel.nlinarith(Ge(parts, 0), [squares, expanded]), {le.x: c})
    return kernel.nlinarith(goal.relation, [there])


def mistakes(goal: Sequent) -> Theorem:
    """γ² N² ≤ (u·w)² ≤ ‖w‖² ≤ R² N."""
    start, _, least, most, labels, then, short, separated, unit = goal.hypotheses
    low = margin(Sequent("", Ge(le.along(le.M), le.g * le.MISTAKES), (start, least, most, separated)))
    high = length(
        Sequent("", Le(le.squared_length(le.M), le.R**2 * le.MISTAKES), (start, least, most, labels, then, short))
    )
    between = cauchy_schwarz(Sequent("", Le(le.along(le.M) ** 2, le.squared_length(le.M)), (unit,)))
    x, q, s = le.x, le.q, le.s
    square = kernel.nlinarith(Le((le.g * x) ** 2, s**2), [Ge(x, 0), Gt(le.g, 0), Ge(s, le.g * x)])
    bound = kernel.nlinarith(
        Le(x, le.R**2 / le.g**2), [Ge(x, 0), Gt(le.g, 0), Le((le.g * x) ** 2, s**2), Le(s**2, q), Le(q, le.R**2 * x)]
    )
    theorem = kernel.discharge(bound, square)
    theorem = kernel.instantiate(theorem, {x: le.MISTAKES, q: le.squared_length(le.M), s: le.along(le.M)})
    some = kernel.positivity(Ge(le.MISTAKES, 0), [least])
    for known in (low, high, between, some):
        theorem = kernel.discharge(theorem, known)
    return theorem


PROOFS: dict[str, Proof] = {
    "bias.relu-homogeneous/unit": homogeneous,
    "bias.relu-homogeneous/output": homogeneous_output,
    "bias.relu-1d-span/every-depth": two_rays,
    "bias.relu-1d-span/output": two_rays_output,
    "bias.relu-1d-span/two-units": by_nlinarith,
    "bias.odd-nets/tanh": odd,
    "bias.odd-nets/sigmoid": sigmoid_sum,
    "bias.no-universality/tanh": odd_distance,
    "bias.no-universality/sigmoid": sigmoid_distance,
    "bias.no-universality/relu": relu_distance,
    "bias.no-universality/the-distance": by_ring,
    "bias.no-universality/attained": attained,
    "bias.perceptron-convergence/margin": margin,
    "bias.perceptron-convergence/length": length,
    "bias.perceptron-convergence/cauchy-schwarz": cauchy_schwarz,
    "bias.perceptron-convergence/mistakes": mistakes,
}
