"""Checks that an admin would otherwise make by hand each day, week or month."""

from sqlalchemy import func, select

from webapp import startup
from webapp.channels.smtp import staff_mail
from webapp.database import later, reading
from webapp.doctor.base import Check, ok, unknown, warn
from webapp.extensions import db
from webapp.i18n import gettext as _
from webapp.models import HourTally, LogLine
from webapp.monitor.queue import queue_view
from webapp.services import alerts
from webapp.services.alerts import causes, notify, unreached
from webapp.services.delivery import returned_mail
from webapp.services.housekeeping import capacity as slots
from webapp.settings import current

HOUR, WEEK = 3600.0, 7 * 86_400.0
GRAVE = ("error", "critical")
MANY_RETRIES, ENOUGH_MESSAGES = 0.1, 100


def errors() -> Check:
    """Daily: errors in the logs of web and workers."""
    lately = LogLine.at > select(later(-HOUR)).scalar_subquery(), LogLine.level.in_(GRAVE)
    with reading():
        count = db.session.scalars(select(func.count()).select_from(LogLine).where(*lately)).one()
        last = select(LogLine.process, LogLine.sentence).where(*lately).order_by(LogLine.at.desc()).limit(1)
        newest = db.session.execute(last).one_or_none()
    if newest is None:
        return ok("errors", _("Web and workers logged no error in the last hour."))
    evidence = _("%(count)s in the last hour, the newest by %(process)s: %(line)s",
                 count=count, process=newest.process, line=newest.sentence)  # fmt: skip
    return warn("errors", evidence, _("See the warnings and errors on the queue page, and the log of that process."))


def failures() -> Check:
    """Daily: guests are reached, if not by one channel then by another."""
    with reading():
        guests = unreached.of_last_hour()
    shown = _("Of %(told)s guests of the last hour %(lost)s were not reached; faults of their own addresses are left "
              "out.", told=guests.told, lost=guests.lost)  # fmt: skip
    if guests.are_many:
        return warn("failures", shown, _("Open Messages, Not reached; fix the cause, and retry them. "
                                         "flask --app wsgi send-test tries one channel."))  # fmt: skip
    return ok("failures", shown)


def retries() -> Check:
    """Weekly: retry rates."""
    sums = select(func.sum(HourTally.made), func.sum(HourTally.retried))
    with reading():
        made, retried = db.session.execute(sums.where(HourTally.hour > later(-WEEK))).one()
    if not made:
        return ok("retries", _("No message was due in the last week."))
    shown = _("%(share)s of the %(count)s messages of the last week needed more than one attempt.",
              share=f"{retried / made:.1%}", count=made)  # fmt: skip
    if made >= ENOUGH_MESSAGES and retried > made * MANY_RETRIES:
        return warn("retries", shown, _("The reasons are on the messages' pages: the provider is often down, or we "
                                        "send too fast (SMS_PER_SECOND)."))  # fmt: skip
    return ok("retries", shown)


def capacity() -> Check:
    """Monthly: the number of workers."""
    view = queue_view()
    alive = [worker for worker in view.workers if worker.alive]
    if not alive:
        return unknown("capacity", _("No worker is running."), _("Start one: python celery_worker.py."))
    advice = slots.advice(slots.week(), workers=len(alive), slots=view.slots)
    if advice.tone:
        return warn("capacity", advice.evidence, advice.title)
    return ok("capacity", f"{advice.title} {advice.evidence}")


def open_alerts() -> Check:
    """No alert is open, and somebody would hear of one."""
    # `failures` says it with the figures of now.
    if standing := [alert for alert in alerts.standing() if alert.cause != "failed_share"]:
        evidence = " ".join(f"{causes.title(alert.cause, alert.subject)}: {alert.sentence}" for alert in standing)
        return warn("alerts", evidence, causes.CAUSES[standing[0].cause].advice)
    ways = [way.label for way in notify.ways()]
    if not ways and startup.is_live(current()):
        return warn(
            "alerts", _("Alerts are shown only on the queue page."), _("Set ALERT_EMAILS or ALERT_WEBHOOK_URL.")
        )
    if "E-mail" in ways and staff_mail.provider() != "smtp":
        return warn("alerts", _("ALERT_EMAILS is set, but MAIL_SERVER is not."),
                    _("Set MAIL_SERVER, or ALERT_WEBHOOK_URL instead."))  # fmt: skip
    if not ways:
        return ok("alerts", _("No alert is open."))
    return ok("alerts", _("No alert is open. Alerts go out by %(ways)s.", ways=", ".join(ways).lower()))


def returned() -> Check:
    """No returned mail waits for a person to read it. Until then its messages are shown as sent."""
    if waiting := returned_mail.told():
        return warn("returned mail", f"{waiting}.", _("Read it under Admin, Returned mail (/admin/returned-mail), take "
                                                      "care of its message, and close it."))  # fmt: skip
    return ok("returned mail", _("No returned mail waits to be read."))


CHECKS = (errors, failures, retries, capacity, open_alerts, returned)
