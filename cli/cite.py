# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata cite``: a citation whose statement can be verified."""

from __future__ import annotations

import argparse
import json
from typing import Any

from .index import Changed, Unknown, find, index
from .terminal import complain

EXAMPLES = """\
examples:
  lemmata cite rope.relative-offset
  lemmata cite rope.relative-offset --format markdown
  lemmata cite rope.relative-offset@1a2b3c        fails if the statement has changed since

exit codes: 0, 1 if the statement is no longer the one cited, 2 for an unknown id
"""


def add_parser(subparsers: Any) -> None:
    """Add ``cite`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "cite",
        help="a citation that can be verified, with the primary sources",
        description="Cite a claim: its id with the fingerprint of its statement, and the primary sources.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", metavar="ID", help="a claim, such as rope.relative-offset")
    parser.add_argument("--format", choices=("text", "bibtex", "markdown", "rst"), default="text")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the citation; the exit code."""
    try:
        entry = find(args.id, index())
    except Unknown as error:
        complain("cite", str(error))
        return 2
    except Changed as error:
        complain("cite", str(error))
        return 1
    from ..theory.cite import FORMATS, cite

    if args.json:
        formats = {name: cite(entry.id, format=name) for name in FORMATS}
        citation = f"{entry.id}@{entry.fingerprint}"
        print(json.dumps({"id": entry.id, "citation": citation, "title": entry.title, **formats}, indent=2))
    else:
        print(cite(entry.id, format=args.format))
    return 0
