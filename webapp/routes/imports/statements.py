"""Bank statements: upload one, see what its lines pay, and record those that are confirmed."""

from collections import Counter

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid
from webapp.models import Role, UploadKind
from webapp.routes import access
from webapp.routes.imports import uploads as upload_answers
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.imports import columns, statement_lines, statement_matching, statements, uploads
from webapp.services.imports.statement_fields import FIELDS
from webapp.services.imports.statement_lines import MOST_LINES
from webapp.services.imports.statement_matching import Fit
from webapp.services.imports.statements import Done
from webapp.services.parsing.fields import row_id

bp = Blueprint("statements", __name__, url_prefix="/payments/statement")
access.require(bp, Role.FRONT_DESK)
ONE = "/<row:upload_id>"
_REFUSALS = 5  # Said one by one; of more only the number.


@bp.get("")
def index() -> ResponseReturnValue:
    """The form for a file, and the files that came."""
    return _form({})


@bp.post("")
def take() -> ResponseReturnValue:
    """Keep a file, or find the same one again."""
    return upload_answers.take(UploadKind.STATEMENT, FIELDS, most_rows=MOST_LINES, form=_form)


@bp.get(ONE)
def show(upload_id: int) -> ResponseReturnValue:
    """The lines with what they seem to pay; or the columns to choose, where they are not known."""
    return _page(upload_id, {})


@bp.post(f"{ONE}/encoding")
def read_as(upload_id: int) -> ResponseReturnValue:
    """Say how the letters of a file are written."""
    upload = uploads.get(UploadKind.STATEMENT, upload_id)
    return upload_answers.read_as(upload, FIELDS, most_rows=MOST_LINES)


@bp.post(f"{ONE}/columns")
def choose(upload_id: int) -> ResponseReturnValue:
    """Say which column is which."""
    upload = uploads.get(UploadKind.STATEMENT, upload_id)
    headers = uploads.table(upload, most_rows=MOST_LINES).headers
    try:
        uploads.choose(upload, FIELDS, headers, request.form)
    except Invalid as wrong:
        return _page(upload_id, wrong.fields), wrong.status
    return redirect(url_for(".show", upload_id=upload_id), 303)


@bp.post(f"{ONE}/lines")
def confirm(upload_id: int) -> ResponseReturnValue:
    """Record the ticked lines, or the one whose button was pressed."""
    only = request.form.get("only")
    tokens = [only] if only else request.form.getlist("line")
    return _done(upload_id, statements.confirm(uploads.get(UploadKind.STATEMENT, upload_id), tokens, by=actor()))


@bp.post(f"{ONE}/lines/<int(max=999999999):number>/booking")
def choose_booking(upload_id: int, number: int) -> ResponseReturnValue:
    """Record one line for the booking that was typed."""
    upload = uploads.get(UploadKind.STATEMENT, upload_id)
    reference = request.form.get("reference", "").strip()
    return _done(upload_id, [statements.confirm_by_hand(upload, number, reference, by=actor())])


def _done(upload_id: int, done: list[Done]) -> ResponseReturnValue:
    asked = _asked()
    back = url_for(".show", upload_id=upload_id, fit=asked.get("fit"), after=asked.get("after"))
    tone = "bad" if not done or any(one.refusal for one in done) else ""
    return fragment_or_redirect("_flash.html", otherwise=back, toast=_said(done), tone=tone)


def _said(done: list[Done]) -> str:
    if not done:
        return "No line was ticked. Tick those that are right, then record them."
    recorded = [one.reference for one in done if not one.refusal]
    refused = [one for one in done if one.refusal]
    many = f"{len(recorded)} lines are" if len(recorded) > 1 else f"The line for {recorded[0]} is" if recorded else ""
    said = [f"{many} recorded as verified."] if many else []
    said += [f"Line {one.line.number} is not: {one.refusal}" for one in refused[:_REFUSALS]]
    if len(refused) > _REFUSALS:
        said.append(f"Nor are {len(refused) - _REFUSALS} more.")
    return " ".join(said)


def _form(errors: dict[str, str]) -> str:
    return render_template("imports/statements/index.html", recent=uploads.recent(UploadKind.STATEMENT), errors=errors)


def _page(upload_id: int, errors: dict[str, str]) -> str:
    upload = uploads.get(UploadKind.STATEMENT, upload_id)
    if upload_answers.asks_encoding(upload):
        return upload_answers.ask_encoding(upload)
    table = uploads.table(upload, most_rows=MOST_LINES)
    known = not columns.missing(FIELDS, upload.columns)
    matches = statement_matching.match(statement_lines.read(upload)) if known else []
    fit = _asked().get("fit", "")
    shown = [one for one in matches if one.fit == (fit or one.fit)]
    return render_template(
        "imports/statements/show.html",
        upload=upload,
        part=upload_answers.part(shown, lambda one: one.line.number),
        counts=Counter(one.fit for one in matches),
        many=len(table.rows),
        fit=fit,
        asked=_asked(),
        known=known,
        fields=FIELDS,
        unused=columns.unused(upload.columns, table.headers),
        samples=upload_answers.samples(table),
        read_as=upload_answers.reading(upload),
        errors=errors,
    )


def _asked() -> dict[str, str]:
    """What narrows the lines, for a URL; what nobody offers counts as nothing asked."""
    fit, after = request.args.get("fit", ""), request.args.get("after", "")
    kept = {"fit": fit if fit in list(Fit) else "", "after": after if row_id(after) else ""}
    return {name: value for name, value in kept.items() if value}


upload_answers.make_room(bp, _form)
