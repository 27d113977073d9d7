# SPDX-License-Identifier: BSD-3-Clause
"""The claims about receptive fields: they are proved, broken ones are not, and counting agrees with them."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from lemmata import theory
from lemmata.proofs.terms import Undecided
from lemmata.proofs.verify import prove, verify
from lemmata.theory import oracle
from lemmata.theory import receptive_field_blocks as blocks
from lemmata.theory import receptive_field_effective as e
from lemmata.theory import receptive_field_filters as f
from lemmata.theory import receptive_field_layers as layers_
from lemmata.theory import receptive_field_networks as networks
from lemmata.theory import receptive_field_terms as t
from lemmata.theory.claim import Claim, Definition, ForAll, Hypothesis, Sequent
from sympy import Expr, Ge, Le, Limit, Lt, S, Sum, ceiling, floor, oo

CLAIMS = theory.claims("receptive_field")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_the_claim_is_proved(claim: Claim) -> None:
    verification = verify(claim)
    assert verification.verdict == "proved", [(p.name, p.reason) for p in verification.parts if p.reason]


def test_every_claim_has_its_own_id() -> None:
    assert len({c.id for c in CLAIMS}) == len(CLAIMS)


# --- broken statements -------------------------------------------------------------------------------------------


def part(id: str, name: str) -> tuple[Claim, Sequent]:
    claim = theory.claim(id)
    return claim, next(e for e in claim.sequents() if e.name == name)


def weights_shifted() -> Expr:
    """The closed form with every layer weighted by its own stride as well."""
    return 1 + Sum(t.reach(t.l) * t.strides_to(t.l), (t.l, 1, t.L))


BROKEN = [
    ("closed-form", "bottom-up", t.eq(t.BOTTOM_UP(t.L), weights_shifted())),
    ("closed-form", "top-down", t.eq(t.TOP_DOWN(t.L, S.One), t.span(t.L) + t.strides_to(t.L) - 1)),
    ("closed-form", "run", t.eq(t.TOP_DOWN(t.L, t.m), t.m * t.strides_to(t.L) + t.span(t.L))),
    ("definition", "size", t.eq(t.RIGHT(t.L, t.o) - t.LEFT(t.L, t.o), t.span(t.L))),
    ("definition", "path", t.eq(t.UNIT(t.L, t.o), t.pulled_back(t.o, t.r[t.l] * t.t[t.l] + t.p[t.l], t.L))),
    ("jump", "product", t.eq(t.JUMP(t.L), t.strides_to(t.L - 1))),
    ("jump", "left", t.eq(t.LEFT(t.L, t.o + t.d) - t.LEFT(t.L, t.o), t.d * t.s[t.L])),
    ("start", "first", t.eq(t.START(t.L), t.LEFT(t.L, S.One))),
    ("start", "center", t.eq(t.CENTER(t.L), (t.LEFT(t.L, S.Zero) + t.RIGHT(t.L, S.Zero) + 1) / 2)),
    ("alignment", "even-more", t.eq(t.CENTER(t.n) - t.CENTER(t.n - 1), t.JUMP(t.n - 1) / 2)),
    ("order-matters", "wrong", t.eq(t.FORWARD(S(2)), S(11))),
    ("own-stride", "truth", t.eq(t.BOTTOM_UP(S(3)), S(13))),
    ("pool-doubles", "adds-a-jump", t.eq(t.BOTTOM_UP(t.L + 1), 2 * t.BOTTOM_UP(t.L))),
    ("three-3x3", "three", t.eq(t.BOTTOM_UP(S(3)), S(9))),
    ("three-3x3", "depth", t.eq(t.BOTTOM_UP(t.L), t.L * t.K)),
    ("stride-exponential", "jump", t.eq(t.JUMP(t.L), t.stride ** (t.L - 1))),
    ("output-size", "largest", Le(t.o, t.outputs(t.w, t.P, t.K, t.stride) - 2)),
    ("output-size", "same", t.eq(t.outputs(t.w, t.P, t.K, t.stride), ceiling(t.w / t.stride) + 1)),
    (
        "output-size",
        "stack",
        t.eq(t.OUT(t.L, t.w), t.outputs(t.w, t.weighted(t.p[t.l], t.L), t.span(t.L) + 1, t.strides_to(t.L))),
    ),
    ("branches", "nested", t.eq(t.b - t.a, t.B[t.m] - t.A[t.m] + 1)),
    ("branches", "only-nested-left", Le(t.A[t.m] + 1, t.A[t.n])),
    ("transposed", "number", t.eq(Sum(1, (t.i, floor((t.o - t.K) / t.stride), floor(t.o / t.stride))), t.o)),
    (
        "transposed",
        "more",
        t.eq(layers_.seen(t.stride * t.a + t.b, t.stride * t.c + t.d, t.stride), t.c),
    ),
    ("transposed", "even", t.eq(layers_.seen(t.o, t.stride * t.c, t.stride), t.c + 1)),
    ("transposed-stack", "path", t.eq(t.UNIT(t.L, t.a) - t.weighted(t.p[t.l], t.L), t.UNIT(t.L, t.a))),
    ("transposed-stack", "after", t.eq(t.WAYS(t.L, t.o), S.One)),
    ("transposed-stack", "every-tap", Ge(t.WAYS(t.L, t.o + 1), 1)),
    ("transposed-stack", "every-tap-undilated", Ge(t.WAYS(t.L, t.o), 2)),
    ("transposed-stack", "more", t.eq(layers_.seen(t.a, t.span(t.L), t.strides_to(t.L)), blocks.most_seen(t.L))),
    ("transposed-stack", "one-output", t.eq((t.b - t.a) * t.s[t.L], blocks.DIFFERENCES.rhs)),
    ("inception", "first", Le(t.stride * t.LEFT(t.L, t.o) + t.a + 1, t.stride * t.UNIT(t.L, t.o) + t.A[t.m])),
    ("inception", "size", t.eq(t.RIGHT(t.L, t.o) + t.b - t.LEFT(t.L, t.o) - t.a, t.b - t.a + t.span(t.L) - 1)),
    ("goldens", "vgg16-pool5", t.eq(networks.VGG16.size(18), S(213))),
    ("resnet50-one-number", "v1.5", t.eq(networks.RESNETS[50, "v1.5"].size(50), S(483))),
    ("norm-global", "global-mean", t.eq(e.mean(e.Y, t.n) - e.mean(e.X, t.n), e.Y[t.j] - e.X[t.j])),
    ("norm-global", "smaller-of-two", t.eq(e.normalised(e.X, S.One, S(2), S.Zero), S.One)),
    ("global-pool", "at-most", Le(t.TOP_DOWN(t.L, t.OUT(t.L, t.w)), e.PADDED - 1)),
    ("global-pool", "nearly-all", Lt(e.PADDED, t.TOP_DOWN(t.L, t.OUT(t.L, t.w)))),
    ("erf-uniform", "profile-variance", t.eq(e.second_moment(t.L, t.K), t.L * (t.K**2 - 1) / 12)),
    ("erf-sqrt", "rate", t.eq(Limit(e.y * e.squared_ratio(e.y), e.y, oo), (t.K + 1) / (12 * t.K))),
    ("erf-random", "mixed-terms", t.eq(e.mean_square(t.K), Sum(e.moment[t.i, t.i], (t.i, 0, t.K - 1)))),
    ("erf-random", "recursion", t.eq(e.mean_square(t.k[t.n]), e.ENERGY(t.n - 1, t.o))),
    ("one-dim-factorisation", "conjugate-pair", t.eq(f.polynomial(f.a), f.scale * (f.x - f.root) ** 2)),
    ("one-dim-factorisation", "real-pair", t.eq(f.polynomial(f.a), (f.x - f.first) * (f.x - f.second))),
    ("one-dim-factorisation", "stack", t.eq(f.applied(), sum(f.composed(6 - e) * f.F[t.o + e] for e in range(7)))),
    ("one-dim-factorisation", "seven-taps", t.eq(Sum(f.f[t.l] * f.F[t.o - t.l], (t.l, 0, 6)), f.applied())),
    ("two-dim-not-all", "x4-plus-y", t.eq(f.beside(f.g, f.h), S.One)),
    ("two-dim-not-all", "x6-plus-y", t.eq(f.beside(f.g, f.h, f.q), S.One)),
    ("two-dim-not-all", "x6-plus-y", t.eq(f.row(5, f.g, f.h, f.q), S.Zero)),
]


@pytest.mark.parametrize(("slug", "name", "relation"), BROKEN, ids=lambda e: e if isinstance(e, str) else "")
def test_a_broken_statement_is_rejected(slug: str, name: str, relation: object) -> None:
    claim, goal = part(f"receptive_field.{slug}", name)
    prove(claim, goal)
    with pytest.raises(Undecided):
        prove(claim, replace(goal, relation=relation))


AT_ZERO = (t.eq(f.x, S.Zero),)
WEAKER = [
    ("norm-global", "global-mean", 2, ForAll((t.l,), t.eq(e.Y[t.l], e.X[t.l]), (Lt(t.l, t.j),))),
    ("norm-global", "smaller-of-two", 0, Le(e.X[1], e.X[2])),
    ("global-pool", "at-most", 1, ForAll((t.l,), Ge(t.s[t.l], 0))),
    ("global-pool", "nearly-all", 1, ForAll((t.l,), Ge(t.s[t.l], 0))),
    ("erf-uniform", "profile-variance", 2, ForAll((t.l,), Ge(t.k[t.l], t.K))),
    ("erf-uniform", "profile-variance", 3, ForAll((t.l,), Ge(t.r[t.l], 1))),
    ("erf-random", "mixed-terms", 0, ForAll((t.i,), t.eq(e.weight_moment[t.i, t.i], e.VARIANCE), (Ge(t.i, 1),))),
    ("erf-random", "mixed-terms", 1, ForAll((t.i, t.j), t.eq(e.weight_moment[t.i, t.j], S.Zero), (Lt(t.i, t.j),))),
    ("erf-random", "recursion", 0, Ge(t.n, 0)),
    ("one-dim-factorisation", "seven-taps", 0, ForAll((f.x,), t.eq(f.polynomial(f.f, 7), f.roots()), AT_ZERO)),
    ("one-dim-factorisation", "seven-taps", 3, ForAll((f.x,), t.eq(f.polynomial(f.c), f.pair(3)), AT_ZERO)),
    ("two-dim-not-all", "x6-plus-y", 4, Ge(f.row(4, f.g, f.h, f.q), 0)),
    ("two-dim-not-all", "x6-plus-y", 5, Ge(f.row(6, f.g, f.h, f.q), 0)),
]


@pytest.mark.parametrize(
    ("slug", "name", "place", "instead"), WEAKER, ids=[f"{s}/{n}-{k}" for k, (s, n, _, _) in enumerate(WEAKER)]
)
def test_a_hypothesis_carries_load(slug: str, name: str, place: int, instead: Hypothesis) -> None:
    claim, goal = part(f"receptive_field.{slug}", name)
    weaker = (*goal.hypotheses[:place], instead, *goal.hypotheses[place + 1 :])
    with pytest.raises(Undecided):
        prove(claim, replace(goal, hypotheses=weaker))


def test_taps_one_position_further_apart_are_not_covered() -> None:
    claim, goal = part("receptive_field.transposed-stack", "every-tap")
    further = replace(blocks.CLOSE, body=Le(blocks.CLOSE.body.lhs, blocks.CLOSE.body.rhs + 1))
    weaker = tuple(further if h == blocks.CLOSE else h for h in goal.hypotheses)
    assert weaker != goal.hypotheses
    with pytest.raises(Undecided):
        prove(claim, replace(goal, hypotheses=weaker))


def test_a_negative_depth_is_not_covered() -> None:
    claim, goal = part("receptive_field.closed-form", "bottom-up")
    with pytest.raises(Undecided, match="assumes"):
        prove(claim, replace(goal, hypotheses=(Ge(t.L, -1),)))


# --- counting ----------------------------------------------------------------------------------------------------

Layer = tuple[int, int, int, int]  # kernel, stride, padding, dilation


def stack(seed: int) -> list[Layer]:
    rng = random.Random(seed)
    return [
        (rng.randint(1, 4), rng.randint(1, 3), rng.randint(0, 3), rng.randint(1, 3)) for _ in range(rng.randint(0, 4))
    ]


def reached(layers: list[Layer], output: int) -> set[int]:
    """Every input that an output reaches, by following every tap."""
    units = {output}
    for kernel, stride, padding, dilation in reversed(layers):
        units = {stride * unit - padding + dilation * tap for unit in units for tap in range(kernel)}
    return units


def value(expression: Expr, layers: list[Layer], output: int, definitions: tuple[Definition, ...]) -> Fraction | None:
    families = {
        head: {e: layer[place] for e, layer in enumerate(layers, 1)} for place, head in enumerate((t.k, t.s, t.p, t.r))
    }
    return oracle.exact(expression, {**families, t.L: len(layers), t.o: output}, definitions=definitions)


@pytest.mark.parametrize("seed", range(60))
def test_following_every_tap_gives_the_closed_form(seed: int) -> None:
    layers = stack(seed)
    output = random.Random(seed).randint(-3, 3)
    inputs = reached(layers, output)
    definitions = (t.LEFT, t.RIGHT, t.TOP_DOWN, t.BOTTOM_UP, t.JUMP, t.START, t.CENTER)
    size = max(inputs) - min(inputs) + 1
    expected = {
        t.LEFT(t.L, t.o): min(inputs),
        t.RIGHT(t.L, t.o): max(inputs),
        t.hull(t.L, t.o): size,
        t.span(t.L): size,
        t.TOP_DOWN(t.L, S.One): size,
        t.BOTTOM_UP(t.L): size,
        t.START(t.L): min(reached(layers, 0)),
        t.JUMP(t.L): min(reached(layers, 1)) - min(reached(layers, 0)),
        t.CENTER(t.L): Fraction(min(reached(layers, 0)) + max(reached(layers, 0)), 2),
    }
    assert {e: value(e, layers, output, definitions) for e in expected} == expected


def outputs_that_fit(size: int, kernel: int, stride: int, padding: int) -> int:
    """Outputs whose taps all lie in the padded input, counted one by one."""
    return sum(all(0 <= stride * o + tap < size + 2 * padding for tap in range(kernel)) for o in range(size + 20))


@pytest.mark.parametrize("seed", range(40))
def test_outputs_counted_layer_by_layer_are_the_one_formula(seed: int) -> None:
    layers = [(e[0], e[1], e[2], 1) for e in stack(seed)]
    size = start = random.Random(seed).randint(60, 90)  # no layer's padded input is shorter than its kernel
    for kernel, stride, padding, _ in layers:
        size = outputs_that_fit(size, kernel, stride, padding)
    formula = t.outputs(S(start), t.weighted(t.p[t.l], t.L), t.span(t.L), t.strides_to(t.L))
    assert value(formula, layers, 0, ()) == value(t.OUT(t.L, S(start)), layers, 0, (t.OUT,)) == size


@pytest.mark.parametrize("seed", range(40))
def test_the_inputs_that_two_layers_use_are_counted(seed: int) -> None:
    layers = [(k, s, 0, r) for k, s, _, r in [*stack(seed), (2, 3, 0, 1), (3, 1, 0, 2)][:2]]
    assert value(layers_.used(), layers, 0, ()) == len(reached(layers, 0))


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 7])
def test_inputs_seen_by_a_transposed_convolution_are_counted(stride: int, kernel: int) -> None:
    counts = [sum(0 <= output - stride * i < kernel for i in range(-40, 40)) for output in range(12)]
    assert [oracle.exact(layers_.seen(S(output), S(kernel), S(stride))) for output in range(12)] == counts
    assert set(counts) <= {kernel // stride, -(-kernel // stride)}


def written(layers: list[Layer]) -> list[int]:
    """Where the paths of taps lead, one entry a path; the layers are counted from the output."""
    places = [0]
    for kernel, stride, _, dilation in reversed(layers):
        places = [stride * place + dilation * tap for place in places for tap in range(kernel)]
    return places


@pytest.mark.parametrize("seed", range(40))
def test_paths_of_taps_of_a_decoder_are_counted(seed: int) -> None:
    layers = stack(seed)
    places = written(layers)
    for place in range(-2, max(places) + 3):
        assert value(t.WAYS(t.L, t.o), layers, place, (t.WAYS,)) == places.count(place)
    assert value(t.span(t.L), layers, 0, ()) == max(places) + 1


def close(layers: list[Layer]) -> bool:
    """The hypothesis of transposed-stack/every-tap."""
    return all(
        value(t.tap_step(S(e + 1)), layers, 0, ()) <= value(t.span(S(e)), layers, 0, ()) for e in range(len(layers))
    )


def test_outputs_of_a_decoder_without_holes_see_the_number_of_the_formula() -> None:
    """By phase, the number of taps that are its remainder; and there are such decoders among the random ones."""
    decoders = [layers for layers in map(stack, range(300)) if close(layers)]
    assert len(decoders) > 100
    for layers in decoders:
        places, stride = set(written(layers)), int(value(t.strides_to(t.L), layers, 0, ()))
        size = len(places)
        assert places == set(range(size))
        counts = [sum(place % stride == phase for place in places) for phase in range(stride)]
        assert counts == [size // stride + (phase < size % stride) for phase in range(stride)]
        assert max(counts) == value(blocks.most_seen(t.L), layers, 0, ())


@pytest.mark.parametrize(("depth", "seen"), [(0, 1), (1, 2), (2, 3), (3, 3), (9, 3)])
def test_four_taps_at_stride_two_see_three_inputs_however_many_they_are(depth: int, seen: int) -> None:
    assert value(blocks.most_seen(t.L), [(4, 2, 1, 1)] * depth, 0, ()) == seen


def test_three_taps_at_stride_two_alternate() -> None:
    assert [oracle.exact(layers_.seen(S(output), S(3), S(2))) for output in range(6)] == [2, 1, 2, 1, 2, 1]


def test_the_tables_have_the_layers_of_their_papers() -> None:
    """Weight layers without the fully connected ones: 13 of 16, 5 of 8, 17 of 18 and 49, 100, 151."""
    assert sum(kernel == 3 for kernel, _ in networks.vgg16()) == 13
    assert len(networks.alexnet()) - 3 == 5
    assert len(networks.resnet18()) - 1 == 17
    for depth in (50, 101, 152):
        for version in networks.VERSIONS:
            table = networks.bottleneck(depth, version)
            assert len(table) - 1 == depth - 1
            assert sum(stride == 2 for _, stride in table) == 5
            assert [kernel for kernel, _ in table[2:]] == [1, 3, 1] * sum(networks.BLOCKS[depth])


@pytest.mark.parametrize(
    ("table", "size"),
    [
        (networks.vgg16(), 212),
        (networks.alexnet(), 195),
        (networks.resnet18(), 435),
        (networks.bottleneck(50, "v1"), 483),
        (networks.bottleneck(101, "v1.5"), 971),
        (networks.bottleneck(152, "v1.5"), 1451),
        (networks.bottleneck(152, "v1"), 1507),
    ],
)
def test_following_every_tap_of_a_network_gives_its_size(table: networks.Table, size: int) -> None:
    inputs = reached([(kernel, stride, 0, 1) for kernel, stride in table], 0)
    assert max(inputs) - min(inputs) + 1 == size
