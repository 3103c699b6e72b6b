"""Every shape in which mail comes back, and what a pipe may do to it on its way."""

import base64
import quopri
import time
from collections.abc import Callable

import pytest

from tests.channels.bounce.providers import PROVIDERS
from tests.channels.bounce.shapes import DAEMON, LOST, MAIL, SHAPES, TO, dsn, words
from webapp.channels import bounce
from webapp.channels.bounce import Report, Sort


def ours(report: Report) -> tuple[str, str]:
    """What is said of the guest's address, or of none."""
    [fate] = [fate for fate in report.fates if TO in fate.addresses or not fate.addresses]
    return fate.status, fate.code


ALL = SHAPES | PROVIDERS


@pytest.mark.parametrize("shape", ALL)
def test_each_shape_is_read_whatever_server_wrote_it(shape: str) -> None:
    mail, status, code = ALL[shape]

    report = bounce.read(mail.encode())

    assert report.sort is Sort.FATES and "<bounced@desk.example>" in report.mail_ids
    assert ours(report) == (status, code)


@pytest.mark.parametrize(
    ("field", "address"),
    [
        (r"utf-8; gr\x{FC}n@guests.example", "grün@guests.example"),
        (r"utf-8;\x{5BA2}@guests.example", "客@guests.example"),
        (r"utf-8; a@\x{4F8B}.example", "a@例.example"),
        (r"utf-8; \x{1F6CE}@guests.example", "\U0001f6ce@guests.example"),
        ("utf-8; Grün@Guests.example", "grün@guests.example"),
        ("rfc822; anna+20@guests.example", "anna+20@guests.example"),
        ("rfc822; anna+2B20@guests.example", "anna+20@guests.example"),
        ("rfc822; Anna.O'Brien@guests.example", "anna.o'brien@guests.example"),
        ('rfc822; "anna b"@guests.example', '"anna b"@guests.example'),
        ("rfc822; a@b.example (Anna; desk)", "a@b.example"),
        ("RFC-822;<a@b.example>", "a@b.example"),
        ("unknown; a@b.example", "a@b.example"),
    ],
)
@pytest.mark.parametrize("kind", ["message/global-delivery-status", "message/delivery-status"])
def test_an_address_is_read_however_it_is_spelled(field: str, address: str, kind: str) -> None:
    mail = dsn(f"Final-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n", kind)

    [fate] = bounce.read(mail.encode()).fates

    assert address in fate.addresses and (fate.status, fate.code) == (LOST, "5.1.1")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("o'brien@guests.example", "o'brien@guests.example"),
        ("'anna@guests.example'", "anna@guests.example"),
        ("to=anna@guests.example,", "anna@guests.example"),
        ("*anna@guests.example*", "anna@guests.example"),
        ("<Anna+20@Guests.example>:", "anna+20@guests.example"),
        ("mailto:anna@guests.example", "anna@guests.example"),
        ("grün@guests.example.", "grün@guests.example"),
        ("[anna@guests.example]", "anna@guests.example"),
    ],
)
def test_an_address_in_words_is_read_however_it_is_set_off(written: str, address: str) -> None:
    [fate] = bounce.read(words(f"It could not be delivered to {written} 550 5.1.1 unknown").encode()).fates

    assert address in fate.addresses and (fate.status, fate.code) == (LOST, "5.1.1")


def quoted(mail: str) -> bytes:
    """Our mail quoted as people quote."""
    return mail.replace(MAIL, "> " + MAIL.replace("\n", "\n> ")).encode()


def encoded(mail: str, how: str) -> bytes:
    """The text in an encoding; reports in parts stay as they are."""
    head, body = mail.split("\n\n", 1)
    if "multipart" in head:
        return mail.encode()
    written = base64.encodebytes(body.encode()) if how == "base64" else quopri.encodestring(body.encode())
    return f"{head}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {how}\n\n".encode() + written


MUTATIONS: dict[str, Callable[[str], bytes]] = {
    "CRLF": lambda mail: mail.replace("\n", "\r\n").encode(),
    "CR alone": lambda mail: mail.replace("\n", "\r").encode(),
    "mixed line ends": lambda mail: mail.replace("\n", "\r\n", 7).encode(),
    "quoted": quoted,
    "base64": lambda mail: encoded(mail, "base64"),
    "quoted-printable": lambda mail: encoded(mail, "quoted-printable"),
    "a mailbox's line": lambda mail: b"From MAILER-DAEMON Wed Mar  3 10:00:00 2027\n" + mail.encode(),
    "latin1 bytes": lambda mail: mail.encode() + b"\nGr\xfc\xdfe\xff\n",
    "empty lines before": lambda mail: b"\n\r\n" + mail.encode(),
}


@pytest.mark.parametrize("change", MUTATIONS)
@pytest.mark.parametrize("shape", ALL)
def test_what_a_pipe_does_to_it_loses_no_failure(shape: str, change: str) -> None:
    mail, status, code = ALL[shape]

    report = bounce.read(MUTATIONS[change](mail))

    assert "<bounced@desk.example>" in report.mail_ids and ours(report) == (status, code)


@pytest.mark.parametrize(
    ("head", "body", "sort"),
    [
        ("Auto-Submitted: auto-replied\nSubject: Re: Your booking", "I am away.", Sort.AUTO_REPLY),
        ("X-Autoreply: yes\nSubject: Your booking", "Away until Monday.", Sort.AUTO_REPLY),
        ("Precedence: auto_reply\nSubject: Your booking", "Away.", Sort.AUTO_REPLY),
        ("Subject: Out of office: Your booking", "My mail could not be delivered to me.", Sort.AUTO_REPLY),
        ("Subject: Abwesenheit: Ihre Buchung", "Ich bin nicht erreichbar.", Sort.AUTO_REPLY),
        ("Subject: Please confirm your message", "Click here", Sort.AUTO_REPLY),
        ("Subject: Your booking\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x",
         "--x\n\nread\n--x--", Sort.AUTO_REPLY),
        ("Subject: Re: Your payment was rejected", "Why has it been rejected? It could not be delivered?", Sort.LETTER),
        ("Subject: Hello", "My last mail was returned to sender.", Sort.LETTER),
        ("Subject: Fwd: Your booking", f"Your mail could not be delivered to my wife.\n\n{MAIL}", Sort.UNREAD),
        ("Subject: Our stay", f"It has been rejected by my bank.\n\n{MAIL}", Sort.UNREAD),
    ],
)  # fmt: skip
def test_what_a_guest_or_their_program_answers_is_no_return(head: str, body: str, sort: Sort) -> None:
    mail = f"From: {TO}\nReturn-Path: <{TO}>\nIn-Reply-To: <bounced@desk.example>\n{head}\n\n{body}\n"

    assert bounce.read(mail.encode()).sort is sort


ARF = (
    "From: fbl@isp.example\nSubject: FW: Your booking\nContent-Type: multipart/report; report-type=feedback-report; "
    "boundary=b\n\n--b\nContent-Type: text/plain\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\n"
    "Feedback-Type: {type}\nUser-Agent: X/1\nVersion: 1\n{to}\n--b\nContent-Type: message/rfc822\n\n{mail}\n--b--\n"
)


@pytest.mark.parametrize(
    ("kind", "to", "sort"),
    [
        ("abuse", f"Original-Rcpt-To: {TO}\n", Sort.COMPLAINT),
        ("abuse", "", Sort.COMPLAINT),
        ("abuse", "Original-Rcpt-To: [redacted]@isp.example\n", Sort.COMPLAINT),
        ("opt-out", f"Removal-Recipient: {TO}\n", Sort.COMPLAINT),
        ("fraud", f"Original-Rcpt-To: <{TO}>\n", Sort.COMPLAINT),
        ("not-spam", f"Original-Rcpt-To: {TO}\n", Sort.NO_SPAM),
    ],
)
def test_a_complaint_names_the_mail_and_the_address_if_it_may(kind: str, to: str, sort: Sort) -> None:
    report = bounce.read(ARF.format(type=kind, to=to, mail=MAIL).encode())

    assert (report.sort, report.why) == (sort, kind) and report.mail_ids[0] == "<bounced@desk.example>"
    assert report.is_marked and report.fates[0].addresses in ({TO}, frozenset())


def test_the_complaint_of_a_large_provider_without_fields_is_one_too() -> None:
    mail = (
        "From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.1\nContent-Type: multipart/mixed; "
        f"boundary=b\n\n--b\nContent-Type: message/rfc822\n\n{MAIL}\n--b--\n"
    )

    assert bounce.read(mail.encode()).sort is Sort.COMPLAINT


def test_a_report_that_says_nothing_is_unread() -> None:
    assert bounce.read(f"{DAEMON}Subject: x\n\nXyzzy.\n\n{MAIL}".encode()).sort is Sort.UNREAD
    assert ours(bounce.read(words("It could not be delivered.").encode()))[0] == LOST


@pytest.mark.parametrize("line", ["> \n", "\n", " \n", "|\n", ">> >\n"])
def test_many_quoted_or_empty_lines_are_read_in_a_time_that_grows_with_them(line: str) -> None:
    mail = f"{DAEMON}Subject: failure notice\n\n{line * 19_000}\n{MAIL}".encode()
    begun = time.process_time()

    bounce.read(mail)

    assert time.process_time() - begun < 10, "Each line was looked at once for each line before it."
