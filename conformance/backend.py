# SPDX-License-Identifier: BSD-3-Clause
"""NumPy, PyTorch and JAX behind the few operations that a conformance check needs.

Values travel as float64 or int64 NumPy arrays. ``array`` makes a backend array of a dtype from them,
``values`` brings one back without loss (bfloat16 included), ``gradient`` differentiates. The
``source_*`` methods write the same operations as Python, for reproduction snippets.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

Layout = Literal["contiguous", "transposed", "strided"]
Values = npt.NDArray[Any]


class Backend(Protocol):
    """What a check asks of an array library."""

    name: str
    differentiates: bool
    strides: bool

    def unsupported(self, dtype: str, device: str) -> str:
        """Why this dtype or device cannot be tested here; empty when it can."""

    def array(self, values: Values, dtype: str, device: str) -> Any: ...
    def relayout(self, array: Any, layout: Layout) -> Any: ...
    def is_array(self, value: Any) -> bool: ...
    def dtype(self, array: Any) -> str: ...
    def values(self, array: Any) -> Values: ...
    def generator(self, seed: int, device: str) -> Any: ...
    def gradient(
        self, function: Callable[..., Any], arrays: Sequence[Any], cotangents: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        """``function(*arrays)`` and the gradient of Σ ⟨cotangent, output⟩ with respect to each array."""

    def prelude(self) -> str:
        """Source of ``array(values, dtype, device)``, ``relayout``, ``f64`` and ``gradient``."""

    def source_generator(self, seed: int, device: str) -> str: ...


_STRIDED_NUMPY = """
def relayout(a, layout):
    if layout == "strided":
        buffer = np.full((*a.shape[:-1], 2 * a.shape[-1]), 7).astype(a.dtype)
        buffer[..., ::2] = a
        return buffer[..., ::2]
    return np.ascontiguousarray(a.T).T
"""


class NumPy:
    """NumPy on the CPU; no bfloat16, no gradients."""

    name = "numpy"
    differentiates = False
    strides = True

    def unsupported(self, dtype: str, device: str) -> str:
        if device != "cpu":
            return f"numpy has no device {device!r}"
        return "numpy has no bfloat16" if dtype == "bfloat16" else ""

    def array(self, values: Values, dtype: str, device: str) -> Any:
        with np.errstate(invalid="ignore"):  # signalling NaNs are quieted, and NumPy warns of it
            return np.array(values, dtype=dtype)

    def relayout(self, array: Any, layout: Layout) -> Any:
        if layout == "contiguous" or array.ndim == 0:
            return array
        if layout == "transposed":
            return np.ascontiguousarray(array.T).T
        buffer = np.full((*array.shape[:-1], 2 * array.shape[-1]), 7).astype(array.dtype)
        buffer[..., ::2] = array
        return buffer[..., ::2]

    def is_array(self, value: Any) -> bool:
        return isinstance(value, (np.ndarray, np.generic))

    def dtype(self, array: Any) -> str:
        return str(array.dtype)

    def values(self, array: Any) -> Values:
        return _widened(np.array(array))

    def generator(self, seed: int, device: str) -> Any:
        return np.random.default_rng(seed)

    def gradient(
        self, function: Callable[..., Any], arrays: Sequence[Any], cotangents: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        raise NotImplementedError("numpy does not differentiate")

    def prelude(self) -> str:
        return (
            "import numpy as np\n"
            "from numpy import inf, nan\n\n\n"
            'def array(values, shape, dtype, device="cpu"):\n'
            "    return np.array(values, dtype).reshape(shape)\n\n\n"
            "def f64(a):\n"
            "    return np.array(a, np.float64)\n\n" + _STRIDED_NUMPY
        )

    def source_generator(self, seed: int, device: str) -> str:
        return f"np.random.default_rng({seed})"


class Torch:
    """PyTorch on any of its devices, with autograd."""

    name = "torch"
    differentiates = True
    strides = True

    def __init__(self) -> None:
        self.torch = importlib.import_module("torch")

    def unsupported(self, dtype: str, device: str) -> str:
        if device.startswith("cuda") and not self.torch.cuda.is_available():
            return "this machine has no CUDA device"
        return ""

    def array(self, values: Values, dtype: str, device: str) -> Any:
        t = self.torch
        wide = t.int64 if dtype == "int64" else (t.bool if dtype == "bool" else t.float64)
        return t.tensor(values, dtype=wide).to(device=device, dtype=getattr(t, dtype))

    def relayout(self, array: Any, layout: Layout) -> Any:
        if layout == "contiguous" or array.ndim == 0:
            return array
        if layout == "transposed":
            return array.permute(*reversed(range(array.ndim))).contiguous().permute(*reversed(range(array.ndim)))
        buffer = self.torch.full((*array.shape[:-1], 2 * array.shape[-1]), 7, device=array.device).to(array.dtype)
        buffer[..., ::2] = array
        return buffer[..., ::2]

    def is_array(self, value: Any) -> bool:
        return isinstance(value, self.torch.Tensor)

    def dtype(self, array: Any) -> str:
        return str(array.dtype).removeprefix("torch.")

    def values(self, array: Any) -> Values:
        a = array.detach().cpu().resolve_conj().resolve_neg()
        return _widened((a.to(self.torch.float64) if a.is_floating_point() else a).numpy().copy())

    def generator(self, seed: int, device: str) -> Any:
        return self.torch.Generator(device=device).manual_seed(seed)

    def gradient(
        self, function: Callable[..., Any], arrays: Sequence[Any], cotangents: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        leaves = [a.detach().clone().requires_grad_() for a in arrays]
        output = function(*leaves)
        outputs = list(output) if isinstance(output, (tuple, list)) else [output]
        gradients = self.torch.autograd.grad(outputs, leaves, list(cotangents))
        return output, list(gradients)

    def prelude(self) -> str:
        return (
            "import numpy as np\n"
            "import torch\n"
            "from numpy import inf, nan\n\n\n"
            'def array(values, shape, dtype, device="cpu"):\n'
            '    wide = {"int64": torch.int64, "bool": torch.bool}.get(dtype, torch.float64)\n'
            "    return torch.tensor(values, dtype=wide).reshape(shape).to(device, getattr(torch, dtype))\n\n\n"
            "def f64(a):\n"
            "    return a.detach().to(torch.float64).cpu().numpy() if isinstance(a, torch.Tensor) "
            "else np.array(a, np.float64)\n\n\n"
            "def relayout(a, layout):\n"
            '    if layout == "strided":\n'
            "        buffer = torch.full((*a.shape[:-1], 2 * a.shape[-1]), 7, device=a.device).to(a.dtype)\n"
            "        buffer[..., ::2] = a\n"
            "        return buffer[..., ::2]\n"
            "    axes = tuple(reversed(range(a.ndim)))\n"
            "    return a.permute(axes).contiguous().permute(axes)\n\n\n"
            "def gradient(function, arrays, cotangents):\n"
            "    leaves = [a.detach().clone().requires_grad_() for a in arrays]\n"
            "    output = function(*leaves)\n"
            "    outputs = list(output) if isinstance(output, (tuple, list)) else [output]\n"
            "    return torch.autograd.grad(outputs, leaves, cotangents)\n"
        )

    def source_generator(self, seed: int, device: str) -> str:
        return f"torch.Generator({device!r}).manual_seed({seed})"


class Jax:
    """JAX on its default device, with 64-bit types switched on for the check."""

    name = "jax"
    differentiates = True
    strides = False

    def __init__(self) -> None:
        self.jax = importlib.import_module("jax")
        self.jax.config.update("jax_enable_x64", True)
        self.jnp = importlib.import_module("jax.numpy")

    def unsupported(self, dtype: str, device: str) -> str:
        kinds = {d.platform for d in self.jax.devices()}
        return "" if device in kinds else f"jax has no device {device!r} here (it has {', '.join(sorted(kinds))})"

    def array(self, values: Values, dtype: str, device: str) -> Any:
        return self.jnp.asarray(np.asarray(values)).astype(dtype)

    def relayout(self, array: Any, layout: Layout) -> Any:
        return array

    def is_array(self, value: Any) -> bool:
        return isinstance(value, self.jax.Array)

    def dtype(self, array: Any) -> str:
        return str(array.dtype)

    def values(self, array: Any) -> Values:
        floating = self.jnp.issubdtype(array.dtype, self.jnp.floating)
        return _widened(np.array(array.astype("float64") if floating else array))

    def generator(self, seed: int, device: str) -> Any:
        return self.jax.random.key(seed)

    def gradient(
        self, function: Callable[..., Any], arrays: Sequence[Any], cotangents: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        output, pull_back = self.jax.vjp(function, *arrays)
        return output, list(pull_back(cotangents[0] if len(cotangents) == 1 else type(output)(cotangents)))

    def prelude(self) -> str:
        return (
            "import jax\n"
            'jax.config.update("jax_enable_x64", True)\n'
            "import numpy as np\n"
            "from jax import numpy as jnp\n"
            "from numpy import inf, nan\n\n\n"
            'def array(values, shape, dtype, device="cpu"):\n'
            "    return jnp.asarray(np.array(values).reshape(shape)).astype(dtype)\n\n\n"
            "def f64(a):\n"
            '    return np.array(jnp.asarray(a).astype("float64"))\n\n\n'
            "def gradient(function, arrays, cotangents):\n"
            "    output, pull_back = jax.vjp(function, *arrays)\n"
            "    return pull_back(cotangents[0] if len(cotangents) == 1 else type(output)(cotangents))\n"
        )

    def source_generator(self, seed: int, device: str) -> str:
        return f"jax.random.key({seed})"


BACKENDS: dict[str, type[NumPy] | type[Torch] | type[Jax]] = {"numpy": NumPy, "torch": Torch, "jax": Jax}


def backend(name: str) -> Backend:
    """The backend of that name; ``ValueError`` for an unknown one, ``ImportError`` for one not installed."""
    if name not in BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {name!r}")
    if importlib.util.find_spec(name) is None:
        raise ImportError(f"backend {name!r} is not installed; install it or choose another (backend='numpy')")
    return BACKENDS[name]()


def _widened(values: Values) -> Values:
    """Floats as float64, integers as int64; anything else (bool, complex) as it is."""
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    return values.astype(np.int64) if values.dtype.kind in "iu" else values
