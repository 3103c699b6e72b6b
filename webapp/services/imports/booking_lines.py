"""The lines of a file of bookings: each read into a new booking, or with what is wrong with it, field by field."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from webapp import clock
from webapp.models import BookingStatus, Upload
from webapp.services import bookings
from webapp.services.bookings import NewBooking
from webapp.services.imports import line_marks, uploads
from webapp.services.imports.booking_fields import FIELDS, STATES, full_name
from webapp.services.parsing import contact, days, fields, money, times
from webapp.services.parsing.csv_reader import Table
from webapp.services.parsing.csv_records import Row
from webapp.services.parsing.days import DayOrder
from webapp.services.parsing.text import one_line
from webapp.settings import current

MOST_LINES = 5_000
MOST_YEARS = 10  # From now: a booking farther away has a mistyped year.
_NO = ("no", "false", "0", "n")  # In a column that says whether a booking is cancelled.
WHOLE_LINE = ""  # What is wrong with a line that is of none of its fields.


@dataclass(frozen=True)
class Line:
    """One line: what it says, and the booking that it makes if nothing is wrong."""

    number: int  # In the file.
    cells: Mapping[str, str]  # By field, as they stand in the file.
    errors: Mapping[str, str]  # A sentence by field, or by WHOLE_LINE.
    new: NewBooking | None = None
    status: BookingStatus = BookingStatus.PENDING
    warnings: tuple[str, ...] = ()


@dataclass
class _Reading:
    """Reads the fields of one line, and keeps what is wrong."""

    cells: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, read: Callable[[str], Any], missing: str = "") -> Any:
        """A field's value; None where there is none, or none that can be read."""
        cell = self.cells[name]
        if not cell:
            if missing:
                self.errors[name] = missing
            return None
        try:
            return read(cell)
        except ValueError as wrong:
            self.errors[name] = str(wrong)
            return None


def read(upload: Upload) -> list[Line]:
    """All lines of a file, by the columns that were chosen."""
    table = uploads.table(upload, most_rows=MOST_LINES)
    columns = upload.columns
    mark = money.decimal_mark_of(table.column(columns.get("amount", "")))
    chosen = columns.get("#days", "")
    order = DayOrder(chosen) if chosen in list(DayOrder) else days.order_of(table.column(columns.get("starts", "")))
    seen: dict[str, int] = {}
    lines = []
    for row in table.rows:
        cells = _cells(row, table, columns)
        if row.wrong:
            lines.append(Line(row.number, cells, {WHOLE_LINE: row.wrong}))
            continue
        lines.append(_line(row.number, cells, order, mark, seen, upload.digest))
    return lines


def _cells(row: Row, table: Table, columns: Mapping[str, str]) -> dict[str, str]:
    cells = {one.name: one_line(table.cell(row, columns.get(one.name, ""))) for one in FIELDS}
    by_header = line_marks.currency_in(columns.get("amount", ""))
    named = cells["currency"] or columns.get("#currency", "") or (next(iter(by_header)) if len(by_header) == 1 else "")
    if cells["status"].lower() in _NO and columns["status"].lower().startswith("cancel"):
        cells["status"] = ""
    return cells | {"currency": named, "name": full_name(cells, columns)}


def _line(
    number: int, cells: dict[str, str], order: DayOrder | None, mark: str, seen: dict[str, int], digest: str
) -> Line:
    reading = _Reading(cells)
    take = reading.take
    reference = take("reference", _reference) or ""
    if reference and reference in seen:
        reading.errors["reference"] = f"Line {seen[reference]} has the same reference. Give each booking its own."
    seen.setdefault(reference, number)
    name = take("name", fields.line(200, ""), "Enter the guest’s name.")
    phone = take("phone", contact.read_phone)
    email = take("email", fields.email)
    if not cells["phone"] and not cells["email"]:
        reading.errors["phone"] = "Give a phone number or an e-mail address: the guest is told by it."
    service = take("service", fields.line(200, ""), "Say what was booked.")
    starts = take("starts", lambda cell: _starts(cell, cells["time"], order), "Say when it starts.")
    cells["currency"] = cells["currency"] or _currency_beside(cells["amount"], mark)
    currency = take("currency", lambda cell: fields.currency(cell.upper()), "Name the currency, such as EUR.")
    amount = take("amount", fields.amount(currency or "", mark), "Enter the amount, such as 120.00.")
    parts = [take(name, _some) or 0 for name in ("adults", "children")]
    party = take("party_size", _party) or sum(parts) or 1
    status = take("status", _status) or BookingStatus.PENDING
    language = take("language", lambda cell: fields.language(cell.replace("_", "-"))) or "en"
    if reading.errors:
        return Line(number, cells, reading.errors)
    new = NewBooking(
        reference=reference or made_reference(digest, number),
        name=name, phone=phone.e164 if phone else None, email=email, service=service, starts_at=starts,
        party_size=party, amount=amount, currency=currency, language=language,
    )  # fmt: skip
    return Line(number, cells, {}, new, status, _warnings(phone, starts, bool(cells["time"])))


def made_reference(digest: str, number: int) -> str:
    """The reference of a line that has none: the same whenever the same file is written again."""
    letters = bookings.LETTERS
    value = int(sha256(f"{digest}:{number}".encode()).hexdigest(), 16)
    return "BK-" + "".join(letters[value // len(letters) ** place % len(letters)] for place in range(9))


def _reference(cell: str) -> str:
    plain = cell.removeprefix("#").strip()  # Some tools write "#100201" for the number 100201.
    if sentence := bookings.reserved(plain):
        raise ValueError(sentence)
    return fields.reference(plain)


def _starts(cell: str, time: str, order: DayOrder | None) -> datetime:
    if days.is_two_ways(cell) and order is None:
        raise ValueError(f"{cell} can be read in two ways. Say under Columns whether the day or the month comes first.")
    starts = times.read_cells(cell, time, order)
    if abs(starts.year - clock.now().year) > MOST_YEARS:
        raise ValueError(f"The year {starts.year} cannot be right. Check it.")
    return starts


def _warnings(phone: contact.Phone | None, starts: datetime, has_time: bool) -> tuple[str, ...]:
    """What is taken although it may not be meant so."""
    zone = current().zone
    said = [phone.warning] if phone else []
    said.append(days.far(starts.astimezone(zone).date(), clock.now().astimezone(zone).date()))
    if not has_time and f"{starts.astimezone(zone):%H:%M}" == "00:00":
        said.append("It starts at midnight. Is its time in another column?")
    return tuple(one for one in said if one)


def _currency_beside(cell: str, mark: str) -> str:
    """The currency that an amount names by itself; empty where it names none, or a sign of several."""
    try:
        found = money.read_amount(cell, decimal_mark=mark).currencies
    except ValueError:
        return ""
    return next(iter(found)) if len(found) == 1 else ""


def _some(cell: str) -> int:
    return 0 if re.fullmatch("0*", cell) else _party(cell)


def _party(cell: str) -> int:
    whole = re.sub(r"[.,]0+$", "", cell)  # As a spreadsheet writes it.
    return fields.guests(whole)


def _status(cell: str) -> BookingStatus:
    word = " ".join(cell.casefold().replace("_", " ").split())
    if word not in STATES:
        raise ValueError("Use pending or confirmed. What is over or cancelled is not imported.")
    return STATES[word]
