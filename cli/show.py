# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata show``: a claim as a page to read: what it says, why it is true, what it rests on."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .index import Changed, Entry, Unknown, find, index
from .terminal import complain, say, width

if TYPE_CHECKING:
    from ..proofs.verify import Part, Verification
    from ..theory.claim import Claim

EXAMPLES = """\
examples:
  lemmata show rope.relative-offset
  lemmata show rope.abel-identity --latex
  lemmata show receptive_field.closed-form --json

exit codes: 0, 1 if the statement is no longer the one cited (ID@FINGERPRINT), 2 for an unknown id
"""
_MARGIN = "  "
_MOST = 100


def add_parser(subparsers: Any) -> None:
    """Add ``show`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "show",
        help="a claim as a page: statement, derivation, trust, laws, sources",
        description="Show a claim. Its proof is run, so that the derivation shown is the one that was checked.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", metavar="ID", help="a claim, such as rope.relative-offset")
    parser.add_argument("--latex", action="store_true", help="statements as LaTeX")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the claim; the exit code."""
    entries = index()
    try:
        entry = find(args.id, entries)
    except Unknown as error:
        complain("show", str(error))
        return 2
    except Changed as error:
        complain("show", str(error))
        return 1
    from ..proofs.verify import verify
    from ..theory import claim

    shown = claim(entry.id)
    result = verify(shown)
    if args.json:
        print(json.dumps(_record(shown, result, entries), indent=2))
    else:
        _Page(min(width(), _MOST)).write(shown, result, entries, latex=args.latex)
    return 0


def laws_of(id: str, topic: str) -> tuple[tuple[str, str, str], ...]:
    """Contract, id and statement of the laws that hold implementations to a claim."""
    from ..conformance.check import topic_module

    return tuple(("+".join(w.contracts), w.id, w.statement) for w in topic_module(topic).LAWS if id in w.claims)


def used_by(id: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The claims whose proofs rest on this one."""
    return tuple(e.id for e in entries if id in e.uses)


def _sources(claim: Claim) -> list[str]:
    from ..theory.cite import references

    lines = []
    for source in claim.sources:
        work = references()[source.key]
        place = f", {source.place}" if source.place else ""
        lines.append(f"{work.authors} ({work.fields['year']}), {work.title}{place}. {work.url}".rstrip())
    return lines


class _Page:
    """Writes one claim; ``columns`` is how wide a line may be."""

    def __init__(self, columns: int) -> None:
        self.columns = columns

    def write(self, claim: Claim, result: Verification, entries: Sequence[Entry], *, latex: bool) -> None:
        kind = "" if claim.kind == "theorem" else f"  ({claim.kind})"
        say(f"{claim.title}", "bold")
        say(f"{claim.citation}{kind}", "dim")
        say()
        self._prose(claim.prose)
        self._statement(claim, latex)
        self._derivation(claim, result)
        self._trust(claim, result)
        self._links(claim, entries)

    def _heading(self, text: str) -> None:
        say()
        say(text, "bold cyan")

    def _lines(self, lines: Sequence[str], indent: str = _MARGIN) -> None:
        for line in lines:
            say(indent + line if line else "")

    def _prose(self, text: str) -> None:
        self._lines(textwrap.wrap(" ".join(text.split()), self.columns), "")

    def _items(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._lines(textwrap.wrap(text, self.columns - 4, subsequent_indent="  ", break_long_words=False))

    def _statement(self, claim: Claim, latex: bool) -> None:
        from . import notation

        if claim.definitions:
            self._heading("Definitions")
            for d in claim.definitions:
                self._items(notation.definition(d))
        self._heading("Statement")
        room = self.columns - 4
        for number, sequent in enumerate(claim.sequents()):
            if number:
                say()
            if len(claim.statement) > 1:
                say(f"{_MARGIN}[{sequent.name}]")
            self._lines([notation.sequent_tex(sequent)] if latex else notation.sequent(sequent, room), _MARGIN * 2)
        for number, refuted in enumerate(claim.refutations()):
            if number or claim.sequents():
                say()
            say(f"{_MARGIN}[{refuted.name}] It is said, and is false, that")
            popular = refuted.popular
            self._lines([notation.sequent_tex(popular)] if latex else notation.sequent(popular, room), _MARGIN * 2)
            self._items([f"It fails at {notation.witness(refuted)}."])

    def _derivation(self, claim: Claim, result: Verification) -> None:
        self._heading("Derivation")
        if claim.open:
            self._items([f"Open: {claim.open}"])
            return
        legends: dict[str, None] = {}
        shown: dict[str, str] = {}
        for part in result.parts:
            if len(result.parts) > 1:
                say(f"{_MARGIN}[{part.name}]")
            legends.update(dict.fromkeys(self._part(claim, part, shown)))
        if legends:
            say()
            self._items([f"{text}." for text in legends])

    def _part(self, claim: Claim, part: Part, shown: dict[str, str]) -> list[str]:
        from ..proofs.kernel import Theorem
        from . import notation

        lines = self._derived(claim, part, shown)
        if isinstance(part.result, Theorem):
            shown[notation.line(part.result.relation)] = part.name
        return lines

    def _derived(self, claim: Claim, part: Part, shown: dict[str, str]) -> list[str]:
        from ..proofs.kernel import Theorem
        from ..proofs.verify import proof_of
        from .derivation import Derivation, legend, rendered

        if part.verdict != "proved":
            self._items([f"{part.verdict.capitalize()}: {part.reason}"])
            return []
        if not isinstance(part.result, Theorem):
            self._items(["By witness: both sides are evaluated exactly there, and the relation fails.  ∎"])
            return []
        idea = (proof_of(claim, part.name).__doc__ or "").strip()
        if idea:
            self._items([" ".join(idea.split())])
        derivation = Derivation.of(part.result, shown)
        self._lines(rendered(derivation, self.columns - 4), _MARGIN * 2)
        return legend(derivation)

    def _trust(self, claim: Claim, result: Verification) -> None:
        self._heading("Trust")
        colour = {"proved": "green", "open": "yellow"}.get(result.verdict, "red")
        say(f"{_MARGIN}{result.verdict} in {result.seconds:.2f} s", colour)
        if result.rules:
            self._items([f"rules: {', '.join(sorted(result.rules))}"])
        if result.axioms:
            self._items([f"axioms: {', '.join(sorted(result.axioms))}"])

    def _links(self, claim: Claim, entries: Sequence[Entry]) -> None:
        from .implementations import implementing

        laws = [f"{contract}.{name}: {statement}" for contract, name, statement in laws_of(claim.id, claim.topic)]
        for title, texts in (
            ("Uses", claim.uses),
            ("Used by", used_by(claim.id, entries)),
            ("Laws", laws or ([f"none: {claim.no_law}"] if claim.no_law else [])),
            ("Implementations", [f"lemmata.{name}" for name in implementing(claim.id)]),
            ("Sources", _sources(claim)),
        ):
            if texts:
                self._heading(title)
                self._items(texts)


def _record(claim: Claim, result: Verification, entries: Sequence[Entry]) -> dict[str, Any]:
    from ..proofs.kernel import Theorem
    from . import notation
    from .derivation import Derivation
    from .implementations import implementing

    parts = []
    for part in result.parts:
        steps = [asdict(s) for s in Derivation.of(part.result).steps] if isinstance(part.result, Theorem) else []
        parts.append({"name": part.name, "verdict": part.verdict, "reason": part.reason, "steps": steps})
    return {
        "id": claim.id,
        "citation": claim.citation,
        "title": claim.title,
        "kind": claim.kind,
        "prose": claim.prose,
        "open": claim.open,
        "definitions": [line for d in claim.definitions for line in notation.definition(d)],
        "statement": [
            {
                "name": s.name,
                "hypotheses": [notation.line(h) for h in s.hypotheses],
                "relation": notation.line(s.relation),
                "latex": notation.sequent_tex(s),
            }
            for s in claim.sequents()
        ],
        "refuted": [
            {"name": r.name, "popular": notation.line(r.popular.relation), "witness": notation.witness(r)}
            for r in claim.refutations()
        ],
        "verdict": result.verdict,
        "parts": parts,
        "rules": sorted(result.rules),
        "axioms": sorted(result.axioms),
        "uses": list(claim.uses),
        "used_by": list(used_by(claim.id, entries)),
        "laws": [{"contract": c, "law": n, "statement": s} for c, n, s in laws_of(claim.id, claim.topic)],
        "no_law": claim.no_law,
        "implementations": [f"lemmata.{name}" for name in implementing(claim.id)],
        "sources": _sources(claim),
    }
