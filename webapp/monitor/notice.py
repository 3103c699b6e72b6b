"""The banner of the queue page: what is wrong, what still works, what to do."""

from dataclasses import dataclass

from webapp.i18n import gettext, ngettext
from webapp.monitor.format import span
from webapp.monitor.redis.broker import TOO_SLOW
from webapp.monitor.view import QueueView


@dataclass(frozen=True)
class Notice:
    """The words, tone and icon of the banner."""

    title: str
    text: str
    tone: str = "warn"
    icon: str = "database-off"
    cause: str = ""  # Of the alert that says the same.
    resume: str = ""  # The channel that can be resumed beside it, or "all".
    url: str = ""  # The page that mends it.
    label: str = ""


def notice(view: QueueView) -> Notice | None:
    """Returns the worst thing that is wrong; None if all is well."""
    works = gettext("Confirming and verifying work as usual, and every message is saved.")
    start = gettext("Start one: python celery_worker.py, or its service in deploy/.")
    if view.broker_problem:
        refuses = view.bells is not None
        title = gettext("Redis is not accepting work.") if refuses else gettext("Redis does not answer.")
        why = "" if view.broker_problem == TOO_SLOW else gettext(view.broker_problem)  # The title says that already.
        later = gettext("Waiting messages go out once it is back. Grey figures are the last ones known.")
        worker = "" if view.is_served else gettext("No worker is running either.") + f" {start}"
        return Notice(title, " ".join(filter(None, (why, works, later, worker))), "bad", cause="redis_away")
    if not view.is_served:
        title = gettext("Nothing is being sent: no worker is running.")
        waits = ngettext("%(num)s message waits.", "%(num)s messages wait.", view.queued) if view.queued else ""
        return Notice(title, " ".join(filter(None, (start, waits, works))), "bad", "server", "no_worker")
    if stuck := view.stuck:
        title = gettext("A worker is stuck.") if len(stuck) == 1 else gettext("Workers are stuck.")
        text = gettext(
            "%(workers)s: one call lasts longer than any should. Free slots serve the other guests. "
            "If it stays like this, stop the worker and start another.",
            workers=", ".join(worker.name for worker in stuck[:2]) + (" …" if len(stuck) > 2 else ""),
        )
        return Notice(title, text, icon="alert-triangle")
    if view.is_stale:
        title = gettext("The list of running tasks is not up to date.")
        text = gettext("No worker has reported its tasks yet.")
        if view.snapshot_age is not None:
            text = gettext("The last report is %(time)s old: no worker gets through.", time=span(view.snapshot_age))
        current = gettext("The counts of messages and the workers' heartbeats are current.")
        return Notice(title, f"{text} {current}", icon="clock")
    return None
