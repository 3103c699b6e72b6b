"""The newest epoch that this process saw in its database: an older database was put back, and sends nothing."""

import threading
from datetime import datetime
from typing import cast

from flask import current_app

from webapp import clock

MORE_THAN_ANY = 2**63 - 1  # A worker that could not look yet sends nothing.


class Behind(Exception):
    """The database is older than this process has seen it."""


class KnownEpoch:
    """The knowledge of one process. Read at each claim, written every few seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.name = ""
        self.least = 0  # What the database must have come to, at the least.
        self._seen: tuple[int, datetime, str] | None = None
        self.is_held = False
        self._grew_at = 0.0

    def of(self, name: str) -> tuple[int, datetime, str] | None:
        """Returns epoch, moment and run at which the database of this name was last seen."""
        with self._lock:
            return self._seen if self.name == name else None

    def keep(self, name: str, epoch: int, at: datetime, run: str) -> None:
        """Keep that the database was seen at this epoch, in this run."""
        with self._lock:
            if (self.name, self.least) != (name, epoch):
                self._grew_at = clock.monotonic()
            self.name, self.least, self._seen = name, epoch, (epoch, at, run)

    def trust_nothing(self) -> None:
        """Let nothing be claimed until somebody looked at the database."""
        with self._lock:
            self.name, self.least, self._seen = "", MORE_THAN_ANY, None

    def stands_for(self) -> float:
        """Returns the seconds for which the epoch has not grown, as this process saw it."""
        return clock.monotonic() - self._grew_at


def must_reach(epoch: int | None, least: int) -> None:
    """Compare a database's epoch with the least that it must have.

    Raises:
        Behind: it is lower.
    """
    if (epoch or 0) < least:
        raise Behind


def of_app() -> KnownEpoch:
    """Returns the knowledge of the current app."""
    return cast("KnownEpoch", current_app.extensions.setdefault("bellhop_known_epoch", KnownEpoch()))
