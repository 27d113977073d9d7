# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the topic ``bias``: ``bias_units`` has the threshold unit, ``bias_folding`` the rest."""

from __future__ import annotations

from . import bias_folding, bias_units
from .contract import Contract
from .law import Law

CONVENTIONS: dict[str, tuple[str, ...]] = {}
CONTRACTS: tuple[Contract, ...] = (bias_units.CONTRACT, *bias_folding.CONTRACTS)
LAWS: tuple[Law, ...] = (*bias_units.LAWS, *bias_folding.LAWS)
