"""Names are found as readers compare them, and phones as people write them; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import flask_migrate
import pytest
from sqlalchemy import delete, select

from tests.factories import a_booking
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Booking, ChannelName, OptOut, SearchTerm
from webapp.models.bookings.search_term import words
from webapp.services import bookings, payments
from webapp.services.audit import BELLHOP
from webapp.services.board import filters as board_filters
from webapp.services.board import listing as board_list
from webapp.services.bookings import edit
from webapp.services.bookings import form as booking_form
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import Filters
from webapp.services.payments import listing as payment_list

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
    assert [len(word) for word in words(name)] == [len(name)]
    assert words(words(name)[0]) == words(name)


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


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("Alvarez", ["Mateo Álvarez"]), ("alvarez mateo", ["Mateo Álvarez"]),
        ("zahra idrissi", ["Fatima Zahra El Idrissi"]), ("O’Connor", ["Liam O'Connor"]),
        ("connor", ["Liam O'Connor"]), ("oconnor", ["Liam O'Connor"]), ("smith-jones", ["Eva Smith-Jones"]),
        ("jones", ["Eva Smith-Jones"]), ("smithjones", ["Eva Smith-Jones"]),
        ("太郎", ["山田太郎"]), ("田太", ["山田太郎"]),
        ("BK-2385", ["Mateo Álvarez"]), ("bk2385", ["Mateo Álvarez"]), ("2385", ["Mateo Álvarez"]),
        ("385", ["Mateo Álvarez"]), ("K-238", ["Mateo Álvarez"]), ("238", ["Mateo Álvarez"]),
        ("7468", ["Liam O'Connor"]), ("card-74", ["Liam O'Connor"]), ("INV/2026", ["Liam O'Connor"]),
        ("mateo@", ["Mateo Álvarez"]), ("mateo.a@example.com", ["Mateo Álvarez"]),
        ("MATEO.A@EXAMPLE", ["Mateo Álvarez"]), ("900184", ["Eva Smith-Jones"]), ("07700 900184", ["Eva Smith-Jones"]),
        ("mateo 2385", ["Mateo Álvarez"]), ("mateo 2386", []), ("lvarez", []), ("-", []), ("%", []), ("_", []),
        ("mat%o", []),
    ],
)  # fmt: skip
def test_a_booking_is_found_by_any_word_and_any_fragment(asked: str, names: list[str]) -> None:
    # Phones and e-mails are fixed: drawn ones may end in the very digits that are asked for.
    phone = "+14155550111"
    a_booking(name="Mateo Álvarez", reference="BK-2385", phone=phone, email="mateo.a@example.com")
    a_booking(name="Fatima Zahra El Idrissi", reference="BK-9001", phone=phone, email=None)
    paid = a_booking(name="Liam O'Connor", reference="BK-9002", phone=phone, email=None)
    payments.submit(paid, method="Card", amount=Decimal(5), reference="CARD-7468 INV/2026-11", by=BELLHOP)
    a_booking(name="Eva Smith-Jones", reference="BK-9003", phone="+447700900184", email=None)
    a_booking(name="山田太郎", reference="BK-9004", phone=phone, email=None)

    assert found(asked) == names


@pytest.mark.parametrize("asked", ["Weber", "2385", "7468", "jonas weber"])
def test_bookings_payments_and_board_find_alike(asked: str) -> None:
    booking = a_booking(name="Jonas Weber", reference="BK-2385")
    payments.submit(booking, method="Card", amount=Decimal(5), reference="CARD-7468", by=BELLHOP)
    bookings.confirm(booking, by=BELLHOP)
    a_booking(name="Boris Quill", phone="+14155550111", email=None)

    of_payments = payment_list.page(payment_list.Filters(q=asked)).rows
    on_board = board_list.page(board_filters.Filters(text=asked)).messages
    assert found(asked) == ["Jonas Weber"]
    assert [payment.booking_id for payment in of_payments] == [booking.id]
    assert {row.booking_id for row in on_board} == {booking.id}


def test_a_changed_contact_is_found_and_the_old_one_is_not() -> None:
    booking = a_booking(name="Amelia Hart", reference="BK-2391", phone="+14155550101")
    payments.submit(booking, method="Card", amount=Decimal(5), reference="CARD-7468", by=BELLHOP)
    wanted = replace(booking_form.facts_of(booking), name="Amelia Stone", phone="+14155550199")
    edit.change(booking, wanted, by=BELLHOP, tell=False)

    assert [found(asked) for asked in ("hart", "0101")] == [[], []]
    assert [found(asked) for asked in ("stone", "0199", "7468", "2391")] == [["Amelia Stone"]] * 4


def test_an_older_database_gets_the_terms_and_spellings() -> None:
    booking = a_booking(name="Łukasz Hart", reference="BK-2391")
    payments.submit(booking, method="Card", amount=Decimal(5), reference="CARD-7468", by=BELLHOP)
    wanted = set(db.session.scalars(select(SearchTerm.term)))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with writing():
        db.session.add(OptOut(channel=ChannelName.WHATSAPP, address="+525512345678", source="an old one", at=at))
    db.session.remove()
    flask_migrate.downgrade(revision="0005")
    flask_migrate.upgrade()

    stops = db.session.execute(select(OptOut.address, OptOut.source, OptOut.at).order_by(OptOut.id)).all()
    assert set(db.session.scalars(select(SearchTerm.term))) == wanted
    assert found("hart lukasz") == found("7468") == ["Łukasz Hart"]
    assert stops == [("+525512345678", "an old one", at), ("+5215512345678", "an old one", at)]


def test_a_deleted_booking_leaves_no_terms() -> None:
    booking = a_booking()
    with writing():
        db.session.execute(delete(Booking).where(Booking.id == booking.id))

    assert db.session.scalars(select(SearchTerm)).all() == []
