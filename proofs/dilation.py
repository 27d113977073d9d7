# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``dilation``."""

from __future__ import annotations

from collections.abc import Mapping

from . import dilation_coverage, dilation_paths
from .verify import Proof

PROOFS: Mapping[str, Proof] = {
    **dilation_paths.PROOFS,
    **dilation_coverage.PROOFS,
}
