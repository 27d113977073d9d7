# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.rope_variants`` are true: exponent laws and addition formulas."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Eq, S, Symbol, exp, log
from sympy.core.relational import Gt, Le, Lt, Relational

from ..theory import rope_variants as t
from ..theory.claim import Sequent
from . import kernel
from .calc import calc, equation, nlinarith, ring
from .kernel import Theorem
from .steps import at_value, by_ring
from .verify import Proof


def first_pair(goal: Sequent) -> Theorem:
    """At i = 0 every exponent is 0."""
    return at_value(goal, next(h for h in goal.hypotheses if isinstance(h, Eq)))


def ntk_last(goal: Sequent) -> Theorem:
    """(B·s^x)^y = B^y·s^(xy), and here xy = −1."""
    left, given = goal.relation.lhs, goal.hypotheses
    y, x = left.exp, t.d / (t.d - 2)
    u, v, place = (Symbol(name, real=True) for name in ("u", "v", "place"))
    laws = kernel.ring(equation((t.B * t.s**u) ** v, t.B**v * t.s ** (u * v)), given[:2])
    here = kernel.instantiate(laws, {u: x, v: y}, given)
    minus_1 = kernel.ring(equation(x * y, S.NegativeOne), given)
    last = kernel.congr(t.B**y * t.s**place, place, minus_1, given)
    return (
        calc(left)
        .eq(here.relation.rhs, here)
        .eq(last.relation.rhs, last)
        .eq(goal.relation.rhs, ring(given))
        .close()
    )


def _power_grows(z: Symbol, small: t.Expr, large: t.Expr, given: tuple[Relational, ...]) -> Theorem:
    """z^large < z^small for 0 < z < 1 and small < large: log z < 0, and exp is increasing."""
    below_0 = kernel.monotone("log", kernel.assume(given[1]), given)
    exponents = kernel.nlinarith(Lt(large * log(z), small * log(z), evaluate=False), [*given, below_0])
    return kernel.monotone("exp", exponents, given)


def xpos_decreasing(goal: Sequent) -> Theorem:
    """The exponents t·log z < r·log z are in the opposite order to t and r."""
    left, right = goal.relation.args
    return _power_grows(t.z, right.exp, left.exp, goal.hypotheses)  # type: ignore[arg-type]


def xpos_blows_up(goal: Sequent) -> Theorem:
    """As before, against the exponent 0."""
    grown = _power_grows(t.z, goal.relation.lhs.exp, S.Zero, goal.hypotheses)  # type: ignore[arg-type]
    return kernel.symm(grown)


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
