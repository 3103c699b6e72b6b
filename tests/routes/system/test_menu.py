"""What the menu of Ctrl-K offers: to each role its own pages, and the bookings that a text finds."""

import gzip
import re
from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.factories import a_booking
from webapp import clock
from webapp.routes.system.menu import PAGES

# A banner leads there after an older database was put back.
ONLY_WHEN_NEEDED = {"restores.index"}
simulated = pytest.mark.settings(sms_provider="sandbox")


def links(who: Browser, q: str = "") -> list[str]:
    return re.findall(r'tabindex="-1"\s+href="([^"]+)"', who.get("/menu", query_string={"q": q}).text)


@simulated
def test_no_page_is_offered_that_would_not_open(front_desk: Browser, manager: Browser, admin: Browser) -> None:
    """What a menu offers and then refuses is worse than what it leaves out."""
    everybody = (front_desk, manager, admin)

    opened = [(path, who.get(path).status_code) for who in everybody for path in links(who)]

    assert len(opened) >= 30
    assert [(path, code) for path, code in opened if code != 200] == []


@simulated
def test_an_admin_is_offered_every_page(admin: Browser) -> None:
    assert len(links(admin)) == len(PAGES)


def test_every_page_of_its_own_is_in_the_menu(app: Flask) -> None:
    """A new page that is not there is one that nobody finds by typing its name."""
    known = {endpoint for _, _, endpoint in PAGES} | ONLY_WHEN_NEEDED
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.endswith(".index")}

    assert pages - known == set()


def test_a_manager_is_offered_more_than_the_desk_and_less_than_an_admin(
    front_desk: Browser, manager: Browser, admin: Browser
) -> None:
    desk, board, queue = (set(links(who)) for who in (front_desk, manager, admin))

    assert desk < board < queue
    assert "/messages" in board - desk and "/queue" in queue - board


def test_where_nothing_is_simulated_no_sandbox_is_offered(admin: Browser) -> None:
    assert "/sandbox" not in links(admin)


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("bank", "/payments/statement"),
        ("STATE", "/payments/statement"),
        ("new b", "/bookings/new"),
        ("acc", "/account"),
    ],
)
def test_a_page_is_found_by_the_beginning_of_its_words(front_desk: Browser, typed: str, page: str) -> None:
    assert links(front_desk, typed) == [page]


@pytest.mark.parametrize("typed", ["zoe", "brannst zo", "M-7", "0184"])
def test_a_booking_is_found_as_in_every_search(front_desk: Browser, typed: str) -> None:
    a_booking(name="Zoë Brännström", reference="M-7", phone="+447700900184")

    assert links(front_desk, typed)[0] == "/bookings/M-7"


def test_coming_bookings_stand_before_past_ones_and_the_nearest_first(front_desk: Browser) -> None:
    for reference, days in (("PAST-FAR", -9), ("SOON", 1), ("PAST", -1), ("LATER", 5)):
        a_booking(name="Amelia Hart", reference=reference, starts_at=clock.now() + timedelta(days=days))

    found = links(front_desk, "amelia")

    assert [path.rpartition("/")[2] for path in found[:4]] == ["SOON", "LATER", "PAST", "PAST-FAR"]
    assert found[4] == "/bookings?q=amelia"


def test_a_few_of_many_are_offered_in_few_bytes(front_desk: Browser) -> None:
    for number in range(9):
        a_booking(name="Bartholomew Featherstonehaugh-Cholmondeley", reference=f"MANY-{number}")

    answer = front_desk.get("/menu", query_string={"q": "barth"})

    assert answer.text.count("/bookings/MANY-") == 6
    assert len(gzip.compress(answer.data)) < 3000


@pytest.mark.parametrize("typed", ["", "a", "nobody-at-all", "<i>", "%", "x" * 500])
def test_odd_texts_find_no_booking(front_desk: Browser, typed: str) -> None:
    a_booking(name="Amelia Hart")

    answer = front_desk.get("/menu", query_string={"q": typed})

    assert answer.status_code == 200
    assert 'href="/bookings/' not in answer.text.replace("/bookings/new", "").replace("/bookings/import", "")
