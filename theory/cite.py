# SPDX-License-Identifier: BSD-3-Clause
"""Citations of claims: an id with the fingerprint of its statement, a permalink, and the primary sources.

``references.bib`` is BibTeX in a restricted form that this module reads itself: an entry opens with
``@kind{key,``, has one ``name = {value},`` a line, and closes with ``}``; other lines are blank or comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from .. import __version__
from . import claim as find
from .claim import Claim

__all__ = ["FORMATS", "REPOSITORY", "Entry", "cite", "permalink", "read", "references"]

REPOSITORY = "https://github.com/lemmata-org/lemmata"

_OPEN = re.compile(r"@(\w+)\{([\w-]+),")
_FIELD = re.compile(r"\s+(\w+) = \{(.*)\},")


@dataclass(frozen=True)
class Entry:
    """One entry of the bibliography; ``fields`` in the order of the file."""

    kind: str
    key: str
    fields: Mapping[str, str]

    @property
    def bibtex(self) -> str:
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in self.fields.items())
        return f"@{self.kind}{{{self.key},\n{lines}}}"

    @property
    def title(self) -> str:
        """The title without the braces that keep its capitals."""
        return self.fields["title"].replace("{", "").replace("}", "")

    @property
    def authors(self) -> str:
        """``Su``, ``Kingma and Welling`` or ``Jang et al.``."""
        names = [name.partition(",")[0] for name in self.fields["author"].split(" and ")]
        return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."

    @property
    def url(self) -> str:
        """Where to read it: its url, DOI or arXiv page, in this order; empty for a book without any."""
        if "url" in self.fields:
            return self.fields["url"]
        if "doi" in self.fields:
            return f"https://doi.org/{self.fields['doi']}"
        return f"https://arxiv.org/abs/{self.fields['eprint']}" if "eprint" in self.fields else ""


def read(text: str) -> dict[str, Entry]:
    """The entries of a bibliography by key.

    Errors: ``ValueError`` with the number of the line that has another form, repeats a key or a field,
    has unbalanced braces, or ends the text inside an entry.

    Examples:
        >>> read("@book{luce1959,\\n  author = {Luce, R. Duncan},\\n}")["luce1959"].authors
        'Luce'
    """
    entries: dict[str, Entry] = {}
    entry: tuple[str, str, dict[str, str]] | None = None
    number = 0
    for number, line in enumerate(text.splitlines(), 1):
        if entry is None:
            if match := _OPEN.fullmatch(line):
                if match[2] in entries:
                    raise ValueError(f"line {number}: the key {match[2]} occurs twice")
                entry = (match[1], match[2], {})
            elif line and not line.startswith("%"):
                raise ValueError(f"line {number}: expected '@kind{{key,', a comment or a blank line, got {line!r}")
        elif line == "}":
            entries[entry[1]] = Entry(entry[0], entry[1], MappingProxyType(entry[2]))
            entry = None
        elif (match := _FIELD.fullmatch(line)) and _balanced(match[2]) and match[1] not in entry[2]:
            entry[2][match[1]] = match[2]
        else:
            raise ValueError(f"line {number}: expected 'name = {{value}},' with a new name or '}}', got {line!r}")
    if entry is not None:
        raise ValueError(f"line {number}: the entry {entry[1]} is not closed")
    return entries


def _balanced(value: str) -> bool:
    depth = 0
    for character in value:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


@cache
def references() -> Mapping[str, Entry]:
    """The bibliography of the project, by key."""
    return MappingProxyType(read(files(__package__).joinpath("references.bib").read_text(encoding="utf-8")))


def permalink(claim: Claim) -> str:
    """The source of the claim at this version; at the main branch for a checkout that is not installed."""
    ref = "main" if "unknown" in __version__ else f"v{__version__}"
    return f"{REPOSITORY}/blob/{ref}/theory/{claim.topic}.py"


def cite(id: str, format: str = "bibtex") -> str:
    """The citation of a claim and of its primary sources; format is bibtex, markdown, rst or text.

    ``id`` may carry a fingerprint, ``rope.relative-offset@3f2c9a``, which is then checked. Errors:
    ``LookupError`` for an unknown id, with the nearest ids, and for a fingerprint of another statement;
    ``ValueError`` for an unknown format.
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    name, _, fingerprint = id.partition("@")
    claim = find(name)
    if fingerprint and fingerprint != claim.fingerprint:
        raise LookupError(f"the statement of {name} is now {claim.citation}, not {id}")
    return FORMATS[format](claim)


def _sources(claim: Claim) -> list[tuple[Entry, str]]:
    """Entries in the order of the claim, each once, with all places in it."""
    places: dict[str, list[str]] = {}
    for source in claim.sources:
        places.setdefault(source.key, []).extend([source.place] if source.place else [])
    missing = [key for key in places if key not in references()]
    if missing:
        raise LookupError(f"{claim.id} names sources that references.bib lacks: {', '.join(missing)}")
    return [(references()[key], ", ".join(where)) for key, where in places.items()]


def _bibtex(claim: Claim) -> str:
    fields = {
        "author": "{The lemmata authors}",
        "title": _escaped(claim.title),
        "note": f"lemmata {__version__}, claim {_escaped(claim.citation)}",
        "url": permalink(claim),
    }
    own = Entry("misc", f"lemmata:{claim.id}", fields)
    return "\n\n".join([own.bibtex, *(entry.bibtex for entry, _ in _sources(claim))])


def _escaped(text: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", text)


def _prose(claim: Claim, link: Callable[[str, str], str], code: str) -> str:
    """One paragraph for the claim, one line for each source."""
    own = f"{code}{claim.citation}{code}: {link(claim.title, permalink(claim))}. lemmata {__version__}."
    lines = [
        f"- {entry.authors} ({entry.fields['year']}). {link(entry.title, entry.url)}{'' if _ends(entry.title) else '.'}"
        + (f" {where[0].upper()}{where[1:]}." if where else "")
        for entry, where in _sources(claim)
    ]
    return "\n".join([own, *([""] if lines else []), *lines])


def _ends(title: str) -> bool:
    return title[-1] in ".?!"


def _markdown(claim: Claim) -> str:
    return _prose(claim, lambda text, url: f"[{text}]({_closed(url)})" if url else text, "`")


def _rst(claim: Claim) -> str:
    return _prose(claim, lambda text, url: f"`{text} <{url}>`__" if url else text, "``")


def _text(claim: Claim) -> str:
    return _prose(claim, lambda text, url: f"{text} <{url}>" if url else text, "")


def _closed(url: str) -> str:
    """Parentheses of a URL would end a Markdown link."""
    return url.replace("(", "%28").replace(")", "%29")


FORMATS: Mapping[str, Callable[[Claim], str]] = MappingProxyType(
    {"bibtex": _bibtex, "markdown": _markdown, "rst": _rst, "text": _text}
)
