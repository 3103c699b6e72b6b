"""Alerts on the page and in the banner: what is wrong, since when, and whether anybody knows."""

import pytest

from tests.conftest import Browser
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import Alert, WorkerRow
from webapp.services.queue import banner

TOLD = pytest.mark.settings(alert_emails=("a@desk.example", "b@desk.example"), alert_webhook_url="http://127.0.0.1:9")


def an_alert(cause: str, sentence: str, **given: object) -> None:
    with writing():
        db.session.add(Alert(cause=cause, sentence=sentence, noticed_by="w1", **given))
        db.session.add(WorkerRow(name="w1", pool="threads", concurrency=16))


@TOLD
def test_the_page_shows_open_alerts_and_who_is_told(admin: Browser) -> None:
    an_alert("failed_share", "Of 40 messages of the last hour 4 failed (10%).", problem="Webhook: It answered 500.")

    page = admin.get("/queue").text

    assert "Many messages fail" in page and "Of 40 messages" in page and "1 now" in page
    assert "Not everybody could be told yet." in page and "Webhook: It answered 500." in page
    assert "Told to 2 addresses by e-mail and a chat by webhook." in page


def test_with_nobody_to_tell_the_page_says_which_settings_are_missing(admin: Browser) -> None:
    page = admin.get("/queue").text

    assert "None now" in page and "set ALERT_EMAILS or ALERT_WEBHOOK_URL" in page


@TOLD
def test_what_is_over_stays_for_a_day(admin: Browser) -> None:
    an_alert("redis_memory", "9 of 10 MiB are used.", over_at=later(-3600), told_at=later(-7200))

    page = admin.get("/queue").text

    assert "Redis has room again" in page and "None now" in page


def test_everybody_reads_that_messages_wait_where_no_other_banner_says_why(front_desk: Browser) -> None:
    an_alert("oldest_waiting", "12 messages are due now, the oldest for 9 min.")
    banner.forget()

    assert "Messages wait too long." in front_desk.get("/bookings").text


def test_what_only_admins_can_mend_is_in_no_banner(front_desk: Browser) -> None:
    an_alert("redis_memory", "9 of 10 MiB are used.")
    banner.forget()

    assert "Redis is nearly full" not in front_desk.get("/bookings").text
