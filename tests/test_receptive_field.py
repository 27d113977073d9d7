# SPDX-License-Identifier: BSD-3-Clause
"""Our receptive-field arithmetic obeys its laws, and the laws can tell."""

from __future__ import annotations

import pytest
from lemmata.conformance.check import check
from lemmata.impl import receptive_field

CONTRACTS = (  # of_module: its own file
    "size",
    "jump",
    "center",
    "effective_padding",
    "branch_interval",
    "inception_size",
    "decoder_size",
    "tcn_size",
)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_our_implementation_obeys(contract):
    report = check("receptive_field", backend="numpy", **{contract: getattr(receptive_field, contract)})
    assert report.verdict == "holds", str(report)


def test_one_function_without_strides_is_tested_without_them():
    report = check("receptive_field", backend="numpy", size=lambda kernels: 1 + sum(k - 1 for k in kernels))
    assert report.verdict == "holds", str(report)


def test_a_stack_without_layers_is_the_identity():
    assert receptive_field.size([]) == receptive_field.jump([]) == 1
    assert receptive_field.branch_interval([[]]) == (0, 0)
    assert receptive_field.inception_size([[]], []) == receptive_field.decoder_size([]) == 1
