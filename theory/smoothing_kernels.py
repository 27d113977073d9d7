# SPDX-License-Identifier: BSD-3-Clause
"""Smoothing by convolution, and activations that look like it.

A convolution with a density is written as its integral over the part of the line where ReLU is not 0:
(ReLU * ρ)(x) = ∫₀^∞ z ρ(x − z) dz. That is what the statements show.
"""

from __future__ import annotations

from sympy import (
    Abs,
    Expr,
    Ge,
    Gt,
    Integral,
    LambertW,
    Le,
    Limit,
    Lt,
    Max,
    S,
    atan,
    erf,
    exp,
    log,
    oo,
    pi,
    sqrt,
)

from .claim import Claim, Refutation, Sequent, Source
from .smoothing_terms import (
    SHARP,
    a,
    b,
    boltzmann_two,
    c,
    d,
    equal,
    every,
    g,
    gelu,
    i,
    k,
    mu,
    normal_cdf,
    normal_pdf,
    p,
    q,
    r,
    relu,
    sigma,
    sigmoid,
    slope,
    softplus,
    swish,
    t,
    theta,
    total,
    u,
    z,
)

_SPREAD = Gt(sigma, 0)


def on_relu(density: Expr) -> Expr:
    """∫₀^∞ z ρ(u − z) dz, the density given at u − z."""
    return Integral(z * density, (z, 0, oo))


GAUSSIAN_RELU = u * normal_cdf(u / sigma) + sigma * normal_pdf(u / sigma)

DIRAC_RECIPE = Claim(
    id="smoothing.dirac-recipe",
    title="Averaging with narrow weights approximates f where f is continuous and the tails are tamed",
    prose=(
        "For weights pᵢ ≥ 0 with sum 1 at offsets gᵢ: let |f(x − g) − f(x)| ≤ η + C g² for all offsets used. Near 0 "
        "that is continuity at x, far away it bounds how fast f may grow. Then the weighted mean of f(x − gᵢ) differs "
        "from f(x) by at most η + C Σ pᵢgᵢ². So two things are enough: the weights concentrate (second moment to 0), "
        "and f grows no faster than C g² in their tails; ``dirac-cauchy`` shows what tails too heavy for f can do. "
        "Total mass 1 is needed too: a constant c becomes c Σ p. The statement is for finitely many offsets of any "
        "number, values f(x − gᵢ) = dᵢ; a density is a limit of such weights."
    ),
    statement=(
        Sequent(
            "estimate",
            Le(Abs(total(lambda e: p[e] * d[e]) - c), q + r * total(lambda e: p[e] * g[e] ** 2), evaluate=False),
            (
                every(Ge(p[i], 0)),
                equal(total(lambda e: p[e]), S.One),
                every(Le(Abs(d[i] - c), q + r * g[i] ** 2, evaluate=False)),
            ),
        ),
        Sequent("mass", equal(total(lambda e: p[e] * c), c * total(lambda e: p[e]))),
    ),
    sources=(Source("su8718"),),
    no_law="no contract takes a kernel",
)

DIRAC_GAUSSIAN_RELU = Claim(
    id="smoothing.dirac-gaussian-relu",
    title="ReLU smoothed by a Gaussian",
    prose=(
        "(ReLU * N(0, σ²))(x) = x Φ(x/σ) + σ φ(x/σ). It is never below ReLU, by Mills' bound v(1 − Φ(v)) ≤ φ(v), and "
        "exceeds it by at most σ/√(2π), attained at 0."
    ),
    statement=(
        Sequent("convolution", equal(on_relu(normal_pdf((u - z) / sigma) / sigma), GAUSSIAN_RELU), (_SPREAD,)),
        Sequent("above", Ge(GAUSSIAN_RELU, relu(u), evaluate=False), (_SPREAD,)),
        Sequent("below", Le(GAUSSIAN_RELU, relu(u) + sigma / sqrt(2 * pi), evaluate=False), (_SPREAD,)),
        Sequent("attained", equal(GAUSSIAN_RELU, sigma / sqrt(2 * pi)), (_SPREAD, equal(u, S.Zero))),
    ),
    sources=(Source("su8718"),),
    no_law="no contract computes this convolution",
)

DIRAC_LOGISTIC_RELU = Claim(
    id="smoothing.dirac-logistic-relu",
    title="ReLU smoothed by a logistic density is softplus",
    prose=(
        "With the density k e^(−ky)/(1 + e^(−ky))², the derivative of σ(ky), the convolution with ReLU is "
        "log(1 + e^(kx))/k for every sharpness k > 0."
    ),
    statement=(
        Sequent(
            "convolution",
            equal(on_relu(k * exp(-k * (u - z)) / (1 + exp(-k * (u - z))) ** 2), softplus(k * u) / k),
            (SHARP,),
        ),
    ),
    sources=(Source("su8718"),),
    no_law="softplus is a contract of another topic",
)

_CAUCHY = z * a / (pi * ((u - z) ** 2 + a**2))
_CAUCHY_VALUE = a / (2 * pi) * (log((t - u) ** 2 + a**2) - log(u**2 + a**2)) + u / pi * (
    atan((t - u) / a) + atan(u / a)
)

DIRAC_CAUCHY = Claim(
    id="smoothing.dirac-cauchy",
    title="A Cauchy density cannot smooth ReLU",
    prose=(
        "a/(π(x² + a²)) is listed among the kernels for any such function. Against ReLU its tail is a/(πz), which has "
        "no integral: up to T the convolution is a logarithm of T plus bounded terms, and grows beyond every bound at "
        "every x and for every width a > 0 (e to its negative tends to 0)."
    ),
    kind="refutation",
    statement=(
        Sequent("up-to", equal(Integral(_CAUCHY, (z, 0, t)), _CAUCHY_VALUE), (Gt(a, 0), Gt(t, 0))),
        Sequent("diverges", equal(Limit(exp(-Integral(_CAUCHY, (z, 0, t))), t, oo), S.Zero), (Gt(a, 0),)),
        Refutation(
            "near-relu",
            Sequent("near-relu", Le(_CAUCHY_VALUE, relu(u) + a, evaluate=False), (Gt(a, 0), Gt(t, 0))),
            ((a, S.One), (u, S.Zero), (t, S(10**6))),
        ),
    ),
    sources=(Source("su8718"),),
    no_law="about an integral that does not exist",
)

XTHETA = Claim(
    id="smoothing.xtheta",
    title="x times a smooth step: Swish and GELU",
    prose=(
        "ReLU is x θ(x). Multiplying x by a smooth step σ(βx) gives Swish, by Φ gives GELU, and both tend to ReLU as "
        "the step sharpens. Multiplying is not convolving: both lie below ReLU (Swish by at most W(1/e)/β), while a "
        "mean of ReLU over finitely many centred offsets lies above it (``gelu-is-gaussian-smoothed-relu``)."
    ),
    statement=(
        Sequent("swish-limit", equal(Limit(u * sigmoid(k * u), k, oo), relu(u))),
        Sequent("gelu-limit", equal(Limit(u * normal_cdf(k * u), k, oo), relu(u))),
        Sequent("swish-below", Le(u * sigmoid(k * u), relu(u), evaluate=False)),
        Sequent("swish-gap", Ge(u * sigmoid(k * u), relu(u) - LambertW(exp(-1)) / k, evaluate=False), (SHARP,)),
        Sequent("gelu-below", Le(u * normal_cdf(k * u), relu(u), evaluate=False)),
    ),
    sources=(Source("su8718"), Source("ramachandran2017"), Source("hendrycks2016")),
    uses=("smoothing.boltzmann",),
    no_law="Swish and GELU are contracts of another topic",
)

GELU_KERNEL = Claim(
    id="smoothing.gelu-is-gaussian-smoothed-relu",
    title="GELU is not ReLU smoothed by a Gaussian",
    prose=(
        "ReLU * N(0, 1) is GELU + φ, so the popular description is off by φ(x), 0.399 at 0. No centred weights can "
        "repair it: by Jensen a mean of ReLU(x − gᵢ) with weights pᵢ, for which Σ pᵢgᵢ = 0, is at least ReLU(x), and "
        "GELU(x) < 0 = ReLU(x) for x < 0. That is stated for finitely many weights, of any number; a density is a "
        "limit of such. Nor is GELU convex, as a mean of convex functions is. GELU is ReLU convolved with its own "
        "second derivative φ(x)(2 − x²), which has mass 1 but is negative beyond √2."
    ),
    kind="refutation",
    statement=(
        Sequent("convolution", equal(on_relu(normal_pdf(u - z)), gelu(u) + normal_pdf(u))),
        Refutation("same", Sequent("same", equal(gelu(u) + normal_pdf(u), gelu(u))), ((u, S.Zero),)),
        Sequent(
            "jensen",
            Ge(total(lambda e: p[e] * relu(u - g[e])), relu(u), evaluate=False),
            (
                every(Ge(p[i], 0)),
                equal(total(lambda e: p[e]), S.One),
                equal(total(lambda e: p[e] * g[e]), S.Zero),
            ),
        ),
        Sequent("negative", Lt(gelu(u), 0), (Lt(u, 0),)),
        Sequent("slope", equal(slope(gelu), normal_cdf(theta) + theta * normal_pdf(theta))),
        Sequent(
            "second",
            equal(slope(lambda at: normal_cdf(at) + at * normal_pdf(at)), normal_pdf(theta) * (2 - theta**2)),
        ),
        Sequent("not-convex", Lt(normal_pdf(u) * (2 - u**2), 0), (Gt(u**2, 2),)),
        Sequent("mass", equal(Integral(normal_pdf(z) * (2 - z**2), (z, -oo, oo)), S.One)),
        Sequent("signed-kernel", equal(on_relu(normal_pdf(u - z) * (2 - (u - z) ** 2)), gelu(u))),
    ),
    sources=(Source("hendrycks2016"), Source("su8718")),
    no_law="GELU is a contract of another topic",
)


def _smu(first: Expr, second: Expr, rate: Expr) -> Expr:
    """(x₁ + x₂ + (x₁ − x₂) erf(μ(x₁ − x₂)))/2."""
    return (first + second + (first - second) * erf(rate * (first - second))) / 2


SMU_ACON = Claim(
    id="smoothing.smu-acon",
    title="GELU and Swish are smooth maxima of x and 0",
    prose=(
        "SMU replaces |·| in max(x₁, x₂) = (x₁ + x₂ + |x₁ − x₂|)/2 by v erf(μv): at x₂ = 0 and μ = 1/√2 that is "
        "GELU. ACON is (x₁ − x₂)σ(β(x₁ − x₂)) + x₂: at x₂ = 0 it is Swish, and for any two arguments it is "
        "their Boltzmann maximum. Neither exceeds the maximum."
    ),
    statement=(
        Sequent("gelu", equal(_smu(u, S.Zero, 1 / sqrt(2)), gelu(u))),
        Sequent("swish", equal((a - b) * sigmoid(k * (a - b)) + b, swish(a, k)), (equal(b, S.Zero),)),
        Sequent("boltzmann", equal((a - b) * sigmoid(k * (a - b)) + b, boltzmann_two(a, b))),
        Sequent("at-most-max", Le(_smu(a, b, mu), Max(a, b), evaluate=False)),
        Sequent("limit", equal(Limit(_smu(a, b, mu), mu, oo), Max(a, b))),
    ),
    sources=(Source("biswas2021"), Source("ma2021")),
    no_law="GELU and Swish are contracts of another topic",
)

SIGMOID_TYPO = Claim(
    id="smoothing.sigmoid-derivative-typo",
    title="The derivative of σ(tx) keeps the t inside",
    prose=(
        "d/dx σ(tx) = tσ(tx)(1 − σ(tx)), a density of mass 1 for every t > 0. The printed tσ(x)(1 − σ(x)) has mass t: "
        "as a smoothing kernel it would multiply every function by t."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "derivative",
            equal(slope(lambda at: sigmoid(k * at)), k * sigmoid(k * theta) * (1 - sigmoid(k * theta))),
        ),
        Sequent("mass", equal(Integral(k * sigmoid(k * z) * (1 - sigmoid(k * z)), (z, -oo, oo)), S.One), (SHARP,)),
        Sequent("printed-mass", equal(Integral(k * sigmoid(z) * (1 - sigmoid(z)), (z, -oo, oo)), k)),
        Refutation(
            "printed",
            Sequent(
                "printed",
                equal(k * sigmoid(k * u) * (1 - sigmoid(k * u)), k * sigmoid(u) * (1 - sigmoid(u))),
                (SHARP,),
            ),
            ((k, S(2)), (u, S.One)),
        ),
    ),
    sources=(Source("su8718"),),
    no_law="no contract computes this density",
)
