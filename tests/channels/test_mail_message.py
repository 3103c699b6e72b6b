"""Who a mail comes from, and how its bytes go over the line."""

import pytest

from webapp.channels.smtp.message import one_line, sender_of
from webapp.channels.smtp.session import dotted
from webapp.settings import Settings


@pytest.mark.parametrize(
    ("settings", "sender"),
    [
        ({"mail_default_sender": "desk@hotel.example"}, ("Bellhop", "desk@hotel.example")),
        ({"mail_default_sender": '"Hôtel, Fine" <desk@hotel.example>'}, ("Hôtel, Fine", "desk@hotel.example")),
        ({"mail_username": "desk@hotel.example", "business_name": "Fine"}, ("Fine", "desk@hotel.example")),
        ({"public_url": "https://desk.hotel.example"}, ("Bellhop", "bellhop@desk.hotel.example")),
        ({}, ("Bellhop", "bellhop@localhost")),
    ],
)
def test_there_is_always_a_sender(settings, sender):
    assert sender_of(Settings(_env_file=None, **settings)) == sender


@pytest.mark.parametrize(
    ("mail", "wire"),
    [
        (b"a\nb", b"a\r\nb\r\n.\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b".a\r..b\n", b"..a\r\n...b\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_a_mail_cannot_end_before_its_end(mail, wire):
    assert dotted(mail) == wire


def test_one_line_has_no_control_characters():
    assert one_line(" a\r\n\tb\x00\u2028c ") == "a b c"
