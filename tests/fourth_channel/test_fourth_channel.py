"""A channel that `webapp/` has never heard of carries a confirmation from the click to the receipt."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import DEFAULTS, Browser
from tests.factories import a_booking
from tests.fourth_channel import fake_telegram, telegram
from tests.fourth_channel.fake_telegram import FakeTelegram
from webapp import words
from webapp.channels import reasons, registry
from webapp.database import now, writing
from webapp.duties import ring
from webapp.extensions import db
from webapp.models import Attempt, Booking, ChannelName, Event, Message, MessageStatus, names
from webapp.services import bookings, delivery, texts
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate, receipts
from webapp.services.messages import test_message
from webapp.services.texts import validation
from webapp.settings import Settings

pytestmark = pytest.mark.both_databases


@pytest.fixture
def installed() -> Iterator[ChannelName]:
    """The channel, for one test: what it was registered in is put back."""
    tables = (names._CHANNELS, words.CHANNEL, words.PROVIDER, registry.PROVIDERS, reasons.TABLES)
    before, folders = [dict(table) for table in tables], list(texts.FOLDERS)
    yield telegram.install()
    for table, rows in zip(tables, before, strict=True):
        table.clear()
        table.update(rows)
    texts.FOLDERS[:] = folders


@pytest.fixture
def bot() -> Iterator[FakeTelegram]:
    with fake_telegram.running() as fake:
        yield fake


@pytest.fixture
def settings(database_url: str, tmp_path: Path, bot: FakeTelegram, installed: ChannelName) -> Settings:
    """Of a house that has Telegram; no click can be undone, so that all is due at once."""
    house = {"database_url": database_url, "data_dir": tmp_path, "undo_seconds": 0}
    own = {"telegram_token": bot.token, "telegram_api_url": bot.url}
    return telegram.TelegramSettings(_env_file=None, **(DEFAULTS | house | own))


def confirm(front_desk: Browser, **given: object) -> Booking:
    """A booking that hears by Telegram alone, confirmed on its page and drained as a worker does."""
    booking = a_booking(channels=[telegram.NAME], **given)
    answer = front_desk.act(f"/bookings/{booking.reference}/confirmation", version=booking.version)
    assert answer.status_code == 200, answer.text
    ring.run()
    delivery.drain(booking.guest_id)
    return booking


def message_of(booking: Booking) -> Message:
    db.session.expire_all()
    return db.session.scalars(select(Message).where(Message.booking_id == booking.id)).one()


def ask_now() -> None:
    """Ask for receipts as the housekeeper does once their time has come."""
    with writing():
        db.session.execute(update(Attempt).values(next_ask_at=now()))
    assert receipts.ask_due() == 1


def test_a_confirmation_goes_out_and_arrives(
    front_desk: Browser, manager: Browser, bot: FakeTelegram, installed: ChannelName
) -> None:
    booking = confirm(front_desk)

    (form,) = bot.taken
    assert form["phone"] == booking.phone and booking.reference in form["text"]
    message = message_of(booking)
    assert message.channel is installed and message.status is MessageStatus.SENT
    assert message.attempts[0].provider == telegram.PROVIDER and message.attempts[0].provider_id == "TG1"

    bot.status = "delivered"
    ask_now()

    assert message_of(booking).status is MessageStatus.DELIVERED
    for page in (f"/bookings/{booking.reference}", f"/messages/{message.id}"):
        assert "Telegram" in front_desk.get(page).text
    board = manager.get("/messages?channel=telegram").text
    assert booking.reference in board and "Telegram" in board


def test_a_refusal_is_told_in_the_channels_own_words(front_desk: Browser, manager: Browser, bot: FakeTelegram) -> None:
    bot.blocked.add("+14155550177")

    booking = confirm(front_desk, phone="+14155550177")

    assert (message_of(booking).status, message_of(booking).error_code) == (MessageStatus.FAILED, "403")
    assert "The guest has blocked our bot." in front_desk.get(f"/bookings/{booking.reference}").text
    assert "The guest has blocked our bot." in manager.get("/messages?cause=403&channel=telegram&view=messages").text


@pytest.mark.usefixtures("app")
def test_a_demo_guest_only_meets_the_sandbox(bot: FakeTelegram) -> None:
    booking = a_booking(channels=[telegram.NAME], is_demo=True)
    bookings.confirm(booking, by=BELLHOP)

    delivery.drain(booking.guest_id)

    message = message_of(booking)
    assert message.simulated and message.status is MessageStatus.SENT and not bot.taken


def test_it_is_paused_and_shown_as_any_other(app: Flask, admin: Browser, installed: ChannelName) -> None:
    channel_gate.ensure_rows()

    channel_gate.pause(installed, why="Its token is changed.", by=BELLHOP)

    page = admin.get("/queue/channels").text
    assert "Telegram" in page and "by Telegram" in page and "Its token is changed." in page


def test_an_admin_writes_its_texts_and_tries_them(
    app: Flask, admin: Browser, bot: FakeTelegram, installed: ChannelName
) -> None:
    assert admin.get("/admin/texts/booking_confirmed/telegram/en").status_code == 200

    test_message.send(installed, "+14155550178", by=BELLHOP)

    delivery.drain(db.session.scalars(select(Message)).one().guest_id)
    assert bot.taken[0]["phone"] == "+14155550178"


@pytest.mark.parametrize("event", Event)
def test_its_texts_keep_to_the_rules(app: Flask, installed: ChannelName, event: Event) -> None:
    wording = texts.rendering.in_force(event, installed, "en")

    assert validation.problems(wording, event, installed, "en") == {}


def test_the_house_does_not_know_it() -> None:
    """Nothing of it is left when its test is over, and nothing in `webapp/` names it."""
    root = Path(words.__file__).parent

    assert telegram.NAME not in ChannelName
    assert [path for path in root.rglob("*.py") if telegram.NAME in path.read_text().lower()] == []
