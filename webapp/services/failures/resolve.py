"""Closing a failure without sending it again, and opening it again."""

from typing import Any

from sqlalchemy import update

from webapp.database import changed, now, writing
from webapp.errors import Conflict
from webapp.models import Action, BatchKind, Message
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.failures import eligibility
from webapp.services.parsing.text import one_line

NOTE_LENGTH = 500


def resolve(message: Message, *, by: Actor, token: str, note: str = "") -> None:
    """Close a failure, with a note of what was done instead. `token` is the attempt's that the person saw.

    Raises:
        Conflict: it is not failed any more, was sent again since, or somebody resolved it.
    """
    _once(BatchKind.RESOLVE, message.id, by, token, note)


def reopen(message: Message, *, by: Actor, token: str) -> None:
    """Let a resolved failure stand among those that somebody must see to.

    Raises:
        Conflict: it is not failed any more, was sent again since, or is not resolved.
    """
    _once(BatchKind.REOPEN, message.id, by, token, "")


def _once(kind: BatchKind, message_id: int, by: Actor, token: str, note: str) -> None:
    try:
        with writing():
            case = eligibility.one(message_id)
            eligibility.check(kind, case, token or None)
            (close if kind is BatchKind.RESOLVE else open_again)(case.message, by, note)
    except Conflict as refusal:
        audit.first_result(by, refusal)  # A double click: its first post was taken.


def close(message: Message, by: Actor, note: str = "", **detail: Any) -> None:
    """Mark a failure as resolved, inside the current write transaction.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    note = one_line(note)[:NOTE_LENGTH]
    mark = {"resolved_at": now(), "resolved_by": by.name, "resolved_note": note}
    if changed(update(Message).where(*eligibility.unmoved(message)).values(mark)) != 1:
        raise eligibility.lost(BatchKind.RESOLVE, message)
    _record(Action.MESSAGE_RESOLVED, message, by, **({"note": note} if note else {}), **detail)


def open_again(message: Message, by: Actor, _note: str = "", **detail: Any) -> None:
    """Take the mark off again, inside the current write transaction.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    mark = {"resolved_at": None, "resolved_by": "", "resolved_note": ""}
    if changed(update(Message).where(*eligibility.unmoved(message)).values(mark)) != 1:
        raise eligibility.lost(BatchKind.REOPEN, message)
    _record(Action.MESSAGE_REOPENED, message, by, **detail)


def _record(action: Action, message: Message, by: Actor, **detail: Any) -> None:
    audit.record(action, by=by, booking_id=message.booking_id, message_id=message.id, **detail)
