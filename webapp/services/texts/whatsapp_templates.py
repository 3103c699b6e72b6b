"""WhatsApp's approved templates: which Content SID and variables an event and language uses."""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import words
from webapp.database import writing
from webapp.errors import Invalid, Outrun
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, Event, WhatsAppTemplate
from webapp.services import audit
from webapp.services.audit import BELLHOP, Actor
from webapp.services.texts import rendering

CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")


def find(event: Event, language: str) -> WhatsAppTemplate | None:
    """Returns the template of an event and language."""
    return db.session.scalar(
        select(WhatsAppTemplate).where(WhatsAppTemplate.event == event, WhatsAppTemplate.language == language)
    )


def set_whatsapp(
    event: Event,
    language: str,
    content_sid: str,
    variables: Sequence[str] | None = None,
    *,
    by: Actor = BELLHOP,
    was: str | None = None,
) -> list[str]:
    """Set the template of an event and language. Returns its variables: by default the text's placeholders in order.

    `was` is the SID that the person saw, if one did.

    Raises:
        Invalid: the SID is malformed, a variable is unknown, or the booking reference is not among them.
        Outrun: somebody set another one since it was seen.
    """
    if not CONTENT_SID.fullmatch(content_sid):
        raise Invalid(fields={"content_sid": gettext("A Content SID is HX and 32 hexadecimal digits.")})
    names = _checked(event, language, variables)
    try:
        with writing():
            _put(event, language, content_sid, names, by, was)
    except (Outrun, IntegrityError) as error:
        first = audit.first_result(by, error).detail  # A double click: its first post was taken.
        if (first["template"][1], first["variables"]) != (content_sid, names):
            sentence = gettext("This form was sent before, with something else. Reload the page, then set it.")
            raise Outrun(sentence) from error
    return names


def _checked(event: Event, language: str, variables: Sequence[str] | None) -> list[str]:
    language = rendering.language_of(event, language)
    names = list(variables or rendering.placeholders(event, WhatsAppTemplate.channel, language))
    known = rendering.known(event)
    if unknown := [name for name in names if name not in known]:
        sentence = gettext(
            "Unknown: %(unknown)s. Known: %(known)s.", unknown=", ".join(unknown), known=", ".join(known)
        )
        raise Invalid(fields={"variables": sentence})
    if "reference" not in names:
        # Look-ups recognise a message by the booking's reference in its text.
        raise Invalid(fields={"variables": gettext("The booking's reference must be among the variables.")})
    return names


def _put(event: Event, language: str, content_sid: str, names: list[str], by: Actor, was: str | None) -> None:
    row = find(event, language) or WhatsAppTemplate(event=event, language=language, content_sid="")
    if was is not None and row.content_sid not in (was, content_sid):
        raise Outrun(gettext("The template is now %(sid)s: somebody set it just before you.", sid=row.content_sid))
    text = f"{words.EVENT[event].text}, WhatsApp, {language}"
    audit.record(Action.TEXT_CHANGED, by=by, text=text, template=[row.content_sid, content_sid], variables=names)
    row.content_sid, row.variables = content_sid, names
    db.session.add(row)
