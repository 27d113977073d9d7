# SPDX-License-Identifier: BSD-3-Clause
"""Why the claims of ``theory.receptive_field_filters`` are true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Expr, IndexedBase, Matrix, Ne, Poly, S, symbols

from ..theory import dilation_terms as d
from ..theory import receptive_field_filters as c
from ..theory import receptive_field_terms as t
from ..theory.claim import ForAll, Sequent
from . import kernel
from .calc import equation
from .kernel import Theorem
from .receptive_field_steps import by_nlinarith, families
from .steps import by_ring
from .verify import Proof

# --- one dimension -------------------------------------------------------------------------------------------------


def from_taps(goal: Sequent) -> Theorem:
    """The taps put in."""
    links = [(d.x ** h.lhs.indices[0], kernel.assume(h)) for h in goal.hypotheses if not isinstance(h, ForAll)]
    return kernel.linear_combination(goal.relation, links)


def seven_taps(goal: Sequent) -> Theorem:
    """Polynomials of degree 6 that agree at 7 points have the same coefficients."""
    points = [S(e) for e in range(-3, 4)]
    weights = Matrix([[point**e for e in range(7)] for point in points]).inv()
    links = []
    for k, point in enumerate(points):
        factor = sum((weights[e, k] * c.F[t.o + e] for e in range(7)), S.Zero)
        links.append((factor, _at(goal, point)))
    return kernel.linear_combination(goal.relation, links)


def _at(goal: Sequent, point: Expr) -> Theorem:
    """At one point the filter is the product of the three."""
    whole, *parts = (kernel.specialize(h, {d.x: point}) for h in families(goal))
    filters, pairs = [p.relation.lhs for p in parts], [p.relation.rhs for p in parts]
    before = (pairs[1] * pairs[2], filters[0] * pairs[2], filters[0] * filters[1])
    links = [(S.One, whole), *((-factor, part) for factor, part in zip(before, parts, strict=True))]
    return kernel.linear_combination(equation(whole.relation.lhs, filters[0] * filters[1] * filters[2]), links)


# --- two dimensions ------------------------------------------------------------------------------------------------

_taps = symbols("α:3", real=True)
_others = symbols("β:5", real=True)


@cache
def _vanishes() -> Theorem:
    """The lowest coefficient of a factor α of degree 2 is 0, if the product with β of degree 4 is x⁶ + c x⁵."""
    product = Poly(_taps[::-1], d.x) * Poly(_others[::-1], d.x)
    rows = [equation(product.coeff_monomial(d.x**e), S(int(e == 6))) for e in (*range(5), 6)]
    lowest = equation(_taps[0], S.Zero)
    zeros: list[Theorem] = []
    apart = kernel.assume(Ne(_taps[0], 0))
    for place in range(5):
        zeros.append(kernel.nlinarith(equation(_others[place], S.Zero), [apart, rows[place], *zeros]))
    absurd = kernel.contradiction(lowest, [zeros[-1], rows[-1]])
    return kernel.cases(lowest, kernel.assume(lowest), absurd)


def _lowest(first: IndexedBase, rest: Sequence[IndexedBase], goal: Sequent) -> Theorem:
    """The first factor vanishes at x = 0."""
    values = {tap: first[e, 0] for e, tap in enumerate(_taps)}
    values |= {other: c.row(e, *rest) for e, other in enumerate(_others)}
    theorem = kernel.instantiate(_vanishes(), values)
    rows = [h for h in goal.hypotheses if not isinstance(h, ForAll)]
    for h in theorem.hypotheses:
        assert not isinstance(h, ForAll)
        known = next(r for r in rows if (h.lhs - r.lhs).expand() == 0)
        theorem = kernel.discharge(theorem, kernel.linear_combination(h, [(S.One, kernel.assume(known))]))
    return theorem


def three_layers(goal: Sequent) -> Theorem:
    """Two factors vanish at x = 0, and each product in the entry has one of them."""
    g, h, q = c.g, c.h, c.q
    links = [
        (h[0, 0] * q[0, 1] + h[0, 1] * q[0, 0], _lowest(g, (h, q), goal)),
        (g[0, 1] * q[0, 0], _lowest(h, (g, q), goal)),
    ]
    return kernel.linear_combination(goal.relation, links)


PROOFS: Mapping[str, Proof] = {
    "receptive_field.one-dim-factorisation/conjugate-pair": from_taps,
    "receptive_field.one-dim-factorisation/real-pair": from_taps,
    "receptive_field.one-dim-factorisation/stack": by_ring,
    "receptive_field.one-dim-factorisation/seven-taps": seven_taps,
    "receptive_field.two-dim-not-all/x4-plus-y": by_nlinarith,
    "receptive_field.two-dim-not-all/x6-plus-y": three_layers,
    "receptive_field.multichannel-recovers": by_ring,
}


def _rows(*weights: Mapping[tuple[int, int], Any]) -> Mapping[Any, Any]:
    """Filters of 3 × 3 by their entries that are not 0."""
    return {
        family: lambda e, f, entries=entries: entries.get((int(e), int(f)), 0)
        for family, entries in zip((c.g, c.h, c.q), weights, strict=False)
    }


_first = {(2, 0): 2, (0, 1): 5, (2, 1): 3}
_second = {(2, 0): Fraction(1, 2), (0, 1): 7, (1, 1): 2}
_third = {(1, 0): 3, (2, 0): 1, (0, 1): 4, (0, 2): 1}


def _rooted(scale: int, *pairs: tuple[Any, Any]) -> Mapping[Any, Any]:
    """A filter of 7 taps with known roots, and the three filters of 3 taps."""
    quadratics = [[lead * p * q, -lead * (p + q), lead] for lead, (p, q) in zip((scale, 1, 1), pairs, strict=True)]
    whole = [Fraction(1)]
    for factor in quadratics:
        whole = [
            sum(whole[e] * factor[k - e] for e in range(len(whole)) if 0 <= k - e < 3) for k in range(len(whole) + 2)
        ]
    known = {c.f: whole, **dict(zip((c.a, c.b, c.c), quadratics, strict=True))}
    families: dict[Any, Any] = {head: lambda e, taps=taps: taps[int(e)] for head, taps in known.items()}
    for head, side in ((c.u, 0), (c.v, 1)):
        families[head] = lambda e, side=side: pairs[int(e) - 1][side]
    return families


MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "receptive_field.one-dim-factorisation": [
        {**_rooted(2, (1, 3), (-2, Fraction(1, 2)), (4, -1)), c.F: lambda e: int(e) ** 2 + 1, t.o: 1},
        {**_rooted(-1, (2, 2), (-3, 1), (Fraction(3, 2), 5)), c.F: lambda e: 3 ** (int(e) % 4), t.o: 0},
    ],
    "receptive_field.two-dim-not-all": [_rows(_first, _second), _rows(_first, _second, _third)],
}
