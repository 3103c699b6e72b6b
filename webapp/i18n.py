"""Sentences, dates, times, numbers and amounts in the language of the reader.

A member of staff chooses a language on /account; without a choice the browser's wish counts. Outside a browser's
request (worker, commands, JSON API) everything is English. Catalogues: `webapp/translations/`, made by
`make catalogue`. Texts for guests have their own languages and rules: `services/texts/`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from gettext import NullTranslations

import flask_babel
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from markupsafe import Markup

from webapp import clock, money, programs
from webapp.faults import N_
from webapp.settings import current

__all__ = ["N_"]  # Handed on: it stands in `faults`, because errors are left of this module.

# The languages that staff can choose, each by its own name.
LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
ENGLISH = "en"
CATALOGUES = "webapp/translations"
_ENGLISH = NullTranslations()
# The day stands before the month and the day has 24 hours in English too.
_ENGLISH_DATES = Locale("en", "GB")


def gettext(sentence: str, **values: object) -> str:
    """Returns a sentence in the language of the reader, its named placeholders filled in: `%(name)s`."""
    text = _catalogue().gettext(sentence) if sentence else ""  # gettext("") is a catalogue's head.
    return text % values if values else text


def ngettext(singular: str, plural: str, count: int, **values: object) -> str:
    """Returns the sentence for a count, which is also the placeholder `%(num)s`."""
    return _catalogue().ngettext(singular, plural, count) % {"num": number(count), **values}


def _catalogue() -> NullTranslations:
    """Returns the sentences in the language of the reader; the request keeps them, as a page asks hundreds of times."""
    if not has_request_context():
        return _ENGLISH
    found: NullTranslations | None = getattr(request, "sentences", None)
    if found is None:
        request.sentences = found = flask_babel.get_translations()  # type: ignore[attr-defined]
    return found


def set_up(app: Flask) -> None:
    """Give the app its catalogues, and templates `_`, `ngettext` and the trans tag."""
    flask_babel.Babel(app, locale_selector=_choose, default_translation_directories=CATALOGUES)
    env = app.jinja_env
    env.policies["ext.i18n.trimmed"] = True
    # In place of those of Flask-Babel, which look for the catalogue and build a Markup in steps at each call.
    env.globals.update(
        _=_in_markup, gettext=_in_markup, ngettext=_counted_in_markup, reader=reader, languages=LANGUAGES
    )


def _in_markup(sentence: str, **values: object) -> Markup:
    text = Markup(_catalogue().gettext(sentence))  # noqa: S704 - a sentence of ours; its values are escaped.
    return text % values if values else text.replace("%%", "%")


def _counted_in_markup(singular: str, plural: str, num: int, **values: object) -> Markup:
    text = Markup(_catalogue().ngettext(singular, plural, num))  # noqa: S704
    return text % {"num": number(num), **values}


def _choose() -> str:
    if not has_request_context() or programs.is_calling():
        return ENGLISH
    # The person is not loaded for this: where the database is away, its error page must still have a language.
    chosen = getattr(g.get("_login_user"), "language", None)
    return chosen or request.accept_languages.best_match(LANGUAGES) or ENGLISH


def reader() -> Locale:
    """Returns the locale of whoever reads this answer; English outside a request."""
    return flask_babel.get_locale() or Locale(ENGLISH)


@contextmanager
def in_english() -> Iterator[None]:
    """Inside the block sentences, dates and numbers are English: for what is stored."""
    if not has_request_context():
        yield
        return
    kept, request.sentences = _catalogue(), _ENGLISH  # type: ignore[attr-defined]
    try:
        with flask_babel.force_locale(ENGLISH):
            yield
    finally:
        request.sentences = kept  # type: ignore[attr-defined]


def forget_reader() -> None:
    """Choose the language of this request anew: the person just changed it."""
    flask_babel.refresh()
    request.sentences = None  # type: ignore[attr-defined]


def _dates() -> Locale:
    return _ENGLISH_DATES if reader().language == ENGLISH else reader()


def _local(moment: datetime) -> datetime:
    return moment.astimezone(current().zone)


def number(value: float | Decimal) -> str:
    """Returns "1,200" or "1.200"."""
    return str(format_decimal(value, locale=reader()))


def amount(value: Decimal, currency: str) -> str:
    """Returns an amount as `money.shown` does, in the language of the reader."""
    return money.shown(value, currency, reader().language)


def listed(words: Iterable[str]) -> str:
    """Returns "SMS, WhatsApp and E-mail"."""
    return str(format_list(list(words), locale=_dates()))


def day(moment: date, *, weekday: bool = False, year: bool | None = None) -> str:
    """Returns "5 Mar", with the year where it is not this one (or `year` says so), and "Fri" in front on request."""
    with_year = moment.year != clock.now().astimezone(current().zone).year if year is None else year
    skeleton = f"{'y' if with_year else ''}MMM{'E' if weekday else ''}d"
    return format_skeleton(skeleton, datetime(moment.year, moment.month, moment.day), locale=_dates())  # noqa: DTZ001


def long_day(moment: date, *, year: bool = False) -> str:
    """Returns "Friday 5 March", with the year on request."""
    naive = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    return format_skeleton("yMMMMEEEEd" if year else "MMMMEEEEd", naive, locale=_dates())


def month(moment: date) -> str:
    """Returns the name of a month, such as "March"."""
    return format_date(moment, "LLLL", locale=_dates())


def hour(moment: datetime, *, seconds: bool = False) -> str:
    """Returns the time of day in the business's zone: "13:00" or "13:00:07"."""
    return format_skeleton("Hms" if seconds else "Hm", _local(moment).replace(tzinfo=None), locale=_dates())


def clock_time(moment: datetime) -> str:
    """Returns the time of day with seconds; date and time where the day is not today."""
    if _local(moment).date() == _local(clock.now()).date():
        return hour(moment, seconds=True)
    return f"{day(_local(moment))}, {hour(moment)}"


def day_time(moment: datetime) -> str:
    """Returns weekday, date and time, such as "Fri 5 Mar, 13:00"."""
    return f"{day(_local(moment), weekday=True)}, {hour(moment)}"


def full(moment: datetime) -> str:
    """Returns date, time and zone."""
    local = _local(moment)
    return f"{day(local, weekday=True, year=True)}, {hour(moment, seconds=True)} {local:%Z}"


def is_counted(moment: datetime) -> bool:
    """Returns whether the time since a moment is told, not its date."""
    return 0 <= (clock.now() - moment).total_seconds() < 86_400


def ago(moment: datetime) -> str:
    """Returns "5 min ago"; date and time from a day on, and for the future. `static/js/times.js` counts on."""
    if not is_counted(moment):
        return clock_time(moment)
    seconds = (clock.now() - moment).total_seconds()
    if seconds < 45:
        return gettext("just now")
    if seconds < 3600:
        return gettext("%(minutes)s min ago", minutes=max(1, round(seconds / 60)))
    return gettext("%(hours)s h ago", hours=round(seconds / 3600))
