# SPDX-License-Identifier: BSD-3-Clause
"""Smooth functions at their extremes, on every backend: what the laws leave to the implementation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from impl_backends import BACKENDS, DTYPES, UNIT_ROUNDOFF
from lemmata.impl import smoothing
from mpmath import mp

INF, NAN = math.inf, math.nan
ROWS = ("smooth_max", "boltzmann_max", "soft_onehot", "soft_argmax")
each_backend = pytest.mark.parametrize("backend", BACKENDS)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def of(backend, name, values, dtype="float64", **options):
    """The function of an array, as float64."""
    return backend.doubles(getattr(smoothing, name)(backend.array(values, dtype), **options))


class TestRows:
    @each_backend
    @pytest.mark.parametrize(("name", "value"), [("smooth_max", -INF), ("boltzmann_max", -INF), ("soft_argmax", NAN)])
    def test_a_row_of_minus_infinity(self, backend, name, value):
        """−inf is the maximum of nothing; its place is not defined."""
        assert np.array_equal(of(backend, name, [-INF, -INF], sharpness=2.0), value, equal_nan=True)
        assert np.isnan(of(backend, "soft_onehot", [-INF, -INF], sharpness=2.0)).all()

    @each_backend
    def test_plus_infinity_is_the_maximum(self, backend):
        assert of(backend, "smooth_max", [1.0, INF], sharpness=0.5) == INF
        assert of(backend, "boltzmann_max", [1.0, INF], sharpness=0.5) == INF

    @each_backend
    @pytest.mark.parametrize("name", ROWS)
    def test_nan_is_passed_on(self, backend, name):
        assert np.isnan(of(backend, name, [0.0, NAN, 1.0], sharpness=1.0)).all()

    @each_backend
    @each_dtype
    def test_nothing_overflows_at_any_sharpness(self, backend, dtype):
        for sharpness in (1e-30, 1.0, 1e30, 1e300):
            got = of(backend, "soft_onehot", [3.0, 1.0, 3.0], dtype, sharpness=sharpness)
            assert np.isfinite(got).all()
        assert of(backend, "smooth_max", [3.0, 1.0, -2.0], dtype, sharpness=1e30) == 3.0

    @each_backend
    def test_an_excess_far_below_the_unit_roundoff_keeps_its_digits(self, backend):
        """LSE₁(0, −100) = log1p(e⁻¹⁰⁰); a plain logarithm of the sum gives 0."""
        got = float(of(backend, "smooth_max", [0.0, -100.0], sharpness=1.0))
        exact = float(mp.log1p(mp.exp(-100)))
        assert abs(got - exact) <= 4 * UNIT_ROUNDOFF["float64"] * exact

    @each_backend
    def test_a_million_entries_in_half_precision(self, backend):
        """Summed in float64: n ones of e⁰ give log n."""
        n = 10**6
        got = float(of(backend, "smooth_max", np.zeros(n), "float16", sharpness=1.0))
        assert abs(got - math.log(n)) <= UNIT_ROUNDOFF["float16"] * math.log(n) * (1 + 2**-10)

    def test_masked_entries_have_no_gradient_and_ties_share_it(self):
        torch = pytest.importorskip("torch")
        for name, expected in (("smooth_max", [0.5, 0.5, 0.0]), ("boltzmann_max", [0.5, 0.5, 0.0])):
            x = torch.tensor([2.0, 2.0, -INF], requires_grad=True)
            getattr(smoothing, name)(x, sharpness=3.0).backward()
            assert x.grad.tolist() == expected


class TestErrors:
    @each_backend
    @pytest.mark.parametrize("name", [*ROWS, "smooth_abs", "smooth_floor"])
    @pytest.mark.parametrize("sharpness", [0.0, -1.0, INF, NAN])
    def test_a_sharpness_that_is_none_is_refused(self, backend, name, sharpness):
        with pytest.raises(ValueError, match=f"{name}: sharpness must be finite and greater than 0"):
            of(backend, name, [1.0], sharpness=sharpness)

    @each_backend
    @pytest.mark.parametrize("name", ROWS)
    def test_an_empty_row_has_no_maximum(self, backend, name):
        with pytest.raises(ValueError, match="n at least 1"):
            of(backend, name, np.zeros((2, 0)), sharpness=1.0)

    @each_backend
    def test_labels_out_of_range_are_refused(self, backend):
        p = backend.array(np.full((2, 3), 1 / 3), "float32")
        for bad in ([0, 3], [-1, 0]):
            with pytest.raises(ValueError, match="labels must lie between 0 and 2"):
                smoothing.soft_accuracy(p, backend.array(bad, "int64"))
        with pytest.raises(TypeError, match="labels must be integers"):
            smoothing.soft_accuracy(p, backend.array([0.0, 1.0], "float32"))

    @each_backend
    def test_shapes_must_agree(self, backend):
        p, y = backend.array([0.5, 0.5], "float32"), backend.array([1, 0, 1], "int64")
        with pytest.raises(ValueError, match="labels must have the shape"):
            smoothing.soft_f1(p, y)
        with pytest.raises(ValueError, match="target must have the shape"):
            smoothing.soft_dice(p, y, eps=1.0)

    def test_whole_numbers_are_refused(self):
        with pytest.raises(TypeError, match="must have dtype"):
            smoothing.smooth_abs(np.arange(3), sharpness=1.0)

    def test_an_unknown_form_is_refused(self):
        with pytest.raises(ValueError, match="form must be one of log_cosh"):
            smoothing.smooth_abs(np.zeros(1), sharpness=1.0, form="l1")


class TestAbsoluteValue:
    @each_backend
    def test_near_zero_log_cosh_keeps_its_digits(self, backend):
        """k x²/4 to leading order: relative precision, which the difference |x| − (2/k) log 2 + … has lost."""
        x = np.array([2.0**-10, 2.0**-27, -0.75])
        got = of(backend, "smooth_abs", x, sharpness=2.0)
        with mp.workprec(200):
            exact = np.array([float(mp.log(mp.cosh(mp.mpf(v)))) for v in x])
        assert (np.abs(got - exact) <= 16 * UNIT_ROUNDOFF["float64"] * exact).all()

    @each_backend
    @pytest.mark.parametrize("form", ["log_cosh", "log_sum", "root", "erf"])
    def test_infinity_and_nan(self, backend, form):
        got = of(backend, "smooth_abs", [-INF, INF, NAN], sharpness=3.0, form=form)
        assert np.array_equal(got, [INF, INF, NAN], equal_nan=True)


class TestScores:
    @each_backend
    def test_the_policy_for_nothing_positive(self, backend):
        p, y = backend.array([0.0, 0.0], "float32"), backend.array([0, 0], "int64")
        assert float(smoothing.soft_f1(p, y)) == 1.0
        assert float(smoothing.soft_f1(p, y, zero_division=0.0)) == 0.0
        assert math.isnan(float(smoothing.soft_f1(p, y, zero_division=NAN)))
        assert float(smoothing.soft_dice(p, y, eps=1e-9)) == 0.0

    def test_the_gradient_of_dice_keeps_its_digits_where_nothing_overlaps(self):
        """ε/(2 + ε)² of the probability that is 1 and should be 0: two quotients and a product, each rounded once."""
        torch = pytest.importorskip("torch")
        eps = 2.0**-30
        p = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
        smoothing.soft_dice(p, torch.tensor([0, 1]), eps=eps).backward()
        exact = Fraction(eps) / (2 + Fraction(eps)) ** 2
        assert abs(Fraction(float(p.grad[0])) - exact) <= 4 * Fraction(UNIT_ROUNDOFF["float64"]) * exact

    def test_zero_over_zero_has_no_gradient(self):
        torch = pytest.importorskip("torch")
        p = torch.zeros(3, requires_grad=True)
        smoothing.soft_f1(p, torch.zeros(3)).backward()
        assert p.grad.tolist() == [0.0, 0.0, 0.0]

    @each_backend
    def test_boolean_labels_are_numbers(self, backend):
        p, y = backend.array([1.0, 1.0, 0.0], "float64"), backend.array([True, False, True], "bool")
        assert float(smoothing.soft_f1(p, y)) == 0.5


class TestOrder:
    @each_backend
    def test_ranks_add_up(self, backend):
        s = np.random.default_rng(0).standard_normal(50)
        total = of(backend, "soft_rank", s, tau=0.3).sum()
        assert abs(total - 50 * 51 / 2) <= 50 * 51 * UNIT_ROUNDOFF["float64"] * 50

    @each_backend
    def test_half_precision_sorts_a_thousand_scores(self, backend):
        """The largest entry of row i is at the i-th largest score, in every row."""
        s = np.random.default_rng(1).permutation(1000) / 256 - 2
        order = np.argsort(-s)
        matrix = of(backend, "neural_sort", s, "float16", tau=1 / 64)
        assert (matrix.argmax(-1) == order).all()


class TestFloor:
    @each_backend
    @pytest.mark.parametrize("sharpness", [0.01, 1.0, 4.44, 4.45, 30.0])
    def test_it_is_exact_on_either_side_of_the_crossing(self, backend, sharpness):
        x = np.array([0.25, 0.5, 0.875, -1.375, 7.0])
        exact = np.array([float(_floor(v, sharpness)) for v in x])
        got = of(backend, "smooth_floor", x, sharpness=sharpness)
        assert (np.abs(got - exact) <= 32 * UNIT_ROUNDOFF["float64"] * (1 + np.abs(x))).all()

    @each_backend
    def test_a_period_adds_one_exactly(self, backend):
        x = np.array([0.25, 0.5, 0.75])
        first, later = (of(backend, "smooth_floor", v, sharpness=6.0) for v in (x, x + 2.0**20))
        assert np.array_equal(later, first + 2.0**20)

    @each_backend
    def test_infinity_stays(self, backend):
        got = of(backend, "smooth_floor", [INF, -INF, NAN], sharpness=2.0)
        assert np.array_equal(got, [INF, -INF, NAN], equal_nan=True)


def _floor(x, k):
    """The sum itself, in 40 digits, with so many terms that the rest is below 10⁻³⁰."""
    with mp.workdps(40):
        count = int(80 / k) + int(abs(x)) + 2
        sigmoid = lambda z: 1 / (1 + mp.exp(-z))  # noqa: E731  # one line, used twice
        left = mp.fsum(-sigmoid(-k * (mp.mpf(x) + n)) for n in range(count))
        return left + mp.fsum(sigmoid(k * (mp.mpf(x) - n)) for n in range(1, count + 1))
