"""After an older database was put back: the messages that may go out twice, and sending again."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, update

from webapp.database import changed, now, reading, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import THE_ONE, Action, ChannelName, DatabaseMark, Message, MessageStatus
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.delivery import channel_gate, known_epoch
from webapp.services.restores import guard, marks

SHOWN = 100  # Of the doubtful messages; the board shows all.
# Epochs of one age: after each restore the next age begins above all epochs that were ever written.
AGE = 2**32
IN_DOUBT = (MessageStatus.WAITING, MessageStatus.UNCERTAIN)


class Choice(StrEnum):
    """What to do with the messages that may have gone out already."""

    CLOSE = "close"  # They end as "may have arrived"; nobody gets a message twice.
    SEND = "send"


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """The facts that an admin checks before going on."""

    mark: DatabaseMark
    many: dict[ChannelName, int]  # Doubtful messages by channel.
    looked_up: int  # So many of them are being checked with their providers now.
    messages: Sequence[Message]  # The first of them.

    @property
    def total(self) -> int:
        return sum(self.many.values())


def doubt() -> Doubt | None:
    """Returns the messages that may go out twice; None if nothing is held back."""
    mark = guard.state()
    if mark is None or not mark.is_held:
        return None
    ours = _in_doubt(mark)
    with reading():
        counted = db.session.execute(select(Message.channel, func.count()).where(*ours).group_by(Message.channel)).all()
        uncertain = select(func.count()).where(*ours, Message.status == MessageStatus.UNCERTAIN)
        looked_up = db.session.scalar(uncertain) or 0
        messages = db.session.scalars(select(Message).where(*ours).order_by(Message.id).limit(SHOWN)).all()
        for message in messages:
            db.session.expunge(message)
    found = dict(counted)
    many = {channel: found[channel] for channel in ChannelName if channel in found}
    return Doubt(mark=mark, many=many, looked_up=looked_up, messages=messages)


def _in_doubt(mark: DatabaseMark) -> tuple[ColumnElement[bool], ...]:
    """Returns the condition for messages that the copy holds as unsent, and that were due before it was noticed."""
    due = func.coalesce(Message.first_due_at, Message.due_at) <= mark.held_at
    return Message.status.in_(IN_DOUBT), Message.created_at <= mark.held_at, due


def go_on(choice: Choice, *, by: Actor) -> int:
    """Send messages again, and close the doubtful ones if that was chosen. Returns how many were closed.

    Raises:
        Conflict: nothing is held back: somebody else was first.
    """
    with writing():
        if audit.made_by(by) is not None:
            return 0  # The same form, posted twice.
        mark = db.session.get(DatabaseMark, THE_ONE, populate_existing=True)
        if mark is None or not mark.is_held:
            raise Conflict(gettext("An admin has released the messages already."))
        closed = _close(mark) if choice is Choice.CLOSE else 0
        _begin_age(mark)
        channel_gate.let_go_all()
        audit.record(Action.OLDER_DATABASE_RELEASED, by=by, choice=choice.value, closed=closed)
    _remember()
    return closed


def _close(mark: DatabaseMark) -> int:
    """Close the doubtful messages. A later proof of a provider still counts."""
    why = {"error_code": "may_have_arrived", "error_detail": "An older copy of the database was put back."}
    ended = {"status": MessageStatus.FAILED, "settled_at": now(), "lease_until": None, "falls_back": False} | why
    closed = changed(update(Message).where(*_in_doubt(mark)).values(ended))
    # Messages that had failed in the copy were sent on another channel since.
    failed = Message.status == MessageStatus.FAILED, Message.falls_back.is_(True), Message.created_at <= mark.held_at
    changed(update(Message).where(*failed).values(falls_back=False))
    return closed


def _begin_age(mark: DatabaseMark) -> None:
    """Lift the epoch above all marks, on whichever machine they are.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    epoch = (max(mark.epoch, mark.lost_epoch) // AGE + 1) * AGE
    free = {"held_at": None, "noticed_by": "", "lost_epoch": 0, "lost_at": None}
    ours = update(DatabaseMark).where(DatabaseMark.id == THE_ONE, DatabaseMark.held_at.is_not(None))
    if changed(ours.values(free | {"epoch": epoch, "grown_at": now(), "runs": guard.first_run(epoch)})) != 1:
        raise Conflict(gettext("An admin has released the messages already."))


def _remember() -> None:
    """Store at once, also beside the database, that a new age has begun."""
    known_epoch.of_app().is_held = False
    row = guard.state()
    if row is not None and not row.is_held:
        known_epoch.of_app().keep(row.name, row.epoch, row.grown_at, row.run_at(row.epoch))
        marks.write(row.name, guard.mark_of(row))
