"""The acts on a booking in words: who did what, when, with old and new values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from webapp import words
from webapp.i18n import N_, amount, gettext
from webapp.models import Action, Audit, Booking, ChannelName
from webapp.services import audit, texts
from webapp.services.bookings.form import LABELS
from webapp.services.parsing import times
from webapp.services.texts.languages import name_of

# What an undo undid; of an act that is not here, the last step.
UNDID = {
    Action.BOOKING_CONFIRMED: N_("undid the confirmation"),
    Action.BOOKING_DECLINED: N_("undid the refusal"),
    Action.BOOKING_CANCELLED: N_("undid the cancellation"),
    Action.BOOKING_CHANGED: N_("undid the change"),
    Action.BOOKING_REOPENED: N_("undid the reopening"),
    Action.BOOKING_COMPLETED: N_("undid “Completed”"),
    Action.BOOKING_NO_SHOW: N_("undid “No-show”"),
    Action.PAYMENT_VERIFIED: N_("undid the verification of a payment"),
    Action.PAYMENT_REJECTED: N_("undid the rejection of a payment"),
    Action.PAYMENT_REVERSED: N_("undid the reversal of a payment"),
    Action.MESSAGE_SENT_AFRESH: N_("stopped a message that was sent again"),
}


@dataclass(frozen=True)
class Step:
    """The old and the new value of one field."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One act in words."""

    at: datetime
    actor: str
    did: str
    about: str  # Which payment or message, if any.
    reason: str
    steps: list[Step]
    icon: str


def line(act: Audit, booking: Booking, *, undoes: Audit | None = None) -> Line:
    """Returns one act in words; `undoes`: the act that it undid."""
    return Line(
        at=act.at,
        actor=act.actor,
        did=_did(act, undoes),
        about=_about(undoes or act, booking),
        reason=act.detail.get("reason") or act.detail.get("note") or "",
        steps=steps(act, booking),
        icon=audit.ACTS[act.action].icon,
    )


def _did(act: Audit, undoes: Audit | None) -> str:
    if undoes and undoes.action in UNDID:
        return gettext(UNDID[undoes.action])
    told = words.TOLD.get(act.detail.get("how", ""))
    return told.label if told and act.action is Action.MESSAGE_RESOLVED else audit.ACTS[act.action].did


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
