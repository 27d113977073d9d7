# SPDX-License-Identifier: BSD-3-Clause
"""Steps that proofs about stacks of layers share: induction on the depth, and its uses."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Ge, S
from sympy.core.relational import Relational

from ..theory import receptive_field_terms as t
from ..theory.claim import Definition, ForAll, Sequent
from . import kernel
from .calc import calc, equation, ring
from .kernel import Theorem
from .terms import substitute
from .verify import Proof

LAYERS = Ge(t.L, 0)


def by_nlinarith(goal: Sequent) -> Theorem:
    """Arithmetic from the hypotheses."""
    return kernel.nlinarith(goal.relation, goal.hypotheses)


def recursive(definition: Definition, layer: Expr, given: Sequence[Relational] = ()) -> Theorem:
    """f(layer) = step(f(layer − 1)); at a number, its last case that applies."""
    case = next(e for e, c in enumerate(definition.cases) if c.pattern[0] in (layer, t.n))
    values = {v: layer if v == t.n else v for v in definition.parameters}
    if definition.cases[case].pattern[0] != t.n:
        del values[t.n]
    return kernel.unfold(definition, case, values, given)


def pulled(relation: Relational, definition: Definition) -> Theorem:
    """f(L, y) = closed(L, y) by induction on L, for every y at once."""
    y = definition.parameters[1]
    base_goal, step_goal = (substitute(relation, {t.L: at}) for at in (S.Zero, t.L + 1))
    base = calc(base_goal.lhs).eq(y, kernel.unfold(definition, 0, {y: y})).eq(base_goal.rhs).close()
    unfolded = kernel.unfold(definition, 1, {t.n: t.L + 1, y: y}, [LAYERS])
    inner = unfolded.relation.rhs.args[1]
    below = kernel.specialize(ForAll((y,), relation), {y: inner})
    step = calc(step_goal.lhs).eq(unfolded.relation.rhs, unfolded).eq(below.relation.rhs, below)
    return kernel.induction(relation, t.L, base, step.eq(step_goal.rhs, ring([LAYERS])).close())


def stacked(
    relation: Relational,
    definition: Definition,
    steps: Sequence[tuple[Expr, Theorem]] = (),
    given: Sequence[Relational] = (),
) -> Theorem:
    """f(L) = closed(L) by induction on L; ``steps`` are further equations that the step combines, with factors."""
    base_goal, step_goal = (substitute(relation, {t.L: at}) for at in (S.Zero, t.L + 1))
    base = calc(base_goal.lhs).eq(definition.cases[0].body, kernel.unfold(definition, 0, {}))
    base = base.eq(base_goal.rhs, ring(given))
    unfolded = kernel.unfold(definition, 1, {t.n: t.L + 1}, [LAYERS])
    last = definition(t.L)
    factor = unfolded.relation.rhs.expand().coeff(last)
    links = [(S.One, unfolded), (factor, kernel.assume(relation)), *steps]
    step = kernel.linear_combination(step_goal, links, [LAYERS, *given])
    return kernel.induction(relation, t.L, base.close(), step)


def unit_form(definition: Definition = t.UNIT) -> Theorem:
    """Where a path, the first path or the last path ends: o Π s + Σ offset Π s."""
    offset = _offset(definition)
    return pulled(equation(definition(t.L, t.o), t.pulled_back(t.o, offset, t.L)), definition)


def _offset(definition: Definition) -> Expr:
    """What layer l adds to s·o in one step of the definition."""
    inner = substitute(definition.cases[1].body.args[1], {t.n: t.l})
    return inner - t.s[t.l] * t.o


def computed(*definitions: Definition) -> Proof:
    """A value at small depth, by unfolding the definitions down to the input."""

    def proof(goal: Sequent) -> Theorem:
        depth = int(goal.relation.lhs.args[0])
        known = [recursive(d, S(e)) for d in definitions for e in range(depth + 1)]
        return kernel.nlinarith(goal.relation, [*known, *goal.hypotheses])

    return proof


def families(goal: Sequent) -> list[ForAll]:
    return [h for h in goal.hypotheses if isinstance(h, ForAll)]
