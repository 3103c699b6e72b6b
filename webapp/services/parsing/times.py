"""Reading local times of the business's time zone, in forms and in files.

When clocks go forward, some times of that day do not exist: they are refused. When clocks go back, some come twice: the
person is asked which one is meant, and a moment that is stored already stays.
"""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from webapp import clock
from webapp.i18n import N_, gettext, hour, long_day
from webapp.services.parsing import days
from webapp.services.parsing.days import DayOrder
from webapp.settings import current

LOCAL_FORM = "%Y-%m-%dT%H:%M"  # What <input type="datetime-local"> sends and takes.
MISSING = N_("This hour does not exist on that day: the clocks go forward. Choose another.")
TWOFOLD = N_("This time comes twice on that day: the clocks go back.")
_MIDNIGHT = time()
_NO_DATE = re.compile(r"^(?:(?:1899|1900)-\d\d-\d\d|\d\d?[./-]\d\d?[./-](?:1899|1900))[T ]|\.000Z$")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", re.ASCII)


def moments(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Returns the moments at which clocks of a zone show this time: none, one or two, the earlier first."""
    bare = wall.replace(tzinfo=None, fold=0)
    found = []
    for fold in (0, 1):
        moment = bare.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment not in found and moment.astimezone(zone).replace(tzinfo=None, fold=0) == bare:
            found.append(moment)
    return sorted(found)


def moment(
    wall: datetime, *, offset: str = "", stored: datetime | None = None, how: str = N_("Say which one.")
) -> datetime:
    """Returns the moment of a local time; of two the one with this offset from UTC, or else the stored one.

    Raises:
        ValueError: there is none, or there are two and nothing decides; `how` says what to do then.
    """
    found = moments(wall, current().zone)
    if not found:
        raise ValueError(gettext(MISSING))
    if len(found) == 1:
        return found[0]
    kept = [one for one in found if stored and one == stored.replace(second=wall.second, microsecond=wall.microsecond)]
    chosen = [one for one in found if offset_of(one) == offset] or kept
    if not chosen:
        raise ValueError(f"{gettext(TWOFOLD)} {gettext(how)}")
    return chosen[0]


def read_form(text: str, *, offset: str = "", stored: datetime | None = None) -> datetime:
    """Read the field of a form.

    Raises:
        ValueError: it is no date and time, does not exist, or comes twice.
    """
    if not _LOCAL.fullmatch(text.strip()):
        raise ValueError(gettext("Enter the date and the time, such as 2026-05-01 18:00."))
    wall = _wall(text)
    if wall is None:
        raise ValueError(gettext("There is no such date or time. Check the day and the hour."))
    if not days.is_possible_year(wall.year):
        raise ValueError(days.wrong_year(wall.year))
    return moment(wall, offset=offset, stored=stored, how=N_("Say which of the two it is."))


def _wall(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def choices(text: str) -> list[tuple[str, str]]:
    """Returns the two moments of a time that comes twice, as pairs of offset and label; else an empty list."""
    wall = _wall(text) if _LOCAL.fullmatch(text.strip()) else None
    found = moments(wall, current().zone) if wall and days.is_possible_year(wall.year) else []
    if len(found) < 2:
        return []
    sentences = N_("%(time)s (first, %(zone)s)"), N_("%(time)s (second, %(zone)s)")
    return [(offset_of(one), _label(one, sentence)) for one, sentence in zip(found, sentences, strict=True)]


def _label(one: datetime, sentence: str) -> str:
    name = one.astimezone(current().zone).tzname() or ""
    zone = f"{name}, " if name.isalpha() else ""
    return gettext(sentence, time=hour(one), zone=f"{zone}UTC{offset_of(one).replace('-', '−')}")


def offset_of(one: datetime) -> str:
    """Returns the offset of the business's zone from UTC at a moment, such as -05:00."""
    return one.astimezone(current().zone).isoformat(timespec="minutes")[-6:]


def as_local(one: datetime) -> str:
    """Returns a moment as a form shows it, in the business's zone."""
    return one.astimezone(current().zone).strftime(LOCAL_FORM)


def far(starts_at: datetime) -> str:
    """Returns a warning for a start that is past or years away; else an empty text."""
    zone, moment = current().zone, clock.now()
    said = days.far(starts_at.astimezone(zone).date(), moment.astimezone(zone).date())
    return said or (gettext("It starts earlier than now.") if starts_at < moment else "")


def past(starts_at: datetime) -> str:
    """Returns a question about a start before today; else an empty text. What began today is a guest at the desk."""
    day, today = (moment.astimezone(current().zone).date() for moment in (starts_at, clock.now()))
    return gettext("This starts in the past: %(day)s.", day=long_day(day, year=True)) if day < today else ""


def which(one: datetime) -> str:
    """Returns the offset of a moment whose local time comes twice; empty for any other moment."""
    return offset_of(one) if len(moments(one.astimezone(current().zone), current().zone)) > 1 else ""


def beside(one: datetime) -> str:
    """Returns " (UTC-05:00)" to follow a local time that comes twice; empty for any other moment."""
    return f" (UTC{offset})" if (offset := which(one)) else ""


def read_cells(cell: str, time_cell: str, order: DayOrder | None) -> datetime:
    """Read a start from a file: a day and its time in one column, or in two.

    A spreadsheet writes midnight behind a day without a time: it is ignored if the other column has a time.

    Raises:
        ValueError: the cells hold no moment or two different times, or the time does not exist or comes twice.
    """
    exact = days.exact_moment(cell)
    if exact and not days.is_possible_year(exact.year):
        raise ValueError(days.wrong_year(exact.year))
    day, inside = (exact.date(), exact.time().replace(second=0, microsecond=0)) if exact else _split(cell, order)
    apart = _time_beside(time_cell, day, order) if time_cell else None
    if exact and (apart is None or inside != _MIDNIGHT or apart == _MIDNIGHT):
        if apart not in (None, inside, exact.astimezone(current().zone).time().replace(second=0, microsecond=0)):
            raise _contradiction(inside, time_cell)
        return exact.astimezone(UTC)
    if apart is not None and inside not in (None, _MIDNIGHT, apart):
        raise _contradiction(inside, time_cell)
    begins = inside if apart is None else apart
    if begins is None:
        raise ValueError(gettext("Say at what time it starts, in this column or in another one."))
    return moment(datetime.combine(day, begins), how=N_("Write it with its offset, such as 2027-11-07T01:30:00-05:00."))


def _split(cell: str, order: DayOrder | None) -> tuple[date, time | None]:
    day, rest = days.split_day(cell, order)
    return day, days.time_of(rest) if rest else None


def _time_beside(cell: str, day: date, order: DayOrder | None) -> time:
    """Read the column of times; a spreadsheet may write day 0, or the same day, before the time."""
    bare = _NO_DATE.sub("", days.plain(cell))
    try:
        return days.time_of(bare)
    except ValueError:
        if not re.search(r"\d.*\d[ T,]+\d", bare):
            raise
    own_day, own_time = _split(bare, order)
    if own_day != day or own_time is None:
        raise _contradiction(day, cell)
    return own_time


def _contradiction(said: object, cell: str) -> ValueError:
    sentence = N_("The date says %(date)s and the time %(time)s. Leave out the one that is wrong.")
    return ValueError(gettext(sentence, date=said, time=cell[:30]))
