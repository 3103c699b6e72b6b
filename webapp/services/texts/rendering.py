"""Fills in the texts for guests, in a sandbox: the text that an admin wrote, else the built-in one.

Built-in texts are in `templates/texts/<event>/<language>/`. Only plain strings go in, a missing name is an error, and
the result is kept in the message's row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_time
from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from webapp import money
from webapp.models import Booking, ChannelName, Event
from webapp.services.parsing.text import in_own_direction, one_line
from webapp.services.texts import mail_html, overrides
from webapp.services.texts.overrides import Wording
from webapp.settings import ROOT, current

FOLDER = ROOT / "templates" / "texts"
FOLDERS = [FOLDER]  # A package that adds a channel adds its folder of texts.
FALLBACK = "en"
TYPED = ("name", "service", "reason", "business")  # People typed these, in any script.
ABOUT_PAYMENT = (Event.PAYMENT_VERIFIED, Event.PAYMENT_REJECTED, Event.PAYMENT_REVERSED)
SUMS = ("still_due", "overpaid")  # Empty if there is none, so that a text can leave the sentence out.
ZERO = "zero"  # No placeholder: the value of an empty sum where a sentence cannot be left out.
_HALF_DAYS = re.compile("[abBhK]")  # Letters of CLDR's patterns for 12-hour clocks.
# Spaces and apostrophes that GSM-7 does not have, and those that it has: else the price of an SMS doubles.
_SMALL = str.maketrans(
    {"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
)


@dataclass(frozen=True)
class Text:
    """One rendered message."""

    body: str
    subject: str = ""
    html: str = ""


# Nothing is escaped here: the result is plain text, and an e-mail's HTML escapes it as a whole.
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


@lru_cache(maxsize=500)
def _compiled(source: str) -> Template:
    """Compile a text once: it costs a millisecond, and a text is used for months."""
    return _environment.from_string(source)


def language_of(event: Event, wanted: str) -> str:
    """Returns the wanted language if the event has texts in it, else de for de-AT, else English."""
    if not wanted.replace("-", "").isalnum():
        return FALLBACK
    for language in (wanted, wanted.partition("-")[0]):
        if is_built_in(event, language) or overrides.newest(event, language):
            return language
    return FALLBACK


@lru_cache(maxsize=500)
def is_built_in(event: Event, language: str) -> bool:
    """Returns whether Bellhop came with texts of an event in a language."""
    return (FOLDER / event / language).is_dir()


@lru_cache(maxsize=500)
def built_in(event: Event, channel: ChannelName, language: str) -> Wording:
    """Returns the text that came with Bellhop, in English if it came with none in that language."""
    body, subject = ("body.txt", "subject.txt") if channel.has_subject else (f"{channel}.txt", "")
    places = [folder / event / code for code in (language, FALLBACK) for folder in FOLDERS]
    place = next(place for place in places if (place / body).is_file())
    return Wording(*((place / name).read_text().strip() for name in (body, subject) if name))


def in_force(event: Event, channel: ChannelName, language: str) -> Wording:
    """Returns the text that the next message gets."""
    return overrides.newest(event, language).get(channel) or built_in(event, channel, language)


# The placeholders of a text. A test message is about no booking.
PLACEHOLDERS = ("name", "reference", "service", "when", "party_size", "amount", "reason", "business", "business_phone")
# Texts about a payment have more: `amount` is what the booking costs, however much of it was paid.
PAYMENT_PLACEHOLDERS = (*PLACEHOLDERS, "payment_amount", "still_due", "overpaid")
TEST_PLACEHOLDERS = ("name", "reference", "business")


def known(event: Event) -> tuple[str, ...]:
    """Returns the placeholders that a text of this event may use."""
    if event is Event.TEST:
        return TEST_PLACEHOLDERS
    return PAYMENT_PLACEHOLDERS if event in ABOUT_PAYMENT else PLACEHOLDERS


@dataclass(frozen=True)
class Paid:
    """The payment that a text is about, and what is due after it."""

    amount: Decimal
    due: Decimal  # Below 0: the guest has paid so much more than the booking costs.


def facts(booking: Booking, language: str = FALLBACK, *, reason: str = "", paid: Paid | None = None) -> dict[str, str]:
    """Returns the values of PAYMENT_PLACEHOLDERS, written in the text's language."""
    due, reason = paid.due if paid else Decimal(0), one_line(reason)
    full_stop = "。" if language.partition("-")[0] in ("ja", "zh") else "."  # A typed reason may have none.

    def sum_of(amount: Decimal) -> str:
        return money_of(amount, booking.currency, language)

    return {
        "name": one_line(booking.name),
        "reference": booking.reference,
        "service": one_line(booking.service),
        "when": when(booking.starts_at, language),
        "party_size": str(booking.party_size),
        "amount": sum_of(booking.amount),
        "reason": reason + full_stop if reason[-1:].isalnum() else reason,
        "payment_amount": sum_of(paid.amount) if paid else "",
        "still_due": sum_of(due) if due > 0 else "",
        "overpaid": sum_of(-due) if due < 0 else "",
        ZERO: sum_of(Decimal(0)),
        "business": current().business_name,
        "business_phone": current().business_phone,
    }


def when(moment: datetime, language: str = FALLBACK) -> str:
    """Returns a moment in a language and the business's time zone: "Freitag, 5. März 2027, 13:00".

    Hours are counted to 24, as on tickets. English without a country writes the day before the month.
    """
    place, local = money.locale_of(language), moment.astimezone(current().zone)
    hours = place.time_formats["short"].pattern
    hour = format_time(local, "HH:mm" if _HALF_DAYS.search(hours) else hours, locale=place)
    day = format_date(local, "EEEE d MMMM y" if str(place) == FALLBACK else "full", locale=place)
    return str(place.datetime_formats["medium"].format(hour, day)).translate(_SMALL)


def money_of(amount: Decimal, currency: str, language: str) -> str:
    """Returns an amount as it is written in a language."""
    return money.shown(amount, currency, language).translate(_SMALL)


def variables(names: Sequence[str], values: Mapping[str, str], language: str) -> dict[str, str]:
    """Returns the numbered variables of an approved template. Templates have no conditions: nothing due reads 0."""
    values = isolated(values, language)
    return {str(n): values[name] or (values[ZERO] if name in SUMS else "") for n, name in enumerate(names, start=1)}


def isolated(values: Mapping[str, str], language: str) -> dict[str, str]:
    """Returns the values, with typed ones of another direction isolated, for a text of a language."""
    return {name: in_own_direction(value, language) if name in TYPED else value for name, value in values.items()}


def render(event: Event, channel: ChannelName, language: str, values: Mapping[str, str]) -> Text:
    """Render one message's text. One look-up serves all channels of an event and language."""
    edited = overrides.newest(event, language).get(channel)
    exists = edited or is_built_in(event, language)
    return fill(edited or built_in(event, channel, language), channel, language if exists else FALLBACK, values)


def fill(wording: Wording, channel: ChannelName, language: str, values: Mapping[str, str]) -> Text:
    """Fill in a text. The HTML of an e-mail is made of its plain text."""
    title, values = values["reference"], isolated(values, language)
    body = _compiled(wording.body).render(values).strip()
    if not channel.has_subject:
        return Text(body)
    body = mail_html.without_gaps(body)
    subject = " ".join(_compiled(wording.subject).render(values).split())
    return Text(body, subject, mail_html.html(body, title=title, language=language))


def placeholders(event: Event, channel: ChannelName, language: str) -> list[str]:
    """Returns the names that the text in force uses, in the order of their first use."""
    source = in_force(event, channel, language).body
    return list(dict.fromkeys(name.name for name in _environment.parse(source).find_all(nodes.Name)))
