"""The news of a message, sent again: to a corrected address, to another one for once, or by another channel."""

import dataclasses
import secrets

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import words
from webapp.errors import Conflict, Invalid
from webapp.i18n import gettext, ngettext
from webapp.models import Message, Role
from webapp.routes import access
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.messages.pages import ONE
from webapp.routes.responses import actor, form_version, sent
from webapp.services.failures import replace, retry
from webapp.services.failures.replace import Wanted
from webapp.services.messages import timeline
from webapp.services.parsing import contact
from webapp.services.parsing.fields import row_id

bp = Blueprint("replacements", __name__, url_prefix="/messages")
access.require(bp, Role.FRONT_DESK)


@bp.get(f"{ONE}/replacement")
def show(message_id: int) -> ResponseReturnValue:
    """What became of it, and the form that sends it again."""
    message = retry.get(message_id)
    booking = message.booking
    also = [other.id for other in replace.others(message)]
    keep, is_closed = message.can_retry, message.resolved_at is not None
    wanted = Wanted("", (booking and booking.phone) or "", (booking and booking.email) or "", keep, also, is_closed)
    return _form(message, wanted, version=booking.version if booking else 0, token=message.token or "")


@bp.post(f"{ONE}/replacement")
def send(message_id: int) -> ResponseReturnValue:
    """Make the new message. The version and the token say which booking and failure the person saw."""
    message, form = retry.get(message_id), request.form
    wanted, version, token = _wanted(), form_version(), form.get("token", "")
    try:
        acts = replace.send(message, wanted, by=actor(), token=token, expected_version=version)
    except Invalid as error:
        return _form(message, wanted, version, token, error.fields), 422
    except Conflict as error:
        message = retry.get(message_id)
        now_at = message.booking.version if message.booking else 0
        wanted = dataclasses.replace(wanted, is_closed=message.resolved_at is not None)
        return _form(message, wanted, now_at, message.token or "", {"": error.sentence}), error.status
    sent()
    if warning := contact.read_phone(wanted.phone).warning if wanted.phone.strip() else "":
        flash(warning, "keep")
    said = gettext("Sent again.")
    if len(acts) > 1:
        said = ngettext(
            "Sent again, for %(num)s booking.",
            "Sent again, for %(num)s bookings: each can be undone on its page.",
            len(acts),
        )
    return booking_responses.done(message.reference, acts[0], said)


def _wanted() -> Wanted:
    form = request.form
    also = [number for typed in form.getlist("also") if (number := row_id(typed))]
    channel, phone, email = (form.get(name, "") for name in ("channel", "phone", "email"))
    return Wanted(channel, phone, email, bool(form.get("keep")), also, bool(form.get("is_closed")))


def _form(message: Message, wanted: Wanted, version: int, token: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "messages/replacement.html", message=message, typed=wanted, errors=errors or {}, version=version, token=token,
        refusal=replace.why_not(message), warnings=timeline.warnings([message]).get(message.id, []),
        channels=[(channel, words.CHANNEL[channel].label) for channel in replace.offered(message)],
        others=[(other.id, _about(other, message)) for other in replace.others(message)],
        key=request.form.get("form_key", "")[:64] or secrets.token_hex(16), owner=current_user.id,
        from_post=request.method == "POST",
    )  # fmt: skip


def _about(other: Message, message: Message) -> str:
    """Returns another failure as its tick box names it."""
    channel, event = words.CHANNEL[other.channel].label, words.EVENT[other.event].label
    if other.booking_id == message.booking_id:
        return gettext("%(channel)s: %(event)s", channel=channel, event=event)
    return gettext("%(channel)s: %(event)s (%(reference)s)", channel=channel, event=event, reference=other.reference)
