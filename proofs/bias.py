# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``bias``."""

from __future__ import annotations

from collections.abc import Callable

from ..theory.claim import Sequent
from .kernel import Theorem

PROOFS: dict[str, Callable[[Sequent], Theorem]] = {}
