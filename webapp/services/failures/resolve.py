"""Closing failures without sending them again, because the guest was told another way; and opening them again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from webapp import words
from webapp.database import changed, now, writing
from webapp.errors import Conflict, Invalid, NotFound
from webapp.i18n import gettext
from webapp.models import NOT_CLOSED, Action, Audit, BatchKind, Booking, Message
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.failures import eligibility
from webapp.services.parsing.text import one_line

NOTE_LENGTH = 500
Seen = Mapping[int, str]  # Of each message, the token of the attempt that the person saw.


def resolve(message: Message, *, by: Actor, token: str, note: str = "", how: str = "") -> None:
    """Close a failure, with how the guest was told instead. `token` is that of the attempt that the person saw.

    Raises:
        Conflict: it is not failed any more, was sent again since, or somebody resolved it.
    """
    eligibility.act(BatchKind.RESOLVE, message.id, token or None, lambda found: close(found, by, note, how), by=by)


def reopen(message: Message, *, by: Actor, token: str) -> None:
    """Put a resolved failure back among the open ones.

    Raises:
        Conflict: it is not failed any more, was sent again since, or is not resolved.
    """
    eligibility.act(BatchKind.REOPEN, message.id, token or None, lambda found: open_again(found, by), by=by)


def resolve_of(booking: Booking, seen: Seen, *, by: Actor, note: str = "", how: str = "") -> None:
    """Close several failures of a booking as one act; see `resolve`.

    Raises:
        NotFound: one of them is about another booking.
        Conflict: one of them is not failed any more, was sent again since, or somebody resolved it.
    """
    _together(BatchKind.RESOLVE, booking, seen, by, lambda found, actor, of: close(found, actor, note, how, **of))


def reopen_of(booking: Booking, seen: Seen, *, by: Actor) -> None:
    """Put several resolved failures of a booking back as one act; see `reopen`.

    Raises:
        NotFound: one of them is about another booking.
        Conflict: one of them is not failed any more, was sent again since, or is not resolved.
    """
    _together(BatchKind.REOPEN, booking, seen, by, lambda found, actor, of: open_again(found, actor, **of))


def _together(
    kind: BatchKind, booking: Booking, seen: Seen, by: Actor, do: Callable[[Message, Actor, dict[str, int]], Audit]
) -> None:
    """Do an act on each, in one transaction; the log keeps the others as part of the first."""
    booking_id, first = booking.id, None
    try:
        with writing():
            for message_id, token in seen.items():
                case = eligibility.find(message_id)
                if case.message.booking_id != booking_id:
                    raise NotFound(gettext("There is no message %(number)s.", number=message_id))
                eligibility.check(kind, case, token or None)
                actor = replace(by, form_key=None) if first else by
                act = do(case.message, actor, {"part_of": first} if first else {})
                first = first or act.id
    except Conflict as error:
        audit.first_result(by, error)


def close(message: Message, by: Actor, note: str = "", how: str = "", **detail: Any) -> Audit:
    """Mark a failure as resolved, inside the current write transaction.

    Raises:
        Invalid: nobody tells a guest so.
        Conflict: somebody else was first, after it was read.
    """
    if how and how not in words.TOLD:
        raise Invalid(gettext("Choose how the guest was told."))
    note = one_line(note)[:NOTE_LENGTH]
    mark = {"resolved_at": now(), "resolved_by": by.name, "resolved_note": note, "resolved_how": how}
    _mark(BatchKind.RESOLVE, message, mark)
    said = {name: value for name, value in (("how", how), ("note", note)) if value}
    return _record(Action.MESSAGE_RESOLVED, message, by, **said, **detail)


def open_again(message: Message, by: Actor, **detail: Any) -> Audit:
    """Remove the mark, inside the current write transaction.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    _mark(BatchKind.REOPEN, message, NOT_CLOSED)
    return _record(Action.MESSAGE_REOPENED, message, by, **detail)


def _mark(kind: BatchKind, message: Message, values: Mapping[str, Any]) -> None:
    if changed(update(Message).where(*eligibility.unmoved(message)).values(values)) != 1:
        raise eligibility.lost(kind, message)


def _record(action: Action, message: Message, by: Actor, **detail: Any) -> Audit:
    return audit.record(action, by=by, booking_id=message.booking_id, message_id=message.id, **detail)
