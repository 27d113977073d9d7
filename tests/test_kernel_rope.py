# SPDX-License-Identifier: BSD-3-Clause
"""Rules of the kernel that rope was the first to need, and what they must not prove."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel
from lemmata.proofs.terms import Undecided, substitute
from sympy import Abs, Function, I, IndexedBase, Sum, conjugate, exp, symbols
from sympy.core.relational import Eq, Ge, Gt, Ne

x, y, z = symbols("x y z")
t = symbols("t", real=True)
i, n = symbols("i n", integer=True)
c, w = IndexedBase("c"), IndexedBase("w")
f = Function("f")
TOTAL = Sum(w[i], (i, 0, n))


def equation(left: object, right: object) -> Eq:
    return Eq(left, right, evaluate=False)


def test_a_common_factor_leaves_the_modulus_of_a_sum() -> None:
    """|ab + ac| = |a|·|b + c|, for symbols, families and sums."""
    kernel.ring(equation(Abs(x * y + x * z), Abs(x) * Abs(y + z)))
    kernel.ring(equation(Abs(TOTAL * c[1] - TOTAL * c[0]), Abs(TOTAL) * Abs(c[0] - c[1])))
    kernel.ring(equation(Abs(2 * x + 2 * x * y), 2 * Abs(x) * Abs(1 + y)))
    kernel.ring(equation(Abs(exp(I * t) * x + exp(I * t) * y), Abs(x + y)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Abs(x * y + x * z), x * Abs(y + z)),
        (Abs(x * y + x * z), Abs(x) * Abs(y) + Abs(x) * Abs(z)),
        (Abs(x * y + x * z), Abs(x) * Abs(y - z)),
        (Abs(x * y + x * z), Abs(x) ** 2 * Abs(y + z)),
        (Abs(TOTAL * c[1] - TOTAL * c[0]), Abs(TOTAL) * Abs(c[0] + c[1])),
        (Abs(exp(z) * x + exp(z) * y), Abs(x + y)),
    ],
)
def test_a_common_factor_is_not_lost(left: object, right: object) -> None:
    with pytest.raises(Undecided):
        kernel.ring(equation(left, right))


def test_a_fact_about_a_function_does_not_stop_the_second_check() -> None:
    """The facts that pick small integers are those about integers alone."""
    known = kernel.assume(equation(f(n), x * conjugate(y)))
    goal = equation(f(n) * t, t * x * conjugate(y))
    assert kernel.linear_combination(goal, [(t, known)], [Ge(n, 0)]).relation == goal


u, v, place = symbols("u v place", real=True)
ZERO = kernel.assume(equation(u, 0))


@pytest.mark.parametrize("template", [place / v, place * v**t, exp(place / v), place * Abs(1 / v)])
def test_congruence_does_not_lose_a_denominator(template: object) -> None:
    """0/v is 0 to SymPy; u/v has no value at v = 0, whatever u is."""
    with pytest.raises(Undecided):
        kernel.congr(template, place, ZERO)


def test_congruence_below_a_denominator_that_is_known() -> None:
    """The left side has a value, or the template has one where its place equals the right side."""
    given = [Gt(v, 0, evaluate=False)]
    assert kernel.congr(place / v, place, ZERO, given).relation == equation(u / v, 0)
    known = kernel.assume(equation(u, v))
    assert kernel.congr(1 / place, place, known, given).relation == equation(1 / u, 1 / v)
    assert kernel.congr(1 / x, x, kernel.assume(equation(y, z)), [Ne(z, 0, evaluate=False)]).relation == equation(
        1 / y, 1 / z
    )
    with pytest.raises(Undecided):
        kernel.congr(1 / x, x, kernel.assume(equation(y, z)))


def test_induction_does_not_lose_a_denominator_at_its_start() -> None:
    """n / Σ_{i≤n} i has no value at n = 0, where SymPy makes it 0."""
    total = Sum(i, (i, 0, n))
    gauss = equation(total, n * (n + 1) / 2)
    at_least_0 = [Ge(n, 0, evaluate=False)]
    step = kernel.linear_combination(substitute(gauss, {n: n + 1}), [(1, kernel.assume(gauss))], at_least_0)
    closed = kernel.induction(gauss, n, kernel.ring(substitute(gauss, {n: 0})), step)
    later = kernel.instantiate(closed, {n: n + 1})
    positive = kernel.nlinarith(Gt(later.relation.lhs, 0, evaluate=False), [*at_least_0, later])
    goal = equation(n / total, n / total)
    step = kernel.ring(substitute(goal, {n: n + 1}), [*at_least_0, positive])
    step = kernel.discharge(step, kernel.nlinarith(Ge(n + 1, 0, evaluate=False), at_least_0))
    assert step.hypotheses == frozenset(at_least_0)
    with pytest.raises(Undecided, match="may be zero"):
        kernel.induction(goal, n, kernel.ring(substitute(goal, {n: 0})), step)
