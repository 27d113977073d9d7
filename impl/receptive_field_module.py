# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields of whole networks: exact, per axis and per output phase, from the traced graph.

The graph is walked once with shapes only; every operation becomes a relation between the positions
of its input and of its output along one axis (``_relations``), and the relations compose. No
convolution is run, so the size of the input costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, isnan
from typing import Any

from ._graph import Step, UnknownOperation, Walk, traced, walked
from ._relations import Field, Node, seen_from
from ._tensors import Tensor

__all__ = ["AxisField", "Layer", "Phase", "Report", "UnknownOperation", "of_module"]


@dataclass(frozen=True, slots=True)
class Phase:
    """What output position ``phase`` sees, and with it every position ``phase + t·period``, ``t·jump`` further on.

    ``left`` and ``right`` are the first and last input position of the hull, on an axis without ends:
    negative positions lie in the padding. ``size = right − left + 1``, infinite where everything is
    seen, 0 where nothing is; ``used`` of these positions count, the others are ``holes``.
    """

    phase: int
    left: float
    right: float
    size: float
    used: float
    bits: int = field(repr=False)

    @property
    def center(self) -> float:
        """Middle of the hull, in input positions."""
        return (self.left + self.right) / 2 if 0 < self.size < inf else float("nan")

    @property
    def holes(self) -> float:
        """How many positions of the hull are not seen."""
        return self.size - self.used if self.size < inf else 0

    @property
    def positions(self) -> tuple[int, ...]:
        """The exact set, ascending; ``ValueError`` where it is the whole axis."""
        if self.size == inf:
            raise ValueError("positions: this phase sees the whole axis, however long it is")
        low = int(self.left) if self.bits else 0
        return tuple(low + i for i, bit in enumerate(reversed(f"{self.bits:b}")) if bit == "1")


@dataclass(frozen=True, slots=True)
class AxisField:
    """Receptive field along one axis of the input.

    Output positions repeat with ``period``: one :class:`Phase` each, ``jump`` input positions further on
    for the next period. Without upsampling the period is 1. Where branches of different strides meet
    (or an axis is pooled to a size that does not divide it) there is no period: ``jump`` is ``None``, and
    every output position has its phase.

    ``reason`` says why the field is the whole axis, where it is. Not ``exact``: the field is an upper bound,
    since a mask, or a choice among channels or pairs of positions, may hide some of it.
    """

    axis: int
    input_length: int
    output_length: int
    period: int
    jump: int | None
    phases: tuple[Phase, ...]
    reason: str = ""
    exact: bool = True

    @property
    def size(self) -> float:
        """The largest hull over the phases; ``inf`` where everything is seen."""
        return max(p.size for p in self.phases)

    @property
    def stride(self) -> Fraction | None:
        """Input positions a step of the output; ``None`` without a period or where everything is seen."""
        return None if self.jump is None or self.size == inf else Fraction(self.jump, self.period)

    def at(self, position: int) -> Phase:
        """Hull and set of one output position, on an axis without ends. See also :meth:`Report.seen`."""
        if self.jump is None:
            return self.phases[position]
        block, number = divmod(position, self.period)
        p, move = self.phases[number], self.jump * block
        return Phase(position, p.left + move, p.right + move, p.size, p.used, p.bits)

    @property
    def padding(self) -> tuple[float, float]:
        """How far the first output sees before the input's first position, and the last one behind its last."""
        first, last = self.at(0), self.at(self.output_length - 1)
        before = -first.left if 0 < first.size < inf else 0
        after = last.right - (self.input_length - 1) if 0 < last.size < inf else 0
        return max(before, 0), max(after, 0)

    def __str__(self) -> str:
        return _described(self)


@dataclass(frozen=True, slots=True)
class Layer:
    """One node of the graph: its name, operation and shape, and the receptive field of its positions by axis."""

    name: str
    operation: str
    shape: tuple[int, ...]
    axes: tuple[AxisField, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The receptive field of a network: of its (first) output by axis, and of every layer.

    ``input_shape`` has no batch axis; ``layers`` are in the order of execution. ``loose`` names nodes that take
    some of the channels where channels see different things: behind them, fields are those of all channels.
    """

    module: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    output: str
    axes: tuple[AxisField, ...]
    layers: tuple[Layer, ...]
    loose: tuple[str, ...] = ()
    _nodes: tuple[tuple[Node, ...], ...] = field(default=(), repr=False, compare=False)
    _places: tuple[int, ...] = field(default=(), repr=False, compare=False)

    @property
    def exact(self) -> bool:
        """Whether the output's fields are the very sets, and not upper bounds."""
        return all(a.exact for a in self.axes) and not self.loose

    def layer(self, name: str) -> Layer:
        """A layer by the name of its node; ``KeyError`` names those that there are."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(f"no layer {name!r}; there are {', '.join(each.name for each in self.layers)}")

    def seen(self, axis: int, position: int) -> frozenset[int]:
        """Input positions that an output position sees, the ends of all axes taken as they are.

        Other than the fields, which are of an axis without ends: what zero padding would add is left out,
        and reflected or wrapped positions are where they come from. ``axis`` and ``position`` count from 0.
        """
        length = self.axes[axis].output_length
        if not 0 <= position < length:
            raise IndexError(f"seen: position must be from 0 to {length - 1}, got {position}")
        return seen_from(self._nodes[axis], self._places[axis], position)

    def rows(self) -> list[tuple[str, ...]]:
        """The table layer by layer, one cell a column of ``COLUMNS``; axes that agree share a cell."""
        return _rows(self)

    def to_json(self) -> str:
        """Everything but the exact sets, which are large; ``"inf"`` stands for the whole axis."""
        return json.dumps(_plain(self), indent=2, ensure_ascii=False)

    def __str__(self) -> str:
        return _table(self)


def of_module(module: Any, input_shape: Sequence[int], *, spatial_axes: Sequence[int] | None = None) -> Report:
    """The receptive field of a PyTorch module, read from its graph.

    Along every spatial axis: for each output phase the hull ``left … right`` and the exact set of
    input positions, holes from dilation and stride left out; the jump from one output to the next; the padding
    that the ends see. Branches unite. Global operations (pooling to one position, ``Linear`` over a
    flattened axis, attention) and normalisation over space (``InstanceNorm``, ``GroupNorm``, ``BatchNorm`` in
    training mode) see the whole axis, and the report says which one it was.

    What counts is what can influence an output for some weights; all channels of a position are taken together.

    Args:
        module: a ``torch.nn.Module`` with one input, in the mode meant (``module.eval()`` for inference), a
            ``torch.fx.GraphModule`` or a ``torch.export.ExportedProgram``.
        input_shape: shape of one sample without the batch axis, such as ``(3, 224, 224)``.
        spatial_axes: which entries of ``input_shape`` are positions; all but the first by default.

    Claims: :claim:`receptive_field.definition`, :claim:`receptive_field.branches`,
    :claim:`receptive_field.transposed`, :claim:`receptive_field.hull-vs-set`,
    :claim:`receptive_field.goldens`, :claim:`receptive_field.resnet50-one-number`.

    Raises:
        TypeError: ``module`` is no module, or a size is no integer.
        ValueError: a size is below 1, there is no spatial axis, or the output does not depend on the input.
        UnknownOperation: (a ``NotImplementedError``) an operation has no rule, or the module cannot be traced;
            the message names the node.

    Examples:
        >>> import torch
        >>> net = torch.nn.Sequential(torch.nn.Conv1d(1, 4, 3, dilation=2), torch.nn.MaxPool1d(2))
        >>> axis = of_module(net, (1, 32)).axes[0]
        >>> axis.size, axis.stride, axis.phases[0].positions
        (6, Fraction(2, 1), (0, 1, 2, 3, 4, 5))
    """
    shape = _sizes(input_shape)
    axes = tuple(range(1, len(shape))) if spatial_axes is None else tuple(int(a) % len(shape) for a in spatial_axes)
    if not axes or len(set(axes)) != len(axes):
        raise ValueError(
            f"of_module: at least one spatial axis is needed, got input_shape {shape}, spatial_axes {axes}"
        )
    walk = walked(*traced(module, shape), shape, axes)
    return _reported(type(module).__name__, shape, walk)


def _sizes(input_shape: Any) -> tuple[int, ...]:
    try:
        sizes = tuple(input_shape)
    except TypeError:
        raise TypeError(f"of_module: input_shape must be a sequence of integers, got {input_shape!r}") from None
    for n in sizes:
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise TypeError(f"of_module: input_shape must hold integers, got {n!r}")
        if n < 1:
            raise ValueError(f"of_module: input_shape must hold sizes of at least 1, got {n}")
    return tuple(int(n) for n in sizes)


def _reported(name: str, shape: tuple[int, ...], walk: Walk) -> Report:
    """The report of a walked graph."""
    if not walk.outputs:
        raise UnknownOperation(f"of_module: {name} returns no tensor that comes from its input")
    graphs, found = walk.graph.axes, walk.graph.fields
    known: dict[tuple[int, int], AxisField] = {}

    def of(tensor: Tensor) -> tuple[AxisField, ...]:
        return tuple(_axis(known, a, place, found[a][place], graphs[a]) for a, place in enumerate(tensor.nodes or ()))

    layers = tuple(Layer(s.name, s.operation, s.tensor.shape, of(s.tensor)) for s in walk.steps)
    first: Step = next((s for s in walk.outputs if s.tensor.nodes is not None), walk.outputs[0])
    if first.tensor.nodes is None:
        raise ValueError(f"of_module: the output of {name} does not depend on its input")
    return Report(
        module=name,
        input_shape=shape,
        output_shape=first.tensor.shape,
        output=first.name,
        axes=of(first.tensor),
        layers=layers,
        loose=tuple(dict.fromkeys(walk.graph.loose)),
        _nodes=tuple(tuple(nodes) for nodes in graphs),
        _places=first.tensor.nodes,
    )


def _axis(
    known: dict[tuple[int, int], AxisField], axis: int, place: int, found: Field, nodes: Sequence[Node]
) -> AxisField:
    """The record of a field; equal nodes share it."""
    record = known.get((axis, place))
    if record is None:
        phases = tuple(_phase(number, low, bits) for number, (low, bits) in enumerate(found.spans))
        lengths = nodes[0].length, nodes[place].length
        record = AxisField(axis, *lengths, found.period, found.step, phases, found.reason, found.exact)
        known[axis, place] = record
    return record


def _phase(number: int, low: int, bits: int) -> Phase:
    if bits < 0:
        return Phase(number, -inf, inf, inf, inf, -1)
    if not bits:
        return Phase(number, inf, -inf, 0, 0, 0)
    last = bits.bit_length() - 1
    first = (bits & -bits).bit_length() - 1
    return Phase(number, low + first, low + last, last - first + 1, bits.bit_count(), bits >> first)


# Text ----------------------------------------------------------------------------------------------


def _number(value: float) -> str:
    if value in (inf, -inf):
        return "∞" if value > 0 else "-∞"
    return str(int(value)) if value == int(value) else str(value)


def _span(values: Sequence[float]) -> str:
    """A number, or from the least to the largest."""
    low, high = min(values), max(values)
    return _number(high) if low == high else f"{_number(low)}–{_number(high)}"


def _described(a: AxisField) -> str:
    """One axis in words."""
    text = f"axis {a.axis}: size {_span([p.size for p in a.phases])}"
    if a.size == inf:
        return f"{text}{'' if a.exact else ' (at most)'}: {a.reason}"
    stride = "without a period" if a.stride is None else f"stride {a.stride}"
    before, after = a.padding
    first = a.phases[0]
    parts = [stride, f"output 0 sees {_number(first.left)} … {_number(first.right)}" if first.size else ""]
    parts.append(f"centre {_number(first.center)}" if first.size else "output 0 sees nothing")
    parts.append(f"padding seen {_number(before)} before, {_number(after)} behind")
    holes = [p.holes for p in a.phases]
    parts.append(f"holes {_span(holes)}" if max(holes) else "no holes")
    if a.jump is not None and a.period > 1:
        parts.append(f"{a.period} phases")
    return f"{text}, " + ", ".join(p for p in parts if p) + ("" if a.exact else " (at most)")


COLUMNS = ("layer", "operation", "output", "size", "stride", "first output sees", "used")


def _rows(report: Report) -> list[tuple[str, ...]]:
    """The table layer by layer, one cell a column of :data:`COLUMNS`; axes that agree share a cell."""
    return [
        (
            layer.name,
            layer.operation,
            "×".join(map(str, layer.shape[1:])),
            _joined([_span([p.size for p in a.phases]) for a in layer.axes]),
            _joined(["–" if a.stride is None else str(a.stride) for a in layer.axes]),
            _joined([_edges(a.phases[0]) for a in layer.axes]),
            _joined([_span([p.used for p in a.phases]) for a in layer.axes]),
        )
        for layer in report.layers
    ]


def _joined(cells: Sequence[str]) -> str:
    return cells[0] if len(set(cells)) == 1 else " × ".join(cells)


def _edges(p: Phase) -> str:
    return "all" if p.size == inf else f"{_number(p.left)} … {_number(p.right)}" if p.size else "nothing"


def _table(report: Report) -> str:
    """The report as plain text."""
    lines = [COLUMNS, *_rows(report)]
    widths = [max(len(line[c]) for line in lines) for c in range(len(COLUMNS))]
    text = ["  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    head = f"{report.module}: input {'×'.join(map(str, report.input_shape))}, output {report.output}"
    text = [head, "", *text, "", *map(_described, report.axes)]
    if report.loose:
        text.append(f"Upper bounds: what channels or positions see is taken together at {', '.join(report.loose)}.")
    return "\n".join(text)


def _plain(report: Report) -> dict[str, Any]:
    return {
        "module": report.module,
        "input_shape": list(report.input_shape),
        "output_shape": list(report.output_shape),
        "output": report.output,
        "exact": report.exact,
        "axes": [_plain_axis(a) for a in report.axes],
        "layers": [
            {
                "name": layer.name,
                "operation": layer.operation,
                "shape": list(layer.shape),
                "axes": [_plain_axis(a) for a in layer.axes],
            }
            for layer in report.layers
        ],
        "loose": list(report.loose),
    }


def _plain_axis(a: AxisField) -> dict[str, Any]:
    return {
        "axis": a.axis,
        "input_length": a.input_length,
        "output_length": a.output_length,
        "size": _plain_number(a.size),
        "stride": None if a.stride is None else str(a.stride),
        "period": a.period,
        "jump": a.jump,
        "padding": [_plain_number(p) for p in a.padding],
        "reason": a.reason,
        "exact": a.exact,
        "phases": [
            {name: _plain_number(getattr(p, name)) for name in ("left", "right", "size", "used", "holes", "center")}
            for p in a.phases
        ],
    }


def _plain_number(value: float) -> float | str | None:
    if isnan(value):
        return None
    if value in (inf, -inf):
        return "inf" if value > 0 else "-inf"
    return int(value) if value == int(value) else value
