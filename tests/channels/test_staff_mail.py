"""Mail to staff: straight over SMTP, one mail a person, within one deadline, and a sentence where it failed."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.mail.wire_smtp import WireSmtp
from webapp.channels.smtp import staff_mail
from webapp.settings import Settings

STAFF = ("rosa@desk.example", "emeka@desk.example")
Send = Callable[..., str]


@pytest.fixture
def send() -> Send:
    """Send to both of the staff by this server, with short patience."""

    def to_staff(server: Any = None, *, to: tuple[str, ...] = STAFF, html: str = "", **settings: Any) -> str:
        app = Flask("staff")
        short = {"provider_timeout": 0.5, "mail_deadline": 3, "public_url": "https://desk.example"}
        given = short | (server.settings if server else {}) | settings
        app.config["SETTINGS"] = Settings(_env_file=None, **given)
        with app.app_context():
            return staff_mail.send(to, "No worker runs", "Nothing leaves the queue.\n.\nStart one.", html)

    return to_staff


def test_each_of_the_staff_gets_a_mail_of_their_own(smtp: FakeSmtp, send: Send) -> None:
    assert send(smtp, html="<p>Nothing leaves the queue.</p>") == ""

    assert [mail.to for mail in smtp.mails] == [[address] for address in STAFF]
    assert len({mail.message_id for mail in smtp.mails}) == 2
    one = smtp.mails[0]
    assert one.mail["Subject"] == "No worker runs" and one.mail["From"] == "Bellhop <desk@hotel.example>"
    assert one.mail["Auto-Submitted"] == "auto-generated" and one.message_id.endswith("@hotel.example>")
    assert one.text.startswith("Nothing leaves the queue.\n.\nStart one.") and "<p>Nothing" in one.html


def test_somebody_named_twice_gets_one(smtp: FakeSmtp, send: Send) -> None:
    assert send(smtp, to=(STAFF[0], STAFF[0])) == ""

    assert len(smtp.mails) == 1


def test_a_wrong_address_costs_nobody_else_theirs(smtp: FakeSmtp, send: Send) -> None:
    smtp.refuse("RCPT", "550 5.1.1 No such user", to=STAFF[0])

    assert send(smtp) == "rosa@desk.example: There is no such mailbox. (550 5.1.1 No such user)"
    assert [mail.to for mail in smtp.mails] == [[STAFF[1]]]


def test_what_is_no_address_is_said_in_words(smtp: FakeSmtp, send: Send) -> None:
    said = send(smtp, to=("rosa at desk",))

    assert said == "rosa at desk: This is not an address that can be written to."
    assert smtp.arrivals == []


def test_a_server_that_is_away_is_asked_once_and_said(send: Send) -> None:
    with WireSmtp("busy") as server:
        said = send(server)

    assert server.connections == 1
    assert said.startswith("rosa@desk.example: The mail server")
    assert said.endswith("Not tried, since it would fare the same: emeka@desk.example.")


def test_a_refused_connection_is_said_of_the_mail_server(send: Send) -> None:
    said = send(mail_server="127.0.0.1", mail_port=9)

    assert "The mail server refused the connection; nothing was sent." in said


def test_a_server_that_drips_is_cut_at_the_deadline_of_all(send: Send) -> None:
    begun = time.monotonic()
    with WireSmtp("drip", pause=0.2) as server:
        said = send(server, mail_deadline=1)

    assert said.startswith("rosa@desk.example: The mail server") and "Not tried" in said
    assert time.monotonic() - begun < 20
    assert server.mails == []


def test_an_unconfirmed_mail_is_not_called_sent(send: Send) -> None:
    with WireSmtp("keep_after_dot") as server:
        said = send(server, to=STAFF[:1])

    assert said.startswith("rosa@desk.example: The mail server did not confirm the mail that it was given.")


@pytest.mark.parametrize(("provider", "words"), [("off", "switched off"), ("sandbox", "only simulated")])
def test_without_a_real_mail_server_it_says_so(smtp: FakeSmtp, send: Send, provider: str, words: str) -> None:
    said = send(smtp, email_provider=provider)

    assert said.startswith("No mail was sent") and words in said
    assert smtp.arrivals == []


def test_a_bug_of_ours_is_a_sentence_too(send: Send, smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends an alert stands in the middle of trouble already."""
    monkeypatch.setattr(staff_mail, "sender_of", lambda *_: 1 / 0)

    assert "a fault of Bellhop itself" in send(smtp)
