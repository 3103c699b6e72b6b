"""Every error of what programs call, as a problem document (RFC 9457)."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus

import structlog
from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from webapp import faults
from webapp.database import outcome
from webapp.database.outcome import Outcome
from webapp.errors import Away, BellhopError, Full, Invalid
from webapp.faults import Fault

MIMETYPE = "application/problem+json"
MOST_ERRORS = 20
LONGEST_FIELD = 100
FULL_RETRY_SECONDS = 900  # A person must make room.
log = structlog.get_logger(__name__)
# In place of werkzeug's own sentences, which speak of browsers and spelling.
SENTENCES = {
    404: "There is no such call; the address may be mistyped.",
    405: "This address does not take that method; the header Allow names those that it takes.",
    413: "The body is too large for any call.",
    429: "Too many requests: wait a moment, then try again.",
    500: "Something went wrong here, and was written down. Try again; tell an admin if it happens twice.",
}
ASK_AGAIN = "Ask again in a moment, with the same Idempotency-Key if you sent one."
# The outcome of a call that failed. If it was not done, no sentence is needed.
BECAME = {
    Outcome.DONE: "It was done; only the answer could not be given. A GET shows how it stands, and so does the same "
    "call with the same Idempotency-Key.",
    Outcome.PERHAPS: "It may have been done. Look by a GET before you ask again; with the same Idempotency-Key it is "
    "not done twice.",
}


def problem(error: Exception) -> Response:
    """Answer any error of a call that a program has made."""
    if isinstance(error, BellhopError):
        return _ours(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return _database(error) if isinstance(error, faults.TROUBLE) else _bug(error)


def _ours(error: BellhopError) -> Response:
    """Answer one of our own errors. Programs read its kind, people its sentence."""
    if isinstance(error, Away):
        return _away(error.fault)
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    fields = error.fields if isinstance(error, Invalid) else {}
    wait = [("Retry-After", str(FULL_RETRY_SECONDS))] if isinstance(error, Full) else []
    kind = f"urn:problem-type:bellhop:{kind}"
    return _document(error.status, error.title, error.sentence, kind=kind, fields=fields, headers=wait)


def _of_http(error: HTTPException) -> Response:
    """Answer an error of HTTP itself: an unknown address, a wrong method, no key, a body that is too large."""
    status = error.code or 500
    is_stock = error.description is None or error.description == type(error).description
    detail = SENTENCES.get(status, error.name) if is_stock else str(error.description)
    headers = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    return _document(status, error.name, detail, headers=headers)


def _database(error: Exception) -> Response:
    fault = faults.of_error(error)
    if fault is None:
        return _bug(error)
    log.error("The database failed an API call.", error=type(error).__name__, path=request.path)
    return _away(fault)


def _away(fault: Fault) -> Response:
    sentence = f"{fault.title}. {BECAME.get(outcome.tally().outcome, ASK_AGAIN)}"
    return _document(503, HTTPStatus(503).phrase, sentence, headers=[("Retry-After", str(faults.RETRY_SECONDS))])


def _bug(error: Exception) -> Response:
    log.error("An API call failed by a fault of ours.", exc_info=error, path=request.path, method=request.method)
    return _document(500, HTTPStatus(500).phrase, BECAME.get(outcome.tally().outcome, SENTENCES[500]))


def _document(
    status: int,
    title: str,
    detail: str,
    *,
    kind: str = "about:blank",
    fields: Mapping[str, str] | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    body: dict[str, object] = {"type": kind, "title": title, "status": status, "detail": detail}
    if fields:
        body["errors"] = [{"field": _shown(f), "detail": d} for f, d in list(fields.items())[:MOST_ERRORS]]
    response = jsonify(body)
    response.status_code, response.mimetype = status, MIMETYPE
    response.headers.extend(headers)
    return response


def _shown(field: str) -> str:
    """Returns the name of a field as the caller wrote it, cut and made printable: it may be anything."""
    return field[:LONGEST_FIELD].encode("utf-8", "replace").decode()
