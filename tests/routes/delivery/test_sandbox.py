"""The sandbox's page: what would have been sent, that nothing was, and what may come back for it."""

import pytest
from sqlalchemy import select

from tests.conftest import Browser
from tests.factories import a_booking, a_message, an_attempt
from webapp import clock
from webapp.channels.base import Outgoing
from webapp.database import writing
from webapp.extensions import db
from webapp.models import (
    Attempt,
    BookingStatus,
    ChannelName,
    Message,
    MessageStatus,
    OptOut,
    Reply,
    SandboxMessage,
)
from webapp.services.delivery.sandbox import DatabaseStore

simulated = pytest.mark.settings(sms_provider="sandbox", email_provider="sandbox")


def taken(token: str = "t1", **given: str) -> None:
    facts = {"to": "+14155550100", "subject": "", "body": "Your booking BK-7 is confirmed.", "html": ""} | given
    channel = ChannelName.EMAIL if facts["html"] else ChannelName.SMS
    known = {"message_id": 7, "event": "booking_confirmed", "reference": "BK-7", "started_at": clock.now()}
    DatabaseStore().accept(Outgoing(token=token, channel=channel, **known, **facts), f"SM-{token}")


def test_where_nothing_is_simulated_there_is_no_sandbox(front_desk: Browser) -> None:
    assert front_desk.get("/sandbox").status_code == 404


def test_what_demo_guests_were_sent_is_shown_in_a_live_system_too(front_desk: Browser) -> None:
    taken()

    assert "BK-7" in front_desk.get("/sandbox").text


@simulated
def test_an_empty_sandbox_says_what_fills_it(front_desk: Browser) -> None:
    page = front_desk.get("/sandbox").text

    assert "Nothing was sent yet" in page
    assert "None of them left this machine" in page


@simulated
def test_it_shows_what_would_have_been_sent_newest_first(front_desk: Browser) -> None:
    taken()
    taken("t2", to="amelia@guests.example", subject="Your booking", body="Dear Amelia", html="<p>Dear</p>")

    page = front_desk.get("/sandbox").text

    assert page.index("Dear Amelia") < page.index("Your booking BK-7 is confirmed.")
    for said in ("amelia@guests.example", "Your booking", "+14155550100", "E-mail for BK-7", "SMS for BK-7"):
        assert said in page


@simulated
def test_it_leads_to_the_message(front_desk: Browser) -> None:
    attempt = an_attempt(a_message())
    taken(attempt.token)

    assert f'href="/messages/{attempt.message_id}"' in front_desk.get("/sandbox").text


@simulated
def test_markup_in_a_mail_is_text(front_desk: Browser) -> None:
    taken(body="<script>alert(1)</script>", html="<script>alert(1)</script>", subject="<b>")

    page = front_desk.get("/sandbox").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def kept(channel: ChannelName = ChannelName.SMS, **given: object) -> SandboxMessage:
    """What the sandbox took of a simulated message that was sent just now."""
    booking = a_booking(BookingStatus.CONFIRMED)
    sent = a_message(booking, channel=channel, status=MessageStatus.SENT, simulated=True, **given)
    attempt = an_attempt(sent, provider="sandbox", provider_id=f"SB-{sent.id}")
    with writing():
        row = SandboxMessage(
            token=attempt.token, provider_id=attempt.provider_id, channel=channel, to=sent.to, body=sent.body,
            reference=sent.reference, status="sent",
        )  # fmt: skip
        db.session.add(row)
    return row


def message_of(row: SandboxMessage) -> Message:
    db.session.rollback()  # What was read before is of before.
    return db.session.scalars(select(Message).join(Attempt).where(Attempt.token == row.token)).one()


@simulated
def test_a_guest_writes_back_once_however_often_the_form_is_sent(front_desk: Browser) -> None:
    row = kept()
    form = {"text": "We are late.", "form_key": "k" * 32}

    answers = [front_desk.act(f"/sandbox/{row.id}/replies", htmx=False, **form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    told = message_of(row)
    (reply,) = db.session.scalars(select(Reply))
    assert (reply.body, reply.sender, reply.booking_id) == ("We are late.", told.to, told.booking_id)
    assert "We are late." in front_desk.get("/").text


@simulated
def test_a_guest_who_writes_stop_is_heeded_as_a_real_one(front_desk: Browser) -> None:
    row = kept()

    front_desk.act(f"/sandbox/{row.id}/replies", htmx=False, text="STOP", form_key="s" * 32)

    told = message_of(row)
    assert [(stop.channel, stop.address) for stop in db.session.scalars(select(OptOut))] == [(told.channel, told.to)]


@simulated
@pytest.mark.parametrize(
    ("channel", "status", "becomes", "code"),
    [
        (ChannelName.SMS, "delivered", MessageStatus.DELIVERED, ""),
        (ChannelName.SMS, "failed", MessageStatus.FAILED, "30005"),
        (ChannelName.WHATSAPP, "read", MessageStatus.READ, ""),
    ],
)
def test_a_late_receipt_moves_its_message(
    front_desk: Browser, channel: ChannelName, status: str, becomes: MessageStatus, code: str
) -> None:
    row = kept(channel)

    front_desk.act(f"/sandbox/{row.id}/receipts", htmx=False, status=status)

    message = message_of(row)
    assert (message.status, message.error_code) == (becomes, code)
    assert (row.status, row.next_step_at) == (status, None)


@simulated
def test_a_receipt_that_is_behind_what_is_known_moves_nothing_and_says_so(front_desk: Browser) -> None:
    row = kept()
    front_desk.act(f"/sandbox/{row.id}/receipts", htmx=False, status="delivered")
    front_desk.get("/bookings")

    front_desk.act(f"/sandbox/{row.id}/receipts", htmx=False, status="failed")

    assert message_of(row).status is MessageStatus.DELIVERED
    assert "changes nothing" in front_desk.get(f"/sandbox/{row.id}").text


@simulated
def test_a_mail_that_comes_back_fails_its_message(front_desk: Browser) -> None:
    row = kept(ChannelName.EMAIL)

    done = front_desk.act(f"/sandbox/{row.id}/bounce", htmx=False)

    message = message_of(row)
    assert done.location == f"/sandbox/{row.id}"
    assert (message.status, message.error_code) == (MessageStatus.FAILED, "5.1.1")
    assert row.status == "failed"


@simulated
@pytest.mark.parametrize(
    ("channel", "act", "form"),
    [
        (ChannelName.EMAIL, "replies", {"text": "Hello"}),
        (ChannelName.SMS, "replies", {"text": "  "}),
        (ChannelName.SMS, "receipts", {"status": "read"}),
        (ChannelName.SMS, "receipts", {"status": "sent"}),
        (ChannelName.EMAIL, "receipts", {"status": "delivered"}),
        (ChannelName.SMS, "bounce", {}),
    ],
)
def test_what_no_guest_and_no_provider_would_do_is_refused(
    front_desk: Browser, channel: ChannelName, act: str, form: dict[str, str]
) -> None:
    row = kept(channel, **({} if channel is ChannelName.EMAIL else {"mail_id": ""}))

    refused = front_desk.act(f"/sandbox/{row.id}/{act}", htmx=False, **form)

    assert refused.status_code == 422
    assert message_of(row).status is MessageStatus.SENT and db.session.query(Reply).count() == 0


@simulated
def test_its_page_offers_what_may_come_back_on_each_channel(front_desk: Browser) -> None:
    text, mail = kept(ChannelName.WHATSAPP), kept(ChannelName.EMAIL)

    of_text, of_mail = (front_desk.get(f"/sandbox/{row.id}").text for row in (text, mail))

    assert "Reply as the guest" in of_text and "Read" in of_text and "Let it bounce" not in of_text
    assert "Let it bounce" in of_mail and "Reply as the guest" not in of_mail
    assert front_desk.get("/sandbox/999").status_code == 404
