"""What guests wrote back: somebody deals with it, once."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, NotFound
from webapp.models import Booking, Reply, Role
from webapp.routes import access, booking_answers
from webapp.routes.answers import actor
from webapp.services import bookings
from webapp.services.guests import replies

bp = Blueprint("replies", __name__, url_prefix="/replies")
access.require(bp, Role.FRONT_DESK)


@bp.post("/<int(max=9223372036854775807):reply_id>/handling")
def handle(reply_id: int) -> ResponseReturnValue:
    reply = replies.get(reply_id)
    booking = _booking(reply)
    try:
        replies.handle(reply, by=actor())
    except Conflict as second:
        return booking_answers.refused(booking.reference, second)
    return booking_answers.as_it_stands(bookings.get(booking.reference), "Marked as dealt with.")


def _booking(reply: Reply) -> Booking:
    if reply.booking is None:
        raise NotFound("This reply belongs to no booking.")
    return reply.booking
