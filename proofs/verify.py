# SPDX-License-Identifier: BSD-3-Clause
"""Runs the proof of a claim and judges the theorem that comes out.

A claim is *proved* when every sequent of its statement is the conclusion of a theorem whose hypotheses
are among its own, and every refutation has passed the rule ``witness``. A proof that crashes, proves
something else or needs more hypotheses leaves the claim *undecided*, with the reason. A sequent with an
exact counterexample is *refuted*. Nothing but *proved* counts as success.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal

from .. import theory
from ..theory.claim import Claim, ForAll, Hypothesis, Refutation, Sequent
from . import kernel
from .definitions import mentioned, require_together
from .kernel import Refuted, Theorem
from .terms import Undecided, free, free_in, same

Verdict = Literal["proved", "refuted", "undecided", "open"]
Proof = Callable[[Sequent], Theorem]


@dataclass(frozen=True)
class Part:
    """What became of one sequent or refutation of a claim."""

    name: str
    verdict: Verdict
    result: Theorem | Refuted | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verification:
    """What became of a claim, with the rules and axioms it rests on."""

    claim: Claim
    parts: tuple[Part, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        if self.claim.open:
            return "open"
        for bad in ("refuted", "undecided"):
            if any(p.verdict == bad for p in self.parts):
                return bad
        return "proved"

    @property
    def rules(self) -> frozenset[str]:
        return frozenset().union(
            *(p.result.rules() if isinstance(p.result, Theorem) else {"witness"} for p in self.parts if p.result)
        )

    @property
    def axioms(self) -> frozenset[str]:
        return frozenset().union(
            *(p.result.rests_on() if isinstance(p.result, Theorem) else p.result.axioms for p in self.parts if p.result)
        )


def proofs(topic: str) -> Mapping[str, Proof]:
    """The proofs of a topic: "claim-id/part" (or "claim-id" for a claim with one part) → function."""
    table: Mapping[str, Proof] = import_module(f"{__package__}.{topic}").PROOFS
    return table


def proof_of(claim: Claim, part: str) -> Proof:
    table = proofs(claim.topic)
    for key in (f"{claim.id}/{part}", claim.id):
        if key in table:
            return table[key]
    raise Undecided(f"no proof for {claim.id}/{part}")


def verify(claim: Claim) -> Verification:
    """Run every proof of a claim; never raises."""
    start = time.perf_counter()
    sequents = {s.name: s for s in claim.sequents()}
    parts = tuple(
        _refute(claim, p) if isinstance(p, Refutation) else _prove(claim, sequents[p.name]) for p in claim.statement
    )
    if not parts:
        parts = (Part("", "undecided", reason="the claim states nothing"),)
    return Verification(claim, parts, time.perf_counter() - start)


def _refute(claim: Claim, refutation: Refutation) -> Part:
    try:
        return Part(refutation.name, "proved", kernel.witness(refutation, claim.definitions))
    except Exception as error:  # a proof may fail in any way, and then it has not succeeded
        return Part(refutation.name, "undecided", reason=_why(error))


def _prove(claim: Claim, goal: Sequent) -> Part:
    if same(*goal.relation.args):
        return Part(goal.name, "undecided", reason="both sides are the same term: the statement says nothing")
    try:
        return Part(goal.name, "proved", prove(claim, goal))
    except Exception as error:  # as above
        witness = _counterexample(claim, goal)
        if witness:
            return Part(goal.name, "refuted", reason=f"false at {witness}")
        return Part(goal.name, "undecided", reason=_why(error))


def _counterexample(claim: Claim, goal: Sequent) -> str:
    """Exact values at which a sequent without a proof is false, if small ones are found; families by name."""
    from .mutants import refute  # which runs proofs by this module

    point = refute(goal, claim)
    if point is None:
        return ""
    return ", ".join(f"{k} = {'a family' if callable(v) else v}" for k, v in point.items()) or "every point"


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, Undecided) else f"{type(error).__name__}: {error}"


def prove(claim: Claim, goal: Sequent) -> Theorem:
    """The theorem for one goal, by the claim's own proof; ``Undecided`` unless it is exactly the goal."""
    theorem = proof_of(claim, goal.name)(goal)
    if not isinstance(theorem, Theorem):
        raise Undecided("the proof did not return a theorem")
    if not same(theorem.relation, goal.relation):
        theorem = kernel.symm(theorem)
    if not same(theorem.relation, goal.relation):
        raise Undecided(f"the proof proves {theorem.relation}")
    for hypothesis in theorem.hypotheses:
        if not any(_matches(hypothesis, h) for h in goal.hypotheses):
            raise Undecided(f"the proof assumes {hypothesis}")
    used = set(cited(theorem))
    if not used <= set(claim.uses):
        raise Undecided(f"the proof cites {', '.join(sorted(used - set(claim.uses)))}, which the claim does not name")
    _require_own_definitions(claim, goal, theorem)
    return theorem


def _require_own_definitions(claim: Claim, goal: Sequent, theorem: Theorem) -> None:
    """A function of the statement is the one that the claim defines; a proof may define others for itself."""
    spoken = free(goal.relation).union(*(free_in(h) for h in goal.hypotheses), *map(mentioned, claim.definitions))
    for definition in theorem.definitions - set(claim.definitions):
        if any(getattr(e, "__name__", None) == definition.name for e in spoken):
            raise Undecided(f"the proof defines {definition.name}, which the statement leaves open")
    require_together({*claim.definitions, *theorem.definitions})


def _matches(a: Hypothesis, b: Hypothesis) -> bool:
    if isinstance(a, ForAll) or isinstance(b, ForAll):
        return a == b
    return same(a, b) or same(a, b.reversed)


def cited(theorem: Theorem) -> frozenset[str]:
    """Ids of the claims that a theorem cites directly."""
    if theorem.rule == "by_claim":
        return frozenset({theorem.note})
    return frozenset().union(*(cited(p) for p in theorem.premises))


_running: list[str] = []


def by_claim(id: str, part: str = "") -> Theorem:
    """The theorem of an earlier claim, proved on the way; a circle of citations is refused."""
    if id in _running:
        raise Undecided(f"{id} rests on itself")
    _running.append(id)
    try:
        return kernel.recall(_theorem(id, part), id)
    finally:
        _running.pop()


@cache
def _theorem(id: str, part: str) -> Theorem:
    claim = theory.claim(id)
    goal = next(s for s in claim.sequents() if s.name == part or not part)
    return prove(claim, goal)
