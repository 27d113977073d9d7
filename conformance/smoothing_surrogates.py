# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of soft accuracy, soft F1 and the Dice loss."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..theory import smoothing_terms as theory
from ..theory.oracle import enclose, gradient
from ..theory.smoothing_scores import F1_MINIBATCH_BIAS, SURROGATE_MONOTONE
from . import regimes
from .call import Array, Call, integers
from .contract import Contract, Promise
from .floats import Floats, gamma, rounded, unit_roundoff
from .law import Law
from .smoothing_cases import against_expectation, expected, law, working
from .subject import Output, Subject
from .verdict import Comparison, Expectation, exactly

KINDS = ("soft", "hard", "rare", "certain", "tiny")
EPS = (1.0, 0.25, 0.001953125)


def probabilities(seed: int, kind: str, shape: tuple[int, ...], dtype: str) -> Floats:
    """Numbers from 0 to 1: anywhere, 0 or 1, mostly 0, one of them 1, or close to 0."""
    rng = np.random.default_rng(seed)
    p = rng.random(shape)
    if kind == "hard":
        p = np.round(p)
    if kind == "rare":
        p = np.where(rng.random(shape) < 0.8, 0.0, p)
    if kind == "certain":
        p.flat[int(rng.integers(p.size))] = 1.0
    if kind == "tiny":
        p = p / 256
    return rounded(p, dtype)


def _f1_inputs(seed: int, kind: str, n: int, dtype: str) -> tuple[Floats, Floats]:
    p = probabilities(seed, kind, (n,), dtype)
    y = (np.random.default_rng(seed + 1).random(n) < 0.5).astype(np.float64)
    y[-1] = 1.0  # so that F1 is defined
    return p, y


# Accuracy ------------------------------------------------------------------------------------------------


@st.composite
def _accuracy_calls(fetch: Any, subject: Subject) -> Call:
    seed, kind = fetch(regimes.SEEDS), fetch(st.sampled_from(KINDS))
    n, classes = fetch(st.integers(1, 6)), fetch(st.integers(2, 4))
    p = probabilities(seed, kind, (n, classes), subject.dtype)
    return subject.call("soft_accuracy", Array(p), integers(np.random.default_rng(seed).integers(0, classes, n)))


def _accuracy(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    p, labels = (a.values for a in call.arguments)
    terms = [Fraction(float(v)) for v in p[np.arange(len(p)), labels]]
    exact = sum(terms, Fraction(0)) / len(terms)
    parts = np.asarray(float(exact)), np.asarray(float(exact - Fraction(float(exact)))), np.asarray(0.0)
    return (expected(parts, gamma(len(p) + 2, working(subject.dtype)) * parts[0], 1.0, subject.dtype),)


def _accuracy_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """A mean of n numbers of one sign has relative error γₙ₊₂ of w, and the result is rounded, u|y| + η; the exact
    mean is a sum of fractions."""
    yield from against_expectation(subject, call)


def _accuracy_slope(subject: Subject, call: Call) -> Iterator[Comparison]:
    """1/n at the true class, 0 elsewhere: a quotient, within 2w of g/n, and u|y| + η."""
    p, labels = (a.values for a in call.arguments)
    got = subject.gradient(call, (0,), (Array(np.asarray(0.75)),))
    exact = np.zeros(p.shape)
    exact[np.arange(len(p)), labels] = 0.75 / len(p)
    bound = 2 * (unit_roundoff(working(subject.dtype)) + unit_roundoff("float64")) * exact
    zero = np.zeros(p.shape)
    yield Comparison(
        got.values[0], expected((exact, zero, zero), bound, 1.0, subject.dtype), got.code(0), "the gradient"
    )


def _batches(subject: Subject, case: tuple[int, int]) -> Iterator[Comparison]:
    """The mean over two batches of equal size is the whole, γₙ₊₂ of w and u of each; one rounding of float64."""
    seed, n = case
    p = probabilities(seed, "soft", (2 * n, 3), subject.dtype)
    labels = np.random.default_rng(seed).integers(0, 3, 2 * n)
    outputs = [
        subject.run(subject.call("soft_accuracy", Array(p[part]), integers(labels[part])))
        for part in (slice(0, n), slice(n, 2 * n), slice(0, 2 * n))
    ]
    first, second, whole = outputs
    size = first.values[0] + second.values[0]
    each = gamma(2 * n + 2, working(subject.dtype)) + unit_roundoff(subject.dtype)
    expectation = expected((whole.values[0], np.zeros(()), np.zeros(())), 2 * each * size, 1.0, subject.dtype)
    code = f"({first.code()} + {second.code()}) / 2"
    yield Comparison(size / 2, expectation, code, "the mean of two batches against the whole", whole.code())


def _rises(subject: Subject, case: None) -> Iterator[Comparison]:
    """The witness: .51 rises to .823… while the accuracy falls from 1 to 2/3. The bound of a mean, γ₅ of w, u|y| + η,
    at the numbers of the dtype next to those of the theory."""
    numbers = [float(v) for _, v in SURROGATE_MONOTONE.refutations()[0].witness]
    for three in (numbers[:3], numbers[3:]):
        p = rounded(np.array([[v, 1 - v] for v in three]), subject.dtype)
        yield from against_expectation(subject, subject.call("soft_accuracy", Array(p), integers([0, 0, 0])))


# F1 and Dice -----------------------------------------------------------------------------------------------

_F1 = 2 * theory.f1_numerator() / theory.f1_denominator()
_DICE = theory.dice_loss(theory.q)
_SLOPES = {"soft_f1": gradient(_F1, theory.p[theory.j]), "soft_dice": gradient(_DICE, theory.p[theory.j])}


@st.composite
def _f1_calls(fetch: Any, subject: Subject) -> Call:
    p, y = _f1_inputs(fetch(regimes.SEEDS), fetch(st.sampled_from(KINDS)), fetch(st.integers(2, 8)), subject.dtype)
    return subject.call("soft_f1", Array(p), _labels(y, fetch(st.booleans())))


@st.composite
def _dice_calls(fetch: Any, subject: Subject) -> Call:
    p, y = _f1_inputs(fetch(regimes.SEEDS), fetch(st.sampled_from(KINDS)), 2 * fetch(st.integers(1, 4)), subject.dtype)
    eps = fetch(st.sampled_from(EPS))
    if fetch(st.booleans()):
        p, y = p.reshape(2, -1), y.reshape(2, -1)
    return subject.call("soft_dice", Array(p), _labels(y, fetch(st.booleans())), eps=eps)


def _labels(y: Floats, whole: bool) -> Array:
    return integers(y.astype(np.int64)) if whole else Array(y)


def _given(subject: Subject, call: Call) -> tuple[dict[Any, Any], int, float]:
    """Values for the theory's formula, the number of samples, and ε."""
    p, y = (a.values.reshape(-1) for a in call.arguments)
    eps = 0.0
    if call.contract == "soft_dice":
        eps = float(subject.value("soft_dice", "eps", call.keywords.get("eps")))
    given = {theory.p: p.tolist(), theory.labels: y.astype(np.float64).tolist(), theory.n: p.size, theory.q: eps}
    return given, p.size, eps


def _score(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    given, n, eps = _given(subject, call)
    exact = enclose(_DICE if eps else _F1, given, dtype="float64")
    size = 1.0 + np.abs(exact.hi) if eps else np.abs(exact.hi)
    bound = gamma(2 * n + 8, working(subject.dtype)) * size
    return (expected((exact.hi, exact.lo, exact.radius), bound, 1.0, subject.dtype),)


def _f1_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Both sums have terms of one sign, so relative errors γₙ of w each; product, quotient and labels γ₈ more; u|y| + η
    for rounding. In the Dice loss the quotient is subtracted from 1, which makes the bound absolute."""
    yield from against_expectation(subject, call)


def _f1_slope(subject: Subject, call: Call) -> Iterator[Comparison]:
    """2y/D − 2N/D² (with ε in both for Dice), where N = Σ py and D = Σ(p + y) have relative error γₙ of w: within
    γ₄ₙ₊₁₆ of the sum of the absolute terms, and u|y| + η."""
    given, n, eps = _given(subject, call)
    p, y = (a.values.astype(np.float64) for a in call.arguments)
    g = 0.75
    got = subject.gradient(call, (0,), (Array(np.asarray(g)),))
    exact = enclose(_SLOPES[call.contract], {**given, theory.j: np.arange(n)}, dtype="float64")
    whole, overlap = (p + y).sum() + eps, 2 * (p * y).sum() + eps
    size = g * (2 * y / whole + overlap / whole**2)
    parts = tuple((part * g).reshape(p.shape) for part in (exact.hi, exact.lo, exact.radius))
    bound = gamma(4 * n + 16, working(subject.dtype)) * size + 4 * unit_roundoff("float64") * np.abs(parts[0])
    expectation = expected((parts[0], parts[1], parts[2]), bound, size, subject.dtype)
    yield Comparison(got.values[0], expectation, got.code(0), "the gradient with respect to the probabilities")


def _hard(subject: Subject, case: tuple[int, int, int]) -> Iterator[Comparison]:
    """F1 is the harmonic mean of precision and recall, 2TP/(2TP + FP + FN), in counts of true positives, false
    positives and false negatives; whole numbers are exact, so that only the quotient is rounded, 4w, and u|y| + η."""
    tp, fp, fn = case
    p = np.repeat([1.0, 1.0, 0.0, 0.0], [tp, fp, fn, 2])
    y = np.repeat([1, 0, 1, 0], [tp, fp, fn, 2])
    output = subject.run(subject.call("soft_f1", Array(p), integers(y)))
    exact = Fraction(2 * tp, 2 * tp + fp + fn)
    high = np.asarray(float(exact))
    parts = high, np.asarray(float(exact - Fraction(float(high)))), np.zeros(())
    bound = 4 * unit_roundoff(working(subject.dtype)) * high
    label = f"F1 of {tp} true positives, {fp} false positives, {fn} false negatives"
    yield Comparison(output.values[0], expected(parts, bound, 1.0, subject.dtype), output.code(), label)


def _minibatches(subject: Subject, case: None) -> Iterator[Comparison]:
    """The witness of the theory: 1/2 for the whole, 7/18 for the mean over its six batches of two. Whole numbers are
    exact; each quotient is rounded, 4w and u."""
    numbers = [float(v) for _, v in F1_MINIBATCH_BIAS.refutations()[0].witness]
    p, y = np.array(numbers[:4]), np.array(numbers[4:]).astype(np.int64)

    def of(*samples: int) -> Output:
        at = list(samples)
        return subject.run(subject.call("soft_f1", Array(p[at]), integers(y[at])))

    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    pairs = [pair for pair in pairs if p[list(pair)].any() or y[list(pair)].any()]
    outputs, whole = [of(*pair) for pair in pairs], of(0, 1, 2, 3)
    sides = {s.name: s.relation.rhs for s in F1_MINIBATCH_BIAS.sequents()}
    each = 4 * unit_roundoff(working(subject.dtype)) + 2 * unit_roundoff(subject.dtype)
    mean = "np.mean([" + ", ".join(o.code() for o in outputs) + "])"
    for got, name, code in (
        (np.mean([o.values[0] for o in outputs]), "mean-of-batches", mean),
        (whole.values[0], "whole", whole.code()),
    ):
        high = np.asarray(float(sides[name]))
        expectation = expected((high, np.zeros(()), np.zeros(())), each, 1.0, subject.dtype)
        yield Comparison(np.asarray(got), expectation, code, f"F1: {name}")


def _empty(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """Where nothing is positive F1 is 0/0 and has the value asked for, exactly."""
    n, value = case
    call = subject.call("soft_f1", Array(np.zeros(n)), integers(np.zeros(n)), zero_division=value)
    output = subject.run(call)
    yield Comparison(output.values[0], exactly(value), output.code(), "F1 where nothing is positive")


def _nothing(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """Two empty masks: ε/ε = 1, so the loss is 0; a quotient of equal numbers is exact, so there is no bound but η."""
    n, eps = case
    if not subject.accepts("soft_dice", "eps"):
        eps = float(subject.value("soft_dice", "eps", None))
    call = subject.call("soft_dice", Array(np.zeros(n)), integers(np.zeros(n)), eps=eps)
    output = subject.run(call)
    zero = np.zeros(())
    expectation = expected((zero, zero, zero), 0.0, 1.0, subject.dtype)
    yield Comparison(output.values[0], expectation, output.code(), "the Dice loss of two empty masks")


def _zero_cases(subject: Subject) -> st.SearchStrategy[tuple[int, float]]:
    return st.tuples(st.integers(1, 4), st.sampled_from([1.0, 0.0]))


def _nothing_cases(subject: Subject) -> st.SearchStrategy[tuple[int, float]]:
    return st.tuples(st.integers(1, 4), st.sampled_from(EPS))


def _hard_cases(subject: Subject) -> st.SearchStrategy[tuple[int, int, int]]:
    return st.tuples(st.integers(1, 5), st.integers(0, 4), st.integers(0, 4))


def _sizes(subject: Subject) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(regimes.SEEDS, st.integers(1, 4))


def _none(subject: Subject) -> st.SearchStrategy[None]:
    return st.none()


def _contract(name: str, signature: str, shapes: str, calls: Any, expect: Any) -> Contract:
    return Contract(name, signature, shapes, calls, lambda s, c: (Promise(()),), expect, differentiable=True)


_ACC, _F, _LOSS = "soft_accuracy", "soft_f1", "soft_dice"
CONTRACTS = (
    _contract(
        _ACC,
        "(probs, labels)",
        "probs (n, classes), labels (n,) → the mean p of the true class",
        _accuracy_calls,
        _accuracy,
    ),
    _contract(_F, "(probs, labels, *, zero_division=1.0)", "probs, labels (n,) → 2 Σpy/Σ(p + y)", _f1_calls, _score),
    _contract(
        _LOSS, "(probs, target, *, eps)", "two of one shape → 1 − (2Σpy + ε)/(Σ(p + y) + ε)", _dice_calls, _score
    ),
)
LAWS: tuple[Law, ...] = (
    law(_ACC, "value", "acc-soft", "The mean probability of the true class.", _accuracy_calls, _accuracy_value),
    law(_ACC, "gradient", "acc-soft", "1/n at the true class.", _accuracy_calls, _accuracy_slope, gradient=True),
    law(_ACC, "batches", "acc-soft", "Batches average to the whole.", _sizes, _batches),
    law(_ACC, "witness", "surrogate-monotone", "It rises at the witness.", _none, _rises, examples=1),
    law(_F, "value", "f1", "2 Σpy/Σ(p + y).", _f1_calls, _f1_value, examples=40),
    law(_F, "gradient", "f1-gradient", "2(yD − N)/D².", _f1_calls, _f1_slope, gradient=True),
    law(_F, "hard", "f1", "F1 where p and y are 0 or 1.", _hard_cases, _hard),
    law(_F, "batches", "f1-minibatch-bias", "Batches do not average to F1.", _none, _minibatches, examples=1),
    law(_F, "empty", "f1", "0/0 is what was asked for.", _zero_cases, _empty, varies=("zero_division",), examples=4),
    law(_LOSS, "value", "f1", "1 − (2Σpy + ε)/(Σ(p + y) + ε).", _dice_calls, _f1_value, examples=40),
    law(_LOSS, "gradient", "f1-gradient", "Its derivative.", _dice_calls, _f1_slope, gradient=True),
    law(_LOSS, "empty", "f1", "Two empty masks have loss 0.", _nothing_cases, _nothing, examples=8),
)
