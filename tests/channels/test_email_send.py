"""What a mail looks like on the wire, and what each reply of the server makes of it."""

import socket
import time
from types import SimpleNamespace

import pytest

from tests.support.mail.fake_smtp import FakeSmtp, make_certificate
from tests.support.mail.wire_smtp import WireSmtp
from tests.support.waiting import until
from webapp.channels.base import Accepted, Misconfigured, Permanent, Scope, Temporary, Unknown
from webapp.channels.smtp import session as smtp_session


def test_a_mail_goes_out_with_text_html_and_its_frozen_id(smtp, mailer, mail, before_body):
    outcome = mailer(smtp).send(mail(), before_body)

    arrived = smtp.mails[0]
    assert isinstance(outcome, Accepted)
    assert "queued as" in outcome.provider_id
    assert arrived.message_id == "<message-42@hotel.example>"
    assert arrived.to == ["amelia@example.com"]
    assert "confirmed" in arrived.text
    assert "<p>" in arrived.html
    assert arrived.mail["From"] == "Bellhop <desk@hotel.example>"
    assert arrived.sender == "desk@hotel.example"
    assert arrived.mail["Auto-Submitted"] == "auto-generated"
    assert arrived.mail["X-Auto-Response-Suppress"]
    assert arrived.mail["X-Bellhop-Ref"] == "message-42@hotel.example"
    assert before_body.count == 1


def test_any_letters_and_dots_arrive_as_they_were_written(smtp, mailer, mail, before_body):
    body = "Grüße, José!\n.a dot\n..two\n" + "long " * 400 + "\nThe end 🛎"

    mailer(smtp).send(mail(body=body, subject="Réservation confirmée 🛎"), before_body)

    arrived = smtp.mails[0]
    assert arrived.text.rstrip("\n") == body
    assert arrived.mail["Subject"] == "Réservation confirmée 🛎"
    assert max(len(line) for line in arrived.content.splitlines()) < 200
    assert arrived.content.isascii()


def test_a_header_cannot_be_added_by_a_guests_words(smtp, mailer, mail, before_body):
    subject = "Hello\r\nBcc: spy@example.com\r\n\r\nbody" + "x" * 2000

    mailer(smtp).send(mail(subject=subject, mail_id="<a@b>\r\nX-Evil: 1"), before_body)

    arrived = smtp.mails[0]
    assert arrived.mail["Bcc"] is None
    assert arrived.mail["X-Evil"] is None
    assert arrived.mail["Subject"].startswith("Hello Bcc: spy@example.com body")
    assert len(arrived.mail["Subject"]) <= 900
    assert "confirmed" in arrived.text


@pytest.mark.parametrize(
    "to", ["", "amelia", "a b@x.y", "a@x.y>\r\nRCPT TO:<b@x.y", "@x.y", "a@", "a@" + "é" * 80 + ".y"]
)
def test_what_is_no_address_is_refused_before_any_byte(mailer, smtp, mail, before_body, to):
    outcome = mailer(smtp).send(mail(to=to), before_body)

    assert isinstance(outcome, Permanent)
    assert outcome.code == "bad_address"
    assert not smtp.arrivals
    assert before_body.count == 0


def test_a_domain_with_accents_goes_out_in_ascii(smtp, mailer, mail, before_body):
    mailer(smtp).send(mail(to="amelia@bücher.example"), before_body)

    assert smtp.mails[0].to == ["amelia@xn--bcher-kva.example"]
    assert smtp.mails[0].mail["To"] == "amelia@xn--bcher-kva.example"


def test_letters_beyond_ascii_before_the_at_need_a_server_that_takes_them(smtp, mailer, mail, before_body):
    with WireSmtp("well") as plain:
        refused = mailer(plain).send(mail(to="amélia@example.com"), before_body)
    taken = mailer(smtp).send(mail(to="amélia@example.com"), before_body)

    assert isinstance(refused, Permanent)
    assert refused.code == "no_smtputf8"
    assert isinstance(taken, Accepted)
    assert smtp.mails[0].to == ["amélia@example.com"]
    assert not plain.mails
    assert smtp.mails[0].mail["To"] == "amélia@example.com"


@pytest.mark.parametrize(
    ("stage", "reply", "kind", "code", "scope"),
    [
        ("MAIL", "451 4.3.0 Busy", Temporary, "sender 451 4.3.0", Scope.CHANNEL),
        ("MAIL", "432 4.3.2 Too many connections", Temporary, "rate 432 4.3.2", Scope.CHANNEL),
        ("RCPT", "450 4.2.0 Greylisted", Temporary, "450 4.2.0", Scope.RECIPIENT),
        ("RCPT", "452 4.2.2 Full", Temporary, "452 4.2.2", Scope.RECIPIENT),
        ("RCPT", "421 Going down", Temporary, "421", Scope.CHANNEL),
        ("RCPT", "550 5.1.1 No such user", Permanent, "550 5.1.1", Scope.RECIPIENT),
        ("RCPT", "552 5.2.2 Full", Permanent, "552 5.2.2", Scope.RECIPIENT),
        ("RCPT", "554 Refused", Permanent, "554", Scope.RECIPIENT),
        ("DATA", "451 4.3.0 Not now", Temporary, "content 451 4.3.0", Scope.CHANNEL),
        ("END", "452 4.3.1 No space", Temporary, "content 452 4.3.1", Scope.CHANNEL),
        ("END", "554 5.7.1 Spam", Permanent, "content 554 5.7.1", Scope.TEMPLATE),
    ],
)
def test_each_refusal_has_its_outcome(smtp, mailer, mail, before_body, stage, reply, kind, code, scope):
    smtp.refuse(stage, reply)

    outcome = mailer(smtp).send(mail(), before_body)

    assert isinstance(outcome, kind)
    assert (outcome.code, outcome.scope) == (code, scope)
    assert reply.split()[-1] in outcome.detail
    assert not smtp.mails


@pytest.mark.parametrize(
    ("stage", "reply", "code"),
    [
        ("MAIL", "550 5.7.1 Not your address", "sender 550 5.7.1"),
        ("MAIL", "530 5.7.0 Login first", "login 530 5.7.0"),
        ("RCPT", "554 5.7.1 Relay access denied", "relay 554 5.7.1"),
    ],
)
def test_what_is_wrong_on_our_side_is_misconfigured(smtp, mailer, mail, before_body, stage, reply, code):
    smtp.refuse(stage, reply)

    outcome = mailer(smtp).send(mail(), before_body)

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == code


def test_a_wrong_password_is_misconfigured_and_a_login_server_out_of_order_is_not(mailer, mail, before_body):
    with FakeSmtp(login=("desk", "right")) as smtp:
        wrong = mailer(smtp, mail_username="desk", mail_password="wrong").send(mail(), before_body)
        right = mailer(smtp, mail_username="desk", mail_password="right").send(mail(), before_body)
        smtp.refuse("AUTH", "454 4.7.0 Temporary authentication failure")
        later = mailer(smtp, mail_username="desk", mail_password="right").send(mail(), before_body)

    assert isinstance(wrong, Misconfigured)
    assert wrong.code == "login 535 5.7.8"
    assert isinstance(right, Accepted)
    assert isinstance(later, Temporary)
    assert later.code == "login 454 4.7.0"


def test_a_server_without_the_encryption_or_login_we_ask_for_is_misconfigured(smtp, mailer, mail, before_body):
    bare = mailer(smtp, mail_use_tls=True).send(mail(), before_body)
    with WireSmtp("well") as plain:
        no_login = mailer(plain, mail_username="desk", mail_password="x").send(mail(), before_body)

    assert isinstance(bare, Misconfigured)
    assert isinstance(no_login, Misconfigured)
    assert bare.code == no_login.code == "not_supported"


@pytest.mark.parametrize(("tls", "setting"), [("starttls", "mail_use_tls"), ("implicit", "mail_use_ssl")])
def test_certificates_are_checked(tmp_path, monkeypatch, mailer, mail, before_body, tls, setting):
    pair = make_certificate(tmp_path)

    with FakeSmtp(tls=tls, certificate=pair) as smtp:
        distrusted = mailer(smtp, **{setting: True}).send(mail(), before_body)
        monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
        trusted = mailer(smtp, **{setting: True}).send(mail(), before_body)

    assert isinstance(distrusted, Misconfigured)
    assert distrusted.code == "certificate"
    assert isinstance(trusted, Accepted)
    assert len(smtp.mails) == 1


@pytest.mark.parametrize(
    ("behaviour", "kind", "code"),
    [
        ("busy", Temporary, "connect 421 4.3.2"),
        ("silent", Temporary, "connect_timeout"),
        ("drop_in_data", Unknown, "mail_interrupted"),
        ("drop_after_dot", Unknown, "mail_interrupted"),
        ("keep_after_dot", Unknown, "mail_interrupted"),
        ("drop_before_quit", Accepted, ""),
    ],
)
def test_each_fault_of_the_line_has_its_outcome(mailer, mail, before_body, behaviour, kind, code):
    with WireSmtp(behaviour) as smtp:
        outcome = mailer(smtp).send(mail(), before_body)

    assert isinstance(outcome, kind)
    assert getattr(outcome, "code", "") == code
    assert before_body.count == (0 if kind is Temporary else 1)


@pytest.mark.parametrize(
    ("stage", "reply", "kind"),
    [
        ("END", "252 2.0.0 Taken", Accepted),
        ("END", "354 What?", Unknown),
        ("END", "hello there", Unknown),
        ("END", "250 " + "x" * 9000, Unknown),
        ("RCPT", "hello there", Temporary),
    ],
)
def test_a_reply_that_smtp_does_not_know_proves_nothing(smtp, mailer, mail, before_body, stage, reply, kind):
    smtp.refuse(stage, reply)

    assert isinstance(mailer(smtp).send(mail(), before_body), kind)


def test_a_server_that_is_away_was_sent_nothing(mailer, mail, before_body):
    with FakeSmtp() as smtp:
        channel = mailer(smtp)

    outcome = channel.send(mail(), before_body)

    assert isinstance(outcome, Temporary)
    assert (outcome.code, outcome.scope) == ("refused", Scope.CHANNEL)
    assert before_body.count == 0


def test_a_server_that_drips_its_words_is_cut_before_the_body(mailer, mail, before_body):
    with WireSmtp("drip", pause=0.05) as smtp:
        begun = time.monotonic()
        outcome = mailer(smtp, mail_deadline=1).send(mail(), before_body)

    assert isinstance(outcome, Temporary)
    assert outcome.code == "deadline"
    assert time.monotonic() - begun < 1
    assert before_body.count == 0


def test_a_server_that_thinks_for_ever_after_the_dot_is_cut_at_the_deadline(mailer, mail, before_body):
    with WireSmtp("stall_after_dot") as smtp:
        begun = time.monotonic()
        outcome = mailer(smtp, mail_deadline=1).send(mail(), before_body)

    assert isinstance(outcome, Unknown)
    assert outcome.code == "mail_interrupted"
    assert 0.5 < time.monotonic() - begun < 1.5


def test_a_server_may_think_longer_after_the_dot_than_before(smtp, mailer, mail, before_body):
    smtp.thinks = 0.8

    assert isinstance(mailer(smtp, provider_timeout=0.3).send(mail(), before_body), Accepted)


def test_a_goodbye_that_is_not_answered_costs_little(monkeypatch, mailer, smtp, mail, before_body):
    monkeypatch.setattr(smtp_session, "GOODBYE_PATIENCE", 0.2)
    monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", _never_answer)
    begun = time.monotonic()

    outcome = mailer(smtp, provider_timeout=5).send(mail(), before_body)

    assert isinstance(outcome, Accepted)
    assert time.monotonic() - begun < 1


def test_a_refusal_of_the_caller_sends_no_body(smtp, mailer, mail):
    def lease_is_short() -> None:
        raise RuntimeError("the lease is too short")

    with pytest.raises(RuntimeError, match="the lease is too short"):
        mailer(smtp).send(mail(), lease_is_short)

    assert not smtp.mails
    assert smtp.arrivals[0].content == b""


def test_credentials_are_checked_without_sending(mailer):
    with FakeSmtp(login=("desk", "right")) as smtp:
        good = mailer(smtp, mail_username="desk", mail_password="right")
        bad = mailer(smtp, mail_username="desk", mail_password="wrong")

        assert good.check_credentials() == ""
        assert "login" in bad.check_credentials()
        assert not smtp.arrivals
    assert "refused the connection" in good.check_credentials()


def test_nothing_can_be_looked_up(smtp, mailer, mail):
    channel = mailer(smtp)

    assert not channel.name.can_look_up
    assert channel.find(mail()) is None
    assert channel.ask("x") is None


def test_our_own_name_is_looked_up_once(monkeypatch):
    smtp_session.own_name.cache_clear()
    asked = []
    monkeypatch.setattr(socket, "getfqdn", lambda: asked.append(1) or "desk.hotel.example")

    assert [smtp_session.own_name() for _ in range(3)] == ["desk.hotel.example"] * 3
    smtp_session.own_name.cache_clear()
    assert len(asked) == 1


async def _never_answer(self: object, arg: str) -> None:
    """Leave QUIT without a reply."""


def test_a_process_that_froze_past_its_deadline_before_the_body_sends_nothing(smtp, mailer, mail):
    """Time for the server's reply must not revive a deadline that is over: past the lease another may have sent it."""
    woken = time.monotonic() + 1

    outcome = mailer(smtp, mail_deadline=1).send(mail(), lambda: until(lambda: time.monotonic() > woken, within=5,
                                                                      saying="the deadline is over"))  # fmt: skip

    assert isinstance(outcome, Temporary) and outcome.code == "deadline"
    assert smtp.mails == []


@pytest.mark.parametrize(("tls", "setting"), [("starttls", "mail_use_tls"), ("implicit", "mail_use_ssl")])
def test_an_authority_of_ones_own_is_believed_beside_the_systems(tmp_path, mailer, mail, before_body, tls, setting):
    pair = make_certificate(tmp_path)

    with FakeSmtp(tls=tls, certificate=pair) as smtp:
        outcome = mailer(smtp, **{setting: True, "mail_ca_file": str(pair[0])}).send(mail(), before_body)

    assert isinstance(outcome, Accepted)


def test_the_greeting_is_the_settings_where_it_is_set():
    named, plain = (SimpleNamespace(mail_helo=name) for name in ("desk.hotel.example", ""))

    assert smtp_session.greeting(named) == "desk.hotel.example"
    assert smtp_session.greeting(plain) == smtp_session.own_name()


def test_nothing_is_wrapped_around_a_single_part(smtp, mailer, mail, before_body):
    mailer(smtp).send(mail(), before_body)
    mailer(smtp).send(mail(html=""), before_body)

    rich, plain = (arrival.mail for arrival in smtp.mails)
    assert rich.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in rich.iter_parts()] == ["text/plain", "text/html"]
    assert plain.get_content_type() == "text/plain"
    assert rich.get_all("MIME-Version") == ["1.0"] and len(rich.get_all("Content-Type")) == 1
