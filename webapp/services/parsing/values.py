"""Reading an amount that stands in one cell or field, and how a whole column is written.

An amount that can be read in two ways is read as its whole column is written; where the column does not tell,
it is an error or a choice, and never a guess about money.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from webapp.services.parsing.days import DayOrder, order_in
from webapp.services.parsing.fields import one_line

MOST = Decimal("999999999.99")
# Some of these end lines in headers, others move a terminal's cursor; none belongs in a name.
_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(?:[.,' \u00a0\u202f’][0-9]{3})+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,.][0-9]{3})")
_CURRENCY = r"\s*[^0-9\s.,+()'’-]{1,4}\s*"
_MONEY_HINT = "Write an amount such as 120.00, with at most two decimals."


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
    orders = {order for text in days if (order := order_in(text))}
    return Habits(marks.pop() if len(marks) == 1 else "", orders.pop() if len(orders) == 1 else None)
