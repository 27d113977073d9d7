# SPDX-License-Identifier: BSD-3-Clause
"""Theorems of the literature that are quoted, not proved. Whatever rests on one says so in its trust."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import EulerGamma, Integral, exp, log, oo, pi, symbols
from sympy.core.relational import Eq

from ..theory.claim import Sequent

_t = symbols("t", real=True)

AXIOMS: Mapping[str, Sequent] = {
    "gamma-derivative": Sequent(  # Γ′(1) = −γ
        "gamma-derivative", Eq(Integral(-log(_t) * exp(-_t), (_t, 0, oo)), EulerGamma, evaluate=False)
    ),
    "gamma-second-derivative": Sequent(  # Γ″(1) = γ² + π²/6, around the mean: ψ′(1)
        "gamma-second-derivative",
        Eq(Integral((-log(_t) - EulerGamma) ** 2 * exp(-_t), (_t, 0, oo)), pi**2 / 6, evaluate=False),
    ),
}
