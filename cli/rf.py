# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata rf``: the receptive field of a network, layer by layer and as a picture."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from pathlib import Path
from typing import Any

from .terminal import complain, is_rich, table, width

EXAMPLES = """\
examples:
  lemmata rf my_package.models:resnet50 --input 3x224x224
  lemmata rf my_module:make_unet --input 1x256x256 --plot field.svg
  lemmata rf my_module:Tcn --input 2x16000 --json
  lemmata rf model.onnx                              the shape is in the file; needs the extra lemmata[onnx]

A factory is a function without arguments, a class, or a module that is there already. The network is put into
evaluation mode, unless --train is given: batch normalisation in training mode sees the whole batch.

exit codes:
  0  the field is known
  1  it is not: an operation without a rule, named by its node, or a network that cannot be traced
  2  usage
"""


def add_parser(subparsers: Any) -> None:
    """Add ``rf`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "rf",
        help="the receptive field of a network: a table, and a picture",
        description="What every position of a network's output sees of its input: exact, per axis and output phase, "
        "read from the traced graph.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("network", metavar="MODULE:FACTORY", help="what makes the network, or an ONNX file")
    parser.add_argument("--input", metavar="SHAPE", help="shape of one sample, without the batch: 3x224x224")
    parser.add_argument("--train", action="store_true", help="leave the network in training mode")
    parser.add_argument("--plot", metavar="FILE", help="draw the field to FILE.svg, or FILE.png (with matplotlib)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the report; the exit code."""
    from ..conformance.target import TargetError
    from ..impl.receptive_field_module import UnknownOperation

    if args.plot and Path(args.plot).suffix not in (".svg", ".png"):
        complain("rf", f"--plot must end in .svg or .png, got {args.plot!r}")
        return 2
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what the network's code prints is not the report
            report = _report(args)
        if args.plot:
            _plot(report, Path(args.plot))
    except UnknownOperation as error:
        complain("rf", str(error))
        return 1
    except ModuleNotFoundError as error:
        extra = {"torch": "torch", "onnx": "onnx", "matplotlib": "plots"}.get((error.name or "").partition(".")[0])
        complain("rf", f"{error}" + (f"; it needs the extra: pip install 'lemmata[{extra}]'" if extra else ""))
        return 2
    except (TargetError, TypeError, ValueError, OSError) as error:
        complain("rf", str(error))
        return 2
    print(report.to_json()) if args.json else _show(report)
    return 0


def _report(args: argparse.Namespace) -> Any:
    shape = _shape(args.input) if args.input else None
    if args.network.endswith(".onnx"):
        from ..impl._onnx import of_onnx

        return of_onnx(args.network, shape)
    if shape is None:
        raise ValueError("--input is needed, such as --input 3x224x224")
    from ..conformance.target import load
    from ..impl.receptive_field_module import of_module

    made = load(args.network)
    module = made if hasattr(made, "named_modules") and not isinstance(made, type) else _called(made, args.network)
    if hasattr(module, "eval") and not args.train:
        module.eval()
    return of_module(module, shape)


def _called(factory: Any, name: str) -> Any:
    try:
        return factory()
    except Exception as error:  # whatever the user's code raises is told, not shown as ours
        raise ValueError(f"{name}() raised {type(error).__name__}: {error}") from error


def _shape(text: str) -> tuple[int, ...]:
    """``3x224x224`` as numbers."""
    if not re.fullmatch(r"\d+([x×,]\d+)+", text):
        raise ValueError(f"--input must be channels and sizes such as 3x224x224, got {text!r}")
    return tuple(int(n) for n in re.split("[x×,]", text))


def _show(report: Any) -> None:
    from ..impl.receptive_field_module import COLUMNS
    from .rf_picture import terminal

    print(f"{report.module}: input {'×'.join(map(str, report.input_shape))}, output {report.output}\n")
    if is_rich():
        table(COLUMNS, report.rows())
    else:
        print("\n".join(str(report).splitlines()[2 : -len(report.axes) - bool(report.loose)]))
    print("\n".join(str(report).splitlines()[-len(report.axes) - bool(report.loose) :]))
    print()
    print("\n".join(terminal(report, min(width(), 120))))


def _plot(report: Any, path: Path) -> None:
    from . import rf_picture

    if path.suffix == ".svg":
        path.write_text(rf_picture.svg(report), encoding="utf-8")
    else:
        rf_picture.png(report, path)
