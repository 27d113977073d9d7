# SPDX-License-Identifier: BSD-3-Clause
"""Our functions about biases obey their laws, on every backend that is there and in every dtype."""

from __future__ import annotations

import pytest
from lemmata.conformance import bias as laws
from lemmata.conformance.check import check
from lemmata.impl import bias

DTYPES = {"numpy": ("float16", "float32", "float64"), "torch": ("float16", "bfloat16", "float32", "float64")}
NAMES = tuple(contract.name for contract in laws.CONTRACTS)


def test_every_contract_has_an_implementation_and_no_more():
    assert set(NAMES) == set(bias.__all__)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("contract", NAMES)
def test_our_implementation_obeys(contract, backend):
    pytest.importorskip(backend)
    functions = {contract: getattr(bias, contract)}
    report = check("bias", backend=backend, dtypes=DTYPES[backend], max_examples=8, **functions)
    assert report.verdict == "holds", str(report)


@pytest.mark.parametrize("contract", ["threshold_unit", "fold_batch_norm", "initial_bias"])
def test_our_implementation_obeys_on_a_gpu(contract):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    report = check("bias", devices=("cuda",), max_examples=6, **{contract: getattr(bias, contract)})
    assert report.verdict == "holds", str(report)
