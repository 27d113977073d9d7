# SPDX-License-Identifier: BSD-3-Clause
"""One call of a contract as plain data: what to pass, independent of backend, dtype and memory layout.

A call is drawn once and can then be made on any backend, made again, made with strided arrays, or
written out as source for a reproduction snippet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["float", "real", "integer", "byte", "boolean"]


@dataclass(frozen=True, eq=False)
class Array:
    """An array argument by its values.

    ``kind`` says which dtype it gets: ``float`` the one under test, ``real`` at least float32 (the
    one under test when that is wider), ``integer`` int64, ``byte`` uint8, ``boolean`` bool. Values of kind ``float``
    and ``real`` must be representable in that dtype: ``regimes`` and ``floats.rounded`` see to it.
    """

    values: npt.NDArray[Any]
    kind: Kind = "float"

    def dtype(self, under_test: str) -> str:
        if self.kind == "real":
            return "float64" if under_test == "float64" else "float32"
        return {"float": under_test, "integer": "int64", "byte": "uint8", "boolean": "bool"}[self.kind]


@dataclass(frozen=True)
class Generator:
    """A random generator argument: a fresh one of the backend's kind, seeded, at every call."""

    seed: int


@dataclass(frozen=True, repr=False)
class Made:
    """An argument that is no data, such as a network: the Python expression that makes it, anew at every call.

    ``library`` is what the expression needs imported, and what a law needs installed to be put.
    """

    source: str
    library: str = "torch"

    def __repr__(self) -> str:
        return self.source


@dataclass(frozen=True, eq=False)
class Call:
    """``contract(*arguments, **keywords)``; arguments are ``Array``, ``Generator``, ``Made`` or plain Python values."""

    contract: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def with_argument(self, index: int, value: Any) -> Call:
        """The same call with one positional argument replaced."""
        return replace(self, arguments=(*self.arguments[:index], value, *self.arguments[index + 1 :]))

    @property
    def arrays(self) -> tuple[int, ...]:
        """Places of the positional arguments that are arrays."""
        return tuple(i for i, a in enumerate(self.arguments) if isinstance(a, Array))


def integers(values: npt.ArrayLike) -> Array:
    """An int64 array argument."""
    return Array(np.asarray(values, np.int64), "integer")
