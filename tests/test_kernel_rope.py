# SPDX-License-Identifier: BSD-3-Clause
"""Rules of the kernel that rope was the first to need, and what they must not prove."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel
from lemmata.proofs.terms import Undecided
from sympy import Abs, Function, I, IndexedBase, Sum, conjugate, exp, symbols
from sympy.core.relational import Eq, Ge

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
