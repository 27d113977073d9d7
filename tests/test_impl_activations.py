# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.activations``: errors in ulp, tables, ends, layouts."""

from __future__ import annotations

import inspect
import subprocess
import sys
from operator import attrgetter

import numpy as np
import pytest
from impl_backends import BACKENDS, DTYPES, same
from lemmata import activations as ac
from lemmata.impl import _activations_apply as apply
from lemmata.impl import _activations_tables as tables
from lemmata.impl import _fast
from lemmata.impl._activations_checksums import CHECKSUMS
from lemmata.impl._activations_gated import on_memory
from lemmata.impl._activations_tables import DEFAULTS
from lemmata.impl._binding import numpy_formulas

FORMULAS = [
    "sigmoid",
    "logsigmoid",
    "tanh",
    "leaky_relu",
    "elu",
    "celu",
    "selu",
    "softplus",
    "softsign",
    "tanhshrink",
    "gelu",
    "gelu_tanh",
    "quick_gelu",
    "silu",
    "mish",
    "hardsigmoid",
    "hardswish",
    "squared_relu",
    "snake",
]
PRECISION = {"float16": (11, -14), "bfloat16": (8, -126), "float32": (24, -126), "float64": (53, -1022)}

# The promise for float64 in ulp, values and slopes alike; that of gated units and of products with a cotangent, which
# are rounded once more: at most 2½ units of 2⁻⁵³ before the last rounding of a factor, 1 by that, ½ by their own.
FLOAT64, FLOAT64_PRODUCT = 3.0, 4.0
# Where 2·10⁵ inputs showed less: that, rounded up to halves, so that a formula that loses one is seen.
SEEN = {
    "sigmoid": (2.5, 2.5),
    "logsigmoid": (2.0, 2.5),
    "tanh": (2.5, 2.5),
    "leaky_relu": (1.0, 0.5),
    "elu": (1.0, 1.0),
    "celu": (1.0, 1.0),
    "selu": (2.0, 2.0),
    "softplus": (2.0, 2.5),
    "softsign": (1.5, 1.5),
    "tanhshrink": (2.5, 2.5),
    "gelu": (2.0, 2.0),
    "gelu_tanh": (2.0, 2.5),
    "quick_gelu": (2.0, 2.0),
    "silu": (2.0, 2.0),
    "mish": (2.5, 2.0),
    "hardsigmoid": (1.0, 0.5),
    "hardswish": (2.0, 1.0),
    "squared_relu": (0.5, 0.0),
    "snake": (2.5, np.inf),  # the slope has double roots, near which only its absolute error is small
}

backends = pytest.mark.parametrize("backend", BACKENDS)
each = pytest.mark.parametrize("name", FORMULAS)


def ulps(values, dtype):
    """The spacing of floats at each value; where it is 0, the smallest float."""
    precision, emin = PRECISION[dtype]
    _, exponent = np.frexp(np.abs(values))
    return np.ldexp(1.0, np.where(values == 0, emin, np.maximum(exponent - 1, emin)) - precision + 1)


def inputs(dtype, count=300, seed=0):
    """Ordinary numbers, the tails down to where results vanish, the neighbourhood of 0 and of the roots of slopes."""
    rng = np.random.default_rng(seed)
    x = np.concatenate(
        [
            rng.standard_normal(count),
            rng.standard_normal(count) * 6,
            -rng.uniform(0, 800 if dtype == "float64" else 110, count),
            np.exp(rng.uniform(-80, 6, count)) * rng.choice([-1, 1], count),
            rng.uniform(-1.9, -0.2, count),
            [-0.7517915246935645, -0.7524614220710163, -1.2784645427610737, -1.1924312145154952, -1.5, 3, -3, 6],
        ]
    )
    return x.astype(dtype)


def exact(name, x, dtype, slope=False, factor=1):
    """The oracle's enclosure of the theory's formula with default parameters, times a factor."""
    terms = pytest.importorskip("lemmata.theory.activations_terms")
    from lemmata.theory.enclosure import enclose

    if name == "softplus":  # without the threshold
        e = terms.sigmoid(terms.x) if slope else terms.softplus(terms.x)
    else:
        (term,) = (t for t in terms.ELEMENTWISE if t.name == name)
        e = (term.derivative if slope else term.expression).subs(dict(term.defaults))
    return enclose(factor * e, {terms.x: x}, dtype=dtype)


def errors(name, x, got, dtype, slope=False):
    """In ulp; of 2⁴⁰⁰ times the values, as the two float64 numbers of an enclosure lose digits near 2⁻¹⁰⁷⁴."""
    truth = exact(name, np.asarray(x, dtype=np.float64), dtype, slope, 2**400)
    return truth.error(got * np.float64(2.0**400)) / (ulps(truth.hi * 2.0**-400, dtype) * 2.0**400)


def evaluate(name, x, slope=False):
    ones = np.ones_like(x) if slope else None
    return apply.evaluate(name, x, DEFAULTS.get(name, ()), ones)


def by_way(way, name, x, upstream):
    """The values, or the slopes times a cotangent, by one of the four ways that they can be computed."""
    parameters, out = DEFAULTS.get(name, ()), np.empty_like(x)
    if way == "compiled":
        pytest.importorskip("numba")
        from lemmata.impl._fast import activations as kernels

        if name == "snake":
            pytest.skip("its sine is the library's: it is not compiled")
        kernels.run(name, x, parameters, upstream, out)
    elif way == "device":
        torch = pytest.importorskip("torch")
        given = None if upstream is None else torch.from_numpy(upstream)
        out = apply._on_device(name, torch.from_numpy(x), parameters, given).numpy()
    else:
        if way == "tensor":
            pytest.importorskip("torch")
        apply._by_blocks(name, x, parameters, upstream, out, of_tensors=way == "tensor")
    return out


class TestAccuracy:
    @each
    @pytest.mark.parametrize("way", ["numpy", "tensor", "device", "compiled"])
    def test_float32_is_rounded_once(self, name, way):
        """Half an ulp for the rounding, and 2⁻⁹ ulp for errors of up to 2¹⁹ units of 2⁻⁵³ in float64."""
        x = inputs("float32")
        for slope in (False, True):
            got = by_way(way, name, x, np.ones_like(x) if slope else None)
            assert errors(name, x, got, "float32", slope).max() <= 0.5 + 2.0**-9

    @each
    @pytest.mark.parametrize("slope", [False, True], ids=["value", "slope"])
    def test_float64(self, name, slope):
        x = inputs("float64", 2000)
        worst = errors(name, x, evaluate(name, x, slope), "float64", slope).max()
        assert worst <= SEEN[name][slope]

    def test_nothing_beyond_the_promise_was_seen(self):
        assert max(bound for pair in SEEN.values() for bound in pair if bound < np.inf) <= FLOAT64

    @pytest.mark.parametrize("name", ["sigmoid", "gelu", "silu", "mish", "tanhshrink", "quick_gelu"])
    @pytest.mark.parametrize("slope", [False, True], ids=["value", "slope"])
    def test_float64_times_a_number(self, name, slope):
        """As a gated unit is, and a gradient."""
        terms = pytest.importorskip("lemmata.theory.activations_terms")
        from lemmata.theory.enclosure import enclose

        x = inputs("float64", 1000)
        x = x[x > -18]  # beyond, results are small enough to lose digits of the enclosure
        a = np.random.default_rng(1).uniform(1, 2, len(x))
        got = apply.evaluate(name, x, (), a) if slope else a * evaluate(name, x)
        (term,) = (t for t in terms.ELEMENTWISE if t.name == name)
        formula = terms.weight * (term.derivative if slope else term.expression)
        truth = enclose(formula, {terms.x: x, terms.weight: a}, dtype="float64")
        assert (truth.error(got) / ulps(truth.hi, "float64")).max() <= FLOAT64_PRODUCT


class TestElementary:
    """Relative errors in units of 2⁻⁵³, which the budgets of the formulas start from."""

    def test_exponentials_and_logarithm(self):
        sympy = pytest.importorskip("sympy")
        from lemmata.theory.enclosure import enclose

        x, rest = sympy.symbols("x rest", real=True)
        names = numpy_formulas(wide=True)
        at = np.random.default_rng(0).uniform(-30, 30, 20_000)
        e, left = names["exp_carried"](at, 0.0 * at)
        shrunk, left_shrunk = names["exp_shrunk"](at, 0.0 * at)
        for bound, got, formula, values in (
            (1.5, names["exp_scaled"](at, 0.0 * at), sympy.exp(x) * 2**200, {x: at}),
            (0.8, e, sympy.exp(x) * 2**200 - rest, {x: at, rest: left}),
            (0.8, shrunk, sympy.exp(x) / 2**160 - rest, {x: at, rest: left_shrunk}),
            (2.0, names["expm1"](at, 0.0 * at), sympy.exp(x) - 1, {x: at}),
            (2.0, names["log1p"](np.exp(at)), sympy.log(1 + x), {x: np.exp(at)}),
        ):
            truth = enclose(formula, values, dtype="float64")
            assert (truth.error(got) / np.abs(truth.hi) * 2.0**53).max() <= bound


def patterns(dtype, count=4000, seed=0):
    """Numbers of every magnitude and kind: random bit patterns, ordinary numbers, zeros, infinities, NaN, extremes."""
    rng = np.random.default_rng(seed)
    width = {"float16": 16, "float32": 32, "float64": 64}[dtype]
    bits = rng.integers(0, 1 << width, count, dtype=np.uint64, endpoint=False) if width < 64 else None
    bits = rng.integers(0, (1 << 64) - 1, count, dtype=np.uint64, endpoint=True) if bits is None else bits
    info = np.finfo(dtype)
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, info.max, -info.max, info.tiny, -info.tiny, info.smallest_subnormal]
    x = [bits.astype(f"uint{width}").view(dtype), (rng.standard_normal(count) * 6).astype(dtype)]
    return np.concatenate([*x, np.asarray(special, dtype=dtype)])


def bits(x):
    """Bit patterns, all NaN alike."""
    x = x.detach().contiguous().cpu().numpy() if hasattr(x, "detach") else np.ascontiguousarray(x)
    return np.where(np.isnan(x), np.nan, x).astype(x.dtype).view(f"int{8 * x.itemsize}")


def order(x):
    """The place of a float32 among all: neighbours are 1 apart, both zeros equal; NaN is beyond everything."""
    b = np.where(np.isnan(x), np.nan, x).astype(np.float32).view(np.int32).astype(np.int64)
    return np.where(b < 0, -(b & 0x7FFFFFFF), b)


EXACT_SINE = [n for n in FORMULAS if n != "snake"]  # its sine is the library's


class TestSameBits:
    """A result is a function of the element, whatever computes it."""

    @pytest.mark.parametrize("name", EXACT_SINE)
    @pytest.mark.parametrize("dtype", ["float16", "float64"])
    @pytest.mark.parametrize("slope", [False, True], ids=["value", "slope"])
    def test_operations_of_torch_and_of_numpy(self, name, dtype, slope):
        """``_on_device`` is what runs on CUDA; its operations are elementwise and IEEE, here as there."""
        torch = pytest.importorskip("torch")
        x, up = patterns(dtype), np.random.default_rng(1).standard_normal(8010).astype(dtype)
        given = (torch.from_numpy(x), DEFAULTS.get(name, ()), torch.from_numpy(up) if slope else None)
        with np.errstate(all="ignore"):
            expected = apply.evaluate(name, x, given[1], up if slope else None)
        assert np.array_equal(bits(apply._on_device(name, *given)), bits(expected))
        assert np.array_equal(bits(apply.evaluate(name, *given)), bits(expected))

    @pytest.mark.parametrize("name", EXACT_SINE)
    def test_compiled_and_not_in_float64(self, name):
        x, up = patterns("float64"), np.random.default_rng(1).standard_normal(8010)
        for given in (None, up):
            assert np.array_equal(bits(by_way("compiled", name, x, given)), bits(by_way("numpy", name, x, given)))

    @pytest.mark.parametrize("name", EXACT_SINE)
    @pytest.mark.parametrize("way", ["numpy", "tensor", "device"])
    def test_ways_in_float32_differ_by_a_rounding(self, name, way):
        """Two floats, each within 0.502 ulp of one number, are neighbours if not equal; 1 in 1000 is rare enough."""
        x, up = patterns("float32"), np.random.default_rng(1).standard_normal(8010).astype(np.float32)
        for given in (None, up):
            apart = np.abs(order(by_way(way, name, x, given)) - order(by_way("compiled", name, x, given)))
            assert apart.max() <= 1
            assert np.count_nonzero(apart) <= 8

    def test_many_small_calls_compile_as_well(self, monkeypatch):
        """The kernel comes with the call that makes the count full, and is used from then on."""
        pytest.importorskip("numba")
        monkeypatch.setattr(_fast, "_compiled", set())
        monkeypatch.setattr(_fast, "_computed", {})
        calls = []
        monkeypatch.setattr(_fast, "_activations", lambda: calls.append(1))  # None: as if there were no Numba
        x = np.ones(1 << 16, dtype=np.float32)
        for number in range(5):
            ac.sigmoid(x)
            assert len(calls) == max(0, number + 2 - _fast._WORTH_COMPILING["formula"] // len(x))

    def test_compiled_tables(self):
        """Of bfloat16 times a cotangent, for all inputs, and of looking up alone."""
        pytest.importorskip("numba")
        from lemmata.impl._fast import activations as kernels

        places = np.arange(1 << 16, dtype=np.uint16)
        up = np.random.default_rng(0).permutation(places)
        expected, got = np.empty_like(places), np.empty_like(places)
        apply._by_table("gelu", places, (), up, "bfloat16", expected)
        kernels.product_16(tables.slope_table("gelu", (), "bfloat16"), places, up, got)
        assert np.array_equal(got, expected)
        kernels.look_up(tables.value_table("gelu", (), "bfloat16"), up, got)
        assert np.array_equal(got, tables.value_table("gelu", (), "bfloat16")[up])

    @each
    @pytest.mark.parametrize(("way", "dtype"), [("numpy", "float64"), ("numpy", "float32"), ("tensor", "float32")])
    def test_alone_and_in_an_array(self, name, way, dtype):
        """In pieces of every length up to 20, at odd places: libraries treat what does not fill a vector apart."""
        x = patterns(dtype, 1000)
        for up in (None, np.ones_like(x)):
            together = by_way(way, name, x, up)
            start = 0
            for length in range(1, 21):
                piece = slice(start, start + length)
                alone = by_way(way, name, x[piece].copy(), None if up is None else up[piece])
                assert np.array_equal(bits(alone), bits(together[piece]))
                start += 2 * length + 1

    @backends
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize(
        "function", [ac.gelu, ac.swiglu, ac.softmax, ac.logsumexp, ac.relu], ids=attrgetter("__name__")
    )
    def test_layouts(self, backend, dtype, function):
        x = backend.array(np.random.default_rng(0).standard_normal((6, 8)), dtype)
        strided = x.T.copy().T if backend.name == "numpy" else x.t().contiguous().t()
        assert same(backend, function(strided), function(x))
        assert same(backend, function(x[2:3]), function(x)[2:3])
        before = backend.copy(x)
        function(x)
        assert same(backend, x, before)

    def test_a_tensor_keeps_its_layout(self):
        torch = pytest.importorskip("torch")
        x = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)
        assert ac.gelu(x).is_contiguous(memory_format=torch.channels_last)


class TestTables:
    def test_every_formula_has_checksums(self):
        keys = {f"{n}{s} {d}" for n in FORMULAS for s in ("", "_slope") for d in ("float16", "bfloat16")}
        assert set(CHECKSUMS) == keys

    @each
    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_tables_are_the_exact_ones(self, name, dtype):
        """A table that is not raises; that the comparison took place is the next test."""
        parameters = DEFAULTS.get(name, ())
        slopes = tables.to_sixteen(tables.slope_table(name, parameters, dtype), dtype)
        assert tables.checksum(tables.value_table(name, parameters, dtype)) == CHECKSUMS[f"{name} {dtype}"]
        assert tables.checksum(slopes) == CHECKSUMS[f"{name}_slope {dtype}"]

    def test_a_wrong_table_is_an_error(self, monkeypatch):
        monkeypatch.setitem(CHECKSUMS, "gelu float16", "0" * 16)
        tables.value_table.cache_clear()
        with pytest.raises(RuntimeError, match="float16 table of gelu is not correctly rounded"):
            ac.gelu(np.ones(3, dtype=np.float16))

    @pytest.mark.parametrize("name", ["hardswish", "quick_gelu"])
    def test_checksums_are_those_of_the_oracle(self, name):
        pytest.importorskip("flint")
        from lemmata.cli.tables import checksums

        assert {key: CHECKSUMS[key] for key, _ in checksums([name])} == dict(checksums([name]))

    def test_rounding_to_odd_and_then_to_sixteen_bits_rounds_once(self):
        """Against exact arithmetic: numbers just beside the middle of two neighbours, which a detour loses."""
        middle = np.float64(1.0 + 2.0**-8)
        for value, pattern in ((middle, 0x3F80), (np.nextafter(middle, 2), 0x3F81), (np.nextafter(middle, 0), 0x3F80)):
            assert tables.to_sixteen(tables.to_odd(np.array([value])), "bfloat16")[0] == pattern
        tiny = np.array([2.0**-134, np.nextafter(2.0**-134, 1), -(2.0**-149) * 3, 3.5e38, 1e300, -np.inf])
        got = tables.widened(tables.to_sixteen(tables.to_odd(tiny), "bfloat16"))
        assert got.tolist() == [0.0, 2.0**-133, -0.0, np.inf, np.inf, -np.inf]


class TestEnds:
    @each
    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_limits_and_nan(self, name, dtype):
        terms = pytest.importorskip("lemmata.theory.activations_terms")
        (term,) = (t for t in terms.ELEMENTWISE if t.name == name)
        for slope, ends in ((False, term.at_infinity), (True, term.slope_at_infinity)):
            got = evaluate(name, np.array([-np.inf, np.inf, np.nan], dtype=dtype), slope)
            for value, end in zip(got[:2], ends, strict=True):
                wanted = np.nan if end is None else float(end.subs(dict(term.defaults)))
                assert np.array_equal(value, np.asarray(wanted, dtype=dtype), equal_nan=True)
            assert np.isnan(got[2])

    @pytest.mark.parametrize(
        "name", ["tanh", "elu", "celu", "selu", "leaky_relu", "softsign", "tanhshrink", "gelu", "silu", "mish", "snake"]
    )
    def test_zeros_keep_their_sign(self, name):
        for dtype in ("float16", "float32", "float64"):
            got = evaluate(name, np.array([0.0, -0.0], dtype=dtype))
            assert got.tolist() == [0.0, 0.0]
            assert np.signbit(got).tolist() == [False, True]

    @each
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_small_and_huge_numbers(self, name, dtype):
        """Subnormal input and input near overflow, in ulp of the result, which may overflow itself."""
        info = np.finfo(dtype)
        sizes = (
            [2.0**-1000, 2.0**-900]
            if dtype == "float64"
            else [info.smallest_subnormal, 3 * info.smallest_subnormal, info.tiny]
        )
        sizes += [1e3 * info.tiny, info.max, info.max / 9]
        x = np.array([s * v for v in sizes for s in (1, -1)], dtype=dtype)
        truth = exact(name, x.astype(np.float64), dtype)
        got = evaluate(name, x)
        if dtype == "float32":
            assert np.array_equal(got, truth.rounded())
        else:
            assert (truth.error(got) / ulps(truth.hi, dtype))[np.abs(truth.hi) < np.inf].max() <= 2

    def test_torch_with_the_same_ends(self):
        torch = pytest.importorskip("torch")
        x = torch.tensor([-np.inf, np.inf, 1e38, -1e38, 0.0], requires_grad=True)
        ac.gelu(x, approximate="tanh").sum().backward()
        assert x.grad.tolist() == [0.0, 1.0, 1.0, 0.0, 0.5]


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


class TestDifferentiation:
    """Gradients are the slopes; what records goes through plain expressions."""

    NAMES = ("sigmoid", "gelu", "silu", "mish", "softplus", "tanhshrink", "elu", "selu")

    @pytest.mark.parametrize("name", NAMES)
    def test_gradients_are_slopes_times_the_cotangent(self, name, torch):
        x = torch.from_numpy(inputs("float32", 40)).requires_grad_()
        up = torch.from_numpy(np.random.default_rng(0).standard_normal(x.shape).astype(np.float32))
        (got,) = torch.autograd.grad(getattr(ac, name)(x), x, up)
        assert torch.equal(got, apply.evaluate(name, x, DEFAULTS.get(name, ()), up))

    @pytest.mark.parametrize("name", NAMES)
    def test_second_derivatives(self, name, torch):
        """Half of the digits: a wrong formula, not rounding, is what could be wrong with them."""
        terms = pytest.importorskip("lemmata.theory.activations_terms")
        from lemmata.theory.enclosure import enclose
        from lemmata.theory.gradient import gradient

        x = torch.linspace(-3, 3, 13, dtype=torch.float64).add(0.01).requires_grad_()
        (slope,) = torch.autograd.grad(getattr(ac, name)(x).sum(), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), x)
        (term,) = (t for t in terms.ELEMENTWISE if t.name == name)
        first = terms.sigmoid(terms.x) if name == "softplus" else term.derivative.subs(dict(term.defaults))
        pieces = first.args if name in ("elu", "selu") else ((first, True),)
        below, above = gradient(pieces[-1][0], terms.x), gradient(pieces[0][0], terms.x)
        for side, formula in ((x < 0, below), (x > 0, above)):
            truth = enclose(formula, {terms.x: x.detach().numpy()[side.numpy()]}, dtype="float64")
            assert (truth.error(bend.detach().numpy()[side.numpy()]) <= 2.0**-26).all()

    @pytest.mark.filterwarnings(
        "ignore:.*torch.jit.script:DeprecationWarning"
    )  # torch's own, on its own decompositions
    @pytest.mark.parametrize("name", ["gelu", "silu", "mish", "softplus", "elu"])
    def test_transforms_and_compiled_graphs(self, name, torch):
        """Away from the tails the plain expressions in float64, rounded once, are within an ulp of ours."""
        function = getattr(ac, name)
        x = torch.linspace(-4, 4, 33) + 0.013
        slope = apply.evaluate(name, x, DEFAULTS.get(name, ()), torch.ones_like(x))
        spacing = torch.from_numpy(ulps(np.abs(slope.numpy()) + 2.0**-10, "float32"))
        assert ((torch.func.vmap(torch.func.grad(function))(x) - slope).abs() <= spacing).all()
        _, forward = torch.func.jvp(function, (x,), (torch.ones_like(x),))
        assert ((forward - slope).abs() <= spacing).all()
        value = function(x)
        compiled = torch.compile(function, backend="eager", fullgraph=True)(x)
        spacing = torch.from_numpy(ulps(value.double().numpy(), "float32"))
        assert ((compiled - value).abs() <= spacing).all()

    def test_the_weight_of_prelu_is_learnt(self, torch):
        """Its gradient is the sum of min(x, 0) over everything but its channel."""
        x = torch.tensor([[1.0, -2.0], [-3.0, -4.0], [np.inf, 5.0]])
        weight = torch.tensor([0.25, 0.5], requires_grad=True)
        y = ac.prelu(x, weight)
        assert y.tolist() == [[1.0, -1.0], [-0.75, -2.0], [np.inf, 5.0]]
        y.sum().backward()
        assert weight.grad.tolist() == [-3.0, -6.0]
        assert np.array_equal(ac.prelu(x.numpy(), weight.detach().numpy()), y.detach().numpy())


class TestRows:
    @backends
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("entries", [150_000, 1_000_000])
    def test_one_dominating_logit_among_many(self, backend, dtype, entries):
        """All others equal −30: −log1p((n − 1)e⁻³⁰), whose logarithm is short of its argument by less than 10⁻⁷ of it.

        The sum of n equal terms in halves is exact but for n not a power of two; 2⁻⁴⁵ covers it, and the
        dtype rounds once.
        """
        x = np.full((1, entries), -30.0)
        x[0, 7] = 0.0
        got = backend.doubles(ac.log_softmax(backend.array(x, dtype)))[0, 7]
        others = (entries - 1) * np.exp(-30.0)
        exactly = -np.log1p(others)
        unit = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}[dtype]
        smallest = 2.0**-25 if dtype == "float16" else 0.0
        assert abs(got - exactly) <= (unit + 2.0**-45) * abs(exactly) + smallest

    @backends
    def test_the_whole_row_against_ball_arithmetic(self, backend):
        """64 random logits in float64: 3 ulp; the same in float32: rounded once."""
        sympy = pytest.importorskip("sympy")
        from lemmata.theory.enclosure import enclose

        logits = np.random.default_rng(0).standard_normal(64) * 20
        for dtype, bound in (("float64", 3.0), ("float32", 0.5 + 2.0**-9)):
            row = logits.astype(dtype)
            n = len(row)
            v, i = sympy.IndexedBase("v", real=True), sympy.Symbol("i", integer=True)
            total = sympy.log(sympy.Sum(sympy.exp(v[i]), (i, 0, n - 1)))
            x = sympy.Symbol("x", real=True)
            values = {x: row.astype(np.float64), v: row.astype(np.float64)}
            for function, formula in ((ac.log_softmax, x - total), (ac.softmax, sympy.exp(x - total))):
                truth = enclose(formula, values, dtype=dtype)
                got = backend.doubles(function(backend.array(row, dtype)))
                assert (truth.error(got) / ulps(truth.hi, dtype)).max() <= bound

    @backends
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_infinite_rows(self, backend, dtype):
        x = backend.array([[-np.inf, -np.inf], [np.inf, 0.0], [np.nan, 0.0], [-np.inf, 3.0]], dtype)
        expected = [-np.inf, np.inf, np.nan, 3.0]
        assert np.array_equal(backend.doubles(ac.logsumexp(x)), expected, equal_nan=True)
        assert np.isnan(backend.doubles(ac.softmax(x))[:3]).all()
        assert backend.doubles(ac.softmax(x))[3].tolist() == [0.0, 1.0]
        assert backend.doubles(ac.log_softmax(x))[3].tolist() == [-np.inf, 0.0]

    @backends
    def test_axes_and_batches(self, backend):
        x = backend.array(np.random.default_rng(0).standard_normal((3, 5, 7)), "float32")
        assert same(backend, ac.softmax(x, 1)[:, :, 2], ac.softmax(x[:, :, 2]))
        assert same(backend, ac.softmax(x, dim=0), ac.softmax(x, axis=-3))
        assert same(backend, ac.logsumexp(x, 1)[1:2], ac.logsumexp(x[1:2], 1))
        assert ac.logsumexp(x, 1, keepdim=True).shape == (3, 1, 7)
        with pytest.raises(ValueError, match="softmax: axis=-1 of x must exist and hold at least one entry"):
            ac.softmax(x[:, :, :0])

    @pytest.mark.parametrize("function", [ac.softmax, ac.log_softmax, ac.logsumexp], ids=attrgetter("__name__"))
    def test_gradients(self, function, torch):
        """Against torch in float64, which is right to 2⁻⁴⁰ here; float32 rounds once, and sums of 9 terms cancel."""
        x = torch.randn(4, 9, generator=torch.Generator().manual_seed(0)).requires_grad_()
        wide = x.detach().double().requires_grad_()
        reference = getattr(torch, function.__name__)(wide, dim=-1)
        up = torch.randn(reference.shape, generator=torch.Generator().manual_seed(1))
        (got,) = torch.autograd.grad(function(x), x, up, create_graph=True)
        (expected,) = torch.autograd.grad(reference, wide, up.double(), create_graph=True)
        assert ((got - expected).abs() <= 2.0**-24 * expected.abs() + 2.0**-40).all()


UNITS = {"glu": "sigmoid", "geglu": "gelu", "swiglu": "silu"}


class TestGated:
    @backends
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("unit", UNITS)
    def test_value_times_gate_rounded_once(self, backend, dtype, unit):
        """The second half is the gate; how near the float64 product is to the truth, ``TestAccuracy`` says."""
        x = backend.array(np.random.default_rng(0).standard_normal((5, 8)) * 4, dtype)
        wide = backend.doubles(x)
        product = wide[:, :4] * apply.evaluate(UNITS[unit], wide[:, 4:].copy(), ())
        got = backend.doubles(getattr(ac, unit)(x))
        slack = 0.0 if dtype == "float64" else 0.5 + 2.0**-9
        assert (np.abs(got - product) <= slack * ulps(product, dtype)).all()

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
    @pytest.mark.parametrize("gate", ["sigmoid", "identity", "relu", "gelu", "silu"])
    def test_compiled_and_not(self, gate, dtype, monkeypatch):
        """The same bits, or in float32 neighbours, as two roundings of one number within 0.502 ulp are.

        Only finite numbers are gated in float32: infinity times a gate of 10⁻³²⁰, or 0 in its place, is not defined.
        """
        pytest.importorskip("numba")
        stored = "float16" if dtype == "bfloat16" else dtype
        a, g, up = (patterns(stored, 2000, seed) for seed in (0, 1, 2))
        if dtype == "float32":
            a, up = np.clip(a, -1e38, 1e38), np.clip(up, -1e38, 1e38)
        if dtype == "bfloat16":
            a, g, up = (v.view(np.uint16) for v in (a, g, up))
        monkeypatch.setattr(_fast, "_WORTH_COMPILING", {"formula": 1, "look_up": 1})
        for upstream in (None, up):
            got = on_memory(gate, a, g, upstream, dtype)
            monkeypatch.setenv("LEMMATA_NO_FAST", "1")
            for y, expected in zip(got, on_memory(gate, a, g, upstream, dtype), strict=True):
                if dtype == "float32":
                    assert np.abs(order(y) - order(expected)).max() <= 1
                elif dtype == "bfloat16":
                    assert np.array_equal(y, expected)
                else:
                    assert np.array_equal(bits(y), bits(expected))
            monkeypatch.delenv("LEMMATA_NO_FAST")

    @backends
    def test_axes(self, backend):
        x = backend.array(np.random.default_rng(0).standard_normal((6, 3)), "float32")
        turned = x.T if backend.name == "numpy" else x.t()
        flipped = ac.swiglu(turned)
        assert same(backend, ac.swiglu(x, 0), flipped.T if backend.name == "numpy" else flipped.t())
        with pytest.raises(ValueError, match="glu: axis dim=-1 of x must exist and be even"):
            ac.glu(x)

    @pytest.mark.parametrize("unit", ["glu", "bilinear", "reglu", "geglu", "swiglu"])
    def test_gradients_and_their_gradients(self, unit, torch):
        """Those of the fallback, which torch differentiates by itself, to half of the digits."""
        from lemmata.impl._activations_gated_torch import _plainly

        gate = {"glu": "sigmoid", "bilinear": "identity", "reglu": "relu", "geglu": "gelu", "swiglu": "silu"}[unit]
        x = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
        (got,) = torch.autograd.grad(getattr(ac, unit)(x).sum(), x)
        (expected,) = torch.autograd.grad(_plainly(gate, x[:, :2], x[:, 2:]).sum(), x)
        assert ((got - expected).abs() <= 2.0**-26).all()
        assert torch.autograd.gradgradcheck(getattr(ac, unit), (x,))


class TestModules:
    @pytest.mark.parametrize(
        "name",
        [
            "CELU",
            "ELU",
            "GELU",
            "GLU",
            "Hardsigmoid",
            "Hardswish",
            "LeakyReLU",
            "Mish",
            "PReLU",
            "ReLU",
            "ReLU6",
            "SELU",
            "SiLU",
        ],
    )
    def test_constructors_are_those_of_torch(self, name, torch):
        ours, theirs = (inspect.signature(getattr(module, name)) for module in (ac.nn, torch.nn))
        assert [p for p in theirs.parameters if p not in ours.parameters] == []
        x = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
        got, expected = getattr(ac.nn, name)()(x), getattr(torch.nn, name)()(x)
        assert ((got - expected).abs() <= 2.0**-12).all()

    def test_parameters_reach_the_function(self, torch):
        x = torch.randn(7, generator=torch.Generator().manual_seed(0))
        assert torch.equal(ac.nn.GELU("tanh")(x), ac.gelu(x, "tanh"))
        assert torch.equal(ac.nn.Softplus(beta=2.0)(x), ac.softplus(x, 2.0))
        assert torch.equal(ac.nn.ELU(0.5)(x), ac.elu(x, 0.5))
        assert repr(ac.nn.ELU(0.5)) == "ELU(alpha=0.5)"


class TestParameters:
    def test_the_threshold_of_softplus_is_honoured_where_it_is_given(self):
        """In float64 the exact value at 25 is above 25; torch's reversion to x is not."""
        x = np.array([25.0, 15.0])
        assert ac.softplus(x)[0] > 25.0
        assert ac.softplus(x, threshold=20)[0] == 25.0
        assert ac.softplus(x, 2.0, 20)[1] == 15.0
        assert ac.softplus(x, 1.0, 20)[1] == ac.softplus(x)[1]

    @pytest.mark.parametrize("function", [ac.softplus, ac.swish, ac.celu, ac.snake], ids=attrgetter("__name__"))
    @pytest.mark.parametrize("rate", [0.37, 3.1])
    def test_rates_in_float32(self, function, rate):
        """With an odd rate the argument is rounded; in float64 arithmetic that is below 2⁻⁹ ulp of float32."""
        terms = pytest.importorskip("lemmata.theory.activations_terms")
        from lemmata.theory.enclosure import enclose

        (term,) = (t for t in terms.ELEMENTWISE if t.name == function.__name__)
        formula = terms.softplus(terms.x * terms.beta) / terms.beta if function is ac.softplus else term.expression
        symbol = term.parameters[0]
        x = inputs("float32", 60)
        truth = enclose(formula, {terms.x: x.astype(np.float64), symbol: rate}, dtype="float32")
        assert (truth.error(function(x, rate)) / ulps(truth.hi, "float32")).max() <= 0.5 + 2.0**-9

    @pytest.mark.parametrize("function", [ac.softplus, ac.swish, ac.celu, ac.elu, ac.snake], ids=attrgetter("__name__"))
    @pytest.mark.parametrize("rate", [0.37, 3.1])
    def test_rates_in_float64(self, function, rate):
        terms = pytest.importorskip("lemmata.theory.activations_terms")
        from lemmata.theory.enclosure import enclose

        (term,) = (t for t in terms.ELEMENTWISE if t.name == function.__name__)
        x = inputs("float64", 400)
        x = x[x > -200]  # beyond, results are small enough to lose digits of the enclosure
        truth = enclose(term.expression, {terms.x: x, term.parameters[0]: rate}, dtype="float64")
        assert (truth.error(function(x, rate)) / ulps(truth.hi, "float64")).max() <= FLOAT64

    def test_a_huge_number_and_a_tiny_rate(self):
        """xσ(−1) and x/2 of numbers whose product with 2²⁰⁰ would overflow."""
        x = np.array([2.0**1023, 2.0**1023])
        terms = pytest.importorskip("lemmata.theory.activations_terms")
        from lemmata.theory.enclosure import enclose

        rates = np.array([-(2.0**-1023), -(2.0**-1070)])
        truth = enclose(terms.swish(terms.x, terms.beta) / 2**10, {terms.x: x, terms.beta: rates}, dtype="float64")
        got = np.array([ac.swish(x[k : k + 1], rates[k])[0] for k in range(2)])
        assert (truth.error(got / 2**10) / ulps(truth.hi, "float64")).max() <= FLOAT64

    def test_maxout_takes_neighbours(self):
        assert ac.maxout(np.array([1.0, 5.0, 2.0, 3.0]), 2).tolist() == [5.0, 3.0]
        assert ac.maxout(np.arange(12.0).reshape(4, 3), 2, dim=0).tolist() == [[3.0, 4.0, 5.0], [9.0, 10.0, 11.0]]

    def test_the_two_meanings_of_threshold(self):
        x = np.array([-1.0, 0.5, 2.0])
        assert ac.threshold(x, 0.5).tolist() == [0.0, 0.0, 1.0]
        assert ac.threshold(x, 0.5, -7.0).tolist() == [-7.0, -7.0, 2.0]

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda: ac.gelu([1.0]), TypeError, "gelu: x must be a NumPy array or a torch tensor, got list"),
            (lambda: ac.gelu(np.arange(3)), TypeError, "gelu: x must have dtype"),
            (lambda: ac.gelu(np.ones(3), "fast"), ValueError, 'gelu: approximate must be "none" or "tanh"'),
            (lambda: ac.celu(np.ones(3), 0.0), ValueError, "celu: alpha must be finite and greater than 0"),
            (lambda: ac.snake(np.ones(3), 0.0), ValueError, "snake: a must not be 0"),
            (lambda: ac.elu(np.ones(3), np.nan), ValueError, "elu: alpha must be finite"),
            (lambda: ac.maxout(np.ones(3), 2), ValueError, "divisible by k=2"),
            (
                lambda: ac.prelu(np.ones((2, 3)), np.ones(2)),
                ValueError,
                r"prelu: weight must be of shape \(1,\) or \(3,\)",
            ),
        ],
    )
    def test_errors_name_the_argument(self, call, error, message):
        with pytest.raises(error, match=message):
            call()


def test_an_import_loads_nothing_heavy():
    code = "import sys; from lemmata.impl import activations; print({'torch', 'numba', 'sympy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
