# SPDX-License-Identifier: BSD-3-Clause
"""Contracts of dilated convolution, and the laws of the convolution itself; those of stacks are in ``dilation_stacks``.

The convolution is held to its definition at exact inputs, to the two ordinary convolutions that it equals
(zeros between the taps; phase by phase), and to the size of its output.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from sympy import Expr

from ..theory import balls, oracle
from ..theory import dilation_layer as layer
from ..theory import dilation_terms as terms
from . import dilation_stacks as stacks
from .call import Array, Call
from .contract import Contract, Promise
from .dilation_stacks import Draw
from .floats import gamma, half_digits, smallest_subnormal
from .law import Law
from .regimes import FINITE, Drawn, build, drawn
from .subject import Subject
from .verdict import Comparison, Expectation, agreeing

CONVENTIONS: dict[str, tuple[str, ...]] = {"orientation": ("convolution", "correlation")}

Floats = npt.NDArray[np.float64]

_REGIMES = tuple(name for name in FINITE if name != "large")  # sums of large numbers overflow

# What the theory says --------------------------------------------------------------------------------


def formula(orientation: str) -> Expr:
    """Output p without padding: the convolution at p + ρ(K − 1), or the correlation at p."""
    if orientation == "correlation":
        return next(s.relation.lhs for s in layer.DEFINITION.sequents() if s.name == "correlation").subs(
            terms.i, terms.p
        )
    return terms.convolved(terms.F, terms.w, terms.K, terms.rate, terms.p + terms.rate * (terms.K - 1))


def outputs(signal: int, taps: int, rate: int) -> int:
    """How many outputs fit without padding."""
    number = next(s.relation.rhs for s in layer.OUTPUT_SIZE.sequents() if s.name == "number")
    return stacks.at(number.subs(terms.p, 0), {terms.b: signal, terms.K: taps, terms.rate: rate})


def convolved(x: Floats, weights: Floats, rate: int, orientation: str) -> list[Fraction]:
    """Exact outputs for one signal."""
    values = {terms.F: x.tolist(), terms.w: weights.tolist()}
    run = oracle.compile([formula(orientation)], [terms.p, terms.K, terms.rate], values=values)
    size = outputs(len(x), len(weights), rate)
    return [balls.to_fraction(run.values([p, len(weights), rate], 64)[0]) for p in range(size)]


def magnitude(x: Floats, weights: Floats, rate: int, orientation: str) -> Floats:
    """Σ |F| |w|: what errors are relative to."""
    return np.array([float(v) for v in convolved(np.abs(x), np.abs(weights), rate, orientation)])


def expected(exact: list[Fraction], size: Floats, terms_: int, dtype: str) -> Expectation:
    """``terms_`` roundings relative to the sum of magnitudes, and one underflow for each product."""
    high = np.array([float(v) for v in exact])
    low = np.array([float(v - Fraction(float(v))) for v in exact])
    slack = terms_ * smallest_subnormal(dtype)
    return Expectation(
        high, low, np.abs(low) * 2.0**-53, gamma(terms_, dtype) * size + slack, half_digits(dtype) * size + slack
    )


def orientation_of(subject: Subject) -> str:
    return subject.conventions["orientation"]


def _expect(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    """K products and K − 1 additions in any order: γ_K Σ |F||w|; γ_{K+1} where the result is rounded once more."""
    x, weights, rate = call.arguments[0].values, call.arguments[1].values, call.arguments[2]
    rows = x.reshape(-1, x.shape[-1])
    exact = [v for row in rows for v in convolved(row, weights, rate, orientation_of(subject))]
    size = np.concatenate([magnitude(row, weights, rate, orientation_of(subject)) for row in rows])
    one = expected(exact, size, len(weights) + 1, dtypes[0])
    shape = (*x.shape[:-1], outputs(x.shape[-1], len(weights), rate))
    fields = (one.high, one.low, one.radius, one.bound, one.refuted_above)
    return (Expectation(*(np.asarray(f).reshape(shape) for f in fields)),)


def _promise(subject: Subject, call: Call) -> tuple[Promise, ...]:
    x, weights, rate = call.arguments
    return (Promise((*x.values.shape[:-1], outputs(x.values.shape[-1], len(weights.values), rate))),)


# Cases -----------------------------------------------------------------------------------------------

_LAYERS = st.tuples(st.integers(1, 4), st.sampled_from([2, 1, 3, 5]), st.integers(0, 5), st.sampled_from([0, 1, 2]))


def _made(dtype: str, draw: Drawn, other: Drawn, case: tuple[int, int, int, int]) -> tuple[Floats, Floats, int]:
    taps, rate, more, batch = case
    shape = (*((batch,) if batch else ()), rate * (taps - 1) + 1 + more)
    return build(draw, shape, dtype), build(other, (taps,), dtype), rate


def signals(subject: Subject) -> Draw:
    """A signal or a batch of them, a kernel, a rate."""
    parts = st.tuples(drawn(_REGIMES), drawn(("generic", "small integers", "basis")), _LAYERS)
    return parts.map(lambda case: _made(subject.dtype, *case))


def _single(subject: Subject) -> Draw:
    return signals(subject).map(lambda case: (case[0].reshape(-1, case[0].shape[-1])[0], *case[1:]))


def _calls(subject: Subject) -> Draw:
    return signals(subject).map(lambda case: _call(subject, *case))


def _call(subject: Subject, x: Floats, weights: Floats, rate: int) -> Call:
    return subject.call("dilated_conv1d", Array(x), Array(weights), rate)


# Laws ------------------------------------------------------------------------------------------------


def _definition(subject: Subject, case: tuple[Floats, Floats, int]) -> Iterator[Comparison]:
    """K products and K − 1 additions in any order: γ_K Σ |F||w|, γ_{K+1} with a last rounding, and K underflows."""
    call = _call(subject, *case)
    output = subject.run(call)
    (e,) = _expect(subject, call, output.dtypes)
    yield Comparison(output.values[0], e, output.code(), "the convolution against its definition")


def _size(subject: Subject, case: tuple[Floats, Floats, int]) -> Iterator[Comparison]:
    """n − ρ(K − 1) outputs: an integer, no bound."""
    output = subject.run(_call(subject, *case))
    size = outputs(case[0].shape[-1], len(case[1]), case[2])
    yield Comparison(
        np.asarray(float(output.values[0].shape[-1])), agreeing(float(size), 0, 0), f"{output.code()}.shape[-1]", "size"
    )


def _both(subject: Subject, size: Floats, taps: int) -> tuple[Floats, Floats]:
    """What two computations of one sum may differ by."""
    slack = 2 * (taps + 1) * smallest_subnormal(subject.dtype)
    return 2 * gamma(taps + 1, subject.dtype) * size + slack, 2 * half_digits(subject.dtype) * size + slack


def _zeros(subject: Subject, case: tuple[Floats, Floats, int]) -> Iterator[Comparison]:
    """The same products and no others but zeros, so that both sides are within γ_{K'+1} Σ |F||w| of one number, where
    K' = ρ(K − 1) + 1 counts the zeros too."""
    x, weights, rate = case
    inserted = np.zeros(rate * (len(weights) - 1) + 1)
    inserted[::rate] = weights
    dilated, plain = subject.run(_call(subject, *case)), subject.run(_call(subject, x, inserted, 1))
    bound, wrong = _both(subject, magnitude(x, weights, rate, orientation_of(subject)), len(inserted))
    yield Comparison(
        plain.values[0], agreeing(dilated.values[0], bound, wrong), plain.code(), "zeros between taps", dilated.code()
    )


def _phases(subject: Subject, case: tuple[Floats, Floats, int]) -> Iterator[Comparison]:
    """Output ρq + d is output q of the phase d: the same K products, so that both are within γ_{K+1} Σ |F||w|."""
    x, weights, rate = case
    whole = subject.run(_call(subject, *case))
    size = magnitude(x, weights, rate, orientation_of(subject))
    for d in range(min(rate, len(size))):
        phase = subject.run(_call(subject, x[d::rate], weights, 1))
        bound, wrong = _both(subject, size[d::rate], len(weights))
        reference = agreeing(whole.values[0][d::rate], bound, wrong)
        yield Comparison(phase.values[0], reference, phase.code(), f"phase {d}", f"{whole.code()}[{d}::{rate}]")


def _gradient(subject: Subject, case: tuple[Floats, Floats, int]) -> Iterator[Comparison]:
    """The output is linear in x and in the kernel, so that a derivative is the exact output for a unit vector, summed
    over outputs: n − ρ(K − 1) products at x or K at the kernel, γ of one more than n times the sum of magnitudes."""
    x, weights, rate = case
    count, orientation = outputs(len(x), len(weights), rate), orientation_of(subject)
    cotangent = build(Drawn(len(x), "small integers"), (count,), subject.dtype)
    got = subject.gradient(_call(subject, *case), (0, 1), (Array(cotangent),))
    exact_cotangent = [Fraction(float(c)) for c in cotangent]

    def pulled(units: Floats, run: Any) -> tuple[list[Fraction], Floats]:
        rows = [run(unit) for unit in units]
        value = [sum((c * v for c, v in zip(exact_cotangent, row, strict=True)), Fraction(0)) for row in rows]
        size = [sum((abs(c * v) for c, v in zip(exact_cotangent, row, strict=True)), Fraction(0)) for row in rows]
        return value, np.array([float(v) for v in size])

    for place, units, run in (
        (0, np.eye(len(x)), lambda unit: convolved(unit, weights, rate, orientation)),
        (1, np.eye(len(weights)), lambda unit: convolved(x, unit, rate, orientation)),
    ):
        value, size = pulled(units, run)
        e = expected(value, size, len(x) + 1, subject.dtype)
        yield Comparison(got.values[place], e, got.code(place), f"the gradient at {('x', 'the kernel')[place]}")


def _numbers(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(None, ("int64", "bool", "int32")),)


def _contract(name: str, signature: str, shapes: str, cases: Any) -> Contract:
    return Contract(name, signature, shapes, cases, _numbers, per_dtype=False)


def _stack_calls(name: str) -> Any:
    return lambda subject: stacks.stacks().map(lambda s: subject.call(name, list(s[0]), kernel_size=s[1]))


def _pairs(name: str, first: tuple[int, int]) -> Any:
    pair = st.tuples(st.integers(*first), st.integers(2, 5))
    return lambda subject: pair.map(lambda drawn: subject.call(name, *drawn))


CONTRACTS = (
    _contract("effective_kernel", "(kernel_size, rate)", "integers → int", _pairs("effective_kernel", (1, 9))),
    _contract("covers", "(rates, *, kernel_size=3)", "list of rates → bool", _stack_calls("covers")),
    _contract(
        "holes",
        "(rates, *, kernel_size=3)",
        "list of rates → offsets, centred on 0 for odd kernels, from 0 for even ones",
        _stack_calls("holes"),
    ),
    _contract(
        "path_counts",
        "(rates, *, kernel_size=3)",
        "list of rates → one count for each offset of the hull, from its left end",
        _stack_calls("path_counts"),
    ),
    _contract("design", "(layers, kernel_size)", "integers → rates", _pairs("design", (0, 6))),
    Contract(
        "dilated_conv1d",
        "(x, kernel, rate)",
        "(..., n) and (K,) → (..., n − rate (K − 1)), no padding",
        _calls,
        _promise,
        _expect,
        batched=("x",),
        core_ndim=1,
        differentiable=True,
    ),
)


def _law(id: str, claim: str, statement: str, cases: Any, check: Any, **options: Any) -> Law:
    name = f"conv-{id}"
    return Law(name, (f"dilation.{claim}",), ("dilated_conv1d",), statement, cases, check, **options)


LAWS = (
    *stacks.LAWS,
    _law("definition", "definition", "y(p) = Σ_t F(p − ρ t) w(t).", signals, _definition, examples=40),
    _law("size", "output-size", "n − ρ(K − 1) outputs without padding.", signals, _size, examples=20),
    _law("zeros", "zero-insertion", "Ordinary convolution with zeros between the taps.", _single, _zeros),
    _law("phases", "space-to-batch", "Ordinary convolution, phase by phase.", _single, _phases),
    _law("gradient", "definition", "Derivatives of the definition.", _single, _gradient, gradient=True, examples=15),
)
