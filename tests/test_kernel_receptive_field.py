# SPDX-License-Identifier: BSD-3-Clause
"""Rules of the kernel that the receptive field was the first to need."""

from __future__ import annotations

import pytest
from lemmata.proofs import kernel, signs
from lemmata.proofs.terms import Undecided
from sympy import Eq, Function, Ge, Le, Lt, symbols

x, y = symbols("x y", real=True)
n = symbols("n", integer=True)
f = Function("f", integer=True)


def test_facts_that_exclude_each_other_are_told_from_facts_that_do_not() -> None:
    assert signs.contradictory([Lt(x, y), Lt(y, x)]) is True
    assert signs.contradictory([Lt(x, y), Ge(x, 0)]) is False


def test_nlinarith_uses_its_facts() -> None:
    assert kernel.nlinarith(Le(x, y + 1), [Le(x, y)]).hypotheses == {Le(x, y)}


def test_nlinarith_refuses_facts_that_exclude_each_other() -> None:
    with pytest.raises(Undecided, match="contradict"):
        kernel.nlinarith(Le(x, y), [Lt(x, 0), Lt(0, x)])


def test_the_second_check_draws_no_values_for_facts_about_functions() -> None:
    value = f(n)
    link = kernel.assume(Eq(value, 0, evaluate=False))
    assert kernel.linear_combination(Eq(2 * value, 0, evaluate=False), [(2, link)], [Ge(n, 0)]).rule
