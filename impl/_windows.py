# SPDX-License-Identifier: BSD-3-Clause
"""Operations that look at neighbourhoods: convolutions, pools, resizing, padding, pixel shuffles.

Rules as in ``_operators``: the graph, the node's name, then PyTorch's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ._relations import CONSTANT, IDENTITY, Relation, adaptive, resized, transposed, window
from ._tensors import Graph, Tensor, Unsupported

Rule = Callable[..., Any]
_BORDERS = {"zeros": "cut", "constant": "cut", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def numbers(value: Any, count: int) -> list[int]:
    """One number for every spatial dimension."""
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    values = values * count if len(values) == 1 else values
    if len(values) != count:
        raise Unsupported(f"{values} for {count} spatial dimensions")
    return [int(v) for v in values]


# Windows -------------------------------------------------------------------------------------------


def convolution(
    g: Graph,
    name: str,
    x: Tensor,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    border: str = "zeros",
) -> Tensor:
    """A convolution mixes the channels of a group, and positions as its kernel says."""
    if isinstance(weight, Tensor) and weight.nodes is not None:
        raise Unsupported("a convolution whose kernel depends on the input")
    out, _, *kernel = tuple(weight.shape)
    nd = len(kernel)
    strides, rates = numbers(stride or 1, nd), numbers(dilation, nd)
    ends = _paddings(padding, kernel, rates)
    x = g.reduce(x, [-nd - 1], f"{name} mixes all positions", keep=True, weigh=True)
    x = g.resize(x, -nd - 1, out)
    for d in range(nd):
        k, s, r, (front, back) = kernel[d], strides[d], rates[d], ends[d]
        length = (x.shape[d - nd] + front + back - r * (k - 1) - 1) // s + 1
        x = g.relate(x, d - nd, window(k, s, front, r, _BORDERS[border]), length)
    return Tensor(x.dims, x.nodes, x.uniform or groups == 1)


def _paddings(padding: Any, kernel: Sequence[int], rates: Sequence[int]) -> list[tuple[int, int]]:
    """Padding before and after every dimension."""
    if padding == "same":
        both = [r * (k - 1) for k, r in zip(kernel, rates, strict=True)]
        return [(b // 2, b - b // 2) for b in both]
    return [(p, p) for p in numbers(0 if padding == "valid" else padding, len(kernel))]


def conv_transpose(
    g: Graph,
    name: str,
    x: Tensor,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Output position ``o`` of a transposed convolution sees a different number of inputs by ``o mod stride``."""
    if isinstance(weight, Tensor) and weight.nodes is not None:
        raise Unsupported("a transposed convolution whose kernel depends on the input")
    _, per_group, *kernel = tuple(weight.shape)
    nd = len(kernel)
    x = g.reduce(x, [-nd - 1], f"{name} mixes all positions", keep=True, weigh=True)
    x = g.resize(x, -nd - 1, per_group * groups)
    settings = (numbers(v, nd) for v in (stride, padding, output_padding, dilation))
    for d, (k, s, p, extra, r) in enumerate(zip(kernel, *settings, strict=True)):
        length = (x.shape[d - nd] - 1) * s - 2 * p + r * (k - 1) + extra + 1
        x = g.relate(x, d - nd, transposed(k, s, p, r), length)
    return Tensor(x.dims, x.nodes, x.uniform or groups == 1)


def aten_convolution(
    g: Graph,
    name: str,
    x: Tensor,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Tensor:
    if transposed:
        return conv_transpose(g, name, x, weight, bias, stride, padding, output_padding, groups, dilation)
    return convolution(g, name, x, weight, bias, stride, padding, dilation, groups)


def pool(nd: int, *, dilates: bool) -> Rule:
    """Max, average and power pooling."""

    def over(
        g: Graph, x: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
    ) -> Tensor:
        kernel = numbers(kernel_size, nd)
        strides = numbers(stride, nd) if stride not in (None, [], ()) else kernel
        for d, (k, s, p, r) in enumerate(
            zip(kernel, strides, numbers(padding, nd), numbers(dilation, nd), strict=True)
        ):
            length = pooled(x.shape[d - nd], k, s, p, r, ceil_mode)
            x = g.relate(x, d - nd, window(k, s, p, r), length)
        return x

    def maximum(
        g: Graph,
        name: str,
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        made = over(g, x, kernel_size, stride, padding, dilation, ceil_mode)
        return (made, made) if return_indices else made

    def average(
        g: Graph,
        name: str,
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: Any = None,
    ) -> Tensor:
        return over(g, x, kernel_size, stride, padding, 1, ceil_mode)

    return maximum if dilates else average


def pooled(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """Size of a pool's output; in ceil mode, no window begins in the padding behind."""
    room = length + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    out = -(-room // stride) + 1
    return out - 1 if (out - 1) * stride >= length + padding else out


def power_pool(nd: int) -> Rule:
    average = pool(nd, dilates=False)

    def rule(
        g: Graph, name: str, x: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> Any:
        return average(g, name, x, kernel_size, stride, 0, ceil_mode)

    return rule


def adaptive_pool(nd: int, returns: int = 1) -> Rule:
    def rule(g: Graph, name: str, x: Tensor, output_size: Any, return_indices: bool = False) -> Any:
        sizes = list(output_size) if isinstance(output_size, (tuple, list)) else [output_size] * nd
        for d in range(nd):
            n = x.shape[d - nd]
            out = n if sizes[d] is None else int(sizes[d])
            if out == 1:
                x = g.reduce(x, [d - nd], f"{name} pools over the whole axis", keep=True)
            else:
                x = g.relate(x, d - nd, adaptive(n, out), out)
        return (x, x) if return_indices or returns == 2 else x

    return rule


# Resizing and padding ------------------------------------------------------------------------------


def interpolate(
    g: Graph,
    name: str,
    x: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Every output is a weighted sum of its neighbours in the input; weights that are zero do not count."""
    if antialias:
        raise Unsupported("interpolation with antialias=True")
    nd = len(x.dims) - 2
    factors = None if scale_factor is None else _each(scale_factor, nd)
    sizes = None if size is None else numbers(size, nd)
    for d in range(nd):
        n = x.shape[d - nd]
        if sizes is not None:
            out, ratio = sizes[d], Fraction(n, sizes[d])
        elif factors is not None:
            out = int(n * factors[d])
            ratio = Fraction(n, out) if recompute_scale_factor else 1 / Fraction(factors[d])
        else:
            raise Unsupported("interpolation without size and scale_factor")
        x = g.relate(x, d - nd, _resize(mode, n, out, ratio, bool(align_corners)), out)
    return x


def _each(value: Any, count: int) -> list[float]:
    return [float(v) for v in value] if isinstance(value, (tuple, list)) else [float(value)] * count


def _resize(mode: str, n: int, out: int, ratio: Fraction, align_corners: bool) -> Relation:
    if n == out and ratio == 1:
        return IDENTITY
    if mode == "area":
        return adaptive(n, out)
    kinds = {"nearest": "nearest", "nearest-exact": "nearest", "linear": "linear", "bilinear": "linear"}
    kinds |= {"trilinear": "linear", "bicubic": "cubic"}
    if mode not in kinds:
        raise Unsupported(f"interpolation of mode {mode!r}")
    if align_corners and kinds[mode] != "nearest":
        if out == 1:
            return CONSTANT
        ratio, shift = Fraction(n - 1, out - 1), Fraction(0)
    else:
        shift = Fraction(0) if mode == "nearest" else ratio / 2
        shift -= Fraction(0) if kinds[mode] == "nearest" else Fraction(1, 2)
    return resized(kinds[mode], ratio.denominator, ratio.numerator, shift, out)


def upsample(mode: str, corners: bool) -> Rule:
    """The ATen operators, which have the size and the factors in different places."""

    def plain(g: Graph, name: str, x: Tensor, size: Any, factors: Any = None, *rest: Any) -> Tensor:
        return interpolate(g, name, x, size, None if size is not None else factors, mode)

    def cornered(g: Graph, name: str, x: Tensor, size: Any, align: bool, factors: Any = None, *rest: Any) -> Tensor:
        return interpolate(g, name, x, size, None if size is not None else factors, mode, align)

    return cornered if corners else plain


def pad(g: Graph, name: str, x: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """Padding from the last dimension backwards; negative amounts crop."""
    amounts = [int(p) for p in pad]
    for d in range(len(amounts) // 2):
        front, back = amounts[2 * d], amounts[2 * d + 1]
        if front or back:
            moved = Relation(1, 1, ((-front,),), _BORDERS[mode])
            x = g.relate(x, -1 - d, moved, x.shape[-1 - d] + front + back)
    return x


def pixel_shuffle(g: Graph, name: str, x: Tensor, upscale_factor: int) -> Tensor:
    r = upscale_factor
    x = g.select(x, -3, name)  # neighbours of the output come from different channels
    x = g.resize(x, -3, x.shape[-3] // r**2)
    for d in (-2, -1):
        x = g.relate(x, d, Relation(r, 1, ((0,),) * r), x.shape[d] * r)
    return x


def pixel_unshuffle(g: Graph, name: str, x: Tensor, downscale_factor: int) -> Tensor:
    r = downscale_factor
    x = g.resize(x, -3, x.shape[-3] * r**2)
    for d in (-2, -1):
        x = g.relate(x, d, Relation(1, r, (tuple(range(r)),)), x.shape[d] // r)
    return replace(x, uniform=False)
