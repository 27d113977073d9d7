# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position embedding: how scores behave over distance.

Main results: the Abel transform and its bound (``rope.abel-bound``), and what does not follow from it:
scores are neither monotone (``rope.decay-not-monotone``) nor positive (``rope.decay-sign``), and with one
pair they do not decay at all (``rope.two-dim-no-decay``).
"""

from __future__ import annotations

from itertools import groupby

from sympy import Abs, Eq, Expr, Ge, Gt, I, IndexedBase, Le, Lt, Max, Rational, S, Sum, Symbol, cos, exp, sin, symbols

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .rope_terms import B, c, dot, h, i, j, kernel, m, n, r, rotated, score, t, theta

BASE = S(10000)
offset = Symbol("r", integer=True)
w = IndexedBase("w")  # complex


def partial_sum(terms: Expr, last: Expr) -> Expr:
    """Σ_{j ≤ last} of terms in j."""
    return Sum(terms, (j, 0, last))


def by_parts(terms: Expr) -> Expr:
    """c_h S_h − Σᵢ Sᵢ₊₁ (cᵢ₊₁ − cᵢ) for the partial sums S of terms in j."""
    return c[h] * partial_sum(terms, h - 1) - Sum(partial_sum(terms, i) * (c[i + 1] - c[i]), (i, 0, h - 1))


ABEL_IDENTITY = Claim(
    id="rope.abel-identity",
    title="Summation by parts for rotary scores",
    prose=(
        "With h terms, partial sums Sᵢ₊₁ = Σ_{j ≤ i} e^{irθⱼ} and the convention that the coefficient after the "
        "last one is 0, a sum of coefficients times phases is a sum of partial sums times differences. Nothing about "
        "phases is used: the same holds for any terms wⱼ."
    ),
    statement=(
        Sequent(
            "phases",
            Eq(Sum(c[i] * exp(I * r * theta[i]), (i, 0, h - 1)), by_parts(exp(I * r * theta[j])), evaluate=False),
            (Ge(h, 0),),
        ),
        Sequent("any-terms", Eq(Sum(c[i] * w[i], (i, 0, h - 1)), by_parts(w[j]), evaluate=False), (Ge(h, 0),)),
    ),
    sources=(Source("su8265", "eq. 25"),),
    no_law="an identity inside the analysis of scores; no implementation computes it",
)

M = Symbol("M", real=True)
ABEL_BOUND = Claim(
    id="rope.abel-bound",
    title="Scores are bounded by the largest jump of the coefficients times the partial sums",
    prose=(
        "If consecutive coefficients differ by at most M, the difference of the last one to 0 included, then "
        "|Σ cᵢwᵢ| ≤ M·Σ|Sⱼ|, for any complex wⱼ; for a score, wⱼ = e^{irθⱼ}. The terminal difference |c_{h−1}| belongs "
        "to the maximum: without it the bound fails. For constant coefficients the bound is no better than the "
        "triangle inequality where the |Sⱼ| are large, so by itself it proves no decay."
    ),
    statement=(
        Sequent(
            "bound",
            Le(
                Abs(Sum(c[i] * w[i], (i, 0, h - 1))),
                M * Sum(Abs(partial_sum(w[j], i)), (i, 0, h - 1)),
                evaluate=False,
            ),
            (
                ForAll((j,), Le(Abs(c[j + 1] - c[j]), M, evaluate=False), (Le(0, j), Le(j, h - 1))),
                Eq(c[h], 0, evaluate=False),
                Ge(h, 0),
            ),
        ),
        Refutation(
            "without-the-last-difference",
            Sequent(
                "two-pairs",
                Le(Abs(c[0] * w[0] + c[1] * w[1]), Abs(c[1] - c[0]) * (Abs(w[0]) + Abs(w[0] + w[1])), evaluate=False),
            ),
            ((c[0], S.One), (c[1], S.One), (w[0], S.One), (w[1], S.One)),
        ),
    ),
    sources=(Source("su8265", "eq. 26"), Source("su2021roformer", "eq. 37")),
    uses=("rope.abel-identity",),
    no_law="a bound inside the analysis of scores; no implementation computes it",
)

a = Symbol("a")  # complex
ALL_ONE = ForAll((j,), Eq(w[j], 1, evaluate=False), (Le(0, j), Le(j, h - 1)))

ABEL_BOUND_TIGHT = Claim(
    id="rope.abel-bound-tight",
    title="A linear ramp attains the Abel bound",
    prose=(
        "At offset 0 every phase wⱼ is 1. Then the ramp cᵢ = (h − i)a, which falls to 0 by equal steps of size |a|, "
        "gives equality: both sides are |a|·h(h + 1)/2. So no smaller constant would do."
    ),
    statement=(
        Sequent("step", Eq(Abs((h - (i + 1)) * a - (h - i) * a), Abs(a), evaluate=False)),
        Sequent(
            "sum",
            Eq(Abs(Sum((h - i) * a * w[i], (i, 0, h - 1))), Abs(a) * h * (h + 1) / 2, evaluate=False),
            (ALL_ONE, Ge(h, 0)),
        ),
        Sequent(
            "bound",
            Eq(
                Abs(a) * Sum(Abs(partial_sum(w[j], i)), (i, 0, h - 1)),
                Abs(a) * h * (h + 1) / 2,
                evaluate=False,
            ),
            (ALL_ONE, Ge(h, 0)),
        ),
    ),
    sources=(Source("su8265", "eq. 26"),),
    no_law="an equality case of a bound; no implementation computes it",
)


# --- the kernel --------------------------------------------------------------------------------------------------

KERNEL_DOMAIN = (Gt(B, 0), Ge(h, 0))

KERNEL = Claim(
    id="rope.kernel",
    title="The score of equal constant vectors is a sum of cosines",
    kind="definition",
    prose=(
        "K(r) = Σᵢ cos(rθᵢ) is the score of q = k = (1, 0, 1, 0, …) at offset r, and the inner product of two "
        "sinusoidal position vectors. It is even, K(0) = h, and |K(r)| ≤ h."
    ),
    statement=(
        Sequent(
            "score",
            Eq(
                score(
                    rotated(S.One, S.Zero, m * B ** (-i / h)),
                    rotated(S.One, S.Zero, n * B ** (-i / h)),
                ),
                kernel(m - n, h, B),
                evaluate=False,
            ),
            (Gt(B, 0),),
        ),
        Sequent("at-0", Eq(kernel(r, h, B), h, evaluate=False), (Eq(r, 0, evaluate=False), *KERNEL_DOMAIN)),
        Sequent("even", Eq(kernel(t, h, B), kernel(r, h, B), evaluate=False), (Eq(t, -r, evaluate=False), Gt(B, 0))),
        Sequent("bound", Le(Abs(kernel(r, h, B)), h, evaluate=False), KERNEL_DOMAIN),
    ),
    sources=(Source("su8265"), Source("su8231", "eq. r1")),
)

RISES = (11, 17, 23, 28, 29, 30, 34, 35, 36, 40, 41, 42, 47, 48, 49, 54, 55, 56, 62, 63)


def runs() -> tuple[Sequent, ...]:
    """K(r + 1) against K(r) on every maximal run of offsets below 64 on which it rises or falls."""
    result = []
    for rising, group in groupby(range(64), lambda at: at in RISES):
        run = list(group)
        relation, name = (Gt, "rises") if rising else (Lt, "falls")
        result.append(
            Sequent(
                f"{name}-{run[0]}-{run[-1]}",
                relation(kernel(offset + 1, S(64), BASE), kernel(offset, S(64), BASE), evaluate=False),
                (Le(run[0], offset), Le(offset, run[-1])),
            )
        )
    return tuple(result)


DECAY_NOT_MONOTONE = Claim(
    id="rope.decay-not-monotone",
    title="Scores do not decay monotonically with distance",
    kind="refutation",
    prose=(
        "The score of equal constant query and key rises from offset 11 to offset 12 for d = 128 and base 10000. "
        f"Below 64 it rises exactly at the offsets {', '.join(map(str, RISES))} and falls at all others."
    ),
    statement=(
        Refutation(
            "monotone",
            Sequent("monotone", Le(kernel(n + 1, h, B), kernel(n, h, B)), (Ge(n, 0),)),
            ((n, S(11)), (h, S(64)), (B, BASE)),
        ),
        *runs(),
    ),
    sources=(Source("su8265"),),
)


def positive_until(last: int, pairs: int) -> Sequent:
    return Sequent(
        f"positive-d{2 * pairs}",
        Gt(kernel(offset, S(pairs), BASE), 0, evaluate=False),
        (Le(0, offset), Le(offset, last)),
    )


def negative_at(first: int, pairs: int) -> Refutation:
    return Refutation(
        f"negative-d{2 * pairs}",
        Sequent("positive", Gt(kernel(r, h, B), 0, evaluate=False), (Gt(B, 1), Ge(h, 1))),
        ((r, S(first)), (h, S(pairs)), (B, BASE)),
    )


DECAY_SIGN = Claim(
    id="rope.decay-sign",
    title="The kernel becomes negative",
    kind="refutation",
    prose=(
        "The similarity of equal constant query and key does not stay positive. With base 10000 the first integer "
        "offset at which it is negative is 1707 for d = 128 and 725 for d = 64; at every smaller one it is positive."
    ),
    statement=(negative_at(1707, 64), positive_until(1706, 64), negative_at(725, 32), positive_until(724, 32)),
    sources=(Source("su8265"), Source("su8231")),
)

alpha, beta, size, other = symbols("alpha beta a b", real=True)
omega = Symbol("omega", real=True)

TWO_DIM_NO_DECAY = Claim(
    id="rope.two-dim-no-decay",
    title="With one pair there is no decay at all",
    kind="refutation",
    prose=(
        "For d = 2 the score of vectors of lengths a and b is ab·cos((m − n)θ + δ), δ the angle between them. That "
        "oscillates with constant amplitude: of any offset and its double, one has |cos| ≥ 1/2, integers included. "
        "Decay over a range of distances comes from the interference of many frequencies only."
    ),
    statement=(
        Sequent(
            "amplitude",
            Eq(
                dot(
                    rotated(size * cos(alpha), size * sin(alpha), m * omega),
                    rotated(other * cos(beta), other * sin(beta), n * omega),
                ),
                size * other * cos((m - n) * omega + alpha - beta),
                evaluate=False,
            ),
        ),
        Sequent(
            "returns",
            Ge(Max(Abs(cos(r * omega)), Abs(cos(2 * r * omega))), Rational(1, 2), evaluate=False),
        ),
        Refutation(
            "vanishes",
            Sequent("vanishes", Lt(Abs(kernel(r, S.One, B)), Rational(999, 1000), evaluate=False), (Ge(r, 1000),)),
            ((r, S(103993)), (B, BASE)),
        ),
    ),
    sources=(Source("su8265"),),
)

CLAIMS = (
    ABEL_IDENTITY,
    ABEL_BOUND,
    ABEL_BOUND_TIGHT,
    KERNEL,
    DECAY_NOT_MONOTONE,
    DECAY_SIGN,
    TWO_DIM_NO_DECAY,
)
