# SPDX-License-Identifier: BSD-3-Clause
"""What the operations of PyTorch do to receptive fields: one rule a name, under PyTorch's own signature.

A rule gets the graph, the name of the node for messages, then the arguments of the call, in which
:class:`Tensor` stands for every tensor that the input influences. ``torch.nn`` modules, functions of
``torch`` and ``torch.nn.functional``, tensor methods and ATen operators all end here. What is not
listed is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ._reshaping import (
    cat,
    chunk,
    expand,
    expand_as,
    flat,
    flatten,
    flip,
    getitem,
    narrow,
    permute,
    roll,
    select,
    slice_,
    split,
    squeeze,
    stack,
    tensor,
    transpose,
    transposed_matrix,
    unbind,
    unflatten,
    unsqueeze,
    view,
)
from ._tensors import FREE, Graph, Tensor, Unsupported
from ._windows import (
    adaptive_pool,
    aten_convolution,
    conv_transpose,
    convolution,
    interpolate,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
    pool,
    power_pool,
    upsample,
)

Rule = Callable[..., Any]


# Mixing --------------------------------------------------------------------------------------------


def batch_norm(
    g: Graph,
    name: str,
    x: Tensor,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    *rest: Any,
    **more: Any,
) -> Tensor:
    if not training:
        return x
    return g.mix(x, range(2, len(x.dims)), f"{name} normalises by statistics over the batch and all positions")


def instance_norm(
    g: Graph,
    name: str,
    x: Tensor,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    *rest: Any,
    **more: Any,
) -> Tensor:
    return g.mix(x, range(2, len(x.dims)), _over_space(name)) if use_input_stats else x


def group_norm(g: Graph, name: str, x: Tensor, *rest: Any, **more: Any) -> Tensor:
    return replace(g.mix(x, range(2, len(x.dims)), _over_space(name)), uniform=x.uniform)


def layer_norm(g: Graph, name: str, x: Tensor, normalized_shape: Any, *rest: Any, **more: Any) -> Tensor:
    count = len(normalized_shape) if isinstance(normalized_shape, (tuple, list)) else 1
    return g.mix(x, range(-count, 0), _over_space(name))


def _over_space(name: str) -> str:
    return f"{name} normalises by statistics over all positions"


def softmax(g: Graph, name: str, x: Tensor, dim: Any = None, *rest: Any, **more: Any) -> Tensor:
    if dim is None:
        raise Unsupported("a softmax without dim")
    return g.mix(x, flat((dim,)), f"{name} normalises over all positions")


def normalize(g: Graph, name: str, x: Tensor, p: float = 2.0, dim: Any = 1, *rest: Any, **more: Any) -> Tensor:
    return softmax(g, name, x, dim)


def linear(g: Graph, name: str, x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    x = g.reduce(x, [-1], f"{name} is connected to all positions", keep=True, weigh=True)
    return replace(g.resize(x, -1, weight.shape[0]), uniform=True)


def addmm(g: Graph, name: str, bias: Any, x: Tensor, weight: Any, *rest: Any, **more: Any) -> Tensor:
    return g.broadcast([tensor(bias), matmul(g, name, x, weight)])


def matmul(g: Graph, name: str, a: Any, b: Any) -> Tensor:
    """Contracted dimensions are summed over; the others stay, so that a pair of positions sees both."""
    one, two = tensor(a), tensor(b)
    if len(one.dims) < 2 or len(two.dims) < 2:
        raise Unsupported("a product with a vector")
    left = g.reduce(one, [-1], f"{name} sums over all positions", keep=True, weigh=True)
    right = g.reduce(two, [-2], f"{name} sums over all positions", keep=True, weigh=True)
    return replace(g.broadcast([left, right]), uniform=True)


def attention(
    g: Graph,
    name: str,
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *rest: Any,
    **more: Any,
) -> Tensor:
    """Every query sees all keys and values; with a mask, no more than these."""
    whole = attn_mask is None and not is_causal
    q, k, v = tensor(query), tensor(key), tensor(value)
    k, v = (g.mix(t, [-2], f"{name} attends to all positions", whole) for t in (k, v))
    q = g.reduce(q, [-1], f"{name} multiplies over all positions", keep=True, weigh=True)
    k = g.reduce(k, [-1, -2], f"{name} attends to all positions", keep=True, weigh=True)
    seen = g.reduce(v, [-2], f"{name} attends to all positions", keep=True, weigh=True)
    return replace(g.broadcast([q, k, seen]), uniform=True)


def reduction(name_of: str, default: Any = None) -> Rule:
    """Sums, means, maxima over dimensions; over all of them where none is given."""

    def rule(g: Graph, name: str, x: Tensor, dim: Any = None, keepdim: bool = False, *rest: Any, **more: Any) -> Any:
        dims = range(len(x.dims)) if dim is None or dim in ([], ()) else flat((dim,))
        made = g.reduce(x, list(dims), f"{name} takes the {name_of} over the whole axis", keep=keepdim)
        return (made, made) if default == "pair" and dim is not None else made

    return rule


def norm(g: Graph, name: str, x: Tensor, p: Any = 2, dim: Any = None, keepdim: bool = False, **more: Any) -> Tensor:
    made: Tensor = reduction("norm")(g, name, x, dim, keepdim)
    return made


def pointwise(g: Graph, name: str, *values: Any, **named: Any) -> Tensor:
    """Anything that acts on every position by itself."""
    operands = [v for v in (*values, *named.values()) if isinstance(v, Tensor) or _has_values(v)]
    return g.broadcast([tensor(v) for v in operands])


def unary(g: Graph, name: str, x: Tensor, *rest: Any, **more: Any) -> Tensor:
    return x


def _has_values(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def embedding(g: Graph, name: str, x: Any, weight: Any, *rest: Any, **more: Any) -> Tensor:
    one, two = (x, weight) if isinstance(x, Tensor) and x.nodes is not None else (weight, x)
    return replace(one, dims=(*one.dims, ((FREE, tuple(two.shape)[-1]),)), uniform=True)


_UNARY = """
relu relu_ relu6 elu elu_ selu selu_ celu celu_ gelu silu silu_ mish hardswish hardswish_ hardsigmoid hardtanh
hardtanh_ leaky_relu leaky_relu_ rrelu logsigmoid sigmoid sigmoid_ tanh tanh_ softplus softsign tanhshrink
softshrink hardshrink threshold threshold_ dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout
feature_dropout contiguous clone detach to float double half type type_as _to_copy alias lift_fresh_copy abs
absolute neg negative exp expm1 log log1p log2 sqrt rsqrt square sin cos erf erfc reciprocal sign floor ceil round
clamp clamp_ clamp_min clamp_max clip nan_to_num requires_grad_ identity local_response_norm copy cpu cuda bfloat16
channels_last
"""
_POINTWISE = """
add add_ sub sub_ rsub mul mul_ multiply subtract div div_ true_divide divide truediv iadd isub imul itruediv pow
pow_ maximum minimum fmax fmin where lerp addcmul addcdiv prelu _prelu_kernel atan2 fmod remainder floordiv
floor_divide gt ge lt le eq ne logical_and logical_or logical_not masked_fill masked_fill_ hypot mod
"""

OPERATIONS: dict[str, Rule] = {
    **dict.fromkeys(_UNARY.split(), unary),
    **dict.fromkeys(_POINTWISE.split(), pointwise),
    **{f"conv{n}d": convolution for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": conv_transpose for n in (1, 2, 3)},
    "convolution": aten_convolution,
    **{f"max_pool{n}d": pool(n, dilates=True) for n in (1, 2, 3)},
    **{f"max_pool{n}d_with_indices": pool(n, dilates=True) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": pool(n, dilates=False) for n in (1, 2, 3)},
    **{f"lp_pool{n}d": power_pool(n) for n in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{n}d": adaptive_pool(n) for n in (1, 2, 3) for kind in ("avg", "max")},
    "interpolate": interpolate,
    "upsample": interpolate,
    **{f"upsample_nearest{n}d": upsample("nearest", False) for n in (1, 2, 3)},
    **{f"_upsample_nearest_exact{n}d": upsample("nearest-exact", False) for n in (1, 2, 3)},
    "upsample_linear1d": upsample("linear", True),
    "upsample_bilinear2d": upsample("bilinear", True),
    "upsample_trilinear3d": upsample("trilinear", True),
    "upsample_bicubic2d": upsample("bicubic", True),
    "pad": pad,
    "constant_pad_nd": pad,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    "getitem": getitem,
    "slice": slice_,
    "select": select,
    "narrow": narrow,
    **dict.fromkeys(("split", "split_with_sizes"), split),
    "chunk": chunk,
    "unbind": unbind,
    "flip": flip,
    "roll": roll,
    "unsqueeze": unsqueeze,
    "squeeze": squeeze,
    "flatten": flatten,
    "unflatten": unflatten,
    **dict.fromkeys(("view", "reshape", "_unsafe_view"), view),
    "permute": permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), transpose),
    "t": transposed_matrix,
    "expand": expand,
    "expand_as": expand_as,
    **dict.fromkeys(("cat", "concat", "concatenate"), cat),
    "stack": stack,
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "rms_norm": layer_norm,
    **dict.fromkeys(("softmax", "log_softmax", "softmin", "_softmax", "_log_softmax"), softmax),
    "normalize": normalize,
    "linear": linear,
    "addmm": addmm,
    **dict.fromkeys(("matmul", "bmm", "mm"), matmul),
    "scaled_dot_product_attention": attention,
    **{kind: reduction(kind) for kind in ("mean", "sum", "amax", "amin", "prod", "var", "std", "logsumexp")},
    **{kind: reduction(kind, "pair") for kind in ("max", "min")},
    "norm": norm,
    "embedding": embedding,
}
