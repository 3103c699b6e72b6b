"""The only place that reads the host's clock, so that a test can replace it.

Due times, leases and pauses go by the database's clock (`webapp/database/`); this one is for words on a page and for
measuring.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Returns the host's time, aware, in UTC."""
    return datetime.now(UTC)


# CLOCK_MONOTONIC stops while the machine sleeps or is suspended; the leases in the database run on.
_STEADY = getattr(time, "CLOCK_BOOTTIME", None)


def monotonic() -> float:
    """Returns seconds that never run backwards and count sleep too; comparable only within this process."""
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)
