"""Bank statements: upload one, see what its lines pay, and record those that are confirmed."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp.i18n import gettext, ngettext
from webapp.models import Role, Upload, UploadKind
from webapp.routes import access
from webapp.routes.imports.uploads import ONE, FilePages
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.imports import statement_lines, statement_matching, statements
from webapp.services.imports.statement_matching import Fit, Match
from webapp.services.imports.statements import Done

bp = Blueprint("statements", __name__, url_prefix="/payments/statement")
access.require(bp, Role.FRONT_DESK)
_REFUSALS = 5  # Refused lines that are named; of others only the number is given.


def _matches(upload: Upload) -> list[Match]:
    return statement_matching.match(statement_lines.read(upload))


pages = FilePages(bp, UploadKind.STATEMENT, state="fit", states=Fit, lines=_matches)


@bp.post(f"{ONE}/lines")
def confirm(upload_id: int) -> ResponseReturnValue:
    """Record the ticked lines, or the one whose button was pressed."""
    only = request.form.get("only")
    tokens = [only] if only else request.form.getlist("line")
    return _done(upload_id, statements.confirm(pages.find(upload_id), tokens, by=actor()))


@bp.post(f"{ONE}/lines/<int(max=999999999):number>/booking")
def choose_booking(upload_id: int, number: int) -> ResponseReturnValue:
    """Record one line for the booking that was typed."""
    reference = request.form.get("reference", "").strip()
    return _done(upload_id, [statements.confirm_by_hand(pages.find(upload_id), number, reference, by=actor())])


def _done(upload_id: int, done: list[Done]) -> ResponseReturnValue:
    filters: dict[str, Any] = {**pages.filters()}
    back = url_for(".show", upload_id=upload_id, **filters)
    tone = "bad" if not done or any(one.refusal for one in done) else ""
    return fragment_or_redirect("_flash.html", otherwise=back, toast=_in_words(done), tone=tone)


def _in_words(done: list[Done]) -> str:
    if not done:
        return gettext("No line was ticked. Tick the lines that are right, then record them.")
    recorded = [one.reference for one in done if not one.refusal]
    refused = [one for one in done if one.refusal]
    sentences = []
    if len(recorded) == 1:
        sentences = [gettext("The line for %(reference)s is recorded as verified.", reference=recorded[0])]
    elif recorded:
        sentences = [
            ngettext("%(num)s line is recorded as verified.", "%(num)s lines are recorded as verified.", len(recorded))
        ]
    sentences += [
        gettext("Line %(number)s was not recorded: %(reason)s", number=one.line.number, reason=one.refusal)
        for one in refused[:_REFUSALS]
    ]
    if more := len(refused[_REFUSALS:]):
        sentences.append(ngettext("%(num)s more line was not recorded.", "%(num)s more lines were not recorded.", more))
    return " ".join(sentences)
