# SPDX-License-Identifier: BSD-3-Clause
"""Operations that move elements and compute nothing: slices, views, permutations, concatenations.

Rules as in ``_operators``: the graph, the node's name, then PyTorch's arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ._relations import Relation
from ._tensors import FREE, Graph, Tensor, Unsupported, constant


def tensor(value: Any) -> Tensor:
    """An operand; a tensor with values, such as a parameter, is one that the input does not influence."""
    if isinstance(value, Tensor):
        return value
    shape = getattr(value, "shape", ())
    return constant(tuple(shape))


# Slices --------------------------------------------------------------------------------------------


def getitem(g: Graph, name: str, x: Any, index: Any) -> Any:
    if not isinstance(x, Tensor):
        return x[index]
    steps = list(index) if isinstance(index, tuple) else [index]
    named = sum(s is not None and s is not Ellipsis for s in steps)
    if Ellipsis in steps:
        place = steps.index(Ellipsis)
        steps[place : place + 1] = [slice(None)] * (len(x.dims) - named)
    d = 0
    for step in steps:
        if step is None:
            x = unsqueeze(g, name, x, d)
            d += 1
        elif isinstance(step, slice):
            x = _sliced(g, name, x, d, step)
            d += 1
        elif isinstance(step, int) and not isinstance(step, bool):
            x = select(g, name, x, d, step)
        else:
            raise Unsupported(f"indexing with {step!r}")
    return x


def _sliced(g: Graph, name: str, x: Tensor, d: int, cut: slice) -> Tensor:
    n = x.shape[d]
    start, stop, step = cut.indices(n)
    length = len(range(start, stop, step))
    if (start, step, length) == (0, 1, n):
        return x
    if not carries(x, d):
        return g.resize(g.select(x, d, name), d, length)
    return g.relate(x, d, Relation(1, step, ((start,),)), length)


def slice_(g: Graph, name: str, x: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Tensor:
    return _sliced(g, name, x, x.place(dim), slice(start, end, step))


def select(g: Graph, name: str, x: Tensor, dim: int, index: int) -> Tensor:
    """One position of a dimension, which then is no more."""
    d = x.place(dim)
    if carries(x, d):
        x = g.relate(x, d, Relation(1, 0, ((index % x.shape[d],),)), 1)
    else:
        x = g.select(x, d, name) if d != 0 else x
    return replace(x, dims=(*x.dims[:d], *x.dims[d + 1 :]))


def narrow(g: Graph, name: str, x: Tensor, dim: int, start: int, length: int) -> Tensor:
    return _sliced(g, name, x, x.place(dim), slice(start, start + length))


def split(g: Graph, name: str, x: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    d = x.place(dim)
    sections = split_size_or_sections
    if isinstance(sections, int):
        n = x.shape[d]
        sections = [min(sections, n - at) for at in range(0, n, sections)]
    starts = [sum(sections[:i]) for i in range(len(sections))]
    return tuple(narrow(g, name, x, d, s, n) for s, n in zip(starts, sections, strict=True))


def chunk(g: Graph, name: str, x: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    return split(g, name, x, -(-x.shape[x.place(dim)] // chunks), dim)


def unbind(g: Graph, name: str, x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    return tuple(select(g, name, x, dim, i) for i in range(x.shape[x.place(dim)]))


def flip(g: Graph, name: str, x: Tensor, *dims: Any) -> Tensor:
    for d in flat(dims):
        if carries(x, x.place(d)):
            n = x.shape[x.place(d)]
            x = g.relate(x, d, Relation(1, -1, ((n - 1,),)), n)
    return x


def roll(g: Graph, name: str, x: Tensor, shifts: Any, dims: Any) -> Tensor:
    both = zip(*([v] if isinstance(v, int) else list(v) for v in (shifts, dims)), strict=True)
    for shift, d in both:
        if carries(x, x.place(d)):
            x = g.relate(x, d, Relation(1, 1, ((-shift,),), "circular"), x.shape[x.place(d)])
    return x


def carries(x: Tensor, dim: int) -> bool:
    return any(a != FREE for a, _ in x.dims[dim])


def flat(values: Sequence[Any]) -> list[int]:
    """Dimensions given one by one or as one sequence."""
    first = values[0] if len(values) == 1 and isinstance(values[0], (tuple, list)) else values
    return [int(v) for v in first]


# Shapes --------------------------------------------------------------------------------------------


def unsqueeze(g: Graph, name: str, x: Tensor, dim: int) -> Tensor:
    d = dim % (len(x.dims) + 1)
    return replace(x, dims=(*x.dims[:d], ((FREE, 1),), *x.dims[d:]))


def squeeze(g: Graph, name: str, x: Tensor, dim: Any = None) -> Tensor:
    chosen = range(len(x.dims)) if dim is None else [x.place(d) for d in flat((dim,))]
    return replace(x, dims=tuple(v for d, v in enumerate(x.dims) if d not in chosen or x.shape[d] != 1))


def flatten(g: Graph, name: str, x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    a, b = x.place(start_dim), x.place(end_dim)
    shape = x.shape
    merged = 1
    for n in shape[a : b + 1]:
        merged *= n
    return g.reshape(x, [*shape[:a], merged, *shape[b + 1 :]])


def unflatten(g: Graph, name: str, x: Tensor, dim: int, sizes: Any) -> Tensor:
    d = x.place(dim)
    return g.reshape(x, [*x.shape[:d], *(int(n) for n in sizes), *x.shape[d + 1 :]])


def view(g: Graph, name: str, x: Tensor, *shape: Any) -> Tensor:
    if shape and not isinstance(shape[0], (int, tuple, list)):
        return x  # another dtype
    return g.reshape(x, flat(shape))


def permute(g: Graph, name: str, x: Tensor, *dims: Any) -> Tensor:
    return g.permute(x, flat(dims))


def transpose(g: Graph, name: str, x: Tensor, dim0: int, dim1: int) -> Tensor:
    order = list(range(len(x.dims)))
    a, b = x.place(dim0), x.place(dim1)
    order[a], order[b] = order[b], order[a]
    return g.permute(x, order)


def transposed_matrix(g: Graph, name: str, x: Tensor) -> Tensor:
    return transpose(g, name, x, -1, -2) if len(x.dims) > 1 else x


def expand(g: Graph, name: str, x: Tensor, *shape: Any, implicit: bool = False) -> Tensor:
    return g.expand(x, flat(shape))


def expand_as(g: Graph, name: str, x: Tensor, other: Any) -> Tensor:
    return g.expand(x, tensor(other).shape)


def cat(g: Graph, name: str, tensors: Sequence[Any], dim: int = 0) -> Tensor:
    return g.concatenate([tensor(t) for t in tensors], dim, name)


def stack(g: Graph, name: str, tensors: Sequence[Any], dim: int = 0) -> Tensor:
    return cat(g, name, [unsqueeze(g, name, tensor(t), dim) for t in tensors], dim)
