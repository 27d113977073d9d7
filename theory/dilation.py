# SPDX-License-Identifier: BSD-3-Clause
"""Dilated convolution, for every depth, kernel size and rate.

Main results: ``dilation.coverage-criterion`` (when a stack leaves no holes), ``hdc-monotone-exact`` (where the
published test is that criterion), ``balanced-ternary`` (the largest field without holes). Notation:
``dilation_terms``. One layer is in ``dilation_layer``, stacks in ``dilation_coverage``, the published test in
``dilation_hdc``, schedules of rates in ``dilation_schedules``, and what surrounds them in ``dilation_resampling``.
"""

from __future__ import annotations

from . import (
    dilation_coverage,
    dilation_hdc,
    dilation_layer,
    dilation_resampling,
    dilation_schedules,
)
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *dilation_layer.CLAIMS,
    *dilation_coverage.CLAIMS,
    *dilation_hdc.CLAIMS,
    *dilation_schedules.CLAIMS,
    *dilation_resampling.CLAIMS,
)
