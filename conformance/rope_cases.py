# SPDX-License-Identifier: BSD-3-Clause
"""What the laws of ``rope`` draw: shapes, positions, bases and the calls made of them. Simplest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from . import regimes
from .call import Array, Call, integers
from .regimes import Drawn, drawn
from .subject import Subject

Draw = st.SearchStrategy[Any]
Fetch = Callable[[Draw], Any]

BASES = st.sampled_from([10000.0, 500.0, 500000.0, 10.0, 1234.5])
BATCHES = st.sampled_from([(), (2,), (1,), (2, 3), (3, 2)])
SEQUENCES = st.integers(1, 5)
HALVES = st.sampled_from([1, 2, 3, 4, 8])
CACHED = st.sampled_from([1, 0, 7, 100, 4095, 70000])
SPANS = st.sampled_from([512.0, 2048.0])
ROTARY = st.sampled_from([0, 1, 2, 3])
SCALES = st.sampled_from([2.0, 4.0, 8.0, 0.5, 3.0])


def values(subject: Subject, arrays: tuple[str, ...] = regimes.FINITE) -> st.SearchStrategy[Drawn]:
    """A seed and a regime of features.

    In float64 the largest ones are left out: practice computes in float32, where they overflow, and
    that is a matter of range, not of the formula.
    """
    return drawn(tuple(a for a in arrays if a != "large") if subject.dtype == "float64" else arrays)


def features(fetch: Fetch, subject: Subject, arrays: tuple[str, ...], smallest_half: int = 1) -> Array:
    """x ``(..., seq, dim)`` with 2 to 4 axes."""
    draw, batch, seq, half = fetch(values(subject, arrays)), fetch(BATCHES), fetch(SEQUENCES), fetch(HALVES)
    return Array(regimes.build(draw, (*batch, seq, 2 * max(half, smallest_half)), subject.dtype))


@st.composite
def rotate(
    fetch: Fetch,
    subject: Subject,
    arrays: tuple[str, ...] = regimes.FINITE,
    places: tuple[str, ...] = regimes.NEAR,
    partial: bool = True,
) -> Call:
    """A call of ``rotate``; of ``partial`` ones, some turn only the first few pairs."""
    x = features(fetch, subject, arrays)
    place, pairs = fetch(drawn(places)), fetch(ROTARY) if partial else 0
    positions = integers(regimes.positions(place, x.values.shape[-2]))
    rotary_dim = 2 * pairs if 0 < 2 * pairs < x.values.shape[-1] else None
    return subject.call("rotate", x, positions, base=fetch(BASES), rotary_dim=rotary_dim)


@st.composite
def fractional(fetch: Fetch, subject: Subject) -> Call:
    """A call of ``rotate`` at positions that are no integers."""
    call: Call = fetch(rotate(subject))
    place, seq = fetch(drawn(regimes.NEAR)), call.arguments[0].values.shape[-2]
    return call.with_argument(1, Array(regimes.real_positions(place, seq), "real"))


def scaled(name: str, smallest_half: int) -> Callable[[Subject], Draw]:
    """Calls of ``linear`` or ``ntk``."""

    @st.composite
    def cases(fetch: Fetch, subject: Subject) -> Call:
        x = features(fetch, subject, regimes.FINITE, smallest_half)
        positions = integers(regimes.positions(fetch(drawn(regimes.NEAR)), x.values.shape[-2]))
        return subject.call(name, x, positions, base=fetch(BASES), scale=fetch(SCALES))

    return cases


@st.composite
def decode(fetch: Fetch, subject: Subject) -> Call:
    """New rows after a cache of some length."""
    cached = fetch(CACHED)
    return subject.call("decode", features(fetch, subject, regimes.FINITE), cached, base=fetch(BASES))


@st.composite
def frequencies(fetch: Fetch, subject: Subject) -> Call:
    """A dimension and a base."""
    return subject.call("frequencies", 2 * fetch(st.integers(1, 64)), base=fetch(BASES))


@st.composite
def cos_sin(fetch: Fetch, subject: Subject) -> Call:
    """Positions near and far."""
    places = regimes.positions(fetch(drawn([*regimes.NEAR, "far"])), fetch(SEQUENCES))
    return subject.call("cos_sin", integers(places), 2 * fetch(HALVES), base=fetch(BASES))


@st.composite
def xpos(fetch: Fetch, subject: Subject) -> Call:
    """Within ±1000 every power of ζ is far from overflow in any dtype, wherever the scale is centred."""
    q, k = query_and_key(fetch, subject)
    m, n = np.random.default_rng(fetch(regimes.SEEDS)).integers(-1000, 1000, (2, q.values.shape[-2]))
    span = fetch(SPANS)
    return subject.call("xpos", q, k, integers(m), integers(n), base=fetch(BASES), scale_base=span)


def query_and_key(fetch: Fetch, subject: Subject) -> tuple[Array, Array]:
    """Two arrays of one shape, of ordinary size."""
    q = features(fetch, subject, regimes.ORDINARY)
    return q, Array(regimes.build(fetch(drawn(regimes.ORDINARY)), q.values.shape, subject.dtype))


def several(subject: Subject) -> Draw:
    """Two to four calls of ``rotate`` with what caches are keyed on: lengths, dimensions, bases."""
    calls = rotate(subject, arrays=("generic",), places=("from zero", "offset"), partial=False)
    return st.lists(calls, min_size=2, max_size=4).map(tuple)


def ordinary(subject: Subject) -> Draw:
    """Calls of ``rotate`` on features of ordinary size."""
    return rotate(subject, arrays=regimes.ORDINARY)


def pairs(subject: Subject) -> Draw:
    """A call with the query, and a key, an offset and a shift."""
    keys: st.SearchStrategy[Drawn] = drawn(regimes.ORDINARY)
    return st.tuples(ordinary(subject), keys, st.integers(-600, 600), st.sampled_from([1, 100, -7, 1000]))
