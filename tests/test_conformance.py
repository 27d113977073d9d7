# SPDX-License-Identifier: BSD-3-Clause
"""The conformance kit: formats, regimes, signatures, verdicts, and what it makes of code that misbehaves."""

from __future__ import annotations

import functools
import json
import math
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lemmata.cli import check as command
from lemmata.conformance import floats, regimes
from lemmata.conformance.backend import BACKENDS, backend
from lemmata.conformance.check import check, plan, run
from lemmata.conformance.contract import Contract, SignatureError, read
from lemmata.conformance.report import ConformanceError, Report, Result
from lemmata.conformance.target import TargetError, load
from lemmata.conformance.timeout import limited
from lemmata.conformance.verdict import Comparison, agreeing, exactly, judge, worst_of

torch = pytest.importorskip("torch")

ANY_FLOAT = st.floats(allow_nan=False, allow_infinity=False)


def decode(x: Any, cache_len: int, *, base: float = 10000.0) -> Any:
    """A right one, to be broken by the tests."""
    positions = cache_len + torch.arange(x.shape[-2], dtype=torch.float64)
    angle = positions[:, None] * base ** -(torch.arange(0, x.shape[-1], 2, dtype=torch.float64) / x.shape[-1])
    a, b = x[..., 0::2].double(), x[..., 1::2].double()
    turned = [a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()]
    return torch.stack(turned, -1).flatten(-2).to(x.dtype)


def decode_without_cache(x: Any, cache_len: int, *, base: float = 10000.0) -> Any:
    """The bug that most tests below use."""
    return decode(x, 0, base=base)


def checked(function: Callable[..., Any], law: str = "value", **options: Any) -> Result:
    """The result of one law of ``decode`` in float32."""
    tasks = plan("rope", dtypes=["float32"], decode=function)
    (task,) = [t for t in tasks if t.law.id == law]
    return run(task, **{"max_examples": 10, **options})[0]


class TestTimeout:
    """Work with a limit of time."""

    def test_one_thread_does_one_work_after_another(self) -> None:
        first = limited(threading.current_thread, 5)
        assert first is not threading.current_thread()
        assert limited(threading.current_thread, 5) is first

    def test_a_thread_that_hung_ends_and_is_replaced(self) -> None:
        def hang() -> None:
            while True:
                time.sleep(0.01)

        first = limited(threading.current_thread, 5)
        with pytest.raises(TimeoutError, match=r"no answer within 0\.1 s"):
            limited(hang, 0.1)
        first.join(5)
        assert not first.is_alive()
        assert limited(threading.current_thread, 5) is not first

    def test_context_variables_do_not_outlive_the_work(self) -> None:
        before = limited(np.geterr, 5)
        limited(lambda: np.seterr(all="raise"), 5)
        assert limited(np.geterr, 5) == before

    def test_a_forked_process_has_threads_of_its_own(self) -> None:
        code = (
            "import os\n"
            "from lemmata.conformance.timeout import limited\n"
            "limited(int, 5)\n"
            "child = os.fork()\n"
            "if not child:\n"
            "    os._exit(limited(lambda: 7, 5))\n"
            "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        )
        assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60, check=False).returncode == 7


class TestFloats:
    """Formats against NumPy's and PyTorch's own."""

    @pytest.mark.parametrize("dtype", floats.FORMATS)
    def test_constants_are_those_of_torch(self, dtype: str) -> None:
        info = torch.finfo(getattr(torch, dtype))
        assert floats.unit_roundoff(dtype) == info.eps / 2
        assert floats.smallest_normal(dtype) == info.tiny
        assert floats.largest(dtype) == info.max
        assert floats.smallest_subnormal(dtype) == info.tiny * info.eps

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
    @given(value=ANY_FLOAT)
    def test_rounding_is_that_of_exact_arithmetic(self, dtype: str, value: float) -> None:
        """The result is one of the two neighbours, and nearer, or even."""
        result = float(floats.rounded(value, dtype))
        step = Fraction(float(floats.ulp(value, dtype)))
        error = abs(Fraction(value) - Fraction(result)) if math.isfinite(result) else None
        if error is None:
            assert abs(Fraction(value)) >= Fraction(floats.largest(dtype)) + step / 2
        else:
            assert error <= step / 2
            if error == step / 2:
                spacing = Fraction(float(floats.ulp(result, dtype)))
                assert (Fraction(result) / min(step, spacing)) % 2 == 0

    @given(value=ANY_FLOAT)
    def test_rounding_to_float16_is_numpys(self, value: float) -> None:
        with np.errstate(over="ignore"):
            assert float(floats.rounded(value, "float16")) == float(np.float64(value).astype(np.float16))

    @given(values=st.lists(st.floats(allow_nan=False, width=32), max_size=5))
    def test_rounding_to_bfloat16_is_torchs(self, values: list[float]) -> None:
        """From float32, so that torch rounds only once."""
        expected = torch.tensor(values, dtype=torch.float32).bfloat16().double().numpy()
        assert floats.rounded(np.array(values), "bfloat16").tolist() == expected.tolist()

    @given(value=ANY_FLOAT)
    def test_ulp_of_float64_is_that_of_the_standard_library(self, value: float) -> None:
        assert float(floats.ulp(value, "float64")) == math.ulp(value)

    def test_gamma_refuses_more_roundings_than_digits(self) -> None:
        with pytest.raises(ValueError, match=r"gamma\(256, 'bfloat16'\) needs n·u < 1"):
            floats.gamma(256, "bfloat16")

    def test_unknown_format_is_named(self) -> None:
        with pytest.raises(ValueError, match="dtype must be one of float16"):
            floats.unit_roundoff("float8")


class TestRegimes:
    """Arrays of a seed and a name."""

    @pytest.mark.parametrize("dtype", floats.FORMATS)
    @pytest.mark.parametrize("regime", regimes.ARRAYS)
    def test_values_are_representable_and_repeatable(self, dtype: str, regime: str) -> None:
        draw = regimes.Drawn(7, regime)
        values = regimes.build(draw, (2, 3, 4), dtype)
        assert values.shape == (2, 3, 4)
        assert np.array_equal(floats.rounded(values, dtype), values)
        assert np.array_equal(regimes.build(draw, (2, 3, 4), dtype), values)

    @pytest.mark.parametrize("regime", regimes.FINITE)
    def test_finite_regimes_are_finite_in_the_narrowest_range(self, regime: str) -> None:
        assert np.isfinite(regimes.build(regimes.Drawn(3, regime), (50,), "float16")).all()

    def test_regimes_are_what_they_are_called(self) -> None:
        built = {name: regimes.build(regimes.Drawn(5, name), (64,), "float32") for name in regimes.ARRAYS}
        assert np.isinf(built["infinite"]).any()
        assert (np.signbit(built["signed zeros"]) & (built["signed zeros"] == 0)).any()
        assert (np.abs(built["denormal"]) < floats.smallest_normal("float32")).all()
        assert len(set(built["constant"].tolist())) == 1
        assert (built["alternating"][:-1] == -built["alternating"][1:]).all()
        assert np.abs(built["huge mean"]).min() > 100
        assert sorted(built["basis"].tolist())[-2:] == [0.0, 1.0]

    def test_positions_cover_signs_and_orders_of_magnitude(self) -> None:
        far = np.concatenate([regimes.positions(regimes.Drawn(s, "far"), 5) for s in range(40)])
        assert far.min() < -(2**29)
        assert 2**29 < far.max() < 2**31
        assert (regimes.positions(regimes.Drawn(0, "negative"), 9) < 0).all()
        real = regimes.real_positions(regimes.Drawn(0, "scattered"), 9)
        assert (real % 1 > 0).all()
        assert np.array_equal(floats.rounded(real, "float32"), real)


class TestBackends:
    """Values go there and come back unchanged."""

    @pytest.mark.parametrize("name", BACKENDS)
    @pytest.mark.parametrize("dtype", floats.FORMATS)
    @pytest.mark.parametrize("layout", ["contiguous", "strided", "transposed"])
    def test_round_trip(self, name: str, dtype: str, layout: Any) -> None:
        pytest.importorskip(name)
        library = backend(name)
        if reason := library.unsupported(dtype, "cpu"):
            pytest.skip(reason)
        values = regimes.build(regimes.Drawn(1, "generic"), (3, 4), dtype)
        array = library.relayout(library.array(values, dtype, "cpu"), layout)
        assert library.dtype(array) == dtype
        assert np.array_equal(library.values(array), values)

    @pytest.mark.parametrize("layout", ["strided", "transposed"])
    def test_layouts_are_not_contiguous(self, layout: Any) -> None:
        values = np.ones((3, 4))
        assert not backend("torch").relayout(torch.ones(3, 4), layout).is_contiguous()
        assert not backend("numpy").relayout(values, layout).flags.c_contiguous

    def test_unknown_backend_is_named(self) -> None:
        with pytest.raises(ValueError, match="backend must be one of numpy, torch, jax, got 'cupy'"):
            backend("cupy")


class TestSignatures:
    """What a function lets vary is read from its signature."""

    contract = Contract("f", "(x, positions, *, base=10000.0, scale)", "", lambda s: st.none(), lambda s, c: ())

    def test_all_parameters_vary(self) -> None:
        reading = read(self.contract, lambda x, positions, *, base, scale: x)
        assert reading.accepted == {"base", "scale"}
        assert not reading.missing

    def test_keywords_may_be_positional_or_collected(self) -> None:
        assert read(self.contract, lambda x, p, base=1, scale=2: x).accepted == {"base", "scale"}
        assert read(self.contract, lambda *args, **options: 0).accepted == {"base", "scale"}

    def test_a_missing_parameter_is_fixed_to_its_default(self) -> None:
        reading = read(self.contract, lambda x, p, *, scale: x)
        assert reading.fixed == {"base": 10000.0}
        assert reading.missing == {"base": "f takes no parameter 'base'"}

    def test_a_missing_parameter_without_default_is_unknown(self) -> None:
        assert "scale" not in read(self.contract, lambda x, p: x).fixed

    def test_partial_fixes_a_value(self) -> None:
        reading = read(self.contract, functools.partial(lambda x, p, *, base, scale: x, base=500.0))
        assert reading.fixed == {"base": 500.0}
        assert reading.missing == {"base": "f has base fixed to 500.0"}
        assert reading.accepted == {"scale"}

    @pytest.mark.parametrize(
        "function", [lambda x: x, lambda x, p, cos, sin: x, lambda x, p, *, table, base=1.0: x, lambda *, x, p: x]
    )
    def test_a_function_that_cannot_be_called_is_refused(self, function: Callable[..., Any]) -> None:
        with pytest.raises(SignatureError, match=r"f is called as f\(x, positions.*but the function given takes"):
            read(self.contract, function)

    def test_laws_that_vary_a_missing_parameter_do_not_apply(self) -> None:
        report = check("rope", rotate=lambda x, positions: x, dtypes=["float32"], max_examples=1, shrink=False)
        by_law = {r.law: r for r in report.results}
        assert by_law["partial"].verdict == "not applicable"
        assert by_law["partial"].reason == "rotate takes no parameter 'rotary_dim'"
        assert by_law["layouts"].reason == "rotate takes no parameter 'layout'"

    def test_a_fixed_base_is_the_base_expected(self) -> None:
        assert checked(functools.partial(decode, base=500.0)).verdict == "holds"
        assert checked(lambda x, n: decode(x, n, base=500.0)).verdict == "refuted"

    def test_an_unknown_value_makes_the_law_not_applicable(self) -> None:
        report = check("rope", linear=lambda x, positions: x, dtypes=["float32"], max_examples=2)
        (value,) = [r for r in report.results if r.law == "value"]
        assert value.verdict == "not applicable"
        assert "functools.partial" in value.reason


class TestVerdicts:
    """One comparison, three outcomes."""

    @staticmethod
    def judged(got: list[float], bound: float, refuted_above: float) -> tuple[str, float]:
        expectation = agreeing([1.0, 2.0], bound, refuted_above)
        j = judge(Comparison(np.array(got), expectation, "", ""))
        return j.verdict, j.ratio

    def test_within_the_bound_holds(self) -> None:
        assert self.judged([1.0, 2.25], 0.5, 1.0) == ("holds", 0.5)

    def test_on_the_bound_holds(self) -> None:
        assert self.judged([1.0, 2.5], 0.5, 1.0) == ("holds", 1.0)

    def test_outside_the_bound_is_inaccurate(self) -> None:
        assert self.judged([1.0, 2.75], 0.5, 1.0) == ("inaccurate", 1.5)

    def test_far_outside_is_refuted(self) -> None:
        assert self.judged([1.0, 4.0], 0.5, 1.0) == ("refuted", 4.0)

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_what_is_not_finite_is_refuted(self, bad: float) -> None:
        assert self.judged([1.0, bad], 0.5, 1.0) == ("refuted", math.inf)

    def test_the_right_infinity_and_nan_hold(self) -> None:
        values = np.array([math.inf, -math.inf, math.nan, 0.0])
        assert judge(Comparison(values, exactly(values), "", "")).verdict == "holds"

    def test_an_uncertain_expectation_neither_holds_nor_refutes(self) -> None:
        """The radius counts against holding, and against refuting."""
        e = agreeing([1.0], 0.5, 1.0)
        blurred = type(e)(e.high, e.low, 0.25, e.bound, e.refuted_above)
        assert judge(Comparison(np.array([1.4]), blurred, "", "")).verdict == "inaccurate"
        assert judge(Comparison(np.array([2.2]), blurred, "", "")).verdict == "inaccurate"
        assert judge(Comparison(np.array([2.3]), blurred, "", "")).verdict == "refuted"

    def test_nothing_checked_is_no_pass(self) -> None:
        assert worst_of([]) == "undecided"
        assert worst_of(["not applicable", "not applicable"]) == "undecided"
        assert worst_of(["holds", "not applicable"]) == "holds"
        assert worst_of(["holds", "inaccurate", "undecided", "refuted"]) == "refuted"

    def test_right_code_holds(self) -> None:
        result = checked(decode)
        assert result.verdict == "holds"
        assert result.worst is not None
        assert 0 < result.worst <= 1

    def test_half_the_digits_separate_inaccurate_from_refuted(self) -> None:
        """A relative error of 2⁻²⁰ is rounding, one of 2⁻⁸ is not."""
        assert checked(lambda x, n, base: decode(x, n, base=base) * (1 + 2.0**-20)).verdict == "inaccurate"
        assert checked(lambda x, n, base: decode(x, n, base=base) * (1 + 2.0**-8)).verdict == "refuted"


class TestMisbehaviour:
    """The code under test cannot break the check."""

    @pytest.mark.parametrize(
        ("error", "shown"),
        [
            (ValueError("no"), "raised ValueError: no"),
            (SystemExit(3), "raised SystemExit: 3"),
            (KeyboardInterrupt(), "raised KeyboardInterrupt: "),
            (RecursionError("deep"), "raised RecursionError: deep"),
            (MemoryError("full"), "raised MemoryError: full"),
        ],
    )
    def test_exceptions_refute(self, error: BaseException, shown: str) -> None:
        def raising(x: Any, cache_len: int) -> Any:
            raise error

        result = checked(raising)
        assert result.verdict == "refuted"
        assert result.got == shown
        assert result.counterexample.startswith("decode(x=")

    def test_not_implemented_is_not_applicable(self) -> None:
        def missing(x: Any, cache_len: int) -> Any:
            raise NotImplementedError("only on Tuesdays")

        result = checked(missing)
        assert result.verdict == "not applicable"
        assert result.reason == "not implemented: only on Tuesdays"

    def test_not_implemented_now_and_then_does_not_hide_a_refutation(self) -> None:
        def sometimes(x: Any, cache_len: int) -> Any:
            if x.ndim > 3:
                raise NotImplementedError
            return x * 2

        assert checked(sometimes, max_examples=30).verdict == "refuted"

    @pytest.mark.parametrize(
        ("function", "shown"),
        [
            (lambda x, n: None, "returned NoneType None, promised a torch array"),
            (lambda x, n: x.tolist(), "promised a torch array"),
            (lambda x, n: x[..., :1], "promised"),
            (lambda x, n: x.double(), "returned dtype float64, promised float32"),
            (lambda x, n: x.numpy(), "returned ndarray of shape"),
            (lambda x, n: (x, x), "returned tuple"),
        ],
    )
    def test_wrong_types_shapes_and_dtypes_refute(self, function: Callable[..., Any], shown: str) -> None:
        result = checked(function)
        assert result.verdict == "refuted"
        assert shown in result.got

    def test_nan_refutes(self) -> None:
        result = checked(lambda x, n: x * math.nan)
        assert result.verdict == "refuted"
        assert result.got == "nan"
        assert result.worst == math.inf

    def test_a_hang_is_undecided_and_the_rest_is_skipped(self) -> None:
        def hanging(x: Any, cache_len: int) -> Any:
            while True:
                time.sleep(0.01)

        started = time.monotonic()
        report = check("rope", decode=hanging, dtypes=["float32"], timeout=0.3)
        assert report.verdict == "undecided"
        assert time.monotonic() - started < 10
        assert report.results[0].reason == "no answer within 0.3 s"
        assert {r.reason for r in report.results[1:]} == {"an earlier law of this contract ran out of time"}

    def test_a_warning_breaks_the_promise(self) -> None:
        def warning(x: Any, cache_len: int) -> Any:
            warnings.warn("old", DeprecationWarning, stacklevel=1)
            return decode(x, cache_len)

        assert checked(warning, "promise").got == "warned DeprecationWarning: old"
        assert checked(warning).verdict != "undecided"

    def test_a_broken_law_blames_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lemmata.conformance.rope.rotation", lambda *a: 1 / 0)
        result = checked(decode)
        assert result.verdict == "undecided"
        assert "the law failed: ZeroDivisionError" in result.reason

    def test_answers_that_change_are_refuted_with_their_history(self) -> None:
        calls = iter(range(10**6))

        def forgetful(x: Any, cache_len: int) -> Any:
            return decode(x, cache_len) + next(calls)

        result = checked(forgetful, "history")
        assert result.verdict == "refuted"
        assert "made again after another one" in result.counterexample


class TestSearch:
    """Seeds, shrinking and determinism."""

    def test_equal_seeds_give_equal_reports(self) -> None:
        first, second = (
            check("rope", decode=decode_without_cache, dtypes=["float32"], seed=4, max_examples=5) for _ in range(2)
        )
        assert first.to_json() == second.to_json()

    def test_counterexamples_are_shrunk(self) -> None:
        """The smallest: one row, one pair, one token in the cache."""
        snippet = checked(decode_without_cache).snippet
        assert "(1, 2), 'float32', 'cpu')" in snippet
        assert "y0_cache_len = 1\n" in snippet

    def test_nothing_is_printed_or_stored(
        self, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert checked(decode_without_cache).verdict == "refuted"
        assert capfd.readouterr() == ("", "")
        assert not list(tmp_path.iterdir())


BUGGY = """
import numpy as np

def decode(x, cache_len, *, base=10000.0):
    if {condition}:
        {statement}
    angle = {positions}[:, None] * base ** -(np.arange(0, x.shape[-1], 2) / x.shape[-1])
    a, b = x[..., 0::2].astype(float), x[..., 1::2].astype(float)
    turned = [a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)]
    return np.stack(turned, -1).reshape(x.shape).astype(x.dtype)
"""
RIGHT = "(cache_len + np.arange(x.shape[-2]))"
DENSE = "np.lib.stride_tricks.as_strided(x, x.shape, np.empty(x.shape, x.dtype).strides)"
SNIPPETS = {
    "value": ("value", "False", "pass", "np.arange(x.shape[-2])"),
    "exception": ("value", "x.shape[-2] > 1", "raise ValueError('short')", RIGHT),
    "nan": ("value", "x.ndim > 2", "x = x * np.nan", RIGHT),
    "dtype": ("value", "True", "return x.astype(float)", RIGHT),
    "shape": ("value", "True", "return x[..., :1]", RIGHT),
    "tuple": ("value", "True", "return (x, x)", RIGHT),
    "mutation": ("unmutated", "True", "x *= 0", RIGHT),
    "strides": ("layout", "True", f"x = {DENSE}", RIGHT),
    "warning": ("promise", "True", "import warnings; warnings.warn('old')", RIGHT),
    "batch": ("batch", "x.ndim > 2", "x = x * x.shape[0]", RIGHT),
    "state": ("history", "True", "decode.n = getattr(decode, 'n', 0) + 1; x = x * decode.n", RIGHT),
}
FLAT_GRADIENT = "def rotate(x, positions, *, base=10000.0):\n    return x.detach() + 0 * x\n"
RIGHT_GRADIENT = """
import torch

def rotate(x, positions, *, base=10000.0):
    angle = positions.double()[:, None] * base ** -(torch.arange(0, x.shape[-1], 2).double() / x.shape[-1])
    a, b = x[..., 0::2].double(), x[..., 1::2].double()
    turned = [a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()]
    return torch.stack(turned, -1).flatten(-2).to(x.dtype)
"""


def exit_code(folder: Path) -> int:
    """Of ``snippet.py`` run by itself, with nothing but its own folder to import from."""
    line = [sys.executable, "-B", "snippet.py"]
    return subprocess.run(line, cwd=folder, capture_output=True, timeout=100, check=False).returncode


class TestSnippets:
    """The reproduction runs on its own, fails on the bug, and passes on right code."""

    @pytest.mark.parametrize("case", SNIPPETS)
    def test_snippet_fails_on_the_bug_and_passes_on_right_code(
        self, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        law, condition, statement, positions = SNIPPETS[case]
        name = f"buggy_{case}"
        buggy = BUGGY.format(condition=condition, statement=statement, positions=positions)
        (tmp_path / f"{name}.py").write_text(buggy)
        monkeypatch.syspath_prepend(tmp_path)
        tasks = plan("rope", dtypes=["float32"], backend="numpy", decode=load(f"{name}:decode"))
        (task,) = [t for t in tasks if t.law.id == law]
        result = run(task, max_examples=15, targets={"decode": f"{name}:decode"})[0]
        assert result.verdict == "refuted"
        (tmp_path / "snippet.py").write_text(result.snippet)
        assert "lemmata" not in result.snippet
        assert exit_code(tmp_path) == 1
        (tmp_path / f"{name}.py").write_text(BUGGY.format(condition="False", statement="pass", positions=RIGHT))
        assert exit_code(tmp_path) == 0

    def test_snippets_of_torch_run_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "flat.py").write_text(FLAT_GRADIENT)
        monkeypatch.syspath_prepend(tmp_path)
        (task,) = [t for t in plan("rope", dtypes=["bfloat16"], rotate=load("flat:rotate")) if t.law.id == "gradient"]
        result = run(task, max_examples=5)[0]
        assert result.verdict == "refuted"
        (tmp_path / "snippet.py").write_text(result.snippet)
        assert exit_code(tmp_path) == 1
        (tmp_path / "flat.py").write_text(RIGHT_GRADIENT)
        assert exit_code(tmp_path) == 0

    def test_repeated_rows_are_written_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A sampling law asks for many draws from one row of logits."""
        (tmp_path / "greedy.py").write_text("def gumbel_max(logits, *, generator):\n    return logits.argmax(-1)\n")
        monkeypatch.syspath_prepend(tmp_path)
        tasks = plan("reparameterization", dtypes=["float32"], backend="numpy", gumbel_max=load("greedy:gumbel_max"))
        (task,) = [t for t in tasks if t.law.id == "categorical"]
        result = run(task, max_examples=2, targets={"gumbel_max": "greedy:gumbel_max"})[0]
        assert result.verdict == "refuted"
        (tmp_path / "snippet.py").write_text(result.snippet)
        assert "np.broadcast_to" in result.snippet
        assert len(result.snippet) < 20_000
        assert exit_code(tmp_path) == 1

    def test_a_function_without_address_leaves_a_line_to_fill_in(self) -> None:
        assert "decode = YOUR_FUNCTION  # put the function under test here" in checked(lambda x, n: x).snippet


class TestReport:
    """Text, JSON, exceptions."""

    @pytest.fixture
    def report(self) -> Report:
        return check("rope", decode=decode_without_cache, dtypes=["float32"], max_examples=5, seed=2)

    def test_json_carries_everything(self, report: Report) -> None:
        data = json.loads(report.to_json())
        assert data["verdict"] == "refuted"
        assert data["seed"] == 2
        (value,) = [r for r in data["results"] if r["law"] == "value"]
        assert value["claim"] == "rope.block-rotation"
        assert value["contract"] == "decode"
        assert value["snippet"]
        assert len(data["results"]) == len(report.results)

    def test_infinite_ratios_are_valid_json(self) -> None:
        report = check("rope", decode=lambda x, n: x * math.nan, dtypes=["float32"], max_examples=2)
        results = json.loads(report.to_json(), parse_constant=pytest.fail)["results"]
        assert {r["worst"] for r in results if r["verdict"] == "refuted"} == {"inf"}

    def test_text_names_claim_counterexample_and_numbers(self, report: Report) -> None:
        text = str(report)
        assert "refuted        rope.block-rotation [decode.value, float32, cpu]" in text
        for part in ("counterexample: decode(x=", "expected: ", "got: ", "reproduce:", report.summary()):
            assert part in text

    def test_raise_for_verdict(self, report: Report) -> None:
        with pytest.raises(ConformanceError, match=r"rope\.block-rotation"):
            report.raise_for_verdict()

    def test_inaccuracy_can_be_allowed(self) -> None:
        report = check("rope", decode=lambda x, n: decode(x, n) * (1 + 2.0**-20), dtypes=["float32"], max_examples=5)
        assert report.verdict == "inaccurate"
        report.raise_for_verdict(allow_inaccurate=True)
        with pytest.raises(ConformanceError):
            report.raise_for_verdict()


class TestUsage:
    """Errors of usage name what was given and what there is."""

    @pytest.mark.parametrize(
        ("topic", "given", "message"),
        [
            ("ropes", {}, r"topic must be one of rope, .*got 'ropes' \(did you mean 'rope'\?\)"),
            ("rope", {"rotat": decode}, r"rope has no contract 'rotat' \(did you mean 'rotate'\?\)"),
            ("rope", {"layout": "half"}, "give at least one function to check"),
            ("rope", {"decode": decode, "layout": "thirds"}, "layout must be one of interleaved, half, got 'thirds'"),
            ("rope", {"decode": 3}, "decode must be a function, got 3"),
            ("rope", {"decode": decode, "dtypes": ["float8"]}, "dtype must be one of"),
            ("rope", {"decode": decode, "backend": "cupy"}, "backend must be one of"),
        ],
    )
    def test_wrong_arguments(self, topic: str, given: dict[str, Any], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            check(topic, **given)

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            ("decode", "a target is written package.module:function, got 'decode'"),
            ("no_such_module:f", "importing 'no_such_module' raised ModuleNotFoundError"),
            ("json:no_such", "json has no 'no_such'; it has "),
            ("sys:path", "'sys:path' is no function but list"),
        ],
    )
    def test_targets_that_cannot_be_loaded(self, target: str, message: str) -> None:
        with pytest.raises(TargetError, match=message):
            load(target)

    def test_a_module_that_fails_shows_its_own_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "halfway.py").write_text("import no_such_dependency\n")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(TargetError, match=r"importing 'halfway' raised ModuleNotFoundError: .*'no_such_dep"):
            load("halfway:f")

    def test_lazy_attributes_of_a_package_are_found(self) -> None:
        assert load("lemmata.rope:decode") is load("lemmata.impl.rope:decode")


QUICK = ("--backend", "numpy", "--dtype", "float32", "--max-examples", "3")


class TestCommand:
    """``lemmata check``: output and exit codes."""

    @pytest.fixture
    def module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        name = "command_target"
        source = BUGGY.format(condition="False", statement="pass", positions=RIGHT)
        source += "\ndef wrong(x, cache_len):\n    print('noise')\n    return decode(x, 0)\n"
        source += "\ndef coarse(x, cache_len):\n    return decode(x, cache_len) * (1 + 2.0**-20)\n"
        source += "\ndef missing(x, cache_len):\n    raise NotImplementedError\n"
        (tmp_path / f"{name}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return name

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["decode={}:decode"], 0),
            (["decode={}:wrong"], 1),
            (["decode={}:coarse"], 1),
            (["decode={}:coarse", "--allow-inaccurate"], 0),
            (["decode={}:wrong", "--allow-inaccurate"], 1),
            (["decode={}:missing"], 3),
            (["decode={}:nothing"], 2),
            (["decode"], 2),
            (["decode={}:decode", "--set", "layout=thirds"], 2),
        ],
    )
    def test_exit_codes(self, module: str, arguments: list[str], code: int) -> None:
        filled = [a.format(module) for a in arguments]
        assert command.main(["rope", *filled, *QUICK]) == code

    def test_json_is_all_there_is_on_standard_output(self, module: str, capsys: pytest.CaptureFixture[str]) -> None:
        """What the code under test prints goes elsewhere."""
        command.main(["rope", f"decode={module}:wrong", "--json", *QUICK])
        captured = capsys.readouterr()
        assert json.loads(captured.out)["verdict"] == "refuted"
        assert "noise" in captured.err

    def test_lines_are_plain_without_a_terminal(self, module: str, capsys: pytest.CaptureFixture[str]) -> None:
        command.main(["rope", f"decode={module}:wrong", *QUICK])
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert f"    decode = {module}.wrong" in out
        assert out.rstrip().splitlines()[-1].startswith("rope: refuted")

    def test_help_shows_examples_and_exit_codes(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stop:
            command.main(["--help"])
        assert stop.value.code == 0
        out = capsys.readouterr().out
        assert "lemmata check rope rotate=my_package.rotary:apply_rope --set layout=half" in out
        assert "exit codes: 0" in out
