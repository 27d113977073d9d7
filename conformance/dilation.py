# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the topic ``dilation``."""

from __future__ import annotations

from .contract import Contract
from .law import Law

CONVENTIONS: dict[str, tuple[str, ...]] = {}
CONTRACTS: tuple[Contract, ...] = ()
LAWS: tuple[Law, ...] = ()
