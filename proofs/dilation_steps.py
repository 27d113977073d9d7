# SPDX-License-Identifier: BSD-3-Clause
"""What proofs about path counts share: their recursion, their sign, and that they vanish outside the hull.

A condition on the offset that changes with the depth cannot stand in an induction hypothesis, so it stands in
the relation: for integers, "A ≥ 1 or o > S(n)" is Max(A, o − S(n)) ≥ 1. Not trusted.
"""

from __future__ import annotations

from functools import cache

from sympy import Eq, Expr, Ge, Gt, IndexedBase, Le, Lt, Min, Ne, S
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from ..theory import dilation_terms as t
from ..theory.claim import Definition, ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .steps import inside
from .sums import vanishing
from .terms import Undecided, substitute

RATES = {t.PATHS.name: t.r, t.PATHS_OTHER.name: t.r_other}
SIZES = {t.PATHS.name: t.k, t.PATHS_OTHER.name: t.k_other}
LAYERS = Ge(t.L, 0)


def by_nlinarith(goal: Sequent) -> Theorem:
    """Arithmetic from the hypotheses."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def families(goal: Sequent) -> list[ForAll]:
    return [h for h in goal.hypotheses if isinstance(h, ForAll)]


def about(goal: Sequent, family: IndexedBase) -> list[ForAll]:
    """The hypotheses that bound one family, or say what it is."""
    return [h for h in families(goal) if h.body.lhs.has(family)]


def unfolded(paths: Definition, depth: Expr, offset: Expr, given: Given) -> Theorem:
    """P(n + 1, o) = Σ_t P(n, o − r t)."""
    return kernel.unfold(paths, 2, {t.n: depth, t.o: offset}, given)


def from_start(goal: Relational, given: Given = ()) -> Theorem:
    """A relation about P(0, o), by arithmetic: P(0, 0) = 1 and P(0, o) = 0 for other o."""
    (call,) = [e for e in goal.atoms(AppliedUndef) if str(e.func) in RATES]
    paths = t.PATHS if str(call.func) == t.PATHS.name else t.PATHS_OTHER
    offset = call.args[1]
    at_zero, elsewhere = Eq(offset, 0, evaluate=False), Ne(offset, 0, evaluate=False)
    moved = kernel.rewrite(call, kernel.assume(at_zero)) if offset.is_Symbol else _moved(paths, at_zero)
    one = kernel.trans(moved, kernel.unfold(paths, 0, {}))
    none = kernel.unfold(paths, 1, {t.o: offset}, [elsewhere])
    return kernel.cases(at_zero, arithmetic(goal, [one, at_zero, *given]), arithmetic(goal, [none, elsewhere, *given]))


def arithmetic(goal: Relational, given: Given) -> Theorem:
    """The relation by arithmetic, or because the facts exclude each other: an impossible case."""
    try:
        return kernel.nlinarith(goal, given)
    except Undecided:
        return kernel.contradiction(goal, given)


def _moved(paths: Definition, at_zero: Relational) -> Theorem:
    return kernel.congr(paths(0, t.h), t.h, kernel.assume(at_zero))


def by_depth(goal: Relational, step: Theorem, given: Given = ()) -> Theorem:
    """Induction on L of a relation about P(L, o), for every o at once."""
    return kernel.induction(goal, t.L, from_start(substitute(goal, {t.L: S.Zero}), given), step)


@cache
def nonnegative(paths: Definition = t.PATHS) -> Theorem:
    """P(L, o) ≥ 0: sums of counts that are ≥ 0."""
    goal = Ge(paths(t.L, t.o), 0)
    once = unfolded(paths, t.L + 1, t.o, [LAYERS])
    total = kernel.positivity(Ge(once.relation.rhs, 0, evaluate=False), [ForAll((t.o,), goal)])
    return by_depth(goal, kernel.nlinarith(Ge(once.relation.lhs, 0), [once, total]))


def nonnegative_at(depth: Expr, offset: Expr, given: Given, paths: Definition = t.PATHS) -> Theorem:
    """P(n, o) ≥ 0 at a depth that the facts show to be ≥ 0."""
    here = kernel.instantiate(nonnegative(paths), {t.L: depth, t.o: offset}, given)
    return deep(here, depth, given)


def deep(theorem: Theorem, depth: Expr, given: Given) -> Theorem:
    """A theorem without the hypothesis that the depth is ≥ 0, which the facts show."""
    wanted = Ge(depth, 0, evaluate=False)
    if wanted in theorem.hypotheses and wanted not in given:
        return kernel.discharge(theorem, kernel.nlinarith(wanted, given))
    return theorem


@cache
def before_the_hull() -> Theorem:
    """o < 0 ⊢ P(L, o) = 0: every tap leads further down."""
    goal, negative = equation(t.PATHS(t.L, t.o), S.Zero), Lt(t.o, 0)
    once = unfolded(t.PATHS, t.L + 1, t.o, [LAYERS])
    total = once.relation.rhs
    bounds = inside(total)
    facts = [LAYERS, negative, *bounds, t.RATES]
    product = kernel.nlinarith(Ge(t.r[t.L + 1] * t.t, 0), facts)
    further = kernel.nlinarith(Lt(t.o - t.t * t.r[t.L + 1], 0), [product, *facts])
    each = kernel.specialize(ForAll((t.o,), goal, (negative,)), {t.o: further.relation.lhs}, [further])
    step = kernel.trans(once, vanishing(total, each))
    return by_depth(goal, step, [negative])


def extended(depth: Expr, given: Given) -> Theorem:
    """S(n + 1) = S(n) + r_{n+1} (k_{n+1} − 1)."""
    here = t.r[depth + 1] * (t.k[depth + 1] - 1)
    return kernel.ring(equation(t.extent(depth + 1), t.extent(depth) + here), given)


@cache
def after_the_hull() -> Theorem:
    """Min(P(L, o), o − S(L)) ≤ 0: beyond the hull every tap leads to an offset beyond the smaller hull."""
    goal = Le(Min(t.PATHS(t.L, t.o), t.o - t.extent(t.L)), 0)
    after = substitute(goal, {t.L: t.L + 1})
    once, size = unfolded(t.PATHS, t.L + 1, t.o, [LAYERS]), extended(t.L, [LAYERS])
    beyond, rate = Gt(t.o, t.extent(t.L + 1)), t.r[t.L + 1]
    bounds = inside(once.relation.rhs)
    below = t.o - t.t * rate
    least = kernel.nlinarith(Le(rate * t.t, rate * (t.k[t.L + 1] - 1)), [LAYERS, *bounds, t.RATES])
    known = kernel.specialize(ForAll((t.o,), goal), {t.o: below})
    count = nonnegative_at(t.L, below, [LAYERS])
    none = kernel.nlinarith(equation(t.PATHS(t.L, below), S.Zero), [known, count, least, size, beyond])
    total = kernel.trans(once, vanishing(once.relation.rhs, none))
    within = Le(*beyond.args, evaluate=False)
    step = kernel.cases(within, kernel.nlinarith(after, [within]), kernel.nlinarith(after, [total]))
    start = kernel.ring(equation(t.extent(S.Zero), S.Zero))
    return by_depth(goal, step, [start])


def hole_outside(depth: Expr, offset: Expr, given: Given) -> Theorem:
    """P(n, o) = 0 where the facts put o outside the hull of n layers."""
    goal = equation(t.PATHS(depth, offset), S.Zero)
    after = deep(kernel.instantiate(after_the_hull(), {t.L: depth, t.o: offset}, given), depth, given)
    beyond = Gt(offset, t.extent(depth), evaluate=False)
    return kernel.nlinarith(goal, [after, kernel.nlinarith(beyond, given), nonnegative_at(depth, offset, given)])


def hole_before(depth: Expr, offset: Expr, given: Given) -> Theorem:
    """P(n, o) = 0 where the facts say o < 0."""
    here = kernel.instantiate(before_the_hull(), {t.L: depth, t.o: offset}, given)
    negative = Lt(offset, 0, evaluate=False)
    return deep(kernel.discharge(here, kernel.nlinarith(negative, given)), depth, given)
