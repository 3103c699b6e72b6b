"""The fake mail server keeps mails and refuses at each stage; a second one misbehaves on the wire."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.mail.fake_smtp import FakeSmtp, Stage, WireSmtp, make_certificate
from tests.support.waiting import until

AMELIA, BORIS = "amelia@example.com", "boris@example.com"


def a_mail(to: str = AMELIA) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Votre réservation B-7", "desk@hotel.example", to
    mail["Message-ID"] = "<m-1@hotel.example>"
    mail.set_content("Your booking is confirmed.\n.\nSee you.\n")
    mail.add_alternative("<p>Your booking is confirmed.</p>", subtype="html")
    return mail


def send(server: FakeSmtp | WireSmtp, to: str = AMELIA, timeout: float = 2) -> None:
    client = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        client.send_message(a_mail(to))
    finally:
        client.close()


def test_a_mail_is_kept_with_envelope_and_parts(smtp: FakeSmtp) -> None:
    send(smtp)

    [mail] = smtp.to(AMELIA)
    assert (mail.sender, mail.to, mail.message_id) == ("desk@hotel.example", [AMELIA], "<m-1@hotel.example>")
    assert mail.mail["Subject"] == "Votre réservation B-7"
    assert "confirmed" in mail.text
    assert mail.html.startswith("<p>")
    assert mail.ended is not None
    assert mail.started < mail.ended


@pytest.mark.parametrize(
    ("stage", "reply", "error"),
    [
        ("MAIL", "451 4.3.0 Later", smtplib.SMTPSenderRefused),
        ("RCPT", "550 5.1.1 No such user", smtplib.SMTPRecipientsRefused),
        ("DATA", "452 4.3.1 Full", smtplib.SMTPDataError),
        ("END", "554 5.7.1 Policy", smtplib.SMTPDataError),
    ],
)
def test_a_rule_refuses_at_its_stage(smtp: FakeSmtp, stage: Stage, reply: str, error: type[Exception]) -> None:
    smtp.refuse(stage, reply)

    with pytest.raises(error, match=reply[:3]):
        send(smtp)

    [arrival] = smtp.arrivals
    assert (arrival.reply, arrival.whole, smtp.mails) == (reply, stage == "END", [])


def test_a_refusal_is_for_one_address_and_so_many_times(smtp: FakeSmtp) -> None:
    smtp.refuse("RCPT", "450 4.2.0 Greylisted", to=AMELIA, times=1)

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp, AMELIA)
    send(smtp, BORIS)
    send(smtp, AMELIA)

    assert [arrival.kept for arrival in smtp.arrivals] == [False, True, True]


def test_a_login_may_be_demanded() -> None:
    with FakeSmtp(login=("desk", "secret")) as smtp, smtplib.SMTP(smtp.host, smtp.port, timeout=2) as client:
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.send_message(a_mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("desk", "wrong")

        client.login("desk", "secret")
        client.send_message(a_mail())

        assert len(smtp.mails) == 1


def test_a_login_may_be_refused_for_now() -> None:
    with FakeSmtp(login=("desk", "secret")) as smtp, smtplib.SMTP(smtp.host, smtp.port, timeout=2) as client:
        smtp.refuse("AUTH", "454 4.7.0 Temporary authentication failure")

        with pytest.raises(smtplib.SMTPAuthenticationError, match="454"):
            client.login("desk", "secret")


def test_tls_comes_with_a_certificate_that_can_be_checked(tmp_path: Path) -> None:
    pair = make_certificate(tmp_path)
    with FakeSmtp(tls="starttls", certificate=pair) as smtp, smtplib.SMTP(smtp.host, smtp.port, timeout=2) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(pair[0])))
        client.send_message(a_mail())

        assert len(smtp.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_noticed(tmp_path: Path) -> None:
    with (
        FakeSmtp(tls="implicit", certificate=make_certificate(tmp_path)) as smtp,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=2, context=ssl.create_default_context())


def test_the_wire_server_takes_mail_too() -> None:
    with WireSmtp() as wire:
        send(wire)

    [mail] = wire.mails
    assert (mail.to, mail.message_id, mail.reply[:3]) == ([AMELIA], "<m-1@hotel.example>", "250")
    assert mail.text == "Your booking is confirmed.\n.\nSee you.\n"


def test_a_busy_server_says_so_at_once_and_is_well_the_next_time() -> None:
    with WireSmtp("busy", "well") as wire:
        with pytest.raises(smtplib.SMTPConnectError, match="421"):
            send(wire)
        send(wire)

        assert (wire.connections, len(wire.mails)) == (2, 1)


@pytest.mark.parametrize(
    ("behaviour", "whole", "kept"),
    [("drop_in_data", False, False), ("drop_after_dot", True, False), ("keep_after_dot", True, True)],
)
def test_a_line_is_cut_where_it_hurts(behaviour: str, whole: bool, kept: bool) -> None:
    with WireSmtp(behaviour) as wire:  # type: ignore[arg-type]
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(wire)
        until(lambda: wire.arrivals[0].ended, within=2, saying="the line was closed")

        [arrival] = wire.arrivals
        assert (arrival.whole, arrival.kept, arrival.reply) == (whole, kept, "")


def test_a_server_may_say_250_and_be_gone_before_quit() -> None:
    with WireSmtp("drop_before_quit") as wire:
        client = smtplib.SMTP(wire.host, wire.port, timeout=2)
        client.send_message(a_mail())

        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.quit()
        client.close()
        assert len(wire.mails) == 1


@pytest.mark.parametrize("silence", ["silent", "stall_after_dot"])
def test_a_server_may_say_nothing(silence: str) -> None:
    with WireSmtp(silence) as wire, pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):  # type: ignore[arg-type]
        send(wire, timeout=0.2)


def test_a_stalled_mail_was_kept_and_ends_when_the_client_gives_up() -> None:
    with WireSmtp("stall_after_dot") as wire:
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            send(wire, timeout=0.2)

        until(lambda: wire.arrivals[0].ended, within=2, saying="the server noticed that the client hung up")
        assert wire.arrivals[0].kept


def test_a_dripping_server_outlasts_a_read_timeout() -> None:
    with WireSmtp("drip", pause=0.02) as wire:
        send(wire, timeout=0.5)

        [mail] = wire.mails
        assert mail.ended
        assert mail.ended - mail.started > 0.5


@pytest.mark.parametrize("make", [FakeSmtp, lambda: WireSmtp("stall_after_dot")])
def test_closing_does_not_wait_for_open_lines(make: Callable[[], FakeSmtp | WireSmtp]) -> None:
    with make() as server:
        line = socket.create_connection((server.host, server.port), timeout=2)
        assert line.recv(3) == b"220"

    with line:
        assert until(lambda: not line.recv(100), within=2, saying="the line ended", ignoring=(ConnectionError,)) is True
