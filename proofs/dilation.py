# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``dilation``."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    dilation_coverage,
    dilation_factors,
    dilation_hdc,
    dilation_layer,
    dilation_models,
    dilation_paths,
    dilation_resampling,
    dilation_schedules,
)
from .verify import Proof

PROOFS: Mapping[str, Proof] = {
    **dilation_layer.PROOFS,
    **dilation_paths.PROOFS,
    **dilation_coverage.PROOFS,
    **dilation_factors.PROOFS,
    **dilation_hdc.PROOFS,
    **dilation_schedules.PROOFS,
    **dilation_resampling.PROOFS,
}

MODELS = dilation_models.MODELS
