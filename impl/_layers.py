# SPDX-License-Identifier: BSD-3-Clause
"""Layers along one axis as they are passed in: checked, and their extents and steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import index, mul
from typing import Any

Integers = Iterable[int]
Layers = Iterable[Sequence[int]]  # (kernel, stride, padding, dilation) each, from input to output


@dataclass(frozen=True, slots=True)
class Seen:
    """First and last input index that output 0 of a stack sees, and its total stride."""

    left: int
    right: int
    stride: int


def columns(name: str, where: str, stack: Layers) -> tuple[list[int], list[int], list[int], list[int]]:
    """Checked kernels, strides, paddings and dilations of a list of layers."""
    if not isinstance(stack, Iterable):
        raise TypeError(f"{name}: {where} must be a sequence of layers, got {stack!r}")
    layers = list(stack)
    for number, layer in enumerate(layers):
        wanted = f"{name}: {where}[{number}] must be (kernel, stride, padding, dilation), got {layer!r}"
        if not hasattr(layer, "__len__"):
            raise TypeError(wanted)
        if len(layer) != 4:
            raise ValueError(wanted)
    names = (("kernels", 1), ("strides", 1), ("paddings", None), ("dilations", 1))
    kernels, strides, paddings, dilations = (
        integers(name, f"{where}: {column}", [layer[place] for layer in layers], least=least)
        for place, (column, least) in enumerate(names)
    )
    return kernels, strides, paddings, dilations


def seen(name: str, where: str, stack: Layers) -> Seen:
    """What output 0 of a stack sees, by the ends of its kernels."""
    left, right, step = 0, 0, 1
    for kernel, stride, padding, dilation in zip(*columns(name, where, stack), strict=True):
        left -= padding * step
        right += (dilation * (kernel - 1) - padding) * step
        step *= stride
    return Seen(left, right, step)


def checked(
    name: str, kernels: Integers, strides: Integers | None, paddings: Integers | None, dilations: Integers | None
) -> tuple[list[int], list[int], list[int]]:
    """Checked extents and paddings of the layers, and the input step of each layer, then of the output."""
    sizes = integers(name, "kernels", kernels, least=1)
    count = len(sizes)
    rates = integers(name, "dilations", dilations, least=1, count=count, default=1)
    moves = integers(name, "strides", strides, least=1, count=count, default=1)
    pads = integers(name, "paddings", paddings, least=None, count=count, default=0)
    extents = [rate * (k - 1) + 1 for k, rate in zip(sizes, rates, strict=True)]
    return extents, list(accumulate(moves, mul, initial=1)), pads


def integers(
    name: str, argument: str, values: Any, *, least: int | None, count: int | None = None, default: int | None = None
) -> list[int]:
    """The values as Python integers, or an error that names the argument, the place and the value."""
    if values is None and default is not None and count is not None:
        return [default] * count
    try:
        entries = list(values)
    except TypeError:
        raise TypeError(f"{name}: {argument} must be a sequence of integers, one a layer, got {values!r}") from None
    result = []
    for place, value in enumerate(entries):
        try:
            number = index(value)
        except TypeError:
            number = None
        if number is None or isinstance(value, bool):
            raise TypeError(f"{name}: {argument}[{place}] must be an integer, got {value!r}")
        if least is not None and number < least:
            raise ValueError(f"{name}: {argument}[{place}] must be at least {least}, got {number}")
        result.append(number)
    if count is not None and len(result) != count:
        raise ValueError(f"{name}: {argument} must have one entry a layer ({count}), got {len(result)}")
    return result
