# SPDX-License-Identifier: BSD-3-Clause
"""From an error to a verdict: the one place where got meets expected.

Three outcomes with a gap between them that rounding cannot cross: *holds* within the law's bound,
*inaccurate* outside of it but right to more than half of the format's digits, *refuted* beyond.
Formula errors are O(1), rounding errors O(u); √u lies between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Verdict = Literal["holds", "inaccurate", "undecided", "refuted", "not applicable"]

# From best to worst; "not applicable" is no verdict on the code and does not count.
ORDER: tuple[Verdict, ...] = ("holds", "inaccurate", "undecided", "refuted")


def worst_of(verdicts: list[Verdict]) -> Verdict:
    """The worst verdict that applied; ``undecided`` when none did, since nothing checked is not a pass."""
    applied = [v for v in verdicts if v != "not applicable"]
    return max(applied, key=ORDER.index) if applied else "undecided"


@dataclass(frozen=True, eq=False)
class Expectation:
    """The exact value lies within ``radius`` of ``high + low``, elementwise.

    An implementation holds within ``bound`` of it; beyond ``refuted_above`` it is wrong, not rounded.
    All fields broadcast against the output.
    """

    high: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64] | float
    radius: npt.NDArray[np.float64] | float
    bound: npt.NDArray[np.float64]
    refuted_above: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """An observed array against an expectation.

    ``code`` is the observed value as a NumPy expression over the names of the trace (``f64(y0)``),
    from which the snippet recomputes it; ``label`` says in words what is compared. ``against`` is such an
    expression for the expected value where that is another output of the code under test.
    """

    got: npt.NDArray[Any]
    expectation: Expectation
    code: str
    label: str
    against: str = ""


@dataclass(frozen=True)
class Judgement:
    """The verdict on one comparison, its worst error/bound ratio and where that was (flat index)."""

    verdict: Verdict
    ratio: float
    index: tuple[int, ...]


def judge(comparison: Comparison) -> Judgement:
    """Compare elementwise; a NaN or a wrong infinity is an infinite error."""
    e = comparison.expectation
    got = np.asarray(comparison.got, np.float64)
    if got.size == 0:
        return Judgement("holds", 0.0, ())
    with np.errstate(all="ignore"):
        distance = np.abs((got - e.high) - e.low)
        distance = np.where(np.isnan(distance), np.inf, distance)
        same = (got == e.high) | (np.isnan(got) & np.isnan(e.high))
        distance = np.where(same & ~np.isfinite(e.high), 0.0, distance)
        farthest, nearest = distance + e.radius, distance - e.radius  # of the exact value from got
        ratio = np.where(farthest == 0, 0.0, farthest / np.broadcast_to(e.bound, farthest.shape))
        excess = np.where(nearest > e.refuted_above, ratio, -1.0)
    wrong = bool((excess >= 0).any())
    place = int(np.argmax(excess if wrong else ratio))
    index = tuple(int(i) for i in np.unravel_index(place, ratio.shape))
    highest = float(ratio.max())
    verdict: Verdict = "refuted" if wrong else ("inaccurate" if highest > 1 else "holds")
    return Judgement(verdict, highest, index)


def exactly(values: npt.ArrayLike) -> Expectation:
    """Only these very values will do: any difference refutes."""
    high = np.asarray(values, np.float64)
    zero = np.zeros(high.shape)
    return Expectation(high, 0.0, 0.0, zero, zero)


def agreeing(values: npt.ArrayLike, bound: npt.ArrayLike, refuted_above: npt.ArrayLike) -> Expectation:
    """Another output of the code under test, to be met within ``bound``."""
    high = np.asarray(values, np.float64)
    return Expectation(
        high,
        0.0,
        0.0,
        np.broadcast_to(np.asarray(bound, np.float64), high.shape),
        np.broadcast_to(np.asarray(refuted_above, np.float64), high.shape),
    )
