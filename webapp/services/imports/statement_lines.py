"""Reads the lines of a bank statement: the day, the text and the amount of each, and what is doubtful about it.

Money came in only if a line says so without contradiction: its sign, its marks, its columns of money in and out, its
state and its currency are all read. A person must check a line with one that is not known.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from webapp.i18n import gettext
from webapp.models import Upload
from webapp.services.imports import line_marks, uploads
from webapp.services.imports.line_marks import Cells
from webapp.services.imports.statement_fields import FIELDS
from webapp.services.parsing import money
from webapp.services.parsing.csv_reader import Table
from webapp.services.parsing.csv_records import Row
from webapp.services.parsing.days import DayOrder, day_of, order_of
from webapp.services.parsing.text import one_line

METHOD = "Bank transfer"  # Stored, so in English.
LONGEST_REFERENCE = 100
SHORTEST_CODE = 5  # Characters; a shorter one may be a running number, which another file has too.


@dataclass(frozen=True)
class StatementLine:
    """One line. With an error in `wrong` it has no amount."""

    number: int  # In the file.
    day: date | None
    text: str
    payer: str
    currencies: frozenset[str]  # It may be in one of these; empty if the file does not say.
    amount: Decimal | None  # Money in; below 0 for money out.
    reference: str  # Made from the line: in another file the same line has the same.
    mentions: str = ""  # All its words, a line for each column: many banks spread what the payer wrote.
    code: str = ""  # The bank's own number, if no other line has it.
    wrong: str = ""
    not_final: str = ""  # Why the money has not come, or has gone back.
    doubt: str = ""  # Why a person must check it; such a line is never ticked already.

    @property
    def currency(self) -> str:
        """The line's currency, if only one is possible."""
        return next(iter(self.currencies)) if len(self.currencies) == 1 else ""

    @property
    def key(self) -> str:
        """The key of the act that records this line, the same in each file: by the bank's number if there is one."""
        return _key(f"the bank's {self.code}") if self.code else self.key_by_text

    @property
    def key_by_text(self) -> str:
        """The key of a line without a bank's number, and of each line that was recorded by an earlier version."""
        return _key(f"{self.reference} {self.amount}")

    @property
    def keys(self) -> set[str]:
        """All keys that it may have: earlier versions and other files write 5000 as 5000.0 or 5000.00."""
        if self.amount is None:
            return {self.key, self.key_by_text}
        written = {f"{self.amount:.{places}f}" for places in range(4)}
        same = {text for text in written if Decimal(text) == self.amount}
        return {self.key, self.key_by_text} | {_key(f"{self.reference} {text}") for text in same}

    def is_of(self, currency: str) -> bool:
        """Returns whether the line may be in this currency."""
        return not self.currencies or currency in self.currencies


def _key(text: str) -> str:
    return "line-" + sha256(text.encode()).hexdigest()[:48]


@dataclass(frozen=True)
class _Habits:
    """How the lines of this file are written."""

    decimal_mark: str
    order: DayOrder | None
    has_days: bool
    currency: frozenset[str]  # Of all lines: by the amount's header, or as a person chose.
    codes: Mapping[str, int]  # How often each bank's number is in the file.
    directions: tuple[str, ...]  # Columns that nobody chose in which every cell means "in" or "out".
    must_say: bool  # Whether a chosen column says "in" or "out" for each line.


def read(upload: Upload) -> list[StatementLine]:
    """Returns all lines of a statement, by the columns that were chosen."""
    table = uploads.table(upload)
    columns = line_marks.by_content(table, upload.columns)
    habits = _habits(table, columns)
    seen: Counter[str] = Counter()
    return [_line(row, _cells(row, table, columns), habits, seen) for row in table.rows]


def _habits(table: Table, columns: Mapping[str, str]) -> _Habits:
    days, option = table.column(columns.get("day", "")), columns.get("#days", "")
    amounts = [*table.column(columns.get("amount", "")), *table.column(columns.get("out", ""))]
    return _Habits(
        decimal_mark=money.decimal_mark_of(amounts),
        order=DayOrder(option) if option in list(DayOrder) else order_of(days),
        has_days=any(days),
        currency=line_marks.currency_of_all(columns),
        codes=Counter(one_line(code) for code in table.column(columns.get("code", ""))),
        directions=line_marks.direction_columns(table, columns),
        must_say=any(table.column(columns.get("direction", ""))),
    )


def _cells(row: Row, table: Table, columns: Mapping[str, str]) -> Cells:
    headers = {columns.get(field.name, "") for field in FIELDS}
    chosen = {field.name: one_line(table.cell(row, columns.get(field.name, ""))) for field in FIELDS}
    others = {header: one_line(table.cell(row, header)) for header in table.headers if header not in headers}
    return Cells(chosen, others)


def _line(row: Row, cells: Cells, habits: _Habits, seen: Counter[str]) -> StatementLine:
    chosen, day, amount, wrong = cells.chosen, None, None, row.wrong
    currencies: frozenset[str] = frozenset()
    try:
        currencies = line_marks.currencies(chosen, habits.currency)
        if not wrong:
            amount, currencies = line_marks.amount(cells, habits.decimal_mark, currencies, habits.directions)
        if habits.must_say and not chosen["direction"] and (amount or 0) > 0:
            raise ValueError(gettext(line_marks.NO_DIRECTION))
    except ValueError as error:
        wrong = wrong or str(error)
    try:
        day = day_of(chosen["day"], habits.order) if chosen["day"] else None
    except ValueError as error:
        text = gettext("The date “%(cell)s” cannot be read. %(reason)s", cell=chosen["day"][:40], reason=error)
        wrong = wrong or text
    code = chosen["code"] if _tells_apart(chosen["code"], habits.codes) else ""
    return StatementLine(
        number=row.number, day=day, text=chosen["text"], payer=chosen["payer"], currencies=currencies,
        amount=None if wrong else amount, reference=_reference(chosen, day, amount, seen),
        mentions="\n".join(cell for cell in (chosen["text"], chosen["payer"], *cells.others.values()) if cell),
        code=code, wrong=wrong, not_final=line_marks.not_final(chosen, has_day=bool(day) or not habits.has_days),
        doubt=line_marks.doubt(cells) or _twice(chosen["code"], habits.codes),
    )  # fmt: skip


def _tells_apart(code: str, codes: Mapping[str, int]) -> bool:
    return len(code) >= SHORTEST_CODE and any(sign.isdigit() for sign in code) and codes[code] == 1


def _twice(code: str, codes: Mapping[str, int]) -> str:
    is_shared = len(code) >= SHORTEST_CODE and codes[code] > 1
    if not is_shared:
        return ""
    return gettext("%(count)s lines have the bank’s number %(code)s.", count=codes[code], code=code[:40])


def _reference(chosen: Mapping[str, str], day: date | None, amount: Decimal | None, seen: Counter[str]) -> str:
    """Returns the line's day, text and bank number, short enough to store. The second of two equal lines has a (2)."""
    parts: Sequence[str] = (str(day or ""), chosen["code"], chosen["text"], chosen["payer"])
    whole = " ".join(part for part in parts if part)
    same = f"{whole}\n{amount}"
    seen[same] += 1
    mark = f" ({seen[same]})" if seen[same] > 1 else ""
    if len(whole) + len(mark) > LONGEST_REFERENCE:
        mark = f" …{sha256(whole.encode()).hexdigest()[:8]}{mark}"
    return whole[: LONGEST_REFERENCE - len(mark)] + mark
