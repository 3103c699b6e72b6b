"""Changing message texts: each change is a version of its own, and the newest is in force.

Messages that were made already keep the text they have.
"""

import re
from typing import Any

from babel import Locale
from sqlalchemy import select

from webapp.database import one_by_one, writing
from webapp.errors import Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.i18n import ENGLISH, gettext
from webapp.models import Action, ChannelName, Event, TextVersion
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.texts import catalog, overrides, rendering, validation
from webapp.services.texts.catalog import Place
from webapp.services.texts.languages import name_of
from webapp.services.texts.overrides import Wording
from webapp.services.texts.rendering import FALLBACK

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,6})?")


def save(place: Place, wording: Wording, *, seen: int, by: Actor) -> bool:
    """Put a text in force; `seen` is the version that the person started from. Returns whether anything changed.

    Raises:
        Invalid: the text cannot be sent; by field.
        Outrun: somebody changed it since.
    """
    if problems := validation.problems(wording, *place.key):
        raise Invalid(fields=problems)
    return _add(place, wording, seen, by, "edited")


def restore(place: Place, version_id: int, *, seen: int, by: Actor) -> bool:
    """Put an earlier version in force again, by adding it as the newest. Returns whether anything changed.

    Raises:
        NotFound: this text had no such version.
        Outrun: somebody changed it since.
    """
    earlier = db.session.get(TextVersion, version_id)
    if earlier is None or (earlier.event, earlier.channel, earlier.language) != place.key:
        raise NotFound(gettext("This text never had that version."))
    if earlier.is_built_in:
        return go_back(place, seen=seen, by=by)
    return _add(place, Wording(earlier.body, earlier.subject), seen, by, "an earlier version restored")


def go_back(place: Place, *, seen: int, by: Actor) -> bool:
    """Put the text that came with Bellhop in force again. Returns whether anything changed.

    Raises:
        Outrun: somebody changed it since.
    """
    return _add(place, None, seen, by, "back to the built-in text")


def add_language(code: str, *, by: Actor) -> str:
    """Copy the English texts into a language, to be translated one by one. Returns the language as it is kept.

    Raises:
        Invalid: it is no language tag, or it is there already.
    """
    language, _, region = code.strip().partition("-")
    plain = language.lower() + (f"-{region}" if region else "")
    if not LANGUAGE.fullmatch(plain):
        raise Invalid(fields={"code": gettext("Enter a language code such as fr or pt-BR.")})
    copies = [
        (event, channel, rendering.in_force(event, channel, FALLBACK)) for event in Event for channel in ChannelName
    ]
    with writing():
        one_by_one("bellhop.texts")
        if plain in catalog.languages():
            raise Invalid(fields={"code": gettext("%(language)s is here already.", language=name_of(plain))})
        for event, channel, wording in copies:
            _version(Place(event, channel, plain), wording, by)
        name = name_of(plain, Locale(ENGLISH))
        audit.record(Action.TEXT_CHANGED, by=by, language=name, how="copied from English")
    overrides.forget()
    return plain


def _add(place: Place, wording: Wording | None, seen: int, by: Actor, how: str) -> bool:
    """Add a version, unless that text is in force already, as after a double click. None is the built-in text."""
    after = wording or rendering.built_in(*place.key)
    with writing():
        one_by_one("bellhop.texts")
        newest = newest_version(place)
        before = rendering.built_in(*place.key) if newest is None or newest.is_built_in else _of(newest)
        if after == before:
            return newest is not None and newest.id != seen
        if (newest.id if newest else 0) != seen:
            name = newest.author if newest else gettext("Somebody")
            raise Outrun(gettext("%(name)s changed this text while you wrote. Yours is not saved.", name=name))
        _version(place, wording, by)
        audit.record(Action.TEXT_CHANGED, by=by, text=place.label, how=how, **_change(place, before, after))
    overrides.forget()
    return True


def _change(place: Place, before: Wording, after: Wording) -> dict[str, Any]:
    """Returns the change for the audit log. The body of an e-mail is in the history of its versions."""
    if not place.channel.has_subject:
        return {"wording": [before.body, after.body]}
    return {} if before.subject == after.subject else {"subject": [before.subject, after.subject]}


def newest_version(place: Place) -> TextVersion | None:
    """Returns the version in force; None if nobody ever changed the text."""
    newest = select(TextVersion).where(*catalog.is_of(place)).order_by(TextVersion.id.desc()).limit(1)
    return db.session.scalar(newest)


def _version(place: Place, wording: Wording | None, by: Actor) -> None:
    kept = wording or Wording("")
    version = TextVersion(
        event=place.event, channel=place.channel, language=place.language, subject=kept.subject, body=kept.body,
        is_built_in=wording is None, user_id=by.user_id, author=by.name,
    )  # fmt: skip
    db.session.add(version)


def _of(version: TextVersion) -> Wording:
    return Wording(version.body, version.subject)
