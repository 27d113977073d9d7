# SPDX-License-Identifier: BSD-3-Clause
"""Receptive-field calculators as people write them, with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, product
from math import prod
from operator import mul
from typing import Any

from . import Planted, receptive_field_blocks, receptive_field_module

Ints = Sequence[int] | None
Layer = tuple[int, int, int, int]


def filled(kernels: Sequence[int], strides: Ints, dilations: Ints) -> tuple[list[int], list[int], list[int]]:
    """Kernels, strides and dilations as lists of one length."""
    ones = [1] * len(kernels)
    return list(kernels), list(strides or ones), list(dilations or ones)


# Size ----------------------------------------------------------------------------------------------


def first_to_last(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """The top-down recursion, run from the wrong end."""
    n = 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n = (n - 1) * s + r * (k - 1) + 1
    return n


def own_stride(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """The layer's own stride counts for itself."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        jump *= s
        n += r * (k - 1) * jump
    return n


def last_stride_only(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Only the stride of the layer before, instead of the product of all before."""
    n, before = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n += r * (k - 1) * before
        before = s
    return n


def sum_of_strides(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Strides are added instead of multiplied."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n += r * (k - 1) * jump
        jump += s - 1
    return n


def dilation_ignored(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    n, jump = 1, 1
    for k, s, _ in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + (k - 1) * jump, jump * s
    return n


def dilation_as_stride(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Dilation is carried on to later layers."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + r * (k - 1) * jump, jump * s * r
    return n


def dilated_kernel_too_large(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """r·k instead of r(k − 1) + 1."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + (r * k - 1) * jump, jump * s
    return n


def gaps_counted_twice(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """k + k(r − 1): one gap too many."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + (k + k * (r - 1) - 1) * jump, jump * s
    return n


def one_too_many(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Starts at 1 and adds whole kernels."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + (r * (k - 1) + 1) * jump, jump * s
    return n


def kernels_multiplied(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    return prod(r * (k - 1) + 1 for k, _, r in zip(*filled(kernels, strides, dilations), strict=True))


def pool_doubles(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Every 2/2 layer is taken to double what came before."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n = 2 * n if (k, s) == (2, 2) else n + r * (k - 1) * jump
        jump *= s
    return n


def last_layer_forgotten(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    layers = list(zip(*filled(kernels, strides, dilations), strict=True))
    n, jump = 1, 1
    for k, s, r in layers[:-1] if len(layers) > 1 else layers:
        n, jump = n + r * (k - 1) * jump, jump * s
    return n


def set_instead_of_hull(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Counts the inputs that are used, not the span they cover."""
    return len(reached(kernels, strides, dilations))


def even_kernels_rounded(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Radius k // 2 on both sides: even kernels become odd."""
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + 2 * r * (k // 2) * jump, jump * s
    return n


def float_arithmetic(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """float32 sums: exact only below 2²⁴."""
    import numpy as np

    n, jump = np.float32(1), np.float32(1)
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + np.float32(r * (k - 1)) * jump, jump * np.float32(s)
    return int(n)


def strides_remembered() -> dict[str, Callable[..., Any]]:
    """A cache keyed on the kernels alone."""
    cache: dict[tuple[int, ...], int] = {}

    def size(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
        key = tuple(kernels)
        if key not in cache:
            cache[key] = correct_size(kernels, strides, dilations)
        return cache[key]

    return {"size": size}


def sorted_layers(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """Takes the layers to commute."""
    layers = sorted(zip(*filled(kernels, strides, dilations), strict=True))
    return correct_size(*map(list, zip(*layers, strict=True))) if layers else 1


# Jump, centre, padding, branches ------------------------------------------------------------------


def jump_without_the_last(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    return prod((strides or [1])[:-1])


def jump_with_dilation(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    _, s, r = filled(kernels, strides, dilations)
    return prod(s) * prod(r)


def jump_of_the_largest(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    return max(strides or [1], default=1)


def center_by(
    half: Callable[[int, int], float], padding: float = 1.0, own: bool = False
) -> Callable[[Sequence[int], Sequence[int], Sequence[int], Sequence[int]], float]:
    """A centre with a chosen half-width, weight of the padding, and jump before or after the layer."""

    def center(
        kernels: Sequence[int], strides: Sequence[int], paddings: Sequence[int], dilations: Sequence[int]
    ) -> float:
        c, jump = 0.0, 1
        for k, s, p, r in zip(kernels, strides, paddings, dilations, strict=True):
            jump = jump * s if own else jump
            c += (half(k, r) - padding * p) * jump
            jump = jump if own else jump * s
        return c

    return center


def padding_not_scaled(kernels: Sequence[int], strides: Sequence[int], paddings: Sequence[int]) -> int:
    return sum(paddings)


def padding_scaled_by_own_stride(kernels: Sequence[int], strides: Sequence[int], paddings: Sequence[int]) -> int:
    return sum(p * j for p, j in zip(paddings, accumulate(strides, mul), strict=True))


def padding_of_the_first(kernels: Sequence[int], strides: Sequence[int], paddings: Sequence[int]) -> int:
    return paddings[0] if paddings else 0


def ends(branch: Sequence[Layer]) -> tuple[int, int]:
    """First and last input that output 0 of one branch sees."""
    left = right = 0
    for k, s, p, r in reversed(list(branch)):
        left, right = s * left - p, s * right - p + r * (k - 1)
    return left, right


def largest_branch_only(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    return max((ends(b) for b in branches), key=lambda e: e[1] - e[0])


def branches_aligned_at_the_left(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    left, _ = ends(branches[0])
    return left, left + max(b - a for a, b in map(ends, branches))


def identity_branch_dropped(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    kept = [b for b in branches if b] or [[]]
    return min(ends(b)[0] for b in kept), max(ends(b)[1] for b in kept)


def intersection_of_branches(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    both = [ends(b) for b in branches]
    return max(a for a, _ in both), min(b for _, b in both)


def half_open(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    """The right end is one past the last."""
    both = [ends(b) for b in branches]
    return min(a for a, _ in both), max(b for _, b in both) + 1


def padding_with_the_wrong_sign(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    return _hull([[(k, s, -p, r) for k, s, p, r in b] for b in branches])


# Correct -------------------------------------------------------------------------------------------


def correct_size(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    n, jump = 1, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        n, jump = n + r * (k - 1) * jump, jump * s
    return n


def reached(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> set[int]:
    """Every input that output 0 depends on, by walking down the layers."""
    inputs = {0}
    for k, s, r in reversed(list(zip(*filled(kernels, strides, dilations), strict=True))):
        inputs = {s * o + r * t for o, t in product(inputs, range(k))}
    return inputs


def by_reachability(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    inputs = reached(kernels, strides, dilations)
    return max(inputs) - min(inputs) + 1


def by_bits(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """The set of inputs as the bits of one integer."""
    bits = 1
    for k, s, r in reversed(list(zip(*filled(kernels, strides, dilations), strict=True))):
        spread = sum(1 << (s * i) for i in range(bits.bit_length()) if bits >> i & 1)
        bits = 0
        for t in range(k):
            bits |= spread << (r * t)
    return bits.bit_length()


def top_down(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    n = 1
    for k, s, r in reversed(list(zip(*filled(kernels, strides, dilations), strict=True))):
        n = (n - 1) * s + r * (k - 1) + 1
    return n


def by_polynomials(kernels: Sequence[int], strides: Ints = None, dilations: Ints = None) -> int:
    """One more than the degree of the product of the dilated kernels' polynomials."""
    degree, power = 0, 1
    for k, s, r in zip(*filled(kernels, strides, dilations), strict=True):
        degree, power = degree + power * r * (k - 1), power * s
    return degree + 1


def _hull(branches: Sequence[Sequence[Layer]]) -> tuple[int, int]:
    both = [ends(b) for b in branches]
    return min(a for a, _ in both), max(b for _, b in both)


def _one(contract: str, function: Callable[..., Any]) -> Planted:
    return Planted(function.__name__.replace("_", "-"), lambda: {contract: function})


def one_convolution_a_block(
    kernel_size: int, dilations: Sequence[int], *, nb_stacks: int = 1, convs_per_block: int = 2
) -> int:
    return 1 + (kernel_size - 1) * nb_stacks * sum(dilations)


def last_dilation_counts(
    kernel_size: int, dilations: Sequence[int], *, nb_stacks: int = 1, convs_per_block: int = 2
) -> int:
    """k · d of the last block, as is often written for dilations that double."""
    return kernel_size * nb_stacks * dilations[-1] * convs_per_block


def whole_kernels(kernel_size: int, dilations: Sequence[int], *, nb_stacks: int = 1, convs_per_block: int = 2) -> int:
    return 1 + convs_per_block * kernel_size * nb_stacks * sum(dilations)


BUGS: tuple[Planted, ...] = (
    *(_one("tcn_size", f) for f in (one_convolution_a_block, last_dilation_counts, whole_kernels)),
    *(
        _one("size", f)
        for f in (
            first_to_last,
            own_stride,
            last_stride_only,
            sum_of_strides,
            dilation_ignored,
            dilation_as_stride,
            dilated_kernel_too_large,
            gaps_counted_twice,
            one_too_many,
            kernels_multiplied,
            pool_doubles,
            last_layer_forgotten,
            set_instead_of_hull,
            even_kernels_rounded,
            float_arithmetic,
            sorted_layers,
        )
    ),
    Planted("strides-remembered", strides_remembered),
    *(_one("jump", f) for f in (jump_without_the_last, jump_with_dilation, jump_of_the_largest)),
    Planted("center-rounded-down", lambda: {"center": center_by(lambda k, r: r * (k - 1) // 2)}),
    Planted("center-without-dilation", lambda: {"center": center_by(lambda k, r: (k - 1) / 2)}),
    Planted("center-half-kernel", lambda: {"center": center_by(lambda k, r: r * k / 2)}),
    Planted("center-ignores-padding", lambda: {"center": center_by(lambda k, r: r * (k - 1) / 2, padding=0)}),
    Planted("center-padding-twice", lambda: {"center": center_by(lambda k, r: r * (k - 1) / 2, padding=2)}),
    Planted("center-own-stride", lambda: {"center": center_by(lambda k, r: r * (k - 1) / 2, own=True)}),
    *(_one("effective_padding", f) for f in (padding_not_scaled, padding_scaled_by_own_stride, padding_of_the_first)),
    *(
        _one("branch_interval", f)
        for f in (
            largest_branch_only,
            branches_aligned_at_the_left,
            identity_branch_dropped,
            intersection_of_branches,
            half_open,
            padding_with_the_wrong_sign,
        )
    ),
    *receptive_field_blocks.BUGS,
    *receptive_field_module.BUGS,
)


def tcn_layer_by_layer(
    kernel_size: int, dilations: Sequence[int], *, nb_stacks: int = 1, convs_per_block: int = 2
) -> int:
    layers = [d for d in dilations for _ in range(convs_per_block)] * nb_stacks
    return correct_size([kernel_size] * len(layers), None, layers)


VARIANTS: tuple[Planted, ...] = (
    _one("tcn_size", tcn_layer_by_layer),
    *(_one("size", f) for f in (correct_size, by_reachability, by_bits, top_down, by_polynomials)),
    Planted("center-of-floats", lambda: {"center": center_by(lambda k, r: r * (k - 1) / 2)}),
    Planted("hull-of-ends", lambda: {"branch_interval": _hull}),
    *receptive_field_blocks.VARIANTS,
    *receptive_field_module.VARIANTS,
)
