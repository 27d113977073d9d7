# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.dilation``: large integers, the designer's options, equal forms, errors."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from impl_backends import BACKENDS
from lemmata import dilation as dl

RATES = [rates for count in range(4) for rates in product(range(1, 6), repeat=count)]


def reached(rates, kernel_size):
    """Every path walked by itself."""
    taps = range(kernel_size) if kernel_size % 2 == 0 else range(-(kernel_size // 2), kernel_size // 2 + 1)
    return [sum(r * t for r, t in zip(rates, path, strict=True)) for path in product(taps, repeat=len(rates))]


class TestStacks:
    @pytest.mark.parametrize("kernel_size", [1, 2, 3, 4])
    def test_all_small_stacks_against_their_paths(self, kernel_size):
        for rates in RATES:
            ends = reached(rates, kernel_size)
            hull = range(min(ends), max(ends) + 1)
            missing = tuple(sorted(set(hull) - set(ends)))
            assert dl.holes(rates, kernel_size=kernel_size) == missing
            assert dl.covers(rates, kernel_size=kernel_size) is (not missing)
            assert dl.path_counts(rates, kernel_size=kernel_size) == tuple(ends.count(o) for o in hull)

    def test_counts_beyond_64_bits_are_exact(self):
        counts = dl.path_counts([1] * 100)
        assert sum(counts) == 3**100
        assert max(counts) > 2**64
        assert counts == counts[::-1]

    def test_rates_beyond_64_bits_are_judged(self):
        rates = [3**i for i in range(100)]
        assert dl.covers(rates)
        assert not dl.covers([*rates, 3**100 + 1])
        assert dl.effective_kernel(3, 2**100) == 2**101 + 1

    def test_integers_of_any_library_will_do(self):
        assert dl.covers(np.array([2, 1]))
        assert dl.holes(iter([2, 3])) == (-4, 4)


class TestDesign:
    @pytest.mark.parametrize("kernel_size", [2, 3, 5])
    @pytest.mark.parametrize("max_rate", [None, 1, 2, 4, 7])
    def test_no_rates_do_better(self, kernel_size, max_rate):
        """Against every stack of up to three layers."""
        limit = max_rate or kernel_size**3
        for layers in range(4):
            rates = dl.design(layers, kernel_size, max_rate=max_rate)
            assert dl.covers(rates, kernel_size=kernel_size)
            others = product(range(1, min(limit, 26) + 1), repeat=layers)
            best = max(sum(other) for other in others if dl.covers(other, kernel_size=kernel_size))
            assert sum(rates) == best if limit <= 26 else sum(rates) >= best

    @pytest.mark.parametrize("kernel_size", [2, 3, 4])
    @pytest.mark.parametrize("max_rate", [None, 3])
    def test_a_field_is_reached_with_the_fewest_layers(self, kernel_size, max_rate):
        for field in range(1, 60):
            rates = dl.design(field=field, kernel_size=kernel_size, max_rate=max_rate)
            size = 1 + (kernel_size - 1) * sum(rates)
            assert dl.covers(rates, kernel_size=kernel_size)
            assert field <= size <= field + kernel_size - 2
            shorter = dl.design(max(len(rates) - 1, 0), kernel_size, max_rate=max_rate)
            assert not rates or 1 + (kernel_size - 1) * sum(shorter) < field

    def test_either_layers_or_a_field(self):
        for options in ({}, {"layers": 3, "field": 9}):
            with pytest.raises(TypeError, match="give either layers or field"):
                dl.design(**options)
        with pytest.raises(ValueError, match="kernel_size must be at least 2 for a field of 5, got 1"):
            dl.design(field=5, kernel_size=1)


class TestConvolution:
    @pytest.mark.parametrize("backend", BACKENDS)
    @pytest.mark.parametrize("rate", [1, 2, 5])
    def test_integers_are_convolved_exactly_in_all_three_forms(self, backend, rate):
        """Definition, zeros between the taps, phase by phase: small integers leave no room for rounding."""
        rng = np.random.default_rng(rate)
        x, kernel = rng.integers(-9, 10, (2, 30)), rng.integers(-9, 10, 4)
        longer = np.zeros(3 * rate + 1, int)
        longer[::rate] = kernel
        expected = np.stack([np.convolve(row, longer, mode="valid") for row in x])
        signal, weights, inserted = (backend.array(a, "float32") for a in (x, kernel, longer))
        assert np.array_equal(backend.doubles(dl.dilated_conv1d(signal, weights, rate)), expected)
        assert np.array_equal(backend.doubles(dl.dilated_conv1d(signal, inserted, 1)), expected)
        for phase in range(rate):
            part = dl.dilated_conv1d(signal[..., phase::rate], weights, 1)
            assert np.array_equal(backend.doubles(part), expected[:, phase::rate])

    def test_correlation_is_what_the_library_calls_convolution(self):
        torch = pytest.importorskip("torch")
        x, kernel = torch.arange(20.0), torch.tensor([1.0, -2.0, 4.0])
        expected = torch.nn.functional.conv1d(x[None, None], kernel[None, None], dilation=3)[0, 0]
        assert torch.equal(dl.dilated_conv1d(x, kernel, 3, orientation="correlation"), expected)


X, W = np.zeros(9), np.ones(3)
ERRORS = [
    (lambda: dl.covers([1, 0]), ValueError, r"covers: rates\[1\] must be at least 1, got 0"),
    (lambda: dl.covers([1.5]), TypeError, r"covers: rates\[0\] must be an integer, got 1.5"),
    (lambda: dl.covers(3), TypeError, "covers: rates must be a sequence of integers, one a layer, got 3"),
    (lambda: dl.holes([True]), TypeError, r"holes: rates\[0\] must be an integer, got True"),
    (lambda: dl.path_counts([1], kernel_size=0), ValueError, "path_counts: kernel_size must be at least 1, got 0"),
    (lambda: dl.effective_kernel(3, 0), ValueError, "effective_kernel: rate must be at least 1, got 0"),
    (lambda: dl.design(-1), ValueError, "design: layers must be at least 0, got -1"),
    (lambda: dl.dilated_conv1d(X, W, 5), ValueError, r"last axis of x must be at least 11 long \(3 taps at rate 5\)"),
    (lambda: dl.dilated_conv1d(X, np.ones((1, 3)), 1), ValueError, "kernel must be 1-D"),
    (lambda: dl.dilated_conv1d(X, W.astype(np.float32), 1), TypeError, "kernel must have the dtype of x"),
    (lambda: dl.dilated_conv1d(X.astype(int), W, 1), TypeError, "x must have dtype float16"),
    (lambda: dl.dilated_conv1d(X, W, 1, orientation="flipped"), ValueError, "orientation must be one of"),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
