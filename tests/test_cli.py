# SPDX-License-Identifier: BSD-3-Clause
"""The command line: what it prints, its exit codes, its cache. Run in this process, and once as a program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lemmata import theory
from lemmata.cli import cache, work
from lemmata.cli.main import COMMANDS, main
from lemmata.theory.claim import Claim, Sequent
from sympy import Eq, Max, Min, Symbol, cos, sin

ID = "rope.abel-identity"
ANSI = "\x1b"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for every test."""
    monkeypatch.setenv("LEMMATA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


Run = tuple[int, str, str]


@pytest.fixture
def lemmata(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command line: exit code, output, errors."""

    def call(*arguments: str) -> Run:
        code = main(arguments)
        captured = capsys.readouterr()
        assert ANSI not in captured.out
        return code, captured.out, captured.err

    return call


class TestMain:
    def test_version(self, lemmata: Any) -> None:
        from lemmata import __version__

        assert lemmata("--version") == (0, f"lemmata {__version__}\n", "")

    def test_help_names_every_command(self, lemmata: Any) -> None:
        code, out, _ = lemmata("--help")
        assert code == 0
        assert all(re.search(rf"^ +{name} ", out, re.M) for name in COMMANDS)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_help_of_a_command_has_examples_and_exit_codes(self, lemmata: Any, command: str) -> None:
        code, out, _ = lemmata(command, "--help")
        assert code == 0
        assert f"examples:\n  lemmata {command}" in out
        assert "exit codes:" in out

    @pytest.mark.parametrize("arguments", [(), ("prove",), ("list", "--colour"), ("verify", "-j", "0")])
    def test_wrong_usage_exits_2(self, lemmata: Any, arguments: tuple[str, ...]) -> None:
        code, out, err = lemmata(*arguments)
        assert (code, out) == (2, "")
        assert "usage: lemmata" in err

    def test_a_missing_extra_is_named(self, lemmata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lemmata.cli.list.index", lambda: __import__("sympy.nothing_of_this_name"))
        code, _, err = lemmata("list")
        assert code == 2
        assert "lemmata[verify]" in err

    def test_as_a_program(self, own_cache: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "lemmata", "list", "rope"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert ID in done.stdout
        assert ANSI not in done.stdout


class TestList:
    def test_every_claim_has_a_line(self, lemmata: Any) -> None:
        code, out, _ = lemmata("list")
        assert code == 0
        assert [c.id for c in theory.claims()] == re.findall(r"^(\w+\.[\w-]+)", out, re.M)

    def test_a_topic(self, lemmata: Any) -> None:
        _, out, _ = lemmata("list", "rope")
        assert f"{len(theory.claims('rope'))} claims in 1 topics" in out

    def test_json(self, lemmata: Any) -> None:
        code, out, _ = lemmata("list", "rope", "--json")
        entries = {e["id"]: e for e in json.loads(out)}
        assert code == 0
        assert entries[ID]["fingerprint"] == theory.claim(ID).fingerprint

    def test_an_unknown_topic_names_near_ones(self, lemmata: Any) -> None:
        code, out, err = lemmata("list", "ropes")
        assert (code, out) == (2, "")
        assert "did you mean rope?" in err

    def test_the_index_is_cached_without_change(self, lemmata: Any, own_cache: Path) -> None:
        first = lemmata("list", "--json")
        assert len(list((own_cache / "index").iterdir())) == 1
        assert lemmata("list", "--json") == first

    def test_a_change_loads_its_own_topic_only(
        self, lemmata: Any, own_cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Sources of rope are said to have changed: the other topics come from the cache, as they are."""
        first = lemmata("list", "--json")
        (whole,) = (own_cache / "index").iterdir()
        whole.unlink()
        plain, asked = cache.module_sources, list[str]()
        monkeypatch.setattr(cache, "module_sources", lambda name: "new" if name == "theory.rope" else plain(name))
        claims = theory.claims
        monkeypatch.setattr(theory, "claims", lambda topic: asked.append(topic) or claims(topic))
        assert lemmata("list", "--json") == first
        assert asked == ["rope"]

    def test_a_broken_cache_is_no_cache(self, lemmata: Any, own_cache: Path) -> None:
        first = lemmata("list")
        for path in own_cache.rglob("*.json"):
            path.write_text("{")
        assert lemmata("list") == first

    def test_a_cache_that_cannot_be_written_is_no_cache(
        self, lemmata: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("LEMMATA_CACHE", str(tmp_path / "file"))
        assert lemmata("list")[0] == 0


class TestShow:
    def test_a_claim_reads_as_a_page(self, lemmata: Any) -> None:
        code, out, _ = lemmata("show", ID)
        claim = theory.claim(ID)
        assert code == 0
        assert out.startswith(f"{claim.title}\n{claim.citation}")
        headings = [line for line in out.splitlines() if re.fullmatch(r"[A-Z][a-z ]+", line)]
        assert [h for h in headings if h != claim.title][:3] == ["Statement", "Derivation", "Trust"]
        assert "⊢" in out
        assert "induction" in out
        assert "∎" in out

    @pytest.mark.parametrize("id", [c.id for c in theory.claims()])
    def test_every_claim_can_be_shown(self, lemmata: Any, id: str) -> None:
        """With its fingerprint and every source; nothing is wider than a page, save single long words."""
        code, out, _ = lemmata("show", id)
        assert code == 0
        assert theory.claim(id).citation in out
        assert out.count("∎") >= 1 or theory.claim(id).open

    def test_latex(self, lemmata: Any) -> None:
        _, out, _ = lemmata("show", ID, "--latex")
        assert r"\sum_{i=0}^{h - 1}" in out

    def test_json(self, lemmata: Any) -> None:
        code, out, _ = lemmata("show", ID, "--json")
        record = json.loads(out)
        assert code == 0
        assert record["verdict"] == "proved"
        assert record["statement"][0]["hypotheses"] == ["h ≥ 0"]
        assert record["parts"][0]["steps"]

    def test_implementations_and_laws(self, lemmata: Any) -> None:
        record = json.loads(lemmata("show", "rope.relative-offset", "--json")[1])
        assert "lemmata.rope.rotate" in record["implementations"]
        assert any(law["contract"] == "rotate" for law in record["laws"])

    def test_a_refutation_shows_its_witness(self, lemmata: Any) -> None:
        _, out, _ = lemmata("show", "rope.decay-not-monotone")
        assert "It is said, and is false, that" in out
        assert "h = 64" in out

    @pytest.mark.parametrize("command", ["show", "cite", "verify"])
    def test_an_unknown_id_names_near_ones(self, lemmata: Any, command: str) -> None:
        code, out, err = lemmata(command, "rope.abel-identitty")
        assert (code, out) == (2, "")
        assert f"did you mean {ID}" in err

    @pytest.mark.parametrize("command", ["show", "cite", "verify"])
    def test_another_fingerprint_exits_1(self, lemmata: Any, command: str) -> None:
        code, out, err = lemmata(command, f"{ID}@000000")
        assert (code, out) == (1, "")
        assert "no longer the one that was cited" in err
        assert theory.claim(ID).citation in err


class TestCite:
    @pytest.mark.parametrize("format", ["text", "bibtex", "markdown", "rst"])
    def test_a_format(self, lemmata: Any, format: str) -> None:
        code, out, _ = lemmata("cite", ID, "--format", format)
        assert code == 0
        assert theory.claim(ID).citation in out

    def test_a_citation_can_be_cited_again(self, lemmata: Any) -> None:
        assert lemmata("cite", theory.claim(ID).citation) == lemmata("cite", ID)

    def test_json(self, lemmata: Any) -> None:
        record = json.loads(lemmata("cite", ID, "--json")[1])
        assert record["citation"] == theory.claim(ID).citation
        assert record["bibtex"].startswith("@")


def verified(lemmata: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = lemmata("verify", *arguments, "-j", "1", "--json")
    return code, json.loads(out)


X = Symbol("x", real=True)
HERE = "rope.made-for-a-test"


def with_claim(monkeypatch: pytest.MonkeyPatch, relation: Any, **fields: Any) -> None:
    """Puts a claim on the ledger of rope whose proof is ``ring``."""
    from lemmata.proofs import kernel, rope
    from lemmata.theory import rope as definitions

    claim = Claim(HERE, "made", "", (Sequent("s", relation),), **fields)
    monkeypatch.setattr(definitions, "CLAIMS", (*definitions.CLAIMS, claim))
    monkeypatch.setattr(rope, "PROOFS", {**rope.PROOFS, HERE: lambda goal: kernel.ring(goal.relation)})
    theory.claims.cache_clear()


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A ledger that a test may change."""
    yield monkeypatch
    monkeypatch.undo()
    theory.claims.cache_clear()


class TestVerify:
    def test_a_proof(self, lemmata: Any) -> None:
        code, out, _ = lemmata("verify", ID, "-j", "1", "--no-laws")
        assert code == 0
        assert re.search(rf"^proved +{re.escape(ID)} +\d", out, re.M)
        assert re.search(rf"^{re.escape(ID)} +proved +- +- .*induction", out, re.M)
        assert "1 claims: 1 proved" in out

    def test_a_citation(self, lemmata: Any) -> None:
        assert verified(lemmata, theory.claim(ID).citation, "--no-laws")[0] == 0

    def test_mutants_are_counted(self, lemmata: Any) -> None:
        code, record = verified(lemmata, ID, "--no-laws", "--mutants")
        (claim,) = record["claims"]
        assert code == 0
        assert claim["mutants"]["killed"] == claim["mutants"]["total"] > 0

    def test_a_cached_result_is_the_same(self, lemmata: Any) -> None:
        _, first = verified(lemmata, ID, "--no-laws")
        _, again = verified(lemmata, ID, "--no-laws")
        assert (first["from_cache"], again["from_cache"]) == (0, 1)
        assert first["claims"] == again["claims"]

    def test_fresh_ignores_the_cache(self, lemmata: Any) -> None:
        verified(lemmata, ID, "--no-laws")
        assert verified(lemmata, ID, "--no-laws", "--fresh")[1]["from_cache"] == 0

    def test_other_sources_are_other_results(self, lemmata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        verified(lemmata, ID, "--no-laws")
        monkeypatch.setattr(cache, "sources", lambda *folders: "changed")
        assert verified(lemmata, ID, "--no-laws")[1]["from_cache"] == 0

    def test_laws_of_a_claim(self, lemmata: Any) -> None:
        """Only its own laws run, and every one of them holds on every backend that is there."""
        code, record = verified(lemmata, "rope.relative-offset", "--examples", "2")
        assert code == 0
        assert {law["verdict"] for law in record["laws"]} <= {"holds", "not applicable"}
        assert all("rope.relative-offset" in law["claims"] for law in record["laws"])
        backends = {law["where"].split()[4] for law in record["laws"]}
        assert backends == {b for b in work.DTYPES if work.installed(b)}

    def test_an_undecided_claim_exits_3_and_is_not_cached(self, lemmata: Any, ledger: pytest.MonkeyPatch) -> None:
        """A true equation that the normal form does not see."""
        with_claim(ledger, Eq(Max(X, 0) + Min(X, 0), X, evaluate=False))
        code, record = verified(lemmata, HERE, "--no-laws")
        assert code == 3
        assert record["claims"][0]["verdict"] == "undecided"
        assert record["claims"][0]["parts"][0]["reason"]
        assert verified(lemmata, HERE, "--no-laws")[1]["from_cache"] == 0

    def test_a_false_claim_exits_1_with_the_point_at_which_it_is_false(
        self, lemmata: Any, ledger: pytest.MonkeyPatch
    ) -> None:
        with_claim(ledger, Eq(sin(X), cos(X), evaluate=False))
        code, record = verified(lemmata, HERE, "--no-laws")
        assert code == 1
        assert record["claims"][0]["verdict"] == "refuted"
        assert "false at" in record["claims"][0]["parts"][0]["reason"]

    def test_an_open_claim_counts_only_where_it_is_asked_for(self, lemmata: Any, ledger: pytest.MonkeyPatch) -> None:
        with_claim(ledger, Eq(sin(X), cos(X), evaluate=False), open="nobody knows")
        code, out, _ = lemmata("verify", HERE, "-j", "1", "--no-laws")
        assert code == 3
        assert "nobody knows" in out
        outcomes = {"verdict": "open", "parts": [], "rules": [], "axioms": [], "mutants": None}
        ledger.setattr(work.Proof, "run", lambda job: {**outcomes, "verdict": "open" if job.id == HERE else "proved"})
        code, out, _ = lemmata("verify", "rope", "-j", "1", "--no-laws", "--fresh")
        assert code == 0
        assert "1 open" in out

    def test_a_survivor_exits_1(self, lemmata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        mutants = {"killed": 3, "total": 4, "survivors": ["a = b"], "not_load_bearing": [], "no_model": []}
        outcome = {"verdict": "proved", "parts": [], "rules": [], "axioms": [], "mutants": mutants}
        monkeypatch.setattr(work.Proof, "run", lambda job: outcome)
        code, out, _ = lemmata("verify", ID, "-j", "1", "--no-laws", "--mutants")
        assert code == 1
        assert "accepts a false variant: a = b" in out
        assert "survivors 3/4" in out

    @pytest.mark.parametrize(("verdict", "expected"), [("refuted", 1), ("inaccurate", 1), ("undecided", 3)])
    def test_a_law_that_fails(self, lemmata: Any, monkeypatch: pytest.MonkeyPatch, verdict: str, expected: int) -> None:
        result = {"claims": [ID], "law": "f.g", "verdict": verdict, "worst": float("inf"), "detail": "what happened"}
        monkeypatch.setattr(work.Laws, "run", lambda job: {"verdict": verdict, "results": [result]})
        code, out, _ = lemmata("verify", ID, "-j", "1")
        assert code == expected
        assert "what happened" in out
        assert f"{verdict} f.g" in out
        code, record = verified(lemmata, ID)
        assert record["laws"][0]["worst"] == "inf"

    def test_a_job_that_breaks_is_undecided(self, lemmata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(job: work.Proof) -> work.Outcome:
            raise RuntimeError("out of order")

        monkeypatch.setattr(work.Proof, "run", broken)
        code, out, _ = lemmata("verify", ID, "-j", "1", "--no-laws")
        assert code == 3
        assert "RuntimeError: out of order" in out

    def test_processes_agree_with_one_process(self, lemmata: Any) -> None:
        names = (ID, "rope.relative-offset")
        _, one = verified(lemmata, *names, "--no-laws")
        code, out, _ = lemmata("verify", *names, "--no-laws", "--fresh", "-j", "2", "--json")
        assert code == 0
        assert json.loads(out)["claims"] == one["claims"]
