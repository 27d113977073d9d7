# SPDX-License-Identifier: BSD-3-Clause
"""Laws of sampling by reparameterization: Gumbel noise, Gumbel-max, Gumbel-top-k.

Samplers have no single right value, so the laws count events and compare with exact probabilities; how,
and how seldom a correct sampler is refuted, stands in ``sampling.py``. The laws of the relaxed sample are
in ``relaxation.py``, those of gradients in ``estimators.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..theory import reparameterization_terms as theory
from ..theory.oracle import ball
from . import estimators, relaxation
from .call import Array, Call, Generator
from .contract import Contract, Promise
from .floats import FORMATS, rounded
from .law import Law
from .sampling import (
    EQUAL,
    EQUAL_ROWS,
    Floats,
    at,
    between,
    chance,
    counts,
    equal_wins,
    logits_of,
    lost,
    lost_code,
    repeatable,
    repeated,
    repetitions,
    require_fine,
    seeds,
    slack,
    softmax,
)
from .subject import Subject
from .verdict import Comparison, exactly

CONVENTIONS: dict[str, tuple[str, ...]] = {}

INTEGERS = ("int64", "int32")


# Gumbel noise --------------------------------------------------------------------------------------


def _noise(subject: Subject, shape: tuple[int, ...], seed: int) -> Call:
    """A call of ``gumbel``; torch has dtypes of its own, the others know them by name."""
    native = subject.backend.array(np.zeros(0), subject.dtype, subject.device).dtype
    dtype = native if repr(native).startswith("torch.") else subject.dtype
    return subject.call("gumbel", shape, generator=Generator(seed), dtype=dtype)


NOISE_DRAWS = 2**21
NOISE_POINTS = np.arange(-2.25, 10.5, 0.25)


def _noise_law(subject: Subject, seed: int) -> Iterator[Comparison]:
    """All of 2²¹ draws are finite: exact noise always is, that of 53-bit uniforms with probability 1 − 2⁻³². The number
    of draws at most x, for x from −2.25 to 10.25, is Binomial with p = exp(−e^(−x)), x being off by up to
    4u(1 + |x|), and is judged by Chernoff's bound: noise that is cut off at any level where 43 draws should
    lie beyond is caught, a tail probability of 2·10⁻⁵."""
    output = subject.run(_noise(subject, (NOISE_DRAWS,), seed))
    g, code = output.values[0], output.code()
    yield Comparison(np.isfinite(g).sum(), exactly(g.size), f"np.isfinite({code}).sum()", "how many draws are finite")
    got = np.searchsorted(np.sort(g), NOISE_POINTS, side="right")
    low, high = between(theory.gumbel_cdf, NOISE_POINTS, slack(NOISE_POINTS, subject.dtype))
    source = f"np.searchsorted(np.sort({code}), {NOISE_POINTS.tolist()}, side='right')"
    label = f"draws among {g.size} that are at most {NOISE_POINTS[0]}, …, {NOISE_POINTS[-1]}"
    yield Comparison(got, counts(g.size, low, high, 1), source, label)


def _noise_grain(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Noise right to one ulp hardly repeats among the 2¹¹ largest of 2²¹ draws, nor among the smallest: fewer than
    Binomial(m, q) of them, q = m · density · 4 ulp beyond the m-th one, judged by Chernoff's bound. From uniforms of
    24 bits 128 of them are repetitions: the rare classes of the Gumbel-max trick then have wrong probabilities."""
    require_fine(subject)
    output = subject.run(_noise(subject, (NOISE_DRAWS,), seed))
    for upper in (True, False):
        allowed = repetitions(NOISE_DRAWS, subject.dtype, upper=upper, comparisons=2)
        label = f"repetitions among the {'largest' if upper else 'smallest'} of {NOISE_DRAWS} draws"
        got = np.asarray(lost(output.values[0], upper=upper))
        yield Comparison(got, allowed, lost_code(output.code(), upper=upper), label)


DIFFERENCES = np.arange(-5.0, 6.0)
PAIRS = 2**14


def _noise_pairs(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Differences of independent draws are logistic: neighbours of a row, rows of one call, calls with different
    seeds. Unless one of them exceeds 8, an event of probability 2 − 2 F(8), both are off by at most 36u, so a count of
    2¹⁴ differences at most x has p within that of 1/(1 + e^(−x)) at x ± 72u; judged by Chernoff's bound."""
    first = subject.run(_noise(subject, (2, PAIRS, 2), seed))
    other = subject.run(_noise(subject, (2, PAIRS, 2), seed + 1))
    a, code, more = first.values[0], first.code(), other.code()
    beyond = 2 * (1 - at(theory.gumbel_cdf(theory.x), theory.x, 8.0))
    low, high = between(theory.logistic_cdf, DIFFERENCES, 2 * slack(8.0, subject.dtype))
    allowed = counts(PAIRS, low - beyond, high + beyond, 3)
    for b, source, what in (
        (a[0, :, 1], f"{code}[0, :, 1]", "neighbours"),
        (a[1, :, 0], f"{code}[1, :, 0]", "two rows"),
        (other.values[0][0, :, 0], f"{more}[0, :, 0]", "calls with two seeds"),
    ):
        got = (a[0, :, 0, None] - b[:, None] <= DIFFERENCES).sum(0)
        written = f"({code}[0, :, 0, None] - {source}[:, None] <= {DIFFERENCES.tolist()}).sum(0)"
        yield Comparison(got, allowed, written, f"differences of {what} that are at most −5, …, 5, of {PAIRS}")


# Gumbel-max ----------------------------------------------------------------------------------------

ROWS = 2**14
KINDS = ("generic", "far from zero", "impossible")
CLASSES = 6


def _kinds(subject: Subject, seed: int) -> Floats:
    """Three rows of logits ``(3, classes)``."""
    return np.stack([logits_of(seed, kind, CLASSES, subject.dtype) for kind in KINDS])


def _categorical(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Each of 2¹⁴ rows draws class j with probability softmax(o)ⱼ of the very logits that it was given, 0 for −∞: how
    often is Binomial and judged by Chernoff's bound; a frequency that is off by 3 % of all rows is caught."""
    rows = _kinds(subject, seed)
    output = subject.run(subject.call("gumbel_max", repeated(rows, ROWS), generator=Generator(seed)))
    y, code = output.values[0], output.code()
    inside = f"(({code} >= 0) & ({code} < {CLASSES})).sum()"
    yield Comparison(((y >= 0) & (y < CLASSES)).sum(), exactly(y.size), inside, "indices that are classes")
    p = np.stack([softmax(row) for row in rows])
    got = np.stack([(y == c).sum(0) for c in range(CLASSES)], -1)
    source = f"np.stack([({code} == c).sum(0) for c in range({CLASSES})], -1)"
    yield Comparison(got, counts(ROWS, p, p, 1), source, f"how often each class is drawn in {ROWS} rows")


def _agreement(subject: Subject, name: str, seed: int, *more: Any) -> Iterator[Comparison]:
    """Rows with equal logits are drawn independently, so that two agree with probability Σ pⱼ²: neighbours along either
    axis of the batch, and calls with different seeds. The number of agreements is judged by Chernoff's bound."""
    logits = logits_of(seed, "generic", CLASSES, subject.dtype)
    batch, half = repeated(logits, ROWS, 2), ROWS // 2
    first = subject.run(subject.call(name, batch, *more, generator=Generator(seed)))
    other = subject.run(subject.call(name, batch, *more, generator=Generator(seed + 1)))
    pick = "[..., 0]" if more else ""
    a, b = (v.values[0][..., 0] if more else v.values[0] for v in (first, other))
    ca, cb = f"{first.code()}{pick}", f"{other.code()}{pick}"
    got = np.stack([(a[:half, 0] == a[:half, 1]).sum(), (a[:half, 0] == a[half:, 0]).sum(), (a == b)[:half, 0].sum()])
    source = (
        f"np.stack([({ca}[:{half}, 0] == {ca}[:{half}, 1]).sum(), ({ca}[:{half}, 0] == {ca}[{half}:, 0]).sum(),"
        f" ({ca}[:{half}, 0] == {cb}[:{half}, 0]).sum()])"
    )
    p = float((softmax(logits) ** 2).sum())
    label = f"agreements of {half} neighbours, of distant rows, and of calls with two seeds"
    yield Comparison(got, counts(half, np.full(3, p), np.full(3, p), 1), source, label)


def _max_rows(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Rows with equal logits are drawn independently, so that two agree with probability Σ pⱼ²: neighbours along either
    axis of the batch, and calls with different seeds. The number of agreements is judged by Chernoff's bound."""
    yield from _agreement(subject, "gumbel_max", seed)


TAIL_ROWS, TAIL = 64, 2**14


def _tail(subject: Subject, seed: int) -> Iterator[Comparison]:
    """One class has about half of the probability, 2¹⁴ classes share the rest: in 64 rows the number of its wins is
    Binomial, judged by Chernoff's bound, and so is that of the first half of the others. A tail that is never drawn is
    caught, and so is noise that ends 3 below log 2¹⁴ = 9.7, as that of uniforms kept 10⁻³ away from 1."""
    logits = rounded(np.append(np.zeros(TAIL), np.log(TAIL)), subject.dtype)
    p = chance(logits, TAIL)
    output = subject.run(subject.call("gumbel_max", repeated(logits, TAIL_ROWS), generator=Generator(seed)))
    y, code = output.values[0], output.code()
    got = np.stack([(y == TAIL).sum(), (y < TAIL // 2).sum()])
    source = f"np.stack([({code} == {TAIL}).sum(), ({code} < {TAIL // 2}).sum()])"
    expected = np.array([p, (1 - p) / 2])
    label = f"wins of the likely class and of the first half of the others, in {TAIL_ROWS} rows"
    yield Comparison(got, counts(TAIL_ROWS, expected, expected, 1), source, label)


def _equal(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Of 2¹³ equal logits each quarter wins with probability 1/4, each half with 1/2, in 256 rows: Binomial counts,
    judged by Chernoff's bound. Noise with as few values as a 16-bit format has ties, and ties go to the first. A row
    repeats the winner of another one with probability at most 256/2¹³, a sampler that reaches few classes often."""
    output = subject.run(subject.call("gumbel_max", repeated(np.ones(EQUAL), EQUAL_ROWS), generator=Generator(seed)))
    yield from equal_wins(output.values[0], output.code())


def _certain(subject: Subject, case: tuple[int, tuple[int, ...]]) -> Iterator[Comparison]:
    """A row with one possible class draws it, whatever the noise: no bound is involved."""
    seed, batch = case
    rng = np.random.default_rng(seed)
    winners = rng.integers(0, CLASSES, batch)
    logits = np.where(np.arange(CLASSES) == winners[..., None], rounded(rng.standard_normal(), subject.dtype), -np.inf)
    for layout in ("contiguous", "transposed", "strided"):
        if layout != "contiguous" and not subject.backend.strides:
            continue
        output = subject.run(subject.call("gumbel_max", Array(logits), generator=Generator(seed)), layout=layout)
        yield Comparison(output.values[0], exactly(winners), output.code(), f"the only possible class, {layout}")


# Gumbel-top-k --------------------------------------------------------------------------------------

ITEMS, DRAWN = 4, 3


def _luce(logits: Floats) -> float:
    """The probability that the first classes are drawn first, in this order; exact but for the last digits."""
    return float(
        ball(theory.plackett_luce(theory.k), {theory.w: np.exp(logits).tolist(), theory.n: ITEMS, theory.k: DRAWN})
    )


def _ordered(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Without replacement, classes a, b, c come in this order with probability softmax(o)ₐ times that of b among the
    others times that of c among the rest (Plackett–Luce): how often each of the 24 orders is seen in 2¹⁴ rows is
    Binomial, judged by Chernoff's bound. Every row is one of the orders, or classes repeat or are no classes."""
    logits = logits_of(seed, "generic", ITEMS, subject.dtype)
    call = subject.call("gumbel_top_k", repeated(logits, ROWS), DRAWN, generator=Generator(seed))
    output = subject.run(call)
    orders = np.asarray(list(permutations(range(ITEMS), DRAWN)))
    p = [_luce(logits[[*order, *(c for c in range(ITEMS) if c not in order)]]) for order in orders]
    y, code = output.values[0], output.code()
    got = (y[:, None, :] == orders).all(-1).sum(0)
    source = f"({code}[:, None, :] == np.array({orders.tolist()})).all(-1).sum(0)"
    yield Comparison(got.sum(), exactly(ROWS), f"{source}.sum()", "rows that hold different classes")
    yield Comparison(got, counts(ROWS, p, p, 1), source, f"how often each order is drawn in {ROWS} rows")


def _top_rows(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Rows with equal logits are drawn independently, so that the first of two agree with probability Σ pⱼ²: neighbours
    along either axis of the batch, and calls with different seeds; judged by Chernoff's bound."""
    yield from _agreement(subject, "gumbel_top_k", seed, 2)


def _all_possible(subject: Subject, case: tuple[int, tuple[int, ...]]) -> Iterator[Comparison]:
    """With k possible classes a row draws just these, whatever the noise and their order: no bound is involved."""
    seed, batch = case
    rng = np.random.default_rng(seed)
    order = rng.permuted(np.broadcast_to(np.arange(CLASSES), (*batch, CLASSES)), axis=-1)
    logits = np.where(order < DRAWN, rounded(rng.standard_normal(order.shape), subject.dtype), -np.inf)
    output = subject.run(subject.call("gumbel_top_k", Array(logits), DRAWN, generator=Generator(seed)))
    expected = np.sort(np.argsort(order, axis=-1)[..., :DRAWN], axis=-1)
    got = np.sort(output.values[0], axis=-1)
    yield Comparison(got, exactly(expected), f"np.sort({output.code()}, axis=-1)", "the classes that are possible")


# The registries ------------------------------------------------------------------------------------


@st.composite
def _noise_calls(fetch: Any, subject: Subject) -> Call:
    repeatable(subject, "gumbel")
    shape: tuple[int, ...] = fetch(st.sampled_from([(3,), (1,), (), (2, 3), (4, 1, 2)]))
    return _noise(subject, shape, fetch(seeds(subject)))


def _logit_calls(name: str, *more: int) -> Any:
    # One row only: how the noise falls on a transposed batch is free.
    @st.composite
    def calls(fetch: Any, subject: Subject) -> Call:
        repeatable(subject, name)
        seed, kind = fetch(seeds(subject)), fetch(st.sampled_from(KINDS))
        logits = Array(logits_of(seed, kind, fetch(st.integers(3, 8)), subject.dtype))
        return subject.call(name, logits, *more, generator=Generator(seed))

    return calls


def _rows_of(subject: Subject) -> st.SearchStrategy[tuple[int, tuple[int, ...]]]:
    return st.tuples(seeds(subject), st.sampled_from([(), (3,), (2, 3), (3, 1, 2)]))


CONTRACTS = (
    Contract(
        "gumbel",
        "(shape, *, generator, dtype)",
        "shape → standard Gumbel noise of that shape and dtype",
        _noise_calls,
        lambda subject, call: (
            Promise(call.arguments[0], () if subject.accepts("gumbel", "dtype") else tuple(FORMATS)),
        ),
    ),
    Contract(
        "gumbel_max",
        "(logits, *, generator)",
        "logits (..., classes), −inf for probability 0 → indices (...)",
        _logit_calls("gumbel_max"),
        lambda subject, call: (Promise(call.arguments[0].values.shape[:-1], INTEGERS),),
    ),
    Contract(
        "gumbel_top_k",
        "(logits, k, *, generator)",
        "logits (..., classes) → indices (..., k) of different classes, in the order of their being drawn",
        _logit_calls("gumbel_top_k", 2),
        lambda subject, call: (Promise((*call.arguments[0].values.shape[:-1], call.arguments[1]), INTEGERS),),
    ),
    *relaxation.CONTRACTS,
    *estimators.CONTRACTS,
)


def _law(id: str, claims: tuple[str, ...], contract: str, statement: str, check: Any, **options: Any) -> Law:
    claims = tuple(f"reparameterization.{c}" for c in claims)
    return Law(id, claims, (contract,), statement, options.pop("cases", seeds), check, **{"examples": 1, **options})


SAMPLING = (
    _law("noise-law", ("gumbel",), "gumbel", "The noise has the law exp(−e^(−x)), far into both tails.", _noise_law),
    _law("noise-pairs", ("gumbel-difference-logistic",), "gumbel", "Draws are independent.", _noise_pairs),
    _law("noise-grain", ("gumbel",), "gumbel", "The extremes of the noise are not a coarse grid.", _noise_grain),
    _law(
        "categorical",
        ("gumbel-max", "gumbel-shift", "exponential-race"),
        "gumbel_max",
        "Each class is drawn with the probability that the logits encode.",
        _categorical,
    ),
    _law("rows", ("gumbel-max",), "gumbel_max", "Rows are drawn independently.", _max_rows),
    _law("tail", ("gumbel-max",), "gumbel_max", "Many unlikely classes are drawn as often as they should be.", _tail),
    _law("equal", ("gumbel-max",), "gumbel_max", "Of many equal logits no part is preferred.", _equal),
    _law("ordered", ("gumbel-top-k",), "gumbel_top_k", "The order of drawing is that of Plackett and Luce.", _ordered),
    _law("top-rows", ("gumbel-top-k",), "gumbel_top_k", "Rows are drawn independently.", _top_rows),
    *relaxation.SAMPLING,
    *estimators.SAMPLING,
)

LAWS = (
    _law(
        "certain",
        ("exponential-race",),
        "gumbel_max",
        "A class of logit −inf never wins.",
        _certain,
        cases=_rows_of,
        examples=12,
    ),
    _law(
        "possible",
        ("gumbel-top-k",),
        "gumbel_top_k",
        "Classes of logit −inf are never drawn.",
        _all_possible,
        cases=_rows_of,
        examples=12,
    ),
    *relaxation.EXACT,
    *estimators.EXACT,
    *SAMPLING,
)
