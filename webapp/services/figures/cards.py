"""The board's figures in words, a card each: the same on the page and in the morning mail."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from webapp import money
from webapp.monitor.format import span
from webapp.services.figures.current import Figures
from webapp.services.figures.sums import Sums
from webapp.settings import current

UNCOUNTED = "not counted yet"
NAMES = ("Told within 10 s", "Delivered", "Failed", "Tried again")
NOTHING = ("nothing fell due", "no SMS or WhatsApp was sent", "nothing was sent", "nothing fell due")


@dataclass(frozen=True)
class Card:
    """A figure: its name, its value (None: unknown), what stands below it, and how it is to be seen."""

    name: str
    value: str | None
    sub: str
    tone: str = ""
    since: datetime | None = None  # Shown as its age in place of the value.
    is_stale: bool = False


def now(figures: Figures) -> list[Card]:
    """The figures of the last 24 hours, what waits at this moment, and what this month costs."""
    today = figures.today.told_share if figures.today else None
    more = f" · today {percent(today)}" if today is not None else ""
    partly = "" if figures.is_day_whole else " · still being counted"
    cards = [*of(figures.day, told=more, partly=partly, is_stale=figures.is_stale), _oldest(figures.oldest_due_at)]
    return [*cards, cost(figures.parts, figures.month, is_whole=figures.is_month_whole, is_stale=figures.is_stale)]


def of(sums: Sums | None, *, told: str = "", partly: str = "", is_stale: bool = False) -> list[Card]:
    """The four shares of some messages."""
    if sums is None:
        return [Card(name, None, UNCOUNTED, is_stale=is_stale) for name in NAMES]
    shares = (sums.told_share, sums.delivered_share, sums.failed_share, sums.retried_share)
    subs = (
        f"95 of 100 within {wait(sums.p95)}{told}" if sums.p95 is not None else f"of {sums.due:,}, none was sent",
        f"{sums.delivered:,} of {sums.confirmable:,} SMS and WhatsApp",
        f"{sums.failed:,} of {sums.ended:,}{_mark(sums.failed_share)}",
        f"{sums.retried:,} of {sums.due:,}",
    )
    tones = ("", "", "bad" if _is_much(sums.failed_share) else "", "")
    return [
        Card(name, "–", nothing + partly, is_stale=is_stale)
        if share is None
        else Card(name, percent(share), sub + partly, tone, is_stale=is_stale)
        for name, share, sub, tone, nothing in zip(NAMES, shares, subs, tones, NOTHING, strict=True)
    ]


def cost(parts: int | None, month: date, *, is_whole: bool = True, is_stale: bool = False) -> Card:
    """The SMS parts of a month, and what they cost where that is known."""
    price, currency = current().sms_part_price, current().sms_price_currency
    name = f"SMS parts in {month:%B}"
    if parts is None:
        return Card(name, None, UNCOUNTED, is_stale=is_stale)
    said = f"cost {money.about(parts * price, currency)}" if price else "no price set: SMS_PART_PRICE"
    return Card(name, f"{parts:,}", said + ("" if is_whole else " · still being counted"), is_stale=is_stale)


def percent(share: float | None) -> str:
    """A share as staff read it; only all is 100 %, and only nothing 0 %. Of nothing there is none."""
    if share is None:
        return "–"
    shown = round(100 * share, 1)
    if shown in (0, 100) and share not in (0, 1):
        return "under 0.1 %" if share < 0.5 else "99.9 %"
    return f"{shown:g} %"


def wait(seconds: float | None) -> str:
    """A wait, or that it was longer than is counted."""
    if seconds is None:
        return "–"
    return "more than 1 h" if math.isinf(seconds) else span(seconds)


def _oldest(due_at: datetime | None) -> Card:
    if due_at is None:
        return Card("Oldest waiting", "–", "nothing waits")
    return Card("Oldest waiting", "", "since it was due", since=due_at)


def _is_much(failed: float | None) -> bool:
    return failed is not None and failed > current().alert_failed_share


def _mark(failed: float | None) -> str:
    """Said in words too: a colour alone is not seen by everybody."""
    return f" · above {percent(current().alert_failed_share)}" if _is_much(failed) else ""
