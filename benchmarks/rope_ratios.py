# SPDX-License-Identifier: BSD-3-Clause
"""Rotation of 32 heads of 4096 × 128 in copies: candidates take turns, the smallest of the rounds counts.

Run once as it is (cold heap) and once with MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_ large (warm).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from array_api_compat import array_namespace
from lemmata import rope
from lemmata.impl.rope import _turn as turn

HEADS, SEQ, DIM = 32, 4096, 128


def without_kernels(function: Callable[[], object]) -> Callable[[], object]:
    def run() -> None:
        os.environ["LEMMATA_NO_FAST"] = "1"
        try:
            function()
        finally:
            del os.environ["LEMMATA_NO_FAST"]

    return run


def rotate_half_peer(x: torch.Tensor) -> Callable[[], object]:
    """``x * cos + rotate_half(x) * sin`` with ready tables in the dtype of ``x``."""
    theta = 1.0 / (10000.0 ** (torch.arange(0, DIM, 2).float() / DIM))
    angles = torch.arange(SEQ)[:, None].float() * theta
    angles = torch.cat([angles, angles], dim=-1)
    cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    return lambda: x * cosine + torch.cat([-x[..., DIM // 2 :], x[..., : DIM // 2]], dim=-1) * sine


def complex_peer(x: torch.Tensor, out: torch.Tensor) -> Callable[[], object]:
    """Interleaved pairs as complex numbers, with ready tables and ``out=``."""
    factor = torch.complex(*rope.cos_sin(torch.arange(SEQ), DIM))
    source, target = (torch.view_as_complex(v.unflatten(-1, (-1, 2))) for v in (x, out))
    return lambda: torch.mul(source, factor, out=target)


def candidates(dtype: torch.dtype) -> dict[str, Callable[[], object]]:
    x = torch.randn(1, HEADS, SEQ, DIM, generator=torch.Generator().manual_seed(0)).to(dtype)
    out, own, positions = torch.zeros_like(x), x.clone(), torch.arange(SEQ)
    xp, ready = array_namespace(x), rope.cos_sin(positions, DIM)
    found: dict[str, Callable[[], object]] = {"copy": lambda: out.copy_(x)}
    for layout in ("half", "interleaved"):
        into = lambda layout=layout: rope.rotate(x, positions, layout=layout, out=out)  # noqa: E731
        found[f"{layout}, out="] = into
        found[f"{layout}, in place"] = lambda layout=layout: rope.rotate(own, positions, layout=layout, out=own)
        found[f"{layout}, allocating"] = lambda layout=layout: rope.rotate(x, positions, layout=layout)
        found[f"{layout}, out=, tables ready"] = partial(turn, xp, x, *ready, layout, out)
        found[f"{layout}, out=, without Numba"] = without_kernels(into)
    tables = lambda: rope.cos_sin(positions, DIM)  # noqa: E731
    found["the tables alone"] = tables
    found["the tables alone, without Numba"] = without_kernels(tables)
    found["peer: x * cos + rotate_half(x) * sin"] = rotate_half_peer(x)
    if dtype == torch.float32:
        found["peer: complex product, out="] = complex_peer(x, out)
    return found


def ratios(dtype: torch.dtype, rounds: int) -> dict[str, float]:
    functions = candidates(dtype)
    best = dict.fromkeys(functions, float("inf"))
    for number in range(rounds + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if number:  # the first one compiles
                best[name] = min(best[name], time.perf_counter() - start)
    return {name: seconds / best["copy"] for name, seconds in best.items()}


def main() -> None:
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    columns = {str(dtype)[6:]: ratios(dtype, rounds) for dtype in (torch.float32, torch.bfloat16)}
    print("| time / copy |", " | ".join(columns), "|")
    for name in columns["float32"]:
        print("|", name, "|", " | ".join(f"{c[name]:.1f}" if name in c else "–" for c in columns.values()), "|")


if __name__ == "__main__":
    main()
