"""Which column of a file is which field of ours: guessed by its header, or chosen by hand and remembered."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BY_HAND = "#by_hand"  # Set beside the columns that a person has chosen.
OPTION = "#"  # Begins the name of what is no column.


@dataclass(frozen=True)
class Field:
    """Something that a file may say of each line, and the headers under which files say it."""

    name: str
    label: str
    headers: str  # With commas between.
    needed: bool = False


def guess(fields: Iterable[Field], headers: Sequence[str]) -> dict[str, str]:
    """The header of each field, where one is known; a field's first known name wins, and no header serves two."""
    plain = {header: _plain(header) for header in headers}
    chosen: dict[str, str] = {}
    for field in fields:
        free = [header for header in headers if header not in chosen.values()]
        for known in (field.label.lower(), field.name.replace("_", " "), *field.headers.split(",")):
            if found := next((header for header in free if plain[header] == _plain(known)), None):
                chosen[field.name] = found
                break
    return chosen


def missing(fields: Iterable[Field], columns: Mapping[str, str]) -> list[Field]:
    """The fields without which the lines mean nothing."""
    return [field for field in fields if field.needed and field.name not in columns]


def fits(columns: Mapping[str, str], headers: Sequence[str]) -> bool:
    """Whether a remembered choice is of a file with these headers."""
    return all(header in headers for name, header in columns.items() if not name.startswith(OPTION))


def _plain(header: str) -> str:
    """A header without case, accents and signs."""
    letters = unicodedata.normalize("NFKD", header.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c))))
