# SPDX-License-Identifier: BSD-3-Clause
"""A law: what a claim asks of an implementation, as a search for a counterexample.

To add a law to a topic:

1. In ``conformance/<topic>.py`` write a ``cases`` function: given the ``Subject`` it returns a
   Hypothesis strategy of whatever the law needs, usually a ``Call`` built from ``regimes`` (draw a
   seed and a regime, then build the array; never bare arrays). Simplest values first: shrinking goes
   there.
2. Write the ``check`` function. It is given the subject and one drawn case, makes calls through
   ``subject.run`` or ``subject.gradient`` and yields ``Comparison`` objects. Expected values come from
   ``theory`` through the oracle, or from another output of the code under test, and from nowhere else.
   Its docstring derives the bound in units of the unit roundoff: it is printed with every failure.
3. Put ``Law(id, claims, contracts, statement, cases, check)`` into the module's ``LAWS`` tuple; name in
   ``varies`` the parameters without which the law says nothing.
4. Plant a bug in ``tests/bugs/<topic>.py`` that only this law can see, and watch it being caught.

A law that cannot fail is a defect. A law never catches what the code under test raises: the subject
turns that into a result. To add a contract, put a ``Contract`` into ``CONTRACTS``; the general laws
of ``general.py`` apply to it from then on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .verdict import Comparison

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from .subject import Subject


@dataclass(frozen=True)
class Law:
    """One testable consequence of claims, for one or more contracts.

    ``id`` is kebab-case and unique within its topic; ``claims`` are ids of the ledger, the first of
    them names the test. ``stateful`` laws look for dependence on earlier calls: they are searched
    first and not shrunk, so that a snippet can replay everything that came before.
    """

    id: str
    claims: tuple[str, ...]
    contracts: tuple[str, ...]
    statement: str
    cases: Callable[[Subject], SearchStrategy[Any]]
    check: Callable[[Subject, Any], Iterable[Comparison]]
    varies: tuple[str, ...] = ()
    gradient: bool = False
    stateful: bool = False
    examples: int = 30

    @property
    def claim(self) -> str:
        """The claim that names the test."""
        return self.claims[0]

    @property
    def derivation(self) -> str:
        """Where the bound comes from."""
        return inspect.getdoc(self.check) or ""
