"""What a duty is: how often, what, and on which of the housekeeper's threads."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Thread(StrEnum):
    """A slow one of these stalls none of the others."""

    DATABASE = "database"
    PROVIDER = "provider"  # Look-ups and questions over the network.
    BROKER = "broker"  # Ringing.
    MONITOR = "monitor"  # Inspect: it waits for workers that may be silent.
    ALERT = "alert"  # Mail servers and webhooks: they may take a minute and more.
    WEB = "web"  # Not a worker's: it stands beside the pages, since it must outlive all workers.


@dataclass(frozen=True)
class Duty:
    """Work that one of many workers does now and then: in batches, guarded, safe to run twice at once."""

    name: str
    run: Callable[[], object]
    thread: Thread
    every: float | None = None  # Seconds; None: SWEEP_SECONDS.
    rests_while_held: bool = False  # It waits for the admin too, where an older database was put back.


PAUSES: dict[str, float | None] = {}  # `every` of each duty in the schedule, by its name.
