# SPDX-License-Identifier: BSD-3-Clause
"""Laws of the threshold unit: exact on whole numbers, elsewhere wherever the sign is certain."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..theory.bias_learning import PERCEPTRON
from ..theory.bias_learning import R as RADIUS
from ..theory.bias_learning import g as MARGIN
from ..theory.oracle import exact
from . import regimes
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, gamma, rounded
from .law import Law
from .subject import Misbehaviour, Output, Subject
from .verdict import Comparison, exactly

NAME = "threshold_unit"
SHAPES = ((), (5,), (2, 4))
DTYPES = ("bool", "float16", "bfloat16", "float32", "float64")


def _whole(seed: int, shape: tuple[int, ...], n: int) -> tuple[Floats, Floats, float]:
    """x, w and b of small whole numbers: w·x + b is often 0."""
    rng = np.random.default_rng(seed)
    x, w = (rng.integers(-3, 4, s).astype(np.float64) for s in ((*shape, n), (n,)))
    return x, w, float(rng.integers(-3, 4))


def _run(subject: Subject, x: Floats, w: Floats, b: float) -> Output:
    return subject.run(subject.call(NAME, Array(x), Array(w), Array(np.asarray(b))))


def _fires(output: Output) -> Floats:
    return np.asarray(output.values[0], np.float64)


@st.composite
def _calls(fetch: Any, subject: Subject) -> Call:
    x, w, b = _whole(fetch(regimes.SEEDS), fetch(st.sampled_from(SHAPES)), fetch(st.integers(1, 5)))
    return subject.call(NAME, Array(x), Array(w), Array(np.asarray(b)))


def _cases(subject: Subject) -> st.SearchStrategy[tuple[int, tuple[int, ...], int]]:
    return st.tuples(regimes.SEEDS, st.sampled_from(SHAPES), st.integers(1, 5))


def _value(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """w·x and T = −b in whole numbers: it fires exactly where w·x > T, not where they are equal. No bound."""
    x, w, b = _whole(*case)
    output = _run(subject, x, w, b)
    yield Comparison(_fires(output), exactly((x @ w > -b) * 1.0), output.code(), "w·x > T with T = −b")


def _real(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """On real numbers w·x + b is off by γₙ₊₁ of u of Σ|wᵢxᵢ| + |b| (and as much in float64 here); where it is farther
    from 0 than that the sign is certain, elsewhere nothing is asked."""
    seed, shape, n = case
    rng = np.random.default_rng(seed)
    x, w, b = (rounded(rng.standard_normal(s), subject.dtype) for s in ((*shape, n), (n,), ()))
    output = _run(subject, x, w, float(b))
    off = gamma(n + 2, subject.dtype) * 2 * (np.abs(x) @ np.abs(w) + abs(b))
    sure = np.abs(x @ w + b) > off
    expected = (x @ w + b > 0) * 1.0
    code = f"np.where(np.array({sure.tolist()}), {output.code()}, np.array({expected.tolist()}))"
    yield Comparison(np.where(sure, _fires(output), expected), exactly(expected), code, "where the sign is certain")


def _boundary(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """Points with w·x + b = 0 exactly, x = 0 and b = 0 among them: the unit is strict and does not fire. No bound."""
    x, w, _ = _whole(*case)
    point = x.reshape(-1, x.shape[-1])[0]
    for at, b in ((point, -float(point @ w)), (np.zeros(w.shape), 0.0)):
        output = _run(subject, at, w, b)
        yield Comparison(_fires(output), exactly(0.0), output.code(), "on the hyperplane")


def _monotone(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """What fires with b fires with b + 1 and b + 3: comparisons of whole numbers, no bound."""
    x, w, b = _whole(*case)
    outputs = [_run(subject, x, w, b + more) for more in (0, 1, 3)]
    for less, more in pairwise(outputs):
        lost = (_fires(less) > _fires(more)).sum()
        code = f"({less.code()} > {more.code()}).sum()"
        yield Comparison(np.asarray(lost), exactly(0.0), code, "points that a larger bias has lost")


def _scaled(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """(w, b) and (4w, 4b), and (w/4, b/4), are one unit: powers of 2 scale exactly, so there is no bound."""
    x, w, b = _whole(*case)
    first = _run(subject, x, w, b)
    for c in (4.0, 0.25):
        other = _run(subject, x, c * w, c * b)
        yield Comparison(
            _fires(other), exactly(_fires(first)), other.code(), f"{c} times weights and bias", first.code()
        )


def _augmented(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """(x, 1) with weights (w, b) and no bias is the same unit: whole numbers, no bound."""
    x, w, b = _whole(*case)
    first = _run(subject, x, w, b)
    longer = np.concatenate([x, np.ones((*x.shape[:-1], 1))], -1)
    other = _run(subject, longer, np.append(w, b), 0.0)
    yield Comparison(_fires(other), exactly(_fires(first)), other.code(), "a constant input for the bias", first.code())


def _origin(subject: Subject, case: tuple[int, tuple[int, ...], int]) -> Iterator[Comparison]:
    """Without a bias x and 4x are on one side; 1 and 2 are told apart by x − 3/2 and not without. No bound."""
    x, w, _ = _whole(*case)
    first, other = (_run(subject, c * x, w, 0.0) for c in (1.0, 4.0))
    yield Comparison(_fires(other), exactly(_fires(first)), other.code(), "4x without a bias", first.code())
    points = np.array([[1.0], [2.0]])
    apart = _run(subject, points, np.ones(1), -1.5)
    yield Comparison(_fires(apart), exactly([0.0, 1.0]), apart.code(), "x − 3/2 at 1 and 2")


def _perceptron(subject: Subject, seed: int) -> Iterator[Comparison]:
    """A perceptron that learns from this unit makes at most (R/γ)² mistakes; all numbers are halves below 2⁷, which
    every precision holds, and the bound is the theory's, from the separating vector (2, 4, −1)/√21."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-3, 4, (8, 2)).astype(np.float64)
    side = x @ np.array([2.0, 4.0]) - 1
    radius, margin = (x**2).sum(-1).max() + 1, (side**2).min() / 21
    limit = float(exact(_limit(), {RADIUS: 1, MARGIN: 1}) or 0) * radius / margin
    w, b, mistakes = np.zeros(2), 0.0, 0
    while mistakes <= limit:
        output = _run(subject, x, w, b)
        wrong = np.flatnonzero((_fires(output) > 0) != (side > 0))
        if not wrong.size:
            break
        i, mistakes = wrong[0], mistakes + 1
        w, b = w + np.sign(side[i]) * x[i], b + float(np.sign(side[i]))
    else:
        expected = ((x @ w + b) > 0).tolist()
        raise Misbehaviour(
            f"a perceptron made {mistakes} mistakes with this unit, (R/γ)² is {limit:.1f}",
            f"assert {output.code()}.tolist() == {expected}",
        )
    yield Comparison(np.asarray(max(mistakes - limit, 0.0)), exactly(0.0), "0.0", "mistakes beyond (R/γ)²")


def _limit() -> Any:
    return next(s.relation.rhs for s in PERCEPTRON.sequents() if s.name == "mistakes")


def _law(id: str, claims: str, statement: str, check: Any, cases: Any = _cases, examples: int = 20) -> Law:
    named = tuple(f"bias.{c}" for c in claims.split())
    return Law(f"{NAME}-{id}", named, (NAME,), statement, cases, check, examples=examples)


CONTRACT = Contract(
    NAME,
    "(x, w, b)",
    "x (..., n), w (n,), b () → whether w·x + b > 0, booleans or 0 and 1, (...)",
    _calls,
    lambda subject, call: (Promise(call.arguments[0].values.shape[:-1], DTYPES),),
)
LAWS: tuple[Law, ...] = (
    _law("value", "threshold-to-bias", "It fires where w·x > −b.", _value, examples=30),
    _law("real", "threshold-to-bias", "It fires where w·x > −b.", _real),
    _law("boundary", "strict-boundary", "It does not fire on the hyperplane.", _boundary, examples=10),
    _law("monotone", "threshold-monotone", "A larger bias fires more.", _monotone),
    _law("scaled", "size-is-difficulty", "A multiple of weights and bias is the same unit.", _scaled),
    _law("augmented", "augmented-input", "A bias is the weight of a 1.", _augmented),
    _law("origin", "origin-hyperplane", "Without a bias x and cx agree.", _origin),
    _law("perceptron", "perceptron-convergence", "At most (R/γ)² mistakes.", _perceptron, lambda s: regimes.SEEDS, 4),
)
