# SPDX-License-Identifier: BSD-3-Clause
"""Planted bugs that the kit must catch, and unusual but correct code that it must not refute.

One module a topic, each with the tuples ``BUGS`` and ``VARIANTS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Planted:
    """Code to check: ``make`` returns it anew, by contract, so that no state survives from run to run.

    ``options`` go to ``check``; ``law`` is the one law that sees the bug, where only one does.
    """

    name: str
    make: Callable[[], Functions]
    options: Mapping[str, Any] = field(default_factory=dict)
