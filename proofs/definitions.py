# SPDX-License-Identifier: BSD-3-Clause
"""Which recursive definitions are definitions: equations that some function satisfies, whatever else is true.

Trusted. A definition is admitted if its cases exclude each other, each case speaks of its own parameters
only, and recursion goes from n to n − 1 while n is bounded from below; then a function that satisfies every
equation can be built from below. Several definitions together need different names and no circle among them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache

from sympy import Basic, Expr, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational

from ..theory.claim import Case, Definition
from . import signs
from .terms import Undecided, free, fresh, is_integer, is_real, occurrences, substitute


def head(definition: Definition) -> Basic:
    """The function that is defined."""
    return definition(*definition.parameters).func


def mentioned(definition: Definition) -> set[Basic]:
    """The families and functions of which the equations speak, without the one that is defined."""
    terms = (t for c in definition.cases for t in (c.body, *c.conditions))
    names = set().union(*(free(t) for t in terms))
    return {e for e in names if not isinstance(e, Symbol)} - {head(definition)}


@lru_cache(maxsize=1024)
def require_definition(definition: Definition) -> None:
    """``Undecided`` unless some function satisfies all equations, for all values of everything they mention."""
    parameters, name = definition.parameters, definition.name
    if len(set(parameters)) != len(parameters) or not parameters or not parameters[0].is_integer:
        raise Undecided(f"{name} needs different parameters, the first one an integer")
    lies = {"integer": is_integer, "real": is_real}.get(definition.domain)
    for case in definition.cases:
        if lies is not None and not lies(case.body):
            raise Undecided(f"a case of {name} is not known to be {definition.domain}")
        _require_pattern(definition, case)
        _require_descent(definition, case)
    for one, other in itertools.combinations(definition.cases, 2):
        if not _disjoint(one, other):
            raise Undecided(f"two cases of {name} may overlap: {one.pattern}, {other.pattern}")


def _require_pattern(definition: Definition, case: Case) -> None:
    """Arguments are numbers, or the parameter of their place plus a number; nothing else is free in the case."""
    if len(case.pattern) != len(definition.parameters):
        raise Undecided(f"{definition.name} takes {len(definition.parameters)} arguments, not {case.pattern}")
    own: set[Basic] = set()
    for argument, parameter in zip(case.pattern, definition.parameters, strict=True):
        if argument.is_Rational:
            continue
        if not (argument - parameter).is_Integer:
            raise Undecided(f"{definition.name}: {argument} is neither a number nor {parameter} plus a number")
        own.add(parameter)
    for term in (case.body, *case.conditions):
        strangers = {e for e in free(term) if isinstance(e, Symbol)} - own
        if strangers:
            raise Undecided(f"{definition.name}: {strangers} is free in the case {case.pattern}")
    if any(_calls(condition, definition) for condition in case.conditions):
        raise Undecided(f"{definition.name}: a condition calls the function")


def _calls(term: Basic, definition: Definition) -> list[Expr]:
    """Every call of the function, and of any function of its name."""
    calls = [e for e, _ in occurrences(term) if isinstance(e, AppliedUndef)]
    return [e for e in calls if e.func.__name__ == definition.name]


def _require_descent(definition: Definition, case: Case) -> None:
    """Every call is one step below the pattern, and the conditions bound the pattern from below."""
    first = case.pattern[0]
    calls = _calls(case.body, definition)
    if any(free(e.args[0]) & bound for e, bound in occurrences(case.body) if e in calls):
        raise Undecided(f"{definition.name}: the step of a recursion is bound in {case.body}")
    if any(e.func != head(definition) or e.args[0] - (first - 1) != 0 for e in calls):
        raise Undecided(f"{definition.name}: recursion must go from {first} to {first - 1}")
    if calls and not (first.is_Integer or any(_bounds(c, definition.parameters[0]) for c in case.conditions)):
        raise Undecided(f"{definition.name}: recursion from {first} is not bounded from below")


def _bounds(condition: Relational, n: Symbol) -> bool:
    """n ≥ c or n > c for a number c."""
    up = isinstance(condition, (Ge, Gt)) and condition.lhs == n and condition.rhs.is_Rational
    down = isinstance(condition, (Le, Lt)) and condition.rhs == n and condition.lhs.is_Rational
    return bool(up or down)


def _disjoint(one: Case, other: Case) -> bool:
    """Whether no arguments match both patterns and satisfy both conditions."""
    pairs = list(zip(one.pattern, other.pattern, strict=True))
    if any(a.is_Rational and b.is_Rational and a != b for a, b in pairs):
        return True
    names = {e for e in (*one.pattern, *other.pattern) if e.free_symbols}
    avoid = set().union(*(free(e) for e in (*names, *one.conditions, *other.conditions, one.body, other.body)))
    apart: dict[Basic, Basic] = {}
    for s in sorted({s for e in other.pattern for s in e.free_symbols}, key=str):
        apart[s] = fresh(s, avoid)
        avoid.add(apart[s])
    facts: list[Relational] = [Eq(a, substitute(b, apart), evaluate=False) for a, b in pairs]
    facts += [*one.conditions, *(substitute(c, apart) for c in other.conditions)]
    return signs.contradictory([f for f in facts if f.lhs != f.rhs]) is True


def require_together(definitions: Iterable[Definition]) -> None:
    """``Undecided`` unless the definitions have different names and can be made one after the other."""
    everything = frozenset(definitions)
    _require_together(everything)


@lru_cache(maxsize=4096)
def _require_together(definitions: frozenset[Definition]) -> None:
    names = [d.name for d in definitions]
    if len(set(names)) != len(names):
        raise Undecided(f"two definitions have one name: {sorted(n for n in set(names) if names.count(n) > 1)}")
    left = {d: {e for e in mentioned(d) if getattr(e, "__name__", None) in names} for d in definitions}
    while left:
        ready = [d for d, needs in left.items() if not needs]
        if not ready:
            raise Undecided(f"definitions in a circle: {sorted(d.name for d in left)}")
        made = {d.name for d in ready}
        left = {d: {e for e in needs if e.__name__ not in made} for d, needs in left.items() if d.name not in made}
