# SPDX-License-Identifier: BSD-3-Clause
"""Activations against torch, in one run, as ratios of times: candidates take turns, the smallest round counts.

OMP_NUM_THREADS=1 python benchmarks/bench_activations.py [seconds a cell]   prints all tables: some 3 minutes
OMP_NUM_THREADS=1 python -m pytest benchmarks/bench_activations.py     a few of them with pytest-benchmark
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import pytest
from lemmata import activations as ours

torch = pytest.importorskip("torch")
F = torch.nn.functional

PAIRS: dict[str, tuple[Callable[..., object], Callable[..., object]]] = {
    "sigmoid": (ours.sigmoid, torch.sigmoid),
    "tanh": (ours.tanh, torch.tanh),
    "silu": (ours.silu, F.silu),
    "gelu": (ours.gelu, F.gelu),
    "gelu, tanh": (lambda x: ours.gelu(x, "tanh"), lambda x: F.gelu(x, approximate="tanh")),
    "softplus": (ours.softplus, F.softplus),
    "mish": (ours.mish, F.mish),
    "elu": (ours.elu, F.elu),
    "tanhshrink": (ours.tanhshrink, F.tanhshrink),
    "hardswish": (ours.hardswish, F.hardswish),
    "swiglu": (ours.swiglu, lambda x: x[..., : x.shape[-1] // 2] * F.silu(x[..., x.shape[-1] // 2 :])),
    "softmax, rows of 1000": (lambda x: ours.softmax(x.view(-1, 1000)), lambda x: torch.softmax(x.view(-1, 1000), -1)),
}
SIZES = (10_000, 1_000_000, 10_000_000)
DTYPES = ("float32", "bfloat16", "float64")


def once(function: Callable[..., object], x: torch.Tensor, up: torch.Tensor | None) -> float:
    """Seconds of one call, or of the backward pass alone."""
    if up is None:
        start = time.perf_counter()
        function(x)
        return time.perf_counter() - start
    y = function(x)
    start = time.perf_counter()
    torch.autograd.grad(y, x, up.view(-1)[: y.numel()].view(y.shape))
    return time.perf_counter() - start


def ratio(name: str, size: int, dtype: str, backward: bool, seconds: float, compiled: bool) -> tuple[float, float]:
    """Our time over torch's, and torch's in ns an element; after one call each, for about the given time."""
    x = torch.randn(size, generator=torch.Generator().manual_seed(0)).to(getattr(torch, dtype)).requires_grad_(backward)
    up = torch.ones_like(x) if backward else None
    os.environ["LEMMATA_NO_FAST"] = "0" if compiled else "1"
    if compiled and size < 1_000_000:
        large = x.detach().repeat(1_000_000 // size).requires_grad_(backward)  # compiles; one small call never does
        once(PAIRS[name][0], large, torch.ones_like(large) if backward else None)
    best = [float("inf")] * 2
    for function in PAIRS[name]:
        once(function, x, up)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or best[1] == float("inf"):
        for i, function in enumerate(PAIRS[name]):
            best[i] = min(best[i], once(function, x, up))
    return best[0] / best[1], best[1] / size * 1e9


def table(backward: bool, compiled: bool, seconds: float) -> None:
    way = "with" if compiled else "without"
    print(f"\n{'Backward' if backward else 'Forward'}, {way} Numba: our time / torch's (torch: ns an element at 10⁷)\n")
    print("| |", " | ".join(f"{d} {size:.0e}" for d in DTYPES for size in SIZES), "| torch float32 |")
    print("|" + "---|" * (len(DTYPES) * len(SIZES) + 2))
    for name in PAIRS:
        cells, peer = [], 0.0
        for dtype in DTYPES:
            for size in SIZES:
                found, nanoseconds = ratio(name, size, dtype, backward, seconds, compiled)
                cells.append(f"{found:.1f}")
                peer = nanoseconds if dtype == "float32" else peer
        print(f"| {name} |", " | ".join(cells), f"| {peer:.1f} |", flush=True)


def main() -> None:
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
    for compiled in (True, False):
        for backward in (False, True):
            table(backward, compiled, seconds)


@pytest.mark.benchmark(group="activations")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", [0, 1], ids=["ours", "torch"])
@pytest.mark.parametrize("name", ["gelu", "silu", "sigmoid"])
def test_forward(benchmark, name, which, dtype):
    torch.set_num_threads(1)
    x = torch.randn(1_000_000, generator=torch.Generator().manual_seed(0)).to(getattr(torch, dtype))
    benchmark(PAIRS[name][which], x)


if __name__ == "__main__":
    main()
