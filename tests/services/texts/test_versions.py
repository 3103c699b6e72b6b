"""Changing message texts: versions, of which the newest is in force."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event as events

from tests.factories import a_booking, a_user
from webapp.errors import Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, Event
from webapp.services import bookings, texts
from webapp.services.accounts import demo
from webapp.services.audit import Actor, person
from webapp.services.texts import Wording, catalog, overrides, sample, versions
from webapp.services.texts.catalog import Place

pytestmark = pytest.mark.usefixtures("app")
both = pytest.mark.both_databases
SMS, EMAIL = ChannelName.SMS, ChannelName.EMAIL
PLACE = Place(Event.BOOKING_CONFIRMED, SMS, "en")
AISHA, MARTIN = Actor("Aisha Bello"), Actor("Martin Keller")
NEW = Wording("Ahoy {{ name }}, {{ reference }} stands.")


def read(place: Place = PLACE) -> texts.Text:
    return texts.render(*place.key, sample.values(place.event))


def seen(place: Place = PLACE) -> int:
    newest = versions.newest_version(place)
    return newest.id if newest else 0


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that runs meanwhile."""
    found: list[str] = []

    def note(_c: object, _u: object, sql: str, *_rest: object) -> None:
        found.append(sql)

    events.listen(db.engine, "before_cursor_execute", note)
    yield found
    events.remove(db.engine, "before_cursor_execute", note)


@both
def test_what_is_saved_is_what_guests_read() -> None:
    assert versions.save(PLACE, NEW, seen=0, by=AISHA)

    assert read().body == "Ahoy Amelia Hart, BK-2391 stands."


def test_messages_made_before_keep_their_text() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=AISHA)
    before = [message.body for message in booking.messages]

    versions.save(PLACE, NEW, seen=0, by=AISHA)

    db.session.expire_all()
    assert [message.body for message in booking.messages] == before


def test_an_act_makes_its_messages_of_the_new_text() -> None:
    versions.save(PLACE, NEW, seen=0, by=AISHA)
    booking = a_booking(reference="BK-77")

    bookings.confirm(booking, by=AISHA)

    assert {m.channel: m.body for m in booking.messages}[SMS] == "Ahoy Amelia Hart, BK-77 stands."


def test_one_look_up_serves_all_channels_of_an_act() -> None:
    values = sample.values(PLACE.event)
    overrides.forget()

    with statements() as run:
        for channel in ChannelName:
            texts.render(PLACE.event, channel, "en", values)

    assert len([sql for sql in run if "text_version" in sql]) == 1


@both
def test_of_two_admins_the_second_hears_of_the_first() -> None:
    versions.save(PLACE, NEW, seen=0, by=AISHA)

    with pytest.raises(Outrun, match="Aisha Bello changed this text while you wrote"):
        versions.save(PLACE, Wording("Mine: {{ reference }}"), seen=0, by=MARTIN)

    assert read().body.startswith("Ahoy")


@both
def test_of_two_first_versions_at_once_one_is_refused(app: Flask) -> None:
    start, refused = threading.Barrier(2), []

    def save(words: str) -> None:
        with app.app_context():
            start.wait()
            try:
                versions.save(PLACE, Wording(f"{words} {{{{ reference }}}}"), seen=0, by=Actor(words))
            except Outrun as refusal:
                refused.append(refusal)

    threads = [threading.Thread(target=save, args=(words,)) for words in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(refused) == 1 and len(catalog.history(PLACE)) == 1


def test_the_same_form_again_does_nothing_more() -> None:
    by = Actor("Aisha Bello", form_key="a form")

    versions.save(PLACE, NEW, seen=0, by=by)
    versions.save(PLACE, NEW, seen=0, by=by)

    assert len(catalog.history(PLACE)) == 1


def test_what_says_the_same_is_no_version() -> None:
    assert not versions.save(PLACE, texts.built_in(*PLACE.key), seen=0, by=AISHA)

    assert catalog.history(PLACE) == []


@both
def test_an_earlier_version_comes_back_as_the_newest() -> None:
    versions.save(PLACE, NEW, seen=0, by=AISHA)
    first = seen()
    versions.save(PLACE, Wording("Other {{ reference }}"), seen=first, by=AISHA)

    versions.restore(PLACE, first, seen=seen(), by=MARTIN)

    assert read().body.startswith("Ahoy") and len(catalog.history(PLACE)) == 3


def test_the_built_in_text_comes_back() -> None:
    before = read()
    versions.save(PLACE, NEW, seen=0, by=AISHA)

    versions.go_back(PLACE, seen=seen(), by=AISHA)

    assert read() == before and catalog.history(PLACE)[0].is_built_in


def test_a_version_of_another_text_is_not_restored() -> None:
    versions.save(PLACE, NEW, seen=0, by=AISHA)
    other = Place(Event.BOOKING_CHANGED, SMS, "en")

    with pytest.raises(NotFound):
        versions.restore(other, seen(), seen=0, by=AISHA)


def test_the_log_says_from_what_to_what() -> None:
    versions.save(PLACE, NEW, seen=0, by=AISHA)

    act = db.session.query(Audit).one()
    assert act.action is Action.TEXT_CHANGED and act.detail["text"] == "Booking confirmed, SMS, English"
    assert act.detail["wording"] == [texts.built_in(*PLACE.key).body, NEW.body]


def test_an_edited_e_mail_has_html_of_its_own_words() -> None:
    mail = Place(Event.BOOKING_CONFIRMED, EMAIL, "en")

    versions.save(mail, Wording("Dear {{ name }},\n\n{{ service }}", "About {{ reference }}"), seen=0, by=AISHA)

    made = texts.render(*mail.key, sample.values(mail.event) | {"name": "<b>Bo</b>"})
    assert (made.subject, made.body) == ("About BK-2391", "Dear <b>Bo</b>,\n\nSunset harbour cruise")
    assert "Dear &lt;b&gt;Bo&lt;/b&gt;," in made.html and "<b>" not in made.html


@both
def test_an_added_language_starts_in_english_and_is_used_at_once() -> None:
    versions.save(PLACE, NEW, seen=0, by=AISHA)

    assert versions.add_language("DE-AT", by=AISHA) == "de-AT"

    assert catalog.languages() == ["en", "de", "de-AT", "es"]
    assert texts.language_of(PLACE.event, "de-AT") == "de-AT" and texts.language_of(PLACE.event, "fr") == "en"
    assert read(Place(PLACE.event, SMS, "de-AT")).body.startswith("Ahoy")


def test_a_form_of_a_language_is_told_in_that_language() -> None:
    versions.add_language("pt", by=AISHA)

    assert texts.language_of(PLACE.event, "pt-BR") == "pt"
    assert texts.language_of(PLACE.event, "de-CH") == "de"


@pytest.mark.parametrize("code", ["", "german", "d", "en", "de", "de_DE", "../x"])
def test_what_is_no_new_language_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        versions.add_language(code, by=AISHA)

    assert catalog.languages() == ["en", "de", "es"]


def test_demo_staff_can_be_removed_though_they_wrote_texts() -> None:
    writer = a_user(is_demo=True)
    versions.save(PLACE, NEW, seen=0, by=person(writer))

    demo.clear()

    assert catalog.history(PLACE)[0].author == "Rosa Silva" and read().body.startswith("Ahoy")
