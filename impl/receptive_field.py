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

from collections.abc import Iterable
from fractions import Fraction

from ._layers import Integers, Layers, Seen, checked, columns, integers, seen
from .receptive_field_module import of_module

__all__ = [
    "branch_interval",
    "center",
    "decoder_size",
    "effective_padding",
    "inception_size",
    "jump",
    "of_module",
    "size",
    "tcn_size",
]


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
    extents, steps, _ = checked("size", kernels, strides, None, dilations)
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
    rates = integers("tcn_size", "dilations", dilations, least=1)
    given = {"kernel_size": kernel_size, "nb_stacks": nb_stacks, "convs_per_block": convs_per_block}
    k, stacks, convs = (integers("tcn_size", name, [value], least=1)[0] for name, value in given.items())
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
    return checked("jump", kernels, strides, None, dilations)[1][-1]


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
    extents, steps, pads = checked("center", kernels, strides, paddings, dilations)
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
    _, steps, pads = checked("effective_padding", kernels, strides, paddings, None)
    return sum(p * step for p, step in zip(pads, steps, strict=False))


def branch_interval(branches: Iterable[Layers]) -> tuple[int, int]:
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
    ends = _ends("branch_interval", branches)
    return min(e.left for e in ends), max(e.right for e in ends)


def inception_size(branches: Iterable[Layers], tail: Layers) -> int:
    """Receptive field of parallel branches, added or concatenated, with layers behind them: its hull.

    ``right − left + 1 + stride · (size of the tail − 1)``

    ``left`` and ``right`` are the ends of the hull of the branches, :func:`branch_interval`, and ``stride`` is their
    total stride: what the tail adds is stretched by it. The hull is not the largest branch: misaligned branches
    enlarge it, so that the paddings of the branches matter; those of the tail do not.

    Args:
        branches: each a sequence of layers ``(kernel, stride, padding, dilation)`` from input to output; an
            empty branch is the identity. All have the same total stride.
        tail: such layers behind the branches, from their output on; may be empty.

    Claims: :claim:`receptive_field.inception`, :claim:`receptive_field.branches`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: no branch, branches of different total strides, a layer without four entries, or a kernel,
            stride or dilation below 1.

    Examples:
        >>> inception_size([[(1, 1, 0, 1)], [(1, 1, 0, 1), (5, 1, 2, 1)], [(3, 1, 1, 1)]], [(3, 2, 1, 1)])
        7
        >>> inception_size([[(3, 2, 1, 1)], [(2, 2, 0, 1)]], [(3, 1, 1, 1)])  # stride 2 stretches the tail
        7
        >>> inception_size([[(3, 1, 0, 1)], [(3, 1, 2, 1)]], [])  # two branches of size 3, misaligned
        5
    """
    ends = _ends("inception_size", branches)
    strides = [e.stride for e in ends]
    if len(set(strides)) > 1:
        raise ValueError(f"inception_size: branches must have one total stride, got {strides}")
    behind = seen("inception_size", "tail", tail)
    left, right = min(e.left for e in ends), max(e.right for e in ends)
    return right - left + 1 + strides[0] * (behind.right - behind.left)


def decoder_size(layers: Layers) -> int:
    """Most input positions that one output of a stack of transposed convolutions spans, away from the borders.

    ``⌈K/S⌉`` with ``K = 1 + Σ_l (kernel_l − 1) · Π_{i>l} stride_i`` and ``S = Π_l stride_l``, where no
    layer is dilated and every kernel but the first is at least as long as its stride

    Outputs differ by their phase, their position modulo S; the result is the largest hull (last position seen −
    first + 1) over the phases, exact for all layers. It is the number of positions seen where the formula holds; other
    stacks have holes, and phases that see nothing. Padding moves outputs and does not count. The work does not grow
    with the number of phases. Among the layers, a convolution at stride 1 counts as a transposed one of its kernel and
    dilation, and nearest upsampling by s as ``(s, s, 0, 1)``.

    Args:
        layers: ``(kernel, stride, padding, dilation)`` of each transposed convolution from the input of the decoder
            to its output.

    Claims: :claim:`receptive_field.transposed-stack`, :claim:`receptive_field.transposed`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: a layer without four entries, or a kernel, stride or dilation below 1.

    Examples:
        >>> decoder_size([(3, 2, 1, 1)])  # outputs see 2, 1, 2, 1, …
        2
        >>> decoder_size([(4, 2, 1, 1)] * 5)  # 2 for one such layer, 3 for any more
        3
        >>> decoder_size([(3, 2, 0, 3)])  # tap 0 and tap 2, which is 6 outputs further on
        4
        >>> decoder_size([])
        1
    """
    kernels, strides, _, dilations = columns("decoder_size", "layers", layers)
    # Inputs a and b are seen by one output where (b − a)·S is a sum of differences of taps: divided layer by layer.
    apart = {0}
    for kernel, stride, dilation in reversed(list(zip(kernels, strides, dilations, strict=True))):
        reached = {place + dilation * taps for place in apart for taps in range(1 - kernel, kernel)}
        apart = {place // stride for place in reached if place % stride == 0}
    return 1 + max(apart)


def _ends(name: str, branches: Iterable[Layers]) -> list[Seen]:
    """What output 0 of each branch sees."""
    ends = [seen(name, f"branches[{b}]", layers) for b, layers in enumerate(branches)]
    if not ends:
        raise ValueError(f"{name}: branches must hold at least one branch, got none")
    return ends
