# SPDX-License-Identifier: BSD-3-Clause
"""Receptive field of a stack of 152 layers, against a copy of its lists and against walking the layers."""

from __future__ import annotations

import pytest
from lemmata import receptive_field

KERNELS = [7, 3] + [1, 3, 1] * 50
STRIDES = [2, 2] + [1, 2, 1] * 3 + [1, 1, 1] * 47


@pytest.mark.benchmark(group="receptive-field")
def test_copy(benchmark):
    benchmark(lambda: (list(KERNELS), list(STRIDES)))


@pytest.mark.benchmark(group="receptive-field")
def test_size(benchmark):
    benchmark(receptive_field.size, KERNELS, STRIDES)


@pytest.mark.benchmark(group="receptive-field")
def test_peer_loop(benchmark):
    """The usual loop, without any check of its input."""

    def size():
        reach, step = 1, 1
        for kernel, stride in zip(KERNELS, STRIDES, strict=True):
            reach += (kernel - 1) * step
            step *= stride
        return reach

    assert size() == receptive_field.size(KERNELS, STRIDES)
    benchmark(size)


@pytest.mark.benchmark(group="receptive-field")
def test_peer_reachable_set(benchmark):
    """The set of inputs that reach output 0, which also shows the holes."""

    def size():
        reached = {0}
        for kernel, stride in zip(reversed(KERNELS), reversed(STRIDES), strict=True):
            reached = {stride * t + tap for t in reached for tap in range(kernel)}
        return max(reached) - min(reached) + 1

    assert size() == receptive_field.size(KERNELS, STRIDES)
    benchmark(size)
