# SPDX-License-Identifier: BSD-3-Clause
"""Run something for at most so many seconds, whatever it does.

The work runs in a daemon thread. When time is up the thread is asked to stop by an asynchronous
exception, which ends a loop in Python; a call that hangs in compiled code is left behind, and the
process can still go on and exit.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class OutOfTime(BaseException):
    """Raised inside the thread that ran too long; not an ``Exception``, so that the code under test lets it pass."""


def limited(work: Callable[[], T], seconds: float) -> T:
    """The result of ``work()``, its exception re-raised, or ``TimeoutError`` after so many seconds."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=body, daemon=True, name="lemmata-check")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        raise TimeoutError(f"no answer within {seconds:g} s")
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
