"""The delivery board as a CSV file, read and written in parts."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, select

from webapp import words
from webapp.channels.reasons import explain
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Action, Booking, Message
from webapp.services import audit, csv_writer
from webapp.services.audit import Actor
from webapp.services.board import index_walk
from webapp.services.board.filters import Filters
from webapp.services.board.index_walk import Stretch
from webapp.services.csv_writer import moment
from webapp.settings import current

BATCH = 1_000
HEADER = (
    "Message", "Reference", "Name", "Service", "Event", "Channel", "To", "Status", "Code", "Reason", "Tries", "Parts",
    "Due on", "Due at", "Sent on", "Sent at", "Delivered on", "Delivered at", "Ended on", "Ended at", "Simulated",
    "Retried by", "Resolved on", "Resolved at", "Resolved by", "Note", "Time zone",
)  # fmt: skip
_COLUMNS = (
    Message.id, Message.reference, Booking.name, Booking.service, Message.event, Message.channel, Message.to,
    Message.status, Message.error_code, Message.attempts_made, Message.segments, Message.first_due_at,
    Message.sent_at, Message.delivered_at, Message.settled_at, Message.simulated, Message.retried_by,
    Message.resolved_at, Message.resolved_by, Message.resolved_note,
)  # fmt: skip


def export(filters: Filters, *, by: Actor) -> Iterator[bytes]:
    """Record who exports what, then give the file piece by piece, newest message first.

    It holds the messages that exist when it begins. A message that changes meanwhile is written once, as it is then, or
    not at all if it no longer matches.
    """
    with writing():
        audit.record(Action.MESSAGES_EXPORTED, by=by, filters=filters.query())
    return csv_writer.stream(HEADER, _batches(filters))


def _batches(filters: Filters) -> Iterator[list[tuple[csv_writer.Cell, ...]]]:
    """All messages that match. Each read ends before its rows are sent: a slow browser holds no transaction open."""
    before: int | None = index_walk.tip() + 1
    while before is not None:
        found = index_walk.find(filters, Stretch(below=before), BATCH)
        lines = [_cells(row) for row in db.session.execute(_rows(found.ids))] if found.ids else []
        db.session.rollback()
        before = found.ids[-1] if len(found.ids) == BATCH else found.reached
        yield lines


def _rows(ids: list[int]) -> Select[*tuple[Any, ...]]:
    rows = select(*_COLUMNS).outerjoin(Booking, Message.booking_id == Booking.id)
    return rows.where(Message.id.in_(ids)).order_by(Message.id.desc())


def _cells(row: Row[*tuple[Any, ...]]) -> tuple[csv_writer.Cell, ...]:
    reason = explain(row.channel, row.error_code).text if row.error_code else ""
    return (
        row.id, row.reference, row.name or "", row.service or "", words.EVENT[row.event].text,
        words.CHANNEL[row.channel].text, row.to, words.MESSAGE[row.status].text, row.error_code, reason,
        row.attempts_made, row.segments, *moment(row.first_due_at), *moment(row.sent_at), *moment(row.delivered_at),
        *moment(row.settled_at), "yes" if row.simulated else "", row.retried_by, *moment(row.resolved_at),
        row.resolved_by, row.resolved_note, current().timezone,
    )  # fmt: skip
