# SPDX-License-Identifier: BSD-3-Clause
"""``pytest --lemmata``: each law is a test, its id the claim."""

from __future__ import annotations

import sys

import pytest

# pytester forgets the modules that a run in this process imports, and NumPy cannot be loaded twice.
from lemmata.conformance import check, rope

pytest_plugins = ["pytester"]

TARGET = """
import numpy as np

def decode(x, cache_len, *, base=10000.0):
    positions = cache_len + np.arange(x.shape[-2])
    angle = positions[:, None] * base ** -(np.arange(0, x.shape[-1], 2) / x.shape[-1])
    a, b = x[..., 0::2].astype(float), x[..., 1::2].astype(float)
    turned = [a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)]
    return np.stack(turned, -1).reshape(x.shape).astype(x.dtype)

def wrong(x, cache_len, *, base=10000.0):
    return decode(x, 0, base=base)

def coarse(x, cache_len, *, base=10000.0):
    return (decode(x.astype(float), cache_len, base=base) * (1 + 2.0**-20)).astype(x.dtype)

def missing(x, cache_len):
    raise NotImplementedError("not yet")
"""
OPTIONS = ("--lemmata-backend", "numpy", "--lemmata-dtype", "float32", "--lemmata-max-examples", "5")


def run(pytester: pytest.Pytester, function: str, *options: str) -> pytest.RunResult:
    """pytest in this process, in a folder with the target and nothing else."""
    pytester.makepyfile(plugin_target=TARGET)
    given = f"rope.decode=plugin_target:{function}"
    assert check.topic_module("rope") is rope
    sys.modules.pop("plugin_target", None)
    return pytester.runpytest_inprocess(
        *_plugin(pytester), "-p", "no:cacheprovider", "--lemmata", given, *OPTIONS, *options
    )


def _plugin(pytester: pytest.Pytester) -> tuple[str, ...]:
    """Options that load the plugin, unless the installed package brings it by its entry point."""
    manager = pytester._request.config.pluginmanager
    there = any(getattr(p, "__name__", "") == "lemmata.conformance.plugin" for p in manager.get_plugins())
    return () if there else ("-p", "lemmata.conformance.plugin")


class TestPlugin:
    """Laws as tests."""

    def test_right_code_passes_every_law(self, pytester: pytest.Pytester) -> None:
        result = run(pytester, "decode", "-v")
        outcome = result.parseoutcomes()
        assert outcome.get("failed", 0) == 0
        assert outcome["passed"] >= 6
        result.stdout.fnmatch_lines(["*lemmata::rope.block-rotation[[]decode.value-float32-cpu[]] PASSED*"])

    def test_a_bug_fails_its_claim_with_counterexample_and_snippet(self, pytester: pytest.Pytester) -> None:
        result = run(pytester, "wrong")
        assert result.parseoutcomes()["failed"] == 1
        result.stdout.fnmatch_lines(
            [
                "*refuted*rope.block-rotation*decode.value, float32, cpu*",
                "*counterexample: decode(x=*",
                "*import plugin_target*",
                "FAILED lemmata::rope.block-rotation*",
            ]
        )

    def test_a_law_that_does_not_apply_is_skipped_with_its_reason(self, pytester: pytest.Pytester) -> None:
        result = run(pytester, "missing", "-rs")
        outcome = result.parseoutcomes()
        assert outcome["skipped"] >= 6
        assert not outcome.keys() & {"passed", "failed", "errors"}
        result.stdout.fnmatch_lines(["*SKIPPED*not implemented: not yet*"])

    def test_inaccuracy_fails_unless_allowed(self, pytester: pytest.Pytester) -> None:
        assert run(pytester, "coarse").parseoutcomes()["failed"] >= 1
        assert "failed" not in run(pytester, "coarse", "--lemmata-allow-inaccurate").parseoutcomes()

    def test_laws_are_chosen_by_keyword(self, pytester: pytest.Pytester) -> None:
        outcome = run(pytester, "wrong", "-k", "unmutated").parseoutcomes()
        assert outcome["passed"] == 1
        assert "failed" not in outcome

    def test_laws_stand_beside_ordinary_tests(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(test_own="def test_own():\n    assert True\n")
        result = run(pytester, "decode", "-v")
        result.stdout.fnmatch_lines(["test_own.py::test_own PASSED*", "*lemmata::*PASSED*"])

    @pytest.mark.parametrize(
        ("function", "options", "message"),
        [
            ("nothing", (), "*plugin_target has no 'nothing'; it has *decode*"),
            ("decode", ("--lemmata-set", "layout=thirds"), "*layout must be one of interleaved, half, got 'thirds'*"),
            ("decode", ("--lemmata", "decode=x:y"), "*--lemmata TOPIC.CONTRACT=MODULE:FUNCTION, got 'decode=x:y'*"),
            ("decode", ("--lemmata", "rope.rotat=plugin_target:wrong"), "*did you mean 'rotate'*"),
        ],
    )
    def test_usage_errors_are_told(
        self, pytester: pytest.Pytester, function: str, options: tuple[str, ...], message: str
    ) -> None:
        result = run(pytester, function, *options)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([message])

    def test_without_the_option_nothing_is_collected_or_imported(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            test_own="""
            import sys

            def test_own():
                assert "lemmata.conformance.check" not in sys.modules
                assert "sympy" not in sys.modules
            """
        )
        result = pytester.runpytest_subprocess(*_plugin(pytester), "-p", "no:cacheprovider")
        result.assert_outcomes(passed=1)
