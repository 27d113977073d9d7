# SPDX-License-Identifier: BSD-3-Clause
"""What holds the house together: claims, proofs, laws and implementations match; folders import what they may."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import lemmata
import pytest
from lemmata import theory
from lemmata.cli import work
from lemmata.cli.derivation import MEANING
from lemmata.cli.implementations import public_functions
from lemmata.conformance import check
from lemmata.conformance.general import general_laws
from lemmata.conformance.law import Law
from lemmata.proofs import verify
from lemmata.proofs.axioms import AXIOMS
from lemmata.theory.cite import references
from lemmata.theory.claim import Claim

PACKAGE = Path(lemmata.__file__).parent
CHECKOUT = Path(__file__).parent.parent
LICENCE = "# SPDX-License-Identifier: BSD-3-Clause\n"
FOLDERS = ("theory", "proofs", "impl", "conformance", "cli")
CLAIMS = theory.claims()
IDS = [c.id for c in CLAIMS]
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
each_topic = pytest.mark.parametrize("topic", theory.TOPICS)


def laws(topic: str) -> tuple[Law, ...]:
    return tuple(check.topic_module(topic).LAWS)


@cache
def verified(id: str) -> work.Outcome:
    """What became of a claim's proof, run here unless it has been run under the same sources and versions.

    The test suite's processes share what they find, and begin with what ``lemmata verify --mutants`` has found.
    """
    jobs = [work.Proof(id, theory.claim(id).fingerprint, mutants) for mutants in (True, False)]
    for job in jobs:
        if (known := work.stored(job)) is not None:
            return known
    outcome, _ = work.execute(jobs[-1])
    work.keep(jobs[-1], outcome)
    return outcome


class TestClaims:
    def test_ids_are_unique_and_kebab_case(self) -> None:
        assert len(set(IDS)) == len(IDS)
        assert [i for i in IDS if not re.fullmatch(r"[a-z_]+\.[a-z0-9]+(-[a-z0-9]+)*", i)] == []

    @each_topic
    def test_ids_begin_with_their_topic(self, topic: str) -> None:
        assert {c.topic for c in theory.claims(topic)} == {topic}

    @each_claim
    def test_a_claim_is_complete(self, claim: Claim) -> None:
        """Title, prose, something stated under names that are unique, and sources only of the bibliography."""
        names = [s.name for s in claim.statement]
        assert claim.title
        assert claim.prose
        assert names or claim.open
        assert len(set(names)) == len(names)
        assert {s.key for s in claim.sources} <= set(references())

    @each_claim
    def test_no_statement_is_of_a_term_and_itself(self, claim: Claim) -> None:
        """SymPy rewrites some terms as they are built; an equation that it has made a = a no longer says anything."""
        said = [*claim.sequents(), *(r.popular for r in claim.refutations())]
        assert [s.name for s in said if s.relation.lhs == s.relation.rhs] == []

    @each_claim
    def test_it_rests_on_claims_that_exist(self, claim: Claim) -> None:
        assert set(claim.uses) <= set(IDS)

    def test_no_claim_rests_on_itself(self) -> None:
        """Claims can be ordered so that each comes after those it uses."""
        left = {c.id: set(c.uses) for c in CLAIMS}
        while ready := [i for i, uses in left.items() if not uses & set(left)]:
            for i in ready:
                del left[i]
        assert left == {}

    @each_topic
    def test_a_topic_is_in_every_folder(self, topic: str) -> None:
        for folder in ("theory", "proofs", "impl", "conformance"):
            import_module(f"lemmata.{folder}.{topic}")
        assert topic in check.TOPICS
        assert topic in lemmata.__all__


class TestProofs:
    @each_claim
    def test_every_sequent_has_a_proof(self, claim: Claim) -> None:
        if not claim.open:
            for sequent in claim.sequents():
                assert callable(verify.proof_of(claim, sequent.name))

    @each_topic
    def test_every_proof_is_of_a_sequent(self, topic: str) -> None:
        known = {c.id for c in theory.claims(topic)}
        known |= {f"{c.id}/{s.name}" for c in theory.claims(topic) for s in c.sequents()}
        assert set(verify.proofs(topic)) <= known

    @each_claim
    def test_it_is_proved_by_rules_that_are_explained(self, claim: Claim) -> None:
        """Unless it is open."""
        if claim.open:
            return
        result = verified(claim.id)
        assert result["verdict"] == "proved", result["parts"]
        assert set(result["rules"]) <= set(MEANING) | {"witness", "symm"}

    @each_topic
    def test_at_most_one_claim_in_ten_is_open(self, topic: str) -> None:
        claims = theory.claims(topic)
        assert 10 * len([c.id for c in claims if c.open]) <= len(claims)


class TestTrust:
    """TRUST.md is in step with the code."""

    text = (CHECKOUT / "TRUST.md").read_text("utf-8")

    @each_claim
    def test_what_a_claim_rests_on_is_listed(self, claim: Claim) -> None:
        if claim.open:
            return
        result = verified(claim.id)
        rest = {a.removeprefix("quoted: ") for a in result["axioms"] if not a.startswith("definition of ")}
        assert {name for name in rest | set(result["rules"]) if f"`{name}`" not in self.text} == set()

    def test_every_rule_of_the_kernel_is_listed(self) -> None:
        families = sorted((PACKAGE / "proofs").glob("rules_*.py"))
        rules = {
            argument.value
            for family in families
            for node in ast.walk(ast.parse(family.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_make"
            for argument in node.args[1:2]
            if isinstance(argument, ast.Constant)
        }
        assert {"ring", "induction", "axiom"} <= rules
        assert {r for r in rules if f"`{r}`" not in self.text} == set()

    def test_every_quoted_theorem_is_listed(self) -> None:
        assert {name for name in AXIOMS if f"`{name}`" not in self.text} == set()

    def test_every_file_that_is_named_exists(self) -> None:
        """In every text of the project."""
        for name in ("TRUST.md", "CONTRIBUTING.md", "README.md"):
            named = re.findall(r"`((?:\w+/)+\w+\.\w+)`", (CHECKOUT / name).read_text("utf-8"))
            assert [f for f in named if not (CHECKOUT / f).exists()] == [], name


class TestLaws:
    @each_topic
    def test_a_law_names_claims_of_the_ledger_and_contracts_of_its_topic(self, topic: str) -> None:
        contracts = {c.name for c in check.topic_module(topic).CONTRACTS}
        for law in laws(topic):
            assert law.claims
            assert set(law.claims) <= set(IDS), law.id
            assert set(law.contracts) <= contracts, law.id
            assert law.derivation, law.id
        assert len({(law.contracts, law.id) for law in laws(topic)}) == len(laws(topic))

    @each_claim
    def test_a_claim_has_a_law_or_says_why_not(self, claim: Claim) -> None:
        tested = any(claim.id in law.claims for law in laws(claim.topic))
        assert tested != bool(claim.no_law)

    @each_topic
    def test_every_public_function_is_under_a_law(self, topic: str) -> None:
        """Either it is a contract, which has the general laws at least, or it is named below with its reason."""
        contracts = {c.name: general_laws(c) for c in check.topic_module(topic).CONTRACTS}
        functions = {name.partition(".")[2] for name in public_functions() if name.startswith(f"{topic}.")}
        assert functions
        assert functions - set(contracts) - set(HELPERS.get(topic, ())) == set()
        assert all(contracts.values())

    def test_functions_name_claims_of_the_ledger(self) -> None:
        assert {i for ids in public_functions().values() for i in ids} <= set(IDS)
        assert [name for name, ids in public_functions().items() if not ids] == []


# Public functions that are no contract: each is tested by hand, in the file named.
HELPERS = {
    "rope": {
        "halves_to_interleaved": "test_impl_rope.py",  # of weights, not of positions: there is nothing to draw
        "interleaved_to_halves": "test_impl_rope.py",
    },
    "reparameterization": {
        "gumbel_from_bits": "test_impl_reparameterization.py",  # enumerated over its bits
        "select_from_bits": "test_impl_reparameterization.py",
    },
}


@pytest.mark.parametrize(("function", "file"), [(f, t) for fs in HELPERS.values() for f, t in fs.items()])
def test_a_helper_is_tested_where_it_is_said_to_be(function: str, file: str) -> None:
    assert f"{function}(" in (CHECKOUT / "tests" / file).read_text("utf-8")


def imports(path: Path) -> Iterator[str]:
    """What a module imports, relative names resolved: ``lemmata.theory.claim``, ``numpy``."""
    parts = ["lemmata", *path.relative_to(PACKAGE).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parts[: len(parts) - node.level] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def modules(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


class TestImports:
    @pytest.mark.parametrize(
        ("folder", "ours"),
        [
            ("theory", ("theory", "__version__")),
            ("proofs", ("theory", "proofs")),
            ("impl", ("impl",)),
            ("conformance", ("theory", "conformance")),
        ],
    )
    def test_a_folder_imports_what_it_may(self, folder: str, ours: tuple[str, ...]) -> None:
        wrong = [
            (path.name, name)
            for path in modules(folder)
            for name in imports(path)
            if name.startswith("lemmata.") and not name.startswith(tuple(f"lemmata.{o}" for o in ours))
        ]
        assert wrong == []

    @pytest.mark.parametrize("folder", ["theory", "proofs", "cli"])
    def test_claims_and_proofs_do_without_arrays_that_learn(self, folder: str) -> None:
        assert [p.name for p in modules(folder) if {"torch", "jax"} & {n.partition(".")[0] for n in imports(p)}] == []

    @pytest.mark.parametrize("folder", FOLDERS)
    def test_imports_between_folders_are_relative(self, folder: str) -> None:
        for path in modules(folder):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and not node.level:
                    assert (node.module or "").partition(".")[0] != "lemmata", path.name

    @pytest.mark.parametrize(
        ("statement", "absent"),
        [
            ("import lemmata", "torch sympy scipy hypothesis numpy"),
            ("from lemmata.impl import rope, reparameterization, receptive_field", "torch sympy scipy hypothesis"),
            ("import lemmata.cli.main", "torch sympy scipy hypothesis numpy z3 flint"),
            ("import lemmata.cli.verify", "torch sympy scipy hypothesis numpy z3 flint"),
        ],
    )
    def test_an_import_loads_nothing_heavy(self, statement: str, absent: str) -> None:
        code = f"import sys; {statement}; print(*sorted(set('{absent}'.split()) & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == ""


class TestFiles:
    def test_every_module_begins_with_the_licence(self) -> None:
        paths = [p for p in PACKAGE.rglob("*.py") if p.is_relative_to(PACKAGE)]
        paths += [p for folder in ("tests", "benchmarks") for p in (CHECKOUT / folder).rglob("*.py")]
        assert [
            str(p) for p in paths if not p.read_text("utf-8").startswith("# SPDX-License-Identifier: BSD-3-Clause\n")
        ] == []

    def test_the_packages_are_the_folders(self) -> None:
        settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
        found = {"lemmata"} | {
            ".".join(["lemmata", *p.parent.relative_to(CHECKOUT).parts])
            for folder in FOLDERS
            for p in (CHECKOUT / folder).rglob("__init__.py")
        }
        assert set(settings["packages"]) == found

    def test_the_readme_counts_the_claims(self) -> None:
        rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", (CHECKOUT / "README.md").read_text("utf-8"), re.M)
        assert {topic: int(n) for topic, n in rows} == {t: len(theory.claims(t)) for t in theory.TOPICS}

    def test_the_readme_example_runs(self) -> None:
        text = (CHECKOUT / "README.md").read_text("utf-8")
        (code,) = (b for b in re.findall(r"```python\n(.*?)```", text, re.S) if "lemmata" in b)
        names: dict[str, object] = {}
        exec(code, names)
        assert "rope" in names
        assert eval("receptive_field.size([7, 3, 3], strides=[2, 2, 1])", names) == 19
