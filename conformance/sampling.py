# SPDX-License-Identifier: BSD-3-Clause
"""Tests of a sampler's law: counts of events against exact probabilities, with a computed rate of false alarms.

A correct sampler is refuted by a whole check of the topic, all contracts and dtypes together, with a
probability of at most ``FALSE_ALARM``. It is split evenly: over at most ``SAMPLING_LAWS`` sampling laws
of a topic, four dtypes, the comparisons of a law, and both tails.

One count is judged by Chernoff's bound: for X ~ Binomial(n, p) and a ≥ p, P(X ≥ n a) ≤ exp(−n KL(a‖p)), and
likewise below; so the allowed interval of X/n ends where n KL reaches log(1/α). A count whose exact
probability is only known to lie in an interval is judged by the nearer end. Power: an event whose
probability is off by more than 2 √(2 p (1 − p) log(1/α)/n) or so is caught more often than not missed by
α itself; an event that should, and never does, occur is caught once n p > log(1/α), about 27.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from sympy import Expr, Symbol

from ..theory import reparameterization_terms as theory
from ..theory.oracle import ball, enclose
from .call import Array
from .contract import NotApplicable
from .floats import FORMATS, rounded, ulp, unit_roundoff
from .subject import Subject
from .verdict import Comparison, Expectation

Floats = npt.NDArray[np.float64]

FALSE_ALARM = 1e-9
SAMPLING_LAWS = 16
ALPHA = FALSE_ALARM / (SAMPLING_LAWS * len(FORMATS))

# Never 0 first, which is what every search starts with whatever its own seed: a sampling law draws once.
SEEDS = st.integers(0, 2**31 - 2).filter(bool)


def seeds(subject: Subject) -> st.SearchStrategy[int]:
    """One seed of a generator; its successor is used as well."""
    return SEEDS


def repeated(row: npt.ArrayLike, *count: int) -> Array:
    """The same rows again and again, as a view."""
    values = np.asarray(row, np.float64)
    return Array(np.broadcast_to(values, (*count, *values.shape)))


def at(expression: Expr, symbol: Symbol, points: npt.ArrayLike) -> Floats:
    """The expression at these points: exact but for the last bit, which no count can see."""
    values: Floats = enclose(expression, {symbol: np.asarray(points, np.float64)}, dtype="float64").hi
    return values


def softmax(logits: npt.ArrayLike) -> Floats:
    """The probabilities that the logits of one row encode; a logit of −inf has probability 0."""
    row = np.asarray(logits, np.float64)
    possible = np.isfinite(row)
    values = {theory.o: row[possible].tolist(), theory.K: int(possible.sum()), theory.j: np.arange(possible.sum())}
    result = np.zeros(row.shape)
    result[possible] = enclose(theory.softmax(theory.j), values, dtype="float64").hi
    return result


def chance(logits: Floats, index: int) -> float:
    """The probability of one of many classes."""
    values = {theory.o: logits.tolist(), theory.K: logits.size, theory.j: index}
    return float(ball(theory.softmax(theory.j), values))


def _divergence(a: Floats, p: Floats) -> Floats:
    """KL(a‖p) of two coins."""
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(a > 0, a * (np.log(a) - np.log(p)), 0.0)
        second = np.where(a < 1, (1 - a) * (np.log1p(-a) - np.log1p(-p)), 0.0)
    return first + second


def _farthest(n: Floats, p: Floats, end: float, level: float) -> Floats:
    """The frequency between p and ``end`` at which n KL reaches the level; beyond ``end`` where it never does."""
    near, far = p.copy(), np.full(p.shape, end)
    for _ in range(60):
        middle = (near + far) / 2
        inside = n * _divergence(middle, p) < level
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return np.where(n * _divergence(np.full(p.shape, end), p) < level, 2 * end - 1 / 2, far)


def counts(
    n: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, comparisons: int, alpha: float = ALPHA
) -> Expectation:
    """The interval of a count among ``n`` independent trials whose probability lies in [low, high].

    ``comparisons`` is the number of such arrays that one law judges with this ``alpha``; within the array it is split
    over the elements, and over both tails.
    """
    trials, below, above = (
        np.array(v, np.float64) for v in np.broadcast_arrays(n, np.clip(low, 0, 1), np.clip(high, 0, 1))
    )
    level = np.log(2 * comparisons * max(trials.size, 1) / alpha)
    # A count at the frequency found, or beyond it, is too seldom; the mean itself is never.
    least = np.minimum(np.floor(trials * _farthest(trials, below, 0.0, level)) + 1, np.floor(trials * below))
    most = np.maximum(np.ceil(trials * _farthest(trials, above, 1.0, level)) - 1, np.ceil(trials * above))
    least, most = np.maximum(least, 0), np.minimum(most, trials)
    half = (most - least) / 2
    return Expectation(least + half, 0.0, 0.0, half, half)


def at_least(expectation: Expectation, n: float) -> Expectation:
    """Only the lower end."""
    least = expectation.high - expectation.bound
    half = (n - least) / 2
    return Expectation(least + half, 0.0, 0.0, half, half)


def at_most(expectation: Expectation) -> Expectation:
    """Only the upper end."""
    half = (expectation.high + expectation.bound) / 2
    return Expectation(half, 0.0, 0.0, half, half)


def slack(points: npt.ArrayLike, dtype: str) -> Floats:
    """What evaluating noise in ``dtype`` may move it by: the logarithm of a number that is right to 2u is off by 2u,
    its own rounding and that of one more operation add 2u |x|."""
    result: Floats = 4 * unit_roundoff(dtype) * (1 + np.abs(np.asarray(points, np.float64)))
    return result


def between(cdf: Callable[[Any], Expr], points: npt.ArrayLike, shift: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Least and greatest probability of "at most this point" if the point may be off by ``shift``."""
    x, moved = np.asarray(points, np.float64), np.asarray(shift, np.float64)
    return at(cdf(theory.x), theory.x, x - moved), at(cdf(theory.x), theory.x, x + moved)


EXTREMES = 2**11


def lost(values: Floats, *, upper: bool) -> int:
    """How many of the ``EXTREMES`` largest (or smallest) values are repetitions."""
    ordered = np.sort(values, axis=None)
    extreme = ordered[-EXTREMES:] if upper else ordered[:EXTREMES]
    return EXTREMES - len(np.unique(extreme))


def lost_code(code: str, *, upper: bool) -> str:
    """The source of ``lost``."""
    return f"{EXTREMES} - len(np.unique(np.sort({code}, axis=None)[{f'-{EXTREMES}:' if upper else f':{EXTREMES}'}]))"


EQUAL_ROWS, EQUAL = 256, 2**13


def equal_wins(y: npt.NDArray[Any], code: str) -> Iterator[Comparison]:
    """The winners of ``EQUAL`` equal logits in ``EQUAL_ROWS`` rows: no part is preferred, few repeat."""
    quarter = EQUAL // 4
    got = np.stack([*((y // quarter == i).sum() for i in range(4)), (y < 2 * quarter).sum()])
    source = f"np.stack([*(({code} // {quarter} == i).sum() for i in range(4)), ({code} < {2 * quarter}).sum()])"
    one = float(softmax(np.ones(4))[0])
    p = np.array([one, one, one, one, 2 * one])
    label = f"wins of each quarter and of the first half of {EQUAL} equal logits, in {EQUAL_ROWS} rows"
    yield Comparison(got, counts(EQUAL_ROWS, p, p, 2), source, label)
    repeats = np.asarray(EQUAL_ROWS - len(np.unique(y)))
    few = at_most(counts(EQUAL_ROWS, 0.0, EQUAL_ROWS * chance(np.ones(EQUAL), 0), 2))
    yield Comparison(repeats, few, f"{EQUAL_ROWS} - len(np.unique({code}))", "rows with the winner of another row")


def require_fine(subject: Subject) -> None:
    """Rounded to 16 bits, exact noise repeats itself as well."""
    if unit_roundoff(subject.dtype) > unit_roundoff("float32"):
        raise NotApplicable(f"{subject.dtype} is too coarse to tell repeated noise from rounded noise")


def repetitions(draws: int, dtype: str, *, upper: bool, comparisons: int, more: float = 0.0) -> Expectation:
    """How many repetitions there may be among the m most extreme of n Gumbel draws, each right to one ulp.

    Given the m-th most extreme value T the m are independent draws from beyond T. Two that are returned as one
    number were at most 2 ulps (and twice what ``more`` adds to an ulp) apart, so each draw repeats one of at most m
    others with probability q at most m P(x ± 2 ulp(x) | beyond T), at most the density on its denser side times
    4 ulp(x); the largest such x is T or the start of a binade. Repetitions are then dominated by
    Binomial(m, q), and judged by Chernoff's bound. T is taken at the level m/2n, for which P(T beyond it) < e^(−m/8).
    Noise from k-bit uniforms repeats m n 2^(−k−1) values: 128 of 2048 for n = 2²¹, k = 24; exact noise hardly any.
    """
    m, level = EXTREMES, EXTREMES / (2 * draws)
    edge = float(at(theory.gumbel_quantile(theory.u), theory.u, 1 - level if upper else level))
    outward = [edge, *(x for x in (8.0, 16.0, 32.0) if x > edge)] if upper else [edge, *(-x for x in (4.0, 8.0))]
    x = np.asarray(outward)
    width = 2 * (ulp(x, dtype) + more)
    densest = at(theory.gumbel_pdf(theory.x), theory.x, x - width if upper else x + width)
    q = m * float((densest * 2 * width).max()) / level
    return at_most(counts(m, 0.0, min(q, 1.0), comparisons))


def repeatable(subject: Subject, name: str) -> None:
    """Without a generator nothing repeats itself, and nothing can be asked of a single draw."""
    if not subject.accepts(name, "generator"):
        raise NotApplicable(f"{name} takes no generator, so that no draw can be repeated")


def logits_of(seed: int, kind: str, classes: int, dtype: str) -> Floats:
    """One row of logits, representable in the dtype."""
    rng = np.random.default_rng(seed)
    if kind == "generic":
        values: Floats = 1.5 * rng.standard_normal(classes)
    elif kind == "far from zero":
        values = np.asarray(64 + 2.0 * rng.integers(-1, 2, classes), np.float64)
    else:  # impossible: the last one
        values = np.append(-np.arange(classes - 1, dtype=np.float64) / 2, -np.inf)
    return rounded(values, dtype)
