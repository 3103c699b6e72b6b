"""How a Twilio channel finds out what became of a message."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.twilio.faults import Fault, broken, cut, hang
from webapp.channels.base import Unknown
from webapp.channels.twilio import TwilioChannel
from webapp.models.names import ChannelName


def test_a_message_whose_answer_was_lost_is_found(twilio, channel, outgoing, before_body):
    twilio.fail_next(cut(taken=True))
    sms, attempt = channel(), outgoing()

    assert isinstance(sms.send(attempt, before_body), Unknown)
    found = sms.find(attempt)

    assert [sighting.provider_id for sighting in found] == [twilio.messages[0].sid]


def test_a_message_that_was_lost_with_its_answer_is_not_found(twilio, channel, outgoing, before_body):
    twilio.fail_next(cut(taken=False))
    sms, attempt = channel(), outgoing()

    sms.send(attempt, before_body)

    assert sms.find(attempt) == []


def test_a_look_takes_only_this_bookings_messages(channel, outgoing, before_body):
    sms = channel()
    sms.send(outgoing(body="Your booking B-70 is confirmed."), before_body)
    sms.send(outgoing(body="Your booking B-7-2 is confirmed."), before_body)
    sms.send(outgoing(to="+15552340002"), before_body)
    wanted = sms.send(outgoing(body="It is confirmed (B-7)."), before_body)

    found = sms.find(outgoing())

    assert [sighting.provider_id for sighting in found] == [wanted.provider_id]


def test_a_look_goes_back_ten_minutes_before_the_attempt(channel, outgoing, before_body):
    sms = channel()
    sms.send(outgoing(), before_body)
    now = datetime.now(UTC)

    assert len(sms.find(outgoing(started_at=now + timedelta(minutes=9)))) == 1
    assert sms.find(outgoing(started_at=now + timedelta(minutes=12))) == []
    assert len(sms.find(outgoing(started_at=now.replace(tzinfo=None)))) == 1


def test_a_trial_accounts_prefix_does_not_hide_a_message(outgoing, before_body, channel, twilio):
    twilio.trial = True
    sms = channel()
    sms.send(outgoing(), before_body)

    assert len(sms.find(outgoing())) == 1


def test_whatsapp_is_looked_up_under_its_prefixed_address(twilio, channel, outgoing, before_body):
    twilio.templates["HX" + "a" * 32] = "Hello {{1}}, booking {{2}} is confirmed."
    attempt = outgoing(content_sid="HX" + "a" * 32, content_variables={"1": "Amelia", "2": "B-7"})
    whatsapp = channel(ChannelName.WHATSAPP)
    whatsapp.send(attempt, before_body)

    assert len(whatsapp.find(attempt)) == 1
    assert channel().find(attempt) == []


@pytest.mark.parametrize("fault", [broken(503), cut(), hang(), Fault(status=200, raw=b"{"), Fault(status=404)])
def test_a_look_that_failed_says_nothing(twilio, channel, outgoing, fault):
    twilio.fail_looks(fault)

    assert channel().find(outgoing()) is None


def test_asking_tells_status_and_code(twilio, channel, outgoing, before_body):
    sms = channel()
    sid = sms.send(outgoing(), before_body).provider_id
    twilio.message(sid).advance("undelivered", 30003)

    seen = sms.ask(sid)

    assert (seen.provider_id, seen.status, seen.code) == (sid, "undelivered", "30003")
    assert sms.ask("SM" + "0" * 32) is None


def test_credentials_are_checked_without_sending(twilio, channel):
    assert channel().check_credentials() == ""
    assert "login" in channel(twilio_auth_token="wrong").check_credentials()
    twilio.account_status = "suspended"
    assert "suspended" in channel().check_credentials()
    twilio.go_down()
    assert "refused" in channel().check_credentials()
    assert not twilio.arrivals


def test_no_log_holds_a_guests_number(caplog, channel, outgoing, before_body):
    caplog.set_level(logging.DEBUG)
    sms = channel()

    sms.send(outgoing(), before_body)
    sms.find(outgoing())

    assert "5552340001" not in caplog.text


def test_a_channel_can_be_made_before_its_credentials_are_known(channel):
    assert isinstance(channel(twilio_account_sid="", twilio_auth_token=""), TwilioChannel)
