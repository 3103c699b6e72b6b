"""The sandbox behaves like a provider, and its look-ups are exact."""

import pytest

from webapp.channels.base import Accepted, Outgoing, Permanent, Sighting, Temporary, Unknown
from webapp.channels.registry import build
from webapp.channels.sandbox import NO_WHATSAPP, SandboxChannel
from webapp.models.names import ChannelName
from webapp.settings import Settings

PLAIN = Settings(_env_file=None)


class Store:
    """A sandbox's memory, in a dictionary."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}

    def accept(self, outgoing: Outgoing, provider_id: str) -> str:
        return self.taken.setdefault(outgoing.token, provider_id)

    def find(self, token: str) -> Sighting | None:
        return Sighting(self.taken[token], "sent") if token in self.taken else None

    def get(self, provider_id: str) -> Sighting | None:
        return Sighting(provider_id, "sent") if provider_id in self.taken.values() else None


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def sandbox(store):
    return lambda name=ChannelName.SMS: SandboxChannel(PLAIN, name, store, delay=(0, 0))


def test_it_takes_a_message_and_finds_it_again(sandbox, outgoing, before_body):
    outcome = sandbox().send(outgoing(), before_body)

    assert isinstance(outcome, Accepted)
    assert len(outcome.provider_id) == 34
    assert outcome.provider_id.startswith("SM")
    assert sandbox().find(outgoing()) == [Sighting(outcome.provider_id, "sent")]
    assert sandbox().ask(outcome.provider_id) == Sighting(outcome.provider_id, "sent")
    assert before_body.count == 1


def test_another_attempts_message_is_not_found(sandbox, outgoing, before_body):
    sandbox().send(outgoing(), before_body)

    assert sandbox().find(outgoing(token="token-2")) == []


def test_it_is_stored_before_it_is_answered(sandbox, store, outgoing, before_body, monkeypatch):
    pauses = []
    monkeypatch.setattr("time.sleep", lambda _: pauses.append(dict(store.taken)))

    sandbox().send(outgoing(), before_body)

    assert [len(taken) for taken in pauses] == [0, 1]


def test_one_token_is_one_message(sandbox, outgoing, before_body):
    first, second = (sandbox().send(outgoing(), before_body) for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("to", "code"),
    [("01", "21211"), ("02", "21612"), ("03", "21408"), ("04", "21610"), ("09", "21614")],
)
def test_twilios_magic_numbers_fail_as_at_twilio(sandbox, store, outgoing, before_body, to, code):
    for name in (ChannelName.SMS, ChannelName.WHATSAPP):
        outcome = sandbox(name).send(outgoing(to=f"+150055500{to}"), before_body)
        assert isinstance(outcome, Permanent)
        assert outcome.code == code
    assert not store.taken


def test_a_phone_without_whatsapp_takes_the_sms(sandbox, outgoing, before_body):
    by_whatsapp, by_sms = (
        sandbox(name).send(outgoing(to=NO_WHATSAPP[0]), before_body) for name in (ChannelName.WHATSAPP, ChannelName.SMS)
    )

    assert isinstance(by_whatsapp, Permanent) and by_whatsapp.code == NO_WHATSAPP[1]
    assert isinstance(by_sms, Accepted)


@pytest.mark.parametrize(
    ("to", "code"), [("bounce@x.y", "550 5.1.1"), ("Full+a@x.y", "552 5.2.2"), ("spam@x.y", "content 554 5.7.1")]
)
def test_magic_mailboxes_refuse(sandbox, mail, before_body, to, code):
    outcome = sandbox(ChannelName.EMAIL).send(mail(to=to), before_body)

    assert isinstance(outcome, Permanent)
    assert outcome.code == code


def test_a_greylisting_mailbox_takes_each_message_at_its_second_try(sandbox, mail, before_body):
    channel = sandbox(ChannelName.EMAIL)

    first, second = (channel.send(mail(to="greylist@x.y"), before_body) for _ in range(2))
    other = channel.send(mail(to="greylist@x.y", message_id=43), before_body)

    assert isinstance(first, Temporary)
    assert first.code == "451 4.7.1"
    assert isinstance(second, Accepted)
    assert isinstance(other, Temporary)


@pytest.mark.parametrize(("name", "to"), [(ChannelName.SMS, "+15005550099"), (ChannelName.EMAIL, "lost@x.y")])
def test_a_lost_answer_can_be_looked_up(sandbox, outgoing, before_body, name, to):
    outcome = sandbox(name).send(outgoing(to=to), before_body)

    assert isinstance(outcome, Unknown)
    assert len(sandbox(name).find(outgoing())) == 1


@pytest.mark.parametrize(
    ("settings", "providers"),
    [
        ({}, {"off"}),
        ({f"{name}_provider": "sandbox" for name in ChannelName}, {"sandbox"}),
        ({"sms_provider": "twilio", "whatsapp_provider": "twilio", "email_provider": "smtp"}, {"twilio", "smtp"}),
    ],
)
def test_the_settings_choose_each_channels_provider(store, settings, providers):
    channels = build(Settings(_env_file=None, **settings), store)

    assert {channel.provider for channel in channels.values()} == providers
    assert all(channel.name is name for name, channel in channels.items())


def test_a_channel_that_is_off_says_so_without_an_alarm(store, outgoing, before_body):
    off = build(PLAIN, store)[ChannelName.SMS]

    outcome = off.send(outgoing(), before_body)

    assert isinstance(outcome, Permanent)
    assert outcome.code == "provider_off"
    assert off.check_credentials()
    assert off.find(outgoing()) is None
    assert off.ask("x") is None
