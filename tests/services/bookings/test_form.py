"""The form of a booking: read whole, or with a sentence for each field that cannot be taken."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_booking
from webapp.database import writing
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import ChannelName, OptOut
from webapp.services.bookings import form as booking_form

pytestmark = pytest.mark.usefixtures("app")
FILLED = {
    "name": "Zoë Brännström", "phone": "(415) 555-2671", "email": " Zoe@Guests.Example ", "language": "de",
    "channels": "sms,whatsapp,email", "service": "Whale watching", "starts_at": "2030-05-01T18:00", "party_size": "2",
    "amount": "185", "currency": "eur", "reference": "",
}  # fmt: skip


def errors_of(**typed: str) -> dict[str, str]:
    with pytest.raises(Invalid) as wrong:
        booking_form.read_new(FILLED | typed)
    return wrong.value.fields


def test_a_form_is_read_into_a_booking() -> None:
    new = booking_form.read_new(FILLED)

    assert (new.phone, new.email, new.currency) == ("+14155552671", "zoe@guests.example", "EUR")
    assert (new.amount, new.party_size) == (Decimal("185.00"), 2)
    assert new.starts_at == datetime(2030, 5, 1, 18, tzinfo=UTC)


@pytest.mark.parametrize(("field", "typed", "says"), [
    ("name", " \t ", "Enter the guest's name"),
    ("name", "x" * 201, "within 200"),
    ("phone", "12", "country code"),
    ("email", "zoe@", "name@example.com"),
    ("language", "<en>", "language tag"),
    ("service", "", "what is booked"),
    ("starts_at", "soon", "date and the time"),
    ("party_size", "0", "from 1 to 1,000"),
    ("amount", "free", "such as 120.00"),
    ("currency", "euro", "three letters"),
    ("reference", "B K", "digits and hyphens"),
])  # fmt: skip
def test_a_field_that_cannot_be_taken_gets_a_sentence(field: str, typed: str, says: str) -> None:
    errors = errors_of(**{field: typed})

    assert errors.keys() == {field} and says in errors[field]


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_form() -> None:
    assert list(errors_of(currency="", amount="", name="")) == ["name", "amount", "currency"]


def test_a_guest_needs_an_address() -> None:
    assert "so that the guest can be told" in errors_of(phone="", email="")["phone"]


@pytest.mark.parametrize(("ticked", "kept"), [
    ("sms,whatsapp,email", None), ("sms", ["sms"]), ("", []), ("sms,pigeon", ["sms"]),
])  # fmt: skip
def test_all_channels_ticked_means_each_that_has_an_address(ticked: str, kept: Any) -> None:
    assert booking_form.read_new(FILLED | {"channels": ticked}).channels == kept


@pytest.mark.settings(whatsapp_provider="off")
def test_a_channel_that_is_switched_off_is_offered_to_those_who_agreed_to_it_before() -> None:
    booking = a_booking(channels=[ChannelName.WHATSAPP])

    assert ChannelName.WHATSAPP not in booking_form.offered()
    assert ChannelName.WHATSAPP in booking_form.offered(booking)


def test_what_a_booking_holds_is_read_back_the_same() -> None:
    booking = a_booking(name="محمد الفارسي", channels=[ChannelName.EMAIL], starts_in=timedelta(days=3))

    read = booking_form.read_change(booking_form.values_of(booking), booking)

    assert read.name == "محمد الفارسي" and read.channels == ["email"]
    assert abs(read.starts_at - booking.starts_at) < timedelta(minutes=1)


def test_what_may_not_be_meant_is_taken_with_a_warning() -> None:
    with writing():
        db.session.add(OptOut(channel=ChannelName.EMAIL, address="zoe@guests.example", source="Rosa Silva"))

    new = booking_form.read_new(FILLED | {"phone": "+19995550100", "starts_at": "2020-01-01T10:00"})

    said = booking_form.warnings(new)
    assert list(said) == ["phone", "channels", "starts_at"]
    assert "not in any known range" in said["phone"] and "in the past: Wednesday, 1 January 2020" in said["starts_at"]
    assert "no messages by E-mail" in said["channels"]


def test_the_most_usual_services_are_suggested_first() -> None:
    for service in ("Walk", "Cruise", "Cruise"):
        a_booking(service=service, currency="EUR")

    found = booking_form.suggestions()

    assert (found.services, found.currency) == (["Cruise", "Walk"], "EUR")
