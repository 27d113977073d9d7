# SPDX-License-Identifier: BSD-3-Clause
"""Sizes of decoders and of blocks of branches, with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from . import Planted

Layer = tuple[int, int, int, int]
Stack = Sequence[Layer]
Branches = Sequence[Stack]


def stride_of(layers: Stack) -> int:
    return prod(s for _, s, _, _ in layers)


# Decoders ------------------------------------------------------------------------------------------


def extent(layers: Stack) -> int:
    """From the first tap of a decoder to its last."""
    n = 1
    for k, s, _, r in layers:
        n = (n - 1) * s + r * (k - 1) + 1
    return n


def seen_by(layers: Stack, output: int) -> set[int]:
    """What one output of a decoder sees, by walking back."""
    positions = {output}
    for k, s, p, r in reversed(layers):
        reached = {o + p - r * t for o in positions for t in range(k)}
        positions = {o // s for o in reached if o % s == 0}
    return positions


def hull(positions: set[int]) -> int:
    return max(positions) - min(positions) + 1 if positions else 0


def over_all_phases(layers: Stack) -> int:
    return max(hull(seen_by(layers, o)) for o in range(stride_of(layers)))


def extent_undivided(layers: Stack) -> int:
    """How many outputs an input is written to, which is what a stack of convolutions sees."""
    return extent(layers)


def recursion_from_the_output(layers: Stack) -> int:
    """The extent by the recursion of an encoder."""
    return -(-extent(list(reversed(layers))) // stride_of(layers))


def layers_from_the_output(layers: Stack) -> int:
    return over_all_phases(list(reversed(layers)))


def own_stride_counts(layers: Stack) -> int:
    """A layer's taps are stretched by its own stride as well as by those after it."""
    n, step = 1, 1
    for k, s, _, r in reversed(layers):
        step *= s
        n += r * (k - 1) * step
    return -(-n // stride_of(layers))


def rounded_down(layers: Stack) -> int:
    return max(extent(layers) // stride_of(layers), 1)


def layer_by_layer(layers: Stack) -> int:
    """⌈k/s⌉ of each layer, multiplied."""
    return prod(-(-(r * (k - 1) + 1) // s) for k, s, _, r in layers)


def rates_ignored(layers: Stack) -> int:
    return over_all_phases([(k, s, p, 1) for k, s, p, _ in layers])


def holes_ignored(layers: Stack) -> int:
    """⌈K/S⌉, whether or not taps are missing."""
    return -(-extent(layers) // stride_of(layers))


def whole_kernels_dilated(layers: Stack) -> int:
    """r·k instead of r(k − 1) + 1."""
    return over_all_phases([(r * k, s, p, 1) if r > 1 else (k, s, p, 1) for k, s, p, r in layers])


def first_output_only(layers: Stack) -> int:
    return hull(seen_by(layers, 0))


def positions_counted(layers: Stack) -> int:
    """How many inputs are seen, and not from where to where."""
    return max(len(seen_by(layers, o)) for o in range(stride_of(layers)))


def last_stride_divides(layers: Stack) -> int:
    """The extent is divided by the stride of the last layer alone."""
    return -(-extent(layers) // layers[-1][1]) if layers else 1


def padding_cuts_the_kernel(layers: Stack) -> int:
    """Padding takes taps away, as it takes outputs away at the ends."""
    return over_all_phases([(max(k - 2 * p, 1), s, 0, r) for k, s, p, r in layers])


def one_phase_of_the_last_stride(layers: Stack) -> int:
    """Looks at as many outputs as the last layer has phases."""
    return max(hull(seen_by(layers, o)) for o in range(layers[-1][1] if layers else 1))


def by_residues(layers: Stack) -> int:
    """First and last tap of every remainder modulo the stride so far, from the input to the output."""
    ends, stride = {0: (0, 0)}, 1
    for k, s, _, r in layers:
        stride *= s
        found: dict[int, list[int]] = {}
        for low, high in ends.values():
            for t in range(k):
                found.setdefault((s * low + r * t) % stride, []).extend((s * low + r * t, s * high + r * t))
        ends = {place: (min(taps), max(taps)) for place, taps in found.items()}
    return max((high - low) // stride + 1 for low, high in ends.values())


def by_all_taps(layers: Stack) -> int:
    """Every sum of taps, sorted by its remainder."""
    taps, stride = {0}, stride_of(layers)
    for k, s, _, r in layers:
        taps = {s * place + r * t for place in taps for t in range(k)}
    of_phase = [[place for place in taps if place % stride == phase] for phase in range(stride)]
    return max((max(some) - min(some)) // stride + 1 for some in of_phase if some)


# Blocks of branches --------------------------------------------------------------------------------


def ends(layers: Stack, low: int = 0, high: int = 0) -> tuple[int, int]:
    """First and last input that outputs from ``low`` to ``high`` see."""
    for k, s, p, r in reversed(layers):
        low, high = s * low - p, s * high - p + r * (k - 1)
    return low, high


def length(layers: Stack) -> int:
    low, high = ends(layers)
    return high - low + 1


def block(branches: Branches, tail: Stack) -> int:
    """From the tail's ends through every branch."""
    both = [ends(branch, *ends(tail)) for branch in branches]
    return max(high for _, high in both) - min(low for low, _ in both) + 1


def largest_branch(branches: Branches, tail: Stack) -> int:
    return max(length([*branch, *tail]) for branch in branches)


def smallest_branch(branches: Branches, tail: Stack) -> int:
    return min(length([*branch, *tail]) for branch in branches)


def branches_in_a_row(branches: Branches, tail: Stack) -> int:
    """The branches as if one came after the other."""
    return sum(length(branch) - 1 for branch in branches) + (length(tail) - 1) * stride_of(branches[0]) + 1


def paddings_ignored(branches: Branches, tail: Stack) -> int:
    """All branches begin at one input."""
    return block([[(k, s, 0, r) for k, s, _, r in branch] for branch in branches], tail)


def branches_centred(branches: Branches, tail: Stack) -> int:
    """Paddings are taken to be half of the kernels, so that branches are nested."""
    return block([[(k, s, r * (k - 1) // 2, r) for k, s, _, r in branch] for branch in branches], tail)


def paddings_unscaled(branches: Branches, tail: Stack) -> int:
    """Paddings of a branch add up without the strides before them."""
    lows = [-sum(p for _, _, p, _ in branch) for branch in branches]
    highs = [low + length(branch) - 1 for low, branch in zip(lows, branches, strict=True)]
    return max(highs) - min(lows) + 1 + stride_of(branches[0]) * (length(tail) - 1)


def tail_unstretched(branches: Branches, tail: Stack) -> int:
    return block(branches, []) + length(tail) - 1


def tail_reversed(branches: Branches, tail: Stack) -> int:
    return block(branches, list(reversed(tail)))


def tail_by_its_own_stride(branches: Branches, tail: Stack) -> int:
    """A layer of the tail is stretched by its own stride as well."""
    n, step = block(branches, []), stride_of(branches[0])
    for k, s, _, r in tail:
        step *= s
        n += r * (k - 1) * step
    return n


def tail_by_one_stride(branches: Branches, tail: Stack) -> int:
    """The tail is stretched by the stride of one layer of a branch, and not by all."""
    step = branches[0][-1][1] if branches[0] else 1
    return block(branches, []) + step * (length(tail) - 1)


def tail_stretched_by_all_branches(branches: Branches, tail: Stack) -> int:
    return block(branches, []) + prod(map(stride_of, branches)) * (length(tail) - 1)


def tail_forgotten(branches: Branches, tail: Stack) -> int:
    return block(branches, [])


def tail_padding_added(branches: Branches, tail: Stack) -> int:
    return block(branches, tail) + 2 * sum(p for _, _, p, _ in tail)


def residual_dropped(branches: Branches, tail: Stack) -> int:
    return block([branch for branch in branches if branch] or [[]], tail)


def branch_rates_ignored(branches: Branches, tail: Stack) -> int:
    return block([[(k, s, p, 1) for k, s, p, _ in branch] for branch in branches], tail)


def difference_of_the_ends(branches: Branches, tail: Stack) -> int:
    return block(branches, tail) - 1


def by_sets(branches: Branches, tail: Stack) -> int:
    """Every input that is seen through some branch."""

    def back(layers: Stack, positions: set[int]) -> set[int]:
        for k, s, p, r in reversed(layers):
            positions = {s * o - p + r * t for o in positions for t in range(k)}
        return positions

    return hull(set().union(*(back(branch, set(ends(tail))) for branch in branches)))


def _one(contract: str, function: Callable[..., Any]) -> Planted:
    return Planted(function.__name__.replace("_", "-"), lambda: {contract: function})


BUGS: tuple[Planted, ...] = (
    *(
        _one("decoder_size", f)
        for f in (
            extent_undivided,
            recursion_from_the_output,
            layers_from_the_output,
            own_stride_counts,
            rounded_down,
            layer_by_layer,
            rates_ignored,
            holes_ignored,
            whole_kernels_dilated,
            first_output_only,
            positions_counted,
            last_stride_divides,
            padding_cuts_the_kernel,
            one_phase_of_the_last_stride,
        )
    ),
    *(
        _one("inception_size", f)
        for f in (
            largest_branch,
            smallest_branch,
            branches_in_a_row,
            paddings_ignored,
            branches_centred,
            paddings_unscaled,
            tail_unstretched,
            tail_reversed,
            tail_by_its_own_stride,
            tail_by_one_stride,
            tail_stretched_by_all_branches,
            tail_forgotten,
            tail_padding_added,
            residual_dropped,
            branch_rates_ignored,
            difference_of_the_ends,
        )
    ),
)
VARIANTS: tuple[Planted, ...] = (
    *(_one("decoder_size", f) for f in (over_all_phases, by_residues, by_all_taps)),
    *(_one("inception_size", f) for f in (block, by_sets)),
)
