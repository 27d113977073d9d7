# SPDX-License-Identifier: BSD-3-Clause
"""The ledger's index: what every claim is called and rests on, without loading SymPy when it is cached."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from . import cache


class Unknown(LookupError):
    """No claim or topic of that name; the message says which names are near."""


class Changed(LookupError):
    """The statement behind an id is no longer the one that was cited."""


@dataclass(frozen=True)
class Entry:
    """One claim as the index knows it."""

    id: str
    title: str
    kind: str
    fingerprint: str
    open: str
    uses: tuple[str, ...]
    no_law: str

    @property
    def topic(self) -> str:
        return self.id.partition(".")[0]


def index() -> tuple[Entry, ...]:
    """Every claim, in the order of the ledger."""
    name = cache.key("index 1", cache.sources("theory"), cache.sources("cli"), cache.versions("sympy"))
    stored = cache.load("index", name)
    if stored is None:
        stored = _build()
        cache.store("index", name, stored)
    return tuple(Entry(**{**e, "uses": tuple(e["uses"])}) for e in stored)


def _build() -> list[dict[str, object]]:
    """The index put together from those of the topics, of which only the changed ones are loaded."""
    from ..theory import TOPICS

    return [entry for topic in TOPICS for entry in _of_topic(topic)]


def _of_topic(topic: str) -> list[dict[str, object]]:
    sources = cache.module_sources(f"theory.{topic}"), cache.module_sources("cli.index")
    name = cache.key("index of a topic 1", topic, sources, cache.versions("sympy"))
    stored: list[dict[str, object]] | None = cache.load("topics", name)
    if stored is None:
        from ..theory import claims

        entries = (Entry(c.id, c.title, c.kind, c.fingerprint, c.open, c.uses, c.no_law) for c in claims(topic))
        stored = [asdict(e) for e in entries]
        cache.store("topics", name, stored)
    return stored


def topics(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The topics, in the order of the ledger."""
    return tuple(dict.fromkeys(e.topic for e in entries))


def find(id: str, entries: Sequence[Entry]) -> Entry:
    """The claim of that id or citation ``id@fingerprint``; ``Unknown`` or ``Changed`` otherwise."""
    name, at, fingerprint = id.partition("@")
    for entry in entries:
        if entry.id == name:
            if at and fingerprint != entry.fingerprint:
                raise Changed(
                    f"{id}: the statement behind {name} is no longer the one that was cited; "
                    f"it is now {name}@{entry.fingerprint}"
                )
            return entry
    raise Unknown(f"no claim {name!r}{_nearest(name, [e.id for e in entries])}")


def select(names: Sequence[str], entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The claims that ids, citations and topics name, each once; all of them for no names."""
    if not names:
        return tuple(entries)
    known = topics(entries)
    chosen: dict[str, Entry] = {}
    for name in names:
        if name in known:
            chosen.update((e.id, e) for e in entries if e.topic == name)
        elif "." in name:
            entry = find(name, entries)
            chosen[entry.id] = entry
        else:
            raise Unknown(f"no topic {name!r}{_nearest(name, known)}; topics are {', '.join(known)}")
    return tuple(chosen.values())


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    return f"; did you mean {', '.join(near)}?" if near else ""
