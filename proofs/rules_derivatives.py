# SPDX-License-Identifier: BSD-3-Clause
"""Rules of derivatives: the table, and what the sign of a derivative says. Trusted."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Limit, Sum, Symbol, sympify
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational

from . import normal, recheck, signs
from .signs import Fact
from .terms import DIFFERENTIABLE, Undecided, derivative, free, free_in, is_integer, is_real, substitute
from .theorems import Given, Theorem, _facts, _make, _require_fact


def has_deriv(term: Expr, x: Symbol, step: Symbol, given: Given = ()) -> Theorem:
    """lim (F(x + h) − F(x))/h = F′(x) for h → 0, F′ by the derivative table.

    The facts may bound x by strict inequalities only, so that they hold on an open interval around it.
    """
    facts, hypotheses, theorems = _facts(given)
    for h in hypotheses:
        bounds = isinstance(h, (Lt, Gt)) and any(a == x and x not in free(b) for a, b in (h.args, h.args[::-1]))
        if x in free_in(h) and not bounds:
            raise Undecided(f"not known to hold around {x}: {h}")
    if not x.is_real or x.is_integer or not step.is_real or step.is_integer or step == x or step in free(term):
        raise Undecided("a derivative is along a real variable, with a fresh real step")
    if theorems or any(step in free_in(h) for h in hypotheses):
        raise Undecided("only hypotheses, which say nothing of the step, may be given")
    slope = derivative(term, x)
    for side in (term, slope):
        signs.require_defined(side, facts)
    quotient = (substitute(term, {x: x + step}) - term) / step
    goal = Eq(Limit(quotient, step, 0, "+-"), slope, evaluate=False)
    return _make(goal, "has_deriv", hypotheses, theorems, axioms=frozenset({"derivative table"}))


_GROWTH = {Ge: Le, Gt: Lt, Le: Ge, Lt: Gt, Eq: Eq}


def mean_value(term: Expr, x: Symbol, low: Expr, high: Expr, slope: Theorem, given: Given = ()) -> Theorem:
    """F(low) ≤ F(high) from "low < x < high ⊢ F′(x) ≥ 0" and low ≤ high; <, ≥, > and = likewise.

    The slope may stand in any form that ``ring`` takes to the derivative by the table. F must be defined on the
    closed interval and made of functions of the table there, so that it is continuous, and differentiable inside.
    The order is strict where the slope is and low < high is known.
    """
    facts, hypotheses, theorems = _facts(given)
    low, high = sympify(low), sympify(high)
    local = frozenset(h for h in slope.hypotheses if x in free_in(h))
    rest = slope.hypotheses - local
    facts = [*facts, *rest]
    if any(x in free_in(h) for h in facts):
        raise Undecided(f"something is assumed about {x}")
    if not x.is_real or x.is_integer or not is_real(term):
        raise Undecided("the mean value theorem is about a real function of a real variable")
    for end in (low, high):
        signs.require_defined(end, facts)
        if x in free(end) or not is_real(end):
            raise Undecided(f"not the end of an interval of {x}: {end}")
    _require_fact(Le(low, high, evaluate=False), facts)
    signs.require_defined(term, [*facts, Le(low, x, evaluate=False), Le(x, high, evaluate=False)])
    inside = [*facts, Lt(low, x, evaluate=False), Lt(x, high, evaluate=False)]
    require_smooth(term, x, inside)
    for h in local:
        if not isinstance(h, Relational):
            raise Undecided(f"not shown on the interval: {h}")
        _require_fact(h, inside)
    kind, known = _sign(slope.relation)
    by_table = derivative(term, x)
    signs.require_defined(by_table, inside)
    axioms = normal.equal(by_table, known, inside)
    recheck.agree(by_table, known, inside)
    if kind in (Lt, Gt) and not signs.entails(facts, Lt(low, high, evaluate=False)):
        kind = Le if kind is Lt else Ge
    goal = kind(substitute(term, {x: low}), substitute(term, {x: high}), evaluate=False)
    more = frozenset({*axioms, "derivative table", "mean value theorem"})
    return _make(goal, "mean_value", hypotheses | rest, [*theorems, slope], axioms=more)


def _sign(slope: Relational) -> tuple[type[Relational], Expr]:
    """How F(low) compares with F(high) by a comparison of F′ with 0, and the F′ that it speaks of."""
    if slope.func in _GROWTH and slope.rhs == 0:
        return _GROWTH[slope.func], slope.lhs
    if slope.func in _GROWTH and slope.lhs == 0:
        return slope.func, slope.rhs
    raise Undecided(f"not the sign of a derivative: {slope}")


def require_smooth(e: Expr, x: Symbol, facts: Sequence[Fact]) -> None:
    """``Undecided`` unless every part of the term that depends on x is differentiable in it, where it is defined."""
    if x not in free(e) or e == x:
        return
    if isinstance(e, Sum):
        if x in free(e.limits[-1][1]) | free(e.limits[-1][2]):
            raise Undecided(f"the range depends on {x}")
        require_smooth(signs.under(e, facts)[0], x, signs.under(e, facts)[1])
        return
    for argument in e.args:
        require_smooth(argument, x, facts)
    if e.is_Pow:
        if not (is_integer(e.exp) and x not in free(e.exp)) and not signs.positive(e.base, facts):
            raise Undecided(f"a power of a number not known to be positive: {e.base}")
    elif not (e.is_Add or e.is_Mul or e.func in DIFFERENTIABLE):
        raise Undecided(f"not known to be differentiable: {e}")
