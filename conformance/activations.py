# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the topic ``activations``.

Elementwise functions: ``activations_elementwise.py``, from one table.
"""

from __future__ import annotations

from . import activations_elementwise as elementwise
from .contract import Contract
from .law import Law

CONVENTIONS: dict[str, tuple[str, ...]] = {}
CONTRACTS: tuple[Contract, ...] = (*elementwise.CONTRACTS,)
LAWS: tuple[Law, ...] = (*elementwise.LAWS,)
