"""Who may do what, written down a second time: a blueprint that asks for too little is found here, not by a guest."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for

from webapp.models import Role
from webapp.routes.access import ROLES
from webapp.settings import ROOT

EVERYBODY, KEY = None, "an API key"
# The first word of an endpoint, and the least role that may use it.
NEEDS: dict[str, Role | str | None] = {
    "today": Role.FRONT_DESK,  # sees the work that is left
    "asks": Role.FRONT_DESK,  # sees first whom an act tells, and what they read
    "payment_asks": Role.FRONT_DESK,
    "bookings": Role.FRONT_DESK,  # takes, confirms, declines, cancels; takes back
    "booking_import": Role.FRONT_DESK,  # takes many bookings from a file
    "booking_payments": Role.FRONT_DESK,  # records a payment
    "booking_forms": Role.FRONT_DESK,  # takes and changes bookings by hand
    "notes": Role.FRONT_DESK,  # writes to each other about a booking
    "menu": Role.FRONT_DESK,  # finds pages and bookings from everywhere
    "replies": Role.FRONT_DESK,  # deals with what guests write back
    "replacements": Role.FRONT_DESK,  # corrects an address and sends afresh
    "bulk": Role.FRONT_DESK,  # confirms and declines many bookings at once
    "payments": Role.FRONT_DESK,  # verifies or rejects
    "statements": Role.FRONT_DESK,  # verifies by a bank's list
    "messages": Role.FRONT_DESK,  # sees what became of a message
    "sandbox": Role.FRONT_DESK,  # sees what would have been sent
    "help": Role.FRONT_DESK,  # reads what the words mean
    "account": Role.FRONT_DESK,  # changes one's own password
    "board": Role.MANAGER,  # reviews the delivery board
    "causes": Role.MANAGER,  # sees why guests were not told
    "batches": Role.MANAGER,  # closes failures; sending many again asks for an admin itself
    "resolutions": Role.FRONT_DESK,  # closes a failed message: the guest was told another way
    "tellings": Role.FRONT_DESK,  # the same for the failures of one act on a booking
    "figures": Role.MANAGER,  # watches whether guests are told in time
    "morning_mail": Role.MANAGER,  # has the figures sent each morning
    "reversals": Role.MANAGER,  # says that verified money is not there
    "exports": Role.MANAGER,  # takes lists out of the house
    "retries": Role.ADMIN,  # sends a failed message again
    "channels": Role.ADMIN,  # pauses and resumes
    "doctor": Role.ADMIN,  # examines what the promise rests on
    "queue": Role.ADMIN,  # watches queue and workers
    "queue_acts": Role.ADMIN,  # rings, pauses everything, sends test messages
    "queue_workers": Role.ADMIN,  # opens a worker and a task, tells a worker to stop
    "restores": Role.ADMIN,  # looks at what may go out twice after an older database was put back
    "people": Role.ADMIN,  # says who may sign in
    "keys": Role.ADMIN,  # lets programs in
    "texts": Role.ADMIN,  # decides what guests read
    "fallbacks": Role.ADMIN,  # says which channel stands in for which
    "returned_mail": Role.ADMIN,  # reads what mail servers sent back
    "settings": Role.ADMIN,  # says how the business is called, and when it is
    "audit": Role.ADMIN,  # reads who did what
    "api": KEY,
    "bounces": KEY,  # mail servers hand in what came back
    "passwords": EVERYBODY,  # the link that an admin handed over is what lets in
    "auth": EVERYBODY,  # cannot ask for what it gives
    "assets": EVERYBODY,  # the sign-in page needs styles
    "static": EVERYBODY,
    "metrics": EVERYBODY,  # asks for loopback or a key itself
    "health": EVERYBODY,  # load balancers; says nothing about guests
    "webhooks": EVERYBODY,  # checked by their signature instead
}


def endpoints(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every endpoint with its first word, each of its methods, and an address that names nothing real."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            address = url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint.partition(".")[0], method, address


def asked(app: Flask, browser: Any, needs: object) -> dict[str, int]:
    """What a browser is answered at each endpoint of one need."""
    wanted = [(method, address) for word, method, address in endpoints(app) if NEEDS[word] == needs]
    return {f"{m} {a}": (browser.get(a) if m == "GET" else browser.act(a)).status_code for m, a in wanted}


def test_every_endpoint_is_in_the_table(app: Flask) -> None:
    """A new page decides who may see it before it is there."""
    assert {word for word, _, _ in endpoints(app)} == NEEDS.keys()


def test_every_blueprint_asks_for_what_the_table_says(app: Flask) -> None:
    """Access belongs to the blueprint: one role each."""
    assert {word: need for word, need in NEEDS.items() if word not in ("api", "bounces", "static")} == ROLES


def test_every_blueprint_is_registered(app: Flask) -> None:
    """One that was forgotten is a page that silently is not there."""
    files = (ROOT / "webapp" / "routes").rglob("*.py")
    written = [
        name for path in files for name in re.findall(r'^bp = Blueprint\("(\w+)"', path.read_text(), re.MULTILINE)
    ]

    assert len(written) == len(set(written))
    assert set(written) == app.blueprints.keys() - {"api", "bounces"}


@pytest.mark.parametrize("role", list(Role))
def test_nobody_comes_in_without_signing_in(app: Flask, client: Any, role: Role) -> None:
    """A page sends to the sign-in; an act of a page that was left open tells HTMX to go there, in one answer."""
    answers = asked(app, client, role)

    assert answers
    assert {call: code for call, code in answers.items() if code != (302 if call.startswith("GET") else 401)} == {}


@pytest.mark.parametrize(
    ("who", "needs"),
    [("front_desk", Role.MANAGER), ("front_desk", Role.ADMIN), ("manager", Role.ADMIN)],
)
def test_a_lesser_role_is_refused(app: Flask, request: pytest.FixtureRequest, who: str, needs: Role) -> None:
    """Money and guests' addresses are behind these: hiding a button is not refusing."""
    answers = asked(app, request.getfixturevalue(who), needs)

    assert {call: code for call, code in answers.items() if code != 403} == {}


@pytest.mark.parametrize(
    ("who", "needs"), [("front_desk", Role.FRONT_DESK), ("manager", Role.MANAGER), ("admin", Role.ADMIN)]
)
def test_the_role_that_suffices_is_let_in(app: Flask, request: pytest.FixtureRequest, who: str, needs: Role) -> None:
    """A rule that refuses everybody would pass the tests above."""
    answers = asked(app, request.getfixturevalue(who), needs)

    assert {call: code for call, code in answers.items() if code in (401, 403) or code >= 500} == {}


def test_the_api_takes_no_call_without_a_key(app: Flask, client: Any) -> None:
    """The API has no cookie and so no CSRF check: the key is all that keeps it shut."""
    calls = [(method, address) for word, method, address in endpoints(app) if NEEDS[word] == KEY]

    answers = {f"{method} {address}": client.open(address, method=method) for method, address in calls}

    assert len(answers) >= 11
    assert {call: answer.status_code for call, answer in answers.items() if answer.status_code != 401} == {}


def test_a_session_opens_no_call_of_the_api(app: Flask, admin: Any) -> None:
    """If a cookie did, every page on the web could call the API in an admin's name."""
    calls = [address for word, method, address in endpoints(app) if NEEDS[word] == KEY and method == "GET"]

    assert {address: admin.get(address).status_code for address in calls} == dict.fromkeys(calls, 401)
