# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata check``: hold functions to the laws of a topic."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..conformance.report import Report, Result

HOLDS, FAILED, USAGE, UNDECIDED = 0, 1, 2, 3
COLOURS = {"holds": "green", "inaccurate": "yellow", "refuted": "red", "undecided": "magenta", "not applicable": "dim"}

EXAMPLES = """\
examples:
  lemmata check rope rotate=my_package.rotary:apply_rope --set layout=half
  lemmata check rope rotate=rotary:rotate decode=rotary:step --dtype float32 --dtype bfloat16
  lemmata check receptive_field size=my_metrics:receptive_field --json

exit codes: 0 every law that applied holds, 1 refuted or inaccurate, 2 usage, 3 undecided
"""


def add_parser(subparsers: Any) -> None:
    """Add ``check`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "check",
        help="hold your functions to the laws of a topic",
        description="Hold functions to the laws of a topic: look for counterexamples, report what was found.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("topic", help="such as rope or activations; lemmata list names them")
    parser.add_argument(
        "functions", nargs="+", metavar="CONTRACT=MODULE:FUNCTION", help="what to check, by the contract's name"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a convention of the topic: layout=half"
    )
    parser.add_argument("--backend", default="torch", help="torch (default), numpy or jax")
    parser.add_argument("--dtype", action="append", metavar="DTYPE", help="repeatable; default float32 and float64")
    parser.add_argument("--device", action="append", metavar="DEVICE", help="repeatable; default cpu")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default 0)")
    parser.add_argument("--max-examples", type=int, metavar="N", help="at most N cases a law")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds a law (default 60)")
    parser.add_argument("--allow-inaccurate", action="store_true", help="exit 0 if nothing is worse than inaccurate")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the check; the exit code."""
    try:
        from ..conformance.check import check
        from ..conformance.target import TargetError, load
    except ImportError as error:
        return _usage(f"{error}; the checks need the extra: pip install 'lemmata[verify]'")
    printer = _Plain() if args.json or not sys.stdout.isatty() else _Rich.or_plain()
    try:
        targets = dict(_assigned(text, "rotate=package.module:function") for text in args.functions)
        given: dict[str, Any] = dict(_assigned(text, "layout=half") for text in args.set)
        with contextlib.redirect_stdout(sys.stderr):  # what the code under test prints is not the report
            given.update((name, load(target)) for name, target in targets.items())
            report = check(
                args.topic,
                backend=args.backend,
                dtypes=args.dtype or ("float32", "float64"),
                devices=args.device or ("cpu",),
                seed=args.seed,
                max_examples=args.max_examples,
                timeout=args.timeout,
                targets=targets,
                progress=None if args.json else printer.result,
                **given,
            )
    except (TargetError, ValueError, TypeError, ImportError) as error:
        return _usage(str(error))
    if args.json:
        print(report.to_json())
    else:
        printer.report(report)
    return exit_code(report, allow_inaccurate=args.allow_inaccurate)


def exit_code(report: Report, *, allow_inaccurate: bool = False) -> int:
    """0 holds, 1 refuted or inaccurate, 3 undecided."""
    if report.verdict == "undecided":
        return UNDECIDED
    good = ("holds", "inaccurate") if allow_inaccurate else ("holds",)
    return HOLDS if report.verdict in good else FAILED


def _assigned(text: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        raise ValueError(f"expected NAME=VALUE such as {example}, got {text!r}")
    return name, value


def _usage(message: str) -> int:
    print(f"lemmata check: {message}", file=sys.stderr)
    return USAGE


class _Plain:
    """Plain lines, for pipes and files."""

    def __init__(self) -> None:
        self.out = sys.stdout  # kept, since stdout is redirected while the code under test runs

    def result(self, result: Result) -> None:
        print(result.line(), file=self.out, flush=True)

    def report(self, report: Report) -> None:
        for failure in report.failures:
            print(f"\n{failure.detail()}", file=self.out)
        print(f"\n{report.summary()}", file=self.out)


class _Rich:
    """Colours on a terminal."""

    def __init__(self, console: Any) -> None:
        self.console = console

    @staticmethod
    def or_plain() -> _Rich | _Plain:
        try:
            from rich.console import Console
        except ImportError:
            return _Plain()
        return _Rich(Console(file=sys.stdout, highlight=False))

    def result(self, result: Result) -> None:
        from rich.text import Text

        line = Text(result.line())
        line.stylize(COLOURS[result.verdict], 0, len(result.verdict))
        self.console.print(line)

    def report(self, report: Report) -> None:
        from rich.panel import Panel
        from rich.text import Text

        for failure in report.failures:
            self.console.print(
                Panel(Text(failure.detail()), title=failure.title, border_style=COLOURS[failure.verdict])
            )
        self.console.print(Text(report.summary(), style=COLOURS[report.verdict]))


def main(arguments: Sequence[str]) -> int:
    """Run ``check`` alone, with the arguments that follow its name."""
    parser = argparse.ArgumentParser(prog="lemmata")
    add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(["check", *arguments])
    return int(args.run(args))
