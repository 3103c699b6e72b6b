"""So many requests at once may wait for the database; the other threads answer what needs none."""

import threading

from flask import Flask, g, request

from webapp import clock, faults
from webapp.database.waits import watch
from webapp.errors import Away

AT_ONCE = 8  # In each web process. More would only wait for each other.
SPARE = 8  # Threads of a web process beyond that, for health, styles, and whoever waits for a turn.
WAIT_SECONDS = 2.0
STEP_SECONDS = 0.25
# These ask no database, whoever sends them.
FREE = ("static", "assets.css", "assets.js", "health.healthz")


def set_up(app: Flask) -> None:
    """Count the requests of this process in, and out again."""
    turns = app.extensions["bellhop_turns"] = threading.BoundedSemaphore(AT_ONCE)

    @app.before_request
    def come_in() -> None:
        if request.endpoint not in FREE:
            _take(turns)
            g.has_turn = True

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if g.pop("has_turn", False):
            turns.release()


def _take(turns: threading.BoundedSemaphore) -> None:
    """Wait for a turn, but not behind those who wait for a database that says nothing.

    Raises:
        Away: there was none in time.
    """
    until = clock.monotonic() + WAIT_SECONDS
    while not turns.acquire(timeout=STEP_SECONDS):
        if watch().is_suspect():
            raise Away(faults.AWAY)
        if clock.monotonic() > until:
            raise Away(faults.BUSY)
