# SPDX-License-Identifier: BSD-3-Clause
"""Our samplers obey their laws, and the laws hold to their rate of false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lemmata.conformance import reparameterization as laws
from lemmata.conformance.check import check
from lemmata.conformance.floats import FORMATS
from lemmata.conformance.sampling import ALPHA, FALSE_ALARM, SAMPLING_LAWS, at_least, at_most, counts
from lemmata.impl import reparameterization

CONTRACTS = tuple(contract.name for contract in laws.CONTRACTS)


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_our_implementation_obeys(backend, contract):
    pytest.importorskip(backend)
    function = getattr(reparameterization, contract)
    report = check("reparameterization", backend=backend, dtypes=tuple(FORMATS), **{contract: function})
    assert report.verdict == "holds", str(report)


def test_the_budget_of_false_alarms_covers_every_sampling_law():
    assert len(laws.SAMPLING) <= SAMPLING_LAWS
    assert pytest.approx(FALSE_ALARM) == ALPHA * SAMPLING_LAWS * len(FORMATS)
    assert all(law.examples == 1 for law in laws.SAMPLING)


def test_law_names_are_unique():
    names = [law.id for law in laws.LAWS]
    assert len(set(names)) == len(names)


def binomial(n: int, p: float) -> list[float]:
    """The exact probabilities of 0, …, n."""
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


@pytest.mark.parametrize("p", [0.001, 0.03, 0.5, 0.9])
@pytest.mark.parametrize("alpha", [1e-2, 1e-6])
def test_an_interval_is_left_as_seldom_as_it_says(p, alpha):
    """The exact binomial tails beyond the interval are at most α/2 each."""
    n = 400
    allowed = counts(n, p, p, 1, alpha)
    chances = np.array(binomial(n, p))
    k = np.arange(n + 1)
    assert chances[k > allowed.high + allowed.bound].sum() <= alpha / 2
    assert chances[k < allowed.high - allowed.bound].sum() <= alpha / 2


def test_an_interval_is_not_much_wider_than_it_has_to_be():
    """Two percent beyond three standard deviations of a fair coin would be a waste; 6.7 are expected at 10⁻⁹."""
    n = 10_000
    allowed = counts(n, 0.5, 0.5, 1, 1e-9)
    assert float(allowed.bound) <= math.sqrt(n * math.log(2e9) / 2) + 1


def test_what_cannot_happen_may_not_happen_and_what_must_must():
    never, always = counts(100, 0.0, 0.0, 1), counts(100, 1.0, 1.0, 1)
    assert (never.high, never.bound) == (0, 0)
    assert (always.high, always.bound) == (100, 0)


def test_one_sided_intervals_keep_one_end():
    both = counts(1000, 0.3, 0.4, 1)
    least, most = both.high - both.bound, both.high + both.bound
    low, high = at_least(both, 1000), at_most(both)
    assert (low.high - low.bound, low.high + low.bound) == (least, 1000)
    assert (high.high - high.bound, high.high + high.bound) == (0, most)


def test_a_sampler_without_generator_is_tested_on_its_law():
    """Draws that cannot be repeated leave the general laws without a question, and the sampling laws with all."""

    def gumbel_max(logits):
        noise = np.random.default_rng().gumbel(size=logits.shape)
        return (logits.astype(np.float64) + noise).argmax(-1)

    report = check("reparameterization", backend="numpy", dtypes=("float32",), gumbel_max=gumbel_max)
    assert report.verdict == "holds", str(report)
    assert {r.law for r in report.results if r.verdict == "not applicable"} >= {"history"}


def test_a_fixed_temperature_is_used_in_the_laws():
    def gumbel_softmax(logits, *, generator):
        return reparameterization.gumbel_softmax(logits, tau=1.0, generator=generator)

    report = check("reparameterization", backend="numpy", dtypes=("float32",), gumbel_softmax=gumbel_softmax)
    assert report.verdict == "holds", str(report)
