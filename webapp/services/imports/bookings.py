"""Imports bookings from a file: previews each line, and writes the good ones in short transactions.

The file's row stores how far the import is, in the transaction of each batch. So it does no harm to close the page or
to post twice. Guests are not notified of imported bookings.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.database import read_now, writing
from webapp.extensions import db
from webapp.models import Action, Booking, Upload
from webapp.services import audit, bookings, csv_writer
from webapp.services.audit import Actor
from webapp.services.imports import booking_fields, booking_lines, columns, uploads
from webapp.services.imports.booking_lines import Line

BATCH = 50
# A request stops then and says how far it came; the next request goes on.
PATIENCE_SECONDS = 10.0
MOST_CLASHES = 3
_AT_ONCE = 500


class Standing(StrEnum):
    """What happens, or happened, with a line."""

    WRONG = "wrong"
    READY = "ready"
    TAKEN = "taken"
    KNOWN = "known"


def sample() -> str:
    """Returns a small file with every column, for a day in the future."""
    day = f"{clock.now() + timedelta(days=30):%Y-%m-%d}"
    parts = ("first_name", "last_name", "adults", "children")  # Other ways to give a value that has a column here.
    header = ",".join(field.text for field in booking_fields.FIELDS if field.name not in parts)
    rows = (
        f"TOUR-101,Amelia Hart,+14155550101,amelia@guests.example,Harbour cruise,{day},10:00,2,120.00,EUR,pending,en",
        f'TOUR-102,"Weber, Jonas",,jonas@guests.example,Old town walk,{day},14:30,1,24.00,EUR,confirmed,de',
    )
    return "\r\n".join((header, *rows, ""))


@dataclass(frozen=True)
class ImportLine:
    """One line of the preview."""

    line: Line
    standing: Standing


def preview(upload: Upload) -> list[ImportLine]:
    """Returns every line with its standing now."""
    lines, done = booking_lines.read(upload), _done(upload)
    known = _known(line.new.reference for line in lines if line.new)
    return [ImportLine(line, _standing(line, known, done)) for line in lines]


def _standing(line: Line, known: set[str], done: int) -> Standing:
    if line.new is None:
        return Standing.WRONG
    if line.new.reference not in known:
        return Standing.READY
    return Standing.TAKEN if line.number <= done else Standing.KNOWN


def errors(upload: Upload) -> Iterator[bytes]:
    """Returns the lines with errors as a CSV file in pieces, with the reasons in a last column.

    Corrected and uploaded again, it imports what was skipped, and nothing twice.
    """
    table, wrong = uploads.table(upload), {line.number: line for line in booking_lines.read(upload) if line.errors}
    labels = {field.name: field.label for field in booking_fields.FIELDS}
    width = len(table.headers)
    rows = [
        (*row.cells, *[""] * (width - len(row.cells)), _reasons(wrong[row.number], labels))
        for row in table.rows
        if row.number in wrong
    ]
    return csv_writer.stream((*table.headers, columns.ERROR), [rows])


def _reasons(line: Line, labels: Mapping[str, str]) -> str:
    return " ".join(f"{labels[name]}: {error}" if name else error for name, error in line.errors.items())


def has_begun(upload: Upload) -> bool:
    """Returns whether bookings of this file may be written already."""
    return bool(_done(upload)) or upload.accepted_at is not None


def tally(upload: Upload) -> dict[str, int]:
    """Returns the number of lines by their standing, so far."""
    return {name: int(many) for name, many in upload.outcome.items() if name != "line"}


def _done(upload: Upload) -> int:
    """Returns the number of the last line that was done."""
    return int(upload.outcome.get("line", 0))


def _known(references: Iterable[str]) -> set[str]:
    """Returns the references of bookings that exist already."""
    asked, found = list(references), set()
    for start in range(0, len(asked), _AT_ONCE):
        part = select(Booking.reference).where(Booking.reference.in_(asked[start : start + _AT_ONCE]))
        found |= set(db.session.scalars(part))
    return found


def accept(upload: Upload, *, by: Actor) -> bool:
    """Write the good lines, batch by batch, for as long as a request may take. Returns whether all lines are done."""
    upload_id, lines = upload.id, booking_lines.read(upload)
    by = replace(by, form_key=None)  # One form makes many acts here; the file's row knows which are done.
    until, clashes = clock.monotonic() + PATIENCE_SECONDS, 0
    while True:
        try:
            if _batch(upload_id, lines, by):
                return True
        except IntegrityError:
            clashes += 1  # Somebody added a booking of that reference just now: the next batch sees it.
            if clashes > MOST_CLASHES:
                raise
        if clock.monotonic() > until:
            return False


def _batch(upload_id: int, lines: Sequence[Line], by: Actor) -> bool:
    """Write the next lines in one transaction. Returns whether none are left. The file's row is locked meanwhile."""
    with writing():
        upload = uploads.lock(upload_id)
        if upload.accepted_at is not None:
            return True
        batch = [line for line in lines if line.number > _done(upload)][:BATCH]
        if batch:
            written = _write(batch, upload_id, by)
            upload.outcome = dict(Counter(tally(upload)) + written) | {"line": batch[-1].number}
        else:
            upload.accepted_at = read_now()
            audit.record(Action.BOOKINGS_IMPORTED, by=by, upload=upload_id, name=upload.name, **tally(upload))
        return not batch


def _write(batch: Sequence[Line], upload_id: int, by: Actor) -> Counter[str]:
    written: Counter[str] = Counter()
    known = _known(line.new.reference for line in batch if line.new)
    for line in batch:
        if line.new is None or line.new.reference in known:
            written[Standing.KNOWN if line.new else Standing.WRONG] += 1
            continue
        booking = bookings.add(line.new)
        booking.status = line.status
        audit.record(Action.BOOKING_CREATED, by=by, booking_id=booking.id, upload=upload_id, line=line.number)
        written[Standing.TAKEN] += 1
    return written
