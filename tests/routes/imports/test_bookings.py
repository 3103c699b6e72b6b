"""The pages of importing bookings: upload, preview, acceptance, result."""

import csv
import io

from tests.conftest import Browser
from tests.support.files import a_file
from tests.support.forms import fields_of, offers
from webapp.extensions import db
from webapp.models import Booking

HEADER = "Reference,Name,Phone,Service,Date,Amount,Currency\n"
GOOD = "IN-1,Ann,+14155550101,Cruise,2027-03-04 18:30,120.00,EUR\n"
BAD = "IN-2,Ben,12,Cruise,2027-03-04 18:30,=1+1,EUR\n"


def take(browser: Browser, content: str = HEADER + GOOD + BAD) -> str:
    return str(browser.act("/bookings/import", htmx=False, **a_file(content, "tours.csv")).headers["Location"])


def test_a_preview_says_what_is_wrong_by_line_and_field_and_writes_nothing(front_desk: Browser) -> None:
    page = " ".join(front_desk.get(take(front_desk)).text.split())

    assert "1 line is ready." in page and "1 line has errors and is skipped." in page
    assert (
        "<strong>Phone “<bdi>12</bdi>”:</strong> This number is too short. Enter a phone number with its country code"
        in page
    )
    assert "<strong>Amount “<bdi>=1+1</bdi>”:</strong> Write an amount such as 120.00" in page
    assert "Guests are not notified of imported bookings." in page
    assert db.session.query(Booking).count() == 0


def test_good_lines_are_written_and_lead_to_their_bookings(front_desk: Browser) -> None:
    url = take(front_desk)

    front_desk.act(f"{url}/acceptance", htmx=False)
    page = front_desk.get(url).text

    assert "1 booking is imported. The guest is not notified." in page
    assert "1 booking was imported" in page
    assert '<a href="/bookings/IN-1"' in page
    assert not offers(page, f"{url}/columns")
    assert front_desk.get("/bookings/IN-1").status_code == 200


def test_accepting_twice_and_uploading_twice_do_no_harm(front_desk: Browser) -> None:
    url = take(front_desk)

    answers = [front_desk.act(f"{url}/acceptance", htmx=False) for _ in range(2)]
    again = take(front_desk)

    db.session.rollback()
    assert [answer.status_code for answer in answers] == [303, 303]
    assert again == url
    assert db.session.query(Booking).count() == 1


def test_columns_stay_once_bookings_are_written(front_desk: Browser) -> None:
    url = take(front_desk)
    front_desk.act(f"{url}/acceptance", htmx=False)

    answer = front_desk.act(f"{url}/columns", htmx=False, name="Name")

    assert answer.status_code == 409
    assert "imported already" in answer.text


def test_a_file_whose_columns_are_unknown_is_not_written(front_desk: Browser) -> None:
    url = take(front_desk, "A,B\n1,2\n")

    answer = front_desk.act(f"{url}/acceptance", htmx=False)

    assert answer.status_code == 409
    assert "Choose which column is which" in front_desk.get(url).text


def test_a_file_of_too_many_lines_is_refused_with_a_sentence(front_desk: Browser) -> None:
    answer = front_desk.act("/bookings/import", htmx=False, **a_file(HEADER + GOOD * 5001))

    assert answer.status_code == 422
    assert "This file has 5,001 lines; at most 5,000 are possible." in answer.text


def test_a_sample_is_offered(front_desk: Browser) -> None:
    answer = front_desk.get("/bookings/import/sample.csv")

    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("Reference,Name,Phone,E-mail,Service,Starts,Time,")
    assert 'href="/bookings/import/sample.csv"' in front_desk.get("/bookings/import").text


def test_a_column_that_is_not_used_is_said_and_taken_by_one_click(front_desk: Browser) -> None:
    url = take(front_desk, HEADER.replace("Reference", "Buchungskennr") + GOOD)
    page = front_desk.get(url).text

    front_desk.act(f"{url}/columns", htmx=False, **fields_of(page, f"{url}/columns"))
    after = front_desk.get(url).text

    assert "1 column is not used:" in page and "Use “Buchungskennr” as Reference" in page
    assert ">IN-1<" in after and "not used" not in after


def test_the_lines_with_errors_are_downloaded_corrected_and_imported_without_the_rest(front_desk: Browser) -> None:
    url = take(front_desk)
    front_desk.act(f"{url}/acceptance", htmx=False)
    answer = front_desk.get(f"{url}/errors.csv")
    header, line = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))

    corrected = answer.data.decode("utf-8-sig").replace(",12,", ",+14155550102,").replace("'=1+1", "24.00")
    again = take(front_desk, corrected)
    page = front_desk.get(again).text
    front_desk.act(f"{again}/acceptance", htmx=False)
    db.session.rollback()

    assert answer.headers["Content-Disposition"] == 'attachment; filename="tours-errors.csv"'
    assert (header[-1], line[0]) == ("Error", "IN-2")
    assert "Phone: This number is too short." in line[-1] and "Amount: Write an amount" in line[-1]
    assert "not used" not in page
    assert sorted(booking.reference for booking in db.session.query(Booking)) == ["IN-1", "IN-2"]


def test_a_line_of_another_width_is_downloaded_with_its_reason_at_the_end(front_desk: Browser) -> None:
    url = take(front_desk, HEADER + GOOD + "IN-3,Eve\n")

    header, line = csv.reader(io.StringIO(front_desk.get(f"{url}/errors.csv").data.decode("utf-8-sig")))

    assert len(line) == len(header)
    assert line[-1].startswith("This line has 2 cells")


def test_a_currency_for_all_lines_is_taken_from_the_form_as_a_browser_sends_it(front_desk: Browser) -> None:
    url = take(front_desk, HEADER.replace(",Currency", "") + GOOD.replace(",EUR", ""))
    guessed = {"reference": "Reference", "name": "Name", "phone": "Phone", "service": "Service", "starts": "Date"}

    front_desk.act(f"{url}/columns", htmx=False, **guessed, amount="Amount", currency="", all_in="EUR")

    assert "1 line is ready." in " ".join(front_desk.get(url).text.split())
