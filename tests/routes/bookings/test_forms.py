"""The forms by which a booking is taken and changed: whatever the answer is, what was typed stays."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import Browser
from tests.factories import a_booking, a_message
from tests.routes.bookings.test_acts import now_of
from tests.support.forms import fields_of, offers, words_of
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus
from webapp.services import bookings
from webapp.services.audit import Actor

TYPED: dict[str, Any] = {
    "name": "Zoë <b>Brännström</b>", "phone": "+14155552671", "email": "zoe@guests.example", "language": "en",
    "channels": ["sms", "email"], "service": "Whale watching", "starts_at": "2030-05-01T18:00", "party_size": "2",
    "amount": "185.00", "currency": "EUR", "reference": "ZOE-1",
}  # fmt: skip


def many() -> int:
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(Booking)).one()


def new_form(browser: Browser, **more: Any) -> dict[str, Any]:
    return fields_of(browser.get("/bookings/new").text, "/bookings/new") | TYPED | more


def change_form(browser: Browser, booking: Booking, **more: Any) -> dict[str, Any]:
    """The form of a booking as a browser would post it, with some fields typed over."""
    url = f"/bookings/{booking.reference}/change"
    fields = fields_of(browser.get(url).text, url)
    shown = {name.removeprefix("was-"): value for name, value in fields.items() if name.startswith("was-")}
    return fields | shown | {"channels": shown["channels"].split(","), "tell": "1"} | more


def test_a_booking_is_taken_and_shown(front_desk: Browser) -> None:
    answer = front_desk.act("/bookings/new", htmx=False, **new_form(front_desk))
    page = front_desk.get("/bookings/ZOE-1").text

    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings/ZOE-1")
    assert "ZOE-1 saved, not confirmed yet." in page
    assert "Zoë &lt;b&gt;Brännström&lt;/b&gt;" in page and "Not agreed" in page


def test_a_form_without_a_reference_gets_one(front_desk: Browser) -> None:
    answer = front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, reference=""))

    assert re.fullmatch(r"/bookings/BK-[A-Z2-9]{6}", answer.headers["Location"])


def test_a_double_submit_takes_one_booking(front_desk: Browser) -> None:
    form = new_form(front_desk, reference="")

    answers = [front_desk.act("/bookings/new", htmx=False, **form) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert many() == 1


def test_a_form_that_was_sent_before_takes_another_booking_only_when_sent_again(front_desk: Browser) -> None:
    form = new_form(front_desk, reference="")
    front_desk.act("/bookings/new", htmx=False, **form)

    answer = front_desk.act("/bookings/new", htmx=False, **form | {"name": "Somebody Else"})
    assert answer.status_code == 409 and "has added the booking" in answer.text and many() == 1
    again = fields_of(answer.text, "/bookings/new")
    front_desk.act("/bookings/new", htmx=False, **form | again | {"name": "Somebody Else"})

    assert many() == 2


@pytest.mark.parametrize(("field", "typed", "says"), [
    ("phone", "12", "country code"), ("email", "zoe@", "name@example.com"), ("name", "", "name"),
    ("starts_at", "2030-02-30T10:00", "no such date"), ("amount", "12,345", "120.00"),
    ("party_size", "0", "from 1 to 1,000"),
])  # fmt: skip
def test_what_cannot_be_taken_is_said_at_its_field_and_all_else_is_kept(
    front_desk: Browser, field: str, typed: str, says: str
) -> None:
    answer = front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, **{field: typed}))

    error = re.search(rf'id="{field}-error">.*?</p>', answer.text, re.DOTALL)
    assert answer.status_code == 422 and error and says in error.group()
    assert "Whale watching" in answer.text or field == "service"
    assert f'value="{typed}"' in answer.text and many() == 0


@pytest.mark.parametrize("reference", ["TAKEN", "new"])
def test_a_reference_that_cannot_be_had_is_said_at_its_field(front_desk: Browser, reference: str) -> None:
    a_booking(reference="TAKEN")

    answer = front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, reference=reference))

    assert answer.status_code == 409 and 'id="reference-error"' in answer.text


def test_an_unlikely_number_is_saved_with_a_warning(front_desk: Browser) -> None:
    front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, phone="+19995550100"))

    assert front_desk.get("/bookings/ZOE-1").text.count("not in any known range") == 2  # In the toast, and on the page.


def test_known_services_are_suggested(front_desk: Browser) -> None:
    a_booking(service="Reef “snorkel”")

    assert '<option value="Reef “snorkel”">' in front_desk.get("/bookings/new").text


def test_a_change_says_whom_it_tells(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7")

    answer = front_desk.act("/bookings/BK-7/change", htmx=False, **change_form(front_desk, booking, party_size="4"))

    assert answer.status_code == 303
    page = front_desk.get("/bookings/BK-7").text
    assert "BK-7 changed. 3 messages go out in 8 s." in words_of(page) and "changed this booking" in page
    undo = fields_of(page, "/bookings/BK-7/undo")
    assert "Undone. Nothing was sent." in front_desk.act("/bookings/BK-7/undo", **undo).text
    assert now_of(booking).party_size == 1


def test_a_change_may_tell_nobody(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7")
    form = change_form(front_desk, booking, party_size="4")
    del form["tell"]

    front_desk.act("/bookings/BK-7/change", htmx=False, **form)

    assert "BK-7 changed. No message goes out." in words_of(front_desk.get("/bookings/BK-7").text)
    assert now_of(booking).messages == []


def test_nothing_changed_is_said_so(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")

    front_desk.act("/bookings/BK-7/change", htmx=False, **change_form(front_desk, booking))

    assert "nothing was changed" in front_desk.get("/bookings/BK-7").text
    assert now_of(booking).version == 1


def test_the_second_of_two_sees_both_values_and_may_save_then(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7", party_size=1)
    form = change_form(front_desk, booking, party_size="7")
    others = change_form(front_desk, booking, party_size="3", service="Night kayak")
    front_desk.act("/bookings/BK-7/change", htmx=False, **others | {"form_key": "another form"})

    second = front_desk.act("/bookings/BK-7/change", htmx=False, **form)
    assert second.status_code == 409 and "Rosa Silva changed this booking just before you" in second.text
    assert "changed this to “<bdi>3</bdi>”" in second.text and 'value="7"' in second.text
    front_desk.act(
        "/bookings/BK-7/change",
        htmx=False,
        **form | fields_of(second.text, "/bookings/BK-7/change") | {"service": "Night kayak"},
    )

    assert (now_of(booking).party_size, booking.service) == (7, "Night kayak")


def test_what_is_over_can_only_be_corrected(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CANCELLED, reference="BK-7")
    assert "This booking is over" in front_desk.get("/bookings/BK-7/change").text

    refused = front_desk.act("/bookings/BK-7/change", htmx=False, **change_form(front_desk, booking, party_size="4"))

    assert refused.status_code == 409 and "Only the contact of BK-7 can change" in refused.text


def test_the_page_says_what_still_goes_to_the_address_before(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7")
    a_message(booking)
    assert "1 message is still on the way" in front_desk.get("/bookings/BK-7/change").text

    front_desk.act("/bookings/BK-7/change", htmx=False, **change_form(front_desk, booking, phone="+14155552671"))

    page = front_desk.get("/bookings/BK-7").text
    assert "1 message still goes to the old address." in page and "1 message still goes to the old address, " in page


def test_an_open_form_asks_what_others_did(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    quiet = front_desk.get("/bookings/BK-7/change/news?version=1")
    bookings.confirm(booking, by=Actor("Martin"))

    news = front_desk.get("/bookings/BK-7/change/news?version=1")

    assert "banner" not in quiet.text and "<bdi>Martin</bdi> confirmed this booking" in news.text
    again = front_desk.get("/bookings/BK-7/change/news?version=1", headers={"If-None-Match": news.headers["ETag"]})
    assert again.status_code == 304


def test_a_form_without_its_version_is_refused(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")

    answer = front_desk.act("/bookings/BK-7/change", htmx=False, **change_form(front_desk, booking) | {"version": ""})

    assert answer.status_code == 422 and "reload the page" in answer.text


def test_after_a_session_has_ended_signing_in_leads_back_to_the_form(client: Browser) -> None:
    client.environ_base["HTTP_REFERER"] = "http://localhost/bookings/new?x=1"

    answer = client.post("/bookings/new", data=TYPED)

    assert answer.headers["Location"] == "/login?next=/bookings/new?x%3D1"


def test_a_form_of_an_earlier_session_leads_back_to_itself(front_desk: Browser) -> None:
    front_desk.environ_base["HTTP_REFERER"] = "http://localhost/bookings/new"

    answer = front_desk.post("/bookings/new", data=TYPED)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings/new")
    assert "Check it and send it again" in front_desk.get("/bookings/new").text and many() == 0


def test_a_form_of_another_house_leads_nowhere(front_desk: Browser) -> None:
    front_desk.environ_base["HTTP_REFERER"] = "http://evil.example/bookings/new"

    assert front_desk.post("/bookings/new", data=TYPED).status_code == 403


def test_a_booking_is_started_from_its_own_page(front_desk: Browser) -> None:
    a_booking(reference="BK-7")

    page = front_desk.get("/bookings/BK-7").text

    assert 'href="/bookings/BK-7/change"' in page and offers(page, "/bookings/BK-7/notes")


NEW_YORK = pytest.mark.settings(timezone="America/New_York")
SECOND = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)  # 01:30 for the second time.


@NEW_YORK
@pytest.mark.parametrize("starts_at", [SECOND, SECOND - timedelta(hours=1)])
def test_an_hour_that_comes_twice_stays_the_one_that_it_was(front_desk: Browser, starts_at: datetime) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="B-1", starts_at=starts_at)

    front_desk.act("/bookings/B-1/change", htmx=False, **change_form(front_desk, booking, party_size="3"))

    db.session.rollback()
    assert (booking.party_size, booking.starts_at) == (3, starts_at)
    act = db.session.scalars(select(Audit).where(Audit.action == Action.BOOKING_CHANGED)).one()
    assert list(act.detail["changes"]) == ["party_size"]


@NEW_YORK
def test_an_hour_that_comes_twice_is_asked_about_and_set_as_it_is_answered(front_desk: Browser) -> None:
    form = new_form(front_desk, starts_at="2027-11-07T01:30")

    asked = front_desk.act("/bookings/new", htmx=False, **form)
    answered = form | {"starts_at_offset": "-05:00"}
    front_desk.act("/bookings/new", htmx=False, **answered)
    db.session.rollback()

    assert asked.status_code == 422 and "comes twice" in asked.text and "01:30 (second, EST, UTC−05:00)" in asked.text
    assert bookings.get("ZOE-1").starts_at == SECOND


@NEW_YORK
def test_moving_to_the_other_of_two_equal_hours_is_told_apart_in_the_history(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="B-1", starts_at=SECOND)

    form = change_form(front_desk, booking, starts_at_offset="-04:00")
    front_desk.act("/bookings/B-1/change", htmx=False, **form)

    db.session.rollback()
    page = front_desk.get("/bookings/B-1").text
    assert booking.starts_at == SECOND - timedelta(hours=1)
    assert "(UTC-04:00)" in page and "(UTC-05:00)" in page
