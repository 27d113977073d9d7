# SPDX-License-Identifier: BSD-3-Clause
"""Checksums of the correctly rounded 16-bit tables; written by ``python -m lemmata.cli.tables``."""

from __future__ import annotations

CHECKSUMS: dict[str, str] = {}
