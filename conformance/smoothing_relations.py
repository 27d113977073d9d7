# SPDX-License-Identifier: BSD-3-Clause
"""What the theorems about smooth maxima say of an implementation: sandwiches, rates, witnesses, Lipschitz constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import log

from ..theory import smoothing_terms as theory
from ..theory.claim import Claim
from ..theory.oracle import enclose
from ..theory.smoothing_rivals import BOLTZMANN_MONOTONE
from . import regimes
from .contract import NotApplicable
from .floats import Floats, gamma, half_digits, rounded, smallest_subnormal, unit_roundoff
from .law import Law
from .smoothing_cases import CALM, at_row, expected, law, one_row, tested_sharpness, values, weighed, working
from .smoothing_maxima import boltzmann_row, onehot_row, smooth_max_row
from .subject import Output, Subject
from .verdict import Comparison, Expectation, agreeing

Case = tuple[regimes.Drawn, int, float]


def _cases(name: str, kinds: tuple[str, ...] = CALM) -> Any:
    """A regime, the length of a row, a sharpness."""
    return lambda subject: st.tuples(regimes.drawn(kinds), st.integers(2, 6), tested_sharpness(subject, name))


def _row(subject: Subject, case: Case) -> tuple[Floats, float]:
    draw, n, k = case
    return values(draw, (n,), subject.dtype), k


def _at_most(output: Output, ceiling: float, allowed: Expectation, label: str, negated: bool = False) -> Comparison:
    """The output does not exceed the ceiling (or, negated, does not fall below it) by more than its bound."""
    got, code = output.values[0], output.code()
    excess = np.maximum((ceiling - got) if negated else (got - ceiling), 0)
    written = f"np.maximum({ceiling!r} - {code}, 0)" if negated else f"np.maximum({code} - {ceiling!r}, 0)"
    bound = allowed.bound + 2 * unit_roundoff("float64") * abs(ceiling)
    return Comparison(excess, agreeing(np.zeros(got.shape), bound, allowed.refuted_above + bound), written, label)


def _sandwich(subject: Subject, case: Case) -> Iterator[Comparison]:
    """max x ≤ LSE ≤ max x + log n/k, either side within the bound of the value: 6w(|x| + |y|) + γₙ₊₆/k + u|y| + η."""
    x, k = _row(subject, case)
    output, allowed = one_row(subject, "smooth_max", x, k), smooth_max_row(x, k, subject.dtype)
    yield _at_most(output, float(x.max()), allowed, "log-sum-exp below the maximum", negated=True)
    yield _at_most(output, float(x.max() + np.log(x.size) / k), allowed, "log-sum-exp above max + log n/k")


def _equal(subject: Subject, case: Case) -> Iterator[Comparison]:
    """n equal entries v give v + log(n)/k, attained; at k = 1 that overshoots by log n. The bound of the value."""
    draw, n, k = case
    v = float(values(draw, (1,), subject.dtype)[0])
    x = np.full(n, v)
    exact = enclose(theory.x[0] + log(theory.n) / theory.k, {theory.x: [v], theory.n: n, theory.k: k}, dtype="float64")
    allowed = smooth_max_row(x, k, subject.dtype)
    expectation = Expectation(exact.hi, exact.lo, exact.radius, allowed.bound, allowed.refuted_above)
    output = one_row(subject, "smooth_max", x, k)
    yield Comparison(output.values[0], expectation, output.code(), f"log-sum-exp of {n} numbers {v}")


def _gaps(subject: Subject, case: Case) -> Iterator[Comparison]:
    """With a lead Δ the excess over the maximum is between log(1 + e^(−kΔ))/k and log(1 + (n − 1)e^(−kΔ))/k, either
    side within the bound of the value, 6w(|x| + |y|) + γₙ₊₆/k + u|y| + η."""
    x, k = _row(subject, case)
    output, allowed = one_row(subject, "smooth_max", x, k), smooth_max_row(x, k, subject.dtype)
    ordered = np.sort(x)
    close = np.exp(-k * (ordered[-1] - ordered[-2]))
    low, high = (float(ordered[-1] + np.log1p(c * close) / k) for c in (1, x.size - 1))
    yield _at_most(output, low, allowed, "less than one rival adds", negated=True)
    yield _at_most(output, high, allowed, "more than n − 1 rivals at the lead add")


def _softplus(subject: Subject, seed: int) -> Iterator[Comparison]:
    """LSE₁(v, 0) is softplus, exact by the theory, and softplus(v) − softplus(−v) = v: the bound of the value for one,
    of both and a rounding of float64 for the difference."""
    v = float(regimes.build(regimes.Drawn(seed, "generic"), (1,), subject.dtype)[0]) * 4
    exact = enclose(theory.softplus(theory.u), {theory.u: v}, dtype="float64")
    outputs, rows = [], [np.array([v, 0.0]), np.array([-v, 0.0])]
    for x in rows:
        outputs.append(one_row(subject, "smooth_max", x, 1.0))
    a, b = (smooth_max_row(x, 1.0, subject.dtype) for x in rows)
    first, second = outputs
    expectation = Expectation(exact.hi, exact.lo, exact.radius, a.bound, a.refuted_above)
    yield Comparison(first.values[0], expectation, first.code(), "LSE₁(v, 0) against softplus(v)")
    got = first.values[0] - second.values[0]
    bound = a.bound + b.bound + 2 * unit_roundoff("float64") * abs(v)
    expectation = agreeing(v, bound, a.refuted_above + b.refuted_above)
    yield Comparison(got, expectation, f"{first.code()} - {second.code()}", "softplus(v) − softplus(−v) against v")


def _minimum(subject: Subject, case: Case) -> Iterator[Comparison]:
    """−LSE(−x) lies between min x − log(n)/k and min x: the bound of the value at −x."""
    x, k = _row(subject, case)
    output, allowed = one_row(subject, "smooth_max", -x, k), smooth_max_row(-x, k, subject.dtype)
    least = float(x.min())
    yield _at_most(output, -least, allowed, "the smooth minimum above the minimum", negated=True)
    yield _at_most(output, float(np.log(x.size) / k - least), allowed, "the smooth minimum below min − log(n)/k")


def _entropy(subject: Subject, case: Case) -> Iterator[Comparison]:
    """LSE − B = H(softmax(kx))/k, the entropy from the theory; the bounds of both, and their difference is rounded once
    in float64."""
    x, k = _row(subject, case)
    if not all(subject.accepts(name, "sharpness") for name in ("smooth_max", "boltzmann_max")):
        raise NotApplicable("the two functions may be fixed to different sharpnesses")
    upper, lower = (one_row(subject, name, x, k) for name in ("smooth_max", "boltzmann_max"))
    one, two = smooth_max_row(x, k, subject.dtype), boltzmann_row(x, k, subject.dtype)
    high, low, radius = at_row(theory.entropy() / theory.k, x, k)
    more = 2 * unit_roundoff("float64") * (np.abs(upper.values[0]) + np.abs(lower.values[0]))
    expectation = Expectation(high, low, radius, one.bound + two.bound + more, one.refuted_above + two.refuted_above)
    got, code = upper.values[0] - lower.values[0], f"{upper.code()} - {lower.code()}"
    yield Comparison(got, expectation, code, "LSE − B against the entropy over k")


def _boltzmann_sandwich(subject: Subject, case: Case) -> Iterator[Comparison]:
    """max x − log n/k ≤ B ≤ max x, either side within the bound of a mean, Σ sᵢ|xᵢ|(rᵢ + r̄) + u|y| + η."""
    x, k = _row(subject, case)
    output, allowed = one_row(subject, "boltzmann_max", x, k), boltzmann_row(x, k, subject.dtype)
    yield _at_most(output, float(x.max()), allowed, "the Boltzmann mean above the maximum")
    yield _at_most(output, float(x.max() - np.log(x.size) / k), allowed, "below max − log n/k", negated=True)


def _witness(claim: Claim) -> tuple[float, ...]:
    return tuple(float(value) for _, value in claim.refutations()[0].witness)


def _not_monotone(subject: Subject, case: None) -> Iterator[Comparison]:
    """At the witness of the theory raising −3 to −2 lowers B₁(v, 0) = vσ(v): both values, with the bound of a mean,
    Σ sᵢ|xᵢ|(rᵢ + r̄) + u|y| + η."""
    for v in _witness(BOLTZMANN_MONOTONE):
        exact = enclose(theory.swish(theory.u), {theory.u: v}, dtype="float64")
        output = one_row(subject, "boltzmann_max", np.array([v, 0.0]), 1.0)
        allowed = boltzmann_row(np.array([v, 0.0]), 1.0, subject.dtype)
        expectation = Expectation(exact.hi, exact.lo, exact.radius, allowed.bound, allowed.refuted_above)
        yield Comparison(output.values[0], expectation, output.code(), f"B₁({v}, 0) against SiLU")


def _limit(subject: Subject, case: Case) -> Iterator[Comparison]:
    """With a lead Δ the winner has at least 1 − (n − 1)e^(−kΔ), the others at most e^(−kΔ); with m equal maxima each
    has at most 1/m. The bound of a weight: relative exp(δ) − 1 + γ₄ₙ₊₂₀, and u|y| + η."""
    x, k = _row(subject, case)
    output, allowed = one_row(subject, "soft_onehot", x, k), onehot_row(x, k, subject.dtype)
    ordered, best = np.sort(x), np.flatnonzero(x == x.max())
    close = float(np.exp(-k * (ordered[-1] - ordered[-2])))
    low = np.where(x == x.max(), max(0.0, 1 - (x.size - 1) * close) if best.size == 1 else 1 / x.size, 0.0)
    high = np.where(x == x.max(), 1 / best.size, close)
    got, code = output.values[0], output.code()
    excess = np.maximum(np.maximum(low - got, got - high), 0)
    written = f"np.maximum(np.maximum(np.array({low.tolist()}) - {code}, {code} - np.array({high.tolist()})), 0)"
    bound = allowed.bound + 4 * unit_roundoff("float64")
    label = "weights beyond what the lead of the winner allows"
    yield Comparison(excess, agreeing(np.zeros(x.size), bound, allowed.refuted_above + bound), written, label)


def _shares(subject: Subject, case: Case) -> Iterator[Comparison]:
    """n weights add up to 1 within γₙ₊₂ of w, a rounding u of each and n subnormals; none is negative."""
    x, k = _row(subject, case)
    output = one_row(subject, "soft_onehot", x, k)
    y, code, n = output.values[0], output.code(), x.size
    bound = gamma(n + 2, working(subject.dtype)) + unit_roundoff(subject.dtype) + n * smallest_subnormal(subject.dtype)
    yield Comparison(
        y.sum(-1), agreeing(1.0, bound, half_digits(subject.dtype) + bound), f"{code}.sum(-1)", "the sum of the weights"
    )
    negative = np.maximum(-y, 0)
    zero = agreeing(np.zeros(y.shape), 0.0, half_digits(subject.dtype))
    yield Comparison(negative, zero, f"np.maximum(-{code}, 0)", "weights below 0")


def _lipschitz(subject: Subject, case: Case) -> Iterator[Comparison]:
    """‖softmax(k(x + d)) − softmax(kx)‖ ≤ (k/2)‖d‖, within the bounds of both rows in the Euclidean norm, for the d
    between two numbers of the dtype; at x = 0, d = (t, −t) it is nearly attained, so a factor above 1/2 shows."""
    draw, n, k = case
    x = values(draw, (n,), subject.dtype)
    if draw.seed % 2:
        x = np.zeros(n)
    d = np.zeros(n)
    d[:2] = np.array([1.0, -1.0]) / (16 * k)
    other = rounded(x + d, subject.dtype)
    a, b = one_row(subject, "soft_onehot", x, k), one_row(subject, "soft_onehot", other, k)
    one, two = onehot_row(x, k, subject.dtype), onehot_row(other, k, subject.dtype)
    limit = float(k / 2 * np.linalg.norm(other - x))
    got = np.linalg.norm(b.values[0] - a.values[0])
    bound = np.linalg.norm(one.bound) + np.linalg.norm(two.bound) + 8 * n * unit_roundoff("float64")
    wrong = np.linalg.norm(one.refuted_above) + np.linalg.norm(two.refuted_above)
    written = f"np.maximum(np.linalg.norm({b.code()} - {a.code()}) - {limit!r}, 0)"
    yield Comparison(np.asarray(max(got - limit, 0.0)), agreeing(0.0, bound, wrong + bound), written, "beyond (k/2)‖d‖")


def _middle(subject: Subject, case: tuple[float, float, float]) -> Iterator[Comparison]:
    """For (a, b, a) the mean index is 1 whatever a, b and k; as (a, a, b) it is less for b < a. The weights have the
    relative error r, so that 1 is met within Σ i sᵢ(rᵢ + r̄) + u + η."""
    top, low, k = case
    x = np.array([top, low, top])
    output, h = one_row(subject, "soft_argmax", x, k), weighed(x, k, subject.dtype)
    zero = np.zeros(())
    expectation = expected((np.ones(()), zero, zero), h.spread(np.arange(3.0)), 1.0, subject.dtype)
    yield Comparison(output.values[0], expectation, output.code(), f"the mean index of {x.tolist()}")


def _rate(subject: Subject, case: Case) -> Iterator[Comparison]:
    """The mean index is within (n − 1)² e^(−kΔ) of the argmax when it leads by Δ; Σ i sᵢ(rᵢ + r̄) + u|y| + η more."""
    x, k = _row(subject, case)
    ordered = np.sort(x)
    output, h = one_row(subject, "soft_argmax", x, k), weighed(x, k, subject.dtype)
    rate = float((x.size - 1) ** 2 * np.exp(-k * (ordered[-1] - ordered[-2])))
    best, code = float(np.argmax(x)), output.code()
    excess = np.maximum(np.abs(output.values[0] - best) - rate, 0)
    bound = h.spread(np.arange(float(x.size))) + unit_roundoff(subject.dtype) * x.size
    bound = bound + 4 * unit_roundoff("float64") * (best + rate)
    wrong = bound + half_digits(subject.dtype)
    written = f"np.maximum(np.abs({code} - {best!r}) - {rate!r}, 0)"
    yield Comparison(excess, agreeing(0.0, bound, wrong), written, "the mean index beyond the rate from the argmax")


def _middles(subject: Subject) -> st.SearchStrategy[tuple[float, float, float]]:
    tops = st.sampled_from([10.0, 0.0, -2.0])
    return st.tuples(tops, st.sampled_from([0.0, 1.0]), tested_sharpness(subject, "soft_argmax"))


def _none(subject: Subject) -> st.SearchStrategy[None]:
    return st.none()


def _seeds(subject: Subject) -> st.SearchStrategy[int]:
    return regimes.SEEDS


_MAX, _MEAN, _HOT, _INDEX = "smooth_max", "boltzmann_max", "soft_onehot", "soft_argmax"
RELATIONS: tuple[Law, ...] = (
    law(_MAX, "sandwich", "lse-sandwich nesterov", "max ≤ LSE ≤ max + log n/k.", _cases(_MAX), _sandwich),
    law(_MAX, "equal", "lse-sandwich k-equals-one", "n equal numbers v give v + log(n)/k.", _cases(_MAX), _equal),
    law(_MAX, "gaps", "k-equals-one", "The excess is that of the lead.", _cases(_MAX), _gaps),
    law(_MAX, "softplus", "softplus", "LSE₁(v, 0) is softplus.", _seeds, _softplus),
    law(_MAX, "minimum", "min", "−LSE(−x) is a smooth minimum.", _cases(_MAX), _minimum),
    law(f"{_MAX}+{_MEAN}", "entropy", "lse-entropy", "LSE − B is the entropy over k.", _cases(_MAX), _entropy),
    law(_MEAN, "sandwich", "boltzmann", "max − log n/k ≤ B ≤ max.", _cases(_MEAN), _boltzmann_sandwich),
    law(
        _MEAN,
        "witness",
        "boltzmann-monotone lse-entropy",
        "B₁(v, 0) is SiLU and not monotone.",
        _none,
        _not_monotone,
        examples=1,
    ),
    law(_HOT, "limit", "softmax-onehot", "Weights within what the lead allows.", _cases(_HOT), _limit),
    law(_HOT, "shares", "softmax-is-soft-max softmax-derivation", "Positive and of sum 1.", _cases(_HOT), _shares),
    law(_HOT, "lipschitz", "softmax-half-lipschitz nesterov", "It is k/2-Lipschitz.", _cases(_HOT), _lipschitz),
    law(_INDEX, "middle", "softargmax", "(a, b, a) gives the middle.", _middles, _middle),
    law(_INDEX, "rate", "softargmax", "Near the argmax when it leads.", _cases(_INDEX), _rate),
)
