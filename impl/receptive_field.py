# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields of stacks of convolutions and pools along one axis, in exact integers.

Layers are listed from the input to the output. Axes are independent: for a 2-D network call once
per axis. A dilated kernel counts with its extent ``dilation * (kernel - 1) + 1``.

Everything follows from one picture: output unit 0 of the stack sees the inputs
``left, ..., left + size - 1`` (their hull), and output unit ``t`` sees the same ones shifted by
``t * jump``. An empty stack is the identity: size 1, jump 1, centre 0.

Source: Araujo, Norris and Sim, *Computing Receptive Fields of Convolutional Neural Networks*,
Distill 2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from operator import index, mul
from typing import Any

from .receptive_field_module import of_module

__all__ = ["branch_interval", "center", "effective_padding", "jump", "of_module", "size", "tcn_size"]

Integers = Iterable[int]
Layer = tuple[int, int, int, int]


def size(kernels: Integers, strides: Integers | None = None, dilations: Integers | None = None) -> int:
    """Number of input positions spanned by one output unit: the hull of its receptive field.

    ``1 + Σ_l (extent_l − 1) · Π_{i<l} stride_i``

    The stride of a layer counts for the layers after it, not for itself, and padding does not count
    at all. Where a stride exceeds a kernel or kernels are dilated, the hull has holes.

    Args:
        kernels: kernel sizes from input to output, integers ≥ 1.
        strides: integers ≥ 1, one a layer; all 1 by default.
        dilations: integers ≥ 1, one a layer; all 1 by default.

    Claims: :claim:`receptive_field.closed-form`, :claim:`receptive_field.bottom-up`,
    :claim:`receptive_field.top-down`, :claim:`receptive_field.padding-independent`,
    :claim:`receptive_field.stride-exponential`, :claim:`receptive_field.goldens`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: an entry is below 1, or the sequences differ in length.

    Examples:
        >>> size([3, 3, 3])  # three 3×3 layers see what one 7×7 layer sees
        7
        >>> size([7, 3], [2, 1])
        11
        >>> size([3, 3], dilations=[1, 4])
        11
        >>> size([])
        1
    """
    extents, steps, _ = _layers("size", kernels, strides, None, dilations)
    return 1 + sum((extent - 1) * step for extent, step in zip(extents, steps, strict=False))


def tcn_size(kernel_size: int, dilations: Integers, *, nb_stacks: int = 1, convs_per_block: int = 2) -> int:
    """Receptive field of a temporal convolutional network: residual blocks of dilated convolutions at stride 1.

    ``1 + convs_per_block · (kernel_size − 1) · nb_stacks · Σ dilations``

    Every block holds ``convs_per_block`` convolutions of its dilation; the blocks of all dilations are
    repeated ``nb_stacks`` times. A residual identity lies inside and adds nothing. A WaveNet has one dilated
    convolution a block.

    Args:
        kernel_size: taps, an integer ≥ 1.
        dilations: one a block, integers ≥ 1.
        nb_stacks: how often the blocks are repeated, an integer ≥ 1.
        convs_per_block: an integer ≥ 1.

    Claims: :claim:`receptive_field.closed-form`, :claim:`receptive_field.branches`.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: an argument is below 1.

    Examples:
        >>> tcn_size(3, [1, 2, 4, 8])
        61
        >>> tcn_size(2, [2**i for i in range(10)], nb_stacks=3, convs_per_block=1)  # WaveNet
        3070
    """
    rates = _integers("tcn_size", "dilations", dilations, least=1)
    given = {"kernel_size": kernel_size, "nb_stacks": nb_stacks, "convs_per_block": convs_per_block}
    k, stacks, convs = (_integers("tcn_size", name, [value], least=1)[0] for name, value in given.items())
    return 1 + convs * (k - 1) * stacks * sum(rates)


def jump(kernels: Integers, strides: Integers | None = None, dilations: Integers | None = None) -> int:
    """Distance in the input between the receptive fields of neighbouring output units: ``Π_l stride_l``.

    Takes the arguments of :func:`size`; only the strides matter.

    Claims: :claim:`receptive_field.jump`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: an entry is below 1, or the sequences differ in length.

    Examples:
        >>> jump([7, 3, 3], [2, 2, 1])
        4
    """
    return _layers("jump", kernels, strides, None, dilations)[1][-1]


def center(
    kernels: Integers,
    strides: Integers | None = None,
    paddings: Integers | None = None,
    dilations: Integers | None = None,
) -> float:
    """Input coordinate of the centre of what output unit 0 sees, a multiple of 1/2.

    ``Σ_l ((extent_l − 1)/2 − padding_l) · Π_{i<l} stride_i``

    0 means that output unit 0 is centred on input 0. ``paddings`` are those in front of the axis;
    padding at its end does not move output 0. The sum is exact; its conversion to ``float`` is exact
    below 2⁵².

    Claims: :claim:`receptive_field.start`, :claim:`receptive_field.alignment`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: a kernel, stride or dilation is below 1, or the sequences differ in length.

    Examples:
        >>> center([3, 3], [2, 1], [1, 1])
        0.0
        >>> center([2], [2], [0])  # an even kernel is centred between two pixels
        0.5
    """
    extents, steps, pads = _layers("center", kernels, strides, paddings, dilations)
    doubled = sum((e - 1 - 2 * p) * step for e, p, step in zip(extents, pads, steps, strict=False))
    return float(Fraction(doubled, 2))


def effective_padding(kernels: Integers, strides: Integers | None = None, paddings: Integers | None = None) -> int:
    """Padding of the one layer that the stack amounts to: ``Σ_l padding_l · Π_{i<l} stride_i``.

    Output unit 0 sees no input before ``−effective_padding``.

    Claims: :claim:`receptive_field.start`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: a kernel or stride is below 1, or the sequences differ in length.

    Examples:
        >>> effective_padding([7, 3], [2, 2], [3, 1])
        5
    """
    _, steps, pads = _layers("effective_padding", kernels, strides, paddings, None)
    return sum(p * step for p, step in zip(pads, steps, strict=False))


def branch_interval(branches: Iterable[Sequence[Sequence[int]]]) -> tuple[int, int]:
    """First and last input index in the hull of what output 0 of parallel branches sees.

    The branches read one input and are added or concatenated. Their receptive fields unite, so the
    hull runs from the smallest left end to the largest right end: with misaligned branches it is
    longer than the longest branch.

    Args:
        branches: each a sequence of layers ``(kernel, stride, padding, dilation)`` from input to
            output; an empty branch is the identity (a residual connection).

    Claims: :claim:`receptive_field.branches`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: no branch, a layer without four entries, or a kernel, stride or dilation below 1.

    Examples:
        >>> branch_interval([[(3, 1, 1, 1)], []])
        (-1, 1)
        >>> branch_interval([[(3, 1, 0, 1)], [(3, 1, 2, 1)]])  # two branches of size 3, a hull of 5
        (-2, 2)
    """
    ends = [_interval(f"branches[{b}]", layers) for b, layers in enumerate(branches)]
    if not ends:
        raise ValueError("branch_interval: branches must hold at least one branch, got none")
    return min(left for left, _ in ends), max(right for _, right in ends)


def _interval(where: str, branch: Sequence[Sequence[int]]) -> tuple[int, int]:
    """First and last input index that output 0 of one branch sees."""
    if not isinstance(branch, Iterable):
        raise TypeError(f"branch_interval: {where} must be a sequence of layers, got {branch!r}")
    layers = list(branch)
    for number, layer in enumerate(layers):
        wanted = f"branch_interval: {where}[{number}] must be (kernel, stride, padding, dilation), got {layer!r}"
        if not hasattr(layer, "__len__"):
            raise TypeError(wanted)
        if len(layer) != 4:
            raise ValueError(wanted)
    kernels, strides, paddings, dilations = ([layer[i] for layer in layers] for i in range(4))
    extents, steps, pads = _layers("branch_interval", kernels, strides, paddings, dilations, where=f"{where}: ")
    left = -sum(p * step for p, step in zip(pads, steps, strict=False))
    return left, left + sum((e - 1) * step for e, step in zip(extents, steps, strict=False))


def _layers(
    name: str,
    kernels: Integers,
    strides: Integers | None,
    paddings: Integers | None,
    dilations: Integers | None,
    where: str = "",
) -> tuple[list[int], list[int], list[int]]:
    """Checked extents and paddings of the layers, and the input step of each layer, then of the output."""
    sizes = _integers(name, f"{where}kernels", kernels, least=1)
    count = len(sizes)
    rates = _integers(name, f"{where}dilations", dilations, least=1, count=count, default=1)
    moves = _integers(name, f"{where}strides", strides, least=1, count=count, default=1)
    pads = _integers(name, f"{where}paddings", paddings, least=None, count=count, default=0)
    extents = [rate * (k - 1) + 1 for k, rate in zip(sizes, rates, strict=True)]
    return extents, list(accumulate(moves, mul, initial=1)), pads


def _integers(
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
