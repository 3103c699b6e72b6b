"""The plain figures: right from the tallies, unknown where nobody counted, by the business's own days and month."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from tests.factories import a_message
from tests.services.delivery.test_claim_plan import captured
from tests.services.figures.test_rollup import an_hour_ago, due, moment
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import ChannelName, Event, HourTally, MessageStatus
from webapp.services.figures import cards as figure_cards
from webapp.services.figures import charts as figure_charts
from webapp.services.figures import current as current_figures
from webapp.services.figures import hours as business_hours
from webapp.services.figures import rollup
from webapp.services.figures.cards import Card
from webapp.settings import current

pytestmark = [pytest.mark.usefixtures("app")]
HOUR = timedelta(hours=1)


def tally(hour: datetime, **given: Any) -> None:
    """A counted hour: what is not said is 0."""
    facts = {"channel": ChannelName.SMS, "event": Event.BOOKING_CONFIRMED, "waits": [0] * 10, "taken_at": moment()}
    with writing():
        db.session.add(HourTally(hour=hour, **(facts | given)))


def cards() -> dict[str, Card]:
    """The figures as they are shown now, by the first word of their names."""
    current_figures.forget()
    return {card.name.partition(" ")[0]: card for card in figure_cards.now(current_figures.get())}


@pytest.mark.both_databases
def test_the_figures_are_those_of_the_messages() -> None:
    hour = an_hour_ago(3)
    for took in (1, 2, 3, 30):
        due(hour, MessageStatus.DELIVERED, took=took)
    due(hour, MessageStatus.FAILED, took=None)
    due(hour, MessageStatus.SENT, attempts_made=2, channel=ChannelName.EMAIL)
    due(hour, MessageStatus.SKIPPED, took=None)
    due(hour, MessageStatus.FAILED, took=None, event=Event.TEST)
    rollup.fill()

    shown = cards()

    assert (shown["Sent"].value, shown["Delivered"].value) == ("66.7%", "80%")
    assert shown["Not"] == Card("Not delivered", "16.7%", "1 of 6")
    assert (shown["Retried"].value, shown["Retried"].sub) == ("16.7%", "1 of 6")
    assert shown["Sent"].sub.startswith("95% within 25 s")


@pytest.mark.both_databases
def test_without_a_tally_everything_is_unknown_and_nothing_is_zero() -> None:
    shown = cards()

    assert [shown[name].value for name in ("Sent", "Delivered", "Not", "Retried", "SMS")] == [None] * 5
    assert shown["Not"].sub == "not counted yet"
    assert shown["Oldest"] == Card("Oldest waiting", "–", "nothing waits")


def test_a_quiet_day_has_no_shares_and_says_so() -> None:
    rollup.recount()

    shown = cards()

    assert (shown["Sent"].value, shown["Sent"].sub) == ("–", "no message was due")
    assert (shown["SMS"].value, shown["Not"].tone) == ("0", "")


def test_a_day_of_tests_alone_is_a_quiet_one() -> None:
    tally(an_hour_ago(1), event=Event.TEST, made=3, sent=3, failed=0, segments=3)

    assert (cards()["Sent"].value, cards()["SMS"].value) == ("–", "3")


def test_what_waits_longest_is_shown_by_its_age() -> None:
    message = a_message(due_in=timedelta(minutes=-7))

    assert cards()["Oldest"].since == message.due_at


def test_guests_whom_no_channel_reached_are_marked_and_failed_messages_are_not() -> None:
    tally(an_hour_ago(1), made=100, sent=60, failed=40)
    assert (cards()["Not"].value, cards()["Not"].tone) == ("40%", "")
    assert (cards()["Guests"].value, cards()["Guests"].tone) == ("0", "")

    for seconds in (-60, -60, -172_800):
        a_message(status=MessageStatus.FAILED, first_due_at=later(seconds))

    assert (cards()["Guests"].value, cards()["Guests"].tone) == ("2", "bad")


@pytest.mark.settings(sms_part_price=0.0079, sms_price_currency="EUR")
def test_a_price_makes_a_cost_of_the_parts() -> None:
    tally(an_hour_ago(0), segments=2000)

    assert (cards()["SMS"].value, cards()["SMS"].sub) == ("2,000", "cost €15.80")


def test_without_a_price_it_says_where_to_set_one() -> None:
    tally(an_hour_ago(0), segments=2)

    assert cards()["SMS"].sub == "no price per SMS set"


@pytest.mark.both_databases
@pytest.mark.settings(timezone="Asia/Kolkata")
def test_a_month_is_the_business_s_own() -> None:
    zone = current().zone
    month = business_hours.month_of(moment(), zone)
    tally(month, segments=5)
    tally(month - HOUR, segments=70)

    figures = current_figures.get()

    assert figures.parts == 5
    assert figures.month == business_hours.day_of(month, zone)
    assert month.astimezone(UTC).minute == 30


@pytest.mark.both_databases
@pytest.mark.settings(timezone="Europe/Paris")
def test_a_day_of_25_hours_is_summed_whole_and_no_hour_of_its_neighbours() -> None:
    day, zone = date(2026, 10, 25), current().zone
    begun, ended = business_hours.midnight(day, zone), business_hours.midnight(day + timedelta(days=1), zone)
    for hour in business_hours.hours(begun - 3 * HOUR, ended + 3 * HOUR, zone):
        tally(hour, made=1, sent=1, segments=1)

    _, sums, parts = current_figures.of_day(day)

    assert sums is not None
    assert (sums.counts["made"], parts) == (25, 28)


def test_while_gaps_are_filled_the_figures_say_that_they_grow() -> None:
    due(an_hour_ago(20))
    rollup.recount()
    with writing():
        db.session.execute(delete(HourTally).where(HourTally.hour == an_hour_ago(9)))
    partly = cards()
    rollup.fill()

    assert partly["Not"].sub.endswith("still being counted")
    assert "still being counted" not in cards()["Not"].sub


def test_figures_that_nobody_counts_any_more_are_stale() -> None:
    rollup.recount()
    with writing():
        db.session.execute(update(HourTally).values(taken_at=moment() - timedelta(minutes=4)))

    assert cards()["Sent"].is_stale
    assert not cards()["Oldest"].is_stale


def test_however_many_look_the_tallies_are_read_once() -> None:
    current_figures.forget()

    with captured() as sent:
        for _ in range(20):
            current_figures.get()

    assert len([statement for statement, _ in sent if "waits" in statement]) == 1
    assert [statement for statement, _ in sent if "count(*)" in statement] == []


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (0.0004, "under 0.1%"), (0.5, "50%"), (0.9996, "99.9%"), (1, "100%")]
)
def test_only_all_is_a_hundred_percent(share: float, words: str) -> None:
    assert figure_cards.percent(share) == words


@pytest.mark.both_databases
def test_charts_have_a_point_for_each_hour_and_day_and_a_gap_where_nobody_counted() -> None:
    due(an_hour_ago(2), took=4)
    due(an_hour_ago(2), MessageStatus.FAILED, took=None, channel=ChannelName.EMAIL)
    rollup.fill()
    figure_charts.forget()

    day, month = figure_charts.get()

    sent, failed, told, p95 = day.charts
    assert [len(chart.rows) for chart in (*day.charts, *month.charts)] == [24] * 4 + [30] * 4
    assert [values for _, values in sent.rows][-4:] == [(None, None, None), (1, 0, 0), (0, 0, 0), (0, 0, 0)]
    assert [values for _, values in failed.rows][-3] == (0, 0, 1)
    assert [values for _, values in told.rows][-3] == (100, None, 0)
    assert [values for _, values in p95.rows][-3] == (pytest.approx(4.85, abs=0.06), None, None)
    assert [(label, sums.due) for label, sums in day.events] == [("Booking confirmed", 2)]


def test_a_wait_beyond_all_bounds_is_drawn_at_the_last() -> None:
    tally(an_hour_ago(1), made=1, sent=1, waits=[0] * 9 + [1])
    figure_charts.forget()

    day, _ = figure_charts.get()

    assert day.charts[3].rows[-2][1][0] == 3600
