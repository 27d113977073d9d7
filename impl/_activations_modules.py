# SPDX-License-Identifier: BSD-3-Clause
"""``torch.nn.Module`` forms of the activations, with the constructors of ``torch.nn``.

``inplace`` is accepted and not followed: results are always new tensors.
"""

from __future__ import annotations

from typing import Any

import torch

from . import activations as functions

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardsigmoid",
    "Hardswish",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class _Activation(torch.nn.Module):  # type: ignore[misc]  # torch has no types here
    """A function with its parameters."""

    function: Any = None

    def __init__(self, **parameters: Any) -> None:
        super().__init__()
        self.parameters_of_function = parameters

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return type(self).function(x, **self.parameters_of_function)

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.parameters_of_function.items())


class _Plain(_Activation):
    def __init__(self, inplace: bool = False) -> None:
        super().__init__()


class Sigmoid(_Activation):
    function = staticmethod(functions.sigmoid)


class LogSigmoid(_Activation):
    function = staticmethod(functions.logsigmoid)


class Tanh(_Activation):
    function = staticmethod(functions.tanh)


class Tanhshrink(_Activation):
    function = staticmethod(functions.tanhshrink)


class Softsign(_Activation):
    function = staticmethod(functions.softsign)


class ReLU(_Plain):
    function = staticmethod(functions.relu)


class ReLU6(_Plain):
    function = staticmethod(functions.relu6)


class SELU(_Plain):
    function = staticmethod(functions.selu)


class SiLU(_Plain):
    function = staticmethod(functions.silu)


class Mish(_Plain):
    function = staticmethod(functions.mish)


class Hardsigmoid(_Plain):
    function = staticmethod(functions.hardsigmoid)


class Hardswish(_Plain):
    function = staticmethod(functions.hardswish)


class ELU(_Activation):
    function = staticmethod(functions.elu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(alpha=alpha)


class CELU(_Activation):
    function = staticmethod(functions.celu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(alpha=alpha)


class LeakyReLU(_Activation):
    function = staticmethod(functions.leaky_relu)

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__(negative_slope=negative_slope)


class Softplus(_Activation):
    """``threshold=None``: the exact softplus everywhere."""

    function = staticmethod(functions.softplus)

    def __init__(self, beta: float = 1.0, threshold: float | None = None) -> None:
        super().__init__(beta=beta, threshold=threshold)


class GELU(_Activation):
    function = staticmethod(functions.gelu)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class GLU(_Activation):
    function = staticmethod(functions.glu)

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim=dim)


class Softmax(_Activation):
    function = staticmethod(functions.softmax)

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim=dim)


class LogSoftmax(_Activation):
    function = staticmethod(functions.log_softmax)

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim=dim)


class PReLU(torch.nn.Module):  # type: ignore[misc]  # torch has no types here
    """With its weight as a parameter."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.full((num_parameters,), init, device=device, dtype=dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functions.prelu(x, self.weight)
