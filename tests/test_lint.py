# SPDX-License-Identifier: BSD-3-Clause
"""Proofs rest on the kernel alone, tests on derived bounds; and the lints that say so find what they should."""

from __future__ import annotations

from pathlib import Path

import lints
import pytest

ROOT = Path(__file__).resolve().parents[1]
TRUSTED = {  # these are the judge, or run what has been judged
    "kernel", "theorems", "normal", "signs", "terms", "limits", "recheck", "definitions", "verify", "mutants", "axioms",
    "__init__",
}  # fmt: skip
TOPICS = sorted(f for f in (ROOT / "proofs").glob("*.py") if f.stem not in TRUSTED and not f.stem.startswith("rules_"))
TESTS = sorted(f for folder in ("tests", "conformance") for f in (ROOT / folder).rglob("*.py"))


def shown(path: Path, findings: list[lints.Finding]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line}: {why}" for line, why in findings]


def test_there_is_something_to_lint() -> None:
    assert {"rope", "receptive_field", "reparameterization", "calc"} <= {f.stem for f in TOPICS}
    assert len(TESTS) > 20


@pytest.mark.parametrize("path", TOPICS, ids=lambda f: f.stem)
def test_a_proof_rests_on_the_kernel(path: Path) -> None:
    assert shown(path, lints.proof(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", TESTS, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_no_tolerance_is_a_number(path: Path) -> None:
    assert shown(path, lints.tolerances(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "simplify(a - b) == 0",
        "sympy.simplify(a - b)",
        "a.equals(b)",
        "nsimplify(x)",
        "trigsimp(e)",
        "limit(f, x, 0)",
        "sympy.limit(f, x, 0)",
        "f.limit(x, 0)",
        "integrate(f, x)",
        "f.integrate(x)",
        "summation(f, (i, 0, n))",
        "total.doit()",
        "e.evalf()",
        "e.n()",
        "MatrixSymbol('A', 2, 2)",
        "f.diff(x)",
        "sympy.diff(f, x)",
        "e.subs(x, 1)",
        "logcombine(e, force=True)",
        "expand_log(e, force=True)",
        "x = 0.5",
        "x = 2j",
        "kernel.Theorem(frozenset(), goal, 'ring')",
        "Theorem(frozenset(), goal, 'ring')",
        "kernel._make(goal, 'ring', frozenset())",
        "forge = kernel._make",
        "seal = kernel._SEAL",
        "from .kernel import _make",
        "from sympy import simplify",
        "from sympy import simplify as tidy",
        "from .kernel import Theorem as T",
        "replace(theorem, relation=goal)",
        "def integrate(e): ...\nsympy.integrate(e)",
        "def proof(goal):\n    return [e.doit() for e in goal.args]",
    ],
)
def test_what_is_no_evidence_is_found(source: str) -> None:
    assert lints.proof(source)


@pytest.mark.parametrize(
    "source",
    [
        "kernel.limit(goal, given)",
        "search(simplify(a - b))",
        "search(lambda: e.doit())",
        "kernel.substitute(e, {x: 1})",
        "def rule(goal: Theorem) -> Theorem: ...",
        "isinstance(result, Theorem)",
        "from .kernel import Theorem",
        "from .steps import integrate\nintegrate(e)",
        "def integrate(e): ...\nintegrate(e)",
        "x = Rational(1, 2)",
        "replace(goal, hypotheses=())",
    ],
)
def test_what_the_kernel_checks_is_left_alone(source: str) -> None:
    assert lints.proof(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "assert_allclose(a, b, rtol=1e-5)",
        "torch.allclose(a, b, atol=1e-6)",
        "isclose(a, b, rel_tol=1e-9)",
        "isclose(a, b, abs_tol=2 * 1e-9)",
        "isclose(a, b, 1e-9)",
        "rtol = 1e-5",
        "f(rtol=-1e-5)",
    ],
)
def test_an_invented_tolerance_is_found(source: str) -> None:
    assert lints.tolerances(source)


@pytest.mark.parametrize("source", ["assert_allclose(a, b, rtol=0, atol=bound)", "f(rtol=gamma(n))", "x = 1e-5"])
def test_a_derived_bound_is_left_alone(source: str) -> None:
    assert lints.tolerances(source) == []
