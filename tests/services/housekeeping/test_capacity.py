"""The slots' hours: a sample a minute, and advice that only follows from a whole day or more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from webapp.database import read_now, writing
from webapp.extensions import db
from webapp.models import SlotHour
from webapp.services.housekeeping import capacity

HOUR = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.usefixtures("app")
@pytest.mark.both_databases
def test_samples_of_an_hour_are_added_up() -> None:
    for minute, busy, waiting in ((0, 3, 0), (1, 9, 40), (2, 6, 10)):
        capacity.record(HOUR + timedelta(minutes=minute), busy=busy, slots=16, waiting=waiting)

    (hour,) = db.session.scalars(select(SlotHour))
    assert (hour.hour, hour.samples, hour.busy_sum) == (HOUR, 3, 18)
    assert (hour.busy_max, hour.slots_max, hour.waiting_max) == (9, 16, 40)


@pytest.mark.usefixtures("app")
@pytest.mark.both_databases
def test_a_second_sampler_of_the_same_minute_adds_nothing() -> None:
    for busy in (3, 9):
        capacity.record(HOUR, busy=busy, slots=16, waiting=0)

    (hour,) = db.session.scalars(select(SlotHour))
    assert (hour.samples, hour.busy_sum, hour.busy_max) == (1, 3, 3)


@pytest.mark.usefixtures("app")
@pytest.mark.both_databases
def test_the_week_is_read_and_old_hours_are_dropped() -> None:
    moment = read_now()
    with writing():
        db.session.add_all(SlotHour(hour=moment - timedelta(days=days), samples=60) for days in (1, 8, 61))

    assert capacity.forget_old() == 1
    assert len(capacity.week()) == 1
    assert len(db.session.scalars(select(SlotHour)).all()) == 2


def test_before_a_day_is_known_nothing_is_advised() -> None:
    advice = capacity.advice(_hours(23), workers=1, slots=16)

    assert advice.title.startswith("Too early")
    assert "23 of the last 168 hours" in advice.evidence


def test_hours_in_which_the_slots_were_the_limit_ask_for_a_worker() -> None:
    crowded = _hours(3, busy_max=12, waiting_max=240)

    advice = capacity.advice(_hours(60) + crowded, workers=1, slots=16)

    assert (advice.title, advice.tone) == ("Add a worker.", "warn")
    assert "in 3 of them" in advice.evidence and "up to 240 messages waited" in advice.evidence


def test_a_backlog_that_leaves_the_slots_free_asks_for_nothing() -> None:
    paused = _hours(30, busy_max=1, waiting_max=5000)

    assert capacity.advice(paused, workers=1, slots=16).title == "The number of workers fits."


@pytest.mark.parametrize(("workers", "peak", "title"), [
    (2, 8, "One worker fewer would do."), (2, 9, "The number of workers fits."), (1, 1, "The number of workers fits."),
])  # fmt: skip
def test_a_worker_is_spared_only_where_half_of_the_others_sufficed(workers: int, peak: int, title: str) -> None:
    advice = capacity.advice(_hours(30, busy_max=peak), workers=workers, slots=16 * workers)

    assert advice.title == title
    assert f"at most {peak} of {16 * workers} slots" in advice.evidence


def _hours(many: int, **given: Any) -> list[SlotHour]:
    facts = {"samples": 60, "busy_sum": 60, "busy_max": 2, "slots_max": 16, "waiting_max": 3} | given
    return [SlotHour(hour=HOUR - timedelta(hours=number), **facts) for number in range(many)]
