"""The web processes' one duty: noticing that no worker is alive, and that one is again.

Workers cannot notice it. What a worker noticed and could not tell before it died is told from here too.
"""

from webapp.services import alerts
from webapp.services.alerts import finders, notify


def run() -> int:
    """Look for workers, then tell; how many alerts were told."""
    alerts.of_app().look(finders.OF_WEB)
    return notify.tell_pending()
