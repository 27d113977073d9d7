# SPDX-License-Identifier: BSD-3-Clause
"""The oracle: every enclosure contains the exact value, or the oracle raises."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from lemmata.theory import gradient as gradient_module
from lemmata.theory.claim import Case, Definition
from lemmata.theory.enclosure import FORMATS
from lemmata.theory.oracle import (
    Undecided,
    Undefined,
    Unsupported,
    acb_ball,
    ball,
    compile,
    decide,
    enclose,
    exact,
    gradient,
)
from sympy import Eq, Function, IndexedBase, Piecewise, Product, Rational, S, Sum, Symbol, symbols

x, y, z = symbols("x y z", real=True)
i, j, n, m = symbols("i j n m", integer=True)
k = Symbol("k", integer=True, nonnegative=True)
p = Symbol("p", positive=True)
q = IndexedBase("q")
F = Function("F")

REFERENCE_BITS = 2000


def reference(e: sp.Expr, env: dict[sp.Symbol, Fraction]) -> Any:
    """The value by mpmath at 2000 bits: an evaluator of its own, which shares nothing with the oracle."""
    with mpmath.workprec(REFERENCE_BITS):
        return _reference(e, env)


def _reference(e: sp.Expr, env: dict[sp.Symbol, Fraction]) -> Any:
    if e.is_Rational:
        return mpmath.mpf(int(e.p)) / int(e.q)
    if e.is_Symbol:
        return mpmath.mpf(env[e].numerator) / env[e].denominator
    if e is S.Pi:
        return +mpmath.pi
    if e is S.Exp1:
        return mpmath.e + 0
    args = [_reference(a, env) for a in e.args]
    if e.is_Add:
        return mpmath.fsum(args)
    if e.is_Mul:
        return mpmath.fprod(args)
    if e.is_Pow:
        return args[0] ** args[1]
    name = {"Abs": "fabs", "LambertW": "lambertw", "Si": "si", "Ci": "ci"}.get(type(e).__name__, type(e).__name__)
    return getattr(mpmath, name)(*args)


def to_arb(value: Any) -> arb:
    """A real mpmath number, all of its bits, as a ball that allows for a loss of half of its 2000 bits."""
    sign, mantissa, exponent, _ = mpmath.re(value)._mpf_
    with flint.ctx.workprec(REFERENCE_BITS):
        mid = arb(int(mantissa)) * arb(2) ** int(exponent) * (-1 if sign else 1)
        return mid + arb(0, abs(mid) * arb(2) ** (-REFERENCE_BITS // 2))


def dyadic(low: float = -50, high: float = 50) -> st.SearchStrategy[Fraction]:
    return st.floats(low, high, allow_subnormal=False).map(Fraction)


SMOOTH = [sp.exp, sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf, sp.erfc, sp.sinh, sp.cosh, sp.Abs]


def expressions() -> st.SearchStrategy[sp.Expr]:
    leaves = st.sampled_from([x, y, sp.pi, sp.E, S.One / 3, S(2), S(-1), Rational(7, 5)])

    def extend(children: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
        return st.one_of(
            st.tuples(children, children).map(lambda t: t[0] + t[1]),
            st.tuples(children, children).map(lambda t: t[0] - t[1]),
            st.tuples(children, children).map(lambda t: t[0] * t[1]),
            st.tuples(st.sampled_from([sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf, sp.Abs]), children).map(
                lambda t: t[0](t[1])
            ),
            children.map(lambda c: sp.exp(sp.sin(c))),
            children.map(lambda c: sp.sqrt(1 + c**2)),
            children.map(lambda c: 1 / (2 + sp.cos(c))),
            children.map(lambda c: sp.log(1 + c**2)),
            children.map(lambda c: c**3),
        )

    return st.recursive(leaves, extend, max_leaves=6)


class TestEnclosures:
    """Values contain what an independent evaluation gives."""

    @settings(deadline=None, max_examples=150)
    @given(expressions(), dyadic(), dyadic())
    def test_random_expressions_contain_the_reference(self, e: sp.Expr, a: Fraction, b: Fraction) -> None:
        """mpmath and the oracle are computed apart; balls at 64 and at 256 bits must meet both."""
        env = {x: a, y: b}
        truth = to_arb(reference(e, env))
        narrow, wide = ball(e, env, prec=256), ball(e, env, prec=64)
        assert truth.overlaps(narrow)
        assert truth.overlaps(wide)
        assert narrow.overlaps(wide)
        assert narrow.is_exact() or narrow.rad() <= wide.rad()

    @settings(deadline=None)
    @given(st.sampled_from(SMOOTH), dyadic(-30, 30))
    def test_functions_contain_the_reference_narrowly(self, f: Any, a: Fraction) -> None:
        """One function of a dyadic number keeps all but a few of the 128 bits."""
        value = ball(f(x), {x: a})
        assert to_arb(reference(f(x), {x: a})).overlaps(value)
        assert value.is_exact() or value.rel_accuracy_bits() >= 64

    @settings(deadline=None)
    @given(
        st.sampled_from(
            [sp.log, sp.gamma, sp.loggamma, sp.LambertW, sp.Si, sp.Ci, sp.sqrt, lambda u: u ** Rational(2, 7)]
        ),
        dyadic(2**-10, 30),
    )
    def test_functions_of_positive_numbers(self, f: Any, a: Fraction) -> None:
        """Functions with a branch cut or a pole, to the right of it."""
        e = f(p)
        with mpmath.workprec(300):
            truth = _reference(e, {p: a})
        value = ball(e, {p: a})
        assert (to_arb(truth) + arb(0, abs(to_arb(truth)) * arb(2) ** -250)).overlaps(value)
        assert value.is_exact() or value.rel_accuracy_bits() >= 64

    @pytest.mark.parametrize(
        ("e", "env"),
        [
            (sp.cos(x * y), {x: Fraction(2**31), y: Fraction(0.1234567)}),
            (sp.cos(x), {x: Fraction(1e300)}),
            (1 - sp.cos(x), {x: Fraction(1e-20)}),
            (sp.exp(x) - 1 - x, {x: Fraction(2.0**-60)}),
            (1 - sp.exp(-sp.exp(-x)), {x: Fraction(80)}),
            (sp.exp(-sp.exp(-x)), {x: Fraction(-6)}),
            (1 + sp.erf(x), {x: Fraction(-12)}),
            (sp.erfc(x), {x: Fraction(100)}),
            (x * (1 + sp.erf(x / sp.sqrt(2))) / 2, {x: Fraction(-14.5)}),
            (sp.log(1 + sp.exp(x)) - x, {x: Fraction(200)}),
            (sp.tanh(x) - 1, {x: Fraction(300)}),
            (sp.sqrt(x + 1) - sp.sqrt(x), {x: Fraction(2**200)}),
            ((1 + x) ** 3 - 1 - 3 * x - 3 * x**2, {x: Fraction(1, 10**30)}),
            (sp.sin(x), {x: Fraction(314159265358979323846264338327950288419716939937510, 10**50)}),
        ],
    )
    def test_hard_points(self, e: sp.Expr, env: dict[Symbol, Fraction]) -> None:
        """Cancellation and tails: right at low precision, and narrow at 1024 bits."""
        truth = to_arb(reference(e, env))
        assert truth.overlaps(ball(e, env, prec=53))
        narrow = ball(e, env, prec=1024)
        assert truth.overlaps(narrow)
        assert narrow.is_exact() or narrow.rel_accuracy_bits() >= 64

    def test_a_cancelling_sum_is_exact_in_rationals(self) -> None:
        """Σ (−1)ⁱ binomial(n, i) = 0 exactly, and a telescoping sum equals its closed form."""
        alternating = Sum((-1) ** i * sp.binomial(n, i), (i, 0, n))
        assert exact(alternating, {n: 60}) == 0
        assert exact(Sum(1 / (i * (i + 1)), (i, 1, n)), {n: 999}) == Fraction(999, 1000)

    def test_a_cancelling_sum_of_irrationals(self) -> None:
        """Σ (√(i+1) − √i) over 1…99 is 9, which the ball contains without deciding it."""
        e = Sum(sp.sqrt(i + 1) - sp.sqrt(i), (i, 1, 99))
        value = ball(e)
        assert value.contains(9)
        assert value.rel_accuracy_bits() > 100

    @settings(deadline=None)
    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_a_float_is_the_dyadic_number_that_it_is(self, a: float) -> None:
        assert exact(x, {x: a}) == Fraction(a)

    def test_numpy_scalars_are_exact(self) -> None:
        assert exact(x, {x: np.float32(0.1)}) == Fraction(float(np.float32(0.1)))
        assert exact(x, {x: np.float16(0.1)}) == Fraction(float(np.float16(0.1)))
        assert exact(n, {n: np.int64(2**62 + 1)}) == 2**62 + 1

    @settings(deadline=None)
    @given(st.floats(-2, 2), st.floats(0, 2), st.integers(1, 9), st.floats(-1, 1))
    def test_powers_of_balls_contain_the_powers_of_their_points(
        self, mid: float, rad: float, n_: int, t: float
    ) -> None:
        """Balls around zero included, where Arb's own power is NaN."""
        inside = Fraction(mid) + Fraction(rad) * Fraction(t)
        value = ball(x**n_, {x: arb(mid, rad)})
        with flint.ctx.workprec(8000):
            assert value.overlaps(arb(flint.fmpq(*(inside**n_).as_integer_ratio())))


class TestScope:
    """Bound variables are bound; no substitution takes place."""

    def test_a_captured_index(self) -> None:
        """Sum(i·j, (i,1,3)) at j = i₀ is 6·i₀, where SymPy's subs(j, i) gives 14."""
        e = Sum(i * j, (i, 1, 3))
        assert [exact(e, {j: v}) for v in (0, 1, 5)] == [0, 6, 30]
        assert exact(e, {j: 5, i: 100}) == 30

    def test_bounds_belong_to_the_outer_scope(self) -> None:
        assert exact(Sum(i, (i, 1, i)), {i: 4}) == 10

    def test_nested_limits_run_from_the_right(self) -> None:
        assert exact(Sum(i * j, (i, 1, j), (j, 1, 3))) == 1 + 2 * 3 + 3 * 6

    def test_nested_sums_with_one_name(self) -> None:
        assert exact(Sum(i * Sum(i, (i, 1, 2)), (i, 1, 3))) == 18

    def test_shared_subexpressions_do_not_leak_out_of_a_scope(self) -> None:
        """i² occurs free and bound; each has its own value."""
        free = i**2
        assert exact(free + Sum(free, (i, 1, 3)) + free, {i: 10}) == 214

    def test_empty_ranges(self) -> None:
        """0 and 1, also where the bounds are far apart the wrong way round."""
        for upper in (0, -1, -5):
            assert exact(Sum(q[i], (i, 1, n)), {n: upper, q: []}) == 0
            assert exact(Product(q[i], (i, 1, n)), {n: upper, q: []}) == 1

    def test_symbols_of_one_name_and_other_assumptions_are_different(self) -> None:
        with pytest.raises(LookupError, match="no value for the symbol x"):
            ball(Symbol("x") + 1, {x: 1})

    def test_a_value_against_its_declaration(self) -> None:
        """SymPy has already turned √(p²) into p: a negative p would be silently wrong."""
        for symbol, bad in ((p, -1), (p, 0), (k, -1), (n, Fraction(1, 2)), (x, 1j)):
            with pytest.raises(ValueError, match=r"as . is declared"):
                ball(symbol, {symbol: bad})
        even = Symbol("e", even=True)
        with pytest.raises(ValueError, match="not even"):
            ball(even, {even: 3})

    def test_an_index_against_its_declaration(self) -> None:
        positive = Symbol("i", integer=True, positive=True)
        with pytest.raises(Undefined, match="not positive"):
            ball(Sum(positive, (positive, 0, 2)))


class TestFamilies:
    """Indexed values and undefined functions."""

    def test_sequences_mappings_and_callables(self) -> None:
        e = Sum(q[i] * q[i + 1], (i, 0, 1))
        assert exact(e, {q: [1, 2, 3]}) == 8
        assert exact(e, {q: {0: 1, 1: 2, 2: 3}}) == 8
        assert exact(e, {q: lambda index: index + 1}) == 8
        assert exact(e, {q[0]: 1, q[1]: 2, q[2]: 3}) == 8

    def test_two_indices(self) -> None:
        assert exact(q[1, 0], {q: [[1, 2], [3, 4]]}) == 3
        assert exact(q[1, 0], {q: np.array([[1, 2], [3, 4]])}) == 3
        assert exact(q[1, 0], {q: lambda a, b: 10 * a + b}) == 10

    @pytest.mark.parametrize("index", [-1, 3])
    def test_an_index_out_of_range(self, index: int) -> None:
        """A negative index never wraps round."""
        with pytest.raises(LookupError, match="out of range"):
            ball(q[n], {q: [1, 2, 3], n: index})

    def test_an_index_that_is_no_integer(self) -> None:
        with pytest.raises(Undefined, match="index"):
            ball(q[x], {q: [1, 2, 3], x: 0.5})

    def test_undefined_functions(self) -> None:
        assert exact(F(x) + F(x + 1), {F: lambda v: v * v, x: Fraction(1, 2)}) == Fraction(5, 2)
        assert exact(F(3), {F(3): 7}) == 7
        with pytest.raises(LookupError, match="F has no values"):
            ball(F(3))


def definition(*cases: Case, parameters: tuple[Symbol, ...] = (k,)) -> Definition:
    return Definition("F", parameters, cases)


class TestDefinitions:
    """Recursive definitions by their equations."""

    factorial = definition(Case((S.Zero,), S.One), Case((k + 1,), (k + 1) * F(k)))

    def test_recursion(self) -> None:
        assert exact(F(20), definitions=[self.factorial]) == math.factorial(20)

    def test_deep_recursion(self) -> None:
        """The memo is filled from below, so that no stack overflows."""
        assert exact(F(2000), definitions=[self.factorial]) == math.factorial(2000)

    def test_outside_the_domain(self) -> None:
        for bad in (-1, Fraction(1, 2)):
            with pytest.raises(Undefined, match="no case"):
                ball(F(x), {x: bad}, definitions=[self.factorial])

    def test_families_inside(self) -> None:
        """A recurrence over an indexed family."""
        r = definition(Case((S.Zero,), S.One), Case((k + 1,), F(k) + q[k]))
        assert exact(F(n), {n: 3, q: [5, 6, 7]}, definitions=[r]) == 19

    def test_other_arguments_may_change(self) -> None:
        f = definition(Case((S.Zero, x), x), Case((k + 1, x), F(k, x + 1)), parameters=(k, x))
        assert exact(F(5, y), {y: Fraction(1, 3)}, definitions=[f]) == Fraction(16, 3)
        assert ball(F(5, sp.sqrt(2)), definitions=[f]).overlaps(ball(5 + sp.sqrt(2)))

    def test_conditions_choose_the_case(self) -> None:
        f = definition(Case((k,), S.One, (k < 3,)), Case((k,), S(2), (k >= 3,)))
        assert [exact(F(v), definitions=[f]) for v in (0, 2, 3)] == [1, 1, 2]

    def test_no_condition_holds(self) -> None:
        with pytest.raises(Undefined, match="no case"):
            ball(F(5), definitions=[definition(Case((k,), S.One, (k < 3,)))])

    def test_a_recursion_that_does_not_end(self) -> None:
        with pytest.raises(Undefined, match="does not end"):
            ball(F(5), definitions=[definition(Case((k,), F(k)))])

    def test_wrong_definitions(self) -> None:
        """Names, numbers of arguments and patterns are checked."""
        with pytest.raises(ValueError, match="one name"):
            ball(F(1), definitions=[self.factorial, self.factorial])
        with pytest.raises(ValueError, match="takes 1 arguments"):
            ball(F(1, 2), definitions=[self.factorial])
        with pytest.raises(Unsupported, match="pattern"):
            ball(F(2), definitions=[definition(Case((2 * k,), S.One))])

    def test_a_repeated_parameter_must_agree(self) -> None:
        f = definition(Case((k, k), S.One), Case((k, x), S.Zero), parameters=(k, x))
        assert exact(F(2, 2), definitions=[f]) == 1
        assert exact(F(2, 3), definitions=[f]) == 0
        with pytest.raises(Undecided):
            ball(F(2, sp.sqrt(x) * sp.sqrt(y)), {x: Fraction(3, 2), y: Fraction(8, 3)}, definitions=[f])

    def test_memo_holds_for_one_precision_only(self) -> None:
        f = definition(Case((S.Zero,), sp.sqrt(2)), Case((k + 1,), F(k) * sp.sqrt(2)))
        compiled = compile([F(n)], [n], definitions=[f])
        low, high = compiled(4, prec=64)[0], compiled(4, prec=512)[0]
        assert high.rad() < low.rad()
        assert high.rel_accuracy_bits() > 400
        assert high.overlaps(arb(2) ** 2 * ball(sp.sqrt(2), prec=512))


UNDEFINED = [
    (1 / x, {x: 0}),
    (x / y, {x: 0, y: 0}),
    (sp.log(x), {x: 0}),
    (sp.log(x), {x: -1}),
    (sp.sqrt(x), {x: -2}),
    (x**y, {x: -1, y: Fraction(1, 3)}),
    (x**y, {x: 0, y: -1}),
    (x**y, {x: 0, y: Fraction(-1, 2)}),
    (sp.gamma(x), {x: 0}),
    (sp.gamma(x), {x: -3}),
    (sp.loggamma(x), {x: -0.5}),
    (sp.LambertW(x), {x: -1}),
    (sp.asin(x), {x: 2}),
    (sp.atanh(x), {x: 1}),
    (sp.Ci(x), {x: 0}),
    (sp.Mod(x, y), {x: 1, y: 0}),
    (1 / (sp.sin(x) ** 2 + sp.cos(x) ** 2 - y), {x: 1, y: 1}),
    (Piecewise((1, x > 0)), {x: 0}),
    (S.NaN, {}),
    (S.ComplexInfinity, {}),
    (x, {x: math.nan}),
    (x + 1, {x: math.inf}),
    (x * 0 + Symbol("w"), {x: 1, Symbol("w"): math.nan}),
    (Sum(i, (i, 0, x)), {x: 0.5}),
    (sp.exp(sp.exp(x)), {x: 1e300}),
    (sp.sign(sp.sqrt(x) * sp.sqrt(y) - sp.sqrt(x * y)), {x: 2, y: 3}),
]


class TestUndefined:
    """No value is ever made up."""

    @pytest.mark.parametrize(("e", "env"), UNDEFINED, ids=[str(e) for e, _ in UNDEFINED])
    def test_raises(self, e: sp.Expr, env: dict[Symbol, Any]) -> None:
        with pytest.raises((Undefined, ValueError)):
            ball(e, env)

    def test_an_infinite_value_is_not_finite(self) -> None:
        """∞ may stand in a maximum or a comparison, never in arithmetic."""
        w = Symbol("w")
        assert exact(sp.Min(x, w), {x: 3, w: math.inf}) == 3
        assert decide(x < S.Infinity, {x: 3}) is True
        assert decide(sp.Lt(x, w, evaluate=False), {x: 3, w: -math.inf}) is False
        for e in (w + 1, 2 * w, 1 / w, sp.exp(-w), sp.Abs(w)):
            with pytest.raises(Undefined):
                ball(e, {w: math.inf})

    @pytest.mark.parametrize(
        "e",
        [
            sp.zeta(x),
            sp.Integral(sp.exp(-(x**2)), (x, 0, sp.oo)),
            Sum(1 / i**2, (i, 1, sp.oo)),
            sp.Derivative(F(x), x),
            sp.Float("0.1") * x,
            sp.Heaviside(x),
        ],
        ids=str,
    )
    def test_what_has_no_rule_is_named(self, e: sp.Expr) -> None:
        with pytest.raises((Unsupported, Undefined)):
            ball(e, {x: 1, F: lambda v: v})

    def test_unsupported_names_the_node(self) -> None:
        with pytest.raises(Unsupported, match="zeta"):
            ball(sp.zeta(x) + 1, {x: 3})


class TestExactness:
    """Rational subexpressions stay rational, so steps and comparisons are certain."""

    @settings(deadline=None)
    @given(st.integers(-(10**6), 10**6), st.integers(1, 1000))
    @example(7, 1)
    @example(-7, 7)
    def test_floor_and_ceiling_at_exact_quotients(self, a: int, b: int) -> None:
        env = {x: a, y: b}
        assert exact(sp.floor(x / y), env) == a // b
        assert exact(sp.ceiling(x / y), env) == -(-a // b)
        assert exact(sp.Mod(x, y), env) == a % b
        assert exact(sp.floor(x * (b / Fraction(b)) / 1), env) == a

    def test_floor_at_an_integer_that_only_irrationals_reach_is_not_decided(self) -> None:
        """⌊√2·√3·√6⌋ = 6 can never be read off a ball; just beside it, it can."""
        e = sp.floor(sp.sqrt(x) * sp.sqrt(y) * sp.sqrt(x * y + z))
        with pytest.raises(Undecided):
            ball(e, {x: 2, y: 3, z: 0})
        assert exact(e, {x: 2, y: 3, z: Fraction(1, 10**9)}) == 6
        assert exact(e, {x: 2, y: 3, z: Fraction(-1, 10**9)}) == 5

    def test_floor_near_an_integer_waits_for_precision(self) -> None:
        """⌊2¹⁰⁰π⌋ needs more than 64 bits, and decide finds them."""
        e = sp.floor(sp.pi * 2**100 + x)
        with pytest.raises(Undecided):
            ball(e, {x: 0}, prec=64)
        with mpmath.workprec(400):
            truth = int(mpmath.floor(mpmath.pi * 2**100))
        assert decide(Eq(e, truth), {x: 0}, prec=64) is True
        assert decide(Eq(e, truth + 1), {x: 0}, prec=64) is False

    def test_roots_of_perfect_powers_are_exact(self) -> None:
        assert exact(sp.sqrt(x), {x: Fraction(9, 4)}) == Fraction(3, 2)
        assert exact(x ** Rational(-2, 3), {x: 8}) == Fraction(1, 4)
        assert exact(sp.sqrt(x), {x: 2}) is None
        assert exact(sp.sqrt(x), {x: 10**40 + 1}) is None

    def test_ties_of_a_maximum(self) -> None:
        assert exact(sp.Max(x, y, 2), {x: 2, y: 2}) == 2
        assert exact(sp.Max(x, y), {x: Fraction(1, 3), y: Fraction(1, 3)}) == Fraction(1, 3)
        assert exact(sp.Min(x, -y), {x: 1, y: 3}) == -3
        tie = ball(sp.Max(sp.sqrt(x) * sp.sqrt(y), sp.sqrt(x * y)), {x: 2, y: 3})
        assert tie.overlaps(ball(sp.sqrt(6)))

    def test_a_maximum_of_overlapping_balls_contains_both(self) -> None:
        a, b = arb(1, 0.5), arb(1.2, 0.1)
        value = ball(sp.Max(x, y), {x: a, y: b})
        assert value.contains(b)
        assert value.contains(1.5)

    def test_zero_to_the_zero_is_one(self) -> None:
        assert exact(x**y, {x: 0, y: 0}) == 1

    def test_piecewise_at_its_joint(self) -> None:
        e = Piecewise((1, x < 1), (2, x <= 1), (3, True))
        assert [
            exact(e, {x: v}) for v in (Fraction(1) - Fraction(1, 10**30), 1, Fraction(1) + Fraction(1, 10**30))
        ] == [
            1,
            2,
            3,
        ]
        with pytest.raises(Undecided):
            ball(Piecewise((1, sp.sqrt(x) ** 2 <= y), (2, True)), {x: arb(2), y: arb(2).sqrt() ** 2})

    def test_huge_powers_leave_the_rationals_without_an_overflow(self) -> None:
        value = ball(x**n, {x: 3, n: 10**7})
        assert value.rel_accuracy_bits() > 80
        assert exact(x**n, {x: -1, n: 10**12 + 1}) == -1


class TestComplex:
    def test_gaussian_rationals_are_exact(self) -> None:
        a, b = symbols("a b")
        env = {a: 1 + 2j, b: S(1) / 3 - sp.I}
        assert exact(a * sp.conjugate(a), env) == 5
        assert exact(sp.re(a * b), env) == Fraction(7, 3)
        assert exact(sp.im(a / b), env) == Fraction(3, 2)
        assert exact(sp.Abs(a) ** 2, {a: 3 + 4j}) == 25
        assert decide(Eq(a * b, b * a, evaluate=False), env) is True
        assert decide(Eq((a + b) ** 2, a**2 + b**2, evaluate=False), env) is False

    def test_the_unit_circle(self) -> None:
        assert ball(sp.re(sp.exp(sp.I * x)), {x: 1}).overlaps(ball(sp.cos(x), {x: 1}))
        assert ball(sp.Abs(sp.exp(sp.I * x)), {x: 1}).contains(1)

    def test_principal_values(self) -> None:
        assert acb_ball(sp.log(x), {x: -1}).overlaps(flint.acb(0, arb.pi()))
        assert acb_ball(sp.sqrt(x), {x: -2}).overlaps(flint.acb(0, arb(2).sqrt()))
        with pytest.raises(Undefined):
            ball(sp.log(x), {x: -1})

    def test_a_complex_result_is_not_real(self) -> None:
        with pytest.raises(Undefined, match="real"):
            ball(sp.I * x, {x: 1})
        with pytest.raises(Undefined, match="inequality"):
            decide(sp.Lt(Symbol("a"), 1), {Symbol("a"): 1j})

    def test_powers_and_quotients_of_complex_numbers(self) -> None:
        """Against the exact Gaussian rational, and against the same power by acb with exp and log."""
        a, b = symbols("a b")
        env = {a: 3 - 4j, b: 1 + 1j}
        assert decide(Eq(a**3, -117 - 44 * sp.I), env) is True
        assert decide(Eq(1 / a, (3 + 4 * sp.I) / 25), env) is True
        for e in (a**b, p**b, a ** Rational(1, 3), sp.sqrt(a)):
            base, exponent = acb_ball(e.base, {**env, p: 2}), acb_ball(e.exp, env)
            assert acb_ball(e, {**env, p: 2}).overlaps((exponent * base.log()).exp())
        assert exact(sp.re(sp.sqrt(a) ** 2), {a: 4}) == 4

    def test_functions_of_complex_numbers(self) -> None:
        a = Symbol("a")
        z_ = flint.acb(0.5, 0.25)
        for f, name in ((sp.exp, "exp"), (sp.sin, "sin"), (sp.erf, "erf"), (sp.gamma, "gamma"), (sp.log, "log")):
            assert acb_ball(f(a), {a: z_}).overlaps(getattr(z_, name)())
        for f in (sp.atan, sp.LambertW, sp.loggamma):
            with pytest.raises(Unsupported, match="complex"):
                acb_ball(f(a), {a: z_})

    @pytest.mark.parametrize(
        ("e", "env"),
        [
            (Symbol("a") ** Symbol("b"), {Symbol("a"): 0, Symbol("b"): 1j}),
            (Symbol("a") ** Symbol("b"), {Symbol("a"): -1, Symbol("b"): 1j}),
            (Symbol("a") ** Rational(1, 2), {Symbol("a"): flint.acb(arb(-1), arb(0, 0.1))}),
            (1 / Symbol("a"), {Symbol("a"): flint.acb(arb(0, 0.1), arb(0, 0.1))}),
            (sp.floor(Symbol("a")), {Symbol("a"): Fraction(1, 2) + 0j + 1j}),
            (sp.polygamma(1, x), {x: -0.5}),
            (sp.factorial(n), {n: -1}),
            (sp.binomial(n, m), {n: 3, m: -1}),
            (Symbol("a"), {Symbol("a"): arb.nan()}),
            (Symbol("a"), {Symbol("a"): arb(0, math.inf)}),
            (q[0], {q: [arb.nan()]}),
            (sp.KroneckerDelta(x, y), {x: arb(2).sqrt(), y: arb(2).sqrt()}),
            (Sum(i, (i, 0, sp.sqrt(x) ** 2 * sp.sqrt(y))), {x: 1, y: 2}),
        ],
    )
    def test_no_value_off_the_domain(self, e: sp.Expr, env: dict[Symbol, Any]) -> None:
        with pytest.raises(Undefined):
            ball(e, env)

    def test_integer_functions(self) -> None:
        assert exact(sp.factorial(n), {n: 20}) == math.factorial(20)
        assert exact(sp.binomial(n, m), {n: 20, m: 7}) == math.comb(20, 7)
        assert exact(sp.KroneckerDelta(n, m), {n: 3, m: 3}) == 1
        assert exact(sp.KroneckerDelta(n, m), {n: 3, m: 4}) == 0
        assert [exact(sp.sign(x), {x: v}) for v in (-2, 0, 0.5)] == [-1, 0, 1]
        assert ball(sp.polygamma(1, x), {x: 1}).overlaps(ball(sp.pi**2 / 6))
        assert ball(sp.EulerGamma).overlaps(-ball(sp.polygamma(0, x), {x: 1}))


class TestIntegrals:
    @pytest.mark.parametrize(
        ("integrand", "bounds", "truth"),
        [
            (sp.exp(-(x**2)), (0, 1), sp.sqrt(sp.pi) * sp.erf(1) / 2),
            (sp.sqrt(x), (1, 4), Rational(14, 3)),
            (sp.log(x), (1, 2), 2 * sp.log(2) - 1),
            (1 / (1 + x**2), (-1, 1), sp.pi / 2),
            (x ** (S.One / 3), (1, 8), Rational(45, 4)),
            (sp.exp(-x - sp.exp(-x)), (-3, 5), sp.exp(-sp.exp(-5)) - sp.exp(-sp.exp(3))),
            (sp.cos(100 * x), (0, 1), sp.sin(100) / 100),
        ],
    )
    def test_integrals_contain_their_closed_form(
        self, integrand: sp.Expr, bounds: tuple[int, int], truth: sp.Expr
    ) -> None:
        value = ball(sp.Integral(integrand, (x, *bounds)))
        assert value.overlaps(ball(truth))
        assert value.rel_accuracy_bits() > 60

    def test_kinks_and_jumps_are_enclosed(self) -> None:
        """∫|x − 1/3| over [0, 1] = 5/18 and a step of height 1: sound, though slow and wide."""
        assert ball(sp.Integral(sp.Abs(x - S.One / 3), (x, 0, 1)), prec=32).overlaps(ball(Rational(5, 18)))
        step = Piecewise((0, x < S.One / 3), (1, True))
        try:
            value = ball(sp.Integral(step, (x, 0, 1)), prec=32)
        except Undefined:
            return
        assert value.overlaps(ball(Rational(2, 3)))

    def test_divergent_and_undefined_integrands(self) -> None:
        for e in (1 / x, sp.log(x - Rational(1, 2)), 1 / (x - Rational(1, 3)) ** 2):
            with pytest.raises(Undefined):
                ball(sp.Integral(e, (x, 0, 1)), prec=32)

    @pytest.mark.parametrize(
        "e",
        [
            sp.Integral(sp.Integral(x * y, (x, 0, 1)), (y, 0, 1)),
            sp.Integral(x, (x, 0, Symbol("w"))),
            sp.Integral(x),
        ],
        ids=str,
    )
    def test_what_is_not_one_finite_interval(self, e: sp.Expr) -> None:
        with pytest.raises((Unsupported, Undefined)):
            ball(e, {Symbol("w"): math.inf})

    @pytest.mark.parametrize(
        ("integrand", "truth"),
        [
            (sp.sqrt(x**4 + x + 1), None),
            (sp.Abs(sp.sin(8 * x)), None),
            (sp.log(sp.cos(x) + 2) * sp.atan(x), None),
            (sp.re(sp.exp(sp.I * x)), sp.sin(1) / 1),
            (sp.exp(sp.I * x) * sp.exp(-sp.I * x + x), sp.E - 1),
            (sp.Max(x, S.Half), Rational(5, 8)),
            (Sum(x**k, (k, 0, 5)), sum((Rational(1, v) for v in range(1, 7)), S.Zero)),
        ],
        ids=str,
    )
    def test_integrands_with_cuts_and_kinks_against_mpmath(self, integrand: sp.Expr, truth: sp.Expr | None) -> None:
        """mpmath's quadrature, split at every kink, is right to far more than the 12 digits compared."""
        value = acb_ball(sp.Integral(integrand, (x, 0, 1)), prec=53).real
        if truth is None:
            with mpmath.workdps(30):
                kinks = [0, mpmath.pi / 8, mpmath.pi / 4, 1]  # of |sin 8x|: k·π/8
                want = mpmath.quad(sp.lambdify(x, integrand, "mpmath"), kinks)
            assert value.overlaps(arb(str(want)) + arb(0, 1e-12))
        else:
            assert value.overlaps(ball(truth))

    def test_parameters_and_bounds(self) -> None:
        e = sp.Integral(x * y, (x, 0, z))
        assert ball(e, {y: 3, z: 2}).contains(6)
        assert ball(e, {x: 100, y: 3, z: 2}).contains(6)


class TestDecide:
    def test_rational_sides_are_compared_exactly(self) -> None:
        assert decide(Eq(x, y), {x: Fraction(1, 3), y: Fraction(2, 6)}) is True
        assert decide(Eq(x, y), {x: Fraction(1, 3), y: Fraction(1, 3) + Fraction(1, 10**300)}) is False
        assert decide(x <= y, {x: Fraction(1, 3), y: Fraction(1, 3)}) is True
        assert decide(x < y, {x: Fraction(1, 3), y: Fraction(1, 3)}) is False

    def test_equal_irrationals_stay_undecided(self) -> None:
        """√2·√3 − √6 = 0 can't be read off balls, in either direction."""
        e = sp.sqrt(x) * sp.sqrt(y) - sp.sqrt(x * y)
        for relation in (sp.Eq, sp.Ne, sp.Lt, sp.Gt, sp.Le, sp.Ge):
            assert decide(relation(e, 0, evaluate=False), {x: 2, y: 3}, max_prec=1024) is None

    @settings(deadline=None, max_examples=40)
    @given(st.integers(2, 300), st.booleans())
    def test_near_but_different_is_false(self, bits: int, above: bool) -> None:
        """√2 and its neighbour at distance 2^−bits differ, and precision finds it."""
        near = Fraction(math.isqrt(2 << (2 * bits)) + above, 1 << bits)
        e = sp.sqrt(p)
        assert decide(Eq(e, x), {p: 2, x: near}) is False
        assert decide(e < x, {p: 2, x: near}) is above

    def test_precision_is_a_limit(self) -> None:
        e = sp.exp(x) - 1 - x
        env = {x: Fraction(1, 2**3000)}
        assert decide(e > 0, env, max_prec=512) is None
        assert decide(e > 0, env, max_prec=16384) is True

    def test_undefined_sides_raise(self) -> None:
        with pytest.raises(Undefined):
            decide(Eq(1 / x, 1 / x, evaluate=False), {x: 0})
        with pytest.raises(Undefined):
            decide(Eq(x / y, 1), {x: 0, y: 0})
        with pytest.raises(Undefined):
            decide(sp.log(x) < 0, {x: -1})
        with pytest.raises(Undefined):
            decide(Eq(S.NaN, S.NaN, evaluate=False), {})

    def test_connectives_and_constants(self) -> None:
        assert decide(sp.true) is True
        assert decide(False) is False
        assert decide(sp.And(x > 0, x < 2), {x: 1}) is True
        assert decide(sp.Or(x > 5, Eq(x, 1)), {x: 1}) is True
        assert decide(sp.Not(Eq(x, 1)), {x: 1}) is False

    def test_takes_relations_only(self) -> None:
        with pytest.raises(TypeError, match="relation"):
            decide(x + 1, {x: 1})

    @settings(deadline=None, max_examples=60)
    @given(expressions(), dyadic(), dyadic(), st.integers(10, 200))
    def test_a_verdict_agrees_with_the_reference(self, e: sp.Expr, a: Fraction, b: Fraction, bits: int) -> None:
        """Against a threshold next to the true value, ordered by mpmath at 2000 bits."""
        env = {x: a, y: b}
        truth = reference(e, env)
        with mpmath.workprec(REFERENCE_BITS):
            scaled = int(mpmath.floor(truth * mpmath.mpf(2) ** bits))
            gap = truth * mpmath.mpf(2) ** bits - scaled
        assume(2.0**-100 < gap < 1 - 2.0**-100)
        threshold = Rational(scaled, 2**bits)
        assert decide(sp.Gt(e, z, evaluate=False), {**env, z: threshold}) is True
        assert decide(sp.Lt(e, z, evaluate=False), {**env, z: threshold}) is False


class TestCompiled:
    def test_agrees_with_ball_and_keeps_precision_out(self) -> None:
        e, f = x * sp.cos(y) - sp.sin(y), sp.cos(y) ** 2
        compiled = compile([e, f], [x, y])
        before = flint.ctx.prec
        for prec in (53, 200):
            for value, expression in zip(compiled(0.5, 3, prec=prec), [e, f], strict=True):
                assert value.overlaps(ball(expression, {x: 0.5, y: 3}, prec=1000))
        assert flint.ctx.prec == before

    def test_calls_do_not_remember_one_another(self) -> None:
        compiled = compile([sp.cos(x) + sp.cos(x) ** 2], [x])
        first = compiled(1)[0]
        assert not compiled(2)[0].overlaps(first)
        assert compiled(1)[0].overlaps(first)

    def test_precision_is_restored_after_an_error(self) -> None:
        before = flint.ctx.prec
        with pytest.raises(Undefined):
            ball(1 / x, {x: 0}, prec=999)
        assert flint.ctx.prec == before

    def test_bad_arguments(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            compile([x], [x, x])
        with pytest.raises(LookupError, match="symbol y"):
            compile([y], [x])
        with pytest.raises(TypeError, match="not a number"):
            ball(x, {x: "1"})
        for f in (ball, acb_ball, exact, lambda e: compile([e], [x])):
            with pytest.raises(TypeError, match="expected a SymPy expression"):
                f(x > 0)
        with pytest.raises(ValueError, match="not one of the values"):
            compile([x], [x], values={x: 1})
        with pytest.raises(ValueError, match="literal places"):
            ball(q[0], {q[n]: 1})
        with pytest.raises(ValueError, match="as a family and at single places"):
            ball(q[0], {q: [1], q[0]: 1})
        with pytest.raises(TypeError, match="values are given"):
            ball(x, {"x": 1})


class TestGradient:
    """Derivatives by the oracle's own table."""

    @settings(deadline=None, max_examples=60)
    @given(expressions(), dyadic(-4, 4), dyadic(-4, 4))
    def test_agrees_with_a_difference_quotient(self, e: sp.Expr, a: Fraction, b: Fraction) -> None:
        """(f(a+h) − f(a−h))/2h tends to f′(a) like h²: halving h twice must cut the distance fourfold or more.

        With h = 2⁻¹⁰⁰ and 600 bits the rounding error, below 2⁻⁴⁰⁰, is far below the distance allowed, h,
        unless a higher derivative exceeds 2¹⁰⁰; the values of these expressions on [−4, 4] keep below that.
        """
        assume(not e.has(sp.Abs))
        slope = ball(gradient(e, x), {x: a, y: b}, prec=600)
        h = Fraction(1, 2**100)
        above, below = (ball(e, {x: a + s * h, y: b}, prec=600) for s in (1, -1))
        with flint.ctx.workprec(600):
            quotient = (above - below) * 2**99
            assert abs(quotient - slope) < arb(2) ** -99

    @pytest.mark.parametrize("name", sorted(gradient_module._FUNCTIONS))
    def test_every_function_of_the_table(self, name: str) -> None:
        """Against a difference quotient at 3/8 or, for acosh-like domains, wherever the function lives."""
        f, h = getattr(sp, name)(x), Fraction(1, 2**100)
        a = Fraction(3, 8)
        above, below = (ball(f, {x: a + s * h}, prec=600) for s in (1, -1))
        with flint.ctx.workprec(600):
            assert abs((above - below) * 2**99 - ball(gradient(f, x), {x: a}, prec=600)) < arb(2) ** -99

    def test_sums_and_families(self) -> None:
        e = sp.log(Sum(sp.exp(q[i]), (i, 0, n)))
        slope = gradient(e, q[j])
        env = {q: [1, 2, 3], n: 2, j: 1}
        assert ball(slope, env).overlaps(ball(sp.exp(2) / (sp.exp(1) + sp.exp(2) + sp.exp(3))))
        assert exact(gradient(Sum(x**i, (i, 0, 3)), x), {x: 2}) == 1 + 4 + 12
        assert gradient(Sum(y * i, (i, 0, 3)), x) == 0
        assert gradient(Sum(i, (i, 0, 3)), i) == 0

    def test_general_powers(self) -> None:
        assert ball(gradient(x**x, x), {x: 2}).overlaps(ball(4 * (1 + sp.log(2))))

    @pytest.mark.parametrize(
        ("e", "variable"),
        [
            (sp.Abs(x), x),
            (sp.Max(x, 0), x),
            (sp.Max(x, sp.exp(x) - 1), x),
            (Piecewise((x, x > 0), (0, True)), x),
            (sp.floor(x), x),
            (F(x), x),
            (Sum(i, (i, 0, n)), n),
            (Product(x, (i, 0, n)), x),
            (sp.Integral(x * y, (y, 0, 1)), x),
            (Sum(q[i] * i, (i, 0, n)), q[i]),
            (q[n], n),
            (q[q[0]], q[1]),
        ],
        ids=str,
    )
    def test_kinks_and_captures_have_no_rule(self, e: sp.Expr, variable: Any) -> None:
        with pytest.raises(Unsupported):
            gradient(e, variable)

    def test_what_does_not_depend_is_constant(self) -> None:
        assert gradient(sp.Abs(y) + sp.Max(y, 0), x) == 0


FLOATS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}


class TestEnclose:
    gelu = x * (1 + sp.erf(x / sp.sqrt(2))) / 2

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
    def test_hi_and_lo_are_within_the_radius(self, dtype: str) -> None:
        """And the radius is within 2⁻¹⁶ ulp, which is at most u·|x|·2⁻¹⁵, or of the smallest subnormal."""
        points = np.array([-300.0, -14.25, -5.5, -1e-3, 0.0, 2.0**-40, 0.7, 3.0, 60000.0])
        e = enclose(self.gelu, {x: points}, dtype=dtype)
        form = FORMATS[dtype]
        tiny = max(Fraction(2) ** (form.emin - form.precision + 1 - 16), Fraction(1, 2**1074))
        for point, hi, lo, radius in zip(points, e.hi, e.lo, e.radius, strict=True):
            truth = ball(self.gelu, {x: float(point)}, prec=80000 if point == -300 else 4000)
            with flint.ctx.workprec(80000):
                distance = abs(truth - arb(float(hi)) - arb(float(lo)))
                assert distance <= arb(float(radius)) or (radius == 0 and distance.contains(0))
            assert Fraction(float(radius)) <= max(abs(Fraction(float(hi))) / 2 ** (form.precision + 15), tiny)

    @settings(deadline=None, max_examples=60)
    @given(st.floats(-20, 20), st.floats(allow_nan=False, allow_infinity=False))
    def test_error_bounds_the_distance_from_above_and_closely(self, point: float, got: float) -> None:
        """Closely: it exceeds the distance by less than 2⁻⁵⁰ of it, apart from the radius."""
        f = sp.exp(x) - sp.cos(x)
        e = enclose(f, {x: np.array([point])}, dtype="float64")
        for g in (got, float(e.hi[0]), float(np.nextafter(e.hi[0], np.inf))):
            bound = float(e.error(np.array([g]))[0])
            with flint.ctx.workprec(3000):
                distance = abs(ball(f, {x: point}, prec=3000) - arb(g))
                if math.isinf(bound):
                    assert distance > 1e308
                else:
                    assert not distance > arb(bound)
                    slack = arb(2) ** -50 * distance + 3 * arb(float(e.radius[0])) + arb(2) ** -1070
                    assert arb(bound) - distance <= slack

    def test_exact_values_have_no_error(self) -> None:
        e = enclose(x * y, {x: np.array([[0.5], [3.0]]), y: np.array([2.0, 0.25])}, dtype="float32")
        assert e.shape == (2, 2)
        assert (e.radius == 0).all()
        assert (e.error(np.array([[1.0, 0.125], [6.0, 0.75]])) == 0).all()
        assert (e.error(np.zeros((2, 2))) == [[1.0, 0.125], [6.0, 0.75]]).all()

    @pytest.mark.parametrize("dtype", sorted(FLOATS))
    @settings(deadline=None, max_examples=80)
    @given(data=st.data())
    def test_rounding_agrees_with_numpy(self, dtype: str, data: Any) -> None:
        """NumPy rounds a Python float correctly to each of its formats; ties, overflow and subnormals included."""
        widths = {"float16": 16, "float32": 32, "float64": 64}
        near = data.draw(st.floats(width=widths[dtype], allow_nan=False, allow_infinity=False))
        factor = data.draw(
            st.sampled_from([1.0, 1 + 2.0**-11, 1 - 2.0**-12, 1 + 2.0**-24, 1 + 2.0**-52, 1.5, 2.0**-10])
        )
        value = near * factor
        assume(math.isfinite(value))
        with np.errstate(all="ignore"):
            want = float(np.float64(value).astype(FLOATS[dtype]))
        got = enclose(x, {x: np.array([value])}, dtype=dtype).rounded()
        assert got[0] == want

    def test_rounding_to_bfloat16(self) -> None:
        """1 + 2⁻⁸ is a tie that goes to even, just above it is not; the range is that of float32."""
        points = np.array([1 + 2.0**-8, 1 + 2.0**-8 + 2.0**-40, 1 + 3 * 2.0**-8, 3.4e38, 2.0**-133, 2.0**-134])
        got = enclose(x, {x: points}, dtype="bfloat16").rounded()
        assert got.tolist() == [1.0, 1 + 2.0**-7, 1 + 2.0**-6, math.inf, 2.0**-133, 0.0]

    def test_rounding_finds_the_side_of_a_near_tie(self) -> None:
        """1 + 2⁻²⁴ ± e⁻¹⁰⁰ in float32 needs more bits than the enclosure had."""
        tie = 1 + Rational(1, 2**24)
        up = enclose(tie + sp.exp(x), {x: np.array([-100.0])}, dtype="float32")
        down = enclose(tie - sp.exp(x), {x: np.array([-100.0])}, dtype="float32")
        assert up.rounded()[0] == 1 + 2.0**-23
        assert down.rounded()[0] == 1.0

    def test_a_tie_that_only_irrationals_reach_is_undecided(self) -> None:
        e = enclose(
            sp.sqrt(x) * sp.sqrt(y) / sp.sqrt(x * y) + Rational(1, 2**24), {x: [2.0], y: [3.0]}, dtype="float32"
        )
        with pytest.raises(Undecided, match="tie"):
            e.rounded()

    def test_infinite_overflowing_and_undefined_elements(self) -> None:
        w = Symbol("w")
        e = enclose(sp.Max(w, 0), {w: np.array([np.inf, -np.inf, 2.0])}, dtype="float32")
        assert e.hi.tolist() == [math.inf, 0.0, 2.0]
        assert e.error(np.array([np.inf, 0.0, np.nan])).tolist() == [0.0, 0.0, math.inf]
        assert e.error(np.array([1.0, 0.0, np.inf])).tolist() == [math.inf, 0.0, math.inf]
        assert e.rounded().tolist() == [math.inf, 0.0, 2.0]
        big = enclose(sp.exp(x), {x: np.array([1000.0])}, dtype="float32")
        assert big.radius[0] == math.inf
        assert big.rounded()[0] == math.inf
        huge = enclose([sp.exp(x), -sp.exp(x)], {x: np.array([1e300, -1e300])}, dtype="float64")
        assert [e.rounded().tolist() for e in huge] == [[math.inf, 0.0], [-math.inf, 0.0]]
        assert big.error(np.array([1.0]))[0] == math.inf
        holes = enclose(sp.log(x), {x: np.array([0.0, 1.0, np.nan])}, dtype="float32", undefined="nan")
        assert np.isnan(holes.hi).tolist() == [True, False, True]
        assert holes.error(np.array([1.0, 0.0, 1.0])).tolist() == [math.inf, 0.0, math.inf]
        with pytest.raises(Undefined, match=r"at \(0\.0"):
            enclose(sp.log(x), {x: np.array([1.0, 0.0])}, dtype="float32")

    def test_several_expressions_families_and_scalars(self) -> None:
        dot, sq = enclose(
            [Sum(q[i] * x, (i, 0, 2)), x**n], {x: np.float32([1, 2]), n: 3, q: [1, 2, 3]}, dtype="float16"
        )
        assert dot.rounded().tolist() == [6.0, 12.0]
        assert sq.rounded().tolist() == [1.0, 8.0]

    def test_zero_size(self) -> None:
        e = enclose(sp.exp(x), {x: np.zeros((0, 3))}, dtype="float32")
        assert e.shape == (0, 3)
        assert e.error(np.zeros((0, 3))).shape == (0, 3)
        assert e.rounded().shape == (0, 3)

    def test_bad_arguments(self) -> None:
        with pytest.raises(ValueError, match="dtype must be one of"):
            enclose(x, {x: 1.0}, dtype="int8")
        with pytest.raises(ValueError, match="undefined must be"):
            enclose(x, {x: 1.0}, dtype="float32", undefined="skip")
        with pytest.raises(ValueError, match="shape"):
            enclose(x, {x: np.ones(3)}, dtype="float32").error(np.ones(4))


class TestCorners:
    """Every refusal is by name, and every kind of number is taken."""

    @pytest.mark.parametrize(
        ("e", "match"),
        [
            (sp.LambertW(x, 1), "one argument"),
            (sp.polygamma(n, x), "polygamma"),
            (sp.KroneckerDelta(n, m, (1, 3)), "KroneckerDelta"),
            (Sum(i, (i, 1, 10**8)), "100000000 terms"),
            (sp.Integral(sp.Integral(x * y, (x, 0, 1)), (y, 0, 1)), "one finite interval"),
            (sp.Integral(x + sp.Integral(y * x, (y, 0, 1)), (x, 0, 1)), "nested"),
            (Piecewise((1, sp.Contains(x, S.Integers)), (0, True)), "condition"),
            (F(x).diff(x), "Derivative"),
        ],
        ids=str,
    )
    def test_unsupported_says_what(self, e: sp.Expr, match: str) -> None:
        with pytest.raises(Unsupported, match=match):
            ball(e, {x: 1, n: 1, m: 1})

    def test_numbers_of_every_kind(self) -> None:
        for value in (
            3,
            Fraction(3),
            3.0,
            S(3),
            flint.fmpz(3),
            flint.fmpq(3),
            arb(3),
            flint.acb(3),
            3 + 0j,
            np.int8(3),
        ):
            assert ball(x, {x: value}) == 3
        assert decide(Symbol("w") > 5, {Symbol("w"): sp.oo}) is True
        assert decide(Symbol("w") > 5, {Symbol("w"): -sp.oo}) is False
        for bad in (sp.sqrt(2), None, "3", [3]):
            with pytest.raises(TypeError):
                ball(x, {x: bad})

    def test_powers_with_real_exponents(self) -> None:
        assert ball(x**y, {x: 2, y: 0.3}).overlaps(ball(sp.exp(sp.log(2) * x), {x: 0.3}))
        assert ball(x**sp.pi, {x: 2}).overlaps(ball(sp.exp(sp.pi * sp.log(2))))
        assert ball(x**sp.pi, {x: 0}) == 0

    def test_modulus_of_a_ball(self) -> None:
        a = Symbol("a")
        assert ball(sp.Abs(a), {a: flint.acb(arb(3, 0.001), arb(4, 0.001))}).contains(5)
        assert ball(sp.Abs(x), {x: arb(-1, 2)}).contains(3)

    def test_negated_and_joined_conditions(self) -> None:
        e = Piecewise((1, sp.Not(sp.Or(sp.And(x > 0, y > 0), x < -5))), (2, True))
        assert [exact(e, {x: a, y: b}) for a, b in ((1, 1), (1, -1), (-6, 0), (-5, 0))] == [2, 1, 2, 1]

    def test_a_family_under_an_integral(self) -> None:
        """Nothing is known of it off the real line, so only its enclosures on the path are used."""

        def distance(v: Any) -> arb:
            return abs((v if isinstance(v, arb) else arb(flint.fmpq(v.numerator, v.denominator))) - arb(1) / 3)

        assert ball(sp.Integral(F(x), (x, 0, 1)), {F: distance}, prec=20).overlaps(ball(Rational(5, 18)))

    def test_elements_that_stay_undecided(self) -> None:
        f = sp.floor(sp.sqrt(x) * sp.sqrt(y) * sp.sqrt(x * y))
        holes = enclose([f, x], {x: [2.0, 2.0], y: [3.0, 3.25]}, dtype="float32", undefined="nan")
        assert np.isnan(holes[0].hi).tolist() == [True, False]
        with pytest.raises(Undecided, match="floor"):
            enclose(f, {x: [2.0], y: [3.0]}, dtype="float32")
        assert enclose(sp.pi + 0, {}, dtype="float32").rounded() == float(np.float32(math.pi))
