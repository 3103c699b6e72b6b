"""The delivery board's reads: messages newest first, by filters, a page at a time, and counts that stay cheap.

A page is found by its ids (keyset), so the thousandth costs what the first does. Nothing here counts the whole table:
counts stand only beside statuses that few messages have at any time, each from an index of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import Attempt, Booking, ChannelName, Event, Message, MessageStatus
from webapp.models.types import literal_words
from webapp.services import booking_search

PAGE = 50
MANY = 1000  # A narrowed count looks no further.
FEW = 500  # With more bookings than these, walking the messages finds a page sooner than their index does.
COUNTED = (MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN)
# In the order of their chips: what needs a look first.
STATUSES = (*COUNTED, *(status for status in MessageStatus if status not in COUNTED))
Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True)
class Filters:
    """What a page's address asks for; what it does not name, or names wrongly, is not narrowed."""

    status: MessageStatus | None = None
    channel: ChannelName | None = None
    event: Event | None = None
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Read an address's query."""
        return cls(
            _one_of(MessageStatus, query.get("status")),
            _one_of(ChannelName, query.get("channel")),
            _one_of(Event, query.get("event")),
            query.get("q", "").replace("\x00", "").strip()[:100],
        )

    def query(self, **changes: Any) -> dict[str, str]:
        """The query that asks for these, changed here and there; None takes a filter away."""
        asked = replace(self, **changes)
        pairs = {"status": asked.status, "channel": asked.channel, "event": asked.event, "q": asked.text}
        return {name: str(value) for name, value in pairs.items() if value}


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first, and the ids that its neighbours go on from; None where there are none."""

    messages: Sequence[Message]
    newer_than: int | None
    older_than: int | None

    @property
    def newest(self) -> int | None:
        """The id after which news begin; None on a page that has newer ones before it."""
        if self.newer_than is not None:
            return None
        return self.messages[0].id if self.messages else 0


def page(filters: Filters, *, before: int | None = None, after: int | None = None) -> Page:
    """The newest messages that match, or those next to an id."""
    wanted = _select(filters)
    if after is not None:
        rows = list(db.session.scalars(wanted.where(Message.id > after).order_by(Message.id).limit(PAGE + 1)))
        shown = rows[:PAGE][::-1]
        return Page(shown, shown[0].id if len(rows) > PAGE else None, shown[-1].id if shown else None)
    if before is not None:
        wanted = wanted.where(Message.id < before)
    rows = list(db.session.scalars(wanted.order_by(Message.id.desc()).limit(PAGE + 1)))
    shown = rows[:PAGE]
    return Page(shown, shown[0].id if shown and before else None, shown[-1].id if len(rows) > PAGE else None)


def some(ids: Sequence[int]) -> Sequence[Message]:
    """These messages, as they stand, newest first; at most a page of them."""
    wanted = select(Message).where(Message.id.in_(ids[:PAGE])).options(joinedload(Message.booking))
    return db.session.scalars(wanted.order_by(Message.id.desc())).all()


def counts(filters: Filters) -> dict[MessageStatus, str | None]:
    """Each status, and how many are in it, narrowed as the list is; None where that is not worth counting."""
    shown: dict[MessageStatus, str | None] = dict.fromkeys(STATUSES)
    if filters.text:
        return shown
    narrow = _narrow(filters)
    found = db.session.execute(select(*(_count(status, narrow) for status in COUNTED))).one()
    return shown | {status: _shown(number, capped=bool(narrow)) for status, number in zip(COUNTED, found, strict=True)}


def newer(filters: Filters, newest: int) -> int:
    """How many that match have come since an id; looks no further than one page and one."""
    fresh = _select(filters).where(Message.id > newest).with_only_columns(Message.id).limit(PAGE + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(fresh)).one()


def by_token(tokens: Sequence[str]) -> dict[str, int]:
    """The message of each attempt, by its token."""
    rows = db.session.execute(select(Attempt.token, Attempt.message_id).where(Attempt.token.in_(tokens)))
    return {row.token: row.message_id for row in rows}


def _one_of(kind: type[Kind], value: str | None) -> Kind | None:
    return kind(value) if value in list(kind) else None


def _select(filters: Filters) -> Select[Message]:
    conditions = _narrow(filters)
    if filters.status:
        conditions.append(_is(filters.status))
    if filters.text:
        conditions.append(_about(filters.text))
    wanted = select(Message).where(*conditions).options(joinedload(Message.booking))
    return wanted if filters.text else _by_failures(wanted, filters.status)


def _by_failures(statement: Select[Any], status: MessageStatus | None) -> Select[Any]:
    """Tell SQLite to walk the unresolved failures: without statistics it reads every failure that ever was."""
    return (
        statement.with_hint(Message, "INDEXED BY failures", "sqlite") if status is MessageStatus.FAILED else statement
    )


def _is(status: MessageStatus) -> ColumnElement[bool]:
    """In this status; a failure only until it is resolved. Literal, so that a partial index fits."""
    same = Message.status == literal_words(status)[0]
    return and_(same, Message.resolved_at.is_(None)) if status is MessageStatus.FAILED else same


def beside_status(filters: Filters) -> list[ColumnElement[bool]]:
    """All that is asked for but the status."""
    return [*_narrow(filters), *([_about(filters.text)] if filters.text else [])]


def _narrow(filters: Filters) -> list[ColumnElement[bool]]:
    pairs = ((Message.channel, filters.channel), (Message.event, filters.event))
    return [column == value for column, value in pairs if value]


def _count(status: MessageStatus, narrow: Sequence[ColumnElement[bool]]) -> Any:
    if not narrow:
        return _by_failures(select(func.count()).select_from(Message).where(_is(status)), status).scalar_subquery()
    first = _by_failures(select(Message.id).where(_is(status), *narrow).limit(MANY), status).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def _shown(number: int, *, capped: bool) -> str:
    return f"{MANY - 1}+" if capped and number >= MANY else f"{number:,}"


def _about(text: str) -> ColumnElement[bool]:
    """About a booking that the text finds: reference or name by prefix, e-mail, last digits of a phone."""
    bookings = select(Booking.id).where(or_(*booking_search.fits(text)))
    ids = db.session.scalars(bookings.limit(FEW + 1)).all()
    if not ids:  # A test message has a reference and no booking.
        return and_(Message.booking_id.is_(None), booking_search.begins(Message.reference, text.upper()))
    if len(ids) <= FEW:
        return Message.booking_id.in_(ids)
    return (Message.booking_id + 0).in_(bookings)  # The sum keeps the index of booking_id out of it.
