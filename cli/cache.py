# SPDX-License-Identifier: BSD-3-Clause
"""Results kept by content: a key is a hash of everything that the result depends on.

The folder is ``$LEMMATA_CACHE`` if that is set, otherwise the user's cache folder of the platform. A
cache that cannot be read or written is no cache, never an error.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """Where results are kept."""
    if given := os.environ.get("LEMMATA_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "lemmata" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lemmata"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lemmata"


@cache
def sources(*folders: str) -> str:
    """A hash of the names and contents of every Python file of these folders of the package."""
    digest = hashlib.sha256()
    for name in folders:
        for path in sorted((PACKAGE / name).rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


@cache
def module_sources(name: str) -> str:
    """A hash of a module of the package and of all modules that it imports from the package, at any depth."""
    todo, seen = [PACKAGE / f"{name.replace('.', '/')}.py"], {PACKAGE / "__init__.py"}
    while todo:
        path = todo.pop()
        if path not in seen and path.exists():
            seen.add(path)
            todo += _imported(path)
    digest = hashlib.sha256()
    for path in sorted(seen - {PACKAGE / "__init__.py"}):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    """The files that a module's relative imports may name, whether or not they exist."""
    found: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1] / (node.module or "").replace(".", "/")
            names = [folder / alias.name for alias in node.names]
            found += [f for p in (folder, *names) for f in (p.with_suffix(".py"), p / "__init__.py")]
    return tuple(found)


@cache
def versions(*distributions: str) -> tuple[str, ...]:
    """Python's version and those of distributions; ``-`` for one that is not installed."""
    found = []
    for name in distributions:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} -")
    return (f"{sys.implementation.name} {sys.version.split()[0]} {sys.platform}", *found)


def key(*parts: object) -> str:
    """The hash of a tuple of plain values."""
    return hashlib.sha256(json.dumps(parts, default=list).encode()).hexdigest()


def load(kind: str, name: str) -> Any:
    """What was stored under that key, or ``None``."""
    try:
        return json.loads((folder() / kind / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def store(kind: str, name: str, value: Any) -> None:
    """Keep a JSON value; a reader sees all of it or none."""
    with suppress(OSError):
        target = folder() / kind
        target.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file)
        Path(temporary).replace(target / f"{name}.json")
