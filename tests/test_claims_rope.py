# SPDX-License-Identifier: BSD-3-Clause
"""The claims of rope: every one is proved, and no proof accepts a statement that was broken by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lemmata import theory
from lemmata.proofs import kernel
from lemmata.proofs.terms import Undecided, same
from lemmata.proofs.verify import prove, verify
from lemmata.theory import rope, rope_decay, rope_variants
from lemmata.theory import rope_uniqueness as unique
from lemmata.theory.claim import Claim, ForAll, Hypothesis, Sequent
from lemmata.theory.rope_terms import B, c, d, h, i, j, k, l, m, n, pair, phi, q, r, rotated, s, score, t, theta
from sympy import Abs, Matrix, Rational, S, Sum, cos, sin, sqrt
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational


@pytest.mark.parametrize("claim", rope.CLAIMS, ids=lambda c: c.id)
def test_every_claim_is_proved(claim: Claim) -> None:
    """Every part has a theorem or an exact witness."""
    result = verify(claim)
    assert result.verdict == "proved", [(p.name, p.reason) for p in result.parts if p.verdict != "proved"]


@pytest.mark.parametrize("claim", rope.CLAIMS, ids=lambda c: c.id)
def test_no_statement_is_the_same_term_twice(claim: Claim) -> None:
    """SymPy simplifies on sight (cos(−x) is cos x): what is left must still say something."""
    assert [s.name for s in claim.sequents() if same(s.relation.lhs, s.relation.rhs)] == []


def equation(left: object, right: object) -> Eq:
    return Eq(left, right, evaluate=False)


def part(id: str, name: str) -> Sequent:
    return next(s for s in theory.claim(f"rope.{id}").sequents() if s.name == name)


def left(id: str, name: str) -> object:
    return part(id, name).relation.lhs


def rejects(id: str, broken: Sequent) -> None:
    with pytest.raises(Undecided):
        prove(theory.claim(f"rope.{id}"), broken)


ANGLES = m * theta[i], n * theta[i]
QUERY, KEY = rotated(*pair(q, i), ANGLES[0]), rotated(*pair(k, i), ANGLES[1])
COSINES = rope.kernel(r, h, B)

FALSE: tuple[tuple[str, str, Relational], ...] = (
    (
        "complex-inner-product",
        "inner-product",
        equation(rope.re(rope.a * rope.b), left("complex-inner-product", "area")),
    ),
    ("block-rotation", "even-row", equation(rope.matrix_row(2 * l), rotated(*pair(q, l), -m * theta[l])[0])),
    ("block-rotation", "odd-row", equation(rope.matrix_row(2 * l), rotated(*pair(q, l), m * theta[l])[1])),
    ("orthogonal", "determinant", equation(left("orthogonal", "determinant"), -1)),
    ("orthogonal", "norm", equation(left("orthogonal", "norm"), score(pair(q, i), pair(k, i)))),
    ("group-law", "sum-even", equation(left("group-law", "sum-even"), rotated(*pair(q, i), (m - n) * theta[i])[0])),
    (
        "relative-offset",
        "score",
        equation(score(QUERY, KEY), score(pair(q, i), rotated(*pair(k, i), (m - n) * theta[i]))),
    ),
    (
        "relative-offset",
        "score",
        equation(score(QUERY, KEY), score(pair(q, i), rotated(*pair(k, i), (m + n) * theta[i]))),
    ),
    ("relative-offset", "score", equation(score(QUERY, KEY), score(pair(q, i), pair(k, i)))),
    ("half-split-permutation", "first-half", equation(rope.u[l], q[2 * l + 1])),
    ("half-split-permutation", "second-half", equation(rope.u[l + h], q[2 * l])),
    (
        "half-split-permutation",
        "permutation",
        equation(Sum(rope.u[i] * rope.w[i], (i, 0, 2 * h)), Sum(q[i] * k[i], (i, 0, 2 * h))),
    ),
    (
        "half-split-permutation",
        "score",
        equation(
            score(rotated(rope.u[i], rope.u[i + h - 1], ANGLES[0]), rotated(rope.w[i], rope.w[i + h - 1], ANGLES[1])),
            rope.ROTATED_SCORE,
        ),
    ),
    ("mixed-layout", "first-unit-vectors", equation(rope.mixed_score(m, n), cos((m - n) * theta[0]))),
    ("shift-invariance", "full", equation(rope.attention(l, rope.N - 1, t), rope.attention(l, rope.N - 2, S.Zero))),
    ("shift-invariance", "causal", equation(rope.attention(l, l, t), rope.attention(l + 1, l, S.Zero))),
    ("uniqueness-complex", "modulus", equation(Abs(unique.f(1, 1)), 2)),
    (
        "uniqueness-complex",
        "power",
        equation(unique.f(unique.x, unique.mu), unique.x * unique.f(1, 1) ** (unique.mu + 1)),
    ),
    (
        "uniqueness-complex",
        "negative-power",
        equation(unique.f(unique.x, -unique.mu), unique.x * unique.f(1, 1) ** unique.mu),
    ),
    (
        "reflection-solution",
        "parity",
        equation(unique.x0 * unique.y0 + S.NegativeOne**unique.mu * unique.x1, unique.x0 * unique.y0),
    ),
    (
        "abel-identity",
        "any-terms",
        equation(Sum(c[i] * rope_decay.w[i], (i, 0, h)), rope_decay.by_parts(rope_decay.w[j])),
    ),
    ("abel-bound-tight", "sum", equation(left("abel-bound-tight", "sum"), Abs(rope_decay.a) * h * (h - 1) / 2)),
    ("abel-bound-tight", "bound", equation(left("abel-bound-tight", "bound"), Abs(rope_decay.a) * h**2 / 2)),
    ("kernel", "bound", Le(Abs(COSINES), h - 1, evaluate=False)),
    ("kernel", "even", equation(rope.kernel(t, h, B), -COSINES)),
    ("decay-not-monotone", "falls-0-10", Gt(*part("decay-not-monotone", "falls-0-10").relation.args, evaluate=False)),
    ("two-dim-no-decay", "returns", Ge(left("two-dim-no-decay", "returns"), Rational(3, 5), evaluate=False)),
    ("theta-schedule", "last", equation(rope.frequency(d / 2 - 1, d, B), 1 / B)),
    ("pi-interpolation", "offset", equation(left("pi-interpolation", "offset"), score(pair(q, i), pair(k, i)))),
    (
        "ntk-endpoints",
        "last",
        equation(rope.frequency(d / 2 - 1, d, rope.ntk_base(B, s, d)), rope.frequency(d / 2 - 1, d, B)),
    ),
    (
        "ntk-endpoints",
        "last",
        equation(rope.frequency(d / 2 - 1, d, B * s ** (d / (d - 1))), rope.frequency(d / 2 - 1, d, B) / s),
    ),
    ("xpos-decay", "decreasing", Gt(rope_variants.z**t, rope_variants.z**r, evaluate=False)),
    ("xpos-decay", "blows-up", Gt(rope_variants.z ** (n - m), 1, evaluate=False)),
    (
        "linear-attn-denominator-zero",
        "root-is-positive",
        Lt(left("linear-attn-denominator-zero", "root-is-positive"), 0, evaluate=False),
    ),
    ("two-axis", "mixed", equation(left("two-axis", "mixed"), left("two-axis", "axial"))),
)


@pytest.mark.parametrize(("id", "name", "relation"), FALSE)
def test_no_proof_accepts_a_false_statement(id: str, name: str, relation: Relational) -> None:
    """The hypotheses stay, the relation is wrong."""
    rejects(id, replace(part(id, name), relation=relation))


PARTS = [(c.id.removeprefix("rope."), s.name, h) for c in rope.CLAIMS for s in c.sequents() for h in s.hypotheses]


@pytest.mark.parametrize(("id", "name", "hypothesis"), PARTS)
def test_every_hypothesis_is_needed(id: str, name: str, hypothesis: Hypothesis) -> None:
    """Without it the proof fails; a proof that unpacks its hypotheses fails at that."""
    goal = part(id, name)
    weaker = replace(goal, hypotheses=tuple(h for h in goal.hypotheses if h is not hypothesis))
    with pytest.raises((Undecided, ValueError)):
        prove(theory.claim(f"rope.{id}"), weaker)


@pytest.mark.parametrize(("pairs", "first"), [(64, 1707), (32, 725)])
def test_the_kernel_is_not_positive_for_one_more_offset(pairs: int, first: int) -> None:
    rejects("decay-sign", replace(rope_decay.positive_until(first, pairs), name=f"positive-d{2 * pairs}"))


def test_the_abel_bound_needs_the_last_difference() -> None:
    """The hypothesis about jumps must reach j = h − 1."""
    goal = part("abel-bound", "bound")
    jumps, *rest = goal.hypotheses
    assert isinstance(jumps, ForAll)
    shorter = replace(jumps, conditions=(Le(0, j), Le(j, h - 2)))
    rejects("abel-bound", replace(goal, hypotheses=(shorter, *rest)))


def test_rises_are_listed_completely() -> None:
    """The runs cover 0 … 63 without gaps, each rising or falling as the list says."""
    bounds = [h for s in rope_decay.runs() for h in s.hypotheses]
    covered = [x for low, high in zip(bounds[::2], bounds[1::2], strict=True) for x in range(low.lhs, high.rhs + 1)]
    assert covered == list(range(64))
    for sequent in rope_decay.runs()[:-1]:
        longer = (sequent.hypotheses[0], Le(rope_decay.offset, sequent.hypotheses[1].rhs + 1))
        rejects("decay-not-monotone", replace(sequent, hypotheses=longer))


WITNESSES = [
    ("mixed-layout", "shift", {t: S.Zero}),
    ("decay-not-monotone", "monotone", {n: S(12)}),
    ("decay-sign", "negative-d128", {r: S(1706)}),
    ("decay-sign", "negative-d64", {r: S(724)}),
    ("two-dim-no-decay", "vanishes", {r: S(999)}),
    ("two-dim-no-decay", "vanishes", {r: S(1000)}),
    ("theta-schedule", "ends-at-1-over-B", {B: S.One}),
    ("linear-attn-denominator-zero", "positive", {rope_variants.b: S.One / 2}),
    ("reflection-solution", "only-rotations", {unique.o11: S.One}),
    ("orthogonal", "key-alone", {phi: S.Zero}),
]


@pytest.mark.parametrize(("id", "name", "change"), WITNESSES)
def test_a_witness_that_does_not_refute_is_rejected(id: str, name: str, change: dict[object, object]) -> None:
    refutation = next(r for r in theory.claim(f"rope.{id}").refutations() if r.name == name)
    kernel.witness(refutation)
    with pytest.raises(Undecided):
        kernel.witness(replace(refutation, witness=tuple({**dict(refutation.witness), **change}.items())))


def test_the_two_entries_of_the_space_rotations_are_those_of_the_exponentials() -> None:
    """X = bL_x − aL_z has X³ = −ρ²X, so e^X = 1 + (sin ρ/ρ)X + ((1 − cos ρ)/ρ²)X²."""
    a, b = rope_variants.a, rope_variants.b
    about_x, about_z = Matrix([[0, 0, 0], [0, 0, -1], [0, 1, 0]]), Matrix([[0, -1, 0], [1, 0, 0], [0, 0, 0]])
    generator = b * about_x - a * about_z
    assert (generator**3 + (a**2 + b**2) * generator).expand() == Matrix.zeros(3)
    popular = rope_variants.two_generators().popular.relation
    rho = sqrt(a**2 + b**2)
    last = 1 + sin(rho) / rho * generator[2, 2] + (1 - cos(rho)) / rho**2 * (generator**2)[2, 2]
    assert kernel.ring(equation(popular.rhs, last), [Gt(a, 0), Gt(b, 0)]).relation.lhs == popular.rhs
    assert about_z[2, :] == Matrix([[0, 0, 0]])  # so the last row of e^{−aL_z}e^{bL_x} is that of e^{bL_x}
    assert popular.lhs == cos(b)
