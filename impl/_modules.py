# SPDX-License-Identifier: BSD-3-Clause
"""``torch.nn`` modules by the rules of the functions that they call, with their own settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._operators import OPERATIONS, attention, batch_norm, instance_norm
from ._reshaping import flatten, unflatten
from ._tensors import Graph, Tensor, Unsupported, constant
from ._windows import conv_transpose, convolution, interpolate, numbers, pad

ModuleRule = Callable[..., Any]


def _convolution(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    settings = (m.stride, m.padding, m.dilation, m.groups, m.padding_mode)
    return convolution(g, name, x, m.weight, None, *settings)


def _conv_transpose(g: Graph, name: str, m: Any, x: Tensor, output_size: Any = None) -> Tensor:
    extra = m.output_padding
    if output_size is not None:
        nd = len(m.kernel_size)
        wanted = numbers(list(output_size)[-nd:], nd)
        least = conv_transpose(g, name, x, m.weight, None, m.stride, m.padding, 0, m.groups, m.dilation)
        extra = tuple(w - n for w, n in zip(wanted, least.shape[-nd:], strict=True))
    return conv_transpose(g, name, x, m.weight, None, m.stride, m.padding, extra, m.groups, m.dilation)


def _batch_norm(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    return batch_norm(g, name, x, training=m.training or m.running_mean is None)


def _instance_norm(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    return instance_norm(g, name, x, use_input_stats=m.training or not m.track_running_stats)


def _pad(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    modes = {"Reflection": "reflect", "Replication": "replicate", "Circular": "circular"}
    mode = next((mode for prefix, mode in modes.items() if type(m).__name__.startswith(prefix)), "constant")
    return pad(g, name, x, m.padding, mode)


def _upsample(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    again = getattr(m, "recompute_scale_factor", None)
    return interpolate(g, name, x, m.size, m.scale_factor, m.mode, m.align_corners, again)


def _flatten(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    return flatten(g, name, x, m.start_dim, m.end_dim)


def _unflatten(g: Graph, name: str, m: Any, x: Tensor) -> Tensor:
    return unflatten(g, name, x, m.dim, m.unflattened_size)


def _attention(g: Graph, name: str, m: Any, query: Any, key: Any, value: Any, *rest: Any, **more: Any) -> Any:
    if not m.batch_first:
        query, key, value = (g.permute(t, (1, 0, 2)) for t in (query, key, value))
    masked = more.get("attn_mask") is not None or more.get("key_padding_mask") is not None or bool(rest)
    made = attention(g, name, query, key, value, attn_mask=True if masked else None)
    made = g.resize(made, -1, m.embed_dim)
    weights = constant((*query.shape[:-1], key.shape[-2]))
    return (made if m.batch_first else g.permute(made, (1, 0, 2))), weights


def _max_pool(g: Graph, name: str, m: Any, x: Tensor) -> Any:
    rule = OPERATIONS[_functional(m)]
    return rule(g, name, x, m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode, m.return_indices)


def _avg_pool(g: Graph, name: str, m: Any, x: Tensor) -> Any:
    return OPERATIONS[_functional(m)](g, name, x, m.kernel_size, m.stride, m.padding, m.ceil_mode)


def _power_pool(g: Graph, name: str, m: Any, x: Tensor) -> Any:
    return OPERATIONS[_functional(m)](g, name, x, m.norm_type, m.kernel_size, m.stride, m.ceil_mode)


def _adaptive_pool(g: Graph, name: str, m: Any, x: Tensor) -> Any:
    rule = OPERATIONS[_functional(m)]
    return rule(g, name, x, m.output_size, getattr(m, "return_indices", False))


def _functional(m: Any) -> str:
    """The function of a pooling module: ``AdaptiveAvgPool2d`` is ``adaptive_avg_pool2d``."""
    name = type(m).__name__
    for word in ("Adaptive", "Avg", "Max", "LP", "Pool"):
        name = name.replace(word, f"_{word.lower()}_")
    return name.replace("__", "_").strip("_").replace("pool_", "pool")


def _same(g: Graph, name: str, m: Any, x: Tensor, *rest: Any) -> Tensor:
    return x


def _softmax(g: Graph, name: str, m: Any, x: Tensor) -> Any:
    return OPERATIONS["softmax"](g, name, x, 1 if type(m).__name__ == "Softmax2d" else m.dim)


def _gated(g: Graph, name: str, m: Any, x: Tensor) -> Any:
    return OPERATIONS["glu"](g, name, x, m.dim)


def _called(operation: str, *attributes: str) -> ModuleRule:
    """A module that passes these attributes on to a function."""

    def rule(g: Graph, name: str, m: Any, x: Tensor) -> Any:
        return OPERATIONS[operation](g, name, x, *(getattr(m, a) for a in attributes))

    return rule


_POINTWISE = """
Identity ReLU ReLU6 ELU SELU CELU GELU SiLU Mish Hardswish Hardsigmoid Hardtanh LeakyReLU PReLU RReLU LogSigmoid
Sigmoid Tanh Softplus Softsign Tanhshrink Softshrink Hardshrink Threshold Dropout Dropout1d Dropout2d Dropout3d
AlphaDropout FeatureAlphaDropout LocalResponseNorm
"""
_PADDINGS = [
    f"{kind}Pad{n}d" for kind in ("Zero", "Constant", "Reflection", "Replication", "Circular") for n in (1, 2, 3)
]

MODULES: dict[str, ModuleRule] = {
    **dict.fromkeys(_POINTWISE.split(), _same),
    **{f"Conv{n}d": _convolution for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": _conv_transpose for n in (1, 2, 3)},
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"), _batch_norm),
    **{f"InstanceNorm{n}d": _instance_norm for n in (1, 2, 3)},
    "GroupNorm": _called("group_norm"),
    "LayerNorm": _called("layer_norm", "normalized_shape"),
    "RMSNorm": _called("layer_norm", "normalized_shape"),
    **{f"MaxPool{n}d": _max_pool for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _avg_pool for n in (1, 2, 3)},
    **{f"LPPool{n}d": _power_pool for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": _adaptive_pool for n in (1, 2, 3) for kind in ("Avg", "Max")},
    **dict.fromkeys(_PADDINGS, _pad),
    **dict.fromkeys(("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"), _upsample),
    "PixelShuffle": _called("pixel_shuffle", "upscale_factor"),
    "PixelUnshuffle": _called("pixel_unshuffle", "downscale_factor"),
    "ChannelShuffle": _called("channel_shuffle", "groups"),
    "Flatten": _flatten,
    "Unflatten": _unflatten,
    "Linear": _called("linear", "weight"),
    "Embedding": _called("embedding", "weight"),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin", "Softmax2d"), _softmax),
    "GLU": _gated,
    "MultiheadAttention": _attention,
}


def module_rule(module: Any) -> ModuleRule:
    """The rule of a module, by its class or a base of it from ``torch.nn`` that it inherits ``forward`` from."""
    kinds: tuple[Any, ...] = type(module).__mro__
    for kind in kinds:
        if kind.__module__.startswith("torch.nn.") and kind.__name__ in MODULES:
            if type(module).forward is not kind.forward:
                break
            return MODULES[kind.__name__]
    raise Unsupported(f"a module of class {type(module).__name__}")
