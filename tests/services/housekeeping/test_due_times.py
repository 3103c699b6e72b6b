"""A web whose clock was an hour ahead makes no guest wait for that hour."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import a_booking, a_message
from tests.services.delivery.test_draining import fresh
from webapp import clock
from webapp.database import later
from webapp.extensions import db
from webapp.services import bookings
from webapp.services.audit import Actor
from webapp.services.delivery import claim
from webapp.services.housekeeping import due_times, leases

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
Wrong = Callable[[timedelta], AbstractContextManager[None]]


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Wrong:
    """This process's clock is wrong by so much for a while; PostgreSQL has its own, SQLite has not."""

    @contextmanager
    def by(so_much: timedelta) -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setattr(clock, "now", lambda: datetime.now(UTC) + so_much)
            yield

    return by


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=400)])
def test_what_was_confirmed_while_the_clock_was_ahead_goes_out_once_it_is_right(ahead: timedelta, wrong: Wrong) -> None:
    booking = a_booking()
    with wrong(ahead):
        bookings.confirm(booking, by=Actor("Booking site"))

    due_times.bring_forward()

    assert claim.due_lanes(10) == [booking.guest_id]


@pytest.mark.parametrize(
    "facts",
    [{"due_in": timedelta(seconds=8)}, {"due_in": timedelta(hours=2)},
     {"due_in": timedelta(minutes=5), "attempts_made": 1, "tries_used": 1},
     {"due_in": timedelta(minutes=5), "attempts_made": 1, "created_at": later(3600)}],
)  # fmt: skip
def test_what_waits_for_good_reason_goes_on_waiting(facts: dict) -> None:
    message = a_message(**facts)
    before = fresh(message).due_at

    assert due_times.bring_forward() == 0
    assert fresh(message).due_at == before


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)])
def test_a_lease_of_a_clock_ahead_binds_nobody_and_a_right_one_does(ahead: timedelta, wrong: Wrong) -> None:
    leases.ensure(["ring"])
    with wrong(ahead):
        leases.hold(["ring"], "worker-1")
    is_odd = ahead and db.engine.dialect.name == "sqlite"

    assert leases.hold(["ring"], "worker-2") == (["ring"] if is_odd else [])
