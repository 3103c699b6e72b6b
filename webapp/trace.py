"""One number from a click to the receipt: in every log line of web, worker and webhook, and on the error page.

A request gets one, or brings it along where a proxy that we trust made it. The messages that the request causes keep
it, and whoever works on one of them later takes it up again.
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
# What proxies make: 32 hexadecimal digits (nginx), or a UUID (Envoy, Traefik, Heroku).
_WELL_FORMED = re.compile(r"[0-9A-Za-z-]{8,36}")
# A line for each page and poll would bury the others; what changes something is worth one.
QUIET = ("GET", "HEAD", "OPTIONS")
log = structlog.get_logger(__name__)


def fresh() -> str:
    """A number that nobody else has."""
    return secrets.token_hex(8)


def current() -> str:
    """The number of what is being done here; empty where nothing is."""
    return str(structlog.contextvars.get_contextvars().get(KEY, ""))


@contextmanager
def of(number: str) -> Iterator[None]:
    """Do something under this number, that of a message; without one nothing changes."""
    if not number:
        yield
        return
    with structlog.contextvars.bound_contextvars(**{KEY: number}):
        yield


def set_up(app: Flask, settings: Settings) -> None:
    """Number the requests. Registered before everything that could refuse one."""
    believes = settings.trusted_proxies > 0

    @app.before_request
    def begin() -> None:
        # Threads serve one request after another: what the last one left is not ours.
        structlog.contextvars.clear_contextvars()
        g.trace, g.begun = (_brought() if believes else "") or fresh(), time.monotonic()
        structlog.contextvars.bind_contextvars(**{KEY: g.trace})

    @app.after_request
    def end(response: Response) -> Response:
        if number := g.get("trace"):
            response.headers[HEADER] = number
            if request.method not in QUIET:
                _log(response.status_code)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars(KEY)

    app.jinja_env.globals["trace"] = current


def _brought() -> str:
    """The number that the proxy gave this request; empty where it gave none, or something else."""
    given = request.headers.get(HEADER, "")
    if not _WELL_FORMED.fullmatch(given):
        return ""
    return given if len(given) <= LONGEST else given.replace("-", "")[:LONGEST]


def _log(status: int) -> None:
    """What was asked, by its rule: an address may hold a secret of a link."""
    rule, reference = request.url_rule, (request.view_args or {}).get("reference")
    named = {"booking": reference} if reference else {}
    took = round((time.monotonic() - g.begun) * 1000)
    asked = rule.rule if rule else "no such address"
    log.info("A request was answered.", method=request.method, route=asked, status=status, ms=took, **named)
