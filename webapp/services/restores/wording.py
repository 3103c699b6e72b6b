"""The sentences about an older copy of the database, wherever people read them."""

from datetime import datetime

from webapp import clock, i18n
from webapp.i18n import N_, gettext
from webapp.models import DatabaseMark
from webapp.settings import current

TITLE = N_("The database is older than what this desk has already sent.")


def moment(when: datetime) -> str:
    """Returns the time of a moment in the business's zone, with its day if that is not today."""
    zone = current().zone
    is_today = when.astimezone(zone).date() == clock.now().astimezone(zone).date()
    return i18n.hour(when) if is_today else i18n.day_time(when)


def found(mark: DatabaseMark) -> str:
    """Returns what was found, in one sentence."""
    since = moment(mark.grown_at)
    if not mark.lost_at:
        return gettext("An older copy of the database was put back: it was in use until %(since)s.", since=since)
    return gettext(
        "An older copy of the database was put back: it was in use until %(since)s, and messages went out until "
        "%(until)s.",
        since=since,
        until=moment(mark.lost_at),
    )
