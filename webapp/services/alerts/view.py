"""The alerts as the queue page shows them: what is wrong now, what was over lately, and whether people were told."""

from dataclasses import dataclass
from datetime import datetime

from webapp.models import Alert
from webapp.monitor.shared import Shared
from webapp.services.alerts import causes, notify, watch
from webapp.services.alerts.causes import CAUSES
from webapp.settings import current

NOBODY = "Nobody is told of alerts outside this page: set ALERT_EMAILS or ALERT_WEBHOOK_URL."


@dataclass(frozen=True, kw_only=True)
class Line:
    """One alert."""

    id: int
    title: str
    sentence: str
    advice: str
    since: datetime
    over_at: datetime | None
    told_at: datetime | None  # The end's, once it is over.
    problem: str


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """All that the page shows of them."""

    open: tuple[Line, ...]
    over: tuple[Line, ...]
    told: str  # Who is told, and how.
    is_told: bool


def _read() -> Alerts:
    ways = notify.ways()
    return Alerts(
        open=tuple(map(_line, watch.standing())),
        over=tuple(map(_line, watch.lately_over())),
        told=_told() if ways else NOBODY,
        is_told=bool(ways),
    )


def _line(alert: Alert) -> Line:
    return Line(
        id=alert.id,
        title=causes.title(alert.cause, alert.subject, is_over=alert.over_at is not None),
        sentence=alert.sentence,
        advice=CAUSES[alert.cause].advice,
        since=alert.since,
        over_at=alert.over_at,
        told_at=alert.over_told_at if alert.over_at else alert.told_at,
        problem=alert.problem,
    )


def _told() -> str:
    to, by_hook = current().alert_emails, bool(current().alert_webhook_url)
    mail = f"{'1 address' if len(to) == 1 else f'{len(to)} addresses'} by e-mail" if to else ""
    return f"Told to {' and '.join(filter(None, (mail, 'a chat by webhook' if by_hook else '')))}."


read = Shared(_read).get
