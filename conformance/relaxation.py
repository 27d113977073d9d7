# SPDX-License-Identifier: BSD-3-Clause
"""Laws of the Gumbel-softmax: a point of the simplex whose largest entry is an exact sample at every temperature.

The noise is not seen, but its law is: τ log(yᵢ/yⱼ) is the difference of two perturbed logits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Sum

from ..theory import reparameterization_terms as theory
from ..theory.oracle import enclose, gradient
from .call import Array, Call, Generator
from .contract import Contract, NotApplicable, Promise
from .floats import gamma, half_digits, rounded, smallest_normal, smallest_subnormal, ulp, unit_roundoff
from .law import Law
from .sampling import (
    EQUAL,
    EQUAL_ROWS,
    EXTREMES,
    Floats,
    at,
    at_least,
    at_most,
    between,
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
from .subject import Output, Subject
from .verdict import Comparison, Expectation, agreeing, exactly

NAME = "gumbel_softmax"
KINDS = ("generic", "far from zero", "impossible")
TEMPERATURES = (1.0, 0.5, 2.0)
CLASSES = 5
ROWS = 2**12


def _temperatures(subject: Subject) -> tuple[float, ...]:
    """Those to test: three, or the one that the function is fixed to."""
    if subject.accepts(NAME, "tau"):
        return TEMPERATURES
    return (float(subject.value(NAME, "tau", None)),)


def _sample(subject: Subject, logits: Array, tau: float, seed: int, hard: bool = False) -> Call:
    return subject.call(NAME, logits, tau=tau, hard=hard, generator=Generator(seed))


def _kinds(subject: Subject, seed: int) -> Floats:
    return np.stack([logits_of(seed, kind, CLASSES, subject.dtype) for kind in KINDS])


def _simplex(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Each of K entries is wᵢ/s, with the sum s off by γ_K and the quotient by u: they add up to 1 within γ_{K+2}, plus
    a subnormal each where they underflow. None is negative, and a class of logit −∞ has exactly 0."""
    rows = _kinds(subject, seed)
    possible = np.isfinite(rows)
    for tau in _temperatures(subject):
        output = subject.run(_sample(subject, repeated(rows, ROWS), tau, seed))
        y, code = output.values[0], output.code()
        total = y.sum(-1)
        bound = gamma(CLASSES + 2, subject.dtype) + CLASSES * smallest_subnormal(subject.dtype)
        expectation = agreeing(np.ones(total.shape), bound, bound + half_digits(subject.dtype))
        yield Comparison(total, expectation, f"{code}.sum(-1)", f"the sum of a sample, tau={tau}")
        outside = np.asarray(((y < 0) | ~possible & (y != 0)).sum())
        source = f"(({code} < 0) | ~np.array({possible.tolist()}) & ({code} != 0)).sum()"
        yield Comparison(outside, exactly(0), source, "entries below 0, or above 0 for a logit of −inf")


def _one_hot(subject: Subject, case: tuple[int, float, tuple[int, ...]]) -> Iterator[Comparison]:
    """A one-hot vector consists of zeros and a one, so there is no bound; as everywhere, what is off by less than half
    of the digits, like 1 + y − y in the dtype, is called inaccurate."""
    seed, tau, batch = case
    logits = Array(np.broadcast_to(logits_of(seed, "impossible", CLASSES, subject.dtype), (*batch, CLASSES)))
    output = subject.run(_sample(subject, logits, tau, seed, hard=True))
    got = np.sort(output.values[0], axis=-1)
    expected = np.broadcast_to(np.append(np.zeros(CLASSES - 1), 1.0), got.shape)
    expectation = agreeing(expected, 0.0, half_digits(subject.dtype))
    yield Comparison(got, expectation, f"np.sort({output.code()}, axis=-1)", "a hard sample, in ascending order")


def _argmax(subject: Subject, seed: int) -> Iterator[Comparison]:
    """At every temperature class j has the largest entry with probability softmax(o)ⱼ, counted over 2¹² rows and judged
    by Chernoff's bound. Two entries that are within 8u of each other may have changed places when they were rounded:
    the class that won is then among those within 8u of the largest, and every class alone there has won."""
    rows = _kinds(subject, seed)
    p = np.stack([softmax(row) for row in rows])
    hard = subject.accepts(NAME, "hard")
    runs = [(tau, kind) for tau in _temperatures(subject) for kind in ((False, True) if hard else (False,))]
    allowed = counts(ROWS, p, p, 2 * len(runs))
    close = 1 - 8 * unit_roundoff(subject.dtype)
    for tau, kind in runs:
        output = subject.run(_sample(subject, repeated(rows, ROWS), tau, seed, hard=kind))
        y, code = output.values[0], output.code()
        among = y >= close * y.max(-1, keepdims=True)
        near = f"({code} >= {close!r} * {code}.max(-1, keepdims=True))"
        alone = among & (among.sum(-1, keepdims=True) == 1)
        only = f"({near} & ({near}.sum(-1, keepdims=True) == 1)).sum(0)"
        label = f"how often each class has the largest entry in {ROWS} rows, tau={tau}, hard={kind}"
        yield Comparison(among.sum(0), at_least(allowed, ROWS), f"{near}.sum(0)", label)
        yield Comparison(alone.sum(0), at_most(allowed), only, label)


POINTS = np.arange(-4.0, 5.0)
PAIRS = 2**14


def _ratio(subject: Subject, seed: int) -> Iterator[Comparison]:
    """τ log(y₀/y₁) − o₀ + o₁ is logistic, counted over 2¹⁴ rows at −4, …, 4 and judged by Chernoff's bound. The points
    are those where y₀/y₁ is a normal number; the noise there is off by at most 36u each unless it exceeds 8, which has
    probability 2 − 2 F(8), a perturbed logit by 4u(1 + |o|) more, and a quotient by 4u, τ times of which counts."""
    logits = rounded([0.5, -0.25], subject.dtype)
    u, gap = unit_roundoff(subject.dtype), float(logits[0] - logits[1])
    beyond = 2 * (1 - at(theory.gumbel_cdf(theory.x), theory.x, 8.0))
    for tau in _temperatures(subject):
        # a factor of 64 leaves room for y₀ + y₁ = 1 and for half of the digits
        far = -tau * np.log(64 * smallest_normal(subject.dtype))
        points = POINTS[np.abs(POINTS) + abs(gap) <= far]
        shift = 2 * slack(8.0, subject.dtype) + 8 * u * (1 + np.abs(logits).max()) + 4 * u * tau
        low, high = between(theory.logistic_cdf, points, shift)
        allowed = counts(PAIRS, low - beyond, high + beyond, len(_temperatures(subject)))
        output = subject.run(_sample(subject, repeated(logits, PAIRS), tau, seed))
        limits = (points + gap) / tau
        ratio = _log_ratio(output)
        got = (ratio[:, None] <= limits).sum(0)
        source = (
            f"((np.log({output.code()}[:, 0]) - np.log({output.code()}[:, 1]))[:, None] <= {limits.tolist()}).sum(0)"
        )
        yield Comparison(
            got, allowed, source, f"how often tau·log(y0/y1) is at most {points.tolist()} more than the logits"
        )


def _log_ratio(output: Output) -> Floats:
    y = output.values[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.log(y[..., 0]) - np.log(y[..., 1])
    return result


def _rows(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Whether τ log(y₀/y₁) ≤ 1 is decided independently in every row: the number of agreements between neighbours along
    either axis, and between calls with two seeds, is Binomial with p² + (1 − p)² for p = 1/(1 + e⁻¹) of two equal
    logits, p being as uncertain as the noise (72u, and 2 − 2 F(8)) and the quotient (8u); judged by Chernoff."""
    tau = _temperatures(subject)[0]
    half = ROWS // 2
    batch = repeated(np.zeros(2), ROWS, 2)
    first, other = (subject.run(_sample(subject, batch, tau, s)) for s in (seed, seed + 1))
    limit = 1 / tau
    a, b = _log_ratio(first) <= limit, _log_ratio(other) <= limit
    ca, cb = (f"(np.log({v.code()}[..., 0]) - np.log({v.code()}[..., 1]) <= {limit!r})" for v in (first, other))
    beyond = 2 * (1 - at(theory.gumbel_cdf(theory.x), theory.x, 8.0))
    low, high = between(theory.logistic_cdf, 1.0, 2 * slack(8.0, subject.dtype) + 8 * unit_roundoff(subject.dtype))
    low, high = low - beyond, high + beyond
    got = np.stack([(a[:half, 0] == a[:half, 1]).sum(), (a[:half, 0] == a[half:, 0]).sum(), (a == b)[:half, 0].sum()])
    source = (
        f"np.stack([({ca}[:{half}, 0] == {ca}[:{half}, 1]).sum(), ({ca}[:{half}, 0] == {ca}[{half}:, 0]).sum(),"
        f" ({ca}[:{half}, 0] == {cb}[:{half}, 0]).sum()])"
    )
    # p² + (1 − p)² increases for p > 1/2
    least, most = (np.full(3, v**2 + (1 - v) ** 2) for v in (np.maximum(low, 1 / 2), high))
    yield Comparison(got, counts(half, least, most, 1), source, f"agreements among {half} pairs of rows")


DRAWS = 2**21


def _grain(subject: Subject, seed: int) -> Iterator[Comparison]:
    """The largest entries of one row of 2²¹ equal logits repeat themselves as seldom as the noise does: fewer than
    Binomial(m, q) of the m = 2¹¹ largest, q = m · density · 4 (ulp + r) beyond the m-th one. Here r is what the
    exponent and the entry are rounded by, τ ulp(log(y/y′)) + 2uτ for the largest y and the m-th y′, which are seen.
    From uniforms of 24 bits 128 are repetitions."""
    require_fine(subject)
    tau = float(subject.value(NAME, "tau", 1.0))
    output = subject.run(_sample(subject, Array(np.zeros((1, DRAWS))), tau, seed))
    ordered = np.sort(output.values[0], axis=None)[-EXTREMES:]
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.nan_to_num(np.log(ordered[-1]) - np.log(ordered[0]))
    more = tau * float(ulp(span, subject.dtype) + 2 * unit_roundoff(subject.dtype))
    allowed = repetitions(DRAWS, subject.dtype, upper=True, comparisons=1, more=more)
    got = np.asarray(lost(output.values[0], upper=True))
    label = f"repetitions among the {EXTREMES} largest of {DRAWS} entries"
    yield Comparison(got, allowed, lost_code(output.code(), upper=True), label)


def _hard_equal(subject: Subject, seed: int) -> Iterator[Comparison]:
    """Of 2¹³ equal logits each quarter has the 1 of a hard sample with probability 1/4, each half 1/2, in 256 rows:
    Binomial counts, judged by Chernoff's bound. Entries of 16 bits have ties, and ties go to the first. A row repeats
    the winner of another one with probability at most 256/2¹³, a sampler that reaches few classes often."""
    tau = float(subject.value(NAME, "tau", 1.0))
    output = subject.run(_sample(subject, repeated(np.ones(EQUAL), EQUAL_ROWS), tau, seed, hard=True))
    yield from equal_wins(output.values[0].argmax(-1), f"{output.code()}.argmax(-1)")


_LOSS = Sum(theory.g[theory.i] * theory.relaxed(theory.i), (theory.i, 0, theory.K - 1))
_SLOPE = gradient(_LOSS, theory.z[theory.j])


def _pulled_back(y: Floats, g: Floats, tau: float, dtype: str) -> Expectation:
    """The gradient of Σ gᵢ yᵢ with respect to the logits of one row, at the sample y that was returned."""
    eta = smallest_subnormal(dtype)
    z = tau * np.log(np.maximum(y, eta))
    values = {
        theory.z: z.tolist(),
        theory.g: g.tolist(),
        theory.K: y.size,
        theory.tau: tau,
        theory.j: np.arange(y.size),
    }
    exact = enclose(_SLOPE, values, dtype="float64")
    size = (np.abs(g) + (np.abs(g) * y).sum()) / tau
    rounding = gamma(4 * y.size + 16, dtype) * y * size + eta * (2 * size + 1)
    return Expectation(exact.hi, exact.lo, exact.radius, rounding, rounding + half_digits(dtype) * y * size)


def _slope(subject: Subject, case: tuple[int, float], hard: bool) -> Iterator[Comparison]:
    seed, tau = case
    tau = float(subject.value(NAME, "tau", tau))
    logits = Array(logits_of(seed, "generic", CLASSES, subject.dtype))
    g = rounded(np.random.default_rng(seed).standard_normal(CLASSES), subject.dtype)
    soft = _sample(subject, logits, tau, seed)
    y = subject.run(soft).values[0]
    if hard:
        one = subject.run(_sample(subject, logits, tau, seed, hard=True)).values[0]
        if y[int(one.argmax())] < (1 - 8 * unit_roundoff(subject.dtype)) * y.max():
            raise NotApplicable("the hard sample is not drawn with the noise of the soft one")
    got = subject.gradient(_sample(subject, logits, tau, seed, hard=hard), (0,), (Array(g),))
    expectation = _pulled_back(y, g, tau, subject.dtype)
    yield Comparison(got.values[0], expectation, got.code(0), f"the gradient with respect to the logits, hard={hard}")


def _gradient(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """∂/∂o_j of Σ gᵢ yᵢ is y_j (g_j − Σ gᵢ yᵢ)/τ at the sample y. The returned y is off by γ_{K+2}, the sum, the
    difference, two products and the quotient round K + 5 times more, in either order: within γ_{4K+16} of
    y_j (|g_j| + Σ |gᵢ| yᵢ)/τ, plus a subnormal wherever y or the result underflows."""
    yield from _slope(subject, case, hard=False)


def _straight_through(subject: Subject, case: tuple[int, float]) -> Iterator[Comparison]:
    """A hard sample has the gradient of the soft one with the same noise, y_j (g_j − Σ gᵢ yᵢ)/τ, with the same bound:
    γ_{4K+16} of y_j (|g_j| + Σ |gᵢ| yᵢ)/τ, plus a subnormal wherever y or the result underflows."""
    yield from _slope(subject, case, hard=True)


# The registries ------------------------------------------------------------------------------------


@st.composite
def _calls(fetch: Any, subject: Subject) -> Call:
    # One row only: how the noise falls on a transposed batch is free.
    repeatable(subject, NAME)
    seed, kind = fetch(seeds(subject)), fetch(st.sampled_from(KINDS))
    tau, hard = fetch(st.sampled_from(TEMPERATURES)), fetch(st.booleans())
    return _sample(subject, Array(logits_of(seed, kind, fetch(st.integers(3, 8)), subject.dtype)), tau, seed, hard)


def _seed_and_tau(subject: Subject) -> st.SearchStrategy[tuple[int, float]]:
    return st.tuples(seeds(subject), st.sampled_from(TEMPERATURES))


def _hard_cases(subject: Subject) -> st.SearchStrategy[tuple[int, float, tuple[int, ...]]]:
    return st.tuples(seeds(subject), st.sampled_from(TEMPERATURES), st.sampled_from([(), (64,), (16, 3)]))


CONTRACTS = (
    Contract(
        NAME,
        "(logits, *, tau=1.0, hard=False, generator)",
        "logits (..., classes), −inf for probability 0 → a point of the simplex a row, same shape and dtype",
        _calls,
        lambda subject, call: (Promise(call.arguments[0].values.shape),),
        differentiable=True,
    ),
)


def _law(id: str, claims: tuple[str, ...], statement: str, check: Any, **options: Any) -> Law:
    claims = tuple(f"reparameterization.{c}" for c in claims)
    return Law(id, claims, (NAME,), statement, options.pop("cases", seeds), check, **{"examples": 1, **options})


SAMPLING = (
    _law(
        "argmax",
        ("gs-argmax-exact", "gumbel-max"),
        "The largest entry is an exact sample at every temperature.",
        _argmax,
    ),
    _law(
        "ratio",
        ("gumbel-softmax", "gumbel-difference-logistic"),
        "Ratios of two entries have the law of the perturbed logits, divided by the temperature.",
        _ratio,
    ),
    _law("relaxed-rows", ("gumbel-softmax",), "Rows are drawn independently.", _rows),
    _law(
        "hard-equal",
        ("gs-argmax-exact",),
        "Of many equal logits no part is preferred by a hard sample.",
        _hard_equal,
        varies=("hard",),
    ),
    _law("relaxed-grain", ("gumbel-softmax",), "The extremes of the noise are not a coarse grid.", _grain),
)

EXACT = (
    _law("simplex", ("gumbel-softmax",), "Samples are points of the simplex.", _simplex),
    _law(
        "one-hot",
        ("gs-argmax-exact",),
        "A hard sample is exactly one-hot.",
        _one_hot,
        cases=_hard_cases,
        varies=("hard",),
        examples=12,
    ),
    _law(
        "relaxed-gradient",
        ("gumbel-softmax",),
        "The gradient with respect to the logits is that of the softmax, over the temperature.",
        _gradient,
        cases=_seed_and_tau,
        gradient=True,
        examples=12,
    ),
    _law(
        "straight-through",
        ("straight-through-bias",),
        "A hard sample has the gradient of the soft one.",
        _straight_through,
        cases=_seed_and_tau,
        varies=("hard",),
        gradient=True,
        examples=12,
    ),
)
