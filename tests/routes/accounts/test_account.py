"""One's own account."""

from typing import Any

import pytest

from tests.factories import PASSWORD
from webapp.extensions import db
from webapp.services.accounts import sign_in

NEW = "four quiet brown horses"


def change(browser: Any, present: str = PASSWORD, new: str = NEW) -> Any:
    return browser.act("/account/password", htmx=False, present=present, new=new)


def test_a_new_password_keeps_this_session_and_ends_the_others(app: Any, front_desk: Any) -> None:
    other = app.test_client()
    other.act("/login", htmx=False, email=front_desk.user.email, password=PASSWORD)

    answer = change(front_desk)

    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password is changed" in front_desk.get("/account").text
    assert other.get("/account").status_code == 302
    db.session.rollback()
    assert sign_in.sign_in(front_desk.user.email, NEW) is not None


def test_a_wrong_present_password_is_said_at_its_field(front_desk: Any) -> None:
    answer = change(front_desk, present="not it")

    assert answer.status_code == 422 and 'id="present-error"' in answer.text
    assert sign_in.sign_in(front_desk.user.email, PASSWORD) is not None


def test_a_new_password_that_is_too_short_is_said_at_its_field(front_desk: Any) -> None:
    answer = change(front_desk, new="short")

    assert answer.status_code == 422 and 'id="new-error"' in answer.text and 'value="short"' not in answer.text


def test_shortcuts_are_switched_off_and_on(front_desk: Any) -> None:
    front_desk.act("/account/keys", htmx=False, keys="off")
    off = front_desk.get("/account").text
    front_desk.act("/account/keys", htmx=False, keys="on")

    assert "Switch shortcuts on" in off and "Switch shortcuts off" in front_desk.get("/account").text


def test_every_page_leads_to_the_account(front_desk: Any) -> None:
    assert 'href="/account"' in front_desk.get("/bookings").text


def test_a_manager_switches_the_morning_mail_on_and_off(manager: Any) -> None:
    assert "Switch the morning mail on" in manager.get("/account").text

    manager.act("/account/morning-mail", htmx=False, mail="on")
    assert "Switch the morning mail off" in manager.get("/account").text

    manager.act("/account/morning-mail", htmx=False, mail="off")
    assert "Switch the morning mail on" in manager.get("/account").text


def test_the_front_desk_is_not_offered_a_morning_mail(front_desk: Any) -> None:
    assert "morning mail" not in front_desk.get("/account").text.lower()
    assert front_desk.act("/account/morning-mail", mail="on").status_code == 403


@pytest.mark.settings(email_provider="sandbox")
def test_where_mail_is_simulated_the_switch_says_that_none_is_sent(manager: Any) -> None:
    assert "No morning mail is sent" in manager.get("/account").text


def test_the_language_of_the_pages_is_chosen_and_left_to_the_browser(front_desk: Any) -> None:
    front_desk.act("/account/language", htmx=False, language="de")
    chosen = front_desk.get("/bookings", headers={"Accept-Language": "es"}).text
    front_desk.act("/account/language", htmx=False, language="")
    left = front_desk.get("/bookings", headers={"Accept-Language": "es"}).text

    assert '<html lang="de"' in chosen and '<html lang="es"' in left


def test_a_language_without_pages_is_refused(front_desk: Any) -> None:
    assert front_desk.act("/account/language", htmx=False, language="xx").status_code == 422
    assert '<html lang="en"' in front_desk.get("/account").text
