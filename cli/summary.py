# SPDX-License-Identifier: BSD-3-Clause
"""What a verification came to: a table, the failures in full, one line, and the exit code."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .index import Entry
from .terminal import say, table
from .work import Certificates, Job, Laws, Outcome, Proof, installed

_BRINGING_INTO_PLACE = {"assumption", "calc", "symm", "refl"}


@dataclass(frozen=True, eq=False)
class Summary:
    """The outcomes of all jobs, judged claim by claim.

    ``named`` are the names that the user gave, ``from_cache`` counts the outcomes that were stored.
    """

    entries: Sequence[Entry]
    outcomes: Mapping[Job, Outcome]
    named: frozenset[str]
    from_cache: int

    @property
    def exit_code(self) -> int:
        """0 all is well, 1 something is false, 3 something is undecided."""
        verdicts = [r["verdict"] for r in self.law_results()]
        false = any(self.proof(e)["verdict"] == "refuted" or _accepted(self.proof(e)) for e in self.entries)
        if false or "refuted" in verdicts or "inaccurate" in verdicts:
            return 1
        loose = any(self.proof(e)["verdict"] == "undecided" or (e.open and e.id in self.named) for e in self.entries)
        unmatched = any(o["verdict"] == "undecided" for o in self.certificates())
        return 3 if loose or unmatched or "undecided" in verdicts else 0

    def certificates(self) -> list[Outcome]:
        return [o for j, o in self.outcomes.items() if isinstance(j, Certificates)]

    def proof(self, entry: Entry) -> Outcome:
        return next(o for j, o in self.outcomes.items() if isinstance(j, Proof) and j.id == entry.id)

    def law_results(self, id: str | None = None) -> list[dict[str, Any]]:
        """Results of all laws, or of those of one claim, with where they ran."""
        return [
            {**result, "where": job.title}
            for job, outcome in self.outcomes.items()
            if isinstance(job, Laws)
            for result in outcome["results"]
            if id is None or id in result["claims"]
        ]

    def write(self, seconds: float, *, as_json: bool) -> None:
        if as_json:
            print(json.dumps(self.record(seconds), indent=2))
            return
        say()
        table(("claim", "verdict", "mutants", "laws", "rules"), [self._row(e) for e in self.entries])
        self._failures()
        self._remarks()
        colour = {0: "bold green", 1: "bold red", 3: "bold magenta"}[self.exit_code]
        say(f"\n{self._line()} ({seconds:.1f} s, {self.from_cache} of {len(self.outcomes)} from the cache)", colour)

    def record(self, seconds: float) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "exit_code": self.exit_code,
            "seconds": round(seconds, 3),
            "from_cache": self.from_cache,
            "jobs": len(self.outcomes),
            "claims": [
                {"id": e.id, "fingerprint": e.fingerprint, "open": e.open, **self.proof(e)} for e in self.entries
            ],
            "certificates": self.certificates(),
            "laws": [{**r, "worst": _finite(r["worst"])} for r in self.law_results()],
        }

    def _row(self, entry: Entry) -> tuple[str, ...]:
        proof = self.proof(entry)
        rules = [r for r in proof["rules"] if r not in _BRINGING_INTO_PLACE]
        quoted = [a for a in proof["axioms"] if a.startswith("quoted")]
        return entry.id, proof["verdict"], _mutants(proof), self._laws(entry), ", ".join(rules + quoted)

    def _laws(self, entry: Entry) -> str:
        if not any(isinstance(j, Laws) for j in self.outcomes):
            return "-"
        results = self.law_results(entry.id)
        applied = [r for r in results if r["verdict"] != "not applicable"]
        if not applied:
            return "not applicable" if results else "none"
        for verdict in ("refuted", "undecided", "inaccurate"):
            bad = [r for r in applied if r["verdict"] == verdict]
            if bad:
                return f"{verdict} {bad[0]['law']}"
        return f"{len(applied)} hold, {max((r['worst'] or 0.0) for r in applied):.2f}"

    def _failures(self) -> None:
        for entry in self.entries:
            proof = self.proof(entry)
            if entry.open:
                say(f"\nopen: {entry.id}: {entry.open}", "yellow")
                continue
            for part in proof["parts"]:
                if part["verdict"] != "proved":
                    say(f"\n{part['verdict']}: {entry.id} [{part['name']}]: {part['reason']}", "red")
            for survivor in (proof["mutants"] or {}).get("survivors", ()):
                say(f"\nthe proof of {entry.id} accepts a false variant: {survivor}", "red")
            for name in (proof["mutants"] or {}).get("no_model", ()):
                say(f"\nno values were found that satisfy the hypotheses of {entry.id} [{name}]", "red")
        for result in self.law_results():
            if result["verdict"] in ("refuted", "inaccurate", "undecided"):
                say(f"\n{result['where']}\n{result['detail']}", "red")

    def _remarks(self) -> None:
        for outcome in self.certificates():
            for name, why in outcome["stale"]:
                say(
                    f"\ncertificate {name} no longer matches: {why}; make it anew with lemmata certify --save",
                    "magenta",
                )
            if outcome["reason"]:
                say(f"\nthe certificates could not be compared with the sources: {outcome['reason']}", "magenta")
        idle = [(e.id, h) for e in self.entries for h in (self.proof(e)["mutants"] or {}).get("not_load_bearing", ())]
        if idle:
            say("\nhypotheses that the proofs do not need:")
            for id, hypothesis in idle:
                say(f"  {id}: {hypothesis}")
        if any(isinstance(j, Laws) for j in self.outcomes) and not installed("torch"):
            say("\nPyTorch is not installed: the laws were checked on NumPy only")

    def _line(self) -> str:
        proofs = [self.proof(e) for e in self.entries]
        counts = {v: sum(p["verdict"] == v for p in proofs) for v in ("proved", "open", "undecided", "refuted")}
        parts = [f"{len(proofs)} claims: " + ", ".join(f"{n} {v}" for v, n in counts.items() if n)]
        mutants = [p["mutants"] for p in proofs if p["mutants"]]
        if mutants:
            parts.append(f"{sum(m['killed'] for m in mutants)} of {sum(m['total'] for m in mutants)} mutants rejected")
        laws = [r for r in self.law_results() if r["verdict"] != "not applicable"]
        if laws:
            worst = max((r["worst"] or 0.0) for r in laws)
            holding = sum(r["verdict"] == "holds" for r in laws)
            parts.append(f"{holding} of {len(laws)} law checks hold, worst error/bound {worst:.2f}")
        for outcome in self.certificates():
            parts.append(f"{outcome['count'] - len(outcome['stale'])} of {outcome['count']} certificates match")
        return "; ".join(parts)


def _accepted(proof: Outcome) -> bool:
    """Whether the proof accepted a false variant, or its hypotheses are never met."""
    mutants = proof["mutants"]
    return bool(mutants and (mutants["survivors"] or mutants["no_model"]))


def _mutants(proof: Outcome) -> str:
    mutants = proof["mutants"]
    if not mutants:
        return "-"
    fault = "survivors " if mutants["survivors"] else "no model " if mutants["no_model"] else ""
    return f"{fault}{mutants['killed']}/{mutants['total']}"


def _finite(ratio: float | None) -> float | str | None:
    return "inf" if ratio is not None and not math.isfinite(ratio) else ratio
