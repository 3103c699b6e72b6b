"""Limits how many requests use the database at once, so that other threads can answer what needs no database."""

import threading

from flask import Flask, g, request

from webapp import clock, faults
from webapp.database.waits import watch
from webapp.errors import Away

AT_ONCE = 8  # In each web process. More would only wait for each other.
SPARE = 8  # Further threads of a web process: for health, styles, and requests that wait for a turn.
WAIT_SECONDS = 2.0
STEP_SECONDS = 0.25
# These never use the database.
FREE = ("static", "assets.css", "assets.js", "health.healthz")


def set_up(app: Flask) -> None:
    """Count the requests of this process in and out."""
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
    """Wait for a turn, but not while the database is silent.

    Raises:
        Away: no turn came in time.
    """
    until = clock.monotonic() + WAIT_SECONDS
    while not turns.acquire(timeout=STEP_SECONDS):
        if watch().is_suspect():
            raise Away(faults.AWAY)
        if clock.monotonic() > until:
            raise Away(faults.BUSY)
