# SPDX-License-Identifier: BSD-3-Clause
"""The confusion matrix of 8 × 1024 × 2048 pixels and 19 classes, beside peers, in one run.

``python benchmarks/bench_segmentation.py`` prints the table of ``README.md``: the smallest of several rounds in
which the candidates take turns, as ratios to a plain copy of both label arrays. Every candidate must give the
same matrix. Under pytest-benchmark the same candidates are timed one by one.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch
from lemmata import segmentation

CLASSES = 19
SHAPE = (8, 1024, 2048)


@cache
def labels(dtype: str, noise: bool = False) -> tuple[Any, Any]:
    """Predictions that are right nine times out of ten, truth in patches of 16 × 16; or both random."""
    rng = np.random.default_rng(0)
    if noise:
        return tuple(rng.integers(0, CLASSES, SHAPE, dtype=np.uint8).astype(dtype) for _ in range(2))
    patches = rng.integers(0, CLASSES, (8, 64, 128), dtype=np.uint8)
    target = patches.repeat(16, axis=1).repeat(16, axis=2)
    wrong = rng.random(SHAPE) < 0.1
    pred = np.where(wrong, rng.integers(0, CLASSES, SHAPE, dtype=np.uint8), target)
    return pred.astype(dtype), target.astype(dtype)


def copy(pred: Any, target: Any) -> None:
    pred.copy(), target.copy()


def ours(pred: Any, target: Any) -> Any:
    return segmentation.confusion_matrix(pred, target, CLASSES)


def ours_ignoring(pred: Any, target: Any) -> Any:
    return segmentation.confusion_matrix(pred, target, CLASSES, ignore_index=255)


def naive_numpy(pred: Any, target: Any) -> Any:
    """The usual line: everything at once, in int64, without a look at the range."""
    code = target.reshape(-1).astype(np.int64) * CLASSES + pred.reshape(-1)
    return np.bincount(code, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def naive_torch(pred: Any, target: Any) -> Any:
    t, p = torch.from_numpy(target).flatten(), torch.from_numpy(pred).flatten()
    return torch.bincount(t.long() * CLASSES + p, minlength=CLASSES**2).reshape(CLASSES, CLASSES).numpy()


def scikit_learn(pred: Any, target: Any) -> Any:
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(target.reshape(-1), pred.reshape(-1), labels=np.arange(CLASSES))


def torchmetrics(pred: Any, target: Any, validate: bool = True) -> Any:
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    p, t = torch.from_numpy(pred), torch.from_numpy(target)
    return multiclass_confusion_matrix(p, t, CLASSES, validate_args=validate).numpy()


Candidate = Callable[[Any, Any], Any]
CANDIDATES: dict[str, Candidate] = {
    "copy of both arrays": copy,
    "`confusion_matrix`": ours,
    "the same with `ignore_index=255`": ours_ignoring,
    "peer: NumPy, one bincount": naive_numpy,
    "peer: torch, one bincount": naive_torch,
}
if find_spec("torchmetrics"):
    CANDIDATES["peer: torchmetrics, unvalidated"] = partial(torchmetrics, validate=False)
    CANDIDATES["peer: torchmetrics"] = torchmetrics
if find_spec("sklearn"):
    CANDIDATES["peer: scikit-learn"] = scikit_learn


@pytest.mark.benchmark(group="confusion matrix")
@pytest.mark.parametrize("dtype", ["uint8", "int64"])
@pytest.mark.parametrize("name", CANDIDATES)
def test_confusion_matrix(benchmark: Any, name: str, dtype: str) -> None:
    pred, target = labels(dtype)
    expected = naive_numpy(pred, target)
    got = benchmark.pedantic(CANDIDATES[name], (pred, target), rounds=3)
    assert got is None or np.array_equal(got, expected)


def table(rounds: int) -> None:
    """Print milliseconds and ratios to the copy."""
    kinds = (("uint8", False), ("uint8", True), ("int64", False))
    print(f"| | {' | '.join(d + (', noise' if n else '') for d, n in kinds)} |\n|---|---|---|---|")
    rows: dict[str, list[str]] = {name: [] for name in CANDIDATES}
    for dtype, noise in kinds:
        pred, target = labels(dtype, noise)
        expected = naive_numpy(pred, target)
        best = dict.fromkeys(CANDIDATES, float("inf"))
        for number in range(rounds):
            for name, candidate in CANDIDATES.items():
                if number and best[name] > 1:
                    continue  # a peer that takes seconds is not asked again
                start = time.perf_counter()
                got = candidate(pred, target)
                best[name] = min(best[name], time.perf_counter() - start)
                assert got is None or np.array_equal(got, expected), name
        for name, seconds in best.items():
            rows[name].append(f"{seconds * 1e3:.0f} ms, {seconds / best['copy of both arrays']:.1f}")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    table(rounds=5)
