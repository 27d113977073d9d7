# SPDX-License-Identifier: BSD-3-Clause
"""``receptive_field.of_module``: exact on random networks, right on known ones, and silent on nothing.

``LEMMATA_RF_GRAPHS=10000`` checks that many random networks against autograd; the default is a sample.
"""

from __future__ import annotations

import os

import pytest

torch = pytest.importorskip("torch")

from lemmata.conformance.check import check  # noqa: E402 - after the check for torch
from lemmata.impl.receptive_field_module import of_module  # noqa: E402 - after the check for torch
from random_networks import random_network, support  # noqa: E402

GRAPHS = int(os.environ.get("LEMMATA_RF_GRAPHS", "250"))
BATCH = 50
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


def test_our_implementation_obeys():
    report = check("receptive_field", backend="numpy", of_module=of_module)
    assert report.verdict == "holds", str(report)
    assert not [r.law for r in report.results if r.verdict == "not applicable" and r.law.startswith("module-")]


def inside(nodes, place, o):
    """Whether a position sees its input through no border: nothing padded, cut off or clamped on the way."""
    wanted = {place: {o}}
    for number in range(place, 0, -1):
        for parent, link in nodes[number].links if wanted.get(number) else ():
            length = nodes[parent].length
            if hasattr(link, "reason"):
                return False
            held = wanted.setdefault(parent, set())
            for position in wanted[number]:
                block, phase = divmod(position, link.period)
                found = {link.step * block + t for t in link.taps[phase]}
                if not all(0 <= i < length for i in found) or link.bounded:
                    return False
                held |= found
    return True


def compare(seed):
    """Every output position of a random network: ends as they are, and away from the ends. How many of each.

    Where channels that see different things are told apart later on, the report says that it is an upper bound; the
    third count tells whether.
    """
    network, shadow, shape = random_network(seed)
    try:
        report = of_module(network, shape)
    except ValueError as error:  # every path leads through what nothing is seen of
        if "does not depend on its input" not in str(error):
            raise
        assert not any(set().union(*support(shadow, shape, axis)) for axis in range(len(shape) - 1)), seed
        return [0, 0, 0]
    assert all(a.exact for a in report.axes)
    counts = [0, 0, int(not report.exact)]
    for axis, field in enumerate(report.axes):
        expected = support(shadow, shape, axis)
        assert field.output_length == len(expected)
        for o, positions in enumerate(expected):
            seen = report.seen(axis, o)
            assert seen >= positions if report.loose else seen == positions, (seed, axis, o)
            counts[0] += 1
            if report.exact and field.size < float("inf") and inside(report._nodes[axis], report._places[axis], o):
                assert set(field.at(o).positions) == positions, (seed, axis, o)
                counts[1] += 1
    return counts


@pytest.mark.parametrize("start", range(0, GRAPHS, BATCH))
def test_random_networks_see_what_autograd_reaches(start):
    """At the ends by ``seen``, and away from the ends by the periodic fields as well."""
    positions = [sum(column) for column in zip(*(compare(seed) for seed in range(start, start + BATCH)), strict=True)]
    assert positions[0] >= 10 * BATCH
    assert positions[1] >= BATCH
    assert positions[2] <= BATCH // 10  # upper bounds, and declared to be
