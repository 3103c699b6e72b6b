"""The timeline of one message: what happened, in order, and what comes next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from webapp import words
from webapp.channels.reasons import explain
from webapp.extensions import db
from webapp.i18n import N_, gettext, ngettext
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
    "callback": N_("reported by the provider"),
    "asked": N_("answered when asked"),
    "bounce": N_("reported by a mail server"),
    "sandbox": N_("simulated"),
}
CLOSED = (MessageStatus.FAILED, MessageStatus.SKIPPED)
BY_HAND = {
    Action.MESSAGE_RETRIED: (Word("Sent again by hand", "info", "refresh"), N_("%(person)s put it back in its place.")),
    Action.MESSAGE_SENT_AFRESH: (
        Word("Sent again", "info", "send"),
        N_("%(person)s sent a new message."),
    ),
    Action.MESSAGE_RESOLVED: (Word("Resolved", "mute", "check"), N_("%(person)s closed it without sending it again.")),
    Action.MESSAGE_REOPENED: (Word("Reopened", "mute", "arrow-back-up"), N_("%(person)s opened it again.")),
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
    """The events, oldest first; the next steps; and warnings before the message is sent again."""

    entries: Sequence[Entry]
    next_try: datetime | None  # When it goes out, if it waits.
    held: str  # What keeps it from going out, beside its time.
    next_look: datetime | None  # When the provider is next asked whether it has it.
    next_ask: datetime | None  # When it is next asked for a receipt, unless one comes.
    warnings: Sequence[str]


def tell(message: Message) -> Story:
    """Returns all that is known of a message."""
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
    """Returns, by message id, the warnings before a failed message is sent again; one query for all."""
    failed = [m for m in messages if m.can_retry]
    overtaken = _overtaken([m.id for m in failed])
    found = {}
    for message in failed:
        sentences = [gettext("It may have arrived already.")] if message.error_code == "may_have_arrived" else []
        if message.id in overtaken:
            channel = words.CHANNEL[message.channel].label
            sentences.append(gettext("A later %(channel)s has gone out to this guest since.", channel=channel))
        if message.resolved_at:
            sentences.append(gettext("%(person)s has dealt with it already.", person=message.resolved_by))
        found[message.id] = sentences
    return found


def _overtaken(ids: Sequence[int]) -> set[int]:
    """Returns those of these messages after which the guest got a later one on the same channel."""
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
    what = {"person": act.actor, "act": audit.ACTS[act.action].did} if act else {}
    return [
        Entry(message.created_at, Word("Made", icon="hourglass"), gettext("%(person)s %(act)s.", **what) if act else "")
    ]


def _explained(at: datetime, word: Word, message: Message, code: str, facts: Sequence[str | None] = ()) -> Entry:
    """Returns an entry with what its code means, and the facts that are known."""
    reason = explain(message.channel, code) if code else None
    known = tuple(fact for fact in facts if fact)
    return Entry(at, word, reason.text if reason else "", code, reason.link if reason else "", known)


def _attempt(attempt: Attempt) -> Entry:
    word = words.OUTCOME[attempt.outcome] if attempt.outcome else words.MESSAGE["sending"]
    took = (attempt.ended_at - attempt.started_at).total_seconds() if attempt.ended_at else None
    facts = (
        gettext("Attempt %(number)s", number=attempt.number),
        attempt.provider,
        gettext("%(seconds)s s", seconds=f"{took:.2f}") if took is not None else "",
        attempt.provider_id,
        attempt.worker,
        gettext("tried whether the paused channel works") if attempt.is_probe else "",
        *_questions(attempt),
        attempt.detail,
    )
    return _explained(attempt.started_at, word, attempt.message, attempt.code, facts)


def _questions(attempt: Attempt) -> Iterator[str]:
    """Yields what Bellhop asked the provider about an attempt."""
    if attempt.looks:
        yield ngettext("looked for once", "looked for %(num)s times", attempt.looks)
    if attempt.good_looks:
        yield ngettext("not found once", "not found %(num)s times", attempt.good_looks)
    if attempt.asks:
        yield ngettext("receipt asked for once", "receipt asked for %(num)s times", attempt.asks)


def _receipts(message: Message) -> list[Entry]:
    numbers = {a.id: a.number for a in message.attempts}
    rows = db.session.scalars(select(Receipt).where(Receipt.attempt_id.in_(numbers)).order_by(Receipt.id))
    return [_receipt(message, receipt, numbers.get(receipt.attempt_id or 0, 0)) for receipt in rows]


def _receipt(message: Message, receipt: Receipt, number: int) -> Entry:
    refused = receipt.status in ReceiptRank.FAILED
    look = words.MESSAGE["failed"] if refused else words.MESSAGE.get(receipt.status, Word("Receipt", icon="receipt"))
    facts = (
        gettext("Attempt %(number)s", number=number),
        gettext(SOURCES.get(receipt.source, receipt.source)),
        _moved_nothing(receipt),
    )
    name = gettext("Receipt: %(status)s", status=receipt.status)
    word = Word(name, look.tone if receipt.moved else "mute", look.icon)
    return _explained(receipt.received_at, word, message, receipt.code, facts)


def _moved_nothing(receipt: Receipt) -> str:
    if receipt.moved:
        return ""
    if ReceiptRank.of(receipt.status):
        return gettext("changed nothing: it was late, repeated or about another message")
    return gettext("changes nothing by itself")


def _acts(message: Message) -> list[Entry]:
    """Returns what people did about it."""
    about_it = (Audit.booking_id == message.booking_id, Audit.message_id == message.id, Audit.action.in_(BY_HAND))
    return [_act(act) for act in db.session.scalars(select(Audit).where(*about_it))]


def _act(act: Audit) -> Entry:
    word, sentence = BY_HAND[act.action]
    said, told = gettext(sentence, person=act.actor), words.TOLD.get(act.detail.get("how", ""))
    if told:
        said = gettext("%(person)s %(act)s.", person=act.actor, act=told.label)
    return Entry(act.at, word, f"{said} {act.detail.get('note') or ''}".strip())


def _end(message: Message) -> list[Entry]:
    """Returns the verdict if it is a bad one: no attempt and no receipt says all of it."""
    if message.status not in CLOSED or message.settled_at is None:
        return []
    word = words.MAY_HAVE_ARRIVED if message.error_code == "may_have_arrived" else words.MESSAGE[message.status]
    return [replace(_explained(message.settled_at, word, message, message.error_code), code="", link="")]


def _stand_in(message: Message) -> list[Entry]:
    """Returns the message on the next channel, if this one could not reach the guest."""
    other = message.stood_in_by
    if other is None:
        return []
    word = Word(gettext("%(channel)s instead", channel=words.CHANNEL[other.channel].label), "info", "arrow-back-up")
    return [Entry(other.created_at, word, gettext("The next channel of the order."))]


def _held(message: Message) -> str:
    """Returns what keeps a waiting message from going out, beside its time."""
    if message.status is not MessageStatus.WAITING:
        return ""
    label = words.CHANNEL[message.channel].label
    closed = db.session.get(ChannelState, message.channel)
    if closed is not None and closed.is_paused:
        return gettext("%(channel)s is paused. %(why)s", channel=label, why=closed.why).strip()
    earlier = exists().where(
        Message.guest_id == message.guest_id,
        Message.channel == message.channel,
        Message.seq < message.seq,
        Message.status.in_(OPEN),
        Message.stepped_aside.is_(False),
    )
    is_behind = db.session.scalar(select(earlier))
    return gettext("An earlier %(channel)s to this guest goes first.", channel=label) if is_behind else ""
