# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field`` are true.

Everything is induction on the number of layers. A recursion from the output down to the input changes its
second argument on the way, so its induction hypothesis is general in that argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Ge, Gt, IndexedBase, Le, Lt, Mul, Ne, S, ceiling, floor, preorder_traversal
from sympy.core.relational import Relational

from ..theory import receptive_field as t
from ..theory.claim import Definition, ForAll, Sequent
from . import kernel
from .calc import calc, equation, ring
from .kernel import Given, Theorem
from .terms import Undecided, substitute
from .verify import Proof, by_claim

LAYERS = Ge(t.L, 0)


def by_nlinarith(goal: Sequent) -> Theorem:
    """Arithmetic from the hypotheses."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def recursive(definition: Definition, layer: Expr, given: Sequence[Relational] = ()) -> Theorem:
    """f(layer) = step(f(layer − 1)); at a number, its last case that applies."""
    case = next(e for e, c in enumerate(definition.cases) if c.pattern[0] in (layer, t.n))
    values = {v: layer if v == t.n else v for v in definition.parameters}
    if definition.cases[case].pattern[0] != t.n:
        del values[t.n]
    return kernel.unfold(definition, case, values, given)


def pulled(relation: Relational, definition: Definition) -> Theorem:
    """f(L, y) = closed(L, y) by induction on L, for every y at once."""
    y = definition.parameters[1]
    base_goal, step_goal = (substitute(relation, {t.L: at}) for at in (S.Zero, t.L + 1))
    base = calc(base_goal.lhs).eq(y, kernel.unfold(definition, 0, {y: y})).eq(base_goal.rhs).close()
    unfolded = kernel.unfold(definition, 1, {t.n: t.L + 1, y: y}, [LAYERS])
    inner = unfolded.relation.rhs.args[1]
    below = kernel.specialize(ForAll((y,), relation), {y: inner})
    step = calc(step_goal.lhs).eq(unfolded.relation.rhs, unfolded).eq(below.relation.rhs, below)
    return kernel.induction(relation, t.L, base, step.eq(step_goal.rhs, ring([LAYERS])).close())


def stacked(
    relation: Relational,
    definition: Definition,
    steps: Sequence[tuple[Expr, Theorem]] = (),
    given: Sequence[Relational] = (),
) -> Theorem:
    """f(L) = closed(L) by induction on L; ``steps`` are further equations that the step combines, with factors."""
    base_goal, step_goal = (substitute(relation, {t.L: at}) for at in (S.Zero, t.L + 1))
    base = calc(base_goal.lhs).eq(definition.cases[0].body, kernel.unfold(definition, 0, {}))
    base = base.eq(base_goal.rhs, ring(given))
    unfolded = kernel.unfold(definition, 1, {t.n: t.L + 1}, [LAYERS])
    last = definition(t.L)
    factor = unfolded.relation.rhs.expand().coeff(last)
    links = [(S.One, unfolded), (factor, kernel.assume(relation)), *steps]
    step = kernel.linear_combination(step_goal, links, [LAYERS, *given])
    return kernel.induction(relation, t.L, base.close(), step)


def unit_form(definition: Definition = t.UNIT) -> Theorem:
    """Where a path, the first path or the last path ends: o Π s + Σ offset Π s."""
    offset = _offset(definition)
    return pulled(equation(definition(t.L, t.o), t.pulled_back(t.o, offset, t.L)), definition)


def _offset(definition: Definition) -> Expr:
    """What layer l adds to s·o in one step of the definition."""
    inner = substitute(definition.cases[1].body.args[1], {t.n: t.l})
    return inner - t.s[t.l] * t.o


def path(goal: Sequent) -> Theorem:
    """Induction on the depth, for every output at once."""
    return pulled(goal.relation, t.UNIT)


def bounded(goal: Sequent) -> Theorem:
    """Both sides pulled back to the input; the sums compare layer by layer, because products of strides are > 0."""
    first, second = (unit_form(d) for d in _edges(goal.relation))
    product = t.Product(t.s[t.i], (t.i, 1, t.l - 1))
    positive = kernel.positivity(Gt(product, 0), _families(goal))
    small, large = (th.relation.rhs.args for th in (first, second))
    lower, upper = (next(e for e in side if isinstance(e, t.Sum)) for side in (small, large))
    each = kernel.nlinarith(t.Le(lower.function, upper.function, evaluate=False), [positive, *_families(goal)])
    sums = kernel.termwise(each, t.l, S.One, t.L)
    return kernel.nlinarith(goal.relation, [first, second, sums])


def _edges(relation: Relational) -> tuple[Definition, Definition]:
    """The definitions of the two sides of "first ≤ unit" or "unit ≤ last"."""
    by_name = {d.name: d for d in (t.UNIT, t.LEFT, t.RIGHT)}
    return tuple(by_name[side.func.__name__] for side in relation.args)  # type: ignore[return-value]


def _families(goal: Sequent) -> list[ForAll]:
    return [h for h in goal.hypotheses if isinstance(h, ForAll)]


def reached(goal: Sequent) -> Theorem:
    """Both sides pulled back to the input; the taps are equal in every layer."""
    first, second = (unit_form(d) for d in _edges(goal.relation))
    taps = kernel.specialize(_families(goal)[0], {t.l: t.l})
    lower, upper = (next(e for e in th.relation.rhs.args if isinstance(e, t.Sum)) for th in (first, second))
    factor = t.r[t.l] * t.Product(t.s[t.i], (t.i, 1, t.l - 1))
    each = kernel.linear_combination(equation(lower.function, upper.function), [(factor, taps)])
    sums = kernel.termwise(each, t.l, S.One, t.L)
    return kernel.linear_combination(goal.relation, [(1, first), (-1, second), (1, sums)])


def size(goal: Sequent) -> Theorem:
    """The ends pulled back to the input: the output's place and the paddings cancel."""
    links = [(S.One, unit_form(t.RIGHT)), (S.NegativeOne, unit_form(t.LEFT))]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


def jump_product(goal: Sequent) -> Theorem:
    return stacked(goal.relation, t.JUMP)


def moved(goal: Sequent) -> Theorem:
    """The pulled-back output moves by the product of the strides."""
    definition = {d.name: d for d in (t.UNIT, t.LEFT, t.RIGHT)}[goal.relation.lhs.args[-1].func.__name__]
    here = unit_form(definition)
    there = kernel.instantiate(here, {t.o: t.o + t.d})
    product = jump_product(Sequent("", equation(t.JUMP(t.L), t.strides_to(t.L))))
    links = [(S.One, there), (S.NegativeOne, here), (-t.d, product)]
    return kernel.linear_combination(goal.relation, links, goal.hypotheses)


def bottom_up(goal: Sequent) -> Theorem:
    """Induction: the new term is (k − 1) times the jump, which is the product of the strides before it."""
    jump = by_claim("receptive_field.jump", "product")
    return stacked(goal.relation, t.BOTTOM_UP, [(t.reach(t.L + 1), jump)])


def run(goal: Sequent) -> Theorem:
    """Induction on the depth, for every length at the top at once."""
    return pulled(goal.relation, t.TOP_DOWN)


def _closed_run() -> Theorem:
    return run(Sequent("", equation(t.TOP_DOWN(t.L, t.m), (t.m - 1) * t.strides_to(t.L) + t.span(t.L))))


def top_down(goal: Sequent) -> Theorem:
    """A run of one unit."""
    return kernel.linear_combination(goal.relation, [(1, kernel.instantiate(_closed_run(), {t.m: S.One}))])


def agree(goal: Sequent) -> Theorem:
    """Both are the closed form."""
    up = bottom_up(Sequent("", equation(t.BOTTOM_UP(t.L), t.span(t.L))))
    down = kernel.instantiate(_closed_run(), {t.m: S.One})
    return kernel.linear_combination(goal.relation, [(1, down), (-1, up)])


def one_unit(goal: Sequent) -> Theorem:
    """The closed form is the length of the hull."""
    down = by_claim("receptive_field.closed-form", "top-down")
    return kernel.linear_combination(goal.relation, [(1, down), (-1, by_claim("receptive_field.definition", "size"))])


def units(goal: Sequent) -> Theorem:
    """The run's closed form against the ends of what its first and its last unit reach."""
    down = kernel.instantiate(by_claim("receptive_field.closed-form", "run"), {t.m: t.b - t.a + 1})
    right = kernel.instantiate(unit_form(t.RIGHT), {t.o: t.b})
    left = kernel.instantiate(unit_form(t.LEFT), {t.o: t.a})
    return kernel.linear_combination(goal.relation, [(1, down), (-1, right), (1, left)], goal.hypotheses)


def from_below(goal: Sequent) -> Theorem:
    """The closed form is the length of the hull."""
    up = by_claim("receptive_field.closed-form", "bottom-up")
    return kernel.linear_combination(goal.relation, [(1, up), (-1, by_claim("receptive_field.definition", "size"))])


def forward(goal: Sequent) -> Theorem:
    """Induction: every term gains the new stride, which comes after it; the new layer's own term is the first."""
    after = substitute(goal.relation.rhs, {t.L: t.L + 1})
    total = next(e for e in after.args if isinstance(e, t.Sum))
    first_off = kernel.split(total, S.Zero, [LAYERS])
    return stacked(goal.relation, t.FORWARD, [(S.NegativeOne, first_off)])


def computed(*definitions: Definition) -> Proof:
    """A value at small depth, by unfolding the definitions down to the input."""

    def proof(goal: Sequent) -> Theorem:
        depth = int(goal.relation.lhs.args[0])
        known = [recursive(d, S(e)) for d in definitions for e in range(depth + 1)]
        return kernel.nlinarith(goal.relation, [*known, *goal.hypotheses])

    return proof


def top_down_value(goal: Sequent) -> Theorem:
    """The closed form, written out."""
    depth = int(goal.relation.lhs.args[0])
    closed = kernel.instantiate(_closed_run(), {t.L: S(depth), t.m: S.One})
    closed = kernel.discharge(closed, kernel.nlinarith(Ge(S(depth), 0, evaluate=False)))
    terms = [t.reach(S(e)) * Mul(*(t.s[i] for i in range(1, e))) for e in range(1, depth + 1)]
    written = calc(goal.relation.lhs).eq(closed.relation.rhs, closed).eq(1 + Add(*terms)).close()
    return kernel.nlinarith(goal.relation, [written, *goal.hypotheses])


def _jump_product() -> Theorem:
    return by_claim("receptive_field.jump", "product")


def start_form() -> Theorem:
    """start(L) = −Σ p Π s: the jump in every step is the product of the strides before."""
    closed = equation(t.START(t.L), -t.weighted(t.p[t.l], t.L))
    return stacked(closed, t.START, [(-t.p[t.L + 1], _jump_product())])


def center_form() -> Theorem:
    """center(L) = Σ (r (k − 1)/2 − p) Π s."""
    closed = equation(t.CENTER(t.L), t.weighted(t.reach(t.l) / 2 - t.p[t.l], t.L))
    return stacked(closed, t.CENTER, [(t.reach(t.L + 1) / 2 - t.p[t.L + 1], _jump_product())])


def effective_padding(goal: Sequent) -> Theorem:
    """Induction, with the jump as a product."""
    return stacked(goal.relation, t.START, [(-t.p[t.L + 1], _jump_product())])


def combined(*links: tuple[Expr, Callable[[], Theorem]]) -> Proof:
    """A linear combination of pulled-back forms."""

    def proof(goal: Sequent) -> Theorem:
        return kernel.linear_combination(goal.relation, [(e, make()) for e, make in links], goal.hypotheses)

    return proof


def at_zero(definition: Definition) -> Callable[[], Theorem]:
    return lambda: kernel.instantiate(unit_form(definition), {t.o: S.Zero})


def at_o(definition: Definition) -> Callable[[], Theorem]:
    return lambda: unit_form(definition)


def same_padding(goal: Sequent) -> Theorem:
    """Induction: every step adds nothing."""
    (padding,) = _families(goal)
    none = kernel.specialize(padding, {t.l: t.L + 1})
    return stacked(goal.relation, t.CENTER, [(-t.JUMP(t.L) / 2, none)])


def only_same_padding(goal: Sequent) -> Theorem:
    """Between two centres at 0 a layer has added nothing, and the jump before it is not 0."""
    at_least, _, centers = goal.hypotheses
    here, before = (kernel.specialize(centers, {t.l: at}, [at_least]) for at in (t.n, t.n - 1))
    unfolded = recursive(t.CENTER, t.n, [at_least])
    product = kernel.instantiate(_jump_product(), {t.L: t.n - 1})
    product = kernel.discharge(product, kernel.nlinarith(Ge(t.n - 1, 0), [at_least]))
    scale = t.strides_to(t.n - 1)
    shift = t.reach(t.n) / 2 - t.p[t.n]
    links = [(1, here), (-1, before), (-1, unfolded), (-shift, product)]
    nothing = kernel.linear_combination(equation(shift * scale, S.Zero), links)
    return kernel.linear_combination(goal.relation, [(-2 / scale, nothing)], goal.hypotheses)


def half_a_jump(goal: Sequent) -> Theorem:
    """One step of the recursion, with the padding of the hypothesis."""
    at_least, padding = goal.hypotheses
    links = [(S.One, recursive(t.CENTER, t.n, [at_least])), (-t.JUMP(t.n - 1) / 2, kernel.assume(padding))]
    return kernel.linear_combination(goal.relation, links)


def adds_a_jump(goal: Sequent) -> Theorem:
    """One step of the recursion."""
    depth, kernel_is, dilation_is = goal.hypotheses
    unfolded = recursive(t.BOTTOM_UP, t.L + 1, [depth])
    two, one = kernel.assume(kernel_is), kernel.assume(dilation_is)
    jump, rate = t.JUMP(t.L), t.r[t.L + 1]
    return kernel.linear_combination(goal.relation, [(1, unfolded), (jump * rate, two), (jump, one)])


def doubles_the_jump(goal: Sequent) -> Theorem:
    """One step of the recursion."""
    depth, stride_is = goal.hypotheses
    unfolded = recursive(t.JUMP, t.L + 1, [depth])
    return kernel.linear_combination(goal.relation, [(1, unfolded), (t.JUMP(t.L), kernel.assume(stride_is))])


def _constants(goal: Sequent, at: Expr) -> dict[IndexedBase, Theorem]:
    """The hypotheses that a family is constant, at one layer."""
    return {h.body.lhs.base: kernel.specialize(h, {t.l: at}) for h in _families(goal)}


def constant_jump(goal: Sequent) -> Theorem:
    """Induction."""
    return stacked(goal.relation, t.JUMP, [(goal.relation.rhs, _constants(goal, t.L + 1)[t.s])])


def constant_size(goal: Sequent) -> Theorem:
    """Induction, with the jump as a power."""
    here = _constants(goal, t.L + 1)
    ratio = here[t.s].relation.rhs
    strides = [h for h in _families(goal) if h.body.lhs.base == t.s]
    power = constant_jump(Sequent("", equation(t.JUMP(t.L), ratio**t.L), (LAYERS, *strides)))
    taps, jump = t.k[t.L + 1] - 1, t.JUMP(t.L)
    steps = [(taps * jump, here[t.r]), (jump, here[t.k]), (here[t.k].relation.rhs - 1, power)]
    others = [h for h in goal.hypotheses if isinstance(h, Ne)]
    return stacked(goal.relation, t.BOTTOM_UP, steps, others)


def three(goal: Sequent) -> Theorem:
    """Unfolded to the input."""
    known = [recursive(f, S(e)) for f in (t.JUMP, t.BOTTOM_UP) for e in range(4)]
    layers = [th for e in range(1, 4) for th in _constants(goal, S(e)).values()]
    return kernel.nlinarith(goal.relation, [*known, *layers])


def weight_count(goal: Sequent) -> Theorem:
    """The same number in every layer."""
    here = _constants(goal, t.l)[t.k]
    size, total = here.relation.rhs, next(e for e in preorder_traversal(goal.relation.lhs) if isinstance(e, t.Sum))
    body, factor = total.function, (t.k[t.l] + size) * t.C**2
    each = kernel.linear_combination(equation(body, size**2 * t.C**2), [(factor, here)])
    sums = kernel.termwise(each, t.l, *total.limits[0][1:])
    scale = goal.relation.lhs / total
    return kernel.linear_combination(goal.relation, [(scale, sums)], goal.hypotheses)


def never_more(goal: Sequent) -> Theorem:
    """The difference is (L − 1)(L (K − 1)² − 1)."""
    deeper = kernel.nlinarith(Ge(t.L * (t.K - 1) ** 2 - 1, 0), goal.hypotheses)
    product = kernel.nlinarith(Ge((t.L - 1) * (t.L * (t.K - 1) ** 2 - 1), 0), [deeper, *goal.hypotheses])
    return kernel.nlinarith(goal.relation, [product])


def _quotient(numerator: Expr, denominator: Expr, whole: Expr, given: Given) -> Theorem:
    """⌊numerator/denominator⌋ = whole, from whole · denominator ≤ numerator < (whole + 1) · denominator."""
    bounds = [
        kernel.nlinarith(Le(whole * denominator, numerator, evaluate=False), given),
        kernel.nlinarith(Lt(numerator, (whole + 1) * denominator, evaluate=False), given),
        kernel.nlinarith(Ge(denominator, 1, evaluate=False), given),
    ]
    general = kernel.nlinarith(
        equation(floor(t.v / t.stride), t.n),
        [Le(t.n * t.stride, t.v), Lt(t.v, (t.n + 1) * t.stride), Ge(t.stride, 1)],
    )
    here = kernel.instantiate(general, {t.v: numerator, t.stride: denominator, t.n: whole}, given)
    for bound in bounds:
        here = kernel.discharge(here, bound)
    return here


def _floor_bounds(numerator: Expr, denominator: Expr, given: Given) -> list[Theorem]:
    """q · denominator ≤ numerator < (q + 1) · denominator, for q = ⌊numerator/denominator⌋."""
    whole = floor(numerator / denominator)
    return [
        kernel.nlinarith(Le(whole * denominator, numerator, evaluate=False), given),
        kernel.nlinarith(Lt(numerator, (whole + 1) * denominator, evaluate=False), given),
    ]


def nested_floors() -> Theorem:
    """⌊(⌊v/d⌋ + c)/s⌋ = ⌊(v + c d)/(s d)⌋ for d, s ≥ 1."""
    given = [Ge(t.d, 1), Ge(t.stride, 1)]
    inner = floor(t.v / t.d)
    outer = floor((inner + t.c) / t.stride)
    low, high = _floor_bounds(t.v, t.d, given)
    least, most = _floor_bounds(inner + t.c, t.stride, given)
    strict = kernel.nlinarith(Le(inner + t.c + 1, (outer + 1) * t.stride), [most, *given])
    scaled = [
        kernel.nlinarith(Le(outer * t.stride * t.d, (inner + t.c) * t.d), [least, *given]),
        kernel.nlinarith(Le((inner + t.c + 1) * t.d, (outer + 1) * t.stride * t.d), [strict, *given]),
    ]
    top, bottom = t.v + t.c * t.d, t.stride * t.d
    return kernel.symm(_quotient(top, bottom, outer, [low, high, *scaled, *given]))


def counted(goal: Sequent) -> Theorem:
    """A sum of ones over a range that is not negative."""
    total = next(e for e in preorder_traversal(goal.relation.lhs) if isinstance(e, t.Sum))
    _, lower, upper = total.limits[0]
    general = kernel.ring(equation(t.Sum(total.function, (t.i, t.a, t.b)), t.b - t.a + 1), [Ge(t.b - t.a + 1, 0)])
    here = kernel.instantiate(general, {t.a: lower, t.b: upper}, goal.hypotheses)
    here = kernel.discharge(here, kernel.nlinarith(Ge(upper - lower + 1, 0, evaluate=False), goal.hypotheses))
    return kernel.nlinarith(goal.relation, [here, *goal.hypotheses])


def stack_outputs(goal: Sequent) -> Theorem:
    """Induction: one more layer puts a floor around the floor, and nested floors are one."""
    step_goal = substitute(goal.relation, {t.L: t.L + 1})
    families = _families(goal)
    facts = [LAYERS, *families]
    base_goal = substitute(goal.relation, {t.L: S.Zero})
    ratio = next(e for e in base_goal.rhs.args if isinstance(e, floor)).args[0]
    alone = kernel.congr(floor(t.z) + 1, t.z, kernel.ring(equation(ratio, t.w - 1)))
    base = calc(base_goal.lhs).eq(t.w, kernel.unfold(t.OUT, 0, {t.w: t.w})).eq(base_goal.rhs, alone).close()
    unfolded = kernel.unfold(t.OUT, 1, {t.n: t.L + 1, t.w: t.w}, facts)
    by_hypothesis = kernel.rewrite(unfolded.relation.rhs, kernel.assume(goal.relation), facts)
    top, bottom = _fraction(next(e for e in goal.relation.rhs.args if isinstance(e, floor)).args[0])
    values = {t.v: top, t.d: bottom, t.c: 2 * t.p[t.L + 1] - t.reach(t.L + 1), t.stride: t.s[t.L + 1]}
    floors = kernel.instantiate(nested_floors(), values, facts)
    product = kernel.positivity(Gt(bottom, 0), facts)
    for bound in (kernel.nlinarith(Ge(bottom, 1), [product]), kernel.nlinarith(Ge(t.s[t.L + 1], 1), facts)):
        floors = kernel.discharge(floors, bound)
    one = kernel.rewrite(by_hypothesis.relation.rhs, floors, facts)
    merged = floors.relation.rhs.args[0]
    wanted = next(e for e in step_goal.rhs.args if isinstance(e, floor)).args[0]
    same_ratio = kernel.ring(equation(merged, wanted), [*facts, product])
    last = kernel.congr(floor(t.z) + 1, t.z, same_ratio, facts)
    chain = calc(step_goal.lhs).eq(unfolded.relation.rhs, unfolded).eq(by_hypothesis.relation.rhs, by_hypothesis)
    step = chain.eq(one.relation.rhs, one).eq(step_goal.rhs, last).close()
    return kernel.induction(goal.relation, t.L, base, step)


def _rounded(rounding: Expr, whole: Expr, given: Given) -> Theorem:
    """⌊v/d⌋ = whole or ⌈v/d⌉ = whole, by multiplying out."""
    top, bottom = _fraction(rounding.args[0])
    if isinstance(rounding, floor):
        return _quotient(top, bottom, whole, given)
    general = kernel.nlinarith(
        equation(ceiling(t.v / t.stride), t.n),
        [Lt((t.n - 1) * t.stride, t.v), Le(t.v, t.n * t.stride), Ge(t.stride, 1)],
    )
    here = kernel.instantiate(general, {t.v: top, t.stride: bottom, t.n: whole}, given)
    for bound in (Lt((whole - 1) * bottom, top), Le(top, whole * bottom), Ge(bottom, 1)):
        here = kernel.discharge(here, kernel.nlinarith(bound, given))
    return here


def _fraction(quotient: Expr) -> tuple[Expr, Expr]:
    bottom = next(e for e in preorder_traversal(quotient) if e.is_Pow and e.exp == -1).base
    return quotient * bottom, bottom


def same_size(goal: Sequent) -> Theorem:
    """With q = ⌊(n − 1)/s⌋: s q < n ≤ s (q + 1)."""
    down = next(e for e in preorder_traversal(goal.relation.lhs) if isinstance(e, floor))
    up = next(e for e in preorder_traversal(goal.relation.rhs) if isinstance(e, ceiling))
    bounds = _floor_bounds(*_fraction(down.args[0]), goal.hypotheses)
    return kernel.nlinarith(goal.relation, [_rounded(up, down + 1, [*bounds, *goal.hypotheses]), *goal.hypotheses])


def remainders(goal: Sequent) -> Theorem:
    """Quotient by quotient: each is a, a − c − 1, a − c, c or c + 1, whichever the kernel accepts."""
    known = []
    for rounding in goal.relation.atoms(floor, ceiling):
        for whole in (t.a, t.a - t.c - 1, t.a - t.c, t.c, t.c + 1):
            try:
                known.append(_rounded(rounding, whole, goal.hypotheses))
            except Undecided:
                continue
            break
    return kernel.nlinarith(goal.relation, [*known, *goal.hypotheses])


def by_evaluation(definitions: Sequence[Definition]) -> Proof:
    """One exact evaluation over the table of layers."""
    return lambda goal: kernel.decide(goal.relation, {}, definitions)


PROOFS: Mapping[str, Proof] = {
    "receptive_field.definition/layer-first": by_nlinarith,
    "receptive_field.definition/layer-last": by_nlinarith,
    "receptive_field.definition/path": path,
    "receptive_field.definition/first": bounded,
    "receptive_field.definition/last": bounded,
    "receptive_field.definition/first-reached": reached,
    "receptive_field.definition/last-reached": reached,
    "receptive_field.definition/size": size,
    "receptive_field.jump/product": jump_product,
    "receptive_field.jump/unit": moved,
    "receptive_field.jump/left": moved,
    "receptive_field.jump/right": moved,
    "receptive_field.closed-form/bottom-up": bottom_up,
    "receptive_field.closed-form/top-down": top_down,
    "receptive_field.closed-form/run": run,
    "receptive_field.closed-form/agree": agree,
    "receptive_field.top-down/one-unit": one_unit,
    "receptive_field.top-down/run": units,
    "receptive_field.bottom-up": from_below,
    "receptive_field.order-matters/what-it-computes": forward,
    "receptive_field.order-matters/wrong": computed(t.FORWARD),
    "receptive_field.order-matters/right": top_down_value,
    "receptive_field.own-stride/own-gives": computed(t.JUMP, t.OWN_STRIDE),
    "receptive_field.own-stride/last-gives": computed(t.LAST_STRIDE),
    "receptive_field.own-stride/truth": computed(t.JUMP, t.BOTTOM_UP),
    "receptive_field.start/first": combined((S.One, start_form), (S.NegativeOne, at_zero(t.LEFT))),
    "receptive_field.start/effective-padding": effective_padding,
    "receptive_field.start/every-output": combined(
        (S.One, at_o(t.LEFT)), (S.NegativeOne, start_form), (-t.o, _jump_product)
    ),
    "receptive_field.start/center": combined(
        (S.One, center_form), (-S.Half, at_zero(t.LEFT)), (-S.Half, at_zero(t.RIGHT))
    ),
    "receptive_field.start/every-center": combined(
        (S.NegativeOne, center_form), (S.Half, at_o(t.LEFT)), (S.Half, at_o(t.RIGHT)), (-t.o, _jump_product)
    ),
    "receptive_field.alignment/same": same_padding,
    "receptive_field.alignment/only-same": only_same_padding,
    "receptive_field.alignment/even-more": half_a_jump,
    "receptive_field.alignment/even-less": half_a_jump,
    "receptive_field.padding-independent/size": combined(
        (S.One, at_o(t.RIGHT)),
        (S.NegativeOne, at_o(t.LEFT)),
        (S.NegativeOne, at_o(t.RIGHT_OTHER)),
        (S.One, at_o(t.LEFT_OTHER)),
    ),
    "receptive_field.padding-independent/clipped": by_nlinarith,
    "receptive_field.padding-independent/inside": by_nlinarith,
    "receptive_field.padding-independent/left-border": by_nlinarith,
    "receptive_field.padding-independent/right-border": by_nlinarith,
    "receptive_field.pool-doubles/adds-a-jump": adds_a_jump,
    "receptive_field.pool-doubles/doubles-the-jump": doubles_the_jump,
    "receptive_field.pool-doubles/vgg-before": computed(t.JUMP, t.BOTTOM_UP),
    "receptive_field.pool-doubles/vgg-after": computed(t.JUMP, t.BOTTOM_UP),
    "receptive_field.three-3x3/three": three,
    "receptive_field.three-3x3/depth": constant_size,
    "receptive_field.three-3x3/weights": weight_count,
    "receptive_field.three-3x3/ratio": weight_count,
    "receptive_field.three-3x3/never-more": never_more,
    "receptive_field.stride-exponential/jump": constant_jump,
    "receptive_field.stride-exponential/size": constant_size,
    "receptive_field.output-size/fits": by_nlinarith,
    "receptive_field.output-size/largest": by_nlinarith,
    "receptive_field.output-size/number": counted,
    "receptive_field.output-size/same": same_size,
    "receptive_field.output-size/stack": stack_outputs,
    "receptive_field.hull-vs-set": by_nlinarith,
    "receptive_field.branches": by_nlinarith,
    "receptive_field.transposed/number": counted,
    "receptive_field.transposed/more": remainders,
    "receptive_field.transposed/fewer": remainders,
    "receptive_field.transposed": by_nlinarith,
    "receptive_field.goldens": by_evaluation(t.GOLDENS.definitions),
    "receptive_field.resnet50-one-number": by_evaluation(t.RESNET50_ONE_NUMBER.definitions),
}


def _model(depth: int, **families: Callable[[int], int] | int) -> dict[Any, Any]:
    """Values for the statements: a depth, an output, and families that are functions of the layer or constant."""
    layer: dict[str, Callable[[int], int] | int] = {
        "k": lambda l: 2 + l % 3,
        "s": lambda l: 1 + l % 2,
        "p": lambda l: l % 3,
        "r": lambda l: 1 + (l % 3 == 1),
        **families,
    }
    heads = {t.k: "k", t.s: "s", t.p: "p", t.r: "r", t.t: "t"}
    values: dict[Any, Any] = {
        head: (lambda l, f=layer[name]: f(int(l)) if callable(f) else f)
        for head, name in heads.items()
        if name in layer
    }
    constants = {t.K: layer["k"], t.stride: layer["s"]}
    values |= {symbol: value for symbol, value in constants.items() if isinstance(value, int)}
    return values | {t.L: depth, t.n: depth, t.o: 2, t.C: 3}


_constant = [_model(4, k=5, s=3, r=1), _model(3, k=3, s=2, r=1), _model(3, k=3, s=1, r=1), _model(5, k=4, s=1, r=1)]


def _union(place: int, other: int, shift: int) -> dict[Any, Any]:
    """Branches around one centre, of which every third is the longest."""

    def half(branch: int) -> int:
        return 4 if branch % 3 == 1 else 1 + branch % 2

    ends = {t.A: lambda branch: shift - half(int(branch)), t.B: lambda branch: shift + 1 + half(int(branch))}
    whole = {t.a: shift - 4, t.b: shift + 5, t.d: 2 * shift + 1}
    return {**ends, **whole, t.m: place, t.n: other, t.x: 1, t.i: 4}


# values that satisfy hypotheses about whole families, which random values do not
MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "receptive_field.definition": [
        _model(3, t=lambda l: 1),
        _model(4, t=lambda l: l % 2),
        _model(3, t=0),
        _model(4, t=0),
        _model(3, t=lambda l: 1 + l % 3),
        _model(4, t=lambda l: 1 + l % 3),
    ],
    "receptive_field.alignment": [
        _model(depth, k=lambda l: 3 + 2 * (l % 2), r=lambda l: 1 + l % 2, p=lambda l: (1 + l % 2) ** 2)
        for depth in (1, 2, 3, 4)
    ],
    "receptive_field.branches": [_union(1, 2, 0), _union(4, 3, 2), _union(1, 0, -3)],
    "receptive_field.three-3x3": _constant,
    "receptive_field.stride-exponential": _constant,
}
