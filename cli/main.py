# SPDX-License-Identifier: BSD-3-Clause
"""The command line. A subcommand is a module with ``add_parser(subparsers)`` and ``run(args) -> int``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__

COMMANDS = ("list", "show", "verify", "check", "certify", "plot", "cite", "rf")
OPTIONAL = {"sympy", "flint", "z3", "hypothesis", "joblib", "scipy"}
EXAMPLES = """\
examples:
  lemmata list rope                              the claims of a topic
  lemmata show rope.relative-offset              statement, derivation, trust, laws, sources
  lemmata verify                                 prove everything, and hold our implementations to every law
  lemmata check rope rotate=my_module:my_rotary  hold your own function to the laws
  lemmata certify torch.nn.functional:gelu       the worst error over every input of a format
  lemmata plot gelu                              an activation and the errors of implementations
  lemmata cite rope.relative-offset              a citation that can be verified
  lemmata rf my_module:my_net --input 3x224x224  what a network's output sees of its input

`lemmata COMMAND --help` says more.
"""


def parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser with the given subcommands; only their modules are loaded."""
    main_parser = argparse.ArgumentParser(
        prog="lemmata",
        description="The small mathematical facts of deep learning: stated once, proved by machine, "
        "implemented, and tested against any code.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    main_parser.add_argument("--version", action="version", version=f"lemmata {__version__}")
    subparsers = main_parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in commands:
        import_module(f".{name}", __package__).add_parser(subparsers)
    return main_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 success, 1 something is false or fails, 2 usage, 3 undecided."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    named = arguments[0] if arguments else ""
    try:
        args = parser((named,) if named in COMMANDS else COMMANDS).parse_args(arguments)
        return int(args.run(args))
    except SystemExit as stop:  # argparse has said what is wrong, or has shown the help
        return stop.code if isinstance(stop.code, int) else 2
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in OPTIONAL:
            raise
        print(f"lemmata {named}: {error}; it needs the extra: pip install 'lemmata[verify]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
