# SPDX-License-Identifier: BSD-3-Clause
"""Rules that the claims about activations brought into the kernel, and above all what they refuse."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel, recheck
from lemmata.proofs.terms import Undecided
from sympy import Eq, Expr, Ge, Gt, Le, Lt, Ne, Or, Piecewise, S, Sum, log, sqrt, symbols
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
