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

from . import _activations_formulas, _elementary, _narrow, _polynomials, _polynomials_narrow

Formula = Callable[..., Any]
Names = dict[str, Any]

SOURCES: tuple[ModuleType, ...] = (_polynomials, _elementary, _activations_formulas)
ALL_SOURCES = (*SOURCES, _narrow, _polynomials_narrow)


def bind(primitives: Mapping[str, Any], wide: bool, wrap: Callable[[Any], Any] = lambda function: function) -> Names:
    """All formulas by name, over the given primitives; ``wide`` where the input is float64; ``wrap`` may compile."""
    names: Names = {"np": np, "__name__": __name__}
    functions: dict[str, FunctionType] = {}
    for module in SOURCES if wide else ALL_SOURCES:
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


@cache
def numpy_formulas(wide: bool) -> Names:
    """For float64 NumPy arrays; ``wide`` where the input itself is float64."""
    return bind(_NUMPY, wide)


@cache
def torch_formulas(wide: bool) -> Names:
    """For float64 tensors of any device."""
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

    primitives = {
        "where": torch.where,
        "absolute": torch.abs,
        "at_most": at_most,
        "copysign": copysign,
        "sin": torch.sin,
        "cos": lambda v: torch.cos(v) if torch.is_tensor(v) else float(np.cos(v)),
        "power_of_two": power_of_two,
        "exponent": exponent,
    }
    primitives["sin"] = lambda v: torch.sin(v) if torch.is_tensor(v) else float(np.sin(v))
    return bind(primitives, wide)
