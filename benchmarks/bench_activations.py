# SPDX-License-Identifier: BSD-3-Clause
"""Activations against torch, in one run, as ratios of times: candidates take turns, the smallest round counts.

OMP_NUM_THREADS=1 python benchmarks/bench_activations.py [seconds a cell]   prints all tables: some 4 minutes
OMP_NUM_THREADS=1 python benchmarks/bench_activations.py rows [seconds a cell]   those of softmax and its like alone
OMP_NUM_THREADS=1 python -m pytest benchmarks/bench_activations.py     a few of them with pytest-benchmark
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Sequence

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
}
ROWS = ("softmax", "log_softmax", "logsumexp")
# shapes with an axis: rows side by side, short to long, and rows across images or columns
PLACES = (
    ((20_000, 32), -1),
    ((4096, 128), -1),
    ((256, 1000), -1),
    ((64, 50_000), -1),
    ((8, 151_936), -1),
    ((1, 1_000_000), -1),
    ((8, 19, 256, 256), 1),
    ((1000, 256), 0),
)
SIZES = (10_000, 1_000_000, 10_000_000)
DTYPES = ("float32", "bfloat16", "float64")
ROW_DTYPES = ("float32", "bfloat16", "float16", "float64")


def once(function: Callable[..., object], x: torch.Tensor, up: torch.Tensor | None) -> float:
    """Seconds of one call, or of the backward pass alone; of the processor, which other work may share."""
    if up is None:
        start = time.process_time()
        function(x)
        return time.process_time() - start
    y = function(x)
    start = time.process_time()
    torch.autograd.grad(y, x, up.view(-1)[: y.numel()].view(y.shape))
    return time.process_time() - start


def ratio(name: str, size: int, dtype: str, backward: bool, seconds: float, compiled: bool) -> tuple[float, float]:
    """Our time over torch's, and torch's in ns an element; after one call each, for about the given time."""
    x = torch.randn(size, generator=torch.Generator().manual_seed(0)).to(getattr(torch, dtype)).requires_grad_(backward)
    up = torch.ones_like(x) if backward else None
    os.environ["LEMMATA_NO_FAST"] = "0" if compiled else "1"
    if compiled and size < 1_000_000:
        large = x.detach().repeat(1_000_000 // size).requires_grad_(backward)  # compiles; one small call never does
        once(PAIRS[name][0], large, torch.ones_like(large) if backward else None)
    own, peer = best(PAIRS[name], x, up, seconds)
    return own / peer, peer / size * 1e9


def best(
    functions: Sequence[Callable[..., object]], x: torch.Tensor, up: torch.Tensor | None, seconds: float
) -> list[float]:
    """The smallest of at least three rounds, after one that compiles."""
    found = [float("inf")] * len(functions)
    for function in functions:
        once(function, x, up)
    start, rounds = time.perf_counter(), 0
    while time.perf_counter() - start < seconds or rounds < 3:
        for i, function in enumerate(functions):
            found[i] = min(found[i], once(function, x, up))
        rounds += 1
    return found


def table_of_rows(backward: bool, compiled: bool, seconds: float) -> None:
    os.environ["LEMMATA_NO_FAST"] = "0" if compiled else "1"
    way = "with" if compiled else "without"
    print(f"\n{'Backward' if backward else 'Forward'}, {way} Numba: our time / torch's (ours in ns an entry)\n")
    print("| |", " | ".join(f"{'×'.join(map(str, shape))}, axis {axis}" for shape, axis in PLACES), "|")
    print("|" + "---|" * (len(PLACES) + 1))
    for name in ROWS:
        for dtype in ROW_DTYPES:
            cells = []
            for shape, axis in PLACES:
                x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).mul(3).to(getattr(torch, dtype))
                up = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(x.dtype) if backward else None
                pair = [functools.partial(getattr(module, name), dim=axis) for module in (ours, torch)]
                own, peer = best(pair, x.requires_grad_(backward), up, seconds)
                cells.append(f"{own / peer:.1f} ({own / x.numel() * 1e9:.1f})")
            print(f"| {name} {dtype} |", " | ".join(cells), "|", flush=True)


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
    only_rows = "rows" in sys.argv
    seconds = float(sys.argv[-1]) if sys.argv[-1].replace(".", "").isdigit() else 0.1
    for compiled in (True, False):
        for backward in (False, True):
            if not only_rows:
                table(backward, compiled, seconds)
            table_of_rows(backward, compiled, seconds)


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
