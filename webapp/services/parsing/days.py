"""Reading days and times of day as people, shops and spreadsheets write them.

A day such as 03/04/2026 can be read in two ways: its column decides. Names of months are those of CLDR in the languages
below; a name that means different months in two of them is not read.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

from babel import Locale

from webapp.i18n import N_, gettext, long_day
from webapp.i18n import month as month_name
from webapp.services.parsing.text import one_line

DAY_HINT = N_("Write a day such as 2026-11-23 or 23.11.2026.")
TIME_HINT = N_("Write a time such as 18:30.")
_NO_SUCH_DAY = N_("There is no such day. Check the day and the month.")
_LANGUAGES = (
    "en de fr es it nl pt pl sv da nb fi tr cs sk hu ro hr sl bg ru uk el et lv lt is ca id".split()  # noqa: SIM905
)
_SERIAL = re.compile(r"[1-9]\d{4}([.,]\d+)?")
_HALVES = {
    "a": ("am", "a", "上午", "午前", "早上", "오전"),
    "p": ("pm", "p", "下午", "午後", "晚上", "오후"),
}
_HALF = "|".join(sorted((word for words in _HALVES.values() for word in words), key=len, reverse=True))
_TIME = re.compile(
    rf"(?P<before>{_HALF})?\s*(?P<hour>\d{{1,2}})"
    r"(?:\s*[:.h時时点시]\s*(?P<minute>\d{2})(?::?\d{2}(?:[.,]\d+)?)?\s*[分분]?|\s*(?P<whole>[h時时点시]))?"
    rf"\s*(?P<after>{_HALF})?\s*(?:uhr|u|hrs?|h|o'clock)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:-|–|—|~|〜| to | bis | until | a | à )\s*(?=\D{0,3}\d)", re.IGNORECASE)
_BETWEEN = re.compile(r"^[\sT,@|·–—-]*(?:(?:at|um|à|às|alle|om|kl\.?|a las|ore)\s)?\s*", re.IGNORECASE)


class DayOrder(StrEnum):
    """Whether the day or the month comes first in 03/04/2026."""

    DAY = "day"
    MONTH = "month"


def plain(text: str) -> str:
    """Returns the text on one line, with full-width digits and marks as ASCII."""
    return one_line(unicodedata.normalize("NFKC", text))


def order_in(text: str) -> DayOrder | None:
    """Returns what comes first in a day of numbers; None if it can be read in two ways."""
    numbers = re.match(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b", plain(text))
    if not numbers:
        return None
    first, second = int(numbers[1]), int(numbers[2])
    if first > 12 >= second:
        return DayOrder.DAY
    return DayOrder.MONTH if second > 12 >= first else None


def order_of(column: Iterable[str]) -> DayOrder | None:
    """Returns what comes first in a column of days; None if no cell tells, or cells contradict each other."""
    orders = {order for text in column if (order := order_in(text))}
    return orders.pop() if len(orders) == 1 else None


def is_two_ways(text: str) -> bool:
    """Whether the month and the day of a date can be exchanged."""
    numbers = re.match(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b", plain(text))
    return numbers is not None and numbers[1] != numbers[2] and order_in(text) is None


def day_of(text: str, order: DayOrder | None = None) -> date:
    """Read a day. Of numbers alone the first is the day, unless `order` says otherwise.

    Raises:
        ValueError: there is no such day.
    """
    return split_day(text, order)[0]


def exact_moment(text: str) -> datetime | None:
    """Returns the moment of a text in ISO 8601 with an offset; None for any other text.

    Raises:
        ValueError: there is no such moment.
    """
    line = plain(text).upper()
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$", line):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", line))
    except ValueError as error:
        raise ValueError(f"{gettext(_NO_SUCH_DAY)} {gettext(DAY_HINT)}") from error


def time_of(text: str) -> time:
    """Read a time of day; of a span such as 10:00 - 12:00 the beginning.

    Raises:
        ValueError: there is no such time.
    """
    line = re.sub(r"(?i)\b([ap])\.? ?m\.?(?!\w)", r"\1m", plain(text))
    begins, *ends = _RANGE.split(line, maxsplit=1)
    found = _TIME.fullmatch(begins.strip())
    if not found or not (found["minute"] or found["whole"] or found["before"] or found["after"] or _says_hour(line)):
        raise ValueError(gettext(TIME_HINT))
    if re.fullmatch(r"0\.\d+", begins.strip()):
        sentence = gettext("%(cell)s is a spreadsheet’s number for a time. Format the column as a time.", cell=begins)
        raise ValueError(f"{sentence} {gettext(TIME_HINT)}")
    half = _half(found["before"] or found["after"] or _half_of_end(found, ends))
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half and not 1 <= hour <= 12:
        raise ValueError(gettext(TIME_HINT))
    try:
        return time(hour % 12 + (12 if half == "p" else 0) if half else hour, minute)
    except ValueError as error:
        raise ValueError(gettext(TIME_HINT)) from error


def _says_hour(line: str) -> bool:
    return re.search(r"(?i)\d\s*(uhr|hrs?|o'clock)$", line) is not None


def _half(word: str | None) -> str:
    return next((half for half, words in _HALVES.items() if word and word.lower() in words), "")


def _half_of_end(found: re.Match[str], ends: list[str]) -> str | None:
    """Returns the AM or PM that is written once, behind both times of a span.

    Raises:
        ValueError: the span begins later than it ends, as 11:00 - 1:00 PM does, so the mark is not that of both.
    """
    last = _TIME.fullmatch(ends[0].strip()) if ends else None
    if last is None or not (last["before"] or last["after"]):
        return None
    if int(found["hour"]) % 12 > int(last["hour"]) % 12:
        sentence = gettext("Say whether it begins before or after noon.")
        raise ValueError(f"{sentence} {gettext(TIME_HINT)}")
    return last["before"] or last["after"]


def split_day(text: str, order: DayOrder | None = None) -> tuple[date, str]:
    """Returns a day and the text after it.

    Raises:
        ValueError: there is no such day.
    """
    line = plain(text)
    if _SERIAL.fullmatch(line):
        sentence = N_("%(cell)s is a spreadsheet’s number for a day. Format the column as a date, and export again.")
        raise ValueError(gettext(sentence, cell=line))
    for pattern, kind in _DAYS:
        if found := pattern.match(line):
            day = _day(kind, found, order)
            return day, _BETWEEN.sub("", line[found.end() :]).strip(" ,")
    raise ValueError(gettext(DAY_HINT))


def _day(kind: str, found: re.Match[str], order: DayOrder | None) -> date:
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    if kind == "named":
        month, day = _months().get(_name(found["month"]), 0), int(found["day"])
        if not month:
            raise ValueError(gettext(DAY_HINT))
    else:
        month, day = int(found["month"]), int(found["day"])
        if kind == "numbers" and order is DayOrder.MONTH:
            month, day = day, month
    if not is_possible_year(year):
        raise ValueError(f"{wrong_year(year)} {gettext(DAY_HINT)}")
    try:
        return date.fromisocalendar(year, month, day) if kind == "week" else date(year, month, day)
    except ValueError as error:
        wrong = gettext(_NO_SUCH_DAY) if kind == "week" else _no_such(day, month, year)
        raise ValueError(f"{wrong} {gettext(DAY_HINT)}") from error


def _no_such(day: int, month: int, year: int) -> str:
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return gettext(_NO_SUCH_DAY)
    name = month_name(date(year, month, 1))
    return gettext("There is no %(day)s %(month)s %(year)s.", day=day, month=name, year=year)


def _name(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c)).strip(".")


@cache
def _months() -> dict[str, int]:
    """Returns the number of each month by its full and short names."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for language in _LANGUAGES:
        for names in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in names[width].items():
                    found[_name(name)].add(number)
    found["sept"].add(9)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


_END = r"(?=$|[T\s,])"
_WEEKDAY = r"(?:[^\W\d]+(?:-feira)?\.?,?\s+)?"
_MONTH = r"(?P<month>[^\W\d]+)\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_NTH = r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th|er|º|ª|o)?"
_EASTERN = r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일](?:\s*\(\w+\))?"
_DAYS = tuple(
    (re.compile(pattern + _END, re.IGNORECASE), kind)
    for pattern, kind in (
        (rf"{_WEEKDAY}(?P<year>\d{{4}})(?P<sign>[-/.]?)(?P<month>\d{{2}})(?P=sign)(?P<day>\d{{2}})", "year first"),
        (rf"{_WEEKDAY}(?P<year>\d{{4}})([-/.] ?)(?P<month>\d{{1,2}})[-/.] ?(?P<day>\d{{1,2}})\.?", "year first"),
        (_EASTERN, "year first"),
        (r"(?P<year>\d{4})-?W(?P<month>\d{2})-?(?P<day>\d)", "week"),
        (rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?P<sign>[./-])(?P<month>\d{{1,2}})(?P=sign){_YEAR}", "numbers"),
        (rf"{_WEEKDAY}(?P<day>\d{{1,2}})\. (?P<month>\d{{1,2}})\. {_YEAR}", "numbers"),
        (rf"{_WEEKDAY}(?:le |el |den )?{_NTH}[ -](?:de |di |of )?{_MONTH},?[ -](?:de |del |di )?{_YEAR}", "named"),
        (rf"{_WEEKDAY}{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})", "named"),
    )
)  # fmt: skip


def is_possible_year(year: int) -> bool:
    """Whether a booking can start in this year; any other year is a mistake."""
    return 2000 <= year < 2200


def wrong_year(year: int) -> str:
    """Returns the sentence for any other year."""
    return gettext("The year %(year)s cannot be right: use 2000 to 2199.", year=year)


def far(day: date, today: date) -> str:
    """Returns a warning for the day of a booking that is past or years away; else an empty text."""
    if day < today:
        return gettext("It starts in the past: %(day)s.", day=long_day(day, year=True))
    if day > today + timedelta(days=3 * 366):
        return gettext("It starts in %(year)s. Is the year right?", year=day.year)
    return ""
