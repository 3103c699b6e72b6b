"""The pages of bank statements: upload, columns, lines, and recording with and without ticks."""

import re
from typing import Any

import pytest

from tests.conftest import Browser
from tests.factories import a_booking
from tests.support.files import a_body, a_file
from webapp.extensions import db
from webapp.models import Action, Audit, Payment, PaymentState, Upload

LINES = "Date;Text;Amount\n2026-11-01;BK-1;120,00\n2026-11-02;BK-2;20,00\n2026-11-03;rent;-900,00\n"


def take(browser: Browser, content: str | bytes = LINES) -> Any:
    return browser.act("/payments/statement", htmx=False, **a_file(content))


def tokens(page: str) -> list[str]:
    return re.findall(r'name="line"\s+value="([^"]+)"', page)


def test_a_statement_is_uploaded_looked_at_and_its_ticked_lines_recorded(front_desk: Browser) -> None:
    a_booking(reference="BK-1")
    url = take(front_desk).headers["Location"]
    page = front_desk.get(url).text

    answer = front_desk.act(f"{url}/lines", htmx=False, line=tokens(page))
    after = front_desk.get(answer.headers["Location"]).text

    assert "Match" in page and "Outgoing" in page
    assert "The line for BK-1 is recorded as verified." in after
    assert "Recorded before; this payment is now: Verified" in after
    assert db.session.query(Payment).one().status is PaymentState.VERIFIED


def test_one_line_is_recorded_by_its_own_button_and_the_ticks_are_left(front_desk: Browser) -> None:
    a_booking(reference="BK-1")
    a_booking(reference="BK-2")
    url = take(front_desk).headers["Location"]
    first, second = tokens(front_desk.get(url).text)

    front_desk.act(f"{url}/lines", htmx=False, line=[first], only=second)

    assert db.session.query(Payment).one().booking.reference == "BK-2"


def test_a_line_that_fits_is_ticked_and_others_are_not(front_desk: Browser) -> None:
    a_booking(reference="BK-1")
    a_booking(reference="BK-2")

    page = front_desk.get(take(front_desk).headers["Location"]).text

    rows = re.findall(r'<tr id="line-\d+".*?</tr>', page, re.DOTALL)
    assert ["checked" in row for row in rows] == [True, False, False]
    assert "£100.00 short; £120.00 is due" in " ".join(page.split())


def test_nothing_ticked_is_said(front_desk: Browser) -> None:
    url = take(front_desk).headers["Location"]

    front_desk.act(f"{url}/lines", htmx=False)

    assert "No line was ticked." in front_desk.get(url).text


def test_the_same_file_twice_shows_the_first_ones_page(front_desk: Browser) -> None:
    first = take(front_desk).headers["Location"]

    again = take(front_desk)

    db.session.rollback()
    assert again.headers["Location"] == first
    assert "uploaded this file before" in front_desk.get(first).text
    assert db.session.query(Audit).filter_by(action=Action.STATEMENT_IMPORTED).count() == 1


def test_unknown_headers_are_mapped_by_hand(front_desk: Browser) -> None:
    a_booking(reference="BK-1")
    url = take(front_desk, "A;B;C\n2026-11-01;BK-1;120,00\n").headers["Location"]
    form = front_desk.get(url).text

    wrong = front_desk.act(f"{url}/columns", htmx=False, text="B", amount="B")
    right = front_desk.act(f"{url}/columns", htmx=False, text="B", amount="C", day="A")

    assert "Choose which column is which" in form and "C: 120,00" in form
    assert wrong.status_code == 422 and "is chosen twice" in wrong.text
    assert (right.status_code, len(tokens(front_desk.get(url).text))) == (303, 1)


def test_chips_and_pages_stand_in_the_address(front_desk: Browser) -> None:
    lines = "\n".join(f"2026-11-01;line {number};{number},00" for number in range(1, 203))
    url = take(front_desk, f"Date;Text;Amount\n{lines}\n").headers["Location"]

    first, second = (front_desk.get(f"{url}?fit=none{after}").text for after in ("", "&after=101"))

    assert (first.count('<tr id="line-'), second.count('<tr id="line-')) == (100, 100)
    assert 'rel="next"' in second and 'rel="prev"' in second


@pytest.mark.parametrize("query", ["fit=x", "after=x", "after=99999999999999999999", "after=²"])
def test_odd_addresses_show_the_lines(front_desk: Browser, query: str) -> None:
    url = take(front_desk).headers["Location"]

    assert front_desk.get(f"{url}?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/payments/statement", "/bookings/import"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty"),
        (b"a,b\n", "only a header"),
        (b"a,b\n1,\x00\n", "not a text file"),
        (("c," * 10_000).encode(), "columns"),
        (bytes(range(256)), "not a text file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    front_desk: Browser, path: str, content: bytes, said: str
) -> None:
    answer = front_desk.act(path, htmx=False, **a_file(content))

    assert answer.status_code == 422
    assert said in answer.text and 'type="file"' in answer.text
    assert db.session.query(Upload).count() == 0


@pytest.mark.parametrize("path", ["/payments/statement", "/bookings/import"])
@pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 9 * 1024 * 1024])
def test_a_file_that_is_too_large_is_a_413_with_the_page(front_desk: Browser, path: str, size: int) -> None:
    front_desk.act(path)  # So that it has its token.

    answer = front_desk.post(path, **a_body(b"a,b\n" + b"x" * size, front_desk.csrf_token))

    assert answer.status_code == 413
    assert "larger than 2 MB" in answer.text and 'type="file"' in answer.text


@pytest.mark.parametrize("path", ["/payments/statement", "/bookings/import"])
def test_no_file_is_said(front_desk: Browser, path: str) -> None:
    answer = front_desk.act(path, htmx=False)

    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_a_statement_is_no_file_of_bookings(front_desk: Browser) -> None:
    number = take(front_desk).headers["Location"].rpartition("/")[2]

    assert front_desk.get(f"/bookings/import/{number}").status_code == 404
