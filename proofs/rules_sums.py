# SPDX-License-Identifier: BSD-3-Clause
"""Rules of finite sums and products. Trusted."""

from __future__ import annotations

from sympy import Expr, Product, Sum, Symbol
from sympy.core.relational import Eq, Ge, Le

from . import signs
from .terms import Undecided, bind, binder, free, free_in, is_integer
from .theorems import Given, Theorem, _facts, _make, _require_fact


def termwise(theorem: Theorem, i: Symbol, lower: Expr, upper: Expr, kind: type = Sum) -> Theorem:
    """Σ f R Σ g from "lower ≤ i ≤ upper ⊢ f R g"; Π likewise, for = only."""
    inside = {Le(lower, i, evaluate=False), Le(i, upper, evaluate=False)}
    rest = theorem.hypotheses - inside
    if any(i in free_in(h) for h in rest) or i in free(lower) | free(upper):
        raise Undecided(f"a hypothesis speaks of {i}")
    r = theorem.relation
    if kind not in {Sum, Product} or not (isinstance(r, Eq) or (kind is Sum and isinstance(r, (Le, Ge)))):
        raise Undecided(f"{kind.__name__} does not carry {r.func.__name__}")
    if not (is_integer(lower) and is_integer(upper) and i.is_integer):
        raise Undecided("limits must be integers")
    for end in (lower, upper):
        signs.require_defined(end, list(rest))
    left, right = (bind(kind, side, i, lower, upper) for side in r.args)
    return _make(r.func(left, right, evaluate=False), "termwise", rest, [theorem])


def split(e: Expr, at: Expr, given: Given = ()) -> Theorem:
    """Σ over lower…upper = Σ over lower…at + Σ over at+1…upper, for lower − 1 ≤ at ≤ upper; Π likewise."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(e, (Sum, Product)):
        raise Undecided("only sums and products are split")
    signs.require_defined(e, facts)
    body, i, lower, upper = binder(e)
    if not is_integer(at):
        raise Undecided(f"{at} is not known to be an integer")
    signs.require_defined(at, facts)
    _require_fact(Le(lower - 1, at, evaluate=False), facts)
    _require_fact(Le(at, upper, evaluate=False), facts)
    parts = bind(e.func, body, i, lower, at), bind(e.func, body, i, at + 1, upper)
    joined = parts[0] + parts[1] if isinstance(e, Sum) else parts[0] * parts[1]
    return _make(Eq(e, joined, evaluate=False), "split", hypotheses, theorems)


def swap(e: Expr, given: Given = ()) -> Theorem:
    """Σᵢ Σⱼ f = Σⱼ Σᵢ f for limits that do not depend on the other index."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(e, Sum) or not isinstance(binder(e)[0], Sum):
        raise Undecided("not a double sum")
    signs.require_defined(e, facts)
    inner, i, lower, upper = binder(e)
    body, j, low, high = binder(inner)
    if i in free(low) | free(high) or j in free(lower) | free(upper) or i == j:
        raise Undecided("the limits depend on the other index")
    swapped = bind(Sum, bind(Sum, body, i, lower, upper), j, low, high)
    signs.require_defined(swapped, facts)
    return _make(Eq(e, swapped, evaluate=False), "swap", hypotheses, theorems)
