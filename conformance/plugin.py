# SPDX-License-Identifier: BSD-3-Clause
"""The pytest plugin: ``pytest --lemmata rope.rotate=package.module:function`` makes each law a test.

The id of a test is the claim it stands for. Nothing of the kit is imported unless the option is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .check import Task
    from .report import Result


class LawFailed(Exception):
    """A law that does not hold; its text is the result in full."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of ``lemmata check``, with a prefix."""
    group = parser.getgroup("lemmata", "laws of lemmata")
    group.addoption(
        "--lemmata",
        action="append",
        default=[],
        metavar="TOPIC.CONTRACT=MODULE:FUNCTION",
        help="hold this function to the laws of its contract; repeatable",
    )
    group.addoption("--lemmata-set", action="append", default=[], metavar="NAME=VALUE", help="a convention")
    group.addoption("--lemmata-backend", default="torch", help="torch (default), numpy or jax")
    group.addoption("--lemmata-dtype", action="append", metavar="DTYPE", help="repeatable; default float32, float64")
    group.addoption("--lemmata-device", action="append", metavar="DEVICE", help="repeatable; default cpu")
    group.addoption("--lemmata-seed", type=int, default=0, help="of the search")
    group.addoption("--lemmata-max-examples", type=int, default=None, metavar="N", help="at most N cases a law")
    group.addoption("--lemmata-timeout", type=float, default=60.0, metavar="S", help="seconds a law")
    group.addoption("--lemmata-allow-inaccurate", action="store_true", help="an inaccurate law passes")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add one test a law, before ``-k`` and ``-m`` choose."""
    if config.getoption("--lemmata"):
        laws = Laws.from_parent(session, name="lemmata", nodeid="lemmata")
        items.extend(laws.collect())


class Laws(pytest.Collector):
    """The laws of everything given by ``--lemmata``."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a task; errors of usage end the session with their message."""
        options = self.config.option
        targets: dict[str, dict[str, str]] = {}
        for text in options.lemmata:
            name, _, target = text.partition("=")
            topic, _, contract = name.partition(".")
            if not contract or not target:
                raise pytest.UsageError(f"--lemmata TOPIC.CONTRACT=MODULE:FUNCTION, got {text!r}")
            targets.setdefault(topic, {})[contract] = target
        for topic, by_contract in targets.items():
            for task in self._tasks(topic, by_contract):
                item: LawItem = LawItem.from_parent(self, name=task.name, task=task, targets=by_contract)
                yield item

    def _tasks(self, topic: str, targets: dict[str, str]) -> tuple[Task, ...]:
        plan = import_module(".check", __package__).plan
        target = import_module(".target", __package__)
        options = self.config.option
        settings = dict(text.split("=", 1) for text in options.lemmata_set if "=" in text)
        try:
            functions = {contract: target.load(address) for contract, address in targets.items()}
            tasks: tuple[Task, ...] = plan(
                topic,
                backend=options.lemmata_backend,
                dtypes=options.lemmata_dtype or ("float32", "float64"),
                devices=options.lemmata_device or ("cpu",),
                **settings,
                **functions,
            )
        except (target.TargetError, ValueError, TypeError, ImportError) as error:
            raise pytest.UsageError(f"--lemmata: {error}") from error
        return tasks


class LawItem(pytest.Item):
    """One law on one dtype and device."""

    def __init__(self, *, task: Task, targets: dict[str, str], **options: Any) -> None:
        super().__init__(**options)
        self.task = task
        self.targets = targets

    def runtest(self) -> None:
        """Search; skipped where the law does not apply."""
        options = self.config.option
        run = import_module(".check", __package__).run
        result: Result = run(
            self.task,
            seed=options.lemmata_seed,
            max_examples=options.lemmata_max_examples,
            timeout=options.lemmata_timeout,
            targets=self.targets,
        )[0]
        if result.verdict == "not applicable":
            pytest.skip(result.reason)
        if result.failed and not (result.verdict == "inaccurate" and options.lemmata_allow_inaccurate):
            raise LawFailed(result.detail())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The result in full instead of a traceback through the kit."""
        if isinstance(excinfo.value, LawFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        """The headline of a failure. It is not the name itself, whose dots pytest would turn into colons."""
        return "lemmata", None, f"law {self.name}"
