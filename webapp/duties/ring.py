"""Rings for the lanes that are due longest while few bells wait: after a lost bell, a retry, or the time for undo."""

from webapp.monitor.redis import broker
from webapp.services.delivery import claim
from webapp.services.delivery.worker_slots import in_hand
from webapp.services.messages import bell

LANES = 200
ENOUGH_BELLS = 100


def run() -> int:
    """Ring bells, and return how many. While Redis is away nothing is rung, and the rows wait."""
    bells = broker.bells()
    return 0 if bells is None or bells >= ENOUGH_BELLS else bell.ring(*lanes())


def lanes() -> list[int]:
    """Returns the lanes to ring for, without those that this process has parked and serves itself.

    A channel with a crowd parked here is left out, or its lanes would hide those of other channels.
    """
    parked = in_hand.parked()
    due = claim.due_lanes(LANES + len(parked), without=in_hand.crowded())
    return [guest_id for guest_id in due if guest_id not in parked][:LANES]
