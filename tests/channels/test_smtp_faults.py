"""Whose fault a refusal is: what is ours holds mails back, what is the guest's fails the one mail, in true words."""

import re

import pytest
from sqlalchemy import select

from tests.factories import a_booking, a_message
from webapp.channels.base import Misconfigured, Permanent, Scope, Temporary
from webapp.channels.email import EmailChannel
from webapp.channels.reasons import explain
from webapp.channels.smtp import faults as smtp_faults
from webapp.channels.smtp.codes import code_of, returned_code
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, ChannelState, Message, MessageStatus
from webapp.services import delivery
from webapp.settings import Settings

# Stage, reply, the first word of the code that is kept.
OURS = [
    ("", "550 5.4.5 Daily user sending quota exceeded. For more information go to support.google.com", "quota"),
    ("", "550 5.4.5 Daily user sending limit exceeded. - gsmtp", "quota"),
    ("content", "550-5.4.5 Daily SMTP relay sending limit exceeded for customer.", "quota"),
    ("content", "554 5.7.0 Your message could not be sent. The limit on the number of allowed outgoing messages was "
     "exceeded. Try again later.", "quota"),
    ("content", "454 Throttling failure: Daily message quota exceeded", "quota"),
    ("content", "454 Throttling failure: Maximum sending rate exceeded", "rate"),
    ("sender", "452 4.3.1 You have exceeded the hourly sending limit", "quota"),
    ("", "450 4.7.1 Error: too many recipients per hour from this account", "quota"),
    ("content", "550 5.1.90 Your message can't be sent: you've reached your daily limit for recipients", "quota"),
    ("", "550 5.7.232 Your tenant exceeded its external recipient rate limit", "rate"),
    ("content", "421 4.7.28 We have detected an unusual rate of unsolicited mail originating from your IP", "rate"),
    ("", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints", "rate"),
    ("connect", "421 RP-001 (SNT004) Unfortunately, some messages weren't sent. The rate limit was exceeded", "rate"),
    ("", "451 4.7.500 Server busy. Please try again later from [192.0.2.1].", "rate"),
    ("", "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.", "rate"),
    ("content", "421 4.3.0 too many messages, slow down", "rate"),
    ("", "553 5.7.1 <desk@hotel.example>: Sender address rejected: not owned by user desk", "sender"),
    ("sender", "553 5.7.1 <desk@hotel.example>: Sender address rejected: not logged in", "sender"),
    ("content", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "sender"),
    ("content", "554 5.2.252 SendAsDenied; desk@hotel.example not allowed to send as info@hotel.example", "sender"),
    ("content", "554 Message rejected: Email address is not verified. The following identities failed", "sender"),
    ("content", "550 The from address does not match a verified Sender Identity. Mail cannot be sent", "sender"),
    ("content", "553 Relaying disallowed as info@hotel.example", "sender"),
    ("sender", "550 5.1.7 Bad sender's mailbox address syntax", "sender"),
    ("", "550 5.1.8 Access denied, bad outbound sender", "sender"),
    ("", "550 Sender verify failed", "sender"),
    ("", "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", "login"),
    ("sender", "530 5.7.0 Must issue a STARTTLS command first", "login"),
    ("", "550 5.7.1 Authentication required", "login"),
    ("sender", "530 5.7.0 Authentication Required. For more information", "login"),
    ("content", "550 Your account has been suspended", "account"),
    ("content", "535 5.7.13 User account is disabled", "account"),
    ("content", "550 5.7.501 Access denied, spam abuse detected", "account"),
    ("", "550 5.1.8 Access denied, banned sender", "account"),
    ("", "550 5.7.705 Access denied, tenant has exceeded threshold", "account"),
    ("content", "550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains", "account"),
    ("", "550 5.4.6 Unusual sending activity detected. Please try after sometime", "account"),
    ("sender", "451 Authentication failed: Maximum credits exceeded", "account"),
    ("content", "421 Domain mg.hotel.example is not allowed to send: The domain is unverified", "account"),
    ("content", "554 Your sending account is pending approval; you may not send outside of your domain", "account"),
    ("content", "554 Sending paused for this account. For more information", "account"),
    ("", "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "reputation"),
    ("", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.spamcop.net", "reputation"),
    ("connect", "554 5.7.1 Your IP 192.0.2.1 is listed on a blocklist", "reputation"),
    ("sender", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Your network is on our block list "
     "(S3140).", "reputation"),
    ("", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "reputation"),
    ("", "550 5.7.511 Access denied", "reputation"),
    ("connect", "554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact "
     "tosa@rx.t-online.de to clarify.) (BL)", "reputation"),
    ("connect", "554-gmx.net (mxgmx017) Nemesis ESMTP Service not available 554-No SMTP service", "reputation"),
    ("content", "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com", "reputation"),
    ("", "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
     "reputation"),
    ("content", "550 5.7.1 [CS01] Message rejected due to local policy.", "reputation"),
    ("content", "550 5.7.1 Our system has detected that this message is likely suspicious due to the very low "
     "reputation of the sending domain", "reputation"),
    ("content", "550 5.7.26 This mail has been blocked because the sender is unauthenticated. SPF = did not pass",
     "domain"),
    ("content", "550 5.7.26 Unauthenticated email from hotel.example is not accepted due to domain's DMARC policy",
     "domain"),
    ("", "550 5.7.23 The message was rejected because of Sender Policy Framework violation", "domain"),
    ("", "550 5.7.27 whatever they say", "domain"),
    ("content", "550 5.7.509 Access denied, sending domain hotel.example does not pass DMARC verification", "domain"),
    ("content", "550 5.7.515 Access denied, sending domain does not meet the required authentication level", "domain"),
    ("", "550 5.7.20 No passing DKIM signature found", "domain"),
    ("content", "550 5.7.25 The IP address sending this message does not have a PTR record setup", "network"),
    ("", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", "network"),
    ("", "554 5.7.1 Relay access denied", "relay"),
    ("", "550 5.7.64 TenantAttribution; Relay Access Denied", "relay"),
    ("", "550 relaying not permitted", "relay"),
]  # fmt: skip
GUESTS = [
    ("", "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking", "no such"),
    ("", "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in relay recipient table", "no such"),
    ("", "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table", "no such"),
    ("", "552 5.2.2 The email account that you tried to reach is over quota.", "full"),
    ("", "552 5.2.2 Mailbox size limit exceeded", "full"),
    ("content", "552 5.2.2 user over quota; cannot receive new mail", "full"),
    ("", "550 5.2.1 The email account that you tried to reach is disabled.", "switched off"),
    ("", "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0]", "does not take"),
    ("", "550 Requested action not taken: mailbox unavailable", "no such mailbox"),
    ("", "556 5.1.10 Recipient address has null MX", "takes no mail"),
    ("", "550 5.4.1 Recipient address rejected: Access denied.", "does not accept this address"),
    ("", "553 5.3.0 <a@b.example>... Addressee unknown", "not an e-mail address"),
    ("", "550 No such user here", "no such mailbox"),
    ("", "550 5.7.133 Sender not authenticated for group", "refus|no such|does not"),
]


def taken(stage: str, said: str) -> str:
    return code_of(stage, int(said[:3]), said[4:])


@pytest.mark.parametrize(("stage", "said", "fault"), OURS)
def test_what_is_ours_holds_mails_back_and_says_so(stage: str, said: str, fault: str) -> None:
    code = taken(stage, said)
    reason = explain(ChannelName.EMAIL, code)

    assert code.startswith(f"{fault} ") and len(code) <= 60
    assert reason.kind.value == ("temporary" if fault in ("quota", "rate") else "misconfigured")
    assert reason.scope is Scope.CHANNEL and (reason.uses_try is (fault not in ("quota", "rate")))


@pytest.mark.parametrize(("stage", "said", "words"), GUESTS)
def test_what_is_the_guests_fails_the_one_mail(stage: str, said: str, words: str) -> None:
    reason = explain(ChannelName.EMAIL, taken(stage, said))

    assert reason.kind.value == "permanent" and reason.scope is Scope.RECIPIENT
    assert re.search(words, reason.text.lower())


@pytest.mark.parametrize(("stage", "said", "fault"), OURS)
def test_a_mail_that_came_back_for_it_says_that_it_is_our_side(stage: str, said: str, fault: str) -> None:
    enhanced = taken("", said).split()[-1]
    code = returned_code(enhanced if "." in enhanced else "5.0.0", said)

    assert code.startswith(f"{fault} ")
    assert explain(ChannelName.EMAIL, code).scope is Scope.CHANNEL


def test_every_row_names_its_source() -> None:
    rows = (*smtp_faults.WORDS, *smtp_faults.CODES)

    assert all(row.source.startswith("https://") for row in rows)
    assert {row.fault for row in rows} == set(smtp_faults.Fault)


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 5.4.5 Daily user sending limit exceeded", Temporary),
        ("554 5.7.0 The limit on the number of allowed outgoing messages was exceeded", Temporary),
        ("553 5.7.1 Sender address rejected: not owned by user desk", Misconfigured),
        ("550 5.7.60 SMTP; Client does not have permissions to send as this sender", Misconfigured),
        ("554 Message rejected: Email address is not verified", Misconfigured),
        ("550 5.7.1 Client host blocked using zen.spamhaus.org", Misconfigured),
        ("550 5.7.26 This mail has been blocked because the sender is unauthenticated", Misconfigured),
        ("550 5.1.8 Access denied, banned sender", Misconfigured),
    ],
)
def test_it_is_known_at_every_stage_of_a_real_conversation(smtp, mailer, mail, before_body, at, reply, kind) -> None:
    smtp.refuse(at, reply)

    assert type(mailer(smtp).send(mail(), before_body)) is kind


@pytest.mark.both_databases
@pytest.mark.parametrize(("said", "fault"), [(said, fault) for stage, said, fault in OURS if stage == ""][::2])
def test_a_message_that_is_refused_for_us_is_never_burned(app, smtp, said: str, fault: str) -> None:
    """Through the worker's own way: it waits, and where somebody must mend something its channel is paused."""
    live = EmailChannel(Settings(_env_file=None, **smtp.settings, provider_timeout=0.5, mail_deadline=2))
    app.extensions["channels"].live[ChannelName.EMAIL] = live
    message = a_message(a_booking(BookingStatus.CONFIRMED, email="amelia@guests.example"), channel=ChannelName.EMAIL)
    smtp.refuse("RCPT", said)

    delivery.drain(message.guest_id)

    kept = db.session.scalars(select(Message).execution_options(populate_existing=True)).one()
    state = db.session.get(ChannelState, ChannelName.EMAIL)
    assert (kept.status, kept.tries_used) == (MessageStatus.WAITING, 0)
    assert bool(state and state.pause_kind) is (fault not in ("quota", "rate"))


def test_a_guests_own_fault_pauses_nothing(smtp, mailer, mail, before_body) -> None:
    smtp.refuse("RCPT", "550 5.1.1 User unknown in relay recipient table")

    assert isinstance(mailer(smtp).send(mail(), before_body), Permanent)
