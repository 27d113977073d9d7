# SPDX-License-Identifier: BSD-3-Clause
"""Rotation of 32 heads of 4096 × 128, against a plain copy and against the code people usually write."""

from __future__ import annotations

import pytest
from lemmata import rope

torch = pytest.importorskip("torch")

HEADS, SEQ, DIM = 32, 4096, 128
DTYPES = ["float32", "bfloat16"]


@pytest.fixture(params=DTYPES)
def arrays(request):
    """Input and preallocated, touched output, so that no page fault is timed."""
    torch.set_num_threads(1)
    x = torch.randn(1, HEADS, SEQ, DIM, generator=torch.Generator().manual_seed(0))
    x = x.to(getattr(torch, request.param))
    request.node.user_properties.append(("dtype", request.param))
    return x, torch.zeros_like(x)


def peer_tables(dtype):
    """Tables of the plain way: everything in float32, both halves repeated, cast to the dtype."""
    theta = 1.0 / (10000.0 ** (torch.arange(0, DIM, 2).float() / DIM))
    angles = torch.arange(SEQ)[:, None].float() * theta
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos().to(dtype), angles.sin().to(dtype)


@pytest.mark.benchmark(group="rope")
def test_copy(benchmark, arrays):
    x, out = arrays
    benchmark(out.copy_, x)


@pytest.mark.benchmark(group="rope")
@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_rotate_out(benchmark, arrays, layout):
    """Tables included."""
    x, out = arrays
    benchmark(rope.rotate, x, torch.arange(SEQ), layout=layout, out=out)


@pytest.mark.benchmark(group="rope")
@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_rotate_out_without_numba(benchmark, arrays, layout, monkeypatch):
    """The definition, block by block, tables included."""
    monkeypatch.setenv("LEMMATA_NO_FAST", "1")
    x, out = arrays
    benchmark(rope.rotate, x, torch.arange(SEQ), layout=layout, out=out)


@pytest.mark.benchmark(group="rope")
@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_rotate_in_place(benchmark, arrays, layout):
    """Tables included; a rotation keeps norms, so that repetition does not overflow."""
    x, _ = arrays
    benchmark(rope.rotate, x, torch.arange(SEQ), layout=layout, out=x)


@pytest.mark.benchmark(group="rope")
@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_rotate_allocating(benchmark, arrays, layout):
    """Tables included, with a fresh result each time: on most systems also its page faults."""
    x, _ = arrays
    benchmark(rope.rotate, x, torch.arange(SEQ), layout=layout)


@pytest.mark.benchmark(group="rope")
def test_peer_rotate_half(benchmark, arrays):
    """``x * cos + rotate_half(x) * sin`` with ready tables."""
    x, _ = arrays
    cosine, sine = peer_tables(x.dtype)

    def rotate():
        turned = torch.cat([-x[..., DIM // 2 :], x[..., : DIM // 2]], dim=-1)
        return x * cosine + turned * sine

    benchmark(rotate)


@pytest.mark.benchmark(group="rope")
def test_peer_complex_out(benchmark, arrays):
    """Interleaved pairs as complex numbers, float32 only, with ready tables and ``out=``."""
    x, out = arrays
    if x.dtype != torch.float32:
        pytest.skip("complex numbers of 16 bits do not exist")
    cosine, sine = rope.cos_sin(torch.arange(SEQ), DIM)
    factor = torch.complex(cosine, sine)
    source, target = (torch.view_as_complex(v.unflatten(-1, (-1, 2))) for v in (x, out))
    benchmark(torch.mul, source, factor, out=target)


@pytest.mark.benchmark(group="rope-tables")
@pytest.mark.parametrize("tables", ["exact", "float32"])
def test_tables(benchmark, tables):
    """131,072 positions × 64 frequencies; ``tables="float32"`` is the plain way."""
    torch.set_num_threads(1)
    benchmark(rope.cos_sin, torch.arange(131072), DIM, tables=tables)
