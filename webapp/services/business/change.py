"""Changing settings on a page: checked like the environment, kept in the audit log, and taken back within seconds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.database import now, one_by_one, read_now, writing
from webapp.errors import Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, Audit, Booking, Setting
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.business import stored
from webapp.services.business.fields import FIELDS, GROUPS, Group, default, text_of
from webapp.setting_values import Unusable
from webapp.settings import of_environment

UNDO_SECONDS = 60  # The toast leaves earlier. A slow click still counts.
LONGEST = 2000
LATELY = 1000  # Bookings that are looked at, by the primary key.


@dataclass(frozen=True)
class Shown:
    """One setting as its page shows it."""

    name: str
    text: str
    default: str
    is_fixed: bool  # The environment sets it.
    by: str = ""
    at: datetime | None = None


def shown(group: Group) -> list[Shown]:
    """Returns the settings of a group, as the table has them now."""
    base, rows = of_environment(), {row.name: row for row in db.session.scalars(select(Setting))}
    found = []
    for name in group.fields:
        row, is_fixed = rows.get(name), name in base.model_fields_set
        if is_fixed or row is None:
            found.append(Shown(name, text_of(getattr(base, name)), default(name), is_fixed))
        else:
            found.append(Shown(name, row.value, default(name), is_fixed, row.changed_by, row.changed_at))
    return found


def key(group: Group) -> str:
    """Returns the values of a group as a form carries them, so that a second admin is noticed."""
    return _key(_texts(group))


def group(name: str) -> Group:
    """Returns the group of that name.

    Raises:
        NotFound: there is none.
    """
    found = next((group for group in GROUPS if group.name == name), None)
    if found is None:
        raise NotFound(gettext("There are no such settings."))
    return found


def save(group: Group, typed: Mapping[str, str], *, seen: str, by: Actor) -> Audit | None:
    """Set what was typed for the free settings of a group; an empty text goes back to the default.

    `seen` is what `key` gave to the form. Returns the act, None if nothing changed.

    Raises:
        Invalid: a value cannot be used; by field.
        Outrun: somebody changed one of them since.
    """
    free = [name for name in group.fields if name in typed and name not in of_environment().model_fields_set]
    wanted = _checked({name: typed[name].strip() for name in free})
    if done := audit.made_by(by):
        return done
    with writing():
        one_by_one("bellhop.settings")
        before = _texts(group)
        after = {name: None if text in ("", default(name)) else text for name, text in wanted.items()}
        changed = {name: text for name, text in after.items() if text != before.get(name)}
        if not changed:
            return None  # As after a double click.
        if _key(before) != seen:
            raise _outrun(group)
        act = _put(changed, by)
    stored.forget()
    return act


def take_back(act_id: int, *, by: Actor) -> None:
    """Undo a change, as long as nobody changed the same settings since.

    Raises:
        NotFound: there is no such change.
        Outrun: it is too late.
    """
    act = db.session.get(Audit, act_id)
    if act is None or act.action is not Action.SETTINGS_CHANGED:
        raise NotFound(gettext("There is nothing to undo."))
    if audit.made_by(by):
        return
    changes, late = act.detail["kept"], read_now() - act.at > timedelta(seconds=UNDO_SECONDS)
    with writing():
        one_by_one("bellhop.settings")
        now_set = {row.name: row.value for row in db.session.scalars(select(Setting))}
        if late or any(now_set.get(name) != after for name, (_, after) in changes.items()):
            raise Outrun(gettext("It is too late to undo this. Change the settings by hand."))
        _put({name: before for name, (before, _) in changes.items()}, by)
    stored.forget()


def other_currencies(currency: str) -> list[str]:
    """Returns the other currencies of the newest bookings; none if no currency is set."""
    if not currency:
        return []
    newest = select(Booking.currency).order_by(Booking.id.desc()).limit(LATELY)
    return sorted(set(db.session.scalars(newest)) - {currency})


def _checked(typed: Mapping[str, str]) -> dict[str, str]:
    wanted, errors = {}, {}
    for name, text in typed.items():
        try:
            if len(text) > LONGEST:
                raise Unusable("it is far too large")
            wanted[name] = text_of(stored.parse(name, text)) if text else ""
        except Unusable as error:
            why = gettext(error.sentence, **error.limits)
            errors[name] = gettext("%(setting)s: %(why)s.", setting=gettext(FIELDS[name].label), why=why)
    if errors:
        raise Invalid(fields=errors)
    return wanted


def _put(changed: Mapping[str, str | None], by: Actor) -> Audit:
    """Write rows within a transaction, and the act that says from what to what."""
    rows = {row.name: row for row in db.session.scalars(select(Setting).where(Setting.name.in_(changed)))}
    kept = {name: (rows[name].value if name in rows else None, text) for name, text in changed.items()}
    for name, text in changed.items():
        if text is None:
            db.session.delete(rows[name])
            continue
        row = rows.get(name) or Setting(name=name)
        row.value, row.changed_by, row.changed_at = text, by.name, now()
        db.session.add(row)
    said: dict[str, Any] = {
        name: [before or default(name), after or default(name)] for name, (before, after) in kept.items()
    }
    return audit.record(Action.SETTINGS_CHANGED, by=by, kept=kept, **said)


def _texts(group: Group) -> dict[str, str]:
    rows = db.session.execute(select(Setting.name, Setting.value).where(Setting.name.in_(group.fields)))
    return {row.name: row.value for row in rows}


def _key(texts: Mapping[str, str]) -> str:
    told = "\n".join(f"{name}={texts[name]}" for name in sorted(texts))
    return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""


def _outrun(group: Group) -> Outrun:
    newest = select(Setting).where(Setting.name.in_(group.fields)).order_by(Setting.changed_at.desc()).limit(1)
    row = db.session.scalar(newest)
    name = row.changed_by if row else gettext("Somebody")
    return Outrun(gettext("%(name)s changed these settings while you wrote. Yours are not saved.", name=name))
