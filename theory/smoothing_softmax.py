# SPDX-License-Identifier: BSD-3-Clause
"""Softmax as a smooth argmax: limits with rates, its Lipschitz constant, and what it does not approximate."""

from __future__ import annotations

from sympy import Abs, Expr, Ge, Gt, Le, Limit, Lt, Max, Min, Ne, Rational, S, Sum, exp, log, oo

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .smoothing_terms import (
    IN_RANGE,
    NONEMPTY,
    SHARP,
    a,
    b,
    c,
    d,
    equal,
    every,
    gap,
    i,
    j,
    k,
    l,
    lse,
    m,
    n,
    p,
    softmax,
    total,
    variance,
    weighted_variance,
    x,
)

_OTHER = (Le(0, l, evaluate=False), Le(l, n - 1, evaluate=False), Ne(l, j))
_THREE = Sum(i * exp(k * x[i]), (i, 0, 2)) / Sum(exp(k * x[i]), (i, 0, 2))
LED = every(Le(x[i], x[j] - gap, evaluate=False), Ne(i, j))

_TIED = (  # x_j is the largest argument, and shared by 0 … m − 1 only
    Le(m, n),
    ForAll((i,), equal(x[i], x[j]), (Le(0, i, evaluate=False), Lt(i, m))),
    ForAll((i,), Lt(x[i], x[j]), (Le(m, i, evaluate=False), Le(i, n - 1, evaluate=False))),
)


def _mean_index(first: Expr, second: Expr, third: Expr) -> Expr:
    """Σ i softmax(x)ᵢ of three numbers, indices from 0."""
    return (exp(second) + 2 * exp(third)) / (exp(first) + exp(second) + exp(third))


SOFTMAX_DERIVATION = Claim(
    id="smoothing.softmax-derivation",
    title="Softmax is the exponential of the distance to the smooth maximum",
    prose=(
        "exp(k(xᵢ − max x)) is 1 at the maximisers and smaller elsewhere, but not normalised. With LSE_k in place of "
        "the maximum it is softmax(kx)ᵢ exactly, which sums to 1. The shift by any c leaves it as it is, so c = max x "
        "keeps every exponential at most 1."
    ),
    statement=(
        Sequent("exponential", equal(exp(k * (x[j] - lse())), softmax(j)), (SHARP, NONEMPTY)),
        Sequent("sum", equal(total(softmax), S.One), (NONEMPTY,)),
        Sequent("shift", equal(softmax(j, k, lambda e: x[e] + c), softmax(j)), (NONEMPTY,)),
    ),
    sources=(Source("su6620"),),
)

SOFTMAX_ONEHOT = Claim(
    id="smoothing.softmax-onehot",
    title="Softmax tends to the one-hot argmax exactly when the maximiser is unique",
    prose=(
        "If xⱼ leads every other argument by Δ, then softmax(kx)ⱼ ≥ 1 − (n − 1)e^(−kΔ), and every other entry is at "
        "most e^(−kΔ): both tend to the one-hot vector as k → ∞. If m arguments share the maximum (name them "
        "0 … m−1), each of them gets 1/m in the limit and the others 0: for m ≥ 2 that is no one-hot vector, so "
        "uniqueness is needed."
    ),
    statement=(
        Sequent("rate-winner", Ge(softmax(j), 1 - (n - 1) * exp(-k * gap), evaluate=False), (Ge(k, 0), LED, *IN_RANGE)),
        Sequent("rate-loser", Le(softmax(l), exp(-k * gap), evaluate=False), (Ge(k, 0), LED, *IN_RANGE, *_OTHER)),
        Sequent("winner", equal(Limit(softmax(j), k, oo), S.One), (every(Lt(x[i], x[j]), Ne(i, j)), *IN_RANGE)),
        Sequent(
            "loser",
            equal(Limit(softmax(l), k, oo), S.Zero),
            (every(Lt(x[i], x[j]), Ne(i, j)), *IN_RANGE, *_OTHER),
        ),
        Sequent("ties", equal(Limit(softmax(j), k, oo), 1 / m), (IN_RANGE[0], Lt(j, m), *_TIED)),
        Sequent(
            "ties-others",
            equal(Limit(softmax(l), k, oo), S.Zero),
            (IN_RANGE[0], Lt(j, m), Le(m, l), Le(l, n - 1), *_TIED),
        ),
    ),
    sources=(Source("su6620"),),
)

SOFTMAX_IS_SOFT_MAX = Claim(
    id="smoothing.softmax-is-soft-max",
    title="Softmax is no soft maximum",
    prose=(
        "The name says maximum; the function returns a vector, the weights that approximate the one-hot argmax. Its "
        "entries lie between 0 and 1 and do not move when all arguments are shifted, so no entry follows the maximum, "
        "which moves with them: at (3, 0) the largest entry is less than 1, and more than 2 away from the maximum. "
        "The soft maximum is log-sum-exp, or the mean Σ xᵢ sᵢ."
    ),
    kind="refutation",
    statement=(
        Sequent("at-most-1", Le(softmax(j), 1, evaluate=False), IN_RANGE),
        Sequent("positive", Gt(softmax(j), 0), IN_RANGE),
        Refutation(
            "approximates-max",
            Sequent(
                "approximates-max",
                Le(Abs(exp(k * a) / (exp(k * a) + exp(k * b)) - Max(a, b)), log(2) / k, evaluate=False),
                (SHARP, Ge(a, b)),
            ),
            ((k, S.One), (a, S(3)), (b, S.Zero)),
        ),
    ),
    sources=(Source("su6620"),),
)

SOFTMAX_HALF_LIPSCHITZ = Claim(
    id="smoothing.softmax-half-lipschitz",
    title="Softmax is 1/2-Lipschitz",
    prose=(
        "For every probability vector s and every v, vᵀ(diag s − ssᵀ)v, the variance of v under s, is at most ‖v‖²/2: "
        "the Jacobian of softmax has no eigenvalue above 1/2, whatever n. Since the variance is half of "
        "Σᵢⱼ sᵢsⱼ(vᵢ − vⱼ)², the bound 2Σ sᵢ(1 − sᵢ)vᵢ² follows by dropping squares, and s(1 − s) ≤ 1/4. Equality "
        "holds at s = (1/2, 1/2), v = (1, −1), so the usual constant 1 is not sharp. Hence "
        "‖softmax(k(x + d)) − softmax(kx)‖ ≤ (k/2)‖d‖ in the Euclidean norm, by the mean value theorem "
        "along the segment."
    ),
    statement=(
        Sequent(
            "eigenvalue",
            Le(weighted_variance(), total(lambda e: d[e] ** 2) / 2, evaluate=False),
            (every(Ge(p[i], 0)), equal(total(lambda e: p[e]), S.One)),
        ),
        Sequent("jacobian", Le(variance(), total(lambda e: d[e] ** 2) / 2, evaluate=False), (NONEMPTY,)),
        Sequent(
            "attained",
            equal(c * a**2 + (1 - c) * b**2 - (c * a + (1 - c) * b) ** 2, (a**2 + b**2) / 2),
            (equal(c, Rational(1, 2)), equal(b, -a)),
        ),
        Sequent(
            "lipschitz",
            Le(
                total(lambda e: (softmax(e, k, lambda f: x[f] + d[f]) - softmax(e)) ** 2),
                k**2 * total(lambda e: d[e] ** 2) / 4,
                evaluate=False,
            ),
            (NONEMPTY,),
        ),
    ),
    sources=(Source("gao2017"),),
    uses=("smoothing.lse-calculus",),
)

SOFTARGMAX = Claim(
    id="smoothing.softargmax",
    title="The mean index under softmax is the argmax only where the maximiser is unique",
    prose=(
        "Σ i softmax(kx)ᵢ (indices from 0) is within (n − 1)² e^(−kΔ) of j when xⱼ leads by Δ. With two maxima it is "
        "neither: for (a, b, a) it is exactly 1, the middle index, for all a and b and every k; with a = 10, b = 0 "
        "that is the index of the minimum. And it depends on how the classes are numbered: as (a, a, b) the same "
        "values give another answer."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "rate",
            Le(Abs(total(lambda e: e * softmax(e)) - j), (n - 1) ** 2 * exp(-k * gap), evaluate=False),
            (Ge(k, 0), LED, *IN_RANGE),
        ),
        Sequent("middle", equal(_THREE, S.One), (equal(x[2], x[0]),)),
        Sequent("renumbered", Lt(_THREE, 1), (SHARP, equal(x[1], x[0]), Lt(x[2], x[0]))),
        Refutation(
            "near-argmax",
            Sequent(
                "near-argmax",
                Le(Min(Abs(_mean_index(a, b, c)), Abs(_mean_index(a, b, c) - 2)), Rational(1, 2), evaluate=False),
                (Lt(b, a), equal(c, a)),
            ),
            ((a, S(10)), (b, S.Zero), (c, S(10))),
        ),
    ),
    sources=(Source("su6620"),),
)
