# SPDX-License-Identifier: BSD-3-Clause
"""softmax, log_softmax and logsumexp by every way of computing them: compiled, by NumPy, by torch operations."""

from __future__ import annotations

import numpy as np
import pytest
from lemmata import activations as ac
from lemmata.impl import _activations_tables as tables
from lemmata.impl import _fast
from lemmata.impl._activations_rows import LANES, on_memory
from lemmata.impl._activations_rows_library import sixteen
from test_impl_activations import bits, order, ulps

KINDS = ("softmax", "log_softmax", "logsumexp")
WAYS = ("compiled", "numpy", "device")
# (shape, axis): short and long rows, more than one line and than all lanes, rows side by side and apart.
PLACES = [((7, 5), 1), ((3, 1000), 1), ((2, LANES + 300), 1), ((2, 19, 300), 1), ((600, 3), 0), ((LANES + 9, 2), 0)]

kinds = pytest.mark.parametrize("kind", KINDS)
ways = pytest.mark.parametrize("way", WAYS)
dtypes = pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])


def stored(x, dtype):
    """Rounded to the dtype, bfloat16 as patterns."""
    return sixteen(x.astype(np.float64), dtype) if dtype == "bfloat16" else x.astype(dtype)


def numbers(y, dtype):
    with np.errstate(invalid="ignore"):  # signalling NaN
        return (tables.widened(y) if dtype == "bfloat16" else y).astype(np.float64)


@pytest.fixture
def by(monkeypatch):
    """A function of memory, or its gradient, by one of the ways."""

    def by(way, kind, x, upstream, dtype, axis):
        if way == "device":
            torch = pytest.importorskip("torch")
            from lemmata.impl._activations_rows_torch import _on_device

            given = [
                None if v is None else torch.from_numpy(v.view("int16") if v.itemsize == 2 else v)
                for v in (x, upstream)
            ]
            given = [None if v is None else v.view(getattr(torch, dtype)) for v in given]
            y = _on_device(kind, *given, axis)
            return y.view(torch.int16).numpy().view(x.dtype) if x.itemsize == 2 else y.numpy()
        if way == "compiled":
            pytest.importorskip("numba")
        monkeypatch.setattr(_fast, "_WORTH_COMPILING", {"rows": 1 if way == "compiled" else 1 << 60})
        monkeypatch.setattr(_fast, "_PAYS", {"rows": 1 if way == "compiled" else 1 << 60})
        return on_memory(kind, x, upstream, dtype, axis)

    return by


def cotangents(kind, x, axis, dtype, seed=1):
    shape = x.shape if kind != "logsumexp" else tuple(np.delete(x.shape, axis))
    return stored(np.random.default_rng(seed).standard_normal(shape), dtype)


def entries(shape, seed=0):
    """Logits of which some are far below the others, or equal to them, or −∞."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape) * rng.choice([0.1, 3.0, 40.0], shape)
    return np.where(rng.random(shape) < 0.1, -np.inf, np.where(rng.random(shape) < 0.2, np.round(x), x))


class TestWays:
    @kinds
    @dtypes
    @pytest.mark.parametrize(("shape", "axis"), PLACES)
    @pytest.mark.parametrize("slope", [False, True], ids=["value", "slope"])
    def test_ways_agree(self, by, kind, dtype, shape, axis, slope):
        """In float64 the same bits. Else the same up to one step of the dtype, in which two roundings of one number may
        differ, but rarely do; slopes are differences of which float64 keeps 2⁻⁴⁴ of the terms, which cotangents bound.
        """
        x = stored(entries(shape), dtype)
        up = cotangents(kind, x, axis, dtype) if slope else None
        compiled, *others = (by(way, kind, x, up, dtype, axis) for way in WAYS)
        for y in others:
            if dtype == "float64":
                assert np.array_equal(bits(y), bits(compiled))
                continue
            a, b = (numbers(v, dtype) for v in (compiled, y))
            assert np.array_equal(np.isfinite(a), np.isfinite(b))
            a, b = (v[np.isfinite(a)] for v in (a, b))
            lost = 0.0 if up is None else 2.0**-44 * np.abs(numbers(up, dtype)).sum()
            apart = np.abs(a - b)
            assert np.count_nonzero(apart > lost) <= y.size // 1000
            assert (apart <= ulps(a, dtype) + lost).all()

    @ways
    @kinds
    @dtypes
    def test_a_row_does_not_depend_on_its_place(self, by, way, kind, dtype):
        """The last axis, the first, one in the middle, and each row alone: the same bits."""
        for n in (5, 131, 1000):
            x = stored(entries((12, n)), dtype)
            for up in (None, cotangents(kind, x, 1, dtype)):
                expected = by(way, kind, x, up, dtype, 1)
                reduced = expected.ndim == 1
                turned = None if up is None else np.ascontiguousarray(up.T)
                columns = by(way, kind, np.ascontiguousarray(x.T), turned, dtype, 0)
                assert np.array_equal(columns.T, expected, equal_nan=dtype != "bfloat16")
                for row in (0, 7):
                    one = None if up is None else up[row : row + 1]
                    alone = by(way, kind, x[row : row + 1].copy(), one, dtype, 1)
                    assert np.array_equal(alone[0], expected[row], equal_nan=dtype != "bfloat16")
                middle = np.ascontiguousarray(x.reshape(3, 4, n).transpose(0, 2, 1))
                cot = up if up is None or up.ndim == 1 else up.reshape(3, 4, n).transpose(0, 2, 1)
                cot = cot if cot is None else np.ascontiguousarray(cot.reshape(3, 4) if cot.ndim == 1 else cot)
                y = by(way, kind, middle, cot, dtype, 1)
                y = y.reshape(12) if reduced else y.transpose(0, 2, 1).reshape(12, n)
                assert np.array_equal(y, expected, equal_nan=dtype != "bfloat16")

    @ways
    @dtypes
    def test_special_rows(self, by, way, dtype):
        """NaN of either sign, +∞, −∞ alone, and masked entries, in rows that lie side by side and apart."""
        inf, nan = np.inf, np.nan
        rows = [[nan, 0.0, 1.0], [0.0, -nan, inf], [-inf, -nan, -inf], [inf, 0.0, -inf], [-inf] * 3, [-inf, 2.0, -inf]]
        x = stored(np.array(rows), dtype)
        if dtype != "bfloat16":
            x = np.where(np.isnan(x), np.copysign(x, np.array(rows)), x).astype(dtype)
        for axis, given in ((1, x), (0, np.ascontiguousarray(x.T))):
            y = numbers(by(way, "logsumexp", given, None, dtype, axis), dtype)
            assert np.array_equal(y, [nan, nan, nan, inf, -inf, 2.0], equal_nan=True)
            for kind, last in (("softmax", [0.0, 1.0, 0.0]), ("log_softmax", [-inf, 0.0, -inf])):
                y = numbers(by(way, kind, given, None, dtype, axis), dtype)
                y = y if axis else y.T
                assert np.isnan(y[:5]).all()
                assert y[5].tolist() == last
            up = stored(np.ones(given.shape), dtype)
            y = numbers(by(way, "softmax", given, up, dtype, axis), dtype)
            assert (y if axis else y.T)[5].tolist() == [0.0, 0.0, 0.0]

    @ways
    @dtypes
    def test_a_row_of_one_entry_is_its_own_logarithm(self, by, way, dtype):
        """All 65,536 numbers of 16 bits are read and written as they are, and 20,000 others."""
        if dtype in ("float16", "bfloat16"):
            x = np.arange(1 << 16, dtype=np.uint16)
            x = x.view(np.float16) if dtype == "float16" else x
        else:
            x = np.random.default_rng(0).integers(0, 1 << 62, 20_000).view(np.float64).astype(dtype)
        for axis, given in ((1, x[:, None]), (0, x[None, :])):
            y = numbers(by(way, "logsumexp", np.ascontiguousarray(given), None, dtype, axis), dtype)
            assert np.array_equal(y, numbers(x, dtype), equal_nan=True)


class TestAccuracy:
    @ways
    @kinds
    @pytest.mark.parametrize("n", [131, 20_000])
    def test_float32_is_rounded_once(self, by, way, kind, n):
        """Of the same in float64, which is right to some 2⁻⁵⁰: half an ulp and 2⁻⁹."""
        x = np.random.default_rng(n).standard_normal((4, n)).astype(np.float32) * np.float32(5)
        x[1, 7], x[2] = 40.0, x[2, 0]
        exact = by("numpy", kind, x.astype(np.float64), None, "float64", 1)
        got = by(way, kind, x, None, "float32", 1).astype(np.float64)
        assert (np.abs(got - exact) / ulps(exact, "float32")).max() <= 0.5 + 2.0**-9

    @ways
    @pytest.mark.parametrize("n", [9, 3000, 20_000])
    def test_float64_of_equal_entries(self, by, way, n):
        """1/n, and the logarithm of n by ``math.log``: 3 ulp, of which the comparison takes one."""
        x = np.full((1, n), -3.25)
        assert np.abs(by(way, "softmax", x, None, "float64", 1) * n - 1.0).max() <= 3 * 2.0**-52
        y = by(way, "log_softmax", x, None, "float64", 1)
        assert (np.abs(y + np.log(n)) / ulps(np.log(n), "float64")).max() <= 3

    @ways
    def test_float64_rows_longer_than_the_lanes_against_ball_arithmetic(self, by, way):
        """Of 20,000 entries of 50 values; the sum is one of 50 exponentials times their counts: 3 ulp."""
        sympy = pytest.importorskip("sympy")
        from lemmata.theory.enclosure import enclose

        rng = np.random.default_rng(0)
        values = rng.standard_normal(50) * 4
        counts = rng.multinomial(20_000, np.ones(50) / 50)
        x = rng.permutation(np.repeat(values, counts))[None, :]
        v, c = sympy.IndexedBase("v", real=True), sympy.IndexedBase("c", real=True)
        i, t = sympy.Symbol("i", integer=True), sympy.Symbol("x", real=True)
        total = sympy.log(sympy.Sum(c[i] * sympy.exp(v[i]), (i, 0, 49)))
        for kind, formula in (("log_softmax", t - total), ("softmax", sympy.exp(t - total))):
            truth = enclose(formula, {t: values, v: values, c: counts.astype(float)}, dtype="float64")
            got = by(way, kind, x, None, "float64", 1)[0]
            picked = np.array([got[np.flatnonzero(x[0] == value)[0]] for value in values])
            assert (truth.error(picked) / ulps(truth.hi, "float64")).max() <= 3

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_rounding_to_sixteen_bits(self, dtype):
        """That of the tables: to odd in float32, and then to the nearest. Middles, neighbours of middles, all sizes."""
        rng = np.random.default_rng(0)
        every = tables.all_inputs(dtype)
        with np.errstate(all="ignore"):
            middle = (every[:-1] + every[1:]) / 2
        y = np.concatenate([every, middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)])
        y = np.concatenate(
            [y, rng.standard_normal(1000) * 2.0 ** rng.integers(-160, 140, 1000), [1e300, -1e-300, -0.0]]
        )
        expected = tables.to_sixteen(tables.to_odd(y), dtype)
        with np.errstate(all="ignore"):
            got = sixteen(y, dtype)
        assert np.array_equal(got, expected)


class TestDifferentiation:
    @kinds
    def test_gradients_of_gradients_along_any_axis(self, kind):
        torch = pytest.importorskip("torch")
        x = torch.randn(3, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
        for axis in (0, 1, -1):
            assert torch.autograd.gradcheck(lambda x, a=axis: getattr(ac, kind)(x, a), (x,))
            assert torch.autograd.gradgradcheck(lambda x, a=axis: getattr(ac, kind)(x, a), (x,))

    @kinds
    def test_transforms_and_compiled_graphs(self, kind):
        """Plain expressions in float64, rounded once, as ours: neighbours at most."""
        torch = pytest.importorskip("torch")
        x = torch.randn(4, 6, 5, generator=torch.Generator().manual_seed(0))
        function = lambda x: getattr(ac, kind)(x, 1)  # noqa: E731
        expected = order(function(x).numpy())
        compiled = torch.compile(function, backend="eager", fullgraph=True)(x)
        assert np.abs(order(compiled.numpy()) - expected).max() <= 1
        mapped = torch.func.vmap(lambda x: getattr(ac, kind)(x, 0))(x)
        assert np.abs(order(mapped.numpy()) - expected).max() <= 1
