# SPDX-License-Identifier: BSD-3-Clause
"""Certificates: the reference contains the truth, one wrong output in 65,536 is seen, nothing is lost on the way."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch
from lemmata.cli import certificates, certify
from lemmata.cli.main import main
from lemmata.cli.summary import Summary
from lemmata.cli.work import Certificates
from lemmata.conformance import exhaustive, floats
from lemmata.conformance.backend import backend
from lemmata.conformance.certificate import FUNCTIONS, Certificate, Question, certificate, stretches
from lemmata.conformance.exhaustive import Tally
from lemmata.theory import oracle
from lemmata.theory.activations_terms import ELEMENTWISE, Elementwise, x
from lemmata.theory.taylor import Series

Array = Any
RELATIVE = 2.0**-44
each_row = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda r: r.name)


def tally_of(question: Question) -> Tally:
    return sum((s.tally() for s in stretches(question)), Tally())


def truth(activation: str, dtype: str) -> dict[float, float]:
    """Every finite input with the nearest float of its value, by the oracle alone."""
    inputs = np.concatenate([exhaustive.by_index(np.arange(exhaustive.finite_count(dtype)), dtype)] * 2)
    inputs[len(inputs) // 2 :] *= -1
    exact = oracle.enclose(FUNCTIONS[activation].expression, {x: inputs}, dtype=dtype).rounded()
    return dict(zip(inputs.tolist(), exact.tolist(), strict=True))


class TestPolynomials:
    @each_row
    @settings(max_examples=12, deadline=None)
    @given(data=st.data())
    def test_they_are_as_near_to_the_truth_as_they_say(self, row: Elementwise, data: st.DataObject) -> None:
        """At both ends and inside of a random stretch of float32."""
        first = data.draw(st.integers(0, exhaustive.finite_count("float32") - (1 << 16)))
        length = 1 << data.draw(st.integers(0, 16))
        sign = data.draw(st.sampled_from((1.0, -1.0)))
        values = {p: Fraction(float(d)) for p, d in row.defaults}
        places = np.unique(np.linspace(first, first + length - 1, 9).astype(np.int64))
        at = sign * exhaustive.by_index(places, "float32")
        for expression in (row.expression, row.derivative):
            found = Series(expression, x, values).polynomial(min(at), max(at), RELATIVE, 2.0**-190)
            if found is None:  # a root, a knee, or snake far out
                continue
            exact = oracle.enclose(expression, {x: at, **values}, dtype="float64")
            assert (exact.error(found(at)) <= found.error + exact.radius).all()

    def test_there_is_none_across_a_knee_or_a_root(self) -> None:
        relu, gelu = FUNCTIONS["relu"].expression, FUNCTIONS["gelu"].derivative
        assert Series(relu, x).polynomial(-1.0, 1.0, RELATIVE) is None
        assert Series(gelu, x).polynomial(-0.76, -0.75, RELATIVE) is None

    def test_almost_no_stretch_is_left_to_the_oracle(self) -> None:
        """Of 200 stretches all over float32, at most one; snake oscillates faster than the floats out there."""
        for row in ELEMENTWISE:
            if row.name == "snake":
                continue
            series = Series(row.expression, x, dict(row.defaults))
            missing = 0
            for sign in (1, -1):
                for top in range(1, 0x7F80, 0x145):
                    at = sign * exhaustive.by_index(np.array([top << 16, (top << 16) + 0xFFFF]), "float32")
                    missing += series.polynomial(min(at), max(at), RELATIVE, 2.0**-193) is None
            assert missing <= 1, row.name


class TestInputs:
    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_together_they_are_the_format(self, dtype: str) -> None:
        seen = exhaustive.by_index(np.arange(exhaustive.finite_count(dtype)), dtype)
        bits = torch.arange(0, 0x8000, dtype=torch.int16).view(getattr(torch, dtype)).double().numpy()
        assert np.array_equal(seen, bits[np.isfinite(bits)])

    def test_float32_is_counted_as_its_bits_are(self) -> None:
        places = np.array([0, 1, 0x7FFFFF, 0x800000, 0x3F800000, 0x7F7FFFFF])
        assert np.array_equal(exhaustive.by_index(places, "float32"), places.astype(np.uint32).view(np.float32))

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
    def test_no_input_is_left_out_or_counted_twice(self, dtype: str) -> None:
        places = sorted(
            (s.sign, s.start, s.stop) for s in stretches(Question("relu", "torch:relu", dtype=dtype), 1 << 20) if s.sign
        )
        total = exhaustive.finite_count(dtype)
        for sign in (1, -1):
            own = [p for p in places if p[0] == sign]
            assert own[0][1] == 0
            assert own[-1][2] == total
            assert all(a[2] == b[1] for a, b in pairwise(own))

    def test_spacing_is_the_ulp(self) -> None:
        for dtype in ("float16", "bfloat16", "float32"):
            at = exhaustive.by_index(np.arange(1, exhaustive.finite_count(dtype), 997), dtype)
            assert np.array_equal(exhaustive._spacing(at, dtype), floats.ulp(at, dtype))


class TestTallies:
    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    def test_the_nearest_float_everywhere_is_seen_as_such(self, dtype: str) -> None:
        nearest = truth("silu", dtype)
        reference = Question("silu", "", dtype=dtype).reference()
        function = lambda at: np.array([nearest[v] for v in at.tolist()])  # noqa: E731
        total = Tally()
        for chunk in exhaustive.chunks(dtype, 1 << 16):
            total += exhaustive.examine(function, reference, dtype, *chunk)
        assert total.not_nearest == 0
        assert 0.49 < total.worst <= 0.5 + 2.0**-20

    @pytest.mark.parametrize("sign", [1, -1])
    def test_ties_of_a_line_are_broken_by_what_is_beside_it(self, sign: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """gelu(x) = x/2 + x²/√(2π) − … of a subnormal x: above every tie, which needs no point by itself."""
        x = sign * exhaustive.by_index(np.arange(0x900001, 0x900801, 2), "float32")
        reference = Question("gelu", "").reference()
        nearest = oracle.enclose(reference.expression, {reference.variable: x}, dtype="float32").rounded()
        monkeypatch.setattr(exhaustive, "by_oracle", lambda *_: pytest.fail("asked"))
        assert exhaustive.sampled(lambda _: nearest, reference, "float32", x).not_nearest == 0
        other = lambda at: at - nearest  # noqa: E731 # the float on the other side of the tie
        assert exhaustive.sampled(other, reference, "float32", x).not_nearest == len(x)

    @settings(max_examples=20, deadline=None)
    @given(place=st.integers(0, exhaustive.finite_count("bfloat16") - 1), sign=st.sampled_from((1, -1)))
    def test_one_wrong_output_is_found_with_its_place_and_size(self, place: int, sign: int) -> None:
        """The output at one input moved to its upper neighbour."""
        wrong_at = sign * float(exhaustive.by_index(np.array([place]), "bfloat16")[0])

        def function(at: Array) -> Array:
            right = np.asarray(floats.rounded(np.maximum(at, 0.0) + 0.0, "bfloat16"))
            moved = right + floats.ulp(right, "bfloat16")
            return np.where((at == wrong_at) & (np.signbit(at) == (sign < 0)), moved, right)

        reference = Question("relu", "", dtype="bfloat16").reference()
        total = Tally()
        for chunk in exhaustive.chunks("bfloat16", 1 << 14):
            total += exhaustive.examine(function, reference, "bfloat16", *chunk)
        assert total.not_nearest == 1
        assert total.worst_input == wrong_at
        assert total.worst == pytest.approx(1.0, abs=2.0**-30) or math.isinf(
            total.worst
        )  # 2⁻³⁰: the polynomial's error

    def test_a_wrong_limit_and_a_swallowed_nan_are_named(self) -> None:
        reference = Question("gelu", "", dtype="bfloat16").reference()
        assert exhaustive.examine_specials(lambda v: np.nan_to_num(v, nan=0.0), reference, "bfloat16").wrong_at == (
            "-inf",
            "inf",
            "nan",
        )
        right = lambda v: np.where(v == -np.inf, 0.0, v)  # noqa: E731
        assert exhaustive.examine_specials(right, reference, "bfloat16").wrong_at == ()

    @given(
        st.lists(
            st.builds(
                Tally, st.integers(0, 9), st.sampled_from((0.5, 1.0, math.inf)), st.floats(-3, 3), st.integers(0, 9)
            ),
            max_size=4,
        ),
        st.randoms(),
    )
    def test_they_add_up_in_any_order(self, tallies: list[Tally], random: Any) -> None:
        shuffled = random.sample(tallies, len(tallies))
        assert sum(tallies, Tally()) == sum(shuffled, Tally())

    def test_a_certificate_is_of_all_inputs_or_none(self) -> None:
        question = Question("relu", "torch:relu", dtype="bfloat16")
        with pytest.raises(ValueError, match="65535 of 65536"):
            certificate(question, Tally(count=65535), "", ())
        assert tally_of(question).count == 1 << 16

    def test_it_survives_json(self) -> None:
        question = Question("silu", "torch.nn.functional:silu", dtype="float16")
        made = certificate(question, tally_of(question), "abc", ("torch 0",))
        assert Certificate.from_json(made.to_json()) == made
        assert made.question == question
        assert made.wrong_at == ("-inf",)  # PyTorch's silu(−inf) is NaN


class TestArrays:
    def test_signalling_nans_make_no_noise_in_numpy(self) -> None:
        """Warnings are errors here."""
        payloads = np.array([0x7FF0000000000001, 0x7FF4000000000000]).view(np.float64)
        assert np.isnan(backend("numpy").array(payloads, "float32", "cpu")).all()


class TestCommand:
    def run(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
        code = main(["certify", *arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    def test_it_tells_tanh_gelu_from_gelu(self, capsys: pytest.CaptureFixture[str]) -> None:
        target = ("torch.nn.functional:gelu", "--dtype", "float16", "--json", "-j", "1", "--fresh")
        _, exact, _ = self.run(capsys, *target)
        _, other, _ = self.run(capsys, *target, "--set", "approximate=tanh")
        _, own, _ = self.run(capsys, *target, "--set", "approximate=tanh", "--as", "gelu_tanh")
        worst = [json.loads(text)[0]["worst_ulp"] for text in (exact, other, own)]
        assert worst[1] > 20 * worst[0]
        assert worst[1] > 20 * worst[2]

    def test_parts_that_are_done_are_not_done_again(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LEMMATA_CACHE", str(tmp_path))
        arguments = ("torch:relu", "--dtype", "bfloat16", "-j", "1", "--json")
        _, first, _ = self.run(capsys, *arguments)
        monkeypatch.setattr(certify.Part, "run", lambda self: pytest.fail("done before"))
        _, second, _ = self.run(capsys, *arguments)
        assert first == second

    def test_what_fails_is_said_and_what_was_done_is_kept(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LEMMATA_CACHE", str(tmp_path))
        run = certify.Part.run

        def breaks(part: certify.Part) -> dict[str, Any]:
            if part.stretch.sign < 0:
                raise RuntimeError("the machine is on fire")
            return run(part)

        monkeypatch.setattr(certify.Part, "run", breaks)
        code, _, err = self.run(capsys, "torch:relu", "-j", "1")
        assert code == 3
        assert "on fire" in err
        assert len(list((tmp_path / "certify").iterdir())) == 2  # the specials and the positive half

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("nonsense",), "no function 'nonsense'; ours are"),
            (("torch:exp",), "which activation is it"),
            (("torch.nn.functional:gelu", "--set", "alpha"), "expected NAME=VALUE"),
            (("torch.nn.functional:celu", "--set", "alpha=-1"), "must satisfy alpha > 0"),
            (
                ("torch.nn.functional:gelu", "--backend", "numpy", "--dtype", "float16", "--what", "gradient"),
                "does not differentiate",
            ),
            (
                ("scipy.special:expit", "--as", "sigmoid", "--backend", "numpy", "--dtype", "float16"),
                "returns float64 for float16",
            ),
            ((), "name a function"),
        ],
    )
    def test_errors_say_what_to_do(
        self, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, _, err = self.run(capsys, *arguments)
        assert code == 2
        assert message in err

    def test_a_dask_cluster_finds_the_same(self, capsys: pytest.CaptureFixture[str]) -> None:
        distributed = pytest.importorskip("distributed")
        arguments = ("torch.nn.functional:mish", "--dtype", "bfloat16", "--json", "--fresh", "-j", "2")
        _, here, _ = self.run(capsys, *arguments)
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster:
            address = cluster.scheduler_address
            _, there, _ = self.run(capsys, *arguments, "--workers", "dask", "--scheduler", address)
        assert here == there


class TestOurs:
    def test_certificates_match_the_sources(self) -> None:
        assert certificates.stale() == []

    def test_the_page_shows_them(self) -> None:
        page = (Path(__file__).parent.parent / "certificates" / "README.md").read_text("utf-8")
        assert page.endswith("\n" + certificates.markdown(certificates.load_all().values()))

    def test_values_and_gradients_in_float32_are_certified(self) -> None:
        """Of everything but what certify cannot finish: 2²⁴ ties of tanhshrink, the oscillations of snake."""
        names = {*certificates.our_activations()} - {"tanhshrink", "snake"}
        files = {f"{name}{what}-float32-lemmata-torch.json" for name in names for what in ("", "-gradient")}
        assert files <= certificates.load_all().keys()

    def test_float32_is_half_an_ulp_and_a_hundredth_off_at_most(self) -> None:
        """At all 2³² inputs, with Numba and without."""
        ours = [c for c in certificates.load_all().values() if c.target.startswith(certificates.OURS)]
        assert ours
        for found in ours:
            assert found.inputs == 1 << 32
            assert found.worst_ulp <= 0.51, found
            assert found.wrong_at == (), found

    def test_a_changed_source_makes_them_stale(self, tmp_path: Path) -> None:
        question = Question("relu", "lemmata.activations:relu", dtype="bfloat16")
        good = certificate(question, tally_of(question), certificates.source(question), ())
        old = certificate(question, tally_of(question), "0" * 16, ())
        (tmp_path / "good.json").write_text(good.to_json(), "utf-8")
        (tmp_path / "old.json").write_text(old.to_json(), "utf-8")
        assert certificates.stale(tmp_path) == [("old.json", "the implementation has changed")]

    def test_verify_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As an outcome that makes the whole run undecided."""
        monkeypatch.setattr(certificates, "stale", lambda: [("old.json", "changed")])
        job = Certificates("activations")
        outcome = job.run()
        summary = Summary((), {job: outcome}, frozenset(), 0)
        assert outcome["verdict"] == "undecided"
        assert summary.exit_code == 3

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
    @pytest.mark.parametrize("gradient", [False, True], ids=["value", "gradient"])
    @pytest.mark.parametrize("activation", certificates.our_activations())
    def test_sixteen_bits_are_rounded_correctly_at_every_input(
        self, activation: str, gradient: bool, dtype: str
    ) -> None:
        target, keywords = certificates.our_target(activation)
        total = tally_of(Question(activation, target, keywords, dtype=dtype, gradient=gradient))
        assert total.count == 1 << 16
        assert total.not_nearest == 0, f"{total.worst} ulp at {total.worst_input}"
        assert total.wrong_at == ()
