# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``segmentation``: metrics of semantic segmentation, for every number of classes.

Main results: ``segmentation.fwiou-sharp`` (PA² ≤ FWIoU ≤ PA), ``binary-miou``, ``mean-dice-bounds`` and
``jaccard-metric``. Notation and formulas: ``segmentation_terms``; what the metrics are: ``segmentation_matrix``;
relabelling, merging and absence: ``segmentation_changes``; bounds and when they are reached:
``segmentation_bounds``; order between metrics: ``segmentation_relations``; masks and averages over images:
``segmentation_overlap``.
"""

from __future__ import annotations

from . import (
    segmentation_bounds,
    segmentation_changes,
    segmentation_matrix,
    segmentation_overlap,
    segmentation_relations,
)
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *segmentation_matrix.CLAIMS,
    *segmentation_changes.CLAIMS,
    *segmentation_bounds.CLAIMS,
    *segmentation_relations.CLAIMS,
    *segmentation_overlap.CLAIMS,
)
