"""The pages that both kinds of files have: the form, the lines, the columns and the encoding."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.errors import Invalid
from webapp.i18n import clock_time, gettext
from webapp.models import Upload, UploadKind
from webapp.routes.responses import actor, query_id
from webapp.services.imports import columns, uploads
from webapp.services.imports.uploads import FILE, TOO_LARGE
from webapp.services.parsing import encodings
from webapp.services.parsing.csv_reader import LARGEST, Table

ONE = "/<row:upload_id>"
PAGE = 100
# More than a file may have, so that a file that is a little too large is answered with a page and not with a cut line.
_ROOM = 4 * LARGEST
_SAMPLE = 30
Item = TypeVar("Item")


@dataclass(frozen=True)
class Part(Generic[Item]):
    """One page of a file's lines."""

    lines: Sequence[Item]
    before: int | None
    after: int | None


class FilePages:
    """The pages of one kind of files, as routes of a blueprint.

    `lines` returns the lines of a file whose columns are known: each has a `line` with a number, and a state.
    `context` returns what else the page of lines needs. `check` raises Conflict if the columns may not change any more.
    """

    def __init__(
        self,
        bp: Blueprint,
        kind: UploadKind,
        *,
        state: str,  # The attribute of a line that holds its state, and the name of the filter in the URL.
        states: Iterable[str],
        lines: Callable[[Upload], Sequence[Any]],
        context: Callable[[Upload, Sequence[Any]], dict[str, Any]] = lambda _upload, _lines: {},
        check: Callable[[Upload], None] = lambda _upload: None,
    ) -> None:
        self.kind, self.state, self.states = kind, state, list(states)
        self._lines, self._context, self._check = lines, context, check
        bp.add_url_rule("", "index", self.index)
        bp.add_url_rule("", "take", self.take, methods=["POST"])
        bp.add_url_rule(ONE, "show", self.show)
        bp.add_url_rule(f"{ONE}/encoding", "read_as", self.read_as, methods=["POST"])
        bp.add_url_rule(f"{ONE}/columns", "choose", self.choose, methods=["POST"])
        bp.url_value_preprocessor(_make_room)
        bp.register_error_handler(RequestEntityTooLarge, self.refuse_size)

    def find(self, upload_id: int) -> Upload:
        """Returns a file of this kind."""
        return uploads.get(self.kind, upload_id)

    def index(self) -> ResponseReturnValue:
        """The form for a file, and the earlier uploads."""
        return self._form({})

    def take(self) -> ResponseReturnValue:
        """Store the posted file, or find the same one again, and show its lines."""
        try:
            name, data = _posted_file()
            upload, is_new = uploads.store(self.kind, name, data, by=actor())
        except Invalid as error:
            return self._form(error.fields), error.status
        if not is_new:
            name, time = upload.author, clock_time(upload.at)
            flash(gettext("%(name)s uploaded this file before, %(time)s. Here it is.", name=name, time=time), "keep")
        return redirect(url_for(".show", upload_id=upload.id), 303)

    def show(self, upload_id: int) -> ResponseReturnValue:
        """The lines of a file; or its columns or encoding, to choose."""
        return self._page(self.find(upload_id), {})

    def read_as(self, upload_id: int) -> ResponseReturnValue:
        """Choose the encoding of a file."""
        upload = self.find(upload_id)
        self._check(upload)
        try:
            uploads.read_as(upload, request.form.get("encoding", ""))
        except Invalid as error:
            return _ask_encoding(upload, error.fields["encoding"]), error.status
        return redirect(url_for(".show", upload_id=upload_id), 303)

    def choose(self, upload_id: int) -> ResponseReturnValue:
        """Choose the columns of a file."""
        upload = self.find(upload_id)
        self._check(upload)
        try:
            uploads.choose(upload, request.form)
        except Invalid as error:
            return self._page(upload, error.fields), error.status
        return redirect(url_for(".show", upload_id=upload_id), 303)

    def refuse_size(self, _error: RequestEntityTooLarge) -> ResponseReturnValue:
        """The form again, for a file that is far too large."""
        return self._form({FILE: gettext(TOO_LARGE)}), 413

    def filters(self) -> dict[str, str]:
        """Returns what narrows the lines, for a URL. Unknown values are left out."""
        chosen, after = request.args.get(self.state, ""), query_id("after")
        kept = {self.state: chosen if chosen in self.states else "", "after": str(after or "")}
        return {name: value for name, value in kept.items() if value}

    def _form(self, errors: dict[str, str]) -> str:
        recent = uploads.recent(self.kind)
        return render_template("imports/index.html", kind=self.kind, recent=recent, errors=errors)

    def _page(self, upload: Upload, errors: dict[str, str]) -> str:
        wants_encoding = uploads.READ_AS in upload.columns and "encoding" in request.args
        if uploads.is_undecided(upload) or wants_encoding:
            return _ask_encoding(upload)
        table, known = uploads.table(upload), not uploads.missing(upload)
        lines = self._lines(upload) if known else []
        state, filters = attrgetter(self.state), self.filters()
        chosen = filters.get(self.state, "")
        shown = [one for one in lines if not chosen or state(one) == chosen]
        return render_template(
            "imports/show.html", kind=self.kind, upload=upload, many=len(table.rows), known=known, errors=errors,
            part=_part(shown, lambda one: one.line.number), counts=Counter(map(state, lines)),
            state=self.state, chosen=chosen, filters=filters, fields=uploads.FIELDS[self.kind],
            unused=columns.unused(upload.columns, table.headers),
            proposed=columns.propose(uploads.FIELDS[self.kind], upload.columns, table.headers), samples=_samples(table),
            read_as=encodings.LABELS.get(upload.columns.get(uploads.READ_AS, ""), ""),
            **self._context(upload, lines),
        )  # fmt: skip


def _make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    request.max_content_length = _ROOM


def _ask_encoding(upload: Upload, error: str = "") -> str:
    return render_template(
        "imports/encoding.html", upload=upload, error=error, encodings=uploads.readings(upload),
        read_as=upload.columns.get(uploads.READ_AS, ""),
    )  # fmt: skip


def _posted_file() -> tuple[str, bytes]:
    """Returns the name and the bytes of the uploaded file, at most one byte more than a file may have.

    Raises:
        Invalid: no file was chosen.
    """
    file = request.files.get(FILE)
    if file is None or not file.filename:
        raise Invalid(fields={FILE: gettext("Choose a file first.")})
    return file.filename, file.stream.read(LARGEST + 1)


def _samples(table: Table) -> list[tuple[str, str]]:
    """Returns each header with its first filled cell."""
    first = {header: next((c for c in table.column(header) if c), "") for header in table.headers}
    return [(header, f"{header}: {cell[:_SAMPLE]}" if cell else header) for header, cell in first.items()]


def _part(lines: Sequence[Item], number: Callable[[Item], int]) -> Part[Item]:
    """Returns the lines after the one that the URL names: lines that change their state meanwhile move nothing."""
    asked = request.args.get("after", "")
    after = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else 0
    start = next((n for n, line in enumerate(lines) if number(line) > after), len(lines))
    shown = lines[start : start + PAGE]
    before = None
    if start:
        before = number(lines[start - PAGE - 1]) if start > PAGE else 0
    return Part(shown, before, number(shown[-1]) if start + PAGE < len(lines) else None)
