"""Closing a failure without sending it again, and opening it again."""

from typing import Any

from sqlalchemy import update

from webapp.database import changed, now
from webapp.models import Action, BatchKind, Message
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.failures import eligibility
from webapp.services.parsing.text import one_line

NOTE_LENGTH = 500


def resolve(message: Message, *, by: Actor, token: str, note: str = "") -> None:
    """Close a failure, with a note of what was done instead. `token` is that of the attempt that the person saw.

    Raises:
        Conflict: it is not failed any more, was sent again since, or somebody resolved it.
    """
    eligibility.act(BatchKind.RESOLVE, message.id, token or None, lambda found: close(found, by, note), by=by)


def reopen(message: Message, *, by: Actor, token: str) -> None:
    """Put a resolved failure back among the open ones.

    Raises:
        Conflict: it is not failed any more, was sent again since, or is not resolved.
    """
    eligibility.act(BatchKind.REOPEN, message.id, token or None, lambda found: open_again(found, by), by=by)


def close(message: Message, by: Actor, note: str = "", **detail: Any) -> None:
    """Mark a failure as resolved, inside the current write transaction.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    note = one_line(note)[:NOTE_LENGTH]
    _mark(BatchKind.RESOLVE, message, {"resolved_at": now(), "resolved_by": by.name, "resolved_note": note})
    _record(Action.MESSAGE_RESOLVED, message, by, **({"note": note} if note else {}), **detail)


def open_again(message: Message, by: Actor, **detail: Any) -> None:
    """Remove the mark, inside the current write transaction.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    _mark(BatchKind.REOPEN, message, {"resolved_at": None, "resolved_by": "", "resolved_note": ""})
    _record(Action.MESSAGE_REOPENED, message, by, **detail)


def _mark(kind: BatchKind, message: Message, values: dict[str, Any]) -> None:
    if changed(update(Message).where(*eligibility.unmoved(message)).values(values)) != 1:
        raise eligibility.lost(kind, message)


def _record(action: Action, message: Message, by: Actor, **detail: Any) -> None:
    audit.record(action, by=by, booking_id=message.booking_id, message_id=message.id, **detail)
