"""What the queue page, the API and the metrics show. None means "unknown", never 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.models import ChannelName
from webapp.monitor.redis.minutes import Minute
from webapp.monitor.workers.view import RunningTask, WorkerView

P95_MINUTES = 15  # Older hand-over times are not shown.


@dataclass(frozen=True, kw_only=True)
class BrokerFigures:
    """What Redis says about itself, read by one pipeline."""

    bells: int  # The sum of the priority lists.
    unacked: int  # Taken by a worker, not done yet.
    version: str
    # The next five are unknown if our user may not ask for INFO.
    clients: int | None
    memory_used: int | None  # Bytes.
    memory_limit: int | None  # Bytes; 0: none.
    eviction: str  # Any policy but noeviction may drop bells. Empty: unknown.
    keeps: bool | None  # Whether an append-only file keeps bells over a restart. None: unknown.
    refusal: str  # Why it takes no bells although it answers; empty if it takes them.
    latency_ms: float
    cannot_write: bool = False  # Its last write to disk failed: a restart may lose data.


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A message that a worker is handing to its provider now, by the message's row."""

    message_id: int
    guest_id: int
    channel: ChannelName
    reference: str
    has_booking: bool  # A test message has none.
    worker: str
    attempt: int  # 1 for the first.
    started_at: datetime
    seconds: float
    is_late: bool  # Past its deadline: something holds it up.


@dataclass(frozen=True, kw_only=True)
class InHand:
    """One running task, the hand-over inside it, or whichever of the two is known."""

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
    """The database as the sampler last measured it. A page does not measure, since that would be load."""

    kind: str
    size: int  # Bytes.
    write_ms: float  # One small committed write.
    at: datetime


@dataclass(frozen=True, kw_only=True)
class QueueView:
    """The state of the queue. The counts come from the database and are right while Redis is down."""

    taken_at: datetime  # When the snapshot was taken, or now without one. The counts are always current.
    snapshot_age: float | None  # Seconds; None without a snapshot.
    is_stale: bool  # Older than 15 s, or none.
    broker_up: bool
    broker_problem: str  # Why it takes no bells; empty if it takes them.
    broker_at: datetime | None  # When `broker` was asked: a while ago if Redis is down.
    broker: BrokerFigures | None  # The last known figures.
    queued: int  # Messages waiting and due.
    due_later: int  # Not due yet, and never tried.
    retrying: int  # Not due yet, after a failed try; once due it counts as queued.
    running: int  # Being handed over.
    uncertain: int
    oldest_waiting_seconds: float | None  # None: nothing waits.
    clears_in_seconds: float | None  # An estimate by the last minutes; None without one.
    bells: int | None  # The sum of the priority lists, now.
    unacked: int | None
    tasks: tuple[RunningTask, ...] | None
    handovers: tuple[HandOver, ...]  # At most fifty.
    workers: tuple[WorkerView, ...]
    minutes: tuple[Minute, ...]  # The known minutes of the last hour, oldest first.
    database: DatabaseFigures | None  # As last measured.

    @property
    def slots(self) -> int:
        """The slots of the living workers."""
        return sum(worker.concurrency for worker in self.workers if worker.alive)

    @property
    def busy(self) -> int:
        """The slots in use, by the heartbeats."""
        return sum(worker.active for worker in self.workers if worker.alive)

    @property
    def failed_in_an_hour(self) -> int | None:
        """The messages that failed in the known minutes of the last hour; None if no minute is known."""
        return sum(minute.failed for minute in self.minutes) if self.minutes else None

    @property
    def retry_share(self) -> float | None:
        """The share of the last hour's tries that were retries; None if no try is known."""
        tries = sum(minute.tries or 0 for minute in self.minutes)
        return sum(minute.retried or 0 for minute in self.minutes) / tries if tries else None

    @property
    def due_p95(self) -> Minute | None:
        """The newest minute in which first tries began. Its `due_p95` says how late they were."""
        began = [minute for minute in self.minutes if minute.due_p95 is not None]
        is_fresh = began and self.minutes[-1].start - began[-1].start < timedelta(minutes=P95_MINUTES)
        return began[-1] if is_fresh else None

    @property
    def stuck(self) -> Sequence[WorkerView]:
        """The living workers in a call past its deadline."""
        return [worker for worker in self.workers if worker.alive and worker.is_stuck]

    def task(self, task_id: str) -> RunningTask | None:
        """Returns a running or reserved task by its id."""
        reserved = (task for worker in self.workers for task in worker.reserved_tasks)
        return next((task for task in (*(self.tasks or ()), *reserved) if task.id == task_id), None)

    def worker(self, name: str) -> WorkerView | None:
        """Returns a worker by its name."""
        return next((worker for worker in self.workers if worker.name == name), None)

    @property
    def in_hand(self) -> tuple[InHand, ...]:
        """The current hand-overs, each with its task, then the other tasks."""
        draining = {task.guest_id: task for task in self.tasks or () if task.guest_id is not None}
        sending = {handover.guest_id for handover in self.handovers}
        lines = [InHand(task=draining.get(handover.guest_id), handover=handover) for handover in self.handovers]
        others = [task for task in self.tasks or () if task.guest_id not in sending]
        return (*lines, *(InHand(task=task, handover=None) for task in others))

    @property
    def is_served(self) -> bool:
        """Whether any worker is alive."""
        return any(worker.alive for worker in self.workers)

    @property
    def registered(self) -> tuple[str, ...] | None:
        """Every task that a worker knows; None if no worker has answered."""
        known = [worker.registered for worker in self.workers if worker.registered is not None]
        return tuple(sorted(set().union(*known))) if known else None
