# SPDX-License-Identifier: BSD-3-Clause
"""Rules of derivatives: the table, and what the sign of a derivative says. Trusted."""

from __future__ import annotations

from sympy import Expr, Limit, Symbol
from sympy.core.relational import Eq, Gt, Lt

from . import signs
from .terms import Undecided, derivative, free, free_in, substitute
from .theorems import Given, Theorem, _facts, _make


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
