"""Making messages: texts before an act's write transaction begins, rows inside it.

No lock is held while texts are written. What they were made from may change until the act commits: the act is guarded
by the booking's version, and a claim asks for opt-outs again.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from webapp.database import changed, later, now, writing
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import Audit, Booking, BookingStatus, ChannelName, Event, Message, MessageStatus, WhatsAppTemplate
from webapp.services import texts
from webapp.services.guests import reach
from webapp.services.guests.reach import Reach
from webapp.services.messages import channel_order, truth
from webapp.services.texts import Paid, Text, sms_parts
from webapp.settings import current

# A text is stale when the booking starts, but never sooner than an hour nor later than a day.
FRESH_AT_LEAST, FRESH_AT_MOST = timedelta(hours=1), timedelta(hours=24)

_message, _guest = db.metadata.tables["message"], db.metadata.tables["guest"]
_NUMBERS = (
    update(_guest)
    .where(_guest.c.id == bindparam("guest"))
    .values(next_seq=_guest.c.next_seq + bindparam("many"))
    .returning(_guest.c.next_seq, now().label("moment"))
)
_SUPERSEDE = (
    update(_message)
    .where(_message.c.booking_id == bindparam("of"), _message.c.event.in_(bindparam("void", expanding=True)))
    .where(_message.c.status == MessageStatus.WAITING)
    .values(status=MessageStatus.SKIPPED, error_code="superseded", settled_at=bindparam("at"))
    .returning(_message.c.id)
)


Row = dict[str, Any]  # Columns of a message by name.


@dataclass(frozen=True)
class PreparedMessages:
    """The messages of an act, written before its transaction begins, and the events that it makes untrue."""

    guest_id: int
    booking_id: int
    starts_at: datetime
    rows: list[Row]
    supersedes: list[Event]  # Waiting messages of the booking about these are no longer true.


def prepare(
    booking: Booking,
    event: Event,
    *,
    becomes: BookingStatus | None = None,
    reason: str = "",
    paid: Paid | None = None,
    only: ChannelName | None = None,
    to: str = "",
) -> PreparedMessages:
    """Write the messages of an act that leaves the booking in the state `becomes`; news of a payment needs `paid`.

    One for each channel on which the guest is told at once; `only` on one chosen channel, without a fallback, and there
    to the address `to` if that is not the booking's (the claim asks whether it opted out). What an act makes untrue is
    found among the booking's messages of now: whoever adds more moves its version on.
    """
    status = becomes or booking.status
    void = {m.event for m in booking.messages if truth.is_superseded(m.event, status)}
    language = texts.language_of(event, booking.language)
    values = texts.facts(booking, language, reason=reason, paid=paid)
    (reaches,) = reach.find([booking])
    if only is None:
        at_once, first = channel_order.first_channels(channel_order.of(event), reaches)
    else:
        chosen = [one for one in reaches if one.channel is only]
        if to:
            chosen = [replace(one, address=to, opt_out=one.opt_out if one.address == to else None) for one in chosen]
        at_once, first = [one for one in chosen if one.gets_message], None
    about = {"guest_id": booking.guest_id, "booking_id": booking.id, "reference": booking.reference, "event": event}
    rows = [write(event, one, language, values) | about | {"falls_back": one.channel is first} for one in at_once]
    return PreparedMessages(booking.guest_id, booking.id, booking.starts_at, rows, sorted(void))


def prepare_none(booking: Booking, becomes: BookingStatus) -> PreparedMessages:
    """Returns no messages for an act that tells nobody, and the events that it makes untrue all the same."""
    void = {m.event for m in booking.messages if truth.is_superseded(m.event, becomes)}
    return PreparedMessages(booking.guest_id, booking.id, booking.starts_at, [], sorted(void))


def write(event: Event, to: Reach, language: str, values: Mapping[str, str], text: Text | None = None) -> Row:
    """Returns what a message's columns hold of its text and its channel; `text` stands in for the event's own."""
    text = text or texts.render(event, to.channel, language, values)
    same = (WhatsAppTemplate.event == event, WhatsAppTemplate.language == language)
    template = db.session.scalar(select(WhatsAppTemplate).where(*same)) if to.channel.needs_template else None
    return {
        "channel": to.channel,
        "language": language,
        "to_address": to.address,
        "subject": text.subject,
        "body": text.body,
        "html": text.html,
        "segments": sms_parts.count(text.body).parts if to.channel.is_charged_by_part else 1,
        "content_sid": template.content_sid if template else "",
        "content_variables": texts.variables(template.variables, values, language) if template else {},
        "mail_id": f"<{secrets.token_hex(16)}@{current().mail_domain}>" if to.channel.has_message_id else "",
        "status": MessageStatus.WAITING if to.is_open else MessageStatus.SKIPPED,
        "error_code": "" if to.is_open else to.state.value,
        "simulated": to.provider == "sandbox",
        "falls_back": False,
    }


def add(letters: PreparedMessages, act_id: int | None, *, hold: float = 0) -> None:
    """Add what was prepared inside the act's write transaction, due after `hold` seconds."""
    many = len(letters.rows)
    # The lock on the guest's row makes commit order the order of numbers.
    after, moment = db.session.execute(_NUMBERS, {"guest": letters.guest_id, "many": many}).one()
    if letters.supersedes:
        _supersede(letters, act_id, moment)
    due_at = moment + timedelta(seconds=hold)
    shared: dict[str, Any] = {
        "act_id": act_id,
        "trace_id": request_id.current() or request_id.fresh(),  # A command has none.
        "due_at": due_at,
        "first_due_at": due_at,
        "expires_at": min(max(letters.starts_at, moment + FRESH_AT_LEAST), moment + FRESH_AT_MOST),
    }
    rows = [
        row | shared | {"seq": seq, "settled_at": None if row["status"] is MessageStatus.WAITING else moment}
        for seq, row in enumerate(letters.rows, start=after - many)
    ]
    if rows:
        db.session.execute(insert(_message), rows)


def _supersede(letters: PreparedMessages, act_id: int | None, moment: datetime) -> None:
    """Skip what waits and is no longer true; the act keeps which, for its undo."""
    void = {"of": letters.booking_id, "void": letters.supersedes, "at": moment}
    if skipped := sorted(db.session.scalars(_SUPERSEDE, void)):
        act = db.session.get_one(Audit, act_id)
        act.detail = act.detail | {"superseded": skipped}


def release(act_ids: Sequence[int], seconds: float) -> None:
    """Let the held messages of these acts be due together in `seconds`; none becomes due later than it was."""
    with writing():
        moment = db.session.scalars(select(later(seconds))).one()  # One value: the function is asked for each row.
        changed(
            update(Message)
            .where(
                Message.act_id.in_(act_ids),
                Message.status == MessageStatus.WAITING,
                Message.attempts_made == 0,
                Message.due_at > moment,
            )
            .values(due_at=moment, first_due_at=moment)
        )


def bring_back(act: Audit) -> int:
    """Let the messages wait again that an undone act had superseded. Returns how many.

    Nothing else happened to the booking since: what a claim found superseded after the act was so by the act, too.
    """
    by_act = Message.id.in_(act.detail.get("superseded", []))
    by_claim = (Message.booking_id == act.booking_id) & (Message.settled_at > act.at)
    return changed(
        update(Message)
        .where(by_act | by_claim, Message.status == MessageStatus.SKIPPED, Message.error_code == "superseded")
        .values(status=MessageStatus.WAITING, error_code="", settled_at=None)
    )
