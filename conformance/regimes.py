# SPDX-License-Identifier: BSD-3-Clause
"""Named regimes of input: draw (seed, regime), then build the array.

Bare arrays of Hypothesis are mostly zeros and a few outliers and find the classic numerical bugs
hardly ever; a regime names the situation in which such bugs live. Every value is representable in
the dtype under test, so that the oracle is asked about exactly what the code was given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from .floats import largest, rounded, smallest_normal, smallest_subnormal

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Rng = np.random.Generator

SEEDS = st.integers(0, 2**16 - 1)


@dataclass(frozen=True)
class Drawn:
    """A seed and a regime's name: what Hypothesis draws and shrinks instead of an array."""

    seed: int
    regime: str

    @property
    def rng(self) -> Rng:
        return np.random.default_rng(self.seed)


def drawn(regimes: Sequence[str]) -> st.SearchStrategy[Drawn]:
    """A seed and one of these regimes; shrinks to the first regime."""
    return _drawn(tuple(regimes))


@cache  # Hypothesis validates every new strategy, which costs more than drawing from it
def _drawn(regimes: tuple[str, ...]) -> st.SearchStrategy[Drawn]:
    return st.tuples(SEEDS, st.sampled_from(regimes)).map(lambda pair: Drawn(*pair))


def _generic(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return rng.standard_normal(shape)


def _small_integers(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return rng.integers(-4, 5, shape).astype(np.float64)


def _huge_mean(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return 200.0 + rng.standard_normal(shape)


def _tiny_spread(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return 1.0 + rng.standard_normal(shape) / 64


def _ties(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return np.array([-1.0, 0.5, 2.0])[rng.integers(0, 3, shape)]


def _one_dominant(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    values = rng.standard_normal(shape)
    if values.size:
        values.flat[int(rng.integers(values.size))] = 64.0
    return values


def _denormal(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    multiples: Floats = rng.integers(-8, 9, shape).astype(np.float64)
    return multiples * smallest_subnormal(dtype)


def _tiny(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return rng.standard_normal(shape) * smallest_normal(dtype) * 64


def _large(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    # A factor of 16 below overflow leaves room for the sum of two terms.
    return rng.uniform(-1, 1, shape) * (largest(dtype) / 16)


def _signed_zeros(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return np.copysign(0.0, rng.standard_normal(shape))


def _infinite(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    values = rng.standard_normal(shape)
    return np.where(rng.random(shape) < 0.25, np.copysign(np.inf, values), values)


def _constant(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    return np.full(shape, float(rng.standard_normal()))


def _alternating(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    parity: Floats = (np.arange(int(np.prod(shape))) % 2).astype(np.float64).reshape(shape)
    return 1.0 - 2.0 * parity


def _basis(rng: Rng, shape: tuple[int, ...], dtype: str) -> Floats:
    values = np.zeros(shape)
    if values.size:
        values.flat[int(rng.integers(values.size))] = 1.0
    return values


ARRAYS: dict[str, Callable[[Rng, tuple[int, ...], str], Floats]] = {
    "generic": _generic,
    "small integers": _small_integers,
    "one dominant": _one_dominant,
    "ties": _ties,
    "huge mean": _huge_mean,
    "tiny spread": _tiny_spread,
    "constant": _constant,
    "alternating": _alternating,
    "basis": _basis,
    "signed zeros": _signed_zeros,
    "denormal": _denormal,
    "tiny": _tiny,
    "large": _large,
    "infinite": _infinite,
}
FINITE = tuple(name for name in ARRAYS if name != "infinite")
ORDINARY = ("generic", "small integers", "one dominant", "huge mean", "tiny spread", "alternating")


def build(draw: Drawn, shape: tuple[int, ...], dtype: str) -> Floats:
    """The array of that seed and regime, every value representable in ``dtype``."""
    return rounded(ARRAYS[draw.regime](draw.rng, shape, dtype), dtype)


def _count(rng: Rng, n: int) -> Integers:
    return np.arange(n)


def _offset(rng: Rng, n: int) -> Integers:
    return int(rng.integers(1, 4096)) + np.arange(n)


def _scattered(rng: Rng, n: int) -> Integers:
    return rng.integers(0, 100_000, n)


def _negative(rng: Rng, n: int) -> Integers:
    return -rng.integers(1, 5000, n)


def _mixed_signs(rng: Rng, n: int) -> Integers:
    return np.arange(n) - n // 2


def _repeated(rng: Rng, n: int) -> Integers:
    return np.full(n, int(rng.integers(0, 3000)))


def _descending(rng: Rng, n: int) -> Integers:
    return int(rng.integers(n, 2000)) - np.arange(n)


def _far(rng: Rng, n: int) -> Integers:
    # Every order of magnitude up to 2³¹ is as likely as any other.
    magnitude: Integers = np.floor(2.0 ** rng.uniform(12, 31, n)).astype(np.int64)
    return magnitude * (1 - 2 * rng.integers(0, 2, n))


POSITIONS: dict[str, Callable[[Rng, int], Integers]] = {
    "from zero": _count,
    "offset": _offset,
    "scattered": _scattered,
    "negative": _negative,
    "mixed signs": _mixed_signs,
    "repeated": _repeated,
    "descending": _descending,
    "far": _far,
}
NEAR = tuple(name for name in POSITIONS if name != "far")


def positions(draw: Drawn, n: int) -> Integers:
    """``n`` integer positions of that seed and regime."""
    return POSITIONS[draw.regime](draw.rng, n).astype(np.int64)


def real_positions(draw: Drawn, n: int) -> Floats:
    """``n`` positions that are multiples of 1/8 below 2¹², exact in float32, most of them no integers."""
    whole = POSITIONS[draw.regime](draw.rng, n) % 4096
    return whole + draw.rng.integers(1, 8, n) / 8.0
