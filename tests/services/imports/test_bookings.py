"""Importing bookings: what is wrong is said by line and field, what is good is written once, and nobody is told."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.factories import a_booking
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus, Message, Upload, UploadKind
from webapp.services.audit import Actor
from webapp.services.imports import booking_lines, bookings, uploads
from webapp.services.imports.bookings import Standing

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
DESK = Actor("Rosa Silva", may_undo=True, form_key="one form")
HEADER = "Reference,Name,Phone,E-mail,Service,Date,Time,Guests,Amount,Currency,Status,Language"
GOOD = "IN-1,Ann,+14155550101,,Cruise,2027-03-04,18:30,2,120.00,EUR,confirmed,de"


def a_file(*lines: str, header: str = HEADER) -> Upload:
    content = "\n".join((header, *lines)).encode()
    return uploads.store(UploadKind.BOOKINGS, "tours.csv", content, by=DESK)[0]


def standings(upload: Upload) -> list[Standing]:
    return [one.standing for one in bookings.preview(upload)]


def test_a_good_line_becomes_a_booking_as_it_says_and_nobody_is_told(bells: list[int]) -> None:
    upload = a_file(GOOD)

    assert bookings.accept(upload, by=DESK)

    booking = db.session.query(Booking).one()
    assert (booking.reference, booking.name, booking.phone) == ("IN-1", "Ann", "+14155550101")
    assert (booking.starts_at, booking.party_size) == (datetime(2027, 3, 4, 18, 30, tzinfo=UTC), 2)
    assert (booking.amount, booking.currency, booking.language) == (Decimal(120), "EUR", "de")
    assert booking.status is BookingStatus.CONFIRMED
    assert (db.session.query(Message).count(), bells) == (0, [])


@pytest.mark.settings(timezone="Europe/Berlin")
def test_a_time_without_an_offset_is_the_businesss_own() -> None:
    (line,) = booking_lines.read(a_file(GOOD))

    assert line.new and line.new.starts_at == datetime(2027, 3, 4, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("good", "wrong", "field", "said"),
    [
        ("IN-1", "IN 1", "reference", "Use 1 to 40 letters"),
        ("IN-1", "import", "reference", "a page of that name exists"),
        ("Ann", "", "name", "Enter the guest’s name."),
        ("+14155550101", "12", "phone", "with its country code"),
        ("+14155550101", "", "phone", "Enter a phone number or an e-mail address"),
        (",,Cruise", ",x@y,Cruise", "email", "Enter an e-mail address such as"),
        ("Cruise", "", "service", "Enter what was booked."),
        ("2027-03-04", "2027-02-30", "starts", "There is no 30 February 2027."),
        ("2027-03-04", "2062-03-04", "starts", "The year 2062 cannot be right"),
        ("2027-03-04", "2027-03-04 10:00", "starts", "The date says 10:00"),
        ("18:30", "late", "starts", "Write a time such as"),
        ("2027-03-04", "03/04/2027", "starts", "can be read in two ways"),
        (",2,", ",0,", "party_size", "Guests: enter a number from 1 to 1,000."),
        ("120.00", "-5", "amount", "An amount is not below zero"),
        ("120.00", "free", "amount", "Write an amount such as 120.00"),
        ("EUR", "EURO", "currency", "Use the three letters of a currency"),
        ("EUR", "XYZ", "currency", "XYZ is no currency"),
        ("confirmed", "cancelled", "status", "Use pending or confirmed."),
        (",de", ",d e", "language", "Use a language tag"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_alone(good: str, wrong: str, field: str, said: str) -> None:
    (line,) = booking_lines.read(a_file(GOOD.replace(good, wrong, 1)))

    assert line.new is None
    assert list(line.errors) == [field]
    assert said in line.errors[field]


@pytest.mark.settings(timezone="America/New_York")
@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("2027-03-14", "02:30", "does not exist"),
        ("2027-11-07", "01:30", "comes twice"),
        ("2027-03-04", "", "at what time"),
    ],
)
def test_a_start_that_is_no_certain_moment_is_not_ready(day: str, time: str, said: str) -> None:
    (line,) = booking_lines.read(a_file(GOOD.replace("2027-03-04,18:30", f"{day},{time}")))

    assert line.new is None and said in line.errors["starts"]


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("2026-01-05", "18:30", "It starts in the past: Monday, 5 January 2026."),
        ("2031-03-04", "18:30", "It starts in 2031. Is the year right?"),
        ("2027-03-04 00:00", "", "It starts at midnight."),
    ],
)
def test_a_start_that_is_hardly_meant_is_taken_with_a_warning(day: str, time: str, said: str) -> None:
    (line,) = booking_lines.read(a_file(GOOD.replace("2027-03-04,18:30", f"{day},{time}")))

    assert line.new and said in line.warnings[0]


@pytest.mark.parametrize("lines", ["EUR,1,200.00", "EUR", "EUR,120.00,,"])
def test_a_line_wider_or_narrower_than_the_header_is_refused_as_a_whole(lines: str) -> None:
    header = "Name,Phone,Service,Date,Time,Currency,Amount"
    begin = "Ann,+14155550101,Cruise,2027-03-04,18:30,"
    good, wrong = booking_lines.read(a_file(f"{begin}EUR,120.00", f"{begin}{lines}", header=header))

    assert good.new and wrong.new is None
    assert list(wrong.errors) == [booking_lines.WHOLE_LINE] and "the header has 7" in wrong.errors[""]


def test_a_reference_that_stands_twice_in_the_file_is_taken_once() -> None:
    first, second = booking_lines.read(a_file(GOOD, GOOD))

    assert first.new is not None
    assert second.errors["reference"].startswith("Line 2 has the same reference.")


def test_what_is_here_already_is_left_alone_and_the_rest_is_written() -> None:
    a_booking(reference="IN-1", name="Somebody else")
    upload = a_file(GOOD, GOOD.replace("IN-1", "IN-2"), GOOD.replace("IN-1", "IN 3"))
    before = standings(upload)

    bookings.accept(upload, by=DESK)

    assert before == [Standing.KNOWN, Standing.READY, Standing.WRONG]
    assert {b.reference: b.name for b in db.session.query(Booking)} == {"IN-1": "Somebody else", "IN-2": "Ann"}
    assert bookings.tally(upload) == Counter(known=1, taken=1, wrong=1)


@pytest.mark.parametrize("reference", ["IN-1", ""])
def test_accepting_twice_writes_once(reference: str) -> None:
    upload = a_file(GOOD.replace("IN-1", reference, 1))

    results = [bookings.accept(upload, by=DESK) for _ in range(2)]

    assert results == [True, True]
    assert db.session.query(Booking).count() == 1
    assert db.session.query(Audit).filter_by(action=Action.BOOKINGS_IMPORTED).count() == 1


def test_the_same_file_is_known_again() -> None:
    first = a_file(GOOD)

    assert a_file(GOOD).id == first.id


def test_an_import_that_was_cut_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = a_file(*(GOOD.replace("IN-1", f"IN-{n}") for n in range(bookings.BATCH + 3)))
    with monkeypatch.context() as hasty:
        hasty.setattr(bookings, "PATIENCE_SECONDS", -1.0)  # One batch, and no time for another.
        first = bookings.accept(upload, by=DESK)
    so_far = db.session.query(Booking).count()

    second = bookings.accept(upload, by=DESK)

    assert (first, so_far, second) == (False, bookings.BATCH, True)
    assert db.session.query(Booking).count() == bookings.BATCH + 3


def test_each_booking_knows_who_imported_it() -> None:
    bookings.accept(a_file(GOOD), by=DESK)

    acts = db.session.query(Audit).order_by(Audit.id).all()
    assert [(act.action, act.actor) for act in acts] == [
        (Action.BOOKING_CREATED, "Rosa Silva"),
        (Action.BOOKINGS_IMPORTED, "Rosa Silva"),
    ]
    assert acts[1].detail["taken"] == 1


def test_columns_chosen_by_hand_are_remembered_for_the_next_file() -> None:
    header = "Wer,Fon,Was,Wann,Wieviel"
    chosen = {"name": "Wer", "phone": "Fon", "service": "Was", "starts": "Wann", "amount": "Wieviel", "all_in": "EUR"}
    row = "Ann,+14155550101,Cruise,2027-03-04 10:00,5.00"
    first = a_file(row, header=header)

    uploads.choose(first, chosen)
    second = a_file(row, row.replace("Ann", "Ben"), header=header)

    assert standings(second) == [Standing.READY, Standing.READY]
    assert second.columns["#currency"] == "EUR"


def test_the_sample_can_be_imported() -> None:
    content = bookings.sample().encode()

    upload, _ = uploads.store(UploadKind.BOOKINGS, "sample.csv", content, by=DESK)

    assert standings(upload) == [Standing.READY, Standing.READY]


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("First Name,Last Name", "Ann,Lee", "Ann Lee"), ("Last name,First name", "Lee,Ann", "Ann Lee"),
        ("Nom,Prénom", "Dupont,Anne", "Anne Dupont"), ("Nome,Cognome", "Anna,Rossi", "Anna Rossi"),
        ("guest_first_name,guestLastName", "Ann,Lee", "Ann Lee"), ("Vorname,Nachname", "Jörg,Weiß", "Jörg Weiß"),
        ("姓,名", "山田,花子", "山田 花子"), ("Vezetéknév,Keresztnév", "Nagy,Anna", "Nagy Anna"),
        ("Name,Surname", "Ann Lee,Lee", "Ann Lee"), ("First name,Notes", "Ann,x", "Ann"),
        ('"Name (Last, First)",Notes', '"Lee, Ann",x', "Ann Lee"), ("Imię,Nazwisko", "Łucja,Żak", "Łucja Żak"),
        ("Name,Notes", '"Lee, Ann",x', "Lee, Ann"), ("Nombre,Apellidos", "Ana,Gil Ruiz", "Ana Gil Ruiz"),
    ],
)  # fmt: skip
def test_a_name_in_two_columns_is_joined(header: str, cells: str, name: str) -> None:
    row = f"{cells},+14155550101,Cruise,2027-03-04 10:00,5.00,EUR"
    (line,) = booking_lines.read(a_file(row, header=f"{header},Phone,Service,Start,Amount,Currency"))

    assert line.new and line.new.name == name


@pytest.mark.parametrize(
    ("amount", "currency", "read"),
    [
        ("1.234,50", "EUR", "1234.50"), ("5,000", "JPY", "5000"),
        ("12.345", "KWD", None), ("12,50", "KWD", "12.50"), ("€12,50", "", "12.50"),
        ("12.50 EUR", "EUR", "12.50"), ("100 USD", "EUR", None), ("-5", "EUR", None), ("(5.00)", "EUR", None),
        ("12.345", "EUR", None), ("5.5", "JPY", None), ("$20", "", None), ("$20", "USD", "20"), ("1,200", "EUR", None),
    ],
)  # fmt: skip
def test_an_amount_is_of_its_currency_or_refused(amount: str, currency: str, read: str | None) -> None:
    row = f'Ann;+14155550101;Cruise;2027-03-04 10:00;"{amount}";{currency}'
    (line,) = booking_lines.read(a_file(row, header="Name;Phone;Service;Start;Amount;Currency"))

    assert (line.new.amount if line.new else None) == (Decimal(read) if read else None)
    assert line.new or line.errors.keys() <= {"amount", "currency"}
