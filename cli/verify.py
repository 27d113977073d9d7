# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata verify``: prove the claims, then hold our own implementations to their laws."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from typing import Any

from . import certificates
from .index import Changed, Entry, Unknown, index, select
from .summary import Summary
from .terminal import complain
from .work import Certificates, Job, Laws, Outcome, Proof, keep, law_jobs, spread, stored

EXAMPLES = """\
examples:
  lemmata verify                                 everything
  lemmata verify --mutants                       and that no proof accepts a false variant of its statement
  lemmata verify rope -j 1 --no-laws             the proofs of a topic, in one process
  lemmata verify rope.relative-offset@1a2b3c     fails if the statement is no longer the one cited

exit codes:
  0  every claim asked for is proved and every law holds; a claim that the ledger declares open asserts
     nothing, is listed as open with its reason, and counts as 3 only where it is asked for by its id
  1  a statement is refuted or no longer the one cited, a mutant survives, or a law fails
  2  usage
  3  undecided: a proof or a law came to no end, or a certificate no longer matches its source
"""


def add_parser(subparsers: Any) -> None:
    """Add ``verify`` to the command line's subparsers."""
    parser = subparsers.add_parser(
        "verify",
        help="prove the claims and hold our implementations to their laws",
        description="Run the proofs of claims, then their laws on our implementations for NumPy and, where it is "
        "installed, PyTorch. Results are cached by content: statements, sources, versions.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="ID|TOPIC", help="claims, citations or topics; default all")
    parser.add_argument("--mutants", action="store_true", help="also break every statement and expect a rejection")
    parser.add_argument("--no-laws", action="store_true", help="only the proofs")
    parser.add_argument("--device", action="append", metavar="DEVICE", help="for PyTorch; repeatable; default cpu")
    parser.add_argument(
        "--examples",
        type=_positive,
        default=5,
        metavar="N",
        help="cases a law, at most (default 5; the test suite uses more)",
    )
    parser.add_argument("-j", "--jobs", type=_positive, metavar="N", help="processes; default: one a core")
    parser.add_argument("--fresh", action="store_true", help="ignore the cache")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected an integer ≥ 1, got {text!r}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Verify; the exit code."""
    start = time.perf_counter()
    entries = index()
    try:
        chosen = select(args.names, entries)
    except Unknown as error:
        complain("verify", str(error))
        return 2
    except Changed as error:
        complain("verify", str(error))
        return 1
    jobs = _jobs(chosen, args)
    done: dict[Job, Outcome] = {} if args.fresh else {job: o for job in jobs if (o := stored(job)) is not None}
    todo = [job for job in jobs if job not in done]
    with _Progress.choose(len(todo), quiet=args.json) as progress:
        for job, outcome, seconds in spread(todo, args.jobs or os.cpu_count() or 1):
            keep(job, outcome)
            done[job] = outcome
            progress.line(job, outcome, seconds)
    named = frozenset(name.partition("@")[0] for name in args.names)
    summary = Summary(chosen, {job: done[job] for job in jobs}, named, len(jobs) - len(todo))
    summary.write(time.perf_counter() - start, as_json=args.json)
    return summary.exit_code


def _jobs(chosen: Sequence[Entry], args: argparse.Namespace) -> list[Job]:
    """Laws first, since they take longest."""
    jobs: list[Job] = []
    if not args.no_laws:
        devices = tuple(dict.fromkeys(args.device or ("cpu",)))
        whole = {e.topic for e in chosen} if not args.names else set(args.names)
        for topic in dict.fromkeys(e.topic for e in chosen):
            only = () if topic in whole else tuple(e.id for e in chosen if e.topic == topic)
            jobs += law_jobs(topic, only, devices, args.examples)
            if topic in whole and topic == certificates.TOPIC:
                jobs.append(Certificates(topic))
    jobs += [Proof(e.id, e.fingerprint, args.mutants) for e in chosen]
    return jobs


def _line(job: Job, outcome: Outcome, seconds: float) -> str:
    """One line for a finished job."""
    more = ""
    if isinstance(job, Laws):
        worst = max(((r["worst"] or 0.0) for r in outcome["results"]), default=0.0)
        more = f"  {sum(r['verdict'] == 'holds' for r in outcome['results'])} hold, worst {worst:.2f}"
    elif isinstance(job, Certificates):
        more = f"  {outcome['count'] - len(outcome['stale'])} of {outcome['count']} match"
    elif outcome["mutants"]:
        more = f"  mutants {outcome['mutants']['killed']}/{outcome['mutants']['total']}"
    return f"{outcome['verdict']:<14} {job.title}{more}  {seconds:.2f} s"


class _Progress:
    """Plain lines, one a job, as they finish."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    @staticmethod
    def choose(total: int, *, quiet: bool) -> _Progress:
        from .terminal import is_rich

        return _Live(total) if total and not quiet and is_rich() else _Progress(quiet=quiet)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def line(self, job: Job, outcome: Outcome, seconds: float) -> None:
        if not self.quiet:
            print(_line(job, outcome, seconds), flush=True)


class _Live(_Progress):
    """A bar at the bottom of the terminal, the lines above it."""

    def __init__(self, total: int) -> None:
        super().__init__()
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.bar = Progress(*columns, transient=True)
        self.task = self.bar.add_task("verifying", total=total)

    def __enter__(self) -> _Progress:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def line(self, job: Job, outcome: Outcome, seconds: float) -> None:
        from rich.text import Text

        from .terminal import STYLES

        text = Text(_line(job, outcome, seconds))
        text.stylize(STYLES.get(outcome["verdict"], "dim"), 0, len(outcome["verdict"]))
        self.bar.console.print(text, soft_wrap=True)
        self.bar.advance(self.task)
