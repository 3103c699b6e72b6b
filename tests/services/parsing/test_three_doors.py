"""One text, three ways in: the API, a form and a file read each kind of text by the same rule."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.speaking import a_body
from webapp.api.reading import fit
from webapp.api.schemas import BookingIn
from webapp.errors import Invalid
from webapp.models import UploadKind
from webapp.services.audit import Actor
from webapp.services.bookings import NewBooking
from webapp.services.bookings import form as booking_form
from webapp.services.imports import booking_lines, uploads

pytestmark = pytest.mark.usefixtures("app")
GUEST = ("name", "phone", "email", "language")
TYPED = {
    "reference": "B-7", "name": "Ann", "phone": "+14155550101", "email": "", "language": "de", "service": "Cruise",
    "party_size": "2", "amount": "120.00", "currency": "EUR",
}  # fmt: skip


def by_api(texts: dict[str, str]) -> NewBooking:
    given: dict[str, Any] = {**texts, "party_size": int(texts["party_size"])}
    guest = {name: given.pop(name) or None for name in GUEST}
    return fit(BookingIn, a_body(guest=guest, starts_at="2030-03-01T18:00:00Z", **given)).as_new()


def by_form(texts: dict[str, str]) -> NewBooking:
    channels = ",".join(booking_form.offered())
    return booking_form.read_new(texts | {"starts_at": "2030-03-01T18:00", "channels": channels})


def by_file(texts: dict[str, str]) -> NewBooking:
    header = "Reference,Name,Phone,E-mail,Language,Service,Guests,Amount,Currency,Date,Time"
    line = ",".join([*texts.values(), "2030-03-01", "18:00"])
    by = Actor("Rosa Silva", form_key=line)
    upload, _ = uploads.store(UploadKind.BOOKINGS, "one.csv", f"{header}\n{line}".encode(), by=by)
    (read,) = booking_lines.read(upload)
    if read.new is None:
        raise Invalid(fields=dict(read.errors))
    return read.new


def verdict(door: Callable[[dict[str, str]], NewBooking], texts: dict[str, str], field: str) -> object:
    """The value that a door reads, or the set of the fields that it refuses."""
    try:
        return getattr(door(texts), field)
    except Invalid as error:
        return {name.removeprefix("guest.") for name in error.fields}


@pytest.mark.parametrize(("field", "text", "is_good"), [
    ("reference", "A-1", True), ("reference", "a1", True), ("reference", "x" * 40, True),
    ("reference", "x" * 41, False), ("reference", "B 7", False), ("reference", "Ä1", False), ("reference", "_", False),
    ("name", "Zoë Brännström", True), ("name", "x" * 200, True), ("name", "x" * 201, False), ("name", "A\u202eb", True),
    ("phone", "+1 415 555 2671", True), ("phone", "(415) 555-2671", True), ("phone", "12", False),
    ("phone", "+14155552671 ext. 5", False), ("phone", "+14155552671 / +14155550101", False),
    ("phone", "+1 415 555 2671 " + "please call in the evening only " * 2, False),
    ("email", "Ann@Guests.Example", True), ("email", "ann@", False), ("email", "a@b.io b@c.io", False),
    ("email", "x" * 64 + "@" + ".".join(["y" * 60] * 3) + ".example", False),
    ("language", "en", True), ("language", "pt-BR", True), ("language", "el-polyton", True),
    ("language", "english", False), ("language", "en-abcdefghi", False), ("language", "en-US-1", False),
    ("service", "Deluxe room", True), ("service", "x" * 201, False),
    ("party_size", "1", True), ("party_size", "1000", True), ("party_size", "1001", False), ("party_size", "0", False),
    ("amount", "0", True), ("amount", "120.5", True), ("amount", "999999999.99", True),
    ("amount", "1000000000", False), ("amount", "-5", False), ("amount", "1.2345", False), ("amount", "1e3", False),
    ("amount", "NaN", False), ("amount", "٣.٤.٥", False),
    ("currency", "USD", True), ("currency", "EURO", False), ("currency", "EU", False), ("currency", "XYZ", False),
    ("currency", "XAU", False), ("currency", "DEM", False),
])  # fmt: skip
def test_all_three_say_the_same_of_a_text(field: str, text: str, is_good: bool) -> None:
    first, *others = [verdict(door, TYPED | {field: text}, field) for door in (by_api, by_form, by_file)]

    assert others == [first, first]
    assert (first == {field}) != is_good and (isinstance(first, set) != is_good)


@pytest.mark.parametrize(("currency", "amount", "is_good"), [
    ("JPY", "5000", True), ("JPY", "5000.50", False), ("JPY", "5000.00", True), ("KWD", "12.345", True),
    ("KWD", "12.3456", False), ("EUR", "12.34", True), ("EUR", "1234.567", False),
])  # fmt: skip
def test_the_api_and_a_form_know_the_decimals_of_a_currency(currency: str, amount: str, is_good: bool) -> None:
    texts = TYPED | {"currency": currency, "amount": amount}

    first, second = [verdict(door, texts, "amount") for door in (by_api, by_form)]

    assert first == second and (first == {"amount"}) != is_good
