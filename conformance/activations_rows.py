# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the activations of a row: softmax, log_softmax, logsumexp, and maxout.

Everything is measured from the largest entry m of a row: e^(xᵢ − m) is off by u |xᵢ − m|, however it is computed.
The bounds are for a row of n with w = Σ pⱼ |xⱼ − m|, the mean distance under p = softmax(x):

softmax: pᵢ is off by γ of 8 + n + |xᵢ − m| + w, relative to pᵢ. log_softmax and logsumexp are the logarithm
l = log Σ e^(xⱼ − m) ≥ 0 with a difference: the logarithm is off by γ of 8 + n relative to l, and by w u.
A sum of n is at best off by log₂ n roundings: in rows of more than 64 that is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import IndexedBase, S, Sum, Symbol, exp, log

from ..theory.oracle import enclose
from . import activations_bounds as bounds
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, half_digits, largest, rounded, smallest_subnormal, unit_roundoff
from .law import Law
from .regimes import SEEDS
from .subject import Subject
from .verdict import Comparison, Expectation, agreeing, exactly

NAMES = ("softmax", "log_softmax", "logsumexp")
PLACES = (((4,), -1), ((2, 5), 1), ((2, 3), -1), ((2, 3, 4), -2), ((1, 2, 3, 2), 1), ((2, 1), -1), ((1,), 0))
FIRST_AXIS = (((3, 2), 0), ((4, 2, 2), -3))
REGIMES = ("generic", "spread", "dominant", "far", "ties", "huge", "masked", "tiny")

_i, _n, _j = Symbol("i", integer=True), Symbol("n", integer=True), Symbol("j", integer=True)
_t = Symbol("t", real=True)
_x, _c = IndexedBase("x", real=True), IndexedBase("c", real=True)
_TOTAL = Sum(exp(_x[_i] - _t), (_i, 0, _n - 1))
_P = exp(_x[_j] - _t) / _TOTAL
_MEAN = Sum(_c[_i] * exp(_x[_i] - _t), (_i, 0, _n - 1)) / _TOTAL
VALUES = {"softmax": _P, "log_softmax": _x[_j] - _t - log(_TOTAL), "logsumexp": _t + log(_TOTAL)}
SLOPES = {
    "softmax": _P * (_c[_j] - _MEAN),
    "log_softmax": _c[_j] - _P * Sum(_c[_i], (_i, 0, _n - 1)),
    "logsumexp": _P,
}


@dataclass(frozen=True)
class Rows:
    """One drawn input; the array is built from the seed."""

    name: str
    seed: int
    regime: str
    shape: tuple[int, ...]
    axis: int


def _cases(name: str, places: Any = (*PLACES, *FIRST_AXIS), regimes: tuple[str, ...] = REGIMES) -> Any:
    strategy = st.builds(
        lambda seed, regime, place: Rows(name, seed, regime, *place),
        SEEDS,
        st.sampled_from(regimes),
        st.sampled_from(places),
    )

    def cases(subject: Subject) -> Any:
        fixed = int(subject.value(name, "axis", -1))
        if subject.accepts(name, "axis"):
            return strategy
        return strategy.filter(lambda case: case.axis % len(case.shape) == fixed % len(case.shape))

    return cases


def _entries(subject: Subject, case: Rows) -> Floats:
    """The array of a case; masked rows have entries of −∞, but never nothing else."""
    rng, shape, dtype = np.random.default_rng(case.seed), case.shape, subject.dtype
    normal = rng.standard_normal(shape)
    made = {
        "generic": normal,
        "spread": 10 * normal,
        "dominant": np.where(rng.random(shape) < 0.3, 20 + normal, normal - 4),
        "far": rng.choice([-1.0, 1.0]) * 1000 + normal * 4,
        "ties": rng.integers(-1, 2, shape).astype(float),
        "huge": rng.uniform(-0.9, 0.9, shape) * largest(dtype),
        "masked": np.where(rng.random(shape) < 0.5, -np.inf, normal * 3),
        "tiny": normal * 2.0 ** rng.uniform(-20, 0, shape),
    }[case.regime]
    values = rounded(made, dtype)
    alone = np.isinf(values).all(axis=case.axis, keepdims=True)
    return np.where(alone, 0.0, values)


def _call(subject: Subject, case: Rows, values: Floats) -> Call:
    return subject.call(case.name, Array(values), axis=case.axis)


def _axis(subject: Subject, call: Call) -> int:
    return int(subject.value(call.contract, "axis", call.keywords.get("axis", -1)))


@dataclass(frozen=True, eq=False)
class _Exact:
    """Parts of the exact answer of one row, 0 where an entry is −∞: hi, lo, radius, p, distance to m, w, l."""

    parts: tuple[Floats, Floats, Floats]
    p: Floats
    distance: Floats
    mean_distance: float
    logarithm: float


def _exact(row: Floats, expression: Any, c: Floats | None = None) -> _Exact:
    keep = np.isfinite(row)
    kept = row[keep]
    values = {_x: kept.tolist(), _n: kept.size, _t: float(kept.max()), _j: np.arange(kept.size)}
    if c is not None:
        values[_c] = c[keep].tolist()
    value, p, total = enclose([expression, _P, _TOTAL], values, dtype="float64")

    def spread(part: Floats) -> Floats:
        whole = np.zeros(row.shape)
        whole[keep] = np.broadcast_to(part, kept.shape)
        return whole

    with np.errstate(over="ignore"):
        distance = np.minimum(kept.max() - kept, 2.0**1000)
    parts = spread(value.hi), spread(value.lo), spread(value.radius)
    log_total = math.log(float(np.max(total.hi)))
    return _Exact(parts, spread(p.hi), spread(distance), float((p.hi * distance).sum()), log_total)


def _terms(n: int) -> float:
    """Roundings of a sum of n terms: in any order for short rows, by blocks or by halves for long ones."""
    return float(n if n <= 64 else 2 * math.log2(n) + 32)


def _expect_row(name: str, row: Floats, dtype: str) -> Expectation:
    u, eta, n = unit_roundoff(dtype), smallest_subnormal(dtype), row.size
    e = _exact(row, VALUES[name])
    high, low, radius = e.parts
    masked = ~np.isfinite(row)
    few = 8 + _terms(n)
    if name == "softmax":
        bound = u * e.p * (few + e.distance + e.mean_distance) + n * eta
        return Expectation(high, low, radius, bound, bound + half_digits(dtype))
    shared = u * (few * e.logarithm + e.mean_distance) + n * eta
    if name == "logsumexp":
        bound = shared + 4 * u * abs(high[~masked][0])
        wrong = bound + half_digits(dtype) * (1 + abs(high[~masked][0]))
        keep = np.flatnonzero(~masked)[0]
        return Expectation(high[keep], low[keep], radius[keep], bound, wrong)
    bound = shared + 4 * u * (e.distance + np.abs(high))
    wrong = bound + half_digits(dtype) * (1 + e.distance)
    return Expectation(np.where(masked, -np.inf, high), low, radius, bound, wrong)


def expected(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    """The exact rows, with their bounds."""
    axis = _axis(subject, call)
    rows = np.moveaxis(call.arguments[0].values, axis, -1)
    found = [_expect_row(call.contract, row, dtypes[0]) for row in rows.reshape(-1, rows.shape[-1])]
    return (_stacked(found, rows.shape, axis, call.contract == "logsumexp", dtypes[0]),)


def _stacked(found: list[Expectation], shape: tuple[int, ...], axis: int, reduced: bool, dtype: str) -> Expectation:
    columns = []
    for name in ("high", "low", "radius", "bound", "refuted_above"):
        if reduced:
            columns.append(np.array([float(np.asarray(getattr(e, name))) for e in found]).reshape(shape[:-1]))
        else:
            flat = np.stack([np.broadcast_to(getattr(e, name), e.high.shape) for e in found]).reshape(shape)
            columns.append(np.moveaxis(flat, -1, axis))
    return bounds.overflowing(Expectation(*columns), dtype)


def _promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
    shape = call.arguments[0].values.shape
    axis = _axis(subject, call) % len(shape)
    return (Promise(shape if call.contract != "logsumexp" else (*shape[:axis], *shape[axis + 1 :])),)


# The laws ------------------------------------------------------------------------------------------


def _value(subject: Subject, case: Rows) -> Iterator[Comparison]:
    """With d = |xᵢ − m| and w = Σ p d: softmax within u p (8 + n + d + w); log_softmax within u ((8 + n) l + w + 4 d +
    4|y|) and logsumexp within u ((8 + n) l + w + 4|y|), where l = log Σ e^(xⱼ − m); n η for what underflows. An entry
    of −∞ has softmax 0 and log_softmax −∞, and is as if it were not there."""
    call = _call(subject, case, _entries(subject, case))
    output = subject.run(call)
    (e,) = expected(subject, call, output.dtypes)
    yield Comparison(output.values[0], e, output.code(), "the value")


def _slope(subject: Subject, case: Rows) -> Iterator[Comparison]:
    """softmax: pᵢ (cᵢ − Σ p c), within u pᵢ (|cᵢ| + Σ p |c|) (16 + 3n + 2d + 2w); log_softmax: cᵢ − pᵢ Σ c, within
    u (|cᵢ| + pᵢ Σ|c|) (16 + 3n + 2d + 2w); logsumexp: c pᵢ, with the same factor; n η (1 + Σ|c|) for what underflows.
    Entries of −∞ get 0 (their own cotangent is 0 here), and nothing becomes NaN."""
    values = _entries(subject, case)
    call = _call(subject, case, values)
    axis, dtype = _axis(subject, call), subject.dtype
    (promise,) = _promise(subject, call)
    rng = np.random.default_rng(case.seed + 1)
    c = rounded(rng.choice([-1.0, 1.0], promise.shape) * rng.uniform(0.25, 2.0, promise.shape), dtype)
    reduced = case.name == "logsumexp"
    c = c if reduced else np.where(np.isinf(values), 0.0, c)
    output = subject.gradient(call, (0,), (Array(c),))
    rows = np.moveaxis(values, axis, -1)
    full = np.moveaxis(np.broadcast_to(np.expand_dims(c, axis), values.shape) if reduced else c, axis, -1)
    flat = rows.reshape(-1, rows.shape[-1]), full.reshape(-1, rows.shape[-1])
    found = [_slope_row(case.name, row, weights, dtype) for row, weights in zip(*flat, strict=True)]
    e = _stacked(found, rows.shape, axis, False, dtype)
    yield Comparison(output.values[0], e, output.code(), "the gradient")


def _slope_row(name: str, row: Floats, c: Floats, dtype: str) -> Expectation:
    u, eta, n = unit_roundoff(dtype), smallest_subnormal(dtype), row.size
    e = _exact(row, SLOPES[name], c)
    high, low, radius = e.parts
    size = np.abs(c)
    if name == "softmax":
        terms = e.p * (size + float((e.p * size).sum()))
    elif name == "log_softmax":
        terms = size + e.p * size.sum()
    else:
        terms = e.p * size
        low, radius = c * low, size * radius + 2.0**-52 * np.abs(c * high)
        high = c * high
    bound = u * terms * (16 + 3 * n + 2 * e.distance + 2 * e.mean_distance) + n * eta * (1 + size.sum())
    return Expectation(high, low, radius, bound, bound + half_digits(dtype) * (1 + size.sum()))


def _sum(subject: Subject, case: Rows) -> Iterator[Comparison]:
    """The exact row adds up to 1, so the returned one does up to the sum of its bounds: u Σ p (8 + n + d + w) + n² η,
    and is nowhere negative."""
    call = _call(subject, case, _entries(subject, case))
    output = subject.run(call)
    axis = _axis(subject, call)
    (e,) = expected(subject, call, output.dtypes)
    got, code = output.values[0], output.code()
    bound = e.bound.sum(axis)
    wanted = agreeing(np.ones(bound.shape), bound, bound + half_digits(subject.dtype))
    yield Comparison(got.sum(axis), wanted, f"{code}.sum({axis})", "the sum of a row")
    yield Comparison(np.minimum(got, 0.0), exactly(np.zeros(got.shape)), f"np.minimum({code}, 0.0)", "what is below 0")


def _shift(subject: Subject, case: Rows) -> Iterator[Comparison]:
    """Integers up to 7 and 64 more than these are exact in every format; both outputs have the same exact value, and
    for logsumexp 64 more: the bounds of both."""
    x = np.random.default_rng(case.seed).integers(-7, 8, case.shape).astype(float)
    calls = _call(subject, case, x), _call(subject, case, x + 64)
    plain, moved = (subject.run(call) for call in calls)
    (e,), (f,) = (expected(subject, call, plain.dtypes) for call in calls)
    more = 64.0 if case.name == "logsumexp" else 0.0
    bound, wrong = e.bound + f.bound + 2.0**-44, e.refuted_above + f.refuted_above
    wanted = agreeing(plain.values[0] + more, bound, wrong)
    yield Comparison(moved.values[0], wanted, moved.code(), "the row shifted by 64", f"{plain.code()} + {more}")


LONG = 150_000


def _long(name: str, top: int) -> Any:
    far = exp(-S(top))  # of every entry but one, against that one
    total = 1 + (LONG - 1) * far
    formulas = {
        "softmax": (far / total, 1 / total),
        "log_softmax": (-top - log(total), -log(total)),
        "logsumexp": (top + log(total),),
    }[name]

    def check(subject: Subject, place: int) -> Iterator[Comparison]:
        """150,000 entries, all 0 but for one that is 20, or all equal: exact from a closed form. The bounds of short
        rows with a sum by blocks or by halves, 32 + 2 log₂ n roundings instead of n; underflow is rounded once."""
        values = np.zeros((1, LONG))
        values[0, place] = top
        output = subject.run(subject.call(name, Array(values), axis=-1))
        exact = [enclose(formula, {}, dtype="float64") for formula in formulas]
        hi, lo, radius = (np.array([float(getattr(e, part)) for e in exact]) for part in ("hi", "lo", "radius"))
        p, logarithm = (float(enclose(f, {}, dtype="float64").hi) for f in (far / total, log(total)))
        u, eta = unit_roundoff(subject.dtype), smallest_subnormal(subject.dtype)
        few, w, distance = 8 + _terms(LONG), p * (LONG - 1) * top, np.array([float(top), 0.0])
        if name == "softmax":
            bound = u * hi * (few + distance + w) + eta
            wrong = bound + half_digits(subject.dtype)
        else:
            away = 4 * distance[: hi.size] * (name == "log_softmax")
            bound = u * (few * logarithm + w + 4 * np.abs(hi) + away) + eta
            wrong = bound + half_digits(subject.dtype) * (1 + np.abs(hi))
        reduced = name == "logsumexp"
        got = output.values[0] if reduced else output.values[0][0, [place - 1, place]]
        code = output.code() if reduced else f"{output.code()}[0, {[place - 1, place]}]"
        label = f"of {LONG} entries that are 0 but for one, {top}: an entry that is 0, and that one"
        yield Comparison(got, Expectation(hi, lo, radius, bound, wrong), code, label)

    return check


def _special(subject: Subject, case: Rows) -> Iterator[Comparison]:
    """NaN makes its own row NaN and no other, +∞ makes logsumexp +∞, a row of −∞ only has logsumexp −∞: exact. What
    softmax is of such rows is a convention that is not asked for."""
    x = np.random.default_rng(case.seed).integers(-3, 4, (3, 4)).astype(float)
    x[0, case.seed % 4] = np.nan
    x[1] = np.where(np.arange(4) == case.seed % 4, np.inf, x[1]) if case.seed % 2 else -np.inf
    call = subject.call(case.name, Array(x), axis=-1)
    if _axis(subject, call) % 2 != 1:
        return
    output = subject.run(call)
    got, code = output.values[0], output.code()
    lost = np.full(got[0].shape, np.nan)
    yield Comparison(got[0], exactly(lost), f"{code}[0]", "a row with NaN")
    if case.name == "logsumexp":
        yield Comparison(got[1], exactly(x[1].max()), f"{code}[1]", "a row of −∞ or with +∞")
    clean = call.with_argument(0, Array(x[2:]))
    (e,) = expected(subject, clean, output.dtypes)
    yield Comparison(got[2:], e, f"{code}[2:]", "the row beside them")


# Maxout --------------------------------------------------------------------------------------------

# Shapes with an axis and the size of a group.
_MAXOUT = (((6,), -1, 3), ((2, 4), 1, 2), ((2, 6), -1, 2), ((3, 4, 2), -2, 4), ((2, 3, 2, 2), 1, 3), ((1, 2), 1, 1))
_MAXOUT_FIRST = (((6, 2), 0, 3), ((4, 2, 3), -3, 2))


@dataclass(frozen=True)
class Pieces:
    """One drawn input of ``maxout``: a permutation of different numbers, so that no two are equal."""

    seed: int
    shape: tuple[int, ...]
    dim: int
    k: int


def _maxout_cases(places: Any) -> Any:
    strategy = st.builds(lambda seed, place: Pieces(seed, place[0], place[1], place[2]), SEEDS, st.sampled_from(places))

    def cases(subject: Subject) -> Any:
        k, dim = subject.value("maxout", "k", None), subject.value("maxout", "dim", None)

        def fits(case: Pieces) -> bool:
            rank = len(case.shape)
            return (k is None or case.shape[case.dim] % k == 0) and (dim is None or dim % rank == case.dim % rank)

        return strategy.filter(fits)

    return cases


def _maxout_call(subject: Subject, case: Pieces) -> Call:
    count = int(np.prod(case.shape))
    values = np.random.default_rng(case.seed).permutation(count).reshape(case.shape) - count / 2 - 0.5
    return subject.call("maxout", Array(values), k=case.k, dim=case.dim)


def _groups(subject: Subject, call: Call) -> tuple[Floats, int]:
    """The array with every group of k consecutive entries along an axis of its own, and that axis."""
    x, drawn = call.arguments[0].values, call.keywords
    k = int(subject.value("maxout", "k", drawn.get("k")))
    dim = int(subject.value("maxout", "dim", drawn.get("dim", -1))) % x.ndim
    return x.reshape(*x.shape[:dim], x.shape[dim] // k, k, *x.shape[dim + 1 :]), dim + 1


def _maxout_expected(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    groups, axis = _groups(subject, call)
    return (exactly(groups.max(axis)),)


def _maxout_promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
    groups, axis = _groups(subject, call)
    return (Promise((*groups.shape[:axis], *groups.shape[axis + 1 :])),)


def _maxout_value(subject: Subject, case: Pieces) -> Iterator[Comparison]:
    """The largest of each k consecutive entries is one of them: no bound."""
    call = _maxout_call(subject, case)
    output = subject.run(call)
    (e,) = _maxout_expected(subject, call, output.dtypes)
    yield Comparison(output.values[0], e, output.code(), "the largest of each group")


def _maxout_slope(subject: Subject, case: Pieces) -> Iterator[Comparison]:
    """The gradient goes to the largest entry of each group, which is the only one of that size, and is passed on as it
    is: no bound."""
    call = _maxout_call(subject, case)
    groups, axis = _groups(subject, call)
    winners = groups == groups.max(axis, keepdims=True)
    c = rounded(np.random.default_rng(case.seed + 1).uniform(0.25, 2.0, groups.max(axis).shape), subject.dtype)
    output = subject.gradient(call, (0,), (Array(c),))
    wanted = (winners * np.expand_dims(c, axis)).reshape(call.arguments[0].values.shape)
    yield Comparison(output.values[0], exactly(wanted), output.code(), "the gradient")


def _maxout_relu(subject: Subject, case: Pieces) -> Iterator[Comparison]:
    """The larger of 0 and x is relu(x): no bound."""
    x = rounded(np.random.default_rng(case.seed).standard_normal(5), subject.dtype)
    pairs = np.stack([np.zeros(5), x], -1).reshape(1, 10)
    k, dim = subject.value("maxout", "k", 2), subject.value("maxout", "dim", -1)
    if k != 2 or dim % 2 != 1:
        return
    output = subject.run(subject.call("maxout", Array(pairs), k=2, dim=-1))
    yield Comparison(output.values[0][0], exactly(np.maximum(x, 0.0)), f"{output.code()}[0]", "maxout of (0, x)")


# The registries ------------------------------------------------------------------------------------

CLAIMS = {
    "softmax": ("smoothing.softmax-derivation",),
    "log_softmax": ("smoothing.softmax-derivation", "smoothing.lse-calculus"),
    "logsumexp": ("smoothing.lse-calculus",),
}


def _law(id: str, name: str, statement: str, check: Any, **options: Any) -> Law:
    drawn = options.pop("cases", _cases(name))
    claims = options.pop("claims", CLAIMS.get(name, ("activations.maxout",)))
    return Law(id, claims, (name,), statement, drawn, check, **{"examples": 8, **options})


_PLACED = st.integers(1, LONG - 1)
_DIFFERENT = _maxout_cases((*_MAXOUT, *_MAXOUT_FIRST))


def _drawn(name: str) -> Any:
    draw = _cases(name, PLACES)
    return lambda subject: draw(subject).map(lambda case: _call(subject, case, _entries(subject, case)))


CONTRACTS = (
    *(
        Contract(
            name,
            "(x, *, axis=-1)",
            "x of any shape → " + ("its shape without the axis" if name == "logsumexp" else "the same shape"),
            _drawn(name),
            _promise,
            expected,
            batched=("x",),
            core_ndim=1,
            differentiable=True,
        )
        for name in NAMES
    ),
    Contract(
        "maxout",
        "(x, *, k, dim=-1)",
        "x with an axis dim of k · n entries → n along that axis, one for each k consecutive entries",
        lambda subject: _maxout_cases(_MAXOUT)(subject).map(lambda case: _maxout_call(subject, case)),
        _maxout_promise,
        _maxout_expected,
        batched=("x",),
        core_ndim=1,
        differentiable=True,
    ),
)
LAWS = (
    *(_law("value", n, "Each row is the formula along its axis.", _value, examples=20) for n in NAMES),
    *(_law("slope", n, "The gradient is the derivative.", _slope, gradient=True, examples=20) for n in NAMES),
    *(_law("special", n, "NaN stays in its row.", _special) for n in NAMES),
    *(_law("shift", n, "A shift of the row changes nothing but the logarithm.", _shift) for n in NAMES),
    *(
        _law(f"long-{kind}", n, "Rows of 150,000.", _long(n, top), cases=lambda subject: _PLACED, examples=2)
        for n in NAMES
        for kind, top in (("dominant", 20), ("equal", 0))
    ),
    _law("sum", "softmax", "Rows add up to 1.", _sum),
    _law("value", "maxout", "The largest of each k consecutive entries.", _maxout_value, cases=_DIFFERENT, examples=20),
    _law("slope", "maxout", "The largest gets all.", _maxout_slope, cases=_DIFFERENT, gradient=True, examples=12),
    _law("relu", "maxout", "maxout(0, x) is relu(x).", _maxout_relu, cases=_DIFFERENT),
)
