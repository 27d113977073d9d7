# SPDX-License-Identifier: BSD-3-Clause
"""Rules of limits. Trusted."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Limit, S, Symbol
from sympy.core.relational import Eq, Le, Lt, Relational

from ..theory.claim import Hypothesis
from . import limits, normal, signs
from .terms import Undecided, free, free_in, is_real, same
from .theorems import Given, Theorem, _facts, _make


def limit(goal: Relational, given: Given = ()) -> Theorem:
    """lim f = L by the algebra of limits (continuity, ±∞ where it is determinate); from both sides if it says so."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(goal, Eq) or not isinstance(goal.lhs, Limit):
        raise Undecided("not a limit")
    signs.require_defined(goal.rhs, facts)
    f, x, point, direction = goal.lhs.args
    axioms = {"limit algebra"}
    for way in _ways(direction):
        axioms |= normal.equal(limits.limit(Limit(f, x, point, way), facts), goal.rhs, facts)
    return _make(goal, "limit", hypotheses, theorems, axioms=frozenset(axioms))


def _ways(direction: object) -> tuple[str, ...]:
    return ("+", "-") if str(direction) == "+-" else (str(direction),)


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
    rest = _far(target, [lower, upper], [low, high], near)
    goal = Eq(target, low.relation.rhs, evaluate=False)
    return _make(goal, "squeeze", rest, [lower, upper, low, high])


def _far(target: Limit, local: Sequence[Theorem], known: Sequence[Theorem], near: Given) -> frozenset[Hypothesis]:
    """What theorems that hold near the point of a limit, and known limits there, assume of everything else.

    What the first assume of the variable must hold all over some punctured neighbourhood.
    """
    _, x, point, direction = target.args
    if not x.is_real or (x.is_integer and point not in (S.Infinity, S.NegativeInfinity)) or x in free(point):
        raise Undecided(f"{x} does not tend to {point}")
    facts, hypotheses, _ = _facts([h for h in near if x not in free_in(h)])
    every: frozenset[Hypothesis] = frozenset().union(*(t.hypotheses for t in local))
    around = frozenset(h for h in every if x in free_in(h))
    for h in around:
        for way in _ways(direction):
            if not limits.holds_near(h, x, point, way, [*facts, *every - around]):
                raise Undecided(f"not shown to hold near the point: {h}")
    others: frozenset[Hypothesis] = frozenset().union(*(t.hypotheses for t in known))
    if any(x in free_in(h) for h in others):
        raise Undecided(f"a limit was shown under a hypothesis about {x}")
    return (every - around) | others | hypotheses


def _limit_of(theorem: Theorem, side: Expr) -> Limit:
    """The limit that a theorem states, which must be that of a term."""
    r = theorem.relation
    if not isinstance(r, Eq) or not isinstance(r.lhs, Limit):
        raise Undecided(f"not a limit: {r}")
    _, x, point, direction = r.lhs.args
    if not same(r.lhs, Limit(side, x, point, str(direction))):
        raise Undecided(f"{r.lhs} is not a limit of {side}")
    return r.lhs


def limit_congr(pointwise: Theorem, known: Theorem, near: Given = ()) -> Theorem:
    """lim f = L from f = g on a punctured neighbourhood and lim g = L; ``near`` as for ``squeeze``."""
    if not isinstance(pointwise.relation, Eq):
        raise Undecided("the functions must be equal")
    of_g = _limit_of(known, pointwise.relation.rhs)
    rest = _far(of_g, [pointwise], [known], near)
    target = Limit(pointwise.relation.lhs, *of_g.args[1:3], str(of_g.args[3]))
    goal = Eq(target, known.relation.rhs, evaluate=False)
    return _make(goal, "limit_congr", rest, [pointwise, known])


def one_sided(theorem: Theorem, direction: str) -> Theorem:
    """The limit from one side, "+" or "-", from the limit from both."""
    if not isinstance(theorem.relation, Eq) or not isinstance(theorem.relation.lhs, Limit):
        raise Undecided(f"not a limit: {theorem.relation}")
    f, x, point, both = theorem.relation.lhs.args
    if str(both) != "+-" or direction not in ("+", "-"):
        raise Undecided('a limit from both sides gives the one from "+" and the one from "-"')
    goal = Eq(Limit(f, x, point, direction), theorem.relation.rhs, evaluate=False)
    return _make(goal, "one_sided", theorem.hypotheses, [theorem])


def le_of_tendsto(bound: Theorem, low: Theorem, high: Theorem, near: Given = ()) -> Theorem:
    """L ≤ M from f ≤ g (or f < g) on a punctured neighbourhood, lim f = L and lim g = M; ``near`` as above."""
    if not isinstance(bound.relation, (Le, Lt)):
        raise Undecided("the bound must be f ≤ g or f < g")
    of_f, of_g = _limit_of(low, bound.relation.lhs), _limit_of(high, bound.relation.rhs)
    if of_f.args[1:] != of_g.args[1:]:
        raise Undecided(f"limits of different variables or at different points: {of_f}, {of_g}")
    for value in (low.relation.rhs, high.relation.rhs):
        if not is_real(value):
            raise Undecided(f"not known to be real: {value}")
    rest = _far(of_f, [bound], [low, high], near)
    goal = Le(low.relation.rhs, high.relation.rhs, evaluate=False)
    return _make(goal, "le_of_tendsto", rest, [bound, low, high], axioms=frozenset({"limit order"}))


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
