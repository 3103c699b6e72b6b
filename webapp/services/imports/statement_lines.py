"""The lines of a bank statement: each with its day, its text and what came in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from webapp.models import Upload
from webapp.services.imports import csv_reader
from webapp.services.imports.columns import Field
from webapp.services.imports.csv_reader import Table
from webapp.services.imports.csv_records import Row
from webapp.services.parsing import values
from webapp.services.parsing.fields import one_line
from webapp.services.parsing.values import DayOrder, Habits

MOST_LINES = 1_000
METHOD = "Bank transfer"
LONGEST_REFERENCE = 100
FIELDS = (
    Field(
        "amount",
        "Amount",
        "money in, paid in, credit, credit amount, betrag, umsatz, gutschrift, haben, montant, crédit, importe, "
        "importo, bedrag, value, amount eur, amount gbp, amount usd, transaction amount, betrag eur",
        needed=True,
    ),
    Field(
        "text",
        "Text",
        "description, details, reference, payment reference, purpose, narrative, memo, verwendungszweck, "
        "buchungstext, libellé, concepto, causale, omschrijving, transaction description, remittance information, "
        "message",
        needed=True,
    ),
    Field(
        "day",
        "Date",
        "booking date, transaction date, value date, posted, buchungstag, buchungsdatum, valuta, datum, fecha, "
        "data, date posted, posting date, completed date",
    ),
    Field(
        "payer",
        "Payer",
        "name, counterparty, from, payee, sender, beneficiary, auftraggeber, begünstigter, zahlungspflichtiger, "
        "other party, counterparty name, merchant",
    ),
    Field(
        "code",
        "Bank’s own number",
        "transaction id, id, transaction reference, bank reference, entry reference, fitid, reference number, "
        "transaktionsnummer",
    ),
    Field("currency", "Currency", headers="währung, devise, moneda, valuta code, ccy"),
)


@dataclass(frozen=True)
class Line:
    """One line. What is wrong with it stands in `wrong`, and then it has no amount."""

    number: int  # In the file.
    day: date | None
    text: str
    payer: str
    currency: str
    amount: Decimal | None  # What came in; below 0 what went out.
    reference: str  # Made from the line: in another file the same line has the same.
    wrong: str = ""

    @property
    def key(self) -> str:
        """By what the act of recording this line is known, whatever file it came in."""
        return "line-" + sha256(f"{self.reference} {self.amount}".encode()).hexdigest()[:48]


def read(upload: Upload) -> list[Line]:
    """All lines of a statement, by the columns that were chosen."""
    table = csv_reader.read(upload.content, most_rows=MOST_LINES)
    columns = upload.columns
    habits = values.habits(table.column(columns.get("amount", "")), table.column(columns.get("day", "")))
    seen: Counter[str] = Counter()
    return [_line(row, _cells(row, table, columns), habits, columns.get("#days", ""), seen) for row in table.rows]


def _cells(row: Row, table: Table, columns: Mapping[str, str]) -> dict[str, str]:
    return {field.name: one_line(table.cell(row, columns.get(field.name, ""))) for field in FIELDS}


def _line(row: Row, cells: Mapping[str, str], habits: Habits, days: str, seen: Counter[str]) -> Line:
    order = DayOrder(days) if days in list(DayOrder) else habits.day_order
    wrong, amount, day = "", None, None
    try:
        # Banks that have a column for each direction leave this one empty where money went out.
        amount = values.money_of(cells["amount"], habits.decimal_mark) if cells["amount"] else Decimal(0)
    except ValueError as unreadable:
        wrong = f"The amount “{cells['amount'][:40]}” cannot be read. {unreadable}"
    try:
        day = values.day_of(cells["day"], order) if cells["day"] else None
    except ValueError as unreadable:
        wrong, amount = f"The date “{cells['day'][:40]}” cannot be read. {unreadable}", None
    if row.wrong:
        wrong, amount, day = row.wrong, None, None
    return Line(
        number=row.number,
        day=day,
        text=cells["text"],
        payer=cells["payer"],
        currency=cells["currency"].upper(),
        amount=amount,
        reference=_reference(cells, day, amount, seen),
        wrong=wrong,
    )


def _reference(cells: Mapping[str, str], day: date | None, amount: Decimal | None, seen: Counter[str]) -> str:
    """The line's day, text and bank number, short enough to keep; the second of two alike says so."""
    parts = (str(day or ""), cells["code"], cells["text"], cells["payer"])
    whole = " ".join(part for part in parts if part)
    same = f"{whole}\n{amount}"
    seen[same] += 1
    mark = f" ({seen[same]})" if seen[same] > 1 else ""
    if len(whole) + len(mark) > LONGEST_REFERENCE:
        mark = f" …{sha256(whole.encode()).hexdigest()[:8]}{mark}"
    return whole[: LONGEST_REFERENCE - len(mark)] + mark
