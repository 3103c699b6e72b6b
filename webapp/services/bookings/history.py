"""The history of a booking: who did what, when, with old and new values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from webapp import words
from webapp.extensions import db
from webapp.i18n import amount, gettext
from webapp.models import Audit, Booking, ChannelName
from webapp.services import audit, texts
from webapp.services.bookings.form import LABELS
from webapp.services.parsing import times
from webapp.services.texts.languages import name_of

NEWEST = 50


@dataclass(frozen=True)
class Step:
    """The old and the new value of one field."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One line of a booking's history."""

    at: datetime
    actor: str
    did: str
    about: str  # Which payment or message, if any.
    reason: str
    steps: list[Step]
    icon: str


def newest(booking: Booking) -> list[Audit]:
    """Returns the last acts on a booking, newest first."""
    acts = select(Audit).where(Audit.booking_id == booking.id).order_by(Audit.id.desc()).limit(NEWEST)
    return list(db.session.scalars(acts))


def line(act: Audit, booking: Booking) -> Line:
    """Returns one act in words."""
    return Line(
        at=act.at,
        actor=act.actor,
        did=audit.ACTS[act.action].did,
        about=_about(act, booking),
        reason=act.detail.get("reason") or "",
        steps=steps(act, booking),
        icon=audit.ACTS[act.action].icon,
    )


def steps(act: Audit, booking: Booking) -> list[Step]:
    """Returns the old and new values of an act, in the order of the form."""
    changes = act.detail.get("changes", {})
    return [
        Step(gettext(label), _say(name, changes[name][0], booking), _say(name, changes[name][1], booking))
        for name, label in LABELS.items()
        if name in changes
    ]


def _say(name: str, value: Any, booking: Booking) -> str:
    """Returns a value of an audit row as staff read it."""
    if name == "channels":
        labels = [words.CHANNEL[channel].label for channel in ChannelName if value is None or channel in value]
        return ", ".join(labels) or gettext("nothing")
    if name == "starts_at":
        moment = datetime.fromisoformat(value)
        return texts.when(moment) + times.beside(moment)
    if name == "amount":
        return amount(Decimal(value), booking.currency)
    return name_of(value) if name == "language" else str(value or gettext("nothing"))


def _about(act: Audit, booking: Booking) -> str:
    payment = next((p for p in booking.payments if p.id == act.payment_id), None) if act.payment_id else None
    if payment:
        return f"{amount(payment.amount, booking.currency)}, {payment.method}"
    message = next((m for m in booking.messages if m.id == act.message_id), None) if act.message_id else None
    if message is None:
        return ""
    event, channel = words.EVENT[message.event].label, words.CHANNEL[act.detail.get("channel", message.channel)].label
    return f"{event}, {channel}"
