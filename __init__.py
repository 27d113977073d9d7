# SPDX-License-Identifier: BSD-3-Clause
"""lemmata: the small mathematical facts of deep learning, proved, implemented and testable.

``lemmata.rope``, ``lemmata.activations``, ``lemmata.segmentation`` and the other topics are the verified
implementations; ``lemmata.check`` holds your own code to the same claims; ``lemmata.claim`` and
``lemmata.cite`` give statements and citations. Everything loads on first use: importing this
package loads neither torch, SymPy, SciPy nor Hypothesis.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conformance.check import check as check
    from .impl import activations as activations
    from .impl import bias as bias
    from .impl import dilation as dilation
    from .impl import receptive_field as receptive_field
    from .impl import reparameterization as reparameterization
    from .impl import rope as rope
    from .impl import segmentation as segmentation
    from .impl import smoothing as smoothing
    from .theory import claim as claim
    from .theory.cite import cite as cite

__all__ = [
    "activations",
    "bias",
    "check",
    "cite",
    "claim",
    "dilation",
    "receptive_field",
    "reparameterization",
    "rope",
    "segmentation",
    "smoothing",
]

try:
    __version__ = version("lemmata")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0+unknown"

_TOPICS = (
    "activations",
    "bias",
    "dilation",
    "receptive_field",
    "reparameterization",
    "rope",
    "segmentation",
    "smoothing",
)
_FUNCTIONS = {"check": ".conformance.check", "claim": ".theory", "cite": ".theory.cite"}


def __getattr__(name: str) -> Any:
    if name in _TOPICS:
        value: Any = import_module(f".impl.{name}", __name__)
    elif name in _FUNCTIONS:
        value = getattr(import_module(_FUNCTIONS[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
