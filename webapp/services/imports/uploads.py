"""Uploaded files: stored as text, recognised by their digest, with the columns that were chosen for them."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from webapp.database import now, writing
from webapp.errors import Conflict, Invalid, NotFound, TooLarge
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import Action, Upload, UploadKind
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.imports import booking_fields, columns, statement_fields
from webapp.services.imports.columns import BY_HAND, OPTION
from webapp.services.parsing import csv_reader, encodings
from webapp.services.parsing.csv_reader import Table, UndecidedError, UnreadableError
from webapp.services.parsing.encodings import Choice
from webapp.services.parsing.text import one_line

FIELDS = {UploadKind.BOOKINGS: booking_fields.FIELDS, UploadKind.STATEMENT: statement_fields.FIELDS}
MOST_LINES = {UploadKind.BOOKINGS: 5_000, UploadKind.STATEMENT: 1_000}
FILE = "file"  # The field of the form; an error stands beside it.
# Options for all lines: how days are written, and the currency if no column has it.
OPTIONS = {"days": "days", "currency": "all_in"}  # And its control in the form: a column is named currency too.
TOO_LARGE = N_("This file is larger than 2 MB. Split it, and upload its parts one by one.")
# The bytes of a file that is not UTF-8 are stored as Latin-1 letters. This key among its columns names the encoding
# that a person chose; it is empty until then.
READ_AS = "#read_as"
REMEMBERED = 20  # The columns of so many files are remembered.


def get(kind: UploadKind, upload_id: int) -> Upload:
    """Find a file.

    Raises:
        NotFound: there is none of that kind and id, or its lines were deleted after KEEP_DAYS.
    """
    found = db.session.get(Upload, upload_id)
    if found is None or found.kind is not kind:
        raise NotFound(gettext("There is no such file. Upload it again."))
    if not found.content:
        raise NotFound(gettext("The lines of this old file were deleted. To see them, upload it again."))
    return found


def recent(kind: UploadKind, limit: int = 20) -> Sequence[Upload]:
    """Returns the newest files of a kind, without their text."""
    newest = select(Upload).where(Upload.kind == kind).order_by(Upload.id.desc()).limit(limit)
    return db.session.scalars(newest.options(defer(Upload.content))).all()


def store(kind: UploadKind, name: str, data: bytes, *, by: Actor) -> tuple[Upload, bool]:
    """Store an uploaded file and guess its columns. Returns (upload, is_new); a known file is found by its digest.

    Raises:
        Invalid: it cannot be read.
        TooLarge: it is larger than a file may be.
    """
    if len(data) > csv_reader.LARGEST:
        raise TooLarge(fields={FILE: gettext(TOO_LARGE)})
    try:
        content, is_clear = _content(data)
        chosen = _columns(kind, _table(kind, content)) if is_clear else _columns_of_unclear(kind, data)
    except UnreadableError as error:
        raise Invalid(fields={FILE: str(error)}) from error
    digest = csv_reader.digest(data)
    with writing():
        same = select(Upload).where(Upload.kind == kind, Upload.digest == digest).order_by(Upload.id).limit(1)
        if known := db.session.scalar(same):
            if not known.content:  # Its lines were deleted after KEEP_DAYS; somebody wants to see them again.
                known.content, known.at = content, now()
                if (READ_AS in known.columns) == is_clear:
                    known.columns = chosen
            return known, False
        file_name = one_line(name)[-200:] or "file.csv"
        upload = Upload(kind=kind, name=file_name, digest=digest, content=content, columns=chosen)
        upload.user_id, upload.author = by.user_id, by.name
        db.session.add(upload)
        db.session.flush()
        if kind is UploadKind.STATEMENT:  # An import of bookings is recorded when it is accepted.
            audit.record(Action.STATEMENT_IMPORTED, by=by, upload=upload.id, name=upload.name)
    return upload, True


def _content(data: bytes) -> tuple[str, bool]:
    """Returns the text to store, and whether its encoding is clear."""
    try:
        return csv_reader.decode(data), True
    except UndecidedError:
        return data.decode("latin-1"), False


def _columns_of_unclear(kind: UploadKind, data: bytes) -> dict[str, str]:
    """Returns the encoding and columns that a person chose for a file like this one, or an empty encoding."""
    for chosen in _remembered(kind):
        encoding = chosen.get(READ_AS, "")
        is_readable = encoding and encodings.decode(data, encoding) is not None
        if is_readable and columns.fits(chosen, _table(kind, csv_reader.decode(data, encoding)).headers):
            return dict(chosen)
    _table(kind, csv_reader.decode(data, encodings.choices(data)[0].name))  # A file that is no table is refused here.
    return {READ_AS: ""}


def _columns(kind: UploadKind, table: Table) -> dict[str, str]:
    """Returns the columns that a person chose for a file like this one, otherwise a guess by the headers."""
    for chosen in _remembered(kind):
        if columns.fits(chosen, table.headers):
            return {name: header for name, header in chosen.items() if name != READ_AS}
    return columns.guess(FIELDS[kind], table.headers)


def _remembered(kind: UploadKind) -> Iterator[dict[str, str]]:
    newest = select(Upload.columns).where(Upload.kind == kind).order_by(Upload.id.desc()).limit(REMEMBERED)
    return (chosen for chosen in db.session.scalars(newest) if BY_HAND in chosen)


def _table(kind: UploadKind, content: str) -> Table:
    return csv_reader.read(content, most_rows=MOST_LINES[kind])


def is_undecided(upload: Upload) -> bool:
    """Returns whether a person has to choose the encoding first."""
    return upload.columns.get(READ_AS) == ""


def table(upload: Upload) -> Table:
    """Returns the lines of a file, in the encoding that was chosen.

    Raises:
        Conflict: nobody has chosen the encoding yet.
    """
    if is_undecided(upload):
        raise Conflict(gettext("Choose first how this file is written."))
    read_as = upload.columns.get(READ_AS)
    return _table(upload.kind, csv_reader.decode(_bytes(upload), read_as) if read_as else upload.content)


def _bytes(upload: Upload) -> bytes:
    return upload.content.encode("latin-1")


def readings(upload: Upload) -> list[Choice]:
    """Returns the encodings in which a file may be read; none if its encoding is clear."""
    return encodings.choices(_bytes(upload)) if READ_AS in upload.columns else []


def missing(upload: Upload) -> bool:
    """Returns whether a needed field has no column yet."""
    return bool(columns.missing(FIELDS[upload.kind], upload.columns))


def read_as(upload: Upload, encoding: str) -> None:
    """Set the encoding of a file, and guess its columns.

    Raises:
        Invalid: it cannot be read so.
    """
    if READ_AS not in upload.columns or encoding not in encodings.LABELS:
        raise Invalid(fields={"encoding": gettext("Choose one of these.")})
    try:
        found = _table(upload.kind, csv_reader.decode(_bytes(upload), encoding))
    except UnreadableError as error:
        raise Invalid(fields={"encoding": str(error)}) from error
    known = {name: header for name, header in upload.columns.items() if name != READ_AS}
    kept = known if known and columns.fits(known, found.headers) else _columns(upload.kind, found)
    with writing():
        lock(upload.id).columns = kept | {READ_AS: encoding}


def choose(upload: Upload, form: Mapping[str, str]) -> None:
    """Set the columns of a file by hand. A header that the file does not have counts as not chosen.

    Raises:
        Invalid: a needed field has no column, or two fields have the same.
    """
    fields, headers = FIELDS[upload.kind], table(upload).headers
    named = {field.name: form.get(field.name, "") for field in fields}
    chosen = {name: header for name, header in named.items() if header in headers}
    errors = {
        field.name: gettext("Choose the column for: %(field)s.", field=field.label)
        for field in columns.missing(fields, chosen)
    }
    for name, header in chosen.items():
        if list(chosen.values()).count(header) > 1 and name not in errors:
            errors[name] = gettext("“%(header)s” is chosen twice. Choose each column once.", header=header)
    if errors:
        raise Invalid(fields=errors)
    typed = {name: one_line(form.get(control, ""))[:20] for name, control in OPTIONS.items()}
    options = {f"{OPTION}{name}": value for name, value in typed.items() if value}
    with writing():
        row = lock(upload.id)
        as_before = {READ_AS: row.columns[READ_AS]} if READ_AS in row.columns else {}
        row.columns = chosen | options | as_before | {BY_HAND: "yes"}


def lock(upload_id: int) -> Upload:
    """Returns the row, locked inside a write transaction, to change its outcome: one at a time."""
    query = select(Upload).where(Upload.id == upload_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
