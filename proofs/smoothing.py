# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``smoothing``."""

from __future__ import annotations

from collections.abc import Callable

from ..theory.claim import Sequent
from . import smoothing_floor, smoothing_max, smoothing_rivals, smoothing_scores, smoothing_softmax
from .kernel import Theorem

PROOFS: dict[str, Callable[[Sequent], Theorem]] = {
    **smoothing_floor.PROOFS,
    **smoothing_max.PROOFS,
    **smoothing_rivals.PROOFS,
    **smoothing_scores.PROOFS,
    **smoothing_softmax.PROOFS,
}
