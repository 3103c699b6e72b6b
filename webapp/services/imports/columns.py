"""Which column of a file is which field: guessed by its header, or chosen by a person and remembered."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from webapp.i18n import gettext
from webapp.money import CODES

BY_HAND = "#by_hand"  # Stored with columns that a person has chosen.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae"})
ERROR = "Error"  # The column of our own list of lines to correct; nothing reads it.
ALIKE = 0.75  # A header that is less like a known one is not proposed.
MOST_PROPOSED = 20  # Unused headers that are looked at.
SHORTEST = 4  # Letters; shorter headers are alike by chance.
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
    used.add(ERROR)
    return [header for header in headers if header not in used and not re.fullmatch(r"Column \d+", header)]


def propose(fields: Iterable[Field], columns: Mapping[str, str], headers: Sequence[str]) -> dict[str, Field]:
    """Returns the field that an unused header seems to mean, of those without a column; each field once."""
    free = [field for field in fields if field.name not in columns and not columns.keys() & set(field.instead)]
    names = ((name, field) for field in free for name in (field.text, *field.headers.split(",")))
    known = {form: field for name, field in names for form in _forms(name) if len(form) >= SHORTEST}
    found: dict[str, Field] = {}
    for header in unused(columns, headers)[:MOST_PROPOSED]:
        near = [form for one in _forms(header) for form in get_close_matches(one, known, 1, ALIKE)]
        if near and known[near[0]] not in found.values():
            found[header] = known[near[0]]
    return found


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
