"""The page on which an admin changes the business's settings."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.factories import a_booking
from tests.support.forms import fields_of
from webapp.errors import Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, Setting
from webapp.services.audit import Actor
from webapp.services.business import change
from webapp.services.business.fields import FIELDS
from webapp.settings import current

PAGE = "/admin/settings"
MARTIN = Actor("Martin Keller")


def save(admin: Any, group: str, **typed: str) -> Any:
    form = fields_of(admin.get(PAGE).text, f"{PAGE}/{group}")
    return admin.act(f"{PAGE}/{group}", htmx=False, **form, **typed)


def rows() -> dict[str, str]:
    db.session.rollback()
    return {row.name: row.value for row in db.session.query(Setting)}


def acts() -> list[Any]:
    db.session.rollback()
    return [act.detail for act in db.session.query(Audit).filter_by(action=Action.SETTINGS_CHANGED)]


def test_an_admin_names_the_business(admin: Any) -> None:
    answer = save(admin, "business", business_name=" Harbour Tours ", business_phone="+1 415 555 0100")

    assert answer.status_code == 303 and current().business_name == "Harbour Tours"
    page = admin.get(PAGE).text
    assert "<title>Settings – Harbour Tours</title>" in page and "Saved. It is in force within seconds." in page
    assert "Set by <bdi>Rosa Silva</bdi>" in page and "the default is Bellhop" in page
    assert acts()[0]["business_name"] == ["Bellhop", "Harbour Tours"]


@pytest.mark.settings(business_name="Harbour Tours")
def test_what_the_environment_sets_is_shown_and_cannot_be_changed(admin: Any) -> None:
    page = admin.get(PAGE).text

    save(admin, "business", business_name="Another", business_colour="#112233")

    assert "Fixed by BUSINESS_NAME in the environment" in page and 'name="business_name"' not in page
    assert rows() == {"business_colour": "#112233"} and current().business_name == "Harbour Tours"


@pytest.mark.parametrize(
    ("group", "name", "typed", "why"),
    [
        ("business", "business_colour", "red", "it must be a colour: # and six hexadecimal digits, such as #00696e"),
        ("business", "business_phone", "call us", "it must be a telephone number as guests dial it"),
        ("place", "timezone", "Mars/Olympus", "it must be a name of the IANA list of time zones"),
        ("place", "default_currency", "euro", "it must be the three capitals of a currency, such as USD or EUR"),
        ("place", "default_phone_region", "Germany", "it must be the two capitals of a country"),
        ("messages", "undo_seconds", "soon", "it must be a number"),
        ("messages", "undo_seconds", "-1", "it must be at least 0"),
        ("messages", "sms_part_price", "nan", "it must be a number, and a finite one"),
        ("alerts", "alert_emails", "you", "it must be e-mail addresses with commas between"),
    ],
)
def test_a_wrong_value_is_refused_in_the_words_of_the_environment(
    admin: Any, group: str, name: str, typed: str, why: str
) -> None:
    answer = save(admin, group, **{name: typed})

    assert answer.status_code == 422 and why in answer.text and f'id="{name}-error"' in answer.text
    assert f'value="{typed}"' in answer.text and rows() == {}


def test_an_empty_field_goes_back_to_the_default(admin: Any) -> None:
    save(admin, "messages", undo_seconds="20")

    save(admin, "messages", undo_seconds="")

    assert rows() == {} and current().undo_seconds == 8


def test_who_saves_over_anothers_change_is_refused(admin: Any) -> None:
    seen = fields_of(admin.get(PAGE).text, f"{PAGE}/business")
    change.save(change.group("business"), {"business_name": "Harbour Tours"}, seen="", by=MARTIN)

    answer = admin.act(f"{PAGE}/business", htmx=False, **seen, business_name="Mine")

    assert answer.status_code == 409 and rows() == {"business_name": "Harbour Tours"}
    assert "Martin Keller changed these settings while you wrote. Yours are not saved." in answer.text
    assert 'value="Mine"' in answer.text


def test_a_change_is_undone_by_its_toast(admin: Any) -> None:
    save(admin, "business", business_name="Harbour Tours")
    undo = fields_of(admin.get(PAGE).text, f"{PAGE}/undo")

    admin.act(f"{PAGE}/undo", htmx=False, **undo)

    assert rows() == {} and [act["business_name"] for act in acts()][1] == ["Harbour Tours", "Bellhop"]
    assert "Undone. The settings are as before." in admin.get(PAGE).text


def test_an_undo_leaves_a_later_change_alone(app: Flask) -> None:
    group = change.group("business")
    first = change.save(group, {"business_name": "First"}, seen="", by=MARTIN)
    change.save(group, {"business_name": "Second"}, seen=change.key(group), by=MARTIN)

    with pytest.raises(Outrun):
        change.take_back(first.id, by=MARTIN)  # type: ignore[union-attr]

    assert rows() == {"business_name": "Second"}


def test_another_currency_leaves_bookings_as_they_are_and_says_so(admin: Any) -> None:
    a_booking(currency="GBP")

    save(admin, "place", default_currency="EUR")

    assert "Bookings in GBP keep their currency." in admin.get(PAGE).text
    assert 'value="EUR"' in admin.get("/bookings/new").text


def test_times_move_with_the_zone(admin: Any) -> None:
    booking = a_booking()
    before = admin.get(f"/bookings/{booking.reference}").text

    save(admin, "place", timezone="Asia/Tokyo")

    after = admin.get(f"/bookings/{booking.reference}").text
    assert 'data-zone="UTC"' in before and 'data-zone="Asia/Tokyo"' in after
    assert "Bookings keep their moment" in admin.get(PAGE).text


def test_every_field_has_a_form_and_its_words(admin: Any) -> None:
    page = admin.get(PAGE).text

    assert set(re.findall(r'<(?:input|select)[^>]*\sname="(\w+)"', page)) >= FIELDS.keys()


def test_the_command_says_where_each_value_comes_from(app: Flask) -> None:
    change.save(change.group("business"), {"business_name": "Harbour Tours"}, seen="", by=MARTIN)

    said = app.test_cli_runner().invoke(args=["settings"]).output

    assert re.search(r"^BUSINESS_NAME +Harbour Tours +set by Martin Keller$", said, re.MULTILINE)
    assert re.search(r"^TIMEZONE +UTC +default$", said, re.MULTILINE)
