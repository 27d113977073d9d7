# SPDX-License-Identifier: BSD-3-Clause
"""Rules of limits. Trusted."""

from __future__ import annotations

from sympy import Limit, S, Symbol
from sympy.core.relational import Eq, Le, Relational

from . import limits, normal, signs
from .terms import Undecided, free_in, same
from .theorems import Given, Theorem, _facts, _make


def limit(goal: Relational, given: Given = ()) -> Theorem:
    """lim f = L by the algebra of limits (continuity, ±∞ where it is determinate)."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(goal, Eq) or not isinstance(goal.lhs, Limit):
        raise Undecided("not a limit")
    value = limits.limit(goal.lhs, facts)
    signs.require_defined(goal.rhs, facts)
    axioms = normal.equal(value, goal.rhs, facts)
    return _make(goal, "limit", hypotheses, theorems, axioms=frozenset({*axioms, "limit algebra"}))


def squeeze(target: Limit, lower: Theorem, upper: Theorem, low: Theorem, high: Theorem, near: Given = ()) -> Theorem:
    """lim f = L from a ≤ f, f ≤ b on a punctured neighbourhood and lim a = lim b = L.

    ``near`` names the hypotheses of the two bounds that hold on that neighbourhood; they may bound the
    variable by constants only, on the side from which the limit is taken.
    """
    f, x, point, direction = target.args
    for bound, way in ((lower, "lower"), (upper, "upper")):
        if not isinstance(bound.relation, Le):
            raise Undecided(f"the {way} bound is not ≤")
    if not (same(lower.relation.rhs, f) and same(upper.relation.lhs, f)):
        raise Undecided("the bounds are not about the function")
    for known, side in ((low, lower.relation.lhs), (high, upper.relation.rhs)):
        wanted = Limit(side, x, point, str(direction))
        if not isinstance(known.relation, Eq) or not same(known.relation.lhs, wanted):
            raise Undecided(f"not the limit of the bound: {known.relation}")
    if not same(low.relation.rhs, high.relation.rhs):
        raise Undecided("the bounds have different limits")
    facts, hypotheses, _ = _facts([h for h in near if x not in free_in(h)])
    local = frozenset(h for h in lower.hypotheses | upper.hypotheses if x in free_in(h))
    for h in local:
        if not limits.holds_near(h, x, point, str(direction), [*facts, *(lower.hypotheses | upper.hypotheses) - local]):
            raise Undecided(f"not shown to hold near the point: {h}")
    rest = (lower.hypotheses | upper.hypotheses) - local
    if any(x in free_in(h) for h in low.hypotheses | high.hypotheses):
        raise Undecided(f"a limit was shown under a hypothesis about {x}")
    goal = Eq(target, low.relation.rhs, evaluate=False)
    return _make(goal, "squeeze", rest | low.hypotheses | high.hypotheses | hypotheses, [lower, upper, low, high])


def _require_limit(theorem: Theorem, wanted: Limit, x: Symbol) -> None:
    r = theorem.relation
    if not isinstance(r, Eq) or not isinstance(r.lhs, Limit):
        raise Undecided(f"not a limit: {r}")
    have = r.lhs
    if have.args[2] in (S.Infinity, S.NegativeInfinity):
        matches = same(Limit(*have.args[:3]), Limit(*wanted.args[:3]))
    else:
        matches = same(have, wanted)
    if not matches:
        raise Undecided(f"{have} is not {wanted}")
