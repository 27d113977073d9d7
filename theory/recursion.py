# SPDX-License-Identifier: BSD-3-Clause
"""Evaluation of recursive definitions by matching their equations. Part of the trusted base.

Every equation of a definition is true, so any equation that matches gives the value. The first one is
taken, and none is passed over unless it certainly does not match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flint import arb, ctx, fmpq
from sympy import Expr

from . import balls
from .balls import Undecided, Undefined, Unsupported, Value
from .claim import Case, Definition
from .evaluate import Compiler, Family, Frame
from .functions import demands, violated

_STEP = 16  # the depth to which a recursion runs before its value is remembered


class Definitions:
    """Recursive definitions, evaluated by matching their cases, with a memo for one precision."""

    def __init__(self, definitions: Sequence[Definition], families: Mapping[str, Family]) -> None:
        self._by_name = {d.name: d for d in definitions}
        if len(self._by_name) != len(definitions):
            raise ValueError("two definitions have one name")
        self._families = families
        self._cases: dict[tuple[str, bool], list[_CompiledCase]] = {}
        self._memo: dict[object, Value] = {}
        self._precision = ctx.prec

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def value(self, name: str, arguments: tuple[Value, ...], complex_values: bool) -> Value:
        if self._precision != ctx.prec:
            self._memo.clear()
            self._precision = ctx.prec
        if not all(isinstance(a, fmpq) for a in arguments):
            return self._match(name, arguments, complex_values)
        key = (name, complex_values, *arguments)
        known = self._memo.get(key)
        if known is None:
            self._warm(name, arguments, complex_values)
            known = self._memo[key] = self._match(name, arguments, complex_values)
        return known

    def _warm(self, name: str, arguments: tuple[Value, ...], complex_values: bool) -> None:
        """Fills the memo from below, so that a deep recursion needs no deep stack."""
        n, *rest = arguments
        if not (isinstance(n, fmpq) and n.q == 1 and n > _STEP):
            return
        if (name, complex_values, n - _STEP, *rest) in self._memo:
            return
        for k in range(_STEP, int(n.p), _STEP):
            try:
                self.value(name, (fmpq(k), *rest), complex_values)
            except (Undefined, RecursionError):
                return

    def _match(self, name: str, arguments: tuple[Value, ...], complex_values: bool) -> Value:
        if (name, complex_values) not in self._cases:
            definition = self._by_name[name]
            self._cases[name, complex_values] = [
                _CompiledCase(definition, case, self, self._families, complex_values) for case in definition.cases
            ]
        for case in self._cases[name, complex_values]:
            frame = case.match(arguments)
            if frame is not None:
                return case.body(frame)
        raise Undefined(f"no case of the definition {name} matches {arguments}")


class _CompiledCase:
    """One equation; its parameters are the slots 0, 1, … of its own frame."""

    def __init__(
        self, definition: Definition, case: Case, all_: Definitions, families: Mapping[str, Family], cplx: bool
    ) -> None:
        self.name = definition.name
        self.parameters = definition.parameters
        self.slots = {p: i for i, p in enumerate(definition.parameters)}
        self.demands = [demands(p) for p in definition.parameters]
        self.pattern = [self._pattern(p) for p in case.pattern]
        compiler = Compiler(self.slots, families, all_, cplx)
        self.body = compiler.compile(case.body)
        self.tests = [compiler.test(c) for c in case.conditions]
        self.width = compiler.width

    def _pattern(self, pattern: Expr) -> tuple[int | None, fmpq]:
        """(slot, c) for a parameter plus the constant c; (None, c) for the constant."""
        constant, rest = pattern.as_coeff_Add()
        if constant.is_Rational and (rest == 0 or rest in self.slots):
            return (self.slots.get(rest), fmpq(int(constant.p), int(constant.q)))
        raise Unsupported(f"the pattern {pattern} of {self.name} is not a number, n or n plus a number")

    def match(self, arguments: tuple[Value, ...]) -> Frame | None:
        if len(arguments) != len(self.pattern):
            raise ValueError(f"{self.name} takes {len(self.pattern)} arguments, got {len(arguments)}")
        frame: Frame = [None] * self.width
        for argument, (slot, constant) in zip(arguments, self.pattern, strict=True):
            if slot is None:
                if not _certain(balls.compare(argument, "==", constant), self.name):
                    return None
                continue
            value = balls.add(argument, -constant)
            if violated(value, self.demands[slot]):
                if isinstance(value, arb):
                    raise Undecided(f"an argument of {self.name} is not certainly in its domain: {value}")
                return None
            if frame[slot] is not None and not _certain(balls.compare(frame[slot], "==", value), self.name):
                return None
            frame[slot] = value
        return frame if all(_certain(test(frame), self.name) for test in self.tests) else None


def _certain(verdict: bool | None, name: str) -> bool:
    if verdict is None:
        raise Undecided(f"a case of the definition {name} is not certain at this precision")
    return verdict
