# SPDX-License-Identifier: BSD-3-Clause
"""Smooth absolute values, each with its exact distance from |x|."""

from __future__ import annotations

from sympy import Abs, Ge, Gt, Integral, Le, Lt, Ne, Rational, cosh, erf, erfc, exp, log, sqrt

from .claim import Claim, Sequent, Source
from .smoothing_terms import SHARP, equal, k, mu, sigmoid, t, u, z

_LOG_COSH = 2 * log(cosh(k * u / 2)) / k
_PAIR = log(exp(k * u) + exp(-k * u)) / k
_ERFC_MAX = Rational(240376, 10**6)

ABS_LOGISTIC = Claim(
    id="smoothing.abs-logistic",
    title="Integrating the smooth sign gives log cosh",
    prose=(
        "2σ(kt) − 1 is a smooth sign; its integral from 0 to x is (2/k) log cosh(kx/2), on both sides of 0 and for "
        "either sign of k. The page's (1/k) log(e^(kx) + e^(−kx) + 2) is that plus the constant (2/k) log 2, so it is "
        "not 0 at 0."
    ),
    statement=(
        Sequent("right", equal(Integral(2 * sigmoid(k * z) - 1, (z, 0, u)), _LOG_COSH), (Ne(k, 0), Gt(u, 0))),
        Sequent("left", equal(-Integral(2 * sigmoid(k * z) - 1, (z, u, 0)), _LOG_COSH), (Ne(k, 0), Lt(u, 0))),
        Sequent("printed", equal(log(exp(k * u) + exp(-k * u) + 2) / k, _LOG_COSH + 2 * log(2) / k), (Ne(k, 0),)),
    ),
    sources=(Source("su6620"),),
)

ABS_VARIANTS = Claim(
    id="smoothing.abs-variants",
    title="Four smooth absolute values and how far they are from |x|",
    prose=(
        "On the whole line: (2/k) log cosh(kx/2) lies between |x| − (2 log 2)/k and |x|; (1/k) log(e^(kx) + e^(−kx)) "
        "between |x| and |x| + (log 2)/k; √(x² + μ²) between |x| and |x| + μ; x erf(μx) between |x| − c/μ and |x|, "
        "with c = max t erfc t over t ≥ 0, which lies between 0.240375 (passed at t = 0.5316) and 0.240376. Two "
        "approach |x| from below, two from above."
    ),
    statement=(
        Sequent("log-cosh-below", Le(_LOG_COSH, Abs(u), evaluate=False), (SHARP,)),
        Sequent("log-cosh-above", Ge(_LOG_COSH, Abs(u) - 2 * log(2) / k, evaluate=False), (SHARP,)),
        Sequent("pair-above", Gt(_PAIR, Abs(u)), (SHARP,)),
        Sequent("pair-below", Le(_PAIR, Abs(u) + log(2) / k, evaluate=False), (SHARP,)),
        Sequent("root-above", Ge(sqrt(u**2 + mu**2), Abs(u), evaluate=False)),
        Sequent("root-below", Le(sqrt(u**2 + mu**2), Abs(u) + mu, evaluate=False), (Ge(mu, 0),)),
        Sequent("erf-below", Le(u * erf(mu * u), Abs(u), evaluate=False)),
        Sequent("erf-above", Ge(u * erf(mu * u), Abs(u) - _ERFC_MAX / mu, evaluate=False), (Gt(mu, 0),)),
        Sequent("constant-above", Lt(t * erfc(t), _ERFC_MAX), (Ge(t, 0),)),
        Sequent(
            "constant-below",
            Gt(Rational(5316, 10**4) * erfc(Rational(5316, 10**4)), Rational(240375, 10**6), evaluate=False),
        ),
    ),
    sources=(Source("su6620"), Source("biswas2021")),
)
