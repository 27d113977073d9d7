# SPDX-License-Identifier: BSD-3-Clause
"""ONNX files by the same rules: nodes are brought to PyTorch's operations, attribute by attribute.

Only what ONNX defines beyond PyTorch is here: padding that differs in front and behind, ``auto_pad``, and
shapes that the graph computes from the shape of its input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from ._graph import Step, UnknownOperation, Walk, start
from ._operators import OPERATIONS, matmul
from ._relations import Relation, resized, window
from ._tensors import Graph, Tensor, Unsupported, constant
from ._windows import pooled
from .receptive_field_module import Report, _reported

Attributes = dict[str, Any]
Numbers = Sequence[int]
Rule = Callable[[Graph, str, list[Any], Attributes], Any]


def of_onnx(path: Any, input_shape: Sequence[int] | None = None) -> Report:
    """The receptive field of an ONNX model: a file, or a loaded ``ModelProto``; see :func:`of_module`.

    ``input_shape``, without the batch, is needed where the file leaves sizes open. Raises
    ``ModuleNotFoundError`` without the ``onnx`` package, ``ValueError`` where a size is missing, and
    ``UnknownOperation`` for a node without a rule.
    """
    import onnx

    model = path if isinstance(path, onnx.ModelProto) else onnx.load(path)
    values: dict[str, Any] = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    given = next(i for i in model.graph.input if i.name not in values)
    shape = _input(given, input_shape)
    axes = tuple(range(1, len(shape)))
    walk, values[given.name] = start(shape, axes)
    for number, node in enumerate(model.graph.node):
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        _step(walk, node, node.name or f"{node.op_type}_{number}", values, attributes)
    for output in model.graph.output:
        value = values[output.name]
        if isinstance(value, Tensor):
            walk.outputs.append(Step(output.name, "output", value))
    return _reported(model.graph.name or "ONNX model", shape, walk)


def _input(given: Any, input_shape: Sequence[int] | None) -> tuple[int, ...]:
    sizes = [d.dim_value for d in given.type.tensor_type.shape.dim][1:]
    if input_shape is not None:
        return tuple(int(n) for n in input_shape)
    if not sizes or 0 in sizes:
        raise ValueError(f"of_onnx: input {given.name!r} leaves sizes open ({sizes}); give its shape without the batch")
    return tuple(sizes)


def _step(walk: Walk, node: Any, name: str, values: dict[str, Any], attributes: Attributes) -> None:
    """Evaluate a node and keep its outputs."""
    inputs = [values[i] if i else None for i in node.input]
    try:
        if node.op_type not in RULES:
            raise Unsupported("there is no rule for this operation")
        value = RULES[node.op_type](walk.graph, name, inputs, attributes)
    except (Unsupported, TypeError, IndexError, KeyError, OverflowError) as error:
        raise UnknownOperation(f"of_onnx: node {name!r} ({node.op_type}): {error}") from error
    made = value if isinstance(value, tuple) else (value,)
    for output, one in zip(node.output, made, strict=False):
        values[output] = one
    if isinstance(made[0], Tensor):
        walk.steps.append(Step(name, node.op_type, made[0]))


def _text(attributes: Attributes, name: str, default: str) -> str:
    value = attributes.get(name, default)
    return value.decode() if isinstance(value, bytes) else str(value)


def _ends(
    attributes: Attributes, x: Tensor, kernel: Sequence[int], strides: Sequence[int], rates: Sequence[int]
) -> Any:
    """Padding in front and behind of every axis."""
    nd = len(kernel)
    mode = _text(attributes, "auto_pad", "NOTSET")
    if mode in ("NOTSET", "VALID"):
        pads = list(attributes.get("pads", [0] * 2 * nd)) if mode == "NOTSET" else [0] * 2 * nd
        return list(zip(pads[:nd], pads[nd:], strict=True))
    ends = []
    for n, k, s, r in zip(x.shape[-nd:], kernel, strides, rates, strict=True):
        both = max((-(-n // s) - 1) * s + r * (k - 1) + 1 - n, 0)
        small, large = both // 2, both - both // 2
        ends.append((small, large) if mode == "SAME_UPPER" else (large, small))
    return ends


def _windows(g: Graph, x: Tensor, kernel: Sequence[int], a: Attributes) -> Tensor:
    """The windows of a convolution or a pool along all its axes."""
    nd = len(kernel)
    strides, rates = a.get("strides", [1] * nd), a.get("dilations", [1] * nd)
    for d, (front, back) in enumerate(_ends(a, x, kernel, strides, rates)):
        k, s, r = kernel[d], strides[d], rates[d]
        n = x.shape[d - nd]
        length = (n + front + back - r * (k - 1) - 1) // s + 1
        if a.get("ceil_mode"):
            if front != back:
                raise Unsupported("ceil_mode with different padding in front and behind")
            length = pooled(n, k, s, front, r, True)
        x = g.relate(x, d - nd, window(k, s, front, r), length)
    return x


def _conv(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x, weight = inputs[:2]
    out, _, *kernel = _constant(weight).shape
    x = g.resize(g.reduce(x, [1], name, keep=True, weigh=True), 1, out)
    x = _windows(g, x, kernel, a)
    return Tensor(x.dims, x.nodes, x.uniform or a.get("group", 1) == 1)


def _conv_transpose(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    nd = len(_constant(inputs[1]).shape) - 2
    pads = a.get("pads", [0] * 2 * nd)
    if list(pads[:nd]) != list(pads[nd:]) or "output_shape" in a or _text(a, "auto_pad", "NOTSET") != "NOTSET":
        raise Unsupported("a transposed convolution whose padding differs in front and behind")
    rule = OPERATIONS[f"conv_transpose{nd}d"]
    settings = (a.get("strides", 1), pads[:nd], a.get("output_padding", 0), a.get("group", 1), a.get("dilations", 1))
    made: Tensor = rule(g, name, inputs[0], inputs[1], None, *settings)
    return made


def _pool(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    return _windows(g, inputs[0], a["kernel_shape"], a)


def _global(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    return g.reduce(x, range(2, len(x.dims)), f"{name} pools over the whole axis", keep=True)


def _reduce(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    axes = _list(inputs[1]) if len(inputs) > 1 and inputs[1] is not None else a.get("axes", range(len(x.dims)))
    return g.reduce(x, list(axes), f"{name} reduces the whole axis", keep=bool(a.get("keepdims", 1)))


def _pad(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    pads = _list(inputs[1]) if len(inputs) > 1 else list(a["pads"])
    axes = _list(inputs[3]) if len(inputs) > 3 and inputs[3] is not None else range(len(x.dims))
    borders = {"constant": "cut", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    border = borders[_text(a, "mode", "constant")]
    for d, front, back in zip(axes, pads[: len(pads) // 2], pads[len(pads) // 2 :], strict=True):
        if front or back:
            x = g.relate(x, d, Relation(1, 1, ((-front,),), border), x.shape[d] + front + back)
    return x


def _resize(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    """``Resize`` and ``Upsample``, dimension by dimension."""
    x: Tensor = inputs[0]
    sizes = _list(inputs[3]) if len(inputs) > 3 and inputs[3] is not None else None
    scales = None
    if sizes is None:
        place = 2 if len(inputs) > 2 else 1
        given = inputs[place] if len(inputs) > 1 else a["scales"]
        scales = [Fraction(float(v)) for v in np.ravel(_constant(given))]
    if a.get("antialias") or "axes" in a:
        raise Unsupported("resizing with antialiasing or over chosen axes")
    for d, n in enumerate(x.shape):
        if sizes is not None:
            out, ratio = sizes[d], Fraction(n, sizes[d])
        else:
            assert scales is not None
            out, ratio = int(n * scales[d]), 1 / scales[d]
        if out != n:
            x = g.relate(x, d, _resized(n, out, ratio, a), out)
    return x


def _resized(n: int, out: int, ratio: Fraction, a: Attributes) -> Relation:
    """One dimension: where an output lies in the input, then the neighbours that it is made of."""
    mode = _text(a, "mode", "nearest")
    where = _text(a, "coordinate_transformation_mode", "half_pixel")
    half = Fraction(1, 2)
    shifts = {"half_pixel": (ratio - 1) * half, "pytorch_half_pixel": (ratio - 1) * half, "asymmetric": Fraction(0)}
    if where == "align_corners" and out > 1:
        ratio, shift = Fraction(n - 1, out - 1), Fraction(0)
    elif where in shifts and not (where == "pytorch_half_pixel" and out == 1):
        shift = shifts[where]
    else:
        raise Unsupported(f"resizing with {where} to {out} positions")
    if mode != "nearest":
        return resized(mode, ratio.denominator, ratio.numerator, shift, out)
    roundings: dict[str, Callable[[Fraction], int]] = {
        "floor": floor,
        "ceil": ceil,
        "round_prefer_floor": lambda place: ceil(place - half),
        "round_prefer_ceil": lambda place: floor(place + half),
    }
    to_integer = roundings[_text(a, "nearest_mode", "round_prefer_floor")]
    taps = tuple((to_integer(o * ratio + shift),) for o in range(min(ratio.denominator, out)))
    return Relation(len(taps), ratio.numerator, taps, "replicate")


def _batch_norm(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    made = OPERATIONS["batch_norm"](g, name, inputs[0], training=bool(a.get("training_mode", 0)))
    return made


def _over_space(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return OPERATIONS["instance_norm"](g, name, inputs[0])


def _layer_norm(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    first = x.place(int(a.get("axis", -1)))
    return g.mix(x, range(first, len(x.dims)), f"{name} normalises by statistics over all positions")


def _softmax(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return OPERATIONS["softmax"](g, name, inputs[0], int(a.get("axis", -1)))


def _gemm(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    weight = _constant(inputs[1])
    x: Tensor = inputs[0]
    if a.get("transA"):
        raise Unsupported("a product with its input transposed")
    x = g.reduce(x, [-1], f"{name} is connected to all positions", keep=True, weigh=True)
    return g.resize(x, -1, weight.shape[0] if a.get("transB") else weight.shape[1])


def _slice(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    x = inputs[0]
    starts, ends = (_list(inputs[1]), _list(inputs[2])) if len(inputs) > 2 else (a["starts"], a["ends"])
    axes = _list(inputs[3]) if len(inputs) > 3 and inputs[3] is not None else a.get("axes", range(len(starts)))
    steps = _list(inputs[4]) if len(inputs) > 4 and inputs[4] is not None else [1] * len(starts)
    for d, begin, end, step in zip(axes, starts, ends, steps, strict=True):
        if not isinstance(x, Tensor):
            x = x[(slice(None),) * d + (slice(begin, end, step),)]
            continue
        x = OPERATIONS["slice"](g, name, x, d, begin, end, step)
    return x


def _split(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    x: Tensor = inputs[0]
    axis = x.place(int(a.get("axis", 0)))
    sections = _list(inputs[1]) if len(inputs) > 1 else a.get("split")
    if sections is None:
        return OPERATIONS["chunk"](g, name, x, int(a["num_outputs"]), axis)
    return OPERATIONS["split"](g, name, x, list(sections), axis)


def _shaped(operation: str, attribute: str, place: int = 1) -> Rule:
    """Operations whose argument is an attribute in older files and an input in newer ones."""

    def rule(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
        found = _list(inputs[place]) if len(inputs) > place and inputs[place] is not None else a.get(attribute)
        x = inputs[0]
        if operation == "unsqueeze":
            for d in sorted(found or ()):
                x = np.expand_dims(x, d) if not isinstance(x, Tensor) else OPERATIONS["unsqueeze"](g, name, x, d)
            return x
        if not isinstance(x, Tensor):
            return np.squeeze(x, tuple(found or ())) if operation == "squeeze" else np.reshape(x, found)
        if operation == "squeeze":
            return OPERATIONS["squeeze"](g, name, x, found)
        shape = [x.shape[d] if n == 0 else n for d, n in enumerate(found or ())]
        return g.reshape(x, shape) if operation == "reshape" else g.expand(x, shape)

    return rule


def _flatten(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    axis = int(a.get("axis", 1))
    front = int(np.prod(x.shape[:axis], dtype=int))
    return g.reshape(x, [front, -1])


def _transpose(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    return g.permute(x, list(a.get("perm", range(len(x.dims))[::-1])))


def _concat(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    if not any(isinstance(x, Tensor) for x in inputs):
        return np.concatenate(inputs, int(a["axis"]))
    return OPERATIONS["cat"](g, name, inputs, int(a["axis"]))


def _shape_of(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return np.asarray(inputs[0].shape[a.get("start", 0) : a.get("end")])


def _constant_node(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    import onnx

    value = next(iter(a.values()))
    return onnx.numpy_helper.to_array(value) if hasattr(value, "data_type") else np.asarray(value)


def _gather(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    x, at = inputs[0], _constant(inputs[1])
    axis = int(a.get("axis", 0))
    if not isinstance(x, Tensor):
        return np.take(x, at, axis)
    if at.ndim:
        raise Unsupported("a gather of several positions")
    return OPERATIONS["select"](g, name, x, axis, int(at))


def _arithmetic(function: Callable[..., Any] | None = None) -> Rule:
    """Elementwise: on tensors by the rule, on the numbers of a shape by NumPy."""

    def rule(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
        if function is not None and not any(isinstance(x, Tensor) for x in inputs):
            return function(*inputs)
        return OPERATIONS["add"](g, name, *(x for x in inputs if x is not None))

    return rule


def _unary(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return inputs[0]


def _matmul(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return matmul(g, name, inputs[0], inputs[1])


def _filled(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return constant(_list(inputs[0]))


def _depth_to_space(g: Graph, name: str, inputs: list[Any], a: Attributes) -> Any:
    return OPERATIONS["pixel_shuffle"](g, name, inputs[0], int(a["blocksize"]))


def _constant(value: Any) -> Any:
    if isinstance(value, Tensor):
        raise Unsupported("an argument that depends on the input")
    return np.asarray(value)


def _list(value: Any) -> list[int]:
    return [int(v) for v in np.ravel(_constant(value))]


_POINTWISE = """
Relu LeakyRelu PRelu Elu Selu Celu Gelu Sigmoid HardSigmoid HardSwish Mish Tanh Softplus Softsign ThresholdedRelu Clip
Abs Neg Exp Log Sqrt Reciprocal Erf Sign Floor Ceil Round Sin Cos Dropout Identity Cast LRN Swish
"""
RULES: dict[str, Rule] = {
    **dict.fromkeys(_POINTWISE.split(), _unary),
    **{op: _arithmetic(f) for op, f in (("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply))},
    **dict.fromkeys(("Pow", "Max", "Min", "Sum", "Mean", "Where", "Equal", "Greater", "Less"), _arithmetic()),
    "Div": _arithmetic(lambda x, y: x // y if np.issubdtype(np.asarray(x).dtype, np.integer) else x / y),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), _pool),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"), _global),
    **{
        f"Reduce{kind}": _reduce for kind in ("Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "LogSumExp", "SumSquare")
    },
    "Pad": _pad,
    **dict.fromkeys(("Resize", "Upsample"), _resize),
    "BatchNormalization": _batch_norm,
    **dict.fromkeys(("InstanceNormalization", "GroupNormalization"), _over_space),
    "LayerNormalization": _layer_norm,
    **dict.fromkeys(("Softmax", "LogSoftmax"), _softmax),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Slice": _slice,
    "Split": _split,
    "Reshape": _shaped("reshape", "shape"),
    "Expand": _shaped("expand", "shape"),
    "Squeeze": _shaped("squeeze", "axes"),
    "Unsqueeze": _shaped("unsqueeze", "axes"),
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Concat": _concat,
    "Shape": _shape_of,
    "Constant": _constant_node,
    "ConstantOfShape": _filled,
    "Gather": _gather,
    "DepthToSpace": _depth_to_space,
}
