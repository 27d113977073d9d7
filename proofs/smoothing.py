# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``smoothing``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from ..theory import smoothing_powers as powers
from ..theory import smoothing_terms as t
from ..theory.claim import Sequent
from . import (
    smoothing_abs,
    smoothing_floor,
    smoothing_kernels,
    smoothing_lipschitz,
    smoothing_max,
    smoothing_powers,
    smoothing_rivals,
    smoothing_scores,
    smoothing_softmax,
)
from .kernel import Theorem

PROOFS: dict[str, Callable[[Sequent], Theorem]] = {
    **smoothing_abs.PROOFS,
    **smoothing_floor.PROOFS,
    **smoothing_kernels.PROOFS,
    **smoothing_lipschitz.PROOFS,
    **smoothing_max.PROOFS,
    **smoothing_powers.PROOFS,
    **smoothing_rivals.PROOFS,
    **smoothing_scores.PROOFS,
    **smoothing_softmax.PROOFS,
}

# values that satisfy hypotheses which random ones do not
MODELS: Mapping[str, tuple[Mapping[Any, Any], ...]] = {
    "smoothing.accuracy-flat": tuple(
        {t.n: 3, t.j: 0, t.l: 1, t.m: m, t.c: 2, t.x: lambda e: (5, 4, 2)[e % 3], t.d: lambda e, s=s: s[e % 3]}
        for m, s in ((1, (2, 1, -1)), (2, (-2, -1, Fraction(3, 2))), (2, (0, -2, 2)))
    ),
    "smoothing.ce-vs-accuracy": ({t.n: 3, t.j: 1, t.p: lambda e: Fraction(9 + e % 2, 10)},),
    "smoothing.f1-gradient": (
        {t.n: 4, t.j: 1, t.p: lambda e: Fraction(1, 2 + e % 3), t.labels: lambda e: e % 2, t.theta: Fraction(1, 2)},
        {t.n: 2, t.j: 0, t.p: lambda e: Fraction(e % 2, 3), t.labels: lambda e: 1, t.theta: Fraction(1, 4)},
    ),
    "smoothing.general-recipe": tuple(
        {t.k: k, t.a: 3, t.b: 2, t.c: c, powers.grow: lambda at: 4 * at, powers.back: lambda at: at / 4}
        for k, c in ((1, 2), (Fraction(3, 2), 2), (5, 3))
    ),
    "smoothing.softmax-onehot": tuple(
        {t.n: 4, t.j: j, t.m: 2, t.l: l, t.k: 1, t.gap: 1, t.x: lambda e: (5, 5, 2, 3)[e % 4]}
        for j, l in ((0, 3), (1, 2))
    ),
    "smoothing.gelu-is-gaussian-smoothed-relu": (
        {t.n: 2, t.p: lambda e: Fraction(1, 2), t.g: lambda e: 1 - 2 * (e % 2), t.u: Fraction(1, 2)},
        {t.n: 2, t.p: lambda e: Fraction(2 - e % 2, 3), t.g: lambda e: 3 * (e % 2) - 1, t.u: Fraction(-3, 2)},
    ),
}
