"""The one banner of the queue page: what is wrong, what still works, what to do."""

from dataclasses import dataclass

from webapp.monitor.format import span
from webapp.monitor.view import QueueView

STILL_WORKS = "Confirming and verifying work as usual, and every message is saved."
START = "Start one: python celery_worker.py, or its service in deploy/."


@dataclass(frozen=True)
class Notice:
    """Words, tone and icon of a banner."""

    title: str
    text: str
    tone: str = "warn"
    icon: str = "database-off"


def notice(view: QueueView) -> Notice | None:
    """The worst thing that is wrong; None where all is well."""
    if view.broker_problem:
        also = "" if view.is_served else f" No worker is running either. {START}"
        title = "Redis takes no bells." if view.bells is not None else "Redis does not answer."
        later = "What waits goes out once it is back. Grey figures are the last ones known."
        return Notice(title, f"{view.broker_problem} {STILL_WORKS} {later}{also}", "bad")
    if not view.is_served:
        return Notice(
            "Nothing is taking messages off the queue.", f"{STILL_WORKS} No worker is running. {START}", "bad", "server"
        )
    if stuck := view.stuck:
        names = " and ".join(worker.name for worker in stuck[:2]) + (" and others" if len(stuck) > 2 else "")
        return Notice(
            "A worker is stuck." if len(stuck) == 1 else "Workers are stuck.",
            f"{names}: one call lasts longer than any may. Other guests are served by the free slots. "
            "If it stays so, stop the worker and start another.",
            icon="alert-triangle",
        )
    if view.is_stale:
        age = (
            "Nobody has reported on them yet"
            if view.snapshot_age is None
            else (f"The last report on them is {span(view.snapshot_age)} old")
        )
        return Notice(
            "The running tasks are not up to date.",
            f"{age}: no worker’s sampler gets through. Counts of messages, bells and heartbeats are of now.",
            icon="clock",
        )
    return None
