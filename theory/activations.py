# SPDX-License-Identifier: BSD-3-Clause
"""Activation functions: the claims, by family.

Main results: ``gelu-second-moment``, ``gelu-tanh-error`` and ``gelu-constant-origin``, ``silu-min``, ``selu``.
Formulas, derivatives and limits of every elementwise activation are in ``activations_terms``.
"""

from __future__ import annotations

from . import (
    activations_depth,
    activations_folklore,
    activations_gaussian,
    activations_rectifiers,
    activations_selfgated,
    activations_sigmoids,
    activations_units,
)
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *activations_sigmoids.CLAIMS,
    *activations_rectifiers.CLAIMS,
    *activations_gaussian.CLAIMS,
    *activations_selfgated.CLAIMS,
    *activations_folklore.CLAIMS,
    *activations_units.CLAIMS,
    *activations_depth.CLAIMS,
)
