"""Ring for the longest-due lanes, while few bells wait: what a lost bell, a retry or an undo's hold left due."""

from webapp.monitor.redis import broker
from webapp.services.delivery import claim
from webapp.services.delivery.worker_slots import in_hand
from webapp.services.messages import bell

LANES = 200
ENOUGH_BELLS = 100


def run() -> int:
    """Ring; how many bells. With Redis away nothing is rung: the rows wait."""
    bells = broker.bells()
    return 0 if bells is None or bells >= ENOUGH_BELLS else bell.ring(*lanes())


def lanes() -> list[int]:
    """The lanes to ring for, less those that this process has parked: it serves them by itself.

    A channel whose crowd waits here already is left out whole, or it would hide the other channels' lanes behind it.
    """
    parked = in_hand.parked()
    due = claim.due_lanes(LANES + len(parked), without=in_hand.crowded())
    return [guest_id for guest_id in due if guest_id not in parked][:LANES]
