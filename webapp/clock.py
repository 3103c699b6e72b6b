"""The one place that asks what time it is, so that a test can answer instead.

Protocol times (due, lease, pause) are the database's and live in `webapp/database/`; these are the
web process's own, for words on a page and for measuring.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The time of this host, aware, in UTC."""
    return datetime.now(UTC)


# A laptop that sleeps, or a machine that is suspended, stops CLOCK_MONOTONIC, and the leases in the database run on.
_STEADY = getattr(time, "CLOCK_BOOTTIME", None)


def monotonic() -> float:
    """Seconds that never run backwards, a sleep of the machine included; comparable only within this process."""
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)
