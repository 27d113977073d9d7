# SPDX-License-Identifier: BSD-3-Clause
"""Smooth maximum, softmax and NeuralSort beside torch's own, in float32: the price of float64 inside."""

from __future__ import annotations

import pytest
from lemmata.impl import smoothing

torch = pytest.importorskip("torch")

ROWS, ENTRIES, SCORES = 256, 4096, 500


@pytest.fixture
def rows():
    torch.set_num_threads(1)
    return torch.randn(ROWS, ENTRIES, generator=torch.Generator().manual_seed(0))


@pytest.mark.benchmark(group="smooth maximum")
def test_copy(benchmark, rows):
    benchmark(torch.empty_like(rows).copy_, rows)


@pytest.mark.benchmark(group="smooth maximum")
def test_smooth_max(benchmark, rows):
    benchmark(smoothing.smooth_max, rows, sharpness=4.0)


@pytest.mark.benchmark(group="smooth maximum")
def test_peer_logsumexp(benchmark, rows):
    """``torch.logsumexp`` of kx in float32, divided by k."""
    benchmark(lambda: torch.logsumexp(4.0 * rows, -1) / 4.0)


@pytest.mark.benchmark(group="softmax")
def test_soft_onehot(benchmark, rows):
    benchmark(smoothing.soft_onehot, rows, sharpness=4.0)


@pytest.mark.benchmark(group="softmax")
def test_peer_softmax(benchmark, rows):
    benchmark(lambda: torch.softmax(4.0 * rows, -1))


@pytest.mark.benchmark(group="neural sort")
def test_neural_sort(benchmark, rows):
    benchmark(smoothing.neural_sort, rows[0, :SCORES], tau=1.0)


@pytest.mark.benchmark(group="neural sort")
def test_peer_neural_sort(benchmark, rows):
    """The published formula in float32."""
    scores = rows[0, :SCORES]

    def sort():
        apart = (scores[None, :] - scores[:, None]).abs().sum(-1)
        lead = SCORES - 1 - 2 * torch.arange(SCORES)
        return torch.softmax(lead[:, None] * scores - apart, -1)

    benchmark(sort)


@pytest.mark.benchmark(group="floor")
def test_smooth_floor(benchmark, rows):
    benchmark(smoothing.smooth_floor, rows, sharpness=10.0)
