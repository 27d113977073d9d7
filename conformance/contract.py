# SPDX-License-Identifier: BSD-3-Clause
"""A contract: the name, signature and shapes that a thing people implement is tested under.

A user's function may leave parameters out. What it accepts is read from its signature; the laws that
vary a parameter it lacks are then not applicable, with that reason.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .call import Call

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from .subject import Subject
    from .verdict import Expectation

Shape = tuple[int, ...]


class SignatureError(TypeError):
    """The function cannot be called as its contract says."""


class NotApplicable(Exception):
    """A law cannot be put to this function; the message says why."""


@dataclass(frozen=True)
class Promise:
    """What one output is to be: an array of this shape, of one of these dtypes (``None``: a Python scalar).

    ``dtypes`` empty stands for the dtype under test. Where several are allowed, the bounds are
    those of the dtype that was returned. ``host`` allows a NumPy array on every backend: for functions
    without an array argument, which cannot know what library is meant. ``reading`` is for outputs that are
    records: the Python expression that takes the numbers out of one, ``{}`` standing for it.
    """

    shape: Shape | None
    dtypes: tuple[str, ...] = ()
    host: bool = False
    reading: str = ""


@dataclass(frozen=True, eq=False)
class Contract:
    """One function that people implement.

    ``signature`` is Python source, ``"(x, positions, *, base=10000.0)"``: parameters before the star
    are passed by position, those after it by name. ``cases`` draws valid calls, ``promise`` tells the
    outputs' shapes and dtypes, ``expect`` their exact values with bounds (``None`` where there is no
    single right value, as for samplers). ``batched`` names positional parameters that share a leading
    batch axis when their first array has more than ``core_ndim`` axes. ``per_dtype`` is false where
    no argument carries the dtype under test.
    """

    name: str
    signature: str
    shapes: str
    cases: Callable[[Subject], SearchStrategy[Call]]
    promise: Callable[[Subject, Call], tuple[Promise, ...]]
    expect: Callable[[Subject, Call, tuple[str, ...]], tuple[Expectation, ...]] | None = None
    batched: tuple[str, ...] = ()
    core_ndim: int = 2
    per_dtype: bool = True
    differentiable: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """Parameters passed by position."""
        return tuple(a.arg for a in _parsed(self.signature).args)

    @property
    def optional(self) -> Mapping[str, Any]:
        """Parameters passed by name, with their defaults; ``inspect.Parameter.empty`` where there is none."""
        a = _parsed(self.signature)
        return {
            k.arg: inspect.Parameter.empty if d is None else ast.literal_eval(d)
            for k, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)
        }

    def __str__(self) -> str:
        return f"{self.name}{self.signature}"


@dataclass(frozen=True)
class Reading:
    """What a function's signature lets the kit vary: names it accepts, and what the others are fixed to."""

    accepted: frozenset[str]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def read(contract: Contract, function: Callable[..., Any], conventions: tuple[str, ...] = ()) -> Reading:
    """Compare a function's signature with its contract.

    A keyword bound by ``functools.partial`` is fixed to that value; one that the function does not have
    is taken to be the contract's default. ``SignatureError`` when the required arguments cannot be
    passed by position.

    Examples:
        >>> c = Contract("f", "(x, *, base=2.0)", "", lambda s: None, lambda s, c: ())
        >>> read(c, lambda x: x).fixed["base"]
        2.0
    """
    bound = _partial_keywords(function)
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a builtin without signature: take the contract at its word
        return Reading(frozenset(contract.optional) - set(bound), bound)
    _require_positions(contract, function, list(parameters.values()), {*contract.optional, *conventions})
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = {n for n, p in parameters.items() if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    accepted, fixed, missing = set(), dict(bound), {}
    for name, default in contract.optional.items():
        if name in bound:
            missing[name] = f"{contract.name} has {name} fixed to {bound[name]!r}"
        elif name in named or anything:
            accepted.add(name)
        else:
            missing[name] = f"{contract.name} takes no parameter {name!r}"
            if default is not inspect.Parameter.empty:
                fixed[name] = default
    for name in conventions:
        if name in named and name not in bound:
            accepted.add(name)
        else:
            missing[name] = f"{contract.name} takes no parameter {name!r}"
    return Reading(frozenset(accepted), fixed, missing)


def _require_positions(
    contract: Contract, function: Callable[..., Any], parameters: list[inspect.Parameter], known: set[str]
) -> None:
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    enough = any(p.kind is p.VAR_POSITIONAL for p in parameters) or len(positional) >= len(contract.required)
    rest = positional[len(contract.required) :] + [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    extra = [p for p in rest if p.default is p.empty and p.name not in known]
    if not enough or extra:
        raise SignatureError(
            f"{contract.name} is called as {contract}, but the function given takes {inspect.signature(function)}; "
            f"wrap it: {contract.name}=lambda {', '.join(contract.required)}, **options: ..."
        )


def _partial_keywords(function: Callable[..., Any]) -> dict[str, Any]:
    """Keywords that nested ``functools.partial`` objects have bound."""
    bound: dict[str, Any] = {}
    while isinstance(function, functools.partial):
        bound = {**function.keywords, **bound}
        function = function.func
    return bound


@functools.cache
def _parsed(signature: str) -> ast.arguments:
    (definition,) = ast.parse(f"def f{signature}: ...").body
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"not a signature: {signature!r}")
    return definition.args
