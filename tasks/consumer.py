"""A Celery consumer that waits while Redis answers and refuses: Celery would start again 17 times a second."""

import logging
import time
import warnings

import structlog
from celery.exceptions import CPendingDeprecationWarning
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

from webapp import clock
from webapp.monitor.redis.broker import explain

LONGEST_PAUSE = 10.0
CALM_SECONDS = 30.0  # After so long without a failure the next one is a first again.
TELL_EVERY = 60.0
STEP = 0.1
log = structlog.get_logger(__name__)


class _NoTraceback(logging.Filter):
    """Keeps Celery's warning about the same failure, which has a traceback, out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.exc_info or record.levelno != logging.WARNING


logging.getLogger("celery.worker.consumer.consumer").addFilter(_NoTraceback())


class PatientConsumer(Consumer):
    """Waits longer after each failure in a row, and logs the reason once a minute."""

    _failed_at = _told_at = float("-inf")
    _told = ""
    _pause = 0.0

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Log what is wrong, wait, and let Celery clean up and start again.

        Raises:
            WorkerShutdown: the worker was told to stop.
        """
        self._tell(explain(exc))
        is_first = clock.monotonic() - self._failed_at > CALM_SECONDS
        self._pause = 0.0 if is_first else min(max(1.0, 2 * self._pause), LONGEST_PAUSE)
        ends = clock.monotonic() + self._pause
        while clock.monotonic() < ends:
            maybe_shutdown()
            time.sleep(STEP)
        self._failed_at = clock.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CPendingDeprecationWarning)  # About a setting that we chose on purpose.
            super().on_connection_error_after_connected(exc)

    def _tell(self, why: str) -> None:
        moment = clock.monotonic()
        if why == self._told and moment - self._told_at < TELL_EVERY:
            return
        self._told, self._told_at = why, moment
        log.warning("The worker cannot take bells from Redis; it tries again, and nothing is lost.", why=why)
