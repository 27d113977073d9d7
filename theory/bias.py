# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``bias``: what a bias is for, where it cancels, and what a network without one cannot do.

Main results: ``bias.relu-homogeneous``, ``relu-1d-span`` and ``no-universality`` (networks without biases),
``bias.bn-cancels`` and ``bn-eval-stale`` (``bias_normalization``), ``bias.key-redundant`` against ``key-rope``
(``bias_attention``), ``bias.perceptron-convergence`` (``bias_learning``).
"""

from __future__ import annotations

from . import bias_attention, bias_learning, bias_networks, bias_normalization, bias_units
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *bias_units.CLAIMS,
    *bias_networks.CLAIMS,
    *bias_normalization.CLAIMS,
    *bias_attention.CLAIMS,
    *bias_learning.CLAIMS,
)
