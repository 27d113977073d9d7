# SPDX-License-Identifier: BSD-3-Clause
"""Rules that the claims about activations brought into the kernel, and above all what they refuse."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel, recheck
from lemmata.proofs.terms import Undecided
from sympy import (
    Abs,
    Eq,
    Expr,
    Ge,
    Gt,
    Integral,
    Le,
    Limit,
    Lt,
    Ne,
    Or,
    Piecewise,
    S,
    Sum,
    Symbol,
    exp,
    log,
    oo,
    sqrt,
    symbols,
)
from sympy.core.relational import Relational

x, y, h = symbols("x y h", real=True)
z = symbols("z")
n, i = symbols("n i", integer=True)
ABOVE, BELOW = Gt(x, 0), Le(x, 0)


def equal(left: Expr, right: Expr) -> Relational:
    return Eq(left, right, evaluate=False)


def step(at: Expr) -> Expr:
    return Piecewise((S.One, Gt(at, 0)), (S.Zero, True))


class TestPieces:
    """A piecewise term is the first piece whose condition holds."""

    def test_a_condition_that_holds_chooses_its_piece(self) -> None:
        assert kernel.nlinarith(equal(step(x), S.One), [ABOVE]).relation.rhs == 1
        assert kernel.nlinarith(equal(step(x), S.Zero), [BELOW]).relation.rhs == 0

    @pytest.mark.parametrize(("value", "given"), [(0, ABOVE), (1, BELOW), (1, Ge(x, 0)), (0, Ge(x, 0))])
    def test_the_other_piece_and_an_open_condition_are_refused(self, value: int, given: Relational) -> None:
        with pytest.raises(Undecided, match="derive"):
            kernel.nlinarith(equal(step(x), S(value)), [given])

    def test_the_first_condition_that_holds_decides(self) -> None:
        overlapping = Piecewise((S(1), Lt(x, 2)), (S(2), Lt(x, 3)), (S(3), True))
        kernel.nlinarith(equal(overlapping, S(1)), [Lt(x, 1)])
        kernel.nlinarith(equal(overlapping, S(2)), [Ge(x, 2), Lt(x, 3)])
        with pytest.raises(Undecided):
            kernel.nlinarith(equal(overlapping, S(2)), [Lt(x, 1)])

    def test_a_piece_need_be_defined_only_where_it_applies(self) -> None:
        guarded = Piecewise((log(x), ABOVE), (sqrt(-x), True))
        assert kernel.refl(guarded).relation.lhs == guarded

    @pytest.mark.parametrize(
        "bad",
        [
            Piecewise((log(x), Ge(x, 0)), (S.Zero, True)),
            Piecewise((S.Zero, ABOVE), (log(x), True)),
            Piecewise((S.Zero, Gt(1 / x, 0)), (S.One, True)),
            Piecewise((S.Zero, Ne(x, 0)), (S.One, Gt(1 / x, 0)), (S(2), True)),
            Piecewise((S.One, ABOVE)),
            Piecewise((S.One, ABOVE), (S.Zero, Lt(x, 0))),
            Piecewise((S.One, Or(ABOVE, Lt(x, -1))), (S.Zero, True)),
            Piecewise((S.One, Gt(z, 0)), (S.Zero, True)),
        ],
        ids=str,
    )
    def test_pieces_without_a_value_are_refused(self, bad: Expr) -> None:
        with pytest.raises(Undecided):
            kernel.refl(bad)
        with pytest.raises(Undecided):
            kernel.ring(equal(bad + y, y + bad + 0 * x))

    def test_a_condition_on_complex_numbers_may_be_an_equation(self) -> None:
        assert kernel.refl(Piecewise((S.One, Eq(z, 0)), (1 / z, True))).relation.lhs.has(z)

    def test_ring_takes_equal_pieces_as_one_quantity_and_no_others(self) -> None:
        kernel.ring(equal((step(x) + y) ** 2, step(x) ** 2 + 2 * y * step(x) + y**2))
        kernel.ring(equal(Piecewise((x, ABOVE), (y, True)), y + (x - y) * step(x)))
        with pytest.raises(Undecided):
            kernel.ring(equal(Piecewise((x, ABOVE), (y, True)), x + (y - x) * step(x)))
        with pytest.raises(Undecided):
            kernel.ring(equal(step(x) + step(y), 2 * step(x)))

    def test_pieces_with_a_value_in_their_own_place_only_stay_whole(self) -> None:
        guarded = Piecewise((log(x), ABOVE), (sqrt(-x), True))
        kernel.ring(equal(guarded * (y + h), guarded * y + guarded * h))
        with pytest.raises(Undecided):
            kernel.ring(equal(guarded * (y + h), guarded * y - guarded * h))

    def test_a_root_in_a_piece_says_nothing_where_the_piece_does_not_apply(self) -> None:
        """At x = −1 the pieces are 0, and √x has no value."""
        pieces = Piecewise((sqrt(x), Ge(x, 0)), (S.Zero, True))
        with pytest.raises(Undecided):
            kernel.nlinarith(Ge(x, 0, evaluate=False), [Ge(pieces, 0, evaluate=False)])
        with pytest.raises(Undecided):
            kernel.nlinarith(Ge(x + pieces, 0, evaluate=False))
        with pytest.raises(Undecided):
            kernel.contradiction(Eq(S.Zero, S.One, evaluate=False), [Lt(x, 0), Eq(pieces, 0, evaluate=False)])
        outside = [Ge(sqrt(x) + pieces, 0, evaluate=False)]
        assert kernel.nlinarith(Ge(x, 0, evaluate=False), outside).rule == "nlinarith"

    def test_pieces_below_a_sum_keep_the_index_of_their_own(self) -> None:
        left = Sum(step(x - i) + y, (i, 0, n - 1))
        kernel.ring(equal(left, Sum(step(x - i), (i, 0, n - 1)) + n * y), [Ge(n, 0)])
        with pytest.raises(Undecided):
            kernel.ring(equal(left, Sum(step(y - i), (i, 0, n - 1)) + n * y), [Ge(n, 0)])

    def test_instances_keep_their_pieces(self) -> None:
        """What SymPy would evaluate away is kept: the instance says what the theorem says."""
        known = kernel.nlinarith(equal(step(x), S.One), [ABOVE])
        at = kernel.instantiate(known, {x: S(-1)})
        assert at.relation.lhs.has(Piecewise)
        assert at.hypotheses == {Gt(-1, 0, evaluate=False)}

    def test_the_second_check_wants_a_piece_that_applies(self) -> None:
        """Its coins say of seven conditions at some point that none holds."""
        pieces = Piecewise(*((S(k), Gt(x, k)) for k in range(7)))
        with pytest.raises(Undecided, match="no piece"):
            [recheck.agree(pieces, pieces, [], seed) for seed in range(200)]

    def test_the_second_check_rejects_exchanged_pieces(self) -> None:
        with pytest.raises(Undecided, match="differ"):
            recheck.agree(Piecewise((x, ABOVE), (y, True)), Piecewise((y, ABOVE), (x, True)), [])

    def test_pieces_have_no_derivative_and_no_limit(self) -> None:
        with pytest.raises(Undecided):
            kernel.has_deriv(step(x), x, h)


def over(body: Expr, low: Expr, high: Expr, primitive: Expr, var: Symbol = x) -> kernel.Theorem:
    """The value of an integral, by a primitive that is continuous at finite ends."""
    ends = (
        kernel.limit(equal(Limit(primitive, var, at, way), primitive.subs(var, at) if at not in (oo, -oo) else S.Zero))
        for at, way in ((low, "+" if low != -oo else "-"), (high, "-"))
    )
    return kernel.antiderivative(Integral(body, (var, low, high)), primitive, *ends)


class TestJoinedIntegrals:
    """Two intervals that meet."""

    left, right = over(exp(x), -oo, S.Zero, exp(x)), over(exp(x), S.Zero, S(2), exp(x))

    def test_values_add_up(self) -> None:
        joined = kernel.integral_join(self.left, self.right)
        assert joined.relation == equal(Integral(exp(x), (x, -oo, 2)), 1 + (exp(2) - 1))

    @pytest.mark.parametrize(
        "second",
        [
            over(exp(x), S.One, S(2), exp(x)),
            over(exp(-x), S.Zero, S(2), -exp(-x)),
            over(exp(x), -oo, S.Zero, exp(x)),
            kernel.refl(x),
            kernel.limit(equal(Limit(exp(x), x, 0, "+"), S.One)),
            kernel.assume(Le(Integral(exp(x), (x, 0, 2)), S(8), evaluate=False)),
        ],
        ids=lambda t: str(t.relation),
    )
    def test_other_intervals_and_integrands_are_refused(self, second: kernel.Theorem) -> None:
        with pytest.raises(Undecided):
            kernel.integral_join(self.left, second)
        if not isinstance(second.relation.lhs, Integral):
            with pytest.raises(Undecided):
                kernel.integral_join(second, self.right)

    def test_a_pole_between_is_refused(self) -> None:
        """∫ 1/√|x| has a value on both sides of 0, and no integrand at 0."""
        body = 1 / sqrt(Abs(x))
        parts = [kernel.assume(equal(Integral(body, (x, *ends)), S(2))) for ends in ((-1, 0), (0, 1))]
        with pytest.raises(Undecided, match=r"denominator|power"):
            kernel.integral_join(*parts)

    def test_intervals_that_run_backwards_are_refused(self) -> None:
        parts = [kernel.assume(equal(Integral(x, (x, *ends)), S.Zero)) for ends in ((1, -1), (-1, 1))]
        with pytest.raises(Undecided):
            kernel.integral_join(*parts)

    def test_they_do_not_meet_at_infinity(self) -> None:
        parts = [kernel.assume(equal(Integral(exp(-x), (x, *ends)), S.One)) for ends in ((0, oo), (oo, 1))]
        with pytest.raises(Undecided, match="meet"):
            kernel.integral_join(*parts)


class TestOneSidedLimits:
    """The limit from both sides is the limit from each; the converse is not a rule."""

    both = kernel.has_deriv(exp(x), x, h)

    @pytest.mark.parametrize("side", ["+", "-"])
    def test_each_side_has_the_limit(self, side: str) -> None:
        shown = kernel.one_sided(self.both, side)
        assert shown.relation.lhs.args[3] == Symbol(side)
        assert shown.relation.rhs == exp(x)

    @pytest.mark.parametrize("side", ["+-", "", "both"])
    def test_a_side_is_plus_or_minus(self, side: str) -> None:
        with pytest.raises(Undecided, match="both"):
            kernel.one_sided(self.both, side)

    def test_one_side_does_not_give_the_other(self) -> None:
        with pytest.raises(Undecided, match="both"):
            kernel.one_sided(kernel.limit(equal(Limit(1 / (1 + exp(1 / x)), x, 0, "+"), S.Zero)), "-")

    def test_what_is_not_a_limit_is_refused(self) -> None:
        with pytest.raises(Undecided, match="not a limit"):
            kernel.one_sided(kernel.refl(x), "+")
