"""What people read of an older database, wherever they read it."""

from datetime import datetime

from webapp import clock
from webapp.models import DatabaseMark
from webapp.settings import current

TITLE = "The database is older than what this desk has already sent."


def moment(when: datetime) -> str:
    """A moment in the business's zone; its day where that is not today."""
    zone = current().zone
    local, today = when.astimezone(zone), clock.now().astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%H:%M} on {local:%a} {local.day} {local:%b}"


def found(mark: DatabaseMark) -> str:
    """What was found, in one sentence."""
    until = f", and messages went out until {moment(mark.lost_at)}" if mark.lost_at else ""
    return f"An older copy of the database was put back: it was in use until {moment(mark.grown_at)}{until}."
