"""Answers that all routes share. An act answers HTMX with a fragment and a plain form with a redirect."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from webapp import i18n
from webapp.errors import Invalid, NotFound
from webapp.extensions import htmx
from webapp.i18n import gettext
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.parsing.fields import row_id
from webapp.services.queue import banner
from webapp.settings import current

_SHOWN = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")
MOST_VERSIONS = 2**31 - 1  # What the column holds.
COUNTED = re.compile(r'(?<=data-ago="counts">)[^<]*')  # By static/js/times.js; see templates/macros/time.html.


def actor() -> Actor:
    """The person who posted this form."""
    return audit.person(current_user, form_key=request.form.get("form_key", "")[:64])


def form_version() -> int:
    """Returns the version of the row that this form shows.

    Raises:
        Invalid: the form has none.
    """
    version = row_id(request.form.get("version", ""))
    if version is None or version > MOST_VERSIONS:
        raise Invalid(gettext("This form is incomplete: reload the page and try again."))
    return version


def query_id(name: str) -> int | None:
    """Returns the id in a field of the address; None where there is none."""
    return row_id(request.args.get(name, ""))


def shown_versions() -> dict[int, int]:
    """Returns the rows that a polling list shows: id to version."""
    shown = (_SHOWN.fullmatch(row) for row in request.args.getlist("row"))
    return {int(row[1]): int(row[2]) for row in shown if row}


def act_to_undo() -> int:
    """Returns the id of the act that this form takes back.

    Raises:
        NotFound: the form has none.
    """
    act_id = row_id(request.form.get("act", ""))
    if act_id is None:
        raise NotFound(gettext("There is nothing to undo."))
    return act_id


def sent() -> None:
    """Tell the next page that this form was saved, so that the browser deletes its draft."""
    if key := request.form.get("form_key", "")[:64]:
        flash(key, "sent")


def was_asked(about: object) -> bool:
    """Whether this form was asked about such a value and sent again, or was taken already."""
    return request.form.get("sure") == str(about) or audit.made_by(actor()) is not None


def own_address(path: str) -> str:
    """Returns the full address of a path: below PUBLIC_URL if it is set, else below that of this request."""
    return (current().public_url or request.url_root).rstrip("/") + path


def unchanged_or(body: str) -> ResponseReturnValue:
    """Answer a poll with the fragment, or with 304 if the page has this fragment already.

    "5 min ago" is left out of the comparison: the page counts on by itself, from the moment beside it.
    """
    response = make_response(body)
    facts = f"{i18n.reader().language} {COUNTED.sub('', body)}"
    response.set_etag(hashlib.sha1(facts.encode(), usedforsecurity=False).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def list_or(lists: Sequence[str], row: str, otherwise: str) -> str:
    """Returns the address to which a plain form goes back: its row in the list, filtered as it was, or `otherwise`."""
    here = urlsplit(request.referrer or "")
    if here.path not in lists or here.netloc != request.host:
        return otherwise
    return f"{here.path}{'?' if here.query else ''}{here.query}#{row}"


@dataclass(frozen=True)
class Outlook:
    """When the messages of an act go out, in words."""

    says: str
    seconds: float = 0  # Until then; 0 if there is nothing to count.
    counts: str = ""  # The same with {n} in place of the seconds.
    then: str = ""  # What is said after that.


def flash_toast(
    text: str, *, outlook: Outlook | None = None, undo: dict[str, Any] | None = None, kind: str = "message"
) -> None:
    """Show a toast on the next page; `undo`: url and fields of the form that takes the act back."""
    said = Markup(render_template("_flash.html", text=text, outlook=outlook, undo=undo))  # noqa: S704  # It escapes.
    flash(said, kind)


def fragment_or_redirect(
    template: str,
    *,
    otherwise: str,
    toast: str = "",
    outlook: Outlook | None = None,
    undo: dict[str, Any] | None = None,
    tone: str = "",
    status: int = 200,
    **context: Any,
) -> ResponseReturnValue:
    """Answer an act: the changed fragment with a toast beside it, or a redirect with the toast on the next page.

    `outlook`: when its messages go out. `undo`: url, fields and (for HTMX) target of the form that takes the act back.
    `tone`: "bad" for what was not done; its toast stays until it is dismissed. `status`: that of the fragment.
    """
    banner.forget()
    if not htmx:
        if toast:
            flash_toast(toast, outlook=outlook, undo=undo, kind="error" if tone == "bad" else "message")
        return redirect(otherwise, 303)
    body = render_template(template, **context)
    if toast:
        needs = {"text": toast, "outlook": outlook, "undo": undo, "tone": tone}
        body += render_template("_toast.html", oob=True, keep=tone == "bad", **needs)
    return body, status
