# SPDX-License-Identifier: BSD-3-Clause
"""Tensors without values: shapes, and which axis of the network's input lies along which dimension.

Every operation of a network is brought down to a few moves on such tensors: a relation along one
dimension, a mixing of dimensions, a broadcast, a change of shape. Each move leaves nodes and links
(see ``_relations``) on the graph of every axis that it touches; nothing is computed on values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TypeVar

from ._relations import CONSTANT, IDENTITY, Field, Link, Mixing, Node, Relation, field_of

T = TypeVar("T")
FREE = -1  # a factor of a dimension that carries no axis: batch, channels
Factor = tuple[int, int]  # axis or FREE, size
Dim = tuple[Factor, ...]  # a dimension may be several axes in one, as after a flattening, the slowest first


class Unsupported(Exception):
    """What an operation does is not known; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Dimensions, and for every axis the node of its graph that positions of this tensor are at.

    The node's positions are those along the factor of the axis; where no dimension carries the axis, the
    node has length 1. ``None`` stands for a tensor that the input does not influence. Unless ``uniform``,
    channels may differ in what they see.
    """

    dims: tuple[Dim, ...]
    nodes: tuple[int, ...] | None
    uniform: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple([dim[0][1] if len(dim) == 1 else prod([size for _, size in dim]) for dim in self.dims])

    def to(self, dims: tuple[Dim, ...], nodes: tuple[int, ...] | None) -> Tensor:
        """With other dimensions and nodes."""
        return Tensor(dims, nodes, self.uniform)

    def carrier(self, axis: int) -> int | None:
        """The dimension along which an axis lies."""
        for place, dim in enumerate(self.dims):
            if any(a == axis for a, _ in dim):
                return place
        return None

    def place(self, dim: int) -> int:
        """A dimension counted from the front."""
        if not -len(self.dims) <= dim < len(self.dims):
            raise Unsupported(f"dimension {dim} of a tensor of shape {self.shape}")
        return dim % len(self.dims)


def constant(shape: Sequence[int]) -> Tensor:
    """A tensor that the input does not influence."""
    return Tensor(tuple(((FREE, int(n)),) for n in shape), None)


@dataclass(slots=True)
class Graph:
    """The graphs of all axes as they grow, with the field of every node; node 0 is the input.

    ``loose`` names operations behind which the channels taken together may say too much.
    """

    axes: list[list[Node]]
    fields: list[list[Field]]
    loose: list[str] = field(default_factory=list)

    def node(self, axis: int, length: int, links: Sequence[tuple[int, Link]]) -> int:
        """A new node, or the old one where it would see the same under the same indices."""
        links = tuple(dict.fromkeys(links))
        nodes = self.axes[axis]
        if len(links) == 1 and links[0][1] is IDENTITY and nodes[links[0][0]].length == length:
            return links[0][0]
        made = Node(length, links)
        self.fields[axis].append(field_of(made, nodes, self.fields[axis]))
        nodes.append(made)
        return len(nodes) - 1

    # Moves on one tensor ------------------------------------------------------------------------

    def relate(self, x: Tensor, dim: int, relation: Relation, length: int) -> Tensor:
        """A relation along one dimension, whose new size is ``length``."""
        if length < 1:
            raise Unsupported(f"an output of size {length} from an input of shape {x.shape}")
        place = x.place(dim)
        if relation == IDENTITY and length == x.shape[place]:
            return x
        axes = [a for a, _ in x.dims[place] if a != FREE]
        if not axes:
            return x.to(_put(x.dims, place, ((FREE, length),)), x.nodes)
        if len(x.dims[place]) > 1:
            raise Unsupported(f"a neighbourhood along a dimension that holds several axes, of shape {x.shape}")
        (axis,) = axes
        made = self.node(axis, length, [(_nodes(x)[axis], relation)])
        related = x.to(_put(x.dims, place, ((axis, length),)), _put(_nodes(x), axis, made))
        if self.fields[axis][made].nothing and len(self.axes) > 1:  # then nothing is seen along the others, either
            self.loose.append(f"shape {related.shape}, which sees nothing along one axis")
        return related

    def mix(self, x: Tensor, dims: Sequence[int], reason: str, exact: bool = True) -> Tensor:
        """Every position sees every other one along these dimensions; the shape stays."""
        for dim in dims:
            for axis, size in x.dims[x.place(dim)]:
                if axis != FREE:
                    made = self.node(axis, size, [(_nodes(x)[axis], Mixing(reason, exact))])
                    x = x.to(x.dims, _put(_nodes(x), axis, made))
        return x

    def reduce(self, x: Tensor, dims: Sequence[int], reason: str, *, keep: bool = False, weigh: bool = False) -> Tensor:
        """These dimensions are summed over. With ``weigh`` one position is no more than a window of one."""
        places = {x.place(d) for d in dims}
        for place in places:
            for axis, size in x.dims[place]:
                if axis != FREE:
                    link = CONSTANT if weigh and size == 1 else Mixing(reason)
                    made = self.node(axis, 1, [(_nodes(x)[axis], link)])
                    x = x.to(x.dims, _put(_nodes(x), axis, made))
        one: Dim = ((FREE, 1),)
        kept = tuple(one if d in places else dim for d, dim in enumerate(x.dims) if keep or d not in places)
        return x.to(kept, x.nodes)

    def resize(self, x: Tensor, dim: int, size: int) -> Tensor:
        """Another size for a dimension that carries no axis: channels."""
        return x.to(_put(x.dims, x.place(dim), ((FREE, size),)), x.nodes)

    def reshape(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        """The same elements in another shape; an axis may be merged with others but not cut."""
        total = prod(x.shape)
        known = prod(n for n in shape if n != -1)
        sizes = [total // known if n == -1 and known else int(n) for n in shape]
        if prod(sizes) != total:
            raise Unsupported(f"a reshape of {x.shape} to {tuple(shape)}")
        rest = [factor for dim in x.dims for factor in dim if factor[1] != 1][::-1]
        dims: list[Dim] = []
        for size in sizes:
            taken: list[Factor] = []
            left = size
            while left > 1:
                axis, have = rest.pop()
                if left % have and (axis != FREE or have % left):
                    raise Unsupported(f"a reshape of {x.shape} to {tuple(shape)}, which cuts an axis")
                if have > left:
                    rest.append((axis, have // left))
                    have = left
                taken.append((axis, have))
                left //= have
            dims.append(tuple(taken) or ((FREE, 1),))
        return x.to(tuple(dims), x.nodes)

    def permute(self, x: Tensor, order: Sequence[int]) -> Tensor:
        return x.to(tuple(x.dims[x.place(d)] for d in order), x.nodes)

    def expand(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        """Broadcast to a shape; −1 keeps a size."""
        lead = len(shape) - len(x.dims)
        sizes = [x.shape[d - lead] if n == -1 else int(n) for d, n in enumerate(shape)]
        return self.broadcast([x, constant(sizes)])

    def select(self, x: Tensor, dim: int, name: str) -> Tensor:
        """Some of the channels are taken: what they see is known only if all see the same."""
        if not x.uniform and x.nodes is not None:
            self.loose.append(name)
        return x

    # Moves on several tensors -------------------------------------------------------------------

    def broadcast(self, tensors: Sequence[Tensor]) -> Tensor:
        """An elementwise operation: the union of what the operands see."""
        first = tensors[0]
        if all(t is first or t == first for t in tensors):
            return first
        rank = max(len(t.dims) for t in tensors)
        dims = tuple(_widest([t.dims[d - rank] for t in tensors if len(t.dims) >= rank - d]) for d in range(rank))
        live = [t for t in tensors if t.nodes is not None]
        if not live:
            return Tensor(dims, None)
        nodes = tuple(self._union(axis, dims, live) for axis in range(len(self.axes)))
        return Tensor(dims, nodes, all(t.uniform for t in live))

    def _union(self, axis: int, dims: tuple[Dim, ...], tensors: Sequence[Tensor]) -> int:
        """The node of an axis in a broadcast to these dimensions."""
        place = next((d for d, dim in enumerate(dims) if any(a == axis for a, _ in dim)), None)
        length = 1 if place is None else next(size for a, size in dims[place] if a == axis)
        links: list[tuple[int, Link]] = []
        for t in tensors:
            node = _nodes(t)[axis]
            where = t.carrier(axis)
            own = self.axes[axis][node].length
            if own == 1:
                links.append((node, IDENTITY if length == 1 else CONSTANT))
            elif where is not None and place is not None and where + len(dims) - len(t.dims) == place:
                if t.dims[where] != dims[place]:
                    raise Unsupported(f"dimensions that are merged in different ways: shapes {t.shape} and others")
                links.append((node, IDENTITY))
            else:  # a position of the result stands for several positions of the axis
                links.append((node, Mixing("it pairs positions with each other", exact=False)))
        return self.node(axis, length, links)

    def concatenate(self, tensors: Sequence[Tensor], dim: int, name: str) -> Tensor:
        """Side by side along a dimension."""
        place = tensors[0].place(dim)
        total = sum(t.shape[place] for t in tensors)
        axes = {a for t in tensors for a, _ in t.dims[place] if a != FREE}
        if not axes:
            joined = self.broadcast([self.resize(t, place, total) for t in tensors])
            alike = len({t.nodes for t in tensors}) == 1 and all(t.uniform for t in tensors)
            return replace(joined, uniform=alike)
        if len(axes) == 1 and all(len(t.dims[place]) == 1 for t in tensors):
            return self._end_to_end(tensors, place, axes.pop(), total, name)
        return replace(self.broadcast([self._blurred(t, place, total) for t in tensors]), uniform=False)

    def _blurred(self, x: Tensor, place: int, size: int) -> Tensor:
        """A dimension whose positions are no longer told apart: the whole axis is an upper bound."""
        for axis, _ in x.dims[place]:
            if axis != FREE:
                link = Mixing("it joins positions of several axes", exact=False)
                made = self.node(axis, 1, [(_nodes(x)[axis], link)])
                x = x.to(x.dims, _put(_nodes(x), axis, made))
        return self.resize(x, place, size)

    def _end_to_end(self, tensors: Sequence[Tensor], place: int, axis: int, total: int, name: str) -> Tensor:
        """Pieces along one axis: each ends where the next begins.

        If the pieces differ along another axis, then what is seen along that one depends on the position on this
        one, and a later cut may hide some of it.
        """
        if len({t.nodes[:axis] + t.nodes[axis + 1 :] for t in tensors if t.nodes is not None}) > 1:
            self.loose.append(name)
        pieces, start = [], 0
        for t in tensors:
            size = t.shape[place]
            relation = Relation(1, 1, ((-start,),), bounded=True)
            start += size
            if t.nodes is None:
                pieces.append(self.resize(t, place, total))
                continue
            made = self.node(axis, total, [(_nodes(t)[axis], relation)])
            pieces.append(t.to(_put(t.dims, place, ((axis, total),)), _put(t.nodes, axis, made)))
        return self.broadcast(pieces)


def _nodes(x: Tensor) -> tuple[int, ...]:
    if x.nodes is None:
        raise Unsupported("a tensor that the input does not influence but that has its axes")
    return x.nodes


def _put(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _widest(dims: Sequence[Dim]) -> Dim:
    """The dimension that a broadcast has: the largest, preferably one that carries axes."""
    if all(dim == dims[0] for dim in dims):
        return dims[0]
    size = max(prod(n for _, n in dim) for dim in dims)
    wide = [dim for dim in dims if prod(n for _, n in dim) == size]
    return next((dim for dim in wide if any(a != FREE for a, _ in dim)), wide[0])
