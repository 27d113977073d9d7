# SPDX-License-Identifier: BSD-3-Clause
"""What the operations of PyTorch do to receptive fields: one rule a name, under PyTorch's own signature.

A rule gets the graph, the name of the node for messages, then the arguments of the call, in which
:class:`Tensor` stands for every tensor that the input influences. ``torch.nn`` modules, functions of
``torch`` and ``torch.nn.functional``, tensor methods and ATen operators all end here. What is not
listed is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ._relations import CONSTANT, IDENTITY, Relation, adaptive, resized, transposed, window
from ._tensors import FREE, Graph, Tensor, Unsupported, constant

Rule = Callable[..., Any]
_BORDERS = {"zeros": "cut", "constant": "cut", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def numbers(value: Any, count: int) -> list[int]:
    """One number for every spatial dimension."""
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    values = values * count if len(values) == 1 else values
    if len(values) != count:
        raise Unsupported(f"{values} for {count} spatial dimensions")
    return [int(v) for v in values]


def tensor(value: Any) -> Tensor:
    """An operand; a tensor with values, such as a parameter, is one that the input does not influence."""
    if isinstance(value, Tensor):
        return value
    shape = getattr(value, "shape", ())
    return constant(tuple(shape))


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


# Slices --------------------------------------------------------------------------------------------


def getitem(g: Graph, name: str, x: Any, index: Any) -> Any:
    if not isinstance(x, Tensor):
        return x[index]
    steps = list(index) if isinstance(index, tuple) else [index]
    named = sum(s is not None and s is not Ellipsis for s in steps)
    if Ellipsis in steps:
        place = steps.index(Ellipsis)
        steps[place : place + 1] = [slice(None)] * (len(x.dims) - named)
    d = 0
    for step in steps:
        if step is None:
            x = unsqueeze(g, name, x, d)
            d += 1
        elif isinstance(step, slice):
            x = _sliced(g, name, x, d, step)
            d += 1
        elif isinstance(step, int) and not isinstance(step, bool):
            x = select(g, name, x, d, step)
        else:
            raise Unsupported(f"indexing with {step!r}")
    return x


def _sliced(g: Graph, name: str, x: Tensor, d: int, cut: slice) -> Tensor:
    n = x.shape[d]
    start, stop, step = cut.indices(n)
    length = len(range(start, stop, step))
    if (start, step, length) == (0, 1, n):
        return x
    if not _carries(x, d):
        return g.resize(g.select(x, d, name), d, length)
    return g.relate(x, d, Relation(1, step, ((start,),)), length)


def slice_(g: Graph, name: str, x: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Tensor:
    return _sliced(g, name, x, x.place(dim), slice(start, end, step))


def select(g: Graph, name: str, x: Tensor, dim: int, index: int) -> Tensor:
    """One position of a dimension, which then is no more."""
    d = x.place(dim)
    if _carries(x, d):
        x = g.relate(x, d, Relation(1, 0, ((index % x.shape[d],),)), 1)
    else:
        x = g.select(x, d, name) if d != 0 else x
    return replace(x, dims=(*x.dims[:d], *x.dims[d + 1 :]))


def narrow(g: Graph, name: str, x: Tensor, dim: int, start: int, length: int) -> Tensor:
    return _sliced(g, name, x, x.place(dim), slice(start, start + length))


def split(g: Graph, name: str, x: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    d = x.place(dim)
    sections = split_size_or_sections
    if isinstance(sections, int):
        n = x.shape[d]
        sections = [min(sections, n - at) for at in range(0, n, sections)]
    starts = [sum(sections[:i]) for i in range(len(sections))]
    return tuple(narrow(g, name, x, d, s, n) for s, n in zip(starts, sections, strict=True))


def chunk(g: Graph, name: str, x: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    return split(g, name, x, -(-x.shape[x.place(dim)] // chunks), dim)


def unbind(g: Graph, name: str, x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    return tuple(select(g, name, x, dim, i) for i in range(x.shape[x.place(dim)]))


def flip(g: Graph, name: str, x: Tensor, *dims: Any) -> Tensor:
    for d in _flat(dims):
        if _carries(x, x.place(d)):
            n = x.shape[x.place(d)]
            x = g.relate(x, d, Relation(1, -1, ((n - 1,),)), n)
    return x


def roll(g: Graph, name: str, x: Tensor, shifts: Any, dims: Any) -> Tensor:
    both = zip(*([v] if isinstance(v, int) else list(v) for v in (shifts, dims)), strict=True)
    for shift, d in both:
        if _carries(x, x.place(d)):
            x = g.relate(x, d, Relation(1, 1, ((-shift,),), "circular"), x.shape[x.place(d)])
    return x


def _carries(x: Tensor, dim: int) -> bool:
    return any(a != FREE for a, _ in x.dims[dim])


def _flat(values: Sequence[Any]) -> list[int]:
    """Dimensions given one by one or as one sequence."""
    first = values[0] if len(values) == 1 and isinstance(values[0], (tuple, list)) else values
    return [int(v) for v in first]


# Shapes --------------------------------------------------------------------------------------------


def unsqueeze(g: Graph, name: str, x: Tensor, dim: int) -> Tensor:
    d = dim % (len(x.dims) + 1)
    return replace(x, dims=(*x.dims[:d], ((FREE, 1),), *x.dims[d:]))


def squeeze(g: Graph, name: str, x: Tensor, dim: Any = None) -> Tensor:
    chosen = range(len(x.dims)) if dim is None else [x.place(d) for d in _flat((dim,))]
    return replace(x, dims=tuple(v for d, v in enumerate(x.dims) if d not in chosen or x.shape[d] != 1))


def flatten(g: Graph, name: str, x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    a, b = x.place(start_dim), x.place(end_dim)
    shape = x.shape
    merged = 1
    for n in shape[a : b + 1]:
        merged *= n
    return g.reshape(x, [*shape[:a], merged, *shape[b + 1 :]])


def unflatten(g: Graph, name: str, x: Tensor, dim: int, sizes: Any) -> Tensor:
    d = x.place(dim)
    return g.reshape(x, [*x.shape[:d], *(int(n) for n in sizes), *x.shape[d + 1 :]])


def view(g: Graph, name: str, x: Tensor, *shape: Any) -> Tensor:
    if shape and not isinstance(shape[0], (int, tuple, list)):
        return x  # another dtype
    return g.reshape(x, _flat(shape))


def permute(g: Graph, name: str, x: Tensor, *dims: Any) -> Tensor:
    return g.permute(x, _flat(dims))


def transpose(g: Graph, name: str, x: Tensor, dim0: int, dim1: int) -> Tensor:
    order = list(range(len(x.dims)))
    a, b = x.place(dim0), x.place(dim1)
    order[a], order[b] = order[b], order[a]
    return g.permute(x, order)


def transposed_matrix(g: Graph, name: str, x: Tensor) -> Tensor:
    return transpose(g, name, x, -1, -2) if len(x.dims) > 1 else x


def expand(g: Graph, name: str, x: Tensor, *shape: Any, implicit: bool = False) -> Tensor:
    return g.expand(x, _flat(shape))


def expand_as(g: Graph, name: str, x: Tensor, other: Any) -> Tensor:
    return g.expand(x, tensor(other).shape)


def cat(g: Graph, name: str, tensors: Sequence[Any], dim: int = 0) -> Tensor:
    return g.concatenate([tensor(t) for t in tensors], dim, name)


def stack(g: Graph, name: str, tensors: Sequence[Any], dim: int = 0) -> Tensor:
    return cat(g, name, [unsqueeze(g, name, tensor(t), dim) for t in tensors], dim)


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
    return g.mix(x, _flat((dim,)), f"{name} normalises over all positions")


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
        dims = range(len(x.dims)) if dim is None or dim in ([], ()) else _flat((dim,))
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
