"""Checks of the guide's checklist: what somebody should look at each day, week and month, looked at here."""

from sqlalchemy import func, select

from webapp import startup
from webapp.channels.smtp import staff_mail
from webapp.database import later, reading
from webapp.doctor.base import Check, ok, unknown, warn
from webapp.extensions import db
from webapp.models import TAKEN, HourTally, LogLine, MessageStatus
from webapp.monitor.queue import queue_view
from webapp.services import alerts
from webapp.services.alerts import causes, finders, notify
from webapp.services.delivery import returned_mail
from webapp.services.housekeeping import capacity as slots
from webapp.settings import current

HOUR, WEEK = 3600.0, 7 * 86_400.0
GRAVE = ("error", "critical")
MANY_RETRIES, ENOUGH_MESSAGES = 0.1, 100


def errors() -> Check:
    """Daily: error logs. Of web and workers, without a terminal."""
    lately = LogLine.at > select(later(-HOUR)).scalar_subquery(), LogLine.level.in_(GRAVE)
    with reading():
        many = db.session.scalars(select(func.count()).select_from(LogLine).where(*lately)).one()
        last = select(LogLine.process, LogLine.sentence).where(*lately).order_by(LogLine.at.desc()).limit(1)
        newest = db.session.execute(last).one_or_none()
    if newest is None:
        return ok("errors", "Web and workers logged no error in the last hour.")
    return warn("errors", f"{many} in the last hour, the newest by {newest.process}: {newest.sentence}",
                "See the warnings and errors on the queue page, and that process's own log.")  # fmt: skip


def failures() -> Check:
    """Daily: notifications are sending. Of the messages of the last hour, not too many failed."""
    with reading():
        found = {status: many for status, many in db.session.execute(finders.lately())}  # noqa: C416
    failed, taken = found.get(MessageStatus.FAILED, 0), sum(found.get(status, 0) for status in TAKEN)
    shown = f"Of the messages of the last hour {taken} were taken and {failed} failed."
    enough = failed + taken >= current().alert_failed_at_least
    if enough and failed > (failed + taken) * current().alert_failed_share:
        return warn("failures", shown, "See the failures by their cause (Messages, Not delivered), mend it, and retry "
                    "them; flask --app wsgi send-test tries one channel.")  # fmt: skip
    return ok("failures", shown)


def retries() -> Check:
    """Weekly: retry rates."""
    sums = select(func.sum(HourTally.made), func.sum(HourTally.retried))
    with reading():
        made, retried = db.session.execute(sums.where(HourTally.hour > later(-WEEK))).one()
    if not made:
        return ok("retries", "No message fell due in the last week.")
    shown = f"Of {made} messages of the last week {retried / made:.1%} needed more than one attempt."
    if made >= ENOUGH_MESSAGES and retried > made * MANY_RETRIES:
        return warn("retries", shown, "See their reasons on the messages' pages: a provider that is often away, or a "
                    "sender's rate that is too high (SMS_PER_SECOND).")  # fmt: skip
    return ok("retries", shown)


def capacity() -> Check:
    """Monthly: the number of workers."""
    view = queue_view()
    alive = [worker for worker in view.workers if worker.alive]
    if not alive:
        return unknown("capacity", "No worker is alive.", "Start one: python celery_worker.py.")
    said = slots.advice(slots.week(), workers=len(alive), slots=view.slots)
    if said.tone:
        return warn("capacity", said.evidence, said.title)
    return ok("capacity", f"{said.title} {said.evidence}")


def open_alerts() -> Check:
    """Whether something is wrong that people were told of, and whether anybody would be."""
    if standing := alerts.standing():
        told = " ".join(f"{causes.title(alert.cause, alert.subject)}: {alert.sentence}" for alert in standing)
        return warn("alerts", told, causes.CAUSES[standing[0].cause].advice)
    ways = [way.label for way in notify.ways()]
    if not ways and startup.is_live(current()):
        return warn("alerts", "Nobody is told when something is wrong, by e-mail or otherwise.",
                    "Set ALERT_EMAILS or ALERT_WEBHOOK_URL.")  # fmt: skip
    if "E-mail" in ways and staff_mail.provider() != "smtp":
        return warn("alerts", "ALERT_EMAILS is set, but no mail server is (MAIL_SERVER).",
                    "Set MAIL_SERVER, or ALERT_WEBHOOK_URL instead.")  # fmt: skip
    return ok("alerts", f"None is open. People are told by {' and '.join(ways).lower()}." if ways else "None is open.")


def returned() -> Check:
    """Whether mail came back that only a person can read: until then its messages read as sent."""
    if told := returned_mail.told():
        return warn("returned mail", f"{told}.", "Read it under Admin, Returned mail (/admin/returned-mail), see to "
                    "its message, and put it away.")  # fmt: skip
    return ok("returned mail", "None waits to be read.")


CHECKS = (errors, failures, retries, capacity, open_alerts, returned)
