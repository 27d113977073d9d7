# SPDX-License-Identifier: BSD-3-Clause
"""Implementations of the topic ``smoothing``."""

from __future__ import annotations

__all__: list[str] = []
