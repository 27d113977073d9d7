# SPDX-License-Identifier: BSD-3-Clause
"""The second check, by itself: it knows nothing of the normal form, and must reject what is false without it."""

from __future__ import annotations

import pytest
from lemmata.proofs import normal, recheck
from lemmata.proofs.calc import equation
from lemmata.proofs.kernel import ring
from lemmata.proofs.terms import Undecided
from sympy import (
    Abs,
    Function,
    I,
    IndexedBase,
    Max,
    Mod,
    Product,
    Rational,
    S,
    Sum,
    ceiling,
    conjugate,
    cos,
    cosh,
    erf,
    exp,
    floor,
    gamma,
    im,
    isprime,
    log,
    pi,
    re,
    sin,
    sinh,
    sqrt,
    symbols,
    tan,
    tanh,
)
from sympy.core.relational import Ge, Gt, Le, Ne

x, y = symbols("x y", real=True)
z, u = symbols("z u")
i, j, m, n = symbols("i j m n", integer=True)
s, p = IndexedBase("s", real=True), IndexedBase("p", integer=True)
f, g = Function("f", real=True), Function("g")
NAT = [Ge(n, 0)]

TRUE = [
    ((x + y) ** 2, x**2 + 2 * x * y + y**2),
    ((x**2 - 1) / (x - 1), x + 1),
    (cos(x + y), cos(x) * cos(y) - sin(x) * sin(y)),
    (sin(3 * x), 3 * sin(x) - 4 * sin(x) ** 3),
    (tan(x) * cos(x), sin(x)),
    (tanh(x), sinh(x) / cosh(x)),
    (cosh(x) ** 2, 1 + sinh(x) ** 2),
    (exp(I * (x + y / 2)), (cos(x) + I * sin(x)) * exp(I * y / 2)),
    (exp(-I * x) * exp(I * x), S.One),
    (exp(log(x) / 2), sqrt(x)),
    (exp(-log(x)), 1 / x),
    (log(x**2 * y), 2 * log(x) + log(y)),
    (log(exp(x) * sqrt(y)), x + log(y) / 2),
    (log(Rational(8, 9)), 3 * log(2) - 2 * log(3)),
    (log(x**y), y * log(x)),
    (log(Product(s[i], (i, 0, n))), Sum(log(s[i]), (i, 0, n))),
    (x ** (y + 1), x**y * x),
    (sqrt(x * y), sqrt(x) * sqrt(y)),
    (1 / sqrt(x), sqrt(x) / x),
    (sqrt(6), sqrt(2) * sqrt(3)),
    (Abs(z * u), Abs(z) * Abs(u)),
    (Abs(z) ** 2, z * conjugate(z)),
    (z, re(z) + I * im(z)),
    (Max(x, y) + Max(y, x), 2 * Max(x, y)),
    (floor(x + x) + ceiling(y) + erf(y), erf(y) + floor(2 * x) + ceiling(y)),
    (f(x + x) + g(n + 1), g(1 + n) + f(2 * x)),
    (s[p[n] + 1] + Mod(n, 3), Mod(n, 3) + s[1 + p[n]]),
    (Sum(s[i], (i, 0, n + 1)), Sum(s[i], (i, 0, n)) + s[n + 1]),
    (Product(s[i], (i, 0, n + 1)), Product(s[i], (i, 0, n)) * s[n + 1]),
    (exp(Sum(s[i] * x, (i, 0, n))), Product(exp(x * s[i]), (i, 0, n))),
    (Sum(s[i] * s[j], (j, 0, n), (i, 0, n)), Sum(s[i], (i, 0, n)) ** 2),
    (exp((x + y) ** 2), exp(x**2) * exp(2 * x * y) * exp(y**2)),
    (pi * x / 2, x * pi / 2),
    (exp(1), exp(x) * exp(1 - x)),
]


@pytest.mark.parametrize(("left", "right"), TRUE, ids=str)
def test_what_is_true_is_let_through(left, right):
    recheck.agree(left, right, NAT)


@pytest.mark.parametrize(("left", "right"), TRUE, ids=str)
@pytest.mark.parametrize("wrong", [1, x, I * y, exp(x), s[0] ** 2], ids=str)
def test_what_is_a_little_wrong_is_rejected(left, right, wrong):
    with pytest.raises(Undecided, match="differ"):
        recheck.agree(left, right + wrong, NAT)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Sum(s[i], (i, 0, n)), Sum(s[i], (i, 0, n - 1))),
        (Sum(x, (i, 0, n - 1)), (n + 1) * x),
        (cos(x + y), cos(x) * cos(y) + sin(x) * sin(y)),
        (exp(x * y), exp(x) * exp(y)),
        (log(x + y), log(x) + log(y)),
        (sqrt(x + y), sqrt(x) + sqrt(y)),
        (conjugate(z), z),
        (conjugate(z * u), z * conjugate(u)),
        (Abs(z + u), Abs(z) + Abs(u)),
        (f(x), f(y)),
        (s[n], s[n + 1]),
        (floor(x), x),
        (Max(x, y), x),
        (exp(I * x), exp(x)),
        (2**n, S(2)),
        ((-1) ** n, S.One),
    ],
    ids=str,
)
def test_classical_errors_are_rejected(left, right):
    with pytest.raises(Undecided, match="differ"):
        recheck.agree(left, right, NAT)


@pytest.mark.parametrize(
    ("term", "given", "why"),
    [
        (x ** Rational(1, 3), [], "-th powers"),
        (exp(x / 11), [], "coefficient"),
        (gamma(x), [], "does not know"),
        (Sum(s[i], (i, 0, floor(x))), [], "not concrete"),
        (Sum(s[i], (i, 0, 10**6)), [], "range too long"),
        (log(-x), [], "log of"),
        (x, [Ge(n, 3), Le(n, 2)], "no small integers"),
        (1 / ((x + 1) ** 2 - x**2 - 2 * x - 1), [], "no random point"),
        (((x + 1) ** 2 - x**2 - 2 * x - 1) ** -n, [Gt(n, 0)], "no random point"),
        (1 / sqrt((x + 1) ** 2 - x**2 - 2 * x - 1), [], "no random point"),
        (sqrt(-x), [], "no random point"),
    ],
    ids=str,
)
def test_what_has_no_value_is_rejected(term, given, why):
    with pytest.raises(Undecided, match=why):
        recheck.agree(term, term, given)


def test_the_field_is_a_field_in_which_minus_one_has_no_root():
    assert isprime(recheck.P)
    assert recheck.P % 8 == 7
    assert pow(recheck.P - 1, (recheck.P - 1) // 2, recheck.P) == recheck.P - 1


def test_small_primes_have_roots():
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23):
        assert recheck._root(prime) ** 2 % recheck.P == prime


def test_integers_satisfy_the_facts():
    recheck.agree(n * m, m * n, [Ge(n, 3), Ne(m, 0), Le(m, n)])


def test_facts_about_sums_draw_no_integers():
    recheck.agree(n + m, m + n, [equation(Sum(i, (i, 0, n)), m)])


def test_a_broken_normal_form_does_not_pass_alone(monkeypatch):
    monkeypatch.setattr(normal, "equal", lambda left, right, facts: set())
    with pytest.raises(Undecided, match="finite field"):
        ring(equation(x, x + 1))


def test_a_blind_second_check_does_not_pass_alone(monkeypatch):
    monkeypatch.setattr(recheck, "agree", lambda left, right, facts: None)
    with pytest.raises(Undecided, match="normal forms differ"):
        ring(equation(x, x + 1))
