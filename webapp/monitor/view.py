"""What the queue page, the API and the metrics show: frozen, and honest about what is unknown.

None means "unknown", never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.models import ChannelName
from webapp.monitor.redis.minutes import Minute
from webapp.monitor.workers.view import RunningTask, WorkerView

P95_MINUTES = 15  # So far back the last hand-overs may lie whose times are shown.


@dataclass(frozen=True, kw_only=True)
class BrokerFigures:
    """Redis by its own account, from one pipeline."""

    bells: int  # Σ of the priority lists.
    unacked: int  # Taken by a worker, not yet done.
    oldest_unacked: float | None  # Seconds; None: there is none.
    version: str
    # These five are unknown where its user may not ask for INFO.
    clients: int | None
    memory_used: int | None  # Bytes.
    memory_limit: int | None  # Bytes; 0: none.
    eviction: str  # Anything but noeviction may throw bells away. Empty: it does not say.
    keeps: bool | None  # An append-only file: bells outlive a restart. None: it does not say.
    refusal: str  # Why it takes no bells although it answers; empty where it takes them.
    latency_ms: float
    cannot_write: bool = False  # Its last write to disk failed: what it holds may not outlive it.


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A message that a worker is handing to its provider now, by its row."""

    message_id: int
    guest_id: int
    channel: ChannelName
    reference: str
    has_booking: bool  # A test message has none.
    worker: str
    attempt: int  # 1 for the first.
    started_at: datetime
    seconds: float
    is_late: bool  # Past the deadline that every hand-over has: something holds it that should not.


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
class DatabaseFigures:
    """The database, as the sampler last measured it: what a page measured itself would be the page's own load."""

    kind: str
    size: int  # Bytes.
    write_ms: float  # One small committed write.
    at: datetime


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
    database: DatabaseFigures | None  # As last measured; None: never, or nobody has said.

    @property
    def slots(self) -> int:
        """How many hand-overs the living workers can have at once."""
        return sum(worker.concurrency for worker in self.workers if worker.alive)

    @property
    def busy(self) -> int:
        """How many of the slots are in use, by the heartbeats."""
        return sum(worker.active for worker in self.workers if worker.alive)

    @property
    def failed_in_an_hour(self) -> int | None:
        """How many messages failed in the minutes that are known of the last hour; None where none is."""
        return sum(minute.failed for minute in self.minutes) if self.minutes else None

    @property
    def retry_share(self) -> float | None:
        """Of the tries of the last hour, the share that were second or later ones; None where none is known."""
        tries = sum(minute.tries or 0 for minute in self.minutes)
        return sum(minute.retried or 0 for minute in self.minutes) / tries if tries else None

    @property
    def due_p95(self) -> Minute | None:
        """The newest minute in which first tries began; its `due_p95` says how late they were."""
        began = [minute for minute in self.minutes if minute.due_p95 is not None]
        is_fresh = began and self.minutes[-1].start - began[-1].start < timedelta(minutes=P95_MINUTES)
        return began[-1] if is_fresh else None

    @property
    def stuck(self) -> Sequence[WorkerView]:
        """Living workers that are in a call beyond its deadline."""
        return [worker for worker in self.workers if worker.alive and worker.is_stuck]

    def task(self, task_id: str) -> RunningTask | None:
        """A running or reserved task by its id."""
        reserved = (task for worker in self.workers for task in worker.reserved_tasks)
        return next((task for task in (*(self.tasks or ()), *reserved) if task.id == task_id), None)

    def worker(self, name: str) -> WorkerView | None:
        """A worker by its name."""
        return next((worker for worker in self.workers if worker.name == name), None)

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
