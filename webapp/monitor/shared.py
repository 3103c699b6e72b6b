"""One answer for many askers: read at most once a second, however many pages ask."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from webapp import clock

T = TypeVar("T")
FRESH_SECONDS = 1.0
PATIENT_SECONDS = 5.0


class Shared(Generic[T]):
    """A value of this process. While one thread reads it anew, the others get the one before, if it is not old."""

    def __init__(self, read: Callable[[], T], *, seconds: float = FRESH_SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None

    def get(self) -> T:
        """The value, no older than it may be. An error of the read is raised to whoever caused it."""
        kept = self._kept
        if kept and clock.monotonic() - kept[0] < self._seconds:
            return kept[1]
        can_do_without = kept is not None and clock.monotonic() - kept[0] < self._seconds + PATIENT_SECONDS
        if not self._lock.acquire(blocking=not can_do_without):
            assert kept is not None  # Otherwise the lock would have been waited for.
            return kept[1]
        try:
            if self._kept is kept:
                self._kept = (clock.monotonic(), self._read())
            assert self._kept is not None
            return self._kept[1]
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Read anew at the next call."""
        self._kept = None
