"""The board's figures in words, a card each: the same on the page and in the morning mail."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import format_percent

from webapp import i18n, money
from webapp.i18n import gettext
from webapp.monitor.format import span
from webapp.services.figures.current import Figures
from webapp.services.figures.sums import Sums
from webapp.settings import current


@dataclass(frozen=True)
class Card:
    """A figure: its name, its value (None: unknown), and the line below it."""

    name: str
    value: str | None
    sub: str
    tone: str = ""
    since: datetime | None = None  # Its age is shown in place of the value.
    is_stale: bool = False
    lacks_price: bool = False  # An admin can set it.


def now(figures: Figures) -> list[Card]:
    """Returns the figures of the last 24 hours, the oldest waiting message, and the cost of this month."""
    share = figures.today.told_share if figures.today else None
    today = gettext("today %(share)s", share=percent(share)) if share is not None else ""
    cards = shares(figures.day, today=today, is_whole=figures.is_day_whole, is_stale=figures.is_stale)
    return [
        unreached(figures.unreached),
        *cards,
        _oldest(figures.oldest_due_at),
        cost(figures.parts, figures.month, is_whole=figures.is_month_whole, is_stale=figures.is_stale),
    ]


def unreached(guests: int) -> Card:
    """Returns how many guests no channel reached."""
    sub = gettext("no channel reached them") if guests else gettext("every guest was reached, or is about to be")
    return Card(gettext("Guests not reached"), i18n.number(guests), sub, tone="bad" if guests else "")


def shares(sums: Sums | None, *, today: str = "", is_whole: bool = True, is_stale: bool = False) -> list[Card]:
    """Returns the four shares of some messages."""
    known = sums or Sums()
    counts, p95, failed = known.counts, known.p95, known.failed_share
    within = gettext("%(share)s within %(wait)s", share=percent(0.95), wait=wait(p95))
    if p95 is None:
        within = gettext("of %(number)s none was sent", number=i18n.number(known.due))
    confirmed = gettext("%(part)s of SMS and WhatsApp", part=_part(counts["delivered"], known.confirmable))
    none_due = gettext("no message was due")

    def card(name: str, share: float | None, nothing: str, *subs: str) -> Card:
        if sums is None:
            return Card(name, None, gettext("not counted yet"), is_stale=is_stale)
        parts = (nothing,) if share is None else subs
        return Card(name, percent(share), _joined(*parts, _growing(is_whole)), is_stale=is_stale)

    return [
        card(gettext("Sent within 10 s"), known.told_share, none_due, within, today),
        card(gettext("Delivered"), known.delivered_share, gettext("no SMS or WhatsApp was sent"), confirmed),
        card(gettext("Not delivered"), failed, gettext("no message was sent"), _part(counts["failed"], known.ended)),
        card(gettext("Retried"), known.retried_share, none_due, _part(counts["retried"], known.due)),
    ]


def cost(parts: int | None, month: date, *, is_whole: bool = True, is_stale: bool = False) -> Card:
    """Returns the SMS parts of a month, and their cost if a price is set."""
    price, currency = current().sms_part_price, current().sms_price_currency
    name = gettext("SMS parts in %(month)s", month=i18n.month(month))
    if parts is None:
        return Card(name, None, gettext("not counted yet"), is_stale=is_stale)
    sub = gettext("no price per SMS set")
    if price:
        sub = gettext("cost %(amount)s", amount=money.about(parts * price, currency))
    said = _joined(sub, _growing(is_whole))
    return Card(name, i18n.number(parts), said, is_stale=is_stale, lacks_price=not price)


def percent(share: float | None) -> str:
    """Returns a share such as "88.1%". Only all is 100%, and only nothing is 0%. A dash for None."""
    if share is None:
        return "–"
    shown = round(share, 3)
    if shown in (0, 1) and share not in (0, 1):
        return _percent(0.999) if shown else gettext("under %(share)s", share=_percent(0.001))
    return _percent(shown)


def _percent(share: float) -> str:
    return format_percent(share, locale=i18n.reader(), decimal_quantization=False)


def wait(seconds: float | None) -> str:
    """Returns a wait in words. Waits of more than an hour are not told apart."""
    if seconds is None:
        return "–"
    return gettext("more than 1 h") if math.isinf(seconds) else span(seconds)


def _part(part: int, whole: int) -> str:
    return gettext("%(part)s of %(whole)s", part=i18n.number(part), whole=i18n.number(whole))


def _growing(is_whole: bool) -> str:
    return "" if is_whole else gettext("still being counted")


def _joined(*facts: str) -> str:
    return " · ".join(filter(None, facts))


def _oldest(due_at: datetime | None) -> Card:
    name = gettext("Oldest waiting")
    if due_at is None:
        return Card(name, "–", gettext("nothing waits"))
    return Card(name, "", gettext("since it was due"), since=due_at)
