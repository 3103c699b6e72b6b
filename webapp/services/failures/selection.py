"""Which failed messages an act on many is meant for: the ticked ones, or the first that match what the board shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import BatchKind, Message, MessageStatus
from webapp.models.types import Usual, literal_words
from webapp.services import board
from webapp.services.board.filters import RESOLVED, Filters
from webapp.services.parsing.fields import row_id

MOST = 1000  # What one act takes.
COUNTED = 10_000  # Of what it leaves out, no more than these are counted.
ASKED = ("status", "channel", "event", "cause", "q", "from", "to")  # The board's query.
FAILED = literal_words(MessageStatus.FAILED)[0]
# Believed to be usual: else SQLite would read every failure that ever was, by the index of statuses.
UNRESOLVED = (Usual(Message.status == FAILED), Message.resolved_at.is_(None))


@dataclass(frozen=True)
class Picked:
    """Messages in the order of their lanes, each with its newest attempt's token now."""

    rows: Sequence[tuple[int, str]]
    left_out: int = 0  # How many more match; COUNTED + 1 where there are more than that.
    filters: dict[str, str] = field(default_factory=dict)


def ticked(ids: Iterable[str]) -> Picked:
    """Those of these ids that are messages, whatever became of them since they were ticked.

    Raises:
        Invalid: one is no id, or there are too many.
    """
    typed = {row_id(one) for one in ids}
    if None in typed:
        raise Invalid("This form is incomplete: reload the page and try again.")
    if len(typed) > MOST:
        raise Invalid(f"Choose at most {MOST:,} messages at once.")
    return Picked(_rows(_oldest_first().where(Message.id.in_(typed))))


def matching(kind: BatchKind, query: Mapping[str, str]) -> Picked:
    """The first MOST failures that match the board's query, oldest first.

    Raises:
        Invalid: the query asks for something that is not understood: it must not be taken for everything.
    """
    asked = {name: value.strip() for name in ASKED if (value := query.get(name, "")).strip()}
    filters = Filters.read(asked)
    if unread := asked.keys() - filters.query().keys():
        raise Invalid(f"This filter is not understood: {', '.join(sorted(unread))}. Go back to the list and try again.")
    if filters.errors:
        raise Invalid("The days of this list cannot be meant: correct them, then choose again.")
    if filters.status not in (None, RESOLVED if kind is BatchKind.REOPEN else MessageStatus.FAILED):
        return Picked([], filters=asked)
    wanted = of(kind, asked)
    rows = _rows(wanted.limit(MOST))
    return Picked(rows, _more(wanted, rows) if len(rows) == MOST else 0, asked)


def of(kind: BatchKind, query: Mapping[str, str]) -> Select[*tuple[Any, ...]]:
    """The failures that match the board's query: unresolved ones, or to be reopened those that are resolved."""
    wanted = _oldest_first().where(*_stands(kind), *board.beside_status(Filters.read(query)))
    if kind is BatchKind.REOPEN or query.get("q"):
        return wanted
    # Without statistics SQLite would read every failure that ever was.
    index = "failures_by_cause" if query.get("channel") and query.get("cause") else "failures"
    return wanted.with_hint(Message, f"INDEXED BY {index}", "sqlite")


def _oldest_first() -> Select[*tuple[Any, ...]]:
    """A guest's messages have ids in the order of their numbers, so the oldest first is each lane in its order."""
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
