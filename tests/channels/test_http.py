"""Connections: kept where that is safe, watched by a deadline, one set a thread."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.twilio.faults import drip, hang
from webapp.channels import http
from webapp.channels.base import Accepted, Temporary, Unknown


def test_a_thread_keeps_its_connection(twilio, channel, outgoing, before_body):
    sms = channel()

    for _ in range(5):
        sms.send(outgoing(), before_body)

    assert len(twilio.messages) == 5
    assert twilio.connections == 1


def test_a_connection_that_rested_is_opened_afresh(twilio, channel, outgoing, before_body, monkeypatch):
    sms = channel()
    sms.send(outgoing(), before_body)
    monkeypatch.setattr(http, "REST_SECONDS", 0)

    assert isinstance(sms.send(outgoing(), before_body), Accepted)
    assert twilio.connections == 2


def test_a_connection_that_the_provider_closed_makes_no_unknown_outcome(twilio, channel, outgoing, before_body):
    sms = channel()
    sms.send(outgoing(), before_body)
    twilio.go_down()
    twilio.come_back()

    assert isinstance(sms.send(outgoing(), before_body), Accepted)


def test_a_cut_connection_is_not_used_again(twilio, channel, outgoing, before_body):
    sms = channel(provider_timeout=5, handover_deadline=0.4)
    twilio.fail_next(drip(0.1))

    assert isinstance(sms.send(outgoing(), before_body), Unknown)
    assert isinstance(sms.send(outgoing(), before_body), Accepted)


def test_sixteen_threads_share_a_channel(twilio, channel, outgoing, before_body):
    sms = channel(provider_timeout=5, handover_deadline=10)

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(lambda n: sms.send(outgoing(to=f"+1555234{n:04}"), before_body), range(200)))

    assert len({outcome.provider_id for outcome in outcomes}) == 200
    assert [twilio.message(o.provider_id).to for o in outcomes] == [f"+1555234{n:04}" for n in range(200)]


def test_sixteen_hand_overs_that_hang_all_end_at_their_deadline(twilio, channel, outgoing, before_body):
    sms = channel(provider_timeout=5, handover_deadline=0.6)
    twilio.fail_always(hang())
    begun = time.monotonic()

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(lambda _: sms.send(outgoing(), before_body), range(16)))

    assert time.monotonic() - begun < 1.6
    assert all(isinstance(outcome, Unknown) for outcome in outcomes)


def test_one_thread_watches_all_deadlines(twilio, channel, outgoing, before_body):
    sms = channel()

    for _ in range(20):
        sms.send(outgoing(), before_body)

    assert [thread.name for thread in threading.enumerate()].count("deadlines") == 1


def test_a_handshake_that_never_ends_is_cut_before_anything_was_sent(channel, outgoing, before_body):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        sms = channel(twilio_api_url=address, provider_timeout=5, handover_deadline=0.4)
        begun = time.monotonic()

        outcome = sms.send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.code == "deadline"
    assert time.monotonic() - begun < 1
    assert before_body.count == 0
