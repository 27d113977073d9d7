# SPDX-License-Identifier: BSD-3-Clause
"""Rows that smooth maxima are tried on, and how far the weights of a row may be off.

Notation of the bounds: u is the unit roundoff of the dtype under test, w that of the precision to
work in: float32 for 16-bit dtypes, since a sum of 16-bit numbers has no digits left, else the dtype itself.
η is the smallest subnormal, τ the smallest normal number to work with: what is smaller may be flushed to 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Expr

from ..theory import smoothing_terms as theory
from ..theory.oracle import enclose
from . import regimes
from .call import Array, Call
from .contract import NotApplicable
from .floats import Floats, gamma, half_digits, smallest_normal, smallest_subnormal, unit_roundoff
from .law import Law
from .subject import Output, Subject
from .verdict import Comparison, Expectation

SHARPNESS = (1.0, 4.0, 0.5, 10.0)
SHAPES = ((4,), (2,), (2, 3), (2, 1, 3), (6,), (1,))
USUAL = (*regimes.ORDINARY, "ties", "constant", "large", "denormal", "masked")
FINITE = tuple(name for name in USUAL if name != "masked")
CALM = ("generic", "small integers", "ties", "tiny spread", "alternating", "huge mean")
_CAP = 600.0  # an exponent that is off by more says nothing, and e to it is still a float64


def working(dtype: str) -> str:
    """The precision to work in."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def values(draw: regimes.Drawn, shape: tuple[int, ...], dtype: str) -> Floats:
    """An array of that regime; ``masked``: some entries of each row, but not all, are −inf."""
    if draw.regime != "masked":
        return regimes.build(draw, shape, dtype)
    x = regimes.build(regimes.Drawn(draw.seed, "generic"), shape, dtype)
    hidden = draw.rng.random(shape) < 0.4
    hidden[..., -1] = False
    return np.where(hidden, -np.inf, x)


@dataclass(frozen=True, eq=False)
class Weighed:
    """One row x, its weights s = softmax(kx) in float64, and the relative error r of each.

    k xᵢ is off by w k|xᵢ| (not at all where k is a power of 2), its distance from the largest by w of that; three
    more of w for exp and the quotient, and the sum has n terms: r = exp(δ) − 1 + γ₄ₙ₊₂₀. What is below τ may be 0.
    """

    x: Floats
    k: float
    s: Floats
    r: Floats
    flushed: Floats

    def mean(self, of: Floats) -> float:
        """Σ sᵢ vᵢ, where weights of 0 drop out."""
        return float((self.s * np.where(self.s > 0, of, 0.0)).sum())

    def spread(self, of: Floats) -> float:
        """What Σ sᵢ vᵢ may be off by through the weights and the sum: Σ sᵢ|vᵢ|(rᵢ + r̄), and τ|vᵢ|."""
        size = np.where(self.s > 0, np.abs(of), 0.0)
        return float((self.s * size * (self.r + self.mean(self.r))).sum() + (self.flushed * size).sum())


def weighed(x: Floats, k: float, dtype: str) -> Weighed:
    """The weights of one row."""
    w = unit_roundoff(working(dtype))
    m = x.max()
    with np.errstate(invalid="ignore"):
        distance = k * (m - x)
        e = np.exp(-distance)
        s = e / e.sum()
        product = 0.0 if np.frexp(k)[0] == 0.5 else 2 * w * k
        off = np.where(s > 0, product * (np.abs(x) + abs(m)) + 2 * w * distance, 0.0)
    r = np.expm1(np.minimum(off, _CAP)) + gamma(4 * x.size + 20, working(dtype))
    return Weighed(x, k, s, r, np.where(s > 0, smallest_normal(working(dtype)), 0.0))


def at_row(expression: Expr, x: Floats, k: float, **more: Any) -> tuple[Floats, Floats, Floats]:
    """The exact value at the finite entries of a row: entries −inf have weight 0 and drop out."""
    finite = x[np.isfinite(x)]
    given = {theory.x: finite.tolist(), theory.n: finite.size, theory.k: k}
    e = enclose(expression, {**given, **{getattr(theory, name): v for name, v in more.items()}}, dtype="float64")
    return e.hi, e.lo, e.radius


def spread_out(x: Floats, parts: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """The parts of one value for each finite entry, put back in their places; 0 for −inf."""
    finite = np.isfinite(x)
    placed = []
    for part in parts:
        whole = np.zeros(x.shape)
        whole[finite] = part
        placed.append(whole)
    return placed[0], placed[1], placed[2]


def gathered(rows: list[Expectation], shape: tuple[int, ...]) -> Expectation:
    """Expectations of rows as one of the shape."""

    def stacked(name: str) -> Floats:
        return np.stack([np.asarray(getattr(e, name), np.float64) for e in rows]).reshape(shape)

    return Expectation(*(stacked(name) for name in ("high", "low", "radius", "bound", "refuted_above")))


def expected(parts: tuple[Floats, Floats, Floats], bound: Any, scale: Any, dtype: str) -> Expectation:
    """That value, the bound and the rounding u|y| + 2η (the exact value itself is known to η).

    Refuted is what is off by √u of the scale more.
    """
    high, low, radius = (np.asarray(p) for p in parts)
    allowed = np.asarray(bound) + unit_roundoff(dtype) * np.abs(high) + 2 * smallest_subnormal(dtype)
    return Expectation(high, low, radius, allowed, allowed + half_digits(dtype) * np.asarray(scale))


def sharp(subject: Subject, call: Call) -> float:
    """The sharpness in effect."""
    return float(subject.value(call.contract, "sharpness", call.keywords.get("sharpness")))


def tested_sharpness(subject: Subject, name: str) -> st.SearchStrategy[float]:
    """Some, or the one that the function is fixed to."""
    if subject.accepts(name, "sharpness"):
        return st.sampled_from(SHARPNESS)
    return st.just(float(subject.value(name, "sharpness", None)))


def row_calls(name: str, kinds: tuple[str, ...] = USUAL) -> Any:
    """Calls of a contract ``(x, *, sharpness)``."""

    @st.composite
    def draw(fetch: Any, subject: Subject) -> Call:
        k = fetch(tested_sharpness(subject, name))
        shape = fetch(st.sampled_from(SHAPES))
        return subject.call(name, Array(values(fetch(regimes.drawn(kinds)), shape, subject.dtype)), sharpness=k)

    return draw


def against_expectation(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The output of a call against what its contract expects."""
    output = subject.run(call)
    expect = subject.contracts[call.contract].expect
    assert expect is not None
    (expectation,) = expect(subject, call, output.dtypes)
    yield Comparison(output.values[0], expectation, output.code(), f"{call.contract} against its exact value")


def one_row(subject: Subject, name: str, x: Floats, k: float, **keywords: Any) -> Output:
    """The output for one row at that sharpness; not applicable where the function is fixed to another one."""
    if not subject.accepts(name, "sharpness") and k != subject.value(name, "sharpness", None):
        raise NotApplicable(f"{name} is fixed to another sharpness")
    return subject.run(subject.call(name, Array(np.asarray(x, np.float64)), sharpness=k, **keywords))


def law(names: str, id: str, claims: str, statement: str, cases: Any, check: Any, **options: Any) -> Law:
    """A law of one contract, or of two that are joined by a plus; claims by their last part."""
    contracts = tuple(names.split("+"))
    named = tuple(f"smoothing.{c}" for c in claims.split())
    return Law(f"{contracts[0]}-{id}", named, contracts, statement, cases, check, **{"examples": 20, **options})
