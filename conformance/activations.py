# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the topic ``activations``.

``activations_elementwise``: functions of a number, from one table; ``activations_gated``: units of two halves;
``activations_rows``: functions of a row; ``activations_relations``: what the claims say about single functions.
Inputs are in ``activations_cases``, what an output may be off by in ``activations_bounds``.
"""

from __future__ import annotations

from . import activations_elementwise as elementwise
from . import activations_gated as gated
from . import activations_relations as relations
from . import activations_rows as rows
from .contract import Contract
from .law import Law

CONVENTIONS: dict[str, tuple[str, ...]] = {}
CONTRACTS: tuple[Contract, ...] = (*elementwise.CONTRACTS, *gated.CONTRACTS, *rows.CONTRACTS)
LAWS: tuple[Law, ...] = (*elementwise.LAWS, *gated.LAWS, *rows.LAWS, *relations.LAWS)
