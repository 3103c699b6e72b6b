"""Splitting a CSV text into records; each begins in a line of its own.

A quotation mark that is out of place or never closed spoils its own line only: the lines below are read without it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.i18n import N_, gettext, number

LONGEST_CELL = 5_000
_FARTHEST = 4 * LONGEST_CELL  # Characters that are searched for a closing quotation mark.
ODD_QUOTE = N_("A quotation mark in this line is out of place or never closed. Correct it and upload the file again.")
SWALLOWED = N_(
    "Lines %(first)s to %(last)s are in one pair of quotation marks and may be several lines. Correct the marks, or "
    "write the text in one line."
)
LONG_CELL = N_("A cell in this line has more than %(most)s characters. Is a quotation mark missing?")


@dataclass(frozen=True)
class Row:
    """One record of the file: its line number, its cells, and what is wrong with it."""

    number: int
    cells: tuple[str, ...]  # As many as the header has if `wrong` is empty.
    wrong: str = ""  # A sentence; empty where the line can be read.


class _Splitter:
    def __init__(self, text: str, delimiter: str, width: int | None) -> None:
        self.text = text if text.endswith("\n") else f"{text}\n"
        self.delimiter, self.width = delimiter, width
        sign = re.escape(delimiter)
        self.quoted = re.compile(rf' *"((?:[^"]++|"")*+)" *(?={sign}|\n)')
        self.bare = re.compile(rf'(?! *")[^{sign}\n]*')

    def rows(self) -> Iterator[Row]:
        begun, line = 0, 1
        while begun < len(self.text):
            row, end = self._record(begun, line)
            yield row
            line += self.text.count("\n", begun, end)
            begun = end

    def _record(self, begun: int, line: int) -> tuple[Row, int]:
        """Returns the record that begins here, and the place of the next one."""
        cells, place = [], begun
        while True:
            quoted = self.quoted.match(self.text, place, place + _FARTHEST)
            found = quoted or self.bare.match(self.text, place)
            if found is None:
                return self._odd(begun, line)
            cells.append((quoted[1].replace('""', '"') if quoted else found[0]).strip())
            place = found.end() + 1
            if self.text[found.end()] == "\n":
                break
        lines = self.text[begun : place - 1].split("\n")
        full = [len(one.split(self.delimiter)) == self.width for one in lines]
        if len(lines) > 1 and self.width and (len(cells) != self.width or all(full)):
            return self._odd(begun, line)
        is_long = any(len(cell) > LONGEST_CELL for cell in cells)
        wrong = gettext(LONG_CELL, most=number(LONGEST_CELL)) if is_long else ""
        if any(full[1:]):
            wrong = gettext(SWALLOWED, first=line, last=line + len(lines) - 1)
        return Row(line, tuple(cells), wrong), place

    def _odd(self, begun: int, line: int) -> tuple[Row, int]:
        """Returns the first line alone, split without regard to quotation marks, so that it can be shown."""
        end = self.text.index("\n", begun)
        cells = self.text[begun:end].split(self.delimiter)
        return Row(line, tuple(cell.strip(' "')[:LONGEST_CELL] for cell in cells), gettext(ODD_QUOTE)), end + 1


def split(text: str, delimiter: str, *, width: int | None = None) -> list[Row]:
    """Returns all records that are not blank; `width` (of the header) shows which lines are not one record."""
    return [row for row in _Splitter(text, delimiter, width).rows() if any(row.cells)]
