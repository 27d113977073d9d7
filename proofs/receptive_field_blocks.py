# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field_blocks`` are true.

That no tap of a decoder is missing: the largest tap of the last layer that does not overshoot leaves a remainder
within what the layers before it span. The rest is induction on the number of layers, and what is known of one layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sympy import Eq, Expr, Ge, Gt, IndexedBase, Le, Lt, Max, Min, Ne, S, Symbol
from sympy.core.relational import Relational

from ..theory import receptive_field_blocks as blocks
from ..theory import receptive_field_terms as t
from ..theory.claim import Definition, ForAll, Sequent
from ..theory.receptive_field_layers import seen
from . import kernel
from .calc import equation
from .dilation_coverage import largest_digit
from .dilation_steps import arithmetic, deep
from .kernel import Given, Theorem
from .receptive_field_steps import LAYERS, families, unit_form
from .steps import inside
from .sums import one_term, vanishing
from .terms import substitute
from .verify import Proof, by_claim

# --- how many paths of taps lead how far -----------------------------------------------------------------------------


def unfolded(offset: Expr, depth: Expr = t.L, given: Given = (LAYERS,)) -> Theorem:
    """ways(n + 1, o) = Σ_j ways(n, o − j r_{n+1} Π_{i≤n} s_i)."""
    return kernel.unfold(t.WAYS, 2, {t.n: depth + 1, t.o: offset}, given)


def by_depth(goal: Relational, step: Theorem, given: Given = (), depth: Symbol = t.L) -> Theorem:
    """Induction of a relation about ways(depth, o), for every o at once."""
    start = substitute(goal, {depth: S.Zero})
    zero, other = Eq(t.o, 0, evaluate=False), Ne(t.o, 0, evaluate=False)
    moved = kernel.congr(t.WAYS(S.Zero, t.m), t.m, kernel.assume(zero))
    one = kernel.trans(moved, kernel.unfold(t.WAYS, 0, {}))
    none = kernel.unfold(t.WAYS, 1, {t.o: t.o}, [other])
    sides = (arithmetic(start, [known, case, *given]) for known, case in ((one, zero), (none, other)))
    return kernel.induction(goal, depth, kernel.cases(zero, *sides), step)


@cache
def nonnegative() -> Theorem:
    """ways(L, o) ≥ 0: sums of counts that are ≥ 0."""
    goal = Ge(t.WAYS(t.L, t.o), 0)
    once = unfolded(t.o)
    total = kernel.positivity(Ge(once.relation.rhs, 0, evaluate=False), [ForAll((t.o,), goal)])
    return by_depth(goal, kernel.nlinarith(Ge(once.relation.lhs, 0), [once, total]))


def count(offset: Expr, depth: Expr = t.L, given: Given = (LAYERS,)) -> Theorem:
    """ways(n, offset) ≥ 0."""
    return deep(kernel.instantiate(nonnegative(), {t.L: depth, t.o: offset}, given), depth, given)


def positive_step(depth: Expr, strides: ForAll, rates: ForAll) -> Theorem:
    """r_{n+1} Π_{i≤n} s_i ≥ 1."""
    product = kernel.positivity(Gt(t.strides_to(depth), 0), [strides])
    rate = kernel.specialize(rates, {t.l: depth + 1})
    return kernel.nlinarith(Ge(t.tap_step(depth + 1), 1), [product, rate])


def extended(depth: Expr, given: Given) -> Theorem:
    """span(n + 1) = span(n) + r_{n+1} (k_{n+1} − 1) Π_{i≤n} s_i."""
    more = t.tap_step(depth + 1) * (t.k[depth + 1] - 1)
    return kernel.ring(equation(t.span(depth + 1), t.span(depth) + more), given)


def about(goal: Sequent, family: IndexedBase) -> ForAll:
    """The hypothesis that bounds every member of a family, or says what it is."""
    return next(h for h in families(goal) if not h.conditions and h.body.lhs == family[t.l])


def tap(goal: Sequent) -> Theorem:
    """Induction: the path of the layers before is one term of the new sum."""
    relation = goal.relation
    after = substitute(relation, {t.L: t.L + 1})
    offset, before, step = after.lhs.args[1], relation.lhs.args[1], t.tap_step(t.L + 1)
    here = t.t[t.L + 1]
    once = unfolded(offset)
    term = one_term(once.relation.rhs, here, count(offset - t.j * step), [LAYERS, *families(goal)])
    back = kernel.ring(equation(offset - step * here, before), [LAYERS])
    link = kernel.congr(t.WAYS(t.L, t.m), t.m, back)
    more = kernel.nlinarith(after, [once, term, link, kernel.assume(relation)])
    start = kernel.ring(equation(substitute(before, {t.L: S.Zero}), S.Zero))
    moved = kernel.congr(t.WAYS(S.Zero, t.m), t.m, start)
    base = kernel.nlinarith(substitute(relation, {t.L: S.Zero}), [moved, kernel.unfold(t.WAYS, 0, {})])
    return kernel.induction(relation, t.L, base, more)


def before(goal: Sequent) -> Theorem:
    """Every tap leads further from the taps that there are."""
    relation, negative = goal.relation, next(h for h in goal.hypotheses if isinstance(h, Lt))
    strides, rates = about(goal, t.s), about(goal, t.r)
    step = positive_step(t.L, strides, rates)
    once = unfolded(t.o)
    total = once.relation.rhs
    back = step.relation.lhs * t.j
    product = kernel.nlinarith(Ge(back, 0), [step, *inside(total)])
    further = kernel.nlinarith(Lt(t.o - back, 0), [product, negative])
    each = kernel.specialize(ForAll((t.o,), relation, (negative,)), {t.o: t.o - back}, [further])
    return by_depth(relation, kernel.trans(once, vanishing(total, each)), [negative])


@cache
def beyond(strides: ForAll, rates: ForAll) -> Theorem:
    """Min(ways(L, o), o − span(L) + 1) ≤ 0: beyond the span, every tap leads beyond the smaller span."""
    goal = Le(Min(t.WAYS(t.L, t.o), t.o - t.span(t.L) + 1), 0)
    after = substitute(goal, {t.L: t.L + 1})
    once, size, step = unfolded(t.o), extended(t.L, [LAYERS]), positive_step(t.L, strides, rates)
    outside = Ge(t.o, t.span(t.L + 1))
    back = step.relation.lhs * t.j
    most = step.relation.lhs * (t.k[t.L + 1] - 1)
    least = kernel.nlinarith(Le(back, most), [step, *inside(once.relation.rhs)])
    known = kernel.specialize(ForAll((t.o,), goal), {t.o: t.o - back})
    facts = [known, count(t.o - back), least, size, outside]
    none = kernel.nlinarith(equation(t.WAYS(t.L, t.o - back), S.Zero), facts)
    total = kernel.trans(once, vanishing(once.relation.rhs, none))
    within = Lt(*outside.args, evaluate=False)
    step_shown = kernel.cases(within, kernel.nlinarith(after, [within]), kernel.nlinarith(after, [total]))
    start = kernel.ring(equation(t.span(S.Zero), S.One))
    return by_depth(goal, step_shown, [start])


def after(goal: Sequent) -> Theorem:
    """Beyond the span there is nothing."""
    known = beyond(about(goal, t.s), about(goal, t.r))
    return kernel.nlinarith(goal.relation, [known, count(t.o), *goal.hypotheses])


@cache
def greedy(close: ForAll, kernels: ForAll, strides: ForAll, rates: ForAll) -> Theorem:
    """Max(ways(n, o), −o, o − span(n) + 1, n − L) ≥ 1: up to depth L, no tap of the span is missing."""
    goal = Ge(Max(t.WAYS(t.n, t.o), -t.o, t.o - t.span(t.n) + 1, t.n - t.L), 1)
    deeper = Ge(t.n, 0)
    then = substitute(goal, {t.n: t.n + 1})
    cases = [Le(t.n + 1, t.L), Ge(t.o, 0), Lt(t.o, t.span(t.n + 1))]
    step = positive_step(t.n, strides, rates)
    small = kernel.specialize(close, {t.x: t.n}, [deeper, *cases])
    facts = [deeper, *cases, step, small, extended(t.n, [deeper]), kernels, strides, rates]
    rate = step.relation.lhs
    digit, known = largest_digit(t.o, rate, t.k[t.n + 1] - 1, t.span(t.n) - 1, facts)
    below = known[2].relation.lhs
    there = kernel.specialize(ForAll((t.o,), goal), {t.o: below}, [*known, *facts])
    reached = kernel.nlinarith(Ge(t.WAYS(t.n, below), 1), [there, *known, *facts])
    once = unfolded(t.o, t.n, [deeper])
    term = one_term(once.relation.rhs, digit, count(t.o - t.j * rate, t.n, [deeper]), [*known, *facts])
    inner = kernel.nlinarith(then, [reached, once, term])
    for h in reversed(cases):
        no = {Le: Gt, Ge: Lt, Lt: Ge}[h.func](*h.args, evaluate=False)
        inner = kernel.cases(h, inner, kernel.nlinarith(then, [no]))
    return by_depth(goal, inner, [kernel.ring(equation(t.span(S.Zero), S.One))], t.n)


def every_tap(goal: Sequent) -> Theorem:
    """The greedy taps, at the full depth."""
    close = next(h for h in families(goal) if h.conditions)
    shown = greedy(close, *(about(goal, family) for family in (t.k, t.s, t.r)))
    return kernel.nlinarith(goal.relation, [kernel.instantiate(shown, {t.n: t.L}, goal.hypotheses), *goal.hypotheses])


@cache
def close_enough(wide: ForAll, strides: ForAll, undilated: ForAll) -> Theorem:
    """0 ≤ x < L ⊢ r_{x+1} Π_{i≤x} s_i ≤ span(x), from k_l ≥ s_l for 1 ≤ l < L and r_l = 1."""
    goal = Ge(Max(t.span(t.x) - t.strides_to(t.x), t.x - t.L), 0)
    then = substitute(goal, {t.x: t.x + 1})
    start, last = Ge(t.x, 0), Lt(t.x + 1, t.L)
    product = kernel.positivity(Gt(t.strides_to(t.x), 0), [strides])
    one = kernel.specialize(undilated, {t.l: t.x + 1})
    wider = kernel.specialize(wide, {t.l: t.x + 1}, [start, last])
    longer = kernel.ring(equation(t.strides_to(t.x + 1), t.strides_to(t.x) * t.s[t.x + 1]), [start])
    taps = t.k[t.x + 1]
    more = kernel.nlinarith(Ge(t.strides_to(t.x) * taps, longer.relation.rhs), [product, wider])
    unit = kernel.linear_combination(
        equation(t.tap_step(t.x + 1) * (taps - 1), t.strides_to(t.x) * (taps - 1)),
        [(t.strides_to(t.x) * (taps - 1), one)],
    )
    yes = kernel.nlinarith(then, [kernel.assume(goal), extended(t.x, [start]), longer, more, unit, last])
    no = Ge(*last.args, evaluate=False)
    step = kernel.cases(last, yes, kernel.nlinarith(then, [no]))
    at_zero = [kernel.ring(equation(f(S.Zero), S.One)) for f in (t.span, t.strides_to)]
    shown = kernel.induction(goal, t.x, kernel.nlinarith(substitute(goal, {t.x: S.Zero}), at_zero), step)
    same = kernel.linear_combination(equation(t.tap_step(t.x + 1), t.strides_to(t.x)), [(t.strides_to(t.x), one)])
    return kernel.nlinarith(Le(t.tap_step(t.x + 1), t.span(t.x)), [shown, same, start, Lt(t.x, t.L)])


def every_tap_undilated(goal: Sequent) -> Theorem:
    """Kernels as long as strides bring the taps close enough."""
    wide = next(h for h in families(goal) if h.conditions)
    undilated, strides = about(goal, t.r), about(goal, t.s)
    shown = greedy(blocks.CLOSE, about(goal, t.k), strides, t.DILATIONS)
    at_least = kernel.nlinarith(Ge(t.r[t.l], 1), [kernel.specialize(undilated, {t.l: t.l})])
    shown = kernel.discharge_all(shown, blocks.CLOSE, close_enough(wide, strides, undilated))
    shown = kernel.discharge_all(shown, t.DILATIONS, at_least)
    return kernel.nlinarith(goal.relation, [kernel.instantiate(shown, {t.n: t.L}, goal.hypotheses), *goal.hypotheses])


# --- the stack as one layer ------------------------------------------------------------------------------------------


def _placed(definition: Definition, place: Expr) -> Theorem:
    return kernel.instantiate(unit_form(definition), {t.o: place})


def path(goal: Sequent) -> Theorem:
    """The path pulled through all layers."""
    return kernel.linear_combination(goal.relation, [(S.One, _placed(t.UNIT, t.a))], goal.hypotheses)


def one_output(goal: Sequent) -> Theorem:
    """Two paths pulled through all layers; their ends are the same."""
    same = next(h for h in goal.hypotheses if isinstance(h, Eq))
    first, second = _placed(t.UNIT, t.a), _placed(t.UNIT_OTHER, t.b)
    links = [(S.One, first), (S.NegativeOne, second), (S.NegativeOne, kernel.assume(same))]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


def only_one_output(goal: Sequent) -> Theorem:
    """The other way round."""
    apart = next(h for h in goal.hypotheses if isinstance(h, Eq))
    first, second = _placed(t.UNIT, t.a), _placed(t.UNIT_OTHER, t.b)
    links = [(S.One, first), (S.NegativeOne, second), (S.NegativeOne, kernel.assume(apart))]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


def number(goal: Sequent) -> Theorem:
    """As for one layer of the stack's extent and stride."""
    step, size = t.strides_to(t.L), t.span(t.L)
    one = kernel.instantiate(by_claim("receptive_field.transposed", "number"), {t.stride: step, t.K: size})
    product = kernel.positivity(Gt(step, 0), goal.hypotheses)
    one = kernel.discharge(one, kernel.nlinarith(Ge(step, 1), [product]))
    terms = kernel.positivity(Ge(size - 1, 0), goal.hypotheses)
    one = kernel.discharge(one, kernel.nlinarith(Ge(size, 0), [terms]))
    return kernel.nlinarith(goal.relation, [one, *goal.hypotheses])


def by_remainder(part: str) -> Proof:
    """As for one layer: the extent of the stack is what the hypothesis says."""

    def proof(goal: Sequent) -> Theorem:
        step = t.strides_to(t.L)
        given = [kernel.nlinarith(Ne(step, 0), goal.hypotheses), *goal.hypotheses]
        known = kernel.assume(next(h for h in goal.hypotheses if isinstance(h, Eq)))
        one = kernel.instantiate(by_claim("receptive_field.transposed", part), {t.stride: step}, given)
        output = step * t.a + t.b
        left = kernel.congr(seen(output, t.m, step), t.m, known, given)
        rounded = one.relation.rhs.func(t.m / step)
        right = kernel.congr(rounded, t.m, known, given)
        links = [(S.One, left), (S.One, one), (S.NegativeOne, right)]
        return kernel.linear_combination(goal.relation, links, given)

    return proof


# --- layers behind branches ------------------------------------------------------------------------------------------


def outermost(part: str) -> Proof:
    """The layers' end, stretched, and the branch's end."""

    def proof(goal: Sequent) -> Theorem:
        ends = by_claim("receptive_field.definition", part)
        small, large = ends.relation.args
        wider = Ge(t.stride, 1)
        stretched = kernel.nlinarith(Le(t.stride * small, t.stride * large), [ends, wider])
        return kernel.nlinarith(goal.relation, [stretched, *goal.hypotheses])

    return proof


def end_reached(part: str) -> Proof:
    """The layers' end is reached, and the branch's end is the outermost."""

    def proof(goal: Sequent) -> Theorem:
        branch = next(h for h in goal.hypotheses if isinstance(h, Eq))
        links = [(t.stride, by_claim("receptive_field.definition", part)), (S.One, kernel.assume(branch))]
        return kernel.linear_combination(goal.relation, links)

    return proof


def block_size(goal: Sequent) -> Theorem:
    """The size of the layers, stretched."""
    links = [(t.stride, by_claim("receptive_field.definition", "size"))]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


PROOFS: Mapping[str, Proof] = {
    "receptive_field.transposed-stack/path": path,
    "receptive_field.transposed-stack/tap": tap,
    "receptive_field.transposed-stack/before": before,
    "receptive_field.transposed-stack/after": after,
    "receptive_field.transposed-stack/every-tap": every_tap,
    "receptive_field.transposed-stack/every-tap-undilated": every_tap_undilated,
    "receptive_field.transposed-stack/number": number,
    "receptive_field.transposed-stack/more": by_remainder("more"),
    "receptive_field.transposed-stack/fewer": by_remainder("fewer"),
    "receptive_field.transposed-stack/one-output": one_output,
    "receptive_field.transposed-stack/only-one-output": only_one_output,
    "receptive_field.inception/first": outermost("first"),
    "receptive_field.inception/last": outermost("last"),
    "receptive_field.inception/first-reached": end_reached("first-reached"),
    "receptive_field.inception/last-reached": end_reached("last-reached"),
    "receptive_field.inception/size": block_size,
}


def _decoder(depth: int, **values: int | Callable[[int], int]) -> dict[Any, Any]:
    """An undilated stack without holes, and values of families and symbols."""
    layers = {t.k: lambda l: 2 + l % 3, t.s: lambda l: 1 + l % 2, t.p: lambda l: l % 3, t.r: lambda l: 1}
    names = {str(f): f for f in (t.t, t.u, t.A, t.B, t.a, t.b, t.c, t.d, t.o, t.m)}
    given = {names[name]: value for name, value in values.items()}
    return {t.L: depth, t.stride: 2, **layers, **given}


def _first(size: int) -> Callable[[int], int]:
    """A tap of layer 1; the other layers have tap 1."""
    return lambda l: size if l == 1 else 1


_BRANCHES: dict[str, Any] = {"A": lambda j: j % 3, "B": lambda j: 5 + j % 2, "a": 0, "b": 6, "m": 3}

# values that satisfy hypotheses about whole families, which random values do not
MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "receptive_field.transposed-stack": [
        _decoder(2, t=_first(2), u=_first(0), a=1, b=2, c=4, d=1, o=3),  # K = 9, S = 2
        _decoder(2, t=_first(0), u=_first(2), a=3, b=2, c=4, d=1, o=8),
        _decoder(3, t=lambda l: 1, u=lambda l: 1, a=2, b=2, c=2, d=3, o=7),  # K = 11, S = 4
        _decoder(3, t=lambda l: l % 2, u=lambda l: l % 2, a=-1, b=3, c=2, d=3, o=10),
        _decoder(2, t=lambda l: 0, u=lambda l: 0, a=5, b=0, c=4, d=1, o=0),
        _decoder(3, t=lambda l: 1 + l % 3, u=lambda l: 0, a=1, b=1, c=2, d=3, o=5),
    ],
    "receptive_field.inception": [
        _decoder(depth, t=taps, o=output, **_BRANCHES)
        for depth, output in ((2, 3), (3, -1), (1, 0))
        for taps in (lambda l: 0, lambda l: 1 + l % 3, lambda l: 1)
    ],
}
