# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the smooth absolute values and the smooth floor."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Expr

from ..theory import smoothing_terms as theory
from ..theory.oracle import enclose, gradient
from ..theory.smoothing_abs import ABS_VARIANTS
from ..theory.smoothing_floor import FLOOR, FLOOR_DOUBLE_COUNT
from . import regimes
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, gamma, rounded, unit_roundoff
from .law import Law
from .smoothing_cases import (
    FINITE,
    SHARPNESS,
    against_expectation,
    expected,
    law,
    one_row,
    row_calls,
    sharp,
    tested_sharpness,
    working,
)
from .subject import Subject
from .verdict import Comparison, Expectation, agreeing

FORMS = ("log_cosh", "log_sum", "root", "erf")
_SIDES = {s.name: s.relation for s in ABS_VARIANTS.sequents()}
_VALUE: dict[str, Expr] = {
    "log_cosh": _SIDES["log-cosh-below"].lhs,
    "log_sum": _SIDES["pair-below"].lhs,
    "root": _SIDES["root-below"].lhs,
    "erf": _SIDES["erf-below"].lhs,
}
_SLOPE = {form: gradient(value, theory.u) for form, value in _VALUE.items()}


def _form(subject: Subject, name: str = "smooth_abs") -> str:
    return str(subject.conventions.get("form", FORMS[0]))


def _at(expression: Expr, x: Floats, k: float, form: str) -> tuple[Floats, Floats, Floats]:
    """With sharpness k: μ = 1/k in the root, μ = k in the error function."""
    mu = 1 / k if form == "root" else k
    given = {theory.u: x, theory.k: k, theory.mu: mu}
    used = {s: v for s, v in given.items() if s in expression.free_symbols}
    e = enclose(expression, used, dtype="float64")
    return e.hi, e.lo, e.radius


def _abs_expect(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    x, k = call.arguments[0].values, sharp(subject, call)
    size = np.abs(x) + 2 / k
    bound = 8 * unit_roundoff(working(subject.dtype)) * size
    return (expected(_at(_VALUE[_form(subject)], x, k, _form(subject)), bound, size, subject.dtype),)


def _abs_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """As |x| and a correction of at most 2/k, each with a few roundings: within 8w(|x| + 2/k), and u|y| + η. Close to 0
    the value itself may be far smaller: relative precision there is not asked for."""
    yield from against_expectation(subject, call)


def _abs_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """The slope is a function of kx between −1.2 and 1.2, whose argument is off by 2w: kx times its derivative is at
    most 1.3. Forming it takes a few roundings of numbers below 2: within 16w|g|, and u|y| + η; at 0 it is 0."""
    call, seed = case
    x, k, form = call.arguments[0].values, sharp(subject, call), _form(subject)
    g = rounded(np.random.default_rng(seed).standard_normal(x.shape), subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    high, low, radius = _at(_SLOPE[form], x, k, form)
    bound = 16 * unit_roundoff(working(subject.dtype)) * np.abs(g) + 4 * unit_roundoff("float64") * np.abs(g)
    expectation = expected((g * high, g * low, np.abs(g) * radius), bound, np.abs(g), subject.dtype)
    yield Comparison(got.values[0], expectation, got.code(0), "the gradient of the smooth absolute value")


# How far below and above |x|, times k; of erf the constant of the theory.
_ERFC = float(-(_SIDES["erf-above"].rhs - abs(theory.u)) * theory.mu)
_REACH = {
    "log_cosh": (2 * math.log(2), 0.0),
    "log_sum": (0.0, math.log(2)),
    "root": (0.0, 1.0),
    "erf": (_ERFC, 0.0),
}


def _abs_sandwich(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Between |x| − a/k and |x| + b/k with a, b of the form: 2 log 2 and 0; 0 and log 2; 0 and 1; 0.2404 and 0. Either
    side within the bound of the value, 8w(|x| + 2/k) + u|y| + η."""
    output, k = subject.run(call), sharp(subject, call)
    (allowed,) = _abs_expect(subject, call, output.dtypes)
    x: Floats = call.arguments[0].values
    below, above = _REACH[_form(subject)]
    low, high = np.abs(x) - below / k, np.abs(x) + above / k
    got, code = output.values[0], output.code()
    excess = np.maximum(np.maximum(low - got, got - high), 0)
    written = f"np.maximum(np.maximum(np.array({low.tolist()}) - {code}, {code} - np.array({high.tolist()})), 0)"
    bound = allowed.bound + 4 * unit_roundoff("float64") * (np.abs(x) + 2 / k)
    expectation = agreeing(np.zeros(x.shape), bound, allowed.refuted_above + bound)
    yield Comparison(excess, expectation, written, "too far from |x|")


# The floor -----------------------------------------------------------------------------------------------

KINDS = ("fractions", "near whole", "whole", "far", "negative")
_TAIL = next(s.relation.rhs for s in FLOOR.sequents() if s.name == "tail")


def _numbers(seed: int, kind: str, shape: tuple[int, ...], dtype: str) -> Floats:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3, 4, shape)
    if kind == "near whole":
        x = np.round(x) + rng.choice([-1, 1], shape) * 2.0**-6
    if kind == "whole":
        x = np.round(x)
    if kind == "far":
        x = x + 96
    if kind == "negative":
        x = x - 30
    return rounded(x, dtype)


@st.composite
def _floor_calls(fetch: Any, subject: Subject) -> Call:
    k = fetch(tested_sharpness(subject, "smooth_floor"))
    shape, kind = fetch(st.sampled_from([(3,), (1,), (2, 2), ()])), fetch(st.sampled_from(KINDS))
    x = _numbers(fetch(regimes.SEEDS), kind, shape, subject.dtype)
    return subject.call("smooth_floor", Array(x), sharpness=k)


def _floor_at(expression: Expr, x: Floats, k: float, scale: float) -> tuple[Floats, Floats, Floats]:
    """The sums cut where what is left out, by the theory's bound of the tail on either side, is below 2⁻⁷⁵."""
    terms = int(np.abs(x).max(initial=0.0)) + int(56 / k) + 4
    e = enclose(expression, {theory.u: x, theory.k: k, theory.N: terms}, dtype="float64")
    cut = np.zeros(x.shape)
    for side in (x, 1 - x):  # σ(k(x + i)) − 1 = −σ(k((1 − x) − (i + 1))): the left tail is the right one of 1 − x
        cut = cut + 2 * enclose(_TAIL, {theory.u: side, theory.k: k, theory.N: terms}, dtype="float64").hi
    return e.hi, e.lo, e.radius + scale * cut


def _terms(x: Floats, k: float, dtype: str) -> Floats:
    """How many terms there are that are not within u of 0 or 1."""
    return np.asarray(np.abs(x) + math.log(1 / unit_roundoff(working(dtype))) / k + 2)


def _floor_expect(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    x, k = call.arguments[0].values, sharp(subject, call)
    parts = _floor_at(theory.smooth_floor(theory.N), x, k, 1.0)
    size = np.abs(x) + 2 + 2 / k
    bound = unit_roundoff(working(subject.dtype)) * (4 * _terms(x, k, subject.dtype) + 8) * size
    return (expected(parts, bound, size, subject.dtype),)


def _floor_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Of M = |x| + log(1/w)/k + 2 terms on either side each is off by 3w (conditioning of the sigmoid included) and the
    sums of 2M terms by 2Mw of at most |x| + 2 + 2/k: within w(4M + 8)(|x| + 2 + 2/k), and u|y| + η. The exact value
    is cut where the theory's bound of the tail is negligible, which is added to the radius."""
    yield from against_expectation(subject, call)


_FLOOR_SLOPE = gradient(theory.smooth_floor(theory.N), theory.u)


def _floor_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """The slope Σ kσ′ is periodic and at most k/4 + 2, a sum of 2M terms with errors as in the value, times k: within
    w(4M + 8)(k + 4)|g|, and u|y| + η."""
    call, seed = case
    x, k = call.arguments[0].values, sharp(subject, call)
    g = rounded(np.random.default_rng(seed).standard_normal(x.shape), subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    high, low, radius = _floor_at(_FLOOR_SLOPE, x, k, k)
    size = (k + 4) * np.abs(g)
    factor = unit_roundoff(working(subject.dtype)) * (4 * _terms(x, k, subject.dtype) + 8)
    bound = (factor + 4 * unit_roundoff("float64")) * size
    parts = g * high, g * low, np.abs(g) * radius
    yield Comparison(got.values[0], expected(parts, bound, size, subject.dtype), got.code(0), "the gradient")


def _floor_witness(subject: Subject, case: float) -> Iterator[Comparison]:
    """At the witness, x = 5/2, the printed formula gives ⌊x⌋ + 1 for large k; what is true is within the theory's error
    of each step, Σ e^(−k|x − n|) over all n, of ⌊x⌋ = 2: the bound of the value more."""
    x = float(dict(FLOOR_DOUBLE_COUNT.refutations()[0].witness)[theory.u])
    output = one_row(subject, "smooth_floor", np.array([x]), case)
    call = subject.trace[-1].call
    (allowed,) = _floor_expect(subject, call, output.dtypes)
    rate = 2 * math.exp(-case / 2) / (1 - math.exp(-case))
    code = output.code()
    excess = np.maximum(np.abs(output.values[0] - 2) - rate, 0)
    bound = allowed.bound + gamma(8, "float64") * (2 + rate)
    expectation = agreeing(np.zeros(1), bound, allowed.refuted_above + bound)
    yield Comparison(excess, expectation, f"np.maximum(np.abs({code} - 2) - {rate!r}, 0)", "too far from ⌊5/2⌋")


def _witness_sharpness(subject: Subject) -> st.SearchStrategy[float]:
    if subject.accepts("smooth_floor", "sharpness"):
        return st.sampled_from([k for k in SHARPNESS if k > 1])
    return tested_sharpness(subject, "smooth_floor")


def _slope_cases(calls: Any) -> Any:
    return lambda subject: st.tuples(calls(subject), regimes.SEEDS)


def _promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(call.arguments[0].values.shape),)


_ABS, _FLOOR = "smooth_abs", "smooth_floor"
_ROWS = row_calls(_ABS, FINITE)
CONTRACTS = (
    Contract(
        _ABS,
        "(x, *, sharpness)",
        "any shape, kept; the form is a convention",
        _ROWS,
        _promise,
        _abs_expect,
        ("x",),
        1,
        differentiable=True,
    ),
    Contract(
        _FLOOR,
        "(x, *, sharpness)",
        "any shape, kept",
        _floor_calls,
        _promise,
        _floor_expect,
        ("x",),
        1,
        differentiable=True,
    ),
)
_SLOPES = row_calls(_ABS, ("generic", "small integers", "ties", "tiny spread", "huge mean"))
LAWS: tuple[Law, ...] = (
    law(_ABS, "value", "abs-logistic abs-variants", "The formula of the form.", _ROWS, _abs_value, examples=40),
    law(_ABS, "sandwich", "abs-variants", "Close to |x|, on the side of the form.", _ROWS, _abs_sandwich),
    law(_ABS, "gradient", "abs-logistic", "Its derivative.", _slope_cases(_SLOPES), _abs_slope, gradient=True),
    law(_FLOOR, "value", "floor", "The sum of sigmoids.", _floor_calls, _floor_value, examples=40),
    law(_FLOOR, "gradient", "floor", "Its derivative.", _slope_cases(_floor_calls), _floor_slope, gradient=True),
    law(_FLOOR, "witness", "floor-double-count", "2 at 5/2.", _witness_sharpness, _floor_witness, examples=3),
)
