# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``segmentation``, in the order of its claims; steps that they share: ``segmentation_steps``."""

from __future__ import annotations

from . import (
    segmentation_bounds,
    segmentation_changes,
    segmentation_matrix,
    segmentation_overlap,
    segmentation_relations,
    segmentation_sharp,
)
from .segmentation_models import MODELS
from .verify import Proof

PROOFS: dict[str, Proof] = {
    **segmentation_matrix.PROOFS,
    **segmentation_changes.PROOFS,
    **segmentation_bounds.PROOFS,
    **segmentation_sharp.PROOFS,
    **segmentation_relations.PROOFS,
    **segmentation_overlap.PROOFS,
}

__all__ = ["MODELS", "PROOFS"]
