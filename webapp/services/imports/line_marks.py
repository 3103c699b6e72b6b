"""What the cells of one line of a statement say together: how much, in or out, in which currency, final or not."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from webapp.money import CODES, check
from webapp.services.imports.columns import BY_HAND
from webapp.services.imports.statement_fields import DOUBTFUL, FINAL, NOT_FINAL
from webapp.services.parsing.csv_reader import Table
from webapp.services.parsing.money import Amount, direction_of, read_amount
from webapp.services.parsing.money_marks import CURRENCIES
from webapp.services.parsing.text import one_line

CONTRADICTION = "The columns of this line contradict each other about money in and money out."
NO_DIRECTION = "This line does not say whether the money came in or went out, as other lines do."
_UNCOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae"})  # Letters that hold no accent apart.
_MAY_HOLD_ANYTHING = "info"  # The header of a column that holds states in the files of some banks only.
_NAMES_IN_HEADERS = frozenset({"euro", "euros", "円", "rs", "zł", "kč", "kr"})
_SHORTEST_NAME, _MOST_WORDS = 4, 4  # Of words that may mean money out: a longer text is a text.
_YES, _NO = (
    frozenset(["yes", "y", "true", "1", "x", "ja", "j", "oui", "si", "sim", "tak"]),
    frozenset(["no", "n", "false", "0", "nein", "non", "nao", "nie"]),
)
_SHORTEST_WORD = 2  # A single letter in a column that nobody chose says nothing by itself.


@dataclass(frozen=True)
class Cells:
    """The cells of one line: those of chosen columns by field, and the others by header."""

    chosen: Mapping[str, str]
    others: Mapping[str, str]


def folded(text: str) -> str:
    """A word as the tables have it: lower case, without accents, signs and doubled spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_UNCOMPOSED))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain)))


def direction_columns(table: Table, columns: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that nobody chose in which every cell that is filled says "in" or "out"."""
    found = []
    for header in table.headers:
        cells = {one_line(cell) for cell in table.column(header)} - {""}
        is_free = header not in columns.values()
        if is_free and cells and all(_is_word(cell) and direction_of(cell) for cell in cells):
            found.append(header)
    return tuple(found)


def _is_word(cell: str) -> bool:
    """Whether a cell may be a mark by itself; a dash alone usually says that there is nothing, and not money out."""
    return any(sign.isalpha() for sign in cell) and not any(sign.isdecimal() for sign in cell)


def by_content(table: Table, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Return the columns without those whose guess their cells disprove. What was chosen by hand stays.

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
    """The currency that the header of the amounts names, as in "Amount (EUR)"; empty where it names none."""
    named = []
    for word in re.findall(r"[^\W_]*[$€£¥₹₩₽₺₴₪]|[^\W_]+", header):
        key = word.casefold()
        if word.rstrip("$") in CODES:
            named.append(frozenset({word.rstrip("$")}))
        elif key in CURRENCIES and (not word[-1].isalpha() or key in _NAMES_IN_HEADERS):
            named.append(CURRENCIES[key])
    return frozenset.intersection(*named) if named else frozenset()


def currency_of_all(columns: Mapping[str, str]) -> frozenset[str]:
    """The currency that the amount's header names, or that a person named for a file in which no column has it."""
    named = currency_in(columns.get("amount", ""))
    return named if named or "currency" in columns else CURRENCIES.get(columns.get("#currency", "").casefold(), named)


def currencies(chosen: Mapping[str, str], by_header: frozenset[str]) -> frozenset[str]:
    """The currencies that a line may be in, by its own column and by the header of its amount.

    Raises:
        ValueError: it is in a currency that nobody knows, or they contradict each other.
    """
    cell = chosen["currency"]
    if not cell:
        return by_header
    named = CURRENCIES.get(cell.casefold().strip(" ."))
    if not named:
        raise ValueError(f"The currency “{cell[:20]}” is not known. Write its three letters, such as EUR.")
    if by_header and not named & by_header:
        raise ValueError(f"The column says {'/'.join(sorted(by_header)[:3])}, and the line says {cell[:20]}.")
    return named & by_header if by_header else named


def amount(
    cells: Cells, decimal_mark: str, named: frozenset[str], columns: tuple[str, ...]
) -> tuple[Decimal, frozenset[str]]:
    """What came in by a line, below 0 what went out; and the currencies that it may be in.

    Raises:
        ValueError: it cannot be read, or its columns contradict each other; the text says which.
    """
    expected = next(iter(named)) if len(named) == 1 else ""
    came, went = (_read(cells.chosen[name], decimal_mark, expected) for name in ("amount", "out"))
    read = _one_of(came, went)
    value = read.value
    if read.currencies and named and not read.currencies & named:
        raise ValueError(
            f"“{cells.chosen['amount'][:40]}” names another currency than the line’s {'/'.join(sorted(named)[:3])}."
        )
    both = read.currencies & named if read.currencies and named else read.currencies or named
    if expected:
        check(value, expected)
    return _directed(value, read, cells, columns), both


def _one_of(came: Amount | None, went: Amount | None) -> Amount:
    """The amount of a line that has columns for money in and money out, or one for all beside them.

    Raises:
        ValueError: it has none, or both.
    """
    if came is None and went is None:
        raise ValueError("This line has no amount.")
    if went is None or not went.value:
        return came or Amount(Decimal(0))
    if came and came.value not in (0, -abs(went.value)):
        raise ValueError("This line has money in and money out. One of the two must be empty.")
    return replace(went, value=-abs(went.value), has_direction=False)


def _read(cell: str, decimal_mark: str, currency: str) -> Amount | None:
    if not cell:
        return None
    try:
        return read_amount(cell, decimal_mark=decimal_mark, currency=currency)
    except ValueError as error:
        raise ValueError(f"The amount “{cell[:40]}” cannot be read. {error}") from error


def _directed(value: Decimal, read: Amount, cells: Cells, columns: tuple[str, ...]) -> Decimal:
    """The value with the sign that all columns agree on."""
    said = {direction_of(cell) for header in columns if (cell := cells.others.get(header))}
    if cell := cells.chosen["direction"]:
        if not direction_of(cell):
            raise ValueError(f"“{cell[:40]}” does not say whether the money came in or went out.")
        said.add(direction_of(cell))
    if value < 0 or (read.has_direction and value > 0):
        said.add(-1 if value < 0 else 1)
    if len(said) > 1:
        raise ValueError(CONTRADICTION)
    return -abs(value) if said == {-1} else value


def not_final(chosen: Mapping[str, str], *, has_day: bool) -> str:
    """Why the money of a line has not come yet, or has gone back; empty where nothing says so."""
    state = folded(chosen["state"])
    if state in NOT_FINAL or any(_has(state, word) for word in NOT_FINAL):
        return f"The bank’s file says “{chosen['state'][:40]}”."
    return "" if has_day else "It has no date, unlike the other lines: the bank may not have booked it yet."


def doubt(cells: Cells) -> str:
    """Why a person must look at a line; empty where nothing is doubtful."""
    state = cells.chosen["state"]
    if state and folded(state) not in FINAL:
        return f"The state “{state[:40]}” is not known."
    for cell in (*cells.others.values(), cells.chosen["text"], cells.chosen["payer"]):
        words = set(folded(cell).split())
        if found := words & DOUBTFUL:
            return f"It says “{min(found)}”: it may be no payment of a guest."
    for header, cell in cells.others.items():
        plain = folded(cell)
        if len(plain) >= _SHORTEST_WORD and (direction_of(cell) < 0 or plain in NOT_FINAL):
            return f"A column that is not used says “{cell[:40]}”."
        if _names_money_out(plain) or _says_no(folded(header), plain):
            return f"The column “{header[:40]}” is not used, and says “{cell[:40]}”."
    return ""


def _names_money_out(cell: str) -> bool:
    """Whether a few words such as "Direct debit" have one among them that means money out, and none that means in."""
    words = cell.split()
    said = {direction_of(word) for word in words if len(word) >= _SHORTEST_NAME}
    return len(words) <= _MOST_WORDS and -1 in said and 1 not in said


def _says_no(header: str, cell: str) -> bool:
    """Whether a column such as "Booked?" says no, or one such as "Reversed?" says yes."""
    words = set(header.split())
    return bool((words & FINAL and cell in _NO) or (words & NOT_FINAL and cell in _YES))


def _has(state: str, word: str) -> bool:
    return " " in state and re.search(rf"\b{re.escape(word)}\b", state) is not None
