"""Tells people of alerts, by e-mail and by webhook, straight from this process: the queue may be what is stuck.

A row is told until its mark says so. One process at a time tells, by a lease of its own in the database, and no
transaction is open meanwhile. A process that dies before the first byte has told nothing, and the next holder of the
lease tells it. One that dies after the last byte and before the mark lets it be told twice: better than never.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import structlog
from flask import current_app
from sqlalchemy import Update, and_, or_, select, update

from webapp import clock
from webapp.channels import webhook
from webapp.channels.smtp import staff_mail
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import TELLING, Alert
from webapp.services.alerts import watch
from webapp.services.alerts.causes import CAUSES, title
from webapp.services.housekeeping import heartbeats, leases
from webapp.settings import current

SLACK_SECONDS = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 300.0  # Between two tries of one alert.
OVER_FOR_SECONDS = 3600.0  # That something is over is no news after an hour.
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Way:
    """One way to tell. `tell` returns what went wrong, and whether to try again."""

    label: str  # With a colon it begins a line of `Alert.problem` while this way has not told the alert.
    tell: Callable[[str, str], tuple[str, bool]]


class Patience:
    """When this process tries each alert next. Used by one thread."""

    def __init__(self) -> None:
        self._next: dict[tuple[int, bool], tuple[float, float]] = {}

    def is_over(self, alert: Alert) -> bool:
        """Returns whether an alert may be tried now."""
        return clock.monotonic() >= self._next.get(_phase(alert), (0.0, 0.0))[0]

    def failed(self, alert: Alert) -> None:
        """Wait longer after each failure."""
        pause = min(max(self._next.get(_phase(alert), (0.0, 0.0))[1] * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._next[_phase(alert)] = (clock.monotonic() + pause, pause)

    def told(self, alert: Alert) -> None:
        """Forget an alert that was told."""
        self._next.pop(_phase(alert), None)


def tell_pending() -> int:
    """Tell each beginning and end that nobody was told yet. Returns how many were told in every way."""
    if not ways():
        return 0
    patience = cast("Patience", current_app.extensions.setdefault("bellhop_patience", Patience()))
    waiting = [alert for alert in _pending() if patience.is_over(alert)]
    if not waiting:
        return 0
    leases.ensure([TELLING])
    return sum(_tell(alert.id, patience) for alert in waiting)


def ways() -> list[Way]:
    """Returns how people are told, by the settings. Without any, the queue page alone shows alerts."""
    chosen = []
    if current().alert_emails:
        chosen.append(Way("E-mail", _mail))
    if current().alert_webhook_url:
        chosen.append(Way("Webhook", _post))
    return chosen


def _tell(alert_id: int, patience: Patience) -> bool:
    """Tell one alert, if this process holds the lease and nobody has told it meanwhile."""
    me = heartbeats.this_process()
    if TELLING not in leases.hold(
        [TELLING], me, seconds=current().mail_deadline + webhook.TOTAL_SECONDS + SLACK_SECONDS
    ):
        return False
    try:
        alert = next((alert for alert in _pending() if alert.id == alert_id), None)
        return alert is not None and _tell_now(alert, patience)
    finally:
        leases.release(me, TELLING)


def _tell_now(alert: Alert, patience: Patience) -> bool:
    results = [(way, *way.tell(*words_of(alert))) for way in ways() if _is_left(way, alert)]
    problem = "\n".join(f"{way.label}{':' if again else ', in part'} {why}"[:240] for way, why, again in results if why)
    done = not any(again for _, _, again in results)
    with writing():
        db.session.execute(_mark(alert, problem, done=done))
    if done:
        patience.told(alert)
        log.info("People were told of an alert.", alert=alert.cause, subject=alert.subject)
    else:
        patience.failed(alert)
        log.warning("People could not be told of an alert yet.", alert=alert.cause, subject=alert.subject)
    return done


def _is_left(way: Way, alert: Alert) -> bool:
    """Returns whether this way has not told the alert yet: at first none has, later those that left their line."""
    return not alert.problem or f"{way.label}: " in alert.problem


def _mark(alert: Alert, problem: str, *, done: bool) -> Update:
    """Returns the UPDATE that records how it went. An alert that ended meanwhile still waits for its end to be told."""
    column = "over_told_at" if alert.over_at else "told_at"
    same_phase = Alert.over_at.is_not(None) if alert.over_at else Alert.over_at.is_(None)
    values = {"problem": problem} | ({column: now()} if done else {})
    return update(Alert).where(Alert.id == alert.id, same_phase).values(values)


def _pending() -> Sequence[Alert]:
    begun = and_(Alert.over_at.is_(None), Alert.told_at.is_(None))
    ended = and_(Alert.over_at > later(-OVER_FOR_SECONDS), Alert.over_told_at.is_(None))
    return watch.read(select(Alert).where(or_(begun, ended)).order_by(Alert.id).limit(50))


def words_of(alert: Alert) -> tuple[str, str]:
    """Returns subject and text: what, since when, what to do, and where to look."""
    cause = CAUSES[alert.cause]
    subject = title(alert.cause, alert.subject, is_over=alert.over_at is not None)
    if alert.over_at:
        lines = [f"It lasted from {_moment(alert.since)} to {_moment(alert.over_at)}.", f"It was: {alert.sentence}"]
    else:
        lines = [alert.sentence, f"Since {_moment(alert.since)}.", cause.advice]
    base = current().public_url.rstrip("/")
    return f"{current().business_name}: {subject}", "\n".join([*lines, *([base + cause.page] if base else [])])


def _moment(moment: datetime) -> str:
    local = moment.astimezone(current().zone)
    return f"{local:%H:%M:%S %Z} on {local:%a} {local.day} {local:%b}"


def _mail(subject: str, text: str) -> tuple[str, bool]:
    """Mail it to everybody. It is told once one address took it: trying again does not mend the others."""
    to = current().alert_emails
    why = staff_mail.send(to, subject, text)
    return why, all(address in why for address in to)


def _post(subject: str, text: str) -> tuple[str, bool]:
    why = webhook.post(current().alert_webhook_url, f"{subject}\n{text}")
    return why, bool(why)


def _phase(alert: Alert) -> tuple[int, bool]:
    return alert.id, alert.over_at is not None
