"""Ring for the longest-due lanes, while few bells wait: what a lost bell, a retry or an undo's hold left due."""

from webapp.duties.base import Duty, Thread
from webapp.monitor import broker
from webapp.services import bell, lane

LANES = 200
ENOUGH_BELLS = 100


def run() -> int:
    """Ring; how many bells. With Redis away nothing is rung: the rows wait."""
    bells = broker.bells()
    return 0 if bells is None or bells >= ENOUGH_BELLS else bell.ring(*lane.due_lanes(LANES))


DUTY = Duty("ring", run, Thread.BROKER)
