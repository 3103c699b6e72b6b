"""A worker as pages show it: by its heartbeat in the database, with what Celery's inspect added where it answered.

A worker is called healthy only where nothing speaks against it: the words go from the worst down.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from webapp.monitor.format import span
from webapp.words import Word

# Two beats that did not come; from ALIVE_SECONDS on it is taken for dead.
LATE_SECONDS = 9.0
NEW_SECONDS = 30.0  # Before that nobody may have asked it yet.


@dataclass(frozen=True, kw_only=True)
class RunningTask:
    """A task that a worker says it runs."""

    id: str
    name: str
    args: str
    worker: str
    seconds: float | None
    guest_id: int | None = None  # The lane, where the task drains one.
    started_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerView:
    """A worker. What inspect adds is as old as the snapshot."""

    name: str
    alive: bool
    seen_at: datetime
    heartbeat_age: float
    pool: str
    concurrency: int
    active: int
    longest_call: float  # Seconds, as far as is known now: its last word and the time since.
    done: int
    answered: bool  # Whether it answered the last inspect.
    is_stuck: bool = False  # A call lasts longer than any may.
    is_deaf: bool = False  # It lives, and does not answer inspect although its pool could.
    started_at: datetime | None = None
    uptime: float = 0
    version: str = ""
    stopped_at: datetime | None = None
    stop_asked_at: datetime | None = None
    stop_asked_by: str = ""
    reserved: int | None = None
    reserved_tasks: tuple[RunningTask, ...] = ()
    registered: tuple[str, ...] | None = None
    memory_mb: float | None = None  # The most that it ever held.
    pid: int | None = None
    prefetch: int | None = None  # Bells that it may hold at once.
    taken: int | None = None  # Tasks that Celery counted since its start, by the last look at its statistics.

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked it to stop, and it lives still."""
        return self.alive and self.stop_asked_at is not None

    @property
    def word(self) -> Word:
        """Its state as word, tone and icon."""
        if self.stopped_at:
            return STOPPED
        if not self.alive:
            return Word(f"Not heard from for {span(self.heartbeat_age)}", "bad", "alert-triangle")
        usual = BUSY if self.active >= self.concurrency else ONLINE
        return next((word for is_so, word in self._troubles() if is_so), usual)

    def _troubles(self) -> Iterator[tuple[bool, Word]]:
        """What may speak against a living worker, the worst first."""
        yield self.is_stuck, Word(f"Stuck in one call for {span(self.longest_call)}", "bad", "alert-triangle")
        yield self.heartbeat_age > LATE_SECONDS, Word(f"Late, quiet for {span(self.heartbeat_age)}", "warn", "clock")
        yield self.is_stopping, Word("Stopping", "warn", "player-pause")
        yield self.is_deaf, Word("Does not answer Celery", "warn", "help-circle")

    @property
    def is_healthy(self) -> bool:
        """Whether nothing speaks against it."""
        return self.word in (BUSY, ONLINE)

    @property
    def could_stop(self) -> bool:
        """Whether it makes sense to ask it to stop."""
        return self.stop_asked_at is None and self.stopped_at is None


ONLINE = Word("Online", "ok", "circle-check")
BUSY = Word("Busy", "info", "activity")
STOPPED = Word("Stopped", "mute", "circle")
