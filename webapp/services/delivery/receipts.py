"""Receipts: the reports of providers move their attempt forward by rank, never back."""

import structlog
from flask import current_app
from sqlalchemy import select, update

from webapp.channels.base import Channel
from webapp.channels.registry import Channels
from webapp.database import ASKED_ONCE, changed, later, now, read_now, reading, writing
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import Attempt, AttemptOutcome, ChannelName, Message, Receipt, ReceiptRank
from webapp.services.delivery import projection, settle
from webapp.services.guests import opt_outs

log = structlog.get_logger(__name__)


def receive(token: str, *, provider_id: str, status: str, code: str = "", source: str = "callback") -> bool:
    """Keep a receipt, and move its attempt and message forward if it is news. Returns whether they moved.

    Late, doubled, reordered and unknown receipts are kept and move nothing.
    """
    with writing():
        found = settle.locked_attempt(token)
        attempt, message = found or (None, None)
        moved = attempt is not None and _is_news(attempt, provider_id, status)
        db.session.add(
            Receipt(
                attempt_id=attempt.id if attempt else None,
                provider_id=provider_id[:120],
                status=status[:24],
                code=code[:60],
                source=source,
                moved=moved,
            )
        )
        if attempt is not None and message is not None and moved:
            _take(attempt, message, provider_id, status, code)
        message_id, number = (message.id, message.trace_id) if message else (None, "")
    with request_id.carry_on(number):
        log.info("A receipt came.", message_id=message_id, attempt=token[:8], status=status[:24], moved=moved)
    return moved


def _is_news(attempt: Attempt, provider_id: str, status: str) -> bool:
    """Whether a receipt is about this attempt, and further than what is known."""
    # A mail may come back before the worker has written its id: the report names none then.
    same = not attempt.provider_id or provider_id in ("", attempt.provider_id)
    return same and ReceiptRank.of(status) > attempt.receipt_rank


def _take(attempt: Attempt, message: Message, provider_id: str, status: str, code: str) -> None:
    moment = read_now()
    attempt.provider_id = attempt.provider_id or provider_id
    attempt.receipt, attempt.receipt_rank = status, ReceiptRank.of(status)
    attempt.receipt_code, attempt.receipt_at = code, moment
    attempt.next_look_at = None  # It is proof enough.
    if attempt.receipt_rank >= projection.FINAL_RANK:
        attempt.next_ask_at = None
    if code in opt_outs.CODES:
        opt_outs.record(message.channel, message.to, code)
    db.session.flush()
    settle.apply(message, moment)


def ask_due(limit: int = 50) -> int:
    """Ask, by id, for receipts that did not come. Returns how many attempts were asked about."""
    with reading():
        due = select(Attempt.token).where(Attempt.next_ask_at <= ASKED_ONCE).order_by(Attempt.next_ask_at).limit(limit)
        tokens = db.session.scalars(due).all()
    return sum(_ask(token) for token in tokens)


def _ask(token: str) -> bool:
    """Ask about one attempt. The guarded UPDATE lets one housekeeper do it."""
    with writing():
        attempt = db.session.scalars(select(Attempt).where(Attempt.token == token)).one()
        asks, provider_id = attempt.asks, attempt.provider_id
        wait = projection.ASK_AFTER[asks + 1] if asks + 1 < len(projection.ASK_AFTER) else None
        claimed = changed(
            update(Attempt)
            .where(Attempt.id == attempt.id, Attempt.asks == asks, Attempt.next_ask_at <= now())
            .values(asks=asks + 1, next_ask_at=None if wait is None else later(wait))
        )
        channel = channel_of(attempt.message.channel, simulated=attempt.message.simulated)
    if claimed != 1 or not provider_id:
        return False
    seen = channel.ask(provider_id)
    if seen is not None:
        receive(token, provider_id=provider_id, status=seen.status, code=seen.code, source="asked")
    return True


def channel_of(name: ChannelName, *, simulated: bool) -> Channel:
    """Returns the provider's channel, or the sandbox's: simulated messages and demo guests only ever use that."""
    channels: Channels = current_app.extensions["channels"]
    return (channels.sandbox if simulated else channels.live)[name]


def found(token: str, provider_id: str) -> None:
    """Write that a look-up found exactly this attempt's message: the provider accepted it."""
    with writing():
        locked = settle.locked_attempt(token)
        if locked is None:
            return
        attempt, message = locked
        moment = read_now()
        attempt.outcome, attempt.provider_id = AttemptOutcome.ACCEPTED, provider_id
        attempt.next_look_at, attempt.next_ask_at = None, projection.first_ask(message.channel, moment)
        db.session.flush()
        settle.apply(message, moment)
