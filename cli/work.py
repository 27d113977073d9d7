# SPDX-License-Identifier: BSD-3-Clause
"""The jobs of ``lemmata verify``: what they compute, what their result depends on, where they run.

A job is a plain record and its outcome is JSON, so that both travel between processes and into the
cache. An undecided outcome is not kept: it may be a matter of time, and is tried again.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

from . import cache, certificates

Outcome = dict[str, Any]
DTYPES: Mapping[str, tuple[str, ...]] = {
    "numpy": ("float32", "float64"),
    "torch": ("float32", "float64", "bfloat16", "float16"),
}
_MATHEMATICS = ("sympy", "mpmath", "python-flint", "z3-solver")
_NUMERICS = ("numpy", "scipy", "torch", "array-api-compat", "numba", "hypothesis")


@dataclass(frozen=True)
class Proof:
    """Prove a claim; with ``mutants``, show as well that its proof rejects false variants of it."""

    id: str
    fingerprint: str
    mutants: bool

    @property
    def title(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return cache.key(
            ("proof 1", self.id, self.fingerprint, self.mutants),
            cache.sources("theory", "proofs"),
            cache.versions(*_MATHEMATICS),
        )

    def run(self) -> Outcome:
        from ..proofs.verify import verify
        from ..theory import claim

        result = verify(claim(self.id))
        outcome: Outcome = {
            "verdict": result.verdict,
            "parts": [{"name": p.name, "verdict": p.verdict, "reason": p.reason} for p in result.parts],
            "rules": sorted(result.rules),
            "axioms": sorted(result.axioms),
            "mutants": None,
        }
        if self.mutants and result.verdict == "proved":
            from ..proofs.mutants import mutants_report

            report = mutants_report(result.claim)
            outcome["mutants"] = {
                "killed": report.killed,
                "total": report.total,
                "survivors": list(report.survivors),
                "not_load_bearing": list(report.not_load_bearing),
                "no_model": list(report.no_model),
            }
        return outcome

    def undecided(self, reason: str) -> Outcome:
        part = {"name": "", "verdict": "undecided", "reason": reason}
        return {"verdict": "undecided", "parts": [part], "rules": [], "axioms": [], "mutants": None}


@dataclass(frozen=True)
class Laws:
    """Hold our own implementation of a topic to its laws, on one backend, dtype, device and choice of conventions.

    ``examples`` caps the cases a law. ``claims`` restricts the laws to those of these claims; empty stands
    for all, the general ones included.
    """

    topic: str
    backend: str
    dtype: str
    device: str
    conventions: tuple[tuple[str, str], ...]
    examples: int
    claims: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"laws of {self.topic} on {' '.join((self.backend, self.dtype, *(v for _, v in self.conventions)))}" + (
            f" {self.device}" if self.device != "cpu" else ""
        )

    @property
    def key(self) -> str:
        return cache.key(
            ("laws 1", self.topic, self.backend, self.dtype, self.device, self.conventions, self.claims, self.examples),
            cache.sources("theory", "conformance", "impl"),
            cache.versions(*_MATHEMATICS, *_NUMERICS),
        )

    def run(self) -> Outcome:
        from ..conformance.check import plan, run

        tasks = plan(
            self.topic,
            backend=self.backend,
            dtypes=(self.dtype,),
            devices=(self.device,),
            **implementations(self.topic),
            **dict(self.conventions),
        )
        results: list[Outcome] = []
        for task in tasks:
            if self.claims and not set(self.claims) & set(task.law.claims):
                continue
            result, _ = run(task, max_examples=self.examples)
            results.append(
                {
                    "claims": list(task.law.claims),
                    "law": f"{result.contract}.{result.law}",
                    "verdict": result.verdict,
                    "worst": result.worst,
                    "examples": result.examples,
                    "reason": result.reason,
                    "detail": result.detail() if result.failed else "",
                }
            )
        return {"verdict": _worst([r["verdict"] for r in results]), "results": results}

    def undecided(self, reason: str) -> Outcome:
        result = {"claims": list(self.claims), "law": "*", "verdict": "undecided", "worst": None, "examples": 0}
        return {"verdict": "undecided", "results": [{**result, "reason": reason, "detail": f"{self.title}: {reason}"}]}


@dataclass(frozen=True)
class Certificates:
    """See whether the certificates of a topic still speak of its sources."""

    topic: str

    @property
    def title(self) -> str:
        return f"certificates of {self.topic}"

    @property
    def key(self) -> str:
        kept = [(p.name, p.read_text("utf-8")) for p in sorted(certificates.FOLDER.rglob("*.json"))]
        return cache.key("certificates 1", kept, cache.sources("theory"), cache.module_sources(f"impl.{self.topic}"))

    def run(self) -> Outcome:
        stale = certificates.stale()
        count = len(certificates.load_all())
        return {"verdict": "undecided" if stale else "holds", "count": count, "stale": stale, "reason": ""}

    def undecided(self, reason: str) -> Outcome:
        return {"verdict": "undecided", "count": 0, "stale": [], "reason": reason}


Job = Proof | Laws | Certificates


class Work(Protocol):
    """What can be run elsewhere: a record that travels, with an outcome of JSON values."""

    def run(self) -> Outcome: ...
    def undecided(self, reason: str) -> Outcome: ...


W = TypeVar("W", bound=Work)


def _worst(verdicts: Sequence[str]) -> str:
    order = ("not applicable", "holds", "inaccurate", "undecided", "refuted")
    return max(verdicts, key=order.index, default="not applicable")


def implementations(topic: str) -> dict[str, Any]:
    """Our own function for every contract of a topic that has one."""
    from ..conformance.check import topic_module

    ours = import_module(f"..impl.{topic}", __package__)
    names = (c.name for c in topic_module(topic).CONTRACTS)
    return {name: getattr(ours, name) for name in names if hasattr(ours, name)}


def installed(backend: str) -> bool:
    return find_spec(backend) is not None


def law_jobs(topic: str, claims: tuple[str, ...], devices: Sequence[str], examples: int) -> Iterator[Laws]:
    """The law jobs of a topic on every backend that is installed.

    Every choice of conventions is checked in the first dtype, and every dtype under the first choice. A topic
    without arrays is checked once.
    """
    from ..conformance.check import topic_module

    module = topic_module(topic)
    choices = list(itertools.product(*([(name, v) for v in values] for name, values in module.CONVENTIONS.items())))
    arrays = any(c.per_dtype for c in module.CONTRACTS)
    for backend, dtypes in DTYPES.items():
        if not installed(backend):
            continue
        for device in devices if backend == "torch" else ("cpu",):
            yield from (Laws(topic, backend, dtypes[0], device, c, examples, claims) for c in choices)
            if arrays:
                yield from (Laws(topic, backend, d, device, choices[0], examples, claims) for d in dtypes[1:])
        if not arrays:  # plain numbers in and out: one backend is all
            return


def execute(job: Work) -> tuple[Outcome, float]:
    """Run a job; whatever goes wrong is an undecided outcome, never a pass."""
    start = time.perf_counter()
    try:
        outcome = job.run()
    except Exception as error:  # the job's own fault, reported as such
        outcome = job.undecided(f"{type(error).__name__}: {error}")
    return outcome, time.perf_counter() - start


def stored(job: Job) -> Outcome | None:
    """The outcome of an earlier run under the same sources and versions."""
    outcome: Outcome | None = cache.load("verify", job.key)
    return outcome


def keep(job: Job, outcome: Outcome) -> None:
    """Store an outcome, unless it is undecided."""
    if outcome["verdict"] != "undecided":
        cache.store("verify", job.key, outcome)


def spread(jobs: Sequence[W], workers: int) -> Iterator[tuple[W, Outcome, float]]:
    """Run jobs in this process or in several, and yield outcomes as they come.

    Inside ``joblib.parallel_config`` a caller's own backend, such as Dask, is used. If a process dies, the
    jobs without an outcome are undecided.
    """
    if min(workers, len(jobs)) <= 1:
        for job in jobs:
            yield job, *execute(job)
        return
    from joblib import Parallel, delayed

    missing = dict.fromkeys(jobs)
    try:
        pool = Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="all", batch_size=1)
        for job, outcome, seconds in pool(delayed(_named)(job) for job in jobs):
            del missing[job]
            yield job, outcome, seconds
    except Exception as error:  # joblib's, when a worker was killed; ours are caught in the worker
        for job in missing:
            yield job, job.undecided(f"a worker process died: {error}"), math.nan


def _named(job: W) -> tuple[W, Outcome, float]:
    return job, *execute(job)
