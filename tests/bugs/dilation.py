# SPDX-License-Identifier: BSD-3-Clause
"""Planted bugs and correct variants of the topic ``dilation``."""

from __future__ import annotations

from . import Planted

BUGS: tuple[Planted, ...] = ()
VARIANTS: tuple[Planted, ...] = ()
