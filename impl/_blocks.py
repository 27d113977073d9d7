# SPDX-License-Identifier: BSD-3-Clause
"""Rotation into preallocated memory, block by block, so that temporaries stay in the cache.

The same products, differences and sums as the array-API definition in ``rope.py``, each rounded by
itself, so that the two agree bitwise. (A product of complex numbers would be faster for interleaved
pairs, but does not round so. Of 1003 complex64 products on an x86-64 with AVX-512, NumPy's differ from
the separate roundings in 437, alone as in the array; torch's in one, which alone has another value
than in the array: the result of a row would depend on the batch that it is in.)
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from array_api_compat import is_numpy_array, is_torch_array

from ._arrays import Array, Namespace, working_dtype

_BLOCK = 1 << 17  # elements: half a megabyte in float32


def applies(x: Array) -> bool:
    """Whether an array is plain memory of the host: not traced, transformed, differentiated or on a device."""
    if is_numpy_array(x):
        return True
    if not is_torch_array(x) or x.device.type != "cpu":
        return False
    import torch
    from torch.autograd import forward_ad

    if torch.compiler.is_compiling() or forward_ad._current_level >= 0 or (torch.is_grad_enabled() and x.requires_grad):
        return False
    try:
        x.data_ptr()
    except RuntimeError:  # a tensor of torch.func
        return False
    return True


def rotate_into(xp: Namespace, x: Array, tables: tuple[Array, Array], pairs: tuple[slice, slice], out: Array) -> None:
    """Write to ``out``, which may be ``x``, the pairs of ``x`` turned by tables of the working dtype."""
    shape = (*x.shape[:-1], tables[0].shape[-1])
    cosine, sine = (xp.broadcast_to(table, shape) for table in tables)
    scratch = xp.empty((4, min(max(_BLOCK // 2, shape[-1]), prod(shape))), dtype=working_dtype(xp, x))
    for block in _blocks(shape):
        _turn_block(xp, x[block], cosine[block], sine[block], pairs, out[block], scratch)


def _blocks(shape: tuple[int, ...]) -> Iterator[Any]:
    """Indices that cut an array ``(..., rows, pairs)`` into pieces of at most about ``_BLOCK / 2`` pairs."""
    limit = max(1, _BLOCK // 2)
    lead, rows, pairs = shape[:-2], shape[-2], max(1, shape[-1])
    if not lead or prod(lead) * pairs <= limit:
        step = max(1, limit // max(1, prod(lead) * pairs))
        for start in range(0, rows, step):
            yield (..., slice(start, start + step), slice(None))
        return
    inner = prod(lead[1:]) * pairs
    step = max(1, limit // inner)
    for start in range(0, lead[0], step):
        if inner * step <= limit:
            for block in _blocks((min(step, lead[0] - start), *lead[1:], rows, pairs)):
                yield (slice(start, start + step), *block)
        else:
            for block in _blocks((*lead[1:], rows, pairs)):
                yield (start, *block)


def _turn_block(
    xp: Namespace,
    x: Array,
    cosine: Array,
    sine: Array,
    pairs: tuple[slice, slice],
    out: Array,
    scratch: Array,
) -> None:
    """One block; the whole input of the block is read before its output is written."""
    first, second = pairs
    size = prod(cosine.shape)
    p, q, r, s = (xp.reshape(row[:size], cosine.shape) for row in scratch)
    a, b = x[..., first], x[..., second]
    if a.dtype != scratch.dtype or first.step == 2:
        r[...], s[...] = a, b
        a, b = r, s
    xp.multiply(a, sine, out=p)
    xp.multiply(b, cosine, out=q)
    p += q
    xp.multiply(b, sine, out=q)
    xp.multiply(a, cosine, out=r)
    r -= q
    out[..., first], out[..., second] = r, p
