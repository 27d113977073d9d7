# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``activations``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..theory import activations_notation as n
from ..theory import activations_selfgated as selfgated
from ..theory import activations_units as units
from ..theory.claim import Sequent
from . import (
    activations_depth,
    activations_folklore,
    activations_gaussian,
    activations_rectifiers,
    activations_selfgated,
    activations_sigmoids,
    activations_units,
)
from .kernel import Theorem

PROOFS: dict[str, Callable[[Sequent], Theorem]] = {
    **activations_sigmoids.PROOFS,
    **activations_rectifiers.PROOFS,
    **activations_gaussian.PROOFS,
    **activations_selfgated.PROOFS,
    **activations_folklore.PROOFS,
    **activations_units.PROOFS,
    **activations_depth.PROOFS,
}

MODELS = {
    "activations.odd-part": ({n.x: Fraction(3, 4), selfgated.gate: lambda at: at / 4 + Fraction(1, 2)},),
    "activations.maxout": tuple(
        {
            **{
                n.k: count,
                n.x: at,
                n.m: piece,
                n.n: 4,
                n.c: 1,
                n.d: 2,
                units.bends: lambda j: 1,
                units.knots: lambda j: j,
            },
            **{units.slopes: lambda j: 1 + j, units.offsets: lambda j: 2 - Fraction(j * (j - 1), 2)},
        }
        for count, at, piece in ((0, 1, 2), (2, Fraction(1, 2), 1), (3, Fraction(7, 2), 4))
    ),
    "activations.glu-swap": (
        {
            n.n: 3,
            units.values: lambda j: Fraction(j + 1, 2),
            units.flipped: lambda j: -Fraction(j + 1, 2),
            units.out: lambda j: Fraction(2 * j + 1),
            units.flipped_out: lambda j: -Fraction(2 * j + 1),
            units.gates: lambda j: Fraction(j - 1),
        },
    ),
}
