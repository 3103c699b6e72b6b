"""A provider that is away for ten minutes of the schedule's time: the clock of the host and of the database is moved.

The retries alone last seven minutes. Whatever the provider does meanwhile, and whatever it shows of it, no message uses
up its tries against it: all go out afterwards, once, or expire.
"""

from datetime import timedelta

import pytest
from flask import Flask

from tests.chaos import promises
from tests.chaos.conftest import MovedTime
from tests.chaos.truth import Answer, Truth
from tests.factories import a_booking, a_message
from tests.services.delivery.test_draining import BELLHOP
from webapp import clock
from webapp.channels.base import Accepted, Misconfigured, Outcome, Temporary, Unknown
from webapp.models import ChannelName
from webapp.services import bookings, delivery
from webapp.services.delivery import claim, lookups, receipts

AWAY = 600.0
GUESTS = 12
pytestmark = [pytest.mark.both_databases, pytest.mark.settings(retry_jitter=0)]


class Away:
    """A house without processes whose SMS provider is away, and comes back after ten minutes."""

    def __init__(self, app: Flask, time: MovedTime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time, self.truth = time, Truth(time)
        app.extensions["channels"] = self.truth.channels()
        monkeypatch.setattr(clock, "monotonic", lambda: time.elapsed)

    def for_ten_minutes(self, outcome: Outcome, *, takes: bool = False, shows_its_list: bool = False) -> None:
        """Go through the outage, housekeeping and ringing as the duties do."""
        self.truth.usual = Answer(lambda _: outcome, takes=takes)
        self.truth.shows_its_list = shows_its_list
        while self.time.elapsed < AWAY:
            self.keep_house()
            self.time.move(min(promises.next_event(self.time.now), AWAY - self.time.elapsed + 0.001))

    def until_settled(self) -> promises.Rows:
        """The provider is back: go on until nothing is open."""
        self.truth.usual, self.truth.shows_its_list = Answer(Accepted, takes=True), True
        for _ in range(200):
            self.keep_house()
            rows = promises.check(self.truth, most_tries=4)
            if not rows.open:
                return rows
            self.time.move(promises.next_event(self.time.now))
        raise AssertionError(f"still open: {rows.open}")

    def keep_house(self) -> None:
        lookups.end_leases()
        lookups.expire_due()
        lookups.look_up_due(200)
        receipts.ask_due(200)
        for guest_id in claim.due_lanes(200):
            delivery.drain(guest_id)


@pytest.fixture
def away(app: Flask, moved_time: MovedTime, monkeypatch: pytest.MonkeyPatch) -> Away:
    return Away(app, moved_time, monkeypatch)


def confirmed(guests: int = GUESTS) -> None:
    """Confirm a booking for each of so many guests, who agreed to SMS."""
    for number in range(guests):
        booking = a_booking(phone=f"+1415555{number:04d}", channels=["sms"])
        bookings.confirm(booking, by=BELLHOP)


@pytest.mark.parametrize(
    ("outcome", "tries"),
    [(Temporary("refused"), 5), (Temporary("20503"), 5), (Temporary("20429", uses_try=False), 0),
     (Misconfigured("20003"), 0)],
    ids=["refuses connections", "answers 503", "answers 429", "knows us no more"],
)  # fmt: skip
@pytest.mark.proves(
    "A provider refuses connections, answers 503 or 429, or knows our account no more, for ten minutes of the schedule",
    "all are sent afterwards, once each; together they used at most five tries (429 and a wrong account: none)",
)
def test_ten_minutes_without_the_provider_use_up_no_tries(away: Away, outcome: Outcome, tries: int) -> None:
    """Only what opened the breaker cost a try: the first five failures."""
    confirmed()

    away.for_ten_minutes(outcome)
    rows = away.until_settled()

    assert [row.status for row in rows.messages] == ["sent"] * GUESTS
    assert sum(row.tries_used for row in rows.messages) <= tries
    assert len(away.truth.taken) == GUESTS


@pytest.mark.parametrize("takes", [True, False], ids=["taken", "lost"])
@pytest.mark.proves(
    "No answers for ten minutes, and its list cannot be read; what was handed over was taken, or was lost",
    "all are sent, each taken once",
)
def test_ten_minutes_in_a_black_hole_lose_nothing_and_double_nothing(away: Away, takes: bool) -> None:
    """No answers, and the list cannot be read either: what was taken is found afterwards, the rest is sent again."""
    confirmed()

    away.for_ten_minutes(Unknown("no answer came"), takes=takes)
    rows = away.until_settled()

    assert [row.status for row in rows.messages] == ["sent"] * GUESTS
    assert sorted(one.hand.message_id for one in away.truth.taken) == sorted(row.id for row in rows.messages)
    assert max(row.tries_used for row in rows.messages) <= 1


@pytest.mark.proves(
    "A provider is away for longer than one message makes sense",
    'that one ends `expired`, not "every try failed"; the other is sent',
)
def test_what_is_stale_before_the_provider_is_back_expires(away: Away) -> None:
    """Not "used up its tries": the reason that staff read is the true one."""
    stale, good = a_message(expires_in=timedelta(minutes=5)).id, a_message(expires_in=timedelta(hours=1)).id

    away.for_ten_minutes(Temporary("refused"))
    rows = away.until_settled()

    ends = {row.id: (row.status, row.error_code) for row in rows.messages}
    assert ends == {stale: ("failed", "expired"), good: ("sent", "")}


@pytest.mark.proves(
    "One channel of a guest is away, with a single message on its way",
    "the e-mail is sent; the SMS waits, although four failures alone do not open the breaker",
)
def test_other_channels_go_on_meanwhile(away: Away) -> None:
    booking = a_booking(channels=["sms", "email"])
    bookings.confirm(booking, by=BELLHOP)
    away.truth.well = {ChannelName.EMAIL}

    away.for_ten_minutes(Temporary("refused"))

    assert {row.channel: row.status for row in promises.Rows().messages} == {"sms": "waiting", "email": "sent"}
