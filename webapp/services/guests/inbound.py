"""What guests write to our numbers: kept once, shown with their booking, and heeded where it says stop.

A sender that has Advanced Opt-Out says itself what a word meant (`OptOutType`):
https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out.
"""

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Action, Booking, ChannelName, Message, Reply, phone_tail, spellings
from webapp.services import audit
from webapp.services.audit import BELLHOP
from webapp.services.guests import opt_outs, stop_words
from webapp.services.parsing.text import lines

LONGEST = 4000
log = structlog.get_logger(__name__)


def receive(channel: ChannelName, number: str, *, provider_id: str, body: str, opt_out_type: str = "") -> bool:
    """Keep one inbound text. Returns whether it is new. `number` is E.164."""
    number = number[:254]
    if not (provider_id and number):
        return False
    wish = _wish(body, opt_out_type)
    try:
        with writing():
            _keep(channel, number, provider_id, body, wish)
    except IntegrityError:
        return False  # Reported before: providers repeat what they had no answer to.
    log.info("A guest wrote.", channel=channel, wish=wish)
    return True


def _wish(body: str, opt_out_type: str) -> str:
    """Returns `stop`, `start` or "": the guest's wish. The provider's own list of words counts first."""
    said = opt_out_type.strip().lower()
    return (said if said in ("stop", "start") else "") if said else stop_words.wish_of(body)


def _keep(channel: ChannelName, number: str, provider_id: str, body: str, wish: str) -> None:
    booking_id = _booking_of(channel, number)
    reply = Reply(
        provider_id=provider_id[:64],
        channel=channel,
        sender=number,
        body=lines(body)[:LONGEST],
        booking_id=booking_id,
    )
    db.session.add(reply)
    db.session.flush()
    if wish and _change_consent(channel, number, wish):
        action = Action.OPTED_OUT if wish == "stop" else Action.OPTED_IN
        audit.record(action, by=BELLHOP, booking_id=booking_id, channel=channel, reply=reply.id)
    if wish and not stop_words.may_mean_more(body):
        reply.handled_at, reply.handled_by = now(), BELLHOP.name


def _change_consent(channel: ChannelName, number: str, wish: str) -> bool:
    """Record a wish. Returns whether it changed anything; waiting messages are stopped at their claim."""
    was_stopped = opt_outs.is_recorded(channel, number)
    if wish == "stop":
        opt_outs.record(channel, number, "the guest wrote")
        return not was_stopped
    opt_outs.withdraw(channel, number)
    return was_stopped


def _booking_of(channel: ChannelName, number: str) -> int | None:
    """Returns the booking of the last message to this number, else the number's newest booking."""
    same = Booking.phone_tail.in_([phone_tail(spelling) for spelling in spellings(number, channel)])
    about = (
        select(Message.booking_id)
        .join(Booking, Booking.id == Message.booking_id)
        .where(same, Message.channel == channel)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return db.session.scalar(about) or db.session.scalar(
        select(Booking.id).where(same).order_by(Booking.id.desc()).limit(1)
    )
