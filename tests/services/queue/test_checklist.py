"""The checklist of a new installation: each step is ticked when it is done, and the card goes once it works."""

from typing import Any

import pytest

from tests.conftest import Browser
from tests.factories import a_message, a_user
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, Event, MessageStatus, Role
from webapp.services.audit import Actor
from webapp.services.messages import channel_order
from webapp.services.queue import checklist

pytestmark = pytest.mark.usefixtures("app")
AISHA = Actor("Aisha Bello")
LIVE = pytest.mark.settings(
    email_provider="smtp", mail_server="127.0.0.1", public_url="https://desk.example", alert_emails=("a@desk.example",)
)


def done() -> set[str]:
    checklist.forget()
    return {step.name for step in checklist.steps() if step.is_done}


def a_test_message(**given: Any) -> None:
    a_message(event=Event.TEST, channel=ChannelName.EMAIL, status=MessageStatus.SENT, **given)


@pytest.mark.settings(public_url="", sms_provider="sandbox", whatsapp_provider="sandbox", email_provider="off")
def test_a_new_installation_has_done_nothing_and_sends_on_every_channel() -> None:
    assert done() == set() and len(checklist.steps()) == len(checklist.STEPS)
    assert channel_order.every() == {}


@LIVE
def test_each_step_is_ticked_when_it_is_done() -> None:
    assert done() == {"provider", "public", "alerts"}

    a_test_message(simulated=True)
    a_user(Role.ADMIN)
    assert done() == {"provider", "public", "alerts"}

    a_test_message()
    a_user(Role.ADMIN)
    assert done() == {"provider", "public", "alerts", "tested", "second"}


@LIVE
def test_the_card_goes_once_messages_arrive_and_an_admin_has_decided_on_the_order(admin: Browser) -> None:
    a_test_message()
    checklist.forget()
    page = admin.get("/").text
    assert "Get ready for real guests" in page and "Proposed: WhatsApp, then SMS." in page

    admin.act("/admin/fallbacks/acceptance", htmx=False)
    checklist.forget()

    assert {tuple(order) for order in channel_order.every().values()} == {("whatsapp", "sms")}
    assert channel_order.every().keys() == set(channel_order.EVENTS)
    assert "Get ready for real guests" not in admin.get("/").text


def test_a_clerk_sees_no_checklist_and_an_admin_sees_it_on_the_queue_page_too(front_desk: Browser) -> None:
    checklist.forget()

    assert "Get ready" not in front_desk.get("/").text


def test_the_queue_page_has_it_too(admin: Browser) -> None:
    checklist.forget()

    assert "Get ready for real guests" in admin.get("/queue").text


def test_an_accepted_order_leaves_those_alone_that_an_admin_chose() -> None:
    channel_order.put("booking_declined", ["sms", "email"], seen="", by=AISHA)

    channel_order.accept(by=AISHA)
    channel_order.accept(by=AISHA)

    orders = channel_order.every()
    assert orders[Event.BOOKING_DECLINED] == [ChannelName.SMS, ChannelName.EMAIL]
    assert orders[Event.BOOKING_CONFIRMED] == [ChannelName.WHATSAPP, ChannelName.SMS]
    assert db.session.query(Audit).filter_by(action=Action.FALLBACK_CHANGED).count() == len(channel_order.EVENTS)


def test_whoever_keeps_all_channels_is_not_asked_again(admin: Browser) -> None:
    for _ in range(2):
        admin.act("/admin/fallbacks/refusal", htmx=False)
    db.session.rollback()

    assert channel_order.every() == {} and channel_order.is_decided()
    assert [act.detail for act in db.session.query(Audit).filter_by(action=Action.FALLBACK_CHANGED)] == [
        {"kept": "All channels at once"}
    ]
