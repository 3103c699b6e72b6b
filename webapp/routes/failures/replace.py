"""A new message in place of one that failed, to a corrected address or by another channel."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import words
from webapp.errors import Conflict, Invalid
from webapp.i18n import gettext
from webapp.models import Message, Role
from webapp.routes import access
from webapp.routes.messages.pages import ONE
from webapp.routes.responses import actor, form_version, sent
from webapp.services.failures import replace, retry
from webapp.services.failures.replace import Wanted
from webapp.services.messages import timeline
from webapp.services.parsing import contact
from webapp.services.queue import banner

bp = Blueprint("replacements", __name__, url_prefix="/messages")
access.require(bp, Role.FRONT_DESK)


@bp.get(f"{ONE}/replacement")
def show(message_id: int) -> ResponseReturnValue:
    """Why it failed, and the form that resends it."""
    message = retry.get(message_id)
    booking = message.booking
    wanted = Wanted("", (booking and booking.phone) or "", (booking and booking.email) or "")
    return _form(message, wanted, version=booking.version if booking else 0, token=message.token or "")


@bp.post(f"{ONE}/replacement")
def send(message_id: int) -> ResponseReturnValue:
    """Make the new message. The version and the token say which booking and failure the person saw."""
    message, form = retry.get(message_id), request.form
    wanted = Wanted(*(form.get(name, "") for name in ("channel", "phone", "email")))
    version, token = form_version(), form.get("token", "")
    try:
        made = replace.send(message, wanted, by=actor(), token=token, expected_version=version)
    except Invalid as error:
        return _form(message, wanted, version, token, error.fields), 422
    except Conflict as error:
        message = retry.get(message_id)
        now_at = message.booking.version if message.booking else 0
        return _form(message, wanted, now_at, message.token or "", {"": error.sentence}), error.status
    sent()
    banner.forget()
    label = words.CHANNEL[made.channel].label
    toast = gettext("%(channel)s for %(reference)s is resent.", channel=label, reference=made.reference)
    warning = contact.read_phone(wanted.phone).warning if wanted.phone.strip() else ""
    flash(f"{toast} {warning}".strip(), "keep" if warning else "message")
    return redirect(url_for("bookings.show", reference=made.reference), 303)


def _form(message: Message, wanted: Wanted, version: int, token: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "messages/replacement.html", message=message, typed=wanted, errors=errors or {}, version=version, token=token,
        refusal=replace.why_not(message), warnings=timeline.warnings([message]).get(message.id, []),
        channels=[(channel, words.CHANNEL[channel].label) for channel in replace.offered(message)],
        key=request.form.get("form_key", "")[:64] or secrets.token_hex(16), owner=current_user.id,
        from_post=request.method == "POST",
    )  # fmt: skip
