# SPDX-License-Identifier: BSD-3-Clause
"""Contracts of the elementwise activations, and the laws that hold for every one of them, from one table.

The value, the slope, and both at ±∞ come from the rows of ``theory.activations_terms``; no law here knows which
function it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, oo

from ..theory.oracle import enclose
from . import activations_bounds as bounds
from .activations_cases import NAMES, PARAMETERS, Case, call_of, cases, parameters_of, row_of
from .call import Array, Call
from .contract import Contract, NotApplicable, Promise
from .floats import Floats, gamma, half_digits, rounded, smallest_subnormal
from .law import Law
from .subject import Misbehaviour, Subject
from .verdict import Comparison, Expectation

SIGNATURES = {
    "threshold": "(x, *, threshold=0.0)",
    "leaky_relu": "(x, *, negative_slope=0.01)",
    "prelu": "(x, weight)",
    "elu": "(x, *, alpha=1.0)",
    "celu": "(x, *, alpha=1.0)",
    "softplus": "(x, *, beta=1.0)",
    "gelu": "(x, *, approximate='none')",
    "swish": "(x, *, beta=1.0)",
    "snake": "(x, *, a=1.0)",
}
CLAIMS: dict[str, tuple[str, ...]] = {
    "threshold": ("threshold",),
    "sigmoid": ("sigmoid",),
    "logsigmoid": ("softplus",),
    "tanh": ("sigmoid",),
    "relu": ("relu",),
    "relu6": ("relu6-hard",),
    "leaky_relu": ("leaky",),
    "prelu": ("leaky",),
    "elu": ("elu",),
    "celu": ("elu",),
    "selu": ("selu",),
    "softplus": ("softplus",),
    "softsign": ("monotone-folklore",),
    "tanhshrink": ("sigmoid",),
    "gelu": ("gelu", "gelu-tanh-error"),
    "quick_gelu": ("gelu-sigmoid-error",),
    "silu": ("swish",),
    "swish": ("swish",),
    "mish": ("mish",),
    "hardsigmoid": ("relu6-hard",),
    "hardswish": ("relu6-hard",),
    "squared_relu": ("squared-relu",),
    "snake": ("snake",),
}
SLOPES: dict[str, tuple[str, ...]] = {
    "threshold": ("threshold-gradient",),
    "relu": ("relu", "relu-ad"),
    "selu": ("selu-smooth",),
    "silu": ("silu-slope",),
}


def expected(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    """The exact value of the call, with its bound."""
    points = call.arguments[0].values
    return (bounds.value(row_of(subject, call), parameters_of(subject, call), points, dtypes[0]),)


def _top(name: str) -> float:
    """How far up inputs go: parameters may carry an intermediate product past the largest number."""
    return 1 / 16 if name in PARAMETERS or name == "prelu" else 1.0


def _contract(name: str) -> Contract:
    drawn = cases(name)
    return Contract(
        name,
        SIGNATURES.get(name, "(x)"),
        "x (batch, channels, ...), weight (channels,) → y of the shape and dtype of x"
        if name == "prelu"
        else "x of any shape → y of the same shape and dtype",
        lambda subject: drawn(subject).map(lambda case: call_of(subject, case, top=_top(name))),
        lambda subject, call: (Promise(call.arguments[0].values.shape),),
        expected,
        batched=("x",),
        core_ndim=1 if name == "prelu" else 0,
        differentiable=name != "threshold",
    )


# The laws ------------------------------------------------------------------------------------------


def _value(subject: Subject, case: Case) -> Iterator[Comparison]:
    """γ₈ (|f| + |x f′|): the exact value at an input that is off by a few roundings, rounded a few times more; and a
    subnormal η for every factor that underflows, times up to 2 + |x|. Where f jumps, anything between its two sides.
    Each output depends on its own input alone, since each is compared with f there."""
    call = call_of(subject, case, top=_top(case.name))
    output = subject.run(call)
    (expectation,) = expected(subject, call, output.dtypes)
    yield Comparison(output.values[0], expectation, output.code(), "the value")


def _cotangent(subject: Subject, case: Case) -> Floats:
    """Numbers of both signs, none of them 1, between 1/4 and 2 in size."""
    rng = np.random.default_rng(case.seed + 2)
    return rounded(rng.choice([-1.0, 1.0], case.shape) * rng.uniform(0.25, 2.0, case.shape), subject.dtype)


def _slope(subject: Subject, case: Case) -> Iterator[Comparison]:
    """γ₈ (|f′| + |x f″|) |c|: the exact slope at an input that is off by a few roundings; beside a root of f′ that is
    relative to the terms that cancel there. Factors that underflow leave η, as for the value. At a knee every number
    between the slopes of its two sides is a subgradient, and holds."""
    call = call_of(subject, case, top=1 / 16)
    c = _cotangent(subject, case)
    output = subject.gradient(call, (0,), (Array(c),))
    row, parameters = row_of(subject, call), parameters_of(subject, call)
    expectation = bounds.slope(row, parameters, call.arguments[0].values, c, subject.dtype)
    yield Comparison(output.values[0], expectation, output.code(), "the gradient")


def _no_slope(subject: Subject, case: Case) -> Iterator[Comparison]:
    """A unit that only ever takes two values has slope 0 wherever it has one, exactly. Not to be connected to the
    input at all says the same."""
    try:
        yield from _slope(subject, case)
    except Misbehaviour as error:
        if "require grad" not in str(error):
            raise
        raise NotApplicable("the output is not connected to the input") from error


SPECIAL = np.array([np.inf, -np.inf, np.nan])


def _special(subject: Subject, case: Case) -> tuple[Call, Floats]:
    """The call with some elements replaced by ∞, −∞ and NaN, the others finite."""
    call = call_of(subject, replace(case, regime="around zero"))
    points = call.arguments[0].values.copy()
    rng = np.random.default_rng(case.seed + 3)
    chosen = rng.choice(SPECIAL, points.size, p=(0.4, 0.4, 0.2))
    points.flat[:] = np.where(rng.random(points.size) < 0.5, points.flat[:], chosen)
    if points.size > SPECIAL.size:
        points.flat[rng.permutation(points.size)[: SPECIAL.size]] = SPECIAL
    return call.with_argument(0, Array(points)), points


def _at(limit: Expr | None, parameters: dict[Any, Any]) -> float:
    """A limit as a number, NaN where there is none; parameters are floats."""
    if limit is None:
        return float("nan")
    exact = S(limit).subs({s: Rational(float(v)) for s, v in parameters.items()})
    if exact in (oo, -oo):
        return float("inf") if exact == oo else float("-inf")
    return float(enclose(exact, {}, dtype="float64").hi)


def _ends(subject: Subject, call: Call, ends: tuple[Expr | None, Expr | None], points: Floats) -> Floats:
    """The limits at the infinite points, 0 elsewhere."""
    parameters = parameters_of(subject, call)
    values = {s: np.broadcast_to(v, points.shape) for s, v in parameters.items()}
    found = np.zeros(points.shape)
    for place in zip(*np.nonzero(np.isinf(points)), strict=True):
        found[place] = _at(ends[int(points[place] > 0)], {s: v[place] for s, v in values.items()})
    return found


def _with_limits(e: Expectation, where: Any, limits: Floats, dtype: str) -> Expectation:
    """The expectation, at infinite points that of a limit: rounded a few times, refuted above half of its digits."""
    finite = np.where(np.isfinite(limits), np.abs(limits), 0.0)
    bound = gamma(bounds.ROUNDINGS, dtype) * finite + smallest_subnormal(dtype)
    return Expectation(
        np.where(where, limits, e.high),
        np.where(where, 0.0, e.low),
        np.where(where, 2.0**-52 * finite, e.radius),
        np.where(where, bound, e.bound),
        np.where(where, bound + half_digits(dtype) * (1 + finite), e.refuted_above),
    )


def _limits(subject: Subject, case: Case) -> Iterator[Comparison]:
    """At ±∞ the value is the limit, which is exact but for the roundings of parameters and constants; NaN stays NaN,
    so that a fault further up is not hidden, and so do the elements beside them what they are without. Only a
    comparison with NaN has no limit: a threshold unit may give anything there."""
    call, points = _special(subject, case)
    row = row_of(subject, call)
    output = subject.run(call)
    where, lost = np.isinf(points), np.isnan(points)
    plain = bounds.value(row, parameters_of(subject, call), np.where(np.isfinite(points), points, 1.0), subject.dtype)
    e = _with_limits(plain, where, _ends(subject, call, row.at_infinity, points), subject.dtype)
    got, code = output.values[0], output.code()
    if case.name == "threshold":
        keep = ~lost
        kept = Expectation(*(np.broadcast_to(part, keep.shape)[keep] for part in vars(e).values()))
        yield Comparison(got[keep], kept, f"{code}[np.array({keep.tolist()}, bool)]", "the value beside ±∞ and there")
        return
    high = np.where(lost, np.nan, e.high)
    yield Comparison(got, replace(e, high=high), code, "the value at and beside ±∞ and NaN")


def _slope_limits(subject: Subject, case: Case) -> Iterator[Comparison]:
    """At ±∞ the slope is the limit of slopes, exact but for the roundings of parameters and constants; the elements
    beside them have theirs. Where slopes have no limit, as for a sine, and at NaN, nothing is asked."""
    call, points = _special(subject, case)
    row, parameters = row_of(subject, call), parameters_of(subject, call)
    c = _cotangent(subject, case)
    output = subject.gradient(call, (0,), (Array(c),))
    ends = _ends(subject, call, row.slope_at_infinity, points)
    asked = ~np.isnan(points) & ~np.isnan(ends)
    plain = bounds.slope(row, parameters, np.where(np.isfinite(points), points, 1.0), c, subject.dtype)
    e = _with_limits(plain, np.isinf(points), np.nan_to_num(ends, posinf=np.inf, neginf=-np.inf) * c, subject.dtype)
    kept = Expectation(*(np.broadcast_to(part, asked.shape)[asked] for part in vars(e).values()))
    code = f"{output.code()}[np.array({asked.tolist()}, bool)]"
    yield Comparison(output.values[0][asked], kept, code, "the gradient at and beside ±∞")


def _weight_slope(subject: Subject, case: Case) -> Iterator[Comparison]:
    """∂/∂w of Σ c f is Σ c min(x, 0) over everything but axis 1: n products and n − 1 sums in any order, γ_{n+2}
    of Σ |c min(x, 0)|, η for every product that underflows."""
    call = call_of(subject, replace(case, regime="around zero"))
    c = _cotangent(subject, case)
    output = subject.gradient(call, (1,), (Array(c),))
    negative = np.minimum(call.arguments[0].values, 0.0)
    terms = [
        [Fraction(float(a)) * Fraction(float(b)) for a, b in zip(negative[:, k].flat, c[:, k].flat, strict=True)]
        for k in range(case.shape[1])
    ]
    totals = [sum(row, Fraction(0)) for row in terms]
    high = np.array([float(t) for t in totals])
    low = np.array([float(t - Fraction(float(t))) for t in totals])
    size = np.array([float(sum(map(abs, row))) for row in terms]) * (1 + 2.0**-52)
    n = len(terms[0])
    bound = gamma(n + 2, subject.dtype) * size + n * smallest_subnormal(subject.dtype)
    e = Expectation(high, low, 2.0**-53 * np.abs(low), bound, bound + half_digits(subject.dtype) * (1 + size))
    yield Comparison(output.values[0], e, output.code(), "the gradient with respect to the weight")


# The registries ------------------------------------------------------------------------------------


def _law(id: str, name: str, claims: tuple[str, ...], statement: str, check: Any, **options: Any) -> Law:
    claims = tuple(f"activations.{c}" for c in claims)
    return Law(id, claims, (name,), statement, options.pop("cases", cases(name)), check, **options)


_SMALL: tuple[tuple[int, ...], ...] = ((8,), (2, 6), (1,))


def _laws(name: str) -> tuple[Law, ...]:
    claims, slopes = CLAIMS[name], SLOPES.get(name, CLAIMS[name])
    few: dict[str, Any] = {"cases": cases(name, shapes=_SMALL), "examples": 8}
    laws = [
        _law("value", name, claims, "Each output is the formula at its input.", _value, examples=20),
        _law("limits", name, claims, "±∞ gives the limit, NaN gives NaN.", _limits, **few),
    ]
    check = _no_slope if name == "threshold" else _slope
    laws.append(_law("slope", name, slopes, "The gradient is the derivative.", check, gradient=True, examples=20))
    if name != "threshold":
        text = "At ±∞ the gradient is the limit of slopes."
        laws.append(_law("slope-limits", name, claims, text, _slope_limits, gradient=True, **few))
    if name == "prelu":
        text = "The weight's gradient adds up over everything but axis 1."
        laws.append(_law("weight-slope", name, claims, text, _weight_slope, gradient=True, examples=12))
    return tuple(laws)


CONTRACTS = tuple(_contract(name) for name in NAMES)
LAWS = tuple(law for name in NAMES for law in _laws(name))
