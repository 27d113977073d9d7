# SPDX-License-Identifier: BSD-3-Clause
"""What a check has to say: one result a law, as text, as JSON, or as an exception."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from .verdict import Verdict, worst_of


class ConformanceError(AssertionError):
    """A report whose verdict is not good enough; its text is the report."""


@dataclass(frozen=True)
class Result:
    """The outcome of one law on one dtype and device.

    ``worst`` is the largest error/bound ratio seen (at most 1 where the law holds), ``bound`` the bound
    where the counterexample was compared. ``counterexample``, ``expected`` and ``got`` are text; ``snippet``
    is a Python file. ``reason`` says why a law was not applicable or stayed undecided.
    """

    claim: str
    law: str
    verdict: Verdict
    contract: str
    dtype: str
    device: str
    statement: str = ""
    derivation: str = ""
    worst: float | None = None
    bound: float | None = None
    examples: int = 0
    counterexample: str = ""
    expected: str = ""
    got: str = ""
    snippet: str = ""
    reason: str = ""

    @property
    def title(self) -> str:
        """``rope.block-rotation [rotate.near, float32, cpu]``"""
        return f"{self.claim} [{self.contract}.{self.law}, {self.dtype}, {self.device}]"

    @property
    def failed(self) -> bool:
        return self.verdict in ("refuted", "inaccurate", "undecided")

    def line(self) -> str:
        """One line: verdict, what was tested, worst ratio or reason."""
        ratio = "" if self.worst is None else f"  worst error/bound {_short(self.worst)}"
        return f"{self.verdict:<14} {self.title}{ratio}" + (f"  ({self.reason})" if self.reason else "")

    def detail(self) -> str:
        """The failure in full: statement, counterexample, expected, got, bound, snippet."""
        parts = [self.line(), f"  {self.statement}"]
        for name in ("counterexample", "expected", "got"):
            text = getattr(self, name)
            if text:
                parts.append(f"  {name}: " + text.replace("\n", "\n    "))
        if self.derivation and self.worst is not None and self.counterexample:
            parts.append("  bound: " + self.derivation.replace("\n", "\n    "))
        if self.snippet:
            parts.append("  reproduce:\n" + "\n".join("    " + line for line in self.snippet.splitlines()))
        return "\n".join(parts)


@dataclass(frozen=True)
class Report:
    """All results of one check, in the order in which the laws ran."""

    topic: str
    seed: int
    results: tuple[Result, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst over the laws that applied; ``undecided`` when none did."""
        return worst_of([r.verdict for r in self.results])

    @property
    def failures(self) -> tuple[Result, ...]:
        """The results outside their bounds, the one with the shortest reproduction first."""
        return tuple(sorted((r for r in self.results if r.failed), key=lambda r: len(r.snippet)))

    def count(self, verdict: Verdict) -> int:
        return sum(r.verdict == verdict for r in self.results)

    def raise_for_verdict(self, *, allow_inaccurate: bool = False) -> None:
        """``ConformanceError`` unless every law that applied holds."""
        if self.verdict != "holds" and not (allow_inaccurate and self.verdict == "inaccurate"):
            raise ConformanceError(str(self))

    def to_json(self) -> str:
        """The whole report as JSON; an infinite ratio is the string ``"inf"``."""
        results = [{k: _jsonable(v) for k, v in asdict(r).items()} for r in self.results]
        return json.dumps(
            {"topic": self.topic, "verdict": self.verdict, "seed": self.seed, "results": results}, indent=2
        )

    def summary(self) -> str:
        """``rope: refuted (3 refuted, 9 hold, 2 not applicable)``"""
        counts = [
            f"{self.count(v)} {'hold' if v == 'holds' and self.count(v) != 1 else v}"
            for v in ("refuted", "undecided", "inaccurate", "holds", "not applicable")
            if self.count(v)
        ]
        return f"{self.topic}: {self.verdict} ({', '.join(counts) or 'no laws'}; seed {self.seed})"

    def __str__(self) -> str:
        failures = "".join(f"\n\n{r.detail()}" for r in self.failures)
        return "\n".join([r.line() for r in self.results] + [self.summary()]) + failures


def _short(ratio: float) -> str:
    return f"{ratio:.3g}" if math.isfinite(ratio) else "inf"


def _jsonable(value: Any) -> Any:
    return "inf" if isinstance(value, float) and not math.isfinite(value) else value
