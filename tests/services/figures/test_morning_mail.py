"""The morning mail: to those who want it, after seven where the business is, once a day however many workers run."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import a_user
from tests.services.figures.test_current import tally
from tests.services.figures.test_rollup import moment
from tests.support.mail.fake_smtp import FakeSmtp
from webapp import clock
from webapp.channels.smtp import staff_mail
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Role, User
from webapp.services.figures import hours as business_hours
from webapp.services.figures import morning_mail
from webapp.settings import current


@dataclass
class House:
    """An app that sends by a real mail server, at an hour of the business's own day."""

    app: Flask
    smtp: FakeSmtp

    def is_at(self, hour: int) -> None:
        """Move the business to where it is this hour now: PostgreSQL's clock cannot be turned."""
        east = (hour - moment().hour) % 24
        zone = f"Etc/GMT-{east}" if east <= 14 else f"Etc/GMT+{24 - east}"
        self.set(timezone=zone)

    def set(self, **changes: Any) -> None:
        self.app.config["SETTINGS"] = current().model_copy(update=changes)

    @property
    def to(self) -> list[str]:
        return sorted(address for mail in self.smtp.mails for address in mail.to)


@pytest.fixture
def house(app: Flask) -> Iterator[House]:
    with FakeSmtp() as smtp:
        made = House(app, smtp)
        made.set(**smtp.settings, provider_timeout=2)
        made.is_at(8)
        yield made


def a_reader(role: Role = Role.MANAGER, **given: Any) -> User:
    """Somebody who wants the mail."""
    user = a_user(role)
    return set_user(user, **({"morning_mail": True} | given))


def set_user(user: User, **values: Any) -> User:
    with writing():
        db.session.execute(update(User).where(User.id == user.id).values(**values))
    db.session.refresh(user)
    return user


def today() -> date:
    return business_hours.day_of(moment(), current().zone)


def sent_on(user: User) -> date | None:
    db.session.rollback()
    db.session.refresh(user)
    return user.morning_mail_on


@pytest.mark.both_databases
def test_the_mail_tells_yesterdays_figures_and_where_to_see_more(house: House) -> None:
    yesterday = business_hours.midnight(today() - timedelta(days=1), current().zone)
    tally(yesterday, made=100, sent=90, failed=10, in_time=90, segments=40)
    reader = a_reader()

    assert morning_mail.send_due() == 1

    mail = house.smtp.mails[0]
    assert mail.to == [reader.email] and "90% sent in time, every guest reached" in mail.mail["Subject"]
    for part in (mail.text, mail.html):
        assert (
            "Sent within 10 s" in part and "10 of 100" in part and "SMS parts" in part and "Guests not reached" in part
        )
        assert "https://desk.example/messages/figures" in part
    assert sent_on(reader) == today()


@pytest.mark.both_databases
def test_it_is_sent_once_a_day(house: House) -> None:
    reader = a_reader(morning_mail_on=today() - timedelta(days=1))

    assert [morning_mail.send_due() for _ in range(3)] == [1, 0, 0]

    set_user(reader, morning_mail_on=today() - timedelta(days=1))  # The next day.
    assert morning_mail.send_due() == 1


@pytest.mark.both_databases
def test_two_housekeepers_at_once_send_it_once(house: House) -> None:
    readers = [a_reader() for _ in range(5)]
    failures = at_once(house.app, 2, morning_mail.send_due)

    assert failures == []
    assert house.to == sorted(reader.email for reader in readers)


def at_once(app: Flask, many: int, work: Callable[[], object]) -> list[Exception]:
    """Do the same in threads that all begin together; what went wrong."""
    failures: list[Exception] = []
    ready = threading.Barrier(many)

    def run() -> None:
        try:
            with app.app_context():
                ready.wait(10)
                work()
        except Exception as failure:  # noqa: BLE001 - it is shown by the test
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures


@pytest.mark.both_databases
def test_before_seven_nothing_is_sent(house: House) -> None:
    house.is_at(5)
    reader = a_reader()

    assert morning_mail.send_due() == 0
    assert (house.to, sent_on(reader)) == ([], None)


def test_only_managers_who_want_it_and_may_come_in_get_it(house: House) -> None:
    wanted = [a_reader(), a_reader(Role.ADMIN)]
    a_reader(Role.FRONT_DESK), a_reader(is_enabled=False), a_reader(is_demo=True), a_user(Role.MANAGER)

    morning_mail.send_due()

    assert house.to == sorted(reader.email for reader in wanted)


def test_a_worker_that_dies_after_the_claim_costs_the_day_and_doubles_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = a_reader()
    monkeypatch.setattr(staff_mail, "deliver", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        morning_mail.send_due()
    monkeypatch.undo()

    assert morning_mail.send_due() == 0
    assert (house.to, sent_on(reader)) == ([], today())


@pytest.mark.both_databases
def test_what_the_server_did_not_take_is_tried_again(house: House) -> None:
    house.smtp.refuse("MAIL", "451 4.3.0 Busy", times=1)
    reader = a_reader(morning_mail_on=date(2026, 1, 2))

    assert morning_mail.send_due() == 0
    assert sent_on(reader) == date(2026, 1, 2)
    assert morning_mail.send_due() == 1


def test_after_ten_what_was_not_taken_is_left_for_tomorrow(house: House) -> None:
    house.is_at(11)
    house.smtp.refuse("MAIL", "451 4.3.0 Busy", times=1)
    reader = a_reader()

    assert [morning_mail.send_due() for _ in range(2)] == [0, 0]
    assert sent_on(reader) == today()


def test_a_server_in_trouble_is_not_asked_for_everybody(house: House) -> None:
    house.smtp.refuse("MAIL", "451 4.3.0 Busy")
    a_reader(), a_reader()

    morning_mail.send_due()

    assert len(house.smtp.arrivals) == 1


def test_a_wrong_address_costs_its_owner_the_day_and_nobody_else(house: House) -> None:
    wrong, right = a_reader(), a_reader()
    house.smtp.refuse("RCPT", "550 5.1.1 No such user", to=wrong.email)

    assert [morning_mail.send_due() for _ in range(2)] == [1, 0]
    assert house.to == [right.email]


@pytest.mark.parametrize("provider", ["off", "sandbox"])
def test_without_a_mail_server_no_day_is_claimed(house: House, provider: str) -> None:
    house.set(email_provider=provider)
    reader = a_reader()

    assert morning_mail.send_due() == 0
    assert (house.to, sent_on(reader)) == ([], None)


def test_of_a_day_that_nobody_counted_it_says_unknown(house: House) -> None:
    mail = morning_mail.compose(date(2026, 11, 23))

    assert mail.subject == "Bellhop, Monday 23 November: unknown"
    assert mail.text.count("unknown (not counted yet)") == 5
    assert " 0%" not in mail.text


def test_without_a_public_address_there_is_no_link(house: House) -> None:
    house.set(public_url="")

    mail = morning_mail.compose(date(2026, 11, 23))

    assert "http" not in mail.text and "href" not in mail.html


@pytest.mark.settings(timezone="Europe/Paris")
def test_on_the_day_that_the_clock_goes_back_it_is_sent_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every quarter of an hour of three days around 25 October 2026, which has 25 hours."""
    reader, days = a_reader(), []
    with FakeSmtp() as smtp:
        app.config["SETTINGS"] = current().model_copy(update=smtp.settings)
        for quarter in range(3 * 96):
            now = datetime(2026, 10, 24, tzinfo=UTC) + quarter * timedelta(minutes=15)
            monkeypatch.setattr(clock, "now", lambda now=now: now)
            if morning_mail.send_due():
                days.append((sent_on(reader), now.hour))

    assert days == [(date(2026, 10, 24), 5), (date(2026, 10, 25), 6), (date(2026, 10, 26), 6)]
    assert len(smtp.mails) == 3


@pytest.mark.parametrize("hour", [5, 7, 23])
def test_switching_it_on_after_seven_begins_tomorrow(house: House, hour: int) -> None:
    house.is_at(hour)
    reader = a_user(Role.MANAGER)

    morning_mail.switch(reader, on=True)

    assert morning_mail.send_due() == 0
    assert sent_on(reader) == (None if hour < 7 else today())


def test_switched_off_it_is_sent_no_more(house: House) -> None:
    reader = a_reader()

    morning_mail.switch(reader, on=False)

    assert morning_mail.send_due() == 0
