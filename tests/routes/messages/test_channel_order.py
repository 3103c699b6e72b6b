"""The page on which an admin says which channel stands in for which."""

import threading
from typing import Any

import pytest
from flask import Flask

from tests.support.forms import fields_of
from webapp.errors import NotFound, Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, Event
from webapp.services.audit import Actor
from webapp.services.messages import channel_order

PAGE = "/admin/fallbacks"
AISHA, MARTIN = Actor("Aisha Bello"), Actor("Martin Keller")
SMS, WHATSAPP, EMAIL = ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.EMAIL


def of_event(event: Event = Event.BOOKING_CONFIRMED) -> list[ChannelName]:
    db.session.rollback()
    return channel_order.of(event)


def put(*names: str, seen: str = "", by: Actor = AISHA, event: str = "booking_confirmed") -> str:
    return channel_order.put(event, names, seen=seen, by=by)


def acts() -> list[Any]:
    return [a.detail for a in db.session.query(Audit).filter_by(action=Action.FALLBACK_CHANGED)]


def test_by_default_no_event_has_an_order(admin: Any) -> None:
    page = admin.get(PAGE).text

    assert page.count("All channels at once</span>") == len(channel_order.EVENTS) == 7
    assert "test" not in channel_order.EVENTS and channel_order.every() == {}


def test_an_admin_sets_an_order_without_a_script(admin: Any) -> None:
    form = fields_of(admin.get(PAGE).text, PAGE)

    answer = admin.act(PAGE, htmx=False, **form, step1="whatsapp", step2="sms", step3="email")

    assert answer.status_code == 303 and of_event(Event(form["event"])) == [WHATSAPP, SMS, EMAIL]
    page = admin.get(PAGE).text
    assert "Saved. Booking confirmed: WhatsApp, then SMS, then E-mail." in page and "Rosa Silva" in page
    assert acts() == [{"event": form["event"], "order": ["All channels at once", "WhatsApp, then SMS, then E-mail"]}]


def test_an_order_is_ended_by_leaving_all_empty(admin: Any) -> None:
    put("whatsapp", "sms")

    admin.act(PAGE, htmx=False, event="booking_confirmed", seen="whatsapp,sms", step1="", step2="", step3="")

    assert of_event() == [] and len(acts()) == 2


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("sms", "sms", ""), "each channel once"),
        (("sms", "", ""), "second channel"),
        (("pigeon", "sms", ""), "of the list"),
    ],
)
def test_what_makes_no_order_is_refused_and_kept_in_the_form(admin: Any, names: tuple[str, ...], says: str) -> None:
    chosen = dict(zip(("step1", "step2", "step3"), names, strict=True))

    answer = admin.act(PAGE, htmx=False, event="booking_confirmed", seen="", **chosen)

    assert answer.status_code == 422 and says in answer.text and of_event() == []
    assert ('value="sms" selected' in answer.text) and acts() == []


@pytest.mark.usefixtures("app")
def test_an_empty_place_in_between_is_no_place() -> None:
    put("whatsapp", "", "sms")

    assert of_event() == [WHATSAPP, SMS]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("event", ["test", "nothing", ""])
def test_an_event_that_has_no_order_is_not_found(event: str) -> None:
    with pytest.raises(NotFound):
        put("sms", "email", event=event)


@pytest.mark.usefixtures("app")
@pytest.mark.both_databases
def test_of_two_admins_the_second_hears_of_the_first() -> None:
    put("whatsapp", "sms")

    with pytest.raises(Outrun, match=r"Aisha Bello changed “Booking confirmed” .* now “WhatsApp, then SMS”"):
        put("email", "sms", by=MARTIN)
    with pytest.raises(Outrun, match="Aisha Bello"):
        put(by=MARTIN, seen="email,sms")

    assert of_event() == [WHATSAPP, SMS]


@pytest.mark.both_databases
def test_of_two_first_orders_at_once_one_is_refused(app: Flask) -> None:
    start, refused = threading.Barrier(2), []

    def set_one(*names: str) -> None:
        with app.app_context():
            start.wait(30)
            try:
                put(*names, by=Actor(names[0]))
            except Outrun as refusal:
                refused.append(refusal)

    threads = [threading.Thread(target=set_one, args=names) for names in (("whatsapp", "sms"), ("email", "sms"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(refused) == 1 and len(acts()) == 1


def test_the_second_keeps_what_they_chose_beside_what_is_there_now(admin: Any) -> None:
    put("whatsapp", "sms")

    answer = admin.act(PAGE, htmx=False, event="booking_confirmed", seen="", step1="email", step2="sms", step3="")

    assert answer.status_code == 409 and "Aisha Bello changed" in answer.text
    assert fields_of(answer.text, PAGE)["seen"] == "whatsapp,sms" and 'value="email" selected' in answer.text


@pytest.mark.usefixtures("app")
@pytest.mark.both_databases
def test_the_same_order_again_changes_nothing() -> None:
    put("whatsapp", "sms")

    put("whatsapp", "sms")

    assert len(acts()) == 1


@pytest.mark.settings(email_provider="off")
def test_a_channel_that_is_switched_off_says_so(admin: Any) -> None:
    assert "E-mail (switched off)" in admin.get(PAGE).text
