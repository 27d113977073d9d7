# SPDX-License-Identifier: BSD-3-Clause
"""The rules for integrals, derivatives and the exponential: what they accept, and the near misses they refuse."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel
from lemmata.proofs.calc import equation
from lemmata.proofs.terms import Undecided
from sympy import EulerGamma, Integral, Limit, Max, Rational, exp, log, oo, sin, sqrt, symbols
from sympy.core.relational import Ge, Gt, Le

x, y, h, a = symbols("x y h a", real=True)
n, k = symbols("n k", integer=True)
z = symbols("z")


def value(body, primitive, variable, lower, upper, given=()):
    """∫ body by the rule ``antiderivative`` with limits that the rule ``limit`` proves."""
    low, high = (
        kernel.limit(equation(Limit(primitive, variable, at, way), end), given)
        for at, way, end in ((lower[0], "+", lower[1]), (upper[0], "-", upper[1]))
    )
    return kernel.antiderivative(Integral(body, (variable, lower[0], upper[0])), primitive, low, high, given)


@pytest.fixture
def decay():
    """∫₀^∞ e^(−y) dy = 0 − (−1)."""
    return value(exp(-y), -exp(-y), y, (0, -1), (oo, 0))


def test_substitution_keeps_the_value(decay):
    theorem = kernel.substitution(Integral(2 * exp(-2 * x), (x, 0, oo)), 2 * x, decay)
    assert theorem.relation == equation(Integral(2 * exp(-2 * x), (x, 0, oo)), decay.relation.rhs)


def test_substitution_that_swaps_the_ends_changes_the_sign(decay):
    moved = Integral(exp(-x) * exp(-exp(-x)), (x, -oo, oo))
    assert kernel.substitution(moved, exp(-x), decay).relation.lhs == moved


@pytest.mark.parametrize(
    ("integral", "inner", "why"),
    [
        (Integral(-exp(-x) * exp(-exp(-x)), (x, -oo, oo)), exp(-x), "normal forms differ"),  # the wrong sign
        (Integral(exp(-2 * x), (x, 0, oo)), 2 * x, "normal forms differ"),  # the slope is forgotten
        (Integral(exp(-x), (x, 1, oo)), x, "the ends go to"),  # only a part of the range
        (Integral(exp(-x), (x, -oo, oo)), x, "condition not shown"),  # leaves the range
        (Integral(2 * exp(-2 * x), (x, oo, 0)), 2 * x, "interval"),
        (Integral(exp(-Max(x, 0)), (x, 0, oo)), Max(x, 0), "no derivative rule"),
    ],
)
def test_substitution_refuses(decay, integral, inner, why):
    with pytest.raises(Undecided, match=why):
        kernel.substitution(integral, inner, decay)


def test_substitution_needs_the_value_of_an_integral():
    with pytest.raises(Undecided, match="not the value of an integral"):
        kernel.substitution(Integral(exp(-x), (x, 0, oo)), x, kernel.refl(x))


def test_substitution_refuses_hypotheses_about_its_variable():
    known = value(exp(-y), -exp(-y), y, (0, -1), (oo, 0))
    with pytest.raises(Undecided, match="a hypothesis speaks of x"):
        kernel.substitution(Integral(exp(-x), (x, 0, oo)), x, known, [Gt(x, 5)])


def test_substitution_refuses_a_known_integral_that_speaks_of_its_variable():
    known = value(exp(x) * exp(-y), -exp(x) * exp(-y), y, (0, -exp(x)), (oo, 0))
    with pytest.raises(Undecided, match="speaks of x"):
        kernel.substitution(Integral(exp(x) * exp(-x), (x, 0, oo)), x, known)


def test_equal_integrands_have_equal_integrals(decay):
    pointwise = kernel.ring(equation(exp(-2 * y) * exp(y), exp(-y)))
    theorem = kernel.integral_congr(pointwise, decay)
    assert theorem.relation == equation(Integral(exp(-2 * y) * exp(y), (y, 0, oo)), decay.relation.rhs)


def test_integrands_may_use_that_the_variable_lies_inside(decay):
    pointwise = kernel.ring(equation(sqrt(y) * exp(-y) / sqrt(y), exp(-y)), [Gt(y, 0)])
    assert kernel.integral_congr(pointwise, decay).hypotheses == frozenset()


def test_integrands_may_not_use_more(decay):
    pointwise = kernel.ring(equation(sqrt(y - 1) ** 2 * exp(-y), (y - 1) * exp(-y)), [Gt(y, 1)])
    with pytest.raises(Undecided, match="not the known integrand"):
        kernel.integral_congr(pointwise, decay)
    pointwise = kernel.ring(equation(exp(-y) * sqrt(y - 1) / sqrt(y - 1), exp(-y)), [Gt(y, 1)])
    with pytest.raises(Undecided, match="a hypothesis speaks of y"):
        kernel.integral_congr(pointwise, decay)


def test_integrands_must_be_equal_and_known(decay):
    with pytest.raises(Undecided, match="must be equal"):
        kernel.integral_congr(kernel.positivity(Gt(exp(y), 0, evaluate=False)), decay)
    with pytest.raises(Undecided, match="not the value of an integral"):
        kernel.integral_congr(kernel.refl(exp(-y)), kernel.refl(y))


def test_a_derivative_is_the_limit_of_the_quotient():
    theorem = kernel.has_deriv(log(x), x, h, [Gt(x, 0)])
    assert theorem.relation == equation(Limit((log(x + h) - log(x)) / h, h, 0, "+-"), 1 / x)


@pytest.mark.parametrize(
    ("term", "variable", "step", "given", "why"),
    [
        (x ** Rational(3, 2), x, h, [Ge(x, 0)], "not known to hold around"),  # has no left neighbourhood at 0
        (log(x), x, h, [Gt(log(x), 0)], "not known to hold around"),
        (log(x), x, h, [], "log of a number not known to be positive"),
        (Max(x, 0), x, h, [], "no derivative rule"),
        (sin(n), n, h, [], "real variable"),
        (sin(z), z, h, [], "real variable"),
        (sin(x), x, x, [], "fresh real step"),
        (sin(x + h), x, h, [], "fresh real step"),
        (sin(x), x, k, [], "fresh real step"),
        (sin(x), x, h, [Gt(h, 0)], "say nothing of the step"),
    ],
)
def test_a_derivative_is_refused(term, variable, step, given, why):
    with pytest.raises(Undecided, match=why):
        kernel.has_deriv(term, variable, step, given)


def test_a_derivative_takes_no_theorems():
    with pytest.raises(Undecided, match="only hypotheses"):
        kernel.has_deriv(sin(x), x, h, [kernel.refl(x)])


def test_the_exponential_lies_above_its_tangent():
    assert kernel.add_one_le_exp(-(x**2)).relation == Le(1 - x**2, exp(-(x**2)), evaluate=False)


def test_the_tangent_needs_a_real_term_with_a_value():
    with pytest.raises(Undecided, match="not known to be real"):
        kernel.add_one_le_exp(z)
    with pytest.raises(Undecided, match="denominator may be zero"):
        kernel.add_one_le_exp(1 / x)


def test_eulers_constant_is_a_number_of_its_own():
    kernel.ring(equation((x + EulerGamma) ** 2, x**2 + 2 * EulerGamma * x + EulerGamma**2))
    with pytest.raises(Undecided):
        kernel.ring(equation(EulerGamma, Rational(1, 2) + 0 * x))
