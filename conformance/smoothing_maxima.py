# SPDX-License-Identifier: BSD-3-Clause
"""Contracts of the smooth maxima and argmaxima, their exact values and gradients, with bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..theory import smoothing_terms as theory
from ..theory.oracle import gradient
from . import regimes
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, gamma, rounded, unit_roundoff
from .law import Law
from .smoothing_cases import (
    CALM,
    FINITE,
    USUAL,
    against_expectation,
    at_row,
    expected,
    gathered,
    law,
    row_calls,
    sharp,
    spread_out,
    tested_sharpness,
    values,
    weighed,
    working,
)
from .subject import Subject
from .verdict import Comparison, Expectation

_INDEX = theory.total(lambda e: e * theory.softmax(e))


def smooth_max_row(x: Floats, k: float, dtype: str) -> Expectation:
    """LSE of one row."""
    h, w = weighed(x, k, dtype), unit_roundoff(working(dtype))
    parts = at_row(theory.lse(), x, k)
    size = h.mean(np.abs(x)) + abs(x.max()) + abs(float(parts[0]))
    bound = 6 * w * size + gamma(x.size + 6 + 2 * np.log(x.size), working(dtype)) / k
    return expected(parts, bound, size + 1 / k, dtype)


def boltzmann_row(x: Floats, k: float, dtype: str) -> Expectation:
    """The mean under the weights of one row."""
    h = weighed(x, k, dtype)
    return expected(at_row(theory.boltzmann(), x, k), h.spread(x), h.mean(np.abs(x)), dtype)


def onehot_row(x: Floats, k: float, dtype: str) -> Expectation:
    """The weights of one row."""
    h = weighed(x, k, dtype)
    exact = at_row(theory.softmax(theory.j), x, k, j=np.arange(int(np.isfinite(x).sum())))
    return expected(spread_out(x, exact), h.s * h.r + h.flushed, 1.0, dtype)


def argmax_row(x: Floats, k: float, dtype: str) -> Expectation:
    """The mean index of one row."""
    h = weighed(x, k, dtype)
    return expected(at_row(_INDEX, x, k), h.spread(np.arange(x.size, dtype=np.float64)), 1.0, dtype)


_ROWS: dict[str, Callable[[Floats, float, str], Expectation]] = {
    "smooth_max": smooth_max_row,
    "boltzmann_max": boltzmann_row,
    "soft_onehot": onehot_row,
    "soft_argmax": argmax_row,
}


def _expect(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    x: Floats = call.arguments[0].values
    k, one = sharp(subject, call), _ROWS[call.contract]
    rows = [one(row, k, subject.dtype) for row in x.reshape(-1, x.shape[-1])]
    return (gathered(rows, x.shape if call.contract == "soft_onehot" else x.shape[:-1]),)


def _max_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """k xᵢ and its distance from the largest are off by 4w k|xᵢ| + 2w k|max|, which counts with weight sᵢ; the sum has
    relative error γₙ₊₄, its logarithm 2w log n, and the result is formed within 3w|y| and rounded, u|y| + η."""
    yield from against_expectation(subject, call)


def _weights_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """A weight has relative error exp(δ) − 1 + γ₄ₙ₊₂₀, where δ is 2w of its exponent, and 2w k(|xᵢ| + |max|) more if k
    is no power of 2; a weight below the smallest normal number may be 0. Rounding to the dtype adds u|y| + η."""
    yield from against_expectation(subject, call)


def _mean_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Σ sᵢvᵢ with weights of relative error rᵢ = exp(δ) − 1 + γ₄ₙ₊₂₀ (δ as for the weights) is off by
    Σ sᵢ|vᵢ|(rᵢ + r̄); what weights that are flushed to 0 take away is added, and a rounding u|y| + η."""
    yield from against_expectation(subject, call)


# Gradients -----------------------------------------------------------------------------------------------

_SLOPES = {
    "boltzmann_max": gradient(theory.boltzmann(), theory.x[theory.j]),
    "soft_argmax": gradient(_INDEX, theory.x[theory.j]),
    "soft_onehot": gradient(theory.total(lambda e: theory.g[e] * theory.softmax(e)), theory.x[theory.j]),
}


def _slope_row(name: str, x: Floats, k: float, g: Floats, dtype: str) -> Expectation:
    """Gradient of one row, pulled back from the cotangent g: a number, of ``soft_onehot`` a row."""
    h = weighed(x, k, dtype)
    index = np.arange(int(np.isfinite(x).sum()))
    if name == "smooth_max":
        exact = at_row(theory.softmax(theory.j), x, k, j=index)
        scaled = tuple(part * abs(float(g)) if i == 2 else part * float(g) for i, part in enumerate(exact))
        high, low, radius = spread_out(x, (scaled[0], scaled[1], scaled[2]))
        radius = radius + 4 * unit_roundoff("float64") * np.abs(high)  # g·s is formed in float64 here
        return expected((high, low, radius), abs(float(g)) * (h.s * h.r + h.flushed), abs(float(g)), dtype)
    if name == "soft_onehot":
        inner, outer, times = np.abs(g), np.abs(g), 1.0
        exact = at_row(_SLOPES[name], x, k, j=index, g=g[np.isfinite(x)].tolist())
    else:
        times = abs(float(g))
        inner = np.abs(x) if name == "boltzmann_max" else np.arange(x.size, dtype=np.float64)
        outer = inner + (1 / k if name == "boltzmann_max" else 0.0)
        high, low, radius = at_row(_SLOPES[name], x, k, j=index)
        more = 4 * unit_roundoff("float64") * np.abs(high * float(g))
        exact = high * float(g), low * float(g), radius * times + more
    size = times * k * (outer + h.mean(inner))
    bound = 2 * size * (h.s * (h.r + h.mean(h.r)) + h.flushed)
    return expected(spread_out(x, exact), bound, size * h.s, dtype)


def _slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    call, seed = case
    name, x, k = call.contract, call.arguments[0].values, sharp(subject, call)
    shape = x.shape if name == "soft_onehot" else x.shape[:-1]
    g = rounded(np.random.default_rng(seed).standard_normal(shape), subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    flat = g.reshape(-1, x.shape[-1]) if name == "soft_onehot" else g.reshape(-1)
    pairs = zip(x.reshape(-1, x.shape[-1]), flat, strict=True)
    rows = [_slope_row(name, row, k, np.asarray(part), subject.dtype) for row, part in pairs]
    yield Comparison(got.values[0], gathered(rows, x.shape), got.code(0), f"the gradient of {name}")


def _max_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """The gradient is the softmax times the cotangent g, with the error of a weight, exp(δ) − 1 + γ₄ₙ₊₂₀ (formed as
    1 − Σ of the others it is within 4w, and that is at most 4nw of the largest weight); u|y| + η for rounding."""
    yield from _slope(subject, case)


def _mean_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """k sⱼ(vⱼ − Σ sᵢvᵢ), and sⱼ more for the mean of x itself: within rⱼ + r̄ of k sⱼ(|vⱼ| + Σ sᵢ|vᵢ|) twice over, since
    the weights have relative errors rⱼ = exp(δ) − 1 + γ₄ₙ₊₂₀, the difference and the products γ₄; u|y| + η more."""
    yield from _slope(subject, case)


def slope_cases(name: str, kinds: tuple[str, ...]) -> Any:
    """A call and a seed for the cotangent."""
    return lambda subject: st.tuples(row_calls(name, kinds)(subject), regimes.SEEDS)


def _extreme(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """Near the largest finite number, where k x overflows, and with numbers below the smallest normal one; the bound of
    the value is that of ordinary rows, with weights that are 0, 1 or those of ties."""
    seed, k = case
    rng = np.random.default_rng(seed)
    top = float(np.max(values(regimes.Drawn(seed, "large"), (16,), subject.dtype)))
    row = rounded(np.array([top, rng.choice([top, -top]), rng.choice([0.0, top / 2]), -top]), subject.dtype)
    for name in subject.functions:
        if name in _ROWS:
            yield from against_expectation(subject, subject.call(name, Array(row), sharpness=k))


def _apart(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """One row of two lies 512 above the other: a maximum that is taken over both underflows in the lower one. The
    bound of the value, row by row."""
    seed, k = case
    x = np.random.default_rng(seed).standard_normal((2, 3))
    x[seed % 2] += 512
    for name in subject.functions:
        if name in _ROWS:
            yield from against_expectation(subject, subject.call(name, Array(rounded(x, subject.dtype)), sharpness=k))


def _extremes(name: str) -> Any:
    return lambda subject: st.tuples(regimes.SEEDS, tested_sharpness(subject, name))


def _contract(name: str, shapes: str, keeps: bool, kinds: tuple[str, ...]) -> Contract:
    def promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
        shape = call.arguments[0].values.shape
        return (Promise(shape if keeps else shape[:-1]),)

    return Contract(
        name,
        "(x, *, sharpness)",
        shapes,
        row_calls(name, kinds),
        promise,
        _expect,
        batched=("x",),
        core_ndim=1,
        differentiable=True,
    )


CONTRACTS = (
    _contract("smooth_max", "x (..., n), −inf for none → log-sum-exp (...)", False, USUAL),
    _contract("boltzmann_max", "x (..., n) → the mean under softmax(kx) (...)", False, FINITE),
    _contract("soft_onehot", "x (..., n), −inf for none → softmax(kx), shape of x", True, USUAL),
    _contract("soft_argmax", "x (..., n) → the mean index from 0 (...)", False, FINITE),
)
VALUES: tuple[Law, ...] = (
    law(
        "smooth_max",
        "value",
        "lse-calculus softmax-derivation",
        "It is (1/k) log Σ e^(k xᵢ).",
        row_calls("smooth_max"),
        _max_value,
        examples=40,
    ),
    law(
        "boltzmann_max",
        "value",
        "boltzmann",
        "It is the mean of x under softmax(kx).",
        row_calls("boltzmann_max", FINITE),
        _mean_value,
        examples=40,
    ),
    law(
        "soft_onehot",
        "value",
        "softmax-derivation",
        "It is e^(k xᵢ) over the sum.",
        row_calls("soft_onehot"),
        _weights_value,
        examples=40,
    ),
    law(
        "soft_argmax",
        "value",
        "softargmax",
        "It is the mean index under softmax(kx).",
        row_calls("soft_argmax", FINITE),
        _mean_value,
        examples=40,
    ),
    *(
        law(name, "extreme", claim, "Nothing overflows.", _extremes(name), _extreme, examples=12)
        for name, claim in (
            ("smooth_max", "lse-calculus"),
            ("boltzmann_max", "boltzmann"),
            ("soft_onehot", "softmax-derivation"),
            ("soft_argmax", "softargmax"),
        )
    ),
    *(
        law(name, "rows", claim, "Rows do not see each other.", _extremes(name), _apart, examples=6)
        for name, claim in (
            ("smooth_max", "lse-calculus"),
            ("boltzmann_max", "boltzmann"),
            ("soft_onehot", "softmax-derivation"),
            ("soft_argmax", "softargmax"),
        )
    ),
    law(
        "smooth_max",
        "gradient",
        "lse-calculus",
        "The gradient is softmax(kx).",
        slope_cases("smooth_max", (*CALM, "masked", "constant")),
        _max_slope,
        gradient=True,
    ),
    *(
        law(
            name,
            "gradient",
            claim,
            "The gradient is the derivative of the formula.",
            slope_cases(name, kinds),
            _mean_slope,
            gradient=True,
        )
        for name, claim, kinds in (
            ("boltzmann_max", "boltzmann boltzmann-monotone", CALM),
            ("soft_onehot", "lse-calculus", (*CALM, "masked")),
            ("soft_argmax", "softargmax", CALM),
        )
    ),
)
