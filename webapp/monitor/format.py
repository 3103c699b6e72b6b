"""Durations and sizes in words, in the language of the reader."""

from babel.numbers import format_decimal

from webapp.i18n import gettext, reader


def span(seconds: float) -> str:
    """Returns a duration, such as "4.2 s" or "3 min"."""
    if seconds < 60:
        return gettext("%(seconds)s s", seconds=_number(seconds))
    if seconds < 3600:
        return gettext("%(minutes)s min", minutes=round(seconds / 60))
    if seconds < 86_400:
        return gettext("%(hours)s h", hours=round(seconds / 3600))
    return gettext("%(days)s days", days=round(seconds / 86_400))


def size(count: float) -> str:
    """Returns a number of bytes, such as "12 MB"."""
    mega = count / 2**20
    if mega < 10_240:
        return gettext("%(size)s MB", size=_number(mega))
    return gettext("%(size)s GB", size=format_decimal(mega / 1024, "#,##0.0", locale=reader()))


def _number(value: float) -> str:
    """Returns a number, with one decimal below 10."""
    return str(format_decimal(value, "0.0" if value < 10 else "#,##0", locale=reader()))
