"""What a Twilio channel posts, and what it makes of each answer."""

import json
import time

import pytest

from tests.support.twilio.faults import Fault, broken, cut, drip, garbled, hang, reject, slow, too_many
from webapp.channels.base import Accepted, Misconfigured, Permanent, Scope, Temporary, Unknown
from webapp.models.names import ChannelName


def test_an_sms_goes_out_with_its_sender_validity_and_callback(twilio, channel, outgoing, before_body):
    wanted = outgoing(callback_url="http://127.0.0.1:1/webhooks/twilio/status/token-1", expires_in=3600.5)

    outcome = channel().send(wanted, before_body)

    form = twilio.arrivals[0].form
    assert outcome == Accepted(twilio.messages[0].sid, "queued")
    assert form["To"] == "+15552340001"
    assert form["From"] == "+15005550006"
    assert form["Body"] == wanted.body
    assert form["ValidityPeriod"] == "3600"
    assert form["SmartEncoded"].lower() == "true"
    assert form["StatusCallback"] == wanted.callback_url
    assert before_body.count == 1


@pytest.mark.parametrize(("left", "posted"), [(-5, "1"), (90_000, "36000")])
def test_the_validity_period_stays_within_twilios_limits(twilio, channel, outgoing, before_body, left, posted):
    channel().send(outgoing(expires_in=left), before_body)

    assert twilio.arrivals[0].form["ValidityPeriod"] == posted
    assert "StatusCallback" not in twilio.arrivals[0].form


def test_a_messaging_service_stands_in_for_a_missing_sender(twilio, channel, outgoing, before_body):
    service = "MG" + "a" * 32

    channel(twilio_sms_from="", twilio_messaging_service_sid=service).send(outgoing(), before_body)

    assert twilio.arrivals[0].form["MessagingServiceSid"] == service
    assert "From" not in twilio.arrivals[0].form


def test_whatsapp_sends_a_template_with_clean_variables_and_no_body(twilio, channel, outgoing, before_body):
    variables = {"1": " Amelia\r\n\tde  Souza ", "2": "", "3": "B-7"}
    wanted = outgoing(content_sid="HX" + "a" * 32, content_variables=variables)

    outcome = channel(ChannelName.WHATSAPP).send(wanted, before_body)

    form = twilio.arrivals[0].form
    assert isinstance(outcome, Accepted)
    assert form["To"] == "whatsapp:+15552340001"
    assert form["From"] == "whatsapp:+15005550006"
    assert json.loads(form["ContentVariables"]) == {"1": "Amelia de Souza", "2": "-", "3": "B-7"}
    assert "Body" not in form


def test_whatsapp_without_a_template_fails_before_any_byte(twilio, channel, outgoing, before_body):
    outcome = channel(ChannelName.WHATSAPP).send(outgoing(), before_body)

    assert isinstance(outcome, Permanent)
    assert outcome.code == "no_template"
    assert outcome.scope is Scope.TEMPLATE
    assert twilio.connections == 0
    assert before_body.count == 0


@pytest.mark.parametrize(
    ("to", "code"),
    [("01", "21211"), ("02", "21612"), ("03", "21408"), ("04", "21610"), ("09", "21614")],
)
def test_twilios_magic_numbers_are_permanent(channel, outgoing, before_body, to, code):
    outcome = channel().send(outgoing(to=f"+150055500{to}"), before_body)

    assert isinstance(outcome, Permanent)
    assert (outcome.code, outcome.scope) == (code, Scope.RECIPIENT)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (reject(20003, 401), "20003"),
        (reject(21606), "21606"),
        (reject(20404, 404), "20404"),
        (Fault(status=401, raw=b"no"), "http-401"),
        (Fault(status=403, raw=b"<html>"), "http-403"),
        (Fault(status=302, raw=b""), "http-302"),
        (reject(88888, 403), "88888"),
    ],
)
def test_a_wrong_account_or_sender_is_misconfigured(twilio, channel, outgoing, before_body, fault, code):
    twilio.fail_next(fault)

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == code


def test_too_many_requests_wait_as_long_as_twilio_says_and_cost_no_try(twilio, channel, outgoing, before_body):
    twilio.fail_next(too_many(7))

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.scope is Scope.CHANNEL
    assert (outcome.code, outcome.retry_after, outcome.uses_try) == ("20429", 7.0, False)


def test_unavailable_is_temporary_and_costs_a_try(twilio, channel, outgoing, before_body):
    twilio.fail_next(broken(503))

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.code == "20503"
    assert outcome.uses_try
    assert outcome.retry_after is None
    assert outcome.scope is Scope.CHANNEL


def test_a_full_sender_queue_waits_a_quarter_of_an_hour(twilio, channel, outgoing, before_body):
    twilio.fail_next(reject(21611))

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.retry_after == 900


def test_an_unknown_refusal_is_final_so_that_nothing_is_repeated_blindly(twilio, channel, outgoing, before_body):
    twilio.fail_next(reject(77777, message="Something new"))

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Permanent)
    assert outcome.code == "77777"
    assert "Something new" in outcome.detail


@pytest.mark.parametrize(
    "fault",
    [
        broken(500),
        broken(500, taken=True),
        broken(502),
        broken(504, taken=True),
        cut(),
        cut(taken=False),
        garbled(),
        Fault(status=201, raw=b"", taken=True),
        Fault(status=201, raw=b"[]", taken=True),
        Fault(status=201, raw=b"{}", taken=True),
        slow(0.9),
    ],
)
def test_what_twilio_may_have_taken_is_unknown(twilio, channel, outgoing, before_body, fault):
    twilio.fail_next(fault)

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Unknown)
    assert len(twilio.arrivals) == 1


def test_an_answer_in_problem_details_is_read_too(twilio, channel, outgoing, before_body):
    problem = b'{"type": "https://x", "title": "Blocked", "status": 400, "code": 21610, "detail": "Opted out"}'
    twilio.fail_next(Fault(status=400, raw=problem))

    outcome = channel().send(outgoing(), before_body)

    assert isinstance(outcome, Permanent)
    assert outcome.code == "21610"
    assert "Opted out" in outcome.detail


@pytest.mark.parametrize("fault", [hang(), drip(0.2)])
def test_no_answer_holds_a_hand_over_past_its_deadline(twilio, channel, outgoing, before_body, fault):
    twilio.fail_next(fault)
    begun = time.monotonic()

    outcome = channel(provider_timeout=5, handover_deadline=0.8).send(outgoing(), before_body)

    assert isinstance(outcome, Unknown)
    assert 0.7 < time.monotonic() - begun < 1.5


def test_a_provider_that_refuses_connections_was_sent_nothing(twilio, channel, outgoing, before_body):
    sms = channel()
    twilio.go_down()

    outcome = sms.send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.scope is Scope.CHANNEL
    assert outcome.code == "refused"
    assert outcome.uses_try
    assert before_body.count == 0


def test_a_name_that_cannot_be_looked_up_was_sent_nothing(channel, outgoing, before_body):
    outcome = channel(twilio_api_url="http://twilio.invalid").send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.code == "dns"
    assert before_body.count == 0


def test_a_line_without_tls_where_tls_is_wanted_was_sent_nothing(twilio, channel, outgoing, before_body):
    outcome = channel(twilio_api_url=twilio.url.replace("http:", "https:")).send(outgoing(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.code in ("tls", "cut_early", "connect_timeout")
    assert before_body.count == 0


def test_a_refusal_of_the_caller_before_the_first_byte_sends_nothing(twilio, channel, outgoing):
    def lease_is_short() -> None:
        raise OSError("the lease is too short")

    with pytest.raises(OSError, match="the lease is too short"):
        channel().send(outgoing(), lease_is_short)

    assert not twilio.arrivals
