# SPDX-License-Identifier: BSD-3-Clause
"""Theorems, and the one way to make them. Trusted: the seal is known to the rules only.

A ``Theorem`` says: for all values of its variables in their domains that satisfy its hypotheses, both
sides of its relation are defined and the relation holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass

from sympy import Expr, Symbol
from sympy.core.relational import Ne, Relational

from ..theory.claim import Definition, ForAll, Hypothesis
from . import signs
from .definitions import require_together
from .terms import Undecided, require_plain, same, substitute

_SEAL = object()


@dataclass(frozen=True, eq=False)
class Theorem:
    """hypotheses ⊢ relation, with the rule that accepted it, its premises, and the axioms it rests on."""

    hypotheses: frozenset[Hypothesis]
    relation: Relational
    rule: str
    premises: tuple[Theorem, ...] = ()
    axioms: frozenset[str] = frozenset()
    note: str = ""
    definitions: frozenset[Definition] = frozenset()
    seal: InitVar[object] = None  # not kept: a copy with other fields has none

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise Undecided("a theorem is made by a rule of the kernel, not by its constructor")

    def rests_on(self) -> frozenset[str]:
        """Every axiom below this theorem."""
        return self.axioms.union(*(p.rests_on() for p in self.premises))

    def rules(self) -> frozenset[str]:
        return frozenset({self.rule}).union(*(p.rules() for p in self.premises))


Given = Sequence[Hypothesis | Theorem]


def _relations(hypothesis: Hypothesis) -> tuple[Relational, ...]:
    return (hypothesis.body, *hypothesis.conditions) if isinstance(hypothesis, ForAll) else (hypothesis,)


def _facts(given: Given) -> tuple[list[Hypothesis], frozenset[Hypothesis], tuple[Theorem, ...]]:
    """Facts to reason from, the hypotheses that this adds, and the theorems among them."""
    theorems = tuple(g for g in given if isinstance(g, Theorem))
    assumed = [g for g in given if not isinstance(g, Theorem)]
    for hypothesis in assumed:
        if not isinstance(hypothesis, (Relational, ForAll)):
            raise Undecided(f"not a hypothesis: {hypothesis!r}")
        for part in _relations(hypothesis):
            require_plain(part)
    facts = assumed + [t.relation for t in theorems]
    return facts, frozenset(assumed).union(*(t.hypotheses for t in theorems)), theorems


def _make(
    relation: Relational,
    rule: str,
    hypotheses: frozenset[Hypothesis],
    premises: Sequence[Theorem] = (),
    definitions: Sequence[Definition] = (),
    **more: object,
) -> Theorem:
    if not isinstance(relation, Relational):
        raise Undecided(f"not a relation: {relation}")
    for part in (relation, *(part for h in hypotheses for part in _relations(h))):
        require_plain(part)
    used = frozenset(definitions).union(*(p.definitions for p in premises))
    require_together(used)
    return Theorem(
        hypotheses,
        relation,
        rule,
        tuple(premises),
        definitions=used,
        seal=_SEAL,
        **more,  # type: ignore[arg-type]  # they are its fields
    )


def _require_condition(condition: Relational, values: Mapping[Symbol, Expr], facts: Sequence[Hypothesis]) -> None:
    """That a condition holds at the values: its sides are defined there, and it follows from the facts."""
    there = substitute(condition, values)
    signs.require_kept(condition, values, there, facts)
    _require_fact(there, facts)


def _require_fact(condition: Relational, facts: Sequence[Hypothesis]) -> None:
    if any(isinstance(f, Relational) and same(f, condition) for f in facts):
        return
    for side in condition.args:
        signs.require_defined(side, facts)
    if isinstance(condition, Ne) and signs.nonzero(condition.lhs - condition.rhs, facts):
        return
    if not signs.entails(facts, condition):
        raise Undecided(f"condition not shown: {condition}")


def _names(definitions: Sequence[Definition]) -> frozenset[str]:
    return frozenset(f"definition of {d.name}" for d in definitions)
