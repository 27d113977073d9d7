# SPDX-License-Identifier: BSD-3-Clause
"""The code under test as a law sees it: functions on one backend, dtype and device, and a trace of their calls.

``run`` and ``gradient`` make a ``Call``, check that the outputs are what the contract promises, and
hand them back as float64 values. Whatever the code does wrong on the way becomes ``Misbehaviour``.
The trace is what a reproduction snippet replays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .backend import Backend, Layout, NumPy
from .call import Array, Call, Generator, Made
from .contract import Contract, NotApplicable, Promise, Reading

HISTORY = 200  # calls remembered for a snippet that must replay what came before


class Misbehaviour(Exception):
    """The code under test raised, or returned something else than its contract promises.

    ``assertion`` is the Python line that shows it in a snippet after the calls of the trace; empty when the
    call itself raises. ``strict`` has the snippet turn warnings into errors.
    """

    def __init__(self, message: str, assertion: str = "", *, strict: bool = False) -> None:
        super().__init__(message)
        self.assertion = assertion
        self.strict = strict


@dataclass(frozen=True, eq=False)
class Output:
    """What a call returned: values (float64 or int64) and dtype of each output, and its name in the trace."""

    values: tuple[npt.NDArray[Any], ...]
    dtypes: tuple[str, ...]
    name: str
    many: bool
    reading: str = ""

    def code(self, index: int = 0) -> str:
        """The NumPy expression for one output in a snippet."""
        if self.reading:
            return f"f64({self.reading.format(self.name)})"
        return f"f64({self.name}[{index}])" if self.many else f"f64({self.name})"


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a trace: ``output = contract(call)`` or the gradient of it with these cotangents."""

    output: str
    call: Call
    layout: Layout = "contiguous"
    kind: Literal["call", "gradient"] = "call"
    wrt: tuple[int, ...] = ()
    cotangents: tuple[Array, ...] = ()
    dtype: str = "float32"
    device: str = "cpu"


@dataclass(eq=False)
class Subject:
    """The functions under test, by contract, with everything a law needs to call them.

    State is the point here: ``trace`` collects the calls of the current example, ``history`` those of
    the whole check.
    """

    functions: Mapping[str, Callable[..., Any]]
    contracts: Mapping[str, Contract]
    readings: Mapping[str, Reading]
    conventions: Mapping[str, str]
    backend: Backend
    dtype: str
    device: str = "cpu"
    history: list[Step] = field(default_factory=list)
    trace: list[Step] = field(default_factory=list)
    calls: int = 0

    def begin(self) -> None:
        """Forget the calls of the example before."""
        self.trace = []

    def before(self) -> tuple[Step, ...]:
        """The calls of the whole check before those of the current example; none if they were too many to keep."""
        earlier = len(self.history) - len(self.trace)
        return tuple(self.history[:earlier]) if len(self.history) < HISTORY else ()

    def accepts(self, contract: str, parameter: str) -> bool:
        """Whether the function lets this parameter vary."""
        return parameter in self.readings[contract].accepted

    def value(self, contract: str, parameter: str, drawn: Any) -> Any:
        """``drawn`` where the function takes the parameter, else the value it is fixed to.

        Raises ``NotApplicable`` when that value cannot be known.
        """
        reading = self.readings[contract]
        if parameter in reading.accepted:
            return drawn
        if parameter in reading.fixed:
            return reading.fixed[parameter]
        raise NotApplicable(
            f"{contract} takes no parameter {parameter!r} and the value it has inside is unknown; "
            f"fix it with functools.partial"
        )

    def call(self, contract: str, *arguments: Any, **keywords: Any) -> Call:
        """A call with the keywords that the function takes; the others are the values it is fixed to."""
        return Call(contract, arguments, {k: v for k, v in keywords.items() if self.accepts(contract, k)})

    def run(self, call: Call, *, layout: Layout = "contiguous") -> Output:
        """Make the call; ``Misbehaviour`` if it raises or breaks its promise."""
        step = self._remember(call, layout=layout)
        return self._checked(call, step.output, self._guarded(call, self.materialize(call, layout)))

    def run_on(self, call: Call, arguments: list[Any]) -> Output:
        """Make the call on arrays that were made before by ``materialize``."""
        step = self._remember(call)
        return self._checked(call, step.output, self._guarded(call, arguments))

    def gradient(self, call: Call, wrt: tuple[int, ...], cotangents: tuple[Array, ...]) -> Output:
        """Gradients of Σ ⟨cotangent, output⟩ with respect to the positional arguments ``wrt``."""
        if not self.backend.differentiates:
            raise NotApplicable(f"{self.backend.name} does not differentiate")
        step = self._remember(call, kind="gradient", wrt=wrt, cotangents=cotangents)
        arguments = self.materialize(call)
        weights = [self.array(c) for c in cotangents]

        def differentiated(*leaves: Any) -> Any:
            for place, leaf in zip(wrt, leaves, strict=True):
                arguments[place] = leaf
            return self._invoke(call, arguments)

        _, gradients = self._protected(
            lambda: self.backend.gradient(differentiated, [arguments[i] for i in wrt], weights)
        )
        promise = tuple(Promise(call.arguments[i].values.shape) for i in wrt)
        return self._promised(gradients, promise, step.output, many=True)

    def array(self, argument: Array) -> Any:
        """The backend array of an argument."""
        return self.backend.array(argument.values, argument.dtype(self.dtype), self.device)

    def materialize(self, call: Call, layout: Layout = "contiguous") -> list[Any]:
        """The positional arguments as the function will get them, freshly made."""
        return [self._argument(a, layout) for a in call.arguments]

    def _argument(self, argument: Any, layout: Layout) -> Any:
        if isinstance(argument, Array):
            made = self.array(argument)
            return made if layout == "contiguous" else self.backend.relayout(made, layout)
        if isinstance(argument, Generator):
            return self.backend.generator(argument.seed, self.device)
        if isinstance(argument, Made):
            return _made(argument)
        return list(argument) if isinstance(argument, list) else argument

    def keywords(self, call: Call) -> dict[str, Any]:
        """The keywords to pass: those of the call and the conventions that the function takes."""
        made = {k: self._argument(v, "contiguous") for k, v in call.keywords.items()}
        return {**{k: v for k, v in self.conventions.items() if self.accepts(call.contract, k)}, **made}

    def _invoke(self, call: Call, arguments: list[Any]) -> Any:
        return self.functions[call.contract](*arguments, **self.keywords(call))

    def _guarded(self, call: Call, arguments: list[Any]) -> Any:
        return self._protected(lambda: self._invoke(call, arguments))

    def _protected(self, action: Callable[[], Any]) -> Any:
        self.calls += 1
        try:
            return action()
        except NotImplementedError as error:
            raise NotApplicable(f"not implemented: {error}") from error
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            raise Misbehaviour(f"raised {type(error).__name__}: {error}") from error

    def _checked(self, call: Call, name: str, output: Any) -> Output:
        promise = self.contracts[call.contract].promise(self, call)
        if len(promise) > 1:
            if not isinstance(output, (tuple, list)) or len(output) != len(promise):
                raise Misbehaviour(
                    f"returned {_described(output)}, promised {len(promise)} outputs",
                    f"assert isinstance({name}, (tuple, list)) and len({name}) == {len(promise)}",
                )
            return self._promised(list(output), promise, name, many=True)
        return self._promised([output], promise, name, many=False)

    def _promised(self, outputs: list[Any], promise: tuple[Promise, ...], name: str, *, many: bool) -> Output:
        checked = [
            self._one(output, wanted, f"{name}[{i}]" if many else name)
            for i, (output, wanted) in enumerate(zip(outputs, promise, strict=True))
        ]
        return Output(tuple(v for v, _ in checked), tuple(d for _, d in checked), name, many, promise[0].reading)

    def _one(self, output: Any, wanted: Promise, code: str) -> tuple[npt.NDArray[Any], str]:
        if wanted.reading:
            read = self._protected(lambda: eval(wanted.reading.format("output"), {"output": output}))
            return np.asarray(_number(read, code)), "float64"
        library = NumPy() if wanted.host and isinstance(output, np.ndarray) else self.backend
        if wanted.shape is None and not library.is_array(output):
            return np.asarray(_number(output, code)), "float64"
        if not library.is_array(output):
            raise Misbehaviour(
                f"returned {_described(output)}, promised a {library.name} array",
                f"assert hasattr({code}, 'shape') and hasattr({code}, 'dtype'), type({code})",
            )
        dtype, shape = library.dtype(output), tuple(int(n) for n in output.shape)
        dtypes = wanted.dtypes or (self.dtype,)
        if wanted.shape is not None and shape != wanted.shape:
            raise Misbehaviour(
                f"returned shape {shape}, promised {wanted.shape}",
                f"assert tuple({code}.shape) == {wanted.shape}, {code}.shape",
            )
        if dtype not in dtypes:
            raise Misbehaviour(
                f"returned dtype {dtype}, promised {' or '.join(dtypes)}",
                f"assert str({code}.dtype).removeprefix('torch.') in {dtypes}, {code}.dtype",
            )
        return self._protected(lambda: library.values(output)), dtype

    def _remember(self, call: Call, **details: Any) -> Step:
        step = Step(f"y{len(self.trace)}", call, dtype=self.dtype, device=self.device, **details)
        self.trace.append(step)
        if len(self.history) < HISTORY:
            self.history.append(step)
        return step


def _made(argument: Made) -> Any:
    try:
        return eval(argument.source, {argument.library: import_module(argument.library)})
    except ModuleNotFoundError as error:
        raise NotApplicable(f"{error.name} is not installed") from error


def _described(value: object) -> str:
    shape = getattr(value, "shape", None)
    return f"{type(value).__name__}" + (f" of shape {tuple(shape)}" if shape is not None else f" {value!r:.60}")


def _number(value: Any, code: str) -> Any:
    if isinstance(value, (bool, int, float, np.generic)):
        return float(value)
    if isinstance(value, (tuple, list)):
        return np.asarray([_number(v, code) for v in value], np.float64)
    raise Misbehaviour(f"returned {_described(value)}, promised a number", f"f64({code})")
