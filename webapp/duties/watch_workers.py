"""The web processes' one duty: noticing that no worker is alive, and that one is again.

Workers cannot notice it. What a worker noticed and could not tell before it died is told from here too.
"""

from webapp.duties.base import Duty, Thread
from webapp.services import alert_causes, alert_telling, alerts


def run() -> int:
    """Look for workers, then tell; how many alerts were told."""
    alerts.of_app().look(alert_causes.OF_WEB)
    return alert_telling.tell_pending()


DUTY = Duty("watch_workers", run, Thread.WEB, every=5.0)
