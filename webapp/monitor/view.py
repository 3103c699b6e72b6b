"""What the queue page, the API and the metrics show: frozen, and honest about what is unknown.

None means "unknown", never 0.
"""

from dataclasses import dataclass
from datetime import datetime

from webapp.models import ChannelName
from webapp.words import Word

ONLINE = Word("Online", "ok", "circle-check")
SILENT = Word("Not heard from", "bad", "alert-triangle")


def span(seconds: float) -> str:
    """A length of time as staff say it."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 86_400 else f"{seconds / 86_400:.0f} days"


@dataclass(frozen=True, kw_only=True)
class BrokerFigures:
    """Redis by its own account, from one pipeline."""

    bells: int  # Σ of the priority lists.
    unacked: int  # Taken by a worker, not yet done.
    oldest_unacked: float | None  # Seconds; None: there is none.
    version: str
    clients: int
    memory_used: int  # Bytes.
    memory_limit: int  # Bytes; 0: none.
    eviction: str  # Anything but noeviction may throw bells away.
    keeps: bool  # An append-only file: bells outlive a restart.
    refusal: str  # Why it takes no bells although it answers; empty where it takes them.
    latency_ms: float
    cannot_write: bool = False  # Its last write to disk failed: what it holds may not outlive it.


@dataclass(frozen=True, kw_only=True)
class RunningTask:
    """A task that a worker says it runs."""

    id: str
    name: str
    args: str
    worker: str
    seconds: float | None
    guest_id: int | None = None  # The lane, where the task drains one.


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A message that a worker is handing to its provider now, by its row."""

    guest_id: int
    channel: ChannelName
    reference: str
    worker: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class InHand:
    """One line of what is running: a task, the hand-over inside it, or what is known of either."""

    task: RunningTask | None
    handover: HandOver | None

    @property
    def worker(self) -> str:
        return self.task.worker if self.task else self.handover.worker if self.handover else ""

    @property
    def seconds(self) -> float | None:
        return self.handover.seconds if self.handover else self.task.seconds if self.task else None


@dataclass(frozen=True, kw_only=True)
class WorkerView:
    """A worker by its heartbeat in the database, with what inspect added where it answered."""

    name: str
    alive: bool
    seen_at: datetime
    heartbeat_age: float
    pool: str
    concurrency: int
    active: int
    longest_call: float
    done: int
    answered: bool  # Whether it answered the last inspect.
    reserved: int | None = None
    registered: tuple[str, ...] | None = None
    memory_mb: float | None = None  # The most that it ever held.

    @property
    def word(self) -> Word:
        return ONLINE if self.alive else SILENT


@dataclass(frozen=True, kw_only=True)
class Minute:
    """What one minute looked like at its end."""

    start: datetime
    waiting: int
    running: int
    sent: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class QueueView:
    """One look at the queue. The counts come from the database and are right with Redis down."""

    taken_at: datetime  # When the sampler's snapshot was taken (now, where there is none); the counts are of now.
    snapshot_age: float | None  # Seconds; None where there is no snapshot.
    is_stale: bool  # Older than 15 s, or none.
    broker_up: bool
    broker_problem: str  # Why it takes no bells, in words; empty where it takes them.
    broker_at: datetime | None  # When `broker` was asked; with Redis down that is a while ago.
    broker: BrokerFigures | None  # The last known.
    queued: int  # Messages waiting and due.
    due_later: int  # Not due yet, and never tried.
    retrying: int  # Not due yet, after a try that failed; once due it is among the queued.
    running: int  # Being handed over.
    uncertain: int
    oldest_waiting_seconds: float | None  # None: nothing waits.
    clears_in_seconds: float | None  # An estimate by the last minutes; None: none can be given.
    bells: int | None  # Σ of the priority lists, now.
    unacked: int | None
    redis_version: str | None
    redis_memory: int | None  # Bytes.
    tasks: tuple[RunningTask, ...] | None
    handovers: tuple[HandOver, ...]  # At most the first fifty.
    workers: tuple[WorkerView, ...]
    minutes: tuple[Minute, ...]  # The last hour, oldest first, as far as it is known.

    @property
    def slots(self) -> int:
        """How many hand-overs the living workers can have at once."""
        return sum(worker.concurrency for worker in self.workers if worker.alive)

    @property
    def in_hand(self) -> tuple[InHand, ...]:
        """Hand-overs by their rows, which are of now, with the task that does each; then the other tasks."""
        draining = {task.guest_id: task for task in self.tasks or () if task.guest_id is not None}
        sending = {handover.guest_id for handover in self.handovers}
        lines = [InHand(task=draining.get(handover.guest_id), handover=handover) for handover in self.handovers]
        others = [task for task in self.tasks or () if task.guest_id not in sending]
        return (*lines, *(InHand(task=task, handover=None) for task in others))

    @property
    def is_served(self) -> bool:
        """Whether any worker lives."""
        return any(worker.alive for worker in self.workers)

    @property
    def registered(self) -> tuple[str, ...] | None:
        """Every task that some worker knows; None where none has said."""
        known = [worker.registered for worker in self.workers if worker.registered is not None]
        return tuple(sorted({name for names in known for name in names})) if known else None
