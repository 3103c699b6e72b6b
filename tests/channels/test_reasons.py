"""The tables of codes: complete, readable, and safe for what they do not know."""

import pytest

from webapp.channels.base import Misconfigured, Permanent, Scope, Temporary, Unknown
from webapp.channels.reasons import OURS, Kind, Reason, as_outcome, explain
from webapp.channels.smtp.codes import CODES as SMTP
from webapp.channels.smtp.codes import code_of
from webapp.channels.twilio_codes import CODES as TWILIO
from webapp.models.names import ChannelName

ALL = {**{f"ours {code}": r for code, r in OURS.items()}, **TWILIO, **{f"smtp {c}": r for c, r in SMTP.items()}}


@pytest.mark.parametrize("code", ALL)
def test_each_reason_says_what_happened_and_what_helps_in_whole_sentences(code):
    reason = ALL[code]

    assert reason.text[0].isupper()
    assert reason.text.endswith(".")
    assert reason.helps[0].isupper()
    assert reason.helps.endswith(".")
    assert len(reason.text) < 130
    assert len(reason.helps) < 150


@pytest.mark.parametrize("code", [code for code in TWILIO if code.isdigit()])
def test_each_twilio_code_links_to_its_page(code):
    assert TWILIO[code].link == f"https://www.twilio.com/docs/api/errors/{code}"


def test_only_what_is_about_the_guest_is_held_against_the_guest():
    assert all(reason.scope is Scope.CHANNEL for reason in ALL.values() if reason.kind is Kind.MISCONFIGURED)


@pytest.mark.parametrize("channel", ChannelName)
@pytest.mark.parametrize("code", ["", "99999", "http-418", "http-599", "nonsense", "999", "550 9.9.9", "rcpt"])
def test_every_code_has_an_explanation(channel, code):
    reason = explain(channel, code)

    assert isinstance(reason, Reason)
    assert reason.text
    assert reason.helps


def test_an_unknown_twilio_code_is_shown_and_final():
    reason = explain(ChannelName.SMS, "99999")

    assert reason.kind is Kind.PERMANENT
    assert "99999" in reason.text
    assert reason.link.endswith("/99999")


@pytest.mark.parametrize(
    ("stage", "reply", "words", "code", "kind"),
    [
        ("", 550, "5.1.1 No such user", "550 5.1.1", Kind.PERMANENT),
        ("", 550, "No such user", "550", Kind.PERMANENT),
        ("", 571, "Odd", "571", Kind.PERMANENT),
        ("", 450, "5.1.1 Odd", "450", Kind.TEMPORARY),
        ("", 550, "5.7.1 Unable to relay", "relay 550 5.7.1", Kind.MISCONFIGURED),
        ("sender", 553, "5.1.8 Bad sender", "sender 553 5.1.8", Kind.MISCONFIGURED),
        ("content", 421, "4.7.0 Try later", "content 421 4.7.0", Kind.TEMPORARY),
        ("connect", 554, "No service", "connect 554", Kind.TEMPORARY),
    ],
)
def test_a_refusal_is_written_down_and_read_back(stage, reply, words, code, kind):
    assert code_of(stage, reply, words) == code
    assert explain(ChannelName.EMAIL, code).kind is kind


def test_an_address_that_is_refused_after_the_mail_is_still_the_address():
    assert explain(ChannelName.EMAIL, "content 550 5.1.1").scope is Scope.RECIPIENT


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (Kind.TEMPORARY, Temporary("c", "d", Scope.RECIPIENT, 30)),
        (Kind.PERMANENT, Permanent("c", "d", Scope.RECIPIENT)),
        (Kind.MISCONFIGURED, Misconfigured("c", "d")),
        (Kind.UNKNOWN, Unknown("d", "c")),
    ],
)
def test_each_kind_has_its_outcome(kind, outcome):
    assert as_outcome(Reason(kind, Scope.RECIPIENT, "T.", "H.", wait=30), "c", "d") == outcome


def test_a_providers_own_wait_wins_over_the_tables():
    reason = Reason(Kind.TEMPORARY, Scope.CHANNEL, "T.", "H.", wait=30)

    assert as_outcome(reason, "c", retry_after=0).retry_after == 0
