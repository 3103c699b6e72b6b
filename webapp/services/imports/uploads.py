"""Files that were uploaded: kept as text, known again by their digest, with the columns that were chosen for them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from webapp.database import now, writing
from webapp.errors import Conflict, Invalid, NotFound, TooLarge
from webapp.extensions import db
from webapp.models import Action, Upload, UploadKind
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.imports import columns
from webapp.services.imports.columns import BY_HAND, OPTION, Field
from webapp.services.parsing import csv_reader, encodings
from webapp.services.parsing.csv_reader import Table, UndecidedError, UnreadableError
from webapp.services.parsing.encodings import Choice
from webapp.services.parsing.text import one_line

FILE = "file"  # The field of the form; an error stands beside it.
# What is said of all lines at once: how days are written, and the currency where no column has it.
OPTIONS = ("days", "currency")
TOO_LARGE = "This file is larger than 2 MB. Split it, and upload its parts one by one."
# Of a file that is not UTF-8 the bytes are kept, each as the letter of its number, until and after a person says how
# they are read; the key stands among its columns, empty as long as nobody has said so.
READ_AS = "#read_as"
REMEMBERED = 20  # As many files back a choice of columns is remembered.


def get(kind: UploadKind, upload_id: int) -> Upload:
    """Find a file.

    Raises:
        NotFound: there is none of that kind and id.
    """
    found = db.session.get(Upload, upload_id)
    if found is None or found.kind is not kind:
        raise NotFound("There is no such file. Upload it again.")
    if not found.content:
        raise NotFound("This file came so long ago that its lines are kept no more. To see them, upload it again.")
    return found


def recent(kind: UploadKind, limit: int = 20) -> Sequence[Upload]:
    """The newest files of a kind, without their text."""
    newest = select(Upload).where(Upload.kind == kind).order_by(Upload.id.desc()).limit(limit)
    return db.session.scalars(newest.options(defer(Upload.content))).all()


def take(
    kind: UploadKind, name: str, data: bytes, fields: Sequence[Field], *, most_rows: int, by: Actor
) -> tuple[Upload, bool]:
    """Keep a file and guess its columns; whether it is new: one that came before is found instead.

    Raises:
        Invalid: it cannot be read.
        TooLarge: it is more than is taken at once.
    """
    if len(data) > csv_reader.LARGEST:
        raise TooLarge(fields={FILE: TOO_LARGE})
    try:
        content, read_as = _content(data)
        chosen = _first_columns(kind, fields, content, read_as, most_rows)
    except UnreadableError as unreadable:
        raise Invalid(fields={FILE: str(unreadable)}) from unreadable
    digest = csv_reader.digest(data)
    with writing():
        same = select(Upload).where(Upload.kind == kind, Upload.digest == digest).order_by(Upload.id).limit(1)
        if known := db.session.scalar(same):
            if not known.content:  # Its lines were removed after KEEP_DAYS; somebody wants to see them again.
                known.content, known.at = content, now()
                if (READ_AS in known.columns) != (read_as is not None):
                    known.columns = chosen
            return known, False
        upload = Upload(
            kind=kind,
            name=one_line(name)[-200:] or "file.csv",
            digest=digest,
            content=content,
            columns=chosen,
            user_id=by.user_id,
            author=by.name,
        )
        db.session.add(upload)
        db.session.flush()
        if kind is UploadKind.STATEMENT:  # Bookings are imported when they are accepted, a statement as it comes.
            audit.record(Action.STATEMENT_IMPORTED, by=by, upload=upload.id, name=upload.name)
    return upload, True


def _content(data: bytes) -> tuple[str, str | None]:
    """What is kept of a file; and how it is read: None where it says so itself, empty where a person must say."""
    try:
        return csv_reader.decode(data), None
    except UndecidedError:
        return data.decode("latin-1"), ""


def _first_columns(
    kind: UploadKind, fields: Sequence[Field], content: str, read_as: str | None, most_rows: int
) -> dict[str, str]:
    if read_as is None:
        return _columns(kind, fields, csv_reader.read(content, most_rows=most_rows))
    data = content.encode("latin-1")
    newest = select(Upload.columns).where(Upload.kind == kind).order_by(Upload.id.desc()).limit(REMEMBERED)
    for chosen in db.session.scalars(newest):
        encoding = chosen.get(READ_AS, "")
        if encoding and encodings.decode(data, encoding) is not None:
            table = csv_reader.read(csv_reader.decode(data, encoding), most_rows=most_rows)
            if columns.fits(chosen, table.headers) and BY_HAND in chosen:
                return dict(chosen)
    # What it holds can be said only when it is read; what no encoding makes a table of is refused here.
    csv_reader.read(csv_reader.decode(data, encodings.choices(data)[0].name), most_rows=most_rows)
    return {READ_AS: ""}


def is_undecided(upload: Upload) -> bool:
    """Whether a person has to say first how the file is written."""
    return upload.columns.get(READ_AS) == ""


def table(upload: Upload, *, most_rows: int) -> Table:
    """The lines of a file, read as it was chosen.

    Raises:
        Conflict: nobody has said yet how it is written.
    """
    return csv_reader.read(_text(upload), most_rows=most_rows)


def _text(upload: Upload) -> str:
    if is_undecided(upload):
        raise Conflict("Say first how this file is written.")
    read_as = upload.columns.get(READ_AS)
    return csv_reader.decode(upload.content.encode("latin-1"), read_as) if read_as else upload.content


def readings(upload: Upload) -> list[Choice]:
    """The encodings in which the file may be read; empty where it says so itself."""
    return encodings.choices(upload.content.encode("latin-1")) if READ_AS in upload.columns else []


def read_as(upload: Upload, fields: Sequence[Field], encoding: str, *, most_rows: int) -> None:
    """Set how a file is written, and guess its columns.

    Raises:
        Invalid: it cannot be read so.
    """
    if READ_AS not in upload.columns or encoding not in encodings.LABELS:
        raise Invalid(fields={"encoding": "Choose one of these."})
    try:
        text = csv_reader.decode(upload.content.encode("latin-1"), encoding)
        found = csv_reader.read(text, most_rows=most_rows)
    except UnreadableError as unreadable:
        raise Invalid(fields={"encoding": str(unreadable)}) from unreadable
    known = {name: header for name, header in upload.columns.items() if name != READ_AS}
    kept = known if known and columns.fits(known, found.headers) else _columns(upload.kind, fields, found)
    with writing():
        lock(upload.id).columns = kept | {READ_AS: encoding}


def _columns(kind: UploadKind, fields: Sequence[Field], table: Table) -> dict[str, str]:
    """What a person chose for a file like this one, or else what the headers say."""
    newest = select(Upload.columns).where(Upload.kind == kind).order_by(Upload.id.desc()).limit(REMEMBERED)
    for chosen in db.session.scalars(newest):
        if BY_HAND in chosen and columns.fits(chosen, table.headers):
            return {name: header for name, header in chosen.items() if name != READ_AS}
    return columns.guess(fields, table.headers)


def choose(upload: Upload, fields: Sequence[Field], headers: Sequence[str], form: Mapping[str, str]) -> None:
    """Set the columns of a file by hand; what is no header of it counts as not chosen.

    Raises:
        Invalid: a needed field has no column, or two fields have the same.
    """
    named = {field.name: form.get(field.name, "") for field in fields}
    chosen = {name: header for name, header in named.items() if header in headers}
    errors = {
        field.name: f"Say which column has this: {field.label.lower()}." for field in columns.missing(fields, chosen)
    }
    for field in fields:
        others = [name for name, header in chosen.items() if header == chosen.get(field.name) and name != field.name]
        if others and field.name not in errors:
            errors[field.name] = f"“{chosen[field.name]}” is chosen twice. Choose each column once."
    if errors:
        raise Invalid(fields=errors)
    said = {f"{OPTION}{name}": value for name in OPTIONS if (value := one_line(form.get(name, ""))[:20])}
    with writing():
        row = lock(upload.id)
        as_before = {READ_AS: row.columns[READ_AS]} if READ_AS in row.columns else {}
        row.columns = chosen | said | as_before | {BY_HAND: "yes"}


def lock(upload_id: int) -> Upload:
    """The row for a change of its outcome, within a write transaction: one at a time."""
    wanted = select(Upload).where(Upload.id == upload_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()
