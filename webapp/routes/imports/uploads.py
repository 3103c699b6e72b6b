"""What pages that take a file have in common: room for it, reading it from the form, and one page of its lines."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.errors import Invalid
from webapp.i18n import clock_time
from webapp.models import Upload, UploadKind
from webapp.routes.responses import actor
from webapp.services.imports import uploads
from webapp.services.imports.columns import Field
from webapp.services.imports.uploads import FILE, TOO_LARGE
from webapp.services.parsing import encodings
from webapp.services.parsing.csv_reader import LARGEST, Table

PAGE = 100
# More than is taken, so that a file that is somewhat too large is answered with a page and not with a cut line.
_ROOM = 4 * LARGEST
_SAMPLE = 30
Kind = TypeVar("Kind")


def make_room(bp: Blueprint, page: Callable[[dict[str, str]], str]) -> None:
    """Let a blueprint take files; `page` is shown, with errors by field, for one that is far too large."""

    @bp.url_value_preprocessor
    def allow(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        request.max_content_length = _ROOM

    @bp.errorhandler(RequestEntityTooLarge)
    def refuse(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return page({FILE: TOO_LARGE}), 413


def take(
    kind: UploadKind, fields: Sequence[Field], *, most_rows: int, form: Callable[[dict[str, str]], str]
) -> ResponseReturnValue:
    """Keep the posted file, or find the same one again, and go on to its page; `form` is shown with what is wrong."""
    try:
        name, data = _posted_file()
        upload, is_new = uploads.take(kind, name, data, fields, most_rows=most_rows, by=actor())
    except Invalid as wrong:
        return form(wrong.fields), wrong.status
    if not is_new:
        flash(f"This file came before: {upload.author} uploaded it, {clock_time(upload.at)}. Here it is.", "keep")
    return redirect(url_for(".show", upload_id=upload.id), 303)


def asks_encoding(upload: Upload) -> bool:
    """Whether the page is to ask how a file is written: nobody has said so, or somebody wants to say it anew."""
    return uploads.is_undecided(upload) or (uploads.READ_AS in upload.columns and "encoding" in request.args)


def reading(upload: Upload) -> str:
    """How a file is read where somebody chose it; empty where the file says it itself."""
    return encodings.LABELS.get(upload.columns.get(uploads.READ_AS, ""), "")


def ask_encoding(upload: Upload, error: str = "") -> str:
    """The page that asks how a file is written."""
    return render_template(
        "imports/uploads/encoding.html",
        upload=upload,
        error=error,
        encodings=uploads.readings(upload),
        read_as=upload.columns.get(uploads.READ_AS, ""),
        encoding_url=url_for(".read_as", upload_id=upload.id),
    )


def read_as(upload: Upload, fields: Sequence[Field], *, most_rows: int) -> ResponseReturnValue:
    """Set how a file is written, and show its lines."""
    try:
        uploads.read_as(upload, fields, request.form.get("encoding", ""), most_rows=most_rows)
    except Invalid as wrong:
        return ask_encoding(upload, wrong.fields["encoding"]), wrong.status
    return redirect(url_for(".show", upload_id=upload.id), 303)


def _posted_file() -> tuple[str, bytes]:
    """The name and bytes of the uploaded file, at most one byte more than is taken.

    Raises:
        Invalid: no file was chosen.
    """
    file = request.files.get(FILE)
    if file is None or not file.filename:
        raise Invalid(fields={FILE: "Choose a file first."})
    return file.filename, file.stream.read(LARGEST + 1)


def samples(table: Table) -> list[tuple[str, str]]:
    """Each header with what stands below it first, to choose from."""
    first = {header: next((c for c in table.column(header) if c), "") for header in table.headers}
    return [(header, f"{header}: {cell[:_SAMPLE]}" if cell else header) for header, cell in first.items()]


@dataclass(frozen=True)
class Part(Generic[Kind]):
    """One page of a file's lines."""

    lines: Sequence[Kind]
    before: int | None
    after: int | None


def part(lines: Sequence[Kind], number: Callable[[Kind], int]) -> Part[Kind]:
    """The lines behind the one that the address names; lines that change their state meanwhile shift nothing."""
    asked = request.args.get("after", "")
    after = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else 0
    start = next((n for n, line in enumerate(lines) if number(line) > after), len(lines))
    shown = lines[start : start + PAGE]
    more = start + PAGE < len(lines)
    earlier = start - PAGE - 1
    before = None if not start else number(lines[earlier]) if earlier >= 0 else 0
    return Part(shown, before, number(shown[-1]) if more else None)
