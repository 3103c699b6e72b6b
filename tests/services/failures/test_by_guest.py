"""Failures by guest: one row for each, first those whom no channel reached."""

import pytest

from tests.factories import a_booking, a_message
from tests.services.texts.test_versions import statements
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, MessageStatus
from webapp.services.failures import by_guest

pytestmark = pytest.mark.usefixtures("app")
SMS, WHATSAPP, EMAIL = ChannelName


def a_guest(name: str, **statuses: MessageStatus) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name=name)
    for channel, status in statuses.items():
        a_message(booking, channel=ChannelName(channel), status=status, error_code="30005")


@pytest.mark.both_databases
def test_three_failures_of_one_guest_are_one_row_and_who_was_not_reached_comes_first() -> None:
    failed, sent = MessageStatus.FAILED, MessageStatus.SENT
    a_guest("Kwame Boateng", sms=failed, whatsapp=failed, email=failed)
    a_guest("Jonas Weber", sms=failed, email=sent)
    a_guest("Amelia Hart", sms=MessageStatus.DELIVERED)

    found = by_guest.find().shown

    assert [(guest.booking.name, len(guest.failures), len(guest.lost)) for guest in found] == [
        ("Kwame Boateng", 3, 3), ("Jonas Weber", 1, 0),
    ]  # fmt: skip
    assert found[0].to_mend.channel is EMAIL


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_guest, "SHOWN", 2)
    for number in range(5):
        a_guest(f"Guest {number}", sms=MessageStatus.FAILED)

    found = by_guest.find()

    assert ([guest.booking.name for guest in found.shown], found.others) == (["Guest 4", "Guest 3"], 3)


def test_more_guests_cost_no_more_statements() -> None:
    def cost() -> int:
        db.session.rollback()
        with statements() as sent:
            by_guest.find()
        return len(sent)

    a_guest("Kwame Boateng", sms=MessageStatus.FAILED)
    one = cost()
    for number in range(5):
        a_guest(f"Guest {number}", sms=MessageStatus.FAILED, email=MessageStatus.SENT)

    assert cost() == one
