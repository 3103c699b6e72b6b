"""Importing bookings from a CSV file: upload it, check its lines, and accept the good ones."""

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.i18n import gettext, ngettext
from webapp.models import Role, Upload, UploadKind
from webapp.routes import access
from webapp.routes.imports.uploads import ONE, FilePages
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.bookings import counts as booking_counts
from webapp.services.imports import bookings, uploads
from webapp.services.imports.bookings import ImportLine, Standing

bp = Blueprint("booking_import", __name__, url_prefix="/bookings/import")
access.require(bp, Role.FRONT_DESK)


def _context(upload: Upload, lines: Sequence[ImportLine]) -> dict[str, Any]:
    new = [one for one in lines if one.standing is Standing.READY]
    return {
        "has_begun": bookings.has_begun(upload),
        "unnamed": sum(not one.line.cells["reference"] for one in new),
        "labels": {field.name: field.label for field in uploads.FIELDS[upload.kind]},
    }


def _check(upload: Upload) -> None:
    if bookings.has_begun(upload):
        raise Conflict(gettext("Bookings of this file are imported already, so its columns stay as they are."))


pages = FilePages(
    bp, UploadKind.BOOKINGS, state="standing", states=Standing, lines=bookings.preview, context=_context, check=_check
)


@bp.get("/sample.csv")
def sample() -> ResponseReturnValue:
    """A file to begin with."""
    headers = {"Content-Disposition": 'attachment; filename="bookings-sample.csv"'}
    return Response(bookings.sample(), mimetype="text/csv", headers=headers)


@bp.get(f"{ONE}/errors.csv")
def errors(upload_id: int) -> ResponseReturnValue:
    """The lines with errors, to correct and upload again."""
    upload = pages.find(upload_id)
    if uploads.missing(upload):
        raise Conflict(gettext("Choose the columns first."))
    name = re.sub(r"[^\w.-]+", "-", upload.name.rpartition(".")[0], flags=re.ASCII).strip("-") or "file"
    headers = {"Content-Disposition": f'attachment; filename="{name}-errors.csv"'}
    return Response(b"".join(bookings.errors(upload)), mimetype="text/csv", headers=headers)


@bp.post(f"{ONE}/acceptance")
def accept(upload_id: int) -> ResponseReturnValue:
    """Write the good lines. After some seconds the page shows how far it is, and goes on from there."""
    upload = pages.find(upload_id)
    if uploads.missing(upload):
        raise Conflict(gettext("Choose the columns first."))
    is_done = bookings.accept(upload, by=actor())
    booking_counts.forget()
    many = bookings.tally(pages.find(upload_id)).get(Standing.TAKEN, 0)
    toast = ngettext("%(num)s booking is imported so far.", "%(num)s bookings are imported so far.", many)
    if is_done:
        toast = ngettext(
            "%(num)s booking is imported. The guest is not notified.",
            "%(num)s bookings are imported. The guests are not notified.",
            many,
        )
    return fragment_or_redirect("_flash.html", otherwise=url_for(".show", upload_id=upload_id), toast=toast)
