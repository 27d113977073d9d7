# SPDX-License-Identifier: BSD-3-Clause
"""Our activations obey the laws of their topic, on every backend, in every dtype."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from lemmata.conformance import activations as laws
from lemmata.conformance import activations_bounds as bounds
from lemmata.conformance.activations_cases import NAMES, ROWS, Case, points
from lemmata.conformance.check import check, plan
from lemmata.conformance.floats import FORMATS, rounded
from lemmata.impl import activations

CONTRACTS = tuple(contract.name for contract in laws.CONTRACTS)
EXAMPLES = 20  # a law; the seeds differ from test to test
# The environment without PyTorch tests NumPy's dtypes; beside PyTorch one of them will do.
PLACES = (
    [("torch", dtype) for dtype in FORMATS] + [("numpy", "float64")]
    if importlib.util.find_spec("torch")
    else [("numpy", dtype) for dtype in ("float16", "float32", "float64")]
)


@pytest.mark.parametrize(("name", "dtype"), PLACES)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_contract_holds(contract: str, name: str, dtype: str) -> None:
    """Within the bounds of every law, not only near enough to escape refutation."""
    given = {contract: getattr(activations, contract)}
    seed = len(name + dtype + contract)
    report = check("activations", backend=name, dtypes=[dtype], seed=seed, max_examples=EXAMPLES, **given)
    assert report.verdict == "holds", str(report)


def test_law_names_are_unique() -> None:
    names = [(law.contracts, law.id) for law in laws.LAWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("contract", NAMES)
def test_inputs_reach_every_part_of_the_line(contract: str, dtype: str) -> None:
    """Within one mixed array: zeros or subnormals, tiny and ordinary and huge numbers, both signs, all of the dtype."""
    given = {contract: getattr(activations, contract)}
    subject = plan("activations", backend="numpy", dtypes=[dtype], **given)[0].subject
    x = points(subject, Case(contract, 5, "mixed", (400,)))
    assert np.array_equal(rounded(x, dtype), x)
    size = np.abs(x)
    form = FORMATS[dtype]
    assert (size < 2.0**form.emin).any()
    assert ((size > 0.1) & (size < 4)).any()
    assert (size > 2.0 ** min(form.emax - 8, 100)).any()
    assert {*np.sign(x)} >= {-1.0, 1.0}


def test_a_bound_is_relative_in_the_tail_and_refutes_only_what_no_rounding_explains() -> None:
    """GELU at −8: the value 5·10⁻¹⁵ is asked for to 8 units of 1 + x² there, and 0 is inaccurate, not refuted."""
    e = bounds.value(ROWS["gelu"], {}, np.array([-8.0]), "float32")
    size = abs(float(e.high[0]))
    assert float(e.bound[0]) < 1e-4 * size
    assert float(e.refuted_above[0]) > size
