"""The request id: one id from a click to the receipt, in every log line of web and worker, and on the error page.

Each request gets an id, or keeps the one that a trusted proxy gave it. Its messages store the id, and a worker that
handles one of them logs under the same id.
"""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask, Response, g, request

from webapp.settings import Settings

HEADER = "X-Request-ID"
KEY = "trace"  # Its name in log lines.
LONGEST = 32
# Proxies send 32 hexadecimal digits (nginx) or a UUID (Envoy, Traefik, Heroku).
_WELL_FORMED = re.compile(r"[0-9A-Za-z-]{8,36}")
# A line for each page and poll would bury the lines of requests that change something.
NOT_LOGGED = ("GET", "HEAD", "OPTIONS")
log = structlog.get_logger(__name__)


def fresh() -> str:
    """Returns a new id."""
    return secrets.token_hex(8)


def current() -> str:
    """Returns the id of the work at hand, "" outside of any."""
    return str(structlog.contextvars.get_contextvars().get(KEY, ""))


@contextmanager
def carry_on(trace_id: str) -> Iterator[None]:
    """Log under a message's request id inside the block. An empty id changes nothing."""
    with structlog.contextvars.bound_contextvars(**({KEY: trace_id} if trace_id else {})):
        yield


def set_up(app: Flask, settings: Settings) -> None:
    """Give each request its id. Call it before any hook that could refuse a request."""

    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()  # The thread's last request may have left something.
        g.request_id, g.begun = (settings.trusted_proxies and _from_proxy()) or fresh(), time.monotonic()
        structlog.contextvars.bind_contextvars(**{KEY: g.request_id})

    @app.after_request
    def end(response: Response) -> Response:
        if request_id := g.get("request_id"):
            response.headers[HEADER] = request_id
            if request.method not in NOT_LOGGED:
                _log(response.status_code)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars(KEY)

    app.jinja_env.globals["request_id"] = current


def _from_proxy() -> str:
    """Returns the id that the proxy sent, "" for none or a malformed one."""
    given = request.headers.get(HEADER, "")
    if not _WELL_FORMED.fullmatch(given):
        return ""
    return given if len(given) <= LONGEST else given.replace("-", "")[:LONGEST]


def _log(status: int) -> None:
    """Log the request by its URL rule: the address itself may hold the secret of a link."""
    reference = (request.view_args or {}).get("reference")
    log.info(
        "A request was answered.",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else "no such address",
        status=status,
        ms=round((time.monotonic() - g.begun) * 1000),
        **({"booking": reference} if reference else {}),
    )
