# SPDX-License-Identifier: BSD-3-Clause
"""Readers of a network's receptive field, with one mistake each; and correct ones of unusual form.

All are one reader: it walks back from single output positions with explicit sets, and asks PyTorch itself for
the shapes. A mistake is a name that the walk looks up where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from types import SimpleNamespace
from typing import Any

from . import Planted

ALL = frozenset({inf})
LOOKED_AT = 18
Seen = frozenset[Any]


def reader(mistake: str = "", shape_of: Callable[[Any], Any] = SimpleNamespace) -> Callable[..., Any]:
    """``of_module`` with a mistake."""

    def of_module(module: Any, input_shape: Sequence[int]) -> Any:
        import torch
        from torch import fx
        from torch.fx.passes.shape_prop import ShapeProp

        traced = fx.symbolic_trace(module)
        ShapeProp(traced).propagate(torch.zeros((1, *input_shape)))
        axes = []
        for axis in range(len(input_shape) - 1):
            walk = Walk(mistake, traced, axis, len(input_shape) - 1)
            axes.append(walk.report())
        return shape_of(axes=tuple(axes))

    return of_module


class Walk:
    """What positions of the output see along one axis."""

    def __init__(self, mistake: str, traced: Any, axis: int, nd: int) -> None:
        self.mistake, self.axis, self.nd = mistake, axis, nd
        self.modules = dict(traced.named_modules())
        self.nodes = list(traced.graph.nodes)
        self.largest: dict[Any, Any] = {}
        self.last = self.nodes[-1].args[0]
        if mistake == "axes-alike":
            self.axis = 0

    def report(self) -> Any:
        length = int(self.last.meta["tensor_meta"].shape[2 + self.axis])
        if self.mistake == "length-by-stride":
            length = -(-int(self.nodes[0].meta["tensor_meta"].shape[2 + self.axis]) // self.jump_of_the_strides())
        seen = [self.seen(self.last, o) for o in range(LOOKED_AT)]
        if ALL in seen:
            phase = SimpleNamespace(left=-inf, right=inf, size=inf, used=inf)
            return SimpleNamespace(output_length=length, period=1, jump=1, phases=(phase,))
        period, jump = next(found for found in self.periods(seen))
        if self.mistake == "first-phase-only":
            period, jump = 1, max(jump // period, 1)
        return SimpleNamespace(
            output_length=length, period=period, jump=jump, phases=tuple(map(self.phase, seen[:period]))
        )

    def jump_of_the_strides(self) -> int:
        jump = 1
        for node in self.nodes:
            if node.op == "call_module":
                stride = getattr(self.modules[node.target], "stride", 1)
                jump *= stride[self.axis] if isinstance(stride, tuple) else stride
        return jump

    def phase(self, seen: Seen) -> Any:
        if not seen:
            return SimpleNamespace(left=inf, right=-inf, size=0, used=0)
        left, right = min(seen), max(seen)
        size = right - left + (0 if self.mistake == "size-is-a-difference" else 1)
        used = size if self.mistake == "holes-counted" else len(seen)
        if self.mistake == "set-as-size":
            size = used
        if self.mistake == "clipped-at-zero":
            left = max(left, 0)
        return SimpleNamespace(left=left, right=right, size=size, used=used)

    def periods(self, seen: list[Seen]) -> Iterator[tuple[int, int]]:
        """Periods with their jumps, that fit all that was looked at; the last resort is no period."""
        for period in range(1, LOOKED_AT // 2):
            first = next((o for o in range(LOOKED_AT - period) if seen[o]), 0)
            if not seen[first] or not seen[first + period]:
                continue
            jump = min(seen[first + period]) - min(seen[first])
            if all(seen[o + period] == {i + jump for i in seen[o]} for o in range(LOOKED_AT - period)):
                if self.mistake != "doubled":
                    yield period, jump
                elif 2 * period < LOOKED_AT:
                    yield 2 * period, 2 * jump
        yield LOOKED_AT, 0

    def seen(self, node: Any, o: int) -> Seen:
        """Input positions that position ``o`` of a node sees."""
        wanted: dict[Any, Seen] = {node: frozenset({o})}
        for each in reversed(self.nodes[: self.nodes.index(node) + 1]):
            positions = wanted.pop(each, None)
            if positions is None:
                continue
            if each.op == "placeholder":
                return positions
            for parent, reached in self.back(each, positions):
                old = wanted.get(parent, frozenset())
                wanted[parent] = ALL if ALL in (old, reached) else old | reached
        return frozenset()

    def back(self, node: Any, positions: Seen) -> list[tuple[Any, Seen]]:
        parents = [a for a in self.flat(node.args) if hasattr(a, "op")]
        if positions == ALL:
            return [(p, ALL) for p in parents]
        if node.op == "call_module":
            module = self.modules[node.target]
            return [(parents[0], self.through(type(module).__name__, self.settings(module), module, positions))]
        name = node.target.__name__
        if name in ("add", "cat"):
            return self.joined(name, parents, positions)
        if name == "getitem":
            return [(parents[0], positions)]
        if self.mistake == "functions-ignored":
            return [(parents[0], positions)]
        if name == "interpolate":
            factor = int(node.kwargs["scale_factor"][self.axis])
            if self.mistake == "resizing-ignored":
                return [(parents[0], positions)]
            return [(parents[0], frozenset(i // factor for i in positions))]
        names = ("kernel_size", "stride", "padding", "dilation")
        given = {**dict(zip(names, node.args[1:], strict=False)), **node.kwargs}
        k, s, p, d = (given[name][self.axis] if name in given else 1 for name in names)
        return [(parents[0], self.window(k, s, p, d, positions))]

    def flat(self, arguments: Any) -> Iterator[Any]:
        for a in arguments:
            if isinstance(a, (tuple, list)):
                yield from self.flat(a)
            else:
                yield a

    def joined(self, name: str, parents: list[Any], positions: Seen) -> list[tuple[Any, Seen]]:
        if self.mistake == "first-branch-only" or (self.mistake == "concatenation-ignored" and name == "cat"):
            return [(parents[0], positions)]
        if self.mistake == "largest-branch-only":
            key = tuple(parents)
            if key not in self.largest:
                self.largest[key] = max(parents, key=lambda p: len(self.seen(p, 0)))
            return [(self.largest[key], positions)]
        return [(p, positions) for p in parents]

    def settings(self, module: Any) -> tuple[int, int, int, int]:
        names = ("kernel_size", "stride", "padding", "dilation")
        values = (getattr(module, name, 1 if name != "padding" else 0) for name in names)
        k, s, p, d = (v[self.axis] if isinstance(v, tuple) else v for v in values)
        return k, s, p, d

    def through(self, kind: str, settings: tuple[int, int, int, int], module: Any, positions: Seen) -> Seen:
        k, s, p, d = settings
        if kind.startswith("ConvTranspose"):
            if self.mistake == "transposed-as-convolution":
                return self.window(k, s, p, d, positions)
            if self.mistake == "transposed-without-phases":
                return frozenset(o // s - t for o in positions for t in range(-(-k // s)))
            reached = ((o + p - d * t, s) for o in positions for t in range(k))
            return frozenset(i // step for i, step in reached if i % step == 0)
        if kind.startswith(("Conv", "MaxPool", "AvgPool")):
            if self.mistake == "pools-ignored" and "Pool" in kind:
                return positions
            return self.window(k, s, p, d, positions)
        everywhere = kind.startswith(("InstanceNorm", "GroupNorm", "AdaptiveAvgPool"))
        if kind.startswith("BatchNorm"):
            everywhere = module.training or not module.track_running_stats
            if self.mistake == "mode-ignored":
                everywhere = False
            if self.mistake == "batch-norm-always-global":
                everywhere = True
        if kind == "Softmax":
            everywhere = self.axis == self.nd - 1
        if {"norms-ignored": "Norm", "global-pool-ignored": "Pool"}.get(self.mistake, "none") in kind:
            everywhere = False
        return ALL if everywhere else positions

    def window(self, k: int, s: int, p: int, d: int, positions: Seen) -> Seen:
        if self.mistake == "dilation-ignored":
            d = 1
        if self.mistake == "padding-twice":
            p *= 2
        if self.mistake == "padding-ignored":
            p = 0
        if self.mistake == "stride-ignored":
            s = 1
        if self.mistake == "dilation-as-stride":
            s, d = s * d, 1
        if self.mistake == "extent-too-long":
            k = k + 1 if d > 1 else k
        if self.mistake == "even-kernels-rounded":
            k += 1 - k % 2
        return frozenset(s * o - p + d * t for o in positions for t in range(k))


def reversed_order(module: Any, input_shape: Sequence[int]) -> Any:
    """The layers of a stack from the last to the first."""
    import torch

    if type(module).__name__ == "Network":
        module = torch.nn.Sequential(*reversed(list(module)))
    return reader()(module, input_shape)


def size_of_the_input(module: Any, input_shape: Sequence[int]) -> Any:
    """What is seen everywhere is said to be as large as this one input."""
    report = reader()(module, input_shape)
    for axis, length in zip(report.axes, input_shape[1:], strict=True):
        for phase in axis.phases:
            phase.size = min(phase.size, length)
    return report


def remembered() -> dict[str, Callable[..., Any]]:
    """A cache keyed on the shape of the input alone."""
    cache: dict[Any, Any] = {}

    def of_module(module: Any, input_shape: Sequence[int]) -> Any:
        key = tuple(input_shape)
        if key not in cache:
            cache[key] = reader()(module, input_shape)
        return cache[key]

    return {"of_module": of_module}


MISTAKES = (
    "axes-alike",
    "length-by-stride",
    "first-phase-only",
    "size-is-a-difference",
    "holes-counted",
    "set-as-size",
    "clipped-at-zero",
    "functions-ignored",
    "resizing-ignored",
    "first-branch-only",
    "concatenation-ignored",
    "largest-branch-only",
    "transposed-as-convolution",
    "transposed-without-phases",
    "pools-ignored",
    "mode-ignored",
    "batch-norm-always-global",
    "norms-ignored",
    "global-pool-ignored",
    "dilation-ignored",
    "padding-twice",
    "padding-ignored",
    "stride-ignored",
    "dilation-as-stride",
    "extent-too-long",
    "even-kernels-rounded",
)


def _planted(mistake: str) -> Planted:
    return Planted(f"module-{mistake}", lambda: {"of_module": reader(mistake)})


BUGS: tuple[Planted, ...] = (
    *map(_planted, MISTAKES),
    Planted("module-order-reversed", lambda: {"of_module": reversed_order}),
    Planted("module-size-of-the-input", lambda: {"of_module": size_of_the_input}),
    Planted("module-remembered", remembered),
)
VARIANTS: tuple[Planted, ...] = (
    Planted("module-by-sets", lambda: {"of_module": reader()}),
    Planted("module-with-twice-the-period", lambda: {"of_module": reader("doubled")}),
)
