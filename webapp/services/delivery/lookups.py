"""Attempts whose outcome is unknown: they are looked up before anything is sent again."""

from datetime import timedelta

import structlog
from sqlalchemy import select, update

from webapp.channels.base import Outgoing
from webapp.database import ASKED_ONCE, changed, later, now, read_now, reading, writing
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import Attempt, AttemptOutcome, Guest, Message, MessageStatus, spellings
from webapp.models.types import Usual, literal_words
from webapp.services.delivery import receipts, settle
from webapp.services.delivery.projection import Verdict
from webapp.settings import current

GOOD_LOOKS = 2  # So many looks without a trace are enough to send again.
LATER_LOOKS = 60.0  # Seconds between looks once UNCERTAIN_LOOKS are used up.
GIVES_UP_AFTER = timedelta(minutes=30)
RIVALS_WITHIN = timedelta(hours=1)  # What was over earlier is not in the list that a look reads.
MOST_MAILS = 2  # An interrupted e-mail goes out once more under its Message-ID, then never by itself.
log = structlog.get_logger(__name__)


def end_leases(limit: int = 200) -> int:
    """Take on messages that are `sending` past their lease: the worker died, froze, or cannot write."""
    sending = Usual(Message.status == literal_words(MessageStatus.SENDING)[0])
    past = select(Message.token).where(sending, Message.lease_until <= ASKED_ONCE)
    with reading():
        tokens = db.session.scalars(past.order_by(Message.lease_until).limit(limit)).all()
    return sum(_end_lease(token) for token in tokens if token)


def _end_lease(token: str) -> bool:
    with writing():
        locked = settle.locked_attempt(token)
        if locked is None:
            return False
        attempt, message = locked
        moment = read_now()
        over = message.lease_until is not None and message.lease_until <= moment
        if message.status is not MessageStatus.SENDING or message.token != token or not over:
            return False
        unbegun = not (message.channel.can_look_up or attempt.body_begun or attempt.proves_acceptance)
        attempt.ended_at, attempt.code = moment, settle.NO_ANSWER
        attempt.outcome = AttemptOutcome.NOT_BEGUN if unbegun else AttemptOutcome.UNKNOWN
        message.status = MessageStatus.WAITING if unbegun else MessageStatus.UNCERTAIN
        message.lease_until, message.error_code = None, "" if unbegun else settle.NO_ANSWER
        # The provider's deadline is over since long: the first look may be at once.
        attempt.next_look_at = None if unbegun or attempt.proves_acceptance else moment
        db.session.flush()
        settle.apply(message, moment)
        message_id, number = message.id, message.trace_id
    with request_id.carry_on(number):
        log.warning("A lease ended without an outcome.", attempt=token[:8], message_id=message_id)
    return True


def look_up_due(limit: int = 20) -> int:
    """Look up the attempts whose time has come. Returns how many were looked up."""
    past = select(Attempt.token).where(Attempt.next_look_at <= ASKED_ONCE)
    with reading():
        tokens = db.session.scalars(past.order_by(Attempt.next_look_at).limit(limit)).all()
    return sum(_look_up(token) for token in tokens)


def _look_up(token: str) -> bool:
    outgoing = _claim_look(token)
    if outgoing is None:
        return False
    with request_id.carry_on(outgoing.trace_id):
        _look(token, outgoing)
    return True


def _look(token: str, outgoing: Outgoing) -> None:
    log.info("An unknown outcome is looked up.", message_id=outgoing.message_id, attempt=token[:8])
    if not outgoing.channel.can_look_up:
        _after_interrupted_mail(token)
        return
    with reading():
        message = db.session.get_one(Message, outgoing.message_id)
        channel = receipts.channel_of(message.channel, simulated=message.simulated)
    sightings = channel.find(outgoing)
    if sightings is None:
        _give_up_if_old(token, good=False)
        return
    strangers = _unknown_to_us([seen.provider_id for seen in sightings], token)
    if len(strangers) > 1:
        _close(token, "The provider shows several messages that it could be.")
    elif strangers and not _may_be_anothers(outgoing):
        receipts.found(token, strangers[0])
    else:
        _give_up_if_old(token, good=not strangers)


def _claim_look(token: str) -> Outgoing | None:
    """Take this look by a guarded UPDATE, so that of two housekeepers one looks."""
    looks_at = current().uncertain_looks
    with writing():
        attempt = db.session.scalars(select(Attempt).where(Attempt.token == token)).one()
        looks, message = attempt.looks, attempt.message
        gap = looks_at[looks + 1] - looks_at[looks] if looks + 1 < len(looks_at) else LATER_LOOKS
        left = attempt.started_at + GIVES_UP_AFTER - read_now()
        if left > timedelta(0):  # The last look is when it is given up, and not some time later.
            gap = min(gap, left.total_seconds())
        claimed = changed(
            update(Attempt)
            .where(Attempt.id == attempt.id, Attempt.looks == looks, Attempt.next_look_at <= now())
            .values(looks=looks + 1, next_look_at=later(gap))
        )
        if claimed != 1:
            return None
        return Outgoing(
            message_id=message.id,
            channel=message.channel,
            event=message.event,
            token=token,
            to=message.to,
            reference=message.reference,
            body=message.body,
            started_at=attempt.started_at,
            trace_id=message.trace_id,
        )


def _unknown_to_us(provider_ids: list[str], token: str) -> list[str]:
    with reading():
        known = select(Attempt.provider_id).where(Attempt.provider_id.in_(provider_ids), Attempt.token != token)
        ours = set(db.session.scalars(known))
    return [provider_id for provider_id in provider_ids if provider_id not in ours]


def _may_be_anothers(outgoing: Outgoing) -> bool:
    """Whether another message of that booking is unknown too: then one sighting counts for neither."""
    unknown = (Attempt.outcome == AttemptOutcome.UNKNOWN) | Attempt.outcome.is_(None)
    with reading():
        same = spellings(outgoing.to, outgoing.channel)
        own = select(Message.guest_id).where(Message.id == outgoing.message_id)
        guests = own.union(select(Guest.id).where(Guest.phone.in_(same)))  # Each spelling has a lane of its own.
        since = outgoing.started_at - RIVALS_WITHIN
        # A worker that froze hands over long after it began, and its answer says when.
        recent = (Attempt.started_at > since) | (Attempt.ended_at > since)
        # What two good looks did not find was never taken, unless its worker froze and may have handed it over later.
        may_be_taken = (Attempt.good_looks < GOOD_LOOKS) | (Attempt.code == settle.NO_ANSWER)
        other = (
            select(Attempt.id)
            .join(Attempt.message)
            .where(Message.guest_id.in_(guests), Message.channel == outgoing.channel, Message.id != outgoing.message_id)
            .where(Message.to.in_(same), Message.reference == outgoing.reference)
            .where(unknown, Attempt.provider_id.is_(None), recent, may_be_taken)
        )
        return db.session.scalar(other.limit(1)) is not None


def _give_up_if_old(token: str, *, good: bool) -> None:
    """Count a look that found nothing: send again after two good ones, close after half an hour."""
    with writing():
        locked = settle.locked_attempt(token)
        if locked is None:
            return
        attempt, message = locked
        moment = read_now()
        attempt.good_looks += good
        if attempt.good_looks >= GOOD_LOOKS:
            _send_again(attempt, message)
        elif moment - attempt.started_at >= GIVES_UP_AFTER:
            _fail(attempt, message, "The provider could not be asked for half an hour.")


def _after_interrupted_mail(token: str) -> None:
    """SMTP has no list to look at: once more under the same Message-ID, then a person decides."""
    with writing():
        locked = settle.locked_attempt(token)
        if locked is None:
            return
        attempt, message = locked
        cut = sum(a.outcome is AttemptOutcome.UNKNOWN for a in message.attempts)
        if cut < MOST_MAILS:
            _send_again(attempt, message)
        else:
            _fail(attempt, message, "The mail server broke off twice after the text was sent.")


def _send_again(attempt: Attempt, message: Message) -> None:
    """Let a message wait again; a try is used."""
    attempt.next_look_at = None
    if not _is_newest_uncertain(attempt, message):
        return
    message.tries_used += 1
    if message.tries_used > len(current().retry_delays):
        _fail(attempt, message, "")
        return
    message.status, message.error_code, message.due_at = MessageStatus.WAITING, "", now()


def _fail(attempt: Attempt, message: Message, detail: str) -> None:
    attempt.next_look_at = None
    if _is_newest_uncertain(attempt, message):
        settle.become(message, Verdict(MessageStatus.FAILED, "may_have_arrived", detail), read_now())


def _is_newest_uncertain(attempt: Attempt, message: Message) -> bool:
    return message.status is MessageStatus.UNCERTAIN and message.token == attempt.token


def _close(token: str, detail: str) -> None:
    with writing():
        locked = settle.locked_attempt(token)
        if locked is not None:
            _fail(*locked, detail)


def expire_due(limit: int = 500) -> int:
    """Close messages that wait past their time, on paused channels too. Returns how many."""
    over = (
        select(Message.id)
        .where(Usual(Message.status == literal_words(MessageStatus.WAITING)[0]), Message.expires_at <= ASKED_ONCE)
        .order_by(Message.expires_at)  # Without it PostgreSQL reads the whole table for the first few.
        .limit(limit)
    )
    with reading():  # Mostly there is nothing, and SQLite's one write lock is not taken to find that out.
        if db.session.scalar(over.limit(1)) is None:
            return 0
    with writing():
        found = db.session.scalars(over.with_for_update(skip_locked=True)).all()
        return changed(
            update(Message)
            .where(Message.id.in_(found), Message.status == MessageStatus.WAITING)
            .values(status=MessageStatus.FAILED, error_code="expired", settled_at=now())
        )
