"""Importing bookings from a CSV file: upload it, see what its lines would become, and accept the good ones."""

from collections import Counter

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, Invalid
from webapp.models import Role, Upload, UploadKind
from webapp.routes import access
from webapp.routes.imports import uploads as upload_answers
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.bookings import counts as booking_counts
from webapp.services.imports import bookings, columns, uploads
from webapp.services.imports.booking_fields import FIELDS
from webapp.services.imports.booking_lines import MOST_LINES
from webapp.services.imports.bookings import Standing

bp = Blueprint("booking_import", __name__, url_prefix="/bookings/import")
access.require(bp, Role.FRONT_DESK)
ONE = "/<row:upload_id>"


@bp.get("")
def index() -> ResponseReturnValue:
    """The form for a file, and the files that came."""
    return _form({})


@bp.get("/sample.csv")
def sample() -> ResponseReturnValue:
    """A file to begin with."""
    headers = {"Content-Disposition": 'attachment; filename="bookings-sample.csv"'}
    return Response(bookings.sample(), mimetype="text/csv", headers=headers)


@bp.post("")
def take() -> ResponseReturnValue:
    """Keep a file, or find the same one again."""
    return upload_answers.take(UploadKind.BOOKINGS, FIELDS, most_rows=MOST_LINES, form=_form)


@bp.get(ONE)
def show(upload_id: int) -> ResponseReturnValue:
    """The lines with what they would become, or became; or the columns to choose."""
    return _page(upload_id, {})


@bp.post(f"{ONE}/encoding")
def read_as(upload_id: int) -> ResponseReturnValue:
    """Say how the letters of a file are written."""
    upload = uploads.get(UploadKind.BOOKINGS, upload_id)
    if bookings.has_begun(upload):
        raise Conflict("Bookings of this file are written already, so it stays as it was read.")
    return upload_answers.read_as(upload, FIELDS, most_rows=MOST_LINES)


@bp.post(f"{ONE}/columns")
def choose(upload_id: int) -> ResponseReturnValue:
    """Say which column is which, as long as nothing is written."""
    upload = _found(upload_id)
    if bookings.has_begun(upload):
        raise Conflict("Bookings of this file are written already, so its columns stay as they are.")
    headers = uploads.table(upload, most_rows=MOST_LINES).headers
    try:
        uploads.choose(upload, FIELDS, headers, request.form)
    except Invalid as wrong:
        return _page(upload_id, wrong.fields), wrong.status
    return redirect(url_for(".show", upload_id=upload_id), 303)


@bp.post(f"{ONE}/acceptance")
def accept(upload_id: int) -> ResponseReturnValue:
    """Write the good lines; after some seconds the page shows how far it is, and goes on from there."""
    upload = _found(upload_id)
    if columns.missing(FIELDS, upload.columns):
        raise Conflict("Say first which column is which.")
    is_done = bookings.accept(upload, by=actor())
    booking_counts.forget()
    tally = bookings.tally(_found(upload_id))
    many = tally.get(Standing.TAKEN, 0)
    said = f"{many:,} {'booking is' if many == 1 else 'bookings are'} imported. No guest was told."
    if not is_done:
        said = f"{many:,} bookings are imported so far. Go on with the rest."
    return fragment_or_redirect("_flash.html", otherwise=url_for(".show", upload_id=upload_id), toast=said)


def _found(upload_id: int) -> Upload:
    return uploads.get(UploadKind.BOOKINGS, upload_id)


def _form(errors: dict[str, str]) -> str:
    return render_template("imports/bookings/index.html", recent=uploads.recent(UploadKind.BOOKINGS), errors=errors)


def _page(upload_id: int, errors: dict[str, str]) -> str:
    upload = _found(upload_id)
    if upload_answers.asks_encoding(upload):
        return upload_answers.ask_encoding(upload)
    known = not columns.missing(FIELDS, upload.columns)
    lines = bookings.preview(upload) if known else []
    standing = request.args.get("standing", "")
    standing = standing if standing in list(Standing) else ""
    shown = [one for one in lines if one.standing == (standing or one.standing)]
    table = uploads.table(upload, most_rows=MOST_LINES)
    return render_template(
        "imports/bookings/show.html",
        upload=upload,
        part=upload_answers.part(shown, lambda one: one.line.number),
        counts=Counter(one.standing for one in lines),
        many=len(table.rows),
        unnamed=sum(one.standing is Standing.READY and not one.line.cells["reference"] for one in lines),
        standing=standing,
        known=known,
        has_begun=bookings.has_begun(upload),
        fields=FIELDS,
        unused=columns.unused(upload.columns, table.headers),
        labels={field.name: field.label for field in FIELDS},
        samples=upload_answers.samples(table),
        read_as=upload_answers.reading(upload),
        errors=errors,
    )


upload_answers.make_room(bp, _form)
