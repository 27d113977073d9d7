# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of PA² ≤ FWIoU ≤ PA, and of when one of the two is an equality."""

from __future__ import annotations

from functools import cache

from sympy import Expr, Ge, Lambda, Le, S, Sum
from sympy.core.relational import Gt, Lt, Relational

from ..theory import segmentation_bounds as c
from ..theory import segmentation_terms as t
from . import kernel
from .calc import equation
from .kernel import Given, Theorem
from .segmentation_bounds import IOU, PIXELS, fwiou_le_pa
from .segmentation_classes import CLASS, FOUND, HITS, TRUE, UNION, X, Y, Z, of_class, of_matrix, tight_for
from .segmentation_steps import F, lemma, member, summed, total, universal
from .terms import substitute
from .verify import Proof

K, i, a = t.K, t.i, t.a
x, y, z, v, w, q = t.x, t.y, t.z, t.v, t.w, t.q

WEIGHTED = y * IOU
_union = y + z - x
_tangent = WEIGHTED - 2 * q * x + q**2 * z
_first, _second = (x - q * z) ** 2, (y - x) * (x * (1 - q) ** 2 + q**2 * (z - x))
_excess = (_first + _second) / _union


def _of_i(e: Expr) -> Expr:
    return substitute(e, {x: X[i], y: Y[i], z: Z[i]})


# Σ C_ii, N, Σ t_i IoU_i; Σ u_i is v, and N again
_SUMS = {x: total(X), y: total(Y), z: Sum(_of_i(WEIGHTED), (i, 0, K - 1)), v: total(Z)}
COLUMNS = equation(total(Z), total(Y))
PA = total(X) / total(Y)


@cache
def tangent() -> Theorem:
    """t IoU − (2 q C − q² u) is a sum of squares over the union, for every q."""
    return kernel.ring(equation(_tangent, _excess), [UNION])


@cache
def least() -> Theorem:
    """0 ≤ t_i IoU_i − 2 q C_ii + q² u_i."""
    return of_class(kernel.trans(kernel.positivity(Le(0, _excess, evaluate=False), CLASS), kernel.symm(tangent())))


def _expanded(over: Expr, known: Given) -> Theorem:
    """Σ (t_i IoU_i − 2 q C_ii + q² u_i) = Σ t_i IoU_i − 2 q Σ C_ii + q² Σ u_i."""
    return kernel.ring(equation(over, _SUMS[z] - 2 * q * total(X) + q**2 * total(Z)), known)


@cache
def lower() -> Theorem:
    """The sum of squares is not negative at q = PA."""
    over = summed(least())
    known = universal(over)
    zero = kernel.ring(equation(S.Zero, over.relation.lhs))
    at_pa = kernel.instantiate(kernel.trans(zero, over, _expanded(over.relation.rhs, known)), {q: PA}, [PIXELS])
    law = lemma(Ge(z / y, (x / y) ** 2), Le(0, z - 2 * (x / y) * x + (x / y) ** 2 * v), equation(v, y), Gt(y, 0))
    return kernel.discharge(kernel.instantiate(law, _SUMS, known), at_pa)


@cache
def upper_attained() -> Theorem:
    tight = equation(x * (z - x), S.Zero)
    one = summed(of_class(lemma(equation(WEIGHTED, x), UNION, tight)))
    return kernel.congr(w / total(Y), w, one, [PIXELS, *universal(one)])


@cache
def upper_only() -> Theorem:
    """C_ii − t_i IoU_i ≥ 0, and the sum of these is 0."""
    below = of_class(lemma(Le(WEIGHTED, x), *CLASS))
    law = kernel.instantiate(lemma(Le(x, z), equation(z / y, x / y), Gt(y, 0)), _SUMS, universal(below))
    full = kernel.discharge(tight_for(below), law)
    here = Le(x, WEIGHTED)
    final = of_class(lemma(equation(x * (z - x), S.Zero), *CLASS, here), a, keep=here)
    return kernel.discharge(final, full)


@cache
def lower_attained() -> Theorem:
    """t_i IoU_i = r C_ii in every class; and r is PA."""
    precise, found = equation(x, q * z), equation((y - x) * z, S.Zero)
    one = summed(of_class(lemma(equation(WEIGHTED, q * x), UNION, precise, found)))
    one = kernel.instantiate(one, {q: c.R[0]})
    over = kernel.congr(w / total(Y), w, one, [PIXELS, *universal(one)])
    plain = kernel.ring(equation(over.relation.rhs, c.R[0] * PA), [PIXELS])
    rate = kernel.congr(w * PA, w, kernel.assume(equation(c.R[0], PA)), [PIXELS])
    return kernel.trans(over, plain, rate)


@cache
def none_at_pa() -> Theorem:
    """t_a IoU_a − 2 PA C_aa + PA² u_a ≤ 0, if FWIoU = PA²: it is one term of a sum of such, which is 0."""
    below = least()
    known = universal(below)
    theorem = kernel.instantiate(member(), {F: Lambda(i, _of_i(_tangent))}, known)
    (hypothesis,) = (h for h in universal(theorem) if h not in known)
    theorem = kernel.discharge_all(theorem, hypothesis, kernel.symm(below))
    theorem = kernel.trans(theorem, _expanded(theorem.relation.rhs, known))
    theorem = kernel.instantiate(theorem, {q: PA}, [PIXELS])
    zero = equation(z - 2 * (x / y) * x + (x / y) ** 2 * v, S.Zero)
    law = lemma(zero, equation(z / y, (x / y) ** 2), equation(v, y), Gt(y, 0))
    return kernel.trans(theorem, kernel.instantiate(law, _SUMS, known))


def lower_only(conclusion: Relational, *more: Relational) -> Proof:
    """Both terms of the numerator of the excess are 0."""
    here = Le(_tangent, 0)

    @cache
    def fact() -> Theorem:
        excess = kernel.nlinarith(Le(_excess, 0, evaluate=False), [UNION, tangent(), here])
        law = lemma(Le(v, 0), Le(v / w, 0), Gt(w, 0))
        law = kernel.instantiate(law, {v: _first + _second, w: _union})
        top = kernel.discharge(law, excess)
        parts = [kernel.positivity(Ge(e, 0, evaluate=False), [HITS, FOUND, TRUE]) for e in (_first, _second)]
        both = [kernel.nlinarith(equation(e, S.Zero), [*parts, top]) for e in (_first, _second)]
        final = of_class(kernel.nlinarith(conclusion, [*CLASS, *more, *both]), a, keep=here)
        return kernel.discharge(kernel.instantiate(final, {q: PA}, [PIXELS]), none_at_pa())

    return of_matrix(fact)


PROOFS: dict[str, Proof] = {
    "segmentation.fwiou-sharp/lower": of_matrix(lower),
    "segmentation.fwiou-sharp/upper": of_matrix(fwiou_le_pa),
    "segmentation.fwiou-sharp/upper-attained": of_matrix(upper_attained),
    "segmentation.fwiou-sharp/upper-only": of_matrix(upper_only),
    "segmentation.fwiou-sharp/lower-attained": of_matrix(lower_attained),
    "segmentation.fwiou-sharp/lower-only-precision": lower_only(equation(x, q * z)),
    "segmentation.fwiou-sharp/lower-only-recall": lower_only(equation((y - x) * z, S.Zero), Gt(q, 0), Lt(q, 1)),
}
