"""The fake Twilio answers Twilio's own client as Twilio does."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from tests.support.twilio.fake_twilio import FakeTwilio

AMELIA, DESK = "+15552340001", "+15550000009"
TEMPLATE = "HX" + "a" * 32


def refused(client: Client, **message: str) -> int:
    with pytest.raises(TwilioRestException) as refusal:
        client.messages.create(**({"to": AMELIA, "from_": DESK, "body": "Hello"} | message))
    return int(refusal.value.code)


def test_a_message_is_taken_and_kept(client: Client, twilio: FakeTwilio) -> None:
    answer = client.messages.create(to=AMELIA, from_=DESK, body="Booking B-7 is confirmed")

    assert answer.status == MessageInstance.Status.QUEUED
    assert answer.sid == twilio.messages[0].sid == twilio.arrivals[0].sid
    assert (answer.to, answer.from_, answer.body) == (AMELIA, DESK, "Booking B-7 is confirmed")
    assert answer.date_created is not None
    assert answer.date_sent is None
    assert answer.error_code is None


def test_an_arrival_keeps_all_that_was_posted(client: Client, twilio: FakeTwilio) -> None:
    url = "http://127.0.0.1:9/webhooks/twilio/status/abc"
    client.messages.create(
        to=f"whatsapp:{AMELIA}", from_=f"whatsapp:{DESK}", content_sid=TEMPLATE,
        content_variables='{"1": "Amelia"}', status_callback=url, validity_period=3600,
    )  # fmt: skip

    [arrival] = twilio.to(AMELIA)
    assert (arrival.content_sid, arrival.content_variables) == (TEMPLATE, {"1": "Amelia"})
    assert (arrival.status_callback, arrival.form["ValidityPeriod"]) == (url, "3600")
    assert arrival.ended is not None
    assert arrival.started < arrival.ended
    assert arrival.status == 201


def test_a_template_is_listed_with_its_text(client: Client, twilio: FakeTwilio) -> None:
    twilio.templates[TEMPLATE] = "Dear {{1}}, booking {{2}} is confirmed"
    variables = '{"1": "Amelia", "2": "B-7"}'
    client.messages.create(
        to=f"whatsapp:{AMELIA}", from_=f"whatsapp:{DESK}", content_sid=TEMPLATE, content_variables=variables
    )

    [listed] = client.messages.list(to=f"whatsapp:{AMELIA}")
    assert listed.body == "Dear Amelia, booking B-7 is confirmed"


def test_a_messaging_service_chooses_its_sender_later(client: Client) -> None:
    answer = client.messages.create(to=AMELIA, messaging_service_sid="MG" + "1" * 32, body="Hello")

    assert (answer.status, answer.from_, answer.num_segments) == ("accepted", None, "0")


def test_messages_are_listed_newest_first_over_several_pages(client: Client) -> None:
    for number in range(5):
        client.messages.create(to=AMELIA, from_=DESK, body=f"Number {number}")
    client.messages.create(to="+15552340002", from_=DESK, body="For somebody else")

    bodies = [m.body for m in client.messages.list(to=AMELIA, page_size=2)]

    assert bodies == [f"Number {number}" for number in (4, 3, 2, 1, 0)]
    assert len(client.messages.list(to=AMELIA, limit=3)) == 3


def test_a_message_and_the_account_can_be_fetched(client: Client, twilio: FakeTwilio) -> None:
    sid = client.messages.create(to=AMELIA, from_=DESK, body="Hello").sid
    twilio.messages[0].advance("undelivered", 30003)

    assert client.messages(sid).fetch().error_code == 30003
    assert client.api.accounts(twilio.account_sid).fetch().status == "active"
    assert [path.rsplit("/", 1)[1] for path, _ in twilio.looks] == [f"{sid}.json", f"{twilio.account_sid}.json"]


def test_a_message_that_nobody_knows_is_not_found(client: Client) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        client.messages("SM" + "0" * 32).fetch()

    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_a_wrong_token_is_turned_away(twilio: FakeTwilio) -> None:
    http = TwilioHttpClient(timeout=2)
    stranger = Client(twilio.account_sid, "wrong", http_client=http)
    stranger.api.base_url = twilio.url

    assert refused(stranger) == 20003
    assert twilio.messages == []
    http.session.close()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"to": "0123"}, 21211),
        ({"to": f"whatsapp:{AMELIA}"}, 21910),
        ({"messaging_service_sid": "MG1"}, 21705),
        ({"content_variables": "{}", "body": "", "content_sid": ""}, 21654),
        ({"content_sid": "HX1"}, 21655),
        ({"content_sid": TEMPLATE, "content_variables": "[1]"}, 21656),
        ({"status_callback": "http://my_host/x"}, 21609),
        ({"validity_period": "36001"}, 20422),
    ],
)
def test_a_wrong_message_is_refused_with_its_code(client: Client, message: dict[str, str], code: int) -> None:
    assert refused(client, **message) == code


@pytest.mark.parametrize(("last", "code"), [(1, 21211), (2, 21612), (3, 21408), (4, 21610), (9, 21614)])
def test_magic_numbers_fail_as_with_test_credentials(client: Client, last: int, code: int) -> None:
    assert refused(client, to=f"+1500555000{last}") == code


@pytest.mark.parametrize(("last", "code"), [(1, 21212), (7, 21606), (8, 21611)])
def test_magic_senders_fail_as_with_test_credentials(client: Client, last: int, code: int) -> None:
    assert refused(client, from_=f"+1500555000{last}") == code


def test_a_sender_of_somebody_else_is_refused(client: Client, twilio: FakeTwilio) -> None:
    twilio.senders = {DESK}

    assert refused(client, from_="+15550000001") == 21606
    assert refused(client, to=f"whatsapp:{AMELIA}", from_="whatsapp:+15550000001") == 63007
    assert client.messages.create(to=AMELIA, from_=DESK, body="Hello").sid


def test_a_trial_account_puts_its_prefix_before_the_text(client: Client, twilio: FakeTwilio) -> None:
    twilio.trial = True
    client.messages.create(to=AMELIA, from_=DESK, body="Hello")

    assert client.messages.list()[0].body == "Sent from your Twilio trial account - Hello"
