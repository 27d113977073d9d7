# SPDX-License-Identifier: BSD-3-Clause
"""Order: what the facts at hand say about the sign of a term, and where a term is defined.

Trusted, together with z3. ``entails`` asks z3 whether facts and the negated goal are unsatisfiable;
terms outside real polynomial arithmetic are atoms about which only listed facts are known.
Treating an integer as a real weakens the facts, so an answer found that way holds for integers too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

import sympy
import z3
from sympy import Abs, Basic, Expr, Product, S, Sum, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.tensor.indexed import Indexed

from ..theory import oracle
from ..theory.claim import ForAll
from .terms import (
    BINDERS,
    Undecided,
    binder,
    canonical,
    free,
    free_in,
    fresh,
    in_domain,
    is_integer,
    is_real,
    occurrences,
    same,
    substitute,
)

Fact: TypeAlias = Relational | ForAll
_BUDGET = 2_000_000  # z3 resource units: the answer does not depend on the speed of the machine


# --- translation to z3 -------------------------------------------------------------------------------------------


class _Translator:
    """SymPy terms as z3 terms; whatever z3 has no theory of becomes a variable with known facts."""

    def __init__(self, integers: bool) -> None:
        self.integers = integers
        self.variables: dict[Basic, z3.ExprRef] = {}
        self.known: list[z3.BoolRef] = []
        self.pieces = 0  # how deep in pieces, which need not be defined where they do not apply
        self.conditional: set[Basic] = set()  # atoms that have stood in pieces only

    def relation(self, r: Relational) -> z3.BoolRef:
        left, right = self.term(r.lhs), self.term(r.rhs)
        one = 1 if is_integer(r.lhs) and is_integer(r.rhs) else 0
        if isinstance(r, Lt):
            return left + one <= right if one else left < right
        if isinstance(r, Gt):
            return left >= right + one if one else left > right
        if isinstance(r, Le):
            return left <= right
        if isinstance(r, Ge):
            return left >= right
        if isinstance(r, Eq):
            return left == right
        if isinstance(r, Ne):
            return left != right
        raise Undecided(f"not a comparison: {r}")

    def term(self, e: Expr) -> z3.ArithRef:
        if e.is_Integer and self.integers:
            return z3.IntVal(int(e))
        if e.is_Rational:
            return z3.RealVal(f"{e.p}/{e.q}")
        if not is_real(e):
            raise Undecided(f"not known to be real: {e}")
        if e.is_Add:
            return z3.Sum([self.term(a) for a in e.args])
        if e.is_Mul:
            return z3.Product([self.term(a) for a in e.args])
        if e.is_Pow and e.exp.is_Integer:
            power = z3.Product([self.term(e.base)] * abs(int(e.exp)))
            return power if e.exp > 0 else z3.RealVal(1) / _real(power)
        if isinstance(e, (sympy.Max, sympy.Min)):
            return self._extreme(e)
        if isinstance(e, Abs):
            inner = self.term(e.args[0])
            return z3.If(inner >= 0, inner, -inner)
        if isinstance(e, sympy.Piecewise) and is_total(e):
            return self._pieces(e)
        if self.integers and isinstance(e, sympy.floor):
            return z3.ToInt(_real(self.term(e.args[0])))
        if self.integers and isinstance(e, sympy.ceiling):
            return -z3.ToInt(-_real(self.term(e.args[0])))
        if self.integers and isinstance(e, sympy.Mod) and all(is_integer(a) for a in e.args) and e.args[1].is_positive:
            return self.term(e.args[0]) % self.term(e.args[1])
        return self._atom(e)

    def _extreme(self, e: Expr) -> z3.ArithRef:
        result, *rest = (self.term(a) for a in e.args)
        for other in rest:
            first = result >= other if isinstance(e, sympy.Max) else result <= other
            result = z3.If(first, result, other)
        return result

    def _pieces(self, e: Expr) -> z3.ArithRef:
        """The value of the first piece whose condition holds; the last one always does."""
        *pieces, (last, _) = e.args
        self.pieces += 1
        result = self.term(last)
        for value, condition in reversed(pieces):
            result = z3.If(self.relation(condition), self.term(value), result)
        self.pieces -= 1
        return result

    def _atom(self, e: Expr) -> z3.ArithRef:
        key = canonical(e)
        if key not in self.variables:
            name = f"a{len(self.variables)}"
            variable = z3.Int(name) if self.integers and is_integer(e) else z3.Real(name)
            self.variables[key] = variable
            if self.pieces and e.is_Pow and free(e):  # a root: its square says something of the base
                self.conditional.add(key)
            else:
                self.known += self._about(e, variable)
        elif key in self.conditional and not self.pieces:
            self.conditional.remove(key)
            self.known += self._about(e, self.variables[key])
        return self.variables[key]

    def _about(self, e: Expr, v: z3.ArithRef) -> list[z3.BoolRef]:
        if not free(e) and not isinstance(e, (Sum, Product, sympy.Integral, sympy.Limit)):
            try:
                low, high = _rational_bounds(e)
            except (oracle.Unsupported, oracle.Undefined):  # then nothing is known of it
                return []
            return [v >= z3.RealVal(str(low)), v <= z3.RealVal(str(high))]
        if isinstance(e, (sympy.exp, sympy.cosh)):
            return [v > 0]
        if isinstance(e, (sympy.tanh, sympy.erf)):
            return [v > -1, v < 1]
        if isinstance(e, sympy.erfc):
            return [v > 0, v < 2]
        if isinstance(e, (sympy.cos, sympy.sin)):
            other = (sympy.sin if isinstance(e, sympy.cos) else sympy.cos)(e.args[0])
            if canonical(other) in self.variables:
                return [v * v + self.variables[canonical(other)] ** 2 == 1]
            return [v >= -1, v <= 1]
        if e.is_Pow and e.exp == S.Half:
            return [v >= 0, v * v == self.term(e.base)]
        return []


def _real(e: z3.ArithRef) -> z3.ArithRef:
    return z3.ToReal(e) if e.is_int() else e


def _rational_bounds(e: Expr) -> tuple[Fraction, Fraction]:
    """Rationals just below and above a constant, from its enclosure."""
    ball = oracle.ball(e, {}, prec=128)
    scale = 2**64
    low, high = (ball * scale).floor(), (ball * scale).ceil()
    return Fraction(int(low.lower().unique_fmpz()) - 1, scale), Fraction(int(high.upper().unique_fmpz()) + 1, scale)


# --- facts -------------------------------------------------------------------------------------------------------


def instances(facts: Iterable[Fact], about: Iterable[Basic]) -> list[Relational]:
    """The plain facts, and every instance of a universal fact at the family members that occur."""
    facts = list(facts)
    plain = [f for f in facts if not isinstance(f, ForAll)]
    universal = [f for f in facts if isinstance(f, ForAll)]
    members: set[tuple[Basic, frozenset[Basic]]] = set()
    for term in (*about, *plain):
        for sub, bound in occurrences(term):
            if isinstance(sub, (Indexed, AppliedUndef)):
                members.add((sub, bound & free(sub)))
    result = list(plain)
    for fact in universal:
        if any(is_partial(e) for c in fact.conditions for e, _ in occurrences(c)):
            continue  # such a condition may hold after substitution where it had no value before
        for mapping in _matches(fact, members):
            conditions = [substitute(c, mapping) for c in fact.conditions]
            if all(_holds_literally(c) or entails([*plain], c) for c in conditions):
                result.append(substitute(fact.body, mapping))
    return result


def _holds_literally(r: Relational) -> bool:
    return bool(r.lhs.is_Rational and r.rhs.is_Rational and r.func(r.lhs, r.rhs) == S.true)


def _matches(fact: ForAll, members: set[tuple[Basic, frozenset[Basic]]]) -> Iterable[dict[Basic, Basic]]:
    """Values of a universal fact's variables at which it speaks of a member that occurs.

    Any values would be sound. An argument that is bound in the fact matches everything: a fact about Σⱼ C[i, j]
    is met by C[a, j] below the sum over j, which names the row a.
    """
    for pattern, inner in occurrences(fact.body):
        if not isinstance(pattern, (Indexed, AppliedUndef)) or not set(fact.variables) <= free(pattern):
            continue
        for member, bound in members:
            arguments = _arguments(pattern), _arguments(member)
            if _head(pattern) != _head(member) or len(arguments[0]) != len(arguments[1]):
                continue
            pairs = [(want, have) for want, have in zip(*arguments, strict=True) if not free(want) & inner]
            if any(free(have) & bound for _, have in pairs):
                continue
            mapping: dict[Basic, Basic] = {}
            for want, have in pairs:
                variable = next((v for v in fact.variables if v in free(want) and (want - v).is_Integer), None)
                if variable is not None:
                    mapping.setdefault(variable, have - (want - variable))
            complete = set(mapping) == set(fact.variables) and all(in_domain(t, v) for v, t in mapping.items())
            if complete and all(same(substitute(want, mapping), have) for want, have in pairs):
                yield mapping


def _head(e: Basic) -> object:
    return e.base if isinstance(e, Indexed) else e.func


def _arguments(e: Basic) -> tuple[Basic, ...]:
    return tuple(e.indices) if isinstance(e, Indexed) else tuple(e.args)


def _real_only(facts: Iterable[Relational]) -> list[Relational]:
    return [f for f in facts if is_real(f.lhs) and is_real(f.rhs)]


def contradictory(facts: Sequence[Fact]) -> bool | None:
    """Whether no values satisfy the facts: True, False, or None when z3 can't tell."""
    return _contradictory(tuple(facts))


@lru_cache(maxsize=4096)
def _contradictory(facts: tuple[Fact, ...]) -> bool | None:
    translator = _Translator(integers=True)
    solver = z3.Solver()
    solver.set("rlimit", _BUDGET)
    for fact in _real_only(instances(facts, [])):
        solver.add(translator.relation(fact))
    solver.add(*translator.known)
    verdict = solver.check()
    if verdict == z3.unsat:
        return True
    return False if verdict == z3.sat else None


def entails(facts: Sequence[Fact], goal: Relational) -> bool:
    """Whether z3 shows that the goal follows from the facts; definedness is not its business."""
    return _entails(tuple(facts), goal)


@lru_cache(maxsize=4096)
def _entails(facts: tuple[Fact, ...], goal: Relational) -> bool:
    if not (is_real(goal.lhs) and is_real(goal.rhs)):
        return False
    known = _real_only(instances(facts, [goal]))
    integers = any(is_integer(s) for r in (goal, *known) for s in free(r) if isinstance(s, Symbol)) or goal.has(
        sympy.floor, sympy.ceiling, sympy.Mod, Indexed
    )
    return any(_refutes(known, goal, kind) for kind in ((False, True) if integers else (False,)))


def _refutes(facts: Sequence[Relational], goal: Relational, integers: bool) -> bool:
    translator = _Translator(integers)
    solver = z3.Solver()
    solver.set("rlimit", _BUDGET)
    solver.add(translator.relation(NEGATED[goal.func](goal.lhs, goal.rhs, evaluate=False)))
    for fact in facts:
        solver.add(translator.relation(fact))
    solver.add(*translator.known)
    return bool(solver.check() == z3.unsat)


# --- signs -------------------------------------------------------------------------------------------------------


_SIGN_OF_ARGUMENT = (sympy.tanh, sympy.sinh, sympy.erf, sympy.atan, sympy.LambertW)


def positive(e: Expr, facts: Sequence[Fact]) -> bool:
    """Whether e > 0 follows from the facts, wherever e is defined."""
    if not is_real(e):
        return False
    if not free(e):
        return _constant(Gt(e, 0, evaluate=False))
    if isinstance(e, (sympy.exp, sympy.cosh, sympy.erfc)) or (
        isinstance(e, _SIGN_OF_ARGUMENT) and positive(e.args[0], facts)
    ):
        return True
    if e.is_Pow and is_real(e.exp):
        even = e.exp.is_Integer and e.exp % 2 == 0
        if (even and nonzero(e.base, facts)) or positive(e.base, facts):
            return True
    if e.is_Mul and all(positive(a, facts) for a in e.args):
        return True
    if e.is_Add and all(nonnegative(a, facts) for a in e.args) and any(positive(a, facts) for a in e.args):
        return True
    if isinstance(e, (Sum, Product)):
        body, inside = under(e, facts)
        nonempty = isinstance(e, Product) or entails(facts, Le(*binder(e)[2:], evaluate=False))
        if nonempty and positive(body, inside):
            return True
    return entails(facts, Gt(e, 0, evaluate=False))


def nonnegative(e: Expr, facts: Sequence[Fact]) -> bool:
    """Whether e ≥ 0 follows from the facts, wherever e is defined."""
    if not is_real(e):
        return False
    if not free(e):
        return _constant(Ge(e, 0, evaluate=False))
    if isinstance(e, _SIGN_OF_ARGUMENT) and nonnegative(e.args[0], facts):
        return True
    if isinstance(e, (sympy.exp, sympy.cosh, sympy.erfc, Abs)) or (e.is_Pow and (e.exp.is_Integer and e.exp % 2 == 0)):
        return True
    if e.is_Pow and is_real(e.exp) and nonnegative(e.base, facts):
        return True
    if (e.is_Mul or e.is_Add) and all(nonnegative(a, facts) for a in e.args):
        return True
    if isinstance(e, (Sum, Product)):
        body, inside = under(e, facts)
        if nonnegative(body, inside):
            return True
    return entails(facts, Ge(e, 0, evaluate=False))


def nonzero(e: Expr, facts: Sequence[Fact]) -> bool:
    """Whether e ≠ 0 follows from the facts, wherever e is defined; e may be complex."""
    if not free(e):
        return _constant(Ne(e, 0, evaluate=False))
    for fact in instances(facts, [e]):
        if isinstance(fact, Ne) and (same(fact.lhs - fact.rhs, e) or same(fact.rhs - fact.lhs, e)):
            return True
    if e.is_Mul:
        return all(nonzero(a, facts) for a in e.args)
    if e.is_Pow:
        return nonzero(e.base, facts)
    if isinstance(e, sympy.exp):
        return True
    if isinstance(e, (Abs, sympy.conjugate)):
        return nonzero(e.args[0], facts)
    if isinstance(e, Product):
        return nonzero(*under(e, facts))
    if not is_real(e):
        return False
    return positive(e, facts) or positive(-e, facts) or entails(facts, Ne(e, 0, evaluate=False))


def _constant(r: Relational) -> bool:
    try:
        return oracle.decide(r, {}) is True
    except (oracle.Unsupported, oracle.Undefined):
        return False


def under(e: Expr, facts: Sequence[Fact]) -> tuple[Expr, list[Fact]]:
    """The body of a binder, and the facts that hold inside it."""
    body, i, lower, upper = binder(e)
    taken = (free(lower) | free(upper)).union(*(free_in(f) for f in facts))
    if i in taken:
        renamed = fresh(i, taken | free(body))
        body, i = substitute(body, {i: renamed}), renamed
    return body, [*facts, Le(lower, i, evaluate=False), Le(i, upper, evaluate=False)]


# --- definedness -------------------------------------------------------------------------------------------------


def require_defined(e: Basic, facts: Sequence[Fact]) -> None:
    """``Undecided`` unless the term has a value wherever the facts hold.

    An integral or limit has one if it is a side of a fact, since the sides of a fact have values.
    """
    if isinstance(e, (sympy.Integral, sympy.Limit)):
        if not any(isinstance(f, Relational) and any(same(e, side) for side in f.args) for f in facts):
            raise Undecided(f"existence is not shown: {e}")
        return
    if e.is_Float or e in _NO_NUMBERS:
        raise Undecided(f"not an exact finite number: {e}")
    if isinstance(e, BINDERS):
        for limit in binder(e)[2:]:
            require_defined(limit, facts)
            if not is_integer(limit):
                raise Undecided(f"limit of a sum or product must be an integer: {limit}")
        require_defined(*under(e, facts))
        return
    if isinstance(e, Indexed):
        for index in e.indices:
            require_defined(index, facts)
        return
    if isinstance(e, sympy.Piecewise):
        _require_pieces(e, facts)
        return
    for argument in e.args:
        require_defined(argument, facts)
    if e.is_Atom or isinstance(e, (Relational, AppliedUndef)) or e.is_Add or e.is_Mul:
        return
    if e.is_Pow:
        _require_power(e, facts)
    elif isinstance(e, sympy.log):
        _require(positive(e.args[0], facts), "log of a number not known to be positive", e.args[0])
    elif isinstance(e, sympy.tan):
        _require(nonzero(sympy.cos(e.args[0]), facts), "tan where cos may vanish", e.args[0])
    elif isinstance(e, sympy.tanh):
        _require(nonzero(sympy.cosh(e.args[0]), facts), "tanh where cosh may vanish", e.args[0])
    elif isinstance(e, sympy.Mod):
        _require(nonzero(e.args[1], facts), "modulus may be zero", e.args[1])
    elif isinstance(e, (sympy.Si, sympy.Ci)):
        _require(positive(e.args[0], facts), "argument not known to be positive", e.args[0])
    elif isinstance(e, (sympy.Max, sympy.Min, sympy.floor, sympy.ceiling, sympy.erf, sympy.erfc, sympy.atan)):
        _require(all(is_real(a) for a in e.args), "argument not known to be real", e)
    elif isinstance(e, sympy.LambertW):
        _require(len(e.args) == 1 and nonnegative(e.args[0], facts), "LambertW of a number not known to be ≥ 0", e)
    elif not isinstance(e, _TOTAL):
        raise Undecided(f"definedness of {e.func.__name__} is not known")


_NO_NUMBERS = (S.Infinity, S.NegativeInfinity, S.ComplexInfinity, S.NaN)
_TOTAL = (
    sympy.exp,
    sympy.sin,
    sympy.cos,
    sympy.sinh,
    sympy.cosh,
    Abs,
    sympy.conjugate,
    sympy.re,
    sympy.im,
)


def is_total(e: sympy.Piecewise) -> bool:
    """Whether every condition is a comparison and the last one is true, so that some piece always applies."""
    *before, (_, last) = e.args
    return last == S.true and all(type(condition) in NEGATED for _, condition in before)


NEGATED: Mapping[type[Relational], type[Relational]] = {Eq: Ne, Ne: Eq, Lt: Ge, Ge: Lt, Gt: Le, Le: Gt}


def _require_pieces(e: sympy.Piecewise, facts: Sequence[Fact]) -> None:
    """Each condition has a value where the earlier ones fail, each piece where in addition its own holds."""
    _require(is_total(e), "pieces that may all fail to apply", e)
    here = list(facts)
    for value, condition in e.args[:-1]:
        for side in condition.args:
            require_defined(side, here)
            _require(isinstance(condition, (Eq, Ne)) or is_real(side), "order of a number not known to be real", side)
        require_defined(value, [*here, condition])
        here.append(NEGATED[type(condition)](*condition.args, evaluate=False))
    require_defined(e.args[-1][0], here)


def _require_power(e: Expr, facts: Sequence[Fact]) -> None:
    base, power = e.args
    if power.is_Integer:
        if power < 0:
            _require(nonzero(base, facts), "denominator may be zero", base)
    elif is_integer(power):
        if not nonnegative(power, facts):
            _require(nonzero(base, facts), "negative power of a number that may be zero", base)
    elif power.is_Rational and power > 0:
        _require(nonnegative(base, facts), "root of a number not known to be ≥ 0", base)
    else:
        _require(is_real(power) and positive(base, facts), "real power of a number not known to be positive", base)


def is_partial(e: Basic) -> bool:
    """Whether the outermost operation of a term has no value for some arguments."""
    if isinstance(e, sympy.Pow):
        return not (e.exp.is_Integer and e.exp >= 0)
    return isinstance(e, _PARTIAL)


_PARTIAL = (
    sympy.log,
    sympy.tan,
    sympy.tanh,
    sympy.Mod,
    sympy.Si,
    sympy.Ci,
    sympy.LambertW,
    sympy.Integral,
    sympy.Limit,
)


def require_kept(before: Basic, values: Mapping[Basic, Basic], after: Basic, facts: Sequence[Fact]) -> None:
    """``Undecided`` unless what the substitution simplified away has a value.

    ``√x·y`` becomes 0 at y = 0 also for x < 0, where it had no value. Every partial operation of the term must
    stand in the result, or be defined under the facts.
    """
    if isinstance(before, BINDERS):
        body, i, lower, upper = binder(before)
        inner = {k: v for k, v in values.items() if k != i}
        for limit in (lower, upper):
            require_kept(limit, values, after, facts)
        if any(is_partial(e) for e, _ in occurrences(before)):
            _require_present(substitute(before, values), after, facts)
            renamed = fresh(
                i, free(body).union(*(free(sympy.sympify(v)) for v in inner.values()), *map(free_in, facts))
            )
            body = substitute(body, {i: renamed})
            inside = [Le(lower, renamed, evaluate=False), Le(renamed, upper, evaluate=False)]
            bounds = [] if isinstance(before, sympy.Integral) else [substitute(b, values) for b in inside]
            require_kept(body, inner, substitute(body, inner), [*facts, *bounds])
        return
    if isinstance(before, sympy.Limit):
        _require_present(substitute(before, values), after, facts)
        if any(is_partial(e) for e, _ in occurrences(before.args[0])) and free(before.args[0]) & set(values):
            raise Undecided(f"a limit may lose a denominator: {before}")
        return
    for argument in before.args if not isinstance(before, Indexed) else before.indices:
        require_kept(argument, values, after, facts)
    if is_partial(before):
        shallow = before.func(*(substitute(a, values) for a in before.args), evaluate=False)
        image = substitute(before, values)
        general = before.is_Pow and not before.exp.is_Rational and not is_integer(before.exp)
        if general and shallow.exp != before.exp:  # a real power that became another one
            _require(positive(shallow.base, facts), "real power of a number not known to be positive", shallow.base)
        if shallow == image:
            _require_present(image, after, facts)
        else:
            require_defined(shallow, facts)


def _require_present(term: Basic, result: Basic, facts: Sequence[Fact]) -> None:
    if not any(same(term, sub) for sub, _ in occurrences(result)):
        require_defined(term, facts)


def _require(held: bool, what: str, term: Basic) -> None:
    if not held:
        raise Undecided(f"{what}: {term}")
