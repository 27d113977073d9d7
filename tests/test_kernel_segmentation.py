# SPDX-License-Identifier: BSD-3-Clause
"""Universal facts about a row or column of a matrix: where they are used, and where they must not be."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel
from lemmata.proofs.terms import Undecided
from lemmata.theory.claim import ForAll
from sympy import Gt, IndexedBase, Le, S, Sum, symbols

K, i, j, a, m = symbols("K i j a m", integer=True)
C = IndexedBase("C", real=True)
E = IndexedBase("E", real=True)


def row(at: object) -> Sum:
    return Sum(C[at, m], (m, 0, K - 1))


ROWS = ForAll((i,), Gt(row(i), 0))
IN_RANGE = ForAll((i,), Gt(row(i), 0), (Le(i, K - 1),))


def test_a_fact_about_every_row_holds_of_one_row() -> None:
    assert kernel.nlinarith(Gt(row(a), 0), [ROWS]).relation == Gt(row(a), 0)


def test_a_fact_about_every_row_defines_a_quotient_below_a_sum() -> None:
    term = Sum(1 / row(i), (i, 0, K - 1))
    assert kernel.refl(term, [ROWS]).relation.lhs == term


@pytest.mark.parametrize(
    "false",
    [
        Gt(Sum(C[m, a], (m, 0, K - 1)), 0),  # a column
        Gt(Sum(C[a, m], (m, 0, K)), 0),  # a longer row
        Gt(Sum(E[a, m], (m, 0, K - 1)), 0),  # another matrix
        Gt(C[a, a], 0),  # one entry
        Gt(row(a), 1),
    ],
)
def test_it_says_nothing_of_anything_else(false: Gt) -> None:
    with pytest.raises(Undecided):
        kernel.nlinarith(false, [ROWS])


def test_its_conditions_must_hold() -> None:
    with pytest.raises(Undecided):
        kernel.nlinarith(Gt(row(a), 0), [IN_RANGE])
    assert kernel.nlinarith(Gt(row(a), 0), [IN_RANGE, Le(a, K - 1)])


def test_a_bound_index_is_no_value_for_a_row() -> None:
    """Σ_j C[j, a] is below a sum over j: row j is not a row outside of it."""
    inner = Sum(C[j, a] / row(j), (j, 0, S(2)))
    assert kernel.refl(inner, [ROWS])
    with pytest.raises(Undecided):
        kernel.refl(1 / Sum(C[j, a], (j, 0, S(2))), [ROWS])
