# SPDX-License-Identifier: BSD-3-Clause
"""Rules that compute: finitely many cases, boxes, witnesses; and quoted theorems. Trusted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from fractions import Fraction

import sympy
from flint import arb, fmpq
from sympy import Basic, Expr, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Gt, Le, Lt, Ne, Relational
from sympy.tensor.indexed import Indexed

from ..theory import oracle
from ..theory.claim import Definition, ForAll, Refutation
from .axioms import AXIOMS
from .definitions import head, require_definition, require_together
from .terms import Undecided, derivative, free, in_domain, is_real, occurrences
from .theorems import _SEAL, Theorem, _make, _names

_CASES_LIMIT = 2_000_000
_BOXES_LIMIT = 200_000


def decide(goal: Relational, over: Mapping[Symbol, range], definitions: Sequence[Definition] = ()) -> Theorem:
    """A finite claim, by evaluating every case with certain comparisons; the count is in the note."""
    for definition in definitions:
        require_definition(definition)
    unknown = free(goal) - set(over) - {head(d) for d in definitions}
    if unknown:
        raise Undecided(f"not finite: {unknown}")
    if not all(v.is_integer and values.step == 1 and len(values) for v, values in over.items()):
        raise Undecided("cases are integers in non-empty ranges")
    count = math.prod(len(values) for values in over.values())
    if count > _CASES_LIMIT:
        raise Undecided("too many cases")
    for values in itertools.product(*over.values()):
        at = dict(zip(over, values, strict=True))
        if _truth(goal, at, definitions) is not True:
            raise Undecided(f"not shown at {at}")
    bounds = {r for v, s in over.items() for r in (Le(s[0], v, evaluate=False), Le(v, s[-1], evaluate=False))}
    used = frozenset({"ball arithmetic"}) | _names(definitions)
    return _make(goal, "decide", frozenset(bounds), (), definitions, axioms=used, note=f"{count} cases")


def _truth(goal: Relational, at: Mapping[Basic, object], definitions: Sequence[Definition]) -> bool | None:
    complex_values = not all(is_real(side) for side in goal.args)
    try:
        return oracle.decide(goal, at, definitions=definitions, complex_values=complex_values)
    except (oracle.Unsupported, ArithmeticError, LookupError, ValueError) as error:
        raise Undecided(f"no value at {dict(at)}: {error}") from error


def interval(goal: Relational, box: Mapping[Symbol, tuple[Fraction, Fraction]], depth: int = 24) -> Theorem:
    """A strict inequality on a box of real variables, by ball arithmetic and bisection.

    Where both sides have derivatives by the table, a box is also tried with the mean value form, whose error is
    quadratic in the size of the box: a small margin near an extremum then costs few boxes.
    """
    if not isinstance(goal, (Lt, Gt, Ne)) or free(goal) - set(box):
        raise Undecided("interval proves strict inequalities on a box")
    todo, pieces = [(tuple((Fraction(a), Fraction(b)) for a, b in box.values()), 0)], 0
    if any(a > b for a, b in todo[0][0]) or not all(v.is_real and not v.is_integer for v in box):
        raise Undecided("a box of real variables with ordered ends is needed")
    certain = _Certain(goal, tuple(box))
    while todo:
        sides, level = todo.pop()
        pieces += 1
        if certain(sides):
            continue
        if level >= depth * len(sides) or pieces > _BOXES_LIMIT:
            raise Undecided(f"not shown on {sides}")
        k = max(range(len(sides)), key=lambda j: sides[j][1] - sides[j][0])
        middle = (sides[k][0] + sides[k][1]) / 2
        for half in ((sides[k][0], middle), (middle, sides[k][1])):
            todo.append(((*sides[:k], half, *sides[k + 1 :]), level + 1))
    bounds = {
        r for v, (a, b) in box.items() for r in (Le(_number(a), v, evaluate=False), Le(v, _number(b), evaluate=False))
    }
    return _make(goal, "interval", frozenset(bounds), axioms=frozenset({"ball arithmetic"}), note=f"{pieces} boxes")


def _number(q: Fraction) -> Expr:
    return sympy.Rational(Fraction(q).numerator, Fraction(q).denominator)


def _hull(a: Fraction, b: Fraction) -> arb:
    return arb(fmpq(a.numerator, a.denominator)).union(arb(fmpq(b.numerator, b.denominator)))


class _Certain:
    """Whether both sides of a strict inequality have a value all over a box, and compare as it says."""

    def __init__(self, goal: Relational, variables: tuple[Symbol, ...]) -> None:
        less, more = goal.args if isinstance(goal, Lt) else goal.args[::-1]
        self.either = isinstance(goal, Ne)
        # each side by itself: what is undefined may cancel in the difference
        self.sides = _compiled([*goal.args, more - less], variables)
        self.slopes, self.count = _slopes([*goal.args, more - less], variables), len(variables)

    def __call__(self, sides: Sequence[tuple[Fraction, Fraction]]) -> bool:
        box = [_hull(a, b) for a, b in sides]
        try:
            if self._compares(self.sides(*box, prec=96)[-1]):
                return True
            if self.slopes is None:
                return False
            slopes = self.slopes(*box, prec=96)
            if not all(bool(base > 0) for base in slopes[self.count :]):
                return False
            middles = [arb(fmpq((a + b).numerator, (a + b).denominator)) / 2 for a, b in sides]
            total = self.sides(*middles, prec=96)[-1]
            for slope, whole, middle in zip(slopes, box, middles, strict=False):
                total += slope * (whole - middle)
            return self._compares(total)
        except oracle.Undefined:  # of this box; a smaller one may have a value
            return False

    def _compares(self, difference: arb) -> bool:
        return bool(difference > 0) or (self.either and bool(difference < 0))


def _compiled(terms: Sequence[Expr], variables: Sequence[Symbol]) -> oracle.Compiled:
    try:
        return oracle.compile(terms, variables)
    except oracle.Unsupported as error:
        raise Undecided(str(error)) from error


def _slopes(terms: Sequence[Expr], variables: Sequence[Symbol]) -> oracle.Compiled | None:
    """The derivatives of the last term, and what must be positive for every part of all terms to have one."""
    roots: dict[Expr, None] = {}
    for e, bound in (pair for term in terms for pair in occurrences(term)):
        if e.is_Pow and not e.exp.is_Integer and free(e) & set(variables):
            if bound:
                return None
            roots[e.base] = None
    try:
        return _compiled([*(derivative(terms[-1], v) for v in variables), *roots], variables)
    except Undecided:
        return None


@dataclass(frozen=True, eq=False)
class Refuted:
    """A popular statement, and that its hypotheses hold and its relation fails at the witness."""

    refutation: Refutation
    axioms: frozenset[str]
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise Undecided("a refutation is made by the rule witness")


def witness(refutation: Refutation, definitions: Sequence[Definition] = ()) -> Refuted:
    """That a popular sequent fails at the witness: its hypotheses hold there and its relation is false."""
    popular, at = refutation.popular, dict(refutation.witness)
    for definition in definitions:
        require_definition(definition)
    require_together(definitions)
    for place, value in at.items():
        if isinstance(place, (Indexed, AppliedUndef)) and not in_domain(value, place):
            raise Undecided(f"{value} is not known to lie in the domain of {place}")
    for h in popular.hypotheses:
        if isinstance(h, ForAll) or _truth(h, at, definitions) is not True:
            raise Undecided(f"the hypothesis is not shown at the witness: {h}")
    if _truth(popular.relation, at, definitions) is not False:
        raise Undecided("the popular statement is not shown false at the witness")
    return Refuted(refutation, frozenset({"ball arithmetic"}), _SEAL)


def axiom(name: str) -> Theorem:
    """A theorem of the literature that is quoted, not proved; it shows in the trust of everything above it."""
    if name not in AXIOMS:
        raise Undecided(f"no axiom {name!r}")
    sequent = AXIOMS[name]
    return _make(sequent.relation, "axiom", frozenset(sequent.hypotheses), axioms=frozenset({f"quoted: {name}"}))
