"""Debian's Postfix and Exim between the desk and a next hop: what it refuses comes back through deploy/bounce.sh."""

import os
import smtplib
from collections.abc import Iterator

import pytest

from tests.parts.mail_servers import SENDER, Exim, MailServer, Postfix
from tests.support.house import House
from tests.support.mail.fake_smtp import Stage
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="A mail server hands its work to other users: root only.")

# What the next hop says, when, and the code and the words on the screen.
REFUSED: list[tuple[Stage, str, str, str]] = [
    ("RCPT", "550 5.1.1 Recipient address rejected: User unknown", "5.1.1", "There is no such mailbox."),
    ("RCPT", "550 No such user here", "5.1.1", "There is no such mailbox."),
    ("RCPT", "550 5.2.1 The mailbox is disabled", "5.2.1", "mailbox"),
    ("RCPT", "552 5.2.2 The mailbox is full", "5.2.2", "The guest's mailbox is full."),
    ("RCPT", "551 5.1.6 The user has moved", "5.1.6", "moved"),
    ("DATA", "554 5.7.1 Not from your address", "5.7.1", "does not take mail from us"),
    ("END", "554 5.7.1 Message rejected as spam", "5.7.1", "does not take mail from us"),
    ("END", "552 5.3.4 Message too big", "5.3.4", "large"),
]
# The same of what is ours to mend.
OURS: list[tuple[Stage, str, str, str]] = [
    ("RCPT", "554 5.7.1 Relay access denied", "relay 5.7.1", "does not carry mail for us"),
    ("END", "550 5.7.26 Unauthenticated mail is not accepted (DMARC)", "domain 5.7.26", "really from us"),
]


class Desk:
    """A house behind a mail server, and what its messages came to."""

    def __init__(self, house: House, server: MailServer) -> None:
        self.house, self.server, self._number = house, server, 0

    def send(self) -> tuple[str, str]:
        """Let a mail wait to be sent to a guest of its own; the booking and the address."""
        self._number += 1
        guest = {"name": "Eve", "email": f"guest-{self._number}@guests.example", "channels": ["email"]}
        return self.house.book(f"MAIL-{self._number}", guest=guest), guest["email"]  # type: ignore[return-value]

    def reports(self, reference: str) -> list[str]:
        """The statuses that returned mails gave to a booking's mail."""
        said = self.house.python(
            "from sqlalchemy import select\n"
            "from webapp.extensions import db\n"
            "from webapp.models import Attempt, Booking, Message, Receipt\n"
            "rows = select(Receipt.status).join(Attempt).join(Message).join(Booking)\n"
            f"rows = rows.where(Booking.reference == {reference!r}, Receipt.source == 'bounce')\n"
            "print('reports:', '|'.join(db.session.scalars(rows)), ';')\n"
        )
        return [word.strip() for word in said.partition("reports:")[2].partition(";")[0].split("|") if word.strip()]


@pytest.fixture(scope="module", params=[Postfix, Exim], ids=["postfix", "exim"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    server: MailServer = request.param()
    with House(tmp_path_factory.mktemp("mail"), smtp=server) as house:
        server.hand_to(house.url, house.key)
        yield Desk(house, server)


@pytest.fixture(autouse=True)
def heal(desk: Desk) -> Iterator[None]:
    yield
    desk.server.next_hop.heal()


def test_what_the_next_hop_refuses_comes_back_and_fails_in_words(desk: Desk) -> None:
    """All at once: none of these reasons holds other mails back."""
    sent = []
    for stage, reply, *_ in REFUSED:
        reference, address = desk.send()
        desk.server.next_hop.refuse(stage, reply, to=address)
        sent.append(reference)
    for reference in sent:
        desk.house.confirm(reference)

    for reference, (_, reply, code, words) in zip(sent, REFUSED, strict=True):
        error = desk.house.until_settled(reference, email="failed")["email"]["error"]
        assert error["code"] == code and words in error["text"], (reply, error)


@pytest.mark.parametrize(("stage", "reply", "code", "words"), OURS)
def test_what_is_ours_to_mend_is_said_so(desk: Desk, stage: Stage, reply: str, code: str, words: str) -> None:
    reference, address = desk.send()
    desk.server.next_hop.refuse(stage, reply, to=address)
    desk.house.confirm(reference)

    error = desk.house.until_settled(reference, email="failed")["email"]["error"]
    assert error["code"] == code and words in error["text"]


def test_a_mail_that_is_only_delayed_is_warned_of_and_arrives(desk: Desk) -> None:
    reference, address = desk.send()
    desk.server.next_hop.refuse("RCPT", "451 4.7.1 Greylisted, try again later", to=address)
    desk.house.confirm(reference)

    kept = until(lambda: desk.reports(reference), within=60, saying="the delay is kept at the message")
    assert set(kept) == {"delayed"}
    assert desk.house.messages(reference)["email"]["status"] == "sent"
    desk.server.next_hop.heal()
    until(lambda: desk.server.next_hop.to(address), within=60, saying="it arrives")
    assert desk.house.messages(reference)["email"]["status"] == "sent"


def test_a_report_of_success_is_kept_and_changes_nothing(desk: Desk) -> None:
    """We ask for none; a mail server of a guest may be told to by others."""
    reference, address = desk.send()
    desk.house.confirm(reference)
    [arrival] = until(lambda: desk.server.next_hop.to(address), within=60, saying="it arrives")

    with smtplib.SMTP("127.0.0.1", desk.server.port, timeout=30) as line:
        line.sendmail(SENDER, [address], arrival.content, rcpt_options=["NOTIFY=SUCCESS"])

    kept = until(lambda: desk.reports(reference), within=60, saying="the report is kept at the message")
    assert set(kept) <= {"relayed", "in the mailbox"}
    assert desk.house.messages(reference)["email"]["status"] == "sent"


def test_while_the_desk_is_away_what_came_back_waits_in_the_mail_servers_queue(desk: Desk) -> None:
    reference, address = desk.send()
    desk.server.next_hop.refuse("RCPT", "550 5.1.1 User unknown", to=address)
    desk.server.hand_to("http://127.0.0.1:9", desk.house.key)
    before = desk.server.said().count("defer")
    desk.house.confirm(reference)
    until(lambda: desk.server.said().count("defer") > before, within=60, saying="the pipe has answered 75")
    assert desk.house.messages(reference)["email"]["status"] == "sent"

    desk.server.hand_to(desk.house.url, desk.house.key)
    desk.house.until_settled(reference, email="failed")
