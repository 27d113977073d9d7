# SPDX-License-Identifier: BSD-3-Clause
"""Our rotary embedding obeys the laws of its topic, on every backend, dtype, layout and device."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from typing import Any

import pytest
from lemmata.conformance import rope as laws
from lemmata.conformance.backend import BACKENDS, backend
from lemmata.conformance.check import check
from lemmata.conformance.floats import FORMATS
from lemmata.impl import rope

CONTRACTS = [c.name for c in laws.CONTRACTS]
DEVICES = ("cpu", "cuda")
EXAMPLES = 8  # a law; the seeds differ from test to test


def implementations(layout: str) -> dict[str, Callable[..., Any]]:
    """Every contract of the topic; those that know layouts in this one."""
    flat = ("frequencies", "cos_sin")
    return {
        name: getattr(rope, name) if name in flat else functools.partial(getattr(rope, name), layout=layout)
        for name in CONTRACTS
    }


def available(name: str, dtype: str, device: str) -> None:
    """Skip what this machine does not have."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    if reason := backend(name).unsupported(dtype, device):
        pytest.skip(reason)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", BACKENDS)
def test_every_contract_holds(name: str, dtype: str, device: str) -> None:
    """Within the bounds of every law, not only near enough to escape refutation."""
    available(name, dtype, device)
    layout = "half" if dtype in ("float16", "float64") else "interleaved"
    report = check(
        "rope",
        backend=name,
        dtypes=[dtype],
        devices=[device],
        seed=len(name + dtype),
        max_examples=EXAMPLES,
        layout=layout,
        **implementations(layout),
    )
    assert report.verdict == "holds", str(report)
    assert {r.contract for r in report.results if r.verdict == "holds"} == set(CONTRACTS)


@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_a_layout_given_to_check_is_passed_on(layout: str) -> None:
    """``rotate`` takes ``layout``, so that one function can be tested in both."""
    pytest.importorskip("torch")
    report = check("rope", rotate=rope.rotate, layout=layout, dtypes=["float32"], max_examples=EXAMPLES)
    assert report.verdict == "holds", str(report)
    assert "layouts" in {r.law for r in report.results if r.verdict == "holds"}


def test_the_wrong_layout_is_refuted() -> None:
    """The two layouts are not interchangeable."""
    report = check(
        "rope",
        backend="numpy",
        rotate=functools.partial(rope.rotate, layout="half"),
        layout="interleaved",
        dtypes=["float32"],
        max_examples=EXAMPLES,
        stop_at_first=True,
    )
    assert report.verdict == "refuted"


def test_tables_in_float32_are_inaccurate_and_not_refuted() -> None:
    """What checkpoints were trained with is the right formula, rounded."""
    pytest.importorskip("torch")
    trained = functools.partial(rope.rotate, tables="float32")
    report = check("rope", rotate=trained, dtypes=["float32"], max_examples=EXAMPLES)
    assert report.verdict == "inaccurate", str(report)


def test_every_law_names_claims_of_the_topic_and_derives_its_bound() -> None:
    """Ids are well formed and unique for each contract; every check function has its derivation."""
    seen = set()
    for law in laws.LAWS:
        assert all(claim.startswith("rope.") for claim in law.claims)
        assert len(law.derivation) > 80
        assert (law.contracts, law.id) not in seen
        seen.add((law.contracts, law.id))
        assert set(law.contracts) <= set(CONTRACTS)


def test_every_contract_is_under_a_law_of_the_topic() -> None:
    assert {c for law in laws.LAWS for c in law.contracts} == set(CONTRACTS)
