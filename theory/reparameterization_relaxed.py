# SPDX-License-Identifier: BSD-3-Clause
"""The Gumbel-softmax: relaxed samples, their limits, and what is exact and what is biased about them."""

from __future__ import annotations

from sympy import Ge, Gt, Integral, Limit, Lt, Ne, Rational, S, Sum, exp, log, oo

from .claim import Claim, Refutation, Sequent, Source
from .reparameterization_terms import (
    IN_RANGE,
    OTHER,
    WINNER,
    K,
    binary_mean,
    equal,
    g1,
    g2,
    j,
    l,
    logistic_pdf,
    o,
    r,
    relaxed,
    softmax,
    tau,
    win,
    x,
    z,
)

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
    no_law="a limit in τ; at every τ the laws of reparameterization.gumbel-softmax apply",
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
    no_law="a correct sampler has this bias; there is nothing to implement",
)
