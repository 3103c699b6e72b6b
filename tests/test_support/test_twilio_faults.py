"""The fake Twilio fails on demand, on the wire too."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.support.twilio import faults
from tests.support.twilio.fake_twilio import FakeTwilio
from tests.support.twilio.faults import Fault
from tests.support.twilio.overlaps import most_open
from tests.support.waiting import until

AMELIA, BORIS, DESK = "+15552340001", "+15552340002", "+15550000009"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def send(client: Client, to: str = AMELIA) -> str:
    return str(client.messages.create(to=to, from_=DESK, body="Hello").sid)


def failure(client: Client, to: str = AMELIA) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as refusal:
        send(client, to)
    return refusal.value.status, refusal.value.code


def test_a_fault_is_for_one_number_and_so_many_times(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.broken(503), to=AMELIA, times=2)

    assert [failure(client), failure(client)] == [(503, 20503)] * 2
    assert send(client, BORIS)
    assert send(client, AMELIA)
    assert len(twilio.to(AMELIA)) == 3
    assert len(twilio.taken(AMELIA)) == 1


def test_a_rule_sees_the_arrival_and_chooses(client: Client, twilio: FakeTwilio) -> None:
    twilio.rule(lambda arrival: faults.reject(21610) if arrival.to == BORIS else None)

    assert failure(client, BORIS) == (400, 21610)
    assert send(client, AMELIA)


def test_too_many_requests_say_when_to_come_back(twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.too_many(retry_after=7))
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"

    answer = requests.post(url, data={}, auth=(twilio.account_sid, twilio.auth_token), timeout=2)

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, 20429, "7")


def test_a_server_error_may_come_after_the_message_was_taken(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.broken(500, taken=True))

    assert failure(client) == (500, 20500)
    assert len(client.messages.list(to=AMELIA)) == 1


def test_a_cut_line_hides_that_the_message_was_taken(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.cut())

    with pytest.raises(requests.ConnectionError):
        send(client)

    assert len(client.messages.list(to=AMELIA)) == 1
    assert twilio.arrivals[0].status == 0
    assert twilio.arrivals[0].ended is not None


def test_a_line_may_be_cut_before_the_message_was_taken(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.cut(taken=False))

    with pytest.raises(requests.ConnectionError):
        send(client)

    assert client.messages.list(to=AMELIA) == []


def test_an_answer_may_be_unreadable(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.garbled())

    with pytest.raises(json.JSONDecodeError):
        send(client)

    assert len(twilio.messages) == 1


def test_a_black_hole_lasts_until_the_client_gives_up(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.hang())
    client.http_client.timeout = 0.2

    with pytest.raises(requests.ReadTimeout):
        send(client)

    until(lambda: twilio.arrivals[0].ended, within=2, saying="the fake noticed that the client hung up")
    assert twilio.messages == []


def test_a_black_hole_can_be_released(client: Client, twilio: FakeTwilio, pool: ThreadPoolExecutor) -> None:
    twilio.fail_next(faults.hang(taken=True))
    waiting = pool.submit(send, client)
    until(lambda: twilio.messages, within=2, saying="the message arrived")
    assert not waiting.done()

    twilio.release()

    assert waiting.result(2) == twilio.messages[0].sid


def test_a_slow_answer_comes_after_its_delay(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.slow(0.1))
    send(client)

    [arrival] = twilio.arrivals
    assert arrival.ended
    assert arrival.ended - arrival.started >= 0.1


def test_a_dripping_answer_outlasts_a_read_timeout(client: Client, twilio: FakeTwilio) -> None:
    client.http_client.timeout = 0.1
    twilio.fail_next(faults.drip(0.001))
    send(client)

    [arrival] = twilio.arrivals
    assert arrival.ended
    assert arrival.ended - arrival.started > 0.3


def test_a_message_may_be_missing_from_the_list(client: Client, twilio: FakeTwilio) -> None:
    twilio.fail_next(Fault(hidden=True))

    assert send(client) == twilio.messages[0].sid
    assert client.messages.list() == []


def test_a_look_can_fail_by_itself(client: Client, twilio: FakeTwilio) -> None:
    sid = send(client)
    twilio.fail_looks(faults.broken(503))

    with pytest.raises(TwilioRestException):
        client.messages(sid).fetch()

    assert client.messages(sid).fetch().sid == sid


def test_a_provider_that_is_down_refuses_and_comes_back_where_it_was(client: Client, twilio: FakeTwilio) -> None:
    send(client)
    twilio.go_down()
    with pytest.raises(requests.ConnectionError, match="refused"):
        send(client)

    twilio.come_back()

    assert send(client)
    assert len(twilio.messages) == 2


def test_going_down_cuts_what_is_open(client: Client, twilio: FakeTwilio, pool: ThreadPoolExecutor) -> None:
    twilio.fail_next(faults.hang(taken=True))
    waiting = pool.submit(send, client)
    until(lambda: twilio.messages, within=2, saying="the message arrived")

    twilio.go_down()

    assert isinstance(waiting.exception(2), requests.ConnectionError)


def test_requests_at_the_same_time_are_seen_to_overlap(twilio: FakeTwilio, pool: ThreadPoolExecutor) -> None:
    together = threading.Barrier(8)
    twilio.rule(lambda arrival: Fault(delay=0.2))
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    form = {"To": AMELIA, "From": DESK, "Body": "Hello"}

    def post() -> int:
        together.wait(2)
        return requests.post(url, form, auth=(twilio.account_sid, twilio.auth_token), timeout=5).status_code

    assert [future.result(5) for future in [pool.submit(post) for _ in range(8)]] == [201] * 8
    assert most_open(twilio.arrivals) == 8


def test_one_connection_carries_many_requests(twilio: FakeTwilio) -> None:
    http = TwilioHttpClient(timeout=2)
    client = Client(twilio.account_sid, twilio.auth_token, http_client=http)
    client.api.base_url = twilio.url

    sids = {send(client) for _ in range(20)}

    assert len(sids) == 20
    assert twilio.connections == 1
    http.session.close()
