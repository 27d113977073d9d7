# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``dilation``."""

from __future__ import annotations

from .claim import Claim

CLAIMS: tuple[Claim, ...] = ()
