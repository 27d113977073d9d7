# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field`` are true.

Everything is induction on the number of layers. A recursion from the output down to the input changes its
second argument on the way, so its induction hypothesis is general in that argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Ge, Gt, IndexedBase, Le, Mul, Ne, Product, S, Sum, preorder_traversal
from sympy.core.relational import Relational

from ..theory import receptive_field_terms as t
from ..theory.claim import Definition, Sequent
from . import (
    kernel,
    receptive_field_blocks,
    receptive_field_effective,
    receptive_field_filters,
    receptive_field_layers,
)
from .calc import calc, equation
from .kernel import Theorem
from .receptive_field_steps import LAYERS, by_nlinarith, computed, families, pulled, recursive, stacked, unit_form
from .terms import substitute
from .verify import Proof, by_claim


def path(goal: Sequent) -> Theorem:
    """Induction on the depth, for every output at once."""
    return pulled(goal.relation, t.UNIT)


def bounded(goal: Sequent) -> Theorem:
    """Both sides pulled back to the input; the sums compare layer by layer, because products of strides are > 0."""
    first, second = (unit_form(d) for d in _edges(goal.relation))
    product = Product(t.s[t.i], (t.i, 1, t.l - 1))
    positive = kernel.positivity(Gt(product, 0), families(goal))
    small, large = (th.relation.rhs.args for th in (first, second))
    lower, upper = (next(e for e in side if isinstance(e, Sum)) for side in (small, large))
    each = kernel.nlinarith(Le(lower.function, upper.function, evaluate=False), [positive, *families(goal)])
    sums = kernel.termwise(each, t.l, S.One, t.L)
    return kernel.nlinarith(goal.relation, [first, second, sums])


def _edges(relation: Relational) -> tuple[Definition, Definition]:
    """The definitions of the two sides of "first ≤ unit" or "unit ≤ last"."""
    by_name = {d.name: d for d in (t.UNIT, t.LEFT, t.RIGHT)}
    return tuple(by_name[side.func.__name__] for side in relation.args)  # type: ignore[return-value]  # one per side


def reached(goal: Sequent) -> Theorem:
    """Both sides pulled back to the input; the taps are equal in every layer."""
    first, second = (unit_form(d) for d in _edges(goal.relation))
    taps = kernel.specialize(families(goal)[0], {t.l: t.l})
    lower, upper = (next(e for e in th.relation.rhs.args if isinstance(e, Sum)) for th in (first, second))
    factor = t.r[t.l] * Product(t.s[t.i], (t.i, 1, t.l - 1))
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
    total = next(e for e in after.args if isinstance(e, Sum))
    first_off = kernel.split(total, S.Zero, [LAYERS])
    return stacked(goal.relation, t.FORWARD, [(S.NegativeOne, first_off)])


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
    (padding,) = families(goal)
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
    return {h.body.lhs.base: kernel.specialize(h, {t.l: at}) for h in families(goal)}


def constant_jump(goal: Sequent) -> Theorem:
    """Induction."""
    return stacked(goal.relation, t.JUMP, [(goal.relation.rhs, _constants(goal, t.L + 1)[t.s])])


def constant_size(goal: Sequent) -> Theorem:
    """Induction, with the jump as a power."""
    here = _constants(goal, t.L + 1)
    ratio = here[t.s].relation.rhs
    strides = [h for h in families(goal) if h.body.lhs.base == t.s]
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
    size, total = here.relation.rhs, next(e for e in preorder_traversal(goal.relation.lhs) if isinstance(e, Sum))
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


PROOFS: Mapping[str, Proof] = {
    **receptive_field_layers.PROOFS,
    **receptive_field_blocks.PROOFS,
    **receptive_field_effective.PROOFS,
    **receptive_field_filters.PROOFS,
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
    **receptive_field_effective.MODELS,
    **receptive_field_blocks.MODELS,
    **receptive_field_filters.MODELS,
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
