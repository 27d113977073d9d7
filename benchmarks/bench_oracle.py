# SPDX-License-Identifier: BSD-3-Clause
"""Cost of the oracle for one element. Run: ``pytest benchmarks/bench_oracle.py``; aim: under 30 µs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
from lemmata.theory.oracle import ball, compile, enclose, gradient

x, y = sp.symbols("x y", real=True)
i = sp.Symbol("i", integer=True)
m, base, dim = sp.symbols("m B d", positive=True)

GELU = x * (1 + sp.erf(x / sp.sqrt(2))) / 2
ANGLE = m * base ** (-2 * i / dim)
EXPRESSIONS: dict[str, tuple[sp.Expr, dict[sp.Symbol, Any]]] = {
    "exp": (sp.exp(x), {x: 0.7123}),
    "gelu": (GELU, {x: 0.7123}),
    "gelu-gradient": (gradient(GELU, x), {x: 0.7123}),
    "sigmoid": (1 / (1 + sp.exp(-x)), {x: 0.7123}),
    "rope-pair": (x * sp.cos(ANGLE) - y * sp.sin(ANGLE), {x: 0.7123, y: 0.3, m: 12345, base: 10000, i: 3, dim: 64}),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_compiled(benchmark: Any, name: str) -> None:
    """One call of a compiled expression at 128 bits."""
    expression, values = EXPRESSIONS[name]
    compiled = compile([expression], list(values))
    assert benchmark(compiled, *values.values())[0].rel_accuracy_bits() > 100


def test_enclose_per_element(benchmark: Any) -> None:
    """1000 elements of GELU in float32, narrowed to 2⁻¹⁶ ulp: divide the time by 1000."""
    points = np.linspace(-10, 10, 1000, dtype=np.float32)
    e = benchmark(enclose, GELU, {x: points}, dtype="float32")
    assert e.shape == (1000,)


def test_one_ball_from_scratch(benchmark: Any) -> None:
    """Compilation included."""
    assert benchmark(ball, GELU, {x: 0.7123}).is_finite()
