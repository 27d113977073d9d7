# SPDX-License-Identifier: BSD-3-Clause
"""Run something for at most so many seconds, whatever it does.

The work runs in a daemon thread. When time is up the thread is asked to stop by an asynchronous
exception, which ends a loop in Python; a call that hangs in compiled code is left behind, and the
process can still go on and exit.

A thread that has done its work waits for the next: Hypothesis collects all garbage of the process when it
meets a new thread, which takes longer than most laws. Context variables are new for each piece of work.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class OutOfTime(BaseException):
    """Raised inside the thread that ran too long; not an ``Exception``, so that the code under test lets it pass."""


class _Worker:
    """A thread that does one piece of work after another, until one runs out of time."""

    def __init__(self) -> None:
        self.work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.wanted = True
        self.thread = threading.Thread(target=self._serve, daemon=True, name="lemmata-check")
        self.thread.start()

    def _serve(self) -> None:
        try:
            while self.wanted:
                self.work.get()()
        except OutOfTime:  # it came just after the work was done
            return


_idle: list[_Worker] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # a child has no threads but its own


def limited(work: Callable[[], T], seconds: float) -> T:
    """The result of ``work()``, its exception re-raised, or ``TimeoutError`` after so many seconds."""
    outcome: list[T] = []
    failure: list[BaseException] = []
    done = threading.Event()

    def body() -> None:
        try:
            outcome.append(contextvars.Context().run(work))
        except BaseException as error:
            failure.append(error)
        finally:
            done.set()

    worker = _idle.pop() if _idle else _Worker()
    worker.work.put(body)
    if not done.wait(seconds):
        worker.wanted = False
        _stop(worker.thread)
        raise TimeoutError(f"no answer within {seconds:g} s")
    _idle.append(worker)
    if failure:
        raise failure[0]
    return outcome[0]


def _stop(thread: threading.Thread) -> None:
    """Ask a few times: one that arrives in a destructor or a weak reference's callback is swallowed there."""
    reported = sys.unraisablehook

    def quiet(unraisable: Any) -> None:
        if unraisable.exc_type is not OutOfTime:
            reported(unraisable)

    sys.unraisablehook = quiet
    try:
        for _ in range(5):
            if thread.ident is not None and thread.is_alive():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))
                thread.join(0.2)
    finally:
        sys.unraisablehook = reported
