"""Reads the cells of one line of a statement together: the amount, in or out, its currency, final or not."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from webapp.i18n import N_, gettext
from webapp.money import CODES, check
from webapp.services.imports.columns import BY_HAND
from webapp.services.imports.statement_fields import DOUBTFUL, FINAL, NOT_FINAL
from webapp.services.parsing.csv_reader import Table
from webapp.services.parsing.money import Amount, direction_of, read_amount
from webapp.services.parsing.money_marks import CURRENCIES
from webapp.services.parsing.text import one_line

CONTRADICTION = N_("The columns of this line contradict each other about money in and money out.")
NO_DIRECTION = N_("This line does not say whether the money came in or went out, as other lines do.")
# Letters that Unicode does not split from their accent.
_UNCOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae"})
_MAY_HOLD_ANYTHING = "info"  # The header of a column that holds states in the files of some banks only.
_NAMES_IN_HEADERS = frozenset({"euro", "euros", "円", "rs", "zł", "kč", "kr"})
_SHORTEST_NAME, _MOST_WORDS = 4, 4  # Of a cell that may mean money out: a longer cell is a free text.
_YES, _NO = (
    frozenset(["yes", "y", "true", "1", "x", "ja", "j", "oui", "si", "sim", "tak"]),
    frozenset(["no", "n", "false", "0", "nein", "non", "nao", "nie"]),
)
_SHORTEST_WORD = 2  # A single letter in a column that nobody chose says nothing by itself.


@dataclass(frozen=True)
class Cells:
    """The cells of one line: those of the chosen columns by field, the others by header."""

    chosen: Mapping[str, str]
    others: Mapping[str, str]


def folded(text: str) -> str:
    """Returns a word as the tables have it: lower case, without accents, signs and double spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_UNCOMPOSED))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain)))


def direction_columns(table: Table, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the columns that nobody chose in which every filled cell means "in" or "out"."""
    found = []
    for header in table.headers:
        cells = {one_line(cell) for cell in table.column(header)} - {""}
        is_free = header not in columns.values()
        if is_free and cells and all(_is_word(cell) and direction_of(cell) for cell in cells):
            found.append(header)
    return tuple(found)


def _is_word(cell: str) -> bool:
    """Returns whether a cell may be a mark by itself. A dash alone usually means nothing, and not money out."""
    return any(sign.isalpha() for sign in cell) and not any(sign.isdecimal() for sign in cell)


def by_content(table: Table, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Returns the columns without wrong guesses, which the cells show. Columns that a person chose stay.

    "Info" holds the states of some banks and any text of others. "Valuta" is a day in one language and the currency in
    the next.
    """
    if BY_HAND in columns:
        return columns
    kept = dict(columns)
    states = {folded(cell) for cell in table.column(kept.get("state", ""))}
    if folded(kept.get("state", "")) == _MAY_HOLD_ANYTHING and not states & (FINAL | NOT_FINAL):
        del kept["state"]
    if any(sign.isdecimal() for cell in table.column(kept.get("currency", "")) for sign in cell):
        del kept["currency"]
    days = [cell.casefold() for cell in table.column(kept.get("day", "")) if cell]
    if days and all(cell in CURRENCIES for cell in days):
        kept.setdefault("currency", kept.pop("day"))
    return kept


def currency_in(header: str) -> frozenset[str]:
    """Returns the currency that the header of the amounts names, as in "Amount (EUR)"; empty if it names none."""
    named = []
    for word in re.findall(r"[^\W_]*[$€£¥₹₩₽₺₴₪]|[^\W_]+", header):
        key = word.casefold()
        if word.rstrip("$") in CODES:
            named.append(frozenset({word.rstrip("$")}))
        elif key in CURRENCIES and (not word[-1].isalpha() or key in _NAMES_IN_HEADERS):
            named.append(CURRENCIES[key])
    return frozenset.intersection(*named) if named else frozenset()


def currency_of_all(columns: Mapping[str, str]) -> frozenset[str]:
    """Returns the currency of the amount's header, or the one that a person chose if no column has it."""
    named = currency_in(columns.get("amount", ""))
    return named if named or "currency" in columns else CURRENCIES.get(columns.get("#currency", "").casefold(), named)


def currencies(chosen: Mapping[str, str], by_header: frozenset[str]) -> frozenset[str]:
    """Returns the currencies that a line may be in, by its own column and by the header of its amount.

    Raises:
        ValueError: the currency is not known, or the two contradict each other.
    """
    cell = chosen["currency"]
    if not cell:
        return by_header
    named = CURRENCIES.get(cell.casefold().strip(" ."))
    if not named:
        sentence = gettext(
            "The currency “%(text)s” is not known. Write its three letters, such as EUR.", text=cell[:20]
        )
        raise ValueError(sentence)
    if by_header and not named & by_header:
        column = "/".join(sorted(by_header)[:3])
        raise ValueError(
            gettext("The column says %(column)s, and the line says %(cell)s.", column=column, cell=cell[:20])
        )
    return named & by_header if by_header else named


def amount(
    cells: Cells, decimal_mark: str, named: frozenset[str], columns: tuple[str, ...]
) -> tuple[Decimal, frozenset[str]]:
    """Returns the amount of a line, below 0 for money out, and the currencies that it may be in.

    Raises:
        ValueError: it cannot be read, or its columns contradict each other; the text says which.
    """
    expected = next(iter(named)) if len(named) == 1 else ""
    came, went = (_read(cells.chosen[name], decimal_mark, expected) for name in ("amount", "out"))
    read = _one_of(came, went)
    value = read.value
    if read.currencies and named and not read.currencies & named:
        cell, line = cells.chosen["amount"][:40], "/".join(sorted(named)[:3])
        raise ValueError(gettext("“%(cell)s” names another currency than the line’s %(line)s.", cell=cell, line=line))
    both = read.currencies & named if read.currencies and named else read.currencies or named
    if expected:
        check(value, expected)
    return _directed(value, read, cells, columns), both


def _one_of(came: Amount | None, went: Amount | None) -> Amount:
    """Returns the amount of a line from its columns for money in and money out.

    Raises:
        ValueError: it has none, or both.
    """
    if came is None and went is None:
        raise ValueError(gettext("This line has no amount."))
    if went is None or not went.value:
        return came or Amount(Decimal(0))
    if came and came.value not in (0, -abs(went.value)):
        raise ValueError(gettext("This line has money in and money out. One of the two must be empty."))
    return replace(went, value=-abs(went.value), has_direction=False)


def _read(cell: str, decimal_mark: str, currency: str) -> Amount | None:
    if not cell:
        return None
    try:
        return read_amount(cell, decimal_mark=decimal_mark, currency=currency)
    except ValueError as error:
        sentence = gettext("The amount “%(cell)s” cannot be read. %(reason)s", cell=cell[:40], reason=error)
        raise ValueError(sentence) from error


def _directed(value: Decimal, read: Amount, cells: Cells, columns: tuple[str, ...]) -> Decimal:
    """Returns the value with the sign that all columns agree on."""
    signs = {direction_of(cell) for header in columns if (cell := cells.others.get(header))}
    if cell := cells.chosen["direction"]:
        if not direction_of(cell):
            raise ValueError(gettext("“%(cell)s” does not say whether the money came in or went out.", cell=cell[:40]))
        signs.add(direction_of(cell))
    if value < 0 or (read.has_direction and value > 0):
        signs.add(-1 if value < 0 else 1)
    if len(signs) > 1:
        raise ValueError(gettext(CONTRADICTION))
    return -abs(value) if signs == {-1} else value


def not_final(chosen: Mapping[str, str], *, has_day: bool) -> str:
    """Returns why the money of a line has not come yet, or has gone back; empty if nothing says so."""
    state = folded(chosen["state"])
    if state in NOT_FINAL or any(_has(state, word) for word in NOT_FINAL):
        return gettext("The bank’s file says “%(state)s”.", state=chosen["state"][:40])
    if has_day:
        return ""
    return gettext("It has no date, unlike the other lines: the bank may not have booked it yet.")


def doubt(cells: Cells) -> str:
    """Returns why a person must check a line; empty if nothing is doubtful."""
    state = cells.chosen["state"]
    if state and folded(state) not in FINAL:
        return gettext("The state “%(state)s” is not known.", state=state[:40])
    for cell in (*cells.others.values(), cells.chosen["text"], cells.chosen["payer"]):
        words = set(folded(cell).split())
        if found := words & DOUBTFUL:
            return gettext("It says “%(word)s”: it may not be a guest’s payment.", word=min(found))
    for header, cell in cells.others.items():
        plain = folded(cell)
        if len(plain) >= _SHORTEST_WORD and (direction_of(cell) < 0 or plain in NOT_FINAL):
            return gettext("A column that is not used says “%(cell)s”.", cell=cell[:40])
        if _names_money_out(plain) or _says_no(folded(header), plain):
            column, text = header[:40], cell[:40]
            return gettext("The column “%(column)s” is not used, and says “%(text)s”.", column=column, text=text)
    return ""


def _names_money_out(cell: str) -> bool:
    """Returns whether a few words such as "Direct debit" include one for money out, and none for money in."""
    words = cell.split()
    signs = {direction_of(word) for word in words if len(word) >= _SHORTEST_NAME}
    return len(words) <= _MOST_WORDS and -1 in signs and 1 not in signs


def _says_no(header: str, cell: str) -> bool:
    """Returns whether a column such as "Booked?" says no, or one such as "Reversed?" says yes."""
    words = set(header.split())
    return bool((words & FINAL and cell in _NO) or (words & NOT_FINAL and cell in _YES))


def _has(state: str, word: str) -> bool:
    return " " in state and re.search(rf"\b{re.escape(word)}\b", state) is not None
