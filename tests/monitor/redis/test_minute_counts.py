"""A minute is counted when it has ended: what was taken, what failed, what was tried again, how late it was."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import a_message, an_attempt
from webapp.database import read_now
from webapp.extensions import db
from webapp.models import AttemptOutcome, MessageStatus
from webapp.monitor.redis import minute_counts

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.both_databases]


@pytest.fixture
def start() -> datetime:
    """The beginning of the minute that ended last."""
    moment = read_now().replace(second=0, microsecond=0)
    db.session.rollback()
    return moment - timedelta(minutes=1)


def test_it_counts_what_was_taken_and_what_failed_in_it(start: datetime) -> None:
    for when, outcome in ((30, AttemptOutcome.ACCEPTED), (90, AttemptOutcome.ACCEPTED), (30, AttemptOutcome.TEMPORARY)):
        _try(start, when, outcome=outcome)
    for when in (5, -5):
        a_message(status=MessageStatus.FAILED, settled_at=start + timedelta(seconds=when))

    counted = minute_counts.read(start)

    assert (counted.sent, counted.failed, counted.tries, counted.retried) == (1, 1, 2, 0)


def test_a_second_try_is_a_retry_and_one_given_back_is_no_try(start: datetime) -> None:
    _try(start, 10, number=1, outcome=AttemptOutcome.TEMPORARY)
    _try(start, 20, number=2, outcome=AttemptOutcome.ACCEPTED)
    _try(start, 30, number=3, outcome=AttemptOutcome.NOT_BEGUN)

    counted = minute_counts.read(start)

    assert (counted.tries, counted.retried) == (2, 1)


def test_it_says_how_late_95_of_100_first_tries_began(start: datetime) -> None:
    for late in [1] * 95 + [40] * 5:
        _try(start, 50, first_due=50 - late)
    _try(start, 50, number=2, first_due=-600)

    assert minute_counts.read(start).due_p95 == 1


def test_a_minute_in_which_nothing_began_has_no_lateness(start: datetime) -> None:
    _try(start, -10, first_due=-11)

    assert minute_counts.read(start).due_p95 is None


def _try(start: datetime, when: float, *, first_due: float | None = None, **given: Any) -> None:
    began = start + timedelta(seconds=when)
    due = None if first_due is None else start + timedelta(seconds=first_due)
    an_attempt(a_message(first_due_at=due), started_at=began, ended_at=began, **given)
