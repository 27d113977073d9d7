# SPDX-License-Identifier: BSD-3-Clause
"""What is certified, and the record that is kept of it."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from sympy import Expr, Symbol, srepr

from ..theory import oracle
from ..theory.activations_terms import ELEMENTWISE, Elementwise, x
from . import exhaustive
from .backend import backend
from .exhaustive import Function, Reference, Tally
from .floats import Floats
from .target import load

FUNCTIONS: Mapping[str, Elementwise] = {e.name: e for e in ELEMENTWISE}


@dataclass(frozen=True)
class Question:
    """How far off is this function, or its gradient, in this format?

    ``function`` names the activation that ``target`` (``package.module:function``) is held against;
    ``keywords`` are passed to it, and those that are parameters of the activation are those of the truth too.
    """

    function: str
    target: str
    keywords: tuple[tuple[str, Any], ...] = ()
    dtype: str = "float32"
    backend: str = "torch"
    device: str = "cpu"
    gradient: bool = False

    @property
    def title(self) -> str:
        with_keywords = "".join(f", {name}={value}" for name, value in self.keywords)
        return f"{self.target}{with_keywords}{' (gradient)' if self.gradient else ''} {self.dtype}"

    def reference(self) -> Reference:
        """The truth; ``LookupError`` for an unknown activation, ``ValueError`` for a parameter out of range."""
        if self.function not in FUNCTIONS:
            raise LookupError(f"no activation {self.function!r}; there are {', '.join(FUNCTIONS)}")
        row = FUNCTIONS[self.function]
        given = dict(self.keywords)
        # The number that a caller gets by writing 0.01 is a float, and the truth is that of this float.
        values = {p: Fraction(float(given.get(p.name, default))) for p, default in row.defaults}
        for condition in row.requires:
            if not oracle.decide(condition, {s: v for s, v in values.items() if s in condition.free_symbols}):
                raise ValueError(f"{self.function}: the parameters must satisfy {condition}")
        limits = row.slope_at_infinity if self.gradient else row.at_infinity
        low, high = (_limit(limit, values) for limit in limits)
        return Reference(row.derivative if self.gradient else row.expression, x, values, (low, high))

    def subject(self) -> Function:
        """The function, or its gradient, from float64 to float64 arrays that hold values of the dtype."""
        library, target, keywords = backend(self.backend), load(self.target), dict(self.keywords)
        if why := library.unsupported(self.dtype, self.device):
            raise ValueError(why)
        if self.gradient and not library.differentiates:
            raise ValueError(f"{self.backend} does not differentiate")

        def function(array: Any) -> Any:
            return target(array, **keywords)

        def value(at: Floats) -> Floats:
            output = function(library.array(at, self.dtype, self.device))
            if library.dtype(output) != self.dtype:
                raise ValueError(f"{self.target} returns {library.dtype(output)} for {self.dtype}")
            values: Floats = library.values(output)
            return values

        def gradient(at: Floats) -> Floats:
            array = library.array(at, self.dtype, self.device)
            ones = library.array(np.ones_like(at), self.dtype, self.device)
            slope: Floats = library.values(library.gradient(function, [array], [ones])[1][0])
            return slope

        return gradient if self.gradient else value

    def try_out(self) -> None:
        """Call the function once, so that what cannot be examined is said at once; raises whatever it raises."""
        self.subject()(np.zeros(2))


def _limit(limit: Expr | None, values: Mapping[Symbol, object]) -> float | None:
    if limit is None:
        return None
    exact = oracle.enclose(limit, values, dtype="float64")
    return float(exact.rounded())


_WARM_UP = 1 << 21


@cache
def prepared(question: Question) -> tuple[Function, Reference]:
    """The function and the truth, made once a process.

    A function may compile itself when it has seen enough numbers, as ours do: one large call comes first, so
    that all inputs are examined in one way.
    """
    function = question.subject()
    function(np.ones(_WARM_UP))
    return function, question.reference()


@dataclass(frozen=True)
class Stretch:
    """A part of a question's inputs, small enough for one job: finite ones of one sign, or with sign 0 the others."""

    question: Question
    sign: int
    start: int
    stop: int

    def tally(self) -> Tally:
        function, reference = prepared(self.question)
        if not self.sign:
            return exhaustive.examine_specials(function, reference, self.question.dtype)
        return exhaustive.examine(function, reference, self.question.dtype, self.sign, self.start, self.stop)


def stretches(question: Question, size: int = 1 << 24) -> list[Stretch]:
    """All inputs of the question's dtype, float64 apart, of which there are too many.

    Raises ``ValueError`` for float64.
    """
    if question.dtype == "float64":
        raise ValueError("float64 has 2⁶⁴ inputs: certify float16, bfloat16 or float32")
    specials = Stretch(question, 0, 0, 0)
    return [specials, *(Stretch(question, *chunk) for chunk in exhaustive.chunks(question.dtype, size))]


def reference_fingerprint(question: Question) -> str:
    """Of the truth: the expression and its parameters."""
    reference = question.reference()
    values = {s.name: str(v) for s, v in reference.values.items()}
    text = json.dumps([srepr(reference.expression), values, reference.at_infinity], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Certificate:
    """The answer: over ``inputs`` inputs, everything that the format has.

    ``worst_ulp`` is a proved upper bound for finite inputs; ``worst_input`` is the hexadecimal float where it
    is; ``not_nearest`` counts outputs that are not the nearest float; ``wrong_at`` lists -inf, inf, nan where
    the output is not the limit, or not NaN. ``source`` is the fingerprint of the code that was run where it is
    ours, ``reference`` that of the truth.
    """

    function: str
    target: str
    keywords: Mapping[str, Any]
    what: str
    dtype: str
    backend: str
    device: str
    inputs: int
    worst_ulp: float
    worst_input: str
    not_nearest: int
    wrong_at: tuple[str, ...]
    by_oracle: int
    reference: str
    source: str
    versions: tuple[str, ...]
    machine: str

    def to_json(self) -> str:
        """Readable JSON; an infinite error is the string "inf"."""
        record = asdict(self)
        record["worst_ulp"] = self.worst_ulp if math.isfinite(self.worst_ulp) else "inf"
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str) -> Certificate:
        record = json.loads(text)
        for name in ("wrong_at", "versions"):
            record[name] = tuple(record[name])
        return Certificate(**{**record, "worst_ulp": float(record["worst_ulp"])})

    @property
    def question(self) -> Question:
        return Question(
            self.function,
            self.target,
            tuple(self.keywords.items()),
            self.dtype,
            self.backend,
            self.device,
            self.what == "gradient",
        )


def certificate(question: Question, tally: Tally, source: str, versions: tuple[str, ...]) -> Certificate:
    """The record of a tally over all inputs; ``ValueError`` if it is not over all."""
    wanted = 1 << (32 if question.dtype == "float32" else 16)
    if tally.count != wanted:
        raise ValueError(f"{tally.count} of {wanted} inputs were examined")
    return Certificate(
        question.function,
        question.target,
        dict(question.keywords),
        "gradient" if question.gradient else "value",
        question.dtype,
        question.backend,
        question.device,
        tally.count,
        tally.worst,
        tally.worst_input.hex(),
        tally.not_nearest,
        tally.wrong_at,
        tally.by_oracle,
        reference_fingerprint(question),
        source,
        versions,
        f"{platform.machine()} {platform.system()}",
    )
