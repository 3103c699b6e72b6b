"""Adds missing hours to the figures, after an upgrade or when no worker ran."""

from flask import current_app

from webapp import clock
from webapp.services.figures import rollup

REST = 600.0  # Seconds, once nothing is missing: a look takes 0.1 s with a year of hours.


def run() -> int:
    """Count some of the missing hours. Returns how many."""
    kept = current_app.extensions
    if clock.monotonic() < kept.get("bellhop_gaps_rest", 0.0):
        return 0
    filled = rollup.fill()
    if not filled:
        kept["bellhop_gaps_rest"] = clock.monotonic() + REST
    return filled
