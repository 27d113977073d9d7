# SPDX-License-Identifier: BSD-3-Clause
"""Terms: substitution that cannot capture, equality up to bound names, domains, derivatives.

Trusted. SymPy's own ``subs`` goes wrong below binders (``Sum(i*j, (i, 1, 3)).subs(j, i)`` is 14),
and its ``diff`` at kinks (``Max``, ``Piecewise``), so neither is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import sympy
from sympy import Abs, Basic, Expr, IndexedBase, Integral, Lambda, Limit, Product, S, Sum, Symbol, Tuple
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from ..theory.claim import ForAll

BINDERS = (Sum, Product, Integral)
_RESERVED = "⟨"  # begins the names of canonical bound variables, and no other name in a theorem


class Undecided(Exception):
    """The kernel does not accept the step; the message says which check failed."""


def binder(node: Expr) -> tuple[Expr, Symbol, Expr, Expr]:
    """Body, bound variable, lower and upper limit of a binder; SymPy writes a sum of sums as one, outermost last."""
    *inner, outer = node.limits
    if len(outer) != 3:
        raise Undecided(f"a bound variable needs two limits: {node}")
    variable, lower, upper = outer
    return node.func(node.function, *inner) if inner else node.function, variable, lower, upper


def canonical_name(depth: int, like: Symbol) -> Symbol:
    """The bound variable of that depth, of the domain of another variable."""
    return Symbol(f"{_RESERVED}{depth}⟩", **like.assumptions0)


def index_name(depth: int) -> Symbol:
    """The index of a sum in a normal form: never a name of ``canonical``, which would capture it."""
    return Symbol(f"{_RESERVED}index {depth}⟩", integer=True)


def uses_reserved_name(expression: Basic) -> bool:
    return any(s.name.startswith(_RESERVED) for s in expression.atoms(Symbol))


@lru_cache(maxsize=2**15)
def require_plain(expression: Basic) -> None:
    """``Undecided`` unless names are declared real, integer or nothing, and numbers are exact.

    A positive symbol would be simplified as one, and then be replaced by a negative term.
    """
    if uses_reserved_name(expression):
        raise Undecided(f"a name of the kernel's own occurs in {expression}")
    if expression.has(sympy.Float, S.NaN, S.ComplexInfinity):
        raise Undecided(f"not exact: {expression}")
    for symbol in expression.atoms(Symbol):
        if symbol.assumptions0 not in _PLAIN:
            raise Undecided(f"{symbol} is declared more than real or integer")
    for call in expression.atoms(AppliedUndef):
        if getattr(call.func, "_kwargs", {}) not in _PLAIN_FUNCTIONS:
            raise Undecided(f"{call.func} is declared more than real or integer")


_DOMAINS: tuple[dict[str, bool], ...] = ({}, {"real": True}, {"integer": True})
_PLAIN = tuple(Symbol("x", **domain).assumptions0 for domain in _DOMAINS)
_PLAIN_FUNCTIONS = tuple(sympy.Function("f", **domain)._kwargs for domain in _DOMAINS)


def bind(kind: type, body: Expr, variable: Symbol, lower: Expr, upper: Expr) -> Expr:
    return kind(body, Tuple(variable, lower, upper))


def free(expression: Basic) -> set[Basic]:
    """Free symbols (labels of families excluded), families and undefined functions by their heads."""
    if isinstance(expression, Symbol):
        return {expression}
    if isinstance(expression, Indexed):
        return {expression.base}.union(*(free(i) for i in expression.indices))
    if isinstance(expression, AppliedUndef):
        return {expression.func}.union(*(free(a) for a in expression.args))
    if isinstance(expression, BINDERS):
        body, variable, lower, upper = binder(expression)
        return (free(body) - {variable}) | free(lower) | free(upper)
    if isinstance(expression, Lambda):
        return free(expression.expr) - set(expression.variables)
    if isinstance(expression, Limit):
        body, variable, point, _ = expression.args
        return (free(body) - {variable}) | free(point)
    return set().union(*(free(a) for a in expression.args)) if expression.args else set()


def free_in(hypothesis: Relational | ForAll) -> set[Basic]:
    if isinstance(hypothesis, ForAll):
        inner = free(hypothesis.body).union(*(free(c) for c in hypothesis.conditions))
        return inner - set(hypothesis.variables)
    return free(hypothesis)


def fresh(variable: Symbol, avoid: set[Basic]) -> Symbol:
    """A symbol of the same domain whose name is not in use."""
    names = {str(getattr(s, "label", getattr(s, "name", s))) for s in avoid}
    name = variable.name
    while name in names:
        name += "'"
    return Symbol(name, **variable.assumptions0)


def rebuild(node: Basic, arguments: list[Basic]) -> Basic:
    """The node with new arguments; relations stay unevaluated, and a result without a value is refused."""
    if isinstance(node, Relational):
        return node.func(*arguments, evaluate=False)
    if isinstance(node, sympy.Piecewise):  # SymPy would rewrite its conditions
        return node.func(*arguments, evaluate=False)
    result = node.func(*arguments)
    if result.has(S.NaN, S.ComplexInfinity):
        raise Undecided(f"{node} has no value after substitution")
    return result


def substitute(expression: Basic, mapping: Mapping[Basic, Basic]) -> Basic:
    """Replace symbols by terms, families and undefined functions by ``Lambda``, avoiding capture."""
    if not mapping:
        return expression
    if isinstance(expression, Symbol):
        return sympy.sympify(mapping.get(expression, expression))
    if isinstance(expression, Indexed):
        indices = [substitute(i, mapping) for i in expression.indices]
        value = mapping.get(expression.base)
        return _apply(value, indices) if value is not None else expression.base[tuple(indices)]
    if isinstance(expression, AppliedUndef):
        arguments = [substitute(a, mapping) for a in expression.args]
        value = mapping.get(expression.func)
        return _apply(value, arguments) if value is not None else expression.func(*arguments)
    if isinstance(expression, BINDERS):
        body, variable, lower, upper = binder(expression)
        body, variable, inner = _open(body, variable, mapping)
        return bind(
            expression.func, substitute(body, inner), variable, substitute(lower, mapping), substitute(upper, mapping)
        )
    if isinstance(expression, Limit):
        body, variable, point, direction = expression.args
        body, variable, inner = _open(body, variable, mapping)
        return Limit(substitute(body, inner), variable, substitute(point, mapping), str(direction))
    if isinstance(expression, Lambda):
        raise Undecided(f"a function is not a term: {expression}")
    if not expression.args:
        return expression
    return rebuild(expression, [substitute(a, mapping) for a in expression.args])


def _open(body: Expr, variable: Symbol, mapping: Mapping[Basic, Basic]) -> tuple[Expr, Symbol, dict[Basic, Basic]]:
    inner = {k: v for k, v in mapping.items() if k != variable and k in free(body)}
    incoming: set[Basic] = set().union(*(free(sympy.sympify(v)) for v in inner.values())) if inner else set()
    if variable in incoming or any(str(getattr(s, "name", "")) == variable.name for s in incoming):
        renamed = fresh(variable, incoming | free(body))
        return substitute(body, {variable: renamed}), renamed, inner
    return body, variable, inner


def _apply(function: Basic, arguments: list[Basic]) -> Basic:
    if not isinstance(function, Lambda) or len(function.variables) != len(arguments):
        raise Undecided(f"a family or function is replaced by a Lambda of its arity, not by {function}")
    for variable, argument in zip(function.variables, arguments, strict=True):
        if not in_domain(argument, variable):
            raise Undecided(f"{argument} is not known to lie in the domain of {variable}")
    return substitute(function.expr, dict(zip(function.variables, arguments, strict=True)))


def substitute_in(hypothesis: Relational | ForAll, mapping: Mapping[Basic, Basic]) -> Relational | ForAll:
    if isinstance(hypothesis, ForAll):
        inner = {k: v for k, v in mapping.items() if k not in hypothesis.variables}
        incoming: set[Basic] = set().union(*(free(sympy.sympify(v)) for v in inner.values())) if inner else set()
        taken = incoming.union(hypothesis.variables, free(hypothesis.body), *(free(c) for c in hypothesis.conditions))
        rename: dict[Basic, Basic] = {}
        for v in hypothesis.variables:
            rename[v] = fresh(v, taken) if v in incoming else v
            taken.add(rename[v])
        inner |= {v: w for v, w in rename.items() if v != w}
        return ForAll(
            tuple(rename[v] for v in hypothesis.variables),
            substitute(hypothesis.body, inner),
            tuple(substitute(c, inner) for c in hypothesis.conditions),
        )
    return substitute(hypothesis, mapping)


@lru_cache(maxsize=2**15)
def canonical(expression: Basic, depth: int = 0) -> Basic:
    """The same term with bound variables named by their depth: equal iff equal up to bound names."""
    if isinstance(expression, BINDERS):
        body, variable, lower, upper = binder(expression)
        name = canonical_name(depth, variable)
        body = canonical(substitute(body, {variable: name}), depth + 1)
        return bind(expression.func, body, name, canonical(lower, depth), canonical(upper, depth))
    if isinstance(expression, Limit):
        body, variable, point, direction = expression.args
        name = canonical_name(depth, variable)
        body = canonical(substitute(body, {variable: name}), depth + 1)
        return Limit(body, name, canonical(point, depth), str(direction))
    if not expression.args or isinstance(expression, (Symbol, IndexedBase)):
        return expression
    if isinstance(expression, Indexed):
        return expression.base[tuple(canonical(i, depth) for i in expression.indices)]
    return rebuild(expression, [canonical(a, depth) for a in expression.args])


def same(a: Relational, b: Relational) -> bool:
    """Whether two relations or terms are the same up to the names of bound variables."""
    return bool(a == b or canonical(a) == canonical(b))


def occurrences(expression: Basic, bound: frozenset[Basic] = frozenset()) -> Iterator[tuple[Expr, frozenset[Basic]]]:
    """Every subterm with the variables that are bound around it."""
    yield expression, bound
    if isinstance(expression, (*BINDERS, Limit)):
        body, variable, *limits = binder(expression) if isinstance(expression, BINDERS) else expression.args
        yield from occurrences(body, bound | {variable})
        for limit in limits:
            yield from occurrences(limit, bound)
    elif not isinstance(expression, (Indexed, IndexedBase)):
        for argument in expression.args:
            yield from occurrences(argument, bound)
    else:
        for index in getattr(expression, "indices", ()):
            yield from occurrences(index, bound)


# --- domains -----------------------------------------------------------------------------------------------------


def is_integer(e: Expr) -> bool:
    """Whether the term is an integer for all values of its variables; False also means "not known"."""
    if isinstance(e, (Symbol, Indexed, AppliedUndef)) or e.is_Number:
        return e.is_integer is True
    if e.is_Add or e.is_Mul or isinstance(e, (sympy.Max, sympy.Min, Abs)):
        return all(is_integer(a) for a in e.args)
    if e.is_Pow:
        return is_integer(e.base) and e.exp.is_Integer and e.exp >= 0
    if isinstance(e, (sympy.floor, sympy.ceiling)):
        return is_real(e.args[0])
    if isinstance(e, sympy.Mod):
        return all(is_integer(a) for a in e.args)
    if isinstance(e, (Sum, Product)):
        return is_integer(e.function)
    if isinstance(e, sympy.Piecewise):
        return all(is_integer(value) for value, _ in e.args)
    return False


_REAL_FUNCTIONS = (
    sympy.exp,
    sympy.log,
    sympy.sin,
    sympy.cos,
    sympy.tan,
    sympy.sinh,
    sympy.cosh,
    sympy.tanh,
    sympy.erf,
    sympy.erfc,
    sympy.floor,
    sympy.ceiling,
    sympy.Mod,
    sympy.Max,
    sympy.Min,
    sympy.atan,
)


def is_real(e: Expr) -> bool:
    """Whether the term is real wherever it is defined (log and roots of positive numbers); else "not known"."""
    if isinstance(e, (Symbol, Indexed, AppliedUndef)) or (not e.args and e.is_number):
        return e.is_real is True
    if isinstance(e, (Abs, sympy.re, sympy.im, sympy.arg)):
        return True
    if isinstance(e, sympy.LambertW):
        return len(e.args) == 1 and is_real(e.args[0])
    if e.is_Add or e.is_Mul or e.is_Pow or isinstance(e, _REAL_FUNCTIONS):
        return all(is_real(a) for a in e.args)
    if isinstance(e, (Sum, Product, Integral)):
        return is_real(e.function)
    if isinstance(e, Limit):
        return is_real(e.args[0])
    if isinstance(e, sympy.Piecewise):
        return all(is_real(value) for value, _ in e.args)
    return False


def in_domain(term: Expr, variable: Symbol | Expr) -> bool:
    """Whether a term may stand for a variable: integer for integer, real for real, anything for complex."""
    term = sympy.sympify(term)
    if variable.is_integer:
        return is_integer(term)
    if variable.is_real:
        return is_real(term)
    return variable.assumptions0.get("commutative") is not False


# --- derivatives -------------------------------------------------------------------------------------------------

_DERIVATIVES = {
    sympy.exp: sympy.exp,
    sympy.log: lambda u: 1 / u,
    sympy.sin: sympy.cos,
    sympy.cos: lambda u: -sympy.sin(u),
    sympy.tan: lambda u: 1 + sympy.tan(u) ** 2,
    sympy.sinh: sympy.cosh,
    sympy.cosh: sympy.sinh,
    sympy.tanh: lambda u: 1 - sympy.tanh(u) ** 2,
    sympy.atan: lambda u: 1 / (1 + u**2),
    sympy.erf: lambda u: 2 * sympy.exp(-(u**2)) / sympy.sqrt(sympy.pi),
    sympy.erfc: lambda u: -2 * sympy.exp(-(u**2)) / sympy.sqrt(sympy.pi),
    sympy.Si: lambda u: sympy.sin(u) / u,
    sympy.Ci: lambda u: sympy.cos(u) / u,
    sympy.LambertW: lambda u: sympy.exp(-sympy.LambertW(u)) / (1 + sympy.LambertW(u)),
}


DIFFERENTIABLE = frozenset(_DERIVATIVES)  # wherever they are defined


def derivative(e: Expr, x: Symbol) -> Expr:
    """d e / d x by the derivative table, for real x; anything with a kink or outside the table is refused."""
    if x not in free(e):
        return S.Zero
    if e == x:
        return S.One
    if e.is_Add:
        return sympy.Add(*(derivative(a, x) for a in e.args))
    if e.is_Mul:
        return sympy.Add(*(sympy.Mul(*e.args[:k], derivative(a, x), *e.args[k + 1 :]) for k, a in enumerate(e.args)))
    if e.is_Pow:
        base, power = e.args
        if x not in free(power):
            return power * base ** (power - 1) * derivative(base, x)
        return e * (derivative(power, x) * sympy.log(base) + power * derivative(base, x) / base)
    if isinstance(e, Sum):
        body, i, lower, upper = binder(e)
        if x not in free(lower) | free(upper):
            return bind(Sum, derivative(body, x), i, lower, upper)
    rule = _DERIVATIVES.get(e.func)
    if rule is None or len(e.args) != 1:
        raise Undecided(f"no derivative rule for {e.func.__name__}")
    return rule(e.args[0]) * derivative(e.args[0], x)
