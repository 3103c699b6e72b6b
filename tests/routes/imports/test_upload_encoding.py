"""A file that is not UTF-8: somebody says how it is written before anything is read from it."""

import io

import pytest

from tests.conftest import Browser
from webapp.extensions import db
from webapp.models import Booking, Upload
from webapp.services.imports import booking_lines

pytestmark = pytest.mark.both_databases
HEAD = "Name,Phone,Service,Start,Amount,Currency,Agent\n"
LINE = "{name},+14155550101,Cruise,2027-03-04 10:00,5.00,EUR,x\n"


def upload(browser: Browser, name: str, encoding: str, more: str = "") -> Upload:
    data = (HEAD + LINE.format(name=name) + more).encode(encoding)
    browser.act("/bookings/import", htmx=False, file=(io.BytesIO(data), "guests.csv"))
    db.session.rollback()
    return db.session.query(Upload).order_by(Upload.id.desc()).first() or pytest.fail("no file")


def test_nothing_is_taken_before_somebody_has_chosen(front_desk: Browser) -> None:
    file = upload(front_desk, "山田 花子", "cp932")
    page = front_desk.get(f"/bookings/import/{file.id}").text
    refused = front_desk.act(f"/bookings/import/{file.id}/acceptance", htmx=False)

    assert "How is this file written?" in page and "山田 花子" in page and "Ready" not in page
    assert refused.status_code == 409 and db.session.query(Booking).count() == 0


def test_the_choice_is_used_can_be_changed_and_is_shown_with_what_is_not_used(front_desk: Browser) -> None:
    file = upload(front_desk, "Łukasz Żak", "cp1250")
    url = f"/bookings/import/{file.id}"
    front_desk.act(f"{url}/encoding", htmx=False, encoding="cp1252")
    wrong = front_desk.get(url).text
    front_desk.act(f"{url}/encoding", htmx=False, encoding="cp1250")
    page = front_desk.get(url).text

    assert "£ukasz" in wrong and "Łukasz Żak" in page and "Central Europe (Windows-1250)" in page
    assert "1 column is not used:" in page and "Agent" in page
    assert "How is this file written?" in front_desk.get(f"{url}?encoding=").text


def test_an_encoding_that_is_none_of_these_is_refused(front_desk: Browser) -> None:
    file = upload(front_desk, "Анна", "cp1251")

    answer = front_desk.act(f"/bookings/import/{file.id}/encoding", htmx=False, encoding="utf-7")

    assert answer.status_code == 422 and "Choose one of these." in answer.text


def test_columns_chosen_later_keep_the_encoding(front_desk: Browser) -> None:
    file = upload(front_desk, "Ayşe", "cp1254")
    url = f"/bookings/import/{file.id}"
    front_desk.act(f"{url}/encoding", htmx=False, encoding="cp1254")
    chosen = {"name": "Name", "phone": "Phone", "service": "Service", "starts": "Start", "amount": "Amount"}
    front_desk.act(f"{url}/columns", htmx=False, **chosen, currency="Currency")
    second = upload(front_desk, "Gülşen Işık", "cp1254", LINE.format(name="Ann"))

    (line, _) = booking_lines.read(second)
    assert line.cells["name"] == "Gülşen Işık"
