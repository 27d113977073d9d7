# SPDX-License-Identifier: BSD-3-Clause
"""Laws of folding, of redundant biases and of the bias to start with.

u is the unit roundoff of the dtype, w that of the precision to work in (float32 for 16-bit dtypes), η the
smallest subnormal.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Equality, S, Sum

from ..theory import bias_normalization as theory
from ..theory import bias_units as units
from ..theory.bias_learning import FOCAL
from ..theory.bias_learning import p as PRIOR
from ..theory.bias_units import k, n
from ..theory.oracle import enclose, exact, gradient
from . import regimes
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, gamma, half_digits, rounded, smallest_subnormal, unit_roundoff
from .law import Law
from .subject import Subject
from .verdict import Comparison, Expectation, exactly

FOLD, REDUNDANT, START = "fold_batch_norm", "is_redundant", "initial_bias"
EPSILONS = (1.0, 0.0009765625, 0.25)
_FOLDED = next(s.relation.rhs for s in theory.STALE.sequents() if s.name == "folded")
_OVER_INPUTS = next(term for term in _FOLDED.args if isinstance(term, Sum))
_WEIGHT = _OVER_INPUTS.function.xreplace({units.w[units.i]: theory.c, units.v[units.i]: S.One})  # of one input
_BIAS = _FOLDED - _OVER_INPUTS
_SYMBOLS = (theory.c, theory.b, theory.g, theory.h, theory.mu, theory.var)


def _working(dtype: str) -> str:
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def _expected(parts: Any, bound: Any, scale: Any, dtype: str) -> Expectation:
    high, low, radius = (np.asarray(p) for p in parts)
    allowed = np.asarray(bound) + unit_roundoff(dtype) * np.abs(high) + 2 * smallest_subnormal(dtype)
    return Expectation(high, low, radius, allowed, allowed + half_digits(dtype) * np.asarray(scale))


# Folding -------------------------------------------------------------------------------------------------


def _layer(seed: int, shape: tuple[int, ...], dtype: str) -> tuple[Floats, ...]:
    """weight, bias, γ, β, mean, variance; some channels have no variance."""
    rng, out = np.random.default_rng(seed), shape[0]
    normal = [rng.standard_normal(s) for s in (shape, out, out, out, out)]
    var = rng.choice([0.0, 0.0625, 1.0, 3.0], out) * rng.uniform(0.5, 1.5, out)
    return tuple(rounded(v, dtype) for v in (*normal, var))


SHAPES = ((3, 2), (2, 3), (2, 2, 3), (2, 2, 1, 2), (3, 3))


@st.composite
def _fold_calls(fetch: Any, subject: Subject) -> Call:
    layer = _layer(fetch(regimes.SEEDS), fetch(st.sampled_from(SHAPES)), subject.dtype)
    return subject.call(FOLD, *map(Array, layer), eps=fetch(st.sampled_from(EPSILONS)))


def _inputs(subject: Subject, call: Call) -> tuple[dict[Any, Any], list[Floats], float]:
    """Values for the theory's formulas, broadcast along the channels; the arrays; ε."""
    values = [a.values for a in call.arguments]
    eps = float(subject.value(FOLD, "eps", call.keywords.get("eps")))
    along = [values[0], *(v.reshape(-1, *([1] * (values[0].ndim - 1))) for v in values[1:])]
    return {**dict(zip(_SYMBOLS, along, strict=True)), theory.e: eps}, values, eps


def _folded(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    given, (_, b, g, h, mu, var), eps = _inputs(subject, call)
    first = enclose(_WEIGHT, _used(given, _WEIGHT), dtype="float64")
    channel = {**dict(zip(_SYMBOLS[1:], (b, g, h, mu, var), strict=True)), theory.e: eps}
    second = enclose(_BIAS, _used(channel, _BIAS), dtype="float64")
    size = np.abs(h) + np.abs(g) * (np.abs(b) + np.abs(mu)) / np.sqrt(var + eps)
    work = _working(subject.dtype)
    one = first.hi, first.lo, first.radius
    two = second.hi, second.lo, second.radius
    return (
        _expected(one, gamma(8, work) * np.abs(first.hi), np.abs(first.hi), subject.dtype),
        _expected(two, gamma(10, work) * size, size, subject.dtype),
    )


def _used(given: dict[Any, Any], expression: Any) -> dict[Any, Any]:
    return {s: v for s, v in given.items() if s in expression.free_symbols}


def _fold_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Sum under the root, root, quotient, product: relative γ₈ of w for a weight; the bias is within γ₁₀ of w of
    |β| + |γ|(|b| + |μ|)/√(v + ε); u|y| + η for rounding."""
    output = subject.run(call)
    for i, expectation in enumerate(_folded(subject, call, output.dtypes)):
        label = "the folded weight" if not i else "the folded bias"
        yield Comparison(output.values[i], expectation, output.code(i), label)


def _fold_shift(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """A bias that is larger by 1/4 shifts the folded bias by γ/(4√(v + ε)); a mean that is larger by as much takes it
    back. The bounds of two folded biases, γ₁₀ of w of |β| + |γ|(|b| + |μ|)/√(v + ε) and u|y| + η each."""
    seed, eps = case
    layer = _layer(seed, (3, 2), subject.dtype)
    weight, bias, g, h, mu, var = layer
    bias, mu = (np.round(4 * v) / 4 for v in (bias, mu))
    calls = [
        subject.call(FOLD, *map(Array, (weight, b, g, h, m, var)), eps=eps)
        for b, m in ((bias, mu), (bias + 0.25, mu), (bias + 0.25, mu + 0.25))
    ]
    eps = float(subject.value(FOLD, "eps", eps))
    outputs = [subject.run(call) for call in calls]
    bounds = [_folded(subject, call, output.dtypes)[1] for call, output in zip(calls, outputs, strict=True)]
    shift = next(s.relation.rhs for s in theory.STALE.sequents() if s.name == "shift")
    moved = enclose(shift, {theory.g: g, theory.d: 0.25, theory.var: var, theory.e: eps}, dtype="float64")
    zero = np.zeros(3)
    for place, parts, label in (
        (1, (moved.hi, moved.lo, moved.radius), "the shift by a larger bias"),
        (2, (zero, zero, zero), "the shift by a larger bias and mean"),
    ):
        got = outputs[place].values[1] - outputs[0].values[1]
        both = bounds[0].bound + bounds[place].bound
        both = both + 2 * unit_roundoff("float64") * (np.abs(outputs[0].values[1]) + np.abs(outputs[place].values[1]))
        wrong = bounds[0].refuted_above + bounds[place].refuted_above
        code = f"{outputs[place].code(1)} - {outputs[0].code(1)}"
        high, low, radius = parts
        yield Comparison(got, Expectation(high, low, radius, both, wrong), code, label)


_ARGUMENTS = ("weight", "bias", "gamma", "beta", "mean", "var")


def _sizes(values: list[Floats], up: list[Floats], eps: float) -> list[Floats]:
    """Sums of the absolute terms of the six gradients."""
    weight, b, g, _, mu, var = map(np.abs, values)
    root, spread = np.sqrt(var + eps), tuple([-1] + [1] * (weight.ndim - 1))
    inner = (np.abs(up[0]) * weight).reshape(len(b), -1).sum(-1) + np.abs(up[1]) * (b + mu)
    scale = g / root
    below = np.abs(up[1]) * scale
    return [np.abs(up[0]) * scale.reshape(spread), below, inner / root, np.abs(up[1]), below, g * inner / root**3]


def _fold_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """The derivatives of both formulas, times the cotangents, summed over the m entries of a channel: products of
    at most eight factors, within γ₂₀₊ₘ of w of the sum of the absolute terms (of b and μ, whose difference may cancel);
    u|y| + η more."""
    call, seed = case
    given, values, eps = _inputs(subject, call)
    rng = np.random.default_rng(seed)
    up = [rounded(rng.standard_normal(v.shape), subject.dtype) for v in values[:2]]
    got = subject.gradient(call, tuple(range(6)), (Array(up[0]), Array(up[1])))
    channels = len(values[1])
    m = values[0][0].size
    factor = gamma(20 + m, _working(subject.dtype)) + gamma(8 + m, "float64")
    flat = {**given, **{s: v.reshape(channels) for s, v in zip(_SYMBOLS[1:], values[1:], strict=True)}}
    for i, (symbol, size) in enumerate(zip(_SYMBOLS, _sizes(values, up, eps), strict=True)):
        total = np.zeros(values[i].shape)
        for expression, weight, at in ((_WEIGHT, up[0], given), (_BIAS, up[1], flat)):
            derivative = gradient(expression, symbol)
            if derivative != 0:
                e = enclose(derivative, _used(at, derivative), dtype="float64")
                term = weight * e.hi
                total = total + (term.reshape(channels, -1).sum(-1) if i and expression is _WEIGHT else term)
        zero = np.zeros(total.shape)
        expectation = _expected((total, zero, zero), factor * size, size, subject.dtype)
        yield Comparison(got.values[i], expectation, got.code(i), f"the gradient by {_ARGUMENTS[i]}")


# Redundant biases ------------------------------------------------------------------------------------------

NORMS = ("batch", "instance", "group", "layer", "rms")
_LEFT = next(s.relation.lhs for s in theory.LAYERNORM.sequents() if s.name == "what-is-left")
_STORED = next(s.relation.lhs for s in theory.STALE.sequents() if s.name == "shift")


def _centred(values: list[int], biases: list[int]) -> list[Fraction | None]:
    """The theory's zₖ + Bₖ minus the mean over the group, exactly."""
    given = {theory.z: values, theory.B: biases, n: len(values)}
    return [exact(_LEFT, {**given, k: at}) for at in range(len(values))]


def cancels(norm: str, channels: int, groups: int, training: bool) -> bool:
    """Whether what the normalisation sees is the same with a bias 1, 2, 3, … for the channels as with none.

    Two values a channel: a group holds those of its channels. RMS normalisation subtracts nothing; at evaluation
    batch normalisation shifts by a multiple of the bias.
    """
    if norm == "rms":
        return False
    if norm == "batch" and not training:
        given = {theory.x: 1, theory.d: 1, theory.g: 1, theory.h: 0, theory.mu: 0, theory.var: 3, theory.e: 1}
        return exact(_STORED, given) == 0
    members = {"batch": 1, "instance": 1, "group": channels // groups, "layer": channels}[norm]
    values = [(3 * i * i + 1) % 7 for i in range(2 * members)]
    biases = [1 + i // 2 for i in range(2 * members)]
    return _centred(values, biases) == _centred(values, [0] * (2 * members))


def _settings() -> tuple[tuple[str, int, int, bool], ...]:
    groups = [("group", c, g) for c in (1, 4, 6) for g in (1, 2, c) if c % g == 0]
    others = [(norm, c, 1) for norm in NORMS if norm != "group" for c in (1, 2, 6)]
    return tuple((*setting, training) for setting in sorted({*groups, *others}) for training in (True, False))


@st.composite
def _redundant_calls(fetch: Any, subject: Subject) -> Call:
    norm, channels, groups, training = fetch(st.sampled_from(_settings()))
    return subject.call(REDUNDANT, norm, channels, groups=groups, training=training)


def _redundant(subject: Subject, norms: tuple[str, ...]) -> Iterator[Comparison]:
    """All settings of a table, each decided by the theory's centred values in exact arithmetic. No bound."""
    for norm, channels, drawn, mode in _settings():
        if norm not in norms:
            continue
        groups = int(subject.value(REDUNDANT, "groups", drawn))
        training = bool(subject.value(REDUNDANT, "training", mode))
        if norm == "group" and channels % groups:
            continue
        output = subject.run(subject.call(REDUNDANT, norm, channels, groups=groups, training=training))
        expected = float(cancels(norm, channels, groups, training))
        label = f"is_redundant({norm!r}, {channels}, groups={groups}, training={training})"
        yield Comparison(np.asarray(output.values[0], np.float64), exactly(expected), output.code(), label)


def _batch(subject: Subject, case: None) -> Iterator[Comparison]:
    """Batch and instance normalisation, decided by the theory's centred values in exact arithmetic. No bound."""
    yield from _redundant(subject, ("batch", "instance"))


def _layers(subject: Subject, case: None) -> Iterator[Comparison]:
    """Layer, group and RMS normalisation, decided by the theory's centred values in exact arithmetic. No bound."""
    yield from _redundant(subject, ("layer", "group", "rms"))


# The bias to start with --------------------------------------------------------------------------------------

PRIORS = ("generic", "rare", "frequent", "half")
_LOGIT = next(h.rhs for h in FOCAL.sequents()[0].hypotheses if isinstance(h, Equality))
_LOGIT_SLOPE = gradient(_LOGIT, PRIOR)


def _priors(seed: int, kind: str, shape: tuple[int, ...], dtype: str) -> Floats:
    rng = np.random.default_rng(seed)
    p = {
        "generic": rng.uniform(0.05, 0.95, shape),
        "rare": 2.0 ** -rng.uniform(4, 12, shape),
        "frequent": 1 - 2.0 ** -rng.uniform(2, 6, shape),
        "half": 0.5 + rng.integers(-4, 5, shape) / 64,
    }[kind]
    return rounded(p, dtype)


@st.composite
def _start_calls(fetch: Any, subject: Subject) -> Call:
    shape, kind = fetch(st.sampled_from([(4,), (1,), (), (2, 3)])), fetch(st.sampled_from(PRIORS))
    return subject.call(START, Array(_priors(fetch(regimes.SEEDS), kind, shape, subject.dtype)))


def _started(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    e = enclose(_LOGIT, {PRIOR: call.arguments[0].values}, dtype="float64")
    size = 1 + np.abs(e.hi)
    bound = 6 * unit_roundoff(_working(subject.dtype)) * size
    return (_expected((e.hi, e.lo, e.radius), bound, size, subject.dtype),)


def _start_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Difference and quotient have relative error 2w, which is absolute behind the logarithm; that adds 2w|y|, and a
    difference of two logarithms as much: within 6w(1 + |y|), and u|y| + η for rounding."""
    output = subject.run(call)
    (expectation,) = _started(subject, call, output.dtypes)
    yield Comparison(output.values[0], expectation, output.code(), "the logit of the prior")


def _start_rate(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The sigmoid of the bias is the prior: its slope p(1 − p) times the bound of the bias, 6w(1 + |y|) + u|y| + η,
    doubled for the curve in between, and 8 roundings of float64."""
    output = subject.run(call)
    p: Floats = call.arguments[0].values
    (allowed,) = _started(subject, call, output.dtypes)
    rate, code = 1 / (1 + np.exp(-output.values[0])), f"1 / (1 + np.exp(-{output.code()}))"
    bound = 2 * p * (1 - p) * allowed.bound + gamma(8, "float64") * p
    wrong = bound + 2 * p * (1 - p) * allowed.refuted_above
    yield Comparison(rate, Expectation(p, 0.0, 0.0, bound, wrong), code, "the sigmoid of the bias against the prior")


def _start_slope(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """The slope 1/(p(1 − p)): a few roundings of numbers of one sign, γ₁₂ of w; near 1/2 by −log1p((1 − 2p)/p) the
    terms are at most four times the result. u|y| + η for rounding."""
    call, seed = case
    p: Floats = call.arguments[0].values
    g = rounded(np.random.default_rng(seed).uniform(0.5, 1, p.shape), subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    e = enclose(_LOGIT_SLOPE, {PRIOR: p}, dtype="float64")
    size = g * np.abs(e.hi)
    bound = (4 * gamma(12, _working(subject.dtype)) + 4 * unit_roundoff("float64")) * size
    parts = g * e.hi, g * e.lo, g * e.radius
    yield Comparison(got.values[0], _expected(parts, bound, size, subject.dtype), got.code(0), "the gradient")


def _shapes(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return tuple(Promise(call.arguments[i].values.shape) for i in (0, 1))


CONTRACTS = (
    Contract(
        FOLD,
        "(weight, bias, gamma, beta, mean, var, *, eps)",
        "weight (out, ...), the others (out,) → weight and bias",
        _fold_calls,
        _shapes,
        _folded,
        differentiable=True,
    ),
    Contract(
        REDUNDANT,
        "(norm, channels, *, groups=1, training=True)",
        "a name and whole numbers → a truth value",
        _redundant_calls,
        lambda subject, call: (Promise(None),),
        per_dtype=False,
    ),
    Contract(
        START,
        "(prior)",
        "any shape, kept",
        _start_calls,
        lambda subject, call: (Promise(call.arguments[0].values.shape),),
        _started,
        ("prior",),
        1,
        differentiable=True,
    ),
)


def _law(name: str, id: str, claims: str, statement: str, cases: Any, check: Any, **options: Any) -> Law:
    named = tuple(f"bias.{c}" for c in claims.split())
    return Law(f"{name}-{id}", named, (name,), statement, cases, check, **{"examples": 20, **options})


def _with_seed(calls: Any) -> Any:
    return lambda subject: st.tuples(calls(subject), regimes.SEEDS)


def _shifts(subject: Subject) -> st.SearchStrategy[tuple[int, float]]:
    return st.tuples(regimes.SEEDS, st.sampled_from(EPSILONS))


def _none(subject: Subject) -> st.SearchStrategy[None]:
    return st.none()


LAWS: tuple[Law, ...] = (
    _law(FOLD, "value", "bn-eval-stale", "γw/√(v + ε) and β + γ(b − μ)/√(v + ε).", _fold_calls, _fold_value),
    _law(FOLD, "shift", "bn-eval-stale", "A changed bias shifts, unless the mean follows.", _shifts, _fold_shift),
    _law(
        FOLD,
        "gradient",
        "bn-eval-stale",
        "Its derivatives.",
        _with_seed(_fold_calls),
        _fold_slope,
        gradient=True,
        examples=10,
    ),
    _law(
        REDUNDANT,
        "batch",
        "bn-cancels bn-eval-stale instance-norm-cancels",
        "Batch and instance normalisation.",
        _none,
        _batch,
        examples=1,
    ),
    _law(
        REDUNDANT,
        "layers",
        "layernorm instance-norm-cancels",
        "Layer, group and RMS normalisation.",
        _none,
        _layers,
        examples=1,
    ),
    _law(START, "value", "focal-init", "The logit of the prior.", _start_calls, _start_value),
    _law(START, "rate", "focal-init logistic-optimum", "Its sigmoid is the prior.", _start_calls, _start_rate),
    _law(START, "gradient", "focal-init", "1/(p(1 − p)).", _with_seed(_start_calls), _start_slope, gradient=True),
)
