# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.activations``: errors in ulp, tables, ends, layouts."""

from __future__ import annotations

import numpy as np
import pytest
from impl_backends import BACKENDS
from lemmata.impl import _activations_apply as apply
from lemmata.impl._activations_tables import DEFAULTS

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

# The errors of float64 results that the formulas are held to, in ulp of the exact value; measured, then rounded up.
FLOAT64 = dict.fromkeys(FORMULAS, 3.0) | {"gelu": 4.5, "mish": 4.0}
FLOAT64_SLOPE = dict.fromkeys(FORMULAS, 3.0) | {
    "sigmoid": 4.5,
    "tanh": 4.5,
    "tanhshrink": 5.5,
    "gelu": 4.5,
    "gelu_tanh": 6.5,
    "quick_gelu": 5.0,
    "silu": 5.0,
    "mish": 8.0,
    "snake": np.inf,
}

backends = pytest.mark.parametrize("backend", BACKENDS)
each = pytest.mark.parametrize("name", FORMULAS)


def ulps(values, dtype):
    """The spacing of floats at each value; where it is 0, the smallest float."""
    precision, emin = PRECISION[dtype]
    _, exponent = np.frexp(np.abs(values))
    return np.ldexp(1.0, np.maximum(exponent - 1, emin) - precision + 1)


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


def exact(name, x, dtype, slope=False):
    """The oracle's enclosure of the theory's formula with default parameters."""
    terms = pytest.importorskip("lemmata.theory.activations_terms")
    from lemmata.theory.enclosure import enclose

    if name == "softplus":  # without the threshold
        e = terms.sigmoid(terms.x) if slope else terms.softplus(terms.x)
    else:
        (term,) = (t for t in terms.ELEMENTWISE if t.name == name)
        e = (term.derivative if slope else term.expression).subs(dict(term.defaults))
    return enclose(e, {terms.x: x}, dtype=dtype)


def errors(name, x, got, dtype, slope=False):
    """In ulp."""
    truth = exact(name, np.asarray(x, dtype=np.float64), dtype, slope)
    return truth.error(got) / ulps(truth.hi, dtype)


def evaluate(name, x, slope=False):
    ones = np.ones_like(x) if slope else None
    return apply.evaluate(name, x, DEFAULTS.get(name, ()), ones)


class TestAccuracy:
    @each
    @pytest.mark.parametrize("slope", [False, True], ids=["value", "slope"])
    def test_float32_is_rounded_once(self, name, slope):
        """Half an ulp for the rounding, and 2⁻⁹ ulp for errors of up to 2¹⁹ units of 2⁻⁵³ in float64."""
        x = inputs("float32")
        assert errors(name, x, evaluate(name, x, slope), "float32", slope).max() <= 0.5 + 2.0**-9

    @each
    def test_float64_values(self, name):
        x = inputs("float64")
        assert errors(name, x, evaluate(name, x), "float64").max() <= FLOAT64[name]

    @each
    def test_float64_slopes(self, name):
        """The slope of snake has double roots, near which only its absolute error is small."""
        x = inputs("float64")
        assert errors(name, x, evaluate(name, x, slope=True), "float64", slope=True).max() <= FLOAT64_SLOPE[name]
