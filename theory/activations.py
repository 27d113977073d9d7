# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``activations``."""

from __future__ import annotations

from . import activations_rectifiers, activations_sigmoids, activations_units
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *activations_sigmoids.CLAIMS,
    *activations_rectifiers.CLAIMS,
    *activations_units.CLAIMS,
)
