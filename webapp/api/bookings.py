"""Creating, showing and deciding bookings."""

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue

from webapp.api import answers
from webapp.api.auth import caller
from webapp.api.blueprint import bp
from webapp.api.reading import read
from webapp.api.schemas import BookingIn, StepIn
from webapp.services import bookings


@bp.post("/bookings")
def create_booking() -> ResponseReturnValue:
    asked = read(BookingIn)
    new = asked.as_new()
    reference = bookings.create(new, by=caller()).reference
    body = answers.booking(bookings.get(reference), warnings=asked.warnings(new))
    return jsonify(body), 201, {"Location": url_for(".show_booking", reference=reference)}


@bp.get("/bookings/<reference>")
def show_booking(reference: str) -> ResponseReturnValue:
    return jsonify(answers.booking(bookings.get(reference)))


@bp.post("/bookings/<reference>/confirm")
def confirm_booking(reference: str) -> ResponseReturnValue:
    asked = read(StepIn)
    bookings.confirm(bookings.find(reference), by=caller(), expected_version=asked.version)
    return show_booking(reference)


@bp.post("/bookings/<reference>/decline")
def decline_booking(reference: str) -> ResponseReturnValue:
    asked = read(StepIn)
    bookings.decline(bookings.find(reference), by=caller(), reason=asked.reason or "", expected_version=asked.version)
    return show_booking(reference)


@bp.post("/bookings/<reference>/cancel")
def cancel_booking(reference: str) -> ResponseReturnValue:
    asked = read(StepIn)
    bookings.cancel(bookings.find(reference), by=caller(), reason=asked.reason or "", expected_version=asked.version)
    return show_booking(reference)
