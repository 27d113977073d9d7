# SPDX-License-Identifier: BSD-3-Clause
"""Why path counts are coefficients of a product, symmetric, independent of the order, and a product in two axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Eq, Expr, Ge, Le, Ne, Product, S, Sum
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from ..theory import dilation_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import calc, equation
from .dilation_steps import (
    LAYERS,
    about,
    extended,
    families,
    hole_before,
    hole_outside,
    nonnegative_at,
    unfolded,
)
from .kernel import Given, Theorem
from .steps import inside, rewriting, sum_of
from .sums import factored, from_zero, one_term, turned_round, vanishing
from .terms import binder, substitute
from .verify import Proof

Find = Callable[[Expr, Expr, Given], Theorem]

# --- the generating polynomial -------------------------------------------------------------------------------------


def _shifted(weight: Expr, given: Given) -> Theorem:
    """Σ_{o=0}^{S + m r} P(L, o − r t) x^o = x^{r t} Σ_{o=0}^{S} P(L, o) x^o for a tap t: outside, P is 0."""
    rate, most, size = t.r[t.L + 1], t.k[t.L + 1] - 1, t.extent(t.L)
    tap_bounds = [Le(0, t.t), Le(t.t, most)]
    facts = [LAYERS, *tap_bounds, *given]
    positive = kernel.positivity(Ge(size, 0), given)
    product = kernel.nlinarith(Ge(rate * t.t, 0), facts)
    above = kernel.nlinarith(Le(rate * t.t, rate * most), facts)
    known = [positive, product, above, *facts]
    body = t.PATHS(t.L, t.o - t.t * rate) * weight
    total = Sum(body, (t.o, 0, size + most * rate))
    first = kernel.split(total, rate * t.t - 1, known)
    low, rest = _in_order(first.relation.rhs.args)
    second = kernel.split(rest, rate * t.t + size, known)
    middle, high = _in_order(second.relation.rhs.args)
    empty = [
        vanishing(part, _no_path(find, body, weight, [*inside(part), *known]), known)
        for part, find in ((low, hole_before), (high, hole_outside))
    ]
    whole = substitute(weight, {t.o: rate * t.t}) * Sum(t.PATHS(t.L, t.o) * weight, (t.o, 0, size))
    moved = from_zero(middle, known)
    plain = t.PATHS(t.L, t.o) * weight
    factor = substitute(weight, {t.o: rate * t.t})
    body, index, lower, upper = binder(moved.relation.rhs)
    bounds = [Le(lower, index), Le(index, upper)]
    each = kernel.ring(equation(body, factor * substitute(plain, {t.o: index})), [*bounds, *known])
    apart = kernel.termwise(each, index, lower, upper)
    out = factored(factor, substitute(Sum(plain, (t.o, 0, size)), {}), known)
    return rewriting(equation(total, whole), [first, second, *empty, moved, apart, out], known)


def _in_order(parts: tuple[Expr, ...]) -> list[Expr]:
    """The two parts of a sum that was cut: the first starts at 0 or ends where the second has not begun."""
    one, other = parts
    gap = (other.limits[0][1] - one.limits[0][2]).expand()
    return [one, other] if gap == 1 else [other, one]


def _no_path(find: Find, body: Expr, weight: Expr, given: Given) -> Theorem:
    (call,) = [e for e in body.atoms(AppliedUndef) if str(e.func) == t.PATHS.name]
    depth, offset = call.args
    none = find(depth, offset, given)
    return kernel.linear_combination(equation(body, S.Zero), [(weight, none)], given)


def generating(goal: Sequent) -> Theorem:
    """Induction: the new layer shifts the polynomial by r t for each tap t, and holes outside the hull add 0."""
    relation, given = goal.relation, [h for h in goal.hypotheses if h != LAYERS]
    body = _summand(relation.lhs)
    weight = body / _call(body)
    after = substitute(relation, {t.L: t.L + 1})
    once = unfolded(t.PATHS, t.L + 1, t.o, [LAYERS])
    facts = [LAYERS, *given]
    longer = kernel.rewrite(after.lhs, extended(t.L, [LAYERS]), facts)
    total = longer.relation.rhs
    bounds = inside(total)
    spread = Sum(t.PATHS(t.L, t.o - t.t * t.r[t.L + 1]) * weight, (t.t, 0, t.k[t.L + 1] - 1))
    each = kernel.linear_combination(equation(_summand(total), spread), [(weight, once)], [*bounds, *facts])
    opened = sum_of(each, total)
    swapped = kernel.swap(opened.relation.rhs, facts)
    shifted = kernel.termwise(_shifted(weight, given), t.t, S.Zero, t.k[t.L + 1] - 1)
    small = kernel.assume(relation)
    factor = _summand(after.rhs, Product)
    factor = substitute(factor, {t.l: t.L + 1})
    factor_body = binder(factor)[0]
    out = factored(binder(shifted.relation.rhs)[0] / factor_body, factor, facts)
    chain = kernel.trans(longer, opened, swapped, shifted, out)
    last = kernel.rewrite(chain.relation.rhs, small, facts)
    step = kernel.trans(chain, last, kernel.ring(equation(last.relation.rhs, after.rhs), facts))
    start = kernel.rewrite(substitute(relation.lhs, {t.L: S.Zero}), kernel.ring(equation(t.extent(S.Zero), S.Zero)))
    base = calc(start.relation.lhs).eq(start.relation.rhs, start)
    single = kernel.unfold(t.PATHS, 0, {})
    base_goal = substitute(relation, {t.L: S.Zero})
    one = kernel.linear_combination(equation(start.relation.rhs, base_goal.rhs), [(S.One, single)], given)
    return kernel.induction(relation, t.L, base.eq(base_goal.rhs, one).close(), step)


def _summand(e: Expr, kind: type[Expr] = Sum) -> Expr:
    body: Expr = e.args[0] if isinstance(e, kind) else next(a for a in e.args if isinstance(a, kind)).args[0]
    return body


def _call(e: Expr) -> Expr:
    return next(a for a in e.atoms(AppliedUndef) if str(a.func) == t.PATHS.name)


# --- single paths --------------------------------------------------------------------------------------------------


def path(goal: Sequent) -> Theorem:
    """Induction: the path of the layers before is one term of the new sum."""
    relation = goal.relation
    after = substitute(relation, {t.L: t.L + 1})
    taps, here, offset = families(goal), t.tap[t.L + 1], after.lhs.args[1]
    once = unfolded(t.PATHS, t.L + 1, offset, [LAYERS])
    total = once.relation.rhs
    counts = nonnegative_at(t.L, offset - t.t * t.r[t.L + 1], [LAYERS])
    term = one_term(total, here, counts, [LAYERS, *taps])
    before = relation.lhs.args[1]
    back = kernel.ring(equation(offset - t.r[t.L + 1] * here, before), [LAYERS])
    link = kernel.congr(t.PATHS(t.L, t.h), t.h, back)
    step = kernel.nlinarith(after, [once, term, link, kernel.assume(relation)])
    start = kernel.ring(equation(substitute(before, {t.L: S.Zero}), S.Zero))
    moved = kernel.congr(t.PATHS(S.Zero, t.h), t.h, start)
    base = kernel.nlinarith(substitute(relation, {t.L: S.Zero}), [moved, kernel.unfold(t.PATHS, 0, {})])
    return kernel.induction(relation, t.L, base, step)


def symmetric(goal: Sequent) -> Theorem:
    """Induction: the taps of the new layer in the opposite order."""
    relation = goal.relation
    after = substitute(relation, {t.L: t.L + 1})
    kernels, rate, most = about(goal, t.k), t.r[t.L + 1], t.k[t.L + 1] - 1
    facts = [LAYERS, *kernels]
    left, right = (unfolded(t.PATHS, t.L + 1, side.args[1], facts) for side in after.args)
    turned = turned_round(left.relation.rhs, facts)
    body, index, _, _ = binder(turned.relation.rhs)
    inner = substitute(body, {index: t.t}).args[1]
    size = extended(t.L, facts)
    there = kernel.linear_combination(equation(inner, t.extent(t.L) - (t.o - t.t * rate)), [(S.One, size)], facts)
    moved = kernel.congr(t.PATHS(t.L, t.h), t.h, there)
    known = kernel.specialize(ForAll((t.o,), relation), {t.o: t.o - t.t * rate})
    each = kernel.termwise(kernel.trans(moved, known), t.t, S.Zero, most)
    step = kernel.trans(left, turned, each, kernel.symm(right))
    start = kernel.ring(equation(t.extent(S.Zero) - t.o, -t.o))
    mirrored = kernel.congr(t.PATHS(S.Zero, t.h), t.h, start)
    base = _mirrored_start(substitute(relation, {t.L: S.Zero}), mirrored)
    return kernel.induction(relation, t.L, base, step)


def _mirrored_start(goal: Relational, mirrored: Theorem) -> Theorem:
    """P(0, −o) = P(0, o)."""
    none, some = Eq(t.o, 0, evaluate=False), Ne(t.o, 0, evaluate=False)
    zero = kernel.unfold(t.PATHS, 0, {})
    same_place = kernel.congr(t.PATHS(S.Zero, -t.h), t.h, kernel.assume(none))
    here = kernel.congr(t.PATHS(S.Zero, t.h), t.h, kernel.assume(none))
    yes = kernel.nlinarith(goal, [mirrored, same_place, here, zero])
    away = [kernel.unfold(t.PATHS, 1, {t.o: at}, [some]) for at in (t.o, -t.o)]
    no = kernel.nlinarith(goal, [mirrored, *away])
    return kernel.cases(none, yes, no)


PROOFS: Mapping[str, Proof] = {
    "dilation.path-counts/polynomial": generating,
    "dilation.path-counts/path": path,
    "dilation.path-counts/symmetric": symmetric,
}
