"""Reading a CSV file of any usual encoding, delimiter, line ending and preamble into rows of text."""

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256

from webapp.i18n import N_, gettext, number
from webapp.services.parsing import encodings
from webapp.services.parsing.csv_records import Row, split

LARGEST = 2 * 1024 * 1024  # Bytes.
MOST_COLUMNS = 100
DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 50  # Rows from which the delimiter and the width are guessed.
_LONGEST_PREAMBLE = 20  # Lines that a bank puts above the header.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_KINDS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")  # Excel, old Excel, PDF.
_NO_TEXT = N_("This is not a text file. Export it as CSV, and upload that.")
_NUMBER_OR_DAY = re.compile(r"[^\W\d_]{0,3}[\W\d_]*\d[\W\d_]*[^\W\d_]{0,3}")
_SPLIT_NUMBER = re.compile(r"(?<!\d)\d{1,3}(,\d{3})+(?!\d)|(?<![\d./-])\d+,\d\d?(?![\d./-])")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")


class UnreadableError(ValueError):
    """The file cannot be read; the text is a sentence fit for the screen."""


class UndecidedError(ValueError):
    """The file is text in an encoding that a person has to choose."""


@dataclass(frozen=True)
class Table:
    """A file's header, each name once, and its rows; a row of another width is marked as wrong."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, header: str) -> list[str]:
        """Returns all cells below a header; none if there is no such header."""
        place = self.place(header)
        return [] if place is None else [row.cells[place] for row in self.rows if not row.wrong]

    def cell(self, row: Row, header: str) -> str:
        """Returns a row's cell below a header; empty if there is no such header, or the row is too narrow."""
        place = self.place(header)
        return "" if place is None or place >= len(row.cells) else row.cells[place]

    def place(self, header: str) -> int | None:
        """Returns the number of a column."""
        return self.headers.index(header) if header in self.headers else None


def digest(data: bytes) -> str:
    """Returns the digest by which the same file is recognised."""
    return sha256(data).hexdigest()


def check(data: bytes) -> None:
    """Refuse a file that is empty or of another kind.

    Raises:
        UnreadableError: it is.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError(gettext("This file is empty. Choose the file with the lines."))
    if data.startswith(_OTHER_KINDS):
        sentence = N_("This is an Excel file or a PDF, not a CSV file. Save or export it as CSV, and upload that.")
        raise UnreadableError(gettext(sentence))


def decode(data: bytes, encoding: str = "") -> str:
    """Returns the file's text with plain line ends; without `encoding` it must be UTF-8 or UTF-16.

    Raises:
        UndecidedError: a person has to choose the encoding.
        UnreadableError: it is empty, or not text.
    """
    check(data)
    text = encodings.decode(data, encoding) if encoding else _text(data)
    if text is None or _BINARY.search(text):
        raise UnreadableError(gettext(_NO_TEXT))
    return re.sub(r"\r*\n|\r|\x85|\u2028", "\n", text)


def _text(data: bytes) -> str:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "") or _without_mark(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            sentence = N_("This file says it is %(encoding)s and is not. Export it again as UTF-8.")
            raise UnreadableError(gettext(sentence, encoding=encoding)) from None
    if _BINARY.search(data.decode("latin-1")):
        raise UnreadableError(gettext(_NO_TEXT))
    raise UndecidedError(gettext("Choose first how this file is written."))


def _without_mark(data: bytes) -> str:
    """Returns the encoding of a file without a byte order mark: UTF-16 if every second byte is 0, else UTF-8."""
    sample = data[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(sample) // 5 and not odd else "utf-8"


def read(text: str, *, most_rows: int) -> Table:
    """Split decoded text into a header and rows; a line that cannot be read becomes a row that says why.

    Raises:
        UnreadableError: there is no header, no row below it, or too much of either.
    """
    delimiter = _delimiter(text)
    header = _header(split(text, delimiter))
    if len(header.cells) > MOST_COLUMNS:
        sentence = N_("Line %(line)s has %(columns)s columns; at most %(most)s are possible.")
        raise UnreadableError(
            gettext(sentence, line=header.number, columns=number(len(header.cells)), most=MOST_COLUMNS)
        )
    rows = split(text, delimiter, width=len(header.cells))
    below = _without_empty_end([row for row in rows if row.number > header.number], len(header.cells), delimiter)
    if not below:
        raise UnreadableError(
            gettext("There is only a header, without lines below it. Choose the file with the lines.")
        )
    if len(below) > most_rows:
        sentence = N_("This file has %(lines)s lines; at most %(most)s are possible. Split it.")
        raise UnreadableError(gettext(sentence, lines=number(len(below)), most=number(most_rows)))
    return Table(_named(header.cells), tuple(_judged(row, len(header.cells), delimiter) for row in below))


def _delimiter(text: str) -> str:
    """Returns the delimiter that splits most of the first lines into the same number of columns."""
    lines = [line for line in text.split("\n") if line.strip()][:_SAMPLE]

    def evenness(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark))
        width, many = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1], pair[0]))
        return (many, width) if width > 1 else (0, 0)

    try:
        return max(DELIMITERS, key=evenness)
    except csv.Error:
        return ","  # Reading the whole file says what is wrong.


def _header(rows: list[Row]) -> Row:
    """Returns the line that names the columns; lines that a bank puts above it are narrower."""
    width = _usual_width(rows)
    place = next((n for n, row in enumerate(rows) if _may_be_header(row, width)), None)
    if place is None:
        sentence = N_("No columns were found. The first line must name them, with commas or semicolons between.")
        raise UnreadableError(gettext(sentence))
    # Lines that are all wider than their header begin with data: the header is the line of words above.
    if place and _has_data(rows[place]) and len(rows[place - 1].cells) > 1 and not _has_data(rows[place - 1]):
        place -= 1
    place = _wider_header(rows, place)
    if rows[place].wrong:
        sentence = gettext("Line %(line)s must name the columns.", line=rows[place].number)
        raise UnreadableError(f"{sentence} {rows[place].wrong}")
    return rows[place]


def _wider_header(rows: list[Row], place: int) -> int:
    """Returns the place of a wider line of words with data below it, if there is one, else `place`.

    A short table may have fewer lines than the text above it.
    """
    widths = [len(row.cells) for row in rows]
    found = [
        n
        for n, row in enumerate(rows[:-1])
        if row.number <= _LONGEST_PREAMBLE
        and widths[n] == widths[n + 1] > widths[place]
        and not _has_data(row)
        and _has_data(rows[n + 1])
    ]
    return max(found, key=lambda n: (widths[n], -n), default=place)


def _usual_width(rows: list[Row]) -> int:
    widths = Counter(len(row.cells) for row in rows[:_SAMPLE])
    return max(widths, key=lambda width: (widths[width], width > 1, -width), default=0)


def _may_be_header(row: Row, width: int) -> bool:
    """Whether a line is as wide as most lines and mostly filled."""
    filled = [cell for cell in row.cells if cell]
    names_half = 2 * len(filled) >= len(row.cells)  # Some banks pad the lines above the header with empty cells.
    return len(filled) >= 2 and names_half and len(row.cells) >= width and row.number <= _LONGEST_PREAMBLE


def _has_data(row: Row) -> bool:
    return any(_NUMBER_OR_DAY.fullmatch(cell) or not cell for cell in row.cells)


def _named(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the names of the columns: short, not empty, and each once."""
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:80] or gettext("Column %(number)s", number=place)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _without_empty_end(rows: list[Row], width: int, delimiter: str) -> list[Row]:
    """Returns the rows without the empty last cell that all of them have and the header has not."""
    if not all(len(row.cells) == width + 1 and not row.cells[-1] and not row.wrong for row in rows):
        return rows
    if delimiter == "," and any(_SPLIT_NUMBER.search(delimiter.join(row.cells)) for row in rows):
        return rows  # An amount such as 1,200.00 without quotation marks makes a row wider too.
    return [replace(row, cells=row.cells[:width]) for row in rows]


def _judged(row: Row, width: int, delimiter: str) -> Row:
    """Returns the row, marked as wrong if its width is not that of the header; cells are never cut or added."""
    many = len(row.cells)
    if row.wrong or many == width:
        return row
    sentence = gettext("This line has %(cells)s cells; the header has %(columns)s.", cells=many, columns=width)
    if many < width:
        totals = gettext("Lines of totals are skipped like this one.")
        return replace(row, wrong=f"{sentence} {totals}")
    quote = gettext("Put quotation marks around a text or an amount that has “%(sign)s” in it.", sign=delimiter)
    return replace(row, wrong=f"{sentence} {quote}")
