# SPDX-License-Identifier: BSD-3-Clause
"""Reparameterization, from the Gaussian to the Gumbel-softmax: definitions.

Notation: ``K`` categories i = 0 … K−1 with probabilities pᵢ, weights wᵢ or logits oᵢ; G a standard Gumbel
variable, E a standard exponential one, τ the temperature. The probability of an event of independent
continuous variables *is* the integral of densities times distribution functions: that is the one step of
modelling (Fubini and independence), and every statement below shows the integral that it means.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import (
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    IndexedBase,
    Integral,
    Le,
    Limit,
    Lt,
    Ne,
    Product,
    S,
    Sum,
    Symbol,
    erf,
    exp,
    log,
    oo,
    pi,
    sqrt,
    symbols,
)
from sympy.core.relational import Relational

from .claim import Case, Definition, ForAll

K = Symbol("K", integer=True)
i, j, l = symbols("i j l", integer=True)
x, y, t, u, c, a, b, e1, e2 = symbols("x y t u c a b e1 e2", real=True)
p, w, o = (IndexedBase(name, real=True) for name in ("p", "w", "o"))
IN_RANGE: tuple[Relational, ...] = (Le(0, j, evaluate=False), Le(j, K - 1, evaluate=False))


def equal(left: Expr, right: Expr) -> Relational:
    """left = right, as a statement."""
    return Eq(left, right, evaluate=False)


def every(body: Relational) -> ForAll:
    """The relation for every category i."""
    return ForAll((i,), body, (Le(0, i, evaluate=False), Le(i, K - 1, evaluate=False)))


# --- distributions -----------------------------------------------------------------------------------------------


def gumbel_cdf(at: Expr) -> Expr:
    """P(G ≤ x) = exp(−e^(−x))."""
    return exp(-exp(-at))


def gumbel_pdf(at: Expr) -> Expr:
    """Its derivative."""
    return exp(-at) * exp(-exp(-at))


def gumbel_quantile(level: Expr) -> Expr:
    """−log(−log u)."""
    return -log(-log(level))


def logistic_cdf(at: Expr) -> Expr:
    """1 / (1 + e^(−x))."""
    return 1 / (1 + exp(-at))


def logistic_pdf(at: Expr) -> Expr:
    """Its derivative."""
    return exp(-at) / (1 + exp(-at)) ** 2


def total(weight: Callable[[Expr], Expr]) -> Expr:
    """Σᵢ of the weights of all K categories."""
    return Sum(weight(i), (i, 0, K - 1))


def log_sum_exp() -> Expr:
    """log Σᵢ e^(oᵢ)."""
    return log(total(lambda n: exp(o[n])))


def softmax(index: Expr) -> Expr:
    """e^(oⱼ) / Σᵢ e^(oᵢ)."""
    return exp(o[index]) / total(lambda n: exp(o[n]))


def others(factor: Callable[[Expr], Expr], index: Expr, kind: type = Product) -> tuple[Expr, Expr]:
    """The product (or sum) over the categories before and after one of them."""
    return kind(factor(i), (i, 0, index - 1)), kind(factor(i), (i, index + 1, K - 1))


def win(logit: Callable[[Expr], Expr], index: Expr) -> Expr:
    """P(logitⱼ + Gⱼ > logitᵢ + Gᵢ for all i ≠ j): the density of Gⱼ times the chance that every other one is lower."""
    before, after = others(lambda n: gumbel_cdf(x + logit(index) - logit(n)), index)
    return Integral(gumbel_pdf(x) * before * after, (x, -oo, oo))


def win_below(index: Expr, bound: Expr) -> Expr:
    """P(oⱼ + Gⱼ is the largest, and at most ``bound``)."""
    before, after = others(lambda n: gumbel_cdf(y - o[n]), index)
    return Integral(gumbel_pdf(y - o[index]) * before * after, (y, -oo, bound))


def first(index: Expr) -> Expr:
    """P(Eⱼ/wⱼ < Eᵢ/wᵢ for all i ≠ j): the density of an arrival at rate wⱼ times the survival of the others."""
    before, after = others(lambda n: exp(-w[n] * t), index)
    return Integral(w[index] * exp(-w[index] * t) * before * after, (t, 0, oo))


POSITIVE = every(Gt(p[i], 0))
NORMALISED = equal(total(lambda n: p[n]), S.One)
SOME_WEIGHT = Gt(total(lambda n: w[n]), 0)
# --- sampling without replacement --------------------------------------------------------------------------------

n, k = symbols("n k", integer=True)


def remaining(start: Expr) -> Expr:
    """The weights of categories start … n−1."""
    return Sum(w[l], (l, start, n - 1))


RACE = Definition(
    "race",
    (j, t, k, n),
    (
        Case((S.Zero, t, k, n), exp(-t * remaining(k))),
        Case(
            (j + 1, t, k, n),
            Integral(w[k - j - 1] * exp(-w[k - j - 1] * u) * Function("race", real=True)(j, u, k, n), (u, t, oo)),
            (Ge(j, 0),),
        ),
    ),
    domain="real",
)


def plackett_luce(draws: Expr) -> Expr:
    """Π of the last so many of k draws: the weight of each over the weight of all that are left."""
    return Product(w[i] / remaining(i), (i, k - draws, k - 1))


WEIGHTS_POSITIVE = ForAll((i,), Gt(w[i], 0))
# --- Gumbel-softmax ----------------------------------------------------------------------------------------------

z, g, d, f = (IndexedBase(name, real=True) for name in ("z", "g", "d", "f"))
tau, r, g1, g2, h, theta = symbols("tau r g1 g2 h theta", real=True)


def relaxed(index: Expr) -> Expr:
    """softmax(z/τ) at one category; z = o + G are the perturbed logits."""
    return exp(z[index] / tau) / total(lambda m: exp(z[m] / tau))


WINNER = ForAll((i,), Lt(z[i], z[j]), (Le(0, i, evaluate=False), Le(i, K - 1, evaluate=False), Ne(i, j)))
OTHER: tuple[Relational, ...] = (Le(0, l, evaluate=False), Le(l, K - 1, evaluate=False), Ne(l, j))


def binary_mean(odds: Expr) -> Expr:
    """r/(r − 1) − r log r/(r − 1)²."""
    return odds / (odds - 1) - odds * log(odds) / (odds - 1) ** 2


# --- the Gaussian and the score ----------------------------------------------------------------------------------

mu, sigma, v = symbols("mu sigma v", real=True)


def normal_pdf(at: Expr, mean: Expr = S.Zero, deviation: Expr = S.One) -> Expr:
    """exp(−(x − μ)²/(2σ²)) / (σ √(2π))."""
    return exp(-((at - mean) ** 2) / (2 * deviation**2)) / (deviation * sqrt(2 * pi))


def normal_cdf(at: Expr, mean: Expr = S.Zero, deviation: Expr = S.One) -> Expr:
    """(1 + erf((x − μ)/(σ √2)))/2."""
    return (1 + erf((at - mean) / (deviation * sqrt(2)))) / 2


SPREAD = Gt(sigma, 0)


def along(index: Expr, at: Expr) -> Expr:
    """Softmax probability of a category on the line θ ↦ o + θd of logits, through any logits in any direction."""
    return exp(o[index] + at * d[index]) / Sum(exp(o[l] + at * d[l]), (l, 0, K - 1))


def score(index: Expr, at: Expr) -> Expr:
    """∂ log pᵢ/∂θ = dᵢ − Σ_l d_l p_l."""
    weights = Sum(exp(o[l] + at * d[l]), (l, 0, K - 1))
    return d[index] - Sum(d[l] * exp(o[l] + at * d[l]), (l, 0, K - 1)) / weights


def slope(function: Callable[[Expr], Expr]) -> Expr:
    """The derivative at θ, as the limit of the quotient."""
    return Limit((function(theta + h) - function(theta)) / h, h, 0, "+-")


def reward(at: Expr) -> Expr:
    """A quadratic reward a + b y + c y²."""
    return a + b * at + c * at**2


TRUTH = b / 2 + 2 * c * theta / 3
BY_SCORE = -(a / theta + b / 2 + c * theta / 3)
f0, f1, d0, d1, q = symbols("f0 f1 d0 d1 q", real=True)


def straight_through(level: Expr, at_0: Expr = d0, at_1: Expr = d1) -> Expr:
    """The mean of f′(z) for z = 1 with probability p, else 0, with slopes d₀ and d₁ at the two values."""
    return (1 - level) * at_0 + level * at_1


ANY_TIME = equal(RACE(j, t, k, n), exp(-t * remaining(k - j)) * plackett_luce(j))
