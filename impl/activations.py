# SPDX-License-Identifier: BSD-3-Clause
"""Implementations of the topic ``activations``."""

from __future__ import annotations

__all__: list[str] = []
