# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.rope`` are true: rotation, layouts, attention, uniqueness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Abs, Expr, S, Sum, Symbol, conjugate, fraction
from sympy.core.relational import Ge, Relational

from ..theory import rope_uniqueness as unique
from ..theory.claim import ForAll, Hypothesis, Sequent
from ..theory.rope_terms import h, i, j, l
from . import kernel, rope_decay, rope_variants
from .calc import calc, equation
from .kernel import Given, Theorem
from .rope_models import MODELS
from .steps import by_ring, inside, rewriting, sum_of
from .terms import substitute
from .verify import Proof

__all__ = ["MODELS", "PROOFS"]


def _universal(goal: Sequent) -> list[ForAll]:
    return [hypothesis for hypothesis in goal.hypotheses if isinstance(hypothesis, ForAll)]


def _plain(goal: Sequent) -> list[Hypothesis]:
    return [hypothesis for hypothesis in goal.hypotheses if not isinstance(hypothesis, ForAll)]


# --- the matrix --------------------------------------------------------------------------------------------------


def matrix_row(goal: Sequent) -> Theorem:
    """Σⱼ = Σ_{j<l} + term l + Σ_{j>l}; outside of term l both entries are zero."""
    total = goal.relation.lhs
    given = _plain(goal)
    *diagonal, left, right = _universal(goal)
    start = kernel.split(total, l - 1, given)
    before, rest = (x for x in _ordered(start.relation.rhs.args))
    end = kernel.split(rest, l, given)
    at_l, after = (x for x in _ordered(end.relation.rhs.args))
    zeros = []
    for part in (before, after):
        facts = [*given, *inside(part)]
        entries = [kernel.specialize(f, {i: l, j: j}, facts) for f in (left, right)]
        zeros.append(sum_of(rewriting(equation(part.function, S.Zero), entries, facts), part))
    middle = kernel.ring(equation(at_l, substitute(total.function, {j: l})), given)
    entries = [kernel.specialize(f, {i: l}) for f in diagonal]
    block = rewriting(equation(middle.relation.rhs, goal.relation.rhs), entries, given)
    return kernel.linear_combination(goal.relation, [(S.One, x) for x in (start, end, *zeros, middle, block)], given)


def _ordered(sums: Sequence[Expr]) -> list[Expr]:
    """The earlier of two ranges that meet at l first: it ends where the other begins."""
    first, second = sums
    (_, _, upper), (_, lower, _) = first.limits[0], second.limits[0]
    return [first, second] if upper + 1 == lower else [second, first]


# --- layouts -----------------------------------------------------------------------------------------------------


def by_members(goal: Sequent) -> Theorem:
    """The members at l are what the hypotheses say."""
    given = _plain(goal)
    return rewriting(goal.relation, [kernel.specialize(f, {i: l}, given) for f in _universal(goal)], given)


def _members(goal: Sequent, facts: Given) -> list[Theorem]:
    return [kernel.specialize(f, {i: i}, facts) for f in _universal(goal)]


def halves_score(goal: Sequent) -> Theorem:
    """Term by term."""
    left, right = goal.relation.args
    facts = inside(left)
    return sum_of(rewriting(equation(left.function, right.function), _members(goal, facts), facts), left)


def halves_permutation(goal: Sequent) -> Theorem:
    """Both sides are Σ over pairs: the left one by splitting the range at h, the right one by induction."""
    left, right = goal.relation.args
    given = _plain(goal)
    halves = Sum(left.function + substitute(left.function, {i: i + h}), (i, 0, h - 1))
    even, odd = (substitute(right.function, {i: place}) for place in (2 * i, 2 * i + 1))
    pairs = Sum(even + odd, (i, 0, h - 1))
    by_pairs = equation(right, pairs)
    step = kernel.linear_combination(substitute(by_pairs, {h: h + 1}), [(S.One, kernel.assume(by_pairs))], given)
    even_and_odd = kernel.induction(by_pairs, h, kernel.ring(substitute(by_pairs, {h: 0})), step)
    split = kernel.split(left, h - 1, given)
    joined = kernel.ring(equation(split.relation.rhs, halves), given)
    facts = inside(halves)
    same = sum_of(rewriting(equation(halves.function, pairs.function), _members(goal, facts), facts), halves)
    return kernel.trans(split, joined, same, kernel.symm(even_and_odd))


def mixed_first_units(goal: Sequent) -> Theorem:
    """All terms but one vanish; the product of two cosines is half a sum."""
    return rewriting(goal.relation, [kernel.assume(h) for h in _plain(goal) if isinstance(h, Relational)])


# --- attention ---------------------------------------------------------------------------------------------------


def same_attention(goal: Sequent) -> Theorem:
    """Equal logits have equal exponentials; so numerators and denominators are equal, and the quotients."""
    (above, below), (above_, below_) = (fraction(side) for side in goal.relation.args)
    logits = kernel.ring(equation(below.function.args[0], below_.function.args[0]))
    weights = kernel.monotone("exp", logits)
    place = Symbol("place", real=True)
    value = above.function / below.function
    numerators = sum_of(kernel.congr(place * value, place, weights), above)
    denominators = sum_of(weights, below)
    return (
        calc(goal.relation.lhs)
        .eq(above_ / below, kernel.congr(place / below, place, numerators, goal.hypotheses))
        .eq(goal.relation.rhs, kernel.congr(above_ / place, place, denominators, goal.hypotheses))
        .close()
    )


# --- uniqueness --------------------------------------------------------------------------------------------------


class _Encoding:
    """Instances of f(q, 0) = q and f(q, m)·conj f(k, n) = g(q, k, m − n)."""

    def __init__(self, goal: Sequent) -> None:
        self.start, self.relative = _universal(goal)

    def at_0(self, q: Expr) -> Theorem:
        (variable,) = self.start.variables
        return kernel.specialize(self.start, {variable: q})

    def product(self, q: Expr, k: Expr, m: Expr, n: Expr, like: tuple[Expr, Expr]) -> Theorem:
        """f(q, m)·conj f(k, n) = f(q, m′)·conj f(k, n′) for the positions ``like``, as far apart."""
        one, two = (
            kernel.specialize(self.relative, dict(zip(self.relative.variables, (q, k, *at), strict=True)))
            for at in ((m, n), like)
        )
        return kernel.trans(one, kernel.symm(two))

    def unit(self, m: Expr) -> Theorem:
        """f(1, m)·conj f(1, m) = 1."""
        one = S.One
        back = self.product(one, one, m, m, (S.Zero, S.Zero))
        return rewriting(equation(back.relation.lhs, one), [back, self.at_0(one)])

    def linear(self, m: Expr) -> Theorem:
        """f(x, m) = x·f(1, m): multiply f(x, m)·conj f(1, m) = x by f(1, m)."""
        x, one = unique.x, S.One
        fx, u = unique.f(x, m), unique.f(one, m)
        product = self.product(x, one, m, m, (S.Zero, S.Zero))
        product = rewriting(equation(product.relation.lhs, x), [product, self.at_0(x), self.at_0(one)])
        return kernel.linear_combination(equation(fx, x * u), [(u, product), (-fx, self.unit(m))])

    def power(self, m: Symbol) -> Theorem:
        """f(1, m) = f(1, 1)ᵐ for m ≥ 0, by induction: f(1, m + 1)·conj f(1, m) = f(1, 1)."""
        one, zero = S.One, S.Zero
        u, base = unique.f(one, m), unique.f(one, one)
        goal = equation(u, base**m)
        first = kernel.trans(self.at_0(one), kernel.ring(equation(one, substitute(base**m, {m: zero}))))
        step = self.product(one, one, m + 1, m, (one, zero))
        step = rewriting(equation(step.relation.lhs, base), [step, self.at_0(one)])
        next_ = kernel.linear_combination(
            substitute(goal, {m: m + 1}),
            [(u, step), (-unique.f(one, m + 1), self.unit(m)), (base, kernel.assume(goal))],
            [Ge(m, 0, evaluate=False)],
        )
        return kernel.induction(goal, m, first, next_)


def modulus(goal: Sequent) -> Theorem:
    """|f(1, 1)|² = 1 and |f(1, 1)| ≥ 0."""
    return _modulus(_Encoding(goal).unit(S.One), unique.f(1, 1), goal.relation.rhs)


def _modulus(square: Theorem, z: Expr, value: Expr) -> Theorem:
    """|z| = |w| from z·z̄ = w·w̄ (or 1): both are ≥ 0 and have the same square."""
    size, other = Symbol("size", real=True), Symbol("other", real=True)
    roots = kernel.nlinarith(
        equation(size, other), [Ge(size, 0, evaluate=False), Ge(other, 0, evaluate=False), equation(size**2, other**2)]
    )
    squares = kernel.linear_combination(equation(Abs(z) ** 2, value**2), [(S.One, square)])
    result = kernel.instantiate(roots, {size: Abs(z), other: value})
    result = kernel.discharge(result, kernel.positivity(Ge(Abs(z), 0, evaluate=False)))
    if value.free_symbols:
        result = kernel.discharge(result, kernel.positivity(Ge(value, 0, evaluate=False)))
    else:
        result = kernel.discharge(result, kernel.nlinarith(Ge(value, 0, evaluate=False)))
    return kernel.discharge(result, squares)


def power(goal: Sequent) -> Theorem:
    """f(x, m) = x·f(1, m), and f(1, m) is a power."""
    encoding = _Encoding(goal)
    given = _plain(goal)
    return kernel.linear_combination(
        goal.relation, [(S.One, encoding.linear(unique.mu)), (unique.x, encoding.power(unique.mu))], given
    )


def negative_power(goal: Sequent) -> Theorem:
    """f(1, −m) = conj f(1, m), since f(1, 0)·conj f(1, m) = f(1, −m)·conj f(1, 0)."""
    encoding = _Encoding(goal)
    one, zero = S.One, S.Zero
    back = encoding.product(one, one, -unique.mu, zero, (zero, unique.mu))
    ends = encoding.at_0(one)
    left = kernel.rewrite(back.relation.lhs, ends)
    right = kernel.rewrite(back.relation.rhs, ends)
    mirrored = kernel.trans(kernel.symm(left), back, right)
    powers = kernel.congr(conjugate(_Z), _Z, encoding.power(unique.mu), _plain(goal))
    return kernel.linear_combination(
        goal.relation, [(S.One, encoding.linear(-unique.mu)), (unique.x, mirrored), (unique.x, powers)], _plain(goal)
    )


_Z = Symbol("z")


def norm(goal: Sequent) -> Theorem:
    """f(x, m)·conj f(x, m) = f(x, 0)·conj f(x, 0) = x·x̄."""
    encoding = _Encoding(goal)
    x, m = unique.x, unique.mu
    square = encoding.product(x, x, m, m, (S.Zero, S.Zero))
    square = rewriting(equation(square.relation.lhs, x * conjugate(x)), [square, encoding.at_0(x)])
    return _modulus(square, unique.f(x, m), goal.relation.rhs)


PROOFS: Mapping[str, Proof] = {
    "rope.complex-inner-product": by_ring,
    "rope.block-rotation/even-row": matrix_row,
    "rope.block-rotation/odd-row": matrix_row,
    "rope.block-rotation/complex": by_ring,
    "rope.orthogonal": by_ring,
    "rope.group-law": by_ring,
    "rope.relative-offset": by_ring,
    "rope.complex-sum": by_ring,
    "rope.elementwise-form": by_members,
    "rope.half-split-permutation/first-half": by_members,
    "rope.half-split-permutation/second-half": by_members,
    "rope.half-split-permutation/score": halves_score,
    "rope.half-split-permutation/permutation": halves_permutation,
    "rope.mixed-layout/first-unit-vectors": mixed_first_units,
    "rope.shift-invariance": same_attention,
    "rope.uniqueness-complex/modulus": modulus,
    "rope.uniqueness-complex/power": power,
    "rope.uniqueness-complex/negative-power": negative_power,
    "rope.uniqueness-complex/norm": norm,
    "rope.uniqueness-complex/converse": by_ring,
    "rope.reflection-solution": by_ring,
    **rope_decay.PROOFS,
    **rope_variants.PROOFS,
}
