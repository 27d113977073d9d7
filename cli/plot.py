# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata plot``: an activation, its derivative, and how far implementations are from it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import certificates
from .certify import add_function_options, questions_of
from .peers import questions as peers
from .terminal import complain, say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..conformance.certificate import Question

    Floats = NDArray[np.float64]

EXAMPLES = """\
examples:
  lemmata plot gelu                                  gelu.svg: ours and PyTorch's, in float32
  lemmata plot --all --dtype bfloat16 --save plots   one picture for each activation
  lemmata plot gelu torch.nn.functional:gelu --what gradient --save gelu.png

exit codes: 0 drawn, 2 usage
"""
_STRETCHES, _SAMPLES = 1024, 64  # a format of 32 bits is sampled: so many stretches, so many inputs in each


def add_parser(subparsers: Any) -> None:
    """Add ``plot`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "plot",
        help="draw an activation, its derivative, and the errors of implementations",
        description="Draw activations with their derivatives and, over the whole range of a format, the largest "
        "error in ulp of our implementation beside that of PyTorch, JAX and SciPy where they are installed.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_function_options(parser)
    parser.add_argument("--save", metavar="FILE|FOLDER", type=Path, help="default: NAME.svg in this folder")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw; the exit code."""
    from ..conformance.target import TargetError

    try:
        import matplotlib  # noqa: F401
    except ImportError:
        complain("plot", "pictures need the extra: pip install 'lemmata[plots]'")
        return 2
    try:
        groups = _groups(args)
        single = args.save and args.save.suffix
        if single and len(groups) > 1:
            raise ValueError(f"{args.save} is one file, and there are {len(groups)} pictures: name a folder")
        for activation, questions in groups.items():
            file = args.save if single else (args.save or Path()) / f"{activation}.svg"
            file.parent.mkdir(parents=True, exist_ok=True)
            draw(activation, questions, file)
            say(str(file))
    except (ValueError, TypeError, LookupError, ImportError, TargetError) as error:
        complain("plot", str(error))
        return 2
    return 0


def _groups(args: argparse.Namespace) -> dict[str, list[Question]]:
    """Questions by activation; beside ours come those of other libraries."""
    found: dict[str, list[Question]] = {}
    for question in questions_of(args):
        group = found.setdefault(question.function, [])
        group.append(question)
        if question.target.startswith(certificates.OURS):
            group.extend(peers(question.function, question.dtype, gradient=question.gradient))
    return found


def errors(question: Question) -> tuple[Floats, Floats]:
    """Signed places of inputs in the order of the line, and the largest error in ulp near each.

    A format of 16 bits is examined in full; of float32 a sample, the same at every call.
    """
    import numpy as np

    from ..conformance import exhaustive
    from ..conformance.certificate import prepared

    function, reference = prepared(question)
    total = exhaustive.finite_count(question.dtype)
    size = total // _STRETCHES
    places, worst = [], []
    for sign in (-1, 1):
        for start in range(0, total - size + 1, size):
            step = max(1, size // _SAMPLES)
            x = sign * exhaustive.by_index(np.arange(start, start + size, step, dtype=np.int64), question.dtype)
            places.append(sign * (start + size / 2) / total)
            worst.append(exhaustive.sampled(function, reference, question.dtype, x).worst)
    order = np.argsort(places)
    return np.array(places)[order], np.array(worst)[order]


def draw(activation: str, questions: Sequence[Question], file: Path) -> None:
    """One picture: the function with its derivative, and the errors."""
    import numpy as np
    from matplotlib.figure import Figure

    from ..conformance.certificate import FUNCTIONS
    from ..theory.oracle import enclose

    row, reference = FUNCTIONS[activation], questions[0].reference()
    figure = Figure(figsize=(9, 6.5), layout="constrained")
    above, below = figure.subplots(2, 1)
    at = np.linspace(-6, 6, 961)
    for expression, label in ((row.expression, activation), (row.derivative, "derivative")):
        above.plot(
            at, enclose(expression, {reference.variable: at, **reference.values}, dtype="float32").hi, label=label
        )
    above.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    above.legend(frameon=False)
    for question in questions:
        places, worst = errors(question)
        shown = np.clip(worst, 2.0**-10, 1e9)
        style = (
            {"linewidth": 1.6, "color": "black"}
            if question.target.startswith(certificates.OURS)
            else {"linewidth": 1.0}
        )
        below.plot(places, shown, label=question.title, **style)
    below.axhline(0.5, color="0.7", linewidth=0.8, zorder=0)
    below.set_yscale("log")
    below.set_ylabel("largest error, ulp")
    _label_places(below, questions[0].dtype)
    below.legend(frameon=False, fontsize="small")
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _label_places(axes: Any, dtype: str) -> None:
    """Inputs lie in the order of the format, as many between 1 and 2 as between 2 and 4: ticks are powers of 2."""
    from ..conformance import exhaustive, floats

    f = floats.format_of(dtype)
    total = exhaustive.finite_count(dtype)
    step = max(1, (f.emax - f.emin) // 7)
    exponents = range(f.emin + step, f.emax + 1, step)
    ticks = [((e - f.emin + 1) << (f.precision - 1)) / total for e in exponents]
    names = [f"$2^{{{e}}}$" for e in exponents]
    axes.set_xticks([-t for t in reversed(ticks)] + [0.0, *ticks])
    axes.set_xticklabels([f"$-{n[1:]}" for n in reversed(names)] + ["0", *names], fontsize="x-small", rotation=60)
    axes.set_xlabel(f"input, in the order of {dtype}")
