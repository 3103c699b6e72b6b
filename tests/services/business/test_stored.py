"""Which value of a setting is in force: the environment's, an admin's, or the default."""

import pytest
from flask import Flask
from sqlalchemy import event

from webapp import create_app
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Setting
from webapp.monitor import shared
from webapp.services.business import stored
from webapp.services.business.fields import FIELDS, default
from webapp.settings import Settings, current


def put(**texts: str) -> None:
    with writing():
        db.session.add_all(Setting(name=name, value=text, changed_by="Aisha") for name, text in texts.items())
    stored.forget()


def test_what_nobody_set_has_its_default(app: Flask) -> None:
    assert current().business_name == "Bellhop" and current().undo_seconds == 8


def test_what_an_admin_set_is_in_force(app: Flask) -> None:
    put(business_name="Harbour Tours", undo_seconds="20", alert_emails="a@desk.example, b@desk.example")

    assert current().business_name == "Harbour Tours"
    assert current().undo_seconds == 20.0
    assert current().alert_emails == ("a@desk.example", "b@desk.example")


@pytest.mark.settings(business_name="Of the environment")
def test_the_environment_wins(app: Flask) -> None:
    put(business_name="Harbour Tours", business_colour="#112233")

    assert current().business_name == "Of the environment" and current().business_colour == "#112233"


@pytest.mark.parametrize(("name", "text"), [("timezone", "Mars/Olympus"), ("undo_seconds", "soon"), ("no_such", "1")])
def test_a_row_that_cannot_be_used_leaves_the_default(app: Flask, name: str, text: str) -> None:
    """Another version of Bellhop may have written it: no page may fail for it."""
    put(**{name: text})

    assert current() == app.config["SETTINGS"]


def test_a_secret_in_the_table_is_never_read(app: Flask) -> None:
    """The table is for what stands on the page: a row must not move guests' messages to another account."""
    put(mail_password="another", alert_webhook_url="https://evil.example")

    assert current().mail_password == "" and current().alert_webhook_url == ""
    assert not {name for name in FIELDS if any(part in name for part in ("token", "password", "secret"))}


def test_many_reads_cost_one_query(app: Flask) -> None:
    stored.forget()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    names = {current().business_name for _ in range(500)}

    assert names == {"Bellhop"} and len([statement for statement in asked if "setting" in statement]) == 1


def test_another_process_sees_a_change_within_a_second(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, moment = create_app(settings), [100.0]
    monkeypatch.setattr(shared.clock, "monotonic", lambda: moment[0])
    with other.app_context():
        assert current().business_name == "Bellhop"
    put(business_name="Harbour Tours")

    moment[0] += 1.1

    with other.app_context():
        assert current().business_name == "Harbour Tours"
        db.engine.dispose()


def test_while_the_database_is_silent_the_last_known_values_hold(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    put(business_name="Harbour Tours")
    assert current().business_name == "Harbour Tours"
    stored.forget()

    monkeypatch.setattr(stored.watch(), "is_suspect", lambda: True)

    assert current().business_name == "Harbour Tours"


@pytest.mark.parametrize("name", FIELDS)
def test_each_default_can_be_typed(name: str) -> None:
    """ "Set by …; the default is …" would else show a text that the form refuses."""
    assert stored.parse(name, default(name)) == Settings.model_fields[name].default
