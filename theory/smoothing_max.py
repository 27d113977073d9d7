# SPDX-License-Identifier: BSD-3-Clause
"""Smooth maxima: what log-sum-exp, its relatives and their popular descriptions get right.

Main results: ``lse-sandwich`` with its cases of equality, ``lse-calculus``, ``nesterov``. The Boltzmann maximum is
in ``smoothing_rivals``.
"""

from __future__ import annotations

from sympy import Abs, Ge, Le, Lt, Max, Min, Ne, S, Sum, exp, log

from .claim import Claim, Refutation, Sequent, Source
from .smoothing_terms import (
    IN_RANGE,
    NONEMPTY,
    SHARP,
    TOP,
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
    moved,
    n,
    sigmoid,
    slope,
    softmax,
    softplus,
    theta,
    total,
    u,
    x,
)

_OTHER = (Le(0, l, evaluate=False), Le(l, n - 1, evaluate=False))

MAX_IDENTITY = Claim(
    id="smoothing.max-identity",
    title="The maximum by an absolute value",
    prose=(
        "max(x, y) = (x + y + |x − y|)/2 and min(x, y) = (x + y − |x − y|)/2 for all real numbers, so every smooth "
        "absolute value gives a smooth maximum of two numbers."
    ),
    statement=(
        Sequent("max", equal(Max(a, b), (a + b + Abs(a - b)) / 2)),
        Sequent("min", equal(Min(a, b), (a + b - Abs(a - b)) / 2)),
    ),
    sources=(Source("su3290"),),
    no_law="no contract computes the exact maximum",
)

MAX_ABS_SUM = Claim(
    id="smoothing.max-abs-sum",
    title="(|x + y| + |x − y|)/2 is the larger absolute value, not the maximum",
    prose=(
        "The formula is printed for x, y ≥ 0, and then copied without the condition. For all real numbers it equals "
        "max(|x|, |y|), which is max(x, y) exactly where max(x, y) ≥ |min(x, y)|, that is where x + y ≥ 0. At "
        "x = y = −1 it gives 1."
    ),
    kind="refutation",
    statement=(
        Sequent("what-it-is", equal((Abs(a + b) + Abs(a - b)) / 2, Max(Abs(a), Abs(b)))),
        Sequent("enough", equal((Abs(a + b) + Abs(a - b)) / 2, Max(a, b)), (Ge(Max(a, b), Abs(Min(a, b))),)),
        Sequent("needed", Ge(Max(a, b), Abs(Min(a, b))), (equal((Abs(a + b) + Abs(a - b)) / 2, Max(a, b)),)),
        Refutation(
            "everywhere",
            Sequent("everywhere", equal((Abs(a + b) + Abs(a - b)) / 2, Max(a, b))),
            ((a, S.NegativeOne), (b, S.NegativeOne)),
        ),
    ),
    sources=(Source("su3290"),),
    no_law="no contract computes the exact maximum",
)

LSE_SANDWICH = Claim(
    id="smoothing.lse-sandwich",
    title="Log-sum-exp lies above the maximum, by at most log n / k",
    prose=(
        "LSE_k(x) = (1/k) log Σ e^(k xᵢ) exceeds every one of its n ≥ 2 arguments strictly, and exceeds the largest by "
        "at most (log n)/k. That bound is attained when all arguments are equal, and only then: with a single "
        "smaller one it is strict. So the left inequality is never an equality, the right one exactly at "
        "constant vectors; for n = 1 both are equalities."
    ),
    statement=(
        Sequent("above", Lt(x[j], lse()), (Ge(n, 2), SHARP, *IN_RANGE)),
        Sequent("below", Le(lse(), x[j] + log(n) / k, evaluate=False), (SHARP, TOP, *IN_RANGE)),
        Sequent("equality", equal(lse(), x[j] + log(n) / k), (SHARP, every(equal(x[i], x[j])), *IN_RANGE)),
        Sequent(
            "only-then",
            Lt(lse(), x[j] + log(n) / k),
            (SHARP, TOP, *_OTHER, Lt(x[l], x[j])),
        ),
    ),
    sources=(Source("su3290"), Source("nesterov2005"), Source("beck2012")),
)

LSE_CALCULUS = Claim(
    id="smoothing.lse-calculus",
    title="The gradient of log-sum-exp is softmax; its Hessian is a covariance",
    prose=(
        "Along every direction d the derivative of LSE_k at x + θd is Σ dᵢ sᵢ with s = softmax(k(x + θd)), so the "
        "gradient is s. The second derivative is k(Σ sᵢ dᵢ² − (Σ sᵢ dᵢ)²) = k Σ sᵢ (dᵢ − d̄)², the variance of d under "
        "s: the Hessian is k(diag s − ssᵀ), it is never negative, and LSE is convex. A shift of all arguments goes "
        "through: LSE_k(x + c) = LSE_k(x) + c, which is what makes an implementation without overflow possible; "
        "and LSE_k(x) = LSE_1(kx)/k. It never decreases when arguments grow."
    ),
    statement=(
        Sequent(
            "gradient",
            equal(slope(lambda at: lse(k, lambda e: x[e] + at * d[e])), total(lambda e: d[e] * softmax(e, k, moved))),
            (SHARP, NONEMPTY),
        ),
        Sequent(
            "hessian",
            equal(
                slope(lambda at: total(lambda e: d[e] * softmax(e, k, lambda f: x[f] + at * d[f]))),
                k
                * (
                    total(lambda e: d[e] ** 2 * softmax(e, k, moved))
                    - total(lambda e: d[e] * softmax(e, k, moved)) ** 2
                ),
            ),
            (NONEMPTY,),
        ),
        Sequent(
            "variance",
            equal(
                total(lambda e: d[e] ** 2 * softmax(e)) - total(lambda e: d[e] * softmax(e)) ** 2,
                total(lambda e: softmax(e) * (d[e] - Sum(d[l] * softmax(l), (l, 0, n - 1))) ** 2),
            ),
            (NONEMPTY,),
        ),
        Sequent(
            "convex",
            Ge(total(lambda e: d[e] ** 2 * softmax(e)) - total(lambda e: d[e] * softmax(e)) ** 2, 0),
            (NONEMPTY,),
        ),
        Sequent("shift", equal(lse(k, lambda e: x[e] + c), lse() + c), (SHARP, NONEMPTY)),
        Sequent(
            "increasing",
            Le(lse(), lse(k, lambda e: d[e]), evaluate=False),
            (SHARP, NONEMPTY, every(Le(x[i], d[i], evaluate=False))),
        ),
    ),
    sources=(Source("nesterov2005"), Source("beck2012")),
)

K_EQUALS_ONE = Claim(
    id="smoothing.k-equals-one",
    title="Log-sum-exp with k = 1 is a maximum only where the gaps are large",
    prose=(
        "The sharpness is often dropped, “absorbed by the network”. Then n equal arguments overshoot by log n, "
        "whatever their size. In general a maximum that leads all others by at least Δ is overshot by at most "
        "log(1 + (n−1)e^(−kΔ))/k, and a rival within Δ of any argument pushes LSE above it by at least "
        "log(1 + e^(−kΔ))/k: small exactly where kΔ is large."
    ),
    statement=(
        Sequent("overshoot", equal(lse(S.One), x[j] + log(n)), (every(equal(x[i], x[j])), *IN_RANGE)),
        Sequent(
            "large-gap",
            Le(lse(), x[j] + log(1 + (n - 1) * exp(-k * gap)) / k, evaluate=False),
            (SHARP, every(Le(x[i], x[j] - gap, evaluate=False), Ne(i, j)), *IN_RANGE),
        ),
        Sequent(
            "small-gap",
            Ge(lse(), x[j] + log(1 + exp(-k * gap)) / k, evaluate=False),
            (SHARP, *IN_RANGE, *_OTHER, Ne(l, j), Ge(x[l], x[j] - gap, evaluate=False)),
        ),
    ),
    sources=(Source("su3290"),),
    uses=("smoothing.lse-sandwich",),
)

SOFTPLUS = Claim(
    id="smoothing.softplus",
    title="Softplus is the smooth maximum of x and 0",
    prose=(
        "log(1 + e^x) is LSE₁(x, 0): it exceeds max(x, 0) strictly and by at most log 2, attained at 0. Its "
        "derivative is the sigmoid, and softplus(x) − softplus(−x) = x."
    ),
    statement=(
        Sequent("above", Lt(Max(u, 0), softplus(u))),
        Sequent("below", Le(softplus(u), Max(u, 0) + log(2), evaluate=False)),
        Sequent("attained", equal(softplus(u), log(2)), (equal(u, S.Zero),)),
        Sequent("derivative", equal(slope(softplus), sigmoid(theta))),
        Sequent("odd-part", equal(softplus(u) - softplus(-u), u)),
    ),
    sources=(Source("su3290"),),
)

MIN = Claim(
    id="smoothing.min",
    title="The smooth minimum",
    prose=(
        "−LSE_k(−x) lies strictly below each of n ≥ 2 arguments and at most (log n)/k below the least: the two bounds "
        "of ``lse-sandwich`` for −x."
    ),
    statement=(
        Sequent("below", Lt(-lse(k, lambda e: -x[e]), x[j]), (Ge(n, 2), SHARP, *IN_RANGE)),
        Sequent(
            "above",
            Ge(-lse(k, lambda e: -x[e]), x[j] - log(n) / k, evaluate=False),
            (SHARP, every(Le(x[j], x[i], evaluate=False)), *IN_RANGE),
        ),
    ),
    sources=(Source("su3290"),),
    uses=("smoothing.lse-sandwich",),
)
