"""Calls that stop at named points, so that a test chooses what happens in between.

A parked call stands for a process between two of its steps. The test lets it go on, leaves it there
(a frozen process), or kills it (kill -9). Only one of them runs at a time, so all is exact.
"""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask


class Killed(BaseException):
    """The process died here; nothing of ours catches it."""


class Call:
    """A function that runs in a thread of its own, strictly in turns with the test."""

    def __init__(self, app: Flask, name: str, work: Callable[[], object]) -> None:
        self.name = name
        self.point: str | None = "start"
        self._given: Any = None
        self._error: BaseException | None = None
        self._ours, self._theirs = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, args=(app, work), name=name, daemon=True)
        self._thread.start()
        self._turn()

    @property
    def is_over(self) -> bool:
        return self.point is None

    def go(self, given: Any = None) -> None:
        """Let it run to its next point, or to its end; its error is raised here."""
        self._given = given
        self._theirs.release()
        self._turn()

    def kill(self) -> None:
        """End it where it stands."""
        if not self.is_over:
            self.go(Killed())

    def park(self, point: str) -> Any:
        """Stop here (in the call's own thread) until the test goes on; returns what the test gives."""
        self.point = point
        self._ours.release()
        self._theirs.acquire()
        if isinstance(self._given, Killed):
            raise self._given
        return self._given

    def _turn(self) -> None:
        assert self._ours.acquire(timeout=60), f"{self.name} hangs after {self.point}"
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _run(self, app: Flask, work: Callable[[], object]) -> None:
        _here.call = self
        try:
            with app.app_context():
                work()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the test waits
            self._error = error
        self.point = None
        self._ours.release()


_here = threading.local()


def park(point: str) -> Any:
    """Stop the call that runs here at a point; a test's own thread goes straight on, with None."""
    call: Call | None = getattr(_here, "call", None)
    return call.park(point) if call else None


def is_parked_call() -> bool:
    """Whether this code runs in a parked call."""
    return getattr(_here, "call", None) is not None
