"""What keeps a failed message from being sent again, resolved or reopened now: one rule for one and for many."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from webapp import words
from webapp.database import now
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import BatchKind, Booking, BookingStatus, Message, MessageStatus, OptOut
from webapp.services.messages import truth


class Hurdle(StrEnum):
    """The kinds of it, in the order in which they are looked for."""

    NOT_FAILED = "not_failed"
    OUTRUN = "outrun"  # It was tried again since somebody saw it.
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"


class Refused(Conflict):
    """An act on one failed message that is not possible; says why."""

    def __init__(self, hurdle: Hurdle, sentence: str) -> None:
        super().__init__(sentence)
        self.hurdle = hurdle


@dataclass(frozen=True)
class Case:
    """A message with all that decides what may be done with it."""

    message: Message
    booking_status: BookingStatus | None
    said_stop: bool
    moment: datetime  # By the database's clock.


def cases(*where: ColumnElement[bool], options: Iterable[Any] = ()) -> list[Case]:
    """Messages as they stand in the database now, oldest first."""
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


def one(message_id: int) -> Case:
    """The same of one message.

    Raises:
        NotFound: there is none of that id.
    """
    found = cases(Message.id == message_id)
    if not found:
        raise NotFound(f"There is no message {message_id}.")
    return found[0]


def unmoved(message: Message) -> list[ColumnElement[bool]]:
    """The guard of an UPDATE: the message is the very failure that was read."""
    same_mark = Message.resolved_at.is_not(None) if message.resolved_at else Message.resolved_at.is_(None)
    failed, token = Message.status == MessageStatus.FAILED, Message.token.is_not_distinct_from(message.token)
    return [Message.id == message.id, failed, token, same_mark]


def lost(kind: BatchKind, message: Message) -> Refused:
    """The refusal of an act whose guard held it back: somebody was first after the message was read."""
    seen = message.token
    try:
        check(kind, one(message.id), seen)
    except Refused as refusal:
        return refusal
    return outrun(message)


def check(kind: BatchKind, case: Case, token: str | None) -> None:
    """See that an act is possible for somebody who saw the attempt of this token.

    Raises:
        Refused: it is not.
    """
    _check_seen(kind, case.message, token)
    if kind is BatchKind.REOPEN:
        _check_is_resolved(case.message)
        return
    check_unresolved(case.message)
    if kind is BatchKind.RETRY:
        check_useful(case)


def _check_seen(kind: BatchKind, message: Message, token: str | None) -> None:
    """It is failed, and this is the failure that the person saw."""
    if message.status is not MessageStatus.FAILED:
        raise not_failed(kind, message)
    if message.token != token:
        raise outrun(message)


def check_seen(message: Message, token: str | None) -> None:
    """The same for one that shall be sent again, resolved or not."""
    _check_seen(BatchKind.RETRY, message, token)


def check_unresolved(message: Message) -> None:
    """Nobody has closed it meanwhile."""
    if message.resolved_at:
        note = f": {message.resolved_note}" if message.resolved_note else ""
        raise Refused(Hurdle.RESOLVED, f"{message.resolved_by} has resolved it{note}".rstrip(".") + ".")


def _check_is_resolved(message: Message) -> None:
    if not message.resolved_at:
        raise Refused(Hurdle.NOT_RESOLVED, "It is not resolved, so there is nothing to reopen.")


def check_useful(case: Case) -> None:
    """It would still tell its guest something true, in time, on a channel that the guest wants."""
    message = case.message
    payment = truth.payment_state(message)
    code = truth.why_void(message.event, case.booking_status, message.expires_at, case.moment, payment)
    if code == "superseded":
        sentence = "What it tells of has changed since: this text is no longer true, so it is not sent again."
        raise Refused(Hurdle.SUPERSEDED, sentence)
    if code == "expired":
        sentence = "This message has expired: its text is too old to be useful to the guest."
        raise Refused(Hurdle.EXPIRED, sentence)
    if case.said_stop:
        label = words.CHANNEL[message.channel].label
        raise Refused(Hurdle.OPTED_OUT, f"The guest asked for no messages by {label}, so it is not sent again.")


def not_failed(kind: BatchKind, message: Message) -> Refused:
    """The refusal of a message that has gone on since it was seen."""
    state = words.MESSAGE[message.status].label.lower()
    first = f" {message.retried_by} sent it again just before you." if message.retried_by else ""
    return Refused(Hurdle.NOT_FAILED, f"This message is {state} now: only a failed one can be {_DONE[kind]}.{first}")


def outrun(message: Message) -> Refused:
    """The refusal of one that was tried again, and failed again."""
    who = message.retried_by or "Somebody else"
    return Refused(Hurdle.OUTRUN, f"{who} has sent this message again, and it failed again.")


_DONE = {BatchKind.RETRY: "sent again", BatchKind.RESOLVE: "resolved", BatchKind.REOPEN: "reopened"}
