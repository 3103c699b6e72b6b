"""Roll up hours that never were: an upgraded database fills itself, and so does one whose workers were away."""

from flask import current_app

from webapp import clock
from webapp.services.figures import rollup

REST = 600.0  # Seconds, once nothing is missing: to look takes a tenth of one with a year of hours.


def run() -> int:
    """Count some of what is missing; how many hours."""
    kept = current_app.extensions
    if clock.monotonic() < kept.get("bellhop_gaps_rest", 0.0):
        return 0
    filled = rollup.fill()
    if not filled:
        kept["bellhop_gaps_rest"] = clock.monotonic() + REST
    return filled
