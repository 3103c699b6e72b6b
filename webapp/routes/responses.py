"""The one place where an act's answer branches: a fragment for HTMX, a redirect for a plain form."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from webapp.errors import Invalid
from webapp.extensions import htmx
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.queue import banner
from webapp.settings import current


def actor() -> Actor:
    """The person who posted this form."""
    return audit.person(current_user, form_key=request.form.get("form_key", "")[:64])


def form_version() -> int:
    """The version of the row that this form was rendered from.

    Raises:
        Invalid: the form has none, or it is not a number.
    """
    typed = request.form.get("version", "")
    if not typed.isdigit() or len(typed) > 9:
        raise Invalid("This form is incomplete: reload the page and try again.")
    return int(typed)


def sent() -> None:
    """Tell the next page that this form was taken, so that the browser forgets its draft."""
    if key := request.form.get("form_key", "")[:64]:
        flash(key, "sent")


def own_address(path: str) -> str:
    """A whole address of ours to hand to somebody: by PUBLIC_URL where it is set, else as this page was asked for."""
    return (current().public_url or request.url_root).rstrip("/") + path


def unchanged_or(body: str) -> ResponseReturnValue:
    """A polled fragment: itself, or 304 where it is what the page has already."""
    response = make_response(body)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def fragment_or_redirect(
    template: str,
    *,
    otherwise: str,
    toast: str = "",
    undo: dict[str, Any] | None = None,
    tone: str = "",
    **context: Any,
) -> ResponseReturnValue:
    """Answer an act: the changed fragment with a toast beside it, or a redirect with the toast on the next page.

    `undo`: url, fields and (for HTMX) target of the form that takes the act back.
    """
    banner.forget()
    if not htmx:
        if toast:
            said = Markup(render_template("_flash.html", text=toast, undo=undo))  # noqa: S704  # The template escapes.
            flash(said, "error" if tone == "bad" else "message")
        return redirect(otherwise, 303)
    body = render_template(template, **context)
    if toast:
        undo = undo or {}
        body += render_template(
            "_toast.html",
            text=toast,
            tone=tone,
            oob=True,
            keep=tone == "bad",
            undo_url=undo.get("url"),
            undo_fields=undo.get("fields", {}),
            undo_target=undo.get("target"),
        )
    return body
