# SPDX-License-Identifier: BSD-3-Clause
"""Power means, and the recipe h⁻¹(h(kx) + h(ky))/k that they are the standard failure of."""

from __future__ import annotations

from sympy import Abs, Function, Ge, Gt, Le, Limit, Max, Ne, S, exp, log, oo, sqrt

from .claim import Claim, ForAll, Refutation, Sequent, Source
from .smoothing_terms import (
    IN_RANGE,
    SHARP,
    TOP,
    a,
    b,
    c,
    equal,
    every,
    i,
    j,
    k,
    m,
    n,
    power_mean,
    q,
    total,
    u,
    v,
    x,
)

_NORM = total(lambda e: Abs(x[e]) ** m) ** (1 / m)
_LARGEST = every(Le(Abs(x[i]), Abs(x[j]), evaluate=False))

POWER_MEAN = Claim(
    id="smoothing.power-mean",
    title="Power means tend to the maximum of numbers ≥ 0; with even exponents, to the largest absolute value",
    prose=(
        "For positive xᵢ and every exponent p > 0, (Σ xᵢ^p)^(1/p) lies between the largest xⱼ and xⱼ n^(1/p), so it "
        "tends to xⱼ as p → ∞; it is the exponential of log-sum-exp of the logarithms. With absolute values the "
        "bounds hold for numbers of any sign, as long as not all are 0, stated for whole exponents m ≥ 1: "
        "(Σ |xᵢ|^m)^(1/m) lies between the largest |xⱼ| and n^(1/m) times that. For numbers ≥ 0 the absolute values "
        "can be left out, for even exponents too, so that even exponents find the largest absolute value and not the "
        "maximum: (−1, −1) gives 2^(1/p), which tends to 1."
    ),
    statement=(
        Sequent("above", Le(x[j], power_mean(q), evaluate=False), (q > 0, every(Gt(x[i], 0)), *IN_RANGE)),
        Sequent(
            "below",
            Le(power_mean(q), x[j] * n ** (1 / q), evaluate=False),
            (q > 0, every(Gt(x[i], 0)), TOP, *IN_RANGE),
        ),
        Sequent("limit", equal(Limit(power_mean(q), q, oo), x[j]), (every(Gt(x[i], 0)), TOP, *IN_RANGE)),
        Sequent("norm-above", Le(Abs(x[j]), _NORM, evaluate=False), (Ge(m, 1), Ne(x[j], 0), *IN_RANGE)),
        Sequent(
            "norm-below",
            Le(_NORM, Abs(x[j]) * n ** (1 / m), evaluate=False),
            (Ge(m, 1), Ne(x[j], 0), _LARGEST, *IN_RANGE),
        ),
        Refutation(
            "all-signs",
            Sequent("all-signs", Le(sqrt(a**2 + b**2), sqrt(2) * Max(a, b), evaluate=False)),
            ((a, S.NegativeOne), (b, S.NegativeOne)),
        ),
    ),
    sources=(Source("su3290"),),
    no_law="no contract computes power means",
)

grow, back = (Function(name, real=True) for name in ("h", "H"))
_DOUBLED = back(grow(k * a) + grow(k * a)) / k
_RECIPE = back(grow(k * a) + grow(k * b)) / k
# an increasing h ≥ 0 on the numbers ≥ 0, and its inverse H: which side of the inverse is needed differs
_NOT_NEGATIVE = ForAll((u,), Ge(grow(u), 0), (Ge(u, 0),))
_GROWS = ForAll((u, v), Le(grow(u), grow(v), evaluate=False), (Ge(u, 0), Le(u, v)))
_BACK_GROWS = ForAll((u, v), Le(back(u), back(v), evaluate=False), (Ge(u, 0), Le(u, v)))
_UNDOES = ForAll((u,), equal(back(grow(u)), u), (Ge(u, 0),))

GENERAL_RECIPE = Claim(
    id="smoothing.general-recipe",
    title="h⁻¹(h(kx) + h(ky))/k needs an h that doubles between t and ct for every c > 1: no power does",
    prose=(
        "The recipe is sold for every increasing h that grows faster than linearly. With a power h(t) = t^q, q > 0, "
        "on positive numbers the sharpness k cancels: the value is (x^q + y^q)^(1/q) for every k, which exceeds the "
        "maximum and never approaches it; for q = 2 it is √(x² + y²). With h = exp it is log-sum-exp. Growth slower "
        "than exponential can do: h(t) = e^√t, with the inverse log², tends to the maximum. What decides is how soon "
        "h doubles. Let h ≥ 0 be increasing with inverse H, and x ≥ y ≥ 0. The value is never below x. It is at most "
        "cx where h(ckx) ≥ 2h(kx); and for y = x it is so only there. Hence the recipe tends to the maximum exactly "
        "if for every c > 1 it is true that h(ct) ≥ 2h(t) for all large t."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "powers",
            equal(((k * a) ** q + (k * b) ** q) ** (1 / q) / k, (a**q + b**q) ** (1 / q)),
            (SHARP, Gt(a, 0), Gt(b, 0), Gt(q, 0)),
        ),
        Sequent("too-large", Gt((a**q + b**q) ** (1 / q), Max(a, b)), (Gt(a, 0), Gt(b, 0), Gt(q, 0))),
        Sequent(
            "no-limit",
            equal(Limit(((k * a) ** q + (k * b) ** q) ** (1 / q) / k, k, oo), (a**q + b**q) ** (1 / q)),
            (Gt(a, 0), Gt(b, 0), Gt(q, 0)),
        ),
        Sequent(
            "subexponential",
            equal(Limit(log(exp(sqrt(k * a)) + exp(sqrt(k * b))) ** 2 / k, k, oo), a),
            (Ge(b, 0), Le(b, a)),
        ),
        Sequent(
            "at-least",
            Ge(_RECIPE, a, evaluate=False),
            (SHARP, Ge(a, 0), Ge(b, 0), _NOT_NEGATIVE, _UNDOES, _BACK_GROWS),
        ),
        Sequent(
            "doubling-is-enough",
            Le(_RECIPE, c * a, evaluate=False),
            (
                SHARP,
                Ge(b, 0),
                Le(b, a),
                Ge(c, 0),
                Ge(grow(c * k * a), 2 * grow(k * a)),
                _NOT_NEGATIVE,
                _GROWS,
                _UNDOES,
                _BACK_GROWS,
            ),
        ),
        Sequent(
            "doubling-is-needed",
            Ge(grow(c * k * a), 2 * grow(k * a), evaluate=False),
            (
                SHARP,
                Le(_DOUBLED, c * a),
                Ge(back(2 * grow(k * a)), 0),
                equal(grow(back(2 * grow(k * a))), 2 * grow(k * a)),
                _GROWS,
            ),
        ),
        Refutation(
            "square",
            Sequent(
                "square",
                Le(sqrt((k * a) ** 2 + (k * b) ** 2) / k, Max(a, b) + log(2) / k, evaluate=False),
                (SHARP, Gt(a, 0), Gt(b, 0)),
            ),
            ((k, S(10)), (a, S.One), (b, S.One)),
        ),
    ),
    sources=(Source("su3290"),),
    no_law="no contract takes the function h",
)
