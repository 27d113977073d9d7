# SPDX-License-Identifier: BSD-3-Clause
"""The formulas of the activations compiled by Numba: one pass over the memory, on one thread.

The formulas are not written again: ``bind`` gives those of ``_activations_formulas.py`` over primitives
for single numbers, and the compiler turns their comparisons into selections and their loops into vector
instructions. No fast-math flag and no contraction, so that float64 results are bitwise those of NumPy.

Machine code is kept on disk under a fingerprint of the sources of all formulas, since Numba itself looks
only at the file with the kernel.
"""

from __future__ import annotations

import hashlib
import inspect
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from .._binding import NARROW, WIDE, Names, bind
from .memory import Memory

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False, "parallel": False}
_inlined = njit(forceinline=True, **_OPTIONS)


@intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def _select(context: Any, condition: Any, a: Any, b: Any) -> Any:
    """A selection, not a branch: a loop with branches is not turned into vector instructions."""

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.select(*values)

    return types.float64(types.boolean, types.float64, types.float64), build


def _where(condition: Any, a: Any, b: Any) -> Any:
    return _select(condition, np.float64(a), np.float64(b))


def _absolute(x: Any) -> Any:
    return abs(x)


def _at_most(x: Any, top: Any) -> Any:
    return _select(x > top, np.float64(top), np.float64(x))


def _copysign(size: Any, sign: Any) -> Any:
    return np.copysign(size, sign)


def _power_of_two(k: Any) -> Any:
    return np.int64(np.float64(k + (2.0**52 + 1023.0)).view(np.int64) << np.int64(52)).view(np.float64)


def _exponent(w: Any) -> Any:
    bits = np.float64(w).view(np.int64) - np.int64(0x3FE6A09E667F3BCD - 0x3FF0000000000000)
    return np.float64((bits >> np.int64(52)) - np.int64(1023))


_NUMBERS = {
    "where": _inlined(_where),
    "absolute": _inlined(_absolute),
    "at_most": _inlined(_at_most),
    "copysign": _inlined(_copysign),
    "power_of_two": _inlined(_power_of_two),
    "exponent": _inlined(_exponent),
}


@cache
def _formulas(wide: bool) -> Names:
    return bind(_NUMBERS, WIDE if wide else NARROW, _inlined)


@cache
def _fingerprint() -> str:
    text = "".join(inspect.getsource(module) for module in NARROW) + inspect.getsource(bind)
    return hashlib.sha256(text.encode()).hexdigest()


def _loops(key: str) -> tuple[Any, Any]:
    """Loops over a global ``formula`` with up to two parameters; ``key`` is what their machine code is kept under."""

    def value(x: Any, first: Any, second: Any, out: Any) -> str:
        for i in range(len(x)):
            out[i] = call(np.float64(x[i]), first, second)  # type: ignore[name-defined]  # noqa: F821  # given by _kernel
        return key

    def slope(x: Any, first: Any, second: Any, upstream: Any, out: Any) -> str:
        for i in range(len(x)):
            y = call(np.float64(x[i]), first, second)  # type: ignore[name-defined]  # noqa: F821  # given by _kernel
            out[i] = y * np.float64(upstream[i])
        return key

    return value, slope


def _call_0(x: Any, first: Any, second: Any) -> Any:
    return formula(x)  # type: ignore[name-defined]  # noqa: F821  # given by _kernel


def _call_1(x: Any, first: Any, second: Any) -> Any:
    return formula(x, first)  # type: ignore[name-defined]  # noqa: F821  # given by _kernel


def _call_2(x: Any, first: Any, second: Any) -> Any:
    return formula(x, first, second)  # type: ignore[name-defined]  # noqa: F821  # given by _kernel


@cache
def kernel(name: str, wide: bool, parameters: int) -> Any:
    """The compiled loop over a formula; for one whose name ends in ``_slope``, times a cotangent."""
    found = _loops(f"{name} {wide} {_fingerprint()}")[name.endswith("_slope")]
    names: Names = {"np": np, "formula": _formulas(wide)[name], "__name__": __name__}
    names["call"] = _inlined(FunctionType((_call_0, _call_1, _call_2)[parameters].__code__, names, "call"))
    return _compiled(found, names)


def _gated_loops(key: str) -> tuple[Any, Any]:
    """The same for products of a number and the formula of another, and for their two derivatives."""

    def value(a: Any, g: Any, out: Any) -> str:
        for i in range(len(a)):
            out[i] = np.float64(a[i]) * formula(np.float64(g[i]))  # type: ignore[name-defined]  # noqa: F821
        return key

    def slope(a: Any, g: Any, upstream: Any, by_a: Any, by_g: Any) -> str:
        for i in range(len(a)):
            up, at = np.float64(upstream[i]), np.float64(g[i])
            by_a[i] = up * formula(at)  # type: ignore[name-defined]  # noqa: F821
            by_g[i] = up * np.float64(a[i]) * derivative(at)  # type: ignore[name-defined]  # noqa: F821
        return key

    return value, slope


@cache
def gated(gate: str, wide: bool, slopes: bool) -> Any:
    """The compiled loop over contiguous arrays: a, g, product; or a, g, upstream and both gradients."""
    found = _gated_loops(f"{gate} {wide} {_fingerprint()}")[slopes]
    formulas = _formulas(wide)
    names: Names = {"np": np, "formula": formulas[gate], "derivative": formulas[f"{gate}_slope"], "__name__": __name__}
    return _compiled(found, names)


def _compiled(found: Any, names: Names) -> Any:
    """A loop over other globals, compiled."""
    loop = FunctionType(found.__code__, names, found.__name__, None, found.__closure__)
    loop.__qualname__ = found.__qualname__
    loop.__module__ = __name__
    return _compile(loop)


def _compile(function: Any) -> Any:
    """At the first call, and kept on disk, unless no folder for that is writable."""
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        return njit(**_OPTIONS)(function)


def run(name: str, x: Memory, parameters: tuple[float, ...], upstream: Memory | None, out: Memory) -> None:
    """Fill ``out`` with the formula of contiguous float32 or float64 numbers."""
    wide = x.dtype == np.float64
    loop = kernel(name if upstream is None else f"{name}_slope", wide, len(parameters))
    first, second = (*parameters, 0.0, 0.0)[:2]
    arguments = (x, first, second, out) if upstream is None else (x, first, second, upstream, out)
    try:
        loop(*arguments)
    except OSError:  # a full disk refuses the machine code: it is compiled then, and only not kept
        loop(*arguments)


def _look_up(table: Memory, places: Memory, out: Memory) -> None:
    for i in range(len(places)):
        out[i] = table[places[i]]


def _product_16(table: Memory, places: Memory, upstream: Memory, out: Memory) -> None:
    """bfloat16 of a float32 table times a bfloat16, both as patterns."""
    for i in range(len(places)):
        factor = np.uint32(np.uint32(upstream[i]) << np.uint32(16)).view(np.float32)
        y = np.float32(table[places[i]] * factor)
        bits = y.view(np.uint32)
        rounded = np.uint32(bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
        out[i] = np.uint16(0x7FC0) if np.isnan(y) else np.uint16(rounded)


@njit(inline="always", **_OPTIONS)  # type: ignore[untyped-decorator]  # numba has no types
def _sixteen(y: Any, half: Any) -> Any:
    """The pattern of the float16 or bfloat16 nearest to y, ties to even."""
    digits, lowest, infinite = (10, -14, 0x7C00) if half else (7, -126, 0x7F80)
    if np.isnan(y):
        return np.uint16(0x7E00 if half else 0x7FC0)
    size = min(abs(y), 2.0**300)
    exponent: Any = max((np.float64(size).view(np.int64) >> 52) - 1023, lowest)
    per_step = np.int64((digits - exponent + 1023) << 52).view(np.float64)
    steps = np.int64((size * per_step + 2.0**52) - 2.0**52)  # rounds to nearest: |size · per_step| < 2¹¹
    pattern: Any = min(((exponent - lowest) << digits) + steps, infinite)
    return np.uint16(pattern | (np.int64(0x8000) if np.signbit(y) else np.int64(0)))


def _gated_16(numbers: Any, gates: Any, slopes: Any, a: Any, g: Any, half: Any, out: Any) -> None:
    for i in range(len(a)):
        out[i] = _sixteen(numbers[a[i]] * gates[g[i]], half)


def _gated_gradients_16(
    numbers: Any, gates: Any, slopes: Any, a: Any, g: Any, upstream: Any, half: Any, by_a: Any, by_g: Any
) -> None:
    for i in range(len(a)):
        up = numbers[upstream[i]]
        by_a[i] = _sixteen(up * gates[g[i]], half)
        by_g[i] = _sixteen(up * numbers[a[i]] * slopes[g[i]], half)


gated_16 = _compile(_gated_16), _compile(_gated_gradients_16)
look_up = _compile(_look_up)
product_16 = _compile(_product_16)
