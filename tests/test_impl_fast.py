# SPDX-License-Identifier: BSD-3-Clause
"""The compiled kernels give, to the last bit, what the definitions give, and stay out of the way otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from math import prod

import numpy as np
import pytest
from impl_backends import BACKENDS, same
from lemmata import rope
from lemmata.impl import _fast

numba = pytest.importorskip("numba")

backends = pytest.mark.parametrize("backend", BACKENDS[:2])  # those in main memory
dtypes = pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
layouts = pytest.mark.parametrize("layout", ["interleaved", "half"])


@pytest.fixture
def kernel(monkeypatch):
    """Kernels at every size, counted: a test that means to compare them must not compare the definition to itself."""
    calls = {"turn": 0, "cos_sin": 0}
    module = _fast.kernels()
    turn, place = module.turn, module.place_quadrants

    def counted_turn(*arguments):
        done = turn(*arguments)
        calls["turn"] += done
        return done

    def counted_place(*arguments):
        calls["cos_sin"] += 1
        place(*arguments)

    monkeypatch.setattr(_fast, "_PAYS", dict.fromkeys(calls, 1))
    monkeypatch.setattr(_fast, "_WORTH_COMPILING", dict.fromkeys(calls, 1))
    monkeypatch.setattr(module, "turn", counted_turn)
    monkeypatch.setattr(module, "place_quadrants", counted_place)
    return calls


def by_definition(monkeypatch, function, *arguments, **options):
    with monkeypatch.context() as patch:
        patch.setenv("LEMMATA_NO_FAST", "1")
        return function(*arguments, **options)


def rows(backend, dtype, *shape, seed=0):
    """Values over the whole range of magnitudes, with both zeros and subnormal numbers of the dtype."""
    rng = np.random.default_rng(seed)
    exponent = 120 if dtype != "float64" else 1000
    values = np.ldexp(rng.standard_normal(shape), rng.integers(-exponent, exponent, shape))
    values[rng.random(shape) < 0.1] = 0.0
    values[rng.random(shape) < 0.1] = -0.0
    values[rng.random(shape) < 0.1] *= {"float64": 2.0**-60}.get(dtype, 2.0**-20)
    return backend.array(values, dtype)


def bits(backend, x):
    """The bit patterns, so that the two zeros differ."""
    if backend.name == "torch":
        import torch

        return x.detach().contiguous().view(getattr(torch, f"int{8 * x.element_size()}")).numpy()
    return np.ascontiguousarray(x).view(f"int{8 * x.itemsize}")


def same_bits(backend, x, y):
    return x.dtype == y.dtype and np.array_equal(bits(backend, x), bits(backend, y))


def strided(backend, x, kind):
    """The same values in memory of another order."""
    order = {"heads inside": (1, 2), "features outside": (2, 3)}.get(kind)
    if order is not None:
        moved = backend.copy(x.swapaxes(*order))
        return (moved.contiguous() if backend.name == "torch" else np.ascontiguousarray(moved)).swapaxes(*order)
    wide = backend.array(np.zeros((*x.shape[:-1], 3 * x.shape[-1])), "float32" if backend.name == "torch" else x.dtype)
    wide = wide.to(x.dtype) if backend.name == "torch" else wide
    part = {"every third": slice(None, None, 3), "inner part": slice(5, 5 + x.shape[-1])}[kind]
    wide[..., part] = x
    return wide[..., part]


class TestSameBits:
    """Kernel against definition."""

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize("shape", [(2, 3, 70, 24), (33, 8), (1, 4), (5, 1, 2), (2, 2, 2, 65, 6), (3, 40, 136)])
    @pytest.mark.parametrize("rotary_dim", [None, 2])
    def test_shapes(self, backend, dtype, layout, shape, rotary_dim, kernel, monkeypatch):
        """Odd counts of rows and pairs reach the remainders of the vectorised loops."""
        x = rows(backend, dtype, *shape)
        options = {"layout": layout, "rotary_dim": rotary_dim}
        positions = np.random.default_rng(1).integers(-(2**31), 2**31, shape[-2]).tolist()
        got = rope.rotate(x, positions, **options)
        assert kernel["turn"] == 1
        assert same_bits(backend, got, by_definition(monkeypatch, rope.rotate, x, positions, **options))

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize(
        ("kind", "served"),
        [("heads inside", True), ("inner part", True), ("every third", False), ("features outside", False)],
    )
    def test_strides_of_input_and_output(self, backend, dtype, layout, kind, served, kernel, monkeypatch):
        """Features side by side are served wherever the rows lie; others fall back to the definition."""
        x = rows(backend, dtype, 2, 3, 20, 16)
        expected = by_definition(monkeypatch, rope.rotate, x, range(20), layout=layout)
        for source, out in (
            (strided(backend, x, kind), None),
            (x, strided(backend, x * 0, kind)),
            (strided(backend, x, kind), backend.copy(x)),
        ):
            before = kernel["turn"]
            got = rope.rotate(source, range(20), layout=layout, out=out)
            assert same_bits(backend, got, expected)
            assert out is None or got is out
            assert (kernel["turn"] - before) == served

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize("rotary_dim", [None, 4])
    def test_in_place(self, backend, dtype, layout, rotary_dim, kernel, monkeypatch):
        """Also through another array object over the same memory, and through a strided one."""
        options = {"layout": layout, "rotary_dim": rotary_dim}
        x = rows(backend, dtype, 2, 3, 37, 16)
        expected = by_definition(monkeypatch, rope.rotate, x, range(37), **options)
        for target in (backend.copy(x), strided(backend, x, "heads inside"), strided(backend, x, "inner part")):
            assert rope.rotate(target, range(37), out=target, **options) is target
            assert same_bits(backend, target, expected)
        target = backend.copy(x)
        rope.rotate(target[:], range(37), out=target, **options)
        assert same_bits(backend, target, expected)
        assert kernel["turn"] == 4

    @backends
    @layouts
    def test_output_that_lies_across_the_input_is_left_to_the_definition(self, backend, layout, kernel, monkeypatch):
        """The kernel would read rows that it has already written."""
        values = np.random.default_rng(0).standard_normal(8 * 12)
        results = []
        for way in (rope.rotate, lambda *a, **o: by_definition(monkeypatch, rope.rotate, *a, **o)):
            memory = backend.array(values, "float32")
            way(memory[:84].reshape(7, 12), range(7), layout=layout, out=memory[12:].reshape(7, 12))
            results.append(memory)
        assert same_bits(backend, *results)
        assert kernel["turn"] == 0

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize("shape", [(2, 1, 1, 9), (1, 3, 1, 9), (2, 3, 1, 9), (3, 1, 9), (2, 1, 3, 9)])
    def test_positions_of_batch_axes(self, backend, dtype, layout, shape, kernel, monkeypatch):
        x = rows(backend, dtype, 2, 3, 3, 9, 8)
        positions = backend.array(np.random.default_rng(2).integers(-(10**6), 10**6, shape), "int64")
        got = rope.rotate(x, positions, layout=layout)
        assert kernel["turn"] == 1
        assert same_bits(backend, got, by_definition(monkeypatch, rope.rotate, x, positions, layout=layout))

    @backends
    @dtypes
    @layouts
    @pytest.mark.parametrize("shape", [(0, 4), (2, 0, 4), (0, 3, 4), (3, 0)])
    def test_zero_size(self, backend, dtype, layout, shape, kernel):
        x = backend.array(np.zeros(shape), dtype)
        y = rope.rotate(x, range(shape[-2]), layout=layout)
        assert (tuple(y.shape), y.dtype) == (shape, x.dtype)

    @backends
    @dtypes
    def test_no_rotated_features(self, backend, dtype, kernel):
        x = rows(backend, dtype, 5, 8)
        assert same_bits(backend, rope.rotate(x, range(5), rotary_dim=0), x)

    @backends
    @dtypes
    @layouts
    def test_infinities_and_nan(self, backend, dtype, layout, kernel, monkeypatch):
        """The same values; the payload of a NaN is nobody's promise."""
        values = np.random.default_rng(0).standard_normal((9, 12))
        values[::2, ::5], values[1::3, 1::4] = np.inf, np.nan
        x = backend.array(values, dtype)
        with np.errstate(invalid="ignore"):
            got = rope.rotate(x, range(9), layout=layout)
            expected = by_definition(monkeypatch, rope.rotate, x, range(9), layout=layout)
        assert kernel["turn"] == 1
        assert np.array_equal(backend.doubles(got), backend.doubles(expected), equal_nan=True)

    @backends
    def test_inputs_are_not_mutated(self, backend, kernel):
        x, positions = rows(backend, "float32", 3, 4), backend.array([4, 5, -6], "int64")
        before = backend.copy(x), backend.copy(positions)
        rope.rotate(x, positions)
        assert same_bits(backend, x, before[0])
        assert same(backend, positions, before[1])

    @layouts
    @pytest.mark.parametrize("function", [rope.linear, rope.ntk])
    def test_other_frequencies(self, layout, function, kernel, monkeypatch):
        x = np.random.default_rng(0).standard_normal((40, 16))
        got = function(x, range(40), scale=3.7, layout=layout)
        assert kernel["turn"] == 1
        assert np.array_equal(got, by_definition(monkeypatch, function, x, range(40), scale=3.7, layout=layout))

    def test_read_only_masked_and_unaligned_input(self, kernel, monkeypatch):
        x = np.random.default_rng(0).standard_normal((40, 16))
        x.flags.writeable = False
        assert np.array_equal(rope.rotate(x, range(40)), by_definition(monkeypatch, rope.rotate, x, range(40)))
        assert kernel["turn"] == 1
        rope.rotate(np.ma.masked_array(x), range(40))
        unaligned = np.frombuffer(b"\0" + x.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(x.shape)
        assert np.array_equal(rope.rotate(unaligned, range(40)), rope.rotate(x, range(40)))
        assert kernel["turn"] == 2


class TestTables:
    """The phase kernel under ``cos_sin``."""

    @backends
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("dim", [2, 6, 128])
    @pytest.mark.parametrize("kind", ["int64", "int32", "int8"])
    def test_tables_are_bitwise_those_of_the_definition(self, backend, dtype, dim, kind, kernel, monkeypatch):
        limits = np.iinfo(kind)
        drawn = np.random.default_rng(0).integers(limits.min, limits.max, 3000, endpoint=True, dtype=kind)
        positions = backend.array(np.concatenate([drawn, [0, 1, -1, limits.min, limits.max]]), kind)
        got = rope.cos_sin(positions, dim, dtype=dtype)
        assert kernel["cos_sin"] > 0
        expected = by_definition(monkeypatch, rope.cos_sin, positions, dim, dtype=dtype)
        assert all(same_bits(backend, g, e) for g, e in zip(got, expected, strict=True))

    @backends
    def test_real_positions_and_16_bits_are_left_to_the_definition(self, backend, kernel):
        rope.cos_sin(backend.array(np.arange(9), "float64"), 8)
        rope.cos_sin(backend.array(np.arange(9), "int64"), 8, dtype="float16")
        assert kernel["cos_sin"] == 0


class TestTorch:
    """Automatic differentiation, tracing and transformations."""

    @dtypes
    @layouts
    def test_gradient_is_bitwise_the_opposite_rotation(self, dtype, layout, kernel):
        torch = pytest.importorskip("torch")
        kind, generator = getattr(torch, dtype), torch.Generator().manual_seed(0)
        x = torch.randn(2, 5, 8, generator=generator).to(kind).requires_grad_()
        upstream = torch.randn(2, 5, 8, generator=generator).to(kind)
        positions = torch.tensor([0, 3, 10**6, 2**31, -7])
        rope.rotate(x, positions, layout=layout).backward(upstream)
        assert kernel["turn"] == 2
        assert torch.equal(x.grad, rope.rotate(upstream, -positions, layout=layout))

    @layouts
    def test_first_and_second_derivatives(self, layout, kernel):
        torch = pytest.importorskip("torch")
        x = torch.randn(3, 6, dtype=torch.float64, requires_grad=True)

        def function(v):
            return rope.rotate(v, [3, 4, -5], layout=layout)

        assert torch.autograd.gradcheck(function, x, check_batched_grad=True)
        assert torch.autograd.gradgradcheck(function, x)
        assert kernel["turn"] > 0

    def test_autograd_notices_that_a_saved_tensor_was_overwritten(self, kernel):
        torch = pytest.importorskip("torch")
        saved, weight = torch.ones(2, 4), torch.ones(2, 4, requires_grad=True)
        product = (weight * saved).sum()
        rope.rotate(saved, [1, 2], out=saved)
        assert kernel["turn"] == 1
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            product.backward()

    def test_output_that_is_differentiated_is_left_to_torch(self, kernel):
        torch = pytest.importorskip("torch")
        with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
            rope.rotate(torch.ones(2, 4), [1, 2], out=torch.ones(2, 4, requires_grad=True))
        assert kernel["turn"] == 0

    @pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")  # torch's own use of it
    def test_transformations_and_tangents(self, kernel, monkeypatch):
        torch = pytest.importorskip("torch")
        x = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        plain = rope.rotate(x, range(5))
        assert kernel["turn"] == 1
        assert torch.equal(torch.func.vmap(lambda v: rope.rotate(v, range(5)))(x), plain)
        primal, tangent = torch.func.jvp(lambda v: rope.rotate(v, range(5)), (x,), (x,))
        assert torch.equal(primal, plain)
        assert torch.equal(tangent, plain)
        with torch.autograd.forward_ad.dual_level():
            dual = rope.rotate(torch.autograd.forward_ad.make_dual(x, x), range(5))
            assert torch.equal(torch.autograd.forward_ad.unpack_dual(dual).tangent, plain)
        assert kernel["turn"] == 1

    def test_what_a_trace_records_is_not_one_result(self, kernel):
        """A graph recorded from one input is right for another."""
        torch = pytest.importorskip("torch")
        from torch.fx.experimental.proxy_tensor import make_fx

        x, y = (torch.randn(5, 4, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
        graph = make_fx(lambda v: rope.rotate(v, range(5)))(x)
        assert kernel["turn"] == 0
        assert torch.equal(graph(y), rope.rotate(y, range(5)))

    def test_tensors_that_are_not_plain_memory(self, kernel, monkeypatch):
        torch = pytest.importorskip("torch")
        z = torch.randn(5, 4, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))
        negated = z.conj().imag
        assert negated.is_neg()
        expected = rope.rotate(negated.resolve_neg().contiguous(), range(5))
        before = kernel["turn"]
        assert torch.equal(rope.rotate(negated, range(5)), expected)
        assert kernel["turn"] == before
        meta = rope.rotate(torch.ones(5, 4, device="meta"), torch.arange(5, device="meta"))
        assert meta.device.type == "meta"

    def test_inference_mode(self, kernel):
        torch = pytest.importorskip("torch")
        with torch.inference_mode():
            x = torch.ones(5, 4)
            expected = rope.rotate(x, range(5))
            assert torch.equal(rope.rotate(x, range(5), out=x), expected)
        assert kernel["turn"] == 2


class TestChoice:
    """When kernels are used at all."""

    def test_the_first_call_of_a_kind_must_be_large(self, monkeypatch):
        monkeypatch.setattr(_fast, "_compiled", set())
        calls = []
        monkeypatch.setattr(_fast, "kernels", lambda: calls.append(1))
        small, large = ((1 << 15) // 8, 8), ((1 << 20) // 8, 8)
        for shape, compiled, expected in ((small, False, 0), (large, False, 1), (small, True, 1)):
            monkeypatch.setattr(_fast, "_compiled", {("turn", "float32", False)} if compiled else set())
            calls.clear()
            assert prod(shape) >= _fast._PAYS["turn"]
            rope.rotate(np.ones(shape, dtype=np.float32), np.zeros(shape[0]))
            assert len(calls) == expected

    @pytest.mark.parametrize(("value", "off"), [("1", True), ("yes", True), ("0", False), ("", False)])
    def test_the_environment_switches_kernels_off(self, value, off, monkeypatch):
        monkeypatch.setenv("LEMMATA_NO_FAST", value)
        assert (_fast.kernels() is None) == off

    def test_machine_code_holds_no_fused_operation(self, tmp_path):
        """A contraction would round once where the definition rounds twice."""
        program = (
            "import numpy\n"
            "from lemmata import rope\n"
            "from lemmata.impl import _fast\n"
            "rope.rotate(numpy.ones((1 << 14, 64), dtype=numpy.float32), range(1 << 14))\n"
            "module = _fast.kernels()\n"
            "for function in (module._turn, module.reduce):\n"
            "    print(*function.inspect_asm().values())\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},  # code from the cache cannot be inspected
        )
        assert "mul" in done.stdout
        assert not [word for word in ("fmadd", "fmsub", "fnmadd", "fmla", "fmls") if word in done.stdout]


PROGRAM = """
import sys, numpy
from lemmata import rope
x = numpy.ones((1 << 14, 64), dtype=numpy.float32)
{prepare}
small = rope.rotate(x[:100], range(100))
print(bool(sys.modules.get("numba")))
large = rope.rotate(x, range(1 << 14))
print(bool(sys.modules.get("numba")) and "lemmata.impl._fast.rope" in sys.modules)
assert (large[:100] == small).all()
"""


def run(prepare="", **environment):
    """Whether a small call has loaded Numba, and whether a large one has loaded the kernels, in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(prepare=prepare)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.split()


class TestLoading:
    """Numba is loaded by the first large call and by nothing else."""

    def test_only_a_large_call_loads_numba(self):
        assert run() == ["False", "True"]

    def test_the_environment_keeps_it_unloaded(self):
        assert run(LEMMATA_NO_FAST="1") == ["False", "False"]

    def test_without_numba(self):
        assert run("sys.modules['numba'] = None") == ["False", "False"]

    def test_a_compiler_that_is_switched_off_is_not_used(self):
        assert run(NUMBA_DISABLE_JIT="1") == ["False", "False"]

    def test_without_a_folder_for_machine_code(self):
        """Where nothing can be kept, Numba compiles anew instead of failing."""
        refuse = "from numba.core import caching\ncaching.FunctionCache._impl_class._locator_classes = []"
        assert run(refuse) == ["True", "True"]

    def test_with_a_full_disk(self, tmp_path):
        """What was compiled is used even where it cannot be written."""
        refuse = (
            "from numba.core import caching\n"
            "def full(*arguments): raise OSError(28, 'No space left on device')\n"
            "caching.IndexDataCacheFile.save = full"
        )
        assert run(refuse, NUMBA_CACHE_DIR=str(tmp_path)) == ["True", "True"]
