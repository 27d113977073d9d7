# SPDX-License-Identifier: BSD-3-Clause
"""Laws that every contract is under, whatever it computes.

They compare the code with itself, so they need no oracle: inputs unmutated, the same answer whatever
was called before, whatever the memory layout and whatever else is in the batch, no warnings. That
outputs have the promised shape and dtype is checked at every call.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .call import Array, Call
from .contract import Contract, NotApplicable
from .floats import FORMATS, half_digits
from .law import Law
from .subject import Misbehaviour, Output, Subject
from .verdict import Comparison, Expectation, agreeing, exactly


def general_laws(contract: Contract) -> tuple[Law, ...]:
    """The general laws of one contract; each is named after it."""

    def one(subject: Subject) -> st.SearchStrategy[Call]:
        return contract.cases(subject)

    def two(subject: Subject) -> st.SearchStrategy[tuple[Call, Call]]:
        return st.tuples(contract.cases(subject), contract.cases(subject))

    def law(name: str, statement: str, cases: Callable[[Subject], Any], check: Any, **options: Any) -> Law:
        return Law(name, (f"general.{name}",), (contract.name,), statement, cases, check, **options)

    laws = [
        law("history", "The answer does not depend on earlier calls.", two, _history, stateful=True),
        law("promise", "Outputs have the promised shape and dtype, and nothing warns.", one, _promise, examples=20),
        law("unmutated", "The inputs are what they were before the call.", one, _unmutated, examples=20),
        law("layout", "Non-contiguous arrays give what contiguous ones give.", one, _layout, examples=20),
    ]
    if contract.batched:
        laws.append(law("batch", "A batch of one is a slice of the batch.", one, _batch, examples=20))
    return tuple(laws)


def _history(subject: Subject, case: tuple[Call, Call]) -> Iterator[Comparison]:
    """The first call is made again after another one; a pure function repeats itself to the last bit.

    So the bound is zero; as everywhere, a difference of less than half of the digits is called inaccurate.
    """
    first, other = case
    before = subject.run(first)
    subject.run(other)
    after = subject.run(first)
    yield from _same(after, before, "the same call, made again after another one")


def _promise(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Shape and dtype are checked by the subject; a warning breaks the promise of silence. No bound is involved."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        subject.run(call)
    if caught:
        seen = caught[0]
        raise Misbehaviour(f"warned {seen.category.__name__}: {seen.message}", strict=True)
    yield from ()


def _unmutated(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Every array argument is read back after the call and must be what was passed, bit for bit: no bound."""
    if not call.arrays:
        raise NotApplicable(f"{call.contract} takes no arrays that it could change")
    arguments = subject.materialize(call)
    output = subject.run_on(call, arguments)
    contract = subject.contracts[call.contract]
    for place in call.arrays:
        name = contract.required[place]
        yield Comparison(
            subject.backend.values(arguments[place]),
            exactly(call.arguments[place].values),
            f"f64({output.name}_{name})",
            f"{name} after the call",
        )


def _layout(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Contiguous and non-contiguous arrays of equal values are the same input, so both outputs are within the
    contract's bound b of the exact value, and so within 2b of each other. Without an expected value: equal."""
    if not subject.backend.strides or not call.arrays:
        raise NotApplicable(f"{call.contract} takes no arrays with strides on {subject.backend.name}")
    plain = subject.run(call)
    for layout in ("strided", "transposed"):
        other = subject.run(call, layout=layout)
        yield from _near(subject, call, other, plain, f"{layout} arguments against contiguous ones")


def _batch(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The first slice computed alone and within its batch is the same quantity twice: both are within the
    contract's bound b of the exact value, and so within 2b of each other. Without an expected value: equal."""
    contract = subject.contracts[call.contract]
    places = [contract.required.index(name) for name in contract.batched]
    if any(call.arguments[i].values.ndim <= contract.core_ndim for i in places):
        return
    alone = call
    for i in places:
        argument: Array = call.arguments[i]
        alone = alone.with_argument(i, Array(argument.values[:1], argument.kind))
    whole, single = subject.run(call), subject.run(alone)
    cut = Output(tuple(v[:1] for v in whole.values), whole.dtypes, whole.name, whole.many)
    yield from _near(subject, alone, single, cut, "a batch of one against the slice of the batch", "[:1]")


def _same(got: Output, expected: Output, label: str, cut: str = "") -> Iterator[Comparison]:
    for i, (g, e, dtype) in enumerate(zip(got.values, expected.values, expected.dtypes, strict=True)):
        scale = half_digits(dtype) * np.abs(np.asarray(e, np.float64)) if dtype in FORMATS else np.zeros(e.shape)
        yield Comparison(g, agreeing(e, 0.0, scale), got.code(i), label, expected.code(i) + cut)


def _near(
    subject: Subject, call: Call, got: Output, reference: Output, label: str, cut: str = ""
) -> Iterator[Comparison]:
    """Two outputs that both should be the value of ``call``; ``cut`` is the slice taken of the reference."""
    expect = subject.contracts[call.contract].expect
    if expect is None:
        yield from _same(got, reference, label, cut)
        return
    for i, e in enumerate(expect(subject, call, got.dtypes)):
        against = reference.code(i) + cut
        yield Comparison(got.values[i], _between(reference.values[i], e), got.code(i), label, against)


def _between(reference: np.ndarray[Any, Any], e: Expectation) -> Expectation:
    """What two implementations of one value may differ by: twice the bound of each.

    The reference itself may be off by as much as refutes nothing, and so may the other.
    """
    return agreeing(reference, 2 * (e.bound + e.radius), 2 * (e.refuted_above + e.radius))
