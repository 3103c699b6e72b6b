"""A worker that is killed amid many retries: the next one goes on, and each message goes out once."""

import re
import sqlite3
from typing import Any

from tests.support.house import House
from tests.support.waiting import until

MANY = 300
# As many failures, each of a guest of its own, and an act that sends them all again.
BEGIN = """
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import BatchKind, Booking, BookingStatus, ChannelName, Message, MessageStatus
from tests.factories import add_numbered
from webapp.services import bookings
from webapp.services.failures import batches, selection
from webapp.services.audit import Actor
from webapp.services.bookings import NewBooking
from datetime import timedelta
from decimal import Decimal
with writing():
    moment = db.session.scalars(db.select(now())).one()
    for n in range({many}):
        phone = "+1415559%04d" % n
        booking = bookings.add(NewBooking(name="Eve", service="Trip", reference="MANY-%d" % n, phone=phone, email=None,
                               starts_at=moment + timedelta(days=7), amount=Decimal(9), currency="GBP"))
        booking.status = BookingStatus.CONFIRMED
        db.session.flush()
        message = Message(guest_id=booking.guest_id, booking_id=booking.id, event="booking_confirmed", to=phone,
                          channel=ChannelName.SMS, language="en", reference=booking.reference, body="MANY-%d" % n,
                          status=MessageStatus.FAILED, error_code="30023", due_at=moment,
                          expires_at=moment + timedelta(hours=6))
        add_numbered(message)
batch = batches.plan(BatchKind.RETRY, selection.matching(BatchKind.RETRY, {{"cause": "30023"}}), by=Actor("Ada"))
number = batch.id
batches.start(batch, by=Actor("Ada"))
print("batch=%d" % number)
"""


TO_DO = "SELECT count(*) FROM batch_row WHERE batch_id = ? AND outcome = ''"
FINISHED = "SELECT finished_at IS NOT NULL FROM batch WHERE id = ?"
RETRIED = "SELECT count(*) || ' of ' || count(DISTINCT message_id) FROM audit WHERE action = 'message_retried'"
DELIVERED = "SELECT count(*) FROM message WHERE reference LIKE 'MANY-%' AND status = 'delivered'"


def asked(house: House, statement: str, *values: Any) -> Any:
    """One value of the house's database."""
    with sqlite3.connect(house.folder / "bellhop.db", timeout=30) as connection:
        return connection.execute(statement, values).fetchone()[0]


def test_a_worker_killed_amid_many_retries_loses_none_and_doubles_none(house: House) -> None:
    house.worker.kill()
    batch = re.findall("batch=([0-9]+)", house.python(BEGIN.format(many=MANY)))[0]

    house.worker.start()
    until(lambda: asked(house, TO_DO, batch) < MANY, within=60, saying="some are done")
    house.worker.kill()
    assert asked(house, TO_DO, batch) > 0
    house.worker.start()

    until(lambda: asked(house, FINISHED, batch), within=120, saying="the batch is finished")
    assert asked(house, RETRIED) == f"{MANY} of {MANY}"
    until(lambda: asked(house, DELIVERED) == MANY, within=240, saying="all are delivered")
    assert [len(house.twilio.taken(f"+1415559{n:04d}")) for n in range(MANY)] == [1] * MANY
