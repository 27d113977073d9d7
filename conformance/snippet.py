# SPDX-License-Identifier: BSD-3-Clause
"""Standalone reproduction: a failing case as a Python file that needs only the array library and the function.

The file makes the recorded calls on the recorded values, compares with the expected value as a
literal, and fails by an assertion (or by the exception that the function raises).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .backend import Backend
from .call import Array, Call, Generator, Made
from .contract import Contract
from .search import Counterexample
from .subject import Step, Subject

PLACEHOLDER = "YOUR_FUNCTION"


def snippet(example: Counterexample, subject: Subject, title: str, targets: Mapping[str, str]) -> str:
    """The source of the reproduction; ``targets`` says how each contract's function is imported."""
    writer = _Writer(subject.backend, subject)
    used = {s.call.contract for s in (*example.before, *example.trace)}
    strictness = "error" if example.problem is not None and example.problem.strict else "ignore"
    lines = [f"# {line}" for line in title.splitlines()]
    steps = (*example.before, *example.trace)
    made = sorted({a.library for s in steps for a in s.call.arguments if isinstance(a, Made)})
    lines += [
        "import warnings",
        *(f"import {library}" for library in made),
        "",
        subject.backend.prelude(),
        "",
        f'warnings.simplefilter("{strictness}")',
    ]
    lines += [target_source(name, subject.functions[name], targets.get(name, "")) for name in sorted(used)]
    if example.before:
        lines += ["", "# The failure needs the calls that came before it."]
        lines += [writer.step(s, f"earlier{i}") for i, s in enumerate(example.before)]
    lines += ["", *(writer.step(s, s.output) for s in example.trace), "", *_verdict(example, writer)]
    return "\n".join(lines) + "\n"


def target_source(name: str, function: Callable[..., Any], target: str) -> str:
    """Source that binds ``name`` to the function: an import where it has an address, else a line to fill in."""
    module, _, attribute = target.partition(":")
    if attribute:
        return f"import {module}\n{name} = {module}.{attribute}"
    if isinstance(function, functools.partial) and not function.args:
        inner = target_source(name, function.func, "")
        keywords = ", ".join(f"{k}={v!r}" for k, v in function.keywords.items())
        return f"{inner}\n{name} = __import__('functools').partial({name}, {keywords})"
    module, qualname = getattr(function, "__module__", None) or "", getattr(function, "__qualname__", "")
    if module in ("", "__main__") or not qualname or "<" in qualname:
        return f"{name} = {PLACEHOLDER}  # put the function under test here"
    return f"import {module}\n{name} = {module}.{qualname}"


class _Writer:
    """Writes calls as source, in the backend's terms."""

    def __init__(self, backend: Backend, subject: Subject) -> None:
        self.backend = backend
        self.subject = subject

    def step(self, step: Step, output: str) -> str:
        names, lines = [], []
        for i, argument in enumerate(step.call.arguments):
            name = f"{output}_{self._parameter(step.call, i)}"
            lines.append(f"{name} = {self._value(argument, step)}")
            names.append(name)
        keywords = {**self._conventions(step.call), **step.call.keywords}
        passed = [f"{k}={self._value(v, step)}" for k, v in keywords.items()]
        if step.kind == "gradient":
            lines.append(self._gradient(step, output, names, passed))
        else:
            lines.append(f"{output} = {step.call.contract}({', '.join([*names, *passed])})")
        return "\n".join(lines)

    def _gradient(self, step: Step, output: str, names: list[str], passed: list[str]) -> str:
        leaves = [names[i] for i in step.wrt]
        called = f"lambda {', '.join(leaves)}: {step.call.contract}({', '.join([*names, *passed])})"
        weights = ", ".join(self._value(c, step) for c in step.cotangents)
        return f"{output} = gradient({called}, [{', '.join(leaves)}], [{weights}])"

    def _parameter(self, call: Call, index: int) -> str:
        contract: Contract = self.subject.contracts[call.contract]
        return contract.required[index] if index < len(contract.required) else f"argument{index}"

    def _conventions(self, call: Call) -> dict[str, Any]:
        return {k: v for k, v in self.subject.conventions.items() if self.subject.accepts(call.contract, k)}

    def _value(self, value: Any, step: Step) -> str:
        if isinstance(value, Array):
            made = (
                f"array({_elements(value.values)}, {value.values.shape}, {value.dtype(step.dtype)!r}, {step.device!r})"
            )
            return made if step.layout == "contiguous" else f"relayout({made}, {step.layout!r})"
        if isinstance(value, Generator):
            return self.backend.source_generator(value.seed, step.device)
        return repr(value)


def _elements(values: npt.NDArray[Any]) -> str:
    """The elements in order; axes along which an array only repeats itself (stride 0) are written once."""
    core = values[tuple(slice(None, 1) if stride == 0 else slice(None) for stride in values.strides)]
    flat = f"[{', '.join(repr(v) for v in core.ravel().tolist())}]"
    if core.size == values.size:
        return flat
    return f"np.broadcast_to(np.reshape({flat}, {core.shape}), {values.shape})"


def _verdict(example: Counterexample, writer: _Writer) -> list[str]:
    """The comparison or the broken promise as source; nothing but a note where the call itself raises."""
    if example.comparison is None:
        assertion = example.problem.assertion if example.problem else ""
        return [f"# {str(example.problem).splitlines()[0]}", assertion]
    e, against = example.comparison.expectation, example.comparison.against
    # What counts as failing is what the verdict was: outside the bound, or beyond refutation.
    allowed = np.broadcast_to(np.asarray(e.bound, np.float64) + e.radius, e.high.shape)
    return [
        f"# {example.comparison.label}",
        f"got = np.asarray({example.comparison.code}, np.float64)",
        f"expected = {f'np.asarray({against}, np.float64)' if against else _literal(e.high)}",
        f"correction = {_literal(np.broadcast_to(np.asarray(e.low, np.float64), e.high.shape))}",
        f"allowed = {_literal(allowed)}",
        "assert got.shape == expected.shape, (got.shape, expected.shape)",
        "same = got == expected",
        "with np.errstate(invalid='ignore'):",
        "    error = np.where(same, abs(correction), abs((got - expected) - correction))",
        'print("got", got, "expected", expected, "error", error, "allowed", allowed, sep="\\n")',
        'assert (error <= allowed).all(), f"error {np.nanmax(error):.3g} is outside the bound"',
    ]


def _literal(values: npt.NDArray[np.float64]) -> str:
    flat = ", ".join(repr(v) for v in np.asarray(values, np.float64).ravel().tolist())
    return f"np.array([{flat}]).reshape({values.shape})"
