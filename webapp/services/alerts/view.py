"""The alerts of the queue page: the open ones, those that were over lately, and who is told of them."""

from dataclasses import dataclass

from webapp.i18n import gettext, ngettext
from webapp.models import Alert
from webapp.monitor.shared import Shared
from webapp.services.alerts import causes, notify, unreached, watch
from webapp.services.alerts.causes import CAUSES
from webapp.settings import current


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """The rows; the words are found when somebody reads them."""

    open: tuple[Alert, ...]
    over: tuple[Alert, ...]

    def title(self, alert: Alert) -> str:
        """Returns what an alert is called."""
        return causes.title(alert.cause, alert.subject, is_over=alert.over_at is not None)

    def sentence(self, alert: Alert) -> str:
        """Returns what is wrong: with the figure of now while it is open, where it is known."""
        is_live = alert.cause == unreached.CAUSE and not alert.over_at
        return (unreached.sentence() if is_live else "") or alert.sentence

    def advice(self, alert: Alert) -> str:
        """Returns what to do about it."""
        return gettext(CAUSES[alert.cause].advice)

    @property
    def told(self) -> str:
        """Who is told outside this page, and how."""
        if not notify.ways():
            return gettext("Alerts are shown only here. Enter addresses in the settings, or set ALERT_WEBHOOK_URL.")
        many, by_hook = len(current().alert_emails), bool(current().alert_webhook_url)
        if not many:
            return gettext("Told to a chat by webhook.")
        if by_hook:
            return ngettext(
                "Told to %(num)s address by e-mail and a chat by webhook.",
                "Told to %(num)s addresses by e-mail and a chat by webhook.",
                many,
            )
        return ngettext("Told to %(num)s address by e-mail.", "Told to %(num)s addresses by e-mail.", many)


def _read() -> Alerts:
    return Alerts(open=tuple(watch.standing()), over=tuple(watch.lately_over()))


read = Shared(_read).get
