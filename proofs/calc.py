# SPDX-License-Identifier: BSD-3-Clause
"""Chains of steps, as in Lean's ``calc``: ``calc(a).eq(b, rule).le(c, theorem).close()``.

Not trusted: a chain only asks the kernel for its links and for ``trans``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational

from . import kernel
from .kernel import Given, Theorem
from .terms import Undecided, same

Link = Theorem | Callable[[Relational], Theorem]


@dataclass(frozen=True)
class Calc:
    """A chain that has reached ``end``; each step gives the next one."""

    end: Expr
    links: tuple[Theorem, ...] = ()

    def step(self, kind: type[Relational], after: Expr, by: Link) -> Calc:
        goal = kind(self.end, after, evaluate=False)
        link = by if isinstance(by, Theorem) else by(goal)
        if not same(link.relation, goal):
            link = kernel.symm(link)
        if not same(link.relation, goal):
            raise Undecided(f"the link proves {link.relation}, wanted {goal}")
        return Calc(after, (*self.links, link))

    def eq(self, after: Expr, by: Link = kernel.ring) -> Calc:
        return self.step(Eq, after, by)

    def le(self, after: Expr, by: Link) -> Calc:
        return self.step(Le, after, by)

    def lt(self, after: Expr, by: Link) -> Calc:
        return self.step(Lt, after, by)

    def ge(self, after: Expr, by: Link) -> Calc:
        return self.step(Ge, after, by)

    def gt(self, after: Expr, by: Link) -> Calc:
        return self.step(Gt, after, by)

    def close(self) -> Theorem:
        """The theorem that relates the first term to the last."""
        return self.links[0] if len(self.links) == 1 else kernel.trans(*self.links)


def calc(start: Expr) -> Calc:
    return Calc(start)


def ring(given: Given = ()) -> Callable[[Relational], Theorem]:
    """``ring`` as a link: ``.eq(b, ring(hypotheses))``."""
    return lambda goal: kernel.ring(goal, given)


def nlinarith(given: Given = ()) -> Callable[[Relational], Theorem]:
    return lambda goal: kernel.nlinarith(goal, given)


def equation(left: Expr, right: Expr) -> Relational:
    """left = right, unevaluated."""
    return Eq(left, right, evaluate=False)
