"""What is asked while something is away: one cell for each kind of request, signed in and not."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.outages.asking import Answer
from tests.outages.desk import EMAIL, PASSWORD, Desk

HTMX = {"HX-Request": "true"}


@dataclass
class Cell:
    """One request of a kind; `booking` is what it would change."""

    kind: str
    who: str  # "signed in" or "nobody"; programs have a key, providers a signature.
    send: Callable[[], Answer]
    booking: str = ""
    answers: list[Answer] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.kind}, {self.who}"


def cells(desk: Desk) -> list[Cell]:
    """All that is asked of a desk, each act on a booking of its own."""
    return [
        *(_get(desk, "page", "/bookings", signed_in) for signed_in in (True, False)),
        *(_get(desk, "page that is not there", "/nothing", signed_in) for signed_in in (True, False)),
        *(_get(desk, "poll", "/payments/changes", signed_in, **HTMX) for signed_in in (True, False)),
        *(_act(desk, "act", signed_in, **HTMX) for signed_in in (True, False)),
        *(_act(desk, "act without script", signed_in) for signed_in in (True, False)),
        *(_act(desk, "act without its token", signed_in, token="") for signed_in in (True, False)),
        Cell("sign-in", "nobody", lambda: _sign_in(desk)),
        _api_get(desk, "a key", _key(desk)),
        _api_get(desk, "nobody", {}),
        _api_post(desk, "a key", _key(desk)),
        _api_post(desk, "nobody", {}),
        _webhook(desk, "signed", is_signed=True),
        _webhook(desk, "nobody", is_signed=False),
        *(_get(desk, "health", "/healthz", signed_in) for signed_in in (True, False)),
        *(_get(desk, "readiness", "/readyz", signed_in) for signed_in in (True, False)),
        *(_get(desk, "asset", "/assets/desk.css", signed_in) for signed_in in (True, False)),
    ]


def ask_all(asked: list[Cell]) -> None:
    """Send all at once; each keeps its answer."""
    with ThreadPoolExecutor(len(asked)) as threads:
        for cell, answer in zip(asked, threads.map(lambda cell: cell.send(), asked), strict=True):
            cell.answers.append(answer)


def _who(signed_in: bool) -> str:
    return "signed in" if signed_in else "nobody"


def _get(desk: Desk, kind: str, path: str, signed_in: bool, **headers: str) -> Cell:
    sent = headers | desk.person(signed_in=signed_in)
    return Cell(kind, _who(signed_in), lambda: desk.ask("GET", path, headers=sent))


def _act(desk: Desk, kind: str, signed_in: bool, token: str | None = None, **headers: str) -> Cell:
    reference, sent = desk.next_booking(), headers | desk.person(signed_in=signed_in)
    form = {"csrf_token": desk.token if token is None else token, "version": "1", "form_key": f"key-of-{reference}"}
    path = f"/bookings/{reference}/confirmation"
    return Cell(kind, _who(signed_in), lambda: desk.ask("POST", path, form=form, headers=sent), reference)


def _sign_in(desk: Desk) -> Answer:
    """With the token of a page that was open: its cookie is a session of nobody, so any will do here."""
    form = {"csrf_token": desk.token, "email": EMAIL, "password": PASSWORD}
    return desk.ask("POST", "/login", form=form, headers=desk.person(signed_in=True))


def _key(desk: Desk) -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.house.key}"}


def _api_get(desk: Desk, who: str, headers: dict[str, str]) -> Cell:
    return Cell("API, reading", who, lambda: desk.ask("GET", "/api/v1/messages", headers=headers))


def _api_post(desk: Desk, who: str, headers: dict[str, str]) -> Cell:
    reference = desk.next_booking()
    sent = {"Content-Type": "application/json", "Idempotency-Key": f"key-of-{reference}"} | headers
    path = f"/api/v1/bookings/{reference}/confirm"
    return Cell("API, act", who, lambda: desk.ask("POST", path, body=json.dumps({}), headers=sent), reference)


def _webhook(desk: Desk, who: str, *, is_signed: bool) -> Cell:
    path = "/webhooks/twilio/inbound"
    form = {"MessageSid": f"SM{desk.next_number()}", "From": "+14155560001", "To": "+15005550006", "Body": "Hello"}
    headers = desk.signed_by_twilio(path, form) if is_signed else {}
    return Cell("webhook", who, lambda: desk.ask("POST", path, form=form, headers=headers))
