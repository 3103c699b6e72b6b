"""Reads the lines of a file of bookings: each becomes a new booking, or has errors by field."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from webapp import clock
from webapp.i18n import gettext
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

MOST_YEARS = 10  # A booking farther from now has a mistyped year.
_NO = ("no", "false", "0", "n")  # In a column that says whether a booking is cancelled.
WHOLE_LINE = ""  # The key of an error that is about no single field.


@dataclass(frozen=True)
class Line:
    """One line, and the booking that it becomes if nothing is wrong."""

    number: int  # In the file.
    cells: Mapping[str, str]  # By field, as they are in the file.
    errors: Mapping[str, str]  # A sentence by field, or by WHOLE_LINE.
    new: NewBooking | None = None
    status: BookingStatus = BookingStatus.PENDING
    warnings: tuple[str, ...] = ()


@dataclass
class _Reading:
    """Reads the fields of one line, and collects their errors."""

    cells: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, read: Callable[[str], Any], missing: str = "") -> Any:
        """Returns a field's value; None if there is none, or if it cannot be read."""
        cell = self.cells[name]
        if not cell:
            if missing:
                self.errors[name] = missing
            return None
        try:
            return read(cell)
        except ValueError as error:
            self.errors[name] = str(error)
            return None


def read(upload: Upload) -> list[Line]:
    """Returns all lines of a file, by the columns that were chosen."""
    table = uploads.table(upload)
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
    value = reading.value
    reference = value("reference", _reference) or ""
    if reference and reference in seen:
        reading.errors["reference"] = gettext(
            "Line %(number)s has the same reference. Give each booking its own.", number=seen[reference]
        )
    seen.setdefault(reference, number)
    name = value("name", fields.line(200, ""), gettext("Enter the guest’s name."))
    phone = value("phone", contact.read_phone)
    email = value("email", fields.email)
    if not cells["phone"] and not cells["email"]:
        reading.errors["phone"] = gettext("Enter a phone number or an e-mail address.")
    service = value("service", fields.line(200, ""), gettext("Enter what was booked."))
    starts = value("starts", lambda cell: _starts(cell, cells["time"], order), gettext("Enter when it starts."))
    cells["currency"] = cells["currency"] or _currency_beside(cells["amount"], mark)
    currency = value(
        "currency", lambda cell: fields.currency(cell.upper()), gettext("Enter the currency, such as EUR.")
    )
    amount = value("amount", fields.amount(currency or "", mark), gettext("Enter the amount, such as 120.00."))
    parts = [value(name, _some) or 0 for name in ("adults", "children")]
    party = value("party_size", _party) or sum(parts) or 1
    status = value("status", _status) or BookingStatus.PENDING
    language = value("language", lambda cell: fields.language(cell.replace("_", "-"))) or "en"
    if reading.errors:
        return Line(number, cells, reading.errors)
    new = NewBooking(
        reference=reference or made_reference(digest, number),
        name=name, phone=phone.e164 if phone else None, email=email, service=service, starts_at=starts,
        party_size=party, amount=amount, currency=currency, language=language,
    )  # fmt: skip
    return Line(number, cells, {}, new, status, _warnings(phone, starts, bool(cells["time"])))


def made_reference(digest: str, number: int) -> str:
    """Returns a reference for a line without one: the same each time the same file is imported."""
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
        sentence = gettext(
            "%(day)s can be read in two ways. Choose under Columns whether day or month is first.", day=cell
        )
        raise ValueError(sentence)
    starts = times.read_cells(cell, time, order)
    if abs(starts.year - clock.now().year) > MOST_YEARS:
        raise ValueError(gettext("The year %(year)s cannot be right. Check it.", year=starts.year))
    return starts


def _warnings(phone: contact.Phone | None, starts: datetime, has_time: bool) -> tuple[str, ...]:
    """Returns warnings about values that are accepted and may be wrong."""
    zone = current().zone
    found = [phone.warning] if phone else []
    found.append(days.far(starts.astimezone(zone).date(), clock.now().astimezone(zone).date()))
    if not has_time and f"{starts.astimezone(zone):%H:%M}" == "00:00":
        found.append(gettext("It starts at midnight. Is its time in another column?"))
    return tuple(filter(None, found))


def _currency_beside(cell: str, mark: str) -> str:
    """Returns the currency that an amount names; empty if it names none, or has a sign of several."""
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
        raise ValueError(gettext("Use pending or confirmed. Other bookings are not imported."))
    return STATES[word]
