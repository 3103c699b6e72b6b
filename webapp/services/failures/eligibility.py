"""Why a failed message may not be sent again, resolved or reopened now: one rule for one message and for many."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from webapp import words
from webapp.database import now, writing
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import BatchKind, Booking, BookingStatus, Message, MessageStatus, OptOut
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.messages import truth


class Obstacle(StrEnum):
    """The kinds of reasons, in the order in which they are checked."""

    NOT_FAILED = "not_failed"
    OUTRUN = "outrun"  # It was tried again since somebody saw it.
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"


class Refused(Conflict):
    """An act on one failed message is not possible; the sentence says why."""

    def __init__(self, obstacle: Obstacle, sentence: str) -> None:
        super().__init__(sentence)
        self.obstacle = obstacle


@dataclass(frozen=True)
class Case:
    """A message with all that decides what may be done with it."""

    message: Message
    booking_status: BookingStatus | None
    said_stop: bool
    moment: datetime  # By the database's clock.


def cases(*where: ColumnElement[bool], options: Iterable[Any] = ()) -> list[Case]:
    """Returns messages as they are in the database now, oldest first."""
    said_stop = exists().where(OptOut.channel == Message.channel, OptOut.address == Message.to)
    found = db.session.execute(
        select(Message, Booking.status, said_stop, now())
        .outerjoin(Booking, Booking.id == Message.booking_id)
        .where(*where)
        .order_by(Message.id)
        .options(*options)
        .execution_options(populate_existing=True)
    )
    return [Case(*row) for row in found]


def find(message_id: int) -> Case:
    """Returns one message as it is in the database now.

    Raises:
        NotFound: there is none of that id.
    """
    found = cases(Message.id == message_id)
    if not found:
        raise NotFound(gettext("There is no message %(number)s.", number=message_id))
    return found[0]


def act(
    kind: BatchKind,
    message_id: int,
    token: str | None,
    do: Callable[[Message], object],
    *,
    by: Actor,
    even_resolved: bool = False,
) -> bool:
    """Do an act on one message in a transaction, if it is possible for somebody who saw the attempt of this token.

    Returns False for a form that is posted twice: its first post did the act.

    Raises:
        Conflict: it is not possible.
    """
    try:
        with writing():
            case = find(message_id)
            check(kind, case, token, even_resolved=even_resolved)
            do(case.message)
    except Conflict as error:
        audit.first_result(by, error)
        return False
    return True


def unmoved(message: Message) -> list[ColumnElement[bool]]:
    """Returns the guard of an UPDATE: the message is still the failure that was read."""
    same_mark = Message.resolved_at.is_not(None) if message.resolved_at else Message.resolved_at.is_(None)
    failed, token = Message.status == MessageStatus.FAILED, Message.token.is_not_distinct_from(message.token)
    return [Message.id == message.id, failed, token, same_mark]


def lost(kind: BatchKind, message: Message) -> Refused:
    """Returns the refusal for an UPDATE that its guard stopped: somebody was first after the message was read."""
    seen = message.token
    try:
        check(kind, find(message.id), seen)
    except Refused as error:
        return error
    return _tried_again(message)


def check(kind: BatchKind, case: Case, token: str | None, *, even_resolved: bool = False) -> None:
    """Check that an act is possible for somebody who saw the attempt of this token.

    Raises:
        Refused: it is not.
    """
    message = case.message
    if message.status is not MessageStatus.FAILED:
        raise _not_failed(kind, message)
    if message.token != token:
        raise _tried_again(message)
    if kind is BatchKind.REOPEN:
        if not message.resolved_at:
            raise Refused(Obstacle.NOT_RESOLVED, gettext("It is not resolved, so there is nothing to reopen."))
        return
    if message.resolved_at and not even_resolved:
        raise _resolved(message)
    if kind is BatchKind.RETRY:
        _check_useful(case)


def _check_useful(case: Case) -> None:
    """Check that the guest would still learn something true, in time, on a channel that the guest wants."""
    message = case.message
    payment = truth.payment_state(message)
    code = truth.why_void(message.event, case.booking_status, message.expires_at, case.moment, payment)
    if code == "superseded":
        sentence = gettext("Something has changed since: this text is no longer true, so it is not sent again.")
        raise Refused(Obstacle.SUPERSEDED, sentence)
    if code == "expired":
        sentence = gettext("This message has expired: its text is too old to be useful to the guest.")
        raise Refused(Obstacle.EXPIRED, sentence)
    if case.said_stop:
        label = words.CHANNEL[message.channel].label
        sentence = gettext("The guest asked for no messages by %(channel)s, so it is not sent again.", channel=label)
        raise Refused(Obstacle.OPTED_OUT, sentence)


def _resolved(message: Message) -> Refused:
    name, note = message.resolved_by, message.resolved_note.rstrip(".")
    sentence = gettext("%(name)s has resolved it.", name=name)
    if note:
        sentence = gettext("%(name)s has resolved it: %(note)s.", name=name, note=note)
    return Refused(Obstacle.RESOLVED, sentence)


def _not_failed(kind: BatchKind, message: Message) -> Refused:
    """Returns the refusal of a message that has gone on since it was seen."""
    state = words.MESSAGE[message.status].label
    sentences = {
        BatchKind.RETRY: gettext("This message is now “%(state)s”: only a failed one can be sent again.", state=state),
        BatchKind.RESOLVE: gettext("This message is now “%(state)s”: only a failed one can be resolved.", state=state),
        BatchKind.REOPEN: gettext("This message is now “%(state)s”: only a failed one can be reopened.", state=state),
    }
    sentence = sentences[kind]
    if message.retried_by:
        sentence += " " + gettext("%(name)s sent it again just before you.", name=message.retried_by)
    return Refused(Obstacle.NOT_FAILED, sentence)


def _tried_again(message: Message) -> Refused:
    """Returns the refusal of a message that was sent again since it was seen, and failed again."""
    if message.retried_by:
        sentence = gettext("%(name)s has sent this message again, and it failed again.", name=message.retried_by)
    else:
        sentence = gettext("Somebody else has sent this message again, and it failed again.")
    return Refused(Obstacle.OUTRUN, sentence)
