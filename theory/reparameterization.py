# SPDX-License-Identifier: BSD-3-Clause
"""Reparameterization, from the Gaussian to the Gumbel-softmax: definitions and claims.

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
    Rational,
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

from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source

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

GUMBEL = Claim(
    id="reparameterization.gumbel",
    title="The Gumbel distribution and its sampler",
    prose=(
        "For U uniform on (0, 1), G = −log(−log U) has the distribution function exp(−e^(−x)): the events G ≤ x and "
        "U ≤ exp(−e^(−x)) are the same, which the two order statements say. The density e^(−x) exp(−e^(−x)) "
        "integrates to that function and to 1. The mean is Euler's γ and the variance π²/6; both rest on the "
        "classical values Γ′(1) = −γ and ψ′(1) = π²/6, which are quoted as integrals against e^(−t), and on the "
        "substitution t = e^(−x), which is checked."
    ),
    statement=(
        Sequent("quantile", equal(gumbel_cdf(gumbel_quantile(u)), u), (Gt(u, 0), Lt(u, 1))),
        Sequent("below", Le(gumbel_quantile(u), x), (Gt(u, 0), Lt(u, 1), Le(u, gumbel_cdf(x)))),
        Sequent("above", Gt(gumbel_quantile(u), x), (Lt(u, 1), Gt(u, gumbel_cdf(x)))),
        Sequent("density", equal(Integral(gumbel_pdf(y), (y, -oo, x)), gumbel_cdf(x))),
        Sequent("normalised", equal(Integral(gumbel_pdf(x), (x, -oo, oo)), S.One)),
        Sequent("mean", equal(Integral(x * gumbel_pdf(x), (x, -oo, oo)), S.EulerGamma)),
        Sequent("variance", equal(Integral((x - S.EulerGamma) ** 2 * gumbel_pdf(x), (x, -oo, oo)), S.Pi**2 / 6)),
    ),
    sources=(Source("gumbel1954"), Source("su6705")),
)

GUMBEL_MAX = Claim(
    id="reparameterization.gumbel-max",
    title="The Gumbel-max trick samples a categorical distribution exactly",
    prose=(
        "Add independent standard Gumbel noise to the log-probabilities of any number of categories: category j is "
        "the strict maximum with probability pⱼ. The chances of a strict winner add up to 1, so ties have "
        "probability 0. All pᵢ are positive here; categories of probability 0 have no logarithm and are the matter "
        "of the exponential race. The integral ∫₀¹ u^(1/p − 1) du = p is the core of the usual derivation."
    ),
    statement=(
        Sequent("law", equal(win(lambda n: log(p[n]), j), p[j]), (POSITIVE, NORMALISED, *IN_RANGE)),
        Sequent("no-ties", equal(Sum(win(lambda n: log(p[n]), j), (j, 0, K - 1)), S.One), (POSITIVE, NORMALISED)),
        Sequent("core", equal(Integral(u ** (1 / a - 1), (u, 0, 1)), a), (Gt(a, 0),)),
    ),
    sources=(Source("gumbel1954"), Source("maddison2017"), Source("su6705")),
)

GUMBEL_SHIFT = Claim(
    id="reparameterization.gumbel-shift",
    title="Gumbel-max needs logits only, not normalised log-probabilities",
    prose=(
        "Any real logits oᵢ do: the winner has the law softmax(o). Logits log pᵢ + c have the softmax p, whatever "
        "the constant c, so the normalising constant never has to be computed."
    ),
    statement=(
        Sequent("logits", equal(win(lambda n: o[n], j), softmax(j)), IN_RANGE),
        Sequent(
            "shift",
            equal(exp(log(p[j]) + c) / total(lambda n: exp(log(p[n]) + c)), p[j]),
            (POSITIVE, NORMALISED, *IN_RANGE),
        ),
        Sequent("shifted-law", equal(win(lambda n: log(p[n]) + c, j), p[j]), (POSITIVE, NORMALISED, *IN_RANGE)),
    ),
    sources=(Source("su6705"),),
)

GUMBEL_MAX_STABILITY = Claim(
    id="reparameterization.gumbel-max-stability",
    title="The maximum is Gumbel at log-sum-exp, and independent of the argmax",
    prose=(
        "The largest of oᵢ + Gᵢ is a Gumbel variable with location LSE(o): its distribution function at x is that of "
        "G at x − LSE(o), which is exp(−e^(−x) Σ e^(oᵢ)). The joint law of its value and of its "
        "place factorises, so knowing how large the maximum is says nothing about who won."
    ),
    statement=(
        Sequent(
            "maximum",
            equal(Product(gumbel_cdf(x - o[i]), (i, 0, K - 1)), gumbel_cdf(x - log_sum_exp())),
        ),
        Sequent(
            "independent",
            equal(win_below(j, x), softmax(j) * gumbel_cdf(x - log_sum_exp())),
            IN_RANGE,
        ),
    ),
    sources=(Source("maddison2017"),),
)

SOME_WEIGHT = Gt(total(lambda n: w[n]), 0)

EXPONENTIAL_RACE = Claim(
    id="reparameterization.exponential-race",
    title="Gumbel-max is an exponential race",
    prose=(
        "G = −log E turns a standard exponential variable into a Gumbel one: the tail of E beyond e^(−x) is "
        "exp(−e^(−x)), and the density transforms accordingly. The largest log wᵢ − log Eᵢ belongs to the smallest "
        "Eᵢ/wᵢ. In the race, category j arrives first with probability wⱼ/Σw; weights may be 0 here, as long as "
        "their sum is not, and a category of weight 0 never wins. (Rates are ≥ 0, but the integral has this value "
        "for weights of any sign with a positive sum.)"
    ),
    statement=(
        Sequent("tail", equal(Integral(exp(-t), (t, exp(-x), oo)), gumbel_cdf(x))),
        Sequent("density", equal(exp(-exp(-x)) * exp(-x), gumbel_pdf(x))),
        Sequent(
            "order",
            Gt(log(a) - log(e1), log(b) - log(e2)),
            (Gt(a, 0), Gt(b, 0), Gt(e1, 0), Lt(e1 / a, e2 / b)),
        ),
        Sequent(
            "order-converse",
            Lt(e1 / a, e2 / b),
            (Gt(a, 0), Gt(b, 0), Gt(e1, 0), Gt(e2, 0), Gt(log(a) - log(e1), log(b) - log(e2))),
        ),
        Sequent(
            "first",
            equal(first(j), w[j] / total(lambda n: w[n])),
            (SOME_WEIGHT, *IN_RANGE),
        ),
        Sequent(
            "never",
            equal(first(j), S.Zero),
            (SOME_WEIGHT, *IN_RANGE, equal(w[j], S.Zero)),
        ),
    ),
    sources=(Source("maddison2017"), Source("kool2019")),
)

GUMBEL_DIFFERENCE_LOGISTIC = Claim(
    id="reparameterization.gumbel-difference-logistic",
    title="The difference of two Gumbel variables is logistic",
    prose=(
        "P(G₁ − G₂ ≤ x), the density of G₂ times the chance that G₁ ≤ G₂ + x, is 1/(1 + e^(−x)), the logistic "
        "distribution function, and the logistic density integrates to it; the convolution of the two densities is "
        "that density. With two categories the Gumbel-max trick "
        "is therefore logistic regression's noise."
    ),
    statement=(
        Sequent(
            "distribution",
            equal(Integral(gumbel_pdf(y) * gumbel_cdf(x + y), (y, -oo, oo)), logistic_cdf(x)),
        ),
        Sequent("density", equal(Integral(logistic_pdf(y), (y, -oo, x)), logistic_cdf(x))),
        Sequent(
            "convolution",
            equal(Integral(gumbel_pdf(y) * gumbel_pdf(x + y), (y, -oo, oo)), logistic_pdf(x)),
        ),
    ),
    sources=(Source("maddison2017"),),
)

_BOTH = e1 / (e1 + a + b)
_EACH = e1 / (e1 + a) * (e1 / (e1 + b))
_WEIGHTS = (Gt(e1, 0), Gt(a, 0), Gt(b, 0))


def _beats(*rivals: Expr) -> Expr:
    """P(log e₁ + G exceeds every rival's log-weight plus noise)."""
    body = gumbel_pdf(x)
    for rival in rivals:
        body *= gumbel_cdf(x + log(e1) - log(rival))
    return Integral(body, (x, -oo, oo))


GUMBEL_EVENTS_INDEPENDENT = Claim(
    id="reparameterization.gumbel-events-independent",
    title="The comparisons of the Gumbel-max trick are not independent",
    prose=(
        "The K − 1 events “category 1 beats category i” share the noise of category 1. They are independent only "
        "when that noise is given, which is all that the derivation needs. For weights e₁, a, b the chance to beat "
        "both rivals is e₁/(e₁ + a + b), always more than the product of the two single chances; for three equal "
        "categories it is 1/3, and the product 1/4."
    ),
    kind="refutation",
    statement=(
        Sequent("both", equal(_beats(a, b), _BOTH), _WEIGHTS),
        Sequent("one", equal(_beats(a), e1 / (e1 + a)), _WEIGHTS[:2]),
        Sequent("more-likely", Gt(_BOTH, _EACH), _WEIGHTS),
        Refutation(
            "independent",
            Sequent("independent", equal(_BOTH, _EACH), _WEIGHTS),
            ((e1, Rational(1, 3)), (a, Rational(1, 3)), (b, Rational(1, 3))),
        ),
    ),
    sources=(Source("su6705"),),
)

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

GUMBEL_TOP_K = Claim(
    id="reparameterization.gumbel-top-k",
    title="The k largest perturbed logits are a sample without replacement",
    prose=(
        "Of n categories, named in any order, the chance that exactly 0, 1, …, k−1 are the k largest of log wᵢ + Gᵢ "
        "in this order is the Plackett–Luce probability Π wᵢ/(wᵢ + … + wₙ₋₁): draw, take out, draw again. In the "
        "exponential race the categories arrive in that order and before all others. race(j, t, k, n) is the "
        "integral over the last j of the k arrivals, the earliest of them after time t: with none left it is the "
        "chance exp(−tΣ) that no other category has arrived by t. The formula holds for every j, k ≤ n and t, by "
        "induction on j with a hypothesis that is general in t; j = k and t = 0 is the whole race. A finite family "
        "of positive weights stands as one over all integers; no other member is looked at while j ≤ k."
    ),
    statement=(
        Sequent(
            "from-any-time",
            equal(RACE(j, t, k, n), exp(-t * remaining(k - j)) * plackett_luce(j)),
            (WEIGHTS_POSITIVE, Le(k, n), Ge(j, 0)),
        ),
        Sequent(
            "plackett-luce",
            equal(RACE(k, S.Zero, k, n), plackett_luce(k)),
            (WEIGHTS_POSITIVE, Le(k, n), Ge(k, 0)),
        ),
    ),
    definitions=(RACE,),
    sources=(Source("kool2019"), Source("plackett1975"), Source("yellott1977")),
)

# --- Gumbel-softmax ----------------------------------------------------------------------------------------------

z, g, d, f = (IndexedBase(name, real=True) for name in ("z", "g", "d", "f"))
tau, r, g1, g2, h, theta = symbols("tau r g1 g2 h theta", real=True)


def relaxed(index: Expr) -> Expr:
    """softmax(z/τ) at one category; z = o + G are the perturbed logits."""
    return exp(z[index] / tau) / total(lambda m: exp(z[m] / tau))


GUMBEL_SOFTMAX = Claim(
    id="reparameterization.gumbel-softmax",
    title="The Gumbel-softmax sample is a point inside the simplex",
    prose=(
        "y = softmax((o + G)/τ): all coordinates are positive and they sum to 1, for every temperature τ > 0 and any "
        "number of categories. Differences of perturbed logits are differences of τ log y."
    ),
    kind="definition",
    statement=(
        Sequent("positive", Gt(relaxed(j), 0), (*IN_RANGE, Gt(tau, 0))),
        Sequent("sum", equal(Sum(relaxed(j), (j, 0, K - 1)), S.One), (Ge(K, 1), Gt(tau, 0))),
        Sequent(
            "ratio",
            equal(relaxed(j), exp((z[j] - z[l]) / tau) * relaxed(l)),
            (*IN_RANGE, Gt(tau, 0)),
        ),
    ),
    sources=(Source("jang2017", "eq. 2"), Source("maddison2017"), Source("su6705")),
)

WINNER = ForAll((i,), Lt(z[i], z[j]), (Le(0, i, evaluate=False), Le(i, K - 1, evaluate=False), Ne(i, j)))
OTHER: tuple[Relational, ...] = (Le(0, l, evaluate=False), Le(l, K - 1, evaluate=False), Ne(l, j))

GS_LIMITS = Claim(
    id="reparameterization.gs-limits",
    title="Cold samples are one-hot, hot ones uniform",
    prose=(
        "Where category j is the strict maximum of the perturbed logits, which is so for some j with probability 1, "
        "y tends to its one-hot vector as τ → 0+. As τ → ∞, y tends to the uniform vector, whatever the logits."
    ),
    statement=(
        Sequent("cold-winner", equal(Limit(relaxed(j), tau, 0, "+"), S.One), (*IN_RANGE, WINNER)),
        Sequent("cold-loser", equal(Limit(relaxed(l), tau, 0, "+"), S.Zero), (*IN_RANGE, *OTHER, WINNER)),
        Sequent("hot", equal(Limit(relaxed(j), tau, oo), 1 / K), (Ge(K, 1),)),
    ),
    sources=(Source("jang2017"), Source("maddison2017")),
)

GS_ARGMAX_EXACT = Claim(
    id="reparameterization.gs-argmax-exact",
    title="The argmax of a Gumbel-softmax sample is exactly categorical",
    prose=(
        "Softmax keeps the order at every τ > 0, so y and the perturbed logits have the same argmax, and that is "
        "the Gumbel-max sample. Only the softness of y is approximate, never the law of its largest coordinate."
    ),
    statement=(
        Sequent("order", Lt(relaxed(j), relaxed(l)), (*IN_RANGE, Gt(tau, 0), Lt(z[j], z[l]))),
        Sequent("order-converse", Lt(z[j], z[l]), (*IN_RANGE, Gt(tau, 0), Lt(relaxed(j), relaxed(l)))),
        Sequent("law", equal(win(lambda m: o[m], j), softmax(j)), IN_RANGE),
    ),
    uses=("reparameterization.gumbel-shift",),
    sources=(Source("jang2017"), Source("maddison2017")),
)


def binary_mean(odds: Expr) -> Expr:
    """r/(r − 1) − r log r/(r − 1)²."""
    return odds / (odds - 1) - odds * log(odds) / (odds - 1) ** 2


GS_MEAN_BIASED = Claim(
    id="reparameterization.gs-mean-biased",
    title="The mean of a Gumbel-softmax sample is not p",
    prose=(
        "For two categories with odds r = p₁/p₂ at τ = 1, y₁ depends on the noise through one logistic variable, and "
        "its mean is r/(r − 1) − r log r/(r − 1)². At r = 2 that is 2 − 2 log 2 = 0.6137…, not 2/3. At r = 1 the mean "
        "is 1/2 by symmetry, so a test at equal probabilities sees nothing."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "share",
            equal(exp(log(r) + g1) / (exp(log(r) + g1) + exp(g2)), r / (r + exp(-(g1 - g2)))),
            (Gt(r, 0),),
        ),
        Sequent(
            "mean",
            equal(Integral(r / (r + exp(-x)) * logistic_pdf(x), (x, -oo, oo)), binary_mean(r)),
            (Gt(r, 0), Ne(r, 1)),
        ),
        Sequent("balanced", equal(Integral(1 / (1 + exp(-x)) * logistic_pdf(x), (x, -oo, oo)), Rational(1, 2))),
        Refutation(
            "unbiased", Sequent("unbiased", equal(binary_mean(r), r / (r + 1)), (Gt(r, 0), Ne(r, 1))), ((r, S(2)),)
        ),
    ),
    sources=(Source("jang2017"), Source("maddison2017")),
)

# --- the Gaussian and the score ----------------------------------------------------------------------------------

mu, sigma, v = symbols("mu sigma v", real=True)


def normal_pdf(at: Expr, mean: Expr = S.Zero, deviation: Expr = S.One) -> Expr:
    """exp(−(x − μ)²/(2σ²)) / (σ √(2π))."""
    return exp(-((at - mean) ** 2) / (2 * deviation**2)) / (deviation * sqrt(2 * pi))


def normal_cdf(at: Expr, mean: Expr = S.Zero, deviation: Expr = S.One) -> Expr:
    """(1 + erf((x − μ)/(σ √2)))/2."""
    return (1 + erf((at - mean) / (deviation * sqrt(2)))) / 2


SPREAD = Gt(sigma, 0)

GAUSSIAN = Claim(
    id="reparameterization.gaussian",
    title="A Gaussian is its standard one, shifted and scaled",
    prose=(
        "For ε standard normal and σ > 0, z = μ + σε is N(μ, σ²): P(μ + σε ≤ x) = P(ε ≤ (x − μ)/σ) is the "
        "integral of the density of N(μ, σ²) up to x, and the densities transform with the factor 1/σ. Its mean is "
        "μ and its variance σ²."
    ),
    statement=(
        Sequent("density", equal(normal_pdf((x - mu) / sigma) / sigma, normal_pdf(x, mu, sigma)), (SPREAD,)),
        Sequent(
            "noise",
            equal(
                Integral(normal_pdf(y), (y, -oo, (x - mu) / sigma)),
                normal_cdf(x, mu, sigma),
            ),
            (SPREAD,),
        ),
        Sequent(
            "distribution",
            equal(Integral(normal_pdf(y, mu, sigma), (y, -oo, x)), normal_cdf(x, mu, sigma)),
            (SPREAD,),
        ),
        Sequent("normalised", equal(Integral(normal_pdf(x, mu, sigma), (x, -oo, oo)), S.One), (SPREAD,)),
        Sequent("mean", equal(Integral(x * normal_pdf(x, mu, sigma), (x, -oo, oo)), mu), (SPREAD,)),
        Sequent(
            "variance",
            equal(Integral((x - mu) ** 2 * normal_pdf(x, mu, sigma), (x, -oo, oo)), sigma**2),
            (SPREAD,),
        ),
    ),
    sources=(Source("kingma2014"), Source("su6705")),
)


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


SCORE_MEAN_ZERO = Claim(
    id="reparameterization.score-mean-zero",
    title="The score has mean zero",
    prose=(
        "For a categorical distribution with softmax probabilities the score in direction d is dᵢ − Σ d_l p_l, at "
        "all logits and for any number of categories; its mean under p vanishes. So do the means of both scores of "
        "the Gaussian, in μ and in σ. The general statement needs a support that does not depend on θ, and a "
        "derivative that may go under the integral."
    ),
    statement=(
        Sequent("score", equal(slope(lambda at: log(along(j, at))), score(j, theta)), IN_RANGE),
        Sequent("categorical", equal(Sum(along(i, theta) * score(i, theta), (i, 0, K - 1)), S.Zero), (Ge(K, 1),)),
        Sequent(
            "gaussian-mean",
            equal(Integral((x - mu) / sigma**2 * normal_pdf(x, mu, sigma), (x, -oo, oo)), S.Zero),
            (SPREAD,),
        ),
        Sequent(
            "gaussian-deviation",
            equal(Integral(((x - mu) ** 2 / sigma**3 - 1 / sigma) * normal_pdf(x, mu, sigma), (x, -oo, oo)), S.Zero),
            (SPREAD,),
        ),
    ),
    sources=(Source("mohamed2020"), Source("williams1992")),
)

SCORE_ESTIMATOR = Claim(
    id="reparameterization.score-estimator",
    title="The score-function estimator is unbiased",
    prose=(
        "For any reward fᵢ of any number of categories, the derivative of the expected reward along any direction of "
        "the logits is the mean of reward times score (REINFORCE); no derivative of f is used. For the Gaussian it "
        "is shown for the reward f(z) = a + b z, whose mean a + bμ has the derivative b. In general the support must "
        "be fixed and the derivative must be dominated by an integrable function."
    ),
    statement=(
        Sequent(
            "categorical",
            equal(
                slope(lambda at: Sum(f[i] * along(i, at), (i, 0, K - 1))),
                Sum(along(i, theta) * f[i] * score(i, theta), (i, 0, K - 1)),
            ),
        ),
        Sequent(
            "gaussian",
            equal(Integral((a + b * x) * ((x - mu) / sigma**2) * normal_pdf(x, mu, sigma), (x, -oo, oo)), b),
            (SPREAD,),
        ),
    ),
    sources=(Source("williams1992"), Source("mohamed2020"), Source("su6705")),
)


def reward(at: Expr) -> Expr:
    """A quadratic reward a + b y + c y²."""
    return a + b * at + c * at**2


_TRUTH = b / 2 + 2 * c * theta / 3
_BY_SCORE = -(a / theta + b / 2 + c * theta / 3)

SCORE_MOVING_SUPPORT = Claim(
    id="reparameterization.score-moving-support",
    title="The score-function estimator fails where the support moves",
    prose=(
        "For z uniform on (0, θ) the score is −1/θ everywhere inside. The mean of reward times score misses the "
        "boundary term f(θ)/θ: for f(z) = z the derivative of the mean is 1/2, and the estimator's mean is −1/2."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "mean",
            equal(Integral(reward(y) / theta, (y, 0, theta)), a + b * theta / 2 + c * theta**2 / 3),
            (Gt(theta, 0),),
        ),
        Sequent("truth", equal(slope(lambda at: a + b * at / 2 + c * at**2 / 3), _TRUTH)),
        Sequent("score", equal(slope(lambda at: -log(at)), -1 / theta), (Gt(theta, 0),)),
        Sequent(
            "estimator",
            equal(Integral(reward(y) * (-1 / theta) / theta, (y, 0, theta)), _BY_SCORE),
            (Gt(theta, 0),),
        ),
        Sequent("boundary", equal(_TRUTH, _BY_SCORE + reward(theta) / theta), (Gt(theta, 0),)),
        Refutation(
            "unbiased",
            Sequent("unbiased", equal(_BY_SCORE, _TRUTH), (Gt(theta, 0),)),
            ((a, S.Zero), (b, S.One), (c, S.Zero), (theta, S.One)),
        ),
    ),
    sources=(Source("mohamed2020"),),
)

f0, f1, d0, d1, q = symbols("f0 f1 d0 d1 q", real=True)


def straight_through(level: Expr, at_0: Expr = d0, at_1: Expr = d1) -> Expr:
    """The mean of f′(z) for z = 1 with probability p, else 0, with slopes d₀ and d₁ at the two values."""
    return (1 - level) * at_0 + level * at_1


STRAIGHT_THROUGH_BIAS = Claim(
    id="reparameterization.straight-through-bias",
    title="The straight-through estimator is biased",
    prose=(
        "For z Bernoulli(p) the mean of f(z) has the derivative f(1) − f(0); straight-through has the mean "
        "(1 − p) f′(0) + p f′(1). For f = a + b y + c y² the bias is c(2p − 1): for f = y² the truth is 1 and the "
        "estimator gives 2p. It is unbiased at two different p only if f′(0) = f′(1) = f(1) − f(0), and then at "
        "all p; at a single p it may be unbiased by accident, as for y² at p = 1/2. That f looks affine on the "
        "values used does not help: every function does on two values, the slopes must agree with it."
    ),
    kind="refutation",
    statement=(
        Sequent("truth", equal(slope(lambda at: (1 - at) * f0 + at * f1), f1 - f0)),
        Sequent(
            "bias",
            equal(
                straight_through(q, b, b + 2 * c) - (reward(S.One) - reward(S.Zero)),
                c * (2 * q - 1),
            ),
        ),
        Sequent("enough", equal(straight_through(q), f1 - f0), (equal(d0, f1 - f0), equal(d1, f1 - f0))),
        *(
            Sequent(
                name,
                equal(which, f1 - f0),
                (equal(straight_through(q), f1 - f0), equal(straight_through(r), f1 - f0), Ne(q, r)),
            )
            for name, which in (("needed-at-0", d0), ("needed-at-1", d1))
        ),
        Refutation(
            "unbiased",
            Sequent("unbiased", equal(b + 2 * q * c, b + c), (Ge(q, 0), Le(q, 1))),
            ((q, Rational(1, 4)), (b, S.Zero), (c, S.One)),
        ),
        Refutation(
            "unbiased-only-if-affine",
            Sequent("unbiased-only-if-affine", equal(c, S.Zero), (equal(b + 2 * q * c, b + c), Ge(q, 0), Le(q, 1))),
            ((q, Rational(1, 2)), (b, S.Zero), (c, S.One)),
        ),
    ),
    sources=(Source("bengio2013"),),
)

CLAIMS = (
    GUMBEL,
    GUMBEL_MAX,
    GUMBEL_SHIFT,
    GUMBEL_MAX_STABILITY,
    EXPONENTIAL_RACE,
    GUMBEL_DIFFERENCE_LOGISTIC,
    GUMBEL_EVENTS_INDEPENDENT,
    GUMBEL_TOP_K,
    GUMBEL_SOFTMAX,
    GS_LIMITS,
    GS_ARGMAX_EXACT,
    GS_MEAN_BIASED,
    GAUSSIAN,
    SCORE_MEAN_ZERO,
    SCORE_ESTIMATOR,
    SCORE_MOVING_SUPPORT,
    STRAIGHT_THROUGH_BIAS,
)
