# SPDX-License-Identifier: BSD-3-Clause
"""Citations: what they say, that their links are whole, and that the bibliography is well formed."""

from __future__ import annotations

import re
from importlib.util import find_spec

import lemmata
import pytest
from lemmata import theory
from lemmata.theory import cite as citing
from lemmata.theory.cite import FORMATS, REPOSITORY, cite, permalink, read, references
from lemmata.theory.claim import Claim, Source

BUILT = [topic for topic in theory.TOPICS if find_spec(f"lemmata.theory.{topic}")]
CLAIMS = [claim for topic in BUILT for claim in theory.claims(topic)]
OFFSET = theory.claim("rope.relative-offset")


@pytest.fixture(autouse=True)
def built_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search for near ids goes through the topics that there are."""
    monkeypatch.setattr(theory, "TOPICS", tuple(BUILT))
    theory.claims.cache_clear()


def made(**fields: object) -> Claim:
    parts = {"id": "rope.made", "title": "A & B", "prose": "", "statement": ()} | fields
    return Claim(**parts)  # type: ignore[arg-type]


class TestCite:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
    def test_every_claim_renders_in_every_format(self, claim: Claim, format: str) -> None:
        """With its fingerprint, its permalink, the version and every source by title or key."""
        text = cite(claim.id, format)
        assert claim.citation in text.replace("\\", "")
        assert permalink(claim) in text
        assert lemmata.__version__ in text
        for source in claim.sources:
            assert references()[source.key].title in text.replace("{", "").replace("}", "")

    def test_bibtex_is_read_back(self) -> None:
        """Our own reader finds the claim's entry (its key has a colon and dots) and the sources unchanged."""
        first, *rest = cite("rope.relative-offset").split("\n\n")
        assert first.startswith("@misc{lemmata:rope.relative-offset,\n")
        entry = read(first.replace("lemmata:rope.relative-offset", "key"))["key"]
        assert entry.fields["author"] == "{The lemmata authors}"
        assert OFFSET.citation in entry.fields["note"]
        assert entry.fields["url"] == permalink(OFFSET)
        assert list(read("\n\n".join(rest))) == [s.key for s in OFFSET.sources]
        assert all(e == references()[k] for k, e in read("\n\n".join(rest)).items())

    def test_places_are_named_and_gathered(self) -> None:
        c = made(sources=(Source("jang2017", "eq. 2"), Source("jang2017", "App. B"), Source("luce1959")))
        text = FORMATS["text"](c)
        assert text.count("Jang et al.") == 1
        assert "Eq. 2, App. B." in text
        assert "Luce (1959). Individual Choice Behavior: A Theoretical Analysis." in text
        assert "<>" not in text

    def test_markdown_and_rst_links(self) -> None:
        """A DOI with parentheses must not end a Markdown link."""
        c = made(sources=(Source("yellott1977"),))
        assert "](https://doi.org/10.1016/0022-2496%2877%2990026-8)" in FORMATS["markdown"](c)
        assert "<https://doi.org/10.1016/0022-2496(77)90026-8>`__" in FORMATS["rst"](c)

    def test_a_claim_without_sources(self) -> None:
        assert FORMATS["text"](made()).count("\n") == 0
        assert FORMATS["bibtex"](made()).count("@") == 2  # its entry and its fingerprint

    def test_latex_is_escaped(self) -> None:
        assert r"title = {A \& B}" in FORMATS["bibtex"](made())

    def test_a_title_that_ends_with_a_question(self) -> None:
        assert "useful?.]" not in FORMATS["markdown"](made(sources=(Source("barbero2024"),)))
        assert "useful? <" in FORMATS["text"](made(sources=(Source("barbero2024"),)))

    def test_a_fingerprint_is_checked(self) -> None:
        assert cite(OFFSET.citation, "text") == cite("rope.relative-offset", "text")
        with pytest.raises(LookupError, match=re.escape(OFFSET.citation)):
            cite("rope.relative-offset@000000")

    @pytest.mark.parametrize("id", ["rope.relative-ofset", "rope.relativeoffset", "relative-offset"])
    def test_an_unknown_id_names_near_ones(self, id: str) -> None:
        with pytest.raises(LookupError, match=r"did you mean .*rope\.relative-offset"):
            cite(id)

    def test_an_unknown_format(self) -> None:
        with pytest.raises(ValueError, match=r"bibtex, markdown, rst, text, got 'html'"):
            cite("rope.relative-offset", "html")

    def test_an_unknown_source(self) -> None:
        with pytest.raises(LookupError, match="nobody1900"):
            FORMATS["text"](made(sources=(Source("nobody1900"),)))

    def test_the_permalink_is_of_this_version(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(citing, "__version__", "1.2.3")
        assert permalink(OFFSET) == f"{REPOSITORY}/blob/v1.2.3/theory/rope.py"
        monkeypatch.setattr(citing, "__version__", "0+unknown")
        assert permalink(OFFSET) == f"{REPOSITORY}/blob/main/theory/rope.py"


class TestReferences:
    """The bibliography itself."""

    def test_every_source_of_a_claim_is_there(self) -> None:
        assert {s.key for c in CLAIMS for s in c.sources} <= set(references())

    @pytest.mark.parametrize("key", references())
    def test_an_entry_is_complete(self, key: str) -> None:
        """Author, title, year; a publication is at most a year before, and three years after, its arXiv number."""
        entry = references()[key]
        assert {"author", "title", "year"} <= set(entry.fields)
        assert re.fullmatch(r"\d{4}", entry.fields["year"])
        assert all(", " in name for name in entry.fields["author"].split(" and "))
        if entry.kind != "book":
            assert entry.url.startswith("https://")
        if entry.kind in ("article", "inproceedings"):
            assert {"journal", "booktitle"} & set(entry.fields)
        if "eprint" in entry.fields:
            assert entry.fields["archiveprefix"] == "arXiv"
            assert re.fullmatch(r"\d{4}\.\d{4,5}", entry.fields["eprint"])
            submitted = 2000 + int(entry.fields["eprint"][:2])
            assert submitted - 1 <= int(entry.fields["year"]) <= submitted + 3

    def test_keys_carry_the_year_or_the_number_of_the_post(self) -> None:
        for key, entry in references().items():
            assert entry.fields["year"] in key or entry.fields["url"].endswith(key.removeprefix("su"))

    def test_no_work_is_listed_twice(self) -> None:
        for name in ("title", "eprint", "doi", "url"):
            values = [e.fields[name] for e in references().values() if name in e.fields]
            assert len(set(values)) == len(values)

    def test_entries_are_sorted(self) -> None:
        assert list(references()) == sorted(references())


class TestReader:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("nonsense", 1),
            ("@misc{a,\n  title = {x}\n}", 2),
            ("@misc{a,\n  title = {x}}},\n}", 2),
            ("@misc{a,\n  title = {}x{},\n}", 2),
            ("@misc{a,\n  title = {x},\n  title = {y},\n}", 3),
            ("@misc{a,\n}\n@misc{a,\n}", 3),
            ("@misc{a,\n  title = {x},", 2),
            ("@misc{a,\n@misc{b,\n}", 2),
        ],
    )
    def test_a_fault_is_named_by_its_line(self, text: str, line: int) -> None:
        with pytest.raises(ValueError, match=f"line {line}:"):
            read(text)

    def test_comments_blank_lines_and_inner_braces(self) -> None:
        entry = read("% comment\n\n@misc{a,\n  title = {The {Bayes} {Net}},\n}\n")["a"]
        assert entry.title == "The Bayes Net"
        assert read(entry.bibtex) == {"a": entry}

    @pytest.mark.parametrize(
        ("author", "short"),
        [
            ("Su, Jianlin", "Su"),
            ("Kingma, D. and van Hoof, H.", "Kingma and van Hoof"),
            ("A, B and C, D and E, F", "A et al."),
        ],
    )
    def test_short_authors(self, author: str, short: str) -> None:
        assert read(f"@misc{{a,\n  author = {{{author}}},\n}}")["a"].authors == short
