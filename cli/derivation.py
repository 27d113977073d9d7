# SPDX-License-Identifier: BSD-3-Clause
"""A theorem's tree as a derivation that people read: numbered steps, chains as chains, noise left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy.core.relational import Relational

from ..proofs.kernel import Theorem
from ..theory.claim import ForAll
from .notation import SIGNS, line, wrapped

MEANING: Mapping[str, str] = {
    "ring": "both sides have the same normal form",
    "linear_combination": "the difference of the sides is a combination of equations already shown",
    "calc": "a chain of steps",
    "congr": "equals put for equals",
    "nlinarith": "real or integer arithmetic: the negation is unsatisfiable",
    "positivity": "the sign of every part is known",
    "monotone": "an increasing function keeps the order",
    "cases": "both cases",
    "contradiction": "the case is impossible",
    "triangle": "the triangle inequality",
    "specialize": "an instance of a hypothesis",
    "instantiate": "at particular values",
    "discharge": "a hypothesis is shown",
    "unfold": "by definition",
    "induction": "the base case, and the step from n to n + 1",
    "termwise": "term by term",
    "split": "the sum is cut in two",
    "swap": "the order of summation is exchanged",
    "limit": "the algebra of limits",
    "squeeze": "squeezed between two limits",
    "limit_congr": "the same limit, being equal near the point",
    "le_of_tendsto": "limits keep the order ≤",
    "antiderivative": "the derivative of the primitive is the integrand; limits at both ends",
    "substitution": "a change of the variable of integration",
    "integral_congr": "equal integrands have equal integrals",
    "one_sided": "the limit from one side is the limit from both",
    "integral_join": "two intervals that meet make one",
    "integral_mono": "integrals keep the order of the integrands",
    "has_deriv": "a derivative by the table",
    "mean_value": "the sign of the derivative orders the values at the ends",
    "lambert_w": "the definition of Lambert's function",
    "add_one_le_exp": "the exponential lies above its tangent at 0",
    "decide": "every case is computed",
    "interval": "ball arithmetic on every box",
    "axiom": "quoted",
    "by_claim": "an earlier claim",
    "assumption": "a hypothesis",
    "refl": "the same term",
}
_THROUGH = ("symm", "instantiate", "discharge")  # steps that only bring a known fact into place
_SIDE_CONDITIONS = ("nlinarith", "positivity", "refl")
_SHORT = 60


@dataclass(frozen=True)
class Link:
    """One link of a chain: the sign, the next term, and what justifies it."""

    sign: str
    term: str
    by: str


@dataclass(frozen=True)
class Step:
    """A term, and the links that lead on from it: one for a plain relation, more for a chain."""

    number: int
    start: str
    links: tuple[Link, ...]


@dataclass(eq=False)
class Derivation:
    """The steps that lead to a theorem, each after those that it uses.

    ``shown`` are relations derived before, on the same page, by the names under which they stand there.
    """

    shown: Mapping[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    _known: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, theorem: Theorem, shown: Mapping[str, str] | None = None) -> Derivation:
        made = cls(shown or {})
        core = theorem
        while core.rule == "symm":
            core = core.premises[0]
        made._step(core)
        return made

    def _reference(self, t: Theorem) -> str:
        """How later steps refer to a theorem: the number of its step, a citation, or the fact itself."""
        if id(t) not in self._known:
            self._known[id(t)] = self._refer(t)
        return self._known[id(t)]

    def _refer(self, t: Theorem) -> str:
        if t.rule == "assumption":
            return f"the hypothesis {_clipped(t.relation)}"
        if t.rule == "specialize" and not t.premises:
            return f"the hypothesis {_clipped(t.relation)}"
        if t.rule == "by_claim":
            return t.note
        if t.rule == "axiom":
            return ", ".join(sorted(t.axioms))
        if t.rule in _THROUGH:
            return self._reference(t.premises[0])
        if t.rule in _SIDE_CONDITIONS and not t.premises:
            return "" if t.rule == "refl" else f"{_clipped(t.relation)} ({t.rule})"
        if (name := self.shown.get(line(t.relation))) is not None:
            return f"[{name}]"
        return f"({self._step(t)})"

    def _step(self, t: Theorem) -> int:
        links = _links(t) if t.rule == "calc" else [t]
        shown = tuple(Link(SIGNS[k.relation.func], line(k.relation.rhs), self._by(k)) for k in links)
        number = len(self.steps) + 1
        self.steps.append(Step(number, line(links[0].relation.lhs), shown))
        return number

    def _by(self, t: Theorem) -> str:
        """The rule of a step and what it uses."""
        if t.rule in ("by_claim", "axiom", "assumption"):
            return self._reference(t)
        rule = t.rule
        while rule == "symm":
            t = t.premises[0]
            rule = t.rule
        if rule == "calc":
            return self._reference(t)
        if rule == "specialize":
            return " ".join(["specialize", *(_clipped(h) for h in t.hypotheses if isinstance(h, ForAll))])
        used = list(dict.fromkeys(r for r in (self._reference(p) for p in t.premises) if r))
        note = f" ({t.note})" if t.note else ""
        return f"{rule}{note}" + (f" from {'; '.join(used)}" if used else "")


def _links(t: Theorem) -> list[Theorem]:
    """The links of a chain, with chains inside it opened up."""
    return [x for p in t.premises for x in (_links(p) if p.rule == "calc" else [p])]


def _clipped(fact: Relational | ForAll) -> str:
    text = line(fact)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def rendered(d: Derivation, columns: int) -> list[str]:
    """The derivation as lines of text; its last step is the statement, which is written out only if it is a chain."""
    lines: list[str] = []
    for step in d.steps:
        last, several = step is d.steps[-1], len(d.steps) > 1
        label = f"({step.number}) " if several else ""
        pad = " " * len(label)
        if len(step.links) == 1:
            (link,) = step.links
            if last:
                lines += _wrapped(f"{label}{'The statement, by' if several else 'By'} {link.by}.  ∎", columns, pad)
                continue
            whole = f"{label}{step.start} {link.sign} {link.term}"
            if len(whole) > columns:
                lines += _wrapped(f"{label}  {step.start}", columns, pad + "    ")
                lines += _wrapped(f"{pad}{link.sign} {link.term}", columns, pad + "    ")
            else:
                lines.append(whole)
            lines += _wrapped(f"{pad}      by {link.by}", columns, pad + "         ")
            continue
        lines += _wrapped(f"{label}  {step.start}", columns, pad + "    ")
        for link in step.links:
            lines += _wrapped(f"{pad}{link.sign} {link.term}", columns, pad + "    ")
            lines += _wrapped(f"{pad}      by {link.by}", columns, pad + "         ")
        if last:
            lines[-1] += "  ∎"
    return lines


def _wrapped(text: str, columns: int, indent: str) -> list[str]:
    return wrapped(text, max(columns, 40), indent)


def legend(d: Derivation) -> list[str]:
    """What the rules in a derivation mean, one line each."""
    texts = [k.by for s in d.steps for k in s.links]
    rules = dict.fromkeys(t.split()[0] for t in texts if t and t.split()[0] in MEANING)
    return [f"{rule}: {MEANING[rule]}" for rule in rules if rule != "calc"]
