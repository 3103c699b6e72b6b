"""Finds booking references in what payers write, with other spaces, case and dashes than ours."""

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Booking

_RUN = re.compile(r"[A-Za-z0-9]+")
_SHORTEST, _LONGEST = 3, 40
_MOST_RUNS = 4  # A payer may split a reference into so many pieces.
_PREFIX = 4  # Letters before a dash that a payer left out.
_AT_ONCE = 5_000


def find(texts: Sequence[str]) -> list[list[int]]:
    """Returns the ids of the bookings that each text names; a text has a line for each column.

    A reference that is only part of a longer one does not count.
    """
    wanted = [_candidates(text) for text in texts]
    known = _known({form for forms in wanted for form in forms})
    return [_longest({form: known[form] for form in forms if form in known}) for forms in wanted]


def _candidates(text: str) -> set[str]:
    """Returns the references that a text may name, as they could be stored: with a digit, or with BK in front."""
    forms: set[str] = set()
    for cell in text.split("\n"):  # A reference is never split over two columns.
        runs = _RUN.findall(cell)
        for size in range(1, _MOST_RUNS + 1):
            for start in range(len(runs) - size + 1):
                forms |= _forms(runs[start : start + size])
    return {cased for form in forms for cased in (form, form.upper(), form.lower())}


def _forms(pieces: Sequence[str]) -> set[str]:
    """Returns how a reference of these pieces could be stored; nothing if they make none."""
    plain = "".join(pieces)
    if not _SHORTEST <= len(plain) <= _LONGEST or not (re.search("[0-9]", plain) or plain.upper().startswith("BK")):
        return set()
    cuts = range(1, min(_PREFIX, len(plain) - 1) + 1)
    return {"-".join(pieces), plain} | {f"{plain[:cut]}-{plain[cut:]}" for cut in cuts}


def _known(forms: Iterable[str]) -> dict[str, int]:
    """Returns those that are references of bookings, with the booking's id."""
    asked, found = sorted(forms), dict[str, int]()
    for start in range(0, len(asked), _AT_ONCE):
        part = select(Booking.reference, Booking.id).where(Booking.reference.in_(asked[start : start + _AT_ONCE]))
        found |= {row.reference: row.id for row in db.session.execute(part)}
    return found


def _longest(found: Mapping[str, int]) -> list[int]:
    plain = {re.sub("[^a-z0-9]", "", reference.lower()): booking_id for reference, booking_id in found.items()}
    return sorted({plain[one] for one in plain if not any(one != other and one in other for other in plain)})
