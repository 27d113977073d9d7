# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields of ONNX files: what differs from PyTorch, and that a network is the same in both forms."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the extra lemmata[onnx] is not installed")

from lemmata.cli.main import main  # noqa: E402 - after the check for onnx
from lemmata.impl._onnx import of_onnx  # noqa: E402
from lemmata.impl.receptive_field_module import UnknownOperation  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def model(nodes, shape=(1, 1, 20), weights=(), outputs=("y",)):
    """Nodes as (operation, inputs, outputs, attributes) with the input ``x``."""
    made = [helper.make_node(op, ins, outs, **attributes) for op, ins, outs, attributes in nodes]
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    return helper.make_model(helper.make_graph(made, "network", [given], results, initializers))


def seen(report, *positions):
    return [set(report.seen(0, o)) for o in positions]


W3 = ("w", np.ones((1, 1, 3), np.float32))


class TestOperations:
    def test_a_convolution_with_different_padding_on_both_sides(self):
        node = ("Conv", ["x", "w"], ["y"], {"pads": [2, 1], "dilations": [2], "strides": [2]})
        axis = of_onnx(model([node], weights=[W3])).axes[0]
        assert axis.phases[0].positions == (-2, 0, 2)
        assert (axis.stride, axis.output_length) == (2, 10)

    @pytest.mark.parametrize(("mode", "positions"), [("SAME_UPPER", (0, 1, 2)), ("SAME_LOWER", (-1, 0, 1))])
    def test_automatic_padding(self, mode, positions):
        """20 inputs at stride 2 with three taps: one position of padding, behind or in front."""
        node = ("Conv", ["x", "w"], ["y"], {"auto_pad": mode, "strides": [2]})
        axis = of_onnx(model([node], weights=[W3])).axes[0]
        assert axis.phases[0].positions == positions
        assert axis.output_length == 10

    @pytest.mark.parametrize(
        ("attributes", "expected"),
        [
            (
                {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
                [0, 0, 1, 1],
            ),
            ({"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "ceil"}, [0, 1, 1, 2]),
            ({"mode": "nearest"}, [0, 0, 1, 1]),
        ],
    )
    def test_nearest_resizing_follows_its_rounding(self, attributes, expected):
        node = ("Resize", ["x", "", "s"], ["y"], attributes)
        report = of_onnx(model([node], weights=[("s", np.asarray([1, 1, 2], np.float32))]))
        assert seen(report, 0, 1, 2, 3) == [{i} for i in expected]

    def test_linear_resizing(self):
        node = ("Resize", ["x", "", "s"], ["y"], {"mode": "linear"})
        report = of_onnx(model([node], weights=[("s", np.asarray([1, 1, 2], np.float32))]))
        assert seen(report, 0, 1, 2) == [{0}, {0, 1}, {0, 1}]

    def test_a_shape_that_the_graph_computes(self):
        nodes = [
            ("Shape", ["x"], ["n"], {}),
            ("Gather", ["n", "last"], ["m"], {"axis": 0}),
            ("Unsqueeze", ["m", "zero"], ["u"], {}),
            ("Concat", ["two", "u"], ["s"], {"axis": 0}),
            ("MaxPool", ["x"], ["p"], {"kernel_shape": [3], "pads": [1, 1]}),
            ("Reshape", ["p", "s"], ["y"], {}),
        ]
        weights = [("last", np.int64(2)), ("zero", np.asarray([0])), ("two", np.asarray([1, 1]))]
        assert of_onnx(model(nodes, weights=weights)).axes[0].size == 3

    def test_a_global_pool_is_named(self):
        axis = of_onnx(model([("GlobalAveragePool", ["x"], ["y"], {})])).axes[0]
        assert axis.size == float("inf")
        assert "GlobalAveragePool_0 pools over the whole axis" in axis.reason

    def test_an_unknown_node_is_named(self):
        with pytest.raises(UnknownOperation, match=r"node 'CumSum_0' \(CumSum\)"):
            of_onnx(model([("CumSum", ["x", "d"], ["y"], {})], weights=[("d", np.int64(2))]))

    def test_an_open_size_is_asked_for(self):
        made = model([("Relu", ["x"], ["y"], {})], shape=(1, 1, "n"))
        with pytest.raises(ValueError, match="leaves sizes open"):
            of_onnx(made)
        assert of_onnx(made, (1, 20)).axes[0].size == 1


def basic_block():
    """A residual block with a stride, as a list of nodes: two branches of different lengths."""
    return [
        ("Conv", ["x", "a"], ["h"], {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ("Relu", ["h"], ["r"], {}),
        ("Conv", ["r", "b"], ["g"], {"pads": [1, 1, 1, 1]}),
        ("Conv", ["x", "c"], ["s"], {"strides": [2, 2]}),
        ("Add", ["g", "s"], ["y"], {}),
    ]


def test_a_file_gives_what_the_same_network_gives_in_pytorch(tmp_path, capsys):
    pytest.importorskip("torch")
    from lemmata.impl.receptive_field import of_module
    from torch import nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1), nn.ReLU(), nn.Conv2d(2, 2, 3, 1, 1))
            self.shortcut = nn.Conv2d(1, 2, 1, 2)

        def forward(self, x):
            return self.body(x) + self.shortcut(x)

    shapes = {"a": (2, 1, 3, 3), "b": (2, 2, 3, 3), "c": (2, 1, 1, 1)}
    weights = [(name, np.ones(shape, np.float32)) for name, shape in shapes.items()]
    made = model(basic_block(), (1, 1, 32, 32), weights)
    assert of_onnx(made).axes == of_module(Block(), (1, 32, 32)).axes
    onnx.save(made, tmp_path / "block.onnx")
    assert main(("rf", str(tmp_path / "block.onnx"))) == 0
    assert "axis 0: size 7, stride 2" in capsys.readouterr().out
