"""The web's duty: it notices that no worker runs, and that one runs again, since workers cannot.

It also sends the alerts that a worker found but could not send before it died.
"""

from webapp.services import alerts
from webapp.services.alerts import finders, notify


def run() -> int:
    """Look for workers, then send alerts. Returns how many were sent."""
    alerts.of_app().look(finders.OF_WEB)
    return notify.tell_pending()
