"""Acts on uploaded files: bookings to import, bank statements, and what is taken out."""

from tests.factories import a_booking
from tests.faults.acts.base import ROSA, Post, Scenario, numbers
from webapp.models import Booking, BookingStatus, Upload, UploadKind
from webapp.services.imports import uploads

BOOKINGS, STATEMENT = UploadKind.BOOKINGS, UploadKind.STATEMENT
URLS = {BOOKINGS: "/bookings/import", STATEMENT: "/payments/statement"}
CHOSEN = {
    BOOKINGS: {"name": "A", "phone": "B", "service": "C", "starts": "D", "amount": "E", "currency": "F"},
    STATEMENT: {"text": "B", "amount": "C", "day": "A"},
}


def _lines(kind: UploadKind, booking: Booking | None = None, headers: str = "", name: str = "Ann") -> str:
    """A file of two lines that is like no other."""
    number = next(numbers)
    if kind is BOOKINGS:
        line = "{},+1415553{:04d},Cruise,2027-03-04 10:00,5.00,EUR,x{}\n"
        first, second = line.format(name, number, number), line.format(name, next(numbers), number)
        return (headers or "Name,Phone,Service,Start,Amount,Currency,Agent\n") + first + second
    reference = booking.reference if booking else f"nothing {name} n{number}"
    line = f"2026-11-01;{reference};120.00\n2026-11-02;rent {number};-9.00\n"
    return (headers or "Date;Text;Amount\n") + line


def _upload(kind: UploadKind, data: bytes) -> Upload:
    upload, _ = uploads.store(kind, "file.csv", data, by=ROSA)
    return upload


def _take(kind: UploadKind) -> Scenario:
    return lambda: Post(URLS[kind], file=(_lines(kind).encode(), "file.csv"))


def _choose(kind: UploadKind) -> Scenario:
    def made() -> Post:
        number, between = next(numbers), "," if kind is BOOKINGS else ";"  # What was chosen once is not asked again.
        names = {letter: f"{letter}{number}" for letter in ("ABCDEFG" if kind is BOOKINGS else "ABC")}
        upload = _upload(kind, _lines(kind, headers=f"{between.join(names.values())}\n").encode())
        chosen = {field: names[letter] for field, letter in CHOSEN[kind].items()}
        return Post(f"{URLS[kind]}/{upload.id}/columns", chosen)

    return made


def _read_as(kind: UploadKind) -> Scenario:
    def made() -> Post:
        upload = _upload(kind, _lines(kind, name="Łukasz Żak").encode("cp1250"))
        return Post(f"{URLS[kind]}/{upload.id}/encoding", {"encoding": "cp1250"})

    return made


def _accept() -> Post:
    return Post(f"/bookings/import/{_upload(BOOKINGS, _lines(BOOKINGS).encode()).id}/acceptance")


def _confirm() -> Post:
    booking = a_booking(BookingStatus.CONFIRMED)
    upload = _upload(STATEMENT, _lines(STATEMENT, booking).encode())
    return Post(f"/payments/statement/{upload.id}/lines", {"line": f"2.{booking.id}.{booking.version}"})


def _confirm_two() -> Post:
    two = [a_booking(BookingStatus.CONFIRMED) for _ in range(2)]
    lines = "".join(f"2026-11-01;{one.reference};120.00\n" for one in two)
    upload = _upload(STATEMENT, f"Date;Text;Amount\n{lines}".encode())
    tokens = [f"{number}.{one.id}.{one.version}" for number, one in enumerate(two, start=2)]
    return Post(f"/payments/statement/{upload.id}/lines", {"line": tokens})


def _choose_booking() -> Post:
    booking = a_booking(BookingStatus.CONFIRMED)
    upload = _upload(STATEMENT, _lines(STATEMENT).encode())
    return Post(f"/payments/statement/{upload.id}/lines/2/booking", {"reference": booking.reference})


ACTS: dict[str, Scenario] = {
    "booking_import.take": _take(BOOKINGS),
    "booking_import.choose": _choose(BOOKINGS),
    "booking_import.read_as": _read_as(BOOKINGS),
    "booking_import.accept": _accept,
    "statements.take": _take(STATEMENT),
    "statements.choose": _choose(STATEMENT),
    "statements.read_as": _read_as(STATEMENT),
    "statements.confirm": _confirm,
    "statements.confirm/two": _confirm_two,
    "statements.choose_booking": _choose_booking,
    "exports.bookings": lambda: Post("/bookings/export"),
    "exports.messages": lambda: Post("/messages/export"),
}
