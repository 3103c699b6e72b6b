"""One answer for many callers: read at most once a second, however many pages ask."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import current_app, has_app_context

from webapp import clock

T = TypeVar("T")
FRESH_SECONDS = 1.0
PATIENT_SECONDS = 5.0
WAIT_SECONDS = 1.0
MOST_KEPT = 500  # Some answers are for what somebody typed: they must not be kept for ever.


@dataclass
class _Slot(Generic[T]):
    reading: threading.Lock = field(default_factory=threading.Lock)
    kept: tuple[float, T] | None = None


class Shared(Generic[T]):
    """What a function returns, kept for each app and each of its arguments.

    While one thread reads the value anew, the others get the one before, if it is not old. Without one they wait, but
    not for long: a thread that holds a database connection must not wait for one that needs a connection.
    """

    def __init__(
        self, read: Callable[..., T], *, seconds: float = FRESH_SECONDS, patience: float = PATIENT_SECONDS
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._patience = patience
        self._without_app: dict[str, Any] = {}

    def get(self, *asked: Hashable) -> T:
        """Returns the value, no older than it may be. An error of the read is raised to whoever caused it."""
        slot = self._slot(asked)
        kept = slot.kept
        old_at = kept[0] + self._seconds if kept else 0.0
        if kept and clock.monotonic() < old_at:
            return kept[1]
        can_do_without = kept is not None and clock.monotonic() < old_at + self._patience
        is_mine = slot.reading.acquire(timeout=0 if can_do_without else WAIT_SECONDS)
        try:
            if kept and can_do_without and not is_mine:
                return kept[1]
            if slot.kept is None or slot.kept is kept:
                slot.kept = (clock.monotonic(), self._read(*asked))
            return slot.kept[1]
        finally:
            if is_mine:
                slot.reading.release()

    def forget(self) -> None:
        """Read anew at the next call; a read that is under way is for its own caller alone."""
        self._slots().clear()

    def _slot(self, asked: tuple[Hashable, ...]) -> _Slot[T]:
        slots = self._slots()
        if asked not in slots and len(slots) >= MOST_KEPT:
            slots.clear()
        return slots.setdefault(asked, _Slot())

    def _slots(self) -> dict[tuple[Hashable, ...], _Slot[T]]:
        by_owner = current_app.extensions if has_app_context() else self._without_app
        slots: dict[tuple[Hashable, ...], _Slot[T]] = by_owner.setdefault(f"bellhop_shared_{id(self)}", {})
        return slots
