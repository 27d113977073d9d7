# SPDX-License-Identifier: BSD-3-Clause
"""Smooth approximations of maximum, argmax, absolute value, step, rounding and scores: definitions.

Notation: n numbers x₀ … xₙ₋₁, a sharpness k > 0 (an inverse temperature), σ(u) = 1/(1 + e^(−u)), φ and Φ the
standard normal density and distribution function, W the principal branch of Lambert's function. The maximum of a
family is written as its member xⱼ together with the hypothesis ``TOP`` that no other is larger: that holds for
every finite family and some j, and names the maximiser as well.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Eq, Expr, IndexedBase, Le, Limit, S, Sum, Symbol, exp, log, symbols
from sympy.core.relational import Ge, Relational

from .activations_terms import gelu, normal_cdf, normal_pdf, relu, sigmoid, softplus, swish
from .claim import ForAll

__all__ = ["gelu", "normal_cdf", "normal_pdf", "relu", "sigmoid", "softplus", "swish"]

n = Symbol("n", integer=True)
i, j, l, m, N = symbols("i j l m N", integer=True)
a, b, c, h, k, mu, q, r, s, t, theta, u, v, w, y, z = symbols("a b c h k mu q r s t theta u v w y z", real=True)
delta, gap, sigma = symbols("delta Delta sigma", real=True)
x, d, p, g, labels = (IndexedBase(name, real=True) for name in ("x", "d", "p", "g", "y"))
IN_RANGE: tuple[Relational, ...] = (Le(0, j, evaluate=False), Le(j, n - 1, evaluate=False))
SHARP = k > 0


def equal(left: Expr, right: Expr) -> Relational:
    """left = right, as a statement."""
    return Eq(left, right, evaluate=False)


def every(body: Relational, *conditions: Relational) -> ForAll:
    """The relation for every index i of the family, or for those that satisfy more."""
    return ForAll((i,), body, (Le(0, i, evaluate=False), Le(i, n - 1, evaluate=False), *conditions))


def total(term: Callable[[Expr], Expr]) -> Expr:
    """Σᵢ over the family."""
    return Sum(term(i), (i, 0, n - 1))


def member(index: Expr) -> Expr:
    """xᵢ."""
    return x[index]


Family = Callable[[Expr], Expr]
TOP = every(Le(x[i], x[j], evaluate=False))

# --- maxima ------------------------------------------------------------------------------------------------------


def weight_sum(sharpness: Expr = k, family: Family = member) -> Expr:
    """Σᵢ e^(k xᵢ)."""
    return total(lambda e: exp(sharpness * family(e)))


def lse(sharpness: Expr = k, family: Family = member) -> Expr:
    """LSE_k(x) = (1/k) log Σᵢ e^(k xᵢ)."""
    return log(weight_sum(sharpness, family)) / sharpness


def softmax(index: Expr, sharpness: Expr = k, family: Family = member) -> Expr:
    """e^(k xⱼ) / Σᵢ e^(k xᵢ)."""
    return exp(sharpness * family(index)) / weight_sum(sharpness, family)


def boltzmann(sharpness: Expr = k, family: Family = member) -> Expr:
    """B_k(x) = Σᵢ xᵢ e^(k xᵢ) / Σᵢ e^(k xᵢ)."""
    return total(lambda e: family(e) * exp(sharpness * family(e))) / weight_sum(sharpness, family)


def entropy(sharpness: Expr = k) -> Expr:
    """H(softmax(kx)) = −Σᵢ sᵢ log sᵢ, in nats."""
    return -total(lambda e: softmax(e, sharpness) * log(softmax(e, sharpness)))


def variance(sharpness: Expr = k, family: Family = member) -> Expr:
    """Σ sᵢ dᵢ² − (Σ sᵢ dᵢ)² for s = softmax(kx): the quadratic form of diag s − ssᵀ at d."""
    mean = total(lambda e: d[e] * softmax(e, sharpness, family))
    return total(lambda e: d[e] ** 2 * softmax(e, sharpness, family)) - mean**2


def weighted_variance() -> Expr:
    """Σ pᵢ dᵢ² − (Σ pᵢ dᵢ)² for weights p."""
    return total(lambda e: p[e] * d[e] ** 2) - total(lambda e: p[e] * d[e]) ** 2


def power_mean(power: Expr) -> Expr:
    """(Σᵢ xᵢ^p)^(1/p)."""
    return total(lambda e: x[e] ** power) ** (1 / power)


def binary_entropy(level: Expr) -> Expr:
    """−s log s − (1 − s) log(1 − s), in nats."""
    return -level * log(level) - (1 - level) * log(1 - level)


def nesterov(scale: Expr) -> Expr:
    """f_μ(x) = μ LSE_(1/μ)(x) − μ log n."""
    return scale * log(weight_sum(1 / scale)) - scale * log(n)


def boltzmann_two(first: Expr, second: Expr, sharpness: Expr = k) -> Expr:
    """B_k of two numbers."""
    up, down = exp(sharpness * first), exp(sharpness * second)
    return (first * up + second * down) / (up + down)


def moved(index: Expr) -> Expr:
    """xᵢ + θ dᵢ: the line through x along any direction d."""
    return x[index] + theta * d[index]


def slope(function: Callable[[Expr], Expr], at: Expr = theta, side: str = "+-") -> Expr:
    """The derivative there, as the limit of the quotient."""
    return Limit((function(at + h) - function(at)) / h, h, 0, side)


# --- steps -------------------------------------------------------------------------------------------------------


def step(at: Expr) -> Expr:
    """θ(u) = (1 + u/|u|)/2: 1 for u > 0, 0 for u < 0, no value at 0."""
    return (1 + at / Abs(at)) / 2


def floor_sum(terms: Expr, start: int = 1) -> Expr:
    """Σ (θ(u + n) − 1) for n = 0 … N−1, plus Σ θ(u − n) for n = start … N."""
    return Sum(step(u + i) - 1, (i, 0, terms - 1)) + Sum(step(u - i), (i, start, terms))


def smooth_floor(terms: Expr) -> Expr:
    """The same with σ(k·) in place of the step θ."""
    return Sum(sigmoid(k * (u + i)) - 1, (i, 0, terms - 1)) + Sum(sigmoid(k * (u - i)), (i, 1, terms))


def others(term: Callable[[Expr], Expr], at: Expr) -> Expr:
    """Σ over all indices but j, plus what stands for the term at j."""
    return Sum(term(i), (i, 0, j - 1)) + at + Sum(term(i), (i, j + 1, n - 1))


def f1_numerator(moved_to: Expr | None = None) -> Expr:
    """Σ pᵢyᵢ; with a value for pⱼ if one is given."""
    if moved_to is None:
        return total(lambda e: p[e] * labels[e])
    return others(lambda e: p[e] * labels[e], moved_to * labels[j])


def f1_denominator(moved_to: Expr | None = None) -> Expr:
    """Σ (pᵢ + yᵢ), likewise."""
    if moved_to is None:
        return total(lambda e: p[e] + labels[e])
    return others(lambda e: p[e] + labels[e], moved_to + labels[j])


def f1_with(value: Expr, overlap: Expr, mass: Expr, label: Expr) -> Expr:
    """Soft F1 with that value for pⱼ; the other samples contribute Σpy = overlap and Σ(p + y) = mass."""
    return 2 * (overlap + value * label) / (mass + value + label)


def dice_loss(smoothing: Expr) -> Expr:
    """1 − (2 Σ py + ε)/(Σ (p + y) + ε)."""
    return 1 - (2 * f1_numerator() + smoothing) / (f1_denominator() + smoothing)


# --- order -------------------------------------------------------------------------------------------------------

sign = IndexedBase("c", real=True)


def soft_rank(temperature: Expr) -> Expr:
    """1 + Σ_{i≠j} σ((xᵢ − xⱼ)/τ): near 1 for the largest."""
    return 1 + others(lambda e: sigmoid((x[e] - x[j]) / temperature), S.Zero)


def sort_logit(row: Expr, at: Expr) -> Expr:
    """(n + 1 − 2r) xᵢ − Σ_l |xᵢ − x_l|, with c_il = sign(xᵢ − x_l) given: |v| = v sign v, which has a derivative."""
    return (n + 1 - 2 * row) * x[at] - Sum(sign[at, l] * (x[at] - x[l]), (l, 0, n - 1))


def neural_sort(row: Expr, temperature: Expr) -> Expr:
    """Entry j of row r (from 1) of NeuralSort."""
    return softmax(j, 1 / temperature, lambda e: sort_logit(row, e))


NONEMPTY = Ge(n, 1)
