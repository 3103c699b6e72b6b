"""The one place that asks what time it is, so that a test can answer instead.

Protocol times (due, lease, pause) are the database's and live in `database.py`; these are the
web process's own, for words on a page and for measuring.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The time of this host, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never run backwards, comparable only within this process."""
    return time.monotonic()
