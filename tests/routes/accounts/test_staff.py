"""People as admins keep them: invitations, links, roles and switches."""

import re
from typing import Any

from flask import Flask

from tests.factories import a_user
from tests.support.forms import fields_of, offers
from webapp.extensions import db
from webapp.models import Role
from webapp.services.accounts import sign_in

NEW = {"name": "Anna Berg", "email": "anna@desk.example", "role": "manager"}
PASSWORD = "four quiet brown horses"


def link_in(page: str) -> str:
    found = re.search(r'value="https://desk\.example(/password/[^"]+)"', page)
    assert found, "the page shows no link"
    return found.group(1)


def act(admin: Any, user: Any, what: str, **more: Any) -> Any:
    """Use the page's own form, as HTMX does."""
    page, action = admin.get(f"/admin/people/{user.id}").text, f"/admin/people/{user.id}/{what}"
    return admin.act(action, **(fields_of(page, action) | more))


def test_an_invited_person_chooses_a_password_and_comes_in(admin: Any, client: Any) -> None:
    invited = admin.act("/admin/people/invitation", htmx=False, **NEW)
    link = link_in(invited.text)

    page = client.get(link)
    done = client.act(link, htmx=False, password=PASSWORD)
    client.csrf_token = ""
    inside = client.act("/login", htmx=False, email=NEW["email"], password=PASSWORD)

    assert "72 hours" in invited.text and "At least 12 characters" in page.text
    assert (done.status_code, done.location, inside.status_code) == (303, "/login", 303)
    assert client.get(link).status_code == 404


def test_what_was_typed_stays_beside_what_is_wrong_with_it(admin: Any) -> None:
    answer = admin.act("/admin/people/invitation", htmx=False, **(NEW | {"email": "nowhere"}))

    assert answer.status_code == 422 and 'value="Anna Berg"' in answer.text and 'value="nowhere"' in answer.text
    assert "Enter an e-mail address such as" in answer.text and 'value="manager" selected' in answer.text


def test_a_password_that_does_not_fit_is_said_at_the_field(admin: Any, client: Any) -> None:
    link = link_in(admin.act("/admin/people/invitation", htmx=False, **NEW).text)

    answer = client.act(link, htmx=False, password="short")

    assert answer.status_code == 422 and "Choose at least 12 characters: this has 5." in answer.text
    assert 'id="password-error"' in answer.text and 'value="short"' not in answer.text


def test_a_link_for_another_password_is_shown_once(admin: Any) -> None:
    rosa = a_user()

    card = act(admin, rosa, "link")

    assert card.status_code == 200 and "24 hours" in card.text and link_in(card.text)
    assert "/password/" not in admin.get(f"/admin/people/{rosa.id}").text


def test_a_role_is_changed_and_the_history_says_so(admin: Any) -> None:
    rosa = a_user(name="Rosa Silva")

    card = act(admin, rosa, "role", role="manager")

    assert card.status_code == 200 and "The role of Rosa Silva is now: Manager." in card.text
    assert "Role: Front desk → Manager" in card.text


def test_of_two_admins_the_second_sees_what_the_first_did(admin: Any) -> None:
    rosa = a_user(name="Rosa Silva")
    action = f"/admin/people/{rosa.id}/role"
    seen = fields_of(admin.get(f"/admin/people/{rosa.id}").text, action)
    act(admin, rosa, "role", role="manager")

    late = admin.act(action, **(seen | {"role": "admin", "form_key": "of the other admin"}))

    assert late.status_code == 409 and "Rosa Silva was not changed" in late.text
    db.session.rollback()
    assert sign_in.by_email(rosa.email).role is Role.MANAGER  # type: ignore[union-attr]


def test_whoever_is_switched_off_is_out_at_once(admin: Any, front_desk: Any) -> None:
    card = act(admin, front_desk.user, "suspension")

    assert "is switched off" in card.text and offers(card.text, f"/admin/people/{front_desk.user.id}/readmission")
    assert front_desk.get("/bookings").status_code == 302


def test_whoever_is_signed_out_may_come_in_again(admin: Any, front_desk: Any) -> None:
    act(admin, front_desk.user, "sign-out")

    assert front_desk.get("/bookings").status_code == 302
    db.session.rollback()
    assert sign_in.by_email(front_desk.user.email).is_enabled  # type: ignore[union-attr]


def test_nobody_is_offered_to_switch_off_themselves(admin: Any) -> None:
    page = admin.get(f"/admin/people/{admin.user.id}").text
    answer = admin.act(f"/admin/people/{admin.user.id}/suspension")

    assert not offers(page, f"/admin/people/{admin.user.id}/suspension") and "your account page" in page
    assert answer.status_code == 409 and "You cannot switch yourself off" in answer.text


def test_without_a_script_the_acts_lead_back_to_the_person(admin: Any) -> None:
    rosa = a_user()
    action = f"/admin/people/{rosa.id}/suspension"

    answer = admin.act(action, htmx=False, **fields_of(admin.get(f"/admin/people/{rosa.id}").text, action))

    assert (answer.status_code, answer.location) == (303, f"/admin/people/{rosa.id}")
    assert "Switched off" in admin.get(answer.location).text


def test_a_role_that_is_none_is_refused(admin: Any) -> None:
    rosa = a_user()

    assert admin.act(f"/admin/people/{rosa.id}/role", role="king", was="front_desk").status_code == 422


def test_a_name_with_markup_is_shown_as_text(app: Flask, admin: Any) -> None:
    a_user(name="<b>Rosa</b>")

    page = admin.get("/admin/people").text

    assert "&lt;b&gt;Rosa&lt;/b&gt;" in page and "<b>Rosa" not in page
