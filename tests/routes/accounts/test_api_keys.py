"""API keys as admins keep them."""

import re
from typing import Any

from tests.support.forms import fields_of
from webapp.extensions import db
from webapp.models import Action, Audit
from webapp.services.accounts import api_keys


def test_a_key_is_shown_once_and_opens_the_api(admin: Any, client: Any) -> None:
    made = admin.act("/admin/keys", htmx=False, name="Booking site").text
    shown = re.search(r'value="(bh_[^"]+)"', made)

    assert shown and "cannot be shown again" in made
    assert client.get("/api/v1/messages", headers={"Authorization": f"Bearer {shown[1]}"}).status_code == 200
    assert "bh_" not in admin.get("/admin/keys").text and "Booking site" in admin.get("/admin/keys").text


def test_a_key_without_a_name_is_refused_at_the_field(admin: Any) -> None:
    answer = admin.act("/admin/keys", htmx=False, name=" ")

    db.session.rollback()
    assert answer.status_code == 422 and 'id="name-error"' in answer.text and api_keys.list_all() == []


def test_a_double_click_makes_one_key(admin: Any) -> None:
    form = fields_of(admin.get("/admin/keys").text, "/admin/keys") | {"name": "Booking site"}
    admin.act("/admin/keys", htmx=False, **form)

    again = admin.act("/admin/keys", htmx=False, **form)

    db.session.rollback()
    assert again.status_code == 409 and "made already" in again.text and len(api_keys.list_all()) == 1


def test_a_revoked_key_opens_nothing_and_both_acts_are_written_down(admin: Any) -> None:
    key = api_keys.create("Booking site")
    row = api_keys.find(key)

    answer = admin.act(f"/admin/keys/{row.id}/revocation")  # type: ignore[union-attr]

    db.session.rollback()
    assert "Booking site is revoked" in answer.text and api_keys.find(key) is None
    acts = [(act.action, act.actor) for act in db.session.query(Audit).order_by(Audit.id)]
    assert acts == [(Action.KEY_CREATED, "Bellhop"), (Action.KEY_REVOKED, admin.user.name)]


def test_a_key_that_is_revoked_already_says_so(admin: Any) -> None:
    assert admin.act("/admin/keys/1/revocation").status_code == 404
