# SPDX-License-Identifier: BSD-3-Clause
"""``receptive_field.of_module`` on known networks and single operations, and what it says when it cannot know."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from math import inf

import pytest

torch = pytest.importorskip("torch")

import networks  # noqa: E402 - after the check for torch
import torch.nn.functional as F  # noqa: E402
from lemmata.impl import receptive_field as rf  # noqa: E402
from lemmata.impl.receptive_field_module import UnknownOperation, of_module  # noqa: E402
from random_networks import support  # noqa: E402
from torch import nn  # noqa: E402


def sizes(module, shape):
    """Sizes of all phases along the first axis, in ascending order."""
    return sorted({p.size for p in of_module(module.eval(), shape).axes[0].phases})


class Applied(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


DECODERS = [
    [(3, 2, 1, 1)],
    [(4, 2, 1, 1)] * 3,
    [(2, 3, 0, 1), (3, 2, 0, 1), (4, 3, 2, 1)],
    [(1, 3, 0, 1), (1, 2, 0, 1)],
    [(3, 2, 0, 3), (2, 4, 1, 1)],
    [(3, 1, 2, 2), (5, 3, 1, 2), (2, 2, 0, 5)],
]
BLOCKS = [
    ([[(1, 1, 0, 1)], [(1, 1, 0, 1), (3, 1, 1, 1)], [(5, 1, 2, 1)]], [(3, 2, 1, 1), (3, 1, 1, 1)]),
    ([[(3, 1, 0, 1)], [(3, 1, 4, 1)]], [(2, 2, 0, 1), (3, 1, 0, 2)]),
    ([[(3, 2, 1, 1), (3, 2, 0, 1)], [(2, 4, 3, 1)], [(1, 4, 0, 1), (3, 1, 2, 3)]], [(3, 2, 0, 1), (2, 1, 1, 1)]),
    ([[(3, 1, 0, 2)], []], []),
]


class Block(nn.Module):
    """Branches of convolutions, cut to the shortest and concatenated, and convolutions behind them."""

    def __init__(self, branches, tail):
        super().__init__()
        self.branches = nn.ModuleList(self.stack(branch, 1) for branch in branches)
        self.tail = self.stack(tail, len(branches))

    @staticmethod
    def stack(layers, channels):
        return nn.Sequential(*(nn.Conv1d(channels, channels, k, s, p, r) for k, s, p, r in layers))

    def forward(self, x):
        return self.tail(torch.cat([branch(x)[:, :, :20] for branch in self.branches], 1))


def differentiated(module):
    """The module with positive weights: derivatives along different paths do not cancel."""
    for parameter in module.parameters():
        nn.init.ones_(parameter)
    return module.double()


def longest(module, shape):
    """The longest hull of the inputs for which an output has a derivative: the borders only cut hulls short."""
    return max(max(some) - min(some) + 1 for some in support(module, shape, 0) if some)


def fields(function, shape):
    return of_module(Applied(function), shape).axes


RESNETS = {(18, "v1"): 435, (50, "v1"): 483, (101, "v1"): 1027, (152, "v1"): 1507}
RESNETS |= {(50, "v1.5"): 427, (101, "v1.5"): 971, (152, "v1.5"): 1451}


class TestKnownNetworks:
    @pytest.mark.parametrize(("which", "size"), RESNETS.items())
    def test_a_resnet(self, which, size):
        (axis, other) = of_module(networks.resnet(*which), (3, 224, 224)).axes
        assert (axis.size, axis.stride, axis.output_length, axis.phases[0].holes) == (size, 32, 7, 0)
        assert axis.phases == other.phases

    def test_vgg16_with_functional_pools(self):
        report = of_module(networks.VGG16(), (3, 224, 224))
        assert (report.axes[0].size, report.axes[0].stride) == (212, 32)
        conv5_3 = report.layer("stages_4_2").axes[0]
        assert (conv5_3.size, conv5_3.stride) == (196, 16)

    def test_a_unet_has_as_many_phases_as_its_deepest_stride(self):
        axis = of_module(networks.UNet().eval(), (3, 256, 256)).axes[0]
        assert (axis.period, axis.jump, axis.stride) == (16, 16, 1)
        assert {p.size for p in axis.phases} == {188, 204}
        assert sizes(networks.UNet(up="bilinear"), (3, 256, 256)) == [220, 236]

    def test_atrous_pyramid_has_holes(self):
        phase = of_module(networks.ASPP(), (3, 65, 65)).axes[0].phases[0]
        assert phase.positions == (-18, -12, -6, 0, 6, 12, 18)
        assert (phase.size, phase.used, phase.holes) == (37, 7, 30)

    def test_atrous_pyramid_with_an_image_level_branch_sees_everything(self):
        axis = of_module(networks.ASPP(image_level=True), (3, 65, 65)).axes[0]
        assert (axis.size, axis.reason, axis.exact) == (inf, "mean takes the mean over the whole axis", True)

    def test_wavenet_is_causal(self):
        """Three stacks of dilations 1, 2, …, 512 with two taps: 1 + 3·1023."""
        axis = of_module(networks.WaveNet(), (1, 16000)).axes[0]
        assert (axis.size, axis.phases[0].left, axis.phases[0].right) == (3070, -3069, 0)

    @pytest.mark.parametrize(("kernel", "rates"), [(3, (1, 2, 4, 8)), (2, (1, 2, 4)), (5, (1, 3))])
    def test_a_tcn_has_its_closed_form(self, kernel, rates):
        axis = of_module(networks.TCN(kernel, rates), (2, 500)).axes[0]
        assert axis.size == 1 + 2 * (kernel - 1) * sum(rates)
        assert axis.phases[0].right == 0

    def test_squeeze_and_excitation_sees_everything(self):
        axis = of_module(networks.SqueezeExcite(), (3, 30, 30)).axes[1]
        assert (axis.size, axis.reason) == (inf, "adaptive_avg_pool2d pools over the whole axis")

    def test_attention_over_patches_sees_everything(self):
        report = of_module(networks.VisionTransformer(), (3, 32, 32))
        assert [a.size for a in report.axes] == [inf, inf]
        assert report.layer("norm").axes[0].size == 4
        assert "attention attends" in report.axes[0].reason

    def test_a_classifier_names_the_global_pool(self):
        report = of_module(networks.resnet(18, head=True), (3, 224, 224))
        assert report.axes[0].size == inf
        assert "adaptive_avg_pool2d" in report.axes[0].reason

    def test_batch_norm_in_training_mode_is_global_and_named(self):
        report = of_module(networks.resnet(18).train(), (3, 224, 224))
        assert report.axes[0].size == inf
        assert report.axes[0].reason.startswith("0.1 normalises by statistics over the batch")

    def test_the_time_does_not_depend_on_the_size_of_the_input(self):
        """ResNet-152 at two sizes in turns, the smallest of each: 16,384 times the pixels take no 8 times as long.

        Both take the same; the factor leaves room for other work on the machine.
        """
        graph = torch.fx.symbolic_trace(networks.resnet(152))
        times = {32: [], 4096: []}
        for _ in range(3):
            for n, taken in times.items():
                start = time.perf_counter()
                of_module(graph, (3, n, n))
                taken.append(time.perf_counter() - start)
        assert min(times[4096]) < 8 * min(times[32])

    @pytest.mark.parametrize("module", [networks.UNet(2), networks.ASPP(), networks.VGG16(), networks.TCN(3, (1, 2))])
    def test_an_exported_program_gives_what_the_module_gives(self, module):
        shape = (2, 64) if isinstance(module, networks.TCN) else (3, 64, 64)
        exported = torch.export.export(module.eval(), (torch.zeros((1, *shape)),))
        assert of_module(exported, shape).axes == of_module(module, shape).axes


class TestAgainstTheFormulas:
    def test_a_stack_has_the_size_the_jump_and_the_centre_of_the_formulas(self):
        layers = [(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2), (4, 3, 0, 1)]
        kernels, strides, paddings, rates = ([layer[i] for layer in layers] for i in range(4))
        stack = nn.Sequential(*(nn.Conv1d(1, 1, k, s, p, r) for k, s, p, r in layers))
        axis = of_module(stack, (1, 500)).axes[0]
        assert axis.size == rf.size(kernels, strides, rates)
        assert axis.stride == rf.jump(kernels, strides, rates)
        assert axis.phases[0].center == rf.center(kernels, strides, paddings, rates)
        assert axis.padding[0] == rf.effective_padding(kernels, strides, paddings)

    @pytest.mark.parametrize("layers", DECODERS)
    def test_a_decoder_has_the_size_of_its_longest_phase(self, layers):
        """``of_module`` of the same layers, and what has a derivative away from the borders."""
        stack = nn.Sequential(*(nn.ConvTranspose1d(1, 1, k, s, p, dilation=r) for k, s, p, r in layers))
        assert of_module(stack, (1, 40)).axes[0].size == rf.decoder_size(layers)
        assert longest(differentiated(stack), (1, 40)) == rf.decoder_size(layers)

    def test_upsampling_and_convolutions_count_as_transposed_convolutions(self):
        up, flat = nn.Upsample(scale_factor=3), nn.Conv1d(1, 1, 3, padding=2, dilation=2)
        stack = nn.Sequential(up, flat, nn.ConvTranspose1d(1, 1, 4, 2, 1), nn.Conv1d(1, 1, 5))
        layers = [(3, 3, 0, 1), (3, 1, 2, 2), (4, 2, 1, 1), (5, 1, 0, 1)]
        assert of_module(stack, (1, 40)).axes[0].size == rf.decoder_size(layers)
        assert longest(differentiated(stack), (1, 40)) == rf.decoder_size(layers)

    @pytest.mark.parametrize(("branches", "tail"), BLOCKS)
    def test_a_block_of_branches_has_the_size_of_the_formula(self, branches, tail):
        """``of_module`` of the same layers, and what has a derivative away from the borders."""
        block = Block(branches, tail)
        assert of_module(block, (1, 120)).axes[0].size == rf.inception_size(branches, tail)
        assert longest(differentiated(block), (1, 120)) == rf.inception_size(branches, tail)


class TestOperations:
    """One operation each, against what its documentation says."""

    @pytest.mark.parametrize(
        ("function", "expected"),
        [
            (lambda x: F.pad(x, (2, 0), mode="reflect"), {0: {2}, 1: {1}, 2: {0}, 3: {1}}),
            (lambda x: F.pad(x, (2, 0), mode="replicate"), {0: {0}, 1: {0}, 3: {1}}),
            (lambda x: F.pad(x, (2, 0), mode="circular"), {0: {8}, 1: {9}, 2: {0}}),
            (lambda x: F.pad(x, (2, 0)), {0: set(), 1: set(), 2: {0}}),
            (lambda x: x[:, :, 1::3], {0: {1}, 2: {7}}),
            (lambda x: x.flip(-1), {0: {9}, 9: {0}}),
            (lambda x: F.adaptive_avg_pool1d(x, 4), {0: {0, 1, 2}, 1: {2, 3, 4}, 3: {7, 8, 9}}),
            (lambda x: F.interpolate(x, scale_factor=2.0), {0: {0}, 1: {0}, 19: {9}}),
            (lambda x: F.interpolate(x, scale_factor=2.0, mode="linear"), {0: {0}, 1: {0, 1}, 2: {0, 1}, 19: {9}}),
            (lambda x: F.interpolate(x, size=19, mode="linear", align_corners=True), {0: {0}, 1: {0, 1}, 2: {1}}),
            (lambda x: F.interpolate(x, size=5, mode="nearest-exact"), {0: {1}, 4: {9}}),
            (lambda x: F.interpolate(x, size=5, mode="area"), {0: {0, 1}, 4: {8, 9}}),
            (lambda x: F.max_pool1d(x, 3, 3, ceil_mode=True), {0: {0, 1, 2}, 3: {9}}),
            (lambda x: torch.cat([x, x[:, :, :2]], 2), {0: {0}, 9: {9}, 10: {0}, 11: {1}}),
        ],
    )
    def test_what_single_positions_see(self, function, expected):
        report = of_module(Applied(function), (1, 10))
        assert {o: set(report.seen(0, o)) for o in expected} == expected

    def test_a_transposed_convolution_has_a_phase_for_every_step_of_its_stride(self):
        axis = of_module(nn.ConvTranspose1d(1, 1, 3, 2), (1, 20)).axes[0]
        assert (axis.period, axis.stride, [p.used for p in axis.phases]) == (2, Fraction(1, 2), [2, 1])

    def test_an_output_may_see_nothing(self):
        axis = of_module(nn.ConvTranspose1d(1, 1, 1, 3), (1, 20)).axes[0]
        assert [p.size for p in axis.phases] == [1, 0, 0]

    @pytest.mark.parametrize(
        "norm",
        [nn.InstanceNorm2d(2), nn.GroupNorm(1, 2), nn.LayerNorm([8, 8]), nn.BatchNorm2d(2, track_running_stats=False)],
    )
    def test_normalisation_over_space_is_global(self, norm):
        assert [a.size for a in of_module(norm.eval(), (2, 8, 8)).axes] == [inf, inf]

    def test_layer_norm_over_channels_is_not(self):
        assert fields(lambda x: F.layer_norm(x.transpose(1, 2), (2,)).transpose(1, 2), (2, 8))[0].size == 1

    def test_axes_are_told_apart(self):
        axes = fields(lambda x: F.max_pool2d(x, (2, 3), (1, 3)).mean(3), (1, 9, 9))
        assert [a.size for a in axes] == [2, inf]

    def test_a_flattened_axis_goes_through_views(self):
        axes = fields(lambda x: F.relu(x.flatten(2)).view(x.size(0), -1, *x.shape[2:]), (2, 6, 7))
        assert [(a.size, a.output_length) for a in axes] == [(1, 6), (1, 7)]

    def test_branches_of_different_strides_have_no_period(self):
        axis = fields(lambda x: x[:, :, :5] + x[:, :, ::2], (1, 10))[0]
        assert axis.stride is None
        assert [p.positions for p in axis.phases] == [(0,), (1, 2), (2, 4), (3, 6), (4, 8)]

    def test_operations_in_place_change_their_operand(self):
        def function(x):
            y = F.avg_pool1d(x, 1)
            y += F.avg_pool1d(x, 3, 1, 1)
            return y

        assert fields(function, (1, 10))[0].size == 3

    def test_control_flow_on_shapes_goes_through_export(self):
        class Even(nn.Module):
            def forward(self, x):
                return F.pad(x, (0, 1)) if x.shape[-1] % 2 else F.max_pool1d(x, 2)

        assert of_module(Even(), (1, 10)).axes[0].size == 2
        assert of_module(Even(), (1, 11)).axes[0].size == 1

    def test_channels_that_are_told_apart_are_declared_an_upper_bound(self):
        report = of_module(Applied(lambda x: torch.cat([x, F.max_pool1d(x, 3, 1, 1)], 1)[:, :1]), (1, 10))
        assert not report.exact
        assert report.loose == ("getitem",)


class TestRefusals:
    @pytest.mark.parametrize(
        ("module", "message"),
        [
            (Applied(torch.fft.fft), "node 'fft_fft'"),
            (Applied(lambda x: x.cumsum(2)), "node 'cumsum'"),
            (nn.Sequential(nn.Conv1d(1, 1, 3), nn.LSTM(8, 8)), "node '_1' (1: LSTM)"),
            (Applied(lambda x: F.interpolate(x[None], size=(3, 3), mode="bilinear", antialias=True)), "antialias"),
            (Applied(lambda x: x.view(1, 1, 5, 2)), "cuts an axis"),
            (nn.MaxUnpool1d(2), "a second input, 'indices'"),
        ],
    )
    def test_an_unknown_operation_is_named(self, module, message):
        with pytest.raises(UnknownOperation) as caught:
            of_module(module, (1, 10))
        assert message in str(caught.value)

    def test_a_refusal_is_not_implemented(self):
        assert issubclass(UnknownOperation, NotImplementedError)

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ((len, (1, 10)), TypeError, "module must be a torch.nn.Module"),
            ((nn.ReLU(), 10), TypeError, "input_shape must be a sequence of integers, got 10"),
            ((nn.ReLU(), (1, 2.5)), TypeError, "input_shape must hold integers, got 2.5"),
            ((nn.ReLU(), (1, 0)), ValueError, "at least 1, got 0"),
            ((nn.ReLU(), (3,)), ValueError, "at least one"),
        ],
    )
    def test_bad_arguments_are_named(self, arguments, error, message):
        with pytest.raises(error, match=message.replace("(", r"\(")):
            of_module(*arguments)

    def test_a_module_that_forgets_its_input_is_refused(self):
        with pytest.raises(ValueError, match="does not depend on its input"):
            of_module(Applied(torch.zeros_like), (1, 10))


class TestReport:
    report = of_module(nn.Sequential(nn.Conv1d(1, 4, 3, dilation=2), nn.MaxPool1d(2)), (1, 32))

    def test_it_reads_as_a_table(self):
        text = str(self.report)
        assert "Conv1d" in text
        assert "axis 0: size 6, stride 2, output 0 sees 0 … 5, centre 2.5" in text

    def test_it_is_json(self):
        record = json.loads(self.report.to_json())
        assert record["axes"][0]["size"] == 6
        assert record["layers"][0]["axes"][0]["phases"][0]["holes"] == 2

    def test_infinity_is_json_as_well(self):
        record = json.loads(of_module(nn.AdaptiveAvgPool1d(1), (1, 8)).to_json())
        assert record["axes"][0]["size"] == "inf"

    def test_positions_of_an_output(self):
        axis = self.report.axes[0]
        assert axis.at(3).positions == (6, 7, 8, 9, 10, 11)
        assert self.report.seen(0, 3) == set(axis.at(3).positions)

    def test_a_layer_and_a_position_that_do_not_exist_are_named(self):
        with pytest.raises(KeyError, match="no layer 'conv9'"):
            self.report.layer("conv9")
        with pytest.raises(IndexError, match="from 0 to 13, got 14"):
            self.report.seen(0, 14)
