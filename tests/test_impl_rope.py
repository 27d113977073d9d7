# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.rope``: tables at hard positions, ``out=``, gradients, errors, imports."""

from __future__ import annotations

import subprocess
import sys

import mpmath
import numpy as np
import pytest
from impl_backends import BACKENDS, DTYPES, SMALLEST, UNIT_ROUNDOFF, same
from lemmata import rope

backends = pytest.mark.parametrize("backend", BACKENDS)
dtypes = pytest.mark.parametrize("dtype", DTYPES)
layouts = pytest.mark.parametrize("layout", ["interleaved", "half"])

HARD_INTEGERS = [0, 1, -1, 12, 355, 10**6, -(10**6), 2**24 + 1, 2**31 - 1, 2**31, -(2**31)]
HARD_REALS = [0.0, 0.1, -0.1, 1e-300, 0.5, 1e6 + 0.3, 2.0**24 + 1.25, 2.0**31 - 0.5, -(2.0**31) + 1e-6, np.pi / 2]


def exact_tables(positions, dim, base, *, scale=1, ntk=1):
    """cos and sin of p·θ_i as mpmath numbers of 300 bits, an independent evaluation of the formula."""
    with mpmath.workprec(300):
        thetas = [
            mpmath.mpf(base) ** (-mpmath.mpf(2 * i) / dim)
            * (mpmath.mpf(ntk) ** (-mpmath.mpf(2 * i) / (dim - 2)) if dim > 2 else 1)
            / mpmath.mpf(scale)
            for i in range(dim // 2)
        ]
        angles = [[mpmath.mpf(p) * theta for theta in thetas] for p in positions]
        return [[(mpmath.cos(a), mpmath.sin(a)) for a in row] for row in angles]


def rows(backend, dtype, *shape, seed=0):
    return backend.array(np.random.default_rng(seed).standard_normal(shape), dtype)


class TestTables:
    """``cos_sin`` and ``frequencies``."""

    @backends
    @pytest.mark.parametrize("base", [10000.0, 500000.0, 1.5])
    @pytest.mark.parametrize("positions", [HARD_INTEGERS, HARD_REALS], ids=["integers", "reals"])
    def test_float64_tables_are_within_six_unit_roundoffs(self, backend, base, positions):
        """At most 6v relative, v = 2⁻⁵³, plus the phase's own 2⁻⁷⁷ radians: both derived in ``_phase.py``."""
        kind = "int64" if positions is HARD_INTEGERS else "float64"
        tables = rope.cos_sin(backend.array(positions, kind), 64, base=base, dtype="float64")
        got = [backend.doubles(t) for t in tables]
        with mpmath.workprec(300):
            for p, row in enumerate(exact_tables(positions, 64, base)):
                for i, pair in enumerate(row):
                    for table, exact in zip(got, pair, strict=True):
                        bound = 6 * mpmath.mpf(2) ** -53 * abs(exact) + mpmath.mpf(2) ** -77
                        assert abs(mpmath.mpf(table[p, i]) - exact) <= bound, (positions[p], i)

    @backends
    def test_float32_tables_are_within_a_thousandth_of_half_an_ulp(self, backend):
        """Rounded once from float64: u (1 + 6v/u + …) ≤ 1.001 u relative, u = 2⁻²⁴, also beside the zeros."""
        tables = rope.cos_sin(backend.array(HARD_INTEGERS, "int64"), 128, dtype="float32")
        got = [backend.doubles(t) for t in tables]
        with mpmath.workprec(300):
            for p, row in enumerate(exact_tables(HARD_INTEGERS, 128, 10000)):
                for i, pair in enumerate(row):
                    for table, exact in zip(got, pair, strict=True):
                        bound = mpmath.mpf("1.001") * mpmath.mpf(2) ** -24 * abs(exact)
                        assert abs(mpmath.mpf(table[p, i]) - exact) <= bound, (HARD_INTEGERS[p], i)

    @pytest.mark.parametrize("dim", [2, 6, 128])
    def test_frequencies_are_the_nearest_float64(self, dim):
        with mpmath.workprec(300):
            exact = [mpmath.mpf(10000) ** (-mpmath.mpf(2 * i) / dim) for i in range(dim // 2)]
            for got, theta in zip(rope.frequencies(dim), exact, strict=True):
                for neighbour in (np.nextafter(got, 0), np.nextafter(got, 2)):
                    assert abs(mpmath.mpf(float(got)) - theta) <= abs(mpmath.mpf(float(neighbour)) - theta)

    @backends
    def test_opposite_positions_have_equal_cosines_and_opposite_sines(self, backend):
        positions = backend.array([1, 7, 10**6, 2**31 - 1], "int64")
        cosine, sine = rope.cos_sin(positions, 64)
        cosine_back, sine_back = rope.cos_sin(-positions, 64)
        assert same(backend, cosine, cosine_back)
        assert same(backend, sine, -sine_back)

    @backends
    def test_a_real_position_that_is_whole_equals_the_integer(self, backend):
        integers = rope.cos_sin(backend.array(HARD_INTEGERS, "int64"), 64, dtype="float32")
        reals = rope.cos_sin(backend.array(HARD_INTEGERS, "float64"), 64, dtype="float32")
        assert all(same(backend, x, y) for x, y in zip(integers, reals, strict=True))

    def test_trained_tables_are_the_plain_float32_formula(self):
        torch = pytest.importorskip("torch")
        positions = torch.arange(5000)
        theta = 1.0 / (10000.0 ** (torch.arange(0, 64, 2, dtype=torch.int64).float() / 64))
        angles = positions[:, None].float() * theta[None]
        cosine, sine = rope.cos_sin(positions, 64, tables="float32")
        assert torch.equal(cosine, angles.cos())
        assert torch.equal(sine, angles.sin())

    def test_tables_do_not_depend_on_earlier_calls(self):
        first = rope.cos_sin(np.arange(9), 8, base=10000.0)
        rope.cos_sin(np.arange(9), 8, base=500000.0)
        assert np.array_equal(first, rope.cos_sin(np.arange(9), 8, base=10000.0))


class TestRotate:
    """``rotate`` and the functions that rotate with other frequencies."""

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize(
        ("function", "scaling"),
        [(rope.rotate, {}), (rope.linear, {"scale": 3.7}), (rope.ntk, {"scale": 8.0})],
        ids=["rotate", "linear", "ntk"],
    )
    def test_every_output_is_within_the_documented_bound(self, backend, dtype, layout, function, scaling):
        """(3.01u or, in float64, 8.01u)·(|a cos| + |b sin|); 16 bits add half an ulp of the result.

        Two products and a sum round once each after the table; u is that of the working dtype. The
        half ulp is u₁₆ |y|; below the normal numbers nothing is off by more than the smallest number.
        """
        x = rows(backend, dtype, len(HARD_INTEGERS), 16)
        y = backend.doubles(function(x, backend.array(HARD_INTEGERS, "int64"), layout=layout, **scaling))
        keyword = {"linear": "scale", "ntk": "ntk"}.get(function.__name__)
        tables = exact_tables(HARD_INTEGERS, 16, 10000, **({keyword: scaling["scale"]} if keyword else {}))
        first = [2 * i if layout == "interleaved" else i for i in range(8)]
        second = [2 * i + 1 if layout == "interleaved" else i + 8 for i in range(8)]
        working = 8.01 * 2.0**-53 if dtype == "float64" else 3.01 * 2.0**-24
        once = UNIT_ROUNDOFF[dtype] if dtype in ("float16", "bfloat16") else 0
        values = backend.doubles(x)
        with mpmath.workprec(300):
            for p in range(len(HARD_INTEGERS)):
                for i, (c, s) in enumerate(tables[p]):
                    a, b = mpmath.mpf(values[p, first[i]]), mpmath.mpf(values[p, second[i]])
                    for got, left, right in ((y[p, first[i]], a * c, -b * s), (y[p, second[i]], a * s, b * c)):
                        bound = working * (abs(left) + abs(right))
                        bound += once * (abs(left + right) + bound) + SMALLEST[dtype]
                        assert abs(mpmath.mpf(got) - (left + right)) <= bound

    @backends
    @dtypes
    @layouts
    def test_a_strided_input_gives_bitwise_the_result_of_its_copy(self, backend, dtype, layout):
        wide = rows(backend, dtype, 3, 10, 32)
        x = wide[:, ::2, 1:31:3]
        assert same(
            backend,
            rope.rotate(x, range(5), layout=layout),
            rope.rotate(backend.copy(x), range(5), layout=layout),
        )

    @backends
    @dtypes
    @layouts
    def test_a_slice_of_the_batch_is_rotated_as_in_the_batch(self, backend, dtype, layout):
        x = rows(backend, dtype, 5, 7, 12)
        whole = rope.rotate(x, range(7), layout=layout)
        assert same(backend, whole[3:4], rope.rotate(x[3:4], range(7), layout=layout))
        assert same(backend, whole[:, 2:3], rope.rotate(x[:, 2:3], [2], layout=layout))

    @backends
    @layouts
    @pytest.mark.parametrize(
        "shape", [(3, 50, 5, 1024), (2, 200, 3, 1024), (70000, 1, 4), (1, 9000, 64), (2, 1, 140000)]
    )
    def test_an_array_of_many_blocks_is_rotated_as_its_pieces(self, backend, layout, shape):
        """Shapes that are cut along rows, along leading axes, along both, and one row longer than a block."""
        x, positions = rows(backend, "float32", *shape), range(7, 7 + shape[-2])
        whole = rope.rotate(x, positions, layout=layout).reshape(-1, *shape[-2:])
        flat = x.reshape(-1, *shape[-2:])
        for piece in sorted({0, 1, 63, 64, 127, 128, len(flat) // 2, len(flat) - 1} & set(range(len(flat)))):
            for row in sorted({0, shape[-2] // 2, shape[-2] - 1}):
                alone = rope.rotate(flat[piece, row : row + 1], [7 + row], layout=layout)
                assert same(backend, whole[piece, row : row + 1], alone)

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize("rotary_dim", [None, 4, 0])
    def test_out_receives_bitwise_the_returned_result(self, backend, dtype, layout, rotary_dim):
        x = rows(backend, dtype, 2, 7, 12)
        options = {"layout": layout, "rotary_dim": rotary_dim}
        expected = rope.rotate(x, range(7), **options)
        contiguous, strided = backend.copy(x) * 0, (rows(backend, dtype, 2, 7, 24) * 0)[..., ::2]
        in_place = backend.copy(x)
        for out, source in ((contiguous, x), (strided, x), (in_place, in_place)):
            assert rope.rotate(source, range(7), out=out, **options) is out
            assert same(backend, out, expected)

    @backends
    @layouts
    def test_inputs_are_not_mutated(self, backend, layout):
        x, positions = rows(backend, "float32", 3, 4), backend.array([4, 5, -6], "int64")
        before = backend.copy(x), backend.copy(positions)
        rope.rotate(x, positions, layout=layout)
        assert same(backend, x, before[0])
        assert same(backend, positions, before[1])

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize("shape", [(0, 4), (2, 0, 4), (0, 3, 4), (3, 0)])
    def test_zero_size_arrays_keep_their_shape(self, backend, dtype, layout, shape):
        x = backend.array(np.zeros(shape), dtype)
        y = rope.rotate(x, range(shape[-2]), layout=layout)
        assert tuple(y.shape) == shape
        assert y.dtype == x.dtype

    @backends
    @dtypes
    def test_features_beyond_rotary_dim_pass_through(self, backend, dtype):
        x = rows(backend, dtype, 3, 7)
        y = rope.rotate(x, [5, 6, 7], rotary_dim=4)
        assert same(backend, y[:, 4:], x[:, 4:])
        assert same(backend, y[:, :4], rope.rotate(x[:, :4], [5, 6, 7]))

    @backends
    def test_positions_of_each_batch_row_broadcast(self, backend):
        x = rows(backend, "float32", 2, 3, 4, 6)
        positions = backend.array([[[0, 1, 2, 3]], [[9, 8, 7, 6]]], "int64")
        y = rope.rotate(x, positions)
        assert same(backend, y[1], rope.rotate(x[1], [9, 8, 7, 6]))

    @backends
    @dtypes
    @layouts
    def test_decoding_step_by_step_is_bitwise_the_whole_sequence(self, backend, dtype, layout):
        x = rows(backend, dtype, 2, 9, 8)
        whole = rope.rotate(x, range(9), layout=layout)
        for start, stop in ((0, 5), (5, 6), (6, 9), (9, 9)):
            assert same(backend, rope.decode(x[:, start:stop], start, layout=layout), whole[:, start:stop])

    @backends
    def test_real_positions_in_16_bits_are_not_rounded_further(self, backend):
        x = rows(backend, "float16", 2, 8)
        positions = backend.array([1000.5, 2047.0], "float16")
        assert same(backend, rope.rotate(x, positions), rope.rotate(x, backend.array([1000.5, 2047.0], "float64")))

    @backends
    @dtypes
    def test_half_layout_is_the_permuted_interleaved_one(self, backend, dtype):
        x = rows(backend, dtype, 3, 10)
        half = rope.rotate(x, [3, -4, 10**6], layout="half")
        interleaved = rope.rotate(rope.halves_to_interleaved(x), [3, -4, 10**6], layout="interleaved")
        assert same(backend, rope.halves_to_interleaved(half), interleaved)
        assert same(backend, rope.interleaved_to_halves(rope.halves_to_interleaved(x)), x)

    @backends
    def test_converted_projection_rows_give_converted_heads(self, backend):
        """Small integers make the products exact, so equality is equality."""
        rng = np.random.default_rng(0)
        weight = backend.array(rng.integers(-9, 9, (2 * 6, 5)), "float64")
        tokens = backend.array(rng.integers(-9, 9, (3, 5)), "float64")
        converted = rope.halves_to_interleaved(weight, axis=0, head_dim=6)
        heads = (tokens @ weight.T).reshape(3, 2, 6)
        assert same(backend, (tokens @ converted.T).reshape(3, 2, 6), rope.halves_to_interleaved(heads))

    @backends
    @layouts
    def test_xpos_scales_each_pair_by_its_power(self, backend, layout):
        """Bound of ``rotate`` in float32, and 8v·|exponent| ≤ 0.01u for the scale formed in float64."""
        q, positions = rows(backend, "float32", 3, 8), [0, 100, 2000]
        queries, keys = rope.xpos(q, q, positions, positions, scale_base=512.0, center=1000.0, layout=layout)
        first = [2 * i if layout == "interleaved" else i for i in range(4)]
        second = [2 * i + 1 if layout == "interleaved" else i + 4 for i in range(4)]
        values = backend.doubles(q)
        with mpmath.workprec(300):
            for sign, result in ((1, backend.doubles(queries)), (-1, backend.doubles(keys))):
                for p, row in enumerate(exact_tables(positions, 8, 10000)):
                    for i, (c, s) in enumerate(row):
                        zeta = (mpmath.mpf(2 * i) / 8 + mpmath.mpf("0.4")) / mpmath.mpf("1.4")
                        scale = zeta ** (sign * mpmath.mpf(positions[p] - 1000) / 512)
                        a, b = (mpmath.mpf(values[p, f]) * scale for f in (first[i], second[i]))
                        bound = 3.02 * 2.0**-24 * (abs(a * c) + abs(b * s))
                        assert abs(mpmath.mpf(result[p, first[i]]) - (a * c - b * s)) <= bound


class TestGradient:
    """Automatic differentiation with torch."""

    @dtypes
    @layouts
    def test_gradient_is_bitwise_the_opposite_rotation(self, dtype, layout):
        torch = pytest.importorskip("torch")
        kind = getattr(torch, dtype)
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(2, 5, 8, generator=generator).to(kind).requires_grad_()
        upstream = torch.randn(2, 5, 8, generator=generator).to(kind)
        positions = torch.tensor([0, 3, 10**6, 2**31, -7])
        rope.rotate(x, positions, layout=layout).backward(upstream)
        assert torch.equal(x.grad, rope.rotate(upstream, -positions, layout=layout))

    def test_second_derivatives_vanish(self):
        torch = pytest.importorskip("torch")
        x = torch.ones(2, 4, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradgradcheck(lambda v: rope.rotate(v, [3, 4], rotary_dim=2), x)

    def test_positions_receive_no_gradient(self):
        torch = pytest.importorskip("torch")
        positions = torch.tensor([0.5, 1.5], requires_grad=True)
        assert not rope.rotate(torch.ones(2, 4), positions).requires_grad


NAN = float("nan")
ERRORS = [
    (ValueError, "last axis of x must be even, got 7 (x.shape = (2, 5, 7))", ((2, 5, 7), range(5)), {}),
    (ValueError, "rotary_dim must be even and between 0", ((5, 8), range(5)), {"rotary_dim": 3}),
    (ValueError, "got 10 (x.shape = (5, 8))", ((5, 8), range(5)), {"rotary_dim": 10}),
    (TypeError, "rotary_dim must be an integer, got 4.0", ((5, 8), range(5)), {"rotary_dim": 4.0}),
    (ValueError, "x must have shape (..., seq, dim), got (8,)", ((8,), [0]), {}),
    (ValueError, "positions must have shape (seq,) = (5,)", ((2, 5, 8), range(4)), {}),
    (ValueError, "positions must have shape (seq,) = (5,)", ((2, 5, 8), [0]), {}),
    (ValueError, "positions must be finite", ((2, 8), [0.0, NAN]), {}),
    (ValueError, "positions must be finite", ((2, 8), [0.0, float("inf")]), {}),
    (TypeError, "positions must be signed integers or reals, got complex128", ((2, 8), [0, 1j]), {}),
    (TypeError, "positions must be signed integers or reals, got bool", ((2, 8), [True, False]), {}),
    (ValueError, "base must be finite and greater than 0, got 0", ((2, 8), [0, 1]), {"base": 0}),
    (ValueError, "base must be finite and greater than 0, got nan", ((2, 8), [0, 1]), {"base": NAN}),
    (TypeError, "base must be a real number, got '1e4x'", ((2, 8), [0, 1]), {"base": "1e4x"}),
    (ValueError, 'layout must be "interleaved" or "half", got \'neox\'', ((2, 8), [0, 1]), {"layout": "neox"}),
    (ValueError, 'tables must be "exact" or "float32", got \'f32\'', ((2, 8), [0, 1]), {"tables": "f32"}),
]


class TestErrors:
    """Every message names the function, the argument, what was expected and what was seen."""

    @backends
    @pytest.mark.parametrize(("error", "message", "arguments", "options"), ERRORS)
    def test_bad_argument(self, backend, error, message, arguments, options):
        shape, positions = arguments
        with pytest.raises(error) as caught:
            rope.rotate(backend.array(np.zeros(shape), "float32"), positions, **options)
        assert str(caught.value).startswith("rotate: ")
        assert message in str(caught.value)

    @backends
    @pytest.mark.parametrize("dtype", ["int32", "complex64", "bool"])
    def test_dtype_of_x(self, backend, dtype):
        with pytest.raises(TypeError, match=rf"^rotate: x must have dtype .*float64, got {dtype}$"):
            rope.rotate(backend.array(np.zeros((2, 4)), dtype), [0, 1])

    def test_x_must_be_an_array(self):
        with pytest.raises(TypeError, match=r"^rotate: x must be an array, got list$"):
            rope.rotate([[1.0, 2.0]], [0])

    @backends
    def test_out_of_another_shape_or_dtype(self, backend):
        x = backend.array(np.zeros((2, 4)), "float32")
        for out in (backend.array(np.zeros((3, 4)), "float32"), backend.array(np.zeros((2, 4)), "float64")):
            with pytest.raises(ValueError, match=r"^rotate: out must have the shape and dtype of x, \(2, 4\) float32"):
                rope.rotate(x, [0, 1], out=out)

    def test_two_backends(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(TypeError, match=r"^rotate: positions and x must be arrays of one backend"):
            rope.rotate(torch.zeros(2, 4), np.arange(2))

    def test_two_devices(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(ValueError, match=r"^rotate: positions and x must be on one device, got meta and cpu$"):
            rope.rotate(torch.zeros(2, 4), torch.arange(2, device="meta"))

    def test_scales_lengths_and_axes(self):
        x = np.zeros((2, 4))
        with pytest.raises(ValueError, match=r"^linear: scale must be finite and greater than 0, got 0$"):
            rope.linear(x, [0, 1], scale=0)
        with pytest.raises(ValueError, match=r"^ntk: scale must be finite and greater than 0, got -1$"):
            rope.ntk(x, [0, 1], scale=-1)
        with pytest.raises(ValueError, match=r"^decode: cache_len must be at least 0, got -1$"):
            rope.decode(x, -1)
        with pytest.raises(TypeError, match=r"^decode: cache_len must be an integer, got 1.5$"):
            rope.decode(x, 1.5)
        with pytest.raises(ValueError, match=r"^frequencies: dim must be even and at least 0, got 3$"):
            rope.frequencies(3)
        with pytest.raises(ValueError, match=r"^cos_sin: positions must have shape \(seq,\), got shape \(\)$"):
            rope.cos_sin(np.asarray(3), 4)
        with pytest.raises(ValueError, match=r"^halves_to_interleaved: head_dim must be even and divide axis -1"):
            rope.halves_to_interleaved(x, head_dim=3)
        with pytest.raises(ValueError, match=r"^interleaved_to_halves: axis must be an axis of x, got 2"):
            rope.interleaved_to_halves(x, axis=2)
        with pytest.raises(ValueError, match=r"^xpos: scale_base must be finite and greater than 0, got 0$"):
            rope.xpos(x, x, [0, 1], [0, 1], scale_base=0)
        with pytest.raises(ValueError, match=r"^xpos: the scale at k_positions overflows float64; choose center"):
            rope.xpos(x, x, [0, 1], [0, 10**6])


def test_importing_a_topic_loads_only_numpy():
    """A fresh interpreter that uses all three topics on NumPy has none of the heavy libraries."""
    program = (
        "import sys, numpy, lemmata\n"
        "lemmata.rope.rotate(numpy.ones((2, 4)), [0, 1])\n"
        "lemmata.reparameterization.gumbel_max(numpy.ones(3), generator=numpy.random.default_rng(0))\n"
        "lemmata.receptive_field.size([3])\n"
        "print([m for m in ('torch', 'jax', 'sympy', 'scipy', 'hypothesis', 'flint', 'numba') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
