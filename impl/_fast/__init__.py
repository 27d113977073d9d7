# SPDX-License-Identifier: BSD-3-Clause
"""Compiled kernels, chosen automatically where they pay; their results are bitwise those of the definitions.

Of activations in float32 that is so but for rare roundings: see ``activations.py``.

This module decides and imports no compiler: Numba is imported at the first call that is large enough.
Compiling takes a second or two for each dtype, once on a machine (Numba keeps the machine code on disk
where it can), so that the first call of a kind must be larger than later ones. Which way was taken
can be seen only in the time. ``LEMMATA_NO_FAST=1`` in the environment switches all kernels off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from types import ModuleType

import numpy as np
from array_api_compat import device, is_torch_array

from .._arrays import Array, Namespace, dtype_name
from .memory import Memory, host

# elements from which the kernel is faster than the definition
_PAYS = {"turn": 1 << 15, "cos_sin": 1 << 11, "formula": 1 << 9, "rows": 1 << 9, "look_up": 1 << 11}
# elements from which the first call compiles: the definition takes some 5 ms
_WORTH_COMPILING = {"turn": 1 << 20, "cos_sin": 1 << 17, "formula": 1 << 18, "rows": 1 << 20, "look_up": 1 << 20}

_UNCOMPILED = ("snake",)  # the sine is the library's

Kind = tuple[str, str, bool]  # what is compiled by itself: kernel, dtype, whether in place
_compiled: set[Kind] = set()
_computed: dict[Kind, int] = {}  # elements that the definition has computed


def turn(
    xp: Namespace,
    x: Array,
    cosine: Array,
    sine: Array,
    interleaved: bool,
    out: Array | None,
    again: Callable[[Array, Array, Array], Array],
) -> Array | None:
    """Rotate the first pairs of ``x`` ``(..., seq, dim)`` by tables of the working dtype, and copy the rest.

    ``None``, and nothing written, where no kernel applies. ``again`` is the whole function, kernel or
    not, of ``x``, cosines and sines; the backward pass calls it.
    """
    kind = ("turn", dtype_name(x), out is x)
    if not _is_large_enough(kind, prod(x.shape)) or dtype_name(x) == "float16":
        return None
    given = [host(v) for v in (x, cosine, sine)]
    if any(v is None for v in given) or (module := kernels()) is None:
        return None
    if _is_differentiated(x):
        if out is not None or 2 * cosine.shape[-1] < x.shape[-1]:
            return None  # vectorised Jacobians cannot put the rotated and the other features together
        from .gradient import rotation

        return rotation(x, cosine, sine, again)
    if out is not None and _is_differentiated(out):
        return None
    result = xp.empty_like(x) if out is None else out
    target = host(result)
    if target is None or not module.turn(*given, interleaved, target):
        return None
    _compiled.add(kind)
    if out is not None and is_torch_array(out) and not out.is_inference():
        import torch

        torch.autograd.graph.increment_version(out)  # what autograd saved of it is no longer there
    return result


def cos_sin(
    xp: Namespace,
    positions: Array,
    whole: Memory,
    rest: Memory,
    per_unit: float,
    tables: tuple[Array, Array],
    rows: int,
) -> bool:
    """Fill tables ``(positions, pairs)`` for integer positions, ``rows`` at a time; whether it was done.

    Only integers and roundings are compiled: the cosines are the library's, called on the same blocks.
    """
    kind = ("cos_sin", dtype_name(tables[0]), False)
    if not _is_large_enough(kind, prod(tables[0].shape)) or dtype_name(tables[0]) not in ("float32", "float64"):
        return False
    steps, cosine, sine = (host(v) for v in (xp.astype(positions, xp.int64, copy=False), *tables))
    if steps is None or cosine is None or sine is None or (module := kernels()) is None:
        return False
    angle = np.empty((min(rows, len(steps)), len(whole)))
    quarter = np.empty(angle.shape, dtype=np.int64)
    for start in range(0, len(steps), rows):
        block = slice(start, start + rows)
        some = slice(0, len(steps[block]))
        module.run(module.reduce, np.ascontiguousarray(steps[block]), whole, rest, per_unit, angle[some], quarter[some])
        near = xp.asarray(angle[some], device=device(positions))
        module.run(
            module.place_quadrants, host(xp.cos(near)), host(xp.sin(near)), quarter[some], cosine[block], sine[block]
        )
    _compiled.add(kind)
    return True


def kernels() -> ModuleType | None:
    """The module of kernels, loaded at the first call; ``None`` without Numba or where it was switched off."""
    return None if os.environ.get("LEMMATA_NO_FAST", "0") not in ("", "0") else _load()


def _is_large_enough(kind: Kind, elements: int) -> bool:
    return elements >= (_PAYS if kind in _compiled else _WORTH_COMPILING)[kind[0]]


def _is_differentiated(x: Array) -> bool:
    if not is_torch_array(x) or not x.requires_grad:
        return False
    import torch

    enabled: bool = torch.is_grad_enabled()
    return enabled


@lru_cache(maxsize=1)
def _load() -> ModuleType | None:
    try:
        import numba
    except ImportError:
        return None
    if numba.config.DISABLE_JIT:
        return None
    from . import rope

    return rope


def elementwise(name: str, x: Memory, parameters: tuple[float, ...], upstream: Memory | None, out: Memory) -> bool:
    """Fill ``out`` with a formula of contiguous numbers, or its slope times ``upstream``; whether it was done."""
    kind = (f"{name} {len(parameters)} {upstream is None}", str(x.dtype), False)
    if name in _UNCOMPILED or not _is_worth_it("formula", kind, x.size) or (module := _activations()) is None:
        return False
    module.run(name, x, parameters, upstream, out)
    _compiled.add(kind)
    return True


def gated(gate: str, given: Sequence[Memory], outs: Sequence[Memory]) -> bool:
    """Fill ``outs`` with a · gate(g) of two contiguous rows of numbers, or with its gradients of three.

    The third are cotangents. Returns whether it was done.
    """
    kind = (f"gated {gate} {len(given)}", str(given[0].dtype), False)
    if not _is_worth_it("formula", kind, given[0].size) or (module := _activations()) is None:
        return False
    module.gated(gate, given[0].dtype == np.float64, len(given) == 3)(*given, *outs)
    _compiled.add(kind)
    return True


def gated_by_table(tables: tuple[Memory, ...], given: Sequence[Memory], dtype: str, outs: Sequence[Memory]) -> bool:
    """The same for patterns of 16 bits, with float64 tables of the numbers, the gate and its slope."""
    kind = ("gated by table", f"{len(given)}", False)
    if not _is_worth_it("look_up", kind, given[0].size) or (module := _activations()) is None:
        return False
    module.gated_16[len(given) - 2](*tables, *given, dtype == "float16", *outs)
    _compiled.add(kind)
    return True


def look_up(table: Memory, places: Memory, out: Memory) -> bool:
    """Fill ``out`` with entries of a table of 65,536; whether it was done."""
    kind = ("look_up", str(table.dtype), False)
    if not _is_worth_it("look_up", kind, places.size) or (module := _activations()) is None:
        return False
    module.look_up(table, places, out)
    _compiled.add(kind)
    return True


def look_up_product(table: Memory, places: Memory, upstream: Memory, out: Memory) -> bool:
    """Fill ``out`` with entries of a float32 table times bfloat16 numbers, as patterns; whether it was done."""
    kind = ("look_up", "product", False)
    if not _is_worth_it("look_up", kind, places.size) or (module := _activations()) is None:
        return False
    module.product_16(table, places, upstream, out)
    _compiled.add(kind)
    return True


def of_rows(kind: str, x: Memory, upstream: Memory | None, dtype: str, out: Memory) -> bool:
    """Fill ``out`` with a function of the rows of contiguous ``(outer, n, inner)``, or its gradient; whether done."""
    what = (f"{kind} {upstream is None}", dtype, False)
    if not _is_worth_it("rows", what, x.size) or kernels() is None:
        return False
    from .rows import run

    run(kind, x, upstream, dtype, out)
    _compiled.add(what)
    return True


def _is_worth_it(family: str, kind: Kind, elements: int) -> bool:
    """Many small calls are worth compiling for as well: what the definition computed so far is counted."""
    if kind in _compiled:
        return elements >= _PAYS[family]
    _computed[kind] = _computed.get(kind, 0) + elements
    return _computed[kind] >= _WORTH_COMPILING[family]


def _activations() -> ModuleType | None:
    if kernels() is None:
        return None
    from . import activations

    return activations
