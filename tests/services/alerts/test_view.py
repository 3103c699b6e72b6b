"""Alerts on the page and in the banner: what is wrong, since when, and whether anybody knows."""

import pytest

from tests.conftest import Browser
from tests.factories import a_message
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import Alert, MessageStatus, WorkerRow
from webapp.services.alerts import unreached
from webapp.services.queue import banner

TOLD = pytest.mark.settings(alert_emails=("a@desk.example", "b@desk.example"), alert_webhook_url="http://127.0.0.1:9")


def an_alert(cause: str, sentence: str, **given: object) -> None:
    with writing():
        db.session.add(Alert(cause=cause, sentence=sentence, noticed_by="w1", **given))
        db.session.add(WorkerRow(name="w1", pool="threads", concurrency=16))


@TOLD
def test_the_page_shows_open_alerts_and_who_is_told(admin: Browser) -> None:
    an_alert("failed_share", "Of 40 guests of the last hour 6 were not reached (15%).", problem="Webhook: It failed.")

    page = admin.get("/queue").text

    assert "Several guests cannot be reached" in page and "Of 40 guests" in page and "1 now" in page
    assert "Not everybody could be told yet." in page and "Webhook: It failed." in page
    assert "Told to 2 addresses by e-mail and a chat by webhook." in page


def test_with_nobody_to_tell_the_page_says_how_to_change_that(admin: Browser) -> None:
    page = admin.get("/queue").text

    assert "None now" in page and "Enter addresses in the settings, or set ALERT_WEBHOOK_URL." in page


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


def test_a_clerk_reads_how_many_guests_cannot_be_reached_now_and_no_share(front_desk: Browser) -> None:
    an_alert("failed_share", "Of 40 guests of the last hour 6 were not reached (15%).")
    lost = [a_message(status=MessageStatus.FAILED, error_code="30008", first_due_at=later(-60)) for _ in range(6)]

    assert "Several guests cannot be reached: 6 in the last hour." in _bookings_page(front_desk)

    with writing():
        db.session.merge(lost[0]).status = MessageStatus.DELIVERED
    assert "Several guests cannot be reached: 5 in the last hour." in _bookings_page(front_desk)

    with writing():
        db.session.merge(lost[1]).status = MessageStatus.DELIVERED
    assert "Several guests" not in _bookings_page(front_desk)


def _bookings_page(browser: Browser) -> str:
    banner.forget()
    unreached.forget()
    return browser.get("/bookings").text
