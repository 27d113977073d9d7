# SPDX-License-Identifier: BSD-3-Clause
"""The backends and dtypes on which the implementation tests run, each skipped where it is absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

UNIT_ROUNDOFF = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}
SMALLEST = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "float64": 5e-324}


@dataclass(frozen=True)
class Backend:
    """Arrays and generators of one library on one device."""

    name: str
    device: str

    @property
    def library(self) -> Any:
        if self.name == "numpy":
            return np
        torch = pytest.importorskip("torch")
        if self.device == "cuda" and not torch.cuda.is_available():
            pytest.skip("no CUDA device")
        return torch

    def array(self, values: Any, dtype: str) -> Any:
        """Values, given as anything NumPy understands, rounded to the dtype."""
        library = self.library
        if self.name == "numpy":
            if dtype == "bfloat16":
                pytest.skip("NumPy has no bfloat16")
            return np.asarray(values).astype(dtype)
        return library.asarray(np.asarray(values).copy()).to(getattr(library, dtype)).to(self.device)

    def generator(self, seed: int) -> Any:
        library = self.library
        if self.name == "numpy":
            return np.random.default_rng(seed)
        return library.Generator(device=self.device).manual_seed(seed)

    def doubles(self, x: Any) -> Any:
        """The values as a NumPy array of float64, exactly."""
        return x.astype(np.float64) if self.name == "numpy" else x.detach().double().cpu().numpy()

    def copy(self, x: Any) -> Any:
        return x.copy() if self.name == "numpy" else x.clone()


BACKENDS = [
    pytest.param(Backend("numpy", "cpu"), id="numpy"),
    pytest.param(Backend("torch", "cpu"), id="torch"),
    pytest.param(Backend("torch", "cuda"), id="torch-cuda"),
]
DTYPES = ["float16", "bfloat16", "float32", "float64"]


def same(backend: Backend, x: Any, y: Any) -> bool:
    """Equal in shape, dtype and every value."""
    return x.dtype == y.dtype and np.array_equal(backend.doubles(x), backend.doubles(y))
