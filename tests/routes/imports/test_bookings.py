"""The pages of importing bookings: upload, preview, acceptance, result."""

from tests.conftest import Browser
from tests.support.files import a_file
from tests.support.forms import offers
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
