"""WhatsApp's approved templates: which Content SID and variables an event and language uses."""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import words
from webapp.database import writing
from webapp.errors import Invalid, Outrun
from webapp.extensions import db
from webapp.models import Action, ChannelName, Event, WhatsAppTemplate
from webapp.services import audit
from webapp.services.audit import BELLHOP, Actor
from webapp.services.texts import rendering

CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")


def of(event: Event, language: str) -> WhatsAppTemplate | None:
    """The template of an event and language."""
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
    """Set the template of an event and language; the variables by default are its text's placeholders in order.

    `was` is the SID that the person saw, if one did.

    Raises:
        Invalid: the SID is none, a variable is unknown, or the booking reference is not among them.
        Outrun: somebody set another one since it was seen.
    """
    if not CONTENT_SID.fullmatch(content_sid):
        raise Invalid(fields={"content_sid": "A Content SID is HX and 32 hexadecimal digits."})
    names = list(
        variables or rendering.placeholders(event, ChannelName.WHATSAPP, rendering.language_of(event, language))
    )
    known = rendering.known(event)
    if unknown := [name for name in names if name not in known]:
        raise Invalid(fields={"variables": f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}."})
    if "reference" not in names:
        # Look-ups recognise a message by the booking's reference in its text.
        raise Invalid(fields={"variables": "The booking's reference must be among the variables."})
    try:
        with writing():
            _put(event, language, content_sid, names, by, was)
    except (Outrun, IntegrityError) as refusal:
        first = audit.first_result(by, refusal).detail  # A double click: its first post was taken.
        if (first["template"][1], first["variables"]) != (content_sid, names):
            raise Outrun("This form was sent before, with something else. Reload the page, then set it.") from refusal
    return names


def _put(event: Event, language: str, content_sid: str, names: list[str], by: Actor, was: str | None) -> None:
    row = of(event, language) or WhatsAppTemplate(event=event, language=language, content_sid="")
    if was is not None and row.content_sid not in (was, content_sid):
        raise Outrun(f"The template is {row.content_sid} by now: somebody set it just before you.")
    text = f"{words.EVENT[event].label}, WhatsApp, {language}"
    audit.record(Action.TEXT_CHANGED, by=by, text=text, template=[row.content_sid, content_sid], variables=names)
    row.content_sid, row.variables = content_sid, names
    db.session.add(row)
