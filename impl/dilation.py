# SPDX-License-Identifier: BSD-3-Clause
"""Dilated convolutions along one axis: what stacks of them cover, and the convolution itself.

Layers of K taps and rates r₁ … rₙ reach the offsets ``C = {Σ rᵢ tᵢ : tᵢ ∈ T}``, where T is
``−(K−1)/2 … (K−1)/2`` for odd K and ``0 … K−1`` for even K (a causal tap set). The hull of C, from its smallest
to its largest offset, has ``1 + (K−1) Σ rᵢ`` offsets; those that are not in C are holes. On a square kernel
C is the product of the sets of both axes, so that one axis decides.

Rates are in any order: C does not depend on it. All results are exact Python integers.

Source: Yu and Koltun, *Multi-Scale Context Aggregation by Dilated Convolutions*, 2016.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any

from ._arrays import Array, namespace, require_real, require_same_place, working_dtype

__all__ = ["covers", "design", "dilated_conv1d", "effective_kernel", "holes", "path_counts"]

Integers = Iterable[int]

_ORIENTATIONS = ("convolution", "correlation")


def effective_kernel(kernel_size: int, rate: int) -> int:
    """Extent of a dilated kernel, from its first to its last tap: ``rate · (kernel_size − 1) + 1``.

    Claims: :claim:`dilation.effective-kernel`.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: an argument is below 1.

    Examples:
        >>> effective_kernel(3, 4)
        9
    """
    taps = _integer("effective_kernel", "kernel_size", kernel_size)
    return _integer("effective_kernel", "rate", rate) * (taps - 1) + 1


def covers(rates: Integers, *, kernel_size: int = 3) -> bool:
    """Whether a stack of dilated layers reaches every offset of its hull.

    It does if and only if every rate, in ascending order, is at most ``1 + (K−1) · Σ (smaller rates)``; the first
    rate is then 1. A stack without layers, or of kernels of one tap, reaches one offset and covers it.

    Args:
        rates: dilation rates, integers ≥ 1, in any order.
        kernel_size: taps K of every layer.

    Claims: :claim:`dilation.coverage-criterion`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: an entry is below 1.

    Examples:
        >>> covers([1, 2, 5]), covers([1, 2, 9]), covers([2, 3])
        (True, False, False)
        >>> covers([5, 1, 2])  # the order of the layers does not matter
        True
        >>> covers([1, 2, 4, 8], kernel_size=2)  # WaveNet
        True
    """
    taps = _integer("covers", "kernel_size", kernel_size)
    reach = 1
    for rate in sorted(_rates("covers", rates)):
        if taps > 1 and rate > reach:
            return False
        reach += (taps - 1) * rate
    return True


def holes(rates: Integers, *, kernel_size: int = 3) -> tuple[int, ...]:
    """The offsets of the hull that no path of taps reaches, ascending; empty if and only if ``covers``.

    The first of them is a certificate that needs no search. Let ``1 + (K−1)·Σ (smaller rates) < r`` at the first
    rate, in ascending order, at which the criterion fails, and count offsets from the left end of the hull:
    layers of smaller rates reach at most ``(K−1)·Σ (smaller rates)`` there, and a step in any other layer goes at
    least r to the right, so that the offset next to what the smaller ones reach stays out of reach of all.
    For odd kernels the holes are symmetric about 0.

    Takes time and memory in proportion to the hull.

    Args:
        rates: dilation rates, integers ≥ 1, in any order.
        kernel_size: taps K of every layer; offsets are centred on 0 for odd K and begin at 0 for even K.

    Claims: :claim:`dilation.coverage-criterion`, :claim:`dilation.path-counts`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: an entry is below 1.

    Examples:
        >>> holes([2, 3])
        (-4, 4)
        >>> holes([1, 2, 5])
        ()
        >>> holes([1, 3], kernel_size=2)  # taps 0 and 1 reach 0, 1, 3, 4
        (2,)
    """
    taps, sizes = _stack("holes", rates, kernel_size)
    reached = 1
    for rate in sizes:
        reached = _spread(reached, rate, taps, 1, lambda a, b: a | b)
    length = 1 + (taps - 1) * sum(sizes)
    missing = f"{reached ^ ((1 << length) - 1):b}"[::-1]
    left = _left(taps, sizes)
    return tuple(left + place for place, bit in enumerate(missing) if bit == "1")


def path_counts(rates: Integers, *, kernel_size: int = 3) -> tuple[int, ...]:
    """How many paths of taps lead to each offset of the hull, from its left to its right end.

    The coefficients of ``Πᵢ Σ_{t∈T} x^(rᵢ t)``: zeros are holes, and all together are Kⁿ paths. That an offset is
    reached does not mean that it is reached as often as others.

    Args:
        rates: dilation rates, integers ≥ 1, in any order.
        kernel_size: taps K of every layer.

    Returns:
        ``1 + (K−1) Σ rᵢ`` integers of any size; for odd K the one in the middle belongs to offset 0.

    Claims: :claim:`dilation.path-counts`.

    Raises:
        TypeError: an entry is not an integer.
        ValueError: an entry is below 1.

    Examples:
        >>> path_counts([1, 1])
        (1, 2, 3, 2, 1)
        >>> path_counts([1, 3])  # balanced ternary: every offset by exactly one path
        (1, 1, 1, 1, 1, 1, 1, 1, 1)
        >>> path_counts([2])
        (1, 0, 1, 0, 1)
    """
    taps, sizes = _stack("path_counts", rates, kernel_size)
    # Coefficients side by side in one integer, in fields that hold their sum Kⁿ: products of such
    # polynomials are sums of shifted integers, and no field runs over into the next.
    field = (taps ** len(sizes)).bit_length()
    product = 1
    for rate in sizes:
        product = _spread(product, rate, taps, field, lambda a, b: a + b)
    length = 1 + (taps - 1) * sum(sizes)
    digits = f"{product:b}".zfill(field * length)
    return tuple(int(digits[i : i + field], 2) for i in range(field * (length - 1), -1, -field))


def design(
    layers: int | None = None, kernel_size: int = 3, *, max_rate: int | None = None, field: int | None = None
) -> tuple[int, ...]:
    """Dilation rates, ascending, of a stack that has no hole and the largest receptive field, or enough of one.

    Each rate is the largest that leaves no hole after the smaller ones, ``1 + (K−1) · Σ (smaller rates)``, or
    ``max_rate``. Without ``max_rate`` that is 1, K, K², …: the field is Kⁿ, and since n layers of K
    taps have Kⁿ paths, none can have more. No other rates up to ``max_rate`` give more, since the sums of the
    sorted rates of any hole-free stack stay below.

    Args:
        layers: number of layers n ≥ 0; or
        field: receptive field to be reached, with the fewest layers. The last rate is then the smallest that
            reaches it; the field of the stack exceeds the wanted one by at most K − 2.
        kernel_size: taps K of every layer, at least 2 unless nothing is to be reached.
        max_rate: no rate is larger (memory, or feature maps smaller than the kernel).

    Claims: :claim:`dilation.balanced-ternary`, :claim:`dilation.coverage-criterion`.

    Raises:
        TypeError: an argument is not an integer, or not exactly one of ``layers`` and ``field`` is given.
        ValueError: an argument is too small, or no stack of 1-tap kernels has that field.

    Examples:
        >>> design(4)
        (1, 3, 9, 27)
        >>> design(4, max_rate=4)
        (1, 3, 4, 4)
        >>> design(field=31)
        (1, 3, 9, 2)
        >>> design(3, kernel_size=2)
        (1, 2, 4)
    """
    if (layers is None) == (field is None):
        raise TypeError("design: give either layers or field")
    taps = _integer("design", "kernel_size", kernel_size)
    limit = None if max_rate is None else _integer("design", "max_rate", max_rate)
    count = None if layers is None else _integer("design", "layers", layers, least=0)
    wanted = None if field is None else _integer("design", "field", field)
    if wanted is not None and wanted > 1 and taps == 1:
        raise ValueError(f"design: kernel_size must be at least 2 for a field of {wanted}, got 1")
    rates: list[int] = []
    reach = 1
    while len(rates) < count if count is not None else reach < (wanted or 1):
        rate = reach if limit is None else min(reach, limit)
        if wanted is not None:
            rate = min(rate, -((reach - wanted) // (taps - 1)))
        rates.append(rate)
        reach += (taps - 1) * rate
    return tuple(rates)


def dilated_conv1d(x: Array, kernel: Array, rate: int, *, orientation: str = "convolution") -> Array:
    """Dilated convolution along the last axis, where the whole kernel lies inside (no padding).

    ``y[p] = Σ_t kernel[t] · x[p + r(K−1) − r t]``: the convolution ``Σ_{s + r t = q} x(s) kernel(t)`` of the
    definition, for the outputs ``q = p + r(K−1)`` that need no x outside of the array. ``orientation="correlation"``
    does not turn the kernel round, ``y[p] = Σ_t kernel[t] · x[p + r t]``, which deep-learning libraries call
    convolution.

    Args:
        x: ``(..., n)``, float16, bfloat16, float32 or float64.
        kernel: ``(K,)`` of the same library, dtype and device.
        rate: r ≥ 1.

    Returns:
        ``(..., n − r(K−1))``, same dtype. 16-bit input is computed in float32 and rounded once. Differentiable in
        x and kernel where the library differentiates. The error is at most γ_K Σ_t |kernel[t]| |x[…]| in the
        working precision.

    Claims: :claim:`dilation.definition`, :claim:`dilation.output-size`.

    Raises:
        TypeError: arrays of different libraries or dtypes, or a rate that is no integer.
        ValueError: kernel not 1-D or empty, x shorter than the dilated kernel, rate below 1.

    Examples:
        >>> import numpy as np
        >>> dilated_conv1d(np.array([1.0, 2.0, 4.0, 8.0, 16.0]), np.array([1.0, 10.0]), 2)
        array([14., 28., 56.])
    """
    name = "dilated_conv1d"
    step = _integer(name, "rate", rate)
    if orientation not in _ORIENTATIONS:
        raise ValueError(f"{name}: orientation must be one of {', '.join(_ORIENTATIONS)}, got {orientation!r}")
    xp = namespace(name, "x", x)
    namespace(name, "kernel", kernel)
    require_real(name, "x", x)
    require_same_place(name, "kernel", kernel, "x", x)
    if kernel.dtype != x.dtype:
        raise TypeError(f"{name}: kernel must have the dtype of x, got {kernel.dtype} and {x.dtype}")
    if kernel.ndim != 1 or not kernel.shape[0]:
        raise ValueError(f"{name}: kernel must be 1-D with at least one tap, got shape {tuple(kernel.shape)}")
    taps = int(kernel.shape[0])
    if x.ndim == 0 or x.shape[-1] < step * (taps - 1) + 1:
        raise ValueError(
            f"{name}: the last axis of x must be at least {step * (taps - 1) + 1} long "
            f"({taps} taps at rate {step}), got shape {tuple(x.shape)}"
        )
    length = int(x.shape[-1]) - step * (taps - 1)
    wide = working_dtype(xp, x)
    values, weights = xp.astype(x, wide, copy=False), xp.astype(kernel, wide, copy=False)
    total = None
    for tap in range(taps):
        start = step * (taps - 1 - tap if orientation == "convolution" else tap)
        term = weights[tap] * values[..., start : start + length]
        total = term if total is None else total + term
    return xp.astype(total, x.dtype, copy=False)


def _spread(pattern: int, rate: int, taps: int, width: int, join: Any) -> int:
    """Shifted copies of a pattern of fields, one for each tap, put together."""
    result = pattern
    for tap in range(1, taps):
        result = join(result, pattern << (width * rate * tap))
    return result


def _stack(name: str, rates: Integers, kernel_size: int) -> tuple[int, list[int]]:
    return _integer(name, "kernel_size", kernel_size), _rates(name, rates)


def _left(taps: int, rates: list[int]) -> int:
    """The left end of the hull: centred for odd kernels, 0 for even ones."""
    return -(taps - 1) // 2 * sum(rates) if taps % 2 else 0


def _rates(name: str, rates: Integers) -> list[int]:
    try:
        entries = list(rates)
    except TypeError:
        raise TypeError(f"{name}: rates must be a sequence of integers, one a layer, got {rates!r}") from None
    return [_integer(name, f"rates[{place}]", rate) for place, rate in enumerate(entries)]


def _integer(name: str, argument: str, value: Any, least: int = 1) -> int:
    """The value as a Python integer, or an error that names the argument and the value."""
    try:
        number = index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name}: {argument} must be an integer, got {value!r}")
    if number < least:
        raise ValueError(f"{name}: {argument} must be at least {least}, got {number}")
    return number
