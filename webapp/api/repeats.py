"""Idempotency-Key: the hooks around each POST, which answer a repeat with the first answer."""

import structlog
from flask import Response, g, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from webapp.api import answers
from webapp.errors import Invalid
from webapp.models import Action
from webapp.services import bookings, idempotency
from webapp.services.failures import retry
from webapp.services.idempotency import HEADER, Done, First, Held

LONGEST_KEY = 200
JSON = "application/json"
MOST_BYTES = 64 * 1024
# These answers say nothing about the request itself: a repeat may succeed.
PASSING = (401, 403, 429)
MADE_SOMETHING = (Action.BOOKING_CREATED, Action.PAYMENT_SUBMITTED)
log = structlog.get_logger(__name__)


def answer_repeat() -> Response | None:
    """Answer a repeat, or hold the key during the call."""
    g.held, request.max_content_length = None, MOST_BYTES
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Invalid(fields={HEADER: f"Use 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID."})
    held = idempotency.hold(api_key_id=g.api_key_id, path=request.path, key=key, body=request.get_data())
    if isinstance(held, First):
        return _again(held)
    g.held = held
    done = idempotency.done(held) if held.is_repeat else None
    return _afresh(done) if done else None


def _again(first: First) -> Response:
    response = Response(first.text, first.status, mimetype=first.mimetype)
    response.headers["Idempotent-Replayed"] = "true"
    if first.location:
        response.headers["Location"] = first.location
    return response


def _afresh(done: Done) -> Response:
    """Returns the answer to an act that was done, but whose first answer was lost."""
    if done.message_id is not None:
        response = jsonify(answers.message(retry.get(done.message_id), with_booking=True))
    else:
        response = jsonify(answers.booking(bookings.get(str(done.booking))))
    response.status_code = 201 if done.action in MADE_SOMETHING else 200
    response.headers["Idempotent-Replayed"] = "true"
    return response


def keep_answer(response: Response) -> Response:
    """Keep the answer of a call that held a key, or free the key if a repeat may succeed."""
    held: Held | None = g.pop("held", None)
    if held is None:
        return response
    try:
        if response.status_code in PASSING or response.status_code >= 500:
            idempotency.free(held)
        else:
            text, location = response.get_data(as_text=True), response.headers.get("Location", "")
            idempotency.keep(held, First(response.status_code, text, response.mimetype or JSON, location))
    except SQLAlchemyError as error:
        # The act is done, so its answer is right; a repeat finds the act once the hold is stale.
        log.warning("An answer could not be kept for its repeats.", error=type(error).__name__)
    return response
