"""A worker on pages: its heartbeat in the database, and what it answered to Celery's inspect."""

from dataclasses import dataclass
from datetime import datetime

from webapp.i18n import gettext
from webapp.monitor.format import span
from webapp.words import Word

LATE_SECONDS = 9.0  # Two missed heartbeats. From ALIVE_SECONDS on the worker counts as dead.
NEW_SECONDS = 30.0  # Before that nobody may have asked it yet.


@dataclass(frozen=True, kw_only=True)
class RunningTask:
    """A task that a worker says it runs."""

    id: str
    name: str
    args: str
    worker: str
    seconds: float | None
    guest_id: int | None = None  # The guest whose messages the task sends.
    started_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerView:
    """A worker. The answers to inspect are as old as the snapshot."""

    name: str
    alive: bool
    seen_at: datetime
    heartbeat_age: float
    pool: str
    concurrency: int
    active: int
    longest_call: float  # Seconds: by the last heartbeat, and the time since.
    done: int
    answered: bool  # Whether it answered the last inspect.
    is_stuck: bool = False  # A call lasts longer than any should.
    is_deaf: bool = False  # It is alive, but does not answer inspect although its pool could.
    started_at: datetime | None = None
    uptime: float = 0
    version: str = ""
    stopped_at: datetime | None = None
    stop_asked_at: datetime | None = None
    stop_asked_by: str = ""
    reserved: int | None = None
    reserved_tasks: tuple[RunningTask, ...] = ()
    registered: tuple[str, ...] | None = None
    memory_mb: float | None = None  # The most it ever used.
    pid: int | None = None
    prefetch: int | None = None  # Bells that it may hold at once.
    taken: int | None = None  # Tasks since its start, by Celery's statistics.

    @property
    def is_stopping(self) -> bool:
        """Whether an admin asked it to stop, and it is still alive."""
        return self.alive and self.stop_asked_at is not None

    @property
    def word(self) -> Word:
        """Its state as words, tone and icon, by the worst that is known."""
        if self.stopped_at:
            return STOPPED
        if not self.alive:
            text = gettext("Not heard from for %(time)s", time=span(self.heartbeat_age))
            return Word(text, "bad", "alert-triangle")
        if self.is_stuck:
            text = gettext("Stuck in one call for %(time)s", time=span(self.longest_call))
            return Word(text, "bad", "alert-triangle")
        if self.heartbeat_age > LATE_SECONDS:
            return Word(gettext("Late, quiet for %(time)s", time=span(self.heartbeat_age)), "warn", "clock")
        usual = BUSY if self.active >= self.concurrency else ONLINE
        return STOPPING if self.is_stopping else DEAF if self.is_deaf else usual


ONLINE = Word("Online", "ok", "circle-check")
BUSY = Word("Busy", "info", "activity")
STOPPED = Word("Stopped", "mute", "circle")
STOPPING = Word("Stopping", "warn", "player-pause")
DEAF = Word("Does not answer Celery", "warn", "help-circle")
