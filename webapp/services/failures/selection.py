"""The failed messages that an act on many is for: the ticked ones, or the first that match the board's filters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from webapp.errors import Invalid
from webapp.extensions import db
from webapp.i18n import gettext, number
from webapp.models import BatchKind, Message, MessageStatus
from webapp.models.types import Usual, literal_words
from webapp.services.board import listing as board
from webapp.services.board.filters import IN_URL, NOT_REACHED, RESOLVED, Filters
from webapp.services.messages import reached
from webapp.services.parsing.fields import row_id

MOST = 1000  # Messages of one act.
COUNTED = 10_000  # Of the others, no more than these are counted.
FAILED = literal_words(MessageStatus.FAILED)[0]
# Marked as usual: otherwise SQLite would read every failure that ever was, by the index of statuses.
UNRESOLVED = (Usual(Message.status == FAILED), Message.resolved_at.is_(None))


@dataclass(frozen=True)
class Picked:
    """Messages in the order in which they were made, each with the token of its newest attempt."""

    rows: Sequence[tuple[int, str]]
    left_out: int = 0  # How many more match; COUNTED + 1 means more than that.
    filters: dict[str, str] = field(default_factory=dict)


def ticked(ids: Iterable[str]) -> Picked:
    """Returns the messages of these ids, whatever their status is now.

    Raises:
        Invalid: one is no id, or there are too many.
    """
    typed = {row_id(one) for one in ids}
    if None in typed:
        raise Invalid(gettext("This form is incomplete: reload the page and try again."))
    if len(typed) > MOST:
        raise Invalid(gettext("Choose at most %(most)s messages at once.", most=number(MOST)))
    return Picked(_rows(_oldest_first().where(Message.id.in_(typed))))


def matching(kind: BatchKind, query: Mapping[str, str]) -> Picked:
    """Returns the first MOST failures that match the board's query, oldest first.

    Raises:
        Invalid: a filter is not understood. It must not count as no filter.
    """
    asked = {name: value.strip() for name in IN_URL if (value := query.get(name, "")).strip()}
    filters = Filters.read(asked)
    if unread := asked.keys() - filters.query().keys():
        names = ", ".join(sorted(unread))
        sentence = gettext("This filter is not understood: %(names)s. Go back to the list and try again.", names=names)
        raise Invalid(sentence)
    if filters.errors:
        raise Invalid(fields=filters.errors)
    able = (None, RESOLVED) if kind is BatchKind.REOPEN else (None, MessageStatus.FAILED, NOT_REACHED)
    if filters.status not in able:
        return Picked([], filters=asked)
    wanted = failures(kind, asked)
    rows = _rows(wanted.limit(MOST))
    return Picked(rows, _more(wanted, rows) if len(rows) == MOST else 0, asked)


def failures(kind: BatchKind, query: Mapping[str, str]) -> Select[*tuple[Any, ...]]:
    """Returns the failures that match the board's query: resolved ones for REOPEN, otherwise unresolved ones."""
    filters = Filters.read(query)
    wanted = _oldest_first().where(*_stands(kind), *board.beside_status(filters))
    if filters.status == NOT_REACHED:
        wanted = wanted.where(*reached.lost())
    if kind is BatchKind.REOPEN or query.get("q"):
        return wanted
    # SQLite has no statistics, and would read every failure that ever was.
    index = "failures_by_cause" if query.get("channel") and query.get("cause") else "failures"
    return wanted.with_hint(Message, f"INDEXED BY {index}", "sqlite")


def _oldest_first() -> Select[*tuple[Any, ...]]:
    """Oldest first: a guest's messages have ids in the order of their numbers."""
    return select(Message.id, Message.token).order_by(Message.id)


def _stands(kind: BatchKind) -> list[ColumnElement[bool]]:
    if kind is BatchKind.REOPEN:
        return [Message.status == FAILED, Message.resolved_at.is_not(None)]
    return [*UNRESOLVED]


def _rows(wanted: Select[*tuple[Any, ...]]) -> list[tuple[int, str]]:
    return [(row.id, row.token or "") for row in db.session.execute(wanted)]


def _more(wanted: Select[*tuple[Any, ...]], rows: Sequence[tuple[int, str]]) -> int:
    rest = wanted.where(Message.id > rows[-1][0]).limit(COUNTED + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(rest)).one()
