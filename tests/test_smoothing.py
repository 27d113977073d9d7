# SPDX-License-Identifier: BSD-3-Clause
"""Our smooth functions obey their laws, on every backend that is there and in every dtype."""

from __future__ import annotations

import pytest
from lemmata.conformance import smoothing as laws
from lemmata.conformance.check import check
from lemmata.impl import smoothing

DTYPES = {"numpy": ("float16", "float64"), "torch": ("float16", "bfloat16", "float32", "float64")}
NAMES = tuple(contract.name for contract in laws.CONTRACTS)


def test_every_contract_has_an_implementation_and_no_more():
    assert set(NAMES) == set(smoothing.__all__)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("contract", NAMES)
def test_our_implementation_obeys(contract, backend):
    pytest.importorskip(backend)
    functions = {contract: getattr(smoothing, contract)}
    report = check("smoothing", backend=backend, dtypes=DTYPES[backend], max_examples=4, **functions)
    assert report.verdict == "holds", str(report)


@pytest.mark.parametrize("form", laws.CONVENTIONS["form"])
def test_every_form_of_the_absolute_value_obeys(form):
    pytest.importorskip("torch")
    report = check("smoothing", form=form, max_examples=8, smooth_abs=smoothing.smooth_abs)
    assert report.verdict == "holds", str(report)


def test_two_smooth_maxima_differ_by_the_entropy():
    functions = {"smooth_max": smoothing.smooth_max, "boltzmann_max": smoothing.boltzmann_max}
    report = check("smoothing", backend="numpy", max_examples=8, **functions)
    assert report.verdict == "holds", str(report)
    assert {r.law for r in report.results if "+" in r.contract} == {"smooth_max-entropy"}


@pytest.mark.parametrize("contract", NAMES)
def test_our_implementation_obeys_on_a_gpu(contract):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    report = check("smoothing", devices=("cuda",), max_examples=6, **{contract: getattr(smoothing, contract)})
    assert report.verdict == "holds", str(report)
