# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position encoding: rotate pairs of features by angles proportional to the position.

Pair i of the vector at position p turns by p · θ_i with θ_i = base^(−2i/dim). Inner products of two
rotated vectors then depend on their positions only through the difference.

Two layouts of the pairs are in use and are not interchangeable (:claim:`rope.mixed-layout`):

* ``"interleaved"``: features 2i and 2i+1 (RoFormer, GPT-J, the original LLaMA weights);
* ``"half"``: features i and i + dim/2 (GPT-NeoX, the LLaMA weights of Hugging Face).

``halves_to_interleaved`` and ``interleaved_to_halves`` convert activations and projection weights
between them exactly. Tables are formed exactly (see ``_phase.py``); ``tables="float32"`` instead
reproduces the rounded ones with which most checkpoints were trained.

Large arrays in main memory (2²⁰ elements in the first call, which compiles for a second or two, 2¹⁵
in later ones) are rotated by a kernel where Numba is installed, float16 excepted. Results are
bitwise the same; ``LEMMATA_NO_FAST=1`` in the environment switches it off.

Sources: Su et al., *RoFormer*, arXiv 2104.09864; Su, Scientific Spaces 8265.
"""

from __future__ import annotations

import math
from functools import partial
from operator import index
from typing import Any, Literal

import numpy as np
from array_api_compat import device, is_jax_array

from . import _blocks, _fast, _phase
from ._arrays import (
    Array,
    Namespace,
    dtype_name,
    from_numpy,
    namespace,
    require_positive,
    require_real,
    require_same_place,
    working_dtype,
)
from ._phase import Schedule

__all__ = [
    "cos_sin",
    "decode",
    "frequencies",
    "halves_to_interleaved",
    "interleaved_to_halves",
    "linear",
    "ntk",
    "rotate",
    "xpos",
]

Layout = Literal["interleaved", "half"]
Tables = Literal["exact", "float32"]

_XPOS_GAMMA = 0.4


def rotate(
    x: Array,
    positions: Array,
    *,
    base: float = 10000.0,
    rotary_dim: int | None = None,
    layout: Layout = "interleaved",
    tables: Tables = "exact",
    out: Array | None = None,
) -> Array:
    """Rotate each vector of a sequence by the angles of its position.

    Pair (a, b) at position p becomes (a cos pθ_i − b sin pθ_i, a sin pθ_i + b cos pθ_i),
    θ_i = base^(−2i/rotary_dim). The opposite positions give the inverse, which is also the gradient.

    Args:
        x: ``(..., seq, dim)`` of float16, bfloat16, float32 or float64; need not be contiguous.
        positions: ``(seq,)`` integers or finite reals (radians per unit of frequency), negative ones
            included; leading axes must broadcast with those of ``x``. A sequence of numbers is
            accepted. Positions are constants for differentiation and are never rounded.
        base: finite and greater than 0.
        rotary_dim: rotate only the first ``rotary_dim`` features and pass the others through.
        layout: which features form a pair.
        tables: ``"exact"``, or ``"float32"`` for tables rounded as in training.
        out: array to write to, of the shape, dtype and device of ``x``; it may be ``x`` itself.

    Returns:
        The shape, dtype and device of ``x``. 16-bit input is computed in float32 and rounded once.

    With u the unit roundoff of the working dtype, exact tables carry a relative error of 1.001 u in
    float32 (6 u in float64) and the rest of the computation rounds three times, so the error of each
    of the two outputs is at most (3.01 u, in float64 8.01 u)·(|a cos| + |b sin|), respectively with
    the sine and cosine exchanged; 16-bit output adds half an ulp of its own.

    Claims: :claim:`rope.block-rotation`, :claim:`rope.elementwise-form`, :claim:`rope.orthogonal`,
    :claim:`rope.group-law`, :claim:`rope.relative-offset`, :claim:`rope.theta-schedule`,
    :claim:`rope.half-split-permutation`.

    Raises:
        TypeError: unsupported dtype, arrays of two backends, or ``out=`` with an immutable backend.
        ValueError: odd number of rotated features, positions of another length, two devices, an
            unknown layout or tables.

    Examples:
        >>> import numpy as np
        >>> x = np.asarray([[1.0, 0.0], [1.0, 0.0]])
        >>> print(rotate(x, [0, 1]).round(4))
        [[1.     0.    ]
         [0.5403 0.8415]]
    """
    return _rotate("rotate", x, positions, base, rotary_dim, layout, tables, out)


def linear(
    x: Array,
    positions: Array,
    *,
    base: float = 10000.0,
    scale: float,
    rotary_dim: int | None = None,
    layout: Layout = "interleaved",
    tables: Tables = "exact",
    out: Array | None = None,
) -> Array:
    """Rotate with positions divided by ``scale`` (position interpolation).

    The division is applied to the exact frequencies, θ_i / scale, so that no position is rounded.
    Other arguments, dtypes and errors are those of :func:`rotate`.

    Claims: :claim:`rope.pi-interpolation`. Source: Chen et al., arXiv 2306.15595.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((3, 4))
        >>> bool(np.all(linear(x, [0, 4, 8], scale=4.0) == rotate(x, [0, 1, 2])))
        True
    """
    return _rotate("linear", x, positions, base, rotary_dim, layout, tables, out, linear=scale)


def ntk(
    x: Array,
    positions: Array,
    *,
    base: float = 10000.0,
    scale: float,
    rotary_dim: int | None = None,
    layout: Layout = "interleaved",
    tables: Tables = "exact",
    out: Array | None = None,
) -> Array:
    """Rotate with base · scale^(dim/(dim−2)): the slowest frequency is divided by ``scale``, the fastest stays.

    Frequency i is divided by scale^(2i/(dim−2)); at dim = 2 there is only the fastest pair, which
    keeps its frequency. Other arguments, dtypes and errors are those of :func:`rotate`.

    Claims: :claim:`rope.ntk-endpoints`. Source: Peng et al., *YaRN*, arXiv 2309.00071, section 3.

    Examples:
        >>> import numpy as np
        >>> x = np.asarray([[1.0, 1.0, 0.0, 0.0]])
        >>> y = ntk(x, [7], scale=8.0, layout="half")
        >>> bool(y[0, 0] == np.cos(7.0)), bool(abs(y[0, 3] - np.sin(7 / 100 / 8)) < 1e-15)
        (True, True)
    """
    return _rotate("ntk", x, positions, base, rotary_dim, layout, tables, out, ntk=scale)


def decode(
    x: Array,
    cache_len: int,
    *,
    base: float = 10000.0,
    rotary_dim: int | None = None,
    layout: Layout = "interleaved",
    tables: Tables = "exact",
    out: Array | None = None,
) -> Array:
    """Rotate new rows that follow ``cache_len`` cached ones: positions cache_len, cache_len + 1, ….

    Row by row the result is bitwise that of :func:`rotate` on the whole sequence, whose other
    arguments, dtypes and errors it shares.

    Args:
        x: ``(..., new, dim)``.
        cache_len: integer ≥ 0.

    Claims: :claim:`rope.group-law`, :claim:`rope.relative-offset`.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((5, 4))
        >>> bool(np.all(decode(x[3:], 3) == rotate(x, range(5))[3:]))
        True
    """
    start = _integer("decode", "cache_len", cache_len)
    if start < 0:
        raise ValueError(f"decode: cache_len must be at least 0, got {start}")
    xp = namespace("decode", "x", x)
    _check_rank("decode", "x", x)
    positions = xp.arange(start, start + x.shape[-2], dtype=xp.int64, device=device(x))
    return _rotate("decode", x, positions, base, rotary_dim, layout, tables, out)


def xpos(
    q: Array,
    k: Array,
    q_positions: Array,
    k_positions: Array,
    *,
    base: float = 10000.0,
    scale_base: float = 512.0,
    center: float = 0.0,
    layout: Layout = "interleaved",
) -> tuple[Array, Array]:
    """Rotate queries and keys and scale them, so that scores also decay with the distance.

    Pair i of a query at m is multiplied by ζ_i^((m − center)/scale_base), of a key at n by
    ζ_i^(−(n − center)/scale_base), ζ_i = (2i/dim + 0.4)/1.4: the score contains ζ_i^((m − n)/scale_base),
    which decays for m ≥ n and grows for m < n, so it is for causal attention. ``center`` cancels from
    every score; choose it near the middle of long sequences to stay within the range of the dtype.

    Shapes, dtypes and errors are those of :func:`rotate` for each of the two arrays.

    Claims: :claim:`rope.xpos-decay`. Source: Sun et al., arXiv 2212.10554, section 3.

    Raises:
        ValueError: also where a scale overflows the working dtype.

    Examples:
        >>> import numpy as np
        >>> q = k = np.ones((3, 4))
        >>> near, far = (xpos(q, k, [p, p, p], [0, 0, 0])[0][0] for p in (0, 2000))
        >>> bool(np.linalg.norm(far) < np.linalg.norm(near))
        True
    """
    span = require_positive("xpos", "scale_base", scale_base)
    return (
        _xpos(q, q_positions, base, span, float(center), layout, names=("q", "q_positions")),
        _xpos(k, k_positions, base, -span, float(center), layout, names=("k", "k_positions")),
    )


def frequencies(dim: int, *, base: float = 10000.0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The angles per position θ_i = base^(−2i/dim), i = 0 … dim/2 − 1, each the float64 nearest to it.

    Claims: :claim:`rope.theta-schedule`.

    Raises:
        ValueError: ``dim`` odd or negative, ``base`` not finite and greater than 0.

    Examples:
        >>> frequencies(4).tolist()
        [1.0, 0.01]
    """
    return _phase.frequencies(_schedule("frequencies", "dim", dim, base))


def cos_sin(
    positions: Array, dim: int, *, base: float = 10000.0, dtype: Any = None, tables: Tables = "exact"
) -> tuple[Array, Array]:
    """Tables of cos(p θ_i) and sin(p θ_i), two arrays ``(seq, dim/2)``.

    Args:
        positions: ``(seq,)`` or more axes, as in :func:`rotate`; decides backend and device.
        dim: even.
        dtype: that of the tables; the default floating dtype of the backend otherwise.

    In float32 and below the relative error is at most 1.001 u (half an ulp and a little), in float64
    6 u, for every |position| ≤ 2³¹ (and the absolute error below 2⁻⁵¹ for every int64).

    Claims: :claim:`rope.theta-schedule`, :claim:`rope.elementwise-form`.

    Raises:
        TypeError: positions neither integers nor reals. ValueError: ``dim`` odd, positions not finite.

    Examples:
        >>> import numpy as np
        >>> c, s = cos_sin(np.asarray([0, 10**9]), 2)
        >>> print(c[:, 0].round(6), s[:, 0].round(6))
        [1.       0.837887] [0.       0.545843]
    """
    positions = np.asarray(positions) if isinstance(positions, (list, tuple, range)) else positions
    xp = namespace("cos_sin", "positions", positions)
    schedule = _schedule("cos_sin", "dim", dim, base)
    _phase.check_positions("cos_sin", "positions", xp, positions)
    if dtype is None:
        dtype = xp.__array_namespace_info__().default_dtypes()["real floating"]
    elif isinstance(dtype, str):
        dtype = getattr(xp, dtype)
    cosine, sine = _tables("cos_sin", xp, positions, schedule, tables, dtype)
    return xp.astype(cosine, dtype, copy=False), xp.astype(sine, dtype, copy=False)


def halves_to_interleaved(x: Array, *, axis: int = -1, head_dim: int | None = None) -> Array:
    """Reorder features from the half layout to the interleaved one: i → 2i, i + dim/2 → 2i + 1.

    An exact permutation: rotating the result with ``layout="interleaved"`` gives the reordered result
    of ``layout="half"``. For the weight of a query or key projection ``(heads · head_dim, features)``
    use ``axis=0`` and ``head_dim``: each head is reordered for itself.

    Claims: :claim:`rope.half-split-permutation`, :claim:`rope.mixed-layout`.

    Raises:
        ValueError: the length of the axis is not a multiple of an even ``head_dim``.

    Examples:
        >>> import numpy as np
        >>> halves_to_interleaved(np.arange(6)).tolist()
        [0, 3, 1, 4, 2, 5]
        >>> halves_to_interleaved(np.arange(8), head_dim=4).tolist()
        [0, 2, 1, 3, 4, 6, 5, 7]
    """
    return _reorder("halves_to_interleaved", x, axis, head_dim, to_interleaved=True)


def interleaved_to_halves(x: Array, *, axis: int = -1, head_dim: int | None = None) -> Array:
    """Reorder features from the interleaved layout to the half one: the inverse of :func:`halves_to_interleaved`.

    Claims: :claim:`rope.half-split-permutation`, :claim:`rope.mixed-layout`.

    Raises:
        ValueError: the length of the axis is not a multiple of an even ``head_dim``.

    Examples:
        >>> import numpy as np
        >>> interleaved_to_halves(np.arange(6)).tolist()
        [0, 2, 4, 1, 3, 5]
    """
    return _reorder("interleaved_to_halves", x, axis, head_dim, to_interleaved=False)


def _rotate(
    name: str,
    x: Array,
    positions: Array,
    base: float,
    rotary_dim: int | None,
    layout: Layout,
    tables: Tables,
    out: Array | None,
    **scaling: float,
) -> Array:
    xp = namespace(name, "x", x)
    width = _check_x(name, "x", x, rotary_dim, layout)
    schedule = _schedule(name, "rotary_dim", width, base, **scaling)
    positions = _check_positions(name, "positions", xp, positions, "x", x)
    if out is not None:
        _check_out(name, out, x)
    cosine, sine = _tables(name, xp, positions, schedule, tables, working_dtype(xp, x))
    return _turn(xp, x, cosine, sine, layout, out)


def _xpos(
    x: Array, positions: Array, base: float, span: float, center: float, layout: Layout, names: tuple[str, str]
) -> Array:
    xp = namespace("xpos", names[0], x)
    width = _check_x("xpos", names[0], x, None, layout)
    schedule = _schedule("xpos", names[0], width, base)
    positions = _check_positions("xpos", names[1], xp, positions, names[0], x)
    cosine, sine = _tables("xpos", xp, positions, schedule, "exact", xp.float64)
    ratios = [(2 * i / width + _XPOS_GAMMA) / (1 + _XPOS_GAMMA) for i in range(width // 2)]
    logs = from_numpy(xp, np.asarray([math.log(z) / span for z in ratios], dtype=np.float64), x)
    growth = (xp.astype(positions, xp.float64) - center)[..., None] * logs
    limit = float(xp.finfo(working_dtype(xp, x)).max)
    if bool(xp.any(growth > math.log(limit) - 1)):
        raise ValueError(
            f"xpos: the scale at {names[1]} overflows {dtype_name(x)}; choose center near the middle of the positions"
        )
    scale = xp.exp(growth)
    return _turn(xp, x, cosine * scale, sine * scale, layout, None)


def _tables(
    name: str, xp: Namespace, positions: Array, schedule: Schedule, tables: Tables, dtype: Any
) -> tuple[Array, Array]:
    """Cosines and sines; the trained ones are of float32 whatever the dtype."""
    if tables == "exact":
        return _phase.cos_sin(xp, positions, schedule, dtype)
    if tables == "float32":
        return _phase.trained_cos_sin(xp, positions, schedule)
    raise ValueError(f'{name}: tables must be "exact" or "float32", got {tables!r}')


def _turn(xp: Namespace, x: Array, cosine: Array, sine: Array, layout: Layout, out: Array | None) -> Array:
    """Rotate the pairs of the first features of ``x``; ``out`` may be ``x``."""
    working, width = working_dtype(xp, x), 2 * cosine.shape[-1]
    cosine, sine = (xp.astype(table, working, copy=False) for table in (cosine, sine))
    again = partial(_turn, xp, layout=layout, out=None)
    result = _fast.turn(xp, x, cosine, sine, layout == "interleaved", out, again)
    if result is not None:
        return result
    first, second = _pairs(width, layout)
    if _blocks.applies(x) and (out is None or _blocks.applies(out)):
        result = xp.empty_like(x) if out is None else out
        _blocks.rotate_into(xp, x, (cosine, sine), (first, second), result)
        if width < x.shape[-1] and result is not x:
            result[..., width:] = x[..., width:]
        return result
    a, b = (xp.astype(x[..., part], working, copy=False) for part in (first, second))
    turned = [a * cosine - b * sine, a * sine + b * cosine]
    if out is not None:
        out[..., first], out[..., second] = turned
        if width < x.shape[-1] and out is not x:
            out[..., width:] = x[..., width:]
        return out
    turned = [xp.astype(part, x.dtype, copy=False) for part in turned]
    whole = xp.reshape(xp.stack(turned, axis=-1 if layout == "interleaved" else -2), (*x.shape[:-1], width))
    return whole if width == x.shape[-1] else xp.concat([whole, x[..., width:]], axis=-1)


def _pairs(width: int, layout: Layout) -> tuple[slice, slice]:
    """Where the first and the second features of the pairs are."""
    if layout == "interleaved":
        return slice(0, width, 2), slice(1, width, 2)
    return slice(0, width // 2), slice(width // 2, width)


def _reorder(name: str, x: Array, axis: int, head_dim: int | None, *, to_interleaved: bool) -> Array:
    xp = namespace(name, "x", x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{name}: axis must be an axis of x, got {axis} (x.shape = {tuple(x.shape)})")
    length = x.shape[axis]
    width = length if head_dim is None else _integer(name, "head_dim", head_dim)
    if width % 2 or width < 0 or (length % width if width else length):
        raise ValueError(
            f"{name}: head_dim must be even and divide axis {axis} of x, got {width} (x.shape = {tuple(x.shape)})"
        )
    order = (
        np.arange(length).reshape(-1, 2, width // 2) if to_interleaved else np.arange(length).reshape(-1, width // 2, 2)
    )
    return xp.take(x, from_numpy(xp, order.swapaxes(1, 2).reshape(-1), x), axis=axis)


def _schedule(name: str, argument: str, dim: int, base: float, linear: float = 1.0, ntk: float = 1.0) -> Schedule:
    width = _integer(name, argument, dim)
    if width < 0 or width % 2:
        raise ValueError(f"{name}: {argument} must be even and at least 0, got {width}")
    scales = (require_positive(name, "scale", linear), require_positive(name, "scale", ntk))
    return Schedule(width, require_positive(name, "base", base), *scales)


def _check_rank(name: str, argument: str, x: Array) -> None:
    if x.ndim < 2:
        raise ValueError(f"{name}: {argument} must have shape (..., seq, dim), got {tuple(x.shape)}")


def _check_x(name: str, argument: str, x: Array, rotary_dim: int | None, layout: str) -> int:
    """The number of rotated features of a valid input."""
    require_real(name, argument, x)
    _check_rank(name, argument, x)
    if layout not in ("interleaved", "half"):
        raise ValueError(f'{name}: layout must be "interleaved" or "half", got {layout!r}')
    dim, shape = x.shape[-1], tuple(x.shape)
    if rotary_dim is None:
        if dim % 2:
            raise ValueError(f"{name}: last axis of {argument} must be even, got {dim} ({argument}.shape = {shape})")
        return int(dim)
    width = _integer(name, "rotary_dim", rotary_dim)
    if width % 2 or not 0 <= width <= dim:
        raise ValueError(
            f"{name}: rotary_dim must be even and between 0 and the last axis of {argument}, "
            f"got {width} ({argument}.shape = {shape})"
        )
    return width


def _check_positions(name: str, argument: str, xp: Namespace, positions: Array, other: str, x: Array) -> Array:
    """Positions as an array beside ``x``, one for each row."""
    if isinstance(positions, (list, tuple, range)):
        host = np.asarray(positions) if len(positions) else np.zeros(0, dtype=np.int64)
        _phase.check_positions(name, argument, namespace(name, argument, host), host)
        positions = from_numpy(xp, host, x)
    namespace(name, argument, positions)
    require_same_place(name, argument, positions, other, x)
    _phase.check_positions(name, argument, xp, positions)
    rows, shape = tuple(x.shape[:-1]), tuple(positions.shape)
    leading = zip(reversed(shape[:-1]), reversed(rows[:-1]), strict=False)
    if shape[-1] != rows[-1] or len(shape) > len(rows) or any(p not in (1, r) for p, r in leading):
        raise ValueError(
            f"{name}: {argument} must have shape (seq,) = ({rows[-1]},), or leading axes that broadcast with those of "
            f"{other}, got {shape} ({other}.shape = {tuple(x.shape)})"
        )
    return positions


def _check_out(name: str, out: Array, x: Array) -> None:
    namespace(name, "out", out)
    require_same_place(name, "out", out, "x", x)
    if is_jax_array(out):
        raise TypeError(f"{name}: out must be a mutable array, got {type(out).__name__}")
    if tuple(out.shape) != tuple(x.shape) or out.dtype != x.dtype:
        raise ValueError(
            f"{name}: out must have the shape and dtype of x, {tuple(x.shape)} {dtype_name(x)}, "
            f"got {tuple(out.shape)} {dtype_name(out)}"
        )


def _integer(name: str, argument: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name}: {argument} must be an integer, got {value!r}") from None
