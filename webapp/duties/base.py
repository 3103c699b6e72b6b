"""What a duty is: its name, its function, its thread, its pause."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Thread(StrEnum):
    """The housekeeper's threads: a slow one does not stop the others."""

    DATABASE = "database"
    PROVIDER = "provider"  # Questions to providers.
    BROKER = "broker"  # Ringing bells.
    MONITOR = "monitor"  # Celery's inspect waits for silent workers.
    ALERT = "alert"  # Mail servers and webhooks may take minutes.
    WEB = "web"  # In the web processes, since it must outlive all workers.


@dataclass(frozen=True)
class Duty:
    """Work that one of many workers does now and then: in batches, guarded, safe to run twice at once."""

    name: str
    run: Callable[[], object]
    thread: Thread
    every: float | None = None  # Seconds; None: SWEEP_SECONDS.
    rests_while_held: bool = False  # Whether it rests after an older database was put back, until an admin decides.


PAUSES: dict[str, float | None] = {}  # `every` of each duty in the schedule, by its name.
