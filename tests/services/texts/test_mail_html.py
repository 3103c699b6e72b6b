"""The HTML of an e-mail whose text an admin wrote."""

import re

import pytest
from flask import Flask

from webapp.services.texts import mail_html

TEXT = "Hello <b>Amelia</b>,\n\nSee you\nsoon.\n\n  Booking:  BK-1\n  When:     Monday, 10:00\n\nThe desk"


def test_paragraphs_and_tables_are_told_apart() -> None:
    found = mail_html.blocks(TEXT)

    assert [block.lines for block in found] == [("Hello <b>Amelia</b>,",), ("See you", "soon."), (), ("The desk",)]
    assert found[2].rows == (("Booking", "BK-1"), ("When", "Monday, 10:00"))


def test_what_a_guest_is_called_stays_text(app: Flask) -> None:
    html = mail_html.html(TEXT, title="<i>", language="en")

    assert "Hello &lt;b&gt;Amelia&lt;/b&gt;," in html and "<title>&lt;i&gt;</title>" in html
    assert "<b>" not in html and re.search(r'<th [^>]*align="left" [^>]*scope="row"[^>]*>When</th>', html)


@pytest.mark.settings(business_name="Harbour <Tours>", business_colour="#123abc")
def test_the_business_stands_on_top_in_its_colour(app: Flask) -> None:
    html = mail_html.html(TEXT, title="BK-1", language="de-AT")

    assert '<html lang="de-AT" dir="ltr">' in html and "prefers-color-scheme: dark" in html
    assert html.index('bgcolor="#123abc"') < html.index("Harbour &lt;Tours&gt;") < html.index("Hello ")


def test_a_language_that_is_read_from_the_right_has_its_facts_there(app: Flask) -> None:
    html = mail_html.html(TEXT, title="BK-1", language="ar")

    assert '<html lang="ar" dir="rtl">' in html and 'align="right"' in html and 'align="left"' not in html


def test_a_reason_that_was_not_given_leaves_no_gap() -> None:
    assert mail_html.without_gaps("a\n\n\n\nb\n \n\nc\n\nd") == "a\n\nb\n\nc\n\nd"
