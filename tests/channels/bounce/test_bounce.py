"""Reading delivery reports as mail servers write them, and whatever else comes to their address."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.channels import bounce
from webapp.channels.bounce import Fate, Report, Sort
from webapp.errors import Invalid

FOLDER = Path(__file__).parent / "reports"
GUEST = frozenset({"nobody@guests.example"})


def raw(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def read(name: str, **changes: str) -> Report:
    """A report, with words of it changed."""
    text = raw(name).decode()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return bounce.read(text.encode())


@pytest.mark.parametrize(
    ("name", "status", "code", "attempt"),
    [
        ("postfix", "undelivered", "5.1.1", "0123456789ab"),
        ("exim", "undelivered", "5.2.1", "0123456789ab"),
        ("exchange", "undelivered", "5.1.10", ""),
        ("delayed", "delayed", "4.4.1", ""),
    ],
)
def test_a_report_says_which_mail_to_whom_and_what_became_of_it(name: str, status: str, code: str, attempt: str):
    report = read(name)

    assert report.mail_ids[0] == "<bounced@desk.example>"
    assert report.fates == (Fate(GUEST, status, code),)
    assert report.attempt == attempt


def test_the_line_ends_of_a_pipe_make_no_difference():
    assert bounce.read(raw("postfix").replace(b"\n", b"\r\n")) == read("postfix")
    assert bounce.read(b"\n\n" + raw("postfix")) == read("postfix")


def test_the_parts_alone_are_read_by_the_type_that_is_said_with_them():
    head, parts = raw("delayed").split(b"\n\n", 1)

    assert b'boundary="d1"' in head
    assert bounce.read(parts, 'multipart/report; report-type=delivery-status;\r\n boundary="d1"') == read("delayed")


def test_an_auto_reply_and_a_letter_report_nothing():
    assert bounce.read(raw("auto_reply")).sort is Sort.AUTO_REPLY
    assert bounce.read(b"From: a@b.example\nSubject: Hello\n\nAction: failed\n").sort is Sort.LETTER


def test_who_gave_up_after_days_has_failed_though_the_code_is_of_the_fourth_class():
    """RFC 3464 lets a server end its tries with the code that they all had."""
    assert read("postfix", **{"Status: 5.1.1": "Status: 4.4.7"}).fates[0].code == "late 4.4.7"


@pytest.mark.parametrize(
    ("action", "status"),
    [("delivered", "in the mailbox"), ("relayed", "relayed"), ("expanded", "expanded"), ("DELAYED", "delayed")],
)
def test_whatever_else_became_of_it_is_no_failure(action: str, status: str):
    assert read("postfix", **{"Action: failed": f"Action: {action}"}).fates[0].status == status


@pytest.mark.parametrize("action", ["read", "sent", "canceled", "bogus"])
def test_a_word_of_twilios_in_a_servers_mouth_is_not_believed(action: str):
    report = read("postfix", **{"Action: failed": f"Action: {action}"})

    assert action not in {fate.status for fate in report.fates}


def test_a_failure_without_a_code_has_the_one_that_the_other_server_answered():
    assert read("postfix", **{"Status: 5.1.1\n": ""}).fates[0].code == "5.1.1"
    assert read("exim", **{"Status: 5.0.0\n": "", "550 5.2.1 The": "550 The"}).fates[0].code == "5.2.1"
    assert (
        read("exim", **{"Status: 5.0.0\n": "", "550 5.2.1 The account is disabled": "550 No"}).fates[0].code == "5.0.0"
    )


def test_an_address_is_read_in_each_of_its_spellings():
    spelled = read("postfix", **{"Original-Recipient: rfc822;": "Original-Recipient: rfc822;<Anna+2Bcruise"})

    assert spelled.fates[0].addresses == GUEST | {"anna+cruisenobody@guests.example"}


def test_a_report_in_the_form_for_addresses_in_all_letters_is_read_too():
    report = read("postfix", **{"message/delivery-status": "message/global-delivery-status", "rfc822; no": "utf-8; jö"})

    assert "jöbody@guests.example" in report.fates[0].addresses
    assert report.fates[0].code == "5.1.1"


def test_of_several_recipients_each_has_its_own():
    more = "Action: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; other@guests.example\nAction: relayed"

    assert [fate.status for fate in read("postfix", **{"Action: failed": more}).fates] == ["undelivered", "relayed"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no headers"),
        (b"\n\n\n", "no headers"),
        (b"just words", "no headers"),
        (b'{"bounce": true}', "no headers"),
        (b"\xff\xfe\x00\x01" * 50, "no headers"),
        (b"Content-Type: multipart/mixed; boundary=x\n" * 60, "too many parts"),
    ],
)
def test_what_is_no_report_is_refused_with_a_sentence(body: bytes, says: str):
    with pytest.raises(Invalid, match=says):
        bounce.read(body)


def test_a_mail_made_of_boundaries_is_refused_before_it_costs_time():
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9000))

    with pytest.raises(Invalid, match="too many parts"):
        bounce.read(nested + b"x\n" * 100_000)


@given(st.binary(max_size=400), st.integers(0, 3000), st.integers(0, 3000), st.sampled_from(["postfix", "exchange"]))
def test_whatever_comes_is_read_or_refused(noise: bytes, at: int, drop: int, name: str):
    """Bytes put into a report, and bytes taken out of it."""
    whole = raw(name)

    try:
        report = bounce.read(whole[:at] + noise + whole[at + drop :])
    except Invalid:
        return
    assert isinstance(report, Report)


@given(st.binary(max_size=2000), st.text(max_size=80))
def test_whatever_else_comes_is_refused_or_no_report(body: bytes, content_type: str):
    try:
        assert bounce.read(body, content_type).fates == ()
    except Invalid as refusal:
        assert refusal.sentence.endswith((".", ")."))  # noqa: PT017  # Both ends are right.
