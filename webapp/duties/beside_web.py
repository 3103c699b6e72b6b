"""The thread beside the pages of each web process. It does the web's duty (a lease lets one process do it), writes down
this process's warnings and errors, and notices a database that takes no writes or is an older one.
"""

import threading

import structlog
from flask import Flask

from webapp import clock, duties
from webapp.duties.keeper import Keeper
from webapp.models import TRIAL
from webapp.services.housekeeping import heartbeats, leases, log_store
from webapp.services.restores import guard

TICK_SECONDS = 1.0
FLUSH_SECONDS = 3.0
LOOK_SECONDS = 5.0
log = structlog.get_logger(__name__)


class Watchman:
    """Works until its process ends. A failing turn is logged, and the next one comes."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._keeper = Keeper(duties.OF_WEB, heartbeats.this_process())
        self._is_known = False
        self._flush_at = self._look_at = 0.0
        self._stop = threading.Event()

    def run(self) -> None:
        """Take turns until `stop`."""
        while not self._stop.is_set():
            try:
                with self._app.app_context():
                    self.turn()
            except Exception:
                log.exception("A turn beside the web failed.")
            self._stop.wait(TICK_SECONDS)

    def turn(self) -> None:
        """Take one turn. Needs the app's context."""
        if not self._is_known:
            leases.ensure([*(duty.name for duty in duties.OF_WEB), TRIAL])
            self._is_known = True
        if clock.monotonic() >= self._look_at:
            self._look_at = clock.monotonic() + LOOK_SECONDS
            guard.look()
        self._keeper.turn()  # It may send alerts, which takes as long as the mail server does.
        if clock.monotonic() >= self._flush_at:
            self._flush_at = clock.monotonic() + FLUSH_SECONDS
            leases.try_to_write()
            log_store.flush()

    def stop(self) -> None:
        """End after this turn."""
        self._stop.set()


def start(app: Flask) -> None:
    """Start the thread in this process, after any fork: threads do not cross it."""
    threading.Thread(target=Watchman(app).run, name="watchman", daemon=True).start()
