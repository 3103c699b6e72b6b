"""The HTML of an e-mail whose text an admin wrote."""

from webapp.services.texts import mail_html

TEXT = "Hello <b>Amelia</b>,\n\nSee you\nsoon.\n\n  Booking:  BK-1\n  When:     Monday, 10:00\n\nThe desk"


def test_paragraphs_and_tables_are_told_apart() -> None:
    found = mail_html.blocks(TEXT)

    assert [block.lines for block in found] == [("Hello <b>Amelia</b>,",), ("See you", "soon."), (), ("The desk",)]
    assert found[2].rows == (("Booking", "BK-1"), ("When", "Monday, 10:00"))


def test_what_a_guest_is_called_stays_text() -> None:
    html = mail_html.html(TEXT, title="<i>", language="en")

    assert "Hello &lt;b&gt;Amelia&lt;/b&gt;," in html and "<title>&lt;i&gt;</title>" in html
    assert "<b>" not in html and '<th align="left" scope="row">When</th>' in html


def test_a_reason_that_was_not_given_leaves_no_gap() -> None:
    assert mail_html.without_gaps("a\n\n\n\nb\n \n\nc\n\nd") == "a\n\nb\n\nc\n\nd"
