# SPDX-License-Identifier: BSD-3-Clause
"""One formula for numbers, NumPy arrays, torch tensors and the compiler: the same code over other primitives.

A module of formulas calls a few primitives by their global names. ``bind`` makes copies of its functions
that share one new set of globals, in which the primitives are those of another world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from . import _activations_formulas, _activations_library, _elementary, _narrow, _polynomials, _polynomials_narrow

Formula = Callable[..., Any]
Names = dict[str, Any]

WIDE: tuple[ModuleType, ...] = (_polynomials, _elementary, _activations_formulas)  # for float64 input
NARROW = (*WIDE, _narrow, _polynomials_narrow)  # for narrower input
LIBRARY = (*NARROW, _activations_library)  # the same over a library's exponential


def bind(
    primitives: Mapping[str, Any],
    sources: tuple[ModuleType, ...],
    wrap: Callable[[Any], Any] = lambda function: function,
) -> Names:
    """All formulas by name over the given primitives, later sources over earlier ones; ``wrap`` may compile."""
    names: Names = {"np": np, "__name__": __name__}
    functions: dict[str, FunctionType] = {}
    for module in sources:
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                functions[name] = value
            elif isinstance(value, (int, float)):
                names[name] = value
    for name in functions.keys() - primitives.keys():
        names[name] = wrap(FunctionType(functions[name].__code__, names, name))
    names.update(primitives)
    return names


_NUMPY = {name: getattr(_elementary, name) for name in ("where", "absolute", "copysign", "at_most", "sin", "cos")}
_NUMPY_LIBRARY = _NUMPY | {
    "exp": np.exp,
    "expm1_of": np.expm1,
    "log1p_of": np.log1p,
    "tanh_of": np.tanh,
    "at_least": np.maximum,
    "is_true": _activations_library.is_true,
}


@cache
def numpy_formulas(wide: bool) -> Names:
    """For float64 NumPy arrays; ``wide`` where the input itself is float64."""
    return bind(_NUMPY, WIDE if wide else NARROW)


@cache
def numpy_tables() -> Names:
    """Those for float64 whose results are rounded once more: a product with a parameter is rounded to odd first."""

    def odd(p: Any, rest: Any) -> Any:
        bits = p.view(np.int64)
        moved = bits + np.where((rest > 0.0) == (p > 0.0), 1, -1)
        return np.where((rest != 0.0) & ~np.isnan(rest) & (bits & 1 == 0), moved, bits).view(np.float64)

    return bind(_NUMPY | {"odd": odd}, WIDE)


@cache
def numpy_library(of_tensors: bool = False, lift: bool = True) -> Names:
    """For contiguous float64 NumPy arrays of values of 32 bits or fewer, over NumPy's own functions.

    NumPy has no erfc, torch has: it is used for the memory of tensors. ``lift`` as in ``_library_formulas``.
    """
    if not of_tensors:
        return _library_formulas(_NUMPY_LIBRARY, numpy_formulas(wide=False), lift)
    import torch

    def erfc(v: Any) -> Any:
        return torch.special.erfc(torch.from_numpy(v)).numpy()

    return _library_formulas(_NUMPY_LIBRARY | {"erfc": erfc}, numpy_formulas(wide=False), lift)


def _library_formulas(primitives: Mapping[str, Any], exact: Names, lift: bool) -> Names:
    """Formulas over a library, with ``exact`` ones next to roots; ``lift`` would spoil factors."""

    def settled(name: str, y: Any, x: Any, z: Any, root: float, *parameters: float) -> Any:
        close = abs(z - root) < _activations_library.CLOSE
        if close.any():
            y[close] = exact[name](x[close], *parameters)
        return y

    own: Names = {"settled": settled} | ({} if lift else {"lifted": lambda x, y: y})
    names = bind({**primitives, **own}, LIBRARY)
    if "erfc" in primitives:
        names |= {"gelu": names["gelu_by_erfc"], "gelu_slope": names["gelu_slope_by_erfc"]}
    return names


@cache
def torch_formulas(wide: bool) -> Names:
    """For float64 tensors of any device, from sums, products, quotients and comparisons."""
    return bind(_torch_primitives(), WIDE if wide else NARROW)


@cache
def torch_library(lift: bool = True) -> Names:
    """For contiguous float64 tensors of values of 32 bits or fewer, over torch's own functions."""
    import torch

    def at_least(x: Any, low: Any) -> Any:
        return torch.maximum(x, low) if torch.is_tensor(low) else torch.clamp(x, min=low)

    more = {
        "exp": torch.exp,
        "expm1_of": torch.expm1,
        "log1p_of": torch.log1p,
        "tanh_of": torch.tanh,
        "erfc": torch.special.erfc,
        "at_least": at_least,
        "is_true": lambda condition: condition.to(torch.float64),
    }
    return _library_formulas({**_torch_primitives(), **more}, torch_formulas(wide=False), lift)


def _torch_primitives() -> Names:
    import torch

    def power_of_two(k: Any) -> Any:
        return ((k + (2.0**52 + 1023.0)).view(torch.int64) << 52).view(torch.float64)

    def exponent(w: Any) -> Any:
        bits = w.view(torch.int64) - (0x3FE6A09E667F3BCD - 0x3FF0000000000000)
        return ((bits >> 52) - 1023).to(torch.float64)

    def at_most(x: Any, top: Any) -> Any:
        return torch.clamp(x, max=top)

    def copysign(size: Any, sign: Any) -> Any:
        return torch.copysign(size if torch.is_tensor(size) else torch.full_like(sign, size), sign)

    return {
        "where": torch.where,
        "absolute": torch.abs,
        "at_most": at_most,
        "copysign": copysign,
        "sin": lambda v: torch.sin(v) if torch.is_tensor(v) else float(np.sin(v)),
        "cos": lambda v: torch.cos(v) if torch.is_tensor(v) else float(np.cos(v)),
        "power_of_two": power_of_two,
        "exponent": exponent,
    }
