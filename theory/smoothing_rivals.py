# SPDX-License-Identifier: BSD-3-Clause
"""Other smooth maxima, and what ties them to log-sum-exp: Boltzmann and Nesterov."""

from __future__ import annotations

from sympy import Ge, Gt, LambertW, Le, Lt, Rational, S, exp, log

from .claim import Claim, Refutation, Sequent, Source
from .smoothing_terms import (
    IN_RANGE,
    NONEMPTY,
    SHARP,
    TOP,
    a,
    b,
    binary_entropy,
    boltzmann,
    boltzmann_two,
    d,
    entropy,
    equal,
    j,
    k,
    lse,
    moved,
    mu,
    n,
    nesterov,
    sigmoid,
    slope,
    softmax,
    softplus,
    swish,
    theta,
    total,
    u,
    variance,
    x,
)

_W = LambertW(exp(-1))


LSE_ENTROPY = Claim(
    id="smoothing.lse-entropy",
    title="Log-sum-exp is the Boltzmann mean plus an entropy; SiLU is softplus minus one",
    prose=(
        "LSE_k(x) = B_k(x) + H(softmax(kx))/k for n arguments: the two smooth maxima differ by the entropy of the "
        "weights, which lies between 0 and log n. For the two arguments x and 0 and k = 1 this reads softplus(x) = "
        "x σ(x) + H(σ(x)) with the binary entropy H in nats, so SiLU is exactly softplus minus an entropy, and "
        "always below it."
    ),
    statement=(
        Sequent("decomposition", equal(lse(), boltzmann() + entropy() / k), (SHARP, NONEMPTY)),
        Sequent("entropy-at-least-0", Ge(entropy(), 0)),
        Sequent("entropy-at-most", Le(entropy(), log(n), evaluate=False), (NONEMPTY,)),
        Sequent("silu", equal(softplus(u), swish(u) + binary_entropy(sigmoid(u)))),
        Sequent("below", Lt(swish(u), softplus(u))),
    ),
    sources=(Source("nesterov2005"),),
)

BOLTZMANN = Claim(
    id="smoothing.boltzmann",
    title="The Boltzmann maximum lies below the maximum, by at most log n / β",
    prose=(
        "B_β(x) = Σ xᵢ e^(βxᵢ)/Σ e^(βxᵢ) is a mean, so it never exceeds the largest argument; it falls short of it by "
        "at most (log n)/β. For two arguments at distance Δ the shortfall is Δ/(1 + e^(βΔ)), which is at most "
        "W(1/e)/β = 0.27846…/β, with equality at βΔ = 1 + W(1/e). At β = 0 it is the plain mean."
    ),
    statement=(
        Sequent("below", Le(boltzmann(), x[j], evaluate=False), (TOP, *IN_RANGE)),
        Sequent("above", Ge(boltzmann(), x[j] - log(n) / k, evaluate=False), (SHARP, *IN_RANGE)),
        Sequent("two", equal(a - boltzmann_two(a, b), (a - b) / (1 + exp(k * (a - b))))),
        Sequent("gap", Le((a - b) / (1 + exp(k * (a - b))), _W / k, evaluate=False), (SHARP,)),
        Sequent("attained", equal((1 + _W) / (1 + exp(1 + _W)), _W)),
        Sequent("constant-above", Gt(_W, Rational(278464, 10**6), evaluate=False)),
        Sequent("constant-below", Lt(_W, Rational(278465, 10**6), evaluate=False)),
        Sequent("mean", equal(boltzmann(S.Zero), total(lambda e: x[e]) / n), (NONEMPTY,)),
    ),
    sources=(Source("su6620"),),
    uses=("smoothing.lse-entropy", "smoothing.lse-sandwich"),
)

BOLTZMANN_MONOTONE = Claim(
    id="smoothing.boltzmann-monotone",
    title="A smooth maximum need not increase with its arguments",
    prose=(
        "Log-sum-exp does (``lse-calculus``), the Boltzmann maximum does not: B₁(x, 0) = x σ(x) is SiLU. Its "
        "derivative is σ(x)(1 + x σ(−x)), negative for x < −(1 + W(1/e)) = −1.278…, zero there, positive beyond: "
        "raising an argument from −3 to −2 lowers the “maximum”."
    ),
    kind="refutation",
    statement=(
        Sequent("silu", equal(boltzmann_two(u, S.Zero, S.One), swish(u))),
        Sequent("derivative", equal(slope(swish), sigmoid(theta) * (1 + theta * sigmoid(-theta)))),
        Sequent("falls", Lt(sigmoid(u) * (1 + u * sigmoid(-u)), 0), (Lt(u, -1 - _W),)),
        Sequent("rises", Gt(sigmoid(u) * (1 + u * sigmoid(-u)), 0), (Gt(u, -1 - _W),)),
        Refutation(
            "increasing",
            Sequent(
                "increasing",
                Le(boltzmann_two(a, S.Zero, S.One), boltzmann_two(b, S.Zero, S.One), evaluate=False),
                (Le(a, b),),
            ),
            ((a, S(-3)), (b, S(-2))),
        ),
    ),
    sources=(Source("ramachandran2017"),),
)

NESTEROV = Claim(
    id="smoothing.nesterov",
    title="The maximum is (1/2, log n)-smoothable",
    prose=(
        "f_μ(x) = μ LSE_(1/μ)(x) − μ log n is below the maximum, which is at most μ log n above it. Its second "
        "derivative along d is the variance of d under softmax(x/μ), over μ, and at most ‖d‖²/(2μ): in the Euclidean "
        "norm f_μ is 1/(2μ)-smooth, and its gradient softmax(x/μ) is 1/(2μ)-Lipschitz. "
        "Texts give 1/μ; the half comes from ``softmax-half-lipschitz`` and is attained."
    ),
    statement=(
        Sequent("below", Le(nesterov(mu), x[j], evaluate=False), (Gt(mu, 0), TOP, *IN_RANGE)),
        Sequent("above", Le(x[j], nesterov(mu) + mu * log(n), evaluate=False), (Gt(mu, 0), Ge(n, 2), *IN_RANGE)),
        Sequent(
            "second-derivative",
            equal(
                slope(lambda at: total(lambda e: d[e] * softmax(e, 1 / mu, lambda f: x[f] + at * d[f]))),
                variance(1 / mu, moved) / mu,
            ),
            (Gt(mu, 0), NONEMPTY),
        ),
        Sequent(
            "smooth",
            Le(variance(1 / mu, moved) / mu, total(lambda e: d[e] ** 2) / (2 * mu), evaluate=False),
            (Gt(mu, 0), NONEMPTY),
        ),
        Sequent(
            "gradient",
            Le(
                total(lambda e: (softmax(e, 1 / mu, lambda f: x[f] + d[f]) - softmax(e, 1 / mu)) ** 2),
                total(lambda e: d[e] ** 2) / (4 * mu**2),
                evaluate=False,
            ),
            (Gt(mu, 0), NONEMPTY),
        ),
    ),
    sources=(Source("nesterov2005"), Source("beck2012")),
    uses=("smoothing.lse-sandwich", "smoothing.lse-calculus", "smoothing.softmax-half-lipschitz"),
)
