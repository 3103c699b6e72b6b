"""Which column of a file is which field: guessed by its header, or chosen by a person and remembered."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.i18n import gettext
from webapp.money import CODES

BY_HAND = "#by_hand"  # Stored with columns that a person has chosen.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae"})
OPTION = "#"  # The first letter of a name that is an option and no column.


@dataclass(frozen=True)
class Field:
    """A value that each line of a file may have, and the headers that files use for it."""

    name: str
    text: str  # The label in English.
    headers: str  # Separated by commas.
    needed: bool = False
    instead: tuple[str, ...] = ()  # One of these fields may replace a needed one.

    @property
    def label(self) -> str:
        """The label in the language of the reader."""
        return gettext(self.text)


def guess(fields: Iterable[Field], headers: Sequence[str]) -> dict[str, str]:
    """Returns the header of each field that is known. A field's first known name wins; no header serves two fields."""
    forms = {header: _forms(header) for header in headers}
    chosen: dict[str, str] = {}
    for field in fields:
        free = [header for header in headers if header not in chosen.values()]
        for known in (field.text.lower(), field.name.replace("_", " "), *field.headers.split(",")):
            if found := next((header for header in free if _forms(known) & forms[header]), None):
                chosen[field.name] = found
                break
    return chosen


def missing(fields: Iterable[Field], columns: Mapping[str, str]) -> list[Field]:
    """Returns the needed fields that have no column."""
    return [field for field in fields if field.needed and not columns.keys() & {field.name, *field.instead}]


def unused(columns: Mapping[str, str], headers: Sequence[str]) -> list[str]:
    """Returns the headers with a name that no field reads."""
    used = {header for name, header in columns.items() if not name.startswith(OPTION)}
    return [header for header in headers if header not in used and not re.fullmatch(r"Column \d+", header)]


def fits(columns: Mapping[str, str], headers: Sequence[str]) -> bool:
    """Returns whether a remembered choice is for a file with these headers."""
    return all(header in headers for name, header in columns.items() if not name.startswith(OPTION))


def _forms(header: str) -> set[str]:
    """Returns the ways to write a header: as it is, and without its unit, as in "Amount (EUR)"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)  # startDate
    bare = re.sub(r"[(\[].*?[)\]]", " ", apart)
    without_code = " ".join(word for word in bare.split() if word.strip(".,:") not in CODES)
    return {_plain(text, umlauts) for text in (header, apart, bare, without_code) for umlauts in (True, False)} - {""}


def _plain(header: str, umlauts: bool) -> str:
    """Returns a header without case, accents and signs; with ae, oe and ue for umlauts, or without their dots."""
    spelled = header.casefold().translate(_UMLAUTS if umlauts else {})
    letters = unicodedata.normalize("NFKD", spelled)
    return "".join(re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c))))
