# SPDX-License-Identifier: BSD-3-Clause
"""``check``: hold functions to the laws of a topic."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from .backend import backend as backend_named
from .call import Array
from .contract import Contract, read
from .floats import format_of
from .general import general_laws
from .law import Law
from .report import Report, Result
from .search import Counterexample, Finding, crash, search
from .snippet import snippet
from .subject import Step, Subject
from .timeout import limited

TOPICS = (
    "rope",
    "reparameterization",
    "receptive_field",
    "dilation",
    "segmentation",
    "activations",
    "smoothing",
    "bias",
)
Progress = Callable[[Result], None]


@dataclass(frozen=True, eq=False)
class Task:
    """One law to be searched on one dtype and device; ``reason`` says why it cannot be, where it cannot."""

    law: Law
    subject: Subject
    reason: str = ""

    @property
    def name(self) -> str:
        """A test id: the claim, then contract, law, dtype and device."""
        s = self.subject
        return f"{self.law.claim}[{'+'.join(self.law.contracts)}.{self.law.id}-{s.dtype}-{s.device}]"


def check(
    topic: str,
    *,
    backend: str = "torch",
    dtypes: Sequence[str] = ("float32", "float64"),
    devices: Sequence[str] = ("cpu",),
    seed: int = 0,
    max_examples: int | None = None,
    timeout: float = 60,
    shrink: bool = True,
    stop_at_first: bool = False,
    targets: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> Report:
    """Hold the given functions to every law of a topic that applies to them.

    ``given`` holds contracts (``rotate=my_function``) and conventions (``layout="half"``) of the topic.
    Laws whose contracts are missing are not run; laws that vary a parameter that the function does not
    take are reported as not applicable. ``timeout`` is in seconds a law. ``targets`` maps contracts to
    ``"module:attribute"`` for the snippets. Whatever the code under test does becomes a result.

    Raises ``ValueError`` for an unknown topic, contract, convention, backend or dtype, ``ImportError``
    for a backend that is not installed, ``SignatureError`` (a ``TypeError``) for a function that cannot
    be called as its contract says.
    """
    tasks = plan(topic, backend=backend, dtypes=dtypes, devices=devices, **given)
    results: list[Result] = []
    hung: set[tuple[str, ...]] = set()
    for task in tasks:
        skip = "an earlier law of this contract ran out of time" if task.law.contracts in hung else ""
        result, timed_out = run(
            task, seed=seed, max_examples=max_examples, timeout=timeout, shrink=shrink, targets=targets, skip=skip
        )
        if timed_out:
            hung.add(task.law.contracts)
        results.append(result)
        if progress is not None:
            progress(result)
        if stop_at_first and result.failed:
            break
    return Report(topic, seed, tuple(results))


def plan(
    topic: str, *, backend: str = "torch", dtypes: Sequence[str], devices: Sequence[str] = ("cpu",), **given: Any
) -> tuple[Task, ...]:
    """The tasks of a check, stateful laws first; errors of usage are raised here, before anything runs."""
    for dtype in dtypes:
        format_of(dtype)
    module = topic_module(topic)
    functions, conventions = _sorted_out(module, given)
    library = backend_named(backend)
    contracts = {c.name: c for c in module.CONTRACTS}
    readings = {n: read(contracts[n], f, tuple(module.CONVENTIONS)) for n, f in functions.items()}
    laws = [law for law in module.LAWS if set(law.contracts) <= set(functions)]
    laws += [law for n in functions for law in general_laws(contracts[n])]
    history: list[Step] = []
    tasks = []
    for device in devices:
        for number, dtype in enumerate(dtypes):
            subject = Subject(functions, contracts, readings, conventions, library, dtype, device, history)
            for law in laws:
                if number and not any(contracts[c].per_dtype for c in law.contracts):
                    continue  # nothing in the call carries a dtype: once is enough
                tasks.append(Task(law, subject, library.unsupported(dtype, device) or _missing(law, readings)))
    return tuple(sorted(tasks, key=lambda t: not t.law.stateful))


def run(
    task: Task,
    *,
    seed: int = 0,
    max_examples: int | None = None,
    timeout: float = 60,
    shrink: bool = True,
    targets: Mapping[str, str] | None = None,
    skip: str = "",
) -> tuple[Result, bool]:
    """Search one law; the result, and whether it ran out of time."""
    if task.reason:
        return _result(task, Finding("not applicable", reason=task.reason), targets), False
    if skip:
        return _result(task, Finding("undecided", reason=skip), targets), False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            finding = limited(
                lambda: search(task.law, task.subject, seed=seed, max_examples=max_examples, shrink=shrink), timeout
            )
    except TimeoutError as error:
        return _result(task, Finding("undecided", reason=str(error)), targets), True
    except Exception as error:  # the law's own fault: never a pass, never blamed on the code under test
        return _result(task, crash(error), targets), False
    return _result(task, finding, targets), False


def topic_module(topic: str) -> ModuleType:
    """The module with a topic's ``CONTRACTS``, ``CONVENTIONS`` and ``LAWS``; ``ValueError`` if there is none."""
    if topic not in TOPICS:
        raise ValueError(f"topic must be one of {', '.join(TOPICS)}, got {topic!r}{_nearest(topic, TOPICS)}")
    return import_module(f".{topic}", __package__)


def _sorted_out(module: ModuleType, given: Mapping[str, Any]) -> tuple[dict[str, Callable[..., Any]], dict[str, str]]:
    """Split what was given into contracts and conventions."""
    contracts = [c.name for c in module.CONTRACTS]
    conventions = {name: choices[0] for name, choices in module.CONVENTIONS.items()}
    functions: dict[str, Callable[..., Any]] = {}
    topic = module.__name__.rpartition(".")[2]
    for name, value in given.items():
        if name in conventions:
            choices = module.CONVENTIONS[name]
            if value not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
            conventions[name] = value
        elif name not in contracts:
            known = [*contracts, *conventions]
            raise ValueError(f"{topic} has no contract {name!r}{_nearest(name, known)}; it has {', '.join(known)}")
        elif not callable(value):
            raise ValueError(f"{name} must be a function, got {value!r}")
        else:
            functions[name] = value
    if not functions:
        raise ValueError(f"give at least one function to check, by the name of its contract: {', '.join(contracts)}")
    return functions, conventions


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _missing(law: Law, readings: Mapping[str, Any]) -> str:
    """Why the law does not apply: a parameter it varies that the function does not take."""
    for contract in law.contracts:
        for parameter in law.varies:
            if parameter in readings[contract].missing:
                return str(readings[contract].missing[parameter])
    return ""


def _result(task: Task, finding: Finding, targets: Mapping[str, str] | None) -> Result:
    law, subject = task.law, task.subject
    example = finding.counterexample
    title = f"{law.claim}: {law.statement}"
    shown = _shown(example, subject) if example else {}
    if example:
        shown["snippet"] = snippet(example, subject, title, targets or {})
    return Result(
        claim=law.claim,
        law=law.id,
        verdict=finding.verdict,
        contract="+".join(law.contracts),
        dtype=subject.dtype,
        device=subject.device,
        statement=law.statement,
        derivation=law.derivation,
        worst=finding.worst if finding.examples else None,
        examples=finding.examples,
        reason=finding.reason,
        **shown,
    )


def _shown(example: Counterexample, subject: Subject) -> dict[str, Any]:
    """Counterexample, expected and got as text."""
    calls = "\n".join(_written(step, subject.contracts) for step in example.trace)
    if example.comparison is None or example.judgement is None:
        return {"counterexample": calls, "got": str(example.problem), "expected": "a result as promised"}
    e, at = example.comparison.expectation, example.judgement.index
    got = np.asarray(example.comparison.got)
    if got.shape != e.high.shape:
        got = np.broadcast_to(got, e.high.shape)
    return {
        "counterexample": f"{calls}\n{example.comparison.label}, at index {at}",
        "expected": repr(float(e.high[at])),
        "got": repr(float(got[at])),
        "bound": float(np.broadcast_to(e.bound, e.high.shape)[at]),
    }


def _written(step: Step, contracts: Mapping[str, Contract]) -> str:
    """A call as a reader would write it, with arrays in full: shrunk examples are small."""

    def text(value: Any) -> str:
        if isinstance(value, Array):
            return np.array2string(value.values, separator=", ", threshold=40, max_line_width=100, floatmode="unique")
        return repr(value)

    names = contracts[step.call.contract].required
    arguments = [f"{n}={text(a)}" for n, a in zip(names, step.call.arguments, strict=False)]
    arguments += [f"{k}={text(v)}" for k, v in step.call.keywords.items()]
    weights = ", ".join(text(c) for c in step.cotangents)
    prefix = f"gradient with cotangent {weights} of " if step.kind == "gradient" else ""
    note = "" if step.layout == "contiguous" else f"  # {step.layout}"
    return f"{prefix}{step.call.contract}({', '.join(arguments)}){note}"
