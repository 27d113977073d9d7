# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.receptive_field``: exactness, identities of empty stacks, errors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from lemmata import receptive_field as rf


def seen(layers, output):
    """Inputs that reach one output, by walking the layers backwards: an independent definition."""
    positions = {output}
    for kernel, stride, padding, dilation in reversed(layers):
        positions = {stride * t - padding + dilation * tap for t in positions for tap in range(kernel)}
    return positions


def seen_by_decoder(layers, output):
    """Inputs that are written to one output of transposed convolutions, by walking the layers backwards."""
    positions = {output}
    for kernel, stride, padding, dilation in reversed(layers):
        reached = {t + padding - dilation * tap for t in positions for tap in range(kernel)}
        positions = {t // stride for t in reached if t % stride == 0}
    return positions


STACKS = [
    [],
    [(1, 1, 0, 1)],
    [(2, 2, 0, 1)],
    [(3, 2, 1, 2), (2, 3, 0, 3)],
    [(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2)],
    [(1, 3, 5, 4), (4, 1, 0, 1), (2, 2, 7, 5)],
]
stacks = pytest.mark.parametrize("layers", STACKS)


def columns(layers):
    return [[layer[i] for layer in layers] for i in range(4)]


class TestAgainstReachability:
    """Each function against the set of inputs that an output really sees."""

    @stacks
    def test_size_is_the_length_of_the_hull(self, layers):
        kernels, strides, _, dilations = columns(layers)
        reached = seen(layers, 0)
        assert rf.size(kernels, strides, dilations) == max(reached) - min(reached) + 1

    @stacks
    def test_jump_is_the_shift_from_one_output_to_the_next(self, layers):
        kernels, strides, _, dilations = columns(layers)
        step = rf.jump(kernels, strides, dilations)
        assert seen(layers, 5) == {position + 5 * step for position in seen(layers, 0)}

    @stacks
    def test_center_is_the_middle_of_the_hull(self, layers):
        kernels, strides, paddings, dilations = columns(layers)
        reached = seen(layers, 0)
        assert rf.center(kernels, strides, paddings, dilations) == Fraction(min(reached) + max(reached), 2)

    @stacks
    def test_effective_padding_is_how_far_output_0_reaches_to_the_left(self, layers):
        kernels, strides, paddings, _ = columns(layers)
        assert rf.effective_padding(kernels, strides, paddings) == -min(seen(layers, 0))

    @stacks
    @pytest.mark.parametrize("tail", STACKS)
    def test_inception_size_is_the_hull_of_the_union_that_the_tail_sees(self, layers, tail):
        shifted = [*layers, (3, 1, 8, 2)]
        union = set().union(*(seen(branch, place) for place in seen(tail, 0) for branch in (layers, shifted)))
        assert rf.inception_size([layers, shifted], tail) == max(union) - min(union) + 1

    @stacks
    def test_decoder_size_is_the_longest_hull_of_all_phases(self, layers):
        phases = [seen_by_decoder(layers, output) for output in range(rf.jump(*columns(layers)[:2]))]
        assert rf.decoder_size(layers) == max(max(some) - min(some) + 1 for some in phases if some)

    def test_branch_interval_is_the_hull_of_the_union(self):
        for first in STACKS:
            for second in STACKS:
                union = seen(first, 0) | seen(second, 0)
                assert rf.branch_interval([first, second]) == (min(union), max(union))


class TestExactness:
    """Integers stay integers, however large and whatever they came from."""

    def test_an_empty_stack_is_the_identity(self):
        assert (rf.size([]), rf.jump([]), rf.center([]), rf.effective_padding([])) == (1, 1, 0.0, 0)
        assert rf.branch_interval([[]]) == (0, 0)

    def test_results_beyond_64_bits_are_exact(self):
        assert rf.jump([1] * 100, [10] * 100) == 10**100
        assert rf.size([2] * 100, [10] * 100) == 1 + (10**100 - 1) // 9
        assert rf.effective_padding([1] * 100, [10] * 100, [1] * 100) == (10**100 - 1) // 9

    def test_a_decoder_of_any_depth_is_as_fast_as_its_kernels_are_long(self):
        assert [rf.decoder_size([(4, 2, 1, 1)] * depth) for depth in (1, 2, 3, 200)] == [2, 3, 3, 3]
        assert rf.decoder_size([(21, 10, 0, 1)] * 100) == 3

    def test_far_dilation_costs_a_decoder_nothing(self):
        assert rf.decoder_size([(3, 2, 0, 2**40), (3, 1, 0, 1)]) == 2**40 + 2

    def test_layers_far_behind_branches_are_exact(self):
        assert rf.inception_size([[(3, 10**20, 0, 1)], [(2, 10**20, 4, 1)]], [(3, 1, 0, 10**20)]) == 2 * 10**40 + 7

    def test_results_are_python_numbers(self):
        kernels = np.asarray([3, 2])
        assert type(rf.size(kernels)) is int
        assert type(rf.jump(kernels, kernels)) is int
        assert type(rf.center(kernels)) is float
        layers = [np.asarray([3, 1, 1, 1])]
        assert all(type(end) is int for end in rf.branch_interval([layers]))
        assert type(rf.inception_size([layers], layers)) is type(rf.decoder_size(layers)) is int

    def test_any_iterable_of_integers_will_do(self):
        assert rf.size(iter([3, 3]), (2, 1), np.asarray([1, 2])) == 11
        assert rf.decoder_size(iter([[3, 2, 0, 1]])) == 2
        assert rf.inception_size(iter([iter([[3, 2, 0, 1]])]), iter([(2, 1, 0, 1)])) == 5

    def test_a_torch_tensor_of_integers_will_do(self):
        torch = pytest.importorskip("torch")
        assert rf.size(torch.tensor([3, 3])) == 5

    def test_negative_padding_crops(self):
        assert rf.effective_padding([1], [1], [-2]) == -2
        assert rf.center([1], [1], [-2]) == 2.0


ERRORS = [
    (rf.size, ([3, 3.0],), TypeError, "size: kernels[1] must be an integer, got 3.0"),
    (rf.size, ([3, "3"],), TypeError, "size: kernels[1] must be an integer, got '3'"),
    (rf.size, ([True],), TypeError, "size: kernels[0] must be an integer, got True"),
    (rf.size, ([(3, 3)],), TypeError, "size: kernels[0] must be an integer, got (3, 3)"),
    (rf.size, (3,), TypeError, "size: kernels must be a sequence of integers, one a layer, got 3"),
    (rf.size, (None,), TypeError, "size: kernels must be a sequence of integers, one a layer, got None"),
    (rf.size, ([3, 0],), ValueError, "size: kernels[1] must be at least 1, got 0"),
    (rf.size, ([3], [0]), ValueError, "size: strides[0] must be at least 1, got 0"),
    (rf.size, ([3], [1], [0]), ValueError, "size: dilations[0] must be at least 1, got 0"),
    (rf.size, ([3, 3], [1]), ValueError, "size: strides must have one entry a layer (2), got 1"),
    (rf.jump, ([3], [-2]), ValueError, "jump: strides[0] must be at least 1, got -2"),
    (rf.center, ([3], [1], [0.5]), TypeError, "center: paddings[0] must be an integer, got 0.5"),
    (rf.center, ([3], [1], [0, 0]), ValueError, "center: paddings must have one entry a layer (1), got 2"),
    (rf.effective_padding, ([3], [1.5], [0]), TypeError, "effective_padding: strides[0] must be an integer, got 1.5"),
    (rf.branch_interval, ([],), ValueError, "branch_interval: branches must hold at least one branch, got none"),
    (rf.branch_interval, ([[], 3],), TypeError, "branch_interval: branches[1] must be a sequence of layers, got 3"),
    (
        rf.branch_interval,
        ([[3]],),
        TypeError,
        "branch_interval: branches[0][0] must be (kernel, stride, padding, dilat",
    ),
    (
        rf.branch_interval,
        ([[], [(3, 1, 1)]],),
        ValueError,
        "branch_interval: branches[1][0] must be (kernel, stride, padding, dilation), got (3, 1, 1)",
    ),
    (
        rf.branch_interval,
        ([[(3, 0, 1, 1)]],),
        ValueError,
        "branch_interval: branches[0]: strides[0] must be at least 1, got 0",
    ),
    (rf.inception_size, ([], []), ValueError, "inception_size: branches must hold at least one branch, got none"),
    (
        rf.inception_size,
        ([[(3, 2, 1, 1)], []], []),
        ValueError,
        "inception_size: branches must have one total stride, got [2, 1]",
    ),
    (rf.inception_size, ([[]], 3), TypeError, "inception_size: tail must be a sequence of layers, got 3"),
    (rf.inception_size, ([[]], [(3, 1)]), ValueError, "inception_size: tail[0] must be (kernel, stride, padding, "),
    (rf.inception_size, ([[(0, 1, 0, 1)]], []), ValueError, "inception_size: branches[0]: kernels[0] must be at least"),
    (rf.decoder_size, (3,), TypeError, "decoder_size: layers must be a sequence of layers, got 3"),
    (rf.decoder_size, ([3],), TypeError, "decoder_size: layers[0] must be (kernel, stride, padding, dilation), got 3"),
    (rf.decoder_size, ([(3, 2, 0.5, 1)],), TypeError, "decoder_size: layers: paddings[0] must be an integer, got 0.5"),
    (rf.decoder_size, ([(3, 2, 0, 0)],), ValueError, "decoder_size: layers: dilations[0] must be at least 1, got 0"),
]


@pytest.mark.parametrize(("function", "arguments", "error", "message"), ERRORS)
def test_bad_arguments_are_named(function, arguments, error, message):
    with pytest.raises(error) as caught:
        function(*arguments)
    assert str(caught.value).startswith(message)
