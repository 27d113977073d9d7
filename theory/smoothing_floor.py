# SPDX-License-Identifier: BSD-3-Clause
"""Rounding down as a sum of steps, and its smooth form."""

from __future__ import annotations

from sympy import Abs, Ge, Le, Limit, Lt, Ne, Rational, S, Sum, exp, floor, oo

from .claim import Claim, Refutation, Sequent, Source
from .smoothing_terms import SHARP, N, equal, floor_sum, g, i, k, m, n, sigmoid, smooth_floor, step, u

_WITHIN = (Ne(floor(u), u), Le(-N, floor(u), evaluate=False), Le(floor(u), N, evaluate=False))

FLOOR = Claim(
    id="smoothing.floor",
    title="Floor is a sum of steps, and a sum of sigmoids is a smooth floor",
    prose=(
        "For x that is no integer, ⌊x⌋ = Σ_{n≤0}(θ(x − n) − 1) + Σ_{n≥1} θ(x − n). Only finitely many terms differ "
        "from 0; the sums are cut here after N terms on each side, which is exact for −N ≤ ⌊x⌋ ≤ N. With "
        "σ(k·) in place of θ it is a smooth floor, which tends to ⌊x⌋ as k → ∞ for every such x. Each "
        "term is within e^(−k|x − n|) of its limit, and the m terms left out beyond N add up to at most "
        "e^(k(x − N))/(e^k − 1). The sum of n(θ(x − n) − θ(x − n − 1)), by which the formula is usually derived, "
        "telescopes for any sequence in place of θ(x − n)."
    ),
    statement=(
        Sequent("steps", equal(floor(u), floor_sum(N)), _WITHIN),
        Sequent("limit", equal(Limit(smooth_floor(N), k, oo), floor(u)), _WITHIN),
        Sequent("error", Le(Abs(sigmoid(k * u) - step(u)), exp(-k * Abs(u)), evaluate=False), (Ne(u, 0),)),
        Sequent(
            "tail",
            Le(Sum(sigmoid(k * (u - i)), (i, N + 1, N + m)), exp(k * (u - N)) / (exp(k) - 1), evaluate=False),
            (SHARP, Ge(m, 0)),
        ),
        Sequent(
            "telescoping",
            equal(Sum(i * (g[i] - g[i + 1]), (i, 1, N)), Sum(g[i], (i, 1, N)) - N * g[N + 1]),
            (Ge(N, 0),),
        ),
    ),
    sources=(Source("su8718"),),
)

_INSIDE = (Lt(n, u), Lt(u, n + 1))

FLOOR_DOUBLE_COUNT = Claim(
    id="smoothing.floor-double-count",
    title="Two misprints of the smooth floor",
    prose=(
        "A common page starts both sums at n = 0. That counts the step at 0 twice: the result is ⌊x⌋ + θ(x), 3 at "
        "x = 2.5. On the way it writes θ(x − n + 1) for θ(x − (n + 1)): the indicator of n < x < n + 1 is "
        "θ(x − n) − θ(x − (n + 1)); the printed difference is 0 there."
    ),
    kind="refutation",
    statement=(
        Sequent("what-it-is", equal(floor(u) + step(u), floor_sum(N, 0)), _WITHIN),
        Sequent("indicator", equal(step(u - n) - step(u - (n + 1)), S.One), _INSIDE),
        Sequent("misprint", equal(step(u - n) - step(u - n + 1), S.Zero), _INSIDE[:1]),
        Refutation(
            "double",
            Sequent("double", equal(floor(u), floor_sum(N, 0)), _WITHIN),
            ((u, Rational(5, 2)), (N, S(4))),
        ),
        Refutation(
            "printed-indicator",
            Sequent("printed-indicator", equal(step(u - n) - step(u - n + 1), S.One), _INSIDE),
            ((u, Rational(5, 2)), (n, S(2))),
        ),
    ),
    sources=(Source("su8718"),),
    uses=("smoothing.floor",),
)
