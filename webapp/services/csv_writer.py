"""Writing CSV that any spreadsheet opens and that no spreadsheet runs, a few lines at a time."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from unicodedata import normalize

from webapp.services.parsing.text import without_invisible
from webapp.settings import current

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # Tells Excel that the file is UTF-8.
# A spreadsheet runs a cell that begins with one of these as a formula, which may read files and call the web. Some also
# run the wide forms of these signs, and ignore invisible characters before them.
FORMULAS = frozenset("=+-@\t\r\n")
# A plus and digits alone run nothing.
PHONE = re.compile(r"\+[0-9]{6,15}")
Cell = str | int | None


def stream(header: Sequence[str], batches: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[bytes]:
    """Yield the file in pieces, one a batch; the first has the header line."""
    yield (BOM + _lines([header])).encode()
    for batch in batches:
        yield _lines(batch).encode()


def text(cell: Cell) -> str:
    """Returns a cell as it is written: a text that a program would run gets an apostrophe in front."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if _is_formula(cell) and not PHONE.fullmatch(cell) else cell
    return str(cell)


def moment(at: datetime | None) -> tuple[str, str]:
    """Returns the day and the time in the business's zone, for two columns: spreadsheets read no offset."""
    if at is None:
        return "", ""
    local = at.astimezone(current().zone)
    return local.date().isoformat(), local.time().isoformat(timespec="seconds")


def _is_formula(cell: str) -> bool:
    first = normalize("NFKC", without_invisible(cell[:40])).lstrip(" \u00a0")[:1]
    return first in FORMULAS if first else False


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([text(cell) for cell in row] for row in rows)
    return out.getvalue()
