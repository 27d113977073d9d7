# SPDX-License-Identifier: BSD-3-Clause
"""Inputs of the elementwise activations: parameters, shapes, and floats from every part of the line.

A regime names where on the line an array's elements lie: around 0, in the tails, at the knees and at the roots of
the slope to within some ulps, among subnormals, huge, or all of this mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..theory.activations_terms import ELEMENTWISE, Elementwise
from .call import Array, Call
from .floats import Floats, largest, rounded, smallest_normal, smallest_subnormal, ulp
from .regimes import SEEDS
from .subject import Subject

ROWS: dict[str, Elementwise] = {row.name: row for row in ELEMENTWISE}
NAMES = tuple(name for name in ROWS if name != "gelu_tanh")

# What is drawn for each parameter; the first is what the function gets while an example is being shrunk.
PARAMETERS: dict[str, dict[str, tuple[Any, ...]]] = {
    "threshold": {"threshold": (0.0, 0.5, -1.5, 20.0)},
    "leaky_relu": {"negative_slope": (0.01, 0.25, 0.0, -0.5, 1.5)},
    "elu": {"alpha": (1.0, 0.5, 2.0, 1.7)},
    "celu": {"alpha": (1.0, 0.5, 2.0, 1.7)},
    "softplus": {"beta": (1.0, 2.0, 0.5, 5.0)},
    "gelu": {"approximate": ("none", "tanh")},
    "swish": {"beta": (1.0, 1.702, 0.25, 0.0, -2.0)},
    "snake": {"a": (1.0, 0.5, 3.0, -2.0)},
}
DEFAULTS: dict[str, dict[str, Any]] = {
    name: {p: (0.0 if p == "threshold" else choices[0]) for p, choices in drawn.items()}
    for name, drawn in PARAMETERS.items()
}

# Places to look closely at besides the knees: where a slope or a value passes through 0, or where a formula is
# commonly changed for another one. They decide where to look, never what to expect.
LANDMARKS: dict[str, tuple[float, ...]] = {
    "gelu": (-0.751791525, -1.414213562, 2.0),
    "gelu_tanh": (-0.752461, -1.414213562, 2.0),
    "quick_gelu": (-0.751151, 2.0),
    "silu": (-1.278464543, 2.399357),
    "swish": (-1.278464543, -0.751151, -5.1138582, 0.6392323),
    "mish": (-1.192431215, 1.49057),
    "hardswish": (-1.5,),
    "snake": (-0.785398, -1.570796, 0.2617994),
    "softplus": (20.0, 10.0, 40.0, 4.0),
    "logsigmoid": (-20.0, 20.0, 0.0),
    "tanh": (0.625, 9.0),
    "tanhshrink": (0.001, 0.625, 1.0),
}
SHAPES: tuple[tuple[int, ...], ...] = ((5,), (24,), (3, 8), (2, 2, 3, 2), (), (1,), (0,))
REGIMES = ("around zero", "mixed", "tails", "landmarks", "tiny", "mixed", "mixed")


@dataclass(frozen=True)
class Case:
    """One drawn input of one activation; arrays are built from the seed."""

    name: str
    seed: int
    regime: str
    shape: tuple[int, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)


def cases(name: str, *, shapes: tuple[tuple[int, ...], ...] = SHAPES) -> Any:
    """Cases of one activation: a function of the subject, as laws and contracts want it."""
    drawn = {p: st.sampled_from(choices) for p, choices in PARAMETERS.get(name, {}).items()}
    strategy = st.builds(
        Case,
        st.just(name),
        SEEDS,
        st.sampled_from(REGIMES),
        st.sampled_from(tuple(s for s in shapes if name != "prelu" or len(s) > 1) or ((2, 3),)),
        st.fixed_dictionaries(drawn),
    )
    return lambda subject: strategy


def call_of(subject: Subject, case: Case, *, top: float = 1.0) -> Call:
    """The call of the contract on the case's array; ``top`` is the share of the largest number that is reached."""
    values = points(subject, case, top)
    more = (Array(weights(subject, case)),) if case.name == "prelu" else ()
    return subject.call(case.name, Array(values), *more, **case.parameters)


def weights(subject: Subject, case: Case) -> Floats:
    """Weights of ``prelu``, one for each index along axis 1; all different, of both signs, one above 1."""
    rng = np.random.default_rng(case.seed + 1)
    return rounded(rng.permutation(np.linspace(-0.75, 1.5, case.shape[1])), subject.dtype)


def row_of(subject: Subject, call: Call) -> Elementwise:
    """The entry of the theory's table for a call."""
    if call.contract == "gelu":
        kind = subject.value("gelu", "approximate", call.keywords.get("approximate", "none"))
        return ROWS["gelu_tanh" if kind == "tanh" else "gelu"]
    return ROWS[call.contract]


def parameters_of(subject: Subject, call: Call) -> dict[Any, Any]:
    """Values of the row's symbols in a call: numbers, and for ``prelu`` an array that broadcasts against x."""
    row = row_of(subject, call)
    if call.contract == "prelu":
        x, weight = call.arguments[0].values, call.arguments[1].values
        return {row.parameters[0]: weight.reshape(-1, *(1,) * (x.ndim - 2))}
    drawn = {**DEFAULTS.get(call.contract, {}), **call.keywords}
    return {p: subject.value(call.contract, p.name, drawn[p.name]) for p in row.parameters}


def points(subject: Subject, case: Case, top: float = 1.0) -> Floats:
    """The array of a case, every value representable in the dtype under test."""
    rng, dtype, n = np.random.default_rng(case.seed), subject.dtype, int(np.prod(case.shape))
    level = case.parameters.get("threshold", 0.0) if case.name == "threshold" else 0.0
    near = {*LANDMARKS.get(case.name, ()), level, *(float(k) for k in ROWS[case.name].kinks if k.is_number)}
    made = _scattered(rng, n, dtype, rounded(sorted(near), dtype), top * largest(dtype))
    which = {"around zero": 0, "tails": 1, "landmarks": 2, "tiny": 3}.get(case.regime)
    chosen = rng.integers(0, len(made), n) if which is None else np.full(n, which)
    return rounded(np.choose(chosen, made), dtype).reshape(case.shape)


def _scattered(rng: np.random.Generator, n: int, dtype: str, near: Floats, top: float) -> list[Floats]:
    """n numbers of each kind: around 0, tails, landmarks, tiny, zeros and subnormals, huge."""
    sign = rng.choice([-1.0, 1.0], n)
    around = rng.normal(0.0, 2.0, n)
    tails = sign * 2.0 ** rng.uniform(0.0, 10.5, n)
    place = rng.choice(near, n)
    close = np.where(
        rng.random(n) < 0.5,
        place + rng.integers(-4, 5, n) * ulp(place, dtype),
        place + rng.normal(0.0, 1.0, n) * 2.0 ** rng.uniform(-12.0, -3.0, n),
    )
    tiny = sign * 2.0 ** rng.uniform(np.log2(smallest_normal(dtype)), 0.0, n)
    zeros = rng.integers(-3, 4, n) * sign * smallest_subnormal(dtype)
    huge = sign * np.minimum(2.0 ** rng.uniform(min(8.0, np.log2(top) - 1), np.log2(top), n), top)
    return [around, tails, close, tiny, zeros, huge]
