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
from lemmata.theory import receptive_field as t
from lemmata.theory.claim import Claim, Definition, Sequent
from sympy import Expr, Ge, S, Sum

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
]


@pytest.mark.parametrize(("slug", "name", "relation"), BROKEN, ids=lambda e: e if isinstance(e, str) else "")
def test_a_broken_statement_is_rejected(slug: str, name: str, relation: object) -> None:
    claim, goal = part(f"receptive_field.{slug}", name)
    prove(claim, goal)
    with pytest.raises(Undecided):
        prove(claim, replace(goal, relation=relation))


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
