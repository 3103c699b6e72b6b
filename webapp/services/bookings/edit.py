"""Changing a booking: its guest's contact, and what was booked."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from webapp import money, words
from webapp.database import changed
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import (
    EXPECTED,
    OPEN,
    Action,
    Audit,
    Booking,
    Event,
    Message,
    MessageStatus,
    phone_tail,
)
from webapp.services import audit, messages, search
from webapp.services.audit import Actor
from webapp.services.bookings import form as booking_form
from webapp.services.bookings.act import Seen, perform
from webapp.services.bookings.form import BOOKED, CONTACT
from webapp.services.bookings.lifecycle import Facts
from webapp.services.guests import lanes
from webapp.services.messages.compose import PreparedMessages


@dataclass(frozen=True)
class Changed:
    """The result of a change."""

    booking: Booking
    act: Audit | None  # None if nothing differed.
    messages: int
    left_behind: int  # Messages on their way to an old address of the booking.


def change(booking: Booking, wanted: Facts, *, by: Actor, tell: bool, expected_version: int | None = None) -> Changed:
    """Change what differs, in one transaction. With `tell` the guest is told, unless only the contact differs.

    Raises:
        Outrun: somebody changed the booking in between.
        Conflict: the booking is over, so that only its contact can be changed.
    """
    changes: dict[str, list[Any]] = {}

    def is_told() -> bool:
        return tell and bool(changes.keys() & BOOKED.keys())

    def write_it(seen: Seen) -> dict[str, Any]:
        changes.update(_allowed_changes(booking, wanted))
        write(booking, wanted, seen.version)
        return {"changes": changes, "told": is_told()}

    def letters() -> PreparedMessages | None:
        return _letters(booking) if is_told() else None

    try:
        act = perform(
            booking, Action.BOOKING_CHANGED, write_it, by=by, expected_version=expected_version, letters=letters
        )
    except _SameError:
        first = audit.made_by(by)
        return _result(first, booking) if first else Changed(booking, None, 0, 0)
    # The form was sent before with other content. Changes by others after that act do not matter.
    if act.detail.get("changes") != changes and differences(booking, wanted):
        raise audit.outrun(booking)
    return _result(act, booking)


def _allowed_changes(booking: Booking, wanted: Facts) -> dict[str, list[Any]]:
    """Returns the differences.

    Raises:
        _SameError: there are none.
        Conflict: the booking is over, and not only its contact differs.
    """
    db.session.refresh(booking)
    differs = differences(booking, wanted)
    if not differs:
        raise _SameError
    if differs.keys() & BOOKED.keys() and not may_change(booking):
        raise Conflict(
            gettext(
                "Only the contact of %(reference)s can change. Status: %(status)s.",
                reference=booking.reference,
                status=words.BOOKING[booking.status].label,
            )
        )
    return differs


class _SameError(Exception):
    """Nothing differs."""


def _result(act: Audit, booking: Booking) -> Changed:
    made = sum(m.act_id == act.id and m.status is not MessageStatus.SKIPPED for m in booking.messages)
    return Changed(booking, act, made, len(left_behind(booking)))


def may_change(booking: Booking) -> bool:
    """Whether the booking may still be changed; its contact always may."""
    return booking.status in EXPECTED


def differences(booking: Booking, wanted: Facts) -> dict[str, list[Any]]:
    """Returns the old and the new value of each field that differs, as an audit row stores them."""
    pairs = ((name, getattr(booking, name), getattr(wanted, name)) for name in CONTACT | BOOKED)
    return {name: [_plain(old, booking), _plain(new, booking)] for name, old, new in pairs if _differs(old, new)}


def _differs(old: Any, new: Any) -> bool:
    if isinstance(old, datetime) and isinstance(new, datetime):
        return old.replace(second=0, microsecond=0) != new.replace(second=0, microsecond=0)  # The form has minutes.
    return bool(old != new)


def _plain(value: Any, booking: Booking) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return money.plain(value, booking.currency) if isinstance(value, Decimal) else value


def write(booking: Booking, wanted: Facts, expected_version: int | None) -> None:
    """Write the facts by a guarded UPDATE inside the current write transaction; a new contact may mean another lane.

    Raises:
        Outrun: the version is not the expected one.
    """
    facts = {name: getattr(wanted, name) for name in CONTACT | BOOKED}
    is_found_otherwise = any(getattr(booking, name) != facts[name] for name in ("name", "phone", "email"))
    if not _differs(booking.starts_at, wanted.starts_at):
        facts["starts_at"] = booking.starts_at
    version = booking.version if expected_version is None else expected_version
    same = (wanted.phone, wanted.email) == (booking.phone, booking.email)
    lane = booking.guest_id if same else lanes.find_or_create(phone=wanted.phone, email=wanted.email)
    moved = changed(
        update(Booking)
        .where(Booking.id == booking.id, Booking.version == version)
        .values(
            **facts,
            phone_tail=phone_tail(wanted.phone),
            guest_id=lane,
            version=version + 1,
        )
    )
    if moved != 1:
        raise audit.outrun(booking)
    db.session.refresh(booking)
    if is_found_otherwise:
        search.write_again(booking)


def change_back(booking: Booking, act: Audit) -> None:
    """Restore what an undone change had replaced, inside the current write transaction.

    Raises:
        Outrun: the booking has another version than the change left.
    """
    before = {name: _read(name, old) for name, (old, _) in act.detail["changes"].items()}
    write(booking, replace(booking_form.facts_of(booking), **before), act.detail["version"])


def _read(name: str, stored: Any) -> Any:
    """Returns a value of an audit row as its column holds it."""
    if name == "starts_at":
        return datetime.fromisoformat(stored)
    return Decimal(stored) if name == "amount" else stored


def _letters(booking: Booking) -> PreparedMessages:
    """Returns messages about the present state; waiting messages about an earlier change are skipped.

    Other acts write their texts before the transaction; these need the changed booking.
    """
    letters = messages.prepare(booking, Event.BOOKING_CHANGED)
    return replace(letters, supersedes=sorted({*letters.supersedes, Event.BOOKING_CHANGED}))


def left_behind(booking: Booking) -> list[str]:
    """Returns the old addresses to which messages still go, one entry a message.

    A message keeps its address: a provider may have it already.
    """
    going = select(Message.to).where(Message.booking_id == booking.id, Message.status.in_(OPEN)).order_by(Message.id)
    return [to for to in db.session.scalars(going) if to not in (booking.phone, booking.email)]


def since(booking: Booking, version: int) -> list[Audit]:
    """Returns the acts of others since a form was opened at a version, newest first."""
    if booking.version <= version:
        return []
    newest = select(Audit).where(Audit.booking_id == booking.id, Audit.action.not_in(audit.VERSIONLESS))
    acts = list(db.session.scalars(newest.order_by(Audit.id.desc()).limit(20)))
    # If no act has a version, show the last one.
    return [act for act in acts if act.detail.get("version", 0) > version] or acts[:1]


def merged(typed: dict[str, str], opened: dict[str, str], booking: Booking) -> tuple[dict[str, str], dict[str, str]]:
    """Merge a form that came second into the booking as it is now; `opened` is the form as it was opened.

    Returns the merged form, and the present value of each field that both people changed.
    """
    present = booking_form.values_of(booking)
    kept, both = dict(present), {}
    for name, now_is in present.items():
        mine, was = typed.get(name, now_is), opened.get(name, now_is)
        if mine not in (was, now_is):
            kept[name] = mine
            if now_is != was:
                both[name] = now_is
    return kept, both
