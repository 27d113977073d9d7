# SPDX-License-Identifier: BSD-3-Clause
"""Output: colours and boxes on a terminal, plain lines everywhere else. Pipes never see an escape sequence."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence

STYLES: Mapping[str, str] = {
    "proved": "green",
    "holds": "green",
    "open": "yellow",
    "inaccurate": "yellow",
    "undecided": "magenta",
    "refuted": "red",
    "failed": "red",
    "survivors": "red",
    "no": "red",  # no model
}
WIDE = 100


def is_rich() -> bool:
    """Whether standard output is a terminal that takes colours, and rich is there to make them."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb" or "NO_COLOR" in os.environ:
        return False
    try:
        import rich  # noqa: F401
    except ImportError:
        return False
    return True


def width() -> int:
    """Columns of the terminal, or a page's width for files and pipes."""
    return shutil.get_terminal_size((WIDE, 24)).columns if sys.stdout.isatty() else WIDE


def say(text: str = "", style: str = "") -> None:
    """One line or block, as it is; the style shows on a terminal only."""
    if style and is_rich():
        from rich.console import Console
        from rich.text import Text

        Console(highlight=False).print(Text(text, style=style), soft_wrap=True)
    else:
        print(text, flush=True)


def complain(command: str, message: str) -> None:
    """An error, on standard error, with the command that has it."""
    print(f"lemmata {command}: {message}", file=sys.stderr)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table: boxed and coloured on a terminal, aligned columns otherwise."""
    if is_rich():
        _rich_table(columns, rows)
        return
    widths = [max(len(r[k]) for r in [columns, *rows]) for k in range(len(columns))]
    for row in [columns, *rows]:
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell, style=STYLES.get(cell.partition(" ")[0], "")) for cell in row))
    Console(highlight=False).print(shown)
