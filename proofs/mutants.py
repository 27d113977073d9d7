# SPDX-License-Identifier: BSD-3-Clause
"""A proof that cannot fail is a defect: the statement is mutated, and its own proof must reject the result.

A mutant counts only when an exact witness refutes it: values that satisfy the hypotheses and at which the
mutated relation is certainly false. Where one side has no value in ball arithmetic (an improper integral,
a limit), the proved original stands in for it: from a = b proved and b ≠ b′ at the witness, a = b′ is false.
A hypothesis whose removal leaves the proof standing is reported as not load-bearing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from importlib import import_module
from itertools import chain, islice
from typing import Any

import sympy
from flint import fmpq
from sympy import Abs, Basic, Expr, IndexedBase, Symbol, oo
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.tensor.indexed import Indexed

from ..theory import oracle
from ..theory.balls import Complex
from ..theory.claim import Claim, Definition, ForAll, Refutation, Sequent
from . import kernel
from .terms import BINDERS, Undecided, bind, binder, free, free_in, rebuild
from .verify import prove

Assignment = dict[Any, Any]
_PER_SEQUENT = 16
_PER_CLAIM = 64  # shared by the sequents of a claim with many
_SAMPLES = 12
_DRAWS = 120
_INDICES = range(-4, 16)  # where a universal hypothesis about a family is checked
_SWAPS = {
    sympy.sin: sympy.cos,
    sympy.cos: sympy.sin,
    sympy.Max: sympy.Min,
    sympy.Min: sympy.Max,
    sympy.floor: sympy.ceiling,
    sympy.ceiling: sympy.floor,
}


@dataclass(frozen=True)
class MutantReport:
    """How a claim's proof fared against its mutants."""

    killed: int
    total: int
    survivors: tuple[str, ...] = ()
    not_load_bearing: tuple[str, ...] = ()
    no_model: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.survivors and not self.no_model


def mutants_report(claim: Claim) -> MutantReport:
    """Mutate every sequent and refutation of a claim and run its own proof on the mutants."""
    killed = total = 0
    survivors: list[str] = []
    idle: list[str] = []
    no_model: list[str] = []
    share = max(4, min(_PER_SEQUENT, _PER_CLAIM // max(1, len(claim.statement))))
    for goal in claim.sequents():
        points = samples(goal, claim)
        if not points:
            no_model.append(goal.name)
        for label, mutant in islice(_refuted(claim, goal, points), share):
            total += 1
            if _stands(claim, Sequent(goal.name, mutant, goal.hypotheses)):
                survivors.append(f"{goal.name}: {label}: {mutant}")
            else:
                killed += 1
        idle += [f"{goal.name}: {h}" for h in goal.hypotheses if _stands(claim, _without(goal, h))]
    for refutation in claim.refutations():
        for label, mutant in islice(_true_at_witness(refutation, claim.definitions), share):
            total += 1
            try:
                kernel.witness(mutant, claim.definitions)
            except Undecided:
                killed += 1
            else:
                survivors.append(f"{refutation.name}: {label}")
    return MutantReport(killed, total, tuple(survivors), tuple(idle), tuple(no_model))


def refute(goal: Sequent, claim: Claim) -> Assignment | None:
    """An exact counterexample to a sequent, if one is found among small values."""
    for point in samples(goal, claim):
        if _decide(goal.relation, point, claim.definitions) is False:
            return point
    return None


def _stands(claim: Claim, goal: Sequent) -> bool:
    try:
        prove(claim, goal)
    except Exception:  # however the proof breaks, it has not accepted the mutant
        return False
    return True


def _without(goal: Sequent, hypothesis: object) -> Sequent:
    return replace(goal, hypotheses=tuple(h for h in goal.hypotheses if h is not hypothesis))


def _refuted(claim: Claim, goal: Sequent, points: Sequence[Assignment]) -> Iterator[tuple[str, Relational]]:
    """Mutants of a goal that are certainly false at some point."""
    for label, mutant in mutations(goal.relation):
        if any(_is_false(mutant, goal.relation, point, claim.definitions) for point in points):
            yield label, mutant


def _is_false(mutant: Relational, original: Relational, point: Assignment, definitions: Sequence[Definition]) -> bool:
    if _decide(mutant, point, definitions) is False:
        return True
    if isinstance(mutant, Eq) and isinstance(original, Eq):
        pairs = zip(mutant.args, original.args, strict=True)
        changed = [Eq(a, b, evaluate=False) for a, b in pairs if a != b]
        return len(changed) == 1 and _decide(changed[0], point, definitions) is False
    return False


def _decide(relation: Relational, point: Assignment, definitions: Sequence[Definition]) -> bool | None:
    try:
        return oracle.decide(relation, point, max_prec=512, definitions=definitions, complex_values=True)
    except (oracle.Unsupported, ArithmeticError, LookupError, ValueError, TypeError):
        return None


def _true_at_witness(refutation: Refutation, definitions: Sequence[Definition]) -> Iterator[tuple[str, Refutation]]:
    """Refutations that must fail: the negated statement, and mutants that hold at the witness."""
    popular, at = refutation.popular, dict(refutation.witness)
    negated = {Eq: Ne, Ne: Eq, Lt: Ge, Ge: Lt, Gt: Le, Le: Gt}[popular.relation.func]
    first = ("negated", negated(*popular.relation.args, evaluate=False))
    for label, relation in chain((first,), mutations(popular.relation)):  # built only as far as they are asked for
        if _decide(relation, at, definitions) is True:
            yield label, replace(refutation, popular=replace(popular, relation=relation))


# --- mutations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    """One changed place in a relation, not yet built into it."""

    label: str
    changed: Expr
    side: int
    around: tuple[Callable[[Expr], Expr], ...]  # from the changed place outwards

    def build(self, relation: Relational) -> Relational | None:
        """The mutant, or None where the change leaves no statement or the same one."""
        term = self.changed
        try:
            for remake in self.around:
                term = remake(term)
        except (Undecided, ValueError, TypeError, ZeroDivisionError):
            return None
        if term == relation.args[self.side] or term.has(sympy.nan, sympy.zoo):
            return None
        sides = (term, relation.rhs) if self.side == 0 else (relation.lhs, term)
        return relation.func(*sides, evaluate=False)


def mutations(relation: Relational) -> Iterator[tuple[str, Relational]]:
    """Statements that differ in one place: sign, constant, term, function, index, range, variable.

    They come from all over the statement: the order is that of the golden ratio's multiples modulo 1.
    """
    variables = sorted((s for s in free(relation) if isinstance(s, Symbol)), key=str)
    changes = [c for side in (0, 1) for c in _everywhere(relation.args[side], variables, side)]
    seen = {relation}
    for k in sorted(range(len(changes)), key=lambda k: (k * 0.6180339887498949) % 1):
        mutant = changes[k].build(relation)
        if mutant is not None and mutant not in seen:
            seen.add(mutant)
            yield changes[k].label, mutant


def _everywhere(
    e: Expr, variables: Sequence[Symbol], side: int, around: tuple[Callable[[Expr], Expr], ...] = ()
) -> Iterator[_Change]:
    """Every change of a term in one place."""
    for label, changed in _local(e, variables):
        yield _Change(label, changed, side, around)
    for part, known, remake in _parts(e, variables):
        yield from _everywhere(part, known, side, (remake, *around))


_Part = tuple[Expr, Sequence[Symbol], Callable[[Expr], Expr]]


def _parts(e: Expr, variables: Sequence[Symbol]) -> Iterator[_Part]:
    """The parts of a term, the variables known in each, and how the term is made again from a changed part."""
    if isinstance(e, BINDERS):
        i = e.limits[0][0]
        known = [*variables, i] if i.is_integer else variables
        yield e.args[0], known, partial(_with_body, e)
    elif isinstance(e, sympy.Limit):
        yield e.args[0], variables, partial(_with_body, e)
    elif isinstance(e, Indexed):
        for k, index in enumerate(e.indices):
            yield index, variables, partial(_with_index, e, k)
    else:
        for k, argument in enumerate(e.args):
            if isinstance(argument, Expr):
                yield argument, variables, partial(_with_argument, e, k)


def _with_body(e: Expr, body: Expr) -> Expr:
    if isinstance(e, sympy.Limit):
        return sympy.Limit(body, *e.args[1:3], str(e.args[3]))
    return bind(e.func, body, *binder(e)[1:])


def _with_index(e: Expr, k: int, index: Expr) -> Expr:
    return e.base[(*e.indices[:k], index, *e.indices[k + 1 :])]


def _with_argument(e: Expr, k: int, argument: Expr) -> Basic:
    return rebuild(e, [*e.args[:k], argument, *e.args[k + 1 :]])


def _local(e: Expr, variables: Sequence[Symbol]) -> Iterator[tuple[str, Expr]]:
    if e.is_Rational:
        yield "constant", e + 1
        yield "constant", e - 1
        return
    if isinstance(e, Symbol):
        yield from (("variable", v) for v in variables if v != e and v.is_integer == e.is_integer)
        return
    yield "sign", -e
    if isinstance(e, BINDERS) and not (e.limits[0][1].is_infinite or e.limits[0][2].is_infinite):
        body, i, lower, upper = binder(e)
        yield "range", bind(e.func, body, i, lower, upper + 1)
        yield "range", bind(e.func, body, i, lower + 1, upper)
    if e.is_Add or e.is_Mul:
        for k in range(len(e.args)):
            rest = [*e.args[:k], *e.args[k + 1 :]]
            yield "dropped", e.func(*rest)
            if e.is_Add:
                yield "sign", e.func(*rest, -e.args[k])
    if e.func in _SWAPS:
        yield "function", _SWAPS[e.func](*e.args)
    if isinstance(e, (sympy.exp, sympy.log)):
        yield "function", e.func(-e.args[0]) if isinstance(e, sympy.exp) else e.args[0]
    if isinstance(e, (Abs, sympy.conjugate, sympy.re)):
        yield "function", e.args[0]
    if isinstance(e, Indexed):
        yield "index", e.base[tuple(index + 1 for index in e.indices)]


# --- values that satisfy the hypotheses --------------------------------------------------------------------------


def samples(goal: Sequent, claim: Claim) -> list[Assignment]:
    """Exact values at which every hypothesis of a sequent certainly holds.

    A proof module may give models for hypotheses that small random values do not satisfy
    (``MODELS``: claim id → assignments); they are checked like the others.
    """
    given = getattr(import_module(f"{__package__}.{claim.topic}"), "MODELS", {})
    rng = random.Random(claim.id)
    found = [dict(m) for m in given.get(claim.id, ()) if _admits(goal, m, claim.definitions)]
    for _ in range(_DRAWS):
        if len(found) >= _SAMPLES:
            break
        point = _draw(goal, claim.definitions, rng)
        if point is not None and _admits(goal, point, claim.definitions):
            found.append(point)
    return found


def _admits(goal: Sequent, point: Mapping[Any, Any], definitions: Sequence[Definition]) -> bool:
    return all(_holds(h, dict(point), definitions) for h in goal.hypotheses)


def _holds(h: Relational | ForAll, point: Assignment, definitions: Sequence[Definition]) -> bool:
    if isinstance(h, Relational):
        return _decide(h, point, definitions) is True
    rng = random.Random(0)
    for k in _INDICES:
        values = {v: k if n == 0 else _value(v, rng) for n, v in enumerate(h.variables)}
        at = {**point, **values}
        if (
            all(_decide(c, at, definitions) is True for c in h.conditions)
            and _decide(h.body, at, definitions) is not True
        ):
            return False
    return True


def _value(variable: Basic, rng: random.Random) -> object:
    if getattr(variable, "is_integer", None):
        return rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, -1, -2])
    real = Fraction(rng.randint(-12, 36), rng.choice([1, 2, 3, 4, 8])) or Fraction(1, 2)
    if getattr(variable, "is_real", None):
        return real
    # a model's function is given balls, which are exact for dyadic numbers only
    return Complex(fmpq(rng.randint(-12, 36), 8), fmpq(rng.randint(-5, 5) or 1, 2))


def _between(variable: Symbol, hypotheses: Sequence[object], rng: random.Random) -> object:
    """A value within the literal bounds that the hypotheses put on an integer, else any value."""
    low, high = -oo, oo
    for h in hypotheses:
        if isinstance(h, (Le, Lt, Ge, Gt)) and variable in h.args:
            smaller = h.lts == variable
            bound = h.gts if smaller else h.lts
            if bound.is_Integer:
                low, high = (low, min(high, bound)) if smaller else (max(low, bound), high)
    if variable.is_integer and -oo < low <= high < oo:
        return rng.randint(int(low), int(high))
    return _value(variable, rng)


def _family(head: Basic, salt: int) -> Callable[..., object]:
    """A family of values, each drawn from its own index; positive ones are the most useful."""
    domain = head.label if isinstance(head, IndexedBase) else head
    probe = head[0] if isinstance(head, IndexedBase) else head(0)
    prefix, known = f"{salt}{domain}", dict[str, object]()

    def member(*index: object) -> object:
        name = f"{prefix}{index}"
        if name not in known:
            known[name] = drawn(random.Random(name))
        return known[name]

    def drawn(rng: random.Random) -> object:
        if probe.is_integer:
            return rng.randint(1, 5)
        value = Fraction(rng.randint(1, 24), rng.choice([1, 2, 4, 8, 16])) * (1 if salt % 3 else rng.choice([1, -1]))
        if probe.is_real:
            return value
        return Complex(fmpq(value.numerator, value.denominator), fmpq(rng.randint(-5, 5) or 1, 4))

    return member


def _draw(goal: Sequent, definitions: Sequence[Definition], rng: random.Random) -> Assignment | None:
    names = free(goal.relation).union(*(free_in(h) for h in goal.hypotheses))
    defined = {d.name for d in definitions}
    for d in definitions:
        for case in d.cases:
            names |= free(case.body) - set(d.parameters)
    point: Assignment = {}
    for name in sorted(names, key=str):
        if isinstance(name, Symbol):
            point[name] = _between(name, goal.hypotheses, rng)
        elif getattr(name, "__name__", "") not in defined:
            point[name] = _family(name, rng.randrange(10**6))
    try:
        _repair(goal, point, definitions)
    except (oracle.Unsupported, ArithmeticError, LookupError, ValueError, TypeError):
        return None
    return point


def _repair(goal: Sequent, point: Assignment, definitions: Sequence[Definition]) -> None:
    """Make equations true that fix a symbol, a member of a family, or the total of a family."""
    for h in goal.hypotheses:
        if not isinstance(h, Eq):
            continue
        for target, other in (h.args, h.args[::-1]):
            if isinstance(target, Symbol) and target not in free(other):
                point[target] = oracle.exact(other, point, definitions=definitions)
                break
            if isinstance(target, Indexed) and len(target.indices) == 1:
                at = oracle.exact(target.indices[0], point, definitions=definitions)
                value = oracle.exact(other, point, definitions=definitions)
                if at is not None and value is not None:
                    point[target.base] = _override(point[target.base], int(at), value)
                break
            if isinstance(target, sympy.Sum) and isinstance(target.function, Indexed):
                _normalise(target, other, point, definitions)
                break


def _override(family: Callable[..., object], at: int, value: object) -> Callable[..., object]:
    return lambda *index: value if index == (at,) else family(*index)


def _normalise(total: sympy.Sum, wanted: Expr, point: Assignment, definitions: Sequence[Definition]) -> None:
    """Rescale a family so that its sum is what the hypothesis says."""
    have, want = (oracle.exact(e, point, definitions=definitions) for e in (total, wanted))
    if have and want:
        family = point[total.function.base]
        point[total.function.base] = lambda *index: family(*index) * want / have
