# SPDX-License-Identifier: BSD-3-Clause
"""Rules of the kernel that the receptive field was the first to need."""

from __future__ import annotations

import pytest
from sympy import Ge, Le, Lt, symbols

from lemmata.proofs import kernel, signs
from lemmata.proofs.terms import Undecided

x, y = symbols("x y", real=True)


def test_facts_that_exclude_each_other_are_told_from_facts_that_do_not() -> None:
    assert signs.contradictory([Lt(x, y), Lt(y, x)]) is True
    assert signs.contradictory([Lt(x, y), Ge(x, 0)]) is False


def test_nlinarith_uses_its_facts() -> None:
    assert kernel.nlinarith(Le(x, y + 1), [Le(x, y)]).hypotheses == {Le(x, y)}


def test_nlinarith_refuses_facts_that_exclude_each_other() -> None:
    with pytest.raises(Undecided, match="contradict"):
        kernel.nlinarith(Le(x, y), [Lt(x, 0), Lt(0, x)])
