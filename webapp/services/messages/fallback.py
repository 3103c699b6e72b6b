"""Telling a guest on the next channel of the event's order, if a message could not reach them.

`falls_back` says that a message has a fallback. Once it has failed for good, one transaction takes the flag back and
adds the next message: for one failure there is never more than one, whoever else looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import ColumnElement, exists, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.attributes import set_committed_value

from webapp import words
from webapp.channels.base import Kind
from webapp.channels.reasons import explain
from webapp.database import changed, now, read_now, reading, writing
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import Booking, ChannelName, Message, MessageStatus
from webapp.models.messages.message import FALLING_BACK
from webapp.services.audit import BELLHOP
from webapp.services.guests import reach
from webapp.services.messages import bell, channel_order, compose, truth
from webapp.services.messages.compose import PreparedMessages

# These do not say that the guest cannot be reached there: it is too late on any channel, or the news is no more.
# Nor do codes of the kind "unknown", such as "may have arrived": the guest may have it already.
NOT_UNREACHED = ("expired", "superseded", "undone")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Step:
    """The way on from one failure, decided while no lock is held; the transaction that takes it is guarded."""

    guard: Sequence[ColumnElement[bool]]  # The message is the very failure that was read.
    act_id: int | None
    booking_id: int | None
    version: int | None  # The booking's, by which the text was written.
    letters: PreparedMessages | None  # None: it has no fallback.
    by: str  # The next channel, in English: it is stored.
    trace_id: str  # The failed message's: the next one carries it on.


def fall_back_due(limit: int = 100) -> int:
    """Go on to the next channel for each failure. Returns how many messages were made."""
    return sum(_fall_back(message_id) for message_id in due(limit))


def due(limit: int) -> Sequence[int]:
    """Returns the oldest failures that may have a fallback."""
    waiting = select(Message.id).where(text(FALLING_BACK)).order_by(Message.id).limit(limit)
    # SQLite believes that few messages have failed, and would read them all at every sweep.
    waiting = waiting.with_hint(Message, "INDEXED BY falling_back", "sqlite")
    with reading():
        return db.session.scalars(waiting).all()


def see_stand_ins(listed: Sequence[Message]) -> None:
    """Load the fallbacks of a list's resolved messages by one query, if there are any."""
    resolved = [message for message in listed if message.resolved_at]
    if not resolved:
        return
    of = select(Message).where(Message.fallback_of_id.in_([message.id for message in resolved]))
    found = {message.fallback_of_id: message for message in db.session.scalars(of)}
    for message in resolved:
        set_committed_value(message, "stood_in_by", found.get(message.id))


def _fall_back(message_id: int) -> bool:
    step = _decided(message_id)
    with request_id.carry_on(step.trace_id):
        with writing():
            is_taken = _take(step)
        if step.letters is None or not is_taken:
            return False
        log.info("A guest is told on another channel.", message_id=message_id, channel=step.by)
        bell.ring(step.letters.guest_id)
    return True


def _decided(message_id: int) -> Step:
    """Decide on a failure, and write the next text."""
    with reading():
        failed = db.session.get_one(Message, message_id, populate_existing=True)
        booking = failed.booking
        channels = _next(failed, booking) if booking else []
        return Step(
            guard=(
                Message.id == failed.id,
                Message.status == MessageStatus.FAILED,
                Message.falls_back.is_(True),
                Message.token.is_not_distinct_from(failed.token),
                Message.error_code == failed.error_code,
            ),
            act_id=failed.act_id,
            booking_id=failed.booking_id,
            version=booking.version if booking else None,
            letters=_letters(failed, booking, channels) if booking and channels else None,
            by=words.CHANNEL[channels[0]].text if channels else "",
            trace_id=failed.trace_id,
        )


def _take(step: Step) -> bool:
    """Take `falls_back` back and add the next message, inside the current write transaction.

    Returns False if the failure is not as it was read. Locks come in the order in which acts take them: the booking,
    the message, the guest.
    """
    version = select(Booking.version).where(Booking.id == step.booking_id).with_for_update(read=True)
    if db.session.scalar(version) != step.version:
        return False  # The text is of before; the next sweep writes it anew.
    seen = update(Message).where(*step.guard)
    if step.letters is None:
        return changed(seen.values(falls_back=False)) == 1
    closed = {"resolved_at": now(), "resolved_by": BELLHOP.name, "resolved_note": f"Sent by {step.by} instead."}
    if changed(seen.where(Message.resolved_at.is_(None)).values(falls_back=False, **closed)) != 1:
        return False
    compose.add(step.letters, step.act_id)
    return True


def _next(failed: Message, booking: Booking) -> list[ChannelName]:
    """Returns the channels that are left, in the order as it is now; none if nothing should go out any more."""
    order = channel_order.of(failed.event)
    if failed.resolved_at or failed.channel not in order or not _is_unreached(failed) or not _is_true(failed, booking):
        return []
    later, tried = order[order.index(failed.channel) + 1 :], _tried(failed)
    (reaches,) = reach.find([booking])
    usable = {one.channel for one in reaches if one.is_open}
    return [channel for channel in later if channel in usable and channel not in tried]


def _is_unreached(failed: Message) -> bool:
    is_unknown = explain(failed.channel, failed.error_code).kind is Kind.UNKNOWN
    return failed.error_code not in NOT_UNREACHED and not is_unknown


def _is_true(failed: Message, booking: Booking) -> bool:
    """Whether the news is still true and the newest: a receipt may report the failure hours later."""
    payment = truth.payment_state(failed)
    if truth.why_void(failed.event, booking.status, failed.expires_at, read_now(), payment):
        return False
    newer = (Message.booking_id == booking.id, Message.event == failed.event, Message.id > failed.id)
    of_another_act = Message.act_id.is_distinct_from(failed.act_id)
    return not db.session.scalar(select(exists().where(*newer, of_another_act)))


def _tried(failed: Message) -> set[ChannelName]:
    """Returns the channels on which this news went out already: the order may have changed since."""
    found, one = {failed.channel}, failed.stands_in_for
    while one is not None:
        found.add(one.channel)
        one = one.stands_in_for
    return found


def _letters(failed: Message, booking: Booking, channels: list[ChannelName]) -> PreparedMessages | None:
    """Returns the next message, or None if its text cannot be written: that holds up no other guest's message."""
    try:
        reason, paid = truth.reason_of(failed), truth.paid_of(failed)
        letters = compose.prepare(booking, failed.event, reason=reason, paid=paid, only=channels[0])
    except DBAPIError:
        raise
    except Exception:
        log.exception("A guest could not be told on another channel; a person has to.", message_id=failed.id)
        return None
    own = {"falls_back": len(channels) > 1, "fallback_of_id": failed.id}
    return replace(letters, supersedes=[], rows=[row | own for row in letters.rows]) if letters.rows else None
