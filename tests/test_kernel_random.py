# SPDX-License-Identifier: BSD-3-Clause
"""Random identities, true by construction: proved. With a term that is not zero added: refused, by each check alone.

Three opinions that share nothing: the normal form, the finite field, and ball arithmetic at random points.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lemmata.proofs import normal, recheck
from lemmata.proofs.calc import equation
from lemmata.proofs.kernel import ring
from lemmata.proofs.terms import Undecided
from lemmata.theory import oracle
from sympy import (
    Abs,
    Expr,
    I,
    IndexedBase,
    Product,
    Rational,
    Sum,
    conjugate,
    cos,
    exp,
    log,
    re,
    sin,
    sqrt,
    symbols,
    tanh,
)
from sympy.core.relational import Ge

x, y = symbols("x y", real=True)
z = symbols("z")
i, j, n = symbols("i j n", integer=True)
s = IndexedBase("s", real=True)
FACTS = [Ge(n, 0)]
PERTURBATIONS = (
    *(Rational(1, k) for k in (1, -2, 3, 97, 10**6)),
    *(x, -y, x * y, cos(x), sin(x + y), exp(y), x**2 + 1, s[n], s[0] - s[1], I, z, Abs(z), 1 / (x**2 + 1)),
)
Pair = tuple[Expr, Expr]

linear = st.builds(
    lambda a, b, c: a * x + b * y + c, *[st.integers(-2, 2)] * 2, st.sampled_from([0, 1, Rational(1, 2)])
)
atoms = st.sampled_from([x, y, z, s[n], s[0], Rational(2, 3), Rational(-3), cos(x), exp(-y)]).map(lambda e: (e, e))


U, V = x**2 + 1, y**2 + 2
shifts = st.integers(-2, 3)


def compound(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    """Two equal terms made from two or three pairs of equal terms, by one law."""
    return st.one_of(
        st.builds(lambda p, q: (p[0] + q[0], q[1] + p[1]), inner, inner),
        st.builds(lambda p, q: (p[0] * q[0], q[1] * p[1]), inner, inner),
        st.builds(lambda p, q, r: (p[0] * (q[0] + r[0]), p[1] * q[1] + p[1] * r[1]), inner, inner, inner),
        st.builds(lambda p, q: ((p[0] + q[0]) ** 2, p[1] ** 2 + 2 * p[1] * q[1] + q[1] ** 2), inner, inner),
        st.builds(lambda p, q: (p[0] ** 2 - q[0] ** 2, (p[1] - q[1]) * (p[1] + q[1])), inner, inner),
        st.builds(lambda p, u: (p[0], p[1] * (cos(u) ** 2 + sin(u) ** 2)), inner, linear),
        st.builds(lambda p, u: (p[0] * exp(u), p[1] / exp(-u)), inner, linear),
        st.builds(lambda p, q: (p[0] / U + q[0] / V, (p[1] * V + q[1] * U) / (U * V)), inner, inner),
        st.builds(lambda p, c: (p[0] * Sum(s[i], (i, c, n + c)), Sum(p[1] * s[j + c], (j, 0, n))), inner, shifts),
    )


laws = st.one_of(
    st.builds(lambda u, v: (cos(u + v), cos(u) * cos(v) - sin(u) * sin(v)), linear, linear),
    st.builds(lambda u, v: (sin(u - v), sin(u) * cos(v) - cos(u) * sin(v)), linear, linear),
    st.builds(lambda u: (cos(2 * u), 2 * cos(u) ** 2 - 1), linear),
    st.builds(lambda u, v: (exp(u + v), exp(u) * exp(v)), linear, linear),
    st.builds(lambda u: (exp(I * u), cos(u) + I * sin(u)), linear),
    st.builds(lambda u: (tanh(u), (exp(2 * u) - 1) / (exp(2 * u) + 1)), linear),
    st.builds(lambda u: (log(6 * exp(u) / sqrt(2)), u + log(3) + log(2) / 2), linear),
    st.builds(lambda u: (sqrt(8 * exp(2 * u)) * U, 2 * sqrt(2) * exp(u) * U), linear),
    st.builds(lambda u: (Abs(z + u) ** 2, (z + u) * (conjugate(z) + u)), linear),
    st.builds(lambda u: (Abs(z * exp(I * u)), Abs(z)), linear),
    st.builds(lambda u: (2 * re(z * exp(I * u)), z * exp(I * u) + conjugate(z) * exp(-I * u)), linear),
    st.builds(lambda c: (Sum(s[i + c], (i, 0, n)), Sum(s[i], (i, c, n + c - 1)) + s[n + c]), shifts),
    st.builds(
        lambda c: (Product(2 * s[i + c], (i, 0, n - 1)), 2**n * Product(s[j], (j, c, n + c - 1))), st.integers(-2, 3)
    ),
    st.just((Product(exp(s[i]), (i, 0, n)), exp(Sum(s[i], (i, 0, n))))),
    st.just((Sum(x, (i, 0, n)), (n + 1) * x)),
    st.just((Sum(s[i] * s[j], (j, 0, n), (i, 0, n)), Sum(s[i], (i, 0, n)) ** 2)),
    st.just((Sum(s[i] ** j, (j, 1, 2), (i, 0, n)), Sum(s[i] + s[i] ** 2, (i, 0, n)))),
    st.just((Product(s[i] * Product(s[j], (j, 0, 1)), (i, 0, n)), Product(s[i], (i, 0, n)) * (s[0] * s[1]) ** (n + 1))),
    st.just((Sum(s[i + j], (j, 0, i), (i, 0, n)), Sum(s[i + j - 1], (j, 0, i - 1), (i, 1, n + 1)))),
)
identities = st.one_of(atoms, laws).flatmap(
    lambda p: st.one_of(st.just(p), compound(st.one_of(st.just(p), laws, atoms)))
)


def difference_at(left: Expr, right: Expr, point: int) -> object:
    """An enclosure of left − right at one of a few fixed points."""
    values = {
        x: Fraction(3 * point + 1, 7),
        y: Fraction(2 - 5 * point, 9),
        n: point + 1,
        s: lambda k: Fraction(7 * k + 3, 2 * abs(k) + 5),
        z: oracle.acb_ball(Rational(point + 2, 3) - I * Rational(5, 7)),
    }
    return oracle.acb_ball(left - right, values, prec=256)


@given(identities)
@settings(max_examples=120, deadline=None)
def test_ring_proves_what_is_true(pair: Pair) -> None:
    left, right = pair
    assert all(difference_at(left, right, point).contains(0) for point in range(3))
    recheck.agree(left, right, FACTS)
    assert ring(equation(left, right), FACTS).relation == equation(left, right)


@given(identities, st.sampled_from(PERTURBATIONS), st.booleans())
@settings(max_examples=120, deadline=None)
def test_each_check_alone_refuses_what_is_false(pair: Pair, more: Expr, factor: bool) -> None:
    left, right = pair
    wrong = right * (1 + more) if factor else right + more
    assume(not all(difference_at(left, wrong, point).contains(0) for point in range(3)))
    with pytest.raises(Undecided):
        normal.equal(left, wrong, FACTS)
    with pytest.raises(Undecided):
        recheck.agree(left, wrong, FACTS)
    with pytest.raises(Undecided):
        ring(equation(left, wrong), FACTS)
