"""The texts that an admin wrote in place of the built-in ones, looked up once for all channels of an act.

The look-up runs inside a clerk's click. So one short query answers for an event and language, and the answer is kept
for a moment: long enough for all messages of an act, too short for anybody to notice that another process changed a
text. Code that writes messages before a transaction calls `newest` first, outside of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from webapp.extensions import db
from webapp.models import ChannelName, Event, TextVersion
from webapp.monitor.shared import Shared

_row = TextVersion.__table__.c
_newest = (
    select(func.max(_row.id))
    .where(_row.event == bindparam("event"), _row.language == bindparam("language"))
    .group_by(_row.channel)
)
LOOK_UP = select(_row.channel, _row.subject, _row.body, _row.is_built_in).where(_row.id.in_(_newest))


@dataclass(frozen=True)
class Wording:
    """A text before it is filled in."""

    body: str
    subject: str = ""


def _look(event: Event, language: str) -> Mapping[ChannelName, Wording]:
    """Returns the texts in force that an admin wrote, by channel. Channels with the built-in text are left out."""
    # Past the session, whose ways with a statement would cost as much as the statement.
    rows = db.session.connection().execute(LOOK_UP, {"event": event, "language": language})
    return {row.channel: Wording(row.body, row.subject) for row in rows if not row.is_built_in}


_known = Shared(_look, seconds=0.05, patience=0.0)
newest, forget = _known.get, _known.forget
