# SPDX-License-Identifier: BSD-3-Clause
"""What a claim is: the one record that is printed, proved, evaluated, differentiated and tested.

A claim states sequents: under hypotheses, a relation between SymPy expressions holds. The free
symbols of a sequent are universally quantified over the domain that their SymPy assumptions name
(``real``, ``integer``, or complex where nothing is said); every sign condition is a hypothesis, so
that it is visible, and can be dropped to see whether the proof needed it.

Semantics: ``hypotheses ⊢ relation`` is true iff for all values of the free symbols that satisfy the
hypotheses, both sides are defined and the relation holds. A sum or product over an empty range is
0 or 1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from sympy import Basic, Dummy, Expr, Function, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.printing.repr import ReprPrinter
from sympy.tensor.indexed import Indexed

Kind = Literal["theorem", "definition", "counterexample", "refutation"]


@dataclass(frozen=True)
class ForAll:
    """∀ variables. conditions → body: a hypothesis about a family, such as "every stride is ≥ 1"."""

    variables: tuple[Symbol, ...]
    body: Relational
    conditions: tuple[Relational, ...] = ()


Hypothesis: TypeAlias = Relational | ForAll


@dataclass(frozen=True)
class Sequent:
    """hypotheses ⊢ relation, with a name that is unique within its claim."""

    name: str
    relation: Relational
    hypotheses: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True)
class Refutation:
    """The popular sequent is false: at ``witness`` its hypotheses hold and its relation fails."""

    name: str
    popular: Sequent
    witness: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True)
class Definition:
    """A function by equations: each case gives ``conditions ⊢ call(…) = body`` for all parameters.

    Recursion descends on ``parameters[0]``, an integer: a case calls the function only at
    ``parameters[0] − 1`` or, for a base case, not at all. That makes every definition conservative.
    ``domain`` says where its values lie; the kernel checks that each body lies there.
    """

    name: str
    parameters: tuple[Symbol, ...]
    cases: tuple[Case, ...]
    domain: Literal["integer", "real", "complex"] = "complex"

    def __call__(self, *arguments: object) -> Expr:
        assumptions = {} if self.domain == "complex" else {self.domain: True}
        return Function(self.name, **assumptions)(*arguments)


@dataclass(frozen=True)
class Case:
    """One equation of a definition; ``pattern`` are the arguments on its left-hand side."""

    pattern: tuple[Expr, ...]
    body: Expr
    conditions: tuple[Relational, ...] = ()


@dataclass(frozen=True)
class Source:
    """A BibTeX key of references.bib and the place in it: ``Source("su2021roformer", "eq. 16")``."""

    key: str
    place: str = ""


@dataclass(frozen=True)
class Claim:
    """One entry of the ledger.

    ``statement`` holds sequents (true statements) and refutations (popular statements with an exact
    witness against them). ``hypotheses`` are shared by all its sequents. ``uses`` names the claims
    that its proof rests on, ``definitions`` the recursive definitions that its statement mentions.
    ``no_law`` says in one line why no implementation can be tested against it, where that is so.
    """

    id: str
    title: str
    prose: str
    statement: tuple[Sequent | Refutation, ...]
    kind: Kind = "theorem"
    hypotheses: tuple[Hypothesis, ...] = ()
    definitions: tuple[Definition, ...] = ()
    conventions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sources: tuple[Source, ...] = ()
    uses: tuple[str, ...] = ()
    no_law: str = ""
    open: str = field(default="", compare=False)

    @property
    def topic(self) -> str:
        return self.id.partition(".")[0]

    @cached_property
    def fingerprint(self) -> str:
        """Six hexadecimal digits of a hash of statement, hypotheses and definitions; prose is not in it."""
        text = repr((self.id, self.kind, _plain(self.statement), _plain(self.hypotheses), _plain(self.definitions)))
        return hashlib.sha256(text.encode()).hexdigest()[:6]

    @property
    def citation(self) -> str:
        return f"{self.id}@{self.fingerprint}"

    def sequents(self) -> tuple[Sequent, ...]:
        """Every true sequent with the claim's own hypotheses put in front."""
        return tuple(
            Sequent(s.name, s.relation, self.hypotheses + s.hypotheses)
            for s in self.statement
            if isinstance(s, Sequent)
        )

    def refutations(self) -> tuple[Refutation, ...]:
        return tuple(s for s in self.statement if isinstance(s, Refutation))


def free_variables(expression: Basic) -> set[Basic]:
    """Free symbols, without the labels of indexed families and of undefined functions.

    Examples:
        >>> from sympy import IndexedBase, symbols, Sum
        >>> q, i, n = IndexedBase("q"), *symbols("i n", integer=True)
        >>> sorted(map(str, free_variables(Sum(q[i], (i, 0, n)))))
        ['n']
    """
    labels = {node.base.label for node in expression.atoms(Indexed)}
    return {s for s in expression.free_symbols if isinstance(s, Symbol) and s not in labels}


def families(expression: Basic) -> set[str]:
    """Names of the indexed families and undefined functions that an expression mentions."""
    return {str(n.base.label) for n in expression.atoms(Indexed)} | {
        n.func.__name__ for n in expression.atoms(AppliedUndef)
    }


class _Printer(ReprPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's ``srepr``; an object that occurs again, as shared subterms do, is not printed again."""

    def __init__(self) -> None:
        super().__init__()
        self.printed: dict[int, tuple[Basic, str]] = {}  # by identity; the object is kept, so that its id stays its own

    def _print(self, expr: object, **settings: object) -> str:
        if settings or not isinstance(expr, Basic):
            return str(super()._print(expr, **settings))
        if id(expr) not in self.printed:
            self.printed[id(expr)] = expr, str(super()._print(expr))
        return self.printed[id(expr)][1]


_PRINTER = _Printer()


def _plain(value: object) -> object:
    """A value of nested records as nested tuples of strings, stable from run to run."""
    if isinstance(value, Basic):
        if value.atoms(Dummy):
            raise ValueError(f"a statement needs named symbols, not Dummy: {value}")
        return _PRINTER.doprint(value)
    if isinstance(value, tuple):
        return tuple(_plain(v) for v in value)
    if isinstance(value, (ForAll, Sequent, Refutation, Definition, Case)):
        return (type(value).__name__, *(_plain(getattr(value, f)) for f in value.__dataclass_fields__))
    return repr(value)
