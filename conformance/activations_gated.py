# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the gated units: value first, gate second, as in ``torch.nn.functional.glu``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import S, oo

from ..theory.activations_terms import Elementwise, x
from . import activations_bounds as bounds
from .activations_cases import REGIMES, ROWS, Case, points
from .call import Array, Call
from .contract import Contract, Promise
from .floats import Floats, half_digits, largest, rounded
from .law import Law
from .regimes import SEEDS
from .subject import Output, Subject
from .verdict import Comparison, Expectation, agreeing, exactly

GATES: dict[str, Elementwise] = {
    "glu": ROWS["sigmoid"],
    "bilinear": Elementwise("identity", x, S.One, (-oo, oo), (S.One, S.One)),
    "reglu": ROWS["relu"],
    "geglu": ROWS["gelu"],
    "swiglu": ROWS["silu"],
}
# Shapes of the halves, with the axis along which they lie; the first axis of two or more only where said.
PLACES = (((5,), -1), ((2, 3), 1), ((2, 3), -1), ((2, 3, 4), -2), ((1, 2, 3, 2), 1), ((3, 0), -1), ((1,), 0))
FIRST_AXIS = (((3, 2), 0), ((2, 3, 2), -3))


@dataclass(frozen=True)
class Gated:
    """One drawn input: both halves are built from the seed."""

    name: str
    seed: int
    regime: str
    shape: tuple[int, ...]
    dim: int


def _cases(name: str, places: Any = (*PLACES, *FIRST_AXIS)) -> Any:
    strategy = st.builds(
        lambda seed, regime, place: Gated(name, seed, regime, *place),
        SEEDS,
        st.sampled_from(REGIMES),
        st.sampled_from(places),
    )

    def cases(subject: Subject) -> Any:
        fixed = int(subject.value(name, "dim", -1))
        if subject.accepts(name, "dim"):
            return strategy
        return strategy.filter(lambda case: case.dim % len(case.shape) == fixed % len(case.shape))

    return cases


def _halves(subject: Subject, case: Gated) -> tuple[Floats, Floats]:
    """Value and gate; the value of ordinary size, so that it is the gate that reaches the ends of the line."""
    gate = GATES[case.name].name
    known = gate if gate in ROWS else "tanhshrink"
    g = points(subject, Case(known, case.seed, case.regime, case.shape), 1 / 16)
    rng = np.random.default_rng(case.seed + 1)
    a = rng.choice([-1.0, 1.0], case.shape) * 2.0 ** rng.uniform(-6.0, 3.0, case.shape)
    return rounded(a, subject.dtype), g


def _call(subject: Subject, case: Gated, a: Floats, g: Floats) -> Call:
    return subject.call(case.name, Array(np.concatenate([a, g], axis=case.dim)), dim=case.dim)


def _split(subject: Subject, call: Call) -> tuple[Floats, Floats]:
    a, g = np.split(call.arguments[0].values, 2, axis=subject.value(call.contract, "dim", call.keywords.get("dim", -1)))
    return a, g


def expected(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    """a s(g), with the bound of s(g) and one more rounding inside of it."""
    a, g = _split(subject, call)
    return (bounds.times(bounds.value(GATES[call.contract], {}, g, dtypes[0]), a, dtypes[0]),)


def _promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(_split(subject, call)[0].shape),)


def _value(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """|a| γ₈ (|s(g)| + |g s′(g)|) with the gate's own bound, in which the product's rounding is contained, and η for
    what underflows. The halves differ in size and sign, so that exchanging them is seen."""
    call = _call(subject, case, *_halves(subject, case))
    output = subject.run(call)
    (e,) = expected(subject, call, output.dtypes)
    yield Comparison(output.values[0], e, output.code(), "value times gate")


def _slope(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """The gradient is c s(g) for the value and c a s′(g) for the gate: |c| and |c a| times the bounds of the gate and
    of its slope, γ₈ (|s| + |g s′|) and γ₈ (|s′| + |g s″|), and η for what underflows."""
    a, g = _halves(subject, case)
    call = _call(subject, case, a, g)
    rng = np.random.default_rng(case.seed + 2)
    c = rounded(rng.choice([-1.0, 1.0], case.shape) * rng.uniform(0.25, 2.0, case.shape), subject.dtype)
    output = subject.gradient(call, (0,), (Array(c),))
    row, axis = GATES[case.name], case.dim
    through = bounds.times(bounds.value(row, {}, g, subject.dtype), c, subject.dtype)
    beside = bounds.slope(row, {}, g, c * a, subject.dtype)
    for part, (e, label) in enumerate(((through, "value"), (beside, "gate"))):
        got = np.split(output.values[0], 2, axis=axis)[part]
        code = f"np.split({output.code()}, 2, axis={axis})[{part}]"
        yield Comparison(got, e, code, f"the gradient with respect to the {label}")


# Relations -----------------------------------------------------------------------------------------


def _integers(case: Gated) -> tuple[Floats, Floats]:
    """Small integers: sums and products of them are exact in every format."""
    rng = np.random.default_rng(case.seed)
    return rng.integers(-3, 4, case.shape).astype(float), rng.integers(-3, 4, case.shape).astype(float)


def _sign(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """−a s(g) is a s(g) with the other sign, and rounding to nearest is symmetric: the bound of the value for both."""
    a, g = _halves(subject, case)
    call = _call(subject, case, a, g)
    plain, turned = subject.run(call), subject.run(_call(subject, case, -a, g))
    yield _near(subject, call, turned, plain, -1.0, "the values with the other sign")


def _near(subject: Subject, call: Call, got: Output, plain: Output, factor: float, label: str) -> Comparison:
    """One output against another one times a factor: the bounds of both."""
    (e,) = expected(subject, call, plain.dtypes)
    size = abs(factor)
    bound, wrong = (1 + size) * (e.bound + e.radius), (1 + size) * (e.refuted_above + e.radius)
    wanted = agreeing(factor * plain.values[0], np.maximum(size, 1) * bound, np.maximum(size, 1) * wrong)
    return Comparison(got.values[0], wanted, got.code(), label, f"{factor} * {plain.code()}")


def _homogeneous(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """Integers up to 3 and their doubles have exact products in every format: no bound, f(2x) = 4 f(x)."""
    a, g = _integers(case)
    plain, twice = (subject.run(_call(subject, case, scale * a, scale * g)) for scale in (1.0, 2.0))
    yield Comparison(
        twice.values[0], exactly(4 * plain.values[0]), twice.code(), "f(2x), which is 4 f(x)", f"4 * {plain.code()}"
    )


def _exchange(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """a g = g a; integers have exact products: no bound."""
    a, g = _integers(case)
    there, back = subject.run(_call(subject, case, a, g)), subject.run(_call(subject, case, g, a))
    yield Comparison(back.values[0], exactly(there.values[0]), back.code(), "the halves exchanged", there.code())


def _opposite(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """s(g) − s(−g) = g, so that opposite gates differ by a g: the bounds of both outputs."""
    a, g = _halves(subject, case)
    calls = _call(subject, case, a, g), _call(subject, case, a, -g)
    up, down = (subject.run(call) for call in calls)
    (e,), (f,) = (expected(subject, call, up.dtypes) for call in calls)
    slack = e.bound + f.bound + 2.0**-50 * (np.abs(e.high) + np.abs(f.high))
    wanted = agreeing(a * g, slack, slack + e.refuted_above + f.refuted_above)
    keep = np.abs(a * g) < largest(subject.dtype) / 16
    got = np.where(keep, up.values[0] - down.values[0], a * g)
    code = f"np.where(np.array({keep.tolist()}, bool), {up.code()} - {down.code()}, np.array({(a * g).tolist()}))"
    yield Comparison(got, wanted, code, "the difference of opposite gates, which is a g")


def _growth(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """With value and gate t ≥ 0 the output is at least t²/2, up to the bound of the output, γ₈ (t s + t |t s′|)."""
    t = np.abs(np.random.default_rng(case.seed).normal(0.0, 8.0, case.shape))
    t = rounded(t, subject.dtype)
    call = _call(subject, case, t, t)
    output = subject.run(call)
    (e,) = expected(subject, call, output.dtypes)
    short = np.maximum(t * t / 2 - output.values[0], 0.0)
    slack = e.bound + 2.0**-50 * t * t
    wrong = slack + half_digits(subject.dtype) * (1 + t * t)
    code = f"np.maximum(np.array({(t * t / 2).tolist()}) - {output.code()}, 0.0)"
    yield Comparison(short, agreeing(np.zeros(t.shape), slack, wrong), code, "how far the output is below t²/2")


def _tied(subject: Subject, case: Gated) -> Iterator[Comparison]:
    """With one and the same value and gate ReGLU is relu²; integers have exact squares: no bound."""
    a, _ = _integers(case)
    output = subject.run(_call(subject, case, a, a))
    yield Comparison(output.values[0], exactly(np.maximum(a, 0.0) ** 2), output.code(), "relu(x)²")


def _law(id: str, name: str, claims: tuple[str, ...], statement: str, check: Any, **options: Any) -> Law:
    claims = tuple(f"activations.{c}" for c in claims)
    return Law(id, claims, (name,), statement, _cases(name), check, **{"examples": 8, **options})


_VALUE, _GRADIENT = "The first half times the gate of the second.", "The value's path is not scaled by a slope."


def _drawn(name: str) -> Any:
    """Calls for the general laws, which cut the first axis."""
    draw = _cases(name, PLACES)
    return lambda subject: draw(subject).map(lambda case: _call(subject, case, *_halves(subject, case)))


CONTRACTS = tuple(
    Contract(
        name,
        "(x, *, dim=-1)",
        "x with an even axis dim, values in its first half, gates in its second → the other axes and half of dim",
        _drawn(name),
        _promise,
        expected,
        batched=("x",),
        core_ndim=1,
        differentiable=True,
    )
    for name in GATES
)
LAWS = (
    *(_law("value", name, ("glu",), _VALUE, _value, examples=20) for name in GATES),
    *(_law("slope", name, ("glu-gradient",), _GRADIENT, _slope, gradient=True, examples=20) for name in GATES),
    *(_law("sign", name, ("glu-swap",), "The sign of the values is the sign of the output.", _sign) for name in GATES),
    _law("exchange", "bilinear", ("glu-swap",), "A bilinear unit's halves can be exchanged.", _exchange),
    *(
        _law("homogeneous", name, ("glu-growth",), "Homogeneous of degree 2.", _homogeneous)
        for name in ("bilinear", "reglu")
    ),
    *(_law("growth", name, ("glu-growth",), "At least t²/2 along a ray.", _growth) for name in ("swiglu", "geglu")),
    *(_law("opposite", name, ("glu",), "Opposite gates differ by a g.", _opposite) for name in ("swiglu", "geglu")),
    _law("tied", "reglu", ("squared-relu",), "Tied halves give squared ReLU.", _tied),
)
