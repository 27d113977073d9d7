# SPDX-License-Identifier: BSD-3-Clause
"""Our segmentation metrics obey their laws, on every backend that is there."""

from __future__ import annotations

import pytest
from lemmata.conformance.check import check
from lemmata.impl import segmentation

CONTRACTS = (
    *("confusion_matrix", "accumulate", "class_histogram", "pixel_accuracy", "mean_class_accuracy"),
    *("iou", "miou", "fwiou", "miou_dataset", "dice"),
)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_our_implementation_obeys(contract, backend):
    pytest.importorskip(backend)
    report = check("segmentation", backend=backend, max_examples=20, **{contract: getattr(segmentation, contract)})
    assert report.verdict == "holds", str(report)


def test_metrics_lie_to_each_other_as_they_must():
    """The laws of two contracts."""
    names = ("confusion_matrix", "pixel_accuracy", "miou", "mean_class_accuracy", "iou", "dice")
    report = check(
        "segmentation", backend="numpy", max_examples=10, **{name: getattr(segmentation, name) for name in names}
    )
    assert report.verdict == "holds", str(report)
    assert {r.law for r in report.results if "+" in r.contract} == {
        "miou-below-accuracy",
        "confusion_matrix-micro",
        "dice-iou",
    }


@pytest.mark.parametrize("device", ["cuda"])
@pytest.mark.parametrize("contract", ["confusion_matrix", "miou"])
def test_our_implementation_obeys_on_a_gpu(contract, device):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    report = check("segmentation", devices=(device,), max_examples=20, **{contract: getattr(segmentation, contract)})
    assert report.verdict == "holds", str(report)


def test_a_function_that_ignores_nothing_is_tested_without():
    def miou(pred, target, num_classes):
        return segmentation.miou(pred, target, num_classes)

    report = check("segmentation", backend="numpy", max_examples=10, miou=miou)
    assert report.verdict == "holds", str(report)
    assert {r.verdict for r in report.results if r.law in ("miou-ignored", "miou-absent")} == {"not applicable"}
