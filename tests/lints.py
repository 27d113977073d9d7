# SPDX-License-Identifier: BSD-3-Clause
"""What no proof may rest on and no test may invent, found in the syntax tree.

A proof may search with anything, inside a call of ``search(...)``; what is found there is checked by the kernel.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_JUDGES = {  # SymPy's own judgement, which is not evidence
    *("simplify", "equals", "nsimplify", "trigsimp", "radsimp", "ratsimp", "powsimp", "logcombine"),
    *("integrate", "summation", "doit", "limit", "diff", "solve", "subs", "evalf", "n", "MatrixSymbol"),
}
_FORGERY = {"Theorem", "Refuted", "_make", "_SEAL"}
_TOLERANCES = {"rtol", "atol", "rel_tol", "abs_tol"}

Finding = tuple[int, str]


def proof(source: str) -> list[Finding]:
    """Line and reason of everything in a proof module that is no evidence."""
    tree = ast.parse(source)
    return sorted(set(_proof(tree, _own(tree))))


def _own(tree: ast.Module) -> set[str]:
    """Names that the module defines or imports from this project: they are not SymPy's."""
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            own |= {alias.asname or alias.name for alias in node.names}
    return own


def tolerances(source: str) -> list[Finding]:
    """Line and reason of every tolerance that stands as a number."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in _TOLERANCES and _is_number(node.value):
            found.append((node.value.lineno, f"{node.arg} is a number"))
        if isinstance(node, ast.Assign) and _is_number(node.value):
            names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            found += [(node.lineno, f"{name} is a number") for name in names if name.lower() in _TOLERANCES]
        if isinstance(node, ast.Call) and _name(node.func) in {"approx", "assert_allclose", "allclose", "isclose"}:
            found += [(node.lineno, "a tolerance by position")] if any(map(_is_number, node.args[2:])) else []
    return sorted(found)


def _is_number(node: ast.AST) -> bool:
    """A literal other than zero, which tolerates nothing."""
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and node.value != 0


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _owner(node: ast.AST) -> str:
    return _name(node.value) if isinstance(node, ast.Attribute) else ""


def _proof(node: ast.AST, own: set[str]) -> Iterator[Finding]:
    if isinstance(node, ast.Call):
        if _name(node.func) == "search":
            return
        yield from _call(node, own)
    if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
        yield node.lineno, f"a float: {node.value}"
    if isinstance(node, (ast.Name, ast.Attribute)) and _name(node) in {"_make", "_SEAL"}:
        yield node.lineno, f"{_name(node)} belongs to the kernel"
    if isinstance(node, ast.ImportFrom):
        yield from _import(node)
    for child in ast.iter_child_nodes(node):
        yield from _proof(child, own)


def _call(node: ast.Call, own: set[str]) -> Iterator[Finding]:
    name = _name(node.func)
    ours = name in own if isinstance(node.func, ast.Name) else _owner(node.func) in {"kernel", "limits"}
    if name in _JUDGES and not ours:
        yield node.lineno, f"{name} is not evidence"
    if name in _FORGERY:
        yield node.lineno, f"{name} makes theorems without a rule"
    if name == "replace" and any(k.arg in {"relation", "seal", "rule"} for k in node.keywords):
        yield node.lineno, "replace makes another relation"
    if any(k.arg == "force" for k in node.keywords):
        yield node.lineno, "force= forgets conditions"


def _import(node: ast.ImportFrom) -> Iterator[Finding]:
    for alias in node.names:
        if alias.name in {"_make", "_SEAL"} or (alias.asname is not None and alias.name in _FORGERY):
            yield node.lineno, f"{alias.name} is imported"
        elif alias.name in _JUDGES - {"n"} and not node.level:
            yield node.lineno, f"{alias.name} is not evidence"
