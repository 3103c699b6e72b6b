"""The forms that add and change a booking. Whatever the answer, what was typed is kept."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import words
from webapp.errors import Conflict, Invalid, Outrun, Repeated, Taken
from webapp.i18n import gettext, ngettext
from webapp.models import Action, Booking, Role
from webapp.routes import access
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.bookings.responses import going_out, undo_form
from webapp.routes.responses import Outlook, actor, flash_toast, form_version, sent, unchanged_or, was_asked
from webapp.services import audit, bookings
from webapp.services.bookings import NewBooking, edit
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import form as booking_form
from webapp.services.bookings.edit import Changed
from webapp.services.bookings.form import Price
from webapp.services.parsing import times
from webapp.services.parsing.fields import row_id
from webapp.services.queue import banner
from webapp.services.texts.languages import offered

bp = Blueprint("booking_forms", __name__, url_prefix="/bookings")
access.require(bp, Role.FRONT_DESK)


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _new(booking_form.blank(), secrets.token_hex(16))


@bp.post("/new")
def create() -> ResponseReturnValue:
    typed, confirmed = _typed(), request.form.get("then") == "confirm"
    try:
        asked = booking_form.read_new(typed)
        if past := _unasked(asked, typed):
            return _new(typed, _own_key(), {"starts_at": past}, sure=typed["starts_at"]), 422
        booking = bookings.create(asked, by=actor(), confirmed=confirmed)
    except Invalid as error:
        return _new(typed, _own_key(), error.fields), 422
    except Taken as error:
        return _new(typed, _own_key(), {"reference": error.sentence}), 409
    except Repeated as error:
        return _new(typed, secrets.token_hex(16), {"": error.sentence}), 409
    warnings = booking_form.warnings(asked, typed.get("phone", ""))
    act = audit.first_of(booking.id, Action.BOOKING_CONFIRMED) if confirmed else None
    if act is None:
        said = gettext("%(reference)s saved, not confirmed yet.", reference=booking.reference)
        _say(said, warnings)
        return redirect(url_for("bookings.show", reference=booking.reference), 303)
    sent()
    if warnings:
        flash_toast(" ".join(warnings.values()), kind="keep")
    said = gettext("%(reference)s saved and confirmed.", reference=booking.reference)
    return booking_responses.done(booking.reference, act, said)


@bp.get("/new/price")
def price() -> ResponseReturnValue:
    """The usual price of the service, for the form of a new booking."""
    return unchanged_or(render_template("bookings/_price.html", price=_price(request.args)))


@bp.get("/<reference>/change")
def change(reference: str) -> ResponseReturnValue:
    booking = bookings.get(reference)
    present = booking_form.values_of(booking)
    return _change(booking, present, present)


@bp.post("/<reference>/change")
def save(reference: str) -> ResponseReturnValue:
    booking, typed, opened = bookings.get(reference), _typed(), _typed("was-")
    try:
        asked = booking_form.read_change(typed, booking)
        done = edit.change(booking, asked, by=actor(), tell="tell" in request.form, expected_version=form_version())
    except Invalid as error:
        return _change(booking, typed, opened, error.fields, form_version(), key=_own_key()), 422
    except Outrun as error:
        booking = bookings.get(reference)
        kept, both = edit.merged(typed, opened, booking)
        return _change(booking, kept, booking_form.values_of(booking), {"": error.sentence}, both=both), error.status
    except Conflict as error:
        return _change(booking, typed, opened, {"": error.sentence}, form_version(), key=_own_key()), error.status
    warnings = booking_form.warnings(asked, typed.get("phone", ""))
    _say(_done(reference, done), warnings, done)
    return redirect(url_for("bookings.show", reference=reference), 303)


@bp.get("/<reference>/change/news")
def news(reference: str) -> ResponseReturnValue:
    """What others did with the booking since the form was opened."""
    booking, version = bookings.get(reference), request.args.get("version", 0, type=int)
    since = edit.since(booking, version)
    return unchanged_or(render_template("bookings/_news.html", booking=booking, version=version, news=since))


def _unasked(asked: NewBooking, typed: Mapping[str, str]) -> str:
    """Returns that the booking starts before today; empty if it does not, or the form was asked about it before."""
    return "" if was_asked(typed["starts_at"]) else times.past(asked.starts_at)


def _price(typed: Mapping[str, str]) -> Price | None:
    guests = row_id(typed.get("party_size", ""))
    return (
        booking_form.usual_price(typed.get("service", "").strip(), guests, typed.get("currency", "").upper())
        if guests
        else None
    )


def _new(typed: dict[str, str], key: str, errors: dict[str, str] | None = None, *, sure: str = "") -> str:
    """Returns the form; `sure`: the start in the past that it asks about."""
    return render_template(
        "bookings/new.html", typed=typed, errors=errors or {}, key=key, both={}, sure=sure, price=_price(typed),
        **_choices(typed),
    )  # fmt: skip


def _change(
    booking: Booking, typed: dict[str, str], opened: dict[str, str], errors: dict[str, str] | None = None,
    version: int | None = None, both: dict[str, str] | None = None, key: str = "",
) -> str:  # fmt: skip
    seen = booking.version if version is None else version
    return render_template(
        "bookings/change.html", booking=booking, typed=typed, opened=opened, errors=errors or {}, both=both or {},
        version=seen, key=key or secrets.token_hex(16), is_open=edit.may_change(booking),
        tell=request.method == "GET" or "tell" in request.form, news=edit.since(booking, seen),
        **_choices(typed, booking),
    )  # fmt: skip


def _choices(typed: dict[str, str], booking: Booking | None = None) -> dict[str, Any]:
    """Returns the choices of the fields; a language that only the booking site offers stays one of them."""
    spoken = typed.get("language", "")
    languages = offered()
    languages.setdefault(spoken, spoken)
    return {
        "services": booking_form.suggestions().services,
        "languages": languages.items(),
        "channels": [(channel, words.CHANNEL[channel].label) for channel in booking_form.offered(booking)],
        "twofold": times.choices(typed.get("starts_at", "")),
        "owner": current_user.id,
        "from_post": request.method == "POST",
    }


def _typed(prefix: str = "") -> dict[str, str]:
    """Returns what was typed, by field; fields that the form did not have are left out."""
    form = request.form
    names = (*booking_form.LABELS, booking_form.WHICH)
    typed = {name: form[prefix + name] for name in names if prefix + name in form}
    return typed | {"channels": ",".join(form.getlist(prefix + "channels"))}


def _own_key() -> str:
    return request.form.get("form_key", "")[:64] or secrets.token_hex(16)


def _done(reference: str, done: Changed) -> str:
    if done.act is None:
        return gettext("%(reference)s: nothing was changed.", reference=reference)
    said = [gettext("%(reference)s changed.", reference=reference)]
    if done.left_behind:
        said.append(
            ngettext(
                "%(num)s message still goes to the old address.",
                "%(num)s messages still go to the old address.",
                done.left_behind,
            )
        )
    return " ".join(said)


def _say(what: str, warnings: Mapping[str, str], done: Changed | None = None) -> None:
    """Say on the next page what was done, what to check, and how to undo a change."""
    banner.forget()
    booking_counts.forget()
    sent()
    said, kind = " ".join([what, *warnings.values()]), "keep" if warnings else "message"
    outlook, undo = _way_back(done) if done else (None, None)
    flash_toast(said, outlook=outlook, undo=undo, kind=kind)


def _way_back(done: Changed) -> tuple[Outlook | None, dict[str, Any] | None]:
    """Returns when the messages of a change go out, and the form that undoes it while it is the newest act."""
    if done.act is None:
        return None, None
    hold, booking = audit.ACTS[done.act.action].undo_seconds, done.booking
    can_undo = hold and booking.version == done.act.detail["version"]
    return going_out(done.messages, hold), undo_form(booking.reference, done.act) if can_undo else None
