"""Ringing the bell: telling the queue that a guest's lane may have work.

An error means "not rung", never "not queued": the row is there, and the housekeeper rings for what
was missed. So a click never waits long for Redis, and after a failure not at all for a while.
"""

import structlog

from webapp import clock
from webapp.celery_app import QUEUE, celery

TASK = "tasks.deliver"
QUIET_SECONDS = 10.0
log = structlog.get_logger(__name__)


class _Breaker:
    """After a failed ring, no ring is tried for QUIET_SECONDS: only the first click loses time."""

    _quiet_until = 0.0

    def is_open(self) -> bool:
        return clock.monotonic() < self._quiet_until

    def trip(self) -> None:
        self._quiet_until = clock.monotonic() + QUIET_SECONDS

    def reset(self) -> None:
        self._quiet_until = 0.0


breaker = _Breaker()


def ring(*guest_ids: int) -> int:
    """Ring for these lanes after their commit. Returns how many bells were rung; a broker's error is never raised."""
    rung = 0
    for guest_id in guest_ids:
        if breaker.is_open():
            break
        try:
            celery.send_task(TASK, args=[guest_id], queue=QUEUE, retry=False, ignore_result=True)
        # The act is committed: no fault of a broker, of whatever class, may make an error of its answer.
        except Exception as error:  # noqa: BLE001
            breaker.trip()
            log.warning("The bell could not be rung; the housekeeper will ring later.", error=type(error).__name__)
            break
        rung += 1
    return rung
