# SPDX-License-Identifier: BSD-3-Clause
"""Functions about biases at their extremes, against whole networks, and their errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from impl_backends import BACKENDS, UNIT_ROUNDOFF
from lemmata.impl import bias

each_backend = pytest.mark.parametrize("backend", BACKENDS)


class TestThresholdUnit:
    @each_backend
    def test_the_bias_may_be_a_number_or_an_array(self, backend):
        x, w = backend.array([[2.0, 1.0], [0.0, 1.0]], "float32"), backend.array([1.0, -1.0], "float32")
        for b in (0.5, backend.array(0.5, "float32")):
            assert backend.doubles(bias.threshold_unit(x, w, b)).tolist() == [1.0, 0.0]

    @each_backend
    def test_a_sum_that_float32_would_round_to_zero_fires(self, backend):
        """2²⁴ + 1 − 2²⁴ is computed in float64."""
        x, w = backend.array([2.0**24, 1.0, -(2.0**24)], "float32"), backend.array([1.0, 1.0, 1.0], "float32")
        assert bool(bias.threshold_unit(x, w, 0.0))

    @each_backend
    def test_sizes_must_fit(self, backend):
        with pytest.raises(ValueError, match="w must have the size of the last axis of x"):
            bias.threshold_unit(backend.array(np.zeros((2, 3)), "float32"), backend.array([1.0], "float32"), 0.0)


class TestFolding:
    def test_a_convolution_with_its_normalisation_is_one_convolution(self):
        """The folded layer does what the two did, within the roundings of 27 products, of the folding and of both."""
        torch = pytest.importorskip("torch")
        torch.manual_seed(0)
        for has_bias in (True, False):
            conv = torch.nn.Conv2d(3, 4, 3, bias=has_bias).double()
            norm = torch.nn.BatchNorm2d(4, eps=0.001).double()
            norm(conv(torch.randn(8, 3, 6, 6, dtype=torch.float64)))
            norm.eval()
            x = torch.randn(2, 3, 6, 6, dtype=torch.float64)
            parts = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
            weight, shift = bias.fold_batch_norm(conv.weight, conv.bias, *parts, eps=norm.eps)
            expected = norm(conv(x))
            got = torch.nn.functional.conv2d(x, weight, shift)
            sizes = torch.nn.functional.conv2d(x.abs(), weight.abs(), shift.abs() + norm.running_mean.abs() * 32)
            assert bool(((got - expected).abs() <= 64 * UNIT_ROUNDOFF["float64"] * sizes).all())

    @each_backend
    def test_sixteen_bits_are_rounded_once(self, backend):
        rng = np.random.default_rng(0)
        layer = [rng.uniform(0.5, 2, (3, 2)), *rng.uniform(0.5, 2, (5, 3))]
        narrow = [backend.array(v, "float16") for v in layer]
        wide = [backend.array(backend.doubles(v), "float64") for v in narrow]
        got, exact = (bias.fold_batch_norm(*v, eps=0.25) for v in (narrow, wide))
        for g, e in zip(got, exact, strict=True):
            assert np.array_equal(backend.doubles(g), backend.doubles(e).astype(np.float16))

    @each_backend
    def test_channels_must_agree(self, backend):
        weight, one, two = (backend.array(np.ones(s), "float32") for s in ((2, 3), 1, 2))
        with pytest.raises(ValueError, match="gamma must have one entry for each"):
            bias.fold_batch_norm(weight, two, one, two, two, two, eps=0.1)
        with pytest.raises(ValueError, match="eps must be finite"):
            bias.fold_batch_norm(weight, two, two, two, two, two, eps=-0.1)


class TestRedundance:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"norm": "power", "channels": 2}, "norm must be one of batch"),
            ({"norm": "batch", "channels": 0}, "channels must be at least 1"),
            ({"norm": "group", "channels": 6, "groups": 4}, "groups must divide"),
        ],
    )
    def test_a_setting_that_is_none_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            bias.is_redundant(**arguments)

    @pytest.mark.parametrize("training", [True, False])
    @pytest.mark.parametrize(
        ("kind", "groups"), [("batch", 1), ("instance", 1), ("group", 1), ("group", 4), ("layer", 1)]
    )
    def test_the_library_agrees(self, kind, groups, training):
        """Small whole numbers and a bias that is no common one: the output moves by much, or by rounding only."""
        torch = pytest.importorskip("torch")
        nn = torch.nn
        layer = {
            "batch": nn.BatchNorm1d(4),
            "instance": nn.InstanceNorm1d(4),
            "group": nn.GroupNorm(groups, 4),
            "layer": nn.LayerNorm([4, 5]),
        }[kind].double()
        layer.train(training)
        x = torch.as_tensor(np.random.default_rng(0).integers(-4, 5, (3, 4, 5)), dtype=torch.float64)
        moved = x + torch.tensor([1.0, -2.0, 0.0, 3.0], dtype=torch.float64)[:, None]
        change = float((layer(moved) - layer(x)).abs().max().detach())
        redundant = bias.is_redundant(kind, 4, groups=groups, training=training)
        assert (change < math.sqrt(UNIT_ROUNDOFF["float64"])) == redundant


class TestInitialBias:
    @each_backend
    def test_the_ends_are_infinite_and_the_middle_is_zero(self, backend):
        got = backend.doubles(bias.initial_bias(backend.array([0.0, 0.5, 1.0], "float32")))
        assert got.tolist() == [-math.inf, 0.0, math.inf]

    @each_backend
    def test_close_to_a_half_the_digits_are_kept(self, backend):
        """With d = p − 1/2 the logit is 4d(1 + 4d²/3 + …)."""
        d = 2.0**-30
        got = float(bias.initial_bias(backend.array(0.5 + d, "float64")))
        assert abs(got - 4 * d * (1 + 4 * d * d / 3)) <= 8 * UNIT_ROUNDOFF["float64"] * 4 * d

    def test_a_number_gives_a_number(self):
        assert isinstance(bias.initial_bias(0.01), float)

    @each_backend
    @pytest.mark.parametrize("bad", [-0.1, 1.5, math.nan])
    def test_what_is_no_probability_is_refused(self, backend, bad):
        with pytest.raises(ValueError, match="prior must lie between 0 and 1"):
            bias.initial_bias(backend.array([0.5, bad], "float32"))
