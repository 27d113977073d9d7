# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.rope`` are true."""

from __future__ import annotations

from collections.abc import Mapping

from sympy.core.relational import Ge

from ..theory import rope as t
from ..theory.claim import Sequent
from . import kernel
from .kernel import Theorem
from .terms import substitute
from .verify import Proof


def by_ring(goal: Sequent) -> Theorem:
    """Both sides have the same normal form."""
    return kernel.ring(goal.relation, goal.hypotheses)


def abel_identity(goal: Sequent) -> Theorem:
    """Induction on the number of pairs: the new terms of both sides agree."""
    base = kernel.ring(substitute(goal.relation, {t.h: 0}))
    at_least_0 = Ge(t.h, 0)
    hypothesis = kernel.assume(goal.relation)
    step = kernel.linear_combination(substitute(goal.relation, {t.h: t.h + 1}), [(1, hypothesis)], [at_least_0])
    return kernel.induction(goal.relation, t.h, base, step)


PROOFS: Mapping[str, Proof] = {
    "rope.relative-offset": by_ring,
    "rope.abel-identity": abel_identity,
}
