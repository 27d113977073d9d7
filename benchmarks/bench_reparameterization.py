# SPDX-License-Identifier: BSD-3-Clause
"""One categorical sample for each of 256 rows of 50,000 classes, against a plain copy and three peers."""

from __future__ import annotations

import pytest
from lemmata import reparameterization

torch = pytest.importorskip("torch")

ROWS, CLASSES = 256, 50_000


@pytest.fixture
def draw():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    return torch.randn(ROWS, CLASSES, generator=generator), generator


@pytest.mark.benchmark(group="sampling")
def test_copy(benchmark, draw):
    logits, _ = draw
    benchmark(torch.zeros_like(logits).copy_, logits)


@pytest.mark.benchmark(group="sampling")
def test_gumbel_max(benchmark, draw):
    logits, generator = draw
    benchmark(reparameterization.gumbel_max, logits, generator=generator)


@pytest.mark.benchmark(group="sampling")
def test_gumbel_softmax_hard(benchmark, draw):
    logits, generator = draw
    benchmark(reparameterization.gumbel_softmax, logits, hard=True, generator=generator)


@pytest.mark.benchmark(group="sampling")
def test_peer_multinomial(benchmark, draw):
    """``torch.multinomial``, the softmax included because the logits are what is given."""
    logits, generator = draw
    benchmark(lambda: torch.multinomial(logits.softmax(-1), 1, generator=generator))


@pytest.mark.benchmark(group="sampling")
def test_peer_plain_gumbel(benchmark, draw):
    """``−log(−log(rand))`` in float32, whose tail ends at 2⁻²⁴."""
    logits, generator = draw

    def sample():
        noise = -torch.log(-torch.log(torch.rand(logits.shape, generator=generator)))
        return (logits + noise).argmax(-1)

    benchmark(sample)


@pytest.mark.benchmark(group="sampling")
def test_peer_gumbel_softmax_hard(benchmark, draw):
    logits, _ = draw
    benchmark(torch.nn.functional.gumbel_softmax, logits, hard=True)
