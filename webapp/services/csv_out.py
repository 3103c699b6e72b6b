"""Writing CSV that any spreadsheet opens, and that none can be tricked by: a few lines at a time."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from webapp.settings import current

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # By this Excel knows that the rest is UTF-8.
# A spreadsheet takes a cell that begins so for a formula, which may read files and call the web.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | Decimal | datetime | None


def stream(header: Sequence[str], batches: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[bytes]:
    """The file in pieces, one a batch; the first has the header line."""
    yield (BOM + _lines([header])).encode()
    for batch in batches:
        yield _lines(batch).encode()


def text(cell: Cell) -> str:
    """A cell as it is written: times in ISO with the business's zone, and text that no program runs."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(current().zone).isoformat(timespec="seconds")
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"  # An amount.
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULAS) else cell
    return str(cell)


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([text(cell) for cell in row] for row in rows)
    return out.getvalue()
