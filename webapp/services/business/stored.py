"""The settings in force: the environment first, then what admins set, then the defaults.

Settings are asked for hundreds of times in a request, and a hand-over must hold no transaction. So the rows are read
at most once a second, on a connection of their own. A change counts within a second in all processes.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from flask import Flask, current_app
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from webapp.database import reading_rows
from webapp.database.waits import watch
from webapp.faults import TROUBLE
from webapp.models import Setting
from webapp.monitor.shared import Shared
from webapp.services.business.fields import FIELDS
from webapp.setting_values import Unusable
from webapp.setting_values.wrong import reason
from webapp.settings import IN_FORCE, Settings

LAST = "bellhop_settings_last"  # What was read last, for the time when the database does not answer.
_rows = Setting.__table__.c
Texts = Mapping[str, str]


class Merged:
    """An app's settings with those that admins set, made anew only if one of the two is another."""

    def __init__(self) -> None:
        self._made: tuple[Settings, Texts, Settings] | None = None

    def __call__(self, base: Settings) -> Settings:
        texts, made = _known.get(), self._made
        if made is None or made[0] is not base or made[1] is not texts:
            made = self._made = (base, texts, over(base, texts))
        return made[2]


def set_up(app: Flask) -> None:
    """Let `settings.current` of this app see what admins set."""
    app.extensions[IN_FORCE] = Merged()


def over(base: Settings, texts: Texts) -> Settings:
    """Returns the settings with what admins set, where the environment says nothing."""
    values = {}
    for name, text in texts.items():
        if name in FIELDS and name not in base.model_fields_set:
            try:
                values[name] = parse(name, text)
            except Unusable:
                continue  # Another version of Bellhop wrote it: the default holds.
    return base.model_copy(update=values) if values else base


@cache
def _kind(name: str) -> TypeAdapter[Any]:
    field = Settings.model_fields[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(kind)


def parse(name: str, text: str) -> Any:
    """Returns the value of one setting, checked as in the environment.

    Raises:
        Unusable: the message says what it must be.
    """
    try:
        return _kind(name).validate_python(text)
    except ValidationError as error:
        raise reason(error) from None


def _read() -> Texts:
    """Returns the texts of the table; those of before if the database does not answer."""
    last: Texts = current_app.extensions.setdefault(LAST, {})
    if watch().is_suspect():
        return last
    try:
        with reading_rows() as connection:
            texts = {row.name: row.value for row in connection.execute(select(_rows.name, _rows.value))}
    except TROUBLE:
        return last
    if texts != last:
        current_app.extensions[LAST] = last = texts
    return last


_known = Shared(_read)
forget = _known.forget
