# SPDX-License-Identifier: BSD-3-Clause
"""Theorems of the literature that are quoted, not proved. Whatever rests on one says so in its trust."""

from __future__ import annotations

from collections.abc import Mapping

from ..theory.claim import Sequent

AXIOMS: Mapping[str, Sequent] = {}
