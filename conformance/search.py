# SPDX-License-Identifier: BSD-3-Clause
"""The search for a counterexample to a law: Hypothesis draws and shrinks, the verdict is ours.

Two passes. The first looks for a refutation and hunts the worst error/bound ratio; if all it meets is
inaccuracy, a second pass shrinks the smallest case outside the bound. Settings are explicit and
seeded; nothing is stored and nothing is printed.
"""

from __future__ import annotations

import math
import time
import traceback
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, errors, given, settings, target
from hypothesis import seed as with_seed

from .contract import NotApplicable
from .law import Law
from .subject import Misbehaviour, Step, Subject
from .verdict import Comparison, Judgement, Verdict, judge

SHRINK_SECONDS = 2.0  # what a smaller counterexample may cost


class _Found(Exception):
    """A case outside the level that the pass looks for; what Hypothesis shrinks."""


class _Enough(BaseException):
    """Ends a search; not an ``Exception``, so that Hypothesis passes it on instead of shrinking it."""


@dataclass(frozen=True, eq=False)
class Counterexample:
    """One failing case: the calls it made, and what was compared or what went wrong instead.

    ``before`` holds the earlier calls without which the failure does not show.
    """

    verdict: Verdict
    trace: tuple[Step, ...]
    comparison: Comparison | None = None
    judgement: Judgement | None = None
    problem: Misbehaviour | None = None
    before: tuple[Step, ...] = ()


@dataclass(frozen=True, eq=False)
class Finding:
    """The outcome of a search."""

    verdict: Verdict
    worst: float = 0.0
    examples: int = 0
    counterexample: Counterexample | None = None
    reason: str = ""


@dataclass(eq=False)
class _Pass:
    """One run of Hypothesis over a law: the state of the hunt."""

    law: Law
    subject: Subject
    raise_on: tuple[Verdict, ...]
    worst: float = 0.0
    examples: int = 0
    inaccurate: Counterexample | None = None
    found: list[Counterexample] = field(default_factory=list)
    before: tuple[Step, ...] = ()
    give_up_at: float = math.inf

    def examine(self, case: Any) -> None:
        """Judge every comparison of one case; raise ``_Found`` at the first outside the level."""
        if time.monotonic() > self.give_up_at:
            raise _Enough
        self.examples += 1
        self.subject.begin()
        try:
            highest = 0.0
            for comparison in self.law.check(self.subject, case):
                highest = max(highest, self._weigh(comparison))
            if 0 < highest < math.inf:
                target(math.log2(highest), label="error over bound")
        except Misbehaviour as error:
            self._record(Counterexample("refuted", tuple(self.subject.trace), problem=error))

    def _weigh(self, comparison: Comparison) -> float:
        judgement = judge(comparison)
        self.worst = max(self.worst, judgement.ratio)
        if judgement.verdict == "holds":
            return judgement.ratio
        example = Counterexample(judgement.verdict, tuple(self.subject.trace), comparison, judgement)
        if judgement.verdict in self.raise_on:
            self._record(example)
        elif self.inaccurate is None:
            self.inaccurate = example
        return judgement.ratio

    def _record(self, example: Counterexample) -> None:
        if not self.found:
            self.give_up_at = time.monotonic() + SHRINK_SECONDS
            self.before = self.subject.before()
        self.found.append(replace(example, before=self.before) if self.law.stateful else example)
        if self.law.stateful:
            raise _Enough
        raise _Found


def search(
    law: Law, subject: Subject, *, seed: int = 0, max_examples: int | None = None, shrink: bool = True
) -> Finding:
    """Look for a counterexample to the law among ``max_examples`` cases (the law's own number by default)."""
    count = min(max_examples, law.examples) if max_examples else law.examples
    hunt = _Pass(law, subject, raise_on=("refuted",))
    try:
        _drive(hunt, seed, count, shrink)
        if hunt.found:
            return _refuted(hunt)
        if hunt.inaccurate is None:
            return Finding("holds", hunt.worst, hunt.examples)
        if not shrink or law.stateful:
            return Finding("inaccurate", hunt.worst, hunt.examples, hunt.inaccurate)
        smaller = _Pass(law, subject, raise_on=("refuted", "inaccurate"))
        _drive(smaller, seed, count, shrink)
    except NotApplicable as reason:
        return _refuted(hunt) if hunt.found else Finding("not applicable", reason=str(reason))
    example = smaller.found[-1] if smaller.found else hunt.inaccurate
    return Finding(example.verdict, max(hunt.worst, smaller.worst), hunt.examples, example)


def _refuted(hunt: _Pass) -> Finding:
    example = hunt.found[-1]
    return Finding("refuted", hunt.worst if example.comparison else math.inf, hunt.examples, example)


def _drive(hunt: _Pass, seed: int, count: int, shrink: bool) -> None:
    """Run Hypothesis once over the law's cases; what it raises for a failing case is in ``hunt.found``."""
    explore = (Phase.generate, Phase.target)
    configured = settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(*explore, Phase.shrink) if shrink else explore,
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    def attempt(case: Any) -> None:
        hunt.examine(case)

    run = with_seed(zlib.crc32(f"{seed}/{hunt.law.id}/{hunt.subject.dtype}".encode()))(
        configured(given(hunt.law.cases(hunt.subject))(attempt))
    )
    try:
        run()
    except (_Found, _Enough):
        pass
    except errors.Flaky:
        # The same case passed when it was tried again: the code depends on the calls before it.
        hunt.found[:] = [replace(hunt.found[0], before=hunt.before)]


def crash(error: BaseException) -> Finding:
    """A law that itself fails decides nothing; the last line of its traceback says where."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return Finding("undecided", reason=f"the law failed: {type(error).__name__}: {error} ({frame.name}:{frame.lineno})")
