# SPDX-License-Identifier: BSD-3-Clause
"""Random networks for one and two spatial axes, and what autograd says that they see.

A network is a list of steps over earlier tensors; ``forward`` runs them, so that ``torch.fx`` traces it.
Its *shadow* has the same graph made of sums with positive weights: where the network takes a maximum, the
shadow takes a mean over the same window, and a normalisation becomes the mean added. With positive inputs no
derivative of the shadow can cancel, and resizing is by powers of two (or aligned to them), so that
weights are exact in binary: a derivative is nonzero if and only if the output is reached.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = 2
LARGEST, LEAST = 48, 3
Step = Callable[..., Tensor]
BORDERS = ("constant", "reflect", "replicate", "circular")


class Network(nn.Module):
    """Steps over a list of tensors; each appends one, and the last is the output."""

    def __init__(self, nd: int, shadow: bool = False) -> None:
        super().__init__()
        self.nd, self.shadow = nd, shadow
        self.steps: list[tuple[Callable[..., Tensor], tuple[int, ...]]] = []
        self.parts = nn.ModuleList()

    def forward(self, x: Tensor) -> Tensor:
        tensors = [x]
        for step, operands in self.steps:
            tensors.append(step(*(tensors[i] for i in operands)))
        return tensors[-1]


def kernel_of(draw: random.Random, lengths: tuple[int, ...], most: int = 4) -> list[dict[str, int]]:
    """Kernel, stride, dilation and padding of every axis, such that something comes out."""
    settings = []
    for n in lengths:
        k, s, r = draw.randint(1, most), draw.choice((1, 1, 1, 2, 3)), draw.choice((1, 1, 2, 3))
        p = draw.randint(0, min(r * (k - 1) // 2 + 1, n - 1))
        while r * (k - 1) + 1 > n + 2 * p:
            k, r = max(k - 1, 1), max(r - 1, 1)
        settings.append({"k": k, "s": s, "r": r, "p": p})
    return settings


def columns(settings: list[dict[str, int]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(s[name] for s in settings) for name in settings[0]}


class Maker:
    """Grows one network and its shadow by the same random choices."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.nd = self.draw.choice((1, 1, 2))
        self.lengths = tuple(self.draw.randint(7, 26 if self.nd == 1 else 15) for _ in range(self.nd))
        self.network, self.shadow = Network(self.nd), Network(self.nd, shadow=True)
        with torch.no_grad():
            self.tensors = [torch.ones((1, CHANNELS, *self.lengths), dtype=torch.float64)]

    def add(
        self, step: Callable[..., Tensor], operands: tuple[int, ...], shadow: Callable[..., Tensor] | None = None
    ) -> bool:
        """Append a step, unless its output would be empty or too large."""
        with torch.no_grad():
            made = (shadow or step)(*(self.tensors[i] for i in operands))
        if not all(LEAST <= n <= LARGEST for n in made.shape[2:]):
            return False
        self.network.steps.append((step, operands))
        self.shadow.steps.append((shadow or step, operands))
        self.tensors.append(made)
        return True

    def module(self, made: nn.Module, operand: int) -> bool:
        """A module with weights of one; the same one serves network and shadow."""
        made = made.double()
        for parameter in made.parameters():
            nn.init.ones_(parameter)
        if self.add(made, (operand,)):
            self.network.parts.append(made)
            return True
        return False

    def grow(self, steps: int) -> None:
        kinds = [getattr(self, name) for name in dir(self) if name.startswith("op_")]
        for _ in range(steps):
            latest = len(self.tensors) - 1
            operand = latest if self.draw.random() < 0.75 else self.draw.randint(0, latest)
            self.draw.choice(kinds)(operand)
        if len(self.tensors) > 2 and self.draw.random() < 0.6:  # a branch that would be lost is joined
            self.op_join(self.draw.randint(0, len(self.tensors) - 2))

    def lengths_of(self, operand: int) -> tuple[int, ...]:
        return tuple(self.tensors[operand].shape[2:])

    # Operations -------------------------------------------------------------------------------------

    def op_convolution(self, operand: int) -> None:
        c = columns(kernel_of(self.draw, self.lengths_of(operand)))
        kind = (nn.Conv1d, nn.Conv2d)[self.nd - 1]
        width = self.tensors[operand].shape[1]
        mode = self.draw.choice(("zeros", "zeros", "reflect", "replicate", "circular"))
        groups = self.draw.choice((1, 1, width))
        self.module(kind(width, width, c["k"], c["s"], c["p"], c["r"], groups, False, mode), operand)

    op_convolution_again = op_convolution_once_more = op_convolution

    def op_same(self, operand: int) -> None:
        width = self.tensors[operand].shape[1]
        k, r = self.draw.randint(1, 4), self.draw.randint(1, 3)
        weight = torch.ones((CHANNELS, width, *(k,) * self.nd), dtype=torch.float64)
        convolve = (F.conv1d, F.conv2d)[self.nd - 1]
        self.add(lambda x: convolve(x, weight, padding="same", dilation=r), (operand,))

    def op_transposed(self, operand: int) -> None:
        s = [self.draw.randint(1, 3) for _ in range(self.nd)]
        r = [self.draw.choice((1, 1, 2)) for _ in range(self.nd)]
        k = [self.draw.randint(1, 4) for _ in range(self.nd)]
        p = [self.draw.randint(0, (b - 1) * a) if b > 1 else 0 for a, b in zip(r, k, strict=True)]
        extra = [self.draw.randint(0, max(a, b) - 1) for a, b in zip(s, r, strict=True)]
        kind = (nn.ConvTranspose1d, nn.ConvTranspose2d)[self.nd - 1]
        width = self.tensors[operand].shape[1]
        sizes = zip(self.lengths_of(operand), k, s, p, extra, r, strict=True)
        if all((n - 1) * c - 2 * d + f * (b - 1) + e >= 0 for n, b, c, d, e, f in sizes):
            self.module(kind(width, CHANNELS, k, s, p, extra, 1, False, r), operand)

    def op_maximum(self, operand: int) -> None:
        c = columns(kernel_of(self.draw, self.lengths_of(operand)))
        padding = tuple(min(p, k // 2) for p, k in zip(c["p"], c["k"], strict=True))
        if any(
            r * (k - 1) + 1 > n + 2 * p
            for r, k, n, p in zip(c["r"], c["k"], self.lengths_of(operand), padding, strict=True)
        ):
            return
        ceil = self.draw.random() < 0.4
        pool = (F.max_pool1d, F.max_pool2d)[self.nd - 1]
        mean = (F.avg_pool1d, F.avg_pool2d)[self.nd - 1]
        if ceil or max(c["r"]) == 1:
            self.add(
                lambda x: pool(x, c["k"], c["s"], padding, 1, ceil),
                (operand,),
                lambda x: mean(x, c["k"], c["s"], padding, ceil),
            )
            return
        convolve = (F.conv1d, F.conv2d)[self.nd - 1]
        width = self.tensors[operand].shape[1]
        ones = torch.ones((width, 1, *c["k"]), dtype=torch.float64)
        self.add(
            lambda x: pool(x, c["k"], c["s"], padding, c["r"]),
            (operand,),
            lambda x: convolve(x, ones, None, c["s"], padding, c["r"], width),
        )

    def op_average(self, operand: int) -> None:
        c = columns(kernel_of(self.draw, self.lengths_of(operand)))
        padding = tuple(min(p, k // 2) for p, k in zip(c["p"], c["k"], strict=True))
        kind = (nn.AvgPool1d, nn.AvgPool2d)[self.nd - 1]
        self.module(kind(c["k"], c["s"], padding, ceil_mode=self.draw.random() < 0.5), operand)

    def op_adaptive(self, operand: int) -> None:
        sizes = tuple(self.draw.randint(LEAST, max(n, LEAST)) for n in self.lengths_of(operand))
        pool = (F.adaptive_max_pool1d, F.adaptive_max_pool2d)[self.nd - 1]
        mean = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d)[self.nd - 1]
        size = sizes[0] if self.nd == 1 else sizes
        self.add(lambda x: pool(x, size), (operand,), lambda x: mean(x, size))

    def op_nearest(self, operand: int) -> None:
        factor = self.draw.choice((2, 3, 4, 0.5))
        if self.draw.random() < 0.3:
            self.add(lambda x: F.interpolate(x, scale_factor=1.5), (operand,))
        else:
            self.module(nn.Upsample(scale_factor=factor, mode="nearest"), operand)

    def op_linear(self, operand: int) -> None:
        mode = ("linear", "bilinear")[self.nd - 1]
        if self.draw.random() < 0.4:
            size = [2 * n - 1 for n in self.lengths_of(operand)]
            self.add(lambda x: F.interpolate(x, size=size, mode=mode, align_corners=True), (operand,))
        else:
            factor = self.draw.choice((2, 2, 4, 0.5))
            self.add(lambda x: F.interpolate(x, scale_factor=factor, mode=mode, align_corners=False), (operand,))

    def op_pad(self, operand: int) -> None:
        mode = self.draw.choice(BORDERS)
        least = -2 if mode == "constant" else 0
        amounts = [self.draw.randint(least, min(3, n - 1)) for n in self.lengths_of(operand)[::-1] for _ in range(2)]
        if all(
            n + a + b >= LEAST
            for n, a, b in zip(self.lengths_of(operand)[::-1], amounts[::2], amounts[1::2], strict=True)
        ):
            self.add(lambda x: F.pad(x, amounts, mode=mode), (operand,))

    def op_slice(self, operand: int) -> None:
        cuts = [
            slice(self.draw.randint(0, 2), None if self.draw.random() < 0.5 else -1, self.draw.choice((1, 1, 2)))
            for _ in range(self.nd)
        ]
        self.add(lambda x: x[(slice(None), slice(None), *cuts)], (operand,))

    def op_turn(self, operand: int) -> None:
        axis = 2 + self.draw.randrange(self.nd)
        if self.draw.random() < 0.5:
            self.add(lambda x: torch.flip(x, [axis]), (operand,))
        else:
            shift = self.draw.randint(-3, 3)
            self.add(lambda x: torch.roll(x, shift, axis), (operand,))

    def op_shuffle(self, operand: int) -> None:
        if self.nd == 2 and self.tensors[operand].shape[1] % 4 == 0:
            self.module(nn.PixelShuffle(2), operand)

    def op_pointwise(self, operand: int) -> None:
        self.add(lambda x: F.relu(x) * 0.5 + torch.abs(x), (operand,))

    def op_gate(self, operand: int) -> None:
        """Squeeze and excitation, or a normalisation over space: now and then, since nothing is left to see."""
        if self.draw.random() < 0.9:
            return
        dims = [2 + d for d in range(self.nd)]

        def plus_mean(x: Tensor) -> Tensor:
            return x + x.mean(dims, keepdim=True)

        if self.draw.random() < 0.5:
            self.add(lambda x: x * x.mean(dims, keepdim=True), (operand,), plus_mean)
        else:
            self.add(F.instance_norm, (operand,), plus_mean)

    def op_join(self, operand: int) -> None:
        """Two tensors cut or resized to one size, then added or concatenated."""
        other = len(self.tensors) - 1
        width = [self.tensors[i].shape[1] for i in (operand, other)]
        concatenate = self.draw.random() < 0.5 or width[0] != width[1]
        if sum(width) > 8 and concatenate:
            return
        combine = (lambda x, y: torch.cat([x, y], 1)) if concatenate else (lambda x, y: x + y)
        if self.draw.random() < 0.7:
            size = tuple(map(min, self.lengths_of(operand), self.lengths_of(other)))
            cut = tuple(slice(0, n) for n in size)
            whole = (slice(None), slice(None))
            self.add(lambda x, y: combine(x[(*whole, *cut)], y[(*whole, *cut)]), (operand, other))
        else:
            self.add(lambda x, y: combine(F.interpolate(x, size=y.shape[2:]), y), (operand, other))

    op_join_again = op_residual = op_join

    def op_end_to_end(self, operand: int) -> None:
        """Joined along an axis."""
        other = len(self.tensors) - 1
        shapes = [list(self.tensors[i].shape) for i in (operand, other)]
        axis = 2 + self.draw.randrange(self.nd)
        if all(a == b for d, (a, b) in enumerate(zip(*shapes, strict=True)) if d != axis):
            self.add(lambda x, y: torch.cat([x, y], axis), (operand, other))


def random_network(seed: int) -> tuple[Network, Network, tuple[int, ...]]:
    """A network, its shadow, and the shape of its input without the batch."""
    maker = Maker(seed)
    maker.grow(maker.draw.randint(1, 9))
    return maker.network.eval(), maker.shadow.eval(), (CHANNELS, *maker.lengths)


def support(shadow: nn.Module, shape: tuple[int, ...], axis: int) -> list[set[int]]:
    """For every output position of an axis, the input positions of that axis with a nonzero derivative."""
    dim = 2 + axis
    with torch.no_grad():
        count = shadow(torch.ones((1, *shape), dtype=torch.float64)).shape[dim]
    x = torch.ones((count, *shape), dtype=torch.float64, requires_grad=True)  # one copy an output position
    out: Any = shadow(x).movedim(dim, 1)
    total = torch.stack([out[o, o].sum() for o in range(count)]).sum()
    if not total.requires_grad:
        return [set() for _ in range(count)]
    (gradient,) = torch.autograd.grad(total, x)
    others = [d for d in range(1, gradient.dim()) if d != dim]
    reached = gradient.abs().sum(others) > 0
    return [set(torch.nonzero(row).flatten().tolist()) for row in reached]
