# SPDX-License-Identifier: BSD-3-Clause
"""Our dilated convolution and coverage tests obey their laws, and the laws can tell."""

from __future__ import annotations

import pytest
from lemmata.conformance.check import check
from lemmata.impl import dilation

STACKS = ("effective_kernel", "covers", "holes", "path_counts", "design")


@pytest.mark.parametrize("contract", STACKS)
def test_our_implementation_obeys(contract):
    report = check("dilation", backend="numpy", max_examples=30, **{contract: getattr(dilation, contract)})
    assert report.verdict == "holds", str(report)


@pytest.mark.parametrize("orientation", ["convolution", "correlation"])
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_our_convolution_obeys(backend, orientation):
    pytest.importorskip(backend)
    dtypes = ("float32", "float64") if backend == "numpy" else ("bfloat16", "float32")
    report = check(
        "dilation",
        backend=backend,
        dtypes=dtypes,
        max_examples=15,
        orientation=orientation,
        dilated_conv1d=dilation.dilated_conv1d,
    )
    assert report.verdict == "holds", str(report)


def test_a_function_without_a_kernel_size_is_tested_at_three_taps():
    def covers(rates):
        return dilation.covers(rates)

    report = check("dilation", backend="numpy", max_examples=20, covers=covers)
    assert report.verdict == "holds", str(report)


def test_correlation_is_refuted_where_convolution_is_promised():
    pytest.importorskip("torch")

    def library(x, kernel, rate):
        return dilation.dilated_conv1d(x, kernel, rate, orientation="correlation")

    assert check("dilation", max_examples=20, shrink=False, dilated_conv1d=library).verdict == "refuted"
