"""Finds what is wrong and sends alerts, on its own thread, since a mail server may be slow."""

from webapp.duties import base
from webapp.services import alerts
from webapp.services.alerts import finders, notify
from webapp.settings import current


def run() -> int:
    """Look, then send alerts. Returns how many were sent."""
    late = {"duty_late": lambda: finders.late_duties(pauses())}
    alerts.of_app().look(finders.OF_WORKERS | late)
    return notify.tell_pending()


def pauses() -> dict[str, float]:
    """Returns the seconds between two turns of each duty, the web's included."""
    return {name: current().sweep_seconds if pause is None else pause for name, pause in base.PAUSES.items()}
