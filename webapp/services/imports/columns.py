"""Which column of a file is which field of ours: guessed by its header, or chosen by hand and remembered."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.money import CODES

BY_HAND = "#by_hand"  # Set beside the columns that a person has chosen.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae"})
OPTION = "#"  # Begins the name of what is no column.


@dataclass(frozen=True)
class Field:
    """Something that a file may say of each line, and the headers under which files say it."""

    name: str
    label: str
    headers: str  # With commas between.
    needed: bool = False
    instead: tuple[str, ...] = ()  # Fields one of which is as good where it is needed.


def guess(fields: Iterable[Field], headers: Sequence[str]) -> dict[str, str]:
    """The header of each field, where one is known; a field's first known name wins, and no header serves two."""
    forms = {header: _forms(header) for header in headers}
    chosen: dict[str, str] = {}
    for field in fields:
        free = [header for header in headers if header not in chosen.values()]
        for known in (field.label.lower(), field.name.replace("_", " "), *field.headers.split(",")):
            if found := next((header for header in free if _forms(known) & forms[header]), None):
                chosen[field.name] = found
                break
    return chosen


def missing(fields: Iterable[Field], columns: Mapping[str, str]) -> list[Field]:
    """The fields without which the lines mean nothing."""
    return [field for field in fields if field.needed and not columns.keys() & {field.name, *field.instead}]


def unused(columns: Mapping[str, str], headers: Sequence[str]) -> list[str]:
    """The headers that no field reads, as far as they have a name."""
    used = {header for name, header in columns.items() if not name.startswith(OPTION)}
    return [header for header in headers if header not in used and not re.fullmatch(r"Column \d+", header)]


def fits(columns: Mapping[str, str], headers: Sequence[str]) -> bool:
    """Whether a remembered choice is of a file with these headers."""
    return all(header in headers for name, header in columns.items() if not name.startswith(OPTION))


def _forms(header: str) -> set[str]:
    """The ways in which a header may be known: as it stands, and without the unit beside it, as in "Amount (EUR)"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)  # startDate
    bare = re.sub(r"[(\[].*?[)\]]", " ", apart)
    without_code = " ".join(word for word in bare.split() if word.strip(".,:") not in CODES)
    return {_plain(text, umlauts) for text in (header, apart, bare, without_code) for umlauts in (True, False)} - {""}


def _plain(header: str, umlauts: bool) -> str:
    """A header without case, accents and signs; with ae, oe and ue for umlauts, or without their dots."""
    spelled = header.casefold().translate(_UMLAUTS if umlauts else {})
    letters = unicodedata.normalize("NFKD", spelled)
    return "".join(re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c))))
