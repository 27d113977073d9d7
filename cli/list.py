# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata list``: every claim in one line."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from .index import Unknown, index, select, topics
from .terminal import complain, say, table

EXAMPLES = """\
examples:
  lemmata list
  lemmata list rope
  lemmata list receptive_field --json

exit codes: 0, or 2 for a topic that does not exist
"""


def add_parser(subparsers: Any) -> None:
    """Add ``list`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "list",
        help="every claim in one line",
        description="List the claims of the ledger, or those of one topic.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="a topic; all of them by default")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the claims; the exit code."""
    entries = index()
    try:
        chosen = select(args.topics, entries)
    except Unknown as error:
        complain("list", str(error))
        return 2
    if args.json:
        print(json.dumps([asdict(e) for e in chosen], indent=2))
        return 0
    rows = [(e.id, e.kind + (", open" if e.open else ""), e.title) for e in chosen]
    table(("claim", "kind", "title"), rows)
    unproved = sum(bool(e.open) for e in chosen)
    say(f"\n{len(chosen)} claims in {len(topics(chosen))} topics" + (f", {unproved} of them open" if unproved else ""))
    return 0
