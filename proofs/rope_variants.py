# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.rope_variants`` are true: exponent laws and addition formulas."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Eq, Expr, S, Symbol, exp, log, pi
from sympy.core.relational import Lt, Relational

from ..theory import rope_variants as t
from ..theory.claim import Sequent
from ..theory.rope_terms import B, d, frequency, i, s
from . import kernel
from .calc import calc, equation, ring
from .kernel import Theorem
from .steps import at_value, by_ring, rewriting
from .verify import Proof


def first_pair(goal: Sequent) -> Theorem:
    """At i = 0 every exponent is 0."""
    (fixed,) = (h for h in goal.hypotheses if isinstance(h, Eq))
    return at_value(goal, fixed)


def wavelength(goal: Sequent) -> Theorem:
    """2πt·θᵢ − 2π = 2πθᵢ·(t − B^(2i/d)): after t = B^(2i/d) the angle is 2π."""
    known, *given = goal.hypotheses
    assert isinstance(known, Relational)
    return kernel.linear_combination(goal.relation, [(2 * pi * frequency(i, d, B), kernel.assume(known))], given)


def slowed_down(goal: Sequent) -> Theorem:
    """Put θ/s for η."""
    known, *given = goal.hypotheses
    assert isinstance(known, Relational)
    return rewriting(goal.relation, [kernel.assume(known)], given)


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


def root_positive(goal: Sequent) -> Theorem:
    """cos 1 > 0 > cos 2."""
    return kernel.positivity(goal.relation, goal.hypotheses)


PROOFS: Mapping[str, Proof] = {
    "rope.theta-schedule/first": first_pair,
    "rope.theta-schedule/last": by_ring,
    "rope.theta-schedule/ratio": by_ring,
    "rope.theta-schedule/wavelength": wavelength,
    "rope.pi-interpolation/even": slowed_down,
    "rope.pi-interpolation/odd": slowed_down,
    "rope.pi-interpolation/offset": by_ring,
    "rope.ntk-endpoints/every-pair": by_ring,
    "rope.ntk-endpoints/first": first_pair,
    "rope.ntk-endpoints/last": ntk_last,
    "rope.xpos-decay/relative": by_ring,
    "rope.xpos-decay/decreasing": xpos_decreasing,
    "rope.xpos-decay/blows-up": xpos_blows_up,
    "rope.linear-attn-denominator-zero/zero-at-root": by_ring,
    "rope.linear-attn-denominator-zero/root-is-positive": root_positive,
    "rope.two-axis": by_ring,
}
