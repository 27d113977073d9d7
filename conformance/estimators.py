# SPDX-License-Identifier: BSD-3-Clause
"""Laws of the two gradient estimators: the Gaussian sample that is differentiated, and the score surrogate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Sum

from ..theory import reparameterization_terms as theory
from ..theory.oracle import enclose, gradient
from . import regimes
from .call import Array, Call, Generator
from .contract import Contract, Promise
from .floats import gamma, half_digits, rounded, smallest_subnormal, unit_roundoff
from .law import Law
from .regimes import Drawn
from .sampling import Floats, between, counts, repeatable, repeated, seeds
from .subject import Misbehaviour, Subject
from .verdict import Comparison, Expectation, agreeing, exactly

# The Gaussian --------------------------------------------------------------------------------------

# Locations and scales of the columns that are drawn; all of them are representable in every dtype.
MEANS = np.array([0.0, 0.0, 0.0, 1.5, -3.0])
DEVIATIONS = np.array([1.0, 0.25, 3.0, 0.5, 2.0])
POINTS = np.arange(-4.0, 4.5, 0.5)
ROWS = 2**16


def _gaussian(subject: Subject, mean: Any, std: Any, seed: int) -> Call:
    return subject.call("gaussian", mean, std, generator=Generator(seed))


def _moved(points: Floats, mean: Any, std: Any, dtype: str) -> Floats:
    """What evaluating μ + σε in ``dtype`` may move ε by: ε off by 2u |ε|, a product and a sum."""
    result: Floats = 4 * unit_roundoff(dtype) * (np.abs(points) + np.abs(mean) / std)
    return result


def _normal_law(subject: Subject, seed: int) -> Iterator[Comparison]:
    """The number of draws at most μ + xσ, for x from −4 to 4 and five pairs (μ, σ), is Binomial with p = Φ(x), x being
    off by up to 4u(|x| + |μ|/σ) from evaluating μ + σε; judged by Chernoff's bound over 2¹⁶ draws."""
    mean, std = (repeated(v, ROWS) for v in (MEANS, DEVIATIONS))
    output = subject.run(_gaussian(subject, mean, std, seed))
    points = POINTS[:, None] + 0 * MEANS
    limits = MEANS + points * DEVIATIONS
    low, high = between(theory.normal_cdf, points, _moved(points, MEANS, DEVIATIONS, subject.dtype))
    got = (output.values[0][:, None, :] <= limits).sum(0)
    source = f"({output.code()}[:, None, :] <= np.array({limits.tolist()})).sum(0)"
    label = f"draws among {ROWS} that are at most μ − 4σ, …, μ + 4σ"
    yield Comparison(got, counts(ROWS, low, high, 1), source, label)


DIFFERENCES = np.arange(-4.0, 4.5)


def _normal_pairs(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Differences of independent standard draws are normal with standard deviation √2: neighbours of a row, rows of one
    call, calls with two seeds. Unless one exceeds 5, which has probability 4 Φ(−5), both are off by 20u, so the number
    of differences at most x is Binomial with p = Φ(x/√2), x being off by 40u; judged by Chernoff's bound."""
    ones, zeros = (repeated(np.full(1, v), 2, ROWS, 2) for v in (1.0, 0.0))
    mean, std = (Array(v.values[..., 0]) for v in (zeros, ones))
    first, other = (subject.run(_gaussian(subject, mean, std, s)) for s in (seed, seed + 1))
    a, code, more = first.values[0], first.code(), other.code()
    beyond = 4 * float(between(theory.normal_cdf, -5.0, 0.0)[0])
    scale = np.sqrt(2.0)
    low, high = between(theory.normal_cdf, DIFFERENCES / scale, 40 * unit_roundoff(subject.dtype) / scale)
    allowed = counts(ROWS, low - beyond, high + beyond, 3)
    for b, source, what in (
        (a[0, :, 1], f"{code}[0, :, 1]", "neighbours"),
        (a[1, :, 0], f"{code}[1, :, 0]", "two rows"),
        (other.values[0][0, :, 0], f"{more}[0, :, 0]", "calls with two seeds"),
    ):
        got = (a[0, :, 0, None] - b[:, None] <= DIFFERENCES).sum(0)
        written = f"({code}[0, :, 0, None] - {source}[:, None] <= {DIFFERENCES.tolist()}).sum(0)"
        yield Comparison(got, allowed, written, f"differences of {what} that are at most −4, …, 4, of {ROWS}")


def _no_spread(subject: Subject, case: tuple[Drawn, tuple[int, ...], int]) -> Iterator[Comparison]:
    """μ + 0 · ε is μ, whatever the noise: no bound is involved."""
    draw, shape, seed = case
    mean = regimes.build(draw, shape, subject.dtype)
    output = subject.run(_gaussian(subject, Array(mean), Array(np.zeros(shape)), seed))
    yield Comparison(output.values[0], exactly(mean), output.code(), "draws without spread")


_SAMPLE = theory.mu + theory.sigma * theory.x


def _pathwise(subject: Subject, case: tuple[int, tuple[int, ...]]) -> Iterator[Comparison]:
    """For z = μ + σε the gradient of Σ g z is g with respect to μ, and g ε with respect to σ, where ε = (z − μ)/σ of
    the same draw. z is off by 4u(|μ| + σ|ε|) and carries this over to ε; the product with g rounds twice: 2u |g ε|.
    With subnormals where these are smaller."""
    seed, shape = case
    rng, dtype = np.random.default_rng(seed), subject.dtype
    u, eta = unit_roundoff(dtype), smallest_subnormal(dtype)
    mean, g = (rounded(rng.standard_normal(shape), dtype) for _ in range(2))
    std = rounded(rng.uniform(0.5, 2, shape), dtype)
    call = _gaussian(subject, Array(mean), Array(std), seed)
    z = subject.run(call).values[0]
    got = subject.gradient(call, (0, 1), (Array(g),))
    noise = (z - mean) / std
    by_mean, by_std = (
        enclose(theory.y * gradient(_SAMPLE, v), {theory.y: g, theory.x: noise}, dtype="float64")
        for v in (theory.mu, theory.sigma)
    )
    bound = 2 * u * np.abs(g) + eta
    wrong = bound + half_digits(dtype) * np.abs(g)
    yield Comparison(
        got.values[0], Expectation(by_mean.hi, by_mean.lo, by_mean.radius, bound, wrong), got.code(0), "by the mean"
    )
    moved = 4 * u * (np.abs(mean) + np.abs(z - mean)) / std
    bound = np.abs(g) * (moved + 2 * u * np.abs(noise)) + eta * (1 + np.abs(g) / std)
    wrong = bound + half_digits(dtype) * np.abs(g) * (1 + np.abs(noise))
    yield Comparison(
        got.values[1], Expectation(by_std.hi, by_std.lo, by_std.radius, bound, wrong), got.code(1), "by the deviation"
    )


# The score surrogate -------------------------------------------------------------------------------

# The estimator is the mean of reward × score over n samples: linear in the gradients of the log-probabilities.
_ESTIMATE = Sum(theory.f[theory.i] * theory.d[theory.i], (theory.i, 0, theory.n - 1)) / theory.n
_SHARE = gradient(_ESTIMATE, theory.d[theory.j])


def _score(subject: Subject, case: tuple[Drawn, int]) -> Iterator[Comparison]:
    """The estimate is Σ fᵢ ∂ log pᵢ / n, so the gradient with respect to log pᵢ is fᵢ/n: 1/n, the product and the
    result round, γ₄ |fᵢ|/n, and each may underflow, by at most a subnormal times 1 + |fᵢ|."""
    draw, n = case
    dtype = subject.dtype
    log_prob = rounded(-np.abs(draw.rng.standard_normal(n)) - 1 / 8, dtype)
    reward = regimes.build(draw, (n,), dtype)
    got = subject.gradient(subject.call("score_surrogate", Array(log_prob), Array(reward)), (0,), (Array(np.ones(())),))
    exact = enclose(_SHARE, {theory.f: reward.tolist(), theory.n: n, theory.j: np.arange(n)}, dtype="float64")
    eta = smallest_subnormal(dtype)
    bound = gamma(4, dtype) * np.abs(exact.hi) + eta * (1 + np.abs(reward))
    wrong = bound + half_digits(dtype) * np.abs(exact.hi)
    label = "the gradient with respect to log_prob"
    yield Comparison(got.values[0], Expectation(exact.hi, exact.lo, exact.radius, bound, wrong), got.code(0), label)


def _no_reward(subject: Subject, case: tuple[Drawn, int]) -> Iterator[Comparison]:
    """The reward is a constant for differentiation: its gradient is exactly 0, or there is none to be had."""
    draw, n = case
    log_prob = rounded(-np.abs(draw.rng.standard_normal(n)) - 1 / 8, subject.dtype)
    reward = regimes.build(draw, (n,), subject.dtype)
    call = subject.call("score_surrogate", Array(log_prob), Array(reward))
    subject.run(call)
    try:
        got = subject.gradient(call, (1,), (Array(np.ones(())),))
    except Misbehaviour:  # cut off: there is nothing to differentiate
        return
    expectation = agreeing(np.zeros(n), 0.0, 0.0)
    yield Comparison(got.values[0], expectation, got.code(0), "the gradient with respect to the reward")


# The registries ------------------------------------------------------------------------------------

SHAPES = st.sampled_from([(3,), (1,), (), (2, 3), (3, 1, 2)])
# Means and rewards of any size but those whose sum would overflow.
SIZES = tuple(r for r in regimes.FINITE if r != "large")


@st.composite
def _gaussian_calls(fetch: Any, subject: Subject) -> Call:
    repeatable(subject, "gaussian")
    seed, size = fetch(seeds(subject)), fetch(st.integers(1, 5))
    rng = np.random.default_rng(seed)
    mean, std = rng.standard_normal(size), rng.uniform(0.5, 2, size)
    return _gaussian(subject, Array(rounded(mean, subject.dtype)), Array(rounded(std, subject.dtype)), seed)


@st.composite
def _score_calls(fetch: Any, subject: Subject) -> Call:
    draw, n = fetch(_score_cases(subject))
    values = rounded(-np.abs(draw.rng.standard_normal(n)) - 1 / 8, subject.dtype)
    return subject.call("score_surrogate", Array(values), Array(regimes.build(draw, (n,), subject.dtype)))


def _score_cases(subject: Subject) -> st.SearchStrategy[tuple[Drawn, int]]:
    return st.tuples(regimes.drawn(regimes.ORDINARY), st.integers(1, 9))


CONTRACTS = (
    Contract(
        "gaussian",
        "(mean, std, *, generator)",
        "mean and std of one shape and dtype → draws of that shape and dtype",
        _gaussian_calls,
        lambda subject, call: (Promise(call.arguments[0].values.shape),),
        differentiable=True,
    ),
    Contract(
        "score_surrogate",
        "(log_prob, reward)",
        "log_prob (samples,), reward (samples,) → a scalar whose gradient estimates that of the expected reward",
        _score_calls,
        lambda subject, call: (Promise(()),),
        differentiable=True,
    ),
)


def _law(id: str, claim: str, contract: str, statement: str, check: Any, **options: Any) -> Law:
    claims = (f"reparameterization.{claim}",)
    return Law(id, claims, (contract,), statement, options.pop("cases", seeds), check, **{"examples": 1, **options})


SAMPLING = (
    _law("normal-law", "gaussian", "gaussian", "Draws have the law N(μ, σ²).", _normal_law),
    _law("normal-pairs", "gaussian", "gaussian", "Draws are independent.", _normal_pairs),
)

EXACT = (
    _law(
        "no-spread",
        "gaussian",
        "gaussian",
        "With standard deviation 0 the draw is the mean.",
        _no_spread,
        cases=lambda subject: st.tuples(regimes.drawn(SIZES), SHAPES, seeds(subject)),
        examples=12,
    ),
    _law(
        "pathwise",
        "gaussian",
        "gaussian",
        "The gradients are those of μ + σε along the noise that was drawn.",
        _pathwise,
        cases=lambda subject: st.tuples(seeds(subject), SHAPES),
        gradient=True,
        examples=12,
    ),
    _law(
        "score",
        "score-estimator",
        "score_surrogate",
        "The gradient of the surrogate is the score-function estimate.",
        _score,
        cases=_score_cases,
        gradient=True,
        examples=12,
    ),
    _law(
        "reward-constant",
        "score-estimator",
        "score_surrogate",
        "The reward is a constant for differentiation.",
        _no_reward,
        cases=_score_cases,
        gradient=True,
        examples=6,
    ),
)
