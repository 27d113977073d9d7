# SPDX-License-Identifier: BSD-3-Clause
"""Rules of integrals. Trusted."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integral, Limit, S, Symbol
from sympy.core.relational import Eq, Gt, Le, Lt, Relational

from ..theory.claim import Hypothesis
from . import limits, normal, recheck, signs
from .rules_limits import _require_limit
from .terms import Undecided, bind, binder, derivative, free, free_in, in_domain, is_real, same, substitute
from .theorems import Given, Theorem, _facts, _make, _require_fact


def antiderivative(e: Integral, primitive: Expr, low: Theorem, high: Theorem, given: Given = ()) -> Theorem:
    """∫ f = F(upper) − F(lower), for F′ = f by ``ring`` on the whole open interval and two proved limits."""
    facts, hypotheses, theorems = _facts(given)
    f, x, lower, upper = binder(e)
    inside = _inside(e, facts, hypotheses)
    for side in (f, primitive):
        signs.require_defined(side, inside)
    slope = derivative(primitive, x)
    signs.require_defined(slope, inside)
    axioms = normal.equal(slope, f, inside)
    recheck.agree(slope, f, inside)
    _require_limit(low, Limit(primitive, x, lower, "+" if lower != S.NegativeInfinity else "-"), x)
    _require_limit(high, Limit(primitive, x, upper, "-"), x)
    goal = Eq(e, high.relation.rhs - low.relation.rhs, evaluate=False)
    hypotheses = hypotheses | low.hypotheses | high.hypotheses
    more = frozenset({*axioms, "fundamental theorem of calculus", "derivative table"})
    return _make(goal, "antiderivative", hypotheses, [*theorems, low, high], axioms=more)


def _inside(e: Integral, facts: Sequence[Hypothesis], hypotheses: frozenset[Hypothesis]) -> list[Hypothesis]:
    """The facts inside the open interval of an integral, which must be shown to be an interval."""
    _, x, lower, upper = binder(e)
    if any(x in free_in(h) for h in hypotheses):
        raise Undecided(f"a hypothesis speaks of {x}")
    for end in (lower, upper):
        if end not in (S.Infinity, S.NegativeInfinity):
            signs.require_defined(end, facts)
            if not is_real(end) or x in free(end):
                raise Undecided(f"not known to be real: {end}")
    if S.Infinity not in (lower, upper) and S.NegativeInfinity not in (lower, upper):
        _require_fact(Lt(lower, upper, evaluate=False), facts)
    if not x.is_real or x.is_integer or lower == S.Infinity or upper == S.NegativeInfinity:
        raise Undecided("the variable of integration must be real, the interval not empty")
    return [*facts, *_bounds(x, lower, upper)]


def _bounds(x: Symbol, lower: Expr, upper: Expr) -> list[Relational]:
    """lower < x < upper, as far as the ends are finite."""
    below = [] if lower == S.NegativeInfinity else [Gt(x, lower, evaluate=False)]
    return below if upper == S.Infinity else [*below, Lt(x, upper, evaluate=False)]


def substitution(e: Integral, inner: Expr, theorem: Theorem, given: Given = ()) -> Theorem:
    """∫ ±f(g(x)) g′(x) dx = V from ∫ f = V: + for a g that keeps the order of the ends, − for one that swaps them.

    With Φ a primitive of f, Φ∘g is one of f(g)·g′ and tends to the limits of Φ. So g need not be monotone; but it
    must map the open interval into the range, ends to ends, and f must be continuous there, which is shown by
    its having a derivative.
    """
    facts, hypotheses, theorems = _facts([*given, theorem])
    h, x, lower, upper = binder(e)
    if not isinstance(theorem.relation, Eq) or not isinstance(theorem.relation.lhs, Integral):
        raise Undecided(f"not the value of an integral: {theorem.relation}")
    f, u, start, end = binder(theorem.relation.lhs)
    facts = [fact for fact in facts if not (isinstance(fact, Relational) and fact.has(Integral))]
    if x in free(theorem.relation):
        raise Undecided(f"the known integral speaks of {x}")
    inside = _inside(e, facts, hypotheses)
    slope = derivative(inner, x)
    for side in (h, inner, slope):
        signs.require_defined(side, inside)
    if not in_domain(inner, u):
        raise Undecided(f"{inner} is not known to lie in the domain of {u}")
    for bound in _bounds(u, start, end):
        _require_fact(substitute(bound, {u: inner}), inside)
    within = _inside(theorem.relation.lhs, facts, hypotheses)
    signs.require_defined(derivative(f, u), within)
    signs.require_defined(f, within)
    ends = [limits.limit(Limit(inner, x, at, way), facts) for at, way in ((lower, "+"), (upper, "-"))]
    if same(ends[0], start) and same(ends[1], end):
        moved = substitute(f, {u: inner}) * slope
    elif same(ends[0], end) and same(ends[1], start):
        moved = -substitute(f, {u: inner}) * slope
    else:
        raise Undecided(f"the ends go to {ends}")
    axioms = normal.equal(h, moved, inside)
    recheck.agree(h, moved, inside)
    more = frozenset({*axioms, "change of variables", "derivative table", "limit algebra"})
    goal = Eq(e, theorem.relation.rhs, evaluate=False)
    return _make(goal, "substitution", hypotheses, theorems, axioms=more)


def integral_congr(pointwise: Theorem, known: Theorem) -> Theorem:
    """∫ f = V from ∫ g = V and "lower < x < upper ⊢ f = g", x being the variable of the known integral."""
    if not isinstance(known.relation, Eq) or not isinstance(known.relation.lhs, Integral):
        raise Undecided(f"not the value of an integral: {known.relation}")
    if not isinstance(pointwise.relation, Eq):
        raise Undecided("the integrands must be equal")
    g, x, lower, upper = binder(known.relation.lhs)
    if not same(pointwise.relation.rhs, g):
        raise Undecided(f"{pointwise.relation.rhs} is not the known integrand {g}")
    rest = pointwise.hypotheses - set(_bounds(x, lower, upper))
    hypotheses = rest | known.hypotheses
    _inside(known.relation.lhs, list(hypotheses), rest)
    goal = Eq(bind(Integral, pointwise.relation.lhs, x, lower, upper), known.relation.rhs, evaluate=False)
    return _make(goal, "integral_congr", hypotheses, [pointwise, known])


def integral_mono(pointwise: Theorem, low: Theorem, high: Theorem) -> Theorem:
    """∫ f ≤ ∫ g from "lower < x < upper ⊢ f ≤ g" and the values of both integrals, of which x is the variable."""
    if not isinstance(pointwise.relation, (Le, Lt)):
        raise Undecided("the bound must be f ≤ g or f < g")
    for known, side in ((low, pointwise.relation.lhs), (high, pointwise.relation.rhs)):
        if not isinstance(known.relation, Eq) or not isinstance(known.relation.lhs, Integral):
            raise Undecided(f"not the value of an integral: {known.relation}")
        if not same(known.relation.lhs, bind(Integral, side, *binder(low.relation.lhs)[1:])):
            raise Undecided(f"{known.relation.lhs} is not the integral of {side}")
        if not is_real(known.relation.rhs):
            raise Undecided(f"not known to be real: {known.relation.rhs}")
    _, x, lower, upper = binder(low.relation.lhs)
    rest = pointwise.hypotheses - set(_bounds(x, lower, upper))
    hypotheses = rest | low.hypotheses | high.hypotheses
    _inside(low.relation.lhs, list(hypotheses), rest)
    goal = Le(low.relation.lhs, high.relation.lhs, evaluate=False)
    return _make(goal, "integral_mono", hypotheses, [pointwise, low, high], axioms=frozenset({"integral order"}))


def integral_join(left: Theorem, right: Theorem) -> Theorem:
    """∫ over lower…upper = V + W from ∫ over lower…middle = V and ∫ over middle…upper = W of one integrand.

    The integrand must have a value at the middle, so that it has one all over the joined interval.
    """
    for known in (left, right):
        if not isinstance(known.relation, Eq) or not isinstance(known.relation.lhs, Integral):
            raise Undecided(f"not the value of an integral: {known.relation}")
    f, x, lower, middle = binder(left.relation.lhs)
    _, _, start, upper = binder(right.relation.lhs)
    if not same(start, middle) or middle in (S.Infinity, S.NegativeInfinity):
        raise Undecided(f"the intervals do not meet: one ends at {middle}, the other begins at {start}")
    if not same(right.relation.lhs, bind(Integral, f, x, middle, upper)):
        raise Undecided("two integrands")
    hypotheses = left.hypotheses | right.hypotheses
    for e in (left.relation.lhs, bind(Integral, f, x, middle, upper)):
        _inside(e, list(hypotheses), hypotheses)
    signs.require_defined(f, [*hypotheses, Eq(x, middle, evaluate=False)])
    goal = Eq(bind(Integral, f, x, lower, upper), left.relation.rhs + right.relation.rhs, evaluate=False)
    return _make(goal, "integral_join", hypotheses, [left, right])
