"""Notice what is wrong, and tell people: on a thread of its own, since a mail server may take its time."""

from webapp.duties import base
from webapp.services import alerts
from webapp.services.alerts import finders, notify
from webapp.settings import current


def run() -> int:
    """Look, then tell; how many were told."""
    late = {"duty_late": lambda: finders.late_duties(pauses())}
    alerts.of_app().look(finders.OF_WORKERS | late)
    return notify.tell_pending()


def pauses() -> dict[str, float]:
    """Seconds between two turns of each duty, those of the web processes too."""
    return {name: current().sweep_seconds if pause is None else pause for name, pause in base.PAUSES.items()}
