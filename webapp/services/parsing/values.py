"""Reading what stands in one cell or field: one line of text, an amount, a day or a moment, as people write them.

An amount or a day that can be read in two ways is read as its whole column is written; where the column does not tell,
it is an error or a choice, and never a guess about money.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from webapp.services.parsing.fields import one_line

MOST = Decimal("999999999.99")
# Some of these end lines in headers, others move a terminal's cursor; none belongs in a name.
_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(?:[.,' \u00a0\u202f’][0-9]{3})+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,.][0-9]{3})")
_CURRENCY = r"\s*[^0-9\s.,+()'’-]{1,4}\s*"
_MONEY_HINT = "Write an amount such as 120.00, with at most two decimals."
_DAY_HINT = "Write a day such as 2026-11-23 or 23.11.2026."
_TIME_HINT = "Write a time such as 18:30."
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), start=1
    )
    for name in names.split()
}
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?m?\.?", re.IGNORECASE)


class DayOrder(StrEnum):
    """What comes first in 03/04/2026."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Habits:
    """How a column is written, as far as it tells."""

    decimal_mark: str = ""  # "." or ","; empty where nothing tells.
    day_order: DayOrder | None = None


def money_of(text: str, decimal_mark: str = "") -> Decimal:
    """Read an amount: a sign before or after it, or brackets; a currency beside it; groups of three digits.

    Raises:
        ValueError: it is none, or can be read in two ways; the text says what is expected.
    """
    bare, negative = _without_sign(text)
    mark = _decimal_mark_in(bare) or decimal_mark
    if not mark and _GROUPED.fullmatch(bare):
        raise ValueError(f"{bare} can be read in two ways. Write {re.sub('[.,]', '', bare)}.00 or with two decimals.")
    whole, _, cents = bare.rpartition(mark) if mark and mark in bare else (bare, "", "")
    if not _NUMBER.fullmatch(whole or "0") or not re.fullmatch("[0-9]{0,2}", cents) or not re.search("[0-9]", bare):
        raise ValueError(_MONEY_HINT)
    amount = Decimal(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{cents or '0'}")
    if amount > MOST:
        raise ValueError(f"The largest amount is {MOST:,}.")
    return -amount if negative else amount


def _without_sign(text: str) -> tuple[str, bool]:
    """An amount without its sign and currency, and whether it is negative."""
    bare = one_line(text).replace("−", "-")
    bracketed = bare.startswith("(") and bare.endswith(")")
    debit = re.search(r"\b(DR|S)$", bare) is not None
    bare = re.sub(rf"^([+-]?)\s*{_CURRENCY}|{_CURRENCY}([+-]?)$", r"\1\2", bare.strip("()"))
    negative = bracketed or debit or bare.startswith("-") or bare.endswith("-")
    return bare.strip("+- "), negative


def _decimal_mark_in(bare: str) -> str:
    """The decimal mark that an amount shows by itself; empty where it shows none."""
    marks = [sign for sign in bare if sign in ".,"]
    if not marks:
        return ""
    if len(set(marks)) > 1:
        return marks[-1]
    return "" if len(marks) > 1 or re.search("[.,][0-9]{3}$", bare) else marks[0]


def habits(amounts: Iterable[str], days: Iterable[str]) -> Habits:
    """How columns are written, by those of their cells that can be read in one way only."""
    marks = {mark for text in amounts if (mark := _decimal_mark_in(_without_sign(text)[0]))}
    orders = {order for text in days if (order := _order_in(text))}
    return Habits(marks.pop() if len(marks) == 1 else "", orders.pop() if len(orders) == 1 else None)


def _order_in(text: str) -> DayOrder | None:
    numbers = re.match(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b", text)
    if not numbers:
        return None
    first, second = int(numbers[1]), int(numbers[2])
    if first > 12 >= second:
        return DayOrder.DAY
    return DayOrder.MONTH if second > 12 >= first else None


def is_two_ways(text: str) -> bool:
    """Whether a day is written so that its month may be its day."""
    numbers = re.match(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b", text)
    return numbers is not None and numbers[1] != numbers[2] and _order_in(text) is None


def day_of(text: str, order: DayOrder | None = None) -> date:
    """Read a day; with numbers alone it is the day that comes first, unless told otherwise.

    Raises:
        ValueError: there is no such day; the text says what is expected.
    """
    return _split_day(one_line(text), order)[0]


def moment_of(text: str, order: DayOrder | None = None) -> datetime:
    """Read a day and a time: aware where an offset is written, else naive.

    Raises:
        ValueError: there is none; the text says what is expected.
    """
    line = one_line(text)
    if re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$", line):
        try:
            return datetime.fromisoformat(line.upper())
        except ValueError as impossible:
            raise ValueError(_DAY_HINT) from impossible
    day, rest = _split_day(line, order)
    return datetime.combine(day, time_of(rest))


def time_of(text: str) -> time:
    """Read a time of day.

    Raises:
        ValueError: there is none; the text says what is expected.
    """
    found = _TIME.fullmatch(one_line(text))
    if not found:
        raise ValueError(_TIME_HINT)
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(_TIME_HINT)
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    try:
        return time(hour, minute)
    except ValueError as impossible:
        raise ValueError(_TIME_HINT) from impossible


def _split_day(line: str, order: DayOrder | None) -> tuple[date, str]:
    """A day, and what stands after it."""
    for pattern, read in _DAYS:
        if found := pattern.match(line):
            try:
                day = read(found.groups(), order)
            except (ValueError, KeyError) as impossible:
                raise ValueError(_DAY_HINT) from impossible
            return day, line[found.end() :].strip(" T,")
    raise ValueError(_DAY_HINT)


def _by_numbers(parts: tuple[str, ...], order: DayOrder | None) -> date:
    first, second = int(parts[0]), int(parts[1])
    month_first = order is DayOrder.MONTH
    return date(_year(parts[2]), first if month_first else second, second if month_first else first)


def _year(text: str) -> int:
    year = int(text) + (2000 if len(text) == 2 else 0)
    if not 2000 <= year < 2200:
        raise ValueError(text)
    return year


def _month(name: str) -> int:
    return _MONTHS[name[:3].lower()]


_END = r"(?=$|[T\s,])"
_DAYS = (
    (
        re.compile(rf"(\d{{4}})[-/.]?(\d{{2}})[-/.]?(\d{{2}}){_END}"),
        lambda p, _: date(_year(p[0]), int(p[1]), int(p[2])),
    ),
    (re.compile(rf"(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{4}}|\d{{2}}){_END}"), _by_numbers),
    (
        re.compile(rf"(?:[^\W\d]+,? )?(\d{{1,2}})\.?[ -]([^\W\d]+)\.?[ -](\d{{4}}|\d{{2}}){_END}"),
        lambda p, _: date(_year(p[2]), _month(p[1]), int(p[0])),
    ),
    (
        re.compile(rf"([^\W\d]+)\.? (\d{{1,2}}),? (\d{{4}}){_END}"),
        lambda p, _: date(_year(p[2]), _month(p[0]), int(p[1])),
    ),
)
