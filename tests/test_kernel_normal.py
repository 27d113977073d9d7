# SPDX-License-Identifier: BSD-3-Clause
"""The normal form: identities of every kind that it knows, and the obligations that it insists on."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel, normal, signs, terms
from lemmata.proofs.calc import equation as eq
from lemmata.proofs.terms import Undecided
from lemmata.theory.claim import ForAll
from sympy import (
    Abs,
    Function,
    I,
    IndexedBase,
    Integral,
    Lambda,
    Limit,
    Max,
    Min,
    Mod,
    Piecewise,
    Product,
    Rational,
    S,
    Si,
    Sum,
    Tuple,
    atan,
    ceiling,
    conjugate,
    cos,
    cosh,
    erf,
    exp,
    floor,
    im,
    log,
    oo,
    pi,
    re,
    sin,
    sinh,
    sqrt,
    symbols,
    tan,
    tanh,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

x, y, t = symbols("x y t", real=True)
z, u = symbols("z u")
i, j, k, m, n = symbols("i j k m n", integer=True)
s = IndexedBase("s", real=True)
w = IndexedBase("w")
f, g = Function("f", real=True), Function("g")
NAT = [Ge(n, 0)]
COMPLEX = [Ne(z + 1, 0), Ne(conjugate(z) + 1, 0)]
POS = [Gt(x, 0), Gt(y, 0)]

TRUE = [
    (x / y + y / x, (x**2 + y**2) / (x * y), POS),
    (1 / (x + y) + 1 / (x + 2 * y), (2 * x + 3 * y) / ((x + y) * (x + 2 * y)), POS),
    (sqrt(x + y) ** 2, x + y, POS),
    (sqrt(4 * x + 4 * y), 2 * sqrt(x + y), POS),
    (1 / sqrt(x + y), sqrt(x + y) / (x + y), POS),
    (sqrt(x * y), sqrt(x) * sqrt(y), POS),
    (sqrt(-x) ** 2, -x, [Le(x, 0)]),
    (sqrt(x - x), S.Zero, []),
    (sqrt((x + 1) ** 2 - x**2 - 2 * x - 1), S.Zero, []),
    (sqrt(Rational(8, 9)), 2 * sqrt(2) / 3, []),
    (exp(x / 2) ** 2, exp(x), []),
    (exp(log(x) / 2), sqrt(x), POS),
    (exp(2 * log(x) + y), x**2 * exp(y), POS),
    (exp(y - log(x)), exp(y) / x, POS),
    (exp(log(x + y) * 2), (x + y) ** 2, POS),
    (log(2 * x / y), log(2) + log(x) - log(y), POS),
    (log(x + y) + log(3), log(3 * x + 3 * y), POS),
    (log(sqrt(2) * exp(x)), log(2) / 2 + x, []),
    (x**y * x**t, x ** (y + t), POS),
    (2**n * 2, 2 ** (n + 1), []),
    ((2 * x) ** n, 2**n * x**n, NAT),
    ((-x) ** n, (-1) ** n * x**n, NAT),
    ((x + y) ** (n + 1), (x + y) ** n * (x + y), NAT),
    (x ** (n - 1) * x, x**n, [Ne(x, 0)]),
    (x ** (2 * n), (x**n) ** 2, NAT),
    (exp(x) ** n, exp(n * x), []),
    (exp(I * x) ** n, exp(I * n * x), []),
    (exp(I * x) * exp(-I * x), S.One, []),
    ((-1) ** (2 * n + 1), -1 + 0 * n, []),
    (tan(x) * cos(x), sin(x), [Ne(cos(x), 0)]),
    (cosh(x) ** 2 - sinh(x) ** 2, S.One, []),
    (tanh(x) * cosh(x), sinh(x), []),
    (conjugate(conjugate(z) * u), z * conjugate(u), []),
    (conjugate(z / u), conjugate(z) / conjugate(u), [Ne(u, 0)]),
    (conjugate(z**n), conjugate(z) ** n, NAT),
    (conjugate(1 / (z + 1)) * conjugate(z + 1), S.One, [Ne(z + 1, 0), Ne(conjugate(z) + 1, 0)]),
    (conjugate((1 + z) ** 2), (1 + conjugate(z)) ** 2, []),
    (conjugate(Sum(w[i], (i, 0, n))), Sum(conjugate(w[i]), (i, 0, n)), NAT),
    (conjugate(Product(w[i], (i, 0, n))), Product(conjugate(w[i]), (i, 0, n)), NAT),
    (conjugate(sqrt(x + y)), sqrt(x + y), POS),
    (Abs(conjugate(z) + u) ** 2, (conjugate(z) + u) * (z + conjugate(u)), []),
    (Abs(z**n + 1) ** 2, (z**n + 1) * (conjugate(z) ** n + 1), NAT),
    (Abs(Sum(w[i], (i, 0, n)) + z) ** 2, Abs(z + Sum(w[j], (j, 0, n))) ** 2, NAT),
    (Abs(Product(w[i], (i, 0, n)) + z) ** 2, Abs(z + Product(w[j], (j, 0, n))) ** 2, NAT),
    (Abs(u + 1 / (z + 1)) ** 2, (u + 1 / (z + 1)) * (conjugate(u) + 1 / (conjugate(z) + 1)), COMPLEX),
    (Product(exp(s[i]), (i, 0, m)) ** n, exp(n * Sum(s[i], (i, 0, m))), []),
    (Product(exp(I * s[i]), (i, 0, m)) ** n, exp(I * n * Sum(s[i], (i, 0, m))), []),
    (re(z) ** 2 + im(z) ** 2, Abs(z) ** 2, []),
    (Abs(z * u) / Abs(u), Abs(z), [Ne(u, 0)]),
    (Abs(2 * z - 2 * u), 2 * Abs(u - z), []),
    (Abs(I * x**3 * exp(I * y)), Abs(x) ** 3, []),
    (Abs(x), x, [Ge(x, 0)]),
    (Abs(0 * z), S.Zero, []),
    (Abs((z + 1) ** 2 - z**2 - 2 * z - 1), S.Zero, []),
    (Abs((-1) ** n * x), Abs(x), []),
    (Max(x + x, y), Max(2 * x, y), []),
    (floor(x + x), floor(2 * x), []),
    (erf(x + x) + atan(2 * x), erf(2 * x) + atan(x + x), []),
    (Mod(n + n, 3), Mod(2 * n, 3), []),
    (f(x + x) + g(z + z), g(2 * z) + f(2 * x), []),
    (Sum(s[i], (i, 3, 2)), S.Zero, []),
    (Sum(s[i], (i, 0, n)) - Sum(s[i], (i, 0, n - 1)), s[n], NAT),
    (Sum(s[i], (i, 0, n - 2)), Sum(s[i], (i, 0, n)) - s[n] - s[n - 1], [Ge(n, 1)]),
    (Sum(s[i], (i, 0, n)) * y, Sum(y * s[i], (i, 0, n)), []),
    (Sum(y / n, (i, 0, n - 1)), y, [Gt(n, 0)]),
    (Sum(s[i] / n, (i, 0, n - 1)), Sum(s[j] / n, (j, 0, n - 1)), NAT),
    (Sum(f(Max(x, i)), (i, 0, n)), Sum(f(Max(j, x)), (j, 0, n)), NAT),
    (Sum(s[2 * i + i] + Mod(i + i, 3), (i, 0, n)), Sum(s[3 * j] + Mod(2 * j, 3), (j, 0, n)), NAT),
    (Product(s[i], (i, 0, n)), Product(s[i], (i, 0, n - 1)) * s[n], NAT),
    (Product(s[i], (i, 0, n - 2)) * s[n - 1], Product(s[i], (i, 0, n - 1)), [Ge(n, 1), ForAll((k,), Ne(s[k], 0))]),
    (Product(2 * s[i] ** 2, (i, 0, n - 1)), 2**n * Product(s[i], (i, 0, n - 1)) ** 2, NAT),
    (Product(exp(I * s[i]), (i, 0, n)), exp(I * Sum(s[i], (i, 0, n))), []),
    (Product(1 + s[i], (i, 1, n)), Product(1 + s[i + 1], (i, 0, n - 1)), []),
    (Product(sqrt(s[i]), (i, 0, n)) ** 2, Product(s[i], (i, 0, n)), [ForAll((k,), Gt(s[k], 0))]),
]


@pytest.mark.parametrize(("left", "right", "given"), TRUE, ids=[str(left) for left, _, _ in TRUE])
def test_equal_terms_have_equal_normal_forms(left, right, given):
    assert normal.equal(left, right, given) is not None


@pytest.mark.parametrize(("left", "right", "given"), TRUE, ids=[str(left) for left, _, _ in TRUE])
def test_one_more_makes_them_different(left, right, given):
    with pytest.raises(Undecided):
        normal.equal(left, right + Rational(1, 7), given)


@pytest.mark.parametrize(
    ("term", "given", "why"),
    [
        ((x + 1) ** 65, [], "too large to expand"),
        (1 / x, [], "may be zero"),
        (1 / ((x + 1) ** 2 - x**2 - 2 * x - 1), [Ne((x + 1) ** 2 - x**2 - 2 * x - 1, 0)], "denominator is zero"),
        (x**y, [], "not known to be positive"),
        (sqrt(x), [], "unknown sign"),
        (log(x), [], "not known to be positive"),
        (sqrt(10**13 + 37), [], "too large to factor"),
        (x**n, [], "may be zero"),
        (x ** floor(y / 2), [], "may be zero"),
        (((x + 1) ** 2 - x**2 - 2 * x - 1) ** n, NAT, "power of zero"),
        (Sum(s[i], (i, 0, x)), [], "limits must be integers"),
        (Product(s[i], (i, 0, n - 1)) * Product(s[i], (i, 0, n - 3)), [Ge(n, 5)], "may be zero"),
        (Product(0 * s[i] + (i + 1) ** 2 - i**2 - 2 * i - 1, (i, 0, n)), [], "product of zeros"),
        (Product(x, (i, 0, n)), [], "may be negative"),
        (Integral(x, (x, 0, 1)), [], "no normal form for Integral"),
        (Piecewise((x, x > 0)), [], "may all fail"),
        (S.Catalan, [], "no normal form"),
        (oo + x, [], "not an exact finite term"),
    ],
    ids=str,
)
def test_what_has_no_normal_form_is_refused(term, given, why):
    with pytest.raises(Undecided, match=why):
        normal.Normalizer(list(given)).normal(term)


@pytest.mark.parametrize(
    ("goal", "given"),
    [
        (Ge(Max(x, y), x), []),
        (Le(Min(x, y), y), []),
        (Le(floor(x), x), [Ge(n, 0)]),
        (Ge(ceiling(x), x), []),
        (Lt(Mod(n, 3), 3), []),
        (Lt(tanh(x), 1), []),
        (Le(cos(x), 1), []),
        (Eq(cos(x) ** 2 + sin(x) ** 2, 1, evaluate=False), []),
        (Gt(pi, Rational(314, 100), evaluate=False), []),
        (Lt(x, n + 1), [Le(x, n)]),
        (Ge(1 / x, 0), [Gt(x, 0)]),
        (Ge(Abs(x), x), []),
        (Ge(sqrt(x) * sqrt(x + 1), 0), [Ge(x, 0)]),
        (Ge(Sum(s[i], (i, 0, n)) + 1, Sum(s[j], (j, 0, n))), []),
    ],
    ids=str,
)
def test_arithmetic_derives(goal, given):
    assert kernel.nlinarith(goal, given).relation == goal


@pytest.mark.parametrize(
    ("term", "given", "why"),
    [
        (Si(x), [], "not known to be positive"),
        (Mod(n, m), [], "modulus may be zero"),
        (Max(x, floor(y), evaluate=False) + 1 / tanh(x), [], "may be zero"),
        (Sum(x, (i, 0, t)), [], "must be an integer"),
        (floor(z), [], "not known to be real"),
        (Function("arg")(x) + Limit(exp(x), x, 0), [], "existence"),
        (tan(x), [], "cos may vanish"),
        (0 ** (x + 1), [], "real power"),
    ],
    ids=str,
)
def test_what_may_have_no_value_is_refused(term, given, why):
    with pytest.raises(Undecided, match=why):
        signs.require_defined(term, given)


def test_a_universal_fact_with_a_partial_condition_has_no_instances():
    fact = ForAll((k,), Gt(s[k], 0), (Ge(sqrt(k), 0),))
    assert signs.instances([fact], [s[n]]) == []


def test_a_universal_fact_matches_shifted_members():
    fact = ForAll((j, k), Gt(w[j, k + 1], 0), (Ge(j, 0),))
    assert signs.instances([fact, Ge(n, 0)], [w[n, m], w[x, m], w[n]]) == [Ge(n, 0), Gt(w[n, m], 0)]


def test_domains():
    pieces = Piecewise((n, Gt(x, 0)), (m, True))
    assert terms.is_integer(pieces)
    assert terms.is_real(pieces)
    assert terms.is_real(Limit(exp(x), x, 0))
    assert terms.is_real(Integral(exp(x), (x, 0, 1)))
    assert not terms.is_real(Tuple(x))
    assert not terms.is_integer(Integral(n, (x, 0, 1)))
    assert not terms.is_real(Function("h")(x))


def test_an_indefinite_integral_is_no_term():
    with pytest.raises(Undecided, match="two limits"):
        terms.free(Integral(x, x))


def test_a_function_is_not_a_term():
    with pytest.raises(Undecided, match="not a term"):
        terms.substitute(Lambda(x, x), {x: y})


def test_derivatives_follow_the_table():
    assert terms.derivative(x**x, x) == x**x * (log(x) + x / x)
    assert terms.derivative(Sum(s[i] * x**i, (i, 0, n)), x) == Sum(s[i] * i * x ** (i - 1), (i, 0, n))
    with pytest.raises(Undecided, match="no derivative rule"):
        terms.derivative(Sum(x, (i, 0, floor(x))), x)


def test_rings_with_families_as_formulas():
    theorem = kernel.ring(eq(2 * f(x), f(x) + f(x)))
    assert kernel.instantiate(theorem, {f: Lambda(x, exp(x))}).relation.lhs == 2 * exp(x)
