# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``bias``; networks by induction on the depth are in ``bias_networks``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Lambda, Limit, S, Sum, Symbol, exp, log, sqrt
from sympy.core.relational import Ge, Gt, Le, Lt

from ..theory import bias_attention as at
from ..theory import bias_learning as le
from ..theory import bias_normalization as no
from ..theory import bias_units as un
from ..theory.claim import ForAll, Sequent
from . import bias_networks, kernel
from .calc import equation
from .kernel import Theorem
from .steps import at_value, by_last_equation, by_ring, rewriting
from .verify import Proof, by_claim


def by_nlinarith(goal: Sequent) -> Theorem:
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def scaling(goal: Sequent) -> Theorem:
    """(c w)·x = c (w·x)."""
    taken_out = kernel.ring(equation(un.scaled(), un.c * un.dot()))
    return kernel.nlinarith(goal.relation, [*goal.hypotheses, taken_out])


def distance(goal: Sequent) -> Theorem:
    """‖c w‖ = c ‖w‖ for c > 0."""
    squares = [Sum(e**2, (un.i, 0, un.n - 1)) for e in (un.c * un.w[un.i], un.w[un.i])]
    longer = kernel.ring(equation(squares[0], un.c**2 * squares[1]))
    first = kernel.rewrite(goal.relation.lhs, longer, goal.hypotheses)
    return kernel.trans(first, kernel.ring(equation(first.relation.rhs, goal.relation.rhs), goal.hypotheses))


def absorbed(goal: Sequent) -> Theorem:
    moved = kernel.assume(goal.hypotheses[-1])
    return kernel.linear_combination(goal.relation, [(-no.g / sqrt(no.var + no.e), moved)], goal.hypotheses[:1])


def augmented(goal: Sequent) -> Theorem:
    size, weight, one = goal.hypotheses
    links = [(un.v[un.n], kernel.assume(weight)), (un.b, kernel.assume(one))]
    return kernel.linear_combination(goal.relation, links, [size])


def all_zero(goal: Sequent) -> Theorem:
    zero = kernel.specialize(goal.hypotheses[-1], {un.i: un.i})
    body = kernel.linear_combination(equation(un.w[un.i] * un.v[un.i], S.Zero), [(un.w[un.i], zero)])
    over = kernel.termwise(body, un.i, S.Zero, un.n - 1)
    return kernel.trans(over, kernel.ring(equation(over.relation.rhs, S.Zero)))


def uniform_softmax(goal: Sequent) -> Theorem:
    every = goal.hypotheses[-1]
    one = kernel.congr(exp(un.x), un.x, kernel.specialize(every, {un.i: un.i}))
    here = kernel.congr(exp(un.x), un.x, kernel.specialize(every, {un.i: un.k}))
    return rewriting(goal.relation, [kernel.termwise(one, un.i, S.Zero, un.n - 1), here], goal.hypotheses)


# --- normalisation -----------------------------------------------------------------------------------------------


def _centred(at: Symbol, goal: Sequent) -> Theorem:
    """The deviation from the mean is what it was."""
    here = no.z[at] + no.b - no.mean(no.b)
    return kernel.ring(equation(here, no.z[at] - no.mean(S.Zero)), goal.hypotheses)


def shifted_variance(goal: Sequent) -> Theorem:
    """Each deviation from the mean is what it was."""
    square = kernel.congr(no.x**2, no.x, _centred(no.m, goal), goal.hypotheses)
    over = kernel.termwise(square, no.m, S.Zero, un.n - 1)
    return kernel.congr(no.x / un.n, no.x, over, goal.hypotheses)


def _positive(shift: Expr, goal: Sequent) -> Theorem:
    return kernel.positivity(Gt(no.variance(shift) + no.e, 0, evaluate=False), goal.hypotheses)


def shifted_output(goal: Sequent) -> Theorem:
    spread = shifted_variance(goal)
    given = [*goal.hypotheses, _positive(S.Zero, goal), spread]
    first = kernel.rewrite(no.normalised(no.b), spread, given)
    rest = no.g * no.x / sqrt(no.variance(S.Zero) + no.e) + no.h
    return kernel.trans(first, kernel.congr(rest, no.x, _centred(un.k, goal), given))


def of_channel(goal: Sequent) -> Theorem:
    """Batch normalisation of the positions of the channel."""
    values = Lambda(un.i, no.z[no.sample, no.channel, un.i])
    return kernel.instantiate(by_claim("bias.bn-cancels", "output"), {no.z: values, no.b: no.B[no.channel]})


def _moved(goal: Sequent) -> Theorem:
    """The output with b + c is that with b: both are that without a bias."""
    cancels = by_claim("bias.bn-cancels", "output")
    return kernel.trans(kernel.instantiate(cancels, {no.b: no.b + no.c}), kernel.symm(cancels))


def no_gradient(goal: Sequent) -> Theorem:
    return _no_change(goal, _moved(goal))


def _no_change(goal: Sequent, moved: Theorem) -> Theorem:
    """The difference quotient of what has not moved."""
    given = [*goal.hypotheses, _positive(no.b, goal)]
    quotient = kernel.congr((no.x - moved.relation.rhs) / no.c, no.x, moved, given)
    return kernel.trans(quotient, kernel.ring(equation(quotient.relation.rhs, S.Zero), given))


def same_loss(goal: Sequent) -> Theorem:
    """Term by term."""
    given = [*goal.hypotheses, _positive(no.b, goal)]
    each = kernel.congr(no.loss(un.k, no.x), no.x, _moved(goal), given)
    return kernel.termwise(each, un.k, S.Zero, un.n - 1)


def no_gradient_of_loss(goal: Sequent) -> Theorem:
    return _no_change(goal, same_loss(goal))


# --- attention ---------------------------------------------------------------------------------------------------


def key_attention(goal: Sequent) -> Theorem:
    """The common factor e^(q·b) leaves both parts of the quotient."""
    return kernel.ring(goal.relation, goal.hypotheses)


def only_shift(goal: Sequent) -> Theorem:
    """e^(o_k) e^(p_j) = e^(o_j) e^(p_k): with the sums of either side multiplied out, both are the same."""
    (agree,) = (h for h in goal.hypotheses if isinstance(h, ForAll))
    bounds = [h for h in goal.hypotheses if h is not agree]
    first, second = (kernel.specialize(agree, {at.m: place}, bounds) for place in (un.k, un.j))
    sums = [Sum(exp(family[un.i]), (un.i, 0, un.n - 1)) for family in (at.o, at.p)]
    some = kernel.nlinarith(Ge(un.n, 1), bounds)
    cross = equation(exp(at.o[un.k] + at.p[un.j]), exp(at.o[un.j] + at.p[un.k]))
    links = [(sums[0] * exp(at.p[un.j]), first), (-sums[0] * exp(at.p[un.k]), second)]
    powers = kernel.linear_combination(cross, links, [some])
    logs = kernel.monotone("log", powers)
    return kernel.linear_combination(goal.relation, [(S.One, logs)])


# --- learning ----------------------------------------------------------------------------------------------------


def prior(goal: Sequent) -> Theorem:
    return at_value(goal, goal.hypotheses[-1])


def exchanged() -> Theorem:
    """Σ_i Σ_k x_ik w_k = Σ_k Σ_i x_ik w_k."""
    return kernel.swap(Sum(le.over_inputs(le.X[un.i, le.k] * un.w[le.k]), (un.i, 0, un.n - 1)))


def intercept(goal: Sequent) -> Theorem:
    stationary = kernel.assume(goal.hypotheses[-1])
    links = [(-1 / un.n, stationary), (-1 / un.n, exchanged())]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses[:1])


def residuals(goal: Sequent) -> Theorem:
    """The intercept is put in."""
    stationary = kernel.assume(goal.hypotheses[-1])
    links = [(1 / un.n, stationary), (1 / un.n, exchanged())]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses[:1])


def same_derivative(goal: Sequent) -> Theorem:
    """Residuals are those of centred data, and they add up to 0, so that x may be centred as well."""
    count, stationary = goal.hypotheses
    each = residuals(Sequent("", equation(le.residual(le.m), le.centred_residual(le.m)), goal.hypotheses))
    known = kernel.assume(stationary)
    mean = le.mean_feature(le.o)
    body = le.X[le.m, le.o] - mean
    over = kernel.termwise(kernel.congr(body * le.x, le.x, each, [count]), le.m, S.Zero, un.n - 1)
    first = kernel.linear_combination(equation(goal.relation.lhs, over.relation.lhs), [(mean, known)], [count])
    return kernel.trans(first, over)


def origin(goal: Sequent) -> Theorem:
    """The difference of the two conditions."""
    here, there = (kernel.assume(h) for h in goal.hypotheses)
    return kernel.linear_combination(goal.relation, [(S.One, here), (-S.One, there)])


def logistic_derivative(goal: Sequent) -> Theorem:
    known = kernel.has_deriv(le.logit_loss(le.b), le.b, le.x)
    return kernel.trans(known, kernel.ring(equation(known.relation.rhs, goal.relation.rhs)))


def at_optimum(goal: Sequent) -> Theorem:
    """The difference quotient is at least 0 from the right and at most 0 from the left, and so is its limit."""
    (least,) = goal.hypotheses
    slope = kernel.has_deriv(le.logit_loss(le.b), le.b, le.x)
    slope = kernel.trans(slope, kernel.ring(equation(slope.relation.rhs, goal.relation.lhs)))
    values = {le.g: le.logit_loss(le.b + le.x), le.s: le.logit_loss(le.b)}
    quotient = (le.g - le.s) / le.x
    bounds = []
    for side, near, sign in (("+", Gt(le.x, 0), Le(0, quotient)), ("-", Lt(le.x, 0), Le(quotient, 0))):
        law = kernel.instantiate(kernel.nlinarith(sign, [near, Ge(le.g, le.s)]), values)
        known = kernel.discharge(law, kernel.specialize(least, {le.x: le.x}, [near]))
        zero = kernel.limit(equation(Limit(S.Zero, le.x, 0, side), S.Zero))
        ends = zero, kernel.one_sided(slope, side)
        bounds.append(kernel.le_of_tendsto(known, *(ends if side == "+" else ends[::-1]), [near]))
    return kernel.nlinarith(goal.relation, bounds)


def gibbs(goal: Sequent) -> Theorem:
    """q log(p/q) ≤ q (p/q − 1), and likewise for 1 − q: the right-hand sides add up to 0."""
    given, links = goal.hypotheses, []
    for of, base in ((le.p, le.q), (1 - le.p, 1 - le.q)):
        rise = log(of) - log(base)
        tangent = kernel.add_one_le_exp(rise, given)
        quotient = kernel.ring(equation(base * exp(rise), of), given)
        times = kernel.nlinarith(Le(le.s * (le.x + 1), le.s * le.g), [Le(le.x + 1, le.g), Gt(le.s, 0)])
        scaled = kernel.instantiate(times, {le.s: base, le.x: rise, le.g: exp(rise)}, given)
        scaled = kernel.discharge(kernel.discharge(scaled, tangent), kernel.nlinarith(Gt(base, 0), given))
        links.append(kernel.trans(scaled, quotient))
    return kernel.nlinarith(goal.relation, [*given, *links])


def _mean_loss(goal: Sequent) -> Theorem:
    """The labels enter by their mean only: log(1 + e^b) − q b."""
    count, labels = goal.hypotheses[:2]
    short = equation(le.constant_loss(le.b), log(1 + exp(le.b)) - le.q * le.b)
    return kernel.linear_combination(short, [(-le.b / un.n, kernel.assume(labels))], [count])


def loss(goal: Sequent) -> Theorem:
    """There 1 + e^b = 1/(1 − q) and b = log q − log(1 − q)."""
    given, value = goal.hypotheses[2:4], kernel.assume(goal.hypotheses[4])
    inside = kernel.rewrite(1 + exp(le.b), value, given)
    inside = kernel.trans(inside, kernel.ring(equation(inside.relation.rhs, 1 / (1 - le.q)), given))
    whole = kernel.monotone("log", inside, given)
    whole = kernel.trans(whole, kernel.ring(equation(whole.relation.rhs, -log(1 - le.q)), given))
    parts = kernel.trans(value, kernel.ring(equation(value.relation.rhs, log(le.q) - log(1 - le.q)), given))
    links = [(S.One, _mean_loss(goal)), (S.One, whole), (-le.q, parts)]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


def least_loss(goal: Sequent) -> Theorem:
    """Gibbs' inequality for p = e^b/(1 + e^b), where log p = b − log(1 + e^b) and log(1 − p) = −log(1 + e^b)."""
    given, whole = goal.hypotheses[2:4], 1 + exp(le.b)
    chance = exp(le.b) / whole
    bounds = Gt(le.q, 0), Lt(le.q, 1), Gt(le.p, 0), Lt(le.p, 1)
    cross = -le.q * log(le.p) - (1 - le.q) * log(1 - le.p)
    law = gibbs(Sequent("", Ge(cross, le.entropy(le.q), evaluate=False), bounds))
    some = kernel.positivity(Gt(chance, 0, evaluate=False))
    most = kernel.nlinarith(Lt(chance, 1, evaluate=False))
    law = kernel.instantiate(law, {le.p: chance}, [some, most])
    law = kernel.discharge(kernel.discharge(law, some), most)
    rest = kernel.monotone("log", kernel.ring(equation(1 - chance, 1 / whole)), [most])
    rest = kernel.trans(rest, kernel.ring(equation(rest.relation.rhs, -log(whole))))
    logs = [kernel.ring(equation(log(chance), le.b - log(whole))), rest]
    links = [(-le.q, logs[0]), (le.q - 1, logs[1])]
    short = log(whole) - le.q * le.b
    value = kernel.linear_combination(equation(law.relation.lhs, short), links, [*given, most])
    return kernel.trans(_mean_loss(goal), kernel.symm(value), law)


def stationary(goal: Sequent) -> Theorem:
    rate, labels = (kernel.assume(h) for h in goal.hypotheses[-2:])
    first = kernel.rewrite(goal.relation.lhs, rate, goal.hypotheses)
    rest = equation(first.relation.rhs, goal.relation.rhs)
    return kernel.trans(first, kernel.linear_combination(rest, [(-S.One, labels)], goal.hypotheses))


PROOFS: dict[str, Proof] = {
    **bias_networks.PROOFS,
    "bias.threshold-to-bias": by_nlinarith,
    "bias.threshold-monotone": by_nlinarith,
    "bias.size-is-difficulty": scaling,
    "bias.size-is-difficulty/distance": distance,
    "bias.strict-boundary": by_nlinarith,
    "bias.augmented-input": augmented,
    "bias.origin-hyperplane": scaling,
    "bias.origin-hyperplane/one-and-two": by_nlinarith,
    "bias.origin-hyperplane/with-bias": by_nlinarith,
    "bias.zero-in-zero-out/linear": all_zero,
    **{f"bias.zero-in-zero-out/{f}": by_last_equation for f in ("relu", "tanh", "gelu", "silu")},
    "bias.zero-in-zero-out/softmax": uniform_softmax,
    "bias.bn-cancels/mean": by_ring,
    "bias.bn-cancels/variance": shifted_variance,
    "bias.bn-cancels/output": shifted_output,
    "bias.bn-gradient-zero/quotient": no_gradient,
    "bias.bn-gradient-zero/loss": same_loss,
    "bias.bn-gradient-zero/loss-quotient": no_gradient_of_loss,
    "bias.bn-eval-stale": by_ring,
    "bias.bn-eval-stale/absorbed": absorbed,
    "bias.instance-norm-cancels": of_channel,
    "bias.layernorm": by_ring,
    "bias.softmax-gauge/shift": by_ring,
    "bias.softmax-gauge/only-shift": only_shift,
    "bias.key-redundant": by_ring,
    "bias.key-rope": by_ring,
    "bias.query-not-redundant": by_ring,
    "bias.value-absorbed": by_ring,
    "bias.focal-init": prior,
    "bias.conv-count": by_ring,
    "bias.ridge-centering/intercept": intercept,
    "bias.ridge-centering/residuals": residuals,
    "bias.ridge-centering/derivative": same_derivative,
    "bias.ridge-centering/penalised": origin,
    "bias.logistic-optimum/derivative": logistic_derivative,
    "bias.logistic-optimum/optimum": at_optimum,
    "bias.logistic-optimum/gibbs": gibbs,
    "bias.logistic-optimum/best": least_loss,
    "bias.logistic-optimum/rate": prior,
    "bias.logistic-optimum/loss": loss,
    "bias.logistic-optimum/stationary": stationary,
}


def _ridge(count: int, penalty: int, shift: int, spread: Fraction | int) -> Mapping[Any, Any]:
    """Two features with weights 2 and 3, and residuals around penalty · b / n, which add up to it."""
    mean = Fraction(penalty, count)

    def label(i: int) -> Fraction:
        rest = spread * (2 * i - count + 1)
        return 2 * i + 3 * (i * i % 3 + 1) + 1 + mean + rest

    features = {le.X: lambda i, k: i if k == 0 else i * i % 3 + 1, un.w: lambda k: k + 2, le.y: label}
    return {un.n: count, le.d: 2, le.b: 1, le.lam: penalty, le.s: shift, le.o: 1, le.m: 1, **features}


def _even(last: Symbol, first: Symbol) -> Mapping[Any, Any]:
    """Logits 0, whose exponentials are exact in ball arithmetic; what is outside the range is free."""
    outside = {at.o: lambda i: 0 if 0 <= i < 3 else i, at.p: lambda i: 0 if 0 <= i < 3 else 2 * i}
    return {un.n: 3, last: 2, first: 0, **outside}


MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "bias.softmax-gauge": [_even(un.k, un.j), _even(un.j, un.k)],
    "bias.zero-in-zero-out": [{un.n: 3, un.k: 1, un.w: lambda i: i + 1, un.v: lambda i: 0}],
    "bias.ridge-centering": [
        _ridge(3, 0, 2, 0),
        _ridge(2, 0, 1, Fraction(1, 2)),
        _ridge(2, 3, 0, 0),
    ],
    "bias.logistic-optimum": [
        {un.n: 4, le.b: 0, le.q: Fraction(1, 2), le.y: lambda i: i % 2},
        {un.n: 2, le.b: -1, le.X: lambda i: 2 - 2 * i, le.y: lambda i: Fraction(1 + 2 * i, 4)},
    ],
    "bias.perceptron-convergence": [
        {
            **{le.M: count, le.d: 1, le.g: 1, le.R: 1, le.u: lambda k: 1},
            **{le.y: lambda m: (-1) ** m, le.X: lambda m, k: (-1) ** m, le.mistake: lambda m: int(m == 1)},
        }
        for count in (1, 3)
    ]
    + [
        {
            **{le.M: 2, le.d: 2, le.g: Fraction(3, 5), le.R: 1, le.u: lambda k: Fraction(3 + k, 5)},
            **{le.y: lambda m: 1, le.X: lambda m, k: int((m + k) % 2 == 1), le.mistake: lambda m: int(m in (1, 2))},
        }
    ],
}
