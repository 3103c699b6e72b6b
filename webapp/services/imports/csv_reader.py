"""Reading a CSV file as people have them: any usual encoding, delimiter, line ending and preamble.

What it gives is text in rows; a cell that begins with = is text like any other. What cannot be read is refused with a
sentence that says what to do.
"""

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256

LARGEST = 2 * 1024 * 1024  # Bytes.
MOST_COLUMNS = 100
LONGEST_CELL = 5_000
DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 50  # Rows that tell what the file is like.
_LONGEST_PREAMBLE = 20  # Lines that a bank puts above the header.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_KINDS = ((b"PK\x03\x04", "an Excel file"), (b"\xd0\xcf\x11\xe0", "an Excel file"), (b"%PDF", "a PDF"))
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")


class UnreadableError(ValueError):
    """The file cannot be read; the text is a sentence fit for the screen."""


@dataclass(frozen=True)
class Row:
    """One line of the file below its header: its number in the file, and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file's header, each name once, and its rows, as wide as the header."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, header: str) -> list[str]:
        """All cells below a header; nothing where there is no such header."""
        place = self.place(header)
        return [] if place is None else [row.cells[place] for row in self.rows]

    def place(self, header: str) -> int | None:
        """Where a header stands."""
        return self.headers.index(header) if header in self.headers else None


def digest(data: bytes) -> str:
    """By what the same file is known again."""
    return sha256(data).hexdigest()


def decode(data: bytes) -> str:
    """The file's text, with plain line ends.

    Raises:
        UnreadableError: it is empty, or no text.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError("This file is empty. Choose the file that has the lines.")
    for mark, kind in _OTHER_KINDS:
        if data.startswith(mark):
            raise UnreadableError(f"This is {kind}, not a CSV file. Save or export it as CSV, and upload that.")
    text = _text(data)
    if _BINARY.search(text):
        raise UnreadableError("This is no text file. Export it as CSV, and upload that.")
    return re.sub(r"\r*\n|\r|\x85|\u2028", "\n", text)


def _text(data: bytes) -> str:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "") or _without_mark(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise UnreadableError(f"This file says it is {encoding} and is not. Export it again as UTF-8.") from None
    try:
        return data.decode("cp1252")  # Windows' own latin-1, with its euro sign and quotes.
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _without_mark(data: bytes) -> str:
    """UTF-16 without its mark shows by every second byte being 0; all else is tried as UTF-8 first."""
    sample = data[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(sample) // 5 and not odd else "utf-8"


def read(text: str, *, most_rows: int) -> Table:
    """Split decoded text into a header and rows.

    Raises:
        UnreadableError: there is no header with rows below it, a quotation mark is out of place, or it is too much.
    """
    rows = _split(text, _delimiter(text))
    width = _usual_width(rows)
    start = next((n for n, row in enumerate(rows) if _may_be_header(row, width)), None)
    if start is None:
        raise UnreadableError(
            "No columns were found. The first line must name them, with commas or semicolons between."
        )
    headers, below = _named(rows[start].cells), rows[start + 1 :]
    if not below:
        raise UnreadableError("There is only a header, and no line below it. Choose the file that has the lines.")
    if len(below) > most_rows:
        raise UnreadableError(f"This file has {len(below):,} lines; {most_rows:,} are taken at once. Split it.")
    return Table(headers, tuple(_fitted(row, len(headers)) for row in below))


def _delimiter(text: str) -> str:
    """The one that splits the first lines into most columns alike."""
    lines = [line for line in text.split("\n") if line.strip()][:_LOOKED_AT]

    def evenness(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark))
        width, many = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1], pair[0]))
        return (many, width) if width > 1 else (0, 0)

    try:
        return max(DELIMITERS, key=evenness)
    except csv.Error:
        return ","  # Reading it whole says what is wrong.


def _split(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows, begun = [], 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise UnreadableError(f"Line {begun} has {len(cells):,} columns; {MOST_COLUMNS} are the most.")
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise UnreadableError(f"A cell that begins in line {begun} is too long. Is a quotation mark missing?")
            if any(cell.strip() for cell in cells):
                rows.append(Row(begun, tuple(cell.strip() for cell in cells)))
            begun = reader.line_num + 1
    except csv.Error:
        raise UnreadableError(
            f"A quotation mark in line {begun} is out of place or never closed. Put it right and upload it again."
        ) from None
    return rows


def _usual_width(rows: list[Row]) -> int:
    widths = Counter(len(row.cells) for row in rows[:_LOOKED_AT])
    return max(widths, key=lambda width: (widths[width], width > 1, -width), default=0)


def _may_be_header(row: Row, width: int) -> bool:
    """As wide as most: what a bank says above its table is narrower."""
    filled = [cell for cell in row.cells if cell]
    return len(filled) >= 2 and len(row.cells) >= width and row.number <= _LONGEST_PREAMBLE


def _named(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Each header once, by a name that can be shown and chosen."""
    seen: Counter[str] = Counter()
    names = []
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:80] or f"Column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _fitted(row: Row, width: int) -> Row:
    return Row(row.number, (row.cells + ("",) * width)[:width])
