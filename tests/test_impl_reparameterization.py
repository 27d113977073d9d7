# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.reparameterization``: the sampler's exact law, errors, gradients."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from impl_backends import BACKENDS, DTYPES, same
from lemmata import reparameterization as rp

backends = pytest.mark.parametrize("backend", BACKENDS)
dtypes = pytest.mark.parametrize("dtype", DTYPES)

CELLS = 2**63
EXTREME_BITS = [0, 1, 2, 2**31, 2**53 + 1, 2**62 - 1, 2**62, 2**62 + 1, CELLS - 2**23, CELLS - 2, CELLS - 1]


def _wins(backend, logits, first, second):
    """Where class 0 is selected of two, for int64 bits of the one and of the other."""
    bits = backend.array(np.stack([first, second], axis=-1), "int64")
    rows = backend.array(np.broadcast_to(backend.doubles(logits), bits.shape), str(logits.dtype).rpartition(".")[2])
    return backend.doubles(rp.select_from_bits(rows, bits)) == 0


def _winning_cells(backend, logits, odds, second):
    """How many of the 2⁶³ values of the first bits select class 0, for each value of the second.

    The values that win are the topmost ones. The exact race, E₀ < odds · E₁, predicts how many; the
    search starts from a bracket of relative width 2⁻³⁹ around it, whose ends are checked.
    """
    nearer = (np.minimum(second, CELLS - 1 - second) + 0.5) * 2.0**-63
    race = -np.where(second >= 2**62, np.log1p(-nearer), np.log(nearer))
    count = -np.expm1(-odds * race) * 2.0**63
    few = np.maximum((count * (1 - 2.0**-40)).astype(np.int64) - 2, 0)
    many = np.minimum((count * (1 + 2.0**-40)).astype(np.uint64) + np.uint64(3), np.uint64(CELLS - 1)).astype(np.int64)
    top = CELLS - 1
    # the cell numbered n from the top is top - n: 'few' cells win for sure, cell number 'many' does not
    assert np.all(_wins(backend, logits, top - np.maximum(few - 1, 0), second) | (few == 0))
    assert not np.any(_wins(backend, logits, top - many, second) & (many < top))
    while np.any(few < many):
        middle = few + (many - few) // 2
        won = _wins(backend, logits, top - middle, second) & (few < many)
        few, many = np.where(won, middle + 1, few), np.where(won, many, middle)
    return few


def probability_bracket(backend, logits, odds, cells=2**19):
    """Lower and upper bound, as mpmath numbers, of the probability that class 0 is selected.

    The count of winning first values falls as the second value rises, so on each range of second
    values it lies between its counts at the ends. Both ends of (0, 1) are divided quadratically where
    the race is steep, u = (i/cells)², which makes the bracket 4/cells wide relative to a rare class.
    Computed noise is monotone only up to its error of at most 5v + 2v·44.4 < 2⁻⁴⁶, which changes a
    count by a factor within 1 ± 2⁻⁴⁵: both ends of the bracket are widened by that factor.
    """
    fractions = [(i * i * CELLS) // cells**2 for i in range(cells)] + [CELLS - 1]
    edges = np.asarray(fractions, dtype=np.int64)
    counts = _winning_cells(backend, logits, odds, edges).tolist()
    sizes = np.diff(edges).tolist()
    sizes[-1] += 1  # the last range includes its upper edge
    with mpmath.workprec(300):
        upper = mpmath.mpf(sum(n * c for n, c in zip(sizes, counts[:-1], strict=True))) / CELLS**2
        lower = mpmath.mpf(sum(n * c for n, c in zip(sizes, counts[1:], strict=True))) / CELLS**2
        slack = mpmath.mpf(2) ** -45
        return lower * (1 - slack), upper * (1 + slack)


class TestLaw:
    """The distribution of the deterministic maps, enumerated over their bits."""

    @backends
    @dtypes
    @pytest.mark.parametrize("exponent", [40, 26])
    def test_a_rare_class_has_its_probability_to_a_relative_1e_5(self, backend, dtype, exponent):
        """The whole bracket of the exact probability lies within 10⁻⁵ of what the rounded logits encode."""
        logits = backend.array([-exponent * np.log(2.0), 0.0], dtype)
        with mpmath.workprec(300):
            odds = mpmath.exp(mpmath.mpf(backend.doubles(logits)[0]))
            wanted = odds / (1 + odds)
            lower, upper = probability_bracket(backend, logits, float(odds))
            assert wanted * (1 - mpmath.mpf("1e-5")) < lower <= upper < wanted * (1 + mpmath.mpf("1e-5"))

    @backends
    def test_a_common_class_has_its_probability(self, backend):
        """p = 1/3. With u = (i/cells)² the bracket is (4/cells)·∫ u |t′(u)| du wide, t(u) = 1 − u^odds the
        share of first values that win: less than 4·odds/cells, doubled here for the finite ranges."""
        logits = backend.array([-np.log(2.0), 0.0], "float64")
        with mpmath.workprec(300):
            odds = mpmath.exp(mpmath.mpf(backend.doubles(logits)[0]))
            wanted, width = odds / (1 + odds), 8 * odds / 2**19
            lower, upper = probability_bracket(backend, logits, float(odds))
            assert lower <= wanted <= upper
            assert upper - lower < width

    @backends
    def test_noise_is_the_formula_at_the_ends_and_at_the_seam(self, backend):
        """|error| ≤ 5v + 2v|G|, v = 2⁻⁵³.

        The distance to the nearer end is rounded twice (2v), which −log and −log1p pass on with a
        factor of at most 1/log 2 for a distance ≤ 1/2; their own error is below one ulp (2v): together
        4.9v relative in E, absolute in log E, and the outer logarithm adds one ulp of G.
        """
        got = backend.doubles(rp.gumbel_from_bits(backend.array(EXTREME_BITS, "int64")))
        with mpmath.workprec(300):
            for bits, value in zip(EXTREME_BITS, got, strict=True):
                exact = -mpmath.log(-mpmath.log((bits + mpmath.mpf("0.5")) / CELLS))
                assert abs(mpmath.mpf(value) - exact) <= 2.0**-53 * (5 + 2 * abs(exact))

    @backends
    def test_noise_increases_strictly_in_the_last_million_cells(self, backend):
        bits = np.arange(CELLS - 2**20, CELLS - 1, dtype=np.int64)
        noise = backend.doubles(rp.gumbel_from_bits(backend.array(bits, "int64")))
        assert np.all(np.diff(noise) > 0)

    @backends
    @dtypes
    def test_extreme_noise_is_finite_in_every_dtype(self, backend, dtype):
        noise = rp.gumbel_from_bits(backend.array([0, CELLS - 1], "int64"))
        low, high = backend.doubles(backend.array(backend.doubles(noise), dtype))
        assert -4 < low < -3
        assert 44 < high < 45

    @backends
    @dtypes
    def test_a_class_of_probability_zero_loses_against_the_worst_noise(self, backend, dtype):
        lowest = {"float16": -65504.0, "bfloat16": -3e38, "float32": -3e38, "float64": -1e308}[dtype]
        logits = backend.array([-np.inf, lowest, -np.inf], dtype)
        bits = backend.array([CELLS - 1, 0, CELLS - 1], "int64")
        assert int(rp.select_from_bits(logits, bits)) == 1

    def test_gumbel_max_selects_by_the_documented_map_from_the_generator_words(self):
        logits = np.random.default_rng(1).standard_normal((40, 7))
        words = np.random.default_rng(2).integers(0, 2**64 - 1, (40, 7), dtype=np.uint64, endpoint=True)
        expected = rp.select_from_bits(logits, (words >> np.uint64(1)).astype(np.int64))
        assert np.array_equal(rp.gumbel_max(logits, generator=np.random.default_rng(2)), expected)

    def test_torch_draws_use_all_63_bits(self):
        """A bit that is 0 (or 1) in all of 200 words would be so by chance with probability 2⁻²⁰⁰."""
        torch = pytest.importorskip("torch")
        from lemmata.impl._random import bits63

        words = [int(w) for w in bits63(torch.Generator().manual_seed(0), (200,))]
        seen_one, seen_zero = 0, 0
        for word in words:
            seen_one, seen_zero = seen_one | word, seen_zero | ~word & (CELLS - 1)
        assert seen_one == seen_zero == CELLS - 1
        assert min(words) >= 0

    @backends
    def test_equal_bits_give_equal_selections_in_any_batch(self, backend):
        rng = np.random.default_rng(0)
        logits = backend.array(rng.standard_normal((9, 33)), "float32")
        bits = backend.array(rng.integers(0, CELLS - 1, (9, 33)), "int64")
        whole = rp.select_from_bits(logits, bits)
        for row in range(9):
            assert int(rp.select_from_bits(logits[row], bits[row])) == int(whole[row])


class TestSamples:
    """Shapes, dtypes, coupling and extremes of what is drawn."""

    @backends
    @dtypes
    def test_hard_soft_top_k_and_max_agree_from_one_generator_state(self, backend, dtype):
        logits = backend.array(np.random.default_rng(0).standard_normal((50, 6)), dtype)
        winner = backend.doubles(rp.gumbel_max(logits, generator=backend.generator(3)))
        ranking = backend.doubles(rp.gumbel_top_k(logits, 6, generator=backend.generator(3)))
        assert np.array_equal(ranking[:, 0], winner)
        assert np.array_equal(np.sort(ranking, axis=-1), np.broadcast_to(np.arange(6), (50, 6)))
        for tau in (1e-300, 0.3, 1e300):
            hard = rp.gumbel_softmax(logits, tau=tau, hard=True, generator=backend.generator(3))
            assert np.array_equal(backend.doubles(hard), np.eye(6)[winner.astype(int)])
            soft = backend.doubles(rp.gumbel_softmax(logits, tau=tau, generator=backend.generator(3)))
            assert np.array_equal(soft[np.arange(50), winner.astype(int)], soft.max(axis=-1))

    @backends
    def test_a_large_batch_is_drawn_from_the_same_words_as_a_small_one(self, backend):
        """Many more elements than are compared at a time: hard samples come from one pass over all of them."""
        logits = backend.array(np.random.default_rng(0).standard_normal((2, 700, 300)), "float32")
        winner = rp.gumbel_max(logits, generator=backend.generator(3))
        hard = rp.gumbel_softmax(logits, hard=True, generator=backend.generator(3))
        assert np.array_equal(backend.doubles(winner), backend.doubles(hard).argmax(axis=-1))

    @backends
    @dtypes
    def test_results_keep_shape_dtype_and_are_finite(self, backend, dtype):
        logits = backend.array([[0.0, -np.inf, 60000.0], [-60000.0, -np.inf, -60000.0]], dtype)
        soft = rp.gumbel_softmax(logits, tau=0.01, generator=backend.generator(0))
        assert soft.dtype == logits.dtype
        assert np.all(np.isfinite(backend.doubles(soft)))
        assert np.all(backend.doubles(soft)[:, 1] == 0)
        noise = rp.gumbel((1000,), generator=backend.generator(0), dtype=dtype if dtype != "bfloat16" else logits.dtype)
        assert noise.dtype == logits.dtype
        assert np.all(np.isfinite(backend.doubles(noise)))
        mean, std = backend.array(np.zeros((2, 3)), dtype), backend.array(np.ones(3), dtype)
        assert rp.gaussian(mean, std, generator=backend.generator(0)).dtype == logits.dtype

    @backends
    @dtypes
    def test_zero_size_batches(self, backend, dtype):
        empty = backend.array(np.zeros((2, 0, 5)), dtype)
        draw = {"generator": backend.generator(0)}
        assert tuple(rp.gumbel_max(empty, **draw).shape) == (2, 0)
        assert tuple(rp.gumbel_top_k(empty, 3, **draw).shape) == (2, 0, 3)
        assert tuple(rp.gumbel_softmax(empty, hard=True, **draw).shape) == (2, 0, 5)
        assert tuple(rp.gaussian(empty, empty, **draw).shape) == (2, 0, 5)
        assert tuple(rp.gumbel((0, 4), **draw).shape) == (0, 4)
        assert tuple(rp.gumbel_top_k(backend.array(np.zeros((2, 5)), dtype), 0, **draw).shape) == (2, 0)

    @backends
    @dtypes
    def test_non_contiguous_logits_are_sampled_as_their_copy(self, backend, dtype):
        logits = backend.array(np.random.default_rng(0).standard_normal((20, 12)), dtype)[::2, ::3]
        copy = backend.copy(logits)
        for sample in (rp.gumbel_max, rp.gumbel_softmax):
            strided = sample(logits, generator=backend.generator(5))
            assert same(backend, strided, sample(copy, generator=backend.generator(5)))
        assert same(backend, logits, copy)

    @backends
    def test_standard_deviation_zero_gives_the_mean(self, backend):
        mean = backend.array([1.0, -2.0], "float32")
        assert same(backend, rp.gaussian(mean, mean * 0, generator=backend.generator(0)), mean)

    @backends
    def test_a_row_of_one_class_is_certain(self, backend):
        assert backend.doubles(rp.gumbel_max(backend.array([[-5.0]], "float16"), generator=backend.generator(0))) == [0]


class TestGradient:
    """Automatic differentiation with torch."""

    def test_straight_through_has_the_gradient_of_the_soft_sample(self):
        torch = pytest.importorskip("torch")
        upstream = torch.arange(12.0, dtype=torch.float64).reshape(3, 4)
        gradients = []
        for hard in (False, True):
            logits = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
            sample = rp.gumbel_softmax(logits, tau=0.7, hard=hard, generator=torch.Generator().manual_seed(0))
            sample.backward(upstream)
            gradients.append(logits.grad)
        assert torch.equal(*gradients)
        assert torch.any(gradients[0] != 0)

    def test_gradient_is_that_of_a_softmax(self):
        torch = pytest.importorskip("torch")
        logits = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
        assert torch.autograd.gradcheck(
            lambda o: rp.gumbel_softmax(o, tau=0.7, generator=torch.Generator().manual_seed(0)), logits
        )

    def test_gradient_is_finite_where_a_class_is_impossible(self):
        torch = pytest.importorskip("torch")
        logits = torch.tensor([0.0, -np.inf, 1.0], requires_grad=True)
        rp.gumbel_softmax(logits, generator=torch.Generator().manual_seed(0))[0].backward()
        assert torch.all(torch.isfinite(logits.grad))
        assert logits.grad[1] == 0

    def test_gaussian_has_gradient_one_and_the_noise(self):
        torch = pytest.importorskip("torch")
        mean, std = (torch.full((5,), v, dtype=torch.float64, requires_grad=True) for v in (0.0, 1.0))
        sample = rp.gaussian(mean, std, generator=torch.Generator().manual_seed(0))
        sample.sum().backward()
        assert torch.equal(mean.grad, torch.ones(5, dtype=torch.float64))
        assert torch.equal(std.grad, sample.detach())

    def test_surrogate_weights_the_score_and_ignores_the_gradient_of_the_reward(self):
        torch = pytest.importorskip("torch")
        log_prob = torch.tensor([-1.0, -2.0, -3.0, -4.0], requires_grad=True)
        reward = torch.tensor([8.0, 0.0, -4.0, 1.0], requires_grad=True)
        rp.score_surrogate(log_prob, reward).backward()
        assert log_prob.grad.tolist() == [2.0, 0.0, -1.0, 0.25]
        assert reward.grad is None


SAMPLERS = {
    "gumbel_max": rp.gumbel_max,
    "gumbel_softmax": rp.gumbel_softmax,
    "gumbel_top_k": lambda logits, **draw: rp.gumbel_top_k(logits, 1, **draw),
}


class TestErrors:
    """Every message names the function, the argument, what was expected and what was seen."""

    @backends
    @dtypes
    @pytest.mark.parametrize("name", SAMPLERS)
    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ([0.0, np.nan], "logits must not be NaN"),
            ([np.nan, np.nan], "logits must not be NaN"),
            ([0.0, np.inf], r"logits must be less than \+inf"),
            ([-np.inf, -np.inf], "logits must have a finite entry in every row"),
        ],
    )
    def test_logits_without_a_law(self, backend, dtype, name, row, message):
        with pytest.raises(ValueError, match=rf"^{name}: {message}"):
            SAMPLERS[name](backend.array([[0.0, 1.0], row], dtype), generator=backend.generator(0))

    @backends
    @pytest.mark.parametrize("name", SAMPLERS)
    def test_shape_dtype_and_generator(self, backend, name):
        draw = {"generator": backend.generator(0)}
        with pytest.raises(ValueError, match=rf"^{name}: logits must have shape .* got \(3, 0\)$"):
            SAMPLERS[name](backend.array(np.zeros((3, 0)), "float32"), **draw)
        with pytest.raises(ValueError, match=rf"^{name}: logits must have shape .* got \(\)$"):
            SAMPLERS[name](backend.array(0.0, "float32"), **draw)
        with pytest.raises(TypeError, match=rf"^{name}: logits must have dtype .* got int64$"):
            SAMPLERS[name](backend.array([1, 2], "int64"), **draw)
        with pytest.raises(TypeError, match=rf"^{name}: generator must be a numpy.random.Generator, .* got int$"):
            SAMPLERS[name](backend.array([1, 2], "float32"), generator=0)

    @backends
    @pytest.mark.parametrize("tau", [0, -1.0, np.nan, np.inf])
    def test_temperature(self, backend, tau):
        with pytest.raises(ValueError, match=r"^gumbel_softmax: tau must be finite and greater than 0, got"):
            rp.gumbel_softmax(backend.array([0.0, 1.0], "float32"), tau=tau, generator=backend.generator(0))

    @backends
    def test_number_of_drawn_classes(self, backend):
        logits, draw = backend.array([[0.0, 1.0], [0.0, -np.inf]], "float32"), {"generator": backend.generator(0)}
        for k in (-1, 2):
            with pytest.raises(ValueError, match=rf"^gumbel_top_k: k must be between 0 and 1, .* got {k}$"):
                rp.gumbel_top_k(logits, k, **draw)
        with pytest.raises(TypeError, match=r"^gumbel_top_k: k must be an integer, got 1.0$"):
            rp.gumbel_top_k(logits, 1.0, **draw)

    @backends
    def test_gaussian(self, backend):
        mean, draw = backend.array([0.0, 1.0], "float32"), {"generator": backend.generator(0)}
        for bad in (-1.0, np.nan, np.inf):
            with pytest.raises(ValueError, match=r"^gaussian: std must be finite and at least 0 everywhere$"):
                rp.gaussian(mean, backend.array([1.0, bad], "float32"), **draw)
        with pytest.raises(ValueError, match=r"^gaussian: mean and std must broadcast, got shapes \(2,\) and \(3,\)$"):
            rp.gaussian(mean, backend.array(np.ones(3), "float32"), **draw)
        with pytest.raises(TypeError, match=r"^gaussian: mean and std must have one dtype, got float32 and float64$"):
            rp.gaussian(mean, backend.array([1.0, 1.0], "float64"), **draw)

    @backends
    def test_surrogate(self, backend):
        two, three = backend.array(np.ones(2), "float32"), backend.array(np.ones(3), "float32")
        with pytest.raises(ValueError, match=r"^score_surrogate: reward must have the shape of log_prob \(2,\), got"):
            rp.score_surrogate(two, three)
        with pytest.raises(ValueError, match=r"^score_surrogate: log_prob must hold at least one sample"):
            rp.score_surrogate(two[:0], two[:0])

    @backends
    def test_noise(self, backend):
        with pytest.raises(TypeError, match=r"^gumbel: dtype must be a real floating dtype, got"):
            rp.gumbel((2,), generator=backend.generator(0), dtype="int64")
        with pytest.raises(TypeError, match=r"^gumbel: generator must be a numpy.random.Generator"):
            rp.gumbel((2,), generator=None)
        with pytest.raises(TypeError, match=r"^gumbel_from_bits: bits must have dtype int64, got int32$"):
            rp.gumbel_from_bits(backend.array([1], "int32"))
        with pytest.raises(ValueError, match=r"^select_from_bits: bits must have the shape of logits"):
            rp.select_from_bits(backend.array([1.0], "float32"), backend.array([1, 2], "int64"))

    def test_generator_of_another_backend(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(TypeError, match=r"^gumbel_max: generator and logits must be of one backend"):
            rp.gumbel_max(torch.zeros(2), generator=np.random.default_rng(0))
        with pytest.raises(TypeError, match=r"^gaussian: generator and mean must be of one backend"):
            rp.gaussian(np.zeros(2), np.ones(2), generator=torch.Generator())

    def test_generator_on_another_device(self):
        torch = pytest.importorskip("torch")
        empty = torch.zeros(2, device="meta")
        with pytest.raises(ValueError, match=r"^gaussian: generator and mean must be on one device, got cpu and meta$"):
            rp.gaussian(empty, empty, generator=torch.Generator())
