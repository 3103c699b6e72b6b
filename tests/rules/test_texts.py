"""What guests read: complete in each language, and findable at the provider."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, meta

from tests import factories
from webapp.models import ChannelName, Event
from webapp.services import texts
from webapp.services.texts import FALLBACK, FOLDER, Paid, rendering, sample, sms_parts, validation

FILES = {f"{channel}.txt" for channel in ChannelName if not channel.has_subject} | {"subject.txt", "body.txt"}
LANGUAGES = {FALLBACK, "de", "es"}
SETS = sorted(folder for folder in FOLDER.glob("*/*") if folder.is_dir())
TEST_FACTS = {"name", "reference", "business"}  # A test message has no booking.


def named(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def placeholders(path: Path) -> set[str]:
    """Every name that a text may ask for, on any of its branches."""
    return meta.find_undeclared_variables(Environment().parse(path.read_text()))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_event_can_be_told_in_every_language(language: str) -> None:
    """English is what every other language falls back to; an event without it fails inside a clerk's click."""
    assert {folder.parent.name for folder in SETS if folder.name == language} == set(Event)
    assert {folder.name for folder in SETS} == LANGUAGES


@pytest.mark.parametrize("folder", SETS, ids=named)
def test_a_language_is_whole(folder: Path) -> None:
    """A language is chosen for all channels at once, so half a translation fails for one of them."""
    assert {path.name for path in folder.iterdir()} == FILES


@pytest.mark.parametrize("folder", SETS, ids=named)
def test_every_language_says_the_same(folder: Path) -> None:
    """A fact that is told in one language only is missed by the guests of all others."""
    asked = {file: placeholders(folder / file) for file in FILES}

    assert asked == {file: placeholders(folder.parent / FALLBACK / file) for file in FILES}


@pytest.mark.parametrize("folder", SETS, ids=named)
def test_an_admin_may_go_on_from_every_text(app: Flask, folder: Path) -> None:
    """What the page of a text would refuse must not be what it starts from."""
    event, language = Event(folder.parent.name), folder.name
    wordings = {channel: texts.built_in(event, channel, language) for channel in ChannelName}

    assert [validation.problems(wording, event, c, language) for c, wording in wordings.items()] == [{}] * len(wordings)


@pytest.mark.settings(timezone="Europe/Berlin")
@pytest.mark.parametrize("folder", SETS, ids=named)
def test_an_sms_costs_no_second_alphabet(app: Flask, folder: Path) -> None:
    """One letter outside GSM-7, such as á, more than doubles an SMS's price. A date such as "sábado" may need it."""
    booking = factories.a_booking(starts_at=datetime(2027, 3, 5, 12, 0, tzinfo=UTC), currency="EUR")
    for due in (Decimal(78), Decimal(-78)):
        facts = texts.facts(booking, folder.name, reason="-", paid=Paid(Decimal(50), due))

        body = texts.render(Event(folder.parent.name), ChannelName.SMS, folder.name, facts).body

        assert sms_parts.count(body).forcing == ()


@pytest.mark.parametrize("channel", ChannelName)
def test_every_channel_has_its_file(channel: ChannelName) -> None:
    """A new channel needs a text for each event."""
    assert channel is ChannelName.EMAIL or f"{channel}.txt" in FILES


def test_every_placeholder_is_known(app: Flask) -> None:
    """A name that nobody fills in is an error while the act's transaction is open: the click would fail."""
    known = texts.facts(factories.a_booking()).keys()
    unknown = {
        f"{named(folder)}/{path.name}": asked - (TEST_FACTS if folder.parent.name == Event.TEST else known)
        for folder in SETS for path in folder.iterdir() if (asked := placeholders(path))
    }  # fmt: skip

    assert {path: names for path, names in unknown.items() if names} == {}


@pytest.mark.parametrize("reason", ["", "The boat is under repair."])
@pytest.mark.parametrize("folder", SETS, ids=named)
def test_every_text_names_the_booking(app: Flask, folder: Path, reason: str) -> None:
    """A look-up finds a message at the provider by the reference in its text; without it, it may go out twice."""
    booking = factories.a_booking()
    facts = texts.facts(booking, reason=reason)

    made = [texts.render(Event(folder.parent.name), channel, folder.name, facts) for channel in ChannelName]

    parts = [part for text in made for part in (text.body, text.subject, text.html) if part]
    assert len(parts) == len(FILES) + 1  # The e-mail's HTML is made of its text.
    assert [part for part in parts if booking.reference not in part] == []


@pytest.mark.parametrize("folder", SETS, ids=named)
def test_a_whatsapp_text_gives_its_template_the_reference(app: Flask, folder: Path) -> None:
    """Its placeholders in order are the template's variables by default, and look-ups need the reference there too."""
    assert "reference" in texts.placeholders(Event(folder.parent.name), ChannelName.WHATSAPP, folder.name)


@pytest.mark.parametrize("channel", list(ChannelName))
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("event", rendering.ABOUT_PAYMENT)
def test_a_text_of_a_payment_names_its_sum_and_what_is_still_due(
    app: Flask, event: Event, language: str, channel: ChannelName
) -> None:
    """The booking's price under “we have received” would be a receipt for money that never came."""
    facts = sample.values(event, language)

    body = texts.render(event, channel, language, facts).body

    assert facts["payment_amount"] in body and facts["still_due"] in body
    with_price = [line.strip() for line in body.splitlines() if facts["amount"] in line]
    assert all(line.startswith(("Total:", "Gesamtpreis:")) for line in with_price)
