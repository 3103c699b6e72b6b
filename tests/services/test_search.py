"""Names are found as readers compare them, and phones as people write them; on both databases."""

from datetime import UTC, datetime

import flask_migrate
import pytest
from sqlalchemy import select, text

from tests.factories import a_booking
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Booking, ChannelName, OptOut, search_key, surname_key
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import Filters

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def found(q: str) -> list[str]:
    return [booking.name for booking, _ in booking_list.page(Filters.read({"q": q})).rows]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("José Álvarez", "Jose\u0301"), ("Jose\u0301 Álvarez", "José"), ("José Álvarez", "JOSE"), ("jose alvarez",
        "José Á"),
        ("Groß, Anna", "GROSS"), ("Anna Gross", "groß"), ("Søren Ørsted", "soren"), ("Soren Orsted", "Ørsted"),
        ("Łukasz Żółć", "lukasz zolc"), ("İbrahim Işık", "ibrahim isik"), ("Ibrahim Isik", "İBRAHİM"),
        ("Ａｎｎａ Lee", "anna"),
        ("Amelia Hart", "Hart"), ("Amelia Hartmann", "hartm"), ("Amelia Hart", "Hart, Amelia"), ("Hart, Amelia",
        "Amelia Hart"),
        ("Mary Jane Watson", "watson mary"), ("O’Brien", "O'Brien"), ("Ёлкина Анна", "елкина"), ("مُحَمَّد", "محمد"),
        ("山田 太郎", "太郎"), ("Zoë  Bond", "zoe bond"), ("ﬁnn", "finn"), ("Þóra", "thora"), ("Nguyễn Văn", "nguyen"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_readers_compare_it(stored: str, asked: str) -> None:
    a_booking(name=stored)
    a_booking(name="Boris Quill")

    assert found(asked) == [stored]


@pytest.mark.parametrize("name", ["คุณ", "नारायण", "がく"])
def test_marks_that_are_letters_to_their_readers_still_count(name: str) -> None:
    assert search_key(name) == search_key(search_key(name))
    assert len(search_key(name)) == len(name)


@pytest.mark.parametrize(
    "asked",
    [
        "0151 12345678",
        "+49 (0)151-12345678",
        "５６７８",
        "٥٦٧٨",
        "tel:+4915112345678",
        "\u202a015112345678\u202c",
        "345678",
    ],
)
def test_a_phone_is_found_however_it_is_written(asked: str) -> None:
    a_booking(name="Eva", phone="+4915112345678")
    a_booking(name="Boris Quill", phone="+14155550199")

    assert found(asked) == ["Eva"]


def test_an_older_database_gets_the_keys_and_spellings() -> None:
    booking_id = a_booking(name="Łukasz Hart").id
    with writing():
        db.session.execute(text("UPDATE booking SET name_key = 'old', surname_key = NULL"))
        at = datetime(2026, 1, 1, tzinfo=UTC)
        db.session.add(OptOut(channel=ChannelName.WHATSAPP, address="+525512345678", source="an old one", at=at))
    db.session.remove()
    flask_migrate.downgrade(revision="0005")
    flask_migrate.upgrade()

    kept = db.session.get_one(Booking, booking_id)
    stops = db.session.execute(select(OptOut.address, OptOut.source, OptOut.at).order_by(OptOut.id)).all()
    assert (kept.name_key, kept.surname_key) == ("lukasz hart", surname_key("Łukasz Hart") or "")
    assert stops == [("+525512345678", "an old one", at), ("+5215512345678", "an old one", at)]
