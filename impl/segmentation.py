# SPDX-License-Identifier: BSD-3-Clause
"""Implementations of the topic ``segmentation``."""

from __future__ import annotations

__all__: list[str] = []
