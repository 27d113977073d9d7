# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``activations``."""

from __future__ import annotations

from . import activations_sigmoids
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (*activations_sigmoids.CLAIMS,)
