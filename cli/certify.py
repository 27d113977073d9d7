# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata certify``: hold a function to the truth at every input of a floating-point format."""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import cache, certificates
from .terminal import complain, is_rich, say, table
from .work import spread

if TYPE_CHECKING:
    from ..conformance.certificate import Certificate, Question, Stretch
    from ..conformance.exhaustive import Tally

EXAMPLES = """\
examples:
  lemmata certify gelu silu --dtype bfloat16              ours, at all 65,536 inputs: a second each
  lemmata certify gelu --dtype float32                    at all 2³² inputs: some minutes; Ctrl-C loses nothing
  lemmata certify --all --dtype float16 --what both       values and gradients of everything
  lemmata certify torch.nn.functional:gelu                anybody's function
  lemmata certify torch.nn.functional:gelu --as gelu_tanh --set approximate=tanh
  lemmata certify scipy.special:expit --as sigmoid --backend numpy
  lemmata certify --table certificates certificates/peers
  lemmata certify gelu --workers dask --scheduler tcp://head:8786

The truth is a polynomial with a proved error on each of some thousand stretches of the line, and the oracle
where that is not enough. Parts that are done are kept, and a second run begins where the first one ended.

exit codes: 0 certified, 1 an output at ±inf or nan is wrong, or the error is infinite, 2 usage, 3 not finished
"""


def add_parser(subparsers: Any) -> None:
    """Add ``certify`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "certify",
        help="find the worst error of a function over every input of a format",
        description="Hold activation functions, ours or yours, to the truth at every input of float16, bfloat16 or "
        "float32, and report the worst error in ulp and where it is.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_function_options(parser)
    parser.add_argument("-j", "--jobs", type=int, metavar="N", help="processes; default: one a core")
    parser.add_argument("--workers", choices=("loky", "dask", "ray"), default="loky", help="joblib's backend")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of the Dask or Ray cluster; default: a local one")
    parser.add_argument("--save", metavar="FOLDER", type=Path, help="write each certificate there as JSON")
    parser.add_argument("--fresh", action="store_true", help="do not use parts of earlier runs")
    parser.add_argument(
        "--table",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="only print the certificates in these folders as Markdown",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def add_function_options(parser: argparse.ArgumentParser) -> None:
    """Which functions, and where they run."""
    parser.add_argument("functions", nargs="*", metavar="NAME|MODULE:FUNCTION", help="ours by name, or any function")
    parser.add_argument("--all", action="store_true", help="all of ours")
    parser.add_argument("--as", dest="activation", metavar="NAME", help="which activation the function should be")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a keyword for the function")
    parser.add_argument("--dtype", action="append", choices=("float16", "bfloat16", "float32"), help="repeatable")
    parser.add_argument("--what", choices=("value", "gradient", "both"), default="value", help="default value")
    parser.add_argument("--backend", default="torch", help="torch (default), numpy or jax")
    parser.add_argument("--device", default="cpu", help="for torch (default cpu)")


@dataclass(frozen=True)
class Part:
    """A job of ``work``: one stretch of inputs."""

    stretch: Stretch
    source: str

    @property
    def title(self) -> str:
        return self.stretch.question.title

    @property
    def key(self) -> str:
        from ..conformance.certificate import reference_fingerprint

        return cache.key(
            "certify 1",
            asdict(self.stretch),
            self.source,
            reference_fingerprint(self.stretch.question),
            cache.sources("theory"),
            cache.module_sources("conformance.exhaustive"),
            _versions(),
        )

    def run(self) -> dict[str, Any]:
        return asdict(self.stretch.tally())

    def undecided(self, reason: str) -> dict[str, Any]:
        return {"failed": reason}


_FEW = 8  # parts: below that, starting processes takes longer than the work


class Incomplete(Exception):
    """A part of the inputs could not be examined; the message says why."""


def run(args: argparse.Namespace) -> int:
    """Certify; the exit code."""
    if args.table:
        say(certificates.markdown(c for folder in args.table for c in certificates.load_all(folder).values()))
        return 0
    from ..conformance.certificate import certificate
    from ..conformance.target import TargetError

    try:
        questions = list(questions_of(args))
        for question in questions:
            question.reference()
            question.try_out()
    except (ValueError, TypeError, LookupError, ImportError, TargetError) as error:
        complain("certify", str(error))
        return 2
    found: list[Certificate] = []
    with _pool(args.workers, args.scheduler):
        for question in questions:
            start = time.perf_counter()
            try:
                tally = examine(question, args.jobs or os.cpu_count() or 1, fresh=args.fresh, quiet=args.json)
            except Incomplete as error:
                complain("certify", f"{question.title}: {error}")
                return 3
            found.append(certificate(question, tally, certificates.source(question), _versions()))
            if args.save:
                args.save.mkdir(parents=True, exist_ok=True)
                (args.save / certificates.file_name(question)).write_text(found[-1].to_json(), "utf-8")
            if not args.json:
                say(f"{line(found[-1])}  ({time.perf_counter() - start:.0f} s)")
    if args.json:
        print("[" + ",\n".join(c.to_json().rstrip() for c in found) + "]")
    elif len(found) > 1:
        say()
        report(found)
    return int(any(c.wrong_at or c.worst_ulp == float("inf") for c in found))


def _versions() -> tuple[str, ...]:
    """What the result may depend on; Numba only where our kernels are not switched off."""
    compiled = () if os.environ.get("LEMMATA_NO_FAST", "0") not in ("", "0") else ("numba",)
    return cache.versions("numpy", "torch", "jax", "scipy", *compiled, "python-flint")


def questions_of(args: argparse.Namespace) -> Iterator[Question]:
    """One for each function, dtype, and value or gradient that the options name; ``ValueError``, ``LookupError``."""
    from ..conformance.certificate import FUNCTIONS, Question

    names = [*args.functions, *(certificates.our_activations() if args.all else ())]
    if not names:
        raise ValueError(f"name a function, or --all; ours are {', '.join(certificates.our_activations())}")
    keywords = tuple(_assigned(text) for text in args.set)
    for name in names:
        fixed: tuple[tuple[str, Any], ...] = ()
        if ":" in name:
            activation, target = args.activation or name.rpartition(":")[2].rpartition(".")[2], name
            if activation not in FUNCTIONS:
                raise LookupError(f"{name}: which activation is it? Say --as one of {', '.join(FUNCTIONS)}")
        elif name in certificates.our_activations():
            activation, (target, fixed) = name, certificates.our_target(name)
        else:
            raise LookupError(f"no function {name!r}; ours are {', '.join(certificates.our_activations())}")
        for dtype in args.dtype or ("bfloat16",):
            for gradient in {"value": (False,), "gradient": (True,), "both": (False, True)}[args.what]:
                yield Question(activation, target, (*fixed, *keywords), dtype, args.backend, args.device, gradient)


def _assigned(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ValueError(f"expected NAME=VALUE such as alpha=0.5, got {text!r}")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


@contextlib.contextmanager
def _pool(workers: str, scheduler: str | None) -> Iterator[None]:
    """joblib's choice of where jobs run."""
    from joblib import parallel_config

    if workers == "loky":
        yield
    elif workers == "dask":
        from distributed import Client

        with Client(scheduler), parallel_config(backend="dask"):
            yield
    else:
        import ray
        from ray.util.joblib import register_ray

        ray.init(address=scheduler)
        register_ray()
        with parallel_config(backend="ray"):
            yield


def examine(question: Question, workers: int, *, fresh: bool = False, quiet: bool = True) -> Tally:
    """The tally of all inputs; parts that an earlier run has finished are taken from the cache."""
    from ..conformance.certificate import stretches
    from ..conformance.exhaustive import Tally

    source = certificates.source(question)
    parts = [Part(s, source) for s in stretches(question)]
    known = {} if fresh else {p: t for p in parts if (t := cache.load("certify", p.key)) is not None}
    total = sum((_tally(t) for t in known.values()), Tally())
    todo = [p for p in parts if p not in known]
    with _Progress.choose(question.title, len(parts), quiet=quiet) as progress:
        progress.step(len(known), total)
        for part, outcome, _ in spread(todo, workers if len(todo) > _FEW else 1):
            if "failed" in outcome:
                raise Incomplete(outcome["failed"])
            cache.store("certify", part.key, outcome)
            total += _tally(outcome)
            progress.step(1, total)
    return total


def _tally(record: dict[str, Any]) -> Tally:
    from ..conformance.exhaustive import Tally

    return Tally(**{**record, "wrong_at": tuple(record["wrong_at"])})


def line(certificate: Certificate) -> str:
    """One certificate in one line."""
    wrong = f"; wrong at {', '.join(certificate.wrong_at)}" if certificate.wrong_at else ""
    return (
        f"{certificate.question.title}: {certificate.inputs:,} inputs, worst {certificate.worst_ulp:.6g} ulp "
        f"at {certificate.worst_input}, {certificate.not_nearest:,} not nearest{wrong}"
    )


def report(found: Sequence[Certificate]) -> None:
    """A table of certificates."""
    rows = [
        (
            c.question.title,
            f"{c.worst_ulp:.4g}",
            f"{float.fromhex(c.worst_input):.9g}",
            f"{c.not_nearest:,}",
            ", ".join(c.wrong_at) or "-",
        )
        for c in found
    ]
    table(("function", "worst ulp", "at", "not nearest", "wrong at"), rows)


class _Progress:
    """Says nothing."""

    @staticmethod
    def choose(title: str, total: int, *, quiet: bool) -> _Progress:
        if quiet or total < 4:
            return _Progress()
        return _Live(title, total) if is_rich() else _Lines(title, total)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def step(self, parts: int, total: Tally) -> None:
        return None


class _Lines(_Progress):
    """A line now and then, for files and pipes."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.done, self.known = title, total, 0, -1
        self.start = self.said = time.monotonic()

    def step(self, parts: int, total: Tally) -> None:
        self.done += parts
        if self.known < 0:  # the first step reports what an earlier run has done, which says nothing about the speed
            self.known = self.done
        now = time.monotonic()
        if now - self.said > 15 and self.done > self.known:
            self.said = now
            left = (now - self.start) / (self.done - self.known) * (self.total - self.done)
            say(f"{self.title}: {self.done / self.total:.0%}, worst {total.worst:.6g} ulp, {left:.0f} s left")


class _Live(_Progress):
    """A bar with the time left."""

    def __init__(self, title: str, total: int) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[worst]}"),
            transient=True,
        )
        self.task = self.bar.add_task(title, total=total, worst="")

    def __enter__(self) -> _Progress:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def step(self, parts: int, total: Tally) -> None:
        self.bar.update(self.task, advance=parts, worst=f"worst {total.worst:.6g} ulp")
