"""What became of one message, in the order in which it happened, and what is to come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from webapp import words
from webapp.channels.reasons import explain
from webapp.extensions import db
from webapp.models import (
    OPEN,
    TAKEN,
    Action,
    Attempt,
    Audit,
    ChannelState,
    Message,
    MessageStatus,
    Receipt,
    ReceiptRank,
)
from webapp.services import audit
from webapp.words import Word

SOURCES = {
    "callback": "reported by the provider",
    "asked": "answered when asked",
    "bounce": "reported by a mail server",
    "sandbox": "simulated",
}
CLOSED = (MessageStatus.FAILED, MessageStatus.SKIPPED)
BY_HAND = {
    Action.MESSAGE_RETRIED: (Word("Sent again by hand", "info", "refresh"), "put it back in its place"),
    Action.MESSAGE_SENT_AFRESH: (Word("Sent afresh", "info", "send"), "sent a new message in its place"),
    Action.MESSAGE_RESOLVED: (Word("Resolved", "mute", "check"), "closed it without sending it again"),
    Action.MESSAGE_REOPENED: (Word("Reopened", "mute", "arrow-back-up"), "opened it again"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened: its word, a sentence, the provider's code, and small print."""

    at: datetime
    word: Word
    text: str = ""
    code: str = ""
    link: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """What happened, oldest first; what comes next; and what to know before the message is sent again."""

    entries: Sequence[Entry]
    next_try: datetime | None  # When it goes out, where it waits to.
    held: str  # What keeps it from going out, beside its time.
    next_look: datetime | None  # When the provider is asked next whether it has it.
    next_ask: datetime | None  # When it is asked next what became of it, unless a receipt comes.
    warnings: Sequence[str]


def tell(message: Message) -> Story:
    """Put together what is known of a message."""
    entries = [*_made(message), *map(_attempt, message.attempts), *_receipts(message), *_acts(message)]
    entries += [*_end(message), *_stand_in(message)]
    looks = [a.next_look_at for a in message.attempts if a.next_look_at]
    asks = [a.next_ask_at for a in message.attempts if a.next_ask_at]
    return Story(
        entries=sorted(entries, key=lambda entry: entry.at),
        next_try=message.due_at if message.status is MessageStatus.WAITING else None,
        held=_held(message),
        next_look=min(looks, default=None),
        next_ask=min(asks, default=None),
        warnings=warnings([message]).get(message.id, []),
    )


def warnings(messages: Iterable[Message]) -> dict[int, list[str]]:
    """By message id, what a person should know before sending a failed message again; one query for all."""
    failed = [m for m in messages if m.can_retry]
    overtaken = _overtaken([m.id for m in failed])
    found = {}
    for message in failed:
        said = ["It may have arrived already."] if message.error_code == "may_have_arrived" else []
        if message.id in overtaken:
            said.append(f"A later {words.CHANNEL[message.channel].label} has gone out to this guest since.")
        if message.resolved_at:
            said.append(f"{message.resolved_by} has seen to it already.")
        found[message.id] = said
    return found


def _overtaken(ids: Sequence[int]) -> set[int]:
    """Those of these messages after which the guest got a later one on the same channel."""
    if not ids:
        return set()
    later = aliased(Message)
    went = exists().where(
        later.guest_id == Message.guest_id,
        later.seq > Message.seq,
        later.channel == Message.channel,
        later.status.in_(TAKEN),
    )
    return set(db.session.scalars(select(Message.id).where(Message.id.in_(ids), went)))


def _made(message: Message) -> list[Entry]:
    act = db.session.get(Audit, message.act_id) if message.act_id else None
    text = f"{act.actor} {audit.ACTS[act.action].did}." if act else ""
    return [Entry(message.created_at, Word("Made", icon="hourglass"), text)]


def _attempt(attempt: Attempt) -> Entry:
    word = words.OUTCOME[attempt.outcome] if attempt.outcome else words.MESSAGE["sending"]
    reason = explain(attempt.message.channel, attempt.code) if attempt.code else None
    took = f"{(attempt.ended_at - attempt.started_at).total_seconds():.2f} s" if attempt.ended_at else ""
    probe = "tried whether the paused channel works" if attempt.is_probe else ""
    facts = (
        f"Attempt {attempt.number}",
        attempt.provider,
        took,
        attempt.provider_id,
        attempt.worker,
        probe,
        *_questions(attempt),
        attempt.detail,
    )
    return Entry(
        attempt.started_at,
        word,
        reason.text if reason else "",
        attempt.code,
        reason.link if reason else "",
        tuple(fact for fact in facts if fact),
    )


def _questions(attempt: Attempt) -> list[str]:
    """What the provider was asked about it, by ourselves."""
    said = []
    if attempt.looks:
        found = f", not found {_times(attempt.good_looks)}" if attempt.good_looks else ""
        said.append(f"looked for {_times(attempt.looks)}{found}")
    if attempt.asks:
        said.append(f"asked {_times(attempt.asks)} what became of it")
    return said


def _times(many: int) -> str:
    return {1: "once", 2: "twice"}.get(many, f"{many} times")


def _receipts(message: Message) -> list[Entry]:
    numbers = {a.id: a.number for a in message.attempts}
    rows = db.session.scalars(select(Receipt).where(Receipt.attempt_id.in_(numbers)).order_by(Receipt.id))
    return [_receipt(message, receipt, numbers.get(receipt.attempt_id or 0, 0)) for receipt in rows]


def _receipt(message: Message, receipt: Receipt, number: int) -> Entry:
    refused = receipt.status in ReceiptRank.FAILED
    look = words.MESSAGE["failed"] if refused else words.MESSAGE.get(receipt.status, Word("Receipt", icon="receipt"))
    reason = explain(message.channel, receipt.code) if receipt.code else None
    facts = (
        f"Attempt {number}",
        SOURCES.get(receipt.source, receipt.source),
        _moved_nothing(receipt),
    )
    word = Word(f"Receipt: {receipt.status}", look.tone if receipt.moved else "mute", look.icon)
    return Entry(
        receipt.received_at,
        word,
        reason.text if reason else "",
        receipt.code,
        reason.link if reason else "",
        tuple(fact for fact in facts if fact),
    )


def _moved_nothing(receipt: Receipt) -> str:
    if receipt.moved:
        return ""
    is_news = ReceiptRank.of(receipt.status)
    return "changed nothing: it was late, repeated or another's" if is_news else "changes nothing by itself"


def _acts(message: Message) -> list[Entry]:
    """What people did about it."""
    about_it = (Audit.booking_id == message.booking_id, Audit.message_id == message.id, Audit.action.in_(BY_HAND))
    return [_act(act) for act in db.session.scalars(select(Audit).where(*about_it))]


def _act(act: Audit) -> Entry:
    word, did = BY_HAND[act.action]
    note = f" {act.detail['note']}" if act.detail.get("note") else ""
    return Entry(act.at, word, f"{act.actor} {did}.{note}")


def _end(message: Message) -> list[Entry]:
    """The verdict where it is a bad one: no attempt and no receipt says all of it."""
    if message.status not in CLOSED or message.settled_at is None:
        return []
    reason = explain(message.channel, message.error_code) if message.error_code else None
    word = words.MAY_HAVE_ARRIVED if message.error_code == "may_have_arrived" else words.MESSAGE[message.status]
    return [Entry(message.settled_at, word, reason.text if reason else "")]


def _stand_in(message: Message) -> list[Entry]:
    """The message on the next channel, where this one could not reach the guest."""
    other = message.stood_in_by
    if other is None:
        return []
    by = words.CHANNEL[other.channel].label
    return [Entry(other.created_at, Word(f"{by} instead", "info", "arrow-back-up"), "The next channel of the order.")]


def _held(message: Message) -> str:
    """What keeps a waiting message from going out, beside its time."""
    if message.status is not MessageStatus.WAITING:
        return ""
    label = words.CHANNEL[message.channel].label
    closed = db.session.get(ChannelState, message.channel)
    if closed is not None and closed.is_paused:
        return f"{label} is paused. {closed.why}".strip()
    earlier = exists().where(
        Message.guest_id == message.guest_id,
        Message.channel == message.channel,
        Message.seq < message.seq,
        Message.status.in_(OPEN),
        Message.stepped_aside.is_(False),
    )
    behind = db.session.scalar(select(earlier))
    return f"An earlier {label} to this guest goes first." if behind else ""
