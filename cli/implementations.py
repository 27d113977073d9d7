# SPDX-License-Identifier: BSD-3-Clause
"""Which public functions name a claim in their docstring, read from the sources: nothing is imported."""

from __future__ import annotations

import ast
import re

from .cache import PACKAGE

_MARK = re.compile(r":claim:`([^`]+)`")


def public_functions() -> dict[str, frozenset[str]]:
    """``rope.rotate`` → the ids of the claims that its docstring names, for every public function of ``impl``."""
    found = {}
    for path in sorted((PACKAGE / "impl").glob("[!_]*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found[f"{path.stem}.{node.name}"] = frozenset(_MARK.findall(ast.get_docstring(node) or ""))
    return found


def implementing(id: str) -> tuple[str, ...]:
    """The public functions that name a claim."""
    return tuple(name for name, ids in public_functions().items() if id in ids)
