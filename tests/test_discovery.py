# SPDX-License-Identifier: BSD-3-Clause
"""The kit's power of discovery: planted bugs are caught, correct variants are not refuted.

By default each bug is looked for with one seed, in float32 and with few examples, so that the whole
takes a few minutes. ``LEMMATA_DISCOVERY_SEEDS=20`` is the full measurement of the promise: each
bug is caught with at least 95 % of the seeds.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest

pytest.importorskip("torch")

from bugs import Planted
from lemmata import theory
from lemmata.conformance.check import check

SEEDS = int(os.environ.get("LEMMATA_DISCOVERY_SEEDS", "1"))
EXAMPLES = dict.fromkeys(theory.TOPICS, 12) | {"receptive_field": 60, "dilation": 60, "segmentation": 60}
TOPICS = {topic: import_module(f"bugs.{topic}") for topic in theory.TOPICS}

BUGS = [pytest.param(topic, bug, id=f"{topic}: {bug.name}") for topic, m in TOPICS.items() for bug in m.BUGS]
VARIANTS = [pytest.param(topic, v, id=f"{topic}: {v.name}") for topic, m in TOPICS.items() for v in m.VARIANTS]


def verdict(topic: str, planted: Planted, seed: int, examples: int, **options: Any) -> str:
    """Of a check with few examples and without shrinking."""
    given = {"dtypes": ("float32",), **planted.options, **planted.make()}
    return check(topic, seed=seed, max_examples=examples, shrink=False, **options, **given).verdict


@pytest.mark.parametrize(("topic", "bug"), BUGS)
def test_planted_bug_is_caught(topic: str, bug: Planted) -> None:
    """``undecided`` is not a catch."""
    verdicts = [verdict(topic, bug, seed, EXAMPLES[topic], stop_at_first=True) for seed in range(SEEDS)]
    caught = sum(v in ("refuted", "inaccurate") for v in verdicts)
    assert caught >= 0.95 * SEEDS, verdicts


@pytest.mark.parametrize(("topic", "variant"), VARIANTS)
def test_correct_variant_is_not_refuted(topic: str, variant: Planted) -> None:
    verdicts = {verdict(topic, variant, seed, EXAMPLES[topic] // 2) for seed in range(max(1, SEEDS // 4))}
    assert verdicts <= {"holds", "inaccurate"}


def test_there_are_enough_of_both() -> None:
    assert len(BUGS) >= 40
    assert len(VARIANTS) >= 12
    for module in TOPICS.values():
        names = [planted.name for planted in (*module.BUGS, *module.VARIANTS)]
        assert len(set(names)) == len(names)
