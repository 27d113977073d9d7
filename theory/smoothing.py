# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``smoothing``."""

from __future__ import annotations

from . import smoothing_max as maxima
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    maxima.MAX_IDENTITY,
    maxima.MAX_ABS_SUM,
    maxima.LSE_SANDWICH,
    maxima.LSE_CALCULUS,
    maxima.K_EQUALS_ONE,
    maxima.SOFTPLUS,
    maxima.MIN,
)
