# SPDX-License-Identifier: BSD-3-Clause
"""Facts about hits X_i, rows Y_i and columns Z_i as general families, and their case X_i = C_ii, Y_i = t_i, Z_i = u_i.

What is shown of families is shown once, with symbols where the matrix has sums, so that each step is small. A fact
says of all classes 0 … K−1 what it assumes; ``at_matrix`` shows these assumptions for a confusion matrix. Not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from sympy import Basic, Expr, Ge, Gt, IndexedBase, Lambda, Le, S
from sympy.core.relational import Ne, Relational

from ..theory import segmentation_bounds as c
from ..theory import segmentation_terms as t
from ..theory.claim import ForAll
from . import kernel
from .calc import equation
from .kernel import Theorem
from .segmentation_steps import (
    INSIDE,
    LEAST,
    F,
    divided,
    every,
    in_column,
    in_row,
    member,
    not_negative,
    parted,
    pieces,
    summed,
    total,
    universal,
)
from .steps import rewriting
from .terms import binder, same, substitute
from .verify import Proof

K, i, j, m, n, a, b, C = t.K, t.i, t.j, t.m, t.n, t.a, t.b, t.C
x, y, z, v, w, q = t.x, t.y, t.z, t.v, t.w, t.q
G, X, Y, Z = (IndexedBase(name, real=True) for name in ("G", "X", "Y", "Z"))

# of a class with x hits, y pixels, predicted z times
HITS, FOUND, TRUE, UNION, ROW = Ge(x, 0), Le(x, y), Le(x, z), Gt(y + z - x, 0), Gt(y, 0)
CLASS = (HITS, FOUND, TRUE, UNION)
DIAGONAL_ROW, DIAGONAL_COLUMN = equation(y, x), equation(z, x)
# these hold of the classes 0 … K−1 only; what else is assumed, the statements assume of every integer
_SHOWN = (HITS, FOUND, TRUE, DIAGONAL_ROW, DIAGONAL_COLUMN)
_MEMBER: dict[Basic, Basic] = {x: X[i], y: Y[i], z: Z[i]}


def of_class(law: Theorem, at: Expr = i, keep: Relational | None = None) -> Theorem:
    """A fact about x, y, z for the hits, the row and the column of a class, which assumes its hypotheses of all.

    One hypothesis may be kept as one about this class.
    """
    theorem = kernel.instantiate(law, {x: X[at], y: Y[at], z: Z[at]})
    bounds = INSIDE if at == i else t.CLASS_A
    for h in sorted(law.hypotheses, key=str):
        if isinstance(h, Relational) and h.has(x, y, z) and h != keep:
            general = substitute(h, _MEMBER)
            where = every(general) if h in _SHOWN else ForAll((i,), general)
            theorem = kernel.discharge(theorem, kernel.specialize(where, {i: at}, bounds if where.conditions else ()))
    return theorem


def mean(law: Theorem, by: Expr, *given: Relational) -> Theorem:
    """Σ f / by ≤ Σ g / by from f ≤ g for each class."""
    over = summed(of_class(law))
    return divided(over, by, [*given, *universal(over)])


# --- sums whose terms are compared -------------------------------------------------------------------------------


@cache
def tight() -> Theorem:
    """F_i ≤ G_i for all i, Σ G ≤ Σ F ⊢ G_a ≤ F_a."""
    theorem = kernel.instantiate(member(), {F: Lambda(i, G[i] - F[i])})
    (hypothesis,) = universal(theorem)
    one = kernel.specialize(every(Le(F[i], G[i])), {i: i}, INSIDE)
    theorem = kernel.discharge_all(theorem, hypothesis, kernel.nlinarith(hypothesis.body, [one]))
    whole = kernel.ring(equation(theorem.relation.rhs, total(G) - total(F)))
    return kernel.nlinarith(Le(G[a], F[a], evaluate=False), [theorem, whole, Le(total(G), total(F), evaluate=False)])


def tight_for(below: Theorem) -> Theorem:
    """``tight`` for two terms of class i, of which the first is at most the second."""
    first, second = below.relation.args
    values = {F: Lambda(i, first), G: Lambda(i, second)}
    theorem = kernel.instantiate(tight(), values, universal(below))
    (hypothesis,) = (h for h in universal(theorem) if same(h.body, below.relation))
    return kernel.discharge_all(theorem, hypothesis, below)


@cache
def lonely() -> Theorem:
    """0 ≤ F_i for all i, Σ F ≤ F_a ⊢ F_b = 0 for b ≠ a."""
    least = kernel.specialize(LEAST, {i: b}, t.CLASS_B)
    before, _, after = pieces(total(F), a)
    whole = parted(total(F), a, t.CLASS_A)
    full = Le(total(F), F[a], evaluate=False)
    cases = []
    for here, rest, side in (
        (before, after, Le(b, a - 1, evaluate=False)),
        (after, before, Gt(b, a - 1, evaluate=False)),
    ):
        near = [*t.CLASS_A, *t.CLASS_B, Ne(a, b), side]
        around = [not_negative(part, *near) for part in (*pieces(here, b)[::2], rest)]
        cases.append(kernel.nlinarith(equation(F[b], S.Zero), [whole, parted(here, b, near), *around, least, full]))
    return kernel.cases(Le(b, a - 1, evaluate=False), *cases)


# --- the confusion matrix ----------------------------------------------------------------------------------------

_PLACE: dict[Basic, Basic] = {
    X: Lambda(i, C[i, i]), Y: Lambda(i, t.row(i)), Z: Lambda(i, t.column(i)),
}  # fmt: skip


@cache
def _of_matrix(relation: Relational) -> Theorem:
    """What the families satisfy in a confusion matrix, for class i."""
    known: Mapping[Relational, Callable[[], Theorem]] = {
        Ge(X[i], 0): lambda: kernel.specialize(t.COUNTS, {i: i, j: i}),
        Le(X[i], Y[i]): lambda: in_row(i, INSIDE),
        Le(X[i], Z[i]): lambda: in_column(i, INSIDE),
        equation(Y[i], X[i]): lambda: _on_diagonal(t.row(i)),
        equation(Z[i], X[i]): lambda: _on_diagonal(t.column(i)),
    }
    return known[relation]()


def _on_diagonal(e: Expr) -> Theorem:
    """A row or a column of a diagonal matrix is its diagonal entry."""
    steps = [parted(e, i, INSIDE)]
    for part in pieces(e, i)[::2]:
        body, index, low, high = binder(part)
        near = [*INSIDE, Le(low, index, evaluate=False), Le(index, high, evaluate=False)]
        zero = kernel.specialize(c.DIAGONAL, {i: body.indices[0], j: body.indices[1]}, near)
        none = kernel.termwise(zero, index, low, high)
        steps.append(kernel.trans(none, kernel.ring(equation(none.relation.rhs, S.Zero), INSIDE)))
    return rewriting(equation(e, C[i, i]), steps, INSIDE)


@cache
def at_matrix(theorem: Theorem) -> Theorem:
    """A fact about families, for a confusion matrix."""
    known = [_of_matrix(h.body) for h in universal(theorem) if h.conditions]
    result = kernel.instantiate(theorem, _PLACE)
    for k in known:
        (hypothesis,) = (h for h in universal(result) if h.conditions == INSIDE and same(h.body, k.relation))
        result = kernel.discharge_all(result, hypothesis, k)
    columns = equation(t.over_classes(t.column), t.total())
    if any(isinstance(h, Relational) and same(h, columns) for h in result.hypotheses):
        result = kernel.discharge(result, kernel.symm(kernel.swap(t.total())))
    return result


def of_matrix(fact: Callable[[], Theorem]) -> Proof:
    """A proof by a fact about families; it is the same whatever the goal, which has to be what it shows."""
    return lambda goal: at_matrix(fact())
