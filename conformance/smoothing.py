# SPDX-License-Identifier: BSD-3-Clause
"""Contracts and laws of the topic ``smoothing``.

The parts: ``smoothing_maxima`` (values and gradients of smooth maxima and argmaxima, to exact values),
``smoothing_relations`` (what the theorems say of them), ``smoothing_surrogates`` (accuracy, F1, Dice),
``smoothing_order`` (ranks, NeuralSort), ``smoothing_steps`` (absolute value, floor). The one convention is the
form of the smooth absolute value.
"""

from __future__ import annotations

from . import smoothing_maxima, smoothing_order, smoothing_relations, smoothing_steps, smoothing_surrogates
from .contract import Contract
from .law import Law

CONVENTIONS: dict[str, tuple[str, ...]] = {"form": smoothing_steps.FORMS}
CONTRACTS: tuple[Contract, ...] = (
    *smoothing_maxima.CONTRACTS,
    *smoothing_steps.CONTRACTS,
    *smoothing_surrogates.CONTRACTS,
    *smoothing_order.CONTRACTS,
)
LAWS: tuple[Law, ...] = (
    *smoothing_maxima.VALUES,
    *smoothing_relations.RELATIONS,
    *smoothing_steps.LAWS,
    *smoothing_surrogates.LAWS,
    *smoothing_order.LAWS,
)
