"""Files that were uploaded: kept as text, known again by their digest, with the columns that were chosen for them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from webapp.database import now, writing
from webapp.errors import Invalid, NotFound, TooLarge
from webapp.extensions import db
from webapp.models import Action, Upload, UploadKind
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.imports import columns, csv_reader
from webapp.services.imports.columns import BY_HAND, OPTION, Field
from webapp.services.imports.csv_reader import Table, UnreadableError
from webapp.services.parsing.fields import one_line

FILE = "file"  # The field of the form; an error stands beside it.
# What is said of all lines at once: how days are written, and the currency where no column has it.
OPTIONS = ("days", "currency")
TOO_LARGE = "This file is larger than 2 MB. Split it, and upload its parts one by one."
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
        content = csv_reader.decode(data)
        table = csv_reader.read(content, most_rows=most_rows)
    except UnreadableError as unreadable:
        raise Invalid(fields={FILE: str(unreadable)}) from unreadable
    digest = csv_reader.digest(data)
    with writing():
        same = select(Upload).where(Upload.kind == kind, Upload.digest == digest).order_by(Upload.id).limit(1)
        if known := db.session.scalar(same):
            if not known.content:  # Its lines were removed after KEEP_DAYS; somebody wants to see them again.
                known.content, known.at = content, now()
            return known, False
        upload = Upload(
            kind=kind,
            name=one_line(name)[-200:] or "file.csv",
            digest=digest,
            content=content,
            columns=_columns(kind, fields, table),
            user_id=by.user_id,
            author=by.name,
        )
        db.session.add(upload)
        db.session.flush()
        if kind is UploadKind.STATEMENT:  # Bookings are imported when they are accepted, a statement as it comes.
            audit.record(Action.STATEMENT_IMPORTED, by=by, upload=upload.id, name=upload.name, lines=len(table.rows))
    return upload, True


def _columns(kind: UploadKind, fields: Sequence[Field], table: Table) -> dict[str, str]:
    """What a person chose for a file like this one, or else what the headers say."""
    newest = select(Upload.columns).where(Upload.kind == kind).order_by(Upload.id.desc()).limit(REMEMBERED)
    for chosen in db.session.scalars(newest):
        if BY_HAND in chosen and columns.fits(chosen, table.headers):
            return dict(chosen)
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
        lock(upload.id).columns = chosen | said | {BY_HAND: "yes"}


def lock(upload_id: int) -> Upload:
    """The row for a change of its outcome, within a write transaction: one at a time."""
    wanted = select(Upload).where(Upload.id == upload_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()
