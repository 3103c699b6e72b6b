"""Opens an alert's row while something is wrong, and closes it. `notify` tells people of them.

A cause must be seen at every look for a while before it opens a row, and be gone at every look for a while before the
row is closed (`holds` and `calm` of its cause), so that flapping is told once. Those clocks belong to the process that
looks: when another one takes over they start anew, which costs that while and nothing else.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import structlog
from flask import current_app
from sqlalchemy import Select, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from webapp import clock
from webapp.database import changed, later, now, reading, writing
from webapp.extensions import db
from webapp.models import Alert
from webapp.services.alerts.causes import CAUSES
from webapp.services.alerts.finders import Finder, Finding
from webapp.services.housekeeping import heartbeats

Key = tuple[str, str]  # The cause and its subject.
RECENT_SECONDS = 86_400.0
log = structlog.get_logger(__name__)


class Watch:
    """The observations of one process. Used by one thread."""

    def __init__(self) -> None:
        self._seen: dict[Key, float] = {}  # Since when it is wrong at every look, without a row.
        self._calm: dict[Key, float] = {}  # Since when it is fine at every look, with an open row.

    def look(self, finders: Mapping[str, Finder]) -> None:
        """Open a row for each trouble that began, and close the rows of those that are over."""
        rows = {(alert.cause, alert.subject): alert.id for alert in standing() if alert.cause in finders}
        for cause, find in finders.items():
            found = _findings(cause, find)
            mine = {key: row_id for key, row_id in rows.items() if key[0] == cause}
            if found is None:
                self._forget(cause)  # A look that saw nothing breaks both clocks.
            else:
                self._weigh(cause, {(cause, finding.subject): finding for finding in found}, mine)

    def _weigh(self, cause: str, found: Mapping[Key, Finding], rows: Mapping[Key, int]) -> None:
        moment, kind = clock.monotonic(), CAUSES[cause]
        for key in [key for key in self._seen if key[0] == cause and key not in found]:
            del self._seen[key]
        for key, finding in found.items():
            self._calm.pop(key, None)
            holds = kind.holds if finding.holds is None else finding.holds
            if key not in rows and moment - self._seen.setdefault(key, moment) >= holds:
                _open(cause, finding)
        for key in rows.keys() - found.keys():
            if moment - self._calm.setdefault(key, moment) >= kind.calm:
                _close(rows[key], key)

    def _forget(self, cause: str) -> None:
        for clocks in (self._seen, self._calm):
            for key in [key for key in clocks if key[0] == cause]:
                del clocks[key]


def of_app() -> Watch:
    """Returns the watch of the current app."""
    return cast("Watch", current_app.extensions.setdefault("bellhop_watch", Watch()))


def standing() -> Sequence[Alert]:
    """Returns the open alerts, oldest first."""
    return read(select(Alert).where(Alert.over_at.is_(None)).order_by(Alert.since, Alert.id))


def lately_over() -> Sequence[Alert]:
    """Returns the last five that ended within a day, newest first."""
    ended = Alert.over_at > select(later(-RECENT_SECONDS)).scalar_subquery()
    return read(select(Alert).where(ended).order_by(Alert.over_at.desc()).limit(5))


def read(wanted: Select[Alert]) -> Sequence[Alert]:
    """Returns the alerts of a statement, detached: they may be kept for later."""
    with reading():
        found = db.session.scalars(wanted).all()
        for alert in found:
            db.session.expunge(alert)
    return found


def _findings(cause: str, find: Finder) -> list[Finding] | None:
    """Returns what is wrong, or None if the finder fails by a fault of ours: it must not silence the others."""
    try:
        return find()
    except DBAPIError:
        raise
    except Exception:
        log.exception("A cause of alerts could not be looked at.", cause=cause)
        return None


def _open(cause: str, finding: Finding) -> None:
    """Begin an alert. If several processes notice at once, the index `one_open_alert` lets one of them."""
    alert = Alert(cause=cause, subject=finding.subject[:60], sentence=finding.sentence[:500])
    alert.noticed_by = heartbeats.this_process()
    if finding.since:
        alert.since = finding.since
    try:
        with writing():
            db.session.add(alert)
    except IntegrityError:
        return
    log.warning("An alert began.", alert=cause, subject=finding.subject)


def _close(row_id: int, key: Key) -> None:
    """End an alert, once. Problems with telling its beginning no longer matter."""
    with writing():
        open_still = update(Alert).where(Alert.id == row_id, Alert.over_at.is_(None))
        ended = changed(open_still.values(over_at=now(), problem=""))
    if ended:
        log.info("An alert is over.", alert=key[0], subject=key[1])
