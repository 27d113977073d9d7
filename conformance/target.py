# SPDX-License-Identifier: BSD-3-Clause
"""From ``package.module:function`` to the function, with errors that say what was tried."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


class TargetError(Exception):
    """The target cannot be had; the message says what was tried and why it failed."""


def load(target: str) -> Callable[..., Any]:
    """The function at ``package.module:attribute``; the current directory is searched first.

    Raises ``TargetError`` for a malformed target, a module that cannot be imported (with its error), a
    missing attribute, or something that is no function.
    """
    name, _, attribute = target.partition(":")
    if not name or not attribute:
        raise TargetError(f"a target is written package.module:function, got {target!r}")
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    found: Any = _module(name, target)
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            near = [n for n in dir(found) if not n.startswith("_") and callable(getattr(found, n, None))][:8]
            raise TargetError(
                f"cannot load {target!r}: {name} has no {attribute!r}; it has {', '.join(near) or 'no functions'}"
            ) from None
    if not callable(found):
        raise TargetError(f"{target!r} is no function but {type(found).__name__}")
    function: Callable[..., Any] = found
    return function


def _module(name: str, target: str) -> ModuleType | Any:
    """Import it; a lazy attribute of its parent will do as well."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        parent, _, child = name.rpartition(".")
        if error.name == name and parent:
            found = getattr(_module(parent, target), child, None)
            if found is not None:
                return found
        raise _unimportable(name, target, error) from error
    except (Exception, SystemExit) as error:
        raise _unimportable(name, target, error) from error


def _unimportable(name: str, target: str, error: BaseException) -> TargetError:
    return TargetError(
        f"cannot load {target!r}: importing {name!r} raised {type(error).__name__}: {error} "
        f"(looked in {os.getcwd()} and {len(sys.path)} other places of sys.path)"
    )
