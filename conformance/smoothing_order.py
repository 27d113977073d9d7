# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of soft ranks and NeuralSort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..theory import smoothing_terms as theory
from ..theory.oracle import enclose, gradient
from . import regimes
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, gamma, half_digits, rounded, smallest_normal, unit_roundoff
from .law import Law
from .smoothing_cases import CALM, against_expectation, expected, gathered, law, working
from .subject import Subject
from .verdict import Comparison, Expectation, agreeing, exactly

TAUS = (1.0, 0.25, 2.0, 0.1)
SHAPES = ((3,), (4,), (2, 3), (2, 1, 2), (1,))
_TAU = theory.t
_RANK = theory.soft_rank(_TAU)
_SORT = theory.neural_sort(theory.r, _TAU)


def _tau(subject: Subject, call: Call) -> float:
    return float(subject.value(call.contract, "tau", call.keywords.get("tau")))


def _taus(subject: Subject, name: str) -> st.SearchStrategy[float]:
    if subject.accepts(name, "tau"):
        return st.sampled_from(TAUS)
    return st.just(float(subject.value(name, "tau", None)))


def _calls(name: str) -> Any:
    @st.composite
    def draw(fetch: Any, subject: Subject) -> Call:
        tau, shape = fetch(_taus(subject, name)), fetch(st.sampled_from(SHAPES))
        x = regimes.build(fetch(regimes.drawn((*CALM, "one dominant"))), shape, subject.dtype)
        return subject.call(name, Array(x), tau=tau)

    return draw


def _given(x: Floats, tau: float) -> dict[Any, Any]:
    return {theory.x: x.tolist(), theory.n: x.size, _TAU: tau, theory.j: np.arange(x.size)}


def _rank_row(x: Floats, tau: float, dtype: str) -> Expectation:
    exact = enclose(_RANK, _given(x, tau), dtype="float64")
    return expected((exact.hi, exact.lo, exact.radius), x.size * gamma(x.size + 8, working(dtype)), 1.0, dtype)


def _sort_row(x: Floats, tau: float, dtype: str) -> Expectation:
    n, w = x.size, unit_roundoff(working(dtype))
    high, low, radius, off = (np.empty((n, n)) for _ in range(4))
    signs = np.sign(x[:, None] - x[None, :])
    apart = np.abs(x[:, None] - x[None, :]).sum(0)
    for row in range(n):
        given = {**_given(x, tau), theory.r: row + 1, theory.sign: lambda i, j: int(signs[int(i), int(j)])}
        exact = enclose(_SORT, given, dtype="float64")
        high[row], low[row], radius[row] = exact.hi, exact.lo, exact.radius
        off[row] = w * (2 * abs(n - 1 - 2 * row) * np.abs(x) + (n + 6) * apart + 4 * np.abs(x)) / tau
    relative = np.expm1(off + off.max(-1, keepdims=True)) + gamma(4 * n + 20, working(dtype))
    relative = relative + (high * relative).sum(-1, keepdims=True)
    bound = high * relative + smallest_normal(working(dtype))
    return expected((high, low, radius), bound, 1.0, dtype)


def _expect(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    x: Floats = call.arguments[0].values
    one = _rank_row if call.contract == "soft_rank" else _sort_row
    rows = [one(row, _tau(subject, call), subject.dtype) for row in x.reshape(-1, x.shape[-1])]
    return (gathered(rows, x.shape if call.contract == "soft_rank" else (*x.shape, x.shape[-1])),)


def _rank_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Each of n − 1 sigmoids of z = (sⱼ − sᵢ)/τ is at most 1 and off by 3w|z|σ′(z) < w and by its own 2w; the sum of
    n terms adds γₙ of n: within n γₙ₊₈ of w, and u|y| + η for rounding."""
    yield from against_expectation(subject, call)


def _sort_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """A logit is off by δ = w(2|n + 1 − 2i||sⱼ| + (n + 6)Aⱼ + 4|sⱼ|)/τ with Aⱼ = Σ|sⱼ − s_l|, a sum of n terms; an
    entry has relative error exp(δ + δ_max) − 1 + γ₄ₙ₊₂₀ and the mean of that over the row; u|y| + η for rounding, and
    what is below the smallest normal number may be 0."""
    yield from against_expectation(subject, call)


_RANK_SLOPE = gradient(theory.soft_rank(_TAU).xreplace({theory.j: theory.l}), theory.x[theory.j])
_SORT_SLOPE = gradient(theory.neural_sort(theory.r, _TAU).xreplace({theory.j: theory.m}), theory.x[theory.j])


def _rank_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """Σᵢ gᵢ ∂rankᵢ/∂sⱼ is a sum of n terms (gᵢ − gⱼ)σ′(z)/τ, where σ′ ≤ 1/4 changes by less than w for an error 3w of z
    and comes from sigmoids that are off by 2w: within γ₄ₙ₊₂₄ of w of Σᵢ(|gᵢ| + |gⱼ|)/τ, and u|y| + η."""
    call, seed = case
    x, tau = call.arguments[0].values, _tau(subject, call)
    g = rounded(np.random.default_rng(seed).standard_normal(x.shape), subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    n = x.shape[-1]
    rows = []
    for row, weight in zip(x.reshape(-1, n), g.reshape(-1, n), strict=True):
        total = np.zeros((3, n))
        for i in range(n):
            exact = enclose(_RANK_SLOPE, {**_given(row, tau), theory.l: i}, dtype="float64")
            total += np.stack([weight[i] * exact.hi, weight[i] * exact.lo, np.abs(weight[i]) * exact.radius])
        size = (np.abs(weight).sum() + n * np.abs(weight)) / tau
        bound = (gamma(4 * n + 24, working(subject.dtype)) + gamma(2 * n, "float64")) * size
        rows.append(expected((total[0], total[1], total[2]), bound, size, subject.dtype))
    yield Comparison(got.values[0], gathered(rows, x.shape), got.code(0), "the gradient of the ranks")


def _sort_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """Pᵢⱼ(gᵢⱼ − Σ Pg) is the gradient by a logit, and a logit moves with a score by at most 2n/τ: within exp(2δ) − 1
    + γ₈ₙ₊₃₂ of 4n/τ Σ P|g| a row, δ as for the value; |·| has slope 0 at 0. u|y| + η for rounding."""
    call, seed = case
    x, tau = call.arguments[0].values, _tau(subject, call)
    n = x.shape[-1]
    g = rounded(np.random.default_rng(seed).standard_normal((*x.shape, n)), subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    rows = []
    for row, weight in zip(x.reshape(-1, n), g.reshape(-1, n, n), strict=True):
        signs = np.sign(row[:, None] - row[None, :])
        total, size = np.zeros((3, n)), 0.0
        given = {**_given(row, tau), theory.sign: lambda i, j, signs=signs: int(signs[int(i), int(j)])}
        for i in range(n):
            for m in range(n):
                exact = enclose(_SORT_SLOPE, {**given, theory.r: i + 1, theory.m: m}, dtype="float64")
                factor = weight[i, m]
                total += np.stack([factor * exact.hi, factor * exact.lo, np.abs(factor) * exact.radius])
        size = 4 * n / tau * float(np.abs(weight).sum())
        apart = np.abs(row[:, None] - row[None, :]).sum(0)
        delta = unit_roundoff(working(subject.dtype)) * ((2 * n + 4) * np.abs(row) + (n + 6) * apart).max() / tau
        relative = np.expm1(2 * delta) + gamma(8 * n + 32, working(subject.dtype)) + gamma(2 * n * n, "float64")
        rows.append(expected((total[0], total[1], total[2]), relative * size, size, subject.dtype))
    yield Comparison(got.values[0], gathered(rows, x.shape), got.code(0), "the gradient of the matrix")


def _rank_near(subject: Subject, call: Call) -> Iterator[Comparison]:
    """A rank is within Σ e^(−|sⱼ − sᵢ|/τ) of 1 + the number of larger scores, over the others: each sigmoid is that
    close to its step. The bound of the value, n γₙ₊₈ of w and u|y| + η."""
    output, tau = subject.run(call), _tau(subject, call)
    (allowed,) = _expect(subject, call, output.dtypes)
    x: Floats = call.arguments[0].values
    difference = x[..., None, :] - x[..., :, None]
    ranks = 1 + (difference > 0).sum(-1)
    rate = np.exp(-np.abs(difference) / tau).sum(-1) - 1
    excess = np.maximum(np.abs(output.values[0] - ranks) - rate, 0)
    written = f"np.maximum(np.abs({output.code()} - np.array({ranks.tolist()})) - np.array({rate.tolist()}), 0)"
    bound = allowed.bound + gamma(x.shape[-1] + 8, "float64") * (ranks + rate)
    wrong = allowed.refuted_above + bound
    yield Comparison(excess, agreeing(np.zeros(x.shape), bound, wrong), written, "ranks too far from the true ones")


def _stochastic(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The n entries of a row add up to 1 within γₙ₊₂ of w and u of each, n times the smallest normal number more."""
    output = subject.run(call)
    n = call.arguments[0].values.shape[-1]
    bound = gamma(n + 2, working(subject.dtype)) + unit_roundoff(subject.dtype)
    bound = bound + n * smallest_normal(working(subject.dtype)) + gamma(n, "float64")
    total, code = output.values[0].sum(-1), f"{output.code()}.sum(-1)"
    one = agreeing(np.ones(total.shape), bound, bound + half_digits(subject.dtype))
    yield Comparison(total, one, code, "sums of the rows")


LONG = {"bfloat16": 250}


def _winners(subject: Subject, case: int) -> Iterator[Comparison]:
    """Scores on a grid of 2⁻⁸ (2⁻⁶ in bfloat16) with τ a power of 2: all logits are exact in the precision to work in,
    and neighbours differ by their gap over τ. Rounding is monotone, so entry i of the order is among the largest of
    row i: no bound. Sums in the 16-bit dtype itself lose the order."""
    n = LONG.get(subject.dtype, 1000)
    grid = 2.0**-6 if n == 250 else 2.0**-8
    x = (np.random.default_rng(case).permutation(n) - n // 2) * grid
    tau = 1.0 if subject.accepts("neural_sort", "tau") else float(subject.value("neural_sort", "tau", None))
    output = subject.run(subject.call("neural_sort", Array(x), tau=tau))
    y, order = output.values[0], np.argsort(-x, kind="stable")
    missed = np.asarray((y[np.arange(n), order] != y.max(-1)).sum(), np.float64)
    scores = f"(np.random.default_rng({case}).permutation({n}) - {n // 2})"
    code = f"({output.code()}[np.arange({n}), np.argsort(-{scores})] != {output.code()}.max(-1)).sum()"
    yield Comparison(missed, exactly(0.0), code, f"rows of {n} whose largest entry is not at its place in the order")


def _seeds(subject: Subject) -> st.SearchStrategy[int]:
    return regimes.SEEDS


def _slope_cases(name: str) -> Any:
    return lambda subject: st.tuples(_calls(name)(subject), regimes.SEEDS)


def _contract(name: str, shapes: str, square: bool) -> Contract:
    def promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
        shape = call.arguments[0].values.shape
        return (Promise((*shape, shape[-1]) if square else shape),)

    return Contract(
        name, "(scores, *, tau)", shapes, _calls(name), promise, _expect, ("scores",), 1, differentiable=True
    )


_R, _S = "soft_rank", "neural_sort"
CONTRACTS = (
    _contract(_R, "scores (..., n) → descending ranks from 1, shape of scores", False),
    _contract(_S, "scores (..., n) → a row-stochastic matrix (..., n, n), descending", True),
)
LAWS: tuple[Law, ...] = (
    law(_R, "value", "floor", "1 + Σ σ((sⱼ − sᵢ)/τ).", _calls(_R), _rank_value, examples=30),
    law(_R, "near", "floor", "Near the true rank.", _calls(_R), _rank_near),
    law(_R, "gradient", "floor", "Its derivative.", _slope_cases(_R), _rank_slope, gradient=True, examples=10),
    law(_S, "value", "softmax-derivation", "The formula.", _calls(_S), _sort_value),
    law(_S, "rows", "softmax-derivation", "Rows add up to 1.", _calls(_S), _stochastic),
    law(_S, "gradient", "lse-calculus", "Its derivative.", _slope_cases(_S), _sort_slope, gradient=True, examples=8),
    law(_S, "winners", "softmax-onehot", "Row i has its largest entry at rank i.", _seeds, _winners, examples=1),
)
