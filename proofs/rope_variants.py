# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.rope_variants`` are true: exponent laws and addition formulas."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Eq, Expr, S, Symbol, exp, log
from sympy.core.relational import Lt, Relational

from ..theory import rope_variants as t
from ..theory.claim import Sequent
from ..theory.rope_terms import B, d, s
from . import kernel
from .calc import calc, equation, ring
from .kernel import Theorem
from .steps import at_value, by_ring
from .verify import Proof


def first_pair(goal: Sequent) -> Theorem:
    """At i = 0 every exponent is 0."""
    (fixed,) = (h for h in goal.hypotheses if isinstance(h, Eq))
    return at_value(goal, fixed)


def ntk_last(goal: Sequent) -> Theorem:
    """(B·s^x)^y = B^y·s^(xy), and here xy = −1."""
    left, given = goal.relation.lhs, goal.hypotheses
    y, x = left.exp, d / (d - 2)
    u, v, place = (Symbol(name, real=True) for name in ("u", "v", "place"))
    laws = kernel.ring(equation((B * s**u) ** v, B**v * s ** (u * v)), given[:2])
    here = kernel.instantiate(laws, {u: x, v: y}, given)
    minus_1 = kernel.ring(equation(x * y, S.NegativeOne), given)
    last = kernel.congr(B**y * s**place, place, minus_1, given)
    return calc(left).eq(here.relation.rhs, here).eq(last.relation.rhs, last).eq(goal.relation.rhs, ring(given)).close()


def _powers_fall(goal: Sequent, large: Expr, small: Expr) -> Theorem:
    """z^large < z^small for 0 < z < 1 and small < large: log z < 0, and exp is increasing."""
    _, below_1, _ = given = goal.hypotheses
    assert isinstance(below_1, Relational)
    below_0 = kernel.monotone("log", kernel.assume(below_1), given)
    exponents = kernel.nlinarith(Lt(large * log(t.z), small * log(t.z), evaluate=False), [*given, below_0])
    return (
        calc(t.z**large)
        .eq(exp(large * log(t.z)), ring(given))
        .lt(exp(small * log(t.z)), kernel.monotone("exp", exponents, given))
        .eq(t.z**small, ring(given))
        .close()
    )


def xpos_decreasing(goal: Sequent) -> Theorem:
    """The larger exponent gives the smaller power."""
    return _powers_fall(goal, goal.relation.lhs.exp, goal.relation.rhs.exp)


def xpos_blows_up(goal: Sequent) -> Theorem:
    """As before, against the exponent 0."""
    return _powers_fall(goal, S.Zero, goal.relation.lhs.exp)


def feature_positive(goal: Sequent) -> Theorem:
    """cos 1 > 0 > cos 2."""
    return kernel.positivity(goal.relation, goal.hypotheses)


PROOFS: Mapping[str, Proof] = {
    "rope.theta-schedule/first": first_pair,
    "rope.theta-schedule/last": by_ring,
    "rope.theta-schedule/ratio": by_ring,
    "rope.theta-schedule/wavelength": by_ring,
    "rope.pi-interpolation": by_ring,
    "rope.ntk-endpoints/every-pair": by_ring,
    "rope.ntk-endpoints/first": first_pair,
    "rope.ntk-endpoints/last": ntk_last,
    "rope.xpos-decay/relative": by_ring,
    "rope.xpos-decay/decreasing": xpos_decreasing,
    "rope.xpos-decay/blows-up": xpos_blows_up,
    "rope.linear-attn-denominator-zero/zero": by_ring,
    "rope.linear-attn-denominator-zero/feature": feature_positive,
    "rope.two-axis": by_ring,
}
