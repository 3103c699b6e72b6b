"""The texts for guests, for admins: each with its preview, its history, and a way to try it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid, Outrun
from webapp.extensions import htmx
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import actor, form_version
from webapp.services import audit
from webapp.services import texts as guest_texts
from webapp.services.failures import retry
from webapp.services.messages import test_message
from webapp.services.messages.test_message import Draft
from webapp.services.parsing.fields import row_id
from webapp.services.texts import FALLBACK, Wording, catalog, validation, versions, whatsapp_templates
from webapp.services.texts.catalog import Place
from webapp.services.texts.languages import name_of

bp = Blueprint("texts", __name__, url_prefix="/admin/texts")
access.require(bp, Role.ADMIN)
ONE = "/<event>/<channel>/<language>"


@bp.get("")
def index() -> ResponseReturnValue:
    return _matrix()


@bp.post("/languages")
def add_language() -> ResponseReturnValue:
    try:
        language = versions.add_language(request.form.get("code", ""), by=actor())
    except Invalid as error:
        return _matrix(error.fields), 422
    added = gettext(
        "%(language)s is added with the English texts. Translate them one by one.", language=name_of(language)
    )
    flash(added)
    return redirect(url_for(".index", language=language), 303)


@bp.get(ONE)
def edit(event: str, channel: str, language: str) -> ResponseReturnValue:
    return _page(catalog.place(event, channel, language))


@bp.post(f"{ONE}/version")
def save(event: str, channel: str, language: str) -> ResponseReturnValue:
    place, typed = catalog.place(event, channel, language), _typed()
    try:
        is_new = versions.save(place, typed, seen=form_version(), by=actor())
    except Invalid as error:
        return _page(place, typed, errors=error.fields), error.status
    except Outrun as error:
        return _page(place, typed, refusal=error.sentence), error.status
    if not is_new:
        return _to(place, gettext("Nothing was changed: the text is like that already."))
    return _to(place, gettext("Saved. New messages use this text; those made already keep theirs."))


@bp.post(f"{ONE}/restoration")
def restore(event: str, channel: str, language: str) -> ResponseReturnValue:
    """Put an earlier version in force, or the text that came with Bellhop."""
    place, wanted = catalog.place(event, channel, language), request.form.get("of", "")
    try:
        if version := row_id(wanted):
            is_new = versions.restore(place, version, seen=form_version(), by=actor())
        else:
            is_new = versions.go_back(place, seen=form_version(), by=actor())
    except Outrun as error:
        return _page(place, refusal=error.sentence), error.status
    if not is_new:
        return _to(place, gettext("Nothing was changed: the text is like that already."))
    return _to(place, gettext("Restored. New messages use this text; those made already keep theirs."))


@bp.post(f"{ONE}/preview")
def preview(event: str, channel: str, language: str) -> ResponseReturnValue:
    """Show how the typed text reads; nothing is saved."""
    place, typed = catalog.place(event, channel, language), _typed()
    shown = catalog.preview(place, typed)
    if htmx:
        return render_template("text_pages/_preview.html", place=place, preview=shown)
    return _page(place, typed, errors=shown.errors)


@bp.post(f"{ONE}/test")
def send_test(event: str, channel: str, language: str) -> ResponseReturnValue:
    """Send the typed text to an address, with the example booking."""
    place, typed = catalog.place(event, channel, language), _typed()
    errors = dict(validation.problems(typed, *place.key))
    sent = None
    try:
        if not errors:
            by = audit.Actor(actor().name, actor().user_id, form_key=request.form.get("test_key", "")[:64] or None)
            draft = Draft(place.event, place.language, typed)
            sent = retry.get(test_message.send(place.channel, request.form.get("to", ""), by=by, draft=draft))
    except Invalid as error:
        errors = error.fields
    status = 422 if errors else 200
    if htmx:
        return render_template("text_pages/_test.html", place=place, errors=errors, sent=sent), status
    return _page(place, typed, errors=errors, sent=sent), status


@bp.post(f"{ONE}/template")
def template(event: str, channel: str, language: str) -> ResponseReturnValue:
    """Set the approved WhatsApp template of this event."""
    place, typed = catalog.place(event, channel, language), request.form
    names = [name.strip() for name in typed.get("variables", "").split(",") if name.strip()]
    sid, was = typed.get("content_sid", "").strip(), typed.get("was", "")
    try:
        whatsapp_templates.set_whatsapp(place.event, place.language, sid, names or None, by=actor(), was=was)
    except (Invalid, Outrun) as error:
        fields = error.fields if isinstance(error, Invalid) else {"content_sid": error.sentence}
        return _page(place, errors=fields), error.status
    return _to(place, gettext("The template is set. New WhatsApp messages about this use it."))


def _typed() -> Wording:
    return Wording(validation.clean(request.form.get("body", "")), validation.clean(request.form.get("subject", "")))


def _to(place: Place, toast: str) -> ResponseReturnValue:
    flash(toast)
    return redirect(url_for(".edit", event=place.event, channel=place.channel, language=place.language), 303)


def _matrix(errors: dict[str, str] | None = None) -> str:
    languages, wanted = catalog.languages(), request.args.get("language", FALLBACK)
    language = wanted if wanted in languages else FALLBACK
    rows = catalog.matrix(language)
    return render_template(
        "text_pages/index.html", rows=rows, language=language, languages=languages, name_of=name_of,
        built_in=catalog.built_in_languages(), errors=errors or {},
    )  # fmt: skip


def _page(place: Place, typed: Wording | None = None, **more: Any) -> str:
    """Returns the page of one text; a typed text stays in its field."""
    now = guest_texts.in_force(*place.key)
    wording, history = typed or now, catalog.history(place)
    return render_template(
        "text_pages/edit.html",
        place=place,
        wording=wording,
        now_in_force=now,
        history=history,
        seen=history[0].id if history else 0,
        preview=catalog.preview(place, wording),
        listed=validation.listed(place.event),
        template=whatsapp_templates.find(place.event, place.language),
        language_name=name_of(place.language),
        **{"errors": {}, "refusal": "", "sent": None} | more,
    )
